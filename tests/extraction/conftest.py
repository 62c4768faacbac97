"""The rules over an invented world: Ardania, Beloria and Cerinia, their capitals, seats, bodies and groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.extraction.lexicon import Lexicon
from app.extraction.rules import RulesExtractor
from app.vocabulary.names import Ambiguity, Gazetteer, NamedActor
from app.vocabulary.terms import ActorKind

ROOT = Path(__file__).resolve().parents[2]


def _state(name: str, iso: str, adjective: str, capital: str, *seats: str) -> NamedActor:
    return NamedActor(
        name,
        ActorKind.STATE,
        iso,
        adjectives=(adjective,),
        demonyms=(adjective + "s",),
        capitals=(capital,),
        seats=seats,
    )


@pytest.fixture(scope="session")
def world() -> Gazetteer:
    states = [
        _state("Ardania", "XAR", "Ardanian", "Ardville", "Grey House"),
        _state("Beloria", "XBE", "Belorian", "Belgard"),
        _state("Cerinia", "XCE", "Cerinian", "Cerapolis"),
    ]
    others = [
        NamedActor("Free Coast Brigade", ActorKind.ARMED_GROUP, aliases=("FCB",)),
        NamedActor("Coastal Council", ActorKind.INTERNATIONAL_ORGANISATION, aliases=("CC",)),
        NamedActor("Ardanian Signals Bureau", ActorKind.GOVERNMENT_BODY, part_of="Ardania", aliases=("ASB",)),
        NamedActor("Coastal Wire", ActorKind.MEDIA),
        NamedActor("Radio Delta", ActorKind.MEDIA),
        NamedActor("New Dawn", ActorKind.POLITICAL_GROUP, "XAR"),
        NamedActor("New Dawn of Cerinia", ActorKind.POLITICAL_GROUP, "XCE", aliases=("ND Cerinia",)),
    ]
    ambiguous = {"ND": Ambiguity(("New Dawn", "New Dawn of Cerinia"), (), None)}
    return Gazetteer(states + others, ambiguities=ambiguous)


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return Lexicon(ROOT / "graph_data" / "lexicons")


@pytest.fixture(scope="session")
def rules(world: Gazetteer, lexicon: Lexicon) -> RulesExtractor:
    return RulesExtractor(world, lexicon)
