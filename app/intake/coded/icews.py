"""ICEWS in, coded events out: an export (tab-separated, with a header), or a folder of numbered facts with name lists.

The export is that of the ICEWS Coded Event Data: `Event Date`, `Source Name`, `CAMEO Code` and so on, in any order. The
folder is the form in which research on temporal graphs passes ICEWS on: `entity2id` and `relation2id` give names to
numbers, `train`, `valid` and `test` hold a line of subject, relation, object and time for each event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from app.intake.coded.base import CodedEvent, CodedOptions, Party
from app.intake.coded.cells import iso_day, unquoted
from app.intake.coded.lines import lines
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

_NAMES, _RELATIONS = "entity2id", "relation2id"
_FACTS = ("train", "valid", "test")
_SUFFIXES = ("", ".txt", ".tsv")
_YEAR = re.compile(r"icews[-_]?(?:20)?([0-9]{2})(?![0-9])", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,9}\Z")
_BRACKETS = re.compile(r".+ \(([^()]+)\)\Z")
_UNKNOWN = frozenset(("", r"\N", "NULL"))
# Of a state's own organs; a legislator's or mayor's word is not his state's.
_OFFICES = frozenset(("executive", "executive office", "foreign ministry", "military", "police"))
_NO_OFFICES = frozenset(("legislative / parliamentary", "local", "municipal", "provincial", "dissident"))


class Icews:
    """The importer of ICEWS."""

    name = "icews"
    version = 1
    scheme = "cameo"
    publisher = "ICEWS"

    def events(self, path: Path, options: CodedOptions) -> Iterator[CodedEvent | Refusal]:
        """The events of an export, or of a folder of numbered facts; see `Coded.events`.

        Times in a folder are dates, or numbers that count hours (or days) from a first day: the one the options give,
        else 1 January of the year in the folder's name ("icews18").
        """
        if path.is_dir():
            return _folder(path, options)
        return _export(path)


# ---- export ----


def _export(path: Path) -> Iterator[CodedEvent | Refusal]:
    found = iter(lines(path))
    head = next(found, None)
    if head is None:
        raise BadInput(RefusalReason.EMPTY, f"{path}: it is empty")
    columns = _Columns(head[1], path) if not isinstance(head, Refusal) else None
    if columns is None:
        raise BadInput(RefusalReason.BAD_FIELD, f"{path}: its first line is no header of an ICEWS export")
    days: dict[str, str | None] = {}
    for item in found:
        if isinstance(item, Refusal):
            yield item
            continue
        number, line = item
        yield columns.event(f"{path}, line {number}", line, days)


class _Columns:
    """Where an export's header puts what."""

    def __init__(self, header: str, path: Path) -> None:
        names = [" ".join(cell.strip().strip('"').casefold().replace("_", " ").split()) for cell in header.split("\t")]
        at = {name: number for number, name in reversed(list(enumerate(names)))}
        lacking = [name for name in ("event date", "source name", "target name") if name not in at]
        if "cameo code" not in at and "event text" not in at:
            lacking.append("cameo code")
        if lacking:
            told = ", ".join(name.title().replace("Cameo", "CAMEO") for name in lacking)
            message = f"{path}: no ICEWS export, for its header lacks {told}; it must be tab-separated"
            raise BadInput(RefusalReason.BAD_FIELD, message)
        self._width = len(names)
        self._date = at["event date"]
        self._code, self._text = at.get("cameo code"), at.get("event text")
        self._outlet = at.get("publisher")
        self._sides = tuple(
            (at[f"{side} name"], at.get(f"{side} country"), at.get(f"{side} sectors")) for side in ("source", "target")
        )

    def event(self, where: str, line: str, days: dict[str, str | None]) -> CodedEvent | Refusal:
        cells = tuple(map(unquoted, line.split("\t")))
        if len(cells) != self._width:
            message = f"{where}: {len(cells)} cells where the header has {self._width}"
            return Refusal(RefusalReason.BAD_FIELD, message)
        given = cells[self._date]
        if given not in days:
            if len(days) > 1000:
                days.clear()
            days[given] = iso_day(given)
        day = days[given]
        if day is None:
            return Refusal(RefusalReason.BAD_DATE, f"{where}: {given[:40]!r} is no date of the form YYYY-MM-DD")
        code = _known(cells, self._code) or ""
        name = _known(cells, self._text) or ""
        if code:
            if not code.isdecimal() or len(code) > 4:
                return Refusal(RefusalReason.UNKNOWN_TERM, f"{where}: {code[:40]!r} is no CAMEO code")
            code = _with_its_zero(code)
        elif not name:
            return Refusal(RefusalReason.BAD_FIELD, f"{where}: neither CAMEO Code nor Event Text is given")
        source, target = (_party(cells, *side) for side in self._sides)
        outlet = self._outlet if _known(cells, self._outlet) is not None else None
        return CodedEvent(where, day, cells, source, target, code, name, outlet)


def _party(cells: tuple[str, ...], at: int, country_at: int | None, sectors_at: int | None) -> Party | None:
    name = _known(cells, at)
    if name is None:
        return None
    country = _known(cells, country_at)
    sectors = _known(cells, sectors_at)
    office: bool | None = None
    if sectors is not None:
        named = {sector.strip().casefold() for sector in sectors.split(",")}
        office = "government" in named and not named.isdisjoint(_OFFICES) and named.isdisjoint(_NO_OFFICES)
    return Party(name, at, country, country_at if country is not None else None, office)


def _known(cells: tuple[str, ...], at: int | None) -> str | None:
    if at is None:
        return None
    cell = cells[at].strip()
    return None if cell in _UNKNOWN else cell


def _with_its_zero(code: str) -> str:
    """A CAMEO code with the leading zero that spreadsheets take: events never have bare root codes, so "16" was 016.

    Roots go from 01 to 20, so a code of three digits beyond 20x was one of four.
    """
    if len(code) == 2 or (len(code) == 3 and code[:2] > "20"):
        return f"0{code}"
    return code


# ---- folder ----


def _folder(path: Path, options: CodedOptions) -> Iterator[CodedEvent | Refusal]:
    facts = [file for name in _FACTS if (file := _file(path, name)) is not None]
    listed = [_file(path, name) for name in (_NAMES, _RELATIONS)]
    names, relations = listed
    if names is None or relations is None or not facts:
        message = (
            f"{path}: a folder of ICEWS facts holds {_NAMES}, {_RELATIONS} and train, valid or test (.txt or .tsv, "
            "packed with gzip or not); to import an export, name the file itself"
        )
        raise BadInput(RefusalReason.UNSUPPORTED, message)
    actors, codes = _numbers(names), _numbers(relations)
    start = options.start or _first_day(path)
    days: dict[str, str | Refusal] = {}
    for file in facts:
        for item in lines(file):
            if isinstance(item, Refusal):
                yield item
                continue
            number, line = item
            where = f"{file}, line {number}"
            cells = line.split()
            if len(cells) < 4:
                yield Refusal(RefusalReason.BAD_FIELD, f"{where}: {len(cells)} numbers where four belong")
                continue
            source, code, target = actors.get(cells[0]), codes.get(cells[1]), actors.get(cells[2])
            if source is None or code is None or target is None:
                unlisted = cells[1] if code is None else cells[0] if source is None else cells[2]
                message = f"{where}: {unlisted[:40]!r} is not in {(relations if code is None else names).name}"
                yield Refusal(RefusalReason.DANGLING_REFERENCE, message)
                continue
            day = days.get(cells[3])
            if day is None:
                day = days[cells[3]] = _counted(cells[3], start, options)
                if len(days) > 100_000:
                    days.clear()
            if isinstance(day, Refusal):
                yield Refusal(day.reason, f"{where}: {day.detail}")
                continue
            yield CodedEvent(
                where, day, (day, source, code, target), _numbered(source, 1), _numbered(target, 3), "", code
            )


def _numbered(name: str, at: int) -> Party | None:
    if name in _UNKNOWN:
        return None
    country = _BRACKETS.match(name)
    return Party(name, at, country[1], at) if country is not None else Party(name, at)


def _file(folder: Path, name: str) -> Path | None:
    for suffix in _SUFFIXES:
        for packing in ("", ".gz"):
            file = folder / f"{name}{suffix}{packing}"
            if file.is_file():
                return file
    return None


def _numbers(path: Path) -> dict[str, str]:
    """Names by their numbers: a line of name, tab, number for each; a first line that only counts them is passed over.

    Raises:
        BadInput: A line is no such line, or a number is given twice.
    """
    found: dict[str, str] = {}
    for item in lines(path):
        if isinstance(item, Refusal):
            raise BadInput(item.reason, item.detail)
        line, text = item
        cells = text.split("\t")
        if line == 1 and len(cells) == 1 and _NUMBER.match(text.strip()):
            continue
        number = cells[1].strip() if len(cells) > 1 else ""
        if not _NUMBER.match(number):
            raise BadInput(RefusalReason.BAD_FIELD, f"{path}, line {line}: it is not a name, a tab and a number")
        if number in found:
            raise BadInput(RefusalReason.BAD_FIELD, f"{path}, line {line}: the number {number} is given twice")
        found[number] = cells[0].strip()
    return found


def _first_day(folder: Path) -> date | None:
    year = _YEAR.search(folder.resolve().name)
    if year is None:
        return None
    # ICEWS begins in 1995.
    return date(int(year[1]) + (1900 if year[1] >= "95" else 2000), 1, 1)


def _counted(time: str, start: date | None, options: CodedOptions) -> str | Refusal:
    if not _NUMBER.match(time):
        day = iso_day(time)
        return day or Refusal(RefusalReason.BAD_DATE, f"{time[:40]!r} is neither a date nor a number")
    if start is None:
        message = "the folder's name tells no year; say with --start from which day its times count"
        raise BadInput(RefusalReason.BAD_DATE, message)
    count = int(time)
    if options.unit == "hours":
        if count % 24:
            message = f"{time} hours are no whole days; where times count days, say --unit days"
            return Refusal(RefusalReason.BAD_DATE, message)
        count //= 24
    try:
        return (start + timedelta(days=count)).isoformat()
    except OverflowError:
        return Refusal(RefusalReason.BAD_DATE, f"{time} lies beyond the calendar")
