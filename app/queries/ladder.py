"""A filter in, the retaliation ladder out: claims by rung, the highest rung of each dyad, what threats came to.

A threat is paired with the first report that the same actor did something in return to the same target. No pair says
that a threat was meant, or that the one caused the other: both are what articles report, side by side.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.coverage import Searched, last_day, naming_claims, searched
from app.queries.cursors import question_mark, take_page
from app.queries.entailment import SPEAK_FOR_THEMSELVES
from app.queries.filters import ClaimFilter, Entry, position, select
from app.queries.lags import Kin, Lag, check_window, day_after, kin, lag, topmost
from app.queries.rows import AppliedFilters, ClaimRow, Counts, count, row_of
from app.vocabulary.terms import ClaimType, Rung

WINDOW = 90
"""Days after a threat in which an act counts as its follow-through, unless asked otherwise."""
MOST_DYADS = 200
THREATS = (Rung.THREATENED, Rung.CONDITIONAL, Rung.ORDERED)
"""The rungs on which somebody announces an act of its own; a call urges another to act."""

Outcome = Literal["carried_out", "withdrawn", "expired", "unknown"]
Why = Literal["paired", "denied_by_the_threatener", "window_over", "window_open", "no_coverage", "undated", "no_target"]
Basis = Literal["answers_the_threat", "same_incident", "same_parties"]
Motive = Literal["actor", "unattributed"]


class LadderClaim(msgspec.Struct, frozen=True):
    """A retaliation and who says that it is one.

    Attributes:
        stated_motive: `actor` where the words are those of the retaliating actor, or of one who speaks for it: every
            threat and call, and a deed of which somebody other than the acting body speaks. `unattributed` where the
            article tells the deed and names no speaker apart from who acts: then the motive may be the outlet's.
    """

    claim: ClaimRow
    stated_motive: Motive


class RungRow(msgspec.Struct, frozen=True):
    """One rung, with the first of its claims; `left_out` says how many more there are."""

    rung: Rung
    counts: Counts
    claims: list[LadderClaim]
    left_out: int


class RungCount(msgspec.Struct, frozen=True):
    """How many claims stand on a rung."""

    rung: Rung
    claims: int


class DyadLadder(msgspec.Struct, frozen=True):
    """How high one actor is reported to have gone against another.

    Attributes:
        highest: The highest rung of any claim.
        first_said: The first day on which that rung was reported, or None where no such claim has a day.
        claim: Id of that claim.
    """

    source: str
    source_id: str
    target: str | None
    target_id: str | None
    highest: Rung
    first_said: str | None
    claim: str
    rungs: list[RungCount]


class Paired(msgspec.Struct, frozen=True):
    """A retaliation reported as carried out, and why it is taken for the follow-through.

    Attributes:
        basis: `answers_the_threat` where its article says so; `same_incident` where both are about, or answer, one
            incident; `same_parties` where only actor and target agree. The first is the surest.
        by: Whether the threatener itself is reported to have acted, a part of it, or what it is part of.
        lag: Days from threat to act.
        other_incident: True where each speaks of an incident, and not of the same one.
    """

    claim: ClaimRow
    basis: Basis
    by: Kin
    lag: Lag
    other_incident: bool


class FollowThrough(msgspec.Struct, frozen=True):
    """One threat and what is reported to have come of it.

    Attributes:
        outcome: `carried_out` where an act is paired with it; `withdrawn` where its source denies it; `expired` where
            the window is over and no act is reported although the source was within sight; else `unknown`.
        why: What gave the outcome.
        until: Last day of the window, or None where the threat has no day.
        carried_out: The surest pairing, and of those the earliest.
        further: How many more acts in the window could be paired.
        withdrawn_by: Id of the denial.
        searched: What was looked through; None where the threat has no day.
    """

    threat: ClaimRow
    outcome: Outcome
    why: Why
    until: str | None
    carried_out: Paired | None
    further: int
    withdrawn_by: str | None
    searched: Searched | None


class OutcomeRow(msgspec.Struct, frozen=True):
    """How many threats came to this."""

    outcome: Outcome
    counts: Counts


class Ladder(msgspec.Struct, frozen=True):
    """The ladder of the retaliations that a filter lets through.

    Attributes:
        within: Days after a threat that were searched for an act.
        rungs: Every rung, the lowest first, those without a claim included.
        dyads: The highest first; `dyads_left_out` says how many more there are.
        outcomes: What all threats came to.
        threats: One page of them, oldest first.
        total: How many threats there are; copies of an earlier text are not among them.
        copies: How many reports of threats are such copies.
    """

    revision: int
    filters: AppliedFilters
    within: int
    rungs: list[RungRow]
    dyads: list[DyadLadder]
    dyads_left_out: int
    outcomes: list[OutcomeRow]
    threats: list[FollowThrough]
    total: int
    copies: int
    undated_left_out: int
    next: str | None


def ladder(
    graph: ConflictGraph, asked: ClaimFilter, within: int = WINDOW, limit: int = 50, cursor: str | None = None
) -> Ladder:
    """The ladder, and the follow-through of each threat in a window of days.

    Raises:
        BadQuery: A name, date, number or cursor cannot be used.
    """
    span = check_window("within", within)
    found = select(graph, dataclasses.replace(asked, type=ClaimType.RETALIATES))
    by_rung: dict[Rung, list[str]] = {rung: [] for rung in Rung}
    for claim_id in found.ids:
        by_rung[_rung(graph.claims[claim_id])].append(claim_id)
    vowed = [entry for entry in found.entries if _rung(graph.claims[entry[1]]) in THREATS]
    # A copy of an earlier text is dated by its own article; it is no threat made again on that day.
    threats = [entry for entry in vowed if graph.claims[entry[1]].lineage == graph.claims[entry[1]].article]
    search = _Search(graph, span)
    outcomes: dict[Outcome, list[str]] = {"carried_out": [], "withdrawn": [], "expired": [], "unknown": []}
    for _, claim_id in threats:
        outcomes[search.outcome(graph.claims[claim_id]).outcome].append(claim_id)
    question = question_mark("ladder", dataclasses.astuple(asked), within)
    page, following = take_page(threats, position, limit, cursor, question, graph.revision)
    dyads = _dyads(graph, found.ids)
    return Ladder(
        revision=graph.revision,
        filters=found.applied,
        within=within,
        rungs=[
            RungRow(
                rung,
                count(graph, ids),
                [LadderClaim(row_of(graph, graph.claims[one]), stated_motive(graph, one)) for one in ids[:limit]],
                max(0, len(ids) - limit),
            )
            for rung, ids in by_rung.items()
        ],
        dyads=dyads[:MOST_DYADS],
        dyads_left_out=max(0, len(dyads) - MOST_DYADS),
        outcomes=[OutcomeRow(outcome, count(graph, ids)) for outcome, ids in outcomes.items()],
        threats=[search.told(graph.claims[claim_id]) for _, claim_id in page],
        total=len(threats),
        copies=len(vowed) - len(threats),
        undated_left_out=found.undated_left_out,
        next=following,
    )


def stated_motive(graph: ConflictGraph, claim_id: str) -> Motive:
    """Whether the retaliating actor itself, or one who speaks for it, gives the motive of a retaliation."""
    claim = graph.claims[claim_id]
    if claim.rung is not Rung.CARRIED_OUT:
        return "actor"
    acts_itself = claim.speaker in (claim.source, claim.source_named)
    return "unattributed" if acts_itself or graph.actors[claim.speaker].kind in SPEAK_FOR_THEMSELVES else "actor"


@dataclasses.dataclass(frozen=True, slots=True)
class _Found:
    """What a search for the follow-through of a threat came to; `deed` is the paired act with basis and kinship."""

    outcome: Outcome
    why: Why
    until: date | None = None
    deed: tuple[ResolvedClaim, Basis, Kin] | None = None
    withdrawn_by: str | None = None


class _Search:
    """Looks for what threats came to; keeps the acts of each dyad in order, so that each threat costs a look-up."""

    def __init__(self, graph: ConflictGraph, span: timedelta) -> None:
        self.graph = graph
        self.span = span
        self.last = last_day(graph)
        self._deeds: dict[tuple[str, str], list[Entry]] = {}

    def outcome(self, threat: ResolvedClaim) -> _Found:
        """What is reported to have come of a threat."""
        graph, start = self.graph, threat.when.start
        until = day_after(threat.when.end, self.span) if threat.when.end is not None else None
        deed = self._deed(threat, until)
        if deed is not None:
            return _Found("carried_out", "paired", until, deed)
        denied = self._denied(threat)
        if denied is not None:
            return _Found("withdrawn", "denied_by_the_threatener", until, withdrawn_by=denied)
        if start is None or until is None:
            return _Found("unknown", "undated")
        if threat.target is None:
            return _Found("unknown", "no_target", until)
        if self.last is None or until > self.last:
            return _Found("unknown", "window_open", until)
        if next(naming_claims(graph, threat.source, start, until, threat), None) is None:
            return _Found("unknown", "no_coverage", until)
        return _Found("expired", "window_over", until)

    def told(self, threat: ResolvedClaim) -> FollowThrough:
        """The same with all that stands behind it."""
        graph, found = self.graph, self.outcome(threat)
        start, until = threat.when.start, found.until
        paired = None
        if found.deed is not None:
            deed, basis, by = found.deed
            between = lag(threat.when, deed.when)
            if between is not None:
                apart = None not in (threat.incident, deed.incident) and threat.incident != deed.incident
                paired = Paired(row_of(graph, deed), basis, by, between, apart)
        return FollowThrough(
            threat=row_of(graph, threat),
            outcome=found.outcome,
            why=found.why,
            until=until.isoformat() if until is not None else None,
            carried_out=paired,
            further=max(0, len({one.id for one, _, _ in self._candidates(threat, until)}) - 1) if paired else 0,
            withdrawn_by=found.withdrawn_by,
            searched=(
                searched(graph, threat.source, start, until, threat)
                if start is not None and until is not None
                else None
            ),
        )

    def _deed(self, threat: ResolvedClaim, until: date | None) -> tuple[ResolvedClaim, Basis, Kin] | None:
        """The surest act, and of those the earliest. Acts are tried from the surest basis on, each in order of days."""
        for basis in _BASES:
            found = next(self._of_basis(threat, until, basis), None)
            if found is not None:
                return found[0], basis, found[1]
        return None

    def _candidates(self, threat: ResolvedClaim, until: date | None) -> list[tuple[ResolvedClaim, Basis, Kin]]:
        return [(deed, basis, by) for basis in _BASES for deed, by in self._of_basis(threat, until, basis)]

    def _of_basis(self, threat: ResolvedClaim, until: date | None, basis: Basis) -> Iterator[tuple[ResolvedClaim, Kin]]:
        """The acts that can be paired with a threat for this reason, in the order of days."""
        graph = self.graph
        match basis:
            case "answers_the_threat":
                ids = self._deeds_of(graph.answers_to(threat.id))
            case "same_incident":
                ids = self._deeds_of(
                    claim
                    for incident in _answered(graph, threat)
                    for claim in (*graph.claims_about(incident), *graph.answers_to(incident))
                )
            case "same_parties":
                ids = self._between(threat, until)
        for one in ids:
            by = self._fits(threat, graph.claims[one], until)
            if by is not None and (basis == "answers_the_threat" or not _untold(threat, graph.claims[one])):
                yield graph.claims[one], by

    def _fits(self, threat: ResolvedClaim, deed: ResolvedClaim, until: date | None) -> Kin | None:
        """How who is reported to have acted stands to the threatener; None where the act is no follow-through."""
        start, day = threat.when.start, deed.when.start
        if start is None or day is None or until is None or not start <= day <= until:
            return None
        if threat.target is not None and (
            deed.target is None or kin(self.graph, deed.target, threat.target, day) is None
        ):
            return None
        return kin(self.graph, deed.source, threat.source, day)

    def _between(self, threat: ResolvedClaim, until: date | None) -> list[str]:
        """Acts between the two parties, or parts of what they are part of, from the threat's day on."""
        start = threat.when.start
        if start is None or until is None or threat.target is None:
            return []
        dyad = (topmost(self.graph, threat.source, start), topmost(self.graph, threat.target, start))
        deeds = self._deeds.get(dyad)
        if deeds is None:
            deeds = self._deeds[dyad] = [
                entry
                for entry in self.graph.claims_of(ClaimType.RETALIATES, *dyad)
                if self.graph.claims[entry[1]].rung is Rung.CARRIED_OUT
            ]
        first = bisect_left(deeds, (start, ""))
        return [claim for day, claim in deeds[first : bisect_left(deeds, (until, "\U0010ffff"), first)]]

    def _deeds_of(self, ids: Iterable[str]) -> list[str]:
        """Those of the claims that report an act as carried out, in the order of days."""
        claims = self.graph.claims
        deeds = {one for one in ids if one in claims and claims[one].rung is Rung.CARRIED_OUT}
        return sorted(deeds, key=lambda one: (claims[one].when.start or date.max, one))

    def _denied(self, threat: ResolvedClaim) -> str | None:
        """A denial by the threatener of which the article says that it answers the threat."""
        for one in sorted(self.graph.answers_to(threat.id)):
            claim = self.graph.claims.get(one)
            if claim is not None and claim.type is ClaimType.DENIES and claim.source == threat.source:
                return one
        return None


_BASES: tuple[Basis, ...] = ("answers_the_threat", "same_incident", "same_parties")


def _untold(threat: ResolvedClaim, deed: ResolvedClaim) -> bool:
    """True where one article tells both and gives a day of neither: then nothing tells which came first."""
    return threat.article == deed.article and threat.date is None and deed.date is None


def _answered(graph: ConflictGraph, claim: ResolvedClaim) -> list[str]:
    """Nodes of the incidents a retaliation is about, or says that it answers."""
    answered = claim.responds_to
    node = graph.merged.get(answered, answered) if answered is not None else None
    return list(dict.fromkeys(one for one in (claim.incident, node) if one is not None and one in graph.incidents))


def _rung(claim: ResolvedClaim) -> Rung:
    rung = claim.rung
    assert rung is not None, "a filter for retaliations let through another claim"
    return rung


def _dyads(graph: ConflictGraph, ids: Sequence[str]) -> list[DyadLadder]:
    """Per pair of actors the highest rung, the highest first."""
    pairs: dict[tuple[str, str | None], list[ResolvedClaim]] = {}
    for one in ids:
        claim = graph.claims[one]
        pairs.setdefault((claim.source, claim.target), []).append(claim)
    found = []
    for (source, target), claims in pairs.items():
        rungs = Counter(_rung(claim) for claim in claims)
        highest = max(rungs, key=lambda rung: rung.height)
        # In the order of days, those without one last.
        first = next(claim for claim in claims if _rung(claim) is highest)
        found.append(
            DyadLadder(
                source=graph.label(source),
                source_id=source,
                target=graph.label(target) if target is not None else None,
                target_id=target,
                highest=highest,
                first_said=first.when.iso,
                claim=first.id,
                rungs=[RungCount(rung, rungs[rung]) for rung in Rung if rungs[rung]],
            )
        )
    found.sort(key=lambda row: (-row.highest.height, -sum(r.claims for r in row.rungs), row.source, row.target or ""))
    return found
