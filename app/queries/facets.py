"""Filters in, counts out: how many claims match, and how many would with one of the filters let go, by its own choices.

So that a box tells what ticking it would show, and a histogram what lies beyond the dates that are chosen.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from typing import Literal, TypeVar

import msgspec

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.filters import ClaimFilter, period_of, select
from app.queries.names import check_publisher
from app.queries.rows import AppliedFilters
from app.vocabulary.terms import ClaimType, Clock, Modality
from app.vocabulary.times import Period

Step = Literal["day", "month", "year"]
_Kind = TypeVar("_Kind", ClaimType, Modality)
MOST_BINS = 150
"""A histogram of more bins than this is asked in longer steps."""
MOST_PUBLISHERS = 50
_LETTERS: dict[Step, int] = {"day": 10, "month": 7, "year": 4}


class FacetBin(msgspec.Struct, frozen=True):
    """The claims of one day, month or year, named in ISO 8601, by type."""

    start: str
    accuses: int
    denies: int
    retaliates: int


class FacetPublisher(msgspec.Struct, frozen=True):
    """An outlet and its claims."""

    name: str
    claims: int


class Facets(msgspec.Struct, frozen=True):
    """How many claims match, and how they spread over the choices of each filter when that one filter is let go.

    Attributes:
        of: All claims of the ledger.
        claims: Those that match all filters; narrower denials are not among them.
        narrower: Denials by parts of an actor that was asked for, which are shown beside them.
        undated_left_out: Claims that only the dates keep out, because nothing tells their day by the clock.
        types: By type, whatever types are asked for.
        modalities: By modality, whatever modalities are asked for.
        publishers: By outlet, whatever outlet is asked for; the most frequent first.
        more_publishers: How many outlets are not listed.
        clock: Which of a claim's four times puts it into its bin.
        unit: How long a bin is: as short as keeps the bins few.
        bins: By the clock, whatever dates are asked for; empty ones are not listed.
        undated: Claims that the clock does not date; they stand in no bin.
        too_coarse: Claims whose date is wider than a bin; they stand in none.
    """

    revision: int
    filters: AppliedFilters
    of: int
    claims: int
    narrower: int
    undated_left_out: int
    types: dict[ClaimType, int]
    modalities: dict[Modality, int]
    publishers: list[FacetPublisher]
    more_publishers: int
    clock: Clock
    unit: Step
    bins: list[FacetBin]
    undated: int
    too_coarse: int


@dataclasses.dataclass(frozen=True, slots=True)
class _Match:
    """A claim, when it is, and which of the filters it fails that facets let go."""

    claim: ResolvedClaim
    when: Period
    fails: frozenset[str]


def facets(graph: ConflictGraph, asked: ClaimFilter, types: Iterable[ClaimType] = ()) -> Facets:
    """Count.

    Raises:
        BadQuery: A name, date or number cannot be used.
    """
    wanted = frozenset(types) or frozenset(ClaimType)
    loose = dataclasses.replace(asked, since=None, until=None, publisher=None, modality=(), type=None)
    found = select(graph, loose)
    period = Period.between(asked.since, asked.until)
    matches, narrower, undated_left_out = [], 0, 0
    for name in found.ids:
        claim = graph.claims[name]
        when = period_of(claim, asked.clock)
        fails = set()
        if claim.claim.type not in wanted:
            fails.add("type")
        if asked.modality and claim.claim.modality not in asked.modality:
            fails.add("modality")
        if asked.publisher is not None and (claim.publisher or "").casefold() != asked.publisher.casefold():
            fails.add("publisher")
        if not period.is_open and (_is_undated(when, asked.clock) or not when.overlaps(period)):
            undated_left_out += not fails and _is_undated(when, asked.clock)
            fails.add("dates")
        if len(fails) > 1:
            continue
        if name in found.narrower:
            # Shown and not counted.
            narrower += not fails
        else:
            matches.append(_Match(claim, when, frozenset(fails)))
    if asked.publisher is not None and all(one.fails for one in matches):
        check_publisher(graph, asked.publisher)
    outlets = Counter(one.claim.publisher for one in _without("publisher", matches) if one.claim.publisher is not None)
    listed = sorted(outlets.items(), key=lambda item: (-item[1], item[0]))
    unit, bins, undated, too_coarse = _bins(list(_without("dates", matches)))
    return Facets(
        revision=graph.revision,
        filters=msgspec.structs.replace(
            found.applied,
            kinds=tuple(sorted(map(str, wanted))) if wanted != frozenset(ClaimType) else (),
            modality=tuple(asked.modality),
            publisher=asked.publisher,
            since=asked.since,
            until=asked.until,
            clock=asked.clock if asked.since or asked.until else None,
        ),
        of=len(graph.claims),
        claims=sum(not one.fails for one in matches),
        narrower=narrower,
        undated_left_out=undated_left_out,
        types=_counted(ClaimType, (one.claim.claim.type for one in _without("type", matches))),
        modalities=_counted(Modality, (one.claim.claim.modality for one in _without("modality", matches))),
        publishers=[FacetPublisher(name, count) for name, count in listed[:MOST_PUBLISHERS]],
        more_publishers=max(0, len(listed) - MOST_PUBLISHERS),
        clock=asked.clock,
        unit=unit,
        bins=bins,
        undated=undated,
        too_coarse=too_coarse,
    )


def _is_undated(when: Period, clock: Clock) -> bool:
    """True where a date filter leaves the claim out as undated, as `select` does."""
    return when.start is None if clock is Clock.SAID else when.is_open


def _without(let_go: str, matches: Iterable[_Match]) -> Iterable[_Match]:
    """Those that fail at most the filter that is let go."""
    return (one for one in matches if not one.fails - {let_go})


def _counted(kinds: type[_Kind], found: Iterable[_Kind]) -> dict[_Kind, int]:
    counts = Counter(found)
    return {kind: counts[kind] for kind in kinds}


def _bins(matches: list[_Match]) -> tuple[Step, list[FacetBin], int, int]:
    dated = [one for one in matches if one.when.start is not None and one.when.end is not None]
    unit = _unit([one.when for one in dated])
    letters = _LETTERS[unit]
    counted: dict[str, Counter[ClaimType]] = {}
    too_coarse = 0
    for one in dated:
        start, end = (day.isoformat()[:letters] for day in (one.when.start, one.when.end) if day is not None)
        if start != end:
            too_coarse += 1
        else:
            counted.setdefault(start, Counter())[one.claim.claim.type] += 1
    bins = [
        FacetBin(start, n[ClaimType.ACCUSES], n[ClaimType.DENIES], n[ClaimType.RETALIATES])
        for start, n in sorted(counted.items())
    ]
    return unit, bins, len(matches) - len(dated), too_coarse


def _unit(periods: list[Period]) -> Step:
    """The shortest step in which the whole span takes no more than `MOST_BINS`."""
    days = [day for one in periods for day in (one.start, one.end) if day is not None]
    if not days:
        return "month"
    span = (max(days) - min(days)).days + 1
    if span <= MOST_BINS:
        return "day"
    return "month" if span / 30.4 <= MOST_BINS else "year"
