"""Whom an article credits as a whole, and how agencies are called."""

from __future__ import annotations

import pytest

from app.linking.credits import Names, credited
from app.vocabulary.names import Gazetteer, NamedActor
from app.vocabulary.terms import ActorKind

STORY = "Ardania accused Beloria of shelling a market on Friday. Beloria told Reuters that it had not."


@pytest.fixture
def names() -> Names:
    agencies = {"Reuters": (), "Agence France-Presse": ("AFP",), "Associated Press": ("AP", "The Associated Press")}
    others = [NamedActor("Ardanian Farmers", ActorKind.ARMED_GROUP, aliases=("AF",))]
    return Names(Gazetteer([NamedActor(n, ActorKind.MEDIA, aliases=a) for n, a in agencies.items()] + others))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KESH, May 4 (Reuters) - {}", {"reuters"}),
        ("KESH/PORT SELM (AFP) — {}", {"agence-france-presse"}),
        ("Kesh, 26 August (Selm Press) – {}", {"selm-press"}),
        ("KESH, Ardania (AP) -- {}", {"associated-press"}),
        ("KESH (Reuters/AFP) - {}", {"reuters", "agence-france-presse"}),
        ("Kesh (Reuters) - {}", {"reuters"}),
        ("{}\n\nSource: Selm Press", {"selm-press"}),
        ("Source: The Associated Press.\n\n{}", {"associated-press"}),
        ("{}\n\nBy Reuters", {"reuters"}),
        ("{}\n\n— AFP", {"agence-france-presse"}),
        ("{}\n\n(With inputs from Reuters and AFP)", {"reuters", "agence-france-presse"}),
        ("{}\n\nwith additional reporting by AP", {"associated-press"}),
        ("{}", set()),
        ("By Oda Renn\n\n{}", set()),
        ("{}\n\nAF", set()),
        ("{}\n\nReuters and Oda Renn", set()),
        ("The Free Coast Brigade (FCB) - a band of deserters - laughed. {}", set()),
        ("{}\n\n{}\n\n{}\n\nReuters\n\n{}\n\n{}\n\n{}", set()),
        ("", set()),
    ],
)
def test_whom_an_article_credits(names: Names, text: str, expected: set[str]) -> None:
    assert credited(text.replace("{}", STORY), names) == expected


def test_without_a_gazetteer_a_credit_is_what_it_is_written_as() -> None:
    names = Names()
    assert credited(f"KESH (AFP) - {STORY}\n\nBy Reuters", names) == {"afp"}
    assert names.title("afp") == "AFP"


@pytest.mark.parametrize(
    ("publisher", "bylines"),
    [
        ("Horn Wire Service", {"horn-wire-service", "hws"}),
        ("Agence Selm Dépêche (English service)", {"agence-selm-depeche", "asd"}),
        ("Reuters", {"reuters"}),
        ("The Associated Press", {"associated-press", "tap"}),
    ],
)
def test_what_an_outlet_goes_by(names: Names, publisher: str, bylines: set[str]) -> None:
    short = names.publisher(publisher)
    assert names.bylines(short) == bylines
    assert {outlet for byline in bylines for outlet in names.outlets(byline)} == {short}


def test_nobody_goes_by_nothing(names: Names) -> None:
    assert names.bylines(None) == names.bylines("never-met") == frozenset()
    assert names.outlets("never-met") == []
