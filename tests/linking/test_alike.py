"""Names of two articles that may be one actor's."""

from __future__ import annotations

import itertools

import pytest

from app.linking import alike, link
from app.linking.alike import LINKER, AlikeNames
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Decision, Mention, Reading
from app.vocabulary.terms import ActorKind, DecisionKind, Judgement, NodeKind

PERSON, GROUP = ActorKind.PERSON, ActorKind.ARMED_GROUP


def told(name: str, kind: ActorKind = PERSON, country: str | None = "XAR", text: str = "") -> tuple[Article, Reading]:
    article = Article("", text or f"It was {name} who said so.", "2024-03-05")
    mention = Mention(article.id, NodeKind.ACTOR, name, name, "text", 0, len(name), kind, country)
    return article, Reading(article.id, "hand@1", (mention,))


def doubts(gazetteer: Gazetteer, *articles: tuple[Article, Reading]) -> list[Decision]:
    names = AlikeNames(gazetteer)
    return [doubt for article, reading in articles for doubt in names.add(article, reading, link(reading, gazetteer))]


def pairs(gazetteer: Gazetteer, *articles: tuple[Article, Reading]) -> list[tuple[str, str | None]]:
    return [(doubt.subject, doubt.object) for doubt in doubts(gazetteer, *articles)]


def test_persons_of_one_country_whose_names_differ_by_a_letter(gazetteer: Gazetteer) -> None:
    (doubt,) = doubts(gazetteer, told("Anna Vey"), told("Ana Vey"))
    assert doubt == Decision(
        DecisionKind.JUDGE,
        "actor-ana-vey",
        LINKER,
        "actor-anna-vey",
        None,
        Judgement.UNSURE,
        "Ana Vey and Anna Vey, both of XAR, differ by a letter",
        score=0.5,
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dmitri Sol", "Dmitry Sol"),
        ("Oda Renn", "Oda Ren"),
        ("Ilin Marsh", "Ilin Mursh"),
        ("Sef al-Tar", "Seif al-Tar"),
    ],
)
def test_a_letter_changed_lost_or_put_in(gazetteer: Gazetteer, one: str, other: str) -> None:
    assert len(pairs(gazetteer, told(one), told(other))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (told("Anna Vey"), told("Anna Vey")),
        (told("Anna Vey"), told("Ana Vey", country="XBE")),
        (told("Anna Vey"), told("Ana Vey", country=None)),
        (told("Anna Vey", GROUP), told("Ana Vey", GROUP)),
        (told("Anna Vey"), told("Ana Wey")),
        (told("Anna Vey"), told("Ana Vei")),
        (told("Anna Vey"), told("Anna Maria Vey")),
        (told("Vey"), told("Veyy")),
        (told("Beloria"), told("Belorian")),
    ],
    ids=lambda one: f"{one[1].mentions[0].name} {one[1].mentions[0].country}",
)
def test_no_doubt(gazetteer: Gazetteer, one: tuple[Article, Reading], other: tuple[Article, Reading]) -> None:
    assert pairs(gazetteer, one, other) == []


FULL = told("Selm Marine Guard", GROUP, text="The Selm Marine Guard (SMG) took the quay.")


def test_an_abbreviation_that_another_article_explains(gazetteer: Gazetteer) -> None:
    short = told("SMG", GROUP)
    for order in itertools.permutations((FULL, short)):
        assert pairs(gazetteer, *order) == [("actor-selm-marine-guard", "actor-smg")]
    reasons = {doubts(gazetteer, *order)[0].reason for order in itertools.permutations((FULL, short))}
    assert reasons == {"an article explains SMG as Selm Marine Guard", "another article explains SMG so"}


@pytest.mark.parametrize(
    ("full", "short"),
    [
        (told("Selm Marine Guard", GROUP, text="The Selm Marine Guard (SMG)."), told("SMQ", GROUP)),
        (told("Selm Marine Guard", GROUP, text="The Selm Marine Guard (XYZ)."), told("XYZ", GROUP)),
        (told("Selm Marine Guard", GROUP, text="The Selm Marine Guard (smg)."), told("smg", GROUP)),
        (told("Selm Marine Guard", GROUP, text="The Selm Marine Guard took SMG."), told("SMG", GROUP)),
        # The gazetteer knows whose this is.
        (told("Fleet Command Bureau", GROUP, text="The Fleet Command Bureau (FCB)."), told("FCB", GROUP)),
    ],
)
def test_no_explanation(gazetteer: Gazetteer, full: tuple[Article, Reading], short: tuple[Article, Reading]) -> None:
    assert pairs(gazetteer, full, short) == []


def test_small_words_need_no_letter(gazetteer: Gazetteer) -> None:
    full = told("Front for the Rescue of Selm", GROUP, text="The Front for the Rescue of Selm (FRS) agreed.")
    assert len(pairs(gazetteer, full, told("FRS", GROUP))) == 1


def test_what_is_common_is_counted_and_not_kept(gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "_MOST_ALIKE", 2)
    names = AlikeNames(gazetteer)
    for name in ("Anna Vey", "Alba Vorn", "Arlo Vant", "Arlo Vint"):
        article, reading = told(name)
        assert names.add(article, reading, link(reading, gazetteer)) == []
    assert names.cut_short == 2
