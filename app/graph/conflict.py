"""The graph of claims: one typed face over one `networkx.MultiDiGraph`, with the indexes that hot queries read.

Nodes are actors, places and incidents; edges are typed (see `EdgeKind`). Claims of one type between the same two nodes
about the same incident in the same modality are one edge with as many pieces of evidence. Every change goes through
`add_*`, so that edges and indexes never disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from typing import Any, Protocol, cast

import networkx as nx

from app.graph import views
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

    @classmethod
    def of(cls, ordered: list[tuple[date, str]]) -> _ByDay:
        found = cls()
        found._pairs = ordered
        return found

    def add(self, pair: tuple[date, str]) -> None:
        self._sorted = self._sorted and (not self._pairs or self._pairs[-1] <= pair)
        self._pairs.append(pair)

    def pairs(self) -> list[tuple[date, str]]:
        if not self._sorted:
            self._pairs.sort()
            self._sorted = True
        return self._pairs


class Picture(Protocol):
    """A piece of the graph as `subgraph` gives it: `app.pipeline.drawing.Drawing`."""

    def _repr_svg_(self) -> str: ...

    def to_svg(self) -> str:
        """The picture as SVG."""
        ...

    def to_png(self) -> bytes:
        """The picture as PNG."""
        ...

    def to_html(self) -> str:
        """The picture with a table of the claims behind it, as one file."""
        ...


OVER_INCIDENTS = {
    EdgeKind.ACCUSES: "makes an accusation over",
    EdgeKind.DENIES: "denies what is said about",
    EdgeKind.RETALIATES: "retaliates over",
}


@dataclass(frozen=True, slots=True)
class Backing:
    """What stands behind an edge, as drawings and filters ask for it.

    Attributes:
        claims: The claims' ids, oldest first; those of which nothing tells when they were said come last.
        articles: How many articles report them.
        publishers: How many publishers these have, where one is known.
        first: The first day on which one of them may have been said, or None where no day is known.
        last: The last such day.
        is_dated: True where both ends of every claim's period are known, so that all of them lie in `first` to `last`.
    """

    claims: tuple[str, ...]
    articles: int
    publishers: int
    first: date | None
    last: date | None
    is_dated: bool

    @classmethod
    def of(cls, claims: Iterable[ResolvedClaim]) -> Backing:
        """What these claims come to."""
        ordered = sorted(claims, key=lambda claim: (claim.when.start or date.max, claim.id))
        starts = [claim.when.start for claim in ordered if claim.when.start is not None]
        ends = [claim.when.end for claim in ordered if claim.when.end is not None]
        return cls(
            claims=tuple(claim.id for claim in ordered),
            articles=len({claim.claim.article for claim in ordered}),
            publishers=len({claim.publisher for claim in ordered if claim.publisher is not None}),
            first=min(starts[:1] + ends, default=None),
            last=max(starts[-1:] + ends, default=None),
            is_dated=len(starts) == len(ends) == len(ordered),
        )


@dataclass(frozen=True, slots=True)
class Edge:
    """One typed edge with the claims behind it (none for part_of from the gazetteer and for located_in).

    The graph holds one such object for each edge and puts another in its place when a claim is added.
    """

    id: str
    kind: EdgeKind
    source: str
    target: str
    modality: Modality | None
    incident: str | None
    claims: tuple[str, ...]
    # Counted when first asked for (see `ConflictGraph.backing`); it goes with the object when a claim is added.
    _backing: Backing | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def phrase(self) -> str:
        """How the edge reads; one to an incident names no actor towards whom something is said or done."""
        if self.target == self.incident and self.kind in OVER_INCIDENTS:
            return OVER_INCIDENTS[self.kind]
        return self.kind.phrase


# Nodes with so few edges are ranked anew each time: that takes less than remembering it would take up.
_FEW = 16


def _edge_id(kind: EdgeKind, source: str, target: str, modality: Modality | None, incident: str | None) -> str:
    return f"{source}>{target}|{kind}|{modality or ''}|{incident or ''}"


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
        # Claims about no incident, by their own source and target: what these answer has to be found by day.
        self._apart: dict[tuple[str, str], _ByDay] = {}
        # Claims that name nothing an edge could point to, by type and by who says it (None: anyone), parts included.
        self._edgeless: dict[tuple[str | None, ClaimType], list[str]] = {}
        # Node (None: the whole graph) → its edges by kind, those with most claims first; forgotten when one changes.
        self._ranked: dict[str | None, dict[EdgeKind, list[Edge]]] = {}
        self._acknowledged: dict[str, list[str]] = {}
        self._by_article: dict[str, list[str]] = {}
        self._answers: dict[str, list[str]] = {}
        self._names: dict[str, set[str]] = {}
        # What is added or replaced, once somebody has asked to be told (see `journal`).
        self._journal: list[tuple[str, str]] | None = None

    # ---- building (the fold's business) ----

    def add_article(self, article: Article, reader: str) -> None:
        """Know an article and who read it; its text is not kept."""
        self.articles[article.id] = article
        self.readers[article.id] = reader
        self._note("article", article.id)

    def add_actor(self, actor: Actor) -> None:
        """Know an actor; a second record of the same id replaces the first."""
        earlier = self.actors.get(actor.id)
        for name in (earlier.name, *earlier.aliases) if earlier is not None else ():
            self._names.get(slug(name), set()).discard(actor.id)
        self.actors[actor.id] = actor
        self._graph.add_node(actor.id, kind=NodeKind.ACTOR)
        for name in (actor.name, *actor.aliases):
            self._names.setdefault(slug(name), set()).add(actor.id)
        self._note("actor", actor.id)

    def add_place(self, place: Place) -> None:
        """Know a place."""
        self.places[place.id] = place
        self._graph.add_node(place.id, kind=NodeKind.PLACE)
        self._names.setdefault(slug(place.name), set()).add(place.id)
        self._note("place", place.id)

    def add_incident(self, incident: IncidentNode) -> None:
        """Know an incident, and where it is reported to have happened; its place must be known.

        A second record of the same id, which more articles report, replaces the first.
        """
        self.incidents[incident.id] = incident
        self.merged.update((member, incident.id) for member in incident.members if member != incident.id)
        self._graph.add_node(incident.id, kind=NodeKind.INCIDENT)
        if incident.place is not None:
            self._edge(EdgeKind.LOCATED_IN, incident.id, incident.place)
        self._note("incident", incident.id)

    def add_part_of(self, part: str, whole: str, claim: str | None = None) -> None:
        """Say that an actor speaks or acts for another: by gazetteer, or (with the claim) by an article's word."""
        if part != whole:
            self._edge(EdgeKind.PART_OF, part, whole, claim=claim)

    def add_claim(self, claim: ResolvedClaim) -> None:
        """Add a claim, its edges and its index entries; its nodes must be known. Adding it twice changes nothing."""
        if claim.id in self.claims:
            return
        self._remember(claim)
        kind, day = claim.claim.type, claim.when.start
        if claim.head is not None:
            modality = claim.claim.modality
            self._edge(EdgeKind(kind), claim.source, claim.head, modality, claim.incident, claim.id)
        if claim.incident is not None and claim.head != claim.incident:
            self._edge(EdgeKind.ABOUT, claim.source, claim.incident, claim=claim.id)
        self.add_part_of(claim.speaker, claim.source, claim.id)
        if claim.source_named is not None:
            self.add_part_of(claim.source_named, claim.source, claim.id)
        if claim.target is not None and claim.target_named is not None:
            self.add_part_of(claim.target_named, claim.target, claim.id)
        entry = (day or date.min, claim.id)
        saying = (claim.speaker, claim.source, claim.source_named)
        facing = (claim.target, claim.target_named)
        sources = {whole for one in saying if one is not None for whole in self.wholes(one, day)}
        targets = {whole for one in facing if one is not None for whole in self.wholes(one, day)}
        if claim.head is None:
            for whole in (None, *sources):
                self._edgeless.setdefault((whole, kind), []).append(claim.id)
        for source in sources:
            self._said.setdefault((source, kind), _ByDay()).add(entry)
            for target in targets:
                self._dyads.setdefault((source, target, kind), _ByDay()).add(entry)
        for target in targets:
            self._faced.setdefault((target, kind), _ByDay()).add(entry)
        self._note("claim", claim.id)

    def _remember(self, claim: ResolvedClaim) -> None:
        """Keep a claim, and know it by what it says itself; what its actors are part of is another matter."""
        self.claims[claim.id] = claim
        day = claim.when.start
        entry = (day or date.min, claim.id)
        self._by_type[claim.claim.type].add(entry)
        self._by_article.setdefault(claim.claim.article, []).append(claim.id)
        if claim.incident is not None:
            self._by_incident.setdefault(claim.incident, []).append(claim.id)
        elif claim.target is not None and day is not None:
            self._apart.setdefault((claim.source, claim.target), _ByDay()).add(entry)
        if claim.claim.responds_to is not None:
            self._answers.setdefault(claim.claim.responds_to, []).append(claim.id)

    def add_acknowledgement(self, acknowledgement: ResolvedAcknowledgement) -> None:
        """Add a report that an actor takes an incident upon itself; its nodes must be known. It draws no edge."""
        if acknowledgement.id not in self.acknowledgements:
            self.acknowledgements[acknowledgement.id] = acknowledgement
            self._acknowledged.setdefault(acknowledgement.incident, []).append(acknowledgement.id)
            self._note("acknowledgement", acknowledgement.id)

    def _note(self, kind: str, name: str) -> None:
        # Last of all, so that whoever reads the journal finds in the graph what it tells of.
        if self._journal is not None:
            self._journal.append((kind, name))

    def _edge(
        self,
        kind: EdgeKind,
        source: str,
        target: str,
        modality: Modality | None = None,
        incident: str | None = None,
        claim: str | None = None,
    ) -> None:
        name = _edge_id(kind, source, target, modality, incident)
        data = self._graph.get_edge_data(source, target, name)
        if data is None:
            claims = (claim,) if claim is not None else ()
            edge = Edge(name, kind, source, target, modality, incident, claims)
            self._graph.add_edge(source, target, name, edge=edge)
        elif claim is not None and claim not in data["edge"].claims[-1:]:
            # Claims come one by one: where an edge has this one already, it has it as its last.
            data["edge"] = replace(data["edge"], claims=(*data["edge"].claims, claim))
        else:
            return
        for ranked in (source, target, None):
            self._ranked.pop(ranked, None)

    # ---- reading ----

    def journal(self) -> list[tuple[str, str]]:
        """What was added or replaced since this was first asked, in order: kind and id, the same thing any times over.

        It grows as the graph does; each reader remembers how far it has come. A graph that nobody asks keeps none.
        """
        if self._journal is None:
            self._journal = []
        return self._journal

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

    def claims_apart(self, source: str, target: str) -> list[tuple[date, str]]:
        """(day said, claim id) by day, of all types, by this actor against that one over no incident, parts left out.

        Do not change it.
        """
        found = self._apart.get((source, target))
        return found.pairs() if found is not None else []

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

    def claims_without_edge(self, kind: ClaimType, source: str | None = None) -> Sequence[str]:
        """Ids of the claims of a type that name neither a target nor an incident: by an actor or parts of it, or all.

        Do not change it.
        """
        return self._edgeless.get((source, kind), ())

    def edges(self) -> Iterator[Edge]:
        """Every edge."""
        for _, _, edge in self._graph.edges(data="edge"):
            yield edge

    def edges_at(self, node_id: str) -> Iterator[Edge]:
        """Every edge that leaves or reaches a node; a loop comes once."""
        if node_id not in self._graph:
            raise NotFound(f"no actor, place or incident has the id {node_id!r}")
        for _, _, edge in self._graph.out_edges(node_id, data="edge"):
            yield edge
        for source, target, edge in self._graph.in_edges(node_id, data="edge"):
            if source != target:
                yield edge

    def ranked_edges(self, kind: EdgeKind, node_id: str | None = None) -> Sequence[Edge]:
        """Edges of one kind that leave or reach a node (all where None), those with most claims first.

        Do not change it. Which of equally many claims comes first is not said.
        """
        ranked = self._ranked.get(node_id)
        if ranked is None:
            edges = list(self.edges() if node_id is None else self.edges_at(node_id))
            edges.sort(key=lambda edge: len(edge.claims), reverse=True)
            ranked = {}
            for edge in edges:
                ranked.setdefault(edge.kind, []).append(edge)
            if len(edges) > _FEW:
                self._ranked[node_id] = ranked
        return ranked.get(kind, ())

    def edges_between(self, one: str, other: str) -> list[Edge]:
        """The edges between two nodes, whichever way they point; the loops where both are the same."""
        ways = ((one, other), (other, one)) if one != other else ((one, one),)
        return [data["edge"] for way in ways for data in (self._graph.get_edge_data(*way) or {}).values()]

    def edges_of(self, claim_id: str) -> list[Edge]:
        """The edges that a claim itself draws: to whom it points, and what it is about; not who is part of whom."""
        claim = self.claims[claim_id]
        found = []
        if claim.head is not None:
            kind = EdgeKind(claim.claim.type)
            found.append((claim.head, _edge_id(kind, claim.source, claim.head, claim.claim.modality, claim.incident)))
        if claim.incident is not None and claim.head != claim.incident:
            found.append((claim.incident, _edge_id(EdgeKind.ABOUT, claim.source, claim.incident, None, None)))
        return [self._graph.get_edge_data(claim.source, target, name)["edge"] for target, name in found]

    def neighbours(self, node_id: str) -> set[str]:
        """The nodes that an edge of any kind joins to this one; itself, where an edge does."""
        if node_id not in self._graph:
            raise NotFound(f"no actor, place or incident has the id {node_id!r}")
        return set(self._graph.succ[node_id]).union(self._graph.pred[node_id])

    def backing(self, edge: Edge) -> Backing:
        """What stands behind an edge; remembered with the edge where it has several claims."""
        if edge._backing is not None:
            return edge._backing
        found = Backing.of(map(self.claims.__getitem__, edge.claims))
        if len(edge.claims) > 1:
            object.__setattr__(edge, "_backing", found)
        return found

    def subgraph(self, actors: Sequence[str] | str = (), incident: str | None = None, **asked: object) -> Picture:
        """A piece of the graph that a notebook shows as a picture: the best-evidenced edges around what is named.

        The arguments, and what else the answer can do, are those of `app.pipeline.drawing.drawing`. Edges are claims
        made in articles, not findings.

        Raises:
            BadQuery: A name, date or number cannot be used.
        """
        # This room knows neither questions nor pictures. What knows both is above it, and is looked up by name when a
        # piece is asked for; nothing else here depends on it.
        found = import_module("app.pipeline.drawing").drawing(self, actors, incident, **asked)
        return cast("Picture", found)

    def to_networkx(
        self, view: views.View = "edges", claims: Iterable[str] | None = None
    ) -> nx.MultiDiGraph | nx.DiGraph:
        """A plain copy that is the caller's to change, whose attributes are strings and numbers.

        Args:
            view: `edges`, a `MultiDiGraph` as `edges()` gives it, keyed by edge id. `claims`, a `MultiDiGraph` with one
                edge for each claim, keyed by claim id, so that parallel accusations stay apart, and the `part_of` and
                `located_in` edges. `dyads`, a `DiGraph` of actors with one edge for each source and target; its
                `weight` is the number of lineages. `signed`, the same of accusations and retaliations alone, with
                `sign` -1 and `weight` = -(number of lineages of these); a denial has no sign, for it neither accuses
                nor befriends.
            claims: Only these claims (ids), with the nodes they need; all where None.

        The graph's own attributes are `revision`, `view` and `claims_without_edge`: how many claims name nothing that
        the view could draw an edge to. Edges are speech acts and acts that articles report, never what they allege.

        Raises:
            ValueError: There is no such view.
            NotFound: There is no such claim.
        """
        return views.view_of(self, view, claims)

    def to_rdflib(self, **how: object) -> Any:  # noqa: ANN401 # this room knows no RDF library, not even by its types
        """The claims as an `rdflib.Graph`, which is the caller's to change; `how` is what `app.rdf.to_rdflib` takes.

        Raises:
            BadQuery: The profile that is asked for is none that such a graph can carry.
        """
        # Like `subgraph`: what makes it is above this room.
        return import_module("app.rdf").to_rdflib(self, **how)

    def edge_attributes(self, edge: Edge) -> views.Attributes:
        """What an edge is exported with; see `to_networkx`."""
        return views.edge_attributes(self, edge)
