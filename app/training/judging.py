"""Training of the judges: boosted trees over the rows of `app.extraction.pairing`, and the calibration of the last.

In: examples with the scores of an encoder that had not seen them. Out: LightGBM models. Each judge is trained on what
the one before it says of articles it had not seen either, or it would learn to trust it too much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from app.evaluation.names import same_spelling
from app.extraction.encoder import SentenceScores
from app.extraction.pairing import Table
from app.extraction.trees import Draft, drafts
from app.extraction.views import TYPES
from app.training.examples import Example, Label

Array = NDArray[np.float64]
Scores = Mapping[int, SentenceScores]

FOLDS = 5
SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 15,
    "min_data_in_leaf": 25,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 2.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbosity": -1,
}
TREES = {"source": 500, "target": 500, "claim": 120}


@dataclass(slots=True)
class Rows:
    """Features, whether each row is right, and the fold its article is in."""

    features: Array
    right: Array
    folds: NDArray[np.int64]


class Boosted:
    """A LightGBM model as a `Judge`."""

    def __init__(self, booster: lightgbm.Booster) -> None:
        self.booster = booster

    def chances(self, rows: Array) -> Array:
        """See `Judge`."""
        return np.asarray(self.booster.predict(rows, num_threads=1), float) if len(rows) else np.zeros(0)


def boost(name: str, rows: Rows, kept: NDArray[np.bool_] | None = None) -> Boosted:
    """Train one judge on the kept rows."""
    chosen = kept if kept is not None else np.ones(len(rows.right), bool)
    settings = {**SETTINGS, "seed": 7}
    if name == "claim":
        settings |= {"num_leaves": 7, "min_data_in_leaf": 60, "learning_rate": 0.04}
    data = lightgbm.Dataset(rows.features[chosen], rows.right[chosen])
    return Boosted(lightgbm.train(settings, data, TREES[name]))


def party_rows(examples: Sequence[Example], tables: Sequence[Table]) -> tuple[Rows, Rows]:
    """Rows for the judges of sources and of targets, from every sentence that surely makes a claim."""
    sources: list[tuple[Array, list[bool], int]] = []
    targets: list[tuple[Array, list[bool], int]] = []
    for example, table in zip(examples, tables, strict=True):
        keys = [same_spelling(actor) for actor in table.actors]
        fold = example.fold(FOLDS)
        for k in sorted(table.scores):
            for kind in range(len(TYPES)):
                labels = example.made(k, kind)
                right = {label.source for label in labels}
                flags = [key in right for key in keys]
                if not any(flags):
                    continue
                sources.append((table.sources(k, kind), flags, fold))
                for source in np.flatnonzero(flags).tolist():
                    aimed = {label.target for label in labels if label.source == keys[source]}
                    rows, actors = table.targets(k, kind, source)
                    hit = [("" if actor is None else keys[actor]) in aimed for actor in actors]
                    if any(hit):
                        targets.append((rows, hit, fold))
    return _stack(sources), _stack(targets)


def _stack(pieces: list[tuple[Array, list[bool], int]]) -> Rows:
    return Rows(
        np.vstack([rows for rows, _, _ in pieces]),
        np.concatenate([np.asarray(right, float) for _, right, _ in pieces]),
        np.concatenate([np.full(len(right), fold) for _, right, fold in pieces]),
    )


def cross_fitted(
    examples: Sequence[Example], tables: Sequence[Table], sources: Rows, targets: Rows
) -> Iterator[tuple[Example, Table, Draft]]:
    """Drafts of every example by judges of parties that were trained on the other folds."""
    for fold in range(FOLDS):
        source = boost("source", sources, sources.folds != fold)
        target = boost("target", targets, targets.folds != fold)
        for example, table in zip(examples, tables, strict=True):
            if example.fold(FOLDS) == fold:
                for draft in drafts(table, source, target):
                    yield example, table, draft


def verdict(example: Example, table: Table, draft: Draft) -> bool | None:
    """Whether a draft is a claim of the annotation; None where only an optional one fits, which counts for nothing."""
    source = same_spelling(table.actors[draft.source])
    target = "" if draft.target is None else same_spelling(table.actors[draft.target])
    fits = [label for label in example.labels[draft.sentence] if _is(label, draft, source, target)]
    if fits and all(label.optional for label in fits):
        return None
    return bool(fits)


def _is(label: Label, draft: Draft, source: str, target: str) -> bool:
    return (label.type, label.source, label.target) == (draft.type, source, target)


def tables_of(examples: Sequence[Example], scores: Mapping[str, Scores]) -> list[Table]:
    """The table of each example under the scores it was given."""
    return [Table(example.view, scores[example.id]) for example in examples]
