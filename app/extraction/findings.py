"""Findings in, a reading's records out: targets left open are filled from the article, incidents and answers linked.

A denial is aimed at whoever accused the denier before it; a retaliation whose target is left open at whoever its source
blames in the article (codebook, "denies" and "retaliates"). Such inferences lower the confidence.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from app.extraction.acknowledging import AcknowledgementCoder
from app.extraction.actors import Named, Ref
from app.extraction.base import ReadingBuilder
from app.extraction.days import day_of
from app.extraction.incidents import Incidents
from app.extraction.language import MAX_SENTENCE_TOKENS
from app.extraction.lexicon import Lexicon
from app.extraction.relaying import Relays
from app.extraction.threatening import threat_kind
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Evidence, Part
from app.vocabulary.terms import (
    AcknowledgementKind,
    ActorKind,
    ClaimType,
    DenialKind,
    Modality,
    NodeKind,
    RefusalReason,
)
from app.vocabulary.times import PartialDate

if TYPE_CHECKING:
    from spacy.tokens import Span

    from app.extraction.study import Study

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


def write_findings(study: Study, findings: list[Finding], lexicon: Lexicon, gazetteer: Gazetteer) -> None:
    """Put the findings of an article into its reading, and who in it takes an act upon himself."""
    builder, parsed, cast = study.builder, study.parsed, study.cast
    published = parsed.article.published
    day = PartialDate.parse(published).first if published else None
    written: list[tuple[Finding, str]] = []
    incidents = Incidents(builder, parsed, cast, lexicon, gazetteer)
    relays = Relays(parsed, cast, lexicon, gazetteer)
    for finding in findings:
        evidence = _passage(builder, finding.part, finding.sentence)
        if finding.confidence < LEAST_CONFIDENCE:
            where = (evidence.part, evidence.start, evidence.end)
            builder.refuse(RefusalReason.NO_SOURCE, f"{finding.cue}: {finding.source.named} is too uncertain", *where)
            continue
        incident = incidents.about(finding.part, finding.sentence, evidence)
        source, target = finding.source, finding.target
        against = _mention(builder, target, target.actor, target.actor_kind) if target is not None else None
        if incident is not None and against is not None and finding.type is ClaimType.ACCUSES:
            incidents.accuse(incident, against)
        said = study.said.get((finding.part, finding.sentence.start), [])
        threatened = finding.modality is Modality.THREATENED
        claim = builder.claim(
            finding.type,
            speaker=_mention(builder, source, source.named, source.kind),
            source=_mention(builder, source, source.actor, source.actor_kind),
            target=against,
            modality=finding.modality,
            evidence=evidence,
            incident=incident,
            date=day_of(finding.sentence.text, day) or published,
            denial_kind=finding.denial_kind,
            threat_kind=threat_kind(finding.sentence, lexicon) if threatened else None,
            source_named=_named(builder, source.body) if source.body is not None else None,
            target_named=_mention(builder, target, target.named, target.kind) if target is not None else None,
            relayed_by=[_named(builder, by) for by in relays.of(finding.part, finding.sentence, said, source)],
            confidence=min(0.99, finding.confidence),
            cue=finding.cue,
        )
        if claim is not None:
            written.append((finding, claim))
    _look_ahead(builder, incidents)
    _link_answers(builder, written)
    _write_avowals(study, incidents, lexicon, day)


def _look_ahead(builder: ReadingBuilder, incidents: Incidents) -> None:
    """Claims before any incident is spoken of, as in a headline, are about the first that is."""
    first = incidents.first
    if first is None:
        return
    for claim in builder.claims:
        if claim.incident is None:
            builder.replace_claim(dataclasses.replace(claim, incident=first))
            if claim.type is ClaimType.ACCUSES and claim.target is not None:
                incidents.accuse(first, claim.target)


def _write_avowals(study: Study, incidents: Incidents, lexicon: Lexicon, day: date | None) -> None:
    """Put into the reading who takes an act upon himself.

    Who only says that it did it admits it where the article told before that it was accused, and even who claims it
    outright where the article told that it had denied it.
    """
    builder, published = study.builder, study.parsed.article.published
    coder = AcknowledgementCoder(study.cast, lexicon)
    for part, sentence in study.parsed.sentences():
        if len(sentence) > MAX_SENTENCE_TOKENS:
            continue
        evidence = _passage(builder, part, sentence)
        for avowal in coder.avowals(part, sentence, study.said.get((part, sentence.start), [])):
            where = (evidence.part, evidence.start, evidence.end)
            if isinstance(avowal, tuple):
                reason, what = avowal
                builder.refuse(reason, what, *where)
                continue
            incident = incidents.taken_on(part, sentence, evidence, fresh=avowal.fresh)
            if incident is None:
                builder.refuse(RefusalReason.NO_ACT, avowal.cue, *where)
                continue
            source, kind = avowal.source, avowal.kind
            actor = _mention(builder, source, source.actor, source.actor_kind)
            before = [
                claim
                for claim in builder.claims
                if claim.incident == incident
                and (claim.evidence.part != "title", claim.evidence.start) < (part != "title", evidence.start)
            ]
            denied = any(claim.type is ClaimType.DENIES and claim.source == actor for claim in before)
            accused = any(claim.type is ClaimType.ACCUSES and claim.target == actor for claim in before)
            if denied or (accused and not avowal.outright):
                kind = AcknowledgementKind.ADMISSION
            builder.acknowledge(
                kind,
                speaker=_mention(builder, source, source.named, source.kind),
                actor=actor,
                incident=incident,
                evidence=evidence,
                date=day_of(sentence.text, day) or published,
                confidence=min(0.99, avowal.confidence),
                cue=avowal.cue,
            )


def _passage(builder: ReadingBuilder, part: Part, sentence: Span) -> Evidence:
    text = sentence.text
    start = sentence.start_char + len(text) - len(text.lstrip())
    return builder.evidence(part, start, start + len(text.strip()))


def _mention(builder: ReadingBuilder, ref: Ref, name: str, kind: ActorKind) -> str:
    at = builder.evidence(ref.part, ref.start, ref.end)
    return builder.mention(NodeKind.ACTOR, name, at, kind, ref.country)


def _named(builder: ReadingBuilder, named: Named) -> str:
    at = builder.evidence(named.part, named.start, named.end)
    return builder.mention(NodeKind.ACTOR, named.name, at, named.kind, named.country)


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
