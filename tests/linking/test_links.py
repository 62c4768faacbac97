"""What each mention of a reading is proposed to name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.linking import LINKER, link
from app.linking.places import place_of
from app.vocabulary import cities
from app.vocabulary.cities import City, Towns
from app.vocabulary.names import Gazetteer, NamedActor
from app.vocabulary.records import Actor, Decision, Mention, Place, Reading
from app.vocabulary.terms import ActorKind, DecisionKind, Judgement, NodeKind


def mention(
    name: str, kind: NodeKind = NodeKind.ACTOR, actor_kind: ActorKind = ActorKind.UNKNOWN, country: str | None = None
) -> Mention:
    return Mention("art-1", kind, name, name, "text", 0, len(name), actor_kind, country)


def reading(*mentions: Mention) -> Reading:
    return Reading("art-1", "hand@1", mentions)


@pytest.fixture(autouse=True)
def made_up_towns(monkeypatch: pytest.MonkeyPatch) -> None:
    port, mill = City("Port Selm", "XBE", 1.123456, -2.000049, 90_000), City("Selm Mill", "XBE", 3.0, 4.0, 20_000)
    villages = [City(name, "XAR", 5.0, 6.0, 2_000) for name in ("Kesh", "Kesh Ford")]
    lists = {15_000: Towns([(port, ()), (mill, ())]), 1_000: Towns([(city, ()) for city in (port, mill, *villages)])}
    monkeypatch.setattr(cities, "_towns", lists.__getitem__)


def test_an_actor_of_the_gazetteer(gazetteer: Gazetteer) -> None:
    found = link(reading(mention("Beloria", actor_kind=ActorKind.ARMED_GROUP, country="XAR")), gazetteer)
    # What one article took it for does not change what the gazetteer knows.
    assert found.actors == (Actor("Beloria", ActorKind.STATE, "XBE"),)
    assert found.places == ()
    assert found.decisions == (
        Decision(
            DecisionKind.JUDGE,
            mention("Beloria").id,
            LINKER,
            "actor-beloria",
            judgement=Judgement.SAME,
            reason="the gazetteer's name",
            score=1.0,
        ),
    )


def test_an_actor_brings_every_actor_it_is_part_of(gazetteer: Gazetteer) -> None:
    found = link(reading(mention("Coast Guard Command")), gazetteer)
    assert [(actor.id, actor.part_of) for actor in found.actors] == [
        ("actor-coast-guard-command", "actor-ardanian-army"),
        ("actor-ardanian-army", "actor-ardania"),
        ("actor-ardania", None),
    ]
    assert [decision.object for decision in found.decisions] == ["actor-coast-guard-command"]


def test_an_affiliate_stays_itself(gazetteer: Gazetteer) -> None:
    assert [actor.part_of for actor in link(reading(mention("Dova Friends")), gazetteer).actors] == [None]


def test_actors_that_are_part_of_each_other_come_once_each() -> None:
    circle = Gazetteer([NamedActor(a, ActorKind.UNKNOWN, part_of=b) for a, b in (("A", "B"), ("B", "A"))])
    assert [actor.name for actor in link(reading(mention("A")), circle).actors] == ["A", "B"]


def test_a_name_that_nobody_lists_stands_for_itself_and_for_no_country(gazetteer: Gazetteer) -> None:
    found = link(reading(mention("Oda Renn", actor_kind=ActorKind.PERSON, country="XAR")), gazetteer)
    assert found.actors == (Actor("Oda Renn", ActorKind.PERSON),)
    assert [(d.object, d.score, d.reason) for d in found.decisions] == [
        ("actor-oda-renn", 0.6, "the name the article gives")
    ]


@pytest.mark.parametrize("seat", ["Grey House", "Quay Street"])
def test_a_seat_of_power_is_a_body_of_its_state(gazetteer: Gazetteer, seat: str) -> None:
    owner = {"Grey House": "ardania", "Quay Street": "beloria"}[seat]
    found = link(reading(mention(seat)), gazetteer)
    assert [(a.id, a.kind, a.part_of) for a in found.actors] == [
        (f"actor-{seat.lower().replace(' ', '-')}", ActorKind.GOVERNMENT_BODY, f"actor-{owner}"),
        (f"actor-{owner}", ActorKind.STATE, None),
    ]


def test_other_ways_to_say_a_states_name_are_not_merged_by_a_machine(gazetteer: Gazetteer) -> None:
    found = link(reading(mention("Ardville"), mention("FCB")), gazetteer)
    assert [(actor.id, actor.part_of) for actor in found.actors] == [("actor-ardville", None), ("actor-fcb", None)]


def test_every_mention_gets_one_judgement_and_every_node_one_record(gazetteer: Gazetteer) -> None:
    mentions = [
        mention("Ardania"),
        mention("Ardanian Army"),
        mention("Ardania", NodeKind.PLACE),
        mention("Port Selm", NodeKind.PLACE),
    ]
    found = link(reading(*mentions), gazetteer)
    assert [(d.subject, d.object) for d in found.decisions] == list(
        zip(
            [m.id for m in mentions],
            ["actor-ardania", "actor-ardanian-army", "place-ardania-xar", "place-port-selm-xbe"],
            strict=True,
        )
    )
    assert sorted(actor.id for actor in found.actors) == ["actor-ardania", "actor-ardanian-army"]
    assert {d.at for d in found.decisions} == {None}


def test_the_same_reading_gives_the_same_links(gazetteer: Gazetteer) -> None:
    one = reading(mention("Ardanian Army"), mention("Nowhere", NodeKind.PLACE), mention("Oda Renn"))
    assert link(one, gazetteer) == link(one, gazetteer)
    assert [d.id for d in link(one, gazetteer).decisions] == [d.id for d in link(one, gazetteer).decisions]


@pytest.mark.parametrize(
    ("name", "country", "place"),
    [
        ("Upper Dova", None, Place("Upper Dova", "XAR", 12.5, -3.25, "region")),
        ("Upper Dova", "XAR", Place("Upper Dova", "XAR", 12.5, -3.25, "region")),
        ("Dova Hills", None, Place("Dova Hills", "XAR", 12.5, -3.25, "region")),
        ("Upper Dova", "XBE", Place("Upper Dova", "XBE")),
        ("Selm Gate", None, Place("Selm Gate", "XBE", 1.0, 2.0, "site")),
        ("Depot, Selm Gate", None, Place("Depot, Selm Gate", "XBE", 1.0, 2.0, "region")),
        ("Disputed Shoal", None, Place("Disputed Shoal", precision="region")),
        ("Disputed Shoal", "XBE", Place("Disputed Shoal", "XBE", precision="region")),
        ("Ardania", None, Place("Ardania", "XAR", precision="country")),
        ("Republic of Ardania", None, Place("Republic of Ardania", "XAR", precision="country")),
        ("ARDANIA", "XAR", Place("ARDANIA", "XAR", precision="country")),
        ("northern Ardania", "XAR", Place("northern Ardania", "XAR", precision="region")),
        ("Ardville", "XAR", Place("Ardville", "XAR", precision="settlement")),
        ("Kesh", "XAR", Place("Kesh", "XAR", 5.0, 6.0, "settlement")),
        ("Kesh", None, Place("Kesh")),
        ("Kesh, Upper Dova", None, Place("Kesh, Upper Dova", "XAR", 5.0, 6.0, "settlement")),
        ("PORT SELM", None, Place("PORT SELM", "XBE", 1.1235, -2.0, "settlement")),
        ("Harbour, Ardania", None, Place("Harbour, Ardania", "XAR", precision="country")),
        ("Port Selm", None, Place("Port Selm", "XBE", 1.1235, -2.0, "settlement")),
        ("Fish Market, Port Selm", "XBE", Place("Fish Market, Port Selm", "XBE", 1.1235, -2.0, "settlement")),
        ("Port Selm", "XAR", Place("Port Selm", "XAR")),
        ("Nowhere", None, Place("Nowhere")),
        ("Nowhere", "XCE", Place("Nowhere", "XCE")),
    ],
)
def test_where_a_place_lies(gazetteer: Gazetteer, name: str, country: str | None, place: Place) -> None:
    assert place_of(name, country, gazetteer) == place


def test_a_village_is_not_taken_for_a_lesser_city_of_a_country_that_nobody_speaks_of(gazetteer: Gazetteer) -> None:
    assert place_of("Selm Mill", None, gazetteer, {"XAR"}) == Place("Selm Mill")
    for spoken_of in (set(), {"XAR", "XBE"}):
        assert place_of("Selm Mill", None, gazetteer, spoken_of).country == "XBE"
    assert place_of("Selm Mill", "XBE", gazetteer, {"XAR"}).lat == 3.0
    assert place_of("Port Selm", None, gazetteer, {"XAR"}).country == "XBE"
    spoken = [mention("Ardania", country="XAR"), mention("Selm Mill", NodeKind.PLACE)]
    assert link(reading(*spoken), gazetteer).places == (Place("Selm Mill"),)
    assert link(reading(spoken[1]), gazetteer).places[0].country == "XBE"


def test_how_sure_the_linker_is_of_a_place(gazetteer: Gazetteer) -> None:
    found = link(reading(mention("Upper Dova", NodeKind.PLACE), mention("Nowhere", NodeKind.PLACE)), gazetteer)
    assert [(d.object, d.score) for d in found.decisions] == [("place-upper-dova-xar", 1.0), ("place-nowhere", 0.6)]


def test_readings_of_articles_link_too(gazetteer: Gazetteer, told: Callable[[str], tuple[object, Reading]]) -> None:
    _, read = told("Oda Renn for Ardania accused Fleet of Beloria over the raid in Port Selm.")
    found = link(read, gazetteer)
    assert sorted(str(d.object) for d in found.decisions) == [
        "actor-ardania",
        "actor-beloria",
        "actor-fleet",
        "actor-oda-renn",
        "place-port-selm-xbe",
    ]
    assert {d.subject for d in found.decisions} == {m.id for m in read.mentions}
