"""An HTML page in, the article on it out, without the page around it. It takes no date, name or word from elsewhere."""

from __future__ import annotations

import logging
import re
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING

from app.intake.clean import normalise, one_line
from app.intake.gate import admit
from app.intake.text import paragraphs
from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from app.intake.limits import Limits
    from app.vocabulary.records import Article

# WHATWG HTML 4.2.5.4 wants the declaration within 1,024 bytes; pages keep to that less than browsers forgive.
_DECLARED_WITHIN = 4_096
_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,300}\?>|")
_XML_CHARSET = re.compile(rb"\s*<\?xml[^>]{0,300}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
# Libxml2 compares each attribute of a tag with all before it. The pattern is possessive and takes in whole tags, so
# that no part of a page is looked at twice.
_MOST_ATTRIBUTES = 500
_ATTRIBUTE = r"[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+"
_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+(?>{_ATTRIBUTE}){{0,{_MOST_ATTRIBUTES}}}+((?>{_ATTRIBUTE}))?")
_DOCUMENT = re.compile(r"<(?:!doctype|html|body)\b", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*(?:\s|\Z)")
_MIN_PROSE_WORDS = 8
_CONSENT = re.compile(
    r"\b(?:cookies?|consent|privacy|partners|personali[sz]ed (?:ads|content)|accept all|reject all|enable javascript"
    r"|ad.?blocker|log ?in|sign ?in|sign up|subscribe|subscription|subscribers?|captcha|not a robot)\b",
    re.IGNORECASE,
)
# A consent notice names these things every few words; an article on privacy law does not, or is longer than a notice.
_CONSENT_WORDS_PER_HIT = 15
_NOTICE_CHARS = 2_500

# Where a page shows dates that are not this article's, or holds the body, whose dates are those of what it tells.
_NO_DATE_HERE = (
    ".//aside|.//nav|.//footer|.//img|.//picture|.//figure|.//iframe|.//svg|.//comment()|.//link"
    "|.//meta[contains(@property, 'modified') or contains(@name, 'modified') or contains(@itemprop, 'Modified')"
    " or contains(@property, 'updated') or contains(@name, 'revised') or contains(@http-equiv, 'odified')]"
    "|.//*[self::time or self::span][contains(@itemprop, 'Modified') or contains(@class, 'update')"
    " or contains(@class, 'modified')]"
    "|.//*[self::div or self::section or self::ul][contains(@class, 'related') or contains(@class, 'recommend')"
    " or contains(@class, 'most-read') or contains(@class, 'comment') or contains(@id, 'comment')]"
)
_BODY_CHARS = 80


def declared_charset(raw: bytes) -> str | None:
    """The charset a page declares about itself, or None."""
    head = raw[:_DECLARED_WITHIN]
    found = _XML_CHARSET.match(head) or _META_CHARSET.search(head)
    if found is None:
        return None
    charset = found[1].decode("ascii", "replace")
    # WHATWG HTML 13.2.3.2: a page whose declaration could be read bytewise is not UTF-16, whatever it says.
    return "utf-8" if charset.lower().startswith("utf-16") else charset


def read_html(page: str, *, url: str | None, limits: Limits) -> Article:
    """The article on an HTML page: headline, body (a blank line between paragraphs), date, outlet, canonical URL.

    Raises:
        BadInput: There is no article on it (`not_an_article`), or it cannot be used (see `admit`).
    """
    if len(page) > limits.max_html_bytes:
        raise TooLarge(f"the page has more than {limits.max_html_bytes:,} characters; hand in its article alone")
    if not page.strip():
        raise BadInput(RefusalReason.EMPTY, "there is no text in it")
    if any(tag[1] is not None for tag in _TAG.finditer(page)):
        raise TooLarge(f"a tag on the page has more than {_MOST_ATTRIBUTES} attributes; hand in its article alone")
    declared = _XML_DECLARATION.match(page)
    page = normalise(page[declared.end() :] if declared else page)
    if not _DOCUMENT.search(page[:5_000]):
        page = f"<html><body>{page}</body></html>"
    try:
        title, text, published, publisher, canonical = _extract(page, url, limits)
    except TooLarge:
        raise
    # The extractors meet whatever the web holds, and raise any of lxml's and their own errors; one page must not
    # stop a batch.
    except Exception as why:
        message = f"the page cannot be taken apart ({type(why).__name__}); hand in its article as text"
        raise BadInput(RefusalReason.UNREADABLE, message) from why
    _refuse_no_prose(text, limits)
    return admit(title=title, text=text, published=published, publisher=publisher, url=canonical or url, limits=limits)


def _extract(page: str, url: str | None, limits: Limits) -> tuple[str, str, str | None, str | None, str | None]:
    import trafilatura
    from trafilatura.utils import HTML_PARSER

    _keep_quiet()
    tree = trafilatura.load_html(page)
    if tree is None:
        return "", "", None, None, None
    # The parser leaves out whatever stands deeper, and says so nowhere else.
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in HTML_PARSER.error_log):
        raise TooLarge("the page nests its elements more than 255 deep; hand in its article alone")
    if sum(1 for _ in tree.iter()) > limits.max_html_elements:
        raise TooLarge(f"the page has more than {limits.max_html_elements:,} elements; hand in its article alone")
    _collapse_blanks(tree)
    # find_date is called apart, below; this makes the one inside as cheap as it gets.
    found = trafilatura.bare_extraction(
        tree, url=url, include_comments=False, with_metadata=True, date_extraction_params={"extensive_search": False}
    )
    if found is None or isinstance(found, dict):
        return "", "", None, None, None
    title = one_line(found.title or "")
    lines = [line for raw in (found.text or "").split("\n") if (line := raw.strip())]
    if lines and title and one_line(lines[0]).casefold() == title.casefold():
        del lines[0]
    blocks = [line for paragraph in lines for line in (paragraph, "")]
    canonical = found.url if found.url and found.url.lower().startswith(("http://", "https://")) else None
    return (
        title,
        "\n\n".join(paragraphs(blocks)),
        _published(tree),
        _publisher(found.sitename, canonical or url),
        canonical,
    )


def _publisher(sitename: str | None, url: str | None) -> str | None:
    """The outlet's name as the page gives it. Where it gives none, trafilatura falls back on the host: not a name."""
    name = one_line(sitename or "")
    if not name or "://" in name or (url and name.lower() in url.lower()):
        return None
    return name


def _published(tree: HtmlElement) -> str | None:
    """The day the page itself says it was published, or None.

    htmldate also takes a day from a URL, an image's path, a related headline or any date in the body; what invites
    that is cut away first, so that no such day becomes the one from which "Thursday" is counted.
    """
    from htmldate import find_date

    copy = deepcopy(tree)
    body = [p for p in copy.iter("p", "blockquote", "li", "td") if len(p.text_content()) > _BODY_CHARS]
    elsewhere = copy.xpath(_NO_DATE_HERE)
    for element in [*body, *(elsewhere if isinstance(elsewhere, list) else [])]:
        element.drop_tree() if element.getparent() is not None else None
    # An empty URL keeps it from looking for one. The bounds are fixed, so that the same page gives the same article
    # whenever it is read.
    return find_date(
        copy,
        url="",
        extensive_search=False,
        original_date=True,
        min_date=datetime(1900, 1, 1),  # noqa: DTZ001 (calendar dates)
        max_date=datetime(2100, 1, 1),  # noqa: DTZ001
    )


def _collapse_blanks(tree: HtmlElement) -> None:
    """Runs of white space in the source, line ends among them, become the one space that a reader sees."""
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in {"pre", "textarea", "script", "style"}:
            pass
        elif element.text:
            element.text = _BLANKS.sub(" ", element.text)
        if element.tail:
            element.tail = _BLANKS.sub(" ", element.tail)


def _refuse_no_prose(text: str, limits: Limits) -> None:
    if len(text) < limits.min_page_chars:
        message = (
            f"its main text has {len(text)} characters, fewer than {limits.min_page_chars}; hand in short texts as text"
        )
        raise BadInput(RefusalReason.NOT_AN_ARTICLE, message)
    blocks = text.split("\n\n")
    prose = sum(len(b) for b in blocks if _SENTENCE_END.search(b) and len(b.split()) >= _MIN_PROSE_WORDS)
    if 2 * prose < len(text):
        message = "it is mostly headlines, links or lists, not sentences; hand in the page of one article"
        raise BadInput(RefusalReason.NOT_AN_ARTICLE, message)
    hits = len(_CONSENT.findall(text))
    if len(text) <= _NOTICE_CHARS and hits >= 3 and hits * _CONSENT_WORDS_PER_HIT >= len(text.split()):
        message = "it is a consent, log-in or subscription notice; save the page after passing it, and hand that in"
        raise BadInput(RefusalReason.NOT_AN_ARTICLE, message)


def _keep_quiet() -> None:
    """Give the libraries' loggers a handler, so that Python does not print their remarks for want of one.

    Whoever sets up logging still gets them; to the others, the refusal says what is wrong.
    """
    for name in ("trafilatura", "htmldate", "courlan", "justext", "readability"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
