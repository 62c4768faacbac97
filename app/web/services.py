"""What the routes share: the ledger, a graph kept at its newest revision, one extractor, and plain values of settings.

Nothing is opened at import. The graph is folded in a worker thread, and never while a request reads it.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from app.curation import Log
from app.extraction import Extractor, Recipe
from app.graph import ConflictGraph, Fold, Slice
from app.intake import Limits
from app.ledger import Ledger, open_ledger
from app.linking import Acts
from app.pipeline import (
    IngestReport,
    Relations,
    bring_up_to_date,
    fold_ledger,
    ingest,
    keep_snapshot,
    open_fold,
    revision_of,
    snapshots_of,
)
from app.pipeline.choosing import chosen_recipe
from app.rdf.sparql import Copy, Dataset
from app.settings import Settings
from app.vocabulary.errors import LedgerError
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Refusal
from app.web.access import Access
from app.web.kept import Kept
from app.web.metrics import Metrics
from app.web.tracing import span

PAGE = Path(__file__).parent / "page"
# How long a request that needs a newer graph waits for those that still read the older one, before it folds a new one.
PATIENCE_SECONDS = 0.5
# How long a request waits for the newest revision, before it is answered from the graph as it was.
FRESH_SECONDS = 5.0
# How long the follower waits for news at a time; stopping takes as long at most.
FOLLOW_SECONDS = 0.5
# How long it waits at most before it asks again a ledger that did not answer.
AWAY_SECONDS = 30.0
# How many graphs of older revisions are kept for the next question about them.
PAST_GRAPHS = 2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the graph is behind: the ledger's newest revision, the graph's, and for how many seconds it has been."""

    newest: int
    graph: int
    seconds: float


@dataclass(slots=True)
class _Held:
    """A fold, and how many requests read its graph."""

    fold: Fold
    readers: int = 0


class Services:
    """One per application; made by the door and handed to `create_app`."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        recipe: Recipe,
        gazetteer: Callable[[], Gazetteer],
        data: Path,
        base_iri: str = "https://w3id.org/polemos/id/",
        limits: Limits | None = None,
        page: Path = PAGE,
        reader: Ledger | None = None,
        snapshots: Path | None = None,
        access: Access | None = None,
        ready_lag: float = 30.0,
        only: Slice | None = None,
    ) -> None:
        """Take the parts.

        Args:
            ledger: Where articles are remembered.
            recipe: How to make the extractor; made at the first article.
            gazetteer: Loads the names for linking; called once.
            data: The `graph_data` folder.
            base_iri: Under which things are named in RDF.
            limits: Bounds on what is posted.
            page: The folder of the page.
            reader: The same ledger by a connection of its own, so that asking for its revision never waits for a
                writer; `ledger` where None.
            snapshots: Folder in which snapshots of the graph are kept, for a fast start; none where None.
            access: Who may do what over HTTP; where None, whoever can call the application may do everything.
            only: Which claims of the ledger are held in memory and answered about; all where None.
            ready_lag: Seconds that the graph may be behind the ledger before the service is not ready.
        """
        self.ledger = ledger
        self.reader = reader or ledger
        self.data = data
        self.base_iri = base_iri
        self.limits = limits or Limits(allow_private=False)
        self.page = page
        self.access = access or Access()
        self.ready_lag = ready_lag
        self.only = only
        self.metrics = Metrics(asks_a_model=recipe.spent is not None)
        # Part of every entity tag: revision 7 of another ledger, or under another version, is another answer.
        self.mark = secrets.token_hex(4)
        self._recipe = recipe
        self._load_gazetteer = gazetteer
        self._gazetteer: Gazetteer | None = None
        self._extractor: Extractor | None = None
        self._relations: Relations | None = None
        self._dataset: Dataset | None = None
        self._opening = threading.Lock()
        self._reading = threading.Lock()
        self._held = _Held(Fold(self.reader.appended_at))
        # Answers made of that graph, encoded.
        self.kept = Kept()
        # Graphs of older revisions, the last asked for last.
        self._past: OrderedDict[int, ConflictGraph] = OrderedDict()
        self._snapshots = snapshots
        self._renewing: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[bool] | None = None
        # Set, and another put in its place, whenever the graph has come to another revision.
        self._moved = asyncio.Event()
        self._feeding: _Held | None = None
        self._looking_back = asyncio.Lock()
        self._log = Log(self.reader.appended_at)
        # A look into a file takes microseconds; a server may let one wait, and others are served meanwhile.
        is_file = self.reader.location.startswith("sqlite:")
        self._looking = None if is_file else ThreadPoolExecutor(1, thread_name_prefix="look")

    @classmethod
    def from_settings(cls, settings: Settings) -> Services:
        """Open what the settings name.

        Raises:
            LedgerError: The ledger cannot be opened.
        """
        ledger = open_ledger(settings.ledger)
        return cls(
            ledger,
            reader=open_ledger(settings.ledger),
            snapshots=snapshots_of(ledger, settings.snapshots) if settings.snapshots is not None else None,
            recipe=chosen_recipe(settings),
            gazetteer=lambda: Gazetteer.load(settings.data / "gazetteers"),
            data=settings.data,
            base_iri=settings.base_iri,
            limits=Limits(max_bytes=settings.max_bytes, allow_private=settings.allow_private),
            access=Access.from_settings(settings),
            ready_lag=settings.ready_lag,
            only=Slice.parse(settings.slice),
        )

    # ---- the graph ----

    async def refresh(self) -> None:
        """Bring the graph to the ledger's newest revision; costs one look at the ledger where it is there already.

        Where all must be folded anew, which takes a minute at half a million claims, the graph as it was answers after
        a while; every answer states its revision. Call it right before `reading`, with no waiting in between.
        """
        while True:
            if self._renewing is None:
                before = self._held.fold.graph.revision
                newest = await self._newest()
                if self._is_still_at(before):
                    if newest == before:
                        return
                    self._renewing = asyncio.create_task(self._renew())
                    self._renewing.add_done_callback(self._renewed)
            task = self._renewing
            if task is None:
                continue
            done, _ = await asyncio.wait({task}, timeout=FRESH_SECONDS)
            if done:
                task.result()
            elif self._is_untouched():
                return

    def _is_still_at(self, revision: int) -> bool:
        """True where nobody has begun or ended to renew the graph since it was at this revision."""
        return self._renewing is None and self._held.fold.graph.revision == revision

    async def _newest(self) -> int:
        if self._looking is None:
            return self.reader.revision
        return await asyncio.get_running_loop().run_in_executor(self._looking, lambda: self.reader.revision)

    @property
    def is_loaded(self) -> bool:
        """Whether there is a graph."""
        return self._held.fold.graph.revision > 0

    async def lag(self) -> Lag:
        """How far the graph is behind the ledger, by the clock of whoever appended; nothing is brought up to date.

        Raises:
            LedgerError: The ledger cannot be asked.
        """
        newest, graph = await run_in_threadpool(lambda: self.reader.revision), self._held.fold.graph.revision
        seconds = 0.0
        if newest > graph and (at := await run_in_threadpool(self.reader.appended_at, graph + 1)) is not None:
            seconds = max(0.0, (datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds())
        return Lag(newest, graph, seconds)

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Bring the graph up to date whenever anybody has appended, as long as this lasts, so that requests find it so.

        Requests need it not: they look for themselves.
        """
        waiting = ThreadPoolExecutor(1, thread_name_prefix="follow")
        task = asyncio.create_task(self._follow(waiting))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await asyncio.to_thread(waiting.shutdown)

    async def _follow(self, waiting: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        away = 0.0
        while True:
            known = self._held.fold.graph.revision
            try:
                newest = await loop.run_in_executor(waiting, self.reader.wait, known, FOLLOW_SECONDS)
                began = loop.time()
                if newest != known:
                    await self.refresh()
                pause, away = loop.time() - began, 0.0
            except LedgerError as why:
                # Said once: requests that meet the same say so themselves.
                if not away:
                    log.warning("the ledger cannot be followed now (%s)", why)
                pause = away = min(max(1.0, 2 * away), AWAY_SECONDS)
            except Exception:
                log.exception("the graph could not be brought up to date")
                pause = away = AWAY_SECONDS
            # However fast others write, half of the time is left for what is asked.
            await asyncio.sleep(pause)

    def _feed(self, held: _Held) -> None:
        if not held.fold.graph.revision:
            held.fold = open_fold(self.reader, self._snapshots, only=self.only)
        if held.fold.graph.revision != self._log.revision:
            # The log knows these already, or lacks what came before and reads for itself when it is asked for.
            bring_up_to_date(held.fold, self.reader)
            return
        # One pass over the ledger serves both. The log holds a lock meanwhile, to be let go in this very thread.
        with ExitStack() as open_:
            bring_up_to_date(
                held.fold, self.reader, told=lambda entries: open_.enter_context(closing(self._log.noting(entries)))
            )

    def _renewed(self, task: asyncio.Task[None]) -> None:
        self._renewing = None
        if not task.cancelled():
            # Whoever waits raises it; where nobody does any more, it is not to be reported as forgotten.
            task.exception()

    def _is_untouched(self) -> bool:
        """True where there is a graph that is not being changed while a newer one is made beside it."""
        held = self._held
        return held.fold.graph.revision > 0 and (self._feeding is not held or held.fold.is_renewing)

    async def _renew(self) -> None:
        if self._keeping is not None:
            # What is being written down must not change meanwhile.
            await asyncio.wait({self._keeping})
        held = self._held
        newest = await self._newest()
        until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while held.readers and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.005)
        if held.readers or newest < held.fold.graph.revision:
            # Somebody reads on (an export, say), so the graph at hand must stay as it is; or the ledger was put back to
            # an older state, of which a fold knows nothing.
            held = _Held(Fold(self.reader.appended_at))
        self._feeding = held
        before = held.fold.graph
        began = time.perf_counter()
        try:
            with span("fold", **{"polemos.revision": newest}):
                await asyncio.to_thread(self._feed, held)
        except BaseException:
            # What was fed may be half there; the next request folds anew.
            self._held = _Held(Fold(self.reader.appended_at))
            raise
        finally:
            self._feeding = None
        self._held = held
        self.kept = Kept()
        self.metrics.took("fold", time.perf_counter() - began)
        self._moved.set()
        self._moved = asyncio.Event()
        if held.fold.graph is not before:
            # A collection would look at every object of the graph, which takes seconds at half a million claims, and
            # find nothing: a graph holds no cycles, and is freed as soon as it is let go.
            gc.freeze()
        if self._snapshots is not None:
            self._keeping = asyncio.create_task(
                asyncio.to_thread(keep_snapshot, held.fold, self.reader, self._snapshots)
            )
            self._keeping.add_done_callback(self._kept)

    def _kept(self, task: asyncio.Task[bool]) -> None:
        self._keeping = None
        if not task.cancelled():
            # Without a snapshot the next start takes longer, and that is all.
            task.exception()

    async def news(self, known: int, timeout_s: float) -> int:
        """The graph's revision as soon as it is another than this one, or as it is after so many seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        while True:
            moved = self._moved
            await self.refresh()
            revision = self._held.fold.graph.revision
            left = until - loop.time()
            if revision != known or left <= 0:
                return revision
            # Whoever follows the ledger says when something is new; where nobody does, it is looked at each second.
            with suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), min(left, FOLLOW_SECONDS))

    @contextmanager
    def reading(self) -> Iterator[ConflictGraph]:
        """The graph, which does not change while it is held."""
        held = self._held
        held.readers += 1
        try:
            yield held.fold.graph
        finally:
            held.readers -= 1

    async def past(self, as_of: str) -> ConflictGraph:
        """The graph as it was at a revision or time; the newest one where that is meant.

        Raises:
            BadQuery: `as_of` names no revision and no time.
        """
        revision = await asyncio.to_thread(revision_of, self.reader, as_of)
        if revision == self._held.fold.graph.revision:
            return self._held.fold.graph
        async with self._looking_back:
            found = self._past.pop(revision, None)
            if found is None:
                found = await asyncio.to_thread(fold_ledger, self.reader, revision, self._snapshots, only=self.only)
                found.revision = revision
            self._past[revision] = found
            while len(self._past) > PAST_GRAPHS:
                self._past.popitem(last=False)
        return found

    @contextmanager
    def reading_past(self, graph: ConflictGraph) -> Iterator[ConflictGraph]:
        """A graph from `past`, which nothing changes; the newest one counts as being read."""
        if graph is self._held.fold.graph:
            with self.reading() as newest:
                yield newest
        else:
            yield graph

    def log(self) -> Log:
        """The ledger's decisions up to its newest revision. For a worker thread: it reads what is new there."""
        self._log.follow(lambda since: self.reader.entries(since, with_text=False), self.reader.revision)
        return self._log

    @property
    def dataset(self) -> Dataset:
        """The graph for SPARQL; its store is made at the first query. For a worker thread."""
        with self._opening:
            if self._dataset is None:
                self._dataset = Dataset(base_iri=self.base_iri)
            return self._dataset

    @asynccontextmanager
    async def copy(self, fresh_s: float, build_s: float) -> AsyncIterator[Copy | None]:
        """The store for SPARQL at the newest revision, held as long as this lasts. The graph is held for moments only.

        Args:
            fresh_s: Seconds after which one at an older revision will do.
            build_s: Seconds after which there is none (None), where there is no older one either.
        """
        dataset = await run_in_threadpool(lambda: self.dataset)
        began = time.monotonic()
        copy: Copy | None = None
        while copy is None:
            await self.refresh()
            with self.reading() as graph:
                copy = await run_in_threadpool(dataset.copy_of, graph)
            waited = time.monotonic() - began
            if copy is None and waited > fresh_s:
                copy = dataset.newest()
            if copy is None:
                if waited > build_s:
                    break
                await run_in_threadpool(dataset.wait, 0.5)
        try:
            yield copy
        finally:
            if copy is not None:
                await run_in_threadpool(dataset.release, copy)

    # ---- reading articles ----

    def ingest(self, items: Iterable[Article | Refusal]) -> IngestReport:
        """Read articles into the ledger, one request after the other: there is one extractor. For a worker thread."""
        with self._reading, span("ingest") as made:
            began = time.perf_counter()
            if self._gazetteer is None:
                self._gazetteer = self._load_gazetteer()
            how = Recipe(self._recipe.name, self._one_extractor, self._recipe.spent)
            if self._relations is None:
                acts = Acts.load(self.data / "lexicons" / "acts.tsv")
                self._relations = Relations(self._gazetteer, acts)
            before = how.spent() if how.spent is not None else None
            try:
                report = ingest(
                    items, ledger=self.ledger, recipe=how, gazetteer=self._gazetteer, relations=self._relations
                )
            finally:
                # What it took is told of readings that failed, too.
                if how.spent is not None and before is not None:
                    self.metrics.asked_a_model(how.spent().since(before))
            if made is not None:
                made.set_attributes({"polemos.articles": report.added, "polemos.revision": report.revision})
            self._count(report, time.perf_counter() - began)
            return report

    def _count(self, report: IngestReport, seconds: float) -> None:
        count = self.metrics.count
        self.metrics.took("ingest", seconds)
        for outcome, number in (("added", report.added), ("known", report.already_known)):
            count("ingested_articles", outcome, number)
        count("ingested_articles", "refused", len(report.refused))
        count("ingested_claims", by=report.claims)
        for reason, number in (report.refusals + Counter(str(one.reason) for one in report.refused)).items():
            count("refusals", reason, number)

    def _one_extractor(self) -> Extractor:
        if self._extractor is None:
            self._extractor = self._recipe.make()
        return self._extractor

    def close(self) -> None:
        """Close the ledger, and end what SPARQL has started."""
        if self._dataset is not None:
            self._dataset.close()
        self.ledger.close()
        self.reader.close()
        if self._looking is not None:
            self._looking.shutdown()
