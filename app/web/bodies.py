"""A request's body in, its bytes out, broken off as soon as there are too many of them."""

from __future__ import annotations

from fastapi import Request

from app.vocabulary.errors import TooLarge


async def whole_body(request: Request, most: int) -> bytes:
    """All of the body.

    Raises:
        TooLarge: It has, or says it has, more than `most` bytes.
    """
    too_large = TooLarge(f"the body is larger than {most} bytes; send less at once")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise too_large
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise too_large
        parts.append(part)
    return b"".join(parts)
