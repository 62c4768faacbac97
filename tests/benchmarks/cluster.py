"""What a cluster brings and costs: articles a second with one worker and with two, cores, memory, the client's part.

`python -m tests.benchmarks.cluster [--articles N] [--rounds N] [--extractor NAME] [--cases CASE …] [--relate N]`
starts a scheduler and workers on loopback. The articles are those of the corpus, each several times with other days, so
that no article comes twice. Rounds are interleaved. Cores are counted by the processor time of the workers, which says
what a million articles cost also where others use the machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from app.ledger import Ledger, open_ledger
from app.linking import Acts
from app.pipeline import LocalRunner, Relations, ingest
from app.pipeline.cluster import connect
from app.pipeline.cluster_ingest import Inputs, ingest_on_cluster
from app.pipeline.cluster_relating import relate
from app.pipeline.cluster_work import installed_acts, installed_gazetteer, installed_recipe, memory
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


def records(ledger: Ledger) -> float:
    """A number that tells two ledgers with the same records from others."""
    digest = hashlib.sha256()
    for row in sorted(row for _, row in ledger.rows()):
        digest.update(repr(row).encode())
    return int(digest.hexdigest()[:8], 16)


def on_cluster(workers: int, path: Path, extractor: str, folder: Path, chunk: int) -> dict[str, float]:
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
            return {
                "articles": report.added,
                "articles/s": report.added / wall,
                "reading, core-seconds": sum(cluster.client.run(seconds).values()) - before,
                "writing, core-seconds": mine,
                "MB a worker": max(cluster.client.run(memory).values()) / 1e6,
                "client MB": memory() / 1e6,
                "records": held,
            }
    finally:
        machines.stop()


def related(count: int, folder: Path) -> dict[str, float]:
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
    return {"articles": count, "judgements": judged, "one process, s (reading included)": alone, "two workers, s": wall,
            "MB a worker": most, "same": float(same)}  # fmt: skip


def alone(path: Path, extractor: str, folder: Path) -> dict[str, float]:
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
        return {
            "articles": report.added,
            "articles/s": report.added / wall,
            "core-seconds in all": mine,
            "records": records(ledger),
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--chunk", type=int, default=50)
    parser.add_argument("--extractor", default="hybrid")
    parser.add_argument("--cases", nargs="+", default=["one process", "1 worker", "2 workers"])
    parser.add_argument("--relate", type=int, default=0)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if told.relate:
            print(json.dumps(related(told.relate, folder)), flush=True)
            return
        path = folder / "news.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in articles(told.articles)), encoding="utf-8")
        found: dict[str, list[dict[str, float]]] = {}
        for _ in range(told.rounds):
            for case in told.cases:
                if case == "one process":
                    one = alone(path, told.extractor, folder)
                else:
                    one = on_cluster(int(case[0]), path, told.extractor, folder, told.chunk)
                found.setdefault(case, []).append(one)
                print(case, json.dumps(one), file=sys.stderr, flush=True)
        keys = list(dict.fromkeys(key for runs in found.values() for key in runs[0] if key != "records"))
        same = len({run["records"] for runs in found.values() for run in runs}) == 1
        print(f"| case | {' | '.join(keys)} |\n|{' --- |' * (len(keys) + 1)}")
        for case, runs in found.items():
            cells = [f"{statistics.median(run[key] for run in runs):,.1f}" if key in runs[0] else "" for key in keys]
            print(f"| {case} | {' | '.join(cells)} |")
        print("all made the same records" if same else "THE RECORDS DIFFER")


if __name__ == "__main__":
    main()
