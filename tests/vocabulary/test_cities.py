"""Which city a name stands for, on a map with made-up towns."""

from __future__ import annotations

import pytest

from app.vocabulary import cities
from app.vocabulary.cities import City, likely_city

BIG = City("Selm", "XAR", 10.0, 20.0, 500_000)
SMALL = City("Selm", "XBE", 11.0, 21.0, 100_000)
TOWNS = {
    "Selm": [SMALL, BIG],
    "Port Dova": [City("Port Dova", "XAR", 1.0, 2.0, 90_000), City("Port Dova", "XAR", 1.5, 2.5, 20_000)],
    "Kesh": [City("Kesh", "XBE", 3.0, 4.0, 16_000), City("Keshgrad", "XAR", 5.0, 6.0, 9_000_000)],
    "Old Kesh": [City("Keshgrad", "XAR", 5.0, 6.0, 9_000_000)],
}


@pytest.fixture(autouse=True)
def made_up_towns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cities, "_by_name", lambda: TOWNS)


def test_five_times_the_people_decide_and_less_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert likely_city("Selm") == BIG
    smaller = City("Selm", "XAR", 10.0, 20.0, 499_999)
    monkeypatch.setitem(TOWNS, "Selm", [SMALL, smaller])
    assert likely_city("Selm") is None


def test_the_country_decides() -> None:
    assert likely_city("Selm", "XBE") == SMALL
    assert likely_city("Selm", "XCE") is None


def test_two_of_one_name_in_one_country_stay_undecided() -> None:
    assert likely_city("Port Dova") is None
    assert likely_city("Port Dova", "XAR") is None


def test_the_city_that_bears_the_name_goes_before_a_greater_one_that_is_also_called_so() -> None:
    found = likely_city("Kesh")
    assert found is not None
    assert found.name == "Kesh"
    assert likely_city("Kesh", "XAR") is None


def test_a_name_that_no_city_bears_finds_the_one_that_is_also_called_so() -> None:
    found = likely_city("Old Kesh")
    assert found is not None
    assert found.name == "Keshgrad"


def test_a_name_of_no_city_is_none() -> None:
    assert likely_city("Nowhere") is None
    assert likely_city("") is None


def test_the_list_of_the_world_is_read_with_countries_and_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    cairo = likely_city("Cairo")
    assert cairo is not None
    assert (cairo.country, round(cairo.lat), round(cairo.lon)) == ("EGY", 30, 31)
    assert likely_city("Springfield") is None
