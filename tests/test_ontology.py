"""Ontology, shapes, context and crosswalk say what `app.vocabulary.terms` says, both ways, and explain every word."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import rdflib
from rdflib import DCTERMS, OWL, RDF, RDFS, SH, SKOS
from rdflib.collection import Collection

from app.rdf import terms
from app.rdf.terms import PLM
from app.vocabulary.records import Acknowledgement, Membership, Place
from app.vocabulary.terms import (
    MODALITIES,
    AcknowledgementKind,
    ActorKind,
    ClaimType,
    DecisionKind,
    DenialKind,
    EdgeKind,
    Judgement,
    Modality,
    Rung,
    ThreatKind,
)

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "graph_data"
NS = rdflib.Namespace(PLM)
PRECISIONS = set(get_args(get_type_hints(Place)["precision"]))


@pytest.fixture(scope="module")
def ontology() -> rdflib.Graph:
    return rdflib.Graph().parse(DATA / "ontology" / "polemos.ttl")


@pytest.fixture(scope="module")
def crosswalk() -> rdflib.Graph:
    return rdflib.Graph().parse(DATA / "ontology" / "crosswalk.ttl")


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    found = rdflib.Graph()
    for path in sorted((DATA / "shapes").glob("*.shacl.ttl")):
        found.parse(path)
    return found


def notations(graph: rdflib.Graph, nodes: Iterator[rdflib.term.Node]) -> dict[str, str]:
    """Notation → IRI of nodes that have one."""
    return {str(notation): str(node) for node in nodes for notation in graph.objects(node, SKOS.notation)}


def members(ontology: rdflib.Graph, scheme: str) -> dict[str, str]:
    return notations(ontology, ontology.subjects(SKOS.inScheme, NS[scheme]))


def ours(graph: rdflib.Graph) -> set[rdflib.URIRef]:
    return {node for node in graph.subjects() if isinstance(node, rdflib.URIRef) and node.startswith(PLM)}


def test_claim_types_are_the_classes_of_claims(ontology: rdflib.Graph) -> None:
    classes = notations(ontology, ontology.subjects(RDFS.subClassOf, NS.Claim))
    assert classes == {str(kind): terms.CLAIM_CLASS[kind] for kind in ClaimType}
    labels = {kind: str(ontology.value(rdflib.URIRef(terms.CLAIM_CLASS[kind]), RDFS.label)) for kind in ClaimType}
    assert labels == {kind: kind.noun for kind in ClaimType}


def test_actor_kinds_are_the_classes_of_actors(ontology: rdflib.Graph) -> None:
    classes = notations(ontology, ontology.subjects(RDFS.subClassOf, NS.Actor))
    assert classes == {str(kind): class_ for kind, class_ in terms.ACTOR_CLASS.items()}
    assert set(classes) | {"unknown"} == {str(kind) for kind in ActorKind}
    assert str(ontology.value(NS.Actor, SKOS.notation)) == ActorKind.UNKNOWN


def test_modalities_are_the_concepts_of_their_scheme(ontology: rdflib.Graph) -> None:
    assert members(ontology, "ModalityScheme") == {str(one): terms.MODALITY[one] for one in Modality}
    allowed = {
        kind: {
            one
            for one in Modality
            if (rdflib.URIRef(terms.MODALITY[one]), NS.allowedFor, rdflib.URIRef(terms.CLAIM_CLASS[kind])) in ontology
        }
        for kind in ClaimType
    }
    assert allowed == {kind: set(modalities) for kind, modalities in MODALITIES.items()}


def test_denial_kinds_precisions_and_parts_are_the_concepts_of_theirs(ontology: rdflib.Graph) -> None:
    assert members(ontology, "DenialKindScheme") == {str(one): terms.DENIAL_KIND[one] for one in DenialKind}
    assert members(ontology, "PlacePrecisionScheme") == terms.PRECISION
    assert set(terms.PRECISION) == PRECISIONS
    assert members(ontology, "ArticlePartScheme") == terms.PART


def test_threats_are_sub_kinds_of_threatened(ontology: rdflib.Graph) -> None:
    assert members(ontology, "ThreatKindScheme") == {str(one): terms.THREAT_KIND[one] for one in ThreatKind}
    threatened = rdflib.URIRef(terms.MODALITY[Modality.THREATENED])
    narrower = {str(node) for node in ontology.subjects(SKOS.broadMatch, threatened)}
    assert narrower == set(terms.THREAT_KIND.values())


def test_the_ladder_has_the_rungs_in_their_order_each_a_modality_or_threat_kind(ontology: rdflib.Graph) -> None:
    head = ontology.value(NS.RetaliationLadder, SKOS.memberList)
    assert head is not None
    ladder = [str(node) for node in Collection(ontology, head)]
    assert ladder == [terms.RUNG[rung] for rung in sorted(Rung, key=lambda rung: rung.height)]
    told = {str(node): str(ontology.value(node, SKOS.notation)) for node in map(rdflib.URIRef, ladder)}
    assert told == {terms.RUNG[rung]: str(rung) for rung in Rung}
    may_be = {terms.MODALITY[one] for one in MODALITIES[ClaimType.RETALIATES]} | set(terms.THREAT_KIND.values())
    assert set(ladder) == may_be


def test_acknowledgements_are_no_claims_and_have_their_kinds(ontology: rdflib.Graph) -> None:
    kinds = {str(one): terms.ACKNOWLEDGEMENT_KIND[one] for one in AcknowledgementKind}
    assert members(ontology, "AcknowledgementKindScheme") == kinds
    assert set(ontology.objects(NS.Acknowledgement, RDFS.subClassOf)) == {NS.ReportedAct}
    disjoint = {
        frozenset(Collection(ontology, head))
        for node in ontology.subjects(RDF.type, OWL.AllDisjointClasses)
        for head in ontology.objects(node, OWL.members)
    }
    assert frozenset(map(rdflib.URIRef, terms.CLAIM_CLASS.values())) | {NS.Acknowledgement} in disjoint


def test_what_claims_and_acknowledgements_share_says_nothing_of_claims(ontology: rdflib.Graph) -> None:
    """Else whoever reasons over the data would find that an acknowledgement is a claim."""
    for (
        name
    ) in "speaker about content saidOn saidNotBefore saidNotAfter published ingested lineage evidence cue".split():
        assert ontology.value(NS[name], RDFS.domain) == NS.ReportedAct, name


def test_decisions_and_judgements_are_the_concepts_of_theirs(ontology: rdflib.Graph) -> None:
    assert set(members(ontology, "DecisionKindScheme")) == {str(one) for one in DecisionKind}
    assert set(members(ontology, "JudgementScheme")) == {str(one) for one in Judgement}


def test_the_reference_tells_the_same_lists() -> None:
    told = (ROOT / "docs" / "reference" / "data-model.md").read_text(encoding="utf-8")
    for list_ in (ThreatKind, Rung, AcknowledgementKind, DecisionKind, Judgement):
        for term in list_:
            assert f"`{term.value}`" in told, f"{list_.__name__}: {term.value}"
    ladder = " < ".join(f"`{rung}`" for rung in sorted(Rung, key=lambda rung: rung.height))
    assert ladder in told


@pytest.mark.parametrize("record", [Membership, Acknowledgement])
def test_the_reference_tells_every_field(record: type) -> None:
    told = (ROOT / "docs" / "reference" / "data-model.md").read_text(encoding="utf-8")
    section = told.partition(f"\n### {record.__name__}\n")[2].partition("\n##")[0]
    for one in dataclasses.fields(record):
        assert f"`{one.name}`" in section, one.name


def test_edges_read_as_the_code_reads_them(ontology: rdflib.Graph) -> None:
    phrases = {str(node): str(text) for node, text in ontology.subject_objects(NS.phrase)}
    of_kinds = {terms.EDGE_PROPERTY[kind]: kind.phrase for kind in EdgeKind}
    finer = {PLM + "threatensRetaliation", PLM + "callsForRetaliation"}
    assert {node: text for node, text in phrases.items() if node not in finer} == of_kinds
    assert finer <= set(phrases)


def test_every_speech_act_has_a_property_between_actors(ontology: rdflib.Graph) -> None:
    assert set(terms.SPEECH_ACT) == {(kind, one) for kind, allowed in MODALITIES.items() for one in allowed}
    for name in terms.SPEECH_ACT.values():
        node = rdflib.URIRef(name)
        assert (node, RDFS.domain, NS.Actor) in ontology
        assert (node, RDFS.range, NS.Actor) in ontology


def test_perpetration_is_defined_only_to_be_refused(ontology: rdflib.Graph, shapes: rdflib.Graph) -> None:
    forbidden = {str(node) for node in ontology.subjects(NS.forbiddenInData, rdflib.Literal(True))}
    assert forbidden == {terms.PERPETRATED}
    (shape,) = shapes.subjects(SH.targetSubjectsOf, rdflib.URIRef(terms.PERPETRATED))
    assert shape is not None
    for graph in (ontology, shapes):
        assert (None, rdflib.URIRef(terms.PERPETRATED), None) not in graph


def test_the_firewall_closes_every_class_that_names_an_actor_or_incident(
    ontology: rdflib.Graph, shapes: rdflib.Graph
) -> None:
    """Whatever the ontology lets name an actor, incident or proposition is closed, and may do so by a listed property.

    A property added to the ontology without a thought for the firewall fails here.
    """
    closed = {
        class_: {str(node) for node in Collection(shapes, head)}
        for shape in shapes.subjects(SH.closed, rdflib.Literal(True))
        for class_ in shapes.objects(shape, SH.targetClass)
        for head in shapes.objects(shape, SH.ignoredProperties)
    }
    names = "Actor Incident Proposition Claim Acknowledgement Relay Membership".split()
    assert set(closed) == {NS[name] for name in names}
    guarded = {NS.Actor, NS.Incident, NS.Proposition}
    queries = " ".join(str(text) for text in shapes.objects(None, SH.select))
    for property_ in ontology.subjects(RDF.type, OWL.ObjectProperty):
        if str(property_) != terms.PERPETRATED and ontology.value(property_, RDFS.range) in guarded:
            assert str(property_).replace(PLM, "plm:") in queries, property_
            assert any(str(property_) in allowed for allowed in closed.values()), property_
    # What one end may say, the other must let be said, and nothing allowed is made up.
    said = {name for allowed in closed.values() for name in allowed if name.startswith(PLM)}
    assert said <= {str(node) for node in ours(ontology)}
    assert terms.PERPETRATED not in said


def test_every_term_of_ours_has_label_comment_and_home(ontology: rdflib.Graph) -> None:
    home = rdflib.URIRef(PLM.rstrip("#"))
    for node in sorted(ours(ontology)):
        label, comment = ontology.value(node, RDFS.label), ontology.value(node, RDFS.comment)
        assert label is not None, node
        assert comment is not None, node
        assert str(comment).endswith("."), node
        assert len(str(comment)) > len(str(label)), node
        assert (node, RDFS.isDefinedBy, home) in ontology, node
        assert ontology.value(node, RDF.type) is not None, node


def test_every_term_has_an_example(ontology: rdflib.Graph) -> None:
    for node in sorted(ours(ontology)):
        (example,) = ontology.objects(node, SKOS.example)
        assert len(str(example)) > 1, node


def test_the_ontology_names_its_version_as_the_code_does(ontology: rdflib.Graph, shapes: rdflib.Graph) -> None:
    head = rdflib.URIRef(terms.ONTOLOGY_IRI)
    assert str(ontology.value(head, OWL.versionInfo)) == terms.ONTOLOGY_VERSION
    assert str(ontology.value(head, OWL.versionIRI)) == terms.ONTOLOGY_VERSION_IRI
    assert ontology.value(head, OWL.priorVersion) is not None
    assert str(ontology.value(head, DCTERMS.license)) == terms.LICENCE
    vann = rdflib.Namespace("http://purl.org/vocab/vann/")
    assert str(ontology.value(head, vann.preferredNamespaceUri)) == PLM
    assert terms.VOCABULARIES[str(ontology.value(head, vann.preferredNamespacePrefix))] == PLM
    versions = {
        str(text) for one in shapes.subjects(RDF.type, OWL.Ontology) for text in shapes.objects(one, OWL.versionInfo)
    }
    assert versions == {terms.ONTOLOGY_VERSION}


@pytest.mark.parametrize(
    ("vocabulary", "least"),
    [
        (terms.SEM, 6), (terms.PROV, 5), (terms.SCHEMA, 8), (terms.OA, 3), (terms.GEO, 2),
        ("http://www.w3.org/2006/time#", 3), ("http://groundedannotationframework.org/grasp", 3),
        (
            "https://raw.githubusercontent.com/NextCenturyCorporation/AIDA-Interchange-Format/master/java/src/main/"
            "resources/com/ncc/aif/ontologies/InterchangeOntology#", 4,
        ),
    ],
)  # fmt: skip
def test_it_is_aligned_to(ontology: rdflib.Graph, vocabulary: str, least: int) -> None:
    aligned = {
        o for s, p, o in ontology if s in ours(ontology) and isinstance(o, rdflib.URIRef) and o.startswith(vocabulary)
    }
    assert len(aligned) >= least, sorted(aligned)


def test_every_term_that_is_mentioned_is_defined(
    ontology: rdflib.Graph, crosswalk: rdflib.Graph, shapes: rdflib.Graph
) -> None:
    defined = ours(ontology)
    for graph in (ontology, crosswalk, shapes):
        mentioned = {
            node
            for triple in graph
            for node in triple
            if isinstance(node, rdflib.URIRef) and node.startswith(PLM) and node != NS[""]
        }
        assert mentioned <= defined


def test_properties_say_what_sort_they_are(ontology: rdflib.Graph) -> None:
    sorts = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    for node in ours(ontology):
        if node.removeprefix(PLM)[0].islower():
            assert sum((node, RDF.type, sort) in ontology for sort in sorts) == 1, node
        else:
            kinds = (OWL.Class, SKOS.Concept, SKOS.ConceptScheme, SKOS.OrderedCollection)
            assert sum((node, RDF.type, kind) in ontology for kind in kinds) == 1, node


def test_vocabularies_reused_are_spelt_as_they_are(ontology: rdflib.Graph, shapes: rdflib.Graph) -> None:
    """The library knows the terms of closed vocabularies and refuses what they do not define."""
    closed = {str(ns): ns for ns in (RDF, RDFS, OWL, SKOS, rdflib.PROV, rdflib.VOID, SH)}
    for graph in (ontology, shapes):
        for triple in graph:
            for node in triple:
                for start, namespace in closed.items():
                    if isinstance(node, rdflib.URIRef) and node.startswith(start) and str(node) != start:
                        assert node.removeprefix(start) in namespace, node


def test_shapes_allow_what_the_code_allows(shapes: rdflib.Graph) -> None:
    def listed(class_: str, path: str) -> set[str]:
        found: set[str] = set()
        for shape in shapes.subjects(SH.targetClass, rdflib.URIRef(class_)):
            for part in shapes.objects(shape, SH.property):
                head = shapes.value(part, SH["in"])
                if (part, SH.path, NS[path]) in shapes and head is not None:
                    found.update(str(node) for node in Collection(shapes, head))
        return found

    for kind in ClaimType:
        assert listed(terms.CLAIM_CLASS[kind], "modality") == {terms.MODALITY[one] for one in MODALITIES[kind]}
    assert listed(terms.CLAIM_CLASS[ClaimType.DENIES], "denialKind") == set(terms.DENIAL_KIND.values())
    assert listed(terms.CLAIM_CLASS[ClaimType.RETALIATES], "threatKind") == set(terms.THREAT_KIND.values())
    assert listed(terms.CLAIM_CLASS[ClaimType.RETALIATES], "rung") == set(terms.RUNG.values())
    assert listed(PLM + "Acknowledgement", "acknowledgementKind") == set(terms.ACKNOWLEDGEMENT_KIND.values())
    assert listed(PLM + "Place", "placePrecision") == set(terms.PRECISION.values())


def test_every_constraint_says_what_to_do(shapes: rdflib.Graph) -> None:
    for part in shapes.objects(None, SH.property):
        (shape,) = shapes.subjects(SH.property, part)
        # Alternatives of sh:or are told by the shape they stand in.
        if isinstance(shape, rdflib.URIRef):
            message = str(shapes.value(part, SH.message) or "")
            assert message.endswith("."), shapes.value(part, SH.path)


def test_the_crosswalk_covers_the_three_relations_and_owns_up_to_gaps(crosswalk: rdflib.Graph) -> None:
    for kind in ClaimType:
        node = rdflib.URIRef(terms.CLAIM_CLASS[kind])
        assert crosswalk.value(node, SKOS.note) is not None
        assert list(crosswalk.objects(node, SKOS.relatedMatch))
    notes = {kind: str(crosswalk.value(rdflib.URIRef(terms.CLAIM_CLASS[kind]), SKOS.note)) for kind in ClaimType}
    assert "PLOVER has no counterpart" in notes[ClaimType.DENIES]
    assert "No category in either book" in notes[ClaimType.RETALIATES]
    assert not list(crosswalk.objects(NS.Retaliation, SKOS.closeMatch))


def test_the_crosswalk_names_every_code_it_uses(crosswalk: rdflib.Graph) -> None:
    used = {code for relation in (SKOS.closeMatch, SKOS.relatedMatch) for code in crosswalk.objects(None, relation)}
    described = set(crosswalk.subjects(SKOS.inScheme, None))
    assert used <= described
    for code in described:
        assert crosswalk.value(code, SKOS.notation) is not None
        assert crosswalk.value(code, SKOS.prefLabel) is not None


def test_every_file_states_version_and_licence(
    ontology: rdflib.Graph, crosswalk: rdflib.Graph, shapes: rdflib.Graph
) -> None:
    for graph, files in ((ontology, 1), (crosswalk, 1), (shapes, len(list((DATA / "shapes").glob("*.shacl.ttl"))))):
        headers = list(graph.subjects(RDF.type, OWL.Ontology))
        assert len(headers) == files
        for header in headers:
            assert graph.value(header, OWL.versionInfo) is not None
            licence = graph.value(header, rdflib.DCTERMS.license)
            assert str(licence) == "https://creativecommons.org/licenses/by/4.0/"


def test_the_json_ld_context_means_what_the_ontology_means(ontology: rdflib.Graph) -> None:
    context = json.loads((DATA / "ontology" / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    prefixes = {name: iri for name, iri in context.items() if isinstance(iri, str) and iri.endswith(("/", "#"))}
    assert context["@vocab"] == PLM
    for name, iri in prefixes.items():
        assert name == "@vocab" or terms.VOCABULARIES[name] == iri
    defined = ours(ontology)
    for name, body in context.items():
        iri = body["@id"] if isinstance(body, dict) else body
        if isinstance(iri, str) and iri.startswith("plm:"):
            node = NS[iri.removeprefix("plm:")]
            assert node in defined
            assert name == iri.removeprefix("plm:")
            wants_iri = isinstance(body, dict) and body.get("@type") in ("@id", "@vocab")
            assert wants_iri == ((node, RDF.type, OWL.ObjectProperty) in ontology), name
