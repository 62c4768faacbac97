from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.evaluation import AnnotatedArticle, read_annotated, stated
from app.extraction.recorded import RecordedExtractor
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Article

if TYPE_CHECKING:
    from tests.evaluation.conftest import Coder


def write(folder: Path, name: str, coder: Coder, **fields: object) -> Path:
    path = folder / f"{name}.json"
    body = {"id": name, "title": coder.title, "text": coder.text, "published": "2031-05-04", "claims": coder.wanted}
    path.write_text(json.dumps({**body, **fields}), encoding="utf-8")
    return path


def test_a_folder_of_annotations_is_read_in_order(tmp_path: Path, coder: Coder) -> None:
    write(tmp_path, "train-a02-two", coder)
    write(tmp_path, "dev-01-one", coder, claims=[])
    (tmp_path / "stories.json").write_text('{"stories": []}', encoding="utf-8")
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    (tmp_path / "README.md").write_text("words", encoding="utf-8")
    one, two = read_annotated(tmp_path)
    assert (one.file, one.set, one.held_out, one.claims) == ("dev-01-one", "dev", True, ())
    assert (two.file, two.set, two.held_out, len(two.claims)) == ("train-a02-two", "train-a", False, 8)
    assert two.article.published == "2031-05-04"
    assert [found.file for found in read_annotated(tmp_path, "dev-*")] == ["dev-01-one"]
    assert [found.file for found in read_annotated(tmp_path, "dev-01-one.json")] == ["dev-01-one"]


@pytest.mark.parametrize(
    ("file", "set_"),
    [
        ("dev-01-port", "dev"),
        ("train-c04b-grid", "train-c"),
        ("seed-kremlin", "seed"),
        ("seed", "seed"),
        ("2031", "2031"),
    ],
)
def test_the_set_is_told_by_the_name(file: str, set_: str) -> None:
    assert AnnotatedArticle(file, file, Article("", "Words."), ()).set == set_


def test_an_article_without_an_id_goes_by_its_file(tmp_path: Path, coder: Coder) -> None:
    write(tmp_path, "one", coder, id=None)
    assert read_annotated(tmp_path)[0].id == "one"


@pytest.mark.parametrize(
    ("fields", "reason", "told"),
    [
        ({"text": None}, "bad_field", "the field text must be a string"),
        ({"title": 4}, "bad_field", "the field title must be a string"),
        ({"claims": [{"id": "c1"}]}, "bad_field", "missing required field `type`"),
        ({"claims": ["c1"]}, "bad_field", "$[0]"),
        ({"published": "2031-02-30"}, "bad_date", "day is out of range"),
    ],
)
def test_a_spoilt_file_is_named(
    tmp_path: Path, coder: Coder, fields: dict[str, object], reason: str, told: str
) -> None:
    path = write(tmp_path, "one", coder, **fields)
    with pytest.raises(BadInput) as why:
        read_annotated(tmp_path)
    assert why.value.reason == reason
    assert str(path) in str(why.value)
    assert told in str(why.value)


def test_a_quote_that_stands_nowhere_could_never_be_found(tmp_path: Path, coder: Coder) -> None:
    write(tmp_path, "one", coder, claims=[{**coder.wanted[0], "evidence": "Ardania thanked Beloria"}])
    with pytest.raises(BadInput, match="the evidence of claim 'c1' stands nowhere in it"):
        read_annotated(tmp_path)


def test_two_files_may_not_annotate_one_article(tmp_path: Path, coder: Coder) -> None:
    write(tmp_path, "one", coder)
    write(tmp_path, "two", coder, id="one")
    with pytest.raises(BadInput, match=r"annotates 'one', as one\.json does"):
        read_annotated(tmp_path)


def test_bad_json_and_empty_folders_are_told(tmp_path: Path, coder: Coder) -> None:
    with pytest.raises(BadInput, match="is no folder"):
        read_annotated(tmp_path / "nowhere")
    with pytest.raises(BadInput, match=r"holds no annotated article: a \.json file"):
        read_annotated(tmp_path)
    write(tmp_path, "one", coder)
    with pytest.raises(BadInput, match="no annotated article that fits 'two'"):
        read_annotated(tmp_path, "two")
    (tmp_path / "two.json").write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match=r"two\.json is not JSON"):
        read_annotated(tmp_path)


def test_a_reading_is_stated_with_its_cues(tmp_path: Path, coder: Coder) -> None:
    write(tmp_path, "one", coder)
    (one,) = read_annotated(tmp_path)
    (reading,) = RecordedExtractor.from_folder(tmp_path).read([one.article])
    claims = stated(one.article, reading)
    assert len(claims) == 8
    assert {claim["cue"] for claim in claims} == {"recorded"}
    assert {claim["confidence"] for claim in claims} == {0.5, 1.0}
