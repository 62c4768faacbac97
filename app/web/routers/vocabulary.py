"""The ontology, the shapes and the description of the data set, at the paths that their IRIs have.

`https://w3id.org/polemos/ns` leads to `/ns` of a service, and so on; each can be had as a page or in any RDF format.
"""

from __future__ import annotations

import asyncio
import hashlib
import html
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.graph import ConflictGraph
from app.rdf.description import describe
from app.rdf.jsonld import load_context
from app.rdf.ontology import FILES, SECTIONS, Ontology, Term, encoded, read_ontology, short
from app.rdf.serialise import FORMATS, write_blocks
from app.rdf.terms import PLM
from app.vocabulary.errors import NotFound
from app.web.accept import preferred
from app.web.access import READ
from app.web.answers import PROBLEM, services_of
from app.web.services import Services

router = APIRouter(tags=["vocabulary"])
Held = Annotated[Services, Depends(services_of)]
_TRIPLES = {one.media_type: one.name for one in FORMATS.values() if not one.graphs or one.name == "jsonld"}
_SUFFIXES = {one.extension: one.name for one in FORMATS.values() if one.media_type in _TRIPLES}
_SAYS: dict[int | str, dict[str, Any]] = {
    200: {"description": "As `Accept` asks", "content": {media: {} for media in ("text/html", *_TRIPLES)}},
    303: {"description": "Where the term is described"},
    404: PROBLEM,
}
# A description counts every statement. While the graph moves on, one serves for so many times as long as it took.
_REST = 20.0


@router.get("/ns", responses=_SAYS)
@router.head("/ns", include_in_schema=False)
async def ontology(request: Request, services: Held) -> Response:
    """The ontology: a page that explains every term, or its file in Turtle, N-Triples, JSON-LD or RDF/XML."""
    return await _file(request, services, "ns", request.headers.get("accept"))


@router.get("/ns/{name:path}", responses=_SAYS)
@router.head("/ns/{name:path}", include_in_schema=False)
async def ontology_part(request: Request, services: Held, name: str) -> Response:
    """One version of the ontology (`/ns/1.2.0`), its file by name, its crosswalk, its JSON-LD context, or a term."""
    if name == "context.jsonld":
        body = (services.data / "ontology" / "context.jsonld").read_bytes()
        return _tagged(request, body, FORMATS["jsonld"].media_type)
    if name == "crosswalk":
        return await _file(request, services, "ns/crosswalk", request.headers.get("accept"))
    stem, _, suffix = name.rpartition(".")
    if suffix in _SUFFIXES and stem in ("polemos", "crosswalk"):
        media = FORMATS[_SUFFIXES[suffix]].media_type
        return await _file(request, services, "ns" if stem == "polemos" else "ns/crosswalk", media)
    told = await run_in_threadpool(read_ontology, services.data)
    if name == told.version:
        return await _file(request, services, "ns", request.headers.get("accept"))
    if name in {term.name for term in told.terms}:
        root = str(request.scope.get("root_path", "")).rstrip("/")
        return RedirectResponse(f"{root}/ns#{name}", status_code=303, headers={"Vary": "Accept"})
    raise NotFound(f"the ontology has no term and no version {name!r}; this is version {told.version}")


@router.get("/shapes", responses=_SAYS)
@router.head("/shapes", include_in_schema=False)
async def shapes(request: Request, services: Held) -> Response:
    """The SHACL shapes that the data keeps to."""
    return await _file(request, services, "shapes", request.headers.get("accept"))


@router.get("/shapes/{name}", responses=_SAYS)
@router.head("/shapes/{name}", include_in_schema=False)
async def shapes_part(request: Request, services: Held, name: str) -> Response:
    """Their further parts: `firewall`, `nanopub`."""
    if f"shapes/{name}" not in FILES:
        raise NotFound(f"there are no shapes {name!r}; choose firewall or nanopub")
    return await _file(request, services, f"shapes/{name}", request.headers.get("accept"))


@router.get("/.well-known/void", responses=_SAYS, dependencies=READ)
@router.head("/.well-known/void", include_in_schema=False, dependencies=READ)
async def void(request: Request, services: Held) -> Response:
    """What the data set holds and where it can be had, in VoID and DCAT.

    Of a graph that moves on, a description may be a little older; it states its revision.
    """
    name = _TRIPLES[preferred(request.headers.get("accept"), ["text/turtle", *_TRIPLES])]
    await services.refresh()
    blocks, revision = await _described(services, str(request.base_url))
    out = io.BytesIO()
    context = load_context(services.data / "ontology") if name == "jsonld" else None
    await run_in_threadpool(lambda: write_blocks(blocks, name, out, base_iri=services.base_iri, context=context))
    return _tagged(request, out.getvalue(), FORMATS[name].media_type, {"Polemos-Revision": str(revision)})


async def _file(request: Request, services: Services, name: str, accepted: str | None) -> Response:
    offered = ["text/html", *_TRIPLES] if name == "ns" else list(_TRIPLES)
    media = preferred(accepted, offered)
    if media == "text/html":
        root = str(request.scope.get("root_path", "")).rstrip("/")
        told = await run_in_threadpool(read_ontology, services.data)
        return _tagged(request, page(told, root).encode(), "text/html")
    body = await run_in_threadpool(encoded, services.data / FILES[name], _TRIPLES[media])
    return _tagged(request, body, media)


def _tagged(request: Request, body: bytes, media: str, more: dict[str, str] | None = None) -> Response:
    tag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept", **(more or {})}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=f"{media}; charset=utf-8" if media.startswith("text/") else media, headers=headers)


# ---- the description of the data set ----


@dataclass(slots=True)
class _Description:
    """The newest description of each address that the service goes by."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    blocks: list[str] = field(default_factory=list)
    revision: int = -1
    service: str = ""
    until: float = 0.0


_DESCRIPTIONS: WeakKeyDictionary[Services, _Description] = WeakKeyDictionary()


async def _described(services: Services, service: str) -> tuple[list[str], int]:
    """The description of the graph; one at a time is made."""
    held = _DESCRIPTIONS.setdefault(services, _Description())
    async with held.lock:
        with services.reading() as graph:
            is_current = held.revision == graph.revision or time.monotonic() < held.until
            if held.service != service or not is_current:
                began = time.monotonic()
                held.blocks = await run_in_threadpool(_describe, graph, services.base_iri, service)
                held.revision, held.service = graph.revision, service
                now = time.monotonic()
                held.until = now + _REST * (now - began) if now - began > 1.0 else 0.0
    return held.blocks, held.revision


def _describe(graph: ConflictGraph, base_iri: str, service: str) -> list[str]:
    return list(describe(graph, base_iri=base_iri, service=service))


# ---- the page of the ontology ----

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; color: #1a1a1a; }
h2 { border-bottom: 1px solid #bbb; margin-top: 2.5rem; }
section { margin: 1.5rem 0; scroll-margin-top: 1rem; }
section:target { background: #fff6d6; }
h3 { margin: 0; font-size: 1.05rem; } h3 code { font-weight: normal; }
p { margin: .3rem 0; } .example { color: #333; border-left: 3px solid #bbb; padding-left: .6rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: .3rem 0; }
dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; } nav a { margin-right: .6rem; }
@media (prefers-color-scheme: dark) {
  body { background: #16181c; color: #e8e8e8; } a { color: #8ab4ff; } .example, dt { color: #b8b8b8; }
  section:target { background: #3a3210; }
}
"""


def page(told: Ontology, root: str = "") -> str:
    """The page that explains every term, made from the ontology alone."""
    return "\n".join(_page(told, root))


def _page(told: Ontology, root: str) -> Iterator[str]:
    say = html.escape
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{say(told.title)} {say(told.version)}</title>"
    yield f'<link rel="icon" href="data:,"><style>{_STYLE}</style></head><body><main>'
    yield f"<h1>{say(told.title)}, version {say(told.version)}</h1>"
    yield f"<p>{say(told.comment)}</p><p>{say(told.abstract)}</p>"
    yield (
        f"<p>Namespace <code>{say(PLM)}</code>, prefix <code>plm</code>. Changed on {say(told.modified)}. "
        f'Licence: <a href="{say(told.licence)}">{say(told.licence)}</a>.</p>'
    )
    files = ", ".join(
        f'<a href="{root}/ns/polemos.{suffix}">{say(FORMATS[name].media_type)}</a>'
        for suffix, name in _SUFFIXES.items()
    )
    yield f'<p>The same for programs: {files}. What data must look like: <a href="{root}/shapes">shapes</a>.</p>'
    yield (
        "<nav>"
        + " ".join(f'<a href="#{kind}-list">{say(heading)}</a>' for kind, heading in SECTIONS if told.of_kind(kind))
        + "</nav>"
    )
    for kind, heading in SECTIONS:
        if told.of_kind(kind):
            yield f'<h2 id="{kind}-list">{say(heading)}</h2>'
        for term in told.of_kind(kind):
            yield from _section(term)
    yield "</main></body></html>\n"


def _section(term: Term) -> Iterator[str]:
    say = html.escape
    yield f'<section id="{say(term.name)}"><h3>{say(term.label)} <code>plm:{say(term.name)}</code></h3>'
    yield f"<p>{say(term.comment)}</p>"
    yield f'<p class="example">{say(term.example)}</p>'
    rows = [(heading, _link(iri)) for heading, iri in term.relations]
    rows += [("in programs", f"<code>{say(term.code)}</code>")] if term.code else []
    rows += [("reads", say(term.phrase))] if term.phrase else []
    rows += [("note", say(note)) for note in term.notes]
    if rows:
        yield "<dl>" + "".join(f"<dt>{say(heading)}</dt><dd>{value}</dd>" for heading, value in rows) + "</dl>"
    yield "</section>"


def _link(iri: str) -> str:
    target = f"#{iri.removeprefix(PLM)}" if iri.startswith(PLM) else iri
    return f'<a href="{html.escape(target)}">{html.escape(short(iri))}</a>'
