"""What this room draws and writes, by shape: any record with these fields will do, so that it need not know who asked.

The whole graph or a piece of it comes in; nothing is looked up, counted or judged here.
"""

# ruff: noqa: D102 -- the fields are documented where the records are made; here only their shape is said.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol, TypeAlias

import networkx as nx

from app.graph import ConflictGraph, View
from app.vocabulary.terms import ActorKind, ClaimType, DenialKind, EdgeKind, Modality, NodeKind, Rung, ThreatKind

PlainGraph: TypeAlias = nx.MultiDiGraph | nx.DiGraph
"""A graph of networkx whose attributes are strings and numbers."""
DISCLAIMER = "Edges are claims made in articles, not findings."


class NodeView(Protocol):
    """A node."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> NodeKind: ...
    @property
    def label(self) -> str: ...
    @property
    def actor_kind(self) -> ActorKind | None: ...
    @property
    def country(self) -> str | None: ...
    @property
    def date(self) -> str | None: ...
    @property
    def type(self) -> str | None: ...


class EdgeView(Protocol):
    """An edge with the ids of the claims behind it."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> EdgeKind: ...
    @property
    def phrase(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def modality(self) -> Modality | None: ...
    @property
    def incident(self) -> str | None: ...
    @property
    def claims(self) -> Sequence[str]: ...
    @property
    def evidence_count(self) -> int: ...
    @property
    def articles(self) -> int: ...
    @property
    def publishers(self) -> int: ...
    @property
    def first(self) -> str | None: ...
    @property
    def last(self) -> str | None: ...


class LeftOutView(Protocol):
    """What a piece leaves out."""

    @property
    def at_least(self) -> bool:
        """Whether the numbers of what there is are lower bounds."""
        ...


class SubgraphView(Protocol):
    """A piece of the graph at a revision."""

    @property
    def revision(self) -> int: ...
    @property
    def nodes(self) -> Sequence[NodeView]: ...
    @property
    def edges(self) -> Sequence[EdgeView]: ...
    @property
    def total_edges(self) -> int: ...
    @property
    def left_out(self) -> LeftOutView: ...


class EvidenceView(Protocol):
    """The words a claim rests on."""

    @property
    def quote(self) -> str: ...
    @property
    def part(self) -> Literal["title", "text"]: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def article(self) -> str: ...


class ClaimView(Protocol):
    """A claim as a row."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> ClaimType: ...
    @property
    def modality(self) -> Modality: ...
    @property
    def speaker(self) -> str: ...
    @property
    def speaker_id(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def source_id(self) -> str: ...
    @property
    def target(self) -> str | None: ...
    @property
    def target_id(self) -> str | None: ...
    @property
    def target_named(self) -> str | None: ...
    @property
    def target_named_id(self) -> str | None: ...
    @property
    def incident(self) -> str | None: ...
    @property
    def incident_label(self) -> str | None: ...
    @property
    def date(self) -> str | None: ...
    @property
    def published(self) -> str | None: ...
    @property
    def publisher(self) -> str | None: ...
    @property
    def denial_kind(self) -> DenialKind | None: ...
    @property
    def responds_to(self) -> str | None: ...
    @property
    def confidence(self) -> float: ...
    @property
    def cue(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str | None: ...
    @property
    def evidence(self) -> EvidenceView: ...


class RowView(ClaimView, Protocol):
    """A claim as a row with all that is known of it."""

    @property
    def source_named(self) -> str | None: ...
    @property
    def source_named_id(self) -> str | None: ...
    @property
    def threat_kind(self) -> ThreatKind | None: ...
    @property
    def rung(self) -> Rung | None: ...
    @property
    def happened(self) -> str | None: ...
    @property
    def said(self) -> str | None: ...
    @property
    def said_basis(self) -> str | None: ...
    @property
    def ingested(self) -> str | None: ...
    @property
    def relayed_by(self) -> Sequence[str]: ...
    @property
    def lineage(self) -> str: ...


def legal(text: str) -> str:
    """The text without what XML 1.0 does not allow (section 2.2, Char): most controls, lone surrogates."""
    return "".join(c for c in text if _is_char(ord(c)))


def as_networkx(
    graph: ConflictGraph | SubgraphView, view: View = "edges", claims: Iterable[str] | None = None
) -> PlainGraph:
    """The whole graph or a piece of it, with attributes that are strings (legal in XML) and numbers.

    `view` and `claims` are those of `ConflictGraph.to_networkx`; a piece is drawn as it is.
    """
    plain = graph.to_networkx(view, claims) if isinstance(graph, ConflictGraph) else _from_view(graph)
    for _, attributes in plain.nodes(data=True):
        _clean(attributes)
    for _, _, attributes in plain.edges(data=True):
        _clean(attributes)
    return plain


def _from_view(piece: SubgraphView) -> nx.MultiDiGraph:
    plain = nx.MultiDiGraph(revision=piece.revision, view="edges")
    for node in piece.nodes:
        found = {
            "kind": str(node.kind),
            "label": node.label,
            "actor_kind": str(node.actor_kind) if node.actor_kind is not None else None,
            "country": node.country,
            "date": node.date,
            "type": node.type,
        }
        plain.add_node(node.id, **{name: value for name, value in found.items() if value is not None})
    for edge in piece.edges:
        attributes: dict[str, str | int | None] = {
            "kind": str(edge.kind),
            "phrase": edge.phrase,
            "modality": str(edge.modality) if edge.modality is not None else None,
            "incident": edge.incident,
            "claims": " ".join(edge.claims),
            "evidence_count": edge.evidence_count,
            "articles": edge.articles,
            "publishers": edge.publishers,
            "first": edge.first,
            "last": edge.last,
        }
        known = {name: value for name, value in attributes.items() if value is not None}
        plain.add_edge(edge.source, edge.target, edge.id, **known)
    return plain


def _clean(attributes: dict[str, object]) -> None:
    for name, value in attributes.items():
        if isinstance(value, str):
            attributes[name] = legal(value)


def _is_char(point: int) -> bool:
    return (
        0x20 <= point <= 0xD7FF or point in (0x9, 0xA, 0xD) or 0xE000 <= point <= 0xFFFD or 0x10000 <= point <= 0x10FFFF
    )
