"""Feeds: what their entries say, and what of them is an article."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.intake import Limits, read, read_bytes
from app.intake.feeds import Entry, Feed, feed_day, read_feed
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Article, Refusal

LIMITS = Limits()
FULL = "Ardania accused Beloria of shelling the market in Kesh on Wednesday. Beloria denied it, an envoy said. " * 3
RSS2 = f"""<?xml version="1.0" encoding="utf-8"?>
<?xml-stylesheet href="feed.xsl" type="text/xsl"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Kesh Courier</title><link>https://kesh-courier.example/</link>
<item><title>Ardania &amp;amp; Beloria</title><link>/news/1#top</link><guid isPermaLink="false">g1</guid>
  <pubDate>Tue, 04 Mar 2031 23:30:00 -0500</pubDate><description>A summary.</description>
  <dc:publisher>The Courier</dc:publisher>
  <content:encoded><![CDATA[<p>{FULL}</p><script>alert(1)</script><p>Second<br>line &amp; more.</p>]]></content:encoded>
</item>
<item><title>Denial</title><guid>https://kesh-courier.example/news/2</guid>
  <dc:date>2031-03-05T01:00:00+09:00</dc:date><description>{FULL}</description></item>
<item><title>Nowhere</title><link>javascript:alert(1)</link><pubDate>yesterday</pubDate></item>
</channel></rss>"""
RSS1 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://kesh-courier.example/"><title>Kesh</title></channel>
<item rdf:about="https://kesh-courier.example/news/1"><title>One</title><link>https://kesh-courier.example/news/1</link>
<dc:date>2031-03-04</dc:date></item></rdf:RDF>"""
RSS091 = """<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://x.example/d.dtd">
<rss version="0.91"><channel><title>Kesh</title><item><title>One</title><link>https://kesh-courier.example/news/1</link>
</item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://kesh-courier.example/world/"><title>Kesh</title>
<entry><id>tag:1</id><title type="html">A &lt;b&gt;bold&lt;/b&gt; denial</title><link href="1.html"/>
 <updated>2031-03-09T00:00:00Z</updated><content type="html">&lt;p&gt;{FULL}&lt;/p&gt;</content></entry>
<entry><id>tag:2</id><title>Plain &lt; text</title><published>2031-03-04T23:00:00-05:00</published>
 <content type="text">Losses &lt; 5, an envoy said.</content>
 <source><title>The Harbour Post</title></source></entry></feed>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Kesh Courier",
    "items": [
        {
            "id": 7,
            "url": "/news/1",
            "title": "One",
            "content_html": f"<p>{FULL}</p>",
            "date_published": "2031-03-04T23:00:00-05:00",
        },
        {"id": "b", "content_text": "Short.", "title": None},
        "no item",
    ],
}


def feed(raw: str | bytes, **options: str | None) -> Feed:
    whole = raw.encode() if isinstance(raw, str) else raw
    options = {"charset": None, "url": "https://kesh-courier.example/feed"} | options
    return read_feed(whole, charset=options["charset"], url=options["url"], limits=LIMITS)


def test_rss() -> None:
    found = feed(RSS2)
    assert found.title == "Kesh Courier"
    one, two, three = found.entries
    assert one == Entry(
        key=one.key,
        url="https://kesh-courier.example/news/1",
        title="Ardania & Beloria",
        published="2031-03-04",
        publisher="The Courier",
        text=f"{FULL.strip()}\n\nSecond\n\nline & more.",
    )
    # A description is a summary, however long: nobody can tell what it leaves out.
    assert (two.url, two.published, two.text) == ("https://kesh-courier.example/news/2", "2031-03-05", None)
    assert (three.url, three.published, three.key) == (None, None, "Nowhere")


@pytest.mark.parametrize(("raw", "published"), [(RSS1, "2031-03-04"), (RSS091, None)])
def test_older_rss(raw: str, published: str | None) -> None:
    (one,) = feed(raw).entries
    assert (one.title, one.url, one.published) == ("One", "https://kesh-courier.example/news/1", published)


def test_atom() -> None:
    one, two = feed(ATOM).entries
    # When an entry was changed says nothing of when it was published.
    assert (one.key, one.title, one.published) == ("tag:1", "A bold denial", None)
    assert (one.url, one.text) == ("https://kesh-courier.example/world/1.html", FULL.strip())
    assert (two.title, two.published, two.publisher) == ("Plain < text", "2031-03-04", "The Harbour Post")
    assert two.text == "Losses < 5, an envoy said."


def test_json_feed() -> None:
    one, two = feed(json.dumps(JSON_FEED)).entries
    assert one == Entry("7", "https://kesh-courier.example/news/1", "One", "2031-03-04", None, FULL.strip())
    assert (two.key, two.url, two.text) == ("b", None, "Short.")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("Wed, 05 Mar 2031 00:30:00 +0900", "2031-03-05"),
        ("5 Mar 31 23:59 EST", "2031-03-05"),
        ("2031-03-05T23:30:00-05:00", "2031-03-05"),
        ("2031-03", "2031-03"),
        ("", None),
        ("yesterday", None),
        ("Wed, 31 Feb 2031 00:30:00 GMT", None),
        ("03/04/2031", None),
    ],
)
def test_the_day_is_the_one_that_the_outlet_wrote(written: str, day: str | None) -> None:
    assert feed_day(written) == day


def test_of_a_feed_handed_in_its_whole_articles_are_read(tmp_path: Path) -> None:
    path = tmp_path / "feed.rss"
    path.write_text(RSS2, encoding="utf-8")
    article, *refused = read(str(path))
    assert isinstance(article, Article)
    assert (article.title, article.published, article.publisher) == ("Ardania & Beloria", "2031-03-04", "The Courier")
    assert [str(one.reason) for one in refused if isinstance(one, Refusal)] == ["not_an_article"] * 2
    assert all("polemos watch" in one.detail for one in refused if isinstance(one, Refusal))


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("x", None), ("x.xml", None), ("feed.atom", None), ("x", "application/xml"), ("x", "application/atom+xml")],
)
def test_a_feed_is_told_by_its_content_or_its_type(name: str, content_type: str | None) -> None:
    (article, *_) = read_bytes(ATOM.encode(), name=name, content_type=content_type)
    assert isinstance(article, Article), article
    assert article.title == "A bold denial"


@pytest.mark.parametrize("name", ["x", "x.json"])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_json_feed_is_no_article_nor_a_line(name: str, indent: int | None) -> None:
    (article, *_) = read_bytes(json.dumps(JSON_FEED, indent=indent).encode() + b"\n", name=name)
    assert isinstance(article, Article), article
    assert article.title == "One"


@pytest.mark.parametrize("raw", [RSS091, RSS1, "<!-- by hand -->\n<feed xmlns='http://www.w3.org/2005/Atom'/>"])
def test_old_and_empty_feeds_are_told_too(raw: str) -> None:
    (item,) = read_bytes(raw.encode(), name="x")
    assert isinstance(item, Refusal)
    assert item.reason in ("empty", "not_an_article")


def test_its_charset_is_the_servers_then_its_own() -> None:
    items = "<channel><item><title>Café</title></item></channel>"
    text = f'<?xml version="1.0" encoding="{{}}"?><rss version="2.0">{items}</rss>'
    assert feed(text.format("iso-8859-1").encode("latin-1")).entries[0].title == "Café"
    assert feed(text.format("utf-8").encode("latin-1"), charset="iso-8859-1").entries[0].title == "Café"
    assert feed(text.format("utf-16").encode("utf-16")).entries[0].title == "Café"
    with pytest.raises(BadInput) as why:
        feed(text.format("utf-8").encode("latin-1"))
    assert why.value.reason == "wrong_encoding"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<html><body>No feed</body></html>", "unsupported"),
        (b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>", "unsupported"),
        (b'{"version": "https://jsonfeed.org/version/1.1", ', "bad_json"),
        (b'{"items": []}', "unsupported"),
        (b"words", "unsupported"),
        (b"", "unsupported"),
        (b"<rss>" + b" " * 3_000_000, "too_large"),
        (b"<rss>" + b"<a>" * 100_001, "too_large"),
    ],
)
def test_what_is_no_feed_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(BadInput) as why:
        feed(raw)
    assert why.value.reason == reason


def test_entities_are_neither_multiplied_nor_fetched() -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "boom" * 10}">' for n in range(12))
    raw = f"""<?xml version="1.0"?><!DOCTYPE rss [{bomb}<!ENTITY x SYSTEM "file:///etc/hostname">]>
    <rss version="2.0"><channel><item><title>&a11; &x;</title><link>http://a.example/</link></item></channel></rss>"""
    start = time.monotonic()
    (one,) = feed(raw).entries
    assert len(one.title) < 100
    assert Path("/etc/hostname").read_text().strip() not in one.title or "&x;" in one.title
    assert time.monotonic() - start < 5


def test_a_dense_feed_takes_seconds_at_most() -> None:
    start = time.monotonic()
    feed(b"<rss version='2.0'><channel>" + b"<item>" * 95_000)
    assert time.monotonic() - start < 40


@settings(deadline=None, max_examples=200)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(
            lambda s: f"<rss version='2.0'><channel><item>{s}</item></channel></rss>".encode("utf-8", "replace")
        ),
        st.tuples(st.integers(0, len(RSS2)), st.text(max_size=20)).map(
            lambda c: (RSS2[: c[0]] + c[1] + RSS2[c[0] + 5 :]).encode("utf-8", "replace")
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["id", "url", "title", "content_html", "date_published"]), inner, max_size=4
                )
            ),
            max_leaves=9,
        ).map(lambda items: json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}).encode()),
    )
)
def test_any_bytes_give_a_feed_or_a_refusal(raw: bytes) -> None:
    try:
        found = feed(raw)
    except BadInput:
        return
    assert all(entry.key for entry in found.entries)
