from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.evaluation.confidence import reliability, thresholds

if TYPE_CHECKING:
    from tests.evaluation.conftest import Coder


def test_confidence_stands_beside_truth(coder: Coder) -> None:
    found = coder.but(
        {
            "c1": {"confidence": 0.3},
            "c2": {"confidence": 0.34, "target": "Cerinia"},
            "c3": {"confidence": 0.9},
            "c4": {"confidence": 1.0},
            "c6": {"confidence": 0.6},  # optional: neither right nor wrong
        },
        without=("c5", "c7", "c8"),
    )
    told = reliability([coder.compare(found)])
    assert [(one.start, one.end, one.claims, one.right) for one in told.bins] == [(0.3, 0.4, 2, 0.5), (0.9, 1.0, 2, 1)]
    assert [one.confidence for one in told.bins] == pytest.approx([0.32, 0.95])
    assert told.expected_calibration_error == pytest.approx((2 * 0.18 + 2 * 0.05) / 4)


def test_nothing_found_is_not_calibrated(coder: Coder) -> None:
    assert reliability([coder.compare([])]).expected_calibration_error is None


def test_a_least_confidence_is_worth_this(coder: Coder) -> None:
    found = coder.but({"c1": {"confidence": 0.3}, "c2": {"confidence": 0.2, "target": "Cerinia"}})
    rows = thresholds([coder.compare(found)])
    assert [row.confidence for row in rows] == pytest.approx([n / 10 for n in range(10)])
    assert [row.figures.wrong for row in rows] == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert [row.figures.found for row in rows] == [6, 6, 6, 6, 5, 5, 5, 5, 5, 5]


def test_a_weaker_double_takes_over_where_the_surer_one_is_gone(coder: Coder) -> None:
    double = [{**coder.wanted[1], "confidence": 0.3}, {**coder.wanted[1], "id": "p", "confidence": 0.8}]
    rows = thresholds([coder.compare(double, [coder.wanted[1]])])
    assert [(row.figures.found, row.figures.wrong) for row in rows] == [(1, 1)] * 4 + [(1, 0)] * 5 + [(0, 0)]
