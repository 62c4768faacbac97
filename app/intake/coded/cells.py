"""Cells of a record in, what they say out: what importers of several datasets read alike."""

from __future__ import annotations

from datetime import date


def unquoted(cell: str) -> str:
    """A cell without the quotes that some writers put around it."""
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def iso_day(text: str) -> str | None:
    """The day of a date YYYY-MM-DD, with or without the first moment of that day behind it; None for anything else."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day.isoformat() if text[:10] == day.isoformat() and text[10:].strip(" T0:.Z") == "" else None


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
