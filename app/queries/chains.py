"""Two actors in, the shortest chains of claims between them out; a chain connects, it does not say who did what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.graph import NO_ROWS, ConflictGraph, Marks, Rows
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
    start, end = _ends(graph, a, b, max_hops)
    if not 1 <= limit <= MOST_PATHS:
        raise BadQuery(f"limit must lie between 1 and {MOST_PATHS}, not {limit}")
    steps = _Steps(graph, graph.code(end))
    found: list[Path] = []
    for length in range(1, max_hops + 1):
        # Deepened hop by hop: near neighbours are answered without walking the whole graph.
        chains = _chains(steps, [graph.code(start)], length)
        found.extend(_path(graph, nodes) for nodes in islice(chains, limit - len(found)))
        if len(found) == limit:
            break
    applied = AppliedFilters(source=a, source_id=start, target=b, target_id=end, hops=max_hops, slice=slice_of(graph))
    return Paths(graph.revision, applied, found)


def distance(graph: ConflictGraph, a: str, b: str, max_hops: int = 4) -> int | None:
    """How many hops the shortest of the `paths` between two actors takes; None where none takes so few.

    Raises:
        BadQuery: As `paths` does.
    """
    start, end = _ends(graph, a, b, max_hops)
    table = graph.edge_table
    sides = [np.array([graph.code(one)], np.int32) for one in (start, end)]
    met: list[Marks | None] = [None, None]
    own = int(table.degree(sides[0][0]) > table.degree(sides[1][0]))
    for hops in range(1, max_hops + 1):
        # Both ends grow, the smaller one first: where the one meets what the other has met, they are joined.
        side, seen, elsewhere = sides[own], met[own], met[1 - own]
        parts = []
        for _, near in table.beside_by_parts(ALONG, np.unique(side) if len(side) > 1 else side):
            # One that has not grown yet has met itself alone.
            if (elsewhere.of(near) if elsewhere is not None else near == sides[1 - own][0]).any():
                return hops
            parts.append(near)
        near = np.concatenate(parts) if parts else NO_ROWS
        if seen is None:
            seen = met[own] = graph.marks()
            seen.set(side)
        sides[own] = near[~seen.of(near)]
        seen.set(sides[own])
        if not len(sides[own]):
            return None
        own = int(len(sides[0]) > len(sides[1]))
    return None


def _ends(graph: ConflictGraph, a: str, b: str, max_hops: int) -> tuple[str, str]:
    if not 1 <= max_hops <= MOST_HOPS:
        raise BadQuery(f"max_hops must lie between 1 and {MOST_HOPS}, not {max_hops}")
    start, end = find_actor(graph, a), find_actor(graph, b)
    if start == end:
        raise BadQuery(f"{a!r} and {b!r} are the same actor; name two")
    return start, end


class _Steps:
    """Which nodes (by their codes) a chain may go on to on its way to the end, best-evidenced first."""

    def __init__(self, graph: ConflictGraph, end: int) -> None:
        self._graph = graph
        self._end = end
        self._known: dict[int, tuple[Rows, NDArray[np.int64]]] = {}
        # By hops: the nodes from which the end is no farther away than that; and the farthest of them.
        self._reach: list[tuple[Marks, Rows]] = []

    def from_(self, node: int, length: int) -> Iterable[int]:
        """The next nodes of a chain that has to be at its end after exactly `length` hops more."""
        if length == 1:
            return [self._end] if self._within(np.array([node], np.int32), 1)[0] and node != self._end else []
        return self._ranked(node, length)

    def _ranked(self, node: int, length: int) -> Iterator[int]:
        """The node's neighbours from which the end is near enough, those with most claims between them first."""
        others, claims = self._beside(node)
        near = self._within(others, length - 1) & (others != node) & (others != self._end)
        others, claims = others[near], claims[near]
        name = self._graph.name
        order = np.argsort(-claims, kind="stable")
        others, claims = others[order], claims[order]
        for start, end in pairwise([0, *(np.flatnonzero(np.diff(claims)) + 1).tolist(), len(others)]):
            yield from sorted(others[start:end].tolist(), key=name)

    def _beside(self, node: int) -> tuple[Rows, NDArray[np.int64]]:
        """A node's neighbours, and the claims between each of them and it."""
        if node not in self._known:
            table = self._graph.edge_table
            self._known[node] = table.sums(*table.beside(ALONG, np.array([node], np.int32)))
        return self._known[node]

    def _within(self, nodes: Rows, hops: int) -> NDArray[np.bool_]:
        """From which of these nodes the end lies within so many hops, whichever nodes a chain has visited already."""
        if not self._reach:
            marks, end = self._graph.marks(), np.array([self._end], np.int32)
            marks.set(end)
            self._reach.append((marks, end))
        while len(self._reach) <= hops:
            marks, farthest = self._reach[-1]
            _, near = self._graph.edge_table.beside(ALONG, farthest)
            farther = np.unique(near[~marks.of(near)])
            marks = marks.copy()
            marks.set(farther)
            self._reach.append((marks, farther))
        return self._reach[hops][0].of(nodes)


def _chains(steps: _Steps, so_far: list[int], length: int) -> Iterator[list[int]]:
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


def _path(graph: ConflictGraph, codes: list[int]) -> Path:
    nodes, found = [graph.name(code) for code in codes], []
    for one, other in pairwise(nodes):
        between = (edge for edge in graph.edges_between(one, other) if edge.kind in ALONG)
        edges = [sub_edge(edge, graph.backing(edge)) for edge in between]
        edges.sort(key=lambda edge: (-edge.evidence_count, edge.id))
        found.append(Step(one, other, edges))
    return Path([sub_node(graph, node) for node in nodes], found)
