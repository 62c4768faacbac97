"""A ledger and a moment in, the graph as it was then out."""

from __future__ import annotations

from datetime import UTC, datetime

from app.graph import ConflictGraph, fold
from app.ledger import Ledger
from app.vocabulary.errors import BadQuery


def revision_of(ledger: Ledger, as_of: str) -> int:
    """The revision meant by a number, a day (all of it, UTC) or an instant (ISO 8601; UTC where no zone is given).

    Raises:
        BadQuery: It is none of these, or the ledger has no such revision yet.
    """
    newest = ledger.revision
    if as_of.isdecimal() and len(as_of) < 12 and not (len(as_of) == 8 and int(as_of) > newest):
        if int(as_of) > newest:
            raise BadQuery(f"the ledger has no revision {as_of} yet; its newest is {newest}")
        return int(as_of)
    try:
        instant = datetime.fromisoformat(as_of)
    except ValueError as why:
        raise BadQuery(f"as_of is a revision, a day or an instant (ISO 8601), not {as_of!r}") from why
    if len(as_of) <= 10:
        instant = instant.replace(hour=23, minute=59, second=59, microsecond=999_999)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return ledger.revision_at(instant.astimezone(UTC).isoformat(timespec="milliseconds"))


def fold_ledger(ledger: Ledger, until: int | None = None) -> ConflictGraph:
    """The graph of a ledger: as it is, or as it was at a revision."""
    return fold(ledger.entries(until=until, with_text=False), ledger.appended_at)
