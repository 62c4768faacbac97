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

    @property
    def is_identified(self) -> Literal[True]:
        """Every event has an id; a record that is revised is no second event."""
        return True

    def events(self, path: Path, options: CodedOptions) -> Iterator[CodedEvent | Refusal]:
        """The events of an export; see `Coded.events`."""
        mark, names, found = columns(path, _NEEDED, "an ACLED export")
        rows = _Rows(names)
        for item in records(path, mark, len(names), found):
            yield item if isinstance(item, Refusal) else rows.event(f"{path}, line {item[0]}", item[1])


class _Rows:
    """Where an export's header puts what."""

    def __init__(self, names: list[str]) -> None:
        at = {name: number for number, name in enumerate(names) if name}
        # The id comes first, and when a record was uploaded is not part of what it says: ACLED uploads anew what it
        # has not changed.
        kept = [_ID, *(name for name in at if name not in (_ID, _UPLOADED))]
        self._order = tuple(at[name] for name in kept)
        self._at = {name: number for number, name in enumerate(kept)}
        self._uploaded = at.get(_UPLOADED)

    def event(self, where: str, row: list[str]) -> CodedEvent | Refusal:
        cells = tuple(" ".join(row[number].split()) for number in self._order)

        def cell(name: str) -> str:
            at = self._at.get(name)
            return cells[at] if at is not None else ""

        if not cell(_ID):
            return Refusal(RefusalReason.BAD_FIELD, f"{where}: it has no {_ID}")
        if not cell("event_type"):
            return Refusal(RefusalReason.BAD_FIELD, f"{where}: it has no event_type")
        day = _day(cell("event_date"))
        if day is None:
            message = f"{where}: {cell('event_date')[:40]!r} is no date like 2031-05-04 or 04 May 2031"
            return Refusal(RefusalReason.BAD_DATE, message)
        point = coordinates(cell("latitude"), cell("longitude"))
        if isinstance(point, str):
            return Refusal(RefusalReason.BAD_FIELD, f"{where}: {point}")
        uploaded: str | None = None
        if self._uploaded is not None and (given := row[self._uploaded].strip()):
            uploaded = _instant(given)
            if uploaded is None:
                return Refusal(RefusalReason.BAD_DATE, f"{where}: the timestamp {given[:40]!r} is no time")
        aimed = cell("civilian_targeting").casefold()
        parts = [cell("event_type"), cell("sub_event_type")]
        if aimed not in ("", "0", "false", "no"):
            parts.append("Civilian targeting")
        return CodedEvent(
            where,
            day.isoformat(),
            cells,
            self._party(cells, "1"),
            self._party(cells, "2"),
            " > ".join(part for part in parts if part),
            date=uploaded,
            coder_speaks=True,
            happened=_when(day, cell("time_precision")),
            location=self._location(cells, *point),
        )

    def _party(self, cells: tuple[str, ...], side: str) -> Party | None:
        at = self._at[f"actor{side}"]
        name = _YEARS.sub("", cells[at])
        if not name:
            return None
        sort_at = self._at.get(f"inter{side}")
        sort = cells[sort_at].casefold() if sort_at is not None else ""
        sort = _CLASSES.get(sort, sort)
        return Party(name, at, sort=f"inter: {sort}" if sort else "")

    def _location(self, cells: tuple[str, ...], lat: float | None, lon: float | None) -> Location | None:
        def known(name: str) -> str:
            at = self._at.get(name)
            return cells[at] if at is not None else ""

        country = known("country") or None
        if known("location") and known("geo_precision") != _REGION:
            return Location(known("location"), self._at["location"], country, known("admin1"), lat, lon, "settlement")
        division = next((name for name in _DIVISIONS if known(name)), None)
        if known("geo_precision") == _REGION and known("admin1"):
            division = "admin1"
        if division is not None:
            return Location(known(division), self._at[division], country, precision="region")
        return Location(country, self._at["country"], country, precision="country") if country is not None else None


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


def coordinates(lat: str, lon: str) -> tuple[float | None, float | None] | str:
    """Degrees north and east; None and None where neither is given; what is wrong with them where something is."""
    if not lat and not lon:
        return None, None
    try:
        north, east = (float(text.replace(",", ".")) for text in (lat, lon))
    except ValueError:
        north = east = float("nan")
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        return f"{lat[:20]!r}, {lon[:20]!r} are no latitude and longitude"
    return north, east
