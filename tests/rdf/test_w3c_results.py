"""The W3C's suites for results in CSV, TSV and JSON, through what answers our endpoint's queries.

They lie beside a checkout, not in it; `test_every_kind_of_term_in_every_format` says the same of terms of our own.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Store, parse_query_results
from rdflib.collection import Collection

from app.rdf.answers import Answer
from app.rdf.guard import check
from app.rdf.worker import answered

SUITE = Path(__file__).resolve().parents[3] / "shared" / "bench" / "w3c-sparql11" / "sparql" / "sparql11"
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
XSD = "http://www.w3.org/2001/XMLSchema#"

# rdflib's own parsers still use what rdflib itself has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
with_suite = pytest.mark.skipif(not SUITE.is_dir(), reason="the W3C's suites are not beside this checkout")


def cases(folder: str) -> list[tuple[str, Path, Path, Path]]:
    """Name, query, data and result of each."""
    manifest = SUITE / folder / "manifest.ttl"
    if not manifest.is_file():
        return []
    graph = rdflib.Graph().parse(manifest, format="turtle", publicID=manifest.as_uri())
    (entries,) = graph.objects(None, MF.entries)

    def path(node: Any) -> Path:
        return SUITE / folder / str(node).rpartition("/")[2]

    found = []
    for node in Collection(graph, entries):
        action = graph.value(node, MF.action)
        query, data = graph.value(action, QT.query), graph.value(action, QT.data)
        found.append((str(node).rpartition("#")[2], path(query), path(data), path(graph.value(node, MF.result))))
    return found


CSV_TSV, JSON = cases("csv-tsv-res"), cases("json-res")


def asked(store: Store, query: str, format_: str) -> bytes:
    """What the endpoint would send."""
    columns = check(query).variables
    head, body = answered(
        store,
        {
            "query": query,
            "prefixes": {},
            "base_iri": "http://h.example/",
            "max_rows": 100,
            "timeout_s": 10,
            "variables": list(columns) if columns is not None else None,
        },
    )
    assert "error" not in head, head
    return Answer(head["form"], body, head["truncated"], 1).encode(format_)  # type: ignore[arg-type]


def over(data: Path, query: Path, format_: str) -> bytes:
    store = Store()
    store.load(path=str(data), format=RdfFormat.TURTLE, base_iri=data.as_uri())
    return asked(store, query.read_text(encoding="utf-8"), format_)


def same_but_for_blank_nodes(rows: list[list[str]]) -> list[list[str]]:
    """CSV and TSV, 3.1 and 4.1: a blank node's label means something only within one file."""
    names: dict[str, str] = {}
    return [[names.setdefault(cell, f"_:{len(names)}") if cell.startswith("_:") else cell for cell in r] for r in rows]


@with_suite
def test_all_of_it_is_there() -> None:
    assert sorted(name for name, *_ in (*CSV_TSV, *JSON)) == [
        "csv01", "csv02", "csv03", "jsonres01", "jsonres02", "jsonres03", "jsonres04", "tsv01", "tsv02", "tsv03",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "data", "result"), [case[1:] for case in CSV_TSV if case[3].suffix == ".csv"], ids=lambda path: path.name
)
def test_csv(query: Path, data: Path, result: Path) -> None:
    """Same header, same rows; CSV has no terms, so its cells are compared as they stand."""

    def rows(content: bytes) -> list[list[str]]:
        read = list(csv.reader(io.StringIO(content.decode(), newline="")))
        return [read[0], *same_but_for_blank_nodes(read[1:])]

    ours = over(data, query, "csv")
    # 3: "The end of line sequence is CRLF" in the header and after each record, by RFC 4180.
    assert ours.count(b"\r\n") == ours.count(b"\n") == len(rows(ours))
    assert rows(ours) == rows(result.read_bytes())


@pytest.mark.parametrize(
    ("query", "data", "result"), [case[1:] for case in CSV_TSV if case[3].suffix == ".tsv"], ids=lambda path: path.name
)
def test_tsv(query: Path, data: Path, result: Path) -> None:
    """TSV keeps terms as they are, so results are compared term by term."""

    def rows(content: bytes) -> tuple[list[str], list[list[str]]]:
        solutions = parse_query_results(content, QueryResultsFormat.TSV)
        assert isinstance(solutions, QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        return names, same_but_for_blank_nodes([[_told(cell) for cell in row] for row in solutions])

    assert rows(over(data, query, "tsv")) == rows(result.read_bytes())


def _told(term: Any) -> str:
    """A term as text; a number by its value: the store keeps that, not how it is written nor that it is negative."""
    kind = getattr(getattr(term, "datatype", None), "value", "")
    if kind.startswith(XSD) and kind.removeprefix(XSD) in ("integer", "negativeInteger", "decimal", "double"):
        return f"{float(term.value)} {kind.removeprefix(XSD).replace('negativeInteger', 'integer')}"
    return str(term) if term is not None else ""


@pytest.mark.parametrize(("query", "data", "result"), [case[1:] for case in JSON], ids=lambda path: path.name)
def test_json(query: Path, data: Path, result: Path) -> None:
    def told(content: bytes) -> Any:
        found = json.loads(content)
        names: dict[str, str] = {}
        for row in found.get("results", {}).get("bindings", ()):
            for term in row.values():
                if term["type"] == "bnode":
                    term["value"] = names.setdefault(term["value"], f"b{len(names)}")
        return found

    assert told(over(data, query, "json")) == told(result.read_bytes())


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("2e3", "2.0E3"), ("1.0e6", "1.0E6"), ("-1.25E-7", "-1.25E-7"), ("0e0", "0.0E0"), ("-0e0", "-0.0E0"),
        ("100e0", "1.0E2"), ("1e30", "1.0E30"), ("123.456e0", "1.23456E2"), ("5e-324", "5.0E-324"),
        ("'INF'^^xsd:double", "INF"), ("'NaN'^^xsd:double", "NaN"),
    ],
)  # fmt: skip
def test_doubles_are_told_from_integers(written: str, canonical: str) -> None:
    """XML Schema, 3.2.5.2: the canonical representation of a double has a point and an exponent."""
    found = asked(Store(), f"PREFIX xsd: <{XSD}> SELECT ({written} AS ?d) {{}}", "csv")
    assert found.decode() == f"d\r\n{canonical}\r\n"


def test_every_kind_of_term_in_every_format() -> None:
    """What the recommendations say of each term, by one row of each.

    JSON, 3.2.2: an IRI is `uri`, a literal has `xml:lang` or `datatype` where it is no plain one, a blank node `bnode`;
    unbound variables are left out. TSV, 4: terms as in Turtle, numbers without quotes. CSV, 3: values alone; a cell
    with a quote, a comma or a line's end is in quotes, and a quote in it is doubled (RFC 4180).
    """
    store = Store()
    query = """SELECT ?v ?none { VALUES (?n ?v) { (1 <http://h.example/i>) (2 "plain") (3 "says \\"a, b\\"")
        (4 "chat"@fr) (5 4) (6 1.5) (7 2e3) (8 true) (9 "x"^^<http://h.example/t>) (10 "a\\tb\\nc") } } ORDER BY ?n"""
    found = json.loads(asked(store, query, "json"))
    assert found["head"] == {"vars": ["v", "none"]}
    assert [list(row) for row in found["results"]["bindings"]] == [["v"]] * 10
    assert [row["v"] for row in found["results"]["bindings"]][:4] == [
        {"type": "uri", "value": "http://h.example/i"},
        {"type": "literal", "value": "plain"},
        {"type": "literal", "value": 'says "a, b"'},
        {"type": "literal", "value": "chat", "xml:lang": "fr"},
    ]
    assert [row["v"].get("datatype") for row in found["results"]["bindings"]][4:9] == [
        *(XSD + name for name in ("integer", "decimal", "double", "boolean")), "http://h.example/t",
    ]  # fmt: skip
    assert asked(store, query, "csv").decode() == (
        'v,none\r\nhttp://h.example/i,\r\nplain,\r\n"says ""a, b""",\r\nchat,\r\n4,\r\n1.5,\r\n2.0E3,\r\ntrue,\r\n'
        'x,\r\n"a\tb\nc",\r\n'
    )
    assert asked(store, query, "tsv").decode().split("\n") == [
        "?v\t?none", "<http://h.example/i>\t", '"plain"\t', '"says \\"a, b\\""\t', '"chat"@fr\t', "4\t", "1.5\t",
        "2.0E3\t", "true\t", '"x"^^<http://h.example/t>\t', '"a\\tb\\nc"\t', "",
    ]  # fmt: skip
    assert json.loads(asked(store, "ASK {}", "json")) == {"head": {}, "boolean": True}
