"""The extractor that asks a language model: articles out to a server that the user named, and readings back.

In: articles. Out: readings. Each passage is asked about by itself. Nothing that a model says is believed: a claim is
kept where its quote stands in the very passage and the article bears its names; all else is a counted refusal. Where
the server fails for good the run stops, and nothing is stored of what was not read whole.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.extraction.base import ReadingBuilder
from app.extraction.days import day_of
from app.extraction.llm_client import Chat, Message, Unusable
from app.extraction.llm_endpoint import Accounts, Endpoint, Spending
from app.extraction.llm_instruction import SCHEMA, Instruction, Passage, passages, question
from app.extraction.llm_verifying import NameBook, Named, Names, Words
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Evidence, Reading
from app.vocabulary.terms import ClaimType, DenialKind, Modality, NodeKind, RefusalReason, ThreatKind
from app.vocabulary.times import PartialDate

CONFIDENCE = 0.5
"""Of every claim. What a model says of its own certainty is no probability, so it is not asked for any."""

MOST_PASSAGES = 400
"""Of one article; more is no article, and would be paid for."""
MOST_CLAIMS = 40
"""Of one passage; a model that lists more repeats itself."""
MOST_NAME = 200
"""Characters."""
_MOST_WORDS, _LEAST_BORNE = 8, 0.5
"""Of what an incident is called: its words, and the part of them that must be the article's."""
_LEAST_QUOTE = 2
"""Words; fewer are evidence of nothing."""


class LlmExtractor:
    """Claims by a language model, each held against the text."""

    def __init__(self, endpoint: Endpoint, instruction: Instruction, gazetteer: Gazetteer, accounts: Accounts) -> None:
        self._endpoint, self._instruction, self._accounts = endpoint, instruction, accounts
        self._book = NameBook(gazetteer)
        self._name = name_of(endpoint, instruction)

    @classmethod
    def from_data(cls, data: Path, endpoint: Endpoint, accounts: Accounts) -> LlmExtractor:
        """Make one from a `graph_data` folder.

        Raises:
            BadData: A file of the gazetteer, or an example, is not there or cannot be read.
        """
        return cls(endpoint, Instruction.load(data), Gazetteer.load(data / "gazetteers"), accounts)

    @property
    def name(self) -> str:
        """The word llm, the model's name, and the version of what it is told."""
        return self._name

    @property
    def spending(self) -> Spending:
        """What the run has taken so far."""
        return self._accounts.spending()

    def read(self, articles: Iterable[Article]) -> Iterator[Reading]:
        """One reading per article.

        Raises:
            ModelAway: The server failed for good.
        """
        return (read.reading for read in self.read_marked(articles))

    def read_marked(self, articles: Iterable[Article]) -> Iterator[MarkedReading]:
        """One reading per article, with the passages of which the model told nothing that could be used."""
        chat = Chat(self._endpoint, self._accounts, SCHEMA)
        pool = ThreadPoolExecutor(self._endpoint.concurrency, "llm")
        source = iter(articles)
        ahead: deque[_Asked] = deque()
        try:
            while True:
                # Enough to keep every connection busy, and no more: what is asked is paid for.
                while not ahead or self._has_room(ahead):
                    article = next(source, None)
                    if article is None:
                        break
                    ahead.append(self._asked(article, chat, pool))
                if not ahead:
                    return
                yield self._read(ahead.popleft())
        finally:
            chat.close()
            # Whoever still waits for a server that does not answer is not waited for.
            pool.shutdown(wait=False, cancel_futures=True)

    def _has_room(self, ahead: Iterable[_Asked]) -> bool:
        under_way = sum(one.open for one in ahead)
        asked = sum(len(one.answers) for one in ahead)
        return under_way < 2 * self._endpoint.concurrency and asked < 8 * self._endpoint.concurrency

    def _asked(self, article: Article, chat: Chat, pool: ThreadPoolExecutor) -> _Asked:
        found = passages(article)
        kept = found[:MOST_PASSAGES]
        answers = [pool.submit(self._ask, chat, article, passage) for passage in kept]
        return _Asked(article, kept, answers, found[MOST_PASSAGES:])

    def _ask(self, chat: Chat, article: Article, passage: Passage) -> list[Any] | Unusable:
        messages: tuple[Message, ...] = (
            *self._instruction.messages,
            {"role": "user", "content": question(article, passage)},
        )
        try:
            return chat.ask(messages, understood)
        except Unusable as why:
            return why

    def _read(self, asked: _Asked) -> MarkedReading:
        builder = ReadingBuilder(asked.article, self._name)
        coder = _Coder(builder, Names(asked.article, self._book), self._book.gazetteer)
        unread = []
        for passage, answer in zip(asked.passages, asked.answers, strict=True):
            found = answer.result()
            if isinstance(found, Unusable):
                builder.refuse(found.reason, found.detail, passage.part, passage.start, passage.end)
                unread.append(passage)
            else:
                coder.code(passage, found)
        if asked.beyond:
            first, last = asked.beyond[0], asked.beyond[-1]
            detail = f"{len(asked.beyond)} passages after the first {MOST_PASSAGES} were not asked about"
            builder.refuse(RefusalReason.TOO_LARGE, detail, first.part, first.start, last.end)
            unread += asked.beyond
        coder.link()
        return MarkedReading(builder.reading(), tuple(unread))


@dataclass(frozen=True, slots=True)
class MarkedReading:
    """A reading, and the passages that the model was not asked about or gave no usable answer on."""

    reading: Reading
    unread: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    article: Article
    passages: list[Passage]
    answers: list[Future[list[Any] | Unusable]]
    beyond: list[Passage]

    @property
    def open(self) -> int:
        return sum(not answer.done() for answer in self.answers)


def name_of(endpoint: Endpoint, instruction: Instruction) -> str:
    """Under which the readings are recorded: "llm:MODEL@VERSION"."""
    model = re.sub(r"[^\w.:/+-]+", "_", endpoint.model.strip())
    return f"llm:{model}@{instruction.version}"


# ---- what an answer means ----


def understood(answer: str) -> list[Any]:
    """The claims that an answer lists, as they stand there; models put fences and words around their JSON.

    Raises:
        Unusable: It holds no JSON, or lists no claims.
    """
    text = re.sub(r"<think>.*?</think>", " ", answer, flags=re.DOTALL)
    decoder = json.JSONDecoder()
    begun = [match.start() for match in re.finditer(r"[{\[]", text)][:_TRIED]
    for start in begun:
        with suppress(ValueError, RecursionError):
            found, _ = decoder.raw_decode(text, start)
            claims = found.get("claims") if isinstance(found, dict) else found
            if isinstance(claims, list) and (isinstance(found, dict) or _are_claims(claims)):
                return claims
            if isinstance(found, dict) and "quote" in found:
                return [found]
            if isinstance(found, dict):
                raise Unusable(RefusalReason.BAD_FIELD, f"the answer lists no claims but {', '.join(found)[:80]!r}")
    what = "breaks off" if begun else "is no JSON"
    raise Unusable(RefusalReason.BAD_JSON, f"the answer {what}: {' '.join(text.split())[:60]!r}")


_TRIED = 20


def _are_claims(found: list[Any]) -> bool:
    return all(isinstance(one, dict) for one in found)


# ---- from an answer to records ----


class _Coder:
    """Holds what a model lists against one article, and writes down what stands."""

    def __init__(self, builder: ReadingBuilder, names: Names, gazetteer: Gazetteer) -> None:
        self._builder, self._names, self._gazetteer = builder, names, gazetteer
        published = builder.article.published
        self._published = published
        self._day: date | None = PartialDate.parse(published).first if published else None
        self._incidents: dict[str, str] = {}

    def code(self, passage: Passage, claims: list[Any]) -> None:
        """Write down the claims of a passage that stand in it."""
        words = Words(self._builder.article.part(passage.part), passage.start, passage.end)
        for raw in claims[:MOST_CLAIMS]:
            if not isinstance(raw, dict):
                self._refuse(RefusalReason.BAD_FIELD, f"no claim: {str(raw)[:60]!r}", passage)
                continue
            self._claim(passage, words, raw)
        if len(claims) > MOST_CLAIMS:
            detail = f"{len(claims) - MOST_CLAIMS} claims after the first {MOST_CLAIMS} of a passage"
            self._refuse(RefusalReason.TOO_LARGE, detail, passage)

    def _claim(self, passage: Passage, words: Words, raw: Mapping[str, Any]) -> None:
        quote = raw.get("quote")
        if not isinstance(quote, str) or len(re.findall(r"\w+", quote)) < _LEAST_QUOTE:
            self._refuse(RefusalReason.BAD_FIELD, f"a quote needs words, and has {str(quote)[:60]!r}", passage)
            return
        found = words.find(quote)
        if found is None:
            self._refuse(RefusalReason.QUOTE_NOT_IN_TEXT, f"{str(raw.get('type'))[:20]}: {quote[:80]!r}", passage)
            return
        at = self._builder.evidence(passage.part, *found)
        kind, modality = raw.get("type"), raw.get("modality")
        if kind not in tuple(ClaimType) or modality not in tuple(Modality):
            self._refuse(RefusalReason.UNKNOWN_TERM, f"{str(kind)[:20]!r}, {str(modality)[:20]!r}", at)
            return
        source = self._actor(raw.get("source"))
        if source is None:
            self._refuse(RefusalReason.NO_SOURCE, f"{kind}: the article names no {_short(raw.get('source'))}", at)
            return
        target = None
        if _is_told(raw.get("target")) and (target := self._actor(raw["target"])) is None:
            self._refuse(RefusalReason.NO_TARGET, f"{kind}: the article names no {_short(raw['target'])}", at)
            return
        speaker = self._actor(raw["speaker"]) if _is_told(raw.get("speaker")) else source
        if speaker is None:
            detail = f"speaker: the article names no {_short(raw['speaker'])}; taken for the source"
            self._refuse(RefusalReason.NOT_AN_ACTOR, detail, at)
            speaker = source
        if target is not None and target.top == source.top:
            self._refuse(RefusalReason.SOURCE_IS_TARGET, f"{kind}: {source.top}", at)
            return
        incident = self._incident(raw, at)
        by, against = self._mention(source, source.top), self._mention(target, target.top) if target else None
        claim = self._builder.claim(
            ClaimType(kind),
            speaker=self._mention(speaker, speaker.name),
            source=by,
            target=against,
            modality=Modality(modality),
            evidence=at,
            incident=incident,
            date=day_of(at.quote, self._day) or self._published,
            denial_kind=self._denial_kind(raw, at),
            threat_kind=self._threat_kind(raw, at),
            source_named=self._mention(source, source.name) if source.name != source.top else None,
            target_named=self._mention(target, target.name) if target and target.name != target.top else None,
            confidence=CONFIDENCE,
            cue="a language model's reading",
        )
        if claim is not None and incident is not None and kind == ClaimType.ACCUSES and against is not None:
            self._accuse(incident, against)

    def link(self) -> None:
        """What claims answer: a denial the last accusation of the denier by its target, a retaliation its incident."""
        claims = sorted(self._builder.claims, key=lambda one: (one.evidence.part != "title", one.evidence.start))
        for number, claim in enumerate(claims):
            answers = claim.incident if claim.type is ClaimType.RETALIATES else None
            if claim.type is ClaimType.DENIES:
                for other in (*reversed(claims[:number]), *claims[number + 1 :]):
                    if (
                        other.type is ClaimType.ACCUSES
                        and other.target == claim.source
                        and claim.target in (None, other.source)
                    ):
                        answers = other.id
                        break
            if answers is not None:
                self._builder.replace_claim(dataclasses.replace(claim, responds_to=answers))

    def _actor(self, told: object) -> Named | None:
        name = _name(told)
        return self._names.named(name) if name is not None else None

    def _mention(self, named: Named, name: str) -> str:
        kind, country = named.kind, named.country
        if name != named.name:
            whole = self._gazetteer.actors[name]
            kind, country = whole.kind, whole.country
        return self._builder.mention(NodeKind.ACTOR, name, named.at, kind, country)

    def _incident(self, raw: Mapping[str, Any], at: Evidence) -> str | None:
        """The incident that a claim is about, if words of the article tell of it."""
        told = raw.get("incident")
        if not _is_told(told):
            return None
        kind = (_name(told) or "").lower()
        if len(kind.split()) > _MOST_WORDS or not self._names.bears(kind, _LEAST_BORNE):
            self._refuse(RefusalReason.BAD_FIELD, f"incident: the article tells of no {_short(told)}", at)
            return None
        if kind not in self._incidents:
            place, country = self._place(raw.get("place"), at)
            self._incidents[kind] = self._builder.incident(kind, at, place, country, day_of(at.quote, self._day))
        return self._incidents[kind]

    def _place(self, told: object, at: Evidence) -> tuple[str | None, str | None]:
        if not _is_told(told):
            return None, None
        name = _name(told)
        where = self._names.place(name) if name is not None else None
        if name is not None and where is None:
            # "Zaragoza, Chihuahua", of an article that says "Zaragoza".
            name = name.partition(",")[0]
            where = self._names.place(name)
        if name is None or where is None:
            self._refuse(RefusalReason.BAD_FIELD, f"place: the article names no {_short(told)}", at)
            return None, None
        country = self._gazetteer.country_of(name, self._day)
        return self._builder.mention(NodeKind.PLACE, name, where, country=country), country

    def _accuse(self, incident: str, accused: str) -> None:
        one = next(found for found in self._builder.incidents if found.id == incident)
        if accused not in one.alleged_perpetrators:
            named = (*one.alleged_perpetrators, accused)
            self._builder.replace_incident(dataclasses.replace(one, alleged_perpetrators=named))

    def _denial_kind(self, raw: Mapping[str, Any], at: Evidence) -> DenialKind | None:
        told = raw.get("denial_kind")
        if told is None:
            return None
        if told not in tuple(DenialKind) or raw["type"] != ClaimType.DENIES:
            self._refuse(RefusalReason.UNKNOWN_TERM, f"denial_kind {_short(told)} of a claim that {raw['type']}", at)
            return None
        return DenialKind(told)

    def _threat_kind(self, raw: Mapping[str, Any], at: Evidence) -> ThreatKind | None:
        told = raw.get("threat_kind")
        if told is None:
            return None
        if told not in tuple(ThreatKind) or raw["modality"] != Modality.THREATENED:
            self._refuse(RefusalReason.UNKNOWN_TERM, f"threat_kind {_short(told)} of what is {raw['modality']}", at)
            return None
        return ThreatKind(told)

    def _refuse(self, reason: RefusalReason, detail: str, at: Evidence | Passage) -> None:
        self._builder.refuse(reason, " ".join(detail.split()), at.part, at.start, at.end)


def _is_told(told: object) -> bool:
    """Whether a field says anything; models write "null" where they were to write null."""
    return told is not None and not (isinstance(told, str) and told.strip().lower() in ("", "null", "none", "unknown"))


def _name(told: object) -> str | None:
    """A name on one line, or None where what is told can be none."""
    name = " ".join(told.split()) if isinstance(told, str) else ""
    return name if name and name.isprintable() and len(name) <= MOST_NAME else None


def _short(told: object) -> str:
    return repr(str(told)[:60])
