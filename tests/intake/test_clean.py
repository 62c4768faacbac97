"""Encodings and the one form of characters."""

import pytest

from app.intake.clean import decode, normalise, one_line
from app.vocabulary.errors import BadInput

WORDS = "Müller – “denied”"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marked_unicode_is_read(codec: str) -> None:
    assert decode(WORDS.encode(codec)) == WORDS


@pytest.mark.parametrize("charset", ["windows-1252", "ISO-8859-1", "us-ascii"])
def test_a_declared_charset_is_honoured_and_latin_labels_mean_windows_1252(charset: str) -> None:
    assert decode(WORDS.encode("cp1252"), charset) == WORDS


def test_a_byte_order_mark_wins_over_a_declaration() -> None:
    assert decode(WORDS.encode("utf-8-sig"), "latin-1") == WORDS


def test_undeclared_bytes_that_are_not_utf8_are_refused_with_their_place() -> None:
    with pytest.raises(BadInput, match=r"byte 1 \(fc\).*UTF-8") as why:
        decode("Müller".encode("latin-1"))
    assert why.value.reason == "wrong_encoding"


@pytest.mark.parametrize(
    "charset", ["klingon", "zip", "rot13", "idna", "unicode_escape", "utf-7", "a\0b", "utf-8" * 30]
)
def test_what_is_no_charset_is_refused(charset: str) -> None:
    with pytest.raises(BadInput, match="unknown charset") as why:
        decode(b"words", charset)
    assert why.value.reason == "wrong_encoding"


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\n\ne"),
        ("10\u00a0000\u202fkm", "10 000 km"),
        ("de\u00adnied\u200b it\ufeff", "denied it"),
        ("\u202edeined\u202c", "deined"),
        ("e\u0301", "é"),
        ("a\x00b\x07c\td\n", "abc\td\n"),
        ("a\x0cb", "a\nb"),
    ],
)
def test_characters_take_one_form(written: str, held: str) -> None:
    assert normalise(written) == held
    assert normalise(held) == held


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(BadInput, match="surrogate"):
        normalise("a\ud83d")


def test_a_title_is_one_line() -> None:
    assert one_line(" Ardania\r\n  denies ") == "Ardania denies"
