"""A connection in, a ledger's tables in its schema out: made where there are none, migrated where they are older."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from psycopg import errors

from app.ledger import postgres_connection
from app.ledger.postgres_connection import Address, Db
from app.vocabulary.errors import LedgerDamaged, LedgerTooNew

_MEMORY = ("articles", "readings", "nodes", "decisions", "log", "revisions")
TABLES = (*_MEMORY, "audit")
"""Those that nothing is changed in or taken from."""

# Texts, publishers and extractors are bytes of UTF-8: PostgreSQL's text holds no U+0000, and what it does hold depends
# on the encoding of the database. Where they are looked for, their hash is, for an index takes only short values.
_TABLES = """
CREATE TABLE meta (
    key text PRIMARY KEY,
    value text NOT NULL
);
INSERT INTO meta VALUES ('application', 'polemos ledger'), ('schema', '0');
CREATE TABLE revisions (
    revision bigint PRIMARY KEY,
    at text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,       -- of all up to here, see rows.chain
    upto bigint NOT NULL         -- the last seq of the revision
);
CREATE TABLE articles (
    id text COLLATE "C" PRIMARY KEY,
    seq bigint NOT NULL,
    publisher bytea,
    published text COLLATE "C",
    head bytea NOT NULL,         -- the record without its text
    text bytea NOT NULL
);
CREATE INDEX articles_published ON articles (sha256(publisher), published);
CREATE TABLE readings (
    id text COLLATE "C" PRIMARY KEY,
    article text COLLATE "C" NOT NULL REFERENCES articles (id),
    extractor bytea NOT NULL,
    claims integer NOT NULL,
    refusals bytea NOT NULL,     -- counts by reason, so that counting never decodes a body
    body bytea NOT NULL
);
CREATE UNIQUE INDEX readings_once ON readings (article, sha256(extractor));
CREATE TABLE decisions (
    id text COLLATE "C" PRIMARY KEY,
    body bytea NOT NULL
);
CREATE TABLE nodes (
    id text COLLATE "C" PRIMARY KEY,  -- hash of the whole record: a changed record of one actor is a new row
    kind text NOT NULL CHECK (kind IN ('actor', 'place')),
    body bytea NOT NULL
);
CREATE TABLE log (
    seq bigint PRIMARY KEY,      -- order of append, without gaps
    revision bigint NOT NULL,    -- the writer's turn keeps it in order; a foreign key would cost a look at every row
    kind text NOT NULL CHECK (kind IN ('article', 'reading', 'decision', 'actor', 'place')),
    id text COLLATE "C" NOT NULL
);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
"""


def _to_1(db: Db) -> None:
    """The first schema."""
    db.execute(_TABLES)
    _guard(db, *_MEMORY)


def _guard(db: Db, *tables: str) -> None:
    for table in tables:
        db.execute(
            f"CREATE TRIGGER kept BEFORE DELETE OR UPDATE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
        )


def _to_2(db: Db) -> None:
    """Who wrote what, from now on, and keys."""
    db.execute(
        "CREATE TABLE audit (seq bigint PRIMARY KEY, revision bigint, body bytea NOT NULL, digest bytea NOT NULL);"
        'CREATE TABLE keys (id text COLLATE "C" PRIMARY KEY, seq bigint GENERATED ALWAYS AS IDENTITY, '
        "body bytea NOT NULL)"
    )
    _guard(db, "audit")


MIGRATIONS: tuple[Callable[[Db], None], ...] = (_to_1, _to_2)
"""From each schema to the next (the first from nothing), inside the transaction that writes the new number down."""

SCHEMA_VERSION = len(MIGRATIONS)


def prepare(db: Db, address: Address) -> None:
    """Make or migrate the tables; of several processes that do so at once one does it, the others wait.

    Raises:
        LedgerDamaged: The schema holds something else.
        LedgerTooNew: A newer Polemos has made it.
    """
    if "meta" in _names(db, address) and version(db, address) == SCHEMA_VERSION:
        return
    with db.transaction():
        take_turn(db, address)
        # Another process may have done it while this one waited.
        names = _names(db, address)
        if names and "meta" not in names:
            raise _strange(address)
        older = version(db, address) if names else 0
        if not db.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (address.schema,)).fetchone():
            db.execute(f'CREATE SCHEMA "{address.schema}"')
        for migrate in MIGRATIONS[older:]:
            migrate(db)
        db.execute("UPDATE meta SET value = %s WHERE key = 'schema'", (str(SCHEMA_VERSION),))


def take_turn(db: Db, address: Address) -> None:
    """Wait until no other transaction writes to this ledger; the turn ends with the transaction.

    Raises:
        psycopg.errors.LockNotAvailable: Another writer holds it for longer than `BUSY_SECONDS`.
    """
    # By a number, and on no table: so nobody who reads or vacuums waits for a writer, nor a writer for them.
    name = hashlib.sha256(f"polemos ledger {address.schema}".encode()).digest()
    patience = max(1, round(1000 * postgres_connection.BUSY_SECONDS))
    db.execute("SELECT set_config('lock_timeout', %s, true)", (str(patience),))
    db.execute("SELECT pg_advisory_xact_lock(%s::bigint)", (int.from_bytes(name[:8], "big", signed=True),))


def _names(db: Db, address: Address) -> set[str]:
    """What there is in the schema."""
    query = "SELECT relname FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = %s)"
    return {name for (name,) in db.execute(query, (address.schema,))}


def _strange(address: Address) -> LedgerDamaged:
    return LedgerDamaged(
        f"the schema {address.schema} of {address.location} holds something that is no ledger; name another by ?schema="
    )


def version(db: Db, address: Address) -> int:
    """The version of the tables, which is this program's or an older one.

    Raises:
        LedgerDamaged: They are no ledger's.
        LedgerTooNew: A newer Polemos has made or migrated them.
    """
    try:
        found: dict[str, str] = dict(db.execute(f'SELECT key, value FROM "{address.schema}".meta').fetchall())  # noqa: S608
    except errors.UndefinedColumn:
        raise _strange(address) from None
    if found.get("application") != "polemos ledger" or not found.get("schema", "").isdecimal():
        raise _strange(address)
    number = int(found["schema"])
    if number > SCHEMA_VERSION:
        raise LedgerTooNew(
            f"{address.location} has schema {number}, this Polemos knows {SCHEMA_VERSION}; update Polemos to open it"
        )
    return number


def unguarded(db: Db, address: Address) -> list[str]:
    """Tables that lack the trigger which keeps them as they are."""
    query = (
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON "
        "n.oid = c.relnamespace WHERE n.nspname = %s AND t.tgname = 'kept' AND t.tgenabled IN ('O', 'A')"
    )
    guarded = {name for (name,) in db.execute(query, (address.schema,))}
    return [table for table in TABLES if table not in guarded]


def size(db: Db, address: Address) -> int:
    """Bytes that the tables take up, with their indexes."""
    query = (
        "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c JOIN pg_namespace n ON "
        "n.oid = c.relnamespace WHERE n.nspname = %s AND c.relkind = 'r'"
    )
    row = db.execute(query, (address.schema,)).fetchone()
    assert row is not None
    return int(row[0])
