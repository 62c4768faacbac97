"""The examples of the SPARQL page and the how-to find what they are said to find; rdflib finds the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.graph import ConflictGraph
from app.notebook import GraphFace
from app.rdf import BASE_IRI, Dataset, Profile, to_rdflib
from app.vocabulary.errors import BadQuery

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {
    example["id"]: "\n".join(example["query"])
    for example in json.loads((ROOT / "app" / "web" / "page" / "sparql_examples.json").read_text(encoding="utf-8"))
}

# rdflib's own parsers still use what rdflib itself has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")


def rows(graph: ConflictGraph, name: str) -> list[tuple[str, ...]]:
    with Dataset(workers=1) as dataset:
        found = dataset.query(graph, EXAMPLES[name])
    ours = [tuple(cell or "–" for cell in row) for row in found.rows()]
    theirs = to_rdflib(graph).query(EXAMPLES[name])
    assert sorted(ours) == sorted(tuple("–" if cell is None else str(cell) for cell in row) for row in theirs)  # type: ignore[union-attr]
    return ours


def test_who_accuses_whom(graph: ConflictGraph) -> None:
    found = {(row[0], row[1], row[4]) for row in rows(graph, "accusations")}
    assert found == {
        ("Ardania", "Beloria", "Belorian Army"),
        ("Ardania", "Beloria", "Cerinia"),
        ("Ardania", "Beloria", "–"),
        ("Belorian Army", "Free Coast Brigade", "–"),
        ("Beloria", "Free Coast Brigade", "–"),
    }


def test_contested_attribution(graph: ConflictGraph) -> None:
    assert {row[1:] for row in rows(graph, "attribution")} == {
        ("Beloria", "2", "1", "0"),
        ("Free Coast Brigade", "1", "0", "0"),
        ("Free Coast Brigade", "1", "0", "1"),
        ("Belorian Army", "0", "0", "1"),
        ("Ardania", "0", "1", "0"),
    }


def test_threads(graph: ConflictGraph) -> None:
    found = {(row[1], row[3].rpartition("#")[2], row[4]) for row in rows(graph, "threads")}
    assert found == {
        ("Ardania", "Denial", "Belorian Army"),
        ("Ardania", "Accusation", "Belorian Army"),
        ("Ardania", "Denial", "Cerinia"),
    }


def test_threats(graph: ConflictGraph) -> None:
    found = {(row[0], row[1], row[2].rpartition("#")[2]) for row in rows(graph, "threats")}
    assert found == {
        ("Ardania", "Beloria", "Threatened"),
        ("Ardania", "Beloria", "CalledFor"),
        ("Ardania", "Free Coast Brigade", "Threatened"),
    }


def test_hearsay(graph: ConflictGraph) -> None:
    ((_, speaker, hands, through),) = rows(graph, "hearsay")
    assert (speaker, hands, set(through.split(", "))) == ("Beloria", "2", {"Coast Radio", "Coast Ministry"})


def test_lineages(graph: ConflictGraph) -> None:
    assert set(rows(graph, "lineages")) == {
        ("Ardania", "Beloria", "1", "1"),
        ("Belorian Army", "Free Coast Brigade", "1", "1"),
        ("Beloria", "Free Coast Brigade", "1", "2"),
    }


def test_nobody_is_said_to_have_done_it(graph: ConflictGraph) -> None:
    with Dataset(workers=1) as dataset:
        assert not dataset.query(graph, EXAMPLES["firewall"]).boolean
        accusing = dataset.query(graph, EXAMPLES["graph"]).data.decode()
    assert f"<{BASE_IRI}actor/actor-ardania> <https://w3id.org/polemos/ns#accuses>" in accusing


def test_rdflib_has_the_same_statements(graph: ConflictGraph) -> None:
    found = to_rdflib(graph)
    with Dataset(workers=1) as dataset:
        assert [(str(len(found)),)] == dataset.query(graph, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows()
    assert set(GraphFace(graph).to_rdflib()) == set(found)
    assert dict(found.namespaces())["plm"].toPython() == "https://w3id.org/polemos/ns#"
    assert len(to_rdflib(graph, profile=Profile.EDGES)) < len(found)
    for profile in set(Profile) - {Profile.CLAIMS, Profile.EDGES}:
        with pytest.raises(BadQuery, match="cannot carry"):
            to_rdflib(graph, profile=profile)
