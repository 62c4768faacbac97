"""A claim in, its thread out: the claims about its incident, what they answer and what answers them, across articles.

Each link tells its basis, its reason in words and its confidence (`app.queries.links`). A thread shows an argument in
its order; it does not say who wins it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import msgspec

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.acknowledged import AcknowledgementRow, acknowledgement_rows
from app.queries.link_rules import WINDOW, Basis, LinkKind, ThreadLink
from app.queries.links import MOST_NEAR, Key, Linker, reported
from app.queries.rows import ClaimRow, claim_row
from app.vocabulary.terms import ClaimType

__all__ = ["Basis", "IncidentLink", "LinkKind", "OpenEnd", "Thread", "ThreadLink", "thread"]

MOST_CLAIMS = 500
"""Claims of one thread; where there are more, `truncated` says so."""
MOST_LOOKED_AT = 2000
"""Claims whose links are sought for one thread."""
ANSWERS: frozenset[LinkKind] = frozenset({"denies", "counters", "deflects", "retracts"})
"""Links by which an accusation counts as answered."""


class IncidentLink(msgspec.Struct, frozen=True):
    """A claim of the thread that answers an incident rather than a claim, as its article says."""

    claim: str
    incident: str
    incident_label: str


class OpenEnd(msgspec.Struct, frozen=True):
    """An accusation to which no article of the corpus reports an answer by the accused.

    Attributes:
        claim: Its first report in the thread.
        searched: How many articles the corpus holds: silence in few says little.
    """

    claim: str
    accused: str
    accused_id: str
    searched: int


class Thread(msgspec.Struct, frozen=True):
    """Claims linked to one another, by the day they were said; none stands before what it answers.

    Attributes:
        claim: The claim that was asked for.
        root: The earliest claim about its incident; without an incident, the earliest of the thread.
        links: Who answers whom; links that would close a circle stand in `circular`, so that these form none.
        incidents: Claims that answer an incident itself.
        acknowledgements: Reports that an actor takes the incident, or another that the thread is about, upon itself.
        open_ends: Accusations of the thread that nobody answered.
        orphans: Denials of the thread whose accusation no article reports.
        truncated: True where there were more claims than are shown or looked at.
    """

    revision: int
    claim: str
    root: str
    claims: list[ClaimRow]
    links: list[ThreadLink]
    incidents: list[IncidentLink]
    acknowledgements: list[AcknowledgementRow]
    open_ends: list[OpenEnd]
    orphans: list[str]
    circular: list[ThreadLink]
    truncated: bool


def thread(graph: ConflictGraph, claim_id: str) -> Thread:
    """The thread a claim belongs to.

    Raises:
        NotFound: No claim has this id.
    """
    asked = graph.claim(claim_id)
    walk = _Walk(graph, asked)
    walk.go()
    claims, links, circular = _in_order(walk.found.values(), walk.linker)
    about = [one for one in claims if one.incident is not None and one.incident == asked.incident] or claims
    return Thread(
        revision=graph.revision,
        claim=claim_id,
        root=min(about, key=_order).id,
        claims=[claim_row(graph, one.id) for one in claims],
        links=links,
        incidents=[found for one in claims if (found := _incident(graph, one)) is not None],
        acknowledgements=acknowledgement_rows(graph, dict.fromkeys(one.incident for one in claims if one.incident)),
        open_ends=_open_ends(graph, walk.linker, claims, links),
        orphans=_orphans(claims, links),
        circular=circular,
        truncated=walk.truncated,
    )


class _Walk:
    """Collects a thread: from claim to claim along links, in both directions, within bounds."""

    def __init__(self, graph: ConflictGraph, asked: ResolvedClaim) -> None:
        self.graph = graph
        self.asked = asked
        self.linker = Linker(graph)
        self.found: dict[str, ResolvedClaim] = {}
        self.truncated = False
        self._waiting: deque[ResolvedClaim] = deque()
        # Claim → claims that answer it and have been met before it.
        self._answering: dict[str, list[ResolvedClaim]] = {}
        self._met: set[str] = set()

    def go(self) -> None:
        """Walk until nothing more is linked."""
        self._take(self.asked)
        if self.asked.incident is not None:
            about = [self.graph.claims[one] for one in self.graph.claims_about(self.asked.incident)]
            for claim in sorted(about, key=_order) if len(about) > MOST_CLAIMS else about:
                self._take(claim)
        while self._waiting:
            claim = self._waiting.popleft()
            self._meet(claim)
            for link in self.linker.links(claim):
                self._take(self.graph.claims[link.end])
            for other in self._around(claim):
                self._meet(other)

    def _take(self, claim: ResolvedClaim) -> None:
        if claim.id in self.found or not self._is_near(claim):
            return
        if len(self.found) >= MOST_CLAIMS:
            self.truncated = True
            return
        self.found[claim.id] = claim
        self._waiting.append(claim)
        for answer in self._answering.pop(claim.id, ()):
            self._take(answer)

    def _meet(self, claim: ResolvedClaim) -> None:
        """Look at what a claim answers; it joins the thread where that is in it."""
        if claim.id in self._met:
            return
        if len(self._met) >= MOST_LOOKED_AT:
            self.truncated = True
            return
        self._met.add(claim.id)
        for link in self.linker.links(claim):
            if link.end in self.found:
                self._take(claim)
            else:
                self._answering.setdefault(link.end, []).append(claim)

    def _is_near(self, claim: ResolvedClaim) -> bool:
        """Without a common incident only what was said at about the time belongs to it."""
        if self.asked.incident is not None or claim.incident is not None or claim is self.asked:
            return True
        days = (claim.when.start, self.asked.when.start)
        if None in days:
            return claim.claim.article == self.asked.claim.article
        return abs((days[0] or date.min) - (days[1] or date.min)) <= WINDOW

    def _around(self, claim: ResolvedClaim) -> Iterator[ResolvedClaim]:
        """Claims that may answer this one."""
        graph = self.graph
        for name in graph.answers_to(claim.id):
            if name in graph.claims:
                yield graph.claims[name]
        if claim.incident is not None and claim.incident != self.asked.incident:
            yield from self.linker.about(claim.incident).claims
        day = claim.when.start
        if claim.target is None or day is None:
            return
        for kind in ClaimType:
            for source, target in ((claim.source, claim.target), (claim.target, claim.source)):
                pairs = graph.claims_of(kind, source, target)
                first = bisect_left(pairs, (day, ""))
                last = bisect_right(pairs, (_later(day), "\U0010ffff"))
                if last - first > MOST_NEAR:
                    last, self.truncated = first + MOST_NEAR, True
                yield from (graph.claims[name] for _, name in pairs[first:last] if name not in self._met)


def _later(day: date) -> date:
    return day + WINDOW if day < date.max - timedelta(days=31) else date.max


def _order(claim: ResolvedClaim) -> tuple[str, Key]:
    """By the day it was said, then by report; what nothing dates comes last."""
    return (claim.when.start.isoformat() if claim.when.start is not None else "~", reported(claim))


def _in_order(
    found: Iterable[ResolvedClaim], linker: Linker
) -> tuple[list[ResolvedClaim], list[ThreadLink], list[ThreadLink]]:
    """Claims by time, each after what it answers; the links that keep to that order, and those that do not."""
    by_time = sorted(found, key=_order)
    inside = {claim.id: claim for claim in by_time}
    placed: dict[str, int] = {}
    opened: set[str] = set()
    for first in by_time:
        stack = [first]
        while stack:
            claim = stack[-1]
            if claim.id in placed:
                stack.pop()
                continue
            ends = () if claim.id in opened else linker.links(claim)
            opened.add(claim.id)
            before = [inside[one.end] for one in ends if one.end in inside and one.end not in opened]
            if before:
                stack.extend(sorted(before, key=_order, reverse=True))
            else:
                placed[claim.id] = len(placed)
                stack.pop()
    links: list[ThreadLink] = []
    circular: list[ThreadLink] = []
    for name in placed:
        for link in linker.links(inside[name]):
            if link.end in inside:
                (links if placed[link.end] < placed[name] else circular).append(link)
    return [inside[name] for name in placed], links, circular


def _open_ends(
    graph: ConflictGraph, linker: Linker, claims: list[ResolvedClaim], links: list[ThreadLink]
) -> list[OpenEnd]:
    """Accusations that the accused, or a part of it, neither denied, countered, deflected nor acknowledged."""
    same: dict[tuple[str, str | None, str | None], list[ResolvedClaim]] = {}
    for claim in claims:
        if claim.claim.type is ClaimType.ACCUSES and claim.target is not None:
            same.setdefault((claim.source, claim.target, claim.incident), []).append(claim)
    answered = {link.end for link in links if link.link in ANSWERS}
    denied: set[tuple[str, str | None]] = set()
    for claim in claims:
        # A denial that names no accuser answers every accuser.
        if claim.claim.type is ClaimType.DENIES and claim.target is None:
            denied |= {(one, claim.incident) for one in linker.sources(claim)}
    for about in {claim.incident for claim in claims if claim.incident is not None}:
        for name in graph.acknowledged(about):
            one = graph.acknowledgements[name]
            denied |= {(whole, about) for whole in graph.wholes(one.actor, one.when.start)}
    found = []
    for (_, target, incident), told in same.items():
        if target is None or (target, incident) in denied or any(one.id in answered for one in told):
            continue
        found.append(OpenEnd(told[0].id, graph.label(target), target, len(graph.articles)))
    return found


def _orphans(claims: list[ResolvedClaim], links: list[ThreadLink]) -> list[str]:
    linked = {link.start for link in links if link.link != "repeats" or link.rule != "headline"}
    return [one.id for one in claims if one.claim.type is ClaimType.DENIES and one.id not in linked]


def _incident(graph: ConflictGraph, claim: ResolvedClaim) -> IncidentLink | None:
    answered = claim.claim.responds_to
    if answered is None or answered in graph.claims:
        return None
    # The claim speaks of the article's own incident, which may have been judged part of another one.
    node = graph.incidents.get(graph.merged.get(answered, answered))
    return IncidentLink(claim.id, node.id, node.label) if node is not None else None
