"""Incidents in, the reports that an actor takes one of them upon itself out, as flat rows with their quotes."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from app.graph import ConflictGraph
from app.queries.rows import EvidenceRow
from app.vocabulary.terms import AcknowledgementKind


class AcknowledgementRow(msgspec.Struct, frozen=True):
    """An acknowledgement as it is shown: `speaker` and `actor` are names, the `_id` fields are node ids.

    Attributes:
        kind: Whether the actor claims the act as its own deed or admits what it is accused of.
        lineage: Id of the article from whose text it descends.
    """

    id: str
    kind: AcknowledgementKind
    speaker: str
    speaker_id: str
    actor: str
    actor_id: str
    incident: str
    incident_label: str
    date: str | None
    published: str | None
    publisher: str | None
    confidence: float
    title: str
    url: str | None
    lineage: str
    evidence: EvidenceRow


def acknowledgement_rows(graph: ConflictGraph, incidents: Iterable[str]) -> list[AcknowledgementRow]:
    """The acknowledgements of these incidents, by the day they were said, undated ones last."""
    found = [graph.acknowledgements[one] for incident in incidents for one in graph.acknowledged(incident)]
    found.sort(key=lambda one: (one.when.start is None, one.when.start, one.published or "~", one.id))
    rows = []
    for one in found:
        said, article = one.acknowledgement, graph.articles[one.acknowledgement.article]
        at = said.evidence
        rows.append(
            AcknowledgementRow(
                id=one.id,
                kind=said.kind,
                speaker=graph.actors[one.speaker].name,
                speaker_id=one.speaker,
                actor=graph.actors[one.actor].name,
                actor_id=one.actor,
                incident=one.incident,
                incident_label=graph.incidents[one.incident].label,
                date=said.date,
                published=one.published,
                publisher=one.publisher,
                confidence=said.confidence,
                title=article.title,
                url=article.url,
                lineage=one.lineage,
                evidence=EvidenceRow(at.quote, at.part, at.start, at.end, at.article),
            )
        )
    return rows
