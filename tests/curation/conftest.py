"""A ledger that people curate: articles read by two versions of an extractor, and what the log makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from app.curation import Log, Ruling, decision, take
from app.graph import ConflictGraph
from app.ledger import Batch, Ledger
from app.linking import link
from app.pipeline import fold_ledger
from app.queries.review import LogFilter, LogPage, LogRow, ReviewPage, log_page, permit, review
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Decision, Reading

if TYPE_CHECKING:
    from tests.conftest import Told


@dataclass
class Office:
    """Where people curate one ledger."""

    ledger: Ledger
    gazetteer: Gazetteer
    told: Told
    log: Log = field(default_factory=Log)

    def tell(self, text: str, *, version: int = 1, **others: Any) -> Reading:
        """Read an article with a version of the plain extractor, link it and remember it."""
        article, reading = self.told(text, version=version, **others)
        self.remember(reading, article)
        return reading

    def remember(self, reading: Reading, *articles: Any) -> None:
        """Link a reading and append it."""
        linked = link(reading, self.gazetteer)
        self.ledger.append(Batch(articles, [reading], linked.actors, linked.places, linked.decisions))

    def append(self, *decisions: Decision) -> None:
        """Append decisions as they are."""
        self.ledger.append(Batch(decisions=decisions))

    def rule(self, ruling: str, subject: str, other: str | None = None, *, by: str = "Ana", **others: Any) -> Decision:
        """Rule, as the doors do: looked at first, then appended."""
        made = decision(Ruling(ruling), subject, other=other, by=by, reason="because", **others)
        permit(self.graph, made, self.read())
        take(self.ledger, made)
        return made

    def read(self) -> Log:
        """The log, followed to the newest revision."""
        self.log.follow(lambda since: self.ledger.entries(since, with_text=False), self.ledger.revision)
        return self.log

    @property
    def graph(self) -> ConflictGraph:
        """The graph, folded anew."""
        return fold_ledger(self.ledger)

    def page(self, limit: int = 50, cursor: str | None = None, **asked: Any) -> LogPage:
        """A page of the log."""
        return log_page(self.graph, self.read(), LogFilter(**asked), limit, cursor)

    def row(self, made: Decision) -> LogRow:
        """What came of a decision."""
        return next(row for row in self.page(500, linkers=True).log if row.id == made.id)

    def queue(self, limit: int = 20, cursor: str | None = None) -> ReviewPage:
        """The review queue."""
        return review(self.graph, self.read(), limit, cursor)


@pytest.fixture
def office(new_ledger: Callable[[str], Ledger], gazetteer: Gazetteer, told: Told) -> Office:
    return Office(new_ledger("curated"), gazetteer, told)
