"""Bytes a claim takes up, each holder in a process of its own: Polemos with its indexes, networkx, and some others.

`python -m tests.benchmarks.memory LEDGER --snapshots FOLDER`. Every process is given the same claims, measures what it
grew by while it made its holder, and tells that after memory was given back to the system (`malloc_trim`). Polemos
holds quotes, articles, incidents and all indexes; an edge of networkx holds six attributes (article, day, kind,
confidence, status, id) and no index at all; the rows of SQLite have two.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgspec

from app.graph import ConflictGraph
from app.ledger import open_ledger
from app.pipeline import fold_ledger
from app.queries import ClaimFilter, accusations, claim_row, subgraph, thread

ROOT = Path(__file__).resolve().parents[2]


class Held(msgspec.Struct, frozen=True):
    """What one holder takes up."""

    holder: str
    claims: int
    bytes_per_claim: float


def resident() -> int:
    """Bytes of this process in memory, once what was freed has been given back."""
    gc.collect()
    # With another C library, what was freed may be counted.
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def plain(ledger: Path, snapshots: Path, file: Path) -> None:
    """Write the claims down as tuples, for the holders that are made of them."""
    with closing(open_ledger(f"sqlite:///{ledger}")) as opened:
        graph = fold_ledger(opened, snapshots=snapshots)
    with file.open("wb") as out:
        for one in graph.claims.values():
            day = one.when.start.toordinal() if one.when.start is not None else 0
            claim = one.claim
            told = (one.source, one.target or one.id, one.id, claim.article, day, str(claim.type), claim.confidence)
            pickle.dump(told, out)


def given(file: Path) -> Iterator[tuple[str, str, str, str, int, str, float]]:
    """The tuples again; equal texts are one object, as they would be in any program that takes care."""
    with file.open("rb") as source:
        while True:
            try:
                by, to, name, article, day, kind, confidence = pickle.load(source)
            except EOFError:
                return
            yield sys.intern(by), sys.intern(to), name, sys.intern(article), day, sys.intern(kind), confidence


def networkx_edges(file: Path) -> Any:
    """One edge for each claim, with six attributes."""
    import networkx as nx

    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    for by, to, name, article, day, kind, confidence in given(file):
        graph.add_edge(by, to, article=article, day=day, kind=kind, confidence=confidence, status="open", id=name)
    return graph


def sqlite_rows(file: Path) -> Any:
    """A table in memory with an index for a pair's claims and one for either side."""
    import sqlite3

    db = sqlite3.connect(":memory:")
    db.execute(
        "CREATE TABLE claims (source TEXT, target TEXT, id TEXT, article TEXT, day INT, kind TEXT, confidence REAL)"
    )
    db.executemany("INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?)", given(file))
    db.execute("CREATE INDEX pairs ON claims (source, target, kind, day)")
    db.execute("CREATE INDEX targets ON claims (target, kind, day)")
    return db


def rustworkx_edges(file: Path) -> Any:
    """One edge for each claim, which carries a tuple."""
    import rustworkx

    graph: Any = rustworkx.PyDiGraph()
    number: dict[str, int] = {}
    for by, to, *more in given(file):
        ends = [number[end] if end in number else number.setdefault(end, graph.add_node(end)) for end in (by, to)]
        graph.add_edge(*ends, tuple(more))
    return graph


HOLDERS: dict[str, Callable[[Path], Any]] = {
    "networkx, six attributes an edge": networkx_edges,
    "SQLite in memory, two indexes": sqlite_rows,
    "rustworkx, a tuple an edge": rustworkx_edges,
}
POLEMOS = "Polemos, from its snapshot, indexes included"
USED = "the same after questions about every 500th claim"
"""What is read from files when it is first needed, and what is remembered of answers, takes up memory only then."""


def use(graph: ConflictGraph) -> None:
    """Ask what the interfaces ask most, about claims from all over the graph."""
    for number, name in enumerate(graph.claims):
        if number % 500 == 0:
            row = claim_row(graph, name)
            accusations(graph, ClaimFilter(source=row.source_id, target=row.target_id))
            subgraph(graph, actors=[row.source_id])
            thread(graph, name)


def once(holder: str, ledger: Path, snapshots: Path, file: Path) -> Held:
    """Make one holder in this process, and say what it takes up."""
    if holder in (POLEMOS, USED):
        # Loaded beforehand, as every process of the service has them.
        import pyarrow.parquet  # noqa: F401

        from app.graph.snapshot import Snapshots

        assert Snapshots is not None
        with closing(open_ledger(f"sqlite:///{ledger}")) as opened:
            before = resident()
            graph = fold_ledger(opened, snapshots=snapshots)
            if holder == USED:
                use(graph)
            return Held(holder, len(graph.claims), (resident() - before) / max(len(graph.claims), 1))
    # What the names themselves take up is part of no holder.
    names = [by for by, *_ in given(file)]
    before = resident()
    made = HOLDERS[holder](file)
    grown = resident() - before
    assert made is not None
    return Held(holder, len(names), grown / max(len(names), 1))


def measure(ledger: Path, snapshots: Path, say: Callable[[str], None] = lambda _: None) -> list[Held]:
    """All holders whose library is here, one after the other."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "claims.pickle"
        words = [sys.executable, "-m", "tests.benchmarks.memory", str(ledger), "--snapshots", str(snapshots)]
        words += ["--file", str(file)]
        for holder in ("", POLEMOS, USED, *HOLDERS):
            if holder.startswith("rustworkx"):
                from importlib.util import find_spec

                if find_spec("rustworkx") is None:
                    continue
            done = subprocess.run([*words, "--once", holder], cwd=ROOT, check=True, capture_output=True)
            if holder:
                found.append(msgspec.json.decode(done.stdout, type=Held))
                say(f"  {holder}: {found[-1].bytes_per_claim:,.0f} B a claim")
    return found


def main() -> None:
    """Measure and print; with `--once`, in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--snapshots", type=Path, required=True)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--once", help=argparse.SUPPRESS)
    options = parser.parse_args()
    ledger, snapshots = options.ledger.resolve(), options.snapshots.resolve()
    if options.once is None:
        measure(ledger, snapshots, say=print)
    elif options.once:
        print(msgspec.json.encode(once(options.once, ledger, snapshots, options.file)).decode())
    else:
        plain(ledger, snapshots, options.file)


if __name__ == "__main__":
    main()
