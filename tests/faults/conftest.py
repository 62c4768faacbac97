"""A nursery of processes to be killed, ledgers of both kinds for them, and what must hold however one has died."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.ledger import Entry, Ledger, open_ledger
from app.ledger.checking import check
from tests.conftest import write_tables
from tests.faults.nursery import Fate, Nursery


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    opened = Nursery(write_tables(tmp_path_factory.mktemp("gazetteers")))
    yield opened
    opened.close()


@pytest.fixture
def fate() -> Fate:
    """New moments for every run; pytest shows this line where a test fails."""
    seed = random.randrange(10**9)
    print(f"Fate({seed})")
    return Fate(seed)


@pytest.fixture(params=["sqlite", "postgres"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes URLs of ledgers that are not there yet, of either kind."""
    if request.param == "postgres":
        cluster = request.getfixturevalue("postgres")
        return lambda: str(cluster.url(cluster.new_schema()))
    numbers = iter(range(10_000))
    return lambda: f"sqlite:///{tmp_path / f'ledger-{next(numbers)}.sqlite'}"


@dataclass(frozen=True)
class Content:
    """What a ledger holds: its entries in order, and its digest, which tells the instants, too."""

    revision: int
    entries: list[tuple[int, Entry]]
    digest: str | None


def content(ledger: Ledger) -> Content:
    """What a ledger holds, once that is known to be sound, with no entry twice and no revision left out."""
    assert list(check(ledger)) == []
    revision = ledger.revision
    rows = list(ledger.rows())
    names = [(row.kind, row.id) for _, row in rows]
    assert len(set(names)) == len(names), "an entry is there twice"
    assert sorted({number for number, _ in rows}) == list(range(1, revision + 1))
    return Content(revision, list(ledger.entries()), ledger.digest(revision))


def content_of(url: str) -> Content:
    """The same of a ledger that is opened for it."""
    with closing(open_ledger(url)) as ledger:
        return content(ledger)
