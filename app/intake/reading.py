"""A path, folder, URL, stream or bytes in, articles and refusals out. It never lets one bad input stop the others."""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.intake import formats, packed
from app.intake.clean import decode, encoding_mark
from app.intake.formats import Format
from app.intake.gate import Item, refusal
from app.intake.json_articles import is_object, listed, read_json, read_json_lines
from app.intake.limits import DEFAULT, Limits
from app.intake.text import read_text
from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from collections.abc import Buffer

# A document that begins with more blank lines than this is not looked at for its first one.
_MAX_BLANK = 4_096
# So much of a document is looked at to tell its format.
_HEAD = 10_000
PARQUET_MAGIC = b"PAR1"
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def read(source: str, *, stdin: BinaryIO | None = None, limits: Limits = DEFAULT) -> Iterator[Item]:
    """The articles of a file, a folder, an http(s) URL, or "-" for standard input.

    A folder is read with all its sub-folders, sorted by path. Hidden files and folders (a name that begins with a
    dot) and `README.md` are passed over; links to folders are not followed; a file whose suffix is not known is
    refused. A file named by itself is read whatever its suffix: where that says nothing, its content does.

    Args:
        source: What to read.
        stdin: What "-" means; the process's standard input by default.
        limits: Bounds on size and time.

    Raises:
        BadInput: There is no such file or folder (`unreadable`). Raised at once, before anything is read.
    """
    if source == "-":
        return _read_stream(stdin or sys.stdin.buffer, name="standard input", format_=None, limits=limits)
    if _URL.match(source):
        return _read_url(source, limits)
    path = Path(source)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as why:
        reason = why.strerror if isinstance(why, OSError) and why.strerror else str(why)
        message = (
            f"{source[:200]!r} cannot be read: {reason}. Give a file, a folder, a URL that begins with https://, or -"
        )
        raise BadInput(RefusalReason.UNREADABLE, message) from None
    return _read_folder(path, limits) if stat.S_ISDIR(mode) else _read_file(path, limits)


def read_bytes(
    raw: bytes, *, name: str, content_type: str | None = None, url: str | None = None, limits: Limits = DEFAULT
) -> Iterator[Item]:
    """The articles in these bytes; their format is told by the content type, else the name's suffix, else the content.

    Args:
        raw: A document, or JSON lines; packed with gzip or not.
        name: How a refusal names it.
        content_type: A Content-Type header, with its charset if any.
        url: Where it was read; an article of text or HTML that names no URL of its own gets it.
        limits: Bounds on its size.
    """
    try:
        format_, charset = formats.by_content_type(content_type) if content_type else (None, None)
    except BadInput as why:
        yield refusal(name, why)
        return
    format_ = format_ or formats.by_suffix(name)
    yield from _read_stream(io.BytesIO(raw), name=name, format_=format_, charset=charset, url=url, limits=limits)


def _read_url(url: str, limits: Limits) -> Iterator[Item]:
    from app.intake.fetch import fetch, shown

    name = shown(url)
    try:
        page = fetch(url, limits)
    except BadInput as why:
        yield refusal(name, why)
        return
    yield from read_bytes(page.raw, name=name, content_type=page.content_type, url=page.url, limits=limits)


def read_file(path: Path, limits: Limits = DEFAULT) -> Iterator[Item]:
    """The articles of one file, whatever its suffix."""
    return _read_file(path, limits)


def files_of(folder: Path) -> Iterator[Path | Refusal]:
    """The files that `read` reads in a folder, in its order, and refusals of what it does not."""
    empty = True
    for item in _files(folder):
        empty = False
        if isinstance(item, Refusal):
            yield item
        elif not item.is_file() and not item.is_symlink():
            # A pipe or device would be waited on for ever.
            yield Refusal(RefusalReason.UNSUPPORTED, f"{item}: it is not a regular file")
        elif item.exists() and formats.by_suffix(item.name) is None:
            message = f"{item}: a file of unknown suffix; what is read in folders: {formats.READ}"
            yield Refusal(RefusalReason.UNSUPPORTED, message)
        else:
            yield item
    if empty:
        yield Refusal(RefusalReason.EMPTY, f"{folder}: the folder holds no files to read")


def _read_folder(folder: Path, limits: Limits) -> Iterator[Item]:
    for item in files_of(folder):
        if isinstance(item, Refusal):
            yield item
        else:
            yield from _read_file(item, limits)


def _files(folder: Path) -> Iterator[Path | Refusal]:
    """Files under the folder in the order of their paths' parts, and refusals for folders that cannot be listed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as why:
        yield Refusal(RefusalReason.UNREADABLE, f"{folder}: the folder cannot be listed: {why.strerror or why}")
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name == "README.md":
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        elif not entry.is_dir():
            yield Path(entry.path)


def _read_file(path: Path, limits: Limits) -> Iterator[Item]:
    try:
        stream = path.open("rb")
    except OSError as why:
        yield Refusal(
            RefusalReason.UNREADABLE, f"{path}: it cannot be opened: {why.strerror or why}; check who may read it"
        )
        return
    with stream:
        yield from _read_stream(stream, name=str(path), format_=formats.by_suffix(path.name), limits=limits)


def _read_stream(
    stream: BinaryIO,
    *,
    name: str,
    format_: Format | None,
    limits: Limits,
    charset: str | None = None,
    url: str | None = None,
) -> Iterator[Item]:
    """Articles of a stream: lines and records one by one as they come, anything else as a whole of bounded size."""
    try:
        first = _first_line(stream, limits)
        if first.startswith(packed.MAGIC):
            stream = packed.unpacked(io.BufferedReader(_Chained(first, stream)), limits)
            first = _first_line(stream, limits)
        head = first[:_HEAD].decode("utf-8", "replace")
        format_ = formats.by_magic(first) or (Format.FEED if formats.is_json_feed(head) else format_)
        if format_ is Format.WARC:
            archive = read_archive(_Chained(first.lstrip(), stream), name=name, limits=limits)
            yield from listed(archive, name)
            return
        if format_ is Format.PARQUET or (first.startswith(PARQUET_MAGIC) and first[4:5] < b" "):
            from app.intake.parquet import read_parquet

            yield from listed(read_parquet(_seekable(first, stream, limits), name=name, limits=limits), name)
            return
        whole_line = first.endswith(b"\n") and len(first) <= limits.max_bytes
        if format_ is Format.LINES or (format_ is None and whole_line and is_object(first.decode("utf-8", "replace"))):
            yield from read_json_lines(stream, first=first, name=name, limits=limits)
            return
        raw = first + stream.read(max(0, limits.max_bytes + 1 - len(first)))
        if len(raw) > limits.max_bytes:
            message = (
                f"it is larger than {limits.max_bytes:,} bytes; split it, or write its articles as JSON lines (.jsonl)"
            )
            raise TooLarge(message)
        yield from _read_document(raw, name=name, format_=format_, charset=charset, url=url, limits=limits)
    except BadInput as why:
        yield refusal(name, why)
    except OSError as why:
        yield Refusal(RefusalReason.UNREADABLE, f"{name}: reading stopped: {why.strerror or why}")


def read_archive(
    stream: io.RawIOBase, *, name: str, limits: Limits, before: int = 0, passed: Counter[str] | None = None
) -> Iterator[Item]:
    """The articles of a web archive or of a part of one (see `read_warc`); each document is read like one of its own.

    Raises:
        BadInput: What the stream itself raises.
    """
    from app.intake.warc import read_warc

    for item in read_warc(io.BufferedReader(stream), name=name, limits=limits, before=before, passed=passed):
        if isinstance(item, Refusal):
            yield item
            continue
        try:
            if formats.by_magic(item.raw) is Format.WARC:
                raise BadInput(
                    RefusalReason.UNSUPPORTED, "it is a web archive within a web archive; hand it in by itself"
                )
            format_, charset = formats.by_content_type(item.content_type) if item.content_type else (None, None)
            if format_ is Format.LINES:
                yield from read_json_lines(io.BytesIO(item.raw), name=item.name, limits=limits)
                continue
            yield from _read_document(
                item.raw, name=item.name, format_=format_, charset=charset, url=item.url, limits=limits
            )
        except BadInput as why:
            yield refusal(item.name, why)


def _read_document(
    raw: bytes, *, name: str, format_: Format | None, charset: str | None, url: str | None, limits: Limits
) -> Iterator[Item]:
    if not raw:
        raise BadInput(RefusalReason.EMPTY, "it is empty (0 bytes)")
    format_ = formats.by_magic(raw) or format_
    if format_ is Format.PDF:
        from app.intake.pdf import read_pdf

        yield from read_pdf(raw, name=name, url=url, limits=limits)
        return
    formats.refuse_binary(raw, charset)
    head = raw[:_HEAD].decode(encoding_mark(raw) or "latin-1", "replace")
    if format_ is Format.JSON and formats.is_json_feed(head):
        format_ = Format.FEED
    if format_ is None:
        # Only a page and a feed declare a charset: a text that quotes a declaration is UTF-8 all the same.
        guess = formats.by_content(head)
        format_ = guess if guess in (Format.HTML, Format.FEED) else None
    if format_ is Format.FEED:
        from app.intake.feeds import read_feed_articles

        found = read_feed_articles(raw, name=name, charset=charset, url=url, limits=limits)
        yield from listed(found, name)
        return
    if charset is None and format_ is Format.HTML and encoding_mark(raw) is None:
        from app.intake.html import declared_charset

        charset = declared_charset(raw)
    text = decode(raw, charset)
    format_ = format_ or formats.by_content(text)
    if format_ is Format.JSON:
        yield from read_json(text, name=name, limits=limits)
    elif format_ is Format.HTML:
        from app.intake.html import read_html

        yield read_html(text, url=url, limits=limits)
    else:
        yield read_text(text, url=url, limits=limits)


def _seekable(first: bytes, stream: BinaryIO, limits: Limits) -> BinaryIO:
    """A stream that can be read from any place, from its beginning: as it is, or its bytes, bounded."""
    if isinstance(stream, io.BytesIO) or (isinstance(stream, io.BufferedReader) and stream.raw.seekable()):
        stream.seek(0)
        return stream
    raw = first + stream.read(max(0, limits.max_bytes + 1 - len(first)))
    if len(raw) > limits.max_bytes:
        raise TooLarge(f"it is larger than {limits.max_bytes:,} bytes; unpack it, and hand it in as a file")
    return io.BytesIO(raw)


def _first_line(stream: BinaryIO, limits: Limits) -> bytes:
    """The stream's first line that is not blank, after the blank ones before it; bounded."""
    parts: list[bytes] = []
    blank = 0
    while blank <= _MAX_BLANK:
        line = stream.readline(limits.max_bytes + 1)
        parts.append(line)
        if line.strip() or not line:
            break
        blank += len(line)
    return b"".join(parts)


class _Chained(io.RawIOBase):
    """Bytes already read, and then the stream that they were read from."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = memoryview(head)
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        if self._head:
            size = min(len(view), len(self._head))
            view[:size], self._head = self._head[:size], self._head[size:]
            return size
        # As much as there is: a damaged stream gives what precedes the damage, a pipe what has come by now.
        data = (
            self._stream.read1(len(view))
            if isinstance(self._stream, io.BufferedReader)
            else self._stream.read(len(view))
        )
        view[: len(data)] = data
        return len(data)
