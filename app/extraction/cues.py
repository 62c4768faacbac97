"""A sentence and a lexicon in, the places where cues stand out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from app.extraction.language import words
from app.extraction.lexicon import Cue

if TYPE_CHECKING:
    from spacy.tokens import Span, Token


def matches(sentence: Span, cues: Mapping[str, Sequence[Cue]]) -> Iterator[tuple[Token, list[tuple[Cue, Token]]]]:
    """Tokens at which cues start, each with the cues that fit, longest first, and their last token.

    `cues` holds them by their first word (`Lexicon`).
    """
    known = words(sentence.doc)
    first = {i for i in range(sentence.start, sentence.end) if known[i][0] in cues or known[i][1] in cues}
    if not first:
        return
    tokens = [t for t in sentence if not t.is_space]
    for i, token in enumerate(tokens):
        if token.i not in first:
            continue
        fitting: list[tuple[Cue, Token]] = []
        for word in dict.fromkeys(known[token.i]):
            for cue in cues.get(word, ()):
                last = _follow(tokens, i, cue)
                if last is not None and all(cue is not other for other, _ in fitting):
                    fitting.append((cue, last))
        if fitting:
            fitting.sort(key=lambda pair: -len(pair[0].words))
            yield token, fitting


def negated(verb: Token) -> bool:
    """True for "did not accuse", "stopped short of blaming", "declined to blame"."""
    here = verb
    for _ in range(5):
        if any(c.dep_ == "neg" or c.lower_ in ("never", "no") for c in here.children if c.i <= verb.i):
            return True
        if here.i != verb.i and here.lemma_ in ("stop", "refuse", "decline", "fail", "avoid", "refrain"):
            return True
        if here.dep_ not in ("xcomp", "pcomp", "prep", "aux", "advmod"):
            return False
        here = here.head
    return False


def width_before(word: str) -> int:
    """Within how many tokens a later word of a cue must come: a preposition may stand further off."""
    return 14 if word in ("on", "to", "at", "with", "as") else 9


def _follow(tokens: list[Token], at: int, cue: Cue) -> Token | None:
    """The last token of a cue that starts at a token; others may stand between its words, more before a preposition."""
    for wanted in cue.words[1:]:
        window = tokens[at + 1 : at + 1 + width_before(wanted)]
        step = next((k for k, t in enumerate(window) if wanted in (t.lemma_.lower(), t.lower_)), None)
        if step is None:
            return None
        at += step + 1
    return tokens[at]
