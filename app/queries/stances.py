"""An actor in, what it has said on who did what, in order, and where that turned over out.

A stance is towards a proposition: that an accused did what an incident is. It is affirmed (by accusing), rejected (by
denying) or taken upon oneself (claimed, admitted). A turn shows that an actor said one thing and later another. It does
not show which of them is so.

The rule of roll-up: an affirmation entails the wholes of who affirms and who is accused, a rejection entails the parts.
So a rejection and an affirmation are at odds where who rejects is, or is a whole of, who affirms, and likewise for the
accused. A brigade's denial is never at odds with what its state says; a state's denial is with what its army admits.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec

from app.graph import ConflictGraph, ResolvedAcknowledgement, ResolvedClaim
from app.queries.cursors import question_mark, take_page
from app.queries.entailment import denier
from app.queries.filters import ClaimFilter, select
from app.queries.lags import Lag, kin, lag
from app.queries.links import Linker
from app.queries.names import find_actor
from app.queries.rows import AppliedFilters, Counts, EvidenceRow
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import ClaimType, DenialKind
from app.vocabulary.times import Period

MOST_STANCES = 1000
"""Stances on one incident that are compared; of more, the earliest."""

Position = Literal["affirm", "reject", "self_claim", "admission"]
Turn = Literal[
    "denial_to_acknowledgement",
    "acknowledgement_to_denial",
    "accusation_to_denial",
    "denial_to_accusation",
    "accused_switched",
    "denial_moved",
]
TURNS: dict[Turn, str] = {
    "denial_to_acknowledgement": "denied it, then claimed or admitted it",
    "acknowledgement_to_denial": "claimed or admitted it, then denied it",
    "accusation_to_denial": "accused, then rejected that accusation",
    "denial_to_accusation": "rejected an accusation, then made it",
    "accused_switched": "accused one, then another and the first no more",
    "denial_moved": "denied it on one ground, then on another and the first no more",
}
"""What each turn is, in words."""


class StanceRow(msgspec.Struct, frozen=True):
    """One thing said on who did it.

    Attributes:
        id: Id of the claim or acknowledgement.
        stance: Affirmed, rejected, claimed as one's own deed, or admitted.
        actor: Who holds it: the narrowest actor for whom it is said.
        about: Who is said to have done it, or None for a denial that it happened at all.
        scope: `own` where the actor asked about says it; `part` where a part of it does. A part's rejection is narrower
            than one by the whole, and turns nothing.
        said: The day(s).
        denial_kind: For a rejection, what it rejects, where the text tells.
    """

    id: str
    stance: Position
    actor: str
    actor_id: str
    about: str | None
    about_id: str | None
    scope: Literal["own", "part"]
    said: str | None
    denial_kind: DenialKind | None
    publisher: str | None
    evidence: EvidenceRow


class Flip(msgspec.Struct, frozen=True):
    """A turn: `after` is at odds with `before`, and was said on a later day.

    Attributes:
        turn: Which turn.
        before: The last thing said of the one sort before.
        after: The first thing said of the other sort.
        lag: Days between the two.
    """

    turn: Turn
    before: StanceRow
    after: StanceRow
    lag: Lag


class History(msgspec.Struct, frozen=True):
    """What one actor has said on who did one incident.

    Attributes:
        stances: In the order in which they were said; without a day, last.
        flips: The turns, in order.
        same_day: Stances at odds with one held on the same day: nothing tells their order, so they turn nothing.
        undated: Stances without a day, which turn nothing.
        left_out: Stances beyond the most that are compared.
        counts: What stands behind the stances.
    """

    actor: str
    actor_id: str
    incident: str
    incident_label: str
    stances: list[StanceRow]
    flips: list[Flip]
    same_day: int
    undated: int
    left_out: int
    counts: Counts


class Histories(msgspec.Struct, frozen=True):
    """Histories of stances, those of one incident together.

    Attributes:
        turns: Which turns were asked for; all where none is named.
        flips: How many turns there are, over all pages.
        total: How many histories there are.
    """

    revision: int
    filters: AppliedFilters
    turns: tuple[Turn, ...]
    histories: list[History]
    flips: int
    total: int
    undated_left_out: int
    next: str | None


def checked_turns(names: Iterable[str]) -> tuple[Turn, ...]:
    """Sorts of turns by their names.

    Raises:
        BadQuery: There is no such sort.
    """
    found: list[Turn] = []
    for name in names:
        turn = next((one for one in TURNS if one == name), None)
        if turn is None:
            raise BadQuery(f"there is no turn {name!r}; there are {', '.join(TURNS)}")
        found.append(turn)
    return tuple(found)


def flips(
    graph: ConflictGraph,
    asked: ClaimFilter,
    turns: Iterable[Turn] = (),
    limit: int = 50,
    cursor: str | None = None,
) -> Histories:
    """Histories in which something turned. `source` asks for one actor's; `target`, for turns on one accused.

    Raises:
        BadQuery: A name, date, number or cursor cannot be used.
    """
    return _histories(graph, asked, tuple(turns), False, limit, cursor)


def actor_flips(
    graph: ConflictGraph,
    actor_id: str,
    about: str | None = None,
    unturned: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> Histories:
    """One actor's histories: those in which something turned, or (`unturned`) all; `about` asks for one incident.

    Raises:
        NotFound: No actor has this id.
        BadQuery: No incident is called `about`, or the cursor cannot be used.
    """
    actor = graph.actor_id(actor_id)
    return _histories(graph, ClaimFilter(source=actor, incident=about), (), unturned, limit, cursor)


@dataclass(frozen=True, slots=True)
class _Stance:
    """A stance with what is compared; `about` is None for a denial that the incident happened at all."""

    id: str
    position: Position
    holder: str
    about: str | None
    when: Period
    of: ResolvedClaim | ResolvedAcknowledgement
    denial_kind: DenialKind | None = None

    @property
    def rejects(self) -> bool:
        return self.position == "reject"

    @property
    def order(self) -> tuple[date, date, bool, str]:
        # Where both are said on one day, the affirmation is put first: the turn then needs a later denial.
        return (self.when.start or date.max, self.when.end or date.max, self.rejects, self.id)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The claims that a filter lets through, and the same filter for acknowledgements, of which there is no index."""

    claims: frozenset[str]
    period: Period
    asked: ClaimFilter

    def lets_through(self, one: ResolvedAcknowledgement) -> bool:
        asked, publisher = self.asked, one.publisher or ""
        return (
            (self.period.is_open or (not one.when.is_open and one.when.overlaps(self.period)))
            and (asked.publisher is None or publisher.casefold() == asked.publisher.casefold())
            and (asked.min_confidence is None or one.acknowledgement.confidence >= asked.min_confidence)
        )


def _histories(
    graph: ConflictGraph,
    asked: ClaimFilter,
    turns: tuple[Turn, ...],
    unturned: bool,
    limit: int,
    cursor: str | None,
) -> Histories:
    accused = find_actor(graph, asked.target) if asked.target is not None else None
    found = select(graph, dataclasses.replace(asked, target=None, type=None))
    asked_for = found.applied.source_id
    incidents = dict.fromkeys(graph.claims[one].incident for one in found.ids)
    chosen = _Chosen(frozenset(found.ids), Period.between(asked.since, asked.until), asked)
    everything: list[History] = []
    for incident in incidents:
        if incident is not None:
            everything += _of_incident(graph, incident, chosen, asked_for, accused, turns, unturned)
    everything.sort(key=_order)
    applied = found.applied
    if accused is not None:
        applied = msgspec.structs.replace(applied, target=graph.label(accused), target_id=accused)
    question = question_mark("flips", dataclasses.astuple(asked), turns, unturned)
    page, following = take_page(everything, _order, limit, cursor, question, graph.revision)
    return Histories(
        revision=graph.revision,
        filters=applied,
        turns=turns,
        histories=page,
        flips=sum(len(one.flips) for one in everything),
        total=len(everything),
        undated_left_out=found.undated_left_out,
        next=following,
    )


def _order(history: History) -> tuple[str, str, str]:
    said = history.flips[0].after.said if history.flips else history.stances[0].said
    return (said or "~", history.incident, history.actor_id)


def _of_incident(
    graph: ConflictGraph,
    incident: str,
    chosen: _Chosen,
    asked_for: str | None,
    accused: str | None,
    turns: tuple[Turn, ...],
    unturned: bool,
) -> Iterator[History]:
    """The histories on one incident of the actor asked for, or of each that holds a stance itself."""
    stances = sorted(_stances(graph, incident, chosen), key=lambda one: one.order)
    left_out, stances = max(0, len(stances) - MOST_STANCES), stances[:MOST_STANCES]
    holders = {one.holder for one in stances} if asked_for is None else {asked_for}
    for holder in sorted(holders):
        theirs = [one for one in stances if kin(graph, one.holder, holder, one.when.start) in ("same", "part")]
        pairs, same_day = _turns(graph, holder, theirs)
        found = [
            Flip(turn, _row(graph, before, holder), _row(graph, after, holder), between)
            for turn, before, after in pairs
            if (not turns or turn in turns)
            and (accused is None or accused in (before.about, after.about))
            and (between := lag(before.when, after.when)) is not None
        ]
        if theirs and (found or unturned):
            yield History(
                actor=graph.label(holder),
                actor_id=holder,
                incident=incident,
                incident_label=graph.incidents[incident].label,
                stances=[_row(graph, one, holder) for one in theirs],
                flips=found,
                same_day=same_day,
                undated=sum(one.when.start is None for one in theirs),
                left_out=left_out,
                counts=_counts(theirs),
            )


def _stances(graph: ConflictGraph, incident: str, chosen: _Chosen) -> Iterator[_Stance]:
    """What is said on who did an incident: by the chosen claims, and by acknowledgements of it."""
    accusers = {
        denier(graph, claim)
        for claim in (graph.claims[one] for one in graph.claims_about(incident))
        if claim.type is ClaimType.ACCUSES
    }
    for claim_id in graph.claims_about(incident):
        claim = graph.claims[claim_id]
        if claim_id not in chosen.claims:
            continue
        holder = denier(graph, claim)
        if claim.type is ClaimType.ACCUSES and claim.target is not None:
            yield _Stance(claim_id, "affirm", holder, claim.target, claim.when, claim)
        elif claim.type is ClaimType.DENIES:
            about = _rejected(graph, claim, holder, holder in accusers)
            yield _Stance(claim_id, "reject", holder, about, claim.when, claim, claim.denial_kind)
    for one in graph.acknowledged(incident):
        said = graph.acknowledgements[one]
        if not chosen.lets_through(said):
            continue
        yield _Stance(one, said.acknowledgement.kind.value, said.actor, said.actor, said.when, said)


def _rejected(graph: ConflictGraph, denial: ResolvedClaim, holder: str, has_accused: bool) -> str | None:
    """Whose deed a denial rejects: its own, unless it answers or withdraws an accusation of another; None for any."""
    if denial.denial_kind is DenialKind.OCCURRENCE:
        return None
    answered = graph.claims.get(denial.responds_to or "")
    if answered is None and denial.target is None and has_accused:
        withdrawn = (link.end for link in Linker(graph).links(denial) if link.link == "retracts")
        answered = graph.claims.get(next(withdrawn, ""))
    if answered is None or answered.type is not ClaimType.ACCUSES or answered.target is None:
        return holder
    # Who rejects an accusation of its whole or part rejects it for itself.
    return holder if kin(graph, holder, answered.target, denial.when.start) is not None else answered.target


def _turns(
    graph: ConflictGraph, holder: str, stances: list[_Stance]
) -> tuple[list[tuple[Turn, _Stance, _Stance]], int]:
    """The turns among an actor's stances and those of its parts (in order), and how many one day leaves undecided."""
    dated = [one for one in stances if one.when.start is not None and one.when.end is not None]
    own = [one for one in dated if one.holder == holder]
    found: list[tuple[Turn, _Stance, _Stance]] = []
    undecided: set[str] = set()
    for about in dict.fromkeys(one.about for one in own if one.rejects):
        line = [one for one in dated if _at_odds_or_alike(graph, one, holder, about)]
        turned, open_ = _reversals(line)
        found += turned
        undecided |= open_
        found += _moves(own, about)
    found += _switches(graph, own)
    unique = {(turn, before.id, after.id): (turn, before, after) for turn, before, after in found}
    return sorted(unique.values(), key=lambda turn: (turn[2].order, turn[0])), len(undecided)


def _at_odds_or_alike(graph: ConflictGraph, one: _Stance, holder: str, about: str | None) -> bool:
    """True for the holder's own rejections of this, and for affirmations which such a rejection entails to be wrong."""
    if one.rejects:
        return one.holder == holder and one.about == about
    if about is None or one.about is None:
        return about is None
    return kin(graph, one.about, about, one.when.start) in ("same", "part")


def _reversals(line: list[_Stance]) -> tuple[list[tuple[Turn, _Stance, _Stance]], set[str]]:
    """Where rejecting follows affirming, or the other way round, on a later day."""
    found: list[tuple[Turn, _Stance, _Stance]] = []
    undecided: set[str] = set()
    held: list[_Stance] = []
    for one in line:
        if not held or one.rejects == held[0].rejects:
            held.append(one)
            continue
        before = [earlier for earlier in held if _is_before(earlier, one)]
        if not before:
            undecided.add(one.id)
            continue
        found.append((_reversal(before[-1], one), before[-1], one))
        held = [one]
    return found, undecided


def _reversal(before: _Stance, after: _Stance) -> Turn:
    if after.rejects:
        return "accusation_to_denial" if before.position == "affirm" else "acknowledgement_to_denial"
    return "denial_to_accusation" if after.position == "affirm" else "denial_to_acknowledgement"


def _moves(own: list[_Stance], about: str | None) -> list[tuple[Turn, _Stance, _Stance]]:
    """Where a denial came to rest on another ground: the new one first told after the last time of the old one."""
    by_kind: dict[DenialKind, list[_Stance]] = {}
    for one in own:
        # That nothing happened at all is also said for oneself.
        if one.rejects and one.denial_kind is not None and one.about in (about, None):
            by_kind.setdefault(one.denial_kind, []).append(one)
    return [("denial_moved", before, after) for before, after in _successions(by_kind.values())]


def _switches(graph: ConflictGraph, own: list[_Stance]) -> list[tuple[Turn, _Stance, _Stance]]:
    """Where another was accused: first told after the last time the one before was, and neither part of the other."""
    by_accused: dict[str, list[_Stance]] = {}
    for one in own:
        if one.position == "affirm" and one.about is not None:
            by_accused.setdefault(one.about, []).append(one)
    return [
        ("accused_switched", before, after)
        for before, after in _successions(by_accused.values())
        if before.about is None or after.about is None or kin(graph, before.about, after.about, None) is None
    ]


def _successions(groups: Iterable[list[_Stance]]) -> Iterator[tuple[_Stance, _Stance]]:
    """The last of one group and the first of another that begins later; of several groups before it, the nearest."""
    known = list(groups)
    for following in known:
        over = [group for group in known if group is not following and _is_before(group[-1], following[0])]
        if over:
            nearest = max(over, key=lambda group: group[-1].order)
            yield nearest[-1], following[0]


def _is_before(one: _Stance, other: _Stance) -> bool:
    return one.when.end is not None and other.when.start is not None and one.when.end < other.when.start


def _row(graph: ConflictGraph, one: _Stance, holder: str) -> StanceRow:
    said = one.of.claim if isinstance(one.of, ResolvedClaim) else one.of.acknowledgement
    evidence = said.evidence
    return StanceRow(
        id=one.id,
        stance=one.position,
        actor=graph.label(one.holder),
        actor_id=one.holder,
        about=graph.label(one.about) if one.about is not None else None,
        about_id=one.about,
        scope="own" if one.holder == holder else "part",
        said=one.when.iso,
        denial_kind=one.denial_kind,
        publisher=one.of.publisher,
        evidence=EvidenceRow(evidence.quote, evidence.part, evidence.start, evidence.end, evidence.article),
    )


def _counts(stances: list[_Stance]) -> Counts:
    """What stands behind stances, which may be acknowledgements."""
    articles = {
        one.of.article if isinstance(one.of, ResolvedClaim) else one.of.acknowledgement.article for one in stances
    }
    return Counts(
        len(stances),
        len(articles),
        len({one.of.publisher for one in stances if one.of.publisher is not None}),
        len({one.of.lineage for one in stances}),
    )
