"""Findings in, a reading's records out: targets left open are filled from the article, incidents and answers linked.

A denial is aimed at whoever accused the denier before it; a retaliation whose target is left open at whoever its source
blames in the article (codebook, "denies" and "retaliates"). Such inferences lower the confidence.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.extraction.actors import Cast, Ref
from app.extraction.base import ReadingBuilder
from app.extraction.days import day_of
from app.extraction.language import ParsedArticle
from app.extraction.lexicon import Lexicon
from app.extraction.places import place_near
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Evidence, Part
from app.vocabulary.terms import ActorKind, ClaimType, DenialKind, Modality, NodeKind, RefusalReason
from app.vocabulary.times import PartialDate

if TYPE_CHECKING:
    from spacy.tokens import Span

LEAST_CONFIDENCE = 0.15
"""Below this a finding is a counted refusal."""


@dataclass(slots=True)
class Finding:
    """A claim in the making, still in the parse."""

    type: ClaimType
    source: Ref
    target: Ref | None
    modality: Modality
    part: Part
    sentence: Span
    confidence: float
    cue: str
    denial_kind: DenialKind | None = None

    def same_as(self, other: Finding) -> bool:
        """Same type, source and target (or one of the two open) in the same sentence."""
        if (self.type, self.source.actor) != (other.type, other.source.actor):
            return False
        if self.target is None or other.target is None:
            return True
        return self.target.actor == other.target.actor


def write_findings(
    builder: ReadingBuilder,
    parsed: ParsedArticle,
    cast: Cast,
    findings: list[Finding],
    lexicon: Lexicon,
    gazetteer: Gazetteer,
) -> None:
    """Put the findings of an article into its reading."""
    published = parsed.article.published
    day = PartialDate.parse(published).first if published else None
    written: list[tuple[Finding, str]] = []
    incident_of: dict[str, str] = {}
    latest: str | None = None
    for finding in findings:
        evidence = _passage(builder, finding)
        if finding.confidence < LEAST_CONFIDENCE:
            where = (evidence.part, evidence.start, evidence.end)
            builder.refuse(RefusalReason.NO_SOURCE, f"{finding.cue}: {finding.source.named} is too uncertain", *where)
            continue
        kind = _incident_type(finding, lexicon)
        if kind is not None and kind not in incident_of:
            place, country = place_near(parsed, cast, finding.part, finding.sentence, gazetteer)
            place_id = (
                builder.mention(NodeKind.PLACE, place, _first(builder, place, evidence), country=country)
                if place
                else None
            )
            when = day_of(finding.sentence.text, day)
            accused = (
                [_mention(builder, finding.target, finding.target.actor, finding.target.actor_kind)]
                if finding.type is ClaimType.ACCUSES and finding.target is not None
                else []
            )
            incident_of[kind] = builder.incident(kind, evidence, place_id, country, when, accused)
        if kind is not None:
            latest = incident_of[kind]
        source, target = finding.source, finding.target
        named = _mention(builder, target, target.named, target.kind) if target is not None else None
        claim = builder.claim(
            finding.type,
            speaker=_mention(builder, source, source.named, source.kind),
            source=_mention(builder, source, source.actor, source.actor_kind),
            target=_mention(builder, target, target.actor, target.actor_kind) if target is not None else None,
            modality=finding.modality,
            evidence=evidence,
            incident=latest,
            date=day_of(finding.sentence.text, day) or published,
            denial_kind=finding.denial_kind,
            target_named=named,
            confidence=min(0.99, finding.confidence),
            cue=finding.cue,
        )
        if claim is not None:
            written.append((finding, claim))
    _link_answers(builder, written)


def _passage(builder: ReadingBuilder, finding: Finding) -> Evidence:
    text = finding.sentence.text
    start = finding.sentence.start_char + len(text) - len(text.lstrip())
    return builder.evidence(finding.part, start, start + len(text.strip()))


def _mention(builder: ReadingBuilder, ref: Ref, name: str, kind: ActorKind) -> str:
    at = builder.evidence(ref.part, ref.start, ref.end)
    return builder.mention(NodeKind.ACTOR, name, at, kind, ref.country)


def _first(builder: ReadingBuilder, name: str, near: Evidence) -> Evidence:
    return builder.locate(name) or near


def fill_targets(findings: list[Finding]) -> None:
    """Aim denials at whoever accused the denier, retaliations at whom their source blames, where the text is silent."""
    accusations = [f for f in findings if f.type is ClaimType.ACCUSES and f.target is not None]
    for finding in findings:
        if finding.target is not None:
            continue
        before = [a for a in accusations if (a.part != "title", a.sentence.start) <= _place(finding)]
        if finding.type is ClaimType.DENIES:
            for accusation in [*reversed(before), *accusations]:
                target = accusation.target
                if target is not None and target.actor == finding.source.actor != accusation.source.actor:
                    finding.target = accusation.source
                    finding.confidence *= 0.8
                    break
        elif finding.type is ClaimType.RETALIATES:
            for accusation in [*reversed(before), *accusations]:
                if accusation.source.actor == finding.source.actor and accusation.target is not None:
                    finding.target = accusation.target
                    finding.confidence *= 0.8
                    break


def _place(finding: Finding) -> tuple[bool, int]:
    return finding.part != "title", finding.sentence.start


def _incident_type(finding: Finding, lexicon: Lexicon) -> str | None:
    for token in finding.sentence:
        found = lexicon.incident_nouns.get(token.lemma_.lower())
        if found is not None and token.pos_ in ("NOUN", "PROPN", "VERB"):
            return found
    return None


def _link_answers(builder: ReadingBuilder, written: list[tuple[Finding, str]]) -> None:
    """`responds_to`: a denial answers the last accusation of the denier by its target; a retaliation, its incident."""
    claims = {claim.id: claim for claim in builder.claims}
    for number, (finding, claim_id) in enumerate(written):
        claim = claims[claim_id]
        answers: str | None = None
        if finding.type is ClaimType.DENIES:
            for other, other_id in [*reversed(written[:number]), *written[number + 1 :]]:
                if (
                    other.type is ClaimType.ACCUSES
                    and other.target is not None
                    and other.target.actor == finding.source.actor
                    and (finding.target is None or other.source.actor == finding.target.actor)
                ):
                    answers = other_id
                    break
        elif finding.type is ClaimType.RETALIATES:
            answers = claim.incident
        if answers is not None:
            builder.replace_claim(dataclasses.replace(claim, responds_to=answers))
