"""A ledger of every older schema is brought forward once, whole, and holds what it held."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.ledger import Batch, Entry, SqliteLedger, sqlite_schema
from app.ledger.checking import check
from app.ledger.rows import GENESIS, chain, row_of
from app.vocabulary.errors import LedgerError
from app.vocabulary.records import Actor, Article, Decision, Place, Reading
from tests.ledger.older import HERE, as_schema_1, dump_of, older

OLDER = range(1, sqlite_schema.SCHEMA_VERSION)
RECORDS: dict[str, Any] = {
    "article": Article,
    "reading": Reading,
    "decision": Decision,
    "actor": Actor,
    "place": Place,
}
TABLES = {"article": "articles", "reading": "readings", "decision": "decisions", "actor": "nodes", "place": "nodes"}


def as_it_was(path: Path) -> tuple[list[tuple[int, Entry]], dict[int, str]]:
    """What an old file holds, read by nothing of ours but the records: entries in order, and instants."""
    found: list[tuple[int, Entry]] = []
    with closing(sqlite3.connect(path)) as db:
        for revision, kind, record_id in db.execute("SELECT revision, kind, id FROM log ORDER BY seq").fetchall():
            body = "head" if kind == "article" else "body"
            (raw,) = db.execute(f"SELECT {body} FROM {TABLES[kind]} WHERE id = ?", (record_id,)).fetchone()
            values = msgspec.json.decode(raw)
            if kind == "article":
                (values["text"],) = db.execute("SELECT text FROM articles WHERE id = ?", (record_id,)).fetchone()
            found.append((revision, msgspec.convert(values, RECORDS[kind])))
        return found, dict(db.execute("SELECT revision, at FROM revisions"))


def schema(path: Path) -> list[tuple[str, str, str]]:
    """Everything a file is made of, written one way."""
    with closing(sqlite3.connect(path)) as db:
        made = db.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return sorted((kind, name, re.sub(r'[\s"]+', " ", sql or "").strip()) for kind, name, sql in made)


def everything(path: Path) -> list[str]:
    """A file's dump and numbers."""
    with closing(sqlite3.connect(path)) as db:
        return [*db.iterdump(), *(str(db.execute(f"PRAGMA {what}").fetchone()) for what in ("user_version",))]


@pytest.fixture(params=OLDER, ids=lambda version: f"from schema {version}")
def version(request: pytest.FixtureRequest) -> int:
    found: int = request.param
    return found


@pytest.fixture
def old(version: int, tmp_path: Path) -> Path:
    return older(version, tmp_path / "ledger.sqlite")


def test_there_is_a_dump_and_a_way_forward_from_every_older_schema() -> None:
    assert sorted(sqlite_schema.MIGRATIONS) == list(OLDER), "a new schema needs a migration from the one before"
    dumps = {path.name for path in HERE.glob("ledger_*.sql")}
    assert dumps == {f"ledger_{number}.sql" for number in OLDER}, "a new schema needs a dump of the one before"
    for number in OLDER:
        assert f"PRAGMA user_version = {number};" in dump_of(number)


def test_the_dumps_hold_every_kind_of_entry(old: Path) -> None:
    entries, _ = as_it_was(old)
    assert {type(entry) for _, entry in entries} == {Article, Reading, Decision, Actor, Place}


def test_what_it_held_is_there_in_order_with_its_instants(old: Path) -> None:
    entries, instants = as_it_was(old)
    with closing(SqliteLedger(old)) as ledger:
        assert list(ledger.entries()) == entries
        assert {revision: ledger.appended_at(revision) for revision in instants} == instants
        assert ledger.revision == max(instants)
        assert list(check(ledger)) == []
        counts = ledger.counts()
        articles = [entry for _, entry in entries if isinstance(entry, Article)]
        readings = [entry for _, entry in entries if isinstance(entry, Reading)]
        assert (counts.articles, counts.readings) == (len(articles), len(readings))
        assert counts.claims == sum(len(reading.claims) for reading in readings)
        for article in articles:
            if article.publisher is not None:
                assert article.id in ledger.published(article.publisher, article.published)


def test_its_digests_are_those_it_would_have_had(old: Path) -> None:
    entries, instants = as_it_was(old)
    digest = GENESIS
    with closing(SqliteLedger(old)) as ledger:
        for revision, at in sorted(instants.items()):
            digest = chain(digest, at, [row_of(entry) for number, entry in entries if number == revision])
            assert ledger.digest(revision) == digest.hex()


def test_it_is_made_like_a_new_one(old: Path, tmp_path: Path) -> None:
    SqliteLedger(old).close()
    new = tmp_path / "new.sqlite"
    SqliteLedger(new).close()
    assert schema(old) == schema(new)
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA user_version").fetchone() == (sqlite_schema.SCHEMA_VERSION,)
        assert db.execute("PRAGMA application_id").fetchone() == (sqlite_schema.APPLICATION_ID,)
        for table in ("articles", "readings", "decisions", "nodes", "log", "revisions"):
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid"):
                with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                    db.execute(statement)


def test_appends_go_on(old: Path) -> None:
    entries, _ = as_it_was(old)
    more = Article("Later", "Beloria denied it.", "2031-06-01", "Port Gazette")
    known = next(entry for _, entry in entries if isinstance(entry, Article))
    with closing(SqliteLedger(old)) as ledger:
        before = ledger.revision
        assert ledger.append(Batch([known])) == before
        assert ledger.append(Batch([known, more])) == before + 1
    with closing(SqliteLedger(old)) as again:
        assert list(again.entries()) == [*entries, (before + 1, more)]
        assert list(check(again)) == []


def test_opening_it_twice_changes_it_once(old: Path) -> None:
    SqliteLedger(old).close()
    before = everything(old)
    SqliteLedger(old).close()
    assert everything(old) == before


def test_a_file_that_may_not_be_written_is_left_as_it_is(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(old)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    before = old.read_bytes()
    # The superuser may write any file, so rights alone would test nothing there.
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(LedgerError, match="its schema is an older one; make a copy that can be written to"):
        SqliteLedger(old)
    assert old.read_bytes() == before
    assert [path.name for path in old.parent.iterdir()] == [old.name]


def test_one_that_cannot_be_read_through_stays_whole(tmp_path: Path) -> None:
    # Only the way from schema 1 reads what is there.
    old = older(1, tmp_path / "ledger.sqlite")
    with closing(sqlite3.connect(old)) as db:
        db.execute("DROP TRIGGER articles_fixed")
        db.execute("UPDATE articles SET head = CAST('{' AS BLOB)")
        db.commit()
    before = everything(old)
    with pytest.raises(LedgerError):
        SqliteLedger(old)
    assert everything(old) == before


def test_what_the_log_does_not_name_is_kept_and_told(old: Path) -> None:
    with closing(sqlite3.connect(old)) as db:
        db.execute("INSERT INTO decisions VALUES ('dec-stray', CAST('{}' AS BLOB))")
        db.commit()
    with closing(SqliteLedger(old)) as ledger:
        told = [(flaw.kind, flaw.entry) for flaw in check(ledger)]
    assert ("reference", "dec-stray") in told


class Dies(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("nth", range(1, 70))
def test_a_failure_at_any_statement_leaves_the_old_one(tmp_path: Path, nth: int) -> None:
    path = older(1, tmp_path / "ledger.sqlite")
    before = everything(path)
    left = nth

    class Failing(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            nonlocal left
            if self.in_transaction and not sql.startswith("ROLLBACK"):
                left -= 1
                if not left:
                    raise Dies
            return super().execute(sql, *parameters)

    connect = sqlite3.connect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **k, factory=Failing))
        try:
            SqliteLedger(path).close()
        except Dies:
            patch.undo()
            assert everything(path) == before
        else:
            assert left > 0
            # All its statements have had their turn.
            assert nth > 20
    with closing(SqliteLedger(path)) as ledger:
        assert list(check(ledger)) == []
        assert ledger.revision == 3


OPENER = """
import sys
from pathlib import Path
from app.ledger import SqliteLedger
sys.stdin.readline()  # all start together
ledger = SqliteLedger(Path(sys.argv[1]))
print(ledger.revision, ledger.digest(ledger.revision))
"""


@pytest.mark.processes
def test_several_processes_that_open_it_at_once(tmp_path: Path) -> None:
    new, path = tmp_path / "new.sqlite", tmp_path / "ledger.sqlite"
    with closing(SqliteLedger(new)) as ledger:
        for number in range(20):
            ledger.append(Batch([Article(f"Story {number}.{i}", "Ardania accused Beloria. " * 40) for i in range(20)]))
        expected = f"20 {ledger.digest(20)}\n"
    as_schema_1(new, path)
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write("go\n")
        opener.stdin.flush()
    assert [opener.communicate(timeout=60) for opener in openers] == [(expected, "")] * 4
    with closing(SqliteLedger(path)) as ledger:
        assert list(check(ledger)) == []
