"""A claim in, the hands its words went through out: outlet, relays, speaker, the one represented; and the weakest link.

Depth says how far the article stands from the words. It says nothing about whether they are true.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Literal

import msgspec

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.cursors import question_mark, take_page
from app.queries.filters import ClaimFilter, position, select
from app.queries.lags import kin
from app.queries.rows import AppliedFilters, ClaimRow, Counts, count, row_of
from app.vocabulary.terms import ActorKind

Role = Literal["outlet", "relay", "speaker", "named_source", "source"]
Strength = Literal["unknown", "interested", "told", "known"]
STRENGTHS: tuple[Strength, ...] = ("unknown", "interested", "told", "known")
"""From the weakest."""
MOST_RELAYS = 50


class ChainLink(msgspec.Struct, frozen=True):
    """One hand, from the reader inwards.

    Attributes:
        role: The outlet; one that relays the words; who speaks; the body the article names; the actor represented.
        name: As it is called, or None for an outlet that nobody names.
        id: Its node; None for an outlet.
        strength: `unknown`: no outlet is named, or nothing tells what sort of actor it is. `interested`: it relays the
            words of the other side, being or being part of the accused or addressed. `told`: who it is, or for whom it
            speaks, is this article's word. `known`: what it is is known, and that it was part of the next that day.
    """

    role: Role
    name: str | None
    id: str | None
    strength: Strength


class Chain(msgspec.Struct, frozen=True):
    """How a claim's words reached the reader.

    Attributes:
        depth: How many relays stand between outlet and speaker; 0 is first hand.
        weakest: The link of least strength, and of those the one nearest to the reader; None where all are `known`.
    """

    revision: int
    claim: ClaimRow
    links: list[ChainLink]
    depth: int
    weakest: ChainLink | None


class DepthRow(msgspec.Struct, frozen=True):
    """How many claims are of this depth."""

    depth: int
    counts: Counts


class WeakestRow(msgspec.Struct, frozen=True):
    """How many claims have a weakest link of this role and strength."""

    role: Role
    strength: Strength
    counts: Counts


class RelayRow(msgspec.Struct, frozen=True):
    """How many of the claims an actor relays."""

    relay: str
    relay_id: str
    counts: Counts


class Hearsay(msgspec.Struct, frozen=True):
    """How near the claims that a filter lets through are to those whose words they report.

    Attributes:
        all_known: The claims that have no weak link.
        weakest: The others, by their weakest link, the weakest first.
        relays: The actors that relay most claims; `relays_left_out` says how many more there are.
        chains: One page of the claims that are not first hand, oldest first.
        total: How many claims the filter lets through.
        relayed: How many of them are not first hand.
    """

    revision: int
    filters: AppliedFilters
    depths: list[DepthRow]
    all_known: Counts
    weakest: list[WeakestRow]
    relays: list[RelayRow]
    relays_left_out: int
    chains: list[Chain]
    total: int
    relayed: int
    undated_left_out: int
    next: str | None


def chain(graph: ConflictGraph, claim_id: str) -> Chain:
    """The chain of one claim.

    Raises:
        NotFound: No claim has this id.
    """
    claim = graph.claim(claim_id)
    links = _links(graph, claim)
    return Chain(graph.revision, row_of(graph, claim), links, len(claim.relayed_by), _weakest(links))


def hearsay(graph: ConflictGraph, asked: ClaimFilter, limit: int = 50, cursor: str | None = None) -> Hearsay:
    """Depths and weakest links over a filter.

    Raises:
        BadQuery: A name, date, number or cursor cannot be used.
    """
    found = select(graph, asked)
    depths: dict[int, list[str]] = {}
    weakest: dict[tuple[Strength, Role], list[str]] = {}
    known: list[str] = []
    relays: dict[str, list[str]] = {}
    for claim_id in found.ids:
        claim = graph.claims[claim_id]
        depths.setdefault(len(claim.relayed_by), []).append(claim_id)
        link = _weakest(_links(graph, claim))
        if link is None:
            known.append(claim_id)
        else:
            weakest.setdefault((link.strength, link.role), []).append(claim_id)
        for relay in dict.fromkeys(claim.relayed_by):
            relays.setdefault(relay, []).append(claim_id)
    relayed = [entry for entry in found.entries if graph.claims[entry[1]].relayed_by]
    question = question_mark("hearsay", dataclasses.astuple(asked))
    page, following = take_page(relayed, position, limit, cursor, question, graph.revision)
    often = Counter({relay: len(ids) for relay, ids in relays.items()})
    shown = sorted(often, key=lambda one: (-often[one], one))[:MOST_RELAYS]
    return Hearsay(
        revision=graph.revision,
        filters=found.applied,
        depths=[DepthRow(depth, count(graph, ids)) for depth, ids in sorted(depths.items())],
        all_known=count(graph, known),
        weakest=[
            WeakestRow(role, strength, count(graph, ids))
            for (strength, role), ids in sorted(
                weakest.items(), key=lambda row: (STRENGTHS.index(row[0][0]), row[0][1])
            )
        ],
        relays=[RelayRow(graph.label(one), one, count(graph, relays[one])) for one in shown],
        relays_left_out=len(often) - len(shown),
        chains=[chain(graph, claim_id) for _, claim_id in page],
        total=len(found.entries),
        relayed=len(relayed),
        undated_left_out=found.undated_left_out,
        next=following,
    )


def _links(graph: ConflictGraph, claim: ResolvedClaim) -> list[ChainLink]:
    """From the outlet inwards; a speaker that is itself the source is one hand, not two."""
    publisher = claim.publisher
    found = [ChainLink("outlet", publisher, None, "known" if publisher is not None else "unknown")]
    found += [_link(graph, "relay", one, _relaying(graph, claim, one)) for one in claim.relayed_by]
    speaking: list[tuple[Role, str]] = [("speaker", claim.speaker)]
    if claim.source_named is not None and claim.source_named != claim.speaker:
        speaking.append(("named_source", claim.source_named))
    if claim.source not in (claim.speaker, claim.source_named):
        speaking.append(("source", claim.source))
    for (role, one), following in zip(speaking, [*(actor for _, actor in speaking[1:]), None], strict=True):
        found.append(_link(graph, role, one, _speaking(graph, claim, one, following)))
    return found


def _link(graph: ConflictGraph, role: Role, actor: str, strength: Strength) -> ChainLink:
    return ChainLink(role, graph.label(actor), actor, strength)


def _relaying(graph: ConflictGraph, claim: ResolvedClaim, relay: str) -> Strength:
    """A relay that belongs to the other side has an interest in the words."""
    day, other = claim.when.start, claim.target
    if other is not None and kin(graph, relay, other, day) is not None and kin(graph, relay, claim.source, day) is None:
        return "interested"
    return "unknown" if graph.actors[relay].kind is ActorKind.UNKNOWN else "known"


def _speaking(graph: ConflictGraph, claim: ResolvedClaim, one: str, following: str | None) -> Strength:
    if graph.actors[one].kind is ActorKind.UNKNOWN:
        return "unknown"
    return "known" if following is None or following in graph.wholes(one, claim.when.start) else "told"


def _weakest(links: list[ChainLink]) -> ChainLink | None:
    found = min(links, key=lambda link: STRENGTHS.index(link.strength))
    return found if found.strength != "known" else None
