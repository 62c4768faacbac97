"""The same entries give the same graph, in whatever portions they come; and what each decision does to it."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.graph import ConflictGraph, Fold, fold
from app.linking import link
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Actor, Article, Decision, Incident, Membership, Mention, Place, Reading
from app.vocabulary.terms import ActorKind, ClaimType, DecisionKind, DenialKind, Judgement, Modality, NodeKind, Rung
from app.vocabulary.times import Period
from tests.graph.histories import RAID, REPLY, TEXTS, histories, runs

if TYPE_CHECKING:
    from tests.conftest import Told
    from tests.graph.conftest import Answers, Desk, Entry, Find

Ask = Callable[[ConflictGraph], "Answers"]


# ---- portions ----


def in_portions(entries: list[Entry], cuts: list[int]) -> Fold:
    made = Fold()
    numbered = list(enumerate(entries, 1))
    for start, end in itertools.pairwise([0, *sorted(cuts), len(entries)]):
        made.feed(numbered[start:end])
    return made


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_entries_give_one_graph_in_whatever_portions_they_come(
    data: st.DataObject, gazetteer: Gazetteer, told: Told, answers: Ask
) -> None:
    entries = data.draw(histories(gazetteer, told))
    cuts = data.draw(st.lists(st.integers(0, len(entries)), max_size=6))
    whole = fold(enumerate(entries, 1))
    made = in_portions(entries, cuts)
    assert answers(made.graph) == answers(whole)
    # And what it has been fed already changes nothing, however often it comes.
    made.feed(enumerate(entries, 1))
    assert answers(made.graph) == answers(whole)


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_judgements_on_what_is_being_added_give_one_graph_in_whatever_portions(
    data: st.DataObject, gazetteer: Gazetteer, told: Told, answers: Ask
) -> None:
    entries = data.draw(runs(gazetteer, told))
    cuts = data.draw(st.lists(st.integers(0, len(entries)), max_size=6))
    assert answers(in_portions(entries, cuts).graph) == answers(fold(enumerate(entries, 1)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=12))
def test_a_ledgers_entries_give_one_graph_in_whatever_portions(
    gazetteer: Gazetteer, told: Told, answers: Ask, cuts: list[int]
) -> None:
    entries: list[Entry] = []
    for text in TEXTS:
        article, reading = told(text)
        found = link(reading, gazetteer)
        entries += [article, *found.actors, *found.places, reading, *found.decisions]
    whole = fold(enumerate(entries, 1))
    assert len(whole.claims) == 7
    assert answers(in_portions(entries, [min(cut, len(entries)) for cut in cuts]).graph) == answers(whole)


def test_folding_changes_nothing_that_it_is_given(desk: Desk, answers: Ask) -> None:
    desk.tell(RAID)
    first, second = desk.graph, desk.graph
    assert first is not second
    assert answers(first) == answers(second)


def test_no_entries_no_graph() -> None:
    graph = fold([])
    assert (graph.revision, len(graph), graph.actors, len(graph.claims)) == (0, 0, {}, 0)


def test_the_graph_is_at_the_revision_of_its_last_entry(desk: Desk) -> None:
    article, _ = desk.tell(RAID)
    made = Fold()
    assert made.feed(desk.entries[:4]).revision == 4
    assert made.feed([]).revision == 4
    assert made.feed([(9, article)]).revision == 9


def test_new_articles_are_added_to_the_graph_at_hand(desk: Desk) -> None:
    desk.tell(RAID)
    made = Fold()
    before = made.feed(desk.entries)
    known = len(desk.entries)
    desk.tell(REPLY)
    # Folding anew would cost a second for each article where a ledger is large.
    assert made.feed(desk.entries[known:]) is before
    assert len(before.claims) == 4
    known = len(desk.entries)
    desk.same("actor-ardania", "actor-cerinia")
    assert made.feed(desk.entries[known:]) is not before


@pytest.mark.parametrize("texts", [(RAID, REPLY), (REPLY, RAID)])
def test_incidents_judged_to_be_one_before_the_second_is_told(
    desk: Desk, told: Told, answers: Ask, texts: tuple[str, str]
) -> None:
    (_, first), (_, second) = (told(text) for text in texts)
    desk.same(first.incidents[0].id, second.incidents[0].id)
    made = Fold()
    for text in texts:
        known = len(desk.entries)
        desk.tell(text)
        made.feed(desk.entries[known if made.graph.revision else 0 :])
    assert len(made.graph.incidents) == 1
    assert answers(made.graph) == answers(desk.graph)


@pytest.mark.parametrize("names", [("Grey Ones", "The Greys"), ("The Greys", "Grey Ones")])
@pytest.mark.parametrize("by_linker", [True, False])
def test_mentions_judged_to_be_one_when_the_second_is_told(
    desk: Desk, find: Find, answers: Ask, names: tuple[str, str], by_linker: bool
) -> None:
    _, first = desk.tell(f"{names[0]} accused Ardania.", linked=False)
    made = Fold()
    made.feed(desk.entries)
    known = len(desk.entries)
    _, second = desk.tell(f"{names[1]} threatened Ardania.", linked=False)
    desk.same(find.mention(second, names[1]).id, find.mention(first, names[0]).id, linker=by_linker)
    made.feed(desk.entries[known:])
    assert len(made.graph.actors) == 2
    assert answers(made.graph) == answers(desk.graph)


def test_a_mention_that_two_linkers_link_apart_makes_their_actors_one(desk: Desk, find: Find, answers: Ask) -> None:
    desk.tell("Ardania accused Fleet. Navy accused Ardania.")
    made = Fold()
    made.feed(desk.entries)
    known = len(desk.entries)
    _, reading = desk.tell("Armada threatened Ardania.", linked=False)
    for number, actor in enumerate(("actor-fleet", "actor-navy")):
        desk.same(find.mention(reading, "Armada").id, actor, linker=True, by=f"other{number}@1")
    made.feed(desk.entries[known:])
    assert set(made.graph.actors) == {"actor-ardania", "actor-fleet"}
    assert answers(made.graph) == answers(desk.graph)


def test_a_link_undone_before_it_was_made_links_nothing(
    desk: Desk, told: Told, gazetteer: Gazetteer, answers: Ask
) -> None:
    _, reading = told("Grey Ones accused Ardania.")
    ours = dataclasses.replace(link(reading, gazetteer).decisions[0], object="actor-others", id="")
    desk.undo(ours)
    made = Fold()
    made.feed(desk.entries)
    known = len(desk.entries)
    desk.tell("Grey Ones accused Ardania.", linked=False)
    desk.add(ours)
    made.feed(desk.entries[known:])
    assert set(made.graph.actors) == {"actor-grey-ones", "actor-ardania"}
    assert answers(made.graph) == answers(desk.graph)


def test_an_article_given_otherwise_later(desk: Desk) -> None:
    article, _ = desk.tell("Ardania accused Beloria.")
    made = Fold()
    made.feed(desk.entries)
    other = dataclasses.replace(article, external_id="another sender's")
    assert made.feed([(99, other)]).articles == {article.id: dataclasses.replace(other, text="")}


# ---- readings ----


def test_of_several_readings_of_an_article_the_newest_counts(desk: Desk, find: Find) -> None:
    text = "Ardania accused Beloria. Cerinia blamed Beloria."
    article, old = desk.tell(text)
    assert [c.claim.cue for c in desk.graph.claims.values()] == ["plain/accused"]
    _, new = desk.tell(text, version=2)
    graph = desk.graph
    assert set(graph.claims) == {claim.id for claim in new.claims}
    assert graph.readers == {article.id: "plain@2"}
    assert find.claim(new, "blamed").id in graph.claims
    # The order of append counts, not the version's number.
    desk.add(dataclasses.replace(old, id="rdg-again"))
    assert set(desk.graph.claims) == {claim.id for claim in old.claims}
    assert "actor-cerinia" not in desk.graph.actors


def test_the_newest_record_of_an_actor_or_place_counts(desk: Desk) -> None:
    desk.tell(RAID)
    desk.add(Actor("Beloria", ActorKind.STATE, "XBE", aliases=("The Isles",)), Place("Kesh", lat=5.0, lon=6.0))
    graph = desk.graph
    assert graph.actors["actor-beloria"].aliases == ("The Isles",)
    assert graph.named("the isles") == ["actor-beloria"]
    assert (graph.places["place-kesh"].lat, graph.places["place-kesh"].lon) == (5.0, 6.0)


def test_mentions_that_nobody_linked_stand_for_themselves(desk: Desk) -> None:
    desk.tell(RAID, linked=False)
    desk.tell(REPLY, linked=False)
    graph = desk.graph
    assert set(graph.actors) == {
        f"actor-{n}" for n in ("oda-renn", "ardania", "fleet", "beloria", "cerinia", "ardanian-army")
    }
    assert graph.actors["actor-ardania"] == Actor("Ardania", ActorKind.UNKNOWN)
    assert set(graph.places) == {"place-kesh"}


def test_a_record_that_comes_after_its_mention_is_taken_up(desk: Desk) -> None:
    desk.tell("Fleet accused Ardania.", linked=False)
    made = Fold()
    made.feed(desk.entries)
    known = len(desk.entries)
    desk.add(Actor("Fleet", ActorKind.ARMED_FORCE, "XBE", part_of="actor-beloria"))
    graph = made.feed(desk.entries[known:])
    # Beloria is not known yet, so there is nothing to be part of.
    assert graph.actors["actor-fleet"] == Actor("Fleet", ActorKind.ARMED_FORCE, "XBE")
    known = len(desk.entries)
    desk.add(Actor("Beloria", ActorKind.STATE, "XBE"))
    graph = made.feed(desk.entries[known:])
    assert graph.actors["actor-fleet"].part_of == "actor-beloria"
    assert len(graph.claims_of(ClaimType.ACCUSES, source="actor-beloria")) == 1


# ---- retractions ----


def test_a_retracted_claim_leaves_the_graph_and_its_edge(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Ardania accused Beloria. Beloria denied Ardania.")
    gone = find.claim(reading, "accused").id
    desk.decide(DecisionKind.RETRACT, gone)
    graph = desk.graph
    assert set(graph.claims) == {find.claim(reading, "denied").id}
    assert [edge.kind for edge in graph.edges()] == ["denies"]
    assert graph.claims_of(ClaimType.ACCUSES) == []
    assert graph.claims_in(reading.article) == [find.claim(reading, "denied").id]


def test_a_retracted_article_leaves_nothing_behind(desk: Desk) -> None:
    article, _ = desk.tell(RAID)
    desk.tell("Ardania threatened Beloria.")
    desk.decide(DecisionKind.RETRACT, article.id)
    graph = desk.graph
    assert article.id not in graph.articles
    assert set(graph.actors) == {"actor-ardania", "actor-beloria"}
    assert (graph.places, len(graph.incidents)) == ({}, 0)
    assert [edge.kind for edge in graph.edges()] == ["retaliates"]


def test_what_is_retracted_before_it_comes_does_not_come(desk: Desk, told: Told) -> None:
    article, reading = told(RAID)
    desk.decide(DecisionKind.RETRACT, article.id)
    desk.add(article, reading)
    assert desk.graph.claims == {}


def test_a_retracted_incident_leaves_its_claims(desk: Desk, find: Find) -> None:
    _, reading = desk.tell(RAID)
    desk.decide(DecisionKind.RETRACT, find.incident(reading, "raid").id)
    graph = desk.graph
    assert graph.incidents == {}
    assert len(graph.claims) == 2
    assert {claim.incident for claim in graph.claims.values()} == {None}


# ---- corrections ----


def corrected(desk: Desk, claim: str, *fields: tuple[str, str | None]) -> Any:
    for field, value in fields:
        desk.decide(DecisionKind.CORRECT, claim, field, value=value)
    return desk.graph.claim(claim).claim


def test_a_corrected_claim_keeps_its_id(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Ardania threatened Beloria on 2031-05-02.")
    found = find.claim(reading, "threatened")
    fixed = corrected(desk, found.id, ("modality", "carried_out"), ("date", "2031-05-01"))
    assert fixed == dataclasses.replace(found, modality=Modality.CARRIED_OUT, date="2031-05-01")
    graph = desk.graph
    assert graph.claim(found.id).when == Period.parse("2031-05-01")
    assert [edge.modality for edge in graph.edges()] == [Modality.CARRIED_OUT]
    assert graph.conflicts == []


def test_a_date_corrected_to_unknown_falls_back_on_the_day_of_publication(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Ardania threatened Beloria on 2031-05-02.", published="2031-05-04")
    found = find.claim(reading, "threatened").id
    assert desk.graph.claim(found).when == Period.parse("2031-05-02")
    assert corrected(desk, found, ("date", None)).date is None
    assert desk.graph.claim(found).when == Period.parse("2031-05-04")


def test_the_later_correction_of_a_field_counts(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Ardania accused Beloria.")
    found = find.claim(reading, "accused").id
    assert corrected(desk, found, ("date", "2031-05-01"), ("date", "2031-05-02")).date == "2031-05-02"


def test_what_a_denial_rejects_can_be_corrected_and_taken_back(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Beloria denied everything.")
    found = find.claim(reading, "denied").id
    assert corrected(desk, found, ("denial_kind", "intent")).denial_kind is DenialKind.INTENT
    assert corrected(desk, found, ("denial_kind", None)).denial_kind is None


def test_a_type_that_leaves_one_modality_brings_it_along(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Ardania threatened Beloria.")
    fixed = corrected(desk, find.claim(reading, "threatened").id, ("type", "accuses"))
    assert (fixed.type, fixed.modality) == (ClaimType.ACCUSES, Modality.ASSERTED)
    assert len(desk.graph.claims_of(ClaimType.ACCUSES, "actor-ardania", "actor-beloria")) == 1
    assert desk.graph.claims_of(ClaimType.RETALIATES) == []


def test_a_type_that_leaves_several_modalities_waits_for_one(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Ardania accused Beloria.")
    found = find.claim(reading, "accused").id
    waiting = desk.decide(DecisionKind.CORRECT, found, "type", value="retaliates")
    assert desk.graph.claim(found).claim.type is ClaimType.ACCUSES
    assert desk.graph.conflicts == [waiting]
    fixed = corrected(desk, found, ("modality", "threatened"))
    assert (fixed.type, fixed.modality) == (ClaimType.RETALIATES, Modality.THREATENED)
    assert desk.graph.conflicts == []


def test_how_a_threat_is_bound_can_be_corrected_and_goes_with_the_threat(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Ardania threatened Beloria.")
    found = find.claim(reading, "threatened").id
    assert corrected(desk, found, ("threat_kind", "ordered")).rung is Rung.ORDERED
    done = corrected(desk, found, ("modality", "carried_out"))
    assert (done.threat_kind, done.rung) == (None, Rung.CARRIED_OUT)
    assert desk.graph.conflicts == []
    assert corrected(desk, found, ("modality", "threatened"), ("threat_kind", None)).rung is Rung.THREATENED


def test_what_is_no_denial_any_more_rejects_nothing(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Beloria denied Ardania.")
    found = find.claim(reading, "denied").id
    assert corrected(desk, found, ("denial_kind", "intent"), ("type", "accuses")).denial_kind is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("type", "praises"), ("modality", "carried_out"), ("date", "soon"), ("denial_kind", "loudness")],
)
def test_a_correction_that_makes_no_claim_is_reported_and_the_claim_stays(
    desk: Desk, find: Find, field: str, value: str
) -> None:
    _, reading = desk.tell("Beloria denied Ardania.")
    found = find.claim(reading, "denied")
    # One such row, for ever in the ledger, must not keep everybody from their graph.
    wrong = desk.decide(DecisionKind.CORRECT, found.id, field, value=value)
    assert desk.graph.claim(found.id).claim == found
    assert desk.graph.conflicts == [wrong]


def test_who_said_it_is_no_field_to_correct(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Beloria denied Ardania.")
    found = find.claim(reading, "denied")
    desk.decide(DecisionKind.CORRECT, found.id, "source", value="actor-cerinia")
    assert desk.graph.claim(found.id).claim == found


# ---- undoing ----


@pytest.mark.parametrize("undoings", range(6))
def test_undoing_and_undoing_the_undoing(desk: Desk, find: Find, undoings: int) -> None:
    _, reading = desk.tell("Ardania accused Beloria.")
    found = find.claim(reading, "accused").id
    last = desk.decide(DecisionKind.RETRACT, found)
    for _ in range(undoings):
        last = desk.undo(last)
    assert (found in desk.graph.claims) == (undoings % 2 == 1)


def test_what_two_have_undone_comes_back_when_both_take_it_back(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Ardania accused Beloria.")
    found = find.claim(reading, "accused").id
    retraction = desk.decide(DecisionKind.RETRACT, found)
    one, other = desk.undo(retraction), desk.undo(retraction)
    desk.undo(one)
    assert found in desk.graph.claims
    desk.undo(other)
    assert found not in desk.graph.claims


def test_an_undone_merge_leaves_two_actors(desk: Desk) -> None:
    desk.tell("Ardania accused Beloria.")
    merge = desk.same("actor-ardania", "actor-beloria")
    assert len(desk.graph.actors) == 1
    desk.undo(merge)
    assert set(desk.graph.actors) == {"actor-ardania", "actor-beloria"}


def test_an_undone_correction_brings_back_the_one_before(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Ardania accused Beloria.")
    found = find.claim(reading, "accused").id
    desk.decide(DecisionKind.CORRECT, found, "date", value="2031-05-01")
    second = desk.decide(DecisionKind.CORRECT, found, "date", value="2031-05-02")
    desk.undo(second)
    assert desk.graph.claim(found).claim.date == "2031-05-01"


# ---- identity in the graph ----


def test_a_merge_makes_one_actor_of_two(desk: Desk) -> None:
    desk.tell("Ardania accused Fleet. Navy threatened Ardania.")
    desk.add(Actor("Navy", ActorKind.ARMED_FORCE, "XBE", "actor-beloria", ("Sea Forces",), "Q9"))
    desk.add(Actor("Beloria", ActorKind.STATE, "XBE"))
    desk.same("actor-navy", "actor-fleet")
    graph = desk.graph
    assert graph.actors["actor-fleet"] == Actor(
        "Fleet", ActorKind.ARMED_FORCE, "XBE", "actor-beloria", ("Navy", "Sea Forces"), "Q9"
    )
    assert "actor-navy" not in graph.actors
    assert graph.named("navy") == graph.named("sea forces") == graph.named("Fleet") == ["actor-fleet"]
    assert len(graph.claims_of(ClaimType.ACCUSES, target="actor-fleet")) == 1
    assert len(graph.claims_of(ClaimType.RETALIATES, source="actor-fleet")) == 1
    assert len(graph.claims_of(ClaimType.RETALIATES, source="actor-beloria")) == 1


def test_a_merge_into_a_whole_moves_its_parts(desk: Desk) -> None:
    desk.tell("Ardanian Army accused Beloria. Ardan Union threatened Beloria.")
    desk.same("actor-ardania", "actor-ardan-union")
    graph = desk.graph
    # The merged node has another id than the record that the army names.
    assert graph.actors["actor-ardanian-army"].part_of == "actor-ardan-union"
    assert graph.actors["actor-ardan-union"].kind is ActorKind.STATE
    assert len(graph.claims_of(ClaimType.ACCUSES, source="actor-ardan-union")) == 1


def test_a_part_merged_with_its_whole_is_no_part_of_itself(desk: Desk) -> None:
    desk.tell("Ardanian Army accused Beloria.")
    desk.same("actor-ardania", "actor-ardanian-army")
    graph = desk.graph
    assert graph.actors["actor-ardania"].part_of is None
    assert [edge.kind for edge in graph.edges()] == ["accuses"]


def test_a_split_mention_leaves_its_actor(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Grey Ones accused Ardania.")
    other, _ = desk.tell("Grey Ones threatened Beloria.")
    desk.different(find.mention(reading, "Grey Ones").id, "actor-grey-ones")
    desk.same(find.mention(reading, "Grey Ones").id, "actor-grey-ones-of-the-hills")
    graph = desk.graph
    assert graph.claim(reading.claims[0].id).source == "actor-grey-ones-of-the-hills"
    assert [graph.claim(c).source for c in graph.claims_in(other.id)] == ["actor-grey-ones"]


def test_mentions_that_a_person_joined_and_nobody_linked_are_one_actor(desk: Desk, find: Find) -> None:
    _, one = desk.tell("Grey Ones accused Ardania.", linked=False)
    _, other = desk.tell("The Greys threatened Ardania.", linked=False)
    desk.same(find.mention(one, "Grey Ones").id, find.mention(other, "The Greys").id)
    sources = {claim.source for claim in desk.graph.claims.values()}
    assert len(sources) == 1


def test_merged_places_are_one_and_the_known_point_is_kept(desk: Desk) -> None:
    desk.tell(
        "Ardania accused Beloria over the raid in Ancient Dova. Ardania accused Beloria over the fire in Upper Dova."
    )
    desk.same("place-ancient-dova", "place-upper-dova-xar")
    graph = desk.graph
    assert set(graph.places) == {"place-ancient-dova"}
    assert (graph.places["place-ancient-dova"].lat, graph.places["place-ancient-dova"].precision) == (12.5, "region")
    assert {incident.place for incident in graph.incidents.values()} == {"place-ancient-dova"}


# ---- incidents ----


def test_an_incident_as_one_article_tells_it(desk: Desk, find: Find) -> None:
    article, reading = desk.tell(RAID)
    told = find.incident(reading, "raid")
    node = desk.graph.incidents[told.id]
    assert (node.types, node.place, node.date) == (("raid",), "place-kesh", None)
    assert (node.reported_in, node.members) == ((article.id,), (told.id,))
    assert node.label == "raid, Kesh"


def test_incidents_that_were_judged_to_be_one(desk: Desk, find: Find) -> None:
    one, first = desk.tell(
        "Ardania accused Beloria over the raid in Kesh. Beloria denied Ardania over the raid in Kesh."
    )
    other, second = desk.tell("Ardania accused Beloria over the attack in Upper Dova. Beloria denied everything.")
    third, last = desk.tell("Cerinia accused Beloria over the attack in Port Selm.")
    raid, attack, again = (find.incident(r, t) for r, t in ((first, "raid"), (second, "attack"), (last, "attack")))
    dated = dataclasses.replace(second, incidents=(dataclasses.replace(attack, date="2031-05-03", country="XAR"),))
    desk.add(dataclasses.replace(dated, id="rdg-dated"))
    desk.same(raid.id, attack.id)
    desk.same(attack.id, again.id)
    graph = desk.graph
    (node,) = graph.incidents.values()
    assert node.id == raid.id
    assert node.types == ("attack", "raid")
    assert (node.place, node.country, node.date) == ("place-kesh", "XAR", "2031-05-03")
    assert node.reported_in == (one.id, other.id, third.id)
    assert set(node.members) == {raid.id, attack.id, again.id}
    assert node.label == "attack, Kesh, 2031-05-03"
    assert len(graph.claims_about(node.id)) == 4


def test_what_answers_one_telling_of_an_incident_answers_the_incident(desk: Desk, find: Find) -> None:
    _, first = desk.tell("Beloria denied someone over the raid in Kesh.")
    _, second = desk.tell("Cerinia denied everything over the raid in Kesh.")
    one, other = find.incident(first, "raid"), find.incident(second, "raid")
    denials = [first.claims[0], second.claims[0]]
    assert [denial.responds_to for denial in denials] == [one.id, other.id]
    assert desk.graph.answers_to(other.id) == [denials[1].id]
    desk.same(one.id, other.id)
    graph = desk.graph
    assert [graph.answers_to(node) for node in graph.incidents] == [[denial.id for denial in denials]]


def test_a_claim_answers_what_its_article_says(desk: Desk, find: Find) -> None:
    _, reading = desk.tell(RAID)
    accusation, denial = find.claim(reading, "accused").id, find.claim(reading, "denied").id
    assert desk.graph.answers_to(accusation) == [denial]
    assert desk.graph.answers_to(denial) == []


def test_an_unlinked_place_keeps_its_country(desk: Desk) -> None:
    article = Article("", "A raid in Kesh.")
    kesh = Mention(article.id, NodeKind.PLACE, "Kesh", "Kesh", "text", 10, 14, country="XBE")
    desk.add(article, Reading(article.id, "hand@1", (kesh,)))
    assert desk.graph.places == {"place-kesh-xbe": Place("Kesh", "XBE")}


def test_the_day_most_articles_give_is_the_incidents(desk: Desk, told: Told) -> None:
    incidents: list[Incident] = []
    for number, day in enumerate(("2031-05-03", "2031-05-02", "2031-05-02", None)):
        article, reading = told(f"Ardania accused Beloria over the raid in Kesh. Cerinia met {number}.")
        (raid,) = reading.incidents
        incidents.append(dataclasses.replace(raid, date=day))
        desk.add(article, dataclasses.replace(reading, incidents=(incidents[-1],)))
    for one, other in itertools.pairwise(incidents):
        desk.same(one.id, other.id)
    (node,) = desk.graph.incidents.values()
    assert node.date == "2031-05-02"


# ---- incidents and lineages across articles ----


def test_an_incident_joins_an_older_one_without_renaming_it(desk: Desk) -> None:
    _, first = desk.tell(RAID)
    made = Fold()
    made.feed(desk.entries)
    before, known = made.graph, len(desk.entries)
    _, second = desk.tell("Cerinia accused Beloria over the raid in Kesh.", published="2031-05-05")
    older, newer = first.incidents[0].id, second.incidents[0].id
    desk.same(newer, older, linker=True, by="incidents@1", score=0.9)
    made.feed(desk.entries[known:])
    assert made.graph is before, "what is only being added must not make everything fold anew"
    node = made.graph.incidents[made.graph.incident_id(newer)]
    assert node.id == older
    assert node.members == (older, newer)
    assert len(node.reported_in) == 2


def test_a_newer_version_of_a_linker_replaces_what_the_older_judged(desk: Desk) -> None:
    _, first = desk.tell(RAID)
    _, second = desk.tell("Cerinia accused Beloria over the raid in Kesh.", published="2031-05-05")
    older, newer = first.incidents[0].id, second.incidents[0].id
    desk.same(newer, older, linker=True, by="incidents@1")
    assert desk.graph.incident_id(newer) == older
    desk.different(newer, older, linker=True, by="incidents@2")
    assert desk.graph.incident_id(newer) == newer


def test_a_copied_claim_descends_from_the_earliest_article(desk: Desk) -> None:
    first, one = desk.tell("Ardania accused Beloria.")
    second, two = desk.tell("Ardania accused Beloria. Grey Ones denied everything.", published="2031-05-05")
    desk.decide(
        DecisionKind.LINEAGE,
        two.claims[0].id,
        one.claims[0].id,
        judgement=Judgement.SAME,
        linker=True,
        by="lineages@1",
    )
    graph = desk.graph
    assert [graph.claims[claim.id].lineage for claim in two.claims] == [first.id, second.id]
    undone = desk.entries[-1][1]
    assert isinstance(undone, Decision)
    desk.undo(undone)
    assert graph.claims[two.claims[0].id].lineage == first.id
    assert desk.graph.claims[two.claims[0].id].lineage == second.id


def test_an_unsure_judgement_waits_for_review_until_a_person_decides(desk: Desk) -> None:
    _, first = desk.tell(RAID)
    _, second = desk.tell("Cerinia accused Beloria over the raid in Kesh.", published="2031-05-05")
    pair = second.incidents[0].id, first.incidents[0].id
    doubt = desk.decide(DecisionKind.JUDGE, *pair, judgement=Judgement.UNSURE, linker=True, by="incidents@1")
    assert desk.graph.doubts == [doubt]
    desk.different(*pair)
    assert desk.graph.doubts == []


def test_a_revisions_instant_is_when_its_article_was_ingested(desk: Desk) -> None:
    desk.tell("Ardania accused Beloria.")
    graph = fold(desk.entries, lambda revision: f"2031-06-01T00:00:{revision:02d}+00:00")
    assert {claim.ingested for claim in graph.claims.values()} == {"2031-06-01T00:00:01+00:00"}
    assert {claim.ingested for claim in desk.graph.claims.values()} == {None}


def test_a_claim_rolls_up_to_what_its_source_was_part_of_that_day(desk: Desk, find: Find) -> None:
    _, reading = desk.tell("Fleet accused Cerinia.", published="2031-05-04", linked=False)
    desk.same(find.mention(reading, "Fleet").id, "actor-fleet", linker=True, by="names@2")
    memberships = (
        Membership("actor-ardania", until="2030-12-31"),
        Membership("actor-beloria", since="2031-01-01"),
    )
    desk.add(
        Actor("Ardania", ActorKind.STATE),
        Actor("Beloria", ActorKind.STATE),
        Actor("Fleet", ActorKind.ARMED_FORCE, part_of="actor-beloria", memberships=memberships),
    )
    graph = desk.graph
    assert len(graph.claims_of(ClaimType.ACCUSES, source="actor-beloria")) == 1
    assert not graph.claims_of(ClaimType.ACCUSES, source="actor-ardania")
    assert graph.wholes("actor-fleet", date(2030, 6, 1)) == {"actor-fleet", "actor-ardania"}
