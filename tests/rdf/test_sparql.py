"""Questions that the ontology was made for get the right answers; those that would harm get none, in bounded time."""

from __future__ import annotations

import csv
import http.server
import io
import json
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rdflib
from pyoxigraph import QueryResultsFormat, QuerySolutions, Store, parse_query_results

from app.graph import ConflictGraph
from app.graph.fold import Fold
from app.rdf.answers import Answer
from app.rdf.dataset import quads
from app.rdf.serialise import FORMATS
from app.rdf.shapes import as_rdflib
from app.rdf.sparql import Dataset, Graphs, query
from app.rdf.terms import BASE_IRI, PLM, prefixes
from app.rdf.worker import answer
from app.vocabulary.errors import BadQuery, PolemosError
from app.vocabulary.terms import ClaimType

if TYPE_CHECKING:
    from tests.rdf.conftest import Dispute, Story

WHO_ACCUSES = """
SELECT ?by ?accused ?denier WHERE {
  ?c a plm:Accusation ; plm:onBehalfOf ?by ; plm:target ?accused ; plm:about ?inc .
  OPTIONAL { ?d a plm:Denial ; plm:respondsTo ?c ; plm:denialKind plm:PerpetrationDenial ; plm:onBehalfOf ?denier }
}
"""
ATTRIBUTION = """
SELECT ?agent (SUM(IF(?type = plm:Accusation, 1, 0)) AS ?for) (SUM(IF(?type = plm:Denial, 1, 0)) AS ?against)
    (SUM(IF(?type = plm:Acknowledgement, 1, 0)) AS ?own) WHERE {
  ?c plm:content ?p ; a ?type . FILTER(?type IN (plm:Accusation, plm:Denial, plm:Acknowledgement))
  ?p plm:incident incident:%s ; plm:agent ?agent
} GROUP BY ?agent
"""
ROLLED_UP = """
SELECT DISTINCT ?whole WHERE {
  ?c a plm:Accusation ; plm:targetAsNamed/plm:partOfActor* ?whole .
  FILTER NOT EXISTS { ?whole plm:partOfActor ?higher }
}
"""
THREAD = "SELECT ?reply ?type WHERE { ?reply plm:respondsTo+ claim:%s ; a ?type . FILTER(?type != plm:Claim) }"
THREATENED = """
SELECT ?by ?to ?m WHERE {
  ?c a plm:Retaliation ; plm:onBehalfOf ?by ; plm:target ?to ; plm:modality ?m . FILTER(?m != plm:CarriedOut)
}
"""
SLOW = "SELECT (SUM(STRLEN(STR(?c)) * STRLEN(STR(?f))) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
FIREWALL = "ASK { ?a plm:perpetrated ?i }"


# rdflib's own parsers still use what rdflib itself has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")


@pytest.fixture(scope="module")
def dataset() -> Iterator[Dataset]:
    with Dataset() as found:
        yield found


def short(row: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple((cell or "–").removeprefix(BASE_IRI).removeprefix(PLM).removeprefix("actor/actor-") for cell in row)


def asked(dataset: Dataset, graph: ConflictGraph, text: str) -> set[tuple[str, ...]]:
    """The rows, which rdflib must agree on."""
    ours = dataset.query(graph, text)
    assert not ours.truncated
    theirs = as_rdflib(quads(graph)).query(text, initNs=prefixes())
    cells = {short(tuple(str(cell) if cell is not None else None for cell in row)) for row in theirs}  # type: ignore[union-attr]
    rows = {short(row) for row in ours.rows()}
    assert rows == cells
    return rows


def test_who_accuses_whom_and_who_denied_it(dataset: Dataset, graph: ConflictGraph) -> None:
    assert asked(dataset, graph, WHO_ACCUSES) == {
        ("ardania", "beloria", "belorian-army"),
        ("ardania", "beloria", "–"),
        ("belorian-army", "free-coast-brigade", "–"),
        ("beloria", "free-coast-brigade", "–"),
    }


def test_the_contested_attribution_of_an_incident(dataset: Dataset, graph: ConflictGraph, dispute: Dispute) -> None:
    assert asked(dataset, graph, ATTRIBUTION % dispute.ids["shelling"]) == {
        ("beloria", "2", "1", "0"),
        ("free-coast-brigade", "1", "0", "0"),
    }
    assert asked(dataset, graph, ATTRIBUTION % dispute.ids["bombing"]) == {
        ("free-coast-brigade", "1", "0", "1"),
        ("belorian-army", "0", "0", "1"),
        ("ardania", "0", "1", "0"),
    }


def test_affirmations_roll_up(dataset: Dataset, graph: ConflictGraph) -> None:
    assert asked(dataset, graph, ROLLED_UP) == {("beloria",)}


def test_the_thread_of_an_accusation(dataset: Dataset, graph: ConflictGraph, dispute: Dispute) -> None:
    assert asked(dataset, graph, THREAD % dispute.ids["accused"]) == {
        (f"claim/{dispute.ids['denied']}", "Denial"),
        (f"claim/{dispute.ids['deflected']}", "Accusation"),
        (f"claim/{dispute.ids['accident']}", "Denial"),
    }


def test_what_is_threatened_and_not_done(dataset: Dataset, graph: ConflictGraph) -> None:
    assert asked(dataset, graph, THREATENED) == {
        ("ardania", "beloria", "Threatened"),
        ("ardania", "beloria", "CalledFor"),
        ("ardania", "free-coast-brigade", "Threatened"),
    }


def test_nobody_is_said_to_have_done_it(dataset: Dataset, graph: ConflictGraph) -> None:
    found = dataset.query(graph, FIREWALL)
    assert (found.form, found.boolean, found.revision) == ("boolean", False, graph.revision)
    assert dataset.query(graph, "ASK { ?c a plm:Claim }").boolean


def test_offsets_and_dates_can_be_reckoned_with(dataset: Dataset, graph: ConflictGraph) -> None:
    text = """SELECT ?q WHERE { ?c plm:evidence/oa:hasTarget/oa:hasSelector ?p , ?s . ?p oa:start ?a ; oa:end ?b .
        ?s oa:exact ?q . FILTER(?b - ?a = STRLEN(?q)) }"""
    assert len(dataset.query(graph, text).rows()) == len(graph.claims) + len(graph.acknowledgements)
    early = 'SELECT ?c { ?c plm:saidOn ?d FILTER(DATATYPE(?d) = xsd:date && ?d < "2026-01-01"^^xsd:date) }'
    assert len(dataset.query(graph, early).rows()) == 1


def test_results_are_written_in_every_format(dataset: Dataset, graph: ConflictGraph) -> None:
    found = dataset.query(graph, "SELECT ?q ?none ?n { ?s oa:exact ?q BIND(STRLEN(?q) AS ?n) } ORDER BY ?n")
    rows = found.rows()
    assert found.variables == ("q", "none", "n")
    assert all(row[1] is None for row in rows)
    assert list(found.formats) == ["json", "xml", "csv", "tsv"]
    parsed = json.loads(found.encode("json"))["results"]["bindings"]
    assert [row["q"]["value"] for row in parsed] == [row[0] for row in rows]
    xml = rdflib.query.Result.parse(io.BytesIO(found.encode("xml")), format="xml")
    assert [str(row[rdflib.Variable("n")]) for row in xml.bindings] == [row[2] for row in rows]
    tsv = parse_query_results(found.encode("tsv"), QueryResultsFormat.TSV)
    assert isinstance(tsv, QuerySolutions)
    assert [row["q"].value for row in tsv] == [row[0] for row in rows]
    table = list(csv.reader(io.StringIO(found.encode("csv").decode(), newline="")))
    assert table[0] == ["q", "none", "n"]
    assert [row[0] for row in table[1:]] == [row[0] for row in rows]
    with pytest.raises(BadQuery, match="choose one of json, xml, csv, tsv"):
        found.encode("turtle")


def test_a_yes_or_no_is_written_in_json_and_xml(dataset: Dataset, graph: ConflictGraph) -> None:
    found = dataset.query(graph, "ASK {}")
    assert json.loads(found.encode("json")) == {"head": {}, "boolean": True}
    assert b"<boolean>true</boolean>" in found.encode("xml")
    with pytest.raises(BadQuery, match="choose one of json, xml"):
        found.encode("csv")


def test_graphs_are_written_in_every_format(dataset: Dataset, graph: ConflictGraph) -> None:
    text = """CONSTRUCT { ?a plm:accuses ?b . ?s oa:exact ?q }
        WHERE { ?c a plm:Accusation ; plm:onBehalfOf ?a ; plm:target ?b . ?s oa:exact ?q }"""
    found = dataset.query(graph, text)
    sizes = set()
    for name, entry in FORMATS.items():
        assert found.formats[name] == entry.media_type
        back = rdflib.Dataset(default_union=True) if name in ("nquads", "trig") else rdflib.Graph()
        back.parse(data=found.encode(name), format=entry.rdflib)
        sizes.add(len(list(back.triples((None, None, None)))))
    assert sizes == {found.data.count(b"\n")}
    assert found.boolean
    assert found.encode("turtle") == found.encode("turtle")


def test_a_thing_is_described(dataset: Dataset, graph: ConflictGraph) -> None:
    found = dataset.query(graph, "DESCRIBE actor:actor-ardania")
    assert b'"Republic of Ardania"' in found.data


def test_triple_terms_of_a_query_are_not_forced_into_old_formats(dataset: Dataset, graph: ConflictGraph) -> None:
    found = dataset.query(graph, "CONSTRUCT { [] rdf:reifies <<( ?a ?p ?b )>> } { ?a ?p ?b } LIMIT 1")
    assert b"<<(" in found.encode("turtle")
    with pytest.raises(BadQuery, match="choose ntriples"):
        found.encode("jsonld")


@pytest.mark.parametrize("text", ["SELECT * { ?s ?p ?o }", "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"])
def test_rows_are_capped_and_it_says_so(dataset: Dataset, graph: ConflictGraph, text: str) -> None:
    found = dataset.query(graph, text, max_rows=5)
    assert found.truncated
    assert 5 in (len(found.rows()), found.data.count(b"\n"))
    few = dataset.query(graph, f"{text} LIMIT 5", max_rows=5)
    assert not few.truncated


def test_a_query_that_takes_too_long_is_ended(dataset: Dataset, graph: ConflictGraph) -> None:
    start = time.monotonic()
    with pytest.raises(BadQuery, match="took too long"):
        dataset.query(graph, SLOW, timeout_s=0.3)
    assert time.monotonic() - start < 5
    assert dataset.query(graph, "ASK {}").boolean


@pytest.mark.skipif(os.name != "posix", reason="address space is limited on Unix only")
def test_a_query_that_wants_too_much_memory_is_ended(graph: ConflictGraph) -> None:
    with Dataset(max_memory=400 << 20, workers=1) as narrow:
        assert narrow.query(graph, "ASK {}").boolean
        with pytest.raises(BadQuery, match="memory"):
            narrow.query(graph, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g", timeout_s=60)
        assert narrow.query(graph, "ASK {}").boolean


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SELECT * { ?s ?p }", "the query failed: error at 1:"),
        ("SELECT * { ?s nope:x ?o }", "the query failed"),
        ("SELECT (<x:f>(1) AS ?x) {}", "custom function"),
        ("", "the query failed"),
        ("SELECT * { SERVICE <x:y> { ?s ?p ?o } }", "SERVICE is refused"),
        ("INSERT DATA { <x:a> <x:b> 1 }", "read-only"),
        ("\\u0053ELECT * { ?s ?p ?o }", "a backslash may stand"),
        ("SELECT " + "(" * 20_000, "the query"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(dataset: Dataset, graph: ConflictGraph, text: str, why: str) -> None:
    with pytest.raises(BadQuery, match=why):
        dataset.query(graph, text)
    assert dataset.query(graph, "ASK {}").boolean


def test_nothing_ever_calls_out(dataset: Dataset, graph: ConflictGraph) -> None:
    calls: list[str] = []

    class Trap(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)

        do_POST = do_GET

    with http.server.HTTPServer(("127.0.0.1", 0), Trap) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        iri = f"<http://127.0.0.1:{server.server_port}/>"
        for text in (
            f"SELECT * {{ SERVICE {iri} {{ ?s ?p ?o }} }}",
            f"SELECT * {{ ?s ?p 1SERVICE{iri}{{}} }}",
            f"SELECT * {{ ?s ?p trueSERVICE SILENT{iri}{{}} }}",
            f"PREFIX : {iri} SELECT * {{ SERVICE:x{{}} }}",
            f"SELECT * FROM {iri} {{ ?s ?p ?o }}",
            f"SELECT * FROM NAMED {iri} {{ GRAPH ?g {{ ?s ?p ?o }} }}",
            f"LOAD {iri}",
        ):
            with pytest.raises(BadQuery):
                dataset.query(graph, text)
        named = Graphs((iri[1:-1],), (iri[1:-1],))
        found = dataset.query(graph, "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }", graphs=named)
        assert (found.rows(), found.unknown_graphs) == ([], (iri[1:-1],))
        server.shutdown()
    assert calls == []


def test_the_data_set_of_the_request_goes_before_that_of_the_query(dataset: Dataset, graph: ConflictGraph) -> None:
    """SPARQL 1.1 Protocol, 2.1.4: it "must execute the query using the RDF Dataset given in the protocol request"."""
    text = "ASK FROM <http://h.example/other> { ?c a plm:Claim }"
    for name in (dataset.graph_name, f"{dataset.graph_name}-{graph.revision}"):
        found = dataset.query(graph, text, graphs=Graphs((name,)))
        assert (found.boolean, found.unknown_graphs) == (True, ())
        assert dataset.query(graph, f"PREFIX d: <{BASE_IRI}dataset/> ASK FROM d:claims {{ ?c a plm:Claim }}").boolean
    with pytest.raises(BadQuery, match="there is no graph <http://h"):
        dataset.query(graph, text)
    older = dataset.query(graph, "ASK { ?c a plm:Claim }", graphs=Graphs((f"{dataset.graph_name}-1",)))
    assert (older.boolean, older.unknown_graphs) == (False, (f"{dataset.graph_name}-1",))
    with pytest.raises(BadQuery, match="no IRI"):
        dataset.query(graph, text, graphs=Graphs(("nope",)))


def test_relative_iris_are_of_where_things_are_named(dataset: Dataset, graph: ConflictGraph) -> None:
    """SPARQL 1.1 Protocol, 4.1: a service "must define its own base IRI"."""
    assert dataset.query(graph, "ASK { <actor/actor-ardania> a plm:State }").boolean
    assert not dataset.query(graph, "BASE <http://h.example/> ASK { <actor/actor-ardania> a plm:State }").boolean


def test_a_newer_revision_is_seen_and_the_older_copy_goes(story: type[Story], tmp_path: Path) -> None:
    fold = Fold()
    one, two = story("one", ["Ardania accused Beloria."]), story("two", ["Beloria accused Ardania."])
    one.claim(ClaimType.ACCUSES, "Ardania accused Beloria.", "Ardania", "Beloria")
    two.claim(ClaimType.ACCUSES, "Beloria accused Ardania.", "Beloria", "Ardania")
    count = "SELECT (COUNT(?c) AS ?n) { ?c a plm:Claim }"
    with Dataset(folder=tmp_path) as dataset:
        graph = fold.feed((number + 1, entry) for number, entry in enumerate(one.entries()))
        assert dataset.query(graph, count).rows() == [("1",)]
        first = set(tmp_path.iterdir())
        assert len(first) == 2, "the store and its copy"
        graph = fold.feed((number + 3, entry) for number, entry in enumerate(two.entries()))
        found = dataset.query(graph, count)
        assert (found.rows(), found.revision) == ([("2",)], 4)
        second = set(tmp_path.iterdir())
        assert len(second) == 2
        assert len(first & second) == 1, "the store stays, its copy is another"
    assert list(tmp_path.iterdir()) == []


def test_many_may_ask_at_once(graph: ConflictGraph, tmp_path: Path) -> None:
    with Dataset(folder=tmp_path, workers=2) as dataset, ThreadPoolExecutor(8) as threads:
        texts = [f"SELECT * {{ ?s ?p ?o }} ORDER BY ?s ?p ?o LIMIT {n}" for n in range(1, 25)]
        found = list(threads.map(lambda text: len(dataset.query(graph, text, timeout_s=60).rows()), texts))
        assert found == list(range(1, 25))
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_full_house_does_not_wait_for_ever(graph: ConflictGraph) -> None:
    with Dataset(workers=1) as dataset, ThreadPoolExecutor(1) as threads:
        dataset.query(graph, "ASK {}")
        first = threads.submit(dataset.query, graph, SLOW, timeout_s=2)
        time.sleep(0.5)
        with pytest.raises(BadQuery, match="kept this one waiting"):
            dataset.query(graph, "ASK {}", timeout_s=0.2)
        with pytest.raises(BadQuery, match="took too long"):
            first.result()


def test_a_single_question(graph: ConflictGraph) -> None:
    base = "https://h.example/id/"
    found: Answer = query(graph, "SELECT ?a { ?a a plm:State } ORDER BY ?a", base_iri=base)
    assert found.rows() == [
        (f"{base}actor/actor-ardania",),
        (f"{base}actor/actor-beloria",),
        (f"{base}actor/actor-old-cerinia",),
    ]
    assert query(graph, "ASK { actor:actor-ardania a plm:State }", base_iri=base).boolean


def test_a_process_that_cannot_start_is_no_fault_of_the_query(
    graph: ConflictGraph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "worker.py"
    broken.write_text("raise SystemExit(1)")
    monkeypatch.setattr("app.rdf.processes._WORKER", broken)
    with pytest.raises(PolemosError, match="could not start") as caught:
        query(graph, "ASK {}")
    assert not isinstance(caught.value, BadQuery)


def test_the_worker_writes_every_kind_of_term() -> None:
    store = Store()
    text = 'SELECT * { VALUES ?a { "x" "y"@en 1 <x:y> } BIND(BNODE() AS ?b) BIND(<<( <x:s> <x:p> ?a )>> AS ?t) }'
    head, body = answer(store, {"query": text, "prefixes": {}, "base_iri": "x:", "max_rows": 9, "timeout_s": 1})
    rows: list[dict[str, Any]] = json.loads(body)["results"]["bindings"]
    assert head["form"] == "solutions"
    assert [row["a"].get("xml:lang", row["a"]["type"]) for row in rows] == ["literal", "en", "literal", "uri"]
    assert rows[2]["a"]["datatype"].endswith("#integer")
    assert {row["b"]["type"] for row in rows} == {"bnode"}
    assert rows[0]["t"]["value"]["subject"] == {"type": "uri", "value": "x:s"}
