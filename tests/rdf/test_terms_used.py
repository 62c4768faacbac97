"""Ontology, context and exports know the same terms: what is written is declared, and what is declared is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from rdflib import RDF, SKOS

from app.graph import ConflictGraph, fold
from app.rdf import terms
from app.rdf.dataset import quads
from app.rdf.description import describe
from app.rdf.terms import PLM, Profile
from app.vocabulary.records import Decision
from app.vocabulary.terms import ClaimType, DecisionKind, Judgement, Modality

ROOT = Path(__file__).resolve().parents[2]
NOT_IN_DATA = {
    # Defined only to be refused; named inside triple terms, where nothing is asserted.
    "perpetrated",
    # Of the ontology itself.
    "phrase", "allowedFor", "forbiddenInData",
    # What claims and acknowledgements share.
    "ReportedAct",
}  # fmt: skip
"""Terms of ours that no data has, and why."""
NO_STATEMENTS = ("DecisionKindScheme", "JudgementScheme")
"""Lists of which the data holds what they come to, not the terms."""


def words(graph: ConflictGraph, **options: object) -> Iterator[str]:
    """Every IRI in what is published of a graph."""
    for profile in Profile:
        for quad in quads(graph, profile=profile, **options):  # type: ignore[arg-type] # claims
            for one in (quad.subject, quad.predicate, quad.object):
                parts = (one.subject, one.predicate, one.object) if isinstance(one, Triple) else (one,)
                yield from (part.value for part in parts if isinstance(part, NamedNode))
    for block in describe(graph, service="https://h.example/"):
        for quad in parse(block.encode(), RdfFormat.N_TRIPLES):
            yield from (one.value for one in (quad.predicate, quad.object) if isinstance(one, NamedNode))


def told_twice(story: Any) -> ConflictGraph:
    """Two articles tell of one incident, and a claim of the second is about it and answers it."""
    first = story("Bridge", ["A bridge was blown up."], "2026-04-01")
    bridge = first.incident("explosion", "A bridge was blown up.")
    second = story("Bridge again", ["The bridge.", "Ardania vowed to answer for the bridge."], "2026-04-02")
    again = second.incident("blast", "The bridge.")
    second.claim(
        ClaimType.RETALIATES, "Ardania vowed to answer for the bridge.", "Ardania", None, incident=again,
        modality=Modality.THREATENED, answers=again,
    )  # fmt: skip
    same = Decision(DecisionKind.JUDGE, again, "incidents@1", bridge, judgement=Judgement.SAME)
    return fold(enumerate([*first.entries(), *second.entries(), same], start=1))


@pytest.fixture(scope="module")
def used(graph: ConflictGraph, story: Any) -> set[str]:
    some = sorted(graph.claims)[:3]
    found = {*words(graph), *words(graph, claims=some), *words(told_twice(story))}
    return {one.removeprefix(PLM) for one in found if one.startswith(PLM) and one != PLM}


@pytest.fixture(scope="module")
def ontology() -> rdflib.Graph:
    return rdflib.Graph().parse(ROOT / "graph_data" / "ontology" / "polemos.ttl")


def test_every_term_that_is_written_is_declared(used: set[str], ontology: rdflib.Graph) -> None:
    declared = {s.removeprefix(PLM) for s in ontology.subjects() if isinstance(s, rdflib.URIRef)}
    assert used - declared == set()


def test_every_term_that_is_declared_is_written_or_is_of_a_list(used: set[str], ontology: rdflib.Graph) -> None:
    kept = {rdflib.URIRef(PLM + name) for name in NO_STATEMENTS}
    lists = {s for kind in (SKOS.ConceptScheme, SKOS.OrderedCollection) for s in ontology.subjects(RDF.type, kind)}
    for node in ontology.subjects(RDF.type, None):
        if not isinstance(node, rdflib.URIRef) or not node.startswith(PLM) or node in lists:
            continue
        if ontology.value(node, SKOS.inScheme) in kept:
            continue
        name = node.removeprefix(PLM)
        # Which kinds of actors and places there are is up to the articles; the code's lists are held equal elsewhere.
        is_kind = str(node) in {*terms.ACTOR_CLASS.values(), *terms.PRECISION.values()}
        assert name in used or name in NOT_IN_DATA or is_kind, name
    assert not (NOT_IN_DATA - {"perpetrated"}) & used


def test_the_context_has_a_short_name_for_every_property(graph: ConflictGraph) -> None:
    context = json.loads((ROOT / "graph_data" / "ontology" / "context.jsonld").read_text())["@context"]
    prefixes = {name: iri for name, iri in context.items() if isinstance(iri, str) and iri.endswith(("#", "/"))}
    known = set()
    for name, value in context.items():
        iri = value["@id"] if isinstance(value, dict) else value
        if isinstance(iri, str) and ":" in iri and name not in prefixes:
            prefix, _, local = iri.partition(":")
            known.add(prefixes.get(prefix, "") + local)
    for profile in (Profile.CLAIMS, Profile.EDGES, Profile.NANOPUB):
        for quad in quads(graph, profile=profile):
            assert quad.predicate.value in known | {terms.RDF + "type"}, quad.predicate
