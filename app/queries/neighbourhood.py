"""Seeds and filters in, a bounded piece of the graph out: the best-evidenced edges near them, and what was left out.

Every edge shows only those of its claims that the filters let through; an edge of claims with none left is not shown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heapreplace
from itertools import combinations
from typing import NamedTuple

import msgspec
import numpy as np

from app.graph import NO_ROWS, Backing, ConflictGraph, Edge, IncidentNode, ResolvedClaim, Rows
from app.queries.filters import ClaimFilter, Sieve, period_of, select, sieve
from app.queries.names import check_publisher, find_actor, find_incident, find_place
from app.queries.rows import AppliedFilters, slice_of
from app.vocabulary.errors import BadQuery
from app.vocabulary.records import Actor
from app.vocabulary.terms import ActorKind, ClaimType, Clock, EdgeKind, Modality, NodeKind, Role, Rollup
from app.vocabulary.times import Period

MOST_EDGES = 1000
MOST_HOPS = 4
MOST_COUNTED = 3_000
"""So many edges are looked at to count those beyond the limit; where there may be more, the count is a lower bound."""
CLAIM_KINDS = tuple(EdgeKind(kind) for kind in ClaimType)
# Around an incident or a place these show how the claims hang on it; around actors they would only crowd the picture.
CONTEXT_KINDS = (EdgeKind.ABOUT, EdgeKind.LOCATED_IN)


class SubNode(msgspec.Struct, frozen=True):
    """A node as it is drawn."""

    id: str
    kind: NodeKind
    label: str
    actor_kind: ActorKind | None
    country: str | None
    date: str | None
    type: str | None


class SubEdge(msgspec.Struct, frozen=True):
    """An edge as it is drawn; `claims` are the ids of those behind it, oldest first."""

    id: str
    kind: EdgeKind
    phrase: str
    source: str
    target: str
    modality: Modality | None
    incident: str | None
    claims: list[str]
    evidence_count: int
    articles: int
    publishers: int
    first: str | None
    last: str | None


class LeftOut(msgspec.Struct, frozen=True):
    """What a subgraph does not show: edges beyond the limit, and matching claims that have no edge to stand on.

    Where `at_least` is true, `edges` and the subgraph's `total_edges` are lower bounds: counting all would mean walking
    much of a large graph for a number alone. What is shown is the same either way.
    """

    edges: int
    claims_without_edge: int
    at_least: bool = False


class Subgraph(msgspec.Struct, frozen=True):
    """A piece of the graph."""

    revision: int
    filters: AppliedFilters
    nodes: list[SubNode]
    edges: list[SubEdge]
    total_edges: int
    left_out: LeftOut


@dataclass(frozen=True, slots=True)
class _Seeds:
    actors: tuple[str, ...]
    nodes: frozenset[str]
    incidents: frozenset[str]
    around_happenings: bool


class _Met(NamedTuple):
    """An edge that was met: how many of its claims match, and which (all where None)."""

    edge: Edge
    matches: int
    some: Sequence[str] | None


def subgraph(
    graph: ConflictGraph,
    actors: Sequence[str] = (),
    incident: str | None = None,
    place: str | None = None,
    kinds: Iterable[EdgeKind] | None = None,
    since: str | None = None,
    until: str | None = None,
    publisher: str | None = None,
    min_confidence: float | None = None,
    hops: int = 1,
    limit: int = 150,
    clock: Clock = Clock.SAID,
    modality: Sequence[Modality] = (),
    rollup: Rollup | None = None,
    role: Role = Role.EITHER,
) -> Subgraph:
    """The edges within `hops` of the seeds, or of the whole graph where none is given; at most `limit` of them.

    With a roll-up or a role, the first hop from actors is what `select` lets through of claims by and against them (and
    about the incident, and at the place): the edges of these claims with these claims alone, so that a picture and a
    list of claims agree. An edge then need not touch a seed, for the claim of a part is drawn at the part.

    Where the limit bites, nearer edges go before farther ones, and among the equally near those with more claims, then
    more articles. The answer lists edges by claims, then articles, then id.

    Raises:
        BadQuery: A name, date or number cannot be used.
    """
    _check(limit, hops)
    asked = ClaimFilter(
        since=since,
        until=until,
        publisher=publisher,
        min_confidence=min_confidence,
        clock=clock,
        modality=tuple(modality),
    )
    by = sieve(graph, asked)
    if publisher is not None:
        check_publisher(graph, publisher)
    seeds = _seeds(graph, actors, incident, place)
    wanted = tuple(dict.fromkeys(kinds)) if kinds is not None else ()
    if not wanted:
        wanted = CLAIM_KINDS + (CONTEXT_KINDS if seeds.around_happenings else ())
    chosen = None
    if seeds.actors and (rollup is not None or role is not Role.EITHER):
        rolled = replace(asked, actors=seeds.actors, role=role, incident=incident, place=place)
        chosen = select(graph, replace(rolled, rollup=rollup or Rollup.FULL)).ids
    walk = _Walk(graph, seeds, wanted, by, limit, chosen)
    walk.go(hops)
    whole = zip(map(graph.edge_table.at, walk.whole.tolist()), graph.backings(walk.whole), strict=True)
    edges = [sub_edge(edge, backing) for edge, backing in whole] + [_drawn(graph, one) for one in walk.kept]
    edges.sort(key=_rank)
    shown = {end: None for edge in edges for end in (edge.source, edge.target)}
    shown.update(dict.fromkeys(sorted(seeds.nodes)))
    applied = AppliedFilters(
        kinds=tuple(str(kind) for kind in wanted),
        actors=seeds.actors,
        incident=incident,
        place=place,
        rollup=rollup,
        role=role if chosen is not None else None,
        modality=tuple(modality),
        clock=clock if since or until else None,
        since=since,
        until=until,
        publisher=publisher,
        min_confidence=min_confidence,
        hops=hops,
        slice=slice_of(graph),
    )
    return Subgraph(
        revision=graph.revision,
        filters=applied,
        nodes=[sub_node(graph, node) for node in shown],
        edges=edges,
        total_edges=walk.total,
        left_out=LeftOut(walk.total - len(edges), _without_edge(graph, seeds, by, wanted, chosen), walk.at_least),
    )


def nearest_edges(
    graph: ConflictGraph,
    actors: Sequence[str],
    kinds: Sequence[EdgeKind] = CLAIM_KINDS,
    hops: int = 1,
    limit: int = 150,
) -> list[str]:
    """Ids of the edges that `subgraph` shows around actors where nothing more is asked, in no order.

    It counts nothing that is left out, and looks at nothing behind an edge: for programs that walk from edge to edge.

    Raises:
        BadQuery: As `subgraph` does; or no actor is named.
    """
    _check(limit, hops)
    if not actors:
        raise BadQuery("name an actor at least")
    nodes = dict.fromkeys(find_actor(graph, name) for name in actors)
    found: list[Rows] = []
    for _, best in _hops_by_rows(graph, nodes, kinds, hops, limit):
        found.append(best)
        if sum(map(len, found)) == limit:
            break
    return graph.edge_table.ids(np.concatenate(found))


def _check(limit: int, hops: int) -> None:
    if not 1 <= limit <= MOST_EDGES:
        raise BadQuery(f"limit must lie between 1 and {MOST_EDGES}, not {limit}")
    if not 1 <= hops <= MOST_HOPS:
        raise BadQuery(f"hops must lie between 1 and {MOST_HOPS}, not {hops}")


def sub_node(graph: ConflictGraph, node_id: str) -> SubNode:
    """A node of the graph as it is drawn."""
    node = graph.node(node_id)
    return SubNode(
        id=node_id,
        kind=graph.kind(node_id),
        label=graph.label(node_id),
        actor_kind=node.kind if isinstance(node, Actor) else None,
        country=node.country,
        date=node.date if isinstance(node, IncidentNode) else None,
        type="; ".join(node.types) if isinstance(node, IncidentNode) else None,
    )


def sub_edge(edge: Edge, backing: Backing) -> SubEdge:
    """An edge as it is drawn, with all or some of the claims behind it."""
    return SubEdge(
        id=edge.id,
        kind=edge.kind,
        phrase=edge.phrase,
        source=edge.source,
        target=edge.target,
        modality=edge.modality,
        incident=edge.incident,
        claims=list(backing.claims),
        evidence_count=len(backing.claims),
        articles=backing.articles,
        publishers=backing.publishers,
        first=backing.first.isoformat() if backing.first is not None else None,
        last=backing.last.isoformat() if backing.last is not None else None,
    )


def _seeds(graph: ConflictGraph, actors: Sequence[str], incident: str | None, place: str | None) -> _Seeds:
    ids = tuple(dict.fromkeys(find_actor(graph, name) for name in actors))
    happenings = {find_incident(graph, incident)} if incident is not None else set()
    nodes = set(ids) | happenings
    if place is not None:
        where = find_place(graph, place)
        nodes |= where.places
        there = {node.id for node in graph.incidents.values() if where.holds(node.place, node.country)}
        # With an incident asked for as well, the place only narrows it.
        happenings = happenings & there if incident is not None else there
    return _Seeds(ids, frozenset(nodes), frozenset(happenings), incident is not None or place is not None)


class _Walk:
    """Goes from the seeds outwards, hop by hop, and keeps the best edges of each hop until the limit is reached.

    It reads the lists that the graph keeps of a node's edges, those with most claims first. An edge has at most as many
    matching claims as it has claims, so a list is left as soon as nothing further down can be among the best.
    """

    def __init__(
        self,
        graph: ConflictGraph,
        seeds: _Seeds,
        kinds: Sequence[EdgeKind],
        by: Sieve,
        limit: int,
        chosen: Sequence[str] | None = None,
    ) -> None:
        self.kept: list[_Met] = []
        self.whole = NO_ROWS
        """Rows of edges that are kept with all of their claims, beside those in `kept`."""
        self.total = 0
        self.at_least = False
        self._graph = graph
        self._seeds = seeds
        self._kinds = kinds
        self._by = by
        self._limit = limit
        self._may_count = MOST_COUNTED
        # Where nothing is asked of claims, every edge is met with all of its claims.
        self._only_days = by.only_actors
        self._all_match = self._only_days and by.period.is_open
        self._met: set[str] = set()
        self._chosen = dict.fromkeys(chosen) if chosen is not None else None
        """The only claims that the edges of the first hop may show, in order; all that pass where None."""

    def go(self, hops: int) -> None:
        """Walk so many hops, or until nothing is left to be met or counted."""
        seeds, graph = self._seeds, self._graph
        if self._all_match and self._chosen is None and not seeds.around_happenings:
            self._go_by_rows(hops)
            return
        if self._chosen is not None:
            known = seeds.nodes | seeds.incidents
            lists: list[Sequence[Edge]] = [sorted(self._of_chosen(self._chosen), key=lambda edge: -len(edge.claims))]
            different = len(lists[0])
        elif seeds.around_happenings:
            known = seeds.nodes | seeds.incidents
            lists = [sorted(self._around(), key=lambda edge: -len(edge.claims))]
            different = len(lists[0])
        elif seeds.nodes:
            known = seeds.nodes
            lists = [self._ranked(kind, node) for node in seeds.actors for kind in self._kinds]
            different = sum(map(len, lists)) - self._twice(seeds.actors)
        else:
            known = frozenset()
            lists = [graph.ranked_edges(kind) for kind in self._kinds]
            # Nothing lies beyond the whole graph.
            different, hops = sum(map(len, lists)), 1
        seen = set(known)
        for hop in range(1, hops + 1):
            ends = self._hop(lists, different if hop == 1 and self._all_match else None)
            self._chosen = None
            if ends is None:
                self.at_least = self.at_least or hop < hops
                return
            frontier = [end for end in ends if end not in seen]
            seen.update(frontier)
            if hop == hops or not frontier:
                return
            lists, size = [], 0
            for node in frontier:
                at_node = [self._ranked(kind, node) for kind in self._kinds]
                lists += at_node
                size += sum(map(len, at_node))
                if len(self.kept) == self._limit and size > self._may_count:
                    break  # More than may be counted, and none of it will be shown.

    def _go_by_rows(self, hops: int) -> None:
        """The same where every edge counts with all of its claims: all edges of a hop at once."""
        for rows, best in _hops_by_rows(self._graph, self._seeds.nodes, self._kinds, hops, self._limit):
            self.total += len(rows)
            self.whole = np.concatenate([self.whole, best])

    def _ranked(self, kind: EdgeKind, node: str) -> Sequence[Edge]:
        return self._graph.ranked_edges(kind, node)

    def _twice(self, nodes: Sequence[str]) -> int:
        """How many edges stand in the lists of two of these nodes."""
        pairs = combinations(nodes, 2)
        return sum(edge.kind in self._kinds for pair in pairs for edge in self._graph.edges_between(*pair))

    def _around(self) -> list[Edge]:
        """Edges of claims about the seed incidents (by or against the seed actors, if any), and to their places."""
        graph, chosen = self._graph, set(self._seeds.actors)
        found: dict[str, Edge] = {}
        for incident in self._seeds.incidents:
            found.update((edge.id, edge) for edge in graph.ranked_edges(EdgeKind.LOCATED_IN, incident))
            for claim in graph.claims_about(incident):
                for edge in graph.edges_of(claim):
                    if not chosen or edge.source in chosen or edge.target in chosen:
                        found[edge.id] = edge
        return [edge for edge in found.values() if edge.kind in self._kinds]

    def _of_chosen(self, chosen: Iterable[str]) -> list[Edge]:
        """The edges of these claims, the places of the incidents they are about, and what the seeds are part of."""
        graph, claims = self._graph, list(chosen)
        found = {edge.id: edge for claim in claims for edge in graph.edges_of(claim)}
        incidents = {graph.claims[claim].incident for claim in claims} - {None} | self._seeds.incidents
        for incident in incidents:
            found.update((edge.id, edge) for edge in graph.ranked_edges(EdgeKind.LOCATED_IN, incident))
        for actor in self._seeds.actors:
            found.update((edge.id, edge) for edge in graph.ranked_edges(EdgeKind.PART_OF, actor))
        return [edge for edge in found.values() if edge.kind in self._kinds]

    def _hop(self, lists: Sequence[Sequence[Edge]], size: int | None) -> Iterable[str] | None:
        """Keep the best of the edges in these lists; return where they lead to, or None where that would take long.

        `size` tells how many different ones match, where that is known.
        """
        room = self._limit - len(self.kept)
        found: dict[str, _Met] = {}
        complete = self._best_of(lists, room, found)
        self.kept += self._ranked_first(found.values(), room)
        listed = sum(map(len, lists))
        if not complete and listed > self._may_count and size is not None:
            self.total += size
            return None
        ends = {end: None for one in found.values() for end in (one.edge.source, one.edge.target)}
        before = len(self._met)
        self._met.update(found)
        self.at_least = not complete and listed > self._may_count
        if not complete:
            for edges in lists:
                self._count(edges[: self._may_count], ends)
                self._may_count = max(0, self._may_count - len(edges))
        self.total += len(self._met) - before
        return None if self.at_least else ends

    def _best_of(self, lists: Sequence[Sequence[Edge]], room: int, found: dict[str, _Met]) -> bool:
        """Meet edges until the best `room` are among those found; True where these are all there are."""
        counts: Counter[int] = Counter()
        if room == 0:
            return not any(lists)
        for most, edges in _levels(lists):
            # What is still to come has at most so many matching claims.
            if sum(number for count, number in counts.items() if count > most) >= room:
                return False
            counts.update(self._meet(edges, found))
        return True

    def _meet(self, edges: Iterable[Edge], found: dict[str, _Met]) -> list[int]:
        """Add those that match and are new; return how many claims match in each of them."""
        added = []
        for edge in edges:
            if edge.id in found or edge.id in self._met:
                continue
            count, some = len(edge.claims), None
            if count and (not self._all_match or self._chosen is not None):
                some = self._passing(edge)
                if not some:
                    continue
                count = len(some)
            found[edge.id] = _Met(edge, count, some)
            added.append(count)
        return added

    def _count(self, edges: Iterable[Edge], ends: dict[str, None]) -> None:
        """Count those that match and are new, and note where they lead to."""
        for edge in edges:
            if edge.id not in self._met and (self._counts_as_it_is(edge) or self._passing(edge)):
                self._met.add(edge.id)
                ends[edge.source] = ends[edge.target] = None

    def _counts_as_it_is(self, edge: Edge) -> bool:
        return not edge.claims or (self._all_match and self._chosen is None)

    def _passing(self, edge: Edge) -> Sequence[str]:
        """The edge's claims that pass, which may be all or none."""
        graph, period, names = self._graph, self._by.period, edge.claims
        if self._chosen is not None and edge.kind is not EdgeKind.PART_OF:
            return tuple(name for name in names if name in self._chosen)
        is_within = period.is_open
        # What is remembered of an edge's days is when its claims were said.
        if not is_within and len(names) > 1 and self._by.clock is Clock.SAID:
            backing = graph.backing(edge)
            names = backing.claims
            if backing.is_dated and backing.first is not None and backing.last is not None:
                if not period.overlaps(Period(backing.first, backing.last)):
                    return ()
                is_within = period.holds(backing.first) and period.holds(backing.last)
        if is_within and self._only_days:
            return names
        return tuple(name for name in names if _matches(graph, graph.claims[name], self._by, is_within))

    def _ranked_first(self, met: Iterable[_Met], room: int) -> list[_Met]:
        """The best-evidenced: most claims, then most articles, then by id."""
        ordered = sorted(met, key=_roughly)
        if len(ordered) <= room or room == 0:
            return ordered[:room]
        # Articles are counted only of those that the limit may part.
        last = ordered[room - 1].matches
        sure = [one for one in ordered[:room] if one.matches > last]
        tied = ordered[len(sure) : bisect_right(ordered, -last, key=_roughly)]
        if last > 1:
            tied.sort(key=lambda one: (-_backing(self._graph, one).articles, one.edge.id))
        else:
            tied.sort(key=lambda one: one.edge.id)
        return sure + tied[: room - len(sure)]


def _hops_by_rows(
    graph: ConflictGraph, nodes: Iterable[str], kinds: Sequence[EdgeKind], hops: int, limit: int
) -> Iterator[tuple[Rows, Rows]]:
    """Hop by hop the edges first met there, and the best of them for which there is room; of no nodes, all edges."""
    table = graph.edge_table
    seen = frontier = np.array([graph.code(node) for node in nodes], np.int32)
    is_met = np.zeros(len(table), np.bool_)
    for hop in range(1, hops + 1):
        rows = table.of_kinds(kinds, frontier if len(seen) else None)
        rows = rows[~is_met[rows]]
        best = table.best(rows, limit)
        limit -= len(best)
        yield rows, best
        # Nothing lies beyond the whole graph.
        if hop == hops or not len(seen):
            return
        is_met[rows] = True
        ends = table.ends(rows)
        frontier = ends[~np.isin(ends, seen)]
        seen = np.concatenate([seen, frontier])


def _levels(lists: Sequence[Sequence[Edge]]) -> Iterator[tuple[int, list[Edge]]]:
    """The edges of lists that are in order: number of claims, and all edges with so many; the highest number first."""
    heads = [(-len(edges[0].claims), index, 0) for index, edges in enumerate(lists) if edges]
    heapify(heads)
    while heads:
        level, found = heads[0][0], list[Edge]()
        while heads and heads[0][0] == level:
            _, index, start = heads[0]
            edges = lists[index]
            stop = bisect_right(edges, level, lo=start, key=lambda edge: -len(edge.claims))
            found += edges[start:stop]
            if stop < len(edges):
                heapreplace(heads, (-len(edges[stop].claims), index, stop))
            else:
                heappop(heads)
        yield -level, found


def _roughly(one: _Met) -> int:
    return -one.matches


def _backing(graph: ConflictGraph, met: _Met) -> Backing:
    if met.some is None or met.matches == len(met.edge.claims):
        return graph.backing(met.edge)
    return graph.backing_of(met.some)


def _drawn(graph: ConflictGraph, met: _Met) -> SubEdge:
    return sub_edge(met.edge, _backing(graph, met))


def _matches(graph: ConflictGraph, claim: ResolvedClaim, by: Sieve, is_within: bool) -> bool:
    """True for a claim that passes; `is_within` says that it is known to lie in the period."""
    if not is_within:
        when = period_of(claim, by.clock)
        if when.is_open or not when.overlaps(by.period):
            return False
    return by.only_actors or by.passes(graph, claim)


def _without_edge(
    graph: ConflictGraph, seeds: _Seeds, by: Sieve, kinds: Sequence[EdgeKind], chosen: Sequence[str] | None
) -> int:
    """Matching claims by the seeds (or by anyone) that name neither a target nor an incident."""
    if chosen is not None:
        claims = map(graph.claims.__getitem__, chosen)
        return sum(claim.head is None and EdgeKind(claim.type) in kinds for claim in claims)
    if seeds.around_happenings:
        return 0  # A claim about an incident always has an edge.
    names = {
        claim
        for kind in ClaimType
        if EdgeKind(kind) in kinds
        for actor in seeds.actors or (None,)
        for claim in graph.claims_without_edge(kind, actor)
    }
    return sum(_matches(graph, graph.claims[name], by, by.period.is_open) for name in names)


def _rank(edge: SubEdge) -> tuple[int, int, str]:
    return (-edge.evidence_count, -edge.articles, edge.id)
