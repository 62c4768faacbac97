"""Services in, the log of their ledger's decisions out, as far as the graph at hand or further; and what is gone."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from starlette.exceptions import HTTPException

from app.curation import Log
from app.queries.outcomes import told_by
from app.web.services import Services

# A log lives as long as its services, which fold the same entries into the graph.
_LOGS: WeakKeyDictionary[Services, Log] = WeakKeyDictionary()


def log_of(services: Services) -> Log:
    """The decisions of the ledger up to its newest revision. For a worker thread: it reads what is new there."""
    log = _LOGS.setdefault(services, Log(services.reader.appended_at))
    log.follow(lambda since: services.reader.entries(since, with_text=False), services.reader.revision)
    return log


def refuse_retracted(log: Log, name: str, what: str, until: int) -> None:
    """Say that a record is gone, by whom and why, where it was retracted.

    Raises:
        HTTPException: 410, where a retraction of it stands.
    """
    gone = log.retraction(name, until)
    if gone is not None:
        words = f"{what} {name} was retracted by {told_by(gone)}; undoing that decision brings it back"
        raise HTTPException(410, words)
