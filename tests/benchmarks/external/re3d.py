"""re3d: entities marked in 84 documents about Syria and Iraq from four public sources (licences inside; read only).

Comparable to the product: does the cast of an article (`app.extraction.cast`) hold an actor where an organisation, a
nationality or a person is marked, and does a marked location have a country. Only marks that hold a name are counted:
a capital that does not merely begin a pronoun or a common noun ("We", "The enemy").

Not comparable: their marks overlap and some are wrong ("may" as a person); organisations that never act are marked too.
An actor found need not be resolved rightly: the figure is recall of mentions. Relations are not measured. It looks into
the cast that every extractor shares, so the choice of extractor makes no difference.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from app.extraction.cast import Cast
from app.extraction.language import parse as parse_language
from app.extraction.lexicon import Lexicon
from app.vocabulary.records import Article
from tests.benchmarks.external.lgl import located
from tests.benchmarks.external.measuring import DATA, Bench, Figure, share

KINDS = ("Organisation", "Nationality", "Person", "Location")
_UNNAMED = re.compile(
    r"(?i:i|my|me|we|our|us|they|their|them|it|its|he|his|him|she|her|who|this|that|these|those|the|an?|one|some)(?:\s+[^A-Z]*)?"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked passage of a document."""

    kind: str
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text and its marks of the kinds measured that hold a name."""

    title: str
    text: str
    marks: tuple[Mark, ...]


def parse(folder: Path) -> list[Document]:
    """The documents of one source."""
    marks: dict[str, list[Mark]] = {}
    for entity in _lines(folder / "entities.json"):
        one = Mark(str(entity["type"]), int(entity["begin"]), int(entity["end"]), str(entity["value"]))
        if one.kind in KINDS and is_named(one.words):
            marks.setdefault(str(entity["documentId"]), []).append(one)
    return [
        Document(str(row.get("title") or ""), str(row["text"]), tuple(marks.get(str(row["_id"]), ())))
        for row in _lines(folder / "documents.json")
    ]


def is_named(words: str) -> bool:
    """True for a passage with a name in it."""
    return any(c.isupper() for c in words) and _UNNAMED.fullmatch(words.strip()) is None


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def measure(bench: Bench) -> list[Figure]:
    """Recall of named mentions, by kind."""
    folder = bench.file("re3d")
    sources = sorted(path for path in folder.iterdir() if (path / "entities.json").is_file())
    documents = bench.spread([document for source in sources for document in parse(source)])
    lexicon = Lexicon(DATA / "lexicons")
    marked = dict.fromkeys(KINDS, 0)
    found = dict.fromkeys(KINDS, 0)
    known = 0
    for document, parsed in zip(
        documents, parse_language((Article(d.title, d.text) for d in documents), bench.gazetteer), strict=True
    ):
        cast = Cast(parsed, bench.gazetteer, lexicon)
        for mark in document.marks:
            marked[mark.kind] += 1
            if mark.kind == "Location":
                place = located(mark.words, bench.gazetteer)
                found[mark.kind] += place.country is not None
                continue
            here = list(cast.within("text", mark.start, mark.end))
            found[mark.kind] += bool(here)
            known += mark.kind == "Organisation" and any(ref.actor in bench.gazetteer.actors for ref in here)
    note = {
        "Organisation": f"{share(known, marked['Organisation']):.3f} to an actor of the gazetteer",
        "Location": "has a country",
        "Person": "",
        "Nationality": "",
    }
    return [
        Figure(
            "re3d",
            f"{kind} mentions with a name",
            {"recall": share(found[kind], marked[kind])},
            "–",
            marked[kind],
            note[kind],
        )
        for kind in KINDS
    ]
