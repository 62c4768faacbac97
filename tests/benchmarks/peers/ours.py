"""Polemos as one engine among others: asked through `queries` and the graph's public face, as any program would.

Names resolved, filters applied and said again: all that is in its time. `Whole` answers with the whole records that the
interfaces give out, quotes and counts and what was left out, of which the others give nothing; it is shown beside.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from app.graph import ConflictGraph
from app.queries import ClaimFilter, accusations, distance, matrix, nearest_edges, paths, subgraph, thread
from app.queries.filters import select
from app.queries.mirrors import mirrors
from app.vocabulary.terms import ClaimType, EdgeKind
from tests.benchmarks.peers.base import MOST_EDGES, MOST_HOPS, TOP, Answer, Between, Loaded, Pair, chains
from tests.benchmarks.peers.work import Added, Work, day_of


class Polemos(Loaded):
    """The graph, in its own process."""

    name = "Polemos"

    def __init__(self) -> None:
        self.graph = ConflictGraph()

    def load(self, work: Work) -> None:
        """The graph is there already: it is what the tables were made of."""
        self.graph = work.graph

    def add(self, added: Added) -> None:
        """The fold has added them."""

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
        """Ids in order."""
        return list(select(self.graph, self._filter(asked)).ids)

    @staticmethod
    def _filter(asked: Between) -> ClaimFilter:
        since, until = day_of(asked.since), day_of(asked.until)
        return ClaimFilter(source=asked.source, target=asked.target, since=since, until=until, type=ClaimType.ACCUSES)

    def accusers(self, actor: str) -> Answer:
        """The rows of the matrix of everybody against one."""
        found = matrix(self.graph, ClaimType.ACCUSES, ClaimFilter(target=actor), top=TOP)
        return [(one.id, one.lineages, one.claims) for one in found.sources]

    def around(self, actor: str) -> Answer:
        """Ids of the edges, sorted: engines rank them alike, and list them as they like."""
        return sorted(nearest_edges(self.graph, [actor], hops=2, limit=MOST_EDGES))

    def path(self, asked: Pair) -> Answer:
        """How long the shortest paths are; nothing where there is none."""
        hops = distance(self.graph, asked.source, asked.target, MOST_HOPS)
        return [hops] if hops is not None else []

    def reciprocal(self, actor: str) -> Answer:
        """(other, claims of A against it, claims of it against A)."""
        forth, back = self.graph.counts_at(EdgeKind.ACCUSES, actor)
        return sorted((other, n, back[other]) for other, n in forth.items() if other in back)

    def chains(self, asked: Between) -> Answer:
        """(accusation, denial, retaliation)."""
        by, to = asked.source, asked.target

        def said(kind: ClaimType, source: str, target: str) -> list[tuple[int, str]]:
            return [(day.toordinal(), claim) for day, claim in self.graph.claims_of(kind, source, target)]

        return chains(
            said(ClaimType.ACCUSES, by, to), said(ClaimType.DENIES, to, by), said(ClaimType.RETALIATES, by, to)
        )

    def thread(self, claim: str) -> Answer:
        """Ids, sorted."""
        graph, found, waiting = self.graph, {claim}, deque([claim])
        while waiting:
            here = waiting.popleft()
            answered = graph.claims[here].responds_to
            near = [*graph.answers_to(here), *([answered] if answered is not None else ())]
            fresh = [one for one in near if one not in found and one in graph.claims]
            found.update(fresh)
            waiting.extend(fresh)
        return sorted(found)


class Whole(Polemos):
    """The answers as the interfaces give them; where that is the same, it is not asked twice."""

    name = "Polemos, whole answer"

    def asks(self) -> Mapping[str, Callable[[Any], Answer]]:
        """Those whose whole answer says more."""
        return {"a": self.page, "c": self.drawn, "d": self.paths, "e1": self.mirrored, "f": self.whole_thread}

    def page(self, asked: Between) -> Answer:
        """With quotes, names and counts: as many to a page as may be."""
        return [row.id for row in accusations(self.graph, self._filter(asked), limit=500).claims]

    def drawn(self, actor: str) -> Answer:
        """With the claims behind each edge, nodes, and how many edges were left out."""
        found = subgraph(self.graph, actors=[actor], hops=2, limit=MOST_EDGES)
        return sorted(edge.id for edge in found.edges)

    def paths(self, asked: Pair) -> Answer:
        """The best-evidenced of the shortest paths, with the edges between its nodes."""
        found = paths(self.graph, asked.source, asked.target, max_hops=MOST_HOPS, limit=1)
        return [len(one.steps) for one in found.paths]

    def mirrored(self, actor: str) -> Answer:
        """Accusations of one incident or of the same act, face to face: another question, on the same pairs."""
        return [(one.basis, one.incident, one.act) for one in mirrors(self.graph, ClaimFilter(source=actor)).mirrors]

    def whole_thread(self, claim: str) -> Answer:
        """With the links that rules find, and all about the incident: more than what articles state."""
        return [row.id for row in thread(self.graph, claim).claims]
