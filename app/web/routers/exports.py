"""The graph as a file of a common format, and the description of one thing under its own address."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Container, Iterator
from typing import Annotated, BinaryIO, cast
from urllib.parse import quote, urlencode

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response, StreamingResponse

from app import pictures, queries
from app.graph import ConflictGraph
from app.queries.filters import select
from app.rdf.chosen import in_words, mark_of, slice_in_words
from app.rdf.dataset import Statements
from app.rdf.jsonld import load_context
from app.rdf.serialise import FORMATS, format_named, write
from app.rdf.terms import Profile
from app.vocabulary.errors import BadQuery, NotFound
from app.web.accept import preferred
from app.web.access import READ
from app.web.answers import PROBLEM, services_of
from app.web.params import ExportParams
from app.web.services import Services

router = APIRouter(tags=["exports"], dependencies=READ)
Held = Annotated[Services, Depends(services_of)]

_FILES = {
    "graphml": ("application/graphml+xml", "graphml"),
    "gexf": ("application/gexf+xml", "gexf"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "cytoscape": ("application/json", "cyjs"),
}
_MEDIA: dict[str, dict[str, str]] = {one.media_type: {} for one in FORMATS.values()}
_MEDIA |= {media.partition(";")[0]: {} for media, _ in _FILES.values()}
_MEDIA["text/csv"] = {
    # A table of statements: format=csv, table=dna.
    "example": "statement ID;time;…;person;organization;concept;agreement;…\n"
    "clm-0af3…;2024-03-01 00:00:00;…;Ana Vey;Norland;Sudria is responsible for shelling, Kesh (alleged);1;…\n"
}
_KINDS = ("actor", "place", "incident", "claim", "article", "acknowledgement")
# What the data names beside these; the page has no place for them.
_ALSO = ("proposition", "reading", "publisher", "extractor")
_NANOPUB = re.compile(r"(?P<id>(?P<kind>clm|ack)-[0-9a-f]+)-r(?P<revision>[0-9]+)\Z")
_DATASET = re.compile(r"(?P<profile>[a-z0-9]+)-(?P<revision>[0-9]+)(?P<part>(?:-[0-9a-f]+)*)\Z")
_CHUNK = 1 << 16
# Up to so many bytes an export waits in memory, beyond in a temporary file: one of a million claims must not fill it.
_IN_MEMORY = 4_000_000


@router.get("/export", responses={200: {"content": _MEDIA}, 400: PROBLEM, 404: PROBLEM})
async def export(services: Held, asked: Annotated[ExportParams, Query()]) -> Response:
    """All of the graph or a part: RDF in six formats and four profiles, GraphML, GEXF, CSV, Cytoscape JSON.

    Filters choose claims; a part in RDF holds these and what they name. One thing can be had in RDF. The file is
    finished before the answer begins, so an error is an error and never half a file.
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
    if asked.kind is not None and asked.asked(asked.type) != queries.ClaimFilter():
        raise BadQuery("ask for one thing, or for the claims that a filter lets through")
    if asked.format in FORMATS:
        format_named(asked.format, Profile(asked.profile))
    await services.refresh()
    out = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 -- closed after sending
    try:
        with (
            services.reading() if not asked.as_of else services.reading_past(await services.past(asked.as_of)) as graph
        ):
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
    if graph.only is not None:
        headers["Polemos-Slice"] = quote(str(graph.only), safe="=;,- ")
    return StreamingResponse(_chunks(out), media_type=media, headers=headers, background=BackgroundTask(out.close))


@router.get(
    "/id/{kind}/{thing}", status_code=303, responses={303: {"description": "Where it is described"}, 404: PROBLEM}
)
@router.head("/id/{kind}/{thing}", include_in_schema=False)
async def described(request: Request, services: Held, kind: str, thing: str) -> Response:
    """The description of one thing as `Accept` asks: page, JSON, or RDF (303: the thing itself is no document).

    https://www.w3.org/TR/cooluris/#r303gendocument. What was merged into another leads to the description of that; a
    nanopublication to itself, at the revision that its name tells.
    """
    root = str(request.scope.get("root_path", "")).rstrip("/")
    await services.refresh()
    accepted = request.headers.get("accept")
    if kind in ("nanopub", "dataset"):
        with services.reading() as graph:
            return _led(root, _published(graph, kind, thing, accepted))
    with services.reading() as graph:
        thing = graph.merged.get(thing, thing)
        # Of some kinds only the statements of every article tell, which would hold up the event loop.
        hash_ = await run_in_threadpool(_page_hash, graph, kind, thing, services.base_iri)
    rdf = {one.media_type: one.name for one in FORMATS.values()}
    media = preferred(accepted, ["text/html", "application/json", *rdf])
    json_path = {"actor": "actors", "incident": "incidents", "claim": "claims", "article": "articles"}.get(kind)
    if media == "text/html" and hash_ is None:
        media = FORMATS["turtle"].media_type
    if media == "application/json" and json_path is not None:
        place = f"{json_path}/{quote(thing, safe='')}"
    elif media in rdf or media == "application/json":
        asked = {"format": rdf.get(media, "jsonld"), "kind": kind, "id": thing}
        place = f"export?{urlencode(asked)}"
    else:
        place = f"#{hash_}"
    return _led(root, place)


def _led(root: str, place: str) -> Response:
    return RedirectResponse(f"{root}/{place}", status_code=303, headers={"Vary": "Accept"})


def _published(graph: ConflictGraph, kind: str, name: str, accepted: str | None) -> str:
    """Where a nanopublication or a data set is, at the revision that its name tells."""
    found = (_NANOPUB if kind == "nanopub" else _DATASET).match(name)
    if found is None:
        raise NotFound(f"there is no {kind} with the id {name!r}")
    if kind == "dataset":
        if found["part"] not in ("", f"-{mark_of(slice_in_words(graph))}"):
            raise NotFound("a part is known by its filters, which stand in it as plm:selection; ask for it by these")
        if found["profile"] not in list(Profile):
            raise NotFound(f"there is no profile {found['profile']!r}")
        profile = Profile(found["profile"])
        asked = {"profile": found["profile"], "as_of": found["revision"]}
    else:
        profile = Profile.NANOPUB
        thing = "claim" if found["kind"] == "clm" else "acknowledgement"
        asked = {"profile": profile, "kind": thing, "id": found["id"], "as_of": found["revision"]}
    offered = {one.media_type: one.name for one in FORMATS.values() if one.carries(profile)}
    first = "application/trig" if profile is Profile.NANOPUB else "text/turtle"
    media = preferred(accepted, [first, *(one for one in offered if one != first)])
    return f"export?{urlencode({'format': offered[media], **asked})}"


def _page_hash(graph: ConflictGraph, kind: str, thing: str, base_iri: str) -> str | None:
    """Where the page shows it (the part of its address after #), or None where only RDF tells of it.

    Raises:
        NotFound: There is no such thing.
    """
    known: dict[str, Container[str]] = {
        "actor": graph.actors,
        "place": graph.places,
        "incident": graph.incidents,
        "claim": graph.claims,
        "article": graph.articles,
        "acknowledgement": graph.acknowledgements,
    }
    if kind in _ALSO:
        # Whether it is there only its statements tell.
        list(Statements(graph, base_iri=base_iri).of(kind, thing))
        return None
    if thing not in known.get(kind, ()):
        raise NotFound(f"there is no {kind} with the id {thing!r}" if kind in _KINDS else f"there is no kind {kind!r}")
    if kind == "claim":
        return urlencode({"article": graph.claims[thing].article, "quote": thing})
    if kind == "acknowledgement":
        # The page shows it where it shows who says who did the incident.
        return urlencode({"incident": graph.acknowledgements[thing].incident})
    return urlencode({kind: thing})


def _media(format_: str) -> str:
    media = FORMATS[format_].media_type
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def _write(graph: ConflictGraph, asked: ExportParams, out: BinaryIO, services: Services) -> None:
    if asked.format in _FILES:
        _write_file(graph, asked, out)
        return
    only = (asked.kind, asked.id) if asked.kind is not None and asked.id is not None else None
    filters = asked.asked(asked.type)
    chosen = select(graph, filters) if filters != queries.ClaimFilter() else None
    write(
        graph,
        asked.format,
        out,
        base_iri=services.base_iri,
        profile=Profile(asked.profile),
        extractor_of=graph.readers.get,
        context=load_context(services.data / "ontology") if asked.format == "jsonld" else None,
        only=only,
        claims=chosen.ids if chosen is not None else None,
        selection=in_words(msgspec.to_builtins(chosen.applied)) if chosen is not None else "",
    )


def _write_file(graph: ConflictGraph, asked: ExportParams, out: BinaryIO) -> None:
    filters = asked.asked(asked.type)
    chosen = select(graph, filters).ids if filters != queries.ClaimFilter() else None
    match asked.format, asked.table:
        case "graphml", _:
            pictures.to_graphml(graph, out, asked.view, chosen)
        case "gexf", _:
            pictures.to_gexf(graph, out, asked.view, chosen)
        case "cytoscape", _:
            pictures.to_cytoscape(graph, out, asked.view, chosen)
        case _, "dna":
            pictures.to_dna(graph, out, chosen)
        case _, "nodes":
            pictures.to_nodes(graph, out, asked.view, chosen)
        case _, "edges":
            pictures.to_edges(graph, out, asked.view, chosen)
        case _:
            names = sorted(graph.claims if chosen is None else chosen)
            pictures.to_csv((queries.claim_row(graph, claim) for claim in names), out)


def _chunks(out: BinaryIO) -> Iterator[bytes]:
    while chunk := out.read(_CHUNK):
        yield chunk
