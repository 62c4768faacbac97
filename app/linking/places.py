"""Coordinates for a place's name: the gazetteer's regions and states, else GeoNames' cities; unknown stays unknown."""

from __future__ import annotations

from app.vocabulary.cities import likely_city
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Place
from app.vocabulary.terms import ActorKind

_REGIONS = {"facility": "site", "camp": "site", "border_crossing": "site"}


def place_of(name: str, country: str | None, gazetteer: Gazetteer) -> Place:
    """The place with this name, in this country where it is known.

    A name such as "Kremlin, Moscow" is looked up whole, then by its last part.
    """
    last = name.rsplit(",", 1)[-1].strip()
    for part in dict.fromkeys((name, last)):
        region = gazetteer.regions.get(part)
        if region is not None and (country is None or region.country in (None, country)):
            precision = _REGIONS.get(region.kind, "region") if part == name else "region"
            return Place(name, region.country or country, region.lat, region.lon, precision)  # type: ignore[arg-type]
        state = gazetteer.actors.get(part)
        if state is not None and state.kind is ActorKind.STATE:
            return Place(name, state.country, precision="country")
        city = likely_city(part, country)
        if city is not None:
            return Place(name, city.country, round(city.lat, 4), round(city.lon, 4), "settlement")
    return Place(name, country)
