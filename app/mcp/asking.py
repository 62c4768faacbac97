"""The name of a tool with its arguments, or an address, in; the record that answers it out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import msgspec

from app import queries
from app.client.records import ArticleAnswer, ArticleView, ClaimAnswer
from app.graph import ConflictGraph
from app.mcp.sparql import answered
from app.mcp.tools import TOOLS
from app.vocabulary.errors import NotFound
from app.web.decided import refuse_retracted
from app.web.services import Services

GUIDE_URI = "polemos://guide"
RECORDS_URI = "polemos://records"
ADDRESSES = ("claim", "article")
_URI = re.compile(rf"polemos://({'|'.join(ADDRESSES)})/([^/?#]{{1,400}})")


async def call(services: Services, name: str, given: dict[str, Any]) -> msgspec.Struct:
    """What a tool answers.

    Raises:
        NotFound: There is no such tool, or an id names nothing.
        BadQuery: An argument cannot be used.
        HTTPException: What is asked for was retracted.
    """
    tool = TOOLS.get(name)
    if tool is None:
        raise NotFound(f"there is no tool {name!r}; there are: {', '.join(TOOLS)}")
    asked = tool.read(given)
    ask = tool.ask
    if ask is None:
        return await answered(services, asked)
    return await _asked(services, lambda graph: ask(services, graph, asked), asked.as_of)


async def resource(services: Services, uri: str) -> msgspec.Struct:
    """What stands at the address of a claim or an article.

    Raises:
        NotFound: Nothing does.
        HTTPException: It was retracted.
    """
    found = _URI.fullmatch(uri)
    if found is None:
        addresses = ", ".join(f"polemos://{one}/ID" for one in ADDRESSES)
        raise NotFound(f"nothing is at {uri!r}; there are {GUIDE_URI}, {RECORDS_URI}, {addresses}")
    kind, name = found.groups()
    ask = _claim if kind == "claim" else _article
    return await _asked(services, lambda graph: ask(services, graph, name), None)


async def _asked(
    services: Services, ask: Callable[[ConflictGraph], msgspec.Struct], as_of: str | None
) -> msgspec.Struct:
    await services.refresh()
    with services.reading() if not as_of else services.reading_past(await services.past(as_of)) as graph:
        return await asyncio.to_thread(ask, graph)


def _claim(services: Services, graph: ConflictGraph, name: str) -> ClaimAnswer:
    if name not in graph.claims:
        refuse_retracted(services.log(), name, "the claim", graph.revision)
    return ClaimAnswer(graph.revision, queries.claim_row(graph, name))


def _article(services: Services, graph: ConflictGraph, name: str) -> ArticleAnswer:
    found = services.reader.article(name) if name in graph.articles else None
    if found is None:
        refuse_retracted(services.log(), name, "the article", graph.revision)
        raise NotFound(f"no article has the id {name!r}")
    rows = [queries.claim_row(graph, claim) for claim in graph.claims_in(name)]
    rows.sort(key=lambda row: (row.evidence.part != "title", row.evidence.start, row.id))
    about = (found.id, found.title, found.text, found.published, found.publisher, found.url, found.sha256)
    return ArticleAnswer(graph.revision, ArticleView(*about, graph.readers.get(name)), rows)
