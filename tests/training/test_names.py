"""Swapped names: every mention is found again under its new words, and the same actor is always the same other."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from app.extraction.actors import Ref
from app.extraction.views import ArticleView, MentionView, SentenceView
from app.training.names import Names, Swap
from app.vocabulary.names import Gazetteer, NamedActor
from app.vocabulary.terms import ActorKind

OTHERS = Names(
    [NamedActor("Cerinia", ActorKind.STATE, adjectives=("Cerinian",), capitals=("Cerapolis",))],
    [NamedActor("Free Coast Brigade", ActorKind.ARMED_GROUP, aliases=("Coast Brigade", "FCB"))],
)
TEXT = "Ardania said the Ardanian army and Ardville blamed RLF and the Red Lake Front , it said ."
KINDS = {"Red Lake Front": ActorKind.ARMED_GROUP, "Ardania": ActorKind.STATE}


def _tokenizer() -> Tokenizer:
    words = sorted({*TEXT.split(), "Cerinia", "Cerinian", "Cerapolis", "FCB", "Free", "Coast", "Brigade"})
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(["[UNK]", *words])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    return tokenizer


def _sentence() -> tuple[ArticleView, SentenceView]:
    sentence = SentenceView("text", 0, len(TEXT), 0)
    for words, actor, how, kind in (
        ("Ardania", "Ardania", "name", ActorKind.STATE),
        ("Ardanian", "Ardania", "adjective", ActorKind.STATE),
        ("Ardanian army", "Ardania", "body", ActorKind.ARMED_FORCE),
        ("Ardville", "Ardania", "capital", ActorKind.STATE),
        ("RLF", "Red Lake Front", "name", ActorKind.ARMED_GROUP),
        ("Red Lake Front", "Red Lake Front", "name", ActorKind.ARMED_GROUP),
        ("it", "Ardania", "pronoun", ActorKind.STATE),
    ):
        at = TEXT.index(words + " ")
        ref = Ref("text", at, at + len(words), 0, words, actor, kind, KINDS[actor], None, how)
        sentence.mentions.append(MentionView(ref, False, []))
    return ArticleView("", TEXT, None, [sentence]), sentence


def test_every_form_is_swapped_for_its_like_and_found_again() -> None:
    view, sentence = _sentence()
    tokenizer = _tokenizer()
    ids, places = Swap(OTHERS, random.Random(1), 1.0).encode(tokenizer, view, sentence)
    words = [tokenizer.id_to_token(number) or "" for number in ids]
    assert " ".join(words) == (
        "Cerinia said the Cerinian army and Cerapolis blamed FCB and the Free Coast Brigade , it said ."
    )
    assert [" ".join(words[p] for p in place) for place in places] == [
        "Cerinia", "Cerinian", "Cerinian army", "Cerapolis", "FCB", "Free Coast Brigade", "it",
    ]  # fmt: skip


def test_a_share_of_none_changes_nothing() -> None:
    view, sentence = _sentence()
    tokenizer = _tokenizer()
    ids, places = Swap(OTHERS, random.Random(1), 0.0).encode(tokenizer, view, sentence)
    assert " ".join(tokenizer.id_to_token(number) or "" for number in ids) == TEXT
    assert all(places)


@settings(max_examples=30)
@given(st.integers(0, 1000), st.floats(0, 1))
def test_no_mention_is_lost(seed: int, share: float) -> None:
    view, sentence = _sentence()
    _, places = Swap(OTHERS, random.Random(seed), share).encode(_tokenizer(), view, sentence)
    assert all(places)


def test_what_makes_the_others_is_the_gazetteer(gazetteer: Gazetteer) -> None:
    names = Names.of(gazetteer)
    assert "Ardania" in [state.name for state in names.states]
    assert all(state.adjectives and state.capitals for state in names.states)
    assert {group.kind for group in names.groups} <= {ActorKind.ARMED_GROUP, ActorKind.POLITICAL_GROUP}
