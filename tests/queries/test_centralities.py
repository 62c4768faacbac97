"""Where actors stand: figures that can be told by hand, and the same numbers whichever library computes them."""

from __future__ import annotations

import random

import networkx as nx
import pytest
from networkx.algorithms.link_analysis.pagerank_alg import _pagerank_python

from app.queries import ClaimFilter
from app.queries.centralities import DAMPING, Library, Measure, Tie, betweenness, centralities, pagerank
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import ClaimType

from .by_hand import Notebook
from .invented import invented

LIBRARIES: tuple[Library, ...] = ("networkx", "rustworkx")


def drawn(actors: int, ties: int) -> dict[Tie, int]:
    """Ties of a heavy tail, with actors that lead nowhere and pairs apart from the rest."""
    dice = random.Random(7)
    found = {("apart-1", "apart-2"): 1, ("apart-3", "apart-2"): 4}
    while len(found) < ties:
        one, other = (int(actors * dice.random() ** 3) for _ in range(2))
        if one != other:
            found[f"actor-{one}", f"actor-{other}"] = dice.randrange(1, 40)
    return {tie: found[tie] for tie in sorted(found)}


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Library:
    if request.param == "rustworkx":
        pytest.importorskip("rustworkx")
    return request.param  # type: ignore[no-any-return] # one of two


def test_a_chain_by_hand(library: Library) -> None:
    ties = {("a", "b"): 1, ("b", "c"): 3}
    ranks = pagerank(ties, library)
    # Each has what its source gives it, and an equal share of what c, which leads nowhere, and the damping give.
    a, b = ranks["a"], ranks["b"]
    assert b == pytest.approx(a + DAMPING * a)
    assert ranks["c"] == pytest.approx(a + DAMPING * b)
    assert sum(ranks.values()) == pytest.approx(1)
    # Of the two ordered pairs of others, one is joined, through b.
    assert betweenness(sorted(ties), library) == pytest.approx({"a": 0, "b": 0.5, "c": 0})


def test_the_numbers_are_those_of_networkx(library: Library) -> None:
    ties = drawn(120, 700)
    plain: nx.DiGraph = nx.DiGraph()
    plain.add_weighted_edges_from((one, other, weight) for (one, other), weight in ties.items())
    assert pagerank(ties, library) == pytest.approx(
        _pagerank_python(plain, alpha=DAMPING, tol=1e-13, max_iter=500), abs=1e-11
    )
    some = sorted(ties)[:300]
    few: nx.DiGraph = nx.DiGraph(some)
    assert betweenness(some, library) == pytest.approx(nx.betweenness_centrality(few), abs=1e-12)


def test_nobody_is_in_no_tie(library: Library) -> None:
    assert pagerank({}, library) == {}
    assert betweenness([], library) == {}


def book() -> Notebook:
    found = Notebook()
    found.accuses("Norland", "Sudria", "2024-03-02", about="market")
    found.accuses("Norland", "Sudria", "2024-03-09", about="harbour")
    found.accuses("Sudria", "Eastland", "2024-03-05", about="market")
    found.accuses("Sudria", None, "2024-03-06", about="market")
    found.denies("Sudria", "Norland", "2024-03-04", about="market")
    return found


def test_the_answer_tells_who_stands_where(library: Library) -> None:
    graph = book().graph
    found = centralities(graph, ClaimFilter(type=ClaimType.ACCUSES), library=library)
    assert found.kinds == (ClaimType.ACCUSES,)
    assert (found.total, found.without_target, found.ties, found.all_actors) == (4, 1, 2, 3)
    assert [one.label for one in found.actors] == ["Eastland", "Sudria", "Norland"]
    by_name = {one.label: one for one in found.actors}
    assert (by_name["Norland"].texts_by, by_name["Sudria"].texts_against) == (2, 2)
    assert [(by_name[one].out_degree, by_name[one].in_degree) for one in ("Norland", "Sudria", "Eastland")] == [
        (1, 0), (1, 1), (0, 1)
    ]  # fmt: skip
    assert by_name["Sudria"].betweenness == 0.5
    assert sum(one.pagerank for one in found.actors) == pytest.approx(1, abs=1e-8)
    assert found.computed_by == library


def test_both_libraries_give_one_answer() -> None:
    pytest.importorskip("rustworkx")
    graph = book().graph
    one, other = (centralities(graph, ClaimFilter(), library=library) for library in LIBRARIES)
    assert one.actors == other.actors
    assert len(one.kinds) == 3


@pytest.mark.parametrize(
    ("by", "first"),
    [("pagerank", "Eastland"), ("betweenness", "Sudria"), ("out_degree", "Sudria"), ("in_degree", "Eastland")],
)
def test_actors_are_ordered_by_what_is_asked(by: Measure, first: str) -> None:
    found = centralities(book().graph, ClaimFilter(type=ClaimType.ACCUSES), top=1, by=by)
    assert (found.by, [one.label for one in found.actors]) == (by, [first])


def test_a_tie_is_as_strong_as_its_independent_texts() -> None:
    graph = invented().graph
    by_hand: dict[Tie, set[str]] = {}
    claims = list(graph.claims.values())
    for claim in claims:
        if claim.target is not None and claim.target != claim.source:
            by_hand.setdefault((claim.source, claim.target), set()).add(claim.lineage)
    # A copy counts once, so there are fewer texts than claims.
    assert sum(map(len, by_hand.values())) < sum(claim.target is not None for claim in claims)
    told = centralities(graph, ClaimFilter())
    for one in told.actors:
        ours = {tie: texts for tie, texts in by_hand.items() if tie[0] == one.id}
        assert (one.out_degree, one.texts_by) == (len(ours), sum(map(len, ours.values())))
    assert told.total == len(claims)
    assert told.without_target == sum(claim.target in (None, claim.source) for claim in claims)


def test_no_claim_is_no_tie() -> None:
    graph = book().graph
    nobody = centralities(graph, ClaimFilter(type=ClaimType.RETALIATES))
    assert (nobody.actors, nobody.ties, nobody.total) == ([], 0, 0)


def test_top_is_bounded() -> None:
    graph = book().graph
    assert len(centralities(graph, ClaimFilter(), top=1).actors) == 1
    with pytest.raises(BadQuery, match="top"):
        centralities(graph, ClaimFilter(), top=0)
