"""Pieces of the graph that draw themselves: what a notebook shows, and that it is the same each time."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.graph.conflict import ConflictGraph
from app.pictures.layout import lay_out
from app.pipeline.drawing import Drawing, drawing
from app.vocabulary.errors import BadQuery
from tests.queries.invented import invented


@pytest.fixture(scope="module")
def graph() -> ConflictGraph:
    return invented().graph


@pytest.fixture(autouse=True)
def _no_graphviz(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def test_a_piece_of_the_graph_is_a_picture_in_a_notebook(graph: ConflictGraph) -> None:
    shown = drawing(graph, "Norland", hops=1)
    assert isinstance(shown, Drawing)
    svg = shown._repr_svg_()
    words = [one.text for one in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert "Who accuses whom: Norland" in words
    assert {"Norland", "Sudria", "Edges are claims made in articles, not findings."} <= set(words)
    assert svg == drawing(graph, ["Norland"])._repr_svg_()
    assert repr(shown).startswith("<Who accuses whom: Norland: ")
    # One face only: a notebook would take another before the picture.
    assert not hasattr(shown, "_repr_html_")


def test_filters_of_a_piece_are_those_of_the_question(graph: ConflictGraph) -> None:
    whole = drawing(graph, limit=500)
    only = drawing(graph, limit=500, kinds=["denies"], since="2024-01", clock="said")
    assert {edge.kind for edge in only.piece.edges} == {"denies"}
    assert len(only.piece.edges) < len(whole.piece.edges)
    assert {row.id for row in only.rows} == {claim for edge in only.piece.edges for claim in edge.claims}
    assert only.to_networkx().number_of_edges() == len(only.piece.edges)
    assert drawing(graph, limit=1).piece.total_edges == len(drawing(graph, limit=500).piece.edges)
    assert f"1 edges of {len(whole.piece.edges)}" in repr(drawing(graph, limit=1))
    with pytest.raises(BadQuery, match="Nowhere"):
        drawing(graph, "Nowhere")


def test_an_incident_names_the_picture(graph: ConflictGraph) -> None:
    incident = max(graph.incidents, key=lambda one: len(graph.claims_about(one)))
    assert drawing(graph, incident=incident).title == f"Who accuses whom: {graph.label(incident)}"
    assert drawing(graph, incident=incident, title="A quarrel").title == "A quarrel"


def test_who_places_the_nodes_may_be_said(graph: ConflictGraph) -> None:
    assert drawing(graph, "Norland").layouter is lay_out
    html = drawing(graph, "Norland", layouter=lay_out).to_html()
    assert "<svg" in html
    assert "<script" not in html
