"""What the claims of one article are about, and which incidents they share."""

from __future__ import annotations

import pytest

from app.extraction.rules import RulesExtractor
from app.vocabulary.records import Article, Reading

pytestmark = pytest.mark.model


def _read(rules: RulesExtractor, text: str, title: str = "") -> Reading:
    (reading,) = rules.read([Article(title, text, published="2026-03-04")])
    return reading


def test_a_claim_that_names_no_act_is_about_the_one_spoken_of_last(rules: RulesExtractor) -> None:
    reading = _read(rules, "Ardania accused Beloria of the raid on Kesh. Beloria denied it.")
    (raid,) = reading.incidents
    assert [claim.incident for claim in reading.claims] == [raid.id, raid.id]


def test_a_headline_that_names_no_act_is_about_the_first(rules: RulesExtractor) -> None:
    text = "Ardania accused Beloria of the raid on Kesh. It also blamed Cerinia for the blockade."
    reading = _read(rules, text, title="Ardania blames Beloria")
    types = {incident.id: incident.type for incident in reading.incidents}
    assert [types[claim.incident or ""] for claim in reading.claims] == ["raid", "raid", "blockade"]


def test_an_article_that_names_no_act_has_no_incident(rules: RulesExtractor) -> None:
    reading = _read(rules, "Ardania accused Beloria of lying. Beloria denied it.")
    assert [claim.incident for claim in reading.claims] == [None, None]
    assert reading.incidents == ()


def test_everybody_whom_a_claim_accuses_of_it_is_an_alleged_perpetrator(rules: RulesExtractor) -> None:
    text = "Ardania accused Beloria of the raid on Kesh. Cerinia blamed the Free Coast Brigade for the raid."
    reading = _read(rules, text, title="Ardania blames Beloria")
    names = {mention.id: mention.name for mention in reading.mentions}
    (raid,) = reading.incidents
    assert [names[one] for one in raid.alleged_perpetrators] == ["Beloria", "Free Coast Brigade"]
