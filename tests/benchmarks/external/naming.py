"""Does a name of ours mean what a phrase of theirs means? The data sets mark words; readings give names.

A phrase and a name are the same where the gazetteer finds one actor in both ("Swedish officials", Sweden), or where
they share a word that is neither a title nor a common noun for a body ("Mr. Vlasic", Ana Vlasic). This is kinder than a
reader, and the same kindness for every extractor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from app.extraction.lexicon import Lexicon
from app.vocabulary.names import Gazetteer
from tests.benchmarks.external.measuring import DATA

_LONGEST = 6
_EDGES = " ,;:.\"'“”‘’`()[]"
_SMALL = set(
    "the and for from with who that his her its their our said mr mrs ms dr sir some many several former new own "
    "group party people state states country national international government officials official members leaders "
    "critics supporters".split()
)


@cache
def _common(gazetteer: Gazetteer) -> frozenset[str]:
    """Titles and nouns for bodies: they name nobody."""
    nouns = Lexicon(DATA / "lexicons").actor_nouns
    words = {word for name in (*gazetteer.roles, *nouns) for word in _plain(name)}
    return frozenset(words | {_singular(word) for word in _SMALL})


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _plain(text: str) -> set[str]:
    return {_singular(word) for word in re.findall(r"[^\W\d_]{3,}", text.casefold())}


@cache
def _in(phrase: str, gazetteer: Gazetteer) -> tuple[frozenset[str], frozenset[str]]:
    """The actors the gazetteer finds in a phrase, longest names first, and the words it leaves over."""
    words = phrase.split()
    actors: set[str] = set()
    left = []
    at = 0
    while at < len(words):
        for width in range(min(_LONGEST, len(words) - at), 0, -1):
            piece = " ".join(words[at : at + width])
            bare = piece.strip(_EDGES)
            forms = dict.fromkeys((piece, piece.strip(',;:"“”()[]'), bare, re.sub(r"['’]s?$", "", bare)))
            hits = [hit for form in forms for hit in gazetteer.hits(form)]
            if hits:
                actors.update(hit.actor.name for hit in hits)
                at += width
                break
        else:
            left.append(words[at])
            at += 1
    return frozenset(actors), frozenset(_plain(" ".join(left)))


def in_phrase(phrase: str, gazetteer: Gazetteer) -> frozenset[str]:
    """The actors whose names stand in a phrase."""
    return _in(phrase, gazetteer)[0]


def same(phrase: str, names: Iterable[str], gazetteer: Gazetteer, *, rolled_up: bool = True) -> bool:
    """True where one of the names means what the phrase means.

    Args:
        phrase: Words of a text.
        names: What a reading calls an actor.
        gazetteer: Names.
        rolled_up: A ministry is its state too. Not wanted where all the actors belong to one state.
    """
    known, left = _in(phrase, gazetteer)
    common = _common(gazetteer)
    for name in names:
        ours, rest = _in(name, gazetteer)
        if known & ours:
            return True
        if rolled_up and {gazetteer.top(actor) for actor in known} & {gazetteer.top(actor) for actor in ours}:
            return True
        if (left & rest) - common:
            return True
        # "the government" and "government": nothing but common nouns on both sides.
        if not known and not ours and left and rest and not (left | rest) - common and left & rest:
            return True
    return False
