"""How fast a ledger takes claims in, and how fast the graph of half a million is there again.

`python -m tests.benchmarks.ledger FOLDER`, where FOLDER holds the ledger that `tests.benchmarks.icews` made. Out:
claims a second into a new SQLite ledger and into a new PostgreSQL ledger (a throw-away cluster on this machine), beside
the same bytes put into a bare table; how long an append takes to be known to another process; a cold start row by row
and from a snapshot, each in a process of its own; backup and check.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from app.ledger import Batch, Entry, Ledger, open_ledger
from app.ledger.checking import check
from app.ledger.copying import backup
from app.ledger.rows import row_of
from app.pipeline import fold_ledger
from app.vocabulary.records import Article, Reading
from tests.postgres import Cluster, programs

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = 100_000
NEWS = 200


def batches(ledger: Ledger, claims: int) -> Iterator[tuple[int, list[Entry]]]:
    """Revisions of a ledger with how many claims each brings, until there are so many."""
    found = 0
    for _, group in groupby(ledger.entries(), itemgetter(0)):
        entries = [entry for _, entry in group]
        count = sum(len(entry.claims) for entry in entries if isinstance(entry, Reading))
        yield count, entries
        found += count
        if found >= claims:
            return


def writes(source: Ledger, folder: Path) -> None:
    """Claims a second, batch by batch in turn, so that all meet the same noise."""
    given = list(batches(source, CLAIMS))
    urls = {"SQLite ledger": f"sqlite:///{folder / 'written.sqlite'}"}
    found = programs()
    cluster = Cluster(found) if found is not None else None
    if cluster is not None:
        cluster.make()
        urls["PostgreSQL ledger"] = cluster.url("polemos")
    targets = {name: open_ledger(url) for name, url in urls.items()}
    bare = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE rows (kind TEXT, id TEXT, body BLOB, text TEXT)")
    wall = dict.fromkeys((*targets, "bare SQLite table"), 0.0)
    try:
        for number, (_, entries) in enumerate(given):
            at = f"2031-05-04T00:00:{number:02d}.000+00:00"
            for name, target in targets.items():
                start = time.perf_counter()
                target.append(Batch.of(entries), at=at)
                wall[name] += time.perf_counter() - start
            start = time.perf_counter()
            bare.execute("BEGIN")
            bare.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", map(row_of, entries))
            bare.execute("COMMIT")
            wall["bare SQLite table"] += time.perf_counter() - start
        count = sum(number for number, _ in given)
        print(f"writes: {count} claims in {len(given)} batches")
        for name, seconds in wall.items():
            ratio = seconds / wall["bare SQLite table"]
            print(f"  {name:20} {count / seconds:10,.0f} claims/s   {ratio:.2f}× the bare table's time")
        same = len({target.digest(len(given)) for target in targets.values()}) == 1
        print(f"  the ledgers have the same digest: {same}")
        for name, target in targets.items():
            heard(name, target, urls[name])
    finally:
        for target in targets.values():
            target.close()
        if cluster is not None:
            cluster.remove()


def heard(name: str, target: Ledger, url: str) -> None:
    """Milliseconds from the return of `append` until somebody who waits elsewhere knows the revision."""
    took = []
    with closing(open_ledger(url)) as other:
        for number in range(NEWS):
            known, at = target.revision, [0.0]

            def listen(known: int = known, at: list[float] = at) -> None:
                other.wait(known, 5)
                at[0] = time.perf_counter()

            waiting = threading.Thread(target=listen)
            waiting.start()
            time.sleep(0.005)
            target.append(Batch([Article("News", f"{number}")]))
            done = time.perf_counter()
            waiting.join()
            took.append(max(0.0, at[0] - done) * 1000)
    quantiles = statistics.quantiles(took, n=20)
    print(f"  {name}: known elsewhere {statistics.median(took):.1f} ms after the append, p95 {quantiles[-1]:.1f} ms")


def start_once(url: str, snapshots: Path | None) -> None:
    """Open a ledger and fold it, in this process; prints seconds of wall and CPU, and memory."""
    wall, cpu = time.perf_counter(), time.process_time()
    with closing(open_ledger(url)) as ledger:
        graph = fold_ledger(ledger, snapshots=snapshots)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(time.perf_counter() - wall, time.process_time() - cpu, peak, len(graph.claims))


def started(ledger: Path, folder: Path) -> dict[str, list[float]]:
    """Cold starts, each in a new process: seconds of wall and CPU, peak MB and claims, by how."""
    url, snapshots = f"sqlite:///{ledger}", folder / "snapshots"
    rows = {}
    for name, kept in (
        ("row by row", None),
        ("row by row, and a snapshot written", snapshots),
        ("snapshot", snapshots),
    ):
        words = [sys.executable, "-m", "tests.benchmarks.ledger", str(ledger.parent), "--start", url]
        words += ["--snapshots", str(kept)] if kept is not None else []
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
        rows[name] = [float(word) for word in done.stdout.split()]
    return rows


def starts(ledger: Path, folder: Path) -> None:
    """Print the cold starts, and how large a snapshot is."""
    rows = started(ledger, folder)
    plain, snapshots = rows["row by row"], folder / "snapshots"
    print(f"cold start of {plain[3]:,.0f} claims")
    for name, (wall, cpu, peak, _) in rows.items():
        told = f"{wall:7.1f} s   {cpu:7.1f} s CPU   {peak:7,.0f} MB   {cpu / plain[1]:.2f}× row by row (CPU)"
        print(f"  {name:36} {told}")
    size = sum(path.stat().st_size for path in snapshots.rglob("*") if path.is_file())
    print(f"  the snapshot takes {size / 1e6:,.0f} MB, the ledger {ledger.stat().st_size / 1e6:,.0f} MB")


def keeping(source: Ledger, folder: Path) -> None:
    """Backup and check."""
    start = time.perf_counter()
    backup(source, folder / "backup.sqlite")
    copied = time.perf_counter() - start
    start = time.perf_counter()
    flaws = sum(1 for _ in check(source))
    print(f"backup {copied:.1f} s; check {time.perf_counter() - start:.1f} s, {flaws} flaws")


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where tests.benchmarks.icews put its ledger")
    parser.add_argument("--start", metavar="URL", help="only fold this ledger, and say how long it took")
    parser.add_argument("--snapshots", type=Path)
    given = parser.parse_args()
    if given.start:
        start_once(given.start, given.snapshots)
        return
    ledger = (given.folder / "icews18.sqlite").resolve()
    with tempfile.TemporaryDirectory(dir=given.folder) as name, closing(open_ledger(f"sqlite:///{ledger}")) as source:
        writes(source, Path(name))
        keeping(source, Path(name))
        starts(ledger, Path(name))


if __name__ == "__main__":
    main()
