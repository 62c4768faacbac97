"""The ontology's files in, their terms as records out, and the files in any RDF format.

The page that people read and the files that programs read are made from the same Turtle, so they cannot tell
different things.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.rdf import terms
from app.rdf.serialise import FORMATS, encode
from app.rdf.terms import DCTERMS, OWL, PLM, RDFS, SCHEMA, SKOS
from app.vocabulary.errors import BadData

if TYPE_CHECKING:
    import rdflib
    from pyoxigraph import BlankNode, Quad

FILES = {
    "ns": "ontology/polemos.ttl",
    "ns/crosswalk": "ontology/crosswalk.ttl",
    "shapes": "shapes/polemos.shacl.ttl",
    "shapes/firewall": "shapes/firewall.shacl.ttl",
    "shapes/nanopub": "shapes/nanopub.shacl.ttl",
}
"""What is published below https://w3id.org/polemos/, and the file in `graph_data` that holds it."""
SECTIONS = (
    ("Class", "Classes"),
    ("ObjectProperty", "Properties between things"),
    ("DatatypeProperty", "Properties with values"),
    ("AnnotationProperty", "Properties of the ontology itself"),
    ("ConceptScheme", "Lists"),
    ("OrderedCollection", "Ordered lists"),
    ("Concept", "Terms of lists"),
)
"""Kinds of terms, in the order in which they are told, with their headings."""
_RELATIONS = (
    (RDFS + "subClassOf", "sub-class of"),
    (RDFS + "subPropertyOf", "sub-property of"),
    (RDFS + "domain", "of"),
    (SCHEMA + "domainIncludes", "of"),
    (RDFS + "range", "value"),
    (SKOS + "inScheme", "in the list"),
    (PLM + "allowedFor", "allowed for"),
    (SKOS + "broadMatch", "narrower than"),
    (SKOS + "closeMatch", "close to"),
    (SKOS + "relatedMatch", "related to"),
    (RDFS + "seeAlso", "see also"),
)


@dataclass(frozen=True, slots=True)
class Term:
    """One term of the ontology.

    Attributes:
        name: What follows the namespace.
        kind: One of `SECTIONS`.
        code: The word for it in programs, or "".
        relations: Pairs of a heading and an IRI, in the order of the headings.
        notes: How it stands to the code books, where the crosswalk tells.
    """

    name: str
    kind: str
    label: str
    comment: str
    example: str
    code: str = ""
    phrase: str = ""
    relations: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def iri(self) -> str:
        """Its IRI."""
        return PLM + self.name


@dataclass(frozen=True, slots=True)
class Ontology:
    """The ontology as people read it."""

    title: str
    version: str
    comment: str
    abstract: str
    licence: str
    modified: str
    terms: tuple[Term, ...]

    def of_kind(self, kind: str) -> list[Term]:
        """The terms of one kind, by name."""
        return [term for term in self.terms if term.kind == kind]


def read_ontology(data: Path) -> Ontology:
    """The ontology below a `graph_data` folder.

    Raises:
        BadData: A file is missing or is no Turtle.
    """
    files = [data / FILES[name] for name in ("ns", "ns/crosswalk")]
    return _read(*files, *map(_changed_at, files))


@lru_cache(maxsize=4)
def _read(own: Path, to_code_books: Path, *_changed: int) -> Ontology:
    import rdflib

    graph, crosswalk = _parsed(own), _parsed(to_code_books)
    head = rdflib.URIRef(terms.ONTOLOGY_IRI)

    def told(subject: rdflib.term.Node, name: str, of: rdflib.Graph = graph) -> str:
        return str(of.value(subject, rdflib.URIRef(name)) or "")

    found = []
    for subject in sorted({s for s in graph.subjects() if isinstance(s, rdflib.URIRef) and s.startswith(PLM)}):
        kinds = [str(one).rpartition("#")[2] for one in graph.objects(subject, rdflib.RDF.type)]
        relations = [
            (heading, value)
            for name, heading in _RELATIONS
            for value in sorted(
                {str(v) for g in (graph, crosswalk) for v in g.objects(subject, rdflib.URIRef(name)) if _is_iri(v)}
            )
        ]
        found.append(
            Term(
                subject.removeprefix(PLM),
                next(kind for kind, _ in SECTIONS if kind in kinds),
                told(subject, RDFS + "label"),
                told(subject, RDFS + "comment"),
                told(subject, SKOS + "example"),
                told(subject, SKOS + "notation"),
                told(subject, PLM + "phrase"),
                tuple(relations),
                tuple(sorted(map(str, crosswalk.objects(subject, rdflib.SKOS.note)))),
            )
        )
    return Ontology(
        told(head, DCTERMS + "title"),
        told(head, OWL + "versionInfo"),
        told(head, RDFS + "comment"),
        told(head, DCTERMS + "abstract"),
        told(head, DCTERMS + "license"),
        told(head, DCTERMS + "modified"),
        tuple(found),
    )


def _is_iri(term: object) -> bool:
    import rdflib

    return isinstance(term, rdflib.URIRef)


def _parsed(path: Path) -> rdflib.Graph:
    import rdflib

    try:
        return rdflib.Graph().parse(path, format="turtle")
    except OSError as why:
        raise BadData(f"{path} cannot be read: {why.strerror or why}") from why
    except (SyntaxError, ValueError) as why:
        raise BadData(f"{path} cannot be read as Turtle: {why}") from why


def short(iri: str) -> str:
    """An IRI with a prefix, where one is usual."""
    for name, start in {**terms.VOCABULARIES, **_ALSO}.items():
        if iri.startswith(start) and len(iri) > len(start):
            return f"{name}:{iri[len(start) :]}"
    return iri


_ALSO = {
    "org": "http://www.w3.org/ns/org#",
    "time": "http://www.w3.org/2006/time#",
    "cameo": "https://w3id.org/polemos/crosswalk/cameo#",
    "plover": "https://w3id.org/polemos/crosswalk/plover#",
    "grasp": "http://groundedannotationframework.org/grasp#",
    "graspf": "http://groundedannotationframework.org/grasp/factuality#",
    "aif": (
        "https://raw.githubusercontent.com/NextCenturyCorporation/AIDA-Interchange-Format/master/java/src/main/resources/"
        "com/ncc/aif/ontologies/InterchangeOntology#"
    ),
}


def encoded(path: Path, format_: str) -> bytes:
    """A Turtle file in another RDF format; as it stands where Turtle is asked for. The same bytes every time.

    Raises:
        BadData: It cannot be read as Turtle.
    """
    return _encoded(path, _changed_at(path), format_)


def _changed_at(path: Path) -> int:
    """What tells a file from what it was, so that what was made of it is made anew."""
    try:
        return path.stat().st_mtime_ns
    except OSError as why:
        raise BadData(f"{path} cannot be read: {why.strerror or why}") from why


@lru_cache(maxsize=64)
def _encoded(path: Path, _changed: int, format_: str) -> bytes:
    if format_ == "turtle":
        return path.read_bytes()
    out = io.BytesIO()
    try:
        encode(_renamed(path), FORMATS[format_], out)
    except (OSError, SyntaxError, ValueError) as why:
        raise BadData(f"{path} cannot be read as Turtle: {why}") from why
    return out.getvalue()


def _renamed(path: Path) -> Iterator[Quad]:
    """The statements of a file, its blank nodes numbered in order: a parser names them anew each time."""
    from pyoxigraph import BlankNode as Blank
    from pyoxigraph import Quad as Statement
    from pyoxigraph import RdfFormat, parse

    names: dict[str, BlankNode] = {}

    def named(term: object) -> object:
        return names.setdefault(term.value, Blank(f"b{len(names)}")) if isinstance(term, Blank) else term

    for quad in parse(path=path, format=RdfFormat.TURTLE):
        yield Statement(named(quad.subject), quad.predicate, named(quad.object))  # type: ignore[arg-type] # as they were
