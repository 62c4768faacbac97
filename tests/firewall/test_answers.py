"""Every route of the HTTP interface is asked; no answer of any kind breaks the rule, and what is planted is found.

The routes come from the interface's own description. One that needs what `for_` does not know fails here until it is
told how to be asked, so that nothing goes out unseen.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from app.graph import VIEWS, ConflictGraph
from app.pictures import TABLES
from app.queries import rows
from app.rdf.serialise import FORMATS
from app.web.routers import exports

if TYPE_CHECKING:
    from tests.firewall.conftest import Client

STREAMS = {"text/event-stream"}
VOCABULARY = ("/ns", "/shapes")
"""What is served there are the words themselves and the rules for them, and no data."""
FILES = ("graphml", "gexf", "csv", "cytoscape")
LEAST_ROUTES = 20


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.ask("GET", "/openapi.json").json()
    return found


@pytest.fixture
def for_(graph: ConflictGraph) -> dict[str, list[str]]:
    """What to ask for where a route must have it: name of the parameter → what there is."""
    return {
        "claim_id": list(graph.claims),
        "incident_id": list(graph.incidents),
        "actor_id": list(graph.actors),
        "article_id": list(graph.articles),
        "acknowledgement_id": list(graph.acknowledgements),
        "place_id": list(graph.places),
        "suffix": ["svg", "html", "png"],
        "source": ["Norland"],
        "target": ["Sudria"],
        "actor": ["Norland"],
        "other": ["Sudria"],
        "query": [
            "SELECT ?c ?who WHERE { ?c plm:onBehalfOf ?who }",
            "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
            "ASK { ?a plm:perpetrated ?i }",
        ],
    }


def asked(path: str, operation: dict[str, Any], for_: dict[str, list[str]]) -> Iterator[tuple[str, dict[str, str]]]:
    """Addresses and queries for one route: everything there is, and each listed value of what may be chosen."""
    parameters = operation.get("parameters", [])
    within = [one["name"] for one in parameters if one["in"] == "path"]
    needed = {one["name"]: one for one in parameters if one["in"] == "query" and one.get("required")}
    for name in (*within, *needed):
        if name not in for_:
            pytest.fail(f"say in tests/firewall/test_answers.py what to ask {path} for as {name!r}")
    assert len(within) <= 1, f"{path} has more than one part to fill in"
    query = {name: for_[name][0] for name in needed}
    places = [path.replace(f"{{{name}}}", value) for name in within for value in for_[name]] or [path]
    for place in places:
        yield place, query
    # Some questions need parties and yet are described as if they did not.
    parties = {one["name"]: for_[one["name"]][0] for one in parameters if one["in"] == "query" and one["name"] in for_}
    if parties != query:
        yield places[0], parties
    for one in parameters:
        if one["in"] == "query":
            for value in _listed(one["schema"]) if one["name"] not in needed else for_[one["name"]][1:]:
                yield places[0], {**query, one["name"]: value}


def _listed(schema: dict[str, Any]) -> list[str]:
    """The closed list of values that a parameter may have, where it has one."""
    found = [str(value) for value in schema.get("enum", ())]
    for part in (*schema.get("anyOf", ()), *schema.get("allOf", ()), *([schema["items"]] if "items" in schema else ())):
        found += _listed(part)
    return [*found, "true"] if schema.get("type") == "boolean" else found


def check(rule: Any, known: Any, answer: Any, where: str) -> list[str]:
    """What is wrong with an answer, whatever it is."""
    media = answer.headers.get("content-type", "")
    kind = media.partition(";")[0]
    if kind == "image/svg+xml":
        found = list(rule.of_svg(answer.text, known))
    elif kind == "text/html" and "<svg" in answer.text:
        found = list(rule.of_html(answer.text, known))
    elif kind == "text/csv":
        found = list(rule.of_csv(answer.content))
    elif kind == "application/graphml+xml":
        found = list(rule.of_graphml(answer.content))
    elif kind == "application/gexf+xml":
        found = list(rule.of_gexf(answer.content))
    elif kind.endswith("json") and kind != "application/ld+json":
        found = list(rule.of_json(answer.json()))
    elif rule.rdf_format(media) is not None:
        found = list(rule.of_rdf(answer.content, rule.rdf_format(media)))
    elif kind == "text/plain":
        found = [one for line in answer.text.splitlines() for one in rule.of_name(line.partition(" ")[0], "metric")]
    else:
        # Pictures of pixels are drawn from the SVG; pages hold no data; an empty body says nothing.
        known_to_be_mute = kind in ("image/png", "text/html", "text/javascript") or not answer.content
        found = [] if known_to_be_mute else [f"nothing here can read {media!r}"]
    return [f"{where}: {one}" for one in found]


def test_every_route_that_can_be_read_keeps_the_rule(
    client: Client, document: dict[str, Any], for_: dict[str, list[str]], rule: Any, known: Any
) -> None:
    answered: set[str] = set()
    left: set[str] = set()
    for path, operations in document["paths"].items():
        operation = operations.get("get")
        if operation is None or path in ("/export", "/id/{kind}/{thing}") or path.startswith(VOCABULARY):
            continue
        if STREAMS & set(operation["responses"].get("200", {}).get("content", {})):
            left.add(path)
            continue
        for place, query in asked(path, operation, for_):
            got = client.ask("GET", place, params=query)
            assert got.status_code < 500, (place, query, got.text)
            assert check(rule, known, got, f"{place} {query}") == []
            if got.status_code == 200:
                answered.add(path)
    paths = document["paths"].items()
    told = {path for path, operations in paths if "get" in operations and not path.startswith(VOCABULARY)}
    assert answered | left | {"/export", "/id/{kind}/{thing}"} == told
    assert len(told) >= LEAST_ROUTES


def test_the_answers_hold_what_could_be_mistaken(client: Client) -> None:
    """Else the rule would be kept by saying nothing."""
    for path in ("/accusations", "/denials", "/retaliations", "/incidents"):
        assert client.ask("GET", path).json()["total"] > 0, path
    assert {edge["kind"] for edge in client.ask("GET", "/subgraph?hops=4").json()["edges"]} >= {
        "accuses", "denies", "retaliates",
    }  # fmt: skip


@pytest.mark.parametrize("profile", ["claims", "edges", "rdf12"])
def test_every_export_keeps_the_rule(client: Client, rule: Any, known: Any, profile: str) -> None:
    for format_ in (*FORMATS, *FILES):
        got = client.ask("GET", "/export", params={"format": format_, "profile": profile})
        if got.status_code != 200:
            assert profile == "rdf12"
            assert got.headers["content-type"].startswith("application/problem+json")
        elif format_ == "jsonld":
            assert list(rule.of_rdf(got.content, format_)) == []
        assert check(rule, known, got, format_) == []
    refused = client.ask("GET", "/export", params={"format": "no-such-format"}).json()["detail"]
    offered = refused.partition("choose one of ")[2].split(", ")
    assert offered == [*FORMATS, *FILES], "a format that nothing here reads"


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_that_is_exported_keeps_the_rule(client: Client, rule: Any, known: Any, view: str) -> None:
    for format_ in FILES:
        for table in TABLES if format_ == "csv" else TABLES[:1]:
            got = client.ask("GET", "/export", params={"format": format_, "view": view, "table": table})
            assert got.status_code == 200
            found = list(rule.of_dna(got.content)) if table == "dna" else check(rule, known, got, format_)
            assert found == [], (format_, view, table)


def test_whatever_has_an_address_is_described_within_the_rule(
    client: Client, graph: ConflictGraph, rule: Any, known: Any
) -> None:
    things = [("actor", one) for one in graph.actors] + [("incident", one) for one in graph.incidents]
    things += [("claim", one) for one in graph.claims] + [("article", one) for one in graph.articles]
    things += [("place", one) for one in graph.places] + [("acknowledgement", one) for one in graph.acknowledgements]
    assert {kind for kind, _ in things} == set(exports._KINDS)
    for kind, name in things:
        for media in ("application/json", "text/turtle", "application/n-triples"):
            sent = client.ask("GET", f"/id/{kind}/{name}", headers={"Accept": media})
            assert sent.status_code == 303
            got = client.ask("GET", sent.headers["location"])
            assert got.status_code == 200
            assert check(rule, known, got, f"{kind} {name} as {media}") == []


def test_an_acknowledgement_is_shown_with_all_that_is_said_on_its_incident(
    client: Client, graph: ConflictGraph
) -> None:
    for one in graph.acknowledgements.values():
        shown = client.ask("GET", f"/id/acknowledgement/{one.id}", headers={"Accept": "text/html"})
        assert shown.headers["location"] == f"/#incident={one.incident}"
    assert graph.acknowledgements


BODIES: dict[str, Any] = {
    "/articles": {
        "title": "Harbour",
        "text": "Norland said nothing at all about it on Monday.",
        "published": "2024-04-01",
    },
    "/sparql": "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
}


def test_what_is_answered_to_what_is_sent_keeps_the_rule(
    client: Client, document: dict[str, Any], graph: ConflictGraph, rule: Any, known: Any
) -> None:
    """Decisions, receipts, articles, queries: what they answer, and how they refuse what they cannot use."""
    claim = next(iter(graph.claims))
    bodies = {
        **BODIES,
        "/receipts/verify": client.ask("GET", f"/claims/{claim}/receipt").json(),
        "/decisions": {"kind": "retract", "subject": claim, "by": "ana", "reason": "read twice"},
    }
    sent = 0
    for path, operations in document["paths"].items():
        for method in operations.keys() - {"get", "head"}:
            place = path.replace("{article_id}", next(iter(graph.articles)))
            assert "{" not in place, f"say in tests/firewall/test_answers.py how to {method} {path}"
            tried: tuple[Any, ...] = (bodies.get(path, {}), {})
            for body in tried:
                if isinstance(body, str):
                    more: dict[str, Any] = {"content": body, "headers": {"Content-Type": "application/sparql-query"}}
                else:
                    more = {"json": body} if method != "delete" else {}
                got = client.ask(method.upper(), place, **more)
                assert check(rule, known, got, f"{method} {path}") == []
                sent += 1
    assert sent >= 2 * len(BODIES)


def test_no_answer_can_have_a_field_that_names_a_verdict(document: dict[str, Any], rule: Any) -> None:
    """Also of those that the dispute does not happen to fill, and in the examples that are told."""
    assert list(rule.of_schema(document)) == []
    examples = [
        (f"{method} {path}", content["example"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for part in (*operation["responses"].values(), operation.get("requestBody", {}))
        for content in part.get("content", {}).values()
        if "example" in content
    ]
    for where, example in examples:
        assert list(rule.of_json(example, where)) == []


# ---- planted ---------------------------------------------------------------------------------------------------------


def _spoil(document: Any, how: str) -> Any:
    """An answer of `/subgraph` or `/accusations`, spoilt."""
    spoilt = copy.deepcopy(document)
    edge = spoilt["edges"][0] if "edges" in spoilt else spoilt["claims"][0]
    match how:
        case "phrase":
            edge["phrase"] = "attacked"
        case "kind":
            edge["kind"] = "attacked"
        case "no claims":
            edge["claims"] = []
        case "field":
            edge["perpetrator"] = edge["source"]
        case "deep field":
            spoilt["nodes"][0]["about"] = [{"deep": {"is_true": 1}}]
        case "no words":
            edge["evidence"]["quote"] = ""
        case "no source":
            edge["source"] = None
        case "status":
            spoilt["status"] = "admitted"
            spoilt.pop("claims", None)
    return spoilt


@pytest.mark.parametrize("how", ["phrase", "kind", "no claims", "field", "deep field"])
def test_what_is_planted_in_a_graph_is_found(client: Client, rule: Any, how: str) -> None:
    answer = client.ask("GET", "/subgraph").json()
    assert list(rule.of_json(answer)) == []
    assert list(rule.of_json(_spoil(answer, how)))


@pytest.mark.parametrize("how", ["field", "no words", "no source", "status"])
def test_what_is_planted_in_a_list_is_found(client: Client, rule: Any, how: str) -> None:
    answer = client.ask("GET", "/accusations").json()
    assert list(rule.of_json(answer)) == []
    assert list(rule.of_json(_spoil(answer, how)))


def test_the_standings_of_the_dispute_are_told_with_their_authority(client: Client, world: Any, rule: Any) -> None:
    statuses = {}
    for name in ("shelling", "told again", "tried"):
        view = client.ask("GET", f"/incidents/{world.ids[name]}").json()
        assert list(rule.of_json(view)) == []
        statuses[name] = view["status"]
    assert statuses == {"shelling": "contested", "told again": "admitted", "tried": "adjudicated"}
    # Without the court the same table would let the ruling speak for itself.
    for row in view["attribution"]:
        row["findings"] = []
    assert list(rule.of_json(view))


@pytest.mark.parametrize("status", ["admitted", "adjudicated", "self_claimed"])
def test_a_standing_names_on_whose_word_it_rests(rule: Any, status: str) -> None:
    """An admission or a ruling is a speech act too: it is told with who makes it, and never by itself."""
    row = {"actor": "Sudrian Army", "actor_id": "actor-sudrian-army", "status": status}
    assert list(rule.of_json([row]))
    for name in ("clm-0123456789abcdef0123", "ack-0123456789abcdef0123"):
        resting_on = [{"authority": "A court", "claim": name}]
        assert list(rule.of_json([{**row, "resting_on": resting_on}])) == []
        assert list(rule.of_json([{**row, "resting_on": [{"authority": "A court"}]}]))
    unnamed = {**row, "resting_on": [{"claim": "clm-0123456789abcdef0123"}]}
    assert bool(list(rule.of_json(unnamed))) is (status == "adjudicated")


def test_a_field_that_only_the_description_knows_is_found(document: dict[str, Any], rule: Any) -> None:
    document["components"]["schemas"]["ClaimRow"]["properties"]["culprit"] = {"type": "string"}
    assert list(rule.of_schema(document))


def test_code_that_asserts_is_caught_over_http(
    client: Client, rule: Any, known: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only what is added to an answer: what the code itself might one day say."""

    class Telling(rows.EvidenceRow, frozen=True):
        culprit: str = "Sudria"

    def telling(*fields: Any) -> Telling:
        return Telling(*fields)

    monkeypatch.setattr(rows, "EvidenceRow", telling)
    got = client.ask("GET", "/accusations")
    assert got.status_code == 200
    assert check(rule, known, got, "/accusations")


def test_an_answer_that_cannot_be_read_is_not_let_through(rule: Any, known: Any) -> None:
    import httpx

    strange = httpx.Response(200, content=b"Sudria did it", headers={"Content-Type": "application/x-verdict"})
    assert check(rule, known, strange, "/verdicts")
    assert msgspec.json.decode(json.dumps({})) == {}
