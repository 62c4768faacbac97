"""What every ledger can do, whatever holds it. One contract suite (`tests/contracts/test_ledger.py`) runs on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from app.ledger.audit import Audit
from app.ledger.keys import Key
from app.ledger.rows import Entry, Row
from app.vocabulary.errors import LedgerError
from app.vocabulary.records import Acknowledgement, Actor, Article, Claim, Decision, Incident, Mention, Place, Reading


@dataclass(frozen=True, slots=True)
class Batch:
    """What one append stores, all of it or nothing."""

    articles: Sequence[Article] = ()
    readings: Sequence[Reading] = ()
    actors: Sequence[Actor] = ()
    places: Sequence[Place] = ()
    decisions: Sequence[Decision] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Batch:
        """The batch that stores these entries, in the order that entries of one revision have."""
        articles: list[Article] = []
        readings: list[Reading] = []
        actors: list[Actor] = []
        places: list[Place] = []
        decisions: list[Decision] = []
        for entry in entries:
            match entry:
                case Article():
                    articles.append(entry)
                case Reading():
                    readings.append(entry)
                case Actor():
                    actors.append(entry)
                case Place():
                    places.append(entry)
                case Decision():
                    decisions.append(entry)
        return cls(articles, readings, actors, places, decisions)


@dataclass(frozen=True, slots=True)
class LedgerCounts:
    """How much a ledger holds, older readings included; `refusals` by reason, of what readings left out."""

    articles: int
    readings: int
    claims: int
    decisions: int
    refusals: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something in a ledger that is not as it was written.

    Attributes:
        kind: `store` (the file or its indexes), `digest` (bytes of a revision, or of a row of the audit trail, have
            changed), `record` (it cannot be read), `hash` (an id is not that of its content), `offset` (a quote does
            not stand in its article), `reference` (something points at what is not there), `order` (revisions, or
            rows of the audit trail, are not one after the other).
        entry: Id of the entry, or where in the store.
        detail: What exactly.
    """

    kind: Literal["store", "digest", "record", "hash", "offset", "reference", "order"]
    entry: str
    detail: str


@runtime_checkable
class Ledger(Protocol):
    """An append-only memory with revisions.

    A revision is the number of appends that added something; 0 is the empty ledger. Appending what is already there
    adds nothing and leaves the revision as it is. A revision that readers see is whole, and so is every one before it.
    """

    @property
    def location(self) -> str:
        """Where it lies, as a URL without password."""
        ...

    @property
    def revision(self) -> int:
        """The newest revision."""
        ...

    def append(self, batch: Batch, *, at: str | None = None, audit: Sequence[Audit] | None = None) -> int:
        """Store what is new in a batch, in one transaction, and return the revision afterwards.

        A row of the audit trail is stored with it, by whoever writes (see `app.ledger.audit.writing_as`).

        Args:
            batch: What to store.
            at: UTC instant (ISO 8601 with milliseconds) to write down for the revision, where another ledger's revision
                is restored; this machine's clock where None.
            audit: Rows of another ledger's trail to store instead, where its revision is restored: of appends those of
                this revision, of the rest those that are not there yet, even where the batch holds nothing new.

        Raises:
            EvidenceMismatch: A claim's quote does not stand in its article; nothing of the batch is stored.
            LedgerError: The batch refers to an article the ledger does not hold, or the store failed.
        """
        ...

    def entries(
        self, since: int = 0, until: int | None = None, *, with_text: bool = True
    ) -> Iterator[tuple[int, Entry]]:
        """The entries of revisions since < r <= until, each with its revision, in the order they were appended.

        Without `with_text`, articles come with an empty `text` (their id is kept), which a fold does not need.
        """
        ...

    def rows(self, since: int = 0, until: int | None = None, *, with_text: bool = True) -> Iterator[tuple[int, Row]]:
        """The rows of these entries as they are stored, readable or not; a row that is not there has an empty body."""
        ...

    def article(self, article_id: str) -> Article | None:
        """The article with this id, retracted or not, or None."""
        ...

    def appended_at(self, revision: int) -> str | None:
        """UTC instant (ISO 8601) at which a revision was appended, or None where there is no such revision."""
        ...

    def revision_at(self, instant: str) -> int:
        """The newest revision appended at or before a UTC instant (ISO 8601 with milliseconds), or 0."""
        ...

    def digest(self, revision: int) -> str | None:
        """What a revision and all before it hold, as 64 hex digits (see `app.ledger.rows.chain`); None where none is.

        Two ledgers with the same digest hold the same, whatever kind they are of. Revision 0 has one, too.
        """
        ...

    def published(self, publisher: str, day: str | None) -> list[str]:
        """Ids of the articles of a publisher published on a day (as the record writes it), in the order of append."""
        ...

    def wait(self, beyond: int, timeout: float) -> int:
        """Wait until there is a revision beyond this one, for at most `timeout` seconds; return the newest revision.

        Appends by this or any other process end the waiting at once, or within a tenth of a second.
        """
        ...

    def audit(self, after: int = 0, most: int | None = None, *, newest_first: bool = False) -> list[tuple[Audit, str]]:
        """Rows of the audit trail in the order they were written, each with its digest (64 hex digits).

        Args:
            after: Number of the row after which to begin (with `newest_first`, before which); 0 for the beginning.
            most: How many at most.
            newest_first: The other way round.
        """
        ...

    def api_keys(self) -> list[Key]:
        """The API keys of this place, revoked ones included, in the order in which they were made."""
        ...

    def keep_key(self, key: Key) -> None:
        """Keep a new key, or one that is there with what has changed of it; the audit trail says so."""
        ...

    def flaws(self) -> Iterator[Flaw]:
        """What is unsound in the store itself: its pages and indexes, and rows that the log does not name.

        `app.ledger.checking.check` adds what can be told from the rows: order, digests, and every entry.
        """
        ...

    def compact(self) -> tuple[int, int]:
        """Give room that is not needed back to the disk, while others go on; bytes taken up before and after."""
        ...

    def unread(self, article_ids: Iterable[str], extractor: str) -> set[str]:
        """Those of the ids that this extractor version has not yet read into the ledger."""
        ...

    def counts(self) -> LedgerCounts:
        """How much it holds."""
        ...

    def close(self) -> None:
        """Release what it holds open; closing twice is harmless."""
        ...


def check_reading(reading: Reading, article: Article) -> None:
    """The door: every quote stands in its article, and nothing refers outside its reading.

    Raises:
        EvidenceMismatch: A quote does not stand where it says.
        LedgerError: A claim or incident points at something that its reading lacks.
    """
    mentions = {mention.id for mention in reading.mentions}
    incidents = {incident.id for incident in reading.incidents}
    things = incidents | {claim.id for claim in reading.claims}
    parts: tuple[Mention | Incident | Claim | Acknowledgement, ...] = (
        *reading.mentions,
        *reading.incidents,
        *reading.claims,
        *reading.acknowledgements,
    )
    for one in parts:
        if one.article != article.id:
            raise LedgerError(f"{one.id} is of article {one.article}, its reading of {article.id}")
    for incident in reading.incidents:
        incident.evidence.check(article)
        if not ({incident.place} - {None}) | {*incident.alleged_perpetrators} <= mentions:
            raise LedgerError(f"incident {incident.id} points at something its reading lacks")
    for claim in reading.claims:
        claim.evidence.check(article)
        named = {claim.speaker, claim.source, claim.source_named, claim.target, claim.target_named} - {None}
        named |= {*claim.relayed_by}
        if not named <= mentions or not {claim.incident, claim.responds_to} - {None} <= things:
            raise LedgerError(f"claim {claim.id} points at something its reading lacks")
    for acknowledgement in reading.acknowledgements:
        acknowledgement.evidence.check(article)
        if (
            not {acknowledgement.speaker, acknowledgement.actor} <= mentions
            or acknowledgement.incident not in incidents
        ):
            raise LedgerError(f"acknowledgement {acknowledgement.id} points at something its reading lacks")
