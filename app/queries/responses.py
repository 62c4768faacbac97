"""An accusation in, the first response by the accused out: what kind, after how many days, or silence and where.

Silence is a statement about the articles that were read. It is told beside what was searched, and where nothing could
have been found it is not called silence.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from statistics import median
from typing import Literal, NamedTuple

import msgspec

from app.graph import ConflictGraph, ResolvedAcknowledgement, ResolvedClaim
from app.queries.coverage import Searched, last_day, naming_claims, searched
from app.queries.cursors import question_mark, take_page
from app.queries.entailment import denier
from app.queries.filters import ClaimFilter, Entry, position, select
from app.queries.lags import Kin, Lag, check_window, day_after, kin, lag, topmost
from app.queries.rows import AppliedFilters, ClaimRow, Counts, EvidenceRow, count, row_of
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import ClaimType

WINDOW = 30
"""Days after an accusation that are searched for a response, unless asked otherwise."""
MOST_SUMMED = 20_000
"""Accusations that the summary of an answer covers at most."""

Kind = Literal["denial", "counter_accusation", "deflection", "retaliation", "acknowledgement"]
Basis = Literal["answers_the_accusation", "same_incident", "names_the_accuser", "same_parties"]
Status = Literal["answered", "unlinked", "silence", "no_coverage", "undated", "no_target"]
_SUREST: tuple[Basis, ...] = ("answers_the_accusation", "same_incident", "names_the_accuser", "same_parties")


class Response(msgspec.Struct, frozen=True):
    """A claim, or an acknowledgement, by which the accused responds.

    Attributes:
        id: Id of the claim or acknowledgement.
        kind: `counter_accusation` accuses the accuser in turn, `deflection` another; `retaliation` threatens the
            accuser, calls for it or is reported as done; `acknowledgement` claims or admits the incident.
        basis: `answers_the_accusation` where the article says so; `same_incident`; `names_the_accuser` for a denial to
            the accuser that is about no incident; `same_parties` where nothing but the parties agrees.
        by: Whether the accused itself responds, a part of it, or what it is part of.
        lag: Days from accusation to response; None where the response has no day.
    """

    id: str
    kind: Kind
    basis: Basis
    by: Kin
    actor: str
    actor_id: str
    said: str | None
    publisher: str | None
    lag: Lag | None
    evidence: EvidenceRow


class ResponseRow(msgspec.Struct, frozen=True):
    """One accusation and how the accused is reported to have responded.

    Attributes:
        status: `answered`; `unlinked` where the accused denied something to the accuser, or to nobody named, and
            nothing ties it to this accusation; `silence` where the accused was within sight and no response is
            reported; `no_coverage` where no other text reports anything of the accused; `undated` where the accusation
            has no day and no article says that anything answers it; `no_target` where it accuses nobody by name.
        first: The earliest response, and of those of one day the surest.
        further: How many more responses there are in the window.
        unlinked: Ids of the denials that make it `unlinked`.
        window_over: False where the articles end before the window does: the silence may still be broken.
        searched: What was looked through; None where the accusation has no day or accuses nobody by name.
    """

    accusation: ClaimRow
    status: Status
    first: Response | None
    further: int
    unlinked: list[str]
    window_over: bool | None
    searched: Searched | None


class StatusRow(msgspec.Struct, frozen=True):
    """How many accusations have this status."""

    status: Status
    counts: Counts


class KindRow(msgspec.Struct, frozen=True):
    """How many accusations were first answered by a response of this kind."""

    kind: Kind
    counts: Counts


class Latency(msgspec.Struct, frozen=True):
    """Days to the first response, over the answered accusations for which both dates give a day.

    Attributes:
        exact: How many those are.
        inexact: Answered ones whose dates give a range or nothing; they are not in the other figures.
    """

    exact: int
    inexact: int
    least: int | None
    median: float | None
    most: int | None


class Responses(msgspec.Struct, frozen=True):
    """Accusations with the responses to them.

    Attributes:
        within: Days after an accusation that were searched.
        by_parties: Whether claims that share nothing but the parties were taken for responses.
        summed: How many accusations the summary covers: all, or the earliest of very many.
        responses: One page, oldest accusation first.
    """

    revision: int
    filters: AppliedFilters
    within: int
    by_parties: bool
    summed: int
    statuses: list[StatusRow]
    kinds: list[KindRow]
    latency: Latency
    responses: list[ResponseRow]
    total: int
    undated_left_out: int
    next: str | None


class ResponseAnswer(msgspec.Struct, frozen=True):
    """One accusation with all responses to it, the earliest first."""

    revision: int
    within: int
    by_parties: bool
    response: ResponseRow
    responses: list[Response]


def responses(
    graph: ConflictGraph,
    asked: ClaimFilter,
    within: int = WINDOW,
    by_parties: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> Responses:
    """The response to each accusation that a filter lets through.

    Raises:
        BadQuery: A name, date, number or cursor cannot be used.
    """
    search = _Search(graph, check_window("within", within), by_parties)
    found = select(graph, dataclasses.replace(asked, type=ClaimType.ACCUSES))
    statuses: dict[Status, list[str]] = {
        "answered": [], "unlinked": [], "silence": [], "no_coverage": [], "undated": [], "no_target": []
    }  # fmt: skip
    kinds: dict[Kind, list[str]] = {}
    lags: list[Lag | None] = []
    for _, claim_id in found.entries[:MOST_SUMMED]:
        accusation = graph.claims[claim_id]
        first = search.first(accusation)
        statuses[search.status(accusation, first is not None)].append(claim_id)
        if first is not None:
            kinds.setdefault(first.kind, []).append(claim_id)
            lags.append(lag(accusation.when, first.item.when))
    question = question_mark("responses", dataclasses.astuple(asked), within, by_parties)
    page, following = take_page(found.entries, position, limit, cursor, question, graph.revision)
    return Responses(
        revision=graph.revision,
        filters=found.applied,
        within=within,
        by_parties=by_parties,
        summed=min(len(found.entries), MOST_SUMMED),
        statuses=[StatusRow(status, count(graph, ids)) for status, ids in statuses.items()],
        kinds=[KindRow(kind, count(graph, ids)) for kind, ids in sorted(kinds.items())],
        latency=_latency(lags),
        responses=[search.told(graph.claims[claim_id])[0] for _, claim_id in page],
        total=len(found.entries),
        undated_left_out=found.undated_left_out,
        next=following,
    )


def response(graph: ConflictGraph, claim_id: str, within: int = WINDOW, by_parties: bool = False) -> ResponseAnswer:
    """The responses to one accusation.

    Raises:
        NotFound: No claim has this id.
        BadQuery: It is no accusation, or the window cannot be used.
    """
    search = _Search(graph, check_window("within", within), by_parties)
    accusation = graph.claim(claim_id)
    if accusation.type is not ClaimType.ACCUSES:
        raise BadQuery(f"claim {claim_id} is a {accusation.type.noun}; responses are given to accusations")
    row, all_of_them = search.told(accusation)
    return ResponseAnswer(graph.revision, within, by_parties, row, all_of_them)


class _Hit(NamedTuple):
    """A response before it is told; hits are put in order by their day, how sure they are, and their id."""

    day: date
    surety: int
    id: str
    item: ResolvedClaim | ResolvedAcknowledgement
    kind: Kind
    by: Kin

    @property
    def order(self) -> tuple[date, int, str]:
        return (self.day, self.surety, self.id)


class _Search:
    """Looks for the responses to accusations."""

    def __init__(self, graph: ConflictGraph, span: timedelta, by_parties: bool) -> None:
        self.graph = graph
        self.span = span
        self.by_parties = by_parties
        self.last = last_day(graph)
        # Actor → its denials that name no accuser, and those of its parts.
        self._to_nobody: dict[str, list[Entry]] = {}

    def told(self, accusation: ResolvedClaim) -> tuple[ResponseRow, list[Response]]:
        """An accusation with its first response, and all of them."""
        found = [self._response(accusation, hit) for hit in self._all(accusation)]
        start, until = accusation.when.start, self._until(accusation)
        looked = None
        if start is not None and until is not None and accusation.target is not None:
            looked = searched(self.graph, accusation.target, start, until, accusation)
        row = ResponseRow(
            accusation=row_of(self.graph, accusation),
            status=self.status(accusation, bool(found)),
            first=found[0] if found else None,
            further=max(0, len(found) - 1),
            unlinked=list(self._unlinked(accusation)) if not found else [],
            window_over=(self.last is not None and until <= self.last) if until is not None else None,
            searched=looked,
        )
        return row, found

    def status(self, accusation: ResolvedClaim, answered: bool) -> Status:
        """What the search came to."""
        start, until = accusation.when.start, self._until(accusation)
        if accusation.target is None:
            return "no_target"
        if answered:
            return "answered"
        if start is None or until is None:
            return "undated"
        if next(self._unlinked(accusation), None) is not None:
            return "unlinked"
        naming = naming_claims(self.graph, accusation.target, start, until, accusation)
        return "silence" if next(naming, None) is not None else "no_coverage"

    def first(self, accusation: ResolvedClaim) -> _Hit | None:
        """The earliest response in the window, and of those of one day the surest."""
        # What comes by day ends with its first hit.
        firsts = (next(hits, None) for hits in self._by_day(accusation))
        found = [*self._tied(accusation), *(hit for hit in firsts if hit is not None)]
        return min(found, key=lambda hit: hit.order, default=None)

    def _all(self, accusation: ResolvedClaim) -> list[_Hit]:
        """All responses in the window, in order; each for its surest reason."""
        best: dict[str, _Hit] = {}
        for hits in (self._tied(accusation), *self._by_day(accusation)):
            for hit in hits:
                kept = best.get(hit.id)
                if kept is None or hit.surety < kept.surety:
                    best[hit.id] = hit
        return sorted(best.values(), key=lambda hit: hit.order)

    def _until(self, accusation: ResolvedClaim) -> date | None:
        return day_after(accusation.when.end, self.span) if accusation.when.end is not None else None

    def _tied(self, accusation: ResolvedClaim) -> Iterator[_Hit]:
        """What its article says is an answer, and what is about the same incident."""
        graph, incident = self.graph, accusation.incident
        if accusation.target is None:
            return
        yield from self._fitting(accusation, graph.answers_to(accusation.id), "answers_the_accusation")
        if incident is not None:
            about = (*graph.claims_about(incident), *graph.answers_to(incident))
            yield from self._fitting(accusation, about, "same_incident")
            for one in graph.acknowledged(incident):
                found = self._acknowledging(accusation, graph.acknowledgements[one])
                if found is not None:
                    yield found

    def _by_day(self, accusation: ResolvedClaim) -> Iterator[Iterator[_Hit]]:
        """What the accused says to the accuser, day by day: one row of hits for each type of claim."""
        yield self._fitting(accusation, self._between(accusation, ClaimType.DENIES), "names_the_accuser")
        if self.by_parties:
            for kind in ClaimType:
                yield self._fitting(accusation, self._between(accusation, kind), "same_parties")

    def _between(self, accusation: ResolvedClaim, kind: ClaimType) -> Iterator[str]:
        """Claims in the window by the accused, or a part of its whole, against the accuser, or a part of its whole."""
        start, until, accused = accusation.when.start, self._until(accusation), accusation.target
        if start is None or until is None or accused is None:
            return
        graph = self.graph
        parties = (topmost(graph, accused, start), topmost(graph, accusation.source, start))
        entries = graph.claims_of(kind, *parties)
        for day, claim in islice(entries, bisect_left(entries, (start, "")), None):
            if day > until:
                break
            yield claim

    def _unlinked(self, accusation: ResolvedClaim) -> Iterator[str]:
        """Denials by the accused in the window to the accuser or to nobody named, of whatever it may be."""
        start, until, accused = accusation.when.start, self._until(accusation), accusation.target
        if start is None or until is None or accused is None:
            return
        graph, whole = self.graph, topmost(self.graph, accused, start)
        to_nobody = self._to_nobody.get(whole)
        if to_nobody is None:
            to_nobody = self._to_nobody[whole] = [
                entry for entry in graph.claims_of(ClaimType.DENIES, whole) if graph.claims[entry[1]].target is None
            ]
        to_us = graph.claims_of(ClaimType.DENIES, whole, topmost(graph, accusation.source, start))
        for entries in (to_us, to_nobody):
            for day, claim_id in islice(entries, bisect_left(entries, (start, "")), None):
                if day > until:
                    break
                claim = graph.claims[claim_id]
                fits = claim.target is None or kin(graph, claim.target, accusation.source, day) is not None
                ours = fits and kin(graph, claim.source, accused, day) is not None
                if ours and not self._rejects_for_another(accusation, claim):
                    yield claim_id

    def _fitting(self, accusation: ResolvedClaim, ids: Iterable[str], basis: Basis) -> Iterator[_Hit]:
        for one in ids:
            claim = self.graph.claims.get(one)
            found = self._responding(accusation, claim, basis) if claim is not None else None
            if found is not None:
                yield found

    def _responding(self, accusation: ResolvedClaim, claim: ResolvedClaim, basis: Basis) -> _Hit | None:
        graph, day, accused = self.graph, claim.when.start, accusation.target
        if claim.id == accusation.id or accused is None:
            return None
        by = kin(graph, denier(graph, claim), accused, day) or kin(graph, claim.source, accused, day)
        if by is None or (basis != "answers_the_accusation" and not self._in_time(accusation, claim)):
            return None
        kind = self._kind(accusation, claim)
        if kind is None or (basis != "answers_the_accusation" and self._is_on_something_else(accusation, claim, basis)):
            return None
        return _Hit(day or date.max, _SUREST.index(basis), claim.id, claim, kind, by)

    def _response(self, accusation: ResolvedClaim, hit: _Hit) -> Response:
        item = hit.item
        actor, said = (
            (item.source, item.claim) if isinstance(item, ResolvedClaim) else (item.actor, item.acknowledgement)
        )
        evidence = said.evidence
        return Response(
            id=hit.id,
            kind=hit.kind,
            basis=_SUREST[hit.surety],
            by=hit.by,
            actor=self.graph.label(actor),
            actor_id=actor,
            said=item.when.iso,
            publisher=item.publisher,
            lag=lag(accusation.when, item.when),
            evidence=EvidenceRow(evidence.quote, evidence.part, evidence.start, evidence.end, evidence.article),
        )

    def _kind(self, accusation: ResolvedClaim, claim: ResolvedClaim) -> Kind | None:
        against = claim.target is not None and (
            kin(self.graph, claim.target, accusation.source, claim.when.start) is not None
        )
        match claim.type:
            case ClaimType.DENIES:
                return "denial"
            case ClaimType.ACCUSES:
                return "counter_accusation" if against else "deflection" if claim.target is not None else None
            case ClaimType.RETALIATES:
                return "retaliation" if against else None

    def _is_on_something_else(self, accusation: ResolvedClaim, claim: ResolvedClaim, basis: Basis) -> bool:
        """True where the claim's own article ties it to another accusation, or to an incident that this one is not."""
        graph, day, own = self.graph, claim.when.start, claim.responds_to
        if self._rejects_for_another(accusation, claim):
            return True
        if basis == "same_incident":
            return False
        if claim.target is None or kin(graph, claim.target, accusation.source, day) is None:
            return True
        if basis == "names_the_accuser":
            return claim.incident is not None or own is not None
        return None not in (claim.incident, accusation.incident) and claim.incident != accusation.incident

    def _rejects_for_another(self, accusation: ResolvedClaim, claim: ResolvedClaim) -> bool:
        """True for a denial of which the article says that it rejects an accusation of somebody else."""
        answered = self.graph.claims.get(claim.responds_to or "")
        if claim.type is not ClaimType.DENIES or answered is None or answered.target is None:
            return False
        return kin(self.graph, answered.target, accusation.target or "", claim.when.start) is None

    def _in_time(self, accusation: ResolvedClaim, other: ResolvedClaim | ResolvedAcknowledgement) -> bool:
        start, until, day = accusation.when.start, self._until(accusation), other.when.start
        return start is not None and until is not None and day is not None and start <= day <= until

    def _acknowledging(self, accusation: ResolvedClaim, one: ResolvedAcknowledgement) -> _Hit | None:
        by = kin(self.graph, one.actor, accusation.target or "", one.when.start)
        if by is None or not self._in_time(accusation, one):
            return None
        surety = _SUREST.index("same_incident")
        return _Hit(one.when.start or date.max, surety, one.id, one, "acknowledgement", by)


def _latency(lags: list[Lag | None]) -> Latency:
    exact = [one.least for one in lags if one is not None and one.least == one.most]
    return Latency(
        exact=len(exact),
        inexact=len(lags) - len(exact),
        least=min(exact, default=None),
        median=float(median(exact)) if exact else None,
        most=max(exact, default=None),
    )
