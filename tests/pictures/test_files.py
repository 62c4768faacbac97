from __future__ import annotations

import csv
import io
import json
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import pytest

from app.graph import VIEWS, ConflictGraph
from app.pictures import to_csv, to_cytoscape, to_dna, to_edges, to_gexf, to_graphml, to_nodes
from app.pictures.files import DNA_COLUMNS, DNA_VARIABLES, _runs
from app.pictures.view import as_networkx, legal
from app.queries import claim_row, subgraph
from app.vocabulary.times import Period


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


def read_edges(plain: Any) -> dict[str, dict[str, Any]]:
    """Edges by id with their ends; an edge's id is its key, or its ends where parallels cannot be."""
    if plain.is_multigraph():
        return {k: {**held, "ends": (a, b)} for a, b, k, held in plain.edges(keys=True, data=True)}
    return {f"{a}>{b}": {**held, "ends": (a, b)} for a, b, held in plain.edges(data=True)}


# What GEXF says in words of its own beside the attributes.
GEXF_OWN = {"id", "label", "start", "end", "spells", "networkx_key"}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("format_", ["graphml", "gexf", "cytoscape"])
def test_no_attribute_is_lost(graph: ConflictGraph, view: Any, format_: str) -> None:
    plain = as_networkx(graph, view)
    nodes = {name: dict(held) for name, held in plain.nodes(data=True)}
    edges = read_edges(plain)
    out = io.BytesIO()
    {"graphml": to_graphml, "gexf": to_gexf, "cytoscape": to_cytoscape}[format_](graph, out, view)
    out.seek(0)
    if format_ == "cytoscape":
        elements = json.load(out)["elements"]
        data = [one["data"] for one in elements["nodes"]]
        assert {one.pop("id"): one for one in data} == nodes
        data = [one["data"] for one in elements["edges"]]
        assert {one.pop("id"): {"ends": (one.pop("source"), one.pop("target")), **one} for one in data} == edges
        return
    multi = plain.is_multigraph()
    if format_ == "graphml":
        back = nx.parse_graphml(out.getvalue().decode(), force_multigraph=multi)
    else:
        back = nx.read_gexf(out)
        back = nx.MultiDiGraph(back) if multi else back
    assert {name: dict(held) for name, held in back.nodes(data=True)} == nodes
    found = [{k: v for k, v in held.items() if k not in GEXF_OWN} for held in read_edges(back).values()]
    wanted = [{k: v for k, v in held.items() if k not in GEXF_OWN} for held in edges.values()]

    def order(one: dict[str, Any]) -> tuple[str, ...]:
        return (*one["ends"], one["kind"], one.get("claims", ""))

    assert sorted(found, key=order) == sorted(wanted, key=order)


def lines_of(write: Any, graph: ConflictGraph, view: Any) -> list[dict[str, str]]:
    """The lines of a table, without their empty fields."""
    out = io.BytesIO()
    write(graph, out, view)
    rows = csv.DictReader(io.StringIO(out.getvalue().decode(), newline=""))
    return [{name: value for name, value in row.items() if value} for row in rows]


@pytest.mark.parametrize("view", VIEWS)
def test_no_attribute_is_lost_in_tables_of_nodes_and_edges(graph: ConflictGraph, view: Any) -> None:
    plain = graph.to_networkx(view)
    nodes = [{"id": name, **held} for name, held in plain.nodes(data=True)]
    edges = [
        {"id": name, "source": held["ends"][0], "target": held["ends"][1], **held}
        for name, held in read_edges(plain).items()
    ]
    for write, wanted in ((to_nodes, nodes), (to_edges, edges)):
        assert lines_of(write, graph, view) == [
            {name: str(value) for name, value in one.items() if name != "ends" and value != ""} for one in wanted
        ]


def gexf(graph: ConflictGraph, **how: Any) -> Any:
    out = io.BytesIO()
    to_gexf(graph, out, **how)
    return ElementTree.fromstring(out.getvalue())


GEXF = "{http://gexf.net/1.3}"


def test_gexf_is_dynamic_by_the_days_on_which_claims_were_said(world: Any, graph: ConflictGraph) -> None:
    root = gexf(graph, view="claims")
    body = root.find(f"{GEXF}graph")
    assert (root.get("version"), body.get("mode"), body.get("timeformat")) == ("1.3", "dynamic", "date")
    assert "ledger revision 1" in root.findtext(f"{GEXF}meta/{GEXF}description")
    edges = {one.get("id"): one for one in root.iter(f"{GEXF}edge")}

    def days(name: str) -> tuple[str | None, str | None]:
        edge = edges[world.ids[name]]
        return edge.get("start"), edge.get("end")

    assert days("accused") == ("2024-03-01", "2024-03-01")
    assert days("denied") == ("2024-03-02", "2024-03-02")
    assert days("spying") == ("2024-04-01", "2024-04-30")
    # Nothing tells when it was said.
    assert days("lying") == (None, None)


def test_gexf_of_dyads_merges_parallel_edges(graph: ConflictGraph) -> None:
    """Norland accuses Sudria on 1 March and vows on 2 March: one run."""
    edges = {(one.get("source"), one.get("target")): one for one in gexf(graph, view="dyads").iter(f"{GEXF}edge")}
    norland = edges["actor-norland", "actor-sudria"]
    assert (norland.get("start"), norland.get("end"), norland.find(f"{GEXF}spells")) == (
        "2024-03-01",
        "2024-03-02",
        None,
    )
    assert len(edges) == len({(c.source, c.target) for c in graph.claims.values() if c.target is not None})


def test_gexf_has_a_spell_for_each_run_of_days() -> None:
    day = Period.parse
    runs = [day("2024-03-05"), day("2024-03-01"), day("2024-03-02"), day("2024-02"), day("2024-03-05/2024-03-07")]
    assert list(_runs(runs)) == [("2024-02-01", "2024-03-02"), ("2024-03-05", "2024-03-07")]
    assert list(_runs([Period(None, day("1990").end), Period(day("1992").start, None), day("2001")])) == [
        (None, "1990-12-31"),
        ("1992-01-01", None),
    ]
    assert list(_runs([])) == []


def statements(graph: ConflictGraph, claims: list[str] | None = None) -> dict[str, dict[str, str]]:
    out = io.BytesIO()
    to_dna(graph, out, claims)
    rows = csv.DictReader(io.StringIO(out.getvalue().decode(), newline=""), delimiter=";")
    assert tuple(rows.fieldnames or ())[:13] == (*DNA_COLUMNS, *DNA_VARIABLES)
    return {row["statement ID"]: row for row in rows}


def test_the_dna_table_has_a_statement_a_claim(world: Any, graph: ConflictGraph) -> None:
    found = statements(graph)
    assert set(found) == set(graph.claims)
    accused, denied = (found[world.ids[name]] for name in ("accused", "denied"))
    assert accused["concept"] == denied["concept"] == "Sudria is responsible for shelling, Kesh, 2024-03-01 (alleged)"
    assert (accused["agreement"], denied["agreement"]) == ("1", "0")
    assert (denied["person"], denied["organization"]) == ("General Ilin", "Sudrian Army")
    assert (accused["person"], accused["organization"]) == ("", "Norland")
    assert (accused["time"], accused["source"]) == ("2024-03-01 00:00:00", "The Courier")
    assert denied["text"] == "denied that it had shelled the market"
    assert found[world.ids["lying"]]["time"] == ""
    assert found[world.ids["spying"]]["concept"] == found[world.ids["not spying"]]["concept"]
    assert found[world.ids["somebody"]]["concept"].startswith("Somebody not named is responsible for sabotage")
    assert found[world.ids["vowed"]]["concept"].startswith("Retaliation against Sudria over shelling, Kesh")


def test_acts_of_which_nothing_is_known_are_never_one_concept(world: Any, graph: ConflictGraph) -> None:
    found = statements(graph)
    alone = [found[world.ids[name]]["concept"] for name in ("everything", "lying", "spying", "expelled")]
    assert len(set(alone)) == len(alone)


def test_tables_of_chosen_claims(world: Any, graph: ConflictGraph) -> None:
    assert set(statements(graph, [world.ids["denied"]])) == {world.ids["denied"]}


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
