"""A nanopublication is four graphs: a speech act asserted, where it is read, and who published it; no allegation."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from app.graph import ConflictGraph
from app.rdf import terms
from app.rdf.dataset import quads
from app.rdf.nanopub import PARTS
from app.rdf.serialise import write
from app.rdf.terms import BASE_IRI, DCTERMS, NP, OA, PLM, PROV, RDFS, Profile
from app.vocabulary.errors import BadQuery, NotFound


@pytest.fixture(scope="module")
def graphs(graph: ConflictGraph, dispute: Any) -> dict[str, list[Quad]]:
    """The four graphs of the nanopublication of the accusation."""
    out = io.BytesIO()
    write(graph, "trig", out, profile=Profile.NANOPUB, only=("claim", dispute.ids["accused"]))
    found: dict[str, list[Quad]] = {}
    for quad in parse(out.getvalue(), RdfFormat.TRIG):
        assert isinstance(quad.graph_name, NamedNode)
        name, _, part = quad.graph_name.value.partition("#")
        assert name == f"{BASE_IRI}nanopub/{dispute.ids['accused']}-r{graph.revision}"
        found.setdefault(part, []).append(quad)
    return found


def names(quads: list[Quad]) -> set[str]:
    return {quad.predicate.value for quad in quads}


def test_it_has_the_four_graphs_and_the_head_names_the_others(graphs: dict[str, list[Quad]]) -> None:
    assert tuple(graphs) == PARTS
    assert names(graphs["Head"]) == {
        terms.RDF + "type",
        *(NP + "has" + n for n in ("Assertion", "Provenance", "PublicationInfo")),
    }


def test_the_assertion_is_the_speech_act_and_describes_what_is_alleged(
    graphs: dict[str, list[Quad]], dispute: Any
) -> None:
    claim = NamedNode(f"{BASE_IRI}claim/{dispute.ids['accused']}")
    said = {quad.predicate.value.removeprefix(PLM) for quad in graphs["assertion"] if quad.subject == claim}
    assert said >= {"speaker", "onBehalfOf", "target", "about", "content", "modality", "saidOn"}
    assert said.isdisjoint({"evidence", "confidence", "cue", "lineage", "ingested"})
    assert PLM + "perpetrated" not in names(graphs["assertion"])
    actors = {q.subject for q in graphs["assertion"] if q.object == NamedNode(PLM + "Actor")}
    incidents = {q.subject for q in graphs["assertion"] if q.object == NamedNode(PLM + "Incident")}
    assert not [q for q in graphs["assertion"] if q.subject in actors | incidents and q.object in actors & incidents]
    # It can be read alone: whatever it names of ours is described in it or in its provenance.
    described = {quad.subject for part in ("assertion", "provenance") for quad in graphs[part]}
    named = {
        quad.object
        for quad in graphs["assertion"]
        if isinstance(quad.object, NamedNode) and quad.object.value.startswith(BASE_IRI)
    }
    assert named <= described


def test_the_provenance_is_evidence_article_and_reading(graphs: dict[str, list[Quad]]) -> None:
    assert {OA + "exact", OA + "start", PLM + "evidence", PLM + "confidence", PROV + "used"} <= names(
        graphs["provenance"]
    )
    of_assertion = [q for q in graphs["provenance"] if str(q.subject).endswith("#assertion>")]
    assert names(of_assertion) == {PROV + "wasDerivedFrom", PROV + "wasGeneratedBy"}


def test_the_publication_info_is_creator_licence_revision_and_instant(
    graphs: dict[str, list[Quad]], graph: ConflictGraph
) -> None:
    info = {quad.predicate.value: quad.object for quad in graphs["pubinfo"] if "/nanopub/" in str(quad.subject)}
    told = {DCTERMS + n for n in ("creator", "created", "license", "subject", "isPartOf", "conformsTo")}
    assert set(info) == told | {PLM + "revision"}
    assert info[PLM + "revision"].value == str(graph.revision)  # type: ignore[union-attr]
    assert info[DCTERMS + "creator"] == NamedNode(terms.SOFTWARE)
    assert RDFS + "label" in names(graphs["pubinfo"])


def test_there_is_one_of_every_claim_and_acknowledgement(graph: ConflictGraph) -> None:
    heads = [q for q in quads(graph, profile=Profile.NANOPUB) if q.object == NamedNode(NP + "Nanopublication")]
    assert len(heads) == len(graph.claims) + len(graph.acknowledgements)
    with pytest.raises(NotFound, match="of each claim and acknowledgement, and none of actor"):
        write(graph, "trig", io.BytesIO(), profile=Profile.NANOPUB, only=("actor", "actor-beloria"))


def test_only_formats_with_named_graphs_carry_them(graph: ConflictGraph) -> None:
    for format_ in ("turtle", "ntriples", "rdfxml"):
        with pytest.raises(BadQuery, match="named graphs of profile nanopub; choose one of nquads, trig, jsonld"):
            write(graph, format_, io.BytesIO(), profile=Profile.NANOPUB)


def test_a_base_that_ends_in_a_hash(graph: ConflictGraph, dispute: Any) -> None:
    out = io.BytesIO()
    write(
        graph,
        "nquads",
        out,
        profile=Profile.NANOPUB,
        base_iri="https://h.example/x#",
        only=("claim", dispute.ids["bare"]),
    )
    for quad in parse(out.getvalue(), RdfFormat.N_QUADS):
        assert str(quad.graph_name).count("#") == 1
