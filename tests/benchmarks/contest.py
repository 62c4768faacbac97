"""The same questions put to Polemos and to other engines in turn, on the same claims: medians, ratios, and agreement.

`python -m tests.benchmarks.contest LEDGER [--snapshots FOLDER] [--engines NAME …] [--json FILE]`. In: a ledger, folded
(or read from its snapshot) once. Out: for each question and engine the median over at least 30 arguments drawn from the
data, how often its rows were not those of Polemos, and how long it took to load. Engines take turns argument by
argument, so that all meet the same noise of the machine; of several rounds the quickest counts. Then Polemos and the
engines that can be added to are asked again while 1,000 claims a second come in.
"""

from __future__ import annotations

import argparse
import gc
import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from app.extraction import ReadingBuilder
from app.graph import ConflictGraph, Fold
from app.ledger import Entry, open_ledger
from app.pipeline import keep_snapshot, open_fold
from app.vocabulary.records import Article, Reading, actor_id
from app.vocabulary.terms import ClaimType, Modality, NodeKind
from tests.benchmarks.peers import ENGINES, FEW, absent
from tests.benchmarks.peers.base import Engine
from tests.benchmarks.peers.ours import Polemos, Whole
from tests.benchmarks.peers.work import SEED, Added, Work, arguments, claim_line, edge_line

SLOW_SECONDS = 12.0
"""An engine that has spent so long on a question is not asked it any more; the table says how often it was."""
ROUNDS = 3
ADDED_PER_SECOND = 1000
LATE_SECONDS = 0.5
CLAIMS_PER_ARTICLE = 10
ADDABLE = ("SQLite",)
LEAST_ASKED = 30


class Figure(msgspec.Struct, frozen=True):
    """How one engine answered one question.

    Attributes:
        median_ms: Of the arguments it was asked about, each counted once, at its quickest.
        asked: How many arguments.
        differ: For how many of them its rows were not those of Polemos.
        rows: Rows in all answers together.
        first_ms: Median of the first time each argument was asked.
    """

    engine: str
    question: str
    median_ms: float
    asked: int
    differ: int
    rows: int
    first_ms: float


class Result(msgspec.Struct, frozen=True):
    """A whole contest.

    Attributes:
        skipped: Engines that are not here, and why.
        failed: Questions (by engine and letter) that an engine refused, in its own words.
    """

    claims: int
    figures: list[Figure]
    load_s: dict[str, float]
    skipped: dict[str, str]
    failed: dict[str, str]


class AddingResult(msgspec.Struct, frozen=True):
    """The contest while claims come in.

    Attributes:
        added: Claims that came in.
        seconds: In how long, the time not counted in which articles were made up and others added them.
        adding_us: By engine, microseconds a claim took to be added, indexes included.
    """

    added: int
    seconds: float
    adding_us: dict[str, float]
    figures: list[Figure]


@dataclass(slots=True)
class _Tally:
    """Times by argument."""

    best: dict[int, float] = field(default_factory=dict)
    first: dict[int, float] = field(default_factory=dict)
    spent: float = 0.0
    differ: int = 0
    rows: int = 0

    def figure(self, engine: str, question: str) -> Figure | None:
        if not self.best:
            return None
        median, first = (1000 * statistics.median(one.values()) for one in (self.best, self.first))
        return Figure(engine, question, median, len(self.best), self.differ, self.rows, first)


def contest(
    engines: Sequence[Engine],
    asked: Mapping[str, Sequence[Any]],
    *,
    rounds: int = ROUNDS,
    slow: float = SLOW_SECONDS,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[list[Figure], dict[str, str]]:
    """Put all questions to all engines in turn; the first engine's rows are what the others' are compared with.

    Returns the figures, and which questions an engine refused.
    """
    found, failed = [], {}
    for question in asked:
        able = [(engine, engine.asks()[question]) for engine in engines if question in engine.asks()]
        tallies = {engine.name: _Tally() for engine, _ in able}
        for engine, ask in list(able):
            # Plans are made and indexes sorted when something is first asked; that is no part of an answer.
            began = time.perf_counter()
            try:
                ask(asked[question][0])
            except Exception as why:
                # Other people's engines: what one cannot do must not keep the others from being measured.
                if isinstance(engine, Polemos):
                    raise
                failed[f"{engine.name} ({question})"] = _told(why)
                able.remove((engine, ask))
                continue
            took = time.perf_counter() - began
            if took > slow:
                failed[f"{engine.name} ({question})"] = f"one answer took {took:.0f} s."
                able.remove((engine, ask))
                continue
            # One that is slow is asked some times all the same.
            tallies[engine.name].spent += min(took, slow / 3)
        truths: dict[int, Any] = {}
        for turn in range(rounds):
            for number, argument in enumerate(asked[question]):
                _ask_all(question, able, number, argument, tallies, truths, slow, turn, failed)
        figures = [figure for name, one in tallies.items() if (figure := one.figure(name, question)) is not None]
        found += figures
        say(f"  ({question}) " + ", ".join(f"{one.engine} {one.median_ms:.3f} ms" for one in figures))
    return found, failed


def _told(why: Exception) -> str:
    return f"{type(why).__name__}: {(str(why) or 'no word').splitlines()[0]}"


def _ask_all(
    question: str,
    able: list[tuple[Engine, Callable[[Any], Any]]],
    number: int,
    argument: Any,
    tallies: dict[str, _Tally],
    truths: dict[int, Any],
    slow: float,
    turn: int,
    failed: dict[str, str],
) -> None:
    # Polemos goes first where rows are still to be compared, and whoever's turn it is where they are known.
    shift = (number + turn) % len(able) if turn else 0
    for engine, ask in able[shift:] + able[:shift]:
        tally = tallies[engine.name]
        if tally.spent > slow:
            continue
        began = time.perf_counter()
        try:
            rows = ask(argument)
        except Exception as why:
            if isinstance(engine, Polemos):
                raise
            failed[f"{engine.name} ({question})"] = _told(why)
            tally.spent = math.inf
            continue
        took = time.perf_counter() - began
        tally.spent += took
        tally.best[number] = min(took, tally.best.get(number, took))
        if turn == 0:
            tally.first[number] = took
            tally.rows += len(rows)
            truth = truths.setdefault(number, rows)
            if engine.name != Whole.name:
                tally.differ += list(rows) != list(truth)


# ---- while claims come in ----


class Newcomers:
    """Articles of ten claims each, by and against those whom the questions are about; all of it is invented."""

    def __init__(self, graph: ConflictGraph, work: Work, seed: int = SEED) -> None:
        self._dice = random.Random(seed)
        plain = {one.id: one.name for one in graph.actors.values() if actor_id(one.name) == one.id}
        self._pairs = [
            (plain[line.source], plain[line.target])
            for line in sorted(work.claims)
            if line.target is not None and line.source in plain and line.target in plain
        ]
        self._last = max(line.day for line in work.claims)
        self._number = 0

    def article(self, claims: int = CLAIMS_PER_ARTICLE) -> list[Entry]:
        """An article and its reading."""
        self._number += 1
        pairs = self._dice.choices(self._pairs, k=claims)
        lines = [f"{self._number}.{n}: {by} on {to}." for n, (by, to) in enumerate(pairs)]
        day = date.fromordinal(self._last + 1 + self._number // 1000).isoformat()
        article = Article(f"Bulletin {self._number}", "\n".join(lines), day, "The Courier")
        builder = ReadingBuilder(article, "benchmark@1")
        at = 0
        for (by, to), line in zip(pairs, lines, strict=True):
            evidence = builder.evidence("text", at, at + len(line))
            at += len(line) + 1
            who, whom = (builder.mention(NodeKind.ACTOR, name, evidence) for name in (by, to))
            kind = self._dice.choices(list(ClaimType), (7, 1, 2))[0]
            modality = Modality.CARRIED_OUT if kind is ClaimType.RETALIATES else Modality.ASSERTED
            builder.claim(
                kind, speaker=who, source=who, target=whom, modality=modality, evidence=evidence, date=day,
                incident=builder.incident("shelling", evidence, date=day) if self._dice.random() < 0.5 else None,
            )  # fmt: skip
        return [article, builder.reading()]


def adding(
    fold: Fold,
    engines: Sequence[Engine],
    asked: Mapping[str, Sequence[Any]],
    newcomers: Newcomers,
    *,
    rate: int = ADDED_PER_SECOND,
    rounds: int = ROUNDS,
    most_seconds: float = 120,
) -> AddingResult:
    """Before every question, add what is due at this rate, to the graph through its fold and to the others after it.

    The questions are put in turn, (a) to (f), so that each comes right after changes.
    """
    tallies = {(engine.name, question): _Tally() for engine in engines for question in asked}
    spent = dict.fromkeys((engine.name for engine in engines), 0.0)
    added = 0
    began = time.perf_counter()
    graph = fold.graph
    turns = [
        (turn, number, question)
        for turn in range(rounds)
        for number in range(max(map(len, asked.values())))
        for question, about in asked.items()
        if number < len(about)
    ]
    elsewhere = 0.0
    for turn, number, question in turns:
        if time.perf_counter() - began > most_seconds:
            break
        # Whoever cannot keep up is late, and asked all the same: the rate that was reached tells it.
        patience = time.perf_counter() + LATE_SECONDS
        # While articles are made up and the others add, the clock stands still: Polemos is to bear its own load.
        while added < rate * (time.perf_counter() - began - elsewhere) and time.perf_counter() < patience:
            before, own = time.perf_counter(), spent[engines[0].name]
            added += _add(fold, engines, newcomers.article(), spent)
            elsewhere += time.perf_counter() - before - (spent[engines[0].name] - own)
        able = [(engine, engine.asks()[question]) for engine in engines if question in engine.asks()]
        by_name = {engine.name: tallies[engine.name, question] for engine in engines}
        # The rows change with what is added: they are compared anew each time.
        _ask_all(question, able, number, asked[question][number], by_name, {}, math.inf, turn, {})
    if fold.graph is not graph:
        raise RuntimeError("the fold has begun anew, so that the times are not of one graph")
    took = time.perf_counter() - began - elsewhere
    figures = [figure for (name, question), one in tallies.items() if (figure := one.figure(name, question))]
    return AddingResult(added, took, {name: 1e6 * one / max(added, 1) for name, one in spent.items()}, figures)


def _add(fold: Fold, engines: Sequence[Engine], entries: list[Entry], spent: dict[str, float]) -> int:
    graph = fold.graph
    article = entries[0]
    assert isinstance(article, Article)
    began = time.perf_counter()
    revision = graph.revision + 1
    fold.feed([(revision, entry) for entry in entries])
    spent[engines[0].name] += time.perf_counter() - began
    claims = [graph.claims[one] for one in graph.claims_in(article.id)]
    edges = {edge.id: edge for one in claims for edge in graph.edges_of(one.id) if str(edge.kind) == str(one.type)}
    new = Added([claim_line(graph, one) for one in claims], [edge_line(graph, edge) for edge in edges.values()])
    for engine in engines[1:]:
        began = time.perf_counter()
        engine.add(new)
        spent[engine.name] += time.perf_counter() - began
    return len(claims)


# ---- the door ----


@contextmanager
def folded(ledger: Path, snapshots: Path | None = None) -> Iterator[Fold]:
    """The ledger's graph, from its snapshot where there is one; one is written where a folder is named."""
    with closing(open_ledger(f"sqlite:///{ledger.resolve()}")) as opened:
        fold = open_fold(opened, snapshots)
        fold.feed(opened.entries(fold.graph.revision, with_text=False))
        if snapshots is not None:
            keep_snapshot(fold, opened, snapshots)
        yield fold


def folded_part(ledger: Path, most: int) -> Fold:
    """The graph of the first so many claims."""
    fold, claims = Fold(), 0
    with closing(open_ledger(f"sqlite:///{ledger.resolve()}")) as opened:

        def some() -> Iterator[tuple[int, Entry]]:
            nonlocal claims
            for revision, entry in opened.entries(with_text=False):
                if claims >= most:
                    return
                claims += len(entry.claims) if isinstance(entry, Reading) else 0
                yield revision, entry

        fold.feed(some())
    return fold


def measure(
    fold: Fold,
    names: Sequence[str],
    *,
    count: int = 40,
    rounds: int = ROUNDS,
    slow: float = SLOW_SECONDS,
    while_adding: bool = True,
    adding_seconds: float = 120,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Result, AddingResult | None]:
    """Load the engines of these names, and put everything to them."""
    work = Work.of(fold.graph)
    asked = arguments(work, count)
    say(f"{len(work.claims):,} claims, {len(work.edges):,} edges of claims, {len(work.links):,} links")
    skipped = {name: why for name in names if (why := absent(name)) is not None}
    engines: list[Engine] = [Polemos(), Whole()]
    load: dict[str, float] = {}
    for name in names:
        if name not in skipped:
            engine = ENGINES[name]()
            began = time.perf_counter()
            engine.load(work)
            load[name] = time.perf_counter() - began
            say(f"  {name} loaded in {load[name]:.1f} s")
            engines.append(engine)
    for ours in engines[:2]:
        ours.load(work)
    # As the service does: no collection looks at the whole graph.
    gc.collect()
    gc.freeze()
    try:
        figures, failed = contest(engines, asked, rounds=rounds, slow=slow, say=say)
        result = Result(len(work.claims), figures, load, skipped, failed)
        if not while_adding:
            return result, None
        able = [engine for engine in engines if engine.name in (Polemos.name, *ADDABLE)]
        say("while claims are added …")
        # Links are not added to: (d) is left out.
        moving = {question: about for question, about in asked.items() if question != "d"}
        more = adding(fold, able, moving, Newcomers(fold.graph, work), rounds=rounds, most_seconds=adding_seconds)
        say(f"  {more.added} claims in {more.seconds:.1f} s: {more.adding_us}")
        return result, more
    finally:
        for engine in engines:
            engine.close()
        gc.unfreeze()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--snapshots", type=Path, help="folder for a snapshot of the graph, for the next time")
    parser.add_argument("--engines", nargs="*", default=[name for name in ENGINES if name not in {"kuzu", *FEW}])
    parser.add_argument("--count", type=int, default=40, help="arguments of each question")
    parser.add_argument("--most", type=int, help="only the first so many claims")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    def say(words: str) -> None:
        print(words, flush=True)

    whole = options.most is None
    with (
        folded(options.ledger, options.snapshots) if whole else nullcontext(folded_part(options.ledger, options.most))
    ) as fold:
        result, more = measure(fold, options.engines, count=options.count, say=say)
    for one in result.figures:
        told = f"({one.question}) {one.engine:22} {one.median_ms:10.3f} ms  asked {one.asked}  first {one.first_ms:.3f}"
        print(told, f"rows {one.rows}", f"DIFFER {one.differ}" if one.differ else "")
    for one in more.figures if more is not None else ():
        told = f"{one.engine:22} {one.median_ms:10.3f} ms  first {one.first_ms:.3f}"
        print(f"adding ({one.question}) {told}", f"DIFFER {one.differ}" if one.differ else "")
    if options.json is not None:
        data = msgspec.json.encode({"result": result, "adding": more})
        options.json.write_bytes(msgspec.json.format(data, indent=1))


if __name__ == "__main__":
    main()
