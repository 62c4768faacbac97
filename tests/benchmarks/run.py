"""Measures the first path end to end: reading, ingesting, folding, asking, exporting. Prints figures and asserts none.

`python -m tests.benchmarks.run [--articles N]`. Machines are shared and noisy, so seconds are of processor time but for
ingest, and each figure stands beside a peer or a limit of the same run: the bare parser, the first run.

| row | what is timed |
| --- | --- |
| reading | the extractor alone, in one process |
| ingest | from JSON lines on standard input to the ledger: intake, reading, linking, storing; the start included |
| ingest again | the same input a second time, when everything is known |
| fold | the ledger's entries into the graph, as every start without a snapshot does |
| accusations | one question with source, target, roll-up and dates |
| subgraph | everything within two hops of an actor |
| export | the whole graph to a file |
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from app.extraction import recipe
from app.extraction.language import load_model, parse
from app.graph import fold
from app.ledger import open_ledger
from app.queries import ClaimFilter, accusations, subgraph
from app.rdf import write
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article
from tests.benchmarks.figures import Table, Told, shown

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "graph_data" / "articles"


class Row(msgspec.Struct, frozen=True):
    """One figure, and what it is to be read beside."""

    what: str
    figure: float
    unit: str
    beside: str


def articles(count: int) -> list[dict[str, Any]]:
    """The samples over and over, each copy with a line of its own, so that none is already known."""
    bodies = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(SAMPLES.glob("*.json"))]
    found = []
    for number in range(count):
        body = bodies[number % len(bodies)]
        kept = {name: body[name] for name in ("title", "text", "published", "publisher", "url")}
        kept["text"] += f"\n\nEdition {number // len(bodies)}."
        found.append({**kept, "id": f"bench-{number}"})
    return found


def timed(work: Callable[[], object]) -> float:
    """Processor seconds of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def child(arguments: list[str], ledger: Path, stdin: Path) -> tuple[float, float]:
    """Wall seconds and peak resident memory (MB, the largest of its processes) of `polemos` with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{ledger}"}
    command = [sys.executable, "-c", "from app.cli import main; main()", *arguments]
    start = time.perf_counter()
    with stdin.open("rb") as file:
        subprocess.run(command, cwd=ROOT, env=environment, stdin=file, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    return seconds, peak / 1024


def measure(count: int) -> list[Row]:
    """All rows, over so many articles."""
    bodies = articles(count)
    words = sum(len(body["text"].split()) for body in bodies)
    some = [Article(b["title"], b["text"], b["published"], b["publisher"], b["url"]) for b in bodies[: min(count, 80)]]
    rows = _reading(some)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stdin, ledger = folder / "articles.jsonl", folder / "one.sqlite"
        stdin.write_text("".join(json.dumps(body) + "\n" for body in bodies), encoding="utf-8")
        one, peak = child(["ingest", "-", "--workers", "1"], ledger, stdin)
        again, _ = child(["ingest", "-"], ledger, stdin)
        about = f"{count} articles of {words / count:.0f} words"
        rows += [
            Row(f"ingest, {about}", count / one, "articles/s", f"peak {peak:.0f} MB; start-up of the model included"),
            Row("the same again, nothing new", count / again, "articles/s", f"{one / again:.0f} × the first"),
        ]
        rows += _asking(ledger, folder)
    return rows


def _reading(some: list[Article]) -> list[Row]:
    """Extractors beside the bare parser."""
    list(parse(some[:1], Gazetteer.load(ROOT / "graph_data" / "gazetteers")))
    nlp = load_model()
    bare = timed(lambda: [nlp(text) for article in some for text in (article.text, article.title)])
    rows = []
    for choice in ("rules", "hybrid"):
        extractor = recipe(choice, ROOT / "graph_data").make()
        list(extractor.read(some[:1]))
        whole = timed(partial(lambda reader: list(reader.read(some)), extractor))
        beside = f"{whole / bare:.2f} × the bare parser's time"
        rows.append(Row(f"reading by {choice}, one process", len(some) / whole, "articles/s", beside))
    return rows


def _asking(ledger: Path, folder: Path) -> list[Row]:
    """The fold of a ledger, questions, and exports into a folder."""
    with closing(open_ledger(f"sqlite:///{ledger}")) as opened:
        began = time.process_time()
        graph = fold(opened.entries(with_text=False))
        cold = time.process_time() - began
    claims = len(graph.claims)
    asked = ClaimFilter(source="Moldova", target="Russia", since="2023-11-01", until="2023-12-31")
    accusations(graph, asked)
    ask = timed(lambda: [accusations(graph, asked) for _ in range(200)]) / 200
    slow = timed(lambda: sum(data["kind"] == "accuses" for *_, data in graph.to_networkx().edges(data=True)))
    around = timed(lambda: [subgraph(graph, actors=["Moldova"], hops=2, limit=500) for _ in range(20)]) / 20
    beside = f"{slow / ask:.0f} × faster than copying and scanning the networkx graph"
    rows = [
        Row("fold of the ledger into the graph", claims / cold, "claims/s", f"{claims:,} claims, {cold:.2f} s"),
        Row("accusations(A, B) with roll-up and days", ask * 1000, "ms", beside),
        Row("2-hop subgraph, at most 500 edges", around * 1000, "ms", f"{around / ask:.0f} × accusations(A, B)"),
    ]
    for name in ("ntriples", "turtle"):
        began = time.process_time()
        triples = write(graph, name, folder / f"graph.{name}")
        rows.append(
            Row(f"export as {name}", triples / (time.process_time() - began), "triples/s", f"{triples:,} triples")
        )
    return rows


def told(rows: list[Row]) -> Told:
    """The rows as a table; this has no goals."""
    cells = [[row.what, f"{row.figure:,.{0 if row.figure >= 100 else 2}f} {row.unit}", row.beside] for row in rows]
    return [], [
        Table(
            "The sample articles over and over; seconds are of processor time, but for ingest",
            ["what", "figure", "beside"],
            cells,
        )
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=400, help="at least the 40 samples, for they are asked about")
    print(shown(told(measure(max(parser.parse_args().articles, 40)))))


if __name__ == "__main__":
    main()
