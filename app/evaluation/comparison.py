"""One article's annotation and reading in, which claims match which out (codebook, Scoring).

A claim that was found matches an annotated one when type, source and target are equal and the two quotes share a word
at its place; each matches at most once, and of all such pairings one with the most claims counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.evaluation.annotated import AnnotatedArticle, Coding, codings
from app.evaluation.names import same_person, same_spelling
from app.evaluation.passages import ArticleWords, Place, shared_words
from app.vocabulary.terms import ClaimType

Edge = tuple[ClaimType, str, str]
"""Type, source and target ("" for nobody) as they are compared."""

Pairs = dict[int, int]
"""Numbers of annotated claims with the numbers of the found claims that answer them, one to one."""


@dataclass(frozen=True, slots=True)
class PlacedClaim:
    """A coding with its actors' names as they are compared, and where its quote stands."""

    coding: Coding
    edge: Edge
    places: tuple[Place, ...]

    def meets(self, other: PlacedClaim) -> int:
        """How many words the quotes share, where the types are equal."""
        return shared_words(self.places, other.places) if self.edge[0] == other.edge[0] else 0


class Comparison:
    """An annotated article beside what an extractor found in it.

    Attributes:
        wanted: The annotated claims, the optional ones included.
        found: The claims found.
        pairs: Which found claim matches which annotated one.
    """

    def __init__(self, annotated: AnnotatedArticle, found: Iterable[Mapping[str, Any]], least: float = 0.0) -> None:
        """Hold an annotation against found claims in its own format.

        Args:
            annotated: The article as a person coded it.
            found: Claims as `app.evaluation.annotated.stated` gives them.
            least: Claims of less confidence are left out.
        """
        self.annotated = annotated
        self.words = ArticleWords(annotated.article.title, annotated.article.text)
        self.wanted = self._placed(annotated.claims)
        self.found = self._placed(claim for claim in codings(list(found)) if claim.confidence >= least)
        self.pairs = match(self.wanted, self.found)

    def _placed(self, claims: Iterable[Coding]) -> tuple[PlacedClaim, ...]:
        return tuple(
            PlacedClaim(
                claim,
                (claim.type, same_spelling(claim.source), same_spelling(claim.target)),
                self.words.places(claim.evidence),
            )
            for claim in claims
        )

    @cached_property
    def required(self) -> tuple[int, ...]:
        """The numbers of the annotated claims that must be found."""
        return tuple(number for number, claim in enumerate(self.wanted) if not claim.coding.optional)

    @cached_property
    def right(self) -> dict[int, bool]:
        """For each found claim whether it is right; one that fits an optional claim only is neither, and left out."""
        taken = {there: here for here, there in self.pairs.items()}
        return {
            number: number in taken
            for number in range(len(self.found))
            if number not in taken or not self.wanted[taken[number]].coding.optional
        }

    @cached_property
    def near(self) -> Pairs:
        """Misses that were nearly none: same type, same passage, another actor; one wrong actor goes before two."""
        missed = [number for number in self.required if number not in self.pairs]
        wrong = [number for number, right in self.right.items() if not right]
        choices: list[dict[int, list[int]]] = [{}, {}]
        for number in missed:
            want = self.wanted[number]
            close = sorted((-want.meets(self.found[other]), other) for other in wrong)
            reached = [other for shared, other in close if shared]
            one = [other for other in reached if _wrong_actors(want, self.found[other]) == 1]
            choices[0][number] = one
            choices[1][number] = one + [other for other in reached if other not in one]
        pairs: Pairs = {}
        for choice in choices:
            pairs = pair_up(choice, missed, pairs)
        return pairs

    @cached_property
    def incidents(self) -> dict[str, str]:
        """Annotated incidents with the found incidents that stand for them, one to one.

        Neither ids nor wordings of two coders agree, so an incident is known by its claims: two incidents are the same
        when matched claims lead to both, and of several candidates the one with the most such claims is taken.
        """
        votes: Counter[tuple[str, str]] = Counter()
        wanted_claims = {claim.coding.id for claim in self.wanted}
        found_claims = {claim.coding.id for claim in self.found}
        for here, there in sorted(self.pairs.items()):
            ours, theirs = self.wanted[here].coding, self.found[there].coding
            if ours.incident and theirs.incident:
                votes[ours.incident, theirs.incident] += 1
            answers = {ours.responds_to, theirs.responds_to}
            if ours.responds_to and theirs.responds_to and not answers & (wanted_claims | found_claims):
                votes[ours.responds_to, theirs.responds_to] += 1
        same: dict[str, str] = {}
        for (ours_id, theirs_id), _ in votes.most_common():
            if ours_id not in same and theirs_id not in same.values():
                same[ours_id] = theirs_id
        return same

    def same_incident(self, ours: str | None, theirs: str | None) -> bool:
        """Whether both codings name the same incident, or both none."""
        return self.incidents.get(ours) == theirs if ours and theirs else not ours and not theirs

    def same_answer(self, ours: str | None, theirs: str | None) -> bool:
        """Whether both codings answer the same thing, or both nothing.

        Claims of one type, source and target are one edge of the graph (codebook, Units): which of its passages is
        answered makes no difference.
        """
        if not ours or not theirs:
            return not ours and not theirs
        edge = next((claim.edge for claim in self.wanted if claim.coding.id == ours), None)
        answered = next((claim.edge for claim in self.found if claim.coding.id == theirs), None)
        if edge is None and answered is None:
            return self.same_incident(ours, theirs)
        return edge == answered


def match(wanted: Sequence[PlacedClaim], found: Sequence[PlacedClaim]) -> Pairs:
    """A largest set of pairs of matching claims, as many required ones among them as can be.

    Where a claim has several partners, the one that shares more words, then the one with the same speaker, is tried
    first.
    """
    by_edge: dict[Edge, list[int]] = {}
    for number, claim in enumerate(found):
        by_edge.setdefault(claim.edge, []).append(number)
    choices: dict[int, list[int]] = {}
    for number, claim in enumerate(wanted):
        ranked = sorted(
            (-claim.meets(found[other]), not same_person(claim.coding.speaker, found[other].coding.speaker), other)
            for other in by_edge.get(claim.edge, ())
        )
        choices[number] = [other for shared, _, other in ranked if shared]
    required = [number for number, claim in enumerate(wanted) if not claim.coding.optional]
    optional = [number for number, claim in enumerate(wanted) if claim.coding.optional]
    # A claim once paired stays paired when others are fitted in, so the required ones lose nothing to the optional.
    return pair_up(choices, required + optional)


def pair_up(choices: Mapping[int, Sequence[int]], order: Iterable[int], pairs: Pairs | None = None) -> Pairs:
    """A largest one-to-one pairing, by augmenting paths.

    Args:
        choices: For each number on the left, its possible partners, best first.
        order: In which order the left ones look for a partner.
        pairs: A pairing to begin with; whoever is paired in it stays paired, perhaps with another.
    """
    holder = {right: left for left, right in (pairs or {}).items()}

    def finds(left: int, asked: set[int]) -> bool:
        """Give this one a partner, if need be by moving others on to partners of their own."""
        for right in choices.get(left, ()):
            if right in asked:
                continue
            asked.add(right)
            if right not in holder or finds(holder[right], asked):
                holder[right] = left
                return True
        return False

    settled = set(holder.values())
    for left in order:
        if left not in settled:
            finds(left, set())
    return {left: right for right, left in sorted(holder.items(), key=lambda pair: pair[1])}


def _wrong_actors(wanted: PlacedClaim, found: PlacedClaim) -> int:
    return sum(ours != theirs for ours, theirs in zip(wanted.edge[1:], found.edge[1:], strict=True))
