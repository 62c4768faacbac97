"""Comparisons in, one document of everything that is measured out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from app.evaluation.annotated import Coding
from app.evaluation.comparison import Comparison
from app.evaluation.confidence import Reliability, Threshold, reliability, thresholds
from app.evaluation.figures import Figures, Share, measured
from app.evaluation.names import Naming, same_person, same_spelling
from app.evaluation.phenomena import ClaimFree, PhenomenonRow, claim_free, phenomena
from app.vocabulary.errors import BadInput
from app.vocabulary.terms import ClaimType, RefusalReason


class SetRow(msgspec.Struct, frozen=True):
    """Figures of one set of annotated files.

    Attributes:
        claims: Annotated claims, without optional ones.
    """

    name: str
    articles: int
    words: int
    claims: int
    strict: Figures
    dyad: Figures
    type_only: Figures


class Fields(msgspec.Struct, frozen=True):
    """Among matched claims, optional ones left out, how often a further field is right.

    Attributes:
        speaker: Same name.
        speaker_or_surname: Same name, or one name holds the other ("Peskov").
        modality: Of all; accusations and denials have only one.
        modality_of_retaliations: Of retaliations.
        date: Of those dated on both sides.
        incident: Linked to the same incident, or both to none.
        responds_to: Of denials and retaliations: answering the same claim or incident, or both none.
    """

    speaker: Share
    speaker_or_surname: Share
    modality: Share
    modality_of_retaliations: Share
    date: Share
    incident: Share
    responds_to: Share


class Evaluation(msgspec.Struct, frozen=True):
    """What one extractor's readings of some annotated articles are worth.

    Attributes:
        version: Of Polemos.
        extractor: Name and version of what read the articles.
        least_confidence: Claims of less were left out.
        claims: Annotated claims, without optional ones.
        optional: Annotated claims on which careful readers may differ.
        optional_found: How many found claims fit an optional one only; they count neither as right nor as wrong.
        found: Claims found.
    """

    version: str
    extractor: str
    least_confidence: float
    articles: int
    words: int
    claims: int
    optional: int
    optional_found: int
    found: int
    strict: Figures
    dyad: Figures
    type_only: Figures
    types: dict[ClaimType, Figures]
    fields: Fields
    phenomena: list[PhenomenonRow]
    claim_free: ClaimFree
    reliability: Reliability
    thresholds: list[Threshold]
    sets: list[SetRow]


def evaluate(
    comparisons: Sequence[Comparison],
    naming: Naming,
    *,
    version: str,
    extractor: str,
    least_confidence: float = 0.0,
) -> Evaluation:
    """Everything measured over some articles.

    Args:
        comparisons: Articles with their annotations and readings.
        naming: Tells which actors a passage names.
        version: Of Polemos, to be written down.
        extractor: Name and version of the extractor, to be written down.
        least_confidence: The least confidence the comparisons were made with, to be written down.

    Raises:
        BadInput: There is nothing to measure.
    """
    if not comparisons:
        raise BadInput(RefusalReason.EMPTY, "there is no annotated article to measure with")
    figures = measured(comparisons)
    matched = [pair for one in comparisons for pair in _matched(one)]
    return Evaluation(
        version=version,
        extractor=extractor,
        least_confidence=least_confidence,
        articles=len(comparisons),
        words=_words(comparisons),
        claims=sum(len(one.required) for one in comparisons),
        optional=sum(len(one.wanted) - len(one.required) for one in comparisons),
        optional_found=sum(len(one.found) - len(one.right) for one in comparisons),
        found=sum(len(one.found) for one in comparisons),
        strict=figures.strict,
        dyad=figures.dyad,
        type_only=figures.type_only,
        types=figures.types,
        fields=_fields(matched),
        phenomena=phenomena(comparisons, naming),
        claim_free=claim_free(comparisons),
        reliability=reliability(comparisons),
        thresholds=thresholds(comparisons),
        sets=_sets(comparisons),
    )


Matched = tuple[Coding, Coding, Comparison]
"""A required claim as annotated and as found, with the article it is of."""


def _matched(one: Comparison) -> list[Matched]:
    return [
        (one.wanted[number].coding, one.found[one.pairs[number]].coding, one)
        for number in one.required
        if number in one.pairs
    ]


def _fields(matched: Sequence[Matched]) -> Fields:
    def share(same: Callable[[Coding, Coding, Comparison], bool], *types: ClaimType) -> Share:
        return Share.counted(same(*pair) for pair in matched if not types or pair[0].type in types)

    return Fields(
        speaker=share(lambda ours, theirs, _: same_spelling(ours.speaker) == same_spelling(theirs.speaker)),
        speaker_or_surname=share(lambda ours, theirs, _: same_person(ours.speaker, theirs.speaker)),
        modality=share(lambda ours, theirs, _: ours.modality == theirs.modality),
        modality_of_retaliations=share(lambda ours, theirs, _: ours.modality == theirs.modality, ClaimType.RETALIATES),
        date=Share.counted(ours.date == theirs.date for ours, theirs, _ in matched if ours.date and theirs.date),
        incident=share(lambda ours, theirs, one: one.same_incident(ours.incident, theirs.incident)),
        responds_to=share(
            lambda ours, theirs, one: one.same_answer(ours.responds_to, theirs.responds_to),
            ClaimType.DENIES,
            ClaimType.RETALIATES,
        ),
    )


def _sets(comparisons: Sequence[Comparison]) -> list[SetRow]:
    sets: dict[str, list[Comparison]] = {}
    for one in comparisons:
        sets.setdefault(one.annotated.set, []).append(one)
    rows = []
    for name, members in sorted(sets.items()):
        figures = measured(members)
        claims = sum(len(one.required) for one in members)
        rows.append(
            SetRow(name, len(members), _words(members), claims, figures.strict, figures.dyad, figures.type_only)
        )
    return rows


def _words(comparisons: Sequence[Comparison]) -> int:
    return sum(len(one.annotated.article.text.split()) for one in comparisons)
