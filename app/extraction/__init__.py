"""An article in, a reading out: the mentions, incidents and claims it holds, each with its exact quote, and refusals."""

from app.extraction.base import Extractor, ReadingBuilder

__all__ = ["Extractor", "ReadingBuilder"]
