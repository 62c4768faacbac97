"""Routes by what they answer: claims, who and where, the graph, articles, decisions, exports, the service, the page."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter

from app.web.routers import (
    access,
    analysis,
    articles,
    claims,
    curation,
    directory,
    exports,
    graph,
    page,
    service,
    sparql,
    stream,
    vocabulary,
)

ROUTERS: tuple[APIRouter, ...] = tuple(
    module.router
    for module in (
        claims,
        analysis,
        directory,
        graph,
        articles,
        curation,
        exports,
        sparql,
        vocabulary,
        stream,
        access,
        service,
        page,
    )
)
ANSWERS: list[type[msgspec.Struct]] = [
    kind
    for module in (claims, analysis, directory, graph, articles, curation, stream, access, service)
    for kind in module.ANSWERS
]
"""The records that answers are made of, for OpenAPI."""
