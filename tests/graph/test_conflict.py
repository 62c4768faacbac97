"""The graph's face: typed edges with their evidence, the indexes that roll up, names, and the plain copy."""

from __future__ import annotations

import dataclasses
import gc
import io
import weakref
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest

from app.graph import ConflictGraph, Edge
from app.vocabulary.errors import NotFound
from app.vocabulary.records import Actor, Article, Place
from app.vocabulary.terms import ActorKind, ClaimType, EdgeKind, Modality, NodeKind

if TYPE_CHECKING:
    from tests.graph.conftest import Answers, Desk, Find

ACCUSES, DENIES, RETALIATES = ClaimType.ACCUSES, ClaimType.DENIES, ClaimType.RETALIATES
Quoted = Callable[[ConflictGraph, Iterable[tuple[date, str]]], list[str]]


def edges(graph: ConflictGraph, kind: EdgeKind) -> list[Edge]:
    return [edge for edge in graph.edges() if edge.kind is kind]


def ends(graph: ConflictGraph, kind: EdgeKind) -> set[tuple[str, str]]:
    return {(edge.source.removeprefix("actor-"), edge.target.removeprefix("actor-")) for edge in edges(graph, kind)}


# ---- edges ----


def test_claims_of_one_sort_between_two_are_one_edge_with_all_their_evidence(desk: Desk) -> None:
    _, first = desk.tell("Ardania accused Beloria. Ardania accused Beloria over the raid in Kesh.")
    _, second = desk.tell("Cerinia met Beloria. Ardania accused Beloria.")
    graph = desk.graph
    plain, about = sorted(edges(graph, EdgeKind.ACCUSES), key=lambda edge: edge.incident or "")
    assert plain.claims == (first.claims[0].id, second.claims[0].id)
    assert about.claims == (first.claims[1].id,)
    assert about.incident == first.incidents[0].id
    assert {edge.modality for edge in (plain, about)} == {Modality.ASSERTED}
    assert graph.edge_attributes(plain)["evidence_count"] == 2
    assert graph.edge_attributes(plain)["articles"] == 2


def test_another_modality_is_another_edge(desk: Desk) -> None:
    desk.tell("Ardania threatened Beloria. Ardania struck back at Beloria. Ardania called for strikes on Beloria.")
    found = edges(desk.graph, EdgeKind.RETALIATES)
    assert {edge.modality for edge in found} == {Modality.THREATENED, Modality.CARRIED_OUT, Modality.CALLED_FOR}
    assert [len(edge.claims) for edge in found] == [1, 1, 1]
    assert len({edge.id for edge in found}) == 3


def test_an_edge_points_at_the_target_else_at_the_incident(desk: Desk, find: Find) -> None:
    text = "Ardania accused someone over the raid in Kesh. Beloria denied Ardania over the raid in Kesh."
    _, reading = desk.tell(text)
    raid = find.incident(reading, "raid").id
    graph = desk.graph
    assert ends(graph, EdgeKind.ACCUSES) == {("ardania", raid)}
    assert ends(graph, EdgeKind.DENIES) == {("beloria", "ardania")}
    # What already points at the incident does not point there twice.
    assert ends(graph, EdgeKind.ABOUT) == {("beloria", raid)}
    assert ends(graph, EdgeKind.LOCATED_IN) == {(raid, "place-kesh")}


def test_a_claim_without_head_has_no_edge_and_is_kept(desk: Desk) -> None:
    article, reading = desk.tell("Beloria denied everything.")
    graph = desk.graph
    (claim,) = graph.claims.values()
    assert claim.head is None
    assert len(graph) == 0
    assert graph.claims_of(DENIES) == graph.claims_of(DENIES, source="actor-beloria") == [(date(2031, 5, 4), claim.id)]
    assert graph.claims_in(article.id) == [reading.claims[0].id]


def test_who_speaks_for_whom(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Oda Renn for Ardania accused Fleet of Beloria. Coast Guard Command denied Beloria.")
    graph = desk.graph
    found = {(edge.source, edge.target): edge.claims for edge in edges(graph, EdgeKind.PART_OF)}
    accusation = find.claim(reading, "accused").id
    assert found == {
        # by an article's word
        ("actor-oda-renn", "actor-ardania"): (accusation,),
        ("actor-fleet", "actor-beloria"): (accusation,),
        # by the gazetteer
        ("actor-coast-guard-command", "actor-ardanian-army"): (),
        ("actor-ardanian-army", "actor-ardania"): (),
    }


def test_nobody_is_part_of_themselves(desk: Desk) -> None:
    desk.tell("Ardania accused Beloria.")
    assert edges(desk.graph, EdgeKind.PART_OF) == []


def test_the_edges_at_a_node(desk: Desk) -> None:
    desk.tell("Ardania accused Beloria over the raid in Kesh. Beloria threatened Cerinia.")
    graph = desk.graph
    assert sorted(edge.kind for edge in graph.edges_at("actor-beloria")) == ["accuses", "retaliates"]
    assert sorted(edge.kind for edge in graph.edges_at("place-kesh")) == ["located_in"]
    with pytest.raises(NotFound, match="'actor-nobody'"):
        list(graph.edges_at("actor-nobody"))


def test_a_loop_comes_once(desk: Desk) -> None:
    desk.tell("Ardania accused Beloria.")
    desk.same("actor-ardania", "actor-beloria")
    assert [edge.kind for edge in desk.graph.edges_at("actor-ardania")] == ["accuses"]


def test_adding_a_claim_twice_changes_nothing(desk: Desk, answers: Callable[[ConflictGraph], Answers]) -> None:
    desk.tell("Ardania accused Beloria over the raid in Kesh.")
    graph, before = desk.graph, answers(desk.graph)
    for claim in list(graph.claims.values()):
        graph.add_claim(claim.placed())
    assert answers(graph) == before


# ---- rolling up ----

WAR = (
    "Coast Guard Command accused Beloria on 2031-05-01. "
    "Ardanian Army accused Radio Belgard on 2031-05-02. "
    "Ardania accused Beloria on 2031-05-03. "
    "Oda Renn for Ardania accused Fleet of Beloria on 2031-05-04. "
    "Cerinia accused Ardania on 2031-05-05. "
    "Beloria denied Coast Guard Command on 2031-05-06."
)


@pytest.mark.parametrize(
    ("source", "target", "days"),
    [
        ("ardania", None, [1, 2, 3, 4]),
        ("ardanian-army", None, [1, 2]),
        ("coast-guard-command", None, [1]),
        ("oda-renn", None, [4]),
        ("cerinia", None, [5]),
        ("beloria", None, []),
        (None, "beloria", [1, 2, 3, 4]),
        (None, "radio-belgard", [2]),
        (None, "fleet", [4]),
        (None, "ardania", [5]),
        ("ardania", "beloria", [1, 2, 3, 4]),
        ("ardanian-army", "beloria", [1, 2]),
        ("ardania", "radio-belgard", [2]),
        ("coast-guard-command", "radio-belgard", []),
        ("oda-renn", "fleet", [4]),
        ("cerinia", "beloria", []),
        (None, None, [1, 2, 3, 4, 5]),
        ("nobody", None, []),
        ("ardania", "nobody", []),
    ],
)
def test_what_a_part_says_or_faces_counts_for_its_whole(
    desk: Desk, source: str | None, target: str | None, days: list[int]
) -> None:
    desk.tell(WAR)
    graph = desk.graph
    found = graph.claims_of(ACCUSES, source and f"actor-{source}", target and f"actor-{target}")
    assert [day.day for day, _ in found] == days
    for day, claim in found:
        assert graph.claim(claim).claim.date == day.isoformat()


def test_denials_roll_up_in_the_index_too(desk: Desk) -> None:
    desk.tell(WAR)
    assert len(desk.graph.claims_of(DENIES, "actor-beloria", "actor-ardania")) == 1
    assert len(desk.graph.claims_of(RETALIATES)) == 0


def test_wholes(desk: Desk) -> None:
    desk.tell(WAR)
    graph = desk.graph
    assert graph.wholes("actor-coast-guard-command") == {
        "actor-coast-guard-command",
        "actor-ardanian-army",
        "actor-ardania",
    }
    # By an article's word she spoke for Ardania there, and need not elsewhere.
    assert graph.wholes("actor-oda-renn") == {"actor-oda-renn"}
    assert graph.wholes("actor-nobody") == {"actor-nobody"}


def test_actors_that_are_part_of_each_other(desk: Desk) -> None:
    desk.add(
        Actor("Fleet", ActorKind.ARMED_FORCE, part_of="actor-navy"),
        Actor("Navy", ActorKind.ARMED_FORCE, part_of="actor-fleet"),
    )
    desk.tell("Fleet accused Ardania.", linked=False)
    graph = desk.graph
    assert graph.wholes("actor-fleet") == {"actor-fleet", "actor-navy"}
    assert len(graph.claims_of(ACCUSES, source="actor-navy")) == 1


def test_claims_come_by_the_day_they_were_said(desk: Desk, quoted: Quoted) -> None:
    desk.tell("Ardania accused Beloria on 2031-05-09. Ardania accused Cerinia.", published="2031-05-04")
    desk.tell("Beloria met Ardania. Ardania accused New Dawn.", published=None)
    desk.tell("Ardania accused Red Wing on 2031-05.")
    graph = desk.graph
    assert quoted(graph, graph.claims_of(ACCUSES, source="actor-ardania")) == [
        # Nothing tells when.
        "Ardania accused New Dawn.",
        "Ardania accused Red Wing on 2031-05.",
        "Ardania accused Cerinia.",
        "Ardania accused Beloria on 2031-05-09.",
    ]
    assert graph.claims_of(ACCUSES)[0][0] == date.min
    desk.tell("Ardania accused Free Coast Brigade on 2031-05-05.")
    assert [day.day for day, _ in desk.graph.claims_of(ACCUSES)][1:] == [1, 4, 5, 9]


# ---- names ----


def test_nodes_by_name_alias_and_id(desk: Desk) -> None:
    desk.tell("Ardania accused Beloria over the raid in Upper Dova. Free Coast Brigade denied everything.")
    graph = desk.graph
    for name in ("ARDANIA", "republic of Árdania", "actor-ardania"):
        assert graph.named(name) == ["actor-ardania"]
    assert graph.named("FCB") == ["actor-free-coast-brigade"]
    assert graph.named("upper dova") == ["place-upper-dova-xar"]
    assert graph.named("upper dova", NodeKind.ACTOR) == []
    assert graph.named("Ardan") == graph.named("") == []


def test_a_name_of_two_nodes_gives_both(desk: Desk) -> None:
    desk.tell("Ardania accused Kesh over the raid in Kesh.")
    graph = desk.graph
    assert graph.named("Kesh") == ["actor-kesh", "place-kesh"]
    assert graph.named("Kesh", NodeKind.PLACE) == ["place-kesh"]


def test_a_second_record_of_an_actor_replaces_the_first_and_its_names() -> None:
    graph = ConflictGraph()
    graph.add_actor(Actor("Fleet", ActorKind.UNKNOWN, aliases=("Armada", "Sea Arm")))
    graph.add_actor(Actor("Fleet", ActorKind.ARMED_FORCE, aliases=("Sea Arm",)))
    assert graph.named("armada") == []
    assert graph.named("sea arm") == graph.named("fleet") == ["actor-fleet"]
    assert graph.actors["actor-fleet"].kind is ActorKind.ARMED_FORCE


def test_nodes_and_their_labels(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Ardania accused Beloria over the raid in Upper Dova.")
    raid = find.incident(reading, "raid").id
    graph = desk.graph
    assert [graph.kind(n) for n in ("actor-ardania", "place-upper-dova-xar", raid)] == ["actor", "place", "incident"]
    assert [graph.label(n) for n in ("actor-ardania", "place-upper-dova-xar", raid)] == [
        "Ardania",
        "Upper Dova",
        "raid, Upper Dova",
    ]
    assert graph.node("actor-ardania") is graph.actors["actor-ardania"]


@pytest.mark.parametrize("question", ["node", "kind", "label", "claim"])
def test_what_is_not_there(question: str) -> None:
    with pytest.raises(NotFound, match="has the id 'actor-nobody'"):
        getattr(ConflictGraph(), question)("actor-nobody")


def test_questions_about_what_nobody_claims(desk: Desk) -> None:
    graph = desk.graph
    assert not any(
        map(len, (graph.claims_about("inc-none"), graph.claims_in("art-none"), graph.answers_to("clm-none")))
    )


# ---- the plain copy ----


@pytest.fixture
def war(desk: Desk) -> ConflictGraph:
    desk.tell(WAR)
    desk.tell("Ardania accused Beloria over the raid in Kesh. Beloria denied Ardania over the raid in Kesh.")
    desk.add(Place("Kesh", lat=1.5, lon=-2.25, precision="settlement"))
    return desk.graph


def test_the_plain_copy_holds_every_node_and_edge(war: ConflictGraph) -> None:
    plain = war.to_networkx()
    assert set(plain.nodes) == {*war.actors, *war.places, *war.incidents}
    assert {key for _, _, key in plain.edges(keys=True)} == {edge.id for edge in war.edges()}
    assert plain.graph == {"revision": war.revision, "view": "edges", "claims_without_edge": 0}
    assert plain.nodes["actor-ardania"] == {
        "kind": "actor",
        "label": "Ardania",
        "country": "XAR",
        "actor_kind": "state",
        "wikidata": "Q1",
        "aliases": "Republic of Ardania",
    }
    assert plain.nodes["place-kesh"] == {
        "kind": "place",
        "label": "Kesh",
        "lat": 1.5,
        "lon": -2.25,
        "precision": "settlement",
    }
    (raid,) = war.incidents
    assert plain.nodes[raid] == {
        "kind": "incident",
        "label": "raid, Kesh",
        "type": "raid",
        "place": "place-kesh",
        "reported_in": " ".join(war.incidents[raid].reported_in),
    }


def test_an_edge_of_the_plain_copy(war: ConflictGraph) -> None:
    plain = war.to_networkx()
    (edge,) = (e for e in war.edges() if e.kind is EdgeKind.ACCUSES and e.incident is not None)
    (claim,) = edge.claims
    assert plain.edges[edge.source, edge.target, edge.id] == {
        "kind": "accuses",
        "phrase": "accuses",
        "modality": "asserted",
        "incident": edge.incident,
        "claims": claim,
        "speakers": "actor-ardania",
        "confidence": war.claims[claim].claim.confidence,
        "evidence_count": 1,
        "articles": 1,
        "publishers": 1,
        "lineages": 1,
        "quote": "Ardania accused Beloria over the raid in Kesh.",
        "first": "2031-05-04",
        "last": "2031-05-04",
        "published_first": "2031-05-04",
        "published_last": "2031-05-04",
    }
    bare = next(e for e in war.edges() if e.kind is EdgeKind.LOCATED_IN)
    assert war.edge_attributes(bare) == {"kind": "located_in", "phrase": "is reported in"}


def test_the_days_of_an_edge_run_from_its_first_claim_to_its_last(desk: Desk) -> None:
    desk.tell("Ardania accused Beloria on 2031-04. Ardania accused Beloria on 2031-05-09.")
    (edge,) = desk.graph.edges()
    found = desk.graph.edge_attributes(edge)
    assert (found["first"], found["last"], found["evidence_count"]) == ("2031-04-01", "2031-05-09", 2)


@pytest.mark.parametrize("writer", [nx.write_graphml_xml, nx.write_gexf])
def test_the_plain_copy_can_be_written(war: ConflictGraph, writer: Callable[..., None]) -> None:
    plain = war.to_networkx()
    for _, held in plain.nodes(data=True):
        assert {type(value) for value in held.values()} <= {str, float}
    for *_, held in plain.edges(data=True):
        assert {type(value) for value in held.values()} <= {str, int, float}
    written = io.BytesIO()
    writer(plain, written)
    assert b"Ardania accused Beloria over the raid in Kesh." in written.getvalue()


def test_graphml_comes_back_as_it_was(war: ConflictGraph) -> None:
    plain = war.to_networkx()
    written = io.BytesIO()
    nx.write_graphml(plain, written)
    written.seek(0)
    read: Any = nx.read_graphml(written, force_multigraph=True)
    assert dict(read.nodes(data=True)) == dict(plain.nodes(data=True))
    assert {(a, b): d["kind"] for a, b, d in read.edges(data=True)} == {
        (a, b): d["kind"] for a, b, d in plain.edges(data=True)
    }
    assert len(read.edges) == len(plain.edges)


def test_changing_the_plain_copy_leaves_the_graph(war: ConflictGraph) -> None:
    before = len(war)
    war.to_networkx().clear()
    assert len(war) == before
    assert war.node("actor-ardania") is war.actors["actor-ardania"]


def test_articles_are_known_with_their_reader(desk: Desk) -> None:
    article, _ = desk.tell("Ardania accused Beloria.")
    unread = Article("", "Nobody read this.")
    desk.add(unread)
    graph = desk.graph
    assert graph.articles == {article.id: dataclasses.replace(article, text="")}
    assert graph.readers == {article.id: "plain@1"}


def test_an_edge_to_an_incident_reads_as_one() -> None:
    over = Edge(EdgeKind.DENIES, "actor-beloria", "inc-1", Modality.ASSERTED, "inc-1", ("clm-1",))
    against = Edge(EdgeKind.DENIES, "actor-beloria", "actor-ardania", Modality.ASSERTED, "inc-1", ("clm-1",))
    assert against.phrase == EdgeKind.DENIES.phrase
    assert over.phrase != EdgeKind.DENIES.phrase
    assert "accusation by" not in over.phrase


def test_a_graph_that_is_let_go_is_freed_without_a_collection(desk: Desk) -> None:
    desk.tell("Ardania accused Beloria. Beloria denied Ardania over the raid in Kesh.")
    graph = desk.graph
    assert list(graph.edges())
    assert all(list(graph.edges_at(node)) for node in graph.actors)
    gone = weakref.ref(graph)
    gc.disable()
    try:
        del graph
        assert gone() is None
    finally:
        gc.enable()


# ---- many edges at once ----


def test_edges_in_the_order_of_their_ids_and_the_best_of_them(war: ConflictGraph) -> None:
    table = war.edge_table
    rows = np.arange(len(table), dtype=np.int32)
    assert [table.at(row).id for row in table.by_id(rows[::-1]).tolist()] == sorted(edge.id for edge in war.edges())

    def worth(edge: Edge) -> tuple[int, int, str]:
        backing = war.backing(edge)
        return (-len(edge.claims), -backing.articles, edge.id)

    ranked = [edge.id for edge in sorted(war.edges(), key=worth)]
    for room in range(len(rows) + 2):
        assert {table.at(row).id for row in table.best(rows, room).tolist()} == set(ranked[:room])


def test_edges_of_some_kinds_at_some_nodes(war: ConflictGraph) -> None:
    table = war.edge_table
    for kinds in ([EdgeKind.ACCUSES], [EdgeKind.DENIES, EdgeKind.PART_OF], list(EdgeKind)):
        every = {edge.id for edge in war.edges() if edge.kind in kinds}
        assert {table.at(row).id for row in table.of_kinds(kinds).tolist()} == every
        nodes = sorted(war.actors)[:3]
        codes = np.array([war.code(node) for node in nodes], np.int32)
        there = {edge.id for node in nodes for edge in war.edges_at(node) if edge.kind in kinds}
        rows = table.of_kinds(kinds, codes)
        assert {table.at(row).id for row in rows.tolist()} == there
        assert len(rows) == len(there)
