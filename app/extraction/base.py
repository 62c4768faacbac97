"""What every extractor can do, and the door through which everything it finds must pass.

In: one article. Out: one `Reading` whose quotes stand in the article and whose references hold, and a `Refusal` for
whatever did not pass. An extractor never invents evidence and never drops anything without a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from app.vocabulary.records import Acknowledgement, Article, Claim, Evidence, Incident, Mention, Part, Reading, Refusal
from app.vocabulary.terms import (
    MODALITIES,
    AcknowledgementKind,
    ActorKind,
    ClaimType,
    DenialKind,
    Modality,
    NodeKind,
    RefusalReason,
    ThreatKind,
)


@runtime_checkable
class Extractor(Protocol):
    """Reads articles. One contract suite (`tests/contracts/test_extractor.py`) runs on each implementation."""

    @property
    def name(self) -> str:
        """Name and version, "rules@1": what it finds is recorded under it, and a new version reads anew."""
        ...

    def read(self, articles: Iterable[Article]) -> Iterator[Reading]:
        """One reading per article, in order; the same article gives the same reading whatever its neighbours are."""
        ...


@dataclass(slots=True)
class ReadingBuilder:
    """Collects one article's reading; everything goes through its checks."""

    article: Article
    extractor: str
    refusals: list[Refusal] = field(default_factory=list)
    _mentions: dict[str, Mention] = field(default_factory=dict)
    _incidents: dict[str, Incident] = field(default_factory=dict)
    _claims: dict[str, Claim] = field(default_factory=dict)
    _acknowledgements: dict[str, Acknowledgement] = field(default_factory=dict)

    def refuse(
        self,
        reason: RefusalReason,
        detail: str,
        part: Part | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> None:
        """Count something that was left out."""
        self.refusals.append(Refusal(reason, detail, self.article.id, part, start, end))

    def evidence(self, part: Part, start: int, end: int) -> Evidence:
        """The passage at these offsets."""
        return Evidence(self.article.id, part, start, end, self.article.part(part)[start:end])

    def locate(self, quote: str) -> Evidence | None:
        """The first place where a quote stands, text before title (as the gold files are read), or None."""
        for part in ("text", "title"):
            start = self.article.part(part).find(quote) if quote else -1
            if start >= 0:
                return Evidence(self.article.id, part, start, start + len(quote), quote)
        return None

    def mention(
        self,
        kind: NodeKind,
        name: str,
        at: Evidence,
        actor_kind: ActorKind = ActorKind.UNKNOWN,
        country: str | None = None,
    ) -> str:
        """The id of the mention with this kind and name; the first passage that gives it is kept."""
        found = Mention(self.article.id, kind, name, at.quote, at.part, at.start, at.end, actor_kind, country)
        return self._mentions.setdefault(found.id, found).id

    def incident(
        self,
        type_: str,
        at: Evidence,
        place: str | None = None,
        country: str | None = None,
        date: str | None = None,
        alleged_perpetrators: Iterable[str] = (),
    ) -> str:
        """Add an incident and return its id."""
        perpetrators = tuple(dict.fromkeys(alleged_perpetrators))
        found = Incident(self.article.id, type_, at, place, country, date, perpetrators)
        return self._incidents.setdefault(found.id, found).id

    def claim(
        self,
        type_: ClaimType,
        *,
        speaker: str,
        source: str,
        target: str | None,
        modality: Modality,
        evidence: Evidence,
        incident: str | None = None,
        date: str | None = None,
        responds_to: str | None = None,
        denial_kind: DenialKind | None = None,
        threat_kind: ThreatKind | None = None,
        source_named: str | None = None,
        target_named: str | None = None,
        relayed_by: Iterable[str] = (),
        confidence: float = 0.5,
        cue: str = "",
    ) -> str | None:
        """Add a claim and return its id, or refuse it and return None."""
        where = (evidence.part, evidence.start, evidence.end)
        if not evidence.quote or self.article.part(evidence.part)[evidence.start : evidence.end] != evidence.quote:
            self.refuse(RefusalReason.QUOTE_NOT_IN_TEXT, f"{type_}: {evidence.quote[:80]!r}", *where)
            return None
        if modality not in MODALITIES[type_]:
            self.refuse(RefusalReason.UNKNOWN_TERM, f"{type_} cannot be {modality}", *where)
            return None
        if source == target:
            self.refuse(RefusalReason.SOURCE_IS_TARGET, f"{type_}: {self._mentions[source].name}", *where)
            return None
        claim = Claim(
            self.article.id,
            type_,
            speaker,
            source,
            target,
            modality,
            evidence,
            incident=incident,
            date=date,
            responds_to=responds_to,
            denial_kind=denial_kind,
            threat_kind=threat_kind,
            source_named=source_named,
            target_named=target_named,
            relayed_by=tuple(relayed_by),
            confidence=round(confidence, 4),
            cue=cue,
        )
        if claim.id in self._claims:
            self.refuse(RefusalReason.DUPLICATE, f"{type_}: {evidence.quote[:80]!r}", *where)
            return None
        self._claims[claim.id] = claim
        return claim.id

    def acknowledge(
        self,
        kind: AcknowledgementKind,
        *,
        speaker: str,
        actor: str,
        incident: str,
        evidence: Evidence,
        date: str | None = None,
        confidence: float = 0.5,
        cue: str = "",
    ) -> str | None:
        """Add a report that an actor takes an incident upon itself and return its id, or refuse it and return None."""
        where = (evidence.part, evidence.start, evidence.end)
        if not evidence.quote or self.article.part(evidence.part)[evidence.start : evidence.end] != evidence.quote:
            self.refuse(RefusalReason.QUOTE_NOT_IN_TEXT, f"{kind}: {evidence.quote[:80]!r}", *where)
            return None
        found = Acknowledgement(
            self.article.id,
            kind,
            speaker,
            actor,
            incident,
            evidence,
            date=date,
            confidence=round(confidence, 4),
            cue=cue,
        )
        return self._acknowledgements.setdefault(found.id, found).id

    def replace_claim(self, claim: Claim) -> None:
        """Put a completed version of a claim (incident, answered claim) in its place; its id must be the same."""
        if claim.id not in self._claims:
            raise KeyError(claim.id)
        self._claims[claim.id] = claim

    def replace_incident(self, incident: Incident) -> None:
        """Put a completed version of an incident in its place; its id must be the same."""
        if incident.id not in self._incidents:
            raise KeyError(incident.id)
        self._incidents[incident.id] = incident

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What has been found so far, in the order it was added."""
        return tuple(self._claims.values())

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """The incidents so far."""
        return tuple(self._incidents.values())

    def named(self, mention_id: str) -> Mention:
        """The mention with this id; raises KeyError where there is none."""
        return self._mentions[mention_id]

    def reading(self) -> Reading:
        """The finished reading: claims in the order of their passages, references that dangle removed and counted."""
        things = set(self._incidents) | set(self._claims)
        for claim in list(self._claims.values()):
            if not {claim.incident, claim.responds_to} - {None} <= things:
                self.refuse(RefusalReason.DANGLING_REFERENCE, f"claim {claim.id} points at nothing")
                del self._claims[claim.id]
        for one in list(self._acknowledgements.values()):
            if one.incident not in self._incidents:
                self.refuse(RefusalReason.DANGLING_REFERENCE, f"acknowledgement {one.id} points at nothing")
                del self._acknowledgements[one.id]
        claims = sorted(self._claims.values(), key=lambda c: (c.evidence.part != "title", c.evidence.start, c.id))
        return Reading(
            self.article.id,
            self.extractor,
            tuple(self._mentions.values()),
            tuple(self._incidents.values()),
            tuple(claims),
            tuple(self.refusals),
            tuple(self._acknowledgements.values()),
        )
