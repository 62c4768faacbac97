"""An incident in, what articles say of who did it out: per agent who affirms, rejects, acknowledges and finds it.

It lists claims side by side and gives a status by a published rule (`app.queries.statuses`). It picks no winner, gives
no verdict and weighs no one against another. Roll-up follows what the claims entail: who accuses a part accuses its
whole; who rejects for the whole rejects for its parts; a part that speaks for itself never rejects for its whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import msgspec

from app.graph import ConflictGraph, ResolvedAcknowledgement, ResolvedClaim
from app.queries.acknowledged import AcknowledgementRow, acknowledgement_rows
from app.queries.attribution_rows import Acknowledging, Attribution, Basis, Finding, Scope, Stance
from app.queries.authorities import Authorities, Authority, shipped
from app.queries.cursors import question_mark, take_page
from app.queries.directory import ActorRow, IncidentRow, actor_row, incident_row
from app.queries.entailment import SPEAK_FOR_THEMSELVES, denier
from app.queries.filters import ClaimFilter, position, select
from app.queries.links import Linker
from app.queries.rows import AppliedFilters, ClaimRow, Counts, claim_row, count
from app.queries.statuses import Reports, Status, agent_status, incident_status
from app.vocabulary.errors import NotFound
from app.vocabulary.terms import AcknowledgementKind, ClaimType, DenialKind


class IncidentView(msgspec.Struct, frozen=True):
    """One incident with every claim about it.

    Attributes:
        status: As in a row of `attribution`, for the incident as a whole; with `rule` and `because`.
        attribution: Per actor who affirms, rejects, acknowledges and finds, in the order of the actors' names.
        occurrence_denied: Claims that reject that it happened at all, whoever is accused.
        without_target: Accusations about it that name nobody.
        acknowledgements: Reports that an actor takes it upon itself.
        counts: What stands behind all claims about it.
    """

    revision: int
    incident: IncidentRow
    reported_in: tuple[str, ...]
    members: tuple[str, ...]
    status: Status
    rule: str
    because: str
    attribution: list[Attribution]
    occurrence_denied: list[str]
    without_target: list[str]
    acknowledgements: list[AcknowledgementRow]
    counts: Counts
    claims: list[ClaimRow]


class Position(msgspec.Struct, frozen=True):
    """An actor's claims about one incident (or about none that is named), in the order they were said."""

    incident: str | None
    incident_label: str | None
    claims: list[ClaimRow]


class Positions(msgspec.Struct, frozen=True):
    """What an actor and its parts have said, incident by incident, in the order of the first claim about each."""

    revision: int
    filters: AppliedFilters
    actor: ActorRow
    positions: list[Position]
    total: int
    next: str | None


def incident(graph: ConflictGraph, incident_id: str, authorities: Authorities | None = None) -> IncidentView:
    """One incident and its attribution table.

    Args:
        graph: The graph.
        incident_id: Its id, or that of an incident that was judged to be part of it.
        authorities: Whose claims are findings; as the program came, where None.

    Raises:
        NotFound: No incident has this id.
    """
    node = graph.incidents[graph.incident_id(incident_id)]
    ids = select(graph, ClaimFilter(incident=node.id)).ids
    claims = [graph.claims[one] for one in ids]
    table = _Table(graph, authorities or shipped())
    for claim in claims:
        table.learn(claim)
    for claim in claims:
        table.take(claim)
    for name in graph.acknowledged(node.id):
        table.acknowledge(graph.acknowledgements[name])
    table.pass_along()
    reports = {actor: table.reports(actor) for actor in table.rows}
    ruling = incident_status(list(reports.values()))
    attribution = [table.row(actor, reports[actor]) for actor in table.rows]
    attribution.sort(key=lambda row: (row.actor, row.actor_id))
    return IncidentView(
        revision=graph.revision,
        incident=incident_row(graph, node),
        reported_in=node.reported_in,
        members=node.members,
        status=ruling.status,
        rule=ruling.rule,
        because=ruling.because,
        attribution=attribution,
        occurrence_denied=[c.id for c in claims if c.denial_kind is DenialKind.OCCURRENCE],
        without_target=[c.id for c in claims if c.type is ClaimType.ACCUSES and c.target is None],
        acknowledgements=acknowledgement_rows(graph, [node.id]),
        counts=count(graph, ids),
        claims=[claim_row(graph, one) for one in ids],
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """A claim in a row: why, how it came there and through which part or whole."""

    claim: ResolvedClaim
    basis: Basis
    scope: Scope = "direct"
    through: str | None = None


@dataclass(slots=True)
class _Row:
    """What stands in one actor's row."""

    affirming: list[_Entry] = field(default_factory=list)
    rejecting: list[_Entry] = field(default_factory=list)
    acknowledged: list[tuple[ResolvedAcknowledgement, Scope]] = field(default_factory=list)


class _Table:
    """An attribution table in the making."""

    def __init__(self, graph: ConflictGraph, authorities: Authorities) -> None:
        self.graph = graph
        self.rows: dict[str, _Row] = {}
        self._authorities = authorities
        self._linker = Linker(graph)
        # Accusation → later claims by which its source withdrew it.
        self._withdrawn: dict[str, list[str]] = {}
        self._rejections: list[tuple[ResolvedClaim, str, Basis]] = []
        # Part → wholes, as an article says that it speaks or acts for them.
        self._told: dict[str, set[str]] = {}
        self._wholes: dict[tuple[str, date | None], frozenset[str]] = {}
        self._bodies: dict[tuple[str | None, str, str], Authority | None] = {}

    # ---- filling ----

    def learn(self, claim: ResolvedClaim) -> None:
        """Note of what a claim says that a body is part, before anything is entered."""
        for part, whole in ((denier(self.graph, claim), claim.source), (claim.target_named, claim.target)):
            if part is not None and whole is not None and part != whole:
                self._told.setdefault(part, set()).add(whole)

    def take(self, claim: ResolvedClaim) -> None:
        """Enter an accusation or a denial; a retaliation attributes nothing."""
        match claim.type:
            case ClaimType.ACCUSES if claim.target is not None:
                self._affirm(claim, claim.target)
            case ClaimType.DENIES:
                self._reject(claim)
            case _:
                pass

    def acknowledge(self, one: ResolvedAcknowledgement) -> None:
        """Enter a report that an actor takes the incident upon itself: its wholes have not, though they are implied."""
        self._row(one.actor).acknowledged.append((one, "direct"))
        for whole in self._above(one.actor, one):
            speaks = self.graph.actors[one.actor].kind not in SPEAK_FOR_THEMSELVES
            self._row(whole).acknowledged.append((one, "direct" if speaks else "entailed"))

    def _affirm(self, claim: ResolvedClaim, target: str) -> None:
        named = self._own_part(claim.target_named, target)
        accused = named or target
        self._row(accused).affirming.append(_Entry(claim, "accuses_it"))
        for whole in self._above(accused, claim):
            self._row(whole).affirming.append(_Entry(claim, "accuses_it", "entailed", accused))

    def _reject(self, denial: ResolvedClaim) -> None:
        own = denier(self.graph, denial)
        withdrawn = next((link for link in self._linker.links(denial) if link.link == "retracts"), None)
        answered = self._accusation(denial)
        if withdrawn is not None:
            accusation = self.graph.claims[withdrawn.end]
            self._withdraw(accusation, denial.id)
            self._enter(denial, accusation.target or own, "withdraws_its_accusation")
        elif answered is None or answered.target is None:
            seconded = next((link for link in self._linker.links(denial) if link.link == "corroborates"), None)
            if seconded is not None:
                self._enter(denial, denier(self.graph, self.graph.claims[seconded.end]), "rejects_for_another")
            else:
                self._enter(denial, own, "denies_for_itself")
        elif self._is_side_of(own, denial, answered, answered.target):
            # Whatever it answers, it rejects for itself: no more than its own part, no less than all its parts.
            self._enter(denial, own, "answers_an_accusation_of_it")
        else:
            accused = self._own_part(answered.target_named, answered.target) or answered.target
            self._enter(denial, accused, "rejects_for_another")

    def _is_side_of(self, own: str, denial: ResolvedClaim, answered: ResolvedClaim, target: str) -> bool:
        """True where the denier is the accused, a part of it or a whole of it."""
        accused = self._own_part(answered.target_named, target) or target
        ours = self._all(own, denial) | self._all(denial.source, denial)
        return accused in ours or own in self._all(accused, answered) | self._all(target, answered)

    def _enter(self, denial: ResolvedClaim, agent: str, basis: Basis) -> None:
        self._row(agent).rejecting.append(_Entry(denial, basis))
        self._rejections.append((denial, agent, basis))

    def _accusation(self, denial: ResolvedClaim) -> ResolvedClaim | None:
        """The accusation that a denial rejects."""
        seen: set[str] = set()
        claim = denial
        while claim.id not in seen:
            seen.add(claim.id)
            links = self._linker.links(claim)
            for link in links:
                if link.link == "denies":
                    end = self.graph.claims[link.end]
                    if end.type is ClaimType.ACCUSES:
                        return end
            repeated = next((link for link in links if link.link == "repeats"), None)
            if repeated is None:
                return None
            claim = self.graph.claims[repeated.end]
        return None

    def _withdraw(self, accusation: ResolvedClaim, by: str) -> None:
        """A source that withdraws an accusation withdraws every report of it."""
        row = self.rows.get(accusation.target or "")
        told = [accusation.id] + [
            entry.claim.id for entry in (row.affirming if row else ()) if entry.claim.source == accusation.source
        ]
        for name in dict.fromkeys(told):
            self._withdrawn.setdefault(name, []).append(by)

    def pass_along(self) -> None:
        """Pass each rejection to the rows there are: down to parts, for which it holds; up to wholes, as narrower."""
        entered = {actor: {one.claim.id for one in row.rejecting} for actor, row in self.rows.items()}
        for denial, agent, basis in self._rejections:
            above = self._all(agent, denial)
            for actor, row in self.rows.items():
                if actor == agent or denial.id in entered[actor]:
                    continue
                if agent in self._all(actor, denial):
                    row.rejecting.append(_Entry(denial, basis, "inherited", agent))
                elif actor in above:
                    row.rejecting.append(_Entry(denial, basis, "narrower", agent))

    def _row(self, actor: str) -> _Row:
        return self.rows.setdefault(actor, _Row())

    def _own_part(self, named: str | None, target: str) -> str | None:
        """The body that is accused by name, where it speaks for itself: a ministry is the voice of its whole."""
        if named is None or named == target or self.graph.actors[named].kind not in SPEAK_FOR_THEMSELVES:
            return None
        return named

    def _all(self, actor: str, said: ResolvedClaim | ResolvedAcknowledgement) -> frozenset[str]:
        """The actor and what it was part of on the day, by the records and by what articles say."""
        day = said.when.start
        found = self._wholes.get((actor, day))
        if found is None:
            above = self.graph.wholes(actor, day)
            for told in self._told.get(actor, ()):
                above |= self.graph.wholes(told, day)
            found = self._wholes[actor, day] = frozenset(above)
        return found

    def _above(self, actor: str, said: ResolvedClaim | ResolvedAcknowledgement) -> list[str]:
        return sorted(self._all(actor, said) - {actor})

    # ---- reading ----

    def reports(self, actor: str) -> Reports:
        """What counts in an actor's row."""
        row = self.rows[actor]
        counting = [entry.claim for entry in row.affirming if entry.claim.id not in self._withdrawn]
        # A part that takes the act upon itself implies its whole, as an accusation of the part does.
        implied = {one.actor for one, scope in row.acknowledged if scope == "entailed"}
        own = [one.acknowledgement.kind for one, scope in row.acknowledged if scope == "direct"]
        rejecting = [entry for entry in row.rejecting if entry.scope != "narrower"]
        return Reports(
            agent=actor,
            wholes=frozenset(self.graph.wholes(actor) | self._told.get(actor, set())),
            affirmed_by=frozenset(claim.source for claim in counting) | implied,
            rejected=any(entry.basis != "withdraws_its_accusation" for entry in rejecting),
            rejects_itself=any(
                entry.scope == "direct" and actor in self._all(entry.claim.source, entry.claim) for entry in rejecting
            ),
            self_claimed=AcknowledgementKind.SELF_CLAIM in own,
            admitted=AcknowledgementKind.ADMISSION in own,
            adjudicated=any(one.adjudicates for one in self._findings(row)),
        )

    def row(self, actor: str, reports: Reports) -> Attribution:
        """An actor's row as it is shown."""
        row = self.rows[actor]
        ruling = agent_status(reports)
        affirmed = [one.claim.id for one in row.affirming if one.claim.id not in self._withdrawn]
        return Attribution(
            actor=self.graph.label(actor),
            actor_id=actor,
            affirming=self._stances(row.affirming),
            rejecting=self._stances(row.rejecting),
            self_claims=self._acknowledging(row, AcknowledgementKind.SELF_CLAIM),
            admissions=self._acknowledging(row, AcknowledgementKind.ADMISSION),
            findings=self._findings(row),
            affirmed=count(self.graph, affirmed),
            rejected=count(self.graph, [one.claim.id for one in row.rejecting if one.scope != "narrower"]),
            status=ruling.status,
            rule=ruling.rule,
            because=ruling.because,
        )

    def _stances(self, entries: Iterable[_Entry]) -> list[Stance]:
        grouped: dict[tuple[str, Scope, str | None], list[_Entry]] = {}
        for entry in entries:
            grouped.setdefault((entry.claim.source, entry.scope, entry.through), []).append(entry)
        found = []
        for (source, scope, through), theirs in grouped.items():
            claims = [entry.claim for entry in theirs]
            counts = count(self.graph, [one.id for one in claims])
            withdrawn = dict.fromkeys(by for one in claims for by in self._withdrawn.get(one.id, ()))
            found.append(
                Stance(
                    source=self.graph.label(source),
                    source_id=source,
                    claims=[one.id for one in claims],
                    articles=counts.articles,
                    publishers=counts.publishers,
                    denial_kinds=list(dict.fromkeys(kind for one in claims if (kind := one.denial_kind) is not None)),
                    basis=list(dict.fromkeys(entry.basis for entry in theirs)),
                    mentions=counts.claims,
                    lineages=counts.lineages,
                    scope=scope,
                    through=self.graph.label(through) if through is not None else None,
                    withdrawn=list(withdrawn),
                )
            )
        found.sort(key=lambda one: (one.source, one.source_id, one.scope != "direct", one.scope, one.through or ""))
        return found

    def _acknowledging(self, row: _Row, kind: AcknowledgementKind) -> list[Acknowledging]:
        grouped: dict[tuple[str, Scope], list[ResolvedAcknowledgement]] = {}
        for one, scope in row.acknowledged:
            if one.acknowledgement.kind is kind:
                grouped.setdefault((one.actor, scope), []).append(one)
        found = [
            Acknowledging(
                source=self.graph.label(actor),
                source_id=actor,
                acknowledgements=[one.id for one in theirs],
                mentions=len(theirs),
                articles=len({one.acknowledgement.article for one in theirs}),
                publishers=len({one.publisher for one in theirs if one.publisher is not None}),
                lineages=len({one.lineage for one in theirs}),
                scope=scope,
                through=self.graph.label(actor) if scope == "entailed" else None,
            )
            for (actor, scope), theirs in grouped.items()
        ]
        found.sort(key=lambda one: (one.source, one.source_id, one.scope))
        return found

    def _body(self, claim: ResolvedClaim) -> Authority | None:
        """The authority that speaks in a claim."""
        speaking = (claim.source_named, claim.speaker, claim.source)
        if speaking not in self._bodies:
            self._bodies[speaking] = self._authorities.of(self.graph, claim)
        return self._bodies[speaking]

    def _findings(self, row: _Row) -> list[Finding]:
        found = []
        sides: tuple[tuple[Literal["affirms", "rejects"], list[_Entry]], ...] = (
            ("affirms", row.affirming),
            ("rejects", row.rejecting),
        )
        for holds, entries in sides:
            for entry in entries:
                body = self._body(entry.claim)
                # A ruling about a part says nothing yet of the whole: it is listed there, and is no ruling on it.
                if body is not None:
                    direct = entry.scope in ("direct", "inherited")
                    found.append(
                        Finding(entry.claim.id, body.name, body.kind, body.adjudicates and direct, holds, entry.scope)
                    )
        return found


def positions(
    graph: ConflictGraph, actor_id: str, limit: int = 50, cursor: str | None = None, about: str | None = None
) -> Positions:
    """What an actor has said, grouped by incident; `about` asks for one incident.

    Raises:
        NotFound: No actor has this id.
        BadQuery: No incident is called `about`, or the cursor cannot be used.
    """
    record = graph.actors.get(actor_id)
    if record is None:
        raise NotFound(f"no actor has the id {actor_id!r}")
    found = select(graph, ClaimFilter(source=actor_id, incident=about))
    first: dict[str | None, tuple[str, str]] = {}
    grouped: dict[str | None, list[str]] = {}
    for entry in found.entries:
        where = graph.claims[entry[1]].incident
        first.setdefault(where, position(entry))
        grouped.setdefault(where, []).append(entry[1])
    # The order in which they were first spoken of is the order in which they were met.
    question = question_mark("positions", actor_id, about)
    page, following = take_page(list(grouped), lambda one: first[one], limit, cursor, question, graph.revision)
    rows = [
        Position(
            one,
            graph.incidents[one].label if one is not None else None,
            [claim_row(graph, claim) for claim in grouped[one]],
        )
        for one in page
    ]
    return Positions(graph.revision, found.applied, actor_row(graph, record), rows, len(grouped), following)
