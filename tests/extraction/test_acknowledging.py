"""Who takes an act upon himself: every cue's own example, and the traps around them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from app.extraction.rules import RulesExtractor
from app.vocabulary.records import Article, Reading

ROOT = Path(__file__).resolve().parents[2]
CASES: list[dict[str, Any]] = json.loads(
    (ROOT / "tests" / "cases" / "acknowledgements.json").read_text(encoding="utf-8")
)
pytestmark = pytest.mark.model


def _rows() -> list[dict[str, str]]:
    with (ROOT / "graph_data" / "lexicons" / "acknowledgements.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _read(rules: RulesExtractor, text: str) -> tuple[Article, Reading]:
    article = Article("", text, published="2026-03-04")
    (reading,) = rules.read([article])
    return article, reading


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row["cue"])
def test_example_of_each_cue(rules: RulesExtractor, row: dict[str, str]) -> None:
    _, reading = _read(rules, row["example"])
    names = {mention.id: mention.name for mention in reading.mentions}
    assert [(one.kind, names[one.actor]) for one in reading.acknowledgements] == [(row["kind"], row["finds"])]
    assert reading.acknowledgements[0].cue == f"acknowledge/{row['cue']}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["trap"])
def test_golden_case(rules: RulesExtractor, case: dict[str, Any]) -> None:
    article, reading = _read(rules, case["text"])
    names = {mention.id: mention.name for mention in reading.mentions}
    types = {incident.id: incident.type for incident in reading.incidents}
    told = [f"{one.kind} {names[one.actor]}: {types[one.incident]}" for one in reading.acknowledgements]
    assert told == case["finds"]
    assert {str(refusal.reason) for refusal in reading.refusals} >= set(case.get("refused", []))
    for one in reading.acknowledgements:
        one.evidence.check(article)


def test_it_is_about_the_incident_that_claims_of_its_sort_are_about(rules: RulesExtractor) -> None:
    text = "Ardania accused Beloria of the raid on Kesh. The Free Coast Brigade claimed responsibility for the raid."
    _, reading = _read(rules, text)
    (claim,) = reading.claims
    (one,) = reading.acknowledgements
    assert one.incident == claim.incident


def test_an_act_brought_up_as_new_is_an_incident_of_its_own(rules: RulesExtractor) -> None:
    text = "Ardania accused Beloria of the raid on Kesh. The Free Coast Brigade said it had mounted a raid on Belgard."
    _, reading = _read(rules, text)
    (claim,) = reading.claims
    (one,) = reading.acknowledgements
    assert one.incident != claim.incident
    assert {incident.id for incident in reading.incidents} == {claim.incident, one.incident}


def test_who_takes_an_act_upon_himself_is_not_thereby_accused(rules: RulesExtractor) -> None:
    _, reading = _read(rules, "The Free Coast Brigade claimed responsibility for the ambush.")
    assert [incident.alleged_perpetrators for incident in reading.incidents] == [()]


def test_a_speaker_is_kept_apart_from_whom_he_speaks_for(rules: RulesExtractor) -> None:
    text = "Belorian army spokesman Pavel Tam admitted that Belorian forces had shelled the market."
    _, reading = _read(rules, text)
    names = {mention.id: mention.name for mention in reading.mentions}
    (one,) = reading.acknowledgements
    assert (names[one.speaker], names[one.actor]) == ("Pavel Tam", "Beloria")
