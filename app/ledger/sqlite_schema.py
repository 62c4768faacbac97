"""The tables of a SQLite ledger: made in a new file, brought forward from older forms, held against a new one's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

from app.ledger.rows import GENESIS, Row, chain

SCHEMA_VERSION = 3
# Told to SQLite, so that `file` and other tools know whose file it is.
APPLICATION_ID = 0x504F4C45

_TABLES = """
CREATE TABLE revisions (
    revision INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    digest BLOB NOT NULL         -- of all up to here, see rows.chain
) STRICT;
CREATE TABLE articles (
    id TEXT NOT NULL UNIQUE,
    publisher TEXT,
    published TEXT,
    head BLOB NOT NULL,          -- the record without its text
    text TEXT NOT NULL
) STRICT;
CREATE INDEX articles_published ON articles (publisher, published);
CREATE TABLE readings (
    id TEXT NOT NULL UNIQUE,
    article TEXT NOT NULL REFERENCES articles (id),
    extractor TEXT NOT NULL,
    claims INTEGER NOT NULL,
    refusals BLOB NOT NULL,      -- counts by reason, so that counting never decodes a body
    body BLOB NOT NULL,
    UNIQUE (article, extractor)
) STRICT;
CREATE TABLE decisions (
    id TEXT NOT NULL UNIQUE,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE nodes (
    id TEXT NOT NULL UNIQUE,     -- hash of the whole record: a changed record of one actor is a new row
    kind TEXT NOT NULL CHECK (kind IN ('actor', 'place')),
    body BLOB NOT NULL
) STRICT;
CREATE TABLE log (
    seq INTEGER PRIMARY KEY,     -- order of append
    revision INTEGER NOT NULL REFERENCES revisions (revision),
    kind TEXT NOT NULL CHECK (kind IN ('article', 'reading', 'decision', 'actor', 'place')),
    id TEXT NOT NULL
) STRICT;
CREATE INDEX log_revision ON log (revision);
"""
_AUDIT = """
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    revision INTEGER,            -- the one it brought, or NULL
    body BLOB NOT NULL,
    digest BLOB NOT NULL         -- of all rows up to here, see audit.audit_chain
) STRICT;
CREATE TABLE keys (
    id TEXT NOT NULL UNIQUE,
    body BLOB NOT NULL
) STRICT;
"""

TABLE_OF = {
    "article": "articles",
    "reading": "readings",
    "decision": "decisions",
    "actor": "nodes",
    "place": "nodes",
}


_MEMORY = ("articles", "readings", "nodes", "decisions", "log", "revisions")


def _guards(tables: Iterable[str]) -> Iterator[str]:
    """Triggers that keep tables append-only, whoever opens the file."""
    for table in tables:
        for name, event in (("kept", "DELETE"), ("fixed", "UPDATE")):
            yield (
                f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )


def make(db: sqlite3.Connection) -> None:
    """Make tables and triggers in an empty file, inside the transaction that is open."""
    for statement in (*_statements(_TABLES + _AUDIT), *_guards((*_MEMORY, "audit"))):
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def unlike_new(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Kind and name of tables, indexes and triggers that a new ledger has and this one has not, or not so."""
    query = "SELECT type, name, sql FROM sqlite_master"
    found = set(db.execute(query))
    with closing(sqlite3.connect(":memory:")) as new:
        make(new)
        for kind, name, sql in new.execute(query):
            if (kind, name, sql) not in found:
                yield kind, name


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit the transaction it stands in."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def rows_query(with_text: bool, page: int | None) -> str:
    """Rows of the log after a `seq`, of revisions in a range."""
    text = "(SELECT text FROM articles WHERE id = l.id)" if with_text else "''"
    # Each row is looked up in the one table that holds it. The + keeps SQLite from walking the index by revision,
    # which would sort all that is left for every page.
    return (
        "SELECT l.seq, l.revision, l.kind, l.id, CASE l.kind "  # noqa: S608
        "WHEN 'article' THEN (SELECT head FROM articles WHERE id = l.id) "
        "WHEN 'reading' THEN (SELECT body FROM readings WHERE id = l.id) "
        "WHEN 'decision' THEN (SELECT body FROM decisions WHERE id = l.id) "
        "ELSE (SELECT body FROM nodes WHERE id = l.id) END, "
        f"CASE l.kind WHEN 'article' THEN {text} END FROM log l "
        "WHERE l.seq > ? AND +l.revision > ? AND +l.revision <= ? ORDER BY l.seq" + (f" LIMIT {page}" if page else "")
    )


def _to_2(db: sqlite3.Connection) -> None:
    """Tables whose large rows are no longer kept in the order of their hashes; publishers and days; digests."""
    # Read before anything is moved, for the digests need the rows as they are.
    digests = []
    digest = GENESIS
    instants = dict(db.execute("SELECT revision, at FROM revisions"))
    revision = 0
    rows: list[Row] = []
    for _, at, kind, record_id, body, text in db.execute(rows_query(True, None), (0, 0, max(instants, default=0))):
        if at != revision and rows:
            digest = chain(digest, instants[revision], rows)
            digests.append((revision, instants[revision], digest))
            rows = []
        revision = at
        rows.append(Row(kind, record_id, body or b"", text or ""))
    if rows:
        digests.append((revision, instants[revision], chain(digest, instants[revision], rows)))

    tables = ("articles", "readings", "decisions", "nodes", "revisions", "log")
    made = "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
    for kind, name in db.execute(made).fetchall():
        db.execute(f"DROP {kind} {name}")
    for table in tables:
        db.execute(f"ALTER TABLE {table} RENAME TO {table}_1")
    for statement in _statements(_TABLES):
        db.execute(statement)
    columns = {
        "articles": "o.id, CAST(o.head AS TEXT) ->> 'publisher', CAST(o.head AS TEXT) ->> 'published', o.head, o.text",
        "readings": "o.id, o.article, o.extractor, o.claims, o.refusals, o.body",
        "decisions": "o.id, o.body",
        "nodes": "o.id, o.kind, o.body",
    }
    for table, taken in columns.items():
        order = "LEFT JOIN log_1 l ON l.id = o.id AND l.kind = " + ("o.kind" if table == "nodes" else f"'{table[:-1]}'")
        db.execute(f"INSERT INTO {table} SELECT {taken} FROM {table}_1 o {order} ORDER BY l.seq")  # noqa: S608
    db.executemany("INSERT INTO revisions VALUES (?, ?, ?)", digests)
    db.execute("INSERT INTO log SELECT * FROM log_1 ORDER BY seq")
    for table in tables:
        db.execute(f"DROP TABLE {table}_1")
    for statement in _guards(_MEMORY):
        db.execute(statement)


def _to_3(db: sqlite3.Connection) -> None:
    """Who wrote what, from now on, and keys."""
    for statement in (*_statements(_AUDIT), *_guards(("audit",))):
        db.execute(statement)


MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _to_2, 2: _to_3}
"""From each older schema to the next, inside the transaction that also writes the new number down."""
