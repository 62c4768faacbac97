"""The network that is trained: a small BERT encoder (MiniLM-L6) and heads for types, modality and the parts of actors.

In: `Window`s of an article. Out: per judged sentence the logits that `app.extraction.encoder` computes at run time from
the same weights, each piece under the same name. BERT: Devlin et al., 2019; MiniLM: Wang et al., 2020.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from app.extraction.encoder import HOWS, distance
from app.extraction.views import RETALIATES, TYPES, ArticleView
from app.extraction.windows import Window

WIDTH = 160
"""Width of the heads."""

DROPOUT = 0.1


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a BERT encoder, from its `config.json`."""

    vocabulary: int
    positions: int
    width: int
    layers: int
    heads: int
    inner: int

    @classmethod
    def read(cls, folder: Path) -> Shape:
        """The sizes of the encoder in a folder."""
        body = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return cls(
            body["vocab_size"],
            body["max_position_embeddings"],
            body["hidden_size"],
            body["num_hidden_layers"],
            body["num_attention_heads"],
            body["intermediate_size"],
        )


class Layer(nn.Module):
    """One transformer layer, normalised after each of its two parts as in the original BERT."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.first_norm, self.second_norm = (nn.LayerNorm(width, eps=1e-12) for _ in range(2))
        self.inner, self.outer = nn.Linear(width, shape.inner), nn.Linear(shape.inner, width)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """States (batch, length, width) under a mask (batch, 1, 1, length) of what is text."""
        batch, length, width = states.shape
        query, key, value = (
            part(states).view(batch, length, self.heads, width // self.heads).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        drop = DROPOUT if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=drop)
        mixed = mixed.transpose(1, 2).reshape(batch, length, width)
        states = self.first_norm(states + self.drop(self.out(mixed)))
        return self.second_norm(states + self.drop(self.outer(functional.gelu(self.inner(states)))))


class Bert(nn.Module):
    """The encoder; `load` fills it from a checkpoint in the usual names."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.words = nn.Embedding(shape.vocabulary, shape.width)
        self.positions = nn.Embedding(shape.positions, shape.width)
        self.segments = nn.Embedding(2, shape.width)
        self.norm = nn.LayerNorm(shape.width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, ids: Tensor, segments: Tensor, mask: Tensor) -> Tensor:
        """Hidden states of the last layer, shape (batch, length, width)."""
        positions = torch.arange(ids.shape[1])[None]
        states = self.drop(self.norm(self.words(ids) + self.positions(positions) + self.segments(segments)))
        for layer in self.layers:
            states = layer(states, mask[:, None, None, :])
        return states

    @torch.no_grad()
    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Take the weights of a BERT checkpoint."""

        def copy(module: nn.Module, name: str) -> None:
            for part in ("weight", "bias"):
                own = getattr(module, part, None)
                if own is not None:
                    own.copy_(weights[f"{name}.{part}"])

        copy(self.words, "embeddings.word_embeddings")
        copy(self.positions, "embeddings.position_embeddings")
        copy(self.segments, "embeddings.token_type_embeddings")
        copy(self.norm, "embeddings.LayerNorm")
        for number, layer in enumerate(self.layers):
            assert isinstance(layer, Layer)
            for module, name in (
                (layer.query, "attention.self.query"),
                (layer.key, "attention.self.key"),
                (layer.value, "attention.self.value"),
                (layer.out, "attention.output.dense"),
                (layer.first_norm, "attention.output.LayerNorm"),
                (layer.inner, "intermediate.dense"),
                (layer.outer, "output.dense"),
                (layer.second_norm, "output.LayerNorm"),
            ):
                copy(module, f"encoder.layer.{number}.{name}")


@dataclass(slots=True)
class Judged:
    """What the network says of the judged sentences of a batch of windows.

    Attributes:
        sentences: Window in the batch and sentence of each row.
        types: Logits, shape (rows, 3). `modality`: logits, shape (rows, 3). `nobody`: logits, shape (rows, 3, 2).
        mentions: For each row, sentence and mention of each mention in sight.
        parts: For each row, the logits of those mentions, shape (mentions, 3, 2).
    """

    sentences: list[tuple[int, int]]
    types: Tensor
    modality: Tensor
    nobody: Tensor
    mentions: list[list[tuple[int, int]]]
    parts: list[Tensor]


def _two(wide: int, inner: int, dropout: float = 0.0) -> nn.ModuleDict:
    return nn.ModuleDict({"1": nn.Linear(wide, inner), "drop": nn.Dropout(dropout), "2": nn.Linear(inner, 2)})


class Reader(nn.Module):
    """Encoder and heads. The heads' parameters bear the names that `heads.npz` keeps them under."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        kinds = len(TYPES)
        self.bert = Bert(shape)
        self.attention = nn.Linear(shape.width, kinds)
        self.sentence = nn.Linear(3 * shape.width, WIDTH)
        self.type_weight = nn.Parameter(torch.randn(kinds, WIDTH) * 0.05)
        self.type_bias = nn.Parameter(torch.full((kinds,), -1.5))
        self.modality = nn.Linear(WIDTH, 3)
        self.mention = nn.Linear(shape.width, WIDTH)
        self.ask = nn.Linear(WIDTH, WIDTH)
        self.distance = nn.Embedding(12, 32)
        self.how = nn.Embedding(len(HOWS) + 1, 16)
        self.kind = nn.Embedding(kinds, 32)
        self.part = _two(3 * WIDTH + 32 + 16 + 32, 192, 0.15)
        self.nobody = _two(WIDTH + 32, 64)
        self.drop = nn.Dropout(DROPOUT)

    def heads(self) -> dict[str, Tensor]:
        """The parameters of everything but the encoder."""
        return {name: value for name, value in self.state_dict().items() if not name.startswith("bert.")}

    def _two(self, head: nn.ModuleDict, values: Tensor) -> Tensor:
        return head["2"](head["drop"](functional.gelu(head["1"](values), approximate="tanh")))

    def forward(self, views: Sequence[ArticleView], windows: Sequence[Window]) -> Judged:
        """Judge the sentences of some windows, each with the article it is of."""
        length = max(len(window.ids) for window in windows)
        ids, segments = (torch.zeros(len(windows), length, dtype=torch.long) for _ in range(2))
        mask = torch.zeros(len(windows), length, dtype=torch.bool)
        for row, window in enumerate(windows):
            held = len(window.ids)
            ids[row, :held] = torch.tensor(window.ids)
            segments[row, :held] = torch.tensor(window.segments)
            mask[row, :held] = True
        states = self.drop(self.bert(ids, segments, mask))
        attention = self.attention(states)
        sentences = [(row, number) for row, window in enumerate(windows) for number in window.judged]
        pooled = []
        for row, number in sentences:
            start, end = windows[row].spans[number]
            end = max(end, start + 1)
            own = states[row, start:end]
            focus = attention[row, start:end].softmax(0).t() @ own
            rest = torch.cat([own.mean(0), states[row, 0]])
            pooled.append(torch.cat([focus, rest.expand(len(TYPES), -1)], -1))
        read = functional.gelu(self.sentence(torch.stack(pooled)), approximate="tanh")
        types = (self.drop(read) * self.type_weight).sum(-1) + self.type_bias
        kinds = self.kind.weight[None].expand(len(read), -1, -1)
        nobody = self._two(self.nobody, torch.cat([read, kinds], -1))
        asked = self.ask(self.drop(read))
        mentions, parts = self._parts(views, windows, states, sentences, asked)
        return Judged(sentences, types, self.modality(read[:, RETALIATES]), nobody, mentions, parts)

    def _parts(
        self,
        views: Sequence[ArticleView],
        windows: Sequence[Window],
        states: Tensor,
        sentences: list[tuple[int, int]],
        asked: Tensor,
    ) -> tuple[list[list[tuple[int, int]]], list[Tensor]]:
        """Score every mention in sight of every judged sentence, all in one pass through the head."""
        first: list[int] = []
        pooled: list[Tensor] = []
        for row, window in enumerate(windows):
            first.append(len(pooled))
            pooled += [states[row, places].mean(0) for _, _, places in window.mentions]
        mentions = [[(s, m) for s, m, _ in windows[row].mentions] for row, _ in sentences]
        if not pooled:
            return mentions, [torch.zeros(0, len(TYPES), 2) for _ in sentences]
        answers = self.mention(torch.stack(pooled))
        who: list[int] = []
        by: list[int] = []
        far: list[int] = []
        how: list[int] = []
        for place, (row, number) in enumerate(sentences):
            for offset, (sentence, mention) in enumerate(mentions[place]):
                who.append(first[row] + offset)
                by.append(place)
                far.append(distance(views[row], number, sentence))
                word = views[row].sentences[sentence].mentions[mention].ref.how
                how.append(HOWS.index(word) if word in HOWS else len(HOWS))
        if not who:
            return mentions, [torch.zeros(0, len(TYPES), 2) for _ in sentences]
        answer, places = answers[torch.tensor(who)], torch.tensor(by)
        distances, ways = self.distance(torch.tensor(far)), self.how(torch.tensor(how))
        scores = []
        for kind in range(len(TYPES)):
            ask = asked[places, kind]
            type_ = self.kind.weight[kind][None].expand(len(who), -1)
            scores.append(self._two(self.part, torch.cat([answer, ask, answer * ask, distances, ways, type_], -1)))
        return mentions, list(torch.stack(scores, 1).split([len(row) for row in mentions]))
