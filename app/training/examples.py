"""Annotated articles in, what the learned core learns from out: views with the claims each sentence makes.

Run as `python -m app.training.examples GOLD_DIR FILE`: it parses the articles, which needs what the product needs and
no PyTorch, and writes one JSON line per article.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from app.evaluation.annotated import AnnotatedArticle, Coding, read_annotated
from app.evaluation.names import same_spelling
from app.extraction.rules import RulesExtractor
from app.extraction.views import TYPES, ArticleView, SentenceView
from app.vocabulary.records import Part
from app.vocabulary.terms import Modality

LEAST_OVERLAP = 12
"""Characters that a passage and a sentence must share for the sentence to make the claim; less for shorter passages."""


@dataclass(slots=True)
class Label:
    """A claim that a sentence makes, actors by the key under which names are compared ("" for an open target)."""

    type: int
    source: str
    target: str
    modality: str
    optional: bool
    claim: str


@dataclass(slots=True)
class Example:
    """One annotated article.

    Attributes:
        group: Articles of one story share it, so that none of them judges a model trained on another.
        labels: The claims of each sentence of `view`, in the same order.
    """

    id: str
    group: str
    view: ArticleView
    labels: list[list[Label]]

    def made(self, sentence: int, type_: int, *, optional: bool = False) -> list[Label]:
        """The claims of a type that a sentence makes."""
        return [x for x in self.labels[sentence] if x.type == type_ and x.optional is optional]

    def fold(self, folds: int) -> int:
        """Which part of the corpus the article is held back with."""
        return zlib.crc32(self.group.encode()) % folds


def examples(folder: Path, pattern: str, data: Path) -> Iterator[Example]:
    """Every annotated article of a folder, as the rules and the parser of the product see it."""
    annotated = read_annotated(folder, pattern)
    extractor = RulesExtractor.from_data(data)
    views = (extractor.view(study) for study in extractor.studies(one.article for one in annotated))
    for one, view in zip(annotated, views, strict=True):
        story = re.match(r"train-c\d+", one.file)
        yield Example(one.id, story.group() if story else one.id, view, _labels(one, view))


def _labels(annotated: AnnotatedArticle, view: ArticleView) -> list[list[Label]]:
    placed = []
    for claim in annotated.claims:
        part: Part = "text" if claim.evidence in annotated.article.text else "title"
        start = annotated.article.part(part).find(claim.evidence)
        placed.append((_label(claim), part, start, start + len(claim.evidence)))
    return [
        [label for label, part, start, end in placed if _makes(sentence, part, start, end)]
        for sentence in view.sentences
    ]


def _makes(sentence: SentenceView, part: Part, start: int, end: int) -> bool:
    shared = min(sentence.end, end) - max(sentence.start, start)
    return part == sentence.part and shared >= min(LEAST_OVERLAP, end - start)


def _label(claim: Coding) -> Label:
    type_, modality = TYPES.index(claim.type), claim.modality or Modality.ASSERTED
    return Label(type_, same_spelling(claim.source), same_spelling(claim.target), modality, claim.optional, claim.id)


def write(examples: Iterator[Example], out: Path) -> int:
    """Write examples as JSON lines; returns how many."""
    out.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with out.open("w", encoding="utf-8") as lines:
        for example in examples:
            labels = [[asdict(label) for label in labels] for labels in example.labels]
            view = example.view.as_json()
            body = {"id": example.id, "group": example.group, "view": view, "labels": labels}
            lines.write(json.dumps(body) + "\n")
            count += 1
    return count


def load(path: Path) -> list[Example]:
    """The examples of a file that `write` made."""
    found = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            body = json.loads(line)
            labels = [[Label(**label) for label in labels] for labels in body["labels"]]
            found.append(Example(body["id"], body["group"], ArticleView.from_json(body["view"]), labels))
    return found


def main(arguments: list[str]) -> None:
    """`python -m app.training.examples GOLD_DIR FILE [PATTERN]`."""
    folder, out, *rest = arguments
    data = Path(__file__).resolve().parents[2] / "graph_data"
    count = write(examples(Path(folder), rest[0] if rest else "train-*.json", data), Path(out))
    sys.stderr.write(f"{count} annotated articles written to {out}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
