from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.evaluation.figures import Tally, dyad_tally, figures, measured, strict_tally, type_tally
from app.vocabulary.terms import ClaimType

if TYPE_CHECKING:
    from tests.evaluation.conftest import Coder


def test_an_annotation_scores_one_against_itself(coder: Coder) -> None:
    found = measured([coder.compare(coder.wanted)])
    for one in (found.strict, found.dyad, found.type_only, *found.types.values()):
        assert (one.precision, one.recall, one.f1) == (1, 1, 1)
    assert (found.strict.found, found.strict.missed, found.strict.wrong) == (7, 0, 0)


def test_nothing_found_scores_nothing(coder: Coder) -> None:
    found = measured([coder.compare([])])
    for one in (found.strict, found.dyad, found.type_only):
        assert (one.precision, one.recall, one.f1) == (0, 0, 0)


def test_nothing_to_find_and_nothing_found_is_right(coder: Coder) -> None:
    found = measured([coder.compare([], [])])
    for one in (found.strict, found.dyad, found.type_only):
        assert (one.precision, one.recall, one.f1) == (1, 1, 1)
    found = measured([coder.compare(coder.wanted[:1], [])])
    assert (found.strict.precision, found.strict.recall, found.strict.f1) == (0, 0, 0)


def test_a_wrong_target_costs_twice(coder: Coder) -> None:
    one = coder.compare(coder.but({"c4": {"target": "Cerinia"}}))
    assert strict_tally(one) == Tally(found=6, missed=1, right=6, wrong=1)
    assert strict_tally(one, ClaimType.ACCUSES) == Tally(4, 1, 4, 1)
    assert strict_tally(one, ClaimType.DENIES) == Tally(1, 0, 1, 0)
    assert type_tally(one) == Tally(6, 0, 6, 0)


def test_dyads_are_sets_and_know_no_passage(coder: Coder) -> None:
    one = coder.compare(coder.but({"c2": {"evidence": "Ardania vowed"}}, without=("c1",)))
    assert dyad_tally(one) == Tally(found=6, missed=0, right=6, wrong=0)
    assert strict_tally(one) == Tally(found=5, missed=2, right=5, wrong=1)


def test_what_is_optional_costs_nothing(coder: Coder) -> None:
    with_, without = coder.compare(coder.wanted), coder.compare(coder.but({}, without=("c6",)))
    for tally in (strict_tally, dyad_tally, type_tally):
        assert tally(with_) == tally(without)


def test_the_right_sentence_asks_for_no_pairs(coder: Coder) -> None:
    one = coder.compare([coder.claim("p", "accuses", "X", "Y", "accused Beloria of raiding the market in Kesh. “We")])
    assert type_tally(one) == Tally(found=1, missed=5, right=1, wrong=0)


def test_sums_come_before_shares(coder: Coder) -> None:
    both = figures([Tally(1, 0, 1, 0), Tally(1, 8, 1, 0)])
    assert both.recall == pytest.approx(0.2)
    assert both.f1 == pytest.approx(1 / 3)


def test_the_interval_holds_the_figure_and_is_the_same_each_time() -> None:
    tallies = [Tally(n % 4, 2, n % 4, n % 3) for n in range(30)]
    found = figures(tallies)
    assert found.interval is not None
    low, high = found.interval
    assert 0 < low < found.f1 < high < 1
    assert figures(tallies) == found
    assert figures([Tally(2, 1, 2, 1)] * 9).interval == pytest.approx((2 / 3, 2 / 3))
    assert figures(tallies[:1]).interval is None
