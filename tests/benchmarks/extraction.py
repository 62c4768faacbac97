"""How fast news is read: a stream in which one article in ten holds claims, and articles dense with claims.

`python -m tests.benchmarks.extraction [--gold FOLDER] [--bench FOLDER] [--articles N] [--memory N] [--json FILE]`.
Claim-dense articles are the samples, or the annotated training articles of `--gold`. What holds no claims is other
people's local news (LGL, from `--bench`; read where it lies, kept nowhere), and beside it the annotated training
articles without claims, which were written to look as if they held some. Each copy has a line of its own.

Out, as Markdown and with `--json` as data: articles a second by one process, with and without the cue test, chunk by
chunk in turn so that both meet the same noise; what differs between the two; from JSON lines to the ledger with one
worker and with two, and the start of the model apart; the most memory of a short and of a long run. On a shared machine
the wall clock counts what others do, so each rate is told by processor time too: per core, were the cores one's own.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import batched, count, cycle
from pathlib import Path
from typing import Any

import msgspec

from app.extraction import Extractor
from app.extraction.hybrid import HybridExtractor
from app.extraction.rules import RulesExtractor
from app.vocabulary.records import Article, Reading

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "graph_data"
SAMPLES = DATA / "articles"
ONE_IN = 10
CHUNK = 64
_MAKERS: dict[str, Callable[..., Extractor]] = {"hybrid": HybridExtractor.from_data, "rules": RulesExtractor.from_data}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        what: What was timed, on which articles.
        figure: Its value.
        unit: Its unit.
        beside: What it is to be read beside, with the factor between the two.
    """

    what: str
    figure: float
    unit: str
    beside: str = ""


def bodies(gold: Path | None) -> list[dict[str, Any]]:
    """Annotated articles: the training articles of a folder, else the samples."""
    paths = sorted(gold.glob("train-*.json")) if gold is not None else sorted(SAMPLES.glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def plain(body: dict[str, Any]) -> dict[str, str]:
    """The article of an annotation."""
    return {name: body[name] for name in ("title", "text", "published", "publisher", "url") if body.get(name)}


def local_news(bench: Path) -> list[dict[str, str]]:
    """LGL's articles, or nothing where they are not there."""
    path = bench / "places" / "lgl.xml.gz"
    if not path.is_file():
        return []
    with gzip.open(path) as file:
        root = ET.parse(file).getroot()
    texts = ((one.findtext("title") or "", one.findtext("text") or "") for one in root.iter("article"))
    return [{"title": title.strip(), "text": text.strip()} for title, text in texts]


def mixed(dense: Sequence[dict[str, str]], bare: Sequence[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Without end: one of the first, then nine of the second; of the first alone where the second is empty."""
    some, others = cycle(dense), cycle(bare)
    for number in count():
        body = next(some) if not bare or number % ONE_IN == 0 else next(others)
        yield {**body, "text": f"{body['text']}\n\nEdition {number}.", "url": f"https://news.example/{number}"}


def article(body: dict[str, str]) -> Article:
    """The record of an article."""
    return Article(**{name: body[name] for name in ("title", "text", "published", "publisher", "url") if name in body})


def differences(one: Sequence[Reading], other: Sequence[Reading]) -> tuple[int, int]:
    """How many readings differ byte for byte, and how many of them in their claims."""
    encode = msgspec.json.encode
    apart = [(a, b) for a, b in zip(one, other, strict=True) if encode(a) != encode(b)]
    return len(apart), sum(encode(a.claims) != encode(b.claims) for a, b in apart)


def sifting(name: str, articles: Sequence[Article], which: str) -> list[Row]:
    """One process with and without the cue test, in turn."""
    readers: dict[bool, Extractor] = {sift: _MAKERS[name](DATA, sift=sift) for sift in (True, False)}
    spent = {True: [0.0, 0.0], False: [0.0, 0.0]}
    found: dict[bool, list[Reading]] = {True: [], False: []}
    for reader in readers.values():
        list(reader.read(articles[:8]))
    for number, chunk in enumerate(batched(articles, CHUNK)):
        for sift in (True, False) if number % 2 else (False, True):
            wall, cpu = time.perf_counter(), time.process_time()
            found[sift] += readers[sift].read(chunk)
            spent[sift][0] += time.perf_counter() - wall
            spent[sift][1] += time.process_time() - cpu
    apart, claims = differences(found[True], found[False])
    told = f"{apart} of {len(articles)} readings differ, {claims} of them in their claims"
    (fast, quick), (slow, long) = ([len(articles) / each for each in spent[sift]] for sift in (True, False))
    beside = f"{quick:.1f} a CPU second, {quick / long:.2f} × the full parse; {told}"
    return [
        Row(f"{name}, one process, {which}", fast, "articles/s", beside),
        Row(f"{name}, one process, {which}, full parse", slow, "articles/s", f"{long:.1f} a CPU second"),
    ]


def ingested(articles: Sequence[dict[str, str]], workers: int) -> tuple[float, float, float]:
    """Wall and CPU seconds from JSON lines to a new ledger, and the most memory (MB) of any one process of it."""
    with tempfile.TemporaryDirectory() as folder:
        lines, ledger = Path(folder) / "articles.jsonl", Path(folder) / "ledger.sqlite"
        lines.write_text("".join(json.dumps(body) + "\n" for body in articles), encoding="utf-8")
        words = [sys.executable, "-m", "tests.benchmarks.extraction", "--ingest", str(lines)]
        words += ["--workers", str(workers)]
        start, before = time.perf_counter(), _of_children()
        environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{ledger}"}
        done = subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
        wall, cpu = time.perf_counter() - start, _of_children() - before
        return wall, cpu, float(done.stdout.split()[-1])


def _of_children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def ingest_once(lines: Path, workers: int) -> None:
    """`polemos ingest`, then the most memory of this process and its workers."""
    from app.cli import main as polemos

    sys.argv = ["polemos", "ingest", str(lines), "--workers", str(workers), "--extractor", "hybrid"]
    try:
        polemos()
    except SystemExit as done:
        if done.code:
            raise
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    print(max(resource.getrusage(who).ru_maxrss for who in whose) / 1024)


def ends(articles: Sequence[dict[str, str]], which: str) -> list[Row]:
    """From JSON lines to the ledger, by one worker and by two; the start of everything told apart."""
    rows: list[Row] = []
    rates = {}
    for workers in (1, 2):
        start, *_ = ingested(articles[:1], workers)
        whole, cpu, peak = ingested(articles, workers)
        rates[workers] = len(articles) / whole
        running = (len(articles) - 1) / max(whole - start, 1e-9)
        beside = f"start-up of {start:.1f} s included; {running:.1f} without; {len(articles) / cpu:.1f} a CPU second"
        beside += f"; the largest process held {peak:.0f} MB"
        if workers == 2:
            beside += f"; {rates[2] / rates[1]:.2f} × one worker"
        name = f"ingest, {len(articles)} articles, {which}, {workers} worker{'s' if workers > 1 else ''}"
        rows.append(Row(name, rates[workers], "articles/s", beside))
    return rows


def memory(stream: Sequence[dict[str, str]], which: str) -> Row:
    """The most memory of a long run, beside that of a tenth of it."""
    few, many = len(stream) // 10, len(stream)
    small, large = (ingested(some, 1)[2] for some in (stream[:few], stream))
    return Row(f"most memory, {many} articles, {which}, 1 worker", large, "MB", f"{small:.0f} MB after {few}")


def measure(gold: Path | None, bench: Path | None, articles: int, long: int) -> list[Row]:
    """Every row. `gold` and `bench` may be None; `long` is the length of the run whose memory is measured, or 0."""
    annotated = bodies(gold)
    dense = [plain(body) for body in annotated if body["claims"]]
    written = [plain(body) for body in annotated if not body["claims"]]
    local = local_news(bench) if bench is not None else []
    streams: dict[str, list[dict[str, str]]] = {"dense with claims": []}
    if local:
        streams["1 in 10 with claims among local news"] = local
    if written:
        streams["1 in 10 with claims among near misses"] = written
    rows: list[Row] = []
    for which, bare in streams.items():
        stream = mixed(dense, bare)
        many = articles if bare else max(articles // 4, 1)
        news = [next(stream) for _ in range(max(many, long if bare else 0))]
        part = [article(body) for body in news[: max(many // 4, 1)]]
        for name in _MAKERS:
            rows += sifting(name, part, which)
        rows += ends(news[:many], which)
        if bare and long:
            rows.append(memory(news[:long], which))
            long = 0
    corpus = [article(plain(body)) for body in annotated]
    for name in _MAKERS:
        rows += sifting(name, corpus, f"the {len(corpus)} annotated articles")
    return rows


def told(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | figure | beside |", "| --- | --- | --- |"]
    lines += [f"| {row.what} | {row.figure:.1f} {row.unit} | {row.beside} |" for row in rows]
    about = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return "\n".join([*lines, "", f"Measured on {about}; read the ratios, the machine was shared."])


def main() -> None:
    """Measure, print, and keep the figures where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, help="folder of annotated articles; the samples where left out")
    parser.add_argument("--bench", type=Path, help="folder that holds places/lgl.xml.gz")
    parser.add_argument("--articles", type=int, default=1600, help="in each stream")
    parser.add_argument("--memory", type=int, default=0, help="articles of the run whose memory is measured; 0: none")
    parser.add_argument("--json", type=Path, help="keep the rows here")
    parser.add_argument("--ingest", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=1, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ingest is not None:
        ingest_once(given.ingest, given.workers)
        return
    rows = measure(given.gold, given.bench, given.articles, given.memory)
    print(told(rows))
    if given.json is not None:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
