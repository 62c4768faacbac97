"""The rule-based extractor: cue words and dependency parses in, claims by the codebook out, refusals for the rest.

In: articles. Out: readings. It needs no network and no trained weights beyond the spaCy model, and abstains rather than
guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.extraction.base import ReadingBuilder
from app.extraction.cast import Cast
from app.extraction.coding import SentenceCoder
from app.extraction.explaining import Explanation, considered_claim, explanations
from app.extraction.findings import LEAST_CONFIDENCE, Finding, fill_targets, write_findings
from app.extraction.language import MAX_SENTENCE_TOKENS, ParsedArticle, is_full, parse, parse_tokens, pipeline
from app.extraction.lexicon import Lexicon
from app.extraction.signs import CueTest, Signs
from app.extraction.speech import utterances
from app.extraction.study import Study
from app.extraction.views import ArticleView, article_view
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

NAME = "rules@3"
"""Recorded with each reading; raise the number when the rules find other things, and articles are read anew."""

MOST_WAITING = 64
"""So many articles are taken at most before the first of them is given."""


class RulesExtractor:
    """Claims from cue words, dependency parses and the gazetteer."""

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon, *, model: str | None = None, sift: bool = True) -> None:
        """Read with these lexicons.

        Args:
            gazetteer: The names it knows.
            lexicon: Its cue words.
            model: A spaCy model in place of the one that came along.
            sift: Parse only articles that show signs of a claim (`app.extraction.signs`); the readings are the same.
        """
        self._gazetteer, self._lexicon = gazetteer, lexicon
        self._model, self._sift = model, sift
        self._test: CueTest | None = None

    @classmethod
    def from_data(cls, data: Path, *, model: str | None = None, sift: bool = True) -> RulesExtractor:
        """Make one from a `graph_data` folder; the spaCy model is loaded when the first article is read."""
        return cls(Gazetteer.load(data / "gazetteers"), Lexicon(data / "lexicons"), model=model, sift=sift)

    @property
    def name(self) -> str:
        """The word rules and their version."""
        return NAME

    def read(self, articles: Iterable[Article]) -> Iterator[Reading]:
        """One reading per article."""
        for article, _, study in self.sifted(articles, NAME, lambda signs: signs.cue or signs.told):
            if study is None:
                yield ReadingBuilder(article, NAME).reading()
                continue
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

    def sifted(
        self, articles: Iterable[Article], reader: str, worth: Callable[[Signs], bool]
    ) -> Iterator[tuple[Article, Signs | None, Study | None]]:
        """Each article in order with its signs, and what the rules make of it where those are worth a parse.

        Args:
            articles: Articles; at most some dozens are taken before the first is given.
            reader: The extractor that the readings will be recorded under.
            worth: Whether signs are worth a parse; not asked, and the signs are None, where nothing is to be sifted.
        """
        if not self._sift:
            yield from ((study.parsed.article, None, study) for study in self.studies(articles, reader))
            return
        nlp = pipeline(self._model)
        if self._test is None:
            self._test = CueTest(nlp, self._lexicon, self._gazetteer)
        waiting: list[tuple[Article, Signs, bool]] = []
        tokens: list[tuple[Article, Doc]] = []
        held = 0
        for article in articles:
            text = nlp.make_doc(article.text)
            signs = self._test.of(nlp.make_doc(article.title), text)
            parsed = worth(signs)
            waiting.append((article, signs, parsed))
            if parsed:
                tokens.append((article, text))
                held += len(article.text)
            if is_full(len(tokens), held) or len(waiting) == MOST_WAITING:
                yield from self._studied(waiting, tokens, nlp, reader)
                waiting, tokens, held = [], [], 0
        yield from self._studied(waiting, tokens, nlp, reader)

    def _studied(
        self, waiting: list[tuple[Article, Signs, bool]], tokens: list[tuple[Article, Doc]], nlp: Language, reader: str
    ) -> Iterator[tuple[Article, Signs, Study | None]]:
        parses = parse_tokens(tokens, self._gazetteer, nlp)
        for article, signs, parsed in waiting:
            yield article, signs, self._study(next(parses), reader) if parsed else None

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
