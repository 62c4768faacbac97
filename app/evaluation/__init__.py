"""Annotated articles and their readings in, figures out: how often an extractor finds what a careful reader finds.

It reads nothing itself and keeps nothing. What is measured, and how, is the codebook's section Scoring.
"""

from app.evaluation.annotated import AnnotatedArticle, read_annotated, stated
from app.evaluation.comparison import Comparison
from app.evaluation.measuring import Evaluation, evaluate
from app.evaluation.mistakes import KINDS, Mistake, first_of_each, mistakes
from app.evaluation.names import Naming
from app.evaluation.page import HELD_OUT, TRAINING, filled
from app.evaluation.tables import summary, tables

__all__ = [
    "HELD_OUT",
    "KINDS",
    "TRAINING",
    "AnnotatedArticle",
    "Comparison",
    "Evaluation",
    "Mistake",
    "Naming",
    "evaluate",
    "filled",
    "first_of_each",
    "mistakes",
    "read_annotated",
    "stated",
    "summary",
    "tables",
]
