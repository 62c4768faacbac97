"""Filters in, where actors stand in the web of claims out: PageRank, betweenness and degrees.

It is the standing in what articles report, of claims and not of deeds: whoever is written about most stands highest.
rustworkx computes it where it is installed (`polemos[fast]`), networkx and NumPy otherwise; both give the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Literal

import msgspec
import numpy as np

from app.graph import ClaimIds, ConflictGraph
from app.queries.filters import ClaimFilter, select, types_of
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
Measure = Literal["pagerank", "betweenness", "out_degree", "in_degree"]
"""By what actors are ordered."""
Tie = tuple[str, str]


class Standing(msgspec.Struct, frozen=True):
    """One actor.

    Attributes:
        pagerank: Its share of PageRank along the claims, each tie weighted by its independent texts; all sum up to 1.
        betweenness: Share of the shortest chains between two others that pass through it, ties of any weight being one
            step; 0 for an actor none of whose ties is among those looked at.
        out_degree: How many others it has a tie to: it says something of them, or does something to them.
        in_degree: How many have a tie to it.
        texts_by: Independent texts of each of its ties to somebody, added up.
        texts_against: The same of the ties to it.
    """

    id: str
    label: str
    pagerank: float
    betweenness: float
    out_degree: int
    in_degree: int
    texts_by: int
    texts_against: int


class Centralities(msgspec.Struct, frozen=True):
    """The actors that stand highest.

    Attributes:
        by: The measure that orders them.
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
    by: Measure
    actors: list[Standing]
    all_actors: int
    ties: int
    ties_looked_at: int
    total: int
    without_target: int
    undated_left_out: int
    computed_by: Library


def centralities(
    graph: ConflictGraph,
    asked: ClaimFilter,
    top: int = 50,
    by: Measure = "pagerank",
    library: Library | None = None,
) -> Centralities:
    """Where the actors of matching claims stand.

    Args:
        graph: The graph.
        asked: Which claims; all types where it names none.
        top: How many actors are told of.
        by: What orders them; who stands alike is ordered by PageRank, then by id.
        library: Which one computes it; rustworkx if it is installed where None.

    Raises:
        BadQuery: A name, date or number cannot be used.
    """
    if not 1 <= top <= MOST_ACTORS:
        raise BadQuery(f"top must lie between 1 and {MOST_ACTORS}, not {top}")
    found = select(graph, asked)
    ties, without = _ties(graph, found.ids)
    library = library or ("rustworkx" if find_spec("rustworkx") is not None else "networkx")
    ranks = pagerank(ties, library)
    looked_at = sorted(sorted(ties, key=lambda tie: (-ties[tie], tie))[:MOST_TIES])
    between = betweenness(looked_at, library)
    texts_by, texts_against, out, into = (dict.fromkeys(ranks, 0) for _ in range(4))
    for (source, target), number in ties.items():
        texts_by[source] += number
        texts_against[target] += number
        out[source] += 1
        into[target] += 1
    # What differs in the fourteenth digit is no difference, and must not decide an order.
    measures: Mapping[Measure, Mapping[str, float]] = {
        "pagerank": ranks,
        "betweenness": between,
        "out_degree": out,
        "in_degree": into,
    }
    first = measures[by]
    order = sorted(ranks, key=lambda actor: (-round(first.get(actor, 0.0), 9), -round(ranks[actor], 9), actor))
    return Centralities(
        revision=graph.revision,
        filters=msgspec.structs.replace(found.applied, top=top),
        kinds=types_of(asked),
        by=by,
        actors=[
            Standing(
                actor,
                graph.label(actor),
                round(ranks[actor], 9),
                round(between.get(actor, 0.0), 9),
                out[actor],
                into[actor],
                texts_by[actor],
                texts_against[actor],
            )
            for actor in order[:top]
        ],
        all_actors=len(ranks),
        ties=len(ties),
        ties_looked_at=len(looked_at),
        total=len(found.ids),
        without_target=without,
        undated_left_out=found.undated_left_out,
        computed_by=library,
    )


def _ties(graph: ConflictGraph, claims: ClaimIds) -> tuple[dict[Tie, int], int]:
    """Ties with their independent texts, by id; and how many claims are no tie.

    By id, so that both libraries, which take actors as they come, add numbers up in one order.
    """
    table, rows = graph.claims, graph.claims.rows(claims)
    source, target, lineage = (table.columns[name].values[rows] for name in ("source", "target", "lineage"))
    tied = (target >= 0) & (target != source)
    order = np.lexsort((lineage[tied], target[tied], source[tied]))
    told = np.stack((source[tied], target[tied], lineage[tied]), axis=1)[order]
    is_new = np.ones(len(told), np.bool_)
    is_new[1:] = (told[1:] != told[:-1]).any(axis=1)
    pairs, numbers = np.unique(told[is_new][:, :2], axis=0, return_counts=True)
    name = table.nodes.name
    ties = {
        (name(one), name(other)): number for (one, other), number in zip(pairs.tolist(), numbers.tolist(), strict=True)
    }
    return {tie: ties[tie] for tie in sorted(ties)}, int(len(rows) - tied.sum())


def pagerank(ties: Mapping[Tie, int], library: Library) -> dict[str, float]:
    """PageRank of all who are in a tie (Brin and Page 1998); who leads nowhere leads anywhere alike."""
    if not ties:
        return {}
    if library == "rustworkx":
        import rustworkx

        actors, digraph = _rustworkx(list(ties), list(map(float, ties.values())))
        found = rustworkx.pagerank(digraph, alpha=DAMPING, weight_fn=float, tol=TOLERANCE, max_iter=MOST_ROUNDS)
        return {actor: found[number] for number, actor in enumerate(actors)}
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
