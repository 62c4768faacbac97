"""Scores of clusterings, against values counted by hand."""

from __future__ import annotations

import itertools
import random

import pytest

from app.evaluation.clusters import _best_pairing, b_cubed, ceaf_e, conll, muc


def clustering(*clusters: str) -> dict[str, str]:
    """Things named by letters, in clusters named by their letters."""
    return {thing: f"cluster of {cluster}" for cluster in clusters for thing in cluster}


def test_one_and_the_same() -> None:
    right = clustering("abc", "de", "f")
    for measure in (muc, b_cubed, ceaf_e):
        score = measure(right, right)
        assert (score.precision, score.recall, score.f1) == (1.0, 1.0, 1.0)
    assert conll(right, right) == 1.0


def test_counted_by_hand() -> None:
    # Seven things; the last two are lumped together with one of the first.
    right, found = clustering("abcd", "efg"), clustering("ab", "cdef", "g")
    # B³ precision: a, b all right; c, d two of four; e, f two of four; g right. (1+1+.5+.5+.5+.5+1)/7
    # B³ recall: a to d have two of four; e, f two of three; g one of three. (4·.5 + 2·2/3 + 1/3)/7
    score = b_cubed(right, found)
    assert score.precision == pytest.approx(5 / 7)
    assert score.recall == pytest.approx((2 + 4 / 3 + 1 / 3) / 7)
    assert score.f1 == pytest.approx(2 * (5 / 7) * (11 / 21) / (5 / 7 + 11 / 21))
    # MUC: of right's 3 + 2 links, each cluster is in two pieces: 2 + 1. Of found's 1 + 3 + 0: cdef is in two pieces.
    assert (muc(right, found).recall, muc(right, found).precision) == (3 / 5, 3 / 4)
    # CEAFe: abcd–ab 4/6 and efg–cdef 4/7 (abcd–cdef 4/8 and efg–g 2/4 would be less).
    assert ceaf_e(right, found).recall == pytest.approx((4 / 6 + 4 / 7) / 2)
    assert ceaf_e(right, found).precision == pytest.approx((4 / 6 + 4 / 7) / 3)
    assert conll(right, found) == pytest.approx(
        (muc(right, found).f1 + b_cubed(right, found).f1 + ceaf_e(right, found).f1) / 3
    )


def test_things_that_only_one_has() -> None:
    right, found = clustering("ab", "c"), clustering("a", "cx")
    score = b_cubed(right, found)  # Precision over a, c, x: 1, 1/2, 0. Recall over a, b, c: 1/2, 0, 1.
    assert [score.precision, score.recall] == pytest.approx([0.5, 0.5])
    assert muc(right, found).recall == 0.0  # b is found nowhere, so the link of a and b is not.


@pytest.mark.parametrize("measure", [muc, b_cubed, ceaf_e])
def test_nothing_at_all(measure: object) -> None:
    assert callable(measure)
    for right, found in (({}, {}), (clustering("ab"), {}), ({}, clustering("ab"))):
        assert measure(right, found).f1 == 0.0


def test_all_apart_and_all_together() -> None:
    right = clustering("ab", "cd")
    apart, together = clustering("a", "b", "c", "d"), clustering("abcd")
    assert (b_cubed(right, apart).precision, b_cubed(right, apart).recall) == (1.0, 0.5)
    assert (b_cubed(right, together).precision, b_cubed(right, together).recall) == (0.5, 1.0)
    assert muc(right, apart).f1 == 0.0


def test_the_best_pairing_is_the_best_of_all() -> None:
    draw = random.Random(7)
    for height, width in ((1, 1), (2, 3), (4, 4), (5, 3), (3, 6)):
        gain = [[draw.random() for _ in range(width)] for _ in range(height)]
        few = min(height, width)
        ways = (
            sum(gain[row][column] for row, column in zip(rows, columns, strict=True))
            for rows in itertools.combinations(range(height), few)
            for columns in itertools.permutations(range(width), few)
        )
        assert _best_pairing(gain) == pytest.approx(max(ways))
