"""One ledger in, the same ledger somewhere else out: backups, restores, and the way from SQLite to PostgreSQL.

A backup is always a SQLite ledger, whatever kind it was taken of. What is restored is appended revision by revision,
with the instants it had, and each digest is held against the original's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from app.ledger.audit import Audit, audit_of
from app.ledger.base import Batch, Ledger
from app.ledger.checking import check
from app.ledger.opening import is_sqlite, open_ledger, sqlite_path
from app.ledger.sqlite import SqliteLedger
from app.vocabulary.errors import LedgerDamaged, LedgerError, NotFound

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


def backup(ledger: Ledger, path: Path, progress: Progress | None = None) -> int:
    """Write a ledger as it is now to a file, while others go on; returns the revision that the file holds.

    The file appears whole or not at all, and is on the disk when this returns.

    Raises:
        LedgerError: The file exists already, or cannot be written.
    """
    if path.exists():
        raise LedgerError(f"{path} exists already; a backup overwrites nothing, name another file")
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(part)
        if isinstance(ledger, SqliteLedger):
            ledger.copy_to(part, progress)
        else:
            with closing(SqliteLedger(part)) as copy:
                _replay(ledger, copy, ledger.revision, progress)
                copy.close_as_one_file()
        with closing(SqliteLedger(part)) as copy:
            revision = copy.revision
            if copy.digest(revision) != ledger.digest(revision):
                raise LedgerError(f"{path}: the copy is not what was copied; nothing was written")
            copy.close_as_one_file()
        _to_disk(part)
        # A name that somebody has taken meanwhile stays his.
        try:
            path.hardlink_to(part)
        except FileExistsError:
            raise LedgerError(f"{path} exists already; a backup overwrites nothing, name another file") from None
        except OSError:
            part.replace(path)
        _folder_to_disk(path.parent)
    except OSError as why:
        raise LedgerError(f"{path} cannot be written: {why.strerror or why}") from why
    finally:
        _remove(part)
    return revision


def restore(path: Path, url: str, *, replace: bool = False, progress: Progress | None = None) -> tuple[int, int]:
    """Bring a ledger to what a backup holds; returns its revision before and after.

    A sound ledger that the backup continues is brought forward, any other is left as it is. With `replace`, the file
    of a SQLite ledger is put aside first, whatever it holds, under a name that begins with its own; none is deleted.

    Raises:
        NotFound: There is no such backup.
        LedgerDamaged: The backup is not sound, or what is there is not.
        LedgerError: What is there is not the backup's beginning.
    """
    if not path.is_file():
        raise NotFound(f"{path} is no file; name a backup that `polemos backup` wrote")
    if not path.stat().st_size:
        raise LedgerDamaged(f"{path} is empty, which no backup is; name another one")
    with closing(SqliteLedger(path)) as source:
        if flaw := next(check(source), None):
            raise LedgerDamaged(f"{path} is not sound ({flaw.entry}: {flaw.detail}); name another backup")
        newest, before = source.revision, 0
        if replace and is_sqlite(url):
            with suppress(LedgerDamaged), closing(open_ledger(url)) as target:
                before = target.revision
            _put_aside(sqlite_path(url))
        with closing(open_ledger(url)) as target:
            before = before or target.revision
            if target.revision > newest or target.digest(target.revision) != source.digest(target.revision):
                raise LedgerError(_why_not(source, target))
            if flaw := next(check(target), None):
                raise LedgerDamaged(f"{target.location} is not sound ({flaw.entry}: {flaw.detail}); {_instead(target)}")
            behind = target.revision
            _replay(source, target, newest, progress)
            if behind < newest:
                target.append(Batch(), audit=[audit_of("restore", newest, {"from_revision": behind})])
    return before, newest


def _instead(target: Ledger) -> str:
    return "say --replace to put it aside first" if isinstance(target, SqliteLedger) else "name another schema"


def _why_not(source: Ledger, target: Ledger) -> str:
    more = target.revision - source.revision
    if more > 0 and target.digest(source.revision) == source.digest(source.revision):
        count = f"{more} revision" + "s" * (more > 1)
        return f"{target.location} holds all of this backup and {count} more; nothing was done"
    return f"{target.location} holds something that this backup does not; {_instead(target)}"


def _put_aside(path: Path) -> None:
    """Give a ledger's files another name, so that nothing of it is lost."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    files = [beside for end in ("", "-wal", "-shm") if (beside := path.with_name(path.name + end)).exists()]
    try:
        # A ledger without its log is an older one: all have the new name before any loses the old.
        for file in files:
            file.with_name(file.name.replace(path.name, f"{path.name}.before-{stamp}", 1)).hardlink_to(file)
        for file in files:
            file.unlink()
    except OSError as why:
        raise LedgerError(f"{path} cannot be put aside: {why.strerror or why}") from why


def _replay(source: Ledger, target: Ledger, until: int, progress: Progress | None) -> None:
    """Append to the target what the source holds beyond it."""
    trail = _Trail(source)
    for revision, group in groupby(source.entries(target.revision, until), itemgetter(0)):
        at = source.appended_at(revision)
        done = target.append(Batch.of(entry for _, entry in group), at=at, audit=trail.of(revision))
        if done != revision or target.digest(revision) != source.digest(revision):
            raise LedgerError(
                f"{target.location}: revision {revision} came out other than it went in; somebody else writes to it, "
                "or the source is damaged (`polemos check` tells)"
            )
        if progress is not None:
            progress(revision, until)
    # What was written after the last revision, or between two of them: about keys, and about other restores.
    target.append(Batch(), audit=[row for row in trail.rest() if (row.revision or 0) <= until])


class _Trail:
    """The audit trail of a ledger that is copied, read along with its revisions."""

    def __init__(self, ledger: Ledger) -> None:
        self._rows = (row for row, _ in ledger.audit())
        self._ahead: Audit | None = None
        self._kept: list[Audit] = []

    def of(self, revision: int) -> list[Audit] | None:
        """The rows of a revision; None where nobody wrote down who appended it."""
        found = None
        while (row := self._next()) is not None:
            if row.what == "append" and (row.revision or 0) > revision:
                self._ahead = row
                break
            if row.what != "append":
                self._kept.append(row)
            elif row.revision == revision:
                found = [*self._kept, row]
                self._kept = []
                break
        return found

    def rest(self) -> list[Audit]:
        """The rows that no revision took along."""
        while (row := self._next()) is not None:
            if row.what != "append":
                self._kept.append(row)
        return self._kept

    def _next(self) -> Audit | None:
        row, self._ahead = self._ahead or next(self._rows, None), None
        return row


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _folder_to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)
