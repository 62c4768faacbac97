"""UCDP GED in, coded events out: the CSV file of the Georeferenced Event Dataset (24.1 and later, candidates too).

UCDP records what happened: the coder speaks. In one-sided violence (3) side A is the perpetrator; in the others two
armed sides fight. Its deaths are the coder's figures and stay in the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from app.intake.coded.base import CodedEvent, CodedOptions, Location, Party
from app.intake.coded.cells import Ordered, Record, coordinates, day_of
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

    # Every event has an id, which it keeps from version to version.
    is_identified: Literal[True] = True

    def events(self, path: Path, options: CodedOptions) -> Iterator[CodedEvent | Refusal]:
        """The events of the file; see `Coded.events`."""
        mark, names, found = columns(path, _NEEDED, "a UCDP GED file")
        ordered, released = Ordered(names, "id"), _released(path)
        for item in records(path, mark, len(names), found):
            if isinstance(item, Refusal):
                yield item
            else:
                yield _event(f"{path}, line {item[0]}", ordered.record(item[1]), released)


def _event(where: str, row: Record, released: int | None) -> CodedEvent | Refusal:
    if not row["id"]:
        return Refusal(RefusalReason.BAD_FIELD, f"{where}: it has no id")
    code = row["type_of_violence"]
    if code not in _KINDS:
        return Refusal(RefusalReason.UNKNOWN_TERM, f"{where}: {code[:40]!r} is no type_of_violence (1, 2 or 3)")
    start, end = day_of(row["date_start"]), day_of(row["date_end"])
    if start is None or end is None:
        wrong = row["date_start"] if start is None else row["date_end"]
        return Refusal(RefusalReason.BAD_DATE, f"{where}: {wrong[:40]!r} is no date of the form YYYY-MM-DD")
    if end < start:
        return Refusal(RefusalReason.BAD_DATE, f"{where}: it ends on {end}, before it starts on {start}")
    point = coordinates(row["latitude"], row["longitude"])
    if isinstance(point, str):
        return Refusal(RefusalReason.BAD_FIELD, f"{where}: {point}")
    return CodedEvent(
        where,
        # A record of something that lasts is no older than its end.
        end.isoformat(),
        row.cells,
        _party(row, "side_a"),
        _party(row, "side_b"),
        code,
        _KINDS[code],
        date=str(released) if released is not None and released >= end.year else None,
        coder_speaks=True,
        happened=start.isoformat() if start == end else f"{start}/{end}",
        location=_location(row, *point),
    )


def _party(row: Record, side: str) -> Party | None:
    name = row[side]
    return Party(name, row.places[side], sort="" if name.startswith(_GOVERNMENT) else "group") if name else None


def _location(row: Record, lat: float | None, lon: float | None) -> Location | None:
    country = row["country"] or None
    precision = _PRECISIONS.get(row["where_prec"], "unknown")
    place = next((name for name in _PLACES if row[name]), None)
    if place is None or precision == "country":
        return Location(country, row.places["country"], country, precision="country") if country else None
    if place != "where_coordinates":
        return Location(row[place], row.places[place], country, precision="region")
    return Location(row[place], row.places[place], country, row["adm_1"], lat, lon, precision)


def _released(path: Path) -> int | None:
    version = _VERSION.search(path.name)
    return 2000 + int(version[1]) if version is not None else None
