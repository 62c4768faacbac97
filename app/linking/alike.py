"""Readings of articles in, doubts about actors out: two names that may be one actor's, for a person to judge.

Two doubts only, for each costs a person time. An abbreviation that one article explains, "Free Coast Brigade (FCB)",
and another uses alone; and two persons of one country whose names differ by a letter in a part ("Anna Vey", "Ana Vey").
Neither is ever merged here: bodies share abbreviations, and brothers share names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from app.linking.actors import Linked
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Actor, Article, Decision, Place, Reading, slug
from app.vocabulary.terms import ActorKind, DecisionKind, Judgement, NodeKind

LINKER = "alike@1"
"""Name and version under which the doubts are recorded."""

_SCORE = 0.5
_SHORT = re.compile(r"[A-Z][A-Za-z&-]{0,3}[A-Z]{1,6}\Z")
_SMALL_WORDS = frozenset(("of", "the", "for", "and", "de", "la", "des", "du", "in", "on"))
_MOST_ALIKE = 16
"""Names that one key keeps: what is more common tells nobody apart."""


_Entry = Article | Reading | Actor | Place | Decision


class AlikeNames:
    """The names so far that the gazetteer does not know. It grows; not to be shared between threads.

    Attributes:
        cut_short: How many names were not kept, for their key was full.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._persons: dict[str, dict[str, str]] = {}
        self._explained: dict[str, set[str]] = {}
        self._used: set[str] = set()
        self.cut_short = 0

    def feed(self, entries: Iterable[tuple[int, _Entry]]) -> None:
        """Know further entries of the ledger, whole revisions of it with the articles' texts, without doubting them."""
        for _, group in groupby(entries, key=itemgetter(0)):
            told = [entry for _, entry in group]
            articles = {entry.id: entry for entry in told if isinstance(entry, Article)}
            linked = Linked((), (), tuple(one for one in told if isinstance(one, Decision) and _is_link(one)))
            for reading in told:
                if isinstance(reading, Reading) and reading.article in articles:
                    self.add(articles[reading.article], reading, linked)

    def add(self, article: Article, reading: Reading, linked: Linked) -> list[Decision]:
        """Doubts that an article raises with what earlier ones said; it is known from now on."""
        found = (doubt for clue in clues(article, reading, linked, self._gazetteer) for doubt in self.weigh(clue))
        return list({doubt.id: doubt for doubt in found}.values())

    def weigh(self, clue: Clue) -> list[Decision]:
        """Doubts that one mention raises with clues of the same key; it is known from now on."""
        pairs = self._person(clue) if clue.short is None else self._abbreviated(clue)
        doubts = []
        for other, reason in pairs:
            first, second = sorted((clue.node, other))
            doubts.append(
                Decision(DecisionKind.JUDGE, first, LINKER, second, None, Judgement.UNSURE, reason, score=_SCORE)
            )
        return doubts

    def _person(self, clue: Clue) -> Iterator[tuple[str, str]]:
        alike = self._persons.setdefault(clue.key, {})
        parts = slug(clue.name).split("-")
        for other, other_name in alike.items():
            differing = [pair for pair in zip(parts, slug(other_name).split("-"), strict=True) if pair[0] != pair[1]]
            if other != clue.node and len(differing) == 1 and _nearly(*differing[0]):
                both = " and ".join(sorted((clue.name, other_name)))
                yield other, f"{both}, both of {clue.country}, differ by a letter"
        if clue.node not in alike and len(alike) >= _MOST_ALIKE:
            self.cut_short += 1
        else:
            alike[clue.node] = clue.name

    def _abbreviated(self, clue: Clue) -> Iterator[tuple[str, str]]:
        short = clue.short
        assert short is not None
        if short == clue.name:
            self._used.add(short)
            for full in sorted(self._explained.get(short, ())):
                if full != clue.node:
                    yield full, f"another article explains {short} so"
            return
        self._explained.setdefault(short, set()).add(clue.node)
        if short in self._used:
            yield f"actor-{slug(short)}", f"an article explains {short} as {clue.name}"


class Clue(NamedTuple):
    """A mention that may raise a doubt with another of the same key.

    Attributes:
        key: What two names have in common that may be one actor's.
        node: Whom the mention names.
        name: The name it gives.
        country: Of a person.
        short: An abbreviation that is the name, or that the article explains by the name; None for a person.
    """

    key: str
    node: str
    name: str
    country: str | None = None
    short: str | None = None


def clues(article: Article, reading: Reading, linked: Linked, gazetteer: Gazetteer) -> Iterator[Clue]:
    """The clues of a reading, made of it alone."""
    nodes = {decision.subject: decision.object for decision in linked.decisions}
    for mention in reading.mentions:
        node, name = nodes.get(mention.id), mention.name
        if mention.kind is not NodeKind.ACTOR or node is None or name in gazetteer.actors:
            continue
        parts = slug(name).split("-")
        if mention.actor_kind is ActorKind.PERSON and mention.country is not None and len(parts) > 1:
            # A letter may be wrong anywhere but at the beginning of a name.
            yield Clue(f"{mention.country} {' '.join(part[0] for part in parts)}", node, name, mention.country)
        if _SHORT.match(name):
            yield Clue(f"({name})", node, name, short=name)
            continue
        explained = re.search(rf"{re.escape(name)} \(([A-Z][A-Za-z&-]{{1,9}})\)", f"{article.title}\n{article.text}")
        short = explained[1] if explained is not None else ""
        if _SHORT.match(short) and _abbreviates(short, name) and not gazetteer.hits(short):
            yield Clue(f"({short})", node, name, short=short)


def _abbreviates(short: str, name: str) -> bool:
    """Whether the letters are the initials of a name, with or without its small words."""
    words = re.split(r"[\s-]+", name)
    for chosen in (words, [word for word in words if word.lower() not in _SMALL_WORDS]):
        if "".join(word[:1] for word in chosen).casefold() == re.sub(r"[&-]", "", short).casefold():
            return True
    return False


def _nearly(one: str, other: str) -> bool:
    """Whether two words are equal but for one letter: another, one more or one less."""
    if abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    at = next((i for i, letter in enumerate(short) if letter != long[i]), len(short))
    return short[at + (len(short) == len(long)) :] == long[at + 1 :]


def _is_link(decision: Decision) -> bool:
    return decision.kind is DecisionKind.JUDGE and decision.at is None and decision.subject.startswith("men-")
