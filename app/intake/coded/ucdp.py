"""UCDP GED in, coded events out: the CSV file of the Georeferenced Event Dataset (24.1 and later, candidates too).

UCDP records what happened: the coder speaks. In one-sided violence (3) side A is the perpetrator; in the others two
armed sides fight. Its deaths are the coder's figures and stay in the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from app.intake.coded.acled import coordinates
from app.intake.coded.base import CodedEvent, CodedOptions, Location, Party
from app.intake.coded.quoted import columns, records
from app.vocabulary.names import Precision
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

_NEEDED = ("id", "type_of_violence", "side_a", "side_b", "date_start", "date_end")
_KINDS = {"1": "state-based conflict", "2": "non-state conflict", "3": "one-sided violence"}
# "GEDEvent_v24_1.csv", "ged241-csv.zip"; the first two digits of a version are the year of its release.
_VERSION = re.compile(r"ged(?:event)?[-_ ]*v?([0-9]{2})(?:[-_.]?[0-9]|\b)", re.IGNORECASE)
_PRECISIONS: dict[str, Precision] = {
    "1": "settlement",
    "2": "settlement",
    "3": "region",
    "4": "region",
    "5": "region",
    "6": "country",
    "7": "region",
}
_PLACES = ("where_coordinates", "adm_2", "adm_1")
_GOVERNMENT = "Government of "


class Ucdp:
    """The importer of UCDP GED."""

    name = "ucdp"
    version = 1
    scheme = "ucdp"
    publisher = "UCDP"

    @property
    def is_identified(self) -> Literal[True]:
        """Every event has an id, which it keeps from version to version."""
        return True

    def events(self, path: Path, options: CodedOptions) -> Iterator[CodedEvent | Refusal]:
        """The events of the file; see `Coded.events`."""
        mark, names, found = columns(path, _NEEDED, "a UCDP GED file")
        rows = _Rows(names, _released(path))
        for item in records(path, mark, len(names), found):
            yield item if isinstance(item, Refusal) else rows.event(f"{path}, line {item[0]}", item[1])


class _Rows:
    """Where the header puts what."""

    def __init__(self, names: list[str], released: int | None) -> None:
        at = {name: number for number, name in enumerate(names) if name}
        kept = ["id", *(name for name in at if name != "id")]
        self._order = tuple(at[name] for name in kept)
        self._at = {name: number for number, name in enumerate(kept)}
        self._released = released

    def event(self, where: str, row: list[str]) -> CodedEvent | Refusal:
        cells = tuple(" ".join(row[number].split()) for number in self._order)

        def cell(name: str) -> str:
            at = self._at.get(name)
            return cells[at] if at is not None else ""

        if not cell("id"):
            return Refusal(RefusalReason.BAD_FIELD, f"{where}: it has no id")
        code = cell("type_of_violence")
        if code not in _KINDS:
            return Refusal(RefusalReason.UNKNOWN_TERM, f"{where}: {code[:40]!r} is no type_of_violence (1, 2 or 3)")
        start, end = _day(cell("date_start")), _day(cell("date_end"))
        if start is None or end is None:
            wrong = cell("date_start") if start is None else cell("date_end")
            return Refusal(RefusalReason.BAD_DATE, f"{where}: {wrong[:40]!r} is no date of the form YYYY-MM-DD")
        if end < start:
            return Refusal(RefusalReason.BAD_DATE, f"{where}: it ends on {end}, before it starts on {start}")
        point = coordinates(cell("latitude"), cell("longitude"))
        if isinstance(point, str):
            return Refusal(RefusalReason.BAD_FIELD, f"{where}: {point}")
        released = self._released if self._released is not None and self._released >= end.year else None
        return CodedEvent(
            where,
            # A record of something that lasts is no older than its end.
            end.isoformat(),
            cells,
            self._party(cells, "side_a"),
            self._party(cells, "side_b"),
            code,
            _KINDS[code],
            date=str(released) if released is not None else None,
            coder_speaks=True,
            happened=start.isoformat() if start == end else f"{start}/{end}",
            location=self._location(cells, *point),
        )

    def _party(self, cells: tuple[str, ...], side: str) -> Party | None:
        name = cells[self._at[side]]
        return Party(name, self._at[side], sort="" if name.startswith(_GOVERNMENT) else "group") if name else None

    def _location(self, cells: tuple[str, ...], lat: float | None, lon: float | None) -> Location | None:
        def known(name: str) -> str:
            at = self._at.get(name)
            return cells[at] if at is not None else ""

        country = known("country") or None
        precision = _PRECISIONS.get(known("where_prec"), "unknown")
        place = next((name for name in _PLACES if known(name)), None)
        if place is None or precision == "country":
            return Location(country, self._at["country"], country, precision="country") if country else None
        if place != "where_coordinates":
            return Location(known(place), self._at[place], country, precision="region")
        within = known("adm_1")
        return Location(known(place), self._at[place], country, within, lat, lon, precision)


def _released(path: Path) -> int | None:
    version = _VERSION.search(path.name)
    return 2000 + int(version[1]) if version is not None else None


def _day(text: str) -> date | None:
    """A day, also where a spreadsheet or database wrote midnight after it."""
    try:
        return date.fromisoformat(text[:10]) if text[10:].strip(" T0:.Z") == "" else None
    except ValueError:
        return None
