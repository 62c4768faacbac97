from __future__ import annotations

from typing import Any

import pytest

from app.graph import ConflictGraph, Fold, fold
from app.queries import actor, actors, incident, incidents, places, positions, thread
from app.vocabulary.errors import BadQuery, NotFound
from app.vocabulary.terms import ActorKind


def test_actors_by_part_of_a_name_or_alias(graph: ConflictGraph) -> None:
    found = actors(graph, "sud")
    assert [row.name for row in found.actors] == ["Sudria", "Sudrian Army"]
    sudria = found.actors[0]
    assert (sudria.said.accuses, sudria.said.denies, sudria.said.retaliates) == (1, 2, 0)
    assert (sudria.faced.accuses, sudria.faced.retaliates) == (2, 2)
    assert (sudria.claims.made, sudria.claims.faced) == (3, 4)
    assert {row.name for row in actors(graph, "league").actors} == {"Sudria", "Eastland"}
    assert [row.name for row in actors(graph, kind=ActorKind.ARMED_FORCE).actors] == ["Sudrian Army"]
    army = actors(graph, "sudrian").actors[0]
    assert (army.part_of, army.part_of_id) == ("Sudria", "actor-sudria")


def test_actor_pages_cover_all_once(graph: ConflictGraph) -> None:
    seen, cursor = [], None
    while True:
        page = actors(graph, limit=2, cursor=cursor)
        seen += [row.id for row in page.actors]
        if (cursor := page.next) is None:
            break
    assert sorted(seen) == sorted(graph.actors)
    with pytest.raises(BadQuery):
        actors(graph, "x", limit=2, cursor=actors(graph, limit=2).next)


def test_one_actor_with_its_parts(graph: ConflictGraph) -> None:
    found = actor(graph, "actor-sudria")
    assert [(part.name, part.claims) for part in found.parts] == [("Sudrian Army", 1)]
    assert [whole.name for whole in actor(graph, "actor-sudrian-army").wholes] == ["Sudria"]
    assert [part.name for part in actor(graph, "actor-eastland").parts] == ["Foreign Minister Oda"]
    with pytest.raises(NotFound):
        actor(graph, "actor-nobody")


def test_places_and_incidents(world: Any, graph: ConflictGraph) -> None:
    kesh = next(row for row in places(graph).places if row.name == "Kesh")
    assert (kesh.incidents, kesh.claims, kesh.country) == (1, 3, "NOR")
    assert [row.type for row in incidents(graph, "shell").incidents] == ["shelling"]
    assert [row.type for row in incidents(graph, place="LBY").incidents] == ["sabotage"]
    dated = incidents(graph, since="2024-03-02", until="2024-03-10")
    assert [(row.type, row.place, row.by_type.accuses, row.claims) for row in dated.incidents] == [
        ("sabotage", "Tripoli", 2, 2)
    ]


def test_attribution_puts_claims_side_by_side_and_judges_none(world: Any, graph: ConflictGraph) -> None:
    where = graph.claims[world.ids["accused"]].incident
    assert where is not None
    found = incident(graph, where)
    table = {row.actor: row for row in found.attribution}
    assert list(table) == ["Sudria", "Sudrian Army"]
    (affirms,) = table["Sudria"].affirming
    (rejects,) = table["Sudria"].rejecting
    assert (affirms.source, affirms.claims, affirms.basis) == ("Norland", [world.ids["accused"]], ["accuses_it"])
    assert (rejects.source, rejects.claims) == ("Sudrian Army", [world.ids["denied"]])
    assert (rejects.basis, rejects.scope) == (["answers_an_accusation_of_it"], "narrower")
    assert rejects.denial_kinds == ["perpetration"]
    assert not {"verdict", "winner"} & set(found.__struct_fields__)
    assert len(found.claims) == 3
    cut = graph.claims[world.ids["somebody"]].incident
    assert cut is not None
    assert incident(graph, cut).without_target == [world.ids["somebody"]]
    with pytest.raises(NotFound):
        incident(graph, "inc-none")


def test_positions_are_ordered_by_the_first_claim(world: Any, graph: ConflictGraph) -> None:
    found = positions(graph, "actor-sudria")
    said = [[row.id for row in one.claims] for one in found.positions]
    assert said[0] == [world.ids["denied"]]
    assert set(said[1]) == {world.ids["everything"], world.ids["lying"]}
    assert found.positions[1].incident is None
    assert found.total == 2
    first = positions(graph, "actor-sudria", limit=1)
    second = positions(graph, "actor-sudria", limit=1, cursor=first.next)
    assert [*first.positions, *second.positions] == found.positions
    about = positions(graph, "actor-sudria", about=graph.claims[world.ids["accused"]].incident)
    assert [[row.id for row in one.claims] for one in about.positions] == [[world.ids["denied"]]]
    with pytest.raises(NotFound):
        positions(graph, "actor-nobody")


def test_a_thread_holds_the_claims_about_an_incident_and_their_links(world: Any, graph: ConflictGraph) -> None:
    for start in ("accused", "denied"):
        found = thread(graph, world.ids[start])
        assert [row.id for row in found.claims] == [world.ids[name] for name in ("accused", "denied", "vowed")]
        (link,) = found.links
        assert (link.start, link.end, link.link, link.basis) == (
            world.ids["denied"], world.ids["accused"], "denies", "explicit",
        )  # fmt: skip
        assert not found.truncated
    # Sudria's sweeping denial names nobody, so it is tied to no accusation.
    assert thread(graph, world.ids["everything"]).links == []
    with pytest.raises(NotFound):
        thread(graph, "clm-none")


def test_actors_are_counted_anew_where_the_graph_has_grown(invented: Any) -> None:
    made, world = Fold(), invented.invented()
    batch = world.batch
    articles = [(1, article) for article in batch.articles]
    graph = made.feed([*articles, *((1, reading) for reading in batch.readings[:1])])
    before = {row.id: row.claims for row in actors(graph).actors}
    assert {row.id: row.claims for row in actors(graph, limit=500).actors} == before
    after = made.feed((2, reading) for reading in batch.readings[1:])
    whole = fold([*articles, *((2, reading) for reading in batch.readings)])
    assert actors(after).actors == actors(whole).actors
    assert {row.id: row.claims for row in actors(after).actors} != before


def test_the_order_of_lists_is_that_of_their_rows(sample_graph: ConflictGraph) -> None:
    people = actors(sample_graph, limit=500).actors
    assert people == sorted(people, key=lambda row: (-row.claims.made - row.claims.faced, row.name, row.id))
    happenings = incidents(sample_graph, limit=500).incidents
    assert happenings == sorted(happenings, key=lambda row: (-row.claims, row.label, row.id))
    assert all(row.claims == row.by_type.all for row in happenings)
