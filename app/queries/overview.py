"""Filters in, counts out: who says it of whom (matrix), and how much was said when (timeline)."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import Literal

import msgspec
import numpy as np

from app.graph import ClaimTable, ConflictGraph, ResolvedClaim, Rows
from app.queries.filters import COLUMN_OF, ClaimFilter, period_of, select
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
    found = select(graph, dataclasses.replace(asked, type=alone, types=kinds))
    claims, every = graph.claims, found.entries.rows
    total = len(every)
    between = every[claims.columns["target"].values[every] >= 0]
    without_target = total - len(between)
    sources, targets = (_headings(graph, between, column) for column in ("source", "target"))
    rows, columns = ({one.id for one in side[:top]} for side in (sources, targets))
    shown = [
        _cell(claim.source, claim.target, [claims.at(row) for row in group.tolist()])
        for claim, group in claims.groups(between, "source", "target")
        if claim.target is not None and claim.source in rows and claim.target in columns
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


def timeline(graph: ConflictGraph, asked: ClaimFilter, unit: Unit = "month") -> Timeline:
    """Claims by the day, week, month or year in which they were said, or stand by the clock that is asked for.

    Raises:
        BadQuery: A name, date or unit cannot be used.
    """
    if unit not in _LETTERS:
        raise BadQuery(f"unit must be day, week, month or year, not {unit!r}")
    found = select(graph, asked)
    claims = graph.claims
    by_bin: dict[str, list[Rows]] = {}
    undated = too_coarse = 0
    for claim, group in claims.groups(found.entries.rows, COLUMN_OF[asked.clock]):
        when = period_of(claim, asked.clock)
        if when.start is None or when.end is None:
            undated += len(group)
            continue
        start = _bin(when.start, unit)
        if when.end != when.start and _bin(when.end, unit) != start:
            too_coarse += len(group)
            continue
        by_bin.setdefault(start, []).append(group)
    bins = [_counted(claims, start, np.concatenate(groups)) for start, groups in sorted(by_bin.items())]
    return Timeline(
        revision=graph.revision,
        filters=msgspec.structs.replace(found.applied, unit=unit),
        unit=unit,
        clock=asked.clock,
        bins=bins,
        total=len(found.entries),
        undated=undated,
        too_coarse=too_coarse,
        undated_left_out=found.undated_left_out,
    )


def _counted(claims: ClaimTable, start: str, rows: Rows) -> Bin:
    types: Counter[ClaimType] = Counter()
    for claim, group in claims.groups(rows, "sort"):
        types[claim.type] += len(group)
    articles = claims.distinct(rows, "article")
    return Bin(start, types[ClaimType.ACCUSES], types[ClaimType.DENIES], types[ClaimType.RETALIATES], articles)


@cache
def _bin(day: date, unit: Unit) -> str:
    """The name of the unit that a day lies in."""
    first = day - timedelta(days=day.weekday()) if unit == "week" and day.toordinal() > day.weekday() else day
    return first.isoformat()[: _LETTERS[unit]]


def _headings(graph: ConflictGraph, rows: Rows, column: Literal["source", "target"]) -> list[Heading]:
    """The actors of a column, those of most independent texts first, then of most claims."""
    heads = []
    for claim, own in graph.claims.groups(rows, column):
        actor = claim.source if column == "source" else claim.target or ""
        heads.append(Heading(actor, graph.label(actor), len(own), graph.claims.distinct(own, "lineage")))
    return sorted(heads, key=lambda head: (-head.lineages, -head.claims, head.id))


def _cell(source: str, target: str, claims: list[ResolvedClaim]) -> Cell:
    return Cell(
        source=source,
        target=target,
        claims=len(claims),
        articles=len({claim.article for claim in claims}),
        publishers=len({claim.publisher for claim in claims if claim.publisher is not None}),
        lineages=len({claim.lineage for claim in claims}),
        parts=parts_of(claims),
    )


def parts_of(claims: Iterable[ResolvedClaim]) -> list[Part]:
    """The claims by kind and modality."""
    texts: dict[tuple[ClaimType, Modality], list[str]] = {}
    for claim in claims:
        texts.setdefault((claim.type, claim.modality), []).append(claim.lineage)
    order = list(ClaimType), list(Modality)
    return [
        Part(kind, modality, len(own), len(set(own)))
        for (kind, modality), own in sorted(
            texts.items(), key=lambda item: (order[0].index(item[0][0]), order[1].index(item[0][1]))
        )
    ]
