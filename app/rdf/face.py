"""A `ConflictGraph` in, an `rdflib.Graph` out: the library face of the published data, for SPARQL, SHACL and inference.

rdflib keeps everything in memory, about 1 kB a statement; larger graphs are asked through `Dataset`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.graph import ConflictGraph
from app.rdf.dataset import quads
from app.rdf.shapes import as_rdflib
from app.rdf.terms import BASE_IRI, Profile, prefixes
from app.rdf.things import ExtractorOf
from app.vocabulary.errors import BadQuery

if TYPE_CHECKING:
    import rdflib

_CARRIED = (Profile.CLAIMS, Profile.EDGES)


def to_rdflib(
    graph: ConflictGraph,
    *,
    base_iri: str = BASE_IRI,
    profile: Profile = Profile.CLAIMS,
    extractor_of: ExtractorOf | None = None,
) -> rdflib.Graph:
    """The statements of a profile, with the prefixes of our exports bound. It is the caller's to change.

    Args:
        graph: What to state.
        base_iri: Where instances live.
        profile: `claims` or `edges`; rdflib knows no triple terms, and named graphs are no plain graph.
        extractor_of: Who read each article, where the graph's own word will not do.

    Raises:
        BadQuery: An `rdflib.Graph` cannot carry the profile.
    """
    if profile not in _CARRIED:
        raise BadQuery(f"an rdflib graph cannot carry the profile {profile}; choose {' or '.join(_CARRIED)}")
    found = as_rdflib(quads(graph, base_iri=base_iri, profile=profile, extractor_of=extractor_of))
    for name, iri in prefixes(base_iri).items():
        found.bind(name, iri, replace=True)
    return found
