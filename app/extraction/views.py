"""What the learned core is shown of an article: its sentences, who is mentioned in each and how, and what rules found.

In: a parsed article, its cast, its utterances and the findings of the rules. Out: an `ArticleView`, plain data that is
the same in training and at run time. Nothing in it names an actor to the models: a candidate is known by where it
stands and how, so that what is learnt holds for actors never seen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.extraction.actors import Named, Ref
from app.extraction.cast import Cast
from app.extraction.findings import Finding
from app.extraction.language import MAX_SENTENCE_TOKENS, ParsedArticle
from app.extraction.lexicon import Lexicon
from app.extraction.speech import Utterance
from app.vocabulary.records import Part
from app.vocabulary.terms import ActorKind, ClaimType

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

TYPES = tuple(ClaimType)
"""Order of the claim types in every array of the learned core."""

RETALIATES = TYPES.index(ClaimType.RETALIATES)

ANAPHORS = ("noun", "pronoun")
"""Ways of referring that only resolution ties to an actor."""

SYNTAX = (
    "dependency", "agent", "depth", "relative", "root", "modifies", "speech", "harm", "accuse", "deny", "retaliate",
    "by", "against", "of", "in", "noun_governor", "before_governor",
)  # fmt: skip
"""What `MentionView.syntax` holds, in order: how the mention's noun phrase hangs in the sentence."""

_DEPENDENCIES = (
    "nsubj", "nsubjpass", "dobj", "pobj", "agent", "poss", "attr", "appos", "conj", "dative", "oprd", "npadvmod",
    "ROOT", "compound", "amod", "nmod",
)  # fmt: skip
_MODIFIERS = ("poss", "amod", "compound", "nmod", "appos", "nummod")
_CLAUSES = ("ccomp", "advcl", "relcl", "acl", "xcomp", "pcomp", "parataxis")
_NOMINAL = ("NOUN", "PROPN")
_OPEN_ANAPHORS = frozenset({"he", "she", "they", "it", "we", "i", "who"})


@dataclass(slots=True)
class MentionView:
    """One place in a sentence that refers to an actor.

    Attributes:
        quoted: Inside quotation marks.
        syntax: Numbers in the order of `SYNTAX`.
    """

    ref: Ref
    quoted: bool
    syntax: list[int]


@dataclass(slots=True)
class SentenceView:
    """One sentence; offsets are in characters of its part.

    Attributes:
        paragraph: Number of its paragraph, -1 for the title.
        anaphors: It holds a pronoun that may stand for an actor.
        quoted: Share of its characters inside quotation marks.
        speakers: Whose words it reports: actor, certainty, and whether its own verb says so.
        rules: What the rules found: type, source, target or None, confidence.
    """

    part: Part
    start: int
    end: int
    paragraph: int
    mentions: list[MentionView] = field(default_factory=list)
    anaphors: bool = False
    quoted: float = 0.0
    speakers: list[tuple[str, float, bool]] = field(default_factory=list)
    rules: list[tuple[int, str, str | None, float]] = field(default_factory=list)


@dataclass(slots=True)
class ArticleView:
    """An article as the learned core sees it; `title` and `text` have the article's own offsets.

    Attributes:
        home: The actor an unmarked "government" most likely belongs to.
    """

    title: str
    text: str
    home: str | None
    sentences: list[SentenceView]

    def words(self, sentence: SentenceView) -> str:
        """The part of the article that a sentence stands in."""
        return self.title if sentence.part == "title" else self.text

    def as_json(self) -> dict[str, Any]:
        """As plain JSON data, for training in another process."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ArticleView:
        """The inverse of `as_json`."""
        sentences = []
        for raw in body["sentences"]:
            mentions = [
                MentionView(_ref_from_json(mention["ref"]), mention["quoted"], mention["syntax"])
                for mention in raw["mentions"]
            ]
            sentences.append(SentenceView(**{**raw, "mentions": mentions}))
        return cls(body["title"], body["text"], body["home"], sentences)


def _ref_from_json(body: Mapping[str, Any]) -> Ref:
    served = body.get("body")
    named = Named(**{**served, "kind": ActorKind(served["kind"])}) if served is not None else None
    kinds = {field: ActorKind(body[field]) for field in ("kind", "actor_kind")}
    return Ref(**{**body, **kinds, "body": named})


def article_view(
    parsed: ParsedArticle,
    cast: Cast,
    said: Mapping[tuple[Part, int], Sequence[Utterance]],
    findings: Sequence[Finding],
    lexicon: Lexicon,
) -> ArticleView:
    """Every sentence of an article, headline first; those too long to be read are left out.

    `said` holds the utterances by part and index of the sentence's first token, `findings` what the rules found.
    """
    found: dict[tuple[Part, int], list[Finding]] = {}
    for finding in findings:
        found.setdefault((finding.part, finding.sentence.start), []).append(finding)
    sentences = []
    for part, span in parsed.sentences():
        if len(span) <= MAX_SENTENCE_TOKENS:
            at = (part, span.start)
            sentences.append(_sentence(parsed, cast, part, span, said.get(at, ()), found.get(at, ()), lexicon))
    home = cast.home.actor if cast.home is not None else None
    return ArticleView(parsed.title.text, parsed.text.text, home, sentences)


def _sentence(
    parsed: ParsedArticle,
    cast: Cast,
    part: Part,
    span: Span,
    said: Sequence[Utterance],
    findings: Sequence[Finding],
    lexicon: Lexicon,
) -> SentenceView:
    start, end = span.start_char, span.end_char
    quotes = [q for q in parsed.quotes if part == "text" and q.start < end and q.end > start]
    view = SentenceView(part, start, end, parsed.paragraph_of(start) if part == "text" else -1)
    seen: set[tuple[int, int, str]] = set()

    def add(ref: Ref) -> None:
        key = (ref.start, ref.end, ref.actor)
        if key not in seen:
            seen.add(key)
            quoted = any(q.start < ref.start < q.end for q in quotes)
            view.mentions.append(MentionView(ref, quoted, _syntax(span.doc[ref.head], lexicon)))

    for ref in cast.within(part, start, end):
        add(ref)
    for token in span:
        pronoun = token.pos_ == "PRON" or token.tag_ == "PRP$"
        if pronoun or token.pos_ == "NOUN":
            voice = next((u for u in said if any(t.i == token.i for t in u.content)), None)
            own = voice.speakers[0] if voice is not None and voice.speakers else None
            how = "pronoun" if pronoun else "noun"
            for ref in cast.resolve(part, token, own):
                at = (token.idx, token.idx + len(token), token.i)
                add(dataclasses.replace(ref, part=part, start=at[0], end=at[1], head=at[2], how=how))
    view.anaphors = any(token.lower_ in _OPEN_ANAPHORS for token in span)
    view.quoted = sum(min(end, q.end) - max(start, q.start) for q in quotes) / max(1, end - start)
    view.speakers = [(r.actor, round(r.certainty, 4), u.verb is not None) for u in said for r in u.speakers]
    view.rules = [
        (
            TYPES.index(f.type),
            f.source.actor,
            f.target.actor if f.target is not None else None,
            round(f.confidence, 4),
        )
        for f in findings
    ]
    return view


def _phrase_head(token: Token) -> Token:
    """The head of the noun phrase a name belongs to: "delegate" for "Iran" in "Iran's delegate"."""
    for _ in range(6):
        head = token.head
        if head is token:
            return token
        if token.dep_ in _MODIFIERS and head.pos_ in _NOMINAL:
            token = head
        elif (
            token.dep_ == "pobj"
            and head.dep_ == "prep"
            and head.lower_ in ("of", "for", "from")
            and head.head.pos_ in _NOMINAL
        ):
            token = head.head
        elif token.dep_ == "conj" and head.pos_ in (*_NOMINAL, "PRON"):
            token = head
        else:
            return token
    return token


def _syntax(token: Token, lexicon: Lexicon) -> list[int]:
    head = _phrase_head(token)
    governor, preposition, agent = head.head, "", False
    if head.dep_ == "pobj":
        agent, preposition, governor = governor.dep_ == "agent", governor.lower_, governor.head
    depth, relative, here = 0, False, governor
    for _ in range(12):
        if here.head is here:
            break
        depth += here.dep_ in _CLAUSES
        relative = relative or here.dep_ in ("relcl", "acl")
        here = here.head
    lemma = governor.lemma_.lower()
    dependency = _DEPENDENCIES.index(head.dep_) + 1 if head.dep_ in _DEPENDENCIES else 0
    values = (
        dependency, agent, depth, relative, governor.dep_ == "ROOT", head is not token, lemma in lexicon.speech,
        lemma in lexicon.harm, lemma in lexicon.accuse, lemma in lexicon.deny, lemma in lexicon.retaliate,
        preposition == "by", preposition in ("against", "on", "at", "to"), preposition in ("of", "with", "for"),
        preposition in ("in", "near", "from"), governor.pos_ in _NOMINAL, head.i < governor.i,
    )  # fmt: skip
    return [int(value) for value in values]
