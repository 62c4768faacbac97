"""How much slower the service answers while articles come in.

`python -m tests.benchmarks.during_writes FOLDER`, where FOLDER holds the ledger that `tests.benchmarks.icews` made. In:
a copy of it behind a real server process. Out: the latency of `GET /accusations` over real pairs with dates, at rest,
while another process appends an article four times a second, and at rest again; and the ratio.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

from app.extraction import ReadingBuilder
from app.ledger import Batch, open_ledger
from app.linking import link
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article
from app.vocabulary.terms import ClaimType, Modality, NodeKind

ROOT = Path(__file__).resolve().parents[2]
SEED = 18
ASKED = 400
PAUSE_SECONDS = 0.25
START_SECONDS = 600


def write(url: str, seconds: float) -> None:
    """Append one invented article after the other."""
    gazetteer = Gazetteer([])
    until = time.monotonic() + seconds
    number = 0
    with closing(open_ledger(url)) as ledger:
        while time.monotonic() < until:
            number += 1
            text = f"Norland accused Sudria of crossing the river for the {number}th time."
            article = Article(f"River {os.getpid()} {number}", text, "2031-05-04", "The Courier")
            builder = ReadingBuilder(article, "by-hand@1")
            at = builder.evidence("text", 0, len(text))
            who, whom = (builder.mention(NodeKind.ACTOR, name, at) for name in ("Norland", "Sudria"))
            builder.claim(
                ClaimType.ACCUSES, speaker=who, source=who, target=whom, modality=Modality.ASSERTED, evidence=at
            )
            reading = builder.reading()
            linked = link(reading, gazetteer)
            ledger.append(Batch([article], [reading], linked.actors, linked.places, linked.decisions))
            time.sleep(PAUSE_SECONDS)
    print(f"{number} articles appended")


@contextmanager
def served(url: str) -> Iterator[str]:
    """The service over a ledger, in a process of its own; gives its address once the graph is folded."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "uvicorn", "app.main:app", "--port", str(port), "--log-level", "warning"]
    server = subprocess.Popen(words, cwd=ROOT, env={**os.environ, "POLEMOS_LEDGER": url})
    address = f"http://127.0.0.1:{port}"
    try:
        started = time.monotonic()
        while True:
            try:
                if httpx.get(f"{address}/health", timeout=START_SECONDS).status_code == 200:
                    break
            except httpx.TransportError:
                if server.poll() is not None or time.monotonic() - started > START_SECONDS:
                    raise
                time.sleep(0.5)
        print(f"ready after {time.monotonic() - started:.0f} s")
        yield address
    finally:
        server.terminate()
        server.wait(30)


def pairs(client: httpx.Client) -> list[tuple[str, str]]:
    """Sources and targets of accusations, by name, the rare as often as the frequent."""
    cells = client.get("/matrix", params={"kind": "accuses", "top": 200}).json()["cells"]
    return [(cell["source"], cell["target"]) for cell in cells]


def latencies(client: httpx.Client, asked: list[tuple[str, str]]) -> list[float]:
    """Milliseconds of each question."""
    found = []
    for source, target in asked:
        started = time.perf_counter()
        filters = {"source": source, "target": target, "since": "2018-03-01", "until": "2018-04-30", "limit": "50"}
        client.get("/accusations", params=filters).raise_for_status()
        found.append((time.perf_counter() - started) * 1000)
    return found


def told(what: str, found: list[float]) -> float:
    """Print median and 95th percentile; returns the median."""
    found.sort()
    median = statistics.median(found)
    print(f"{what}: median {median:.2f} ms, 95 % {found[int(0.95 * len(found))]:.2f} ms, slowest {found[-1]:.0f} ms")
    return median


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=60.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write(options.write, options.seconds)
        return
    ledger = options.folder / "icews18.sqlite"
    if not ledger.exists():
        print(f"skipped: {ledger} is not there; python -m tests.benchmarks.icews {options.folder} makes it")
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        copy = Path(scratch) / "ledger.sqlite"
        shutil.copy(ledger, copy)
        url = f"sqlite:///{copy.resolve()}"
        with served(url) as address, httpx.Client(base_url=address, timeout=120) as client:
            asked = random.Random(SEED).choices(pairs(client), k=ASKED)
            latencies(client, asked[:50])
            rest = told("at rest", latencies(client, asked))
            words = [sys.executable, "-m", "tests.benchmarks.during_writes", str(options.folder), "--write", url]
            writer = subprocess.Popen(words, cwd=ROOT)
            try:
                time.sleep(2)
                busy: list[float] = []
                for start in range(0, ASKED, 10):
                    busy += latencies(client, asked[start : start + 10])
                    time.sleep(0.5)
            finally:
                writer.terminate()
                writer.wait(30)
            writing = told("while another process writes", busy)
            # The machine may be shared: what is left of its noise shows in the difference of the two.
            rest = min(rest, told("at rest again", latencies(client, asked)))
            print(f"ratio of medians {writing / rest:.2f} (wanted: at most 2)")


if __name__ == "__main__":
    main()
