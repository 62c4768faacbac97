"""The rule-based extractor: cue words and dependency parses in, claims by the codebook out, refusals for the rest.

In: articles. Out: readings. It needs no network and no trained weights beyond the spaCy model, and abstains rather than
guesses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from app.extraction.actors import Cast
from app.extraction.base import ReadingBuilder
from app.extraction.coding import SentenceCoder
from app.extraction.findings import Finding, write_findings
from app.extraction.language import MAX_SENTENCE_TOKENS, ParsedArticle, parse
from app.extraction.lexicon import Lexicon
from app.extraction.speech import Utterance, utterances
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Part, Reading
from app.vocabulary.terms import RefusalReason

NAME = "rules@1"
"""Recorded with each reading; raise the number when the rules find other things, and articles are read anew."""


class RulesExtractor:
    """Claims from cue words, dependency parses and the gazetteer."""

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon, *, model: str | None = None) -> None:
        self._gazetteer = gazetteer
        self._lexicon = lexicon
        self._model = model

    @classmethod
    def from_data(cls, data: Path, *, model: str | None = None) -> RulesExtractor:
        """Make one from a `graph_data` folder; the spaCy model is loaded when the first article is read."""
        return cls(Gazetteer.load(data / "gazetteers"), Lexicon(data / "lexicons"), model=model)

    @property
    def name(self) -> str:
        """The word rules and their version."""
        return NAME

    def read(self, articles: Iterable[Article]) -> Iterator[Reading]:
        """One reading per article."""
        for parsed in parse(articles, self._gazetteer, self._model):
            yield self._read(parsed)

    def _read(self, parsed: ParsedArticle) -> Reading:
        cast = Cast(parsed, self._gazetteer, self._lexicon)
        builder = ReadingBuilder(parsed.article, self.name)
        said: dict[tuple[Part, int], list[Utterance]] = {}
        for utterance in utterances(parsed, cast, self._lexicon):
            said.setdefault((utterance.part, utterance.sentence.start), []).append(utterance)
        findings: list[Finding] = []
        for part, sentence in parsed.sentences():
            if len(sentence) > MAX_SENTENCE_TOKENS:
                detail = f"{len(sentence)} words; sentences of more than {MAX_SENTENCE_TOKENS} are not read"
                builder.refuse(RefusalReason.SENTENCE_TOO_LONG, detail, part, sentence.start_char, sentence.end_char)
                continue
            here = said.get((part, sentence.start), [])
            coder = SentenceCoder(part, sentence, here, cast, self._lexicon, builder)
            findings += coder.findings()
        write_findings(builder, parsed, cast, findings, self._lexicon, self._gazetteer)
        return builder.reading()
