from __future__ import annotations

import csv
import io
import json
import re
import socket
import threading
import time
from typing import Any
from urllib.parse import quote

import httpx
import networkx as nx
import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.graph import VIEWS, ConflictGraph, Fold
from app.ledger import Batch
from app.vocabulary.errors import LedgerDamaged
from app.vocabulary.records import Decision, Reading
from app.vocabulary.terms import DecisionKind
from app.web import Services, create_app
from app.web.accept import preferred

PROBLEM = {"type", "title", "status", "detail", "instance"}


def check_problem(found: httpx.Response, status: int) -> dict[str, Any]:
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = found.json()
    assert set(body) == PROBLEM
    assert body["status"] == status
    assert body["detail"]
    assert "Traceback" not in found.text
    return body


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/claims/clm-none", 404),
        ("GET", "/claims/clm-none/receipt", 404),
        ("GET", "/threads/clm-none", 404),
        ("GET", "/actors/actor-none", 404),
        ("GET", "/actors/actor-none/positions", 404),
        ("GET", "/incidents/inc-none", 404),
        ("GET", "/articles/art-none", 404),
        ("DELETE", "/articles/art-none", 404),
        ("GET", "/id/actor/none", 404),
        ("GET", "/id/unicorn/none", 404),
        ("GET", "/page/none.js", 404),
        ("DELETE", "/accusations", 405),
        ("PUT", "/articles", 405),
        ("GET", "/accusations?source=Norlan", 400),
        ("GET", "/accusations?source=The%20League", 400),
        ("GET", "/accusations?since=soon", 400),
        ("GET", "/accusations?since=2025&until=2024", 400),
        ("GET", "/accusations?cursor=x", 400),
        ("GET", "/accusations?min_confidence=nan", 400),
        ("GET", "/accusations?place=Nowhere", 400),
        ("GET", "/accusations?incident=inc-none", 400),
        ("GET", "/subgraph?actor=nobody", 400),
        ("GET", "/paths?source=Norland&target=Norland", 400),
        ("GET", "/export?format=docx", 400),
        ("GET", "/export?format=turtle&profile=all", 400),
        ("GET", "/export?format=csv&kind=actor&id=actor-norland", 400),
        ("GET", "/export?format=turtle&kind=actor", 400),
        ("GET", "/export?format=turtle&source=Norlan", 400),
        ("GET", "/export?format=turtle&kind=claim&id=clm-none&source=Norland", 400),
        ("GET", "/export?format=turtle&profile=nanopub", 400),
        ("GET", "/export?format=csv&source=Norlan", 400),
        ("GET", "/export?format=csv&as_of=soon", 400),
        ("GET", "/export?format=turtle&kind=acknowledgement&id=ack-none", 404),
        ("GET", "/id/acknowledgement/ack-none", 404),
        ("GET", "/export?format=gexf&view=friends", 422),
        ("GET", "/export?format=csv&table=sheet", 422),
        ("GET", "/accusations?limit=0", 422),
        ("GET", "/accusations?limit=many", 422),
        ("GET", "/accusations?rollup=perhaps", 422),
        ("GET", "/accusations?sorce=Norland", 422),
        ("GET", "/paths?source=Norland", 422),
        ("GET", "/subgraph?kind=hates", 422),
        ("GET", "/subgraph?hops=99", 422),
        ("GET", "/subgraph.gif", 422),
        ("GET", "/timeline?unit=hour", 422),
        ("GET", "/actors?kind=unicorn", 422),
    ],
)
def test_every_error_has_the_one_shape(client: Any, method: str, path: str, status: int) -> None:
    body = check_problem(client.ask(method, path), status)
    assert body["instance"] == path.split("?")[0]


def test_a_mistyped_parameter_is_named(client: Any) -> None:
    assert "'sorce'" in check_problem(client.get("/accusations?sorce=Norland"), 422)["detail"]
    assert "close to it: Norland" in check_problem(client.get("/accusations?source=Norlan"), 400)["detail"]


@pytest.mark.parametrize("error", [RuntimeError("secret"), LedgerDamaged("secret row"), KeyError("secret")])
def test_what_is_our_fault_says_nothing_of_its_cause(
    services: Services, client: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(services, "reading", fail)
    found = client.get("/accusations")
    body = check_problem(found, 500)
    assert "secret" not in found.text
    assert body["type"] == "urn:polemos:problem:internal"
    assert found.headers["x-content-type-options"] == "nosniff"


def test_security_headers_are_on_every_answer(client: Any) -> None:
    for path in ("/", "/accusations", "/nothing", "/docs", "/page/style.css", "/accusations?limit=0", "/metrics"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_health_and_metrics(client: Any) -> None:
    body = client.get("/health").json()
    assert (body["status"], body["revision"], body["claims"], body["articles"]) == ("ok", 1, 10, 4)
    client.get("/accusations")
    client.get("/claims/clm-none")
    text = client.get("/metrics").text
    assert "polemos_ledger_revision 1\n" in text
    assert "polemos_claims 10\n" in text
    assert 'polemos_http_requests_total{method="GET",route="/accusations",status="200"} 1\n' in text
    # The template, not the id: a label must not grow with what people ask.
    assert 'route="/claims/{claim_id}",status="404"} 1\n' in text
    assert 'polemos_http_request_seconds_bucket{route="/accusations",le="+Inf"} 1\n' in text
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{[^}]*(\{\w+\}[^}]*)*\})? [-+.\dea]+", line), line


def test_the_page_and_what_it_hides(client: Any) -> None:
    start = client.get("/")
    assert "<title>Polemos</title>" in start.text
    style = client.get("/page/style.css")
    assert style.headers["content-type"].startswith("text/css")
    assert client.get("/page/style.css", headers={"If-None-Match": style.headers["etag"]}).status_code == 304
    assert client.ask("HEAD", "/page/style.css").status_code == 200
    for hidden in (
        "package.json", "package-lock.json", "bundle.mjs", "node_modules/x/y.js", ".secret.js", "vendor", "",
        "../outside.css", "%2e%2e/outside.css", "..%2foutside.css", "vendor/../../outside.css", "%00.css",
        "//style.css",
    ):  # fmt: skip
        found = client.get(f"/page/{hidden}")
        assert found.status_code == 404, hidden
        assert "hidden" not in found.text


def test_docs_stand_on_this_server_alone(client: Any) -> None:
    page = client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    assert "page/vendor/swagger-ui-bundle.js" in page
    # No script runs inline: the content security policy would stop it.
    assert not re.search(r"<script>|\son\w+=", page)
    assert client.get("/docs.js").headers["content-type"].startswith("text/javascript")


def test_openapi_describes_what_is_sent(client: Any) -> None:
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    text = json.dumps(document)
    for name in set(re.findall(r"#/components/schemas/([^\"]+)", text)):
        assert name in schemas, name
    page = schemas["ClaimPage"]["properties"]
    assert set(page) == set(client.get("/accusations").json())
    assert set(schemas["ClaimRow"]["properties"]) == set(client.get("/accusations").json()["claims"][0])
    assert "HTTPValidationError" not in schemas
    described = document["paths"]["/accusations"]["get"]
    assert described["responses"]["422"]["content"].keys() == {"application/problem+json"}
    assert {one["name"] for one in described["parameters"]} >= {"source", "target", "since", "until", "limit", "cursor"}


def test_exports(world: Any, client: Any) -> None:
    found = client.get("/export?format=csv")
    assert len(list(csv.DictReader(io.StringIO(found.text, newline="")))) == 10
    assert found.headers["polemos-revision"] == "1"
    assert 'filename="polemos-r1.csv"' in found.headers["content-disposition"]
    assert int(found.headers["content-length"]) == len(found.content)
    graph = nx.read_graphml(io.BytesIO(client.get("/export?format=graphml").content))
    assert "actor-sudria" in graph
    assert nx.read_gexf(io.BytesIO(client.get("/export?format=gexf").content)).number_of_edges() > 5
    assert client.get("/export?format=cytoscape").json()["data"]["revision"] == 1


@pytest.mark.parametrize("view", VIEWS)
def test_exports_of_views(graph: ConflictGraph, client: Any, view: Any) -> None:
    wanted = graph.to_networkx(view).number_of_edges()
    for format_, read in (("graphml", nx.read_graphml), ("gexf", nx.read_gexf)):
        body = client.get(f"/export?format={format_}&view={view}").content
        assert read(io.BytesIO(body)).number_of_edges() == wanted
    assert len(client.get(f"/export?format=cytoscape&view={view}").json()["elements"]["edges"]) == wanted
    lines = client.get(f"/export?format=csv&table=edges&view={view}").text
    assert len(list(csv.DictReader(io.StringIO(lines, newline="")))) == wanted


def test_exports_of_a_part(world: Any, client: Any) -> None:
    part = "source=Norland&target=Sudria&clock=published&since=2024-03"
    wanted = {world.ids["accused"], world.ids["vowed"]}
    for table, column, parted in (("claims", "id", ","), ("dna", "statement ID", ";")):
        rows = client.get(f"/export?format=csv&table={table}&{part}").text
        assert {row[column] for row in csv.DictReader(io.StringIO(rows, newline=""), delimiter=parted)} == wanted
    nodes = client.get(f"/export?format=csv&table=nodes&view=dyads&type=accuses&{part}").text
    assert {row["id"] for row in csv.DictReader(io.StringIO(nodes, newline=""))} == {"actor-norland", "actor-sudria"}
    edges = client.get(f"/export?format=cytoscape&view=claims&type=accuses&{part}").json()["elements"]["edges"]
    assert [one["data"]["id"] for one in edges if one["data"]["kind"] == "accuses"] == [world.ids["accused"]]


def test_an_export_of_an_older_ledger(world: Any, client: Any) -> None:
    assert client.ask("DELETE", f"/articles/{world.articles['market'].id}").status_code == 200
    sizes = []
    for when in ("", "&as_of=1"):
        found = client.get(f"/export?format=csv{when}")
        sizes.append((found.headers["polemos-revision"], len(list(csv.reader(io.StringIO(found.text, newline=""))))))
        assert ("Market" in client.get(f"/export?format=turtle{when}").text) is bool(when)
    assert sizes == [("2", 8), ("1", 11)]


@pytest.mark.parametrize("format_", ["turtle", "ntriples", "nquads", "trig", "jsonld", "rdfxml"])
def test_rdf_exports_hold_every_claim(world: Any, client: Any, format_: str) -> None:
    found = client.get(f"/export?format={format_}")
    assert found.status_code == 200
    assert all(claim in found.text for claim in world.ids.values())
    one = client.get(f"/export?format={format_}&kind=claim&id={world.ids['denied']}").text
    assert world.ids["denied"] in one
    assert world.ids["blamed"] not in one


def test_each_thing_has_an_address_that_leads_on(world: Any, client: Any) -> None:
    def led(path: str, accept: str) -> str:
        found = client.get(path, headers={"Accept": accept})
        assert found.status_code == 303
        assert found.headers["vary"] == "Accept"
        return str(found.headers["location"])

    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    claim = world.ids["denied"]
    assert led("/id/actor/actor-sudria", browser) == "/#actor=actor-sudria"
    assert led(f"/id/claim/{claim}", browser) == f"/#article={world.articles['market'].id}&quote={claim}"
    assert led("/id/actor/actor-sudria", "application/json") == "/actors/actor-sudria"
    there = led(f"/id/claim/{claim}", "text/turtle, text/html;q=0.5")
    assert client.get(there).headers["content-type"].startswith("text/turtle")
    assert "General Ilin" in client.get(led("/id/actor/actor-general-ilin", "application/ld+json")).text


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "text/html"), ("*/*", "text/html"), ("text/turtle", "text/turtle"), ("text/*;q=0.3, a/b", "a/b"),
        ("text/html;q=0, */*;q=0.1", "a/b"), ("a/b;q=x", "text/html"), ("", "text/html"), ("image/png", "text/html"),
    ],
)  # fmt: skip
def test_accept(header: str | None, chosen: str) -> None:
    assert preferred(header, ["text/html", "a/b", "text/turtle"]) == chosen


ODD = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["Norland", "Sudria", "Tripoli", "2024", "2024-02-30", "0000", "9999-12-31", "-1", "1e400", "nan", "\x00"]
    ),
    st.integers().map(str),
)
NAMES = st.sampled_from(
    ["source", "target", "since", "until", "place", "incident", "publisher", "min_confidence", "rollup", "limit",
     "cursor", "actor", "kind", "hops", "q", "unit", "top", "type", "max_hops", "format", "profile", "id", "about"]
)  # fmt: skip
PATHS = st.sampled_from(
    ["/accusations", "/denials", "/retaliations", "/actors", "/places", "/incidents", "/subgraph", "/paths", "/matrix",
     "/timeline", "/export", "/actors/actor-sudria/positions", "/subgraph.svg", "/subgraph.html"]
)  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, params=st.lists(st.tuples(NAMES, ODD), max_size=4))
def test_no_parameter_is_our_fault(client: Any, path: str, params: list[tuple[str, str]]) -> None:
    found = client.get(path, params=params)
    assert found.status_code in (200, 400, 404, 422), (path, params, found.text)
    if found.status_code != 200:
        check_problem(found, found.status_code)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from(["claims", "actors", "incidents", "articles", "threads", "id/actor", "page", "id"]),
    rest=st.text(alphabet=st.characters(exclude_characters="?#", exclude_categories=["Cs"]), min_size=1, max_size=30),
)
def test_no_path_is_our_fault(client: Any, start: str, rest: str) -> None:
    found = client.get(f"/{start}/{quote(rest, safe='/.')}")
    assert found.status_code < 500


@pytest.fixture
def address(services: Services) -> Any:
    """The application behind a real server, on a port that was free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(create_app(lambda: services), host="127.0.0.1", port=port, log_level="warning")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


def test_behind_a_real_server(world: Any, address: str) -> None:
    with httpx.Client(base_url=address) as client:
        assert client.get("/accusations?source=Norland").json()["total"] == 2
        assert client.get("/").status_code == 200
        check_problem(client.get("/accusations?source=x"), 400)
        check_problem(client.post("/articles", content=b"x" * 50_000, headers={"Content-Type": "text/plain"}), 413)
        assert client.get("/export?format=csv").text.count("clm-") >= 10
        assert client.get(f"/id/claim/{world.ids['denied']}", follow_redirects=True).status_code == 200


def test_while_all_is_folded_anew_the_graph_as_it_was_answers(
    world: Any, client: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = client.get("/accusations").json()
    go_on = threading.Event()
    build = Fold._build

    def slowly(fold: Fold, readings: list[Reading]) -> None:
        assert go_on.wait(10)
        build(fold, readings)

    monkeypatch.setattr("app.web.services.FRESH_SECONDS", 0.1)
    with monkeypatch.context() as patched:
        patched.setattr(Fold, "_build", slowly)
        # A retraction changes what is there already, so that nothing of the graph can be kept.
        at = "2031-01-01T00:00:00+00:00"
        taken_back = Decision(DecisionKind.RETRACT, world.ids["accused"], "Ana", reason="misread", at=at)
        services.ledger.append(Batch(decisions=[taken_back]))
        meanwhile = client.get("/accusations").json()
        go_on.set()
    assert meanwhile == before
    after = client.get("/accusations").json()
    while after["revision"] == before["revision"]:
        after = client.get("/accusations").json()
    assert after["total"] == before["total"] - 1


def test_every_answer_about_claims_is_shown_by_an_example(client: Any) -> None:
    document = client.get("/openapi.json").json()
    bare = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            told = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
            if "$ref" in told.get("schema", {}) and not ("example" in told or "examples" in told):
                bare.append(f"{method} {path}")
    # What is not about claims needs none: health, and what a person sends in.
    assert set(bare) <= {
        "get /health",
        "get /ready",
        "get /whoami",
        "get /audit",
        "post /articles",
        "get /articles/{article_id}",
        "delete /articles/{article_id}",
    }
    examples = document["components"]["examples"]
    assert {"ClaimPage", "Thread", "IncidentView", "Subgraph"} <= examples.keys()
    (row,) = examples["ClaimPage"]["value"]["claims"]
    assert row["evidence"]["quote"].startswith("Norland accused the Sudrian army")
    assert examples["IncidentView"]["value"]["status"] == "contested"
    kinds = [claim["type"] for claim in examples["Thread"]["value"]["claims"]]
    assert kinds == ["accuses", "denies", "retaliates"]
