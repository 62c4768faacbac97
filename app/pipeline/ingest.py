"""Items from intake in, a fuller ledger out; what is there is not read again, so a run may be killed and run anew.

Each batch is one transaction: articles, readings, links together. A run that dies loses at most the batch under way,
and the next run reads what is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from app.extraction import Recipe, Spending
from app.ledger import Ledger
from app.pipeline.batching import linked_batch
from app.pipeline.relating import Relations
from app.pipeline.runners import LocalRunner, Runner
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading, Refusal

BATCH = 64
"""Articles per transaction: a commit costs some milliseconds, a death costs at most so many articles read again."""


@dataclass(slots=True)
class IngestReport:
    """What a run did. `refused` counts inputs that never became an article, `refusals` what readings left out.

    `spent` is what it took from a language model's server, None where none was asked.
    """

    revision: int = 0
    added: int = 0
    already_known: int = 0
    claims: int = 0
    refused: list[Refusal] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    articles: list[str] = field(default_factory=list)
    spent: Spending | None = None

    def as_dict(self) -> dict[str, object]:
        """The report as plain values."""
        return {
            "revision": self.revision,
            "added": self.added,
            "already_known": self.already_known,
            "claims": self.claims,
            "refused": [{"reason": str(r.reason), "detail": r.detail} for r in self.refused],
            "refusals": dict(sorted(self.refusals.items())),
            "articles": self.articles,
            **({"llm": self.spent.as_dict()} if self.spent is not None else {}),
        }


def ingest(
    items: Iterable[Article | Refusal],
    *,
    ledger: Ledger,
    recipe: Recipe,
    gazetteer: Gazetteer,
    relations: Relations | None = None,
    runner: Runner | None = None,
    progress: Callable[[IngestReport], None] | None = None,
) -> IngestReport:
    """Read every article the ledger lacks and remember what it says.

    Args:
        items: Articles, and refusals of inputs that are none.
        ledger: Where to remember.
        recipe: How to make the extractor; it is not made where nothing is new.
        gazetteer: Names for linking.
        relations: Judges how articles hang together with earlier ones; without, each is linked by itself.
        runner: Who reads; this process where None.
        progress: Called after each batch.

    Raises:
        LedgerError: The ledger could not be written; what earlier batches stored stays.
        ModelAway: A language model's server failed for good; what earlier batches stored stays.
    """
    report = IngestReport(revision=ledger.revision)
    before = recipe.spent() if recipe.spent is not None else None
    runner = runner or LocalRunner()
    fresh = _fresh(items, ledger, recipe.name, report, progress)
    first = next(fresh, None)
    if first is None:
        return report
    pairs: list[tuple[Article, Reading]] = []
    for pair in runner.map(recipe.make, chain([first], fresh)):
        pairs.append(pair)
        if len(pairs) >= BATCH:
            _store(pairs, ledger, gazetteer, relations, report)
            pairs = []
            _count_spending(recipe, before, report)
            if progress is not None:
                progress(report)
    if pairs:
        _store(pairs, ledger, gazetteer, relations, report)
    _count_spending(recipe, before, report)
    if progress is not None:
        progress(report)
    return report


def _count_spending(recipe: Recipe, before: Spending | None, report: IngestReport) -> None:
    if recipe.spent is not None and before is not None:
        report.spent = recipe.spent().since(before)


def _fresh(
    items: Iterable[Article | Refusal],
    ledger: Ledger,
    extractor: str,
    report: IngestReport,
    progress: Callable[[IngestReport], None] | None,
) -> Iterator[Article]:
    """The articles that are new to the ledger or to this run; everything else is counted."""
    seen: set[str] = set()
    for item in items:
        if isinstance(item, Refusal):
            report.refused.append(item)
        elif item.id in seen or not ledger.unread([item.id], extractor):
            report.already_known += 1
            report.articles.append(item.id)
            if progress is not None and report.already_known % BATCH == 0:
                progress(report)
        else:
            seen.add(item.id)
            # Offsets must count in the text that is kept, and that is the one that came first.
            yield ledger.article(item.id) or item


def _store(
    pairs: list[tuple[Article, Reading]],
    ledger: Ledger,
    gazetteer: Gazetteer,
    relations: Relations | None,
    report: IngestReport,
) -> None:
    if relations is not None:
        relations.catch_up(ledger)
    batch = linked_batch(pairs, gazetteer, relations.judge if relations is not None else None)
    try:
        report.revision = ledger.append(batch)
    except BaseException:
        if relations is not None:
            relations.forget()
        raise
    if relations is not None:
        relations.appended(ledger, report.revision, batch.readings)
    for article, reading in pairs:
        report.added += 1
        report.claims += len(reading.claims)
        report.refusals.update(str(refusal.reason) for refusal in reading.refusals)
        report.articles.append(article.id)


def read_articles(
    items: Iterable[Article | Refusal], recipe: Recipe, runner: Runner | None = None
) -> Iterator[tuple[Article, Reading] | Refusal]:
    """Readings of articles without storing anything; refusals pass through, after the articles read before them."""
    refused: list[Refusal] = []

    def articles() -> Iterator[Article]:
        for item in items:
            if isinstance(item, Refusal):
                refused.append(item)
            else:
                yield item

    for pair in (runner or LocalRunner()).map(recipe.make, articles()):
        yield from refused
        refused.clear()
        yield pair
    yield from refused
