"""Measures the first path end to end: reading, ingesting, folding, asking, exporting. Prints figures and asserts none.

`python tests/benchmarks/run.py [--articles N] [--write]`. Machines are shared and noisy, so each figure stands beside a
peer or a limit of the same run: the bare parser, one process against two, a second run against the first. `--write`
puts the table into docs/reference/speed.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "graph_data" / "articles"
SPEED = ROOT / "docs" / "reference" / "speed.md"
BEGIN, END = "<!-- figures:begin -->", "<!-- figures:end -->"


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
    """Wall seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def child(arguments: list[str], ledger: Path, stdin: Path) -> tuple[float, float]:
    """Wall seconds and peak resident memory (MB, the largest of its processes) of `polemos` with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{ledger}"}
    command = [sys.executable, "-c", "from app.cli import main; main()", *arguments]
    with stdin.open("rb") as file:
        seconds = timed(
            lambda: subprocess.run(command, cwd=ROOT, env=environment, stdin=file, check=True, capture_output=True)
        )
    peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    return seconds, peak / 1024


def measure(count: int) -> list[tuple[str, str, str]]:
    """Rows of (what, figure, beside what)."""
    sys.path.insert(0, str(ROOT))
    from app.extraction import recipe
    from app.extraction.language import load_model, parse
    from app.graph import fold
    from app.ledger import open_ledger
    from app.queries import ClaimFilter, accusations, subgraph
    from app.rdf import write
    from app.vocabulary.names import Gazetteer
    from app.vocabulary.records import Article

    rows: list[tuple[str, str, str]] = []
    bodies = articles(count)
    words = sum(len(body["text"].split()) for body in bodies)
    some = [Article(b["title"], b["text"], b["published"], b["publisher"], b["url"]) for b in bodies[: min(count, 80)]]
    gazetteer = Gazetteer.load(ROOT / "graph_data" / "gazetteers")
    list(parse(some[:1], gazetteer))
    nlp = load_model()
    bare = timed(lambda: [nlp(text) for article in some for text in (article.text, article.title)])
    for choice in ("rules", "hybrid"):
        extractor = recipe(choice, ROOT / "graph_data").make()
        list(extractor.read(some[:1]))
        whole = timed(partial(lambda reader: list(reader.read(some)), extractor))
        beside = f"{whole / bare:.2f} × the bare parser's time"
        rows.append((f"reading by {choice}, one process", f"{len(some) / whole:.1f} articles/s", beside))
    with tempfile.TemporaryDirectory() as folder:
        stdin, ledger, other = (Path(folder) / name for name in ("articles.jsonl", "one.sqlite", "two.sqlite"))
        stdin.write_text("".join(json.dumps(body) + "\n" for body in bodies), encoding="utf-8")
        one, peak = child(["ingest", "-", "--workers", "1"], ledger, stdin)
        mean = words / count
        rows.append(
            (
                f"ingest from raw text to ledger, 1 worker, {count} articles of {mean:.0f} words",
                f"{count / one:.1f} articles/s",
                f"peak {peak:.0f} MB; start-up of the model included",
            )
        )
        two, _ = child(["ingest", "-", "--workers", "2"], other, stdin)
        rows.append(("the same with 2 workers", f"{count / two:.1f} articles/s", f"{one / two:.2f} × one worker"))
        again, _ = child(["ingest", "-"], ledger, stdin)
        rows.append(
            ("the same again, nothing new", f"{count / again:.0f} articles/s", f"{one / again:.0f} × the first")
        )
        opened = open_ledger(f"sqlite:///{ledger}")
        cold = timed(lambda: fold(opened.entries(with_text=False)))
        graph = fold(opened.entries(with_text=False))
        claims = len(graph.claims)
        rows.append(
            ("fold of the ledger into the graph", f"{claims / cold:.0f} claims/s", f"{claims} claims, {cold:.2f} s")
        )
        asked = ClaimFilter(source="Moldova", target="Russia", since="2023-11-01", until="2023-12-31")
        accusations(graph, asked)
        ask = timed(lambda: [accusations(graph, asked) for _ in range(200)]) / 200

        def naive() -> int:
            plain = graph.to_networkx()
            return sum(1 for *_, data in plain.edges(data=True) if data["kind"] == "accuses")

        slow = timed(naive)
        rows.append(
            (
                "accusations(A, B) with roll-up and days",
                f"{ask * 1000:.2f} ms",
                f"{slow / ask:.0f} × faster than copying and scanning the networkx graph",
            )
        )
        around = timed(lambda: [subgraph(graph, actors=["Moldova"], hops=2, limit=500) for _ in range(20)]) / 20
        rows.append(
            ("2-hop subgraph, at most 500 edges", f"{around * 1000:.1f} ms", f"{around / ask:.0f} × accusations(A, B)")
        )
        for name in ("ntriples", "turtle"):
            target = Path(folder) / f"graph.{name}"
            triples = 0

            def export(name: str = name, target: Path = target) -> None:
                nonlocal triples
                triples = write(graph, name, target)

            took = timed(export)
            rows.append((f"export as {name}", f"{triples / took:.0f} triples/s", f"{triples} triples"))
        opened.close()
    return rows


def main() -> None:
    """Measure, print, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--write", action="store_true", help="put the table into docs/reference/speed.md")
    options = parser.parse_args()
    table = ["| what | figure | beside |", "| --- | --- | --- |"]
    table += [f"| {what} | {figure} | {beside} |" for what, figure, beside in measure(options.articles)]
    about = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    text = "\n".join([*table, "", f"Measured on {about}; read the ratios, the machine was shared."])
    print(text)
    if options.write:
        page = SPEED.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        _, _, tail = rest.partition(END)
        SPEED.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
