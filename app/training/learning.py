"""Training of the network, and its judgement of articles it has not seen.

In: examples. Out: a trained `Reader`, and scores as the product's encoder gives them. The loss of the parts is the
marginal likelihood of all mentions of the right actor in sight, so that no single mention need be marked.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from app.evaluation.names import same_spelling
from app.extraction.encoder import SentenceScores
from app.extraction.views import RETALIATES, TYPES
from app.extraction.windows import BODY, Window, windows
from app.training.examples import Example
from app.training.names import Names, Swap
from app.training.network import Judged, Reader, Shape

MODALITIES = ("carried_out", "threatened", "called_for")
"""Order of the modality head."""

BATCH = 8
ENCODER_RATE, HEAD_RATE = 6e-5, 8e-4
SWAPPED = 0.5
SMALLEST = 60
"""Windows of training hold between this many word pieces and `BODY`, drawn anew each time."""


@dataclass(frozen=True, slots=True)
class Base:
    """The pretrained encoder to start from."""

    folder: Path
    tokenizer: Tokenizer

    @classmethod
    def open(cls, folder: Path) -> Base:
        """The encoder in a folder that holds config.json, model.safetensors and tokenizer.json."""
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return cls(folder, tokenizer)

    def reader(self) -> Reader:
        """A fresh network with its weights."""
        reader = Reader(Shape.read(self.folder))
        weights = load_file(self.folder / "model.safetensors")
        reader.bert.load({name.removeprefix("bert."): value for name, value in weights.items()})
        return reader


def train(
    base: Base,
    examples: Sequence[Example],
    names: Names,
    *,
    epochs: float,
    seed: int,
    report: Callable[[str], None] = print,
) -> Reader:
    """A network trained on some examples; the same examples, seed and versions give the same weights."""
    torch.manual_seed(seed)
    draw = random.Random(seed)
    reader = base.reader()
    encoder = [p for name, p in reader.named_parameters() if name.startswith("bert.")]
    heads = [p for name, p in reader.named_parameters() if not name.startswith("bert.")]
    groups = [{"params": encoder, "lr": ENCODER_RATE}, {"params": heads, "lr": HEAD_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = int(math.ceil(len(_windows(base, examples, names, draw, 0.0)) / BATCH) * epochs)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / (0.08 * steps)) * max(0.02, 1 - step / steps)
    )
    done, smooth, began = 0, 0.0, time.monotonic()
    reader.train()
    while done < steps:
        for batch in _batches(_windows(base, examples, names, draw, SWAPPED), draw):
            loss = _loss(reader, batch)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            done += 1
            smooth = 0.97 * smooth + 0.03 * loss.item()
            if done % 50 == 0:
                mean = smooth / (1 - 0.97**done)
                report(f"step {done} of {steps}, loss {mean:.3f}, {time.monotonic() - began:.0f} s")
            if done >= steps:
                break
    return reader.eval()


Shown = tuple[Example, Window]


def _windows(base: Base, examples: Sequence[Example], names: Names, draw: random.Random, share: float) -> list[Shown]:
    found = []
    for example in examples:
        encode = partial(Swap(names, draw, share).encode, base.tokenizer)
        cut = windows(base.tokenizer, example.view, encode=encode, size=lambda: draw.randint(SMALLEST, BODY))
        found += [(example, window) for window in cut]
    return found


def _batches(shown: list[Shown], draw: random.Random) -> Iterator[list[Shown]]:
    """In random order, windows of like length together."""
    draw.shuffle(shown)
    batches = []
    for start in range(0, len(shown), BATCH * 12):
        near = sorted(shown[start : start + BATCH * 12], key=lambda pair: len(pair[1].ids))
        batches += [near[at : at + BATCH] for at in range(0, len(near), BATCH)]
    draw.shuffle(batches)
    yield from batches


def _loss(reader: Reader, batch: list[Shown]) -> Tensor:
    judged = reader([example.view for example, _ in batch], [window for _, window in batch])
    rows = [(batch[row][0], number) for row, number in judged.sentences]
    made = torch.tensor([[bool(e.made(k, t)) for t in range(len(TYPES))] for e, k in rows]).float()
    # A claim on which careful readers differ teaches nothing about the sentence's type.
    sure = torch.tensor(
        [[bool(e.made(k, t)) or not e.made(k, t, optional=True) for t in range(len(TYPES))] for e, k in rows]
    )
    types = functional.binary_cross_entropy_with_logits(judged.types, made, reduction="none")
    loss = len(TYPES) * (types * sure).sum() / len(rows)
    modality = torch.tensor([_modality(example, k) for example, k in rows])
    if (modality >= 0).any():
        kept = modality >= 0
        loss = loss + 0.3 * functional.cross_entropy(judged.modality[kept], modality[kept])
    parts = [part for place, (example, k) in enumerate(rows) for part in _part_losses(judged, place, example, k)]
    return loss + 1.5 * torch.stack(parts).sum() / len(rows) if parts else loss


def _modality(example: Example, sentence: int) -> int:
    made = example.made(sentence, RETALIATES)
    return MODALITIES.index(made[0].modality) if made else -1


def _part_losses(judged: Judged, place: int, example: Example, sentence: int) -> Iterator[Tensor]:
    keys = [same_spelling(example.view.sentences[s].mentions[m].ref.actor) for s, m in judged.mentions[place]]
    for type_ in range(len(TYPES)):
        sure = example.made(sentence, type_)
        labels = sure or example.made(sentence, type_, optional=True)
        for part in (0, 1) if labels else ():
            right = {label.target if part else label.source for label in labels}
            scores = torch.cat([judged.parts[place][:, type_, part], judged.nobody[place, type_, part : part + 1]])
            fits = [key in right for key in keys]
            fits.append("" in right or not any(fits))
            chance = scores.log_softmax(0)[torch.tensor(fits)]
            yield -(1.0 if sure else 0.3) * torch.logsumexp(chance, 0)


@torch.no_grad()
def judge(base: Base, reader: Reader, example: Example) -> dict[int, SentenceScores]:
    """The scores of an article's sentences, in the form in which the product's encoder gives them."""
    found: dict[int, SentenceScores] = {}
    for window in windows(base.tokenizer, example.view):
        judged = reader([example.view], [window])
        for row, (_, number) in enumerate(judged.sentences):
            found[number] = SentenceScores(
                judged.types[row].numpy().astype(np.float32),
                judged.modality[row].softmax(-1).numpy().astype(np.float32),
                judged.nobody[row].numpy().astype(np.float32),
                judged.mentions[row],
                judged.parts[row].numpy().astype(np.float32),
            )
    return found
