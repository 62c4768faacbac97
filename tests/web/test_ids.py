"""Every IRI that the data names leads to what is said of it; the ontology and the description stand at their paths."""

from __future__ import annotations

import re
from typing import Any

import pytest
import rdflib
from pyoxigraph import NamedNode, RdfFormat, parse

from app.rdf import terms
from app.rdf.serialise import FORMATS
from app.rdf.terms import BASE_IRI, PLM, Profile

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")


def named(client: Any, profile: Profile) -> set[str]:
    """The IRIs below the base that an export names, without the parts of things."""
    body = client.get(f"/export?format=nquads&profile={profile}").content
    found = set()
    for quad in parse(body, RdfFormat.N_QUADS):
        for one in (quad.subject, quad.object, quad.graph_name):
            if isinstance(one, NamedNode) and one.value.startswith(BASE_IRI):
                found.add(one.value.removeprefix(BASE_IRI).partition("#")[0])
    return found


@pytest.mark.parametrize("profile", [Profile.CLAIMS, Profile.NANOPUB])
def test_every_iri_leads_to_statements_about_it(client: Any, profile: Profile) -> None:
    paths = named(client, profile)
    kinds = {path.partition("/")[0] for path in paths}
    assert kinds >= {"actor", "claim", "article", "incident", "reading", "extractor", "publisher", "dataset"}
    for path in sorted(paths):
        there = client.get(f"/id/{path}", headers={"Accept": "application/trig"})
        assert there.status_code == 303, (path, there.text)
        assert there.headers["vary"] == "Accept"
        found = client.get(there.headers["location"])
        assert found.status_code == 200, (path, found.text)
        about = {one.subject.value for one in parse(found.content, RdfFormat.TRIG)}
        assert BASE_IRI + path in about, path


@pytest.mark.parametrize("format_", FORMATS)
def test_a_claim_in_the_format_that_accept_asks_for(client: Any, world: Any, format_: str) -> None:
    claim, one = world.ids["denied"], FORMATS[format_]
    found = client.get(f"/id/claim/{claim}", headers={"Accept": one.media_type}, follow_redirects=True)
    assert found.headers["content-type"].startswith(one.media_type)
    assert any(claim in str(quad.subject) for quad in parse(found.content, one.rdf_format()))


def test_a_browser_comes_to_the_page_and_where_there_is_none_to_turtle(client: Any, world: Any) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert client.get("/id/actor/actor-sudria", headers=browser).headers["location"] == "/#actor=actor-sudria"
    (reading,) = {path for path in sorted(named(client, Profile.CLAIMS)) if path.startswith("reading/")} and [
        min(path for path in named(client, Profile.CLAIMS) if path.startswith("reading/"))
    ]
    assert "format=turtle" in client.get(f"/id/{reading}", headers=browser).headers["location"]


def test_a_nanopublication_is_what_it_was_at_its_revision(client: Any, world: Any, services: Any) -> None:
    from app.ledger import Batch
    from app.vocabulary.records import Article

    claim = world.ids["denied"]
    before = client.get(f"/id/nanopub/{claim}-r1", follow_redirects=True)
    assert before.headers["content-type"] == "application/trig"
    services.ledger.append(Batch([Article("Later", "Nothing.")]))
    assert client.get("/health").json()["revision"] == 2
    assert client.get(f"/id/nanopub/{claim}-r1", follow_redirects=True).content == before.content
    assert b"-r2" in client.get(f"/id/nanopub/{claim}-r2", follow_redirects=True).content


@pytest.mark.parametrize(
    "path",
    [
        "nanopub/clm-none", "nanopub/clm-00000000000000000000-r1", "dataset/claims", "dataset/all-1",
        "dataset/claims-1-0123456789ab", "reading/rdg-none", "publisher/none", "extractor/none@1",
        "proposition/inc-none~actor-sudria", "unicorn/x",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client: Any, path: str) -> None:
    found = client.get(f"/id/{path}", follow_redirects=True)
    assert found.status_code == 404
    assert found.headers["content-type"] == "application/problem+json"


# ---- the ontology ----

TRIPLES = ["text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"]


@pytest.mark.parametrize("media", TRIPLES)
@pytest.mark.parametrize(
    "path", ["/ns", f"/ns/{terms.ONTOLOGY_VERSION}", "/ns/crosswalk", "/shapes", "/shapes/firewall"]
)
def test_ontology_and_shapes_in_every_format(client: Any, path: str, media: str) -> None:
    found = client.get(path, headers={"Accept": media})
    assert found.status_code == 200
    assert found.headers["content-type"].startswith(media)
    assert found.headers["vary"] == "Accept"
    names = {"text/turtle": "turtle", "application/n-triples": "nt", "application/ld+json": "json-ld"}
    graph = rdflib.Graph().parse(data=found.content, format=names.get(media, "xml"))
    turtle = rdflib.Graph().parse(data=client.get(path, headers={"Accept": "text/turtle"}).content, format="turtle")
    assert len(graph) == len(turtle) > 100
    again = client.get(path, headers={"Accept": media, "If-None-Match": found.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_page_explains_every_term_at_its_anchor(client: Any) -> None:
    found = client.get("/ns", headers={"Accept": "text/html"})
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    graph = rdflib.Graph().parse(data=client.get("/ns", headers={"Accept": "text/turtle"}).content, format="turtle")
    ours = {s.removeprefix(PLM) for s in graph.subjects() if isinstance(s, rdflib.URIRef) and s.startswith(PLM)}
    assert set(re.findall(r'<section id="(\w+)">', found.text)) == ours
    for link in re.findall(r'href="#(\w+)"', found.text):
        assert link in ours or link.endswith("-list") or f'id="{link}-list"' in found.text
    assert "<script" not in found.text
    assert found.text.count('class="example"') == len(ours)


def test_a_term_leads_to_its_anchor_and_what_is_none_is_not_found(client: Any) -> None:
    found = client.get("/ns/Denial")
    assert (found.status_code, found.headers["location"]) == (303, "/ns#Denial")
    assert client.get("/ns/polemos.ttl").headers["content-type"] == "text/turtle; charset=utf-8"
    assert client.get("/ns/context.jsonld").json()["@context"]["@vocab"] == PLM
    for path in ("/ns/Verdict", "/ns/0.9.0", "/ns/polemos.csv", "/shapes/none", "/ns/../etc"):
        assert client.get(path).status_code == 404, path


# ---- the description ----


@pytest.mark.parametrize("media", TRIPLES)
def test_the_data_set_is_described_where_robots_look(client: Any, media: str) -> None:
    found = client.get("/.well-known/void", headers={"Accept": media})
    assert found.status_code == 200
    assert found.headers["content-type"].startswith(media)
    format_ = next(one for one in FORMATS.values() if one.media_type == media)
    quads = list(parse(found.content, format_.rdf_format()))
    (counted,) = [
        quad.object.value
        for quad in quads
        if quad.predicate.value == terms.VOID + "triples" and "#" not in str(quad.subject)
    ]
    everything = list(parse(client.get("/export?format=ntriples").content, RdfFormat.N_TRIPLES))
    assert int(counted) == len(everything)
    files = [quad.object.value for quad in quads if quad.predicate.value == terms.DCAT + "downloadURL"]
    assert len(files) == sum(one.carries(profile) for one in FORMATS.values() for profile in Profile)
    for file in files:
        assert client.get(file.removeprefix("http://polemos.test")).status_code == 200
    again = client.get("/.well-known/void", headers={"Accept": media, "If-None-Match": found.headers["etag"]})
    assert again.status_code == 304


def test_examples_and_endpoint_of_the_description_answer(client: Any) -> None:
    quads = list(parse(client.get("/.well-known/void").content, RdfFormat.TURTLE))
    examples = [q.object.value for q in quads if q.predicate.value == terms.VOID + "exampleResource"]
    assert len(examples) == 3
    for one in examples:
        assert client.get(f"/id/{one.removeprefix(BASE_IRI)}").status_code == 303
    (endpoint,) = [q.object.value for q in quads if q.predicate.value == terms.VOID + "sparqlEndpoint"]
    assert endpoint == "http://polemos.test/sparql"
