"""A claim of the graph in, a flat row with its quote and the names of those in it out; it adds nothing of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec
import numpy as np

from app.graph import ConflictGraph, ResolvedClaim
from app.vocabulary.errors import NotFound
from app.vocabulary.terms import ClaimType, Clock, DenialKind, Modality, Role, Rollup, Rung, ThreatKind, Voice


class EvidenceRow(msgspec.Struct, frozen=True):
    """The exact words, and where they stand in which article (code points, end exclusive)."""

    quote: str
    part: Literal["title", "text"]
    start: int
    end: int
    article: str


class ClaimRow(msgspec.Struct, frozen=True):
    """One claim as it is shown: `speaker`, `source` and `target` are names, the `_id` fields are node ids.

    Attributes:
        date: The day(s) on which the text says that it was said.
        said: That day, else the day of publication; `said_basis` tells which.
        happened: The day(s) of the incident as the article dates it.
        ingested: UTC instant at which the article entered the ledger.
        rung: For a retaliation, its place on the ladder.
        relayed_by: Through whom the words reached the article, outermost first.
        lineage: Id of the article from whose text the claim descends: its own, unless it is a copy.
        scope: `narrower` for a denial by a part of the actor that was asked for: it is not that actor's.
    """

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
    source_named: str | None
    source_named_id: str | None
    threat_kind: ThreatKind | None
    rung: Rung | None
    happened: str | None
    said: str | None
    said_basis: Literal["text", "published"] | None
    ingested: str | None
    relayed_by: tuple[str, ...]
    lineage: str
    scope: Literal["narrower"] | None = None


class Counts(msgspec.Struct, frozen=True):
    """How much stands behind an answer.

    Attributes:
        claims: Mentions in texts: each passage that says it counts.
        articles: The articles that hold them.
        publishers: The outlets of those.
        lineages: Independent texts: copies of one text, and what is credited to one agency, count once.
    """

    claims: int
    articles: int
    publishers: int
    lineages: int


class AppliedFilters(msgspec.Struct, frozen=True, omit_defaults=True):
    """The filters an answer was made with, names resolved to ids; what was not asked for is left out.

    Attributes:
        slice: The part of the ledger that the service holds and answers about, where that is not all of it.
    """

    type: ClaimType | None = None
    kinds: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    role: Role | None = None
    modality: tuple[Modality, ...] = ()
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
    rollup: Rollup | None = None
    voice: Voice | None = None
    clock: Clock | None = None
    rung: Rung | None = None
    q: str | None = None
    kind: str | None = None
    unit: str | None = None
    hops: int | None = None
    top: int | None = None
    slice: str | None = None


def slice_of(graph: ConflictGraph) -> str | None:
    """The part of the ledger that a graph holds, in words; None for all of it."""
    return str(graph.only) if graph.only is not None else None


def claim_row(graph: ConflictGraph, claim_id: str) -> ClaimRow:
    """The claim with this id as a row.

    Raises:
        NotFound: There is none.
    """
    return row_of(graph, graph.claim(claim_id))


def row_of(graph: ConflictGraph, found: ResolvedClaim) -> ClaimRow:
    """A claim of the graph as a row."""
    actors, incident, article = graph.actors, found.incident, found.article
    speaker, source, target = found.speaker, found.source, found.target
    source_named, target_named = found.source_named, found.target_named
    date, published = found.date, found.published
    try:
        title, url = graph.articles.heading(article)
    except KeyError:
        raise NotFound(f"the article of claim {found.id} is not in the graph") from None
    return ClaimRow(
        id=found.id,
        type=found.type,
        modality=found.modality,
        speaker=actors[speaker].name,
        speaker_id=speaker,
        source=actors[source].name,
        source_id=source,
        target=actors[target].name if target is not None else None,
        target_id=target,
        target_named=actors[target_named].name if target_named is not None else None,
        target_named_id=target_named,
        incident=incident,
        incident_label=graph.incidents.label(incident) if incident is not None else None,
        date=date,
        published=published,
        publisher=found.publisher,
        denial_kind=found.denial_kind,
        responds_to=found.responds_to,
        confidence=found.confidence,
        cue=found.cue,
        title=title,
        url=url,
        evidence=EvidenceRow(found.quote, found.part, found.start, found.end, article),
        source_named=actors[source_named].name if source_named is not None else None,
        source_named_id=source_named,
        threat_kind=found.threat_kind,
        rung=found.rung,
        happened=found.happened.iso,
        said=date or published,
        said_basis="text" if date is not None else "published" if published is not None else None,
        ingested=found.ingested,
        relayed_by=tuple(actors[one].name for one in found.relayed_by),
        lineage=found.lineage,
    )


def count(graph: ConflictGraph, claims: Iterable[str]) -> Counts:
    """What stands behind these claims."""
    table = graph.claims
    rows = table.rows(claims)
    articles, lineages, told = (np.unique(table.columns[name].values[rows]) for name in ("article", "lineage", "told"))
    publishers = {table.told.values[code][1] for code in told.tolist()} - {None}
    return Counts(len(rows), len(articles), len(publishers), len(lineages))
