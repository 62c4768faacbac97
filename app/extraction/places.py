"""Where an incident is reported to have happened: the narrowest named place near the claim, and its country.

In: a parsed article and a sentence. Out: a name and an ISO 3166 alpha-3 code, or None for what is not known. Coordinates
are linking's business.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.extraction.actors import Cast
from app.extraction.language import ParsedArticle
from app.vocabulary.cities import likely_city
from app.vocabulary.names import Gazetteer, NameForm
from app.vocabulary.records import Part

if TYPE_CHECKING:
    from spacy.tokens import Span

_LABELS = ("GPE", "LOC", "FAC")
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
    return found, country_of(found, gazetteer)


def _in_sentence(sentence: Span, gazetteer: Gazetteer) -> str | None:
    candidates = []
    for entity in sentence.ents:
        if entity.label_ not in _LABELS or entity.root.dep_ not in ("pobj", "appos", "compound", "dobj", "conj"):
            continue
        before = entity.root.head.lower_ if entity.root.dep_ == "pobj" else ""
        name = re.sub(r"^(?:the|The)\s+", "", entity.text).removesuffix("'s").removesuffix("’s").strip()
        states = [h for h in gazetteer.hits(name) if h.form is NameForm.NAME]
        if name and before in _LOCATIVE:
            candidates.append((bool(states), entity.start, name))
    return min(candidates)[2] if candidates else None


def country_of(name: str, gazetteer: Gazetteer) -> str | None:
    """The country of a place, where only one is likely: the gazetteer's, else that of the likely city."""
    region = gazetteer.regions.get(name)
    if region is not None:
        return region.country
    for hit in gazetteer.hits(name):
        if hit.actor.country is not None and hit.form in (NameForm.NAME, NameForm.CAPITAL):
            return hit.actor.country
    city = likely_city(name)
    return city.country if city is not None else None
