"""Boosted trees as judges: which actor is the source, which the target, and whether the whole claim holds.

In: the rows of a `Table`. Out: `Draft`s, claims that may be made with the chance that each is right. The trees run in
onnxruntime from the files that training wrote; the last one's chances are calibrated on articles it had not seen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from app.extraction.model_files import inference, model_file
from app.extraction.pairing import Table
from app.extraction.views import TYPES

if TYPE_CHECKING:
    import onnxruntime

LEAST_TYPE = 0.08
"""Sentences less likely than this to make a claim of a type are not looked at further."""

SOURCES, TARGETS = 2, 4
"""So many sources, and targets of each, are drafted at most."""

LEAST_SECOND_SOURCE, LEAST_SECOND_TARGET = 0.15, 0.12

JUDGES = ("source", "target", "claim")
CARD = "model.json"


class Judge(Protocol):
    """Gives a chance to each row of features."""

    def chances(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Chances between 0 and 1, shape (rows,)."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim that may be made: sentence, type, actors by their row in the table (None: target open), features."""

    sentence: int
    type: int
    source: int
    target: int | None
    features: NDArray[np.float64]


def drafts(table: Table, source_judge: Judge, target_judge: Judge) -> list[Draft]:
    """What an article may be claiming, at most a few drafts per sentence and type."""
    found: list[Draft] = []
    if not table.actors:
        return found
    for k in sorted(table.scores):
        for kind in range(len(TYPES)):
            if table.types[k, kind] < LEAST_TYPE:
                continue
            by = source_judge.chances(table.sources(k, kind))
            ranked = np.argsort(-by, kind="stable")
            for rank, source in enumerate(ranked[:SOURCES].tolist()):
                if rank and by[source] < LEAST_SECOND_SOURCE:
                    continue
                rows, actors = table.targets(k, kind, source)
                at = target_judge.chances(rows)
                best = np.argsort(-at, kind="stable")
                for place, row in enumerate(best[:TARGETS].tolist()):
                    if place and at[row] < LEAST_SECOND_TARGET:
                        continue
                    rival = at[best[1]] if place == 0 and len(best) > 1 else at[best[0]]
                    chances = [
                        table.types[k, kind],
                        by[source],
                        by[source] / max(by.sum(), 1e-6),
                        float(rank),
                        by[ranked[1]] if len(ranked) > 1 else 0.0,
                        at[row],
                        at[row] / max(at.sum(), 1e-6),
                        float(place),
                        rival,
                    ]
                    target = actors[row]
                    found.append(Draft(k, kind, source, target, table.claim(k, kind, source, target, chances)))
    return found


class Trees:
    """Boosted trees in an ONNX file."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session

    def chances(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `Judge`."""
        if not len(rows):
            return np.zeros(0)
        (scores,) = self._session.run(None, {"rows": rows.astype(np.float32)})
        return 1 / (1 + np.exp(-np.asarray(scores, float).reshape(-1)))


@dataclass(frozen=True, slots=True)
class Judges:
    """The three judges of a model, and from which chance on a claim is made.

    Attributes:
        least: A draft less likely right than this is a counted refusal.
        curve: What the last judge says, rising, and how often that was right.
    """

    source: Judge
    target: Judge
    claim: Judge
    least: float
    curve: tuple[NDArray[np.float64], NDArray[np.float64]]

    @classmethod
    def load(cls, folder: Path) -> Judges:
        """Read `source.onnx`, `target.onnx`, `claim.onnx` and `model.json`.

        Raises:
            MissingPart: One is not there.
        """
        source, target, claim = (Trees(inference(folder, f"{name}.onnx")) for name in JUDGES)
        body = json.loads(model_file(folder, CARD).read_text(encoding="utf-8"))
        curve = np.asarray(body["calibration"]["said"], float), np.asarray(body["calibration"]["true"], float)
        return cls(source, target, claim, body["least_confidence"], curve)

    def judged(self, table: Table) -> list[tuple[Draft, float]]:
        """Every draft of an article with the chance that it is right, type, source and target together."""
        found = drafts(table, self.source, self.target)
        if not found:
            return []
        chances = self.claim.chances(np.stack([draft.features for draft in found]))
        return list(zip(found, np.interp(chances, *self.curve).tolist(), strict=True))
