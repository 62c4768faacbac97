"""The form of a ruling, and the decision it becomes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from app.curation import Ruling, decision, ruling_of
from app.curation.rulings import _check_value
from app.graph import CORRECTABLE
from app.vocabulary.errors import BadQuery
from app.vocabulary.records import Decision
from app.vocabulary.terms import DecisionKind, Judgement

WHO: dict[str, str] = {"by": " Ana ", "reason": " because "}


@pytest.mark.parametrize(
    ("ruling", "given", "kind", "judgement"),
    [
        ("merge", {"other": "actor-b"}, "judge", "same"),
        ("split", {"other": "actor-b"}, "judge", "different"),
        ("leave", {"other": "actor-b"}, "judge", "unsure"),
        ("same_text", {"other": "clm-b"}, "lineage", "same"),
        ("other_text", {"other": "clm-b"}, "lineage", "different"),
        ("correct", {"field": "date", "value": "2031"}, "correct", None),
        ("correct", {"field": "threat_kind", "value": None}, "correct", None),
        ("retract", {}, "retract", None),
        ("undo", {}, "undo", None),
    ],
)
def test_each_ruling_is_one_decision_and_is_told_from_it(
    ruling: str, given: dict[str, Any], kind: str, judgement: str | None
) -> None:
    made = decision(Ruling(ruling), "actor-a", **WHO, **given)
    assert (made.kind, made.judgement, made.by, made.reason) == (kind, judgement, "Ana", "because")
    assert made.object == given.get("other", given.get("field"))
    assert made.value == given.get("value")
    assert datetime.fromisoformat(made.at or "").tzinfo is not None
    assert ruling_of(made) is Ruling(ruling)


def test_two_claims_that_are_left_are_left_as_texts() -> None:
    left = decision(Ruling.LEAVE, "clm-a", other="clm-b", by="Ana", reason="who knows")
    assert (left.kind, left.judgement) == (DecisionKind.LINEAGE, Judgement.UNSURE)
    assert ruling_of(left) is Ruling.LEAVE


def test_a_linkers_judgement_is_told_as_what_it_rules() -> None:
    row = Decision(DecisionKind.JUDGE, "inc-a", "incidents@1", "inc-b", None, Judgement.UNSURE, "near", None, 0.5)
    assert ruling_of(row) is Ruling.LEAVE


@pytest.mark.parametrize(
    ("ruling", "given", "told"),
    [
        ("merge", {}, "merge takes two ids"),
        ("merge", {"other": "actor-a"}, "actor-a cannot be judged against itself"),
        ("merge", {"other": "actor-b", "value": "x"}, "merge takes no field and no value"),
        ("retract", {"other": "actor-b"}, "retract takes one id"),
        ("undo", {"field": "date"}, "undo takes no field"),
        ("correct", {}, "a claim has no field ''"),
        ("correct", {"field": "speaker", "value": "x"}, "a claim has no field 'speaker' to correct"),
        ("correct", {"field": "type"}, "None is no type of a claim"),
        ("correct", {"field": "date", "value": ""}, "'' is no date of a claim"),
        ("correct", {"field": "date", "value": "2031-02-30"}, "'2031-02-30' is no date of a claim"),
        ("correct", {"field": "threat_kind", "value": "loud"}, "'loud' is no threat kind of a claim"),
    ],
)
def test_what_is_no_ruling_is_refused(ruling: str, given: dict[str, Any], told: str) -> None:
    with pytest.raises(BadQuery) as why:
        decision(Ruling(ruling), "actor-a", by="Ana", reason="because", **given)
    assert told in str(why.value)


@pytest.mark.parametrize("given", [{"by": " ", "reason": "because"}, {"by": "Ana", "reason": "\n"}])
def test_who_and_why_are_always_told(given: dict[str, str]) -> None:
    with pytest.raises(BadQuery, match="say w"):
        decision(Ruling.RETRACT, "art-a", **given)


def test_what_can_be_corrected_is_what_the_fold_corrects() -> None:
    for field in CORRECTABLE:
        with pytest.raises(BadQuery, match=f"'loud' is no {field.replace('_', ' ')}"):
            _check_value(field, "loud")


def test_two_decisions_alike_are_two() -> None:
    one, other = (decision(Ruling.RETRACT, "art-a", by="Ana", reason="because") for _ in range(2))
    assert one.id != other.id or one.at == other.at
