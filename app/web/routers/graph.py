"""The graph itself: a piece of it, also as a picture; paths, who by whom, and over time."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import pictures, queries
from app.graph import ConflictGraph
from app.web.answers import answer, documented, services_of
from app.web.params import MatrixParams, PathParams, SubgraphParams, TimelineParams
from app.web.services import Services

router = APIRouter(tags=["graph"])
Held = Annotated[Services, Depends(services_of)]
_MEDIA = {"svg": "image/svg+xml", "png": "image/png", "html": "text/html; charset=utf-8"}


@router.get("/subgraph", responses=documented(queries.Subgraph, 400))
async def subgraph(request: Request, services: Held, asked: Annotated[SubgraphParams, Query()]) -> Response:
    """Nodes and edges around actors, an incident or a place, or the best-evidenced of all; bounded by `limit`."""
    return await answer(request, services, lambda g: _piece(g, asked), heavy=True)


@router.get("/subgraph.{suffix}", responses={200: {"content": {kind: {} for kind in _MEDIA.values()}}})
async def picture(
    services: Held, suffix: Literal["svg", "png", "html"], asked: Annotated[SubgraphParams, Query()]
) -> Response:
    """The same piece as a picture, with the quotes as tooltips (SVG) or as a table (HTML)."""
    await services.refresh()
    with services.reading() as graph:
        body = await run_in_threadpool(_draw, graph, asked, suffix, services)
    headers = {}
    if suffix == "html":
        # Its style and picture are inline; it runs nothing.
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return Response(body, media_type=_MEDIA[suffix], headers=headers)


@router.get("/paths", responses=documented(queries.Paths, 400))
async def paths(request: Request, services: Held, asked: Annotated[PathParams, Query()]) -> Response:
    """The shortest chains of claims between two actors."""
    return await answer(
        request,
        services,
        lambda g: queries.paths(g, asked.source, asked.target, asked.max_hops, asked.limit),
        heavy=True,
    )


@router.get("/matrix", responses=documented(queries.Matrix, 400))
async def matrix(request: Request, services: Held, asked: Annotated[MatrixParams, Query()]) -> Response:
    """How often who says it of whom."""
    return await answer(
        request, services, lambda g: queries.matrix(g, asked.kind, asked.asked(), asked.top), heavy=True
    )


@router.get("/timeline", responses=documented(queries.Timeline, 400))
async def timeline(request: Request, services: Held, asked: Annotated[TimelineParams, Query()]) -> Response:
    """How much was said when."""
    return await answer(
        request, services, lambda g: queries.timeline(g, asked.asked(asked.type), asked.unit), heavy=True
    )


def _piece(graph: ConflictGraph, asked: SubgraphParams) -> queries.Subgraph:
    return queries.subgraph(
        graph,
        actors=[name for name in asked.actor if name],
        incident=asked.incident,
        place=asked.place,
        kinds=asked.kind or None,
        since=asked.since,
        until=asked.until,
        publisher=asked.publisher,
        min_confidence=asked.min_confidence,
        hops=asked.hops,
        limit=asked.limit,
        clock=asked.clock,
    )


def _draw(graph: ConflictGraph, asked: SubgraphParams, suffix: str, services: Services) -> bytes:
    piece = _piece(graph, asked)
    ids = dict.fromkeys(claim for edge in piece.edges for claim in edge.claims)
    rows = [queries.claim_row(graph, claim) for claim in ids]
    names = [graph.label(actor) for actor in piece.filters.actors]
    title = f"Claims around {', '.join(names)}" if names else "Who accuses whom"
    if suffix == "html":
        return pictures.to_html(piece, rows, title=title).encode()
    svg = pictures.to_svg(piece, rows, title=title)
    return svg.encode() if suffix == "svg" else pictures.to_png(svg, services.page / "vendor" / "DejaVuSans.ttf")


ANSWERS: list[type[msgspec.Struct]] = [queries.Subgraph, queries.Paths, queries.Matrix, queries.Timeline]
