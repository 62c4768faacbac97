"""Filters as people give them in, the claims they let through out, in the order of the days they were said.

It reads the graph's indexes first and looks at single claims only where an index does not decide.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.entailment import is_narrower
from app.queries.names import Whereabouts, check_publisher, find_actor, find_incident, find_place
from app.queries.rows import AppliedFilters
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

    entries: list[Entry]
    undated_left_out: int
    applied: AppliedFilters
    narrower: frozenset[str] = frozenset()

    @property
    def ids(self) -> list[str]:
        """The claims' ids, in order."""
        return [claim for _, claim in self.entries]

    @property
    def counting(self) -> list[str]:
        """The ids of those that count: all but narrower denials."""
        return [claim for _, claim in self.entries if claim not in self.narrower]


@dataclass(frozen=True, slots=True)
class Sieve:
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
        if self.min_confidence is not None and claim.claim.confidence < self.min_confidence:
            return False
        if self.publisher is not None and (claim.publisher or "").casefold() != self.publisher:
            return False
        if self.incident is not None and claim.incident != self.incident:
            return False
        if self.where is not None:
            node = graph.incidents.get(claim.incident) if claim.incident is not None else None
            if node is None or not self.where.holds(node.place, node.country):
                return False
        if self.rung is not None and (claim.claim.rung is None or claim.claim.rung.height < self.rung.height):
            return False
        if self.modality and claim.claim.modality not in self.modality:
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
        entries, undated, narrower = _with_any(graph, asked, actors)
    else:
        entries, undated = _entries(graph, asked, by)
        narrower = _narrower(graph, entries, asked, by)
    if asked.publisher is not None and not entries:
        check_publisher(graph, asked.publisher)
    return Selection(entries, len(undated), _applied(graph, asked, by, actors), narrower)


def _entries(graph: ConflictGraph, asked: ClaimFilter, by: Sieve) -> tuple[list[Entry], list[Entry]]:
    """What a filter lets through by source and target alone, and what its dates left out as undated."""
    entries = [entry for kind in _types(asked) for entry in _candidates(graph, by, kind)]
    if asked.type is None or by.incident is not None or by.where is not None:
        entries.sort()
    return _within(graph, entries, by)


def _with_any(
    graph: ConflictGraph, asked: ClaimFilter, actors: tuple[str, ...]
) -> tuple[list[Entry], list[Entry], frozenset[str]]:
    """The claims in which one of the actors is source or target: what each alone would let through, taken together.

    A denial counts as soon as it counts for one of them.
    """
    found: set[Entry] = set()
    undated: set[Entry] = set()
    counting: set[str] = set()
    sides = {Role.SOURCE: ("source",), Role.TARGET: ("target",), Role.EITHER: ("source", "target")}[asked.role]
    base = replace(asked, actors=())
    for side in sides:
        for actor in actors:
            alone = replace(base, source=actor) if side == "source" else replace(base, target=actor)
            by = sieve(graph, alone)
            entries, without = _entries(graph, alone, by)
            counting |= {claim for _, claim in entries} - _narrower(graph, entries, alone, by)
            found.update(entries)
            undated.update(without)
    if asked.source is not None or asked.target is not None:
        by = sieve(graph, base)
        entries, without = _entries(graph, base, by)
        counting -= _narrower(graph, entries, base, by)
        found &= set(entries)
        undated &= set(without)
    return (
        sorted(found, key=position),
        sorted(undated),
        frozenset(claim for _, claim in found if claim not in counting),
    )


def _narrower(graph: ConflictGraph, entries: list[Entry], asked: ClaimFilter, by: Sieve) -> frozenset[str]:
    """Denials by parts of the source, which a roll-up brings in, but which are not the source's."""
    whole = by.source
    if whole is None or by.rollup is Rollup.OFF or asked.type not in (None, ClaimType.DENIES):
        return frozenset()
    return frozenset(claim for _, claim in entries if is_narrower(graph, graph.claims[claim], whole))


def position(entry: Entry) -> tuple[str, str]:
    """Where an entry stands in the order of a selection."""
    day, claim = entry
    return ("~" if day == date.min else day.isoformat(), claim)


def _types(asked: ClaimFilter) -> tuple[ClaimType, ...]:
    if asked.type is not None:
        return (asked.type,)
    return tuple(dict.fromkeys(asked.types)) or tuple(ClaimType)


def _candidates(graph: ConflictGraph, by: Sieve, kind: ClaimType) -> list[Entry]:
    """A superset of the wanted claims of one type, from the narrowest index at hand."""
    if by.source is not None or by.target is not None or (by.incident is None and by.where is None):
        return graph.claims_of(kind, by.source, by.target)
    if by.incident is not None:
        incidents = [by.incident]
    else:
        where = by.where
        incidents = [
            node.id for node in graph.incidents.values() if where is not None and where.holds(node.place, node.country)
        ]
    about = (graph.claims[claim] for incident in incidents for claim in graph.claims_about(incident))
    return [(claim.when.start or date.min, claim.id) for claim in about if claim.claim.type is kind]


def _within(graph: ConflictGraph, entries: list[Entry], by: Sieve) -> tuple[list[Entry], list[Entry]]:
    """Those of the entries (sorted) that pass, undated ones last, and those the date filter left out as undated."""
    claims, period = graph.claims, by.period
    if by.clock is not Clock.SAID and not by.period.is_open:
        return _within_by_clock(graph, entries, by)
    first_dated = bisect_right(entries, (date.min, "\U0010ffff"))
    undated, dated = entries[:first_dated], entries[first_dated:]
    if period.end is not None:
        dated = dated[: bisect_right(dated, (period.end, "\U0010ffff"))]
    if period.start is not None:
        since = period.start
        # Said on a later day than the first: it overlaps. Before it: only if it is an interval that reaches into it.
        dated = [entry for entry in dated if entry[0] >= since or _ends(claims[entry[1]]) >= since]
    if not by.only_actors:
        dated = [entry for entry in dated if by.passes(graph, claims[entry[1]])]
        undated = [entry for entry in undated if by.passes(graph, claims[entry[1]])]
    if period.is_open:
        return dated + undated, []
    return dated, undated


def _within_by_clock(graph: ConflictGraph, entries: list[Entry], by: Sieve) -> tuple[list[Entry], list[Entry]]:
    """As `_within`, by a clock for which there is no index."""
    kept, undated = [], []
    for entry in entries:
        claim = graph.claims[entry[1]]
        if by.passes(graph, claim):
            when = period_of(claim, by.clock)
            if when.is_open:
                undated.append(entry)
            elif when.overlaps(by.period):
                kept.append(entry)
    first_dated = bisect_right(kept, (date.min, "\U0010ffff"))
    return kept[first_dated:] + kept[:first_dated], undated


def _ends(claim: ResolvedClaim) -> date:
    return claim.when.end or date.max


def _applied(graph: ConflictGraph, asked: ClaimFilter, by: Sieve, actors: tuple[str, ...]) -> AppliedFilters:
    return AppliedFilters(
        type=asked.type,
        kinds=tuple(map(str, asked.types)) if asked.type is None else (),
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
    )
