"""A PDF file in, the article on its pages out: lines joined to paragraphs, broken words made whole. It reads no image.

A file says when it was made, not when its text was published, so its creation date is nobody's publication date; a
date that stands on a line by itself beside the headline is. One file is one article.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from app.intake.clean import one_line
from app.intake.dates import printed_date
from app.intake.gate import Item, admit, refusal
from app.intake.pdf_process import Line, take_apart
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from app.intake.limits import Limits

# Running heads stand among so many lines at the upper and the lower edge.
_EDGE = 3
# Letters this much higher than the body's are a headline's; beside it, letters of one size differ by rounding only.
_LARGE = 1.2
_SAME_SIZE = 0.15
# A line's distance from the one before, in usual distances, from which on there is a gap.
_GAP = 1.4

_HYPHEN = "\x02"
_LIGATURES = str.maketrans({0xFB00 + at: into for at, into in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))})
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*\Z")
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
# From a word's beginning on only: from each of its letters on, a word of a page's length would take minutes.
_BROKEN = re.compile(rf"(?<![^\W\d_])(?P<left>[^\W\d_]+){_HYPHEN}\s*(?P<right>[^\W\d_]+)")
# After these a hyphen at a line's end is the word's own; prefixes that are also syllables ("re", "ex", "pro") are not
# among them, for most of their words are written without a hyphen.
_OWN_HYPHEN = frozenset(
    "all anti counter cross four half neo non one pseudo quasi self six then three two vice well".split()
)
_OWN_HYPHEN_BEFORE = frozenset("based backed style".split())
_OWN_HYPHEN_AFTER_NAME = frozenset("born controlled held led linked made occupied owned run".split())
_NO_TITLE = re.compile(
    r"(?:untitled|document\d*|microsoft word.*|.*\.(?:docx?|pdf|odt|indd|qxd|html?|rtf|txt)|https?://.*)", re.IGNORECASE
)


def read_pdf(raw: bytes, *, name: str, url: str | None, limits: Limits) -> Iterator[Item]:
    """The article of a PDF file, and a refusal that tells which of its lines and pages are left out.

    Args:
        raw: The file.
        name: How a refusal names it.
        url: Where it was read.
        limits: Bounds on its size, its pages, and the time and memory that it takes.
    """
    try:
        document = take_apart(raw, limits)
        lines, heads = _without_heads(document.pages)
        if not any(lines):
            pages = f"{len(lines)} page{'s' * (len(lines) != 1)}"
            message = f"its {pages} hold no text but, perhaps, images of it; it needs OCR: recognise its text first"
            raise BadInput(RefusalReason.EMPTY, message)
        parts = _parts(document.title, [page for page in lines if page])
        yield admit(title=parts.title, text=parts.text, published=parts.published, url=url, limits=limits)
    except BadInput as why:
        yield refusal(name, why)
        return
    if heads:
        told = ", ".join(repr(head[:80]) for head in heads[:5]) + (", …" if len(heads) > 5 else "")
        yield Refusal(RefusalReason.NOT_AN_ARTICLE, f"{name}: left out, for it stands on most of its pages: {told}")
    bare = [number for number, page in enumerate(document.pages, start=1) if not page]
    if bare:
        told = ", ".join(map(str, bare[:20])) + (", …" if len(bare) > 20 else "")
        yield Refusal(RefusalReason.EMPTY, f"{name}: no text on {len(bare)} of its pages, which may need OCR: {told}")


@dataclass(frozen=True, slots=True)
class _Parts:
    title: str
    text: str
    published: str | None


def _parts(stated: str, pages: Sequence[Sequence[Line]]) -> _Parts:
    """Headline, body and date of the lines of pages."""
    blocks = _blocks(pages)
    words = Counter(word.casefold() for _, text in blocks for word in _WORD.findall(text))
    whole = [(size, _mended(text, words)) for size, text in blocks]
    title, rest = _title(one_line(stated), whole)
    published = None
    for at in range(min(3, len(rest) - 1)):
        published = printed_date(rest[at])
        if published is not None:
            del rest[at]
            break
    return _Parts(title, "\n\n".join(rest), published)


# ---- running heads ----


def _without_heads(pages: Sequence[Sequence[Line]]) -> tuple[list[list[Line]], list[str]]:
    """The pages without the lines that stand at the edge of at least half of them, and those lines, digits as #."""
    count: Counter[tuple[str, int]] = Counter()
    for page in pages:
        count.update({_shape(line) for edge in _edges(page) for line in edge})
    heads = {shape for shape, times in count.items() if times >= 2 and 2 * times >= len(pages)}
    kept = []
    dropped: set[str] = set()
    leading = _leading(pages)
    for page in pages:
        # From the edge inwards: behind a line that is no head there is none.
        edges = [list(takewhile(lambda line: _shape(line) in heads, edge)) for edge in _edges(page)]
        gone = {id(line) for edge in edges for line in _set_apart(edge, page, leading)}
        dropped.update(_shape(line)[0] for line in page if id(line) in gone)
        kept.append([line for line in page if id(line) not in gone])
    return kept, sorted(dropped)


def _set_apart(heads: list[Line], page: Sequence[Line], leading: float) -> list[Line]:
    """Those of the lines at an edge that a gap or their size parts from the rest; body text may repeat itself, too."""
    while heads:
        last, others = heads[-1], [line for line in page if line not in heads]
        if all(
            abs(last.top - line.top) > _GAP * leading * min(last.size, line.size) or not _alike(last.size, line.size)
            for line in others
        ):
            return heads
        heads = heads[:-1]
    return heads


def _edges(page: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """The uppermost and the lowest lines, from the edge inwards."""
    by_height = sorted(page, key=lambda line: -line.top)
    # Of a page with few lines, those at its middle are no heads.
    most = min(_EDGE, len(page) // 2)
    return by_height[:most], by_height[: -most - 1 : -1] if most else []


def _shape(line: Line) -> tuple[str, int]:
    # With its size: a headline that is repeated in small letters stays the headline.
    return _DIGITS.sub("#", one_line(line.text)), round(line.size)


# ---- paragraphs ----


def _blocks(pages: Sequence[Sequence[Line]]) -> list[tuple[float, str]]:
    """Paragraphs, with the size of their letters."""
    leading = _leading(pages)
    found: list[tuple[float, str]] = []
    for page in pages:
        edge = max((line.right for line in page), default=0.0)
        before: Line | None = None
        for line in page:
            if found and not _parted(found[-1], before, line, leading, edge):
                found[-1] = (found[-1][0], _run_on(found[-1][1], line.text))
            else:
                found.append((line.size, line.text))
            before = line
    return found


def _leading(pages: Sequence[Sequence[Line]]) -> float:
    """The usual distance of a line from the one before, in heights of its letters."""
    steps = [
        (one.top - other.top) / other.size
        for page in pages
        for one, other in pairwise(page)
        if other.size and 0 < one.top - other.top < 4 * max(one.size, other.size)
    ]
    # Not the middle one: of a page with short paragraphs half the steps are gaps.
    return sorted(steps)[len(steps) // 4] if steps else 0.0


def _parted(block: tuple[float, str], before: Line | None, line: Line, leading: float, edge: float) -> bool:
    """True where a new paragraph begins with the line.

    Args:
        block: The paragraph so far: the size of its letters, its text.
        before: The line before on this page, or None at its top.
        line: The line.
        leading: The usual distance between lines, in heights of their letters.
        edge: The right edge of what is printed on the page.
    """
    size, text = block
    if not _alike(size, line.size):
        return True
    ends = bool(_SENTENCE_END.search(text))
    if before is None or before.top <= line.top - line.size:
        # A new page or column: only the sentence tells.
        return ends
    if leading and before.top - line.top > _GAP * leading * line.size:
        return True
    indented = line.size < line.left - before.left < 8 * line.size
    short = before.right < edge - max(0.15 * (edge - before.left), 2 * line.size)
    return ends and (indented or short)


def _alike(size: float, other: float) -> bool:
    return abs(size - other) <= _SAME_SIZE * max(size, other)


def _run_on(text: str, line: str) -> str:
    if text.endswith("-") and text[-2:-1].isalpha() and line[:1].isalpha():
        return f"{text[:-1]}{_HYPHEN}{line}"
    if text.endswith("\u00ad"):
        return f"{text[:-1]}{_HYPHEN}{line}"
    return text + line if text.endswith((_HYPHEN, "—", "–")) else f"{text} {line}"


def _mended(text: str, words: Counter[str]) -> str:
    """The text with broken words made whole: as the document has them elsewhere, else by the word's parts."""

    def joined(found: re.Match[str]) -> str:
        left, right = found["left"], found["right"]
        whole, parted = f"{left}{right}", f"{left}-{right}"
        if words[parted.casefold()] != words[whole.casefold()]:
            return max((whole, parted), key=lambda form: words[form.casefold()])
        own = (
            right[0].isupper()
            or (left.isupper() and len(left) > 1)
            or left.casefold() in _OWN_HYPHEN
            or right.casefold() in _OWN_HYPHEN_BEFORE
            or (left[0].isupper() and right.casefold() in _OWN_HYPHEN_AFTER_NAME)
        )
        return parted if own else whole

    # Twice, for a word may be broken where the one before it was mended.
    mended = _BROKEN.sub(joined, _BROKEN.sub(joined, text.translate(_LIGATURES)))
    return " ".join(mended.replace(_HYPHEN, "-").split())


def _title(stated: str, blocks: Sequence[tuple[float, str]]) -> tuple[str, list[str]]:
    """The headline, and the paragraphs after it.

    The file's own word counts where it also stands on the first page, or where no large letters do; programs write
    their files' names there.
    """
    rest = [text for _, text in blocks]
    if _NO_TITLE.fullmatch(stated):
        stated = ""
    early = range(min(8, len(rest)))
    if stated:
        for at in early:
            if one_line(rest[at]).casefold() == stated.casefold():
                return rest.pop(at), rest
    sizes = sorted(size for size, text in blocks for _ in range(max(1, len(text) // 20)))
    body = sizes[len(sizes) // 2]
    large = max((blocks[at][0] for at in early), default=0.0)
    if len(rest) > 1 and large >= _LARGE * body:
        at = next(at for at in early if blocks[at][0] == large)
        if len(rest[at]) <= 300:
            return rest.pop(at), rest
    return stated, rest
