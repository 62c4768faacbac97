"""Typed edges in, columns of numbers kept, and a `networkx.MultiDiGraph` over them out.

networkx asks its graphs for mappings, and does not mind what these are made of. So whatever it can do, it can do with
this graph, which takes a tenth of the memory: an edge is looked up, not stored as dicts in dicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, cast

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from app.graph.arrays import NO_ROWS, NONE, Column, Postings, Rows, RowSequence, Slots, distinct, distinct_in
from app.graph.claims import ClaimIds, ClaimTable
from app.graph.model import Edge, edge_id, edge_sort
from app.graph.nodes import Nodes
from app.vocabulary.terms import EdgeKind, Modality, NodeKind

EDGE_KINDS = tuple(EdgeKind)
_MODALITIES: tuple[Modality | None, ...] = (None, *Modality)
_NUMBER_OF: dict[EdgeKind, int] = {kind: number for number, kind in enumerate(EDGE_KINDS)}
_NUMBER_OF_MODALITY = {modality: number for number, modality in enumerate(_MODALITIES)}
_NUMBERS = (
    ("kind", "u1"), ("modality", "u1"), ("source", "i4"), ("target", "i4"), ("incident", "i4"),
    ("count", "i4"), ("last", "i4"),
)  # fmt: skip
_SORTS = [edge_sort(kind, modality) for kind in EDGE_KINDS for modality in _MODALITIES]
_MASK = (1 << 64) - 1
_PRIMES = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)


class EdgeTable:
    """The edges of a graph, each a row, with the rows of the claims behind it."""

    def __init__(self, nodes: Nodes, claims: ClaimTable) -> None:
        self._nodes = nodes
        self._claims = claims
        self.columns = {name: Column(kind) for name, kind in _NUMBERS}
        self._slots = Slots()
        self._behind = Postings()
        self._out = Postings()
        self._in = Postings()

    def __len__(self) -> int:
        return len(self.columns["kind"])

    def add(
        self, kind: EdgeKind, source: int, target: int, modality: Modality | None, incident: int, claim: int
    ) -> bool:
        """Add a claim (or NONE) to an edge, which is made if it is not there; False where that changes nothing."""
        columns = self.columns
        key = (_NUMBER_OF[kind] << 4 | _NUMBER_OF_MODALITY[modality], source, target, incident)
        row = self._find(key)
        if row == NONE:
            row = len(self)
            values = (_NUMBER_OF[kind], _NUMBER_OF_MODALITY[modality], source, target, incident, 0, NONE)
            for column, value in zip(columns.values(), values, strict=True):
                column.append(value)
            self._slots.add(row, _hash(key), self._hashes)
            self._out.add(source, row)
            self._in.add(target, row)
        # Claims come one by one: where an edge has this one already, it has it as its last.
        elif claim == NONE or columns["last"].at[row] == claim:
            return False
        if claim != NONE:
            columns["count"].at[row] += 1
            columns["last"].at[row] = claim
            self._behind.add(row, claim)
        return True

    def find(self, kind: EdgeKind, source: int, target: int, modality: Modality | None, incident: int) -> int:
        """The row of an edge, or NONE."""
        return self._find((_NUMBER_OF[kind] << 4 | _NUMBER_OF_MODALITY[modality], source, target, incident))

    def _find(self, key: tuple[int, int, int, int]) -> int:
        columns = self.columns
        kinds, modalities, sources = columns["kind"].at, columns["modality"].at, columns["source"].at
        targets, incidents = columns["target"].at, columns["incident"].at
        sort, source, target, incident = key
        for row in self._slots.candidates(_hash(key)):
            if (
                sources[row] == source
                and targets[row] == target
                and incidents[row] == incident
                and kinds[row] << 4 | modalities[row] == sort
            ):
                return row
        return NONE

    def _hashes(self) -> NDArray[np.uint64]:
        # As `_hash`; whole numbers of 64 bits wrap around by themselves.
        sorts = self.columns["kind"].values.astype(np.uint64) << np.uint64(4)
        found = (sorts | self.columns["modality"].values.astype(np.uint64)) * np.uint64(_PRIMES[0])
        for name, prime in zip(_ENDS, _PRIMES[1:], strict=True):
            found += (self.columns[name].values.astype(np.int64) + 1).astype(np.uint64) * np.uint64(prime)
        return found ^ (found >> np.uint64(32))

    def at(self, row: int) -> Edge:
        """The edge in a row."""
        columns, name = self.columns, self._nodes.name
        kind, modality = EDGE_KINDS[columns["kind"].at[row]], _MODALITIES[columns["modality"].at[row]]
        source, target = name(columns["source"].at[row]), name(columns["target"].at[row])
        about = columns["incident"].at[row]
        incident = name(about) if about != NONE else None
        claims = ClaimIds(self._claims, self._behind.rows(row))
        return Edge(kind, source, target, modality, incident, claims)

    def out(self, node: int) -> Rows:
        """The rows of the edges that leave a node."""
        return self._out.rows(node)

    def into(self, node: int) -> Rows:
        """The rows of the edges that reach a node."""
        return self._in.rows(node)

    def degree(self, node: int) -> int:
        """How many edges leave or reach a node; a loop does both."""
        return self._out.count(node) + self._in.count(node)

    def of_kinds(self, kinds: Iterable[EdgeKind], nodes: NDArray[np.int32] | None = None) -> Rows:
        """The rows of the edges of these kinds that leave or reach one of these nodes (any where None), each once."""
        if nodes is None:
            rows = np.arange(len(self), dtype=np.int32)
        elif len(nodes) == 1:
            node = int(nodes[0])
            into = self._in.rows(node)
            rows = np.concatenate([self._out.rows(node), into[self.columns["source"].values[into] != node]])
        else:
            met = np.concatenate(self._around(nodes))
            if len(met) < len(self) // 64:
                rows = distinct(met)
            else:
                # Of many, marking each is sooner done than sorting them.
                is_met = np.zeros(len(self), np.bool_)
                is_met[met] = True
                rows = np.flatnonzero(is_met).astype(np.int32)
        return rows[self.are_of(kinds, rows)]

    def _around(self, nodes: NDArray[np.int32]) -> tuple[Rows, Rows]:
        """The rows of the edges that leave these nodes, and of those that reach them."""
        if len(nodes) == 1:
            return self._out.rows(int(nodes[0])), self._in.rows(int(nodes[0]))
        keys = nodes.astype(np.uint64)
        return self._out.gather(keys)[0], self._in.gather(keys)[0]

    def are_of(self, kinds: Iterable[EdgeKind], rows: Rows) -> NDArray[np.bool_]:
        """Which of these edges are of these kinds."""
        return cast("NDArray[np.bool_]", _is_wanted(frozenset(kinds))[self.columns["kind"].values[rows]])

    def beside(self, kinds: Iterable[EdgeKind], nodes: NDArray[np.int32]) -> tuple[Rows, NDArray[np.int32]]:
        """The edges of these kinds at these nodes, and of each the code of the node at its other end.

        An edge between two of the nodes comes twice, once for either; a loop too.
        """
        met = list(self.beside_by_parts(kinds, nodes, len(self) or 1))
        found, ends = zip(*met, strict=True) if met else ((NO_ROWS,), (NO_ROWS,))
        return np.concatenate(found), np.concatenate(ends)

    def beside_by_parts(
        self, kinds: Iterable[EdgeKind], nodes: NDArray[np.int32], first: int = 256
    ) -> Iterator[tuple[Rows, NDArray[np.int32]]]:
        """The same, so many edges at first and then more at once, for whoever may soon have found what he looks for."""
        kinds = frozenset(kinds)
        for rows, end in zip(self._around(nodes), ("target", "source"), strict=True):
            start, size = 0, first
            while start < len(rows):
                part = rows[start : start + size]
                part = part[self.are_of(kinds, part)]
                yield part, self.columns[end].values[part]
                start, size = start + size, 4 * size

    def sums(self, rows: Rows, ends: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The different ones among the nodes named beside these edges, and of each the claims of its edges together."""
        nodes = distinct(ends)
        counts = np.bincount(np.searchsorted(nodes, ends), self.columns["count"].values[rows], len(nodes))
        return nodes, counts.astype(np.int64)

    def ids(self, rows: Rows) -> list[str]:
        """The ids of the edges in these rows; see `Edge`."""
        columns = self.columns
        sources, targets, incidents = (self._nodes.names(columns[one].values[rows]) for one in _ENDS)
        sorts = columns["kind"].values[rows].astype(np.intp) * len(_MODALITIES) + columns["modality"].values[rows]
        parts = zip(sources, targets, map(_SORTS.__getitem__, sorts.tolist()), incidents, strict=True)
        return [edge_id(*part) for part in parts]

    def behind(self, rows: Rows) -> tuple[Rows, NDArray[np.int64]]:
        """The claims behind these edges, one edge's after another's, and how many each has."""
        return self._behind.gather(rows.astype(np.uint64))

    def ends(self, rows: Rows) -> NDArray[np.int32]:
        """The codes of the nodes that these edges join, each once."""
        return distinct(np.concatenate([self.columns[name].values[rows] for name in ("source", "target")]))

    def best(self, rows: Rows, room: int) -> Rows:
        """Of these edges the best-evidenced: most claims, then most articles, then by id; so many at most."""
        if len(rows) <= room or room == 0:
            return rows[:room]
        counts = self.columns["count"].values[rows]
        last = np.partition(counts, -room)[-room]
        sure, tied = rows[counts > last], rows[counts == last]
        left = room - len(sure)
        if last > 1:
            articles = self._articles(tied)
            least = np.partition(articles, -left)[-left]
            sure, tied = np.concatenate([sure, tied[articles > least]]), tied[articles == least]
        return np.concatenate([sure, self._first_by_id(tied, room - len(sure))])

    def _articles(self, rows: Rows) -> NDArray[np.int64]:
        """How many articles report the claims behind each of these edges."""
        behind, counts = self.behind(rows)
        edge = np.repeat(np.arange(len(rows)), counts)
        return distinct_in(edge, self._claims.columns["article"].values[behind], len(rows))

    def _first_by_id(self, rows: Rows, room: int) -> Rows:
        """The first `room` of these edges, which are more, in the order of their ids."""
        if 0 < room < len(rows):
            # By their ends most are told apart already.
            ends = (self._ranks(rows, "source", ">") << 31) + self._ranks(rows, "target", "|")
            rows = rows[ends <= np.partition(ends, room - 1)[room - 1]]
        return self.by_id(rows)[:room]

    def by_id(self, rows: Rows) -> Rows:
        """These edges in the order of their ids, which are made of few different names."""
        if len(rows) < 2:
            return rows
        kinds = {kind: rank for rank, kind in enumerate(sorted(map(str, EDGE_KINDS)))}
        modalities = {one: rank for rank, one in enumerate(sorted(str(one or "") for one in _MODALITIES))}
        ranks = [
            self._ranks(rows, "incident", ""),
            np.array([modalities[str(one or "")] for one in _MODALITIES])[self.columns["modality"].values[rows]],
            np.array([kinds[str(kind)] for kind in EDGE_KINDS])[self.columns["kind"].values[rows]],
            self._ranks(rows, "target", "|"),
            self._ranks(rows, "source", ">"),
        ]
        return rows[np.lexsort(ranks)]

    def _ranks(self, rows: Rows, column: str, after: str) -> NDArray[np.int64]:
        """Of these rows the ranks of the names in a column, with what follows each of them in an id."""
        named = self.columns[column].values[rows]
        if len(named) and named.max() == NONE:
            return np.zeros(len(named), np.int64)
        known = self._nodes.ranks(after)
        if len(named) and named.min() >= 0 and named.max() < len(known):
            return cast("NDArray[np.int64]", known[named])
        codes, inverse = np.unique(named, return_inverse=True)
        names = [self._nodes.name(code) + after if code != NONE else after for code in codes.tolist()]
        ranks = np.empty(len(names), np.int64)
        ranks[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
        return ranks[inverse]

    def between(self, source: int, target: int) -> Rows:
        """The rows of the edges from one node to another."""
        out, into = self._out, self._in
        if out.count(source) <= into.count(target):
            rows = out.rows(source)
            return cast("Rows", rows[self.columns["target"].values[rows] == target])
        rows = into.rows(target)
        return cast("Rows", rows[self.columns["source"].values[rows] == source])

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {
            "columns": {name: column.values for name, column in self.columns.items()},
            "slots": self._slots.state(),
            "behind": self._behind.state(),
            "out": self._out.state(),
            "in": self._in.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        self.columns = {name: Column(kind, state["columns"][name]) for name, kind in _NUMBERS}
        self._slots.restore(state["slots"], len(self))
        self._behind.restore(state["behind"])
        self._out.restore(state["out"])
        self._in.restore(state["in"])


_ENDS = ("source", "target", "incident")


@cache
def _is_wanted(kinds: frozenset[EdgeKind]) -> NDArray[np.bool_]:
    return np.array([kind in kinds for kind in EDGE_KINDS])


def _hash(key: tuple[int, int, int, int]) -> int:
    sort, source, target, incident = key
    a, b, c, d = _PRIMES
    found = (sort * a + (source + 1) * b + (target + 1) * c + (incident + 1) * d) & _MASK
    return found ^ (found >> 32)


class Edges(RowSequence[Edge]):
    """The edges in these rows, each made when it is read."""

    __slots__ = ()

    _table: EdgeTable

    def _made(self, row: int) -> Edge:
        return self._table.at(row)


# ---- what networkx sees ----


class Network(nx.MultiDiGraph):  # type: ignore[misc] # networkx tells no types
    """Nodes and edges as networkx knows them, keyed by edge id, each edge's data its `Edge`. It is only read."""

    def __init__(self, nodes: Nodes | None = None, edges: EdgeTable | None = None) -> None:
        """A graph over these; without, as networkx makes one for a copy or a part, one like any other."""
        super().__init__()
        self._edges = edges
        if nodes is not None and edges is not None:
            self._node = cast("Any", _NodeData(nodes))
            self._adj = cast("Any", _Adjacency(nodes, edges, True))
            self._pred = cast("Any", _Adjacency(nodes, edges, False))
            nx.freeze(self)

    def number_of_edges(self, u: Any = None, v: Any = None) -> int:  # noqa: ANN401 # as networkx has it
        """How many edges there are, from u to v where these are given."""
        if u is None and self._edges is not None:
            return len(self._edges)
        return cast("int", super().number_of_edges(u, v))


class _NodeData(Mapping[str, dict[str, NodeKind]]):
    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __contains__(self, name: object) -> bool:
        return name in self._nodes

    def __getitem__(self, name: str) -> dict[str, NodeKind]:
        kind = self._nodes.kind(name)
        if kind is None:
            raise KeyError(name)
        return {"kind": kind}


class _Adjacency(Mapping[str, "_Neighbours"]):
    def __init__(self, nodes: Nodes, edges: EdgeTable, is_out: bool) -> None:
        self._nodes = nodes
        self._edges = edges
        self._is_out = is_out

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __contains__(self, name: object) -> bool:
        return name in self._nodes

    def __getitem__(self, name: str) -> _Neighbours:
        if name not in self._nodes:
            raise KeyError(name)
        return _Neighbours(self._nodes, self._edges, self._nodes.find(name), self._is_out)


class _Neighbours(Mapping[str, "_Parallel"]):
    def __init__(self, nodes: Nodes, edges: EdgeTable, node: int, is_out: bool) -> None:
        self._nodes = nodes
        self._edges = edges
        self._node = node
        self._is_out = is_out

    def _codes(self) -> list[int]:
        rows = self._edges.out(self._node) if self._is_out else self._edges.into(self._node)
        ends = self._edges.columns["target" if self._is_out else "source"].values[rows]
        return list(dict.fromkeys(ends.tolist()))

    def __len__(self) -> int:
        return len(self._codes())

    def __iter__(self) -> Iterator[str]:
        return map(self._nodes.name, self._codes())

    def __getitem__(self, name: str) -> _Parallel:
        other = self._nodes.find(name)
        ends = (self._node, other) if self._is_out else (other, self._node)
        rows = self._edges.between(*ends) if other != NONE else ()
        if not len(rows):
            raise KeyError(name)
        return _Parallel({edge.id: {"edge": edge} for edge in Edges(self._edges, cast("Rows", rows))})


class _Parallel(Mapping[str, dict[str, Edge]]):
    def __init__(self, data: dict[str, dict[str, Edge]]) -> None:
        self._data = data

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __getitem__(self, key: str) -> dict[str, Edge]:
        return self._data[key]

    def copy(self) -> dict[str, dict[str, Edge]]:
        """A dict of the same."""
        return dict(self._data)
