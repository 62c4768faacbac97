"""The default ledger: one SQLite file in WAL mode, one writer at a time, any number of readers in any process.

Durability: `synchronous=FULL`, so what `append` has returned for survives the death of process and machine.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec

from app.ledger.audit import Audit, audit_body, audit_chain, audit_from, audit_of_append, audit_of_key
from app.ledger.base import Batch, Flaw, LedgerCounts, check_reading
from app.ledger.keys import Key, key_body, key_from
from app.ledger.rows import GENESIS, Entry, Row, chain, counted_refusals, entries_of, entry_of, refusals_of, row_of
from app.ledger.sqlite_schema import (
    APPLICATION_ID,
    MIGRATIONS,
    SCHEMA_VERSION,
    TABLE_OF,
    make,
    rows_query,
    unlike_new,
)
from app.vocabulary.errors import LedgerBusy, LedgerDamaged, LedgerError, LedgerTooNew
from app.vocabulary.records import Actor, Article, Place

BUSY_SECONDS = 30.0
POLL_SECONDS = 0.05
"""How often `wait` looks for what other processes have appended."""
PAGE = 1000
"""Entries that are read at a time."""
_TOLD = "SELECT 1 FROM audit WHERE body = ? LIMIT 1"


@contextmanager
def _named_errors(location: str) -> Iterator[None]:
    """Turn the driver's errors into ours, which say what to do."""
    try:
        yield
    except sqlite3.OperationalError as why:
        text = str(why)
        if "locked" in text or "busy" in text:
            raise LedgerBusy(f"{location} is held by another writer; try again in a moment") from why
        if "readonly" in text:
            raise LedgerError(f"{location} cannot be written to; check the rights of file and folder") from why
        if "full" in text:
            raise LedgerError(f"the disk that holds {location} is full; nothing of this batch was stored") from why
        if "disk I/O" in text:
            raise LedgerError(
                f"the disk that holds {location} fails, or allows no larger file; nothing of this batch was stored"
            ) from why
        raise LedgerError(f"{location}: {text}") from why
    except sqlite3.IntegrityError as why:
        raise LedgerError(f"{location} refuses this: {why}; nothing of it was stored") from why
    except sqlite3.ProgrammingError as why:
        raise LedgerError(f"{location} cannot be asked any more: {why}") from why
    except UnicodeEncodeError as why:
        raise LedgerError(f"a text holds half of a surrogate pair, which {location} cannot store") from why
    except UnicodeDecodeError as why:
        raise LedgerDamaged(f"{location} is not a sound ledger ({why}); restore it from a backup") from why
    except msgspec.DecodeError as why:
        raise LedgerDamaged(f"{location}: a stored record cannot be read ({why}); restore it from a backup") from why
    except sqlite3.DatabaseError as why:
        raise LedgerDamaged(f"{location} is not a sound ledger ({why}); restore it from a backup") from why


class SqliteLedger:
    """A ledger in one SQLite file, made where it is missing. Safe to share between threads of one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        with _named_errors(self.location):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._db = self._connect()
            except OSError as why:
                raise LedgerError(f"the folder {path.parent} cannot be made: {why.strerror}") from why
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _connect(self) -> sqlite3.Connection:
        path = self._path
        log, index = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
        # SQLite writes beside the file, too; where it may not, it would not even read.
        beside = os.access(path.parent, os.W_OK) or (os.access(log, os.W_OK) and os.access(index, os.W_OK))
        self._is_fixed = path.exists() and not (os.access(path, os.W_OK) and beside)
        name = str(path)
        if self._is_fixed:
            # A file that nobody has open is taken as it lies there, for nothing can be made beside it. Where somebody
            # writes to it, or has left a log behind, it would be an older state without that log.
            lone = not log.exists() or (log.stat().st_size == 0 and not index.exists())
            if not lone and not index.exists():
                raise LedgerError(
                    f"{self.location} cannot be written to, and its newest part stands in {log.name}; let somebody "
                    "with rights to file and folder open it once, or make a copy of both that can be written to"
                )
            name = f"file:{quote(name)}?mode=ro" + ("&immutable=1" if lone else "")
        return sqlite3.connect(
            name, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=self._is_fixed
        )

    def _prepare(self) -> None:
        db = self._db
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("PRAGMA synchronous = FULL")
        self._in_wal = db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        if self._schema() != SCHEMA_VERSION:
            if self._is_fixed:
                raise LedgerError(
                    f"{self.location} cannot be written to, and its schema is an older one; make a copy that can be "
                    "written to, and open that"
                )
            self._use_wal()
            db.execute("BEGIN IMMEDIATE")
            try:
                # Another process may have made or migrated it while this one waited for the lock.
                version = self._schema()
                if not version:
                    make(db)
                for older in range(version or SCHEMA_VERSION, SCHEMA_VERSION):
                    MIGRATIONS[older](db)
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
        db.execute("PRAGMA foreign_keys = ON")

    def _use_wal(self) -> None:
        until = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as why:
                # Here SQLite does not wait by itself, so of several processes that make one ledger some would fail.
                if "locked" not in str(why) or time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                self._in_wal = True
                return

    def _schema(self) -> int:
        """The schema of a ledger, 0 for an empty file; anything else is refused, and left exactly as it is."""
        one = self._db.execute
        if self._path.exists() and 0 < self._path.stat().st_size < 512:
            # SQLite takes what is shorter than any page for an empty file, and would write over it.
            raise LedgerDamaged(f"{self.location} is not a sound ledger (cut short); restore it from a backup")
        holds_something = one("SELECT 1 FROM sqlite_master").fetchone() is not None
        version, mark = one("PRAGMA user_version").fetchone()[0], one("PRAGMA application_id").fetchone()[0]
        if mark != APPLICATION_ID and (holds_something or mark or version):
            raise LedgerDamaged(f"{self.location} is an SQLite file, but no ledger; choose another path")
        if holds_something and version < 1:
            raise LedgerDamaged(f"{self.location} is not a sound ledger (schema {version}); restore it from a backup")
        if version > SCHEMA_VERSION:
            raise LedgerTooNew(
                f"{self.location} has schema {version}, this Polemos knows {SCHEMA_VERSION}; update Polemos to open it"
            )
        return int(version) if holds_something else 0

    @property
    def location(self) -> str:
        """`sqlite:///` and the file's path, as `open_ledger` takes it."""
        return f"sqlite:///{quote(str(self._path))}"

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def revision(self) -> int:
        """The newest revision; 0 for an empty ledger."""
        with self._lock, _named_errors(self.location):
            return _newest(self._db)

    def append(self, batch: Batch, *, at: str | None = None, audit: Sequence[Audit] | None = None) -> int:
        """Store what is new in the batch, in one transaction; see `Ledger.append`."""
        with self._writing() as db:
            fresh = self._insert(batch)
            revision = _newest(db)
            if fresh:
                own = audit_of_append(fresh, revision + 1, at)
                at = at or own.at
                digest = chain(_digest(db, revision) or GENESIS, at, fresh)
                revision += 1
                db.execute("INSERT INTO revisions VALUES (?, ?, ?)", (revision, at, digest))
                db.executemany(
                    "INSERT INTO log (revision, kind, id) VALUES (?, ?, ?)",
                    [(revision, row.kind, row.id) for row in fresh],
                )
                audit = [own] if audit is None else audit
            self._audit(audit or (), revision if fresh else None)
        return revision

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction of the one writer; all of it is stored, or nothing."""
        with self._lock, _named_errors(self.location):
            db = self._db
            if not self._in_wal and not self._is_fixed:
                # A backup that is written to from now on.
                self._use_wal()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def _audit(self, rows: Iterable[Audit], new: int | None) -> None:
        """Write rows of the trail: of appends those of the revision that is new, of the rest what is not there yet."""
        one = self._db.execute
        for row in rows:
            body = audit_body(row)
            if row.revision != new if row.what == "append" else one(_TOLD, (body,)).fetchone() is not None:
                continue
            last = one("SELECT digest FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
            of = _digest(self._db, row.revision) if row.revision else None
            digest = audit_chain(last[0] if last else None, body, of.hex() if of else None)
            one("INSERT INTO audit (revision, body, digest) VALUES (?, ?, ?)", (row.revision, body, digest))

    def _insert(self, batch: Batch) -> list[Row]:
        one, fresh = self._db.execute, []
        # Of an article held already the stored text counts: another Unicode form of it has the same id.
        at_hand: dict[str, Article] = {}
        for article in batch.articles:
            row = row_of(article)
            values = (row.id, article.publisher, article.published, row.body, row.text)
            if one("INSERT OR IGNORE INTO articles VALUES (?, ?, ?, ?, ?)", values).rowcount:
                fresh.append(row)
                at_hand[article.id] = article
        nodes: tuple[Actor | Place, ...] = (*batch.actors, *batch.places)
        for node in nodes:
            row = row_of(node)
            if one("INSERT OR IGNORE INTO nodes VALUES (?, ?, ?)", (row.id, row.kind, row.body)).rowcount:
                fresh.append(row)
        for reading in batch.readings:
            if one("SELECT 1 FROM readings WHERE id = ?", (reading.id,)).fetchone():
                continue
            about = at_hand.get(reading.article) or self.article(reading.article)
            if about is None:
                raise LedgerError(f"reading {reading.id} is of article {reading.article}, which the ledger lacks")
            check_reading(reading, about)
            row = row_of(reading)
            count = len(reading.claims)
            stored = (row.id, reading.article, reading.extractor, count, refusals_of(reading), row.body)
            one("INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?)", stored)
            fresh.append(row)
        for decision in batch.decisions:
            row = row_of(decision)
            if one("INSERT OR IGNORE INTO decisions VALUES (?, ?)", (row.id, row.body)).rowcount:
                fresh.append(row)
        return fresh

    def entries(
        self, since: int = 0, until: int | None = None, *, with_text: bool = True
    ) -> Iterator[tuple[int, Entry]]:
        """Entries of revisions since < r <= until, in the order of append; see `Ledger.entries`."""
        return entries_of(self.rows(since, until, with_text=with_text), self.location)

    def rows(self, since: int = 0, until: int | None = None, *, with_text: bool = True) -> Iterator[tuple[int, Row]]:
        """The rows of these entries; see `Ledger.rows`."""
        # Read in pages, so that a slow consumer never holds a read transaction (it would stop the WAL from shrinking).
        last = self.revision if until is None else until
        with self._lock, _named_errors(self.location):
            first = "SELECT coalesce(min(seq), 0) FROM log WHERE revision > ?"
            seq = int(self._db.execute(first, (since,)).fetchone()[0]) - 1
        query = rows_query(with_text, PAGE)
        while True:
            with self._lock, _named_errors(self.location):
                found = self._db.execute(query, (seq, since, last)).fetchall()
            for number, revision, kind, record_id, body, text in found:
                seq = number
                row = Row(kind, record_id, body or b"", text or "")
                if kind not in TABLE_OF or (*map(type, row), type(revision)) != (str, str, bytes, str, int):
                    raise LedgerDamaged(f"{self.location}: row {seq} of the log is none; restore it from a backup")
                yield revision, row
            if len(found) < PAGE:
                return

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        with self._lock, _named_errors(self.location):
            found = self._db.execute("SELECT head, text FROM articles WHERE id = ?", (article_id,)).fetchone()
        if found is None:
            return None
        if tuple(map(type, found)) != (bytes, str):
            raise LedgerDamaged(f"{self.location}: article {article_id} is no record; restore it from a backup")
        entry = entry_of("article", found[0], found[1], self.location)
        assert isinstance(entry, Article)
        return entry

    def published(self, publisher: str, day: str | None) -> list[str]:
        """Ids of a publisher's articles of a day, in the order of append."""
        with self._lock, _named_errors(self.location):
            query = "SELECT id FROM articles WHERE publisher = ? AND published IS ? ORDER BY rowid"
            return [found for (found,) in self._db.execute(query, (publisher, day))]

    def appended_at(self, revision: int) -> str | None:
        """UTC instant of a revision, or None."""
        with self._lock, _named_errors(self.location):
            row = self._db.execute("SELECT at FROM revisions WHERE revision = ?", (revision,)).fetchone()
        return str(row[0]) if row else None

    def revision_at(self, instant: str) -> int:
        """The newest revision at or before an instant, or 0."""
        with self._lock, _named_errors(self.location):
            query = "SELECT coalesce(max(revision), 0) FROM revisions WHERE at <= ?"
            return int(self._db.execute(query, (instant,)).fetchone()[0])

    def digest(self, revision: int) -> str | None:
        """The digest of a revision and all before it, or None; see `Ledger.digest`."""
        with self._lock, _named_errors(self.location):
            found = _digest(self._db, revision) if revision else GENESIS
        return found.hex() if found is not None else None

    def wait(self, beyond: int, timeout: float) -> int:
        """Wait for a revision beyond this one; see `Ledger.wait`."""
        until = time.monotonic() + timeout
        while (newest := self.revision) <= beyond and (left := until - time.monotonic()) > 0:
            time.sleep(min(POLL_SECONDS, left))
        return newest

    def audit(self, after: int = 0, most: int | None = None, *, newest_first: bool = False) -> list[tuple[Audit, str]]:
        """Rows of the audit trail with their digests; see `Ledger.audit`."""
        order, beyond = ("DESC", "seq < ? OR ? = 0") if newest_first else ("ASC", "seq > ? OR ? = 0")
        query = f"SELECT seq, body, digest FROM audit WHERE {beyond} ORDER BY seq {order} LIMIT ?"  # noqa: S608
        with self._lock, _named_errors(self.location):
            found = self._db.execute(query, (after, after, -1 if most is None else most)).fetchall()
        return [(audit_from(number, body, self.location), digest.hex()) for number, body, digest in found]

    def api_keys(self) -> list[Key]:
        """The keys, in the order in which they were made; see `Ledger.api_keys`."""
        with self._lock, _named_errors(self.location):
            found = self._db.execute("SELECT body FROM keys ORDER BY rowid").fetchall()
        return [key_from(body, self.location) for (body,) in found]

    def keep_key(self, key: Key) -> None:
        """Keep a key, new or revoked; see `Ledger.keep_key`."""
        with self._writing() as db:
            kept = "INSERT INTO keys VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
            db.execute(kept, (key.id, key_body(key)))
            self._audit([audit_of_key(key)], None)

    def flaws(self) -> Iterator[Flaw]:
        """What is unsound in the file; see `Ledger.flaws`."""
        one, found = self._db.execute, []
        with self._lock, _named_errors(self.location):
            told = [row[0] for row in one("PRAGMA integrity_check(100)")]
            found += [Flaw("store", str(self._path), line) for line in told if line != "ok"]
            found += [Flaw("store", name, f"this {kind} is missing or changed") for kind, name in unlike_new(self._db)]
            for table, row, parent, _ in one("PRAGMA foreign_key_check"):
                found.append(
                    Flaw("reference", f"{table}, row {row}", f"it points at a row of {parent} that is not there")
                )
            for table in dict.fromkeys(TABLE_OF.values()):
                kinds = ", ".join(f"'{kind}'" for kind, of in TABLE_OF.items() if of == table)
                unlogged = f"SELECT id FROM {table} WHERE id NOT IN (SELECT id FROM log WHERE kind IN ({kinds}))"  # noqa: S608
                for (record_id,) in one(unlogged):
                    found.append(Flaw("reference", record_id, f"it is stored in {table}, and the log does not name it"))
            for (record_id,) in one("SELECT n.id FROM nodes n JOIN log l ON l.id = n.id WHERE l.kind <> n.kind"):
                found.append(Flaw("store", record_id, "the log says it is of another kind"))
        return iter(found)

    def compact(self) -> tuple[int, int]:
        """Rewrite the file without gaps and empty its log; see `Ledger.compact`."""
        with self._lock, _named_errors(self.location):
            before = self._size()
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA optimize")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return before, self._size()

    def _size(self) -> int:
        beside = (self._path.with_name(self._path.name + end) for end in ("", "-wal"))
        return sum(path.stat().st_size for path in beside if path.exists())

    def copy_to(self, path: Path, progress: Callable[[int, int], None] | None = None) -> None:
        """Write a sound copy of the file as it is at one moment, while others go on writing.

        Args:
            path: The copy; overwritten.
            progress: Told how many pages are copied, and of how many.

        Raises:
            LedgerError: The copy cannot be written.
        """
        with _named_errors(f"sqlite:///{quote(str(path))}"):
            source, copy = self._connect(), sqlite3.connect(path)
            try:
                # All pages in one step are one read transaction: in steps, every append from elsewhere starts it anew.
                tell = (lambda _, left, all_: progress(all_ - left, all_)) if progress is not None else None
                source.backup(copy, pages=-1, progress=tell)
                # Keys belong to the place: a copy may be handed on, and must not bring back what is revoked.
                copy.execute("PRAGMA secure_delete = ON")
                copy.execute("DELETE FROM keys")
                copy.commit()
                # A copy is one file, without a log beside it.
                copy.execute("PRAGMA journal_mode = DELETE")
            finally:
                copy.close()
                source.close()

    def unread(self, article_ids: Iterable[str], extractor: str) -> set[str]:
        """Those of the ids that this extractor version has not read yet."""
        missing = set()
        with self._lock, _named_errors(self.location):
            for article_id in article_ids:
                query = "SELECT 1 FROM readings WHERE article = ? AND extractor = ?"
                if self._db.execute(query, (article_id, extractor)).fetchone() is None:
                    missing.add(article_id)
        return missing

    def counts(self) -> LedgerCounts:
        """How much it holds."""
        refusals: Counter[str] = Counter()
        with self._lock, _named_errors(self.location):
            one = self._db.execute
            articles = one("SELECT count(*) FROM articles").fetchone()[0]
            readings, claims = one("SELECT count(*), coalesce(sum(claims), 0) FROM readings").fetchone()
            decisions = one("SELECT count(*) FROM decisions").fetchone()[0]
            for (row,) in one("SELECT refusals FROM readings WHERE refusals <> ?", (b"{}",)):
                if type(row) is not bytes:
                    raise LedgerDamaged(f"{self.location}: a reading's counts are none; restore it from a backup")
                refusals.update(counted_refusals(row))
        return LedgerCounts(articles, readings, claims, decisions, dict(sorted(refusals.items())))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def close_as_one_file(self) -> None:
        """Close the file with nothing left beside it; only where nobody else has it open."""
        with self._lock, _named_errors(self.location):
            if not self._is_fixed:
                self._db.execute("PRAGMA journal_mode = DELETE")
            self._db.close()


def _newest(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(revision), 0) FROM revisions").fetchone()[0])


def _digest(db: sqlite3.Connection, revision: int) -> bytes | None:
    row = db.execute("SELECT digest FROM revisions WHERE revision = ?", (revision,)).fetchone()
    if row and type(row[0]) is not bytes:
        raise LedgerDamaged(f"revision {revision} has no digest; restore the ledger from a backup")
    return row[0] if row else None
