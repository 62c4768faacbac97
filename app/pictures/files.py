"""A graph or claims in, a file out: GraphML, GEXF, CSV or Cytoscape JSON. No attribute is left out of it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import BinaryIO, Literal, get_args

import msgspec
import networkx as nx

from app.graph import ConflictGraph, ResolvedClaim, View
from app.graph.views import proposition, rejects_all
from app.pictures.view import DISCLAIMER, RowView, SubgraphView, as_networkx
from app.vocabulary.terms import ClaimType, DenialKind
from app.vocabulary.times import Period

Table = Literal["claims", "dna", "nodes", "edges"]
"""What a line of a CSV file is: a claim; a statement as the Discourse Network Analyzer writes it; a node; an edge."""
TABLES: tuple[Table, ...] = get_args(Table)

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
LATER_COLUMNS = (
    "source_named",
    "source_named_id",
    "threat_kind",
    "rung",
    "happened",
    "said",
    "said_basis",
    "ingested",
    "relayed_by",
    "lineage",
)
EVIDENCE_COLUMNS = ("quote", "part", "start", "end", "article")
DNA_COLUMNS = ("statement ID", "time", "document ID", "document title", "author", "source", "section", "type", "text")
"""The columns with which the Discourse Network Analyzer's event list begins; those of the statement type follow."""
DNA_VARIABLES = ("person", "organization", "concept", "agreement")
"""The variables of its statement type "DNA Statement"."""
DNA_MORE = (
    "claim_type",
    "modality",
    "rung",
    "denial_kind",
    "target",
    "target_id",
    "person_id",
    "organization_id",
    "incident",
    "incident_label",
    "responds_to",
    "confidence",
    "lineage",
    "happened",
    "ingested",
    "url",
    "part",
    "start",
    "end",
)
"""What else is known of a claim, as further variables."""


# ---- graphs ----


def to_graphml(
    graph: ConflictGraph | SubgraphView,
    out: BinaryIO,
    view: View = "edges",
    claims: Iterable[str] | None = None,
) -> None:
    """Write GraphML; `view` and `claims` are those of `ConflictGraph.to_networkx`, here and below."""
    nx.write_graphml_xml(as_networkx(graph, view, claims), out)


def to_gexf(
    graph: ConflictGraph | SubgraphView,
    out: BinaryIO,
    view: View = "edges",
    claims: Iterable[str] | None = None,
) -> None:
    """Write dynamic GEXF 1.3 (https://gexf.net/): an edge is there on the days on which its claims were said.

    It has `start` and `end` where these days are one run, and a spell for each run where they are several; a dated
    membership has the days of the membership. What nothing dates is there always. The view `dyads` merges parallel
    edges.
    """
    plain = as_networkx(graph, view, claims)
    known = graph.claims if isinstance(graph, ConflictGraph) else {}
    # The format has no attributes of a graph itself, but a description.
    part = f", slice {plain.graph['slice']}" if "slice" in plain.graph else ""
    plain.graph["description"] = f"Polemos, ledger revision {plain.graph['revision']}{part}. {DISCLAIMER}"
    for key, _, _, attributes in _keyed(plain):
        spells = list(_runs(_days(attributes, known)))
        # The format's own words for an edge's id and caption.
        attributes["id"], attributes["label"] = key, attributes["phrase"]
        if len(spells) == 1:
            attributes.update(zip(("start", "end"), spells[0], strict=True))
            # An open end is told by leaving it out.
            for name in ("start", "end"):
                if attributes[name] is None:
                    del attributes[name]
        elif spells:
            attributes["spells"] = spells
    nx.write_gexf(plain, out, version="1.3")


def to_cytoscape(
    graph: ConflictGraph | SubgraphView,
    out: BinaryIO,
    view: View = "edges",
    claims: Iterable[str] | None = None,
) -> None:
    """Write the elements JSON of Cytoscape (desktop and .js)."""
    plain = as_networkx(graph, view, claims)
    nodes = [{"data": {"id": node, **attributes}} for node, attributes in plain.nodes(data=True)]
    edges = [
        {"data": {"id": key, "source": source, "target": target, **attributes}}
        for key, source, target, attributes in _keyed(plain)
    ]
    about = {"name": "Polemos", **plain.graph, "note": DISCLAIMER}
    out.write(msgspec.json.encode({"data": about, "elements": {"nodes": nodes, "edges": edges}}))


def _keyed(plain: nx.MultiDiGraph | nx.DiGraph) -> Iterator[tuple[str, str, str, dict[str, object]]]:
    """Every edge as (id, source, target, attributes); where parallels cannot be, its ends are its id."""
    if plain.is_multigraph():
        yield from ((key, source, target, held) for source, target, key, held in plain.edges(keys=True, data=True))
    else:
        yield from ((f"{source}>{target}", source, target, held) for source, target, held in plain.edges(data=True))


def _days(attributes: dict[str, object], known: Mapping[str, ResolvedClaim]) -> Iterator[Period]:
    """When an edge is there, as far as anything tells."""
    claims = str(attributes.get("claims", "")).split()
    if periods := attributes.get("periods"):
        pairs = (one.split("/") for one in str(periods).split())
        yield from (Period.between(*(None if end == ".." else end for end in pair)) for pair in pairs)
    elif "since" in attributes or "until" in attributes:
        yield Period.between(_text(attributes.get("since")), _text(attributes.get("until")))
    elif claims and known and attributes["kind"] != "part_of":
        yield from (known[one].when for one in claims if not known[one].when.is_open)
    elif "first" in attributes and attributes["kind"] != "part_of":
        yield Period.between(_text(attributes["first"]), _text(attributes["last"]))


def _runs(periods: Iterable[Period]) -> Iterator[tuple[str | None, str | None]]:
    """Periods as runs of days that follow each other without a gap, oldest first."""
    run: Period | None = None
    for one in sorted(periods, key=lambda one: (one.start is not None, one.start)):
        if run is None:
            run = one
        elif run.end is None or one.start is None or one.start <= run.end + timedelta(days=1):
            ends = (run.end, one.end)
            run = Period(run.start, None if None in ends else max(end for end in ends if end is not None))
        else:
            yield _days_of(run)
            run = one
    if run is not None:
        yield _days_of(run)


def _days_of(run: Period) -> tuple[str | None, str | None]:
    start, end = (day.isoformat() if day is not None else None for day in (run.start, run.end))
    return start, end


def _text(value: object) -> str | None:
    return str(value) if value is not None else None


# ---- tables ----


def to_csv(claims: Iterable[RowView], out: BinaryIO) -> None:
    """Write one line per claim, quotes exactly as they stand in the article; unknown is an empty field (RFC 4180)."""
    _write(out, (*CLAIM_COLUMNS, *LATER_COLUMNS, *EVIDENCE_COLUMNS), map(_row, claims))


def to_nodes(graph: ConflictGraph, out: BinaryIO, view: View = "edges", claims: Iterable[str] | None = None) -> None:
    """Write one line per node of a view: its id, then every attribute that some node has."""
    _write_named(
        out,
        ("id", "kind", "label"),
        ({"id": n, **held} for n, held in graph.to_networkx(view, claims).nodes(data=True)),
    )


def to_edges(graph: ConflictGraph, out: BinaryIO, view: View = "edges", claims: Iterable[str] | None = None) -> None:
    """Write one line per edge of a view: its id and its ends, then every attribute that some edge has."""
    plain = graph.to_networkx(view, claims)
    lines = ({"id": key, "source": source, "target": target, **held} for key, source, target, held in _keyed(plain))
    _write_named(out, ("id", "source", "target", "kind", "phrase"), lines)


def to_dna(graph: ConflictGraph, out: BinaryIO, claims: Iterable[str] | None = None) -> None:
    """Write one line per claim as the event list of the Discourse Network Analyzer has it, fields parted by semicolons.

    The columns are those of `eventCSV` in DNA 3 (https://github.com/leifeld/dna), then its variables `person` (the
    speaker, where that is not the organization itself), `organization` (for whom it is said), `concept` (what is
    affirmed or rejected, in words) and `agreement` (1 for an accusation or a retaliation, 0 for a denial), then what
    else is known, as further variables. A concept is alleged; nothing here says that it is so.
    """
    names = sorted(graph.claims if claims is None else {graph.claim(one).id for one in claims})
    labels = Counter(node.label for node in graph.incidents.values())
    lines = (_statement(graph, graph.claims[one], labels) for one in names)
    _write(out, (*DNA_COLUMNS, *DNA_VARIABLES, *DNA_MORE), lines, delimiter=";")


def _statement(graph: ConflictGraph, claim: ResolvedClaim, labels: Counter[str]) -> tuple[object, ...]:
    said, evidence, article = claim.claim, claim.claim.evidence, graph.articles.get(claim.article)
    speaker, source = graph.actors[claim.speaker], graph.actors[claim.source]
    told = (
        said.id,
        f"{claim.when.start.isoformat()} 00:00:00" if claim.when.start is not None else None,
        said.article,
        article.title if article is not None else None,
        # Who wrote the article, and in what section and genre it stood, is not known.
        None,
        claim.publisher,
        None,
        None,
        evidence.quote,
    )
    variables = (
        speaker.name if speaker.id != source.id else None,
        source.name,
        _concept(graph, claim, labels),
        int(said.type is not ClaimType.DENIES),
    )
    more = (
        said.type,
        said.modality,
        said.rung,
        said.denial_kind,
        graph.actors[claim.target].name if claim.target is not None else None,
        claim.target,
        speaker.id if speaker.id != source.id else None,
        source.id,
        claim.incident,
        graph.incidents[claim.incident].label if claim.incident is not None else None,
        said.responds_to,
        said.confidence,
        claim.lineage,
        claim.happened.iso,
        claim.ingested,
        article.url if article is not None else None,
        evidence.part,
        evidence.start,
        evidence.end,
    )
    return (*told, *variables, *more)


def _concept(graph: ConflictGraph, claim: ResolvedClaim, labels: Counter[str]) -> str:
    """What is affirmed or rejected, in words that are the same for all who affirm or reject it."""
    incident, agent = proposition(graph, claim)
    who = graph.actors[agent].name if agent is not None else None
    answers = claim.responds_to if claim.responds_to in graph.claims else None
    if incident is None:
        # Two acts of which no incident is known must not look like one, on which people agree.
        what = f"the act told in {answers or claim.id}"
    else:
        label = graph.incidents[incident].label
        what = f"{label} [{incident}]" if labels[label] > 1 else label
    if claim.type is ClaimType.RETALIATES:
        return f"Retaliation against {who or 'somebody not named'} over {what} (as reported)"
    if who is None and answers is None and claim.denial_kind is DenialKind.OCCURRENCE:
        return f"{what[0].upper()}{what[1:]} happened (alleged)"
    ground = "" if claim.type is ClaimType.ACCUSES or rejects_all(claim) else f": {claim.denial_kind}"
    return f"{who or 'Somebody not named'} is responsible for {what}{ground} (alleged)"


def _row(claim: RowView) -> list[object]:
    own = [getattr(claim, name) for name in CLAIM_COLUMNS]
    later = [getattr(claim, name) for name in LATER_COLUMNS]
    later[LATER_COLUMNS.index("relayed_by")] = "; ".join(claim.relayed_by)
    return own + later + [getattr(claim.evidence, name) for name in EVIDENCE_COLUMNS]


def _write_named(out: BinaryIO, first: Sequence[str], lines: Iterable[Mapping[str, object]]) -> None:
    held = list(lines)
    columns = tuple(dict.fromkeys([*first, *(name for line in held for name in line)]))
    _write(out, columns, ([line.get(name) for name in columns] for line in held))


def _write(out: BinaryIO, columns: Sequence[str], lines: Iterable[Iterable[object]], delimiter: str = ",") -> None:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    rows = csv.writer(text, delimiter=delimiter)
    rows.writerow(columns)
    rows.writerows(lines)
    # The stream is the caller's to close.
    text.detach()
