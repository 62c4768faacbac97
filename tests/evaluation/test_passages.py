from __future__ import annotations

import pytest

from app.evaluation.passages import ArticleWords, sentences, shared_words


def test_a_quote_stands_wherever_its_letters_do() -> None:
    words = ArticleWords("A raid", "A raid, they say. No raid.")
    assert words.places("A raid") == ((0, 2), (2, 4))
    assert words.places("raid.") == ((7, 8),)
    assert words.places("no such words") == ()
    assert words.places("") == words.places("…") == ()
    assert words.title_words == 2


def test_where_the_letters_differ_the_words_decide() -> None:
    words = ArticleWords("", "“We  did not,” he said.")
    assert words.places('"we did not" HE SAID') == ((0, 5),)


def test_part_of_a_word_touches_it() -> None:
    assert ArticleWords("", "Ardanians deny it").places("Ardania") == ((0, 1),)


def test_passages_meet_by_words_at_their_place() -> None:
    assert shared_words([(0, 4), (9, 12)], [(3, 5), (9, 11)]) == 2
    assert shared_words([(0, 4)], [(4, 6)]) == 0
    assert shared_words([], [(4, 6)]) == 0


@pytest.mark.parametrize(
    ("text", "quote", "share"),
    [
        ('He said "one two" and left.', 'said "one two"', 2 / 3),
        ("He said “one two” and left.", "and left", 0.0),
        ("He said «one two» and left.", "one two", 1.0),
        # A quotation of several paragraphs closes at its end only; an unclosed one must not swallow the next paragraph.
        ("“One two.\n\n“Three four,” he said.", "One two", 1.0),
        ("“One two.\n\nThree four, he said.", "Three four", 0.0),
    ],
)
def test_how_much_is_quoted(text: str, quote: str, share: float) -> None:
    words = ArticleWords("", text)
    assert words.quoted_share(words.places(quote)[0]) == pytest.approx(share)


@pytest.mark.parametrize(
    ("quote", "count"),
    [
        ("Ardania denied it.", 1),
        ("Ardania denied it. Beloria did not.", 2),
        ("“We deny it.” He left.", 2),
        ("Gen. Prem and Mr. J. Revik of the U.S. Navy denied it", 1),
        ("He left on Jan. 4. He denied it", 2),
        ("Was it they? No", 2),
        ("First line\nsecond line", 2),
        ("It cost 4.5 million, e.g. for boats", 1),
    ],
)
def test_sentences_are_counted(quote: str, count: int) -> None:
    assert sentences(quote) == count
