"""Settings in, a running server out: over standard input and output, or over streamable HTTP.

Over HTTP it is let in by the same layer as the HTTP interface (`app.web.middleware`): keys, hosts, origins, limits.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from app.vocabulary.errors import MissingPart
from app.web.access import REALM, Caller
from app.web.middleware import Guard
from app.web.problems import problem
from app.web.services import Services

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/mcp"
MOST_BYTES = 1_000_000
"""A question is short; larger bodies are something else."""


async def run_stdio(services: Callable[[], Services]) -> None:
    """Serve whoever started this process, until they close its standard input.

    Standard output carries the protocol and nothing else; the package moves everything else to standard error.

    Raises:
        MissingPart: The package `mcp` is not installed.
        LedgerError: The ledger cannot be opened.
    """
    make = _maker()
    from mcp.server.stdio import stdio_server

    opened = services()
    try:
        server = make(opened)
        async with opened.following(), stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    finally:
        opened.close()


def http_application(services: Services | Callable[[], Services]) -> Starlette:
    """The server as an ASGI application at `/mcp`, without a session: any replica can answer any request.

    Args:
        services: What it works with (the caller closes it), or how to open that when the application starts.

    Raises:
        MissingPart: The package `mcp` is not installed.
    """
    make = _maker()
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.applications import Starlette
    from starlette.routing import Route

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        opened = services if isinstance(services, Services) else services()
        app.state.services = opened
        inner = make(opened).streamable_http_app(
            streamable_http_path=PATH,
            json_response=True,
            stateless_http=True,
            max_request_body_size=MOST_BYTES,
            # Hosts and origins are held against the settings before a request comes here.
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        readers.app = inner
        try:
            async with opened.following(), inner.router.lifespan_context(inner):
                yield
        finally:
            if opened is not services:
                opened.close()

    readers = _Readers()
    # There is no session, so no stream to be opened (GET) and none to be ended (DELETE): 405, as the protocol has it.
    application = Starlette(routes=[Route(PATH, endpoint=readers, methods=["POST"])], lifespan=lifespan)
    application.add_middleware(Guard)
    return application


class _Readers:
    """Lets in whoever may read."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        caller: Caller = scope["polemos.caller"]
        if caller.role is not None:
            await self.app(scope, receive, send)
            return
        words = "this needs a key of the role reader; show one as Authorization: Bearer …"
        refusal = problem(scope["path"], 401, "unauthorized", "Unauthorized", words, {"WWW-Authenticate": REALM})
        await refusal(scope, receive, send)


def _maker() -> Callable[[Services], Server[Any]]:
    try:
        from app.mcp.server import create_server
    except ModuleNotFoundError as why:
        if (why.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise MissingPart("the package mcp is not installed: pip install 'polemos[mcp]'") from why
    return create_server
