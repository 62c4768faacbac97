"""The default ledger: one SQLite file in WAL mode, one writer at a time, any number of readers in any process.

Durability: `synchronous=FULL`, so what `append` has returned for survives the death of process and machine.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import msgspec

from app.ledger.base import Batch, Entry, Ledger, LedgerCounts, check_reading
from app.vocabulary.errors import BadQuery, LedgerBusy, LedgerDamaged, LedgerError, LedgerTooNew
from app.vocabulary.records import Actor, Article, Decision, Place, Reading, content_id

SCHEMA_VERSION = 1
# Told to SQLite, so that `file` and other tools know whose file it is.
APPLICATION_ID = 0x504F4C45

_SCHEMA = """
CREATE TABLE revisions (
    revision INTEGER PRIMARY KEY,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    head BLOB NOT NULL,          -- the record without its text
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE readings (
    id TEXT PRIMARY KEY,
    article TEXT NOT NULL REFERENCES articles (id),
    extractor TEXT NOT NULL,
    claims INTEGER NOT NULL,
    refusals BLOB NOT NULL,      -- counts by reason, so that counting never decodes a body
    body BLOB NOT NULL,
    UNIQUE (article, extractor)
) STRICT, WITHOUT ROWID;
CREATE TABLE decisions (
    id TEXT PRIMARY KEY,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE nodes (
    id TEXT PRIMARY KEY,         -- hash of the whole record: a changed record of one actor is a new row
    kind TEXT NOT NULL CHECK (kind IN ('actor', 'place')),
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE log (
    seq INTEGER PRIMARY KEY,     -- order of append
    revision INTEGER NOT NULL REFERENCES revisions (revision),
    kind TEXT NOT NULL CHECK (kind IN ('article', 'reading', 'decision', 'actor', 'place')),
    id TEXT NOT NULL
) STRICT;
CREATE INDEX log_revision ON log (revision);
CREATE TRIGGER articles_kept BEFORE DELETE ON articles BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER articles_fixed BEFORE UPDATE ON articles BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER readings_kept BEFORE DELETE ON readings BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER readings_fixed BEFORE UPDATE ON readings BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER nodes_kept BEFORE DELETE ON nodes BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER nodes_fixed BEFORE UPDATE ON nodes BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER decisions_kept BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER decisions_fixed BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER log_kept BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER log_fixed BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER revisions_kept BEFORE DELETE ON revisions BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER revisions_fixed BEFORE UPDATE ON revisions BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""

_encode = msgspec.json.Encoder().encode
_article = msgspec.json.Decoder(Article).decode
_decoders: dict[str, Callable[[bytes], Entry]] = {
    "reading": msgspec.json.Decoder(Reading).decode,
    "decision": msgspec.json.Decoder(Decision).decode,
    "actor": msgspec.json.Decoder(Actor).decode,
    "place": msgspec.json.Decoder(Place).decode,
}
_numbers = msgspec.json.Decoder(dict[str, int]).decode

BUSY_SECONDS = 30.0


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
        raise LedgerError(f"{location}: {text}") from why
    except sqlite3.IntegrityError as why:
        raise LedgerError(f"{location} refuses this: {why}; nothing of it was stored") from why
    except sqlite3.ProgrammingError as why:
        raise LedgerError(f"{location} cannot be asked any more: {why}") from why
    except UnicodeEncodeError as why:
        raise LedgerError(f"a text holds half of a surrogate pair, which {location} cannot store") from why
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
                self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            except OSError as why:
                raise LedgerError(f"the folder {path.parent} cannot be made: {why.strerror}") from why
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        db = self._db
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = FULL")
        if not self._holds_ledger():
            self._use_wal()
            db.execute("BEGIN IMMEDIATE")
            try:
                # Another process may have made the schema while this one waited for the lock.
                if not self._holds_ledger():
                    for statement in _statements(_SCHEMA):
                        db.execute(statement)
                    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                db.execute("COMMIT")
            except BaseException:
                db.execute("ROLLBACK")
                raise

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
                return

    def _holds_ledger(self) -> bool:
        """True for a ledger, False for an empty file; anything else is refused, and left exactly as it is."""
        one = self._db.execute
        holds_something = one("SELECT 1 FROM sqlite_master").fetchone() is not None
        version, mark = one("PRAGMA user_version").fetchone()[0], one("PRAGMA application_id").fetchone()[0]
        if mark != APPLICATION_ID and (holds_something or mark or version):
            raise LedgerDamaged(f"{self.location} is an SQLite file, but no ledger; choose another path")
        if version > SCHEMA_VERSION:
            raise LedgerTooNew(
                f"{self.location} has schema {version}, this Polemos knows {SCHEMA_VERSION}; update Polemos to open it"
            )
        return holds_something

    @property
    def location(self) -> str:
        """`sqlite:///` and the file's path, as `open_ledger` takes it."""
        return f"sqlite:///{quote(str(self._path))}"

    @property
    def revision(self) -> int:
        """The newest revision; 0 for an empty ledger."""
        with self._lock, _named_errors(self.location):
            (revision,) = self._db.execute("SELECT coalesce(max(revision), 0) FROM revisions").fetchone()
            return int(revision)

    def append(self, batch: Batch) -> int:
        """Store what is new in the batch, in one transaction; see `Ledger.append`."""
        with self._lock, _named_errors(self.location):
            db = self._db
            db.execute("BEGIN IMMEDIATE")
            try:
                fresh = self._insert(batch)
                revision = int(db.execute("SELECT coalesce(max(revision), 0) FROM revisions").fetchone()[0])
                if fresh:
                    revision += 1
                    at = datetime.now(UTC).isoformat(timespec="milliseconds")
                    db.execute("INSERT INTO revisions VALUES (?, ?)", (revision, at))
                    db.executemany(
                        "INSERT INTO log (revision, kind, id) VALUES (?, ?, ?)",
                        [(revision, kind, record_id) for kind, record_id in fresh],
                    )
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            return revision

    def _insert(self, batch: Batch) -> list[tuple[str, str]]:
        db, fresh = self._db, []
        # Of an article held already the stored text counts: another Unicode form of it has the same id.
        at_hand: dict[str, Article] = {}
        for article in batch.articles:
            head = _encode(_with_text(article, ""))
            done = db.execute("INSERT OR IGNORE INTO articles VALUES (?, ?, ?)", (article.id, head, article.text))
            if done.rowcount:
                fresh.append(("article", article.id))
                at_hand[article.id] = article
        for kind, nodes in (("actor", batch.actors), ("place", batch.places)):
            for node in nodes:
                body = _encode(node)
                row_id = content_id("row", kind, body.decode())
                done = db.execute("INSERT OR IGNORE INTO nodes VALUES (?, ?, ?)", (row_id, kind, body))
                if done.rowcount:
                    fresh.append((kind, row_id))
        for reading in batch.readings:
            known = db.execute("SELECT 1 FROM readings WHERE id = ?", (reading.id,)).fetchone()
            if known:
                continue
            about = at_hand.get(reading.article) or self.article(reading.article)
            if about is None:
                raise LedgerError(f"reading {reading.id} is of article {reading.article}, which the ledger lacks")
            check_reading(reading, about)
            refusals = _encode(Counter(str(refusal.reason) for refusal in reading.refusals))
            row = (reading.id, reading.article, reading.extractor, len(reading.claims), refusals, _encode(reading))
            db.execute("INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?)", row)
            fresh.append(("reading", reading.id))
        for decision in batch.decisions:
            done = db.execute("INSERT OR IGNORE INTO decisions VALUES (?, ?)", (decision.id, _encode(decision)))
            if done.rowcount:
                fresh.append(("decision", decision.id))
        return fresh

    def entries(
        self, since: int = 0, until: int | None = None, *, with_text: bool = True
    ) -> Iterator[tuple[int, Entry]]:
        """Entries of revisions since < r <= until, in the order of append; see `Ledger.entries`."""
        text = "(SELECT text FROM articles WHERE id = l.id)" if with_text else "''"
        # Each row is looked up in the one table that holds it. The + keeps SQLite from walking the index by revision,
        # which would sort all that is left for every page.
        query = (
            "SELECT l.seq, l.revision, l.kind, CASE l.kind "  # noqa: S608
            "WHEN 'article' THEN (SELECT head FROM articles WHERE id = l.id) "
            "WHEN 'reading' THEN (SELECT body FROM readings WHERE id = l.id) "
            "WHEN 'decision' THEN (SELECT body FROM decisions WHERE id = l.id) "
            "ELSE (SELECT body FROM nodes WHERE id = l.id) END, "
            f"CASE l.kind WHEN 'article' THEN {text} END FROM log l "
            "WHERE l.seq > ? AND +l.revision > ? AND +l.revision <= ? ORDER BY l.seq LIMIT 1000"
        )
        # Read in pages, so that a slow consumer never holds a read transaction (it would stop the WAL from shrinking).
        last = self.revision if until is None else until
        with self._lock, _named_errors(self.location):
            first = "SELECT coalesce(min(seq), 0) FROM log WHERE revision > ?"
            seq = int(self._db.execute(first, (since,)).fetchone()[0]) - 1
        while True:
            with self._lock, _named_errors(self.location):
                rows = self._db.execute(query, (seq, since, last)).fetchall()
            for number, revision, kind, body, article_text in rows:
                seq = number
                if body is None:
                    raise LedgerDamaged(f"{self.location}: the log names an entry ({kind}) that is not stored")
                yield revision, self._decode(kind, body, article_text)
            if len(rows) < 1000:
                return

    def _decode(self, kind: str, body: bytes, text: str | None) -> Entry:
        try:
            if kind == "article":
                return _with_text(_article(body), text or "")
            return _decoders[kind](body)
        except msgspec.DecodeError as why:
            raise LedgerDamaged(f"{self.location}: a stored {kind} cannot be read ({why})") from why

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        with self._lock, _named_errors(self.location):
            row = self._db.execute("SELECT head, text FROM articles WHERE id = ?", (article_id,)).fetchone()
            return _with_text(_article(row[0]), row[1]) if row else None

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
                refusals.update(_numbers(row))
        return LedgerCounts(articles, readings, claims, decisions, dict(sorted(refusals.items())))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit the transaction it stands in."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _with_text(article: Article, text: str) -> Article:
    fields = (article.published, article.publisher, article.url, article.external_id, article.id)
    return Article(article.title, text, *fields)


def open_ledger(url: str) -> Ledger:
    """The ledger a URL names: `sqlite:////absolute/path` (or `sqlite:///relative/path`).

    Raises:
        BadQuery: No such kind of ledger.
        LedgerError: It cannot be opened.
    """
    advice = "use sqlite:////absolute/path/to/ledger.sqlite, with ? and # in it written %3F and %23"
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BadQuery(f"a ledger is named by a URL; {advice}") from None
    # The URL itself is not shown: anywhere in it may stand a password.
    if parts.scheme != "sqlite":
        raise BadQuery(f"{parts.scheme!r} names no kind of ledger; {advice}")
    if parts.netloc or len(parts.path) < 2 or parts.query or parts.fragment:
        raise BadQuery(f"this sqlite URL names no file; {advice}")
    return SqliteLedger(Path(unquote(parts.path[1:])))
