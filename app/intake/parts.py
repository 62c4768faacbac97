"""A large file in, parts of it out that several readers take at once: the same articles as the file read in one go.

JSON lines are parted between lines, web archives (packed or not) between records, Parquet between rows, each part with
about as many documents as it was asked for. A part knows how many lines or records stand before it, so refusals name
the same places. What cannot be parted is read whole. Parts are small and travel: they name a file, and hold none of it.
"""

from __future__ import annotations

import io
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

from app.intake import formats, packed
from app.intake.clean import encoding_mark
from app.intake.formats import Format
from app.intake.gate import Item, refusal
from app.intake.json_articles import MOST_TOLD, is_object, read_some_lines
from app.intake.limits import DEFAULT, Limits
from app.intake.parquet import read_rows, row_groups
from app.intake.reading import PARQUET_MAGIC, read_archive, read_file
from app.intake.warc import passed_over
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

SMALL = 1_000_000
"""Bytes up to which a file is not worth parting."""
LARGEST = 16_000_000
"""Bytes, as they lie on the disk, of one part of JSON lines or of an archive."""
WHOLE_AT_MOST = 16_000_000
"""Bytes, as they lie on the disk, of JSON lines that are packed and of what else cannot be parted, read as one part."""

_RECORDS = 3
"""Records of an archive for each page: crawlers keep what they asked, and notes, beside what was answered."""
_BLOCK = 1 << 20
_MAX_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Part:
    """Where some of a file's articles stand.

    Attributes:
        path: The file.
        kind: How it is read; `whole` as if there were no parts, `stream` likewise but of any size.
        start: First byte, of Parquet first row of the group.
        end: Byte or row after the last.
        before: Lines or records before the part.
        group: Group of rows.
        is_last: Whether the file ends with it.
        size: Bytes of the file when it was parted.
    """

    path: str
    kind: Literal["whole", "stream", "lines", "archive", "packed archive", "rows"]
    start: int
    end: int
    before: int = 0
    group: int = 0
    is_last: bool = True
    size: int = 0


@dataclass(slots=True)
class Found:
    """What a part held; `passed` counts records of an archive that are no pages."""

    items: list[Item] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)


def parts_of(path: Path, *, limits: Limits = DEFAULT, documents: int = 500) -> Iterator[Part]:
    """The parts of a file, in its order.

    Args:
        path: The file. Where it cannot be read, one part says so when it is read.
        limits: Bounds on a document.
        documents: Lines, records or rows in a part.
    """
    name = str(path)
    try:
        size = path.stat().st_size
    except OSError:
        yield Part(name, "whole", 0, 0)
        return
    whole = Part(name, "whole", 0, size, size=size)
    if size <= SMALL:
        yield whole
        return
    try:
        with path.open("rb") as file:
            found = list(_cut(path, file, size, limits, documents))
    except (OSError, BadInput):
        # Whoever reads it says what is wrong.
        found = []
    if not found and size > WHOLE_AT_MOST:
        found = [Part(name, "stream", 0, size, size=size)]
    yield from found or [whole]


def read_part(part: Part, limits: Limits = DEFAULT) -> Found:
    """What a part holds. Refusals of one file are counted by `Whole`, as they are told up to a number of each.

    Raises:
        FileNotFoundError: There is no such file here, or it is shorter than where it was parted.
    """
    path = Path(part.path)
    if part.size and (not path.is_file() or path.stat().st_size < part.end * (part.kind != "rows")):
        raise FileNotFoundError(f"{part.path} is not here as it is where it was named")
    found = Found()
    if part.kind in ("whole", "stream"):
        found.items.extend(read_file(path, limits))
        return found
    try:
        for item in _items(part, path, limits, found.passed):
            found.items.append(item)
    except BadInput as why:
        found.items.append(refusal(part.path, why))
    except OSError as why:
        told = f"{part.path}: reading stopped: {why.strerror or why}"
        found.items.append(Refusal(RefusalReason.UNREADABLE, told))
    return found


class Whole:
    """Puts together what the parts of one file after the other held, as if each had been read in one go."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._told = 0
        self._others: Counter[RefusalReason] = Counter()
        self._passed: Counter[str] = Counter()

    def take(self, part: Part, found: Found) -> Iterator[tuple[int, Item] | Refusal]:
        """The items with their places in `found`, but for refusals beyond those that are told one by one."""
        parted = part.kind not in ("whole", "stream")
        self._passed.update(found.passed)
        for at, item in enumerate(found.items):
            if parted and self._is_beyond(item):
                continue
            yield at, item
        if not part.is_last:
            return
        for item in passed_over(self._passed, part.path):
            if not self._is_beyond(item):
                yield item
        for reason, count in self._others.items():
            yield Refusal(
                reason, f"{part.path}: {count:,} more in it are refused for this reason; the first ones say why"
            )
        self._begin()

    def _is_beyond(self, item: Item) -> bool:
        if not isinstance(item, Refusal):
            return False
        self._told += 1
        if self._told > MOST_TOLD:
            self._others[item.reason] += 1
        return self._told > MOST_TOLD


# ---- reading ----


class _Bounded(io.RawIOBase):
    """The bytes of a file up to one of them."""

    def __init__(self, file: BinaryIO, left: int) -> None:
        self._file, self._left = file, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._file.read(min(len(view), self._left))
        self._left -= len(data)
        view[: len(data)] = data
        return len(data)


def _items(part: Part, path: Path, limits: Limits, passed: Counter[str]) -> Iterator[Item]:
    if part.kind == "rows":
        yield from read_rows(path, part.group, part.start, part.end, name=part.path, limits=limits)
        return
    with path.open("rb") as file:
        file.seek(part.start)
        bounded = io.BufferedReader(_Bounded(file, part.end - part.start))
        if part.kind == "lines":
            yield from read_some_lines(bounded, part.before, name=part.path, limits=limits)
            return
        stream = packed.unpacked(bounded, limits) if part.kind == "packed archive" else bounded
        raw = _Plain(stream)
        yield from read_archive(raw, name=part.path, limits=limits, before=part.before, passed=passed)


class _Plain(io.RawIOBase):
    """A stream as a raw one, which gives what there is."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data: bytes = self._stream.read1(len(view))  # type: ignore[attr-defined]
        view[: len(data)] = data
        return len(data)


# ---- parting ----


def _cut(path: Path, file: BinaryIO, size: int, limits: Limits, documents: int) -> Iterator[Part]:
    """The parts of a file that can be parted; none of another."""
    name = str(path)
    head = file.read(8)
    file.seek(0)
    suffix = formats.by_suffix(path.name)
    if head.startswith(PARQUET_MAGIC) and head[4:5] < b" ":
        rows = row_groups(path)
        bounds = [
            (group, start, min(start + documents, count))
            for group, count in enumerate(rows)
            for start in range(0, count, documents)
        ]
        for number, (group, start, end) in enumerate(bounds, start=1):
            yield Part(name, "rows", start, end, 0, group, number == len(bounds), size)
        return
    if head.startswith(packed.MAGIC):
        with io.BufferedReader(packed.unpacked(file, limits)) as stream:  # type: ignore[type-var]
            archive = stream.read(8).startswith((b"WARC/1.", b"WARC/0."))
        if archive:
            with path.open("rb") as again:
                yield from _parts(name, "packed archive", _members(again), size, _RECORDS * documents)
        return
    if head.startswith((b"WARC/1.", b"WARC/0.")):
        yield from _parts(name, "archive", _records(file, size), size, _RECORDS * documents)
        return
    first = file.readline(limits.max_bytes + 1)
    if (encoding_mark(first) or "").startswith(("utf-16", "utf-32")) or not first.strip():
        return
    if formats.by_magic(first) is not None or formats.is_json_feed(first[:10_000].decode("utf-8", "replace")):
        return
    if suffix is Format.LINES or (suffix is None and is_object(first.decode("utf-8", "replace"))):
        # A file that begins like a binary one is none of lines, whatever stands further down.
        formats.refuse_binary(first)
        file.seek(0)
        yield from _parts(name, "lines", _line_starts(file, documents), size, documents)


def _parts(
    name: str,
    kind: Literal["lines", "archive", "packed archive"],
    starts: Iterable[tuple[int, int]],
    size: int,
    documents: int,
) -> Iterator[Part]:
    """Parts from the places where a document begins, each with the number of those before it."""
    bounds = [(0, 0)]
    for start, before in starts:
        if start >= size:
            break
        if before - bounds[-1][1] >= documents or start - bounds[-1][0] >= LARGEST:
            bounds.append((start, before))
    if size - bounds[-1][0] > 4 * LARGEST:
        # The rest could not be made out; it is for a reader that takes all of it, bit by bit.
        return
    ends = [start for start, _ in bounds[1:]] + [size]
    for (start, before), end in zip(bounds, ends, strict=True):
        yield Part(name, kind, start, end, before, 0, end == size, size)


def _line_starts(file: BinaryIO, documents: int) -> Iterator[tuple[int, int]]:
    """Where lines begin: every so many of them, and the first one of each block that was read."""
    at = before = 0
    while block := file.read(_BLOCK):
        count = block.count(b"\n")
        place = -1
        told = False
        for number in range(1, count + 1):
            place = block.index(b"\n", place + 1)
            if (before + number) % documents == 0 or not told:
                told = True
                yield at + place + 1, before + number
        before += count
        at += len(block)


def _records(file: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Where the records of an unpacked archive begin, as far as each states where the next one does."""
    at = count = 0
    while at < size:
        file.seek(at)
        head = file.read(_MAX_HEAD)
        length = _length(head)
        if length is None:
            return
        at += head.index(b"\r\n\r\n") + 4 + length
        file.seek(at)
        if file.read(4) != b"\r\n\r\n":
            return
        at, count = at + 4, count + 1
        if at < size:
            yield at, count


def _members(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Where a packed archive's members begin that begin with a record; memory holds the head of one at most."""
    at = count = 0
    skip, head = 0, b""
    inflate = zlib.decompressobj(31)
    data = b""
    while data := data or file.read(_BLOCK):
        try:
            out = inflate.decompress(data, _BLOCK)
        except zlib.error:
            return
        rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
        at += len(data) - len(rest)
        data = rest
        while out:
            if skip:
                taken = min(skip, len(out))
                skip -= taken
                out = out[taken:]
                count += not skip
                continue
            head += out
            end = head.find(b"\r\n\r\n")
            if end < 0:
                if len(head) > _MAX_HEAD:
                    return
                break
            length = _length(head)
            if length is None:
                return
            out, head = head[end + 4 :], b""
            skip = length + 4
        if inflate.eof:
            inflate = zlib.decompressobj(31)
            if not skip and not head and count:
                yield at, count


def _length(head: bytes) -> int | None:
    """The length that a record's head states; None where it is no head, or does not end here."""
    lines = head.partition(b"\r\n\r\n")
    if not lines[1] or not head.startswith((b"WARC/1.", b"WARC/0.")):
        return None
    stated = [line.partition(b":")[2].strip() for line in lines[0].split(b"\r\n") if _is_length(line)]
    return int(stated[0]) if len(stated) == 1 and stated[0].isdigit() and len(stated[0]) < 15 else None


def _is_length(line: bytes) -> bool:
    return line.partition(b":")[0].strip().lower() == b"content-length"
