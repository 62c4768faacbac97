"""A claim in, its thread out: the claims about its incident, what they answer and what answers them, across articles.

Each link tells its basis, its reason in words and its confidence (`app.queries.links`). A thread shows an argument in
its order; it does not say who wins it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

import msgspec

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.about import Key, reported
from app.queries.acknowledged import AcknowledgementRow, acknowledgement_rows
from app.queries.link_rules import WINDOW, Basis, LinkKind, ThreadLink
from app.queries.links import MOST_NEAR, Linker
from app.queries.rows import ClaimRow, row_of
from app.vocabulary.terms import ClaimType, Modality

__all__ = ["Basis", "IncidentLink", "LinkKind", "OpenEnd", "Thread", "ThreadLink", "thread"]

MOST_CLAIMS = 100
"""Claims of one thread; where there are more, `truncated` says so."""
MOST_LOOKED_AT = 1500
"""Claims whose links are sought for one thread, or that are put in order for it; the incident's own come on top."""
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
        claims=[row_of(graph, one) for one in claims],
        links=links,
        incidents=[found for one in claims if (found := _incident(graph, one)) is not None],
        acknowledgements=acknowledgement_rows(graph, dict.fromkeys(one.incident for one in claims if one.incident)),
        open_ends=_open_ends(walk, claims, links),
        orphans=_orphans(claims, walk.linker),
        circular=circular,
        truncated=walk.truncated,
    )


class _Walk:
    """Collects a thread within bounds: the incident, what answers a claim about it, and what all of these answer."""

    def __init__(self, graph: ConflictGraph, asked: ResolvedClaim) -> None:
        self.graph = graph
        self.asked = asked
        self.linker = Linker(graph)
        self.found: dict[str, ResolvedClaim] = {}
        self.truncated = False
        self._waiting: deque[ResolvedClaim] = deque()
        self._most_looked_at = MOST_LOOKED_AT

    def go(self) -> None:
        """Walk until nothing more is linked."""
        self._take(self.asked)
        if self.asked.incident is not None:
            self._take_incident(self.asked.incident)
        while self._waiting:
            claim = self._waiting.popleft()
            for link in self.linker.links(claim):
                self._take(self.graph.claims[link.end])
            if claim.incident == self.asked.incident:
                for other in self._around(claim):
                    if other.id not in self.found and self._is_near(other):
                        self._meet(other)
                    if self.linker.looked_at > self._most_looked_at:
                        break
            if self.linker.looked_at > self._most_looked_at:
                self.truncated = self.truncated or bool(self._waiting)
                return

    def may_be_answered(self, accused: str, incident: str | None) -> bool:
        """Whether the accused may have answered in a claim about the incident that was left out."""
        if incident is None:
            return True
        about = self.linker.about(incident)
        whole = len(about.claims) == len(self.graph.claims_about(incident))
        return not whole or about.says_more(accused, self.found)

    def _take_incident(self, incident: str) -> None:
        """Take its claims, up to the bound.

        Where there are more: the root and what the asked claim answers, then by how many of its two actors they are by
        or against, those next to it in the order of reports first.
        """
        about = self.linker.about(incident)
        claims = about.claims
        self._most_looked_at += self.linker.looked_at
        self.truncated = len(claims) < len(self.graph.claims_about(incident))
        if len(claims) > MOST_CLAIMS:
            # They stand in the order of reports, so that the first of a day is its earliest report.
            self._take(min(claims, key=lambda one: one.when.start or date.max))
            before = deque([self.asked])
            while before and len(self.found) < MOST_CLAIMS:
                for link in self.linker.links(before.popleft()):
                    if link.end not in self.found:
                        before.append(self.graph.claims[link.end])
                        self._take(before[-1])
            at = about.at.get(self.asked.id, 0)
            both = {self.asked.source, self.asked.target}
            nearest = sorted(
                (-(one.source in both) - (one.target in both), abs(place - at), place)
                for place, one in enumerate(claims)
            )
            claims = [claims[place] for _, _, place in nearest]
        for claim in claims:
            self._take(claim)

    def _take(self, claim: ResolvedClaim) -> None:
        if claim.id in self.found or not self._is_near(claim):
            return
        if len(self.found) >= MOST_CLAIMS:
            self.truncated = True
            self._waiting.clear()
            return
        self.found[claim.id] = claim
        self._waiting.append(claim)

    def _meet(self, claim: ResolvedClaim) -> None:
        """A claim joins the thread where it answers one that is in it."""
        if any(link.end in self.found for link in self.linker.links(claim)):
            self._take(claim)

    def _is_near(self, claim: ResolvedClaim) -> bool:
        """Without a common incident only what was said at about the time belongs to it."""
        if self.asked.incident is not None or claim.incident is not None or claim is self.asked:
            return True
        days = (claim.when.start, self.asked.when.start)
        if None in days:
            return claim.article == self.asked.article
        return abs((days[0] or date.min) - (days[1] or date.min)) <= WINDOW

    def _around(self, claim: ResolvedClaim) -> Iterator[ResolvedClaim]:
        """Claims about something else, or about nothing known, that may answer this one."""
        graph = self.graph
        for name in graph.answers_to(claim.id):
            if name in graph.claims:
                yield graph.claims[name]
        yield from self._answering_beside(claim)
        day, target = claim.when.start, claim.target
        if target is None or day is None:
            return
        # What answers it over no incident, and what tells of it again.
        sources, targets = self.linker.sources(claim), self.linker.targets(claim)
        for answering in targets:
            for answered in sources:
                yield from self._since(graph.claims_apart(answering, answered), day)
        if claim.type is ClaimType.ACCUSES or claim.incident is None:
            yield from self._since(graph.claims_apart(claim.source, target), day)
        if claim.type is not ClaimType.RETALIATES:
            return
        if claim.modality is Modality.CARRIED_OUT:
            for other in self._since(graph.claims_of(ClaimType.RETALIATES, target, claim.source), day):
                happened = other.happened.start
                if happened is not None and abs(happened - day) <= timedelta(days=1):
                    yield other
        else:
            for other in self._since(graph.claims_of(ClaimType.RETALIATES, claim.source, target), day):
                if other.modality is Modality.CARRIED_OUT and None in (claim.incident, other.incident):
                    yield other

    def _answering_beside(self, claim: ResolvedClaim) -> Iterator[ResolvedClaim]:
        """What the same source says of something else in the article in which it answers over this incident."""
        if claim.incident is None:
            return
        for link in self.linker.links(claim):
            if link.link in ("denies", "counters", "deflects"):
                answered = self.linker.sources(self.graph.claims[link.end])
                for other in self.linker.beside(claim):
                    if other.incident != claim.incident and other.target in answered:
                        yield other

    def _since(self, pairs: Sequence[tuple[date, str]], day: date) -> Iterator[ResolvedClaim]:
        """The first claims from a day on that are about another incident than the one of the thread, or about none."""
        if not pairs:
            return
        first = bisect_left(pairs, (day, ""))
        last = bisect_right(pairs, (_later(day), "\U0010ffff"))
        if last - first > MOST_NEAR:
            last, self.truncated = first + MOST_NEAR, True
        for _, name in pairs[first:last]:
            one = self.graph.claims[name]
            if one.incident is None or one.incident != self.asked.incident:
                yield one


def _later(day: date) -> date:
    return day + WINDOW if day < date.max - timedelta(days=31) else date.max


def _order(claim: ResolvedClaim) -> tuple[date, Key]:
    """By the day it was said, then by report; what nothing dates comes last."""
    return (claim.when.start or date.max, reported(claim))


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


def _open_ends(walk: _Walk, claims: list[ResolvedClaim], links: list[ThreadLink]) -> list[OpenEnd]:
    """Accusations that the accused, or a part of it, neither denied, countered, deflected nor acknowledged.

    Of a thread that is cut off only those are told to which nothing that was left out can be the answer.
    """
    graph, linker = walk.graph, walk.linker
    same: dict[tuple[str, str | None, str | None], list[ResolvedClaim]] = {}
    for claim in claims:
        if claim.type is ClaimType.ACCUSES and claim.target is not None:
            same.setdefault((claim.source, claim.target, claim.incident), []).append(claim)
    answered = {link.end for link in links if link.link in ANSWERS}
    denied: set[tuple[str, str | None]] = set()
    for claim in claims:
        # A denial that names no accuser answers every accuser.
        if claim.type is ClaimType.DENIES and claim.target is None:
            denied |= {(one, claim.incident) for one in linker.sources(claim)}
    for about in {claim.incident for claim in claims if claim.incident is not None}:
        for name in graph.acknowledged(about):
            one = graph.acknowledgements[name]
            denied |= {(whole, about) for whole in graph.wholes(one.actor, one.when.start)}
    found = []
    for (_, target, incident), told in same.items():
        if target is None or (target, incident) in denied or any(one.id in answered for one in told):
            continue
        if walk.truncated and walk.may_be_answered(target, incident):
            continue
        found.append(OpenEnd(told[0].id, graph.label(target), target, len(graph.articles)))
    return found


def _orphans(claims: list[ResolvedClaim], linker: Linker) -> list[str]:
    """Denials that are linked to nothing, or only as the headline of one: whether or not it is shown in the thread."""
    return [
        one.id
        for one in claims
        if one.type is ClaimType.DENIES
        and all(link.link == "repeats" and link.rule == "headline" for link in linker.links(one))
    ]


def _incident(graph: ConflictGraph, claim: ResolvedClaim) -> IncidentLink | None:
    answered = claim.responds_to
    if answered is None or answered in graph.claims:
        return None
    # The claim speaks of the article's own incident, which may have been judged part of another one.
    node = graph.incidents.get(graph.merged.get(answered, answered))
    return IncidentLink(claim.id, node.id, node.label) if node is not None else None
