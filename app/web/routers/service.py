"""The service about itself: whether it is well, what it has done, and its documentation from this server alone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from app.client.records import Health
from app.vocabulary.errors import LedgerError
from app.web import metrics
from app.web.access import READ, Caller, caller_of
from app.web.answers import documented, plain, services_of
from app.web.problems import RETRY_AFTER
from app.web.services import Services

router = APIRouter(tags=["service"])
Held = Annotated[Services, Depends(services_of)]
Asking = Annotated[Caller, Depends(caller_of)]
READY_SECONDS = 5.0
"""How long the ledger may take to say its revision before the service is not ready."""


class Ready(msgspec.Struct, frozen=True):
    """That it can answer from a graph that is as new as it should be.

    Attributes:
        revision: The ledger's newest revision.
        graph_revision: The graph's.
        lag_seconds: How long ago the first revision that the graph lacks was appended; 0 where it lacks none.
    """

    status: str
    revision: int
    graph_revision: int
    lag_seconds: float


@router.get("/health", responses=documented(Health))
async def health(request: Request, services: Held, caller: Asking) -> Response:
    """Whether the service is alive. It answers from the graph as it is where the ledger cannot be reached."""
    with suppress(LedgerError):
        await services.refresh()
    found = Health("ok", request.app.version, *(None,) * 8)
    if caller.role is not None:
        with services.reading() as graph:
            found = Health(
                "ok",
                request.app.version,
                revision=graph.revision,
                articles=len(graph.articles),
                claims=len(graph.claims),
                actors=len(graph.actors),
                places=len(graph.places),
                incidents=len(graph.incidents),
                slice=str(services.only) if services.only is not None else None,
                left_out=graph.left_out,
            )
    return plain(found)


@router.get("/ready", responses=documented(Ready, 503))
async def ready(services: Held) -> Response:
    """Whether the service should be asked: the ledger answers, and the graph is not too far behind it. Else 503."""
    try:
        lag = await asyncio.wait_for(services.lag(), READY_SECONDS)
    except (TimeoutError, LedgerError):
        raise HTTPException(503, "the ledger does not answer", {"Retry-After": RETRY_AFTER}) from None
    if not services.is_loaded and lag.newest:
        raise HTTPException(503, "the graph is being made", {"Retry-After": RETRY_AFTER})
    if lag.seconds > services.ready_lag:
        words = f"the graph is at revision {lag.graph}, {lag.seconds:.0f} seconds behind revision {lag.newest}"
        raise HTTPException(503, words, {"Retry-After": RETRY_AFTER})
    return plain(Ready("ready", lag.newest, lag.graph, round(lag.seconds, 3)))


@router.get("/metrics", response_class=Response, dependencies=READ)
async def get_metrics(services: Held) -> Response:
    """Counts for Prometheus."""
    gauges: dict[str, tuple[str, float]] = {}
    try:
        lag = await asyncio.wait_for(services.lag(), READY_SECONDS)
    except (TimeoutError, LedgerError):
        gauges["ledger_up"] = ("Whether the ledger answers.", 0)
    else:
        gauges["ledger_up"] = ("Whether the ledger answers.", 1)
        gauges["ledger_revision"] = ("The ledger's newest revision.", lag.newest)
        gauges["graph_lag_revisions"] = ("Revisions that the graph lacks.", max(0, lag.newest - lag.graph))
        gauges["graph_lag_seconds"] = ("Seconds since the first of them was appended.", lag.seconds)
    with services.reading() as graph:
        gauges |= {
            "graph_revision": ("The graph's revision.", graph.revision),
            "articles": ("Articles in the graph.", len(graph.articles)),
            "claims": ("Claims in the graph.", len(graph.claims)),
            "actors": ("Actors in the graph.", len(graph.actors)),
            "places": ("Places in the graph.", len(graph.places)),
            "incidents": ("Incidents in the graph.", len(graph.incidents)),
            "edges": ("Edges of the graph.", len(graph)),
        }
    return Response(services.metrics.text(gauges), media_type=metrics.MEDIA_TYPE)


_DOCS = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Polemos: the HTTP interface</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page/vendor/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<noscript>This page needs JavaScript; the same is at <a href="openapi.json">openapi.json</a>.</noscript>
<script src="page/vendor/swagger-ui-bundle.js"></script>
<script src="docs.js"></script>
</body>
</html>
"""
# A file of its own, because the content security policy lets no script run inline.
_DOCS_SCRIPT = """SwaggerUIBundle({ url: "openapi.json", dom_id: "#ui", deepLinking: true, validatorUrl: null });
"""


@router.get("/docs", include_in_schema=False)
async def docs() -> Response:
    """The interface to try out."""
    return HTMLResponse(_DOCS)


@router.get("/docs.js", include_in_schema=False)
async def docs_script() -> Response:
    """Starts it."""
    return Response(_DOCS_SCRIPT, media_type="text/javascript")


ANSWERS: list[type[msgspec.Struct]] = [Health, Ready]
