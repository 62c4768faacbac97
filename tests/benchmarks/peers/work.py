"""A graph in, the tables that every engine is given out, and the arguments of the questions.

What the tables hold is what the graph itself says, so that every engine answers about the same claims. Roll-up is
worked out beforehand for those that could not: one row for each actor that a claim counts for on either side.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from app.graph import ConflictGraph, Edge, ResolvedClaim
from app.queries.chains import ALONG
from app.queries.neighbourhood import CLAIM_KINDS
from app.vocabulary.terms import ClaimType

if TYPE_CHECKING:
    from tests.benchmarks.peers.base import Argument, Between

SEED = 18
KINDS: tuple[str, ...] = tuple(map(str, ClaimType))
ACCUSES, DENIES, RETALIATES = (
    KINDS.index(str(kind)) for kind in (ClaimType.ACCUSES, ClaimType.DENIES, ClaimType.RETALIATES)
)


class ClaimLine(NamedTuple):
    """A claim as it is: `day` is an ordinal, 0 where nothing dates it; `kind` counts in `KINDS`."""

    id: str
    kind: int
    source: str
    target: str | None
    day: int
    lineage: str
    answers: str | None
    sources: tuple[str, ...]
    targets: tuple[str, ...]


class EdgeLine(NamedTuple):
    """An edge of claims."""

    id: str
    kind: int
    source: str
    target: str
    claims: int
    articles: int


@dataclass(frozen=True, slots=True)
class Added:
    """Claims that came in: their lines, and the edges that have changed or are new."""

    claims: Sequence[ClaimLine]
    edges: Sequence[EdgeLine]


@dataclass(frozen=True)
class Work:
    """What all engines hold."""

    claims: Sequence[ClaimLine]
    edges: Sequence[EdgeLine]
    links: Sequence[tuple[str, str]]
    """Nodes that some edge of claims joins, in either direction, each pair once."""
    graph: ConflictGraph = field(repr=False)

    @cached_property
    def nodes(self) -> Sequence[str]:
        """Ids of all nodes."""
        found = {one for pair in self.links for one in pair}
        for line in self.claims:
            found.update((line.source, *line.sources, *line.targets))
        for edge in self.edges:
            found.update((edge.source, edge.target))
        return sorted(found)

    @cached_property
    def number(self) -> dict[str, int]:
        """Node → its place in `nodes`."""
        return {node: number for number, node in enumerate(self.nodes)}

    @classmethod
    def of(cls, graph: ConflictGraph) -> Work:
        """The tables of a graph.

        Raises:
            ValueError: A claim is dated by more than one day: the engines compare days.
        """
        links = {
            (edge.source, edge.target) if edge.source < edge.target else (edge.target, edge.source)
            for edge in graph.edges()
            if edge.kind in ALONG and edge.source != edge.target
        }
        return cls(
            [claim_line(graph, claim) for claim in graph.claims.values()],
            [edge_line(graph, edge) for edge in graph.edges() if edge.kind in CLAIM_KINDS],
            sorted(links),
            graph,
        )


def claim_line(graph: ConflictGraph, claim: ResolvedClaim) -> ClaimLine:
    """A claim, with all that it counts for on either side on its day."""
    day = claim.when.start
    if day != claim.when.end:
        raise ValueError(f"{claim.id} was said from {claim.when.start} to {claim.when.end}")

    def wholes(*named: str | None) -> tuple[str, ...]:
        return tuple(sorted({whole for one in named if one is not None for whole in graph.wholes(one, day)}))

    return ClaimLine(
        claim.id,
        KINDS.index(str(claim.type)),
        claim.source,
        claim.target,
        day.toordinal() if day is not None else 0,
        claim.lineage,
        claim.responds_to,
        wholes(claim.speaker, claim.source, claim.source_named),
        wholes(claim.target, claim.target_named),
    )


def edge_line(graph: ConflictGraph, edge: Edge) -> EdgeLine:
    """An edge, counted."""
    articles = 1 if len(edge.claims) == 1 else graph.backing(edge).articles
    return EdgeLine(edge.id, KINDS.index(str(edge.kind)), edge.source, edge.target, len(edge.claims), articles)


def day_of(number: int) -> str:
    """An ordinal as the filters take it."""
    return date.fromordinal(number).isoformat()


def arguments(work: Work, count: int) -> dict[str, list[Argument]]:
    """What is asked about, so many of each: drawn claim by claim, so that who speaks much is asked for often."""
    from tests.benchmarks.peers.base import Between, Pair

    # By id, so that the same claims give the same draws whatever order they came in.
    ordered = sorted(work.claims)
    draw = random.Random(SEED)

    def drawn(lines: Iterable[ClaimLine]) -> list[ClaimLine]:
        able = [line for line in lines if line.target is not None]
        return draw.sample(able, min(count, len(able)))

    accusing = drawn(line for line in ordered if line.kind == ACCUSES)
    done = {
        kind: {(line.source, line.target) for line in ordered if line.kind == kind} for kind in (ACCUSES, RETALIATES)
    }
    denials = [line for line in ordered if line.kind == DENIES]
    # Those between whom all three happened, where there are such.
    quarrels = [one for one in denials if all((one.target, one.source) in done[kind] for kind in done)]
    denying = drawn(quarrels or denials)
    anything = drawn(ordered)
    answering = drawn(line for line in ordered if line.answers is not None)
    # Half of the pairs are of whoever speaks much, half of anybody.
    nodes, much = sorted({line.source for line in ordered}), drawn(ordered)
    between: list[Between] = [Between(one.source, one.target or "", one.day - 30, one.day + 30) for one in accusing]
    pairs = [Pair(one.source, other.source) for one, other in pairwise(much[: count // 2 + 1])]
    pairs += [Pair(*draw.sample(nodes, 2)) for _ in range(count - count // 2)]
    pairs = [pair for pair in pairs if pair.source != pair.target]
    return {
        "a": list(between),
        "b": [one.target or "" for one in accusing],
        "c": [one.source for one in anything],
        "d": list(pairs),
        "e1": [one.source for one in accusing],
        "e2": [Between(one.target or "", one.source, 0, 0) for one in denying],
        "f": [one.id for one in answering] or [one.id for one in anything],
    }
