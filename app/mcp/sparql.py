"""A SPARQL query and services in, rows out: within the same bounds as the HTTP interface's, and fewer rows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.mcp.arguments import Sparql
from app.mcp.tools import SparqlRows
from app.rdf.guard import check
from app.rdf.sparql import Copy, LimitReached
from app.vocabulary.errors import BadQuery
from app.web.services import Services

QUERY_SECONDS = 10.0
FRESH_SECONDS = 5.0
"""How long a query waits for the store to come to the newest revision, before it is answered from an older one."""
BUILD_SECONDS = 60.0
"""How long it waits where there is no older one."""


async def answered(services: Services, asked: Sparql) -> SparqlRows:
    """The answer to one query.

    Raises:
        BadQuery: It cannot be parsed, is refused, fails, or takes more than it may; or the store is not ready yet.
    """
    # Before a store is made for it: what cannot be asked.
    await asyncio.to_thread(check, asked.query)
    async with _copy(services) as copy:
        dataset = services.dataset
        try:
            found = await asyncio.to_thread(
                lambda: dataset.ask(copy, asked.query, timeout_s=QUERY_SECONDS, max_rows=asked.limit)
            )
        except LimitReached as why:
            raise BadQuery(f"{why}; ask for less: name what you look for, or add LIMIT") from why
    if found.form == "graph":
        turtle = (await asyncio.to_thread(found.encode, "turtle")).decode()
        return SparqlRows(found.revision, found.truncated, turtle=turtle)
    if found.form == "boolean":
        return SparqlRows(found.revision, found.truncated, boolean=found.boolean)
    return SparqlRows(found.revision, found.truncated, found.variables, found.rows())


@asynccontextmanager
async def _copy(services: Services) -> AsyncIterator[Copy]:
    """The store at the newest revision; an older one where that takes long. The graph is held for moments only."""
    dataset = await asyncio.to_thread(lambda: services.dataset)
    began = time.monotonic()
    copy: Copy | None = None
    while copy is None:
        await services.refresh()
        with services.reading() as graph:
            copy = await asyncio.to_thread(dataset.copy_of, graph)
        waited = time.monotonic() - began
        if copy is None and waited > FRESH_SECONDS:
            copy = dataset.newest()
        if copy is None:
            if waited > BUILD_SECONDS:
                raise BadQuery("the claims are being made ready for SPARQL, which takes minutes; ask again later")
            await asyncio.to_thread(dataset.wait, 0.5)
    try:
        yield copy
    finally:
        await asyncio.to_thread(dataset.release, copy)
