"""PageRank and betweenness over the ties between actors: each library in turn, and how far their numbers lie apart.

Called by the report on the graph that it has folded. PageRank is that of all ties, weighted by independent texts, to
the same tolerance; betweenness is that of the 2,000 ties of most texts, in which every tie is one step.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import msgspec

from app.queries.centralities import DAMPING, MOST_TIES, Tie, betweenness, pagerank
from tests.benchmarks.peers.work import Work

ROUNDS = 3


class Central(msgspec.Struct, frozen=True):
    """One library's figure.

    Attributes:
        apart: The largest difference to the numbers of Polemos with networkx, for any actor.
    """

    what: str
    library: str
    median_ms: float
    apart: float


def ties_of(work: Work) -> dict[Tie, int]:
    """Ties by independent texts, as the query makes them."""
    texts: dict[Tie, set[str]] = {}
    for line in work.claims:
        if line.target is not None and line.target != line.source:
            texts.setdefault((line.source, line.target), set()).add(line.lineage)
    return {tie: len(texts[tie]) for tie in sorted(texts)}


def _igraph(ties: Mapping[Tie, int]) -> tuple[list[str], Any]:
    actors = sorted({actor for tie in ties for actor in tie})
    number = {actor: place for place, actor in enumerate(actors)}
    pairs = [(number[source], number[target]) for source, target in ties]
    graph = import_module("igraph").Graph(n=len(actors), edges=pairs, directed=True)
    graph.es["weight"] = list(ties.values())
    return actors, graph


def igraph_pagerank(ties: Mapping[Tie, int]) -> dict[str, float]:
    """By its own solver."""
    actors, graph = _igraph(ties)
    return dict(zip(actors, graph.pagerank(damping=DAMPING, weights="weight"), strict=True))


def igraph_betweenness(ties: Mapping[Tie, int]) -> dict[str, float]:
    """As a share of the pairs of others."""
    actors, graph = _igraph(ties)
    pairs = (len(actors) - 1) * (len(actors) - 2) or 1
    return {actor: found / pairs for actor, found in zip(actors, graph.betweenness(directed=True), strict=True)}


def measure(work: Work, rounds: int = ROUNDS, say: Callable[[str], None] = lambda _: None) -> list[Central]:
    """Each library in turn, so many times."""
    ties = ties_of(work)
    strongest = {tie: ties[tie] for tie in sorted(sorted(ties, key=lambda tie: (-ties[tie], tie))[:MOST_TIES])}
    few = sorted(strongest)
    ways: dict[str, dict[str, Callable[[], dict[str, float]]]] = {
        f"PageRank, {len(ties):,} ties": {
            "Polemos with networkx": lambda: pagerank(ties, "networkx"),
            "Polemos with rustworkx": lambda: pagerank(ties, "rustworkx"),
            "igraph": lambda: igraph_pagerank(ties),
        },
        f"betweenness, {len(few):,} ties": {
            "Polemos with networkx": lambda: betweenness(few, "networkx"),
            "Polemos with rustworkx": lambda: betweenness(few, "rustworkx"),
            "igraph": lambda: igraph_betweenness(strongest),
        },
    }
    found = []
    for what, libraries in ways.items():
        able = {
            name: ask
            for name, ask in libraries.items()
            if all(find_spec(one) is not None for one in ("rustworkx", "igraph") if one in name)
        }
        times: dict[str, list[float]] = {name: [] for name in able}
        numbers: dict[str, dict[str, float]] = {}
        for _ in range(rounds):
            for name, ask in able.items():
                began = time.perf_counter()
                numbers[name] = ask()
                times[name].append(1000 * (time.perf_counter() - began))
        truth = numbers["Polemos with networkx"]
        for name, took in times.items():
            apart = max((abs(numbers[name][actor] - value) for actor, value in truth.items()), default=0.0)
            found.append(Central(what, name, statistics.median(took), apart))
            say(f"  {what}, {name}: {found[-1].median_ms:.1f} ms, {apart:.1e} apart")
    return found
