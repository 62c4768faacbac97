"""Routes by what they answer: claims, who and where, the graph, articles, exports, the service itself and its page."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter

from app.web.routers import articles, claims, directory, exports, graph, page, service, sparql

ROUTERS: tuple[APIRouter, ...] = tuple(
    module.router for module in (claims, directory, graph, articles, exports, sparql, service, page)
)
ANSWERS: list[type[msgspec.Struct]] = [
    kind for module in (claims, directory, graph, articles, service) for kind in module.ANSWERS
]
"""The records that answers are made of, for OpenAPI."""
