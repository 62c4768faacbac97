"""Plain or lightly marked-up text in, its headline, date, URL and body out. It adds no word and moves none.

What it takes away is what is not the article's wording: the headline, date line and "Original url:" trailer become
fields; Markdown's marks for links, emphasis and headings go; lines that only point to another article go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.intake.clean import normalise
from app.intake.dates import printed_date
from app.intake.gate import admit
from app.vocabulary.errors import TooLarge

if TYPE_CHECKING:
    from app.intake.limits import Limits
    from app.vocabulary.records import Article

_MAX_TITLE = 200
# A text with links in it may be so many times as long as what its reader sees.
_MOST_MARKUP = 4
# Lines broken by hand or by a mail program are this wide; longer lines are paragraphs, shorter ones are lists.
_WRAP_WIDTHS = range(60, 121)

_LINK = re.compile(r"!?\[([^\[\]\n]{1,500})\]\([^()\s]{0,2000}(?:\s\"[^\"\n]{0,200}\")?\)")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]+)(?<=\S)\*\*")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+)(?<=\S)\*(?![\w*])")
_HEADING = re.compile(r"#{1,6}[ \t]+")
_RELATED = re.compile(
    r"\**(?:related (?:articles?|stor(?:y|ies)|news)|read (?:more|also|next)|see also)\s*:\**\s*", re.IGNORECASE
)
_ONLY_LINK = re.compile(r"\[[^\[\]\n]+\]\([^()\s]*\)\W*")
_TRAILER = re.compile(r"\**(?:original|source|article)?\s*url\s*:\**\s*", re.IGNORECASE)
_BARE_URL = re.compile(r"<?(https?://[^\s<>]+)>?", re.IGNORECASE)

_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}\Z")
_CLOSING = "\"'”’»)]*"
_STOPS = (".", "!", "?", "…", ":", ";")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a text file says, taken apart."""

    title: str
    text: str
    published: str | None
    url: str | None


def read_text(text: str, *, url: str | None, limits: Limits) -> Article:
    """The article of a text file; where it names no URL of its own, the one it was read from.

    Raises:
        BadInput: There is no article in it (see `admit`).
    """
    # Some of it may be marks and links, so the gate counts anew.
    if len(text) > _MOST_MARKUP * limits.max_chars:
        raise TooLarge(f"it has {len(text):,} characters; split it into its articles")
    parts = take_apart(normalise(text))
    return admit(title=parts.title, text=parts.text, published=parts.published, url=parts.url or url, limits=limits)


def take_apart(text: str) -> Parts:
    """Headline, date, URL and body of a normalised text.

    The headline is the first line where it is short, does not end as a sentence does, and other text follows; a line
    that holds a date and nothing else, next to the headline, is the publication date.
    """
    lines = [line.strip() for line in text.split("\n")]
    url, lines = _trailer(lines)
    lines = _drop_pointers(lines)
    title, published, lines = _head(lines)
    return Parts(_plain(title), "\n\n".join(paragraphs([_plain(line) for line in lines])), published, url)


def _trailer(lines: list[str]) -> tuple[str | None, list[str]]:
    """The URL of an "Original url:" trailer, and the lines before it."""
    filled = [number for number, line in enumerate(lines) if line]
    if not filled:
        return None, lines
    label = _TRAILER.match(lines[filled[-1]])
    found = _BARE_URL.fullmatch(lines[filled[-1]], label.end() if label else 0)
    if found is None:
        return None, lines
    start = filled[-1]
    if label is None:
        # A bare URL at the end is the article's own only where the line before says so.
        if len(filled) < 2 or not _TRAILER.fullmatch(lines[filled[-2]]):
            return None, lines
        start = filled[-2]
    return found[1], lines[:start]


def _drop_pointers(lines: list[str]) -> list[str]:
    """The lines without those that only point to another article ("Related article: [headline](link)")."""
    kept = []
    awaiting = False
    for line in lines:
        label = _RELATED.match(line)
        if awaiting and _ONLY_LINK.fullmatch(line):
            awaiting = False
        elif label and label.end() == len(line):
            awaiting = True
        elif label and (_ONLY_LINK.fullmatch(line, label.end()) or line.lower().startswith("related article")):
            awaiting = False
        else:
            awaiting = awaiting and not line
            kept.append(line)
    return kept


def _head(lines: list[str]) -> tuple[str, str | None, list[str]]:
    """Headline and date, where the text begins with them, and the lines after."""
    rest = list(lines)
    _skip_blank(rest)
    published = _pop_date(rest)
    title = ""
    if rest and _is_title(rest):
        title = _HEADING.sub("", rest.pop(0), count=1)
        if rest and set(rest[0]) in ({"="}, {"-"}):
            rest.pop(0)
    if published is None:
        published = _pop_date(rest)
    return title, published, rest


def _pop_date(rest: list[str]) -> str | None:
    _skip_blank(rest)
    published = printed_date(rest[0]) if len(rest) > 1 else None
    if published is not None:
        rest.pop(0)
        _skip_blank(rest)
    return published


def _skip_blank(rest: list[str]) -> None:
    # All at once: a text may begin with a million of them.
    filled = next((number for number, line in enumerate(rest) if line), len(rest))
    del rest[:filled]


def _is_title(rest: list[str]) -> bool:
    first = rest[0]
    if _HEADING.match(first):
        return any(rest[1:])
    if len(first) > _MAX_TITLE or not any(rest[1:]):
        return False
    follows = rest[1]
    if follows and printed_date(follows) is None and set(follows) != {"="}:
        # Directly on text: the first line of a paragraph broken into lines looks like a headline, but runs on.
        block = rest[: rest.index("")] if "" in rest else rest
        return not _ends_sentence(first) and not _runs_on(first, follows, _width(block))
    return not _ends_sentence(first) or (first.endswith(".") and bool(_INITIALS.search(first)))


def paragraphs(lines: list[str]) -> list[str]:
    """Paragraphs of lines (a blank one parts two), joined again where a line was broken in the middle of a sentence."""
    found: list[str] = []
    block: list[str] = []
    for line in [*lines, ""]:
        if line:
            block.append(line)
        elif block:
            found.extend(_joined(block, _width(block)))
            block = []
    return _joined(found, 0)


def _joined(lines: list[str], width: int) -> list[str]:
    whole: list[list[str]] = []
    before = ""
    for line in lines:
        if before and _runs_on(before, line, width):
            # A hyphen at the break may be the word's own: it stays, without a space after it.
            hyphen = before.endswith("-") and before[-2:-1].isalpha() and line[0].islower()
            whole[-1].append(line if hyphen else f" {line}")
        else:
            whole.append([line])
        before = line
    return ["".join(parts) for parts in whole]


def _runs_on(line: str, following: str, width: int) -> bool:
    """True where the break between two lines is not the text's own: the sentence goes on, or the line was full."""
    if following[0].islower() and not _ends_sentence(line):
        return True
    return width in _WRAP_WIDTHS and len(line) + 1 + len(following.split(maxsplit=1)[0]) > width


def _width(block: list[str]) -> int:
    return max(map(len, block))


def _ends_sentence(line: str) -> bool:
    return line.rstrip(_CLOSING).endswith(_STOPS)


def _plain(line: str) -> str:
    """The line without Markdown's marks; their words stay."""
    line = _HEADING.sub("", line, count=1) if line.startswith("#") else line
    line = _LINK.sub(r"\1", line)
    return _ITALIC.sub(r"\1", _BOLD.sub(r"\1", line)).strip()
