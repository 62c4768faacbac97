"""A filter in, accusations that face each other out: pairs that accuse one another, and rings of such accusations.

Both sides are shown side by side with their claims. Who began, and who is right, is not said.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Literal

import msgspec
import networkx as nx

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.coverage import said_between
from app.queries.cursors import question_mark, take_page
from app.queries.filters import ClaimFilter, Selection, select
from app.queries.lags import Lag, check_window, day_after, ends, lag
from app.queries.names import find_actor
from app.queries.rows import AppliedFilters, ClaimRow, Counts, count, row_of
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import ClaimType

WINDOW = 30
"""Days between two accusations of the same act that still face each other, unless asked otherwise."""
MOST_CLAIMS = 20
"""Claims shown of each side."""
LONGEST_CYCLE = 4
MOST_EDGES = 2000
"""Edges among which rings are looked for: those of most independent texts."""
MOST_CYCLES = 5000
"""Rings that are looked at, before the search is broken off and says so."""

Basis = Literal["same_incident", "same_act"]


class Side(msgspec.Struct, frozen=True):
    """What one actor accuses the other of.

    Attributes:
        first: First and last day on which it was said.
        claims: The first of them; `left_out` says how many more there are.
    """

    source: str
    source_id: str
    target: str
    target_id: str
    counts: Counts
    first: str | None
    last: str | None
    claims: list[ClaimRow]
    left_out: int


class Mirror(msgspec.Struct, frozen=True):
    """Two actors that accuse each other of the same.

    Attributes:
        basis: `same_incident`: each accuses the other of one incident. `same_act`: each accuses the other, within the
            window, of an act that articles call by one word; only claims with a counterpart are then in the sides.
        act: That word, for `same_act`.
        gap: The fewest days between an accusation of one side and one of the other.
        sides: The side first said comes first.
        said_in_window: All claims of the graph, of any type, said from the first day of the two sides to their last.
        share: Claims of both sides / `said_in_window`; None where neither has a day.
        balance: Independent texts of the side with fewer / of the side with more; 1 is even.
    """

    basis: Basis
    incident: str | None
    incident_label: str | None
    act: str | None
    gap: Lag | None
    sides: tuple[Side, Side]
    said_in_window: int | None
    share: float | None
    balance: float


class Mirrors(msgspec.Struct, frozen=True):
    """Mirrored accusations, those of most independent texts on their weaker side first.

    Attributes:
        within: Days between two accusations of the same act.
        looked_at: Accusations with an accused that were compared.
    """

    revision: int
    filters: AppliedFilters
    within: int
    mirrors: list[Mirror]
    total: int
    looked_at: int
    undated_left_out: int
    next: str | None


class CycleEdge(msgspec.Struct, frozen=True):
    """One accuses the next; `claim` is the first such claim."""

    source: str
    source_id: str
    target: str
    target_id: str
    counts: Counts
    claim: str


class Cycle(msgspec.Struct, frozen=True):
    """A ring: each accuses the next, the last the first.

    Attributes:
        length: How many actors.
        weakest: Independent texts behind the edge that has fewest.
        share: Claims of all its edges / all accusations with an accused that were looked at.
    """

    length: int
    edges: list[CycleEdge]
    weakest: int
    share: float


class Cycles(msgspec.Struct, frozen=True):
    """Rings in the graph of accusations, those with the best-evidenced weakest edge first.

    Attributes:
        length: Most actors in a ring.
        least: Fewest independent texts behind an edge for it to be looked at.
        cycles: The first of them.
        total: How many were found.
        truncated: True where there are more edges or rings than are looked at, so that rings may be missing.
    """

    revision: int
    filters: AppliedFilters
    length: int
    least: int
    cycles: list[Cycle]
    total: int
    truncated: bool
    looked_at: int
    undated_left_out: int


@dataclass(frozen=True, slots=True)
class _Accusation:
    """An accusation with its two ends, rolled up as asked."""

    claim: ResolvedClaim
    source: str
    target: str

    @property
    def order(self) -> tuple[date, str]:
        return (self.claim.when.start or date.max, self.claim.id)


_Keys = Callable[[_Accusation], Iterable[str | None]]
_Sides = tuple[list[_Accusation], list[_Accusation]]


def mirrors(
    graph: ConflictGraph,
    asked: ClaimFilter,
    within: int = WINDOW,
    limit: int = 50,
    cursor: str | None = None,
) -> Mirrors:
    """Pairs of actors that accuse each other of one incident, or of the same act within a window of days.

    With `source` or `target` alone, pairs in which it is one side; with both, that pair.

    Raises:
        BadQuery: A name, date, number or cursor cannot be used.
    """
    span = check_window("within", within)
    found, accusations = _accusations(graph, asked, both_ways=True)
    pairs: dict[tuple[str, str], _Sides] = {}
    for one in accusations:
        pair = min((one.source, one.target), (one.target, one.source))
        pairs.setdefault(pair, ([], []))[one.source != pair[0]].append(one)
    everything = [
        mirror for sides in pairs.values() if sides[0] and sides[1] for mirror in _mirrors_of(graph, sides, span)
    ]
    everything.sort(key=_order)
    question = question_mark("mirrors", dataclasses.astuple(asked), within)
    page, following = take_page(everything, _order, limit, cursor, question, graph.revision)
    return Mirrors(
        revision=graph.revision,
        filters=found.applied,
        within=within,
        mirrors=[_told(graph, one) for one in page],
        total=len(everything),
        looked_at=len(accusations),
        undated_left_out=found.undated_left_out,
        next=following,
    )


def cycles(
    graph: ConflictGraph, asked: ClaimFilter, length: int = LONGEST_CYCLE, least: int = 1, limit: int = 50
) -> Cycles:
    """Rings of at most `length` actors; with `source` or `target`, those in which that actor is one.

    Raises:
        BadQuery: A name, date or number cannot be used.
    """
    if not 2 <= length <= LONGEST_CYCLE:
        raise BadQuery(f"length must lie between 2 and {LONGEST_CYCLE}, not {length}")
    if least < 1 or not 1 <= limit <= 500:
        raise BadQuery("least must be at least 1, and limit must lie between 1 and 500")
    wanted = {find_actor(graph, name) for name in (asked.source, asked.target) if name is not None}
    found, accusations = _accusations(graph, dataclasses.replace(asked, source=None, target=None), both_ways=False)
    behind: dict[tuple[str, str], list[_Accusation]] = {}
    for one in accusations:
        behind.setdefault((one.source, one.target), []).append(one)
    texts = {edge: len({one.claim.lineage for one in those}) for edge, those in behind.items()}
    edges = sorted((edge for edge, n in texts.items() if n >= least), key=lambda edge: (-texts[edge], edge))
    digraph: nx.DiGraph = nx.DiGraph(edges[:MOST_EDGES])
    if wanted:
        digraph = digraph.subgraph(_around(digraph, wanted, length))
    rings = list(islice(nx.simple_cycles(digraph, length_bound=length), MOST_CYCLES + 1))
    fitting = [_as_edges(ring) for ring in rings[:MOST_CYCLES] if wanted <= set(ring)]
    fitting.sort(key=lambda ring: (-min(texts[edge] for edge in ring), len(ring), ring))
    return Cycles(
        revision=graph.revision,
        filters=found.applied,
        length=length,
        least=least,
        cycles=[_cycle(graph, ring, behind, texts, len(accusations)) for ring in fitting[:limit]],
        total=len(fitting),
        truncated=len(edges) > MOST_EDGES or len(rings) > MOST_CYCLES,
        looked_at=len(accusations),
        undated_left_out=found.undated_left_out,
    )


def _accusations(graph: ConflictGraph, asked: ClaimFilter, *, both_ways: bool) -> tuple[Selection, list[_Accusation]]:
    """The accusations that a filter lets through, with their ends; with `both_ways`, those in return, too."""
    asked = dataclasses.replace(asked, type=ClaimType.ACCUSES)
    found = select(graph, asked)
    ids = dict.fromkeys(found.ids)
    if both_ways and (asked.source is not None or asked.target is not None):
        turned = dataclasses.replace(asked, source=asked.target, target=asked.source)
        ids.update(dict.fromkeys(select(graph, turned).ids))
    accusations = []
    for one in ids:
        claim = graph.claims[one]
        source, target = ends(graph, claim, asked.rollup)
        if target is not None and source != target:
            accusations.append(_Accusation(claim, source, target))
    accusations.sort(key=lambda one: one.order)
    return found, accusations


@dataclass(frozen=True, slots=True)
class _Found:
    """A mirror before it is told: its claims, and how many independent texts stand behind each side."""

    basis: Basis
    what: str
    sides: _Sides
    gap: Lag | None
    texts: tuple[int, int]


def _mirrors_of(graph: ConflictGraph, sides: _Sides, span: timedelta) -> Iterator[_Found]:
    """The mirrors of two actors: per incident of which each accuses the other, and per act."""
    by_incident = [_grouped(side, lambda one: (one.claim.incident,)) for side in sides]
    for incident in by_incident[0]:
        if incident in by_incident[1]:
            yield _found("same_incident", incident, (by_incident[0][incident], by_incident[1][incident]))
    by_act = [_grouped(side, lambda one: _acts(graph, one.claim)) for side in sides]
    for act in by_act[0]:
        if act in by_act[1]:
            ours, theirs = by_act[0][act], by_act[1][act]
            facing = _facing(ours, theirs, span), _facing(theirs, ours, span)
            incidents = {one.claim.incident for side in facing for one in side}
            # Of one incident alone, the accusations already stand under `same_incident`.
            if facing[0] and facing[1] and len(incidents) > 1:
                yield _found("same_act", act, facing)


def _grouped(side: list[_Accusation], keys: _Keys) -> dict[str, list[_Accusation]]:
    found: dict[str, list[_Accusation]] = {}
    for one in side:
        for key in keys(one):
            if key is not None:
                found.setdefault(key, []).append(one)
    return found


def _acts(graph: ConflictGraph, claim: ResolvedClaim) -> Iterable[str]:
    """What articles call the incident, case aside."""
    if claim.incident is None:
        return ()
    return dict.fromkeys(" ".join(type_.casefold().split()) for type_ in graph.incidents[claim.incident].types)


def _facing(ours: list[_Accusation], theirs: list[_Accusation], span: timedelta) -> list[_Accusation]:
    """Those of ours (in order) within the window of some of theirs; without a day, none."""
    days = [one.claim.when.start for one in theirs if one.claim.when.start is not None]
    found = []
    for one in ours:
        day = one.claim.when.start
        if day is not None:
            earliest = day - span if day - date.min > span else date.min
            if bisect_right(days, day_after(day, span)) > bisect_left(days, earliest):
                found.append(one)
    return found


def _found(basis: Basis, what: str, sides: _Sides) -> _Found:
    first, second = (len({one.claim.lineage for one in side}) for side in sides)
    return _Found(basis, what, sides, _gap(*sides), (first, second))


def _gap(ours: list[_Accusation], theirs: list[_Accusation]) -> Lag | None:
    """The fewest days between a claim of one side and the next claim of the other."""
    found: list[Lag] = []
    next_of: dict[str, _Accusation] = {}
    # From the last day back, so that the nearest later claim of either side is at hand.
    for one in sorted((*ours, *theirs), key=lambda one: one.order, reverse=True):
        other = next_of.get(one.target)
        between = lag(one.claim.when, other.claim.when) if other is not None else None
        if between is not None:
            found.append(between)
        next_of[one.source] = one
    return min(found, key=lambda one: (one.least, one.most), default=None)


def _order(one: _Found) -> tuple[int, int, str, str, str]:
    sample = one.sides[0][0]
    return (-min(one.texts), -sum(one.texts), sample.source + " " + sample.target, one.basis, one.what)


def _told(graph: ConflictGraph, one: _Found) -> Mirror:
    first, second = sorted(one.sides, key=lambda side: side[0].order)
    days = sorted(day for side in one.sides for a in side for day in (a.claim.when.start, a.claim.when.end) if day)
    said = said_between(graph, days[0], days[-1]) if days else None
    incident = one.what if one.basis == "same_incident" else None
    return Mirror(
        basis=one.basis,
        incident=incident,
        incident_label=graph.incidents[incident].label if incident is not None else None,
        act=one.what if one.basis == "same_act" else None,
        gap=one.gap,
        sides=(_side(graph, first), _side(graph, second)),
        said_in_window=said,
        share=round(sum(len(side) for side in one.sides) / said, 6) if said else None,
        balance=round(min(one.texts) / max(one.texts), 4),
    )


def _side(graph: ConflictGraph, side: list[_Accusation]) -> Side:
    days = sorted(day for one in side for day in (one.claim.when.start, one.claim.when.end) if day is not None)
    return Side(
        source=graph.label(side[0].source),
        source_id=side[0].source,
        target=graph.label(side[0].target),
        target_id=side[0].target,
        counts=count(graph, (one.claim.id for one in side)),
        first=days[0].isoformat() if days else None,
        last=days[-1].isoformat() if days else None,
        claims=[row_of(graph, one.claim) for one in side[:MOST_CLAIMS]],
        left_out=max(0, len(side) - MOST_CLAIMS),
    )


def _around(digraph: nx.DiGraph, wanted: set[str], length: int) -> set[str]:
    """The actors that can lie on a ring of this length with all that are wanted."""
    kept = set(digraph.nodes)
    for actor in wanted:
        if actor not in digraph:
            return set()
        out = nx.single_source_shortest_path_length(digraph, actor, cutoff=length)
        back = nx.single_source_shortest_path_length(digraph.reverse(copy=False), actor, cutoff=length)
        kept &= {one for one in out if one in back and out[one] + back[one] <= length}
    return kept


def _as_edges(ring: list[str]) -> list[tuple[str, str]]:
    """A ring as its edges, from the actor whose id comes first on."""
    start = ring.index(min(ring))
    turned = ring[start:] + ring[:start]
    return list(zip(turned, turned[1:] + turned[:1], strict=True))


def _cycle(
    graph: ConflictGraph,
    ring: list[tuple[str, str]],
    behind: dict[tuple[str, str], list[_Accusation]],
    texts: dict[tuple[str, str], int],
    looked_at: int,
) -> Cycle:
    return Cycle(
        length=len(ring),
        edges=[
            CycleEdge(
                source=graph.label(source),
                source_id=source,
                target=graph.label(target),
                target_id=target,
                counts=count(graph, (one.claim.id for one in behind[source, target])),
                claim=behind[source, target][0].claim.id,
            )
            for source, target in ring
        ],
        weakest=min(texts[edge] for edge in ring),
        share=round(sum(len(behind[edge]) for edge in ring) / looked_at, 6),
    )
