"""HTTP as it comes over the wire in, requests of bounded heads out; what is no HTTP is answered with a problem, too.

uvicorn's own protocol waits for ever for the end of a request's head, and keeps as much of it as is sent.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.web.problems import MEDIA_TYPE, Problem

HEAD_BYTES = 65_536
"""Most bytes of a request line with its headers; what comes in one piece with their end is not counted."""
HEAD_SECONDS = 20.0
"""How long they may take to arrive."""


class Bounded(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 (what uvicorn gives)
        super().__init__(*args, **more)
        self._head: int | None = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what has come."""
        if self._head is not None:
            self._head += len(data)
            if self._timer is None:
                self._timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)
        super().data_received(data)
        if self._head is not None and self._head > HEAD_BYTES and not self.transport.is_closing():
            self._refuse(431, f"the address and headers have more than {HEAD_BYTES} bytes; send a body instead")

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._head = None
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next thing to come is another request's head."""
        self._head = 0
        super().on_message_complete()

    def shutdown(self) -> None:
        """The server stops: what is being answered is answered to its end, save a stream of news, which has none."""
        super().shutdown()
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete and self.scope["path"].endswith("/stream"):
            cycle.disconnected = True
            cycle.message_event.set()
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._refuse(400, "this is no valid HTTP request; check its first line, its headers and how its body is framed")

    def _too_slow(self) -> None:
        self._timer = None
        if self._head is not None and not self.transport.is_closing():
            if self._head:
                self._refuse(408, f"the request's head did not arrive within {HEAD_SECONDS:g} seconds; send it at once")
            else:
                self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: int, detail: str) -> None:
        self._stop_timer()
        title = STATUS_LINE[status].split(b" ", 2)[2].strip().decode()
        sort = title.lower().replace(" ", "-")
        body = msgspec.json.encode(Problem(f"urn:polemos:problem:{sort}", title.capitalize(), status, detail, ""))
        lines = [
            f"content-type: {MEDIA_TYPE}",
            f"content-length: {len(body)}",
            "x-content-type-options: nosniff",
            "connection: close",
            "",
            "",
        ]
        self.transport.write(STATUS_LINE[status] + "\r\n".join(lines).encode() + body)
        self.transport.close()
