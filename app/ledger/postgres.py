"""A ledger in a PostgreSQL database, which many machines share: one writer at a time, any number of readers.

Durability: a commit that was answered is on the server's disk. A connection that is lost is made again, and what was
under way is done again: ids are made of content, so what was stored after all is not stored twice. Who waits for news
is told by NOTIFY, and looks at the newest revision whenever it begins to listen, so that nothing is missed.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import psycopg

from app.ledger.audit import Audit, audit_body, audit_chain, audit_from, audit_of_append, audit_of_key
from app.ledger.base import Batch, Flaw, LedgerCounts, check_reading
from app.ledger.keys import Key, key_body, key_from
from app.ledger.postgres_connection import Address, Db, Line, named_errors
from app.ledger.postgres_schema import TABLES, prepare, size, take_turn, unguarded, version
from app.ledger.rows import GENESIS, Entry, Row, chain, counted_refusals, entries_of, entry_of, refusals_of, row_of
from app.vocabulary.errors import LedgerError
from app.vocabulary.records import Actor, Article, Place, Reading

T = TypeVar("T")

PAGE_BYTES = 8_000_000
"""About how much is read at a time."""
HEARING_SECONDS = 0.25
"""How long one who waits is deaf to the ledger being closed."""
LOOKING_SECONDS = 5.0
"""How often one who waits looks for himself, so that a server which has vanished without a word is noticed."""

_NEWEST = "SELECT revision, digest, upto FROM revisions ORDER BY revision DESC LIMIT 1"
_UPTO = "coalesce((SELECT upto FROM revisions WHERE revision <= %s ORDER BY revision DESC LIMIT 1), 0)"
# Each row is looked up by its key in the one table that holds it; a join would make the server read whole tables.
_ROWS = (
    "SELECT l.seq, l.revision, l.kind, l.id, CASE l.kind "
    "WHEN 'article' THEN (SELECT head FROM articles WHERE id = l.id) "
    "WHEN 'reading' THEN (SELECT body FROM readings WHERE id = l.id) "
    "WHEN 'decision' THEN (SELECT body FROM decisions WHERE id = l.id) "
    "ELSE (SELECT body FROM nodes WHERE id = l.id) END, "
    "CASE WHEN l.kind = 'article' AND %s THEN (SELECT text FROM articles WHERE id = l.id) END "
    "FROM log l WHERE l.seq > %s AND l.seq <= %s ORDER BY l.seq LIMIT %s"
)
_COLUMNS = {
    "articles": ("id text, seq int8, publisher bytea, published text, head bytea, text bytea"),
    "nodes": ("id text, kind text, body bytea"),
    "readings": ("id text, article text, extractor bytea, claims int4, refusals bytea, body bytea"),
    "decisions": ("id text, body bytea"),
    "log": ("seq int8, revision int8, kind text, id text"),
}
_KINDS = {
    "articles": "l.kind = 'article'",
    "nodes": "l.kind = t.kind",
    "readings": "l.kind = 'reading'",
    "decisions": "l.kind = 'decision'",
}


class PostgresLedger:
    """A ledger in one schema of a PostgreSQL database, made where it is missing. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Connect, and make or migrate the tables.

        Args:
            url: `postgresql://user:password@host:port/database`, with libpq's parameters and `schema=NAME`.

        Raises:
            BadQuery: It is no such URL.
            LedgerError: There is no connection to be had, or the schema holds something else.
        """
        self._address = Address.parse(url)
        self._line = Line(self._address)
        # Another one listens, for as long as anybody waits.
        self._ear = Line(self._address)
        self._listening = threading.Lock()
        self._heard = 0
        try:
            with named_errors(self._address):
                self._line.run(lambda db: prepare(db, self._address))
        except BaseException:
            self.close()
            raise

    @property
    def location(self) -> str:
        """The URL as `open_ledger` takes it, without password."""
        return self._address.location

    @property
    def revision(self) -> int:
        """The newest revision; 0 for an empty ledger."""
        return self._number("SELECT coalesce(max(revision), 0) FROM revisions")

    # ---- writing ----

    def append(self, batch: Batch, *, at: str | None = None, audit: Sequence[Audit] | None = None) -> int:
        """Store what is new in the batch, in one transaction; see `Ledger.append`.

        Where the connection is lost, even during the commit, it is done again.
        """
        with named_errors(self._address):
            return self._line.run(lambda db: self._append(db, batch, at, audit))

    def _append(self, db: Db, batch: Batch, at: str | None, audit: Sequence[Audit] | None) -> int:
        with db.transaction():
            take_turn(db, self._address)
            # Another process may have migrated the tables since this one opened them.
            version(db, self._address)
            found = db.execute(_NEWEST, binary=True).fetchone()
            revision, digest, upto = found or (0, GENESIS, 0)
            fresh = self._insert(db, batch, upto)
            if fresh:
                revision += 1
                own = audit_of_append(fresh, revision, at)
                at = at or own.at
                digest = chain(digest, at, fresh)
                log = [(upto + number, revision, row.kind, row.id) for number, row in enumerate(fresh, 1)]
                _copy(db, "log", log)
                db.execute(
                    "INSERT INTO revisions (revision, at, digest, upto) VALUES (%s, %s, %s, %s)",
                    (revision, at, digest, upto + len(fresh)),
                )
                db.execute("SELECT pg_notify(%s, %s)", (self._channel, str(revision)))
                audit = [own] if audit is None else audit
            self._audit(db, audit or (), revision if fresh else None)
        return int(revision)

    def _audit(self, db: Db, rows: Iterable[Audit], new: int | None) -> None:
        """Write rows of the trail: of appends those of the revision that is new, of the rest what is not there yet."""
        for row in rows:
            body = audit_body(row)
            known = "SELECT 1 FROM audit WHERE body = %s LIMIT 1"
            if row.revision != new if row.what == "append" else db.execute(known, (body,)).fetchone() is not None:
                continue
            last = db.execute("SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1", binary=True).fetchone()
            number, before = last or (0, None)
            of = db.execute("SELECT digest FROM revisions WHERE revision = %s", (row.revision,), binary=True).fetchone()
            digest = audit_chain(before, body, bytes(of[0]).hex() if of else None)
            values = (number + 1, row.revision, body, digest)
            db.execute("INSERT INTO audit (seq, revision, body, digest) VALUES (%s, %s, %s, %s)", values)

    def _insert(self, db: Db, batch: Batch, upto: int) -> list[Row]:
        """Copy what is new into its tables; in this writer's turn, what is not there now comes from nobody else."""
        # Of an article held already the stored text counts: another Unicode form of it has the same id.
        articles = _new(db, "articles", ((article.id, article) for article in batch.articles))
        at_hand = {article.id: article for article in articles}
        fresh = [row_of(article) for article in articles]
        columns = [
            (row.id, seq, _bytes(article.publisher), article.published, row.body, row.text.encode())
            for seq, (row, article) in enumerate(zip(fresh, articles, strict=True), upto + 1)
        ]
        _copy(db, "articles", columns)

        records: tuple[Actor | Place, ...] = (*batch.actors, *batch.places)
        nodes = _new(db, "nodes", ((row.id, row) for row in map(row_of, records)))
        _copy(db, "nodes", [(row.id, row.kind, row.body) for row in nodes])

        readings = _new(db, "readings", ((reading.id, reading) for reading in batch.readings))
        at_hand |= self._articles(db, [one.article for one in readings if one.article not in at_hand])
        rows = [self._checked(reading, at_hand) for reading in readings]
        _copy(
            db,
            "readings",
            [
                (row.id, one.article, one.extractor.encode(), len(one.claims), refusals_of(one), row.body)
                for row, one in zip(rows, readings, strict=True)
            ],
        )

        decisions = _new(db, "decisions", ((row.id, row) for row in map(row_of, batch.decisions)))
        _copy(db, "decisions", [(row.id, row.body) for row in decisions])
        return [*fresh, *nodes, *rows, *decisions]

    def _checked(self, reading: Reading, articles: dict[str, Article]) -> Row:
        about = articles.get(reading.article)
        if about is None:
            raise LedgerError(f"reading {reading.id} is of article {reading.article}, which the ledger lacks")
        check_reading(reading, about)
        return row_of(reading)

    @property
    def _channel(self) -> str:
        return f"polemos.{self._address.schema}"

    # ---- reading ----

    def entries(
        self, since: int = 0, until: int | None = None, *, with_text: bool = True
    ) -> Iterator[tuple[int, Entry]]:
        """Entries of revisions since < r <= until, in the order of append; see `Ledger.entries`."""
        return entries_of(self.rows(since, until, with_text=with_text), self.location)

    def rows(self, since: int = 0, until: int | None = None, *, with_text: bool = True) -> Iterator[tuple[int, Row]]:
        """The rows of these entries; see `Ledger.rows`."""
        # Read in pages of one query each: a slow consumer never holds a transaction, which would stop all tidying.
        last = self.revision if until is None else until
        ((seq, end),) = self._ask(f"SELECT {_UPTO}, {_UPTO}", (since, last))
        page = 200
        while seq < end:
            found = self._ask(_ROWS, (with_text, seq, end, page))
            weight = 1
            for number, revision, kind, record_id, body, text in found:
                seq = number
                weight += len(body or b"") + len(text or b"")
                yield revision, Row(kind, record_id, body or b"", (text or b"").decode("utf-8", "replace"))
            if len(found) < page:
                return
            page = max(10, min(5000, PAGE_BYTES * len(found) // weight))

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        with named_errors(self._address):
            return self._line.run(lambda db: self._articles(db, [article_id])).get(article_id)

    def _articles(self, db: Db, ids: Sequence[str]) -> dict[str, Article]:
        if not ids:
            return {}
        found: dict[str, Article] = {}
        rows = db.execute("SELECT id, head, text FROM articles WHERE id = ANY(%s)", (list(ids),), binary=True)
        for record_id, head, text in rows:
            entry = entry_of("article", head, text.decode("utf-8", "replace"), self.location)
            assert isinstance(entry, Article)
            found[record_id] = entry
        return found

    def published(self, publisher: str, day: str | None) -> list[str]:
        """Ids of a publisher's articles of a day, in the order of append."""
        on = "published = %s" if day is not None else "published IS NULL"
        query = f"SELECT id FROM articles WHERE sha256(publisher) = sha256(%s) AND {on} ORDER BY seq"  # noqa: S608
        told = (_bytes(publisher),) if day is None else (_bytes(publisher), day)
        return [found for (found,) in self._ask(query, told)]

    def appended_at(self, revision: int) -> str | None:
        """UTC instant of a revision, or None."""
        found = self._ask("SELECT at FROM revisions WHERE revision = %s", (revision,))
        return str(found[0][0]) if found else None

    def revision_at(self, instant: str) -> int:
        """The newest revision at or before an instant, or 0."""
        return self._number("SELECT coalesce(max(revision), 0) FROM revisions WHERE at <= %s", (instant,))

    def digest(self, revision: int) -> str | None:
        """The digest of a revision and all before it, or None; see `Ledger.digest`."""
        if not revision:
            return GENESIS.hex()
        found = self._ask("SELECT digest FROM revisions WHERE revision = %s", (revision,))
        return bytes(found[0][0]).hex() if found else None

    def audit(self, after: int = 0, most: int | None = None, *, newest_first: bool = False) -> list[tuple[Audit, str]]:
        """Rows of the audit trail with their digests; see `Ledger.audit`."""
        order, beyond = ("DESC", "seq < %s OR %s = 0") if newest_first else ("ASC", "seq > %s OR %s = 0")
        query = f"SELECT seq, body, digest FROM audit WHERE {beyond} ORDER BY seq {order} LIMIT %s"  # noqa: S608
        found = self._ask(query, (after, after, most))
        return [(audit_from(number, body, self.location), bytes(digest).hex()) for number, body, digest in found]

    def api_keys(self) -> list[Key]:
        """The keys, in the order in which they were made; see `Ledger.api_keys`."""
        return [key_from(body, self.location) for (body,) in self._ask("SELECT body FROM keys ORDER BY seq")]

    def keep_key(self, key: Key) -> None:
        """Keep a key, new or revoked; see `Ledger.keep_key`."""
        row = audit_of_key(key)

        def keep(db: Db) -> None:
            with db.transaction():
                take_turn(db, self._address)
                kept = "INSERT INTO keys (id, body) VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
                db.execute(kept, (key.id, key_body(key)))
                self._audit(db, [row], None)

        with named_errors(self._address):
            self._line.run(keep)

    def unread(self, article_ids: Iterable[str], extractor: str) -> set[str]:
        """Those of the ids that this extractor version has not read yet."""
        ids = list(article_ids)
        query = "SELECT article FROM readings WHERE article = ANY(%s) AND sha256(extractor) = sha256(%s)"
        return set(ids) - {found for (found,) in self._ask(query, (ids, _bytes(extractor)))}

    def counts(self) -> LedgerCounts:
        """How much it holds."""
        query = (
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM readings), "
            "(SELECT coalesce(sum(claims), 0)::int8 FROM readings), (SELECT count(*) FROM decisions)"
        )
        ((articles, readings, claims, decisions),) = self._ask(query)
        refusals: Counter[str] = Counter()
        # Few readings refuse in a way of their own, so the server counts those that are alike.
        for row, times in self._ask("SELECT refusals, count(*) FROM readings WHERE refusals <> '{}' GROUP BY 1"):
            refusals.update({reason: times * count for reason, count in counted_refusals(row).items()})
        return LedgerCounts(articles, readings, claims, decisions, dict(sorted(refusals.items())))

    # ---- news ----

    def wait(self, beyond: int, timeout: float) -> int:
        """Wait for a revision beyond this one; see `Ledger.wait`.

        One thread listens for all that wait here, by a connection of its own, so appends and questions go on meanwhile.
        """
        until = time.monotonic() + timeout
        while True:
            left = until - time.monotonic()
            if self._listening.acquire(timeout=max(0.0, min(left, 0.05))):
                try:
                    with named_errors(self._address):
                        return self._hear(beyond, until)
                finally:
                    self._listening.release()
            if left <= 0:
                return self.revision
            if self._heard > beyond:
                return self._heard

    def _hear(self, beyond: int, until: float) -> int:
        pause = 0.05
        while True:
            try:
                db = self._ear.connected()
                # Only what comes after this is told, so the revision is looked at afterwards.
                db.execute(f'LISTEN "{self._channel}"')
                while True:
                    self._heard = _newest(db)
                    if self._heard > beyond or time.monotonic() >= until:
                        return self._heard
                    self._listen(db, until)
            except psycopg.Error:
                self._ear.drop()
                if time.monotonic() + pause >= until:
                    raise
                time.sleep(pause)
                pause = min(2 * pause, 1.0)

    def _listen(self, db: Db, until: float) -> None:
        look = time.monotonic() + LOOKING_SECONDS
        while (left := min(until, look) - time.monotonic()) > 0:
            self._ear.check_open()
            if any(True for _ in db.notifies(timeout=min(left, HEARING_SECONDS), stop_after=1)):
                return

    # ---- keeping ----

    def flaws(self) -> Iterator[Flaw]:
        """What is unsound in the tables; see `Ledger.flaws`.

        What the server keeps for itself (pages, indexes) it checks when it reads them; `pg_amcheck` looks at all of it.
        """
        with named_errors(self._address):
            bare = self._line.run(lambda db: unguarded(db, self._address))
        for table in bare:
            yield Flaw("store", table, "the trigger that keeps its rows from being changed is missing or switched off")
        unlogged = "SELECT t.id FROM {0} t WHERE NOT EXISTS (SELECT FROM log l WHERE l.id = t.id AND {1}) ORDER BY t.id"
        for table, kind in _KINDS.items():
            for (record_id,) in self._ask(unlogged.format(table, kind)):
                yield Flaw("reference", record_id, f"it is stored in {table}, and the log does not name it")
        for record_id, article in self._ask(
            "SELECT r.id, r.article FROM readings r WHERE NOT EXISTS (SELECT FROM articles a WHERE a.id = r.article)"
        ):
            yield Flaw("reference", record_id, f"its article {article} is not stored")
        for (seq,) in self._ask("SELECT seq FROM (SELECT seq, lag(seq, 1, 0::int8) OVER (ORDER BY seq) AS before "
            "FROM log) AS l WHERE seq <> before + 1 ORDER BY seq"):  # fmt: skip
            yield Flaw("order", f"log {seq}", "the entry before it is missing")
        for (revision,) in self._ask(
            "SELECT coalesce(r.revision, l.revision) FROM revisions r FULL JOIN (SELECT revision, max(seq) AS last "
            "FROM log GROUP BY revision) l USING (revision) WHERE r.upto IS DISTINCT FROM l.last ORDER BY 1"
        ):
            yield Flaw("order", f"revision {revision}", "its row and the log do not agree on where it ends")

    def compact(self) -> tuple[int, int]:
        """Let the server tidy the tables and count what is in them, for better plans; see `Ledger.compact`."""
        with named_errors(self._address):
            before = self._line.run(lambda db: size(db, self._address))
            self._line.run(lambda db: db.execute(f"VACUUM (ANALYZE) {', '.join((*TABLES, 'keys'))}"))
            return before, self._line.run(lambda db: size(db, self._address))

    def close(self) -> None:
        """Give the connections back; who waits is told within a moment."""
        self._ear.is_closed = True
        self._line.close()
        with self._listening:
            self._ear.close()

    # ---- asking ----

    def _ask(self, query: str, told: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with named_errors(self._address):
            return self._line.run(lambda db: db.execute(query, told or None, binary=True).fetchall())

    def _number(self, query: str, told: Sequence[object] = ()) -> int:
        ((number,),) = self._ask(query, told)
        return int(number)


def _newest(db: Db) -> int:
    row = db.execute("SELECT coalesce(max(revision), 0) FROM revisions").fetchone()
    return int(row[0]) if row else 0


def _bytes(text: str | None) -> bytes | None:
    return text.encode() if text is not None else None


def _new(db: Db, table: str, given: Iterable[tuple[str, T]]) -> list[T]:
    """Those of the records that a table does not hold, by id; of two with one id, the first."""
    found: dict[str, T] = {}
    for record_id, one in given:
        found.setdefault(record_id, one)
    if not found:
        return []
    held = db.execute(f"SELECT id FROM {table} WHERE id = ANY(%s)", (list(found),))  # noqa: S608
    known = {record_id for (record_id,) in held}
    return [one for record_id, one in found.items() if record_id not in known]


def _copy(db: Db, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    if not rows:
        return
    names, types = zip(*(column.split() for column in _COLUMNS[table].split(", ")), strict=True)
    with db.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
