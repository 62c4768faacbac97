"""The learned core with the model that is shipped: claims any reader would find, traps, and what it owes its files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.extraction.encoder import FILES, Encoder
from app.extraction.hybrid import HybridExtractor
from app.extraction.trees import CARD, JUDGES, Judges
from app.vocabulary.errors import MissingPart
from app.vocabulary.records import Article, Reading

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "graph_data" / "model"
CASES: list[dict[str, Any]] = json.loads((ROOT / "tests" / "cases" / "hybrid.json").read_text(encoding="utf-8"))
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def hybrid() -> HybridExtractor:
    return HybridExtractor.from_data(ROOT / "graph_data")


def _told(reading: Reading) -> set[str]:
    names = {mention.id: mention.name for mention in reading.mentions}
    return {f"{c.type} {names[c.source]} > {names[c.target] if c.target is not None else ''}" for c in reading.claims}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["trap"])
def test_golden_case(hybrid: HybridExtractor, case: dict[str, Any]) -> None:
    article = Article(case.get("title", ""), case["text"], published="2026-03-04")
    (reading,) = hybrid.read([article])
    assert _told(reading) >= set(case["finds"])
    if case.get("none"):
        assert reading.claims == ()
    for claim in reading.claims:
        claim.evidence.check(article)


def test_a_speaker_is_kept_apart_from_whom_he_speaks_for(hybrid: HybridExtractor) -> None:
    text = "Russian foreign ministry spokeswoman Daria Velikova accused Ukraine on Tuesday of blowing up the dam."
    (reading,) = hybrid.read([Article("", text, published="2026-03-04")])
    names = {mention.id: mention.name for mention in reading.mentions}
    (claim,) = reading.claims
    assert (names[claim.speaker], names[claim.source]) == ("Daria Velikova", "Russia")


def test_body_outlet_and_threat_are_told_as_by_the_rules(hybrid: HybridExtractor) -> None:
    said = (
        "Russian foreign ministry spokeswoman Daria Velikova told Reuters on Tuesday that Ukraine had blown up the dam."
    )
    threat = "Ukraine vowed on Tuesday to retaliate against Russia if its drones struck Kharkiv again."
    first, second = hybrid.read([Article("", text, published="2026-03-04") for text in (said, threat)])
    names = {mention.id: mention.name for mention in first.mentions}
    (claim,) = first.claims
    assert claim.source_named is not None
    assert (names[claim.source_named], [names[by] for by in claim.relayed_by]) == (
        "Russian Foreign Ministry",
        ["Reuters"],
    )
    assert [claim.threat_kind for claim in second.claims] == ["conditional"]


def test_a_body_that_is_only_spoken_of_does_not_say_it(hybrid: HybridExtractor) -> None:
    text = "Kenya accused Somalia on Tuesday of shelling the camp at which its soldiers sleep."
    (reading,) = hybrid.read([Article("", text, published="2026-03-04")])
    assert [claim.source_named for claim in reading.claims] == [None]


def test_an_admission_is_found_beside_the_claims(hybrid: HybridExtractor) -> None:
    text = (
        "Ukraine accused Russia on Tuesday of sinking the ferry. Russia admitted that its navy had sunk it by mistake."
    )
    (reading,) = hybrid.read([Article("", text, published="2026-03-04")])
    names = {mention.id: mention.name for mention in reading.mentions}
    assert [(one.kind, names[one.actor]) for one in reading.acknowledgements] == [("admission", "Russia")]


def test_nothing_is_made_below_the_threshold_and_what_is_likely_is_counted(hybrid: HybridExtractor) -> None:
    least = Judges.load(MODEL).least
    samples = [json.loads(p.read_text(encoding="utf-8")) for p in sorted((ROOT / "graph_data/articles").glob("*.json"))]
    articles = [Article(b["title"], b["text"], published=b["published"]) for b in samples[:10]]
    readings = list(hybrid.read(articles))
    assert all(claim.confidence >= least - 1e-4 for reading in readings for claim in reading.claims)
    refused = [r for reading in readings for r in reading.refusals if r.reason == "uncertain"]
    assert refused
    assert all("likely right" in refusal.detail for refusal in refused)
    assert any(reading.claims for reading in readings)


def test_the_files_are_those_that_training_wrote() -> None:
    import hashlib

    card = json.loads((MODEL / "model.json").read_text(encoding="utf-8"))
    assert set(card["sha256"]) == {"encoder.onnx", "heads.npz", *(f"{judge}.onnx" for judge in JUDGES)}
    for name, digest in card["sha256"].items():
        assert hashlib.sha256((MODEL / name).read_bytes()).hexdigest() == digest, name
    assert sum(path.stat().st_size for path in MODEL.iterdir()) <= 30_000_000


@pytest.mark.parametrize("name", [*FILES, *(f"{judge}.onnx" for judge in JUDGES), CARD])
def test_a_missing_file_is_told_with_what_to_do(tmp_path: Path, name: str) -> None:
    shutil.copytree(MODEL, tmp_path / "model")
    (tmp_path / "model" / name).unlink()
    load = Encoder.load if name in FILES else Judges.load
    with pytest.raises(MissingPart, match=rf"{name} is missing: .*--extractor rules"):
        load(tmp_path / "model")
