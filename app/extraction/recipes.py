"""A choice of extractor in, the recipe for it out: its name, and a picklable call that makes it in any process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.extraction.base import Extractor
from app.extraction.hybrid import NAME as HYBRID
from app.extraction.hybrid import HybridExtractor
from app.extraction.llm import LlmExtractor, name_of
from app.extraction.llm_both import BothExtractor, both_name
from app.extraction.llm_endpoint import Accounts, Endpoint, Spending
from app.extraction.llm_instruction import Instruction
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
        spent: What the extractors made by it have taken from a language model's server since there is this recipe,
            in whichever process of this machine; None where they ask none.
    """

    name: str
    make: Callable[[], Extractor]
    spent: Callable[[], Spending] | None = None


def recipe(choice: str, data: Path, *, model: str | None = None, llm: Endpoint | None = None) -> Recipe:
    """The recipe for a choice of extractor.

    Args:
        choice: "hybrid"; "rules" (no trained model); "recorded:FOLDER" (annotations a person made); "llm" (a language
            model's server); "both" (hybrid and llm side by side) or "both:rules".
        data: The `graph_data` folder.
        model: A spaCy model in place of the one that comes with Polemos.
        llm: The language model's server, for llm and both.

    Raises:
        BadQuery: There is no such extractor, or it needs a server and none is named.
        BadData: An article that serves the language model as example is not there.
    """
    kind, _, rest = choice.partition(":")
    if kind == "hybrid" and not rest:
        return Recipe(HYBRID, partial(HybridExtractor.from_data, data, model=model))
    if kind == "rules" and not rest:
        return Recipe(RULES, partial(RulesExtractor.from_data, data, model=model))
    if kind == "recorded" and rest:
        return Recipe("recorded@1", partial(RecordedExtractor.from_folder, Path(rest)))
    if choice not in ("llm", "both", "both:hybrid", "both:rules"):
        raise BadQuery(f"there is no extractor {choice!r}; choose hybrid, rules, llm, both or recorded:FOLDER")
    if llm is None:
        raise BadQuery(
            f"the extractor {choice} sends articles to a language model's server, and none is named: set "
            "POLEMOS_LLM_URL and POLEMOS_LLM_MODEL"
        )
    accounts = Accounts.of_a_run(llm)
    name = name_of(llm, Instruction.load(data))
    ask = partial(LlmExtractor.from_data, data, llm, accounts)
    if choice == "llm":
        return Recipe(name, ask, accounts.spending)
    first = recipe(rest or "hybrid", data, model=model)
    return Recipe(both_name(first.name, name), partial(_both, first.make, ask), accounts.spending)


def _both(first: Callable[[], Extractor], llm: Callable[[], LlmExtractor]) -> Extractor:
    return BothExtractor(first(), llm())
