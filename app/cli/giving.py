"""Commands that give the graph to others: `export`, `draw`, `sparql`, `validate`, `serve`."""

from __future__ import annotations

import io
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.cli.session import Json, Session, err, print_json, write_bytes

if TYPE_CHECKING:
    from app.graph import ConflictGraph
    from app.queries import ClaimRow

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


def add_exports(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command()
    def export(
        format_: Annotated[ExportFormat, typer.Option("--format", help="How to write it.")],
        profile: Annotated[ExportProfile, typer.Option(help="For RDF: what to say.")] = ExportProfile.CLAIMS,
        output: Output = None,
    ) -> None:
        """Write the whole graph as RDF, GraphML, GEXF, CSV (one line per claim) or Cytoscape JSON."""
        session = Session()
        if output is not None and not output.resolve().parent.is_dir():
            raise ValueError(f"the folder {output.resolve().parent} does not exist")
        graph = session.graph()
        buffer = io.BytesIO()
        if format_ in (ExportFormat.GRAPHML, ExportFormat.GEXF, ExportFormat.CYTOSCAPE, ExportFormat.CSV):
            from app import pictures

            if format_ is ExportFormat.CSV:
                pictures.to_csv(_all_claims(graph), buffer)
            else:
                {"graphml": pictures.to_graphml, "gexf": pictures.to_gexf, "cytoscape": pictures.to_cytoscape}[format_](
                    graph, buffer
                )
            write_bytes(output, buffer.getvalue())
            return
        from app.rdf.jsonld import load_context
        from app.rdf.serialise import write
        from app.rdf.terms import Profile

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

    @app.command()
    def draw(
        output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.svg|.png|.html", help="What to write.")],
        actor: Annotated[
            list[str] | None, typer.Option(metavar="A", help="Draw around this actor; repeatable.")
        ] = None,
        incident: Annotated[str | None, typer.Option(metavar="I", help="Draw around this incident.")] = None,
        hops: Annotated[int, typer.Option(min=1, max=3, help="How far from them.")] = 1,
        limit: Annotated[int, typer.Option(min=1, max=1000, help="Most edges; the strongest evidence first.")] = 40,
    ) -> None:
        """Draw a piece of the graph. Edges are claims made in articles, not findings."""
        from app import pictures, queries

        suffix = output.suffix.lower()
        if suffix not in (".svg", ".png", ".html"):
            raise ValueError(f"{output} must end in .svg, .png or .html")
        session = Session()
        graph = session.graph()
        piece = queries.subgraph(graph, actors=actor or [], incident=incident, hops=hops, limit=limit)
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
        left = f", {piece.left_out.edges} weaker ones left out" if piece.left_out.edges else ""
        err.print(f"{len(piece.nodes)} nodes, {len(piece.edges)} edges{left}")

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
    ) -> None:
        """Ask the claims in SPARQL."""
        from app.rdf.sparql import Dataset

        session = Session()
        text = sys.stdin.read() if query == "-" else query
        graph = session.graph()
        with Dataset(base_iri=session.settings.base_iri, extractor_of=graph.readers.get, workers=1) as dataset:
            answer = dataset.query(graph, text, timeout_s=timeout, max_rows=1_000_000)
        usual = {"solutions": "csv", "boolean": "json", "graph": "turtle"}[answer.form]
        write_bytes(None, answer.encode(format_ or usual))
        if answer.truncated:
            err.print("the answer is cut short at 1,000,000 rows; ask for less")

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


def _all_claims(graph: ConflictGraph) -> list[ClaimRow]:
    from app.queries import claim_row

    return [claim_row(graph, claim) for claim in sorted(graph.claims)]
