"""Documents made to harm whoever reads them: HTML, XML and JSON; see `nasty`."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from functools import partial

from tests.intake.nasty_base import HTML, JSON, LINES, MEGA, PROSE, SENTENCE, Case, Cases, page

SECRET = "TOP-SECRET-OF-THIS-MACHINE"
_CASES = Cases()
_case = _CASES.add


def _html(name: str, make: Callable[[], bytes], becomes: str) -> None:
    _case(f"html: {name}", make, HTML, becomes)


def _json(name: str, make: Callable[[], bytes], becomes: str, *kinds: str | None) -> None:
    for kind in kinds or (JSON, LINES):
        _case(f"json: {name} as {kind}", make, kind, becomes)


# ---- HTML that no browser would mind and a tree builder does ----


def _nested_pages() -> None:
    for tag in ("div", "b", "table", "ul", "font", "p", "a", "svg", "select", "form"):
        for deep in (200, 5_000, 100_000):
            _html(
                f"{deep} nested <{tag}>",
                partial(lambda tag, deep: page(f"<{tag}>" * deep + PROSE + f"</{tag}>" * deep), tag, deep),
                "article not_an_article too_large",
            )
    _html("nested until the limit", lambda: page("<div>" * 900_000), "too_large")
    _html("nested list items", lambda: page("<ul><li>" * 20_000 + PROSE), "too_large")
    _html("nested tables", lambda: page("<table><tr><td>" * 20_000 + PROSE), "too_large")
    _html("unclosed everything", lambda: page("<div><p><b><i><a href=x><table><tr><td>" * 5_000 + PROSE), "too_large")
    _html("closed before opened", lambda: page("</div></p></b></table>" * 100_000 + PROSE), "article")
    _html("misnested formatting", lambda: page("<b><i><u></b></i></u><a><p>" * 10_000 + PROSE), "too_large")


def _vast_pages() -> None:
    _html(
        "a million attributes", lambda: page(f"<p {' '.join(f'a{n}=1' for n in range(400_000))}>{PROSE}"), "too_large"
    )
    _html("one attribute of 4 MB", lambda: page(f"<p title='{'x' * 4 * MEGA}'>{PROSE}"), "article")
    _html("the same attribute often", lambda: page(f"<p {'class=a ' * 500_000}>{PROSE}"), "too_large")
    _html("100,000 short paragraphs", lambda: page("<p>x" * 100_000), "too_large")
    _html("30,000 sentences", lambda: page(f"<p>{SENTENCE}</p>" * 15_000), "too_large")
    _html("one paragraph of 4 MB", lambda: page(f"<p>{SENTENCE * 20_000}</p>"), "too_large")
    _html("one word of 4 MB", lambda: page(f"<p>{'a' * 4 * MEGA}</p>{PROSE}"), "not_an_article")
    _html("4 MB of spaces", lambda: page(f"<p>{' ' * 4 * MEGA}</p>{PROSE}"), "article")
    _html("4 MB of line breaks", lambda: page("<br>" * MEGA + PROSE), "too_large")
    _html("2 MB of non-breaking spaces", lambda: page("&nbsp;" * 700_000 + PROSE), "article")
    _html("a million entities", lambda: page("<p>" + "&amp;" * 900_000 + "</p>" + PROSE), "not_an_article")
    _html("entities without end", lambda: page("<p>" + "&#x41" * 800_000 + "</p>" + PROSE), "not_an_article")
    _html(
        "character references out of range",
        lambda: page("<p>&#0;&#xD800;&#x110000;&#99999999999;</p>" + PROSE),
        "article",
    )
    _html("one comment of 4 MB", lambda: page(f"<!--{'-' * 4 * MEGA}-->{PROSE}"), "article")
    _html("a comment never closed", lambda: page(f"{PROSE}<!--{'x' * MEGA}"), "article")
    _html("100,000 comments", lambda: page("<!--x-->" * 100_000 + PROSE), "article")
    _html("a script alone", lambda: page(f"<script>{'let a = 1;' * 100_000}</script>"), "not_an_article")
    _html("a script never closed", lambda: page(f"<script>{'a<b;' * 100_000}{PROSE}"), "not_an_article")
    _html("a style of 4 MB", lambda: page(f"<style>{'p{}' * 1_300_000}</style>{PROSE}"), "article")
    _html("CDATA", lambda: page(f"<![CDATA[{'x' * MEGA}]]>{PROSE}"), "article")
    _html("a doctype of 1 MB", lambda: b"<!DOCTYPE html " + b"x" * MEGA + b">" + PROSE.encode(), "article")
    _html("nothing but <", lambda: b"<" * 4 * MEGA, "not_an_article")
    _html("nothing but <!--", lambda: b"<!--" * MEGA, "not_an_article")
    _html("nothing but <a", lambda: b"<a " * MEGA, "too_large")
    _html("nothing but &", lambda: b"&" * 4 * MEGA, "not_an_article")
    _html("tag names of 1 MB", lambda: page(f"<{'x' * MEGA}>{PROSE}</{'x' * MEGA}>"), "article")
    _html("100,000 sorts of tags", lambda: page("".join(f"<x{n}>" for n in range(60_000)) + PROSE), "too_large")


def _heads_of_pages() -> None:
    _html("a title of 3 MB", lambda: f"<html><head><title>{'T' * 3 * MEGA}</title></head>{PROSE}".encode(), "bad_field")
    _html("10,000 titles", lambda: page(PROSE, "<title>x</title>" * 10_000), "article")
    _html(
        "10,000 meta dates",
        lambda: page(PROSE, "<meta property='article:published_time' content='9999'>" * 10_000),
        "article",
    )
    _html(
        "JSON-LD nested deeply",
        lambda: page(PROSE, f"<script type='application/ld+json'>{'[' * 100_000}</script>"),
        "article",
    )
    _html(
        "JSON-LD of 4 MB",
        lambda: page(PROSE, f'<script type=\'application/ld+json\'>{{"a":"{"x" * 4 * MEGA}"}}</script>'),
        "article",
    )
    _html(
        "10,000 JSON-LDs",
        lambda: page(
            PROSE, '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"0"}</script>' * 10_000
        ),
        "article",
    )
    _html(
        "20,000 links",
        lambda: page("".join(f"<a href='/x{n}'>Read more of it {n}</a> " for n in range(20_000)) + PROSE),
        "too_large",
    )
    _html("20,000 times", lambda: page("<time datetime='2024-99-99'>soon</time>" * 20_000 + PROSE), "article")
    _html(
        "a base that is none",
        lambda: page(PROSE, "<base href='http://[::bad'><link rel=canonical href='http://[::bad'>"),
        "article",
    )
    _html(
        "a canonical URL of 1 MB",
        lambda: page(PROSE, f"<link rel=canonical href='https://a.example/{'x' * MEGA}'>"),
        "bad_field",
    )


def _odd_pages() -> None:
    _html("a class of 1 MB", lambda: page(f"<div class='{'comment ' * 125_000}'>{PROSE}</div>"), "not_an_article")
    _html(
        "right-to-left overrides and zero widths",
        lambda: page(f"<p>\u202e{SENTENCE}\u202c\u200b\u2066</p>" * 50),
        "article",
    )
    _html("NULs", lambda: page(f"<p>\0{SENTENCE}\0</p>" * 4), "binary")
    _html("frames", lambda: b"<html><frameset>" + b"<frame src=x>" * 50_000 + b"</frameset></html>", "not_an_article")
    _html("a textarea that swallows all", lambda: page(f"<textarea>{PROSE * 100}"), "article")
    _html("plaintext", lambda: page(f"<plaintext>{PROSE * 100}"), "article")
    _html("noscript in noscript", lambda: page("<noscript>" * 10_000 + PROSE), "too_large")
    _html("templates", lambda: page("<template>" * 10_000 + PROSE), "too_large")
    _html(
        "a date in every shape",
        lambda: page("".join(f"<p>Published {d}.{d}.{d} on {SENTENCE}</p>" for d in range(3_000))),
        "too_large",
    )
    _html("digits without end", lambda: page(f"<p>{'1234567890/' * 300_000}</p>{PROSE}"), "not_an_article")
    _html("dashes and dots", lambda: page(f"<div class=date>{'2024-' * 300_000}</div>{PROSE}"), "not_an_article")
    _html("URL of 1 MB in text", lambda: page(f"<p>https://a.example/{'x/' * 500_000}</p>{PROSE}"), "not_an_article")


# ---- XML ----


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


# ---- JSON and JSON lines ----


def _nested_json() -> None:
    for deep in (1_000, 100_000, 5 * MEGA):
        for left, right in (
            ("[", "]"),
            ('{"a":', "}"),
            ('{"text":', "}"),
            ('[{"articles":', "}]"),
            ('{"articles":[', "]}"),
        ):
            _json(
                f"{left} {deep} deep",
                partial(
                    lambda left, right, deep: (left * (deep // len(left)) + "1" + right * (deep // len(left))).encode(),
                    left,
                    right,
                    deep,
                ),
                "bad_field bad_json empty",
            )
        _json(f"[ {deep} deep and unclosed", partial(lambda deep: b"[" * deep, deep), "bad_json", JSON, LINES, None)


def _values_of_json() -> None:
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
            _json(
                f"{field} is {short}",
                partial(lambda others, field, value: f'{{{others}"{field}": {value}}}'.encode(), others, field, value),
                "article bad_date bad_field bad_json empty",
                JSON,
            )
        _json(
            f"nothing but {value[:20]} ({len(value)})",
            partial(lambda value: value.encode(), value),
            "bad_field bad_json empty",
        )
        _json(
            f"a list of {value[:20]} ({len(value)})",
            partial(lambda value: f"[{value},{value}]".encode(), value),
            "bad_field bad_json empty",
            JSON,
        )


def _documents_of_json() -> None:
    good = json.dumps({"title": "Kesh", "text": SENTENCE})
    _json("the same key twice", lambda: f'{{"text": "x", "text": {json.dumps(SENTENCE)}}}'.encode(), "article")
    _json("the same key 500,000 times", lambda: b"{" + b'"text": "x",' * 500_000 + b'"text": "y z"}', "article")
    _json(
        "a million keys",
        lambda: ("{" + "".join(f'"k{n}":{n},' for n in range(MEGA)) + '"text":"x y"}').encode(),
        "article",
    )
    for element in ("1", "{}", "[]", '""', "null", '{"text":""}', '{"text":1}'):
        _json(
            f"19 MB of {element}",
            partial(lambda element: (f"[{','.join([element] * (19 * MEGA // (len(element) + 1)))}]").encode(), element),
            "article bad_field empty too_large",
            JSON,
        )
        _json(
            f"19 MB of lines {element}",
            partial(lambda element: f"{element}\n".encode() * (19 * MEGA // (len(element) + 1)), element),
            "article bad_field bad_json empty too_large",
            LINES,
        )
    _json("5 MB of one article", lambda: b'{"text":"Norland denied it."}\n' * 170_000, "article", LINES)
    _json(
        "20,000 different articles",
        lambda: "\n".join(json.dumps({"text": f"Norland accused Sudria of raid {n}."}) for n in range(20_000)).encode(),
        "article",
        LINES,
    )
    _json("one bad line", lambda: f"{good}\n{{bad\n{good}\n".encode(), "article bad_json")
    _json("a line of 19 MB", lambda: f'{{"text": "{"a " * 9_400_000}"}}'.encode(), "too_large")
    _json("a text of one word of 19 MB", lambda: f'{{"text": "{"a" * 19 * MEGA}"}}'.encode(), "too_large")
    _json("a text of escapes", lambda: f'{{"text": "{chr(92)}u0041{chr(92)}n"}}'.encode() + b" " * MEGA, "article")
    _json("rubbish after", lambda: good.encode() + b"\0\xff" * 100, "binary")
    _json("cut short", lambda: good.encode()[:-5], "bad_json")
    _json("single quotes", lambda: b"{'text': 'x'}", "bad_json")
    _json("comments", lambda: b'{"text": "x" /* no */}', "bad_json")
    _json("a mark before", lambda: codecs.BOM_UTF8 + good.encode(), "article")
    _json("UTF-16", lambda: good.encode("utf-16"), "article")
    _json("UTF-32", lambda: good.encode("utf-32"), "article")
    _json("UTF-16 without a mark", lambda: good.encode("utf-16-le"), "binary")


def _fields_of_json() -> None:
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
        _json(
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
        _json(
            f"url {url[:30]!r}",
            partial(lambda url: json.dumps({"text": SENTENCE, "url": url}).encode(), url),
            "article bad_field",
            JSON,
        )


for _part in (
    _nested_pages,
    _vast_pages,
    _heads_of_pages,
    _odd_pages,
    _xml,
    _nested_json,
    _values_of_json,
    _documents_of_json,
    _fields_of_json,
):
    _part()

CASES: tuple[Case, ...] = tuple(_CASES)
