from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "graph_data" / "articles"
QUICK = ("--extractor", f"recorded:{SAMPLES}", "--workers", "1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three of the samples, one of which has lost a claim and one of which has another target."""
    made = tmp_path / "gold"
    made.mkdir()
    for name, prefix in (("c04b", "train-c04b"), ("c04c", "dev-01"), ("c07d", "dev-02")):
        (path,) = SAMPLES.glob(f"train-{name}-*.json")
        body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if name == "c04c":
            body["claims"][0]["target"] = "Atlantis"
        if name == "c07d":
            body["claims"] = body["claims"][:1]
        (made / f"{prefix}-x.json").write_text(json.dumps(body), encoding="utf-8")
    return made


def test_an_annotation_is_right_about_itself(polemos: Run, ledger_file: Path) -> None:
    found = polemos("evaluate", SAMPLES, *QUICK, "--glob", "train-c0[12]*", "--json").json
    for measure in (found["strict"], found["dyad"], found["type_only"], *found["types"].values()):
        assert (measure["precision"], measure["recall"], measure["f1"]) == (1, 1, 1)
    assert (found["extractor"], found["articles"]) == ("recorded@1", 8)
    assert found["fields"]["speaker"]["share"] == found["fields"]["responds_to"]["share"] == 1
    assert [row["name"] for row in found["sets"]] == ["train-c"]
    assert "errors" not in found
    assert not ledger_file.exists()


def test_tables_and_mistakes(polemos: Run, folder: Path) -> None:
    done = polemos("evaluate", folder, *QUICK, "--errors", "1")
    assert done.status == 0
    assert "extractor recorded@1: 3 articles" in " ".join(done.out.split())
    for told in ("Measure", "Set", "Claims where", "Confidence", "Least confidence", "Atlantis", "of confidence"):
        assert (told in done.out) == (told != "of confidence"), told
    assert "Near: the right type at the right passage, with a wrong actor" in done.out
    assert "Spurious: found, and not there" in done.out
    assert done.err == "held-out and training articles are added up here; --glob and --report keep them apart\n"


def test_mistakes_in_a_file_and_in_json(polemos: Run, folder: Path, tmp_path: Path) -> None:
    lines = tmp_path / "mistakes.jsonl"
    found = polemos("evaluate", folder, *QUICK, "--errors", "1", "--errors-file", lines, "--json").json
    all_ = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert [one["kind"] for one in found["errors"]] == ["near", "spurious"]
    assert found["errors"][0] in all_
    assert len(all_) == found["strict"]["wrong"] == found["strict"]["missed"] + len(all_) - 1
    near = all_[0]
    assert (near["wrong"], near["should_be"]["target"], near["cue"]) == ("target", "Atlantis", "recorded")
    assert near["said"]["quote"] == near["should_be"]["quote"]


def test_a_least_confidence_leaves_claims_out(polemos: Run) -> None:
    words = ("evaluate", SAMPLES, *QUICK, "--glob", "train-c*", "--json")
    every, sure = polemos(*words).json, polemos(*words, "--min-confidence", "0.9").json
    # What a person marked as optional is recorded with confidence 0.5.
    assert every["optional_found"] > 0
    assert (sure["optional_found"], sure["least_confidence"]) == (0, 0.9)
    assert sure["strict"]["f1"] == 1


def test_a_report_keeps_held_out_and_training_articles_apart(polemos: Run, folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "accuracy.md"
    page.write_text("# Accuracy\n\nWords.\n", encoding="utf-8")
    done = polemos("evaluate", folder, *QUICK, "--report", page)
    assert done.err.endswith(f"{page} written\n")
    written = page.read_text(encoding="utf-8")
    held_out, training = (
        f"### recorded@1, {sort} articles\n\nPolemos 0.1.0, extractor recorded@1: {count}"
        for sort, count in (("held-out", "2 articles"), ("training", "1 article "))
    )
    assert written.startswith(
        "# Accuracy\n\nWords.\n\n<!-- figures:begin recorded@1, held-out articles -->\n" + held_out
    )
    assert training in written
    assert polemos("evaluate", folder, *QUICK, "--glob", "dev-*", "--report", page).status == 0
    assert page.read_text(encoding="utf-8") == written


def test_a_report_may_begin_a_page(polemos: Run, folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "new.md"
    assert polemos("evaluate", folder, *QUICK, "--report", page, "--json").json["articles"] == 3
    assert page.read_text(encoding="utf-8").startswith("# Accuracy\n\n<!-- figures:begin")


def test_what_cannot_be_measured_is_told_in_one_line(polemos: Run, folder: Path, tmp_path: Path) -> None:
    def told(*words: object) -> str:
        refused = polemos("evaluate", *words)
        assert refused.status == 2
        return refused.refusal

    assert told(tmp_path / "nowhere", *QUICK) == f"{str(tmp_path / 'nowhere')!r} is no folder of annotated articles"
    assert told(folder, *QUICK, "--glob", "x*").startswith(f"{folder} holds no annotated article that fits 'x*'")
    assert told(folder, "--extractor", "oracle").startswith("there is no extractor 'oracle'")
    assert told(folder, "--extractor", "recorded:nowhere") == "'nowhere' is no folder of annotated articles"
    assert told(folder, *QUICK, "--report", tmp_path / "no" / "x.md") == f"the folder {tmp_path / 'no'} does not exist"
    assert "does not exist" in told(folder, *QUICK, "--errors-file", tmp_path / "no" / "x.jsonl")
    (folder / "dev-03-x.json").write_text("{", encoding="utf-8")
    assert told(folder, *QUICK).startswith(f"{folder / 'dev-03-x.json'} is not JSON")


def test_options_out_of_range_are_refused(polemos: Run, folder: Path) -> None:
    assert polemos("evaluate").status == 2
    assert polemos("evaluate", folder, "--min-confidence", "2").status == 2
    assert polemos("evaluate", folder, "--errors", "-1").status == 2
