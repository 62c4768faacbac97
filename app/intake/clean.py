"""Bytes to characters, and characters to the form articles hold. It never guesses an encoding nor replaces a byte."""

from __future__ import annotations

import codecs
import re
import unicodedata

from app.vocabulary.errors import BadInput
from app.vocabulary.terms import RefusalReason

# UTF-32 first: its little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# WHATWG Encoding Standard, section 4.2: pages labelled with these are windows-1252.
_LATIN = {"iso8859-1", "ascii", "cp1252"}
# Codecs that are no charsets of documents; some decode in quadratic time.
_NOT_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7", "mbcs", "oem"}

_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028]")
# C0 controls but tab and line feed; soft hyphen; zero-width and direction marks, which can make a quote look like
# another one; the two code points that XML forbids.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufffe\uffff]"
)
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# UAX 15, "Stream-Safe Text Format": no writing needs more marks in a row, and normalising takes the square of their
# number.
_MOST_MARKS = 30
# What may hold such a run; combining marks are no letters. A set of all marks would be looked up ten times slower.
_ODD_RUN = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS + 1},}}")


def encoding_mark(raw: bytes) -> str | None:
    """The codec that a byte order mark at the start names, or None where there is no mark."""
    return next((codec for mark, codec in _MARKS if raw.startswith(mark)), None)


def decode(raw: bytes, charset: str | None = None) -> str:
    """Characters of a document: by its byte order mark, else the charset it declares, else strict UTF-8.

    Raises:
        BadInput: It is not written in that encoding, or the charset is unknown (`wrong_encoding`).
    """
    codec = encoding_mark(raw) or (_codec(charset) if charset else "utf-8")
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as why:
        where = f"byte {why.start} ({raw[why.start : why.start + 1].hex()})" if why.start < len(raw) else "the end"
        advice = f"declared as {charset}" if charset else "convert it to UTF-8, or declare its charset"
        message = f"{where} cannot be read as {codec.removesuffix('-sig')}: {advice}"
        raise BadInput(RefusalReason.WRONG_ENCODING, message) from None
    except (UnicodeError, LookupError, ValueError) as why:
        raise BadInput(RefusalReason.WRONG_ENCODING, f"cannot be read as {codec}: {why}") from None


def _codec(charset: str) -> str:
    try:
        found = codecs.lookup(charset.strip())
    except (LookupError, ValueError):
        found = None
    # `_is_text_encoding` is how bytes.decode itself tells charsets from codecs such as zip or rot13.
    if found is None or found.name.replace("_", "-") in _NOT_CHARSETS or not getattr(found, "_is_text_encoding", True):
        raise BadInput(RefusalReason.WRONG_ENCODING, f"unknown charset {charset[:40]!r}; convert it to UTF-8")
    return "cp1252" if found.name in _LATIN else found.name


def normalise(text: str) -> str:
    """The one form in which articles hold text, so that offsets never move after it.

    Line ends become line feeds, every sort of space a space, invisible characters go, and what remains is NFC.

    Raises:
        BadInput: It holds half of a surrogate pair, which no encoding can write, or a heap of combining marks
            (`wrong_encoding`).
    """
    lone = _SURROGATE.search(text)
    if lone is not None:
        message = (
            f"character {lone.start()} is half of a surrogate pair (\\u{ord(lone[0]):04x}); write the pair, or UTF-8"
        )
        raise BadInput(RefusalReason.WRONG_ENCODING, message)
    if text.isascii():
        return _INVISIBLE.sub("", _NEWLINES.sub("\n", text))
    heap = _heap(text)
    if heap is not None:
        message = (
            f"character {heap} begins a heap of more than {_MOST_MARKS} combining marks, which no writing has; "
            "take them out"
        )
        raise BadInput(RefusalReason.WRONG_ENCODING, message)
    text = _NEWLINES.sub("\n", text).replace("\u2029", "\n\n")
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text)


def _heap(text: str) -> int | None:
    """Where too many combining marks in a row begin, or None."""
    for found in _ODD_RUN.finditer(text):
        marks = 0
        for at, character in enumerate(found[0], start=found.start()):
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks > _MOST_MARKS:
                return at - _MOST_MARKS
    return None


def holds_invisible(text: str) -> bool:
    """True where a text that must stay as it is, such as an address, holds controls or other invisible characters."""
    return _INVISIBLE.search(text) is not None


def one_line(text: str) -> str:
    """A title, name or id: normalised, on one line, without space at its ends."""
    return " ".join(normalise(text).split())
