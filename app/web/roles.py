"""The application's routes in, what each needs out: for OpenAPI, the reference page, and the test of them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from app.ledger import KeyRole
from app.web.access import Needs

SCHEME = "bearerAuth"
_SAYS = {
    "401": "No key, or one that is no good; `WWW-Authenticate` says which",
    "403": "A key whose role may not",
    "429": "Too many requests; `Retry-After` says when to ask again",
}


def routes_of(routes: Iterable[Any]) -> Iterator[Any]:
    """The routes with their endpoints, however routers are nested."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from routes_of(route.original_router.routes)
        elif hasattr(route, "endpoint"):
            yield route
        elif hasattr(route, "routes"):
            yield from routes_of(route.routes)


def role_of(route: Any) -> KeyRole | None:  # noqa: ANN401 (routes of several classes)
    """The role that a route needs, the highest of all that it names; None for one that is open to anybody."""
    dependant = getattr(route, "dependant", None)
    calls = [one.call for one in dependant.dependencies] if dependant is not None else []
    roles = [call.role for call in calls if isinstance(call, Needs)]
    return max(roles, key=list(KeyRole).index, default=None)


def show_roles(document: dict[str, Any], routes: Iterable[Any]) -> None:
    """Say in an OpenAPI document which role each operation needs, and what is answered to whoever lacks it."""
    document.setdefault("components", {})["securitySchemes"] = {
        SCHEME: {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key as `polemos keys create` shows it. A service that only its own machine reaches "
            "needs none. The roles reader, contributor, curator and admin each may do what the ones before may.",
        }
    }
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for route in routes_of(routes):
        role = role_of(route)
        for method in getattr(route, "methods", None) or ():
            operation = document["paths"].get(route.path, {}).get(method.lower())
            if operation is None or role is None:
                continue
            # OpenAPI 3.1 lets the list name roles where the scheme has no scopes.
            operation["security"] = [{SCHEME: [str(role)]}, {}]
            for status, words in _SAYS.items():
                if status != "403" or role is not KeyRole.READER:
                    operation["responses"].setdefault(status, {"description": words, "content": problem})
