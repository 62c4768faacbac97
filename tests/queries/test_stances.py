"""What a position and a turn of it mean, on disputes made by hand."""

from __future__ import annotations

import pytest

from app.queries import ClaimFilter
from app.queries.stances import Histories, actor_flips, flips
from app.vocabulary.errors import NotFound
from app.vocabulary.terms import AcknowledgementKind, DenialKind

from .by_hand import Notebook


def turns(found: Histories) -> list[tuple[str, str, str, str]]:
    return [(flip.turn, one.actor, flip.before.id, flip.after.id) for one in found.histories for flip in one.flips]


def test_a_denial_and_a_later_admission() -> None:
    book = Notebook()
    book.denies("Sudria", "Norland", "2024-03-02", about="market", kind=DenialKind.PERPETRATION)
    last = book.denies("Sudria", "Norland", "2024-03-04", about="market", kind=DenialKind.PERPETRATION)
    owned = book.acknowledges(AcknowledgementKind.ADMISSION, "Sudria", "market", "2024-03-09")
    book.acknowledges(AcknowledgementKind.ADMISSION, "Sudria", "market", "2024-03-12")
    found = flips(book.graph, ClaimFilter())
    assert turns(found) == [("denial_to_acknowledgement", "Sudria", last, owned)]
    (history,) = found.histories
    assert [one.stance for one in history.stances] == ["reject", "reject", "admission", "admission"]
    assert {one.about for one in history.stances} == {"Sudria"}
    assert (history.flips[0].lag.least, history.flips[0].lag.most) == (5, 5)
    assert (history.counts.claims, history.counts.articles) == (4, 4)


def test_an_act_claimed_and_later_denied() -> None:
    book = Notebook()
    owned = book.acknowledges(AcknowledgementKind.SELF_CLAIM, "Sudria", "market", "2024-03-02")
    never = book.denies("Sudria", "Norland", "2024-03-04", about="market")
    assert turns(flips(book.graph, ClaimFilter())) == [("acknowledgement_to_denial", "Sudria", owned, never)]


def test_an_accusation_and_its_later_rejection_by_the_accuser() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    again = book.accuses("Eastland", "Sudria", "2024-03-09", about="market")
    never = book.denies("Norland", None, "2024-03-09", about="market", answers=again)
    book.denies("Norland", None, "2024-03-12", about="market")
    assert turns(flips(book.graph, ClaimFilter())) == [("accusation_to_denial", "Norland", charge, never)]


def test_an_accusation_withdrawn_by_the_accuser() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    back = book.denies("Norland", None, "2024-03-09", about="market", words="Norland withdrew its accusation.")
    assert turns(flips(book.graph, ClaimFilter())) == [("accusation_to_denial", "Norland", charge, back)]


def test_another_is_accused_and_the_first_no_more() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    last = book.accuses("Norland", "Sudria", "2024-03-04", about="market")
    other = book.accuses("Norland", "Eastland", "2024-03-06", about="market")
    assert turns(flips(book.graph, ClaimFilter())) == [("accused_switched", "Norland", last, other)]


@pytest.mark.parametrize(
    "also",
    [
        # Both are accused in the end; the second was accused before the first.
        ("Sudria", "2024-03-06"),
        ("Eastland", "2024-03-01"),
    ],
)
def test_to_accuse_two_is_no_switch(also: tuple[str, str]) -> None:
    book = Notebook()
    book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    book.accuses("Norland", "Eastland", "2024-03-06", about="market")
    book.accuses("Norland", also[0], also[1], about="market")
    assert turns(flips(book.graph, ClaimFilter())) == []


def test_to_name_the_army_of_a_state_is_no_switch() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    book.accuses("Norland", "Sudrian Army", "2024-03-06", about="market")
    assert turns(flips(book.graph, ClaimFilter())) == []


def test_a_denial_moves_to_another_ground() -> None:
    book = Notebook()
    nothing = book.denies("Sudria", "Norland", "2024-03-02", about="market", kind=DenialKind.OCCURRENCE)
    others = book.denies("Sudria", "Norland", "2024-03-04", about="market", kind=DenialKind.PERPETRATION)
    accident = book.denies("Sudria", "Norland", "2024-03-06", about="market", kind=DenialKind.INTENT)
    assert turns(flips(book.graph, ClaimFilter())) == [
        ("denial_moved", "Sudria", nothing, others),
        ("denial_moved", "Sudria", others, accident),
    ]


def test_a_ground_that_is_held_beside_the_new_one_has_not_moved() -> None:
    book = Notebook()
    for day, kind in ((2, DenialKind.OCCURRENCE), (4, DenialKind.PERPETRATION), (6, DenialKind.OCCURRENCE)):
        book.denies("Sudria", "Norland", f"2024-03-0{day}", about="market", kind=kind)
    assert turns(flips(book.graph, ClaimFilter())) == []


def test_a_brigades_denial_does_not_turn_what_its_state_says() -> None:
    book = Notebook()
    book.acknowledges(AcknowledgementKind.ADMISSION, "Sudria", "market", "2024-03-02")
    army = book.denies("Sudria", "Norland", "2024-03-04", about="market", named="Sudrian Army")
    graph = book.graph
    assert turns(flips(graph, ClaimFilter())) == []
    (state,) = actor_flips(graph, "actor-sudria", unturned=True).histories
    assert [(one.stance, one.scope, one.actor) for one in state.stances] == [
        ("admission", "own", "Sudria"),
        ("reject", "part", "Sudrian Army"),
    ]
    assert state.stances[1].id == army


def test_a_states_denial_is_turned_by_what_its_army_admits_and_not_the_other_way_round() -> None:
    book = Notebook()
    denied = book.denies("Sudria", "Norland", "2024-03-02", about="market")
    owned = book.acknowledges(AcknowledgementKind.ADMISSION, "Sudrian Army", "market", "2024-03-04")
    found = flips(book.graph, ClaimFilter())
    assert turns(found) == [("denial_to_acknowledgement", "Sudria", denied, owned)]
    assert found.histories[0].flips[0].after.scope == "part"

    other = Notebook()
    other.denies("Sudria", "Norland", "2024-03-02", about="market", named="Sudrian Army")
    other.acknowledges(AcknowledgementKind.ADMISSION, "Sudria", "market", "2024-03-04")
    assert turns(flips(other.graph, ClaimFilter())) == []


def test_a_ministry_speaks_for_its_state() -> None:
    book = Notebook()
    denied = book.denies("Sudria", "Norland", "2024-03-02", about="market", named="Sudrian Foreign Ministry")
    owned = book.acknowledges(AcknowledgementKind.ADMISSION, "Sudria", "market", "2024-03-04")
    assert turns(flips(book.graph, ClaimFilter())) == [("denial_to_acknowledgement", "Sudria", denied, owned)]


@pytest.mark.parametrize(("denied", "same_day", "undated"), [("2024-03-04", 1, 0), (None, 0, 1)])
def test_nothing_turns_within_a_day_or_without_one(denied: str | None, same_day: int, undated: int) -> None:
    book = Notebook()
    book.denies("Sudria", "Norland", denied, about="market")
    book.acknowledges(AcknowledgementKind.ADMISSION, "Sudria", "market", "2024-03-04")
    graph = book.graph
    assert turns(flips(graph, ClaimFilter())) == []
    (history,) = actor_flips(graph, "actor-sudria", unturned=True).histories
    assert (history.same_day, history.undated) == (same_day, undated)


def test_another_incident_turns_nothing() -> None:
    book = Notebook()
    book.denies("Sudria", "Norland", "2024-03-02", about="market")
    book.acknowledges(AcknowledgementKind.ADMISSION, "Sudria", "harbour", "2024-03-04")
    assert flips(book.graph, ClaimFilter()).total == 0


def test_turns_can_be_asked_for_by_actor_accused_sort_and_days() -> None:
    book = Notebook()
    book.denies("Sudria", "Norland", "2024-03-02", about="market")
    book.acknowledges(AcknowledgementKind.ADMISSION, "Sudria", "market", "2024-03-09")
    book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    book.accuses("Norland", "Eastland", "2024-03-06", about="market")
    graph = book.graph
    assert flips(graph, ClaimFilter()).flips == 2
    assert [one.actor for one in flips(graph, ClaimFilter(source="Norland")).histories] == ["Norland"]
    assert [one.actor for one in flips(graph, ClaimFilter(target="Eastland")).histories] == ["Norland"]
    assert [one.actor for one in flips(graph, ClaimFilter(), ["denial_to_acknowledgement"]).histories] == ["Sudria"]
    assert flips(graph, ClaimFilter(until="2024-03-05")).total == 0
    first = flips(graph, ClaimFilter(), limit=1)
    second = flips(graph, ClaimFilter(), limit=1, cursor=first.next)
    assert [first.histories[0].actor, second.histories[0].actor, second.next] == ["Norland", "Sudria", None]
    with pytest.raises(NotFound):
        actor_flips(graph, "actor-nobody")
