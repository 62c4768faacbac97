"""Coordinates for a place's name: the gazetteer's regions and states, else GeoNames' cities; unknown stays unknown."""

from __future__ import annotations

from collections.abc import Collection

from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Place


def place_of(name: str, country: str | None, gazetteer: Gazetteer, spoken_of: Collection[str] = frozenset()) -> Place:
    """The place with this name, in this country where it is known.

    A name such as "Kremlin, Moscow" is looked up whole, then in and by its last part; "northern Mali" by what it is a
    part of, which has no point. Where its country is not known, those that the article speaks of keep a village from
    being put into a lesser city of another country that happens to bear its name.
    """
    spot = gazetteer.spot(name, country)
    if spot is None:
        return Place(name, country)
    if country is None and spot.is_obscure and spoken_of and spot.country not in spoken_of:
        return Place(name, country)
    return Place(name, spot.country or country, spot.lat, spot.lon, spot.precision)
