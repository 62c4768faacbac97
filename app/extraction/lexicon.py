"""The cue words of claims, read from `graph_data/lexicons/`: rows a person without programming can add.

In: tab-separated files, each row with an example sentence and what is to be found in it (each is a test). Out: cues and
word lists, immutable.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.vocabulary.errors import BadData
from app.vocabulary.terms import AcknowledgementKind, ThreatKind


@dataclass(frozen=True, slots=True)
class Cue:
    """A word or phrase that marks a claim.

    Attributes:
        words: Its lemmas, in order; up to three other words may stand between two of them.
        frame: How its arguments are found (`graph_data/lexicons/README.md` lists the frames).
        weight: How often it marks a claim, by the coder's judgement, 0 to 1; the base of the claim's confidence.
        kind: What kind of threat or acknowledgement it marks; "" for a cue of claims.
    """

    words: tuple[str, ...]
    frame: str
    weight: float = 1.0
    kind: str = ""

    @property
    def name(self) -> str:
        """The words as one."""
        return " ".join(self.words)


class Lexicon:
    """Every list extraction reads."""

    def __init__(self, folder: Path) -> None:
        """Read the files.

        Raises:
            BadData: A file is missing or a row is not as it should be; the message names file and line.
        """
        self.accuse = _cues(folder / "accuse.tsv")
        self.deny = _cues(folder / "deny.tsv")
        self.retaliate = _cues(folder / "retaliate.tsv")
        self.threats = _cues(folder / "threats.tsv", ThreatKind)
        self.acknowledgements = _cues(folder / "acknowledgements.tsv", AcknowledgementKind)
        self.speech = {row["word"]: row["kind"] for row in _rows(folder / "speech.tsv")}
        self.harm = {row["word"]: float(row["weight"]) for row in _rows(folder / "harm.tsv")}
        self.actor_nouns = {row["word"]: row["kind"] for row in _rows(folder / "actor_nouns.tsv")}
        self.incident_nouns = {row["word"]: row["type"] for row in _rows(folder / "incidents.tsv")}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
            met: dict[str, int] = {}
            for row in reader:
                if None in row or None in row.values():
                    raise BadData(f"{path}, line {reader.line_num}: expected {len(reader.fieldnames or [])} columns")
                # The first column names the row; of two of one name, one would be passed over without a word.
                name = " ".join(next(iter(row.values())).split())
                if name in met:
                    raise BadData(f"{path}, line {reader.line_num}: {name!r} stands in line {met[name]} already")
                met[name] = reader.line_num
                yield row
    except (OSError, UnicodeDecodeError, csv.Error) as why:
        raise BadData(f"{path} cannot be read as a tab-separated UTF-8 file: {why}") from why


def _cues(path: Path, kinds: type[StrEnum] | None = None) -> dict[str, list[Cue]]:
    """Cues by their first word; `kinds` are those that the column `kind` may name."""
    found: dict[str, list[Cue]] = {}
    for row in _rows(path):
        words = tuple(row["cue"].split())
        try:
            cue = Cue(words, row["frame"], float(row.get("weight", 1)), kinds(row["kind"]) if kinds is not None else "")
        except ValueError as why:
            raise BadData(f"{path}: {row['cue']!r} has a weight that is no number, or no such kind: {why}") from why
        found.setdefault(words[0], []).append(cue)
    for cues in found.values():
        cues.sort(key=lambda cue: -len(cue.words))
    return found
