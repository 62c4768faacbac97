"""Dates as coarse as the text gives them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.vocabulary.errors import BadQuery
from app.vocabulary.times import PartialDate, Period

YEARS = st.integers(1, 9999)
PARTIAL = st.one_of(
    st.builds(PartialDate, YEARS),
    st.builds(PartialDate, YEARS, st.integers(1, 12)),
    st.dates().map(lambda day: PartialDate(day.year, day.month, day.day)),
)
DAYS = st.dates(date(2030, 1, 1), date(2031, 12, 31))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Closed, half open and open periods; none that ends before it starts."""
    start, end = draw(st.none() | DAYS), draw(st.none() | DAYS)
    if start is not None and end is not None and end < start:
        start, end = end, start
    return Period(start, end)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2031", date(2031, 1, 1), date(2031, 12, 31)),
        ("2031-05", date(2031, 5, 1), date(2031, 5, 31)),
        ("2031-02", date(2031, 2, 1), date(2031, 2, 28)),
        ("2032-02", date(2032, 2, 1), date(2032, 2, 29)),
        ("2031-05-04", date(2031, 5, 4), date(2031, 5, 4)),
        (" 2031-05-04\n", date(2031, 5, 4), date(2031, 5, 4)),
    ],
)
def test_a_partial_date_means_all_its_days(text: str, first: date, last: date) -> None:
    read = PartialDate.parse(text)
    assert (read.first, read.last) == (first, last)
    assert str(read) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31",
        "2031-5-4",
        "2031-05-",
        "2031-05-04T10:00",
        "04-05-2031",
        "2031-02-30",
        "2031-13",
        "2031-00",
        "2031-00-00",
        "2031-05-00",
        "0000",
        "-2031",
        "2031/2032",
        "٢٠٣١",
        "２０３１-05",
        "2031-05-04\x00",
    ],
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        PartialDate.parse(text)


@pytest.mark.parametrize("fields", [(2031, None, 4), (2031, 0), (2031, 5, 0), (0,), (2031, 13), (2031, 2, 29)])
def test_a_partial_date_that_cannot_be(fields: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        PartialDate(*fields)


@given(PARTIAL)
def test_writing_and_reading_a_date(day: PartialDate) -> None:
    assert PartialDate.parse(str(day)) == day
    assert day.first <= day.last


def test_coarse_dates_come_before_the_finer_ones_they_hold() -> None:
    texts = ["2030-12-31", "2031", "2031-01", "2031-01-01", "2031-02", "2032"]
    assert [str(day) for day in sorted(PartialDate.parse(text) for text in reversed(texts))] == texts
    assert PartialDate(2031) <= PartialDate(2031) < PartialDate(2031, 1)
    assert PartialDate(2031, 1) > PartialDate(2031)
    with pytest.raises(TypeError):
        _ = PartialDate(2031) < "2031"


@given(PARTIAL, PARTIAL)
def test_the_order_is_that_of_the_written_form(one: PartialDate, other: PartialDate) -> None:
    assert (one < other) == (str(one) < str(other))
    assert (one == other) == (str(one) == str(other))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2031-05", date(2031, 5, 1), date(2031, 5, 31)),
        ("2031-05-03/2031-05-04", date(2031, 5, 3), date(2031, 5, 4)),
        ("2030/2031-05", date(2030, 1, 1), date(2031, 5, 31)),
        ("2031-05/2031", date(2031, 5, 1), date(2031, 12, 31)),
    ],
)
def test_a_period_runs_from_the_first_day_to_the_last(text: str, start: date, end: date) -> None:
    assert Period.parse(text) == Period(start, end)


@pytest.mark.parametrize("text", ["", "/", "2031/", "/2031", "2031/2030", "2031-05-04/2031-05-03", "2030/2031/2032"])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Period.parse(text)


def test_a_question_about_a_period_may_leave_its_ends_open() -> None:
    assert Period.between(None, None).is_open
    assert Period.between("2031-05", None) == Period(date(2031, 5, 1), None)
    assert Period.between(None, "2031-05") == Period(None, date(2031, 5, 31))
    assert Period.between("2031", "2031") == Period(date(2031, 1, 1), date(2031, 12, 31))
    assert not Period.between(None, "2031-05").is_open


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [("Thursday", None, "Thursday"), (None, "2031-5", "2031-5"), ("2031-06", "2031-05", "swap them")],
)
def test_a_question_about_an_impossible_period_says_why(since: str | None, until: str | None, told: str) -> None:
    with pytest.raises(BadQuery, match=told):
        Period.between(since, until)


@given(periods(), periods())
def test_two_periods_overlap_where_some_day_lies_in_both(one: Period, other: Period) -> None:
    first, last = date(2029, 12, 31), date(2032, 1, 1)
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    shared = any(holds(one, day) and holds(other, day) for day in days)
    assert one.overlaps(other) is shared
    assert other.overlaps(one) is shared


def holds(period: Period, day: date) -> bool:
    return (period.start is None or period.start <= day) and (period.end is None or day <= period.end)
