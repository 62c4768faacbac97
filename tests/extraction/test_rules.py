"""The golden cases of the rules, and what holds for any text whatever it says."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.extraction.rules import RulesExtractor
from app.vocabulary.records import Article, Reading

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[1] / "cases" / "extraction.json").read_text(encoding="utf-8")
)
pytestmark = pytest.mark.model


def _told(reading: Reading) -> list[str]:
    names = {mention.id: mention.name for mention in reading.mentions}
    return sorted(
        f"{c.type} {names[c.source]} > {names[c.target] if c.target is not None else ''} {c.modality}"
        for c in reading.claims
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["trap"])
def test_golden_case(rules: RulesExtractor, case: dict[str, Any]) -> None:
    article = Article(case.get("title", ""), case["text"], published="2026-03-04")
    (reading,) = rules.read([article])
    assert _told(reading) == sorted(case["claims"])
    assert {str(r.reason) for r in reading.refusals} >= set(case.get("refused", []))
    names = {mention.id: mention.name for mention in reading.mentions}
    for speaker in case.get("speakers", []):
        assert speaker in {names[claim.speaker] for claim in reading.claims}
    for claim in reading.claims:
        claim.evidence.check(article)


def test_reading_does_not_depend_on_neighbours(rules: RulesExtractor) -> None:
    articles = [Article(case.get("title", ""), case["text"], published="2026-03-04") for case in CASES]
    alone = {article.id: next(iter(rules.read([article]))) for article in articles}
    shuffled = articles[:]
    random.Random(7).shuffle(shuffled)
    for article, reading in zip(shuffled, rules.read(shuffled), strict=True):
        assert reading == alone[article.id]


def test_denial_answers_the_accusation(rules: RulesExtractor) -> None:
    text = "Ardania accused Beloria of shelling Kesh. Beloria denied responsibility."
    (reading,) = rules.read([Article("", text, published="2026-03-04")])
    accusation, denial = reading.claims
    assert denial.responds_to == accusation.id
    assert denial.denial_kind == "perpetration"


def test_days_and_places(rules: RulesExtractor) -> None:
    # 4 March 2026 is a Wednesday.
    text = "On Monday Ardania accused Beloria of an attack in Kesh. In May 2025 it blamed Cerinia for a raid."
    (reading,) = rules.read([Article("", text, published="2026-03-04")])
    assert [claim.date for claim in reading.claims] == ["2026-03-02", "2025-05"]
    names = {mention.id: mention.name for mention in reading.mentions}
    placed = [names[i.place] for i in reading.incidents if i.place is not None]
    assert placed == ["Kesh"]


def test_without_a_day_of_publication_days_stay_unknown(rules: RulesExtractor) -> None:
    (reading,) = rules.read([Article("", "On Monday Ardania accused Beloria of an attack.")])
    assert [claim.date for claim in reading.claims] == [None]


def test_an_ambiguous_name_is_nobody(rules: RulesExtractor) -> None:
    (reading,) = rules.read([Article("", "Ardania blamed ND for the fire.")])
    assert reading.claims == ()


def test_context_decides_an_ambiguous_name(rules: RulesExtractor) -> None:
    text = "The party New Dawn of Cerinia met on Monday. Ardania blamed ND for the fire."
    (reading,) = rules.read([Article("", text)])
    assert _told(reading) == ["accuses Ardania > New Dawn of Cerinia asserted"]


@pytest.mark.parametrize(
    "text",
    [
        "Ardania accused Beloria of " + "very " * 5000 + "bad acts.",
        "“" * 500 + "Ardania blamed Beloria" + "”" * 500,
        "Ardania\n\n\naccused\n\nBeloria.\n" * 50,
        "((((((" * 300 + "Ardania denied it." + "))))" * 300,
        "\u200f\u202eArdania accused Beloria\u0301 of shelling.\ufeff",
        "A" * 20_000,
        "Ardania accused Beloria. " * 400,
    ],
    ids=["huge sentence", "quotes", "line breaks", "brackets", "directions", "one word", "repeated"],
)
def test_odd_text_is_read(rules: RulesExtractor, text: str) -> None:
    article = Article("", text)
    (reading,) = rules.read([article])
    for claim in reading.claims:
        claim.evidence.check(article)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                "Ardania Beloria's accused denied vowed to retaliate against said “ ” \" , . \n\n he it its blamed the "
                "army of Belgard FCB (FCB) rejected claims that had shelled was by not neither nor ? —".split(" ")
            ),
            st.text(max_size=8),
        ),
        max_size=60,
    )
)
def test_any_words_in_any_order(rules: RulesExtractor, words: list[str]) -> None:
    article = Article(" ".join(words[:8]), " ".join(words))
    (reading,) = rules.read([article])
    for claim in reading.claims:
        claim.evidence.check(article)
        assert 0 <= claim.confidence <= 1
        assert claim.source != claim.target
