"""How soon several services know of what was stored in the one PostgreSQL ledger that they answer from.

`python -m tests.benchmarks.replicas [--articles N] [--rate N …] [--services N] [--json FILE]`. In: invented articles,
appended at a steady rate to a throw-away PostgreSQL cluster, while each service is asked again and again. Out: for each
service the time from an article's commit until `/claims/{id}` answers with its claim (median, 99th of a hundred, most),
how many answers it gave meanwhile, and whether any failed; at the end all of them hold the same.
"""

from __future__ import annotations

import argparse
import os
import statistics
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec

from app.extraction import ReadingBuilder
from app.ledger import Batch, open_ledger
from app.linking import link
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article
from app.vocabulary.terms import ClaimType, Modality, NodeKind
from tests.benchmarks.figures import Goal, Skipped, Table, Told, shown
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


def article_of(number: int, gazetteer: Gazetteer) -> tuple[Batch, str]:
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


class Replica(msgspec.Struct, frozen=True):
    """One service: milliseconds from a commit until it answers with the claim, and what it held at the end."""

    median_ms: float
    p99_ms: float
    most_ms: float
    answers: int
    failures: int
    revision: int
    claims: int


class Replicas(msgspec.Struct, frozen=True):
    """All services on one ledger, at one rate of articles a second; `rate` is what came of the rate that was wanted."""

    wanted_rate: float
    rate: float
    articles: int
    services: list[Replica]


def measure(articles: int, rate: float, services: int) -> Replicas:
    """Append so many articles at this rate to a new PostgreSQL ledger, while so many services answer from it.

    Raises:
        Skipped: No PostgreSQL server is installed.
    """
    found = programs()
    if found is None:
        raise Skipped("no PostgreSQL server is installed")
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
        ledger.append(article_of(-1, gazetteer)[0])
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
            batch, claim = article_of(number, gazetteer)
            time.sleep(max(0.0, began + number / rate - time.perf_counter()))
            ledger.append(batch)
            stored.append((claim, time.perf_counter()))
        took = time.perf_counter() - began
        is_over.set()
        for thread in watching:
            thread.join(2 * PATIENCE_SECONDS)
        health = [httpx.get(f"{service.url}/health", timeout=30, trust_env=False).json() for service in running]
    rows = []
    for one, end in zip(seen, health, strict=True):
        lags = [1000 * lag for lag in sorted(one.lags)] or [float("inf")]
        median, late = statistics.median(lags), lags[int(0.99 * (len(lags) - 1))]
        rows.append(Replica(median, late, lags[-1], one.answers, one.failures, end["revision"], end["claims"]))
    return Replicas(rate, articles / took, articles, rows)


def told(found: Sequence[Replicas]) -> Told:
    """Goals and tables."""
    every = [one for each in found for one in each.services]
    late, failures = max(one.p99_ms for one in every), sum(one.failures for one in every)
    alike = all(len({(one.revision, one.claims) for one in each.services}) == 1 for each in found)
    # One claim stood there before.
    whole = all(one.claims == each.articles + 1 for each in found for one in each.services)
    number = max(len(each.services) for each in found)
    goals = [
        Goal(f"{number} services know what was stored: 99 of a hundred, the slowest of them", "≤ 1 s", f"{late:.0f} ms",
             late <= 1000),
        Goal("answers of services on one ledger under ingest", "no failure",
             f"{failures} of {sum(one.answers for one in every):,}", not failures),
        Goal("at the end all services hold", "the same, and all of it",
             "the same claims at the same revision" if alike and whole else "not the same", alike and whole),
    ]  # fmt: skip
    head = ["articles a second", "service", "median ms", "99 of a hundred, ms", "most ms", "answers", "failures"]
    rows = [
        [f"{each.rate:.0f}", str(number), *(f"{one:.1f}" for one in (row.median_ms, row.p99_ms, row.most_ms)),
         f"{row.answers:,}", str(row.failures)]
        for each in found for number, row in enumerate(each.services, 1)
    ]  # fmt: skip
    return goals, [Table("From the commit until a service answers with the claim", head, rows)]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--rate", type=float, nargs="*", default=[20.0], help="articles a second")
    parser.add_argument("--services", type=int, default=3)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    try:
        found = [measure(asked.articles, rate, asked.services) for rate in asked.rate]
    except Skipped as why:
        raise SystemExit(f"skipped: {why}") from why
    print(shown(told(found)))
    if asked.json is not None:
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


if __name__ == "__main__":
    main()
