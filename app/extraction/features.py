"""What the learned core is shown of a sentence: its context as text, and every actor that may be meant, with features.

In: a parsed article, its cast, its utterances and what the rules found. Out: `SentenceView`s, the same in training and
at run time. No weights here, and nothing that names an actor: a candidate is known by where it stands and how, so that
what is learnt holds for actors never seen.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.extraction.actors import Cast, Ref
from app.extraction.findings import Finding
from app.extraction.language import ParsedArticle
from app.extraction.speech import Utterance
from app.vocabulary.records import Part
from app.vocabulary.terms import ActorKind, ClaimType

if TYPE_CHECKING:
    from spacy.tokens import Span

BEFORE, AFTER = 420, 140
"""Characters of context shown before and after the sentence."""

MAIN_ACTORS = 6
"""So many of an article's most named actors may be meant in any of its sentences."""

TYPES = tuple(ClaimType)
_HOW = ("name", "adjective", "capital", "body", "person", "noun", "pronoun")
_KINDS = (
    ActorKind.STATE,
    ActorKind.ARMED_GROUP,
    ActorKind.POLITICAL_GROUP,
    ActorKind.INTERNATIONAL_ORGANISATION,
    ActorKind.PERSON,
    ActorKind.UNKNOWN,
)
FEATURES = 16 + len(_HOW) + len(_KINDS) + 4 * len(TYPES)
"""Length of a candidate's feature vector; a change of it is a new version of the model."""


@dataclass(slots=True)
class Candidate:
    """An actor that may be source or target of a claim in the sentence.

    Attributes:
        ref: The reference by which it is named, the surest one in or nearest to the sentence.
        spans: Where it is mentioned in the shown text, in characters of it.
        features: Numbers, `FEATURES` of them, all within 0 and 1 or small.
    """

    ref: Ref
    spans: list[tuple[int, int]] = field(default_factory=list)
    features: list[float] = field(default_factory=list)


@dataclass(slots=True)
class SentenceView:
    """One sentence as the model sees it.

    Attributes:
        before: Text before the sentence, `sentence` and `after`: what is shown, in order.
        candidates: Every actor that may be meant.
    """

    part: Part
    span: Span
    before: str
    sentence: str
    after: str
    candidates: list[Candidate]
    utterances: list[Utterance]


def views(
    parsed: ParsedArticle, cast: Cast, said: dict[tuple[Part, int], list[Utterance]], findings: list[Finding]
) -> list[SentenceView]:
    """Every sentence of an article that names or implies an actor, headline first."""
    sentences = list(parsed.sentences())
    counted = Counter(ref.actor for refs in cast.refs.values() for ref in refs)
    titled = {ref.actor for ref in cast.refs["title"]}
    by_rules: dict[tuple[Part, int], list[Finding]] = {}
    for finding in findings:
        by_rules.setdefault((finding.part, finding.sentence.start), []).append(finding)
    main = {name for name, _ in counted.most_common(MAIN_ACTORS)}
    frequent = [next(r for refs in cast.refs.values() for r in refs if r.actor == name) for name in sorted(main)]
    found = []
    for number, (part, span) in enumerate(sentences):
        here = said.get((part, span.start), [])
        previous = [s for p, s in sentences[max(0, number - 3) : number] if p == part]
        view = _view(parsed, cast, part, span, previous, here, frequent)
        _describe(view, cast, counted, titled, by_rules, findings, parsed)
        found.append(view)
    return found


def _view(
    parsed: ParsedArticle,
    cast: Cast,
    part: Part,
    span: Span,
    previous: list[Span],
    here: list[Utterance],
    frequent: list[Ref],
) -> SentenceView:
    text = parsed.article.part(part)
    # The parse of a headline is in sentence case; the model is shown the same.
    shown = parsed.doc(part).text
    start, end = span.start_char, span.end_char
    left = previous[0].start_char if previous else start
    left = max(left, start - BEFORE)
    before, sentence, after = shown[left:start], shown[start:end], shown[end : min(len(text), end + AFTER)]
    candidates: dict[str, Candidate] = {}

    def offer(ref: Ref, inside: bool) -> None:
        known = candidates.get(ref.actor)
        if known is None:
            known = candidates[ref.actor] = Candidate(ref)
        elif inside and ref.certainty > known.ref.certainty:
            known.ref = ref
        if left <= ref.start and ref.end <= end + AFTER and ref.part == part:
            place = (ref.start - left, ref.end - left)
            if place not in known.spans:
                known.spans.append(place)

    for ref in cast.within(part, start, end):
        offer(ref, True)
    for token in span:
        if token.pos_ in ("PRON", "NOUN") or token.tag_ == "PRP$":
            voice = next((u for u in here if any(t.i == token.i for t in u.content)), None)
            own = voice.speakers[0] if voice is not None and voice.speakers else None
            for ref in cast.resolve(part, token, own):
                offer(_at(ref, part, token.idx, token.idx + len(token)), True)
    for utterance in here:
        for speaker in utterance.speakers:
            offer(speaker, False)
    for ref in cast.within(part, left, start):
        offer(ref, False)
    for ref in (*cast.refs["title"], *frequent):
        offer(ref, False)
    if cast.home is not None:
        offer(cast.home, False)
    return SentenceView(part, span, before, sentence, after, list(candidates.values()), here)


def _at(ref: Ref, part: Part, start: int, end: int) -> Ref:
    import dataclasses

    return dataclasses.replace(ref, part=part, start=start, end=end)


def _describe(
    view: SentenceView,
    cast: Cast,
    counted: Counter[str],
    titled: set[str],
    by_rules: dict[tuple[Part, int], list[Finding]],
    findings: list[Finding],
    parsed: ParsedArticle,
) -> None:
    start, end = view.span.start_char, view.span.end_char
    inside = list(cast.within(view.part, start, end))
    names = {ref.actor for ref in inside}
    speakers = {ref.actor: ref.certainty for u in view.utterances for ref in u.speakers}
    rules = by_rules.get((view.part, view.span.start), [])
    place = (view.part != "title", view.span.start)
    earlier = [f for f in findings if (f.part != "title", f.sentence.start) < place]
    quoted = [q for q in parsed.quotes if view.part == "text" and q.start < end and q.end > start]
    doc = parsed.doc(view.part)
    for candidate in view.candidates:
        actor, ref = candidate.ref.actor, candidate.ref
        here = [r for r in inside if r.actor == actor]
        roles = {doc[r.head].dep_ for r in here if r.head < len(doc)}
        first = min((r.start for r in here), default=end)
        values = [
            float(actor in names),
            float(bool(here) and all(r.how == "adjective" for r in here)),
            float(actor in speakers),
            speakers.get(actor, 0.0),
            float(actor in titled),
            float(cast.home is not None and cast.home.actor == actor),
            min(1.0, math.log1p(counted[actor]) / 3),
            float(bool(roles & {"nsubj", "nsubjpass"})),
            float(bool(roles & {"dobj", "pobj", "oprd", "attr"})),
            float(bool(roles & {"poss", "amod", "compound", "nmod"})),
            (first - start) / max(1, end - start) if here else 1.0,
            float(any(q.start < r.start < q.end for q in quoted for r in here)),
            ref.certainty,
            float(len(names) == 1),
            min(1.0, len(names) / 6),
            float(view.part == "title"),
        ]
        values += [float(any(r.how == how for r in here) or ref.how == how) for how in _HOW]
        values += [float(ref.actor_kind is kind) for kind in _KINDS]
        for type_ in TYPES:
            values.append(
                max((f.confidence for f in rules if f.type is type_ and f.source.actor == actor), default=0.0)
            )
            values.append(
                max(
                    (
                        f.confidence
                        for f in rules
                        if f.type is type_ and f.target is not None and f.target.actor == actor
                    ),
                    default=0.0,
                )
            )
            values.append(float(any(f.type is type_ and f.source.actor == actor for f in earlier)))
            values.append(
                float(any(f.type is type_ and f.target is not None and f.target.actor == actor for f in earlier))
            )
        candidate.features = values
