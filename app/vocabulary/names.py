"""The gazetteer: names of states, bodies, groups, organisations and roles, read from tab-separated files of ours.

In: the folder `graph_data/gazetteers`. Out: which actor a name stands for, what it is part of, and to whom it rolls up
on a given day (codebook, "Who speaks, and for whom"). It knows nothing of text; finding names in text is extraction's
business. Proxies stay themselves; a wing belongs to its own group, never to a foreign sponsor.

Long, because where a place lies is asked of the same names as who acts.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

from app.vocabulary.cities import (
    ALSO_CALLED,
    City,
    bearers,
    division_at,
    folded,
    is_town,
    likely_city,
    us_counties,
    us_states,
)
from app.vocabulary.errors import BadData
from app.vocabulary.records import Actor, Membership, actor_id
from app.vocabulary.terms import ActorKind
from app.vocabulary.times import Period


class NameForm(StrEnum):
    """How a name stands for its actor, which decides whether it can also be a place or an adjective."""

    NAME = "name"
    ADJECTIVE = "adjective"
    DEMONYM = "demonym"
    CAPITAL = "capital"
    SEAT = "seat"


@dataclass(frozen=True, slots=True)
class NamedActor:
    """One row of the gazetteer.

    Attributes:
        part_of: Canonical name of the actor it belongs to, or None.
        rolls_up: Whether it speaks and acts for the actor it belongs to. A wing does; an affiliate, a proxy, an
            independent broadcaster stays itself.
        valid: When it existed under this name.
    """

    name: str
    kind: ActorKind
    country: str | None = None
    part_of: str | None = None
    rolls_up: bool = True
    aliases: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    valid: Period = field(default_factory=Period)
    wikidata: str | None = None

    def forms(self) -> Iterator[tuple[str, NameForm]]:
        """Every name it goes by, with how that name stands for it."""
        yield self.name, NameForm.NAME
        for form, names in (
            (NameForm.NAME, self.aliases),
            (NameForm.ADJECTIVE, self.adjectives),
            (NameForm.DEMONYM, self.demonyms),
            (NameForm.CAPITAL, self.capitals),
            (NameForm.SEAT, self.seats),
        ):
            for name in names:
                yield name, form


@dataclass(frozen=True, slots=True)
class NameHit:
    """An actor that a name may stand for."""

    actor: NamedActor
    form: NameForm


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A name of several bearers.

    Attributes:
        context: For each candidate, words whose presence in the article speaks for it.
        default: Who it is where nothing decides; None: nobody, for unknown stays unknown.
    """

    candidates: tuple[str, ...]
    context: tuple[tuple[str, ...], ...]
    default: str | None


@dataclass(frozen=True, slots=True)
class Role:
    """A title or office: "spokesman", "Prime Minister", "Gen."; `speaks_for` is state, body, group or self."""

    name: str
    kind: str
    speaks_for: str


@dataclass(frozen=True, slots=True)
class Region:
    """A place that lists of cities lack; coordinates in degrees (WGS 84) where known."""

    name: str
    country: str | None
    kind: str
    lat: float | None
    lon: float | None


Precision = Literal["site", "settlement", "region", "country", "unknown"]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a named place lies, as far as that is known.

    Attributes:
        country: ISO 3166 alpha-3; None where several claim the place, or where it lies in none.
        precision: What sort of place it is, and so what its point stands for; unknown where only its country is known.
        lat: Degrees north (WGS 84), or None.
        lon: Degrees east (WGS 84), or None.
        division: Code of the first-order division within the country, or None.
        people: How many stand behind the name, for a city that is no capital: those of the city, or the part of them
            that counts where it is only also called so; None for anything else.
    """

    country: str | None
    precision: Precision
    lat: float | None = None
    lon: float | None = None
    division: str | None = None
    people: int | None = None

    @property
    def is_obscure(self) -> bool:
        """True for a lesser city: where a text does not speak of its country, the name is likely that of a village."""
        return self.people is not None and self.people < _OBSCURE


_STATE_KINDS = {
    "state": ActorKind.STATE,
    "de_facto_state": ActorKind.STATE,
    "former_state": ActorKind.STATE,
    "territory": ActorKind.STATE,
    "sub_state": ActorKind.GOVERNMENT_BODY,
}
_BODY_KINDS = {"armed_force": ActorKind.ARMED_FORCE, "state_media": ActorKind.MEDIA}
_GROUP_KINDS = {"party": ActorKind.POLITICAL_GROUP, "movement": ActorKind.POLITICAL_GROUP}
_ORGANISATION_KINDS = {"ngo": ActorKind.NGO, "media": ActorKind.MEDIA, "company": ActorKind.COMPANY}


_DIRECTION = "(?:central|(?:(?:far|deep) )?(?:(?:north|south)?-?(?:east|west)|north|south)(?:ern)?)"
_SIDE = re.compile(
    rf"(?:the )?(?:{_DIRECTION}|[\w’']+-(?:occupied|controlled|held|administered)|occupied|upper|lower|inner|outer"
    "|greater|downtown|rural|suburban|urban|coastal|mainland|metropolitan|upstate|historic) (?:part of |parts of )?",
    re.IGNORECASE,
)
"""What narrows a place down to a part of it: "northern", "far south-eastern", "rebel-held", "downtown"."""
_SETTLEMENTS = "city|town|village|municipality|suburbs?|outskirts|airport|airbase|air base|port|harbou?r"
_AREAS = "province|state|region|district|governorate|oblast|krai|prefecture|department|territory|area|countryside"
_SORT_BEFORE = re.compile(
    rf"(?:the )?(?:[\w-]+ ){{0,2}}(?P<sort>{_SETTLEMENTS}|{_AREAS}|island) of (?:the )?", re.IGNORECASE
)
_SORT_AFTER = re.compile(rf" (?P<sort>{_SETTLEMENTS}|{_AREAS})$", re.IGNORECASE)
"""What says only of which sort a place is: "the port city of", "Governorate"."""
_SITES = ("facility", "camp", "border_crossing")
_OF_PLACES = (NameForm.NAME, NameForm.CAPITAL)
_NO_ABBREVIATION = 4
"""A name in capitals of fewer letters is an abbreviation."""
_OBSCURE = 50_000
"""Of a city of so many people a text can speak without speaking of its country."""
_CITY_PROPER = 300_000
"""A city of so many people is meant before the division around it that bears the same name."""
_GREATER_THAN_THE_CAPITAL = 2
"""A capital stands for its name unless a city elsewhere has more than this many times its people."""


class Gazetteer:
    """All names, read once; immutable afterwards and safe to share."""

    def __init__(
        self,
        actors: list[NamedActor],
        roles: list[Role] | None = None,
        patterns: list[tuple[str, ActorKind]] | None = None,
        ambiguities: dict[str, Ambiguity] | None = None,
        regions: dict[str, Region] | None = None,
    ) -> None:
        self.actors = {actor.name: actor for actor in actors}
        self.by_id = {actor_id(actor.name): actor for actor in actors}
        self.roles = {role.name: role for role in roles or []}
        self.patterns = patterns or []
        """Pieces a body's name is made of, "{ADJ} Foreign Ministry", with the kind of body."""
        self.ambiguities = ambiguities or {}
        self.regions = regions or {}
        self._states = {a.country: a for a in actors if a.kind is ActorKind.STATE and a.country is not None}
        self._division_names: dict[str, dict[str | None, str]] = {}
        self._hits: dict[str, list[NameHit]] = {}
        for actor in actors:
            for name, form in actor.forms():
                self._hits.setdefault(name, []).append(NameHit(actor, form))

    @classmethod
    def load(cls, folder: Path) -> Gazetteer:
        """Read the gazetteer's files.

        Raises:
            BadData: A file is missing or a row cannot be read; the message names file and line.
        """
        listed: dict[str, tuple[str, NamedActor]] = {}
        for file, make in (
            ("states.tsv", _state),
            ("bodies.tsv", _body),
            ("groups.tsv", _group),
            ("organisations.tsv", _organisation),
        ):
            for where, actor in _read(folder / file, make):
                if actor.name in listed:
                    raise BadData(f"{where}: {actor.name!r} is listed already in {listed[actor.name][0]}")
                listed[actor.name] = where, actor
        for where, actor in listed.values():
            if actor.part_of is not None and actor.part_of not in listed:
                raise BadData(f"{where}: {actor.name!r} is part of {actor.part_of!r}, which no file names")
        roles = [role for _, role in _read(folder / "role_nouns.tsv", _role)]
        patterns = [pattern for _, pattern in _read(folder / "body_patterns.tsv", _pattern) if pattern is not None]
        ambiguities = dict(pair for _, pair in _read(folder / "ambiguous.tsv", _ambiguity))
        regions: dict[str, Region] = {}
        for _, (names, region) in _read(folder / "regions.tsv", _region):
            for name in names:
                regions.setdefault(name, region)
        found = cls([actor for _, actor in listed.values()], roles, patterns, ambiguities, regions)
        for where, (name, state) in _read(folder / "metonym_places.tsv", lambda row: (row["name"], row["state"])):
            if not state:  # noted as a name that speaks for no state
                continue
            if state not in listed:
                raise BadData(f"{where}: {state!r} is no actor of the other files")
            hits = found._hits.setdefault(name, [])
            if all(hit.actor.name != state for hit in hits):
                hits.append(NameHit(found.actors[state], NameForm.SEAT))
        return found

    def hits(self, name: str) -> list[NameHit]:
        """Who a name may stand for, exactly as written; empty where nobody."""
        return self._hits.get(name, [])

    def names(self) -> Iterator[str]:
        """Every name it knows, the ambiguous ones included."""
        yield from self._hits
        yield from (name for name in self.ambiguities if name not in self._hits)

    def top(self, name: str) -> str:
        """The actor on whose behalf this one acts, as high as the gazetteer goes; an unknown name stands for itself."""
        seen = {name}
        while (above := self.above(name)) is not None and above not in seen:
            name = above
            seen.add(name)
        return name

    def above(self, name: str) -> str | None:
        """The actor this one speaks and acts for next, or None where it speaks for itself."""
        actor = self.actors.get(name)
        return actor.part_of if actor is not None and actor.rolls_up else None

    def country_of(self, place: str, day: date | None = None) -> str | None:
        """The country of a named place (ISO 3166 alpha-3); None where several are likely or claim it."""
        found = self.spot(place, day=day)
        return found.country if found is not None else None

    def spot(self, place: str, country: str | None = None, day: date | None = None) -> Spot | None:
        """The place a name most likely means, within this country where one is given; None where nothing decides.

        "Paris, Texas" is looked for in Texas, "northern Mali" and "Kandahar province" by the name in them. Capitals of
        former states count on a day on which those existed.
        """
        bare = place.removeprefix("the ").removeprefix("The ")
        lowered = _SORT_AFTER.sub(lambda sort: sort[0].lower(), bare)
        for name in dict.fromkeys((place, bare, lowered)):
            found = self._spot_named(name, country, day)
            if found is not None:
                return found
        if "," in bare:
            head, _, tail = bare.rpartition(",")
            return self._spot_within(head.partition(",")[0].strip(), tail.strip(), country, day)
        return self._spot_in_words(place, country, day)

    def _spot_named(self, name: str, country: str | None, day: date | None) -> Spot | None:
        """The place that bears exactly this name: a region before a state, a capital, a county and a city."""
        if name not in self.regions and name not in self._hits:
            name = self._shouted.get(name, name)
        region = self.regions.get(name)
        if region is not None and (country is None or region.country in (None, country)):
            return self._spot_of(region)
        states = [h.actor for h in self.hits(name) if h.form is NameForm.NAME and h.actor.kind is ActorKind.STATE]
        state = next((actor.country for actor in states if actor.country is not None), None)
        if states and country in (None, state):
            return Spot(state, "country")
        city = likely_city(name, country)
        namesake = next((r for r in self._namesakes.get(name, ()) if r.country == country is not None), None)
        if namesake is not None and (city is None or city.population < _CITY_PROPER):
            return self._spot_of(namesake)
        if states:
            return Spot(state, "country")
        if country in (None, "USA") and (codes := us_counties(name)):
            return Spot("USA", "region", division=codes[0] if len(codes) == 1 else None)
        owner = self._capital_of(name, country, day)
        if owner is not None:
            city = likely_city(name, owner)
            return replace(_spot_of_city(city, name), people=None) if city is not None else Spot(owner, "settlement")
        if city is not None:
            return _spot_of_city(city, name)
        countries = {bearer.country for bearer in bearers(name, country)}
        return Spot(countries.pop(), "unknown") if len(countries) == 1 else None

    def _capital_of(self, name: str, country: str | None, day: date | None) -> str | None:
        """The country whose capital bears this name, unless a far greater city elsewhere does too."""
        for hit in self.hits(name):
            actor = hit.actor
            past = actor.valid.end is not None
            if hit.form is not NameForm.CAPITAL or actor.kind is not ActorKind.STATE or actor.country is None:
                continue
            if country not in (None, actor.country) or (past and (day is None or not self.valid_on(actor, day))):
                continue
            if country is not None or past:
                return actor.country
            own = next((city.population for city in bearers(name, actor.country)), 0)
            rival = next((city.population for city in bearers(name) if city.country != actor.country), 0)
            if rival <= _GREATER_THAN_THE_CAPITAL * own:
                return actor.country
        return None

    def _spot_within(self, name: str, whole: str, country: str | None, day: date | None) -> Spot | None:
        """The place of this name within the place named after it, else that one: "Depot, Belgard"."""
        wholes = [spot for spot in self._wholes(whole, country, day) if country in (None, spot.country)]
        for around in wholes:
            found: Spot | None = None
            if around.precision == "country":
                found = self.spot(name, around.country, day)
                found = found if found is not None and found.precision != "country" else None
            elif around.precision == "region" and around.country is not None:
                found = self.spot_in(name, around.country, around.division)
            if found is not None:
                return found
        if not wholes:
            return None
        return replace(wholes[0], precision="region") if wholes[0].precision == "site" else wholes[0]

    def spot_in(self, name: str, country: str, division: str | None) -> Spot | None:
        """The one town or county of this name in a division of a country, by the division's code."""
        if country == "USA" and division is not None and division in us_counties(name):
            return Spot("USA", "region", division=division)
        city = likely_city(name, country, division)
        return _spot_of_city(city, name) if city is not None else None

    def division_name(self, country: str, code: str) -> str | None:
        """What the division of a country with this code is called, where our regions hold it."""
        if country not in self._division_names:
            regions = [region for region in dict.fromkeys(self.regions.values()) if region.country == country]
            coded = {self._division(region): region.name.partition(" (")[0] for region in reversed(regions)}
            self._division_names[country] = coded
        return self._division_names[country].get(code)

    def _wholes(self, name: str, country: str | None, day: date | None) -> Iterator[Spot]:
        """What a name after a comma may stand for: a state, a division ("Ont.", "TX"), or any other place."""
        state = next((full for full, code in us_states().items() if code == name), None)
        if state is not None:
            name = state
        else:
            found = self._spot_named(name, country, day)
            if found is not None and found.precision in ("country", "region"):
                yield found
        for region in (self.regions.get(name), *self._namesakes.get(name, ())):
            if region is not None:
                yield self._spot_of(region)
        if state is None and (found := self.spot(name, country, day)) is not None:
            yield found

    def _spot_in_words(self, place: str, country: str | None, day: date | None) -> Spot | None:
        """The place in "northern Mali", "the city of Paris", "Kandahar province"."""
        side, before, after = _SIDE.match(place), _SORT_BEFORE.match(place), _SORT_AFTER.search(place)
        found: Spot | None = None
        # "West Chester" is no part of Chester, nor "Union City" the city of Union.
        if side is not None and not (place[0].isupper() and is_town(place)):
            found = self._spot_in_rest(place[side.end() :], country, day)
        if found is None and before is not None:
            found = self._spot_in_rest(place[before.end() :], country, day, before["sort"])
        if found is None and after is not None and not (after["sort"] == "City" and is_town(place)):
            found = self._spot_in_rest(place[: after.start()], country, day, after["sort"])
        return found

    def _spot_in_rest(self, name: str, country: str | None, day: date | None, sort: str | None = None) -> Spot | None:
        """The place of this name, as what the words around it make of it: a part, or of some sort."""
        found = self.spot(name, country, day) if any(map(str.isupper, name)) else None
        if found is None or found.precision == "unknown":
            return found
        if found.precision == "country":
            return Spot(found.country, "region")
        if sort is None:
            return found
        if not re.fullmatch(_SETTLEMENTS, sort, re.IGNORECASE):
            return replace(found, precision="region")
        city = likely_city(name, found.country or country) if found.precision == "region" else None
        return _spot_of_city(city, name) if city is not None else found

    def _spot_of(self, region: Region) -> Spot:
        precision: Precision = "site" if region.kind in _SITES else "region"
        return Spot(region.country, precision, region.lat, region.lon, self._division(region))

    def _division(self, region: Region) -> str | None:
        """The code of a region that is a first-order division."""
        if region.kind != "province" or region.country is None:
            return None
        if region.country == "USA":
            return us_states().get(region.name.partition(" (")[0])
        if region.lat is None or region.lon is None:
            return None
        return division_at(region.country, region.lat, region.lon)

    @cached_property
    def _namesakes(self) -> dict[str, list[Region]]:
        """Regions that need more than their name to be told from something else: "Georgia (US state)" by "Georgia"."""
        found: dict[str, list[Region]] = {}
        for name, region in self.regions.items():
            if name == region.name and name.endswith(")"):
                found.setdefault(name.partition(" (")[0], []).append(region)
        return found

    @cached_property
    def _shouted(self) -> dict[str, str]:
        """Names of places by the same name in capitals, as datelines write them."""
        names = [name for name, hits in self._hits.items() if any(h.form in _OF_PLACES for h in hits)]
        return {name.upper(): name for name in (*self.regions, *names) if len(name) >= _NO_ABBREVIATION}

    def state_of(self, country: str) -> NamedActor | None:
        """The state with this ISO 3166 alpha-3 code."""
        return self._states.get(country)

    def record(self, name: str, kind: ActorKind = ActorKind.UNKNOWN, country: str | None = None) -> Actor:
        """The ledger's record of an actor: the gazetteer's where it knows the name, else what the text told."""
        known = self.actors.get(name)
        if known is None:
            return Actor(name, kind, country)
        above = self.above(name)
        memberships: tuple[Membership, ...] = ()
        if above is not None and not known.valid.is_open:
            # It was a part of its whole for as long as it was there.
            since, until = (day.isoformat() if day else None for day in (known.valid.start, known.valid.end))
            memberships = (Membership(actor_id(above), since, until),)
        # Adjectives and places that stand for a state are ways to say its name, not names to look it up by.
        return Actor(
            known.name,
            known.kind,
            known.country,
            actor_id(above) if above is not None else None,
            tuple(alias for alias in known.aliases if alias != known.name),
            known.wikidata,
            memberships,
        )

    def valid_on(self, actor: NamedActor, day: date | None) -> bool:
        """True unless the actor is known not to have existed on that day."""
        return day is None or actor.valid.overlaps(Period(day, day))


def _spot_of_city(city: City, name: str) -> Spot:
    point = round(city.lat, 4), round(city.lon, 4)
    people = city.population if folded(name) == folded(city.name) else city.population // ALSO_CALLED
    return Spot(city.country, "settlement", *point, city.division or None, people)


_Made = TypeVar("_Made")


def _read(path: Path, make: Callable[[dict[str, str]], _Made]) -> Iterator[tuple[str, _Made]]:
    """What each row makes, with its file and line, which every complaint about it names."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
            for row in reader:
                where = f"{path}, line {reader.line_num}"
                if None in row or None in row.values():
                    raise BadData(f"{where}: expected {len(reader.fieldnames or [])} columns")
                try:
                    made = make(row)
                except KeyError as why:
                    raise BadData(f"{path} has no column {why}") from why
                except ValueError as why:
                    raise BadData(f"{where}: {why}") from why
                yield where, made
    except OSError as why:
        raise BadData(f"{path} cannot be read: {why.strerror}") from why
    except (UnicodeDecodeError, csv.Error) as why:
        raise BadData(f"{path} is not a tab-separated UTF-8 file: {why}") from why


def _many(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


def _context(row: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    """The words for each candidate, from "MMR: Rakhine, junta / TUR: news agency": one piece each, in order."""
    pieces = row["context"].split(" / ") if row["context"] else []
    if len(pieces) != len(_many(row["candidates"])):
        return ()
    return tuple(tuple(word.strip() for word in piece.partition(":")[2].split(",") if word.strip()) for piece in pieces)


def _valid(row: dict[str, str]) -> Period:
    start, end = row["from"] or None, row["to"] or None
    period = Period(
        Period.parse(start).start if start else None,
        Period.parse(end).end if end else None,
    )
    if period.start is not None and period.end is not None and period.end < period.start:
        raise ValueError(f"it existed from {start} to {end}, which is before")
    return period


def _state(row: dict[str, str]) -> NamedActor:
    return NamedActor(
        name=row["name"],
        kind=_STATE_KINDS.get(row["kind"], ActorKind.STATE),
        country=row["iso3"] or None,
        aliases=_many(row["aliases"]),
        adjectives=_many(row["adjectives"]),
        demonyms=_many(row["demonyms"]),
        capitals=_many(row["capital"]),
        seats=_many(row["seats"]),
        valid=_valid(row),
        wikidata=row["wikidata"] or None,
    )


def _body(row: dict[str, str]) -> NamedActor:
    return _listed(row, _BODY_KINDS.get(row["kind"], ActorKind.GOVERNMENT_BODY), None)


def _group(row: dict[str, str]) -> NamedActor:
    countries = _many(row["countries"])
    kind = _GROUP_KINDS.get(row["kind"], ActorKind.ARMED_GROUP)
    return _listed(row, kind, countries[0] if len(countries) == 1 else None)


def _organisation(row: dict[str, str]) -> NamedActor:
    return _listed(row, _ORGANISATION_KINDS.get(row["kind"], ActorKind.INTERNATIONAL_ORGANISATION), None)


def _listed(row: dict[str, str], kind: ActorKind, country: str | None) -> NamedActor:
    return NamedActor(
        name=row["name"],
        kind=kind,
        country=country,
        part_of=row["parent"] or None,
        rolls_up=row.get("rolls_up") != "no",
        aliases=_many(row["aliases"]),
        valid=_valid(row),
        wikidata=row["wikidata"] or None,
    )


def _role(row: dict[str, str]) -> Role:
    return Role(row["role"], row["kind"], row["speaks_for"])


def _pattern(row: dict[str, str]) -> tuple[str, ActorKind] | None:
    if row["rolls_up"] == "no":
        return None
    return row["pattern"], _BODY_KINDS.get(row["kind"], ActorKind.GOVERNMENT_BODY)


def _ambiguity(row: dict[str, str]) -> tuple[str, Ambiguity]:
    return row["alias"], Ambiguity(_many(row["candidates"]), _context(row), row["default"] or None)


def _region(row: dict[str, str]) -> tuple[tuple[str, ...], Region]:
    """The names a region goes by, and the region."""
    lat, lon = (float(row[c]) if row[c] else None for c in ("lat", "lon"))
    countries = _many(row["country"])
    # Where two states claim a place, saying whose it is would take a side.
    region = Region(row["name"], countries[0] if len(countries) == 1 else None, row["kind"], lat, lon)
    return (row["name"], *_many(row["aliases"])), region
