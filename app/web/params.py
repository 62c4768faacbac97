"""Query strings in, checked parameters out: one pydantic model for each sort of question, unknown parameters refused.

A mistyped filter must not look like an answer without it, hence `extra="forbid"`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.graph import View
from app.pictures import Table
from app.queries import ClaimFilter
from app.vocabulary.terms import ActorKind, ClaimType, Clock, EdgeKind, Modality, Role, Rollup, Rung, Voice

MOST = 500


def _filled(value: object) -> object:
    """A form sends fields that were left empty, too."""
    return None if value == "" else value


Text = Annotated[Annotated[str, Field(max_length=400)] | None, BeforeValidator(_filled)]
Number = Annotated[float | None, BeforeValidator(_filled)]
Limit = Annotated[int, Field(ge=1, le=MOST, description="Most items in the answer.")]
Cursor = Annotated[
    Annotated[str, Field(max_length=2000)] | None,
    BeforeValidator(_filled),
    Field(description="`next` of the answer before."),
]


AS_OF = "The ledger as it was at a revision (a number) or time (ISO 8601; UTC where no zone is given)."


class _Params(BaseModel):
    model_config = ConfigDict(extra="forbid")

    as_of: Text = Field(None, description=AS_OF)


async def _as_of(as_of: Annotated[str | None, Query(max_length=40, description=AS_OF)] = None) -> str | None:
    return as_of


AT = [Depends(_as_of)]
"""Documents `as_of` on a route that takes nothing else; `answer` reads the value from the request."""


def _rollup(value: object) -> object:
    """`true` and `false` say `full` and `off`."""
    return {"true": Rollup.FULL, "false": Rollup.OFF}.get(value.casefold(), value) if isinstance(value, str) else value


class Filters(_Params):
    """Which claims."""

    source: Text = Field(None, description="Who accuses, denies or retaliates: name or id.")
    target: Text = Field(None, description="Against whom: name or id.")
    since: Text = Field(None, description="First day: YYYY, YYYY-MM or YYYY-MM-DD.")
    until: Text = Field(None, description="Last day.")
    place: Text = Field(None, description="The incident's place (name or id) or country (name or ISO 3166 alpha-3).")
    incident: Text = Field(None, description="The incident's id.")
    publisher: Text = Field(None, description="The outlet.")
    min_confidence: Number = Field(None, description="The extractor's least confidence, from 0 to 1.")
    rollup: Annotated[Rollup, BeforeValidator(_rollup)] = Field(
        Rollup.FULL,
        description="full: claims by and against an actor's parts count for it, too; a part's denial is shown as "
        "`narrower` and not counted. state: only what the codebook rolls up. off: only the actor itself.",
    )
    voice: Voice | None = Field(None, description="Whether `source` must be the speaker or the one represented.")
    clock: Clock = Field(Clock.SAID, description="Which of a claim's four times `since` and `until` look at.")
    rung: Rung | None = Field(None, description="For retaliations, the least rung of the ladder.")
    actor: list[Annotated[str, Field(max_length=400)]] = Field(
        default_factory=list,
        max_length=20,
        description="Name or id of an actor that must be in the claim, as `role` says; of several, one of them.",
    )
    role: Role = Field(Role.EITHER, description="On which side `actor` must stand.")
    modality: list[Modality] = Field(
        default_factory=list, max_length=10, description="How a claim stands to the act; may come several times."
    )

    def asked(self, type_: ClaimType | list[ClaimType] | None = None) -> ClaimFilter:
        """The filter for `queries`."""
        types = tuple(dict.fromkeys(type_)) if isinstance(type_, list) else (type_,) if type_ is not None else ()
        return ClaimFilter(
            source=self.source,
            target=self.target,
            since=self.since,
            until=self.until,
            place=self.place,
            incident=self.incident,
            publisher=self.publisher,
            min_confidence=self.min_confidence,
            rollup=self.rollup,
            voice=self.voice,
            clock=self.clock,
            rung=self.rung,
            # One of several choices is that one.
            type=types[0] if len(types) == 1 else None,
            types=types if len(types) > 1 else (),
            modality=tuple(self.modality),
            actors=tuple(name for name in self.actor if name),
            role=self.role,
        )


class PagedFilters(Filters):
    """Which claims, and which page of them."""

    limit: Limit = 50
    cursor: Cursor = None


class TypedFilters(Filters):
    """Which claims, of which types."""

    type: list[ClaimType] = Field(
        default_factory=list,
        max_length=10,
        description="Type of claim; may come several times; all where none is named.",
    )


class ClaimParams(PagedFilters, TypedFilters):
    """Which claims of which types, and which page of them."""


class MatrixParams(Filters):
    """Which claims, and how many actors a side."""

    kind: list[ClaimType] = Field(
        default_factory=lambda: [ClaimType.ACCUSES],
        max_length=10,
        description="Type of claim; may come several times.",
    )
    top: Annotated[int, Field(ge=1, le=200)] = 30


class TimelineParams(TypedFilters):
    """Which claims, and in what steps."""

    unit: Literal["day", "week", "month", "year"] = Field("month", description="How long a bin is; weeks from Monday.")


class DisputeParams(ClaimParams):
    """Which claims, and which page of the incidents they are about."""

    q: Text = Field(None, description="Part of an incident's label or type.")


class SearchParams(_Params):
    """A search text and a page."""

    q: Text = Field(None, description="Part of the name.")
    limit: Limit = 50
    cursor: Cursor = None


class ActorParams(SearchParams):
    """Which actors."""

    kind: ActorKind | None = None


class IncidentParams(SearchParams):
    """Which incidents."""

    place: Text = None
    since: Text = None
    until: Text = None


class PositionParams(_Params):
    """About which incident, and which page."""

    about: Text = Field(None, description="An incident's id.")
    limit: Limit = 50
    cursor: Cursor = None


class SubgraphParams(_Params):
    """Which piece of the graph."""

    actor: list[Annotated[str, Field(max_length=400)]] = Field(
        default_factory=list, max_length=50, description="Name or id; may come several times."
    )
    incident: Text = None
    place: Text = None
    kind: list[EdgeKind] = Field(default_factory=list, description="Edge kinds; may come several times.")
    since: Text = None
    until: Text = None
    publisher: Text = None
    min_confidence: Number = None
    clock: Clock = Field(Clock.SAID, description="Which of a claim's four times `since` and `until` look at.")
    modality: list[Modality] = Field(
        default_factory=list, max_length=10, description="How a claim stands to the act; may come several times."
    )
    rollup: Annotated[Rollup | None, BeforeValidator(_rollup)] = Field(
        None,
        description="Which claims are by or against `actor`, as for the lists of claims; without it, those whose edges "
        "touch its node.",
    )
    role: Role = Field(Role.EITHER, description="On which side of a claim `actor` must stand.")
    hops: Annotated[int, Field(ge=1, le=4)] = 1
    limit: Annotated[int, Field(ge=1, le=1000)] = 150


class PictureParams(SubgraphParams):
    """Which piece of the graph, and how it is drawn."""

    expand: list[Annotated[str, Field(max_length=410)]] = Field(
        default_factory=list,
        max_length=50,
        description="A node's id and how many of its edges to add: `actor-x:20`; may come several times.",
    )
    without: list[Annotated[str, Field(max_length=400)]] = Field(
        default_factory=list, max_length=500, description="Id of a node to leave out; may come several times."
    )


class PathParams(_Params):
    """From whom to whom."""

    source: Annotated[str, Field(max_length=400, description="Name or id of one actor.")]
    target: Annotated[str, Field(max_length=400, description="Name or id of the other.")]
    max_hops: Annotated[int, Field(ge=1, le=6)] = 4
    limit: Annotated[int, Field(ge=1, le=50)] = 5


class ExportParams(Filters):
    """What to write; `kind` and `id` together ask for one thing only (RDF), filters for a part."""

    format: Annotated[
        str,
        Field(
            max_length=20,
            description="turtle, ntriples, nquads, trig, jsonld, rdfxml, graphml, gexf, csv or cytoscape.",
            examples=["gexf"],
        ),
    ] = "turtle"
    profile: Annotated[str, Field(max_length=20, description="For RDF: claims, edges, rdf12 or nanopub.")] = "claims"
    view: View = Field(
        "edges", description="For graphml, gexf, cytoscape and tables of nodes or edges: what an edge is."
    )
    table: Table = Field("claims", description="For csv: what a line is.")
    type: list[ClaimType] = Field(
        default_factory=list, max_length=10, description="Only claims of this type; may come several times."
    )
    kind: (
        Literal[
            "actor", "place", "incident", "claim", "article", "acknowledgement",
            "proposition", "reading", "publisher", "extractor",
        ]
        | None
    ) = None  # fmt: skip
    id: Text = None


class RetractParams(_Params):
    """Who takes an article back, and why; both are remembered with the decision."""

    by: Annotated[Annotated[str, Field(max_length=200)] | None, BeforeValidator(_filled)] = Field(
        None, description="Who takes it back; with a key its name, whatever is said here; else `anonymous` by default."
    )
    reason: Annotated[str, Field(min_length=1, max_length=2000)] = "retracted over HTTP"
