"""Two extractors over the same article, one of them a language model: what both find is surer, what one finds is noted.

In: articles. Out: one reading each. Two claims are one where type, source and target are the same and the passages
overlap. Of such a pair the first reader's claim stands, for it knows more (days, relays, kinds), with the chance that
at least one of two independent readers is right: 1 - (1 - p)(1 - q), at most 0.99. A claim of one reader alone keeps
half its odds, p / (2 - p): what one finds and a reader who finds half of all claims does not. Its cue says whose it is,
and the review list shows it. Where the model gave no usable answer nothing is concluded from its silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import tee

from app.extraction.base import Extractor
from app.extraction.llm import LlmExtractor, MarkedReading
from app.vocabulary import second_reader
from app.vocabulary.records import Article, Claim, Reading, Refusal
from app.vocabulary.terms import RefusalReason

MOST = 0.99
"""No two readers make a claim certain."""
_FORMULA = 1
"""Raised when readings are put together otherwise, so that articles are read anew."""


def both_name(first: str, llm: str) -> str:
    """Under which readings are recorded: "hybrid+llm:MODEL@VERSION", the version that of both and of how they meet."""
    word = first.partition("@")[0]
    reader, _, model = llm.partition("@")[0].partition(":")
    digest = hashlib.sha256(f"{_FORMULA}\n{first}\n{llm}".encode()).digest()
    return f"{word}+{reader}:{model}@{int.from_bytes(digest[:3], 'big')}"


def surer(one: float, other: float) -> float:
    """The confidence of a claim that two readers found."""
    return min(MOST, 1 - (1 - one) * (1 - other))


def less_sure(own: float) -> float:
    """The confidence of a claim that one of two readers found."""
    return own / (2 - own)


class BothExtractor:
    """Reads with the first extractor and with a language model, and puts the two readings together."""

    def __init__(self, first: Extractor, llm: LlmExtractor) -> None:
        self._first, self._llm = first, llm
        self._name = both_name(first.name, llm.name)

    @property
    def name(self) -> str:
        """The words of both, the model's name, and a version made of theirs."""
        return self._name

    def read(self, articles: Iterable[Article]) -> Iterator[Reading]:
        """One reading per article.

        Raises:
            ModelAway: The model's server failed for good.
        """
        ours, theirs = tee(articles)
        # The model first: its server works while the other one does.
        for marked, own in zip(self._llm.read_marked(theirs), self._first.read(ours), strict=True):
            yield self._together(own, marked)

    def _together(self, own: Reading, marked: MarkedReading) -> Reading:
        llm = marked.reading
        names = {mention.id: mention.name for mention in (*own.mentions, *llm.mentions)}
        left = list(llm.claims)
        claims: list[Claim] = []
        stands_for: dict[str, str] = {}
        incidents: dict[str, str] = {}
        word = own.extractor.partition("@")[0]
        for claim in own.claims:
            # A pair by the greatest overlap; each claim is of one pair at most.
            same = [one for one in left if _overlap(claim, one) and _dyad(claim, names) == _dyad(one, names)]
            if not same:
                claims.append(claim if _unread(claim, marked) else _lonely(claim, word))
                continue
            other = max(same, key=lambda one: (_overlap(claim, one), one.modality is claim.modality))
            left.remove(other)
            stands_for[other.id] = claim.id
            if other.incident is not None and claim.incident is not None:
                incidents[other.incident] = claim.incident
            if other.modality is claim.modality:
                sure = round(surer(claim.confidence, other.confidence), 4)
                claims.append(replace(claim, confidence=sure, cue=second_reader.agreed(claim.cue)))
            else:
                cue = second_reader.otherwise(f"llm: {other.modality}", claim.cue)
                claims.append(replace(claim, cue=cue))
        incidents |= _of_one_kind(own, llm)
        for one in left:
            answered = one.responds_to
            if answered is not None:
                answered = stands_for.get(answered, incidents.get(answered, answered))
            about = incidents.get(one.incident, one.incident) if one.incident is not None else None
            claims.append(_lonely(replace(one, incident=about, responds_to=answered), "llm"))
        return self._reading(own, llm, claims)

    def _reading(self, own: Reading, llm: Reading, claims: list[Claim]) -> Reading:
        needed = {name for claim in claims for name in (claim.incident, claim.responds_to)}
        found = {incident.id: incident for incident in own.incidents}
        found |= {one.id: one for one in llm.incidents if one.id in needed and one.id not in found}
        by_id: dict[str, Claim] = {}
        refusals = [*own.refusals, *llm.refusals]
        for claim in sorted(claims, key=lambda one: (one.evidence.part != "title", one.evidence.start, one.id)):
            if claim.id in by_id:
                at = claim.evidence
                detail = f"{claim.type}: {at.quote[:80]!r}"
                refusals.append(Refusal(RefusalReason.DUPLICATE, detail, own.article, at.part, at.start, at.end))
            by_id.setdefault(claim.id, claim)
        mentions = {mention.id: mention for mention in (*llm.mentions, *own.mentions)}
        return Reading(
            own.article,
            self._name,
            tuple(mentions.values()),
            tuple(found.values()),
            tuple(by_id.values()),
            tuple(refusals),
            own.acknowledgements,
        )


def _dyad(claim: Claim, names: dict[str, str]) -> tuple[str, str, str | None]:
    return claim.type, names[claim.source], names[claim.target] if claim.target is not None else None


def _overlap(one: Claim, other: Claim) -> int:
    """Characters that two claims' passages share."""
    if one.evidence.part != other.evidence.part:
        return 0
    return max(0, min(one.evidence.end, other.evidence.end) - max(one.evidence.start, other.evidence.start))


def _lonely(claim: Claim, reader: str) -> Claim:
    confidence = round(less_sure(claim.confidence), 4)
    return replace(claim, confidence=confidence, cue=second_reader.alone(reader, claim.cue))


def _unread(claim: Claim, marked: MarkedReading) -> bool:
    """Whether the model told nothing usable of the passage that a claim stands in."""
    at = claim.evidence
    return any(one.part == at.part and one.start < at.end and at.start < one.end for one in marked.unread)


def _of_one_kind(own: Reading, llm: Reading) -> dict[str, str]:
    """Incidents of the model's reading that the other one has under the same words."""
    kinds = {incident.type.lower(): incident.id for incident in reversed(own.incidents)}
    return {one.id: kinds[one.type.lower()] for one in llm.incidents if one.type.lower() in kinds}
