"""What the yardsticks share: where the data lies, an extractor run over short texts, figures, and the table of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TypeVar

from app.extraction import Extractor, recipe
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Mention, Reading
from app.vocabulary.terms import ClaimType, Modality

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "graph_data"
BATCH = 64

_T = TypeVar("_T")


class Absent(Exception):
    """The data of a yardstick is not here."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes:
        ours: Named numbers; shares between 0 and 1, unless the name says otherwise.
        published: What is published for it, and for what; "–" where nothing comparable is.
        n: How many things the figure is over.
        note: What to keep in mind when the two are read side by side.
    """

    yardstick: str
    what: str
    ours: dict[str, float]
    published: str
    n: int
    note: str = ""

    def as_dict(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


class Bench:
    """The data's folder, and what reads the texts in it.

    Attributes:
        limit: At most so many texts of each yardstick, spread evenly over its file; all where None.
    """

    def __init__(
        self,
        folder: Path,
        *,
        extractor: str | Extractor = "rules",
        gazetteer: Gazetteer | None = None,
        limit: int | None = None,
    ) -> None:
        self._folder = folder
        self._extractor = extractor
        self._gazetteer = gazetteer
        self.limit = limit

    def file(self, *parts: str) -> Path:
        """A file or folder of the data.

        Raises:
            Absent: It is not there.
        """
        path = self._folder.joinpath(*parts)
        if not path.exists():
            raise Absent(f"no {'/'.join(parts)} in {self._folder}")
        return path

    def spread(self, items: Sequence[_T]) -> list[_T]:
        """As many as the limit allows, evenly from the whole, always the same ones."""
        if self.limit is None or len(items) <= self.limit:
            return list(items)
        return [items[i * len(items) // self.limit] for i in range(self.limit)]

    @cached_property
    def extractor(self) -> Extractor:
        """The chosen extractor, made when first needed."""
        if isinstance(self._extractor, str):
            return recipe(self._extractor, DATA).make()
        return self._extractor

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The names."""
        return self._gazetteer or Gazetteer.load(DATA / "gazetteers")

    def readings(self, articles: Iterable[Article]) -> Iterator[Reading]:
        """One reading per article, read in batches; progress goes to a terminal only."""
        waiting = iter(articles)
        done = 0
        while batch := list(islice(waiting, BATCH)):
            yield from self.extractor.read(batch)
            done += len(batch)
            if sys.stderr.isatty():
                print(f"\r{done} texts read", end="", file=sys.stderr, flush=True)
        if done and sys.stderr.isatty():
            print("\r" + " " * 30, end="\r", file=sys.stderr)


@dataclass(frozen=True, slots=True)
class Tie:
    """A claim as these data sets see one: who, what, against whom. Each end goes by the names our reading gives it.

    Attributes:
        source: Speaker and source actor.
        target: Target actor and the target as named; empty where the claim leaves it open.
        start: Where its passage begins in the text; -1 for a headline's.
    """

    type: ClaimType
    modality: Modality
    source: tuple[Mention, ...]
    target: tuple[Mention, ...]
    start: int
    end: int

    @property
    def speaker_names(self) -> tuple[str, ...]:
        """What the source goes by."""
        return tuple(mention.name for mention in self.source)

    @property
    def target_names(self) -> tuple[str, ...]:
        """What the target goes by."""
        return tuple(mention.name for mention in self.target)


def ties(reading: Reading) -> list[Tie]:
    """The claims of a reading."""
    mentions = {mention.id: mention for mention in reading.mentions}
    found = []
    for claim in reading.claims:
        targets = tuple(dict.fromkeys(m for m in (claim.target, claim.target_named) if m is not None))
        at = claim.evidence
        bounds = (at.start, at.end) if at.part == "text" else (-1, -1)
        found.append(
            Tie(
                claim.type,
                claim.modality,
                tuple(mentions[m] for m in dict.fromkeys((claim.speaker, claim.source))),
                tuple(mentions[m] for m in targets),
                *bounds,
            )
        )
    return found


def share(part: int, whole: int) -> float:
    """A share; 0 of nothing is 0."""
    return round(part / whole, 4) if whole else 0.0


def prf(hits: int, found: int, wanted: int, *, recalled: int | None = None) -> dict[str, float]:
    """Precision, recall and F1; `recalled` where what is found and what is wanted are counted in different units."""
    precision, recall = share(hits, found), share(hits if recalled is None else recalled, wanted)
    both = precision + recall
    return {"P": precision, "R": recall, "F1": round(2 * precision * recall / both, 4) if both else 0.0}


def table(figures: list[Figure]) -> str:
    """The figures as lines of text, in columns."""
    head = ("yardstick", "figure", "ours", "published", "n", "note")
    rows = [head, tuple("-" * len(name) for name in head)]
    for figure in figures:
        ours = " ".join(f"{name} {value:{'.1f' if value > 1 else '.3f'}}" for name, value in figure.ours.items())
        rows.append((figure.yardstick, figure.what, ours, figure.published, str(figure.n), figure.note))
    widths = [max(len(row[i]) for row in rows) for i in range(len(head) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    )
