from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import networkx as nx
import pyoxigraph
import pytest

from app.cli.giving import ExportFormat, ExportProfile, ExportTable, ExportView
from app.graph import VIEWS, ConflictGraph
from app.pictures import TABLES

if TYPE_CHECKING:
    from tests.cli.conftest import Run

RDF = {
    "turtle": pyoxigraph.RdfFormat.TURTLE,
    "ntriples": pyoxigraph.RdfFormat.N_TRIPLES,
    "nquads": pyoxigraph.RdfFormat.N_QUADS,
    "trig": pyoxigraph.RdfFormat.TRIG,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
    "rdfxml": pyoxigraph.RdfFormat.RDF_XML,
}
CLAIM = "<https://w3id.org/polemos/ns#Claim>"


def rdf_claims(name: str) -> Callable[[bytes], int]:
    def count(raw: bytes) -> int:
        return sum(str(quad.object) == CLAIM for quad in pyoxigraph.parse(raw, RDF[name]))

    return count


def graphml_claims(raw: bytes) -> int:
    return edge_claims(nx.parse_graphml(raw.decode(), force_multigraph=True))


def gexf_claims(raw: bytes) -> int:
    return edge_claims(nx.read_gexf(io.BytesIO(raw)))


def edge_claims(graph: nx.Graph) -> int:
    found: set[str] = set()
    for _, _, edge in graph.edges(data=True):
        found.update(str(edge.get("claims", "")).split())
    return len(found)


def csv_claims(raw: bytes) -> int:
    rows = list(csv.DictReader(io.StringIO(raw.decode(), newline="")))
    assert all(row["quote"] for row in rows)
    return len({row["id"] for row in rows})


def cytoscape_claims(raw: bytes) -> int:
    found: set[str] = set()
    for edge in json.loads(raw)["elements"]["edges"]:
        found.update(edge["data"].get("claims", "").split())
    return len(found)


READERS: dict[str, Callable[[bytes], int]] = {
    **{name: rdf_claims(name) for name in RDF},
    "graphml": graphml_claims,
    "gexf": gexf_claims,
    "csv": csv_claims,
    "cytoscape": cytoscape_claims,
}


def held(graph: ConflictGraph, format_: str) -> int:
    """How many claims a format can hold: one that names neither target nor incident has no edge to stand on."""
    every = format_ in RDF or format_ == "csv"
    return len([claim for claim in graph.claims.values() if every or claim.head is not None])


def test_every_format_is_tested() -> None:
    assert set(READERS) == {str(one) for one in ExportFormat}


@pytest.mark.parametrize("format_", list(ExportFormat))
def test_an_export_parses_back_and_holds_every_claim(
    filled: Run, tmp_path: Path, graph: ConflictGraph, format_: ExportFormat
) -> None:
    target = tmp_path / "graph.out"
    to_file = filled("export", "--format", format_, "-o", target)
    assert to_file.status == 0
    assert to_file.out == ""
    assert READERS[format_](target.read_bytes()) == held(graph, format_)
    assert list(tmp_path.glob("*.part")) == []
    to_stdout = filled("export", "--format", format_)
    assert to_stdout.status == 0
    assert READERS[format_](to_stdout.out.encode()) == held(graph, format_)


def test_views_and_tables_are_those_of_the_rooms_that_make_them() -> None:
    assert [one.value for one in ExportView] == list(VIEWS)
    assert [one.value for one in ExportTable] == list(TABLES)


@pytest.mark.parametrize("view", list(ExportView))
def test_every_view_is_written_in_every_format(filled: Run, graph: ConflictGraph, view: ExportView) -> None:
    wanted = graph.to_networkx(view.value)
    for format_, read in (
        ("graphml", nx.parse_graphml),
        ("gexf", lambda text: nx.read_gexf(io.BytesIO(text.encode()))),
    ):
        back = read(filled("export", "--format", format_, "--view", view).out)
        assert (back.number_of_nodes(), back.number_of_edges()) == (len(wanted), wanted.number_of_edges())
    for table, size in (("nodes", len(wanted)), ("edges", wanted.number_of_edges())):
        written = filled("export", "--format", "csv", "--table", table, "--view", view).out
        assert len(list(csv.DictReader(io.StringIO(written, newline="")))) == size


def test_an_export_takes_the_filters_of_the_questions(filled: Run) -> None:
    words = ["--source", "Moldova", "--target", "Russia", "--since", "2023-11", "--until", "2023-12"]
    asked = filled("accusations", *words, "--json").json
    assert asked["total"] > 0
    wanted = {claim["id"] for claim in asked["claims"]}
    for table, column, parted in (("claims", "id", ","), ("dna", "statement ID", ";")):
        written = filled("export", "--format", "csv", "--table", table, "--type", "accuses", *words).out
        assert {row[column] for row in csv.DictReader(io.StringIO(written, newline=""), delimiter=parted)} == wanted
    drawn = filled("export", "--format", "graphml", "--type", "accuses", *words).out
    assert graphml_claims(drawn.encode()) == len(wanted)


def test_an_export_can_be_of_an_older_ledger(filled: Run) -> None:
    assert filled("retract", filled("accusations", "--json").json["claims"][0]["id"], "--reason", "misread").status == 0
    now, before = (
        csv_claims(filled("export", "--format", "csv", *when).out.encode()) for when in ([], ["--as-of", "1"])
    )
    assert (now, before) == (400, 401)
    assert filled("export", "--format", "ntriples", "--as-of", "1").err.endswith(" triples of revision 1\n")


@pytest.mark.parametrize("format_", RDF)
def test_an_rdf_export_tells_its_size_and_revision(filled: Run, format_: str) -> None:
    done = filled("export", "--format", format_)
    assert done.err.endswith(" triples of revision 1\n")


@pytest.mark.parametrize("profile", list(ExportProfile))
def test_no_profile_asserts_what_is_alleged(filled: Run, profile: ExportProfile) -> None:
    done = filled("export", "--format", "nquads", "--profile", profile)
    assert done.status == 0
    quads = list(pyoxigraph.parse(done.out.encode(), pyoxigraph.RdfFormat.N_QUADS))
    assert quads
    assert not any("perpetrated" in quad.predicate.value for quad in quads)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--format", "rdfxml", "--profile", "rdf12"], "rdfxml cannot carry the triple terms of profile rdf12"),
        (["--format", "turtle", "--source", "Moldovia"], "no actor is called 'Moldovia'; close to it: Moldova"),
        (["--format", "csv", "--source", "Moldovia"], "no actor is called 'Moldovia'; close to it: Moldova"),
        (["--format", "csv", "--as-of", "soon"], "soon"),
        (["--format", "turtle", "-o", "nowhere/x.ttl"], "nowhere does not exist"),
        (["--format", "csv", "-o", "nowhere/x.csv"], "nowhere does not exist"),
    ],
)
def test_an_export_that_cannot_be_is_told_in_one_line(filled: Run, words: list[str], told: str) -> None:
    refused = filled("export", *words)
    assert refused.status == 2
    assert told in refused.refusal


def test_an_unknown_format_is_a_usage_error(filled: Run) -> None:
    refused = filled("export", "--format", "word")
    assert refused.status == 2
    assert "turtle" in refused.err


def test_draw_writes_svg(filled: Run, tmp_path: Path) -> None:
    done = filled("draw", "--actor", "Moldova", "-o", tmp_path / "moldova.svg")
    assert done.status == 0
    assert done.err.startswith("5 nodes, ")
    root = ElementTree.parse(tmp_path / "moldova.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "Russia" in "".join(root.itertext())


def test_draw_writes_png(filled: Run, tmp_path: Path) -> None:
    assert filled("draw", "--actor", "Moldova", "--hops", "2", "-o", tmp_path / "moldova.png").status == 0
    assert (tmp_path / "moldova.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_draw_writes_html_with_the_quotes(filled: Run, tmp_path: Path, graph: ConflictGraph) -> None:
    busiest = max(graph.incidents, key=lambda one: len(graph.claims_about(one)))
    assert filled("draw", "--incident", busiest, "-o", tmp_path / "one.html").status == 0
    page = (tmp_path / "one.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "<script" not in page
    assert "claims made in articles, not findings" in page


def test_draw_takes_graphviz_where_the_machine_has_it(
    filled: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    without = filled("draw", "--actor", "Moldova", "-o", tmp_path / "without.svg")
    assert "Graphviz" not in without.err
    refused = filled("draw", "--layout", "graphviz", "-o", tmp_path / "none.svg")
    assert refused.status != 0
    assert "not on PATH" in refused.refusal
    assert not (tmp_path / "none.svg").exists()
    program = tmp_path / "dot"
    places = "import re, sys\nfor i, n in enumerate(re.findall('(n[0-9]+) .width', sys.stdin.read())):\n"
    program.write_text(
        f"#!{sys.executable}\n{places}    print('node', n, i * 3, (i % 2) * 3, 1, 1)\n", encoding="utf-8"
    )
    program.chmod(0o755)
    found = filled("draw", "--actor", "Moldova", "-o", tmp_path / "found.svg")
    assert "placed by Graphviz" in found.err
    assert (tmp_path / "found.svg").read_bytes() != (tmp_path / "without.svg").read_bytes()
    own = filled("draw", "--actor", "Moldova", "--layout", "built-in", "-o", tmp_path / "own.svg")
    assert "Graphviz" not in own.err
    assert (tmp_path / "own.svg").read_bytes() == (tmp_path / "without.svg").read_bytes()


def test_draw_and_sparql_of_the_ledger_as_it_was_and_by_a_clock(filled: Run, tmp_path: Path) -> None:
    nothing = filled("draw", "--as-of", "0", "-o", tmp_path / "none.svg")
    assert nothing.err.startswith("0 nodes, 0 edges")
    happened = filled("draw", "--until", "2023-01-12", "--clock", "happened", "-o", tmp_path / "happened.svg")
    said = filled("draw", "--until", "2023-01-12", "-o", tmp_path / "said.svg")
    assert happened.status == said.status == 0
    assert happened.err != said.err
    count = "SELECT (COUNT(*) AS ?n) WHERE { ?c a <https://w3id.org/polemos/ns#Accusation> }"
    assert filled("sparql", count, "--as-of", "0").out.split() == ["n", "0"]
    assert filled("sparql", count).out.split() != ["n", "0"]


def test_draw_tells_what_it_left_out(filled: Run, tmp_path: Path) -> None:
    done = filled("draw", "--limit", "10", "-o", tmp_path / "all.svg")
    assert "10 edges, " in done.err
    assert "weaker ones left out" in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-o", "picture.gif"], "picture.gif must end in .svg, .png or .html"),
        (["-o", "nowhere/picture.svg"], "nowhere does not exist"),
        (["--actor", "Moldovia", "-o", "picture.svg"], "no actor is called 'Moldovia'; close to it: Moldova"),
        (["--incident", "inc-0", "-o", "picture.svg"], "no incident has the id 'inc-0'"),
    ],
)
def test_a_picture_that_cannot_be_is_told_in_one_line(filled: Run, words: list[str], told: str) -> None:
    refused = filled("draw", *words)
    assert refused.status == 2
    assert told in refused.refusal


def test_a_file_that_cannot_be_written_is_told_in_one_line(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "taken.svg").mkdir()
    refused = filled("draw", "--actor", "Moldova", "-o", tmp_path / "taken.svg")
    assert refused.status == 2
    assert "taken.svg" in refused.refusal


@pytest.mark.processes
def test_sparql_answers_in_the_form_that_suits_the_question(filled: Run, graph: ConflictGraph) -> None:
    counted = filled("sparql", "SELECT (COUNT(?c) AS ?n) { ?c a plm:Claim }")
    assert counted.out.split() == ["n", str(len(graph.claims))]
    assert filled("sparql", "ASK { ?a plm:perpetrated ?b }").json["boolean"] is False
    described = filled("sparql", "-", stdin="DESCRIBE actor:actor-moldova").out
    assert "Moldova" in described
    assert list(pyoxigraph.parse(described.encode(), pyoxigraph.RdfFormat.TURTLE))
    rows = filled("sparql", "SELECT ?l { actor:actor-moldova rdfs:label ?l }", "--format", "json").json
    assert rows["results"]["bindings"] == [{"l": {"type": "literal", "value": "Moldova"}}]


@pytest.mark.processes
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["SELECT"], "the query failed: "),
        (["INSERT DATA { <a:a> <b:b> <c:c> }"], "INSERT is refused"),
        (["SELECT * { SERVICE <http://a.example/> { ?s ?p ?o } }"], "SERVICE"),
        (["ASK { }", "--format", "csv"], "'csv' cannot carry this answer; choose one of json, xml"),
    ],
)
def test_a_query_that_cannot_be_asked_is_told_in_one_line(filled: Run, words: list[str], told: str) -> None:
    refused = filled("sparql", *words)
    assert refused.status == 2
    assert told in refused.refusal


def test_the_samples_conform_to_the_shapes(filled: Run, tmp_path: Path) -> None:
    assert "conform to the shapes" in filled("validate").out
    filled("export", "--format", "turtle", "-o", tmp_path / "graph.ttl")
    assert filled("validate", tmp_path / "graph.ttl", "--json").json == {"conforms": True, "violations": []}


def test_an_asserted_allegation_does_not_conform(polemos: Run, tmp_path: Path) -> None:
    planted = tmp_path / "planted.nt"
    base = "https://w3id.org/polemos"
    planted.write_text(f"<{base}/id/actor/a> <{base}/ns#perpetrated> <{base}/id/incident/i> .\n", encoding="utf-8")
    refused = polemos("validate", planted)
    assert refused.status == 1
    assert "No data set may assert who did an incident" in refused.out
    as_json = polemos("validate", planted, "--json")
    assert as_json.status == 1
    assert json.loads(as_json.out)["conforms"] is False


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.docx", "", "is no RDF file by its name"),
        ("x.ttl", "no turtle", "is not text/turtle"),
        ("y.ttl", None, "y.ttl"),
    ],
)
def test_a_file_that_is_no_rdf_is_told_in_one_line(
    polemos: Run, tmp_path: Path, name: str, content: str | None, told: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    refused = polemos("validate", tmp_path / name)
    assert refused.status == 2
    assert told in refused.refusal


def test_log_counts_what_the_ledger_holds(filled: Run, ledger_file: Path) -> None:
    told = filled("log", "--json").json
    assert told.pop("appended_at").endswith("+00:00")
    assert told.pop("decisions") > 300
    assert (told.pop("log"), told.pop("orphaned"), told.pop("total"), told.pop("filters")) == ([], [], 0, {})
    assert told == {
        "ledger": f"sqlite:///{ledger_file}",
        "revision": 1,
        "articles": 40,
        "readings": 40,
        "claims": 401,
        "refusals": {"duplicate": 5},
    }
    table = filled("log")
    assert table.status == 0
    assert "5 duplicate" in table.out
