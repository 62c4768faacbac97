"""A log and a record's id in, a refusal out where the record is gone."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from app.curation import Log
from app.queries.outcomes import told_by


def refuse_retracted(log: Log, name: str, what: str, until: int) -> None:
    """Say that a record is gone, by whom and why, where it was retracted.

    Raises:
        HTTPException: 410, where a retraction of it stands.
    """
    gone = log.retraction(name, until)
    if gone is not None:
        words = f"{what} {name} was retracted by {told_by(gone)}; undoing that decision brings it back"
        raise HTTPException(410, words)
