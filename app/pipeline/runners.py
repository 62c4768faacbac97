"""Who reads articles: this process, or several beside it. A runner ships an extractor's recipe, never a loaded one.

In: the recipe and articles. Out: their readings, in the order of the articles. Memory stays flat: only a few chunks are
under way at once.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Protocol, runtime_checkable

from app.extraction import Extractor
from app.vocabulary.records import Article, Reading

MakeExtractor = Callable[[], Extractor]
"""The recipe: a picklable call that makes an extractor."""

CHUNK = 32
"""Articles read or handed to a worker at once: enough to parse some side by side, few enough to keep workers level."""


@runtime_checkable
class Runner(Protocol):
    """Reads articles somewhere."""

    def map(self, make_extractor: MakeExtractor, articles: Iterable[Article]) -> Iterator[tuple[Article, Reading]]:
        """Each article with its reading, in order."""
        ...


class LocalRunner:
    """Reads in this process (workers=1) or in so many processes beside it, started afresh (never forked)."""

    def __init__(self, workers: int = 1) -> None:
        if workers < 1:
            raise ValueError("a runner needs at least one worker")
        self.workers = workers

    def map(self, make_extractor: MakeExtractor, articles: Iterable[Article]) -> Iterator[tuple[Article, Reading]]:
        """Each article with its reading, in order."""
        source = iter(articles)
        if self.workers == 1:
            extractor = make_extractor()
            while chunk := list(islice(source, CHUNK)):
                yield from zip(chunk, extractor.read(chunk), strict=True)
            return
        # Spawned, for a fork would copy the threads' locks of the parent.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.workers, context, initializer=_prepare, initargs=(make_extractor,)) as pool:
            under_way: deque[tuple[list[Article], Future[list[Reading]]]] = deque()
            try:
                while True:
                    while len(under_way) < 2 * self.workers and (chunk := list(islice(source, CHUNK))):
                        with _one_thread_each():
                            under_way.append((chunk, pool.submit(_read, chunk)))
                    if not under_way:
                        return
                    chunk, future = under_way.popleft()
                    yield from zip(chunk, future.result(), strict=True)
            finally:
                pool.shutdown(cancel_futures=True)


_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Workers started meanwhile do their sums in one thread, unless the environment says otherwise.

    Libraries read these variables when they are loaded. Each worker with a thread per core made two workers on two
    cores three times slower than with one thread each.
    """
    unset = [name for name in _THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(unset, "1"))
    try:
        yield
    finally:
        for name in unset:
            del os.environ[name]


_make: MakeExtractor | None = None
_extractor: Extractor | None = None


def _prepare(make_extractor: MakeExtractor) -> None:
    global _make
    _make = make_extractor
    # A terminal tells all processes of a command to end; the one that stores ends these when it is done with them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _read(articles: list[Article]) -> list[Reading]:
    global _extractor
    if _make is None:
        raise RuntimeError("the worker was not prepared")
    if _extractor is None:
        # Made here and not while preparing: what goes wrong then reaches the caller as it is, not as a broken pool.
        _extractor = _make()
    return list(_extractor.read(articles))
