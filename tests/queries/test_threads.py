"""What a thread and each kind of link mean, on disputes made by hand; and their bounds."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from app.extraction.base import ReadingBuilder
from app.graph import ConflictGraph
from app.queries import thread
from app.queries.link_rules import RULES, ThreadLink
from app.queries.links import MOST_NEAR
from app.queries.threads import MOST_CLAIMS, Thread
from app.vocabulary.errors import NotFound
from app.vocabulary.records import Article
from app.vocabulary.terms import AcknowledgementKind, ClaimType, Modality, NodeKind

from .by_hand import Notebook


def links(found: Thread) -> set[tuple[str, str, str]]:
    return {(link.start, link.link, link.end) for link in found.links}


def the_link(found: Thread, start: str) -> ThreadLink:
    (link,) = [link for link in found.links if link.start == start]
    return link


def quoted(book: Notebook, type_: ClaimType, source: str, said: str, quote: str, **more: Any) -> str:
    """A claim with words of its own; `title` puts it into a new article's headline."""
    builder = more.get("builder") or book.article(said, words=quote)
    at = builder.locate(quote)
    assert at is not None
    target = more.get("target")
    found = builder.claim(
        type_,
        speaker=builder.mention(NodeKind.ACTOR, more.get("speaker") or source, at),
        source=builder.mention(NodeKind.ACTOR, source, at),
        target=builder.mention(NodeKind.ACTOR, target, at) if target else None,
        modality=Modality.ASSERTED,
        evidence=at,
        incident=book.incident(builder, more["about"]) if more.get("about") else None,
        date=more.get("date"),
    )
    assert found is not None
    return str(found)


# ---- the thread ----


def test_five_steps_over_five_articles_are_returned_in_their_order() -> None:
    book = Notebook()
    # Written down in disorder, among claims that look alike and belong to another incident a week later.
    strike = book.retaliates("carried_out", "Norland", "Sudria", "2024-03-09", about="market")
    denial = book.denies("Sudria", "Norland", "2024-03-03", about="market")
    book.accuses("Norland", "Sudria", "2024-03-10", about="bridge")
    accusation = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    threat = book.retaliates("threatened", "Norland", "Sudria", "2024-03-06", about="market")
    book.denies("Sudria", "Norland", "2024-03-11", about="bridge")
    book.accuses("Eastland", "Westmark", "2024-03-04", about="port")
    counter = book.accuses("Sudria", "Norland", "2024-03-04", about="market")
    graph = book.graph
    for asked in (accusation, denial, counter, threat, strike):
        found = thread(graph, asked)
        assert [row.id for row in found.claims] == [accusation, denial, counter, threat, strike]
        assert (found.root, found.truncated, found.circular) == (accusation, False, [])
        assert links(found) == {
            (denial, "denies", accusation),
            (counter, "counters", accusation),
            (strike, "responds", threat),
            (strike, "responds", denial),
        }
        assert {(one.basis, one.why) for one in found.links} == {
            ("inferred", RULES[rule].why) for rule in ("named_accuser", "accuses_back", "carries_out", "despite_denial")
        }


def test_a_thread_of_no_incident_keeps_to_its_two_actors_and_its_month() -> None:
    book = Notebook()
    accusation = book.accuses("Norland", "Sudria", "2024-03-02")
    denial = book.denies("Sudria", "Norland", "2024-03-12")
    late = book.denies("Sudria", "Norland", "2024-06-12")
    book.accuses("Norland", "Eastland", "2024-03-03")
    graph = book.graph
    found = thread(graph, denial)
    assert [row.id for row in found.claims] == [accusation, denial]
    assert the_link(found, denial).rule == "between_the_two"
    assert thread(graph, late).links == []


def test_no_claim_stands_before_what_it_answers() -> None:
    book = Notebook()
    builder = book.article("2024-03-02", words="Sudria rejected it. Norland had accused Sudria.")
    denial = quoted(
        book, ClaimType.DENIES, "Sudria", "", "Sudria rejected it.", target="Norland", builder=builder, about="m"
    )
    charge = quoted(
        book,
        ClaimType.ACCUSES,
        "Norland",
        "",
        "Norland had accused Sudria.",
        target="Sudria",
        builder=builder,
        about="m",
    )
    found = thread(book.graph, denial)
    assert [row.id for row in found.claims] == [charge, denial]
    assert links(found) == {(denial, "denies", charge)}


def test_a_headline_repeats_the_passage_it_sums_up_and_answers_what_that_answers() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    builder = ReadingBuilder(Article("Sudria: not us", "Sudria denied the shelling.", "2024-03-04"), "by-hand@1")
    book._builders.append(builder)
    head = quoted(
        book, ClaimType.DENIES, "Sudria", "", "Sudria: not us", target="Norland", builder=builder, about="market"
    )
    body = quoted(
        book,
        ClaimType.DENIES,
        "Sudria",
        "",
        "Sudria denied the shelling.",
        target="Norland",
        builder=builder,
        about="market",
    )
    found = thread(book.graph, head)
    assert links(found) == {(body, "denies", charge), (head, "denies", charge), (head, "repeats", body)}
    assert [row.id for row in found.claims] == [charge, body, head]


# ---- links ----


def test_what_the_article_says_is_explicit_and_goes_before_what_is_inferred() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    denial = book.denies("Sudria", "Norland", "2024-03-02", about="market", answers=charge)
    link = the_link(thread(book.graph, denial), denial)
    assert (link.end, link.link, link.basis, link.why) == (
        charge, "denies", "explicit", "the article says that it answers it",
    )  # fmt: skip


def test_a_denial_goes_to_the_first_report_of_the_accusation_and_repeats_chain_to_it() -> None:
    book = Notebook()
    first = book.accuses("Norland", "Sudria", "2024-03-02", about="market", date="2024-03-02")
    again = book.accuses("Norland", "Sudria", "2024-03-05", about="market", date="2024-03-02")
    denial = book.denies("Sudria", "Norland", "2024-03-05", about="market", answers=again, date="2024-03-04")
    found = thread(book.graph, denial)
    assert links(found) == {(again, "repeats", first), (denial, "denies", again), (denial, "denies", first)}
    assert {link.rule for link in found.links} == {"recalled", "stated", "stated_earlier"}


def test_the_same_words_in_two_articles_are_one_utterance() -> None:
    book = Notebook()
    words = "The army of Sudria had shelled the market, Norland's minister told reporters."
    first = quoted(
        book, ClaimType.ACCUSES, "Norland", "2024-03-02", words, target="Sudria", about="market", speaker="Oda"
    )
    copy = quoted(
        book, ClaimType.ACCUSES, "Norland", "2024-03-04", words, target="Sudria", about="market", speaker="Oda"
    )
    link = the_link(thread(book.graph, copy), copy)
    assert (link.end, link.link, link.rule) == (first, "repeats", "same_text")


def test_another_accuser_of_the_same_corroborates_and_of_another_is_not_linked() -> None:
    book = Notebook()
    first = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    second = book.accuses("Eastland", "Sudria", "2024-03-03", about="market")
    third = book.accuses("Eastland", "Westmark", "2024-03-04", about="market")
    found = thread(book.graph, first)
    assert links(found) == {(second, "corroborates", first)}
    # It is about the incident all the same.
    assert [row.id for row in found.claims] == [first, second, third]


def test_the_accused_who_names_somebody_else_deflects() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    other = book.accuses("Sudria", "Westmark", "2024-03-03", about="market")
    assert links(thread(book.graph, other)) == {(other, "deflects", charge)}


def test_who_takes_the_side_of_the_accused_against_the_first_accuser_counters() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    ally = book.accuses("Eastland", "Norland", "2024-03-03", about="market")
    assert links(thread(book.graph, ally)) == {(ally, "counters", charge)}


@pytest.mark.parametrize(("happened", "link"), [("2024-02", {"counters"}), ("2024-03-05", set())])
def test_an_older_act_is_held_against_the_accuser_but_a_newer_one_is_a_new_accusation(
    happened: str, link: set[str]
) -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    builder = book.article("2024-03-06", words="Sudria denied it. Norland had burned a bridge.")
    quoted(book, ClaimType.DENIES, "Sudria", "", "Sudria denied it.", target="Norland", builder=builder, about="market")
    at = builder.locate("Norland had burned a bridge.")
    assert at is not None
    who = {name: builder.mention(NodeKind.ACTOR, name, at) for name in ("Norland", "Sudria")}
    held = builder.claim(
        ClaimType.ACCUSES, speaker=who["Sudria"], source=who["Sudria"], target=who["Norland"],
        modality=Modality.ASSERTED, evidence=at, incident=builder.incident("arson", at, date=happened),
    )  # fmt: skip
    assert held is not None
    found = thread(book.graph, charge)
    assert {one.link for one in found.links if one.start == held} == link
    assert all(one.end == charge for one in found.links)


def test_an_accusation_renewed_after_a_denial_responds_to_it() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    denial = book.denies("Sudria", "Norland", "2024-03-03", about="market")
    renewed = book.accuses("Norland", "Sudria", "2024-03-05", about="market", date="2024-03-05")
    assert the_link(thread(book.graph, renewed), renewed).end == denial
    assert the_link(thread(book.graph, renewed), renewed).link == "responds"


def test_who_withdraws_its_own_accusation_retracts_it() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    undone = book.denies("Norland", None, "2024-03-05", about="market")
    assert links(thread(book.graph, undone)) == {(undone, "retracts", charge)}


def test_one_who_is_accused_too_retracts_only_in_so_many_words() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    counter = book.accuses("Sudria", "Norland", "2024-03-03", about="market")
    denied = quoted(book, ClaimType.DENIES, "Norland", "2024-03-04", "Norland denied it.", about="market")
    undone = quoted(
        book, ClaimType.DENIES, "Norland", "2024-03-05", "Norland withdrew its charge.", about="market",
        date="2024-03-05",
    )  # fmt: skip
    found = thread(book.graph, charge)
    assert {(denied, "denies", counter), (undone, "retracts", charge)} <= links(found)


def test_retaliation_for_retaliation_responds_to_the_act_of_that_day() -> None:
    book = Notebook()
    expelled = book.retaliates("carried_out", "Norland", "Sudria", "2024-03-04", about="market")
    builder = book.article("2024-03-09", words="Sudria closed the border in answer to the expulsions.")
    at = builder.locate("Sudria closed the border in answer to the expulsions.")
    assert at is not None
    who = {name: builder.mention(NodeKind.ACTOR, name, at) for name in ("Norland", "Sudria")}
    closed = builder.claim(
        ClaimType.RETALIATES, speaker=who["Sudria"], source=who["Sudria"], target=who["Norland"],
        modality=Modality.CARRIED_OUT, evidence=at, incident=builder.incident("expulsion", at, date="2024-03-04"),
    )  # fmt: skip
    assert closed is not None
    found = thread(book.graph, closed)
    assert links(found) == {(closed, "responds", expelled)}
    assert the_link(found, closed).rule == "answers_the_act"


def test_a_threat_over_one_incident_is_not_carried_out_over_another() -> None:
    book = Notebook()
    book.retaliates("threatened", "Norland", "Sudria", "2024-03-02", about="market")
    strike = book.retaliates("carried_out", "Norland", "Sudria", "2024-03-09", about="bridge")
    assert thread(book.graph, strike).links == []


@pytest.mark.parametrize(
    ("target_named", "named", "narrower"),
    [
        (None, "Sudrian Army", "Sudrian Army"),
        ("Sudrian Army", "Sudrian Army", None),
        (None, "Sudrian Foreign Ministry", None),
        (None, None, None),
    ],
)
def test_a_part_that_speaks_for_itself_denies_more_narrowly_than_was_alleged(
    target_named: str | None, named: str | None, narrower: str | None
) -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market", target_named=target_named)
    denial = book.denies("Sudria", "Norland", "2024-03-03", about="market", named=named)
    link = the_link(thread(book.graph, denial), denial)
    assert (link.end, link.link, link.narrower) == (charge, "denies", narrower)


def test_a_part_does_not_answer_for_another_part() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudrian Navy", "2024-03-02", about="market")
    denial = book.denies("Sudrian Army", None, "2024-03-03", about="market")
    found = thread(book.graph, denial)
    assert found.links == []
    assert found.orphans == [denial]


def test_a_link_does_not_depend_on_the_claim_that_is_asked_for(gold_graph: ConflictGraph) -> None:
    known: dict[tuple[str, str], ThreadLink] = {}
    linked = 0
    for claim in list(gold_graph.claims)[::7]:
        found = thread(gold_graph, claim)
        place = {row.id: number for number, row in enumerate(found.claims)}
        for link in found.links:
            linked += 1
            assert place[link.end] < place[link.start]
            assert known.setdefault((link.start, link.end), link) == link
            assert (link.basis == "explicit") == (gold_graph.claims[link.start].claim.responds_to == link.end)
    assert linked > 200


# ---- what a thread tells beside its links ----


def test_open_ends_are_accusations_that_nobody_answered() -> None:
    book = Notebook()
    answered = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    book.denies("Sudria", "Norland", "2024-03-03", about="market")
    silent = book.accuses("Eastland", "Westmark", "2024-03-04", about="market")
    book.accuses("Eastland", None, "2024-03-04", about="market")
    found = thread(book.graph, answered)
    assert [(one.claim, one.accused, one.searched) for one in found.open_ends] == [(silent, "Westmark", 4)]
    book.denies("Westmark", None, "2024-03-06", about="market")
    assert thread(book.graph, answered).open_ends == []


def test_who_acknowledges_has_answered_and_stands_in_the_thread() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudrian Army", "2024-03-02", about="market")
    assert [one.claim for one in thread(book.graph, charge).open_ends] == [charge]
    owned = book.acknowledges(AcknowledgementKind.ADMISSION, "Sudrian Army", "market", "2024-03-04")
    found = thread(book.graph, charge)
    assert [(one.id, one.kind, one.actor) for one in found.acknowledgements] == [(owned, "admission", "Sudrian Army")]
    assert found.open_ends == []


def test_claims_that_say_of_each_other_that_they_answer_close_no_circle(world: Any) -> None:
    one, two = world.ids["accused"], world.ids["denied"]
    reading = world.readings[0]
    turned = [dataclasses.replace(c, responds_to=two) if c.id == one else c for c in reading.claims]
    world.readings[0] = dataclasses.replace(reading, claims=tuple(turned))
    found = thread(world.graph, one)
    pairs = {(link.start, link.end) for link in (*found.links, *found.circular)}
    assert {(one, two), (two, one)} <= pairs
    assert len([link for link in found.circular if {link.start, link.end} == {one, two}]) == 1


def test_a_thread_stops_at_its_bound_and_says_so() -> None:
    book = Notebook()
    claims = [book.accuses("Norland", "Sudria", "2024-03-02", about="market") for _ in range(MOST_CLAIMS + 20)]
    found = thread(book.graph, claims[-1])
    assert (len(found.claims), found.truncated) == (MOST_CLAIMS, True)
    assert claims[-1] in {row.id for row in found.claims}


def test_a_thread_that_is_cut_off_shows_what_its_two_actors_said_and_takes_nobody_for_silent() -> None:
    book = Notebook()
    root = book.accuses("Eastland", "Westmark", "2024-02-28", about="market")
    silent = book.accuses("Eastland", "Sudrian Navy", "2024-03-01", about="market")
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    for _ in range(MOST_CLAIMS):
        book.accuses("Norland", "Eastland", "2024-03-03", about="market")
    book.denies("Westmark", None, "2024-03-08", about="market")
    denial = book.denies("Sudria", "Norland", "2024-03-09", about="market")
    found = thread(book.graph, charge)
    shown = {row.id for row in found.claims}
    assert (found.root, found.truncated, len(shown)) == (root, True, MOST_CLAIMS)
    assert {charge, denial} <= shown
    assert (denial, "denies", charge) in links(found)
    # Westmark's denial is left out, so that nothing can be told of its silence.
    assert root not in {one.claim for one in found.open_ends}
    assert {one.accused for one in thread(book.graph, silent).open_ends} == {"Sudrian Navy", "Eastland"}


def test_a_denial_whose_accusation_is_left_out_is_no_orphan() -> None:
    book = Notebook()
    book.accuses("Eastland", "Westmark", "2024-03-01", about="market")
    for _ in range(MOST_CLAIMS):
        book.accuses("Norland", "Sudria", "2024-03-03", about="market")
    denial = book.denies("Sudria", "Norland", "2024-03-04", about="market")
    last = book.denies("Sudria", "Norland", "2024-03-05", about="market", date="2024-03-05")
    found = thread(book.graph, last)
    assert denial in {row.id for row in found.claims}
    assert (found.truncated, found.orphans) == (True, [])


def test_a_claim_about_no_incident_stands_in_the_thread_of_what_it_answers_alone() -> None:
    book = Notebook()
    # A denial about nothing in particular answers the latest accusation.
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    apart = book.denies("Sudria", "Norland", "2024-03-05")
    elsewhere = book.accuses("Norland", "Sudria", "2024-03-04", about="bridge")
    found = thread(book.graph, charge)
    assert [row.id for row in found.claims] == [charge]
    other = thread(book.graph, elsewhere)
    assert [row.id for row in other.claims] == [elsewhere, apart]
    assert links(other) == {(apart, "denies", elsewhere)}


def test_a_pair_with_too_many_claims_to_look_at_is_told() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02")
    denials = [book.denies("Sudria", "Norland", "2024-03-03", date="2024-03-03") for _ in range(MOST_NEAR)]
    assert not thread(book.graph, charge).truncated
    denials.append(book.denies("Sudria", "Norland", "2024-03-03", date="2024-03-03"))
    found = thread(book.graph, charge)
    assert found.truncated
    assert {link.end for link in found.links} == {charge}
    assert len(denials) > len(found.links) > 0


def test_an_unknown_claim_is_told() -> None:
    with pytest.raises(NotFound, match="no claim"):
        thread(Notebook().graph, "clm-none")
