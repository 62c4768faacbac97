"""A web archive (WARC, ISO 28500) in, its documents out, record by record. It takes none of them apart.

Of a record the archive says where and when it was fetched. The day of fetching is not the day of publication and is
left where it is. Memory holds one record at a time, however large the archive.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.intake import formats
from app.intake.fetch import shown
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from app.intake.limits import Limits

_PAGES = {"response", "resource", "conversion"}
_READ = {formats.Format.HTML, formats.Format.TEXT, formats.Format.JSON, formats.Format.LINES, formats.Format.PDF}
# Text that crawlers fetch for themselves, and that no article is.
_NOT_FOR_READERS = ("/robots.txt", "/ads.txt", "/app-ads.txt", "/humans.txt", "/security.txt")
_READ_AT_ONCE = 65_536
# RFC 9110 and Wget's and Heritrix's captures stay far below; a longer head is made to exhaust its reader.
_MAX_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Captured:
    """A document as it was fetched.

    Attributes:
        raw: Its bytes, unpacked.
        name: How a refusal names it.
        content_type: What its server called it, or None.
        url: Where it was fetched, without credentials and fragment, or None.
    """

    raw: bytes
    name: str
    content_type: str | None
    url: str | None


def read_warc(
    stream: io.BufferedReader, *, name: str, limits: Limits, before: int = 0, passed: Counter[str] | None = None
) -> Iterator[Captured | Refusal]:
    """The pages of a web archive, and refusals.

    Pages are its `response` records of status 200 and its `resource` and `conversion` records, of HTML, text, JSON or
    PDF. What else it holds (requests, revisits, pictures, pages not found) is passed over, and counted in one refusal
    at its end. Where it is cut short or damaged, what stands before is read, and the rest is one refusal.

    Args:
        stream: The archive, unpacked; it is read forwards only.
        name: How a refusal names it.
        limits: Bounds on each record.
        before: Records that stand before the stream's first, where it is a part of an archive.
        passed: Where what was passed over is counted, to be told by `passed_over` for all parts at once.

    Raises:
        BadInput: What the stream itself raises.
    """
    tells = passed is None
    passed = Counter() if passed is None else passed
    seen = before
    broken: str | None = None
    records = _records(_Forwards(stream))
    while True:
        try:
            record = next(records, None)
            if record is None:
                break
            seen += 1
            found = _captured(record, f"{name}, record {seen}", limits)
        except BadInput:
            # Of the stream: packed wrongly, or a bomb. It comes last, as the rest cannot be read.
            if tells:
                yield from passed_over(passed, name)
            raise
        except _Damaged as why:
            broken = str(why)
            break
        if isinstance(found, str):
            passed[found] += 1
        else:
            yield found
    if tells:
        yield from passed_over(passed, name)
    if broken is not None:
        message = f"{name}: it is damaged or cut short at record {max(seen, 1)}: {broken}"
        yield Refusal(RefusalReason.UNREADABLE, f"{message}; what stands before was read")
    elif not seen:
        yield Refusal(RefusalReason.EMPTY, f"{name}: the web archive holds no records")


def passed_over(passed: Counter[str], name: str) -> Iterator[Refusal]:
    """One refusal that counts what an archive of this name holds beside pages, where it does."""
    if passed:
        count = passed.total()
        what = ", ".join(f"{n:,} {kind}" for kind, n in passed.most_common(20))
        more = ", …" if len(passed) > 20 else ""
        records = "1 record is" if count == 1 else f"{count:,} records are"
        message = f"{name}: {records} no page that is read, and passed over: {what}{more}"
        yield Refusal(RefusalReason.UNSUPPORTED, message)


class _Damaged(Exception):
    """The archive is not written as it should be, from here on."""


class _Forwards:
    """A stream as the parser wants it: it asks where it stands, and must not be given more than it asked for."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read1(size if 0 <= size <= _READ_AT_ONCE else _READ_AT_ONCE)
        self._at += len(data)
        return data

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        raise OSError("a stream is read forwards only")

    def close(self) -> None:
        """Leave it open; who opened it closes it."""


def _records(stream: _Forwards) -> Iterator[Any]:
    """The archive's records; raises _Damaged where the next one cannot be made out."""
    from fastwarc.warc import ArchiveIterator

    with _Native():
        records = iter(ArchiveIterator(stream, parse_http=False, stream_detect=False, max_header_len=_MAX_HEAD))
    while True:
        with _Native():
            record = next(records, None)
        if record is None:
            return
        yield record


class _Native:
    """What the parser, which is native code, raises becomes _Damaged; the stream's own errors pass."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, why: BaseException | None, trace: object) -> None:
        # A panic of its code is no Exception, lest somebody catch it; here it is one more sort of damage.
        panic = kind is not None and kind.__name__ == "PanicException"
        if panic or isinstance(why, OSError | ValueError):
            raise _Damaged(str(why) or "it cannot be made out") from None


def _captured(record: Any, name: str, limits: Limits) -> Captured | Refusal | str:  # noqa: ANN401 (no types)
    """The document of a record, a refusal of one that cannot be used, or what sort of record it is, if no page.

    Raises:
        _Damaged: The record is not whole.
    """
    with _Native():
        kind = (record.headers.get("WARC-Type") or "untyped").strip().lower()[:40]
        url = record.headers.get("WARC-Target-URI")
        stated = record.headers.get("Content-Length") or ""
        content_type = record.headers.get("Content-Type") or ""
    if not stated.strip().isdecimal():
        raise _Damaged("its head is not whole")
    size = int(stated.strip()[:20])
    url = shown(url.strip().strip("<>").partition("#")[0]) if url else None
    name = f"{name} ({url[:200]})" if url else name
    http = kind == "response" and content_type.lower().replace(" ", "").startswith("application/http")
    sort = None
    if kind not in _PAGES or (kind == "response" and not http):
        sort = kind if kind != "response" else "response of another protocol"
    elif not http:
        sort = _unread(content_type, url)
    if sort is not None or size > limits.max_bytes:
        with _Native():
            whole = record.consume() == size
        if not whole:
            raise _Damaged("it ends within a record")
        if sort is not None:
            return sort
        message = f"{name}: it has {size:,} bytes, more than {limits.max_bytes:,}"
        return Refusal(RefusalReason.TOO_LARGE, message)
    with _Native():
        block = record.reader.read(size)
    if len(block) != size:
        raise _Damaged("it ends within a record")
    if not http:
        return Captured(block, name, content_type or None, url)
    return _unpacked(block, name, url, limits)


def _unread(content_type: str | None, url: str | None) -> str | None:
    """What sort of document it is, if not one that is read."""
    try:
        format_, _ = formats.by_content_type(content_type or "")
    except BadInput:
        return (content_type or "").partition(";")[0].strip().lower()[:60]
    if format_ is not None and format_ not in _READ:
        return format_.value
    path = _path(url)
    if path in _NOT_FOR_READERS or path.startswith("/.well-known/"):
        return "for crawlers"
    return None


def _path(url: str | None) -> str:
    try:
        return urlsplit(url or "").path
    except ValueError:
        return ""


def _unpacked(block: bytes, name: str, url: str | None, limits: Limits) -> Captured | Refusal | str:
    """The document in an HTTP answer, if it is one of those that are read."""
    from fastwarc.warc import WarcRecord

    head = b"WARC/1.1\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\n"
    # Taken apart by itself: a body that is packed wrongly must not take the rest of the archive with it.
    whole = b"%bContent-Length: %d\r\n\r\n%b\r\n\r\n" % (head, len(block), block)
    try:
        with _Native():
            record = WarcRecord.from_bytes(whole)
            record.parse_http(auto_decode="none", max_header_len=_MAX_HEAD)
            headers = record.http_headers
            status = headers.status_code
            content_type = headers.get("Content-Type")
        if status is None:
            return "answer without a status"
        if status != 200:
            return f"answer {status}"
        sort = _unread(content_type, url)
        if sort is not None:
            return sort
        with _Native():
            record = WarcRecord.from_bytes(whole)
            record.parse_http(auto_decode="all", max_header_len=_MAX_HEAD)
            parts, size = [], 0
            while part := record.reader.read(_READ_AT_ONCE):
                parts.append(part)
                size += len(part)
                if size > limits.max_bytes:
                    break
    except _Damaged as why:
        message = f"{name}: its body cannot be unpacked ({why})"
        return Refusal(RefusalReason.UNREADABLE, message)
    if size > limits.max_bytes:
        return Refusal(RefusalReason.TOO_LARGE, f"{name}: it unpacks to more than {limits.max_bytes:,} bytes")
    return Captured(b"".join(parts), name, content_type, url)
