"""A graph and a choice of claims in, plain networkx graphs out that a user may compute with, write to a file or change.

Nothing here is a finding. An edge says that articles report somebody to accuse, deny, retaliate or belong; whether that
is so stands nowhere. Attributes of nodes and edges are strings, whole numbers and decimals only, since GraphML and GEXF
hold nothing else; what is not known has no attribute. The views and their formulas are told in
docs/how-to/analyse-with-networkx.md.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, cast, get_args

import networkx as nx

from app.graph.claims import ResolvedClaim
from app.graph.model import ALWAYS, Edge
from app.vocabulary.records import Actor, Membership, Place
from app.vocabulary.terms import ClaimType, DenialKind, EdgeKind, Rung
from app.vocabulary.times import Period

if TYPE_CHECKING:
    from app.graph.conflict import ConflictGraph

View = Literal["edges", "claims", "dyads", "signed"]
"""What is one edge: the claims of one sort between two nodes; one claim; an ordered pair of actors; the same with a
sign."""
VIEWS: tuple[View, ...] = get_args(View)
Attributes = dict[str, str | int | float]
_Found = dict[str, str | int | float | None]

DYAD, SIGNED = "dyad", "signed"
"""The kinds of the edges that the two projections draw."""
PHRASES = {DYAD: "is reported to speak of or act towards", SIGNED: "is reported to speak or act against"}
"""How such an edge reads between its two ends."""
_BETWEEN_CLAIMS = (EdgeKind.PART_OF, EdgeKind.LOCATED_IN)
_AGAINST = (ClaimType.ACCUSES, ClaimType.RETALIATES)
# A denial on one of these grounds rejects all of an accusation; on another it concedes a part of it.
_REJECTS_ALL = (None, DenialKind.OCCURRENCE, DenialKind.PERPETRATION)


def view_of(graph: ConflictGraph, view: View = "edges", claims: Iterable[str] | None = None) -> nx.MultiDiGraph:
    """A plain copy of the graph; see `ConflictGraph.to_networkx`, which is the door to it.

    Raises:
        ValueError: There is no such view.
        NotFound: There is no such claim.
    """
    chosen = frozenset(graph.claim(one).id for one in claims) if claims is not None else None
    if view not in _MAKERS:
        raise ValueError(f"there is no view {view!r}; choose one of {', '.join(VIEWS)}")
    plain = _MAKERS[view](graph, chosen)
    if graph.only is not None:
        plain.graph["slice"] = str(graph.only)
    return plain


# ---- the four views ----


def _of_edges(graph: ConflictGraph, chosen: frozenset[str] | None) -> nx.MultiDiGraph:
    plain = nx.MultiDiGraph(revision=graph.revision, view="edges")
    edges = list(_edges(graph, chosen))
    _add_nodes(plain, graph, edges, chosen)
    for edge in edges:
        plain.add_edge(edge.source, edge.target, edge.id, **graph.edge_attributes(edge))
    plain.graph["claims_without_edge"] = sum(claim.head is None for claim in _chosen(graph, chosen))
    return plain


def _of_claims(graph: ConflictGraph, chosen: frozenset[str] | None) -> nx.MultiDiGraph:
    plain = nx.MultiDiGraph(revision=graph.revision, view="claims")
    # What a claim is about is an attribute of its edge here, so that a claim is one edge and not two.
    edges = [edge for edge in _edges(graph, chosen) if edge.kind is not EdgeKind.ABOUT]
    about = {claim.incident for claim in _chosen(graph, chosen) if claim.incident is not None}
    _add_nodes(plain, graph, edges, chosen, about)
    for edge in edges:
        if edge.kind in _BETWEEN_CLAIMS:
            plain.add_edge(edge.source, edge.target, edge.id, **graph.edge_attributes(edge))
            continue
        for name in edge.claims:
            own = _claim_attributes(graph, graph.claims[name])
            plain.add_edge(edge.source, edge.target, name, kind=edge.kind.value, phrase=edge.phrase, **own)
    plain.graph["claims_without_edge"] = sum(claim.head is None for claim in _chosen(graph, chosen))
    return plain


def _of_dyads(graph: ConflictGraph, chosen: frozenset[str] | None) -> nx.DiGraph:
    plain = nx.DiGraph(revision=graph.revision, view="dyads")
    pairs, left = _pairs(_chosen(graph, chosen))
    _add_ends(plain, graph, pairs)
    for (source, target), claims in pairs.items():
        found = {"kind": DYAD, "phrase": PHRASES[DYAD], **_counted(claims), **reported(claims)}
        plain.add_edge(source, target, **found, weight=found["lineages"])
    plain.graph["claims_without_edge"] = left
    return plain


def _signed(graph: ConflictGraph, chosen: frozenset[str] | None) -> nx.DiGraph:
    plain = nx.DiGraph(revision=graph.revision, view="signed")
    every = list(_chosen(graph, chosen))
    pairs, _ = _pairs(claim for claim in every if claim.type in _AGAINST)
    _add_ends(plain, graph, pairs)
    for (source, target), claims in pairs.items():
        found = {"kind": SIGNED, "phrase": PHRASES[SIGNED], **_counted(claims), **reported(claims)}
        del found[ClaimType.DENIES.value]
        plain.add_edge(source, target, **found, sign=-1, weight=-int(found["lineages"]))
    plain.graph["claims_without_edge"] = len(every) - sum(map(len, pairs.values()))
    return plain


_MAKERS: Mapping[View, Callable[[ConflictGraph, frozenset[str] | None], nx.MultiDiGraph | nx.DiGraph]] = {
    "edges": _of_edges,
    "claims": _of_claims,
    "dyads": _of_dyads,
    "signed": _signed,
}


# ---- parts of them ----


def _chosen(graph: ConflictGraph, chosen: frozenset[str] | None) -> Iterable[ResolvedClaim]:
    if chosen is None:
        return graph.claims.values()
    return (claim for claim in graph.claims.values() if claim.id in chosen)


def _edges(graph: ConflictGraph, chosen: frozenset[str] | None) -> Iterator[Edge]:
    """The edges that hold chosen claims, with these alone, and what joins their ends to wholes and places."""
    if chosen is None:
        yield from graph.edges()
        return
    ends: dict[str, None] = {}
    between: dict[str, list[Edge]] = {}
    for edge in graph.edges():
        if edge.kind in _BETWEEN_CLAIMS:
            between.setdefault(edge.source, []).append(edge)
        elif claims := tuple(one for one in edge.claims if one in chosen):
            ends.update({edge.source: None, edge.target: None})
            yield dataclasses.replace(edge, claims=claims)
    for claim in _chosen(graph, chosen):
        named = (claim.speaker, claim.source_named, claim.target_named, claim.incident)
        ends.update((one, None) for one in named if one is not None)
    waiting = list(ends)
    while waiting:
        for edge in between.get(waiting.pop(), ()):
            claims = tuple(one for one in edge.claims if one in chosen)
            # What only claims that were not chosen say of an actor's whole is not told.
            if claims or not edge.claims or _recorded(graph, edge):
                yield dataclasses.replace(edge, claims=claims)
                if edge.target not in ends:
                    ends[edge.target] = None
                    waiting.append(edge.target)


def _recorded(graph: ConflictGraph, edge: Edge) -> bool:
    """True where the actor's own record says what it is part of, whether or not a claim says so, too."""
    record = graph.actors.get(edge.source)
    return record is not None and (record.part_of == edge.target or any(_dated(record, edge.target)))


def _add_nodes(
    plain: nx.MultiDiGraph,
    graph: ConflictGraph,
    edges: Sequence[Edge],
    chosen: frozenset[str] | None,
    others: Iterable[str] = (),
) -> None:
    """Every node, or those that the edges need."""
    names: Iterable[str]
    if chosen is None:
        names = (*graph.actors, *graph.places, *graph.incidents)
    else:
        names = dict.fromkeys([*(end for edge in edges for end in (edge.source, edge.target)), *others])
    for name in names:
        plain.add_node(name, **node_attributes(graph, name))


def _add_ends(plain: nx.DiGraph, graph: ConflictGraph, pairs: Iterable[tuple[str, str]]) -> None:
    for name in dict.fromkeys(end for pair in pairs for end in pair):
        plain.add_node(name, **node_attributes(graph, name))


def _pairs(claims: Iterable[ResolvedClaim]) -> tuple[dict[tuple[str, str], list[ResolvedClaim]], int]:
    """Claims by source and target, and how many name no target."""
    found: dict[tuple[str, str], list[ResolvedClaim]] = {}
    left = 0
    for claim in claims:
        if claim.target is None:
            left += 1
        else:
            found.setdefault((claim.source, claim.target), []).append(claim)
    return found, left


# ---- attributes ----


def node_attributes(graph: ConflictGraph, node_id: str) -> Attributes:
    """What a node is exported with: `kind`, `label` and what is known of `country` and of its kind's own fields."""
    node = graph.node(node_id)
    found: _Found = {"kind": str(graph.kind(node_id)), "label": graph.label(node_id)}
    found["country"] = node.country
    if isinstance(node, Actor):
        found["actor_kind"], found["wikidata"] = str(node.kind), node.wikidata
        found["aliases"] = "; ".join(node.aliases) or None
    elif isinstance(node, Place):
        found["lat"], found["lon"], found["precision"] = node.lat, node.lon, str(node.precision)
    else:
        found["date"], found["type"], found["place"] = node.date, "; ".join(node.types), node.place
        found["reported_in"] = " ".join(node.reported_in)
    return _known(found)


def edge_attributes(graph: ConflictGraph, edge: Edge) -> Attributes:
    """What an edge of the graph is exported with; see `ConflictGraph.to_networkx`."""
    found: _Found = {"kind": edge.kind.value, "phrase": edge.phrase}
    found["modality"] = edge.modality.value if edge.modality is not None else None
    found["incident"] = edge.incident
    if edge.kind is EdgeKind.PART_OF:
        found |= _membership(list(_dated(graph.actors[edge.source], edge.target)))
    if edge.claims:
        claims = [graph.claims[name] for name in edge.claims]
        if edge.kind is EdgeKind.RETALIATES:
            rungs = {claim.rung for claim in claims}
            found["rungs"] = " ".join(rung for rung in Rung if rung in rungs)
        if edge.kind is EdgeKind.DENIES:
            denials = {claim.denial_kind for claim in claims}
            found["denial_kinds"] = " ".join(kind for kind in DenialKind if kind in denials) or None
        found["speakers"] = " ".join(dict.fromkeys([claim.speaker for claim in claims]))
        found["confidence"] = max([claim.confidence for claim in claims])
        found |= _reported(claims)
        found["quote"] = claims[0].claim.evidence.quote
    return _known(found)


def reported(claims: Sequence[ResolvedClaim]) -> Attributes:
    """What stands behind an edge: the claims, how many and how independent, and when, by each of the four clocks.

    `first` and `last` are by the day said; the other clocks' are `happened_first`, `happened_last` and so on. `undated`
    counts claims of which nothing tells when they were said, where there are any.
    """
    return _known(_reported(claims))


def _reported(claims: Sequence[ResolvedClaim]) -> _Found:
    ingested = [claim.ingested for claim in claims if claim.ingested is not None]
    first, last = _span([claim.when for claim in claims])
    happened_first, happened_last = _span([claim.happened for claim in claims])
    published_first, published_last = _span([_period(claim.published) for claim in claims])
    return {
        "claims": " ".join([claim.id for claim in claims]),
        "evidence_count": len(claims),
        "articles": len({claim.article for claim in claims}),
        "publishers": len({claim.publisher for claim in claims} - {None}),
        "lineages": len({claim.lineage for claim in claims}),
        "undated": sum([claim.when.start is None and claim.when.end is None for claim in claims]) or None,
        "first": first,
        "last": last,
        "happened_first": happened_first,
        "happened_last": happened_last,
        "published_first": published_first,
        "published_last": published_last,
        "ingested_first": min(ingested, default=None),
        "ingested_last": max(ingested, default=None),
    }


def _claim_attributes(graph: ConflictGraph, claim: ResolvedClaim) -> Attributes:
    """What the edge of one claim is exported with."""
    said, evidence = claim.claim, claim.claim.evidence
    article = graph.articles.get(said.article)
    return _known(
        {
            **_reported([claim]),
            "modality": str(said.modality),
            "rung": str(said.rung) if said.rung is not None else None,
            "threat_kind": str(said.threat_kind) if said.threat_kind is not None else None,
            "denial_kind": str(said.denial_kind) if said.denial_kind is not None else None,
            "incident": claim.incident,
            "speaker": claim.speaker,
            "source_named": claim.source_named,
            "target_named": claim.target_named,
            "relayed_by": " ".join(claim.relayed_by) or None,
            "responds_to": said.responds_to,
            "confidence": said.confidence,
            "cue": said.cue,
            "lineage": claim.lineage,
            "publisher": claim.publisher,
            "said": claim.when.iso,
            "happened": claim.happened.iso,
            "published": claim.published,
            "ingested": claim.ingested,
            "article": said.article,
            "title": article.title if article is not None else None,
            "url": article.url if article is not None else None,
            "quote": evidence.quote,
            "quote_part": str(evidence.part),
            "quote_start": evidence.start,
            "quote_end": evidence.end,
        }
    )


def _counted(claims: Sequence[ResolvedClaim]) -> Attributes:
    """How many claims of each type, and of retaliations how many on each rung of the ladder."""
    types = Counter(claim.type for claim in claims)
    rungs = Counter(claim.rung for claim in claims)
    return {**{str(one): types[one] for one in ClaimType}, **{str(one): rungs[one] for one in Rung}}


def _dated(record: Actor, whole: str) -> Iterator[Membership]:
    return (one for one in record.memberships if one.whole == whole)


def _membership(held: Sequence[Membership]) -> _Found:
    """`since` and `until` of a membership that is dated; of several, the outermost, and each of them in `periods`."""
    since, until = [one.since for one in held], [one.until for one in held]
    found: _Found = {
        "since": min((one for one in since if one is not None), default=None) if None not in since else None,
        "until": max((one for one in until if one is not None), default=None) if None not in until else None,
    }
    if len(held) > 1:
        found["periods"] = " ".join(f"{one.since or '..'}/{one.until or '..'}" for one in held)
    return found


def _span(periods: Sequence[Period]) -> tuple[str | None, str | None]:
    """The first and the last day of these."""
    if len(periods) == 1:
        # Most edges rest on one claim, and a graph has half a million of them.
        days = [day for day in (periods[0].start, periods[0].end) if day is not None]
    else:
        days = sorted({day for one in periods for day in (one.start, one.end) if day is not None})
    return (days[0].isoformat(), days[-1].isoformat()) if days else (None, None)


@lru_cache(maxsize=10_000)
def _period(day: str | None) -> Period:
    return Period.parse(day) if day is not None else ALWAYS


def _known(found: _Found) -> Attributes:
    return cast("Attributes", {name: value for name, value in found.items() if value is not None})


# ---- what a claim is about, in words ----


def proposition(graph: ConflictGraph, claim: ResolvedClaim) -> tuple[str | None, str | None]:
    """Which incident, and who is said to have done it: what an accusation affirms and a denial rejects.

    A denial rejects what the accusation that it answers says; where it answers none, "it never happened" is about
    nobody, and any other about its own source.
    """
    if claim.type is not ClaimType.DENIES:
        return claim.incident, claim.target
    answered = graph.claims.get(claim.responds_to or "")
    if answered is not None and answered.type is ClaimType.ACCUSES:
        return answered.incident or claim.incident, answered.target
    return claim.incident, None if claim.denial_kind is DenialKind.OCCURRENCE else claim.source


def rejects_all(claim: ResolvedClaim) -> bool:
    """True for a denial that concedes nothing: not that it happened, or not that it was us, or on no ground told."""
    return claim.type is ClaimType.DENIES and claim.denial_kind in _REJECTS_ALL
