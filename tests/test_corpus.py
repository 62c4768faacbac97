"""The corpus as it is given away: its files, lines, counts and licence agree, and nothing is in it that must not be."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.evaluation import read_annotated

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "graph_data" / "corpus"
FILES = sorted(CORPUS.glob("*.json"))
ARTICLES = [path for path in FILES if path.name != "stories.json"]
LINES = CORPUS / "data" / "train.jsonl"
ALLEGED = {"alleged_perpetrators": "perpetrators"}


@pytest.fixture(scope="module")
def bodies() -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in ARTICLES}


@pytest.fixture(scope="module")
def rows() -> list[Any]:
    return [json.loads(line) for line in LINES.read_text(encoding="utf-8").splitlines()]


def test_only_training_articles_are_in_it(bodies: dict[str, Any]) -> None:
    assert len(bodies) == 296
    assert all(name.startswith("train-") for name in bodies)
    names = [path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*") if path.is_file()]
    assert set(names) - {path.name for path in FILES} == {
        "README.md", "DATASHEET.md", "CODEBOOK.md", "LICENSE", "data/train.jsonl"
    }  # fmt: skip
    for name, body in bodies.items():
        assert body["id"] == name
        assert body["synthetic"] is True
        assert body["url"].startswith("https://example.org/")


def test_what_is_generated_is_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "docs/corpus.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_quote_stands_at_its_offsets(rows: list[Any]) -> None:
    for row in rows:
        for one in [*row["claims"], *row["not_claims"]]:
            assert row[one["part"]][one["start"] : one["end"]] == one["evidence"], row["id"]
            assert one["evidence"].strip()


def test_every_file_is_a_line_and_says_the_same(bodies: dict[str, Any], rows: list[Any]) -> None:
    assert [row["id"] for row in rows] == list(bodies)
    for row in rows:
        assert rebuilt(row) == without_nothing(bodies[row["id"]]), row["id"]


def rebuilt(row: dict[str, Any]) -> Any:
    """A line as its file has it: without the set and offsets, and without what is null or was not said."""
    body = {name: value for name, value in row.items() if name != "set"}
    body["incidents"] = [{ALLEGED.get(name, name): value for name, value in one.items()} for one in row["incidents"]]
    for kind in ("claims", "not_claims"):
        body[kind] = [{n: v for n, v in one.items() if n not in ("part", "start", "end")} for one in row[kind]]
    for one in body["claims"]:
        one["optional"] = one["optional"] or None
    return without_nothing(body)


def without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nothing(one) for name, one in value.items() if one is not None}
    return [without_nothing(one) for one in value] if isinstance(value, list) else value


def test_every_row_has_the_same_fields(rows: list[Any]) -> None:
    """Readers of JSON lines take the columns of the first rows for those of all."""
    assert len({tuple(row) for row in rows}) == 1
    for kind in ("incidents", "claims", "not_claims"):
        assert len({tuple(one) for row in rows for one in row[kind]}) == 1, kind
    assert {tuple(one["thread"]) for row in rows for one in row["claims"] if one["thread"]} == {("replies_to", "link")}


def test_readers_of_columns_take_every_line_at_once() -> None:
    """As the package `datasets` does, which reads JSON lines by Arrow."""
    from pyarrow import json as arrow

    table = arrow.read_json(LINES, arrow.ReadOptions(block_size=LINES.stat().st_size))
    assert table.num_rows == 296
    claims = table.column("claims").combine_chunks().flatten()
    assert len(claims) == 2731
    assert {"evidence", "start", "end"} <= {one.name for one in claims.type}


def test_types_modalities_and_references_fit(rows: list[Any]) -> None:
    fits = {"accuses": {"asserted"}, "denies": {"asserted"}, "retaliates": {"carried_out", "threatened", "called_for"}}
    for row in rows:
        incidents = {one["id"] for one in row["incidents"]}
        known = incidents | {one["id"] for one in row["claims"]}
        assert len(known) == len(row["incidents"]) + len(row["claims"]), row["id"]
        for one in row["claims"]:
            assert one["modality"] in fits[one["type"]]
            assert one["incident"] is None or one["incident"] in incidents
            assert one["responds_to"] is None or one["responds_to"] in known - {one["id"]}
            assert one["source"]
            assert one["source"] != one["target"]


def test_no_line_says_that_an_allegation_is_true(rows: list[Any]) -> None:
    rule = module(ROOT / "tests" / "firewall" / "rule.py")
    assert [breach for row in rows for breach in rule.of_json(row)] == []
    assert list(rule.of_json({**rows[0], "perpetrators": ["Ardania"]}))


def test_stories_name_what_there_is(bodies: dict[str, Any]) -> None:
    stories = json.loads((CORPUS / "stories.json").read_text(encoding="utf-8"))["stories"]
    told = [article["id"] for story in stories for article in story["articles"]]
    assert len(stories) == 10
    assert sorted(told) == [name for name in bodies if name.startswith("train-c")]
    claims = {f"{name}#{one['id']}" for name, body in bodies.items() for one in body["claims"]}
    named = set(re.findall(r"train-c\w[\w-]*#c\d+\w*", json.dumps(stories)))
    assert len(named) > 100
    assert named <= claims
    replied = {one["thread"]["replies_to"] for body in bodies.values() for one in body["claims"] if "thread" in one}
    assert replied - {None} <= claims
    only = [name for name, body in bodies.items() if any("thread" in one for one in body["claims"])]
    only += [name for name, body in bodies.items() if any("global_id" in one for one in body["incidents"])]
    assert all(name.startswith("train-c") for name in only)


def test_the_samples_are_the_stories() -> None:
    samples = {path.name: path.read_bytes() for path in (ROOT / "graph_data" / "articles").glob("*.json")}
    assert samples == {path.name: path.read_bytes() for path in ARTICLES if path.name.startswith("train-c")}


# ---- what is told of it ----


def test_counts_told_are_those_counted(bodies: dict[str, Any]) -> None:
    told = dict(re.findall(r"^\| (.+?) \| ([\d,]+) \|$", (CORPUS / "DATASHEET.md").read_text(encoding="utf-8"), re.M))
    number = {name: int(value.replace(",", "")) for name, value in told.items()}
    annotated = read_annotated(CORPUS)
    claims = [claim for one in annotated for claim in one.claims]
    must = Counter(claim.type.value for claim in claims if not claim.optional)
    assert number["articles"] == len(annotated) == 296
    assert number["claims, required"] == must.total()
    assert number["claims, optional"] == len(claims) - must.total()
    for kind in ("accuses", "denies", "retaliates"):
        assert number[f"`{kind}`, required"] == must[kind] > 400
    rungs = Counter(str(claim.modality) for claim in claims if claim.type == "retaliates" and not claim.optional)
    assert {name: number[f"retaliations `{name}`, required"] for name in rungs} == rungs
    assert number["claims with an open target"] == sum(claim.target is None for claim in claims)
    assert number["claims with `responds_to`"] == sum(claim.responds_to is not None for claim in claims)
    assert number["articles without any claim"] == sum(not one.claims for one in annotated)
    assert number["incidents"] == sum(len(body["incidents"]) for body in bodies.values())


def test_the_card_and_the_licence_say_the_same() -> None:
    card = (CORPUS / "README.md").read_text(encoding="utf-8")
    front = re.match(r"---\n(.*?)\n---\n", card, re.DOTALL)
    assert front is not None
    assert re.search(r"^license: cc-by-4\.0$", front[1], re.MULTILINE)
    (named,) = re.findall(r"^    path: (\S+)$", front[1], re.MULTILINE)
    assert (CORPUS / named) == LINES
    licence = (CORPUS / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("SPDX-License-Identifier: CC-BY-4.0\n")
    assert "https://creativecommons.org/licenses/by/4.0/" in licence
    for page in ("README.md", "DATASHEET.md"):
        assert "CC BY 4.0" in (CORPUS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "DATASHEET.md", "CODEBOOK.md"])
def test_links_of_its_pages_resolve(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s#]+)", (CORPUS / page).read_text(encoding="utf-8")):
        assert (CORPUS / target).exists(), target


def test_it_is_in_the_source_distribution_and_not_in_the_wheel() -> None:
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert not [name for name in targets["wheel"]["force-include"] if name.startswith("graph_data/corpus")]
    assert "graph_data" not in targets["wheel"]["force-include"]
    assert "graph_data" in targets["sdist"]["include"]
    assert not [name for name in targets["sdist"]["exclude"] if "corpus" in name]


# ---- its scorer ----


def test_its_scorer_reads_it_as_it_is() -> None:
    """Its own claims, handed back as a reading, score all there is to score: the scorer and the files fit together."""
    command = [str(Path(sys.executable).with_name("polemos")), "evaluate", str(CORPUS), "--json"]
    command += ["--extractor", f"recorded:{CORPUS}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["articles"], found["claims"], found["optional"]) == (296, 2408, 323)
    assert found["strict"]["precision"] == found["strict"]["recall"] == 1


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"polemos_corpus_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found
