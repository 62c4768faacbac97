"""An article cut into windows of word pieces that the encoder reads, each sentence once, with what stands before it.

In: an `ArticleView` and a tokenizer. Out: `Window`s: the headline, some sentences for context, then the sentences to be
judged. Reading several sentences in one pass costs a quarter of reading each with its own context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tokenizers import Tokenizer

from app.extraction.views import ArticleView, SentenceView
from app.vocabulary.errors import MissingPart

CONTEXT = 64
"""Word pieces of earlier sentences shown before those to be judged."""

BODY = 150
"""Word pieces of sentences to be judged in one window; a longer sentence stands alone."""

TITLE = 28
LONGEST = 110
"""Word pieces of a headline and of a sentence that are read; what is beyond is not seen by the encoder."""

_START, _END = "[CLS]", "[SEP]"

Encoded = tuple[list[int], list[list[int]]]
"""The word pieces of a sentence, and for each of its mentions the places of its pieces among them."""


@dataclass(slots=True)
class Window:
    """What the encoder reads at once.

    Attributes:
        ids: Word pieces by number in the vocabulary.
        segments: 0 for the headline, 1 for the body.
        spans: Where each shown sentence stands, by its number in the article.
        mentions: Sentence, mention in it, and places of its word pieces in the window.
        judged: The sentences that this window is to judge.
    """

    ids: list[int]
    segments: list[int]
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    mentions: list[tuple[int, int, list[int]]] = field(default_factory=list)
    judged: list[int] = field(default_factory=list)


def encode_sentence(tokenizer: Tokenizer, view: ArticleView, sentence: SentenceView) -> Encoded:
    """The word pieces of a sentence as it stands, and where its mentions are among them."""
    text = view.words(sentence)[sentence.start : sentence.end]
    places = [(m.ref.start - sentence.start, m.ref.end - sentence.start) for m in sentence.mentions]
    return encode_text(tokenizer, text, places, TITLE if sentence.part == "title" else LONGEST)


def encode_text(tokenizer: Tokenizer, text: str, places: list[tuple[int, int]], limit: int) -> Encoded:
    """The first `limit` word pieces of a text, and which of them each place (in characters) covers."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    offsets = encoding.offsets[:limit]
    covered = [[i for i, (a, b) in enumerate(offsets) if a < end and b > start] for start, end in places]
    return encoding.ids[:limit], covered


def windows(
    tokenizer: Tokenizer,
    view: ArticleView,
    *,
    encode: Callable[[ArticleView, SentenceView], Encoded] | None = None,
    size: Callable[[], int] = lambda: BODY,
) -> Iterator[Window]:
    """The windows of an article, in order; each of its sentences is judged in exactly one.

    `encode` and `size` replace how a sentence is turned into word pieces and how many a window holds: training varies
    both.
    """
    encoded = [
        encode(view, sentence) if encode is not None else encode_sentence(tokenizer, view, sentence)
        for sentence in view.sentences
    ]
    titles = [k for k, sentence in enumerate(view.sentences) if sentence.part == "title"]
    body = [k for k, sentence in enumerate(view.sentences) if sentence.part == "text"]
    start, end = _number(tokenizer, _START), _number(tokenizer, _END)
    at = 0
    first = True
    while first or at < len(body):
        room = size()
        context = _context(body[:at], encoded)
        judged: list[int] = []
        held = 0
        while at < len(body) and (not judged or held + len(encoded[body[at]][0]) <= room):
            judged.append(body[at])
            held += len(encoded[body[at]][0])
            at += 1
        window = Window([start], [0])
        for k in titles:
            _put(window, k, encoded[k], 0)
        window.ids.append(end)
        window.segments.append(0)
        for k in context:
            _put(window, k, encoded[k], 1, CONTEXT)
        for k in judged:
            _put(window, k, encoded[k], 1)
        window.ids.append(end)
        window.segments.append(1)
        window.judged = (titles if first else []) + judged
        first = False
        yield window


def _number(tokenizer: Tokenizer, piece: str) -> int:
    number = tokenizer.token_to_id(piece)
    if number is None:
        raise MissingPart(f"the tokenizer has no {piece}: it is not the one the model was trained with")
    return number


def _context(before: list[int], encoded: list[Encoded]) -> list[int]:
    """The last sentences that fit; of a longer one, its end."""
    shown: list[int] = []
    held = 0
    for k in reversed(before):
        held += len(encoded[k][0])
        if held > CONTEXT:
            break
        shown.insert(0, k)
    return shown or before[-1:]


def _put(window: Window, number: int, encoded: Encoded, segment: int, limit: int | None = None) -> None:
    ids, mentions = encoded
    cut = max(0, len(ids) - limit) if limit is not None else 0
    shift = len(window.ids) - cut
    for mention, places in enumerate(mentions):
        kept = [shift + place for place in places if place >= cut]
        if kept:
            window.mentions.append((number, mention, kept))
    window.spans[number] = (len(window.ids), len(window.ids) + len(ids) - cut)
    window.ids += ids[cut:]
    window.segments += [segment] * (len(ids) - cut)
