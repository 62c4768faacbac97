"""A decision in, what came of it out: applied, undone, replaced, overruled, not applied or orphaned, and why.

Words for what the fold has done (`app.graph.identity`, `app.graph.verdict`); it decides nothing itself.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Literal

from app.curation.log import Log
from app.graph import ConflictGraph
from app.vocabulary.records import Claim, Decision
from app.vocabulary.terms import MODALITIES, ClaimType, DecisionKind, Judgement, Modality

Status = Literal["applied", "undone", "replaced", "overruled", "not_applied", "orphaned", "open"]
"""`replaced`: the same hand decided again. `overruled`: a person decided otherwise than a linker. `orphaned`: no newest
reading holds what it is about. `open`: a linker was unsure, and nobody has answered."""

JUDGING = (DecisionKind.JUDGE, DecisionKind.LINEAGE)


def told_by(decision: Decision) -> str:
    """Who took a decision when, and why: "Ana at 2031-05-04T10:00:00+00:00: forged (dec-…)"."""
    when = f" at {decision.at}" if decision.at is not None else ""
    return f"{decision.by}{when}: {decision.reason or 'no reason given'} ({decision.id})"


def as_found(claim: Claim) -> Claim | None:
    """A claim of the graph with the type and modality under which it was found, or None where its id tells neither.

    Corrections replace both, while the id, which is made from them, stays.
    """
    for type_, modalities in MODALITIES.items():
        for modality in modalities:
            threat = claim.threat_kind if modality is Modality.THREATENED else None
            made = dataclasses.replace(claim, type=type_, modality=modality, threat_kind=threat, id="")
            if made.id == claim.id:
                return made
    return None


def impossible(claim: Claim, values: dict[str, str | None]) -> str:
    """Why these values make no claim of this one (as it was found)."""
    type_, modality = ClaimType(values.get("type") or claim.type), values.get("modality") or claim.modality
    allowed = MODALITIES[type_]
    if modality not in allowed:
        return f"a claim that {type_} is {' or '.join(allowed)}, not {modality}; retract it where nothing fits"
    told = ", ".join(f"{name} {value!r}" for name, value in values.items())
    return f"{told}: no claim can be that"


def in_graph(graph: ConflictGraph, name: str) -> bool:
    """True where the graph knows the id: as a record of its own, or as one that was merged away."""
    holders: tuple[Collection[str], ...] = (
        graph.claims, graph.articles, graph.incidents, graph.actors, graph.places, graph.merged, graph.acknowledgements,
    )  # fmt: skip
    return any(name in one for one in holders)


def other_of(decision: Decision, name: str) -> str:
    """The other id of a judgement."""
    return (decision.object or "") if decision.subject == name else decision.subject


class Outcomes:
    """What came of the decisions of a log, in a graph."""

    def __init__(self, graph: ConflictGraph, log: Log) -> None:
        self._graph, self._log, self._until = graph, log, graph.revision
        self._undone = log.undone(graph.revision)
        self._conflicts = {one.id for one in graph.conflicts}
        self._doubts = {one.id for one in graph.doubts}

    @cached_property
    def orphans(self) -> dict[str, list[str]]:
        """Standing decisions of people that are about what no newest reading holds, each with the ids that are gone."""
        asked: dict[str, list[str]] = {}
        for taken in self._log.people:
            one = taken.decision
            if taken.revision <= self._until and one.id not in self._undone and one.kind is not DecisionKind.UNDO:
                names = (one.subject, one.object) if one.kind in JUDGING else (one.subject,)
                away = [name for name in names if name is not None and not in_graph(self._graph, name)]
                if away:
                    asked[one.id] = away
        held = self._log.held({name for names in asked.values() for name in names})
        return {one: gone for one, names in asked.items() if (gone := [name for name in names if name not in held])}

    def of(self, decision: Decision) -> tuple[Status, str | None]:
        """What came of a decision, and why where it does not count."""
        if decision.id in self._undone:
            return "undone", f"undone by {told_by(self._undone[decision.id])}"
        if decision.id in self.orphans:
            gone = " and ".join(self.orphans[decision.id])
            return "orphaned", f"no newest reading of an article holds {gone}; a newer extractor reads it otherwise"
        match decision.kind:
            case DecisionKind.JUDGE | DecisionKind.LINEAGE:
                return self._judged(decision)
            case DecisionKind.CORRECT:
                return self._corrected(decision)
            case _:
                return "applied", None

    def counts(self, decision: Decision) -> bool:
        """True for a judgement that stands and is applied."""
        return decision.id not in self._conflicts and self.of(decision)[0] == "applied"

    def _judged(self, decision: Decision) -> tuple[Status, str | None]:
        pair = {decision.subject, decision.object}
        for taken in self._log.about(decision.subject, self._until):
            later = taken.decision
            if later.kind is not decision.kind or later.id in self._undone or later.id == decision.id:
                continue
            same_pair = {later.subject, later.object} == pair
            after = taken.number > self._number(decision)
            if same_pair and later.by == decision.by and after:
                return "replaced", f"decided again: {told_by(later)}"
            if decision.at is None and later.at is None and _is_newer(later, decision):
                return "replaced", f"{later.by} has judged {decision.subject} since"
            if decision.at is None and later.at is not None and same_pair:
                return "overruled", f"a person has judged this pair: {told_by(later)}"
        if decision.id in self._conflicts:
            return "not_applied", self._blocked(decision)
        if decision.judgement is Judgement.UNSURE and decision.at is None:
            return ("open", None) if decision.id in self._doubts else ("replaced", "other judgements have settled it")
        return "applied", None

    def _number(self, decision: Decision) -> int:
        taken = self._log.of(decision.id)
        return taken.number if taken is not None else -1

    def _corrected(self, decision: Decision) -> tuple[Status, str | None]:
        standing = [
            taken.decision
            for taken in self._log.about(decision.subject, self._until)
            if taken.decision.kind is DecisionKind.CORRECT and taken.decision.id not in self._undone
        ]
        newest = {one.object: one for one in standing}
        if newest.get(decision.object, decision).id != decision.id:
            return "replaced", f"corrected again: {told_by(newest[decision.object])}"
        found = self._graph.claims.get(decision.subject)
        if found is None:
            return "not_applied", "the claim or its article is retracted"
        if decision.id in self._conflicts:
            return "not_applied", impossible(
                as_found(found.claim) or found.claim,
                {one.object: one.value for one in newest.values() if one.object is not None},
            )
        if getattr(found.claim, decision.object or "", None) != decision.value:
            return "not_applied", f"a claim that {found.type} ({found.modality}) has no {decision.object}"
        return "applied", None

    def _blocked(self, decision: Decision) -> str:
        """Why a judgement could not be applied."""
        left, right = decision.subject, decision.object or ""
        if decision.judgement is Judgement.DIFFERENT:
            steps = self.path(decision.kind, left, {right})
            told = "; ".join(told_by(one) for one in steps)
            return f"people have judged the two to be one: {told}" if told else "people have judged the two to be one"
        ours, theirs = (set(self._cluster(decision.kind, name)) for name in (left, right))
        for name in ours:
            for taken in self._log.about(name, self._until):
                one = taken.decision
                if (
                    one.kind is decision.kind
                    and one.judgement is Judgement.DIFFERENT
                    and other_of(one, name) in theirs
                    and self.counts(one)
                ):
                    return f"{one.subject} and {one.object} are held to be two by {told_by(one)}"
        return "somebody holds two of those that it would join to be two"

    def _same(self, kind: DecisionKind, name: str) -> Iterator[tuple[str, Decision]]:
        """What is one with an id by an applied judgement; a mention leads to its node, no node to its mentions."""
        for taken in self._log.about(name, self._until):
            one = taken.decision
            other = other_of(one, name)
            if (
                one.kind is kind
                and one.judgement is Judgement.SAME
                and (name.startswith("men-") or not other.startswith("men-"))
                and self.counts(one)
            ):
                yield other, one

    def _cluster(self, kind: DecisionKind, start: str) -> Iterator[str]:
        seen, waiting = {start}, deque([start])
        while waiting:
            here = waiting.popleft()
            yield here
            for other, _ in self._same(kind, here):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)

    def path(self, kind: DecisionKind, start: str, goals: Collection[str]) -> list[Decision]:
        """The fewest applied judgements by which an id is one with one of the goals; empty where none lead there."""
        came: dict[str, tuple[str, Decision] | None] = {start: None}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            if here in goals:
                steps: list[Decision] = []
                while (step := came[here]) is not None:
                    here, decision = step
                    steps.append(decision)
                return steps[::-1]
            for other, decision in self._same(kind, here):
                if other not in came:
                    came[other] = (here, decision)
                    waiting.append(other)
        return []


def _is_newer(later: Decision, earlier: Decision) -> bool:
    """True where a newer version of the same linker has judged the same subject."""
    ours, theirs = later.by.rpartition("@"), earlier.by.rpartition("@")
    same = later.subject == earlier.subject and ours[0] == theirs[0] != ""
    return same and ours[2].isdigit() and theirs[2].isdigit() and int(ours[2]) > int(theirs[2])
