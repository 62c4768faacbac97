"""A feed (RSS, Atom, JSON Feed) in, its entries out: where each article is, and its text where the feed holds it whole.

It fetches nothing: following an entry's link is for whoever watches the feed. A summary is no article, for nobody can
tell what it leaves out.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_tz
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from app.intake.clean import decode, encoding_mark, one_line
from app.intake.dates import iso_date
from app.intake.fetch import shown
from app.intake.gate import Item, admit, refusal
from app.intake.html import declared_charset
from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from app.intake.limits import Limits
    from app.vocabulary.records import Article

_HTTP = re.compile(r"https?://", re.IGNORECASE)
_JSON_FEED = "https://jsonfeed.org/version/"
_BLOCKS = frozenset(
    "address article blockquote dd div dl dt figure footer h1 h2 h3 h4 h5 h6 header hr li main ol p pre section table"
    " td th tr ul".split()
)
# What stands in a feed's text beside the article's words.
_NO_WORDS = "script style figure figcaption iframe video audio object svg form button noscript".split()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed.

    Attributes:
        key: By what it is known again: its id, else its address, else its title.
        url: Where its article is, or None.
        title: Its headline; may be empty.
        published: The day it was published, by its outlet's clock, or None.
        publisher: The outlet that it is of, where it names one, or None.
        text: The article's text, where the feed holds it whole, or None.
    """

    key: str
    url: str | None
    title: str
    published: str | None
    publisher: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed holds, in its own order."""

    title: str
    entries: tuple[Entry, ...]


def read_feed(raw: bytes, *, charset: str | None, url: str | None, limits: Limits) -> Feed:
    """The entries of a feed; those that repeat an earlier one's key are left out.

    Args:
        raw: The feed.
        charset: The charset it was sent with, if any.
        url: Where it was read; relative addresses count from it.
        limits: Bounds on its size.

    Raises:
        BadInput: It is none (`unsupported`), or cannot be read (see `decode`).
    """
    if len(raw) > limits.max_feed_bytes:
        raise TooLarge(f"the feed has {len(raw):,} bytes, more than {limits.max_feed_bytes:,}")
    if charset is None and encoding_mark(raw) is None:
        charset = declared_charset(raw)
    text = decode(raw, charset)
    # Its parser takes some seconds for so many; a feed of a hundred whole articles has half of it.
    tags = text.count("<") + text.count("&lt;")
    if tags > limits.max_html_elements:
        raise TooLarge(
            f"the feed has {tags:,} tags, more than {limits.max_html_elements:,}; hand in its articles' pages"
        )
    feed = _json_feed(text, url) if text.lstrip("\ufeff \t\r\n").startswith("{") else _xml_feed(text, url)
    once = {entry.key: entry for entry in reversed(feed.entries)}
    return Feed(feed.title, tuple(reversed(once.values())))


def read_feed_articles(
    raw: bytes, *, name: str, charset: str | None, url: str | None, limits: Limits
) -> Iterator[Item]:
    """The articles whose text stands in the feed, and a refusal for each entry that holds none.

    Args:
        raw: The feed.
        name: How a refusal names it.
        charset: The charset it was sent with, if any.
        url: Where it was read.
        limits: Bounds on its size.
    """
    try:
        feed = read_feed(raw, charset=charset, url=url, limits=limits)
    except BadInput as why:
        yield refusal(name, why)
        return
    if not feed.entries:
        yield Refusal(RefusalReason.EMPTY, f"{name}: the feed holds no entries")
    for number, entry in enumerate(feed.entries, start=1):
        where = f"{name}, entry {number}" + (f" ({entry.url[:200]})" if entry.url else "")
        try:
            yield article_of(entry, limits)
        except BadInput as why:
            yield refusal(where, why)


def article_of(entry: Entry, limits: Limits) -> Article:
    """The article of an entry, by what the feed holds of it.

    Raises:
        BadInput: The feed holds a summary of it at most (`not_an_article`), or it cannot be used (see `admit`).
    """
    if entry.text is None or len(entry.text) < limits.min_page_chars:
        message = (
            "the feed holds no more than a summary of it; hand in its page, or watch the feed with `polemos watch`"
        )
        raise BadInput(RefusalReason.NOT_AN_ARTICLE, message)
    return admit(
        title=entry.title,
        text=entry.text,
        published=entry.published,
        publisher=entry.publisher,
        url=entry.url,
        limits=limits,
    )


def feed_day(written: str) -> str | None:
    """The day of a date as feeds write it (RFC 822, ISO 8601), by the clock it is written with; None where it is none.

    The same rule as for articles (`iso_date`): the calendar date that the outlet printed.
    """
    written = written.strip()
    try:
        return iso_date(written)
    except BadInput:
        found = parsedate_tz(written)
    if found is None:
        return None
    try:
        return iso_date(f"{found[0]:04d}-{found[1]:02d}-{found[2]:02d}")
    except BadInput:
        return None


# ---- RSS and Atom ----


def _xml_feed(text: str, url: str | None) -> Feed:
    import feedparser

    # As a stream: a string could be taken for the name of a file, or an address. Its characters are decided by now.
    stream = io.BytesIO(text.encode("utf-8", "surrogatepass"))
    headers = {"content-type": "application/xml; charset=utf-8"} | ({"content-location": url} if url else {})
    try:
        parsed = feedparser.parse(stream, response_headers=headers, sanitize_html=True, resolve_relative_uris=True)
    # Its parsers meet whatever the web holds; one feed must not stop the others.
    except Exception as why:
        message = f"the feed cannot be taken apart ({type(why).__name__})"
        raise BadInput(RefusalReason.UNREADABLE, message) from why
    version, found = str(parsed.get("version") or ""), parsed.get("entries") or []
    if not version and not found:
        raise BadInput(RefusalReason.UNSUPPORTED, "it is no feed of RSS, Atom or JSON Feed")
    entries = [_entry(one, url, is_rss=version.startswith("rss")) for one in found]
    return Feed(one_line(parsed.feed.get("title", "")), tuple(entry for entry in entries if entry.key))


def _entry(one: Any, base: str | None, *, is_rss: bool) -> Entry:  # noqa: ANN401 (feedparser carries no types)
    title = one_line(_plain(one.get("title", ""), one.get("title_detail", {}).get("type") != "text/plain"))
    address = _address(one.get("feedburner_origlink") or one.get("link") or "", base)
    written = one.get("published", "")
    if not written and is_rss:
        # Dublin Core's date, which RSS 1.0 has in place of a publication date; Atom's `updated` is not one.
        written = one["updated"] if "updated" in one.keys() else ""  # noqa: SIM118 (its `in` looks elsewhere, too)
    source = one.get("source") or {}
    text = None
    for content in one.get("content", ()):
        whole = _plain(content.get("value", ""), content.get("type") != "text/plain")
        text = max(text or "", whole, key=len) or None
    return Entry(
        key=one_line(str(one.get("id") or address or title))[:2_000],
        url=address,
        title=title,
        published=feed_day(str(written)),
        publisher=one_line(str(one.get("publisher") or source.get("title") or "")) or None,
        text=text,
    )


def _address(link: str, base: str | None) -> str | None:
    """The link as an address that can be asked for, or None."""
    if not link.strip():
        return None
    try:
        whole = urljoin(base or "", link.strip())
    except ValueError:
        return None
    if not _HTTP.match(whole):
        return None
    return shown(whole.partition("#")[0])


# ---- JSON Feed ----


def _json_feed(text: str, url: str | None) -> Feed:
    """A feed by https://www.jsonfeed.org/version/1.1/."""
    try:
        value = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise BadInput(RefusalReason.BAD_JSON, "it begins like a JSON feed and is not JSON") from None
    if not isinstance(value, dict) or not str(value.get("version", "")).startswith(_JSON_FEED):
        raise BadInput(RefusalReason.UNSUPPORTED, "it is JSON, but no JSON feed")
    items = value.get("items")
    found = [_json_entry(one, url) for one in (items if isinstance(items, list) else []) if isinstance(one, dict)]
    return Feed(one_line(_word(value, "title")), tuple(entry for entry in found if entry.key))


def _json_entry(one: Mapping[str, object], base: str | None) -> Entry:
    title = one_line(_word(one, "title"))
    address = _address(_word(one, "url") or _word(one, "external_url"), base)
    text = _word(one, "content_text") or _plain(_word(one, "content_html"), True)
    key = one.get("id")
    return Entry(
        key=one_line(str(key) if isinstance(key, str | int) else address or title)[:2_000],
        url=address,
        title=title,
        published=feed_day(_word(one, "date_published")),
        publisher=None,
        text=text.strip() or None,
    )


def _word(value: Mapping[str, object], field: str) -> str:
    found = value.get(field)
    # Half of a surrogate pair, which JSON can write and no encoding can, is no character.
    return found.encode("utf-8", "replace").decode() if isinstance(found, str) else ""


# ---- text ----


def _plain(content: str, is_html: bool) -> str:
    """The words of a piece of HTML, a blank line between its blocks; plain text as it is."""
    if not is_html or not re.search(r"[<&]", content):
        return content.strip()
    from lxml import html

    try:
        tree = html.fragment_fromstring(content, create_parent="div")
    except (ValueError, html.etree.LxmlError):
        return ""
    for element in list(tree.iter(*_NO_WORDS)):
        if element.getparent() is not None:
            element.drop_tree()
    blocks: list[str] = [""]
    for event, element in html.etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        is_tag = isinstance(element.tag, str)
        if is_tag and (element.tag in _BLOCKS or element.tag == "br") and blocks[-1]:
            blocks.append("")
        words = element.text if event == "start" and is_tag else element.tail if event != "start" else None
        if element is not tree or event == "start":
            blocks[-1] += re.sub(r"\s+", " ", words or "")
    return "\n\n".join(block for raw in blocks if (block := " ".join(raw.split())))
