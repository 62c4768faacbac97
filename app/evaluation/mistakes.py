"""Comparisons in, what went wrong out, claim by claim: missed, spurious, or right but for an actor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from app.evaluation.annotated import Coding
from app.evaluation.comparison import Comparison
from app.evaluation.names import same_spelling
from app.vocabulary.terms import ClaimType, Modality

Kind = Literal["near", "spurious", "missed"]
WrongActor = Literal["source", "target", "source and target"]

KINDS: dict[Kind, str] = {
    "near": "the right type at the right passage, with a wrong actor",
    "spurious": "found, and not there",
    "missed": "there, and not found",
}


class SaidClaim(msgspec.Struct, frozen=True):
    """A claim as one side has it."""

    speaker: str | None
    source: str
    target: str | None
    modality: Modality | None
    quote: str


class Mistake(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    Attributes:
        article: The article's id in its annotation.
        wrong: For a near miss, which actor.
        said: The claim as it was found; None where it was missed.
        should_be: The claim as it is annotated; None where it is spurious.
        confidence: Of the found claim.
        cue: By what the found claim was found.
    """

    kind: Kind
    article: str
    type: ClaimType
    wrong: WrongActor | None
    said: SaidClaim | None
    should_be: SaidClaim | None
    confidence: float | None
    cue: str | None

    @property
    def quote(self) -> str:
        """The passage it is about: what was found, else what should have been."""
        side = self.said or self.should_be
        return side.quote if side is not None else ""


def mistakes(comparisons: Sequence[Comparison]) -> list[Mistake]:
    """Every mistake: near misses and spurious claims with the surest first, then the missed as they stand in the text.

    A near miss is told once, not as a spurious claim and a missed one.
    """
    found = [mistake for one in comparisons for mistake in _of(one)]
    order = list(KINDS)
    # The sort is stable: what is equally sure, and what was missed, stays in the order of the articles.
    return sorted(found, key=lambda mistake: (order.index(mistake.kind), -(mistake.confidence or 0.0)))


def first_of_each(found: Sequence[Mistake], most: int) -> list[Mistake]:
    """At most so many mistakes of each kind."""
    return [one for kind in KINDS for one in [mistake for mistake in found if mistake.kind == kind][:most]]


def _of(one: Comparison) -> Iterator[Mistake]:
    name = one.annotated.id
    for number in one.required:
        wanted = one.wanted[number].coding
        if number in one.near:
            found = one.found[one.near[number]].coding
            yield Mistake(
                "near",
                name,
                wanted.type,
                _wrong(wanted, found),
                _said(found),
                _said(wanted),
                found.confidence,
                found.cue,
            )
        elif number not in one.pairs:
            yield Mistake("missed", name, wanted.type, None, None, _said(wanted), None, None)
    nearly = set(one.near.values())
    for number, right in one.right.items():
        if not right and number not in nearly:
            found = one.found[number].coding
            yield Mistake("spurious", name, found.type, None, _said(found), None, found.confidence, found.cue)


def _said(coding: Coding) -> SaidClaim:
    return SaidClaim(coding.speaker, coding.source, coding.target, coding.modality, coding.evidence)


def _wrong(wanted: Coding, found: Coding) -> WrongActor:
    if same_spelling(wanted.source) == same_spelling(found.source):
        return "target"
    return "source" if same_spelling(wanted.target) == same_spelling(found.target) else "source and target"
