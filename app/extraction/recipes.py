"""A choice of extractor in, the recipe for it out: its name, and a picklable call that makes it in any process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.extraction.base import Extractor
from app.extraction.hybrid import NAME as HYBRID
from app.extraction.hybrid import HybridExtractor
from app.extraction.recorded import RecordedExtractor
from app.extraction.rules import NAME as RULES
from app.extraction.rules import RulesExtractor
from app.vocabulary.errors import BadQuery


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make an extractor, without having made it.

    Attributes:
        name: Name and version of the extractor it makes, known before it is made.
        make: Picklable, for worker processes; loading a model is its business.
    """

    name: str
    make: Callable[[], Extractor]


def recipe(choice: str, data: Path, *, model: str | None = None) -> Recipe:
    """The recipe for "hybrid", for "rules" (no trained model), or for "recorded:FOLDER" (annotations a person made).

    Args:
        choice: Which extractor.
        data: The `graph_data` folder.
        model: A spaCy model in place of the one that comes with Polemos.

    Raises:
        BadQuery: There is no such extractor.
    """
    kind, _, folder = choice.partition(":")
    if kind == "hybrid" and not folder:
        return Recipe(HYBRID, partial(HybridExtractor.from_data, data, model=model))
    if kind == "rules" and not folder:
        return Recipe(RULES, partial(RulesExtractor.from_data, data, model=model))
    if kind == "recorded" and folder:
        return Recipe("recorded@1", partial(RecordedExtractor.from_folder, Path(folder)))
    raise BadQuery(f"there is no extractor {choice!r}; choose hybrid, rules or recorded:FOLDER")
