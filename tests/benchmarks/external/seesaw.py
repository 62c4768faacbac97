"""SEESAW: 486 whole articles of US politics; who is positive or negative to whom (CC BY-NC-SA: read only).

Comparable to the codebook: a negative triplet whose both ends are persons, organisations or states is what an
accusation, a denial aimed at an accuser, or a retaliation is too. A claim of ours counts where its source and target
are the two ends, anywhere in the article, as sets of pairs. Ends go by canonical names.

Not comparable: most negative stances are criticism or opposition with no act attributed, so recall has a low ceiling;
annotators marked only the main entities of an article, so a claim between others counts against precision. Ends that
are events, topics or "not in the list" are left out. Actors are not rolled up to their state here, for all are of one.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.vocabulary.records import Article
from tests.benchmarks.external.measuring import Bench, Figure, share, ties
from tests.benchmarks.external.naming import same

ACTORS = {"People", "Organization", "GPE", "Religion"}


@dataclass(frozen=True, slots=True)
class Stances:
    """One article.

    Attributes:
        entities: Canonical names of those entities that can be actors.
        negative: (subject, object) of each negative triplet between two of them.
        other: How many negative triplets have an end that is no actor or is not named.
    """

    title: str
    text: str
    entities: frozenset[str]
    negative: frozenset[tuple[str, str]]
    other: int


def parse_article(article: bytes, annotation: bytes) -> Stances:
    """An article's two files."""
    words, marks = json.loads(article), json.loads(annotation)
    entities = frozenset(name for name, kinds, *_ in marks["entity lists"] if ACTORS & set(kinds))
    pairs = [
        (one["subject"], one["object"])
        for stances in marks["sentence-level stances"].values()
        for one in stances
        if one["sentiment"] == "NEG"
    ]
    between = [pair for pair in pairs if entities.issuperset(pair) and pair[0] != pair[1]]
    text = "\n".join(sentence["text"] for sentence in words["text"])
    return Stances(words["title"], text, entities, frozenset(between), len(pairs) - len(between))


def parse(path: Path) -> Iterator[Stances]:
    """Every article of the archive that has an annotation."""
    with tarfile.open(path) as archive:
        files: dict[tuple[str, str], bytes] = {}
        for member in archive:
            name = PurePosixPath(member.name)
            file = archive.extractfile(member) if name.suffix == ".json" else None
            if file is not None:
                files[name.parts[-2], name.stem] = file.read()
    for kind, stem in sorted(files):
        if kind == "articles" and ("annotations", stem) in files:
            yield parse_article(files["articles", stem], files["annotations", stem])


def measure(bench: Bench) -> list[Figure]:
    """Pairs of actors of whom one is negative to the other, by article."""
    articles = bench.spread(list(parse(bench.file("seesaw.tar.gz"))))
    hits = said = wanted = recalled = other = judged = refused = 0
    readings = bench.readings(Article(article.title, article.text) for article in articles)
    for article, reading in zip(articles, readings, strict=True):
        wanted += len(article.negative)
        other += article.other
        refused += sum(refusal.reason == "source_is_target" for refusal in reading.refusals)
        pairs = {(tie.speaker_names, tie.target_names) for tie in ties(reading) if tie.target}
        said += len(pairs)
        matched = set()
        for source, target in pairs:
            subjects = [e for e in article.entities if same(e, source, bench.gazetteer, rolled_up=False)]
            objects = [e for e in article.entities if same(e, target, bench.gazetteer, rolled_up=False)]
            judged += bool(subjects and objects)
            fitting = {(a, b) for a in subjects for b in objects} & article.negative
            hits += bool(fitting)
            matched |= fitting
        recalled += len(matched)
    precision, recall = share(hits, said), share(recalled, wanted)
    f1 = round(2 * precision * recall / (precision + recall), 4) if hits else 0.0
    return [
        Figure(
            "seesaw",
            "negative pairs, whole article",
            {"P": precision, "R": recall, "F1": f1, "P of listed": share(hits, judged)},
            "–",
            wanted,
            f"{len(articles)} articles; {said} pairs of ours, {judged} between listed entities; {refused} refused: "
            f"roll-up made source and target one; {other} triplets without two named actors left out",
        )
    ]
