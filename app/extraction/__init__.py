"""An article in, a reading out: its mentions, incidents and claims, each with its exact quote, and what was refused."""

from app.extraction.base import Extractor, ReadingBuilder
from app.extraction.llm_endpoint import Endpoint, Spending
from app.extraction.recipes import Recipe, recipe
from app.extraction.recorded import annotation, recorded

__all__ = ["Endpoint", "Extractor", "ReadingBuilder", "Recipe", "Spending", "annotation", "recipe", "recorded"]
