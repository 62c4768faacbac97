"""Commands that give the graph to others: `export`, `draw`, `sparql`, `validate`, `serve`."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from app.cli.filtering import ClockOption, Filters, Since, Until, filtered
from app.cli.session import AsOf, Json, Session, check_folder, counted, err, print_json, write_bytes
from app.settings import PREFIX
from app.vocabulary.errors import MissingPart
from app.vocabulary.terms import ClaimType, Clock

if TYPE_CHECKING:
    from app.graph import ConflictGraph
    from app.queries import ClaimFilter, ClaimRow

Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Default: standard output.")]
# Folding half a million claims keeps a process busy for a minute; only a worker that is gone for good is replaced.
WORKER_SECONDS = 120


class ExportFormat(StrEnum):
    """Formats of `export`."""

    TURTLE = "turtle"
    NTRIPLES = "ntriples"
    NQUADS = "nquads"
    TRIG = "trig"
    JSONLD = "jsonld"
    RDFXML = "rdfxml"
    GRAPHML = "graphml"
    GEXF = "gexf"
    CSV = "csv"
    CYTOSCAPE = "cytoscape"


class ExportProfile(StrEnum):
    """What of the graph an RDF export says."""

    CLAIMS = "claims"
    EDGES = "edges"
    RDF12 = "rdf12"
    NANOPUB = "nanopub"


class DrawLayout(StrEnum):
    """Who decides where nodes lie."""

    AUTO = "auto"
    GRAPHVIZ = "graphviz"
    BUILT_IN = "built-in"


class ExportView(StrEnum):
    """What one edge of a graph file is."""

    EDGES = "edges"
    CLAIMS = "claims"
    DYADS = "dyads"
    SIGNED = "signed"


class ExportTable(StrEnum):
    """What one line of a CSV file is."""

    CLAIMS = "claims"
    DNA = "dna"
    NODES = "nodes"
    EDGES = "edges"


@filtered("no_rollup")
def export(
    format_: Annotated[ExportFormat, typer.Option("--format", help="How to write it.")],
    profile: Annotated[ExportProfile, typer.Option(help="For RDF: what to say.")] = ExportProfile.CLAIMS,
    view: Annotated[
        ExportView,
        typer.Option(help="For GraphML, GEXF, Cytoscape and tables of nodes or edges: what one edge is."),
    ] = ExportView.EDGES,
    table: Annotated[ExportTable, typer.Option(help="For CSV: what one line is.")] = ExportTable.CLAIMS,
    type_: Annotated[ClaimType | None, typer.Option("--type", help="Only claims of this type.")] = None,
    *,
    filters: Filters,
    describe: Annotated[
        bool,
        typer.Option("--describe", help="For RDF: write not the data but what it holds, in VoID and DCAT."),
    ] = False,
    as_of: AsOf = None,
    output: Output = None,
) -> None:
    """Write the graph, or the claims that filters let through, as RDF, GraphML, GEXF, CSV or Cytoscape JSON."""
    from app import queries

    asked = replace(filters.asked(), type=type_)
    if output is not None:
        check_folder(output)
    session = Session()
    is_graph_file = format_ in (ExportFormat.GRAPHML, ExportFormat.GEXF, ExportFormat.CYTOSCAPE, ExportFormat.CSV)
    if describe and (is_graph_file or asked != queries.ClaimFilter() or profile is not ExportProfile.CLAIMS):
        raise ValueError("--describe is for RDF, and of all that there is: leave out filters and profile")
    if is_graph_file:
        graph = session.graph(as_of)
        write_bytes(output, _file(graph, format_, view, table, asked))
    elif describe:
        _describe(session, format_, as_of, output)
    else:
        _write_rdf(session, format_, profile, asked, as_of, output)


def _file(
    graph: ConflictGraph, format_: ExportFormat, view: ExportView, table: ExportTable, asked: ClaimFilter
) -> bytes:
    """What the file holds."""
    from app import pictures, queries
    from app.queries.filters import select

    chosen = select(graph, asked).ids if asked != queries.ClaimFilter() else None
    buffer = io.BytesIO()
    if format_ is ExportFormat.CSV and table is ExportTable.CLAIMS:
        pictures.to_csv(_rows(graph, chosen), buffer)
    elif format_ is ExportFormat.CSV and table is ExportTable.DNA:
        pictures.to_dna(graph, buffer, chosen)
    else:
        write = {
            "graphml": pictures.to_graphml,
            "gexf": pictures.to_gexf,
            "cytoscape": pictures.to_cytoscape,
            "nodes": pictures.to_nodes,
            "edges": pictures.to_edges,
        }[str(table if format_ is ExportFormat.CSV else format_)]
        write(graph, buffer, view.value, chosen)
    return buffer.getvalue()


def _write_rdf(
    session: Session,
    format_: ExportFormat,
    profile: ExportProfile,
    asked: ClaimFilter,
    as_of: str | None,
    output: Path | None,
) -> None:
    from app import queries
    from app.queries.filters import select
    from app.rdf.chosen import in_words
    from app.rdf.jsonld import load_context
    from app.rdf.serialise import format_named, write
    from app.rdf.terms import Profile

    format_named(str(format_), Profile(profile))
    graph = session.graph(as_of)
    chosen = select(graph, asked) if asked != queries.ClaimFilter() else None
    context = load_context(session.settings.data / "ontology") if format_ is ExportFormat.JSONLD else None
    count = write(
        graph,
        str(format_),
        output if output is not None else sys.stdout.buffer,
        base_iri=session.settings.base_iri,
        profile=Profile(profile),
        extractor_of=graph.readers.get,
        context=context,
        claims=chosen.ids if chosen is not None else None,
        selection=in_words(msgspec.to_builtins(chosen.applied)) if chosen is not None else "",
    )
    sys.stdout.flush()
    part = f" on {counted(len(chosen.ids), 'claim')}" if chosen is not None else ""
    err.print(f"{count} triples{part} of revision {graph.revision}")


def _describe(session: Session, format_: ExportFormat, as_of: str | None, output: Path | None) -> None:
    from app.rdf.description import describe
    from app.rdf.jsonld import load_context
    from app.rdf.serialise import write_blocks

    graph = session.graph(as_of)
    context = load_context(session.settings.data / "ontology") if format_ is ExportFormat.JSONLD else None
    base_iri = session.settings.base_iri
    buffer = io.BytesIO()
    write_blocks(describe(graph, base_iri=base_iri), str(format_), buffer, base_iri=base_iri, context=context)
    write_bytes(output, buffer.getvalue())


def _rows(graph: ConflictGraph, chosen: Iterable[str] | None) -> Iterable[ClaimRow]:
    from app.queries import claim_row

    return (claim_row(graph, claim) for claim in sorted(graph.claims if chosen is None else chosen))


def draw(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.svg|.png|.html", help="What to write.")],
    actor: Annotated[list[str] | None, typer.Option(metavar="A", help="Draw around this actor; repeatable.")] = None,
    incident: Annotated[str | None, typer.Option(metavar="I", help="Draw around this incident.")] = None,
    hops: Annotated[int, typer.Option(min=1, max=3, help="How far from them.")] = 1,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most edges; the strongest evidence first.")] = 40,
    layout: Annotated[
        DrawLayout,
        typer.Option(help="Who places the nodes: Graphviz where this machine has it (auto), Graphviz, or Polemos."),
    ] = DrawLayout.AUTO,
    since: Since = None,
    until: Until = None,
    clock: ClockOption = Clock.SAID,
    as_of: AsOf = None,
) -> None:
    """Draw a piece of the graph. Edges are claims made in articles, not findings."""
    from app.pictures.graphviz import graphviz
    from app.pictures.layout import lay_out
    from app.pipeline.drawing import drawing

    suffix = output.suffix.lower()
    if suffix not in (".svg", ".png", ".html"):
        raise ValueError(f"{output} must end in .svg, .png or .html")
    placer = graphviz() if layout is not DrawLayout.BUILT_IN else None
    if placer is None and layout is DrawLayout.GRAPHVIZ:
        raise MissingPart("Graphviz is not installed: its program dot is not on PATH; leave --layout out")
    drawn = drawing(
        Session().graph(as_of),
        actors=actor or [],
        incident=incident,
        since=since,
        until=until,
        hops=hops,
        limit=limit,
        clock=clock,
        layouter=placer or lay_out,
    )
    if suffix == ".html":
        content = drawn.to_html().encode()
    else:
        content = drawn.to_svg().encode() if suffix == ".svg" else drawn.to_png()
    write_bytes(output, content)
    piece = drawn.piece
    at_least = "at least " if piece.left_out.at_least else ""
    more = piece.left_out.edges or piece.left_out.at_least
    left = f", {at_least}{piece.left_out.edges} weaker ones left out" if more else ""
    placed = "; placed by Graphviz" if placer is not None else ""
    err.print(f"{len(piece.nodes)} nodes, {len(piece.edges)} edges{left}{placed}")


def sparql(
    query: Annotated[str, typer.Argument(help="A SPARQL 1.1 query (read-only), or - for standard input.")],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="csv (default), tsv, json or xml; json (default) or xml for ASK; turtle (default) or another RDF "
            "format for CONSTRUCT and DESCRIBE.",
        ),
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.1, max=600, help="Seconds.")] = 30.0,
    as_of: AsOf = None,
) -> None:
    """Ask the claims in SPARQL."""
    from app.rdf.sparql import Dataset

    session = Session()
    text = sys.stdin.read() if query == "-" else query
    graph = session.graph(as_of)
    with Dataset(base_iri=session.settings.base_iri, extractor_of=graph.readers.get, workers=1) as dataset:
        answer = dataset.query(graph, text, timeout_s=timeout, max_rows=1_000_000)
    usual = {"solutions": "csv", "boolean": "json", "graph": "turtle"}[answer.form]
    write_bytes(None, answer.encode(format_ or usual))
    if answer.truncated:
        err.print("the answer is cut short at 1,000,000 rows; ask for less")


def validate(
    path: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="RDF to check; default: the ledger's.")] = None,
    profile: Annotated[ExportProfile, typer.Option(help="What of the ledger to check.")] = ExportProfile.CLAIMS,
    as_json: Json = False,
) -> None:
    """Check claims against the SHACL shapes; exit status 1 where they do not conform."""
    from app.rdf.shapes import validate as check
    from app.rdf.terms import Profile

    session = Session()
    data = path if path is not None else session.graph()
    shapes = session.settings.data / "shapes"
    report = check(data, shapes, base_iri=session.settings.base_iri, profile=Profile(profile))
    if as_json:
        print_json({"conforms": report.conforms, "violations": [str(v) for v in report.violations]})
    else:
        Console(highlight=False).print(Text(report.text), soft_wrap=True)
    if not report.conforms:
        raise typer.Exit(1)


def serve(
    host: Annotated[str | None, typer.Option(help="Default POLEMOS_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Default POLEMOS_PORT.")] = None,
    root_path: Annotated[
        str, typer.Option(help="The path below which a proxy, which takes it off, gives this out: /polemos.")
    ] = "",
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that answer on the one port, each with a graph of its own.")
    ] = 1,
    allow_anonymous: Annotated[
        bool,
        typer.Option("--allow-anonymous", help="Let everybody who reaches it read without a key; see the settings."),
    ] = False,
    since: Annotated[str | None, typer.Option(help="Hold only claims from this day on.")] = None,
    until: Annotated[str | None, typer.Option(help="Hold only claims up to this day.")] = None,
    actors: Annotated[
        list[str] | None, typer.Option(help="Hold only claims by or against this actor or parts of it; several times.")
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(help="Hold only claims of this country (ISO 3166 alpha-3): where it was, or who; several times."),
    ] = None,
) -> None:
    """Serve the HTTP interface and the page until stopped.

    Whoever asks from this machine needs no key. On an address that others can reach, every request does, and without
    any key it does not start.

    Several processes share the port: each holds the graph and keeps it as new as the ledger, so that memory counts for
    each of them. One that dies is replaced, and all end together.

    A ledger that is larger than memory can be served in part: what --since, --until, --actors and --region let through
    (POLEMOS_SLICE otherwise). Every answer says so, and /health counts what is left out.
    """
    import uvicorn

    from app.cli.exposing import end_well, expose
    from app.graph import Slice
    from app.web.bodies import STOP_SECONDS
    from app.web.protocol import Bounded

    settings = Session().settings
    address, number = host or settings.host, settings.port if port is None else port
    if root_path and not root_path.startswith("/"):
        raise ValueError(f"--root-path begins with a slash, unlike {root_path!r}")
    asked = {"since": since, "until": until, "actors": ";".join(actors or ()), "region": ";".join(region or ())}
    given = ",".join(f"{name}={value}" for name, value in asked.items() if value)
    Slice.parse(given or settings.slice)
    expose(settings, address, anonymous=allow_anonymous)
    if given:
        # The service, which may be several processes, reads its settings for itself.
        os.environ[f"{PREFIX}SLICE"] = given
    end_well()
    err.print(f"Polemos on http://{address}:{number} (ctrl-c stops it)")
    uvicorn.run(
        "app.main:app",
        host=address,
        port=number,
        root_path=root_path.rstrip("/"),
        http=Bounded,
        # The service sets its own log up, as the settings say.
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=STOP_SECONDS,
        workers=workers,
        timeout_worker_healthcheck=WORKER_SECONDS,
    )
