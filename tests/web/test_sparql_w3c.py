"""The W3C's SPARQL 1.1 Protocol and Service Description suites, over HTTP against a running service.

They lie beside a checkout, not in it; `tests/web/test_sparql.py` holds the same clauses by tests of our own. Cases of
updates are run too: a service without the update operation refuses them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import rdflib
import uvicorn
from pyoxigraph import NamedNode, RdfFormat
from rdflib.collection import Collection

from app.rdf.store import GrowingStore
from app.web import Services, create_app

ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT.parent / "shared" / "bench" / "w3c-sparql11" / "sparql" / "sparql11"
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
UT = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")

BOOLEAN = {"application/sparql-results+json", "application/sparql-results+xml"}
TABULAR = {*BOOLEAN, "text/csv", "text/tab-separated-values"}
RDF = {"text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"}
KINDS = {"boolean": BOOLEAN, "tabular": TABULAR, "RDF": RDF}

pytestmark = [
    pytest.mark.skipif(not SUITE.is_dir(), reason="the W3C's suites are not beside this checkout"),
    # rdflib's own parsers still use what rdflib itself has deprecated.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib"),
]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    boolean: bool | None
    kind: str | None
    statuses: tuple[str, ...]

    def ask(self, client: httpx.Client) -> httpx.Response:
        # "must replace this value with whatever path prefix is appropriate for the endpoint"
        path = self.path.replace("/sparql/", "/sparql", 1)
        return client.request(self.method, path, headers=self.headers, content=self.body)

    @property
    def is_update(self) -> bool:
        body = (self.body or b"").decode("latin-1")
        return "update" in self.path + body[:7] or "sparql-update" in self.headers.get("content-type", "")

    def is_met_by(self, found: httpx.Response) -> bool:
        """Status, format and truth are what the manifest says."""
        media = found.headers.get("content-type", "").split(";")[0]
        return (
            f"{found.status_code // 100}xx" in self.statuses
            and (self.kind is None or media in KINDS[self.kind])
            and (self.boolean is None or found.json()["boolean"] is self.boolean)
        )


@dataclass(frozen=True)
class Case:
    name: str
    requests: tuple[Request, ...]
    data: dict[str, Path]

    @property
    def is_update(self) -> bool:
        return "update" in self.name


def cases() -> list[Case]:
    manifest = SUITE / "protocol" / "manifest.ttl"
    if not manifest.is_file():
        return []
    graph = rdflib.Graph().parse(manifest, format="turtle", publicID=manifest.as_uri())
    (entries,) = graph.objects(None, MF.entries)
    return [_case(graph, node) for node in Collection(graph, entries)]


def _case(graph: rdflib.Graph, node: Any) -> Case:
    action = graph.value(node, MF.action)
    listed = graph.value(action, HT.requests)
    data = {
        str(graph.value(given, rdflib.RDFS.label)): SUITE
        / "protocol"
        / str(graph.value(given, UT.graph)).split("/")[-1]
        for given in graph.objects(node, UT.graphData)
    }
    requests = tuple(_request(graph, one) for one in Collection(graph, listed))
    return Case(str(node).split("#")[-1], requests, data)


def _request(graph: rdflib.Graph, node: Any) -> Request:
    headers = graph.value(node, HT.headers)
    body = graph.value(node, HT.body)
    answer = graph.value(node, HT.resp)
    text = graph.value(body, CNT.chars) if body is not None else None
    boolean = graph.value(answer, MF.expectedBoolean)
    kind = graph.value(answer, MF.expectedFormat)
    return Request(
        str(graph.value(node, HT.methodName)),
        str(graph.value(node, HT.absolutePath)),
        {
            str(graph.value(one, HT.fieldName)): str(graph.value(one, HT.fieldValue))
            for one in (Collection(graph, headers) if headers is not None else ())
        },
        str(text).encode(str(graph.value(body, CNT.characterEncoding))) if text is not None else None,
        bool(boolean.toPython()) if isinstance(boolean, rdflib.Literal) else None,
        str(kind) if kind is not None else None,
        tuple(str(status)[-3:] for status in graph.objects(answer, MF.expectedStatus)),
    )


CASES = cases()
QUERIES = [case for case in CASES if not case.is_update]
UPDATES = [case for case in CASES if case.is_update]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answering(address: str, is_alive: Any) -> httpx.Client:
    deadline = time.monotonic() + 60
    while True:
        try:
            if httpx.get(f"{address}/health").status_code == 200:
                return httpx.Client(base_url=address, timeout=30)
        except httpx.TransportError:
            pass
        assert is_alive(), "the server died"
        assert time.monotonic() < deadline, "the server did not answer within a minute"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """`polemos serve` as it is started, over a ledger that is still empty."""
    ledger = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    port = _free_port()
    run = [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port", str(port)]
    process = subprocess.Popen(run, cwd=ROOT, env={**os.environ, "POLEMOS_LEDGER": f"sqlite:///{ledger}"})
    try:
        with _answering(f"http://127.0.0.1:{port}", lambda: process.poll() is None) as client:
            yield client
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def with_data(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """The same application behind the same server, where the suite's graphs lie beside our own."""
    fill = GrowingStore.fill

    def filled(store: GrowingStore) -> None:
        fill(store)
        for name, path in {name: path for case in CASES for name, path in case.data.items()}.items():
            store._store.load(path=str(path), format=RdfFormat.N_TRIPLES, to_graph=NamedNode(name))

    monkeypatch.setattr(GrowingStore, "fill", filled)
    port = _free_port()
    config = uvicorn.Config(create_app(lambda: services), host="127.0.0.1", port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    with _answering(f"http://127.0.0.1:{port}", thread.is_alive) as client:
        yield client
    server.should_exit = True
    thread.join(20)


def test_the_whole_suite_is_read() -> None:
    assert (len(QUERIES), len(UPDATES)) == (20, 14)
    assert {name for case in QUERIES for name in case.data} == {
        f"http://kasei.us/2009/09/sparql/data/data{number}.rdf" for number in (1, 2, 3)
    }


def test_every_query_case_over_the_suites_own_data(with_data: httpx.Client) -> None:
    failed = {
        case.name: (found.status_code, found.text[:200])
        for case in QUERIES
        for request in case.requests
        if not request.is_met_by(found := request.ask(with_data))
    }
    assert failed == {}


@pytest.mark.parametrize("case", QUERIES, ids=[case.name for case in QUERIES])
def test_every_query_case_against_the_service_itself(service: httpx.Client, case: Case) -> None:
    """It has none of the suite's graphs: they count as empty, and the answer says so."""
    for request in case.requests:
        found = request.ask(service)
        if not case.data:
            assert request.is_met_by(found), found.text
        else:
            assert (found.status_code, found.json()["boolean"]) == (200, False)
        if found.status_code == 200:
            fields = parse_qs(urlsplit(request.path).query)
            named = [*fields.get("default-graph-uri", []), *fields.get("named-graph-uri", [])]
            assert found.headers.get("polemos-unknown-graphs", "").split() == [f"<{name}>" for name in named]
        else:
            assert found.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("case", UPDATES, ids=[case.name for case in UPDATES])
def test_every_update_case_is_refused(service: httpx.Client, case: Case) -> None:
    count = {"query": "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"}
    before = service.get("/sparql", params=count).json()
    for request in case.requests:
        if request.is_update or case.name.startswith("bad_"):
            found = request.ask(service)
            assert 400 <= found.status_code < 500
            assert found.headers["content-type"] == "application/problem+json"
    assert service.get("/sparql", params=count).json() == before


def test_the_service_description_suite(service: httpx.Client) -> None:
    """Its three cases: it is RDF, it names the endpoint that was asked, and it follows the vocabulary."""
    found = service.get("/sparql")
    assert found.headers["content-type"].split(";")[0] in RDF
    graph = rdflib.Graph().parse(data=found.text, format="turtle")
    endpoint = rdflib.URIRef(str(service.base_url).rstrip("/") + "/sparql")
    (described,) = graph.subjects(SD.endpoint, endpoint)
    assert (described, rdflib.RDF.type, SD.Service) in graph
    known = {
        "Service", "Dataset", "Graph", "endpoint", "supportedLanguage", "SPARQL11Query", "resultFormat",
        "defaultEntailmentRegime", "defaultDataset", "defaultGraph",
    }  # fmt: skip
    used = {str(term) for triple in graph for term in triple if str(term).startswith(str(SD))}
    assert used <= {str(SD) + name for name in known}
    (dataset,) = graph.objects(described, SD.defaultDataset)
    assert (dataset, rdflib.RDF.type, SD.Dataset) in graph
    (default,) = graph.objects(dataset, SD.defaultGraph)
    assert (default, rdflib.RDF.type, SD.Graph) in graph
