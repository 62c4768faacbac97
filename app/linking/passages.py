"""Two articles' texts in, the claims that stand in one and the same passage of both out, and why that is so.

Texts are compared by their narration: what stands between quotation marks is left out, for two outlets that heard one
man speak print the same words. Compared are runs of three words, so that a word changed here and there does not matter.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

from app.vocabulary.records import Article, Evidence

SHINGLE = 3
"""Words in a run; runs of words are what is compared."""
STRETCH = 20
"""Words of narration that two texts must share before anything follows from it."""
GAP = 3
"""Words in a row that an editor may have changed within a shared stretch."""
WHOLE = 0.7
"""Share of the shorter article's narration, in runs, that makes the two copies of one text."""
VERBATIM = 0.9
"""Share of all runs of either text, quotations included, that does so where there is next to no narration."""
ALIKE = 0.6
"""Share of all words of either passage that makes the two passages one."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# A quotation that is left open at the end of a paragraph is opened anew in the next.
_QUOTED = re.compile(
    r'“[^”\n]*(?:”|$)|"[^"\n]*(?:"|$)|„[^“”\n]*(?:[“”]|$)|«[^»\n]*(?:»|$)'
    r"|(?<!\w)‘(?:[^‘’\n]|’(?=\w))*’|(?<!\w)'(?=\S)(?:[^'\n]|(?<=\w)'(?=\w))*'(?!\w)",
    re.MULTILINE,
)
_AROUND = 40
"""Words before and after a passage that are sketched of a long paragraph."""

CLAIM = np.dtype(
    [("key", "<u8"), ("start", "<u4"), ("end", "<u4"), ("first", "<i4"), ("last", "<i4"), ("modality", "u1")]
)
"""A claim as it is kept: type and parties as one hash, its passage in words, the days of its incident (0: unknown)."""

Pair = tuple[int, int]
"""A claim of the one article and a claim of the other, by their places in the readings."""
Runs = npt.NDArray[np.uint64]
"""Hashes of runs of words."""
_Words = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why two claims are of one lineage, and how sure that is."""

    reason: str
    score: float


@dataclass(slots=True)
class Kept:
    """What is kept of an article with claims, as compactly as may be.

    Attributes:
        words: A hash of each word, the headline's first.
        quoted: A bit for each word: whether it is quoted speech.
        headline: How many of the words are the headline's.
        ids: The claims' ids, one a line.
        places: For each claim, the node of its incident's place.
        credits: For each claim, whom it or its article credits.
        publisher: The outlet, as `Names` gives it.
        day: Ordinal of the day of publication, or None where no day is known.
    """

    words: bytes
    quoted: bytes
    headline: int
    claims: bytes
    ids: str
    places: tuple[str | None, ...]
    credits: tuple[frozenset[str], ...]
    publisher: str | None
    day: int | None

    def rows(self) -> npt.NDArray[np.void]:
        """The claims, one a row."""
        return np.frombuffer(self.claims, CLAIM)


class Text:
    """An article's words in order, the headline's first."""

    def __init__(self, article: Article) -> None:
        title, text = list(_WORD.finditer(article.title)), list(_WORD.finditer(article.text))
        self.headline = len(title)
        self.starts = [word.start() for word in title], [word.start() for word in text]
        # crc32 and not hash(): the same in every process.
        plain = "\n".join([word[0] for word in (*title, *text)]).lower().replace("’", "'")
        hashes = map(crc32, plain.encode("utf-8", "surrogatepass").split(b"\n"))
        self.words: _Words = np.fromiter(hashes if plain else (), np.uint32, len(title) + len(text))
        self.quoted = np.zeros(len(self.words), dtype=bool)
        for quotation in _QUOTED.finditer(article.text):
            self.quoted[slice(*self._span(1, quotation.start(), quotation.end()))] = True
        breaks = [at.start() for at in re.finditer("\n", article.text)]
        self.paragraphs = np.searchsorted(breaks, self.starts[1])
        """For each word of the text, which paragraph it is in."""

    def passage(self, evidence: Evidence) -> tuple[int, int]:
        """The words of a passage, from and to."""
        return self._span(int(evidence.part == "text"), evidence.start, evidence.end)

    def _span(self, part: int, start: int, end: int) -> tuple[int, int]:
        before = self.headline if part else 0
        starts = self.starts[part]
        return before + bisect_left(starts, start), before + bisect_left(starts, end)


class View:
    """A kept article, unfolded to be compared."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.words: _Words = np.frombuffer(kept.words, np.uint32)
        narrated = np.unpackbits(np.frombuffer(kept.quoted, np.uint8), count=len(self.words)) == 0
        narrated[: kept.headline] = False
        self.narrated = narrated
        self.narration: _Words = self.words[narrated]
        self.runs = _runs(self.narration)
        self.claims = kept.rows()
        self.keys: list[int] = self.claims["key"].tolist()
        self.ids = kept.ids.split("\n")

    @cached_property
    def told(self) -> Runs:
        """The runs of its narration, each once."""
        return np.unique(self.runs)

    @cached_property
    def whole(self) -> Runs:
        """The runs of its text, quotations included, each once."""
        return np.unique(_runs(self.words[self.kept.headline :]))

    @property
    def length(self) -> int:
        """Words of its text, quotations included."""
        return len(self.words) - self.kept.headline

    @cached_property
    def _before(self) -> npt.NDArray[np.intp]:
        return np.concatenate(([0], np.cumsum(self.narrated)))

    def passage(self, claim: int) -> Counter[int]:
        """The words of a claim's passage."""
        row = self.claims[claim]
        return Counter(self.words[row["start"] : row["end"]].tolist())

    def span(self, claim: int) -> tuple[int, int]:
        """Where a claim's passage begins and ends in the narration: twice the same where it is all quotation."""
        row = self.claims[claim]
        return int(self._before[row["start"]]), int(self._before[row["end"]])


def _runs(words: _Words) -> Runs:
    """A hash of each run of words, in order."""
    if len(words) < SHINGLE:
        return np.empty(0, np.uint64)
    wide = words.astype(np.uint64)
    mixed: Runs = wide[:-2] * np.uint64(0x9E3779B97F4A7C15)
    mixed += wide[1:-1] * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed += wide[2:] * np.uint64(0x165667B19E3779F9)
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(29)
    return mixed


def blocks(text: Text, view: View) -> list[Runs]:
    """The pieces of an article that are sketched: the paragraph of each claim, and the whole text.

    A paragraph with little narration is taken with its neighbours, of a long one what is near the claim.
    """
    paragraphs = text.paragraphs[view.narrated[text.headline :]]
    count = len(paragraphs)
    spans: set[Pair] = set()
    for claim, row in enumerate(view.claims):
        at = max(int(row["start"]) - text.headline, 0)
        own = text.paragraphs[min(at, len(text.paragraphs) - 1)] if len(text.paragraphs) else 0
        first, last = (int(np.searchsorted(paragraphs, own, side)) for side in ("left", "right"))
        while last - first < STRETCH and (first, last) != (0, count):
            if last < count:
                last = int(np.searchsorted(paragraphs, paragraphs[last], "right"))
            if first > 0 and last - first < STRETCH:
                first = int(np.searchsorted(paragraphs, paragraphs[first - 1], "left"))
        start, end = view.span(claim) if row["start"] >= text.headline else (0, 0)
        spans.add((max(first, start - _AROUND), min(last, end + _AROUND)))
    found = [view.runs[first : last - SHINGLE + 1] for first, last in sorted(spans) if last - first >= STRETCH]
    return [*found, view.whole]


def _alike(left: Counter[int], right: Counter[int]) -> float:
    """Share of all words of either that both have."""
    both = (left & right).total()
    return both / max(left.total() + right.total() - both, 1)


def pairs(mine: View, theirs: View) -> Iterator[Pair]:
    """Claims of the two that agree in type, source and target."""
    by_key: dict[int, list[int]] = defaultdict(list)
    for its, key in enumerate(theirs.keys):
        by_key[key].append(its)
    for claim, key in enumerate(mine.keys):
        for its in by_key.get(key, ()):
            yield claim, its


def copied(mine: View, theirs: View) -> Iterator[tuple[Pair, Grounds]]:
    """Claims of the two that stand in the same passage of one text."""
    alike = [(a, b) for a, b in pairs(mine, theirs) if _alike(mine.passage(a), theirs.passage(b)) >= ALIKE]
    whole = _one_text(mine, theirs) if alike else None
    if whole is not None:
        yield from ((pair, whole) for pair in alike)
    elif alike:
        yield from _in_one_stretch(mine, theirs, alike)


def _in_one_stretch(mine: View, theirs: View, alike: list[Pair]) -> Iterator[tuple[Pair, Grounds]]:
    here, there = _Stretches(mine, theirs), _Stretches(theirs, mine)
    for claim, its in alike:
        words = min(here.around(claim), there.around(its))
        if words >= STRETCH:
            reason = f"one passage: {words} words of narration around it stand in both articles"
            yield (claim, its), Grounds(reason, round(min(1.0, words / (2 * STRETCH)), 4))


def _one_text(mine: View, theirs: View) -> Grounds | None:
    """Why the two articles are copies of one text, or None."""
    if min(len(mine.narration), len(theirs.narration)) >= STRETCH:
        told, other = mine.told, theirs.told
        share = len(np.intersect1d(told, other, assume_unique=True)) / min(len(told), len(other))
        of, least = "of the narration of the shorter stands in the longer", WHOLE
    elif min(mine.length, theirs.length) >= STRETCH:
        both = len(np.intersect1d(mine.whole, theirs.whole, assume_unique=True))
        share = both / (len(mine.whole) + len(theirs.whole) - both)
        of, least = "of both texts, nearly all quotation, is the same", VERBATIM
    else:
        return None
    return Grounds(f"copies of one text: {share:.0%} {of}", round(share, 4)) if share >= least else None


class _Stretches:
    """The stretches of one article's narration that stand in another's too, but for a few words at a time."""

    def __init__(self, view: View, other: View) -> None:
        self._view = view
        shared = np.isin(view.runs, other.told)
        covered = np.zeros(len(view.narration), dtype=bool)
        for offset in range(SHINGLE):
            covered[offset : offset + len(shared)] |= shared
        at = np.flatnonzero(covered)
        cuts = [0, *(np.flatnonzero(np.diff(at) > GAP + 1) + 1).tolist(), len(at)]
        self._pieces = [(int(at[a]), int(at[b - 1]) + 1, b - a) for a, b in pairwise(cuts) if a < b]

    def around(self, claim: int) -> int:
        """Words of the longest stretch that a claim's passage overlaps or, where it is all quotation, touches."""
        start, end = self._view.span(claim)
        if self._view.claims[claim]["start"] < self._view.kept.headline:
            return 0
        if start == end:
            start, end = start - 1, end + 1
        return max((words for first, last, words in self._pieces if first < end and last > start), default=0)
