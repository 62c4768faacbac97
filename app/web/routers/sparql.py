"""SPARQL over HTTP: queries in by the SPARQL 1.1 Protocol, results out in the format asked for. Read-only.

A browser that asks for a page gets the editor; whoever asks nothing gets the service description.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.ledger import KeyRole
from app.rdf.answers import RESULT_FORMATS, Answer
from app.rdf.guard import check
from app.rdf.serialise import FORMATS
from app.rdf.service import describe_service
from app.rdf.sparql import Copy, LimitReached
from app.vocabulary.errors import MissingPart
from app.web.accept import fitting
from app.web.access import READ, needs
from app.web.answers import PROBLEM, services_of
from app.web.bodies import whole_body
from app.web.routers.page import file_of_page
from app.web.services import Services
from app.web.sparql_request import FORM, QUERY, Asked, asked_of

router = APIRouter(tags=["sparql"])
Held = Annotated[Services, Depends(services_of)]
# A query is text that somebody wrote; larger bodies are something else.
_MOST_BYTES = 1_000_000
MOST_ROWS = 10_000
QUERY_SECONDS = 10.0
FRESH_SECONDS = 5.0
"""How long a query waits for the store to come to the newest revision, before it is answered from an older one."""
BUILD_SECONDS = 30.0
"""How long it waits where there is no older one."""
MOST_AT_ONCE = 16
"""Queries that wait or are answered at once: each holds a thread, of which the other routes need some, too."""
_at_once: WeakKeyDictionary[Services, int] = WeakKeyDictionary()

_HTML = "text/html"
_RESULTS = {media: name for name, media in RESULT_FORMATS.items()}
_GRAPHS = {entry.media_type: name for name, entry in FORMATS.items()}
# By the form of the query: media type → format, the usual one first; common names come after the formats' own.
_BY_FORM = {
    "SELECT": {**_RESULTS, "application/json": "json", "application/xml": "xml"},
    "ASK": {
        **{media: name for media, name in _RESULTS.items() if name in ("json", "xml")},
        "application/json": "json",
        "application/xml": "xml",
    },
    "CONSTRUCT": {**_GRAPHS, "application/json": "jsonld", "application/xml": "rdfxml"},
}
_BY_FORM["DESCRIBE"] = _BY_FORM["CONSTRUCT"]

_SAYS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "SPARQL results, or a graph for CONSTRUCT and DESCRIBE; without a query the service "
        "description, or the editor as a page. The header Polemos-Truncated tells whether there was more than the "
        "service gives out at once, Polemos-Revision of which revision of the ledger it is.",
        "content": {media: {} for media in (*_RESULTS, *_GRAPHS, _HTML)},
    },
    400: PROBLEM,
    406: PROBLEM,
    422: PROBLEM,
    503: PROBLEM,
}
_IRIS = {"type": "array", "items": {"type": "string", "format": "uri"}}
_WHERE = [
    {
        "name": name,
        "in": "query",
        "required": False,
        "description": "A graph of the data set that the query is asked of; one that is not here counts as empty.",
        "schema": _IRIS,
    }
    for name in ("default-graph-uri", "named-graph-uri")
]
_IN_QUERY = {
    "parameters": [
        {
            "name": "query",
            "in": "query",
            "required": False,
            "description": "A SPARQL 1.1 query. Without it the service describes itself.",
            "schema": {"type": "string"},
        },
        *_WHERE,
    ]
}
_FIELDS = {"query": {"type": "string"}, "default-graph-uri": _IRIS, "named-graph-uri": _IRIS}
_IN_BODY = {
    "parameters": _WHERE,
    "requestBody": {
        "required": True,
        "content": {
            FORM: {"schema": {"type": "object", "properties": _FIELDS, "required": ["query"]}},
            QUERY: {"schema": {"type": "string"}},
        },
    },
}


def _is_for_editor(request: Request) -> bool:
    """Whether a browser wants the page of the editor, which asks for a key itself."""
    accepted = request.headers.get("accept")
    # With a query and without one there is a choice of its own; the page is for whoever prefers it in both.
    choices = ([*_RESULTS, *_GRAPHS], [*_BY_FORM["CONSTRUCT"]])
    return all(fitting(accepted, [*offered, _HTML]) == _HTML for offered in choices)


_READ_OR_EDIT = [needs(KeyRole.READER, unless=_is_for_editor)]


@router.get("/sparql", responses={**_SAYS, 501: PROBLEM}, openapi_extra=_IN_QUERY, dependencies=_READ_OR_EDIT)
@router.head("/sparql", include_in_schema=False, dependencies=_READ_OR_EDIT)
async def sparql_get(request: Request, services: Held) -> Response:
    """Ask the claims in SPARQL 1.1: the default graph is the profile `claims`, which asserts no allegation."""
    asked = asked_of("GET", request.url.query, None, b"")
    if asked.query is None:
        return await _description(request, services)
    return await _answer(request, services, asked, asked.query)


@router.post(
    "/sparql",
    responses={**_SAYS, 408: PROBLEM, 413: PROBLEM, 415: PROBLEM},
    openapi_extra=_IN_BODY,
    dependencies=READ,
)
async def sparql_post(request: Request, services: Held) -> Response:
    """The same, for queries too long for an address."""
    body = await whole_body(request, _MOST_BYTES)
    asked = asked_of("POST", request.url.query, request.headers.get("content-type"), body)
    return await _answer(request, services, asked, asked.query or "")


async def _answer(request: Request, services: Services, asked: Asked, text: str) -> Response:
    accepted = request.headers.get("accept")
    if request.method in ("GET", "HEAD") and fitting(accepted, [*_RESULTS, *_GRAPHS, _HTML]) == _HTML:
        # The editor asks it again, and says what is wrong with it.
        return _editor(request, services)
    # Before anything runs: what cannot be asked, and what cannot be written as it is wanted.
    offered = _BY_FORM.get(check(text).form, _BY_FORM["SELECT"])
    media = fitting(accepted, list(offered))
    if media is None:
        raise _not_acceptable(offered)
    with _place(services):
        answer = await _asked(services, asked, text)
        return await _written(answer, offered[media])


async def _asked(services: Services, asked: Asked, text: str) -> Answer:
    async with _copy(services) as copy:
        try:
            return await run_in_threadpool(
                lambda: services.dataset.ask(
                    copy, text, timeout_s=QUERY_SECONDS, max_rows=MOST_ROWS, graphs=asked.graphs
                )
            )
        except LimitReached as why:
            # https://www.w3.org/TR/sparql11-protocol/#query-failure: 400 would say that the query is wrong.
            raise HTTPException(503, str(why)) from why


async def _description(request: Request, services: Services) -> Response:
    offered = _BY_FORM["CONSTRUCT"]
    media = fitting(request.headers.get("accept"), [*offered, _HTML])
    if media is None:
        raise _not_acceptable(offered)
    if media == _HTML:
        return _editor(request, services)
    with _place(services):
        return await _described(request, services, offered[media])


async def _described(request: Request, services: Services, format_: str) -> Response:
    async with _copy(services) as copy:
        answer = describe_service(
            f"{str(request.base_url).rstrip('/')}/sparql",
            services.dataset.graph_name,
            revision=copy.revision,
            triples=copy.triples,
            max_rows=MOST_ROWS,
            timeout_s=QUERY_SECONDS,
        )
    return await _written(answer, format_)


def _editor(request: Request, services: Services) -> Response:
    page = services.page / "sparql.html"
    if not page.is_file():
        raise MissingPart("the page is not built; run `make setup`. The interface is described at /docs")
    found = file_of_page(request, page)
    found.headers["Vary"] = "Accept"
    return found


@contextmanager
def _place(services: Services) -> Iterator[None]:
    """A place among the queries at once; all of this is the event loop's, so that no lock is needed."""
    if _at_once.get(services, 0) >= MOST_AT_ONCE:
        raise HTTPException(503, "too many queries are waiting; ask again in a moment", {"Retry-After": "5"})
    _at_once[services] = _at_once.get(services, 0) + 1
    try:
        yield
    finally:
        _at_once[services] -= 1


@asynccontextmanager
async def _copy(services: Services) -> AsyncIterator[Copy]:
    async with services.copy(FRESH_SECONDS, BUILD_SECONDS) as copy:
        if copy is None:
            words = "the claims are being made ready for SPARQL, which takes minutes where there are many; ask again"
            raise HTTPException(503, words, {"Retry-After": "10"})
        yield copy


async def _written(answer: Answer, name: str) -> Response:
    content = await run_in_threadpool(answer.encode, name)
    headers = {
        "Polemos-Revision": str(answer.revision),
        "Polemos-Truncated": str(answer.truncated).lower(),
        "Polemos-Row-Limit": str(MOST_ROWS),
        "Cache-Control": "no-cache",
        "Vary": "Accept",
    }
    if answer.unknown_graphs:
        headers["Polemos-Unknown-Graphs"] = " ".join(f"<{quote(g, safe=_SAFE)}>" for g in answer.unknown_graphs)
    kind = answer.formats[name]
    return Response(content, media_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind, headers=headers)


# What may stand in an IRI and in a header as it is.
_SAFE = "%/:?#[]@!$&'()*+,;=~"


def _not_acceptable(offered: dict[str, str]) -> HTTPException:
    return HTTPException(406, f"this can be had as {', '.join(offered)}; put one of them into Accept")
