from __future__ import annotations

import csv
import io
import json
from typing import Any

import networkx as nx
import pytest

from app.graph import ConflictGraph
from app.pictures import to_csv, to_cytoscape, to_gexf, to_graphml
from app.pictures.view import legal
from app.queries import claim_row, subgraph


def written(write: Any, what: Any) -> io.BytesIO:
    out = io.BytesIO()
    write(what, out)
    out.seek(0)
    return out


@pytest.mark.parametrize("whole", [True, False])
def test_graphml_and_gexf_are_read_back_with_every_attribute(graph: ConflictGraph, whole: bool) -> None:
    what = graph if whole else subgraph(graph, actors=["Norland"])
    plain = graph.to_networkx()
    for write, read in ((to_graphml, nx.read_graphml), (to_gexf, nx.read_gexf)):
        back = read(written(write, what))
        assert set(back.nodes) <= set(plain.nodes)
        assert back.number_of_edges() == (len(graph) if whole else 6)
        assert back.nodes["actor-sudria"]["label"] == "Sudria"
        assert back.nodes["actor-sudria"]["kind"] == "actor"
        kinds = {data["kind"] for _, _, data in back.edges(data=True)}
        assert {"accuses", "denies", "retaliates"} <= kinds
        claims = {c for _, _, d in back.edges(data=True) for c in d.get("claims", "").split()}
        edges = graph.edges() if whole else subgraph(graph, actors=["Norland"]).edges
        assert claims == {claim for edge in edges for claim in edge.claims}


def test_gold_is_read_back_whole(gold_graph: ConflictGraph) -> None:
    for write, read in ((to_graphml, nx.read_graphml), (to_gexf, nx.read_gexf)):
        back = read(written(write, gold_graph))
        assert back.number_of_edges() == len(gold_graph)


def test_what_xml_forbids_is_left_out_and_nothing_else() -> None:
    assert legal("a\x00b\x02\ud800c\ufffe") == "abc"
    assert legal("tab\tline\nÅ \U0001f600 <&>") == "tab\tline\nÅ \U0001f600 <&>"


def test_csv_has_one_row_a_claim_with_exact_quotes(world: Any, graph: ConflictGraph) -> None:
    out = written(to_csv, [claim_row(graph, claim) for claim in sorted(graph.claims)])
    rows = list(csv.DictReader(io.StringIO(out.read().decode("utf-8"), newline="")))
    assert [row["id"] for row in rows] == sorted(graph.claims)
    by_id = {row["id"]: row for row in rows}
    denied = by_id[world.ids["denied"]]
    assert denied["quote"] == "denied that it had shelled the market"
    assert (denied["speaker"], denied["source"], denied["target"]) == ("General Ilin", "Sudrian Army", "Norland")
    assert denied["responds_to"] == world.ids["accused"]
    assert by_id[world.ids["everything"]]["target"] == ""
    assert "\x02" in by_id[world.ids["accused"]]["title"]


def test_cytoscape_elements(graph: ConflictGraph) -> None:
    body = json.load(written(to_cytoscape, graph))
    ids = {node["data"]["id"] for node in body["elements"]["nodes"]}
    assert len(body["elements"]["edges"]) == len(graph)
    assert all({e["data"]["source"], e["data"]["target"]} <= ids for e in body["elements"]["edges"])
    assert len({e["data"]["id"] for e in body["elements"]["edges"]}) == len(graph)
    assert body["data"]["revision"] == graph.revision
    assert body["data"]["note"] == "Edges are claims made in articles, not findings."
