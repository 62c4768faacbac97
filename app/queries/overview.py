"""Filters in, counts out: who says it of whom (matrix), and how much was said when (timeline)."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

import msgspec

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.filters import ClaimFilter, period_of, select
from app.queries.rows import AppliedFilters
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import ClaimType, Clock, Modality

MOST_ACTORS = 200
Unit = Literal["day", "week", "month", "year"]
# How much of an ISO date names the unit; a week is named by its Monday.
_LETTERS: dict[Unit, int] = {"day": 10, "week": 10, "month": 7, "year": 4}


class Heading(msgspec.Struct, frozen=True):
    """An actor at the head of a row or column, with the claims in it, cells left out included.

    Attributes:
        lineages: Independent texts: copies of one text count once.
    """

    id: str
    label: str
    claims: int
    lineages: int


class Part(msgspec.Struct, frozen=True):
    """Those of some claims that are of one kind and one modality, so that a threat is not read as an act."""

    kind: ClaimType
    modality: Modality
    claims: int
    lineages: int


class Cell(msgspec.Struct, frozen=True):
    """How often one says it of the other, in how many articles of how many outlets, and in how many lineages.

    Attributes:
        lineages: Independent texts: copies of one text count once.
        parts: The claims by kind and modality.
    """

    source: str
    target: str
    claims: int
    articles: int
    publishers: int
    lineages: int
    parts: list[Part]


class Matrix(msgspec.Struct, frozen=True):
    """Who (rows) says it of whom (columns); cells without claims are not listed.

    Attributes:
        kind: The kind that was asked for, or None where it was several.
        kinds: All kinds that were asked for.
        all_sources: How many sources there are, those not shown included.
        all_targets: How many targets there are, those not shown included.
        without_target: Matching claims that name no target.
        left_out: Claims whose source or target is not among those shown.
    """

    revision: int
    filters: AppliedFilters
    kind: ClaimType | None
    kinds: tuple[ClaimType, ...]
    sources: list[Heading]
    targets: list[Heading]
    cells: list[Cell]
    all_sources: int
    all_targets: int
    total: int
    without_target: int
    left_out: int
    undated_left_out: int


class Bin(msgspec.Struct, frozen=True):
    """What was said in one day, week, month or year, named in ISO 8601; a week by its first day, a Monday."""

    start: str
    accuses: int
    denies: int
    retaliates: int
    articles: int


class Timeline(msgspec.Struct, frozen=True):
    """How much was said when (or happened, was published or ingested: see `clock`); empty units are not listed.

    Attributes:
        clock: Which of a claim's four times put it into its bin.
        undated: Claims that nothing dates.
        too_coarse: Claims whose own date is wider than the unit ("2023-05" by days): put nowhere rather than anywhere.
    """

    revision: int
    filters: AppliedFilters
    unit: Unit
    clock: Clock
    bins: list[Bin]
    total: int
    undated: int
    too_coarse: int
    undated_left_out: int


def matrix(graph: ConflictGraph, kind: ClaimType | Iterable[ClaimType], asked: ClaimFilter, top: int = 30) -> Matrix:
    """The `top` sources and targets of most independent texts of one or several kinds, and what passes between them.

    Raises:
        BadQuery: A name, date or number cannot be used.
    """
    if not 1 <= top <= MOST_ACTORS:
        raise BadQuery(f"top must lie between 1 and {MOST_ACTORS}, not {top}")
    kinds = (kind,) if isinstance(kind, ClaimType) else tuple(dict.fromkeys(kind)) or tuple(ClaimType)
    alone = kinds[0] if len(kinds) == 1 else None
    found = select(graph, dataclasses.replace(asked, type=alone))
    pairs: dict[tuple[str, str], list[ResolvedClaim]] = {}
    total = without_target = 0
    for claim in (graph.claims[one] for one in found.ids):
        if claim.claim.type not in kinds:
            continue
        total += 1
        if claim.target is None:
            without_target += 1
        else:
            pairs.setdefault((claim.source, claim.target), []).append(claim)
    by_source: dict[str, list[ResolvedClaim]] = {}
    by_target: dict[str, list[ResolvedClaim]] = {}
    for (source, target), claims in pairs.items():
        by_source.setdefault(source, []).extend(claims)
        by_target.setdefault(target, []).extend(claims)
    sources, targets = _headings(graph, by_source), _headings(graph, by_target)
    rows, columns = ({one.id for one in side[:top]} for side in (sources, targets))
    shown = [
        _cell(source, target, claims)
        for (source, target), claims in pairs.items()
        if source in rows and target in columns
    ]
    shown.sort(key=lambda cell: (-cell.claims, cell.source, cell.target))
    return Matrix(
        revision=graph.revision,
        filters=msgspec.structs.replace(found.applied, top=top, kinds=tuple(map(str, kinds)) if alone is None else ()),
        kind=alone,
        kinds=kinds,
        sources=sources[:top],
        targets=targets[:top],
        cells=shown,
        all_sources=len(sources),
        all_targets=len(targets),
        total=total,
        without_target=without_target,
        left_out=total - without_target - sum(cell.claims for cell in shown),
        undated_left_out=found.undated_left_out,
    )


def timeline(
    graph: ConflictGraph, asked: ClaimFilter, unit: Unit = "month", kinds: Iterable[ClaimType] = ()
) -> Timeline:
    """Claims by the day, week, month or year in which they were said, or stand by the clock that is asked for.

    Raises:
        BadQuery: A name, date or unit cannot be used.
    """
    if unit not in _LETTERS:
        raise BadQuery(f"unit must be day, week, month or year, not {unit!r}")
    wanted = frozenset(kinds) or frozenset(ClaimType)
    found = select(graph, asked)
    counted: dict[str, Counter[ClaimType]] = {}
    articles: dict[str, set[str]] = {}
    total = undated = too_coarse = 0
    for claim_id in found.ids:
        claim = graph.claims[claim_id]
        if claim.claim.type not in wanted:
            continue
        total += 1
        when = period_of(claim, asked.clock)
        if when.start is None or when.end is None:
            undated += 1
            continue
        start = _bin(when.start, unit)
        if _bin(when.end, unit) != start:
            too_coarse += 1
            continue
        counted.setdefault(start, Counter())[claim.claim.type] += 1
        articles.setdefault(start, set()).add(claim.claim.article)
    bins = [
        Bin(start, n[ClaimType.ACCUSES], n[ClaimType.DENIES], n[ClaimType.RETALIATES], len(articles[start]))
        for start, n in sorted(counted.items())
    ]
    named = tuple(sorted(map(str, wanted))) if kinds else ()
    return Timeline(
        revision=graph.revision,
        filters=msgspec.structs.replace(found.applied, unit=unit, kinds=named),
        unit=unit,
        clock=asked.clock,
        bins=bins,
        total=total,
        undated=undated,
        too_coarse=too_coarse,
        undated_left_out=found.undated_left_out,
    )


def _bin(day: date, unit: Unit) -> str:
    """The name of the unit that a day lies in."""
    first = day - timedelta(days=day.weekday()) if unit == "week" and day.toordinal() > day.weekday() else day
    return first.isoformat()[: _LETTERS[unit]]


def _headings(graph: ConflictGraph, claims: dict[str, list[ResolvedClaim]]) -> list[Heading]:
    """Actors, those of most independent texts first, then of most claims."""
    heads = [
        Heading(actor, graph.label(actor), len(own), len({claim.lineage for claim in own}))
        for actor, own in claims.items()
    ]
    return sorted(heads, key=lambda head: (-head.lineages, -head.claims, head.id))


def _cell(source: str, target: str, claims: list[ResolvedClaim]) -> Cell:
    return Cell(
        source=source,
        target=target,
        claims=len(claims),
        articles=len({claim.claim.article for claim in claims}),
        publishers=len({claim.publisher for claim in claims if claim.publisher is not None}),
        lineages=len({claim.lineage for claim in claims}),
        parts=parts_of(claims),
    )


def parts_of(claims: Iterable[ResolvedClaim]) -> list[Part]:
    """The claims by kind and modality."""
    texts: dict[tuple[ClaimType, Modality], list[str]] = {}
    for claim in claims:
        texts.setdefault((claim.claim.type, claim.claim.modality), []).append(claim.lineage)
    order = list(ClaimType), list(Modality)
    return [
        Part(kind, modality, len(own), len(set(own)))
        for (kind, modality), own in sorted(
            texts.items(), key=lambda item: (order[0].index(item[0][0]), order[1].index(item[0][1]))
        )
    ]
