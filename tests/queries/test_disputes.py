"""Actors in focus with a role, modalities, matrices of several types, clocks of the timeline, disputes of a filter."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from app.graph import ConflictGraph
from app.queries import ClaimFilter, accusations, actor, claims, disputes, matrix, timeline
from app.vocabulary.errors import BadQuery
from app.vocabulary.records import Actor, Membership, Place
from app.vocabulary.terms import ActorKind, ClaimType, Clock, Modality, Role, Rollup


def _ids(graph: ConflictGraph, asked: ClaimFilter) -> list[str]:
    return [row.id for row in claims(graph, asked, limit=500).claims]


def test_an_actor_in_focus_is_source_or_target_or_either(world: Any, graph: ConflictGraph) -> None:
    found = {
        role: set(_ids(graph, ClaimFilter(actors=("Eastland",), role=role)))
        for role in (Role.SOURCE, Role.TARGET, Role.EITHER)
    }
    named = {role: {name for name, one in world.ids.items() if one in ids} for role, ids in found.items()}
    assert named[Role.SOURCE] == {"somebody", "blamed", "expelled", "not spying"}
    assert named[Role.TARGET] == {"spying"}
    assert found[Role.EITHER] == found[Role.SOURCE] | found[Role.TARGET]


def test_of_several_actors_one_is_enough_and_nothing_comes_twice(graph: ConflictGraph) -> None:
    both = _ids(graph, ClaimFilter(actors=("Norland", "Eastland")))
    apart = {one for name in ("Norland", "Eastland") for one in _ids(graph, ClaimFilter(actors=(name,)))}
    assert sorted(both) == sorted(apart)
    # The order is that of every list: by day, undated last.
    assert both == [one for one in _ids(graph, ClaimFilter()) if one in apart]


def test_actors_in_focus_narrow_a_source_and_a_target(world: Any, graph: ConflictGraph) -> None:
    asked = ClaimFilter(source="Norland", actors=("Eastland",))
    assert _ids(graph, asked) == [world.ids["spying"]]
    assert _ids(graph, ClaimFilter(source="Norland", actors=("Eastland",), role=Role.SOURCE)) == []
    page = claims(graph, asked)
    assert page.filters.actors == ("actor-eastland",)
    assert page.filters.role is Role.EITHER


def test_a_denial_of_a_part_counts_where_the_part_itself_is_in_focus(world: Any, graph: ConflictGraph) -> None:
    denied = world.ids["denied"]
    whole = claims(graph, ClaimFilter(actors=("Sudria",)))
    assert denied in [row.id for row in whole.claims]
    assert whole.narrower == 1
    assert claims(graph, ClaimFilter(actors=("Sudria", "Sudrian Army"))).narrower == 0
    # It is told against Norland, for which it counts.
    assert claims(graph, ClaimFilter(actors=("Sudria", "Norland"))).narrower == 0
    assert denied not in _ids(graph, ClaimFilter(actors=("Sudria",), rollup=Rollup.OFF))


def test_dates_leave_undated_claims_of_the_actors_out_and_count_each_once(graph: ConflictGraph) -> None:
    page = accusations(graph, ClaimFilter(actors=("Norland", "Sudria"), since="2024"))
    assert page.undated_left_out == 1


def test_an_unknown_actor_in_focus_is_an_error(graph: ConflictGraph) -> None:
    with pytest.raises(BadQuery):
        claims(graph, ClaimFilter(actors=("Nobody at all",)))


def test_modalities_keep_threats_and_acts_apart(world: Any, graph: ConflictGraph) -> None:
    assert _ids(graph, ClaimFilter(modality=(Modality.THREATENED,))) == [world.ids["vowed"]]
    assert _ids(graph, ClaimFilter(source="Eastland", modality=(Modality.CARRIED_OUT,))) == [world.ids["expelled"]]
    three = _ids(graph, ClaimFilter(modality=(Modality.ASSERTED, Modality.CARRIED_OUT, Modality.THREATENED)))
    assert sorted(three) == sorted(_ids(graph, ClaimFilter()))


def test_a_matrix_of_several_types_tells_threat_from_act(graph: ConflictGraph) -> None:
    found = matrix(graph, tuple(ClaimType), ClaimFilter())
    assert found.kind is None
    cells = {(cell.source, cell.target): cell for cell in found.cells}
    norland = cells["actor-norland", "actor-sudria"]
    assert [(part.kind, part.modality, part.claims) for part in norland.parts] == [
        (ClaimType.ACCUSES, Modality.ASSERTED, 1),
        (ClaimType.RETALIATES, Modality.THREATENED, 1),
    ]
    assert (norland.claims, norland.lineages) == (2, 1)
    assert found.total == sum(cell.claims for cell in found.cells) + found.left_out + found.without_target == 10
    alone = sum(matrix(graph, kind, ClaimFilter()).total for kind in ClaimType)
    assert alone == found.total


def test_a_matrix_ranks_by_independent_texts_and_says_how_many_there_are(graph: ConflictGraph, invented: Any) -> None:
    small = matrix(graph, tuple(ClaimType), ClaimFilter(), top=1)
    whole = matrix(graph, tuple(ClaimType), ClaimFilter())
    assert (small.all_sources, small.all_targets) == (len(whole.sources), len(whole.targets))
    assert len(small.sources) == 1
    ranks = [(-one.lineages, -one.claims, one.id) for one in whole.sources]
    assert ranks == sorted(ranks)
    # Thirty claims of one article are one text.
    crowd = matrix(invented.many(30).graph, ClaimType.ACCUSES, ClaimFilter())
    assert [(one.claims, one.lineages) for one in crowd.cells] == [(30, 1)]


def test_weeks_begin_on_monday(graph: ConflictGraph) -> None:
    found = timeline(graph, ClaimFilter(), "week")
    # 1 and 2 March 2024 are a Friday and a Saturday, 5 March a Tuesday, 1 May a Wednesday.
    assert [one.start for one in found.bins] == ["2024-02-26", "2024-03-04", "2024-04-29"]
    assert (found.undated, found.too_coarse) == (1, 1)
    assert found.clock is Clock.SAID


def test_another_clock_puts_claims_elsewhere(graph: ConflictGraph) -> None:
    happened = timeline(graph, ClaimFilter(clock=Clock.HAPPENED), "day")
    assert {one.start: one.accuses for one in happened.bins} == {"2024-03-01": 1, "2024-03-04": 2}
    assert happened.undated == happened.total - sum(one.accuses + one.denies + one.retaliates for one in happened.bins)
    published = timeline(graph, ClaimFilter(clock=Clock.PUBLISHED), "day")
    assert [one.start for one in published.bins] == ["2024-03-02", "2024-03-05", "2024-05-01"]


def test_a_timeline_counts_the_asked_types_only(graph: ConflictGraph) -> None:
    some = timeline(graph, ClaimFilter(types=(ClaimType.DENIES, ClaimType.RETALIATES)), "year")
    assert [(one.accuses, one.denies, one.retaliates) for one in some.bins] == [(0, 3, 2)]
    assert some.total == 5


def test_only_claims_of_the_asked_types_are_left_out_as_undated(graph: ConflictGraph) -> None:
    dated = ClaimFilter(since="2024")
    left_out = {
        kind: sum(one.when.start is None for one in graph.claims.values() if one.claim.type is kind)
        for kind in ClaimType
    }
    assert sorted(left_out.values()) == [0, 0, 1]
    for kind, number in left_out.items():
        asked = dataclasses.replace(dated, types=(kind,))
        assert timeline(graph, asked).undated_left_out == number
        assert disputes(graph, asked).undated_left_out == number
        assert matrix(graph, [kind], dated).undated_left_out == number


def test_disputes_tell_where_when_and_how_well_evidenced(world: Any, graph: ConflictGraph) -> None:
    found = disputes(graph, ClaimFilter())
    assert found.claims == 10
    assert found.without_incident + sum(row.claims for row in found.disputes) == 10
    rows = {row.place: row for row in found.disputes}
    assert set(rows) == {"Kesh", "Tripoli"}
    tripoli = rows["Tripoli"]
    assert (tripoli.lat, tripoli.lon, tripoli.precision, tripoli.country) == (32.9, 13.2, "settlement", "LBY")
    # Kesh is in no gazetteer: only its country is known, and no point is told.
    kesh = rows["Kesh"]
    assert (kesh.lat, kesh.lon, kesh.precision, kesh.country) == (None, None, "country", "NOR")
    assert kesh.thread == world.ids["accused"]
    assert [(part.kind, part.claims) for part in kesh.parts] == [
        (ClaimType.ACCUSES, 1), (ClaimType.DENIES, 1), (ClaimType.RETALIATES, 1),
    ]  # fmt: skip
    assert (kesh.first, kesh.last, kesh.lineages) == ("2024-03-01", "2024-03-02", 1)


def test_disputes_count_only_what_matches(world: Any, graph: ConflictGraph) -> None:
    denials = disputes(graph, ClaimFilter(types=(ClaimType.DENIES,)))
    assert [(row.place, row.claims, row.thread) for row in denials.disputes] == [("Kesh", 1, world.ids["denied"])]
    assert (denials.claims, denials.without_incident) == (3, 2)
    east = disputes(graph, ClaimFilter(actors=("Eastland",), role=Role.SOURCE))
    assert [(row.place, row.claims) for row in east.disputes] == [("Tripoli", 2)]


def test_a_country_is_never_a_point(invented: Any) -> None:
    world = invented.invented()
    graph = world.graph
    incident = next(one for one in graph.incidents.values() if one.country == "LBY")
    graph.places[incident.place] = Place("Libya", "LBY", 27.0, 17.0, "country", id=incident.place)
    row = next(one for one in disputes(graph, ClaimFilter()).disputes if one.incident == incident.id)
    assert (row.precision, row.lat, row.lon) == ("country", None, None)


def test_disputes_come_in_pages(graph: ConflictGraph) -> None:
    first = disputes(graph, ClaimFilter(), limit=1)
    assert first.next is not None
    second = disputes(graph, ClaimFilter(), limit=1, cursor=first.next)
    assert second.next is None
    whole = [row.incident for row in disputes(graph, ClaimFilter()).disputes]
    assert [row.incident for row in first.disputes + second.disputes] == whole
    assert first.total == second.total == len(whole) == 2


def test_disputes_are_searched_by_label_and_type(graph: ConflictGraph) -> None:
    whole = disputes(graph, ClaimFilter())
    label = whole.disputes[0].label
    word = max(label.split(), key=len)
    found = disputes(graph, ClaimFilter(), q=word.upper())
    wanted = [row for row in whole.disputes if word.casefold() in " ".join((row.label, *row.types)).casefold()]
    assert found.disputes == wanted
    assert found.claims == sum(row.claims for row in wanted)
    assert (found.filters.q, found.without_incident) == (word.upper(), 0)
    assert disputes(graph, ClaimFilter(), q="no such thing").disputes == []


def test_an_actor_tells_what_it_was_part_of_when() -> None:
    graph = ConflictGraph()
    now, before = Actor("Norland", ActorKind.STATE), Actor("Eastland", ActorKind.STATE)
    served = (Membership(before.id, None, "2019-12-31"), Membership(now.id, "2020-01-01"), Membership("actor-gone"))
    guard = Actor("Coast Guard", ActorKind.ARMED_FORCE, part_of=now.id, memberships=served)
    for one in (now, before, guard):
        graph.add_actor(one)
    told = actor(graph, guard.id)
    assert [(one.whole, one.since, one.until) for one in told.memberships] == [
        ("Eastland", None, "2019-12-31"),
        ("Norland", "2020-01-01", None),
        ("actor-gone", None, None),
    ]
    assert [one.name for one in told.wholes] == ["Norland"]
    assert actor(graph, now.id).memberships == []
