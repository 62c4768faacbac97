"""A Dask cluster: an address in, a connection out by which things are done on several machines, and a runner on it.

A worker that dies costs its tasks, which others do again. A task at which workers die again and again is split, until
it is known which of its inputs it is.
"""

from __future__ import annotations

import json
import logging
import pickle
import re
import socket
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from app.extraction import Recipe
from app.intake import Limits
from app.intake.limits import DEFAULT
from app.linking import Acts
from app.pipeline import cluster_work as work
from app.pipeline.runners import MakeExtractor
from app.vocabulary.errors import BadQuery, MissingPart
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)


class Future(Protocol[R_co]):
    """What Dask gives for a task: what will come of it."""

    @property
    def status(self) -> str:
        """`pending`, `finished`, `error`, `cancelled` or `lost`."""
        ...

    def done(self) -> bool:
        """Whether it is done, well or not."""
        ...

    def result(self) -> R_co:
        """What came of it, or what was raised."""
        ...


CHUNK = 500
"""Articles of one task and of one transaction: half a minute of reading, some megabytes."""
CONNECT_SECONDS = 10.0
"""How long a scheduler may take to answer."""
WORKER_SECONDS = 30.0
"""How long its first worker may take to come: it starts about as fast as this program."""
ALONE_SECONDS = 60.0
"""How long a cluster may be without any worker before its client gives up."""
_PIECES = 8
_LOCAL = re.compile(r"local(?::(\d{1,3}))?\Z")


class Deadly(BadQuery):
    """Workers died at a task, again and again."""

    def __init__(self, worker: str) -> None:
        super().__init__(
            f"workers died at the same task each time, the last at {worker}, as they do where they run out of memory; "
            "what was stored stays: give each more memory, and run the command again"
        )


class Cluster:
    """A connection to a cluster; use it in a `with`."""

    def __init__(self, client: Client, owned: Any = None) -> None:  # noqa: ANN401 (a LocalCluster)
        """Take a client that is connected, and the cluster that ends with it."""
        self.client, self._owned = client, owned
        self._under_way: WeakValueDictionary[str, Future[Any]] = WeakValueDictionary()
        self._run = uuid.uuid4().hex[:12]
        self._count = 0

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *why: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; the cluster goes on, unless it was made with it."""
        with suppress(Exception):
            self.client.close()
        if self._owned is not None:
            self._owned.close()

    @property
    def threads(self) -> int:
        """How many tasks are done at once by now.

        Raises:
            BadQuery: The cluster is gone.
        """
        return sum(self._workers().values()) or 1

    def kit(
        self, recipe: Recipe, gazetteer: Callable[[], Gazetteer], acts: Callable[[], Acts], limits: Limits = DEFAULT
    ) -> work.Kit:
        """What workers need, once it is certain that they are made of the same as this process.

        Raises:
            BadQuery: One of them is not.
        """
        self._check()
        kit = work.Kit(recipe, gazetteer, acts, limits, work.about())
        return replace(kit, key=sha256(pickle.dumps(kit)).hexdigest()[:16])

    def _check(self) -> None:
        told: dict[str, Any] = {}
        try:
            told["the scheduler"] = self.client.run_on_scheduler(work.about)
            told |= {f"worker {at}": one for at, one in self.client.run(work.about, on_error="return").items()}
        except Exception as why:
            # Whatever was raised there: it comes as what it was, or as what could not be understood.
            told["one of them"] = why
        for where, found in told.items():
            if isinstance(found, BaseException):
                message = f"{where} cannot run Polemos ({type(found).__name__}: {str(found)[:200]})"
                raise BadQuery(f"{message}; install this version of it, and of dask and distributed, on each machine")
            if differs := work.unlike(found, work.about()):
                raise BadQuery(f"{where} has {differs}; install the same everywhere")

    def submit(self, task: Callable[..., T], *args: object, priority: int = 0) -> Future[T]:
        """Have something done by a worker; see `result`."""
        self._count += 1
        # A key of this run's own: what an earlier client asked for may be about to be given up.
        key = f"{task.__name__}-{self._run}-{self._count}"
        if self.client.status != "running":
            raise BadQuery(GONE)
        try:
            future: Future[T] = self.client.submit(task, *args, key=key, priority=priority)
        except (OSError, RuntimeError):
            raise BadQuery(GONE) from None
        self._under_way[key] = future
        return future

    def result(self, future: Future[T]) -> T:
        """What came of it, once it is done.

        Raises:
            BadQuery: The cluster is gone, or has no workers.
        """
        self.wait(future)
        return self._told(future, fetch=True)

    def wait(self, future: Future[Any]) -> None:
        """Wait until it is done, well or not."""
        from distributed import wait

        lonely = time.monotonic()
        while not future.done():
            with suppress(TimeoutError), self.client.as_current():
                wait(future, timeout=2)
            if self.client.status != "running":
                raise BadQuery(GONE)
            if not future.done():
                workers = self._workers()
                lonely = lonely if not workers else time.monotonic()
                if time.monotonic() - lonely > ALONE_SECONDS:
                    raise BadQuery(
                        f"the cluster has had no worker for {ALONE_SECONDS:.0f} seconds; what was stored stays: start "
                        "some, and run the command again"
                    )

    def _workers(self) -> dict[str, int]:
        """The threads of each worker."""
        try:
            return dict(self.client.nthreads())
        except Exception:
            # The connection breaks in many ways.
            raise BadQuery(GONE) from None

    def _told(self, future: Future[T], *, fetch: bool) -> T:
        from asyncio import CancelledError as Cancelled

        from distributed import KilledWorker
        from distributed.client import FutureCancelledError, FuturesCancelledError
        from distributed.comm import CommClosedError

        try:
            if not fetch and future.status == "finished":
                return None  # type: ignore[return-value]
            return future.result()
        except KilledWorker as why:
            raise Deadly(str(why.last_worker.address)) from None
        except (FutureCancelledError, FuturesCancelledError, Cancelled, CommClosedError):
            raise BadQuery(GONE) from None

    def settled(
        self, submit: Callable[[Sequence[T]], Future[Any]], chunk: Sequence[T], future: Future[Any]
    ) -> tuple[list[Future[Any]], list[T]]:
        """A task's future, or those of the tasks into which it was split because workers died at it.

        Args:
            submit: Has a piece of the chunk done.
            chunk: What the task is about.
            future: The task.

        Returns:
            Futures that are done well, in the order of the chunk, and what of it kills workers by itself.
        """
        self.wait(future)
        try:
            self._told(future, fetch=False)
        except Deadly:
            self.quiet()
            done: list[Future[Any]] = []
            lost: list[T] = []
            self._halve(submit, chunk, done, lost)
            return done, lost
        return [future], []

    def quiet(self) -> None:
        """Wait until nothing is under way.

        A worker that dies takes the blame to all that waits for it; what is done alone is blamed for itself only.
        """
        for other in list(self._under_way.values()):
            self.wait(other)

    def _halve(
        self, submit: Callable[[Sequence[T]], Future[Any]], chunk: Sequence[T], done: list[Future[Any]], lost: list[T]
    ) -> None:
        size = -(-len(chunk) // _PIECES)
        for start in range(0, len(chunk), size):
            piece = chunk[start : start + size]
            future = submit(piece)
            self.wait(future)
            try:
                self._told(future, fetch=False)
            except Deadly:
                if len(piece) == 1:
                    lost += piece
                else:
                    self._halve(submit, piece, done, lost)
            else:
                done.append(future)


GONE = (
    "the cluster is gone; what was stored stays: start it again, and run the command again, which reads what is missing"
)


def connect(address: str) -> Cluster:
    """A cluster by its scheduler's address, or one of this machine's own for "local" or "local:N" (N processes).

    In place of the address the file may be named that `dask scheduler --scheduler-file` wrote.

    Where the address begins with `tls://`, the certificates are those of Dask's configuration
    (`distributed.comm.tls`).

    Raises:
        MissingPart: Dask is not installed.
        BadQuery: Nobody answers there, or no worker does, or it is no address.
    """
    try:
        import distributed
    except ImportError:
        told = "a cluster needs Dask; install it on each machine: pip install 'polemos[dask]'"
        raise MissingPart(told) from None
    # What goes wrong is told by errors; the library's own lines would tear the progress bar.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    local = _LOCAL.match(address)
    if local is not None:
        number = int(local[1] or 0)
        if local[1] is not None and not number:
            raise BadQuery("a cluster has at least one worker")
        own = distributed.LocalCluster(
            n_workers=number or None,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        )
        return Cluster(distributed.Client(own), own)
    if Path(address).is_file():
        address = _address_in(Path(address))
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        if parts.scheme not in ("tcp", "tls") or not parts.hostname or not parts.port:
            raise ValueError("it is no address")
        # Dask itself would go on trying; and what it has begun by then it does not end quietly.
        socket.create_connection((parts.hostname, parts.port), CONNECT_SECONDS).close()
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError, AssertionError) as why:
        reason = str(why).splitlines()[0][:200] if str(why) else type(why).__name__
        raise BadQuery(
            f"no Dask scheduler answers at {address[:200]!r} ({reason}); give an address like tcp://127.0.0.1:8786, a "
            "scheduler's file, or local"
        ) from None
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except (TimeoutError, OSError):
        client.close()
        raise BadQuery(f"the scheduler at {address} has no workers; start some: dask worker {address}") from None
    return Cluster(client)


def _address_in(file: Path) -> str:
    """The address in a file that a scheduler wrote."""
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["address"])
    except (OSError, ValueError, KeyError, TypeError):
        raise BadQuery(f"{file} is no file that a Dask scheduler wrote") from None


def ahead(items: Iterator[T], most: int) -> Iterator[T]:
    """The same items, so many of which are asked for before the first is needed."""
    waiting: deque[T] = deque()
    while True:
        waiting.extend(islice(items, most - len(waiting)))
        if not waiting:
            return
        yield waiting.popleft()


class DaskRunner:
    """Reads on a cluster articles that the client has.

    Attributes:
        chunks: Chunks that came back.
        lost: Articles at which workers died.
    """

    def __init__(self, cluster: Cluster, kit: work.Kit | None = None, chunk: int = CHUNK) -> None:
        """Take the cluster, what its workers need (made of the recipe where None), and the articles of a task."""
        self._cluster, self._kit, self._size = cluster, kit, chunk
        self.chunks = 0
        self.lost: list[Article] = []

    def map(self, make_extractor: MakeExtractor, articles: Iterable[Article]) -> Iterator[tuple[Article, Reading]]:
        """Each article with its reading, in order; those are left out, and in `lost`, at which workers died."""
        kit = self._kit or _bare(make_extractor)
        source = iter(articles)

        def submit(chunk: Sequence[Article]) -> Future[list[Reading]]:
            return self._cluster.submit(work.readings_given, kit, list(chunk))

        def submitted() -> Iterator[tuple[list[Article], Future[list[Reading]]]]:
            while chunk := list(islice(source, self._size)):
                yield chunk, submit(chunk)

        for chunk, future in ahead(submitted(), 2 * self._cluster.threads):
            done, lost = self._cluster.settled(submit, chunk, future)
            self.lost += lost
            gone = {article.id for article in lost}
            readings = chain.from_iterable(self._cluster.result(one) for one in done)
            self.chunks += 1
            yield from zip((one for one in chunk if one.id not in gone), readings, strict=True)


def _bare(make_extractor: MakeExtractor) -> work.Kit:
    recipe = Recipe("", make_extractor)
    kit = work.Kit(recipe, work.installed_gazetteer, work.installed_acts)
    return replace(kit, key=sha256(pickle.dumps(kit)).hexdigest()[:16])
