"""Every request in, its answer out with security headers, counted; no error is left without a problem."""

from __future__ import annotations

import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.metrics import Metrics
from app.web.problems import internal

log = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# Methods are a label of the metrics, so a client must not make up new ones.
_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"})


class Guard:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0
        # A body that nobody has read to its end must not be waited for, nor taken for the next request.
        names = {name for name, _ in scope["headers"]}
        unread = b"transfer-encoding" in names or b"content-length" in names

        async def received() -> Message:
            nonlocal unread
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body", False):
                unread = False
            return message

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if unread:
                    headers["Connection"] = "close"
            await send(message)

        try:
            await self.app(scope, received, guarded)
        except Exception:
            if status:
                # The answer is under way; all that is left is to break it off.
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])
            await internal(scope["path"])(scope, received, guarded)
        finally:
            route = getattr(scope.get("route"), "path", None) or "(none)"
            method = scope["method"] if scope["method"] in _METHODS else "(other)"
            self.metrics.saw(method, route, status or 499, time.perf_counter() - started)
