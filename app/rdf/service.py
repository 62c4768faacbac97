"""A SPARQL endpoint's address and limits in, its service description out.

https://www.w3.org/TR/sparql11-service-description/. None of the features that the recommendation names is there (no
IRI is dereferenced, no other endpoint asked, the default graph is no union), so none is listed.
"""

from __future__ import annotations

from app.rdf.answers import RESULT_FORMATS, Answer
from app.rdf.ntriples import escape, typed
from app.rdf.serialise import FORMAT_IRI, FORMATS
from app.rdf.terms import DCTERMS, PLM, RDF, RDFS, VOID

SD = "http://www.w3.org/ns/sparql-service-description#"


def describe_service(
    endpoint: str, graph_name: str, *, revision: int, triples: int, max_rows: int, timeout_s: float
) -> Answer:
    """The description, ready to be written in any RDF format.

    Args:
        endpoint: The endpoint's own address.
        graph_name: What the default graph can be called in a query's data set.
        revision: The ledger's revision at which it would answer now.
        triples: Statements in the default graph.
        max_rows: How many rows or triples an answer has at most.
        timeout_s: How long a query may take.
    """
    service, dataset, graph = f"<{endpoint}#service>", f"<{endpoint}#dataset>", f"<{endpoint}#default-graph>"
    a, label, comment = f"<{RDF}type>", f"<{RDFS}label>", f"<{RDFS}comment>"
    limits = (
        f"Read-only. A query may take {timeout_s:g} seconds; an answer has at most {max_rows:,} rows or triples, and "
        "the header Polemos-Truncated tells whether there was more. Update, LOAD and SERVICE are refused."
    )
    lines = [
        f"{service} {a} <{SD}Service> .",
        f'{service} {label} "Polemos" .',
        f'{service} {comment} "{escape(limits)}" .',
        f"{service} <{SD}endpoint> <{endpoint}> .",
        f"{service} <{SD}supportedLanguage> <{SD}SPARQL11Query> .",
        *(f"{service} <{SD}resultFormat> <{FORMAT_IRI}SPARQL_Results_{name.upper()}> ." for name in RESULT_FORMATS),
        *(f"{service} <{SD}resultFormat> <{FORMAT_IRI}{one.w3c}> ." for one in FORMATS.values()),
        f"{service} <{SD}defaultEntailmentRegime> <http://www.w3.org/ns/entailment/Simple> .",
        f"{service} <{SD}defaultDataset> {dataset} .",
        f"{dataset} {a} <{SD}Dataset> .",
        f"{dataset} <{SD}defaultGraph> {graph} .",
        f"{graph} {a} <{SD}Graph> .",
        f"{graph} {a} <{VOID}Dataset> .",
        f"{graph} <{VOID}triples> {typed(triples, 'integer')} .",
        f"{graph} <{VOID}sparqlEndpoint> <{endpoint}> .",
        f"{graph} <{VOID}vocabulary> <{PLM}> .",
        f"{graph} <{PLM}revision> {typed(revision, 'integer')} .",
        f"{graph} <{DCTERMS}isVersionOf> <{graph_name}> .",
        f"{graph} <{DCTERMS}source> <{graph_name}-{revision}> .",
    ]
    return Answer("graph", ("\n".join(lines) + "\n").encode(), truncated=False, revision=revision)
