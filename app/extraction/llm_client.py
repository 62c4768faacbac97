"""Questions in, a language model's answers out, over the chat interface that most servers of models speak.

The server is whichever the user named, and nothing is sent anywhere else: redirects are not followed. What is there
already is not asked again; what fails for a while is asked again, later and later; what goes on failing stops the run,
so that no article counts as read that was not. Each request is written down with its tokens. The key goes into one
header and nowhere else: not into the cache, the accounts, a message, or the name of anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from app.extraction.llm_endpoint import Accounts, Endpoint, is_near
from app.vocabulary.errors import ModelAway
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    import httpx

Message = Mapping[str, str]
"""`role` (system, user or assistant) and `content`."""

MOST_BYTES = 2_000_000
"""A longer answer is none that was asked for."""
MOST_TOKENS = 2_000
"""Of an answer; a model that begins to repeat itself is cut off there."""
MOST_WAITED = 300.0
"""Seconds; a server that wants to be left alone for longer stops the run."""
UNUSABLE_IN_A_ROW = 8
"""After so many answers that cannot be used, and none that could, the model is not one for this."""
_KEPT = 1
"""Raised when what is kept of an answer changes."""
_LATER = frozenset({408, 409, 425, 429})
_THIS_PASSAGE = frozenset({400, 413, 422})

_jitter: Final = random.SystemRandom()
T = TypeVar("T")


class Unusable(Exception):
    """An answer, or a refusal to answer, that tells nothing about this passage; the run goes on without it.

    Args:
        reason: The code it is counted under.
        detail: What is wrong with it.
        again: Whether asking once more may help.
    """

    def __init__(self, reason: RefusalReason, detail: str, *, again: bool = True) -> None:
        super().__init__(detail)
        self.reason, self.detail, self.again = reason, detail, again


@dataclass(frozen=True, slots=True)
class _Form:
    """How this server wants to be asked, as far as it has told by refusing."""

    formats: int = 0
    tokens: str = "max_tokens"
    temperature: bool = True


_FORMATS = 3
"""Ways to ask for JSON, the strictest first: by schema, as any object, in words alone."""


class Chat:
    """Asks one model. To be used by as many threads as the endpoint allows; `close` it."""

    def __init__(self, endpoint: Endpoint, accounts: Accounts, schema: Mapping[str, Any]) -> None:
        """Connect to nothing yet.

        Args:
            endpoint: Whom to ask.
            accounts: Where each request is written down.
            schema: JSON Schema of an answer.
        """
        self._endpoint, self._accounts, self._schema = endpoint, accounts, schema
        self._form = _Form()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._not_before = 0.0
        self._unusable = 0
        self._worked = False
        self._over: ModelAway | None = None
        self._made: httpx.Client | None = None

    def close(self) -> None:
        """Nobody waits any longer, and nothing more is sent."""
        self._stop.set()
        with self._lock:
            if self._made is not None:
                self._made.close()

    def ask(self, messages: Sequence[Message], understand: Callable[[str], T]) -> T:
        """What the model answers, from what is kept or from the server.

        Args:
            messages: The question.
            understand: What the words of an answer mean; raises Unusable where they mean nothing.

        Raises:
            Unusable: This question has no answer.
            ModelAway: The server cannot be reached, does not let us in, or goes on failing.
        """
        kept = self._kept_at(messages)
        if (answer := self._kept(kept)) is not None:
            with suppress(Unusable):
                found = understand(answer)
                self._accounts.note(passages=1, cached=1)
                return found
        self._accounts.note(passages=1)
        again = True
        while True:
            try:
                words = self._answer(messages)
                found = understand(words)
            except ModelAway as why:
                # What one thread has found out holds for all: nobody asks any more.
                with self._lock:
                    self._over = self._over or why
                self._stop.set()
                raise self._over from None
            except Unusable as why:
                self._accounts.note(unusable=1)
                if not (again and why.again):
                    self._count_unusable(why)
                    raise
                again = False
            else:
                with self._lock:
                    self._worked = True
                self._keep(kept, words)
                return found

    def _count_unusable(self, why: Unusable) -> None:
        with self._lock:
            self._unusable += 1
            hopeless = not self._worked and self._unusable >= UNUSABLE_IN_A_ROW
        if hopeless:
            raise ModelAway(
                f"{self._endpoint.model} at {self._endpoint.host} gave {self._unusable} answers and none that can be "
                f"used, the last: {why.detail}; choose another model"
            ) from None

    def _answer(self, messages: Sequence[Message]) -> str:
        """The words of an answer."""
        body = self._reply(messages)
        usage = body.get("usage")
        counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")] if isinstance(usage, dict) else []
        told = [count for count in counts if isinstance(count, int) and 0 <= count < 10**9]
        if len(told) == 2:
            self._accounts.note(tokens_in=told[0], tokens_out=told[1])
        else:
            self._accounts.note(untold=1)
        choices = body.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(choice, dict) or not isinstance(message, dict):
            raise Unusable(RefusalReason.BAD_FIELD, "the answer holds no message")
        if choice.get("finish_reason") == "length":
            detail = f"the answer was cut off after {MOST_TOKENS} tokens"
            raise Unusable(RefusalReason.BAD_JSON, detail, again=False)
        if choice.get("finish_reason") == "content_filter" or message.get("refusal"):
            raise Unusable(RefusalReason.UNREADABLE, "the model will not read this passage", again=False)
        content = message.get("content")
        if isinstance(content, list):
            content = "".join(str(one.get("text") or "") for one in content if isinstance(one, dict))
        if not isinstance(content, str) or not content.strip():
            raise Unusable(RefusalReason.EMPTY, "the answer is empty")
        return content

    # ---- one request, as often as it takes ----

    def _reply(self, messages: Sequence[Message]) -> dict[str, Any]:
        failures = 0
        while True:
            self._wait_for_turn()
            form = self._form
            wanted: float | None = None
            try:
                status, headers, content = self._post(self._body(messages, form))
            except _Failed as why:
                trouble = str(why)
            else:
                if status == 200:
                    reply, trouble = self._as_reply(headers, content)
                    if reply is not None:
                        return reply
                else:
                    trouble = self._told(status, content)
                    if self._adapted(form, status, content):
                        self._accounts.note(failed=1)
                        continue
                    wanted = _wanted_wait(headers)
                    self._give_up_if_final(status, headers, trouble)
            self._accounts.note(failed=1)
            failures += 1
            if failures > self._endpoint.retries:
                tries = "once" if failures == 1 else f"{failures} times"
                raise self._away(f"asked {tries}, and failed: {trouble}")
            if wanted is not None and wanted > MOST_WAITED:
                raise self._away(f"wants to be left alone for {wanted:.0f} seconds: {trouble}")
            pause = self._endpoint.pause * 2 ** (failures - 1) * _jitter.uniform(0.5, 1.0)
            if wanted is not None:
                # Who is told to wait waits with all its threads.
                with self._lock:
                    self._not_before = max(self._not_before, time.monotonic() + wanted)
            if self._stop.wait(min(pause, MOST_WAITED)):
                raise self._ended()

    def _give_up_if_final(self, status: int, headers: Mapping[str, str], trouble: str) -> None:
        """Raise what asking again would not change."""
        if status in _THIS_PASSAGE:
            raise Unusable(RefusalReason.UNREADABLE, f"the model's server refuses this passage: {trouble}", again=False)
        if status in (401, 403):
            raise self._away(f"does not let us in ({trouble}); look at POLEMOS_LLM_KEY")
        if status == 404:
            raise self._away(f"knows no such address or model ({trouble}); look at POLEMOS_LLM_URL and _MODEL")
        if 300 <= status < 400:
            to = urlsplit(headers.get("location", "")).netloc or "elsewhere"
            raise self._away(f"sends us on to {self._clean(to)}, where nothing is sent; name that address yourself")
        if status not in _LATER and status < 500:
            raise self._away(f"refuses: {trouble}")

    def _wait_for_turn(self) -> None:
        while (left := self._not_before - time.monotonic()) > 0:
            if self._stop.wait(left):
                break
        if self._stop.is_set():
            raise self._ended()

    def _ended(self) -> ModelAway:
        return self._over or self._away("was not asked, for the run was ended")

    def _away(self, what: str) -> ModelAway:
        return ModelAway(f"{self._endpoint.model} at {self._endpoint.host} {what}")

    def _body(self, messages: Sequence[Message], form: _Form) -> bytes:
        body: dict[str, Any] = {"model": self._endpoint.model, "messages": list(messages), "stream": False}
        body[form.tokens] = MOST_TOKENS
        if form.temperature:
            body["temperature"] = 0
        if form.formats == 0:
            schema = {"name": "claims", "strict": True, "schema": self._schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif form.formats == 1:
            body["response_format"] = {"type": "json_object"}
        return json.dumps(body).encode()

    def _adapted(self, form: _Form, status: int, content: bytes) -> bool:
        """Whether there is another way to ask, where the server does not understand this one."""
        if status < 400 or status in (401, 403, 404) or status in _LATER:
            return False
        words = content[:4_000].decode("utf-8", "replace").lower()
        formats, tokens, temperature = form.formats, form.tokens, form.temperature
        understood = status in (400, 422, 501) and not self._worked and "context" not in words
        if any(word in words for word in ("response_format", "json_schema", "json_object", "grammar")) or (
            understood and not any(word in words for word in ("max_tokens", "temperature"))
        ):
            formats += 1
        elif "max_tokens" in words:
            tokens = "max_completion_tokens"
        elif "temperature" in words:
            temperature = False
        other = _Form(formats, tokens, temperature)
        if other == form or formats >= _FORMATS:
            return False
        with self._lock:
            if self._form == form:
                self._form = other
        return True

    def _as_reply(self, headers: Mapping[str, str], content: bytes) -> tuple[dict[str, Any] | None, str]:
        try:
            reply = json.loads(content)
        except (ValueError, RecursionError):
            sort = headers.get("content-type", "nothing that it names").partition(";")[0]
            return None, f"it answers with {self._clean(sort)}, which is not JSON"
        if not isinstance(reply, dict):
            return None, "its answer is no JSON object"
        if reply.get("error"):
            return None, self._told(200, content)
        return reply, ""

    def _client(self) -> httpx.Client:
        import httpx

        with self._lock:
            if self._made is None:
                here = urlsplit(self._endpoint.url).hostname or ""
                self._made = httpx.Client(
                    follow_redirects=False,
                    # A proxy of the environment is for servers elsewhere.
                    trust_env=not is_near(here),
                    timeout=httpx.Timeout(self._endpoint.timeout, connect=min(self._endpoint.timeout, 15.0)),
                    limits=httpx.Limits(max_connections=self._endpoint.concurrency),
                )
            return self._made

    def _post(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """One request and all of its answer, within the time and bytes that it may take."""
        import httpx

        headers = {
            "content-type": "application/json",
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": "polemos",
        }
        if self._endpoint.key is not None:
            headers["authorization"] = f"Bearer {self._endpoint.key}"
        self._accounts.note(requests=1)
        deadline = time.monotonic() + self._endpoint.timeout
        chunks: list[bytes] = []
        size = 0
        try:
            client = self._client()
            with client.stream("POST", self._endpoint.address, content=body, headers=headers) as answer:
                for chunk in answer.iter_bytes():
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > MOST_BYTES and answer.status_code == 200:
                        self._accounts.note(untold=1)
                        detail = f"the answer has more than {MOST_BYTES} bytes"
                        raise Unusable(RefusalReason.TOO_LARGE, detail, again=False)
                    if time.monotonic() > deadline:
                        raise _Failed(f"no whole answer within {self._endpoint.timeout:g} seconds")
                    if size > MOST_BYTES:
                        break
                return answer.status_code, dict(answer.headers), b"".join(chunks)
        except httpx.TimeoutException:
            raise _Failed(f"no answer within {self._endpoint.timeout:g} seconds (POLEMOS_LLM_TIMEOUT)") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, RuntimeError) as why:
            # Its words may be anything; its cause is left out, for it may hold the request.
            raise _Failed(self._clean(str(why) or type(why).__name__)) from None

    def _told(self, status: int, content: bytes) -> str:
        """A refusal's status and what the server says of it, in one short line."""
        words = content[:4_000].decode("utf-8", "replace")
        with suppress(ValueError, RecursionError):
            error = json.loads(content)
            error = error.get("error", error.get("detail", error)) if isinstance(error, dict) else error
            error = error.get("message", error) if isinstance(error, dict) else error
            words = error if isinstance(error, str) else json.dumps(error)
        said = self._clean(words)
        return f"{status}: {said}" if said else str(status)

    def _clean(self, words: str) -> str:
        """Somebody else's words made fit for a message: one line, short, and without the key."""
        if self._endpoint.key:
            words = words.replace(self._endpoint.key, "…")
        plain = " ".join("".join(c if c.isprintable() else " " for c in words).split())
        return plain if len(plain) <= 200 else plain[:199] + "…"

    # ---- what is kept ----

    def _kept_at(self, messages: Sequence[Message]) -> Path:
        """Where the answer to a question is kept: by model, instruction and passage, whoever serves the model."""
        question = json.dumps([_KEPT, self._endpoint.model, MOST_TOKENS, list(messages)], sort_keys=True)
        digest = hashlib.sha256(question.encode()).hexdigest()
        return self._endpoint.folder / "answers" / digest[:2] / f"{digest}.json"

    def _kept(self, path: Path) -> str | None:
        if not self._endpoint.keeps:
            return None
        try:
            body = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            # Not there, or not whole: asked anew.
            return None
        answer = body.get("answer") if isinstance(body, dict) else None
        return answer if isinstance(answer, str) else None

    def _keep(self, path: Path, answer: str) -> None:
        if not self._endpoint.keeps:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
        part.write_text(json.dumps({"model": self._endpoint.model, "answer": answer}), encoding="utf-8")
        part.replace(path)


class _Failed(Exception):
    """A request that failed on its way, or took too long."""


def _wanted_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds for which a server wants to be left alone (RFC 9110, 10.2.3), or None where it does not say."""
    told = headers.get("retry-after", "").strip()
    if not told:
        return None
    try:
        return max(0.0, float(told)) if told.replace(".", "", 1).isdecimal() else _until(told)
    except (ValueError, OverflowError, TypeError):
        return None


def _until(told: str) -> float:
    at = parsedate_to_datetime(told)
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
