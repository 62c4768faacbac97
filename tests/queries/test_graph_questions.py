from __future__ import annotations

from typing import Any

import pytest

from app.graph import ConflictGraph, fold
from app.queries import ClaimFilter, incidents, matrix, paths, subgraph, timeline
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import ClaimType, EdgeKind


def test_subgraph_around_an_actor(world: Any, graph: ConflictGraph) -> None:
    found = subgraph(graph, actors=["Norland"])
    assert {(e.source, e.kind, e.target) for e in found.edges} == {
        ("actor-norland", "accuses", "actor-sudria"),
        ("actor-sudrian-army", "denies", "actor-norland"),
        ("actor-norland", "retaliates", "actor-sudria"),
        ("actor-sudria", "accuses", "actor-norland"),
        ("actor-norland", "accuses", "actor-eastland"),
        ("actor-eastland", "denies", "actor-norland"),
    }
    assert {node.id for node in found.nodes} == {
        "actor-norland",
        "actor-sudria",
        "actor-eastland",
        "actor-sudrian-army",
    }
    assert found.total_edges == 6
    assert found.left_out.edges == 0
    vow = next(e for e in found.edges if e.kind is EdgeKind.RETALIATES)
    assert (vow.modality, vow.claims, vow.evidence_count) == ("threatened", [world.ids["vowed"]], 1)
    assert (vow.first, vow.last) == ("2024-03-02", "2024-03-02")


def test_subgraph_reaches_further_with_hops(graph: ConflictGraph) -> None:
    near = subgraph(graph, actors=["Sudrian Army"])
    assert {e.source for e in near.edges} == {"actor-sudrian-army"}
    far = subgraph(graph, actors=["Sudrian Army"], hops=2)
    assert far.total_edges == 6
    assert subgraph(graph, actors=["Sudrian Army"], hops=3).total_edges > 6


def test_the_limit_keeps_what_has_most_evidence(invented: Any, world: Any) -> None:
    many = invented.many(5)
    graph = fold(
        (1, entry)
        for entry in (
            *invented.ACTORS,
            *many.articles.values(),
            *many.readings,
            *world.articles.values(),
            *world.readings,
        )
    )
    found = subgraph(graph, limit=2)
    assert found.edges[0].evidence_count == 5
    assert (len(found.edges), found.total_edges, found.left_out.edges) == (
        2,
        subgraph(graph).total_edges,
        found.total_edges - 2,
    )
    ranks = [(-e.evidence_count, -e.articles, e.id) for e in subgraph(graph).edges]
    assert ranks == sorted(ranks)


def test_claims_without_an_edge_are_counted(graph: ConflictGraph) -> None:
    # "Sudria denied everything" names neither target nor incident.
    assert subgraph(graph, actors=["Sudria"]).left_out.claims_without_edge == 1
    assert subgraph(graph).left_out.claims_without_edge == 1
    assert subgraph(graph, actors=["Norland"]).left_out.claims_without_edge == 0
    assert subgraph(graph, kinds=[EdgeKind.ACCUSES]).left_out.claims_without_edge == 0


def test_filtered_edges_show_only_the_claims_that_match(invented: Any) -> None:
    graph = invented.invented().graph
    assert subgraph(graph, since="2030").edges == []
    courier = subgraph(graph, publisher="The Courier")
    assert {graph.claims[c].publisher for e in courier.edges for c in e.claims} == {"The Courier"}
    sure = subgraph(graph, actors=["Norland"], min_confidence=0.5)
    assert EdgeKind.RETALIATES not in {e.kind for e in sure.edges}
    april = subgraph(graph, since="2024-04-01", until="2024-04-30")
    assert [(e.source, e.target) for e in april.edges] == [("actor-norland", "actor-eastland")]


def test_subgraph_around_an_incident_and_a_place(world: Any, graph: ConflictGraph) -> None:
    cut = graph.claims[world.ids["somebody"]].incident
    assert cut is not None
    found = subgraph(graph, incident=cut)
    assert {e.kind for e in found.edges} == {"accuses", "about", "located_in"}
    assert {node.kind for node in found.nodes} == {"actor", "incident", "place"}
    open_end = next(e for e in found.edges if e.target == cut and e.kind is EdgeKind.ACCUSES)
    assert open_end.phrase == "makes an accusation over"
    here = subgraph(graph, place="place-tripoli-lby")
    assert {e.id for e in here.edges} == {e.id for e in found.edges}
    # The expulsion of diplomats is told of no incident.
    assert EdgeKind.RETALIATES not in {e.kind for e in here.edges}
    assert subgraph(graph, place="place-tripoli-lbn").edges == []
    with pytest.raises(BadQuery, match="place-tripoli-lbn, place-tripoli-lby"):
        subgraph(graph, place="Tripoli")


def test_kinds_choose(graph: ConflictGraph) -> None:
    assert {e.kind for e in subgraph(graph, kinds=[EdgeKind.PART_OF]).edges} == {"part_of"}
    assert {e.kind for e in subgraph(graph).edges} == {"accuses", "denies", "retaliates"}


@pytest.mark.parametrize("bad", [{"limit": 0}, {"limit": 1001}, {"hops": 0}, {"hops": 9}, {"actors": ["nobody"]}])
def test_subgraph_refuses(graph: ConflictGraph, bad: dict[str, Any]) -> None:
    with pytest.raises(BadQuery):
        subgraph(graph, **bad)


def test_paths_shortest_first(graph: ConflictGraph) -> None:
    found = paths(graph, "Sudrian Army", "Eastland")
    chains = [[node.id for node in path.nodes] for path in found.paths]
    assert chains[0] == ["actor-sudrian-army", "actor-norland", "actor-eastland"]
    assert [len(c) for c in chains] == sorted(len(c) for c in chains)
    assert all(len(set(c)) == len(c) for c in chains)
    assert len({tuple(c) for c in chains}) == len(chains) > 1
    step = found.paths[0].steps[0]
    assert {edge.kind for edge in step.edges} == {"denies"}
    assert paths(graph, "Sudrian Army", "Eastland", max_hops=1).paths == []
    assert len(paths(graph, "Sudrian Army", "Eastland", limit=1).paths) == 1


@pytest.mark.parametrize(
    ("a", "b", "more"), [("Norland", "Norland", {}), ("Norland", "x", {}), ("Norland", "Sudria", {"max_hops": 7})]
)
def test_paths_refuse(graph: ConflictGraph, a: str, b: str, more: dict[str, int]) -> None:
    with pytest.raises(BadQuery):
        paths(graph, a, b, **more)


def test_gold_paths_are_chains_of_real_edges(gold_graph: ConflictGraph) -> None:
    found = paths(gold_graph, "Russia", "Iran", max_hops=3, limit=20)
    assert len(found.paths) == 20
    for path in found.paths:
        assert path.nodes[0].id == "actor-russia"
        assert path.nodes[-1].id == "actor-iran"
        for step in path.steps:
            assert step.edges
            assert all({e.source, e.target} == {step.start, step.end} for e in step.edges)


def test_matrix_counts_and_says_what_it_leaves_out(graph: ConflictGraph) -> None:
    found = matrix(graph, ClaimType.ACCUSES, ClaimFilter())
    cells = {(cell.source, cell.target): cell.claims for cell in found.cells}
    assert cells[("actor-norland", "actor-sudria")] == 1
    assert (found.total, found.without_target, found.left_out) == (5, 1, 0)
    small = matrix(graph, ClaimType.ACCUSES, ClaimFilter(), top=1)
    assert small.left_out == small.total - small.without_target - sum(cell.claims for cell in small.cells) > 0


def test_gold_matrix_adds_up(gold_graph: ConflictGraph) -> None:
    found = matrix(gold_graph, ClaimType.DENIES, ClaimFilter(), top=10)
    assert sum(cell.claims for cell in found.cells) + found.left_out + found.without_target == found.total
    assert len(found.sources) == len(found.targets) == 10


def test_timeline_puts_nothing_on_a_day_it_was_not_said_on(graph: ConflictGraph) -> None:
    days = timeline(graph, ClaimFilter(), "day")
    assert {one.start for one in days.bins} == {"2024-03-01", "2024-03-02", "2024-03-05", "2024-05-01"}
    assert (days.undated, days.too_coarse) == (1, 1)
    months = timeline(graph, ClaimFilter(), "month")
    assert {one.start: (one.accuses, one.denies, one.retaliates) for one in months.bins} == {
        "2024-03": (3, 2, 2), "2024-04": (1, 0, 0), "2024-05": (0, 1, 0),
    }  # fmt: skip
    assert months.too_coarse == 0
    for found in (days, months, timeline(graph, ClaimFilter(), "year")):
        assert sum(b.accuses + b.denies + b.retaliates for b in found.bins) + found.undated + found.too_coarse == 10
    with pytest.raises(BadQuery):
        timeline(graph, ClaimFilter(), "week")  # type: ignore[arg-type]


def test_gold_subgraph_of_every_incident_names_only_known_nodes(gold_graph: ConflictGraph) -> None:
    for row in incidents(gold_graph, limit=200).incidents:
        found = subgraph(gold_graph, incident=row.id, limit=1000)
        shown = {node.id for node in found.nodes}
        assert all({e.source, e.target} <= shown for e in found.edges)
        claims = {c for e in found.edges for c in e.claims}
        assert claims == set(gold_graph.claims_about(row.id))
