"""A filter in, a page of accusations, denials or retaliations out, each with its quote; counts cover all pages."""

from __future__ import annotations

import dataclasses

import msgspec

from app.graph import ConflictGraph
from app.queries.cursors import question_mark, take_page
from app.queries.filters import ClaimFilter, position, select
from app.queries.rows import AppliedFilters, ClaimRow, Counts, claim_row, count
from app.vocabulary.terms import ClaimType


class ClaimPage(msgspec.Struct, frozen=True):
    """One page of claims.

    Attributes:
        total: How many claims the filter lets through, over all pages; narrower denials are not among them.
        narrower: How many denials by parts of the source, which are not the source's own, are shown beside them.
        undated_left_out: Claims that a date filter left out, because nothing tells when they were said.
        next: The cursor to the next page, or None after the last.
    """

    revision: int
    filters: AppliedFilters
    claims: list[ClaimRow]
    total: int
    narrower: int
    counts: Counts
    undated_left_out: int
    next: str | None


def accusations(graph: ConflictGraph, asked: ClaimFilter, limit: int = 50, cursor: str | None = None) -> ClaimPage:
    """Who accuses whom of what, oldest first."""
    return claims(graph, dataclasses.replace(asked, type=ClaimType.ACCUSES), limit, cursor)


def denials(graph: ConflictGraph, asked: ClaimFilter, limit: int = 50, cursor: str | None = None) -> ClaimPage:
    """Who denies what, and whose accusation it rejects where the article says so; oldest first."""
    return claims(graph, dataclasses.replace(asked, type=ClaimType.DENIES), limit, cursor)


def retaliations(graph: ConflictGraph, asked: ClaimFilter, limit: int = 50, cursor: str | None = None) -> ClaimPage:
    """Who retaliates, threatens to or is called on to, against whom; oldest first."""
    return claims(graph, dataclasses.replace(asked, type=ClaimType.RETALIATES), limit, cursor)


def claims(graph: ConflictGraph, asked: ClaimFilter, limit: int = 50, cursor: str | None = None) -> ClaimPage:
    """Claims of the type or types the filter names, or of all three.

    Raises:
        BadQuery: A name, date, number or cursor cannot be used.
    """
    found = select(graph, asked)
    question = question_mark("claims", dataclasses.astuple(asked))
    page, following = take_page(found.entries, position, limit, cursor, question, graph.revision)
    return ClaimPage(
        revision=graph.revision,
        filters=found.applied,
        claims=[
            msgspec.structs.replace(row, scope="narrower") if row.id in found.narrower else row
            for row in (claim_row(graph, claim) for _, claim in page)
        ],
        total=len(found.entries) - len(found.narrower),
        narrower=len(found.narrower),
        counts=count(graph, found.counting),
        undated_left_out=found.undated_left_out,
        next=following,
    )
