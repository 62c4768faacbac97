"""What the figures of a dyad mean, on disputes made by hand."""

from __future__ import annotations

import pytest

from app.graph import ConflictGraph
from app.queries import ClaimFilter
from app.queries.dyads import Unit, dyad
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import Rung

from .by_hand import Notebook

PAIR = ClaimFilter(source="Norland", target="Sudria")


def test_what_goes_each_way_by_week() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudria", "2024-03-04")
    book.accuses("Norland", "Sudria", "2024-03-10", publisher="Harbour Times")
    book.denies("Sudria", "Norland", "2024-03-10")
    book.retaliates("conditional", "Sudria", "Norland", "2024-03-20")
    book.retaliates("threatened", "Sudria", "Norland", "2024-03-20")
    book.accuses("Norland", "Eastland", "2024-03-20")
    found = dyad(book.graph, PAIR)
    assert [one.start for one in found.bins] == ["2024-03-04", "2024-03-18"]
    first, second = found.bins
    assert (first.forth.accuses.claims, first.forth.accuses.publishers, first.back.denies.claims) == (2, 2, 1)
    assert (second.forth.all.claims, second.back.retaliates.claims) == (0, 2)
    assert [(one.rung, one.claims) for one in second.back.rungs] == [(Rung.THREATENED, 1), (Rung.CONDITIONAL, 1)]
    assert second.back.highest is Rung.CONDITIONAL
    assert (found.span, found.forth.all.claims, found.back.all.claims) == (3, 2, 3)
    assert (found.balance, found.narrower, found.undated) == (1.0, 0, 0)


@pytest.mark.parametrize(
    ("unit", "starts", "too_coarse"),
    [("day", ["2024-03-31", "2024-04-01"], 1), ("month", ["2024-03-01", "2024-04-01"], 0)],
)
def test_bins_begin_with_their_first_day_and_hold_no_wider_date(unit: Unit, starts: list[str], too_coarse: int) -> None:
    book = Notebook()
    book.accuses("Norland", "Sudria", "2024-03-31")
    book.accuses("Norland", "Sudria", "2024-04-01")
    book.accuses("Norland", "Sudria", "2024-04-02", date="2024-04")
    book.accuses("Norland", "Sudria", None)
    found = dyad(book.graph, PAIR, unit=unit)
    assert [one.start for one in found.bins] == starts
    assert (found.too_coarse, found.undated, found.forth.all.claims) == (too_coarse, 1, 4)


def test_a_claim_is_reciprocated_by_one_the_other_way_on_its_day_or_soon_after() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudria", "2024-03-01")
    book.accuses("Norland", "Sudria", "2024-03-10")
    book.retaliates("carried_out", "Norland", "Sudria", "2024-03-20")
    book.accuses("Norland", "Sudria", "2024-03-28")
    book.accuses("Norland", "Sudria", "2024-03-12", date="2024-03")
    book.accuses("Sudria", "Norland", "2024-03-06")
    book.denies("Sudria", "Norland", "2024-03-21")
    book.article("2024-03-30")
    forth, back = dyad(book.graph, PAIR, within=5).reciprocated
    # Followed on the 6th; not followed; followed by a denial only; window open; no day.
    assert (forth.considered, forth.reciprocated, forth.open, forth.inexact, forth.share) == (3, 1, 1, 1, 0.3333)
    assert (back.considered, back.reciprocated, back.share) == (1, 1, 1.0)


def test_escalation_is_the_first_bin_of_each_higher_rung() -> None:
    book = Notebook()
    book.retaliates("called_for", "Norland", "Sudria", "2024-03-04")
    vow = book.retaliates("ordered", "Norland", "Sudria", "2024-03-12")
    book.retaliates("threatened", "Norland", "Sudria", "2024-03-20")
    book.retaliates("ordered", "Norland", "Sudria", "2024-03-27")
    book.retaliates("carried_out", "Sudria", "Norland", "2024-03-27")
    found = dyad(book.graph, PAIR).escalation
    assert [(one.direction, one.rung, one.start) for one in found] == [
        ("forth", Rung.CALLED_FOR, "2024-03-04"),
        ("forth", Rung.ORDERED, "2024-03-11"),
        ("back", Rung.CARRIED_OUT, "2024-03-25"),
    ]
    assert found[1].claim == vow


def test_a_brigades_denial_is_not_its_states() -> None:
    book = Notebook()
    book.denies("Sudria", "Norland", "2024-03-04", named="Sudrian Army")
    found = dyad(book.graph, PAIR)
    assert (found.back.denies.claims, found.narrower) == (0, 1)


def test_correlation_by_lag_with_its_band() -> None:
    book = Notebook()
    # Sudria says as much as Norland did the day before.
    pattern = [3, 0, 1, 0, 0, 2, 0, 3, 0, 0, 1, 2, 0, 0, 3, 1, 0, 2, 0, 1]
    for day, often in enumerate(pattern, start=1):
        for _ in range(often):
            book.accuses("Norland", "Sudria", f"2024-03-{day:02d}")
            book.accuses("Sudria", "Norland", f"2024-03-{day + 1:02d}")
    graph = book.graph
    found = dyad(graph, PAIR, unit="day", lags=1)
    assert found.no_correlation is None
    assert [(one.lag, one.follower, one.pairs) for one in found.correlations] == [
        (0, "back", 21), (1, "back", 20), (1, "forth", 20)
    ]  # fmt: skip
    same_day, after, before = found.correlations
    assert (after.r, after.low, after.high) == (1.0, 1.0, 1.0)
    assert same_day.low <= same_day.r <= same_day.high < 1
    assert before.r < 0.5
    assert dyad(graph, PAIR, unit="day", lags=1).correlations == found.correlations


@pytest.mark.parametrize(("days", "why"), [(6, "too few bins: 6"), (28, "does not vary")])
def test_no_correlation_where_there_is_too_little(days: int, why: str) -> None:
    book = Notebook()
    for day in range(1, days + 1):
        book.accuses("Norland", "Sudria", f"2024-03-{day:02d}")
        book.accuses("Sudria", "Norland", f"2024-03-{day:02d}")
    found = dyad(book.graph, PAIR, unit="day")
    assert found.correlations == []
    assert found.no_correlation is not None
    assert why in found.no_correlation


def test_two_actors_of_whom_nothing_is_said() -> None:
    found = dyad(_known(), ClaimFilter(source="Norland", target="Sudria"))
    assert (found.bins, found.span, found.balance) == ([], 0, None)
    assert [one.share for one in found.reciprocated] == [None, None]


def test_what_is_no_dyad_is_refused() -> None:
    graph = _known()
    with pytest.raises(BadQuery, match="name a source and a target"):
        dyad(graph, ClaimFilter(source="Norland"))
    with pytest.raises(BadQuery, match="name the same"):
        dyad(graph, ClaimFilter(source="Norland", target="actor-norland"))
    with pytest.raises(BadQuery, match="lags must lie"):
        dyad(graph, PAIR, lags=13)
    book = Notebook()
    book.accuses("Norland", "Sudria", "1900-01-01")
    book.accuses("Norland", "Sudria", "2024-01-01")
    with pytest.raises(BadQuery, match="more than 5000 bins"):
        dyad(book.graph, PAIR, unit="day")


def _known() -> ConflictGraph:
    book = Notebook()
    book.accuses("Norland", "Eastland", "2024-03-01")
    book.accuses("Sudria", "Eastland", "2024-03-01")
    return book.graph
