"""Inputs made to harm whoever reads them, generated small; each says what must become of it.

In: nothing. Out: `CASES`, each with its bytes and the reasons under which it may be refused ("article" where it, or a
part of it, is one). None is kept as a file, and none is anybody's: what is big is made when asked for.
"""

from __future__ import annotations

import codecs
import gzip
import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

MEGA = 1_000_000
SENTENCE = (
    "Norland on Wednesday accused Sudria of shelling the market in Kesh, an attack that killed nine people. "
    "Sudria denied responsibility and called the claims a fabrication from the first word to the last. "
)
PROSE = "".join(f"<p>{SENTENCE}</p>" for _ in range(4))
SECRET = "TOP-SECRET-OF-THIS-MACHINE"


@dataclass(frozen=True, slots=True)
class Case:
    """One input.

    Attributes:
        name: What is wrong with it.
        make: Its bytes.
        kind: The Content-Type it is sent with; None where its reader is to be told by its content.
        becomes: What may come of it: reasons of refusals, or "article".
    """

    name: str
    make: Callable[[], bytes]
    kind: str | None
    becomes: frozenset[str]


HTML, JSON, LINES, TEXT = "text/html; charset=utf-8", "application/json", "application/x-ndjson", "text/plain"
_CASES: list[Case] = []


def _case(name: str, make: Callable[[], bytes], kind: str | None, becomes: str) -> None:
    _CASES.append(Case(name, make, kind, frozenset(becomes.split())))


def _page(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}<title>Kesh</title></head><body>{body}</body></html>".encode()


def _pages() -> None:
    """HTML that no browser would mind and a tree builder does."""

    def page(name: str, make: Callable[[], bytes], becomes: str) -> None:
        _case(f"html: {name}", make, HTML, becomes)

    for tag in ("div", "b", "table", "ul", "font", "p", "a", "svg", "select", "form"):
        for deep in (200, 5_000, 100_000):
            page(
                f"{deep} nested <{tag}>",
                partial(lambda tag, deep: _page(f"<{tag}>" * deep + PROSE + f"</{tag}>" * deep), tag, deep),
                "article not_an_article too_large",
            )
    page("nested until the limit", lambda: _page("<div>" * 900_000), "too_large")
    page("nested list items", lambda: _page("<ul><li>" * 20_000 + PROSE), "too_large")
    page("nested tables", lambda: _page("<table><tr><td>" * 20_000 + PROSE), "too_large")
    page("unclosed everything", lambda: _page("<div><p><b><i><a href=x><table><tr><td>" * 5_000 + PROSE), "too_large")
    page("closed before opened", lambda: _page("</div></p></b></table>" * 100_000 + PROSE), "article")
    page("misnested formatting", lambda: _page("<b><i><u></b></i></u><a><p>" * 10_000 + PROSE), "too_large")
    page(
        "a million attributes", lambda: _page(f"<p {' '.join(f'a{n}=1' for n in range(400_000))}>{PROSE}"), "too_large"
    )
    page("one attribute of 4 MB", lambda: _page(f"<p title='{'x' * 4 * MEGA}'>{PROSE}"), "article")
    page("the same attribute often", lambda: _page(f"<p {'class=a ' * 500_000}>{PROSE}"), "too_large")
    page("100,000 short paragraphs", lambda: _page("<p>x" * 100_000), "too_large")
    page("30,000 sentences", lambda: _page(f"<p>{SENTENCE}</p>" * 15_000), "too_large")
    page("one paragraph of 4 MB", lambda: _page(f"<p>{SENTENCE * 20_000}</p>"), "too_large")
    page("one word of 4 MB", lambda: _page(f"<p>{'a' * 4 * MEGA}</p>{PROSE}"), "not_an_article")
    page("4 MB of spaces", lambda: _page(f"<p>{' ' * 4 * MEGA}</p>{PROSE}"), "article")
    page("4 MB of line breaks", lambda: _page("<br>" * MEGA + PROSE), "too_large")
    page("2 MB of non-breaking spaces", lambda: _page("&nbsp;" * 700_000 + PROSE), "article")
    page("a million entities", lambda: _page("<p>" + "&amp;" * 900_000 + "</p>" + PROSE), "not_an_article")
    page("entities without end", lambda: _page("<p>" + "&#x41" * 800_000 + "</p>" + PROSE), "not_an_article")
    page(
        "character references out of range",
        lambda: _page("<p>&#0;&#xD800;&#x110000;&#99999999999;</p>" + PROSE),
        "article",
    )
    page("one comment of 4 MB", lambda: _page(f"<!--{'-' * 4 * MEGA}-->{PROSE}"), "article")
    page("a comment never closed", lambda: _page(f"{PROSE}<!--{'x' * MEGA}"), "article")
    page("100,000 comments", lambda: _page("<!--x-->" * 100_000 + PROSE), "article")
    page("a script alone", lambda: _page(f"<script>{'let a = 1;' * 100_000}</script>"), "not_an_article")
    page("a script never closed", lambda: _page(f"<script>{'a<b;' * 100_000}{PROSE}"), "not_an_article")
    page("a style of 4 MB", lambda: _page(f"<style>{'p{}' * 1_300_000}</style>{PROSE}"), "article")
    page("CDATA", lambda: _page(f"<![CDATA[{'x' * MEGA}]]>{PROSE}"), "article")
    page("a doctype of 1 MB", lambda: b"<!DOCTYPE html " + b"x" * MEGA + b">" + PROSE.encode(), "article")
    page("nothing but <", lambda: b"<" * 4 * MEGA, "not_an_article")
    page("nothing but <!--", lambda: b"<!--" * MEGA, "not_an_article")
    page("nothing but <a", lambda: b"<a " * MEGA, "too_large")
    page("nothing but &", lambda: b"&" * 4 * MEGA, "not_an_article")
    page("tag names of 1 MB", lambda: _page(f"<{'x' * MEGA}>{PROSE}</{'x' * MEGA}>"), "article")
    page("100,000 sorts of tags", lambda: _page("".join(f"<x{n}>" for n in range(60_000)) + PROSE), "too_large")
    page("a title of 3 MB", lambda: f"<html><head><title>{'T' * 3 * MEGA}</title></head>{PROSE}".encode(), "bad_field")
    page("10,000 titles", lambda: _page(PROSE, "<title>x</title>" * 10_000), "article")
    page(
        "10,000 meta dates",
        lambda: _page(PROSE, "<meta property='article:published_time' content='9999'>" * 10_000),
        "article",
    )
    page(
        "JSON-LD nested deeply",
        lambda: _page(PROSE, f"<script type='application/ld+json'>{'[' * 100_000}</script>"),
        "article",
    )
    page(
        "JSON-LD of 4 MB",
        lambda: _page(PROSE, f'<script type=\'application/ld+json\'>{{"a":"{"x" * 4 * MEGA}"}}</script>'),
        "article",
    )
    page(
        "10,000 JSON-LDs",
        lambda: _page(
            PROSE, '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"0"}</script>' * 10_000
        ),
        "article",
    )
    page(
        "20,000 links",
        lambda: _page("".join(f"<a href='/x{n}'>Read more of it {n}</a> " for n in range(20_000)) + PROSE),
        "too_large",
    )
    page("20,000 times", lambda: _page("<time datetime='2024-99-99'>soon</time>" * 20_000 + PROSE), "article")
    page(
        "a base that is none",
        lambda: _page(PROSE, "<base href='http://[::bad'><link rel=canonical href='http://[::bad'>"),
        "article",
    )
    page(
        "a canonical URL of 1 MB",
        lambda: _page(PROSE, f"<link rel=canonical href='https://a.example/{'x' * MEGA}'>"),
        "bad_field",
    )
    page("a class of 1 MB", lambda: _page(f"<div class='{'comment ' * 125_000}'>{PROSE}</div>"), "not_an_article")
    page(
        "right-to-left overrides and zero widths",
        lambda: _page(f"<p>\u202e{SENTENCE}\u202c\u200b\u2066</p>" * 50),
        "article",
    )
    page("NULs", lambda: _page(f"<p>\0{SENTENCE}\0</p>" * 4), "binary")
    page("frames", lambda: b"<html><frameset>" + b"<frame src=x>" * 50_000 + b"</frameset></html>", "not_an_article")
    page("a textarea that swallows all", lambda: _page(f"<textarea>{PROSE * 100}"), "article")
    page("plaintext", lambda: _page(f"<plaintext>{PROSE * 100}"), "article")
    page("noscript in noscript", lambda: _page("<noscript>" * 10_000 + PROSE), "too_large")
    page("templates", lambda: _page("<template>" * 10_000 + PROSE), "too_large")
    page(
        "a date in every shape",
        lambda: _page("".join(f"<p>Published {d}.{d}.{d} on {SENTENCE}</p>" for d in range(3_000))),
        "too_large",
    )
    page("digits without end", lambda: _page(f"<p>{'1234567890/' * 300_000}</p>{PROSE}"), "not_an_article")
    page("dashes and dots", lambda: _page(f"<div class=date>{'2024-' * 300_000}</div>{PROSE}"), "not_an_article")
    page("URL of 1 MB in text", lambda: _page(f"<p>https://a.example/{'x/' * 500_000}</p>{PROSE}"), "not_an_article")


def _xml() -> None:
    """Entities that swell, and entities that reach outside."""
    laughs = "<!ENTITY l0 'ha'>" + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    quadratic = f"<!ENTITY a '{'x' * 100_000}'>"
    outside = f"<!ENTITY x SYSTEM 'file:///etc/passwd'><!ENTITY y SYSTEM 'http://127.0.0.1:9/{SECRET}'>"
    parameter = "<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;"
    for root, kind in (
        ("html", "application/xhtml+xml"),
        ("html", HTML),
        ("svg", "image/svg+xml"),
        ("rss", "application/rss+xml"),
        ("feed", "application/atom+xml"),
        ("rss", "application/xml"),
        ("data", None),
    ):
        for name, inside, body in (
            ("a billion laughs", laughs, "&l11;" + PROSE),
            ("quadratic blow-up", quadratic, "&a;" * 40_000 + PROSE),
            ("external entities", outside, f"&x;&y;{PROSE}"),
            ("external parameter entity", parameter, PROSE),
        ):
            document = f"<?xml version='1.0'?><!DOCTYPE {root} [{inside}]><{root}>{body}</{root}>"
            _case(
                f"xml: {name} in {root} as {kind}",
                partial(lambda document: document.encode(), document),
                kind,
                "article empty not_an_article unsupported",
            )
    for deep in (10_000, 1_000_000):
        _case(
            f"xml: {deep} nested",
            partial(lambda deep: b"<?xml version='1.0'?>" + b"<a>" * deep, deep),
            "application/xml",
            "unsupported",
        )
        _case(
            f"rss: {deep} nested",
            partial(lambda deep: b"<rss><channel>" + b"<item>" * deep, deep),
            "application/rss+xml",
            "empty too_large",
        )


def _encodings() -> None:
    letters = "¥ “Né, né,” said Émile.".replace("“", "'").replace("”", "'")
    for kind in (TEXT, "text/html"):
        body = f"{letters} {SENTENCE * 5}" if kind == TEXT else _page(f"<p>{letters}</p>{PROSE}").decode()
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


def _documents() -> None:
    """JSON and JSON lines."""
    good = json.dumps({"title": "Kesh", "text": SENTENCE})

    def doc(name: str, make: Callable[[], bytes], becomes: str, *kinds: str | None) -> None:
        for kind in kinds or (JSON, LINES):
            _case(f"json: {name} as {kind}", make, kind, becomes)

    for deep in (1_000, 100_000, 5 * MEGA):
        for left, right in (
            ("[", "]"),
            ('{"a":', "}"),
            ('{"text":', "}"),
            ('[{"articles":', "}]"),
            ('{"articles":[', "]}"),
        ):
            doc(
                f"{left} {deep} deep",
                partial(
                    lambda left, right, deep: (left * (deep // len(left)) + "1" + right * (deep // len(left))).encode(),
                    left,
                    right,
                    deep,
                ),
                "bad_field bad_json empty",
            )
        doc(f"[ {deep} deep and unclosed", partial(lambda deep: b"[" * deep, deep), "bad_json", JSON, LINES, None)
    for value in (
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-0",
        "1" * 4_000,
        "9" * MEGA,
        "1e" + "9" * 100_000,
        "0." + "1" * MEGA,
        "true",
        "null",
        "[]",
        "{}",
        '""',
        '"\\ud800"',
        '"\\udfff\\ud800"',
        '"\\u0000"',
        '"\\u202e"',
    ):
        for field in ("id", "title", "text", "published", "publisher", "url", "other"):
            short = value if len(value) < 30 else f"{value[:5]}… of {len(value)}"
            others = "" if field == "text" else f'"text": {json.dumps(SENTENCE)}, '
            doc(
                f"{field} is {short}",
                partial(lambda others, field, value: f'{{{others}"{field}": {value}}}'.encode(), others, field, value),
                "article bad_date bad_field bad_json empty",
                JSON,
            )
        doc(
            f"nothing but {value[:20]} ({len(value)})",
            partial(lambda value: value.encode(), value),
            "bad_field bad_json empty",
        )
        doc(
            f"a list of {value[:20]} ({len(value)})",
            partial(lambda value: f"[{value},{value}]".encode(), value),
            "bad_field bad_json empty",
            JSON,
        )
    doc("the same key twice", lambda: f'{{"text": "x", "text": {json.dumps(SENTENCE)}}}'.encode(), "article")
    doc("the same key 500,000 times", lambda: b"{" + b'"text": "x",' * 500_000 + b'"text": "y z"}', "article")
    doc(
        "a million keys",
        lambda: ("{" + "".join(f'"k{n}":{n},' for n in range(MEGA)) + '"text":"x y"}').encode(),
        "article",
    )
    for element in ("1", "{}", "[]", '""', "null", '{"text":""}', '{"text":1}'):
        doc(
            f"19 MB of {element}",
            partial(lambda element: (f"[{','.join([element] * (19 * MEGA // (len(element) + 1)))}]").encode(), element),
            "article bad_field empty too_large",
            JSON,
        )
        doc(
            f"19 MB of lines {element}",
            partial(lambda element: f"{element}\n".encode() * (19 * MEGA // (len(element) + 1)), element),
            "article bad_field bad_json empty too_large",
            LINES,
        )
    doc("5 MB of one article", lambda: b'{"text":"Norland denied it."}\n' * 170_000, "article", LINES)
    doc(
        "20,000 different articles",
        lambda: "\n".join(json.dumps({"text": f"Norland accused Sudria of raid {n}."}) for n in range(20_000)).encode(),
        "article",
        LINES,
    )
    doc("one bad line", lambda: f"{good}\n{{bad\n{good}\n".encode(), "article bad_json")
    doc("a line of 19 MB", lambda: f'{{"text": "{"a " * 9_400_000}"}}'.encode(), "too_large")
    doc("a text of one word of 19 MB", lambda: f'{{"text": "{"a" * 19 * MEGA}"}}'.encode(), "too_large")
    doc("a text of escapes", lambda: f'{{"text": "{chr(92)}u0041{chr(92)}n"}}'.encode() + b" " * MEGA, "article")
    doc("rubbish after", lambda: good.encode() + b"\0\xff" * 100, "binary")
    doc("cut short", lambda: good.encode()[:-5], "bad_json")
    doc("single quotes", lambda: b"{'text': 'x'}", "bad_json")
    doc("comments", lambda: b'{"text": "x" /* no */}', "bad_json")
    doc("a mark before", lambda: codecs.BOM_UTF8 + good.encode(), "article")
    doc("UTF-16", lambda: good.encode("utf-16"), "article")
    doc("UTF-32", lambda: good.encode("utf-32"), "article")
    doc("UTF-16 without a mark", lambda: good.encode("utf-16-le"), "binary")
    for date in (
        "9999-12-31",
        "0001-01-01",
        "0000-00-00",
        "10000-01-01",
        "-0044-03-15",
        "2024-02-30",
        "2024-W01",
        "1e9",
        "99999999999999999999",
        "2024-01-01T25:00",
        "2024-01-01T00:00:00+99:99",
        "²⁰²⁴",
        "x" * 100_000,
        "today",
    ):
        doc(
            f"published {date[:30]}",
            partial(lambda date: json.dumps({"text": SENTENCE, "published": date}).encode(), date),
            "article bad_date",
            JSON,
        )
    for url in (
        "javascript:alert(1)",
        "http://",
        "http://[::1",
        "file:///etc/passwd",
        "https://a.example/\n\r",
        "//x",
        "x" * 100_000,
        "http://a b",
        "http://\u202e.example/",
        "HTTPS://A.EXAMPLE/<script>",
        "http://a.example/\0",
    ):
        doc(
            f"url {url[:30]!r}",
            partial(lambda url: json.dumps({"text": SENTENCE, "url": url}).encode(), url),
            "article bad_field",
            JSON,
        )


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


for _part in (_pages, _xml, _encodings, _texts, _packed, _documents, _rubbish):
    _part()

CASES: tuple[Case, ...] = tuple(_CASES)
