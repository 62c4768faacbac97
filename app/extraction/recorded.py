"""Annotated articles in, readings out: claims that a person wrote down take the place of an extractor's.

Reads files of the codebook's gold format. What an annotation says is checked at the same door as any machine's finding:
a quote that is not in the text is refused. Used for demonstrations, for tests of everything behind extraction, and to
hold a team's own coding beside the machine's.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from app.extraction.base import ReadingBuilder
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Article, Evidence, Part, Reading
from app.vocabulary.terms import (
    AcknowledgementKind,
    ClaimType,
    DenialKind,
    Modality,
    NodeKind,
    RefusalReason,
    ThreatKind,
)


class RecordedExtractor:
    """Gives back the annotation of each article that has one, and an empty, counted reading where none has."""

    def __init__(self, annotations: Mapping[str, Mapping[str, Any]]) -> None:
        """Take annotations by the id of the article they are of (`Article.id`)."""
        self._annotations = annotations

    @classmethod
    def from_folder(cls, folder: Path) -> RecordedExtractor:
        """Read every annotated article (`*.json` with `claims`) of a folder.

        Raises:
            BadInput: A file is not JSON; the message names it.
        """
        found = {}
        for path in sorted(folder.glob("*.json")):
            try:
                body = json.loads(path.read_text(encoding="utf-8"))
            except ValueError as why:
                raise BadInput("bad_json", f"{path} is not JSON: {why}") from why
            if isinstance(body, dict) and isinstance(body.get("claims"), list):
                found[annotated_article(body).id] = body
        return cls(found)

    @property
    def name(self) -> str:
        """Always "recorded@1"."""
        return "recorded@1"

    def read(self, articles: Iterable[Article]) -> Iterator[Reading]:
        """The recorded reading of each article."""
        for article in articles:
            annotation = self._annotations.get(article.id)
            yield recorded(article, [annotation] if annotation is not None else [], self.name)


def recorded(article: Article, annotations: Iterable[Mapping[str, Any]], extractor: str) -> Reading:
    """The reading that annotations of one article make together; names of incidents and claims hold within each.

    A claim of an annotation may tell under `coded` what the gold format has no place for: `start` and `part` of its
    evidence, where that is not the first place with these words; `denial_kind`, `target_named`, `confidence`, `cue`.
    """
    builder = ReadingBuilder(article, extractor)
    for annotation in annotations:
        _record(builder, annotation)
    return builder.reading()


def annotated_article(body: Mapping[str, Any]) -> Article:
    """The article of an annotation file."""
    fields = (body.get("published"), body.get("publisher"), body.get("url"), body.get("id"))
    return Article(body.get("title") or "", body["text"], *fields)


def annotation(article: Article, reading: Reading) -> dict[str, Any]:
    """A reading in the codebook's gold format, with `confidence`; the article's id is the one its sender gave it."""
    names = {mention.id: mention.name for mention in reading.mentions}
    return {
        "id": article.external_id or article.id,
        "incidents": [
            {
                "id": incident.id,
                "type": incident.type,
                "place": names[incident.place] if incident.place is not None else None,
                "country": incident.country,
                "date": incident.date,
            }
            for incident in reading.incidents
        ],
        "claims": [
            {
                "id": claim.id,
                "type": claim.type,
                "speaker": names[claim.speaker],
                "source": names[claim.source],
                "target": names[claim.target] if claim.target is not None else None,
                "incident": claim.incident,
                "modality": claim.modality,
                "date": claim.date,
                "responds_to": claim.responds_to,
                "evidence": claim.evidence.quote,
                "confidence": claim.confidence,
                "threat_kind": claim.threat_kind,
                "source_named": names[claim.source_named] if claim.source_named is not None else None,
                "relayed_by": [names[by] for by in claim.relayed_by],
            }
            for claim in reading.claims
        ],
        "acknowledgements": [
            {
                "id": one.id,
                "kind": one.kind,
                "speaker": names[one.speaker],
                "actor": names[one.actor],
                "incident": one.incident,
                "date": one.date,
                "evidence": one.evidence.quote,
                "confidence": one.confidence,
            }
            for one in reading.acknowledgements
        ],
    }


def _record(builder: ReadingBuilder, annotation: Mapping[str, Any]) -> None:
    incidents: dict[str, str] = {}
    about: dict[str, list[Mapping[str, Any]]] = {}
    for raw in annotation["claims"]:
        if raw.get("incident"):
            about.setdefault(raw["incident"], []).append(raw)
    for raw in annotation.get("incidents", []):
        claims = about.get(raw["id"], [])
        at = next((e for e in (builder.locate(c["evidence"]) for c in claims) if e is not None), None)
        at = at or _opening(builder)
        if at is None:
            builder.refuse(RefusalReason.QUOTE_NOT_IN_TEXT, f"{raw['id']}: the article has no words to describe it")
            continue
        place = (
            builder.mention(NodeKind.PLACE, raw["place"], at, country=raw.get("country")) if raw.get("place") else None
        )
        accused = [c["target"] for c in claims if c["type"] == ClaimType.ACCUSES and c["target"]]
        perpetrators = [builder.mention(NodeKind.ACTOR, name, _named(builder, name, at)) for name in accused]
        incidents[raw["id"]] = builder.incident(
            raw["type"], at, place, raw.get("country"), raw.get("date"), perpetrators
        )

    ids: dict[str, str] = {}
    for raw in annotation["claims"]:
        evidence = _evidence(builder, raw)
        if evidence is None:
            builder.refuse(RefusalReason.QUOTE_NOT_IN_TEXT, f"{raw['id']}: {raw['evidence'][:80]!r}")
            continue
        speaker, source, target = (
            builder.mention(NodeKind.ACTOR, name, _named(builder, name, evidence)) if name else None
            for name in (raw["speaker"], raw["source"], raw["target"])
        )
        if speaker is None or source is None:
            builder.refuse(RefusalReason.NO_SOURCE, raw["id"])
            continue
        claim = builder.claim(
            ClaimType(raw["type"]),
            speaker=speaker,
            source=source,
            target=target,
            modality=Modality(raw["modality"]),
            evidence=evidence,
            incident=incidents.get(raw.get("incident") or ""),
            date=raw.get("date"),
            threat_kind=_threat_kind(builder, raw, evidence),
            denial_kind=_denial_kind(builder, raw, evidence),
            source_named=_body(builder, raw, evidence, raw["source"], raw.get("source_named")),
            target_named=_body(builder, raw, evidence, raw["target"], _coded(raw).get("target_named")),
            relayed_by=_relays(builder, raw, evidence),
            confidence=_coded(raw).get("confidence", 0.5 if raw.get("optional") else 1.0),
            cue=_coded(raw).get("cue") or "recorded",
        )
        if claim is not None:
            ids[raw["id"]] = claim

    by_id = {claim.id: claim for claim in builder.claims}
    for raw in annotation["claims"]:
        answered = raw.get("responds_to")
        if answered and raw["id"] in ids:
            answers = ids.get(answered) or incidents.get(answered)
            builder.replace_claim(dataclasses.replace(by_id[ids[raw["id"]]], responds_to=answers))
    for raw in annotation.get("acknowledgements", []):
        _acknowledge(builder, raw, incidents)


def _acknowledge(builder: ReadingBuilder, raw: Mapping[str, Any], incidents: Mapping[str, str]) -> None:
    evidence = builder.locate(raw["evidence"])
    incident = incidents.get(raw.get("incident") or "")
    if evidence is None:
        builder.refuse(RefusalReason.QUOTE_NOT_IN_TEXT, f"acknowledgement: {raw['evidence'][:80]!r}")
    elif incident is None:
        builder.refuse(RefusalReason.DANGLING_REFERENCE, f"acknowledgement of no incident: {raw['evidence'][:80]!r}")
    elif raw["kind"] not in tuple(AcknowledgementKind):
        builder.refuse(RefusalReason.UNKNOWN_TERM, f"acknowledgement: no such kind as {raw['kind']!r}")
    else:
        speaker, actor = (
            builder.mention(NodeKind.ACTOR, name, _named(builder, name, evidence))
            for name in (raw.get("speaker") or raw["actor"], raw["actor"])
        )
        builder.acknowledge(
            AcknowledgementKind(raw["kind"]),
            speaker=speaker,
            actor=actor,
            incident=incident,
            evidence=evidence,
            date=raw.get("date"),
            confidence=1.0,
            cue="recorded",
        )


def _relays(builder: ReadingBuilder, raw: Mapping[str, Any], at: Evidence) -> list[str]:
    """The mentions of those under `relayed_by`; what is no list of names is refused, the claim stays."""
    names = raw.get("relayed_by") or []
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        detail = f"{raw['id']}: relayed_by is a list of names, not {names!r}"
        builder.refuse(RefusalReason.BAD_FIELD, detail, at.part, at.start, at.end)
        return []
    return [builder.mention(NodeKind.ACTOR, name, _named(builder, name, at)) for name in names]


def _coded(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a claim tells beside the gold format."""
    found: Mapping[str, Any] = raw.get("coded") or {}
    return found


def _body(builder: ReadingBuilder, raw: Mapping[str, Any], at: Evidence, whole: str, name: object) -> str | None:
    """The mention of the body that acts for a side; what is no name is refused, the claim stays."""
    if name is not None and not (isinstance(name, str) and name):
        side = "source" if whole == raw["source"] else "target"
        builder.refuse(RefusalReason.BAD_FIELD, f"{raw['id']}: {side}_named is no name", at.part, at.start, at.end)
        return None
    return (
        builder.mention(NodeKind.ACTOR, name, _named(builder, name, at)) if name is not None and name != whole else None
    )


def _denial_kind(builder: ReadingBuilder, raw: Mapping[str, Any], at: Evidence) -> DenialKind | None:
    """What a denial rejects; one that there is not, or of another claim, is refused, the claim stays."""
    kind = _coded(raw).get("denial_kind")
    if kind is None:
        return None
    if kind not in tuple(DenialKind) or raw["type"] != ClaimType.DENIES:
        detail = f"{raw['id']}: a claim that {raw['type']} has no denial_kind {kind!r}"
        builder.refuse(RefusalReason.UNKNOWN_TERM, detail, at.part, at.start, at.end)
        return None
    return DenialKind(kind)


def _evidence(builder: ReadingBuilder, raw: Mapping[str, Any]) -> Evidence | None:
    """Where the quote stands: at `start`, where that is given, else the first place with these words."""
    start = _coded(raw).get("start")
    if not isinstance(start, int):
        return builder.locate(raw["evidence"])
    part: Part = "title" if _coded(raw).get("part") == "title" else "text"
    found = builder.evidence(part, start, start + len(raw["evidence"]))
    return found if found.quote == raw["evidence"] else None


def _threat_kind(builder: ReadingBuilder, raw: Mapping[str, Any], at: Evidence) -> ThreatKind | None:
    """The kind of a threat; one that there is not, or of a claim that is no threat, is refused, the claim stays."""
    kind = raw.get("threat_kind")
    if kind is None:
        return None
    if kind not in tuple(ThreatKind) or raw["modality"] != Modality.THREATENED:
        detail = f"{raw['id']}: a {raw['modality']} claim has no threat_kind {kind!r}"
        builder.refuse(RefusalReason.UNKNOWN_TERM, detail, at.part, at.start, at.end)
        return None
    return ThreatKind(kind)


def _opening(builder: ReadingBuilder) -> Evidence | None:
    """The first line with words, which stands for an incident that no claim describes."""
    lines = (line.strip() for text in (builder.article.text, builder.article.title) for line in text.splitlines())
    return builder.locate(next((line for line in lines if line), ""))


def _named(builder: ReadingBuilder, name: str, near: Evidence) -> Evidence:
    """Where the article names an actor: inside the passage, else where it first does, else the passage."""
    start = near.quote.find(name)
    if start >= 0:
        return builder.evidence(near.part, near.start + start, near.start + start + len(name))
    return builder.locate(name) or near
