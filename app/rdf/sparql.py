"""A `ConflictGraph` and a SPARQL query in, an answer out: read-only, in bounded time, memory and rows.

Asks the profile `claims`, kept as an Oxigraph store on disk that follows the graph (`app.rdf.store`). Queries read a
copy of it, in processes of their own (`app.rdf.processes`). It never reaches out: SERVICE and every update are refused
before anything runs (`app.rdf.guard`), and a graph is one of ours or empty, never fetched.

https://www.w3.org/TR/sparql11-query/
"""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from app.graph import ConflictGraph
from app.rdf.answers import Answer
from app.rdf.guard import Graphs, check
from app.rdf.processes import LimitReached, Processes
from app.rdf.store import GrowingStore, Stopped
from app.rdf.terms import BASE_IRI, Profile, prefixes
from app.rdf.things import ExtractorOf, checked_base
from app.vocabulary.errors import BadQuery, PolemosError

__all__ = ["Copy", "Dataset", "Graphs", "LimitReached", "query"]

_GIB = 1 << 30
_FEW = 300
"""So many changes are written while whoever asks waits; more are written beside, and older answers given meanwhile."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Copy:
    """The store as it was at one revision. Who has got it from a `Dataset` gives it back with `release`."""

    revision: int
    triples: int
    _folder: tempfile.TemporaryDirectory[str]
    _users: int = 0

    @property
    def path(self) -> str:
        """The store's folder."""
        return str(Path(self._folder.name) / "store")


@dataclass(slots=True)
class _Growing:
    """The store that follows a graph, and whether somebody is at work on it."""

    graph: ConflictGraph
    folder: tempfile.TemporaryDirectory[str]
    store: GrowingStore | None = None
    thread: threading.Thread | None = None
    is_busy: bool = True
    is_broken: bool = False
    failure: Exception | None = None
    """Why it is broken, until somebody has been told."""
    copied: int | None = None
    """The revision of its last copy."""


class Dataset:
    """The published data of the newest graph, ready for questions; several threads may ask at once.

    Close it, or use it as a context manager: its stores and processes outlive no `close`.

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
        self.base_iri = checked_base(base_iri)
        self._extractor_of = extractor_of
        self._folder = folder
        self._turns = threading.BoundedSemaphore(workers)
        self._processes = Processes(max_memory)
        # Guards what follows; notified whenever somebody has done with a store.
        self._changed = threading.Condition()
        self._growing: _Growing | None = None
        self._newest: Copy | None = None
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def query(
        self,
        graph: ConflictGraph,
        text: str,
        *,
        timeout_s: float = 10.0,
        max_rows: int = 10_000,
        graphs: Graphs | None = None,
    ) -> Answer:
        """Answer one query about the graph as it is now; the graph must not change meanwhile.

        It waits until the store is where the graph is, which does not count as its time.

        Raises:
            BadQuery: It cannot be parsed, is refused, fails, or takes more than it may.
        """
        check(text)
        while (copy := self.copy_of(graph)) is None:
            self.wait(1.0)
        try:
            return self.ask(copy, text, timeout_s=timeout_s, max_rows=max_rows, graphs=graphs)
        finally:
            self.release(copy)

    # ---- asking ----

    def ask(
        self, copy: Copy, text: str, *, timeout_s: float = 10.0, max_rows: int = 10_000, graphs: Graphs | None = None
    ) -> Answer:
        """Answer one query from a copy.

        Args:
            copy: What is asked.
            text: The query.
            timeout_s: How long it may take, waiting for its turn included.
            max_rows: How many rows or triples are given out.
            graphs: The data set; it goes before what the text says of it. Of these graphs, those that are not there
                count as empty, and the answer names them.

        Raises:
            LimitReached: It takes more time or memory than it may, or its turn does not come.
            BadQuery: It cannot be parsed, is refused, or fails; or its FROM names a graph that is not there.
        """
        known = prefixes(self.base_iri)
        outline = check(text, known, self.base_iri)
        chosen = graphs if graphs is not None else outline.graphs
        deadline = time.monotonic() + timeout_s
        if not self._turns.acquire(timeout=timeout_s):
            raise LimitReached(f"other queries kept this one waiting for {timeout_s:g} s; ask again")
        try:
            head, body = self._processes.ask(
                {
                    "store": copy.path,
                    "query": text,
                    "prefixes": known,
                    "base_iri": self.base_iri,
                    "max_rows": max_rows,
                    "timeout_s": max(deadline - time.monotonic(), 0.001),
                    "default_graphs": None if chosen is None else [self._graph(g, copy) for g in chosen.default],
                    "named_graphs": [] if chosen is None else list(chosen.named),
                    "variables": None if outline.variables is None else list(outline.variables),
                }
            )
        finally:
            self._turns.release()
        if "error" in head:
            raise (LimitReached if head.get("is_limit") else BadQuery)(f"the query failed: {head['error']}")
        unknown = tuple(head.get("unknown_graphs", ()))
        if unknown and graphs is None:
            raise BadQuery(
                f"there is no graph <{unknown[0]}> here, and none is fetched; all statements are in the default graph, "
                f"which is also called <{self.graph_name}>: leave FROM out"
            )
        return Answer(head["form"], body, head["truncated"], copy.revision, unknown)

    @property
    def graph_name(self) -> str:
        """What the default graph can be called in a query's data set: the data set's own IRI, whatever its revision."""
        return f"{self.base_iri}dataset/{Profile.CLAIMS}"

    def _graph(self, iri: str, copy: Copy) -> str:
        return "" if iri in (self.graph_name, f"{self.graph_name}-{copy.revision}") else iri

    # ---- keeping the store where the graph is ----

    def copy_of(self, graph: ConflictGraph) -> Copy | None:
        """A copy at the graph's revision; None where making it takes a while, which then begins.

        The graph must not change during this call, and may before the next.

        Raises:
            PolemosError: The store cannot be built, or is closed.
        """
        with self._changed:
            if self._is_closed:
                raise PolemosError("this data set is closed")
            growing = self._growing
            if growing is not None and growing.failure is not None:
                # Whoever asks next begins anew; this one is told.
                why, growing.failure = growing.failure, None
                raise PolemosError(f"the store for SPARQL could not be built: {why}") from why
            if growing is not None and growing.is_busy:
                return None
            if growing is None or growing.is_broken or growing.graph is not graph or growing.store is None:
                self._begin(graph)
                return None
            if growing.copied != graph.revision or self._newest is None:
                if growing.store.pending > _FEW:
                    self._work(growing)
                    return None
                self._settle(growing)
            return self._held()

    def newest(self) -> Copy | None:
        """The newest copy that is ready, of whatever revision."""
        with self._changed:
            return self._held()

    def wait(self, timeout_s: float) -> None:
        """Wait until something is ready that was not, or as long as this."""
        with self._changed:
            if self._growing is not None and self._growing.is_busy:
                self._changed.wait(timeout_s)

    def release(self, copy: Copy) -> None:
        """Done with a copy; the last one to use an old one deletes it."""
        with self._changed:
            copy._users -= 1
            if copy is not self._newest and not copy._users:
                copy._folder.cleanup()

    def close(self) -> None:
        """End the processes and delete the stores. Queries still under way finish first."""
        with self._changed:
            self._is_closed = True
            growing, self._growing = self._growing, None
        if growing is not None:
            if growing.thread is not None:
                growing.thread.join()
            self._drop(growing)
        with self._changed:
            self._publish(None)
        self._processes.close()

    def _held(self) -> Copy | None:
        if self._newest is not None:
            self._newest._users += 1
        return self._newest

    def _publish(self, copy: Copy | None) -> None:
        old, self._newest = self._newest, copy
        if old is not None and not old._users:
            old._folder.cleanup()

    def _begin(self, graph: ConflictGraph) -> None:
        before, self._growing = self._growing, _Growing(graph, self._new_folder())
        self._work(self._growing, before)

    def _new_folder(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="polemos-sparql-", dir=self._folder)

    def _work(self, growing: _Growing, before: _Growing | None = None) -> None:
        growing.is_busy = True
        growing.thread = threading.Thread(target=self._bring, args=(growing, before), name="sparql-store", daemon=True)
        growing.thread.start()

    def _bring(self, growing: _Growing, before: _Growing | None) -> None:
        """Bring a store to where its graph is, as near as the graph holds still."""
        try:
            if before is not None:
                self._take_leave(before)
            if growing.store is None:
                growing.store = GrowingStore(
                    growing.graph,
                    Path(growing.folder.name),
                    base_iri=self.base_iri,
                    extractor_of=self._extractor_of,
                    is_unwanted=lambda: self._is_closed,
                )
                growing.store.fill()
            while growing.store.pending > _FEW:
                growing.store.catch_up()
        except Stopped:
            pass
        except Exception as why:
            log.exception("the store for SPARQL could not be built")
            growing.is_broken, growing.failure = True, why
        finally:
            with self._changed:
                growing.is_busy = False
                self._changed.notify_all()

    def _take_leave(self, before: _Growing) -> None:
        """Of a graph that another has taken the place of, and that changes no more: its last state, then nothing."""
        with self._changed:
            newest = self._newest
            is_news = before.copied != before.graph.revision and (
                newest is None or newest.revision < before.graph.revision
            )
        if is_news and before.store is not None and not before.is_broken:
            self._settle(before)
        self._drop(before)

    def _settle(self, growing: _Growing) -> None:
        if growing.store is None:
            return
        copy = Copy(growing.graph.revision, 0, self._new_folder())
        try:
            growing.store.settle(Path(copy.path))
        except Exception as why:
            # What is in the store is not known any more.
            growing.is_broken = True
            copy._folder.cleanup()
            raise PolemosError(f"the store for SPARQL could not be brought up to date: {why}") from why
        copy.triples = growing.store.triples
        growing.copied = copy.revision
        with self._changed:
            self._publish(copy)
            self._changed.notify_all()

    def _drop(self, growing: _Growing) -> None:
        growing.store = None
        growing.folder.cleanup()


def query(
    graph: ConflictGraph, text: str, *, timeout_s: float = 10.0, max_rows: int = 10_000, base_iri: str = BASE_IRI
) -> Answer:
    """Answer a single query; whoever asks more than once keeps a `Dataset`."""
    with Dataset(base_iri=base_iri, workers=1) as dataset:
        return dataset.query(graph, text, timeout_s=timeout_s, max_rows=max_rows)
