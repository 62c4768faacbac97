from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.graph import ConflictGraph, Edge, IncidentNode, PlacedClaim, ResolvedClaim, fold
from app.queries import (
    ClaimFilter,
    distance,
    incidents,
    matrix,
    nearest_edges,
    neighbourhood,
    paths,
    subgraph,
    timeline,
)
from app.queries.chains import ALONG
from app.vocabulary.errors import BadQuery
from app.vocabulary.records import Actor, Claim, Evidence, Place
from app.vocabulary.terms import ActorKind, ClaimType, Clock, EdgeKind, Modality
from app.vocabulary.times import Period


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
    with pytest.raises(BadQuery):
        nearest_edges(graph, **{"actors": ["Norland"], **bad})


def test_the_nearest_edges_are_those_of_somebody(graph: ConflictGraph) -> None:
    with pytest.raises(BadQuery, match="name an actor"):
        nearest_edges(graph, [])


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
        timeline(graph, ClaimFilter(), "hour")  # type: ignore[arg-type]


def test_gold_subgraph_of_every_incident_names_only_known_nodes(gold_graph: ConflictGraph) -> None:
    for row in incidents(gold_graph, limit=200).incidents:
        found = subgraph(gold_graph, incident=row.id, limit=1000)
        shown = {node.id for node in found.nodes}
        assert all({e.source, e.target} <= shown for e in found.edges)
        claims = {c for e in found.edges for c in e.claims}
        assert claims == set(gold_graph.claims_about(row.id))


# ---- the quick answers against slow ones that are plainly right ----

ACTORS = [f"actor-{letter}" for letter in "abcdef"]
INCIDENTS = [f"inc-{number}" for number in (1, 2, 3)]
DAYS = [None, "2031-01-05", "2031-01-20", "2031-02", "2031-02-10/2031-03-05", "2031-04-01"]
MODALITY = {ClaimType.ACCUSES: Modality.ASSERTED, ClaimType.DENIES: Modality.ASSERTED}
Told = tuple[ClaimType, str, str, str | None, str | None, int, str | None, float]

told = st.tuples(
    st.sampled_from(list(ClaimType)),
    st.sampled_from(ACTORS),
    st.sampled_from(ACTORS),
    st.none() | st.sampled_from(ACTORS),
    st.none() | st.sampled_from(INCIDENTS),
    st.integers(0, 3),
    st.sampled_from(DAYS),
    st.sampled_from([0.2, 0.8]),
)


def empty() -> ConflictGraph:
    """Six actors, one of which is part of another, and three incidents, two of them at a place."""
    graph = ConflictGraph()
    for actor in ACTORS:
        graph.add_actor(Actor(actor[-1], ActorKind.STATE, "ARD", id=actor))
    graph.add_part_of("actor-b", "actor-a")
    graph.add_place(Place("Kesh", "ARD", 1.0, 1.0, "settlement", id="place-kesh"))
    for incident, place in zip(INCIDENTS, ("place-kesh", "place-kesh", None), strict=True):
        graph.add_incident(IncidentNode(incident, ("raid",), place, "ARD", None, (), (incident,), incident))
    return graph


def add(graph: ConflictGraph, claims: Sequence[Told]) -> None:
    """Add claims to the graph."""
    for kind, speaker, source, target, incident, article, day, confidence in claims:
        name = f"clm-{len(graph.claims)}"
        at = Evidence(f"art-{article}", "text", 0, 1, "x")
        modality = MODALITY.get(kind, Modality.CARRIED_OUT)
        claim = Claim(at.article, kind, "m", "m", None, modality, at, confidence=confidence, id=name)
        when = Period.parse(day) if day is not None else Period()
        publisher = f"paper {article % 3}" if article else None
        graph.add_claim(
            PlacedClaim(claim, speaker, source, target, None, incident, when, None, publisher, lineage=at.article)
        )


def matching(graph: ConflictGraph, edge: Edge, asked: dict[str, Any]) -> list[ResolvedClaim] | None:
    """The edge's claims that pass, one by one; None for an edge that has claims of which none does."""
    period = Period.between(asked.get("since"), asked.get("until"))
    found = [
        claim
        for claim in (graph.claims[name] for name in edge.claims)
        if (period.is_open or (not claim.when.is_open and claim.when.overlaps(period)))
        and claim.claim.confidence >= asked.get("min_confidence", 0)
    ]
    return found if found or not edge.claims else None


def slow_subgraph(
    graph: ConflictGraph, kinds: Sequence[EdgeKind], hops: int, limit: int, asked: dict[str, Any]
) -> tuple[list[tuple[str, list[str]]], int]:
    """The edges with their claims, best first, and how many there are in all: by walking every edge each hop."""
    actors, around = set(asked.get("actors", ())), {asked["incident"]} if "incident" in asked else set()
    nodes = actors | around
    if "place" in asked:
        there = {one.id for one in graph.incidents.values() if one.place == asked["place"]}
        around, nodes = around & there if around else there, nodes | {asked["place"]}
    edges = {edge.id: edge for edge in graph.edges() if edge.kind in kinds}
    claims = {name: found for name, edge in edges.items() if (found := matching(graph, edge, asked)) is not None}
    by_happening = "incident" in asked or "place" in asked
    hop_of: dict[str, int] = {}
    reached = set(actors)
    for hop in range(1, hops + 1):
        for name in claims:
            edge = edges[name]
            ends = {edge.source, edge.target}
            if hop == 1 and by_happening:
                about = edge.target if edge.kind is EdgeKind.ABOUT else edge.incident
                met = about in around and (not actors or bool(ends & actors))
                met = met or (edge.kind is EdgeKind.LOCATED_IN and edge.source in around)
            else:
                met = bool(ends & (reached - (nodes | around if by_happening else set()))) or not nodes
            if met:
                hop_of.setdefault(name, hop)
        reached |= {end for name in hop_of for end in (edges[name].source, edges[name].target)}

    def rank(name: str) -> tuple[int, int, str]:
        return (-len(claims[name]), -len({one.claim.article for one in claims[name]}), name)

    best = sorted(hop_of, key=lambda name: (hop_of[name], *rank(name)))[:limit]
    undated = Period.parse("9999")
    for found in claims.values():
        found.sort(key=lambda one: ((one.when if one.when.start else undated).start, one.id))
    return [(name, [one.id for one in claims[name]]) for name in sorted(best, key=rank)], len(hop_of)


questions = st.fixed_dictionaries(
    {},
    optional={
        "actors": st.lists(st.sampled_from(ACTORS), min_size=1, max_size=2, unique=True),
        "incident": st.sampled_from(INCIDENTS),
        "place": st.just("place-kesh"),
        "since": st.sampled_from(["2031-01-10", "2031-02-20"]),
        "until": st.sampled_from(["2031-02-25", "2031-12"]),
        "min_confidence": st.just(0.5),
    },
)
kinds_asked = st.sets(st.sampled_from(list(EdgeKind)), min_size=1).map(sorted)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(told, max_size=25),
    st.lists(told, max_size=25),
    kinds_asked,
    st.integers(1, 4),
    st.integers(1, 12),
    questions,
    st.sampled_from([0, 8, 3_000]),
)
def test_the_best_edges_are_those_that_a_walk_over_all_finds(
    first: list[Told],
    more: list[Told],
    kinds: list[EdgeKind],
    hops: int,
    limit: int,
    asked: dict[str, Any],
    counted: int,
) -> None:
    graph = empty()
    for part in (first, more):
        # What was read before a change must not be answered after it.
        add(graph, part)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(neighbourhood, "MOST_COUNTED", counted)
            found = subgraph(graph, kinds=kinds, hops=hops, limit=limit, **asked)
        edges, total = slow_subgraph(graph, kinds, hops, limit, asked)
        assert [(edge.id, edge.claims) for edge in found.edges] == edges
        if set(asked) == {"actors"}:
            ids = nearest_edges(graph, asked["actors"], kinds=kinds, hops=hops, limit=limit)
            assert sorted(ids) == sorted(name for name, _ in edges)
        for edge in found.edges:
            claims = [graph.claims[name] for name in edge.claims]
            days = [day for one in claims for day in (one.when.start, one.when.end) if day is not None]
            assert (edge.first, edge.last) == ((str(min(days)), str(max(days))) if days else (None, None))
            assert edge.articles == len({one.claim.article for one in claims})
            assert edge.publishers == len({one.publisher for one in claims} - {None})
        assert found.left_out.edges == found.total_edges - len(found.edges)
        if found.left_out.at_least:
            assert counted < 3_000
            assert len(found.edges) == limit
            assert limit <= found.total_edges <= total
        else:
            assert found.total_edges == total


def slow_paths(graph: ConflictGraph, start: str, end: str, most: int) -> list[list[str]]:
    """Every chain, shortest first, then by the claims between each two of its nodes and by their ids."""
    between: dict[frozenset[str], int] = {}
    for edge in graph.edges():
        if edge.kind in ALONG:
            pair = frozenset((edge.source, edge.target))
            between[pair] = between.get(pair, 0) + len(edge.claims)
    inner = [*ACTORS, *INCIDENTS]
    chains = [
        [start, *middle, end]
        for length in range(most)
        for middle in permutations([node for node in inner if node not in (start, end)], length)
    ]
    chains = [chain for chain in chains if all(frozenset(pair) in between for pair in pairwise(chain))]
    return sorted(chains, key=lambda chain: (len(chain), [(-between[frozenset(p)], p[1]) for p in pairwise(chain)]))


@settings(max_examples=150, deadline=None)
@given(st.lists(told, max_size=14), st.integers(1, 5), st.integers(1, 30))
def test_paths_are_the_first_of_all_chains(claims: list[Told], most: int, limit: int) -> None:
    graph = empty()
    add(graph, claims)
    found = paths(graph, "actor-a", "actor-f", max_hops=most, limit=limit)
    every = slow_paths(graph, "actor-a", "actor-f", most)
    assert [[node.id for node in path.nodes] for path in found.paths] == every[:limit]
    assert distance(graph, "actor-a", "actor-f", most) == (len(every[0]) - 1 if every else None)


@settings(max_examples=100, deadline=None)
@given(st.lists(told, max_size=40), st.lists(told, max_size=10), st.sampled_from(EdgeKind))
def test_claims_are_counted_by_the_node_at_the_other_end(first: list[Told], more: list[Told], kind: EdgeKind) -> None:
    graph = empty()
    for part in (first, more):
        add(graph, part)
        for node in (*ACTORS, *INCIDENTS):
            forth, back = Counter[str](), Counter[str]()
            for edge in graph.edges():
                if edge.kind is kind:
                    forth.update({edge.target: len(edge.claims)} if edge.source == node else {})
                    back.update({edge.source: len(edge.claims)} if edge.target == node else {})
            assert graph.counts_at(kind, node) == (forth, back)


def test_claims_without_an_edge_pass_the_same_filters() -> None:
    graph = empty()
    headless: list[Told] = [
        (ClaimType.ACCUSES, "actor-b", "actor-b", None, None, 1, "2031-01-05", 0.8),
        (ClaimType.ACCUSES, "actor-c", "actor-c", None, None, 1, "2031-04-01", 0.2),
        (ClaimType.DENIES, "actor-c", "actor-c", None, None, 2, None, 0.8),
        (ClaimType.DENIES, "actor-c", "actor-c", "actor-a", None, 2, None, 0.8),
    ]
    add(graph, headless)

    def count(**asked: Any) -> int:
        return subgraph(graph, **asked).left_out.claims_without_edge

    assert (count(), count(actors=["actor-c"]), count(actors=["actor-a"])) == (3, 2, 0)
    assert count(actors=["actor-b", "actor-c"]) == 3
    assert count(since="2031-02") == 1
    assert count(min_confidence=0.5) == 2
    assert count(kinds=[EdgeKind.DENIES]) == 1
    assert count(incident="inc-1") == 0


def test_what_is_not_counted_is_said_not_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = empty()
    add(graph, [(ClaimType.ACCUSES, source, source, "actor-a", None, 1, None, 0.8) for source in ACTORS[1:]])
    add(graph, [(ClaimType.ACCUSES, source, source, "actor-a", None, 2, None, 0.8) for source in ACTORS[1:4]])
    add(graph, [(ClaimType.DENIES, "actor-f", "actor-f", "actor-e", None, 1, None, 0.8)])
    monkeypatch.setattr(neighbourhood, "MOST_COUNTED", 3)
    one_hop = subgraph(graph, actors=["actor-a"], limit=2)
    # Where all claims count, edges are counted by the column.
    assert (one_hop.total_edges, one_hop.left_out.edges, one_hop.left_out.at_least) == (5, 3, False)
    assert not subgraph(graph, limit=2).left_out.at_least
    further = subgraph(graph, actors=["actor-a"], hops=2, limit=2)
    assert (further.total_edges, further.left_out.edges, further.left_out.at_least) == (6, 4, False)
    some = subgraph(graph, actors=["actor-a"], min_confidence=0.5, limit=2)
    assert (some.total_edges, some.left_out.edges, some.left_out.at_least) == (3, 1, True)


def test_of_two_edges_with_equally_many_claims_the_one_from_more_articles_is_kept() -> None:
    graph = empty()
    for source, articles in (("actor-b", (1, 1)), ("actor-c", (1, 2)), ("actor-d", (3, 3))):
        add(graph, [(ClaimType.ACCUSES, source, source, "actor-a", None, article, None, 0.8) for article in articles])
    for asked in ({}, {"actors": ["actor-a"]}, {"min_confidence": 0.5}):
        assert [edge.source for edge in subgraph(graph, limit=1, **asked).edges] == ["actor-c"]
        assert [edge.source for edge in subgraph(graph, limit=2, **asked).edges] == ["actor-c", "actor-b"]


def test_an_edge_between_two_seeds_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = empty()
    pairs = [("actor-a", "actor-b"), ("actor-b", "actor-a"), ("actor-c", "actor-b"), ("actor-b", "actor-b")]
    for source, target in pairs:
        add(graph, [(ClaimType.ACCUSES, source, source, target, None, 1, None, 0.8)])
    add(graph, [(ClaimType.ACCUSES, "actor-a", "actor-a", "actor-b", None, 1, None, 0.8)])
    monkeypatch.setattr(neighbourhood, "MOST_COUNTED", 0)
    found = subgraph(graph, actors=["actor-a", "actor-b"], limit=1)
    assert (found.total_edges, found.left_out.edges, found.left_out.at_least) == (4, 3, False)


def test_a_claim_without_an_edge_counts_for_the_whole_of_its_source() -> None:
    graph = empty()
    graph.add_actor(Actor("e", ActorKind.ARMED_FORCE, "ARD", part_of="actor-f", id="actor-e"))
    add(graph, [(ClaimType.DENIES, "actor-e", "actor-e", None, None, 1, None, 0.8)])
    for actor, claims in (("actor-e", 1), ("actor-f", 1), ("actor-a", 0)):
        assert subgraph(graph, actors=[actor]).left_out.claims_without_edge == claims


def test_a_subgraph_by_another_clock(world: Any, graph: ConflictGraph) -> None:
    def claims_of(clock: Clock, day: str) -> set[str]:
        piece = subgraph(graph, kinds=[EdgeKind.ACCUSES], since=day, until=day, clock=clock)
        assert piece.filters.clock is clock
        return {claim for edge in piece.edges for claim in edge.claims}

    accused = world.ids["accused"]
    # The shelling was on the first, and so was the accusation; the paper came out on the second.
    assert accused in claims_of(Clock.HAPPENED, "2024-03-01")
    assert accused not in claims_of(Clock.HAPPENED, "2024-03-02")
    assert accused in claims_of(Clock.PUBLISHED, "2024-03-02")
    assert accused not in claims_of(Clock.SAID, "2024-03-02")
    assert not claims_of(Clock.INGESTED, "2024-03-01")


@pytest.mark.parametrize("kind", ClaimType)
def test_a_claim_of_every_type_is_an_edge_that_a_piece_shows(kind: ClaimType) -> None:
    assert EdgeKind(kind) in neighbourhood.CLAIM_KINDS
    assert EdgeKind(kind).phrase
