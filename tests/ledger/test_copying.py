"""Backups are whole and sound whatever goes on meanwhile; restoring gives back exactly that and overwrites nothing."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.ledger import Batch, Ledger, SqliteLedger, open_ledger
from app.ledger import copying as module
from app.ledger.checking import check
from app.ledger.copying import backup, restore
from app.pipeline import ingest
from app.vocabulary.errors import LedgerDamaged, LedgerError, NotFound
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article
from tests.ledger.older import older

Grow = Callable[[Ledger, int, int], None]


@pytest.fixture
def grow(gazetteer: Gazetteer, plain: ModuleType) -> Grow:
    """Ingests the stories of these numbers in revisions of five."""
    stories = list(plain.stories(60))

    def ingest_some(ledger: Ledger, first: int, last: int) -> None:
        for start in range(first, last, 5):
            items = stories[start : min(start + 5, last)]
            ingest(items, ledger=ledger, recipe=plain.plain_recipe(), gazetteer=gazetteer)

    return ingest_some


@pytest.fixture(params=["sqlite", "postgres"])
def source(request: pytest.FixtureRequest, tmp_path: Path, grow: Grow) -> Iterator[Ledger]:
    """A ledger of either kind, with four revisions."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    else:
        url = f"sqlite:///{tmp_path / 'source.sqlite'}"
    with closing(open_ledger(url)) as ledger:
        grow(ledger, 0, 20)
        yield ledger


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def content(path: Path) -> tuple[int, str | None, list[Any]]:
    """What a file holds, and that it is sound."""
    with closing(SqliteLedger(path)) as ledger:
        assert list(check(ledger)) == []
        return ledger.revision, ledger.digest(ledger.revision), list(ledger.entries())


def held(ledger: Ledger) -> tuple[int, str | None, list[Any]]:
    return ledger.revision, ledger.digest(ledger.revision), list(ledger.entries())


# ---- backup ----


def test_a_backup_is_the_same_ledger_in_one_file(source: Ledger, tmp_path: Path) -> None:
    folder = tmp_path / "kept" / "here"
    path = folder / "backup.sqlite"
    told: list[tuple[int, int]] = []
    assert backup(source, path, lambda done, all_: told.append((done, all_))) == 4
    assert [file.name for file in folder.iterdir()] == ["backup.sqlite"]
    assert content(path) == held(source)
    assert told
    assert told[-1][0] == told[-1][1]
    with closing(SqliteLedger(path)) as copy:
        assert [copy.appended_at(n) for n in range(1, 5)] == [source.appended_at(n) for n in range(1, 5)]


def test_a_backup_of_an_empty_ledger(tmp_path: Path) -> None:
    with closing(open_ledger(url_of(tmp_path / "new.sqlite"))) as ledger:
        assert backup(ledger, tmp_path / "backup.sqlite") == 0
    assert content(tmp_path / "backup.sqlite") == (0, "00" * 32, [])
    assert restore(tmp_path / "backup.sqlite", url_of(tmp_path / "again.sqlite")) == (0, 0)


def test_a_backup_overwrites_nothing(source: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "backup.sqlite"
    path.write_text("somebody's")
    with pytest.raises(LedgerError, match=r"backup\.sqlite exists already; a backup overwrites nothing"):
        backup(source, path)
    assert path.read_text() == "somebody's"


def test_a_name_that_is_taken_meanwhile_stays_his(
    source: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "backup.sqlite"
    monkeypatch.setattr(module, "_to_disk", lambda _: path.write_text("somebody's"))
    with pytest.raises(LedgerError, match="exists already"):
        backup(source, path)
    assert path.read_text() == "somebody's"
    assert not (tmp_path / "backup.sqlite.part").exists()


def test_where_files_have_one_name_only(source: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = tmp_path / "backup.sqlite"
    backup(source, path)
    assert content(path) == held(source)


@pytest.mark.parametrize("step", ["_to_disk", "_folder_to_disk"])
def test_a_disk_that_fails_is_named(source: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def fail(_: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(module, step, fail)
    with pytest.raises(LedgerError, match=r"backup\.sqlite cannot be written: Input/output error"):
        backup(source, tmp_path / "backup.sqlite")
    assert not (tmp_path / "backup.sqlite.part").exists()
    assert held(source)[0] == 4


def test_what_an_earlier_death_left_is_no_hindrance(source: Ledger, tmp_path: Path) -> None:
    for end in (".part", ".part-wal", ".part-journal"):
        (tmp_path / f"backup.sqlite{end}").write_bytes(b"torn" * 3000)
    backup(source, tmp_path / "backup.sqlite")
    assert content(tmp_path / "backup.sqlite") == held(source)
    assert not list(tmp_path.glob("*.part*"))


APPENDER = """
import sys
from app.ledger import Batch, open_ledger
from app.vocabulary.records import Article
ledger = open_ledger(sys.argv[1])
for i in range(100000):
    ledger.append(Batch([Article("Meanwhile", f"{i} " * 200)]))
    print(i, flush=True)
"""


@pytest.mark.processes
def test_backups_while_another_process_appends(source: Ledger, tmp_path: Path) -> None:
    url = source.location
    other = subprocess.Popen([sys.executable, "-c", APPENDER, url], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        other.stdout.readline()
        revisions = []
        for number in range(5):
            path = tmp_path / f"backup-{number}.sqlite"
            least = source.revision
            revision = backup(source, path)
            assert revision >= least
            found = content(path)
            assert found == (revision, source.digest(revision), list(source.entries(until=revision)))
            revisions.append(revision)
            other.stdout.readline()
        assert revisions[0] < revisions[-1] < source.revision
    finally:
        other.kill()
        other.wait()
    assert list(check(source)) == []


def test_a_backup_that_is_written_to_is_a_ledger_like_any_other(source: Ledger, tmp_path: Path, grow: Grow) -> None:
    path = tmp_path / "backup.sqlite"
    backup(source, path)
    with closing(SqliteLedger(path)) as copy, closing(SqliteLedger(path)) as reader:
        listing = reader.entries()
        next(listing)
        grow(copy, 20, 30)
        assert (copy.revision, reader.revision) == (6, 6)
        assert list(check(reader)) == []
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_copy_that_differs_is_not_kept(source: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = source.digest(4)
    monkeypatch.setattr(SqliteLedger, "digest", lambda ledger, _: told if ledger is source else "another")
    with pytest.raises(LedgerError):
        backup(source, tmp_path / "backup.sqlite")
    assert not list(tmp_path.glob("backup*"))


# ---- restore ----


@pytest.fixture
def kept(source: Ledger, tmp_path: Path) -> Path:
    """A backup of the source."""
    path = tmp_path / "backup.sqlite"
    backup(source, path)
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a ledger that is not there yet."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres").url(request.getfixturevalue("postgres").new_schema())
        return url
    return url_of(tmp_path / "target" / "ledger.sqlite")


def test_restored_into_nothing(source: Ledger, kept: Path, target: str) -> None:
    before, told = kept.read_bytes(), []
    assert restore(kept, target, progress=lambda done, all_: told.append((done, all_))) == (0, 4)
    assert kept.read_bytes() == before
    assert told == [(n, 4) for n in range(1, 5)]
    with closing(open_ledger(target)) as ledger:
        assert held(ledger) == held(source)
        assert [ledger.appended_at(n) for n in range(6)] == [source.appended_at(n) for n in range(6)]
        assert list(check(ledger)) == []
    # And again: it is there.
    assert restore(kept, target) == (4, 4)


def test_there_and_back(source: Ledger, kept: Path, target: str, tmp_path: Path) -> None:
    restore(kept, target)
    with closing(open_ledger(target)) as ledger:
        backup(ledger, tmp_path / "back.sqlite")
    assert content(tmp_path / "back.sqlite") == held(source)


def test_restored_onto_an_older_state(source: Ledger, kept: Path, target: str, tmp_path: Path, grow: Grow) -> None:
    restore(kept, target)
    grow(source, 20, 40)
    backup(source, tmp_path / "later.sqlite")
    assert restore(tmp_path / "later.sqlite", target) == (4, 8)
    with closing(open_ledger(target)) as ledger:
        assert held(ledger) == held(source)


def test_what_holds_more_is_left_as_it_is(kept: Path, target: str, grow: Grow) -> None:
    restore(kept, target)
    with closing(open_ledger(target)) as ledger:
        grow(ledger, 20, 30)
        before = held(ledger)
        with pytest.raises(LedgerError, match="holds all of this backup and 2 revisions more; nothing was done"):
            restore(kept, target)
        assert held(ledger) == before


def test_what_holds_something_else_is_left_as_it_is(kept: Path, target: str, grow: Grow) -> None:
    with closing(open_ledger(target)) as ledger:
        grow(ledger, 40, 50)
        before = held(ledger)
        advice = "say --replace" if target.startswith("sqlite") else "name another schema"
        with pytest.raises(LedgerError, match=f"holds something that this backup does not; {advice}"):
            restore(kept, target)
        assert held(ledger) == before
        if not target.startswith("sqlite"):
            with pytest.raises(LedgerError, match="name another schema"):
                restore(kept, target, replace=True)
            assert held(ledger) == before


@pytest.fixture
def ledger_file(tmp_path: Path) -> Path:
    return tmp_path / "target" / "ledger.sqlite"


@pytest.fixture
def a_backup(tmp_path: Path, grow: Grow) -> Path:
    """A backup of four revisions, made of a SQLite ledger."""
    path = tmp_path / "kept.sqlite"
    with closing(SqliteLedger(tmp_path / "its-source.sqlite")) as ledger:
        grow(ledger, 0, 20)
        backup(ledger, path)
    return path


def aside(ledger_file: Path) -> list[Path]:
    return sorted(ledger_file.parent.glob("ledger.sqlite.before-*Z"))


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "killed"])
def test_replaced_it_is_put_aside_with_its_log(a_backup: Path, ledger_file: Path, grow: Grow, closed: bool) -> None:
    with closing(open_ledger(url_of(ledger_file))) as ledger:
        grow(ledger, 40, 50)
        before = held(ledger)
        if closed:
            ledger.close()
        # Where nobody has closed it, part of it stands in its log only.
        assert restore(a_backup, url_of(ledger_file), replace=True) == (2, 4)
    assert content(ledger_file) == content(a_backup)
    (old,) = aside(ledger_file)
    assert content(old) == before


def test_replacing_what_is_not_there(a_backup: Path, ledger_file: Path) -> None:
    assert restore(a_backup, url_of(ledger_file), replace=True) == (0, 4)
    assert content(ledger_file) == content(a_backup)


def spoil(path: Path, where: str = "accused Beloria over") -> None:
    """Change one letter of a record."""
    content = bytearray(path.read_bytes())
    content[content.index(where.encode())] ^= 1
    path.write_bytes(content)


def test_a_damaged_ledger_is_not_called_restored(a_backup: Path, ledger_file: Path) -> None:
    """One letter has changed since, in a revision that the backup holds, too: going on from there would keep it."""
    restore(a_backup, url_of(ledger_file))
    spoil(ledger_file)
    before = ledger_file.read_bytes()
    with pytest.raises(LedgerDamaged, match=r"is not sound \(.*\); say --replace to put it aside first"):
        restore(a_backup, url_of(ledger_file))
    assert ledger_file.read_bytes() == before
    assert restore(a_backup, url_of(ledger_file), replace=True) == (4, 4)
    assert content(ledger_file) == content(a_backup)
    (old,) = aside(ledger_file)
    assert old.read_bytes() == before


def test_in_the_place_of_a_file_that_is_no_ledger_any_more(a_backup: Path, ledger_file: Path) -> None:
    ledger_file.parent.mkdir()
    ledger_file.write_bytes(b"noise" * 2000)
    with pytest.raises(LedgerDamaged):
        restore(a_backup, url_of(ledger_file))
    assert ledger_file.read_bytes() == b"noise" * 2000
    assert restore(a_backup, url_of(ledger_file), replace=True) == (0, 4)
    assert content(ledger_file) == content(a_backup)
    (old,) = aside(ledger_file)
    assert old.read_bytes() == b"noise" * 2000


def test_a_damaged_backup_changes_nothing(a_backup: Path, ledger_file: Path, grow: Grow) -> None:
    with closing(open_ledger(url_of(ledger_file))) as ledger:
        grow(ledger, 40, 50)
        before = held(ledger)
    spoil(a_backup)
    for replace in (False, True):
        with pytest.raises(LedgerDamaged, match=r"kept\.sqlite is not sound \(.*\); name another backup"):
            restore(a_backup, url_of(ledger_file), replace=replace)
        assert content(ledger_file) == before
    with pytest.raises(LedgerDamaged):
        restore(a_backup, url_of(ledger_file.with_name("new.sqlite")))
    assert not ledger_file.with_name("new.sqlite").exists()


@pytest.mark.parametrize("backup_is", ["missing", "a folder", "empty", "text"])
def test_what_is_no_backup(tmp_path: Path, ledger_file: Path, grow: Grow, backup_is: str) -> None:
    path = tmp_path / "kept.sqlite"
    if backup_is == "a folder":
        path.mkdir()
    elif backup_is != "missing":
        path.write_text("" if backup_is == "empty" else "Dear diary, " * 1000)
    with closing(open_ledger(url_of(ledger_file))) as ledger:
        grow(ledger, 0, 5)
        before = held(ledger)
    kind = LedgerDamaged if backup_is in ("empty", "text") else NotFound
    for replace in (False, True):
        with pytest.raises(kind, match=r"kept\.sqlite"):
            restore(path, url_of(ledger_file), replace=replace)
    assert content(ledger_file) == before
    assert aside(ledger_file) == []
    assert not path.is_file() or path.read_text()[:4] in ("", "Dear")


def test_a_backup_of_an_older_schema(tmp_path: Path, ledger_file: Path) -> None:
    path = older(1, tmp_path / "kept.sqlite")
    assert restore(path, url_of(ledger_file)) == (0, 3)
    assert content(ledger_file) == content(path)


def test_a_restore_that_dies_goes_on_where_it_was(a_backup: Path, target: str) -> None:
    class Dies(Exception):
        pass

    def die(done: int, _: int) -> None:
        if done == 2:
            raise Dies

    with pytest.raises(Dies):
        restore(a_backup, target, progress=die)
    assert restore(a_backup, target) == (2, 4)
    with closing(open_ledger(target)) as ledger:
        assert held(ledger) == content(a_backup)


def test_somebody_else_writes_while_it_is_restored(a_backup: Path, target: str) -> None:
    def disturb(done: int, _: int) -> None:
        if done == 2:
            with closing(open_ledger(target)) as other:
                other.append(Batch([Article("Another", "Somebody else's.")]))

    with pytest.raises(LedgerError, match="somebody else writes to it"):
        restore(a_backup, target, progress=disturb)


@pytest.mark.parametrize("failing", ["hardlink_to", "unlink"])
def test_putting_aside_that_fails_loses_nothing(
    a_backup: Path, ledger_file: Path, grow: Grow, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    with closing(open_ledger(url_of(ledger_file))) as ledger:
        grow(ledger, 40, 50)
        before = held(ledger)

        def refuse(*_: object, **__: object) -> None:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        with monkeypatch.context() as patch:
            patch.setattr(Path, failing, refuse)
            with pytest.raises(LedgerError, match="cannot be put aside: Read-only file system"):
                restore(a_backup, url_of(ledger_file), replace=True)
        assert held(ledger) == before
    assert content(ledger_file) == before


# ---- compact ----


def test_compacting_changes_no_answer(source: Ledger, grow: Grow) -> None:
    def answers() -> list[object]:
        articles = [entry for _, entry in source.entries() if isinstance(entry, Article)]
        return [
            held(source),
            source.counts(),
            [source.published("Port Gazette", article.published) for article in articles],
            [source.appended_at(number) for number in range(6)],
            [source.unread([article.id], "plain@1") for article in articles],
            [source.article(article.id) for article in articles],
        ]

    before = answers()
    sizes = source.compact()
    assert answers() == before
    assert all(size > 0 for size in sizes)
    assert list(check(source)) == []
    grow(source, 20, 30)
    assert list(check(source)) == []


def test_room_that_is_not_needed_is_given_back(tmp_path: Path, plain: ModuleType) -> None:
    """Rows come in the order of time, their ids are hashes: so the indexes are half empty until they are rewritten."""
    path = tmp_path / "ledger.sqlite"
    with closing(SqliteLedger(path)) as ledger:
        for number in range(60):
            ledger.append(Batch([Article(f"Story {number}.{i}", f"{i} Ardania accused Beloria.") for i in range(50)]))
        before, after = ledger.compact()
        assert after < before * 0.9
        assert after == path.stat().st_size + path.with_name("ledger.sqlite-wal").stat().st_size
        again = ledger.compact()
        assert again[1] == after
        assert list(check(ledger)) == []


def test_others_read_on_while_it_is_compacted(source: Ledger) -> None:
    with closing(open_ledger(source.location)) as reader:
        listing = reader.entries()
        first = next(listing)
        source.compact()
        assert [first, *listing] == list(source.entries())


def test_a_copy_of_the_files_is_a_backup_while_nobody_has_them_open(a_backup: Path, tmp_path: Path) -> None:
    shutil.copy(a_backup, tmp_path / "by-hand.sqlite")
    assert content(tmp_path / "by-hand.sqlite") == content(a_backup)
