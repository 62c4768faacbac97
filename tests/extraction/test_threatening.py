"""How a threat is bound: every cue's own example, and the traps around them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from app.extraction.rules import RulesExtractor
from app.vocabulary.records import Article
from app.vocabulary.terms import Modality

ROOT = Path(__file__).resolve().parents[2]
CASES: list[dict[str, Any]] = json.loads((ROOT / "tests" / "cases" / "threats.json").read_text(encoding="utf-8"))
pytestmark = pytest.mark.model


def _rows() -> list[dict[str, str]]:
    with (ROOT / "graph_data" / "lexicons" / "threats.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _kinds(rules: RulesExtractor, text: str) -> set[str | None]:
    (reading,) = rules.read([Article("", text, published="2026-03-04")])
    threats = [claim for claim in reading.claims if claim.modality is Modality.THREATENED]
    assert threats
    assert {claim.threat_kind for claim in reading.claims if claim not in threats} <= {None}
    return {claim.threat_kind for claim in threats}


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row["cue"])
def test_example_of_each_cue(rules: RulesExtractor, row: dict[str, str]) -> None:
    assert _kinds(rules, row["example"]) == {row["kind"]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["trap"])
def test_golden_case(rules: RulesExtractor, case: dict[str, Any]) -> None:
    assert _kinds(rules, case["text"]) == {case["kind"]}


def test_what_was_carried_out_is_no_threat(rules: RulesExtractor) -> None:
    text = (
        "Ardania shelled Belorian positions in retaliation for the raid and asked whether it should stop if it rained."
    )
    (reading,) = rules.read([Article("", text)])
    assert [(claim.modality, claim.threat_kind) for claim in reading.claims] == [(Modality.CARRIED_OUT, None)]
