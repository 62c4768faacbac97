"""Gzip in, its content out as a stream. It never unpacks more than the limits allow nor trusts a stated size."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import TYPE_CHECKING, BinaryIO

from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from collections.abc import Buffer

    from app.intake.limits import Limits

MAGIC = b"\x1f\x8b"
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
    """The content of a gzip stream; reading it raises BadInput where it is damaged or swells like a bomb."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._packed = _Counted(stream)
        # GzipFile asks nothing but `read` of a file that is only read forwards.
        self._content = gzip.GzipFile(fileobj=self._packed, mode="rb")  # type: ignore[call-overload]
        self._limits = limits
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        try:
            # As much as there is: `read` would lose what precedes the damage.
            data = self._content.read1(len(view))
        except (OSError, EOFError, zlib.error) as why:
            message = (
                f"the gzip file is damaged or cut short after {self._count:,} unpacked bytes ({why}); pack it again"
            )
            raise BadInput(RefusalReason.UNREADABLE, message) from None
        self._count += len(data)
        self._packed.given = self._count
        if self._count > self._limits.max_bytes and self._count > _MAX_RATIO * self._packed.count:
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
    return io.BufferedReader(_Unpacked(stream, limits))
