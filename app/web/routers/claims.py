"""Claims by filter, one claim, its receipt, its thread."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import queries
from app.client.records import ClaimAnswer
from app.graph import ConflictGraph
from app.queries.facets import Facets, facets
from app.queries.verifying import Verification, read_receipt, verify
from app.vocabulary.errors import NotFound
from app.web.access import READ
from app.web.answers import JSON, REF, answer, documented, plain, services_of
from app.web.bodies import whole_body
from app.web.curation_examples import RECEIPT, VERIFICATION, told
from app.web.decided import refuse_retracted
from app.web.params import AT, ClaimParams, PagedFilters, TypedFilters
from app.web.services import Services

router = APIRouter(tags=["claims"], dependencies=READ)
Held = Annotated[Services, Depends(services_of)]
Asked = Annotated[PagedFilters, Query()]


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


@router.get("/claims", responses=documented(queries.ClaimPage, 400))
async def claims(request: Request, services: Held, asked: Annotated[ClaimParams, Query()]) -> Response:
    """Accusations, denials and retaliations together, or those types of them that are asked for; oldest first."""
    return await answer(
        request, services, lambda g: queries.claims(g, asked.asked(asked.type), asked.limit, asked.cursor), heavy=True
    )


@router.get("/facets", responses=documented(Facets, 400))
async def facets_of(request: Request, services: Held, asked: Annotated[TypedFilters, Query()]) -> Response:
    """How many claims match, and how many would with one filter less: by type, modality, outlet and over time."""
    return await answer(request, services, lambda g: facets(g, asked.asked(asked.type)), heavy=True)


@router.get("/claims/{claim_id}", responses=documented(ClaimAnswer, 400, 404), dependencies=AT)
async def claim(request: Request, services: Held, claim_id: str) -> Response:
    """One claim with its quote."""
    return await answer(request, services, lambda g: ClaimAnswer(g.revision, queries.claim_row(g, claim_id)))


@router.get("/claims/{claim_id}/receipt", responses=told(RECEIPT, 400, 404, 410), dependencies=AT)
async def receipt(request: Request, services: Held, claim_id: str) -> Response:
    """What a claim rests on: quote, offsets, the article's hash, what found it, and every decision that made it so."""

    def ask(graph: ConflictGraph) -> queries.Receipt:
        log = services.log()
        if claim_id not in graph.claims:
            refuse_retracted(log, claim_id, "the claim", graph.revision)
        article_id = graph.claim(claim_id).article
        article = services.reader.article(article_id)
        if article is None:
            raise NotFound(f"the ledger does not hold the article of claim {claim_id!r}")
        return queries.receipt(graph, claim_id, article, log)

    return await answer(request, services, ask, heavy=True)


_RECEIPT = {
    "requestBody": {
        "required": True,
        "description": 'A receipt as it was given out, or {"receipt": …, "title": …, "text": …} with its article.',
        "content": {JSON: {"schema": {"$ref": REF.format(name="Receipt")}, "example": msgspec.to_builtins(RECEIPT)}},
    }
}


@router.post("/receipts/verify", responses=told(VERIFICATION, 400, 408, 413), openapi_extra=_RECEIPT)
async def verify_receipt(request: Request, services: Held) -> Response:
    """Check a receipt: against itself, its article's text, and the ledger as it was and as it is. It stores nothing."""
    handed = await run_in_threadpool(read_receipt, await whole_body(request, services.limits.max_bytes))
    made_at = handed.receipt.revision
    await services.refresh()
    with services.reading() as now:
        then = now if made_at == now.revision else None
        # Only what was given out is worth folding an older graph for.
        if handed.is_whole and 0 < made_at < now.revision:
            then = await services.past(str(made_at))
        article = services.reader.article(handed.receipt.article)
        return plain(await run_in_threadpool(lambda: verify(handed, then, now, services.log(), article)))


@router.get("/threads/{claim_id}", responses=documented(queries.Thread, 400, 404), dependencies=AT)
async def thread(request: Request, services: Held, claim_id: str) -> Response:
    """What a claim answers and what answers it, as the articles state."""
    return await answer(request, services, lambda g: queries.thread(g, claim_id))


ANSWERS: list[type[msgspec.Struct]] = [
    queries.ClaimPage,
    Facets,
    ClaimAnswer,
    queries.Receipt,
    Verification,
    queries.Thread,
]
