"""DSE: 14,605 sentences of political news with two entities marked, and which of the two feels how about the other.

Labels: 0 neither, 1 the first is positive to the second, 2 the second to the first, 3 the first is negative to the
second, 4 the second to the first.

Comparable to the codebook: a claim of ours whose source is the one entity and whose target is the other is a negative
tie in that direction, whatever its type. Not comparable: most negative ties are no accusation (criticism, opposition, a
lost match, "faces pressure from"), so recall has a low ceiling; the figure to look at is precision, for many sentences
hold a word of blame that is not between the two marked. Claims between other actors of the sentence are not judged.
Both splits are read; nothing is trained on either.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

from app.vocabulary.records import Article
from tests.benchmarks.external.measuring import Bench, Figure, prf, share, ties
from tests.benchmarks.external.naming import same

FILES = ("valid.txt.gz", "train.txt.gz")
_BLAME = re.compile(r"\b(?:accus|blam|alleg(?:e|ing|ation)|den(?:y|ied|ies|ying)\b|retaliat)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pair:
    """One row, without its marks.

    Attributes:
        negative: Directions in which the tie is negative: (0, 1), (1, 0), or none.
    """

    sentence: str
    entities: tuple[str, str]
    negative: frozenset[tuple[int, int]]


def parse(path: Path) -> list[Pair]:
    """The rows of a file: marked sentence, first entity, second entity, label, between tabs."""
    found = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            marked, first, second, label = line.rstrip("\n").split("\t")
            # A mark may stop inside a word ("[Ardanian]s"): the word is the entity.
            names = [_whole(marked, name) for name in (first, second)]
            sentence = marked
            for name in (first, second):
                sentence = sentence.replace(f"[{name}]", name, 1)
            negative = {"3": frozenset({(0, 1)}), "4": frozenset({(1, 0)})}.get(label, frozenset())
            found.append(Pair(sentence, (names[0], names[1]), negative))
    return found


def _whole(marked: str, name: str) -> str:
    rest = re.search(re.escape(f"[{name}]") + r"(\w*)", marked)
    return (name + (rest[1] if rest else "")).rstrip("'’")


def measure(bench: Bench) -> list[Figure]:
    """Negative directed ties, over all sentences and over those with a word of blame."""
    rows = bench.spread([row for name in FILES for row in parse(bench.file("dse", name))])
    texts = list(dict.fromkeys(row.sentence for row in rows))
    found = dict(zip(texts, map(ties, bench.readings(Article("", text) for text in texts)), strict=True))
    hits = said = wanted = flipped = 0
    blame_hits = blame_said = blame_wanted = blaming = 0
    for row in rows:
        ours = {
            (a, b)
            for tie in found[row.sentence]
            for a, b in ((0, 1), (1, 0))
            if same(row.entities[a], tie.speaker_names, bench.gazetteer)
            and same(row.entities[b], tie.target_names, bench.gazetteer)
        }
        right = ours & row.negative
        hits, said, wanted = hits + len(right), said + len(ours), wanted + len(row.negative)
        flipped += len({(b, a) for a, b in ours - right} & row.negative)
        if _BLAME.search(row.sentence):
            blaming += 1
            blame_hits, blame_said = blame_hits + len(right), blame_said + len(ours)
            blame_wanted += len(row.negative)
    published = "blame ties of another corpus (Liang et al. 2019): rules F1 .615, neural .699, human .944"
    return [
        Figure(
            "dse",
            "negative directed ties",
            prf(hits, said, wanted),
            published,
            len(rows),
            f"{wanted} ties, most no accusation; {said} of ours between the marked two, {flipped} the wrong way round",
        ),
        Figure(
            "dse",
            "… in sentences with a word of blame",
            prf(blame_hits, blame_said, blame_wanted),
            published,
            blaming,
            f"{blame_wanted} ties; no tie at all in {1 - share(blame_wanted, blaming):.2f} of these sentences",
        ),
    ]
