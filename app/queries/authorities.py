"""A claim in, the body that finds in it out: a court, a commission of inquiry, a panel of experts, or none.

Which bodies they are is data, `graph_data/lexicons/findings.tsv`: words of a name, the kind of body, whether it
adjudicates. A row of kind `none` says that a name with these words is no such body, whatever other words it holds.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.graph import ConflictGraph, ResolvedClaim
from app.vocabulary.errors import BadData

NONE = "none"
_SHIPPED = Path(__file__).resolve().parents[2] / "graph_data" / "lexicons" / "findings.tsv"


@dataclass(frozen=True, slots=True)
class Authority:
    """A body whose accusation or rejection is listed as a finding.

    Attributes:
        name: As the graph knows it.
        kind: What sort of body ("court", "panel_of_experts").
        adjudicates: True for courts and tribunals alone.
    """

    name: str
    kind: str
    adjudicates: bool


class Authorities:
    """The bodies of the lexicon."""

    def __init__(self, rows: dict[str, tuple[str, bool]]) -> None:
        """Take words → (kind, whether it adjudicates)."""
        self._rows = rows
        words = sorted(rows, key=lambda one: (-len(one), one))
        self._words = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-])", re.IGNORECASE)

    @classmethod
    def load(cls, path: Path) -> Authorities:
        """Read the lexicon.

        Raises:
            BadData: The file is missing, or a row is not as it should be; the message names file and line.
        """
        rows: dict[str, tuple[str, bool]] = {}
        try:
            with path.open(encoding="utf-8", newline="") as lines:
                reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
                for row in reader:
                    words, kind, adjudicates = (row.get(column) for column in ("words", "kind", "adjudicates"))
                    if not words or words in rows or not kind or adjudicates not in ("yes", "no"):
                        raise BadData(f"{path}, line {reader.line_num}: expected new words, a kind, and yes or no")
                    rows[words] = kind, adjudicates == "yes"
        except (OSError, UnicodeDecodeError, csv.Error) as why:
            raise BadData(f"{path} cannot be read as a tab-separated UTF-8 file: {why}") from why
        return cls(rows)

    def named(self, name: str) -> Authority | None:
        """The body that bears this name; the longest words of the lexicon decide, and `none` before all others."""
        found = [self._rows[words.casefold()] for words in self._words.findall(name)]
        if not found or any(kind == NONE for kind, _ in found):
            return None
        kind, adjudicates = found[0]
        return Authority(name, kind, adjudicates)

    def of(self, graph: ConflictGraph, claim: ResolvedClaim) -> Authority | None:
        """The body that speaks in a claim: its speaker, the body named, or its source."""
        for actor in dict.fromkeys((claim.source_named, claim.speaker, claim.source)):
            found = self.named(graph.actors[actor].name) if actor is not None else None
            if found is not None:
                return found
        return None


@cache
def shipped() -> Authorities:
    """The lexicon that came with the program."""
    return Authorities.load(_SHIPPED)
