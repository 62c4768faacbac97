"""A threat's sentence in, out how it is bound: to a condition, or as an order already given.

Sub-kinds of the codebook's `threatened`, by the cues of `graph_data/lexicons/threats.tsv`. An order that is itself
bound to a condition counts as conditional: nobody is said to have ordered more than the words say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.extraction.cues import matches, negated
from app.extraction.lexicon import Cue, Lexicon
from app.extraction.wording import FURTHER_ACTS
from app.vocabulary.terms import ThreatKind

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_WHETHER = {"ask", "wonder", "know", "question", "doubt", "see", "decide", "unclear", "clear"}
"""After these "if" means whether."""
_IDIOMS = {"any", "necessary", "needed", "not", "so", "ever", "possible", "anything"}
"""After "if", and before a stop or comma, these make no condition ("few, if any")."""

_ANSWERS = {
    "answer", "respond", "meet", "repel", "punish", "avenge", "counter", "match", "return", "go", "remain", "bring",
    "draw", "face", "provoke", "trigger", "result", "lead", "cost", "carry", "treat", "deal", "consider", "unanswered",
    "unpunished", "regard",
}  # fmt: skip
"""What is done about an act, and what an act brings."""


def threat_kind(sentence: Span, lexicon: Lexicon) -> ThreatKind | None:
    """How the threat that a sentence reports is bound; None for a plain vow."""
    found = {
        ThreatKind(cue.kind)
        for first, fitting in matches(sentence, lexicon.threats)
        for cue, last in fitting
        if _holds(cue, first, last, lexicon)
    }
    return next((kind for kind in (ThreatKind.CONDITIONAL, ThreatKind.ORDERED) if kind in found), None)


def _holds(cue: Cue, first: Token, last: Token, lexicon: Lexicon) -> bool:
    if cue.frame == "clause":
        return _opens_condition(first)
    if cue.frame == "inverted":
        return _inverted(first, last)
    if cue.frame == "act":
        acts = [t for t in first.doc[last.i + 1 : last.i + 5] if _is_act(t, lexicon)]
        return any(_is_answered(act, general=first.lower_ in ("any", "every", "each")) for act in acts)
    if cue.frame == "repeat":
        return first.pos_ in ("NOUN", "VERB") and not any(c.dep_ in ("nsubj", "aux") for c in first.children)
    if cue.frame == "order":
        return first.pos_ == "VERB" and first.tag_ != "VB" and first.dep_ not in ("relcl", "acl") and not negated(first)
    return True


def _opens_condition(word: Token) -> bool:
    doc = word.doc
    before = doc[word.i - 1].lower_ if word.i > word.sent.start else ""
    after = doc[word.i + 1] if word.i + 1 < len(doc) else None
    idiom = (
        after is not None
        and after.lower_ in _IDIOMS
        and (after.i + 1 >= len(doc) or doc[after.i + 1].is_punct or doc[after.i + 1].is_space)
    )
    must = doc[word.i + 1 : word.i + 3].text.lower() in ("it must", "we must", "they must", "need be")
    whether = word.head.dep_ == "ccomp" and word.head.head.lemma_.lower() in _WHETHER
    return before not in ("as", "even") and not (idiom or must or whether)


def _inverted(first: Token, last: Token) -> bool:
    """True for "should they stay" and "were it to shell", where the subject follows; not for "they should stay"."""
    after = first.doc[first.i + 1] if first.i + 1 < len(first.doc) else None
    if after is None or last.i == after.i:
        return False
    return after.pos_ in ("DET", "PRON", "NUM", "PROPN", "NOUN") or after.lower_ == "even"


def _is_answered(act: Token, *, general: bool) -> bool:
    """True where an act is what would be answered ("further raids would be met"), false for "vowed further raids".

    "Another raid" after "retaliation for" has happened; "any raid" has not.
    """
    verb = act.head
    if act.dep_ in ("nsubj", "nsubjpass"):
        return verb.lemma_.lower() in _ANSWERS or any(c.lemma_.lower() in _ANSWERS for c in verb.children)
    if not general:
        return False
    if act.dep_ == "pobj":
        return verb.lower_ in ("to", "for", "after", "against")
    return act.dep_ == "dobj" and verb.lemma_.lower() in _ANSWERS


def _is_act(token: Token, lexicon: Lexicon) -> bool:
    lemma = token.lemma_.lower()
    return token.pos_ in ("NOUN", "PROPN") and (lemma in FURTHER_ACTS or lemma in lexicon.incident_nouns)
