"""No query that writes or reaches out gets past, however it is written; none that merely looks like it is stopped."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store

from app.rdf.guard import MAX_LENGTH, Graphs, check
from app.vocabulary.errors import BadQuery

X = "<http://127.0.0.1:9/>"

FEDERATED = [
    f"SELECT * {{ SERVICE {X} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ service silent {X} {{ ?s ?p ?o }} }}",
    f"SELECT*{{SeRvIcE{X}{{?s ?p ?o}}}}",
    f"SELECT * {{ ?s ?p 1SERVICE{X}{{}} }}",
    f"SELECT * {{ ?s ?p 1e5SERVICE{X}{{}} }}",
    f"SELECT * {{ ?s ?p trueSERVICE{X}{{}} }}",
    f"PREFIX : {X} SELECT * {{ SERVICE:x{{}} }}",
    f"PREFIX e: {X} SELECT * {{ ?s ?p e:a.SERVICE{X}{{}} }}",
    f"SELECT * {{ ?s ?p 'it\\'s'SERVICE{X}{{}} }}",
    f"SELECT * {{ ?s ?p '''a'b''c'''SERVICE{X}{{}} }}",
    f'SELECT * {{ ?s ?p """a"b""c"""SERVICE{X}{{}} }}',
    f"SELECT * {{ ?s ?p ?o FILTER(1<2)SERVICE{X}{{}} }}",
    f"SELECT * {{ ?s ?p ?o FILTER(?o<?p&&?p>1)SERVICE{X}{{}} }}",
    f"SELECT * {{ # a comment ' \"\n SERVICE {X} {{}} }}",
    f"SELECT * {{ {{ SELECT * {{ SERVICE ?where {{ ?s ?p ?o }} }} }} BIND({X} AS ?where) }}",
    f"SELECT * {{ FILTER EXISTS {{ SERVICE {X} {{ ?s ?p ?o }} }} }}",
    f"SELECT * {{ ?s <http://h.example/\\u0041#>1 SERVICE {X} {{}} }}",
    f"SELECT * {{ ?s <\\U00000041:#>1 SERVICE {X} {{}} }}",
    f"SELECT * {{ ?s ?p _:b .SERVICE {X} {{}} }}",
]

HARMLESS = [
    "SELECT ?service WHERE { ?service ?p 'SERVICE <http://x> {}' }",
    'SELECT * { ?s ?p """FROM "" here: LOAD SERVICE""" }',
    "# SERVICE FROM LOAD\nASK {}",
    "SELECT * { ?s <http://h.example/SERVICE> ?o }",
    "SELECT * { ?s schema:service ?o ; schema:fromLocation ?l }",
    "PREFIX e: <http://h.example/from#> SELECT ?from { ?from e:load ?with }",
    "BASE <http://h.example/> ASK { <insert> <delete> 'x'@en }",
    "CONSTRUCT { ?a plm:accuses ?b } WHERE { ?c plm:onBehalfOf ?a ; plm:target ?b }",
    "DESCRIBE actor:actor-ardania",
]


@pytest.mark.parametrize("text", FEDERATED)
def test_no_other_endpoint_is_asked(text: str) -> None:
    with pytest.raises(BadQuery, match="SERVICE is refused"):
        check(text)


G = "http://h.example/g"
KNOWN = {"e": "http://h.example/", "": "http://h.example/"}


@pytest.mark.parametrize(
    ("text", "default", "named"),
    [
        (f"SELECT * FROM <{G}> {{ ?s ?p ?o }}", (G,), ()),
        (f"ASK FROM <{G}1> FROM NAMED <{G}2> from<{G}3> from named<{G}4> {{}}", (f"{G}1", f"{G}3"), (f"{G}2", f"{G}4")),
        ("DESCRIBE <x:y> FROM:g", (G,), ()),
        ("DESCRIBE ?x FROM e:g FROM NAMED:g {}", (G,), (G,)),
        (f"PREFIX e: <x:> PREFIX f: <{G}/> ASK FROM f:h FROM e:g {{}}", (f"{G}/h", "x:g"), ()),
        ("BASE <http://h.example/a/> ASK FROM <b> FROM <../g> {}", ("http://h.example/a/b", G), ()),
        ("ASK FROM <g> {}", ("http://base.example/g",), ()),
        ("ASK FROM <\\u0067> FROM e:a\\-b {}", ("http://base.example/g", "http://h.example/a-b"), ()),
        (f"CONSTRUCT {{ ?s ?p ?o }} FROM <{G}> WHERE {{ ?s ?p ?o }}", (G,), ()),
        (f"# FROM <x:y>\nASK FROM # <x:z>\n <{G}> {{ ?s ?p 'FROM <x:y>' . ?from from:x <x:FROM> }}", (G,), ()),
    ],
)
def test_the_data_set_that_a_query_names(text: str, default: tuple[str, ...], named: tuple[str, ...]) -> None:
    assert check(text, KNOWN, "http://base.example/").graphs == Graphs(default, named)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("SELECT * { ?s ?p $o . ?o ?p ?z }", ("s", "p", "o", "z")),
        ("PREFIX a: <x:> select distinct # ?n\n * { ?b a:b '?c' }", ("b",)),
        ("SELECT REDUCED* {}", ()),
        ("SELECT (?a * ?b AS ?c) { ?a ?b ?c }", None),
        ("SELECT ?x { { SELECT * { ?s ?p ?o } } }", None),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", None),
        ("ASK { ?s ?p ?o }", None),
    ],
)
def test_the_columns_of_select_all(text: str, variables: tuple[str, ...] | None) -> None:
    assert check(text).variables == variables


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT ?from { ?s ?p ?from }", "SELECT"),
        ("PREFIX from: <x:> BASE <x:> ask { ?s from:from from:FROM }", "ASK"),
        ("DESCRIBE e:from", "DESCRIBE"),
        ("", ""),
    ],
)
def test_a_query_that_names_none(text: str, form: str) -> None:
    found = check(text)
    assert (found.form, found.graphs) == (form, None)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <x:a> <x:b> 1 }",
        "PREFIX e: <http://h.example/> delete where { ?s ?p ?o }",
        "LOAD <http://h.example/>",
        "# a note\nCLEAR ALL",
        "DROP DEFAULT",
        "WITH <x:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "BASE <http://h.example/> COPY <a> TO <b>",
    ],
)
def test_nothing_is_changed(text: str) -> None:
    with pytest.raises(BadQuery, match="this endpoint is read-only"):
        check(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_it_passes(text: str) -> None:
    check(text)


def test_a_query_without_end_is_refused_unread() -> None:
    with pytest.raises(BadQuery, match="longer than"):
        check("ASK { " + " " * MAX_LENGTH + "}")


@pytest.mark.parametrize(
    "text",
    [
        "'" * 40_000,
        '"""' + '\\"' * 20_000,
        "<" * 49_000,
        "a:" * 20_000,
        "\\" * 49_000,
        "a." * 25_000,
        "?" * 50_000,
        '"a' * 25_000,
        "<\\u0041" * 7_000,
    ],
)
@pytest.mark.timeout(2)
def test_odd_texts_are_read_in_no_time(text: str) -> None:
    with contextlib.suppress(BadQuery):
        check(text)


@example("<\\u0041:#>1 ", "?s ")
@given(st.text(alphabet="'\"\\<>#?:@.1aSERVICE \n{}", max_size=12), st.sampled_from(["?s ?p ?o ", "?s ?p ", ""]))
def test_whatever_stands_before_it_the_parser_never_finds_what_the_guard_missed(noise: str, pattern: str) -> None:
    """A query that passes and still parses asks nobody: were its SERVICE real, the parser would name a closed port."""
    text = f"PREFIX a: <http://h.example/> ASK {{ {pattern}{noise}SERVICE {X} {{}} }}"
    try:
        check(text)
    except BadQuery:
        return
    store = Store()
    store.add(Quad(NamedNode("x:s"), NamedNode("x:p"), NamedNode("x:o")))
    with contextlib.suppress(SyntaxError):
        store.query(text)
