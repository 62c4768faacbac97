"""A file in, its lines out one at a time, unpacked where it is packed with gzip or zip; a line's length is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from app.intake.limits import DEFAULT
from app.intake.packed import MAGIC, ZIP_MAGIC, unpacked, unzipped
from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    import io

MOST_BYTES = 65_536
"""Of one line; records of event data have some hundreds."""
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
            head = file.peek(len(ZIP_MAGIC))
            try:
                if head.startswith(ZIP_MAGIC):
                    stream = unzipped(file, DEFAULT)
                elif head.startswith(MAGIC):
                    stream = unpacked(file, DEFAULT)
                yield from _numbered(stream, path, most)
            except TooLarge as why:
                raise TooLarge(f"{path}: {why}") from None
            except BadInput as why:
                raise BadInput(why.reason, f"{path}: {why}") from None
    except OSError as why:
        raise BadInput(RefusalReason.UNREADABLE, f"{path} cannot be read: {why.strerror or why}") from None


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
