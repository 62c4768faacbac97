"""PLV: 1,050 news sentences, with source, target and one of PLOVER's 15 root codes (Zero-Shot-PLOVER, train split).

Comparable to the codebook: ACCUSE and `accuses`, in part. PLOVER's ACCUSE is wider: it holds condemnation, criticism,
investigations, convictions and lawsuits in which no speaker attributes an act to an actor; most rows are of these
kinds, so recall has a ceiling well below 1. The rows with a word of accusation (accuse, blame, allege, responsible,
fault) are the comparable part and have a line of their own: recall only, since they are chosen by such words. THREATEN
and a `retaliates` that is `threatened`: a partial fit only. A threat that answers nothing is THREATEN and no
retaliation; most of THREATEN is of that kind.

Not comparable: REJECT is the refusal of a request or proposal, not the denial of an accusation, and is not scored. The
published coder is told who source and target are and chooses one root of 15; ours is given the bare sentence. A
sentence is marked with one event though it may report more, so precision is a lower bound.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from app.vocabulary.records import Article
from app.vocabulary.terms import ClaimType, Modality
from tests.benchmarks.external.measuring import Bench, Figure, Tie, prf, share, ties
from tests.benchmarks.external.naming import same

FILE = ("plv", "PLV_train.tsv")
PUBLISHED = {"ACCUSE": "F1 .839 (ZSP, pair given, test split)", "THREATEN": "F1 .744 (ZSP, pair given, test split)"}
_WORD = re.compile(r"(?i)\b(?:accus(?:e[sd]?|ing)|blam(?:e[sd]?|ing)|alleg(?:e[sd]?|ing)|responsible|fault(?:s|ed))\b")


@dataclass(frozen=True, slots=True)
class Marked:
    """One row."""

    sentence: str
    source: str
    target: str
    root: str


def parse(path: Path) -> list[Marked]:
    """The rows of the file."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return [Marked(row["sentence"], row["source"], row["target"], row["gold_root"]) for row in rows]


def root_of(tie: Tie) -> str | None:
    """The root code nearest to a claim, or None."""
    if tie.type is ClaimType.ACCUSES:
        return "ACCUSE"
    return "THREATEN" if tie.type is ClaimType.RETALIATES and tie.modality is Modality.THREATENED else None


def measure(bench: Bench) -> list[Figure]:
    """The type of the sentence, and the whole triple."""
    rows = bench.spread(parse(bench.file(*FILE)))
    texts = list(dict.fromkeys(row.sentence for row in rows))
    found = dict(zip(texts, map(ties, bench.readings(Article("", text) for text in texts)), strict=True))
    figures = []
    for root, published in PUBLISHED.items():
        wanted = [row for row in rows if row.root == root]
        said = {text for text, claims in found.items() if any(root_of(tie) == root for tie in claims)}
        right = {row.sentence for row in wanted}
        hits = len(said & right)
        partial = "" if root == "ACCUSE" else "partial fit: threats that answer nothing are no retaliation"
        figures.append(
            Figure(
                "plv",
                f"{root}: type of the sentence",
                prf(hits, len(said), len(right)),
                published,
                len(right),
                partial or "ours is not told the pair; criticism and lawsuits are ACCUSE too",
            )
        )
        ours = [(text, tie) for text, claims in found.items() for tie in claims if root_of(tie) == root]
        matched = [row for row in wanted if any(_is(row, tie, bench) for tie in found[row.sentence])]
        true = sum(any(row.sentence == text and _is(row, tie, bench) for row in wanted) for text, tie in ours)
        figures.append(
            Figure(
                "plv",
                f"{root}: triple, both actors",
                prf(true, len(ours), len(wanted), recalled=len(matched)),
                "–",
                len(wanted),
                partial or "end to end from the bare sentence; one event is marked per sentence",
            )
        )
        if root == "ACCUSE":
            worded = [row for row in wanted if _WORD.search(row.sentence)]
            share_of = {
                "type R": share(sum(row.sentence in said for row in worded), len(worded)),
                "triple R": share(sum(row in matched for row in worded), len(worded)),
            }
            figures.append(
                Figure("plv", "… with a word of accusation", share_of, "–", len(worded), "the comparable part")
            )
    return figures


def _is(row: Marked, tie: Tie, bench: Bench) -> bool:
    return (
        root_of(tie) == row.root
        and same(row.source, tie.speaker_names, bench.gazetteer)
        and same(row.target, tie.target_names, bench.gazetteer)
    )
