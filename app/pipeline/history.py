"""A ledger and a moment in, the graph as it was then out; from a snapshot where there is one.

A snapshot is what a fold came to, kept beside the ledger (`app.graph.snapshot`). It is only ever a quicker way to the
same graph: without one, or with one that cannot be used, the ledger's entries are folded.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from app.graph import ConflictGraph, Entries, Fold
from app.ledger import Ledger, SqliteLedger
from app.vocabulary.errors import BadQuery

WORTH_KEEPING = 20_000
"""Claims from which on a snapshot is kept: so many are folded in about two seconds."""
STALE = 0.2
"""Share of a graph's claims that may be newer than the snapshot before another one is written."""


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


def snapshots_of(ledger: Ledger, folder: Path) -> Path:
    """Where a ledger's snapshots are kept: beside its file, or in a folder of its own below `folder`."""
    if isinstance(ledger, SqliteLedger):
        return ledger.path.with_name(f"{ledger.path.name}.snapshots")
    return folder / hashlib.sha256(ledger.location.encode()).hexdigest()[:16]


def open_fold(ledger: Ledger, snapshots: Path | None = None, until: int | None = None) -> Fold:
    """A fold that is ready to be fed what the ledger holds beyond its graph's revision: of a snapshot, or empty."""
    if snapshots is not None and snapshots.is_dir():
        # Loading Arrow takes a tenth of a second, which small ledgers need not wait for.
        from app.graph.snapshot import Snapshots

        reload = partial(_entries, ledger)
        found = Snapshots(snapshots).read(ledger.digest, reload=reload, appended_at=ledger.appended_at, until=until)
        if found is not None:
            return found
    return Fold(ledger.appended_at)


def keep_snapshot(fold: Fold, ledger: Ledger, snapshots: Path) -> bool:
    """Write a snapshot of a fold where none is there, or one that is far behind; says whether it did.

    One that cannot be written (a full disk, a folder that is not ours) is done without.
    """
    claims = len(fold.graph.claims)
    if claims < WORTH_KEEPING:
        return False
    from app.graph.snapshot import Snapshots

    kept, digest = Snapshots(snapshots), ledger.digest(fold.graph.revision)
    if digest is None or claims - kept.claims() <= STALE * claims:
        return False
    try:
        kept.write(fold, digest)
    except OSError:
        return False
    return True


def fold_ledger(ledger: Ledger, until: int | None = None, snapshots: Path | None = None) -> ConflictGraph:
    """The graph of a ledger: as it is, or as it was at a revision.

    Args:
        ledger: Of which ledger.
        until: The revision; the newest where None.
        snapshots: Where snapshots are kept; one is used if there is one, and written if it is worth the while.
    """
    fold = open_fold(ledger, snapshots, until)
    graph = fold.feed(ledger.entries(fold.graph.revision, until, with_text=False))
    if snapshots is not None and until is None:
        keep_snapshot(fold, ledger, snapshots)
    return graph


def _entries(ledger: Ledger, until: int) -> Entries:
    return ledger.entries(until=until, with_text=False)
