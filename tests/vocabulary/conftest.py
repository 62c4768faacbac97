"""A map with made-up towns in place of the world's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.vocabulary import cities
from app.vocabulary.cities import City, Towns

Map = Callable[..., None]


@pytest.fixture
def towns(monkeypatch: pytest.MonkeyPatch) -> Map:
    """Puts these towns on the map, and these small ones, in place of the world's."""

    def put(*towns: City, small: tuple[City, ...] = (), also: dict[City, tuple[str, ...]] | None = None) -> None:
        called = also or {}
        lists = {
            15_000: Towns((city, called.get(city, ())) for city in towns),
            1_000: Towns((city, ()) for city in (*towns, *small)),
        }
        monkeypatch.setattr(cities, "_towns", lists.__getitem__)
        cities.division_at.cache_clear()

    return put
