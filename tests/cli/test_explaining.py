"""`polemos explain`: what a reader is told of each sentence, and that nothing is stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "graph_data" / "articles"
pytestmark = pytest.mark.model

STORY = (
    "Russia accused Ukraine on Tuesday of shelling a school in Valuyki. The mayor spoke of a dark day. "
    "Kyiv has neither confirmed nor denied it."
)


def _story() -> str:
    return json.dumps({"title": "School shelled", "text": STORY, "published": "2026-03-04"})


@pytest.mark.parametrize("extractor", ["rules", "hybrid"])
def test_claims_and_refusals_are_told_sentence_by_sentence(polemos: Run, ledger_file: Path, extractor: str) -> None:
    told = polemos("explain", "-", "--extractor", extractor, stdin=_story())
    assert told.status == 0
    assert "claim     Russia accuses Ukraine, asserted" in told.out
    assert "names     Russia; Ukraine" in told.out
    assert "dark day" not in told.out
    if extractor == "rules":
        assert "refused   non_denial" in told.out
    assert not ledger_file.exists()


def test_all_shows_quiet_sentences_too(polemos: Run) -> None:
    told = polemos("explain", "-", "--all", "--extractor", "rules", stdin=_story())
    assert "dark day" in told.out


def test_json_has_offsets_chances_and_reasons(polemos: Run) -> None:
    (article,) = polemos("explain", "-", "--json", stdin=_story()).json
    assert article["extractor"] == "hybrid@2"
    assert [s["part"] for s in article["sentences"]] == ["title", "text", "text", "text"]
    for sentence in article["sentences"]:
        whole = "School shelled" if sentence["part"] == "title" else STORY
        assert whole[sentence["start"] : sentence["end"]].strip() == sentence["text"]
    accusation = article["sentences"][1]
    assert accusation["likely"]["accuses"] > 0.5
    (made,) = [one for one in accusation["considered"] if one["made"]]
    assert (made["source"], made["type"], made["target"]) == ("Russia", "accuses", "Ukraine")
    assert 0.5 < made["confidence"] <= 1


def test_an_article_of_the_ledger_is_explained_by_its_id(polemos: Run) -> None:
    path = next(iter(sorted(SAMPLES.glob("*.json"))))
    (known,) = polemos("ingest", path, "--extractor", "rules", "--json").json["articles"]
    told = polemos("explain", known, "--extractor", "rules")
    assert json.loads(path.read_text(encoding="utf-8"))["title"] in told.out.replace("\n", " ")


def test_what_a_person_wrote_down_has_nothing_to_explain(polemos: Run) -> None:
    refused = polemos("explain", "-", "--extractor", f"recorded:{SAMPLES}", stdin=_story())
    assert refused.status == 2
    assert refused.refusal.startswith("recorded@1 repeats what a person wrote down")


def test_what_is_no_article_is_refused(polemos: Run) -> None:
    assert polemos("explain", "no-such-file.txt").status == 2
