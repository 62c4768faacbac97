"""What one claim comes to in, a nanopublication out: a block of N-Quads in four named graphs.

The assertion is the speech act: who is reported to have said what of whom, and the proposition it is about, which is
described and not asserted. The provenance is where that is read and what read it. The publication info says who
published it, when, from which revision of the ledger, and under which licence.

A nanopublication never changes, so its name holds the revision: what a claim says at a revision stays what it is. No
trusty URIs: their digest covers the whole text, so that every revision would need new names for claims that are as
before, and whoever publishes to a network of nanopublications signs and names them by that network's own tools.

https://nanopub.net/guidelines/working_draft/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from app.rdf.ntriples import typed
from app.rdf.terms import DCTERMS, LICENCE, NP, ONTOLOGY_VERSION_IRI, PLM, PROV, RDF, RDFS, SOFTWARE

if TYPE_CHECKING:
    from pyoxigraph import Quad

_A = f"<{RDF}type>"
PARTS = ("Head", "assertion", "provenance", "pubinfo")
"""The four graphs, in the order in which they are written; each is named by the nanopublication and one of these."""


def nanopublication(
    s: str,
    before_part: str,
    *,
    assertion: str,
    provenance: str,
    article: str,
    reading: str,
    dataset: str,
    revision: int,
    about: str,
    created: str | None,
) -> str:
    """One nanopublication as N-Quads.

    Args:
        s: Its name, an IRI in angle brackets like those below.
        before_part: What parts the name from that of one of its graphs.
        assertion: Statements (N-Triples) that it asserts.
        provenance: Statements on where they come from, without those on the assertion as such.
        article: Where the assertion is read.
        reading: What read it.
        dataset: The data set of all claims at that revision.
        revision: Of the ledger.
        about: The claim or acknowledgement.
        created: UTC instant at which the ledger took it in, or None where nothing tells.
    """
    head, said, origin, info = (f"{s[:-1]}{before_part}{part}>" for part in PARTS)
    quads = [
        _in(
            head,
            f"{s} {_A} <{NP}Nanopublication> .\n{s} <{NP}hasAssertion> {said} .\n"
            f"{s} <{NP}hasProvenance> {origin} .\n{s} <{NP}hasPublicationInfo> {info} .\n",
        ),
        _in(said, assertion),
        _in(
            origin,
            f"{said} <{PROV}wasDerivedFrom> {article} .\n{said} <{PROV}wasGeneratedBy> {reading} .\n{provenance}",
        ),
        _in(
            info,
            f"<{SOFTWARE}> {_A} <{PROV}SoftwareAgent> .\n"
            f'<{SOFTWARE}> <{RDFS}label> "Polemos" .\n'
            f"{s} <{DCTERMS}creator> <{SOFTWARE}> .\n"
            + (f"{s} <{DCTERMS}created> {typed(created, 'dateTime')} .\n" if created else "")
            + f"{s} <{DCTERMS}license> <{LICENCE}> .\n"
            f"{s} <{DCTERMS}subject> {about} .\n"
            f"{s} <{DCTERMS}isPartOf> {dataset} .\n"
            f"{s} <{DCTERMS}conformsTo> <{ONTOLOGY_VERSION_IRI}> .\n"
            f"{s} <{PLM}revision> {typed(revision, 'integer')} .\n",
        ),
    ]
    return "".join(quads)


def _in(graph: str, statements: str) -> str:
    # A line ends in " .", and no literal holds a line feed: https://www.w3.org/TR/n-triples/#canonical-ntriples
    return statements.replace(" .\n", f" {graph} .\n")


_LINKS = ("hasAssertion", "hasProvenance", "hasPublicationInfo")


class Graphs:
    """Looks at which graph of which nanopublication each statement stands in, as statements pass.

    https://nanopub.net/guidelines/working_draft/: a nanopublication is four graphs with names of their own. The head
    names the others, none is empty, the provenance speaks of the assertion and the publication info of the
    nanopublication; nothing stands elsewhere.
    """

    def __init__(self) -> None:
        # Graph ("" for the default one) → what its statements are about, or name.
        self._about: defaultdict[str, set[str]] = defaultdict(set)
        # Nanopublication → which graph says that which graph is which part of it.
        self._links: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)

    def watch(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        """Pass statements on."""
        from pyoxigraph import DefaultGraph

        for quad in quads:
            graph = "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
            subject, predicate = getattr(quad.subject, "value", ""), quad.predicate.value
            if graph or predicate.startswith(NP):
                self._about[graph].update((subject, getattr(quad.object, "value", "")))
            else:
                self._about[graph].add("")
            if predicate.startswith(NP) and predicate.removeprefix(NP) in _LINKS:
                self._links[subject].append((predicate.removeprefix(NP), graph, getattr(quad.object, "value", "")))
            yield quad

    def flaws(self) -> Iterator[tuple[str, str]]:
        """Names of nanopublications or graphs, and what to do about each; nothing where there are none."""
        if not self._links:
            return
        belonging: set[str] = set()
        for name, links in sorted(self._links.items()):
            heads = {graph for _, graph, _ in links}
            parts = {link: value for link, _, value in links}
            belonging.update(heads, parts.values())
            if len(heads) != 1 or "" in heads or len({*heads, *parts.values()}) != 1 + len(_LINKS):
                yield name, "Name the three parts in one head graph, each a graph of its own."
                continue
            said, origin, info = (parts[link] for link in _LINKS)
            if not all(one in self._about for one in parts.values()):
                yield name, "Let no graph of the nanopublication be empty."
            elif said not in self._about[origin]:
                yield name, "Let the provenance graph speak of the assertion graph."
            elif name not in self._about[info]:
                yield name, "Let the publication info speak of the nanopublication."
        for graph in sorted(self._about.keys() - belonging):
            yield graph or "the default graph", "Put every statement into a graph of a nanopublication."
