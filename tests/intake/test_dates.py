"""Dates as written, and nothing else."""

import pytest

from app.intake.dates import iso_date, printed_date
from app.vocabulary.errors import BadInput


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2023-05-04", "2023-05-04"),
        (" 2023-05-04 ", "2023-05-04"),
        ("2023-05", "2023-05"),
        ("2023", "2023"),
        ("2023-05-04T23:30:00Z", "2023-05-04"),
        ("2023-05-04t23:30:00z", "2023-05-04"),
        ("2023-05-04T23:30:00-11:00", "2023-05-04"),
        ("2023-05-04 23:30", "2023-05-04"),
        ("2023-05-04T23:30:00.123456+02:00", "2023-05-04"),
        ("", None),
        ("  ", None),
    ],
)
def test_iso_dates_keep_the_day_they_are_written_with(written: str, day: str | None) -> None:
    assert iso_date(written) == day


@pytest.mark.parametrize(
    "written",
    ["May 4, 2023", "2023-02-30", "2023-13", "04/05/2023", "2023-05-04T25:00", "20230504", "0000-01-01", "Thursday"],
)
def test_other_dates_are_refused_with_advice(written: str) -> None:
    with pytest.raises(BadInput, match="YYYY-MM-DD") as why:
        iso_date(written)
    assert why.value.reason == "bad_date"


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("December 31st, 1999", "1999-12-31"),
        ("1 Sept. 2024", "2024-09-01"),
        ("Posted on May 4, 2023 at 10:30 a.m. EDT", "2023-05-04"),
        ("*4 May, 2023*", "2023-05-04"),
        ("MAY 4, 2023", "2023-05-04"),
        ("2023-05-04 10:30", "2023-05-04"),
        ("5/4/2023", None),
        ("May 2023", None),
        ("May 32, 2023", None),
        ("Updated: May 4, 2023", None),
        ("May 4, 2023, he denied it", None),
    ],
)
def test_printed_dates(line: str, day: str | None) -> None:
    assert printed_date(line) == day
