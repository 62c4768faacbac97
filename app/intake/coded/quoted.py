"""Quoted CSV in, its records out, each with the number of its first line; cells may hold line breaks.

A record is bounded. One whose quotes are never closed costs itself alone: what it would have swallowed is read anew.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from app.intake.coded.lines import MOST_BYTES, lines
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

MOST_LINES = 200
"""Of one record: notes have a few."""
MOST_CHARS = 100_000
"""Of one record, below the 131,072 of a cell at which the csv module gives up."""

_Line = tuple[int, str]


def columns(
    path: Path, needed: tuple[str, ...], what: str, most: int = MOST_BYTES
) -> tuple[str, list[str], Iterator[_Line | Refusal]]:
    """The separator and the column names of a file's header (lower case), and the lines that follow.

    The separator is the comma, semicolon or tab by which the header has most columns.

    Raises:
        BadInput: The file is empty, or its header lacks what is needed; the message calls it `what`.
    """
    found = lines(path, most)
    head = next(found, None)
    if head is None:
        raise BadInput(RefusalReason.EMPTY, f"{path}: it is empty")
    if isinstance(head, Refusal):
        raise BadInput(RefusalReason.BAD_FIELD, f"{path}: its first line is no header of {what}")
    splits = {mark: next(csv.reader([head[1]], delimiter=mark), []) for mark in (",", ";", "\t")}
    mark = max(splits, key=lambda one: len(splits[one]))
    names = [name.strip().casefold() for name in splits[mark]]
    lacking = [name for name in needed if name not in names]
    if lacking:
        told = ", ".join(lacking[:6]) + (", …" if len(lacking) > 6 else "")
        raise BadInput(RefusalReason.BAD_FIELD, f"{path}: its header is not that of {what}, for it lacks {told}")
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise BadInput(RefusalReason.BAD_FIELD, f"{path}: its header names the column {twice} twice")
    return mark, names, found


def records(
    path: Path, mark: str, width: int, found: Iterator[_Line | Refusal]
) -> Iterator[tuple[int, list[str]] | Refusal]:
    """The records of `width` cells in these lines, each with the number of its first line, and what is none."""
    feed = _Feed(found)
    reader = csv.reader(feed, delimiter=mark, strict=True)
    while True:
        reason: RefusalReason | None = None
        told = ""
        feed.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            # No record was open.
            if feed.spoilt is not None:
                yield feed.spoilt
                feed.spoilt, reader = None, csv.reader(feed, delimiter=mark, strict=True)
                continue
            return
        except _Runaway:
            reason, told = RefusalReason.TOO_LARGE, f"its quotes are not closed within {MOST_LINES} lines"
        except csv.Error as why:
            told = "its quotes are never closed" if feed.ended else f"its quotes are wrong ({why})"
            reason = RefusalReason.BAD_FIELD
        else:
            if len(cells) != width:
                count = f"{len(cells)} cell" if len(cells) == 1 else f"{len(cells)} cells"
                reason, told = RefusalReason.BAD_FIELD, f"{count} where the header has {width}"
        number = feed.taken[0][0]
        if reason is None:
            yield number, cells
            continue
        yield Refusal(reason, f"{path}, line {number}: {told}")
        feed.again()
        reader = csv.reader(feed, delimiter=mark, strict=True)


class _Runaway(Exception):
    """A record is longer than any."""


class _Feed:
    """Hands lines to a CSV reader, remembers which it took for a record, and can hand all but the first out again.

    A line that is itself refused ends what was read so far: `spoilt` holds its refusal, once what came before is done.
    """

    def __init__(self, found: Iterator[_Line | Refusal]) -> None:
        self._found = found
        self._waiting: deque[_Line | Refusal] = deque()
        self.taken: list[_Line] = []
        self.spoilt: Refusal | None = None
        self.ended = False
        self._chars = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.taken:
            self._chars, self.ended = 0, False
        if self.spoilt is not None:
            raise StopIteration
        item = self._waiting.popleft() if self._waiting else next(self._found, None)
        if item is None or isinstance(item, Refusal):
            # The reader asks for more only within a cell, so a record was open.
            self.ended = True
            if item is not None and self.taken:
                self._waiting.appendleft(item)
            elif item is not None:
                self.spoilt = item
            raise StopIteration
        self.taken.append(item)
        self._chars += len(item[1])
        if len(self.taken) > MOST_LINES or self._chars > MOST_CHARS:
            raise _Runaway
        return item[1] + "\n"

    def again(self) -> None:
        """Give the lines that were taken once more, but for the first."""
        self._waiting.extendleft(reversed(self.taken[1:]))
        self.taken.clear()
