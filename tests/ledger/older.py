"""Ledgers as older versions of Polemos wrote them: from each schema a dump, and larger ones made after its pattern.

`ledger_N.sql` lies beside this for every schema N before the present one. It was dumped from a file that the code of
that time had written, and is never changed.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).parent


def dump_of(schema: int) -> str:
    """The dump of an older ledger."""
    return (HERE / f"ledger_{schema}.sql").read_text(encoding="utf-8")


def older(schema: int, path: Path) -> Path:
    """Write the dumped ledger of a schema to a file, in WAL mode as it was."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(dump_of(schema))
    return path


def as_schema_1(newer: Path, path: Path) -> Path:
    """Write what a present ledger holds as schema 1 held it: the same rows in the tables of the dump."""
    tables = "".join(line for line in dump_of(1).splitlines(keepends=True) if not line.startswith("INSERT INTO "))
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(tables)
        db.execute("ATTACH ? AS newer", (str(newer),))
        for statement in (
            "INSERT INTO revisions SELECT revision, at FROM newer.revisions",
            "INSERT INTO articles SELECT id, head, text FROM newer.articles",
            "INSERT INTO readings SELECT id, article, extractor, claims, refusals, body FROM newer.readings",
            "INSERT INTO decisions SELECT id, body FROM newer.decisions",
            "INSERT INTO nodes SELECT id, kind, body FROM newer.nodes",
            "INSERT INTO log SELECT seq, revision, kind, id FROM newer.log",
        ):
            db.execute(statement)
        db.commit()
        db.execute("DETACH newer")
    return path
