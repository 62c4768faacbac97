"""Where an incident is reported to have happened: the narrowest named place near the claim, and its country.

In: a parsed article and a sentence. Out: a name and an ISO 3166 alpha-3 code, or None for what is not known.
Coordinates are linking's business.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.extraction.actors import Cast
from app.extraction.language import ParsedArticle
from app.vocabulary.names import Gazetteer, NameForm
from app.vocabulary.records import Part

if TYPE_CHECKING:
    from spacy.tokens import Span

_LABELS = ("GPE", "LOC", "FAC")
_DAYS = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October"
    r"|November|December"
)
_LOCATIVE = ("in", "at", "near", "on", "outside", "around", "off", "inside", "across", "over", "into", "from", "of")


def place_near(
    parsed: ParsedArticle, cast: Cast, part: Part, sentence: Span, gazetteer: Gazetteer
) -> tuple[str | None, str | None]:
    """Name and country of the place of what a sentence speaks about; the article's dateline is not such a place."""
    found = _in_sentence(sentence, gazetteer)
    if found is None and part == "title":
        first = next((s for s in parsed.text.sents if s.text.strip()), None)
        found = _in_sentence(first, gazetteer) if first is not None else None
    if found is None:
        return None, None
    return found, gazetteer.country_of(found)


def _in_sentence(sentence: Span, gazetteer: Gazetteer) -> str | None:
    """The place an "in", "at" or "near" leads to; a town or site before a state."""
    candidates = []
    for token in sentence:
        if token.dep_ != "pobj" or token.pos_ != "PROPN" or token.head.lower_ not in _LOCATIVE:
            continue
        entity = next((e for e in sentence.ents if e.start <= token.i < e.end and e.label_ in _LABELS), None)
        if entity is None and (token.head.lower_ not in ("in", "at", "near") or _DAYS.match(token.text)):
            continue
        left = min((c.i for c in token.children if c.dep_ == "compound"), default=token.i)
        span = entity if entity is not None else token.doc[left : token.i + 1]
        name = re.sub(r"^(?:the|The)\s+|['’]s$", "", span.text).strip()
        if name:
            states = [h for h in gazetteer.hits(name) if h.form is NameForm.NAME]
            candidates.append((bool(states), span.start, name))
    return min(candidates)[2] if candidates else None
