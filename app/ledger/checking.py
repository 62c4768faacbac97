"""A ledger in, everything in it that is not as it was written out."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from app.ledger.audit import audit_body, audit_chain
from app.ledger.base import Flaw, Ledger, LedgerCounts, check_reading
from app.ledger.rows import GENESIS, Entry, Row, chain, entry_of, row_of
from app.vocabulary.errors import EvidenceMismatch, LedgerBusy, LedgerDamaged, LedgerError
from app.vocabulary.records import (
    REPUBLISHED,
    Acknowledgement,
    Actor,
    Article,
    Claim,
    Decision,
    Incident,
    Mention,
    Place,
    Reading,
)


def check(ledger: Ledger, progress: Callable[[int], None] | None = None) -> Iterator[Flaw]:
    """Hold a ledger against what it should be: the store, the chain of digests, every id, offset and reference.

    It is read up to the revision that is the newest when this begins; others may go on writing.

    Args:
        ledger: Which one.
        progress: Told the revision that has been looked at.

    Raises:
        LedgerBusy: Another writer holds it; whatever else goes wrong is a flaw.
    """
    try:
        yield from ledger.flaws()
    except LedgerBusy:
        raise
    except LedgerError as why:
        yield Flaw("store", ledger.location, str(why))
    try:
        newest = ledger.revision
        yield from _flaws_of_rows(ledger, newest, progress)
        yield from _flaws_of_audit(ledger, newest)
    except LedgerBusy:
        raise
    except LedgerError as why:
        yield Flaw("store", ledger.location, str(why))


def _flaws_of_rows(ledger: Ledger, newest: int, progress: Callable[[int], None] | None) -> Iterator[Flaw]:
    digest, expected, tally = GENESIS, 1, _Tally(ledger)
    for revision, group in groupby(ledger.rows(until=newest), itemgetter(0)):
        rows = [row for _, row in group]
        if revision != expected:
            yield Flaw("order", f"revision {revision}", f"revision {expected} should come before it")
        at, stored = ledger.appended_at(revision), ledger.digest(revision)
        if at is None or stored is None:
            yield Flaw("order", f"revision {revision}", "nothing tells when it was appended")
        else:
            found = chain(digest, at, rows)
            if found.hex() != stored:
                yield Flaw("digest", f"revision {revision}", "it is not what it was when it was appended")
            # From here on each revision is held against what its own row says, so one change is told once.
            digest = bytes.fromhex(stored)
        for row in rows:
            yield from _flaws_of(row, ledger, tally)
        expected = revision + 1
        if progress is not None:
            progress(revision)
    if expected <= newest:
        yield Flaw("order", f"revision {newest}", f"the log ends before it, with revision {expected - 1}")
    yield from tally.flaws(newest)


def _flaws_of_audit(ledger: Ledger, newest: int) -> Iterator[Flaw]:
    """Rows of the audit trail that are not what they were, and revisions of which it does not say who appended them."""
    before, expected, told = GENESIS, 1, []
    for row, stored in ledger.audit():
        if row.number != expected:
            yield Flaw("order", f"audit {row.number}", f"row {expected} of the audit trail should come before it")
        if row.revision is not None and row.revision > newest:
            # Appended since this began.
            return
        of = ledger.digest(row.revision) if row.revision else None
        if audit_chain(before, audit_body(row), of).hex() != stored:
            yield Flaw("digest", f"audit {row.number}", "it is not what it was when it was written")
        before, expected = bytes.fromhex(stored), row.number + 1
        if row.what == "append":
            told.append(row.revision)
    # An older Polemos kept no trail; from its first row on, each revision has one.
    for revision in sorted(set(range(min(filter(None, told), default=newest + 1), newest + 1)).difference(told)):
        yield Flaw("reference", f"revision {revision}", "the audit trail does not say who appended it")


class _Tally:
    """What a ledger keeps beside its records to find and count them, held against the records."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._articles = self._readings = self._claims = self._decisions = 0
        self._refusals: Counter[str] = Counter()
        # Articles whose text does not give their id: flaws, unless a reading says that they came in as RDF.
        self.of_other_texts: dict[str, Flaw] = {}
        self._of_day = lru_cache(100)(lambda publisher, day: frozenset(ledger.published(publisher, day)))

    def take(self, entry: Entry) -> Iterator[Flaw]:
        """Count an entry, and look whether it is found by what it says."""
        match entry:
            case Article():
                self._articles += 1
                if entry.publisher is not None and entry.id not in self._of_day(entry.publisher, entry.published):
                    yield Flaw("store", entry.id, "it is not found by its publisher and day")
            case Reading():
                self._readings += 1
                self._claims += len(entry.claims)
                self._refusals.update(str(refusal.reason) for refusal in entry.refusals)
                if self._ledger.unread([entry.article], entry.extractor):
                    yield Flaw("store", entry.id, "it is not found by its article and extractor")
            case Decision():
                self._decisions += 1

    def flaws(self, newest: int) -> Iterator[Flaw]:
        """Counts that are not those of the entries; none can be told where others have appended meanwhile."""
        found = LedgerCounts(
            self._articles, self._readings, self._claims, self._decisions, dict(sorted(self._refusals.items()))
        )
        yield from self.of_other_texts.values()
        told = self._ledger.counts()
        if told != found and self._ledger.revision == newest:
            yield Flaw("store", self._ledger.location, f"it says it holds {told}, and it holds {found}")


def _flaws_of(row: Row, ledger: Ledger, tally: _Tally) -> Iterator[Flaw]:
    if not row.body:
        yield Flaw("reference", row.id, f"the log names this {row.kind}, and it is not stored")
        return
    try:
        entry = entry_of(row.kind, row.body, row.text, ledger.location)
    except LedgerError as why:
        yield Flaw("record", row.id, str(why))
        return
    yield from tally.take(entry)
    if isinstance(entry, Actor | Place):
        # Its row is named after the whole record, for the record may change while its id stays.
        if row_of(entry).id != row.id:
            yield Flaw("hash", row.id, f"the record of {entry.id} has changed since it was written")
        return
    if entry.id != row.id:
        yield Flaw("hash", row.id, f"the record under this id says it is {entry.id}")
    if isinstance(entry, Reading):
        try:
            article = ledger.article(entry.article)
        except LedgerDamaged:
            article = None
        if article is None:
            yield Flaw("reference", entry.id, f"its article {entry.article} is not stored, or cannot be read")
            return
        parts: Iterable[Mention | Incident | Claim | Acknowledgement] = (
            *entry.mentions,
            *entry.incidents,
            *entry.claims,
            *entry.acknowledgements,
        )
        if entry.extractor.startswith(REPUBLISHED):
            # Another ledger gave the ids, from a text that did not come along; the digests vouch for what came.
            tally.of_other_texts.pop(entry.article, None)
        else:
            for part in parts:
                yield from _changed(part)
        try:
            check_reading(entry, article)
        except EvidenceMismatch as why:
            yield Flaw("offset", entry.id, str(why))
        except LedgerError as why:
            yield Flaw("reference", entry.id, str(why))
    if isinstance(entry, Article):
        tally.of_other_texts.update((flaw.entry, flaw) for flaw in _changed(entry))
    else:
        yield from _changed(entry)


def _changed(one: Article | Reading | Decision | Mention | Incident | Claim | Acknowledgement) -> Iterator[Flaw]:
    """A flaw where the id is not the hash of the fields that make it."""
    own = dataclasses.replace(one, id="").id
    if own != one.id:
        yield Flaw("hash", one.id, f"by its content it would be {own}")
