"""A quote in, the places of its words in the article out: passages are compared by the words that they share there."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

Place = tuple[int, int]
"""Words from the first to before the last, counted through title and text."""

_WORD = re.compile(r"\w+")
_OPENING, _CLOSING, _EITHER = "“«", "”»", '"'

# A stop, what closes with it, white space, and what begins like a sentence.
_SENTENCE_END = re.compile(r"""(?P<stop>[.!?…])["'”’»)\]]*\s+(?=["'“‘«(\[]*[A-Z0-9])""")
_SHORT = frozenset(
    """mr mrs ms dr prof gen lt col maj sgt capt cmdr adm brig sen rep gov amb hon rev st no vs jr sr min
    jan feb mar apr jun jul aug sep sept oct nov dec""".split()
)


class ArticleWords:
    """The words of title and text, one after the other, and where quotes stand among them."""

    def __init__(self, title: str, text: str) -> None:
        self.whole = f"{title}\n{text}"
        self._starts: list[int] = []
        self._ends: list[int] = []
        for word in _WORD.finditer(self.whole):
            self._starts.append(word.start())
            self._ends.append(word.end())
        self.title_words = bisect_left(self._starts, len(title))

    @cached_property
    def _folded(self) -> list[str]:
        return [self.whole[a:b].casefold() for a, b in zip(self._starts, self._ends, strict=True)]

    def places(self, quote: str) -> tuple[Place, ...]:
        """Wherever a quote stands to the letter; where nowhere, wherever its words follow each other."""
        exact = tuple(self._exactly(quote))
        if exact:
            return exact
        wanted = [word.casefold() for word in _WORD.findall(quote)]
        if not wanted:
            return ()
        last = len(self._folded) - len(wanted)
        return tuple((at, at + len(wanted)) for at in range(last + 1) if self._folded[at : at + len(wanted)] == wanted)

    def _exactly(self, quote: str) -> Iterator[Place]:
        at = self.whole.find(quote) if quote else -1
        while at >= 0:
            place = self._between(at, at + len(quote))
            if place[0] < place[1]:
                yield place
            at = self.whole.find(quote, at + 1)

    def _between(self, start: int, end: int) -> Place:
        """The words of which some letter lies between two offsets."""
        return bisect_right(self._ends, start), bisect_left(self._starts, end)

    @cached_property
    def _quoted(self) -> list[bool]:
        """For each word, whether it stands between double quotation marks.

        A mark that is not closed reaches to the end of its paragraph: news opens each paragraph of a long quotation and
        closes the last only.
        """
        quoted = [False] * len(self._starts)
        at = 0
        for line in self.whole.splitlines(keepends=True):
            opened: int | None = None
            for offset, letter in enumerate(line):
                if opened is None and letter in _OPENING + _EITHER:
                    opened = offset
                elif opened is not None and letter in _CLOSING + _EITHER:
                    self._mark(quoted, at + opened, at + offset)
                    opened = None
            if opened is not None:
                self._mark(quoted, at + opened, at + len(line))
            at += len(line)
        return quoted

    def _mark(self, quoted: list[bool], start: int, end: int) -> None:
        first, last = self._between(start, end)
        quoted[first:last] = [True] * (last - first)

    def quoted_share(self, place: Place) -> float:
        """The share of a passage's words that stand between quotation marks."""
        inside = self._quoted[place[0] : place[1]]
        return sum(inside) / len(inside) if inside else 0.0


def shared_words(ours: Sequence[Place], theirs: Sequence[Place]) -> int:
    """The most words that two quotes share at any of their places; 0 where they do not meet."""
    shared = (min(a[1], b[1]) - max(a[0], b[0]) for a in ours for b in theirs)
    return max(0, max(shared, default=0))


def sentences(quote: str) -> int:
    """About how many sentences a quote holds: stops after titles, months and initials do not count, lines do."""
    count = 0
    for line in filter(str.strip, quote.splitlines()):
        count += 1
        for end in _SENTENCE_END.finditer(line.strip()):
            before = re.search(r"[\w.]*\Z", line.strip()[: end.start("stop")])
            word = before[0] if before is not None else ""
            if end["stop"] != "." or not (word.casefold() in _SHORT or re.fullmatch(r"(?:[A-Za-z]\.)*[A-Z]", word)):
                count += 1
    return count
