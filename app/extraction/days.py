"""When something was said or done, from the words of a sentence and the day of publication; unknown stays None.

A bare weekday is the latest such day that is not after publication, publication itself included: news dated Thursday
that says "on Thursday" means that day.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: i for i, name in enumerate(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
}
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY_MONTH = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}(?:,? (?P<year>\d{{4}}))?", re.IGNORECASE
)
_MONTH_DAY = re.compile(rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>\d{{4}}))?", re.IGNORECASE)
_MONTH_ONLY = re.compile(rf"\b(?:[Ii]n|[Ss]ince|[Ll]ast) {_MONTH}(?: (?P<year>\d{{4}}))?", re.IGNORECASE)
_WEEKDAY = re.compile(rf"\b(?P<last>last )?(?P<weekday>{'|'.join(_WEEKDAYS)})\b", re.IGNORECASE)
_RELATIVE = re.compile(r"\b(today|yesterday|overnight|the day before yesterday)\b", re.IGNORECASE)
_YEAR = re.compile(r"\b[Ii]n (?P<year>(?:19|20)\d{2})\b")


def day_of(text: str, published: date | None) -> str | None:
    """The first day, month or year a passage names, ISO 8601, or None where it names none (or needs an unknown day)."""
    found = [
        (match.start(), value)
        for pattern, read in (
            (_DAY_MONTH, _with_month),
            (_MONTH_DAY, _with_month),
            (_WEEKDAY, _weekday),
            (_RELATIVE, _relative),
            (_MONTH_ONLY, _month),
            (_YEAR, lambda match, _: match["year"]),
        )
        for match in pattern.finditer(text)
        if (value := read(match, published)) is not None
    ]
    return min(found)[1] if found else None


def _with_month(match: re.Match[str], published: date | None) -> str | None:
    month, day = _MONTHS[match["month"].lower()], int(match["day"])
    if match["year"]:
        years = [int(match["year"])]
    elif published is not None:
        # The latest year in which that day is not after publication (two days' grace for time zones).
        years = [published.year, published.year - 1]
    else:
        return None
    for year in years:
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if match["year"] or published is None or found <= published + timedelta(days=2):
            return found.isoformat()
    return None


def _weekday(match: re.Match[str], published: date | None) -> str | None:
    if published is None:
        return None
    back = (published.weekday() - _WEEKDAYS[match["weekday"].lower()]) % 7
    if match["last"] and back == 0:
        back = 7
    return (published - timedelta(days=back)).isoformat()


def _relative(match: re.Match[str], published: date | None) -> str | None:
    if published is None:
        return None
    back = {"today": 0, "overnight": 0, "yesterday": 1}.get(match.group(1).lower(), 2)
    return (published - timedelta(days=back)).isoformat()


def _month(match: re.Match[str], published: date | None) -> str | None:
    month = _MONTHS[match["month"].lower()]
    if match["year"]:
        return f"{match['year']}-{month:02d}"
    if published is None:
        return None
    year = published.year if month <= published.month else published.year - 1
    return f"{year}-{month:02d}"
