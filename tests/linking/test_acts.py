"""Which words name one act, and which acts are akin."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.linking.acts import Acts, Kinship
from app.vocabulary.errors import BadData

FOLDER = Path(__file__).resolve().parents[2] / "graph_data" / "lexicons"


@pytest.fixture(scope="module")
def acts() -> Acts:
    return Acts.load(FOLDER / "acts.tsv")


@pytest.mark.parametrize(
    ("ours", "theirs", "kinship"),
    [
        ("bombing of a ferry", "ferry blast", Kinship.SAME),
        ("car bomb", "explosion at a market", Kinship.SAME),
        ("shelling", "artillery fire", Kinship.SAME),
        ("mortar fire", "rocket strikes", Kinship.SAME),
        ("expulsion of diplomats", "expelled the attaché", Kinship.SAME),
        ("hacking of a bank", "cyber-attack", Kinship.SAME),
        ("boarding of a trawler", "seizure of a boat", Kinship.SAME),
        ("ceasefire violations", "breach of truce", Kinship.SAME),
        ("trucks rammed a post", "ramming", Kinship.SAME),
        ("shooting of shepherds", "killing of two men", Kinship.AKIN),
        ("cyber-attack", "attack on a power station", Kinship.AKIN),
        ("sanctions", "import ban", Kinship.AKIN),
        ("expulsion of diplomats", "air strike", Kinship.OTHER),
        ("tariffs", "killing", Kinship.OTHER),
        ("crime", "bombing", Kinship.UNKNOWN),
        ("", "", Kinship.UNKNOWN),
    ],
)
def test_two_types_of_incident(acts: Acts, ours: str, theirs: str, kinship: Kinship) -> None:
    assert acts.kinship(acts.named(ours), acts.named(theirs)) is kinship
    assert acts.kinship(acts.named(theirs), acts.named(ours)) is kinship


def test_the_longest_phrase_counts_and_the_rest_is_kept(acts: Acts) -> None:
    act, rest = acts.divided("Air strike on a gold mine")
    assert (acts.words(act), rest) == ("bombardment", ["on", "a", "gold", "mine"])


@pytest.mark.parametrize("word", ["sanctioned goods", "killed", "robbing", "torched"])
def test_inflected_words(acts: Acts, word: str) -> None:
    assert acts.named(word)


def test_every_type_the_rules_give_is_an_act_or_too_general(acts: Acts) -> None:
    with (FOLDER / "incidents.tsv").open(encoding="utf-8", newline="") as lines:
        types = {row["type"] for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}
    unnamed = {type_ for type_ in types if not acts.named(type_)}
    assert unnamed <= {"aggression", "breach", "crime", "provocation", "violation"}


@pytest.mark.parametrize(
    "rows", ["word\tact\tkin\nbomb\tbombing\n", "word\tact\tkin\nbomb\tb\tf\nbomb\tb\tf\n", "word\tact\nbomb\tb\n"]
)
def test_a_bad_row_is_named(tmp_path: Path, rows: str) -> None:
    path = tmp_path / "acts.tsv"
    path.write_text(rows, encoding="utf-8")
    with pytest.raises(BadData, match=r"acts\.tsv, line"):
        Acts.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"acts\.tsv cannot be read"):
        Acts.load(tmp_path / "acts.tsv")
