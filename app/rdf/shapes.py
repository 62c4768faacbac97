"""Data in, a report out: whether it keeps to `graph_data/shapes`, and what to do where it does not (SHACL Core).

It never changes the data and infers nothing. pyshacl needs the data as an rdflib graph in memory, about 1 KB a triple;
its Oxigraph path is fifty times slower and loses datatypes, so it is not used.

https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.graph import ConflictGraph
from app.rdf import nanopub
from app.rdf.dataset import quads
from app.rdf.serialise import format_of
from app.rdf.terms import BASE_IRI, Profile
from app.vocabulary.errors import BadData, BadInput
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    import rdflib
    from pyoxigraph import BlankNode, Literal, NamedNode, Quad

_SH = "http://www.w3.org/ns/shacl#"


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One thing that is wrong.

    Attributes:
        focus: IRI of the node it is wrong with.
        message: What to do about it.
        path: IRI of the property, or "" where the shape looks at the node or along several properties.
        value: The value that is wrong, or "".
    """

    focus: str
    message: str
    path: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"{self.focus}: {self.message}" + (f" (now: {self.value})" if self.value else "")


@dataclass(frozen=True, slots=True)
class ShapeReport:
    """The outcome of a validation."""

    conforms: bool
    violations: tuple[Violation, ...]
    triples: int

    @property
    def text(self) -> str:
        """The report for people, one line for each violation."""
        if self.conforms:
            return f"{self.triples} triples conform to the shapes."
        count = len(self.violations)
        head = f"{count} violation{'s' if count > 1 else ''} in {self.triples} triples:"
        return "\n".join([head, *(f"- {violation}" for violation in self.violations)])


def validate(
    data: ConflictGraph | Path | rdflib.Graph | Iterable[Quad],
    shapes_folder: Path,
    *,
    base_iri: str = BASE_IRI,
    profile: Profile = Profile.CLAIMS,
) -> ShapeReport:
    """Hold data against every shapes file of a folder.

    Args:
        data: A graph of ours, a file in one of `serialise.FORMATS`, an rdflib graph, or pyoxigraph quads (a `Store`,
            too). To the shapes named graphs are one; where the statements of nanopublications stand is looked at
            beside. Triple terms assert nothing and are passed over.
        shapes_folder: Holds `*.shacl.ttl`.
        base_iri: Where the instances of a graph of ours live.
        profile: What of a graph of ours is looked at.

    Raises:
        BadInput: The file cannot be read as RDF.
        BadData: The shapes cannot be read.
    """
    import pyshacl
    import rdflib

    shapes = _shapes(shapes_folder)
    graphs = nanopub.Graphs()
    if isinstance(data, rdflib.Graph):
        graph = data
    elif isinstance(data, ConflictGraph):
        graph = as_rdflib(graphs.watch(quads(data, base_iri=base_iri, profile=profile)))
    else:
        graph = as_rdflib(graphs.watch(_parsed(data) if isinstance(data, Path) else data))
    # inplace: the data is not copied; nothing is inferred, so nothing is added to it either.
    conforms, report, _ = pyshacl.validate(
        graph, shacl_graph=shapes, inference="none", advanced=False, meta_shacl=False, inplace=True
    )
    found = [*_violations(report)] if isinstance(report, rdflib.Graph) else []
    misplaced = [Violation(name, message) for name, message in graphs.flaws()]
    return ShapeReport(bool(conforms) and not misplaced, tuple(sorted([*found, *misplaced])), len(graph))


def _shapes(folder: Path) -> rdflib.Graph:
    import rdflib

    shapes = rdflib.Graph()
    files = sorted(folder.glob("*.shacl.ttl"))
    if not files:
        raise BadData(f"{folder} holds no shapes (*.shacl.ttl)")
    for path in files:
        try:
            shapes.parse(path, format="turtle")
        except (OSError, SyntaxError) as why:
            raise BadData(f"{path} cannot be read as Turtle: {why}") from why
    return shapes


def _parsed(path: Path) -> Iterator[Quad]:
    from pyoxigraph import parse

    known = format_of(path)
    try:
        yield from parse(path=path, format=known.rdf_format(), base_iri=path.resolve().as_uri())
    except OSError as why:
        raise BadInput(RefusalReason.UNREADABLE, f"{path} cannot be read: {why.strerror or why}") from why
    except SyntaxError as why:
        raise BadInput(RefusalReason.UNREADABLE, f"{path} is not {known.media_type}: {why}") from why


def as_rdflib(statements: Iterable[Quad]) -> rdflib.Graph:
    """The statements of pyoxigraph as an rdflib graph; quicker than to write and parse them."""
    import rdflib
    from pyoxigraph import BlankNode, Literal, NamedNode

    iris: dict[str, rdflib.URIRef] = {}

    def iri(text: str) -> rdflib.URIRef:
        found = iris.get(text)
        if found is None:
            found = iris[text] = rdflib.URIRef(text)
        return found

    def term(value: NamedNode | BlankNode | Literal) -> rdflib.term.Node:
        if isinstance(value, NamedNode):
            return iri(value.value)
        if isinstance(value, BlankNode):
            return rdflib.BNode(value.value)
        if value.language is not None:
            return rdflib.Literal(value.value, lang=value.language)
        if value.datatype.value == str(rdflib.XSD.string):
            return rdflib.Literal(value.value)
        return rdflib.Literal(value.value, datatype=iri(value.datatype.value), normalize=False)

    graph = rdflib.Graph()
    for statement in statements:
        subject, value = statement.subject, statement.object
        if isinstance(value, (NamedNode, BlankNode, Literal)) and isinstance(subject, (NamedNode, BlankNode)):
            graph.add((term(subject), iri(statement.predicate.value), term(value)))
    return graph


def _violations(report: rdflib.Graph) -> Iterator[Violation]:
    import rdflib

    def named(node: object, name: str) -> str:
        value = report.value(node, rdflib.URIRef(_SH + name)) if isinstance(node, rdflib.term.Node) else None
        return "" if value is None or isinstance(value, rdflib.BNode) else str(value)

    for result in report.subjects(rdflib.RDF.type, rdflib.URIRef(_SH + "ValidationResult")):
        message = named(result, "resultMessage")
        yield Violation(named(result, "focusNode"), message, named(result, "resultPath"), named(result, "value"))
