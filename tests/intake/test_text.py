"""Text files: what becomes a field, what stays text, and where a broken sentence is joined."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.clean import normalise
from app.intake.text import paragraphs, take_apart

DATA = Path(__file__).parent / "data"


def test_a_dispatch_is_taken_apart() -> None:
    parts = take_apart((DATA / "dispatch.txt").read_text())
    assert parts.title == "Beloria Blames Ardania for Attempted Strike on Summer Palace"
    assert parts.published == "2026-03-05"
    assert parts.url == "https://wire.example/2026/03/05/beloria-blames-ardania"
    assert parts.text.split("\n\n") == [
        "The banner of the chancellor flies on top of the Summer Palace. Jonn Aster / North Wire",
        "Ardania was behind the attempt to strike the chancellor's residence with drones, his spokesman said Thursday.",
        '"It is important that they understand that we know this and understand how dangerous such involvement is," '
        "said Emil Karsk.",
        "Ardania denied that it had sent the drones.",
        "North Wire contributed reporting.",
    ]


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("Ardania blames Beloria\nBeloria denied it.", "Ardania blames Beloria", "Beloria denied it."),
        ("# Ardania blames Beloria\n\nBeloria denied it.", "Ardania blames Beloria", "Beloria denied it."),
        ("Ardania blames Beloria\n=====\n\nDenied.", "Ardania blames Beloria", "Denied."),
        ("Ardania blames U.B.\n\nBeloria denied it.", "Ardania blames U.B.", "Beloria denied it."),
        ("It was them, he said.\n\nBeloria denied it.", "", "It was them, he said.\n\nBeloria denied it."),
        ('"It was them."\n\nDenied.', "", '"It was them."\n\nDenied.'),
        ("Ardania accuses Beloria of shelling", "", "Ardania accuses Beloria of shelling"),
        ("x" * 201 + "\n\nDenied.", "", "x" * 201 + "\n\nDenied."),
        ("Ardania said on Monday that\nit was shelled.", "", "Ardania said on Monday that it was shelled."),
    ],
)
def test_a_first_line_is_the_title_only_where_it_reads_as_one(text: str, title: str, body: str) -> None:
    parts = take_apart(text)
    assert (parts.title, parts.text) == (title, body)


def test_the_first_line_of_a_paragraph_broken_at_a_margin_is_no_title() -> None:
    text = (
        "The foreign ministry of Ardania on Tuesday accused its neighbour\n"
        "Beloria of shelling the market in Kesh and said that the attack\n"
        "had been ordered from the capital."
    )
    assert take_apart(text).title == ""
    assert take_apart(text).text == text.replace("\n", " ")


@pytest.mark.parametrize(
    "line", ["4 May 2023", "May 04, 2023", "2023-05-04", "Published: Thursday, 4 May 2023 10:30 GMT"]
)
@pytest.mark.parametrize("order", ["Strike on palace\n{}\n\nBody of it.", "{}\n\nStrike on palace\n\nBody of it."])
def test_a_date_line_beside_the_title_is_the_publication_date(order: str, line: str) -> None:
    parts = take_apart(order.format(line))
    assert (parts.title, parts.published, parts.text) == ("Strike on palace", "2023-05-04", "Body of it.")


@pytest.mark.parametrize("line", ["31 February 2023", "04/05/2023", "Thursday", "May 4, 2023 was a Thursday"])
def test_what_is_no_certain_date_stays_text(line: str) -> None:
    parts = take_apart(f"Strike on palace\n\n{line}\n\nBody of it.")
    assert parts.published is None
    assert line in parts.text


def test_a_url_that_nothing_says_is_the_articles_own_stays_text() -> None:
    parts = take_apart("Strike on palace\n\nBody of it.\n\nhttps://elsewhere.example/x")
    assert parts.url is None
    assert parts.text.endswith("https://elsewhere.example/x")


def test_a_url_trailer_may_stand_on_one_line() -> None:
    assert take_apart("Strike\n\nBody.\n\nSource URL: https://wire.example/x").url == "https://wire.example/x"


def test_markdown_goes_and_its_words_stay() -> None:
    text = "First.\n\n## Reaction\n\n"
    text += "**Beloria** *strongly* denied [the claim](https://a.example/b) [sic] on its 5 * 4 lists."
    assert take_apart(text).text == "First.\n\nReaction\n\nBeloria strongly denied the claim [sic] on its 5 * 4 lists."


def test_only_pointers_to_other_articles_are_dropped() -> None:
    text = "First one.\n\nRelated articles:\n\n[One](#)\n\n"
    text += "Read more: [Two](#)\n\nRead more: he reads much, she said.\n\n[Kept](#)"
    assert take_apart(text).text == "First one.\n\nRead more: he reads much, she said.\n\nKept"


def test_a_hyphen_at_a_line_break_keeps_its_word_whole() -> None:
    assert paragraphs(["He vowed a well-", "thought-out response."]) == ["He vowed a well-thought-out response."]


def test_lines_that_end_as_sentences_stay_paragraphs() -> None:
    assert paragraphs(["He denied it.", "nobody believed him.", "", "She said:", "no."]) == [
        "He denied it.",
        "nobody believed him.",
        "She said:",
        "no.",
    ]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
def test_any_text_comes_apart_the_same_way_and_no_word_is_added(text: str) -> None:
    clean = normalise(text)
    parts = take_apart(clean)
    assert parts == take_apart(clean)
    assert set(parts.text.replace(" ", "").replace("\n", "")) <= set(clean)
