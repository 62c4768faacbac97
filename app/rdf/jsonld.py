"""Triples in, JSON-LD out: compacted by a context that stands inline, one node object a line, streaming.

It only ever shortens what the context lets it shorten without loss; everything else is written in full. It fetches no
context from anywhere.

https://www.w3.org/TR/json-ld11/#the-context and #compact-iris
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.rdf.terms import RDF, XSD
from app.vocabulary.errors import BadData

if TYPE_CHECKING:
    from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

    Term = NamedNode | BlankNode | Literal | Triple

Context = Mapping[str, Any]


def load_context(ontology_folder: Path) -> dict[str, Any]:
    """The context in `context.jsonld`.

    Raises:
        BadData: The file is missing or holds no context.
    """
    path = ontology_folder / "context.jsonld"
    try:
        context = json.loads(path.read_text(encoding="utf-8"))["@context"]
    except OSError as why:
        raise BadData(f"{path} cannot be read: {why.strerror}") from why
    except (ValueError, KeyError, TypeError) as why:
        raise BadData(f"{path} holds no JSON-LD context: {why}") from why
    if not isinstance(context, dict):
        raise BadData(f"{path} holds no JSON-LD context")
    return context


class Compactor:
    """Shortens IRIs and values by one context."""

    def __init__(self, context: Context, base_iri: str) -> None:
        self._vocab = str(context.get("@vocab", ""))
        # A relative reference replaces the base's last segment, which is empty only after a slash.
        self._base = base_iri if base_iri.endswith("/") else None
        self._prefixes = {
            iri: name for name, iri in context.items() if isinstance(iri, str) and iri.endswith(("/", "#"))
        }
        expanded = {iri: name for name, iri in context.items() if isinstance(iri, str) and not iri.startswith("@")}
        self._terms: dict[str, tuple[str, str | None]] = {}
        prefix_of = {name: iri for iri, name in self._prefixes.items()}
        for iri, name in expanded.items():
            if iri not in self._prefixes:
                self._terms[_expand(iri, prefix_of)] = (name, None)
        for name, body in context.items():
            if isinstance(body, Mapping):
                coercion = body.get("@type")
                full = coercion if coercion in ("@id", "@vocab", None) else _expand(coercion, prefix_of)
                self._terms[_expand(body["@id"], prefix_of)] = (name, full)
        self.context = dict(context) | ({"@base": base_iri} if self._base else {})

    def id(self, iri: str) -> str:
        """An IRI where the document expects a node."""
        if self._base and iri.startswith(self._base) and len(iri) > len(self._base):
            return iri[len(self._base) :]
        return iri

    def word(self, iri: str) -> str:
        """An IRI where the document expects a word of a vocabulary."""
        if self._vocab and iri.startswith(self._vocab):
            local = iri[len(self._vocab) :]
            if local.isalnum() and (local not in self.context or self._terms.get(iri, ("",))[0] == local):
                return local
        for start, name in self._prefixes.items():
            if iri.startswith(start):
                return f"{name}:{iri[len(start) :]}"
        return iri

    def node(self, subject: str, statements: Iterable[Quad]) -> dict[str, Any]:
        """One node object."""
        from pyoxigraph import Literal

        found: dict[str, Any] = {"id": self.id(subject)}
        for statement in statements:
            predicate, value = statement.predicate.value, statement.object
            if predicate == RDF + "type" and not isinstance(value, Literal):
                _add(found, "type", self.word(_iri(value)))
                continue
            name, coercion = self._terms.get(predicate, (predicate, None))
            if isinstance(value, Literal):
                _add(found, name, _literal(value, coercion))
            elif coercion == "@vocab":
                _add(found, name, self.word(_iri(value)))
            else:
                iri = self.id(_iri(value))
                _add(found, name, iri if coercion == "@id" else {"id": iri})
        return found


def _expand(name: str, prefix_of: Mapping[str, str]) -> str:
    prefix, _, local = name.partition(":")
    return prefix_of[prefix] + local if prefix in prefix_of else name


def _iri(term: Term) -> str:
    return str(term.value)  # type: ignore[union-attr] # no triple terms here: no JSON-LD of RDF 1.2


def _literal(value: Literal, coercion: str | None) -> str | dict[str, str]:
    datatype = value.datatype.value
    if coercion is not None and datatype == coercion:
        return value.value
    if value.language is not None:
        return {"@value": value.value, "@language": value.language}
    if datatype == XSD + "string":
        return value.value if coercion is None else {"@value": value.value}
    return {"@value": value.value, "@type": datatype}


def _add(node: dict[str, Any], name: str, value: object) -> None:
    if name not in node:
        node[name] = value
    elif isinstance(node[name], list):
        node[name].append(value)
    else:
        node[name] = [node[name], value]


def document(quads: Iterable[Quad], context: Context, base_iri: str) -> Iterator[bytes]:
    """The pieces of one JSON-LD document. Statements of one subject that follow each other make one node object.

    Those of a named graph that follow each other make one graph object, https://www.w3.org/TR/json-ld11/#named-graphs.
    """
    compactor = Compactor(context, base_iri)
    yield b'{"@context": ' + _dumps(compactor.context) + b',\n"@graph": [\n'
    between = b""
    for graph, of_graph in groupby(quads, key=_graph_of):
        if graph is not None:
            yield between + b'{"id": ' + _dumps(compactor.id(graph)) + b', "@graph": [\n'
            between = b""
        for subject, statements in groupby(of_graph, key=lambda quad: _iri(quad.subject)):
            yield between + _dumps(compactor.node(subject, statements))
            between = b",\n"
        if graph is not None:
            yield b"\n]}"
            between = b",\n"
    yield b"\n]}\n"


def _graph_of(quad: Quad) -> str | None:
    from pyoxigraph import DefaultGraph

    name = quad.graph_name
    return None if isinstance(name, DefaultGraph) else name.value


def _dumps(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
