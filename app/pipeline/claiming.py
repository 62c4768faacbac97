"""Claims that people wrote down in, a fuller ledger out: each claim once, so a file may grow and be imported again.

Where only quotes are given, they are looked for in the articles made of earlier quotes of that publisher, day, URL and
title; what is new of them makes an article of its own. A reading holds what earlier ones of the same article held that
this importer made: the newest reading counts, and nobody's claims may be lost by that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from app.extraction import recorded
from app.intake.coded.claims import NAME, VERSION, CodedArticle, coded_articles
from app.intake.coded.scratch import Shelf
from app.ledger import Ledger
from app.pipeline.batching import linked_batch, name_of_next
from app.pipeline.importing import ImportReport
from app.vocabulary.errors import BadInput
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading, Refusal
from app.vocabulary.terms import RefusalReason

BATCH = 2_000
"""Claims of one transaction."""
MOST_DAYS = 1_000
"""Days of publishers whose articles of quotes are held."""


def import_claims(
    path: Path,
    *,
    ledger: Ledger,
    gazetteer: Gazetteer,
    coder: str | None = None,
    progress: Callable[[ImportReport], None] | None = None,
    refused: Callable[[Refusal], None] | None = None,
) -> ImportReport:
    """Bring a file of claims into the ledger; `events` of the report counts its claims.

    Args:
        path: The file.
        ledger: Where to remember.
        gazetteer: Names for linking.
        coder: Who wrote down the claims of rows that name nobody.
        progress: Called after each transaction.
        refused: Called with each refusal.

    Raises:
        BadInput: The path holds no such data. Where reading stops later, what was read is stored, and the report says
            what stopped it.
        LedgerError: The ledger could not be written; what earlier transactions stored stays.
    """
    with closing(_Earlier(ledger)) as earlier:
        return _Import(ledger, gazetteer, earlier, progress, refused).run(path, coder)


class _Import:
    """One run."""

    def __init__(
        self,
        ledger: Ledger,
        gazetteer: Gazetteer,
        earlier: _Earlier,
        progress: Callable[[ImportReport], None] | None,
        refused: Callable[[Refusal], None] | None,
    ) -> None:
        self._ledger, self._gazetteer, self._earlier = ledger, gazetteer, earlier
        self._progress, self._refused = progress, refused
        self._report = ImportReport(revision=ledger.revision)
        self._pairs: list[tuple[Article, Reading]] = []
        self._waiting = 0
        self._at_hand: set[str] = set()
        self._days: dict[tuple[str, str | None], list[Article]] = {}

    def run(self, path: Path, coder: str | None) -> ImportReport:
        report = self._report
        try:
            for item in coded_articles(path, coder):
                if isinstance(item, Refusal):
                    # What is kept without what it answers is a claim all the same.
                    report.events += item.reason is not RefusalReason.DANGLING_REFERENCE
                    self._refuse(item)
                    continue
                report.events += item.claims
                for part in self._parts(item):
                    self._take(part)
                if self._waiting >= BATCH:
                    self._store()
        except BadInput as why:
            if not report.events:
                raise
            report.stopped = why
        self._store()
        if self._progress is not None:
            self._progress(report)
        return report

    def _refuse(self, refusal: Refusal) -> None:
        self._report.refuse(refusal)
        if self._refused is not None:
            self._refused(refusal)

    def _parts(self, item: CodedArticle) -> Iterator[CodedArticle]:
        """The item by the articles that its claims belong to: its own, and those that hold some of its quotes."""
        article = item.article
        item = self._without_known(item)
        if not item.claims and not item.has_text:
            return
        if item.has_text or article.publisher is None:
            yield item
            return
        left = list(item.annotations)
        for known in self._of_day(article):
            if (known.url, known.title) != (article.url, article.title) or known.id == article.id:
                continue
            here = [claim for one in left for claim in one["claims"] if claim["evidence"] in known.text]
            if here:
                left = [_without(one, here) for one in left]
                yield replace(
                    item,
                    article=known,
                    annotations=tuple(_only(one, here) for one in item.annotations),
                    claims=len(here),
                )
        quotes = dict.fromkeys(claim["evidence"] for one in left for claim in one["claims"])
        if quotes:
            fresh = replace(article, text="\n".join(quotes), id="")
            yield replace(item, article=fresh, annotations=tuple(left), claims=sum(len(a["claims"]) for a in left))

    def _without_known(self, item: CodedArticle) -> CodedArticle:
        """The item without claims that an export took from an article of this very ledger."""
        if item.has_text:
            return item
        known: dict[str, bool] = {}
        gone = []
        for claim in (claim for one in item.annotations for claim in one["claims"]):
            name = claim["coded"].get("article")
            if name is None:
                continue
            if name not in known:
                known[name] = self._ledger.article(name) is not None
            if known[name]:
                gone.append(claim)
                told = (
                    f"{claim['id']}: this ledger holds the article it was taken from; correct or retract claims there"
                )
                self._refuse(Refusal(RefusalReason.DUPLICATE, told))
        if not gone:
            return item
        left = tuple(_without(one, gone) for one in item.annotations)
        return replace(item, annotations=left, claims=sum(len(one["claims"]) for one in left))

    def _of_day(self, article: Article) -> list[Article]:
        """The articles of quotes of this one's publisher and day."""
        key = (article.publisher or "", article.published)
        found = self._days.get(key)
        if found is None:
            if len(self._days) >= MOST_DAYS:
                # What waits would not be found in the ledger.
                self._store()
                self._days.clear()
            there = (self._ledger.article(one) for one in self._ledger.published(*key))
            found = self._days[key] = [one for one in there if one is not None and one.external_id == NAME]
        return found

    def _take(self, item: CodedArticle) -> None:
        article = self._ledger.article(item.article.id) or item.article
        coders = item.coders
        reading = recorded(article, item.annotations, _extractor(coders))
        for one in reading.refusals:
            self._refuse(Refusal(one.reason, f"{article.title or article.id}: {one.detail}", article.id))
        for annotation in item.annotations:
            beside = {one["id"] for one in (*annotation["claims"], *annotation["incidents"])}
            for claim in annotation["claims"]:
                if claim["responds_to"] is not None and claim["responds_to"] not in beside:
                    told = f"{claim['id']}: what it answers came in with an earlier article of quotes, and is left out"
                    self._refuse(Refusal(RefusalReason.DANGLING_REFERENCE, told))
        if article.id in self._at_hand:
            self._store()
        before = self._earlier.reading(article.id)
        if before is not None:
            added = {one.id for one in reading.claims} - {one.id for one in before.claims}
            self._report.already_known += len(reading.claims) - len(added)
            if not added and {one.id for one in reading.incidents} <= {one.id for one in before.incidents}:
                return
            names = {*coders, *_coders(before.extractor)}
            reading = self._joined(article, before, reading, _extractor(tuple(sorted(names))))
        held = self._days.get((article.publisher or "", article.published))
        if held is not None and article.external_id == NAME and all(one.id != article.id for one in held):
            held.append(article)
        self._pairs.append((article, reading))
        self._at_hand.add(article.id)
        self._waiting += max(len(reading.claims), 1)
        self._report.claims += len(reading.claims) - (len(before.claims) if before is not None else 0)

    def _joined(self, article: Article, before: Reading, now: Reading, extractor: str) -> Reading:
        """A reading with what both hold, under a name that no reading of the article has yet."""

        def both(name: str) -> tuple[Any, ...]:
            # What is there stands: to change it is a correction, by `polemos correct`.
            found = {one.id: one for one in (*getattr(now, name), *getattr(before, name))}
            return tuple(found.values())

        claims = sorted(both("claims"), key=lambda one: (one.evidence.part != "title", one.evidence.start, one.id))
        return Reading(
            article.id,
            name_of_next(self._ledger, article.id, extractor),
            both("mentions"),
            both("incidents"),
            tuple(claims),
            acknowledgements=both("acknowledgements"),
        )

    def _store(self) -> None:
        pairs, report = self._pairs, self._report
        if not pairs:
            return
        known = {article.id for article, _ in pairs if self._ledger.article(article.id) is not None}
        report.revision = self._ledger.append(linked_batch(pairs, self._gazetteer))
        for article, reading in pairs:
            report.articles += article.id not in known
            self._earlier.add(reading)
        self._pairs, self._waiting = [], 0
        self._at_hand.clear()
        if self._progress is not None:
            self._progress(report)


class _Earlier:
    """The newest reading by this importer of each article; they are looked up when the first is asked for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._shelf = Shelf()
        self._is_filled = False
        self._decode = msgspec.json.Decoder(Reading).decode

    def reading(self, article: str) -> Reading | None:
        """The newest reading of an article by this importer, or None."""
        if not self._is_filled:
            if self._ledger.article(article) is None:
                return None
            self._is_filled = True
            for _, entry in self._ledger.entries(with_text=False):
                if isinstance(entry, Reading) and entry.extractor.startswith(f"{NAME}@"):
                    self.add(entry)
        body = self._shelf.get(article)
        return self._decode(body) if body is not None else None

    def add(self, reading: Reading) -> None:
        """Know a newer reading."""
        if self._is_filled:
            self._shelf.put(reading.article, msgspec.json.encode(reading))

    def close(self) -> None:
        """Forget all."""
        self._shelf.close()


def _extractor(coders: tuple[str, ...]) -> str:
    """The name under which claims of these coders are recorded: "claims@1:Ana"."""
    return f"{NAME}@{VERSION}" + (f":{','.join(coders)}" if coders else "")


def _coders(extractor: str) -> set[str]:
    return {one for one in extractor.partition(":")[2].split(",") if one}


def _without(annotation: dict[str, Any], claims: list[dict[str, Any]]) -> dict[str, Any]:
    gone = set(map(id, claims))
    return annotation | {"claims": [one for one in annotation["claims"] if id(one) not in gone]}


def _only(annotation: dict[str, Any], claims: list[dict[str, Any]]) -> dict[str, Any]:
    """The claims of an annotation that are among these, with the incidents that they are about."""
    kept = set(map(id, claims))
    left = [one for one in annotation["claims"] if id(one) in kept]
    about = {one["incident"] for one in left}
    return {"claims": left, "incidents": [one for one in annotation["incidents"] if one["id"] in about]}
