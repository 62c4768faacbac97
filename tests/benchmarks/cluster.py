"""What a cluster brings and costs: articles a second with one worker and with two, cores, memory, the client's part.

`python -m tests.benchmarks.cluster [--articles N] [--rounds N] [--extractor NAME] [--relate N] [--json FILE]` starts a
scheduler and workers on loopback. The articles are those of the corpus, each several times with other days, so that no
article comes twice. Rounds are interleaved; one process without a cluster, which others are held against, reads once.
Cores are counted by the processor time of the workers, which says what a million articles cost also where others use
the machine. With `--relate`, articles that copy each other are judged by two workers and by one process.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from app.ledger import Ledger, open_ledger
from app.linking import Acts
from app.pipeline import LocalRunner, Relations, ingest
from app.pipeline.cluster import connect
from app.pipeline.cluster_ingest import Inputs, ingest_on_cluster
from app.pipeline.cluster_relating import relate
from app.pipeline.cluster_work import installed_acts, installed_gazetteer, installed_recipe, memory
from tests.benchmarks.figures import Goal, Table, Told, at_least, shown
from tests.clusters import Machines

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "graph_data"


def corpus() -> list[dict[str, Any]]:
    """The articles of the corpus."""
    lines = (DATA / "corpus" / "data" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def articles(count: int) -> Iterator[dict[str, Any]]:
    """So many articles, no two alike."""
    told = corpus()
    for number in range(count):
        one, turn = told[number % len(told)], number // len(told)
        text = one["text"] + (f"\nThis report was updated for edition {turn}." if turn else "")
        day = f"20{10 + turn % 10}-{1 + turn // 10 % 12:02}-15" if turn else one.get("published")
        yield {"title": one.get("title"), "text": text, "published": day, "publisher": one.get("publisher")}


def seconds() -> float:
    """Processor time that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def records(ledger: Ledger) -> int:
    """A number that tells two ledgers with the same records from others."""
    digest = hashlib.sha256()
    for row in sorted(row for _, row in ledger.rows()):
        digest.update(repr(row).encode())
    return int(digest.hexdigest()[:8], 16)


class Case(msgspec.Struct, frozen=True):
    """One run.

    Attributes:
        reading_s: Processor seconds of the workers.
        own_s: Processor seconds of the client: of all that one process does, where there is no cluster.
        worker_mb: The most resident memory of a worker; 0 without a cluster.
        records: A number that tells ledgers with other records apart.
    """

    case: str
    articles: int
    seconds: float
    reading_s: float
    own_s: float
    worker_mb: float
    client_mb: float
    records: int

    @property
    def rate(self) -> float:
        """Articles a second."""
        return self.articles / self.seconds


class Judged(msgspec.Struct, frozen=True):
    """Judging articles that copy each other: seconds by one process, reading included, and by two workers."""

    articles: int
    judgements: int
    alone_s: float
    cluster_s: float
    worker_mb: float
    same: bool


class ClusterResult(msgspec.Struct, frozen=True):
    """All runs, with which extractor, and what judging took."""

    extractor: str
    runs: list[Case]
    judged: Judged | None

    def median(self, case: str, value: Callable[[Case], float]) -> float:
        """Over the rounds of a case."""
        return statistics.median(value(one) for one in self.runs if one.case == case)

    def medians(self, case: str) -> tuple[float, float, float, float, float]:
        """Articles a second, core-seconds of reading and of the client, megabytes of a worker and of the client."""
        return (
            self.median(case, lambda run: run.rate),
            self.median(case, lambda run: run.reading_s),
            self.median(case, lambda run: run.own_s),
            self.median(case, lambda run: run.worker_mb),
            self.median(case, lambda run: run.client_mb),
        )


ALONE = "one process"
CASES = (ALONE, "1 worker", "2 workers")


def on_cluster(workers: int, path: Path, extractor: str, folder: Path, chunk: int) -> Case:
    """One run with so many workers, their extractors made beforehand."""
    machines = Machines(folder / f"machines-{time.monotonic_ns()}", {"PYTHONPATH": str(ROOT)})
    try:
        with connect(machines.start(workers).address) as cluster:
            cluster.client.wait_for_workers(workers, timeout=120)
            kit = cluster.kit(installed_recipe(extractor, None), installed_gazetteer, installed_acts)
            warm = folder / f"warm-{time.monotonic_ns()}.jsonl"
            warm.write_text(path.read_text(encoding="utf-8").split("\n", 1)[0] + "\n", encoding="utf-8")
            from app.intake.parts import Part
            from app.pipeline import cluster_work as work

            part = Part(str(warm), "whole", 0, 0)
            for address in cluster.client.nthreads():
                read = cluster.client.submit(work.read_parts, kit, [part], workers=[address], pure=False)
                cluster.client.submit(work.extract, kit, read, [0], {}, workers=[address], pure=False).result()
            before, mine = sum(cluster.client.run(seconds).values()), seconds()
            with closing(open_ledger(f"sqlite:///{folder}/{time.monotonic_ns()}.sqlite")) as ledger:
                start = time.perf_counter()
                gazetteer = installed_gazetteer()
                known = Relations(gazetteer, installed_acts())
                report = ingest_on_cluster(
                    Inputs(cluster, kit, [str(path)], chunk=chunk),
                    cluster,
                    kit,
                    ledger,
                    gazetteer=gazetteer,
                    relations=known,
                    chunk=chunk,
                )
                wall, mine = time.perf_counter() - start, seconds() - mine
                held = records(ledger)
            return Case(
                f"{workers} worker{'s' if workers > 1 else ''}",
                report.added,
                wall,
                sum(cluster.client.run(seconds).values()) - before,
                mine,
                max(cluster.client.run(memory).values()) / 1e6,
                memory() / 1e6,
                held,
            )
    finally:
        machines.stop()


def related(count: int, folder: Path) -> Judged:
    """Judging recorded articles on two workers, beside one process: seconds, and the most memory that each took."""
    from tests.pipeline.press import acts, press_recipe, stories, write_lines

    path = write_lines(folder / "stories.jsonl", stories(count))
    from app.intake import read

    gazetteer = installed_gazetteer()
    url = f"sqlite:///{folder}/judged.sqlite"
    with closing(open_ledger(url)) as ledger, closing(open_ledger(f"sqlite:///{folder}/here.sqlite")) as here:
        report = ingest(read(str(path)), ledger=ledger, recipe=press_recipe(), gazetteer=gazetteer)
        start = time.perf_counter()
        ingest(
            read(str(path)),
            ledger=here,
            recipe=press_recipe(),
            gazetteer=gazetteer,
            relations=Relations(gazetteer, acts()),
        )
        alone = time.perf_counter() - start
        machines = Machines(folder / "relating")
        try:
            with connect(machines.start(2).address) as cluster:
                kit = cluster.kit(press_recipe(), installed_gazetteer, installed_acts)
                start = time.perf_counter()
                judged = relate(cluster, kit, url, ledger, report.articles)
                wall = time.perf_counter() - start
                most = max(cluster.client.run(memory).values()) / 1e6
        finally:
            machines.stop()
        same = sorted(row for _, row in ledger.rows()) == sorted(row for _, row in here.rows())
    return Judged(count, judged, alone, wall, most, same)


def alone(path: Path, extractor: str, folder: Path) -> Case:
    """One process, as without a cluster."""
    from app.intake import read

    how = installed_recipe(extractor, None)
    made = how.make()
    gazetteer = installed_gazetteer()
    with closing(open_ledger(f"sqlite:///{folder}/{time.monotonic_ns()}.sqlite")) as ledger:
        known = Relations(gazetteer, Acts.load(DATA / "lexicons" / "acts.tsv"))
        start, mine = time.perf_counter(), seconds()
        report = ingest(
            read(str(path)),
            ledger=ledger,
            recipe=type(how)(how.name, lambda: made),
            gazetteer=gazetteer,
            relations=known,
            runner=LocalRunner(),
        )
        wall, mine = time.perf_counter() - start, seconds() - mine
        return Case(ALONE, report.added, wall, 0.0, mine, 0.0, memory() / 1e6, records(ledger))


def measure(
    articles_: int,
    rounds: int,
    *,
    extractor: str = "hybrid",
    chunk: int = 25,
    relate_: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> ClusterResult:
    """One worker and two in turn, one process once; then judging, where `relate_` says of how many articles."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "news.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in articles(articles_)), encoding="utf-8")
        found = []
        for _ in range(rounds):
            for workers in (1, 2):
                found.append(on_cluster(workers, path, extractor, folder, chunk))
                say(f"  {found[-1].case}: {found[-1].rate:.1f} articles/s, {found[-1].reading_s:.0f} core-seconds")
        # The last, for a client does not load what reads.
        found.append(alone(path, extractor, folder))
        say(f"  {ALONE}: {found[-1].rate:.1f} articles/s")
        judged = related(relate_, folder) if relate_ else None
    return ClusterResult(extractor, found, judged)


def told(found: ClusterResult) -> Told:
    """Goals and tables, of medians."""
    one, two = (found.median(case, lambda run: run.rate) for case in CASES[1:])
    costs = {case: found.median(case, lambda run: 1e6 / run.articles * run.reading_s / 3600) for case in CASES[1:]}
    same = len({run.records for run in found.runs}) == 1
    beside = f"{two:.1f}/s; {one:.1f}/s; {costs['2 workers'] / costs['1 worker']:.2f}× the processor time"
    records_ = "the same records" if same else "not the same"
    goals = [
        at_least("articles a second with two workers beside one, on two cores", two / one, 1.6, beside),
        Goal("what a cluster stores beside one process", "the same, byte for byte", records_, same),
    ]
    rows = []
    for case in CASES:
        rate, reading, own, worker, client = found.medians(case)
        parts = ["", f"{own:.0f}", "", "", f"{client:,.0f}"]
        if case != ALONE:
            parts = [f"{reading:.0f}", f"{own:.1f}", f"{costs[case]:.0f}", f"{worker:,.0f}", f"{client:,.0f}"]
        rows.append([case, f"{rate:.1f}", *parts])
    head = [
        "case", "articles a second", "reading, core-seconds", "own part, core-seconds",
        "reading a million articles, core-hours", "MB a worker", "MB of the client",
    ]  # fmt: skip
    title = f"{found.runs[0].articles:,} articles of the corpus, nearly each with claims, read by {found.extractor}"
    tables = [Table(title, head, rows)]
    if found.judged is not None:
        judged = found.judged
        told_ = "the same judgements" if judged.same else "other judgements"
        goals.append(
            Goal("how articles hang together, judged on a cluster", "the same, byte for byte", told_, judged.same)
        )
        tables.append(
            Table(
                f"Judging {judged.articles:,} invented articles that copy each other: {judged.judgements:,} judgements",
                ["by", "seconds", "MB a worker"],
                [["one process, reading included", f"{judged.alone_s:.0f}", ""],
                 ["two workers", f"{judged.cluster_s:.0f}", f"{judged.worker_mb:,.0f}"]],
            )
        )  # fmt: skip
    return goals, tables


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--chunk", type=int, default=25)
    parser.add_argument("--extractor", default="hybrid")
    parser.add_argument("--relate", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = measure(
        given.articles, given.rounds, extractor=given.extractor, chunk=given.chunk, relate_=given.relate, say=print
    )
    print(shown(told(found)))
    if given.json is not None:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


if __name__ == "__main__":
    main()
