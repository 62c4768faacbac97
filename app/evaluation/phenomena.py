"""An annotated claim and its article in, the difficulties it shows out; and how many claims of each are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from app.evaluation.comparison import Comparison
from app.evaluation.names import Naming, same_spelling
from app.evaluation.passages import sentences, shared_words
from app.vocabulary.terms import ClaimType, Modality


class Phenomenon(StrEnum):
    """What can make a claim hard to find; a claim may show several."""

    HEADLINE = "headline"
    QUOTATION = "quotation"
    SEVERAL_SENTENCES = "several_sentences"
    ROLL_UP = "roll_up"
    SOURCE_UNNAMED = "source_unnamed"
    TARGET_UNNAMED = "target_unnamed"
    TARGET_OPEN = "target_open"
    CARRIED_OUT = "carried_out"
    THREATENED = "threatened"
    CALLED_FOR = "called_for"
    SHARED_PASSAGE = "shared_passage"
    THIRD_PARTY = "third_party"

    @property
    def meaning(self) -> str:
        """What claims that show it have in common."""
        return {
            "headline": "the passage is the headline or stands in it",
            "quotation": "at least half of the passage's words stand between quotation marks",
            "several_sentences": "the passage holds more than one sentence",
            "roll_up": "the speaker is another than the source on whose behalf it is said",
            "source_unnamed": "the passage names neither source nor speaker",
            "target_unnamed": "the passage does not name the target",
            "target_open": "the target is open",
            "carried_out": "it is a retaliation that was carried out",
            "threatened": "it is a retaliation that was threatened",
            "called_for": "it is a retaliation that was called for",
            "shared_passage": "another annotated claim has words of the same passage",
            "third_party": "source or target is neither of the two parties that the article's claims name most",
        }[self.value]


class PhenomenonRow(msgspec.Struct, frozen=True):
    """How claims of a kind fare.

    Attributes:
        claims: Annotated claims of the kind, without optional ones.
        found: How many of them are matched.
        near: How many more have a claim of their type at their passage, with another actor.
        recall: Share found; None where there are no such claims.
    """

    name: Phenomenon
    claims: int
    found: int
    near: int
    recall: float | None


class ClaimFree(msgspec.Struct, frozen=True):
    """Articles in which there is nothing to find.

    Attributes:
        silent: In how many of them nothing is found.
        false_claims: How many claims are found in the others.
    """

    articles: int
    silent: int
    false_claims: int


def phenomena(comparisons: Sequence[Comparison], naming: Naming) -> list[PhenomenonRow]:
    """Recall by phenomenon, in the order of `Phenomenon`."""
    claims: Counter[Phenomenon] = Counter()
    found: Counter[Phenomenon] = Counter()
    near: Counter[Phenomenon] = Counter()
    for one in comparisons:
        for number, shown in zip(one.required, shown_in(one, naming), strict=True):
            claims.update(shown)
            if number in one.pairs:
                found.update(shown)
            elif number in one.near:
                near.update(shown)
    return [
        PhenomenonRow(kind, claims[kind], found[kind], near[kind], found[kind] / claims[kind] if claims[kind] else None)
        for kind in Phenomenon
    ]


def claim_free(comparisons: Sequence[Comparison]) -> ClaimFree:
    """Articles without any annotated claim, optional ones included, and what is found in them."""
    false = [len(one.found) for one in comparisons if not one.wanted]
    return ClaimFree(len(false), false.count(0), sum(false))


def shown_in(one: Comparison, naming: Naming) -> list[list[Phenomenon]]:
    """What each required claim of an article shows, in their order."""
    parties = Counter(party for claim in one.wanted for party in claim.edge[1:] if party)
    # most_common keeps the order of first mention among equals, so the two are the same in every run.
    principals = {party for party, _ in parties.most_common(2)}
    return [list(_shown(one, number, naming, principals)) for number in one.required]


def _shown(one: Comparison, number: int, naming: Naming, principals: set[str]) -> Iterator[Phenomenon]:
    claim = one.wanted[number]
    coding, quote, (place, *_) = claim.coding, claim.coding.evidence, claim.places
    _, source, target = claim.edge
    speaker = coding.speaker or coding.source
    if place[1] <= one.words.title_words:
        yield Phenomenon.HEADLINE
    if one.words.quoted_share(place) >= 0.5:
        yield Phenomenon.QUOTATION
    if sentences(quote) > 1:
        yield Phenomenon.SEVERAL_SENTENCES
    if same_spelling(speaker) != source:
        yield Phenomenon.ROLL_UP
    if not naming.names(coding.source, quote) and not naming.names_speaker(speaker, quote):
        yield Phenomenon.SOURCE_UNNAMED
    if not target:
        yield Phenomenon.TARGET_OPEN
    elif not naming.names(coding.target or "", quote):
        yield Phenomenon.TARGET_UNNAMED
    if coding.type is ClaimType.RETALIATES and coding.modality not in (None, Modality.ASSERTED):
        yield Phenomenon(str(coding.modality))
    if any(shared_words(claim.places, other.places) for at, other in enumerate(one.wanted) if at != number):
        yield Phenomenon.SHARED_PASSAGE
    if not {source, target} - {""} <= principals:
        yield Phenomenon.THIRD_PARTY
