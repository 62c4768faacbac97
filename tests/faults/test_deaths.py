"""Whatever a process was doing when it was killed: what it acknowledged is there once, the rest can be done again.

Each test kills children at random moments until so many have died; `DEATHS` says how many that is in all.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.graph import fold
from app.graph.snapshot import Snapshots
from app.ledger import SqliteLedger, open_ledger
from app.ledger.copying import backup
from app.ledger.sqlite_schema import SCHEMA_VERSION
from tests.faults.conftest import Content, content, content_of
from tests.faults.nursery import Fate, Nursery
from tests.ledger.older import as_schema_1

pytestmark = pytest.mark.processes

DEATHS = {
    "ingest": {"sqlite": 40, "postgres": 30},
    "import": {"sqlite": 40, "postgres": 30},
    "migration": {"sqlite": 30},
    "making": {"sqlite": 10, "postgres": 10},
    "backup": {"sqlite": 12, "postgres": 8},
    "restore": {"sqlite": 20, "postgres": 15},
    "replacing": {"sqlite": 15},
    "compacting": {"sqlite": 10, "postgres": 5},
    "snapshot": {"sqlite": 15, "postgres": 5},
}
NewUrl = Callable[[], str]


def test_there_are_deaths_enough() -> None:
    assert sum(sum(of.values()) for of in DEATHS.values()) >= 200


def kind(url: str) -> str:
    return "sqlite" if url.startswith("sqlite") else "postgres"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Coded events of 30 days, out of order, some of them twice."""
    lines = []
    for n in range(120):
        code = ("112", "1123", "016", "138", "190")[n % 5]
        lines.append(f"2031-05-{1 + n * 7 % 30:02d}\tParty {n}\t{code}\t{('Ardania', 'Beloria')[n % 2]}")
    lines = ["Event Date\tSource Name\tCAMEO Code\tTarget Name", *lines, *lines[::9]]
    path = tmp_path / "events.tab"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("work", ["ingest", "import"])
def test_killed_while_it_takes_in(work: str, nursery: Nursery, fate: Fate, new_url: NewUrl, export: Path) -> None:
    given: dict[str, Any] = {"path": str(export)} if work == "import" else {}
    whole_url = new_url()
    undisturbed = nursery.run(work, url=whole_url, **given)
    whole = content_of(whole_url)
    assert undisturbed.revision == whole.revision
    assert whole.revision >= 8

    deaths, wanted = 0, DEATHS[work][kind(whole_url)]
    while deaths < wanted:
        url, safe = new_url(), 0
        while True:
            how = fate.moment(undisturbed.seconds, len(undisturbed.words)) if deaths < wanted else {}
            end = nursery.run(work, url=url, **given, **how)
            deaths += end.killed
            safe = max(safe, end.revision)
            torn = content_of(url)
            assert torn.revision >= safe, f"{fate}: {safe} revisions were acknowledged"
            assert [one for _, one in torn.entries] == [one for _, one in whole.entries[: len(torn.entries)]], fate
            if not end.killed:
                break
        assert torn.entries == whole.entries, fate
        # And once more: nothing is new.
        if deaths >= wanted:
            assert nursery.run(work, url=url, **given).revision == torn.revision
            assert content_of(url) == torn


@pytest.fixture(scope="module")
def filled(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite ledger of some size, as one file."""
    path = tmp_path_factory.mktemp("filled") / "ledger.sqlite"
    nursery.run("ingest", url=f"sqlite:///{path}", last=100)
    with closing(SqliteLedger(path)) as ledger:
        ledger.close_as_one_file()
    return path


def placed(filled: Path, url: str, nursery: Nursery) -> Content:
    """The same ledger where the URL says, of whatever kind."""
    nursery.run("restore", path=str(filled), url=url)
    return content_of(url)


def test_killed_while_it_migrates(nursery: Nursery, fate: Fate, filled: Path, tmp_path: Path) -> None:
    old, path = tmp_path / "old.sqlite", tmp_path / "ledger.sqlite"
    as_schema_1(filled, old)
    whole = content_of(f"sqlite:///{filled}")

    def fresh() -> None:
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        shutil.copy(old, path)

    fresh()
    undisturbed = nursery.run("open", url=f"sqlite:///{path}")
    assert content_of(f"sqlite:///{path}") == whole
    before, deaths = dump(old), 0
    met = set()
    while deaths < DEATHS["migration"]["sqlite"]:
        fresh()
        end = nursery.run("open", url=f"sqlite:///{path}", kill=fate.moment(undisturbed.seconds, 1)["kill"])
        deaths += end.killed
        with closing(sqlite3.connect(path)) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
        met.add(version)
        if version == 1:
            assert dump(path) == before, fate
        else:
            assert version == SCHEMA_VERSION, fate
        assert nursery.run("open", url=f"sqlite:///{path}").revision == whole.revision
        assert content_of(f"sqlite:///{path}") == whole, fate
    assert 1 in met


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def test_killed_while_it_makes_a_ledger(nursery: Nursery, fate: Fate, new_url: NewUrl) -> None:
    url = new_url()
    undisturbed = nursery.run("open", url=url)
    deaths = 0
    while deaths < DEATHS["making"][kind(url)]:
        url = new_url()
        deaths += nursery.run("open", url=url, kill=fate.moment(undisturbed.seconds, 1)["kill"]).killed
        assert nursery.run("ingest", url=url, last=8).revision == 2, fate
        assert content_of(url).revision == 2


def test_killed_while_it_backs_up(nursery: Nursery, fate: Fate, filled: Path, new_url: NewUrl, tmp_path: Path) -> None:
    url = new_url()
    whole = placed(filled, url, nursery)
    undisturbed = nursery.run("backup", url=url, path=str(tmp_path / "undisturbed.sqlite"))
    deaths = number = 0
    while deaths < DEATHS["backup"][kind(url)]:
        number += 1
        path = tmp_path / f"backup-{number}.sqlite"
        end = nursery.run("backup", url=url, path=str(path), kill=fate.moment(undisturbed.seconds, 1)["kill"])
        deaths += end.killed
        # It is there whole or not at all, and there for certain where that was said.
        assert path.exists() or not end.words, fate
        if path.exists():
            assert content_of(f"sqlite:///{path}") == whole, fate
        else:
            assert nursery.run("backup", url=url, path=str(path)).revision == whole.revision
            assert content_of(f"sqlite:///{path}") == whole, fate
            assert not list(tmp_path.glob(f"{path.name}.part*"))
    assert content_of(url) == whole


def test_killed_while_it_restores(nursery: Nursery, fate: Fate, filled: Path, new_url: NewUrl, tmp_path: Path) -> None:
    whole = content_of(f"sqlite:///{filled}")
    url = new_url()
    undisturbed = nursery.run("restore", path=str(filled), url=url)
    deaths = 0
    while deaths < DEATHS["restore"][kind(url)]:
        url = new_url()
        end = nursery.run(
            "restore", path=str(filled), url=url, **fate.moment(undisturbed.seconds, len(undisturbed.words))
        )
        deaths += end.killed
        torn = content_of(url)
        assert torn.revision >= end.revision, fate
        assert torn.entries == whole.entries[: len(torn.entries)], fate
        nursery.run("restore", path=str(filled), url=url)
        assert content_of(url) == whole, fate


def test_killed_while_it_puts_another_ledger_aside(nursery: Nursery, fate: Fate, filled: Path, tmp_path: Path) -> None:
    whole = content_of(f"sqlite:///{filled}")
    another = tmp_path / "another.sqlite"
    nursery.run("ingest", url=f"sqlite:///{another}", first=200, last=220)
    other = content_of(f"sqlite:///{another}")
    deaths = number = 0
    took = 0.0
    while deaths < DEATHS["replacing"]["sqlite"]:
        number += 1
        path = tmp_path / str(number) / "ledger.sqlite"
        path.parent.mkdir()
        with closing(SqliteLedger(another)) as ledger:
            backup(ledger, path)
        how = {"kill": fate.moment(took, 1)["kill"]} if took else {}
        end = nursery.run("restore", path=str(filled), url=f"sqlite:///{path}", replace=True, **how)
        took = took or end.seconds
        deaths += end.killed
        asides = list(path.parent.glob("ledger.sqlite.before-*Z"))
        there = [content_of(f"sqlite:///{one}") for one in (path, *asides) if one.exists()]
        assert other in there, f"{fate}: what was to be put aside is gone"
        nursery.run("restore", path=str(filled), url=f"sqlite:///{path}", replace=True)
        assert content_of(f"sqlite:///{path}") == whole, fate


def test_killed_while_it_compacts(nursery: Nursery, fate: Fate, filled: Path, new_url: NewUrl) -> None:
    url = new_url()
    whole = placed(filled, url, nursery)
    undisturbed = nursery.run("compact", url=url)
    deaths = 0
    while deaths < DEATHS["compacting"][kind(url)]:
        deaths += nursery.run("compact", url=url, kill=fate.moment(undisturbed.seconds, 1)["kill"]).killed
        assert content_of(url) == whole, fate
    nursery.run("compact", url=url)
    assert content_of(url) == whole


def test_killed_while_it_keeps_a_snapshot(
    nursery: Nursery, fate: Fate, filled: Path, new_url: NewUrl, tmp_path: Path
) -> None:
    url = new_url()
    whole = placed(filled, url, nursery)
    undisturbed = nursery.run("snapshot", url=url, folder=str(tmp_path / "undisturbed"))
    with closing(open_ledger(url)) as ledger:
        expected = list(fold(ledger.entries(), ledger.appended_at).edges())

        def read(folder: Path) -> bool:
            """Whether there is a snapshot; where there is one, it must be of the very graph."""
            found = Snapshots(folder).read(
                ledger.digest, reload=lambda until: ledger.entries(until=until), appended_at=ledger.appended_at
            )
            if found is not None:
                assert (found.graph.revision, list(found.graph.edges())) == (whole.revision, expected), fate
            return found is not None

        assert read(tmp_path / "undisturbed")
        deaths = number = 0
        while deaths < DEATHS["snapshot"][kind(url)]:
            number += 1
            folder = tmp_path / f"snapshots-{number % 4}"
            end = nursery.run("snapshot", url=url, folder=str(folder), kill=fate.moment(undisturbed.seconds, 1)["kill"])
            deaths += end.killed
            assert read(folder) or not end.words, fate
        assert nursery.run("snapshot", url=url, folder=str(folder)).revision == whole.revision
        assert read(folder)
        assert content(ledger) == whole
