"""What a response, its latency and a silence mean, on disputes made by hand."""

from __future__ import annotations

import pytest

from app.queries import ClaimFilter
from app.queries.responses import response, responses
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import AcknowledgementKind

from .by_hand import Notebook


def test_the_first_response_by_the_accused_with_its_kind_basis_and_days() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    book.denies("Sudria", "Norland", "2024-03-01", about="market")
    book.denies("Eastland", "Norland", "2024-03-03", about="market")
    denial = book.denies("Sudria", "Norland", "2024-03-05", about="market")
    counter = book.accuses("Sudria", "Norland", "2024-03-06", about="market")
    blamed = book.accuses("Sudria", "Eastland", "2024-03-07", about="market")
    strike = book.retaliates("carried_out", "Sudria", "Norland", "2024-03-08", about="market")
    owned = book.acknowledges(AcknowledgementKind.ADMISSION, "Sudria", "market", "2024-03-09")
    book.denies("Sudria", "Norland", "2024-06-09", about="market")
    found = response(book.graph, charge)
    assert [(one.id, one.kind, one.basis) for one in found.responses] == [
        (denial, "denial", "same_incident"),
        (counter, "counter_accusation", "same_incident"),
        (blamed, "deflection", "same_incident"),
        (strike, "retaliation", "same_incident"),
        (owned, "acknowledgement", "same_incident"),
    ]
    row = found.response
    assert (row.status, row.further, row.window_over) == ("answered", 4, True)
    assert row.first is not None
    assert row.first.id == denial
    assert row.first.lag is not None
    assert (row.first.lag.least, row.first.lag.most) == (3, 3)


def test_what_the_article_says_is_an_answer_counts_first_on_its_day() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    book.denies("Sudria", "Norland", "2024-03-02", about="market")
    answer = book.denies("Sudria", None, "2024-03-02", answers=charge)
    first = response(book.graph, charge).response.first
    assert first is not None
    assert (first.id, first.basis) == (answer, "answers_the_accusation")


def test_parts_and_wholes_of_the_accused_respond_as_such_and_siblings_do_not() -> None:
    book = Notebook()
    state = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    army = book.accuses("Norland", "Sudrian Army", "2024-03-02", about="harbour")
    book.denies("Sudrian Army", "Norland", "2024-03-03", about="market")
    book.denies("Sudrian Navy", "Norland", "2024-03-03", about="harbour")
    book.denies("Sudrian Foreign Ministry", "Norland", "2024-03-04", about="market")
    book.denies("Sudria", "Norland", "2024-03-05", about="harbour")
    graph = book.graph
    assert [one.by for one in response(graph, state).responses] == ["part", "part"]
    assert [(one.by, one.said) for one in response(graph, army).responses] == [("whole", "2024-03-05")]


def test_a_denial_for_an_ally_is_no_response_by_the_accused_for_itself() -> None:
    book = Notebook()
    ours = book.accuses("Norland", "Eastland", "2024-03-02", about="market")
    other = book.accuses("Norland", "Sudria", "2024-03-03", about="market")
    book.denies("Eastland", None, "2024-03-03", about="market", answers=other)
    graph = book.graph
    assert response(graph, ours).response.first is None
    assert response(graph, other).response.first is None


def test_a_denial_that_names_the_accuser_and_no_incident_counts_and_other_claims_only_when_asked_for() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    counter = book.accuses("Sudria", "Norland", "2024-03-03")
    denial = book.denies("Sudria", "Norland", "2024-03-04")
    book.denies("Sudria", "Eastland", "2024-03-04")
    book.denies("Sudria", "Norland", "2024-03-04", about="harbour")
    graph = book.graph
    assert [(one.id, one.basis) for one in response(graph, charge).responses] == [(denial, "names_the_accuser")]
    assert [(one.id, one.basis) for one in response(graph, charge, by_parties=True).responses] == [
        (counter, "same_parties"),
        (denial, "names_the_accuser"),
    ]


def test_silence_is_told_with_what_was_searched_and_is_not_said_where_nothing_was() -> None:
    book = Notebook()
    heard = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    unheard = book.accuses("Norland", "Westmark", "2024-03-02", about="harbour")
    undated = book.accuses("Norland", "Sudria", None, about="mill")
    nobody = book.accuses("Norland", None, "2024-03-02", about="mill")
    late = book.accuses("Norland", "Eastland", "2024-04-10", about="bridge")
    book.accuses("Sudria", "Eastland", "2024-03-20", publisher="Harbour Times")
    book.accuses("Eastland", "Norland", "2024-04-12", publisher="Harbour Times")
    graph = book.graph
    found = responses(graph, ClaimFilter(source="Norland"))
    status = {row.accusation.id: row.status for row in found.responses}
    assert status == {
        heard: "silence",
        unheard: "no_coverage",
        undated: "undated",
        nobody: "no_target",
        late: "silence",
    }
    rows = {row.accusation.id: row for row in found.responses}
    looked = rows[heard].searched
    assert looked is not None
    assert (looked.since, looked.until) == ("2024-03-02", "2024-04-01")
    # Of the texts in which Sudria stands, one is the accusation's own, and one has no day.
    assert (looked.articles, looked.naming_articles, looked.naming_publishers) == (4, 1, 1)
    assert rows[heard].window_over is True
    assert rows[late].window_over is False
    cut_off = rows[late].searched
    assert cut_off is not None
    assert cut_off.until == "2024-04-12"
    assert {row.status: row.counts.claims for row in found.statuses} == {
        "answered": 0, "unlinked": 0, "silence": 2, "no_coverage": 1, "undated": 1, "no_target": 1
    }  # fmt: skip


def test_a_denial_of_something_else_or_of_nobody_knows_what_is_neither_an_answer_nor_silence() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    other = book.denies("Sudria", "Norland", "2024-03-05", about="harbour")
    everything = book.denies("Sudria", None, "2024-03-06")
    book.denies("Sudria", "Eastland", "2024-03-06", about="harbour")
    book.denies("Sudria", "Norland", "2024-05-06", about="harbour")
    row = response(book.graph, charge).response
    assert (row.status, row.first, row.unlinked) == ("unlinked", None, [other, everything])


def test_copies_of_the_accusing_text_are_no_place_to_look() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    book.accuses("Norland", "Sudria", "2024-03-02", answers=charge)
    assert response(book.graph, charge).response.status == "no_coverage"


def test_the_summary_gives_days_over_exact_dates_only() -> None:
    book = Notebook()
    for day, incident in enumerate(("market", "harbour", "mill"), start=1):
        book.accuses("Norland", "Sudria", "2024-03-01", about=incident)
        book.denies("Sudria", "Norland", f"2024-03-0{1 + day}", about=incident)
    book.accuses("Norland", "Sudria", "2024-03-01", about="bridge", date="2024-03")
    book.accuses("Sudria", "Norland", "2024-03-20", about="bridge")
    found = responses(book.graph, ClaimFilter(source="Norland"))
    latency = found.latency
    assert (latency.exact, latency.inexact) == (3, 1)
    assert (latency.least, latency.median, latency.most) == (1, 2.0, 3)
    assert {row.kind: row.counts.claims for row in found.kinds} == {"denial": 3, "counter_accusation": 1}
    assert (found.total, found.summed) == (4, 4)


def test_only_accusations_are_answered() -> None:
    book = Notebook()
    denial = book.denies("Sudria", "Norland", "2024-03-02")
    with pytest.raises(BadQuery, match="is a denial"):
        response(book.graph, denial)
