"""What is remembered of single words changes nothing: every attribute and number is that of the pipeline as it came."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.extraction import language, remembering

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

SAMPLES = Path(__file__).resolve().parents[2] / "graph_data" / "articles"
ATTRIBUTES: list[int | str] = [
    *"ORTH NORM TAG POS MORPH LEMMA DEP HEAD SENT_START ENT_IOB ENT_TYPE SPACY".split(),
]
ODD = (
    "There's no bread. There are two loaves, and it ain't so.\n\nLet's go; y'all gotta see it. You'd better. “I'm "
    "gonna,” he said—but I  had. C'mon!   \n It did. Do it, as they do. But me no buts: nothing but the truth. He'd "
    "gone. It's it."
)
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def texts() -> list[str]:
    bodies = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(SAMPLES.glob("*.json"))]
    assert len(bodies) > 20
    return [ODD, "", "One", *(body["text"] for body in bodies)]


def _loaded() -> Language:
    """The pipeline, made anew and shared with no other test."""
    language.pipeline()
    return language.load_model.__wrapped__()


@pytest.fixture(scope="module")
def plain() -> Language:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "remember", lambda _: None)
        return _loaded()


def _are_the_same(one: Doc, other: Doc) -> None:
    assert one.text == other.text
    differ = one.to_array(ATTRIBUTES) != other.to_array(ATTRIBUTES)
    assert not differ.any(), [(one[int(at)], ATTRIBUTES[int(what)]) for at, what in np.argwhere(differ)]
    assert np.asarray(one.tensor).tobytes() == np.asarray(other.tensor).tobytes()


def _hold_together(plain: Language, other: Language, texts: list[str]) -> None:
    for one, two in zip(plain.pipe(texts, batch_size=7), other.pipe(texts, batch_size=24), strict=True):
        _are_the_same(one, two)


def test_nothing_changes_when_words_are_met_and_met_again(plain: Language, texts: list[str]) -> None:
    nlp = _loaded()
    assert remembering.FORMS in nlp.pipe_names
    assert not {remembering.FORMS} & set(plain.pipe_names)
    for _ in range(2):
        _hold_together(plain, nlp, texts)


@pytest.mark.parametrize("most", [3, 400])
def test_nothing_changes_when_a_table_is_full(
    plain: Language, texts: list[str], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(remembering, "MOST_WORDS", most)
    _hold_together(plain, _loaded(), texts[:5])


def test_nothing_changes_when_threads_read_side_by_side(plain: Language, texts: list[str]) -> None:
    nlp = _loaded()
    with ThreadPoolExecutor(4) as pool:
        for one, two in zip(plain.pipe(texts), pool.map(nlp, texts), strict=True):
            _are_the_same(one, two)


def test_parts_of_other_kinds_are_left_alone() -> None:
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    remembering.remember(nlp)
    assert nlp.pipe_names == ["sentencizer"]
    assert remembering.parts_of(nlp).keys() == {"sentencizer"}


def test_the_parts_that_a_memory_stands_for_can_be_asked_for(plain: Language) -> None:
    ours, theirs = remembering.parts_of(_loaded()), remembering.parts_of(plain)
    assert ours.keys() == theirs.keys()
    assert type(ours["lemmatizer"]) is type(theirs["lemmatizer"])
