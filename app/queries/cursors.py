"""A sorted list in, one page of it and an opaque cursor to the next out; no page is remembered between questions."""

from __future__ import annotations

import base64
import binascii
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from app.vocabulary.errors import BadQuery

T = TypeVar("T")
Key = tuple[str | int, ...]
MOST_IN_A_PAGE = 500


class _Cursor(msgspec.Struct, array_like=True, frozen=True):
    """What a cursor says: the revision at which it was given, the question, and the key of the last item shown."""

    revision: int
    question: str
    key: list[str | int]


def question_mark(name: str, *parts: object) -> str:
    """A short fingerprint of a question, by which a cursor of another question is recognised."""
    return hashlib.blake2b(repr((name, parts)).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def take_page(
    items: Sequence[T], key: Callable[[T], Key], limit: int, cursor: str | None, question: str, revision: int
) -> tuple[list[T], str | None]:
    """The page of `items` (sorted by `key`) that follows the cursor, and the cursor to the page after it.

    A cursor given at an earlier revision goes on after the same key, so that what was added before it is not shown and
    nothing is shown twice.

    Raises:
        BadQuery: The limit is out of range, or the cursor is no cursor or belongs to another question.
    """
    if not 1 <= limit <= MOST_IN_A_PAGE:
        raise BadQuery(f"limit must lie between 1 and {MOST_IN_A_PAGE}, not {limit}")
    start = 0
    if cursor is not None:
        last = _read(cursor, question)
        try:
            start = bisect_right(items, last, key=key)
        except TypeError as why:
            raise BadQuery("this cursor belongs to another question; start again without it") from why
    page = list(items[start : start + limit])
    if start + limit >= len(items) or not page:
        return page, None
    return page, _write(_Cursor(revision, question, list(key(page[-1]))))


def _write(cursor: _Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode("ascii").rstrip("=")


def _read(text: str, question: str) -> Key:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.json.decode(raw, type=_Cursor)
    except (ValueError, binascii.Error, msgspec.MsgspecError) as why:
        raise BadQuery("this cursor was not given by this service; start again without it") from why
    if cursor.question != question:
        raise BadQuery("this cursor belongs to another question or other filters; start again without it")
    return tuple(cursor.key)
