"""A graph in, what catalogues say of its data set out: how much of what there is, and where to have it (VoID, DCAT).

Everything is counted from the statements of the profile `claims` themselves, once through; nothing is estimated.

https://www.w3.org/TR/void/ and https://www.w3.org/TR/vocab-dcat-3/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from app.graph import ConflictGraph
from app.rdf import terms
from app.rdf.chosen import dataset_name, slice_in_words
from app.rdf.dataset import Statements
from app.rdf.ntriples import escape, segment, typed
from app.rdf.ontology import short
from app.rdf.serialise import FORMAT_IRI, FORMATS
from app.rdf.terms import DCAT, DCTERMS, PLM, PROV, RDFS, VOID, Profile
from app.rdf.things import A, checked_base

_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"


@dataclass(slots=True)
class Tally:
    """How much a data set holds."""

    triples: int = 0
    subjects: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)

    def take(self, block: str) -> None:
        """Count one thing's statements; each node's stand together."""
        last = ""
        # No `splitlines`: literals may hold what Unicode calls a line break, and N-Triples does not.
        for line in block[:-1].split("\n"):
            subject, predicate, value = line.split(" ", 2)
            self.triples += 1
            self.properties[predicate] += 1
            if predicate == A:
                self.classes[value[:-2]] += 1
            if subject != last:
                self.subjects += 1
                last = subject


def describe(graph: ConflictGraph, *, base_iri: str = terms.BASE_IRI, service: str | None = None) -> Iterator[str]:
    """The description as blocks of N-Triples, the same for the same revision.

    Args:
        graph: What is described.
        base_iri: Where its instances live.
        service: Address of the service that gives it out, ending in "/"; without, nothing is said of where.
    """
    base = checked_base(base_iri)
    tally = Tally()
    for block in Statements(graph, base_iri=base):
        tally.take(block)
    s = f"<{base}dataset/{dataset_name(graph, Profile.CLAIMS)}>"
    head = [_head(graph, s, base, tally)]
    nodes: list[str] = []
    part = "/" if "#" in base else "#"
    for kind, counts, many in (("class", tally.classes, "entities"), ("property", tally.properties, "triples")):
        for name in sorted(counts):
            node = f"{s[:-1]}{part}{kind}-{segment(short(name[1:-1]).replace(':', '-', 1))}>"
            head.append(f"{s} <{VOID}{kind}Partition> {node} .\n")
            nodes.append(f"{node} <{VOID}{kind}> {name} .\n{node} <{VOID}{many}> {typed(counts[name], 'integer')} .\n")
    if service is not None:
        _ways(s, service, part, head, nodes)
    yield "".join(head)
    yield from nodes


def _head(graph: ConflictGraph, s: str, base: str, tally: Tally) -> str:
    held = (graph.claims, graph.acknowledgements, graph.actors, graph.places, graph.incidents, graph.articles)
    entities = sum(len(one) for one in held)
    words = [one[1:-1] for one in (*tally.classes, *tally.properties)]
    known = {iri for iri in terms.VOCABULARIES.values() if any(one.startswith(iri) for one in words)}
    examples = [
        f"{base}{kind}/{segment(min(names))}"
        for kind, names in (("claim", graph.claims), ("actor", graph.actors), ("incident", graph.incidents))
        if names
    ]
    modified = max((one.ingested for one in graph.claims.values() if one.ingested), default=None)
    lines = [
        f"{s} {A} <{VOID}Dataset> .\n{s} {A} <{DCAT}Dataset> .\n{s} {A} <{PROV}Entity> .\n",
        f'{s} <{RDFS}label> "Polemos, profile {Profile.CLAIMS}, ledger revision {graph.revision}" .\n',
        f'{s} <{DCTERMS}title> "Who accuses whom, who denies, who retaliates: claims in news articles"@en .\n',
        f'{s} <{DCTERMS}description> "Claims made in articles, each with the words that make it; not findings. What is '
        'alleged is described as a proposition and never asserted."@en .\n',
        f"{s} <{DCTERMS}license> <{terms.LICENCE}> .\n{s} <{DCTERMS}creator> <{terms.SOFTWARE}> .\n",
        f'{s} <{DCTERMS}rights> "The licence is for the data on claims; words quoted stay their authors\'."@en .\n',
        f"{s} <{DCTERMS}conformsTo> <{terms.ONTOLOGY_VERSION_IRI}> .\n",
        f'{s} <{PLM}revision> {typed(graph.revision, "integer")} .\n{s} <{PLM}profile> "{Profile.CLAIMS}" .\n',
        f'{s} <{PLM}selection> "{escape(slice_in_words(graph))}" .\n' if graph.only is not None else "",
        f"{s} <{DCTERMS}modified> {typed(modified, 'dateTime')} .\n" if modified else "",
        f'{s} <{VOID}uriSpace> "{escape(base)}" .\n',
        f"{s} <{VOID}triples> {typed(tally.triples, 'integer')} .\n",
        f"{s} <{VOID}entities> {typed(entities, 'integer')} .\n",
        f"{s} <{VOID}distinctSubjects> {typed(tally.subjects, 'integer')} .\n",
        f"{s} <{VOID}classes> {typed(len(tally.classes), 'integer')} .\n",
        f"{s} <{VOID}properties> {typed(len(tally.properties), 'integer')} .\n",
        *(f"{s} <{VOID}vocabulary> <{iri}> .\n" for iri in sorted(known)),
        *(f"{s} <{VOID}exampleResource> <{iri}> .\n" for iri in examples),
        *(f"{s} <{VOID}feature> <{FORMAT_IRI}{one.w3c}> .\n" for one in FORMATS.values()),
    ]
    return "".join(lines)


def _ways(s: str, service: str, part: str, head: list[str], nodes: list[str]) -> None:
    """Where it can be had: each format of each profile as a file, single things by their IRIs, and SPARQL."""
    query = f"<{service}sparql>"
    head.append(f"{s} <{VOID}sparqlEndpoint> {query} .\n{s} <{DCAT}landingPage> <{service}> .\n")
    nodes.append(
        f"{query} {A} <{DCAT}DataService> .\n"
        f'{query} <{DCTERMS}title> "SPARQL 1.1, read-only"@en .\n'
        f"{query} <{DCAT}endpointURL> {query} .\n{query} <{DCAT}servesDataset> {s} .\n"
    )
    for profile in Profile:
        for one in FORMATS.values():
            if not one.carries(profile):
                continue
            node = f"{s[:-1]}{part}{profile}-{one.name}>"
            file = f"<{service}export?{urlencode({'format': one.name, 'profile': profile})}>"
            head.append(f"{s} <{DCAT}distribution> {node} .\n")
            if profile is Profile.CLAIMS:
                head.append(f"{s} <{VOID}dataDump> {file} .\n")
            nodes.append(
                f"{node} {A} <{DCAT}Distribution> .\n"
                f'{node} <{DCTERMS}title> "Profile {profile} as {one.w3c.replace("_", "/")}"@en .\n'
                f"{node} <{DCAT}downloadURL> {file} .\n{node} <{DCAT}accessURL> {file} .\n"
                f"{node} <{DCAT}mediaType> <{_MEDIA_TYPES}{one.media_type}> .\n"
                f"{node} <{DCTERMS}format> <{FORMAT_IRI}{one.w3c}> .\n"
                f"{node} <{DCTERMS}license> <{terms.LICENCE}> .\n"
                f"{node} <{DCTERMS}conformsTo> <{terms.ONTOLOGY_VERSION_IRI}> .\n"
                f'{node} <{DCTERMS}description> "Of the profile {profile}, at the newest revision."@en .\n'
            )
