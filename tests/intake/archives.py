"""Web archives as crawlers write them, for tests."""

from __future__ import annotations

import io
from typing import Any

from fastwarc.warc import WarcRecord, WarcRecordType

KINDS: dict[str, Any] = {
    name: getattr(WarcRecordType, name)
    for name in ("response", "resource", "conversion", "request", "revisit", "metadata", "warcinfo")
}


def record(
    url: str | None,
    body: bytes,
    content_type: str = "text/html; charset=utf-8",
    *,
    kind: str = "response",
    status: str = "200 OK",
    headers: tuple[tuple[str, str], ...] = (),
    http: bool | None = None,
) -> bytes:
    """One record, unpacked."""
    made = WarcRecord()
    made.init_headers(record_type=KINDS[kind])
    if http if http is not None else kind in ("response", "revisit"):
        lines = [
            f"HTTP/1.1 {status}",
            f"Content-Type: {content_type}",
            *(f"{name}: {value}" for name, value in headers),
        ]
        made.set_bytes_content("\r\n".join([*lines, "", ""]).encode() + body)
        made.headers["Content-Type"] = "application/http; msgtype=response"
    else:
        made.set_bytes_content(body)
        made.headers["Content-Type"] = content_type
    if url is not None:
        made.headers["WARC-Target-URI"] = url
    written = io.BytesIO()
    made.write(written)
    return written.getvalue()
