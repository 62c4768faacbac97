"""What comes of claims over time, from the ladder to hearsay, and where actors stand in the web of claims."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.queries import centralities, dyads, hearsay, ladder, mirrors, responses, stances
from app.queries.lags import LONGEST_WINDOW
from app.vocabulary.terms import ClaimType
from app.web.access import READ
from app.web.answers import answer, documented, services_of
from app.web.params import AT, Filters, PagedFilters, PositionParams, Text, TypedFilters
from app.web.services import Services

router = APIRouter(tags=["analysis"], dependencies=READ)
Held = Annotated[Services, Depends(services_of)]
Days = Annotated[int, Field(ge=0, le=LONGEST_WINDOW)]


class LadderParams(PagedFilters):
    """Which retaliations, and how long a threat is waited for."""

    within: Days = Field(ladder.WINDOW, description="Days after a threat in which an act is its follow-through.")


class ResponseWindow(BaseModel):
    """How long a response is waited for."""

    model_config = ConfigDict(extra="forbid")

    within: Days = Field(responses.WINDOW, description="Days after an accusation that are searched for a response.")
    by_parties: bool = Field(False, description="Whether claims that share nothing but the parties are responses, too.")
    as_of: Text = Field(None, description="The ledger as it was at a revision or time.")


class ResponseParams(PagedFilters):
    """Which accusations, and how long a response is waited for."""

    within: Days = Field(responses.WINDOW, description="Days after an accusation that are searched for a response.")
    by_parties: bool = Field(False, description="Whether claims that share nothing but the parties are responses, too.")


class FlipParams(PagedFilters):
    """Whose turns, on whom, and which sorts of them."""

    turn: list[stances.Turn] = Field(
        default_factory=list,
        max_length=10,
        description="Sort of turn; may come several times; all where none is named.",
    )


class ActorFlipParams(PositionParams):
    """About which incident, and whether also where nothing turned."""

    unturned: bool = Field(False, description="Whether histories in which nothing turned are listed, too.")


class MirrorParams(PagedFilters):
    """Which accusations, and how far apart they may face each other."""

    within: Days = Field(mirrors.WINDOW, description="Days between two accusations of the same act.")


class CycleParams(Filters):
    """Which accusations, and what rings of them."""

    length: Annotated[int, Field(ge=2, le=mirrors.LONGEST_CYCLE, description="Most actors in a ring.")] = 4
    least: Annotated[int, Field(ge=1, description="Fewest independent texts behind each accusation.")] = 1
    limit: Annotated[int, Field(ge=1, le=500, description="Most rings in the answer.")] = 50


class DyadParams(Filters):
    """Which two actors, in what steps."""

    unit: dyads.Unit = Field("week", description="How long a bin is.")
    within: Days = Field(dyads.WINDOW, description="Days within which a claim counts as reciprocated.")
    lags: Annotated[int, Field(ge=0, le=dyads.MOST_LAGS, description="Longest lag of the correlations, in bins.")] = 4


class CentralityParams(TypedFilters):
    """Which claims, by what actors are ordered, and how many of them are told of."""

    by: centralities.Measure = Field("pagerank", description="What orders the actors.")
    top: Annotated[int, Field(ge=1, le=centralities.MOST_ACTORS, description="Most actors in the answer.")] = 50


class HearsayParams(PagedFilters):
    """Which claims."""

    type: ClaimType | None = None


@router.get("/ladder", responses=documented(ladder.Ladder, 400))
async def ladder_of(request: Request, services: Held, asked: Annotated[LadderParams, Query()]) -> Response:
    """Retaliations by rung, the highest rung of each dyad, and what is reported to have come of each threat."""
    return await answer(
        request,
        services,
        lambda g: ladder.ladder(g, asked.asked(), asked.within, asked.limit, asked.cursor),
        heavy=True,
    )


@router.get("/responses", responses=documented(responses.Responses, 400))
async def responses_to(request: Request, services: Held, asked: Annotated[ResponseParams, Query()]) -> Response:
    """How and when the accused is reported to have responded to each accusation, or silence and what was searched."""
    return await answer(
        request,
        services,
        lambda g: responses.responses(g, asked.asked(), asked.within, asked.by_parties, asked.limit, asked.cursor),
        heavy=True,
    )


@router.get("/claims/{claim_id}/responses", responses=documented(responses.ResponseAnswer, 400, 404))
async def responses_to_one(
    request: Request, services: Held, claim_id: str, asked: Annotated[ResponseWindow, Query()]
) -> Response:
    """All responses by the accused to one accusation, or silence and what was searched."""
    return await answer(
        request, services, lambda g: responses.response(g, claim_id, asked.within, asked.by_parties), heavy=True
    )


@router.get("/flips", responses=documented(stances.Histories, 400))
async def flips(request: Request, services: Held, asked: Annotated[FlipParams, Query()]) -> Response:
    """Actors that said one thing on who did an incident and later another; `target` is the accused it turned on."""
    return await answer(
        request,
        services,
        lambda g: stances.flips(g, asked.asked(), asked.turn, asked.limit, asked.cursor),
        heavy=True,
    )


@router.get("/actors/{actor_id}/flips", responses=documented(stances.Histories, 400, 404))
async def actor_flips(
    request: Request, services: Held, actor_id: str, asked: Annotated[ActorFlipParams, Query()]
) -> Response:
    """One actor's positions on who did each incident, in order, and where they turned."""
    return await answer(
        request,
        services,
        lambda g: stances.actor_flips(g, actor_id, asked.about, asked.unturned, asked.limit, asked.cursor),
        heavy=True,
    )


@router.get("/mirrors", responses=documented(mirrors.Mirrors, 400))
async def mirrored(request: Request, services: Held, asked: Annotated[MirrorParams, Query()]) -> Response:
    """Pairs of actors that accuse each other of one incident, or of the same act within a window of days."""
    return await answer(
        request,
        services,
        lambda g: mirrors.mirrors(g, asked.asked(), asked.within, asked.limit, asked.cursor),
        heavy=True,
    )


@router.get("/cycles", responses=documented(mirrors.Cycles, 400))
async def cycles(request: Request, services: Held, asked: Annotated[CycleParams, Query()]) -> Response:
    """Rings of actors in which each accuses the next; `source` and `target` must be on them."""
    return await answer(
        request,
        services,
        lambda g: mirrors.cycles(g, asked.asked(), asked.length, asked.least, asked.limit),
        heavy=True,
    )


@router.get("/dyad", responses=documented(dyads.Dyad, 400))
async def dyad(request: Request, services: Held, asked: Annotated[DyadParams, Query()]) -> Response:
    """What `source` and `target` say of and do to each other over time, reciprocity and escalation."""
    return await answer(
        request,
        services,
        lambda g: dyads.dyad(g, asked.asked(), asked.unit, asked.within, asked.lags),
        heavy=True,
    )


@router.get("/claims/{claim_id}/chain", responses=documented(hearsay.Chain, 400, 404), dependencies=AT)
async def chain(request: Request, services: Held, claim_id: str) -> Response:
    """Through whom a claim's words reached the reader: outlet, relays, speaker, the one represented; weakest link."""
    return await answer(request, services, lambda g: hearsay.chain(g, claim_id))


@router.get("/hearsay", responses=documented(hearsay.Hearsay, 400))
async def hearsay_of(request: Request, services: Held, asked: Annotated[HearsayParams, Query()]) -> Response:
    """How many claims are first hand and how many are not, their weakest links, and who relays most."""
    return await answer(
        request,
        services,
        lambda g: hearsay.hearsay(g, asked.asked(asked.type), asked.limit, asked.cursor),
        heavy=True,
    )


@router.get("/centralities", responses=documented(centralities.Centralities, 400))
async def centralities_of(request: Request, services: Held, asked: Annotated[CentralityParams, Query()]) -> Response:
    """Where actors stand in the web of claims, as articles report them: PageRank, betweenness, in- and out-degree."""
    return await answer(
        request,
        services,
        lambda g: centralities.centralities(g, asked.asked(asked.type), asked.top, asked.by),
        heavy=True,
    )


ANSWERS: list[type[msgspec.Struct]] = [
    ladder.Ladder,
    responses.Responses,
    responses.ResponseAnswer,
    stances.Histories,
    mirrors.Mirrors,
    mirrors.Cycles,
    dyads.Dyad,
    hearsay.Chain,
    hearsay.Hearsay,
    centralities.Centralities,
]
