"""Disputes written down claim by claim, for tests that state what a question means: a notebook in, a graph out."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.extraction.base import ReadingBuilder
from app.graph import ConflictGraph, fold
from app.ledger import Entry
from app.vocabulary.records import Actor, Article, Decision
from app.vocabulary.terms import (
    AcknowledgementKind,
    ActorKind,
    ClaimType,
    DecisionKind,
    DenialKind,
    Judgement,
    Modality,
    NodeKind,
    ThreatKind,
)

ACTORS = (
    Actor("Norland", ActorKind.STATE, "NOR"),
    Actor("Sudria", ActorKind.STATE, "SUD"),
    Actor("Sudrian Army", ActorKind.ARMED_FORCE, "SUD", part_of="actor-sudria"),
    Actor("Sudrian Navy", ActorKind.ARMED_FORCE, "SUD", part_of="actor-sudria"),
    Actor("Sudrian Foreign Ministry", ActorKind.GOVERNMENT_BODY, "SUD", part_of="actor-sudria"),
    Actor("Eastland", ActorKind.STATE, "EAS"),
    Actor("Westmark", ActorKind.STATE, "WES"),
)


@dataclass
class Notebook:
    """Every claim stands in an article of its own, unless it answers one of the same article."""

    _builders: list[ReadingBuilder] = field(default_factory=list)
    _decisions: list[Decision] = field(default_factory=list)
    _incidents: dict[str, list[str]] = field(default_factory=dict)
    _home: dict[str, ReadingBuilder] = field(default_factory=dict)

    def article(self, published: str | None, publisher: str | None = "The Courier", words: str = "") -> ReadingBuilder:
        """An article in which nothing is claimed yet."""
        number = len(self._builders)
        text = f"Words of article {number}. {words}"
        builder = ReadingBuilder(Article(f"Article {number}", text, published, publisher), "by-hand@1")
        self._builders.append(builder)
        return builder

    def incident(self, builder: ReadingBuilder, name: str, type_: str = "shelling") -> str:
        """The incident of this name as the article tells it; all tellings are judged to be one."""
        found = builder.incident(type_, builder.evidence("text", 0, 5), date=None)
        tellings = self._incidents.setdefault(name, [])
        if tellings and found not in tellings:
            judgement = Decision(
                DecisionKind.JUDGE, found, "Ana", tellings[0], judgement=Judgement.SAME, at="2024-01-01"
            )
            self._decisions.append(judgement)
        tellings.append(found)
        return found

    def claim(
        self,
        type_: ClaimType,
        source: str,
        target: str | None,
        said: str | None,
        *,
        about: str | None = None,
        act: str = "shelling",
        rung: str | None = None,
        kind: DenialKind | None = None,
        answers: str | None = None,
        speaker: str | None = None,
        named: str | None = None,
        target_named: str | None = None,
        relays: tuple[str, ...] = (),
        publisher: str | None = "The Courier",
        date: str | None = None,
        words: str = "",
    ) -> str:
        """Write a claim down in an article of the day it was said; `answers` is a claim of the same article."""
        builder = self._home[answers] if answers is not None else self.article(said, publisher, words)
        start = builder.article.text.find(words) if words else len(self._home) % 10
        modality, threat_kind = Modality.ASSERTED, None
        if rung in ("conditional", "ordered"):
            modality, threat_kind = Modality.THREATENED, ThreatKind(rung)
        elif rung is not None:
            modality = Modality(rung)
        found = builder.claim(
            type_,
            speaker=self._actor(builder, speaker or named or source),
            source=self._actor(builder, source),
            target=self._actor(builder, target) if target else None,
            source_named=self._actor(builder, named) if named else None,
            target_named=self._actor(builder, target_named) if target_named else None,
            modality=modality,
            threat_kind=threat_kind,
            evidence=builder.evidence("text", start, start + (len(words) or 5)),
            incident=self.incident(builder, about, act) if about else None,
            denial_kind=kind,
            responds_to=answers,
            relayed_by=[self._actor(builder, one) for one in relays],
            date=date,
            confidence=0.9,
        )
        assert found is not None
        self._home[found] = builder
        return found

    def accuses(self, source: str, target: str | None, said: str | None, **more: object) -> str:
        """An accusation."""
        return self.claim(ClaimType.ACCUSES, source, target, said, **more)  # type: ignore[arg-type]

    def denies(self, source: str, target: str | None, said: str | None, **more: object) -> str:
        """A denial."""
        return self.claim(ClaimType.DENIES, source, target, said, **more)  # type: ignore[arg-type]

    def retaliates(self, rung: str, source: str, target: str | None, said: str | None, **more: object) -> str:
        """A retaliation on a rung."""
        return self.claim(ClaimType.RETALIATES, source, target, said, rung=rung, **more)  # type: ignore[arg-type]

    def acknowledges(self, kind: AcknowledgementKind, actor: str, about: str, said: str) -> str:
        """An acknowledgement of an incident."""
        builder = self.article(said)
        who = self._actor(builder, actor)
        incident = self.incident(builder, about)
        at = builder.evidence("text", 0, 5)
        found = builder.acknowledge(kind, speaker=who, actor=who, incident=incident, evidence=at)
        assert found is not None
        return found

    @property
    def graph(self) -> ConflictGraph:
        """The graph of all that is written down."""
        articles = [builder.article for builder in self._builders]
        readings = [builder.reading() for builder in self._builders]
        entries: list[Entry] = [*ACTORS, *articles, *readings, *self._decisions]
        return fold((1, entry) for entry in entries)

    def _actor(self, builder: ReadingBuilder, name: str) -> str:
        return builder.mention(NodeKind.ACTOR, name, builder.evidence("text", 0, 5))
