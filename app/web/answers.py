"""A question to the graph in, an encoded answer out: the one path from a route to `queries`.

Records are encoded by msgspec; the schemas in OpenAPI are made from the same records, so that no second model is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.graph import ConflictGraph
from app.web.problems import Problem
from app.web.services import Services
from app.web.tracing import span

JSON = "application/json"
REF = "#/components/schemas/{name}"
PROBLEM: dict[str, Any] = {
    "description": "A problem (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": REF.format(name="Problem")}}},
}
"""How OpenAPI describes every error."""
_encode = msgspec.json.Encoder().encode
# Records whose schemas the OpenAPI document carries; a route's `documented` adds its own.
_Answer = type[msgspec.Struct]


def services_of(request: Request) -> Services:
    """The application's services (a FastAPI dependency)."""
    found: Services = request.app.state.services
    return found


async def answer(
    request: Request, services: Services, ask: Callable[[ConflictGraph], msgspec.Struct], *, heavy: bool = False
) -> Response:
    """Ask the newest graph and encode the answer, unless the same was asked since the graph last changed.

    Args:
        request: For its address and `If-None-Match`.
        services: Where the graph is.
        ask: The question, which nothing but the request's address and the graph's revision decides.
        heavy: True where it may take longer than a worker thread's turn costs; then others are served meanwhile.
    """
    await services.refresh()
    as_of = request.query_params.get("as_of")
    with services.reading() if not as_of else services.reading_past(await services.past(as_of)) as graph:
        tag = entity_tag(request, services, graph)
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "no-cache"})
        # The graph may be another one by the time there is an answer; then it goes where nobody looks any more.
        kept, question = services.kept, (graph.revision, request.scope["path"], request.scope["query_string"])
        body = kept.get(question)
        if body is None:
            with span("query"):
                body = await run_in_threadpool(lambda: _encode(ask(graph))) if heavy else _encode(ask(graph))
            kept.put(question, body)
    return Response(body, headers={"ETag": tag, "Cache-Control": "no-cache"}, media_type=JSON)


def plain(record: msgspec.Struct) -> Response:
    """A record that no graph stands behind."""
    return Response(_encode(record), headers={"Cache-Control": "no-store"}, media_type=JSON)


def entity_tag(request: Request, services: Services, graph: ConflictGraph) -> str:
    """The same question at the same revision of the same ledger has the same answer, so this names the answer."""
    asked = f"{request.url.path}?{request.url.query}".encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(asked, digest_size=6).hexdigest()
    return f'"{services.mark}-{graph.revision}-{digest}"'


def documented(kind: _Answer, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of a route: its answer, and the problems it may have."""
    found: dict[int | str, dict[str, Any]] = {
        200: {"description": "The answer", "content": {JSON: {"schema": {"$ref": REF.format(name=kind.__name__)}}}}
    }
    for status in (422, *statuses):
        found[status] = PROBLEM
    return found


def schemas(kinds: list[_Answer]) -> dict[str, Any]:
    """The schemas of these records and all they hold, by name."""
    _, components = msgspec.json.schema_components([*kinds, Problem], ref_template=REF)
    return dict(components)
