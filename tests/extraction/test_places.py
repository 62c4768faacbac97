"""Where an incident happened: what a text adds to a place's name, and what its other places tell of it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from app.extraction.lexicon import Lexicon
from app.extraction.places import Sighting, Surroundings, settled, surroundings, told_in
from app.extraction.rules import RulesExtractor
from app.vocabulary import cities
from app.vocabulary.cities import City, Towns
from app.vocabulary.names import Gazetteer, NamedActor, Region
from app.vocabulary.records import Article
from app.vocabulary.terms import ActorKind
from app.vocabulary.times import Period

LARGE = [
    City("Selm", "XAR", 1.0, 2.0, 2_000_000, "01"),  # the capital
    City("Dova", "XAR", 3.0, 4.0, 900_000, "01"),
    City("Varn", "XAR", 3.0, 4.5, 20_000, "01"),
    City("Kesh", "XBE", 5.0, 6.0, 60_000, "02"),
    City("Kesh", "XCE", 7.0, 8.0, 50_000, "03"),
    City("Dova", "USA", 31.0, -99.0, 30_000, "TX"),
    City("Selm", "USA", 31.1, -99.1, 25_000, "TX"),
    City("Great Bend Dova", "USA", 31.2, -99.2, 90_000, "TX"),
    City("Lorn", "USA", 41.0, -99.0, 30_000, "TX"),
    City("Lorn", "USA", 40.0, -83.0, 28_000, "OH"),
    City("Oakdale", "USA", 40.1, -83.1, 700_000, "OH"),
    City("Oakdale", "USA", 31.3, -99.3, 60_000, "TX"),
]
SMALL = [
    City("Mill", "USA", 31.4, -99.4, 2_000, "TX"),
    City("Ford", "USA", 31.5, -99.5, 2_000, "TX"),
    City("Kent", "USA", 31.6, -99.6, 2_000, "TX"),
    City("Ohio", "USA", 31.7, -99.7, 2_000, "TX"),
    *(City(name, "USA", 44.0, -93.0, 2_000, "MN") for name in ("Mill", "Ford")),
    City("Ur Hamlet", "XBE", 5.1, 6.1, 1_500, "02"),
    City("Ur Brook", "XBE", 5.2, 6.2, 1_500, "02"),
]


@pytest.fixture(autouse=True)
def made_up_towns(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = {15_000: Towns([(c, ()) for c in LARGE]), 1_000: Towns([(c, ()) for c in (*LARGE, *SMALL)])}
    monkeypatch.setattr(cities, "_towns", lists.__getitem__)
    cities.division_at.cache_clear()


@pytest.fixture
def land() -> Gazetteer:
    states = [
        NamedActor("Ardania", ActorKind.STATE, "XAR", capitals=("Selm",), adjectives=("Ardanian",)),
        NamedActor("Beloria", ActorKind.STATE, "XBE", adjectives=("Belorian",), demonyms=("Belorians",)),
        NamedActor("Cerinia", ActorKind.STATE, "XCE"),
        NamedActor("Georgia", ActorKind.STATE, "GEO", adjectives=("Georgian",)),
        NamedActor("United States", ActorKind.STATE, "USA", aliases=("U.S.",), adjectives=("American",)),
        NamedActor("Old Dovania", ActorKind.STATE, "XOD", capitals=("Lorn",), valid=Period(None, date(1950, 1, 1))),
    ]
    regions = [
        Region("Texas", "USA", "province", 31.0, -99.0),
        Region("Ohio", "USA", "province", 40.0, -83.0),
        Region("Minnesota", "USA", "province", 44.0, -93.0),
        Region("Georgia (US state)", "USA", "province", 32.7, -83.4),
        Region("Upper Kesh", "XBE", "province", 5.0, 6.0),
        Region("Shoal", None, "disputed", None, None),
    ]
    return Gazetteer(states, regions={r.name: r for r in regions} | {"Tex.": regions[0]})


def settle(land: Gazetteer, name: str, *others: str, dateline: str | None = None) -> tuple[str, str | None]:
    return settled(name, surroundings([name, *others], land, dateline), land)


# ---- what the text adds ----


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Dova, Texas, on Monday", "Dova, Texas"),
        ("Dova, Tex., on Monday", "Dova, Tex."),
        ("Dova, TX", "Dova, TX"),
        ("Dova (Texas)", "Dova, Texas"),
        ("Dova, Ardania", "Dova, Ardania"),
        ("Dova, Ardania’s second city", "Dova, Ardania"),
        ("Kesh, Upper Kesh", "Kesh, Upper Kesh"),
        ("Hamlet, Upper Kesh", "Hamlet, Upper Kesh"),
        ("Orange County, Texas", "Orange County, Texas"),
        ("Dova, Beloria and Cerinia", "Dova"),
        ("Texas, Ohio and Georgia", "Texas"),
        ("Dova, where", "Dova"),
        ("Dova. Texas", "Dova"),
        ("Dova, Nowhere", "Dova"),
        ("Dova", "Dova"),
    ],
)
def test_what_a_text_adds_to_a_name(land: Gazetteer, text: str, told: str) -> None:
    name = re.split(r"[,.(]", text)[0].strip()
    assert told_in(text, name, len(name), land) == told


def test_what_the_text_adds_decides_and_stays_where_it_is_more_than_a_country(land: Gazetteer) -> None:
    assert settle(land, "Dova, Texas", "Ardania", "Ardania") == ("Dova, Texas", "USA")
    assert settle(land, "Kesh, Beloria", "Cerinia", "Cerinia") == ("Kesh", "XBE")
    assert settle(land, "Dova, Ardania") == ("Dova", "XAR")
    assert settle(land, "Hamlet, Beloria") == ("Hamlet", "XBE")
    assert settle(land, "Hamlet, Texas") == ("Hamlet, Texas", "USA")


def test_what_the_text_adds_once_holds_wherever_it_names_the_place(land: Gazetteer) -> None:
    assert settle(land, "Dova", "Dova, Tex.") == ("Dova, Tex.", "USA")
    assert settle(land, "Kesh", "Kesh, Cerinia") == ("Kesh", "XCE")


# ---- what other places tell ----


@pytest.mark.parametrize(
    ("others", "country"),
    [
        ((), None),
        (("Beloria",), "XBE"),
        (("Belorian",), "XBE"),
        (("Belorians", "Selm"), "XBE"),
        (("Ardania",), None),
        (("Beloria", "Cerinia"), None),
        (("Beloria", "Beloria", "Beloria", "Cerinia"), "XBE"),
        (("Beloria", "Cerinia", "Cerinia", "Cerinia", "Cerinia", "Cerinia"), "XCE"),
        (("Beloria", *["Cerinia"] * 4, *["Ardania"] * 5), "XCE"),
    ],
)
def test_the_country_that_an_article_speaks_of_settles_a_name(
    land: Gazetteer, others: tuple[str, ...], country: str | None
) -> None:
    assert settle(land, "Kesh", *others) == ("Kesh", country)


def test_the_dateline_settles_what_nothing_else_does(land: Gazetteer) -> None:
    assert settle(land, "Kesh", dateline="Cerinia") == ("Kesh", "XCE")
    assert settle(land, "Kesh", "Beloria", dateline="Cerinia") != ("Kesh", "XCE")
    assert settle(land, "Dova", dateline="Beloria") == ("Dova", "XAR")


def test_a_division_that_an_article_names_settles_a_name(land: Gazetteer) -> None:
    assert settle(land, "Lorn") == ("Lorn", "USA")
    assert settle(land, "Lorn", "Ohio") == ("Lorn, Ohio", "USA")
    assert settle(land, "Lorn", "Ohio", "Texas") == ("Lorn", "USA")
    assert settle(land, "Lorn", "Ohio", "Texas", "Texas") == ("Lorn, Texas", "USA")
    assert settle(land, "Lorn", "Orange County, Texas") == ("Lorn, Texas", "USA")


def test_a_division_claims_a_name_from_a_city_elsewhere_only_where_the_article_is_about_it(land: Gazetteer) -> None:
    assert settle(land, "Dova", "Texas") == ("Dova", "XAR")
    assert settle(land, "Dova", "Texas", "Texas") == ("Dova, Texas", "USA")
    assert settle(land, "Dova", "Texas", "Texas", "Ardanian") == ("Dova", "XAR")
    assert settle(land, "Oakdale", "Texas") == ("Oakdale, Texas", "USA")
    assert settle(land, "Oakdale", "Texas", "Texas", "Ohio") == ("Oakdale", "USA")


def test_a_capital_yields_to_more(land: Gazetteer) -> None:
    assert settle(land, "Selm", "Texas", "Texas") == ("Selm", "XAR")
    assert settle(land, "Selm", "Texas", "Texas", "Texas") == ("Selm, Texas", "USA")


def test_no_village_is_meant_rather_than_a_metropolis(land: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> None:
    far, village = City("Dova", "XAR", 3.0, 4.0, 9_000_000, "01"), City("Dova", "USA", 31.0, -99.0, 15_000, "TX")
    monkeypatch.setattr(cities, "_towns", lambda _: Towns([(far, ()), (village, ())]))
    assert settle(land, "Dova", "Texas", "Texas", "Texas") == ("Dova", "XAR")
    assert settle(land, "Dova", *["Texas"] * 7) == ("Dova, Texas", "USA")


def test_a_state_is_no_town_whatever_is_named_around_it(land: Gazetteer) -> None:
    assert settle(land, "Beloria", "Texas", "Texas", "Texas") == ("Beloria", "XBE")
    assert settle(land, "Ohio", "Texas", "Texas", "Texas") == ("Ohio", "USA")
    assert settle(land, "Shoal", "Texas", "Texas", "Texas") == ("Shoal", None)


def test_georgia_among_places_of_the_united_states_is_the_state_there(land: Gazetteer) -> None:
    assert settle(land, "Georgia") == ("Georgia", "GEO")
    assert settle(land, "Georgia", "U.S.", "American") == ("Georgia", "GEO")
    assert settle(land, "Georgia", "Texas", "Ohio") == ("Georgia", "USA")
    assert settle(land, "Georgia", *["Texas", "Ohio"] * 3, "Georgian") == ("Georgia", "GEO")


def test_a_lesser_town_of_a_country_that_nobody_speaks_of_stays_unknown(land: Gazetteer) -> None:
    assert settle(land, "Varn") == ("Varn", "XAR")
    assert settle(land, "Varn", "Beloria") == ("Varn", "XAR")
    assert settle(land, "Varn", "Beloria", "Belorian") == ("Varn", None)
    assert settle(land, "Varn", "Beloria", "Belorian", "Ardania") == ("Varn", "XAR")
    assert settle(land, "Dova", "Beloria", "Belorian") == ("Dova", "XAR")


def test_small_towns_with_names_of_their_own_tell_where_an_article_is(land: Gazetteer) -> None:
    assert settle(land, "Ur Hamlet") == ("Ur Hamlet", None)
    assert settle(land, "Kesh", "Ur Hamlet", "Ur Brook") == ("Kesh, Upper Kesh", "XBE")


def test_names_that_only_one_state_has_towns_for_tell_where_an_article_is(land: Gazetteer) -> None:
    assert settle(land, "Kent", "Mill", "Ford") == ("Kent, Texas", "USA")
    assert settle(land, "Mill", "Ford") == ("Mill", None)
    assert settle(land, "Mill", "Ford", "Kent", "Beloria", "Cerinia", "Georgia") != ("Mill, Texas", "USA")


def test_a_name_does_not_settle_itself(land: Gazetteer) -> None:
    around = surroundings(["Dova"] * 9, land)
    assert around.countries == {"XAR": 9}
    assert around.without("DOVA") == Surroundings()
    assert settled("Dova", around, land) == ("Dova", "XAR")


def test_what_each_name_tells(land: Gazetteer) -> None:
    names = ["Beloria", "Belorian", "Selm", "Dova", "Texas", "Dova, Texas", "Orleans Parish", "Nowhere", "Shoal"]
    assert surroundings(names, land, "Beloria", date(2026, 1, 1)) == Surroundings(
        (
            Sighting("beloria", "XBE"),
            Sighting("belorian", "XBE"),
            Sighting("selm", "XAR"),
            Sighting("dova", "XAR", "01", 1),
            Sighting("texas", "USA", "TX", 3),
            Sighting("dova", "USA", "TX", 3, "Dova, Texas"),
            Sighting("orleans parish", "USA", "LA", 6),
        ),
        "XBE",
        date(2026, 1, 1),
    )


def test_the_day_tells_whether_a_former_states_capital_is_meant(land: Gazetteer) -> None:
    assert settled("Lorn", Surroundings(day=date(1940, 1, 1)), land) == ("Lorn", "XOD")
    assert settled("Lorn", Surroundings(day=date(2026, 1, 1)), land) == ("Lorn", "USA")


# ---- from the text of an article ----


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "place", "country"),
    [
        ("Ardania accused Beloria of an attack in Dova, Texas.", "Dova, Texas", "USA"),
        ("Ardania accused Beloria of an attack in Kesh, Cerinia.", "Kesh", "XCE"),
        ("Ardania accused Beloria of an attack in Kesh.", "Kesh", "XBE"),
    ],
)
def test_the_place_of_an_incident(land: Gazetteer, lexicon: Lexicon, text: str, place: str, country: str) -> None:
    (reading,) = RulesExtractor(land, lexicon).read([Article("", text, published="2026-03-04")])
    names = {mention.id: mention for mention in reading.mentions}
    (incident,) = reading.incidents
    assert incident.place is not None
    assert (names[incident.place].name, incident.country) == (place, country)
