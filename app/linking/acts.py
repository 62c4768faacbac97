"""Words for what is done to others in, acts and their kinships out: a blast is a bombing, a mortar a bombardment.

Two articles seldom call one incident by the same word. The lexicon `graph_data/lexicons/acts.tsv` says which words name
one act, and which acts are akin: of one event an article may tell the shots and another the deaths.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

from app.vocabulary.errors import BadData

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("d", ""), ("ing", ""), ("ing", "e"))
_LONGEST = 3
"""Words in the longest phrase of the lexicon."""


class Kinship(IntEnum):
    """How the acts of two incidents stand to each other."""

    UNKNOWN = 0
    OTHER = 1
    AKIN = 2
    SAME = 3


class Acts:
    """The lexicon, read once. A set of acts is a number with one bit each, which is small and quick to compare."""

    def __init__(self, rows: dict[str, tuple[str, frozenset[str]]]) -> None:
        """`rows` gives for each word or phrase its act, and the kins of that act."""
        self.names = sorted({act for act, _ in rows.values()})
        bits = {act: 1 << number for number, act in enumerate(self.names)}
        kins: dict[str, frozenset[str]] = {}
        for act, kin in rows.values():
            kins[act] = kins.get(act, frozenset()) | kin
        self._words = {word: bits[act] for word, (act, _) in rows.items()}
        self._akin = {
            bit: sum(other for name, other in bits.items() if kins[name] & kins[act]) for act, bit in bits.items()
        }

    @classmethod
    def load(cls, path: Path) -> Acts:
        """Read `acts.tsv`: a word or phrase, the act it names, and the kins of that act separated by `|`.

        Raises:
            BadData: The file is missing, or a row is not as it should be; the message names file and line.
        """
        rows: dict[str, tuple[str, frozenset[str]]] = {}
        try:
            with path.open(encoding="utf-8", newline="") as lines:
                reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
                for row in reader:
                    word, act, kin = (row.get(column) for column in ("word", "act", "kin"))
                    if not word or not act or not kin or word in rows:
                        raise BadData(f"{path}, line {reader.line_num}: expected a new word, its act and its kin")
                    rows[word] = act, frozenset(kin.split("|"))
        except (OSError, UnicodeDecodeError, csv.Error) as why:
            raise BadData(f"{path} cannot be read as a tab-separated UTF-8 file: {why}") from why
        return cls(rows)

    def named(self, text: str) -> int:
        """The acts that words of a text name, the longest phrase first."""
        found, _ = self.divided(text)
        return found

    def divided(self, text: str) -> tuple[int, list[str]]:
        """The acts a text names, and its other words: "bombing of a ferry" → bombing, [of, a, ferry]."""
        words = _WORD.findall(text.casefold())
        found, rest, at = 0, [], 0
        while at < len(words):
            for length in range(min(_LONGEST, len(words) - at), 0, -1):
                act = self._act(words[at : at + length])
                if act:
                    found |= act
                    at += length
                    break
            else:
                rest.append(words[at])
                at += 1
        return found, rest

    def kinship(self, ours: int, theirs: int) -> Kinship:
        """How two sets of acts stand to each other; an empty set is akin to nothing known."""
        if not ours or not theirs:
            return Kinship.UNKNOWN
        if ours & theirs:
            return Kinship.SAME
        return Kinship.AKIN if self.kin(ours) & theirs else Kinship.OTHER

    def kin(self, acts: int) -> int:
        """The acts akin to some act of a set, itself included."""
        found = 0
        for bit in _bits(acts):
            found |= self._akin[bit]
        return found

    def words(self, acts: int) -> str:
        """The acts of a set by name: "bombing, killing"."""
        return ", ".join(self.names[bit.bit_length() - 1] for bit in _bits(acts))

    def _act(self, words: list[str]) -> int:
        head, last = words[:-1], words[-1]
        act = self._words.get(" ".join(words), 0)
        for ending, instead in _ENDINGS:
            if act:
                break
            stem = last.removesuffix(ending)
            if stem != last and len(stem) >= 3:
                act = self._words.get(" ".join((*head, stem + instead)), 0)
                if not act and len(stem) > 3 and stem[-1] == stem[-2]:  # "rammed", "robbing"
                    act = self._words.get(" ".join((*head, stem[:-1])), 0)
        return act


def _bits(acts: int) -> Iterator[int]:
    while acts:
        bit = acts & -acts
        yield bit
        acts ^= bit
