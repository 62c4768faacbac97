"""A report in, the measured parts of docs/explanation/scale.md out: tables, and what is worked out of them.

Whatever stands there between two markers comes from here, so that the page's arithmetic is that of its figures. A part
whose figures the report does not hold is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import msgspec

from tests.benchmarks.cluster import CASES, ClusterResult
from tests.benchmarks.extraction import LOCAL, NEAR, ExtractionResult
from tests.benchmarks.figures import Report, Table, rows_of
from tests.benchmarks.ledger import FROM_SNAPSHOT, LOOKED_AT, ROW_BY_ROW, LedgerResult, Starts
from tests.benchmarks.replicas import Replica, Replicas

ARTICLES_A_DAY = 300_000
CLAIMS_A_DAY = 240_000
"""One article in ten holds claims, eight each: both are guesses, and the page says so."""
TEXT_BYTES = 2_000
DAYS = 365
MACHINES, CORES = 10, 8
MEMORY_GB = 20

_T = TypeVar("_T")


class _Unknown(Exception):
    """The report does not hold what a part needs."""


class _Found:
    """The figures of a report, as records."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def of(self, section: str, kind: type[_T]) -> _T:
        """The data of a section.

        Raises:
            _Unknown: There is none, or it is of an older report.
        """
        found = self._report.sections.get(section)
        try:
            return msgspec.convert(found.data if found is not None else None, kind)
        except msgspec.ValidationError as why:
            raise _Unknown(section) from why

    @property
    def starts(self) -> Starts:
        """The starts, that from a snapshot among them.

        Raises:
            _Unknown: There are none, or no snapshot was kept.
        """
        starts = self.of("start", Starts)
        if LOOKED_AT not in {one.how for one in starts.starts}:
            raise _Unknown("a snapshot")
        return starts

    @property
    def bytes_a_claim(self) -> float:
        """Memory of a process that has looked at all of its graph."""
        looked = self.starts.of(LOOKED_AT)
        return 1e6 * looked.resident_mb / looked.claims


def blocks(report: Report) -> dict[str, str]:
    """Each part of the page that the report knows, by the name of its markers."""
    found, known = _Found(report), {}
    for name, block in _BLOCKS.items():
        with suppress(_Unknown):
            known[name] = block(found)
    return known


def _machine(found: _Found) -> str:
    starts = found.starts
    folded, mapped = starts.of(ROW_BY_ROW), starts.of(FROM_SNAPSHOT)
    claims, each = folded.claims, found.bytes_a_claim

    def row(what: str, megabytes: float) -> list[str]:
        return [what, f"{megabytes:,.0f} MB", f"{1e6 * megabytes / claims:,.0f} bytes"]

    rows = [
        row("the ledger, a SQLite file", starts.ledger_mb),
        row(
            "the snapshot: claims with their quotes, edges, every index, and what is needed to fold on",
            starts.snapshot_mb,
        ),
        row("a process that has just started from it", mapped.resident_mb),
        row("a process that has looked at all of it", each * claims / 1e6),
        row("a process that has folded the ledger without a snapshot", folded.resident_mb),
        row("the most that takes meanwhile", folded.peak_mb),
    ]
    peak = 1e6 * folded.peak_mb / claims
    return "\n".join(
        [
            *rows_of(Table("", ["what", f"of {claims:,} claims", "a claim"], rows)),
            "",
            f"Starting from a snapshot takes {mapped.cpu_seconds:.1f} seconds of processor time, folding the ledger "
            f"{folded.cpu_seconds:.0f}.",
            "",
            f"So {MEMORY_GB} GB hold about **{MEMORY_GB * 1e3 / each:,.0f} million claims** that are looked at all the "
            "time, and more of which most are not, for the system takes back what nobody reads. Folded anew without a "
            f"snapshot, the same {MEMORY_GB} GB are enough for {MEMORY_GB * 1e3 / peak:,.0f} million.",
        ]
    )


def _parts(found: _Found) -> str:
    starts = [one for one in found.of("start", Starts).starts if one.how not in (FROM_SNAPSHOT, LOOKED_AT)]
    rows = [
        ["all" if one.how == ROW_BY_ROW else f"`{one.how}`", f"{one.claims:,}", f"{one.left_out:,}",
         f"{one.resident_mb:,.0f} MB", f"{one.peak_mb:,.0f} MB", f"{one.cpu_seconds:.0f}"]
        for one in sorted(starts, key=lambda one: one.claims)
    ]  # fmt: skip
    head = ["part", "claims", "left out", "resident", "most meanwhile", "seconds of processor time"]
    return "\n".join(rows_of(Table("", head, rows)))


def _replicas(found: _Found) -> str:
    runs = found.of("replicas", list[Replicas])
    rows = [
        [f"{run.wanted_rate:.0f} articles a second, {what}", *(f"{value(one):.0f} ms" for one in run.services)]
        for run in runs
        for what, value in _LAGS.items()
    ]
    failures = sum(one.failures for run in runs for one in run.services)
    answers = sum(one.answers for run in runs for one in run.services)
    head = ["", *(f"service {number}" for number in range(1, len(runs[0].services) + 1))]
    alike = all(len({(one.revision, one.claims) for one in run.services}) == 1 for run in runs)
    end = "held the same claims at the same revision" if alike else "did not hold the same"
    told = f"Of {answers:,} answers {failures or 'none'} failed, and at the end all of them {end}."
    return "\n".join([*rows_of(Table("", head, rows)), "", told])


_LAGS: dict[str, Callable[[Replica], float]] = {
    "median": lambda one: one.median_ms,
    "99 of a hundred": lambda one: one.p99_ms,
    "most": lambda one: one.most_ms,
}


def _year(found: _Found) -> str:
    news, starts = found.of("extraction", ExtractionResult), found.starts
    stream = news.end(LOCAL, 2) or news.end(NEAR, 2)
    stores = {one.store: one.claims_per_second for one in found.of("ledger", LedgerResult).stores}
    if stream is None or "PostgreSQL ledger" not in stores:
        raise _Unknown("a stream, or PostgreSQL")
    folded, each, written = starts.of(ROW_BY_ROW), found.bytes_a_claim, stores["PostgreSQL ledger"]
    kept = 1e6 * starts.ledger_mb / folded.claims
    peak = 1e6 * folded.peak_mb / folded.claims
    claims = CLAIMS_A_DAY * DAYS
    core_hours = ARTICLES_A_DAY / stream.cpu_rate / 3600
    rows = [
        ["articles", f"{ARTICLES_A_DAY:,}", f"{ARTICLES_A_DAY * DAYS / 1e6:,.0f} million"],
        ["claims", f"{CLAIMS_A_DAY:,}", f"{claims / 1e6:,.0f} million"],
        [f"reading, at {stream.cpu_rate:.0f} articles for each second of a core", f"{core_hours:.1f} core-hours",
         f"{core_hours * DAYS:,.0f} core-hours"],
        [f"writing into PostgreSQL, at {written:,.0f} claims a second", f"{CLAIMS_A_DAY / written:.0f} s",
         f"{claims / written / 3600:.1f} hours"],
        [f"the graph, at {each:.0f} bytes a claim", f"{each * CLAIMS_A_DAY / 1e6:,.0f} MB",
         f"{each * claims / 1e9:,.0f} GB"],
        [f"the ledger's claims, at {kept / 1000:.1f} kB", f"{kept * CLAIMS_A_DAY / 1e9:.1f} GB",
         f"{kept * claims / 1e9:,.0f} GB"],
        [f"texts, at {TEXT_BYTES / 1000:.0f} kB an article", f"{TEXT_BYTES * ARTICLES_A_DAY / 1e9:.1f} GB",
         f"{TEXT_BYTES * ARTICLES_A_DAY * DAYS / 1e9:,.0f} GB"],
    ]  # fmt: skip
    hours = folded.cpu_seconds / folded.claims * claims / 3600
    days = core_hours * DAYS / (MACHINES * CORES) / 24
    return "\n".join(
        [
            *rows_of(Table("", ["what", "a day", "a year"], rows)),
            "",
            f"A day keeps {core_hours / 24:.1f} cores busy; a year at once takes {MACHINES} machines of {CORES} cores "
            f"{days:.1f} days. A machine that is to answer about all of the year at once needs "
            f"{each * claims / 1e9:,.0f} GB, once there is a snapshot. To make the first one by folding takes "
            f"{hours:.1f} hours and, at {peak:,.0f} bytes a claim, {peak * claims / 1e9:,.0f} GB meanwhile; so it is "
            "done on a larger machine, or a part at a time.",
        ]
    )  # fmt: skip


def _cluster(found: _Found) -> str:
    result = found.of("cluster", ClusterResult)
    count = result.runs[0].articles
    rows, million, own = [], list[float](), list[float]()
    for case in CASES[1:]:
        rate, reading, client, worker, memory = result.medians(case)
        million.append(reading * 1e6 / count / 3600)
        own.append(client * 1e6 / count / 3600)
        rows.append([case, f"{rate:.1f}", f"{reading:.0f}", f"{client:.1f}", f"{worker:,.0f}", f"{memory:,.0f}"])
    head = [f"{count:,} articles", "articles a second", "reading, core-seconds", "the client's part, core-seconds",
            "MB a worker", "MB of the client"]  # fmt: skip
    ratio = result.median(CASES[2], lambda run: run.rate) / result.median(CASES[1], lambda run: run.rate)
    same = len({run.records for run in result.runs}) == 1
    records = "the same, byte for byte" if same else "not the same"
    lines = [
        *rows_of(Table("", head, rows)),
        "",
        f"Two workers read {ratio:.1f} times as much in a second as one, on two cores that scheduler and client share "
        f"with them. With one worker, with two and without a cluster the records were {records}.",
        "",
        f"So a million articles as dense as these take {_span(million, 0)} core-hours of reading, whatever the number "
        f"of machines, and {_span(own, 1)} hours of the client's, which reads JSON, links, judges and writes into a "
        f"SQLite file. One client keeps up with about {min(million) / max(own):.0f} workers; beyond that let them "
        "write into PostgreSQL, where the client's part is to look up ids. Of a stream in which few articles hold "
        "claims, most sentences are not parsed, and the cost is a fraction.",
    ]
    judged = result.judged
    if judged is not None:
        told = "the same" if judged.same else "not the same"
        lines += [
            "",
            f"Judging {judged.articles:,} invented articles that copy each other without end ({judged.judgements:,} "
            f"judgements) took two workers {judged.cluster_s:.0f} seconds and {judged.worker_mb:,.0f} MB each, one "
            f"process {judged.alone_s:.0f} seconds with reading them; the judgements were {told}.",
        ]
    return "\n".join(lines)


def _span(values: list[float], digits: int) -> str:
    low, high = (f"{value:.{digits}f}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


_BLOCKS: dict[str, Callable[[_Found], str]] = {
    "machine": _machine,
    "parts": _parts,
    "replicas": _replicas,
    "year": _year,
    "cluster": _cluster,
}
