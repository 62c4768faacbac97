"""Every cue row's own example is found, as the row says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.extraction.lexicon import Lexicon
from app.extraction.rules import RulesExtractor
from app.vocabulary.errors import BadData
from app.vocabulary.records import Article

FOLDER = Path(__file__).resolve().parents[2] / "graph_data" / "lexicons"


def _rows() -> list[tuple[str, str, str]]:
    found = []
    for name in ("accuse", "deny", "retaliate"):
        with (FOLDER / f"{name}.tsv").open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            found += [(f"{name}/{row['cue']}", row["example"], row["finds"]) for row in rows]
    return found


@pytest.mark.model
@pytest.mark.parametrize(("cue", "example", "finds"), _rows(), ids=lambda value: value if "/" in value else "")
def test_example_of_each_cue(rules: RulesExtractor, cue: str, example: str, finds: str) -> None:
    kind, _, parties = finds.partition(" ")
    source, _, target = parties.partition(" >")
    (reading,) = rules.read([Article("", example, published="2026-03-04")])
    names = {mention.id: mention.name for mention in reading.mentions}
    found = {(str(c.type), names[c.source], names[c.target] if c.target is not None else "") for c in reading.claims}
    assert (kind, source, target.strip()) in found


def test_bad_row_names_its_file(tmp_path: Path) -> None:
    for name in FOLDER.glob("*.tsv"):
        (tmp_path / name.name).write_bytes(name.read_bytes())
    with (tmp_path / "deny.tsv").open("a", encoding="utf-8") as file:
        file.write("scorn\tsubject\tvery\tBeloria scorned it.\tdenies Beloria > \n")
    with pytest.raises(BadData, match=r"deny\.tsv.*scorn"):
        Lexicon(tmp_path)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("accuse.tsv", "  {cue} \tsubject\t0.5\tArdania accused it.\taccuses Ardania > \n"),
        ("threats.tsv", "{cue}\twords\tplain\tArdania may retaliate.\n"),
        ("speech.tsv", "{cue}\tsay\n"),
    ],
)
def test_a_second_row_of_one_cue_is_refused_and_both_lines_named(tmp_path: Path, name: str, row: str) -> None:
    for path in FOLDER.glob("*.tsv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
    cue = lines[2].split("\t")[0]
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write(row.format(cue=cue))
    with pytest.raises(BadData, match=rf"{name}, line {len(lines) + 1}: '{cue}' stands in line 3 already"):
        Lexicon(tmp_path)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("threats.tsv", "perhaps\twords\tloose\tArdania may retaliate.\n"),
        ("acknowledgements.tsv", "brag\tsubject\tboast\t0.5\tBeloria bragged.\tBeloria\n"),
    ],
)
def test_a_row_of_an_unknown_kind_names_its_file(tmp_path: Path, name: str, row: str) -> None:
    for path in FOLDER.glob("*.tsv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write(row)
    with pytest.raises(BadData, match=rf"{name}.*'{row.split()[0]}'"):
        Lexicon(tmp_path)
