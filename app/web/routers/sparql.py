"""SPARQL over HTTP: queries in by the SPARQL 1.1 Protocol, results out in the format asked for. Read-only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.web.accept import preferred
from app.web.answers import PROBLEM, services_of
from app.web.bodies import whole_body
from app.web.services import Services
from app.web.sparql_request import FORM, QUERY, query_of

router = APIRouter(tags=["sparql"])
Held = Annotated[Services, Depends(services_of)]
# A query is text that somebody wrote; larger bodies are something else.
_MOST_BYTES = 1_000_000

_SAYS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "SPARQL results, or a graph for CONSTRUCT and DESCRIBE; the header Polemos-Truncated tells "
        "whether there was more than the service gives out at once.",
        "content": {"application/sparql-results+json": {}, "text/csv": {}, "text/turtle": {}},
    },
    400: PROBLEM,
    422: PROBLEM,
}
_IN_QUERY = {"parameters": [{"name": "query", "in": "query", "required": True, "schema": {"type": "string"}}]}
_IN_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {"schema": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}},
            QUERY: {"schema": {"type": "string"}},
        },
    }
}


@router.get("/sparql", responses=_SAYS, openapi_extra=_IN_QUERY)
async def sparql_get(request: Request, services: Held) -> Response:
    """Ask the claims in SPARQL 1.1: the default graph is the profile `claims`, which asserts no allegation."""
    return await _answer(request, services, b"")


@router.post("/sparql", responses={**_SAYS, 413: PROBLEM, 415: PROBLEM}, openapi_extra=_IN_BODY)
async def sparql_post(request: Request, services: Held) -> Response:
    """The same, for queries too long for an address."""
    return await _answer(request, services, await whole_body(request, _MOST_BYTES))


async def _answer(request: Request, services: Held, body: bytes) -> Response:
    text = query_of(request.method, request.url.query, request.headers.get("content-type"), body)
    await services.refresh()
    with services.reading() as graph:
        answer = await run_in_threadpool(lambda: services.dataset.query(graph, text))
    name_of = {media: name for name, media in answer.formats.items()}
    # Common names for what comes, next to the formats' own.
    aliases = {"application/json": "json", "application/xml": "xml"} if "json" in answer.formats else {}
    media = preferred(request.headers.get("accept"), [*name_of, *aliases])
    content = await run_in_threadpool(answer.encode, name_of.get(media) or aliases[media])
    headers = {
        "Polemos-Revision": str(answer.revision),
        "Polemos-Truncated": str(answer.truncated).lower(),
        "Cache-Control": "no-cache",
        "Vary": "Accept",
    }
    kind = answer.formats[name_of.get(media) or aliases[media]]
    return Response(content, media_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind, headers=headers)
