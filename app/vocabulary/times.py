"""Dates as news gives them: a year, a month or a day, or an interval of such; unknown stays unknown, never a stand-in.

All dates are calendar dates as the text means them, without a time zone; instants (ingest times) are UTC elsewhere.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, total_ordering

from app.vocabulary.errors import BadQuery

_SHAPE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?\Z")


@total_ordering
@dataclass(frozen=True, slots=True)
class PartialDate:
    """A calendar date of year, month or day precision, written YYYY, YYYY-MM or YYYY-MM-DD (ISO 8601).

    In order, a year comes before its months and a month before its days.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("a day needs a month")
        # Zero is no month and no day, though it is as false as None.
        date(self.year, 1 if self.month is None else self.month, 1 if self.day is None else self.day)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, PartialDate):
            return NotImplemented
        ours, theirs = ((one.year, one.month or 0, one.day or 0) for one in (self, other))
        return ours < theirs

    @classmethod
    @lru_cache(maxsize=16_384)  # A ledger names few days, and each of them thousands of times.
    def parse(cls, text: str) -> PartialDate:
        """Read YYYY, YYYY-MM or YYYY-MM-DD.

        Raises:
            ValueError: The text is none of the three, or no such day exists.
        """
        shape = _SHAPE.match(text.strip())
        if shape is None:
            raise ValueError(f"{text!r} is not a date of the form YYYY, YYYY-MM or YYYY-MM-DD")
        year, month, day = (int(part) if part else None for part in shape.groups())
        if year is None:
            raise ValueError(f"{text!r} has no year")
        return cls(year, month, day)

    def __str__(self) -> str:
        text = f"{self.year:04d}"
        if self.month is not None:
            text += f"-{self.month:02d}"
        if self.day is not None:
            text += f"-{self.day:02d}"
        return text

    @property
    def first(self) -> date:
        """The earliest day it may mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        """The latest day it may mean."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])


@dataclass(frozen=True, slots=True)
class Period:
    """A closed interval of days; an end that is None is open."""

    start: date | None = None
    end: date | None = None

    @classmethod
    @lru_cache(maxsize=16_384)
    def parse(cls, text: str) -> Period:
        """Read a partial date or an interval A/B of two partial dates (ISO 8601).

        Raises:
            ValueError: Not such a text, or the interval ends before it starts.
        """
        parts = text.split("/")
        if len(parts) > 2:
            raise ValueError(f"{text!r} is not a date or an interval A/B")
        start, end = PartialDate.parse(parts[0]).first, PartialDate.parse(parts[-1]).last
        if end < start:
            raise ValueError(f"the interval {text!r} ends before it starts")
        return cls(start, end)

    @classmethod
    def between(cls, since: str | None, until: str | None) -> Period:
        """The period from the first day `since` may mean to the last day `until` may mean.

        Raises:
            BadQuery: One of the two is not a date, or they are the wrong way round.
        """
        try:
            start = PartialDate.parse(since).first if since else None
            end = PartialDate.parse(until).last if until else None
        except ValueError as why:
            raise BadQuery(str(why)) from why
        if start is not None and end is not None and end < start:
            raise BadQuery(f"since {since} lies after until {until}; swap them")
        return cls(start, end)

    @property
    def iso(self) -> str | None:
        """The day, or the interval A/B with `..` for an open end (EDTF, ISO 8601-2); None where both ends are open."""
        if self.is_open:
            return None
        start, end = ("" if day is None else day.isoformat() for day in (self.start, self.end))
        return start if start == end else f"{start or '..'}/{end or '..'}"

    @property
    def is_open(self) -> bool:
        """True where neither end is given, so that it excludes nothing."""
        return self.start is None and self.end is None

    def overlaps(self, other: Period) -> bool:
        """True where some day lies in both."""
        return not (
            (self.end is not None and other.start is not None and self.end < other.start)
            or (self.start is not None and other.end is not None and self.start > other.end)
        )

    def holds(self, day: date) -> bool:
        """True where the day lies in it."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)
