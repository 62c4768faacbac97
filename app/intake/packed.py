"""Gzip or zip in, its content out as a stream. It never unpacks more than the limits allow nor trusts a stated size."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO

from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from collections.abc import Buffer, Callable

    from app.intake.limits import Limits

MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
_DATA = (".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl")
# News packs about 3:1 and repetitive JSON lines 20:1; a bomb is made to come near DEFLATE's bound of 1032:1.
_MAX_RATIO = 200
# DEFLATE makes nothing longer by more than some bytes in a thousand. What is packed into much less than it takes up is
# made of empty members or a header without end, at each of which its reader would take its time.
_MAX_BARREN = 1_000_000


class _Counted:
    """A stream that counts what was read of it, and `given`, what came of that; it ends where too little comes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        if self.count - self.given > _MAX_BARREN:
            raise TooLarge("the gzip file holds next to nothing for its size, as made to tire its reader; pack it anew")
        return data


class _Unpacked(io.RawIOBase):
    """The content of something packed; reading it raises BadInput where it is damaged or swells like a bomb."""

    def __init__(self, what: str, read: Callable[[int], bytes], packed: Callable[[], int], limits: Limits) -> None:
        """Take what the packing is called, what unpacks some bytes, and how many packed bytes those so far come of."""
        self._what, self._read, self._packed = what, read, packed
        self._limits = limits
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        try:
            data = self._read(len(view))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError) as why:
            message = (
                f"the {self._what} is damaged or cut short after {self._count:,} unpacked bytes ({why}); pack it again"
            )
            raise BadInput(RefusalReason.UNREADABLE, message) from None
        self._count += len(data)
        if self._count > self._limits.max_bytes and self._count > _MAX_RATIO * self._packed():
            message = (
                f"unpacks to more than {_MAX_RATIO} times its size, as made to exhaust its reader; unpack it yourself"
            )
            raise TooLarge(message)
        view[: len(data)] = data
        return len(data)


def unpacked(stream: BinaryIO, limits: Limits) -> BinaryIO:
    """The content of a gzip stream, unpacked as it is read.

    Reading from it raises BadInput: damaged or cut short (`unreadable`), or a bomb (`too_large`).
    """
    packed = _Counted(stream)
    # GzipFile asks nothing but `read` of a file that is only read forwards.
    content = gzip.GzipFile(fileobj=packed, mode="rb")  # type: ignore[call-overload]

    def read(size: int) -> bytes:
        # As much as there is: `read` would lose what precedes the damage.
        data: bytes = content.read1(size)
        packed.given += len(data)
        return data

    return io.BufferedReader(_Unpacked("gzip file", read, lambda: packed.count, limits))


def unzipped(file: BinaryIO, limits: Limits) -> BinaryIO:
    """The one file of data in a zip archive, unpacked as it is read.

    Reading from it raises BadInput as that of a gzip stream does.

    Raises:
        BadInput: It is no sound archive (`unreadable`), or does not hold one file (`unsupported`).
    """
    try:
        archive = zipfile.ZipFile(file)
        found = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
        # Data is passed on with a read-me beside it.
        named = [one for one in found if one.filename.casefold().endswith(_DATA)] if len(found) > 1 else found
        if len(named) != 1:
            told = f"holds {len(found)} files" if found else "is empty"
            message = f"the zip archive {told}, not one; unpack it and give the file that is meant"
            raise BadInput(RefusalReason.UNSUPPORTED, message)
        content = archive.open(named[0])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, ValueError) as why:
        message = f"the zip archive is damaged or cut short, or packed with a password ({why}); pack it again"
        raise BadInput(RefusalReason.UNREADABLE, message) from None
    size = max(named[0].compress_size, 1)
    return io.BufferedReader(_Unpacked("zip archive", content.read, lambda: size, limits))
