"""Cells of a record in, what they say out: what importers of several datasets read alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


def unquoted(cell: str) -> str:
    """A cell without the quotes that some writers put around it."""
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def day_of(text: str) -> date | None:
    """The day of a date YYYY-MM-DD, with or without the first moment of that day behind it; None for anything else."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if text[:10] == day.isoformat() and text[10:].strip(" T0:.Z") == "" else None


def iso_day(text: str) -> str | None:
    """The same as ISO 8601 writes it."""
    day = day_of(text)
    return day.isoformat() if day is not None else None


def said(day: date, story: date) -> str | None:
    """When a coded act was said, ISO 8601, where a coder dates it by the words of a story of that day.

    A coder turns "last week" or "a year ago" into the day so long before, so a day far back stands for a span: a week
    around it, its month, its year. What lies ten years back, or after the story, tells nothing: None.
    """
    back = (story - day).days
    if 0 <= back < 7:
        return day.isoformat()
    if 7 <= back < 28:
        first, last = (date.fromordinal(max(day.toordinal() + days, 1)) for days in (-3, 3))
        return f"{first.isoformat()}/{last.isoformat()}"
    if 28 <= back < 365:
        return day.isoformat()[:7]
    return f"{day.year:04}" if 365 <= back < 3650 else None


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


@dataclass(frozen=True, slots=True)
class Record:
    """Cells, and the place among them of each column's."""

    cells: tuple[str, ...]
    places: Mapping[str, int]

    def __getitem__(self, name: str) -> str:
        """The cell of a column; empty where the file lacks the column."""
        at = self.places.get(name)
        return self.cells[at] if at is not None else ""


class Ordered:
    """Brings the cells of a row into an order in which its number comes first, as `Identified` asks."""

    def __init__(self, names: list[str], number: str, left_out: str | None = None) -> None:
        """Take the columns' names, that of the number, and that of a column which says nothing of the event."""
        at = {name: place for place, name in enumerate(names) if name}
        kept = [number, *(name for name in at if name not in (number, left_out))]
        self._order = tuple(at[name] for name in kept)
        self._places = {name: place for place, name in enumerate(kept)}

    def record(self, row: list[str]) -> Record:
        """The row as a record; what parts words in a cell becomes one space."""
        return Record(tuple(" ".join(row[place].split()) for place in self._order), self._places)
