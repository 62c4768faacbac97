"""What we publish conforms; whatever is planted in it is found, and the message says what to do."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from app.graph import ConflictGraph
from app.rdf import terms
from app.rdf.dataset import Statements, quads
from app.rdf.serialise import FORMATS, write
from app.rdf.shapes import as_rdflib, validate
from app.rdf.terms import BASE_IRI, DCAT, DCTERMS, EDTF, GEO, NP, OA, PLM, PROV, RDF, SCHEMA, SEM, VOID, XSD, Profile
from app.vocabulary.errors import BadData, BadInput

Plant = Callable[[Any], object]


class Planted:
    """The dispute as an rdflib graph, and short ways to spoil it."""

    def __init__(self, graph: ConflictGraph, ids: dict[str, str]) -> None:
        self.graph = as_rdflib(quads(graph))
        self.ids = ids

    def node(self, name: str, part: str = "") -> rdflib.URIRef:
        kind = {"shelling": "incident", "bombing": "incident", "admitted": "acknowledgement"}.get(name, "claim")
        return rdflib.URIRef(f"{BASE_IRI}{kind}/{self.ids[name]}{part}")

    @property
    def dataset(self) -> rdflib.URIRef:
        (found,) = self.graph.subjects(rdflib.RDF.type, rdflib.URIRef(VOID + "Dataset"))
        assert isinstance(found, rdflib.URIRef)
        return found

    def content(self, name: str) -> rdflib.URIRef:
        """The proposition that a claim or acknowledgement has as its content."""
        (found,) = self.graph.objects(self.node(name), plm("content"))
        assert isinstance(found, rdflib.URIRef)
        return found

    def add(self, subject: rdflib.URIRef, predicate: str, value: rdflib.term.Node) -> None:
        self.graph.add((subject, rdflib.URIRef(predicate), value))

    def drop(self, subject: rdflib.URIRef, predicate: str) -> None:
        self.graph.remove((subject, rdflib.URIRef(predicate), None))

    def set(self, subject: rdflib.URIRef, predicate: str, value: rdflib.term.Node) -> None:
        self.drop(subject, predicate)
        self.add(subject, predicate, value)


def actor(name: str) -> rdflib.URIRef:
    return rdflib.URIRef(f"{BASE_IRI}actor/actor-{name}")


def plm(name: str) -> rdflib.URIRef:
    return rdflib.URIRef(PLM + name)


def lit(value: object, type_: str | None = None) -> rdflib.Literal:
    return rdflib.Literal(value, datatype=rdflib.URIRef(XSD + type_) if type_ else None)


X = rdflib.URIRef("x:n")
ARMY_THEN = rdflib.URIRef(f"{BASE_IRI}actor/actor-belorian-army#membership-actor-old-cerinia-since-1922-until-1991-08")

PLANTED: dict[str, tuple[Plant, str]] = {
    "who did it": (
        lambda p: p.add(actor("beloria"), PLM + "perpetrated", p.node("shelling")), "No data set may assert"
    ),
    "who did it, of something undescribed": (
        lambda p: p.add(rdflib.URIRef("x:a"), PLM + "perpetrated", rdflib.URIRef("x:i")),
        "No data set may assert",
    ),
    "who did it, in another vocabulary": (
        lambda p: p.add(p.node("shelling"), SEM + "hasActor", actor("beloria")),
        "who did it belongs into a claim with a plm:Proposition",
    ),
    "who did it, by attribution": (
        lambda p: p.add(p.node("shelling"), PROV + "wasAttributedTo", actor("beloria")),
        "who did it belongs into a claim with a plm:Proposition",
    ),
    "an actor joined to an incident": (
        lambda p: p.add(actor("beloria"), SCHEMA + "subjectOf", p.node("shelling")),
        "belongs into a claim with a plm:Proposition",
    ),
    "who did it, by somebody else's word": (
        lambda p: p.add(X, "x:convicts", actor("beloria")), "or proposition point at an actor"
    ),
    "who did it, as a statement about a statement": (
        lambda p: p.add(X, RDF + "subject", actor("beloria")), "or proposition point at an actor"
    ),
    "an incident of something else": (
        lambda p: p.add(X, SEM + "subEventOf", p.node("shelling")), "Only a claim, an acknowledgement or a proposition"
    ),
    "a proposition that is said to hold": (
        lambda p: p.add(p.content("accused"), "x:holds", lit("true", "boolean")), "A proposition names its incident"
    ),
    "a proposition that a court found": (
        lambda p: p.add(X, "x:finds", p.content("accused")), "nothing else points at it"
    ),
    "a claim that is said to be so": (
        lambda p: p.add(p.node("accused"), SCHEMA + "reviewRating", lit("5")), "nothing says of it whether it is so"
    ),
    "an incident of a class that says who": (
        lambda p: p.add(p.node("shelling"), RDF + "type", rdflib.URIRef("x:AttackByBeloria")), "no class but"
    ),
    "an actor of a class that says what": (
        lambda p: p.add(actor("beloria"), RDF + "type", rdflib.URIRef("x:Shooter")), "classes of this ontology only"
    ),
    "an acknowledgement as a finding": (
        lambda p: p.add(p.node("admitted"), RDF + "type", rdflib.URIRef("x:Finding")), "neither a claim nor a finding"
    ),
    "an acknowledgement as a claim": (
        lambda p: p.add(p.node("admitted"), RDF + "type", plm("Claim")), "neither a claim nor a finding"
    ),
    "an agent of what is no proposition": (
        lambda p: p.add(X, PLM + "agent", actor("beloria")), "Only a plm:Proposition has a plm:agent"
    ),
    "a target of what is no claim": (
        lambda p: p.add(X, PLM + "target", actor("beloria")), "Only a plm:Claim has a source, a target"
    ),
    "a speaker of what is no claim": (
        lambda p: p.add(X, PLM + "speaker", actor("beloria")), "Only a plm:Claim or a plm:Acknowledgement has a speaker"
    ),
    "an actor of what is no acknowledgement": (
        lambda p: p.add(X, PLM + "actor", actor("beloria")), "Only a plm:Acknowledgement or a plm:Relay"
    ),
    "a whole of what is no membership": (
        lambda p: p.add(X, PLM + "whole", actor("beloria")), "Only a plm:Membership has a plm:whole"
    ),
    "a relay that says more": (
        lambda p: p.add(p.node("relayed", "#relay-1"), "x:vouches", lit("yes")), "A relay names its actor"
    ),
    "a relay without a place in the order": (
        lambda p: p.drop(p.node("relayed", "#relay-1"), SCHEMA + "position"), "Give the relay one schema:position"
    ),
    "a membership that says more": (
        lambda p: p.add(ARMY_THEN, "x:under", lit("orders")), "A membership names the whole and the period"
    ),
    "a membership of nothing": (lambda p: p.drop(ARMY_THEN, PLM + "whole"), "exactly one plm:whole"),
    "a membership of two": (
        lambda p: p.add(actor("ardania"), PLM + "membership", ARMY_THEN), "exactly one actor have the membership"
    ),
    "a rung that does not follow": (
        lambda p: p.set(p.node("ordered"), PLM + "rung", plm("CarriedOut")), "Let plm:rung be the plm:threatKind"
    ),
    "a rung beyond the modality": (
        lambda p: p.set(p.node("vowed"), PLM + "rung", plm("Ordered")), "Let plm:rung be the plm:threatKind"
    ),
    "a rung of an accusation": (
        lambda p: p.add(p.node("accused"), PLM + "rung", plm("Threatened")), "Only a retaliation has a plm:rung"
    ),
    "a threat kind of a deed": (
        lambda p: p.add(p.node("struck"), PLM + "threatKind", plm("Ordered")), "Only a plm:Threatened retaliation"
    ),
    "an acknowledgement of no kind": (
        lambda p: p.drop(p.node("admitted"), PLM + "acknowledgementKind"), "exactly one plm:acknowledgementKind"
    ),
    "an acknowledgement that accuses": (
        lambda p: p.set(p.node("admitted"), PLM + "actor", actor("ardania")), "about nobody else"
    ),
    "an acknowledgement without its words": (
        lambda p: p.drop(p.node("admitted"), PLM + "evidence"), "Give the claim its evidence"
    ),
    "a day of publication that is not the article's": (
        lambda p: p.set(p.node("accused"), PLM + "published", lit("2001-01-01", "date")), "the day on which the article"
    ),
    "an instant that is a day": (
        lambda p: p.set(p.node("accused"), PLM + "ingested", lit("2026-03-10", "date")), "an xsd:dateTime"
    ),
    "what ended before it began": (
        lambda p: p.set(p.node("accused"), PLM + "happenedNotAfter", lit("2001-01-01", "date")),
        "does not lie after plm:happenedNotAfter",
    ),
    "no evidence": (lambda p: p.drop(p.node("accused"), PLM + "evidence"), "Give the claim its evidence"),
    "no quote": (lambda p: p.drop(p.node("accused", "#quote"), OA + "exact"), "Give the evidence its exact quote"),
    "an empty quote": (lambda p: p.set(p.node("accused", "#quote"), OA + "exact", lit("")), "not empty"),
    "no start": (lambda p: p.drop(p.node("accused", "#position"), OA + "start"), "one oa:start"),
    "an offset that is no number": (
        lambda p: p.set(p.node("accused", "#position"), OA + "end", lit("twelve")),
        "one oa:end, an xsd:nonNegativeInteger",
    ),
    "an end before the start": (
        lambda p: p.set(p.node("accused", "#position"), OA + "end", lit("0", "nonNegativeInteger")),
        "Let oa:start lie before oa:end",
    ),
    "evidence of no half": (
        lambda p: p.drop(p.node("accused", "#passage"), PLM + "inPart"), "in which half of the article"
    ),
    "evidence in another article": (
        lambda p: p.set(
            p.node("accused", "#passage"), OA + "hasSource",
            next(p.graph.objects(p.node("bare"), rdflib.URIRef(PROV + "wasDerivedFrom"))),
        ),
        "Let the evidence stand in the article that the claim was derived from",
    ),
    "no article": (lambda p: p.drop(p.node("accused"), PROV + "wasDerivedFrom"), "Name the one article"),
    "no reading": (lambda p: p.drop(p.node("accused"), PROV + "wasGeneratedBy"), "Name the one reading"),
    "no speaker": (lambda p: p.drop(p.node("accused"), PLM + "speaker"), "Name at least one plm:speaker"),
    "no source": (lambda p: p.drop(p.node("accused"), PLM + "onBehalfOf"), "Name the actor on whose behalf"),
    "two targets": (
        lambda p: p.add(p.node("accused"), PLM + "target", actor("cerinia")), "make one claim for each"
    ),
    "a target that is no actor": (
        lambda p: p.set(p.node("accused"), PLM + "target", p.node("shelling")), "Describe the plm:target as a plm:Actor"
    ),
    "itself as target": (
        lambda p: p.set(p.node("accused"), PLM + "target", actor("ardania")), "Source and target are the same actor"
    ),
    "no modality": (lambda p: p.drop(p.node("vowed"), PLM + "modality"), "exactly one plm:modality"),
    "two modalities": (
        lambda p: p.add(p.node("vowed"), PLM + "modality", plm("CalledFor")), "exactly one plm:modality"
    ),
    "an accusation carried out": (
        lambda p: p.set(p.node("accused"), PLM + "modality", plm("CarriedOut")), "An accusation can only be"
    ),
    "a denial threatened": (
        lambda p: p.set(p.node("denied"), PLM + "modality", plm("Threatened")), "A denial can only be plm:Asserted"
    ),
    "a retaliation asserted": (
        lambda p: p.set(p.node("vowed"), PLM + "modality", plm("Asserted")), "A retaliation is plm:CarriedOut"
    ),
    "a denial kind on an accusation": (
        lambda p: p.add(p.node("accused"), PLM + "denialKind", plm("IntentDenial")), "Only a denial has"
    ),
    "a denial kind of no list": (
        lambda p: p.set(p.node("denied"), PLM + "denialKind", plm("Shrug")), "at most one plm:denialKind of"
    ),
    "no type": (lambda p: p.graph.remove((p.node("vowed"), rdflib.RDF.type, plm("Retaliation"))), "exactly one type"),
    "two types": (lambda p: p.add(p.node("vowed"), RDF + "type", plm("Denial")), "exactly one type"),
    "a confidence beyond one": (
        lambda p: p.set(p.node("accused"), PLM + "confidence", lit("1.5", "decimal")), "from 0 to 1"
    ),
    "a place of no precision": (
        lambda p: p.drop(rdflib.URIRef(BASE_IRI + "place/place-kesh-xar"), PLM + "placePrecision"),
        "Say what the place's location stands for",
    ),
    "a point for a region": (
        lambda p: p.add(
            rdflib.URIRef(BASE_IRI + "place/place-upper-dova-xar"), GEO + "hasGeometry",
            rdflib.URIRef(BASE_IRI + "place/place-kesh-xar#geometry"),
        ),
        "Only a site or a settlement has a point",
    ),
    "a country in full": (lambda p: p.set(p.node("shelling"), PLM + "country", lit("Ardania")), "alpha-3 code"),
    "an incident that ends before it begins": (
        lambda p: p.set(p.node("shelling"), SEM + "hasLatestEndTimeStamp", lit("2020-01-01", "date")),
        "does not lie after its latest day",
    ),
    "an answer to nothing": (
        lambda p: p.set(p.node("denied"), PLM + "respondsTo", rdflib.URIRef(BASE_IRI + "claim/gone")),
        "Let plm:respondsTo name a claim or incident of the same data set",
    ),
    "an answer to an actor": (
        lambda p: p.set(p.node("denied"), PLM + "respondsTo", actor("beloria")),
        "Let plm:respondsTo name at most one claim or incident.",
    ),
    "an id of nothing, as told": (
        lambda p: p.add(p.node("accused"), PLM + "aboutAsTold", lit("")), "at most one plm:aboutAsTold, an id"
    ),
    "an id as an address": (
        lambda p: p.add(p.node("accused"), PLM + "respondsToAsTold", p.node("shelling")), "plm:respondsToAsTold, an id"
    ),
    "a date of no form": (
        lambda p: p.set(p.node("vowed"), PLM + "saidOn", rdflib.Literal("soon", datatype=rdflib.URIRef(EDTF))),
        "as an EDTF interval",
    ),
    "an actor's other id as an address": (
        lambda p: p.add(actor("beloria"), SCHEMA + "identifier", actor("ardania")), "Write the ids of actors"
    ),
    "an incident's other id as an address": (
        lambda p: p.add(p.node("shelling"), SCHEMA + "identifier", X), "Write the ids under which articles"
    ),
    "a data set of no revision": (lambda p: p.drop(p.dataset, PLM + "revision"), "State the one revision"),
    "a data set of no such profile": (
        lambda p: p.set(p.dataset, PLM + "profile", lit("facts")), "State the one plm:profile"
    ),
    "a part of nothing": (
        lambda p: p.add(p.dataset, PLM + "selection", lit("type=denies")), "of which a selection is a part"
    ),
    "a file that cannot be had": (
        lambda p: p.add(p.dataset, DCAT + "distribution", X), "Give the file one dcat:downloadURL"
    ),
    "a share of nothing": (
        lambda p: p.add(p.dataset, VOID + "classPartition", X), "Let a partition count"
    ),
    "an actor of no name": (
        lambda p: p.drop(actor("beloria"), terms.RDFS + "label"), "the actor exactly one rdfs:label"
    ),
    "an incident that nobody reports": (
        lambda p: p.drop(p.node("shelling"), PLM + "reportedIn"), "Name at least one article"
    ),
    "a proposition of no incident": (
        lambda p: p.drop(p.content("accused"), PLM + "incident"), "Give the proposition exactly one plm:incident"
    ),
    "a reading of nothing": (
        lambda p: p.drop(
            next(p.graph.objects(p.node("accused"), rdflib.URIRef(PROV + "wasGeneratedBy"))), PROV + "used"
        ),
        "Name the one article that the reading read",
    ),
    "an article of two publishers": (
        lambda p: p.add(
            next(p.graph.objects(p.node("accused"), rdflib.URIRef(PROV + "wasDerivedFrom"))), SCHEMA + "publisher",
            rdflib.URIRef(BASE_IRI + "publisher/other"),
        ),
        "Give the article at most one schema:publisher",
    ),
    "somebody who accuses and is no actor": (
        lambda p: p.add(X, PLM + "accuses", actor("beloria")), "Only a plm:Actor is part of another"
    ),
}  # fmt: skip


NANOPUBS: dict[str, tuple[Plant, str]] = {
    "no assertion": (lambda p: p.drop(p.nanopub, NP + "hasAssertion"), "exactly one np:hasAssertion"),
    "two provenances": (lambda p: p.add(p.nanopub, NP + "hasProvenance", X), "exactly one np:hasProvenance"),
    "no publication info": (
        lambda p: p.drop(p.nanopub, NP + "hasPublicationInfo"), "exactly one np:hasPublicationInfo"
    ),
    "about an actor": (lambda p: p.set(p.nanopub, DCTERMS + "subject", actor("beloria")), "Name the one claim or"),
    "by nobody": (lambda p: p.drop(p.nanopub, DCTERMS + "creator"), "Name who made the nanopublication"),
    "of no licence": (lambda p: p.drop(p.nanopub, DCTERMS + "license"), "exactly one dcterms:license"),
    "made some day": (lambda p: p.set(p.nanopub, DCTERMS + "created", lit("soon")), "at most one dcterms:created"),
    "of no revision": (lambda p: p.drop(p.nanopub, PLM + "revision"), "State the one revision of the ledger"),
    "from nowhere": (lambda p: p.drop(p.assertion, PROV + "wasDerivedFrom"), "Name the article from which"),
    "by no reading": (lambda p: p.drop(p.assertion, PROV + "wasGeneratedBy"), "Name the reading that made"),
    "who did it": (
        lambda p: p.add(actor("beloria"), PLM + "perpetrated", p.node("shelling")), "No data set may assert"
    ),
}  # fmt: skip


class PlantedNanopubs(Planted):
    """The dispute as nanopublications, all graphs in one, and the one of the first accusation."""

    def __init__(self, graph: ConflictGraph, ids: dict[str, str]) -> None:
        super().__init__(graph, ids)
        self.graph = as_rdflib(quads(graph, profile=Profile.NANOPUB))
        self.nanopub = rdflib.URIRef(f"{BASE_IRI}nanopub/{ids['accused']}-r{graph.revision}")
        self.assertion = rdflib.URIRef(f"{self.nanopub}#assertion")


@pytest.mark.parametrize("name", NANOPUBS)
def test_what_is_planted_in_nanopublications_is_found(
    graph: ConflictGraph, dispute: Any, shapes: Path, name: str
) -> None:
    plant, message = NANOPUBS[name]
    spoilt = PlantedNanopubs(graph, dispute.ids)
    plant(spoilt)
    report = validate(spoilt.graph, shapes)
    assert not report.conforms
    assert message in report.text


def test_every_shape_has_something_planted_that_it_finds(shapes: Path) -> None:
    """A shape without a message that some planted error calls forth might find nothing at all."""
    told = [message for _, message in (*PLANTED.values(), *NANOPUBS.values())]
    for path in sorted(shapes.glob("*.shacl.ttl")):
        graph = rdflib.Graph().parse(path)
        for shape in graph.subjects(rdflib.RDF.type, rdflib.SH.NodeShape):
            parts = [shape, *graph.objects(shape, rdflib.SH.property), *graph.objects(shape, rdflib.SH.sparql)]
            own = [str(text) for part in parts for text in graph.objects(part, rdflib.SH.message)]
            assert any(message in text for message in told for text in own), shape


@pytest.mark.parametrize("profile", list(Profile))
def test_what_we_publish_conforms_in_every_profile(graph: ConflictGraph, shapes: Path, profile: Profile) -> None:
    report = validate(graph, shapes, profile=profile)
    assert report.conforms, report.text


def moved(graph: ConflictGraph, change: Callable[[Quad], Iterable[Quad]]) -> Iterable[Quad]:
    for quad in quads(graph, profile=Profile.NANOPUB):
        yield from change(quad)


def _part(quad: Quad) -> str:
    return str(getattr(quad.graph_name, "value", "")).rpartition("#")[2]


MISPLACED: dict[str, tuple[Callable[[Quad], list[Quad]], str]] = {
    "outside": (
        lambda q: [Quad(q.subject, q.predicate, q.object)] if _part(q) == "assertion" else [q], "Let no graph"
    ),
    "empty provenance": (lambda q: [] if _part(q) == "provenance" else [q], "Let no graph of the nanopublication be"),
    "provenance of something else": (
        lambda q: [] if _part(q) == "provenance" and "#assertion" in str(q.subject) else [q],
        "Let the provenance graph speak",
    ),
    "info on something else": (
        lambda q: [] if _part(q) == "pubinfo" and "/nanopub/" in str(q.subject) else [q],
        "Let the publication info speak",
    ),
    "head without a graph": (
        lambda q: [Quad(q.subject, q.predicate, q.object)] if _part(q) == "Head" else [q], "in one head graph"
    ),
    "one more graph": (
        lambda q: [q, Quad(q.subject, q.predicate, q.object, NamedNode("x:g"))] if _part(q) == "Head" else [q],
        "Name the three parts in one head graph",
    ),
    "a graph of nothing": (
        lambda q: [q, Quad(NamedNode("x:a"), NamedNode("x:b"), NamedNode("x:c"), NamedNode("x:g"))],
        "Put every statement into a graph of a nanopublication",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISPLACED)
def test_a_statement_in_the_wrong_graph_is_found(graph: ConflictGraph, shapes: Path, name: str) -> None:
    change, message = MISPLACED[name]
    report = validate(moved(graph, change), shapes)
    assert not report.conforms
    assert message in report.text


@pytest.fixture
def planted(graph: ConflictGraph, dispute: Any) -> Planted:
    return Planted(graph, dispute.ids)


def test_what_we_publish_conforms(graph: ConflictGraph, shapes: Path) -> None:
    report = validate(graph, shapes)
    assert report.text.endswith("triples conform to the shapes.")
    assert (report.conforms, report.violations) == (True, ())
    assert report.triples == "".join(Statements(graph)).count("\n")
    edges = validate(quads(graph, profile=Profile.EDGES), shapes)
    assert edges.conforms, edges.text


@pytest.mark.parametrize("format_", FORMATS)
def test_every_file_conforms(graph: ConflictGraph, shapes: Path, tmp_path: Path, format_: str) -> None:
    path = tmp_path / f"out.{FORMATS[format_].extension}"
    for profile in Profile:
        if FORMATS[format_].carries(profile):
            write(graph, format_, path, profile=profile)
            report = validate(path, shapes)
            assert report.conforms, (profile, report.text)


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found(planted: Planted, shapes: Path, name: str) -> None:
    plant, message = PLANTED[name]
    plant(planted)
    report = validate(planted.graph, shapes)
    assert not report.conforms
    assert any(message in violation.message for violation in report.violations), report.text
    assert message in report.text


def test_a_report_names_node_and_value(planted: Planted, shapes: Path) -> None:
    planted.set(planted.node("accused"), PLM + "confidence", lit("1.5", "decimal"))
    (violation,) = validate(planted.graph, shapes).violations
    assert violation.focus == str(planted.node("accused"))
    assert violation.path == PLM + "confidence"
    assert str(violation).endswith("(now: 1.5)")


def test_a_store_can_be_held_against_the_shapes(shapes: Path) -> None:
    store = Store()
    store.load(b"<x:a> <https://w3id.org/polemos/ns#perpetrated> <x:i> .", RdfFormat.N_TRIPLES)
    assert "No data set may assert" in validate(store, shapes).text


def test_files_that_cannot_be_read_are_named(shapes: Path, tmp_path: Path) -> None:
    broken, odd = tmp_path / "broken.ttl", tmp_path / "data.csv"
    broken.write_text("<a> <b> .")
    odd.write_text("a,b")
    with pytest.raises(BadInput, match=r"broken\.ttl is not text/turtle"):
        validate(broken, shapes)
    with pytest.raises(BadInput, match=r"no RDF file by its name; use one of \.ttl"):
        validate(odd, shapes)
    with pytest.raises(BadInput, match="cannot be read"):
        validate(tmp_path / "absent.ttl", shapes)
    with pytest.raises(BadData, match="holds no shapes"):
        validate(broken, tmp_path)
    (tmp_path / "bad.shacl.ttl").write_text("<a> <b> .")
    with pytest.raises(BadData, match=r"bad\.shacl\.ttl cannot be read as Turtle"):
        validate(broken, tmp_path)


def test_terms_of_every_kind_pass_from_one_library_to_the_other() -> None:
    text = b'_:b <x:p> "a"@en , "b" , "01"^^<http://www.w3.org/2001/XMLSchema#integer> , <x:o> , _:c .'
    out = Store()
    out.load(io.BytesIO(text), RdfFormat.TURTLE)
    values = {value.n3() for value in as_rdflib(out).objects() if not isinstance(value, rdflib.BNode)}
    assert values >= {'"a"@en', '"b"', "<x:o>"}
