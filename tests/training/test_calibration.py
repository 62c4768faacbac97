"""The calibration curve: never falling, true to the counts, whatever the judge says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.training.calibration import calibration


def test_an_overconfident_judge_is_brought_down() -> None:
    said = np.array([0.1] * 100 + [0.9] * 100)
    right = np.array([0.0] * 90 + [1.0] * 10 + [1.0] * 60 + [0.0] * 40)
    curve = calibration(said, right, bins=2)
    assert np.interp([0.1, 0.9], *curve).tolist() == pytest.approx([0.1, 0.6])


def test_a_judge_that_is_wrong_way_round_is_levelled() -> None:
    said = np.linspace(0, 1, 100)
    _, true = calibration(said, (said < 0.5).astype(float), bins=10)
    assert true == [pytest.approx(0.5)]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=80), st.integers(1, 30))
def test_it_rises_and_keeps_the_mean(pairs: list[tuple[float, bool]], bins: int) -> None:
    said, right = np.array([p[0] for p in pairs]), np.array([float(p[1]) for p in pairs])
    x, y = calibration(said, right, bins)
    assert x == sorted(x)
    assert y == sorted(y)
    assert all(0 <= value <= 1 for value in y)
