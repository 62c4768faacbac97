"""A model's words in, the place in the article where they stand out: to the character, or nowhere.

Quotation marks, dashes, spaces and composed letters are compared as what they are to a reader, for models write them
their own way; everything else must be letter by letter. Names must be borne by words of the article: those of the name
itself, or, for an actor that the gazetteer knows, any of its names or of its parts' ("the Kremlin" bears Russia).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from app.vocabulary.names import Gazetteer, NamedActor, NameForm
from app.vocabulary.records import Article, Evidence, Part
from app.vocabulary.terms import ActorKind
from app.vocabulary.times import PartialDate

_QUOTES = "\"'“”„‟«»‹›‘’‚‛`´′″‵‶「」『』〝〞＂＇"
_DASHES = "-‐‑‒–—―−﹘﹣－⁃"
_ALIKE = {**dict.fromkeys(_QUOTES, "'"), **dict.fromkeys(_DASHES, "-")}
_ONCE = "'- "
"""Characters of which a row counts as one: "--" and "''" are what typewriters have for a dash and a mark."""


class Words:
    """A stretch of text as a reader sees it, each character with its place in the text as it stands."""

    def __init__(self, text: str, start: int = 0, end: int | None = None) -> None:
        plain: list[str] = []
        self._at: list[int] = []
        self._ends: list[int] = []
        for at, cluster in _clusters(text, start, len(text) if end is None else end):
            for char in _seen(cluster):
                if char in _ONCE and plain and plain[-1] == char:
                    self._ends[-1] = at + len(cluster)
                    continue
                plain.append(char)
                self._at.append(at)
                self._ends.append(at + len(cluster))
        self.plain = "".join(plain)

    def find(self, quote: str) -> tuple[int, int] | None:
        """Where a quote first stands, or None; marks around it and a stop behind it are the model's own."""
        seen = "".join(Words(quote).plain).strip()
        for wanted in dict.fromkeys((seen, seen.strip("' "), seen.strip("' .…,;:"))):
            if wanted and (found := self._find(wanted)) is not None:
                return found
        return None

    def _find(self, wanted: str, plain: str | None = None) -> tuple[int, int] | None:
        plain = self.plain if plain is None else plain
        at = plain.find(wanted)
        while at >= 0:
            end = at + len(wanted)
            inside = (at > 0 and plain[at - 1].isalnum() and wanted[0].isalnum()) or (
                end < len(plain) and plain[end].isalnum() and wanted[-1].isalnum()
            )
            if not inside:
                return self._at[at], self._ends[end - 1]
            at = plain.find(wanted, at + 1)
        return None

    def find_name(self, name: str) -> tuple[int, int] | None:
        """Where a name first stands; small letters or capitals are the same but in abbreviations."""
        wanted = Words(name).plain.strip()
        if not wanted:
            return None
        if len(wanted) <= _ABBREVIATION or wanted.isupper():
            return self._find(wanted)
        return self._find(wanted.lower(), self.lowered)

    @cached_property
    def lowered(self) -> str:
        """In small letters, as long as before."""
        return "".join(low if len(low := c.lower()) == 1 else c for c in self.plain)


_ABBREVIATION = 3


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Letters with the marks that combine with them, each with its place."""
    at = start
    while at < end:
        after = at + 1
        while after < end and unicodedata.combining(text[after]):
            after += 1
        yield at, text[at:after]
        at = after


def _seen(cluster: str) -> str:
    if cluster.isascii():
        if cluster.isalnum():
            return cluster
        return _ALIKE.get(cluster) or (" " if cluster.isspace() or not cluster.isprintable() else cluster)
    if cluster in _ALIKE:
        return _ALIKE[cluster]
    if unicodedata.category(cluster[0]) == "Cf":
        return ""
    composed = unicodedata.normalize("NFKC", cluster)
    return "".join(_ALIKE.get(c) or (" " if c.isspace() or not c.isprintable() else c) for c in composed)


# ---- names ----


@dataclass(frozen=True, slots=True)
class Named:
    """An actor that a model names, as the article and the gazetteer bear it out.

    Attributes:
        name: The common name; `top` is that of the actor on whose behalf it acts.
        at: The words that bear it.
    """

    name: str
    top: str
    kind: ActorKind
    country: str | None
    at: Evidence


class NameBook:
    """What the gazetteer says of names, arranged for looking them up by whom they stand for. Made once."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._bearing: dict[str, list[str]] = {}
        for actor in gazetteer.actors.values():
            for whole in self._wholes(actor.name):
                self._bearing.setdefault(whole, []).extend(form for form, _ in actor.forms())
        for alias, ambiguity in gazetteer.ambiguities.items():
            for name in ambiguity.candidates:
                for whole in self._wholes(name):
                    self._bearing.setdefault(whole, []).append(alias)

    def _wholes(self, name: str) -> Iterator[str]:
        """The actor and all for whom it acts."""
        seen: set[str] = set()
        above: str | None = name
        while above is not None and above not in seen:
            seen.add(above)
            yield above
            above = self.gazetteer.above(above)

    def bearing(self, actor: str) -> list[str]:
        """Names that bear an actor: its own, then those of what acts for it."""
        return self._bearing.get(actor, [])

    def actor(self, name: str, published: str | None) -> NamedActor | None:
        """Whom a name stands for, where that is one actor."""
        day = PartialDate.parse(published).first if published else None
        bare = re.sub(r"^[Tt]he ", "", name)
        for one in dict.fromkeys((name, bare)):
            hits = [hit for hit in self.gazetteer.hits(one) if self.gazetteer.valid_on(hit.actor, day)]
            own = [hit.actor for hit in hits if hit.form is NameForm.NAME]
            found = {actor.name: actor for actor in own or [hit.actor for hit in hits]}
            if len(found) == 1:
                return next(iter(found.values()))
            ambiguous = self.gazetteer.ambiguities.get(one)
            if ambiguous is not None and ambiguous.default is not None:
                return self.gazetteer.actors.get(ambiguous.default)
        return None


class Names:
    """Looks up the names that a model gives for the actors of one article."""

    def __init__(self, article: Article, book: NameBook) -> None:
        self._article, self._book = article, book
        self._words: dict[Part, Words] = {"text": Words(article.text), "title": Words(article.title)}
        self._known: dict[str, Named | None] = {}

    def named(self, name: str) -> Named | None:
        """The actor of this name, or None where no words of the article bear it."""
        if name not in self._known:
            self._known[name] = self._named(name)
        return self._known[name]

    def _named(self, name: str) -> Named | None:
        known = self._book.actor(name, self._article.published)
        if known is None:
            at = self.place(name) or self._in_pieces(name)
            return Named(name, name, ActorKind.UNKNOWN, None, at) if at is not None else None
        forms = dict.fromkeys((name, *self._book.bearing(known.name)))
        at = next((found for form in forms if (found := self.place(form)) is not None), None)
        if at is None:
            return None
        return Named(known.name, self._book.gazetteer.top(known.name), known.kind, known.country, at)

    def place(self, name: str) -> Evidence | None:
        """Where the article has this name, the text before the headline."""
        for part, words in self._words.items():
            if (found := words.find_name(name)) is not None:
                return self._evidence(part, *found)
        return None

    def bears(self, phrase: str, least: float = 1.0) -> bool:
        """Whether so large a part of a phrase's words, the shortest aside, are words of the article or akin to one."""
        pieces = _PIECE.findall(Words(phrase).lowered)
        return bool(pieces) and sum(piece[:_STEM] in self._stems for piece in pieces) >= least * len(pieces)

    def _in_pieces(self, name: str) -> Evidence | None:
        """Where the last word of a name stands that the article gives in pieces: "Peskov", "the Tajik … Troops"."""
        if not self.bears(name):
            return None
        for piece in reversed(re.findall(r"[^\W\d_]{3,}", name)):
            if (found := self.place(piece)) is not None:
                return found
        return None

    @cached_property
    def _stems(self) -> set[str]:
        return {piece[:_STEM] for words in self._words.values() for piece in _PIECE.findall(words.lowered)}

    def _evidence(self, part: Part, start: int, end: int) -> Evidence:
        return Evidence(self._article.id, part, start, end, self._article.part(part)[start:end])


_PIECE = re.compile(r"[^\W_]{3,}")
_STEM = 4
"""Letters that "Tajik" and "Tajikistan", "bombing" and "bombs" have in common."""
