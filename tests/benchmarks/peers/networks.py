"""Graph libraries that hold everything in memory: networkx as a newcomer would use it, igraph, rustworkx."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import networkx as nx

from tests.benchmarks.peers.base import MOST_EDGES, MOST_HOPS, TOP, Answer, Between, Loaded, Pair, chains
from tests.benchmarks.peers.work import ACCUSES, DENIES, RETALIATES, Added, Work


class NaiveNetworkx(Loaded):
    """A MultiDiGraph with one edge for each claim and its fields as attributes; every question walks over edges."""

    name = "naive networkx"

    def load(self, work: Work) -> None:
        """One edge for each claim; the edges of the picture, the links and the answers as graphs of their own."""
        self.claims: nx.MultiDiGraph = nx.MultiDiGraph()
        self.answers: nx.Graph = nx.Graph()
        self.add(Added(work.claims, ()))
        self.edges: nx.MultiGraph = nx.MultiGraph()
        for edge in work.edges:
            self.edges.add_edge(edge.source, edge.target, edge.id, claims=edge.claims, articles=edge.articles)
        self.links: nx.Graph = nx.Graph(work.links)
        self.links.add_nodes_from(work.nodes)

    def add(self, added: Added) -> None:
        """One edge more for each."""
        for line in added.claims:
            # What names no target points at nothing: at a node of its own.
            self.claims.add_edge(
                line.source, line.target or line.id, line.id, kind=line.kind, day=line.day, lineage=line.lineage,
                sources=line.sources, targets=line.targets, has_target=line.target is not None,
            )  # fmt: skip
            if line.answers is not None:
                self.answers.add_edge(line.id, line.answers)

    def asks(self) -> Mapping[str, Callable[[Any], Answer]]:
        """All of them."""
        return {
            "a": self.between,
            "b": self.accusers,
            "c": self.around,
            "d": self.path,
            "e1": self.reciprocal,
            "e2": self.chains,
            "f": self.thread,
        }

    def between(self, asked: Between) -> Answer:
        """A look at every edge."""
        return [claim for _, claim in self._said(ACCUSES, asked)]

    def _said(self, kind: int, asked: Between) -> list[tuple[int, str]]:
        until = asked.until or 10**9
        return sorted(
            (data["day"], claim)
            for _, _, claim, data in self.claims.edges(keys=True, data=True)
            if data["kind"] == kind
            and asked.source in data["sources"]
            and asked.target in data["targets"]
            and asked.since <= data["day"] <= until
        )

    def accusers(self, actor: str) -> Answer:
        """A look at every edge."""
        texts: dict[str, list[str]] = {}
        for source, _, data in self.claims.edges(data=True):
            if data["kind"] == ACCUSES and actor in data["targets"]:
                texts.setdefault(source, []).append(data["lineage"])
        ranked = sorted((-len(set(own)), -len(own), source) for source, own in texts.items())
        return [(source, -lineages, -claims) for lineages, claims, source in ranked[:TOP]]

    def around(self, actor: str) -> Answer:
        """The node's own edges, then those of its neighbours."""

        def rank(edges: Any) -> list[tuple[int, int, str, str, str]]:
            return sorted((-data["claims"], -data["articles"], key, one, other) for one, other, key, data in edges)

        if actor not in self.edges:
            return []
        near = rank(self.edges.edges(actor, keys=True, data=True))
        kept = [key for _, _, key, _, _ in near[:MOST_EDGES]]
        if len(near) < MOST_EDGES:
            known = {key for _, _, key, _, _ in near}
            ends = {end for *_, one, other in near for end in (one, other)} - {actor}
            far = rank(edge for edge in self.edges.edges(ends, keys=True, data=True) if edge[2] not in known)
            kept += [key for _, _, key, _, _ in far[: MOST_EDGES - len(kept)]]
        return sorted(kept)

    def path(self, asked: Pair) -> Answer:
        """Breadth first from both ends."""
        try:
            hops = len(nx.bidirectional_shortest_path(self.links, asked.source, asked.target)) - 1
        except nx.NetworkXNoPath:
            return []
        return [hops] if hops <= MOST_HOPS else []

    def reciprocal(self, actor: str) -> Answer:
        """The node's own edges, both ways."""

        def counted(edges: Any, end: int) -> dict[str, int]:
            found: dict[str, int] = {}
            for one, other, data in edges:
                if data["kind"] == ACCUSES and data["has_target"]:
                    found[(one, other)[end]] = found.get((one, other)[end], 0) + 1
            return found

        if actor not in self.claims:
            return []
        forth = counted(self.claims.out_edges(actor, data=True), 1)
        back = counted(self.claims.in_edges(actor, data=True), 0)
        return sorted((other, n, back[other]) for other, n in forth.items() if other in back)

    def chains(self, asked: Between) -> Answer:
        """Three looks at every edge."""
        back = Between(asked.target, asked.source, 0, 0)
        return chains(self._said(ACCUSES, asked), self._said(DENIES, back), self._said(RETALIATES, asked))

    def thread(self, claim: str) -> Answer:
        """A component."""
        return sorted(nx.node_connected_component(self.answers, claim)) if claim in self.answers else [claim]


class Igraph(Loaded):
    """The links alone, for paths."""

    name = "igraph"

    def load(self, work: Work) -> None:
        """An undirected graph of numbers."""
        self.number = work.number
        numbers = [(self.number[one], self.number[other]) for one, other in work.links]
        self.links = import_module("igraph").Graph(n=len(work.nodes), edges=numbers)

    def asks(self) -> Mapping[str, Callable[[Any], Answer]]:
        """Paths."""
        return {"d": self.path}

    def path(self, asked: Pair) -> Answer:
        """Its own breadth-first search."""
        found = self.links.get_shortest_path(self.number[asked.source], self.number[asked.target])
        return [len(found) - 1] if 0 < len(found) <= MOST_HOPS + 1 else []


class Rustworkx(Loaded):
    """The links alone, for paths."""

    name = "rustworkx"

    def load(self, work: Work) -> None:
        """An undirected graph of numbers."""
        self.rustworkx = import_module("rustworkx")
        self.number = work.number
        self.links = self.rustworkx.PyGraph(multigraph=False)
        self.links.add_nodes_from(range(len(work.nodes)))
        self.links.add_edges_from_no_data([(self.number[one], self.number[other]) for one, other in work.links])

    def asks(self) -> Mapping[str, Callable[[Any], Answer]]:
        """Paths."""
        return {"d": self.path}

    def path(self, asked: Pair) -> Answer:
        """Dijkstra with equal weights: it has no breadth-first search that stops at a target."""
        source, target = self.number[asked.source], self.number[asked.target]
        found = self.rustworkx.dijkstra_shortest_paths(self.links, source, target=target)
        if target not in found:
            return []
        hops = len(found[target]) - 1
        return [hops] if hops <= MOST_HOPS else []
