"""The language model that the user named: where it is, how to deal with it, and what asking it has taken.

In: settings. Out: an `Endpoint`, checked when it is made, and `Accounts`, into which every process of a run writes.
"""

from __future__ import annotations

import ipaddress
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from app.vocabulary.errors import BadQuery

_NEAR = (".local", ".lan", ".internal", ".home", ".localhost")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server of language models, one of its models, and how to deal with it.

    Attributes:
        url: Where it is, up to `/v1` or with `/chat/completions`.
        folder: Where answers and accounts are kept.
        key: Sent as a bearer token; shown nowhere.
        timeout: Seconds that one answer may take.
        concurrency: Requests under way at once.
        retries: How often a request that failed for a while is sent again.
        pause: Seconds before the first of these; each further wait is twice as long, less a random part.
        price_in: Of a million tokens of question; None: unknown.
        price_out: Of a million tokens of answer; None: unknown.
        keeps: Whether answers are kept, and not asked for again.
    """

    url: str
    model: str
    folder: Path
    key: str | None = field(default=None, repr=False)
    timeout: float = 120.0
    concurrency: int = 4
    retries: int = 4
    pause: float = 1.0
    price_in: float | None = None
    price_out: float | None = None
    keeps: bool = True

    def __post_init__(self) -> None:
        """Look at what the user gave.

        Raises:
            BadQuery: It cannot be a server or a model, or the key would travel where others can read it.
        """
        try:
            parts = urlsplit(self.url)
            if "@" in parts.netloc:
                raise BadQuery("POLEMOS_LLM_URL must name no user and password; a key goes into POLEMOS_LLM_KEY")
            host, _ = parts.hostname, parts.port
        except ValueError as why:
            raise BadQuery(f"POLEMOS_LLM_URL is no address: {why}") from None
        if parts.scheme not in ("http", "https") or not host:
            raise BadQuery("POLEMOS_LLM_URL must be an http or https address, such as http://127.0.0.1:8080/v1")
        if not self.model.strip() or not self.model.isprintable():
            raise BadQuery("POLEMOS_LLM_MODEL must name a model")
        if self.key is not None:
            if not (self.key.isascii() and self.key.isprintable() and " " not in self.key):
                raise BadQuery("POLEMOS_LLM_KEY holds characters that no key has")
            if parts.scheme == "http" and not is_near(host):
                raise BadQuery(f"the key would travel to {host} for everybody to read; use https")

    @property
    def address(self) -> str:
        """Where questions are sent."""
        parts = urlsplit(self.url)
        path = parts.path.rstrip("/")
        if not path.endswith("/chat/completions"):
            path += "/chat/completions"
        return parts._replace(path=path, fragment="").geturl()

    @property
    def host(self) -> str:
        """For messages: the server's name and port."""
        return urlsplit(self.url).netloc


def is_near(host: str) -> bool:
    """Whether a host is this machine, or one of its own network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(_NEAR)


# ---- what it costs ----


@dataclass(frozen=True, slots=True)
class Spending:
    """What was asked of a model, and what it took.

    Attributes:
        passages: Questions, those answered from what is kept included.
        cached: Of these, how many nobody had to be asked.
        requests: Requests that were sent, those that failed included.
        failed: Of these, how many failed and were sent again or given up.
        unusable: How many answers could not be used.
        tokens_in: Tokens of questions, as the server counts them.
        tokens_out: Tokens of answers.
        untold: Answers of which the server told no tokens.
        cost: By the prices that were given; None where they were not, or where tokens are untold.
    """

    passages: int = 0
    cached: int = 0
    requests: int = 0
    failed: int = 0
    unusable: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    untold: int = 0
    cost: float | None = None

    def since(self, before: Spending) -> Spending:
        """What was added to what had been taken before."""
        cost = self.cost - (before.cost or 0.0) if self.cost is not None else None
        added = Spending(*(getattr(self, name) - getattr(before, name) for name in _COUNTED))
        return replace(added, cost=round(cost, 6) if cost is not None else None)

    def as_dict(self) -> dict[str, int | float | None]:
        """The counts by name."""
        return {name: getattr(self, name) for name in (*_COUNTED, "cost")}

    def __str__(self) -> str:
        told = [
            f"{self.requests} requests to the model for {self.passages} passages",
            f"{self.cached} answered before",
            f"{self.tokens_in + self.tokens_out} tokens",
        ]
        if self.failed:
            told.insert(1, f"{self.failed} failed")
        if self.unusable:
            told.insert(1, f"{self.unusable} answers of no use")
        told.append("cost unknown" if self.cost is None else f"cost {self.cost:.4f}")
        return ", ".join(told)


_COUNTED = tuple(one.name for one in fields(Spending) if one.name != "cost")


class Accounts:
    """One run's requests, written down line by line by whichever process sends them, and summed by any."""

    def __init__(self, path: Path, price_in: float | None = None, price_out: float | None = None) -> None:
        """Nothing is written before something is asked."""
        self.path = path
        self._prices = price_in, price_out
        self._read = 0
        self._sum: dict[str, int] = {}

    @classmethod
    def of_a_run(cls, endpoint: Endpoint) -> Accounts:
        """New ones, in the endpoint's folder."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}.jsonl"
        return cls(endpoint.folder / "accounts" / name, endpoint.price_in, endpoint.price_out)

    def note(self, **counts: int) -> None:
        """Write a line down; what is not named is 0."""
        line = json.dumps({name: count for name, count in counts.items() if count}) + "\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # One short write at the end of the file: lines of several processes do not mix.
        with self.path.open("ab", buffering=0) as file:
            file.write(line.encode())

    def spending(self) -> Spending:
        """The sum so far."""
        with suppress(FileNotFoundError), self.path.open("rb") as file:
            file.seek(self._read)
            new = file.read()
            new = new[: new.rfind(b"\n") + 1]
            self._read += len(new)
            for line in new.splitlines():
                for name, count in json.loads(line).items():
                    self._sum[name] = self._sum.get(name, 0) + count
        found = Spending(**self._sum)
        price_in, price_out = self._prices
        if price_in is None or price_out is None or found.untold:
            return found
        cost = (found.tokens_in * price_in + found.tokens_out * price_out) / 1_000_000
        return replace(found, cost=round(cost, 6))
