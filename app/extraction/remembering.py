"""What the language model makes of a single word, remembered: news says most of its words over and over.

In: a loaded pipeline. Out: the same pipeline, whose every number and attribute is as before, to the bit. Two things
hang on one token alone: the vector it enters the network with, and the part of speech, morphology and lemma that follow
from its tag. Both are worked out once for each word in sight and looked up from then on, in tables of bounded size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.pipeline import AttributeRuler, Lemmatizer
    from spacy.tokens import Doc
    from spacy.vocab import Vocab
    from thinc.api import Model

MOST_WORDS = 40_000
"""Entries of a table; a full one is begun anew. Of vectors that many take 15 MB."""

_OF_THE_WORD = frozenset({"NORM", "PREFIX", "SUFFIX", "SHAPE", "IS_SPACE", "LOWER", "ORTH", "SPACY"})
"""Features of a token that its written form, its norm and the space behind it decide."""
_KEYS: list[int | str] = ["ORTH", "TAG", "DEP"]
_VALUES: list[int | str] = ["TAG", "DEP", "POS", "MORPH", "LEMMA"]
_LEMMA = _VALUES.index("LEMMA")
_ANY = -1
"""Stands in a key for each dependency that no rule tells from others."""

_Key = tuple[int, int, int]


def remember(nlp: Language) -> None:
    """Let a pipeline remember, as far as its parts are of the kinds known here; others are left as they are."""
    for _, component in nlp.pipeline:
        model = getattr(component, "model", None)
        for node in list(model.walk()) if model is not None else ():
            _remember_vectors(node, nlp.vocab)
    _remember_forms(nlp)


def _remember_vectors(node: Model[Any, Any], vocab: Vocab) -> None:
    """Put a memory before the first half of a network that embeds words and then mixes them with their neighbours."""
    if not (node.has_ref("embed") and node.has_ref("encode")) or node.layers[0] is not node.get_ref("embed"):
        return
    embed = node.layers[0]
    parts = list(embed.walk())
    columns = {name for part in parts if part.name == "extract_features" for name in part.attrs["columns"]}
    if columns and columns <= _OF_THE_WORD and embed.name.startswith("extract_features"):
        node.layers[0] = _Vectors(embed, vocab, spaced="SPACY" in columns).model()


class _Vectors:
    """The vectors that words enter a network with."""

    def __init__(self, embed: Model[Any, Any], vocab: Vocab, *, spaced: bool) -> None:
        self._embed, self._vocab = embed, vocab
        self._keys: list[int | str] = ["ORTH", "NORM", "SPACY"] if spaced else ["ORTH", "NORM"]
        self._rows: dict[tuple[int, ...], int] = {}
        self._table: NDArray[np.float32] | None = None
        self._lock = Lock()

    def model(self) -> Model[Any, Any]:
        """Itself as a layer."""
        from thinc.api import Model

        return Model("remembered_vectors", self._forward, layers=[self._embed], ops=self._embed.ops)

    def _forward(self, _: Model[Any, Any], docs: Sequence[Doc], is_train: bool) -> tuple[Any, Any]:
        if is_train:
            return self._embed(docs, is_train)
        with self._lock:
            return self._found(docs), _no_way_back

    def _found(self, docs: Sequence[Doc]) -> Any:  # noqa: ANN401  # what the layers of the network pass on
        asked = [list(zip(*doc.to_array(self._keys).T.tolist(), strict=True)) for doc in docs]
        new = list(dict.fromkeys(key for keys in asked for key in keys if key not in self._rows))
        if len(self._rows) + len(new) > MOST_WORDS:
            self._rows.clear()
            new = list(dict.fromkeys(key for keys in asked for key in keys))
        if len(new) > MOST_WORDS:
            return self._embed.predict(docs)
        if new:
            self._learn(new)
        table, rows = self._table, self._rows
        return [_taken(table, [rows[key] for key in keys]) for keys in asked]

    def _learn(self, new: Sequence[tuple[int, ...]]) -> None:
        from spacy.tokens import Doc

        strings = self._vocab.strings
        words = [strings[orth] for orth, *_ in new]
        doc = Doc(self._vocab, words=words, spaces=[bool(space[0]) if space else True for _, _, *space in new])
        for token, (_, norm, *_) in zip(doc, new, strict=True):
            if token.norm != norm:
                token.norm_ = strings[norm]
        (vectors,) = self._embed.predict([doc])
        if self._table is None:
            self._table = np.empty((MOST_WORDS, vectors.shape[1]), vectors.dtype)
        first = len(self._rows)
        self._table[first : first + len(new)] = vectors
        self._rows.update(zip(new, range(first, first + len(new)), strict=True))


def _taken(table: NDArray[np.float32] | None, rows: Sequence[int]) -> NDArray[np.float32]:
    if table is None:
        return np.zeros((0, 0), np.float32)
    return np.asarray(table[rows]) if rows else np.zeros((0, table.shape[1]), table.dtype)


def _no_way_back(_: object) -> Sequence[Doc]:
    raise RuntimeError("remembered vectors cannot be trained")


FORMS = "remembered_forms"
"""The name of the part that stands for the attribute ruler and the lemmatiser."""


def parts_of(nlp: Language) -> dict[str, Any]:
    """The parts of a pipeline by name, with those that a memory stands for."""
    parts: dict[str, Any] = dict(nlp.pipeline)
    forms = parts.pop(FORMS, None)
    if forms is not None:
        parts |= {"attribute_ruler": forms.ruler, "lemmatizer": forms.lemmatizer}
    return parts


def _remember_forms(nlp: Language) -> None:
    """Put one memory in the place of the attribute ruler and the lemmatiser, where the one follows the other."""
    from spacy.lang.en.lemmatizer import EnglishLemmatizer
    from spacy.language import Language
    from spacy.pipeline import AttributeRuler

    for name, after in pairwise(nlp.pipe_names):
        ruler: Any = nlp.get_pipe(name)
        lemmatizer: Any = nlp.get_pipe(after)
        if type(ruler) is AttributeRuler and type(lemmatizer) is EnglishLemmatizer:
            sets = {attribute for attributes in ruler.attrs for attribute in attributes}
            if lemmatizer.mode == "rule" and not lemmatizer.overwrite and sets <= _places(nlp.vocab).keys():
                Language.factory(FORMS, func=_forms)
                nlp.add_pipe(FORMS, before=name, config={"ruler": name, "lemmatizer": after})
                for replaced in (name, after):
                    nlp.disable_pipe(replaced)
            return


def _forms(nlp: Language, name: str, ruler: str, lemmatizer: str) -> _Forms:
    parts: tuple[Any, Any] = nlp.get_pipe(ruler), nlp.get_pipe(lemmatizer)
    return _Forms(nlp.vocab, *parts)


def _places(vocab: Vocab) -> dict[int, int]:
    """The place in `_VALUES` of each attribute by its number in spaCy."""
    return {vocab.strings[str(value)]: at for at, value in enumerate(_VALUES)}


class _Forms:
    """What the attribute ruler and the lemmatiser make of a token.

    Most rules of the former look at one token; what follows from these is remembered, with the lemma. The few that look
    at several are looked for in each text.
    """

    def __init__(self, vocab: Vocab, ruler: AttributeRuler, lemmatizer: Lemmatizer) -> None:
        from spacy.matcher import Matcher

        self._place = _places(vocab)
        self.ruler, self.lemmatizer = ruler, lemmatizer
        self._vocab = vocab
        self._alone, self._together = Matcher(vocab), Matcher(vocab)
        self._heeded: set[int] | None = set()
        rules: list[Any] = list(ruler.patterns)
        for number, rule in enumerate(rules):
            alone = [pattern for pattern in rule["patterns"] if len(pattern) == 1]
            together = [pattern for pattern in rule["patterns"] if len(pattern) != 1]
            for matcher, patterns in ((self._alone, alone), (self._together, together)):
                if patterns:
                    matcher.add(str(number), patterns)
            for (token,) in alone:
                self._heed(token.get("DEP", ()))
        self._known: dict[_Key, tuple[list[int], list[int]]] = {}
        self._lock = Lock()
        # The lemmatiser only asks whether a word is among these, and they are lists of tens of thousands of words.
        index = lemmatizer.lookups.get_table("lemma_index", {})
        for part in list(index):
            index[part] = frozenset(index[part])

    def _heed(self, wanted: Any) -> None:  # noqa: ANN401  # whatever a rule may ask of a token
        """Note which dependencies a rule tells apart; all of them where that cannot be told."""
        if isinstance(wanted, dict) and not set(wanted) <= {"IN", "NOT_IN"}:
            self._heeded = None
        elif self._heeded is not None:
            names = [wanted] if isinstance(wanted, str) else chain(*wanted.values()) if wanted else ()
            self._heeded.update(self._vocab.strings.add(name) for name in names)

    def __call__(self, doc: Doc) -> Doc:
        """Set what follows from the tags of a text's tokens."""
        if len(doc):
            with self._lock:
                self._set(doc)
        return doc

    def _set(self, doc: Doc) -> None:
        given: list[list[int]] = doc.to_array(_KEYS).tolist()
        heeded = self._heeded
        keys = [(word, tag, dep if heeded is None or dep in heeded else _ANY) for word, tag, dep in given]
        new = {key: row for key, row in zip(keys, given, strict=True) if key not in self._known}
        if len(self._known) + len(new) > MOST_WORDS:
            self._known.clear()
            new = dict(zip(keys, given, strict=True))
        if new:
            self._learn(new)
        found = [self._known[key] for key in keys]
        # Where no rule sets the dependency, it stays as it was.
        values = [[tag, dep or own, *rest] for (_, _, own), ((tag, dep, *rest), _) in zip(given, found, strict=True)]
        unnamed = []
        for at, rules in self._with_others(doc).items():
            values[at] = self._applied([given[at][1], given[at][2], 0, 0, 0], {*found[at][1], *rules})
            if not values[at][_LEMMA]:
                unnamed.append(at)
        _set(doc, values)
        for at in unnamed:
            doc[at].lemma_ = self.lemmatizer.lemmatize(doc[at])[0]

    def _with_others(self, doc: Doc) -> dict[int, list[int]]:
        """The tokens that rules about several tokens set something of, each with the numbers of the rules."""
        found: dict[int, list[int]] = {}
        for match, start, end in self._together(doc, allow_missing=True):
            number = int(self._vocab.strings[match])
            found.setdefault(range(start, end)[self.ruler.indices[number]], []).append(number)
        return found

    def _applied(self, row: list[int], rules: Iterable[int]) -> list[int]:
        """What rules make of the values of a token, in their order: a later one has the last word."""
        for number in sorted(rules):
            for attribute, value in self.ruler.attrs[number].items():
                row[self._place[attribute]] = value
        return row

    def _learn(self, new: Mapping[_Key, Sequence[int]]) -> None:
        from spacy.tokens import Doc

        strings = self._vocab.strings
        words, tags, deps = ([strings[one] for one in some] for some in zip(*new.values(), strict=True))
        doc = Doc(self._vocab, words=words, tags=tags, deps=deps, heads=list(range(len(words))))
        rules: list[list[int]] = [[] for _ in words]
        for match, start, _ in self._alone(doc, allow_missing=True):
            rules[start].append(int(strings[match]))
        # No dependency is given here: that tells where a rule sets one.
        rows = [self._applied([tag, 0, 0, 0, 0], some) for (_, tag, _), some in zip(new.values(), rules, strict=True)]
        _set(doc, rows)
        self.lemmatizer(doc)
        for key, row, some, token in zip(new, rows, rules, doc, strict=True):
            row[_LEMMA] = token.lemma
            self._known[key] = row, some


def _set(doc: Doc, values: Sequence[Sequence[int]]) -> None:
    numbers: Any = np.array(values, np.uint64)
    doc.from_array(_VALUES, numbers)
