"""Why an article was read as it was: for each sentence, whom it names, who speaks, what was considered, made, refused.

In: a `Study` and what an extractor considered. Out: `Explanation`s, in the order of the article. Explaining reads the
article with the very code that reads it for the ledger; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from app.extraction.findings import Finding
from app.extraction.study import Study
from app.vocabulary.records import Article, Part, Refusal
from app.vocabulary.terms import ClaimType, Modality


@dataclass(frozen=True, slots=True)
class Considered:
    """A claim that an extractor thought of.

    Attributes:
        confidence: Chance that type, source and target are right, 0 to 1.
        made: It is in the reading.
        cue: What fired.
    """

    part: Part
    start: int
    type: ClaimType
    source: str
    target: str | None
    modality: Modality
    confidence: float
    made: bool
    cue: str


@dataclass(slots=True)
class Explanation:
    """One sentence.

    Attributes:
        actors: Words, actor they stand for, way of referring, certainty.
        speakers: Whose words it reports, with the kind of saying ("say", "deny", "vow" …).
        likely: Chance per claim type that it makes such a claim; empty where the extractor has no such thing.
        considered: Claims thought of, made or not. `refusals`: what was left out, and why.
    """

    part: Part
    start: int
    end: int
    text: str
    actors: list[tuple[str, str, str, float]] = field(default_factory=list)
    speakers: list[tuple[str, str, str]] = field(default_factory=list)
    likely: dict[ClaimType, float] = field(default_factory=dict)
    considered: list[Considered] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


@runtime_checkable
class Explainer(Protocol):
    """An extractor that can say why."""

    def explain(self, articles: Iterable[Article]) -> Iterator[list[Explanation]]:
        """The sentences of each article, headline first."""
        ...


def considered_claim(finding: Finding, *, made: bool) -> Considered:
    """A finding as something that was considered."""
    return Considered(
        finding.part,
        finding.sentence.start_char,
        finding.type,
        finding.source.actor,
        finding.target.actor if finding.target is not None else None,
        finding.modality,
        round(finding.confidence, 4),
        made,
        finding.cue,
    )


def explanations(
    study: Study,
    considered: Sequence[Considered],
    refusals: Sequence[Refusal],
    likely: dict[tuple[Part, int], dict[ClaimType, float]] | None = None,
) -> list[Explanation]:
    """Lay out by sentence what was considered and refused in an article; `likely` by part and start of the sentence."""
    found = []
    for part, span in study.parsed.sentences():
        start, end = span.start_char, span.end_char
        text = study.parsed.article.part(part)
        one = Explanation(part, start, end, text[start:end].strip())
        for ref in study.cast.within(part, start, end):
            one.actors.append((text[ref.start : ref.end], ref.actor, ref.how, round(ref.certainty, 2)))
        for utterance in study.said.get((part, span.start), []):
            one.speakers += [(ref.named, ref.actor, utterance.kind) for ref in utterance.speakers]
        one.likely = (likely or {}).get((part, start), {})
        one.considered = sorted(
            (c for c in considered if (c.part, c.start) == (part, start)), key=lambda c: -c.confidence
        )
        one.refusals = [r for r in refusals if r.part == part and r.start is not None and start <= r.start < end]
        found.append(one)
    return found
