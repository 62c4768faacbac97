"""Comparisons in, precision, recall and F1 out, with an interval for each F1 (codebook, Scoring).

All figures are sums over articles before they are divided, so a long article weighs more than a short one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.evaluation.comparison import Comparison
from app.evaluation.passages import Place, shared_words
from app.vocabulary.terms import ClaimType

RESAMPLES = 1000
SEED = 20230503
"""Any number would do; this one makes a rerun give the same interval."""


class Tally(NamedTuple):
    """Counts of one article or many: what should be found, and what was.

    Attributes:
        found: Of what should be found, how much was.
        missed: Of what should be found, how much was not.
        right: Of what was found, how much should be; where things pair one to one, the same as `found`.
        wrong: Of what was found, how much should not be.
    """

    found: int = 0
    missed: int = 0
    right: int = 0
    wrong: int = 0


class Figures(msgspec.Struct, frozen=True):
    """Precision, recall and their harmonic mean, with the counts they are made of.

    Attributes:
        interval: Bounds of the 95 % bootstrap interval of F1, articles resampled; None for fewer than two articles.
    """

    precision: float
    recall: float
    f1: float
    found: int
    missed: int
    right: int
    wrong: int
    interval: tuple[float, float] | None = None


class Share(msgspec.Struct, frozen=True):
    """How many of how many; `share` is None of none."""

    right: int
    of: int
    share: float | None

    @classmethod
    def counted(cls, answers: Iterable[bool]) -> Share:
        """The share of true answers."""
        given = list(answers)
        return cls(sum(given), len(given), sum(given) / len(given) if given else None)


class Measured(msgspec.Struct, frozen=True):
    """The three ways to score, and the first by claim type.

    Attributes:
        strict: Type, source, target and passage.
        dyad: Sets of type, source and target of each article, whatever the passage.
        type_only: The right type at the right passage, whoever accuses whom.
        types: Strict figures of each claim type.
    """

    strict: Figures
    dyad: Figures
    type_only: Figures
    types: dict[ClaimType, Figures]


def measured(comparisons: Sequence[Comparison]) -> Measured:
    """The figures of some articles."""
    by_type = {type_: [strict_tally(one, type_) for one in comparisons] for type_ in ClaimType}
    return Measured(
        strict=figures([strict_tally(one) for one in comparisons]),
        dyad=figures([dyad_tally(one) for one in comparisons]),
        type_only=figures([type_tally(one) for one in comparisons]),
        types={type_: figures(tallies) for type_, tallies in by_type.items()},
    )


def strict_tally(one: Comparison, type_: ClaimType | None = None) -> Tally:
    """One article's claims, of one type or all, that match, are missed or are wrong; optional ones do not count."""
    wanted = [number for number in one.required if type_ in (None, one.wanted[number].coding.type)]
    found = sum(number in one.pairs for number in wanted)
    wrong = sum(not right and type_ in (None, one.found[number].coding.type) for number, right in one.right.items())
    return Tally(found, len(wanted) - found, found, wrong)


def dyad_tally(one: Comparison) -> Tally:
    """One article's sets of (type, source, target), passages ignored."""
    required = {one.wanted[number].edge for number in one.required}
    allowed = {claim.edge for claim in one.wanted}
    said = {claim.edge for claim in one.found}
    found = len(required & said)
    return Tally(found, len(required) - found, found, len(said - allowed))


def type_tally(one: Comparison) -> Tally:
    """One article's distinct (type, passage) on either side, and whether one of the other side meets it."""
    required = {_passage(one.wanted[number].edge[0], one.wanted[number].places) for number in one.required}
    optional = {_passage(claim.edge[0], claim.places) for claim in one.wanted if claim.coding.optional}
    said = {_passage(claim.edge[0], claim.places) for claim in one.found}
    found = sum(_met(passage, said) for passage in required)
    right = {passage for passage in said if _met(passage, required)}
    wrong = [passage for passage in said - right if not _met(passage, optional)]
    return Tally(found, len(required) - found, len(right), len(wrong))


Passage = tuple[ClaimType, tuple[Place, ...]]


def _passage(type_: ClaimType, places: tuple[Place, ...]) -> Passage:
    return type_, places


def _met(passage: Passage, others: Iterable[Passage]) -> bool:
    return any(passage[0] == type_ and shared_words(passage[1], places) for type_, places in others)


def figures(tallies: Sequence[Tally]) -> Figures:
    """Figures of the articles' sums, with the interval where there are articles to resample."""
    counts = np.array(tallies, dtype=np.float64).reshape(len(tallies), len(Tally._fields))
    total = Tally(*(int(column) for column in counts.sum(axis=0)))
    precision, recall, f1 = (float(rate[0]) for rate in _rates(np.array([total], dtype=np.float64)))
    return Figures(precision, recall, f1, *total, interval=_interval(counts))


def _interval(counts: NDArray[np.float64]) -> tuple[float, float] | None:
    """The middle 95 % of the F1 that so many articles give when drawn from these with replacement."""
    articles = len(counts)
    if articles < 2:
        return None
    # How often each article is drawn is all that a resample is; sums of all resamples are then one product.
    draws = np.random.default_rng(SEED).multinomial(articles, np.full(articles, 1 / articles), size=RESAMPLES)
    low, high = np.quantile(_rates(draws @ counts)[2], (0.025, 0.975))
    return float(low), float(high)


def _rates(totals: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Precision, recall and F1 of rows of tallies; where nothing was to be found and nothing was, both are 1."""
    found, missed, right, wrong = totals.T
    precision = _ratio(right, right + wrong, missed == 0)
    recall = _ratio(found, found + missed, wrong == 0)
    return precision, recall, _ratio(2 * precision * recall, precision + recall, np.zeros(len(totals), dtype=np.bool_))


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64], of_none: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Part by whole; of nothing, 1 where `of_none` holds and 0 elsewhere."""
    return np.divide(part, whole, out=of_none.astype(np.float64), where=whole > 0)
