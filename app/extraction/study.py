"""An article with everything that parser, gazetteer and rules know of it, before anything of it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.extraction.base import ReadingBuilder
from app.extraction.cast import Cast
from app.extraction.findings import Finding
from app.extraction.language import ParsedArticle
from app.extraction.speech import Utterance
from app.vocabulary.records import Part


@dataclass(slots=True)
class Study:
    """An article with all that rules and gazetteers know of it.

    Attributes:
        said: Utterances by part and index of the sentence's first token.
        findings: Claims in the making, in order.
    """

    parsed: ParsedArticle
    cast: Cast
    builder: ReadingBuilder
    said: dict[tuple[Part, int], list[Utterance]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
