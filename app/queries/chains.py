"""Two actors in, the shortest chains of claims between them out; a chain connects, it does not say who did what."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

import msgspec

from app.graph import ConflictGraph, Edge
from app.queries.names import find_actor
from app.queries.neighbourhood import SubEdge, SubNode, sub_edge, sub_node
from app.queries.rows import AppliedFilters
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
    around = _Neighbours(graph)
    reach = _Reach(around, end)
    found: list[Path] = []
    for length in range(1, max_hops + 1):
        # Deepened hop by hop: near neighbours are answered without walking the whole graph.
        reach.widen(start)
        chains = _chains(around, [start], end, length, reach.left)
        found.extend(_path(graph, around, nodes) for nodes in islice(chains, limit - len(found)))
        if len(found) == limit:
            break
    applied = AppliedFilters(source=a, source_id=start, target=b, target_id=end, hops=max_hops)
    return Paths(graph.revision, applied, found)


class _Neighbours:
    """The nodes next to a node, best-evidenced first, with the edges between; looked up once each."""

    def __init__(self, graph: ConflictGraph) -> None:
        self._graph = graph
        self._known: dict[str, dict[str, list[Edge]]] = {}

    def of(self, node: str) -> dict[str, list[Edge]]:
        if node not in self._known:
            met: dict[str, list[Edge]] = {}
            for edge in self._graph.edges_at(node):
                other = edge.target if edge.source == node else edge.source
                if edge.kind in ALONG and other != node:
                    met.setdefault(other, []).append(edge)
            ranked = sorted(met, key=lambda one: (-sum(len(edge.claims) for edge in met[one]), one))
            self._known[node] = {other: met[other] for other in ranked}
        return self._known[node]


class _Reach:
    """How many hops each node is from the end, as far as it has been widened."""

    def __init__(self, around: _Neighbours, end: str) -> None:
        self.left = {end: 0}
        self._around = around
        self._frontier = [end]
        self._hop = 0

    def widen(self, start: str) -> None:
        """Reach one hop further; a chain does not go on beyond its start."""
        self._hop += 1
        reached = []
        for node in self._frontier:
            for other in self._around.of(node):
                if other not in self.left:
                    self.left[other] = self._hop
                    if other != start:
                        reached.append(other)
        self._frontier = reached


def _chains(around: _Neighbours, so_far: list[str], end: str, length: int, left: dict[str, int]) -> Iterator[list[str]]:
    """Chains of exactly `length` hops that visit no node twice; only nodes with the end in reach are tried."""
    if length == 0:
        if so_far[-1] == end:
            yield list(so_far)
        return
    for other in around.of(so_far[-1]):
        if other in so_far or left.get(other, length) > length - 1 or (other == end and length > 1):
            continue
        so_far.append(other)
        yield from _chains(around, so_far, end, length - 1, left)
        so_far.pop()


def _path(graph: ConflictGraph, around: _Neighbours, nodes: list[str]) -> Path:
    steps = []
    for one, other in pairwise(nodes):
        edges = [sub_edge(edge, [graph.claims[c] for c in edge.claims]) for edge in around.of(one)[other]]
        edges.sort(key=lambda edge: (-edge.evidence_count, edge.id))
        steps.append(Step(one, other, edges))
    return Path([sub_node(graph, node) for node in nodes], steps)
