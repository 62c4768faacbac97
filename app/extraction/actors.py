"""Who is who in one article: finds the actors a text names, and says for any noun or pronoun which actor it means.

In: a parsed article and the gazetteer. Out: a `Cast`. Persons, bodies and metonyms roll up to states and organisations
by title, apposition or gazetteer (codebook, "Who speaks, and for whom"). It never guesses silently: whatever is not
said in so many words lowers the certainty of the reference.

Long, because finding and resolving share one table of references and would otherwise reach into each other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from app.extraction.language import ParsedArticle
from app.extraction.lexicon import Lexicon
from app.vocabulary.names import Gazetteer, NameForm, NameHit
from app.vocabulary.records import Part
from app.vocabulary.terms import ActorKind
from app.vocabulary.times import PartialDate

if TYPE_CHECKING:
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc, Span, Token
    from spacy.vocab import Vocab

_PERSONAL = {"he", "she", "him", "her", "his", "himself", "herself"}
_NEUTRAL = {"it", "its", "itself"}
_PLURAL = {"they", "them", "their", "themselves"}
_OWN = {"we", "us", "our", "ours", "i", "my", "me"}
# Right after these a capital is where something happens, not who does it.
_PLACE_PREPOSITIONS = {
    "in",
    "at",
    "near",
    "to",
    "from",
    "into",
    "outside",
    "around",
    "inside",
    "across",
    "through",
    "over",
}
_BODIES = (ActorKind.GOVERNMENT_BODY, ActorKind.ARMED_FORCE)
_NOT_GROUPS = re.compile(r"^(?:[A-Z]?[a-z]*\d[\w./-]*|[A-Z][a-z]+day|Parliament|Congress|State|Council)$")


@dataclass(frozen=True, slots=True)
class Ref:
    """A place in the text that refers to an actor.

    Attributes:
        head: Index of the head token in the part's parse.
        named: The actor as the text names it ("Dmitry Peskov", "Russian Foreign Ministry").
        actor: The actor on whose behalf it acts or speaks ("Russia").
        how: name, adjective, capital, body, person, noun or pronoun.
        certainty: 1 for what is said in so many words, less for what is inferred.
    """

    part: Part
    start: int
    end: int
    head: int
    named: str
    actor: str
    kind: ActorKind
    actor_kind: ActorKind
    country: str | None
    how: str
    certainty: float = 1.0


@lru_cache(maxsize=4)
def _matcher(vocab: Vocab, gazetteer: Gazetteer) -> PhraseMatcher:
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc

    matcher = PhraseMatcher(vocab, attr="ORTH")
    # Names are split as the tokeniser splits news: at spaces, hyphens and apostrophes.
    from spacy.lang.en import English

    tokenizer = English().tokenizer
    docs = [Doc(vocab, words=[t.text for t in tokenizer(name)]) for name in gazetteer.names()]
    matcher.add("actor", docs)
    return matcher


class Cast:
    """The actors of one article."""

    def __init__(self, parsed: ParsedArticle, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
        self._parsed = parsed
        self._gazetteer = gazetteer
        self._nouns = lexicon.actor_nouns
        self._acronyms: dict[str, str] = {}
        self._chosen: dict[str, NameHit | None] = {}
        self._persons: dict[str, Ref] = {}
        self.refs: dict[Part, list[Ref]] = {"title": [], "text": []}
        self._by_token: dict[Part, dict[int, Ref]] = {"title": {}, "text": {}}
        day = parsed.article.published
        self._published = PartialDate.parse(day).first if day else None
        parts: tuple[Part, ...] = ("text", "title")
        for part in parts:
            self._find_names(part)
        self.home = self._home()
        for part in parts:
            self._bring_home(part)
            self._find_bodies(part)
            self._find_persons(part)
            self.refs[part].sort(key=lambda ref: ref.start)

    # ---- finding ----

    def _add(self, ref: Ref, span: Span) -> None:
        self.refs[ref.part].append(ref)
        table = self._by_token[ref.part]
        for token in span:
            table[token.i] = ref

    def _ref(self, part: Part, span: Span, hit: NameHit, how: str, certainty: float = 1.0) -> Ref:
        actor = hit.actor
        top = self._gazetteer.actors.get(self._gazetteer.top(actor.name), actor)
        # A seat of power keeps its own name as speaker: the Kremlin says it, Russia is held to it.
        named = span.text if hit.form is NameForm.SEAT else actor.name
        return Ref(
            part,
            span.start_char,
            span.end_char,
            span.root.i,
            _without_article(named),
            top.name,
            ActorKind.GOVERNMENT_BODY if hit.form is NameForm.SEAT else actor.kind,
            top.kind,
            top.country,
            how,
            certainty,
        )

    def _find_names(self, part: Part) -> None:
        from spacy.util import filter_spans

        doc = self._parsed.doc(part)
        matcher = _matcher(doc.vocab, self._gazetteer)
        spans = filter_spans([doc[start:end] for _, start, end in matcher(doc)])
        taken: set[int] = set()
        for span in spans:
            hit = self._choose(span)
            if hit is None or self._is_inside_other_name(span) or self._is_of_another_state(part, span, hit):
                continue
            # An agency in the dateline has sent the article and is not spoken of.
            if part == "text" and span.end_char <= self._parsed.opening and hit.actor.kind is not ActorKind.STATE:
                continue
            how = {NameForm.ADJECTIVE: "adjective", NameForm.DEMONYM: "adjective", NameForm.CAPITAL: "capital"}.get(
                hit.form, "name"
            )
            self._add(self._ref(part, span, hit, how), span)
            taken.update(token.i for token in span)
        surnames = {e.text.rsplit(" ", 1)[-1] for e in doc.ents if e.label_ == "PERSON" and " " in e.text}
        for entity in doc.ents:
            if entity.text in surnames:
                continue
            if entity.label_ in ("ORG", "NORP") and not taken & {t.i for t in entity} and self._is_group_name(entity):
                name = _without_article(entity.text)
                bounds = (entity.start_char, entity.end_char, entity.root.i)
                unknown = ActorKind.UNKNOWN
                ref = Ref(part, *bounds, name, self._acronyms.get(name, name), unknown, unknown, None, "name", 0.8)
                self._add(ref, entity)
                self._learn_acronym(doc, entity.end, ref)
        for ref in list(self.refs[part]):
            self._learn_acronym(doc, _token_at(doc, ref.end - 1) + 1, ref)
        for token in doc:
            if token.text in self._acronyms and token.i not in self._by_token[part]:
                name = self._acronyms[token.text]
                span = doc[token.i : token.i + 1]
                known = self._gazetteer.hits(name)
                if known:
                    self._add(self._ref(part, span, known[0], "name"), span)
                else:
                    bounds = (span.start_char, span.end_char, token.i)
                    unknown = ActorKind.UNKNOWN
                    self._add(Ref(part, *bounds, name, name, unknown, unknown, None, "name", 0.8), span)

    def _is_common(self, span: Span) -> bool:
        """A name that many states' bodies bear: "Foreign Office", "Defense Department"."""
        return len(span) > 1 and span[-1].lower_ in self._nouns

    def _is_of_another_state(self, part: Part, span: Span, hit: NameHit) -> bool:
        """True for "Defense Department" in "Chile's Defense Department", which is not the one known by that name."""
        if not self._is_common(span) or span.start == 0:
            return False
        at = span.start - (2 if span.doc[span.start - 1].text in ("'s", "’s", "’", "'") else 1)
        owner = self._by_token[part].get(at)
        top = self._gazetteer.top(hit.actor.name)
        return owner is not None and owner.actor_kind is ActorKind.STATE and owner.actor != top

    def _bring_home(self, part: Part) -> None:
        """A body of a common name belongs to the home state where its namesake's state is not spoken of at all."""
        home, doc = self.home, self._parsed.doc(part)
        if home is None:
            return
        common = {}
        for i, ref in enumerate(self.refs[part]):
            span = doc.char_span(ref.start, ref.end)
            if ref.how == "name" and ref.kind in _BODIES and span is not None and self._is_common(span):
                common[i] = span
        others = {r.actor for p, refs in self.refs.items() for i, r in enumerate(refs) if p != part or i not in common}
        for i, span in common.items():
            ref = self.refs[part][i]
            if ref.actor_kind is ActorKind.STATE and ref.actor not in others and ref.actor != home.actor:
                named = f"{home.actor} {_without_article(span.text)}"
                new = replace(ref, named=named, actor=home.actor, country=home.country, certainty=0.85)
                self.refs[part][i] = new
                self._by_token[part].update(dict.fromkeys((t.i for t in span), new))

    def _choose(self, span: Span) -> NameHit | None:
        """Which bearer of a name is meant in this article, or None where it cannot be told."""
        text = span.text
        if text not in self._chosen:
            self._chosen[text] = self._bearer_in_context(text)
        return self._chosen[text]

    def _bearer_in_context(self, text: str) -> NameHit | None:
        hits = self._gazetteer.hits(text)
        hits = [hit for hit in hits if self._gazetteer.valid_on(hit.actor, self._published)] or hits
        ambiguity = self._gazetteer.ambiguities.get(text)
        if ambiguity is not None:
            body = self._parsed.article.title + "\n" + self._parsed.article.text
            # Whoever is also named in full, by the longest such name; else the words nearby that the gazetteer lists.
            named = []
            for name in ambiguity.candidates:
                actor = self._gazetteer.actors.get(name)
                for form, _ in actor.forms() if actor is not None else ():
                    if form != text and len(form) > 3 and re.search(rf"\b{re.escape(form)}\b", body):
                        named.append((len(form), name))
            for name, words in zip(ambiguity.candidates, ambiguity.context, strict=False):
                heard = sum(re.search(rf"\b{re.escape(word)}\b", body) is not None for word in words)
                if name in self._gazetteer.actors and heard:
                    named.append((min(heard, 3), name))
            if named:
                return self._bearer(text, max(named)[1])
            return self._bearer(text, ambiguity.default or "")
        if not hits:
            return None
        if len(text) <= 4 and text.islower():
            return None
        return min(hits, key=lambda hit: list(NameForm).index(hit.form))

    def _bearer(self, text: str, name: str) -> NameHit | None:
        """The actor with this canonical name, and how the words at hand stand for it ("Kremlin": a seat)."""
        listed = next((hit for hit in self._gazetteer.hits(text) if hit.actor.name == name), None)
        actor = self._gazetteer.actors.get(name)
        return listed or (NameHit(actor, NameForm.NAME) if actor is not None else None)

    def _is_inside_other_name(self, span: Span) -> bool:
        """True for a name inside a longer one that is no actor of ours: "New Georgia", "Chad Miller", "Jordan Bell"."""
        doc = span.doc
        if span.end < len(doc) and span[-1].text.isalpha() and len(span) == 1:
            following = doc[span.end]
            first = span[0]
            if first.ent_type_ == "PERSON" and first.ent_iob_ == "B" and following.ent_iob_ == "I":
                hit = self._gazetteer.hits(span.text)
                adjective = any(h.form in (NameForm.ADJECTIVE, NameForm.DEMONYM, NameForm.SEAT) for h in hit)
                return following.is_title and not adjective and following.lemma_.lower() not in self._nouns
        return False

    def _is_group_name(self, entity: Span) -> bool:
        text = _without_article(entity.text)
        if not text or not text[0].isupper() or _NOT_GROUPS.match(text) or len(text) < 3:
            return False
        # "the Foreign Ministry" without its state is a common noun here, resolved when it acts.
        return entity.root.lemma_.lower() not in self._nouns or len(text.split()) >= 3

    def _learn_acronym(self, doc: Doc, at: int, ref: Ref) -> None:
        """Let an acronym stand for its name in this article: "Rapid Support Forces (RSF)"."""
        if at + 2 < len(doc) and doc[at].text == "(" and doc[at + 2].text == ")":
            short = doc[at + 1].text
            if 2 <= len(short) <= 10 and sum(c.isupper() for c in short) >= 2 and not self._gazetteer.hits(short):
                self._acronyms.setdefault(short, ref.named)

    def _home(self) -> Ref | None:
        """The state an unmarked "foreign ministry" belongs to: the dateline's, else the one the top names most."""
        if self._parsed.dateline:
            hits = [h for h in self._gazetteer.hits(self._parsed.dateline) if h.actor.kind is ActorKind.STATE]
            for ref in self.refs["text"]:
                if hits and ref.actor == hits[0].actor.name:
                    return replace(ref, how="noun", certainty=0.8)
        opening = self._parsed.paragraphs[1][1] if len(self._parsed.paragraphs) > 1 else 600
        counted: Counter[str] = Counter()
        refs = [*self.refs["title"], *(r for r in self.refs["text"] if r.start < opening)] or self.refs["text"]
        for ref in refs:
            if ref.actor_kind is ActorKind.STATE:
                counted[ref.actor] += 1
        if not counted:
            return self._home_of_places()
        top = counted.most_common(1)[0][0]
        return next(replace(ref, how="noun", certainty=0.7) for ref in refs if ref.actor == top)

    def _home_of_places(self) -> Ref | None:
        """The state in which the places of an article that names no state lie, as local papers write."""
        counted: Counter[str] = Counter()
        where: dict[str, Span] = {}
        for entity in (e for e in self._parsed.text.ents if e.label_ in ("GPE", "LOC", "FAC")):
            country = self._gazetteer.country_of(_without_article(entity.text))
            state = self._gazetteer.state_of(country) if country is not None else None
            if state is not None:
                counted[state.name] += 1
                where.setdefault(state.name, entity)
        (top, _), *others = counted.most_common(2) or [("", 0)]
        if not top or (others and others[0][1] == counted[top]):
            return None
        state, at = self._gazetteer.actors[top], where[top]
        named = (state.name, state.name, state.kind, state.kind, state.country)
        return Ref("text", at.start_char, at.end_char, at.root.i, *named, "noun", 0.6)

    def _find_bodies(self, part: Part) -> None:
        """Know bodies under their own names, each for its state: "the Armed Forces of Ukraine"."""
        doc = self._parsed.doc(part)
        table = self._by_token[part]
        for token in doc:
            kind = self._kind_of(token)
            if token.pos_ not in ("NOUN", "PROPN") or kind not in ("body", "force", "group") or token.i in table:
                continue
            owner = self._owner(part, token, pronouns=False)
            if owner is not None and owner.kind is not ActorKind.PERSON:
                ref = self._as_noun(part, token, owner, kind, 0.95)
                self.refs[part].append(ref)
                table[token.i] = ref

    def _find_persons(self, part: Part) -> None:
        doc = self._parsed.doc(part)
        found = [
            e
            for e in doc.ents
            if e.label_ == "PERSON"
            and not self._by_token[part].keys() & {t.i for t in e}
            and not (e.text.isupper() and len(e) == 1)
        ]
        taken = {t.i for e in found for t in e}
        # The model misses names it has never seen; a title before capitals gives them away.
        i = 0
        while i < len(doc) - 1:
            if self._kind_of(doc[i]) == "role" and i + 1 not in taken:
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
            known = self._person_known(name)
            fresh = self._affiliated(part, span)
            if known is not None and (fresh is None or fresh.certainty <= known.certainty):
                ref = replace(known, part=part, start=span.start_char, end=span.end_char, head=span.root.i)
            else:
                ref = fresh or self._unaffiliated(part, span)
                if known is not None:
                    ref = replace(ref, named=known.named)
                self._persons[ref.named] = ref
            self._add(ref, span)

        # A surname alone, which the model often takes for a place.
        surnames = {full.rsplit(" ", 1)[-1]: ref for full, ref in self._persons.items() if " " in full}
        for token in doc:
            known = surnames.get(token.text)
            if known is not None and token.i not in self._by_token[part]:
                span = doc[token.i : token.i + 1]
                self._add(replace(known, part=part, start=span.start_char, end=span.end_char, head=token.i), span)

    def _continues_name(self, doc: Doc, i: int, part: Part) -> bool:
        token = doc[i]
        return token.text[:1].isupper() and token.is_alpha and i not in self._by_token[part] and token.pos_ != "VERB"

    def _trim(self, span: Span) -> Span | None:
        """Without titles, possessives and line breaks."""
        start, end = span.start, span.end
        doc = span.doc
        while start < end and (self._kind_of(doc[start]) == "role" or not doc[start].text[:1].isalpha()):
            start += 1
        while end > start and (doc[end - 1].text in ("'s", "’s") or not doc[end - 1].text[:1].isalpha()):
            end -= 1
        for i in range(start, end):
            if doc[i].is_space:
                end = i
                break
        return doc[start:end] if end > start and doc[start].text[:1].isupper() else None

    def _person_known(self, name: str) -> Ref | None:
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
            kind = self._kind_of(token)
            role = role or kind in ("role", "body", "force")
            if token.pos_ in ("VERB", "AUX") or token.text in (".", ";", ":", "—", "–", "“", '"') or token.is_space:
                break
            owner = self._by_token[part].get(first)
            if owner is not None and owner.kind is not ActorKind.PERSON:
                # In "envoy to the United Nations" the place of work comes last, whom he speaks for comes first.
                earlier = self._owner_before(part, doc, first, sentence.start)
                if role or first == span.start - 1:
                    return self._speaking_for(part, span, earlier or owner, 1.0)
            first -= 1
        # 2. Apposition or relative clause after it: "John Kirby, spokesperson for the White House,".
        for child in root.children:
            if child.i >= span.end and child.dep_ in ("appos", "relcl", "acl"):
                for token in child.subtree:
                    owner = self._by_token[part].get(token.i)
                    if owner is not None and owner.kind is not ActorKind.PERSON:
                        return self._speaking_for(part, span, owner, 0.95)
                if any(self._kind_of(token) in ("role", "body") for token in child.subtree) and self.home:
                    return self._speaking_for(part, span, self.home, 0.9)
        # 3. A title that names nobody's state: the home state's minister.
        if role:
            near = self.home
            if near is not None:
                return self._speaking_for(part, span, near, 0.9)
        return None

    def _owner_before(self, part: Part, doc: Doc, at: int, start: int) -> Ref | None:
        here = at - 1
        while here >= start and at - here < 8:
            token = doc[here]
            if token.pos_ in ("VERB", "AUX") or token.is_punct:
                return None
            owner = self._by_token[part].get(here)
            if owner is not None and owner.kind is not ActorKind.PERSON:
                return owner
            here -= 1
        return None

    def _speaking_for(self, part: Part, span: Span, owner: Ref, certainty: float) -> Ref:
        bounds = (span.start_char, span.end_char, span.root.i)
        sure = certainty * owner.certainty
        return Ref(
            part, *bounds, span.text, owner.actor, ActorKind.PERSON, owner.actor_kind, owner.country, "person", sure
        )

    def _kind_of(self, token: Token) -> str | None:
        return self._nouns.get(token.lower_) or self._nouns.get(token.lemma_.lower())

    # ---- resolving ----

    def at(self, part: Part, token: Token) -> Ref | None:
        """The actor named at this very token, or None."""
        return self._by_token[part].get(token.i)

    def within(self, part: Part, start: int, end: int) -> Iterator[Ref]:
        """The actors named between two offsets, in order."""
        for ref in self.refs[part]:
            if ref.start >= end:
                return
            if ref.end > start:
                yield ref

    def resolve(self, part: Part, token: Token, speaker: Ref | None = None) -> list[Ref]:
        """The actors that the noun phrase or pronoun headed by this token means; empty where nobody can be told.

        `speaker` is who "we" is, inside a quotation.
        """
        found = self._resolve_one(part, token, speaker)
        for other in token.conjuncts:
            if other.i > token.i and other.pos_ in ("NOUN", "PROPN", "PRON"):
                found += [ref for ref in self._resolve_one(part, other, speaker) if ref.actor not in _actors(found)]
        return found

    def _resolve_one(self, part: Part, token: Token, speaker: Ref | None) -> list[Ref]:
        direct = self._by_token[part].get(token.i)
        if direct is not None:
            return [direct]
        word = token.lower_
        if token.pos_ == "PRON" or token.tag_ == "PRP$":
            return self._pronoun(part, token, speaker)
        if word in ("side", "country", "government", "capital") and any(
            c.lower_ in ("both", "two") for c in token.children
        ):
            return self._both()
        kind = self._kind_of(token)
        owner = self._owner(part, token)
        if kind is not None:
            if owner is not None:
                return [self._as_noun(part, token, owner, kind, 0.95)]
            return self._common_noun(part, token, kind)
        if owner is not None:
            return [replace(owner, certainty=owner.certainty * 0.7)]
        return []

    def _owner(self, part: Part, token: Token, *, pronouns: bool = True) -> Ref | None:
        """Whose it is: "Russian troops", "Russia's troops", "the troops of Russia"."""
        for child in token.children:
            if child.dep_ in ("amod", "compound", "poss", "nmod", "nummod", "appos"):
                ref = self._by_token[part].get(child.i)
                if ref is not None:
                    return ref
                if pronouns and child.dep_ == "poss" and child.tag_ == "PRP$":
                    found = self._pronoun(part, child, None)
                    if found:
                        return found[0]
                deeper = (
                    self._owner(part, child, pronouns=pronouns) if child.dep_ in ("compound", "poss", "amod") else None
                )
                if deeper is not None:
                    return deeper
        for child in token.children:
            if child.dep_ == "prep" and child.lower_ in ("of", "for", "from"):
                for pobj in child.children:
                    if pobj.dep_ == "pobj":
                        ref = self._by_token[part].get(pobj.i) or self._owner(part, pobj, pronouns=pronouns)
                        if ref is not None:
                            return ref
        return None

    def _as_noun(self, part: Part, token: Token, owner: Ref, kind: str, certainty: float) -> Ref:
        """A noun with its owner: "Russian foreign ministry" is named as such and acts for Russia."""
        left = min((c.i for c in token.children if c.dep_ in ("amod", "compound", "poss", "nmod")), default=token.i)
        left = min(left, token.i)
        for child in token.children:  # the whole of a name of several words: "United Nations prosecutor"
            known = self._by_token[part].get(child.i) if child.i < token.i else None
            if known is not None:
                left = min(left, _token_at(token.doc, known.start))
        span = token.doc[left : token.i + 1]
        body = " ".join(t.text for t in span if t.i >= left and t.text not in ("'s", "’s") and t.dep_ != "det")
        named = _without_article(body)
        own = next((c for c in token.children if c.tag_ == "PRP$"), None)
        if own is not None:
            named = f"{owner.named}'s {_without_article(token.text)}"
        elif owner.kind is ActorKind.STATE:
            rest = [t for t in span if self._by_token[part].get(t.i) != owner and t.dep_ not in ("case", "det")]
            named = f"{self._adjective(owner.actor)} {' '.join(t.text for t in rest)}"
        elif owner.how != "adjective" and owner.named not in named:
            named = f"{owner.named} {named}"
        sort = ActorKind.ARMED_FORCE if kind == "force" else ActorKind.GOVERNMENT_BODY
        if kind in ("weapon", "state"):
            named, sort = owner.named, owner.kind
        elif kind == "group":
            sort = ActorKind.ARMED_GROUP
        bounds = (span.start_char, span.end_char, token.i)
        sure = certainty * owner.certainty
        return Ref(part, *bounds, named, owner.actor, sort, owner.actor_kind, owner.country, "body", sure)

    def _adjective(self, state: str) -> str:
        """The adjective of a state, "Russian" for Russia, or its name where none is known."""
        actor = self._gazetteer.actors.get(state)
        return actor.adjectives[0] if actor is not None and actor.adjectives else state

    def _common_noun(self, part: Part, token: Token, kind: str) -> list[Ref]:
        """Whoever of that sort was named last ("the group"), else the home state's ("the ministry")."""
        if kind == "weapon":
            return []
        here = token.idx
        groups = (ActorKind.ARMED_GROUP, ActorKind.POLITICAL_GROUP, ActorKind.UNKNOWN)
        if kind in ("role", "group", "state"):
            for ref in reversed(self.refs[part]):
                fits = (
                    ref.kind is ActorKind.PERSON
                    if kind == "role"
                    else ref.actor_kind in groups
                    if kind == "group"
                    else ref.actor_kind is ActorKind.STATE
                )
                if ref.start < here and fits and ref.how != "adjective":
                    return [replace(ref, certainty=ref.certainty * 0.6, how="noun", head=token.i)]
            if kind != "role":
                return []
        if self.home is None:
            return []
        bounds = (token.idx, token.idx + len(token), token.i)
        table = self._by_token[part]
        sort = [c.text for c in token.children if c.dep_ in ("compound", "amod") and c.i < token.i and c.i not in table]
        named = " ".join([self._adjective(self.home.actor), *sort, token.text])
        body, home, sure = ActorKind.GOVERNMENT_BODY, self.home, 0.9 * self.home.certainty
        return [Ref(part, *bounds, named, home.actor, body, home.actor_kind, home.country, "noun", sure)]

    def _pronoun(self, part: Part, token: Token, speaker: Ref | None) -> list[Ref]:
        word = token.lower_
        if word in _OWN:
            return [replace(speaker, certainty=speaker.certainty * 0.95)] if speaker is not None else []
        if word not in _PERSONAL | _NEUTRAL | _PLURAL:
            return []
        quoted = self._in_quote(part, token.idx)
        subject = last = None
        doc = token.doc
        for ref in reversed(self.refs[part]):
            if ref.start >= token.idx or (not quoted and self._in_quote(part, ref.start)):
                continue
            if token.idx - ref.start > 700:
                break
            person = ref.kind is ActorKind.PERSON
            if person is not (word in _PERSONAL) or (ref.how == "adjective" and word not in _PLURAL):
                continue
            last = last or ref
            if doc[ref.head].dep_ in ("nsubj", "nsubjpass") and (ref.start < token.sent.start_char or word != "it"):
                subject = ref
                break
        chosen = subject or last
        return [replace(chosen, certainty=chosen.certainty * 0.8, how="pronoun")] if chosen is not None else []

    def _in_quote(self, part: Part, offset: int) -> bool:
        return part == "text" and any(quote.start < offset < quote.end for quote in self._parsed.quotes)

    def _both(self) -> list[Ref]:
        """Who "both sides" are: the two actors the article's top names most."""
        counted: Counter[str] = Counter(ref.actor for part in self.refs.values() for ref in part[:12])
        names = [name for name, _ in counted.most_common(2)]
        found = []
        for name in names:
            ref = next(r for part in self.refs.values() for r in part if r.actor == name)
            found.append(replace(ref, certainty=0.5, how="noun"))
        return found if len(found) == 2 else []


def _actors(refs: list[Ref]) -> set[str]:
    return {ref.actor for ref in refs}


def _without_article(name: str) -> str:
    return re.sub(r"^(?:[Tt]he|[Aa]n?)\s+", "", name)


def _token_at(doc: Doc, offset: int) -> int:
    """Index of the token that holds a character."""
    span = doc.char_span(offset, offset + 1, alignment_mode="expand")
    return span.start if span is not None else len(doc)
