"""How soon several services know of what was stored in the one PostgreSQL ledger that they answer from.

`python -m tests.benchmarks.replicas [--articles N] [--rate N] [--services N] [--json FILE]`. In: invented articles,
appended at a steady rate to a throw-away PostgreSQL cluster, while each service is asked again and again. Out: for each
service the time from an article's commit until `/claims/{id}` answers with its claim (median, 99th of a hundred, most),
how many answers it gave meanwhile, and whether any failed; at the end all of them hold the same.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import threading
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from app.extraction import ReadingBuilder
from app.ledger import Batch, open_ledger
from app.linking import link
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article
from app.vocabulary.terms import ClaimType, Modality, NodeKind
from tests.postgres import Cluster, programs
from tests.serving import Service, start

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


@dataclass(slots=True)
class Seen:
    """What one service was seen to do."""

    lags: list[float] = field(default_factory=list)
    answers: int = 0
    failures: int = 0


def told(number: int, gazetteer: Gazetteer) -> tuple[Batch, str]:
    """An article with one claim, and the claim's id."""
    article = Article("", f"Sudan accused Chad of shelling village {number}.", "2031-05-04", "Replica Times")
    builder = ReadingBuilder(article, "by-hand@1")
    at = builder.locate(article.text)
    assert at is not None
    who, whom = (builder.mention(NodeKind.ACTOR, name, at) for name in ("Sudan", "Chad"))
    claim = builder.claim(
        ClaimType.ACCUSES, speaker=who, source=who, target=whom, modality=Modality.ASSERTED, evidence=at
    )
    assert claim is not None
    reading = builder.reading()
    found = link(reading, gazetteer)
    return Batch([article], [reading], found.actors, found.places, found.decisions), claim


def watch(service: Service, stored: list[tuple[str, float]], is_over: threading.Event, seen: Seen) -> None:
    """Ask for each claim as soon as it is stored until it is there, and note how long that took."""
    with httpx.Client(base_url=service.url, timeout=30, trust_env=False) as client:
        number = 0
        while not (is_over.is_set() and number == len(stored)):
            if number == len(stored):
                time.sleep(0.001)
                continue
            claim, since = stored[number]
            status = client.get(f"/claims/{claim}").status_code
            seen.answers += 1
            if status == 200:
                seen.lags.append(time.perf_counter() - since)
                number += 1
            elif status != 404 or time.perf_counter() - since > PATIENCE_SECONDS:
                seen.failures += 1
                number += 1


def measure(articles: int, rate: float, services: int) -> tuple[list[Seen], list[tuple[int, int]], float]:
    """What each service was seen to do, revision and claims of each at the end, and articles stored a second."""
    found = programs()
    if found is None:
        raise SystemExit("skipped: no PostgreSQL server is installed")
    gazetteer = Gazetteer.load(ROOT / "graph_data" / "gazetteers")
    stored: list[tuple[str, float]] = []
    seen = [Seen() for _ in range(services)]
    is_over = threading.Event()
    with ExitStack() as open_:
        cluster = Cluster(found)
        open_.callback(cluster.remove)
        cluster.make()
        url = cluster.url()
        ledger = open_.enter_context(closing(open_ledger(url)))
        ledger.append(told(-1, gazetteer)[0])
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POLEMOS_")}
        settings = {**kept, "POLEMOS_LEDGER": url, "POLEMOS_RATE_PER_ADDRESS": "0", "POLEMOS_EXTRACTOR": "rules"}
        running = [start(environment=settings) for _ in range(services)]
        for service in running:
            open_.callback(service.process.kill)
        for service in running:
            service.wait(120)
        watching = [
            threading.Thread(target=watch, args=(service, stored, is_over, one), daemon=True)
            for service, one in zip(running, seen, strict=True)
        ]
        for thread in watching:
            thread.start()
        began = time.perf_counter()
        for number in range(articles):
            batch, claim = told(number, gazetteer)
            time.sleep(max(0.0, began + number / rate - time.perf_counter()))
            ledger.append(batch)
            stored.append((claim, time.perf_counter()))
        took = time.perf_counter() - began
        is_over.set()
        for thread in watching:
            thread.join(2 * PATIENCE_SECONDS)
        health = [httpx.get(f"{service.url}/health", timeout=30, trust_env=False).json() for service in running]
    return seen, [(one["revision"], one["claims"]) for one in health], articles / took


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--rate", type=float, default=20.0, help="articles a second")
    parser.add_argument("--services", type=int, default=3)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    seen, ends, rate = measure(asked.articles, asked.rate, asked.services)
    rows = []
    for number, (one, end) in enumerate(zip(seen, ends, strict=True), 1):
        lags = sorted(one.lags) or [float("nan")]
        row = {
            "service": number,
            "median_ms": 1000 * statistics.median(lags),
            "p99_ms": 1000 * lags[int(0.99 * (len(lags) - 1))],
            "most_ms": 1000 * lags[-1],
            "answers": one.answers,
            "failures": one.failures,
            "revision": end[0],
            "claims": end[1],
        }
        rows.append(row)
        print(" | ".join(f"{name} {round(value, 1)}" for name, value in row.items()))
    print(f"{asked.articles} articles at {rate:.1f} a second, one commit each, {asked.services} services")
    if asked.json is not None:
        asked.json.write_text(json.dumps({"articles_per_second": rate, "services": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
