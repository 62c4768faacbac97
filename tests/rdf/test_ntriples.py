"""Every term we write can be read back by somebody else's parser."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from app.graph import ConflictGraph
from app.rdf.dataset import Statements
from app.rdf.ntriples import LineStream, escape, for_xml, partial_date, probability, segment


@given(st.text())
def test_any_text_comes_back_from_a_literal(text: str) -> None:
    line = f'<a:s> <a:p> "{escape(text)}" .\n'
    (quad,) = parse(line, RdfFormat.N_TRIPLES)
    assert isinstance(quad.object, Literal)
    assert quad.object.value == text
    assert line.count("\n") == 1


def test_a_surrogate_that_stands_alone_becomes_the_replacement_character() -> None:
    assert escape("a\ud800b") == "a\ufffdb"
    escape("a\ud800b").encode()


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_id_makes_a_valid_iri(text: str) -> None:
    iri = NamedNode("https://h.example/actor/" + segment(text)).value
    assert iri.count("/") == 4
    assert "#" not in iri


def test_different_ids_make_different_iris() -> None:
    assert segment("a/b") == "a%2Fb"
    assert segment("a%2Fb") == "a%252Fb"
    assert segment("actor-中国") == "actor-中国"
    assert segment("rules@1") == "rules@1"


@pytest.mark.parametrize(
    ("text", "kind"), [("2026", "gYear"), ("2026-03", "gYearMonth"), ("2026-03-04", "date"), ("0001", "gYear")]
)
def test_a_date_is_as_precise_as_it_is_known(text: str, kind: str) -> None:
    assert partial_date(text) == f'"{text}"^^<http://www.w3.org/2001/XMLSchema#{kind}>'


@pytest.mark.parametrize(("value", "text"), [(1.0, "1.0"), (0.0, "0.0"), (0.5, "0.5"), (0.3333, "0.3333")])
def test_a_probability_is_a_decimal(value: float, text: str) -> None:
    assert probability(value) == f'"{text}"^^<http://www.w3.org/2001/XMLSchema#decimal>'


def test_what_xml_cannot_hold_is_replaced_and_nothing_else() -> None:
    assert for_xml("a\x00\x0b\ufffe\t\r\n é😀") == "a\ufffd\ufffd\ufffd\t\r\n é😀"


@given(st.lists(st.text(alphabet="ab\n", max_size=9)), st.integers(1, 7))
def test_a_stream_gives_every_byte_in_any_helping(blocks: list[str], size: int) -> None:
    stream = LineStream(blocks)
    got = io.BytesIO()
    while piece := stream.read(size):
        got.write(piece)
    assert got.getvalue().decode() == "".join(blocks)
    assert stream.lines == "".join(blocks).count("\n")


@pytest.mark.parametrize("base", ["https://h.example/id/", "https://h.example/x#"])
def test_every_iri_is_one_whatever_the_base(graph: ConflictGraph, base: str) -> None:
    """A base that ends in "#" leaves no second one for the parts of a thing."""
    text = "".join(Statements(graph, base_iri=base))
    strict = list(parse(text.encode(), RdfFormat.N_TRIPLES))
    assert len(strict) == text.count("\n")
    assert any(quad.subject.value.endswith("evidence") for quad in strict if isinstance(quad.subject, NamedNode))
