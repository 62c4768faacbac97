"""Ids that follow from content, quotes held against their article, and claims that cannot be."""

from __future__ import annotations

import dataclasses
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.vocabulary.errors import EvidenceMismatch
from app.vocabulary.records import (
    Actor,
    Article,
    Claim,
    Decision,
    Evidence,
    Incident,
    Mention,
    Place,
    Reading,
    Refusal,
    actor_id,
    content_id,
    place_id,
    slug,
)
from app.vocabulary.terms import (
    ActorKind,
    ClaimType,
    DecisionKind,
    DenialKind,
    Judgement,
    Modality,
    NodeKind,
    RefusalReason,
)

ARTICLE = Article(
    "Ardania accuses Beloria",
    "Ardania accused Beloria over the raid in Kesh.",
    "2031-05-04",
    "Port Gazette",
    "https://gazette.example/1",
    "sender-7",
)
RAID = Evidence(ARTICLE.id, "text", 28, 37, " the raid")


def quote(text: str, article: Article = ARTICLE) -> Evidence:
    start = article.text.index(text)
    return Evidence(article.id, "text", start, start + len(text), text)


def claim(type_: ClaimType = ClaimType.ACCUSES, modality: Modality = Modality.ASSERTED, **others: Any) -> Claim:
    fields: dict[str, Any] = {"speaker": "men-1", "source": "men-1", "target": "men-2", "evidence": quote("accused")}
    return Claim(ARTICLE.id, type_, modality=modality, **{**fields, **others})


# Written down once: an id that changes orphans every ledger, link and citation that holds it.
GOLDEN = {
    "art-9f170ec44f27b90e3232": ARTICLE,
    "men-8775278abc80ff50522a": Mention(ARTICLE.id, NodeKind.ACTOR, "Ardania", "Ardania", "text", 0, 7),
    "inc-83a5436aeff8a4301976": Incident(ARTICLE.id, "raid", quote("raid"), "men-3", date="2031-05-03"),
    "clm-f0ff1d22876edc8e1b1e": claim(),
    "dec-0bf8c68438499d52b553": Decision(
        DecisionKind.JUDGE, "men-1", "names@1", "actor-ardania", judgement=Judgement.SAME
    ),
    "rdg-8a7dcd9db22daea47113": Reading(ARTICLE.id, "rules@1"),
    "actor-cote-d-ardanie": Actor("Côte d'Ardanie", ActorKind.STATE),
    "place-port-selm-xbe": Place("Port Selm", "XBE"),
    "place-port-selm": Place("Port Selm"),
}


@pytest.mark.parametrize(("expected", "record"), GOLDEN.items(), ids=[type(r).__name__ for r in GOLDEN.values()])
def test_ids_stay_as_they_were_first_given(expected: str, record: Any) -> None:
    assert record.id == expected


def test_the_id_function_stays_as_it_was() -> None:
    assert content_id("x") == "x-6fa1d8fcfd719046d762"
    assert content_id("x", "a", None, 3) == "x-14af84e1c3c90f94dcca"


@pytest.mark.parametrize("field", ["url", "publisher", "published", "title", "text"])
def test_an_article_is_its_content(field: str) -> None:
    changed = {"url": "https://gazette.example/2", "published": "2031-05-05"}.get(field, "another")
    assert dataclasses.replace(ARTICLE, **{field: changed}, id="").id != ARTICLE.id


def test_the_id_its_sender_gave_an_article_is_not_part_of_it() -> None:
    assert dataclasses.replace(ARTICLE, external_id="sender-8", id="").id == ARTICLE.id


@pytest.mark.parametrize(
    "changed",
    [
        {"type_": ClaimType.DENIES},
        {"type_": ClaimType.RETALIATES, "modality": Modality.THREATENED},
        {"speaker": "men-9"},
        {"source": "men-9"},
        {"target": None},
        {"evidence": quote("Beloria")},
    ],
)
def test_another_claim_has_another_id(changed: dict[str, Any]) -> None:
    assert claim(**changed).id != claim().id


def test_what_is_found_out_about_a_claim_later_leaves_its_id() -> None:
    fuller = claim(incident="inc-1", date="2031-05-03", responds_to="clm-1", confidence=0.9, target_named="men-4")
    assert fuller.id == claim().id


def test_none_differs_from_the_empty_text() -> None:
    assert content_id("x", None) != content_id("x", "")
    assert Article("", "words", publisher=None).id != Article("", "words", publisher="").id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a\x1fb", "c"), ("a", "b\x1fc")),
        (("\x00", "c"), (None, "c")),
        (("a", None), ("a\x1f\x00",)),
        (("\x1f",), ("\x001",)),
        (("\x00",), ("\x000",)),
    ],
)
def test_control_characters_cannot_make_two_contents_one(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert content_id("x", *one) != content_id("x", *other)


FIELD = st.none() | st.text(alphabet="ab\x00\x1f01\u0301", max_size=4)


@given(st.lists(FIELD, max_size=3), st.lists(FIELD, max_size=3))
def test_different_contents_have_different_ids(one: list[str | None], other: list[str | None]) -> None:
    def form(fields: list[str | None]) -> list[str | None]:
        return [None if field is None else unicodedata.normalize("NFC", field) for field in fields]

    if len(one) == len(other):
        assert (content_id("x", *one) == content_id("x", *other)) == (form(one) == form(other))


def test_the_two_ways_to_write_an_accent_are_one_content() -> None:
    assert content_id("x", "Sélm") == content_id("x", "Se\u0301lm")
    assert actor_id("Sélm") == actor_id("Se\u0301lm") == "actor-selm"


def test_half_a_surrogate_pair_has_an_id_too() -> None:
    assert content_id("x", "\ud83d") != content_id("x", "\ud83e")
    assert len(Article("", "half \ud83d").sha256) == 64


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Côte d'Ardanie", "cote-d-ardanie"),
        ("  Port—Selm  ", "port-selm"),
        ("GROSSE STRASSE", "grosse-strasse"),
        ("Große Straße", "grosse-strasse"),
        ("Żelm 5", "zelm-5"),
        ("Белория", "белория"),
        ("a_b", "a-b"),
        ("†", ""),
    ],
)
def test_slugs(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text())
@example("ﬆ İ ŉ")
def test_a_slug_holds_only_letters_digits_and_single_hyphens(name: str) -> None:
    made = slug(name)
    assert made == made.strip("-")
    assert "--" not in made
    assert all(c == "-" or c.isalnum() for c in made)


def test_two_places_of_one_name_are_two() -> None:
    assert place_id("Port Selm", "XAR") == "place-port-selm-xar"
    assert place_id("Port Selm", "XBE") != place_id("Port Selm", "XAR")


def test_the_hash_on_a_receipt() -> None:
    # sha256sum of "T\nx": anybody can compute it anew.
    assert Article("T", "x").sha256 == "f88a6430b8d9124a12716a8968239053193554deb7d5a9c55a4d6628bcf3f9d8"


@pytest.mark.parametrize(
    "wrong",
    [
        Evidence(ARTICLE.id, "text", 0, 7, "Beloria"),
        Evidence(ARTICLE.id, "text", 0, 0, ""),
        Evidence(ARTICLE.id, "title", 28, 37, " the raid"),
        Evidence("art-other", "text", 28, 37, " the raid"),
        Evidence(ARTICLE.id, "text", -5, -1, "Kesh"),
        Evidence(ARTICLE.id, "text", 41, 99, "Kesh."),
        Evidence(ARTICLE.id, "text", 28, 36, " the raid"),
        Evidence(ARTICLE.id, "text", 37, 28, " the raid"),
    ],
)
def test_a_quote_that_does_not_stand_there_is_refused(wrong: Evidence) -> None:
    RAID.check(ARTICLE)
    with pytest.raises(EvidenceMismatch):
        wrong.check(ARTICLE)


def test_the_refusal_of_a_quote_shows_it_and_where() -> None:
    with pytest.raises(EvidenceMismatch, match=r"'Beloria' does not stand at text\[0:7\]"):
        Evidence(ARTICLE.id, "text", 0, 7, "Beloria").check(ARTICLE)


@given(st.text(min_size=1), st.data())
def test_offsets_count_code_points(text: str, data: st.DataObject) -> None:
    article = Article("", text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    Evidence(article.id, "text", start, end, text[start:end]).check(article)
    with pytest.raises(EvidenceMismatch):
        Evidence(article.id, "text", start, end, text[start:end] + "x").check(article)


POSSIBLE = {
    (ClaimType.ACCUSES, Modality.ASSERTED),
    (ClaimType.DENIES, Modality.ASSERTED),
    (ClaimType.RETALIATES, Modality.CARRIED_OUT),
    (ClaimType.RETALIATES, Modality.THREATENED),
    (ClaimType.RETALIATES, Modality.CALLED_FOR),
}


@pytest.mark.parametrize("type_", ClaimType)
@pytest.mark.parametrize("modality", Modality)
def test_a_claim_has_a_modality_of_its_type(type_: ClaimType, modality: Modality) -> None:
    if (type_, modality) in POSSIBLE:
        assert claim(type_, modality).modality is modality
    else:
        with pytest.raises(ValueError, match=f"{type_} cannot be {modality}"):
            claim(type_, modality)


@pytest.mark.parametrize("confidence", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_confidence_is_a_probability(confidence: float) -> None:
    with pytest.raises(ValueError, match="probability"):
        claim(confidence=confidence)
    assert claim(confidence=0.0).confidence == 0.0
    assert claim(confidence=1.0).confidence == 1.0


@pytest.mark.parametrize("date", ["yesterday", "2031-13", "2031-02-30", "2031-05-04/2031-05-03", ""])
def test_no_record_takes_a_day_that_does_not_exist(date: str) -> None:
    for make in (
        lambda: claim(date=date),
        lambda: Incident(ARTICLE.id, "raid", quote("raid"), date=date),
        lambda: Article("", "x", date),
    ):
        with pytest.raises(ValueError, match=r"date|day|month|interval"):
            make()


def test_a_judgement_needs_two_ids_and_an_outcome() -> None:
    for others in ({"object": "actor-b"}, {"judgement": Judgement.SAME}):
        with pytest.raises(ValueError, match="two ids"):
            Decision(DecisionKind.JUDGE, "actor-a", "Ana", **others)


def test_the_same_judgement_at_another_time_or_by_another_is_another_decision() -> None:
    first = Decision(DecisionKind.RETRACT, "clm-1", "Ana", reason="misread", at="2031-05-04T10:00:00+00:00")
    assert dataclasses.replace(first, at="2031-05-04T10:00:01+00:00", id="").id != first.id
    assert dataclasses.replace(first, by="Ben", id="").id != first.id
    assert dataclasses.replace(first, reason="misread badly", id="").id == first.id


def test_records_are_frozen() -> None:
    records: tuple[Any, ...] = (*GOLDEN.values(), RAID, Refusal(RefusalReason.NO_ACT, "met"))
    for record in records:
        name = dataclasses.fields(record)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, name, "changed")


def test_a_denial_says_what_it_rejects() -> None:
    assert claim(ClaimType.DENIES, denial_kind=DenialKind.INTENT).denial_kind is DenialKind.INTENT
