"""The graph as a file of a common format, and the description of one thing under its own address."""

from __future__ import annotations

import tempfile
from collections.abc import Container, Iterator
from typing import Annotated, BinaryIO, cast
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response, StreamingResponse

from app import pictures, queries
from app.graph import ConflictGraph
from app.rdf.jsonld import load_context
from app.rdf.serialise import FORMATS, format_named, write
from app.rdf.terms import Profile
from app.vocabulary.errors import BadQuery, NotFound
from app.web.accept import preferred
from app.web.answers import services_of
from app.web.params import ExportParams
from app.web.services import Services

router = APIRouter(tags=["exports"])
Held = Annotated[Services, Depends(services_of)]

_FILES = {
    "graphml": ("application/graphml+xml", "graphml"),
    "gexf": ("application/gexf+xml", "gexf"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "cytoscape": ("application/json", "cyjs"),
}
_KINDS = ("actor", "place", "incident", "claim", "article")
_CHUNK = 1 << 16
# Up to so many bytes an export waits in memory, beyond in a temporary file: one of a million claims must not fill it.
_IN_MEMORY = 4_000_000


@router.get("/export", responses={200: {"content": {one.media_type: {} for one in FORMATS.values()}}})
async def export(services: Held, asked: Annotated[ExportParams, Query()]) -> Response:
    """The whole graph, or one thing: RDF in six formats and three profiles, GraphML, GEXF, CSV, Cytoscape JSON.

    The file is finished before the answer begins, so an error is an error and never half a file.
    """
    if asked.format not in _FILES and asked.format not in FORMATS:
        raise BadQuery(f"there is no format {asked.format!r}; choose one of {', '.join((*FORMATS, *_FILES))}")
    if (asked.kind is None) != (asked.id is None):
        raise BadQuery("kind and id go together")
    if asked.kind is not None and asked.format in _FILES:
        raise BadQuery(f"one thing can be had in RDF only, not as {asked.format}")
    profiles = [str(one) for one in Profile]
    if asked.profile not in profiles:
        raise BadQuery(f"there is no profile {asked.profile!r}; choose one of {', '.join(profiles)}")
    await services.refresh()
    out = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 -- closed after sending
    try:
        with services.reading() as graph:
            revision = graph.revision
            await run_in_threadpool(_write, graph, asked, out, services)
        length = out.tell()
        out.seek(0)
    except BaseException:
        out.close()
        raise
    media, suffix = _FILES.get(asked.format) or (_media(asked.format), FORMATS[asked.format].extension)
    name = f"polemos-r{revision}.{suffix}" if asked.id is None else f"{asked.kind}.{suffix}"
    headers = {
        "Content-Length": str(length),
        "Content-Disposition": f'attachment; filename="{name}"',
        "Polemos-Revision": str(revision),
        "Cache-Control": "no-cache",
    }
    return StreamingResponse(_chunks(out), media_type=media, headers=headers, background=BackgroundTask(out.close))


@router.get("/id/{kind}/{thing}", status_code=303, responses={303: {"description": "Where it is described"}})
@router.head("/id/{kind}/{thing}", include_in_schema=False)
async def described(request: Request, services: Held, kind: str, thing: str) -> Response:
    """The description of one thing as `Accept` asks: page, JSON, or RDF (303: the thing itself is no document)."""
    await services.refresh()
    with services.reading() as graph:
        hash_ = _page_hash(graph, kind, thing)
    rdf = {one.media_type: one.name for one in FORMATS.values()}
    media = preferred(request.headers.get("accept"), ["text/html", "application/json", *rdf])
    json_path = {"actor": "actors", "incident": "incidents", "claim": "claims", "article": "articles"}.get(kind)
    if media == "application/json" and json_path is not None:
        place = f"{json_path}/{quote(thing, safe='')}"
    elif media in rdf or media == "application/json":
        asked = {"format": rdf.get(media, "jsonld"), "kind": kind, "id": thing}
        place = f"export?{urlencode(asked)}"
    else:
        place = f"#{hash_}"
    root = str(request.scope.get("root_path", "")).rstrip("/")
    return RedirectResponse(f"{root}/{place}", status_code=303, headers={"Vary": "Accept"})


def _page_hash(graph: ConflictGraph, kind: str, thing: str) -> str:
    """Where the page shows it (the part of its address after #); raises `NotFound` where there is no such thing."""
    known: dict[str, Container[str]] = {
        "actor": graph.actors,
        "place": graph.places,
        "incident": graph.incidents,
        "claim": graph.claims,
        "article": graph.articles,
    }
    if thing not in known.get(kind, ()):
        raise NotFound(f"there is no {kind} with the id {thing!r}" if kind in _KINDS else f"there is no kind {kind!r}")
    if kind == "claim":
        return urlencode({"article": graph.claims[thing].claim.article, "quote": thing})
    return urlencode({kind: thing})


def _media(format_: str) -> str:
    media = FORMATS[format_].media_type
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def _write(graph: ConflictGraph, asked: ExportParams, out: BinaryIO, services: Services) -> None:
    match asked.format:
        case "graphml":
            pictures.to_graphml(graph, out)
        case "gexf":
            pictures.to_gexf(graph, out)
        case "csv":
            pictures.to_csv((queries.claim_row(graph, claim) for claim in sorted(graph.claims)), out)
        case "cytoscape":
            pictures.to_cytoscape(graph, out)
        case _:
            format_named(asked.format, Profile(asked.profile))
            only = (asked.kind, asked.id) if asked.kind is not None and asked.id is not None else None
            write(
                graph,
                asked.format,
                out,
                base_iri=services.base_iri,
                profile=Profile(asked.profile),
                extractor_of=graph.readers.get,
                context=load_context(services.data / "ontology") if asked.format == "jsonld" else None,
                only=only,
            )


def _chunks(out: BinaryIO) -> Iterator[bytes]:
    while chunk := out.read(_CHUNK):
        yield chunk
