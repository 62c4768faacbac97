"""Every request in, its answer out: let in or not, numbered, with security headers, counted and logged.

It is plain ASGI and costs microseconds. No error is left without a problem.
"""

from __future__ import annotations

import logging
import math
import re
import secrets
import time
from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.ledger import Writer, writing_as
from app.vocabulary.errors import LedgerError
from app.web import tracing
from app.web.access import REALM, SAFE, Access, Buckets, Caller, Keyring, caller_from, network_of
from app.web.logs import request_id
from app.web.problems import BUSY_WORDS, RETRY_AFTER, internal, problem

if TYPE_CHECKING:
    from app.web.services import Services

log = logging.getLogger(__name__)
requests_log = logging.getLogger("polemos.requests")

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
# Methods are a label of the metrics, so a client must not make up new ones.
_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"})
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACE = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
FAILED_COST = 10
"""A key that is no good costs as much as so many requests."""


class Guard:
    """The outermost layer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._buckets = Buckets()
        self._keyring: Keyring | None = None
        self._cors: CORSMiddleware | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        access: Access = scope["app"].state.services.access
        if access.origins and any(name == b"origin" for name, _ in scope["headers"]):
            await self._for_pages_elsewhere(access)(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    def _for_pages_elsewhere(self, access: Access) -> CORSMiddleware:
        if self._cors is None:
            self._cors = CORSMiddleware(
                self._serve,
                allow_origins=sorted(access.origins),
                allow_methods=("GET", "POST", "DELETE"),
                allow_headers=("Authorization", "Content-Type", "If-None-Match", "Last-Event-ID", "X-Request-ID"),
                expose_headers=("ETag", "Polemos-Revision", "Polemos-Truncated", "Polemos-Row-Limit", "RateLimit",
                                "RateLimit-Policy", "Retry-After", "X-Request-ID"),
            )  # fmt: skip
        return self._cors

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        services: Services = scope["app"].state.services
        method: str = scope["method"]
        heads: dict[bytes, bytes] = dict(scope["headers"])
        status = 0
        # A body that nobody has read to its end must not be waited for, nor taken for the next request.
        unread = b"transfer-encoding" in heads or b"content-length" in heads
        given = heads.get(b"x-request-id")
        number = given if given is not None and _REQUEST_ID.fullmatch(given) else secrets.token_hex(8).encode()
        more = [(b"x-request-id", number)]
        trace = _TRACE.fullmatch(heads[b"traceparent"]) if b"traceparent" in heads else None
        if trace is not None:
            more.append((b"traceparent", trace[0]))

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
                headers = list(message.get("headers", ()))
                names = {name for name, _ in headers}
                headers += [pair for pair in _HEADERS if pair[0] not in names]
                headers += more
                if unread:
                    headers = [pair for pair in headers if pair[0] != b"connection"]
                    headers.append((b"connection", b"close"))
                message["headers"] = headers
            await send(message)

        caller = caller_from(scope, heads, services.access)
        token = request_id.set(number.decode())
        try:
            refusal, caller = await self._admit(scope, heads, services, caller, more)
            scope["polemos.caller"] = caller
            if refusal is not None:
                await refusal(scope, received, guarded)
            elif tracing.is_on():
                with tracing.request_span(method, heads) as made:
                    try:
                        await self._answer(scope, received, guarded, caller, number)
                    finally:
                        tracing.answered(made, method, _route(scope), status or 499)
            else:
                await self._answer(scope, received, guarded, caller, number)
        except Exception:
            if status:
                # The answer is under way; all that is left is to break it off.
                raise
            log.exception("%s %s failed", method, scope["path"])
            await internal(scope["path"])(scope, received, guarded)
        finally:
            took = time.perf_counter() - started
            label = method if method in _METHODS else "(other)"
            services.metrics.saw(label, _route(scope), status or 499, took)
            if requests_log.isEnabledFor(logging.INFO):
                # Never what was asked after the path: whose dispute somebody looks into is theirs.
                fields = {"method": method, "path": scope["path"], "route": _route(scope), "status": status or 499,
                          "ms": round(1000 * took, 2), "client": caller.address}  # fmt: skip
                if caller.key is not None:
                    fields["key"] = caller.key.id
                if trace is not None:
                    fields["trace_id"] = trace[1].decode()
                requests_log.info("%s %s %s", method, scope["path"], status or 499, extra={"fields": fields})
            request_id.reset(token)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, caller: Caller, number: bytes) -> None:
        if scope["method"] in SAFE:
            await self.app(scope, receive, send)
            return
        key = caller.key.id if caller.key is not None else None
        with writing_as(Writer("http", caller.name, key, number.decode())):
            await self.app(scope, receive, send)

    async def _admit(
        self,
        scope: Scope,
        heads: dict[bytes, bytes],
        services: Services,
        caller: Caller,
        more: list[tuple[bytes, bytes]],
    ) -> tuple[Response | None, Caller]:
        """Who asks, and a problem where the request goes no further; limits are told in headers, added to `more`."""
        access, path = services.access, scope["path"]
        if not access.knows_host(heads.get(b"host")):
            words = "this service is not addressed by that name; POLEMOS_ALLOWED_HOSTS says by which it is"
            return problem(path, 421, "misdirected-request", "Misdirected request", words), caller
        if scope["method"] not in SAFE and not access.trusts_origin(heads):
            words = "a page elsewhere must not write here; POLEMOS_CORS_ORIGINS names those that may"
            return problem(path, 403, "foreign-origin", "Foreign origin", words), caller
        is_bad, cost = False, 1
        shown = heads.get(b"authorization")
        if shown is not None:
            scheme, _, secret = shown.decode("latin-1").partition(" ")
            if self._keyring is None:
                self._keyring = Keyring(services.reader)
            try:
                key = await self._keyring.good(secret.strip()) if scheme.lower() == "bearer" else None
            except LedgerError:
                return problem(path, 503, "busy", "Ledger busy", BUSY_WORDS, {"Retry-After": RETRY_AFTER}), caller
            if key is None:
                is_bad, cost = True, FAILED_COST
            else:
                caller = Caller(key.role, key, caller.address, caller.is_local)
        refusal = self._limited(path, access, caller, cost, more)
        if refusal is None and is_bad:
            words = "this key opens nothing: it is not one of this service, has expired or was revoked"
            told = {"WWW-Authenticate": f'{REALM}, error="invalid_token"'}
            refusal = problem(path, 401, "unauthorized", "Unauthorized", words, told)
        return refusal, caller

    def _limited(
        self, path: str, access: Access, caller: Caller, cost: float, more: list[tuple[bytes, bytes]]
    ) -> Response | None:
        if caller.key is not None:
            own = caller.key.per_minute
            name, policy, limit = caller.key.id, b"key", access.per_key if own is None else own
        elif caller.is_local and cost == 1:
            return None
        else:
            name, policy, limit = network_of(caller.address), b"address", access.per_address
        if not limit:
            return None
        cost = min(cost, float(limit))
        is_enough, left, wait = self._buckets.take(name, limit, time.monotonic(), cost)
        full = math.ceil((limit - left) * 60 / limit)
        more.append((b"ratelimit-policy", b'"%s";q=%d;w=60' % (policy, limit)))
        more.append((b"ratelimit", b'"%s";r=%d;t=%d' % (policy, left, full)))
        if is_enough:
            return None
        words = f"more than {limit} requests a minute from here; ask again in {math.ceil(wait)} seconds"
        told = {"Retry-After": str(max(1, math.ceil(wait)))}
        return problem(path, 429, "too-many-requests", "Too many requests", words, told)


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", None) or "(none)"
