"""The description counts what is there, names what is used, and says where to have it; of a part it says which."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from app.graph import ConflictGraph
from app.rdf import chosen, terms
from app.rdf.dataset import Statements, quads
from app.rdf.description import describe
from app.rdf.serialise import FORMATS, write, write_blocks
from app.rdf.terms import BASE_IRI, DCAT, PLM, RDF, VOID, Profile
from app.vocabulary.errors import NotFound


@pytest.fixture(scope="module")
def described(graph: ConflictGraph) -> list[Quad]:
    blocks = "".join(describe(graph, service="https://h.example/"))
    return list(parse(blocks.encode(), RdfFormat.N_TRIPLES))


def numbers(described: list[Quad], kind: str, many: str) -> dict[str, int]:
    """Class or property → how often it is there, as the partitions tell."""
    of = {q.subject: q.object for q in described if q.predicate.value == VOID + kind}
    counts = {q.subject: q.object for q in described if q.predicate.value == VOID + many}
    return {name.value: int(counts[node].value) for node, name in of.items()}  # type: ignore[union-attr]


def one(described: list[Quad], graph: ConflictGraph, predicate: str) -> list[str]:
    s = NamedNode(f"{BASE_IRI}dataset/claims-{graph.revision}")
    return [q.object.value for q in described if q.subject == s and q.predicate.value == predicate]  # type: ignore[union-attr]


def test_everything_is_counted_as_it_is(graph: ConflictGraph, described: list[Quad]) -> None:
    everything = list(quads(graph))
    assert one(described, graph, VOID + "triples") == [str(len(everything))]
    assert one(described, graph, VOID + "distinctSubjects") == [str(len({q.subject for q in everything}))]
    properties = Counter(q.predicate.value for q in everything)
    assert numbers(described, "property", "triples") == properties
    classes = Counter(q.object.value for q in everything if q.predicate.value == RDF + "type")  # type: ignore[union-attr]
    assert numbers(described, "class", "entities") == classes
    assert one(described, graph, VOID + "classes") == [str(len(classes))]
    assert one(described, graph, VOID + "properties") == [str(len(properties))]


def test_vocabularies_are_those_that_are_used(graph: ConflictGraph, described: list[Quad]) -> None:
    told = set(one(described, graph, VOID + "vocabulary"))
    assert {terms.PLM, terms.OA, terms.PROV, terms.SEM, terms.SCHEMA, terms.GEO} <= told
    assert terms.NP not in told
    assert terms.DCAT not in told


def test_without_a_service_nothing_is_said_of_where(graph: ConflictGraph) -> None:
    blocks = "".join(describe(graph))
    assert DCAT + "distribution" not in blocks
    assert "sparqlEndpoint" not in blocks
    assert VOID + "triples" in blocks


def test_each_file_has_its_media_type_and_licence(described: list[Quad]) -> None:
    files = {q.object for q in described if q.predicate.value == DCAT + "distribution"}
    assert len(files) == sum(one.carries(profile) for one in FORMATS.values() for profile in Profile)
    media = {q.subject: q.object.value for q in described if q.predicate.value == DCAT + "mediaType"}  # type: ignore[union-attr]
    assert set(media) == files
    known = {f"https://www.iana.org/assignments/media-types/{one.media_type}" for one in FORMATS.values()}
    assert set(media.values()) == known


def test_an_empty_graph_is_described_too() -> None:
    blocks = list(describe(ConflictGraph()))
    out = io.BytesIO()
    assert write_blocks(blocks, "turtle", out) == "".join(blocks).count("\n")
    assert b"void:entities 0" in out.getvalue()


# ---- parts ----


def test_a_part_holds_its_claims_and_what_they_name_and_no_more(graph: ConflictGraph, dispute: Any) -> None:
    kept = {dispute.ids[name] for name in ("accused", "copy")}
    part = list(quads(graph, claims=kept))
    claims = {str(q.subject) for q in part if q.object == NamedNode(PLM + "Claim")}
    assert {name.rpartition("/")[2][:-1] for name in claims} == kept
    assert not [q for q in part if q.object == NamedNode(PLM + "Acknowledgement")]
    everything = {q.triple for q in quads(graph)}
    assert {q.triple for q in part if "/dataset/" not in str(q.subject)} < everything
    # Whatever it names of ours it describes, but what a claim answers.
    described = {q.subject for q in part}
    for quad in part:
        is_ours = isinstance(quad.object, NamedNode) and quad.object.value.startswith(BASE_IRI)
        if is_ours and quad.predicate.value not in (PLM + "respondsTo", terms.DCTERMS + "isPartOf"):
            assert quad.object in described, quad


def test_an_order_or_a_repetition_of_claims_changes_nothing(graph: ConflictGraph) -> None:
    kept = sorted(graph.claims)[:5]
    first = "".join(Statements(graph, claims=kept, selection="x"))
    assert "".join(Statements(graph, claims=[*reversed(kept), *kept], selection="x")) == first
    assert "".join(Statements(graph, claims=kept, selection="y")) != first


def test_edges_of_a_part_are_those_of_its_claims(graph: ConflictGraph, dispute: Any) -> None:
    part = list(quads(graph, profile=Profile.EDGES, claims=[dispute.ids["navy"], dispute.ids["accused"]]))
    acts = {
        (str(q.subject), q.predicate.value.removeprefix(PLM), str(q.object))
        for q in part
        if q.predicate.value.startswith(PLM)
    }
    between = {(s.rsplit("-", 1)[1][:-1], p, o.rsplit("-", 1)[1][:-1]) for s, p, o in acts if "/actor/" in o}
    assert between == {
        ("ardania", "accuses", "beloria"), ("vey", "partOfActor", "ardania"), ("army", "partOfActor", "beloria"),
        ("navy", "partOfActor", "ardania"),
    }  # fmt: skip


def test_no_such_claim(graph: ConflictGraph) -> None:
    with pytest.raises(NotFound):
        write(graph, "turtle", io.BytesIO(), claims=["clm-none"])


def test_filters_in_words() -> None:
    assert chosen.in_words({"type": "denies", "source": "A", "until": None, "kinds": ("b", "c")}) == (
        "kinds=b,c source=A type=denies"
    )
    assert chosen.in_words({}) == ""


def test_what_is_asked_for_stands_in_the_data(graph: ConflictGraph) -> None:
    part = quads(graph, claims=[])
    (told,) = [q.object for q in part if q.predicate.value == PLM + "selection"]
    assert told == Literal("claims by id")
