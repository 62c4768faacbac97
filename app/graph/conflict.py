"""The graph of claims: one typed face over one `networkx.MultiDiGraph`, with the indexes that hot queries read.

Nodes are actors, places and incidents; edges are typed (see `EdgeKind`). Claims of one type between the same two nodes
about the same incident in the same modality are one edge with as many pieces of evidence. Every change goes through
`add_*`, so that edges and indexes never disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import cast

import networkx as nx

from app.graph.model import IncidentNode, ResolvedAcknowledgement, ResolvedClaim
from app.vocabulary.errors import NotFound
from app.vocabulary.records import Actor, Article, Decision, Place, slug
from app.vocabulary.terms import ClaimType, EdgeKind, Modality, NodeKind

Node = Actor | Place | IncidentNode


class _ByDay:
    """(day, claim id) pairs, sorted when first read after a change: a bulk load then costs one sort, not n inserts."""

    __slots__ = ("_pairs", "_sorted")

    def __init__(self) -> None:
        self._pairs: list[tuple[date, str]] = []
        self._sorted = True

    def add(self, pair: tuple[date, str]) -> None:
        self._sorted = self._sorted and (not self._pairs or self._pairs[-1] <= pair)
        self._pairs.append(pair)

    def pairs(self) -> list[tuple[date, str]]:
        if not self._sorted:
            self._pairs.sort()
            self._sorted = True
        return self._pairs


OVER_INCIDENTS = {
    EdgeKind.ACCUSES: "makes an accusation over",
    EdgeKind.DENIES: "denies what is said about",
    EdgeKind.RETALIATES: "retaliates over",
}


@dataclass(frozen=True, slots=True)
class Edge:
    """One typed edge with the claims behind it (none for part_of from the gazetteer and for located_in)."""

    id: str
    kind: EdgeKind
    source: str
    target: str
    modality: Modality | None
    incident: str | None
    claims: tuple[str, ...]

    @property
    def phrase(self) -> str:
        """How the edge reads; one to an incident names no actor towards whom something is said or done."""
        if self.target == self.incident and self.kind in OVER_INCIDENTS:
            return OVER_INCIDENTS[self.kind]
        return self.kind.phrase


def _key(kind: EdgeKind, modality: Modality | None = None, incident: str | None = None) -> str:
    return "|".join((kind, modality or "", incident or ""))


class ConflictGraph:
    """Who accuses whom, who denies, who retaliates: at one revision of the ledger."""

    def __init__(self) -> None:
        self.revision = 0
        self.actors: dict[str, Actor] = {}
        self.places: dict[str, Place] = {}
        self.incidents: dict[str, IncidentNode] = {}
        self.claims: dict[str, ResolvedClaim] = {}
        self.acknowledgements: dict[str, ResolvedAcknowledgement] = {}
        self.articles: dict[str, Article] = {}
        self.readers: dict[str, str] = {}
        """Article → name and version of the extractor whose reading of it counts."""
        self.conflicts: list[Decision] = []
        """Decisions that could not be applied: judgements that others contradict, corrections no claim can have."""
        self.doubts: list[Decision] = []
        """A linker's UNSURE judgements that nobody has settled: the review queue."""
        self.merged: dict[str, str] = {}
        """Ids of actors, places and incidents that were judged to be another node → the node's id."""
        self._graph: nx.MultiDiGraph = nx.MultiDiGraph()
        # Actor → claims in which it is source or target, itself or through a part of it; ordered by day said.
        self._said: dict[tuple[str, ClaimType], _ByDay] = {}
        self._faced: dict[tuple[str, ClaimType], _ByDay] = {}
        self._dyads: dict[tuple[str, str, ClaimType], _ByDay] = {}
        self._by_type: dict[ClaimType, _ByDay] = {kind: _ByDay() for kind in ClaimType}
        self._by_incident: dict[str, list[str]] = {}
        self._acknowledged: dict[str, list[str]] = {}
        self._by_article: dict[str, list[str]] = {}
        self._answers: dict[str, list[str]] = {}
        self._names: dict[str, set[str]] = {}

    # ---- building (the fold's business) ----

    def add_article(self, article: Article, reader: str) -> None:
        """Know an article and who read it; its text is not kept."""
        self.articles[article.id] = article
        self.readers[article.id] = reader

    def add_actor(self, actor: Actor) -> None:
        """Know an actor; a second record of the same id replaces the first."""
        earlier = self.actors.get(actor.id)
        for name in (earlier.name, *earlier.aliases) if earlier is not None else ():
            self._names.get(slug(name), set()).discard(actor.id)
        self.actors[actor.id] = actor
        self._graph.add_node(actor.id, kind=NodeKind.ACTOR)
        for name in (actor.name, *actor.aliases):
            self._names.setdefault(slug(name), set()).add(actor.id)

    def add_place(self, place: Place) -> None:
        """Know a place."""
        self.places[place.id] = place
        self._graph.add_node(place.id, kind=NodeKind.PLACE)
        self._names.setdefault(slug(place.name), set()).add(place.id)

    def add_incident(self, incident: IncidentNode) -> None:
        """Know an incident, and where it is reported to have happened; its place must be known.

        A second record of the same id, which more articles report, replaces the first.
        """
        self.incidents[incident.id] = incident
        self.merged.update((member, incident.id) for member in incident.members if member != incident.id)
        self._graph.add_node(incident.id, kind=NodeKind.INCIDENT)
        if incident.place is not None:
            self._edge(EdgeKind.LOCATED_IN, incident.id, incident.place)

    def add_part_of(self, part: str, whole: str, claim: str | None = None) -> None:
        """Say that an actor speaks or acts for another: by gazetteer, or (with the claim) by an article's word."""
        if part != whole:
            self._edge(EdgeKind.PART_OF, part, whole, claim=claim)

    def add_claim(self, claim: ResolvedClaim) -> None:
        """Add a claim, its edges and its index entries; its nodes must be known. Adding it twice changes nothing."""
        if claim.id in self.claims:
            return
        self.claims[claim.id] = claim
        kind = claim.claim.type
        if claim.head is not None:
            modality = claim.claim.modality
            self._edge(EdgeKind(kind), claim.source, claim.head, modality, claim.incident, claim.id)
        if claim.incident is not None:
            self._by_incident.setdefault(claim.incident, []).append(claim.id)
            if claim.head != claim.incident:
                self._edge(EdgeKind.ABOUT, claim.source, claim.incident, claim=claim.id)
        self.add_part_of(claim.speaker, claim.source, claim.id)
        if claim.source_named is not None:
            self.add_part_of(claim.source_named, claim.source, claim.id)
        if claim.target is not None and claim.target_named is not None:
            self.add_part_of(claim.target_named, claim.target, claim.id)
        self._by_article.setdefault(claim.claim.article, []).append(claim.id)
        if claim.claim.responds_to is not None:
            self._answers.setdefault(claim.claim.responds_to, []).append(claim.id)

        entry = (claim.when.start or date.min, claim.id)
        self._by_type[kind].add(entry)
        day = claim.when.start
        saying = (claim.speaker, claim.source, claim.source_named)
        facing = (claim.target, claim.target_named)
        sources = {whole for one in saying if one is not None for whole in self.wholes(one, day)}
        targets = {whole for one in facing if one is not None for whole in self.wholes(one, day)}
        for source in sources:
            self._said.setdefault((source, kind), _ByDay()).add(entry)
            for target in targets:
                self._dyads.setdefault((source, target, kind), _ByDay()).add(entry)
        for target in targets:
            self._faced.setdefault((target, kind), _ByDay()).add(entry)

    def add_acknowledgement(self, acknowledgement: ResolvedAcknowledgement) -> None:
        """Add a report that an actor takes an incident upon itself; its nodes must be known. It draws no edge."""
        if acknowledgement.id not in self.acknowledgements:
            self.acknowledgements[acknowledgement.id] = acknowledgement
            self._acknowledged.setdefault(acknowledgement.incident, []).append(acknowledgement.id)

    def _edge(
        self,
        kind: EdgeKind,
        source: str,
        target: str,
        modality: Modality | None = None,
        incident: str | None = None,
        claim: str | None = None,
    ) -> None:
        key = _key(kind, modality, incident)
        if not self._graph.has_edge(source, target, key):
            self._graph.add_edge(source, target, key, kind=kind, modality=modality, incident=incident, claims=[])
        if claim is not None:
            claims = self._graph.edges[source, target, key]["claims"]
            if claim not in claims:
                claims.append(claim)

    # ---- reading ----

    def __len__(self) -> int:
        return int(self._graph.number_of_edges())

    def node(self, node_id: str) -> Node:
        """The actor, place or incident with this id.

        Raises:
            NotFound: There is none.
        """
        node = self.actors.get(node_id) or self.places.get(node_id) or self.incidents.get(node_id)
        if node is None:
            raise NotFound(f"no actor, place or incident has the id {node_id!r}")
        return node

    def kind(self, node_id: str) -> NodeKind:
        """What sort of node it is; raises `NotFound` where there is none."""
        if node_id not in self._graph:
            raise NotFound(f"no actor, place or incident has the id {node_id!r}")
        return cast("NodeKind", self._graph.nodes[node_id]["kind"])

    def label(self, node_id: str) -> str:
        """The name of a node."""
        node = self.node(node_id)
        return node.label if isinstance(node, IncidentNode) else node.name

    def claim(self, claim_id: str) -> ResolvedClaim:
        """The claim with this id; raises `NotFound` where there is none."""
        claim = self.claims.get(claim_id)
        if claim is None:
            raise NotFound(f"no claim has the id {claim_id!r}; it may have been retracted")
        return claim

    def wholes(self, actor: str, day: date | None = None) -> set[str]:
        """The actor and every actor it is part of by the actors' own records, however high: on a day, or today."""
        found: set[str] = set()
        here: str | None = actor
        while here is not None and here not in found:
            found.add(here)
            record = self.actors.get(here)
            here = record.whole_on(day) if record is not None else None
        return found

    def actor_id(self, actor: str) -> str:
        """The id of the actor's node, for an id that may have been merged away; raises `NotFound` where it has none."""
        found = self.merged.get(actor, actor)
        if found not in self.actors:
            raise NotFound(f"no actor has the id {actor!r}")
        return found

    def incident_id(self, incident: str) -> str:
        """The id of the node of an incident, which may be one article's; raises `NotFound` where it has none."""
        found = self.merged.get(incident, incident)
        if found not in self.incidents:
            raise NotFound(f"no incident has the id {incident!r}")
        return found

    def acknowledged(self, incident: str) -> list[str]:
        """Ids of the acknowledgements of an incident."""
        return self._acknowledged.get(incident, [])

    def named(self, name: str, kind: NodeKind | None = None) -> list[str]:
        """Ids of the nodes known by exactly this name or alias (case and accents aside), or by this id."""
        name = self.merged.get(name, name)
        found = {name} if name in self._graph else self._names.get(slug(name), set())
        return sorted(node for node in found if kind is None or self.kind(node) is kind)

    def claims_of(
        self, kind: ClaimType, source: str | None = None, target: str | None = None
    ) -> list[tuple[date, str]]:
        """(day said, claim id) by day, of one type, by and against these actors or parts of them. Do not change it."""
        if source is not None and target is not None:
            found = self._dyads.get((source, target, kind))
        elif source is not None:
            found = self._said.get((source, kind))
        elif target is not None:
            found = self._faced.get((target, kind))
        else:
            found = self._by_type[kind]
        return found.pairs() if found is not None else []

    def claims_about(self, incident: str) -> list[str]:
        """Ids of the claims about an incident."""
        return self._by_incident.get(incident, [])

    def claims_in(self, article: str) -> list[str]:
        """Ids of the claims of an article."""
        return self._by_article.get(article, [])

    def answers_to(self, claim_or_incident: str) -> list[str]:
        """Ids of the claims whose own article says that they respond to this claim or incident."""
        incident = self.incidents.get(claim_or_incident)
        if incident is None:
            return self._answers.get(claim_or_incident, [])
        # An article answers the incident as it tells it, not what several tell.
        return [claim for member in incident.members for claim in self._answers.get(member, [])]

    def edges(self) -> Iterator[Edge]:
        """Every edge."""
        for source, target, key, data in self._graph.edges(keys=True, data=True):
            yield _as_edge(source, target, key, data)

    def edges_at(self, node_id: str) -> Iterator[Edge]:
        """Every edge that leaves or reaches a node; a loop comes once."""
        if node_id not in self._graph:
            raise NotFound(f"no actor, place or incident has the id {node_id!r}")
        for source, target, key, data in self._graph.out_edges(node_id, keys=True, data=True):
            yield _as_edge(source, target, key, data)
        for source, target, key, data in self._graph.in_edges(node_id, keys=True, data=True):
            if source != target:
                yield _as_edge(source, target, key, data)

    def to_networkx(self) -> nx.MultiDiGraph:
        """A plain copy whose attributes are strings and numbers, as GraphML and GEXF want them.

        Nodes carry `kind`, `label` and, where known, `actor_kind`, `country`, `lat`, `lon`, `date`; edges carry `kind`,
        `phrase`, `modality`, `incident`, `claims` (ids, space-separated), `evidence_count`, `first`, `last`, `quote`
        (of the first claim). Edges are speech acts and acts that articles report, never what they allege.
        """
        plain = nx.MultiDiGraph(revision=self.revision)
        for node_id in self._graph.nodes:
            plain.add_node(node_id, **self._node_attributes(node_id))
        for edge in self.edges():
            plain.add_edge(edge.source, edge.target, edge.id, **self.edge_attributes(edge))
        return plain

    def _node_attributes(self, node_id: str) -> dict[str, str | float]:
        node = self.node(node_id)
        found: dict[str, str | float | None] = {"kind": self.kind(node_id), "label": self.label(node_id)}
        found["country"] = node.country
        if isinstance(node, Actor):
            found["actor_kind"] = node.kind
        elif isinstance(node, Place):
            found["lat"], found["lon"], found["precision"] = node.lat, node.lon, node.precision
        else:
            found["date"], found["type"] = node.date, "; ".join(node.types)
        return {name: str(v) if not isinstance(v, float) else v for name, v in found.items() if v is not None}

    def edge_attributes(self, edge: Edge) -> dict[str, str | int]:
        """What an edge is exported with; see `to_networkx`."""
        found: dict[str, str | int] = {"kind": str(edge.kind), "phrase": edge.phrase}
        if edge.modality is not None:
            found["modality"] = str(edge.modality)
        if edge.incident is not None:
            found["incident"] = edge.incident
        if edge.claims:
            claims = [self.claims[name] for name in edge.claims]
            days = sorted(day for claim in claims for day in (claim.when.start, claim.when.end) if day is not None)
            found["claims"] = " ".join(edge.claims)
            found["evidence_count"] = len(claims)
            found["articles"] = len({claim.claim.article for claim in claims})
            found["quote"] = claims[0].claim.evidence.quote
            if days:
                found["first"], found["last"] = days[0].isoformat(), days[-1].isoformat()
        return found


def _as_edge(source: str, target: str, key: str, data: dict[str, object]) -> Edge:
    kind, modality = cast("EdgeKind", data["kind"]), cast("Modality | None", data["modality"])
    claims = tuple(cast("list[str]", data["claims"]))
    edge_id = f"{source}>{target}|{key}"
    return Edge(edge_id, kind, source, target, modality, cast("str | None", data["incident"]), claims)
