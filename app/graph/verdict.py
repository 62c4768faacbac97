"""Decisions in, what they come to out, once those that were undone are left out: clusters, retractions, corrections."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from app.graph.identity import Clusters, Rank, judge
from app.vocabulary.records import Claim, Decision
from app.vocabulary.terms import MODALITIES, ClaimType, DecisionKind, DenialKind, Judgement, Modality, ThreatKind

CORRECTABLE = ("type", "modality", "date", "denial_kind", "threat_kind")
"""Fields of a claim that a `correct` decision may set; who said it to whom is corrected by judging mentions."""
JUDGING = (DecisionKind.JUDGE, DecisionKind.LINEAGE)


@dataclass(slots=True)
class Verdict:
    """What the decisions come to.

    Attributes:
        clusters: What names the same thing.
        lineages: Which claims go back to one text.
        conflicted: Ids in judgements that could not be applied.
    """

    undone: set[str] = field(default_factory=set)
    retracted: set[str] = field(default_factory=set)
    corrected: dict[str, dict[str, Decision]] = field(default_factory=dict)
    clusters: Clusters = field(default_factory=Clusters)
    lineages: Clusters = field(default_factory=Clusters)
    conflicted: set[str] = field(default_factory=set)
    doubted: list[Decision] = field(default_factory=list)
    by_people: set[frozenset[str]] = field(default_factory=set)

    def open_doubts(self, doubts: Iterable[Decision]) -> list[Decision]:
        """Those of a linker's unsure judgements that neither people nor other judgements have settled since."""
        return [one for one in doubts if _pair(one) not in self.by_people and not self._are_one(one)]

    def _are_one(self, decision: Decision) -> bool:
        clusters = self.lineages if decision.kind is DecisionKind.LINEAGE else self.clusters
        return clusters.root(decision.subject) == clusters.root(decision.object or decision.subject)


def weigh(decisions: Collection[Decision], rank: dict[str, Rank]) -> Verdict:
    """Decisions, in the order they were taken, weighed.

    A linker's judgements under an older version of its name ("incidents@1") do not count where a newer one has judged
    the same subject.
    """
    found = Verdict()
    # Last first, so that an undoing is known to stand or not before what it undoes is looked at.
    for decision in reversed(tuple(decisions)):
        if decision.kind is DecisionKind.UNDO and decision.id not in found.undone:
            found.undone.add(decision.subject)
    standing = [decision for decision in decisions if decision.id not in found.undone]
    newest: dict[tuple[str, str], int] = {}
    for decision in standing:
        match decision.kind:
            case DecisionKind.RETRACT:
                found.retracted.add(decision.subject)
            case DecisionKind.CORRECT if decision.object in CORRECTABLE:
                found.corrected.setdefault(decision.subject, {})[decision.object] = decision
            case DecisionKind.JUDGE | DecisionKind.LINEAGE if decision.at is None:
                linker, version = _linker(decision.by)
                key = (linker, decision.subject)
                newest[key] = max(newest.get(key, version), version)
            case _:
                pass
    judging = [one for one in standing if one.kind in JUDGING]
    current = [one for one in judging if one.at is not None or _linker(one.by)[1] == newest[_key(one)]]
    found.by_people = {_pair(one) for one in current if one.at is not None}
    found.clusters = judge((one for one in current if one.kind is DecisionKind.JUDGE), rank)
    found.lineages = judge((one for one in current if one.kind is DecisionKind.LINEAGE), rank)
    conflicts = (*found.clusters.conflicts, *found.lineages.conflicts)
    found.conflicted = {name for one in conflicts for name in (one.subject, one.object) if name is not None}
    found.doubted = found.open_doubts(one for one in current if one.at is None and one.judgement is Judgement.UNSURE)
    return found


def corrected(claim: Claim, corrections: Mapping[str, Decision]) -> tuple[Claim, list[Decision]]:
    """The claim with its corrected fields, and the corrections that make no possible claim, of which none is applied.

    Its id, under which it was found, stays. A type that leaves only one modality brings it along; what is no denial has
    no kind of denial, and what is no threat has no kind of threat.
    """
    if not corrections:
        return claim, []
    values = {name: decision.value for name, decision in corrections.items()}
    try:
        kind = ClaimType(values.get("type") or claim.type)
        modality = Modality(values.get("modality") or claim.modality)
        if "modality" not in values and len(MODALITIES[kind]) == 1:
            modality = MODALITIES[kind][0]
        denied = values.get("denial_kind", claim.denial_kind) if kind is ClaimType.DENIES else None
        threatened = values.get("threat_kind", claim.threat_kind) if modality is Modality.THREATENED else None
        return dataclasses.replace(
            claim,
            type=kind,
            modality=modality,
            date=values.get("date", claim.date),
            denial_kind=DenialKind(denied) if denied else None,
            threat_kind=ThreatKind(threatened) if threatened else None,
        ), []
    except ValueError:
        return claim, list(corrections.values())


def _pair(decision: Decision) -> frozenset[str]:
    return frozenset((decision.subject, decision.object or decision.subject))


def _key(decision: Decision) -> tuple[str, str]:
    return (_linker(decision.by)[0], decision.subject)


def _linker(by: str) -> tuple[str, int]:
    """Name and version of a linker: ("names", 2) of "names@2"."""
    name, _, version = by.partition("@")
    return (name, int(version)) if version.isdigit() else (by, 0)
