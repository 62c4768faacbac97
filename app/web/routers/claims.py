"""Claims by filter, one claim, its receipt, its thread."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app import queries
from app.graph import ConflictGraph
from app.vocabulary.errors import NotFound
from app.web.answers import answer, documented, services_of
from app.web.params import PagedFilters
from app.web.services import Services

router = APIRouter(tags=["claims"])
Held = Annotated[Services, Depends(services_of)]
Asked = Annotated[PagedFilters, Query()]


class ClaimAnswer(msgspec.Struct, frozen=True):
    """One claim."""

    revision: int
    claim: queries.ClaimRow


@router.get("/accusations", responses=documented(queries.ClaimPage, 400))
async def accusations(request: Request, services: Held, asked: Asked) -> Response:
    """Who accuses whom of what, oldest first."""
    return await answer(request, services, lambda g: queries.accusations(g, asked.asked(), asked.limit, asked.cursor))


@router.get("/denials", responses=documented(queries.ClaimPage, 400))
async def denials(request: Request, services: Held, asked: Asked) -> Response:
    """Who denies what, and whose accusation it rejects where the article says so."""
    return await answer(request, services, lambda g: queries.denials(g, asked.asked(), asked.limit, asked.cursor))


@router.get("/retaliations", responses=documented(queries.ClaimPage, 400))
async def retaliations(request: Request, services: Held, asked: Asked) -> Response:
    """Who retaliates, threatens to, or is called on to, against whom."""
    return await answer(request, services, lambda g: queries.retaliations(g, asked.asked(), asked.limit, asked.cursor))


@router.get("/claims/{claim_id}", responses=documented(ClaimAnswer, 404))
async def claim(request: Request, services: Held, claim_id: str) -> Response:
    """One claim with its quote."""
    return await answer(request, services, lambda g: ClaimAnswer(g.revision, queries.claim_row(g, claim_id)))


@router.get("/claims/{claim_id}/receipt", responses=documented(queries.Receipt, 404))
async def receipt(request: Request, services: Held, claim_id: str) -> Response:
    """What a claim rests on: quote, offsets, the article's hash, what found it, decisions about it, and the check."""

    def ask(graph: ConflictGraph) -> queries.Receipt:
        article_id = graph.claim(claim_id).claim.article
        article = services.reader.article(article_id)
        if article is None:
            raise NotFound(f"the ledger does not hold the article of claim {claim_id!r}")
        decisions = list(services.decisions)
        reader = graph.readers.get(article_id)
        return queries.receipt(graph, claim_id, article, extractor=reader, decisions=decisions)

    return await answer(request, services, ask, heavy=True)


@router.get("/threads/{claim_id}", responses=documented(queries.Thread, 404))
async def thread(request: Request, services: Held, claim_id: str) -> Response:
    """What a claim answers and what answers it, as the articles state."""
    return await answer(request, services, lambda g: queries.thread(g, claim_id))


ANSWERS: list[type[msgspec.Struct]] = [queries.ClaimPage, ClaimAnswer, queries.Receipt, queries.Thread]
