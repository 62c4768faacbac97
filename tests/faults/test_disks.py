"""A disk that is full, and a file that may not be written: said plainly, nothing torn, and it goes on afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.ledger import SqliteLedger, open_ledger
from app.ledger.checking import check
from app.ledger.copying import backup, restore
from app.vocabulary.errors import LedgerError
from tests.faults.conftest import content_of
from tests.faults.nursery import Nursery
from tests.faults.works import filling

if TYPE_CHECKING:
    from tests.postgres import Cluster

pytestmark = pytest.mark.processes

FULL = "the disk that holds .* is full; nothing of this batch was stored"
NOBODY = 65534


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Callable[[str], None]]:
    """A file system of this size at a folder, and how to make it larger; skips where none may be mounted."""
    folder.mkdir()
    mount = shutil.which("mount")
    told = "there is no mount"
    if mount is not None:
        done = subprocess.run(
            [mount, "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], capture_output=True, check=False
        )
        told = done.stderr.decode()
    if mount is None or done.returncode:
        pytest.skip(f"no small file system can be mounted here: {told}")

    def enlarge(larger: str) -> None:
        subprocess.run([str(mount), "-o", f"remount,size={larger}", str(folder)], check=True)

    try:
        yield enlarge
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(url: str) -> int:
    """Append until the store is full; the newest revision then."""
    with closing(open_ledger(url)) as ledger:
        for number in range(10_000):
            before = ledger.revision
            try:
                ledger.append(filling(number))
            except LedgerError as why:
                with pytest.raises(LedgerError, match=FULL):
                    raise why
                # It goes on answering, and refuses again rather than storing half.
                assert ledger.revision == before
                assert len(list(ledger.entries())) == before
                return before
    raise AssertionError("it is never full")


def goes_on(url: str, before: int) -> None:
    with closing(open_ledger(url)) as ledger:
        assert ledger.revision == before
        assert ledger.append(filling(-1)) == before + 1
        assert list(check(ledger)) == []


def test_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "2m") as enlarge:
        url = f"sqlite:///{tmp_path / 'small' / 'ledger.sqlite'}"
        before = fill(url)
        assert before > 20
        assert content_of(url).revision == before
        with pytest.raises(LedgerError, match=FULL):
            goes_on(url, before)
        enlarge("8m")
        goes_on(url, before)


def test_a_backup_or_restore_onto_a_disk_that_is_too_small(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    with closing(open_ledger(url)) as ledger:
        for number in range(100):
            ledger.append(filling(number))
        backup(ledger, tmp_path / "whole.sqlite")
        whole = content_of(url)
        with small_disk(tmp_path / "small", "1m") as enlarge:
            path = tmp_path / "small" / "backup.sqlite"
            with pytest.raises(LedgerError, match="full"):
                backup(ledger, path)
            assert list(path.parent.iterdir()) == []
            with pytest.raises(LedgerError, match="full"):
                restore(tmp_path / "whole.sqlite", f"sqlite:///{path}")
            enlarge("8m")
            restore(tmp_path / "whole.sqlite", f"sqlite:///{path}")
            assert content_of(f"sqlite:///{path}") == whole
        assert content_of(url) == whole


def test_a_file_that_may_not_grow(nursery: Nursery, tmp_path: Path) -> None:
    """The same by a limit that any user can be given."""
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    end = nursery.run("fill", url=url, most=600_000)
    *_, refusal, answers = end.words
    assert "nothing of this batch was stored" in refusal
    assert answers[0] == end.revision
    assert content_of(url).revision == end.revision >= 10
    goes_on(url, end.revision)


def test_a_ledger_of_a_limited_number_of_pages(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(SqliteLedger(path)) as ledger:
        ledger._db.execute("PRAGMA max_page_count = 100")
        with pytest.raises(LedgerError, match=FULL):  # noqa: PT012 - which of them is the first is not the point
            for number in range(100):
                ledger.append(filling(number))
        before = ledger.revision
        assert list(check(ledger)) == []
        ledger._db.execute("PRAGMA max_page_count = 10000")
        assert ledger.append(filling(-1)) == before + 1
    assert content_of(f"sqlite:///{path}").revision == before + 1


def test_a_full_disk_of_a_server(postgres: Cluster, tmp_path: Path) -> None:
    with ExitStack() as stack:
        # The server's user must find the way.
        outside = Path(tempfile.mkdtemp(prefix="polemos-small-"))
        stack.callback(shutil.rmtree, outside, ignore_errors=True)
        outside.chmod(0o755)
        enlarge = stack.enter_context(small_disk(outside / "small", "3m"))
        place = outside / "small" / "tables"
        place.mkdir()
        owner = postgres.data.stat()
        os.chown(place, owner.st_uid, owner.st_gid)
        postgres.run(f"CREATE TABLESPACE small LOCATION '{place}'")
        url = postgres.url(postgres.new_schema())
        schema = url.partition("?schema=")[2]
        stack.callback(postgres.run, "DROP TABLESPACE small")
        stack.callback(postgres.run, f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        stack.callback(postgres.run, "ALTER ROLE polemos RESET default_tablespace")
        postgres.run("ALTER ROLE polemos SET default_tablespace = 'small'")
        before = fill(url)
        assert before > 20
        assert content_of(url).revision == before
        enlarge("16m")
        goes_on(url, before)


@pytest.fixture
def locked(nursery: Nursery) -> Iterator[Path]:
    """A ledger that its reader may not write, in a folder that he may not write either."""
    folder = Path(tempfile.mkdtemp(prefix="polemos-locked-"))
    path = folder / "ledger.sqlite"
    nursery.run("ingest", url=f"sqlite:///{path}", last=8)
    with closing(SqliteLedger(path)) as ledger:
        ledger.close_as_one_file()
    yield path
    folder.chmod(0o755)
    shutil.rmtree(folder)


def lock(path: Path, folder: int = 0o555, file: int = 0o444) -> int:
    """Take the rights away; whom to look as."""
    for one in path.parent.iterdir():
        one.chmod(file)
    path.parent.chmod(folder)
    # Rights do not bind the superuser.
    return NOBODY if os.geteuid() == 0 else 0


CANNOT = "cannot be written to; check the rights of file and folder"


@pytest.mark.parametrize(
    ("folder", "file"), [(0o555, 0o444), (0o555, 0o666), (0o777, 0o444)], ids=["both", "folder", "file"]
)
@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_what_may_not_be_written_is_read(nursery: Nursery, locked: Path, folder: int, file: int, journal: str) -> None:
    with closing(SqliteLedger(locked)) as ledger:
        ledger._db.execute(f"PRAGMA journal_mode = {journal}")
        expected = [2, ledger.digest(2), len(list(ledger.entries()))]
    before = locked.read_bytes()
    user = lock(locked, folder, file)
    answers, refusal, after = nursery.run("look", url=f"sqlite:///{locked}", user=user).words
    assert answers[:3] == expected
    assert answers[3] > 0
    assert refusal.endswith(CANNOT)
    assert after == answers
    assert locked.read_bytes() == before
    assert [path.name for path in locked.parent.iterdir()] == ["ledger.sqlite"]


@pytest.mark.parametrize("left", ["in use", "killed"])
def test_what_stands_in_the_log_alone_is_read_too(nursery: Nursery, locked: Path, left: str) -> None:
    """Its writer has it open, or has died: without the log it would be an older state."""
    url = f"sqlite:///{locked}"
    with ExitStack() as stack:
        if left == "killed":
            assert nursery.run("ingest", url=url, last=40, after=6, kill=0.0).killed
        else:
            writer = stack.enter_context(closing(SqliteLedger(locked)))
            for number in range(5):
                writer.append(filling(number))
        assert locked.with_name("ledger.sqlite-wal").stat().st_size > 0
        user = lock(locked)
        answers, refusal, after = nursery.run("look", url=url, user=user).words
        assert answers[0] >= 6
        assert CANNOT in refusal
        assert after == answers
        locked.parent.chmod(0o755)
        for path in locked.parent.iterdir():
            path.chmod(0o644)
        assert content_of(url).digest == answers[1]


def test_a_log_that_cannot_be_taken_in_is_named(nursery: Nursery, locked: Path) -> None:
    assert nursery.run("ingest", url=f"sqlite:///{locked}", last=40, after=6, kill=0.0).killed
    locked.with_name("ledger.sqlite-shm").unlink()
    user = lock(locked)
    end = nursery.run("refused", order=["look", {"url": f"sqlite:///{locked}", "user": user}])
    assert "its newest part stands in ledger.sqlite-wal; let somebody with rights" in end.words[0]


def test_a_backup_of_what_may_not_be_written(nursery: Nursery, locked: Path, tmp_path: Path) -> None:
    expected = content_of(f"sqlite:///{locked}")
    with closing(SqliteLedger(locked)) as ledger:
        ledger.close_as_one_file()
    user = lock(locked)
    out = Path(tempfile.mkdtemp(prefix="polemos-out-"))
    try:
        if user:
            os.chown(out, user, user)
        nursery.run("backup", url=f"sqlite:///{locked}", path=str(out / "backup.sqlite"), user=user)
        assert content_of(f"sqlite:///{out / 'backup.sqlite'}") == expected
    finally:
        shutil.rmtree(out)
