"""The words of the published data as plain IRIs: our namespace, the vocabularies it reuses, and prefixes for reading.

In: the closed lists of `app.vocabulary.terms`. Out: the IRI of each. It never makes up a term that
`graph_data/ontology/polemos.ttl` does not define (`tests/test_ontology.py`).
"""

from __future__ import annotations

from enum import StrEnum

from app.vocabulary.terms import (
    AcknowledgementKind,
    ActorKind,
    ClaimType,
    DenialKind,
    EdgeKind,
    Modality,
    Rung,
    ThreatKind,
)

PLM = "https://w3id.org/polemos/ns#"
ONTOLOGY_IRI = "https://w3id.org/polemos/ns"
ONTOLOGY_VERSION = "1.2.0"
ONTOLOGY_VERSION_IRI = f"{ONTOLOGY_IRI}/{ONTOLOGY_VERSION}"
SOFTWARE = "https://w3id.org/polemos/software"
"""The program as an agent."""
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
"""Of the ontology, the shapes, and the data about reports; the words quoted stay those of whoever wrote them."""
BASE_IRI = "https://w3id.org/polemos/id/"
"""Where instances live unless a deployment says otherwise: `{BASE_IRI}{kind}/{id}`."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
VOID = "http://rdfs.org/ns/void#"
OA = "http://www.w3.org/ns/oa#"
PROV = "http://www.w3.org/ns/prov#"
SCHEMA = "https://schema.org/"
SEM = "http://semanticweb.cs.vu.nl/2009/11/sem/"
GEO = "http://www.opengis.net/ont/geosparql#"
NP = "http://www.nanopub.org/nschema#"
DCAT = "http://www.w3.org/ns/dcat#"
PAV = "http://purl.org/pav/"
OWL = "http://www.w3.org/2002/07/owl#"
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"
"""Dates and intervals of dates, where no XML Schema datatype can hold them: https://www.loc.gov/standards/datetime/"""
WIKIDATA = "http://www.wikidata.org/entity/"

VOCABULARIES = {
    "plm": PLM,
    "rdf": RDF,
    "rdfs": RDFS,
    "xsd": XSD,
    "skos": SKOS,
    "dcterms": DCTERMS,
    "void": VOID,
    "oa": OA,
    "prov": PROV,
    "schema": SCHEMA,
    "sem": SEM,
    "geo": GEO,
    "np": NP,
    "dcat": DCAT,
}

KINDS = (
    "actor",
    "place",
    "incident",
    "claim",
    "acknowledgement",
    "article",
    "proposition",
    "reading",
    "extractor",
    "publisher",
    "dataset",
    "nanopub",
)
"""What an instance IRI may name. A fragment (`claim/clm-…#evidence`) names a part of it, or a
further segment (`/evidence`) where the base ends in "#"."""


class Profile(StrEnum):
    """What is published.

    `claims`: every claim and acknowledgement as an individual with speaker, evidence and origin; what it says was done
    is only described.
    `edges`: speech acts as plain triples between actors, for those who want one hop; no evidence.
    `rdf12`: `claims`, and each claim as the reifier of an unasserted triple (RDF 1.2).
    `nanopub`: each claim and acknowledgement as a nanopublication of four named graphs.
    """

    CLAIMS = "claims"
    EDGES = "edges"
    RDF12 = "rdf12"
    NANOPUB = "nanopub"


def camel(value: str) -> str:
    """`armed_force` → `ArmedForce`."""
    return "".join(part.capitalize() for part in value.split("_"))


CLAIM_CLASS = {kind: PLM + camel(kind.noun) for kind in ClaimType}
ACTOR_CLASS: dict[ActorKind, str] = {
    kind: PLM + ("NGO" if kind is ActorKind.NGO else camel(kind)) for kind in ActorKind if kind is not ActorKind.UNKNOWN
}
MODALITY = {modality: PLM + camel(modality) for modality in Modality}
THREAT_KIND = {kind: PLM + camel(kind) for kind in ThreatKind}
RUNG = {rung: PLM + camel(rung) for rung in Rung}
"""A rung is the concept of the threat kind or modality that gives it; `plm:RetaliationLadder` holds their order."""
ACKNOWLEDGEMENT_KIND = {kind: PLM + camel(kind) for kind in AcknowledgementKind}
DENIAL_KIND = {kind: f"{PLM}{camel(kind)}Denial" for kind in DenialKind}
PRECISION = {name: f"{PLM}{camel(name)}Precision" for name in ("site", "settlement", "region", "country", "unknown")}
PART = {"title": PLM + "TitlePart", "text": PLM + "TextPart"}

EDGE_PROPERTY = {
    EdgeKind.ACCUSES: PLM + "accuses",
    EdgeKind.DENIES: PLM + "denies",
    EdgeKind.RETALIATES: PLM + "retaliates",
    EdgeKind.PART_OF: PLM + "partOfActor",
    EdgeKind.LOCATED_IN: PLM + "locatedIn",
    EdgeKind.ABOUT: PLM + "about",
}
"""The property that stands for each kind of edge; its `plm:phrase` is `EdgeKind.phrase`."""

SPEECH_ACT = {
    (ClaimType.ACCUSES, Modality.ASSERTED): PLM + "accuses",
    (ClaimType.DENIES, Modality.ASSERTED): PLM + "denies",
    (ClaimType.RETALIATES, Modality.CARRIED_OUT): PLM + "retaliates",
    (ClaimType.RETALIATES, Modality.THREATENED): PLM + "threatensRetaliation",
    (ClaimType.RETALIATES, Modality.CALLED_FOR): PLM + "callsForRetaliation",
}
"""The direct edge that a claim justifies. A threat is not the deed, so it has a property of its own."""

PERPETRATED = PLM + "perpetrated"
"""Never a predicate of published data: it stands inside RDF 1.2 triple terms only, where nothing is asserted."""


def prefixes(base_iri: str = BASE_IRI) -> dict[str, str]:
    """Prefixes for reading: the vocabularies, and one per kind of instance."""
    return VOCABULARIES | {kind: f"{base_iri}{kind}/" for kind in KINDS}
