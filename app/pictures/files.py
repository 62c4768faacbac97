"""A graph or claims in, a file out: GraphML, GEXF, CSV or Cytoscape JSON. Nothing is left out of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

import msgspec
import networkx as nx

from app.graph import ConflictGraph
from app.pictures.view import DISCLAIMER, ClaimView, SubgraphView, as_networkx

CLAIM_COLUMNS = (
    "id",
    "type",
    "modality",
    "speaker",
    "speaker_id",
    "source",
    "source_id",
    "target",
    "target_id",
    "target_named",
    "target_named_id",
    "incident",
    "incident_label",
    "date",
    "published",
    "publisher",
    "denial_kind",
    "responds_to",
    "confidence",
    "cue",
    "title",
    "url",
)
EVIDENCE_COLUMNS = ("quote", "part", "start", "end", "article")


def to_graphml(graph: ConflictGraph | SubgraphView, out: BinaryIO) -> None:
    """Write GraphML."""
    nx.write_graphml_xml(as_networkx(graph), out)


def to_gexf(graph: ConflictGraph | SubgraphView, out: BinaryIO) -> None:
    """Write GEXF 1.2draft, which Gephi reads."""
    plain = as_networkx(graph)
    for _, _, key, attributes in plain.edges(keys=True, data=True):
        # The format's own words for an edge's id and caption.
        attributes["id"], attributes["label"] = key, attributes["phrase"]
    nx.write_gexf(plain, out, version="1.2draft")


def to_csv(claims: Iterable[ClaimView], out: BinaryIO) -> None:
    """Write one line per claim, quotes exactly as they stand in the article; unknown is an empty field (RFC 4180)."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    rows = csv.writer(text)
    rows.writerow((*CLAIM_COLUMNS, *EVIDENCE_COLUMNS))
    for claim in claims:
        own = [getattr(claim, name) for name in CLAIM_COLUMNS]
        rows.writerow(own + [getattr(claim.evidence, name) for name in EVIDENCE_COLUMNS])
    # The stream is the caller's to close.
    text.detach()


def to_cytoscape(graph: ConflictGraph | SubgraphView, out: BinaryIO) -> None:
    """Write the elements JSON of Cytoscape (desktop and .js)."""
    plain = as_networkx(graph)
    nodes = [{"data": {"id": node, **attributes}} for node, attributes in plain.nodes(data=True)]
    edges = [
        {"data": {"id": key, "source": source, "target": target, **attributes}}
        for source, target, key, attributes in plain.edges(keys=True, data=True)
    ]
    about = {"name": "Polemos", "revision": plain.graph["revision"], "note": DISCLAIMER}
    out.write(msgspec.json.encode({"data": about, "elements": {"nodes": nodes, "edges": edges}}))
