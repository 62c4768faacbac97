"""A claim of the graph in, a flat row with its quote and the names of those in it out; it adds nothing of its own."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.graph import ConflictGraph, ResolvedClaim
from app.vocabulary.errors import NotFound
from app.vocabulary.terms import ClaimType, DenialKind, Modality


class EvidenceRow(msgspec.Struct, frozen=True):
    """The exact words, and where they stand in which article (code points, end exclusive)."""

    quote: str
    part: Literal["title", "text"]
    start: int
    end: int
    article: str


class ClaimRow(msgspec.Struct, frozen=True):
    """One claim as it is shown: `speaker`, `source` and `target` are names, the `_id` fields are node ids."""

    id: str
    type: ClaimType
    modality: Modality
    speaker: str
    speaker_id: str
    source: str
    source_id: str
    target: str | None
    target_id: str | None
    target_named: str | None
    target_named_id: str | None
    incident: str | None
    incident_label: str | None
    date: str | None
    published: str | None
    publisher: str | None
    denial_kind: DenialKind | None
    responds_to: str | None
    confidence: float
    cue: str
    title: str
    url: str | None
    evidence: EvidenceRow


class Counts(msgspec.Struct, frozen=True):
    """How much stands behind an answer: claims, the articles that hold them, and the outlets of those."""

    claims: int
    articles: int
    publishers: int


class AppliedFilters(msgspec.Struct, frozen=True, omit_defaults=True):
    """The filters an answer was made with, names resolved to ids; what was not asked for is left out."""

    type: ClaimType | None = None
    kinds: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    source: str | None = None
    source_id: str | None = None
    target: str | None = None
    target_id: str | None = None
    since: str | None = None
    until: str | None = None
    place: str | None = None
    place_ids: tuple[str, ...] = ()
    country: str | None = None
    incident: str | None = None
    publisher: str | None = None
    min_confidence: float | None = None
    rollup: bool | None = None
    q: str | None = None
    kind: str | None = None
    unit: str | None = None
    hops: int | None = None
    top: int | None = None


def claim_row(graph: ConflictGraph, claim_id: str) -> ClaimRow:
    """The claim with this id as a row.

    Raises:
        NotFound: There is none.
    """
    return row_of(graph, graph.claim(claim_id))


def row_of(graph: ConflictGraph, found: ResolvedClaim) -> ClaimRow:
    """A claim of the graph as a row."""
    claim, actors = found.claim, graph.actors
    article = graph.articles.get(claim.article)
    if article is None:
        raise NotFound(f"the article of claim {claim.id} is not in the graph")
    evidence = claim.evidence
    return ClaimRow(
        id=claim.id,
        type=claim.type,
        modality=claim.modality,
        speaker=actors[found.speaker].name,
        speaker_id=found.speaker,
        source=actors[found.source].name,
        source_id=found.source,
        target=actors[found.target].name if found.target is not None else None,
        target_id=found.target,
        target_named=actors[found.target_named].name if found.target_named is not None else None,
        target_named_id=found.target_named,
        incident=found.incident,
        incident_label=graph.incidents[found.incident].label if found.incident is not None else None,
        date=claim.date,
        published=found.published,
        publisher=found.publisher,
        denial_kind=claim.denial_kind,
        responds_to=claim.responds_to,
        confidence=claim.confidence,
        cue=claim.cue,
        title=article.title,
        url=article.url,
        evidence=EvidenceRow(evidence.quote, evidence.part, evidence.start, evidence.end, evidence.article),
    )


def count(graph: ConflictGraph, claims: list[str]) -> Counts:
    """What stands behind these claims."""
    found = [graph.claims[one] for one in claims]
    return Counts(
        len(found),
        len({one.claim.article for one in found}),
        len({one.publisher for one in found if one.publisher is not None}),
    )
