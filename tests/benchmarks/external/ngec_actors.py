"""NGEC's tests of actor resolution: phrases such as a news text uses for an actor, and the country each belongs to.

Comparable to the codebook: roll-up to the state. Each phrase is put into "… denied the accusation." and read by the
extractor; the country of the claim's source is the answer. Where theirs is an organisation without a country (IGO, UNO,
EUR) or none, the right answer is none.

Not comparable: theirs looks every phrase up in Wikipedia, so bare names of persons resolve to the state they serve;
Polemos knows no persons and rolls one up only by a title or apposition in the text. De facto states (Abkhazia, Northern
Cyprus) stay themselves by the codebook and belong to their parent in theirs. Sectors and titles of pages are not
measured. Tests that their authors skip or expect to fail are left out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from app.vocabulary.records import Article
from tests.benchmarks.external.measuring import Bench, Figure, share, ties
from tests.benchmarks.external.naming import in_phrase
from tests.benchmarks.external.petrarch import NOBODY, country

FILE = ("ngec_actors", "actor_resolution_vectors.jsonl")
CARRIER = "{} denied the accusation."
_NO_COUNTRY = {"", "IGO", "UNO", "EUR", "NGO", "LEG"}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, what their test says of its surroundings, and its country ("---" for none)."""

    words: str
    context: str
    country: str


def parse(path: Path) -> list[Phrase]:
    """The tests that ask for a country and are expected to pass."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        test = json.loads(line)
        wanted = test["expect"].get("code.country", test["expect"].get("cc"))
        words = (test["input"] or [None])[0]
        if wanted is None or not words or any("skip" in mark or "xfail" in mark for mark in test["marks"]):
            continue
        context = test["input"][1] if len(test["input"]) > 1 else ""
        phrase = Phrase(words.strip(), context or "", NOBODY if wanted in _NO_COUNTRY else wanted)
        if phrase not in found:
            found.append(phrase)
    return found


def measure(bench: Bench) -> list[Figure]:
    """Countries right, over all phrases and over those with a name the gazetteer knows."""
    phrases = bench.spread(parse(bench.file(*FILE)))
    articles = [Article(p.context, CARRIER.format(p.words[0].upper() + p.words[1:])) for p in phrases]
    right = answered = answered_right = knowing = knowing_right = silent = 0
    for phrase, reading in zip(phrases, bench.readings(articles), strict=True):
        claims = [tie for tie in ties(reading) if tie.start >= 0]
        answer = country(claims[0].source[-1], bench.gazetteer) if claims else NOBODY
        silent += not claims
        hit = answer == phrase.country
        right += hit
        if answer != NOBODY:
            answered += 1
            answered_right += hit
        if phrase.country != NOBODY and in_phrase(phrase.words, bench.gazetteer):
            knowing += 1
            knowing_right += hit
    return [
        Figure(
            "ngec_actors",
            "country of an actor phrase",
            {"accuracy": share(right, len(phrases)), "of answered": share(answered_right, answered)},
            "NGEC: all, its own tests, with Wikipedia",
            len(phrases),
            f"{answered} answered with a country; no claim read for {silent}; bare names of persons are not known",
        ),
        Figure(
            "ngec_actors",
            "… where the phrase holds a known name",
            {"accuracy": share(knowing_right, knowing)},
            "–",
            knowing,
            "phrases of some country with a name, adjective or body of the gazetteer in them",
        ),
    ]
