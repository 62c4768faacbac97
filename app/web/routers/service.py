"""The service about itself: whether it is well, what it has done, and its documentation from this server alone."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from app.web import metrics
from app.web.answers import documented, plain, services_of
from app.web.services import Services

router = APIRouter(tags=["service"])
Held = Annotated[Services, Depends(services_of)]


class Health(msgspec.Struct, frozen=True):
    """That it answers, and how much the graph holds."""

    status: str
    version: str
    revision: int
    articles: int
    claims: int
    actors: int
    places: int
    incidents: int


@router.get("/health", responses=documented(Health, 503))
async def health(request: Request, services: Held) -> Response:
    """Whether the service is well: the ledger answers and the graph is at its revision."""
    await services.refresh()
    with services.reading() as graph:
        return plain(
            Health(
                "ok",
                request.app.version,
                graph.revision,
                len(graph.articles),
                len(graph.claims),
                len(graph.actors),
                len(graph.places),
                len(graph.incidents),
            )
        )


@router.get("/metrics", response_class=Response)
async def get_metrics(request: Request, services: Held) -> Response:
    """Counts for Prometheus."""
    await services.refresh()
    with services.reading() as graph:
        gauges: dict[str, tuple[str, float]] = {
            "ledger_revision": ("The ledger's newest revision.", graph.revision),
            "articles": ("Articles in the graph.", len(graph.articles)),
            "claims": ("Claims in the graph.", len(graph.claims)),
            "actors": ("Actors in the graph.", len(graph.actors)),
            "places": ("Places in the graph.", len(graph.places)),
            "incidents": ("Incidents in the graph.", len(graph.incidents)),
            "edges": ("Edges of the graph.", len(graph)),
        }
    counted: metrics.Metrics = request.app.state.metrics
    return Response(counted.text(gauges), media_type=metrics.MEDIA_TYPE)


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


ANSWERS: list[type[msgspec.Struct]] = [Health]
