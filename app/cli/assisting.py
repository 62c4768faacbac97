"""The command that serves assistants: `mcp`, by the Model Context Protocol."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.session import Session, err
from app.vocabulary.errors import BadQuery


def mcp(
    http: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Serve streamable HTTP there, at /mcp, instead of standard input."),
    ] = None,
    allow_anonymous: Annotated[
        bool,
        typer.Option("--allow-anonymous", help="Over HTTP: let everybody who reaches it read without a key."),
    ] = False,
) -> None:
    """Serve assistants by the Model Context Protocol: tools that answer with claims and their quotes. Read-only.

    Without --http it serves whoever starts it, over standard input and output, until they close it. Over HTTP it keeps
    to the rules of `polemos serve`: whoever asks from this machine needs no key, others need one.
    """
    from app.web import Services, logs

    settings = Session().settings
    # To standard error: over standard output goes the protocol.
    logs.set_up(settings.log_format, settings.log_level)
    if http is None:
        import asyncio

        from app.mcp import run_stdio

        asyncio.run(run_stdio(lambda: Services.from_settings(settings)))
        return
    import uvicorn

    from app.cli.exposing import end_well, expose
    from app.mcp import http_application
    from app.settings import Settings
    from app.web.bodies import STOP_SECONDS
    from app.web.protocol import Bounded

    host, port = _address(http)
    expose(settings, host, anonymous=allow_anonymous)
    end_well()
    # Read anew: who may ask depends on the address, which the command line has settled only now.
    application = http_application(lambda: Services.from_settings(Settings.from_environment()))
    err.print(f"Polemos for assistants on http://{http}/mcp (ctrl-c stops it)")
    uvicorn.run(
        application,
        host=host,
        port=port,
        http=Bounded,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise BadQuery(f"--http takes an address and a port, as 127.0.0.1:8001, not {text!r}")
    return host, int(port)
