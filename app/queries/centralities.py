"""Filters in, where actors stand in the web of claims out: PageRank, betweenness and how much goes out and comes in.

It is the standing in what articles report, of claims and not of deeds: whoever is written about most stands highest.
rustworkx computes it where it is installed (`polemos[fast]`), networkx and NumPy otherwise; both give the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Literal

import msgspec

from app.graph import ConflictGraph
from app.queries.filters import ClaimFilter, select
from app.queries.rows import AppliedFilters
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import ClaimType

DAMPING = 0.85
TOLERANCE = 1e-13
"""PageRank's error summed over all actors, per actor, at which the iteration ends."""
MOST_ROUNDS = 500
MOST_ACTORS = 500
MOST_TIES = 2000
"""Ties among which betweenness is looked for: those of most independent texts. Its time grows with their square."""

Library = Literal["rustworkx", "networkx"]
Tie = tuple[str, str]


class Standing(msgspec.Struct, frozen=True):
    """One actor.

    Attributes:
        pagerank: Its share of PageRank along the claims, each tie weighted by its independent texts; all sum up to 1.
        betweenness: Share of the shortest chains between two others that pass through it, ties of any weight being one
            step; 0 for an actor none of whose ties is among those looked at.
        texts_by: Independent texts of each of its ties to somebody, added up.
        texts_against: The same of the ties to it.
    """

    id: str
    label: str
    pagerank: float
    betweenness: float
    texts_by: int
    texts_against: int


class Centralities(msgspec.Struct, frozen=True):
    """The actors of most PageRank.

    Attributes:
        actors: The first of them.
        all_actors: How many there are.
        ties: Ordered pairs of two actors of which one says something of, or does something to, the other.
        ties_looked_at: Those of them among which betweenness was looked for.
        without_target: Matching claims that name no actor as their target, or their own source: no tie.
        computed_by: The library.
    """

    revision: int
    filters: AppliedFilters
    kinds: tuple[ClaimType, ...]
    actors: list[Standing]
    all_actors: int
    ties: int
    ties_looked_at: int
    total: int
    without_target: int
    undated_left_out: int
    computed_by: Library


def centralities(
    graph: ConflictGraph, asked: ClaimFilter, top: int = 50, library: Library | None = None
) -> Centralities:
    """Where the actors of matching claims stand.

    Args:
        graph: The graph.
        asked: Which claims; all types where it names none.
        top: How many actors are told of.
        library: Which one computes it; rustworkx if it is installed where None.

    Raises:
        BadQuery: A name, date or number cannot be used.
    """
    if not 1 <= top <= MOST_ACTORS:
        raise BadQuery(f"top must lie between 1 and {MOST_ACTORS}, not {top}")
    found = select(graph, asked)
    texts: dict[Tie, set[str]] = {}
    total = without = 0
    for claim in map(graph.claims.__getitem__, found.ids):
        total += 1
        if claim.target is None or claim.target == claim.source:
            without += 1
        else:
            texts.setdefault((claim.source, claim.target), set()).add(claim.lineage)
    # By id, so that both libraries, which take actors as they come, add numbers up in one order.
    ties = {tie: len(texts[tie]) for tie in sorted(texts)}
    library = library or ("rustworkx" if find_spec("rustworkx") is not None else "networkx")
    ranks = pagerank(ties, library)
    looked_at = sorted(sorted(ties, key=lambda tie: (-ties[tie], tie))[:MOST_TIES])
    between = betweenness(looked_at, library)
    by, against = dict.fromkeys(ranks, 0), dict.fromkeys(ranks, 0)
    for (source, target), number in ties.items():
        by[source] += number
        against[target] += number
    # What differs in the fourteenth digit is no difference, and must not decide an order.
    order = sorted(ranks, key=lambda actor: (-round(ranks[actor], 9), actor))
    kinds = (asked.type,) if asked.type is not None else tuple(kind for kind in ClaimType if kind in asked.types)
    return Centralities(
        revision=graph.revision,
        filters=msgspec.structs.replace(found.applied, top=top),
        kinds=kinds or tuple(ClaimType),
        actors=[
            Standing(
                actor,
                graph.label(actor),
                round(ranks[actor], 9),
                round(between.get(actor, 0.0), 9),
                by[actor],
                against[actor],
            )
            for actor in order[:top]
        ],
        all_actors=len(ranks),
        ties=len(ties),
        ties_looked_at=len(looked_at),
        total=total,
        without_target=without,
        undated_left_out=found.undated_left_out,
        computed_by=library,
    )


def pagerank(ties: Mapping[Tie, int], library: Library) -> dict[str, float]:
    """PageRank of all who are in a tie (Brin and Page 1998); who leads nowhere leads anywhere alike."""
    if not ties:
        return {}
    if library == "rustworkx":
        import rustworkx

        actors, digraph = _rustworkx(list(ties), list(map(float, ties.values())))
        found = rustworkx.pagerank(digraph, alpha=DAMPING, weight_fn=float, tol=TOLERANCE, max_iter=MOST_ROUNDS)
        return {actor: found[number] for number, actor in enumerate(actors)}
    import numpy as np

    # networkx's own needs SciPy, which is large; the power iteration is the same.
    actors = _actors(list(ties))
    number = {actor: place for place, actor in enumerate(actors)}
    size = len(actors)
    source, target = (np.fromiter((number[tie[end]] for tie in ties), np.intp, len(ties)) for end in (0, 1))
    weight = np.fromiter(ties.values(), np.float64, len(ties))
    out = np.bincount(source, weight, size)
    share, leads_nowhere = weight / out[source], out == 0
    ranks = np.full(size, 1 / size)
    for _ in range(MOST_ROUNDS):
        before = ranks
        given = np.bincount(target, before[source] * share, size) + before[leads_nowhere].sum() / size
        ranks = DAMPING * given + (1 - DAMPING) / size
        if np.abs(ranks - before).sum() < size * TOLERANCE:
            break
    return dict(zip(actors, ranks.tolist(), strict=True))


def betweenness(ties: Sequence[Tie], library: Library) -> dict[str, float]:
    """Betweenness of all who are in one of these ties, as a share of the pairs of others (Freeman 1977)."""
    if not ties:
        return {}
    if library == "rustworkx":
        import rustworkx

        actors, digraph = _rustworkx(ties, [1.0] * len(ties))
        shares = rustworkx.betweenness_centrality(digraph, normalized=True, endpoints=False)
        return {actor: shares[number] for number, actor in enumerate(actors)}
    import networkx as nx

    plain: nx.DiGraph = nx.DiGraph()
    plain.add_nodes_from(_actors(ties))
    plain.add_edges_from(ties)
    found: dict[str, float] = nx.betweenness_centrality(plain, normalized=True, endpoints=False)
    return found


def _actors(ties: Sequence[Tie]) -> list[str]:
    return sorted({actor for tie in ties for actor in tie})


def _rustworkx(ties: Sequence[Tie], weights: Sequence[float]) -> tuple[list[str], Any]:
    import rustworkx

    actors = _actors(ties)
    number = {actor: place for place, actor in enumerate(actors)}
    digraph: Any = rustworkx.PyDiGraph(multigraph=False)
    digraph.add_nodes_from(actors)
    digraph.add_edges_from(
        [(number[source], number[target], weight) for (source, target), weight in zip(ties, weights, strict=True)]
    )
    return actors, digraph
