"""Who says what: for each sentence, whose words they are, in reported speech, quotation and "according to".

In: a parsed article and its cast. Out: `Utterance`s. A quotation without a verb of saying in its own sentence belongs
to the speaker of its paragraph, and a paragraph that opens with a quotation to the speaker before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.extraction.actors import Ref
from app.extraction.cast import Cast
from app.extraction.language import MAX_SENTENCE_TOKENS, ParsedArticle, words
from app.extraction.lexicon import Lexicon
from app.vocabulary.records import Part

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_SUBJECTS = ("nsubj", "csubj", "expl")


@dataclass(slots=True)
class Utterance:
    """One stretch of somebody's words.

    Attributes:
        speakers: Who says it; several where the sentence coordinates them; empty where nobody can be told.
        content: The tokens of what is said.
        verb: The verb of saying, or None for a quotation that goes on.
        kind: say, claim, vow, ask, deny … (`graph_data/lexicons/speech.tsv`).
    """

    part: Part
    sentence: Span
    speakers: list[Ref]
    content: list[Token]
    verb: Token | None
    kind: str


def innermost(utterances: Iterable[Utterance], token: Token) -> Utterance | None:
    """The utterance closest around a token, of those whose content holds it; None where nobody says it."""
    holding = [u for u in utterances if any(t.i == token.i for t in u.content)]
    return min(holding, key=lambda u: len(u.content), default=None)


def subjects(token: Token) -> list[Token]:
    """The subject tokens of a verb, its own or inherited from the verb it is coordinated with or subordinate to."""
    seen = 0
    here = token
    while seen < 5:
        own = [child for child in here.children if child.dep_ in _SUBJECTS]
        if own:
            return own
        if any(child.dep_ == "nsubjpass" for child in here.children) and here is not token:
            return [child for child in here.children if child.dep_ == "nsubjpass"]
        if here.dep_ in ("conj", "xcomp", "advcl", "pcomp", "dep", "prep", "ccomp", "aux") and here.head is not here:
            if here.dep_ == "ccomp" and here is token:
                return []
            here = here.head
        elif here.dep_ in ("relcl", "acl") and here.head is not here:
            return [here.head]
        else:
            return []
        seen += 1
    return []


def utterances(parsed: ParsedArticle, cast: Cast, lexicon: Lexicon) -> list[Utterance]:
    """Every utterance of an article, in order."""
    found: list[Utterance] = []
    last: list[Ref] = []
    last_paragraph = -1
    for part, sentence in parsed.sentences():
        if len(sentence) > MAX_SENTENCE_TOKENS:
            continue
        here = _in_sentence(part, sentence, cast, lexicon)
        paragraph = parsed.paragraph_of(sentence.start_char) if part == "text" else -1
        quoted = _quoted_tokens(parsed, part, sentence)
        if not here and quoted:
            nearby = last if last_paragraph in (paragraph, paragraph - 1) else []
            opens = bool(quoted) and quoted[0].i <= sentence.start + 1
            if nearby and (opens or last_paragraph == paragraph):
                speakers = [replace(ref, certainty=ref.certainty * 0.85) for ref in nearby]
                here = [Utterance(part, sentence, speakers, quoted, None, "say")]
        found += here
        speakers = next((u.speakers for u in here if u.speakers), [])
        if speakers:
            last, last_paragraph = speakers, paragraph
    return _look_ahead(parsed, found)


def _look_ahead(parsed: ParsedArticle, found: list[Utterance]) -> list[Utterance]:
    """Give the first sentences of a quotation the speaker its end names: “A. B,” X said."""
    known = {(u.part, u.sentence.start) for u in found}
    for quote in parsed.quotes:
        inside = [
            s for s in parsed.text.sents if s.start_char < quote.end and s.end_char > quote.start and s.text.strip()
        ]
        named = next(
            (u for u in found if u.part == "text" and u.speakers and any(u.sentence == s for s in inside)), None
        )
        if named is None:
            continue
        for sentence in inside:
            if ("text", sentence.start) not in known:
                tokens = [t for t in sentence if quote.start <= t.idx < quote.end]
                found.append(Utterance("text", sentence, named.speakers, tokens, None, named.kind))
                known.add(("text", sentence.start))
    found.sort(key=lambda u: (u.part != "title", u.sentence.start, u.verb.i if u.verb is not None else -1))
    return found


def _quoted_tokens(parsed: ParsedArticle, part: Part, sentence: Span) -> list[Token]:
    if part == "title":
        return []
    quotes = [q for q in parsed.quotes if q.start < sentence.end_char and q.end > sentence.start_char]
    return [t for t in sentence if any(q.start <= t.idx < q.end for q in quotes)] if quotes else []


def _in_sentence(part: Part, sentence: Span, cast: Cast, lexicon: Lexicon) -> list[Utterance]:
    known, doc = words(sentence.doc), sentence.doc
    verbs = [
        doc[i]
        for i in range(sentence.start, sentence.end)
        if known[i][0] in lexicon.speech
        and doc[i].pos_ == "VERB"
        and not any(child.dep_ == "neg" for child in doc[i].children)
    ]
    found = []
    for verb in verbs:
        heads = subjects(verb) or _inverted(verb)
        if not heads or (any(head.lower_ in ("who", "which", "that") for head in heads) and verb.dep_ != "relcl"):
            continue
        speakers = [ref for head in heads for ref in cast.resolve(part, head)]
        own = {t.i for head in heads for t in head.subtree if t.i < verb.i or head.i > verb.i} | {verb.i}
        clauses = [c for c in verb.children if c.dep_ in ("ccomp", "xcomp") and c.i != verb.i]
        if clauses:
            content = sorted({t.i for c in clauses for t in c.subtree} - {verb.i})
        elif verb.dep_ in ("parataxis", "ccomp", "ROOT", "dep") or len(verbs) == 1:
            content = [t.i for t in sentence if t.i not in own]
        else:
            content = [t.i for t in verb.subtree if t.i not in own]
        if verb.dep_ in ("parataxis",) or (verb.dep_ == "ROOT" and not clauses):
            content = [t.i for t in sentence if t.i not in own]
        tokens = [sentence.doc[i] for i in content]
        found.append(Utterance(part, sentence, speakers, tokens, verb, lexicon.speech[verb.lemma_.lower()]))
    for i in range(sentence.start, sentence.end - 1):
        if known[i][1] == "according" and known[i + 1][1] == "to":
            token = doc[i]
            pobj = next((t for t in token.subtree if t.dep_ == "pobj" and t.head.lower_ == "to"), None)
            if pobj is not None:
                own = {t.i for t in token.subtree}
                content_tokens = [t for t in sentence if t.i not in own]
                speakers = cast.resolve(part, pobj)
                found.append(Utterance(part, sentence, speakers, content_tokens, None, "say"))
    return found


def _inverted(verb: Token) -> list[Token]:
    """A subject that stands after the quotation and its verb, which the parser took for an object."""
    following = [c for c in verb.children if c.i > verb.i and c.dep_ in ("dobj", "attr", "oprd", "npadvmod", "dep")]
    before = verb.nbor(-1) if verb.i > verb.sent.start else None
    return following[:1] if before is not None and before.text in (",", '"', "”", "’", "'") else []
