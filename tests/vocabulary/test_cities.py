"""Which city a name stands for, on a map with made-up towns."""

from __future__ import annotations

import pytest

from app.vocabulary import cities
from app.vocabulary.cities import City, bearers, likely_city
from tests.vocabulary.conftest import Map

BIG = City("Selm", "XAR", 10.0, 20.0, 500_000, "01")
SMALL = City("Selm", "XBE", 11.0, 21.0, 100_000)
KESH = City("Kesh", "XBE", 3.0, 4.0, 16_000)
KESHGRAD = City("Keshgrad", "XAR", 5.0, 6.0, 9_000_000)
ALSO = {KESHGRAD: ("Kesh", "Old Kesh", "Norrabad")}


def test_five_times_the_people_decide_and_less_does_not(towns: Map) -> None:
    towns(SMALL, BIG)
    assert likely_city("Selm") == BIG
    towns(SMALL, City("Selm", "XAR", 10.0, 20.0, 499_999))
    assert likely_city("Selm") is None


def test_the_country_and_the_division_decide(towns: Map) -> None:
    other = City("Selm", "XAR", 15.0, 20.0, 400_000, "02")
    towns(SMALL, BIG, other)
    assert likely_city("Selm", "XBE") == SMALL
    assert likely_city("Selm", "XCE") is None
    assert likely_city("Selm", "XAR") is None
    assert likely_city("Selm", "XAR", "02") == other
    assert bearers("Selm", "XAR") == [BIG, other]


def test_two_of_one_name_in_one_country_stay_undecided(towns: Map) -> None:
    towns(City("Port Dova", "XAR", 1.0, 2.0, 90_000), City("Port Dova", "XAR", 1.5, 2.5, 20_000))
    assert likely_city("Port Dova") is None
    assert likely_city("Port Dova", "XAR") is None


def test_a_town_that_is_listed_twice_is_one(towns: Map) -> None:
    towns(City("Port Dova", "XAR", 1.0, 2.0, 90_000), City("Port Dova", "XAR", 1.05, 2.05, 80_000))
    found = likely_city("Port Dova")
    assert found is not None
    assert found.population == 90_000


def test_a_metropolis_is_not_meant_by_a_name_it_is_only_also_called_by_where_a_town_bears_it(towns: Map) -> None:
    towns(KESH, KESHGRAD, also=ALSO)
    assert likely_city("Kesh") is None
    assert likely_city("Kesh", "XBE") == KESH
    assert likely_city("Kesh", "XAR") == KESHGRAD


def test_a_town_is_meant_by_its_name_where_a_city_of_less_than_twenty_times_its_people_is_also_called_so(
    towns: Map,
) -> None:
    rival = City("Keshgrad", "XAR", 5.0, 6.0, 300_000)
    towns(KESH, rival, also={rival: ("Kesh",)})
    assert likely_city("Kesh") == KESH


def test_a_name_that_no_city_bears_finds_the_great_one_that_is_also_called_so(towns: Map) -> None:
    towns(KESHGRAD, also=ALSO)
    assert likely_city("Norrabad") == KESHGRAD


def test_a_lesser_city_is_found_by_another_name_only_where_that_spells_its_own_or_in_its_country(towns: Map) -> None:
    city = City("Dovanyk", "XAR", 5.0, 6.0, 200_000)
    towns(city, also={city: ("Dovanik", "Selmburg")})
    assert likely_city("Dovanik") == city
    assert likely_city("Selmburg") is None
    assert likely_city("Selmburg", "XAR") == city


def test_a_name_spelled_nearly_as_the_city_itself_weighs_as_much_as_its_own(towns: Map) -> None:
    great, lesser = City("Dovesa", "XAR", 5.0, 6.0, 1_000_000), City("Dovessa", "XBE", 7.0, 8.0, 110_000)
    towns(great, lesser, also={great: ("Dovessa",)})
    assert likely_city("Dovessa") == great


@pytest.mark.parametrize("name", ["Kún-Sèlm", "Kun-Selm", "KUN SELM", "Kun-Selm’", "Kún Selm"])
def test_accents_capitals_and_hyphens_make_no_difference(towns: Map, name: str) -> None:
    city = City("Kún-Sèlm", "XAR", 5.0, 6.0, 20_000)
    towns(city)
    assert likely_city(name) == city


def test_accents_decide_where_a_text_writes_them(towns: Map) -> None:
    accented, plain = City("Dová", "XAR", 5.0, 6.0, 20_000), City("Dova", "XBE", 7.0, 8.0, 90_000)
    towns(accented, plain)
    assert likely_city("Dová") == accented
    assert likely_city("Dova") is None


@pytest.mark.parametrize("name", ["St. Oda", "St Oda", "Saint Oda", "SAINT ODA"])
def test_saints_are_written_out_or_not(towns: Map, name: str) -> None:
    small, great = City("St. Oda", "XBE", 1.0, 2.0, 100_000), City("Saint Oda", "XAR", 5.0, 6.0, 5_000_000)
    towns(small, great)
    assert likely_city(name) == great


@pytest.mark.parametrize("name", ["Africa", "Atlantic", "Middle East", "Pacific Ocean", "WEST"])
def test_continents_and_oceans_are_no_cities(towns: Map, name: str) -> None:
    towns(City(name.title(), "XAR", 1.0, 2.0, 1_000_000))
    assert likely_city(name) is None


@pytest.mark.parametrize("name", ["", "Nowhere", "selm", "SEL", "S.E.L."])
def test_what_is_no_name_of_a_city_is_none(towns: Map, name: str) -> None:
    towns(BIG, City("Sel", "XAR", 1.0, 2.0, 1_000_000))
    assert likely_city(name) is None


def test_small_towns_are_thought_of_within_a_country_only(towns: Map) -> None:
    village = City("Dova Mill", "XAR", 1.0, 2.0, 2_000)
    towns(BIG, small=(village,))
    assert likely_city("Dova Mill") is None
    assert likely_city("Dova Mill", "XAR") == village
    assert likely_city("Dova Mill", "XBE") is None


def test_a_small_town_counts_against_one_that_is_not_much_greater(towns: Map) -> None:
    town = City("Dova Mill", "XAR", 1.0, 2.0, 16_000)
    towns(town, small=(City("Dova Mill", "XAR", 9.0, 9.0, 9_000),))
    assert likely_city("Dova Mill", "XAR") is None
    greater = City("Dova Mill", "XAR", 1.0, 2.0, 45_000)
    towns(greater, small=(City("Dova Mill", "XAR", 9.0, 9.0, 9_000),))
    assert likely_city("Dova Mill", "XAR") == greater


def test_names_that_one_town_bears_alone(towns: Map) -> None:
    village = City("Dova Mill", "XAR", 1.0, 2.0, 2_000)
    towns(BIG, SMALL, small=(village,))
    assert cities.only_town("Dova Mill") == village
    assert cities.only_town("Selm") is None
    assert cities.only_town("Nowhere") is None
    assert cities.is_town("Selm")
    assert not cities.is_town("Nowhere")


def test_the_town_nearest_to_a_point_tells_its_division(towns: Map) -> None:
    village = City("Dova Mill", "XAR", 40.0, 8.0, 2_000, "03")
    towns(*(City(f"T{i}", "XAR", 1.0, float(i), 20_000, f"0{i}") for i in range(3)), small=(village,))
    assert cities.division_at("XAR", 1.0, 0.4) == "00"
    assert cities.division_at("XAR", 1.0, 1.6) == "02"
    assert cities.division_at("XAR", 30.0, 8.0) == "03"
    assert cities.division_at("XBE", 1.0, 0.5) is None


# ---- the list of the world ----


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Cairo", "EGY"),
        ("CAIRO", "EGY"),
        ("Bombay", "IND"),
        ("Cancun", "MEX"),
        ("Odessa", "UKR"),
        ("St. Petersburg", "RUS"),
        ("Springfield", None),
        ("Salisbury", None),
        ("Africa", None),
    ],
)
def test_cities_of_the_world(name: str, country: str | None) -> None:
    found = likely_city(name)
    assert (found.country if found is not None else None) == country


def test_the_list_of_the_world_is_read_with_countries_and_places() -> None:
    cairo = likely_city("Cairo")
    assert cairo is not None
    assert (cairo.country, round(cairo.lat), round(cairo.lon)) == ("EGY", 30, 31)


def test_states_and_counties_of_the_united_states() -> None:
    states = cities.us_states()
    assert len(states) == 51
    assert (states["Texas"], states["District of Columbia"]) == ("TX", "DC")
    assert cities.us_counties("Orleans Parish") == ("LA",)
    assert set(cities.us_counties("Orange County")) > {"CA", "FL", "NY"}
    assert cities.us_counties("Texas") == cities.us_counties("") == ()
    found = likely_city("Springfield", "USA", "IL")
    assert found is not None
    assert (round(found.lat), round(found.lon)) == (40, -90)
