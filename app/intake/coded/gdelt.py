"""GDELT in, coded events out: exports of 2.0 (61 columns), of 1.0 (58, or 57 before April 2013), and folders of them.

An export has no header and is tab-separated, whatever its name says; it comes as a zip archive with one file. The
outlets that mention an event are in tables of their own (16 columns, `*.mentions.CSV`): those beside the exports in a
folder are read, or those that the options name.

GDELT writes every record down once and never again, so its number tells it apart for good.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from app.intake.coded.base import CodedEvent, CodedOptions, Party
from app.intake.coded.cells import said
from app.intake.coded.lines import lines
from app.intake.coded.scratch import Outlets
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

_EXPORTS, _MENTIONS = ".export.csv", ".mentions.csv"
_PACKINGS = ("", ".zip", ".gz")
_MENTION_WIDTH = 16
_ID = re.compile(r"[0-9]{1,18}\Z")
_CODE = re.compile(r"(?:0[1-9]|1[0-9]|20)[0-9]{1,2}\Z")
# Lines that are looked at to know an export by its width; a sound one is among them.
_FIRST = 100
# Columns of 2.0, and those of 1.0 behind them, which lacks three: the second divisions of places.
_KEPT = (0, 1, 5, 6, 7, 8, 12, 15, 16, 17, 18, 22, 25, 26, 31, 32, 33, 52, 53, 56, 57, 59, 60)
_KEPT_OF_1 = (*_KEPT[:17], 50, 51, 53, 54, 56, 57)
_WIDTHS = {61: _KEPT, 58: _KEPT_OF_1, 57: _KEPT_OF_1[:-1]}
_SQLDATE, _CODE_AT, _ADDED, _URL = 1, 13, 21, 22
_OUTLET = 23
_SIDES = (2, 7)
# CAMEO's codes of countries are those of ISO 3166 but for these; those of regions and of parts of countries stay.
_ISO = {"IMY": "IMN", "MTN": "MNE", "ROM": "ROU", "SPM": "SPM", "TMP": "TLS"}
_MOST_OUTLETS = 20
"""Outlets that a record names; of the others it tells how many."""


class Gdelt:
    """The importer of GDELT's events."""

    name = "gdelt"
    version = 1
    scheme = "cameo"
    publisher = "GDELT"
    is_identified: Literal[True] = True

    def events(self, path: Path, options: CodedOptions) -> Iterator[CodedEvent | Refusal]:
        """The events of an export, or of all exports of a folder by name; see `Coded.events`.

        Mentions are read before the first event, into a table on disk that goes away with the iterator; a line of
        mentions that cannot be read is a record that is none.
        """
        exports = _files(path, _EXPORTS) if path.is_dir() else [path]
        if not exports:
            message = (
                f"{path}: a folder of GDELT's events holds *.export.CSV, packed with zip or gzip or not; "
                "to import a file of another name, name the file itself"
            )
            raise BadInput(RefusalReason.UNSUPPORTED, message)
        told = options.mentions or (path if path.is_dir() else None)
        mentions = [] if told is None else _files(told, _MENTIONS) if told.is_dir() else [told]
        if options.mentions is not None and not mentions:
            message = f"{told}: a folder of GDELT's mentions holds *.mentions.CSV, packed with zip or gzip or not"
            raise BadInput(RefusalReason.UNSUPPORTED, message)
        if not mentions:
            for export in exports:
                yield from _export(export, None)
            return
        with closing(Outlets()) as outlets:
            for file in mentions:
                yield from _read_mentions(file, outlets)
            for export in exports:
                yield from _export(export, outlets)


def _files(folder: Path, kind: str) -> list[Path]:
    found = [one for one in folder.iterdir() if one.name.casefold().endswith(tuple(kind + end for end in _PACKINGS))]
    return sorted(one for one in found if one.is_file())


# ---- events ----


def _export(path: Path, outlets: Outlets | None) -> Iterator[CodedEvent | Refusal]:
    found = lines(path)
    first: list[tuple[int, str] | Refusal] = []
    width = None
    for item in found:
        first.append(item)
        if not isinstance(item, Refusal) and item[1].count("\t") + 1 in _WIDTHS:
            width = item[1].count("\t") + 1
        if width is not None or len(first) == _FIRST:
            break
    if not first:
        raise BadInput(RefusalReason.EMPTY, f"{path}: it is empty")
    if width is None:
        told = ", ".join(map(str, sorted(_WIDTHS)))
        message = f"{path}: no GDELT export, for no line has {told} columns; it must be tab-separated, without a header"
        raise BadInput(RefusalReason.BAD_FIELD, message)
    kept = _WIDTHS[width]
    days: dict[str, date | None] = {}
    for item in chain(first, found):
        if isinstance(item, Refusal):
            yield item
            continue
        number, line = item
        where = f"{path}, line {number}"
        cells = line.split("\t")
        if len(cells) != width:
            message = f"{where}: {len(cells)} cells where those before have {width}"
            yield Refusal(RefusalReason.BAD_FIELD, message)
            continue
        if len(days) > 10_000:
            days.clear()
        yield _event(where, [cells[at].strip() for at in kept], outlets, days)


def _event(where: str, cells: list[str], outlets: Outlets | None, days: dict[str, date | None]) -> CodedEvent | Refusal:
    if len(cells) == _URL:
        cells.append("")
    number, code = cells[0], cells[_CODE_AT]
    if not _ID.match(number):
        return Refusal(RefusalReason.BAD_FIELD, f"{where}: {number[:40]!r} is no GLOBALEVENTID")
    added = _day(cells[_ADDED][:8], days)
    day = _day(cells[_SQLDATE], days)
    if added is None or day is None:
        given, name = (cells[_ADDED], "DATEADDED") if added is None else (cells[_SQLDATE], "SQLDATE")
        return Refusal(RefusalReason.BAD_DATE, f"{where}: {name} {given[:40]!r} is no date of the form YYYYMMDD")
    if not _CODE.match(code):
        message = f"{where}: {code[:40]!r} is no CAMEO code of three or four digits"
        return Refusal(RefusalReason.UNKNOWN_TERM, message)
    source, target = (_party(cells, at) for at in _SIDES)
    cells += _mentioned(int(number), outlets) if outlets is not None else ["", ""]
    cells[_OUTLET] = cells[_OUTLET] or _host(cells[_URL])
    outlet = _OUTLET if cells[_OUTLET] else None
    return CodedEvent(
        where, added.isoformat(), tuple(cells), source, target, code, outlet_at=outlet, date=said(day, added)
    )


def _party(cells: list[str], at: int) -> Party | None:
    """An actor: its code, name, country, known group and first type stand in cells that follow each other."""
    name, country, group, role = cells[at + 1 : at + 5]
    if not name:
        return None
    if group or not country:
        # A group that the code book knows by name is itself, wherever it sits.
        return Party(name, at + 1, role=role)
    return Party(name, at + 1, country, at + 2, role=role, iso=_ISO.get(country, country))


def _day(text: str, days: dict[str, date | None]) -> date | None:
    if text not in days:
        try:
            days[text] = date(int(text[:4]), int(text[4:6]), int(text[6:])) if _ID.match(text) else None
        except ValueError:
            days[text] = None
    return days[text]


def _host(url: str) -> str:
    """The outlet that an address tells: its host; what is no address is the name of a source off the web."""
    if "://" not in url:
        return url
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


# ---- mentions ----


def _read_mentions(path: Path, outlets: Outlets) -> Iterator[Refusal]:
    """Take in a table of mentions; comes out what of it cannot be used.

    Raises:
        BadInput: It is no such table, or reading stopped.
    """
    refused: list[Refusal] = []
    is_table = False
    for item in lines(path):
        found = item if isinstance(item, Refusal) else _mention(f"{path}, line {item[0]}", item[1])
        if not isinstance(found, Refusal):
            is_table = True
            yield from refused
            refused.clear()
            outlets.add(*found)
        elif is_table:
            yield found
        else:
            refused.append(found)
            if len(refused) == _FIRST:
                break
    if refused:
        message = f"{path}: no GDELT mentions, for no line has {_MENTION_WIDTH} columns; it must be tab-separated"
        raise BadInput(RefusalReason.BAD_FIELD, message)


def _mention(where: str, line: str) -> tuple[int, str, int] | Refusal:
    cells = line.split("\t")
    if len(cells) != _MENTION_WIDTH:
        return Refusal(RefusalReason.BAD_FIELD, f"{where}: {len(cells)} cells where a mention has {_MENTION_WIDTH}")
    event, outlet, confidence = cells[0].strip(), cells[4].strip(), cells[11].strip()
    if not _ID.match(event) or not outlet or not confidence.isdecimal() or len(confidence) > 3:
        message = f"{where}: GLOBALEVENTID, MentionSourceName or Confidence is not given as it should be"
        return Refusal(RefusalReason.BAD_FIELD, message)
    return int(event), outlet, int(confidence)


def _mentioned(event: int, outlets: Outlets) -> list[str]:
    """The first outlet that mentions an event, and the others with the highest confidence of all mentions."""
    named, count, surest = outlets.of(event, _MOST_OUTLETS)
    if not named:
        return ["", ""]
    told = [f"confidence {surest}"]
    if count > 1:
        more = [f"{count - _MOST_OUTLETS} more"] if count > _MOST_OUTLETS else []
        told.append("also in " + ", ".join(named[1:] + more))
    return [named[0], "; ".join(told)]
