"""One article's reading in, for each of its incidents a profile out: the little by which incidents are told apart.

A profile is small, for an index keeps one of every incident there is: names are shared strings, words are hashes, acts
are bits. It is made of one reading alone, so that the same reading gives the same profile whatever else was read.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from sys import intern
from zlib import crc32

from app.linking.acts import Acts
from app.vocabulary.records import Article, Claim, Incident, Mention, Place, Reading, actor_id, place_id, slug
from app.vocabulary.terms import ClaimType
from app.vocabulary.times import PartialDate, Period

MEMORY = 60
"""Days before its article that an undated incident is looked for in: what is older, an article dates."""
WIDEST = 366
"""Days at most that an interval counts for; of a longer one, its last."""
_SLACK = 4
"""Days by which a day may be late that the article may have given for the telling and not for the act."""
_CLAIM_BOUND = 30
"""Days before its article within which the day of a claim bounds the day of what it is about."""
_MOST_WORDS, _MOST_PARTS = 24, 4
_LONG_PASSAGE = 10
"""Words from which two articles do not happen to say the same."""

_TOKEN = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:]['\"”’»)]*\s+|[\"“«‘(]\s*)$")
_AROUND = re.compile(
    r"^(?:(?:the|near|off|outside|inside|around|in|at|of|between|alleged|"
    r"(?:north|south|east|west|north-?east|north-?west|south-?east|south-?west)(?:ern)?|central|upper|lower|"
    r"city|town|village|province|district|region|gulf|port|coast|outskirts|island)\s+)+(?=\S)",
    re.IGNORECASE,
)
_SORT = re.compile(
    r"\s+(?:city|town|village|province|district|region|governorate|oblast|county|state|valley)$", re.IGNORECASE
)
_AGAIN = frozenset(("second", "third", "fourth", "another", "further", "fresh", "renewed"))
_SAYING = frozenset(
    """about accusation accuse accused accuses accusing added after afternoon against allegation alleged already
    also although among another answer answered authorities because been before behind being between blame blamed
    both called calling carried charge charged claim claimed claims could country crime crimes days denial denied
    denies deny denying does done down during each even evening ever evidence first from government have having
    here himself into itself just known last like made make many might minister ministry month more morning most
    much must named never news night nobody nothing office official officials only order ordered other others over
    people president press put reject rejected reply reported response responsible retaliation revenge said same
    saying says second several should since some spokesman spokeswoman statement still such taken tell than that
    their them themselves then there these they third this those three through today told tomorrow took under
    until very vowed warned week well were what when where which while whom whose will with without would year
    years yesterday your""".split()
)
"""Words of reports and of speech, which say nothing of what happened."""
_DESCRIBING = frozenset(
    """alleged bloody covert cross-border deadly fatal illegal joint large major mass massive planned reported
    retaliatory secret suicide targeted""".split()
)
"""Words of an incident's type that say how it was done, and not to what."""
_CALENDAR = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december""".split()
)


class Dating(IntEnum):
    """What is known of an incident's day."""

    UNDATED = 0
    SPAN = 1
    DAY = 2


@dataclass(frozen=True, slots=True)
class Profile:
    """What incidents are compared by.

    Attributes:
        id: The incident's, within its article.
        dating: Whether `first` to `last` is a day, an interval, or only what the day of publication leaves open.
        first: First day it may have happened (ordinal).
        last: Last day it may have happened: never after publication.
        published: Day of publication (ordinal), or 0 where unknown.
        place: Id of the place, or "" where the article names none.
        heads: The narrowest names of the place ("Liberia"), as slugs.
        wide: Whether the place is an area and no site or settlement.
        wholes: What it is said to lie in ("Guanacaste").
        country: ISO 3166 alpha-3, or "".
        point: Degrees north and east of a site or settlement, or None.
        acts: What was done, by the incident's type; `told` what its passages name besides.
        objects: Hashes of the other words of its type ("ferry").
        accused: Ids of the actors it is laid on, with their wholes.
        parties: Ids of all actors of its claims, rolled up.
        names: Hashes of the names in its passages that are neither actors nor its place.
        words: Hashes of the other words of weight in them.
        passage: Hash of the passage that describes it, or 0 where that is short: copies of one text are known by it.
        again: Whether it is told as one more of its kind ("a second blast").
    """

    id: str
    article: str
    dating: Dating
    first: int
    last: int
    published: int
    place: str
    heads: tuple[str, ...]
    wholes: tuple[str, ...]
    wide: bool
    country: str
    point: tuple[float, float] | None
    acts: int
    told: int
    objects: array[int]
    accused: tuple[str, ...]
    parties: tuple[str, ...]
    names: array[int]
    words: array[int]
    passage: int
    again: bool

    @property
    def days(self) -> str:
        """The day or interval in words."""
        if self.dating is Dating.UNDATED:
            return "day unknown"
        first, last = (date.fromordinal(day).isoformat() for day in (self.first, self.last))
        return first if first == last else f"{first} to {last}"


@dataclass(frozen=True, slots=True)
class World:
    """What mentions stand for.

    Attributes:
        links: Mention → node.
        wholes: Actor → the actor it is part of.
        places: Place id → its record.
    """

    links: Mapping[str, str]
    wholes: Mapping[str, str]
    places: Mapping[str, Place]

    def actor(self, mention: Mention) -> str:
        """The actor a mention stands for, by its name where nobody linked it."""
        return self.links.get(mention.id) or actor_id(mention.name)

    def place(self, mention: Mention) -> Place:
        """The place a mention stands for."""
        node = self.links.get(mention.id) or place_id(mention.name, mention.country)
        return self.places.get(node) or Place(mention.name, mention.country)

    def chain(self, actor: str) -> list[str]:
        """The actor and all that it is part of, itself first."""
        found = [actor]
        while (whole := self.wholes.get(found[-1])) is not None and whole not in found:
            found.append(whole)
        return found


def profiles(article: Article, reading: Reading, world: World, acts: Acts) -> list[Profile]:
    """The profiles of a reading's incidents, in its order; of the article only its id and day are read."""
    if not reading.incidents:
        return []
    mentions = {mention.id: mention for mention in reading.mentions}
    about: dict[str, list[Claim]] = {}
    for claim in reading.claims:
        if claim.incident is not None:
            about.setdefault(claim.incident, []).append(claim)
    actor_words = {
        word[:4]
        for mention in reading.mentions
        if mention.kind == "actor"
        for word in slug(f"{mention.name} {mention.surface}").split("-")
    }
    return [
        _profile(article, incident, about.get(incident.id, []), mentions, actor_words, world, acts)
        for incident in reading.incidents
    ]


def _profile(
    article: Article,
    incident: Incident,
    claims: list[Claim],
    mentions: Mapping[str, Mention],
    actor_words: set[str],
    world: World,
    acts: Acts,
) -> Profile:
    published = PartialDate.parse(article.published).last.toordinal() if article.published else 0
    dating, first, last = _when(incident, claims, published)
    named = mentions.get(incident.place) if incident.place is not None else None
    place = world.place(named) if named is not None else None
    country = (place.country if place is not None else None) or incident.country or ""
    vague = place is None or place.precision == "country"
    heads, wholes = place_parts(place.name) if place is not None and not vague else ((), ())
    done, others = acts.divided(incident.type)
    quotes = list(dict.fromkeys([incident.evidence.quote, *(claim.evidence.quote for claim in claims)]))
    told = done
    for quote in quotes:
        told |= acts.named(quote)
    local = {piece for part in (*heads, *wholes) for piece in part.split("-")}
    names, words = _words(quotes, actor_words, local, acts)
    accused = [mentions[one] for one in incident.alleged_perpetrators if one in mentions]
    accused += [mentions[c.target] for c in claims if c.type is ClaimType.ACCUSES and c.target is not None]
    parties = [mentions[one] for c in claims for one in (c.source, c.target) if one is not None]
    return Profile(
        id=incident.id,
        article=intern(article.id),
        dating=dating,
        first=first,
        last=last,
        published=published,
        place=intern(place.id) if place is not None else "",
        heads=_shared(heads),
        wholes=_shared(wholes),
        wide=place is not None and place.precision == "region",
        country=intern(country),
        point=_point(place),
        acts=done,
        told=told,
        objects=_hashes(
            word for word in map(_one, others) if len(word) > 2 and word not in _SAYING | _DESCRIBING | _AGAIN | local
        ),
        accused=_shared(sorted({one for mention in accused for one in world.chain(world.actor(mention))})),
        parties=_shared(sorted({world.chain(world.actor(mention))[-1] for mention in parties})),
        names=_hashes(names),
        words=_hashes(words),
        passage=_passage(incident.evidence.quote),
        again=_is_again(incident, done, acts),
    )


def _when(incident: Incident, claims: list[Claim], published: int) -> tuple[Dating, int, int]:
    """What is known of the day, and the first and last it may be."""
    latest = published + 1 if published else date.max.toordinal()
    for claim in claims:
        if claim.type is not ClaimType.RETALIATES and claim.date is not None and published:
            day = (Period.parse(claim.date).end or date.max).toordinal()
            if published - _CLAIM_BOUND <= day <= published:
                latest = min(latest, day)
    if incident.date is None:
        return Dating.UNDATED, latest - MEMORY if published else 1, latest
    period = Period.parse(incident.date)
    first, last = (period.start or date.min).toordinal(), (period.end or date.max).toordinal()
    if first == last:
        same_passage = [claim.date for claim in claims if claim.evidence == incident.evidence]
        if same_passage and all(day == incident.date for day in same_passage):
            # One day for the saying and for the act: it may be that of the saying only.
            return Dating.SPAN, first - _SLACK, last
        return Dating.DAY, first, last
    last = max(first, min(last, latest))
    return Dating.SPAN, max(first, last - WIDEST), last


def place_parts(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The narrowest names in the name of a place, and those it is said to lie in, as slugs.

    "near Triton Island, Paracels" gives (triton-island) and (paracels); "Upala and Los Chiles" has two narrowest.
    """
    first, *others = [part.strip() for part in name.split(",") if part.strip()] or [""]
    heads = [_bare(part) for part in re.split(r"\s+and\s+|\s*[–/]\s*", first)]
    wholes = [_bare(part) for part in others]
    return tuple(part for part in heads if part)[:_MOST_PARTS], tuple(part for part in wholes if part)[:_MOST_PARTS]


def _bare(name: str) -> str:
    bare = _SORT.sub("", _AROUND.sub("", name))
    return slug(bare or name)


def _point(place: Place | None) -> tuple[float, float] | None:
    if place is None or place.precision not in ("site", "settlement") or place.lat is None or place.lon is None:
        return None
    return place.lat, place.lon


def _words(quotes: list[str], actor_words: set[str], local: set[str], acts: Acts) -> tuple[set[str], set[str]]:
    """Names and other words of weight in the passages, without the actors, the place and the act."""
    names: set[str] = set()
    words: set[str] = set()
    for quote in quotes:
        if quote.isupper():
            continue  # A headline in capitals names nothing apart.
        for token in _TOKEN.finditer(quote):
            word = slug(token[0].removesuffix("’s").removesuffix("'s"))
            if len(word) < 4 or word[:4] in actor_words or word in _SAYING | _CALENDAR | local or word.isdecimal():
                continue
            if token[0][0].isupper() and not _SENTENCE_START.search(quote, 0, token.start()):
                names.add(word)
            elif not acts.named(word):
                words.add(_one(word))
    return names, words - names


def _passage(quote: str) -> int:
    words = slug(quote)
    return crc32(words.encode()) if words.count("-") >= _LONG_PASSAGE else 0


def _is_again(incident: Incident, done: int, acts: Acts) -> bool:
    """Whether the article itself tells it as one more of its kind: "a second deadly blast"."""
    for text in (incident.type, incident.evidence.quote):
        words = [token[0].casefold() for token in _TOKEN.finditer(text)]
        for at, word in enumerate(words):
            if word in _AGAIN and acts.named(" ".join(words[at + 1 : at + 4])) & done:
                return True
    return False


def _one(word: str) -> str:
    """A word without the ending of its plural."""
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


def _shared(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(intern(name) for name in names)


def _hashes(words: Iterable[str]) -> array[int]:
    """The least hashes of a set of words: of two long sets the same words are kept, so that what they share is seen."""
    return array("I", sorted({crc32(word.encode()) for word in words})[:_MOST_WORDS])
