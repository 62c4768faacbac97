from __future__ import annotations

import csv
import io
from typing import Any

import pytest

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
        ("*/*", "application/sparql-results+json"),
        ("image/png", "application/sparql-results+json"),
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
        ("query=ASK%7B%7D&default-graph-uri=http%3A%2F%2Fx%2F", FORM, 400),
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


def test_without_a_query_get_is_refused_too(client: Any) -> None:
    assert client.get("/sparql").status_code == 400
