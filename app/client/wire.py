"""A request in, the decoded answer or an error of ours out: bytes, problems (RFC 9457), patience and pages."""

from __future__ import annotations

import email.utils
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from app.vocabulary.errors import (
    BadInput,
    BadQuery,
    LedgerBusy,
    MissingPart,
    NotFound,
    PolemosError,
    TooLarge,
)
from app.vocabulary.terms import RefusalReason

LONGEST_WAIT_SECONDS = 60.0
"""A service that asks for a longer pause than this is not waited for."""
_AGAIN = frozenset({429, 503})
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})

S = TypeVar("S", bound=msgspec.Struct)


class ServiceError(PolemosError):
    """The service refused a request for a reason that no other error of ours names, or failed.

    Attributes:
        status: The HTTP status.
        sort: What sort of problem, the end of its URN; "" where the answer told none.
    """

    def __init__(self, status: int, sort: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.sort = sort


class ServiceAway(ServiceError):
    """No service could be reached at the address, or it broke off."""

    def __init__(self, message: str) -> None:
        super().__init__(0, "", message)


class _Problem(msgspec.Struct):
    """A problem as it arrives; a proxy's own may lack any of it."""

    type: str = ""
    title: str = ""
    detail: str = ""


class Paged(Protocol):
    """An answer that may go on."""

    @property
    def next(self) -> str | None:
        """The cursor to the page after it, or None after the last."""
        ...


P = TypeVar("P", bound=Paged)
R = TypeVar("R", covariant=True)


class Pages(Generic[P, R]):
    """A list that comes page by page: each page is asked for when it is needed.

    Iterate over it for every row, over `pages()` for the answers with their counts; `first` is the first of them.
    """

    def __init__(self, ask: Callable[[str | None], P], rows: Callable[[P], list[R]]) -> None:
        self._ask = ask
        self._rows = rows
        self._first: P | None = None

    @property
    def first(self) -> P:
        """The first page, asked for once."""
        if self._first is None:
            self._first = self._ask(None)
        return self._first

    def pages(self) -> Iterator[P]:
        """Every page, in order."""
        page = self.first
        yield page
        while page.next is not None:
            page = self._ask(page.next)
            yield page

    def __iter__(self) -> Iterator[R]:
        """Every row, in order."""
        for page in self.pages():
            yield from self._rows(page)


@dataclass(frozen=True, slots=True)
class SparqlAnswer:
    """What a SPARQL query was answered with.

    Attributes:
        content: The document.
        media_type: What it is written in.
        revision: The ledger's revision that was asked.
        truncated: True where there was more than the service gives out at once.
    """

    content: bytes
    media_type: str
    revision: int
    truncated: bool

    def rows(self) -> list[dict[str, str]]:
        """The solutions of a SELECT that was answered as JSON: variable → value; what is not bound is left out.

        Raises:
            BadQuery: It is no such answer.
        """
        try:
            results = msgspec.json.decode(self.content)["results"]["bindings"]
        except (msgspec.MsgspecError, LookupError, TypeError) as why:
            raise BadQuery(f"an answer in {self.media_type} has no rows") from why
        return [{name: str(held["value"]) for name, held in row.items()} for row in results]


class Wire:
    """One address, spoken to with patience.

    Args:
        url: The service's address; it may lie under a path.
        key: The API key, if the service wants one.
        timeout_s: How long the service may be silent.
        retries: How often a request is sent again that the service put off (429, 503), or to which no connection came.
        transport: Whom to speak to instead of the network.
        sleep: How to wait.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None,
        timeout_s: float,
        retries: int,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None],
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadQuery(f"the address of a service begins with http:// or https://, not {url!r}")
        self._url = url
        self._retries = retries
        self._sleep = sleep
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"} if key is not None else None,
            timeout=timeout_s,
            transport=transport,
            # A proxy for the world is none for this machine.
            trust_env=parts.hostname not in _HERE,
        )

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def ask(self, method: str, path: str, answer: type[S], params: Mapping[str, object], body: Body | None = None) -> S:
        """The answer as its record; raises as `fetch` does."""
        return decoded(self.fetch(method, path, params, body, accept="application/json").content, answer)

    def fetch(
        self,
        method: str,
        path: str,
        params: Mapping[str, object],
        body: Body | None = None,
        accept: str | None = None,
    ) -> httpx.Response:
        """The answer as it came.

        Raises:
            PolemosError: What the service's problem was, as the error that it was there; `ServiceError` where ours
                have none for it, `ServiceAway` where it cannot be reached.
        """
        with self.stream(method, path, params, body, accept) as response:
            response.read()
            return response

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        params: Mapping[str, object],
        body: Body | None = None,
        accept: str | None = None,
        timeout_s: float | None = None,
    ) -> Iterator[httpx.Response]:
        """The answer while it comes; raises as `fetch` does."""
        headers = {"Accept": accept} if accept is not None else {}
        if body is not None:
            headers["Content-Type"] = body.media_type
        request = self._http.build_request(
            method,
            path.lstrip("/"),
            params=httpx.QueryParams(written(params)),
            headers=headers,
            content=body.content if body is not None else None,
        )
        if timeout_s is not None:
            request.extensions["timeout"] = httpx.Timeout(timeout_s).as_dict()
        try:
            response = self._sent(request)
            try:
                yield response
            finally:
                response.close()
        except httpx.TransportError as why:
            raise ServiceAway(f"the service at {self._url} does not answer ({type(why).__name__}: {why})") from why

    def _sent(self, request: httpx.Request) -> httpx.Response:
        for turn in range(self._retries + 1):
            last = turn == self._retries
            try:
                response = self._http.send(request, stream=True)
            except httpx.ConnectError:
                # Nothing has arrived, so nothing can be done twice.
                if last:
                    raise
                self._sleep(_backoff(turn))
                continue
            if response.is_success:
                return response
            pause = _pause(response, turn)
            response.read()
            response.close()
            if last or response.status_code not in _AGAIN or pause > LONGEST_WAIT_SECONDS:
                raise error_of(response)
            self._sleep(pause)
        raise AssertionError("a request is sent at least once")


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent, and what it is written in."""

    content: bytes
    media_type: str


def decoded(content: bytes, answer: type[S]) -> S:
    """A record from JSON; fields that a newer service has added are passed over.

    Raises:
        ServiceError: It is no such record: another version answers, or something else than Polemos.
    """
    try:
        return msgspec.json.decode(content, type=answer)
    except msgspec.MsgspecError as why:
        raise ServiceError(200, "", f"the answer is no {answer.__name__} ({why}); is it a Polemos of this version?") \
            from why  # fmt: skip


def written(params: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Parameters as they stand in an address: what is None is left out, several values come one after another."""
    several = ((n, v if isinstance(v, list | tuple | set | frozenset) else (v,)) for n, v in params.items())
    return tuple((name, _text(one)) for name, values in several for one in values if one is not None)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return str(value.value) if isinstance(value, Enum) else str(value)


def error_of(response: httpx.Response) -> PolemosError:
    """The error that a problem was before it was written down; its words are the service's."""
    status = response.status_code
    try:
        told = msgspec.json.decode(response.content, type=_Problem)
    except msgspec.MsgspecError:
        told = _Problem()
    sort = told.type.removeprefix("urn:polemos:problem:")
    words = told.detail or told.title or f"the service answered with status {status}"
    family, _, reason = sort.partition(":")
    match family:
        case "input" if reason == RefusalReason.TOO_LARGE:
            return TooLarge(words)
        case "input":
            return BadInput(reason, words)
        case "query" | "validation":
            return BadQuery(words)
        case "not-found" | "gone":
            return NotFound(words)
        case "busy":
            return LedgerBusy(words)
        case "missing-part":
            return MissingPart(words)
        case _:
            return ServiceError(status, sort, words)


def _pause(response: httpx.Response, turn: int) -> float:
    """How long the service asks to wait (RFC 9110, 10.2.3: seconds or a date), else longer each time."""
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isdecimal():
        return float(asked)
    try:
        until = email.utils.parsedate_to_datetime(asked)
    except ValueError:
        return _backoff(turn)
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _backoff(turn: int) -> float:
    # Spread, so that many who were put off do not come back together.
    return float(2**turn) * random.uniform(0.5, 1.0)  # noqa: S311 -- no secret
