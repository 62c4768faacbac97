"""Which articles may hold like pieces of text, before they are compared."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from app.linking import sketches
from app.linking.sketches import CROWD, Sketches

Piece = npt.NDArray[np.uint64]


def piece(seed: int, length: int = 60) -> Piece:
    return np.random.default_rng(seed).integers(0, 2**63, length, dtype=np.uint64)


def test_equal_and_like_pieces_are_found_and_others_are_not() -> None:
    index = Sketches()
    assert index.add(0, [piece(1), piece(2)]) == []
    assert index.add(1, [piece(3)]) == []
    assert index.add(2, [piece(2)]) == [0]
    # Nine runs in ten are the same, in another order.
    assert index.add(3, [np.concatenate((piece(3)[6:], piece(4, 6)))[::-1]]) == [1]


def test_the_nearest_comes_first() -> None:
    index = Sketches()
    index.add(0, [np.concatenate((piece(1)[:45], piece(2, 15)))])
    index.add(1, [piece(1)])
    assert index.add(2, [piece(1)]) == [1, 0]


def test_pieces_without_runs_are_near_nothing() -> None:
    index = Sketches()
    assert index.add(0, [piece(1, 0)]) == []
    assert index.add(1, []) == index.add(2, [piece(1, 0)]) == []


def test_what_was_sorted_in_is_found_as_what_was_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def near(fresh: int) -> list[list[int]]:
        monkeypatch.setattr(sketches, "_FRESH", fresh)
        index = Sketches()
        return [index.add(number, [piece(number % 7), piece(100 + number % 3, 30)]) for number in range(40)]

    assert near(1) == near(100) == near(1_000_000)
    # Both pieces, then the longer or the shorter one alone.
    alone = [number for number in range(39) if (number % 7 == 4) != (number % 3 == 0)]
    assert near(100)[39] == [18, *alone]


def test_a_text_printed_without_end_gives_only_the_earliest() -> None:
    index = Sketches()
    found = [index.add(number, [piece(1)]) for number in range(CROWD + 20)]
    assert found[-1] == list(range(CROWD))


def test_a_crowd_is_the_earliest_of_a_band_whether_sorted_in_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketches, "CROWD", 5)
    pieces = [np.arange(30, dtype=np.uint64)]
    found = []
    for wait in (1, 40, 1 << 15):
        monkeypatch.setattr(sketches, "_FRESH", wait)
        index = sketches.Sketches()
        found.append([index.add(number, pieces) for number in range(12)])
    assert found[0] == found[1] == found[2]
    assert found[0][-1] == [0, 1, 2, 3, 4]
