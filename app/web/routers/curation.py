"""Decisions: what people decided and what came of it, what waits for them, and deciding. Each decision adds one row."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.client.records import Decided
from app.curation import Ruling, decision, take
from app.queries.outcomes import Outcomes
from app.queries.review import LogFilter, LogPage, LogRow, ReviewPage, log_page, log_row, permit, review
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Decision
from app.vocabulary.terms import RefusalReason
from app.web.access import CURATE, READ, Caller, caller_of, signer
from app.web.answers import JSON, REF, answer, plain, services_of
from app.web.bodies import whole_body
from app.web.curation_examples import LOG, MERGED, REVIEW, ROW, told
from app.web.params import AS_OF, Cursor, Limit, Text
from app.web.services import Services

router = APIRouter(tags=["curation"], dependencies=READ)
Held = Annotated[Services, Depends(services_of)]
Asking = Annotated[Caller, Depends(caller_of)]

MOST_BODY = 65_536
"""Bytes of a decision: its reason is a few sentences."""


class _Params(BaseModel):
    model_config = ConfigDict(extra="forbid")

    as_of: Text = Field(None, description=AS_OF)
    limit: Limit = 50
    cursor: Cursor = None


class DecisionParams(_Params):
    """Which decisions."""

    by: Text = Field(None, description="Who took it: a person's name, or a linker and its version.")
    kind: Ruling | None = Field(None, description="What is ruled.")
    subject: Text = Field(None, description="An id it is about; what undoes such a decision is about it, too.")
    since: Text = Field(None, description="First day on which it was taken: YYYY, YYYY-MM or YYYY-MM-DD.")
    until: Text = Field(None, description="Last such day.")
    linkers: bool = Field(False, description="Whether linkers' judgements are shown, too.")


class NewDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person rules.

    Attributes:
        kind: merge, split or leave, of two mentions, actors, places or incidents; same_text, other_text or leave, of
            two claims; correct, of a claim; retract, of an article, claim, incident or acknowledgement; undo, of a
            decision.
        subject: The id it is about.
        by: Who decides; with a key this is the name of its holder, and only an admin may name somebody else.
        reason: Why.
        object: Of a pair, the other id.
        field: For correct: type, modality, date, denial_kind or threat_kind.
        value: For correct, the new value; null for unknown.
    """

    kind: Ruling
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    by: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    object: Annotated[str, msgspec.Meta(min_length=1, max_length=400)] | None = None
    field: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    value: Annotated[str, msgspec.Meta(max_length=400)] | None = None


_DECIDED = Decided(8, MERGED, ROW)
_ASKED = NewDecision(Ruling.MERGE, MERGED.subject, MERGED.reason, MERGED.by, MERGED.object)
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "One decision as JSON.",
        "content": {JSON: {"schema": {"$ref": REF.format(name="NewDecision")}, "example": msgspec.to_builtins(_ASKED)}},
    }
}


@router.get("/decisions", responses=told(LOG, 400))
async def decisions(request: Request, services: Held, asked: Annotated[DecisionParams, Query()]) -> Response:
    """What was decided, the newest first: by whom, when, why, and whether it applies. Linkers' judgements if asked."""
    wanted = LogFilter(asked.by, asked.kind, asked.subject, asked.since, asked.until, asked.linkers)
    return await answer(
        request, services, lambda g: log_page(g, services.log(), wanted, asked.limit, asked.cursor), heavy=True
    )


@router.post(
    "/decisions",
    responses=told(_DECIDED, 400, 404, 408, 413, 415, 503),
    openapi_extra=_BODY,
    dependencies=CURATE,
)
async def decide(request: Request, services: Held, caller: Asking) -> Response:
    """Merge, split, leave, correct, retract or undo. The ledger keeps who decided, when and why, for good."""
    # A page elsewhere can have a browser post text without asking, but not JSON.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise BadInput(RefusalReason.UNSUPPORTED, f"a decision is posted as {JSON}")
    asked = _read(await whole_body(request, min(MOST_BODY, services.limits.max_bytes)))
    made = decision(
        asked.kind,
        asked.subject,
        other=asked.object,
        field=asked.field,
        value=asked.value,
        by=signer(caller, asked.by) or "",
        reason=asked.reason,
    )
    await services.refresh()
    with services.reading() as graph:
        await run_in_threadpool(lambda: permit(graph, made, services.log()))
    revision = await run_in_threadpool(take, services.ledger, made)
    services.metrics.count("decisions", asked.kind)
    return plain(Decided(revision, made, await row_of(services, made)))


async def row_of(services: Services, made: Decision) -> LogRow:
    """What came of a decision that was just taken."""
    await services.refresh()
    with services.reading() as graph:

        def look() -> LogRow:
            log = services.log()
            taken = log.of(made.id)
            if taken is None:
                raise LookupError(made.id)
            return log_row(graph, taken, Outcomes(graph, log))

        return await run_in_threadpool(look)


def _read(raw: bytes) -> NewDecision:
    try:
        return msgspec.json.decode(raw, type=NewDecision)
    except msgspec.ValidationError as why:
        raise BadInput(RefusalReason.BAD_FIELD, f"this is no decision: {why}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
        raise BadInput(RefusalReason.BAD_JSON, f"this is no JSON: {why}") from None


@router.get("/review", responses=told(REVIEW, 400))
async def queue(request: Request, services: Held, asked: Annotated[_Params, Query()]) -> Response:
    """The linkers' unsure judgements, with both sides; answering one (`POST /decisions`) takes it from the queue."""
    return await answer(request, services, lambda g: review(g, services.log(), asked.limit, asked.cursor), heavy=True)


ANSWERS: list[type[msgspec.Struct]] = [LogPage, NewDecision, Decided, ReviewPage]
