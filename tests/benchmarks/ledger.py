"""How fast a ledger takes claims in, and how fast the graph of half a million is there again.

`python -m tests.benchmarks.ledger FOLDER`, where FOLDER holds the ledger that `tests.benchmarks.icews` made. Out:
claims a second into a new SQLite ledger and into a new PostgreSQL ledger (a throw-away cluster on this machine), beside
the same bytes put into a bare table; how long an append takes to be known to another process; backup and check. Then
starts, each in a process of its own: the ledger row by row, two parts of it, and from a snapshot.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import msgspec

from app.graph import ConflictGraph, Slice
from app.ledger import Batch, Entry, Ledger, open_ledger
from app.ledger.checking import check
from app.ledger.copying import backup
from app.ledger.rows import row_of
from app.pipeline import fold_ledger
from app.pipeline.history import bring_up_to_date, keep_snapshot, open_fold
from app.vocabulary.records import Article, Reading
from tests.benchmarks.figures import Goal, Table, Told, at_most, shown, times
from tests.benchmarks.memory import resident
from tests.postgres import Cluster, programs

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = 100_000
NEWS = 200
DAY_OF_NEWS = 240_000
"""Claims: 300,000 articles, of which one in ten holds some, eight each."""


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


class Written(msgspec.Struct, frozen=True):
    """How one store takes claims in.

    Attributes:
        times_bare: Its time as a multiple of that of a bare SQLite table.
        known_ms: From the return of `append` until somebody who waits elsewhere knows the revision: the median; None
            where nobody can wait.
        known_p95_ms: The same for 95 of a hundred.
    """

    store: str
    claims_per_second: float
    times_bare: float
    known_ms: float | None = None
    known_p95_ms: float | None = None


class LedgerResult(msgspec.Struct, frozen=True):
    """All of it; `same_digest` tells whether both stores came to the same digest."""

    claims: int
    batches: int
    stores: list[Written]
    same_digest: bool
    backup_s: float
    check_s: float
    flaws: int


class Start(msgspec.Struct, frozen=True):
    """One start in a process of its own; memory in MB: what stays, and the most meanwhile."""

    how: str
    claims: int
    left_out: int
    seconds: float
    cpu_seconds: float
    resident_mb: float
    peak_mb: float


class Starts(msgspec.Struct, frozen=True):
    """All starts, and how large the snapshot is."""

    starts: list[Start]
    snapshot_mb: float
    ledger_mb: float

    def of(self, how: str) -> Start:
        """The start of this name."""
        return next(one for one in self.starts if one.how == how)


ROW_BY_ROW, FROM_SNAPSHOT = "row by row", "from a snapshot"
LOOKED_AT = "from a snapshot, and all of it looked at"
BARE = "bare SQLite table"


def writes(source: Ledger, folder: Path, news: int) -> tuple[int, int, list[Written], bool]:
    """Claims, batches, each store and whether all have one digest. Batch by batch in turn: all meet the same noise."""
    given = list(batches(source, CLAIMS))
    urls = {"SQLite ledger": f"sqlite:///{folder / 'written.sqlite'}"}
    found = programs()
    with ExitStack() as open_:
        if found is not None:
            cluster = Cluster(found)
            open_.callback(cluster.remove)
            cluster.make()
            urls["PostgreSQL ledger"] = cluster.url("polemos")
        targets = {name: open_.enter_context(closing(open_ledger(url))) for name, url in urls.items()}
        bare = open_.enter_context(closing(sqlite3.connect(folder / "bare.sqlite", isolation_level=None)))
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        bare.execute("CREATE TABLE rows (kind TEXT, id TEXT, body BLOB, text TEXT)")
        wall = dict.fromkeys((*targets, BARE), 0.0)
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
            wall[BARE] += time.perf_counter() - start
        count = sum(number for number, _ in given)
        same = len({target.digest(len(given)) for target in targets.values()}) == 1
        stores = []
        for name, seconds in wall.items():
            known = heard(targets[name], urls[name], news) if name in targets else (None, None)
            stores.append(Written(name, count / seconds, seconds / wall[BARE], *known))
    return count, len(given), stores, same


def heard(target: Ledger, url: str, news: int) -> tuple[float, float]:
    """Milliseconds from the return of `append` until somebody who waits elsewhere knows the revision: median, 95 %."""
    took = []
    with closing(open_ledger(url)) as other:
        for number in range(news):
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
    return statistics.median(took), statistics.quantiles(took, n=20)[-1]


def look(graph: ConflictGraph) -> int:
    """See every claim with its quote, every edge and every actor; how many there are."""
    seen = sum(1 for one in graph.claims.values() if one.claim.evidence.quote)
    return seen + sum(1 for edge in graph.edges() if edge.claims) + sum(1 for one in graph.actors.values() if one.name)


def start_once(url: str, snapshots: Path | None, only: str, looks: bool) -> None:
    """Open a ledger and fold it, or a part of it, in this process; prints a `Start` as JSON.

    A snapshot is used where there is one. Else one is written where a folder is named, after all has been measured.
    What is mapped takes up memory once it `looks` at it: at every claim with its quote, every edge and every actor.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    with closing(open_ledger(url)) as ledger:
        fold = open_fold(ledger, snapshots, only=Slice.parse(only))
        bring_up_to_date(fold, ledger)
        if looks:
            look(fold.graph)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        graph = fold.graph
        found = Start("", len(graph.claims), graph.left_out, wall, cpu, resident() / 1e6, peak)
        if snapshots is not None:
            keep_snapshot(fold, ledger, snapshots)
    print(msgspec.json.encode(found).decode())


def parts_of(graph: ConflictGraph) -> list[str]:
    """Two slices as one writes them: the last third of the days, and the actor with about a twentieth of the claims."""
    days, loud = set[str](), Counter[str]()
    for claim in graph.claims.values():
        if claim.when.start is not None:
            days.add(claim.when.start.isoformat())
        loud.update({claim.source, claim.target or claim.source})
    wanted = len(graph.claims) / 20
    names = sorted(loud, key=lambda one: (abs(loud[one] - wanted), one))
    # The marks of the notation stand in no name that is taken.
    actor = next((name for one in names if not set(name := graph.label(one)) & set(",;=")), None)
    ordered = sorted(days)
    found = [f"since={ordered[2 * len(ordered) // 3]}"] if ordered else []
    return found + ([f"actors={actor}"] if actor is not None else [])


def _started(how: str, url: str, snapshots: Path | None, only: str = "", *more: str) -> Start:
    words = [sys.executable, "-m", "tests.benchmarks.ledger", ".", "--start", url, "--slice", only, *more]
    words += ["--snapshots", str(snapshots)] if snapshots is not None else []
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return msgspec.structs.replace(msgspec.json.decode(done.stdout, type=Start), how=how)


def starts(ledger: Path, snapshots: Path, say: Callable[[str], None] = lambda _: None) -> Starts:
    """Row by row, from the snapshot that this leaves in `snapshots`, and two parts of the ledger."""
    url = f"sqlite:///{ledger.resolve()}"
    shutil.rmtree(snapshots, ignore_errors=True)
    found = [_started(ROW_BY_ROW, url, snapshots)]
    say(f"  {ROW_BY_ROW}: {found[-1].seconds:.1f} s")
    # Few claims are folded in no time, and no snapshot is kept of them.
    if snapshots.is_dir():
        found.append(_started(FROM_SNAPSHOT, url, snapshots))
        found.append(_started(LOOKED_AT, url, snapshots, "", "--look"))
        say(f"  {FROM_SNAPSHOT}: {found[-2].seconds:.1f} s")
    with closing(open_ledger(url)) as opened:
        parts = parts_of(fold_ledger(opened, snapshots=snapshots if snapshots.is_dir() else None))
    for only in parts:
        found.append(_started(only, url, None, only))
        say(f"  {only}: {found[-1].seconds:.1f} s")
    size = sum(path.stat().st_size for path in snapshots.rglob("*") if path.is_file())
    return Starts(found, size / 1e6, ledger.stat().st_size / 1e6)


def told_starts(found: Starts) -> Told:
    """Goals and tables of the starts."""
    plain = found.of(ROW_BY_ROW)
    goals = []
    quick = next((one for one in found.starts if one.how == FROM_SNAPSHOT), None)
    if quick is not None:
        beside = f"{quick.cpu_seconds:.1f} s; {plain.cpu_seconds:.1f} s of processor time"
        goals.append(
            at_most("start from a snapshot beside row by row", quick.cpu_seconds / plain.cpu_seconds, 1 / 3, beside)
        )
    rows = [
        [one.how, f"{one.claims:,}", f"{one.left_out:,}", f"{one.seconds:.1f}", f"{one.cpu_seconds:.1f}",
         f"{one.resident_mb:,.0f}", f"{one.peak_mb:,.0f}"]
        for one in found.starts
    ]  # fmt: skip
    head = ["how", "claims", "left out", "seconds", "CPU seconds", "MB that stay", "most MB meanwhile"]
    note = f"The snapshot takes {found.snapshot_mb:,.0f} MB on disk, the ledger {found.ledger_mb:,.0f} MB."
    return goals, [Table("Until the graph is there, in a new process", head, rows, [note])]


def keeping(source: Ledger, folder: Path) -> tuple[float, float, int]:
    """Seconds of a backup and of a check, and how many flaws the check found."""
    start = time.perf_counter()
    backup(source, folder / "backup.sqlite")
    copied = time.perf_counter() - start
    start = time.perf_counter()
    flaws = sum(1 for _ in check(source))
    return copied, time.perf_counter() - start, flaws


def measure(ledger: Path, folder: Path, news: int = NEWS) -> LedgerResult:
    """Everything but the starts; `folder` is for what is written meanwhile, `news` how many appends are waited for."""
    with closing(open_ledger(f"sqlite:///{ledger.resolve()}")) as source:
        count, number, stores, same = writes(source, folder, news)
        copied, checked, flaws = keeping(source, folder)
    return LedgerResult(count, number, stores, same, copied, checked, flaws)


def told(found: LedgerResult) -> Told:
    """Goals and tables."""
    goals = []
    for one in found.stores:
        if one.known_ms is None:
            continue
        wanted = DAY_OF_NEWS / 60
        goals.append(
            Goal(
                f"claims into a {one.store}: a day of world news ({DAY_OF_NEWS:,}) in a minute",
                f"≥ {wanted:,.0f}/s",
                f"{one.claims_per_second:,.0f}/s",
                one.claims_per_second >= wanted,
            )
        )
        late = f"{one.known_ms:.1f} ms"
        goals.append(Goal(f"an append is known to another process: {one.store}", "≤ 100 ms", late, one.known_ms <= 100))
    if len(goals) > 2:
        same = "the same digest" if found.same_digest else "different digests"
        goals.append(Goal("both stores hold the same", "byte for byte", same, found.same_digest))
    goals.append(Goal("`polemos check` of the whole ledger", "no flaw", f"{found.flaws} flaws", found.flaws == 0))
    rows = [
        [one.store, f"{one.claims_per_second:,.0f}", times(one.times_bare),
         "" if one.known_ms is None else f"{one.known_ms:.1f}",
         "" if one.known_p95_ms is None else f"{one.known_p95_ms:.1f}"]
        for one in found.stores
    ]  # fmt: skip
    head = ["store", "claims/s", "time beside the bare table's", "known elsewhere, median ms", "95 of a hundred, ms"]
    kept = [["backup", f"{found.backup_s:.1f}"], ["check", f"{found.check_s:.1f}"]]
    return goals, [
        Table(f"{found.claims:,} claims in {found.batches:,} batches", head, rows),
        Table("The whole ledger, once", ["what", "seconds"], kept),
    ]


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where tests.benchmarks.icews put its ledger")
    parser.add_argument("--start", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument("--snapshots", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--slice", default="", help=argparse.SUPPRESS)
    parser.add_argument("--look", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.start:
        start_once(given.start, given.snapshots, given.slice, given.look)
        return
    ledger = (given.folder / "icews18.sqlite").resolve()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        print(shown(told(measure(ledger, Path(name)))))
        print(shown(told_starts(starts(ledger, Path(name) / "snapshots", print))))


if __name__ == "__main__":
    main()
