"""What the graph holds once identity is decided: claims with nodes in place of mentions, incidents, and edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.vocabulary.records import Acknowledgement, Actor, Article, Claim
from app.vocabulary.terms import EdgeKind, Modality
from app.vocabulary.times import Period

ALWAYS = Period()
"""The period of what nothing dates."""


@dataclass(frozen=True, slots=True)
class PlacedClaim:
    """A claim whose mentions have become nodes, as the fold hands it over. All ids are node ids.

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


@dataclass(frozen=True, slots=True)
class ResolvedAcknowledgement:
    """An acknowledgement whose mentions have become nodes; the fields are as in `PlacedClaim`."""

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


def wholes_of(actor: Actor) -> list[str]:
    """Ids of everything an actor is or was part of by its own record."""
    found = dict.fromkeys(membership.whole for membership in actor.memberships)
    if actor.part_of is not None:
        found.setdefault(actor.part_of)
    return list(found)


def incident_label(types: tuple[str, ...], place: str | None, day: str | None) -> str:
    """What an incident is called: its most frequent type, the name of its place and its date, as far as known."""
    return ", ".join(part for part in (*types[:1], place, day) if part)


def when_said(claim: Claim | Acknowledgement, article: Article) -> Period:
    """The period in which a claim was said: its own date, else the day its article was published, else open."""
    day = claim.date or article.published
    return Period.parse(day) if day else Period()


OVER_INCIDENTS = {
    EdgeKind.ACCUSES: "makes an accusation over",
    EdgeKind.DENIES: "denies what is said about",
    EdgeKind.RETALIATES: "retaliates over",
}


@dataclass(frozen=True, slots=True)
class Backing:
    """What stands behind an edge, as drawings and filters ask for it.

    Attributes:
        claims: The claims' ids, oldest first; those of which nothing tells when they were said come last.
        articles: How many articles report them.
        publishers: How many publishers these have, where one is known.
        first: The first day on which one of them may have been said, or None where no day is known.
        last: The last such day.
        is_dated: True where both ends of every claim's period are known, so that all of them lie in `first` to `last`.
    """

    claims: Sequence[str]
    articles: int
    publishers: int
    first: date | None
    last: date | None
    is_dated: bool


def edge_id(source: str, target: str, sort: str, incident: str | None) -> str:
    """What tells an edge from any other: its ends, its sort (see `edge_sort`), and the incident it is about."""
    return f"{source}>{target}|{sort}|{incident or ''}"


def edge_sort(kind: EdgeKind, modality: Modality | None) -> str:
    """How an id tells the kind and the modality of an edge."""
    return f"{kind}|{modality or ''}"


@dataclass(frozen=True, slots=True)
class Edge:
    """One typed edge with the claims behind it (none for part_of from the gazetteer and for located_in).

    It is made when it is asked for; `claims` then holds those that stood behind it at that moment.
    """

    kind: EdgeKind
    source: str
    target: str
    modality: Modality | None
    incident: str | None
    claims: Sequence[str]

    @property
    def id(self) -> str:
        """What tells it from any other; see `edge_id`."""
        return edge_id(self.source, self.target, edge_sort(self.kind, self.modality), self.incident)

    @property
    def phrase(self) -> str:
        """How the edge reads; one to an incident names no actor towards whom something is said or done."""
        if self.target == self.incident and self.kind in OVER_INCIDENTS:
            return OVER_INCIDENTS[self.kind]
        return self.kind.phrase
