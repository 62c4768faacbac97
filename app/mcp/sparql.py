"""A SPARQL query and services in, rows out: within the same bounds as the HTTP interface's, and fewer rows."""

from __future__ import annotations

import asyncio

from app.mcp.arguments import Sparql
from app.mcp.tools import SparqlRows
from app.rdf.guard import check
from app.rdf.sparql import LimitReached
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
    async with services.copy(FRESH_SECONDS, BUILD_SECONDS) as copy:
        if copy is None:
            raise BadQuery("the claims are being made ready for SPARQL, which takes minutes; ask again later")
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
