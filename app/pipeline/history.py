"""A ledger and a moment in, the graph as it was then out; from a snapshot where there is one.

A snapshot is what a fold came to, kept beside the ledger (`app.graph.snapshot`). It is only ever a quicker way to the
same graph: without one, or with one that cannot be used, the ledger's entries are folded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from app.graph import ConflictGraph, Entries, Fold, Slice
from app.graph.snapshot import Snapshots
from app.ledger import Entry, Ledger, SqliteLedger
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


def open_fold(
    ledger: Ledger, snapshots: Path | None = None, until: int | None = None, only: Slice | None = None
) -> Fold:
    """A fold that is ready to be fed what the ledger holds beyond its graph's revision: of a snapshot, or empty.

    Args:
        ledger: Of which ledger.
        snapshots: Where snapshots are kept.
        until: No newer revision than this one.
        only: Which claims the graph is to hold; all where None.
    """
    reload = partial(_entries, ledger)
    if snapshots is not None and only is not None:
        snapshots = snapshots_of_slice(snapshots, only)
    if snapshots is not None and snapshots.is_dir():
        found = Snapshots(snapshots).read(
            ledger.digest, reload=reload, appended_at=ledger.appended_at, until=until, only=only
        )
        if found is not None:
            return found
    return Fold(ledger.appended_at, reload, only)


def snapshots_of_slice(snapshots: Path, only: Slice) -> Path:
    """Where the snapshots of a slice of a ledger are kept, whose own are in `snapshots`."""
    return snapshots / f"slice-{hashlib.sha256(str(only).encode()).hexdigest()[:16]}"


def keep_snapshot(fold: Fold, ledger: Ledger, snapshots: Path) -> bool:
    """Write a snapshot of a fold where none is there, or one that is far behind; says whether it did.

    One that cannot be written (a full disk, a folder that is not ours) is done without.
    """
    claims = len(fold.graph.claims)
    if claims < WORTH_KEEPING:
        return False
    if fold.only is not None:
        snapshots = snapshots_of_slice(snapshots, fold.only)
    kept, digest = Snapshots(snapshots), ledger.digest(fold.graph.revision)
    if digest is None or claims - kept.claims() <= STALE * claims:
        return False
    try:
        kept.write(fold, digest)
    except OSError:
        return False
    return True


def fold_ledger(
    ledger: Ledger,
    until: int | None = None,
    snapshots: Path | None = None,
    progress: Callable[[int], None] | None = None,
    only: Slice | None = None,
) -> ConflictGraph:
    """The graph of a ledger: as it is, or as it was at a revision.

    Args:
        ledger: Of which ledger.
        until: The revision; the newest where None.
        snapshots: Where snapshots are kept; one is used if there is one, and written if it is worth the while.
        progress: Told each revision as it is read.
        only: Which claims the graph is to hold; all where None.

    Raises:
        BadQuery: The slice names an actor that the ledger does not know.
    """
    fold = open_fold(ledger, snapshots, until, only)
    told = partial(_told, progress=progress) if progress is not None else None
    bring_up_to_date(fold, ledger, until, told)
    if snapshots is not None and until is None:
        keep_snapshot(fold, ledger, snapshots)
    return fold.graph


def bring_up_to_date(
    fold: Fold, ledger: Ledger, until: int | None = None, told: Callable[[Entries], Entries] | None = None
) -> None:
    """Feed a fold what the ledger holds beyond its graph's revision.

    Args:
        fold: As `open_fold` gave it.
        ledger: Of the same ledger.
        until: Up to which revision; the newest where None.
        told: Gets each entry once, and passes it on.
    """
    if not fold.graph.revision:
        fold.load(ledger.revision if until is None else until, told)
        return
    entries = ledger.entries(fold.graph.revision, until, with_text=False)
    fold.feed(told(entries) if told is not None else entries)


def _told(entries: Iterable[tuple[int, Entry]], progress: Callable[[int], None]) -> Iterator[tuple[int, Entry]]:
    seen = 0
    for revision, entry in entries:
        if revision != seen:
            seen = revision
            progress(revision)
        yield revision, entry


def _entries(ledger: Ledger, until: int) -> Entries:
    return ledger.entries(until=until, with_text=False)
