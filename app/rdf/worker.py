"""A process that answers SPARQL over read-only stores: questions on standard input, answers on standard output.

`app.rdf.processes` starts it by its path and kills it when a question takes too long, which no thread would allow. It
imports nothing of the house, so that it starts at once, and it never writes to a store.

A question is one line of JSON (see `Question`). An answer is one line of JSON (see `Head`) and then `size` bytes:
SPARQL results in JSON (https://www.w3.org/TR/sparql11-results-json/) for SELECT and ASK, N-Triples for CONSTRUCT and
DESCRIBE.
"""

from __future__ import annotations

import itertools
import json
import math
import signal
import sys
from decimal import Decimal
from typing import NotRequired, TypedDict

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_DOUBLES = ("http://www.w3.org/2001/XMLSchema#double", "http://www.w3.org/2001/XMLSchema#float")
_GRACE_S = 2.0
"""How much longer than its question the process lives should nobody be left to kill it."""


class Question(TypedDict):
    """What is asked.

    Attributes:
        store: The folder of the store; the one before is closed where it is another.
        default_graphs: IRIs of the graphs that make up the default graph, the empty one for the store's own; None for
            what the query and the store say.
        named_graphs: IRIs of the named graphs, which count where `default_graphs` is not None.
        variables: The order of the columns, where the query does not say it itself (SELECT *).
    """

    query: str
    prefixes: dict[str, str]
    base_iri: str
    max_rows: int
    timeout_s: float
    store: NotRequired[str]
    default_graphs: NotRequired[list[str] | None]
    named_graphs: NotRequired[list[str]]
    variables: NotRequired[list[str] | None]


class Head(TypedDict, total=False):
    """What is said of an answer before it comes: of what it is, or why there is none."""

    form: str
    truncated: bool
    size: int
    unknown_graphs: list[str]
    """Graphs that were asked for and that the store does not have: they were empty."""
    error: str
    is_limit: bool


def answer(store: Store, question: Question) -> tuple[Head, bytes]:
    """Run one query; at most `max_rows` rows or triples, and whether there were more."""
    limit = question["max_rows"]
    try:
        result = _run(store, question)
        if isinstance(result, QueryBoolean):
            return _head("boolean", json.dumps({"head": {}, "boolean": bool(result)}).encode(), truncated=False)
        if isinstance(result, QueryTriples):
            triples = list(itertools.islice(result, limit + 1))
            body = serialize(triples[:limit], format=RdfFormat.N_TRIPLES) or b""
            return _head("graph", body, truncated=len(triples) > limit)
        return _solutions(result, limit, question.get("variables"))
    except MemoryError:
        return {"error": "it needs more memory than it may have", "is_limit": True}, b""
    except (SyntaxError, ValueError, RuntimeError, OSError) as why:
        return {"error": str(why)}, b""


def answered(store: Store, question: Question) -> tuple[Head, bytes]:
    """Run one query, and say which of its graphs the store lacks."""
    try:
        unknown = unknown_graphs(store, question)
    except ValueError as why:
        return {"error": f"a graph is named by what is no IRI: {why}"}, b""
    head, body = answer(store, question)
    if unknown and "error" not in head:
        head["unknown_graphs"] = unknown
    return head, body


def _run(store: Store, question: Question) -> QueryBoolean | QuerySolutions | QueryTriples:
    text, known, base = question["query"], question["prefixes"], question["base_iri"]
    default = question.get("default_graphs")
    if default is None:
        return store.query(text, prefixes=known, base_iri=base)
    # Both are given, so that neither is taken from the query: the protocol's data set goes before the text's.
    graphs: list[NamedNode | BlankNode | DefaultGraph] = [NamedNode(g) if g else DefaultGraph() for g in default]
    named: list[NamedNode | BlankNode] = [NamedNode(iri) for iri in question.get("named_graphs", [])]
    return store.query(text, prefixes=known, base_iri=base, default_graph=graphs, named_graphs=named)


def unknown_graphs(store: Store, question: Question) -> list[str]:
    """The graphs that are asked for and not there; raises ValueError where one is no IRI."""
    asked = (*(question.get("default_graphs") or ()), *question.get("named_graphs", ()))
    return [iri for iri in dict.fromkeys(asked) if iri and not store.contains_named_graph(NamedNode(iri))]


def _solutions(result: QuerySolutions, limit: int, order: list[str] | None) -> tuple[Head, bytes]:
    names = [variable.value for variable in result.variables]
    rows = []
    for solution in itertools.islice(result, limit + 1):
        terms = zip(names, solution, strict=True)
        rows.append({name: _term(term) for name, term in terms if term is not None})
    if order is not None:
        known = {name: place for place, name in enumerate(order)}
        names.sort(key=lambda name: known.get(name, len(known)))
    body = {"head": {"vars": names}, "results": {"bindings": rows[:limit]}}
    return _head("solutions", json.dumps(body, ensure_ascii=False).encode(), truncated=len(rows) > limit)


def _head(form: str, body: bytes, *, truncated: bool) -> tuple[Head, bytes]:
    return {"form": form, "truncated": truncated, "size": len(body)}, body


def _term(term: NamedNode | BlankNode | Literal | Triple) -> dict[str, object]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, Literal):
        found: dict[str, object] = {"type": "literal", "value": term.value}
        kind = term.datatype.value
        if term.language is not None:
            found["xml:lang"] = term.language
        elif kind != _XSD_STRING:
            found["datatype"] = kind
        if kind in _DOUBLES:
            found["value"] = _canonical(term.value)
        return found
    parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
    return {"type": "triple", "value": {name: _term(part) for name, part in parts.items()}}


def _canonical(value: str) -> str:
    """A double as https://www.w3.org/TR/xmlschema-2/#double-canonical-representation has it: 1.0E6.

    The store keeps its value and writes 1000000, which CSV, where nothing tells of its type, makes an integer.
    """
    try:
        number = float(value)
    except ValueError:
        return value
    if not math.isfinite(number):
        return value
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    if not any(digits) or not isinstance(exponent, int):
        return "-0.0E0" if sign else "0.0E0"
    text = "".join(map(str, digits)).lstrip("0")
    rest = text[1:].rstrip("0") or "0"
    return f"{'-' if sign else ''}{text[0]}.{rest}E{exponent + len(text) - 1}"


def _opened(folder: str | None, max_bytes: int) -> Store:
    """The store, for which memory is not limited; what is asked of it has no more than `max_bytes` of address space."""
    try:
        import resource
    except ImportError:  # not a Unix: the time box still holds
        return Store.read_only(folder) if folder is not None else Store()
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    store = Store.read_only(folder) if folder is not None else Store()
    resource.setrlimit(resource.RLIMIT_AS, (max_bytes, most))
    return store


def main() -> None:
    """Answer until there are no more questions."""
    max_bytes = int(sys.argv[1])
    folder: str | None = None
    store = _opened(folder, max_bytes)
    for line in sys.stdin.buffer:
        question: Question = json.loads(line)
        if question.get("store") != folder:
            folder = question.get("store")
            store = _opened(folder, max_bytes)
        if hasattr(signal, "setitimer"):
            # SIGALRM ends the process even in the midst of a query: nobody has set a handler for it.
            signal.setitimer(signal.ITIMER_REAL, question["timeout_s"] + _GRACE_S)
        head, body = answered(store, question)
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)
        sys.stdout.buffer.flush()
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    main()
