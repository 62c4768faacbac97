"""What the graph holds once identity is decided: claims with nodes in place of mentions, and incidents."""

from __future__ import annotations

from dataclasses import dataclass

from app.vocabulary.records import Article, Claim
from app.vocabulary.times import Period


@dataclass(frozen=True, slots=True)
class ResolvedClaim:
    """A claim whose mentions have become nodes. All ids are node ids.

    Attributes:
        claim: The claim as the ledger holds it.
        when: The day(s) it was said: its date, else its article's day of publication, else an open period.
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

    @property
    def id(self) -> str:
        """The claim's id."""
        return self.claim.id

    @property
    def head(self) -> str | None:
        """Where its edge points: the target, else the incident, else nowhere (the claim has no edge)."""
        return self.target if self.target is not None else self.incident


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


def when_said(claim: Claim, article: Article) -> Period:
    """The period in which a claim was said: its own date, else the day its article was published, else open."""
    day = claim.date or article.published
    return Period.parse(day) if day else Period()
