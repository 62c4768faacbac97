"""The whole training in one call: `python -m app.training EXAMPLES OUT --encoder FOLDER` (or `make train`).

Trains an encoder on each three quarters of the corpus to judge the remaining quarter, the judges on those judgements,
then the encoder that is shipped on everything; prints how well claims are found in articles that were held back.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import pickle
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app.extraction.encoder import SentenceScores
from app.extraction.pairing import Table
from app.training import export
from app.training.calibration import calibration
from app.training.examples import Example, load
from app.training.judging import (
    FOLDS,
    Array,
    Boosted,
    Rows,
    boost,
    cross_fitted,
    party_rows,
    tables_of,
    verdict,
)
from app.training.learning import Base, judge, train
from app.training.names import Names
from app.vocabulary.names import Gazetteer

QUARTERS = 4
EPOCHS = 6.0
PRECISION = 2 / 3
"""The shipped threshold is the lowest at which claims in held-back articles are right this often."""

log = logging.getLogger("training")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the training; see the module."""
    parser = argparse.ArgumentParser(prog="python -m app.training", description=__doc__)
    parser.add_argument("examples", type=Path, help="file that `python -m app.training.examples` wrote")
    parser.add_argument("out", type=Path, help="folder for the model's files, graph_data/model")
    parser.add_argument("--encoder", type=Path, required=True, help="folder of the pretrained encoder")
    parser.add_argument("--gazetteers", type=Path, default=Path("graph_data/gazetteers"))
    parser.add_argument("--processes", type=int, default=2, help="encoders trained side by side, one thread each")
    parser.add_argument(
        "--scratch", type=Path, help="folder that keeps finished steps; a second run goes on from there"
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    scratch = options.scratch or options.out.parent / "training"
    scratch.mkdir(parents=True, exist_ok=True)
    job = partial(_step, options.examples, options.encoder, options.gazetteers, scratch)
    began = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        # The one trained on everything takes longest, so it starts first.
        for name in pool.imap_unordered(job, [None, *range(QUARTERS)]):
            log.info("%s done after %.0f minutes", name, (time.monotonic() - began) / 60)
    _finish(options, scratch)
    log.info("finished after %.0f minutes", (time.monotonic() - began) / 60)


def _step(examples: Path, encoder: Path, gazetteers: Path, scratch: Path, held_back: int | None) -> str:
    """Train one encoder, on everything or on all but one quarter, and keep what is wanted of it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    name = "encoder" if held_back is None else f"quarter {held_back}"
    kept = scratch / (name.replace(" ", "-") + (".pt" if held_back is None else ".pickle"))
    if kept.exists():
        return name
    torch.set_num_threads(1)
    corpus = load(examples)
    base, names = Base.open(encoder), Names.of(Gazetteer.load(gazetteers))
    chosen = [e for e in corpus if held_back is None or e.fold(QUARTERS) != held_back]
    seed = QUARTERS if held_back is None else held_back
    reader = train(base, chosen, names, epochs=EPOCHS, seed=seed, report=lambda line: log.info("%s: %s", name, line))
    if held_back is None:
        torch.save(reader.state_dict(), kept)
    else:
        scores = {e.id: judge(base, reader, e) for e in corpus if e.fold(QUARTERS) == held_back}
        kept.write_bytes(pickle.dumps(scores))
    return name


def _finish(options: argparse.Namespace, scratch: Path) -> None:
    """Train the judges on what the encoders said of articles they had not seen, and write the model."""
    corpus = load(options.examples)
    scores: dict[str, dict[int, SentenceScores]] = {}
    for quarter in range(QUARTERS):
        # Written by this very command into its own scratch folder.
        scores |= pickle.loads((scratch / f"quarter-{quarter}.pickle").read_bytes())  # noqa: S301
    tables = tables_of(corpus, scores)
    judges, card = judged(corpus, tables)
    base = Base.open(options.encoder)
    reader = base.reader()
    reader.load_state_dict(torch.load(scratch / "encoder.pt", weights_only=True))
    boosters = {name: judge_.booster for name, judge_ in judges.items()}
    export.write(options.out, reader.eval(), options.encoder / "tokenizer.json", boosters, card)


def judged(corpus: Sequence[Example], tables: Sequence[Table]) -> tuple[dict[str, Boosted], dict[str, Any]]:
    """The three judges, and the card: threshold, calibration and what they reach on articles they had not seen."""
    sources, targets = party_rows(corpus, tables)
    log.info("%d rows for sources, %d for targets", len(sources.right), len(targets.right))
    rows = []
    for example, table, draft in cross_fitted(corpus, tables, sources, targets):
        right = verdict(example, table, draft)
        if right is not None:
            rows.append((draft.features, float(right), example.fold(FOLDS)))
    claims = Rows(
        np.stack([features for features, _, _ in rows]),
        np.asarray([right for _, right, _ in rows]),
        np.asarray([fold for _, _, fold in rows], np.int64),
    )
    said = np.zeros(len(claims.right))
    for fold in range(FOLDS):
        judge_ = boost("claim", claims, claims.folds != fold)
        said[claims.folds == fold] = judge_.chances(claims.features[claims.folds == fold])
    curve = calibration(said, claims.right)
    sure = np.interp(said, *curve)
    wanted = sum(len({x.claim for labels in e.labels for x in labels if not x.optional}) for e in corpus)
    table_ = [_at(threshold, sure, claims.right, wanted) for threshold in np.arange(0.1, 0.75, 0.025)]
    for row in table_:
        log.info("from %.3f on: precision %.3f, recall %.3f, F1 %.3f", *row)
    least = next((row[0] for row in table_ if row[1] >= PRECISION), table_[-1][0])
    judges = {"source": boost("source", sources), "target": boost("target", targets), "claim": boost("claim", claims)}
    card = {
        "least_confidence": round(float(least), 4),
        "calibration": {"said": [round(x, 5) for x in curve[0]], "true": [round(x, 5) for x in curve[1]]},
        "trained_on": {"articles": len(corpus), "claims": wanted},
        "held_back": [
            dict(zip(("from", "precision", "recall", "f1"), map(_short, row), strict=True)) for row in table_
        ],
    }
    return judges, card


def _short(value: float) -> float:
    return round(float(value), 4)


def _at(threshold: float, sure: Array, right: Array, wanted: int) -> tuple[float, float, float, float]:
    made = sure >= threshold
    hit, count = float(right[made].sum()), int(made.sum())
    precision, recall = hit / (count or 1), hit / (wanted or 1)
    return threshold, precision, recall, 2 * precision * recall / ((precision + recall) or 1.0)
