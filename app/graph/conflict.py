"""The graph of claims: one typed face over one `networkx.MultiDiGraph`, with the indexes that hot queries read.

Nodes are actors, places and incidents; edges are typed (see `EdgeKind`). Claims of one type between the same two nodes
about the same incident in the same modality are one edge with as many pieces of evidence. Every change goes through
`add_*`, so that edges and indexes never disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from app.graph import views
from app.graph.arrays import NO_ROWS, NONE, Codes, Postings, Rows, distinct_in
from app.graph.articles import ArticleTable, ReadArticles, Readers
from app.graph.claims import UNTOLD, ClaimIds, ClaimTable, DatedClaims, ResolvedClaim
from app.graph.model import Backing, Edge, IncidentNode, PlacedClaim, ResolvedAcknowledgement
from app.graph.network import EDGE_KINDS, Edges, EdgeTable, Network
from app.graph.nodes import IncidentTable, Marks, Merged, Nodes
from app.graph.slices import Slice
from app.vocabulary.errors import NotFound
from app.vocabulary.records import Actor, Article, Decision, Place, slug
from app.vocabulary.terms import ClaimType, EdgeKind, Modality, NodeKind

Node = Actor | Place | IncidentNode


# Nodes with so few edges are ranked anew each time: that takes less than remembering it would take up.
_FEW = 16
_TYPES = {kind: number for number, kind in enumerate(ClaimType)}
_LAST_DAY = date.max.toordinal()
# In place of an actor's code, for claims of anyone.
_ANYONE = (1 << 30) - 1


def _of(kind: ClaimType, actor: int) -> int:
    """The key of claims of a type by or against the actor with this code."""
    return actor << 2 | _TYPES[kind]


def _between(source: int, target: int) -> int:
    """The key of claims by the one against the other; with a type, see `_of`."""
    return source << 31 | target


class ConflictGraph:
    """Who accuses whom, who denies, who retaliates: at one revision of the ledger."""

    def __init__(self, known: ArticleTable | None = None, only: Slice | None = None) -> None:
        """Start empty.

        Args:
            known: The ledger's articles, which the graph then need not keep for itself.
            only: Which of the ledger's claims it is to hold; all where None.
        """
        self.revision = 0
        self.only = only
        self.left_out = 0
        """Claims of the ledger that do not belong to the slice which the graph holds."""
        self.actors: dict[str, Actor] = {}
        self.places: dict[str, Place] = {}
        self._nodes = Nodes()
        known = known if known is not None else ArticleTable()
        self._table = ClaimTable(self._nodes, known.ids)
        self._incidents = IncidentTable(self._nodes, known.ids, self.places)
        self.acknowledgements: dict[str, ResolvedAcknowledgement] = {}
        self.articles = ReadArticles(known)
        self.readers = Readers(self.articles)
        """Article → name and version of the extractor whose reading of it counts."""
        self.conflicts: list[Decision] = []
        """Decisions that could not be applied: judgements that others contradict, corrections no claim can have."""
        self.doubts: list[Decision] = []
        """A linker's UNSURE judgements that nobody has settled: the review queue."""
        self.merged = Merged(self._nodes)
        """Ids of actors, places and incidents that were judged to be another node → the node's id."""
        self._edges = EdgeTable(self._nodes, self._table)
        self._graph: nx.MultiDiGraph = Network(self._nodes, self._edges)
        by_day = self._table.order
        # Actor → claims in which it is source or target, itself or through a part of it; ordered by day said.
        self._said = Postings(by_day)
        self._faced = Postings(by_day)
        self._dyads = Postings(by_day)
        self._by_type = Postings(by_day)
        self._by_incident = Postings()
        # Claims about no incident, by their own source and target: what these answer has to be found by day.
        self._apart = Postings(by_day)
        # Claims that name nothing an edge could point to, by type and by who says it (or anyone), parts included.
        self._edgeless = Postings()
        # Node (None: the whole graph) → its edges by kind, those with most claims first; forgotten when one changes.
        self._ranked: dict[int | None, dict[EdgeKind, Rows]] = {}
        self._acknowledged: dict[str, list[str]] = {}
        self._by_article = Postings()
        self._answers: dict[str, list[str]] = {}
        self._names: dict[str, set[str]] = {}
        # What is added or replaced, once somebody has asked to be told (see `journal`).
        self._journal: list[tuple[str, str]] | None = None

    @property
    def claims(self) -> ClaimTable:
        """The claims by id, in the order they were added: a mapping."""
        return self._table

    @property
    def incidents(self) -> IncidentTable:
        """The incidents by id, in the order they were added: a mapping."""
        return self._incidents

    @property
    def edge_table(self) -> EdgeTable:
        """The edges as rows of columns, for questions about many of them."""
        return self._edges

    # ---- building (the fold's business) ----

    def add_article(self, article: Article, reader: str) -> None:
        """Know an article and who read it; its text is not kept."""
        self.articles.add(article, reader)
        self._note("article", article.id)

    def add_actor(self, actor: Actor) -> None:
        """Know an actor; a second record of the same id replaces the first."""
        earlier = self.actors.get(actor.id)
        for name in (earlier.name, *earlier.aliases) if earlier is not None else ():
            self._names.get(slug(name), set()).discard(actor.id)
        self._know_actor(actor)
        self._nodes.add(actor.id, NodeKind.ACTOR)
        self._note("actor", actor.id)

    def _know_actor(self, actor: Actor) -> None:
        self.actors[actor.id] = actor
        for name in (actor.name, *actor.aliases):
            self._names.setdefault(slug(name), set()).add(actor.id)

    def add_place(self, place: Place) -> None:
        """Know a place."""
        self._know_place(place)
        self._nodes.add(place.id, NodeKind.PLACE)
        self._note("place", place.id)

    def _know_place(self, place: Place) -> None:
        self.places[place.id] = place
        self._names.setdefault(slug(place.name), set()).add(place.id)

    def add_incident(self, incident: IncidentNode) -> None:
        """Know an incident, and where it is reported to have happened; its place must be known.

        A second record of the same id, which more articles report, replaces the first.
        """
        self._nodes.add(incident.id, NodeKind.INCIDENT)
        self._incidents.add(incident)
        for member in incident.members:
            if member != incident.id:
                self.merged.add(member, incident.id)
        if incident.place is not None:
            self._edge(EdgeKind.LOCATED_IN, incident.id, incident.place)
        self._note("incident", incident.id)

    def add_part_of(self, part: str, whole: str) -> None:
        """Say that an actor speaks or acts for another, by the actors' own records."""
        self._add_part_of(part, whole)

    def _add_part_of(self, part: str, whole: str, claim: int = NONE) -> None:
        """The same, by a claim's word where one is given."""
        if part != whole:
            self._edge(EdgeKind.PART_OF, part, whole, claim=claim)

    def add_claim(self, claim: PlacedClaim) -> None:
        """Add a claim, its edges and its index entries; its nodes must be known. Adding it twice changes nothing."""
        name = claim.claim.id
        if name in self._table:
            return
        row = self._remember(claim)
        kind, day, find = claim.claim.type, claim.when.start, self._nodes.find
        head = claim.target if claim.target is not None else claim.incident
        if head is not None:
            self._edge(EdgeKind(kind), claim.source, head, claim.claim.modality, claim.incident, row)
        if claim.incident is not None and head != claim.incident:
            self._edge(EdgeKind.ABOUT, claim.source, claim.incident, claim=row)
        self._add_part_of(claim.speaker, claim.source, row)
        if claim.source_named is not None:
            self._add_part_of(claim.source_named, claim.source, row)
        if claim.target is not None and claim.target_named is not None:
            self._add_part_of(claim.target_named, claim.target, row)
        saying = (claim.speaker, claim.source, claim.source_named)
        facing = (claim.target, claim.target_named)
        sources = [find(one) for one in self._wholes_of(saying, day)]
        targets = [find(one) for one in self._wholes_of(facing, day)]
        if head is None:
            for whole in (_ANYONE, *sources):
                self._edgeless.add(_of(kind, whole), row)
        for source in sources:
            self._said.add(_of(kind, source), row)
            for target in targets:
                self._dyads.add(_of(kind, _between(source, target)), row)
        for target in targets:
            self._faced.add(_of(kind, target), row)
        self._note("claim", name)

    def _wholes_of(self, actors: Iterable[str | None], day: date | None) -> dict[str, None]:
        # A dict, for its order is the same each time.
        return {whole: None for one in actors if one is not None for whole in sorted(self.wholes(one, day))}

    def _remember(self, claim: PlacedClaim) -> int:
        """Keep a claim, and know it by what it says itself; what its actors are part of is another matter."""
        table = self._table
        row = table.add(claim)
        self._by_type.add(_TYPES[claim.claim.type], row)
        self._by_article.add(table.columns["article"].at[row], row)
        if claim.incident is not None:
            self._by_incident.add(table.columns["incident"].at[row], row)
        elif claim.target is not None and claim.when.start is not None:
            columns = table.columns
            self._apart.add(_between(columns["source"].at[row], columns["target"].at[row]), row)
        if claim.claim.responds_to is not None:
            self._answers.setdefault(claim.claim.responds_to, []).append(claim.claim.id)
        return row

    def add_acknowledgement(self, acknowledgement: ResolvedAcknowledgement) -> None:
        """Add a report that an actor takes an incident upon itself; its nodes must be known. It draws no edge."""
        if acknowledgement.id not in self.acknowledgements:
            self._know_acknowledgement(acknowledgement)
            self._note("acknowledgement", acknowledgement.id)

    def _know_acknowledgement(self, acknowledgement: ResolvedAcknowledgement) -> None:
        self.acknowledgements[acknowledgement.id] = acknowledgement
        self._acknowledged.setdefault(acknowledgement.incident, []).append(acknowledgement.id)

    def _restore(
        self, actors: Iterable[Actor], places: Iterable[Place], acknowledgements: Iterable[ResolvedAcknowledgement]
    ) -> None:
        """Know what a snapshot holds beside its columns, which are there already."""
        for actor in actors:
            self._know_actor(actor)
        for place in places:
            self._know_place(place)
        for acknowledgement in acknowledgements:
            self._know_acknowledgement(acknowledgement)
        for row, answered in self._table.responding.items():
            self._answers.setdefault(answered, []).append(self._table.ids.name(row))

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
        claim: int = NONE,
    ) -> None:
        intern = self._nodes.intern
        start, end, about = intern(source), intern(target), intern(incident) if incident is not None else NONE
        if self._edges.add(kind, start, end, modality, about, claim) and self._ranked:
            for ranked in (start, end, None):
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
        return len(self._edges)

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
        found = self._nodes.kind(node_id)
        if found is None:
            raise NotFound(f"no actor, place or incident has the id {node_id!r}")
        return found

    def label(self, node_id: str) -> str:
        """The name of a node."""
        if node_id in self._incidents and node_id not in self.actors and node_id not in self.places:
            return self._incidents.label(node_id)
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
        own = self._nodes.kind(name)
        if own is not None:
            # Most often an id is given, which needs no looking for.
            return [name] if kind is None or own is kind else []
        return sorted(node for node in self._names.get(slug(name), ()) if kind is None or self.kind(node) is kind)

    def claims_of(self, kind: ClaimType, source: str | None = None, target: str | None = None) -> DatedClaims:
        """(day said, claim id) by day, of one type, by and against these actors or parts of them."""
        return DatedClaims(self._table, self.rows_of(kind, source, target))

    def rows_of(self, kind: ClaimType, source: str | None = None, target: str | None = None) -> Rows:
        """The same as rows of `claims`; do not change it."""
        ends = [NONE if one is None else self._nodes.find(one) for one in (source, target)]
        if any(end == NONE and one is not None for end, one in zip(ends, (source, target), strict=True)):
            return NO_ROWS
        if source is not None and target is not None:
            return self._dyads.rows(_of(kind, _between(*ends)))
        if source is not None:
            return self._said.rows(_of(kind, ends[0]))
        return self._faced.rows(_of(kind, ends[1])) if target is not None else self._by_type.rows(_TYPES[kind])

    def claims_about(self, incident: str) -> Sequence[str]:
        """Ids of the claims about an incident."""
        return self._named(self.rows_about(incident))

    def rows_about(self, incident: str) -> Rows:
        """The same as rows of `claims`; do not change it."""
        code = self._nodes.find(incident)
        return self._by_incident.rows(code) if code != NONE else NO_ROWS

    def code(self, node_id: str) -> int:
        """The number by which the columns of `claims` and edges name a node; -1 where none has the id."""
        return self._nodes.find(node_id)

    def name(self, code: int) -> str:
        """The id of the node with this number."""
        return self._nodes.name(code)

    def marks(self) -> Marks:
        """Marks on nodes, none of them set, for walks from node to node."""
        return self._nodes.marks()

    def claims_apart(self, source: str, target: str) -> DatedClaims:
        """(day said, claim id) by day, of all types, by this actor against that one over no incident, without parts."""
        ends = (self._nodes.find(source), self._nodes.find(target))
        return DatedClaims(self._table, self._apart.rows(_between(*ends)) if NONE not in ends else NO_ROWS)

    def claims_in(self, article: str) -> Sequence[str]:
        """Ids of the claims of an article."""
        row = self._table.articles.find(article)
        return self._named(self._by_article.rows(row) if row != NONE else NO_ROWS)

    def _named(self, rows: Rows) -> ClaimIds:
        return ClaimIds(self._table, rows)

    def answers_to(self, claim_or_incident: str) -> list[str]:
        """Ids of the claims whose own article says that they respond to this claim or incident."""
        if claim_or_incident not in self._incidents:
            return self._answers.get(claim_or_incident, [])
        incident = self._incidents[claim_or_incident]
        # An article answers the incident as it tells it, not what several tell.
        return [claim for member in incident.members for claim in self._answers.get(member, [])]

    def claims_without_edge(self, kind: ClaimType, source: str | None = None) -> Sequence[str]:
        """Ids of claims of a type that name neither a target nor an incident: by an actor or parts of it, or all."""
        code = self._nodes.find(source) if source is not None else _ANYONE
        return self._named(self._edgeless.rows(_of(kind, code)) if code != NONE else NO_ROWS)

    def edges(self) -> Iterator[Edge]:
        """Every edge."""
        return map(self._edges.at, range(len(self._edges)))

    def edges_at(self, node_id: str) -> Iterator[Edge]:
        """Every edge that leaves or reaches a node; a loop comes once."""
        return iter(Edges(self._edges, self._edges_at(self._node_code(node_id))))

    def _node_code(self, node_id: str) -> int:
        if node_id not in self._nodes:
            raise NotFound(f"no actor, place or incident has the id {node_id!r}")
        return self._nodes.find(node_id)

    def _edges_at(self, code: int) -> Rows:
        into = self._edges.into(code)
        into = into[self._edges.columns["source"].values[into] != code]
        return np.concatenate([self._edges.out(code), into])

    def ranked_edges(self, kind: EdgeKind, node_id: str | None = None) -> Sequence[Edge]:
        """Edges of one kind that leave or reach a node (all where None), those with most claims first.

        Which of equally many claims comes first is not said.
        """
        code = self._node_code(node_id) if node_id is not None else None
        ranked = self._ranked.get(code)
        if ranked is None:
            table = self._edges
            rows = self._edges_at(code) if code is not None else np.arange(len(table), dtype=np.int32)
            rows = rows[np.argsort(-table.columns["count"].values[rows], kind="stable")]
            kinds = table.columns["kind"].values[rows]
            ranked = {EDGE_KINDS[number]: rows[kinds == number] for number in np.unique(kinds).tolist()}
            if len(rows) > _FEW:
                self._ranked[code] = ranked
        return Edges(self._edges, ranked.get(kind, NO_ROWS))

    def counts_at(self, kind: EdgeKind, node_id: str) -> tuple[dict[str, int], dict[str, int]]:
        """How many claims stand behind a node's edges of one kind, by the node at the other end.

        First of those that leave it, then of those that reach it. Parts are not counted in; a loop counts both ways.
        """
        table, code = self._edges, self._node_code(node_id)
        ways = ((table.out(code), "target"), (table.into(code), "source"))
        found = []
        for rows, end in ways:
            rows = rows[table.are_of((kind,), rows)]
            nodes, counts = table.sums(rows, table.columns[end].values[rows])
            found.append(dict(zip(map(self._nodes.name, nodes.tolist()), counts.tolist(), strict=True)))
        return found[0], found[1]

    def edges_between(self, one: str, other: str) -> list[Edge]:
        """The edges between two nodes, whichever way they point; the loops where both are the same."""
        ends = (self._nodes.find(one), self._nodes.find(other))
        if NONE in ends:
            return []
        ways = (ends, ends[::-1]) if one != other else (ends,)
        return [edge for way in ways for edge in Edges(self._edges, self._edges.between(*way))]

    def edges_of(self, claim_id: str) -> list[Edge]:
        """The edges that a claim itself draws: to whom it points, and what it is about; not who is part of whom."""
        claim = self.claims[claim_id]
        find = self._nodes.find
        source, found = find(claim.source), []
        head, incident = claim.head, claim.incident
        about = find(incident) if incident is not None else NONE
        if head is not None:
            found.append(self._edges.find(EdgeKind(claim.type), source, find(head), claim.modality, about))
        if incident is not None and head != incident:
            found.append(self._edges.find(EdgeKind.ABOUT, source, about, None, NONE))
        return [self._edges.at(row) for row in found]

    def neighbours(self, node_id: str) -> set[str]:
        """The nodes that an edge of any kind joins to this one; itself, where an edge does."""
        code = self._node_code(node_id)
        columns = self._edges.columns
        ends = (columns["target"].values[self._edges.out(code)], columns["source"].values[self._edges.into(code)])
        return set(map(self._nodes.name, np.unique(np.concatenate(ends)).tolist()))

    def backing(self, edge: Edge) -> Backing:
        """What stands behind an edge."""
        return self.backing_of(edge.claims)

    def backing_of(self, claims: Sequence[str]) -> Backing:
        """What these claims, each named once, come to as the backing of an edge.

        Raises:
            KeyError: The graph holds no such claim.
        """
        table = self._table
        rows = table.rows(claims)
        if len(rows) == 1:
            # Most edges rest on one claim.
            one = table.at(int(rows[0]))
            days = [day for day in (one.when.start, one.when.end) if day is not None]
            return Backing(
                claims=self._named(rows),
                articles=1,
                publishers=int(one.publisher is not None),
                first=min(days, default=None),
                last=max(days, default=None),
                is_dated=len(days) == 2,
            )
        return self._backings(rows, np.array([len(rows)]))[0]

    def backings(self, edges: Rows) -> list[Backing]:
        """What stands behind each of these edges, which are rows of `edge_table`."""
        return self._backings(*self._edges.behind(edges))

    def _backings(self, rows: Rows, counts: NDArray[np.int64]) -> list[Backing]:
        """What stands behind several edges, given the claims of one after those of another."""
        table = self._table
        starts, ends = table.days_of(rows), table.last_days_of(rows)
        edge = np.repeat(np.arange(len(counts)), counts)
        # Those of which nothing tells when they were said come last.
        order = np.lexsort((*table.ids.order(rows), np.where(starts == UNTOLD, _LAST_DAY, starts), edge))
        names = table.ids.names(rows[order])
        told, codes = np.unique(table.columns["told"].values[rows], return_inverse=True)
        publishers: Codes[str | None] = Codes([None])
        published = np.array([publishers.code(table.told.values[code][1]) for code in told.tolist()], np.int64)[codes]
        articles = distinct_in(edge, table.columns["article"].values[rows], len(counts))
        outlets = distinct_in(edge[published > 0], published[published > 0], len(counts))
        first, last = np.full(len(counts), _LAST_DAY), np.full(len(counts), UNTOLD)
        if len(rows):
            has_claims = counts > 0
            begins = (np.cumsum(counts) - counts)[has_claims]
            earliest = np.minimum(*(np.where(days == UNTOLD, _LAST_DAY, days) for days in (starts, ends)))
            first[has_claims] = np.minimum.reduceat(earliest, begins)
            last[has_claims] = np.maximum.reduceat(np.maximum(starts, ends), begins)
        known = np.bincount(edge, (starts != UNTOLD).astype(int) + (ends != UNTOLD), len(counts))
        found, at = [], 0
        told_of = zip(*(one.tolist() for one in (counts, articles, outlets, known, first, last)), strict=True)
        for count, texts, papers, ends_known, since, until in told_of:
            found.append(
                Backing(
                    claims=names[at : at + count],
                    articles=texts,
                    publishers=papers,
                    first=date.fromordinal(since) if ends_known else None,
                    last=date.fromordinal(until) if ends_known else None,
                    is_dated=ends_known == 2 * count,
                )
            )
            at += count
        return found

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
        the view could draw an edge to; and `slice`, where the graph holds a slice of the ledger. Edges are speech acts
        and acts that articles report, never what they allege.

        Raises:
            ValueError: There is no such view.
            NotFound: There is no such claim.
        """
        return views.view_of(self, view, claims)

    def edge_attributes(self, edge: Edge) -> views.Attributes:
        """What an edge is exported with; see `to_networkx`."""
        return views.edge_attributes(self, edge)
