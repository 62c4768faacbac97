"""What is particular to the ledger in one SQLite file: other files in its place, URLs, and what it says then."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.ledger import Batch, SqliteLedger, open_ledger, sqlite, sqlite_schema
from app.vocabulary.errors import BadQuery, LedgerBusy, LedgerDamaged, LedgerError, LedgerTooNew
from app.vocabulary.records import Article

STORY = Article("Story", "Ardania accused Beloria.")


def run(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def ask(path: Path, statement: str) -> object:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(statement).fetchone()[0]


def made(path: Path) -> Path:
    with closing(SqliteLedger(path)) as ledger:
        ledger.append(Batch([STORY]))
    return path


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"Dear diary, " * 500)
    with pytest.raises(LedgerDamaged, match=r"notes\.txt is not a sound ledger .* restore it from a backup"):
        SqliteLedger(path)
    assert path.read_bytes() == b"Dear diary, " * 500


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE recipes (name TEXT)",),
        ("CREATE TABLE recipes (name TEXT)", "PRAGMA user_version = 1"),
        ("CREATE TABLE recipes (name TEXT)", "PRAGMA user_version = 77"),
        ("CREATE TABLE recipes (name TEXT)", "PRAGMA application_id = 252006675"),
        ("PRAGMA user_version = 3",),
    ],
)
def test_a_database_of_another_program_is_left_exactly_as_it_is(tmp_path: Path, statements: tuple[str, ...]) -> None:
    path = tmp_path / "cookbook.sqlite"
    run(path, *statements)
    before = path.read_bytes()
    with pytest.raises(LedgerDamaged, match=r"cookbook\.sqlite is an SQLite file, but no ledger; choose another path"):
        SqliteLedger(path)
    assert path.read_bytes() == before
    assert ask(path, "PRAGMA journal_mode") == "delete"


def test_a_ledger_of_a_newer_polemos(tmp_path: Path) -> None:
    path = made(tmp_path / "ledger.sqlite")
    run(path, f"PRAGMA user_version = {sqlite_schema.SCHEMA_VERSION + 1}")
    ours = sqlite_schema.SCHEMA_VERSION
    with pytest.raises(LedgerTooNew, match=f"has schema {ours + 1}, this Polemos knows {ours}; update Polemos"):
        SqliteLedger(path)
    run(path, f"PRAGMA user_version = {sqlite_schema.SCHEMA_VERSION}")
    with closing(SqliteLedger(path)) as ledger:
        assert ledger.article(STORY.id) == STORY


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.touch()
    made(path)
    assert ask(path, "PRAGMA journal_mode") == "wal"
    assert ask(path, "PRAGMA application_id") == 0x504F4C45


def test_what_is_returned_for_is_on_the_disk(tmp_path: Path) -> None:
    with closing(SqliteLedger(tmp_path / "ledger.sqlite")) as ledger:
        assert ledger._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_missing_folders_are_made(tmp_path: Path) -> None:
    assert made(tmp_path / "a" / "b" / "ledger.sqlite").is_file()


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="unable to open database file"):
        SqliteLedger(tmp_path)


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(LedgerError, match="taken cannot be made"):
        SqliteLedger(tmp_path / "taken" / "ledger.sqlite")


def test_a_file_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path / "ledger.sqlite")
    connect = sqlite3.connect

    def read_only(_: Path, **options: object) -> sqlite3.Connection:
        return connect(f"file:{path}?mode=ro", **{**options, "uri": True})  # type: ignore[call-overload, no-any-return]

    # The superuser may write any file, so rights alone would test nothing there.
    monkeypatch.setattr(sqlite3, "connect", read_only)
    with closing(SqliteLedger(path)) as ledger:
        assert ledger.article(STORY.id) == STORY
        with pytest.raises(LedgerError, match="cannot be written to; check the rights of file and folder"):
            ledger.append(Batch([Article("", "another")]))
        assert ledger.revision == 1


def test_another_writer_that_does_not_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path / "ledger.sqlite")
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    with closing(SqliteLedger(path)) as ledger, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusy, match="held by another writer; try again"):
            ledger.append(Batch([Article("", "another")]))
        assert ledger.revision == 1
        other.rollback()
        assert ledger.append(Batch([Article("", "another")])) == 2


def test_a_writer_waits_for_another(tmp_path: Path) -> None:
    path = made(tmp_path / "ledger.sqlite")
    other = sqlite3.connect(path, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other.rollback)
    release.start()
    with closing(SqliteLedger(path)) as ledger:
        assert ledger.append(Batch([Article("", "another")])) == 2
    release.join()
    other.close()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE articles SET head = CAST('{}' AS BLOB)", "a stored article cannot be read"),
        ("UPDATE articles SET head = x'ff'", "a stored article cannot be read"),
        ("DELETE FROM articles", "the log names an entry \\(article\\) that is not stored"),
        ("UPDATE log SET id = 'art-none'", "the log names an entry \\(article\\) that is not stored"),
    ],
)
def test_what_is_stored_contradicts_itself(tmp_path: Path, damage: str, told: str) -> None:
    path = made(tmp_path / "ledger.sqlite")
    run(path, *(f"DROP TRIGGER {table}_{what}" for table in ("articles", "log") for what in ("kept", "fixed")))
    run(path, damage)
    with closing(SqliteLedger(path)) as ledger, pytest.raises(LedgerDamaged, match=told):
        list(ledger.entries())


def test_one_article_that_cannot_be_read_is_named_as_damage(tmp_path: Path) -> None:
    path = made(tmp_path / "ledger.sqlite")
    run(path, "DROP TRIGGER articles_fixed", "UPDATE articles SET head = CAST('{' AS BLOB)")
    with closing(SqliteLedger(path)) as ledger, pytest.raises(LedgerDamaged, match="cannot be read"):
        ledger.article(STORY.id)


def test_a_nul_comes_back(tmp_path: Path) -> None:
    odd = Article("a\x00b", "c\x00d")
    with closing(SqliteLedger(tmp_path / "ledger.sqlite")) as ledger:
        ledger.append(Batch([odd]))
        assert ledger.article(odd.id) == odd
        assert list(ledger.entries()) == [(1, odd)]


def test_an_absolute_and_a_relative_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(open_ledger("sqlite:///below/ledger.sqlite")) as relative:
        relative.append(Batch([STORY]))
        assert relative.location == "sqlite:///below/ledger.sqlite"
    with closing(open_ledger(f"sqlite:///{tmp_path}/below/ledger.sqlite")) as absolute:
        assert absolute.article(STORY.id) == STORY
        assert absolute.location == f"sqlite:///{tmp_path}/below/ledger.sqlite"


@pytest.mark.parametrize("name", ["my ledger", "50%41", "what?", "no#1", "a&b=c", "ø👍"])
def test_its_url_leads_back_to_a_file_of_any_name(tmp_path: Path, name: str) -> None:
    path = made(tmp_path / name / "ledger.sqlite")
    with closing(SqliteLedger(path)) as first, closing(open_ledger(first.location)) as again:
        assert again.article(STORY.id) == STORY


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ledger.sqlite",
        "/var/ledger.sqlite",
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite://host/ledger.sqlite",
        "sqlite:////var/ledger.sqlite?mode=ro",
        "sqlite:////var/what#1.sqlite",
        "mysql://ana:s3cret@db.example/polemos",
        "mysql://db.example/polemos?password=s3cret",
        "host=db.example password=s3cret",
        "mysql://[s3cret",
    ],
)
def test_what_names_no_ledger_is_refused_and_no_password_shown(url: str) -> None:
    with pytest.raises(BadQuery, match="use sqlite:////absolute/path") as refused:
        open_ledger(url)
    assert "s3cret" not in str(refused.value)
    assert refused.value.__cause__ is None


OPENER = """
import sys
from app.ledger import Batch, open_ledger
from app.vocabulary.records import Article
sys.stdin.readline()  # all start together
open_ledger(sys.argv[1]).append(Batch([Article("", sys.argv[2])]))
"""


@pytest.mark.processes
def test_processes_that_make_one_ledger_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    openers = [
        subprocess.Popen([sys.executable, "-c", OPENER, url, str(n)], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for n in range(5)
    ]
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write(b"go\n")
        opener.stdin.flush()
    assert [opener.communicate(timeout=60)[1] for opener in openers] == [b""] * 5
    with closing(open_ledger(url)) as ledger:
        assert sorted(entry.text for _, entry in ledger.entries() if isinstance(entry, Article)) == list("01234")


class Contested(sqlite3.Connection):
    """Finds the file locked when the journal is to change, as several processes do that make one ledger at once."""

    refusals = 2

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if "journal_mode =" in sql and Contested.refusals:
            Contested.refusals -= 1
            raise sqlite3.OperationalError("database is locked")
        return super().execute(sql, *parameters)


def test_making_a_ledger_waits_for_whoever_makes_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", partial(connect, factory=Contested))
    monkeypatch.setattr(Contested, "refusals", 2)
    path = made(tmp_path / "ledger.sqlite")
    assert Contested.refusals == 0
    assert ask(path, "PRAGMA journal_mode") == "wal"
    monkeypatch.setattr(Contested, "refusals", 1000)
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    with pytest.raises(LedgerBusy, match="held by another writer"):
        SqliteLedger(tmp_path / "another.sqlite")
