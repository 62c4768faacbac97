"""ACLED in, coded events out: a CSV export with a header, by comma or (as older ones) by semicolon.

ACLED records what happened: the coder speaks. Its actors 1 and 2 tell no direction, so neither is the perpetrator for
standing first. Code of an event: its type, its sub-type, and whether civilians were the target, parted by " > ".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from app.intake.coded.base import CodedEvent, CodedOptions, Location, Party
from app.intake.coded.cells import Ordered, Record, coordinates
from app.intake.coded.quoted import columns, records
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

_NEEDED = ("event_id_cnty", "event_date", "event_type", "sub_event_type", "actor1", "actor2")
_ID, _UPLOADED = "event_id_cnty", "timestamp"
# ACLED names the years of a regime after its forces: "Military Forces of Ardania (2019-2031)".
_YEARS = re.compile(r" \((?:[0-9]{4})?-(?:[0-9]{4})?\)\Z")
_WORDY = re.compile(r"([0-9]{1,2})[ -]([A-Za-z]{3,9})[ -]([0-9]{4})\Z")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLASSES = {
    "1": "state forces",
    "2": "rebel group",
    "3": "political militia",
    "4": "identity militia",
    "5": "rioters",
    "6": "protesters",
    "7": "civilians",
    "8": "external/other forces",
}
"""What the numbers of older exports mean."""
_REGION = "3"
"""The precision of a place of which only the province is known: the location is then its capital, a stand-in."""
_DIVISIONS = ("admin3", "admin2", "admin1")


class Acled:
    """The importer of ACLED."""

    name = "acled"
    version = 1
    scheme = "acled"
    publisher = "ACLED"

    # Every event has an id; a record that is revised is no second event.
    is_identified: Literal[True] = True

    def events(self, path: Path, options: CodedOptions) -> Iterator[CodedEvent | Refusal]:
        """The events of an export; see `Coded.events`."""
        mark, names, found = columns(path, _NEEDED, "an ACLED export")
        # When a record was uploaded is not part of what it says: ACLED uploads anew what it has not changed.
        ordered = Ordered(names, _ID, left_out=_UPLOADED)
        at = names.index(_UPLOADED) if _UPLOADED in names else None
        for item in records(path, mark, len(names), found):
            if isinstance(item, Refusal):
                yield item
                continue
            number, row = item
            uploaded = row[at].strip() if at is not None else ""
            yield _event(f"{path}, line {number}", ordered.record(row), uploaded)


def _event(where: str, row: Record, uploaded: str) -> CodedEvent | Refusal:
    for needed in (_ID, "event_type"):
        if not row[needed]:
            return Refusal(RefusalReason.BAD_FIELD, f"{where}: it has no {needed}")
    day = _day(row["event_date"])
    if day is None:
        message = f"{where}: {row['event_date'][:40]!r} is no date like 2031-05-04 or 04 May 2031"
        return Refusal(RefusalReason.BAD_DATE, message)
    point = coordinates(row["latitude"], row["longitude"])
    if isinstance(point, str):
        return Refusal(RefusalReason.BAD_FIELD, f"{where}: {point}")
    told = _instant(uploaded) if uploaded else None
    if uploaded and told is None:
        return Refusal(RefusalReason.BAD_DATE, f"{where}: the timestamp {uploaded[:40]!r} is no time")
    parts = [row["event_type"], row["sub_event_type"]]
    if row["civilian_targeting"].casefold() not in ("", "0", "false", "no"):
        parts.append("Civilian targeting")
    return CodedEvent(
        where,
        day.isoformat(),
        row.cells,
        _party(row, "1"),
        _party(row, "2"),
        " > ".join(part for part in parts if part),
        date=told,
        coder_speaks=True,
        happened=_when(day, row["time_precision"]),
        location=_location(row, *point),
    )


def _party(row: Record, side: str) -> Party | None:
    name = _YEARS.sub("", row[f"actor{side}"])
    if not name:
        return None
    sort = row[f"inter{side}"].casefold()
    sort = _CLASSES.get(sort, sort)
    return Party(name, row.places[f"actor{side}"], sort=f"inter: {sort}" if sort else "")


def _location(row: Record, lat: float | None, lon: float | None) -> Location | None:
    country = row["country"] or None
    if row["location"] and row["geo_precision"] != _REGION:
        return Location(row["location"], row.places["location"], country, row["admin1"], lat, lon, "settlement")
    division = next((name for name in _DIVISIONS if row[name]), None)
    if row["geo_precision"] == _REGION and row["admin1"]:
        division = "admin1"
    if division is not None:
        return Location(row[division], row.places[division], country, precision="region")
    return Location(country, row.places["country"], country, precision="country") if country is not None else None


def _day(text: str) -> date | None:
    try:
        if (wordy := _WORDY.match(text)) is not None:
            month = wordy[2].casefold()
            return date(int(wordy[3]), _MONTHS.index(month[:3]) + 1, int(wordy[1]))
        return date.fromisoformat(text) if len(text) == len("2031-05-04") else None
    except ValueError:
        return None


def _when(day: date, precision: str) -> str:
    """The days on which it may have happened: ACLED puts what happened in a week, or a month, on a day in it."""
    if precision == "2":
        try:
            return f"{day - timedelta(days=3)}/{day + timedelta(days=3)}"
        except OverflowError:
            return day.isoformat()
    return day.isoformat()[:7] if precision == "3" else day.isoformat()


def _instant(text: str) -> str | None:
    """The UTC day of a Unix time, or of an ISO 8601 date or instant."""
    try:
        if text.isascii() and text.isdigit():
            return datetime.fromtimestamp(int(text), UTC).date().isoformat()
        return datetime.fromisoformat(text).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None
