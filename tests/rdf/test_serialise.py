"""Every format carries the same statements, read back by another library; files are whole, and equal byte for byte."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib.compare import isomorphic

from app.graph import ConflictGraph, fold
from app.rdf.jsonld import load_context
from app.rdf.ntriples import for_xml
from app.rdf.serialise import FORMATS, format_named, write
from app.rdf.terms import BASE_IRI, OA, PLM, Profile
from app.vocabulary.errors import BadData, BadQuery, NotFound

# rdflib's own parsers still use what rdflib itself has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

ONTOLOGY = Path(__file__).resolve().parents[2] / "graph_data" / "ontology"


def written(graph: ConflictGraph, format_: str, **options: Any) -> bytes:
    out = io.BytesIO()
    count = write(graph, format_, out, **options)
    plain = io.BytesIO()
    options.pop("context", None)
    assert count == write(graph, "ntriples", plain, **options) == plain.getvalue().count(b"\n")
    return out.getvalue()


def read(body: bytes, format_: str) -> rdflib.Graph:
    if format_ in ("nquads", "trig"):
        dataset = rdflib.Dataset()
        dataset.parse(data=body, format=FORMATS[format_].rdflib)
        assert {graph.identifier for graph in dataset.graphs() if len(graph)} == {rdflib.graph.DATASET_DEFAULT_GRAPH_ID}
        found: rdflib.Graph = dataset.default_graph
        return found
    return rdflib.Graph().parse(data=body, format=FORMATS[format_].rdflib)


def quotes(graph: rdflib.Graph) -> set[str]:
    return {str(text) for text in graph.objects(None, rdflib.URIRef(OA + "exact"))}


@pytest.mark.parametrize("profile", [Profile.CLAIMS, Profile.EDGES])
@pytest.mark.parametrize("format_", [name for name in FORMATS if name != "rdfxml"])
def test_every_format_comes_back_as_the_same_graph(graph: ConflictGraph, format_: str, profile: Profile) -> None:
    plain = read(written(graph, "ntriples", profile=profile), "ntriples")
    back = read(written(graph, format_, profile=profile), format_)
    assert len(back) == len(plain)
    assert isomorphic(back, plain)


def test_compact_json_ld_is_the_same_graph_too(graph: ConflictGraph) -> None:
    context = load_context(ONTOLOGY)
    plain = read(written(graph, "ntriples"), "ntriples")
    for profile in (Profile.CLAIMS, Profile.EDGES):
        plain = read(written(graph, "ntriples", profile=profile), "ntriples")
        body = written(graph, "jsonld", profile=profile, context=context)
        assert isomorphic(read(body, "jsonld"), plain)
        assert {quad.triple for quad in parse(body, RdfFormat.JSON_LD)} == {
            quad.triple for quad in parse(written(graph, "ntriples", profile=profile), RdfFormat.N_TRIPLES)
        }


@pytest.mark.parametrize("base", ["https://h.example/id/", "https://h.example/x#", "http://localhost:8000/id/"])
def test_another_base_changes_names_and_nothing_else(graph: ConflictGraph, base: str) -> None:
    plain = written(graph, "ntriples").decode()
    renamed = plain.replace(BASE_IRI, base)
    if base.endswith("#"):
        # An IRI has one "#" at most, so a part of a thing is a further segment.
        renamed = re.sub(rf"({re.escape(base)}[^>#]*)#", r"\1/", renamed)
    moved = read(renamed.encode(), "ntriples")
    for format_, options in (("turtle", {}), ("jsonld", {"context": load_context(ONTOLOGY)}), ("rdfxml", {})):
        back = read(written(graph, format_, base_iri=base, **options), format_)
        if format_ == "rdfxml":
            assert len(back) == len(moved)
        else:
            assert isomorphic(back, moved)


def test_rdf_xml_is_the_same_but_for_characters_that_xml_cannot_hold(graph: ConflictGraph) -> None:
    plain = read(written(graph, "ntriples"), "ntriples")
    cleaned = rdflib.Graph()
    for subject, predicate, value in plain:
        if isinstance(value, rdflib.Literal) and value.datatype is None:
            value = rdflib.Literal(for_xml(str(value)))
        cleaned.add((subject, predicate, value))
    assert len(cleaned) == len(plain)
    assert quotes(cleaned) != quotes(plain)
    assert isomorphic(read(written(graph, "rdfxml"), "rdfxml"), cleaned)


def test_quotes_survive_to_the_last_character(graph: ConflictGraph) -> None:
    exact = {claim.claim.evidence.quote for claim in graph.claims.values()}
    exact |= {one.acknowledgement.evidence.quote for one in graph.acknowledgements.values()}
    assert any("\x00" in quote and "\r\n" in quote and "😀" in quote for quote in exact)
    for format_ in FORMATS:
        if format_ != "rdfxml":
            assert quotes(read(written(graph, format_), format_)) == exact


def test_triple_terms_go_only_where_they_can(graph: ConflictGraph) -> None:
    plain = {str(quad) for quad in parse(written(graph, "ntriples", profile=Profile.RDF12), RdfFormat.N_TRIPLES)}
    for format_, entry in FORMATS.items():
        if entry.triple_terms:
            body = written(graph, format_, profile=Profile.RDF12)
            assert {str(quad) for quad in parse(body, entry.rdf_format())} == plain
            assert b"<<(" in body
        else:
            with pytest.raises(BadQuery, match="choose one of turtle, ntriples, nquads, trig"):
                format_named(format_, Profile.RDF12)


def test_turtle_reads_well_and_states_the_revision_first(graph: ConflictGraph) -> None:
    text = written(graph, "turtle").decode()
    header, _, body = text.partition("\ndataset:")
    declared = header.splitlines()
    assert declared == sorted(declared)
    assert "@prefix plm: <https://w3id.org/polemos/ns#> ." in declared
    assert body.startswith(f"claims-{graph.revision} a void:Dataset , prov:Entity ;")
    assert f"plm:revision {graph.revision} ;" in body
    assert "plm:onBehalfOf actor:actor-ardania" in body


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_states_the_revision(graph: ConflictGraph, format_: str) -> None:
    back = read(written(graph, format_), format_)
    (revision,) = back.objects(None, rdflib.URIRef(PLM + "revision"))
    assert int(str(revision)) == graph.revision


def test_json_ld_stands_by_itself_and_is_short(graph: ConflictGraph) -> None:
    body = json.loads(written(graph, "jsonld", context=load_context(ONTOLOGY)))
    assert isinstance(body["@context"], dict)
    assert body["@graph"][0]["id"] == f"dataset/claims-{graph.revision}"
    accusation = next(node for node in body["@graph"] if node["type"] == ["Claim", "Accusation"] and "target" in node)
    assert accusation["modality"] == "Asserted"
    assert accusation["onBehalfOf"].startswith("actor/")
    assert not any(key.startswith("http") for node in body["@graph"] for key in node)
    ids = [node["id"] for node in body["@graph"]]
    assert len(ids) == len(set(ids)), "a node in two pieces"
    relayed = next(node for node in body["@graph"] if "relayedBy" in node)
    relays = [node for node in body["@graph"] if node["id"] in relayed["relayedBy"]]
    assert [node["position"] for node in relays] == ["1", "2"]
    threats = {(node["modality"], node["threatKind"], node["rung"]) for node in body["@graph"] if "threatKind" in node}
    assert threats == {("Threatened", "Conditional", "Conditional"), ("Threatened", "Ordered", "Ordered")}


def test_a_context_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"context\.jsonld cannot be read"):
        load_context(tmp_path)
    for text in ("[]", "{", '{"@context": "https://elsewhere.example/"}'):
        (tmp_path / "context.jsonld").write_text(text)
        with pytest.raises(BadData, match="holds no JSON-LD context"):
            load_context(tmp_path)


_ONCE = """
import hashlib, io, pickle, sys
from pathlib import Path
from app.graph import fold
from app.rdf.serialise import FORMATS, write
entries = pickle.loads(Path(sys.argv[1]).read_bytes())
graph = fold(entries)
for name in FORMATS:
    out = io.BytesIO()
    write(graph, name, out)
    print(name, hashlib.sha256(out.getvalue()).hexdigest())
"""


def test_two_processes_write_the_same_bytes(graph: ConflictGraph, dispute: Any, tmp_path: Path) -> None:
    import pickle

    entries = [(number + 1, entry) for number, entry in enumerate(dispute.entries)]
    (tmp_path / "entries").write_bytes(pickle.dumps(entries))
    script = tmp_path / "once.py"
    script.write_text(_ONCE)
    here = {}
    for format_ in FORMATS:
        out = io.BytesIO()
        write(fold(entries), format_, out)
        here[format_] = hashlib.sha256(out.getvalue()).hexdigest()
    root = Path(__file__).resolve().parents[2]
    for seed in ("1", "2"):
        printed = subprocess.run(
            [sys.executable, str(script), str(tmp_path / "entries")],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert dict(line.split() for line in printed.splitlines()) == here


def test_a_file_appears_only_once_it_is_whole(
    graph: ConflictGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.ttl"
    count = write(graph, "turtle", path)
    assert len(rdflib.Graph().parse(path)) == count
    before = path.read_bytes()

    def fail(*_: object) -> str:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("app.rdf.dataset.Statements._claim_in_pieces", fail)
    with pytest.raises(RuntimeError, match="the disk is full"):
        write(graph, "turtle", path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.ttl"]


def test_one_thing_alone(graph: ConflictGraph, dispute: Any) -> None:
    only = ("claim", dispute.ids["accused"])
    for format_ in FORMATS:
        back = read(written(graph, format_, only=only), format_)
        assert len(quotes(back)) == 1
    out = io.BytesIO()
    with pytest.raises(NotFound):
        write(graph, "turtle", out, only=("claim", "clm-none"))
    assert out.getvalue() == b""


def test_an_unknown_format_is_named_with_those_there_are(graph: ConflictGraph) -> None:
    with pytest.raises(BadQuery, match="'n3'; choose one of turtle, ntriples"):
        write(graph, "n3", io.BytesIO())


def test_an_empty_graph_is_a_data_set_without_claims() -> None:
    for format_ in FORMATS:
        assert len(read(written(ConflictGraph(), format_), format_)) == 7
