"""What is admitted as an article: length and language."""

import pytest

from app.intake import Limits
from app.intake.gate import admit
from app.vocabulary.errors import BadInput, TooLarge

FRENCH = (
    "L'Ardanie a accusé mercredi la Bélorie d'avoir bombardé le marché de Kesh, une attaque qui a fait neuf morts "
    "et trente blessés selon le gouverneur de la province."
)


def test_another_language_is_refused_once_there_are_words_enough() -> None:
    with pytest.raises(BadInput, match="'fr'") as why:
        admit(text=FRENCH, limits=Limits())
    assert why.value.reason == "not_english"
    short = " ".join(FRENCH.split()[:8])
    assert admit(text=short, limits=Limits()).text == short


def test_another_script_is_refused_however_short() -> None:
    for text in ("Кремль обвинил США.", "克里姆林宫指责美国", "اتهمت موسكو واشنطن"):
        with pytest.raises(BadInput, match="script") as why:
            admit(text=text, limits=Limits())
        assert why.value.reason == "not_english"


def test_english_that_quotes_and_names_others_is_admitted() -> None:
    text = f'Ardania said that its neighbour had written: "{FRENCH[:60]}" Beloria denied that it had written such a '
    text += "letter, and its minister said that whoever had, had done so to set the two against each other once more."
    assert admit(text=text, limits=Limits()).text == text
    capitals = "KESH MARKET SHELLED, ARDANIA BLAMES BELORIA. " * 5
    assert admit(text=capitals, limits=Limits()).text == capitals


def test_too_many_words_are_refused() -> None:
    assert admit(text="word " * 10, limits=Limits(max_words=10)).text == "word " * 10
    with pytest.raises(TooLarge, match="11 words"):
        admit(text="word " * 11, limits=Limits(max_words=10))


def test_the_same_parts_give_the_same_id() -> None:
    one = admit(text="He denied\r\nit.", title="A  denial", limits=Limits())
    two = admit(text="He denied\nit.", title="A denial", limits=Limits())
    assert one == two
