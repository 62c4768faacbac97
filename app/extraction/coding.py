"""One sentence in, its findings out: accusations, denials and retaliations by cue words and dependency parse.

Where a cue fires but no source or act can be told, the sentence is refused with the reason; it never guesses one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.extraction.actors import Ref
from app.extraction.base import ReadingBuilder
from app.extraction.cast import Cast
from app.extraction.cues import matches, negated
from app.extraction.findings import Finding
from app.extraction.lexicon import Cue, Lexicon
from app.extraction.speech import Utterance, innermost, subjects
from app.extraction.wording import (
    BEHIND,
    CALL_VERBS,
    CLAIM_NOUNS,
    CRIME,
    FALSE,
    FUTURE,
    MUTUAL,
    NO_RETURN,
    NON_DENIAL,
    NOT_DENIED,
    THREAT_VERBS,
    WORK_OF,
    denial_kind,
)
from app.vocabulary.records import Part
from app.vocabulary.terms import ActorKind, ClaimType, DenialKind, Modality, RefusalReason

if TYPE_CHECKING:
    from spacy.tokens import Span, Token


_NOBODYS = (ActorKind.PERSON, ActorKind.UNKNOWN)
"""Kinds of the top actor that are too uncertain to be hit by a retaliation whose target is not said outright."""


@dataclass(slots=True)
class SentenceCoder:
    """One sentence being coded."""

    part: Part
    span: Span
    utterances: list[Utterance]
    cast: Cast
    lexicon: Lexicon
    builder: ReadingBuilder

    def findings(self) -> list[Finding]:
        """Everything found in the sentence, each claim once; a question makes no claim."""
        found: list[Finding] = []
        if self.span.text.rstrip().endswith("?"):
            return found
        for find in (self._mutual, self._accusations, self._denials, self._retaliations, self._attributed_acts):
            for finding in find(found):
                if not any(finding.same_as(other) for other in found):
                    found.append(finding)
        return found

    # ---- pieces ----

    def _refuse(self, reason: RefusalReason, what: str) -> None:
        self.builder.refuse(reason, what, self.part, self.span.start_char, self.span.end_char)

    def _resolve(self, tokens: Iterable[Token]) -> list[Ref]:
        found: list[Ref] = []
        for token in tokens:
            voice = innermost(self.utterances, token)
            own = voice.speakers[0] if voice is not None and voice.speakers else None
            found += [r for r in self.cast.resolve(self.part, token, own) if r.actor not in {f.actor for f in found}]
        return found

    def _first_that_fits(
        self, cues: dict[str, list[Cue]], code: Callable[[Cue, Token, Token], Iterator[Finding] | RefusalReason | None]
    ) -> Iterator[Finding]:
        """At each token, the findings of the longest cue that yields any; else one refusal with its reason."""
        for first, fitting in matches(self.span, cues):
            reason: RefusalReason | None = None
            for cue, last in fitting:
                outcome = code(cue, first, last)
                if isinstance(outcome, RefusalReason) or outcome is None:
                    reason = outcome or reason
                    continue
                found = list(outcome)
                if found:
                    yield from found
                    reason = None
                    break
            if reason is not None:
                self._refuse(reason, fitting[-1][0].name)

    def _make(
        self,
        type_: ClaimType,
        speakers: list[Ref],
        targets: list[Ref],
        weight: float,
        cue: str,
        modality: Modality = Modality.ASSERTED,
        denial_kind: DenialKind | None = None,
    ) -> Iterator[Finding]:
        for speaker in speakers:
            others = [t for t in targets if t.actor != speaker.actor]
            if targets and not others:
                self._refuse(RefusalReason.SOURCE_IS_TARGET, f"{cue}: {speaker.actor}")
                continue
            open_: list[Ref | None] = [None]
            for target in others or open_:
                sure = weight * speaker.certainty * (target.certainty if target is not None else 0.9)
                yield Finding(type_, speaker, target, modality, self.part, self.span, sure, cue, denial_kind)

    # ---- the three relations ----

    def _mutual(self, _: list[Finding]) -> Iterator[Finding]:
        text = self.span.text
        if not MUTUAL.search(text):
            return
        verb = next((t for t in self.span if t.lemma_ in ("accuse", "blame")), None)
        refs = self._resolve(subjects(verb)) if verb is not None else []
        if len({r.actor for r in refs}) < 2:
            refs = _distinct(self.cast.within(self.part, self.span.start_char, self.span.end_char))
        if len(refs) == 2:
            for one, other in (refs, refs[::-1]):
                yield from self._make(ClaimType.ACCUSES, [one], [other], 0.8, "accuse/mutual")
        else:
            self._refuse(RefusalReason.NO_SOURCE, "mutual accusation")

    def _accusations(self, _: list[Finding]) -> Iterator[Finding]:
        return self._first_that_fits(self.lexicon.accuse, self._accusation)

    def _accusation(self, cue: Cue, first: Token, last: Token) -> Iterator[Finding] | RefusalReason | None:
        label = f"accuse/{cue.name}"
        if cue.frame == "mutual":
            refs = _distinct(self._resolve(subjects(first)))
            if len(refs) < 2:
                refs = _distinct(self.cast.within(self.part, self.span.start_char, self.span.end_char))[:2]
            if len(refs) < 2:
                return RefusalReason.NO_SOURCE
            pairs = (refs[:2], refs[1::-1])
            return (f for one, other in pairs for f in self._make(ClaimType.ACCUSES, [one], [other], cue.weight, label))
        if cue.frame == "noun":
            return self._accusation_noun(cue, first)
        if first.pos_ not in ("VERB", "AUX"):
            return None
        if negated(first):
            return RefusalReason.NEGATED
        passive = any(c.dep_ in ("nsubjpass", "auxpass") for c in first.children) or (
            first.dep_ == "acl" and first.tag_ == "VBN"
        )
        if passive and not cue.frame.startswith("prep"):
            accused = [c for c in first.children if c.dep_ == "nsubjpass"] or [first.head]
            by = [p for c in first.children if c.dep_ == "agent" for p in c.children if p.dep_ == "pobj"]
            sources, targets = self._resolve(by), self._resolve(accused)
        else:
            sources, targets = self._resolve(subjects(first)), self._targets(cue, first, last)
        if passive and not sources:
            voice = innermost(self.utterances, first)
            sources = voice.speakers if voice is not None else []
        if cue.name == "charge with" and all(r.actor_kind is ActorKind.PERSON for r in targets):
            return RefusalReason.OUT_OF_SCOPE
        if not sources:
            return RefusalReason.NO_SOURCE
        if not targets:
            return RefusalReason.NO_TARGET
        return self._make(ClaimType.ACCUSES, sources, targets, cue.weight, label)

    def _targets(self, cue: Cue, verb: Token, last: Token) -> list[Ref]:
        objects = [c for c in verb.children if c.dep_ in ("dobj", "oprd", "nsubj") and c.i > verb.i]
        for c in verb.children:  # "called Beloria's raid a war crime": a small clause
            if c.dep_ in ("ccomp", "xcomp") and c.i > verb.i:
                objects += [d for d in c.children if d.dep_ == "nsubj" and d.i > verb.i]
        if cue.frame == "object":
            if last.i > verb.i and cue.words[-1] in ("responsible", "accountable", "answerable"):
                objects += [c for c in last.children if c.dep_ == "nsubj"]
            return self._resolve(objects)
        if cue.frame.startswith(("prep:", "owner:")):
            if last.i == verb.i or last.pos_ not in ("ADP", "PART"):
                return []
            return self._resolve(c for c in last.children if c.dep_ in ("pobj", "pcomp"))
        if cue.frame == "object:act":
            acts = [o for o in objects if _is_act(o, self.lexicon)]
            return [r for o in acts for r in self._resolve(_owners(o))]
        if cue.frame == "object:crime":
            rest = self.span.doc[verb.i + 1 : self.span.end].text.lower()
            if not CRIME.search(rest[:160]):
                return []
            return [r for o in objects for r in (self._resolve(_owners(o)) or self._resolve([o]))]
        return []

    def _accusation_noun(self, cue: Cue, noun: Token) -> Iterator[Finding] | None:
        """An accusation as a noun: "Ardania's accusation that Beloria shelled", "accusations by Ardania"."""
        if noun.pos_ != "NOUN" or noun.head.lemma_ in ("trade", "exchange"):
            return None
        by = [c for c in noun.children if c.dep_ in ("poss", "compound", "amod")]
        by += [p for c in noun.children if c.dep_ == "prep" and c.lower_ in ("by", "from", "of") for p in c.children]
        sources = self._resolve(by)
        if not sources:
            return None
        targets = self._resolve(
            p
            for c in noun.children
            if c.dep_ == "prep" and c.lower_ == "against"
            for p in c.children
            if p.dep_ == "pobj"
        )
        for clause in (c for c in noun.children if c.dep_ in ("acl", "ccomp", "relcl")):
            for verb in clause.subtree:
                agents, _ = self._agents(verb)
                targets = targets or [r for r in agents if r.actor != sources[0].actor]
        if not targets:
            return None
        return self._make(ClaimType.ACCUSES, sources, targets, cue.weight, f"accuse/noun {cue.name}")

    def _attributed_acts(self, found: list[Finding]) -> Iterator[Finding]:
        """Reported speech that attributes an act: "the army said the RSF had launched the strike"."""
        for utterance in self.utterances:
            if utterance.kind in ("ask", "deny") or not utterance.speakers:
                continue
            for token in utterance.content:
                agents, weight = self._agents(token)
                if not agents:
                    continue
                label = f"accuse/said {token.lemma_.lower()}"
                if negated(token):
                    own = [r for r in agents if r.actor in {s.actor for s in utterance.speakers}]
                    if own and not any(f.type is ClaimType.DENIES for f in found):
                        kind = DenialKind.PERPETRATION
                        weight_ = weight * 0.8
                        yield from self._make(
                            ClaimType.DENIES,
                            utterance.speakers,
                            [],
                            weight_,
                            f"deny/not {token.lemma_}",
                            denial_kind=kind,
                        )
                    continue
                if any(c.lower_ in ("will", "would", "could", "might", "may", "should") for c in token.children):
                    continue
                others = [r for r in agents if r.actor not in {s.actor for s in utterance.speakers}]
                if not others or any(
                    f.type is ClaimType.ACCUSES and f.target is not None and f.target.actor == others[0].actor
                    for f in found
                ):
                    continue
                yield from self._make(ClaimType.ACCUSES, utterance.speakers, others, weight, label)

    def _agents(self, token: Token) -> tuple[list[Ref], float]:
        """Who a harmful act is laid on at this token, with the weight of the act's word; empty where nothing is."""
        lemma = token.lemma_.lower()
        if token.pos_ in ("VERB", "AUX"):
            by = [p for c in token.children if c.dep_ == "agent" for p in c.children if p.dep_ == "pobj"]
            harm = self.lexicon.harm.get(lemma)
            if harm is not None:
                if by:
                    return self._resolve(by), harm
                if not any(c.dep_ in ("nsubjpass", "auxpass") for c in token.children):
                    return self._resolve(subjects(token)), harm
            if lemma == "be":
                after = self.span.doc[token.i + 1 : min(token.i + 9, self.span.end)].text.lower()
                if BEHIND.match(after):
                    return self._resolve(subjects(token)), 0.75
                if WORK_OF.match(after):
                    of = next((t for t in token.subtree if t.lower_ == "of" and t.i > token.i), None)
                    return (self._resolve(of.children) if of is not None else []), 0.75
            return [], 0.0
        if token.pos_ == "NOUN" and (
            CRIME.search(lemma)
            or any(c.dep_ in ("amod", "compound", "conj") and CRIME.search(c.lower_) for c in token.children)
        ):
            owners = _owners(token)
            return self._resolve(owners), 0.5
        return [], 0.0

    def _denials(self, _: list[Finding]) -> Iterator[Finding]:
        return self._first_that_fits(self.lexicon.deny, self._denial)

    def _denial(self, cue: Cue, first: Token, last: Token) -> Iterator[Finding] | RefusalReason | None:
        label = f"deny/{cue.name}"
        if cue.frame.startswith("subject"):
            return self._denial_verb(cue, first, label) if first.pos_ in ("VERB", "AUX") else None
        if cue.frame == "noun":
            owners = _owners(first) + [
                p for c in first.children if c.dep_ == "prep" and c.lower_ in ("from", "by") for p in c.children
            ]
            sources = self._resolve(owners) or self._resolve(
                p for c in first.head.children if c.dep_ == "prep" and c.lower_ == "from" for p in c.children
            )
            if not sources or first.pos_ != "NOUN":
                return None
            return self._make(ClaimType.DENIES, sources, [], cue.weight, label)
        voice = innermost(self.utterances, first)
        if voice is None or not voice.speakers:
            return None
        if cue.frame == "content:claim" and not any(t.lemma_.lower() in CLAIM_NOUNS for t in voice.content):
            return RefusalReason.NO_ACT
        own = {s.actor for s in voice.speakers}
        targets = [r for t in voice.content if t.lemma_.lower() in CLAIM_NOUNS for r in self._resolve(_owners(t))]
        targets = [r for r in targets if r.actor not in own]
        kind = denial_kind(self.span.text)
        return self._make(ClaimType.DENIES, voice.speakers, targets, cue.weight, label, denial_kind=kind)

    def _denial_verb(self, cue: Cue, verb: Token, label: str) -> Iterator[Finding] | RefusalReason:
        text = self.span.text
        if NON_DENIAL.search(text):
            return RefusalReason.NON_DENIAL
        if negated(verb):
            return RefusalReason.NEGATED
        objects = [c for c in verb.children if c.dep_ in ("dobj", "nsubjpass", "pobj", "ccomp", "xcomp", "pcomp")]
        objects += [p for c in verb.children if c.dep_ == "prep" for p in c.children if p.dep_ == "pobj"]
        nouns = [o for o in objects if o.pos_ in ("NOUN", "PROPN")]
        if any(o.lemma_.lower() in NOT_DENIED for o in nouns):
            return RefusalReason.OUT_OF_SCOPE
        if cue.frame == "subject:claim" and not (
            any(t.lemma_.lower() in CLAIM_NOUNS for o in objects for t in o.subtree)
            or FALSE.search(text[verb.idx - self.span.start_char :].lower())
        ):
            return RefusalReason.NO_ACT
        by = [p for c in verb.children if c.dep_ == "agent" for p in c.children if p.dep_ == "pobj"]
        sources = self._resolve(by) or self._resolve(t for t in subjects(verb))
        if not sources:
            voice = innermost(self.utterances, verb)
            sources = voice.speakers if voice is not None else []
        if not sources:
            return RefusalReason.NO_SOURCE
        own = {s.actor for s in sources}
        targets = []
        for o in objects:
            for t in o.subtree:
                if t.lemma_.lower() in CLAIM_NOUNS:
                    targets += [r for r in self._resolve(_owners(t)) if r.actor not in own]
        kind = denial_kind(text)
        return self._make(ClaimType.DENIES, sources, targets[:2], cue.weight, label, denial_kind=kind)

    def _retaliations(self, _: list[Finding]) -> Iterator[Finding]:
        return self._first_that_fits(self.lexicon.retaliate, self._retaliation)

    def _retaliation(self, cue: Cue, first: Token, last: Token) -> Iterator[Finding] | RefusalReason | None:
        label, text = f"retaliate/{cue.name}", self.span.text
        before = text[: first.idx - self.span.start_char]
        if cue.frame == "threat:will" and not FUTURE.search(text):
            return None
        if cue.words[0] != "not" and (negated(first) or NO_RETURN.search(before)):
            return RefusalReason.NEGATED
        governor = _governor(first)
        modality = self._modality(cue, governor)
        voice = innermost(self.utterances, first)
        actors = self._resolve(subjects(governor)) if governor is not None else []
        speakers = voice.speakers if voice is not None else []
        said = {s.actor for s in speakers}
        own_threat = cue.frame.startswith("threat") and speakers and not any(r.actor in said for r in actors)
        sources = speakers if own_threat else actors or speakers
        if modality is Modality.CALLED_FOR and speakers:
            sources = speakers
        if not sources:
            return RefusalReason.NO_SOURCE
        sources = [s for s in speakers if s.actor == sources[0].actor] or sources
        targets = self._retaliation_targets(first, {s.actor for s in sources})
        return self._make(ClaimType.RETALIATES, sources[:1], targets[:1], cue.weight, label, modality)

    def _modality(self, cue: Cue, governor: Token | None) -> Modality:
        words: set[str] = set()
        here = governor
        while here is not None:
            words |= {here.lemma_.lower()} | {c.lemma_.lower() for c in here.children if c.dep_ in ("aux", "prep")}
            here = here.head if here.dep_ in ("xcomp", "ccomp", "pcomp", "prep", "aux", "acl", "dobj", "pobj") else None
        if words & CALL_VERBS or {"call", "for"} <= words:
            return Modality.CALLED_FOR
        if cue.frame.startswith("threat") or words & THREAT_VERBS:
            return Modality.THREATENED
        return Modality.CARRIED_OUT

    def _retaliation_targets(self, first: Token, own: set[str]) -> list[Ref]:
        """Whom it is against: "against X", "on X", else another actor of the sentence, after the cue if one is."""
        # What is answered ("for the raid on Kesh") names whom the first act hit, not whom the return hits.
        answered = {
            t.i for c in first.subtree if c.dep_ == "prep" and c.lower_ in ("for", "to", "after") for t in c.subtree
        }
        near = [
            p
            for t in self.span
            if t.i not in answered
            and t.lower_ in ("against", "on", "at")
            and t.i > first.i - 4
            and t.dep_ in ("prep", "ROOT")
            for p in t.children
            if p.dep_ == "pobj"
        ]
        found = [r for r in self._resolve(near) if r.actor not in own and r.actor_kind not in _NOBODYS]
        if found:
            return found
        refs = [
            r
            for r in self.cast.within(self.part, self.span.start_char, self.span.end_char)
            if r.actor not in own
            and r.kind is not ActorKind.PERSON
            and r.actor_kind not in _NOBODYS
            and r.how != "capital"
        ]
        after = [r for r in refs if r.start > first.idx]
        return [replace(r, certainty=r.certainty * 0.7) for r in (after or refs)[:1]]


def _is_act(token: Token, lexicon: Lexicon) -> bool:
    lemma = token.lemma_.lower()
    return lemma in lexicon.incident_nouns or bool(CRIME.search(lemma))


def _owners(token: Token) -> list[Token]:
    """Whose or by whom: "Beloria's raid", "the Belorian raid", "the raid by Beloria", "claims from the Kremlin"."""
    found = [c for c in token.children if c.dep_ in ("poss", "amod", "compound", "nmod")]
    for c in token.children:
        if c.dep_ in ("prep", "agent") and c.lower_ in ("by", "of", "from"):
            found += [p for p in c.children if p.dep_ == "pobj"]
    return found


def _governor(token: Token) -> Token | None:
    """The verb a cue hangs on, itself included."""
    here = token
    for _ in range(8):
        if here.pos_ in ("VERB", "AUX") and here.dep_ not in ("aux", "auxpass"):
            return here
        if here.head is here:
            return None
        here = here.head
    return None


def _distinct(refs: Iterable[Ref]) -> list[Ref]:
    found: list[Ref] = []
    for ref in refs:
        if ref.kind is not ActorKind.PERSON and ref.actor not in {f.actor for f in found}:
            found.append(ref)
    return found
