"""How fast the graph answers when it holds half a million claims with the degrees of real event data.

`python -m tests.benchmarks.icews FOLDER [--bench ../shared/bench/icews/icews18]`. In: the ICEWS18 events, read where
they lie and never copied into the project. Into FOLDER, once: a ledger of at least 450,000 claims made of them. Out:
CPU time (the machine may be shared) and memory of import and fold, then the latency of each query over pairs, claims
and incidents drawn from the data.

By the crosswalk that ships, one event in forty is a claim. To get the degrees of the whole, the table here calls every
event one: talk and cooperation an accusation, verbal conflict a denial, material deeds a retaliation; only "Accuse…"
and "Deny responsibility" keep their sense. Events of one week against one actor are made one incident, and a denial
answers the last accusation before it. All this is made up, so that there is something to ask; nothing in this ledger
means anything, and it is for measuring alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import os
import platform
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from app.graph import ConflictGraph, fold
from app.intake.coded import ActorTable, CodedOptions, CodeTable, Icews, Renderer
from app.intake.coded.rendering import Accepted
from app.intake.coded.tables import CodeRow, Role
from app.ledger import Batch, open_ledger
from app.linking import LINKER
from app.pipeline.importing import ImportReport, import_coded
from app.queries import ClaimFilter, accusations, incident, subgraph, thread
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Claim, Decision, Incident, Reading
from app.vocabulary.terms import ClaimType, DecisionKind, Judgement, Modality

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT.parent / "shared" / "bench" / "icews" / "icews18"
LEAST_CLAIMS = 450_000
SEED = 18
MOST_SECONDS = 60

# First words of CAMEO's names by quad class; what begins with none of them is a material deed.
TALK = (
    "Acknowledge", "Apolog", "Appeal", "Consider", "Consult", "Decline", "Defend", "Discuss", "Engage in diplomatic",
    "Engage in negotiation", "Engage in symbolic", "Express", "Forgive", "Grant diplomatic", "Host", "Make", "Mediate",
    "Meet", "Praise", "Rally support", "Sign",
)  # fmt: skip
VERBAL_CONFLICT = (
    "Bring lawsuit", "Complain", "Criticize", "Defy", "Demand", "Deny", "Give ultimatum", "Rally opposition", "Refuse",
    "Reject", "Threaten", "Veto", "find guilty",
)  # fmt: skip


def every_code(names: Iterable[str]) -> CodeTable:
    """A table by which every event is a claim; see above."""
    rows = []
    for number, name in enumerate(sorted(set(names))):
        if name.startswith(("Accuse", *TALK)):
            kind, modality = ClaimType.ACCUSES, Modality.ASSERTED
        elif name.startswith(VERBAL_CONFLICT):
            kind, modality = ClaimType.DENIES, Modality.ASSERTED
        else:
            kind, modality = ClaimType.RETALIATES, Modality.CARRIED_OUT
        rows.append(CodeRow(f"every-{number}", (name,), kind, modality))
    return CodeTable(rows, "benchmark")


def everybody(shipped: ActorTable) -> ActorTable:
    """The roles that ship, but private persons are actors too."""
    return ActorTable(
        {
            name: Role(role.kind, "self" if role.speaks_for == "nobody" else role.speaks_for)
            for name, role in shipped.roles.items()
        }
    )


class WithIncidents(Renderer):
    """Adds incidents and answers, which coded events lack."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.same: list[Decision] = []
        self._first: dict[tuple[str, str], str] = {}

    def article(self, day: str, accepted: Iterable[Accepted]) -> tuple[Article, Reading]:
        """As the importer's, with an incident for each accused of the article, and denials that answer it."""
        article, reading = super().article(day, accepted)
        incidents: dict[str, Incident] = {}
        last: dict[tuple[str, str | None], str] = {}
        claims = []
        for claim in reading.claims:
            about: str | None = None
            answered: str | None = None
            if claim.type is ClaimType.DENIES:
                answered = last.get((claim.source, claim.target))
                about = incidents[claim.source].id if claim.source in incidents else None
            elif claim.target is not None:
                if claim.target not in incidents:
                    incidents[claim.target] = self._incident(claim, day)
                about = incidents[claim.target].id
            changed = dataclasses.replace(claim, incident=about, responds_to=answered)
            if claim.type is ClaimType.ACCUSES and claim.target is not None:
                last[claim.target, claim.source] = changed.id
            claims.append(changed)
        names = {mention.id: mention.name for mention in reading.mentions}
        week = "{}-{}".format(*date.fromisoformat(day).isocalendar()[:2])
        for target, found in incidents.items():
            first = self._first.setdefault((names[target], week), found.id)
            if first != found.id:
                reason = "one week, one accused"
                self.same.append(
                    Decision(DecisionKind.JUDGE, found.id, LINKER, first, judgement=Judgement.SAME, reason=reason)
                )
        return article, dataclasses.replace(reading, incidents=tuple(incidents.values()), claims=tuple(claims))

    def _incident(self, claim: Claim, day: str) -> Incident:
        assert claim.target is not None
        return Incident(claim.article, "coded event", claim.evidence, date=day, alleged_perpetrators=(claim.target,))


def relation_names(bench: Path) -> list[str]:
    """The names of the codes in a folder of numbered facts."""
    from app.intake.coded.icews import _RELATIONS, _file, _numbers

    path = _file(bench, _RELATIONS)
    if path is None:
        raise SystemExit(f"{bench} holds no {_RELATIONS}")
    return list(_numbers(path).values())


def build(bench: Path, ledger_file: Path) -> tuple[ImportReport, float]:
    """Make the ledger; a broken run is not taken for a whole one. Returns what was imported and its CPU seconds."""
    data = ROOT / "graph_data"
    gazetteer = Gazetteer.load(data / "gazetteers")
    table = every_code(relation_names(bench))
    renderer = WithIncidents(
        Icews(), table, everybody(ActorTable.load(data / "crosswalk" / "icews_actors.tsv")), gazetteer
    )
    part = ledger_file.with_suffix(".part")
    for left in part.parent.glob(f"{part.name}*"):
        left.unlink()
    began = time.process_time()
    with closing(open_ledger(f"sqlite:///{part}")) as ledger:
        report = import_coded(bench, renderer=renderer, options=CodedOptions(), ledger=ledger, gazetteer=gazetteer)
        took = time.process_time() - began
        ledger.append(Batch(decisions=renderer.same))
    part.replace(ledger_file)
    return report, took


def parse_speed(bench: Path) -> float:
    """Events per CPU second of reading alone."""
    began = time.process_time()
    count = sum(1 for _ in Icews().events(bench, CodedOptions()))
    return count / (time.process_time() - began)


# ---- asking ----


@dataclass(frozen=True)
class Asked:
    """How long the answers to a kind of question took, in milliseconds."""

    what: str
    times: Sequence[float]

    def row(self) -> str:
        """A line of the table."""
        ordered = sorted(self.times)
        median, late = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
        return f"| {self.what} | {len(ordered)} | {median:.3f} | {late:.3f} | {ordered[-1]:.3f} |"


def ask(what: str, questions: Iterable[Callable[[], object]]) -> Asked:
    """Put questions one by one; the first is put twice, for an index may be sorted when it is first read.

    Where answers take long, fewer are asked for: the table says how many were.
    """
    waiting = list(questions)
    waiting[0]()
    times: list[float] = []
    for question in waiting:
        began = time.perf_counter()
        question()
        times.append((time.perf_counter() - began) * 1000)
        if sum(times) > MOST_SECONDS * 1000:
            break
    return Asked(what, times)


@dataclass(frozen=True)
class Draw:
    """What questions are about: drawn claim by claim, so that who speaks much is asked for often."""

    graph: ConflictGraph
    claims: list[str]

    @classmethod
    def of(cls, graph: ConflictGraph, count: int, kind: ClaimType | None = None) -> Draw:
        """Claims of one kind, or of any; the same for the same graph."""
        able = [one.id for one in graph.claims.values() if kind in (None, one.claim.type) and one.target is not None]
        able.sort()
        return cls(graph, random.Random(SEED).sample(able, min(count, len(able))))

    def pairs(self) -> list[tuple[str, str, date]]:
        """Source, target and day."""
        found = [self.graph.claims[one] for one in self.claims]
        return [(one.source, one.target or "", one.when.start or date.min) for one in found]


def accusing(graph: ConflictGraph, count: int) -> Asked:
    """accusations(A, B) with roll-up, within 30 days."""
    month = timedelta(days=30)

    def question(source: str, target: str, day: date) -> Callable[[], object]:
        since, until = str(day - month), str(day + month)
        return lambda: accusations(graph, ClaimFilter(source=source, target=target, since=since, until=until))

    pairs = Draw.of(graph, count, ClaimType.ACCUSES).pairs()
    return ask("accusations(A, B), roll-up, 60 days", (question(*pair) for pair in pairs))


def accusing_ever(graph: ConflictGraph, count: int) -> Asked:
    """accusations(A, B) with roll-up, whenever."""

    def question(source: str, target: str) -> Callable[[], object]:
        return lambda: accusations(graph, ClaimFilter(source=source, target=target))

    pairs = Draw.of(graph, count, ClaimType.ACCUSES).pairs()
    return ask("accusations(A, B), roll-up, no dates", (question(*pair[:2]) for pair in pairs))


def threading(graph: ConflictGraph, count: int) -> Asked:
    """thread(claim) of denials that answer something."""
    drawn = [one for one in Draw.of(graph, 20 * count, ClaimType.DENIES).claims if graph.claims[one].claim.responds_to]

    def question(claim: str) -> Callable[[], object]:
        return lambda: thread(graph, claim)

    return ask("thread(claim), denials that answer", map(question, drawn[:count]))


def threading_any(graph: ConflictGraph, count: int) -> Asked:
    """thread(claim) of whatever claim."""

    def question(claim: str) -> Callable[[], object]:
        return lambda: thread(graph, claim)

    return ask("thread(claim), any claim", map(question, random.Random(SEED).sample(list(graph.claims), count)))


def attributing(graph: ConflictGraph, count: int) -> Asked:
    """The attribution table of an incident."""
    drawn = [graph.claims[one].incident for one in Draw.of(graph, 3 * count).claims]

    def question(name: str) -> Callable[[], object]:
        return lambda: incident(graph, name)

    return ask("incident(id) with attribution", map(question, [one for one in drawn if one is not None][:count]))


def around(graph: ConflictGraph, count: int) -> Asked:
    """The 2-hop subgraph around an actor, at most 500 edges."""

    def question(actor: str) -> Callable[[], object]:
        return lambda: subgraph(graph, actors=[actor], hops=2, limit=500)

    pairs = Draw.of(graph, count).pairs()
    return ask("2-hop subgraph, at most 500 edges", (question(source) for source, _, _ in pairs))


QUESTIONS: dict[str, tuple[Callable[[ConflictGraph, int], Asked], int]] = {
    "accusations": (accusing, 300),
    "accusations-ever": (accusing_ever, 300),
    "thread": (threading, 300),
    "thread-any": (threading_any, 300),
    "attribution": (attributing, 300),
    "subgraph": (around, 300),
}
"""What is asked, by the name it goes by on the command line, and how often."""


def resident_mb() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Build where there is none yet, fold, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the ledger is kept between runs")
    parser.add_argument("--bench", type=Path, default=BENCH, help="the folder of ICEWS18")
    parser.add_argument("--ask", nargs="*", choices=QUESTIONS, default=list(QUESTIONS), help="which queries")
    options = parser.parse_args()
    if not options.bench.is_dir():
        raise SystemExit(f"the events are not at {options.bench}; name their folder with --bench")
    options.folder.mkdir(parents=True, exist_ok=True)
    ledger_file = options.folder.resolve() / "icews18.sqlite"
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    if not ledger_file.is_file():
        speed = parse_speed(options.bench)
        report, took = build(options.bench, ledger_file)
        print(f"reading alone: {speed:,.0f} events/s of CPU time")
        print(
            f"import: {report.events:,} events, {report.claims:,} claims, {report.articles:,} articles "
            f"in {took:.1f} s: {report.events / took:,.0f} events/s; refused {dict(report.refused)}; "
            f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:,.0f} MB; "
            f"ledger {ledger_file.stat().st_size / 1e6:,.0f} MB"
        )
    gc.collect()
    before = resident_mb()
    began = time.process_time()
    with closing(open_ledger(f"sqlite:///{ledger_file}")) as ledger:
        graph = fold(ledger.entries(with_text=False))
        # As the service does: no collection looks at the whole graph.
        gc.freeze()
    took = time.process_time() - began
    claims = len(graph.claims)
    if claims < LEAST_CLAIMS:
        raise SystemExit(f"{claims:,} claims are fewer than {LEAST_CLAIMS:,}")
    print(
        f"fold: {claims:,} claims, {len(graph.actors):,} actors, {len(graph.incidents):,} incidents, "
        f"{len(graph):,} edges in {took:.1f} s: {claims / took:,.0f} claims/s; {resident_mb() - before:,.0f} MB"
    )
    sys.stdout.flush()
    print("| query | asked | median ms | 95 % ms | slowest ms |\n| --- | --- | --- | --- | --- |")
    for question, count in map(QUESTIONS.__getitem__, options.ask):
        print(question(graph, count).row(), flush=True)


if __name__ == "__main__":
    main()
