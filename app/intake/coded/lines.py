"""A file in, its lines out one at a time, unpacked where it is packed with gzip or zip; a line's length is bounded."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from app.intake.limits import DEFAULT
from app.intake.packed import MAGIC, unpacked
from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from collections.abc import Buffer

MOST_BYTES = 65_536
"""Of one line; records of event data have some hundreds."""
MAX_RATIO = 200
"""Of a zip archive, as of a gzip file: beyond, it is made to exhaust its reader."""
_ZIP = b"PK\x03\x04"
_DATA = (".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def lines(path: Path, most: int = MOST_BYTES) -> Iterator[tuple[int, str] | Refusal]:
    """The file's lines with their numbers, from 1, line ends taken off; blank lines are passed over.

    A line that is no UTF-8, is longer than `most` bytes or holds control characters comes as a refusal that names it.

    Raises:
        BadInput: The file cannot be read, is a zip archive of several files, or what it is packed in is damaged or cut
            short.
    """
    try:
        with path.open("rb") as file:
            stream: BinaryIO = file
            head = file.peek(len(_ZIP))
            try:
                if head.startswith(_ZIP):
                    stream = io.BufferedReader(_Member(file))
                elif head.startswith(MAGIC):
                    stream = unpacked(file, DEFAULT)
                yield from _numbered(stream, path, most)
            except TooLarge as why:
                raise TooLarge(f"{path}: {why}") from None
            except BadInput as why:
                raise BadInput(why.reason, f"{path}: {why}") from None
    except OSError as why:
        raise BadInput(RefusalReason.UNREADABLE, f"{path} cannot be read: {why.strerror or why}") from None


class _Member(io.RawIOBase):
    """The one file of a zip archive; reading it raises BadInput where it is damaged or swells like a bomb."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            archive = zipfile.ZipFile(file)
            found = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
            # Data is passed on with a read-me beside it.
            named = [one for one in found if one.filename.casefold().endswith(_DATA)] if len(found) > 1 else found
            if len(named) != 1:
                told = f"holds {len(found)} files" if found else "is empty"
                message = f"the zip archive {told}, not one; unpack it and give the file that is meant"
                raise BadInput(RefusalReason.UNSUPPORTED, message)
            self._content = archive.open(named[0])
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, ValueError) as why:
            message = f"the zip archive is damaged or cut short, or packed with a password ({why}); pack it again"
            raise BadInput(RefusalReason.UNREADABLE, message) from None
        self._packed = max(named[0].compress_size, 1)
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        try:
            data = self._content.read(len(view))
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, zlib.error) as why:
            message = (
                f"the zip archive is damaged or cut short after {self._count:,} unpacked bytes ({why}); pack it again"
            )
            raise BadInput(RefusalReason.UNREADABLE, message) from None
        self._count += len(data)
        if self._count > DEFAULT.max_bytes and self._count > MAX_RATIO * self._packed:
            message = (
                f"unpacks to more than {MAX_RATIO} times its size, as made to exhaust its reader; unpack it yourself"
            )
            raise TooLarge(message)
        view[: len(data)] = data
        return len(data)


def _numbered(stream: BinaryIO, path: Path, most: int) -> Iterator[tuple[int, str] | Refusal]:
    number, unfinished = 0, False
    read = cast("io.BufferedReader", stream).readline
    while raw := read(most + 1):
        rest_of_line, unfinished = unfinished, not raw.endswith(b"\n") and len(raw) > most
        if rest_of_line:
            continue
        number += 1
        where = f"{path}, line {number}"
        if unfinished:
            yield Refusal(RefusalReason.TOO_LARGE, f"{where}: longer than {most:,} bytes")
            continue
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as why:
            yield Refusal(RefusalReason.WRONG_ENCODING, f"{where}: no UTF-8 at byte {why.start + 1}")
            continue
        if _CONTROLS.search(line):
            yield Refusal(RefusalReason.BAD_FIELD, f"{where}: it holds control characters")
        elif line.strip():
            yield number, line
