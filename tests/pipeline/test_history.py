"""A ledger as it was: which revision a moment means, and the graph at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from app.ledger import Batch, SqliteLedger
from app.pipeline import fold_ledger, revision_of
from app.vocabulary.errors import BadQuery
from app.vocabulary.records import Article


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
