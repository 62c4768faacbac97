"""Who is named in one article: finds the actors a text names, and rolls bodies, persons and metonyms up.

In: a parsed article and the gazetteer. Out: a `Roster` of references. Persons, bodies and metonyms roll up to states
and organisations by title, apposition or gazetteer (codebook, "Who speaks, and for whom"). What a noun or pronoun means
that names nobody is `app.extraction.cast`'s business.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from app.extraction.language import ParsedArticle, words
from app.extraction.lexicon import Lexicon
from app.vocabulary.names import Gazetteer, NameForm, NameHit
from app.vocabulary.records import Part
from app.vocabulary.terms import ActorKind
from app.vocabulary.times import PartialDate

if TYPE_CHECKING:
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc, Span, Token
    from spacy.vocab import Vocab

_BODIES = (ActorKind.GOVERNMENT_BODY, ActorKind.ARMED_FORCE)
_WHOLE = frozenset(
    "government administration authorities leadership regime junta presidency cabinet officials ministers diplomats"
    " country state nation press opposition".split()
)
"""Nouns that stand for all of a state, or for nobody of it in particular; any other body is a part of it."""
NO_LONGER = frozenset("former formerly ex retired ousted late onetime one-time".split())
"""Who is called so speaks for no body."""
_NOT_GROUPS = re.compile(r"^(?:[A-Z]?[a-z]*\d[\w./-]*|[A-Z][a-z]+day|Parliament|Congress|State|Council)$")


@dataclass(frozen=True, slots=True)
class Named:
    """A body or outlet as the text names it, and where it does."""

    name: str
    kind: ActorKind
    country: str | None
    part: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Ref:
    """A place in the text that refers to an actor.

    Attributes:
        head: Index of the head token in the part's parse.
        named: The actor as the text names it ("Dmitry Peskov", "Russian Foreign Ministry").
        actor: The actor on whose behalf it acts or speaks ("Russia").
        how: name, adjective, capital, body, person, noun or pronoun.
        certainty: 1 for what is said in so many words, less for what is inferred.
        body: The body that it is or speaks for and that is only part of the actor (the Russian army), where the text
            names one; None where the actor itself, its government or a seat of power stands there.
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
    body: Named | None = None


@lru_cache(maxsize=4)
def name_matcher(vocab: Vocab, gazetteer: Gazetteer) -> PhraseMatcher:
    """Finds the names that the gazetteer knows in the tokens of a text."""
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc

    matcher = PhraseMatcher(vocab, attr="ORTH")
    # Names are split as the tokeniser splits news: at spaces, hyphens and apostrophes.
    from spacy.lang.en import English

    tokenizer = English().tokenizer
    docs = [Doc(vocab, words=[t.text for t in tokenizer(name)]) for name in gazetteer.names()]
    matcher.add("actor", docs)
    return matcher


class Roster:
    """The actors one article names.

    Attributes:
        refs: Every reference by name, title or apposition, by part, in order.
        by_token: The same by the index of each token they cover; a body that has its owner before it, by its noun.
        home: The state that an unmarked "foreign ministry" belongs to, or None.
    """

    def __init__(self, parsed: ParsedArticle, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
        self._parsed = parsed
        self._gazetteer = gazetteer
        self._nouns = lexicon.actor_nouns
        self._kinds: dict[Part, list[str | None]] = {}
        self._acronyms: dict[str, str] = {}
        self._chosen: dict[str, NameHit | None] = {}
        self.refs: dict[Part, list[Ref]] = {"title": [], "text": []}
        self.by_token: dict[Part, dict[int, Ref]] = {"title": {}, "text": {}}
        day = parsed.article.published
        self._published = PartialDate.parse(day).first if day else None
        parts: tuple[Part, ...] = ("text", "title")
        for part in parts:
            self._find_names(part)
        self.home = self._home()
        for part in parts:
            self._bring_home(part)
            self._find_bodies(part)

    # ---- what a word is ----

    def kind_of(self, token: Token) -> str | None:
        """What sort of actor a noun stands for (`graph_data/lexicons/actor_nouns.tsv`), or None."""
        return self.kinds("title" if token.doc is self._parsed.title else "text")[token.i]

    def kinds(self, part: Part) -> list[str | None]:
        """The same of every token of a part."""
        found = self._kinds.get(part)
        if found is None:
            nouns = self._nouns
            found = [nouns.get(low) or nouns.get(lemma) for lemma, low in words(self._parsed.doc(part))]
            self._kinds[part] = found
        return found

    def owner(self, part: Part, token: Token, pronoun: Callable[[Token], Ref | None] | None = None) -> Ref | None:
        """Whose it is: "Russian troops", "Russia's troops", "the troops of Russia".

        `pronoun` says who "its" is; without it, a possessive pronoun owns nothing.
        """
        for child in token.children:
            if child.dep_ in ("amod", "compound", "poss", "nmod", "nummod", "appos"):
                ref = self.by_token[part].get(child.i)
                if ref is not None:
                    return ref
                if pronoun is not None and child.dep_ == "poss" and child.tag_ == "PRP$":
                    own = pronoun(child)
                    if own is not None:
                        return own
                deeper = self.owner(part, child, pronoun) if child.dep_ in ("compound", "poss", "amod") else None
                if deeper is not None:
                    return deeper
        for child in token.children:
            if child.dep_ == "prep" and child.lower_ in ("of", "for", "from"):
                for pobj in child.children:
                    if pobj.dep_ == "pobj":
                        ref = self.by_token[part].get(pobj.i) or self.owner(part, pobj, pronoun)
                        if ref is not None:
                            return ref
        return None

    def as_noun(self, part: Part, token: Token, owner: Ref, kind: str, certainty: float) -> Ref:
        """A noun with its owner: "Russian foreign ministry" is named as such and acts for Russia."""
        left = min((c.i for c in token.children if c.dep_ in ("amod", "compound", "poss", "nmod")), default=token.i)
        left = min(left, token.i)
        for child in token.children:  # the whole of a name of several words: "United Nations prosecutor"
            known = self.by_token[part].get(child.i) if child.i < token.i else None
            if known is not None:
                left = min(left, token_at(token.doc, known.start))
        span = token.doc[left : token.i + 1]
        body = " ".join(t.text for t in span if t.i >= left and t.text not in ("'s", "’s") and t.dep_ != "det")
        named = without_article(body)
        own = next((c for c in token.children if c.tag_ == "PRP$"), None)
        if own is not None:
            named = f"{owner.named}'s {without_article(token.text)}"
        elif owner.kind is ActorKind.STATE:
            rest = [t for t in span if self.by_token[part].get(t.i) != owner and t.dep_ not in ("case", "det")]
            named = f"{self.adjective(owner.actor)} {' '.join(t.text for t in rest)}"
        elif owner.how != "adjective" and owner.named not in named:
            named = f"{owner.named} {named}"
        sort = ActorKind.ARMED_FORCE if kind == "force" else ActorKind.GOVERNMENT_BODY
        if kind in ("weapon", "state"):
            named, sort = owner.named, owner.kind
        elif kind == "group":
            sort = ActorKind.ARMED_GROUP
        bounds = (span.start_char, span.end_char, token.i)
        sure = certainty * owner.certainty
        serves = self._body(part, span, token, kind, named, owner)
        return Ref(part, *bounds, named, owner.actor, sort, owner.actor_kind, owner.country, "body", sure, serves)

    def _body(self, part: Part, span: Span, token: Token, kind: str, named: str, owner: Ref) -> Named | None:
        """The body that a noun with its owner stands or speaks for: itself, or what "the army's spokesman" serves."""
        if kind in ("body", "force", "group") and token.lower_ not in _WHOLE:
            sort = {"force": ActorKind.ARMED_FORCE, "group": ActorKind.ARMED_GROUP}.get(kind, ActorKind.GOVERNMENT_BODY)
            return Named(named, sort, owner.country, part, span.start_char, span.end_char)
        if kind == "role":
            within = [t for t in token.subtree if t.i < token.i or t.head.lower_ in ("for", "of")]
            served = next((t for t in within if self.is_body(t)), None)
            if any(t.lower_ in NO_LONGER for t in within):
                return None
            if served is not None:
                return self.body_at(part, served, owner)
        return owner.body

    def is_body(self, token: Token) -> bool:
        """True for "army" and "ministry", which are part of a state, false for "government"."""
        return self.kind_of(token) in ("body", "force") and token.lower_ not in _WHOLE

    def body_at(self, part: Part, token: Token, owner: Ref) -> Named:
        """The body of an actor that is headed by this noun: "army" of Ardania is the Ardanian army."""
        known = self.by_token[part].get(token.i)
        if known is not None and known.body is not None:
            return known.body
        table = self.by_token[part]
        sort = [c for c in token.children if c.dep_ in ("compound", "amod") and c.i < token.i and c.i not in table]
        name = " ".join([self.adjective(owner.actor), *(t.text for t in sort), token.text])
        kind = ActorKind.ARMED_FORCE if self.kind_of(token) == "force" else ActorKind.GOVERNMENT_BODY
        start = min([token.idx, *(t.idx for t in sort)])
        return Named(name, kind, owner.country, part, start, token.idx + len(token))

    def adjective(self, state: str) -> str:
        """The adjective of a state, "Russian" for Russia, or its name where none is known."""
        actor = self._gazetteer.actors.get(state)
        return actor.adjectives[0] if actor is not None and actor.adjectives else state

    # ---- finding ----

    def add(self, ref: Ref, span: Span) -> None:
        """Enter a reference for every token of its span."""
        self.refs[ref.part].append(ref)
        table = self.by_token[ref.part]
        for token in span:
            table[token.i] = ref

    def _ref(self, part: Part, span: Span, hit: NameHit, how: str, certainty: float = 1.0) -> Ref:
        actor = hit.actor
        top = self._gazetteer.actors.get(self._gazetteer.top(actor.name), actor)
        # A seat of power keeps its own name as speaker: the Kremlin says it, Russia is held to it.
        seat = hit.form is NameForm.SEAT
        named = span.text if seat else actor.name
        bounds = (part, span.start_char, span.end_char)
        part_of_it = top.name != actor.name and not seat
        return Ref(
            *bounds,
            span.root.i,
            without_article(named),
            top.name,
            ActorKind.GOVERNMENT_BODY if seat else actor.kind,
            top.kind,
            top.country,
            how,
            certainty,
            Named(without_article(named), actor.kind, top.country, *bounds) if part_of_it else None,
        )

    def _find_names(self, part: Part) -> None:
        from spacy.util import filter_spans

        doc = self._parsed.doc(part)
        matcher = name_matcher(doc.vocab, self._gazetteer)
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
            self.add(self._ref(part, span, hit, how), span)
            taken.update(token.i for token in span)
        surnames = {e.text.rsplit(" ", 1)[-1] for e in doc.ents if e.label_ == "PERSON" and " " in e.text}
        for entity in doc.ents:
            if entity.text in surnames:
                continue
            if entity.label_ in ("ORG", "NORP") and not taken & {t.i for t in entity} and self._is_group_name(entity):
                name = without_article(entity.text)
                bounds = (entity.start_char, entity.end_char, entity.root.i)
                unknown = ActorKind.UNKNOWN
                ref = Ref(part, *bounds, name, self._acronyms.get(name, name), unknown, unknown, None, "name", 0.8)
                self.add(ref, entity)
                self._learn_acronym(doc, entity.end, ref)
        for ref in list(self.refs[part]):
            self._learn_acronym(doc, token_at(doc, ref.end - 1) + 1, ref)
        for token in doc:
            if token.text in self._acronyms and token.i not in self.by_token[part]:
                name = self._acronyms[token.text]
                span = doc[token.i : token.i + 1]
                known = self._gazetteer.hits(name)
                if known:
                    self.add(self._ref(part, span, known[0], "name"), span)
                else:
                    bounds = (span.start_char, span.end_char, token.i)
                    unknown = ActorKind.UNKNOWN
                    self.add(Ref(part, *bounds, name, name, unknown, unknown, None, "name", 0.8), span)

    def _is_common(self, span: Span) -> bool:
        """A name that many states' bodies bear: "Foreign Office", not "Russian Foreign Office"."""
        if len(span) < 2 or span[-1].lower_ not in self._nouns:
            return False
        return all(hit.actor.kind is not ActorKind.STATE for hit in self._gazetteer.hits(span[0].text))

    def _is_of_another_state(self, part: Part, span: Span, hit: NameHit) -> bool:
        """True for "Defense Department" in "Chile's Defense Department", which is not the one known by that name."""
        if not self._is_common(span) or span.start == 0:
            return False
        at = span.start - (2 if span.doc[span.start - 1].text in ("'s", "’s", "’", "'") else 1)
        owner = self.by_token[part].get(at)
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
                named = f"{home.actor} {without_article(span.text)}"
                body = replace(ref.body, name=named, country=home.country) if ref.body is not None else None
                new = replace(ref, named=named, actor=home.actor, country=home.country, certainty=0.85, body=body)
                self.refs[part][i] = new
                self.by_token[part].update(dict.fromkeys((t.i for t in span), new))

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
        text = without_article(entity.text)
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
            country = self._gazetteer.country_of(without_article(entity.text))
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
        table = self.by_token[part]
        for i, kind in enumerate(self.kinds(part)):
            if kind not in ("body", "force", "group") or i in table or doc[i].pos_ not in ("NOUN", "PROPN"):
                continue
            token = doc[i]
            owner = self.owner(part, token)
            if owner is not None and owner.kind is not ActorKind.PERSON:
                ref = self.as_noun(part, token, owner, kind, 0.95)
                self.refs[part].append(ref)
                table[token.i] = ref


def without_article(name: str) -> str:
    """A name without "the" or "a" before it."""
    return re.sub(r"^(?:[Tt]he|[Aa]n?)\s+", "", name)


def token_at(doc: Doc, offset: int) -> int:
    """Index of the token that holds a character."""
    span = doc.char_span(offset, offset + 1, alignment_mode="expand")
    return span.start if span is not None else len(doc)
