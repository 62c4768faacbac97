"""Services in, the FastAPI application out. Nothing is opened before it starts, and nothing is kept after it stops."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Container
from contextlib import asynccontextmanager, nullcontext
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.web.answers import JSON, PROBLEM, schemas
from app.web.bodies import Turns
from app.web.examples import EXAMPLES
from app.web.middleware import Guard
from app.web.problems import add_handlers
from app.web.roles import show_roles
from app.web.routers import ANSWERS, ROUTERS
from app.web.services import Services
from app.web.worked import worked

DESCRIPTION = (
    "Who accuses whom of what, who denies it, and who retaliates, with the words that say so. "
    "Every answer is about claims made in articles, not findings; it states the ledger's revision and its filters."
)


def create_app(services: Services | Callable[[], Services]) -> FastAPI:
    """The application.

    Args:
        services: What it works with (the caller closes it), or how to open that when the application starts; then it is
            followed while it runs and closed when it stops.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = services() if not isinstance(services, Services) else None
        if opened is not None:
            app.state.services = opened
        try:
            await app.state.services.refresh()
            async with opened.following() if opened is not None else nullcontext():
                yield
        finally:
            if opened is not None:
                opened.close()

    app = FastAPI(
        title="Polemos",
        version=_version(),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        # A trailing slash is not another name of the same thing.
        redirect_slashes=False,
    )
    app.state.turns = Turns()
    if isinstance(services, Services):
        app.state.services = services
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Guard)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            parts = document.setdefault("components", {}).setdefault("schemas", {})
            parts.update(schemas(ANSWERS))
            # Put in only now: FastAPI would leave out of them what is null.
            examples = {**worked(), **EXAMPLES}
            document["components"]["examples"] = {name: {"value": value} for name, value in examples.items()}
            _show_examples(document, examples)
            # Problems have one shape; FastAPI's own for validation errors is never sent.
            for unused in ("HTTPValidationError", "ValidationError"):
                parts.pop(unused, None)
            for path in document["paths"].values():
                for operation in path.values():
                    if "422" in operation["responses"]:
                        operation["responses"]["422"] = PROBLEM
            show_roles(document, app.routes)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


def _version() -> str:
    try:
        return version("polemos")
    except PackageNotFoundError:
        return "0"


def _show_examples(document: dict[str, Any], examples: Container[str]) -> None:
    """Show at each answer the example of its record, where there is one and the route has none of its own."""
    for path in document["paths"].values():
        for operation in path.values():
            told = operation["responses"].get("200", {}).get("content", {}).get(JSON, {})
            name = told.get("schema", {}).get("$ref", "").rpartition("/")[2]
            if name in examples and "example" not in told and "examples" not in told:
                told["examples"] = {name: {"$ref": f"#/components/examples/{name}"}}
