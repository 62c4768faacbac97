"""Comparisons in, how far confidence can be believed out: reliability by bins, and what a least confidence gives."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.evaluation.comparison import Comparison, match
from app.evaluation.figures import Figures, Tally, figures

BINS = 10


class ConfidenceBin(msgspec.Struct, frozen=True):
    """Found claims of about the same confidence.

    Attributes:
        start: Least confidence of the bin.
        end: Where the next begins; the last holds 1 as well.
        right: Share of them that strictly match.
    """

    start: float
    end: float
    claims: int
    confidence: float
    right: float


class Reliability(msgspec.Struct, frozen=True):
    """Whether of the claims found with confidence 0.7 seven in ten are right.

    Claims that fit optional ones only are left out, being neither right nor wrong.

    Attributes:
        bins: Bins that hold claims, from low to high.
        expected_calibration_error: The mean gap between confidence and share of right claims, bins weighted by their
            claims; None where nothing was found.
    """

    bins: list[ConfidenceBin]
    expected_calibration_error: float | None


class Threshold(msgspec.Struct, frozen=True):
    """Strict figures of the claims that have at least this confidence."""

    confidence: float
    figures: Figures


def reliability(comparisons: Sequence[Comparison]) -> Reliability:
    """Confidence beside the share of claims that are right."""
    judged = [
        (one.found[number].coding.confidence, right) for one in comparisons for number, right in one.right.items()
    ]
    binned: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in judged:
        # Rounded first: 0.3 lies a hair's breadth below 3/10 on some ways of counting.
        binned.setdefault(min(int(round(confidence * BINS, 6)), BINS - 1), []).append((confidence, right))
    bins = [
        ConfidenceBin(
            number / BINS,
            (number + 1) / BINS,
            len(held),
            sum(confidence for confidence, _ in held) / len(held),
            sum(right for _, right in held) / len(held),
        )
        for number, held in sorted(binned.items())
    ]
    gaps = sum(one.claims * abs(one.confidence - one.right) for one in bins)
    return Reliability(bins, gaps / len(judged) if judged else None)


def thresholds(comparisons: Sequence[Comparison]) -> list[Threshold]:
    """Strict figures as `--min-confidence` rises from 0 to 0.9; claims are matched anew each time."""
    return [
        Threshold(number / BINS, figures([_tally_from(one, number / BINS) for one in comparisons]))
        for number in range(BINS)
    ]


def _tally_from(one: Comparison, least: float) -> Tally:
    kept = [claim for claim in one.found if claim.coding.confidence >= least]
    pairs = match(one.wanted, kept)
    found = sum(number in pairs for number in one.required)
    return Tally(found, len(one.required) - found, found, len(kept) - len(pairs))
