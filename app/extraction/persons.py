"""The persons an article names, and whom each speaks for: by title, apposition or relative clause.

In: a parsed article and the roster of its actors. Out: the roster, with its persons. A person of whom the text does not
say whom he speaks for stays himself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.extraction.actors import NO_LONGER, Named, Ref, Roster, token_at
from app.extraction.language import ParsedArticle
from app.vocabulary.records import Part
from app.vocabulary.terms import ActorKind

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

_PARTING = ("ADP", "CCONJ", "SCONJ", "VERB", "AUX", "DET", "PRON")
"""Between a body and the name of its man stand none of these."""


class Persons:
    """Finds persons, part by part; who was named in one part is known in the next."""

    def __init__(self, parsed: ParsedArticle, roster: Roster) -> None:
        self._parsed, self._roster = parsed, roster
        self._persons: dict[str, Ref] = {}

    def find(self, part: Part) -> None:
        """Enter the persons of a part into the roster."""
        doc = self._parsed.doc(part)
        found = [
            e
            for e in doc.ents
            if e.label_ == "PERSON"
            and not self._roster.by_token[part].keys() & {t.i for t in e}
            and not (e.text.isupper() and len(e) == 1)
        ]
        taken = {t.i for e in found for t in e}
        # The model misses names it has never seen; a title before capitals gives them away.
        i, kinds = 0, self._roster.kinds(part)
        while i < len(doc) - 1:
            if kinds[i] == "role" and i + 1 not in taken:
                end = i + 1
                while end < len(doc) and self._continues_name(doc, end, part):
                    end += 1
                if end - i >= 2 and i + 1 not in taken:
                    found.append(doc[i + 1 : end])
                    taken.update(range(i + 1, end))
                i = end
            i += 1
        found.sort(key=lambda span: span.start)
        for span in found:
            trimmed = self._trim(span)
            if trimmed is None:
                continue
            span, name = trimmed, trimmed.text
            known = self._known(name)
            fresh = self._affiliated(part, span)
            if known is not None and (fresh is None or fresh.certainty <= known.certainty):
                body = known.body
                if body is None and fresh is not None and fresh.actor == known.actor:
                    body = fresh.body
                    self._persons[known.named] = replace(known, body=body)
                ref = replace(known, part=part, start=span.start_char, end=span.end_char, head=span.root.i, body=body)
            else:
                ref = fresh or self._unaffiliated(part, span)
                if known is not None:
                    ref = replace(ref, named=known.named)
                self._persons[ref.named] = ref
            self._roster.add(ref, span)

        # A surname alone, which the model often takes for a place.
        surnames = {full.rsplit(" ", 1)[-1]: ref for full, ref in self._persons.items() if " " in full}
        for token in doc:
            known = surnames.get(token.text)
            if known is not None and token.i not in self._roster.by_token[part]:
                span = doc[token.i : token.i + 1]
                self._roster.add(
                    replace(known, part=part, start=span.start_char, end=span.end_char, head=token.i), span
                )

    def _continues_name(self, doc: Doc, i: int, part: Part) -> bool:
        token = doc[i]
        return (
            token.text[:1].isupper()
            and token.is_alpha
            and i not in self._roster.by_token[part]
            and token.pos_ != "VERB"
        )

    def _trim(self, span: Span) -> Span | None:
        """Without titles, possessives and line breaks."""
        start, end = span.start, span.end
        doc = span.doc
        while start < end and (self._roster.kind_of(doc[start]) == "role" or not doc[start].text[:1].isalpha()):
            start += 1
        while end > start and (doc[end - 1].text in ("'s", "’s") or not doc[end - 1].text[:1].isalpha()):
            end -= 1
        for i in range(start, end):
            if doc[i].is_space:
                end = i
                break
        return doc[start:end] if end > start and doc[start].text[:1].isupper() else None

    def _known(self, name: str) -> Ref | None:
        """Someone named more fully before: "Peskov" after "Dmitry Peskov"."""
        for full in reversed(self._persons):
            if full == name or full.endswith(" " + name) or full.startswith(name + " "):
                return self._persons[full]
        return None

    def _unaffiliated(self, part: Part, span: Span) -> Ref:
        bounds = (span.start_char, span.end_char, span.root.i)
        return Ref(part, *bounds, span.text, span.text, ActorKind.PERSON, ActorKind.PERSON, None, "person", 0.4)

    def _affiliated(self, part: Part, span: Span) -> Ref | None:
        """The person with the actor that title, apposition or relative clause says he or she speaks for."""
        doc = span.doc
        root = span.root
        sentence = span.sent
        # 1. Title before the name: "Kremlin spokesman Dmitry Peskov", "Sudan's envoy to the United Nations, Salma X".
        first, role = span.start - 1, False
        while first >= sentence.start and span.start - first < 14:
            token = doc[first]
            kind = self._roster.kind_of(token)
            role = role or kind in ("role", "body", "force")
            if token.text == "." and first > sentence.start and self._roster.kind_of(doc[first - 1]) == "role":
                first -= 1  # the stop of "Col."
                continue
            if token.pos_ in ("VERB", "AUX") or token.text in (".", ";", ":", "—", "–", "“", '"') or token.is_space:
                break
            owner = self._roster.by_token[part].get(first)
            if owner is not None and owner.kind is not ActorKind.PERSON:
                # In "envoy to the United Nations" the place of work comes last, whom he speaks for comes first.
                earlier = self._owner_before(part, doc, first, sentence.start)
                if role or first == span.start - 1:
                    whom = earlier or owner
                    body = self._body_in_title(part, doc, token_at(doc, whom.start), span.start, whom)
                    return self._speaking_for(part, span, whom, 1.0, body)
            first -= 1
        # 2. Apposition or relative clause after it: "John Kirby, spokesperson for the White House,".
        for child in root.children:
            if child.i >= span.end and child.dep_ in ("appos", "relcl", "acl"):
                for token in child.subtree:
                    owner = self._roster.by_token[part].get(token.i)
                    if owner is not None and owner.kind is not ActorKind.PERSON:
                        return self._speaking_for(part, span, owner, 0.95, self._body_after(part, child, owner))
                home, kinds = self._roster.home, {self._roster.kind_of(token) for token in child.subtree}
                if kinds & {"role", "body"} and home is not None:
                    return self._speaking_for(part, span, home, 0.9, self._body_after(part, child, home))
        # 3. A title that names nobody's state: the home state's minister.
        if role:
            near = self._roster.home
            if near is not None:
                body = self._body_in_title(part, doc, max(first, sentence.start), span.start, near)
                return self._speaking_for(part, span, near, 0.9, body)
        return None

    def _body_in_title(self, part: Part, doc: Doc, first: int, name: int, owner: Ref) -> Named | None:
        """The army in "Ardanian army spokesman Col. Tam" and in "a spokesman for the army, Col. Tam"."""
        title = doc[first:name]
        before = doc[max(first - 2, doc[name].sent.start) : name]
        if any(token.lower_ in NO_LONGER for token in before):
            return None
        for token in reversed(title):
            if token.pos_ in _PARTING:
                return None
            if self._is_body_of(part, token, owner):
                aside = any(t.text == "," for t in doc[token.i + 1 : name])
                return None if aside and not self._is_served(token) else self._roster.body_at(part, token, owner)
        return None

    def _body_after(self, part: Part, apposition: Token, owner: Ref) -> Named | None:
        """The ministry in "Ilana Dorn, spokeswoman for the foreign ministry" and in "Dorn, a ministry spokeswoman"."""
        tokens = sorted(apposition.subtree, key=lambda token: token.i)
        if apposition.dep_ != "appos" or any(token.lower_ in NO_LONGER for token in tokens):
            return None
        for token in tokens:
            if self._is_body_of(part, token, owner) and (self._is_served(token) or self._has_role_after(token)):
                return self._roster.body_at(part, token, owner)
        return None

    def _is_body_of(self, part: Part, token: Token, owner: Ref) -> bool:
        known = self._roster.by_token[part].get(token.i)
        if known is None:
            return self._roster.is_body(token)
        return known.body is not None and known.actor == owner.actor and known.kind is not ActorKind.PERSON

    def _is_served(self, token: Token) -> bool:
        """True after "spokesman for the", "chief of the"."""
        start = token.sent.start
        at = token.i - 1
        while at > start and (token.doc[at].pos_ in ("DET", "ADJ", "PROPN", "NOUN", "PART")) and token.i - at < 8:
            at -= 1
        return token.doc[at].lower_ in ("for", "of", "at", "in", "with") and (
            at > start and self._roster.kind_of(token.doc[at - 1]) == "role"
        )

    def _has_role_after(self, token: Token) -> bool:
        after = token.doc[token.i + 1 : token.i + 4]
        return next((self._roster.kind_of(t) == "role" for t in after if t.pos_ not in ("PART", "ADJ", "PROPN")), False)

    def _owner_before(self, part: Part, doc: Doc, at: int, start: int) -> Ref | None:
        here = at - 1
        while here >= start and at - here < 8:
            token = doc[here]
            if token.pos_ in ("VERB", "AUX") or token.is_punct:
                return None
            owner = self._roster.by_token[part].get(here)
            if owner is not None and owner.kind is not ActorKind.PERSON:
                return owner
            here -= 1
        return None

    def _speaking_for(self, part: Part, span: Span, owner: Ref, certainty: float, body: Named | None) -> Ref:
        bounds = (span.start_char, span.end_char, span.root.i)
        sure = certainty * owner.certainty
        sort, of = ActorKind.PERSON, owner.actor_kind
        return Ref(part, *bounds, span.text, owner.actor, sort, of, owner.country, "person", sure, body)
