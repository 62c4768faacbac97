"""Seeds and filters in, a bounded piece of the graph out: the best-evidenced edges near them, and what was left out.

Every edge shows only those of its claims that the filters let through; an edge of claims with none left is not shown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from app.graph import ConflictGraph, Edge, IncidentNode, ResolvedClaim
from app.queries.filters import ClaimFilter, Sieve, select, sieve
from app.queries.names import check_publisher, find_actor, find_incident, find_place
from app.queries.rows import AppliedFilters
from app.vocabulary.errors import BadQuery
from app.vocabulary.records import Actor
from app.vocabulary.terms import ActorKind, EdgeKind, Modality, NodeKind

MOST_EDGES = 1000
MOST_HOPS = 4
CLAIM_KINDS = (EdgeKind.ACCUSES, EdgeKind.DENIES, EdgeKind.RETALIATES)
# Around an incident or a place these show how the claims hang on it; around actors they would only crowd the picture.
CONTEXT_KINDS = (EdgeKind.ABOUT, EdgeKind.LOCATED_IN)


class SubNode(msgspec.Struct, frozen=True):
    """A node as it is drawn."""

    id: str
    kind: NodeKind
    label: str
    actor_kind: ActorKind | None
    country: str | None
    date: str | None
    type: str | None


class SubEdge(msgspec.Struct, frozen=True):
    """An edge as it is drawn; `claims` are the ids of those behind it, oldest first."""

    id: str
    kind: EdgeKind
    phrase: str
    source: str
    target: str
    modality: Modality | None
    incident: str | None
    claims: list[str]
    evidence_count: int
    articles: int
    publishers: int
    first: str | None
    last: str | None


class LeftOut(msgspec.Struct, frozen=True):
    """What a subgraph does not show: edges beyond the limit, and matching claims that have no edge to stand on."""

    edges: int
    claims_without_edge: int


class Subgraph(msgspec.Struct, frozen=True):
    """A piece of the graph."""

    revision: int
    filters: AppliedFilters
    nodes: list[SubNode]
    edges: list[SubEdge]
    total_edges: int
    left_out: LeftOut


@dataclass(frozen=True, slots=True)
class _Seeds:
    actors: tuple[str, ...]
    nodes: frozenset[str]
    incidents: frozenset[str]
    around_happenings: bool


@dataclass(frozen=True, slots=True)
class _Met:
    hop: int
    edge: Edge
    claims: tuple[str, ...]


def subgraph(
    graph: ConflictGraph,
    actors: Sequence[str] = (),
    incident: str | None = None,
    place: str | None = None,
    kinds: Iterable[EdgeKind] | None = None,
    since: str | None = None,
    until: str | None = None,
    publisher: str | None = None,
    min_confidence: float | None = None,
    hops: int = 1,
    limit: int = 150,
) -> Subgraph:
    """The edges within `hops` of the seeds, or of the whole graph where none is given; at most `limit` of them.

    Where the limit bites, nearer edges go before farther ones, and among the equally near those with more claims, then
    more articles. The answer lists edges by claims, then articles, then id.

    Raises:
        BadQuery: A name, date or number cannot be used.
    """
    if not 1 <= limit <= MOST_EDGES:
        raise BadQuery(f"limit must lie between 1 and {MOST_EDGES}, not {limit}")
    if not 1 <= hops <= MOST_HOPS:
        raise BadQuery(f"hops must lie between 1 and {MOST_HOPS}, not {hops}")
    asked = ClaimFilter(since=since, until=until, publisher=publisher, min_confidence=min_confidence)
    by = sieve(graph, asked)
    if publisher is not None:
        check_publisher(graph, publisher)
    seeds = _seeds(graph, actors, incident, place)
    wanted = tuple(dict.fromkeys(kinds)) if kinds is not None else ()
    if not wanted:
        wanted = CLAIM_KINDS + (CONTEXT_KINDS if seeds.around_happenings else ())
    near = _near(graph, seeds, frozenset(wanted), by, hops)
    edges = _best(graph, near.values(), limit)
    shown = {end: None for edge in edges for end in (edge.source, edge.target)}
    shown.update(dict.fromkeys(sorted(seeds.nodes)))
    applied = AppliedFilters(
        kinds=tuple(str(kind) for kind in wanted),
        actors=seeds.actors,
        incident=incident,
        place=place,
        since=since,
        until=until,
        publisher=publisher,
        min_confidence=min_confidence,
        hops=hops,
    )
    return Subgraph(
        revision=graph.revision,
        filters=applied,
        nodes=[sub_node(graph, node) for node in shown],
        edges=edges,
        total_edges=len(near),
        left_out=LeftOut(len(near) - len(edges), _without_edge(graph, seeds, asked, frozenset(wanted))),
    )


def sub_node(graph: ConflictGraph, node_id: str) -> SubNode:
    """A node of the graph as it is drawn."""
    node = graph.node(node_id)
    return SubNode(
        id=node_id,
        kind=graph.kind(node_id),
        label=graph.label(node_id),
        actor_kind=node.kind if isinstance(node, Actor) else None,
        country=node.country,
        date=node.date if isinstance(node, IncidentNode) else None,
        type="; ".join(node.types) if isinstance(node, IncidentNode) else None,
    )


def sub_edge(edge: Edge, claims: list[ResolvedClaim]) -> SubEdge:
    """An edge with these of its claims."""
    claims.sort(key=lambda claim: (claim.when.start or date.max, claim.id))
    days = [day for claim in claims for day in (claim.when.start, claim.when.end) if day is not None]
    return SubEdge(
        id=edge.id,
        kind=edge.kind,
        phrase=edge.phrase,
        source=edge.source,
        target=edge.target,
        modality=edge.modality,
        incident=edge.incident,
        claims=[claim.id for claim in claims],
        evidence_count=len(claims),
        articles=len({claim.claim.article for claim in claims}),
        publishers=len({claim.publisher for claim in claims if claim.publisher is not None}),
        first=min(days).isoformat() if days else None,
        last=max(days).isoformat() if days else None,
    )


def _seeds(graph: ConflictGraph, actors: Sequence[str], incident: str | None, place: str | None) -> _Seeds:
    ids = tuple(dict.fromkeys(find_actor(graph, name) for name in actors))
    happenings = {find_incident(graph, incident)} if incident is not None else set()
    nodes = set(ids) | happenings
    if place is not None:
        where = find_place(graph, place)
        nodes |= where.places
        there = {node.id for node in graph.incidents.values() if where.holds(node.place, node.country)}
        # With an incident asked for as well, the place only narrows it.
        happenings = happenings & there if incident is not None else there
    return _Seeds(ids, frozenset(nodes), frozenset(happenings), incident is not None or place is not None)


def _near(graph: ConflictGraph, seeds: _Seeds, kinds: frozenset[EdgeKind], by: Sieve, hops: int) -> dict[str, _Met]:
    """By edge id: at which hop an edge was met, and which of its claims match."""
    found: dict[str, _Met] = {}

    def meet(edge: Edge, hop: int) -> bool:
        if edge.id not in found:
            claims = _matching(graph, edge, by) if edge.kind in kinds else None
            if claims is None:
                return False
            found[edge.id] = _Met(hop, edge, claims)
        return True

    if not seeds.nodes and not seeds.around_happenings:
        for edge in graph.edges():
            meet(edge, 1)
        return found
    frontier, first = set(seeds.actors), 1
    seen = frontier | seeds.nodes | seeds.incidents
    if seeds.around_happenings:
        reached = _around(graph, seeds, meet)
        frontier, first = reached - seeds.nodes - seeds.incidents, 2
        seen |= reached
    for hop in range(first, hops + 1):
        reached = set()
        for node in frontier:
            for edge in graph.edges_at(node):
                if meet(edge, hop):
                    reached |= {edge.source, edge.target}
        frontier = reached - seen
        seen |= reached
    return found


def _around(graph: ConflictGraph, seeds: _Seeds, meet: Callable[[Edge, int], bool]) -> set[str]:
    """Meet the edges of claims about the seed incidents (by or against the seed actors, if any), and their places."""
    reached: set[str] = set()
    sources = {graph.claims[claim].source for one in seeds.incidents for claim in graph.claims_about(one)}
    chosen = set(seeds.actors)
    places = (edge for one in seeds.incidents for edge in graph.edges_at(one) if edge.kind is EdgeKind.LOCATED_IN)
    for edge in places:
        if meet(edge, 1):
            reached |= {edge.source, edge.target}
    for source in sources:
        for edge in graph.edges_at(source):
            about = edge.target if edge.kind is EdgeKind.ABOUT else edge.incident
            if edge.source != source or about not in seeds.incidents:
                continue
            if (not chosen or {edge.source, edge.target} & chosen) and meet(edge, 1):
                reached |= {edge.source, edge.target}
    return reached


def _matching(graph: ConflictGraph, edge: Edge, by: Sieve) -> tuple[str, ...] | None:
    """The edge's claims that pass, or None where it has claims and none does."""
    # Where nothing is asked of claims, or an edge is held by the gazetteer or a place, all of it stands.
    if not edge.claims or (by.period.is_open and by.only_actors):
        return edge.claims
    claims = [graph.claims[one] for one in edge.claims]
    if not by.period.is_open:
        claims = [claim for claim in claims if not claim.when.is_open and claim.when.overlaps(by.period)]
    if not by.only_actors:
        claims = [claim for claim in claims if by.passes(graph, claim)]
    return tuple(claim.id for claim in claims) or None


def _best(graph: ConflictGraph, near: Iterable[_Met], limit: int) -> list[SubEdge]:
    """The nearest and best-evidenced edges, best first."""
    met = sorted(near, key=_roughly)
    # Articles are counted only for those that may still be shown.
    last = _roughly(met[min(limit, len(met)) - 1]) if met else (0, 0)
    ranked = [
        (one.hop, sub_edge(one.edge, [graph.claims[claim] for claim in one.claims]))
        for one in met[: bisect_right(met, last, key=_roughly)]
    ]
    ranked.sort(key=lambda found: (found[0], *_rank(found[1])))
    return sorted((edge for _, edge in ranked[:limit]), key=_rank)


def _roughly(one: _Met) -> tuple[int, int]:
    return (one.hop, -len(one.claims))


def _without_edge(graph: ConflictGraph, seeds: _Seeds, asked: ClaimFilter, kinds: frozenset[EdgeKind]) -> int:
    """Matching claims by the seeds (or by anyone) that name neither a target nor an incident."""
    if seeds.around_happenings:
        return 0  # A claim about an incident always has an edge.
    entries: set[str] = set()
    if seeds.actors:
        for actor in seeds.actors:
            entries.update(select(graph, _by(asked, actor)).ids)
    else:
        entries.update(select(graph, asked).ids)
    return sum(graph.claims[one].head is None and EdgeKind(graph.claims[one].claim.type) in kinds for one in entries)


def _by(asked: ClaimFilter, actor: str) -> ClaimFilter:
    return ClaimFilter(
        source=actor,
        since=asked.since,
        until=asked.until,
        publisher=asked.publisher,
        min_confidence=asked.min_confidence,
    )


def _rank(edge: SubEdge) -> tuple[int, int, str]:
    return (-edge.evidence_count, -edge.articles, edge.id)
