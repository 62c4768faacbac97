"""Filters in, the incidents that the claims let through are about out: where, when, how well evidenced, whose thread.

One row is one dispute: who did it is not said here, only claimed. What the page draws on its map and lists as threads.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import msgspec

from app.graph import ConflictGraph, IncidentNode, ResolvedClaim, Rows
from app.queries.cursors import question_mark, take_page
from app.queries.filters import ClaimFilter, select
from app.queries.overview import Part, parts_of
from app.queries.rows import AppliedFilters
from app.vocabulary.records import slug
from app.vocabulary.terms import ClaimType

Precision = Literal["site", "settlement", "region", "country", "unknown"]


class Dispute(msgspec.Struct, frozen=True):
    """An incident with the claims about it that match.

    Attributes:
        place: Where articles say it happened, as they name it; where it was reported from is another matter.
        lat: Of the place, where the gazetteer knows it. A country's point is no place on a map.
        precision: What is known of where: that of the place; `country` where only the country is known (or where the
            place is not in the gazetteer but its country is); `unknown` otherwise.
        thread: The claim whose thread to open: the earliest accusation, else the earliest claim.
        parts: The claims by type and modality, so that a threat is not read as an act.
        lineages: Independent texts among them: copies of one text count once.
        first: The first day on which one of them was said, or None where nothing dates them.
    """

    incident: str
    label: str
    types: tuple[str, ...]
    date: str | None
    place: str | None
    place_id: str | None
    country: str | None
    lat: float | None
    lon: float | None
    precision: Precision
    thread: str
    parts: list[Part]
    claims: int
    lineages: int
    articles: int
    publishers: int
    first: str | None
    last: str | None


class Disputes(msgspec.Struct, frozen=True):
    """One page of disputes, those of most independent texts first.

    Attributes:
        total: How many incidents the matching claims are about.
        claims: How many claims match.
        without_incident: Those of them that are about no incident, and thus in no row.
    """

    revision: int
    filters: AppliedFilters
    disputes: list[Dispute]
    total: int
    claims: int
    without_incident: int
    undated_left_out: int
    next: str | None


def disputes(
    graph: ConflictGraph,
    asked: ClaimFilter,
    limit: int = 50,
    cursor: str | None = None,
    q: str | None = None,
) -> Disputes:
    """The incidents that matching claims are about.

    Args:
        graph: The graph.
        asked: Which claims.
        limit: Most rows of a page.
        cursor: `next` of the page before.
        q: What an incident's label or one of its types must hold; claims about others are not counted.

    Raises:
        BadQuery: A name, date, number or cursor cannot be used.
    """
    found, sought = select(graph, asked), slug(q) if q else ""
    about: dict[str, Rows] = {}
    claims = without = 0
    for claim, group in graph.claims.groups(found.entries.rows, "incident"):
        if not _holds(graph, claim.incident, sought):
            continue
        claims += len(group)
        if claim.incident is None:
            without += len(group)
        else:
            about[claim.incident] = group
    # All are ranked; only those of the page are told of.
    ranked = sorted(
        (-graph.claims.distinct(own, "lineage"), -len(own), graph.label(incident), incident)
        for incident, own in about.items()
    )
    question = question_mark("disputes", dataclasses.astuple(asked), sought)
    page, following = take_page(ranked, lambda key: key, limit, cursor, question, graph.revision)
    return Disputes(
        revision=graph.revision,
        filters=msgspec.structs.replace(found.applied, q=q),
        disputes=[
            _row(graph, graph.incidents[incident], [graph.claims.at(row) for row in about[incident].tolist()])
            for *_, incident in page
        ],
        total=len(about),
        claims=claims,
        without_incident=without,
        undated_left_out=found.undated_left_out,
        next=following,
    )


def _holds(graph: ConflictGraph, incident: str | None, sought: str) -> bool:
    if not sought:
        return True
    if incident is None:
        return False
    node = graph.incidents[incident]
    return any(sought in slug(name) for name in (node.label, *node.types))


def _row(graph: ConflictGraph, node: IncidentNode, claims: list[ResolvedClaim]) -> Dispute:
    """A dispute; its claims come in the order in which they were said."""
    place = graph.places[node.place] if node.place is not None else None
    country = node.country or (place.country if place is not None else None)
    precision: Precision = place.precision if place is not None else "unknown"
    if precision == "unknown" and country is not None:
        precision = "country"
    pointed = place is not None and precision != "country"
    accusations = [claim for claim in claims if claim.type is ClaimType.ACCUSES]
    starts = [claim.when.start for claim in claims if claim.when.start is not None]
    ends = [claim.when.end for claim in claims if claim.when.end is not None]
    return Dispute(
        incident=node.id,
        label=node.label,
        types=node.types,
        date=node.date,
        place=place.name if place is not None else None,
        place_id=node.place,
        country=country,
        lat=place.lat if place is not None and pointed else None,
        lon=place.lon if place is not None and pointed else None,
        precision=precision,
        thread=(accusations or claims)[0].id,
        parts=parts_of(claims),
        claims=len(claims),
        lineages=len({claim.lineage for claim in claims}),
        articles=len({claim.article for claim in claims}),
        publishers=len({claim.publisher for claim in claims if claim.publisher is not None}),
        first=min(starts).isoformat() if starts else None,
        last=max(ends).isoformat() if ends else None,
    )
