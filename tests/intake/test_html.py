"""Pages: the article and nothing around it, or a refusal."""

from pathlib import Path

import pytest

from app.intake import Item, Limits, read_bytes
from app.vocabulary.records import Article, Refusal

DATA = Path(__file__).parent / "data"


def page(name: str, **more: str) -> Item:
    (item,) = read_bytes((DATA / name).read_bytes(), name=name, **more)  # type: ignore[arg-type]
    return item


def read_page(
    html: str, *, charset: str = "utf-8", content_type: str = "text/html", limits: Limits | None = None
) -> Item:
    (item,) = read_bytes(html.encode(charset), name="page", content_type=content_type, limits=limits or Limits())
    return item


PROSE = (
    "<p>Ardania on Wednesday accused Beloria of shelling the market in Kesh, an attack that killed nine people and "
    "wounded thirty others.</p><p>Beloria’s minister denied responsibility and called the claims a fabrication from "
    "the first word to the last, and said that no unit had fired a shell that day.</p>"
)


def test_an_article_page_gives_its_article_without_the_page_around_it() -> None:
    item = page("article.html", url="https://mirror.example/copy")
    assert isinstance(item, Article), item
    assert item.title == "Ardania blames Beloria for market shelling"
    assert item.published == "2026-03-04"
    assert item.publisher == "The Kesh Courier"
    assert item.url == "https://courier.example/world/market-shelling"
    assert item.text.split("\n\n") == [
        "KESH — Ardania on Wednesday accused Beloria of shelling the crowded market in Kesh, an attack that killed "
        "nine people and wounded thirty others, according to the provincial governor.",
        "“This was a crime, and we know from where the order came,” said Ilsa Morven, spokeswoman of the Ardanian "
        "foreign ministry.",
        "Beloria denied responsibility. Its defence minister, Tomas Revik, called the claims “a fabrication from the "
        "first word to the last” and said that no Belorian unit had fired that day.",
        "The Ardanian prime minister vowed that the attack would not go unanswered.",
    ]


def test_no_date_is_taken_from_url_image_body_or_related_stories_and_no_outlet_from_the_host() -> None:
    item = page("undated.html")
    assert isinstance(item, Article), item
    assert item.published is None
    assert item.publisher is None
    assert item.url == "https://strait.example/2021/06/05/cable"
    assert "2020-02-03" in item.text


@pytest.mark.parametrize(
    "markup",
    [
        '<meta name="date" content="2026-03-04">',
        '<meta property="article:published_time" content="2026-03-04T01:00:00+09:00">'
        '<meta property="article:modified_time" content="2026-03-09">',
    ],
)
def test_a_page_without_structured_data_is_dated_by_its_meta_tags(markup: str) -> None:
    item = read_page(f"<html><head><title>Denial</title>{markup}</head><body><article>{PROSE}</article></body></html>")
    assert isinstance(item, Article), item
    assert item.published == "2026-03-04"


def test_a_visible_date_is_read_and_a_later_change_is_not() -> None:
    shown = '<p class="date">Published 4 March 2026</p><p class="updated">Updated 9 March 2026</p>'
    item = read_page(f"<html><body><article><h1>Denial</h1>{shown}{PROSE}</article></body></html>")
    assert isinstance(item, Article), item
    assert item.published == "2026-03-04"


def test_a_date_of_change_alone_is_no_publication_date() -> None:
    head = '<head><meta property="article:modified_time" content="2026-03-09"></head>'
    item = read_page(f"<html>{head}<body><article>{PROSE}</article></body></html>")
    assert isinstance(item, Article), item
    assert item.published is None


@pytest.mark.parametrize(("name", "words"), [("front_page.html", "not sentences"), ("consent.html", "consent")])
def test_what_is_no_article_is_refused(name: str, words: str) -> None:
    item = page(name)
    assert isinstance(item, Refusal), item
    assert item.reason == "not_an_article"
    assert name in item.detail
    assert words in item.detail


def test_a_short_page_is_refused() -> None:
    item = read_page("<html><body><p>Beloria denied it.</p></body></html>")
    assert isinstance(item, Refusal), item
    assert item.reason == "not_an_article"
    assert "250" in item.detail


def test_an_article_about_cookies_is_an_article() -> None:
    law = (
        "<p>The regulator accused the search company of reading cookies without the consent of those it followed. </p>"
    )
    item = read_page(f"<html><body><article>{PROSE}{law}{PROSE}</article></body></html>")
    assert isinstance(item, Article), item


def test_a_page_in_another_language_is_refused_in_its_declared_charset() -> None:
    item = page("german.html")
    assert isinstance(item, Refusal), item
    assert item.reason == "not_english"
    assert "'de'" in item.detail


@pytest.mark.parametrize("content_type", ["text/html; charset=windows-1252", "text/html"])
def test_charset_by_header_or_by_the_page_itself(content_type: str) -> None:
    meta = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">'
    html = f"<html><head>{meta if content_type == 'text/html' else ''}</head><body>{PROSE}</body></html>"
    item = read_page(html, charset="cp1252", content_type=content_type)
    assert isinstance(item, Article), item
    assert "Beloria’s minister" in item.text


def test_a_page_not_in_its_declared_charset_is_refused() -> None:
    html = f'<html><head><meta charset="utf-8"></head><body>{PROSE}</body></html>'
    item = read_page(html, charset="cp1252")
    assert isinstance(item, Refusal), item
    assert item.reason == "wrong_encoding"


def test_a_page_is_read_where_its_xml_declaration_names_an_encoding() -> None:
    xhtml = f'<?xml version="1.0" encoding="iso-8859-1"?>\n<html><body>{PROSE}</body></html>'
    item = read_page(xhtml, charset="cp1252")
    assert isinstance(item, Article), item
    assert "Beloria’s minister" in item.text


def test_a_fragment_is_read() -> None:
    item = read_page(PROSE)
    assert isinstance(item, Article), item
    assert item.text.count("\n\n") == 1


@pytest.mark.parametrize(
    ("html", "limits"),
    [
        (f"<html><body>{PROSE * 5}</body></html>", Limits(max_html_bytes=1000)),
        (PROSE + "<a href=x>" * 99, Limits(max_html_elements=50)),
    ],
)
def test_a_page_too_large_to_take_apart_is_refused(html: str, limits: Limits) -> None:
    item = read_page(html, limits=limits)
    assert isinstance(item, Refusal), item
    assert item.reason == "too_large"


def test_the_same_page_gives_the_same_article() -> None:
    assert page("article.html") == page("article.html")
