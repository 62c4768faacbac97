"""A claim in, the claims that answer it and that it answers out; every link is one the article itself states.

No link is inferred across articles or from dates.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Literal

import msgspec

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.rows import ClaimRow, claim_row
from app.vocabulary.terms import ClaimType

Basis = Literal["responds_to", "names_the_accuser"]
"""How the article states a link: it says what is answered, or its denial names whose accusation it rejects."""
MOST_CLAIMS = 500


class ThreadLink(msgspec.Struct, frozen=True):
    """The claim `start` answers the claim `end`, as `article` states."""

    start: str
    end: str
    link: Literal["denies", "counters", "retaliates", "responds"]
    basis: Basis
    article: str


class IncidentLink(msgspec.Struct, frozen=True):
    """A claim of the thread that answers an incident rather than a claim."""

    claim: str
    incident: str
    incident_label: str


class Thread(msgspec.Struct, frozen=True):
    """Claims linked to one another, oldest first.

    Attributes:
        claim: The claim that was asked for.
        truncated: True where there were more claims than are shown.
    """

    revision: int
    claim: str
    claims: list[ClaimRow]
    links: list[ThreadLink]
    incidents: list[IncidentLink]
    truncated: bool


def thread(graph: ConflictGraph, claim_id: str) -> Thread:
    """The thread a claim belongs to.

    Raises:
        NotFound: No claim has this id.
    """
    graph.claim(claim_id)
    links: dict[tuple[str, str], ThreadLink] = {}
    seen = {claim_id: None}
    waiting = deque([claim_id])
    truncated = False
    while waiting:
        for link in _links(graph, graph.claims[waiting.popleft()]):
            fresh = [one for one in (link.start, link.end) if one not in seen]
            if fresh and len(seen) >= MOST_CLAIMS:
                truncated = True
                continue
            # What an article says outright goes before what its denial implies.
            if link.basis == "responds_to" or (link.start, link.end) not in links:
                links[link.start, link.end] = link
            seen.update(dict.fromkeys(fresh))
            waiting.extend(fresh)
    rows = sorted((graph.claims[one] for one in seen), key=_order)
    return Thread(
        revision=graph.revision,
        claim=claim_id,
        claims=[claim_row(graph, claim.id) for claim in rows],
        links=sorted(links.values(), key=lambda link: (link.start, link.end)),
        incidents=[found for claim in rows if (found := _incident(graph, claim)) is not None],
        truncated=truncated,
    )


def _links(graph: ConflictGraph, claim: ResolvedClaim) -> Iterator[ThreadLink]:
    answered = graph.claims.get(claim.claim.responds_to or "")
    if answered is not None:
        yield _link(claim, answered, "responds_to")
    for one in graph.answers_to(claim.id):
        if one in graph.claims:
            yield _link(graph.claims[one], claim, "responds_to")
    if claim.incident is None or claim.target is None:
        return
    for one in graph.claims_in(claim.claim.article):
        other = graph.claims[one]
        if other.incident != claim.incident:
            continue
        if _rejects(claim, other):
            yield _link(claim, other, "names_the_accuser")
        elif _rejects(other, claim):
            yield _link(other, claim, "names_the_accuser")


def _rejects(denial: ResolvedClaim, accusation: ResolvedClaim) -> bool:
    """True where a denial names the accuser of the accused that denies."""
    return (
        denial.claim.type is ClaimType.DENIES
        and accusation.claim.type is ClaimType.ACCUSES
        and denial.target == accusation.source
        and denial.source == accusation.target
        # A denial that the article ties to something else does not answer this one too.
        and denial.claim.responds_to is None
    )


def _link(claim: ResolvedClaim, answered: ResolvedClaim, basis: Basis) -> ThreadLink:
    kind: Literal["denies", "counters", "retaliates", "responds"] = "responds"
    match claim.claim.type, answered.claim.type:
        case ClaimType.DENIES, ClaimType.ACCUSES:
            kind = "denies"
        case ClaimType.ACCUSES, ClaimType.ACCUSES:
            kind = "counters"
        case ClaimType.RETALIATES, _:
            kind = "retaliates"
        case _:
            pass
    return ThreadLink(claim.id, answered.id, kind, basis, claim.claim.article)


def _incident(graph: ConflictGraph, claim: ResolvedClaim) -> IncidentLink | None:
    answered = claim.claim.responds_to
    if answered is None or answered in graph.claims:
        return None
    # The claim speaks of the article's own incident, which may have been judged part of another one.
    node = graph.incidents.get(answered)
    if node is None and claim.incident is not None and answered in graph.incidents[claim.incident].members:
        node = graph.incidents[claim.incident]
    return IncidentLink(claim.id, node.id, node.label) if node is not None else None


def _order(claim: ResolvedClaim) -> tuple[str, str, bool, int, str]:
    day = claim.when.start.isoformat() if claim.when.start is not None else "~"
    evidence = claim.claim.evidence
    return (day, claim.claim.article, evidence.part != "title", evidence.start, claim.id)
