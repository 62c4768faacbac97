"""One sentence in, out whoever takes an act upon itself there: claims of responsibility and admissions.

No claims of the codebook, for nobody accuses another; but who says "it was us" decides what an attribution is worth. So
the rules are strict: a cue (`graph_data/lexicons/acknowledgements.tsv`), an actor that is no private person, his own
words or the reporter's, an act. What an adversary says that somebody admitted is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.extraction.actors import Ref
from app.extraction.cast import Cast
from app.extraction.cues import matches, negated
from app.extraction.lexicon import Cue, Lexicon
from app.extraction.speech import Utterance, innermost, subjects
from app.extraction.wording import CRIME, MISTAKE
from app.vocabulary.records import Part
from app.vocabulary.terms import AcknowledgementKind, ActorKind, RefusalReason

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_HYPOTHETICAL = {"would", "could", "might", "may", "should", "will", "shall", "must", "ca", "can"}
_NOT_SAID = {"deny", "reject", "dispute", "accuse", "doubt", "urge", "demand", "ask", "press", "call", "expect", "want"}
"""Under these verbs nobody has said it."""
_DONE = {"force", "compel", "have", "go", "begin", "start", "continue", "rush", "come", "hasten", "seem", "appear"}
"""Under these verbs ("was forced to admit") he has."""
_OF_OFFICE = {"political", "moral", "ministerial", "collective", "shared", "legal", "financial"}
_OWN_PART = {"responsibility", "involvement", "role", "part", "complicity", "authorship", "hand"}
_NOBODY = {"no", "nobody", "none", "neither", "nor", "nothing"}
_GROUPS = (ActorKind.ARMED_GROUP, ActorKind.POLITICAL_GROUP, ActorKind.UNKNOWN)


@dataclass(slots=True)
class Avowal:
    """An acknowledgement in the making, still in the parse.

    Attributes:
        outright: It says in so many words that responsibility is claimed or the deed admitted; else the actor only says
            that it did it, which is an admission if it had been accused.
        fresh: The act is brought up as a new one ("had mounted a raid").
    """

    kind: AcknowledgementKind
    source: Ref
    part: Part
    sentence: Span
    confidence: float
    cue: str
    outright: bool
    fresh: bool


class AcknowledgementCoder:
    """Finds avowals in the sentences of one article."""

    def __init__(self, cast: Cast, lexicon: Lexicon) -> None:
        self._cast, self._lexicon = cast, lexicon

    def avowals(
        self, part: Part, sentence: Span, utterances: Sequence[Utterance]
    ) -> Iterator[Avowal | tuple[RefusalReason, str]]:
        """Each avowal of a sentence, one an actor; and for each cue that yields none, why, with the cue."""
        found: set[str] = set()
        for first, fitting in matches(sentence, self._lexicon.acknowledgements):
            why: tuple[RefusalReason, str] | None = None
            for cue, last in fitting:
                outcome = self._avowed(part, sentence, utterances, cue, first, last)
                if isinstance(outcome, RefusalReason):
                    why = why or (outcome, f"acknowledgement: {cue.name}")
                    continue
                if outcome is None:
                    continue
                why = None
                for ref, fresh in outcome:
                    if ref.actor not in found:
                        found.add(ref.actor)
                        mistake = MISTAKE.search(sentence.text) is not None
                        kind = AcknowledgementKind.ADMISSION if mistake else AcknowledgementKind(cue.kind)
                        sure, label = cue.weight * ref.certainty, f"acknowledge/{cue.name}"
                        outright = not cue.frame.startswith("said")
                        yield Avowal(kind, ref, part, sentence, sure, label, outright, fresh)
                break
            if why is not None:
                yield why

    def _avowed(
        self, part: Part, sentence: Span, utterances: Sequence[Utterance], cue: Cue, first: Token, last: Token
    ) -> list[tuple[Ref, bool]] | RefusalReason | None:
        """Who takes what upon itself at a cue, why nobody does, or None where the words mean something else."""
        verb = _verb(first)
        if verb is None:
            return None
        act: Token | None = None
        if cue.frame == "agent":
            act = next((c for c in verb.children if c.dep_ == "nsubjpass"), verb.head if verb.dep_ == "acl" else None)
            by = [p for c in verb.children if c.dep_ == "agent" for p in c.children if p.dep_ == "pobj"]
            if act is None or not by or not (self._is_act(act) or act.lower_ == "responsibility"):
                return None
            sources = self._resolve(part, by)
        elif cue.frame.startswith("said"):
            return self._said(part, sentence, utterances, cue, verb, last)
        else:
            if first.pos_ not in ("VERB", "AUX") or any(c.dep_ in ("nsubjpass", "auxpass") for c in first.children):
                return None
            sources = self._resolve(part, subjects(verb))
            if cue.frame == "own":
                if not self._owns(part, verb, {ref.actor for ref in sources}):
                    return None
            elif len(cue.words) > 1 and cue.words[-1] != "up" and last.head.i != first.i:
                return None
            elif any(c.lower_ in _OF_OFFICE for c in last.children):
                return RefusalReason.OUT_OF_SCOPE
        why = self._unsaid(sentence, verb)
        if why is not None:
            return why
        sources = [ref for ref in sources if ref.kind is not ActorKind.MEDIA]
        if not sources:
            return RefusalReason.NO_SOURCE
        if cue.frame == "subject:act" and not self._answers_for_act(last, sources):
            return RefusalReason.NO_ACT
        return self._own_words(utterances, verb, sources, act)

    def _own_words(
        self, utterances: Sequence[Utterance], verb: Token, sources: list[Ref], act: Token | None
    ) -> list[tuple[Ref, bool]] | RefusalReason:
        voice = innermost(utterances, verb)
        others = [s for s in voice.speakers if s.kind is not ActorKind.MEDIA] if voice is not None else []
        said_by = {s.actor for s in others}
        own = [ref for ref in sources if not said_by or ref.actor in said_by]
        # Private persons are out of scope, and who "it" is must be somebody known.
        known = [ref for ref in own if ref.actor_kind is not ActorKind.UNKNOWN or ref.how not in ("pronoun", "noun")]
        public = [ref for ref in known if ref.actor_kind is not ActorKind.PERSON]
        return [(ref, act is not None and _is_new(act)) for ref in public] or RefusalReason.OUT_OF_SCOPE

    def _said(
        self, part: Part, sentence: Span, utterances: Sequence[Utterance], cue: Cue, verb: Token, last: Token
    ) -> list[tuple[Ref, bool]] | RefusalReason | None:
        """Whoever says of itself that it did it: "said its fighters had staged the ambush"."""
        voice = innermost(utterances, verb)
        if voice is None or voice.kind in ("ask", "deny") or (voice.verb is not None and voice.verb.i == verb.i):
            return None
        own = [s for s in voice.speakers if s.kind is not ActorKind.MEDIA and s.actor_kind is not ActorKind.PERSON]
        agents = subjects(verb)
        acts = [t for t in verb.subtree if t.i > verb.i and t.pos_ in ("NOUN", "PROPN") and self._is_act(t)]
        if cue.frame == "said:work":
            agents, acts = [c for c in last.children if c.dep_ == "poss"], [t for t in agents if self._is_act(t)]
        if not acts:
            return None
        meant = {ref.actor for token in agents for ref in self._cast.resolve(part, token, own[0] if own else None)}
        # Who says "it" or "its fighters" means himself first of all.
        himself = any(_is_pronoun(token) for token in agents) and len(own) == 1
        sources = own if himself else [s for s in own if s.actor in meant]
        if not sources:
            return None
        why = self._unsaid(sentence, verb) or (self._unsaid(sentence, voice.verb) if voice.verb is not None else None)
        return why or [(ref, _is_new(acts[0])) for ref in sources]

    def _owns(self, part: Part, verb: Token, own: set[str]) -> bool:
        """Whether what is admitted is an act of one's own: "admitted shelling", "that its troops had", "its role"."""
        for child in verb.children:
            if child.dep_ in ("prep", "prt") and child.lower_ == "to":
                if self._owns(part, child, own):
                    return True
            elif child.i < verb.i:
                continue
            elif child.dep_ in ("xcomp", "pcomp") and child.pos_ in ("VERB", "AUX"):
                if not negated(child) and self._harms(child):
                    return True
            elif child.dep_ in ("dobj", "pobj", "attr") and child.pos_ == "NOUN":
                owners = [c for c in child.children if c.dep_ == "poss"]
                whose = {ref.actor for ref in self._resolve(part, owners)}
                if child.lemma_.lower() in _OWN_PART and (not owners or whose & own):
                    return True
                # "Admits the strike" may be one that it suffered; "admits to the strike" is its own.
                if self._is_act(child) and (whose & own or (verb.lower_ == "to" and not owners)):
                    return True
            elif child.dep_ in ("ccomp", "xcomp") and self._own_act_within(part, child, own):
                return True
        return False

    def _own_act_within(self, part: Part, clause: Token, own: set[str]) -> bool:
        for token in clause.subtree:
            if token.pos_ not in ("VERB", "AUX") or not self._harms(token) or negated(token) or _is_open(token):
                continue
            by = [p for c in token.children if c.dep_ == "agent" for p in c.children if p.dep_ == "pobj"]
            passive = any(c.dep_ == "nsubjpass" for c in token.children)
            agents = by if passive else subjects(token)
            if {ref.actor for ref in self._resolve(part, agents)} & own:
                return True
        return False

    def _harms(self, verb: Token) -> bool:
        lemma = verb.lemma_.lower()
        return (
            lemma in self._lexicon.harm
            or lemma in self._lexicon.incident_nouns
            or any(c.dep_ in ("dobj", "prep") and self._is_act(c) for c in verb.children)
            or (lemma == "be" and any(c.lower_ in ("behind", "responsible") for c in verb.children))
        )

    def _is_act(self, token: Token) -> bool:
        lemma = token.lemma_.lower()
        return lemma in self._lexicon.incident_nouns or lemma == "operation" or bool(CRIME.search(lemma))

    def _answers_for_act(self, responsibility: Token, sources: list[Ref]) -> bool:
        """Whether it is an act for which responsibility is taken; a group that takes it for nothing named did the act.

        "for the failure" and "for security" name none.
        """
        preps = [c for c in (*responsibility.children, *responsibility.head.children) if c.lower_ == "for"]
        things = [p for c in preps for p in c.children if p.dep_ in ("pobj", "pcomp")]
        if not preps:
            return all(ref.actor_kind in _GROUPS for ref in sources)
        return any(self._is_act(t) or (t.pos_ == "VERB" and self._harms(t)) for t in things)

    def _unsaid(self, sentence: Span, verb: Token) -> RefusalReason | None:
        """Why nothing is owned up to here: denied, asked, demanded, expected or only imagined."""
        if sentence.text.rstrip(" \n\"”’'").endswith("?"):
            return RefusalReason.QUESTION
        low = sentence.text.lower()
        if negated(verb) or " yet to " in low or " without " in low[: verb.idx - sentence.start_char + 1][-22:]:
            return RefusalReason.NEGATED
        if any(t.lower_ in _NOBODY for s in subjects(verb) for t in s.subtree if t.i < verb.i):
            return RefusalReason.NEGATED
        if _is_open(verb):
            return RefusalReason.NEGATED
        return None

    def _resolve(self, part: Part, tokens: Iterable[Token]) -> list[Ref]:
        found: list[Ref] = []
        for token in tokens:
            found += [r for r in self._cast.resolve(part, token) if r.actor not in {f.actor for f in found}]
        return found


def _verb(token: Token) -> Token | None:
    """The verb that a cue's first word is or hangs on ("was behind")."""
    here = token
    for _ in range(3):
        if here.pos_ in ("VERB", "AUX") and here.dep_ not in ("aux", "auxpass"):
            return here
        here = here.head
    return None


def _is_pronoun(token: Token) -> bool:
    words = ("it", "they", "he", "she", "we", "i", "its", "their", "his", "her", "our", "my")
    return token.lower_ in words or any(c.dep_ == "poss" and c.lower_ in words for c in token.children)


def _is_open(verb: Token) -> bool:
    """True where the verb tells of no deed done: "would claim", "if it admits", "urged it to admit"."""
    here = verb
    for _ in range(6):
        if any(c.dep_ == "aux" and c.lower_ in _HYPOTHETICAL for c in here.children):
            return True
        if any(c.dep_ == "mark" and c.lower_ in ("if", "unless", "until", "whether") for c in here.children):
            return True
        if here.i != verb.i and here.lemma_.lower() in _NOT_SAID:
            return True
        if here.dep_ == "xcomp" and here.tag_ == "VB" and here.head.lemma_.lower() not in _DONE:
            return True
        if here.dep_ not in ("xcomp", "ccomp", "pcomp", "prep", "advcl") or here.head.i == here.i:
            return False
        here = here.head
    return False


def _is_new(act: Token) -> bool:
    """True for "a raid", "raids": an act brought up here, false for "the raid", "Monday's raid", "the raid on Kesh"."""
    known = ("the", "this", "that", "these", "those", "its", "their", "both")
    return not any(c.lower_ in known or c.dep_ == "poss" for c in act.children)
