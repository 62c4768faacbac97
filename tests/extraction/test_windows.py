"""Windows: every sentence judged once, every mention where its word pieces are, whatever the sizes."""

from __future__ import annotations

import random

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from app.extraction.actors import Ref
from app.extraction.views import ArticleView, MentionView, SentenceView
from app.extraction.windows import BODY, CONTEXT, LONGEST, windows
from app.vocabulary.errors import MissingPart
from app.vocabulary.records import Part
from app.vocabulary.terms import ActorKind

WORDS = "ardania accused beloria of shelling kesh and it denied everything . said on monday the army".split()


def _tokenizer(*extra: str) -> Tokenizer:
    vocabulary = {word: number for number, word in enumerate(["[UNK]", *extra, *WORDS])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    return tokenizer


def _article(lengths: list[int], draw: random.Random, title: int = 5) -> ArticleView:
    """An article of sentences of so many words, in each of which every fourth word is a mention."""
    parts: dict[Part, str] = {"title": "", "text": ""}
    sentences: list[SentenceView] = []
    headline: list[tuple[Part, int]] = [("title", title)]
    body: list[tuple[Part, int]] = [("text", length) for length in lengths]
    for part, length in headline + body:
        start = len(parts[part])
        sentence = SentenceView(part, start, start, len(sentences))
        for number in range(length):
            word = draw.choice(WORDS)
            at = len(parts[part])
            parts[part] += word + " "
            if number % 4 == 0:
                end = at + len(word)
                names = (word, word, ActorKind.STATE, ActorKind.STATE, None)
                sentence.mentions.append(MentionView(Ref(part, at, end, number, *names, "name"), False, [0] * 17))
        sentence.end = len(parts[part]) - 1 if length else start
        sentences.append(sentence)
    return ArticleView(parts["title"], parts["text"], None, sentences)


@pytest.mark.parametrize("seed", range(12))
def test_each_sentence_is_judged_once_and_mentions_are_where_they_say(seed: int) -> None:
    draw = random.Random(seed)
    tokenizer = _tokenizer("[CLS]", "[SEP]")
    view = _article([draw.choice([1, 7, 30, 90, 200]) for _ in range(draw.randint(0, 14))], draw)
    judged: list[int] = []
    for window in windows(tokenizer, view):
        judged += window.judged
        assert len(window.ids) == len(window.segments) <= 2 + 1 + 28 + CONTEXT + max(BODY, LONGEST)
        for number in window.judged:
            start, end = window.spans[number]
            shown = [tokenizer.id_to_token(i) for i in window.ids[start:end]]
            sentence = view.sentences[number]
            words = view.words(sentence)[sentence.start : sentence.end].split()
            assert shown == words[: 28 if sentence.part == "title" else LONGEST]
        for number, mention, places in window.mentions:
            ref = view.sentences[number].mentions[mention].ref
            assert [tokenizer.id_to_token(window.ids[place]) for place in places] == [ref.named]
    assert sorted(judged) == list(range(len(view.sentences)))


def test_what_stands_before_is_shown_but_not_judged() -> None:
    view = _article([20] * 20, random.Random(3))
    second = list(windows(_tokenizer("[CLS]", "[SEP]"), view))[1]
    context = [number for number in second.spans if number not in second.judged and number != 0]
    assert context == list(range(second.judged[0] - len(context), second.judged[0]))
    assert 0 < sum(second.spans[n][1] - second.spans[n][0] for n in context) <= CONTEXT


def test_of_a_long_sentence_before_the_end_is_shown() -> None:
    view = _article([100, 60, 100], random.Random(4))
    tokenizer = _tokenizer("[CLS]", "[SEP]")
    window = list(windows(tokenizer, view))[1]
    start, end = window.spans[1]
    last = view.text[: view.sentences[1].end].split()[-CONTEXT:]
    assert [tokenizer.id_to_token(i) for i in window.ids[start:end]] == last


def test_a_tokenizer_of_another_kind_is_refused() -> None:
    with pytest.raises(MissingPart, match=r"the tokenizer has no \[CLS\]"):
        list(windows(_tokenizer(), _article([3], random.Random(1))))
