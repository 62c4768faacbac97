"""Which ids name the same thing: people before linkers, the sure before the unsure; what is held apart stays apart."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.identity import Clusters, judge
from app.vocabulary.records import Decision
from app.vocabulary.terms import DecisionKind, Judgement

if TYPE_CHECKING:
    from tests.graph.conftest import Desk

SAME, DIFFERENT, UNSURE = Judgement.SAME, Judgement.DIFFERENT, Judgement.UNSURE


def decision(
    left: str, right: str, judgement: Judgement, by: str = "Ana", minute: int | None = 0, score: float | None = None
) -> Decision:
    """A person's judgement at that minute; a linker's where there is none."""
    at = None if minute is None else f"2031-05-04T10:{minute:02d}:00+00:00"
    return Decision(DecisionKind.JUDGE, left, by, right, judgement=judgement, at=at, score=score)


def linked(left: str, right: str, judgement: Judgement = SAME, score: float | None = None, by: str = "n@1") -> Decision:
    return decision(left, right, judgement, by, None, score)


def together(clusters: Clusters, *names: str) -> bool:
    return len({clusters.root(name) for name in names}) == 1


def test_what_nobody_judged_is_itself() -> None:
    clusters = judge([])
    assert clusters.root("a") == "a"
    assert clusters.members("a") == {"a"}


def test_two_actors_become_one() -> None:
    clusters = judge([decision("a", "b", SAME)])
    assert together(clusters, "a", "b")
    assert clusters.members("b") == {"a", "b"}
    assert clusters.conflicts == []


def test_a_chain_makes_one() -> None:
    clusters = judge([decision("a", "b", SAME), decision("d", "c", SAME), decision("c", "b", SAME)])
    assert clusters.members("d") == {"a", "b", "c", "d"}


def test_unsure_joins_nothing_and_parts_nothing() -> None:
    assert not together(judge([decision("a", "b", UNSURE)]), "a", "b")
    clusters = judge([decision("a", "b", UNSURE), decision("a", "c", SAME), decision("c", "b", SAME)])
    assert together(clusters, "a", "b", "c")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_different_blocks_through_a_chain(order: tuple[int, ...]) -> None:
    rows = [linked("a", "b", score=0.9), linked("b", "c", score=0.8), linked("a", "c", DIFFERENT)]
    clusters = judge([rows[n] for n in order])
    assert together(clusters, "a", "b")
    assert not together(clusters, "b", "c")
    assert clusters.conflicts == [rows[1]]


def test_different_blocks_through_a_long_chain_from_both_ends() -> None:
    chain = [linked(a, b, score=0.9) for a, b in itertools.pairwise("abc")]
    tail = [linked(a, b, score=0.9) for a, b in itertools.pairwise("xyz")]
    bridge = linked("c", "x", score=0.1)
    clusters = judge([decision("a", "z", DIFFERENT), bridge, *chain, *tail])
    assert clusters.members("a") == set("abc")
    assert clusters.members("z") == set("xyz")
    assert clusters.conflicts == [bridge]


def test_the_surer_of_two_linkers_joins_first() -> None:
    rows = [linked("m", "a", score=0.4), linked("m", "b", score=0.7), linked("a", "b", DIFFERENT)]
    clusters = judge(rows)
    assert together(clusters, "m", "b")
    assert clusters.conflicts == [rows[0]]


def test_a_person_outranks_a_linker_on_the_same_pair_whichever_came_first() -> None:
    person, linker = decision("a", "b", DIFFERENT), linked("b", "a", score=1.0)
    for rows in ([person, linker], [linker, person]):
        clusters = judge(rows)
        assert not together(clusters, "a", "b")
        assert clusters.conflicts == []
    assert together(judge([decision("a", "b", SAME), linked("a", "b", DIFFERENT)]), "a", "b")


def test_a_person_who_is_unsure_silences_the_linker() -> None:
    assert not together(judge([linked("a", "b", score=1.0), decision("a", "b", UNSURE)]), "a", "b")


def test_what_people_joined_through_a_chain_no_linker_parts() -> None:
    doubt = linked("a", "c", DIFFERENT, 1.0)
    clusters = judge([doubt, decision("a", "b", SAME), decision("b", "c", SAME)])
    assert together(clusters, "a", "b", "c")
    assert clusters.conflicts == [doubt]


def test_what_people_hold_apart_no_linker_joins_through_a_chain() -> None:
    sure, surer = linked("a", "b", score=0.9), linked("b", "c", score=1.0)
    clusters = judge([sure, surer, decision("a", "c", DIFFERENT)])
    assert together(clusters, "b", "c")
    assert not together(clusters, "a", "b")
    assert clusters.conflicts == [sure]


def test_of_two_people_who_disagree_the_one_who_parts_is_followed_and_the_other_told() -> None:
    one, other = decision("a", "b", SAME, "Ana"), decision("b", "a", DIFFERENT, "Ben", 1)
    clusters = judge([one, other])
    assert not together(clusters, "a", "b")
    assert clusters.conflicts == [one]


@pytest.mark.parametrize(
    ("first", "second", "one"), [(SAME, DIFFERENT, False), (DIFFERENT, SAME, True), (SAME, UNSURE, False)]
)
def test_a_person_may_change_their_mind(first: Judgement, second: Judgement, one: bool) -> None:
    clusters = judge([decision("a", "b", first), decision("b", "a", second, minute=1)])
    assert together(clusters, "a", "b") is one
    assert clusters.conflicts == []


def test_an_actor_stands_for_its_mentions() -> None:
    clusters = judge([linked("men-1", "place-z"), linked("men-1", "men-0"), linked("men-2", "actor-b")])
    assert clusters.root("men-0") == "place-z"
    assert clusters.root("men-2") == "actor-b"
    assert judge([linked("men-2", "men-1")]).root("men-2") == "men-1"
    assert judge([decision("actor-b", "actor-a", SAME)]).root("actor-b") == "actor-a"


NAMES = st.sampled_from(["a", "b", "c", "d", "men-1", "men-2"])


@st.composite
def judgements(draw: st.DrawFn) -> list[Decision]:
    """At most one judgement of one judge on one pair, so that their order means nothing."""
    rows: dict[tuple[str, ...], Decision] = {}
    for _ in range(draw(st.integers(0, 10))):
        left, right = sorted((draw(NAMES), draw(NAMES)))
        if left == right:
            continue
        by = draw(st.sampled_from(["Ana", "Ben", "one@1", "two@1"]))
        score = draw(st.sampled_from([None, 0.25, 0.5, 1.0]))
        row = decision(left, right, draw(st.sampled_from(Judgement)), by, None if "@" in by else 0, score)
        rows[left, right, by] = row
    return list(rows.values())


@given(judgements(), st.randoms())
def test_the_order_in_which_judgements_come_means_nothing(rows: list[Decision], random: object) -> None:
    shuffled = rows.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = judge(rows), judge(shuffled)
    names = {name for row in rows for name in (row.subject, str(row.object))}
    assert {name: one.root(name) for name in names} == {name: other.root(name) for name in names}
    assert one.conflicts == other.conflicts


@given(judgements())
def test_every_judgement_is_kept_or_reported(rows: list[Decision]) -> None:
    clusters = judge(rows)
    by_people = {(row.subject, row.object) for row in rows if row.at is not None}
    for row in rows:
        assert row.object is not None
        one = together(clusters, row.subject, row.object)
        overruled = row.at is None and (row.subject, row.object) in by_people
        if overruled or row.judgement is UNSURE:
            assert row not in clusters.conflicts
        else:
            assert (row in clusters.conflicts) == (one is not (row.judgement is SAME))
    for row in clusters.conflicts:
        # A person gives way to people only.
        assert row.judgement is SAME or row.at is None


@given(judgements())
def test_members_and_roots_agree(rows: list[Decision]) -> None:
    clusters = judge(rows)
    for row in rows:
        members = clusters.members(row.subject)
        assert row.subject in members
        assert {clusters.root(name) for name in members} == {clusters.root(row.subject)}
        assert clusters.root(row.subject) == min(members, key=lambda name: (name.startswith("men-"), name))


def test_a_conflict_shows_in_the_graph(desk: Desk) -> None:
    desk.tell("Ardania accused Beloria. Cerinia threatened Beloria.")
    desk.same("actor-ardania", "actor-beloria")
    desk.different("actor-ardania", "actor-cerinia", by="Ben")
    refused = [desk.same("actor-beloria", "actor-cerinia")]
    graph = desk.graph
    assert set(graph.actors) in ({"actor-ardania", "actor-cerinia"}, {"actor-ardania", "actor-beloria"})
    assert len(graph.conflicts) == 1
    assert graph.conflicts[0].judgement is SAME
    assert refused[0].kind is DecisionKind.JUDGE
