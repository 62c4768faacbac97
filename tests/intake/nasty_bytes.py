"""Bytes and texts made to harm whoever reads them: encodings, packings, endless repetition, rubbish; see `nasty`."""

from __future__ import annotations

import codecs
import gzip
import io
import random
import zipfile
import zlib
from collections.abc import Callable
from functools import partial

from tests.intake.nasty_base import HTML, JSON, LINES, MEGA, PROSE, SENTENCE, TEXT, Case, Cases, page

_CASES = Cases()
_case = _CASES.add


def _encodings() -> None:
    letters = "¥ “Né, né,” said Émile.".replace("“", "'").replace("”", "'")
    for kind in (TEXT, "text/html"):
        body = f"{letters} {SENTENCE * 5}" if kind == TEXT else page(f"<p>{letters}</p>{PROSE}").decode()
        for codec in (
            "utf-7",
            "utf-16-le",
            "utf-16-be",
            "utf-32-le",
            "utf-16",
            "utf-8-sig",
            "cp1252",
            "shift_jis",
            "cp037",
        ):
            for declared in (
                None,
                "utf-8",
                "utf-16",
                "utf-7",
                "windows-1252",
                "nonsense",
                "zip",
                "rot13",
                "idna",
                "unicode_escape",
                "x" * 5_000,
            ):
                header = kind if declared is None else f"{kind}; charset={declared}"
                _case(
                    f"encoding: {codec} declared {(declared or 'not at all')[:20]} as {kind}",
                    partial(lambda body, codec: body.encode(codec, "replace"), body, codec),
                    header,
                    "article binary not_an_article not_english wrong_encoding",
                )
        for name, raw in (
            ("overlong UTF-8", b"\xc0\xaf\xe0\x80\xaf"), ("lone surrogate in UTF-8", b"\xed\xa0\x80"),
            ("cut-off UTF-8", b"\xe2\x82"), ("byte FF", b"\xff\xff"), ("a NUL", b"\0"),
            ("two marks", codecs.BOM_UTF8 * 2), ("UTF-16's mark alone", codecs.BOM_UTF16_LE),
            ("UTF-32's mark and an odd end", codecs.BOM_UTF32_LE + b"\x01"), ("beyond Unicode", b"\xf4\x90\x80\x80"),
        ):  # fmt: skip
            _case(
                f"encoding: {name} before {kind}",
                partial(lambda raw, body: raw + body.encode(), raw, body),
                kind,
                "article binary wrong_encoding",
            )
            _case(
                f"encoding: {name} after {kind}",
                partial(lambda raw, body: body.encode() + raw, raw, body),
                kind,
                "article binary wrong_encoding",
            )
    _case("encoding: many combining marks", lambda: (SENTENCE + "e" + "\u0301" * MEGA).encode(), TEXT, "wrong_encoding")
    _case(
        "encoding: marks in the wrong order",
        lambda: (SENTENCE + "a" + "\u0301\u0316" * 300_000).encode(),
        TEXT,
        "wrong_encoding",
    )
    _case("encoding: characters that normalise to many", lambda: ("\ufdfa" * 500_000).encode(), TEXT, "too_large")


def _texts() -> None:
    def text(name: str, make: Callable[[], str], becomes: str) -> None:
        _case(f"text: {name}", lambda: make().encode(), TEXT, becomes)

    for char in "( ) [ * # _ ` < > \" ' - . ! , ; : / \\ | ~ = + & % $ @ a A 1".split():
        text(f"{char} 200,000 times", partial(lambda char: char * 200_000, char), "not_an_article too_large")
        text(
            f"{char} and a space 100,000 times",
            partial(lambda char: f"{char} " * 100_000, char),
            "not_an_article too_large",
        )
    for name, unit in (
        ("links", "[a](b) "), ("links never closed", "[a](b "), ("brackets", "[]" ), ("images", "![a]("),
        ("bold", "**a"),
        ("bold and italics", "*a**b*"), ("headings", "# a\n"), ("quotes", "“a” "), ("open quotes", "“Norland said "),
        ("initials", "A.B.C. "), ("dots and letters", "a."), ("apostrophes", "'s"),
        ("URLs", "https://a.example/?a=b&c "),
        ("emails", "a@b.example "), ("see also", "See also: [a](b)\n"), ("related", "Related articles:\n"),
        ("one letter a line", "a\n"), ("blank lines", "\n"), ("carriage returns", "\r"), ("tabs", "\t"),
        ("emoji", "\U0001f4a5 "), ("flags", "\U0001f1e6"), ("another script", "中"), ("letters of many scripts", "aбγ"),
        ("zero widths", "\u200b"), ("overrides", "\u202ea\u202c "), ("fractions", "½ "), ("dates", "May 4, 2023\n"),
        ("ranks", "Gen. "), ("names", "Norland, "), ("speech", "he said, she said, "), ("long words", "a" * 300 + " "),
        ("hyphens", "well-known-to-all-"), ("numbers", "1,000,000.00 "), ("ellipses", "... "), ("dashes", "— "),
    ):  # fmt: skip
        text(
            f"200 kB of {name}",
            partial(lambda unit: unit * (200_000 // len(unit)), unit),
            "article empty not_an_article too_large",
        )
        text(
            f"200 kB of {name}, then prose",
            partial(lambda unit: unit * (200_000 // len(unit)) + "\n\n" + SENTENCE * 3, unit),
            "article too_large",
        )
    text("19 MB of one line", lambda: "a" * 19 * MEGA, "too_large")
    text("19 MB of prose", lambda: SENTENCE * (19 * MEGA // len(SENTENCE)), "too_large")
    text("19 MB of line ends", lambda: "\n" * 19 * MEGA, "too_large")
    text("19 MB of blanks and a word", lambda: " " * 19 * MEGA + "word", "too_large")
    text("a URL trailer of 1 MB", lambda: f"{SENTENCE}\n\nOriginal url: https://a.example/{'x' * MEGA}", "bad_field")
    text("a headline of 1 MB", lambda: f"{'Headline ' * 120_000}\n\n{SENTENCE}", "too_large")
    text("as many sentences as may be", lambda: SENTENCE * 700, "article")
    text(
        "as long a sentence as may be",
        lambda: "Norland accused Sudria of " + "shelling and " * 9_000 + "looting.",
        "article",
    )


def _packed() -> None:
    def bomb(size: int, of: bytes = b"\0") -> bytes:
        # In parts, which a gzip file may have, for packing a thousand megabytes takes seconds.
        return gzip.compress(of * 50 * MEGA, mtime=0) * (size // (50 * MEGA))

    plain = SENTENCE.encode() * 5
    whole = gzip.compress(plain, mtime=0)
    _case("gzip: 1 GB of zeros", lambda: bomb(1_000 * MEGA), "application/gzip", "too_large")
    _case("gzip: 1 GB of zeros as JSON lines", lambda: bomb(1_000 * MEGA), LINES, "binary")
    _case("gzip: 1 GB of zeros as HTML", lambda: bomb(1_000 * MEGA), HTML, "too_large")
    _case("gzip: 1 GB of line ends", lambda: bomb(1_000 * MEGA, b"\n"), None, "too_large")
    _case(
        "gzip: a million empty members", lambda: gzip.compress(b"", mtime=0) * 500_000, "application/gzip", "too_large"
    )
    _case("gzip: packed twice", lambda: gzip.compress(whole, mtime=0), None, "binary")
    _case("gzip: cut short", lambda: whole[:-9], None, "unreadable")
    _case("gzip: its header alone", lambda: whole[:10], None, "unreadable")
    _case("gzip: two bytes", lambda: whole[:2], None, "unreadable")
    _case("gzip: bad check sum", lambda: whole[:-8] + bytes(8), None, "unreadable")
    _case("gzip: rubbish after", lambda: whole + b"rubbish" * 1_000, None, "unreadable")
    _case(
        "gzip: a name of 1 MB",
        lambda: whole[:3] + b"\x08" + whole[4:10] + b"n" * MEGA + b"\0" + whole[10:],
        None,
        "too_large",
    )
    _case("gzip: reserved method", lambda: whole[:2] + b"\x07" + whole[3:], None, "unreadable")
    _case("zlib without gzip", lambda: zlib.compress(plain), "application/gzip", "wrong_encoding")
    for kind in (None, "application/zip", "application/octet-stream", TEXT, HTML, JSON, LINES):
        _case(f"zip: forty-two levels as {kind}", _forty_two, kind, "binary unsupported")
    _case("zip: 200 MB of zeros", lambda: _zip([(f"{n}.txt", bytes(50 * MEGA)) for n in range(4)]), None, "binary")
    _case("zip: 100,000 entries", lambda: _zip([(f"{n}.txt", b"") for n in range(65_000)]), None, "binary")
    _case(
        "zip: names that climb out",
        lambda: _zip([("../../etc/passwd", plain), ("/etc/passwd", plain), ("C:\\x", plain)]),
        None,
        "binary",
    )
    _case("zip: an encrypted entry", lambda: _flagged(_zip([("a.txt", plain)])), None, "binary")
    _case(
        "zip: a bad check sum",
        lambda: _zip([("a.txt", plain)]).replace(zlib.crc32(plain).to_bytes(4, "little"), b"\0\1\2\3"),
        None,
        "binary",
    )
    _case("zip: cut short", lambda: _zip([("a.txt", plain)])[:100], None, "binary")


def _zip(entries: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def _forty_two() -> bytes:
    content = bytes(MEGA)
    for level in range(42):
        content = _zip([(f"{level}.{n}.zip", content) for n in range(2)])
        if len(content) > 200_000:
            break
    return content


def _flagged(archive: bytes) -> bytes:
    """The archive with the bit that says "encrypted" set for its first entry."""
    raw = bytearray(archive)
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def _rubbish() -> None:
    """Bytes at random, the same each time."""
    kinds = (
        None,
        TEXT,
        HTML,
        JSON,
        LINES,
        "application/gzip",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
        "application/pdf",
        "application/warc",
        "image/png",
        "",
        ";;;",
        "text/html; charset=;",
        "text/" + "x" * 10_000,
    )
    for number, kind in enumerate(kinds):
        for size in (0, 1, 17, 1_000, MEGA):
            seed = number * 100 + size
            _case(
                f"rubbish: {size} bytes as {'nothing' if kind is None else repr(kind[:30])}",
                partial(lambda seed, size: random.Random(seed).randbytes(size), seed, size),
                kind,
                "bad_json binary empty not_an_article too_large unreadable unsupported wrong_encoding",
            )
    form = b"--x\r\nContent-Disposition: form-data; name=a; filename=a.html\r\n\r\n" + PROSE.encode() + b"\r\n--x--"
    for name, body in (
        ("a form", form),
        ("a form without an end", form[:-5]),
        ("100,000 parts", b"--x\r\n\r\n\r\n" * 100_000),
    ):
        for kind in (
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "multipart/mixed; boundary=" + "y" * 5_000,
            TEXT,
        ):
            _case(
                f"multipart: {name} as {kind[:40]}",
                partial(lambda body: body, body),
                kind,
                "article too_large unsupported",
            )
    magic = (
        b"%PDF-1.7\n",
        b"WARC/1.0\r\n",
        b"\x89PNG\r\n",
        b"\xff\xd8\xff",
        b"GIF89a",
        b"BZh9",
        b"\xfd7zXZ\0",
        b"Rar!\x1a\x07",
        b"7z\xbc\xaf\x27\x1c",
        b"\x28\xb5\x2f\xfd",
        b"\x7fELF",
        b"MZ",
        b"\xca\xfe\xba\xbe",
        b"{\\rtf1",
        b"\xd0\xcf\x11\xe0",
        b"OggS\0",
        b"ID3",
    )
    for start in magic:
        for kind in (None, TEXT, HTML):
            _case(
                f"magic: {start!r} as {kind}",
                partial(lambda start: start + random.Random(1).randbytes(3_000), start),
                kind,
                "binary unreadable",
            )


for _part in (_encodings, _texts, _packed, _rubbish):
    _part()

CASES: tuple[Case, ...] = tuple(_CASES)
