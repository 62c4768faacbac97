from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.comparison import pair_up

if TYPE_CHECKING:
    from tests.evaluation.conftest import Coder


def test_an_annotation_matches_itself(coder: Coder) -> None:
    one = coder.compare(coder.wanted)
    assert one.pairs == {number: number for number in range(8)}
    assert one.required == (0, 1, 2, 3, 4, 6, 7)
    assert list(one.right) == [0, 1, 2, 3, 4, 6, 7]
    assert all(one.right.values())
    assert one.near == {}


def test_a_shorter_passage_and_another_name_match(coder: Coder) -> None:
    one = coder.compare(coder.but({"c3": {"evidence": "nothing to do", "source": "the Beloria"}}))
    assert one.pairs[2] == 2


@pytest.mark.parametrize(
    "changes", [{"source": "Cerinia"}, {"target": None}, {"type": "accuses"}, {"evidence": "Kesh"}]
)
def test_another_type_actor_or_passage_does_not(coder: Coder, changes: dict[str, object]) -> None:
    one = coder.compare(coder.but({"c3": changes}))
    assert 2 not in one.pairs
    assert one.right[2] is False


def test_the_same_words_elsewhere_are_another_passage(coder: Coder) -> None:
    title, text = coder.claim("a", "accuses", "Ardania", "Beloria", "blames"), coder.wanted[1]
    assert coder.compare([title], [text]).pairs == {}


def test_each_claim_is_matched_once(coder: Coder) -> None:
    twice = [coder.wanted[1], {**coder.wanted[1], "id": "again"}]
    assert coder.compare(twice, [coder.wanted[1]]).right == {0: True, 1: False}
    assert len(coder.compare([coder.wanted[1]], twice).pairs) == 1


def test_one_gives_way_so_that_more_match(coder: Coder) -> None:
    both, one = "accused Beloria of raiding the market", "Ardania on Monday accused"
    wanted = [coder.claim("a", "accuses", "X", "Y", both), coder.claim("b", "accuses", "X", "Y", "market in Kesh")]
    found = [
        coder.claim("p", "accuses", "X", "Y", "raiding the market in Kesh"),
        coder.claim("q", "accuses", "X", "Y", one),
    ]
    assert coder.compare(found, wanted).pairs == {0: 1, 1: 0}


def test_required_claims_go_before_optional_ones(coder: Coder) -> None:
    optional = {**coder.wanted[1], "id": "o", "optional": True}
    assert coder.compare([coder.wanted[1]], [optional, coder.wanted[1]]).pairs == {1: 0}


def test_an_optional_claim_neither_helps_nor_hurts(coder: Coder) -> None:
    one = coder.compare([coder.wanted[5]], [coder.wanted[5]])
    assert one.pairs == {0: 0}
    assert one.right == {}
    assert one.required == ()


def test_claims_below_the_least_confidence_are_left_out(coder: Coder) -> None:
    found = coder.but({"c1": {"confidence": 0.2}, "c2": {"confidence": 0.5}})
    assert len(coder.compare(found, least=0.5).found) == 7


def test_a_near_miss_is_paired_with_what_it_should_be(coder: Coder) -> None:
    one = coder.compare(coder.but({"c1": {"target": "Cerinia"}, "c3": {"source": "Cerinia", "target": None}}))
    assert one.near == {0: 0, 2: 2}


def test_one_wrong_actor_is_nearer_than_two(coder: Coder) -> None:
    found = [
        coder.claim("two", "accuses", "Ardania", "Dovan Republic", coder.wanted[6]["evidence"]),
        coder.claim("one", "accuses", "Ardania", "Beloria", "the Free Coast Brigade"),
    ]
    one = coder.compare(found, [coder.wanted[7], coder.wanted[6]])
    # Both can be paired only so; and the one with a right target belongs to the claim with that target.
    assert one.near == {0: 0, 1: 1}


def test_incidents_are_known_by_their_claims(coder: Coder) -> None:
    renamed = {"c1": {"incident": "x"}, "c2": {"incident": "x"}, "c3": {"incident": "y"}, "c4": {"incident": "y"}}
    one = coder.compare(coder.but({**renamed, "c5": {"responds_to": "x"}}))
    assert one.incidents == {"i1": "x", "i2": "y"}
    assert one.same_incident("i1", "x")
    assert not one.same_incident("i1", "y")
    assert not one.same_incident("i1", None)
    assert one.same_incident(None, None)


def test_an_answer_to_another_passage_of_the_same_edge_is_right(coder: Coder) -> None:
    one = coder.compare(coder.wanted)
    assert one.same_answer("c2", "c1")
    assert not one.same_answer("c2", "c4")
    assert not one.same_answer("c2", "i1")
    assert one.same_answer("i1", "i1")
    assert one.same_answer(None, None)
    assert not one.same_answer(None, "c1")


@given(st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), unique=True), max_size=8))
def test_no_larger_pairing_exists(choices: dict[int, list[int]]) -> None:
    pairs = pair_up(choices, choices)
    assert all(right in choices[left] for left, right in pairs.items())
    assert len(set(pairs.values())) == len(pairs)

    def largest(lefts: list[int], taken: frozenset[int]) -> int:
        if not lefts:
            return 0
        without = largest(lefts[1:], taken)
        return max(
            [without, *(1 + largest(lefts[1:], taken | {right}) for right in choices[lefts[0]] if right not in taken)]
        )

    few = list(choices)[:5]
    assert len(pair_up(choices, few)) == largest(few, frozenset())
