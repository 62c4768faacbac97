"""An article in, a reading out: its mentions, incidents and claims, each with its exact quote, and what was refused."""

from app.extraction.base import Extractor, ReadingBuilder
from app.extraction.recipes import Recipe, recipe
from app.extraction.recorded import annotation, recorded

__all__ = ["Extractor", "ReadingBuilder", "Recipe", "annotation", "recipe", "recorded"]
