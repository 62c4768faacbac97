"""The cue test: what the words of an article alone tell of whether reading it can find anything, before any parse.

In: an article's tokens. Out: `Signs`. Parsing and the encoder cost a hundred times as much, and most news holds no
claim. The test looks for every written form that the language model's lemmatiser may bring back to a word of the
lexicons, so that where it sees no cue the rules see none; what the learned core reads besides is held by paragraphs
that complete a cue's frame or put a deed into somebody's mouth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from app.extraction.actors import name_matcher
from app.extraction.cues import width_before
from app.extraction.language import MAX_SENTENCE_TOKENS
from app.extraction.lexicon import Cue, Lexicon
from app.extraction.remembering import parts_of
from app.extraction.wording import CLAIM_NOUNS, CRIME, FALSE, FUTURE, MUTUAL
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Part

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_HARMFUL = 0.6
"""Words of harm of less weight ("cut", "send") are too common to be a sign by themselves."""
_COMMON = frozenset({"charge", "charge with", "indict", "claim"})
"""Cues that courts, shops and insurers use more than accusers do; they are a sign beside a deed."""
_WRONG = re.compile(r"persecut|oppress|repress|harass|mistreat|discriminat")
"""Wrongs that are no crimes by their names, and no cues."""
_STOPS = frozenset({".", "!", "?"})
_FEW_STOPS = 3
_SPARE = 10
"""Where the longest sentence that is read, less these, holds so few stops, a longer one may stand."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What the words of an article tell.

    Attributes:
        cue: A rule may find or refuse something by a cue; or a sentence may be too long to be read.
        told: Somebody may be told to have said that somebody did harm.
        likely: Parts and offsets of the paragraphs in which a claim is likely.
    """

    cue: bool
    told: bool
    likely: tuple[tuple[Part, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Form:
    """A cue by the written forms of its words: `rest` holds those of the later words, each with its distance."""

    cue: Cue
    rest: tuple[tuple[frozenset[str], int], ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A stretch of words up to a stop, and what they may tell.

    Attributes:
        first: Place of its first word in the paragraph.
        last: One past the place of its last.
        words: The words, each once.
        passage: The words in order.
        grave: They may tell of a grave wrong.
        deed: Or of any act that the lexicon knows.
        said: They may tell what somebody says.
        harm: They may tell of what the rules take for harm.
        names: Names in it that the gazetteer knows; one within another counts too.
    """

    first: int
    last: int
    words: frozenset[str]
    passage: str
    grave: bool
    deed: bool
    said: bool
    harm: bool
    names: frozenset[str]


class CueTest:
    """Looks for signs; made once for a pipeline and its lexicons."""

    def __init__(self, nlp: Language, lexicon: Lexicon, gazetteer: Gazetteer) -> None:
        """Work out all written forms; without a rule lemmatiser they cannot be told, and every article has signs."""
        self._forms = _written_forms(nlp)
        self._names = name_matcher(nlp.vocab, gazetteer)
        self._cues: dict[str, list[_Form]] = {}
        for cues in (lexicon.accuse, lexicon.deny, lexicon.retaliate, lexicon.acknowledgements):
            for cue in (cue for some in cues.values() for cue in some):
                self._add(cue)
        self._speech = self._of(lexicon.speech) | {"according"}
        self._acts = self._of(lexicon.incident_nouns)
        self._harm = self._of(lexicon.harm) | {"behind", "responsible", "blame", "guilty", "complicit", "work"}
        self._grave = self._of(word for word, weight in lexicon.harm.items() if weight >= _HARMFUL)
        self._claimed = self._of(CLAIM_NOUNS)

    def of(self, title: Doc, text: Doc) -> Signs:
        """The signs of an article, from its tokens."""
        if self._forms is None:
            return Signs(True, True, (("title", 0, len(title.text)), ("text", 0, len(text.text))))
        cue = any(MUTUAL.search(doc.text) is not None or _may_be_too_long(doc) for doc in (title, text))
        plain: list[tuple[Part, int, int]] = []
        complete: list[tuple[Part, int, int]] = []
        speech = harm = named = False
        parts: tuple[tuple[Part, Doc], ...] = (("title", title), ("text", text))
        for part, doc in parts:
            names = [(doc[start].idx, doc[start:end].text) for _, start, end in self._names(doc)]
            named = named or bool(names)
            for places, words in _paragraphs(doc):
                standing = list(self._standing(words))
                cue = cue or bool(standing)
                for sentence in self._sentences(places, words, names):
                    speech, harm = speech or sentence.said, harm or sentence.harm
                    here = [(at, form) for at, form in standing if sentence.first <= at < sentence.last]
                    needed = [self._has_what_it_needs(form, words, at, sentence) for at, form in here]
                    end = places[sentence.last - 1] + len(words[sentence.last - 1])
                    if None in needed:
                        plain.append((part, places[sentence.first], end))
                    elif True in needed or (sentence.said and (sentence.grave or len(sentence.names) > 1)):
                        complete.append((part, places[sentence.first], end))
        # Of news that names nobody the gazetteer knows, only cues that need nothing beside them are a sign.
        return Signs(cue, speech and harm, tuple(sorted(plain + complete) if named else plain))

    def _sentences(
        self, places: Sequence[int], words: Sequence[str], names: Sequence[tuple[int, str]]
    ) -> Iterator[_Sentence]:
        """The sentences of a paragraph, cut at stops: good enough to look for signs in."""
        ends = [at + 1 for at, word in enumerate(words) if word in _STOPS]
        for first, last in pairwise(dict.fromkeys([0, *ends, len(words)])):
            own, passage = frozenset(words[first:last]), " ".join(words[first:last])
            crime = CRIME.search(passage) is not None
            grave = crime or _WRONG.search(passage) is not None or not own.isdisjoint(self._grave)
            yield _Sentence(
                first,
                last,
                own,
                passage,
                grave=grave,
                deed=grave or not own.isdisjoint(self._acts),
                said=not own.isdisjoint(self._speech),
                harm=crime or not own.isdisjoint(self._harm),
                names=frozenset(name for at, name in names if places[first] <= at <= places[last - 1]),
            )

    def _standing(self, words: Sequence[str]) -> Iterator[tuple[int, _Form]]:
        """Cues that may stand in a paragraph, each with the place of its first word."""
        for at, word in enumerate(words):
            for form in self._cues.get(word, ()):
                ends = {at}
                for wanted, width in form.rest:
                    near = {k for end in ends for k in range(end + 1, min(len(words), end + 1 + width))}
                    ends = {k for k in near if words[k] in wanted}
                if ends:
                    yield at, form

    def _has_what_it_needs(self, form: _Form, words: Sequence[str], at: int, sentence: _Sentence) -> bool | None:
        """Whether what a cue's frame needs stands in its sentence; None where it needs nothing."""
        frame = form.cue.frame
        if frame == "object:crime":
            return CRIME.search(" ".join(words[at : at + 30])) is not None
        if frame == "content:claim":
            return not sentence.words.isdisjoint(self._claimed)
        if frame == "subject:claim":
            return not sentence.words.isdisjoint(self._claimed) or FALSE.search(sentence.passage) is not None
        if frame == "threat:will":
            return FUTURE.search(sentence.passage) is not None
        about = sentence.deed or bool(sentence.names)
        if frame.startswith("said"):
            return sentence.said and about
        if frame == "object:act" or frame.startswith("prep") or form.cue.name in _COMMON:
            return about
        if frame == "own":
            return about or "responsibility" in sentence.words
        return None

    def _add(self, cue: Cue) -> None:
        first, *later = cue.words
        rest = tuple((self._of([word]), width_before(word)) for word in later)
        for written in self._of([first]):
            self._cues.setdefault(written, []).append(_Form(cue, rest))

    def _of(self, words: Iterable[str]) -> frozenset[str]:
        forms = self._forms
        return frozenset(form for word in words for form in forms(word)) if forms is not None else frozenset()


def _written_forms(nlp: Language) -> Callable[[str], frozenset[str]] | None:
    """What tells every written form, in small letters, that the pipeline may take for a lemma; None where none can.

    The rule lemmatiser looks a form up, or puts another ending on it; words of its own the attribute ruler brings in.
    """
    parts = parts_of(nlp)
    lemmatizer = parts.get("lemmatizer")
    if getattr(lemmatizer, "mode", None) != "rule" or lemmatizer is None:
        return None
    known: dict[str, set[str]] = {}
    for table in lemmatizer.lookups.get_table("lemma_exc").values():
        for form, lemmas in table.items():
            for lemma in lemmas:
                known.setdefault(lemma.lower(), set()).add(form if isinstance(form, str) else nlp.vocab.strings[form])
    for rule in parts["attribute_ruler"].patterns if "attribute_ruler" in parts else ():
        if "LEMMA" in rule["attrs"]:
            for pattern in rule["patterns"]:
                wanted = pattern[rule["index"]].get("LOWER")
                forms = {wanted} if isinstance(wanted, str) else set(wanted.get("IN", ())) if wanted else set()
                if isinstance(wanted, dict) and "REGEX" in wanted:
                    written = {form.lower() for form in getattr(nlp.tokenizer, "rules", None) or ()}
                    forms = {form for form in written if re.search(wanted["REGEX"], form)}
                known.setdefault(rule["attrs"]["LEMMA"].lower(), set()).update(forms)
    endings = {tuple(pair) for pairs in lemmatizer.lookups.get_table("lemma_rules").values() for pair in pairs}

    def of(lemma: str) -> frozenset[str]:
        stems = ((lemma[: len(lemma) - len(new)], old) for old, new in endings if lemma.endswith(new))
        return frozenset({lemma, *known.get(lemma, ()), *(stem + old for stem, old in stems)})

    return of


def _paragraphs(doc: Doc) -> Iterator[tuple[list[int], list[str]]]:
    """Where the words of each paragraph stand, and the words in small letters."""
    places: list[int] = []
    words: list[str] = []
    for token in doc:
        if not token.is_space:
            places.append(token.idx)
            words.append(token.lower_)
        elif "\n" in token.text and words:
            yield places, words
            places, words = [], []
    if words:
        yield places, words


def _may_be_too_long(doc: Doc) -> bool:
    """Whether some sentence may be longer than those that are read: so many tokens with hardly a stop or line break."""
    ends = [0] * _FEW_STOPS
    for token in doc:
        if "\n" in token.text:
            ends = [token.i] * _FEW_STOPS
        elif token.text in _STOPS:
            ends = [*ends[1:], token.i]
        if token.i - ends[0] > MAX_SENTENCE_TOKENS - _SPARE:
            return True
    return False
