"""Filters in, counts out: who says it of whom (matrix), and how much was said when (timeline)."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import date
from typing import Literal

import msgspec

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.filters import ClaimFilter, select
from app.queries.rows import AppliedFilters
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import ClaimType

MOST_ACTORS = 200
Unit = Literal["day", "month", "year"]
# How much of an ISO date names the unit.
_LETTERS: dict[Unit, int] = {"day": 10, "month": 7, "year": 4}


class Heading(msgspec.Struct, frozen=True):
    """An actor at the head of a row or column, with the claims in it, cells left out included."""

    id: str
    label: str
    claims: int


class Cell(msgspec.Struct, frozen=True):
    """How often one says it of the other, and in how many articles of how many outlets."""

    source: str
    target: str
    claims: int
    articles: int
    publishers: int


class Matrix(msgspec.Struct, frozen=True):
    """Who (rows) says it of whom (columns); cells without claims are not listed.

    Attributes:
        without_target: Matching claims that name no target.
        left_out: Claims whose source or target is not among those shown.
    """

    revision: int
    filters: AppliedFilters
    kind: ClaimType
    sources: list[Heading]
    targets: list[Heading]
    cells: list[Cell]
    total: int
    without_target: int
    left_out: int
    undated_left_out: int


class Bin(msgspec.Struct, frozen=True):
    """What was said in one day, month or year, named in ISO 8601."""

    start: str
    accuses: int
    denies: int
    retaliates: int
    articles: int


class Timeline(msgspec.Struct, frozen=True):
    """How much was said when; units in which nothing was said are not listed.

    Attributes:
        undated: Claims that nothing dates.
        too_coarse: Claims whose own date is wider than the unit ("2023-05" by days): put nowhere rather than anywhere.
    """

    revision: int
    filters: AppliedFilters
    unit: Unit
    bins: list[Bin]
    total: int
    undated: int
    too_coarse: int
    undated_left_out: int


def matrix(graph: ConflictGraph, kind: ClaimType, asked: ClaimFilter, top: int = 30) -> Matrix:
    """The `top` sources and targets with most claims of a kind, and what passes between them.

    Raises:
        BadQuery: A name, date or number cannot be used.
    """
    if not 1 <= top <= MOST_ACTORS:
        raise BadQuery(f"top must lie between 1 and {MOST_ACTORS}, not {top}")
    found = select(graph, dataclasses.replace(asked, type=kind))
    pairs: dict[tuple[str, str], list[ResolvedClaim]] = {}
    without_target = 0
    for claim in (graph.claims[one] for one in found.ids):
        if claim.target is None:
            without_target += 1
        else:
            pairs.setdefault((claim.source, claim.target), []).append(claim)
    by_source: Counter[str] = Counter()
    by_target: Counter[str] = Counter()
    for (source, target), claims in pairs.items():
        by_source[source] += len(claims)
        by_target[target] += len(claims)
    sources, targets = _top(by_source, top), _top(by_target, top)
    shown = [
        Cell(
            source,
            target,
            len(claims),
            len({claim.claim.article for claim in claims}),
            len({claim.publisher for claim in claims if claim.publisher is not None}),
        )
        for (source, target), claims in pairs.items()
        if source in sources and target in targets
    ]
    shown.sort(key=lambda cell: (-cell.claims, cell.source, cell.target))
    return Matrix(
        revision=graph.revision,
        filters=msgspec.structs.replace(found.applied, top=top),
        kind=kind,
        sources=[Heading(one, graph.label(one), by_source[one]) for one in sources],
        targets=[Heading(one, graph.label(one), by_target[one]) for one in targets],
        cells=shown,
        total=len(found.entries),
        without_target=without_target,
        left_out=len(found.entries) - without_target - sum(cell.claims for cell in shown),
        undated_left_out=found.undated_left_out,
    )


def timeline(graph: ConflictGraph, asked: ClaimFilter, unit: Unit = "month") -> Timeline:
    """Claims by the day, month or year in which they were said.

    Raises:
        BadQuery: A name, date or unit cannot be used.
    """
    letters = _LETTERS.get(unit)
    if letters is None:
        raise BadQuery(f"unit must be day, month or year, not {unit!r}")
    found = select(graph, asked)
    counted: dict[str, Counter[ClaimType]] = {}
    articles: dict[str, set[str]] = {}
    undated = too_coarse = 0
    for day, claim_id in found.entries:
        claim = graph.claims[claim_id]
        if day == date.min or claim.when.end is None:
            undated += 1
            continue
        start = day.isoformat()[:letters]
        if claim.when.end.isoformat()[:letters] != start:
            too_coarse += 1
            continue
        counted.setdefault(start, Counter())[claim.claim.type] += 1
        articles.setdefault(start, set()).add(claim.claim.article)
    bins = [
        Bin(start, n[ClaimType.ACCUSES], n[ClaimType.DENIES], n[ClaimType.RETALIATES], len(articles[start]))
        for start, n in sorted(counted.items())
    ]
    return Timeline(
        revision=graph.revision,
        filters=msgspec.structs.replace(found.applied, unit=unit),
        unit=unit,
        bins=bins,
        total=len(found.entries),
        undated=undated,
        too_coarse=too_coarse,
        undated_left_out=found.undated_left_out,
    )


def _top(counts: Counter[str], top: int) -> dict[str, None]:
    return dict.fromkeys(sorted(counts, key=lambda one: (-counts[one], one))[:top])
