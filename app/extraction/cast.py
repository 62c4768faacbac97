"""Who is meant: says for any noun or pronoun of an article which of the actors that it names it stands for.

In: a parsed article and the gazetteer. Out: a `Cast`, which finds the names (`app.extraction.actors`) and resolves what
names nobody: "it", "the ministry", "both sides". It never guesses silently: whatever is not said in so many words
lowers the certainty of the reference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from app.extraction.actors import Ref, Roster
from app.extraction.language import ParsedArticle
from app.extraction.lexicon import Lexicon
from app.extraction.persons import Persons
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Part
from app.vocabulary.terms import ActorKind

if TYPE_CHECKING:
    from spacy.tokens import Token

_PERSONAL = {"he", "she", "him", "her", "his", "himself", "herself"}
_NEUTRAL = {"it", "its", "itself"}
_PLURAL = {"they", "them", "their", "themselves"}
_OWN = {"we", "us", "our", "ours", "i", "my", "me"}


class Cast:
    """The actors of one article.

    Attributes:
        refs: Every reference by name, title or apposition, by part, in order.
        home: The state that an unmarked "foreign ministry" belongs to, or None.
    """

    def __init__(self, parsed: ParsedArticle, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
        self._parsed = parsed
        self._roster = Roster(parsed, gazetteer, lexicon)
        persons = Persons(parsed, self._roster)
        parts: tuple[Part, ...] = ("text", "title")
        for part in parts:
            persons.find(part)
            self._roster.refs[part].sort(key=lambda ref: ref.start)
        self.refs = self._roster.refs
        self.home = self._roster.home

    def at(self, part: Part, token: Token) -> Ref | None:
        """The actor named at this very token, or None."""
        return self._roster.by_token[part].get(token.i)

    def adjective(self, actor: str) -> str:
        """The adjective of a state, "Russian" for Russia; any other actor's name as it is."""
        return self._roster.adjective(actor)

    def within(self, part: Part, start: int, end: int) -> Iterator[Ref]:
        """The actors named between two offsets, in order."""
        for ref in self.refs[part]:
            if ref.start >= end:
                return
            if ref.end > start:
                yield ref

    def resolve(self, part: Part, token: Token, speaker: Ref | None = None) -> list[Ref]:
        """The actors that the noun phrase or pronoun headed by this token means; empty where nobody can be told.

        `speaker` is who "we" is, inside a quotation.
        """
        found = self._resolve_one(part, token, speaker)
        for other in token.conjuncts:
            if other.i > token.i and other.pos_ in ("NOUN", "PROPN", "PRON"):
                found += [ref for ref in self._resolve_one(part, other, speaker) if ref.actor not in _actors(found)]
        return found

    def _resolve_one(self, part: Part, token: Token, speaker: Ref | None) -> list[Ref]:
        direct = self._roster.by_token[part].get(token.i)
        if direct is not None:
            return [direct]
        word = token.lower_
        if token.pos_ == "PRON" or token.tag_ == "PRP$":
            return self._pronoun(part, token, speaker)
        if word in ("side", "country", "government", "capital") and any(
            c.lower_ in ("both", "two") for c in token.children
        ):
            return self._both()
        kind = self._roster.kind_of(token)
        owner = self._roster.owner(part, token, lambda own: next(iter(self._pronoun(part, own, None)), None))
        if kind is not None:
            if owner is not None:
                return [self._roster.as_noun(part, token, owner, kind, 0.95)]
            return self._common_noun(part, token, kind)
        if owner is not None:
            return [replace(owner, certainty=owner.certainty * 0.7)]
        return []

    def _common_noun(self, part: Part, token: Token, kind: str) -> list[Ref]:
        """Whoever of that sort was named last ("the group"), else the home state's ("the ministry")."""
        if kind == "weapon":
            return []
        here = token.idx
        groups = (ActorKind.ARMED_GROUP, ActorKind.POLITICAL_GROUP, ActorKind.UNKNOWN)
        if kind in ("role", "group", "state"):
            for ref in reversed(self.refs[part]):
                fits = (
                    ref.kind is ActorKind.PERSON
                    if kind == "role"
                    else ref.actor_kind in groups
                    if kind == "group"
                    else ref.actor_kind is ActorKind.STATE
                )
                if ref.start < here and fits and ref.how != "adjective":
                    return [replace(ref, certainty=ref.certainty * 0.6, how="noun", head=token.i)]
            if kind != "role":
                return []
        if self.home is None:
            return []
        table, home = self._roster.by_token[part], self.home
        sorts = [c for c in token.children if c.dep_ in ("compound", "amod") and c.i < token.i and c.i not in table]
        named = " ".join([self._roster.adjective(home.actor), *(c.text for c in sorts), token.text])
        bounds = (token.idx, token.idx + len(token), token.i)
        body = self._roster.body_at(part, token, home) if self._roster.is_body(token) else None
        sort, of, sure = ActorKind.GOVERNMENT_BODY, home.actor_kind, 0.9 * home.certainty
        return [Ref(part, *bounds, named, home.actor, sort, of, home.country, "noun", sure, body)]

    def _pronoun(self, part: Part, token: Token, speaker: Ref | None) -> list[Ref]:
        word = token.lower_
        if word in _OWN:
            return [replace(speaker, certainty=speaker.certainty * 0.95)] if speaker is not None else []
        if word not in _PERSONAL | _NEUTRAL | _PLURAL:
            return []
        quoted = self._in_quote(part, token.idx)
        subject = last = None
        doc = token.doc
        for ref in reversed(self.refs[part]):
            if ref.start >= token.idx or (not quoted and self._in_quote(part, ref.start)):
                continue
            if token.idx - ref.start > 700:
                break
            person = ref.kind is ActorKind.PERSON
            if person is not (word in _PERSONAL) or (ref.how == "adjective" and word not in _PLURAL):
                continue
            last = last or ref
            if doc[ref.head].dep_ in ("nsubj", "nsubjpass") and (ref.start < token.sent.start_char or word != "it"):
                subject = ref
                break
        chosen = subject or last
        return [replace(chosen, certainty=chosen.certainty * 0.8, how="pronoun")] if chosen is not None else []

    def _in_quote(self, part: Part, offset: int) -> bool:
        return part == "text" and any(quote.start < offset < quote.end for quote in self._parsed.quotes)

    def _both(self) -> list[Ref]:
        """Who "both sides" are: the two actors the article's top names most."""
        counted: Counter[str] = Counter(ref.actor for part in self.refs.values() for ref in part[:12])
        names = [name for name, _ in counted.most_common(2)]
        found = []
        for name in names:
            ref = next(r for part in self.refs.values() for r in part if r.actor == name)
            found.append(replace(ref, certainty=0.5, how="noun"))
        return found if len(found) == 2 else []


def _actors(refs: list[Ref]) -> set[str]:
    return {ref.actor for ref in refs}
