"""The graph itself: a piece of it, also as a picture; paths, who by whom, and over time."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import pictures, queries
from app.graph import ConflictGraph
from app.queries.neighbourhood import MOST_EDGES
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import Role
from app.web.access import READ
from app.web.answers import PROBLEM, answer, documented, services_of
from app.web.params import MatrixParams, PathParams, PictureParams, SubgraphParams, TimelineParams
from app.web.services import Services

router = APIRouter(tags=["graph"], dependencies=READ)
Held = Annotated[Services, Depends(services_of)]
_MEDIA = {"svg": "image/svg+xml", "png": "image/png", "html": "text/html; charset=utf-8"}


@router.get("/subgraph", responses=documented(queries.Subgraph, 400))
async def subgraph(request: Request, services: Held, asked: Annotated[SubgraphParams, Query()]) -> Response:
    """Nodes and edges around actors, an incident or a place, or the best-evidenced of all; bounded by `limit`."""
    return await answer(request, services, lambda g: _piece(g, asked), heavy=True)


@router.get(
    "/subgraph.{suffix}",
    responses={200: {"content": {kind: {} for kind in _MEDIA.values()}}, 400: PROBLEM, 422: PROBLEM},
)
async def picture(
    services: Held, suffix: Literal["svg", "png", "html"], asked: Annotated[PictureParams, Query()]
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
    """How much was said when, or by another clock happened, was published or ingested."""
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
        modality=asked.modality,
        rollup=asked.rollup,
        role=asked.role,
    )


def _grown(graph: ConflictGraph, asked: PictureParams) -> queries.Subgraph:
    """The piece with what was expanded in it, and without what was left out."""
    piece = _piece(graph, asked)
    if not asked.expand and not asked.without:
        return piece
    nodes, edges = {node.id: node for node in piece.nodes}, {edge.id: edge for edge in piece.edges}
    for one in asked.expand:
        name, _, number = one.rpartition(":")
        if not name or not number.isdigit():
            raise BadQuery(f"expand takes a node's id, a colon and a number, not {one!r}")
        about = {"incident": name} if name in graph.incidents else {"place": name} if name in graph.places else {}
        more = _piece(
            graph,
            asked.model_copy(
                update={"actor": [] if about else [name], "incident": None, "role": Role.EITHER}
                | {"hops": 1, "limit": min(max(1, int(number)), MOST_EDGES)}
                | about
            ),
        )
        nodes |= {node.id: node for node in more.nodes if node.id not in nodes}
        edges |= {edge.id: edge for edge in more.edges if edge.id not in edges}
    hidden = frozenset(asked.without)
    shown = [edge for edge in edges.values() if edge.source not in hidden and edge.target not in hidden]
    seeds = {*piece.filters.actors, piece.filters.incident}
    ends = {end for edge in shown for end in (edge.source, edge.target)} | seeds - hidden
    return msgspec.structs.replace(piece, nodes=[node for node in nodes.values() if node.id in ends], edges=shown)


def _draw(graph: ConflictGraph, asked: PictureParams, suffix: str, services: Services) -> bytes:
    piece = _grown(graph, asked)
    ids = dict.fromkeys(claim for edge in piece.edges for claim in edge.claims)
    rows = [queries.claim_row(graph, claim) for claim in ids]
    names = [graph.label(actor) for actor in piece.filters.actors]
    title = f"Claims around {', '.join(names)}" if names else "Who accuses whom"
    if suffix == "html":
        return pictures.to_html(piece, rows, title=title).encode()
    svg = pictures.to_svg(piece, rows, title=title)
    return svg.encode() if suffix == "svg" else pictures.to_png(svg, services.page / "vendor" / "DejaVuSans.ttf")


ANSWERS: list[type[msgspec.Struct]] = [queries.Subgraph, queries.Paths, queries.Matrix, queries.Timeline]
