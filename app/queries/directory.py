"""A search text in, pages of actors, places or incidents out, those that most claims speak of first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import msgspec

from app.graph import ConflictGraph, IncidentNode
from app.queries.cursors import question_mark, take_page
from app.queries.filters import ClaimFilter, sieve
from app.queries.rows import AppliedFilters, slice_of
from app.vocabulary.errors import NotFound
from app.vocabulary.records import Actor, Place, slug
from app.vocabulary.terms import ActorKind, ClaimType, EdgeKind
from app.vocabulary.times import Period


class TypeCounts(msgspec.Struct, frozen=True):
    """Claims by type."""

    accuses: int
    denies: int
    retaliates: int

    @property
    def all(self) -> int:
        """All of them."""
        return self.accuses + self.denies + self.retaliates


class Sides(msgspec.Struct, frozen=True):
    """Claims of all types, made and faced."""

    made: int
    faced: int


class ActorRow(msgspec.Struct, frozen=True):
    """An actor; `said` are claims by it or its parts, `faced` claims against it or its parts; `claims` sums them up."""

    id: str
    name: str
    kind: ActorKind
    country: str | None
    part_of: str | None
    part_of_id: str | None
    aliases: tuple[str, ...]
    wikidata: str | None
    said: TypeCounts
    faced: TypeCounts
    claims: Sides


class ActorPage(msgspec.Struct, frozen=True):
    """One page of actors."""

    revision: int
    filters: AppliedFilters
    actors: list[ActorRow]
    total: int
    next: str | None


class Member(msgspec.Struct, frozen=True):
    """An actor that speaks or acts for another; `claims` say so, or none where the gazetteer does."""

    id: str
    name: str
    kind: ActorKind
    claims: int


class MembershipRow(msgspec.Struct, frozen=True):
    """That an actor is part of another from `since` until `until`; None where that end is open or not known."""

    whole: str
    whole_id: str
    since: str | None
    until: str | None


class ActorView(msgspec.Struct, frozen=True):
    """One actor, whom it is part of, and who speaks or acts for it.

    Attributes:
        wholes: What it is part of today, however high.
        memberships: What it was part of when, where the gazetteer dates that.
        parts: Who speaks or acts for it.
    """

    revision: int
    actor: ActorRow
    wholes: list[Member]
    memberships: list[MembershipRow]
    parts: list[Member]


class PlaceRow(msgspec.Struct, frozen=True):
    """A place, and how many incidents are reported there."""

    id: str
    name: str
    country: str | None
    lat: float | None
    lon: float | None
    precision: str
    incidents: int
    claims: int


class PlacePage(msgspec.Struct, frozen=True):
    """One page of places."""

    revision: int
    filters: AppliedFilters
    places: list[PlaceRow]
    total: int
    next: str | None


class IncidentRow(msgspec.Struct, frozen=True):
    """A happening that claims speak of; who did it is not said here, only claimed."""

    id: str
    label: str
    type: str
    types: tuple[str, ...]
    place: str | None
    place_id: str | None
    country: str | None
    date: str | None
    articles: int
    claims: int
    by_type: TypeCounts


class IncidentPage(msgspec.Struct, frozen=True):
    """One page of incidents."""

    revision: int
    filters: AppliedFilters
    incidents: list[IncidentRow]
    total: int
    undated_left_out: int
    next: str | None


@dataclass(frozen=True, slots=True)
class _Counted:
    """An actor with the numbers of its claims, and its names as they are searched for."""

    actor: Actor
    said: TypeCounts
    faced: TypeCounts
    names: tuple[str, ...]

    def key(self) -> tuple[int, str, str]:
        """Where it stands among others: those of most claims first."""
        return (-self.said.all - self.faced.all, self.actor.name, self.actor.id)


_Stamp = tuple[int, int, int, int]
_COUNTS: WeakKeyDictionary[ConflictGraph, tuple[_Stamp, list[_Counted]]] = WeakKeyDictionary()
"""Of each graph that somebody pages through, all its actors in order. They are counted once, not for every page."""


def _counted(graph: ConflictGraph) -> list[_Counted]:
    # A graph grows in place, and what it holds changes with its revision.
    stamp = (graph.revision, len(graph.claims), len(graph.actors), len(graph.merged))
    held = _COUNTS.get(graph)
    if held is None or held[0] != stamp:
        counted = [
            _Counted(one, _said(graph, one), _faced(graph, one), tuple(map(slug, (one.name, *one.aliases))))
            for one in graph.actors.values()
        ]
        counted.sort(key=_Counted.key)
        held = _COUNTS[graph] = stamp, counted
    return held[1]


def actors(
    graph: ConflictGraph,
    q: str | None = None,
    kind: ActorKind | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> ActorPage:
    """Actors whose name or alias holds `q`, those with most claims first."""
    wanted = slug(q) if q else ""
    found = [
        one
        for one in _counted(graph)
        if (kind is None or one.actor.kind is kind) and (not wanted or any(wanted in name for name in one.names))
    ]
    question = question_mark("actors", wanted, kind)
    page, following = take_page(found, _Counted.key, limit, cursor, question, graph.revision)
    applied = AppliedFilters(q=q, kind=kind, slice=slice_of(graph))
    rows = [_actor_row(graph, one.actor, one.said, one.faced) for one in page]
    return ActorPage(graph.revision, applied, rows, len(found), following)


def actor(graph: ConflictGraph, actor_id: str) -> ActorView:
    """One actor and its parts.

    Raises:
        NotFound: No actor has this id.
    """
    record = graph.actors.get(actor_id)
    if record is None:
        raise NotFound(f"no actor has the id {actor_id!r}")
    backing = {edge.source: len(edge.claims) for edge in graph.edges_at(actor_id) if edge.kind is EdgeKind.PART_OF}
    backing.pop(actor_id, None)
    parts = [_member(graph, part, claims) for part, claims in backing.items()]
    parts.sort(key=lambda member: (-member.claims, member.id))
    wholes = [_member(graph, one, 0) for one in sorted(graph.wholes(actor_id) - {actor_id}) if one in graph.actors]
    memberships = [
        MembershipRow(
            graph.actors[one.whole].name if one.whole in graph.actors else one.whole, one.whole, one.since, one.until
        )
        for one in record.memberships
    ]
    return ActorView(graph.revision, actor_row(graph, record), wholes, memberships, parts)


def places(graph: ConflictGraph, q: str | None = None, limit: int = 50, cursor: str | None = None) -> PlacePage:
    """Places whose name holds `q`, those with most claims about incidents there first."""
    wanted = slug(q) if q else ""
    there: dict[str, list[str]] = {}
    for node in graph.incidents.values() if graph.places else ():
        if node.place is not None:
            there.setdefault(node.place, []).append(node.id)
    rows = [_place_row(graph, p, there.get(p.id, [])) for p in graph.places.values() if _holds(wanted, (p.name,))]
    rows.sort(key=_place_key)
    page, following = take_page(rows, _place_key, limit, cursor, question_mark("places", wanted), graph.revision)
    return PlacePage(graph.revision, AppliedFilters(q=q, slice=slice_of(graph)), page, len(rows), following)


def incidents(
    graph: ConflictGraph,
    q: str | None = None,
    place: str | None = None,
    since: str | None = None,
    until: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> IncidentPage:
    """Incidents whose label or types hold `q`, at a place or in a country, within dates; most claims first.

    Raises:
        BadQuery: A place or date cannot be used.
    """
    wanted = slug(q) if q else ""
    by = sieve(graph, ClaimFilter(place=place, since=since, until=until))
    found: list[tuple[int, IncidentNode]] = []
    undated = 0
    for node in graph.incidents.values():
        if by.where is not None and not by.where.holds(node.place, node.country):
            continue
        if not _holds(wanted, (node.label, *node.types)):
            continue
        if not by.period.is_open:
            if node.date is None:
                undated += 1
                continue
            if not by.period.overlaps(Period.parse(node.date)):
                continue
        found.append((len(graph.rows_about(node.id)), node))
    found.sort(key=_incident_key)
    question = question_mark("incidents", wanted, place, since, until)
    page, following = take_page(found, _incident_key, limit, cursor, question, graph.revision)
    applied = AppliedFilters(
        q=q,
        place=place,
        place_ids=tuple(sorted(by.where.places)) if by.where is not None else (),
        country=by.where.country if by.where is not None else None,
        since=since,
        until=until,
        slice=slice_of(graph),
    )
    rows = [incident_row(graph, node) for _, node in page]
    return IncidentPage(graph.revision, applied, rows, len(found), undated, following)


def actor_row(graph: ConflictGraph, record: Actor) -> ActorRow:
    """An actor as a row."""
    return _actor_row(graph, record, _said(graph, record), _faced(graph, record))


def _said(graph: ConflictGraph, record: Actor) -> TypeCounts:
    return TypeCounts(*(len(graph.rows_of(kind, record.id)) for kind in ClaimType))


def _faced(graph: ConflictGraph, record: Actor) -> TypeCounts:
    return TypeCounts(*(len(graph.rows_of(kind, None, record.id)) for kind in ClaimType))


def _actor_row(graph: ConflictGraph, record: Actor, said: TypeCounts, faced: TypeCounts) -> ActorRow:
    whole = graph.actors.get(record.part_of) if record.part_of is not None else None
    return ActorRow(
        id=record.id,
        name=record.name,
        kind=record.kind,
        country=record.country,
        part_of=whole.name if whole is not None else None,
        part_of_id=record.part_of,
        aliases=record.aliases,
        wikidata=record.wikidata,
        said=said,
        faced=faced,
        claims=Sides(said.all, faced.all),
    )


def incident_row(graph: ConflictGraph, node: IncidentNode) -> IncidentRow:
    """An incident as a row."""
    types = [graph.claims[claim].type for claim in graph.claims_about(node.id)]
    return IncidentRow(
        id=node.id,
        label=node.label,
        type=node.types[0] if node.types else "",
        types=node.types,
        place=graph.places[node.place].name if node.place is not None else None,
        place_id=node.place,
        country=node.country,
        date=node.date,
        articles=len(node.reported_in),
        claims=len(types),
        by_type=TypeCounts(*(types.count(kind) for kind in ClaimType)),
    )


def _place_row(graph: ConflictGraph, place: Place, there: list[str]) -> PlaceRow:
    claims = sum(len(graph.rows_about(incident)) for incident in there)
    return PlaceRow(place.id, place.name, place.country, place.lat, place.lon, place.precision, len(there), claims)


def _member(graph: ConflictGraph, actor_id: str, claims: int) -> Member:
    record = graph.actors[actor_id]
    return Member(record.id, record.name, record.kind, claims)


def _holds(wanted: str, names: Iterable[str]) -> bool:
    return not wanted or any(wanted in slug(name) for name in names)


def _place_key(row: PlaceRow) -> tuple[int, str, str]:
    return (-row.claims, row.name, row.id)


def _incident_key(counted: tuple[int, IncidentNode]) -> tuple[int, str, str]:
    claims, node = counted
    return (-claims, node.label, node.id)
