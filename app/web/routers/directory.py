"""Actors, places and incidents: lists by search text, and one by its id."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app import queries
from app.web.access import READ
from app.web.answers import answer, documented, services_of
from app.web.params import AT, ActorParams, DisputeParams, IncidentParams, PositionParams, SearchParams
from app.web.services import Services

router = APIRouter(tags=["actors, places, incidents"], dependencies=READ)
Held = Annotated[Services, Depends(services_of)]


@router.get("/actors", responses=documented(queries.ActorPage, 400))
async def actors(request: Request, services: Held, asked: Annotated[ActorParams, Query()]) -> Response:
    """Actors, those in most claims first."""
    return await answer(
        request, services, lambda g: queries.actors(g, asked.q, asked.kind, asked.limit, asked.cursor), heavy=True
    )


@router.get("/actors/{actor_id}", responses=documented(queries.ActorView, 400, 404), dependencies=AT)
async def actor(request: Request, services: Held, actor_id: str) -> Response:
    """One actor, whom it is part of, and who speaks or acts for it."""
    return await answer(request, services, lambda g: queries.actor(g, actor_id))


@router.get("/actors/{actor_id}/positions", responses=documented(queries.Positions, 400, 404))
async def positions(
    request: Request, services: Held, actor_id: str, asked: Annotated[PositionParams, Query()]
) -> Response:
    """What an actor has said, incident by incident."""
    return await answer(
        request, services, lambda g: queries.positions(g, actor_id, asked.limit, asked.cursor, asked.about), heavy=True
    )


@router.get("/places", responses=documented(queries.PlacePage, 400))
async def places(request: Request, services: Held, asked: Annotated[SearchParams, Query()]) -> Response:
    """Places, those of most claims first."""
    return await answer(request, services, lambda g: queries.places(g, asked.q, asked.limit, asked.cursor), heavy=True)


@router.get("/incidents", responses=documented(queries.IncidentPage, 400))
async def incidents(request: Request, services: Held, asked: Annotated[IncidentParams, Query()]) -> Response:
    """Incidents, those of most claims first."""
    return await answer(
        request,
        services,
        lambda g: queries.incidents(g, asked.q, asked.place, asked.since, asked.until, asked.limit, asked.cursor),
        heavy=True,
    )


@router.get("/incidents/{incident_id}", responses=documented(queries.IncidentView, 400, 404), dependencies=AT)
async def incident(request: Request, services: Held, incident_id: str) -> Response:
    """One incident: per accused actor who affirms and who rejects its responsibility, and every claim about it."""
    return await answer(request, services, lambda g: queries.incident(g, incident_id))


@router.get("/disputes", responses=documented(queries.Disputes, 400))
async def disputes(request: Request, services: Held, asked: Annotated[DisputeParams, Query()]) -> Response:
    """Incidents that the claims asked for are about, with where they are said to have happened; most texts first."""
    return await answer(
        request,
        services,
        lambda g: queries.disputes(g, asked.asked(asked.type), asked.limit, asked.cursor, asked.q),
        heavy=True,
    )


ANSWERS: list[type[msgspec.Struct]] = [
    queries.ActorPage,
    queries.ActorView,
    queries.Positions,
    queries.PlacePage,
    queries.IncidentPage,
    queries.IncidentView,
    queries.Disputes,
]
