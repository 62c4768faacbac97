"""The trained encoder: reads an article's windows and scores what each sentence claims and who in it plays which part.

In: an `ArticleView`. Out: `SentenceScores` for each of its sentences. The transformer runs in onnxruntime from an 8-bit
file, the small heads on top of it in numpy; nothing is fetched from anywhere. How it was trained and on what:
`docs/reference/model-card.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.extraction.model_files import inference, model_file, one_thread
from app.extraction.views import RETALIATES, TYPES, ArticleView, SentenceView
from app.extraction.windows import Window, windows
from app.vocabulary.records import Part

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Tokenizer

Floats = NDArray[np.float32]

HOWS = ("name", "adjective", "capital", "body", "person", "noun", "pronoun")
"""Ways of referring to an actor, by their number in the models; any other is the number after the last."""

SOURCE, TARGET = 0, 1
"""The two parts an actor can play, by their place in the score arrays."""

FILES = ("encoder.onnx", "heads.npz", "tokenizer.json")


@dataclass(slots=True)
class SentenceScores:
    """What the encoder thinks of one sentence; all are logits unless said otherwise.

    Attributes:
        types: One per claim type, shape (3,).
        modality: Probabilities of carried_out, threatened and called_for, should it be a retaliation, shape (3,).
        nobody: That no mention in sight is the source or target of a claim of the type, shape (3, 2).
        mentions: Sentence and number of each mention in sight.
        parts: That the mention is source or target of a claim of the type, shape (mentions, 3, 2).
    """

    types: Floats
    modality: Floats
    nobody: Floats
    mentions: list[tuple[int, int]] = field(default_factory=list)
    parts: Floats = field(default_factory=lambda: np.zeros((0, len(TYPES), 2), np.float32))


def distance(view: ArticleView, sentence: int, mention: int) -> int:
    """How far the sentence of a mention is from the sentence judged, as one of 11 classes."""
    here, there = view.sentences[sentence], view.sentences[mention]
    if sentence == mention:
        return 0
    if there.part == "title":
        return 1
    if here.part == "title":
        return 2
    gap = sentence - mention
    far = 3 if gap == 1 else 4 if gap == 2 else 5 if gap > 2 else 6
    return far + (4 if here.paragraph == there.paragraph else 0)


class Encoder:
    """A trained encoder and its heads; loading is its constructor's business, reading is stateless."""

    def __init__(self, session: onnxruntime.InferenceSession, heads: Mapping[str, Any], tokenizer: Tokenizer) -> None:
        self._session = session
        self._heads: dict[str, Floats] = {name: np.asarray(heads[name], np.float32) for name in heads}
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, folder: Path) -> Encoder:
        """Read the model's files.

        Raises:
            MissingPart: A file is not there; the message says which and how to get it.
        """
        from tokenizers import Tokenizer

        encoder, heads, pieces = FILES
        tokenizer = Tokenizer.from_file(str(model_file(folder, pieces)))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        with np.load(model_file(folder, heads)) as arrays:
            return cls(inference(folder, encoder), arrays, tokenizer)

    def read(
        self, view: ArticleView, first: Sequence[tuple[Part, int, int]] | None = None, least: float = 0.0
    ) -> dict[int, SentenceScores]:
        """The scores of each sentence, by its number in the view.

        Args:
            view: The article.
            first: Parts and offsets of passages whose windows are read before the others; None reads all.
            least: Where no sentence of those windows is this likely to make a claim, nothing else is read and
                nothing is found.
        """
        with one_thread():
            return self._read(view, first, least)

    def _read(
        self, view: ArticleView, first: Sequence[tuple[Part, int, int]] | None, least: float
    ) -> dict[int, SentenceScores]:
        found: dict[int, SentenceScores] = {}
        cut = list(windows(self._tokenizer, view))
        # One window at a time: padding a batch costs more than it gains, and results cannot depend on neighbours.
        states: dict[int, Floats] = {}
        if first is not None:
            asked = [k for k, one in enumerate(cut) if any(_touches(view.sentences[n], first) for n in one.judged)]
            states = {k: self._states(cut[k]) for k in asked}
            if not any(_chances(self._types(self._pooled(cut[k], own))).max() >= least for k, own in states.items()):
                return found
        for k, window in enumerate(cut):
            self._judge(view, window, states[k] if k in states else self._states(window), found)
        return found

    def _states(self, window: Window) -> Floats:
        length = len(window.ids)
        feeds = {
            "ids": np.asarray([window.ids], np.int64),
            "segments": np.asarray([window.segments], np.int64),
            "positions": np.arange(length, dtype=np.int64)[None],
        }
        (states,) = self._session.run(None, feeds)
        return np.asarray(states[0], np.float32)

    def _linear(self, name: str, values: Floats) -> Floats:
        return values @ self._heads[f"{name}.weight"].T + self._heads[f"{name}.bias"]

    def _pooled(self, window: Window, states: Floats) -> Floats:
        """What is made of each judged sentence for each claim type, shape (sentences, types, width)."""
        attention = self._linear("attention", states)
        pooled = []
        for number in window.judged:
            start, end = window.spans[number]
            end = max(end, start + 1)
            own = states[start:end]
            weights = _softmax(attention[start:end])
            mean = np.broadcast_to(own.mean(0), (len(TYPES), own.shape[1]))
            first = np.broadcast_to(states[0], mean.shape)
            pooled.append(np.concatenate([weights.T @ own, mean, first], axis=1))
        return _gelu(self._linear("sentence", np.stack(pooled)))

    def _types(self, read: Floats) -> Floats:
        return np.asarray((read * self._heads["type_weight"]).sum(-1) + self._heads["type_bias"], np.float32)

    def _judge(self, view: ArticleView, window: Window, states: Floats, found: dict[int, SentenceScores]) -> None:
        heads = self._heads
        if not window.judged:
            return
        read = self._pooled(window, states)
        types = self._types(read)
        modality = _softmax(self._linear("modality", read[:, RETALIATES]).T).T
        asked = self._linear("ask", read)
        kinds = np.broadcast_to(heads["kind.weight"], (len(read), *heads["kind.weight"].shape))
        nobody = self._two("nobody", np.concatenate([read, kinds], axis=-1))
        answers = (
            self._linear("mention", np.stack([states[places].mean(0) for _, _, places in window.mentions]))
            if window.mentions
            else np.zeros((0, asked.shape[-1]), np.float32)
        )
        who = [(sentence, mention) for sentence, mention, _ in window.mentions]
        parts = self._parts(view, window.judged, asked, answers, who)
        for row, number in enumerate(window.judged):
            found[number] = SentenceScores(types[row], modality[row], nobody[row], who, parts[row])

    def _parts(
        self, view: ArticleView, judged: Sequence[int], asked: Floats, answers: Floats, who: Sequence[tuple[int, int]]
    ) -> Floats:
        """Scores of every mention as source and target in every judged sentence, shape (judged, mentions, 3, 2).

        The first layer is one product with all that describes a mention and a sentence side by side. It is taken piece
        by piece here, so that what hangs on the mention alone, or on the sentence alone, is worked out once.
        """
        if not who:
            return np.zeros((len(judged), 0, len(TYPES), 2), np.float32)
        heads = self._heads
        width = answers.shape[1]
        tables = [heads[f"{name}.weight"] for name in ("distance", "how", "kind")]
        edges = np.cumsum([width, width, width, *(table.shape[1] for table in tables)])[:-1]
        of_mention, of_sentence, of_both, of_far, of_how, of_kind = np.split(heads["part.1.weight"].T, edges)
        far = np.array([[distance(view, number, sentence) for sentence, _ in who] for number in judged])
        how = np.array([_how(view.sentences[sentence].mentions[mention].ref.how) for sentence, mention in who])
        inner = (answers[None, None] * asked[:, :, None]) @ of_both
        inner += (answers @ of_mention + (tables[1] @ of_how)[how])[None, None]
        inner += (asked @ of_sentence + tables[2] @ of_kind + heads["part.1.bias"])[:, :, None]
        inner += (tables[0] @ of_far)[far][:, None]
        return np.asarray(
            self._linear("part.2", _gelu(inner.astype(np.float32, copy=False))).swapaxes(1, 2), np.float32
        )

    def _two(self, name: str, values: Floats) -> Floats:
        return self._linear(f"{name}.2", _gelu(self._linear(f"{name}.1", values)))


def chance(scores: SentenceScores) -> NDArray[np.float64]:
    """How likely a sentence makes a claim of each type, shape (3,)."""
    return _chances(scores.types)


def _chances(logits: Floats) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-logits.astype(float))))


def _touches(sentence: SentenceView, passages: Sequence[tuple[Part, int, int]]) -> bool:
    return any(part == sentence.part and start < sentence.end and sentence.start < end for part, start, end in passages)


def _how(how: str) -> int:
    return HOWS.index(how) if how in HOWS else len(HOWS)


def _softmax(values: Floats) -> Floats:
    """Over the first axis."""
    shifted = np.exp(values - values.max(0))
    return np.asarray(shifted / shifted.sum(0), np.float32)


def _gelu(values: Floats) -> Floats:
    """GELU in its tanh form (Hendrycks and Gimpel, 2016), as trained."""
    inner = np.float32(0.7978845608) * (values + np.float32(0.044715) * values * values * values)
    return np.asarray(0.5 * values * (1 + np.tanh(inner)), np.float32)
