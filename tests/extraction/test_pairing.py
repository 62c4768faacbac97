"""Features of who may be source and target: what they say of an article, and what they must not depend on."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from app.extraction.actors import Ref
from app.extraction.encoder import SentenceScores
from app.extraction.pairing import Table
from app.extraction.trees import LEAST_TYPE, drafts
from app.extraction.views import SYNTAX, ArticleView, MentionView, SentenceView
from app.vocabulary.terms import ActorKind

TITLE = "Ardania blames Beloria"
TEXT = "Ardania accused Beloria of a raid. Beloria denied it. He said so."
NAMES = {"Ardania": ActorKind.STATE, "Beloria": ActorKind.STATE}
SURE, NO = 4.0, -4.0


def _view(names: dict[str, str] | None = None) -> ArticleView:
    new = names or {name: name for name in NAMES}
    title, text = TITLE, TEXT
    for old, name in new.items():
        title, text = title.replace(old, name), text.replace(old, name)
    sentences = []
    for part, words, paragraph in [("title", title, -1)] + [("text", s + ".", 0) for s in text.rstrip(".").split(". ")]:
        whole = title if part == "title" else text
        start = whole.find(words)
        sentence = SentenceView(part, start, start + len(words), paragraph)  # type: ignore[arg-type]
        for name in new.values():
            at = whole.find(name, start, start + len(words))
            if at >= 0:
                sentence.mentions.append(_mention(part, at, at + len(name), name, "name"))
        if words.startswith("He"):
            sentence.mentions.append(_mention(part, start, start + 2, new["Beloria"], "pronoun"))
            sentence.anaphors = True
        sentence.mentions.sort(key=lambda mention: mention.ref.start)
        sentences.append(sentence)
    sentences[1].rules = [(0, new["Ardania"], new["Beloria"], 0.8)]
    return ArticleView(title, text, new["Ardania"], sentences)


def _mention(part: str, start: int, end: int, name: str, how: str) -> MentionView:
    ref = Ref(part, start, end, 0, name, name, ActorKind.STATE, ActorKind.STATE, None, how, 0.9)  # type: ignore[arg-type]
    return MentionView(ref, False, [1] * len(SYNTAX))


def _scores(view: ArticleView) -> dict[int, SentenceScores]:
    """An encoder that reads the article right: Ardania accuses in headline and first sentence, Beloria denies after."""
    found = {}
    for k, sentence in enumerate(view.sentences):
        kind = 0 if k < 2 else 1
        types = np.full(3, NO, np.float32)
        types[kind] = SURE
        seen = [(k, m) for m in range(len(sentence.mentions))] + ([(1, 0), (1, 1)] if k == 2 else [])
        parts = np.full((len(seen), 3, 2), NO, np.float32)
        for row, (s, m) in enumerate(seen):
            ardania = view.sentences[s].mentions[m].ref.actor == view.home
            parts[row, 0] = (SURE, NO) if ardania else (NO, SURE)
            parts[row, 1] = (NO, SURE) if ardania else (SURE, NO)
        nobody = np.full((3, 2), NO, np.float32)
        found[k] = SentenceScores(types, np.array([1, 0, 0], np.float32), nobody, seen, parts)
    return found


class Believer:
    """Trusts one column."""

    def __init__(self, column: int) -> None:
        self.column = column

    def chances(self, rows: np.ndarray) -> np.ndarray:
        return np.asarray(rows[:, self.column])


def test_types_are_chances_and_actors_stand_in_order_of_mention() -> None:
    table = Table(_view(), _scores(_view()))
    assert table.actors == ["Ardania", "Beloria"]
    assert table.types[0].round(3).tolist() == [0.982, 0.018, 0.018]


def test_rows_have_the_same_width_whoever_is_asked_about() -> None:
    table = Table(_view(), _scores(_view()))
    sources = table.sources(2, 1)
    assert sources.shape == (2, 89)
    rows, actors = table.targets(2, 1, 1)
    assert rows.shape == (2, 117)
    assert actors == [0, None]
    assert np.isfinite(rows).all()


def test_features_know_no_names() -> None:
    view, other = _view(), _view({"Ardania": "Cerinia", "Beloria": "Dovania"})
    one, two = Table(view, _scores(view)), Table(other, _scores(other))
    for k in range(4):
        for kind in range(3):
            assert np.array_equal(one.sources(k, kind), two.sources(k, kind))
            assert np.array_equal(one.targets(k, kind, 1)[0], two.targets(k, kind, 1)[0])


def test_a_denier_is_shown_who_accuses_it_elsewhere() -> None:
    table = Table(_view(), _scores(_view()))
    rows, actors = table.targets(2, 1, 1)
    accused_by = table.sources(2, 1).shape[1]  # where the columns of the pair begin: source accuses actor elsewhere
    of_ardania = rows[actors.index(0)]
    assert of_ardania[accused_by + 1] > 1.8  # headline and first sentence
    assert of_ardania[accused_by] < 0.1
    assert of_ardania[accused_by + 7] == pytest.approx(0.8)  # and the rules say so too


def test_the_open_target_is_a_row_of_its_own() -> None:
    table = Table(_view(), _scores(_view()))
    rows, actors = table.targets(1, 0, 0)
    assert actors[-1] is None
    assert rows[-1, -13] == 1
    assert (rows[:-1, -13] == 0).all()


def test_drafts_skip_what_no_sentence_says() -> None:
    view = _view()
    scores = _scores(view)
    found = drafts(Table(view, scores), Believer(40), Believer(40))
    assert {(draft.sentence, draft.type) for draft in found} == {(0, 0), (1, 0), (2, 1), (3, 1)}
    assert all(draft.source != draft.target for draft in found)
    assert 1 / (1 + np.exp(-NO)) < LEAST_TYPE
    quiet = {k: dataclasses.replace(s, types=np.full(3, NO, np.float32)) for k, s in scores.items()}
    assert drafts(Table(view, quiet), Believer(0), Believer(0)) == []


def test_the_mention_in_the_sentence_bears_witness() -> None:
    table = Table(_view(), _scores(_view()))
    assert table.mention(2, 1, 1, 0) == (2, 0)
    assert table.mention(2, 0, 1, 1) == (1, 0)
    assert table.mention(0, 1, 0, 1) == (0, 1)
    assert table.first(1) == (0, 1)


def test_an_article_that_names_nobody_has_no_drafts() -> None:
    view = ArticleView("", "It rained.", None, [SentenceView("text", 0, 10, 0)])
    scores = {0: SentenceScores(np.full(3, SURE, np.float32), np.zeros(3, np.float32), np.zeros((3, 2), np.float32))}
    assert drafts(Table(view, scores), Believer(0), Believer(0)) == []
