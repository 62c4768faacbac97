"""Coded events in, a fuller ledger out: each event once, whatever file brings it, so a run may be killed and run anew.

An event is known by its line, or by its number where the dataset numbers its records for good. Before a day's events
are stored, those that the ledger's articles of that day hold already are taken out; so overlapping files, files in
another order and broken runs add what is new and nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.intake.coded import CodedOptions, Renderer, chunks
from app.intake.coded.rendering import Accepted
from app.ledger import Ledger
from app.pipeline.batching import linked_batch
from app.vocabulary.errors import BadInput
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading, Refusal
from app.vocabulary.terms import RefusalReason

BATCH = 5_000
"""Claims of one transaction."""
EXAMPLES = 5
"""Refusals of each reason that a report spells out; all are counted."""
MOST_HELD = 50_000
"""Lines that are held in memory to know them again."""


@dataclass(slots=True)
class ImportReport:
    """What a run did.

    Attributes:
        events: Records that the dataset holds, the refused ones included.
        articles: Articles added.
        claims: Claims added.
        already_known: Events that the ledger held before.
        refused: Counts by reason.
        examples: The first refusals of each reason.
        stopped: What ended the run before the dataset's end, or None.
    """

    revision: int = 0
    events: int = 0
    articles: int = 0
    claims: int = 0
    already_known: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Refusal]] = field(default_factory=dict)
    stopped: BadInput | None = None

    def refuse(self, refusal: Refusal) -> None:
        """Count a refusal."""
        reason = str(refusal.reason)
        self.refused[reason] += 1
        if self.refused[reason] <= EXAMPLES:
            self.examples.setdefault(reason, []).append(refusal)

    def as_dict(self) -> dict[str, object]:
        """The report as plain values."""
        return {
            "revision": self.revision,
            "events": self.events,
            "articles": self.articles,
            "claims": self.claims,
            "already_known": self.already_known,
            "refused": dict(sorted(self.refused.items())),
            "examples": {name: [one.detail for one in found] for name, found in sorted(self.examples.items())},
            "stopped": str(self.stopped) if self.stopped is not None else None,
        }


def import_coded(
    path: Path,
    *,
    renderer: Renderer,
    options: CodedOptions,
    ledger: Ledger,
    gazetteer: Gazetteer,
    progress: Callable[[ImportReport], None] | None = None,
    refused: Callable[[Refusal], None] | None = None,
) -> ImportReport:
    """Bring a dataset's events into the ledger as coded claims.

    Args:
        path: The dataset's file or folder.
        renderer: Makes claims of its events.
        options: What the file leaves unsaid.
        ledger: Where to remember.
        gazetteer: Names for linking.
        progress: Called after each transaction, and now and then between.
        refused: Called with every refusal; the report spells out only the first of each reason.

    Raises:
        BadInput: The path holds no such data. Where reading stops later, what was read is stored, and the report
            says what stopped it.
        LedgerError: The ledger could not be written; what earlier transactions stored stays.
    """
    return _Import(renderer, ledger, gazetteer, progress, refused).run(path, options)


class _Import:
    """One run."""

    def __init__(
        self,
        renderer: Renderer,
        ledger: Ledger,
        gazetteer: Gazetteer,
        progress: Callable[[ImportReport], None] | None,
        refused: Callable[[Refusal], None] | None,
    ) -> None:
        self._renderer, self._ledger, self._gazetteer, self._progress = renderer, ledger, gazetteer, progress
        self._tell_refused = refused
        self._report = ImportReport(revision=ledger.revision)
        self._pairs: list[tuple[Article, Reading]] = []
        self._waiting = 0
        self._own: set[str] = set()
        # Of each day at hand: the lines that the ledger held before this run, and those that this run has met.
        self._lines: dict[str, tuple[set[str], set[str]]] = {}
        self._count = 0

    def run(self, path: Path, options: CodedOptions) -> ImportReport:
        for day, group in chunks(self._accepted(path, options)):
            fresh = self._fresh(day, group)
            if fresh:
                self._pairs.append(self._renderer.article(day, fresh))
                self._waiting += len(fresh)
            if self._waiting >= BATCH:
                self._store()
        self._store()
        if self._progress is not None:
            self._progress(self._report)
        return self._report

    def _accepted(self, path: Path, options: CodedOptions) -> Iterator[Accepted]:
        report = self._report
        try:
            for item in self._renderer.dataset.events(path, options):
                report.events += 1
                if self._progress is not None and report.events % 20_000 == 0:
                    self._progress(report)
                found = item if isinstance(item, Refusal) else self._renderer.accept(item)
                if isinstance(found, Refusal):
                    self._refuse(found)
                else:
                    yield found
        except BadInput as why:
            if not report.events:
                raise
            report.stopped = why

    def _fresh(self, day: str, group: list[Accepted]) -> list[Accepted]:
        """The events of a day that neither the ledger nor this run has met; the others are counted."""
        before, now = self._lines_of(day)
        fresh = []
        for one in group:
            known_by = self._renderer.known_by(one.line)
            if known_by in before:
                self._report.already_known += 1
            elif known_by in now:
                self._refuse(Refusal(RefusalReason.DUPLICATE, f"{one.event.where}: the same as a line before"))
            else:
                now.add(known_by)
                fresh.append(one)
        self._count += len(fresh)
        return fresh

    def _refuse(self, refusal: Refusal) -> None:
        self._report.refuse(refusal)
        if self._tell_refused is not None:
            self._tell_refused(refusal)

    def _lines_of(self, day: str) -> tuple[set[str], set[str]]:
        found = self._lines.get(day)
        if found is None:
            if self._count >= MOST_HELD:
                # What this run knows of a day must be in the ledger before it is forgotten here.
                self._store()
                self._lines.clear()
                self._count = 0
            found = self._lines[day] = set(), set()
            for article_id in self._ledger.published(self._renderer.dataset.publisher, day):
                article = self._ledger.article(article_id)
                lines = article.text.split("\n") if article is not None else []
                found[article_id in self._own].update(map(self._renderer.known_by, lines))
            self._count += len(found[0]) + len(found[1])
        return found

    def _store(self) -> None:
        pairs, report = self._pairs, self._report
        if not pairs:
            return
        report.revision = self._ledger.append(linked_batch(pairs, self._gazetteer))
        for article, reading in pairs:
            report.articles += 1
            report.claims += len(reading.claims)
            self._own.add(article.id)
        self._pairs, self._waiting = [], 0
        if self._progress is not None:
            self._progress(report)
