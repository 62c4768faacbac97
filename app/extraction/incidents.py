"""What the claims of one article are about: a sentence in, the incident it speaks of out.

One incident for each sort of act that the article names; a claim whose sentence names none is about the incident
spoken of last, and a claim before any is spoken of, as in a headline, about the first.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from app.extraction.base import ReadingBuilder
from app.extraction.cast import Cast
from app.extraction.days import day_of
from app.extraction.language import ParsedArticle
from app.extraction.lexicon import Lexicon
from app.extraction.places import place_near
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Evidence, Part
from app.vocabulary.terms import NodeKind
from app.vocabulary.times import PartialDate

if TYPE_CHECKING:
    from spacy.tokens import Span

LEAST_HARM = 0.6
"""Verbs of less weight in the lexicon of harm ("cut", "carry") are no deed by themselves."""


class Incidents:
    """The incidents of one article, made as claims ask for them."""

    def __init__(
        self, builder: ReadingBuilder, parsed: ParsedArticle, cast: Cast, lexicon: Lexicon, gazetteer: Gazetteer
    ) -> None:
        self._builder, self._parsed, self._cast = builder, parsed, cast
        self._lexicon, self._gazetteer = lexicon, gazetteer
        published = parsed.article.published
        self._day = PartialDate.parse(published).first if published else None
        self._of_kind: dict[str, str] = {}
        self._spoken_of: list[tuple[bool, int, str]] = []

    def about(self, part: Part, sentence: Span, evidence: Evidence) -> str | None:
        """The incident that a claim of this sentence is about, made where it is new; None where none is spoken of."""
        kind = self._kind(sentence)
        if kind is not None:
            if kind not in self._of_kind:
                self._of_kind[kind] = self._new(kind, part, sentence, evidence)
            self._spoken_of.append((part != "title", sentence.start, self._of_kind[kind]))
        return self._spoken_of[-1][2] if self._spoken_of else None

    @property
    def first(self) -> str | None:
        """The incident that the article's claims speak of first, or None where they speak of none."""
        return self._spoken_of[0][2] if self._spoken_of else None

    def taken_on(self, part: Part, sentence: Span, evidence: Evidence, *, fresh: bool) -> str | None:
        """The incident that somebody takes upon himself in this sentence.

        That is the one which claims of the sentence are about, or one of its sort, or the one spoken of last before it,
        or an act told just before it, or the article's first.
        An act that is brought up as new and that no claim is about is an incident of its own.
        """
        here = (part != "title", sentence.start)
        kind = self._kind(sentence) or self._deed(sentence)
        own = next((found for *at, found in self._spoken_of if tuple(at) == here), None)
        if own is not None:
            return own
        if kind is not None:
            if fresh or kind not in self._of_kind:
                found = self._new(kind, part, sentence, evidence)
                self._of_kind.setdefault(kind, found)
                return found
            return self._of_kind[kind]
        before = [found for *at, found in sorted(self._spoken_of) if tuple(at) <= here]
        return before[-1] if before else self._nearby(part, sentence) or self.first

    def accuse(self, incident: str, accused: str) -> None:
        """Note that a claim lays an incident on an actor (by mention)."""
        one = next(found for found in self._builder.incidents if found.id == incident)
        if accused not in one.alleged_perpetrators:
            named = (*one.alleged_perpetrators, accused)
            self._builder.replace_incident(dataclasses.replace(one, alleged_perpetrators=named))

    def _nearby(self, part: Part, sentence: Span) -> str | None:
        """The act that one of the two sentences before speaks of, where no claim of the article is about any."""
        doc = sentence.doc
        before = [s for s in doc.sents if s.start < sentence.start and s.text.strip()][-2:]
        for near in reversed(before):
            kind = self._kind(near)
            if kind is not None:
                text = near.text
                start = near.start_char + len(text) - len(text.lstrip())
                return self._new(kind, part, near, self._builder.evidence(part, start, start + len(text.strip())))
        return None

    def _new(self, kind: str, part: Part, sentence: Span, evidence: Evidence) -> str:
        place, country = place_near(self._parsed, self._cast, part, sentence, self._gazetteer)
        found = None
        if place:
            at = self._builder.locate(place) or evidence
            found = self._builder.mention(NodeKind.PLACE, place, at, country=country)
        return self._builder.incident(kind, evidence, found, country, day_of(sentence.text, self._day))

    def _deed(self, sentence: Span) -> str | None:
        """The sort of act by its verb, where no noun names it: "shot down the airliner" is a shooting."""
        found = None
        for token in sentence:
            lemma = token.lemma_.lower()
            weight = self._lexicon.harm.get(lemma, 0.0) if token.pos_ == "VERB" else 0.0
            if weight >= LEAST_HARM and (found is None or weight > found[0]):
                found = (weight, _gerund(lemma))
        return found[1] if found is not None else None

    def _kind(self, sentence: Span) -> str | None:
        for token in sentence:
            found = self._lexicon.incident_nouns.get(token.lemma_.lower())
            if found is not None and token.pos_ in ("NOUN", "PROPN", "VERB"):
                return found
        return None


def _gerund(lemma: str) -> str:
    if lemma.endswith("e") and not lemma.endswith("ee"):
        return lemma[:-1] + "ing"
    doubled = re.fullmatch(r"[^aeiou]*[aeiou][bdgmnpt]", lemma) or lemma == "kidnap"
    return lemma + (lemma[-1] if doubled else "") + "ing"
