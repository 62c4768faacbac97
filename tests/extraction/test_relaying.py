"""Which body says it for its state, and through whom the words came: golden cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.extraction.rules import RulesExtractor
from app.vocabulary.records import Article
from app.vocabulary.terms import ActorKind

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[1] / "cases" / "hearsay.json").read_text(encoding="utf-8")
)
pytestmark = pytest.mark.model


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["trap"])
def test_golden_case(rules: RulesExtractor, case: dict[str, Any]) -> None:
    (reading,) = rules.read([Article("", case["text"], published="2026-03-04", publisher=case.get("publisher"))])
    names = {mention.id: mention.name for mention in reading.mentions}
    claim = next(claim for claim in reading.claims if names[claim.source] == case.get("source", names[claim.source]))
    if "source_named" in case:
        assert (names[claim.source_named] if claim.source_named is not None else None) == case["source_named"]
    if "relayed_by" in case:
        assert [names[by] for by in claim.relayed_by] == case["relayed_by"]


def test_an_outlet_is_a_mention_of_its_kind(rules: RulesExtractor) -> None:
    text = "Ardanian minister Tomas Revik accused Beloria of shelling Kesh, according to state television."
    (reading,) = rules.read([Article("", text)])
    (claim,) = reading.claims
    (by,) = (mention for mention in reading.mentions if mention.id in claim.relayed_by)
    assert by.actor_kind is ActorKind.MEDIA
    assert by.surface == "state television"


def test_who_is_cited_everywhere_is_named_once(rules: RulesExtractor) -> None:
    text = "BELGARD (Coastal Wire) - Ardania told the Coastal Wire that Beloria had shelled Kesh."
    (reading,) = rules.read([Article("", text, publisher="The Kesh Mail")])
    (claim,) = reading.claims
    assert len(claim.relayed_by) == 1
