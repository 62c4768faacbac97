"""What mirrored accusations and rings of them mean, on disputes made by hand."""

from __future__ import annotations

import pytest

from app.queries import ClaimFilter
from app.queries.mirrors import Mirror, cycles, mirrors
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import Rollup

from .by_hand import Notebook


def sides(mirror: Mirror) -> list[tuple[str, list[str]]]:
    return [(side.source, [row.id for row in side.claims]) for side in mirror.sides]


def test_two_that_accuse_each_other_of_one_incident() -> None:
    book = Notebook()
    first = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    back = book.accuses("Sudria", "Norland", "2024-03-05", about="market")
    again = book.accuses("Norland", "Sudria", "2024-03-12", about="market")
    book.accuses("Eastland", "Sudria", "2024-03-03", about="market")
    book.denies("Sudria", "Norland", "2024-03-04", about="market")
    book.accuses("Norland", "Sudria", "2024-04-01", about="harbour", act="espionage")
    found = mirrors(book.graph, ClaimFilter())
    (one,) = found.mirrors
    assert one.basis == "same_incident"
    assert sides(one) == [("Norland", [first, again]), ("Sudria", [back])]
    assert one.gap is not None
    assert (one.gap.least, one.gap.most) == (3, 3)
    # Three of the five claims said from 2 to 12 March; one text against two.
    assert (one.said_in_window, one.share, one.balance) == (5, 0.6, 0.5)
    assert found.looked_at == 5


def test_two_that_accuse_each_other_of_the_same_act_within_the_window() -> None:
    book = Notebook()
    ours = book.accuses("Norland", "Sudria", "2024-03-02", about="market", act="Drone  attack")
    theirs = book.accuses("Sudria", "Norland", "2024-03-20", about="mill", act="drone attack")
    book.accuses("Sudria", "Norland", "2024-06-20", about="mill", act="drone attack")
    book.accuses("Sudria", "Norland", "2024-03-03", about="bridge", act="espionage")
    graph = book.graph
    (one,) = mirrors(graph, ClaimFilter()).mirrors
    assert (one.basis, one.act) == ("same_act", "drone attack")
    assert sides(one) == [("Norland", [ours]), ("Sudria", [theirs])]
    assert mirrors(graph, ClaimFilter(), within=17).total == 0


def test_what_is_of_one_incident_is_told_once() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    book.accuses("Sudria", "Norland", "2024-03-05", about="market")
    assert [one.basis for one in mirrors(book.graph, ClaimFilter()).mirrors] == ["same_incident"]


def test_parts_stand_for_their_whole_unless_roll_up_is_off() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudrian Army", "2024-03-02", about="market")
    book.accuses("Sudria", "Norland", "2024-03-05", about="market")
    graph = book.graph
    assert mirrors(graph, ClaimFilter()).total == 1
    assert mirrors(graph, ClaimFilter(rollup=Rollup.OFF)).total == 0


def test_one_side_may_be_named_and_the_other_is_found() -> None:
    book = Notebook()
    for other in ("Sudria", "Eastland"):
        book.accuses("Norland", other, "2024-03-02", about=other)
        book.accuses(other, "Norland", "2024-03-03", about=other)
    graph = book.graph
    assert mirrors(graph, ClaimFilter(source="Norland")).total == 2
    assert mirrors(graph, ClaimFilter(target="Sudria")).total == 1
    assert mirrors(graph, ClaimFilter(source="Sudria", target="Norland")).total == 1
    assert mirrors(graph, ClaimFilter(source="Sudria", target="Eastland")).total == 0


def test_mirrors_of_more_texts_on_the_weaker_side_come_first_page_by_page() -> None:
    book = Notebook()
    for day in (1, 2, 3):
        book.accuses("Norland", "Eastland", f"2024-03-0{day}", about="mill")
    book.accuses("Eastland", "Norland", "2024-03-02", about="mill")
    for day in (1, 2):
        book.accuses("Norland", "Sudria", f"2024-03-0{day}", about="market")
        book.accuses("Sudria", "Norland", f"2024-03-0{day}", about="market")
    graph = book.graph
    first = mirrors(graph, ClaimFilter(), limit=1)
    second = mirrors(graph, ClaimFilter(), limit=1, cursor=first.next)
    assert [first.mirrors[0].sides[1].source, second.mirrors[0].sides[1].source] == ["Sudria", "Eastland"]
    assert second.next is None


def ring(book: Notebook, *actors: str) -> None:
    for source, target in zip(actors, (*actors[1:], actors[0]), strict=True):
        book.accuses(source, target, "2024-03-02")


def test_rings_in_which_each_accuses_the_next() -> None:
    book = Notebook()
    ring(book, "Norland", "Sudria", "Eastland")
    ring(book, "Norland", "Westmark")
    book.accuses("Eastland", "Westmark", "2024-03-03")
    found = cycles(book.graph, ClaimFilter())
    rings = [[edge.source for edge in one.edges] for one in found.cycles]
    assert rings == [
        ["Norland", "Westmark"],
        ["Eastland", "Norland", "Sudria"],
        ["Eastland", "Westmark", "Norland", "Sudria"],
    ]
    assert [one.length for one in found.cycles] == [2, 3, 4]
    assert found.truncated is False
    assert found.cycles[1].share == 0.5
    assert [one.length for one in cycles(book.graph, ClaimFilter(), length=3).cycles] == [2, 3]


def test_rings_through_an_actor_and_of_enough_texts() -> None:
    book = Notebook()
    ring(book, "Norland", "Sudria", "Eastland")
    for _ in range(2):
        ring(book, "Norland", "Westmark")
    graph = book.graph
    assert [one.length for one in cycles(graph, ClaimFilter(source="Sudria")).cycles] == [3]
    assert [one.length for one in cycles(graph, ClaimFilter(source="Westmark", target="Sudria")).cycles] == []
    (strong,) = cycles(graph, ClaimFilter(), least=2).cycles
    assert (strong.length, strong.weakest) == (2, 2)


def test_a_search_that_was_broken_off_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.queries import mirrors as module

    book = Notebook()
    ring(book, "Norland", "Sudria", "Eastland")
    ring(book, "Norland", "Westmark")
    monkeypatch.setattr(module, "MOST_CYCLES", 1)
    found = cycles(book.graph, ClaimFilter())
    assert (found.total, found.truncated) == (1, True)
    with pytest.raises(BadQuery, match="length must lie between 2 and 4"):
        cycles(book.graph, ClaimFilter(), length=5)
