"""A request's body in, its bytes and its articles out, broken off as soon as there is too much of it or too late.

These are the bounds of a request that hands something in. A body has `BODY_SECONDS` to arrive, waits up to
`TURN_SECONDS` for those before it, and is read for `READ_SECONDS`, after which no further article is begun. One article
of the largest size takes less than 20 seconds, so `ANSWER_SECONDS` after a body has arrived it is answered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.intake import Item
from app.vocabulary.errors import TooLarge
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

BODY_SECONDS = 30.0
"""How long a body may take to arrive."""
TURN_SECONDS = 15.0
"""How long a body waits for those that are being read."""
READ_SECONDS = 20.0
"""How long a body is read before the rest of it is refused."""
ANSWER_SECONDS = 60.0
"""Within which a body that has arrived is answered."""
STOP_SECONDS = 75
"""How long a service that is to stop waits for what is being answered; articles that came are stored by then."""
MOST_WAITING = 8
"""Bodies that wait or are read at once; each may take up `Limits.max_bytes`."""
MOST_REFUSED = 1_000
"""Refusals in one body after which the rest of it is not read."""
# What is too large is read on for a moment and thrown away: many clients look for an answer only after they have sent
# all they have.
_LINGER_SECONDS = 2.0


async def whole_body(request: Request, most: int) -> bytes:
    """All of the body.

    Raises:
        TooLarge: It has, or says it has, more than `most` bytes.
        HTTPException: It did not arrive in time (408), or the client left (400).
    """
    too_large = TooLarge(f"the body is larger than {most} bytes; send less at once")
    announced = request.headers.get("content-length", "")
    # No number of more digits is small, and Python reads only so many of them.
    if announced.isdecimal() and (len(announced) > 18 or int(announced) > most):
        if "expect" not in request.headers:
            await _pass_over(request)
        raise too_large
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    break
                parts.append(part)
    except TimeoutError:
        words = f"the body did not arrive in full within {BODY_SECONDS:g} seconds; send it in smaller parts"
        raise HTTPException(408, words) from None
    except ClientDisconnect:
        raise HTTPException(400, "the connection ended before the body did; send it again") from None
    if size > most:
        parts.clear()
        await _pass_over(request)
        raise too_large
    return b"".join(parts)


async def _pass_over(request: Request) -> None:
    """Throw away what comes of the rest of the body in a moment."""
    try:
        async with asyncio.timeout(_LINGER_SECONDS):
            while (await request.receive()).get("more_body", False):
                pass
    except TimeoutError:
        pass


def in_bounds(items: Iterable[Item]) -> Iterator[Item]:
    """The items that one request may have read, and where it must stop, a refusal that says so.

    The first article is always let through, and whoever hands in the rest by itself comes to the end.
    """
    until = time.monotonic() + READ_SECONDS
    articles = refused = 0
    for item in items:
        if isinstance(item, Refusal):
            refused += 1
            yield item
            if refused >= MOST_REFUSED:
                words = f"after {refused:,} inputs of it were refused; put them right or leave them out"
                yield _unread(articles + refused, words)
                return
        elif articles and time.monotonic() > until:
            yield _unread(articles + refused, f"after {READ_SECONDS:g} seconds; hand in that rest by itself")
            return
        else:
            articles += 1
            yield item


def _unread(inputs: int, why: str) -> Refusal:
    words = f"the request's body: what comes after the first {inputs:,} inputs in it was not read, {why}"
    return Refusal(RefusalReason.TOO_LARGE, words)


class Turns:
    """Bodies are read one after the other; those that wait hold no thread, and only so many may."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._waiting = 0

    @asynccontextmanager
    async def mine(self) -> AsyncIterator[None]:
        """A turn.

        Raises:
            HTTPException: Too many wait, or it did not come in time (503).
        """
        if self._waiting >= MOST_WAITING:
            raise _busy()
        self._waiting += 1
        try:
            try:
                async with asyncio.timeout(TURN_SECONDS):
                    await self._one.acquire()
            except TimeoutError:
                raise _busy() from None
            try:
                yield
            finally:
                self._one.release()
        finally:
            self._waiting -= 1


def _busy() -> HTTPException:
    words = "other articles are being read; try again in a moment, or send several in one body"
    return HTTPException(503, words, {"Retry-After": "5"})
