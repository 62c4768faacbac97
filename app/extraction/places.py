"""Where an incident is reported to have happened: the narrowest named place near the claim, and its country.

In: a parsed article and a sentence. Out: a name and an ISO 3166 alpha-3 code, or None for what is not known. A name
that several places bear is settled by what the text adds to it ("Paris, Texas"), else by the other places of the
article, and stays unsettled where neither decides. Coordinates are linking's business.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from app.extraction.cast import Cast
from app.extraction.language import ParsedArticle
from app.vocabulary.cities import LIKELIER, bearers, folded, only_town, us_counties, us_states
from app.vocabulary.names import Gazetteer, NameForm, Spot
from app.vocabulary.records import Part
from app.vocabulary.terms import ActorKind
from app.vocabulary.times import PartialDate

if TYPE_CHECKING:
    from spacy.tokens import Span

_LABELS = ("GPE", "LOC", "FAC")
_DAYS = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October"
    r"|November|December"
)
_LOCATIVE = ("in", "at", "near", "on", "outside", "around", "off", "inside", "across", "over", "into", "from", "of")
_WORD = r"(?:[A-Z]\.(?:[A-Z]\.)*|[A-Z][\w’'-]+\.?)"
_ADDED = re.compile(rf"(?:,\s{{1,2}}|\s?\()({_WORD}(?:\s(?:and\s)?{_WORD}){{0,3}})")
"""What a text adds to a town's name to tell it from others: ", Texas", " (Ont.)"."""
_HOLDERS = ("province", "region", "disputed", "island")
"""Kinds of regions in which towns lie."""
_CITY, _DIVISION, _COUNTY = 1, 3, 6
"""What naming a city, the division itself and a county is worth as a sign that an article is about the division they
are or lie in: who writes of a county writes for people there."""
_AMONG_MANY, _AT_HOME, _ABROAD, _CAPITAL = 2, 3, 6, 9
"""The least such worth with which a division claims a name that several places bear, and one that by itself means a
city in the same country, a city elsewhere, and a capital."""
_FAMOUS = 33
"""A town is never meant rather than a city that has more than this many times its people for each such sign."""
_MANY_BEAR, _ONE_BEARS = 3, 2
"""So many names that several towns bear, or that only one does, show where an article is by having a bearer there."""
_AMERICAN = 4
"""So much worth of signs for divisions of the United States makes "Georgia" another of them."""
_ASIDE = 4
"""A country that an article names so many times less often than another is named in passing."""
_CLEARLY = 2
"""A country is what an article is about if the article names it more than this many times the next one."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place that an article names, and where that lies.

    Attributes:
        name: Its name without what the text adds to it, folded.
        country: ISO 3166 alpha-3.
        division: The code of the first-order division it is or lies in, or None.
        worth: How strong a sign it is that the article is about that division; 0 for a whole country.
        told: Its name with what the text adds to it ("Paris, Texas"), or None.
    """

    name: str
    country: str
    division: str | None = None
    worth: int = 0
    told: str | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The places of an article, by which a name of several bearers is settled.

    Attributes:
        dateline: The country of the article's dateline.
        day: When it was published.
    """

    sightings: tuple[Sighting, ...] = ()
    dateline: str | None = None
    day: date | None = None

    def without(self, name: str) -> Surroundings:
        """What all other names tell."""
        own = folded(name)
        return replace(self, sightings=tuple(s for s in self.sightings if s.name != own))

    @property
    def countries(self) -> Counter[str]:
        """How often each country is named, by its places too."""
        return Counter(sighting.country for sighting in self.sightings)

    def leaves_out(self, spot: Spot) -> bool:
        """True where the article speaks of other countries, more than once, and never of the one this lies in."""
        countries = self.countries
        return spot.country not in countries and max(countries.values(), default=0) > 1

    @property
    def divisions(self) -> Counter[tuple[str, str]]:
        """The worth of all signs for each division."""
        found: Counter[tuple[str, str]] = Counter()
        for sighting in self.sightings:
            if sighting.division is not None:
                found[sighting.country, sighting.division] += sighting.worth
        return found

    @property
    def home(self) -> str | None:
        """The country that the article is about as far as its places tell, else that of its dateline."""
        (first, times), (_, next_times), *_ = [*self.countries.most_common(2), ("", 0), ("", 0)]
        return first if times > _CLEARLY * next_times else self.dateline


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
    return settled(found, surroundings_of(parsed, cast, gazetteer), gazetteer)


def surroundings_of(parsed: ParsedArticle, cast: Cast, gazetteer: Gazetteer) -> Surroundings:
    """The places that a parsed article names, by the language model's account and by ours."""
    names = []
    parts: tuple[Part, ...] = ("title", "text")
    for part in parts:
        doc, text = parsed.doc(part), parsed.doc(part).text
        spans = [(e.start_char, e.end_char) for e in doc.ents if e.label_ in (*_LABELS, "NORP")]
        ours = [(ref.start, ref.end) for ref in cast.refs[part] if ref.how in ("name", "adjective", "capital")]
        spans += [(a, b) for a, b in ours if not any(start < b and a < end for start, end in spans)]
        names += [told_in(text, _without_article(text[start:end]), end, gazetteer) for start, end in sorted(spans)]
    published = parsed.article.published
    day = PartialDate.parse(published).first if published else None
    return surroundings(names, gazetteer, parsed.dateline, day)


def surroundings(
    names: Sequence[str], gazetteer: Gazetteer, dateline: str | None = None, day: date | None = None
) -> Surroundings:
    """What an article's names of places tell of where it is, each name as often as it stands there."""
    found: list[Sighting] = []
    for name in names:
        spot = gazetteer.spot(name, day=day)
        key = folded(name.partition(",")[0])
        if spot is not None and spot.country is not None:
            found.append(_sighting(key, name, spot, gazetteer))
            continue
        people = [h for h in gazetteer.hits(name) if h.form in (NameForm.ADJECTIVE, NameForm.DEMONYM)]
        if people and people[0].actor.country is not None:
            found.append(Sighting(key, people[0].actor.country))
    found = _with_unique_towns(names, found)
    home = gazetteer.country_of(dateline, day) if dateline is not None else None
    return Surroundings(tuple(_shared(names, found, gazetteer)), home, day)


def _sighting(key: str, name: str, spot: Spot, gazetteer: Gazetteer) -> Sighting:
    country = spot.country or ""
    told = name if "," in name else None
    if spot.precision == "country" or any(hit.form is NameForm.CAPITAL for hit in gazetteer.hits(name)):
        return Sighting(key, country, told=told)
    worth = _COUNTY if us_counties(name) else _DIVISION if spot.precision == "region" or told else _CITY
    return Sighting(key, country, spot.division, worth, told)


def _with_unique_towns(names: Sequence[str], found: list[Sighting]) -> list[Sighting]:
    """The sightings, with towns whose names no other town in the world bears, where some of them share a division.

    One alone may be named after a village that no list holds.
    """
    known = {sighting.name for sighting in found}
    unknown = sorted({folded(name): name for name in names if folded(name) not in known}.items())
    towns = [(key, town) for key, name in unknown if (town := only_town(name)) is not None]
    counted = Counter((town.country, town.division) for _, town in towns)
    return found + [
        Sighting(key, town.country, town.division, _DIVISION)
        for key, town in towns
        if counted[town.country, town.division] >= _ONE_BEARS
    ]


def _shared(names: Sequence[str], found: list[Sighting], gazetteer: Gazetteer) -> list[Sighting]:
    """The sightings, with names that many towns bear put where they all have a bearer: one state of the United States.

    Only where that state explains more of the article's names than lie abroad when each is taken for itself.
    """
    where: dict[str, set[str]] = {}
    for name in dict.fromkeys(names):
        spot = gazetteer.spot(name)
        if spot is None or (spot.precision != "country" and not _is_division(name, gazetteer)):
            codes = {*us_counties(name), *(city.division for city in bearers(name, "USA"))}
            where[folded(name)] = codes.intersection(us_states().values())
    counted = Counter(code for codes in where.values() for code in codes)
    (first, most), (_, next_most), *_ = [*counted.most_common(2), ("", 0), ("", 0)]
    abroad = {sighting.name for sighting in found if sighting.country != "USA"}
    if most < _MANY_BEAR or most == next_most or most <= len(abroad):
        return found
    moved = {name for name, codes in where.items() if first in codes}
    kept = [s for s in found if s.name not in moved or s.told is not None or (s.country, s.division) == ("USA", first)]
    there = moved.difference(sighting.name for sighting in kept)
    return kept + [Sighting(name, "USA", first, _DIVISION) for name in sorted(there)]


def settled(name: str, around: Surroundings, gazetteer: Gazetteer) -> tuple[str, str | None]:
    """A place's name, with its division where that tells it from its namesakes, and its country or None."""
    told = name if "," in name else next((s.told for s in around.sightings if s.told and s.name == folded(name)), None)
    alone = gazetteer.spot(name.partition(",")[0], day=around.day)
    if told is not None:
        return _as_told(name, told, alone, around, gazetteer)
    country = alone.country if alone is not None else None
    others = around.without(name)
    if alone is not None and alone.precision == "country":
        return name, "USA" if _is_us_state(name, country, others, gazetteer) else country
    if alone is not None and (country is None or _is_division(name, gazetteer)):
        return name, country
    division = _division_of(name, alone, others, gazetteer)
    if division is not None:
        return f"{name}, {gazetteer.division_name(*division)}", division[0]
    if alone is None or (alone.is_obscure and others.leaves_out(alone)):
        return name, _country_among(name, others, gazetteer)
    return name, country


def _as_told(
    name: str, told: str, alone: Spot | None, around: Surroundings, gazetteer: Gazetteer
) -> tuple[str, str | None]:
    """What the text adds to a name decides; it is left out of the name again where it tells no more than a country."""
    spot = gazetteer.spot(told, day=around.day)
    if spot is None or spot.country is None:
        return name, None
    whole = gazetteer.spot(told.rpartition(",")[2].strip(), spot.country)
    plain = spot == alone or (whole is not None and whole.precision == "country")
    return name.partition(",")[0] if plain else told, spot.country


def _country_among(name: str, others: Surroundings, gazetteer: Gazetteer) -> str | None:
    """The one of the article's countries in which a name of several bearers has one, else the one it is about."""
    towns = {city.country for city in bearers(name)}
    countries, home = others.countries, others.home
    enough = max(countries.values(), default=0) / _ASIDE
    # The United States are named everywhere and have a small town of every name.
    named = [c for c, times in countries.items() if times >= enough and (c != "USA" or c in towns or c == home)]
    found = [country for country in named if gazetteer.spot(name, country) is not None]
    if home is not None and home not in countries and gazetteer.spot(name, home) is not None:
        found.append(home)
    if home in found:
        return home
    sized = sorted(((_people(name, country), country) for country in found), reverse=True)
    return sized[0][1] if sized and (len(sized) == 1 or sized[0][0] >= LIKELIER * sized[1][0]) else None


def _people(name: str, country: str | None, division: str | None = None) -> int:
    """How many live in the likeliest city of this name there; 0 where there is none."""
    return next((city.population for city in bearers(name, country, division)), 0)


def _is_us_state(name: str, country: str | None, others: Surroundings, gazetteer: Gazetteer) -> bool:
    """True where "Georgia" stands among places of the United States and no other place of the country Georgia does."""
    worth = sum(times for (owner, _), times in others.divisions.items() if owner == "USA")
    if country in others.countries or worth < _AMERICAN or others.home != "USA":
        return False
    there = gazetteer.spot(name, "USA")
    return there is not None and there.precision == "region"


def _division_of(name: str, alone: Spot | None, others: Surroundings, gazetteer: Gazetteer) -> tuple[str, str] | None:
    """The division that a town of this name lies in, where the article makes that likelier than what it means alone."""
    divisions, countries = others.divisions, others.countries
    own = alone.country if alone is not None else None
    known = alone is not None and alone.precision != "unknown"
    if alone is not None and known and (alone.country, alone.division) in divisions:
        return None
    famous = _people(name, own) if known else 0
    elsewhere = _CAPITAL if any(hit.form is NameForm.CAPITAL for hit in gazetteer.hits(name)) else _ABROAD
    found: list[tuple[int, tuple[str, str]]] = []
    for division, worth in divisions.items():
        least = _AMONG_MANY if not known else _AT_HOME if division[0] == own else elsewhere
        if worth < least or (own in countries and own != division[0]) or gazetteer.division_name(*division) is None:
            continue
        people = _people(name, *division) or famous
        if people * _FAMOUS * worth >= famous and gazetteer.spot_in(name, *division) is not None:
            found.append((worth, division))
    found.sort(reverse=True)
    return found[0][1] if found and (len(found) == 1 or found[0][0] > found[1][0]) else None


def told_in(text: str, name: str, end: int, gazetteer: Gazetteer) -> str:
    """A name that ends here in a text, with the state or division that the text adds to it: "Paris, Texas".

    Where the name is known and lies in no such place, what follows is the next of a list: "Beirut, Syria and Iraq".
    """
    added = _ADDED.match(text, end)
    if added is None or not name or "," in name:
        return name
    words = re.sub(r"['’]s\b.*", "", added[1]).split()
    for many in range(len(words), 0, -1):
        whole = " ".join(words[:many])
        for after in dict.fromkeys((whole, whole.rstrip("."))):
            if _holds_towns(after, gazetteer):
                told = f"{name}, {after}"
                return told if _lies_there(name, told, gazetteer) else name
    return name


def _is_division(name: str, gazetteer: Gazetteer) -> bool:
    region = gazetteer.regions.get(name)
    return region is not None and region.kind == "province"


def _holds_towns(name: str, gazetteer: Gazetteer) -> bool:
    """True for the name of a division, a region or a state, and for the two letters of a state of the United States."""
    region, states = gazetteer.regions.get(name), us_states()
    if name in states or name in states.values() or (region is not None and region.kind in _HOLDERS):
        return True
    return any(h.form is NameForm.NAME and h.actor.kind is ActorKind.STATE for h in gazetteer.hits(name))


def _lies_there(name: str, told: str, gazetteer: Gazetteer) -> bool:
    spot = gazetteer.spot(told)
    if spot is None:
        return False
    return spot.precision in ("settlement", "site") or us_counties(name) != () or gazetteer.spot(name) is None


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
        name = told_in(span.doc.text, _without_article(span.text), span.end_char, gazetteer)
        if name:
            states = [h for h in gazetteer.hits(name) if h.form is NameForm.NAME]
            candidates.append((bool(states), span.start, name))
    return min(candidates)[2] if candidates else None


def _without_article(name: str) -> str:
    return re.sub(r"^(?:the|The)\s+|['’]s$", "", name).strip()
