"""Through whom a claim reached the article: outlets that it credits, and bodies that report another's words.

In: an article and one claim's sentence. Out: the chain, outermost first; empty where the article itself heard the
speaker. The article's own publisher relays nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.extraction.actors import Named, Ref, without_article
from app.extraction.cast import Cast
from app.extraction.language import ParsedArticle
from app.extraction.lexicon import Lexicon
from app.extraction.speech import Utterance
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Part
from app.vocabulary.terms import ActorKind

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_CREDIT = re.compile(r"\(([^()\d]{2,40})\)")
_OUTLET = re.compile(
    r"(?:\b(?:news|press|times|post|herald|gazette|tribune|journal|daily|radio|tv|television|broadcasting|media"
    r"|newspaper|broadcaster|wire|observer|telegraph|guardian|chronicle)\b|news agency$)",
    re.IGNORECASE,
)
_MEDIUM = {"television", "tv", "media", "radio", "newspaper", "newspapers", "broadcaster", "daily", "channel", "outlet"}
_STATE_RUN = {"state", "state-run", "state-owned", "state-controlled", "official", "government", "semi-official"}
_TOLD = {"tell", "inform", "brief"}
_SPOKEN = {
    "speak",
    "say",
    "talk",
    "confirm",
    "statement",
    "remark",
    "comment",
    "interview",
    "email",
    "message",
    "write",
}
_CARRIED = {
    "quote",
    "cite",
    "carry",
    "publish",
    "report",
    "broadcast",
    "air",
    "release",
    "distribute",
    "obtain",
    "relay",
}
_REPORTING = _CARRIED | {"say", "write", "add", "reveal", "state", "run", "show"}
_CITING = {"cite", "quote", "reference"}


class Relays:
    """What one article says of how its words came to it."""

    def __init__(self, parsed: ParsedArticle, cast: Cast, lexicon: Lexicon, gazetteer: Gazetteer) -> None:
        self._cast, self._lexicon, self._gazetteer = cast, lexicon, gazetteer
        publisher = parsed.article.publisher or ""
        self._publisher, self._initials = _plain(publisher), _initials(publisher)
        sent = self._sender(parsed)
        # Where nobody says who publishes it, the agency of the dateline may well be who does.
        self._agency = sent if sent is not None and self._publisher else None
        self._silent = [name for name in (self._publisher, _plain(sent.name) if sent is not None else "") if name]

    def of(self, part: Part, sentence: Span, utterances: Sequence[Utterance], source: Ref) -> list[Named]:
        """The chain of a claim made in a sentence by this source."""
        credits_ = sorted(self._outlets(part, sentence, source), key=lambda found: (found[0], found[1].start))
        chain = [self._agency] if self._agency is not None else []
        chain += [outlet for _, outlet in credits_ if not self._is_silent(outlet.name)]
        chain += self._reporters(part, sentence, utterances, source)
        own = {source.named, source.actor, source.body.name if source.body is not None else ""}
        once: dict[str, Named] = {}
        for named in chain:
            if named.name not in own:
                once.setdefault(named.name, named)
        return list(once.values())

    def _sender(self, parsed: ParsedArticle) -> Named | None:
        """The agency in a dateline: "CAIRO (Continental Press) -"."""
        for match in _CREDIT.finditer(parsed.article.text[: parsed.opening]):
            words = match.group(1).strip()
            hit = next((h for h in self._gazetteer.hits(words) if h.actor.kind is ActorKind.MEDIA), None)
            name = hit.actor.name if hit is not None else words
            if (hit is not None or _OUTLET.search(words) or words.isupper()) and not self._is_publisher(name, words):
                return Named(name, ActorKind.MEDIA, None, "text", match.start(1), match.end(1))
        return None

    def _is_publisher(self, *names: str) -> bool:
        return any(_same(_plain(name), self._publisher) or self._is_short(name) for name in names)

    def _is_short(self, name: str) -> bool:
        """True for the publisher's own initials: "EAN" of the East African Newsletter, "TCW" of Transcaspian Wire."""
        short = name.replace(".", "")
        if not short.isupper() or len(short) < 2:
            return False
        spelt = _within(self._initials, short) and _within(short, self._publisher.upper())
        return self._initials.startswith(short) or (len(self._initials) > 1 and spelt)

    def _is_silent(self, name: str) -> bool:
        return self._is_short(name) or any(_same(_plain(name), silent) for silent in self._silent)

    def _outlets(self, part: Part, sentence: Span, source: Ref) -> Iterator[tuple[int, Named]]:
        """Outlets that a sentence credits, each with its rank: who reports stands before whom it cites."""
        seen: set[str] = set()
        for token in sentence:
            rank = _credited(token) if token.pos_ in ("NOUN", "PROPN") else None
            outlet = self._outlet(part, token, source) if rank is not None else None
            if rank is not None and outlet is not None and outlet.name not in seen:
                seen.add(outlet.name)
                yield rank, outlet

    def _outlet(self, part: Part, token: Token, source: Ref) -> Named | None:
        """The outlet that a noun names or describes ("Reuters", "Ardanian state television"), or None.

        A state's own outlet that alone speaks for its state relays nothing.
        """
        ref = self._cast.at(part, token)
        if ref is not None and ref.head == token.i and ref.how != "adjective":
            described = ref.kind in (ActorKind.UNKNOWN, ActorKind.GOVERNMENT_BODY) and _OUTLET.search(ref.named)
            itself = source.named == source.actor == ref.actor
            if (ref.kind is ActorKind.MEDIA or described) and not itself:
                return Named(ref.named, ActorKind.MEDIA, ref.country, part, ref.start, ref.end)
            return None
        agency = token.lower_ == "agency" and token.i > 0 and token.nbor(-1).lower_ == "news"
        if not agency and token.lower_ not in _MEDIUM:
            return None
        phrase = token.doc[token.left_edge.i : token.i + 1]
        owners = (self._cast.at(part, t) for t in phrase)
        owner = next((ref for ref in owners if ref is not None and ref.kind is not ActorKind.PERSON), None)
        own = any(t.tag_ == "PRP$" for t in phrase)
        if owner is None and (own or any(t.lower_ in _STATE_RUN for t in phrase)):
            # Who is quoted by "state radio" or tells it something mostly does so in his own state.
            told = token.dep_ in ("dobj", "dative") or token.head.lemma_.lower() in _CARRIED
            owner = source if (own or told) and source.actor_kind is ActorKind.STATE else self._cast.home
        if owner is None or source.named == source.actor == owner.actor:
            return None
        last = max((t.i for t in phrase if self._cast.at(part, t) is not None), default=phrase.start - 1)
        rest = [t for t in phrase if t.i > last and t.dep_ not in ("det", "case") and t.tag_ != "PRP$"]
        if not rest:
            return None
        words = "".join(t.text_with_ws for t in rest).strip()
        name = f"{self._cast.adjective(owner.actor)} {words[:1].lower()}{words[1:]}"
        return Named(name, ActorKind.MEDIA, owner.country, part, phrase.start_char, phrase.end_char)

    def _reporters(self, part: Part, sentence: Span, utterances: Sequence[Utterance], source: Ref) -> Iterator[Named]:
        """Bodies in whose words the source's words stand: "the ministry said the prisoner had confessed that"."""
        if source.part != part or not sentence.start_char <= source.start < sentence.end_char:
            return
        verb = self._says(sentence.doc[source.head])
        if verb is None:
            return
        for utterance in sorted(utterances, key=lambda u: -len(u.content)):
            if utterance.verb is None or len(utterance.speakers) != 1 or not _stands_under(verb, utterance.verb):
                continue
            outer = utterance.speakers[0]
            if outer.kind is not ActorKind.MEDIA and outer.actor != source.actor and outer.named != source.named:
                yield Named(outer.named, outer.kind, outer.country, outer.part, outer.start, outer.end)

    def _says(self, speaker: Token) -> Token | None:
        """The verb of saying, accusing or denying that a noun is the subject of, or None."""
        for _ in range(3):
            if speaker.dep_ in ("appos", "compound", "nmod", "poss") and speaker.head.pos_ in ("NOUN", "PROPN"):
                speaker = speaker.head  # "the captured soldier Pavel Osk"
        verb = speaker.head
        lemma = verb.lemma_.lower()
        says = lemma in self._lexicon.speech or lemma in self._lexicon.accuse or lemma in self._lexicon.deny
        return verb if says and speaker.dep_ == "nsubj" and verb.pos_ == "VERB" else None


def _stands_under(inner: Token, outer: Token) -> bool:
    """True where a verb of saying stands in a clause that says what another's says: "X said that Y had accused"."""
    here = inner
    for _ in range(6):
        if here.head.i == outer.i:
            first = min((c.left_edge.i for c in inner.children if c.dep_ == "nsubj"), default=inner.i)
            between = inner.doc[outer.i + 1 : first]
            aside = any(t.is_punct or t.pos_ == "VERB" for t in between)
            return here.dep_ == "ccomp" and outer.i < first and not aside
        if here.dep_ not in ("ccomp", "conj", "xcomp", "advcl") or here.head.i == here.i:
            return False
        here = here.head
    return False


def _credited(outlet: Token) -> int | None:
    """0 where the outlet reports or is told, 1 where it is cited by who does; None where it is merely spoken of."""
    head, governor = outlet.head, outlet.head.head
    lemma = head.lemma_.lower()
    if outlet.dep_ in ("dobj", "dative"):
        if lemma in _CITING:
            return 1
        return 0 if lemma in _TOLD else None
    if outlet.dep_ == "nsubj":
        return 0 if lemma in _REPORTING else None
    if outlet.dep_ == "pobj":
        word, verb = head.lower_, governor.lemma_.lower()
        if word == "by" and (head.dep_ == "agent" or governor.tag_ == "VBN"):
            return 0 if verb in _CARRIED else None
        if word == "to":
            return 0 if verb in _SPOKEN or governor.lower_ == "according" else None
        if word == "with":
            return 0 if verb == "interview" else None
    return None


def _plain(name: str) -> str:
    return without_article(name).casefold().strip()


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.findall(r"[A-Z]\w*", without_article(name)))


def _within(letters: str, word: str) -> bool:
    """Whether letters stand in a word in their order, others between them."""
    rest = iter(word)
    return all(letter in rest for letter in letters)


def _same(one: str, other: str) -> bool:
    """Whether two names of outlets are one's: "Reuters" and "Reuters News Agency"."""
    return bool(one and other) and (one == other or f" {one} " in f" {other} " or f" {other} " in f" {one} ")
