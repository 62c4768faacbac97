"""How fast news is read: a stream in which one article in ten holds claims, and articles dense with claims.

`python -m tests.benchmarks.extraction [--gold FOLDER] [--bench FOLDER] [--short N] [--long N] [--json FILE]`.
Claim-dense articles are those of the corpus that comes with Polemos, or the annotated training articles of `--gold`.
What holds no claims is other people's local news (LGL, from `--bench`; read where it lies, kept nowhere), and beside it
the annotated articles without claims, which were written to look as if they held some. Each copy has a line of its own.

Out, as Markdown and with `--json` as data: articles a second from JSON lines to the ledger, by `polemos ingest` with
one worker and with two; articles a second by one process, with and without the cue test, chunk by chunk in turn so that
both meet the same noise; what differs between the two; the most memory of a short and of a long run.

A run reads `--short` articles and another `--long` ones. The rate is that of the articles by which the second is
longer, so that the start of processes and models is no part of it; it is told apart. On a shared machine the wall clock
counts what others do, so each rate is told by processor time too: per core, were the cores one's own.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from itertools import batched, count, cycle
from pathlib import Path
from typing import Any

import msgspec

from app.extraction import Extractor
from app.extraction.hybrid import HybridExtractor
from app.extraction.rules import RulesExtractor
from app.vocabulary.records import Article, Reading
from tests.benchmarks.figures import Goal, Table, Told, at_most, shown, times

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "graph_data"
ONE_IN = 10
CHUNK = 64
_MAKERS: dict[str, Callable[..., Extractor]] = {"hybrid": HybridExtractor.from_data, "rules": RulesExtractor.from_data}


DENSE, LOCAL, NEAR = (
    "dense with claims",
    "1 in 10 with claims among local news",
    "1 in 10 with claims among near misses",
)


class Sifted(msgspec.Struct, frozen=True):
    """One process with and without the cue test: articles a second, of the wall and of processor time.

    Attributes:
        differ: How many readings differ from those of the full parse.
        differ_in_claims: How many of them do so in their claims.
    """

    extractor: str
    which: str
    articles: int
    rate: float
    cpu_rate: float
    full_rate: float
    full_cpu_rate: float
    differ: int
    differ_in_claims: int


class Ends(msgspec.Struct, frozen=True):
    """From JSON lines to the ledger by `polemos ingest`, the start taken off.

    Attributes:
        articles: By how many the long run is longer.
        cpu_rate: Articles for each second of processor time.
        start_s: From the command until the first article, about.
        short_mb: The most memory of any one process, after `short` articles.
        long_mb: The same after all of the long run.
    """

    which: str
    workers: int
    articles: int
    short: int
    rate: float
    cpu_rate: float
    start_s: float
    short_mb: float
    long_mb: float


class ExtractionResult(msgspec.Struct, frozen=True):
    """All of it."""

    ends: list[Ends]
    sifted: list[Sifted]

    def end(self, which: str, workers: int) -> Ends | None:
        """From JSON lines to the ledger, of these articles."""
        return next((one for one in self.ends if (one.which, one.workers) == (which, workers)), None)


def bodies(gold: Path | None) -> list[dict[str, Any]]:
    """Annotated articles: the training articles of a folder, else those of the corpus."""
    paths = sorted((gold or DATA / "corpus").glob("train-*.json"))
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


def sifting(name: str, articles: Sequence[Article], which: str) -> Sifted:
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
    (fast, quick), (slow, long) = ([len(articles) / each for each in spent[sift]] for sift in (True, False))
    return Sifted(name, which, len(articles), fast, quick, slow, long, *differences(found[True], found[False]))


def ingested(articles: Sequence[dict[str, str]], workers: int) -> tuple[float, float, float]:
    """Wall and CPU seconds from JSON lines to a new ledger, and the most memory (MB) of any one process of it."""
    with tempfile.TemporaryDirectory() as folder:
        lines, ledger = Path(folder) / "articles.jsonl", Path(folder) / "ledger.sqlite"
        lines.write_text("".join(json.dumps(body) + "\n" for body in articles), encoding="utf-8")
        words = [sys.executable, "-m", "tests.benchmarks.extraction", "--ingest", str(lines)]
        words += ["--workers", str(workers)]
        start, before = time.perf_counter(), _of_children()
        environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{ledger}"}
        done = subprocess.run(words, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
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


def ends(articles: Sequence[dict[str, str]], short: int, which: str, workers: int) -> Ends:
    """From JSON lines to the ledger: so few of these articles, then all of them."""
    many = len(articles) - short
    some_s, some_cpu, some_mb = ingested(articles[:short], workers)
    all_s, all_cpu, all_mb = ingested(articles, workers)
    # A run of a few articles may take as long as one of some more.
    wall = all_s - some_s if all_s > some_s else all_s
    cpu = all_cpu - some_cpu if all_cpu > some_cpu else all_cpu
    return Ends(
        which, workers, many, short, many / wall, many / cpu, max(some_s - short * wall / many, 0.0), some_mb, all_mb
    )


def measure(
    gold: Path | None,
    bench: Path | None,
    short: int = 300,
    long: int = 3_000,
    part: int = 200,
    say: Callable[[str], None] = lambda _: None,
) -> ExtractionResult:
    """Everything. `gold` and `bench` may be None; the cue test is measured on `part` articles of each stream."""
    annotated = bodies(gold)
    dense = [plain(body) for body in annotated if body["claims"]]
    written = [plain(body) for body in annotated if not body["claims"]]
    local = local_news(bench) if bench is not None else []
    streams = {DENSE: list[dict[str, str]](), LOCAL: local, NEAR: written}
    found, sifted = list[Ends](), list[Sifted]()
    for which, bare in streams.items():
        if which != DENSE and not bare:
            continue
        # What is dense with claims is parsed, which takes its time.
        share = 1 if bare else 8
        stream = mixed(dense, bare)
        news = [next(stream) for _ in range(max(long // share, 2))]
        few = max(min(short // share, len(news) // 2), 1)
        # One worker is there to be compared with two: a quarter of the articles will do.
        runs = [(news, few, 2), (news[: max(len(news) // 4, 2)], max(few // 4, 1), 1)]
        # One stream is enough from end to end.
        for articles, start, workers in runs if which != NEAR or not local else []:
            one = ends(articles, start, which, workers)
            found.append(one)
            say(f"  {which}, {workers} worker(s): {one.rate:.1f} articles/s, {one.cpu_rate:.1f} a CPU second")
        # What is dense with claims is most of the annotated articles, all of which follow.
        if bare:
            sifted.append(sifting("hybrid", [article(body) for body in news[:part]], which))
    corpus = [article(plain(body)) for body in annotated]
    for name in _MAKERS:
        sifted.append(sifting(name, corpus, f"all {len(corpus)} annotated articles"))
        say(f"  {name}: {sifted[-1].differ} of {len(corpus)} readings differ from those of the full parse")
    return ExtractionResult(found, sifted)


def told(found: ExtractionResult) -> Told:
    """Goals and tables."""
    goals = []
    stream = found.end(LOCAL, 2) or found.end(NEAR, 2)
    for one, least in ((stream, 40.0), (found.end(DENSE, 2), 10.0)):
        if one is None:
            continue
        what = f"from JSON lines to the ledger with 2 workers, {one.which}"
        apart = f"start of {one.start_s:.0f} s told apart"
        goals.append(Goal(what, f"≥ {least:g} articles/s", f"{one.rate:.1f}/s ({apart})", one.rate >= least))
        own = 2 * one.cpu_rate
        beside = f"{own:.1f}/s ({one.cpu_rate:.1f} for each second of a core)"
        goals.append(
            Goal("the same by processor time, were two cores its own", f"≥ {least:g} articles/s", beside, own >= least)
        )
    goals += [
        Goal(
            f"{each.extractor}: readings beside those of the full parse, {each.which}",
            "the same, byte for byte",
            f"{each.differ} of {each.articles} differ",
            not each.differ,
        )
        for each in found.sifted[-len(_MAKERS) :]
    ]
    if stream is not None:
        many = stream.short + stream.articles
        beside = f"{stream.long_mb:,.0f} MB after {many:,} articles; {stream.short_mb:,.0f} MB after {stream.short:,}"
        goals.append(
            at_most(
                "most memory of a process, of a run ten times as long", stream.long_mb / stream.short_mb, 1.1, beside
            )
        )
    rows = []
    for one in found.ends:
        single = found.end(one.which, 1)
        beside = f"{one.rate / single.rate:.2f}×" if single is not None and one.workers > 1 else ""
        rows.append(
            [one.which, str(one.workers), f"{one.articles:,}", f"{one.rate:.1f}", beside, f"{one.cpu_rate:.1f}",
             f"{one.start_s:.1f}", f"{one.long_mb:,.0f}"]
        )  # fmt: skip
    head = [
        "articles", "workers", "number", "articles/s", "beside one worker", "articles for each CPU second",
        "start, seconds", "most MB of a process",
    ]  # fmt: skip
    sifted = [
        [f"{one.extractor}, {one.which}", f"{one.cpu_rate:.1f}", f"{one.full_cpu_rate:.1f}",
         times(one.cpu_rate / one.full_cpu_rate), f"{one.differ} of {one.articles}", str(one.differ_in_claims)]
        for one in found.sifted
    ]  # fmt: skip
    heads = [
        "one process",
        "articles for each CPU second",
        "of the full parse",
        "ratio",
        "readings differ",
        "in claims",
    ]
    return goals, [
        Table("From JSON lines to the ledger (`polemos ingest`)", head, rows),
        Table("What the cue test saves, and whether it changes anything", heads, sifted),
    ]


def main() -> None:
    """Measure, print, and keep the figures where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, help="folder of annotated articles; the corpus where left out")
    parser.add_argument("--bench", type=Path, help="folder that holds places/lgl.xml.gz")
    parser.add_argument("--short", type=int, default=300, help="articles of the short run of a stream")
    parser.add_argument("--long", type=int, default=3_000, help="articles of the long run")
    parser.add_argument("--part", type=int, default=200, help="articles on which the cue test is measured")
    parser.add_argument("--json", type=Path, help="keep the figures here")
    parser.add_argument("--ingest", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=1, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ingest is not None:
        ingest_once(given.ingest, given.workers)
        return
    found = measure(given.gold, given.bench, given.short, given.long, given.part, print)
    print(shown(told(found)))
    if given.json is not None:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


if __name__ == "__main__":
    main()
