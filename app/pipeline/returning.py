"""RDF of our own in, a fuller ledger out: what one ledger exported, another takes in, claim for claim.

An article that the ledger has read itself keeps its reading: another ledger's takes not its place. Only what came in as
RDF before is added to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from app.ledger import Batch, Ledger
from app.pipeline.batching import name_of_next
from app.pipeline.importing import ImportReport
from app.rdf.composing import ToldArticle
from app.rdf.told import RdfFile
from app.vocabulary.errors import EvidenceMismatch
from app.vocabulary.records import (
    REPUBLISHED,
    Acknowledgement,
    Actor,
    Article,
    Claim,
    Decision,
    Place,
    Reading,
    Refusal,
)
from app.vocabulary.terms import RefusalReason

BATCH = 2_000
"""Claims of one transaction."""
_Act = Claim | Acknowledgement


@dataclass(slots=True)
class ReturnReport(ImportReport):
    """What a run did; `events` counts the claims and acknowledgements of the data.

    Attributes:
        acknowledgements: Acknowledgements added.
        kept_ids: Claims and acknowledgements among these whose id what they say does not give: the names that their
            article used are not in the data, or the text of the article is not the one that was read.
    """

    acknowledgements: int = 0
    kept_ids: int = 0

    def as_dict(self) -> dict[str, object]:
        """The report as plain values."""
        # Slots and super() without arguments do not go together.
        told = ImportReport.as_dict(self)
        return told | {"acknowledgements": self.acknowledgements, "kept_ids": self.kept_ids}


def import_rdf(
    path: Path,
    *,
    ledger: Ledger,
    progress: Callable[[ImportReport], None] | None = None,
    refused: Callable[[Refusal], None] | None = None,
) -> ReturnReport:
    """Bring a file of RDF in the profile claims, rdf12 or nanopub into the ledger.

    Args:
        path: The file; its name tells the format.
        ledger: Where to remember.
        progress: Called after each transaction.
        refused: Called with each refusal.

    Raises:
        BadInput: It cannot be read as RDF, or holds no claims of ours; nothing is stored.
        LedgerError: The ledger could not be written; what earlier transactions stored stays.
    """
    with RdfFile(path) as file:
        return _Return(ledger, file, progress, refused).run()


class _Return:
    """One run."""

    def __init__(
        self,
        ledger: Ledger,
        file: RdfFile,
        progress: Callable[[ImportReport], None] | None,
        refused: Callable[[Refusal], None] | None,
    ) -> None:
        self._ledger, self._file, self._progress, self._refused = ledger, file, progress, refused
        self._report = ReturnReport(revision=ledger.revision)
        self._waiting: list[ToldArticle] = []
        self._held = 0
        # What the ledger holds already: readings of the file's articles; and actors and places, whose records stay.
        self._readings: dict[str, Reading] = {}
        self._known: set[str] = set()

    def run(self) -> ReturnReport:
        report, file = self._report, self._file
        report.events = file.count()
        self._look(file.article_ids())
        self._refuse_all(file.strange())
        self._refuse_all(file.homeless())
        for told in file.articles():
            if isinstance(told, Refusal):
                self._refuse_all([told])
                continue
            self._refuse_all(told.refusals)
            if told.article.title or told.article.text or told.reading.mentions or not told.refusals:
                self._take(told)
            if self._held >= BATCH:
                self._store()
        self._store()
        if self._progress is not None:
            self._progress(report)
        return report

    def _look(self, articles: set[str]) -> None:
        """Know what the ledger holds of these articles."""
        if not self._ledger.revision:
            return
        for _, entry in self._ledger.entries(with_text=False):
            if isinstance(entry, Reading):
                if entry.article in articles:
                    self._readings[entry.article] = entry
            elif isinstance(entry, (Actor, Place)):
                self._known.add(entry.id)

    def _refuse_all(self, refusals: Iterable[Refusal]) -> None:
        for refusal in refusals:
            self._report.refuse(refusal)
            if self._refused is not None:
                self._refused(refusal)

    def _take(self, told: ToldArticle) -> None:
        before = self._readings.get(told.article.id)
        acts: tuple[_Act, ...] = (*told.reading.claims, *told.reading.acknowledgements)
        stored = self._ledger.article(told.article.id)
        if before is not None:
            there = {one.id for one in before.claims} | {one.id for one in before.acknowledgements}
            self._report.already_known += sum(one.id in there for one in acts)
            acts = tuple(one for one in acts if one.id not in there)
            if not acts:
                return
            if not before.extractor.startswith(REPUBLISHED):
                self._refuse_all(
                    Refusal(
                        RefusalReason.DUPLICATE,
                        f"{one.id}: this ledger read its article itself; correct or retract claims there",
                        told.article.id,
                    )
                    for one in acts
                )
                return
        if stored is not None:
            kept = self._standing(acts, stored)
            if not kept:
                return
            told = self._joined(told, stored, before, kept)
            acts = tuple(kept)
        self._readings[told.article.id] = told.reading
        self._waiting.append(told)
        self._held += max(len(acts), 1)
        self._report.claims += sum(isinstance(one, Claim) for one in acts)
        self._report.acknowledgements += sum(isinstance(one, Acknowledgement) for one in acts)

    def _standing(self, acts: tuple[_Act, ...], stored: Article) -> list[_Act]:
        """Those whose passage stands in the article as the ledger has it; the others are refused."""
        kept = []
        for one in acts:
            try:
                one.evidence.check(stored)
                kept.append(one)
            except EvidenceMismatch:
                words = (
                    f"{one.id}: its passage is not in the text that this ledger has of its article, which came in with "
                    "another part of the data; take in the whole at once"
                )
                self._refuse_all([Refusal(RefusalReason.QUOTE_NOT_IN_TEXT, words, stored.id)])
        return kept

    def _joined(self, told: ToldArticle, stored: Article, before: Reading | None, kept: list[_Act]) -> ToldArticle:
        """What both hold of an article, under a name that no reading of it has yet."""
        old = before if before is not None else Reading(stored.id, "")
        new = told.reading
        passages = {one.incident: one.evidence for one in reversed(kept)}
        incidents = {one.id: one for one in old.incidents}
        for one in new.incidents:
            at = passages.get(one.id, kept[0].evidence)
            incidents.setdefault(one.id, replace(one, evidence=at))
        claims = {one.id: one for one in (*kept, *old.claims) if isinstance(one, Claim)}
        things = incidents.keys() | claims.keys()
        for name, claim in claims.items():
            if claim.responds_to is not None and claim.responds_to not in things:
                claims[name] = replace(claim, responds_to=None)
                words = f"{name}: what it answers was left out"
                self._refuse_all([Refusal(RefusalReason.DANGLING_REFERENCE, words, stored.id)])
        taken = {one.id: one for one in (*kept, *old.acknowledgements) if isinstance(one, Acknowledgement)}
        reading = Reading(
            stored.id,
            name_of_next(self._ledger, stored.id, new.extractor),
            tuple({one.id: one for one in (*new.mentions, *old.mentions)}.values()),
            tuple(incidents.values()),
            tuple(sorted(claims.values(), key=lambda one: (one.evidence.part != "title", one.evidence.start, one.id))),
            acknowledgements=tuple(taken.values()),
        )
        return replace(told, article=stored, reading=reading)

    def _store(self) -> None:
        waiting, report = self._waiting, self._report
        if not waiting:
            return
        actors: dict[str, Actor] = {}
        places: dict[str, Place] = {}
        decisions: dict[str, Decision] = {}
        for told in waiting:
            actors.update((one.id, one) for one in told.actors if one.id not in self._known)
            places.update((one.id, one) for one in told.places if one.id not in self._known)
            decisions.update((one.id, one) for one in told.decisions)
        before = [self._ledger.article(told.article.id) is not None for told in waiting]
        report.revision = self._ledger.append(
            Batch(
                articles=[told.article for told in waiting],
                readings=[told.reading for told in waiting],
                actors=list(actors.values()),
                places=list(places.values()),
                decisions=list(decisions.values()),
            )
        )
        self._known.update(actors, places)
        for told, known in zip(waiting, before, strict=True):
            report.articles += not known
            report.kept_ids += len(told.kept_ids)
        self._waiting, self._held = [], 0
        if self._progress is not None:
            self._progress(report)
