"""What the graph holds once identity is decided: claims with nodes in place of mentions, and incidents."""

from __future__ import annotations

from dataclasses import dataclass

from app.vocabulary.records import Acknowledgement, Article, Claim
from app.vocabulary.times import Period

ALWAYS = Period()
"""The period of what nothing dates."""


@dataclass(frozen=True, slots=True)
class ResolvedClaim:
    """A claim whose mentions have become nodes. All ids are node ids.

    Attributes:
        claim: The claim as the ledger holds it.
        when: The day(s) it was said: its date, else its article's day of publication, else an open period.
        happened: The day(s) of the incident as the claim's own article dates it; open where it does not.
        ingested: UTC instant (ISO 8601) at which its article entered the ledger, or None where nobody tells.
        lineage: Id of the article from whose text it descends: its own, or that of the earliest claim it is a copy of.
    """

    claim: Claim
    speaker: str
    source: str
    target: str | None
    target_named: str | None
    incident: str | None
    when: Period
    published: str | None
    publisher: str | None
    source_named: str | None = None
    relayed_by: tuple[str, ...] = ()
    happened: Period = ALWAYS
    ingested: str | None = None
    lineage: str = ""

    def __post_init__(self) -> None:
        if not self.lineage:
            object.__setattr__(self, "lineage", self.claim.article)

    @property
    def id(self) -> str:
        """The claim's id."""
        return self.claim.id

    @property
    def head(self) -> str | None:
        """Where its edge points: the target, else the incident, else nowhere (the claim has no edge)."""
        return self.target if self.target is not None else self.incident


@dataclass(frozen=True, slots=True)
class ResolvedAcknowledgement:
    """An acknowledgement whose mentions have become nodes; the fields are as in `ResolvedClaim`."""

    acknowledgement: Acknowledgement
    speaker: str
    actor: str
    incident: str
    when: Period
    published: str | None
    publisher: str | None
    ingested: str | None = None
    lineage: str = ""

    def __post_init__(self) -> None:
        if not self.lineage:
            object.__setattr__(self, "lineage", self.acknowledgement.article)

    @property
    def id(self) -> str:
        """The acknowledgement's id."""
        return self.acknowledgement.id


@dataclass(frozen=True, slots=True)
class IncidentNode:
    """A happening that claims speak about, from one or more articles. Who did it is not said here, only claimed.

    Attributes:
        types: What articles call it, the most frequent first.
        reported_in: Ids of the articles.
        members: Ids of the article-level incidents that were judged to be this one.
    """

    id: str
    types: tuple[str, ...]
    place: str | None
    country: str | None
    date: str | None
    reported_in: tuple[str, ...]
    members: tuple[str, ...]
    label: str


def when_said(claim: Claim | Acknowledgement, article: Article) -> Period:
    """The period in which a claim was said: its own date, else the day its article was published, else open."""
    day = claim.date or article.published
    return Period.parse(day) if day else Period()
