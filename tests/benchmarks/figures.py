"""What measurements tell: goals and tables in, the Markdown of the report out.

A `Section` is what one measurement found; a `Report` is all of them. `msgspec` writes them down as they are, so that
what was measured today and what was kept from another day are told by the same code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec


class Goal(msgspec.Struct, frozen=True):
    """What was to be reached, and what was found; `met` is None where nothing was found to judge by."""

    what: str
    wanted: str
    found: str
    met: bool | None


class Table(msgspec.Struct, frozen=True):
    """Figures in rows.

    Attributes:
        folded: Whether a reader opens it first, for it is long and few look for it.
    """

    title: str
    head: list[str]
    rows: list[list[str]]
    notes: list[str] = []
    folded: bool = False


class Section(msgspec.Struct, frozen=True):
    """What one measurement found.

    Attributes:
        measured: The day, ISO 8601.
        machine: Its processor and Python, and how busy it was before.
        skipped: Why it cannot be measured there; None where it can.
        text: What measurements print that tell no figures, as it is.
        data: The figures, for programs.
        seconds: How long it took; None in reports of before this was told.
        failed: What went wrong; None where nothing did.
    """

    title: str
    measured: str
    machine: str
    skipped: str | None = None
    goals: list[Goal] = []
    tables: list[Table] = []
    text: str = ""
    data: Any = None
    seconds: float | None = None
    failed: str | None = None


class Report(msgspec.Struct, frozen=True):
    """The whole, section by section, in the order of the page."""

    sections: dict[str, Section]


class Skipped(Exception):
    """A measurement cannot be made here; the message says why."""


Told = tuple[list[Goal], list[Table]]
"""Goals and tables of a measurement."""


# ---- how figures are told ----


def ms(value: float) -> str:
    """Milliseconds with three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def times(value: float) -> str:
    """A ratio."""
    if value >= 10:
        return f"{value:,.0f}×" if value >= 100 else f"{value:.1f}×"
    return f"{value:.2f}×" if value >= 0.1 else f"{value:.2g}×"


def at_most(what: str, ratio: float, most: float, beside: str) -> Goal:
    """A goal for a ratio that must not be larger."""
    met = ratio <= most
    found = f"{times(ratio)} ({beside})" + ("" if met else f"; {times(ratio / most)} too much")
    return Goal(what, f"≤ {most:.3g}×", found, met)


def at_least(what: str, ratio: float, least: float, beside: str) -> Goal:
    """A goal for a ratio that must not be smaller."""
    met = ratio >= least
    found = f"{times(ratio)} ({beside})" + ("" if met else f"; {times(least / max(ratio, 1e-9))} too little")
    return Goal(what, f"≥ {least:,g}×", found, met)


def shown(told: Told) -> str:
    """Goals and tables for somebody at a terminal."""
    found, tables = told
    blocks = ["\n".join([table.title, *rows_of(table)]) for table in tables]
    marks = {True: "met   ", False: "MISSED", None: "–     "}
    lines = [f"{marks[one.met]} {one.what}: {one.found} (wanted {one.wanted})" for one in found]
    return "\n\n".join([*blocks, *(["\n".join(lines)] if lines else [])])


# ---- the page ----


def goals(report: Report) -> str:
    """All goals in one table. A section that found none because it failed or was skipped stands there as well."""
    lines = ["| | goal | wanted | found | |", "| --- | --- | --- | --- | --- |"]
    marks = {True: "met", False: "**missed**", None: "not measured"}
    for section in report.sections.values():
        rows = [[_cell(goal.what), goal.wanted, _cell(goal.found), marks[goal.met]] for goal in section.goals]
        if section.failed is not None or section.skipped is not None:
            why = f"failed: {section.failed}" if section.failed is not None else f"skipped: {section.skipped}"
            rows.insert(0, ["", "", _cell(why), marks[None]])
        # The section stands beside its first goal alone.
        at = f"[{section.title}](#{_anchor(section.title)})"
        lines += [_line(["" if number else at, *row]) for number, row in enumerate(rows)]
    return "\n".join(lines)


def markdown(report: Report) -> str:
    """The sections, one below the other."""
    return "\n\n".join(_section(section) for section in report.sections.values())


def _section(section: Section) -> str:
    lines = [f"### {section.title}", ""]
    took = f", in {duration(section.seconds)}" if section.seconds is not None else ""
    about = f"{section.measured} on {section.machine}{took}"
    if section.failed is not None:
        return "\n".join([*lines, f"Failed ({about}): {_cell(section.failed)}"])
    if section.skipped is not None:
        return "\n".join([*lines, f"Skipped: {section.skipped}."])
    lines.append(f"Measured {about}.")
    for table in section.tables:
        rows = rows_of(table)
        lines += ["", *(_folded(table.title, rows) if table.folded else [f"**{table.title}**", "", *rows])]
    if section.text:
        lines += ["", *_folded("What it printed", ["```text", section.text, "```"])]
    return "\n".join(lines)


def rows_of(table: Table) -> list[str]:
    """A table in Markdown, line by line, with its notes."""
    rows = [_line(table.head), _line(["---"] * len(table.head))]
    rows += [_line([_cell(cell) for cell in row]) for row in table.rows]
    return rows + [line for note in table.notes for line in ("", note)]


def duration(seconds: float) -> str:
    """Seconds or minutes, as one says it."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} minutes"


def _folded(title: str, lines: list[str]) -> list[str]:
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>"]


def _anchor(title: str) -> str:
    # As GitHub makes them.
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
