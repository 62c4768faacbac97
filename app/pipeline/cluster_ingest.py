"""A whole ingest on a cluster: files that all machines see in, and what the client reads itself; a fuller ledger out.

The client says which articles are new, workers read parts of files and articles, and either the client writes (any
ledger), or the workers do, chunk after chunk in the order of the input, in one transaction each. What comes of it is
what one process would make of the same input. An input at which workers die each time is left out and counted.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from app.intake import Item, read
from app.intake.parts import SMALL, Found, Part, Whole
from app.intake.reading import files_of, read_file
from app.ledger import Ledger
from app.pipeline import cluster_work as work
from app.pipeline.cluster import CHUNK, Cluster, DaskRunner, Deadly, Future, ahead
from app.pipeline.ingest import IngestReport, ingest
from app.pipeline.relating import Relations
from app.vocabulary.errors import BadQuery
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Refusal
from app.vocabulary.terms import RefusalReason

_FILES = 500
_MAGIC = re.compile(r"[*?\[]")


@dataclass(slots=True)
class ClusterReport(IngestReport):
    """What a run on a cluster did.

    Attributes:
        chunks: Chunks stored.
        lost: Inputs at which workers died, which are in no ledger; another run tries them anew. They are in `refused`
            as well.
    """

    chunks: int = 0
    lost: list[Refusal] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The report as plain values."""
        # Without arguments, `super` does not find its way in a class with slots.
        return IngestReport.as_dict(self) | {"chunks": self.chunks, "lost": len(self.lost)}


# ---- what is read ----


@dataclass(slots=True)
class _Unit:
    """What is read at once: parts of files by a worker, or items that the client has."""

    parts: list[Part | Refusal] = field(default_factory=list)
    read: Future[list[tuple[Part, Found]]] | None = None
    named: Future[list[tuple[Part, Found]]] | None = None
    items: list[Item] = field(default_factory=list)


class Inputs:
    """The inputs of a run, read in parallel where they are files that workers see.

    Attributes:
        lost: Parts of files at which workers died.
    """

    def __init__(
        self,
        cluster: Cluster,
        kit: work.Kit,
        sources: Sequence[str],
        *,
        stdin: BinaryIO | None = None,
        chunk: int = CHUNK,
    ) -> None:
        """Take files, folders, patterns with * and ?, URLs, and "-" for standard input.

        Raises:
            BadInput: There is no such file or folder.
            BadQuery: A pattern fits nothing.
        """
        self._cluster, self._kit, self._chunk = cluster, kit, chunk
        self._paths: list[str | Path | Iterator[Item]] = []
        self.lost: list[Refusal] = []
        for source in sources:
            if _MAGIC.search(source) and "://" not in source and not Path(source).exists():
                found = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 (a pattern may be absolute)
                if not found:
                    raise BadQuery(f"no file fits {source!r}")
                self._paths += [Path(one).absolute() for one in found]
            elif source == "-" or "://" in source:
                self._paths.append(read(source, stdin=stdin, limits=kit.limits))
            else:
                # Says what is wrong with it, if something is; nothing is read by that.
                read(source, limits=kit.limits)
                self._paths.append(Path(source).absolute())

    def items(self) -> Iterator[Item]:
        """All articles and refusals, in the order of the inputs, brought to the client."""
        whole = Whole()
        for unit in self._units(fetch=True):
            for _, item, _ in self._of(unit, whole):
                yield item  # type: ignore[misc]

    def named(self) -> Iterator[tuple[_Unit, int, str | Refusal]]:
        """All articles by their ids, and refusals, in the order of the inputs, with where they are to be had."""
        whole = Whole()
        for unit in self._units(fetch=False):
            for place, item, _ in self._of(unit, whole):
                yield unit, place, item.id if isinstance(item, Article) else item

    def _of(self, unit: _Unit, whole: Whole) -> Iterator[tuple[int, Item | str, None]]:
        if unit.read is None:
            yield from ((place, item, None) for place, item in enumerate(unit.items))
            return
        place = 0
        for part, found in self._held(unit):
            for one in whole.take(part, found):
                if isinstance(one, Refusal):
                    yield -1, one, None
                else:
                    yield place + one[0], one[1], None
            place += len(found.items)

    def _held(self, unit: _Unit) -> list[tuple[Part, Found]]:
        """What a unit's parts hold, or their names instead of the articles; parts at which workers die are told."""
        assert unit.read is not None

        def again(parts: Sequence[Part | Refusal]) -> Future[Any]:
            return self._cluster.submit(work.read_parts, self._kit, list(parts), priority=10)

        done, lost = self._cluster.settled(again, unit.parts, unit.read)
        if done != [unit.read]:
            # Lost parts stand at the end, and places count through the others.
            unit.parts = [part for part in unit.parts if part not in lost]
            unit.read = self._cluster.submit(work.joined, done, priority=10)
            unit.named = self._cluster.submit(work.named, unit.read, priority=15) if unit.named is not None else None
        held = self._cluster.result(unit.named if unit.named is not None else unit.read)
        for part in lost:
            if isinstance(part, Part):
                told = f"{part.path}, from byte or row {part.start} to {part.end}: {_DIED}"
                refused = Refusal(RefusalReason.UNREADABLE, told)
                self.lost.append(refused)
                held.append((replace(part, kind="whole"), Found([refused])))
        return held

    def _units(self, *, fetch: bool) -> Iterator[_Unit]:
        def submitted() -> Iterator[_Unit]:
            for unit in self._grouped():
                if unit.parts:
                    unit.read = self._cluster.submit(work.read_parts, self._kit, unit.parts, priority=10)
                    if not fetch:
                        unit.named = self._cluster.submit(work.named, unit.read, priority=15)
                yield unit

        return ahead(submitted(), self._cluster.threads + 1)

    def _grouped(self) -> Iterator[_Unit]:
        """Parts, small files together, in units; what the client reads in units of its own."""
        unit = _Unit()
        size = 0
        for one in self._parts():
            if not isinstance(one, Part | Refusal):
                if unit.parts:
                    yield unit
                unit, size = _Unit(), 0
                while items := list(islice(one, self._chunk)):
                    yield _Unit(items=items)
                continue
            alone = isinstance(one, Part) and one.size > SMALL
            if unit.parts and (alone or size > SMALL or len(unit.parts) >= min(self._chunk, _FILES)):
                yield unit
                unit, size = _Unit(), 0
            unit.parts.append(one)
            size += 0 if isinstance(one, Refusal) else one.size
        if unit.parts:
            yield unit

    def _parts(self) -> Iterator[Part | Refusal | Iterator[Item]]:
        def asked() -> Iterator[Part | Refusal | Iterator[Item] | Future[list[Part]]]:
            for source in self._paths:
                if not isinstance(source, str | Path):
                    yield source
                    continue
                path = Path(source)
                for file in files_of(path) if path.is_dir() else [path]:
                    if isinstance(file, Refusal):
                        yield file
                    else:
                        yield self._asked(file)

        for one in ahead(asked(), 2 * self._cluster.threads + 2):
            if isinstance(one, Part | Refusal | Iterator):
                yield one
                continue
            for part in self._cluster.result(one):
                yield read_file(Path(part.path), self._kit.limits) if part.kind == "stream" else part

    def _asked(self, file: Path) -> Part | Future[list[Part]]:
        try:
            size = file.stat().st_size
        except OSError:
            size = 0
        if size <= SMALL:
            return Part(str(file), "whole", 0, size, size=size)
        return self._cluster.submit(work.parted, self._kit, file, size, self._chunk, priority=20)


_DIED = "the workers that read it died each time, as they do where they run out of memory; it was left out"


# ---- a whole ingest ----


def ingest_on_cluster(
    inputs: Inputs,
    cluster: Cluster,
    kit: work.Kit,
    ledger: Ledger,
    *,
    url: str | None = None,
    gazetteer: Gazetteer,
    relations: Relations | None = None,
    progress: Callable[[ClusterReport], None] | None = None,
    chunk: int = CHUNK,
) -> ClusterReport:
    """Read on a cluster every article the ledger lacks, and remember what it says.

    Args:
        inputs: What is to be read.
        cluster: Who reads.
        kit: What they need.
        ledger: Where to remember.
        url: Where workers reach the ledger; without, the client writes, just as `ingest` does.
        gazetteer: Names for linking, where the client writes.
        relations: Judges how articles hang together, where the client writes. Where the workers do, `relate` judges.
        progress: Called after each transaction.
        chunk: Articles of a task.
    """
    report = ClusterReport(revision=ledger.revision)
    if url is None:
        runner = DaskRunner(cluster, kit, chunk)

        def show(known: IngestReport) -> None:
            _copy(known, report)
            report.chunks = runner.chunks
            if progress is not None:
                progress(report)

        _copy(
            ingest(
                inputs.items(),
                ledger=ledger,
                recipe=kit.recipe,
                gazetteer=gazetteer,
                relations=relations,
                runner=runner,
                progress=show,
            ),
            report,
        )
        report.chunks = runner.chunks
        lost = runner.lost
        report.lost += inputs.lost
        _lose(report, [one.id for one in lost])
        return report
    flow = _Flow(inputs, cluster, kit, report, chunk)
    writer = _Writer(cluster, kit, url, report, progress)
    for ready in flow.chunks(ledger):
        writer.take(ready)
    writer.finish()
    report.revision = ledger.revision
    report.lost += inputs.lost
    return report


@dataclass(slots=True)
class _Ready:
    """A chunk that is read: futures of its articles with their readings, and what does that again, alone."""

    futures: list[Future[Any]]
    again: Callable[[], list[Future[Any]]]


class _Writer:
    """Has workers store chunks, in order.

    Those that are ready while others are being stored go in together: a task waits for a worker with its hands free.
    """

    def __init__(
        self,
        cluster: Cluster,
        kit: work.Kit,
        url: str,
        report: ClusterReport,
        progress: Callable[[ClusterReport], None] | None,
    ) -> None:
        self._cluster, self._kit, self._url, self._report, self._progress = cluster, kit, url, report, progress
        self._waiting: list[_Ready] = []
        self._pending: tuple[list[_Ready], Future[list[work.Stored]]] | None = None

    def take(self, ready: _Ready) -> None:
        self._waiting.append(ready)
        busy = self._pending is not None and not self._pending[1].done()
        if not busy or len(self._waiting) >= 2 * self._cluster.threads:
            self._settle()
            self._pending = (self._waiting, self._submit([one.futures for one in self._waiting]))
            self._waiting = []

    def finish(self) -> None:
        self._settle()
        if self._waiting:
            self._pending = (self._waiting, self._submit([one.futures for one in self._waiting]))
            self._settle()

    def _submit(self, chunks: list[list[Future[Any]]]) -> Future[list[work.Stored]]:
        return self._cluster.submit(work.append, self._kit, self._url, list(chain.from_iterable(chunks)), priority=30)

    def _settle(self) -> None:
        if self._pending is None:
            return
        chunks, pending = self._pending
        self._pending = None
        try:
            stored = self._cluster.result(pending)
        except Deadly:
            self._cluster.quiet()
            stored = self._cluster.result(self._submit([one.again() for one in chunks]))
        report = self._report
        for one in stored:
            report.revision = max(report.revision, one.revision)
            report.chunks += 1
            report.added += len(one.articles)
            report.claims += one.claims
            report.refusals.update(one.refusals)
            report.articles += one.articles
        if self._progress is not None:
            self._progress(report)


class _Flow:
    """Chunks of new articles, being read, in the order of the inputs."""

    def __init__(self, inputs: Inputs, cluster: Cluster, kit: work.Kit, report: ClusterReport, size: int) -> None:
        self._inputs, self._cluster, self._kit, self._report, self._size = inputs, cluster, kit, report, size

    def chunks(self, ledger: Ledger | None, known: set[str] | None = None) -> Iterator[_Ready]:
        """Chunks whose articles are read; the readings stay with the workers."""
        window = ahead(self._submitted(ledger, known if known is not None else set()), 2 * self._cluster.threads + 2)
        for unit, chunk, future in window:
            yield _Ready(self._done(unit, chunk, future), partial(self._done, unit, chunk))

    def _done(
        self, unit: _Unit, chunk: list[tuple[int, str, Article | None]], future: Future[Any] | None = None
    ) -> list[Future[Any]]:
        """Futures of a chunk's articles with their readings, which are done well; what kills workers is left out."""
        submit = partial(self._extract, unit)
        done, lost = self._cluster.settled(submit, chunk, future or submit(chunk))
        _lose(self._report, [name for _, name, _ in lost])
        return done

    def _extract(self, unit: _Unit, chunk: Sequence[tuple[int, str, Article | None]]) -> Future[Any]:
        if unit.read is None:
            given = [instead or unit.items[place] for place, _, instead in chunk]
            return self._cluster.submit(work.extract_given, self._kit, given)
        if unit.read.status != "finished":
            # It was done well once, and was blamed for somebody else's death when it was needed again.
            unit.read = self._cluster.submit(work.read_parts, self._kit, unit.parts, priority=10)
        instead = {place: article for place, _, article in chunk if article is not None}
        return self._cluster.submit(work.extract, self._kit, unit.read, [place for place, _, _ in chunk], instead)

    def _submitted(
        self, ledger: Ledger | None, known: set[str]
    ) -> Iterator[tuple[_Unit, list[tuple[int, str, Article | None]], Future[Any]]]:
        report = self._report
        at: _Unit | None = None
        asked: list[tuple[int, str]] = []
        for unit, place, item in chain(self._inputs.named(), [(None, 0, "")]):
            if unit is not at:
                if at is not None:
                    for chunk in self._fresh(at, asked, ledger, known):
                        yield at, chunk, self._extract(at, chunk)
                at, asked = unit, []
            if isinstance(item, Refusal):
                report.refused.append(item)
            elif unit is not None:
                asked.append((place, item))

    def _fresh(
        self, unit: _Unit, asked: list[tuple[int, str]], ledger: Ledger | None, known: set[str]
    ) -> Iterator[list[tuple[int, str, Article | None]]]:
        """Those that neither the ledger nor this run knows, in chunks; of the others it is counted that they are."""
        names = [name for _, name in asked]
        unread = ledger.unread(names, self._kit.recipe.name) if ledger is not None else set(names)
        fresh: list[tuple[int, str, Article | None]] = []
        for place, name in asked:
            if name in known or name not in unread:
                self._report.already_known += 1
                self._report.articles.append(name)
                continue
            known.add(name)
            # Offsets must count in the text that is kept, and that is the one that came first.
            fresh.append((place, name, ledger.article(name) if ledger is not None else None))
        for start in range(0, len(fresh), self._size):
            yield fresh[start : start + self._size]


def write_claims(
    inputs: Inputs,
    cluster: Cluster,
    kit: work.Kit,
    folder: Path,
    *,
    progress: Callable[[ClusterReport], None] | None = None,
    chunk: int = CHUNK,
) -> ClusterReport:
    """Read on a cluster every article that the folder's files lack, and write a Parquet file of claims for each chunk.

    A file is there as a whole or not at all; `polemos import claims` takes it.

    Args:
        inputs: What is to be read.
        cluster: Who reads.
        kit: What they need.
        folder: Where the client writes; made where it is missing.
        progress: Called after each file.
        chunk: Articles of a task, and of a file.
    """
    from app.pipeline.claim_files import articles_in

    folder.mkdir(parents=True, exist_ok=True)
    there = sorted(folder.glob("*.parquet"))
    known = set(chain.from_iterable(articles_in(path, kit.recipe.name) for path in there))
    number = max((int(path.name[:6]) for path in there if path.name[:6].isdigit()), default=0)
    report = ClusterReport()
    flow = _Flow(inputs, cluster, kit, report, chunk)

    def packed() -> Iterator[Future[tuple[bytes, work.Stored]]]:
        for ready in flow.chunks(None, known):
            for future in ready.futures:
                yield cluster.submit(work.claim_file, future, kit.recipe.name, priority=30)

    for future in ahead(packed(), 2):
        content, stored = cluster.result(future)
        number += 1
        name = f"{number:06}-{sha256(' '.join(stored.articles).encode()).hexdigest()[:12]}.parquet"
        part = folder / f".{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)
        report.chunks += 1
        report.added += len(stored.articles)
        report.claims += stored.claims
        report.refusals.update(stored.refusals)
        report.articles += stored.articles
        if progress is not None:
            progress(report)
    report.lost += inputs.lost
    return report


def _copy(known: IngestReport, report: ClusterReport) -> None:
    report.revision, report.added, report.already_known = known.revision, known.added, known.already_known
    report.claims, report.refused, report.refusals = known.claims, known.refused, known.refusals
    report.articles = known.articles


def _lose(report: ClusterReport, names: Iterable[str]) -> None:
    for name in names:
        refused = Refusal(RefusalReason.UNREADABLE, f"{name}: {_DIED}", name)
        report.lost.append(refused)
        report.refused.append(refused)
