"""A process that answers SPARQL over one read-only store: questions on standard input, answers on standard output.

`app.rdf.sparql` starts it by its path and kills it when a question takes too long, which no thread would allow. It
imports nothing of the house, so that it starts at once, and it never writes to the store.

A question is one line of JSON: query, prefixes, max_rows, timeout_s. An answer is one line of JSON (form, truncated,
size; or error) and then `size` bytes: SPARQL results in JSON (https://www.w3.org/TR/sparql11-results-json/) for
SELECT and ASK, N-Triples for CONSTRUCT and DESCRIBE.
"""

from __future__ import annotations

import itertools
import json
import signal
import sys
from typing import TypedDict

from pyoxigraph import (
    BlankNode,
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
_GRACE_S = 2.0
"""How much longer than its question the process lives should nobody be left to kill it."""


class Question(TypedDict):
    """What is asked."""

    query: str
    prefixes: dict[str, str]
    max_rows: int
    timeout_s: float


class Head(TypedDict, total=False):
    """What is said of an answer before it comes."""

    form: str
    truncated: bool
    size: int
    error: str


def answer(store: Store, question: Question) -> tuple[Head, bytes]:
    """Run one query; at most `max_rows` rows or triples, and whether there were more."""
    limit = question["max_rows"]
    try:
        result = store.query(question["query"], prefixes=question["prefixes"])
        if isinstance(result, QueryBoolean):
            return _head("boolean", json.dumps({"head": {}, "boolean": bool(result)}).encode(), truncated=False)
        if isinstance(result, QueryTriples):
            triples = list(itertools.islice(result, limit + 1))
            body = serialize(triples[:limit], format=RdfFormat.N_TRIPLES) or b""
            return _head("graph", body, truncated=len(triples) > limit)
        return _solutions(result, limit)
    except MemoryError:
        return {"error": "it needs more memory than it may have"}, b""
    except (SyntaxError, ValueError, RuntimeError, OSError) as why:
        return {"error": str(why)}, b""


def _solutions(result: QuerySolutions, limit: int) -> tuple[Head, bytes]:
    names = [variable.value for variable in result.variables]
    rows = []
    for solution in itertools.islice(result, limit + 1):
        terms = zip(names, solution, strict=True)
        rows.append({name: _term(term) for name, term in terms if term is not None})
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
        if term.language is not None:
            found["xml:lang"] = term.language
        elif term.datatype.value != _XSD_STRING:
            found["datatype"] = term.datatype.value
        return found
    parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
    return {"type": "triple", "value": {name: _term(part) for name, part in parts.items()}}


def _limit_memory(max_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # not a Unix: the time box still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (max_bytes, max_bytes))


def main() -> None:
    """Answer until there are no more questions."""
    store = Store.read_only(sys.argv[1])
    _limit_memory(int(sys.argv[2]))
    for line in sys.stdin.buffer:
        question: Question = json.loads(line)
        if hasattr(signal, "setitimer"):
            # SIGALRM ends the process even in the midst of a query: nobody has set a handler for it.
            signal.setitimer(signal.ITIMER_REAL, question["timeout_s"] + _GRACE_S)
        head, body = answer(store, question)
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)
        sys.stdout.buffer.flush()
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    main()
