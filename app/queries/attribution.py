"""An incident in, what articles say of who did it out: per accused actor who affirms it and who rejects it.

It lists claims side by side. It picks no winner, gives no verdict and weighs no one against another.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.cursors import question_mark, take_page
from app.queries.directory import ActorRow, IncidentRow, actor_row, incident_row
from app.queries.filters import ClaimFilter, position, select
from app.queries.rows import AppliedFilters, ClaimRow, claim_row
from app.vocabulary.errors import NotFound
from app.vocabulary.terms import ClaimType, DenialKind

Basis = Literal["accuses_it", "denies_for_itself", "answers_an_accusation_of_it"]
"""Why a claim stands in an actor's row: it accuses the actor, the actor itself denies, or it answers such a claim."""


class Stance(msgspec.Struct, frozen=True):
    """One actor's claims for or against an attribution."""

    source: str
    source_id: str
    claims: list[str]
    articles: int
    publishers: int
    denial_kinds: list[DenialKind]
    basis: list[Basis]


class Attribution(msgspec.Struct, frozen=True):
    """What is claimed of one actor's responsibility: who affirms it, who rejects it."""

    actor: str
    actor_id: str
    affirming: list[Stance]
    rejecting: list[Stance]


class IncidentView(msgspec.Struct, frozen=True):
    """One incident with every claim about it.

    Attributes:
        attribution: Per accused actor who affirms and who rejects, in the order of the actors' names.
        occurrence_denied: Claims that reject that it happened at all, whoever is accused.
        without_target: Accusations about it that name nobody.
    """

    revision: int
    incident: IncidentRow
    reported_in: tuple[str, ...]
    members: tuple[str, ...]
    attribution: list[Attribution]
    occurrence_denied: list[str]
    without_target: list[str]
    claims: list[ClaimRow]


class Position(msgspec.Struct, frozen=True):
    """An actor's claims about one incident (or about none that is named), in the order they were said."""

    incident: str | None
    incident_label: str | None
    claims: list[ClaimRow]


class Positions(msgspec.Struct, frozen=True):
    """What an actor and its parts have said, incident by incident, in the order of the first claim about each."""

    revision: int
    filters: AppliedFilters
    actor: ActorRow
    positions: list[Position]
    total: int
    next: str | None


def incident(graph: ConflictGraph, incident_id: str) -> IncidentView:
    """One incident and its attribution table.

    Raises:
        NotFound: No incident has this id.
    """
    node = graph.incidents.get(incident_id)
    if node is None:
        raise NotFound(f"no incident has the id {incident_id!r}")
    ids = select(graph, ClaimFilter(incident=incident_id)).ids
    claims = [graph.claims[one] for one in ids]
    affirming: dict[str, list[tuple[ResolvedClaim, Basis]]] = {}
    rejecting: dict[str, list[tuple[ResolvedClaim, Basis]]] = {}
    for claim in claims:
        match claim.claim.type:
            case ClaimType.ACCUSES if claim.target is not None:
                affirming.setdefault(claim.target, []).append((claim, "accuses_it"))
            case ClaimType.DENIES:
                accused, basis = _rejected_for(graph, claim)
                rejecting.setdefault(accused, []).append((claim, basis))
            case _:
                pass
    table = [
        Attribution(
            graph.label(actor),
            actor,
            _stances(graph, affirming.get(actor, [])),
            _stances(graph, rejecting.get(actor, [])),
        )
        for actor in affirming.keys() | rejecting.keys()
    ]
    table.sort(key=lambda row: (row.actor, row.actor_id))
    return IncidentView(
        revision=graph.revision,
        incident=incident_row(graph, node),
        reported_in=node.reported_in,
        members=node.members,
        attribution=table,
        occurrence_denied=[c.id for c in claims if c.claim.denial_kind is DenialKind.OCCURRENCE],
        without_target=[c.id for c in claims if c.claim.type is ClaimType.ACCUSES and c.target is None],
        claims=[claim_row(graph, one) for one in ids],
    )


def positions(
    graph: ConflictGraph, actor_id: str, limit: int = 50, cursor: str | None = None, about: str | None = None
) -> Positions:
    """What an actor has said, grouped by incident; `about` asks for one incident.

    Raises:
        NotFound: No actor has this id.
        BadQuery: No incident is called `about`, or the cursor cannot be used.
    """
    record = graph.actors.get(actor_id)
    if record is None:
        raise NotFound(f"no actor has the id {actor_id!r}")
    found = select(graph, ClaimFilter(source=actor_id, incident=about))
    first: dict[str | None, tuple[str, str]] = {}
    grouped: dict[str | None, list[str]] = {}
    for entry in found.entries:
        where = graph.claims[entry[1]].incident
        first.setdefault(where, position(entry))
        grouped.setdefault(where, []).append(entry[1])
    # The order in which they were first spoken of is the order in which they were met.
    question = question_mark("positions", actor_id, about)
    page, following = take_page(list(grouped), lambda one: first[one], limit, cursor, question, graph.revision)
    rows = [
        Position(
            one,
            graph.incidents[one].label if one is not None else None,
            [claim_row(graph, claim) for claim in grouped[one]],
        )
        for one in page
    ]
    return Positions(graph.revision, found.applied, actor_row(graph, record), rows, len(grouped), following)


def _rejected_for(graph: ConflictGraph, denial: ResolvedClaim) -> tuple[str, Basis]:
    """Whose responsibility a denial rejects: that of the accused in the claim it answers, else the denier's own."""
    answered = graph.claims.get(denial.claim.responds_to or "")
    if answered is not None and answered.claim.type is ClaimType.ACCUSES and answered.target is not None:
        return answered.target, "answers_an_accusation_of_it"
    return denial.source, "denies_for_itself"


def _stances(graph: ConflictGraph, claims: list[tuple[ResolvedClaim, Basis]]) -> list[Stance]:
    by_source: dict[str, list[tuple[ResolvedClaim, Basis]]] = {}
    for claim, basis in claims:
        by_source.setdefault(claim.source, []).append((claim, basis))
    found = []
    for source, theirs in by_source.items():
        kinds = dict.fromkeys(c.claim.denial_kind for c, _ in theirs if c.claim.denial_kind is not None)
        found.append(
            Stance(
                source=graph.label(source),
                source_id=source,
                claims=[c.id for c, _ in theirs],
                articles=len({c.claim.article for c, _ in theirs}),
                publishers=len({c.publisher for c, _ in theirs if c.publisher is not None}),
                denial_kinds=list(kinds),
                basis=list(dict.fromkeys(basis for _, basis in theirs)),
            )
        )
    found.sort(key=lambda stance: (stance.source, stance.source_id))
    return found
