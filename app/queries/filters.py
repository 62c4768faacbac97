"""Filters as people give them in, the claims they let through out, in the order of the days they were said.

It reads the graph's indexes first, then whole columns, and looks at single claims only where neither decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.graph import NO_ROWS, UNTOLD, ClaimIds, ClaimTable, ConflictGraph, DatedClaims, ResolvedClaim, Rows
from app.queries.entailment import is_narrower
from app.queries.names import Whereabouts, check_publisher, find_actor, find_incident, find_place
from app.queries.rows import AppliedFilters, slice_of
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import ClaimType, Clock, Modality, Role, Rollup, Rung, Voice
from app.vocabulary.times import Period

Entry = tuple[date, str]
"""The day a claim was said (`date.min` where nothing tells) and its id."""


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """Which claims are asked for; None asks for all.

    Attributes:
        source: Name or id of the actor that accuses, denies or retaliates.
        target: Name or id of the actor it is said or done against.
        since: First day (YYYY, YYYY-MM or YYYY-MM-DD) on which it may have been said (or, by another clock, have
            happened, been published or been ingested).
        until: Last such day.
        clock: Which of a claim's four times `since` and `until` look at.
        place: Name or id of the incident's place, or the ISO 3166 alpha-3 code of its country.
        incident: Id of the incident.
        publisher: The outlet, case aside.
        min_confidence: The extractor's least confidence, from 0 to 1.
        rollup: What counts as said by or against an actor (see `Rollup`).
        voice: Whether `source` must be the speaker or the one represented; either where None.
        rung: For retaliations, the least rung of the ladder.
        type: One of the three claim types.
        types: Or several of them; all where empty and `type` is None.
        modality: The modalities that are let through.
        actors: Names or ids of actors of which one must be in the claim, as `role` says.
        role: Whether one of the `actors` must be the source, the target, or either.
    """

    source: str | None = None
    target: str | None = None
    since: str | None = None
    until: str | None = None
    place: str | None = None
    incident: str | None = None
    publisher: str | None = None
    min_confidence: float | None = None
    rollup: Rollup = Rollup.FULL
    voice: Voice | None = None
    clock: Clock = Clock.SAID
    rung: Rung | None = None
    type: ClaimType | None = None
    modality: tuple[Modality, ...] = ()
    actors: tuple[str, ...] = ()
    role: Role = Role.EITHER
    types: tuple[ClaimType, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """What a filter let through.

    Attributes:
        entries: By day said, oldest first, then by id; claims without a day come last.
        undated_left_out: Claims that only the date filter kept out, because nothing tells when they were said.
        applied: The filters, names resolved.
        narrower: Of the entries, denials by parts of the asked source that speak for themselves: shown, not counted.
    """

    entries: DatedClaims
    undated_left_out: int
    applied: AppliedFilters
    narrower: frozenset[str] = frozenset()

    @property
    def ids(self) -> ClaimIds:
        """The claims' ids, in order."""
        return self.entries.ids

    @property
    def counting(self) -> ClaimIds:
        """The ids of those that count: all but narrower denials."""
        ids = self.entries.ids
        return ids.without(self.narrower) if self.narrower else ids


class Sieve(msgspec.Struct, frozen=True):
    """A filter whose names have become ids; `select` and `subgraph` share it."""

    source: str | None
    target: str | None
    period: Period
    where: Whereabouts | None
    incident: str | None
    publisher: str | None
    min_confidence: float | None
    rollup: Rollup
    voice: Voice | None
    clock: Clock
    rung: Rung | None
    modality: frozenset[Modality]

    def passes(self, graph: ConflictGraph, claim: ResolvedClaim) -> bool:
        """True where everything but source, target with roll-up, and date lets the claim through."""
        if self.min_confidence is not None and claim.confidence < self.min_confidence:
            return False
        if self.publisher is not None and (claim.publisher or "").casefold() != self.publisher:
            return False
        if self.incident is not None and claim.incident != self.incident:
            return False
        if not self._is_there(graph, claim) or not self._is_of_sort(claim):
            return False
        return self._by(graph, claim) and self._against(claim)

    def _by(self, graph: ConflictGraph, claim: ResolvedClaim) -> bool:
        """True where the claim counts as said by the source."""
        if self.source is None or (self.rollup is Rollup.FULL and self.voice is None):
            return True
        saying: tuple[str | None, ...]
        match self.voice, self.rollup:
            case Voice.SPEAKER, _:
                saying = (claim.speaker,)
            case Voice.REPRESENTED, Rollup.OFF:
                saying = (claim.source_named or claim.source,)
            case Voice.REPRESENTED, _:
                saying = (claim.source_named, claim.source)
            case None, Rollup.OFF:
                saying = (claim.speaker, claim.source_named)
            case _:
                saying = (claim.speaker, claim.source_named, claim.source)
        if self.rollup is Rollup.FULL:
            day = claim.when.start
            return any(self.source in graph.wholes(one, day) for one in saying if one is not None)
        return self.source in saying

    def _against(self, claim: ResolvedClaim) -> bool:
        """True where the claim counts as said or done against the target."""
        if self.target is None or self.rollup is Rollup.FULL:
            return True
        if self.rollup is Rollup.OFF:
            return (claim.target_named or claim.target) == self.target
        return self.target in (claim.target, claim.target_named)

    def mask(self, graph: ConflictGraph, rows: Rows) -> NDArray[np.bool_]:
        """Of these rows of claims, which `passes` lets through."""
        claims, kept = graph.claims, np.ones(len(rows), np.bool_)
        if self.min_confidence is not None:
            kept &= claims.columns["confidence"].values[rows] >= self.min_confidence
        if self.publisher is not None:
            named = self.publisher
            kept &= _by_code(claims, "told", rows, lambda claim: (claim.publisher or "").casefold() == named)
        if self.incident is not None:
            kept &= claims.columns["incident"].values[rows] == graph.code(self.incident)
        if self.where is not None:
            kept &= _by_code(claims, "incident", rows, lambda claim: self._is_there(graph, claim))
        if self.rung is not None or self.modality:
            kept &= _by_code(claims, "sort", rows, self._is_of_sort)
        if self._asks_who:
            # Few are left by now, and who counts as whom may differ from day to day.
            for place in np.flatnonzero(kept).tolist():
                claim = claims.at(int(rows[place]))
                kept[place] = self._by(graph, claim) and self._against(claim)
        return kept

    @property
    def _asks_who(self) -> bool:
        if self.rollup is Rollup.FULL:
            return self.source is not None and self.voice is not None
        return self.source is not None or self.target is not None

    def _is_there(self, graph: ConflictGraph, claim: ResolvedClaim) -> bool:
        node = graph.incidents.get(claim.incident) if claim.incident is not None else None
        return self.where is None or (node is not None and self.where.holds(node.place, node.country))

    def _is_of_sort(self, claim: ResolvedClaim) -> bool:
        if self.rung is not None and (claim.rung is None or claim.rung.height < self.rung.height):
            return False
        return not self.modality or claim.modality in self.modality

    @property
    def only_actors(self) -> bool:
        """True where the indexes of actors and days decide alone."""
        return (
            self.rollup is Rollup.FULL
            and self.clock is Clock.SAID
            and not self.modality
            and not any(
                one is not None
                for one in (self.where, self.incident, self.publisher, self.min_confidence, self.voice, self.rung)
            )
        )


COLUMN_OF = {Clock.SAID: "when", Clock.HAPPENED: "happened", Clock.PUBLISHED: "told", Clock.INGESTED: "told"}
"""By clock, the column of claims on which `period_of` depends alone."""


def period_of(claim: ResolvedClaim, clock: Clock) -> Period:
    """When a claim is, by one of its four clocks; an open period where that is not known."""
    match clock:
        case Clock.SAID:
            return claim.when
        case Clock.HAPPENED:
            return claim.happened
        case Clock.PUBLISHED:
            return Period.parse(claim.published) if claim.published is not None else Period()
        case Clock.INGESTED:
            return Period.parse(claim.ingested[:10]) if claim.ingested is not None else Period()


def sieve(graph: ConflictGraph, asked: ClaimFilter) -> Sieve:
    """Resolve a filter's names.

    Raises:
        BadQuery: A name fits nothing or several things, a date is none, or a number is out of range.
    """
    least = asked.min_confidence
    if least is not None and not 0 <= least <= 1:
        raise BadQuery(f"min_confidence must lie between 0 and 1, not {least}")
    return Sieve(
        source=find_actor(graph, asked.source) if asked.source is not None else None,
        target=find_actor(graph, asked.target) if asked.target is not None else None,
        period=Period.between(asked.since, asked.until),
        where=find_place(graph, asked.place) if asked.place is not None else None,
        incident=find_incident(graph, asked.incident) if asked.incident is not None else None,
        publisher=asked.publisher.casefold() if asked.publisher is not None else None,
        min_confidence=least,
        rollup=asked.rollup,
        voice=asked.voice,
        clock=asked.clock,
        rung=asked.rung,
        modality=frozenset(asked.modality),
    )


def select(graph: ConflictGraph, asked: ClaimFilter) -> Selection:
    """The claims a filter lets through; raises `BadQuery` as `sieve` does."""
    by = sieve(graph, asked)
    actors = tuple(dict.fromkeys(find_actor(graph, name) for name in asked.actors))
    if actors:
        rows, undated, narrower = _with_any(graph, asked, actors)
    else:
        rows, undated = _rows(graph, asked, by)
        narrower = _narrower(graph, rows, asked, by)
    if asked.publisher is not None and not len(rows):
        check_publisher(graph, asked.publisher)
    ids = frozenset(graph.claims.ids.names(narrower.tolist())) if len(narrower) else frozenset()
    return Selection(DatedClaims(graph.claims, rows), len(undated), _applied(graph, asked, by, actors), ids)


def _rows(graph: ConflictGraph, asked: ClaimFilter, by: Sieve) -> tuple[Rows, Rows]:
    """What a filter lets through by source and target alone, and what its dates left out as undated."""
    found = [_candidates(graph, by, kind) for kind in types_of(asked)]
    rows = np.concatenate(found) if len(found) > 1 else found[0]
    if len(found) > 1 or by.incident is not None or by.where is not None:
        rows = graph.claims.sorted(rows)
    return _within(graph, rows, by)


def _with_any(graph: ConflictGraph, asked: ClaimFilter, actors: tuple[str, ...]) -> tuple[Rows, Rows, Rows]:
    """The claims in which one of the actors is source or target: what each alone would let through, taken together.

    A denial counts as soon as it counts for one of them.
    """
    found = undated = counting = NO_ROWS
    sides = {Role.SOURCE: ("source",), Role.TARGET: ("target",), Role.EITHER: ("source", "target")}[asked.role]
    base = replace(asked, actors=())
    for side in sides:
        for actor in actors:
            alone = replace(base, source=actor) if side == "source" else replace(base, target=actor)
            by = sieve(graph, alone)
            rows, without = _rows(graph, alone, by)
            counting = np.union1d(counting, np.setdiff1d(rows, _narrower(graph, rows, alone, by)))
            found, undated = np.union1d(found, rows), np.union1d(undated, without)
    if asked.source is not None or asked.target is not None:
        by = sieve(graph, base)
        rows, without = _rows(graph, base, by)
        counting = np.setdiff1d(counting, _narrower(graph, rows, base, by))
        found, undated = np.intersect1d(found, rows), np.intersect1d(undated, without)
    return _undated_last(graph, graph.claims.sorted(found)), undated, np.setdiff1d(found, counting)


def _narrower(graph: ConflictGraph, rows: Rows, asked: ClaimFilter, by: Sieve) -> Rows:
    """Denials by parts of the source, which a roll-up brings in, but which are not the source's."""
    whole = by.source
    if whole is None or by.rollup is Rollup.OFF or ClaimType.DENIES not in types_of(asked):
        return NO_ROWS
    claims = graph.claims
    denials = rows[_by_code(claims, "sort", rows, lambda claim: claim.type is ClaimType.DENIES)]
    return denials[[is_narrower(graph, claims.at(row), whole) for row in denials.tolist()]] if len(denials) else NO_ROWS


def _by_code(claims: ClaimTable, column: str, rows: Rows, holds: Callable[[ResolvedClaim], bool]) -> NDArray[np.bool_]:
    """Of these rows, for which ones something holds that only depends on one of their columns: asked once a value."""
    codes, first, inverse = np.unique(claims.columns[column].values[rows], return_index=True, return_inverse=True)
    answers = np.fromiter((holds(claims.at(int(rows[place]))) for place in first.tolist()), np.bool_, len(codes))
    return answers[inverse] if len(rows) else np.empty(0, np.bool_)


def _undated_last(graph: ConflictGraph, rows: Rows) -> Rows:
    dated = graph.claims.days_of(rows) != UNTOLD
    return np.concatenate([rows[dated], rows[~dated]])


def position(entry: Entry) -> tuple[str, str]:
    """Where an entry stands in the order of a selection."""
    day, claim = entry
    return ("~" if day == date.min else day.isoformat(), claim)


def types_of(asked: ClaimFilter) -> tuple[ClaimType, ...]:
    """The types of claims that a filter lets through, each once and in the order of the terms."""
    if asked.type is not None:
        return (asked.type,)
    return tuple(kind for kind in ClaimType if kind in asked.types) or tuple(ClaimType)


def _candidates(graph: ConflictGraph, by: Sieve, kind: ClaimType) -> Rows:
    """A superset of the wanted claims of one type, from the narrowest index at hand."""
    if by.source is not None or by.target is not None or (by.incident is None and by.where is None):
        return graph.rows_of(kind, by.source, by.target)
    if by.incident is not None:
        incidents = [by.incident]
    else:
        where = by.where
        incidents = [
            node.id for node in graph.incidents.values() if where is not None and where.holds(node.place, node.country)
        ]
    about = np.concatenate([NO_ROWS, *(graph.rows_about(incident) for incident in incidents)])
    return about[_by_code(graph.claims, "sort", about, lambda claim: claim.type is kind)]


def _within(graph: ConflictGraph, rows: Rows, by: Sieve) -> tuple[Rows, Rows]:
    """Those of the rows (by day) that pass, undated ones last, and those the date filter left out as undated."""
    claims, period = graph.claims, by.period
    if by.clock is not Clock.SAID and not by.period.is_open:
        return _within_by_clock(graph, rows, by)
    days = claims.days_of(rows)
    first_dated = int(days.searchsorted(UNTOLD, "right"))
    until = len(rows)
    if period.end is not None:
        until = max(first_dated, int(days.searchsorted(period.end.toordinal(), "right")))
    undated, dated = rows[:first_dated], rows[first_dated:until]
    if period.start is not None:
        since = period.start.toordinal()
        from_since = int(days[first_dated:until].searchsorted(since))
        # Said on a later day than the first: it overlaps. Before it: only if it is an interval that reaches into it.
        earlier, dated = dated[:from_since], dated[from_since:]
        if claims.longest:
            earlier = earlier[int(days[first_dated:].searchsorted(since - claims.longest)) :]
            ends = claims.last_days_of(earlier)
            reaching = earlier[(ends == UNTOLD) | (ends >= since)]
            dated = np.concatenate([reaching, dated]) if len(reaching) else dated
    if not by.only_actors:
        dated, undated = (some[by.mask(graph, some)] for some in (dated, undated))
    if period.is_open:
        return np.concatenate([dated, undated]) if len(undated) else dated, NO_ROWS
    return dated, undated


def _within_by_clock(graph: ConflictGraph, rows: Rows, by: Sieve) -> tuple[Rows, Rows]:
    """As `_within`, by a clock for which there is no index."""
    rows = rows[by.mask(graph, rows)]
    column = COLUMN_OF[by.clock]
    is_open = _by_code(graph.claims, column, rows, lambda claim: period_of(claim, by.clock).is_open)
    kept = _by_code(graph.claims, column, rows, lambda claim: period_of(claim, by.clock).overlaps(by.period))
    return _undated_last(graph, rows[kept & ~is_open]), rows[is_open]


def _applied(graph: ConflictGraph, asked: ClaimFilter, by: Sieve, actors: tuple[str, ...]) -> AppliedFilters:
    return AppliedFilters(
        type=asked.type,
        kinds=tuple(map(str, types_of(asked))) if asked.type is None and asked.types else (),
        actors=actors,
        role=asked.role if actors else None,
        modality=tuple(asked.modality),
        source=graph.actors[by.source].name if by.source is not None else None,
        source_id=by.source,
        target=graph.actors[by.target].name if by.target is not None else None,
        target_id=by.target,
        since=asked.since,
        until=asked.until,
        place=asked.place,
        place_ids=tuple(sorted(by.where.places)) if by.where is not None else (),
        country=by.where.country if by.where is not None else None,
        incident=by.incident,
        publisher=asked.publisher,
        min_confidence=asked.min_confidence,
        rollup=asked.rollup,
        voice=asked.voice,
        clock=asked.clock if asked.since or asked.until else None,
        rung=asked.rung,
        slice=slice_of(graph),
    )
