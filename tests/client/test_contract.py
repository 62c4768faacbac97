"""The client held against the OpenAPI document: no method asks for what is not there, no route is without a method."""

from __future__ import annotations

import inspect
import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, get_type_hints

import httpx
import msgspec
import pytest

from app.client import Pages, Polemos, ServiceError, records
from app.main import app

DOCUMENT = app.openapi()
PATHS: dict[str, Any] = DOCUMENT["paths"]
LEFT_OUT = {
    "GET /id/{kind}/{thing}": "leads elsewhere; the other methods ask there",
    "GET /sparql": "the same as POST",
    "GET /ns": "a document, not an answer",
    "GET /ns/{name}": "a document, not an answer",
    "GET /shapes": "a document, not an answer",
    "GET /shapes/{name}": "a document, not an answer",
    "GET /.well-known/void": "a document, not an answer",
    "GET /metrics": "for a monitor",
    "GET /ready": "for a monitor",
}
"""Routes that need no method, and why."""
HERE_ONLY = {"last-event-id", "default-graph-uri", "named-graph-uri"}
"""Parameters that stay unused: a browser's own, and data sets of which the service has but one."""
GIVEN: dict[str, Any] = {
    "articles": {"text": "x"}, "out": io.BytesIO(), "receipt": b"{}", "suffix": "svg", "kind": "actor",
    "type": "accuses", "media_type": "application/json", "by": "Ada", "reason": "x",
}  # fmt: skip


def methods() -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, found in inspect.getmembers(Polemos, inspect.isfunction):
        if not name.startswith("_") and name != "close":
            yield name, found


def called(name: str) -> httpx.Request:
    """What a method sends when it is given everything that it takes."""
    seen: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(500)

    given: dict[str, Any] = {}
    for parameter in inspect.signature(getattr(Polemos, name)).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            (filters,) = get_type_hints(getattr(Polemos, name), include_extras=True)[parameter.name].__args__
            given |= dict.fromkeys(get_type_hints(filters), "x")
        elif parameter.name != "self":
            given[parameter.name] = GIVEN.get(parameter.name, "x")
    service = Polemos("http://polemos.test", retries=0, transport=httpx.MockTransport(note))
    with service, suppress(ServiceError):
        answer = getattr(service, name)(**given)
        if isinstance(answer, Pages):
            answer._ask("a cursor")
        elif inspect.isgenerator(answer):
            next(answer)
    (request,) = seen
    return request


def route_of(request: httpx.Request) -> str:
    fits = [
        path
        for path, operations in PATHS.items()
        if request.method.lower() in operations
        and re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)), request.url.path)
    ]
    exact = [path for path in fits if "{" not in path]
    (path,) = exact or fits
    return f"{request.method} {path}"


@pytest.mark.parametrize("name", [name for name, _ in methods()])
def test_a_method_sends_what_its_route_takes_and_nothing_else(name: str) -> None:
    request = called(name)
    method, _, path = route_of(request).partition(" ")
    operation = PATHS[path][method.lower()]
    documented = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    sent = set(request.url.params)
    assert sent <= documented
    # Of a change, the past is no part.
    left = documented - sent - HERE_ONLY - ({"as_of"} if method == "DELETE" else set())
    assert left == set()
    if request.content:
        media = request.headers["content-type"]
        assert media in operation["requestBody"]["content"]


def test_every_route_has_a_method() -> None:
    routes = {f"{method.upper()} {path}" for path, operations in PATHS.items() for method in operations}
    asked = {route_of(called(name)) for name, _ in methods()}
    assert routes - asked - LEFT_OUT.keys() == set()
    assert not asked & LEFT_OUT.keys()


@pytest.mark.parametrize("name", [name for name, _ in methods()])
def test_an_answer_is_decoded_to_the_record_that_is_documented(name: str) -> None:
    request = called(name)
    method, _, path = route_of(request).partition(" ")
    ok = PATHS[path][method.lower()]["responses"]["200"].get("content", {})
    told = ok.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    said = get_type_hints(getattr(Polemos, name))["return"]
    if told == "ClaimAnswer":
        assert said.__name__ == "ClaimRow"
    elif told:
        kind = said.__args__[0] if getattr(said, "__origin__", None) is Pages else said
        assert kind.__name__ == told
    else:
        assert path in ("/export", "/sparql", "/stream", "/subgraph.{suffix}")


@pytest.mark.parametrize(
    "kind",
    [one for one in vars(records).values() if isinstance(one, type) and one.__module__ == records.__name__],
    ids=lambda kind: kind.__name__,
)
def test_records_of_the_service_are_as_it_writes_them(kind: type[msgspec.Struct]) -> None:
    (_,), ours = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    theirs = DOCUMENT["components"]["schemas"][kind.__name__]
    mine = ours[kind.__name__]
    assert mine["properties"] == theirs["properties"]
    assert mine["required"] == theirs["required"]
