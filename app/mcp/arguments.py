"""What each tool may be asked, as records: their fields are the parameters, their notes what an assistant reads."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from app.queries import ClaimFilter
from app.queries.centralities import Measure
from app.vocabulary.terms import ActorKind, ClaimType, Clock, EdgeKind, Modality, Role, Rollup, Rung, Voice

Word = Annotated[str, Meta(min_length=1, max_length=400)]
Name = Annotated[Word | None, Meta(description="Name, alias or id.")]
Day = Annotated[str, Meta(max_length=10, pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
Since = Annotated[Day | None, Meta(description="First day: YYYY, YYYY-MM or YYYY-MM-DD.")]
Until = Annotated[Day | None, Meta(description="Last day.")]
AsOf = Annotated[
    Annotated[str, Meta(max_length=40)] | None,
    Meta(description="The ledger as it was at a revision (a number) or time (ISO 8601); its newest where left out."),
]
Limit = Annotated[int, Meta(ge=1, le=100, description="Most items in the answer.")]
Cursor = Annotated[
    Annotated[str, Meta(max_length=2000)] | None,
    Meta(description="`next` of the answer before, with the same other arguments."),
]
Place = Annotated[
    Word | None,
    Meta(description="Where the incident is reported: a place (name or id) or country (name or ISO 3166 alpha-3)."),
]
Part = Annotated[Word | None, Meta(description="Part of the name.")]


class Asking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every tool that asks the graph takes."""

    as_of: AsOf = None


class Filtered(Asking, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which claims."""

    source: Annotated[Word | None, Meta(description="Who accuses, denies or retaliates: name, alias or id.")] = None
    target: Annotated[Word | None, Meta(description="Against whom: name, alias or id.")] = None
    actor: Annotated[
        list[Word], Meta(max_length=20, description="Actors of whom one must be in the claim, on the side `role`.")
    ] = []
    role: Annotated[Role, Meta(description="On which side `actor` must stand.")] = Role.EITHER
    since: Since = None
    until: Until = None
    clock: Annotated[Clock, Meta(description="Which of a claim's four times `since` and `until` look at.")] = Clock.SAID
    place: Place = None
    incident: Annotated[Word | None, Meta(description="The incident's id.")] = None
    publisher: Annotated[Word | None, Meta(description="The outlet.")] = None
    min_confidence: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        Meta(description="The extractor's least confidence that the article says so."),
    ] = None
    modality: Annotated[list[Modality], Meta(max_length=10, description="How a claim stands to the act.")] = []
    rollup: Annotated[
        Rollup,
        Meta(
            description="full: claims by and against an actor's parts count for it. state: only what the codebook "
            "rolls up. off: only the actor itself."
        ),
    ] = Rollup.FULL
    voice: Annotated[Voice | None, Meta(description="Whether `source` must be the speaker or the one represented.")] = (
        None
    )

    def asked(self) -> ClaimFilter:
        """The filter for `queries`; the type of claim is the tool's."""
        return ClaimFilter(
            source=self.source,
            target=self.target,
            actors=tuple(self.actor),
            role=self.role,
            since=self.since,
            until=self.until,
            clock=self.clock,
            place=self.place,
            incident=self.incident,
            publisher=self.publisher,
            min_confidence=self.min_confidence,
            modality=tuple(self.modality),
            rollup=self.rollup,
            voice=self.voice,
        )


class Narrowed(Filtered, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which claims, and which page of them."""

    limit: Limit = 10
    cursor: Cursor = None


class Standing(Filtered, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which claims, by what actors are ordered, and how many of them are told of."""

    type: Annotated[list[ClaimType], Meta(max_length=10, description="Types of claims; all where none is named.")] = []
    by: Annotated[Measure, Meta(description="What orders the actors.")] = "pagerank"
    top: Annotated[int, Meta(ge=1, le=100, description="Most actors in the answer.")] = 10


class Retaliating(Narrowed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which retaliations."""

    rung: Annotated[
        Rung | None, Meta(description="The least rung of the ladder: carried_out leaves out mere threats.")
    ] = None


class OneClaim(Asking, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which claim."""

    claim: Annotated[Word, Meta(description="The claim's id: clm-…")]


class OneActor(Asking, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which actor."""

    actor: Annotated[Word, Meta(description="The actor's id: actor-…")]


class OneIncident(Asking, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which incident, and how many of its claims."""

    incident: Annotated[Word, Meta(description="The incident's id: inc-…")]
    claims: Annotated[
        int, Meta(ge=0, le=100, description="Most claims in the answer; `counts` tells how many there are.")
    ] = 10


class OneArticle(Asking, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which article, and which part of its text."""

    article: Annotated[Word, Meta(description="The article's id, as in a claim's `evidence.article`.")]
    start: Annotated[int, Meta(ge=0, description="First character (code point).")] = 0
    length: Annotated[int, Meta(ge=1, le=20_000, description="Most characters.")] = 4_000


class Named(Asking, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which names."""

    q: Part = None
    limit: Limit = 20
    cursor: Cursor = None


class NamedActors(Named, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which actors."""

    kind: Annotated[ActorKind | None, Meta(description="Only this sort of actor.")] = None


class NamedIncidents(Named, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which incidents."""

    place: Place = None
    since: Since = None
    until: Until = None


class Around(Asking, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which piece of the graph."""

    actor: Annotated[list[Word], Meta(max_length=20, description="Actors to look around: names or ids.")] = []
    incident: Annotated[Word | None, Meta(description="Id of an incident to look around.")] = None
    place: Annotated[Word | None, Meta(description="A place or country to look around.")] = None
    kind: Annotated[list[EdgeKind], Meta(max_length=10, description="Only these kinds of edges.")] = []
    since: Since = None
    until: Until = None
    publisher: Annotated[Word | None, Meta(description="The outlet.")] = None
    min_confidence: Annotated[float, Meta(ge=0, le=1)] | None = None
    hops: Annotated[int, Meta(ge=1, le=3, description="How far from what is named.")] = 1
    limit: Annotated[int, Meta(ge=1, le=100, description="Most edges, those with most claims first.")] = 20


class Sparql(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which query."""

    query: Annotated[str, Meta(min_length=1, max_length=20_000, description="A SPARQL 1.1 query, read-only.")]
    limit: Annotated[int, Meta(ge=1, le=500, description="Most rows or triples in the answer.")] = 50
