"""A ledger as it was: which revision a moment means, and the graph at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.ledger import Batch, SqliteLedger
from app.linking import link
from app.pipeline import fold_ledger, history, open_fold, revision_of, snapshots_of
from app.vocabulary.errors import BadQuery
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article

if TYPE_CHECKING:
    from tests.conftest import Told


@pytest.fixture
def three(tmp_path: Path) -> Iterator[SqliteLedger]:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    for title in ("One", "Two", "Three"):
        ledger.append(Batch(articles=[Article(title, "Text.")]))
    yield ledger
    ledger.close()


def test_as_of_is_a_revision_a_day_or_an_instant(three: SqliteLedger) -> None:
    first = three.appended_at(1) or ""
    assert [revision_of(three, name) for name in ("0", "2", "3")] == [0, 2, 3]
    assert revision_of(three, first[:10]) == 3
    assert revision_of(three, "2001-01-01") == 0
    assert revision_of(three, first) >= 1
    assert revision_of(three, first.removesuffix("+00:00")) == revision_of(three, first)
    east = datetime.fromisoformat(first).astimezone(timezone(timedelta(hours=5))).isoformat()
    assert revision_of(three, east) == revision_of(three, first)


@pytest.mark.parametrize("wrong", ["4", "soon", "", "-1", "2031-13-01"])
def test_as_of_nothing_is_refused(three: SqliteLedger, wrong: str) -> None:
    with pytest.raises(BadQuery):
        revision_of(three, wrong)


def test_a_ledger_is_folded_until_a_revision(three: SqliteLedger) -> None:
    assert fold_ledger(three).revision == 3
    assert fold_ledger(three, 2).revision == 2


@pytest.fixture
def kept(tmp_path: Path, gazetteer: Gazetteer, told: Told, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteLedger]:
    """A ledger of two articles, so large that a snapshot is worth keeping."""
    monkeypatch.setattr(history, "WORTH_KEEPING", 1)
    ledger = SqliteLedger(tmp_path / "large.sqlite")
    for text in ("Ardania accused Beloria over the raid in Kesh.", "Beloria denied Ardania."):
        article, reading = told(text)
        found = link(reading, gazetteer)
        ledger.append(Batch([article], [reading], found.actors, found.places, found.decisions))
    yield ledger
    ledger.close()


def test_a_snapshot_lies_beside_its_ledger_and_is_written_once(kept: SqliteLedger, tmp_path: Path) -> None:
    folder = snapshots_of(kept, tmp_path / "elsewhere")
    assert folder == tmp_path / "large.sqlite.snapshots"
    graph = fold_ledger(kept, snapshots=folder)
    (written,) = folder.iterdir()
    before = written.stat().st_mtime_ns
    again = fold_ledger(kept, snapshots=folder)
    assert again.claims == graph.claims
    assert again.revision == graph.revision == 2
    assert [one.stat().st_mtime_ns for one in folder.iterdir()] == [before]


def test_a_graph_from_a_snapshot_goes_on_to_what_came_later(
    kept: SqliteLedger, told: Told, gazetteer: Gazetteer, tmp_path: Path
) -> None:
    folder = tmp_path / "snapshots"
    fold_ledger(kept, snapshots=folder)
    article, reading = told("Cerinia accused Ardania over the raid in Kesh.")
    found = link(reading, gazetteer)
    kept.append(Batch([article], [reading], found.actors, found.places, found.decisions))
    assert open_fold(kept, folder).graph.revision == 2
    assert fold_ledger(kept, snapshots=folder).claims == fold_ledger(kept).claims
    # A third of the claims is newer than the snapshot, so there is another one by now.
    assert open_fold(kept, folder).graph.revision == 3
    # What was before it is folded from the start.
    assert fold_ledger(kept, 1, folder).claims == fold_ledger(kept, 1).claims


def test_a_damaged_snapshot_and_none_give_the_same_graph(kept: SqliteLedger, tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    graph = fold_ledger(kept, snapshots=folder)
    (written,) = folder.iterdir()
    (written / "arrays.bin").write_bytes(b"\n")
    assert open_fold(kept, folder).graph.revision == 0
    assert fold_ledger(kept, snapshots=folder).claims == graph.claims


def test_a_snapshot_that_cannot_be_written_is_done_without(kept: SqliteLedger, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, and no folder")
    assert len(fold_ledger(kept, snapshots=tmp_path / "taken").claims) == 2


def test_a_small_ledger_keeps_none(three: SqliteLedger, tmp_path: Path) -> None:
    fold_ledger(three, snapshots=tmp_path / "snapshots")
    assert not (tmp_path / "snapshots").exists()


def test_a_fold_tells_each_revision_as_it_reads_it(three: SqliteLedger) -> None:
    told: list[int] = []
    fold_ledger(three, progress=told.append)
    fold_ledger(three, 2, progress=told.append)
    assert told == [1, 2, 3, 1, 2]
