"""Commands that give the graph to others: `export`, `draw`, `sparql`, `validate`, `serve`."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.cli.asking import (
    ClockOption,
    IncidentId,
    MinConfidence,
    PlaceName,
    Publisher,
    RollupOption,
    RungOption,
    Since,
    Source,
    Target,
    Until,
    VoiceOption,
)
from app.cli.session import AsOf, Json, Session, err, print_json, write_bytes
from app.vocabulary.terms import ClaimType, Clock, Rollup

if TYPE_CHECKING:
    from app.graph import ConflictGraph
    from app.queries import ClaimFilter, ClaimRow

Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Default: standard output.")]


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


def add_exports(app: typer.Typer) -> None:
    """Add the commands."""
    _add_export(app)
    _add_draw(app)
    _add_sparql(app)
    _add_validate(app)
    _add_serve(app)


def _add_export(app: typer.Typer) -> None:
    @app.command()
    def export(
        format_: Annotated[ExportFormat, typer.Option("--format", help="How to write it.")],
        profile: Annotated[ExportProfile, typer.Option(help="For RDF: what to say.")] = ExportProfile.CLAIMS,
        view: Annotated[
            ExportView,
            typer.Option(help="For GraphML, GEXF, Cytoscape and tables of nodes or edges: what one edge is."),
        ] = ExportView.EDGES,
        table: Annotated[ExportTable, typer.Option(help="For CSV: what one line is.")] = ExportTable.CLAIMS,
        type_: Annotated[ClaimType | None, typer.Option("--type", help="Only claims of this type.")] = None,
        source: Source = None,
        target: Target = None,
        since: Since = None,
        until: Until = None,
        place: PlaceName = None,
        incident: IncidentId = None,
        publisher: Publisher = None,
        min_confidence: MinConfidence = None,
        rollup: RollupOption = Rollup.FULL,
        voice: VoiceOption = None,
        clock: ClockOption = Clock.SAID,
        rung: RungOption = None,
        as_of: AsOf = None,
        output: Output = None,
    ) -> None:
        """Write the graph as RDF, GraphML, GEXF, CSV or Cytoscape JSON; all but RDF also by filter."""
        from app import queries

        asked = queries.ClaimFilter(
            source=source,
            target=target,
            since=since,
            until=until,
            place=place,
            incident=incident,
            publisher=publisher,
            min_confidence=min_confidence,
            rollup=rollup,
            voice=voice,
            clock=clock,
            rung=rung,
            type=type_,
        )
        if output is not None and not output.resolve().parent.is_dir():
            raise ValueError(f"the folder {output.resolve().parent} does not exist")
        session = Session()
        if format_ in (ExportFormat.GRAPHML, ExportFormat.GEXF, ExportFormat.CYTOSCAPE, ExportFormat.CSV):
            graph = session.graph(as_of)
            write_bytes(output, _file(graph, format_, view, table, asked))
        elif asked != queries.ClaimFilter():
            raise ValueError(f"{format_} holds all claims; filters are for graphml, gexf, csv and cytoscape")
        else:
            _write_rdf(session, format_, profile, as_of, output)


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
    session: Session, format_: ExportFormat, profile: ExportProfile, as_of: str | None, output: Path | None
) -> None:
    from app.rdf.jsonld import load_context
    from app.rdf.serialise import write
    from app.rdf.terms import Profile

    graph = session.graph(as_of)
    context = load_context(session.settings.data / "ontology") if format_ is ExportFormat.JSONLD else None
    count = write(
        graph,
        str(format_),
        output if output is not None else sys.stdout.buffer,
        base_iri=session.settings.base_iri,
        profile=Profile(profile),
        extractor_of=graph.readers.get,
        context=context,
    )
    sys.stdout.flush()
    err.print(f"{count} triples of revision {graph.revision}")


def _rows(graph: ConflictGraph, chosen: list[str] | None) -> Iterable[ClaimRow]:
    from app.queries import claim_row

    return (claim_row(graph, claim) for claim in sorted(graph.claims if chosen is None else chosen))


def _add_draw(app: typer.Typer) -> None:
    @app.command()
    def draw(
        output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.svg|.png|.html", help="What to write.")],
        actor: Annotated[
            list[str] | None, typer.Option(metavar="A", help="Draw around this actor; repeatable.")
        ] = None,
        incident: Annotated[str | None, typer.Option(metavar="I", help="Draw around this incident.")] = None,
        hops: Annotated[int, typer.Option(min=1, max=3, help="How far from them.")] = 1,
        limit: Annotated[int, typer.Option(min=1, max=1000, help="Most edges; the strongest evidence first.")] = 40,
        since: Since = None,
        until: Until = None,
        clock: ClockOption = Clock.SAID,
        as_of: AsOf = None,
    ) -> None:
        """Draw a piece of the graph. Edges are claims made in articles, not findings."""
        from app import pictures, queries

        suffix = output.suffix.lower()
        if suffix not in (".svg", ".png", ".html"):
            raise ValueError(f"{output} must end in .svg, .png or .html")
        session = Session()
        graph = session.graph(as_of)
        piece = queries.subgraph(
            graph,
            actors=actor or [],
            incident=incident,
            since=since,
            until=until,
            hops=hops,
            limit=limit,
            clock=clock,
        )
        ids = dict.fromkeys(claim for edge in piece.edges for claim in edge.claims)
        rows = [queries.claim_row(graph, claim) for claim in ids]
        title = "Who accuses whom" + (f": {', '.join(actor)}" if actor else "")
        if suffix == ".html":
            content = pictures.to_html(piece, rows, title=title).encode()
        else:
            svg = pictures.to_svg(piece, rows, title=title)
            font = Path(__file__).resolve().parent.parent / "web" / "page" / "vendor" / "DejaVuSans.ttf"
            content = svg.encode() if suffix == ".svg" else pictures.to_png(svg, font)
        write_bytes(output, content)
        more = piece.left_out
        at_least = "at least " if more.at_least else ""
        left = f", {at_least}{more.edges} weaker ones left out" if more.edges or more.at_least else ""
        err.print(f"{len(piece.nodes)} nodes, {len(piece.edges)} edges{left}")


def _add_sparql(app: typer.Typer) -> None:
    @app.command()
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


def _add_validate(app: typer.Typer) -> None:
    @app.command()
    def validate(
        path: Annotated[
            Path | None, typer.Argument(metavar="[FILE]", help="RDF to check; default: the ledger's.")
        ] = None,
        as_json: Json = False,
    ) -> None:
        """Check claims against the SHACL shapes; exit status 1 where they do not conform."""
        from app.rdf.shapes import validate as check

        session = Session()
        data = path if path is not None else session.graph()
        report = check(data, session.settings.data / "shapes", base_iri=session.settings.base_iri)
        if as_json:
            print_json({"conforms": report.conforms, "violations": [str(v) for v in report.violations]})
        else:
            Console(highlight=False).print(Text(report.text), soft_wrap=True)
        if not report.conforms:
            raise typer.Exit(1)


def _add_serve(app: typer.Typer) -> None:
    @app.command()
    def serve(
        host: Annotated[str | None, typer.Option(help="Default POLEMOS_HOST.")] = None,
        port: Annotated[int | None, typer.Option(min=0, max=65535, help="Default POLEMOS_PORT.")] = None,
    ) -> None:
        """Serve the HTTP interface and the page until stopped."""
        import uvicorn

        settings = Session().settings
        address, number = host or settings.host, settings.port if port is None else port
        err.print(f"Polemos on http://{address}:{number} (ctrl-c stops it)")
        uvicorn.run("app.main:app", host=address, port=number, log_level="warning", access_log=False)
