"""The rule-based extractor: cue words and dependency parses in, claims by the codebook out, refusals for the rest.

In: articles. Out: readings. It needs no network and no trained weights beyond the spaCy model, and abstains rather than
guesses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.extraction.base import ReadingBuilder
from app.extraction.cast import Cast
from app.extraction.coding import SentenceCoder
from app.extraction.explaining import Explanation, considered_claim, explanations
from app.extraction.findings import LEAST_CONFIDENCE, Finding, fill_targets, write_findings
from app.extraction.language import MAX_SENTENCE_TOKENS, ParsedArticle, parse
from app.extraction.lexicon import Lexicon
from app.extraction.speech import utterances
from app.extraction.study import Study
from app.extraction.views import ArticleView, article_view
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from spacy.tokens import Token

NAME = "rules@3"
"""Recorded with each reading; raise the number when the rules find other things, and articles are read anew."""


class RulesExtractor:
    """Claims from cue words, dependency parses and the gazetteer."""

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon, *, model: str | None = None) -> None:
        self._gazetteer, self._lexicon = gazetteer, lexicon
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
        for study in self.studies(articles):
            self.write(study, study.findings)
            yield study.builder.reading()

    def explain(self, articles: Iterable[Article]) -> Iterator[list[Explanation]]:
        """See `app.extraction.explaining`."""
        for study in self.studies(articles):
            self.write(study, study.findings)
            considered = [considered_claim(f, made=f.confidence >= LEAST_CONFIDENCE) for f in study.findings]
            yield explanations(study, considered, study.builder.refusals)

    def studies(self, articles: Iterable[Article], reader: str = NAME) -> Iterator[Study]:
        """What the rules make of each article before anything is written; the learned core reads on from here.

        `reader` is the extractor that the readings will be recorded under.
        """
        for parsed in parse(articles, self._gazetteer, self._model):
            yield self._study(parsed, reader)

    def view(self, study: Study) -> ArticleView:
        """The article as the learned core sees it."""
        return article_view(study.parsed, study.cast, study.said, study.findings, self._lexicon)

    def claims_by(self, verb: Token) -> bool:
        """Whether the subject of a verb says, accuses, denies or strikes back by it."""
        lemma, known = verb.lemma_.lower(), self._lexicon
        return any(lemma in words for words in (known.speech, known.accuse, known.deny, known.retaliate))

    def write(self, study: Study, findings: list[Finding]) -> None:
        """Put findings into the article's reading."""
        write_findings(study, findings, self._lexicon, self._gazetteer)

    def _study(self, parsed: ParsedArticle, reader: str) -> Study:
        cast = Cast(parsed, self._gazetteer, self._lexicon)
        study = Study(parsed, cast, ReadingBuilder(parsed.article, reader))
        for utterance in utterances(parsed, cast, self._lexicon):
            study.said.setdefault((utterance.part, utterance.sentence.start), []).append(utterance)
        for part, sentence in parsed.sentences():
            if len(sentence) > MAX_SENTENCE_TOKENS:
                detail = f"{len(sentence)} words; sentences of more than {MAX_SENTENCE_TOKENS} are not read"
                where = (part, sentence.start_char, sentence.end_char)
                study.builder.refuse(RefusalReason.SENTENCE_TOO_LONG, detail, *where)
                continue
            here = study.said.get((part, sentence.start), [])
            study.findings += SentenceCoder(part, sentence, here, cast, self._lexicon, study.builder).findings()
        fill_targets(study.findings)
        return study
