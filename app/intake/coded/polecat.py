"""POLECAT in, coded events out: a weekly or yearly table (`ngecEvents.….txt`), or a folder of them; PLOVER codes.

A table is tab-separated and has a header, whose columns are found by their names. Known flaws of published tables are
borne: empty columns at the end, and a header with names that no cell follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from app.intake.coded.base import CodedEvent, CodedOptions, Party
from app.intake.coded.cells import day_of, said, unquoted
from app.intake.coded.lines import lines
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

COLUMNS = (
    "Event ID|Event Date|Event Type|Event Mode|Intensity|Quad Code|Contexts|Actor Name|Actor Country|Actor COW|"
    "Primary Actor Sector|Actor Sectors|Actor Title|Actor Name Raw|Wikipedia Actor ID|Recipient Name|"
    "Recipient Country|Recipient COW|Primary Recipient Sector|Recipient Sectors|Recipient Title|Recipient Name Raw|"
    "Wikipedia Recipient ID|Placename|City|District|Province|Country|Latitude|Longitude|GeoNames ID|Raw Placename|"
    "Feature Type|Source|Publication Date|Story People|Story Organizations|Story Locations|Language|Version"
).split("|")
"""The columns of a sound table, in its order."""
_NEEDED = ("Event ID", "Event Date", "Event Type", "Actor Name", "Recipient Name")
_UNKNOWN = frozenset(("", "None", "none", "NaN", "nan", "NULL", "null", "NA"))
_SUFFIXES = (".txt", ".tsv", ".txt.gz", ".tsv.gz", ".txt.zip", ".tsv.zip", ".zip")
_TYPE = re.compile(r"[A-Z]{2,20}\Z")
_MODE = re.compile(r"[a-z][a-z_-]{0,40}\Z")
_ISO = re.compile(r"[A-Z]{3}\Z")
_BETWEEN = re.compile(r"\s*;\s*")
_day = lru_cache(maxsize=10_000)(day_of)


class Polecat:
    """The importer of POLECAT."""

    name = "polecat"
    version = 1
    scheme = "plover"
    publisher = "POLECAT"
    is_identified: Literal[True] = True

    def events(self, path: Path, options: CodedOptions) -> Iterator[CodedEvent | Refusal]:
        """The events of a table, or of all tables of a folder by name; see `Coded.events`."""
        files = [path]
        if path.is_dir():
            names = (one for one in path.iterdir() if one.name.casefold().startswith("ngecevents"))
            files = sorted(one for one in names if one.name.casefold().endswith(_SUFFIXES))
            if not files:
                message = (
                    f"{path}: a folder of POLECAT holds ngecEvents*.txt, packed with zip or gzip or not; "
                    "to import a table of another name, name the file itself"
                )
                raise BadInput(RefusalReason.UNSUPPORTED, message)
        for file in files:
            yield from _table(file)


def _table(path: Path) -> Iterator[CodedEvent | Refusal]:
    found = lines(path)
    head = next(found, None)
    if head is None:
        raise BadInput(RefusalReason.EMPTY, f"{path}: it is empty")
    if isinstance(head, Refusal):
        raise BadInput(RefusalReason.BAD_FIELD, f"{path}: its first line is no header of a POLECAT export")
    columns = _Columns(head[1], path)
    for item in found:
        yield item if isinstance(item, Refusal) else columns.event(f"{path}, line {item[0]}", item[1])


class _Columns:
    """Where a table's header puts what."""

    def __init__(self, header: str, path: Path) -> None:
        names = [_name(cell) for cell in header.split("\t")]
        while names and not names[-1]:
            names.pop()
        at = {name: number for number, name in reversed(list(enumerate(names)))}
        lacking = [name for name in _NEEDED if _name(name) not in at]
        if lacking:
            message = f"{path}: no POLECAT export, for its header lacks {', '.join(lacking)}; it must be tab-separated"
            raise BadInput(RefusalReason.BAD_FIELD, message)
        self._names = names
        sound = [_name(name) for name in COLUMNS]
        # Some headers name columns that no row has: the rows are then as in every other table.
        self._is_overlong = len(names) > len(sound) and [name for name in names if name in set(sound)] == sound
        self._layouts = {len(names): _Layout(at)}
        if self._is_overlong:
            self._layouts[len(sound)] = _Layout({name: number for number, name in enumerate(sound)})

    def event(self, where: str, line: str) -> CodedEvent | Refusal:
        cells = [unquoted(cell).strip() for cell in line.split("\t")]
        width = len(self._names)
        while len(cells) > width and not cells[-1]:
            cells.pop()
        layout = self._layouts.get(len(cells))
        if layout is None and self._is_overlong:
            while len(cells) > len(COLUMNS) and not cells[-1]:
                cells.pop()
            layout = self._layouts.get(len(cells))
        if layout is None:
            return Refusal(RefusalReason.BAD_FIELD, f"{where}: {len(cells)} cells where the header has {width}")
        return layout.event(where, cells)


@dataclass(frozen=True, slots=True)
class _SideAt:
    """Where the cells of one side are; None for a column that the table lacks."""

    word: str
    name: int | None
    raw: int | None
    country: int | None
    sector: int | None
    sectors: int | None


class _Layout:
    """Which cell holds what; kept are the cells of known columns, in the order of a sound table."""

    def __init__(self, at: dict[str, int]) -> None:
        kept = [_name(name) for name in COLUMNS if _name(name) in at]
        self._cells = tuple(at[name] for name in kept)
        now = {name: number for number, name in enumerate(kept)}
        self._id, self._date, self._story = now["event id"], now["event date"], now.get("publication date")
        self._type, self._mode, self._outlet = now["event type"], now.get("event mode"), now.get("source")
        self._sides = tuple(
            _SideAt(
                side.capitalize(),
                now.get(f"{side} name"),
                now.get(f"{side} name raw"),
                now.get(f"{side} country"),
                now.get(f"primary {side} sector"),
                now.get(f"{side} sectors"),
            )
            for side in ("actor", "recipient")
        )

    def event(self, where: str, row: list[str]) -> CodedEvent | Refusal:
        cells = tuple([row[at] for at in self._cells])
        if not _known(cells, self._id):
            return Refusal(RefusalReason.BAD_FIELD, f"{where}: Event ID is not given")
        given = cells[self._date]
        story_given = _known(cells, self._story) or given
        day, story = _day(given), _day(story_given)
        if day is None or story is None:
            wrong = given if day is None else story_given
            return Refusal(RefusalReason.BAD_DATE, f"{where}: {wrong[:40]!r} is no date of the form YYYY-MM-DD")
        kind, mode = _known(cells, self._type), _known(cells, self._mode)
        code = _code(kind, mode)
        if code is None:
            told = f"{kind} {mode}"[:60]
            return Refusal(RefusalReason.UNKNOWN_TERM, f"{where}: {told!r} is no PLOVER type with at most one mode")
        source, target = (_party(cells, side) for side in self._sides)
        for side, party in zip(self._sides, (source, target), strict=True):
            if isinstance(party, str):
                message = f"{where}: {side.word} is {party[:80]}; whose country and sector are told, it does not say"
                return Refusal(RefusalReason.UNCERTAIN, message)
        assert not isinstance(source, str)
        assert not isinstance(target, str)
        outlet = self._outlet if _known(cells, self._outlet) else None
        return CodedEvent(
            where, story.isoformat(), cells, source, target, code, outlet_at=outlet, date=said(day, story)
        )


def _party(cells: tuple[str, ...], side: _SideAt) -> Party | str | None:
    """Who stands on a side: nobody, one party, or the words that name several."""
    at = side.name
    told = _known(cells, at)
    if not told:
        at = side.raw
        told = _known(cells, at)
    names, countries = _several(told), _several(_known(cells, side.country))
    if at is None or not names:
        return None
    if len(names) > 1 or len(countries) > 1:
        return told
    sectors = _several(_known(cells, side.sector)) or _several(_known(cells, side.sectors))
    role = sectors[0] if sectors else ""
    if not countries:
        return Party(names[0], at, role=role)
    iso = countries[0] if _ISO.match(countries[0]) else None
    return Party(names[0], at, countries[0], side.country, role=role, iso=iso)


def _known(cells: tuple[str, ...], at: int | None) -> str:
    if at is None or cells[at] in _UNKNOWN:
        return ""
    return cells[at]


def _name(column: str) -> str:
    return " ".join(unquoted(column.strip()).casefold().replace("_", " ").split())


@lru_cache(maxsize=10_000)
def _code(kind: str, mode: str) -> str | None:
    """Type and mode as one code, "ACCUSE-allege"; None where they are no such thing."""
    kind = kind.upper()
    mode = mode.casefold().removeprefix(f"{kind.casefold()}-")
    if not _TYPE.match(kind) or (mode and not _MODE.match(mode)):
        return None
    return f"{kind}-{mode}" if mode else kind


def _several(cell: str) -> list[str]:
    """What a cell lists, each once."""
    if ";" not in cell:
        return [cell] if cell else []
    return [one for one in dict.fromkeys(_BETWEEN.split(cell)) if one not in _UNKNOWN]
