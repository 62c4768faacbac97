"""Polemos: from news articles to a knowledge graph of who accuses whom of what, who denies it, and who retaliates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from os import PathLike

    from app.notebook import GraphFace

__version__ = "0.1.0"


def open_graph(
    ledger: str | PathLike[str] | None = None, *, as_of: str | int | date | datetime | None = None
) -> GraphFace:
    """The graph of a ledger, for a notebook: `open_graph().accusations("Moldova", since="2023-11")`.

    Args:
        ledger: A file, or a ledger's URL; what `POLEMOS_LEDGER` names where None.
        as_of: A revision, a day or an instant at which the ledger is looked at; its newest revision where None.

    Raises:
        NotFound: There is no such ledger.
        BadQuery: `as_of` names no revision and no time.
        LedgerError: The ledger cannot be opened.
    """
    # What it needs takes a second to load; whoever wants only a room of the house, or the version, does not wait.
    from app.notebook import open_graph as opened

    return opened(ledger, as_of=as_of)
