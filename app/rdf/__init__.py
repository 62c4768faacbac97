"""A `ConflictGraph` in; RDF files, SHACL reports and SPARQL answers out. What is alleged is never asserted.

`write` makes files, `validate` holds data against the shapes, `Dataset` answers questions, `to_rdflib` hands the data
to whoever works with rdflib. rdflib, pyshacl and pyoxigraph are imported where they are first needed, so that a door
that needs none of them pays for none.
"""

from app.rdf.answers import RESULT_FORMATS, Answer
from app.rdf.dataset import Statements, quads
from app.rdf.face import to_rdflib
from app.rdf.jsonld import load_context
from app.rdf.serialise import FORMATS, Format, format_named, write
from app.rdf.shapes import ShapeReport, Violation, validate
from app.rdf.sparql import Dataset, Graphs, query
from app.rdf.terms import BASE_IRI, PLM, Profile

__all__ = [
    "BASE_IRI",
    "FORMATS",
    "PLM",
    "RESULT_FORMATS",
    "Answer",
    "Dataset",
    "Format",
    "Graphs",
    "Profile",
    "ShapeReport",
    "Statements",
    "Violation",
    "format_named",
    "load_context",
    "quads",
    "query",
    "to_rdflib",
    "validate",
    "write",
]
