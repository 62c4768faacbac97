"""Who accuses whom: numbers that describe every actor as source and as target of a claim that a sentence may make.

In: an `ArticleView` and the encoder's scores. Out: a `Table`, which gives for a sentence and a claim type one row of
features per actor (as source) and, given a source, one row per other actor and one for "nobody named" (as target).
The trees that judge the rows (`trees.py`) see no names: only where an actor stands, how it is spoken of, what the
encoder and the rules think of it here, and what it says and is said to have done in the rest of the article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.extraction.actors import Ref
from app.extraction.encoder import HOWS, SOURCE, TARGET, SentenceScores, chance
from app.extraction.views import ANAPHORS, SYNTAX, TYPES, ArticleView, MentionView
from app.vocabulary.terms import ActorKind

Array = NDArray[np.float64]

_KINDS = (
    ActorKind.STATE,
    ActorKind.ARMED_GROUP,
    ActorKind.POLITICAL_GROUP,
    ActorKind.INTERNATIONAL_ORGANISATION,
    ActorKind.PERSON,
    ActorKind.UNKNOWN,
)
_HERE, _ANAPHOR, _NEAR, _TITLE, _BEST, _ALL = range(6)
"""Where the encoder's belief in an actor comes from: names here, anaphors here, nearby, headline; best one; sum."""

_OF_SOURCE = 12
"""So many of a source's own features are shown again with each of its possible targets."""

FAR = 20


@dataclass(slots=True)
class Table:
    """Features of the actors of one article; see the module.

    Attributes:
        actors: Names, in order of first mention: rows of every array here.
        types: Probability that a sentence makes a claim of a type, shape (sentences, 3).
    """

    view: ArticleView
    scores: Mapping[int, SentenceScores]
    actors: list[str] = field(default_factory=list)
    types: Array = field(default_factory=lambda: np.zeros((0, 3)))
    _at: dict[str, int] = field(default_factory=dict)
    _own: list[dict[int, list[tuple[int, MentionView]]]] = field(default_factory=list)
    _belief: list[Array] = field(default_factory=list)
    _nobody: Array = field(default_factory=lambda: np.zeros((0, 3, 2)))
    _played: Array = field(default_factory=lambda: np.zeros((0, 3, 2, 0)))
    _pairs: Array = field(default_factory=lambda: np.zeros((0, 3, 0, 0)))
    _all_pairs: Array = field(default_factory=lambda: np.zeros((3, 0, 0)))
    _rules: Array = field(default_factory=lambda: np.zeros((3, 0, 1)))
    _actor_columns: Array = field(default_factory=lambda: np.zeros((0, 0)))
    _bases: dict[int, Array] = field(default_factory=dict)
    _last: tuple[tuple[int, int, int], Array] | None = None

    def __post_init__(self) -> None:
        """Sum up the whole article once."""
        self._name_actors()
        count, n = len(self.view.sentences), len(self.actors)
        self.types = np.zeros((count, len(TYPES)))
        self._nobody = np.zeros((count, len(TYPES), 2))
        self._played = np.zeros((count, len(TYPES), 2, n))
        for k in range(count):
            scores = self.scores.get(k)
            self._belief.append(np.zeros((n, 6, len(TYPES), 2)))
            if scores is not None:
                self.types[k] = chance(scores)
                self._believe(k, scores)
        source, target = self._played[:, :, SOURCE], self._played[:, :, TARGET]
        weight = np.where(self.types > 0.05, 1 / np.maximum(self.types, 1e-6), 0.0)
        self._pairs = source[..., :, None] * target[..., None, :] * weight[..., None, None]
        self._pairs[..., np.arange(n), np.arange(n)] = 0
        self._all_pairs = self._pairs.sum(0)
        self._add_rules()

    # ---- once per article ----

    def _name_actors(self) -> None:
        counted: Counter[str] = Counter()
        kinds: dict[str, ActorKind] = {}
        titled: set[str] = set()
        for k, sentence in enumerate(self.view.sentences):
            self._own.append({})
            for number, mention in enumerate(sentence.mentions):
                name = mention.ref.actor
                if name not in self._at:
                    self._at[name] = len(self.actors)
                    self.actors.append(name)
                    kinds[name] = mention.ref.actor_kind
                self._own[k].setdefault(self._at[name], []).append((number, mention))
                counted[name] += mention.ref.how not in ANAPHORS
                if sentence.part == "title":
                    titled.add(name)
        rank = {name: place for place, (name, _) in enumerate(counted.most_common())}
        self._actor_columns = np.array(
            [
                [
                    name in titled,
                    name == self.view.home,
                    min(3.0, np.log1p(counted[name])),
                    rank.get(name, FAR),
                    *(kinds[name] is kind for kind in _KINDS),
                ]
                for name in self.actors
            ],
            dtype=float,
        ).reshape(len(self.actors), 4 + len(_KINDS))

    def _believe(self, k: int, scores: SentenceScores) -> None:
        """Turn the encoder's scores of mentions into shares of belief per actor, and note what actors play here."""
        logits = np.concatenate([scores.parts, scores.nobody[None]]).astype(float)
        shares = np.exp(logits - logits.max(0))
        shares /= shares.sum(0)
        self._nobody[k] = shares[-1]
        belief = self._belief[k]
        if scores.mentions:
            refs = [self.view.sentences[sentence].mentions[mention].ref for sentence, mention in scores.mentions]
            rows = [self._at[ref.actor] for ref in refs]
            kinds = [self._where(k, sentence, ref) for (sentence, _), ref in zip(scores.mentions, refs, strict=True)]
            np.add.at(belief, (rows, kinds), shares[:-1])
            np.add.at(belief, (rows, _ALL), shares[:-1])
            np.maximum.at(belief, (rows, _BEST), shares[:-1])
        for part in (SOURCE, TARGET):
            self._played[k, :, part] = self.types[k][:, None] * belief[:, _ALL, :, part].T

    def _where(self, k: int, sentence: int, ref: Ref) -> int:
        if sentence == k:
            return _ANAPHOR if ref.how in ANAPHORS else _HERE
        return _TITLE if self.view.sentences[sentence].part == "title" else _NEAR

    def _add_rules(self) -> None:
        n = len(self.actors)
        self._rules = np.zeros((len(TYPES), n, n + 1))
        for sentence in self.view.sentences:
            for kind, source, target, confidence in sentence.rules:
                i = self._at.get(source)
                j = self._at.get(target, n) if target is not None else n
                if i is not None:
                    self._rules[kind, i, j] += confidence

    # ---- once per sentence ----

    def mention(self, k: int, actor: int, kind: int, part: int) -> tuple[int, int] | None:
        """Sentence and number of the mention that makes an actor source or target here; None where none is in sight."""
        scores = self.scores[k]
        best: tuple[float, tuple[int, int]] | None = None
        for place, logits in zip(scores.mentions, scores.parts[:, kind, part], strict=True):
            if self._at[self.view.sentences[place[0]].mentions[place[1]].ref.actor] == actor:
                # A name in the sentence itself is the better witness, whatever the encoder prefers.
                value = float(logits) + 100 * (place[0] == k)
                if best is None or value > best[0]:
                    best = value, place
        return best[1] if best is not None else None

    def first(self, actor: int) -> tuple[int, int]:
        """Sentence and number of the first mention of an actor in the article."""
        return next((k, own[actor][0][0]) for k, own in enumerate(self._own) if actor in own)

    def _sentence(self, k: int, kind: int) -> list[float]:
        sentence = self.view.sentences[k]
        return [
            *self.types[k],
            float(sentence.part == "title"),
            k / max(1, len(self.view.sentences)),
            min(1.0, len(self._own[k]) / 6),
            sentence.quoted,
            float(sentence.anaphors),
            float(bool(sentence.speakers)),
            min(2.0, (sentence.end - sentence.start) / 200),
            *(float(kind == other) for other in range(len(TYPES))),
        ]

    def _base(self, k: int) -> Array:
        """Features of every actor at a sentence that hang on neither type nor part."""
        if k in self._bases:
            return self._bases[k]
        sentence, n = self.view.sentences[k], len(self.actors)
        length = max(1, sentence.end - sentence.start)
        columns = np.zeros((n, 13 + len(HOWS)))
        columns[:, 3] = 1.0
        columns[:, 7] = -1.0
        columns[:, 12] = FAR
        for i, mentions in self._own[k].items():
            refs = [mention.ref for _, mention in mentions]
            quoted = [mention.quoted for _, mention in mentions]
            columns[i, :6] = (
                any(ref.how not in ANAPHORS for ref in refs),
                1,
                max(ref.certainty for ref in refs),
                (min(ref.start for ref in refs) - sentence.start) / length,
                any(quoted),
                all(quoted),
            )
            columns[i, 13:] = [any(ref.how == how for ref in refs) for how in HOWS]
        for name, certainty, own_verb in sentence.speakers:
            if name in self._at:
                i = self._at[name]
                columns[i, 6] = max(columns[i, 6], certainty)
                columns[i, 7] = own_verb
        for back in (1, 2):
            if self._same_part(k, k - back):
                for name, *_ in self.view.sentences[k - back].speakers:
                    if name in self._at:
                        columns[self._at[name], 7 + back] = 1
        for back in range(1, min(k, FAR) + 1):
            if self._same_part(k, k - back):
                for i in self._own[k - back]:
                    columns[i, 12] = min(columns[i, 12], back)
        played = self._played
        around = np.zeros((n, 5))
        for back in (1, 2):
            if self._same_part(k, k - back):
                around[:, 2 * back - 2] = played[k - back, :, SOURCE].sum(0)
                around[:, 2 * back - 1] = played[k - back, :, TARGET].sum(0)
        if k + 1 < len(self.view.sentences):
            around[:, 4] = played[k + 1, :, SOURCE].sum(0)
        elsewhere = played.sum(0) - played[k]
        self._bases[k] = np.hstack(
            [columns, self._actor_columns, around, elsewhere[:, SOURCE].T, elsewhere[:, TARGET].T]
        )
        return self._bases[k]

    def _same_part(self, k: int, other: int) -> bool:
        return other >= 0 and self.view.sentences[other].part == self.view.sentences[k].part

    def _role(self, k: int, kind: int, part: int) -> Array:
        """What the encoder and the rules think of every actor in one part."""
        belief, other = self._belief[k][:, :, kind, part], self._belief[k][:, :, kind, 1 - part]
        total = belief[:, _ALL]
        best = total.max(initial=0.0)
        rank = (total[None, :] > total[:, None]).sum(1)
        syntax = np.full((len(self.actors), len(SYNTAX)), -1.0)
        logits = {
            m: z
            for (s, m), z in zip(self.scores[k].mentions, self.scores[k].parts[:, kind, part], strict=True)
            if s == k
        }
        for i, mentions in self._own[k].items():
            seen = [(logits[number], number) for number, _ in mentions if number in logits]
            if seen:
                syntax[i] = self.view.sentences[k].mentions[max(seen)[1]].syntax
        n = len(self.actors)
        rules = np.zeros((n, 4))
        for found, source, target, confidence in self.view.sentences[k].rules:
            column = 0 if found == kind else 2
            for name, offset in ((source, 0), (target, 1)):
                if name is not None and name in self._at:
                    cell = self._at[name], column + offset
                    rules[cell] = max(rules[cell], confidence)
        others = np.zeros((n, 2))
        for third in range(len(TYPES)):
            if third != kind:
                others += self.types[k][third] * self._belief[k][:, _ALL, third, :]
        return np.column_stack(
            [
                belief,
                total / max(best, 1e-6),
                rank,
                other[:, _ALL],
                other[:, _HERE] + other[:, _ANAPHOR],
                np.full(n, self._nobody[k, kind, part]),
                np.full(n, self._nobody[k, kind, 1 - part]),
                syntax,
                rules,
                others,
            ]
        )

    def _rows(self, k: int, kind: int, part: int) -> Array:
        if self._last is not None and self._last[0] == (k, kind, part):
            return self._last[1]
        shared = np.tile(self._sentence(k, kind), (len(self.actors), 1))
        # Kept for the next source of the same sentence and type.
        self._last = (k, kind, part), np.hstack([shared, self._base(k), self._role(k, kind, part)])
        return self._last[1]

    def sources(self, k: int, kind: int) -> Array:
        """One row per actor: is it the source of a claim of this type in this sentence?"""
        return self._rows(k, kind, SOURCE)

    def targets(self, k: int, kind: int, source: int) -> tuple[Array, list[int | None]]:
        """One row per possible target of a claim by `source`, the open target last, and which actor each row is."""
        n = len(self.actors)
        here, everywhere = self._pairs[k], self._all_pairs
        accuse, deny, retaliate = range(len(TYPES))
        pair = np.zeros((n, 15))
        for column, type_ in ((0, accuse), (2, deny), (4, retaliate)):
            pair[:, column] = everywhere[type_, source] - here[type_, source]
            pair[:, column + 1] = everywhere[type_, :, source] - here[type_, :, source]
        pair[:, 6] = self._rules[kind, source, :n]
        pair[:, 7] = self._rules[accuse, :n, source]
        pair[:, 8] = self._rules[accuse, source, :n]
        pair[:, 9] = self._pairs[:k, accuse, :, source].sum(0)
        pair[:, 10] = self._pairs[:k, accuse, source].sum(0)
        for column, values in ((11, pair[:, 1]), (12, pair[:, 0])):
            pair[:, column] = (values >= values.max(initial=0.0)) & (values > 0.05)
        pair[:, 13] = self._rules[kind, source, n]
        for found, by, target, confidence in self.view.sentences[k].rules:
            if found == kind and self._at.get(by) == source and target is not None and target in self._at:
                pair[self._at[target], 14] = max(pair[self._at[target], 14], confidence)
        rows = np.hstack([self._rows(k, kind, TARGET), pair, np.zeros((n, 1 + _OF_SOURCE))])
        open_ = np.zeros((1, rows.shape[1]))
        shared = len(self._sentence(k, kind))
        open_[0, :shared] = self._sentence(k, kind)
        open_[0, -1 - _OF_SOURCE] = 1
        kept = [i for i in range(n) if i != source]
        rows = np.vstack([rows[kept], open_])
        rows[:, -_OF_SOURCE:] = self._base(k)[source, :_OF_SOURCE]
        return rows, [*kept, None]

    def claim(self, k: int, kind: int, source: int, target: int | None, chances: list[float]) -> Array:
        """Features of one possible claim, for the last judge; `chances` are what the earlier judges said of it."""
        base = self._base(k)
        aimed = base[target, :_OF_SOURCE] if target is not None else np.full(_OF_SOURCE, -1.0)
        own = [target is None, len(self.actors)]
        return np.concatenate([self._sentence(k, kind), chances, base[source, :_OF_SOURCE], aimed, own])
