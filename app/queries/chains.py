"""Two actors in, the shortest chains of claims between them out; a chain connects, it does not say who did what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

import msgspec

from app.graph import ConflictGraph, Edge
from app.queries.names import find_actor
from app.queries.neighbourhood import SubEdge, SubNode, sub_edge, sub_node
from app.queries.rows import AppliedFilters, slice_of
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import EdgeKind

MOST_HOPS = 6
MOST_PATHS = 50
# Edges along which a chain may run, in either direction. part_of is left out: it joins a spokesman to a state, not two
# sides of a dispute.
ALONG = frozenset({EdgeKind.ACCUSES, EdgeKind.DENIES, EdgeKind.RETALIATES, EdgeKind.ABOUT})


class Step(msgspec.Struct, frozen=True):
    """Two neighbouring nodes of a path and every edge between them, in their own directions."""

    start: str
    end: str
    edges: list[SubEdge]


class Path(msgspec.Struct, frozen=True):
    """One chain; `nodes` are in order, and `steps` lie between them."""

    nodes: list[SubNode]
    steps: list[Step]


class Paths(msgspec.Struct, frozen=True):
    """The shortest chains, shortest first; among equally long ones those along better-evidenced edges first."""

    revision: int
    filters: AppliedFilters
    paths: list[Path]


def paths(graph: ConflictGraph, a: str, b: str, max_hops: int = 4, limit: int = 5) -> Paths:
    """Chains of claims from one actor to another.

    Raises:
        BadQuery: A name fits nothing or several actors, both are the same, or a number is out of range.
    """
    if not 1 <= max_hops <= MOST_HOPS:
        raise BadQuery(f"max_hops must lie between 1 and {MOST_HOPS}, not {max_hops}")
    if not 1 <= limit <= MOST_PATHS:
        raise BadQuery(f"limit must lie between 1 and {MOST_PATHS}, not {limit}")
    start, end = find_actor(graph, a), find_actor(graph, b)
    if start == end:
        raise BadQuery(f"{a!r} and {b!r} are the same actor; name two")
    steps = _Steps(graph, end)
    found: list[Path] = []
    for length in range(1, max_hops + 1):
        # Deepened hop by hop: near neighbours are answered without walking the whole graph.
        chains = _chains(steps, [start], length)
        found.extend(_path(graph, steps, nodes) for nodes in islice(chains, limit - len(found)))
        if len(found) == limit:
            break
    applied = AppliedFilters(source=a, source_id=start, target=b, target_id=end, hops=max_hops, slice=slice_of(graph))
    return Paths(graph.revision, applied, found)


class _Steps:
    """Which nodes a chain may go on to on its way to the end, best-evidenced first; looked up once each."""

    def __init__(self, graph: ConflictGraph, end: str) -> None:
        self.end = end
        self._graph = graph
        self._near_end = graph.neighbours(end)
        self._edges: dict[tuple[str, str], list[Edge]] = {}
        self._onward: dict[str, list[str]] = {}
        self._to_end: dict[str, list[str]] = {}
        self._reaches: dict[tuple[str, int], bool] = {}

    def between(self, one: str, other: str) -> list[Edge]:
        """The edges between two nodes along which a chain may run."""
        pair = (one, other) if one < other else (other, one)
        if pair not in self._edges:
            self._edges[pair] = [edge for edge in self._graph.edges_between(*pair) if edge.kind in ALONG]
        return self._edges[pair]

    def from_(self, node: str, length: int) -> Iterable[str]:
        """The next nodes of a chain that has to be at its end after exactly `length` hops more."""
        if length == 1:
            return [self.end] if self._can_reach(node, 1) else []
        if length == 2:
            # Met from both sides: of a node with thousands of neighbours only those next to the end are looked at.
            if node not in self._to_end:
                claims = {one: sum(len(edge.claims) for edge in self.between(node, one)) for one in self._halfway(node)}
                self._to_end[node] = sorted(claims, key=lambda one: (-claims[one], one))
            return self._to_end[node]
        return (one for one in self._neighbours(node) if self._can_reach(one, length - 1))

    def _neighbours(self, node: str) -> list[str]:
        if node not in self._onward:
            claims: Counter[str] = Counter()
            for kind in ALONG:
                for edge in self._graph.ranked_edges(kind, node):
                    claims[edge.target if edge.source == node else edge.source] += len(edge.claims)
            self._onward[node] = sorted(claims.keys() - {node, self.end}, key=lambda one: (-claims[one], one))
        return self._onward[node]

    def _halfway(self, node: str) -> Iterator[str]:
        """The nodes between this one and the end, in no order."""
        for one in self._graph.neighbours(node) & self._near_end:
            if one not in (node, self.end) and self.between(node, one) and self.between(one, self.end):
                yield one

    def _can_reach(self, node: str, hops: int) -> bool:
        """True where the end lies within so many hops; the nodes that a chain has visited already do not count here."""
        if hops == 1:
            return node != self.end and bool(self.between(node, self.end))
        if (node, hops) not in self._reaches:
            self._reaches[node, hops] = self._can_reach(node, hops - 1) or (
                any(True for _ in self._halfway(node))
                if hops == 2
                else any(self._can_reach(one, hops - 1) for one in self._neighbours(node))
            )
        return self._reaches[node, hops]


def _chains(steps: _Steps, so_far: list[str], length: int) -> Iterator[list[str]]:
    """Chains of exactly `length` hops that visit no node twice; only nodes with the end in reach are tried."""
    if length == 0:
        yield list(so_far)
        return
    for other in steps.from_(so_far[-1], length):
        if other in so_far:
            continue
        so_far.append(other)
        yield from _chains(steps, so_far, length - 1)
        so_far.pop()


def _path(graph: ConflictGraph, steps: _Steps, nodes: list[str]) -> Path:
    found = []
    for one, other in pairwise(nodes):
        edges = [sub_edge(edge, graph.backing(edge)) for edge in steps.between(one, other)]
        edges.sort(key=lambda edge: (-edge.evidence_count, edge.id))
        found.append(Step(one, other, edges))
    return Path([sub_node(graph, node) for node in nodes], found)
