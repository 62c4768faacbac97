"""GraphML, GEXF, CSV, Cytoscape JSON and networkx views hold speech acts and no verdicts; what is planted is found."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from app import pictures, queries
from app.graph import VIEWS, ConflictGraph
from app.graph.model import OVER_INCIDENTS
from app.vocabulary.terms import EdgeKind


def file(graph: ConflictGraph, format_: str, view: Any = "edges") -> bytes:
    out = io.BytesIO()
    if format_ == "csv":
        pictures.to_csv((queries.claim_row(graph, one) for one in sorted(graph.claims)), out)
    elif format_ == "dna":
        pictures.to_dna(graph, out)
    else:
        {
            "graphml": pictures.to_graphml,
            "gexf": pictures.to_gexf,
            "cytoscape": pictures.to_cytoscape,
            "nodes": pictures.to_nodes,
            "edges": pictures.to_edges,
        }[format_](graph, out, view)
    return out.getvalue()


def breaches(rule: Any, body: bytes, format_: str) -> list[str]:
    if format_ == "cytoscape":
        return list(rule.of_json(json.loads(body)))
    check: Callable[[bytes], list[str]] = {
        "graphml": rule.of_graphml, "gexf": rule.of_gexf, "csv": rule.of_csv, "dna": rule.of_dna,
        "nodes": rule.of_csv, "edges": rule.of_csv,
    }[format_]  # fmt: skip
    return list(check(body))


@pytest.mark.parametrize("format_", ["graphml", "gexf", "csv", "cytoscape", "dna", "edges"])
def test_no_file_breaks_the_rule(graph: ConflictGraph, rule: Any, format_: str) -> None:
    body = file(graph, format_)
    assert breaches(rule, body, format_) == []
    assert body.count(b"clm-") >= len(graph.claims)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("format_", ["graphml", "gexf", "cytoscape", "nodes", "edges"])
def test_no_view_breaks_the_rule(graph: ConflictGraph, rule: Any, format_: str, view: str) -> None:
    body = file(graph, format_, view)
    assert breaches(rule, body, format_) == []
    assert b"actor-norland" in body


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("format_", ["graphml", "gexf", "cytoscape", "edges"])
def test_a_view_that_says_more_than_is_reported_is_caught(
    graph: ConflictGraph, rule: Any, format_: str, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = ConflictGraph.to_networkx

    def telling(self: ConflictGraph, *how: Any) -> Any:
        plain = honest(self, *how)
        next(iter(plain.edges(data=True)))[-1]["phrase"] = "attacked"
        return plain

    monkeypatch.setattr(ConflictGraph, "to_networkx", telling)
    assert breaches(rule, file(graph, format_, view), format_)


@pytest.mark.parametrize(
    ("format_", "written", "planted"),
    [
        ("graphml", b'attr.name="phrase"', b'attr.name="verdict"'),
        ("graphml", b'attr.name="country"', b'attr.name="perpetrator"'),
        ("graphml", b">accuses<", b">attacked<"),
        ("graphml", b">retaliates against<", b">bombed<"),
        ("graphml", b'attr.name="claims"', b'attr.name="notes"'),
        ("gexf", b'title="country"', b'title="culprit"'),
        ("gexf", b'value="denies an accusation by"', b'value="lies to"'),
        ("gexf", b'label="accuses"', b'label="attacked"'),
        ("gexf", b'title="claims"', b'title="notes"'),
        ("csv", b"incident_label", b"perpetrator"),
        ("csv", b",accuses,", b",attacked,"),
        ("csv", b",source,", b",winner,"),
        ("csv", b",quote,", b",is_true,"),
        ("dna", b";concept;", b";fact;"),
        ("dna", b" (alleged)", b""),
        ("dna", b";accuses;", b";attacked;"),
        ("dna", b"\nclm-", b"\nx-"),
        ("edges", b",accuses,accuses,", b",accuses,attacked,"),
        ("edges", b",claims,", b",notes,"),
        ("edges", b",modality,", b",verdict,"),
        ("cytoscape", b'"phrase":"accuses"', b'"phrase":"attacked"'),
        ("cytoscape", b'"kind":"accuses"', b'"kind":"attacked"'),
        ("cytoscape", b'"claims":"clm-', b'"claims":"x-'),
        ("cytoscape", b'"country":', b'"guilty":'),
    ],
)
def test_what_is_planted_is_found(
    graph: ConflictGraph, rule: Any, format_: str, written: bytes, planted: bytes
) -> None:
    body = file(graph, format_)
    assert written in body
    assert breaches(rule, body.replace(written, planted), format_)


@pytest.mark.parametrize("format_", ["graphml", "gexf", "cytoscape"])
def test_code_that_asserts_is_caught_in_every_file(
    graph: ConflictGraph, rule: Any, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = ConflictGraph.edge_attributes

    def telling(self: ConflictGraph, edge: Any) -> Any:
        return {**honest(self, edge), "phrase": "attacked"}

    monkeypatch.setattr(ConflictGraph, "edge_attributes", telling)
    assert breaches(rule, file(graph, format_), format_)


def test_every_phrase_is_of_somebody_who_says_or_does_something_that_is_reported(rule: Any) -> None:
    """The whole list, to be read: another phrase is written here by hand, or fails."""
    assert {kind: set(phrases) for kind, phrases in rule.PHRASES.items()} == {
        "accuses": {"accuses", "makes an accusation over"},
        "denies": {"denies an accusation by", "denies what is said about"},
        "retaliates": {"retaliates against", "retaliates over"},
        "part_of": {"speaks or acts for"},
        "located_in": {"is reported in"},
        "about": {"speaks about"},
    }
    assert set(OVER_INCIDENTS) < set(EdgeKind)
    assert {kind: set(phrases) for kind, phrases in rule.PROJECTED.items()} == {
        "dyad": {"is reported to speak of or act towards"},
        "signed": {"is reported to speak or act against"},
    }


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("alleged_perpetrators", True), ("allegedPerpetrator", True), ("truncated", True), ("perpetration", True),
        ("perpetrators", False), ("culprit", False), ("isGuilty", False), ("winner", False), ("verdict", False),
        ("true", False), ("truth_score", False), ("is-true", False), ("factual", False), ("responsible_actor", False),
    ],
)  # fmt: skip
def test_who_is_alleged_may_be_called_that_and_nobody_else(rule: Any, name: str, good: bool) -> None:
    assert (list(rule.of_name(name, "x")) == []) is good
