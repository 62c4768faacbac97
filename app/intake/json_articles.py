"""JSON and JSON lines in, articles and refusals out. Of an object it reads six fields and never asks about others."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO

from app.intake.clean import decode, encoding_mark
from app.intake.dates import iso_date
from app.intake.formats import refuse_binary
from app.intake.gate import Item, admit, refusal
from app.intake.limits import DEFAULT, Limits
from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_TOLD = 10_000
"""Refusals of one document that are told one by one; further ones are counted."""

_SHAPE = 'an article is an object like {"title": "…", "text": "…", "published": "2023-05-04"}'
_KINDS = {dict: "an object", list: "a list", str: "a string", bool: "true or false", int: "a number", float: "a number"}


def read_json_object(obj: Mapping[str, object], *, name: str, limits: Limits = DEFAULT) -> Item:
    """The article an object describes by its fields id, title, text, published, publisher and url; others are ignored.

    Only `text` is required. A field that is null counts as absent; an id may be a number.

    Args:
        obj: The object.
        name: How a refusal names it.
        limits: Bounds on its size.
    """
    try:
        given = obj.get("id")
        if isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        return admit(
            text=_text(obj, "text"),
            title=_text(obj, "title"),
            published=iso_date(_text(obj, "published")),
            publisher=_text(obj, "publisher"),
            url=_text(obj, "url"),
            external_id=_text({"id": given}, "id") or None,
            limits=limits,
        )
    except BadInput as why:
        return refusal(name, why)


def listed(items: Iterable[Item], name: str) -> Iterator[Item]:
    """The items, of whose refusals the first are told one by one and the others counted at the end, by reason.

    A document may hold millions of things that are no article; telling of each would fill the memory.
    """
    told = 0
    others: Counter[RefusalReason] = Counter()
    for item in items:
        if isinstance(item, Refusal):
            told += 1
            if told > MOST_TOLD:
                others[item.reason] += 1
                continue
        yield item
    for reason, count in others.items():
        yield Refusal(reason, f"{name}: {count:,} more in it are refused for this reason; the first ones say why")


def _text(obj: Mapping[str, object], field: str) -> str:
    value = obj.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadInput(
            RefusalReason.BAD_FIELD, f"field {field!r} is {_kind(value)}, not a string; quote it or leave it out"
        )
    try:
        value.encode()
    except UnicodeEncodeError as why:
        message = f"field {field!r} holds half of a surrogate pair at character {why.start}; write the whole pair"
        raise BadInput(RefusalReason.BAD_FIELD, message) from None
    return value


def _kind(value: object) -> str:
    return "null" if value is None else _KINDS.get(type(value), type(value).__name__)


def read_json(text: str, *, name: str, limits: Limits) -> Iterator[Item]:
    """The articles of a JSON document: one object, an array of them, or {"articles": [...]}."""
    try:
        value = _loads(text)
    except BadInput as why:
        # JSON lines are often named .json, and posted as such.
        first, _, rest = text.lstrip().partition("\n")
        if rest.strip() and is_object(first):
            lines = ((number, line.encode()) for number, line in enumerate(text.split("\n"), start=1))
            yield from listed(_read_lines(lines, name=name, limits=limits), name)
        else:
            yield refusal(name, why)
        return
    yield from listed(_read_value(value, name=name, limits=limits), name)


def _read_value(value: object, *, name: str, limits: Limits) -> Iterator[Item]:
    if isinstance(value, dict) and "articles" in value and "text" not in value:
        value = value["articles"]
        if not isinstance(value, list):
            yield Refusal(
                RefusalReason.BAD_FIELD, f"{name}: field 'articles' is {_kind(value)}, not a list of articles"
            )
            return
    if isinstance(value, dict):
        yield read_json_object(value, name=name, limits=limits)
    elif isinstance(value, list):
        if not value:
            yield Refusal(RefusalReason.EMPTY, f"{name}: the list holds no articles")
        for number, element in enumerate(value, start=1):
            where = f"{name}, article {number}"
            if isinstance(element, dict):
                yield read_json_object(element, name=where, limits=limits)
            else:
                yield Refusal(RefusalReason.BAD_FIELD, f"{where}: it is {_kind(element)}; {_SHAPE}")
    else:
        yield Refusal(RefusalReason.BAD_FIELD, f"{name}: it is {_kind(value)}; {_SHAPE}")


def read_json_lines(stream: BinaryIO, *, name: str, limits: Limits, first: bytes = b"") -> Iterator[Item]:
    """The articles of JSON lines, one line in memory at a time; blank lines are passed over, a bad one is refused.

    Args:
        stream: The lines.
        name: How a refusal names them; it adds the line's number.
        limits: Bounds on each line.
        first: What was already read of the stream to look at it: whole lines, or one that is beyond the limit.
    """
    yield from listed(_read_lines(_numbered(first, stream, limits.max_bytes), name=name, limits=limits), name)


def read_some_lines(stream: BinaryIO, before: int, *, name: str, limits: Limits) -> Iterator[Item]:
    """The articles of lines from the midst of JSON lines, with all their refusals; see `read_json_lines`.

    Args:
        stream: The lines, from the beginning of one on.
        before: Lines that stand before them.
        name: How a refusal names the whole; it adds the line's number there.
        limits: Bounds on each line.
    """
    lines = ((before + number, line) for number, line in _numbered(b"", stream, limits.max_bytes))
    yield from _read_lines(lines, name=name, limits=limits, begins=before == 0)


def _numbered(first: bytes, stream: BinaryIO, max_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; one beyond `max_bytes` comes as its first `max_bytes` + 1 bytes."""
    number = 0
    unfinished = False
    for line in _lines(first, stream, max_bytes + 1):
        if not unfinished:
            number += 1
            if number == 1 and (encoding_mark(line) or "").startswith(("utf-16", "utf-32")):
                yield from _numbered_wide(first or line, stream, max_bytes)
                return
            yield number, line
        unfinished = not line.endswith(b"\n")


def _lines(first: bytes, stream: BinaryIO, size: int) -> Iterator[bytes]:
    head = io.BytesIO(first)
    while line := head.readline(size) or stream.readline(size):
        yield line


def _numbered_wide(first: bytes, stream: BinaryIO, max_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Lines of UTF-16 or UTF-32, whose line ends are not single bytes: read at once, so bounded."""
    raw = first + stream.read(max(0, max_bytes + 1 - len(first)))
    if len(raw) > max_bytes:
        raise TooLarge(f"JSON lines in {encoding_mark(raw)} are read up to {max_bytes:,} bytes; convert them to UTF-8")
    for number, line in enumerate(decode(raw).split("\n"), start=1):
        yield number, line.encode(errors="surrogatepass")


def _read_lines(
    lines: Iterable[tuple[int, bytes]], *, name: str, limits: Limits, begins: bool = True
) -> Iterator[Item]:
    blank = begins
    for number, line in lines:
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        if blank:
            # A binary file under this name would yield a refusal for each of its thousands of "lines".
            refuse_binary(line)
        blank = False
        try:
            if len(line) > limits.max_bytes:
                raise TooLarge(f"the line has more than {limits.max_bytes:,} bytes; each line is one article")
            value = _loads(decode(line))
            if not isinstance(value, dict):
                raise BadInput(RefusalReason.BAD_JSON, f"the line is {_kind(value)}; {_SHAPE}")
        except BadInput as why:
            yield refusal(where, why)
        else:
            yield from _read_value(value, name=where, limits=limits)
    if blank:
        yield Refusal(RefusalReason.EMPTY, f"{name}: it holds no lines")


def is_object(line: str) -> bool:
    """True where the line is a whole JSON object, as each one of JSON lines is."""
    if not line.lstrip("\ufeff \t\r").startswith("{"):
        return False
    try:
        return isinstance(_loads(line.lstrip("\ufeff")), dict)
    except BadInput:
        return False


def _loads(text: str) -> object:
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as why:
        message = f"not JSON: {why.msg} at line {why.lineno}, column {why.colno}"
        raise BadInput(RefusalReason.BAD_JSON, message) from None
    except RecursionError:
        raise BadInput(RefusalReason.BAD_JSON, "nested too deeply to be articles") from None
    except ValueError:
        # CPython bounds the digits of integers it converts.
        raise BadInput(RefusalReason.BAD_JSON, "it holds a number of too many digits") from None
    return value
