"""A `ConflictGraph` and a SPARQL query in, an answer out: read-only, in bounded time, memory and rows.

Asks the profile `claims`, kept as an Oxigraph store on disk and built anew when the graph has moved on. Queries run in
processes of their own (`app.rdf.worker`), because a query under way can only be stopped by ending its process. It never
reaches out: SERVICE, FROM and every update are refused before anything runs (`app.rdf.guard`).

https://www.w3.org/TR/sparql11-query/
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from app.graph import ConflictGraph
from app.rdf.answers import Answer
from app.rdf.dataset import Statements
from app.rdf.guard import check
from app.rdf.ntriples import LineStream
from app.rdf.terms import BASE_IRI, prefixes
from app.rdf.things import ExtractorOf, checked_base
from app.vocabulary.errors import BadQuery, PolemosError

_WORKER = Path(__file__).with_name("worker.py")
_GIB = 1 << 30


class Dataset:
    """The published data of the newest graph, ready for questions; several threads may ask at once.

    Close it, or use it as a context manager: its store and processes outlive no `close`.

    Args:
        base_iri: Where instances live.
        extractor_of: Who read each article, where the graph's own word will not do.
        workers: How many queries may run side by side.
        max_memory: Bytes of address space that one query may take.
        folder: Where stores are kept while they are needed; the system's temporary folder by default.
    """

    def __init__(
        self,
        *,
        base_iri: str = BASE_IRI,
        extractor_of: ExtractorOf | None = None,
        workers: int = 2,
        max_memory: int = 4 * _GIB,
        folder: Path | None = None,
    ) -> None:
        self._base_iri = checked_base(base_iri)
        self._extractor_of = extractor_of
        self._max_memory = max_memory
        self._folder = folder
        self._turns = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._current: _Snapshot | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def query(self, graph: ConflictGraph, text: str, *, timeout_s: float = 10.0, max_rows: int = 10_000) -> Answer:
        """Answer one query about the graph as it is now.

        The first query after the graph has moved on also waits for its store (about 150,000 triples a second), which
        does not count as its time.

        Raises:
            BadQuery: It cannot be parsed, is refused, fails, or takes longer than `timeout_s` seconds.
        """
        check(text)
        snapshot = self._enter(graph)
        try:
            deadline = time.monotonic() + timeout_s
            if not self._turns.acquire(timeout=timeout_s):
                raise BadQuery(f"other queries kept this one waiting for {timeout_s:g} s; ask again")
            try:
                return snapshot.ask(text, prefixes(self._base_iri), max_rows, deadline - time.monotonic())
            finally:
                self._turns.release()
        finally:
            self._leave(snapshot)

    def close(self) -> None:
        """End the processes and delete the store. Queries still under way finish first."""
        with self._lock:
            self._retire()

    def _enter(self, graph: ConflictGraph) -> _Snapshot:
        with self._lock:
            current = self._current
            if current is None or current.graph is not graph or current.revision != graph.revision:
                self._retire()
                statements = Statements(graph, base_iri=self._base_iri, extractor_of=self._extractor_of)
                current = self._current = _Snapshot(graph, statements, self._max_memory, self._folder)
            current.users += 1
            return current

    def _leave(self, snapshot: _Snapshot) -> None:
        with self._lock:
            snapshot.users -= 1
            if snapshot is not self._current and not snapshot.users:
                snapshot.delete()

    def _retire(self) -> None:
        old, self._current = self._current, None
        if old is not None and not old.users:
            old.delete()


class _Snapshot:
    """The store of one revision, and the processes that read it."""

    def __init__(self, graph: ConflictGraph, statements: Statements, max_memory: int, folder: Path | None) -> None:
        from pyoxigraph import RdfFormat, Store

        self.graph = graph
        self.revision = graph.revision
        self.users = 0
        self._max_memory = max_memory
        self._idle: list[subprocess.Popen[bytes]] = []
        self._folder = tempfile.TemporaryDirectory(prefix="polemos-sparql-", dir=folder)
        store = Store(self._folder.name)
        store.bulk_load(cast("IO[bytes]", LineStream(statements)), RdfFormat.N_TRIPLES, lenient=True)
        store.flush()

    def ask(self, text: str, known: dict[str, str], max_rows: int, timeout_s: float) -> Answer:
        """Let one process answer; it is ended where it takes too long."""
        try:
            process = self._idle.pop()
        except IndexError:
            process = self._start()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(max(timeout_s, 0.0), stop)
        timer.start()
        question = {"query": text, "prefixes": known, "max_rows": max_rows, "timeout_s": max(timeout_s, 0.001)}
        try:
            head, body = _exchange(process, question)
        except (OSError, ValueError) as why:
            code = _end(process)
            if late.is_set():
                raise BadQuery("the query took too long; ask for less, or add a LIMIT") from why
            if code == 1:
                raise PolemosError("the process that answers SPARQL could not start; is pyoxigraph installed?") from why
            raise BadQuery("the query needed more memory than it may have; ask for less, or add a LIMIT") from why
        finally:
            timer.cancel()
        if late.is_set():
            _end(process)
        else:
            self._idle.append(process)
        if "error" in head:
            raise BadQuery(f"the query failed: {head['error']}")
        return Answer(head["form"], body, head["truncated"], self.revision)

    def delete(self) -> None:
        """End the processes and remove the files."""
        while self._idle:
            _end(self._idle.pop())
        self._folder.cleanup()

    def _start(self) -> subprocess.Popen[bytes]:
        # -P: a file of the working directory can never stand in for a library.
        command = [sys.executable, "-P", str(_WORKER), self._folder.name, str(self._max_memory)]
        return subprocess.Popen(  # noqa: S603 # our own file, our own arguments, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )


def _exchange(process: subprocess.Popen[bytes], question: dict[str, object]) -> tuple[dict[str, Any], bytes]:
    """One question, one answer; OSError or ValueError where the process ends before it has answered."""
    if process.stdin is None or process.stdout is None:
        raise OSError("the process has no pipes")
    process.stdin.write(json.dumps(question).encode() + b"\n")
    process.stdin.flush()
    head = json.loads(process.stdout.readline())
    body = process.stdout.read(head.get("size", 0))
    if len(body) < head.get("size", 0):
        raise OSError("the answer breaks off")
    return head, body


def _end(process: subprocess.Popen[bytes]) -> int:
    """End a process, and tell how it ended if it had already."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        # Without questions, or with its pipes broken, it ends by itself; how tells what went wrong.
        process.wait(timeout=0.2)
    process.kill()
    if process.stdout is not None:
        process.stdout.close()
    return process.wait()


def query(
    graph: ConflictGraph, text: str, *, timeout_s: float = 10.0, max_rows: int = 10_000, base_iri: str = BASE_IRI
) -> Answer:
    """Answer a single query; whoever asks more than once keeps a `Dataset`."""
    with Dataset(base_iri=base_iri, workers=1) as dataset:
        return dataset.query(graph, text, timeout_s=timeout_s, max_rows=max_rows)
