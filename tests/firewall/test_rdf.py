"""RDF in every profile and format, and SPARQL's answers, assert no allegation; what is planted in them is found."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyoxigraph import NamedNode, Quad, RdfFormat, parse
from rdflib import OWL, RDF, RDFS, SH
from rdflib.collection import Collection

from app.graph import ConflictGraph
from app.rdf import terms
from app.rdf.dataset import Statements, quads
from app.rdf.jsonld import load_context
from app.rdf.serialise import FORMATS, encode, write
from app.rdf.shapes import validate
from app.rdf.sparql import Dataset
from app.rdf.terms import BASE_IRI, PLM, PROV, SEM, Profile

DATA = Path(__file__).resolve().parents[2] / "graph_data"
ALL = [(profile, format_) for profile in Profile for format_, entry in FORMATS.items() if entry.carries(profile)]
SUDRIA, NORLAND = NamedNode(f"{BASE_IRI}actor/actor-sudria"), NamedNode(f"{BASE_IRI}actor/actor-norland")
COURT = NamedNode("https://court.example/ruling-1")


def file(graph: ConflictGraph, profile: Profile, format_: str, **options: Any) -> bytes:
    out = io.BytesIO()
    write(graph, format_, out, profile=profile, **options)
    return out.getvalue()


@pytest.mark.parametrize(("profile", "format_"), ALL)
def test_no_profile_and_format_breaks_the_rule(graph: ConflictGraph, rule: Any, profile: Profile, format_: str) -> None:
    body = file(graph, profile, format_)
    assert list(rule.of_rdf(body, format_)) == []
    # The rule looked at something: a claim, or in the profile of edges what it comes to.
    assert body.count(b"accuses" if profile is Profile.EDGES else b"Accusation") > 1


def test_json_ld_keeps_the_rule_for_json_too(graph: ConflictGraph, rule: Any) -> None:
    body = file(graph, Profile.CLAIMS, "jsonld", context=load_context(DATA / "ontology"))
    assert list(rule.of_rdf(body, "jsonld")) == []
    nodes = json.loads(body)
    assert list(rule.of_json(nodes["@graph"])) == []
    for name in nodes["@context"]:
        assert list(rule.of_name(name, "context")) == []


@pytest.mark.parametrize("base", ["https://h.example/id/", "http://localhost:8000/x#"])
def test_another_base_changes_nothing(graph: ConflictGraph, rule: Any, base: str) -> None:
    assert list(rule.of_rdf(file(graph, Profile.CLAIMS, "ntriples", base_iri=base), "ntriples", base)) == []


def test_every_single_description_keeps_the_rule(graph: ConflictGraph, rule: Any, world: Any) -> None:
    things: list[tuple[str, str]] = [("claim", one) for one in graph.claims]
    things += [("acknowledgement", one) for one in graph.acknowledgements]
    things += [("actor", one) for one in graph.actors] + [("incident", one) for one in graph.incidents]
    for only in things:
        assert list(rule.of_rdf(file(graph, Profile.CLAIMS, "ntriples", only=only), "ntriples")) == [], only


def test_the_rule_and_the_shapes_agree_on_what_goes_out(graph: ConflictGraph) -> None:
    report = validate(graph, DATA / "shapes")
    assert report.conforms, report.text


def test_sparql_answers_with_what_is_asserted_and_no_more(graph: ConflictGraph, rule: Any) -> None:
    with Dataset(workers=1) as dataset:
        everything = dataset.query(graph, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        assert list(rule.of_rdf(everything.encode("ntriples"), "ntriples")) == []
        described = dataset.query(graph, "DESCRIBE ?i WHERE { ?i a plm:Incident }")
        assert list(rule.of_rdf(described.encode("ntriples"), "ntriples")) == []
        for asked in (
            "ASK { ?a a plm:Actor . ?i a plm:Incident { ?a ?p ?i } UNION { ?i ?p ?a } }",
            "ASK { ?a plm:perpetrated ?i }",
            "ASK { ?a a plm:Actor ; ?p ?b . ?b a plm:Actor . FILTER(?p != plm:partOfActor) }",
        ):
            assert dataset.query(graph, asked).boolean is False, asked


def _incident(graph: ConflictGraph) -> NamedNode:
    return NamedNode(f"{BASE_IRI}incident/{next(iter(graph.incidents))}")


def _proposition(graph: ConflictGraph) -> NamedNode:
    return NamedNode(f"{BASE_IRI}proposition/{next(iter(graph.incidents))}~actor-sudria")


def planted(graph: ConflictGraph) -> dict[str, list[Quad]]:
    """Statements that break the rule, each by another way."""
    incident, proposition = _incident(graph), _proposition(graph)
    claim = NamedNode(f"{BASE_IRI}claim/{next(iter(graph.claims))}")

    def of(subject: NamedNode, predicate: str, value: NamedNode) -> list[Quad]:
        return [Quad(subject, NamedNode(predicate), value)]

    return {
        "who did it": of(SUDRIA, terms.PERPETRATED, incident),
        "who did it, in another vocabulary": of(incident, SEM + "hasActor", SUDRIA),
        "who did it, the other way round": of(SUDRIA, "http://example.org/shelled", incident),
        "who did it, by attribution": of(incident, PROV + "wasAttributedTo", SUDRIA),
        "what one did to another": of(
            SUDRIA, "http://example.org/shelled", NamedNode(f"{BASE_IRI}actor/actor-norland")
        ),
        "a court's word": of(COURT, "http://example.org/convicts", SUDRIA),
        "a court's word on an incident": of(COURT, "http://example.org/tries", incident),
        "a court's word on a proposition": of(COURT, "http://example.org/confirms", proposition),
        "a proposition that holds": of(proposition, "http://example.org/holdsIn", COURT),
        "a proposition of something else": of(COURT, PLM + "agent", SUDRIA),
        "a claim's verdict": of(claim, "http://example.org/verdict", COURT),
        "a class that says who": of(incident, terms.RDF + "type", NamedNode("http://example.org/SudrianCrime")),
    }


PLANTED = (
    "who did it", "who did it, in another vocabulary", "who did it, the other way round", "who did it, by attribution",
    "what one did to another", "a court's word", "a court's word on an incident", "a court's word on a proposition",
    "a proposition that holds", "a proposition of something else", "a claim's verdict", "a class that says who",
)  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found_in_every_format(graph: ConflictGraph, rule: Any, name: str) -> None:
    spoilt = [*quads(graph), *planted(graph)[name]]
    for format_, entry in FORMATS.items():
        out = io.BytesIO()
        encode(spoilt, entry, out)
        assert list(rule.of_rdf(out.getvalue(), format_)), format_


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found_by_the_shapes(graph: ConflictGraph, name: str) -> None:
    assert not validate([*quads(graph), *planted(graph)[name]], DATA / "shapes").conforms


def test_every_plant_is_tried(graph: ConflictGraph) -> None:
    assert set(planted(graph)) == set(PLANTED)


@pytest.mark.parametrize(
    "line",
    [
        "<x:s> <x:says> <<( {sudria} <{perpetrated}> {incident} )>> .",
        "{claim} <{reifies}> <<( {sudria} <{perpetrated}> {incident} )>> .",
        "{claim} <{reifies}> <<( {sudria} <x:shelled> {norland} )>> .",
        "{incident} <{reifies}> <<( {sudria} <{perpetrated}> {incident} )>> .",
    ],
)
def test_a_triple_term_is_named_by_its_proposition_only(graph: ConflictGraph, rule: Any, line: str) -> None:
    body = file(graph, Profile.RDF12, "ntriples").decode()
    assert f"<{terms.PERPETRATED}>" in body
    names = {
        "sudria": str(SUDRIA),
        "norland": str(NORLAND),
        "incident": str(_incident(graph)),
        "claim": f"<{BASE_IRI}claim/{next(iter(graph.claims))}>",
        "perpetrated": terms.PERPETRATED,
        "reifies": terms.RDF + "reifies",
    }
    spoilt = body + line.format_map(names) + "\n"
    assert list(rule.of_rdf(spoilt.encode(), "ntriples"))


def test_code_that_asserts_is_caught_in_every_file(
    graph: ConflictGraph, rule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only what is added to a file: what the code itself might one day write."""
    honest = Statements._incident

    def telling(self: Statements, incident: Any, *of: Any) -> str:
        who = f"<{BASE_IRI}incident/{incident.id}> <{SEM}hasActor> {SUDRIA} .\n"
        return honest(self, incident, *of) + who

    monkeypatch.setattr(Statements, "_incident", telling)
    for profile, format_ in ALL:
        if profile is not Profile.EDGES:
            assert list(rule.of_rdf(file(graph, profile, format_), format_)), (profile, format_)


def test_the_rule_allows_what_the_shapes_allow(rule: Any) -> None:
    """Two lists, written apart; they may not drift apart."""
    shapes = rdflib.Graph().parse(DATA / "shapes" / "firewall.shacl.ttl")
    assert (None, RDF.type, OWL.Ontology) in shapes
    for kind, allowed in rule.MAY_SAY.items():
        (head,) = [
            head
            for shape in shapes.subjects(SH.targetClass, rdflib.URIRef(PLM + kind.capitalize()))
            for head in shapes.objects(shape, SH.ignoredProperties)
        ]
        # Triple terms, which assert nothing, are no matter of the shapes.
        assert {str(one) for one in Collection(shapes, head)} == allowed - {terms.RDF + "reifies"}, kind
    for kind, pointing in rule.MAY_POINT_AT.items():
        (shape,) = shapes.subjects(SH.targetNode, rdflib.URIRef(PLM + kind.capitalize()))
        assert shapes.value(shape, RDFS.label) is not None
        query = str(shapes.value(shapes.value(shape, SH.sparql), SH.select))
        told = {PLM + name for name in re.findall(r"plm:(\w+)", query)} - {terms.PERPETRATED}
        assert told == set(pointing), kind


def test_the_file_that_the_rule_reads_is_the_file_that_was_written(graph: ConflictGraph) -> None:
    counted = len(set(quads(graph)))
    for format_, entry in FORMATS.items():
        body = file(graph, Profile.CLAIMS, format_)
        assert len(set(parse(body, entry.rdf_format()))) == counted
    assert RdfFormat.from_media_type("text/csv") is None
