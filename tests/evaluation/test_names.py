from __future__ import annotations

import pytest

from app.evaluation.names import Naming, same_person, same_spelling
from app.vocabulary.names import Gazetteer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the U.S.", "United States"),
        ("Türkiye", "turkey"),
        ("Government of the DPRK", "North Korea"),
        ("People’s Republic of China", "PRC"),
        ("Côte d'Ivoire", "Ivory Coast"),
        ("Islamic Republic of Iran", "Iran"),
        ("Kingdom of Ardania", "ARDANIA"),
        ("none", None),
        ("Unknown", ""),
    ],
)
def test_names_of_one_actor_are_spelt_alike(one: str | None, other: str | None) -> None:
    assert same_spelling(one) == same_spelling(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hezbollah", "Iran"), ("Niger", "Nigeria"), ("North Korea", "South Korea"), ("Ardanian Army", "Ardania")],
)
def test_others_are_not(one: str, other: str) -> None:
    assert same_spelling(one) != same_spelling(other)


def test_a_person_is_known_by_part_of_the_name() -> None:
    assert same_person("Prem", "Minister Ola Prem")
    assert same_person("Prem, Ola", "Ola Prem")
    assert same_person(None, "")
    assert not same_person("Ola Prem", "Ola Revik")
    assert not same_person(None, "Ola Prem")


def test_a_passage_names_an_actor_by_any_of_its_names(gazetteer: Gazetteer) -> None:
    naming = Naming(gazetteer)
    for passage in ("Ardania said", "an Ardanian general", "Ardville's reply", "the Ardanian Army, too"):
        assert naming.names("Ardania", passage), passage
    assert naming.names("Ardania", "the Coast Guard Command fired")
    assert not naming.names("Ardania", "the coast guard command fired")
    assert not naming.names("Beloria", "an Ardanian general")
    assert naming.names("Nobody Known", "said Nobody Known.")
    # An affiliate does not speak for the group it is near to.
    assert not naming.names("Free Coast Brigade", "Dova Friends said")


def test_a_speaker_is_named_by_surname(gazetteer: Gazetteer) -> None:
    naming = Naming(gazetteer)
    assert naming.names_speaker("Ola Prem", "Prem said so")
    assert not naming.names_speaker("Ola Prem", "she said so")
    assert not naming.names_speaker("Foreign ministry", "the ministry said so")
    assert not naming.names_speaker("", "she said so")
