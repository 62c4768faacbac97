"""A publication date as written, to YYYY-MM-DD. It never guesses: no bare weekdays, no 04/05/2023, no day of today."""

from __future__ import annotations

import re
from datetime import date, datetime

from app.vocabulary.errors import BadInput
from app.vocabulary.terms import RefusalReason
from app.vocabulary.times import PartialDate

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november")
_MONTH_NUMBER = {name[:3]: number for number, name in enumerate((*_MONTHS, "december"), start=1)}
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_LABEL = r"(?:(?:published|posted|date)(?:\s+on)?\s*:?\s+)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?"
_CLOCK = r"(?:[\s,]+(?:at\s+)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\s*(?:[ap]\.?m\.?)?\s*(?:[a-z]{1,5}|[+-]\d{2}:?\d{2})?)?"
_PRINTED = tuple(
    re.compile(f"{_LABEL}{shape}{_CLOCK}", re.IGNORECASE)
    for shape in (
        rf"{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}})",
        rf"{_DAY}\s+{_MONTH},?\s+(?P<year>\d{{4}})",
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
    )
)
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ]\S")


def iso_date(text: str) -> str | None:
    """The date of an ISO 8601 date (a year, month or day) or date-time; None where the text is blank.

    A date-time keeps the calendar date it is written with, whatever its offset: that is the day its outlet printed.

    Raises:
        BadInput: It is neither, or no such day exists (`bad_date`).
    """
    text = text.strip()
    if not text:
        return None
    try:
        if instant := _INSTANT.match(text):
            datetime.fromisoformat(text.upper())
            return instant[1]
        return str(PartialDate.parse(text))
    except ValueError:
        message = f"{text[:60]!r} is not a date; write it as YYYY-MM-DD, or as an ISO 8601 date-time"
        raise BadInput(RefusalReason.BAD_DATE, message) from None


def printed_date(line: str) -> str | None:
    """The date on a line that holds a date and nothing else ("May 04, 2023", "4 May 2023"), or None."""
    line = line.strip(" *_")
    # Longer than any such line; spares the patterns what cannot match.
    if len(line) > 80:
        return None
    for shape in _PRINTED:
        found = shape.fullmatch(line)
        if found is not None:
            month = found["month"]
            number = int(month) if month.isdigit() else _MONTH_NUMBER[month[:3].lower()]
            try:
                return date(int(found["year"]), number, int(found["day"])).isoformat()
            except ValueError:
                return None
    return None
