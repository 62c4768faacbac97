"""Filters in, counts out: how many claims match, and how many would with one of the filters let go, by its own choices.

So that a box tells what ticking it would show, and a histogram what lies beyond the dates that are chosen.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import date
from typing import Literal

import msgspec
import numpy as np

from app.graph import ConflictGraph
from app.queries.filters import COLUMN_OF, ClaimFilter, period_of, select, types_of
from app.queries.names import check_publisher
from app.queries.rows import AppliedFilters
from app.vocabulary.terms import ClaimType, Clock, Modality
from app.vocabulary.times import Period

Step = Literal["day", "month", "year"]
_Days = tuple[date | None, date | None, ClaimType]
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


def facets(graph: ConflictGraph, asked: ClaimFilter) -> Facets:
    """Count.

    Raises:
        BadQuery: A name, date or number cannot be used.
    """
    wanted = types_of(asked)
    loose = dataclasses.replace(asked, since=None, until=None, publisher=None, modality=(), type=None, types=())
    found = select(graph, loose)
    period = Period.between(asked.since, asked.until)
    outlet = asked.publisher.casefold() if asked.publisher is not None else None
    types: Counter[ClaimType] = Counter()
    modalities: Counter[Modality] = Counter()
    outlets: Counter[str] = Counter()
    days: Counter[_Days] = Counter()
    matching = narrower = undated_left_out = 0
    claims, every = graph.claims, found.entries.rows
    is_narrower = np.isin(every, claims.rows(found.narrower))
    groups = (
        (claim, len(group), shown)
        for shown in (False, True)
        for claim, group in claims.groups(every[is_narrower == shown], "sort", "told", COLUMN_OF[asked.clock])
    )
    for claim, count, is_shown in groups:
        when = period_of(claim, asked.clock)
        # Which of the filters it fails that facets let go.
        fails = []
        if claim.type not in wanted:
            fails.append("type")
        if asked.modality and claim.modality not in asked.modality:
            fails.append("modality")
        if outlet is not None and (claim.publisher or "").casefold() != outlet:
            fails.append("publisher")
        if not period.is_open and (_is_undated(when, asked.clock) or not when.overlaps(period)):
            undated_left_out += count * (not fails and _is_undated(when, asked.clock))
            fails.append("dates")
        if len(fails) > 1:
            continue
        if is_shown:
            # And not counted.
            narrower += count * (not fails)
            continue
        matching += count * (not fails)
        # What fails one filter counts in the facet of that filter alone.
        failed = fails[0] if fails else None
        if failed in (None, "type"):
            types[claim.type] += count
        if failed in (None, "modality"):
            modalities[claim.modality] += count
        if failed in (None, "publisher") and claim.publisher is not None:
            outlets[claim.publisher] += count
        if failed in (None, "dates"):
            days[when.start, when.end, claim.type] += count
    if asked.publisher is not None and not matching:
        check_publisher(graph, asked.publisher)
    listed = sorted(outlets.items(), key=lambda item: (-item[1], item[0]))
    unit, bins, undated, too_coarse = _bins(days)
    return Facets(
        revision=graph.revision,
        filters=msgspec.structs.replace(
            found.applied,
            type=asked.type,
            kinds=tuple(map(str, wanted)) if asked.type is None and asked.types else (),
            modality=tuple(asked.modality),
            publisher=asked.publisher,
            since=asked.since,
            until=asked.until,
            clock=asked.clock if asked.since or asked.until else None,
        ),
        of=len(graph.claims),
        claims=matching,
        narrower=narrower,
        undated_left_out=undated_left_out,
        types={kind: types[kind] for kind in ClaimType},
        modalities={modality: modalities[modality] for modality in Modality},
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


def _bins(days: Counter[_Days]) -> tuple[Step, list[FacetBin], int, int]:
    dated = [(start, end, kind, n) for (start, end, kind), n in days.items() if start is not None and end is not None]
    unit = _unit([day for start, end, _, _ in dated for day in (start, end)])
    letters = _LETTERS[unit]
    counted: dict[str, Counter[ClaimType]] = {}
    too_coarse = 0
    for start, end, kind, n in dated:
        first, last = (day.isoformat()[:letters] for day in (start, end))
        if first != last:
            too_coarse += n
        else:
            counted.setdefault(first, Counter())[kind] += n
    bins = [
        FacetBin(start, n[ClaimType.ACCUSES], n[ClaimType.DENIES], n[ClaimType.RETALIATES])
        for start, n in sorted(counted.items())
    ]
    return unit, bins, days.total() - sum(n for *_, n in dated), too_coarse


def _unit(days: list[date]) -> Step:
    """The shortest step in which the whole span takes no more than `MOST_BINS`."""
    if not days:
        return "month"
    span = (max(days) - min(days)).days + 1
    if span <= MOST_BINS:
        return "day"
    return "month" if span / 30.4 <= MOST_BINS else "year"
