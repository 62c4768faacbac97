"""Other names for the same events: actors of an article are swapped for others, so that no name decides anything.

In: a sentence of an article. Out: its word pieces after some states and groups were given the names of others, the same
throughout the article. Only training sees such text.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tokenizers import Tokenizer

from app.extraction.actors import Ref
from app.extraction.views import ArticleView, SentenceView
from app.extraction.windows import LONGEST, TITLE, Encoded, encode_text
from app.vocabulary.names import Gazetteer, NamedActor
from app.vocabulary.terms import ActorKind

_GROUPS = (ActorKind.ARMED_GROUP, ActorKind.POLITICAL_GROUP)
_SHORT = 8


@dataclass(slots=True)
class Names:
    """The names there are to give: states with adjective and capital, groups."""

    states: list[NamedActor]
    groups: list[NamedActor]

    @classmethod
    def of(cls, gazetteer: Gazetteer) -> Names:
        """Those of a gazetteer, in a fixed order."""
        actors = [gazetteer.actors[name] for name in sorted(gazetteer.actors)]
        states = [a for a in actors if a.kind is ActorKind.STATE and a.adjectives and a.capitals]
        return cls(states, [a for a in actors if a.kind in _GROUPS])


@dataclass(slots=True)
class Swap:
    """One article's exchange of names.

    Attributes:
        share: How many of its actors are given another name, from 0 to 1.
    """

    names: Names
    draw: random.Random
    share: float
    _given: dict[str, NamedActor | None] = field(default_factory=dict)

    def encode(self, tokenizer: Tokenizer, view: ArticleView, sentence: SentenceView) -> Encoded:
        """The word pieces of a sentence under its new names, and where its mentions are among them."""
        text = view.words(sentence)[sentence.start : sentence.end]
        pieces: list[tuple[int, int, str]] = []
        for mention in sorted(sentence.mentions, key=lambda m: (m.ref.start, -m.ref.end)):
            start, end = mention.ref.start - sentence.start, mention.ref.end - sentence.start
            if start < (pieces[-1][1] if pieces else 0) or end > len(text):
                continue
            new = self._name(mention.ref, text[start:end])
            if new is not None:
                pieces.append((start, end, new))
        words, edges, at = "", [], 0
        for start, end, new in pieces:
            words += text[at:start]
            edges.append((start, end, len(words), len(words) + len(new)))
            words += new
            at = end
        words += text[at:]
        places = [
            (
                _moved(m.ref.start - sentence.start, edges, last=False),
                _moved(m.ref.end - sentence.start, edges, last=True),
            )
            for m in sentence.mentions
        ]
        return encode_text(tokenizer, words, places, TITLE if sentence.part == "title" else LONGEST)

    def _name(self, ref: Ref, text: str) -> str | None:
        """What the mention is called now, or None where it keeps its words."""
        if ref.how not in ("name", "adjective", "capital"):
            return None
        if ref.actor not in self._given:
            pool = self.names.states if ref.actor_kind is ActorKind.STATE else None
            pool = self.names.groups if ref.actor_kind in _GROUPS else pool
            swapped = pool is not None and self.draw.random() < self.share
            self._given[ref.actor] = self.draw.choice(pool) if pool is not None and swapped else None
        other = self._given[ref.actor]
        if other is None:
            return None
        if ref.actor_kind is ActorKind.STATE:
            if ref.how == "adjective":
                return other.adjectives[0]
            if ref.how == "capital":
                return other.capitals[0]
            return other.name if ref.kind is ActorKind.STATE else None
        if ref.how != "name":
            return None
        short = text.isupper() and len(text) < _SHORT
        return next((a for a in other.aliases if short and a.isupper() and len(a) < _SHORT), other.name)


def _moved(offset: int, edges: list[tuple[int, int, int, int]], *, last: bool) -> int:
    """Where a character of the old words stands in the new ones; inside a new name, at its start or end."""
    moved = offset
    for start, end, new_start, new_end in edges:
        if offset < start or (offset == start and not last) or (offset <= start and last):
            return moved if offset != start or last else new_start
        if offset < end:
            return new_end if last else new_start
        moved = new_end + offset - end
    return moved
