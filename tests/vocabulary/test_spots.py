"""Where a named place lies: regions, states, capitals, counties and cities, and the words around their names."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from app.vocabulary import cities
from app.vocabulary.cities import City
from app.vocabulary.names import Gazetteer, NamedActor, Region, Spot
from app.vocabulary.terms import ActorKind
from app.vocabulary.times import Period
from tests.vocabulary.conftest import Map

GAZETTEERS = Path(__file__).resolve().parents[2] / "graph_data" / "gazetteers"
ARDVILLE = City("Ardville", "XAR", 1.00004, 2.0, 90_000, "01")
SELM = City("Selm", "XAR", 5.0, 6.0, 400_000, "01")
LESSER_SELM = City("Selm", "XBE", 15.0, 16.0, 60_000, "08")
PORT_DOVA = City("Port Dova", "XBE", 20.0, 21.0, 30_000, "08")
OTHER_DOVA = City("Port Dova", "XBE", 25.0, 26.0, 30_000, "07")
WEST_SELM = City("West Selm", "XCE", 30.0, 31.0, 20_000)


def region(name: str, country: str | None, kind: str = "province", lat: float = 20.0, lon: float = 21.0) -> Region:
    return Region(name, country, kind, lat, lon)


def state(name: str, iso: str, *capitals: str, **more: object) -> NamedActor:
    return NamedActor(name, ActorKind.STATE, iso, capitals=capitals, **more)  # type: ignore[arg-type]


@pytest.fixture
def land(towns: Map) -> Gazetteer:
    towns(ARDVILLE, SELM, LESSER_SELM, PORT_DOVA, OTHER_DOVA, WEST_SELM)
    states = [
        state("Ardania", "XAR", "Ardville", aliases=("Republic of Ardania", "A.R.")),
        state("Beloria", "XBE", "Selm"),
        state("Old Cerinia", "XOC", "Port Cerin", "Selm", valid=Period(date(1922, 1, 1), date(1991, 8, 31))),
    ]
    regions = [
        region("Dova", "XBE"),
        region("Upper Vale", "XAR", "region", 1.5, 2.5),
        region("Shoal", None, "disputed"),
        region("Selm Gate", "XAR", "border_crossing"),
        region("Beloria (Ardanian province)", "XAR", lat=5.0, lon=6.0),
        region("Texas", "USA"),
    ]
    return Gazetteer(states, regions={r.name: r for r in regions} | {"Dov.": regions[0]})


def test_a_region_before_anything_else(land: Gazetteer) -> None:
    assert land.spot("Upper Vale") == land.spot("the Upper Vale") == Spot("XAR", "region", 1.5, 2.5)
    assert land.spot("Shoal") == Spot(None, "region", 20.0, 21.0)
    assert land.spot("Selm Gate") == Spot("XAR", "site", 20.0, 21.0)


def test_a_region_that_is_a_division_has_the_code_of_the_towns_around_it(land: Gazetteer) -> None:
    assert land.spot("Dova") == Spot("XBE", "region", 20.0, 21.0, "08")
    texas = land.spot("Texas")
    assert texas is not None
    assert (texas.country, texas.division) == ("USA", "TX")
    assert land.division_name("USA", "TX") == "Texas"
    assert land.division_name("USA", "XX") is None


@pytest.mark.parametrize("name", ["Ardania", "Republic of Ardania", "A.R.", "ARDANIA", "the Republic of Ardania"])
def test_a_state_by_any_of_its_names(land: Gazetteer, name: str) -> None:
    assert land.spot(name) == Spot("XAR", "country")


def test_a_state_gives_way_to_a_division_of_its_name_in_the_country_that_is_asked_for(land: Gazetteer) -> None:
    assert land.spot("Beloria") == land.spot("Beloria", "XBE") == Spot("XBE", "country")
    assert land.spot("Beloria", "XAR") == Spot("XAR", "region", 5.0, 6.0, "01")


def test_a_capital_is_a_settlement_of_its_state(land: Gazetteer) -> None:
    assert land.spot("Ardville") == land.spot("ARDVILLE") == Spot("XAR", "settlement", 1.0, 2.0, "01")


def test_a_capital_does_not_stand_for_its_name_beside_a_far_greater_city(land: Gazetteer) -> None:
    found = land.spot("Selm")
    assert found is not None
    assert found.country == "XAR"
    assert land.spot("Selm", "XBE") == Spot("XBE", "settlement", 15.0, 16.0, "08")


def test_a_capital_that_is_on_no_list_has_no_point() -> None:
    land = Gazetteer([state("Ardania", "XAR", "Nowhere Town")])
    assert land.spot("Nowhere Town") == Spot("XAR", "settlement")


def test_the_capital_of_a_former_state_is_one_only_while_that_existed(land: Gazetteer) -> None:
    assert land.country_of("Port Cerin") is None
    assert land.country_of("Port Cerin", date(1999, 1, 1)) is None
    assert land.country_of("Port Cerin", date(1960, 1, 1)) == "XOC"
    assert land.country_of("Selm", date(1960, 1, 1)) == "XOC"
    assert land.country_of("Selm", date(1999, 1, 1)) == "XAR"


def test_several_bearers_in_one_country_tell_the_country_and_no_point(land: Gazetteer) -> None:
    assert land.spot("Port Dova") == Spot("XBE", "unknown")
    assert land.country_of("Port Dova") == "XBE"


@pytest.mark.parametrize(
    ("name", "spot"),
    [
        ("Port Dova, Dova", Spot("XBE", "settlement", 20.0, 21.0, "08", 30_000)),
        ("Port Dova, Dov.", Spot("XBE", "settlement", 20.0, 21.0, "08", 30_000)),
        ("Selm, Beloria", Spot("XBE", "settlement", 15.0, 16.0, "08")),
        ("Selm, the old town, Beloria", Spot("XBE", "settlement", 15.0, 16.0, "08")),
        ("Depot, Selm Gate", Spot("XAR", "region", 20.0, 21.0)),
        ("Harbour, Ardania", Spot("XAR", "country")),
        ("Harbour, Ardville", Spot("XAR", "settlement", 1.0, 2.0, "01")),
        ("Selm, Nowhere", None),
    ],
)
def test_what_stands_after_a_comma_says_where(land: Gazetteer, name: str, spot: Spot | None) -> None:
    assert land.spot(name) == spot


@pytest.mark.parametrize(
    ("name", "spot"),
    [
        ("northern Ardania", Spot("XAR", "region")),
        ("the far south-east of Ardania", None),
        ("far south-eastern Ardania", Spot("XAR", "region")),
        ("Eastern Ardania", Spot("XAR", "region")),
        ("Belorian-occupied Ardania", Spot("XAR", "region")),
        ("downtown Ardville", Spot("XAR", "settlement", 1.0, 2.0, "01")),
        ("East Ardville", Spot("XAR", "settlement", 1.0, 2.0, "01")),
        ("West Selm", Spot("XCE", "settlement", 30.0, 31.0, None, 20_000)),
        ("northern Upper Vale", Spot("XAR", "region", 1.5, 2.5)),
        ("the city of Ardville", Spot("XAR", "settlement", 1.0, 2.0, "01")),
        ("the southern port city of Ardville", Spot("XAR", "settlement", 1.0, 2.0, "01")),
        ("Ardville Province", Spot("XAR", "region", 1.0, 2.0, "01")),
        ("Ardville governorate", Spot("XAR", "region", 1.0, 2.0, "01")),
        ("Ardville district", Spot("XAR", "region", 1.0, 2.0, "01")),
        ("Ardville airport", Spot("XAR", "settlement", 1.0, 2.0, "01")),
        ("Upper Vale region", Spot("XAR", "region", 1.5, 2.5)),
        ("northern Upper Vale region", Spot("XAR", "region", 1.5, 2.5)),
        ("northern provinces", None),
        ("the city of lights", None),
    ],
)
def test_words_that_only_narrow_a_place_down_are_left_out(land: Gazetteer, name: str, spot: Spot | None) -> None:
    assert land.spot(name) == spot


def test_a_town_named_after_a_side_is_not_a_part_of_another(land: Gazetteer, towns: Map) -> None:
    towns(SELM, small=(City("East Selm", "XCE", 1.0, 1.0, 2_000), City("Selm City", "XCE", 1.0, 1.0, 2_000)))
    assert land.spot("East Selm") is None
    assert land.spot("Selm City") is None
    assert land.spot("eastern Selm") is not None
    assert land.spot("the city of Selm") is not None


def test_counties_of_the_united_states(land: Gazetteer) -> None:
    assert land.spot("Orleans Parish") == Spot("USA", "region", division="LA")
    assert land.spot("Orange County") == Spot("USA", "region")
    assert land.spot("Orange County, Texas") == land.spot("Orange County, TX") == Spot("USA", "region", division="TX")
    assert land.spot("Orange County", "XAR") is None


@pytest.mark.parametrize(("people", "obscure"), [(49_999, True), (50_000, False), (None, False)])
def test_who_is_obscure(people: int | None, obscure: bool) -> None:
    assert Spot("XAR", "settlement", people=people).is_obscure is obscure


def test_a_city_counts_in_part_under_a_name_it_is_only_also_called_by(land: Gazetteer, towns: Map) -> None:
    towns(SELM, also={SELM: ("Norrabad",)})
    found = land.spot("Norrabad")
    assert found is not None
    assert (found.country, found.people, found.is_obscure) == ("XAR", 20_000, True)


# ---- our own gazetteer ----


@pytest.fixture(scope="module")
def ours() -> Gazetteer:
    return Gazetteer.load(GAZETTEERS)


def test_every_state_of_the_united_states_is_known(ours: Gazetteer) -> None:
    for name, code in cities.us_states().items():
        found = ours.spot(name, "USA")
        assert found is not None, name
        if name not in ("New York", "Washington"):
            assert (found.country, found.precision, found.division) == ("USA", "region", code), name
        assert ours.division_name("USA", code) == name


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("N.C.", "USA"),
        ("Calif.", "USA"),
        ("Virginia", "USA"),
        ("Georgia", "GEO"),
        ("Washington state", "USA"),
        ("Ontario", "CAN"),
        ("Que.", "CAN"),
        ("New South Wales", "AUS"),
        ("Scotland", "GBR"),
        ("Wales", "GBR"),
        ("Uttar Pradesh", "IND"),
        ("Xinjiang", "CHN"),
        ("Kano state", "NGA"),
        ("Sindh", "PAK"),
        ("Khyber Pakhtunkhwa province", "PAK"),
        ("Vinnytsia Oblast", "UKR"),
        ("Rostov region", "RUS"),
        ("Punjab", None),
        ("Kashmir", None),
        ("U.S.", "USA"),
        ("Britain", "GBR"),
        ("BEIRUT", "LBN"),
        ("Salisbury", None),
        ("Saigon", "VNM"),
        ("Athens, Ga.", "USA"),
        ("Batumi, Georgia", "GEO"),
        ("London, Ont.", "CAN"),
        ("Tripoli, Lebanon", "LBN"),
        ("northern Syria", "SYR"),
        ("Herat province", "AFG"),
    ],
)
def test_countries_of_places(ours: Gazetteer, name: str, country: str | None) -> None:
    assert ours.country_of(name) == country


def test_divisions_tell_towns_of_one_name_apart(ours: Gazetteer) -> None:
    names = ("Springfield, Illinois", "Springfield, Mo.", "Springfield, OH", "Windsor, Ontario", "Windsor, N.S.")
    spots = [ours.spot(name) for name in names]
    assert [spot.division for spot in spots if spot is not None] == ["IL", "MO", "OH", "08", "07"]


def test_no_name_is_listed_for_two_regions_and_every_point_is_on_the_globe(ours: Gazetteer) -> None:
    rows = [line.split("\t") for line in (GAZETTEERS / "regions.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    listed = Counter(name for row in rows for name in (row[0], *filter(None, row[1].split("|"))))
    assert [name for name, times in listed.items() if times > 1] == []
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=str.casefold)
    for place in ours.regions.values():
        assert (place.lat is None) == (place.lon is None)
        assert -90 <= (place.lat or 0) <= 90, place
        assert -180 <= (place.lon or 0) <= 180, place


def test_no_two_divisions_of_the_united_states_canada_or_australia_have_one_code(ours: Gazetteer) -> None:
    spots = [ours.spot(r.name) for r in dict.fromkeys(ours.regions.values()) if r.kind == "province"]
    for country, many in (("USA", 51), ("CAN", 13), ("AUS", 8)):
        codes = [spot.division for spot in spots if spot is not None and spot.country == country]
        assert len(codes) == len(set(codes)) == many, country
