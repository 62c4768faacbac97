"""A graph and a question in, a piece of it with its pictures out: what notebooks show, and what `polemos draw` writes.

It lies here because it needs both what finds pieces (`app.queries`) and what draws them (`app.pictures`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app import pictures, queries
from app.graph import ConflictGraph
from app.pictures.graphviz import graphviz
from app.pictures.layout import Layouter, lay_out
from app.pictures.view import PlainGraph, as_networkx
from app.queries import ClaimRow, Subgraph
from app.vocabulary.terms import Clock, EdgeKind

FONT = Path(__file__).resolve().parents[1] / "web" / "page" / "vendor" / "DejaVuSans.ttf"
"""Letters of a PNG; it comes with the page's set-up."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A piece of the graph that draws itself. Edges are claims made in articles, not findings.

    Attributes:
        piece: Nodes and edges, what was left out, and the filters.
        rows: The claims behind the edges, for their quotes.
        title: What stands above the picture.
        layouter: Where nodes are placed.
    """

    piece: Subgraph
    rows: tuple[ClaimRow, ...]
    title: str
    layouter: Layouter = field(repr=False, compare=False, default=lay_out)

    def __repr__(self) -> str:
        left = f" of {self.piece.total_edges}" if self.piece.total_edges > len(self.piece.edges) else ""
        return f"<{self.title}: {len(self.piece.nodes)} nodes, {len(self.piece.edges)} edges{left}>"

    def _repr_svg_(self) -> str:
        """The picture, as a notebook asks for it."""
        return self.to_svg()

    def to_svg(self) -> str:
        """The picture as SVG, with the quotes as tooltips."""
        return pictures.to_svg(self.piece, self.rows, title=self.title, layouter=self.layouter)

    def to_png(self) -> bytes:
        """The picture as PNG; raises `MissingPart` where the page's font is missing."""
        return pictures.to_png(self.to_svg(), FONT)

    def to_html(self) -> str:
        """The picture and a table of the claims behind it as one file that loads nothing."""
        return pictures.to_html(self.piece, self.rows, title=self.title, layouter=self.layouter)

    def to_networkx(self) -> PlainGraph:
        """The piece as a plain graph that is the caller's to change."""
        return as_networkx(self.piece)


def drawing(
    graph: ConflictGraph,
    actors: Sequence[str] | str = (),
    incident: str | None = None,
    place: str | None = None,
    kinds: Iterable[EdgeKind | str] | None = None,
    since: str | None = None,
    until: str | None = None,
    publisher: str | None = None,
    min_confidence: float | None = None,
    hops: int = 1,
    limit: int = 40,
    clock: Clock | str = Clock.SAID,
    layouter: Layouter | None = None,
    title: str | None = None,
) -> Drawing:
    """A piece of the graph, the best-evidenced edges around what is named, or of all.

    Args:
        graph: The graph.
        actors: Names or ids; one may stand alone.
        incident: Id of an incident to draw around.
        place: Name or id of a place, or a country.
        kinds: Kinds of edges; the three of claims where None, around incidents and places what ties them, too.
        since: First day, on this clock.
        until: Last day.
        publisher: Only claims of this outlet.
        min_confidence: Only claims that the extractor is so sure of.
        hops: How far from what is named.
        limit: Most edges.
        clock: Which of a claim's four times `since` and `until` look at.
        layouter: Where nodes are placed: as Graphviz does where this machine has it, else the built-in way.
        title: What stands above it; who and what is named, where None.

    Raises:
        BadQuery: A name, date or number cannot be used.
    """
    piece = queries.subgraph(
        graph,
        actors=[actors] if isinstance(actors, str) else list(actors),
        incident=incident,
        place=place,
        kinds=[EdgeKind(kind) for kind in kinds] if kinds is not None else None,
        since=since,
        until=until,
        publisher=publisher,
        min_confidence=min_confidence,
        hops=hops,
        limit=limit,
        clock=Clock(clock),
    )
    ids = dict.fromkeys(claim for edge in piece.edges for claim in edge.claims)
    rows = tuple(queries.claim_row(graph, claim) for claim in ids)
    around = [graph.label(actor) for actor in piece.filters.actors]
    if incident is not None:
        around.append(graph.label(graph.incident_id(incident)))
    told = f"Who accuses whom: {', '.join(around)}" if around else "Who accuses whom"
    return Drawing(piece, rows, title or told, layouter or graphviz() or lay_out)
