from __future__ import annotations

import csv
import io
import threading
import time
from typing import Any

import pytest
import rdflib

from app.ledger import Batch
from app.rdf.sparql import Dataset
from app.rdf.store import GrowingStore
from app.vocabulary.records import Decision
from app.vocabulary.terms import DecisionKind

# rdflib's own parsers still use what rdflib itself has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

PREFIX = "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
LABELS = PREFIX + "SELECT ?label WHERE { ?x rdfs:label ?label FILTER(?label = 'Sudria'@en || str(?label) = 'Sudria') }"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY = {"Content-Type": "application/sparql-query"}


def post(client: Any, content: Any, headers: dict[str, str]) -> Any:
    return client.ask("POST", "/sparql", content=content, headers=headers)


def test_the_three_ways_to_ask_give_one_answer(client: Any) -> None:
    from urllib.parse import urlencode

    first = client.get("/sparql", params={"query": LABELS})
    assert first.headers["content-type"] == "application/sparql-results+json"
    assert first.headers["polemos-revision"] == "1"
    labels = {row["label"]["value"] for row in first.json()["results"]["bindings"]}
    assert labels == {"Sudria"}
    assert post(client, urlencode({"query": LABELS}), FORM).json() == first.json()
    assert post(client, LABELS, QUERY).json() == first.json()


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/json", "application/sparql-results+json"),
        ("application/xml", "application/sparql-results+xml"),
        ("*/*", "application/sparql-results+json"),
        ("text/csv;q=0.5, application/sparql-results+xml;q=0.9, */*;q=0.1", "application/sparql-results+xml"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/sparql-results+xml"),
        ("image/png, text/*", "text/csv; charset=utf-8"),
    ],
)
def test_results_in_the_format_asked_for(client: Any, accept: str, kind: str) -> None:
    found = client.get("/sparql", params={"query": LABELS}, headers={"Accept": accept})
    assert found.headers["content-type"] == kind
    assert "Sudria" in found.text


def test_ask_and_construct(client: Any) -> None:
    assert client.get("/sparql", params={"query": "ASK { ?s ?p ?o }"}).json()["boolean"] is True
    graph = client.get(
        "/sparql",
        params={"query": PREFIX + "CONSTRUCT { ?x rdfs:label ?l } WHERE { ?x rdfs:label ?l }"},
        headers={"Accept": "text/turtle"},
    )
    assert graph.headers["content-type"].startswith("text/turtle")
    assert "Norland" in graph.text


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (LABELS, "image/png"),
        (LABELS, "text/turtle"),
        ("ASK {}", "text/csv"),
        ("DESCRIBE <x:y>", "application/sparql-results+json, text/csv;q=0.9"),
    ],
)
def test_what_cannot_be_written_as_asked_is_not_acceptable(client: Any, query: str, accept: str) -> None:
    """SPARQL 1.1 Protocol, 2.1.5: Accept headers are for content negotiation, hence 406 of RFC 9110, 15.5.7."""
    for found in (
        client.get("/sparql", params={"query": query}, headers={"Accept": accept}),
        post(client, query, {**QUERY, "Accept": accept}),
    ):
        assert found.status_code == 406
        assert found.headers["content-type"] == "application/problem+json"
        assert "put one of them into Accept" in found.json()["detail"]


@pytest.mark.parametrize(
    ("accept", "kind", "parser"),
    [
        ("*/*", "text/turtle; charset=utf-8", "turtle"),
        ("application/n-triples", "application/n-triples", "nt"),
        ("application/ld+json", "application/ld+json", "json-ld"),
        ("application/rdf+xml", "application/rdf+xml", "xml"),
        ("application/xml;q=0.9, */*;q=0.1", "application/rdf+xml", "xml"),
    ],
)
def test_graphs_in_the_format_asked_for(client: Any, accept: str, kind: str, parser: str) -> None:
    query = "CONSTRUCT { ?x rdfs:label ?l } WHERE { ?x a plm:Actor ; rdfs:label ?l }"
    found = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert found.headers["content-type"] == kind
    assert found.headers["vary"] == "Accept"
    labels = {str(label) for label in rdflib.Graph().parse(data=found.content, format=parser).objects()}
    assert {"Norland", "Sudria"} <= labels


def test_head_is_get_without_its_body(client: Any) -> None:
    found = client.ask("HEAD", "/sparql", params={"query": LABELS})
    assert (found.status_code, found.headers["content-type"]) == (200, "application/sparql-results+json")


def test_every_claim_is_found_and_new_ones_are(invented: Any, services: Any, client: Any) -> None:
    query = "PREFIX oa: <http://www.w3.org/ns/oa#> SELECT DISTINCT ?q WHERE { ?s oa:exact ?q }"

    def quotes() -> set[str]:
        text = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"}).text
        return {row["q"] for row in csv.DictReader(io.StringIO(text))}

    before = quotes()
    assert "denied that it had shelled the market" in before
    services.ledger.append(invented.many(2).batch)
    assert len(quotes()) > len(before)


@pytest.mark.parametrize(
    "query",
    [
        "INSERT DATA { <a:a> <a:b> <a:c> }",
        "DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://127.0.0.1:1/x>",
        "SELECT * WHERE { SERVICE <http://127.0.0.1:1/x> { ?s ?p ?o } }",
        "SELECT * FROM <http://127.0.0.1:1/x> WHERE { ?s ?p ?o }",
        "SELECT nonsense",
        "",
    ],
)
def test_what_is_no_plain_query_is_refused(client: Any, query: str) -> None:
    for found in (client.get("/sparql", params={"query": query}), post(client, query, QUERY)):
        assert found.status_code == 400
        assert found.headers["content-type"] == "application/problem+json"
        assert set(found.json()) == {"type", "title", "status", "detail", "instance"}


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        ("update=INSERT+DATA+%7B%7D", FORM, 400),
        ("INSERT DATA {}", {"Content-Type": "application/sparql-update"}, 400),
        ("query=ASK%7B%7D&query=ASK%7B%7D", FORM, 400),
        ("query=ASK%7B%7D&default-graph-uri=nope", FORM, 400),
        ("query=ASK%7B%7D&as_of=1", FORM, 400),
        ("query=ASK%7B%7D&using-graph-uri=http%3A%2F%2Fx%2F", FORM, 400),
        ("ASK {}", {}, 415),
        ("ASK {}", {"Content-Type": "application/sparql-query; charset=UTF-16"}, 415),
        ("ASK {}".encode("utf-16"), QUERY, 400),
        ("nothing=1", FORM, 400),
        ("&".join(f"a{i}=1" for i in range(500)), FORM, 400),
        ("ASK {}", {"Content-Type": "text/plain"}, 415),
        (b"\xff\xfe", QUERY, 400),
        ("x" * 1_000_001, QUERY, 413),
    ],
)
def test_what_the_protocol_does_not_know_is_a_problem(client: Any, content: Any, headers: Any, status: int) -> None:
    found = post(client, content, headers)
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "application/problem+json"


def test_a_query_in_the_body_and_one_in_the_address_are_two(client: Any) -> None:
    """SPARQL 1.1 Protocol, 2.1: "exactly one" query string, in 2.1.3 the body."""
    found = client.ask("POST", "/sparql?query=ASK%7B%7D", content="ASK {}", headers=QUERY)
    assert found.status_code == 400
    assert "exactly one query" in found.json()["detail"]


def test_other_methods_are_not_of_the_protocol(client: Any) -> None:
    """SPARQL 1.1 Protocol, 2.1: "either the HTTP GET method or the HTTP POST method"."""
    for method in ("PUT", "DELETE", "PATCH"):
        assert client.ask(method, "/sparql", params={"query": "ASK {}"}).status_code == 405


def test_the_data_set_of_the_request(client: Any) -> None:
    """2.1.4: default-graph-uri and named-graph-uri; a graph that is not here counts as empty, which is said."""
    claims = "ASK { ?c a <https://w3id.org/polemos/ns#Claim> }"
    own = "https://w3id.org/polemos/id/dataset/claims"
    found = client.get("/sparql", params={"query": claims, "default-graph-uri": own})
    assert found.json()["boolean"] is True
    assert "polemos-unknown-graphs" not in found.headers
    strange = {
        "default-graph-uri": "http://h.example/é",
        "named-graph-uri": ["http://h.example/a", "http://h.example/b"],
    }
    found = client.get("/sparql", params={"query": claims, **strange})
    assert found.json()["boolean"] is False
    assert found.headers["polemos-unknown-graphs"] == (
        "<http://h.example/%C3%A9> <http://h.example/a> <http://h.example/b>"
    )
    both = {"query": claims.replace("{", "FROM <http://h.example/c> {", 1), "default-graph-uri": own}
    assert client.get("/sparql", params=both).json()["boolean"] is True


def test_limits_are_told_and_kept(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = {"query": "SELECT * { ?s ?p ?o }"}
    monkeypatch.setattr("app.web.routers.sparql.MOST_ROWS", 3)
    found = client.get("/sparql", params=everything)
    assert len(found.json()["results"]["bindings"]) == 3
    assert (found.headers["polemos-truncated"], found.headers["polemos-row-limit"]) == ("true", "3")
    found = client.get("/sparql", params={"query": everything["query"] + " LIMIT 3"})
    assert found.headers["polemos-truncated"] == "false"
    monkeypatch.setattr("app.web.routers.sparql.QUERY_SECONDS", 0.3)
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?c != ?f && ?i != ?l) }"
    found = client.get("/sparql", params={"query": slow})
    assert (found.status_code, found.headers["content-type"]) == (503, "application/problem+json")
    assert "took too long" in found.json()["detail"]
    # Another process has to start for the next.
    monkeypatch.setattr("app.web.routers.sparql.QUERY_SECONDS", 30.0)
    assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200


def test_memory_is_limited(services: Any, client: Any) -> None:
    services._dataset = Dataset(max_memory=400 << 20)
    hungry = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . } ORDER BY ?a ?d ?g"
    found = client.get("/sparql", params={"query": hungry})
    assert found.status_code == 503
    assert "memory" in found.json()["detail"]


def test_others_are_served_while_many_queries_wait(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.routers.sparql.MOST_AT_ONCE", 3)
    assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200
    asked = [("GET", "/sparql?query=ASK%7B%7D")] * 8
    found = client.together(*asked, ("GET", "/accusations"))
    statuses = [one.status_code for one in found]
    assert set(statuses[:8]) == {200, 503}
    assert statuses.count(200) == 4, "three queries, and the other"
    assert all(one.headers.get("retry-after") == "5" for one in found if one.status_code == 503)
    assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200


# ---- kept current ----


def test_one_store_follows_the_ledger(invented: Any, services: Any, client: Any) -> None:
    count = {"query": "SELECT (COUNT(?c) AS ?n) { ?c a plm:Claim }"}
    first = client.get("/sparql", params=count)
    store = services.dataset._growing.store
    services.ledger.append(invented.many(2).batch)
    second = client.get("/sparql", params=count)
    assert int(second.headers["polemos-revision"]) > int(first.headers["polemos-revision"])
    numbers = [int(found.json()["results"]["bindings"][0]["n"]["value"]) for found in (first, second)]
    assert numbers[1] > numbers[0]
    assert services.dataset._growing.store is store


def test_while_a_store_is_built_the_older_one_answers(
    invented: Any, services: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.routers.sparql.FRESH_SECONDS", 0.2)
    monkeypatch.setattr("app.web.routers.sparql.BUILD_SECONDS", 0.5)
    gate = threading.Event()
    fill = GrowingStore.fill

    def slowly(store: GrowingStore) -> None:
        assert gate.wait(30)
        fill(store)

    monkeypatch.setattr(GrowingStore, "fill", slowly)
    ask = {"query": "ASK { ?c a plm:Claim }"}
    found = client.get("/sparql", params=ask)
    assert (found.status_code, found.headers["content-type"]) == (503, "application/problem+json")
    assert found.headers["retry-after"] == "10"
    gate.set()
    monkeypatch.setattr("app.web.routers.sparql.BUILD_SECONDS", 30)
    found = client.get("/sparql", params=ask)
    assert (found.json()["boolean"], found.headers["polemos-revision"]) == (True, "1")
    gate.clear()
    # A ledger that says otherwise of what is known makes another graph, and so another store.
    batch = invented.many(2).batch
    claim = next(c for r in invented.invented().batch.readings for c in r.claims)
    retracted = Decision(DecisionKind.RETRACT, claim.id, "anna", at="2026-04-01T00:00:00Z")
    services.ledger.append(Batch(batch.articles, batch.readings, decisions=[retracted]))
    found = client.get("/sparql", params=ask)
    assert (found.json()["boolean"], found.headers["polemos-revision"]) == (True, "1")
    gate.set()
    deadline = time.monotonic() + 20
    while client.get("/sparql", params=ask).headers["polemos-revision"] == "1":
        assert time.monotonic() < deadline


# ---- the service description ----


@pytest.mark.parametrize("accept", ["*/*", "text/turtle", "application/rdf+xml", "application/ld+json"])
def test_without_a_query_the_service_describes_itself(services: Any, client: Any, accept: str) -> None:
    """SPARQL 1.1 Service Description, 2: a GET of the endpoint without parameters gives an RDF description of it."""
    found = client.get("/sparql", headers={"Accept": accept})
    media = found.headers["content-type"].split(";")[0]
    graph = rdflib.Graph().parse(data=found.content, format=media)
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    (service,) = graph.subjects(rdflib.RDF.type, sd.Service)
    # 3.2.1: "Relates an instance of sd:Service to a SPARQL endpoint"; its client must find where it has asked.
    assert graph.value(service, sd.endpoint) == rdflib.URIRef("http://polemos.test/sparql")
    assert set(graph.objects(service, sd.supportedLanguage)) == {sd.SPARQL11Query}
    formats = {str(one).rpartition("/")[2] for one in graph.objects(service, sd.resultFormat)}
    assert {"SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"} < formats
    assert {"Turtle", "N-Triples", "JSON-LD", "RDF_XML"} < formats
    default = graph.value(graph.value(service, sd.defaultDataset), sd.defaultGraph)
    count = client.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"})
    (row,) = count.json()["results"]["bindings"]
    void = rdflib.Namespace("http://rdfs.org/ns/void#")
    assert int(str(graph.value(default, void.triples))) == int(row["n"]["value"])
    assert not list(graph.objects(service, sd.feature))
    known = {str(sd) + name for name in ("Service", "Dataset", "Graph")}
    kinds = {str(kind) for kind in graph.objects(None, rdflib.RDF.type)}
    assert known <= kinds


def test_a_description_nobody_can_read_is_not_acceptable(client: Any) -> None:
    assert client.get("/sparql", headers={"Accept": "text/csv"}).status_code == 406


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_a_browser_gets_the_editor(services: Any, client: Any) -> None:
    assert client.get("/sparql", headers={"Accept": BROWSER}).status_code == 501
    (services.page / "sparql.html").write_text("<!doctype html><title>SPARQL</title>", encoding="utf-8")
    for parameters in ({}, {"query": "ASK {}"}):
        found = client.get("/sparql", params=parameters, headers={"Accept": BROWSER})
        assert found.headers["content-type"] == "text/html; charset=utf-8"
        assert found.headers["vary"] == "Accept"
    assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True
