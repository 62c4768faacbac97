"""What is measured: a setting in, goals, tables and data of each section of the report out.

Each section runs a measurement at the size that stands in the report, or in seconds on some thousand generated claims.
The module of a measurement knows how to tell what it found; where it only measures, that is done here.
"""

from __future__ import annotations

import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing, redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import httpx

from app.ledger import open_ledger
from app.pipeline import fold_ledger
from tests.benchmarks import (
    centralities,
    cluster,
    contest,
    during_writes,
    extraction,
    generated,
    http,
    icews,
    ledger,
    memory,
    rdf,
    replicas,
    run,
    sparql,
    standing,
)
from tests.benchmarks.figures import Goal, Skipped, Table, at_least, at_most, ms, times
from tests.benchmarks.peers import ENGINES, FEW
from tests.benchmarks.peers.work import Work

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "graph_data" / "corpus"
QUICK_EVENTS, QUICK_ACTORS, QUICK_DAYS = 2_500, 250, 60
IMPORTED_EVENTS, IMPORTED_ACTORS, IMPORTED_DAYS = 20_000, 2_000, 60
FEW_CLAIMS = 50_000
ASKED_EVENTS = 100


@dataclass(frozen=True)
class Setting:
    """What sections are run with.

    Attributes:
        folder: Where the ledger is kept between runs.
        events: The ICEWS18 events, which lie in a folder with other people's data; generated ones where None.
        gold: Annotated articles with stories.json.
        quick: Whether some thousand claims are enough.
    """

    folder: Path
    events: Path | None
    gold: Path
    quick: bool
    say: Callable[[str], None]

    @property
    def ledger(self) -> Path:
        """The ledger of claims; made when it is first asked for."""
        file = self.folder / "icews18.sqlite"
        if not file.is_file():
            events = self.events if self.events is not None and self.events.is_dir() else None
            if events is None:
                # The folder's name tells the year from which days are counted.
                events = self.folder / "generated" / "icews18"
                if not events.is_dir():
                    self.say("generating events …")
                    if self.quick:
                        generated.write(events, QUICK_EVENTS, QUICK_ACTORS, QUICK_DAYS)
                    else:
                        generated.write(events)
            self.say("making the ledger …")
            icews.build(events, file)
            (self.folder / "origin.txt").write_text(
                "generated events" if events.parent.name == "generated" else "the ICEWS18 events", encoding="utf-8"
            )
        return file

    @property
    def origin(self) -> str:
        """Of what the ledger is made."""
        file = self.folder / "origin.txt"
        return file.read_text(encoding="utf-8") if file.is_file() else "the ICEWS18 events"

    @property
    def snapshots(self) -> Path:
        """Where the graph's snapshot is kept: where the service keeps it."""
        return self.ledger.with_name("icews18.sqlite.snapshots")

    @property
    def bench(self) -> Path | None:
        """Other people's data, where they are at hand."""
        found = self.events.parents[1] if self.events is not None else None
        return found if found is not None and found.is_dir() else None


Found = tuple[list[Goal], list[Table], str, Any]
"""Goals, tables, text and data of a section."""


# ---- the graph beside other engines ----


def graph(setting: Setting) -> Found:
    """Queries beside peers, at rest and while claims come in; centralities."""
    count, rounds, slow = (6, 1, 5.0) if setting.quick else (40, contest.ROUNDS, contest.SLOW_SECONDS)
    names = [name for name in ENGINES if name != "kuzu" or find_spec("ladybug") is None]
    with contest.folded(setting.ledger, None if setting.quick else setting.snapshots) as fold:
        central = centralities.measure(Work.of(fold.graph), 1 if setting.quick else centralities.ROUNDS, setting.say)
        result, more = contest.measure(
            fold,
            [name for name in names if setting.quick or name not in FEW],
            count=count,
            rounds=rounds,
            slow=slow,
            adding_seconds=5 if setting.quick else 120,
            say=setting.say,
        )
    few = None
    if not setting.quick:
        setting.say("a tenth of the claims, for engines that all are too many for …")
        part = contest.folded_part(setting.ledger, FEW_CLAIMS)
        few, _ = contest.measure(part, ["SQLite", *FEW], count=20, slow=slow, while_adding=False, say=setting.say)
    goals, tables = standing.told(result, more, few, central, setting.origin)
    data = {"contest": result, "adding": more, "tenth": few, "centralities": central, "origin": setting.origin}
    return goals, tables, "", data


# ---- memory, starts, HTTP ----


def memory_of(setting: Setting) -> Found:
    """Bytes a claim."""
    found = memory.measure(setting.ledger, setting.snapshots, setting.say)
    by = {one.holder: one for one in found}
    plain = by["networkx, six attributes an edge"]
    ours = max((by[memory.POLEMOS], by[memory.USED]), key=lambda one: one.bytes_per_claim)
    beside = f"{ours.bytes_per_claim:,.0f} B; {plain.bytes_per_claim:,.0f} B"
    goal = at_most(
        "memory a claim, indexes included, beside an edge of networkx with six attributes",
        ours.bytes_per_claim / plain.bytes_per_claim,
        0.5,
        beside,
    )
    rows = [[one.holder, f"{one.bytes_per_claim:,.0f}", f"{one.claims:,}"] for one in found]
    return [goal], [Table("Memory", ["holder", "bytes a claim", "claims"], rows)], "", found


def start(setting: Setting) -> Found:
    """Cold starts; leaves the snapshot that other sections start from."""
    found = ledger.starts(setting.ledger, setting.snapshots, setting.say)
    return *ledger.told_starts(found), "", found


def http_of(setting: Setting) -> Found:
    """The service under load."""
    why = http.absent()
    if why is not None:
        raise Skipped(why)
    seconds, requests, rounds = (1.0, 0, 1) if setting.quick else (8.0, 100_000, http.ROUNDS)
    workers = (1,) if setting.quick else (1, 2)
    found = http.measure(
        setting.ledger, seconds=seconds, requests=requests, rounds=rounds, workers=workers, say=setting.say
    )
    goals = [
        at_least(f"{one.question}, {http.ROWS} rows: rate beside `response_model`, {one.condition}", one.ratio, 2.5,
                 f"{one.rate:,.0f}/s; {one.modelled_rate:,.0f}/s")
        for one in found.modelled
    ]  # fmt: skip
    least = "no error in 100,000 requests"
    met = found.errors == 0 and found.requests >= 100_000 if not setting.quick else found.errors == 0
    goals.append(Goal("answers under load", least, f"{found.errors} errors in {found.requests:,}", met))
    rows = [
        [one.question, str(one.workers), one.condition, f"{one.rate:,.0f}", ms(one.p50_ms), ms(one.p99_ms),
         f"{one.kilobytes:.1f}"]
        for one in found.rows
    ]  # fmt: skip
    head = ["question", "workers", "when", "requests/s", "median ms", "p99 ms", "kB an answer"]
    modelled = [
        [one.question, one.condition, f"{one.rate:,.0f}", f"{one.modelled_rate:,.0f}", times(one.ratio)]
        for one in found.modelled
    ]
    tables = [
        Table(f"wrk on {http.CONNECTIONS} connections, sharing the machine", head, rows),
        Table(
            f"Answers of {http.ROWS} rows beside the same route declared with `response_model`",
            ["question", "when", "requests/s", "with response_model", "ratio"],
            modelled,
        ),
    ]
    return goals, tables, "", found


# ---- measurements that know how to tell what they found ----


def extraction_of(setting: Setting) -> Found:
    """Articles a second."""
    found = extraction.measure(setting.gold, setting.bench, say=setting.say)
    return *extraction.told(found), "", found


def cluster_of(setting: Setting) -> Found:
    """Beyond one machine."""
    if find_spec("distributed") is None:
        raise Skipped("dask.distributed is not installed")
    found = cluster.measure(400, 2, relate_=1_000, say=setting.say)
    return *cluster.told(found), "", found


def replicas_of(setting: Setting) -> Found:
    """Several services on one ledger."""
    runs = [(40, 20.0)] if setting.quick else [(150, 5.0), (1_000, 50.0)]
    found = []
    for articles, rate in runs:
        found.append(replicas.measure(articles, rate, 3))
        setting.say(f"  {rate:g} articles a second: most {max(one.most_ms for one in found[-1].services):.0f} ms")
    return *replicas.told(found), "", found


def rdf_of(setting: Setting) -> Found:
    """Exports."""
    found = rdf.measure(400, 4_000) if setting.quick else rdf.measure(4_000, 1_000_000)
    return *rdf.told(found), "", found


def ledger_of(setting: Setting) -> Found:
    """Writing, news, backup and check."""
    with tempfile.TemporaryDirectory(dir=setting.folder) as name:
        found = ledger.measure(setting.ledger, Path(name), 20 if setting.quick else ledger.NEWS)
    return *ledger.told(found), "", found


def sparql_of(setting: Setting) -> Found:
    """SPARQL."""
    found = sparql.measure(f"sqlite:///{setting.ledger}", setting.snapshots)
    return *sparql.told(found), "", found


def page_of(setting: Setting) -> Found:
    """The page in a browser."""
    if find_spec("playwright") is None:
        raise Skipped("playwright is not installed")
    from tests.benchmarks import page

    found = page.rounds([50, 150, 500], 2, setting.say)
    return *page.told(found), "", found


def reading(_: Setting) -> Found:
    """From raw text to answers."""
    found = run.measure(200)
    return *run.told(found), "", found


# ---- events of others ----


def events(setting: Setting) -> Found:
    """Importing coded events, questions over them, and what the service answers while another process writes."""
    with tempfile.TemporaryDirectory(dir=setting.folder) as name:
        some = generated.write(Path(name) / "icews18", IMPORTED_EVENTS, IMPORTED_ACTORS, IMPORTED_DAYS)
        parsed = icews.parse_speed(some)
        report, took = icews.build(some, Path(name) / "some.sqlite")
    imported = [
        ["reading the files alone", f"{parsed:,.0f} events for each CPU second"],
        ["import into a SQLite ledger", f"{report.events / took:,.0f} events for each CPU second"],
    ]
    setting.say(f"  import: {report.events / took:,.0f} events for each CPU second")
    with closing(open_ledger(f"sqlite:///{setting.ledger}")) as opened:
        whole = fold_ledger(opened, snapshots=setting.snapshots)
    asked = [question(whole, min(count, ASKED_EVENTS)) for question, count in icews.QUESTIONS.values()]
    setting.say("  questions are answered; now while another process writes …")
    del whole
    rest, busy = _while_writing(setting)
    answers = [[one.what, str(len(one.times)), *_quantiles(one.times)] for one in asked if one.times]
    latencies = [["at rest", *_quantiles(rest)], ["while another process writes", *_quantiles(busy)]]
    ratio = statistics.median(busy) / statistics.median(rest)
    beside = f"{ms(statistics.median(busy))} ms; {ms(statistics.median(rest))} ms"
    data = {
        "import": {"events": report.events, "claims": report.claims, "cpu_s": took, "parsed_per_cpu_s": parsed},
        "asked": {one.what: list(one.times) for one in asked},
        "at_rest_ms": rest,
        "while_writing_ms": busy,
    }
    times_head = ["median ms", "95 of a hundred, ms", "slowest ms"]
    return (
        [at_most("`GET /accusations` while another process writes, beside at rest", ratio, 2, beside)],
        [
            Table(f"Import of {report.events:,} generated events", ["what", "figure"], imported),
            Table(
                f"Questions over {setting.origin}, as the library is asked", ["question", "asked", *times_head], answers
            ),
            Table("`GET /accusations` of one client", ["when", *times_head], latencies),
        ],
        "",
        data,
    )


def _quantiles(found: Sequence[float]) -> list[str]:
    ordered = sorted(found)
    return [ms(one) for one in (statistics.median(ordered), ordered[int(len(ordered) * 0.95)], ordered[-1])]


def _while_writing(setting: Setting) -> tuple[list[float], list[float]]:
    """Milliseconds of each question at rest, before and after, and while another process appends articles."""
    with tempfile.TemporaryDirectory(dir=setting.folder) as name:
        copy = Path(name) / "ledger.sqlite"
        shutil.copy(setting.ledger, copy)
        if setting.snapshots.is_dir():
            shutil.copytree(setting.snapshots, copy.with_name(f"{copy.name}.snapshots"))
        url = f"sqlite:///{copy}"
        with during_writes.served(url) as address, httpx.Client(base_url=address, timeout=120) as client:
            count = during_writes.ASKED
            asked = random.Random(during_writes.SEED).choices(during_writes.pairs(client), k=count)
            during_writes.latencies(client, asked[:50])
            rest = during_writes.latencies(client, asked)
            words = [sys.executable, "-m", "tests.benchmarks.during_writes", name, "--write", url, "--seconds", "3600"]
            writer = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
            try:
                time.sleep(2)
                busy: list[float] = []
                for first in range(0, count, 10):
                    busy += during_writes.latencies(client, asked[first : first + 10])
                    time.sleep(0.5)
            finally:
                writer.terminate()
                writer.wait(60)
            return rest + during_writes.latencies(client, asked), busy


# ---- how well articles are related and read ----


def related(setting: Setting) -> Found:
    """How well and how fast articles are related; of annotated stories."""
    tables, rest = list[Table](), list[str]()
    calls = {
        "Copies told from reports": ("lineages", ["--gold", str(setting.gold)]),
        "Incidents joined across articles": ("stories", ["--gold", str(setting.gold)]),
        "Links across articles": ("threads", [str(setting.gold)]),
    }
    for title, (module, words) in calls.items():
        command = [sys.executable, "-m", f"tests.benchmarks.{module}", *words]
        printed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
        found, left = tables_in(printed, title)
        tables += found
        rest += left
        setting.say(f"  {title}: {len(found)} tables")
    return [], tables, "\n".join(rest), None


MOST_ROWS = 12
"""A longer table that only measures how well something does is folded away."""


def tables_in(printed: str, title: str) -> tuple[list[Table], list[str]]:
    """The tables of what a measurement prints, and the lines that belong to none.

    They stand there in Markdown; or as names with a figure each below what they are about, two spaces further in: these
    become one table, with a column for each of what they are about.
    """
    tables, rest = list[Table](), list[str]()
    block = list[list[str]]()
    columns = dict[str, dict[str, str]]()
    about = ""
    for line in [*printed.splitlines(), ""]:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        is_rule = bool(cells) and all(set(cell) <= set("-: ") and cell for cell in cells)
        starts_another = is_rule and len(block) > 1
        if starts_another or (block and not cells):
            head = block.pop() if starts_another else None
            tables.append(Table(title, block[0], block[1:], folded=len(block) > MOST_ROWS))
            block = [head] if head is not None else []
        figure = re.fullmatch(r"  (\S.*?)\s{2,}(\S+)", line)
        if cells and not is_rule:
            block.append(cells)
        elif figure is not None and about:
            columns.setdefault(about, {})[figure[1]] = figure[2]
        elif line.strip() and not cells:
            about = line.rstrip()
            rest.append(about)
    if columns:
        names = dict.fromkeys(name for column in columns.values() for name in column)
        rows = [[name, *(column.get(name, "") for column in columns.values())] for name in names]
        tables.append(Table(title, ["", *columns], rows, folded=len(rows) > MOST_ROWS))
    return tables, [line for line in rest if line not in columns]


def external(setting: Setting) -> Found:
    """Other people's annotated texts, a hundred of each, read by the rules."""
    # Read by this section alone.
    from tests.benchmarks.external import __main__ as yardsticks
    from tests.benchmarks.external.measuring import Absent, Bench

    if setting.bench is None:
        raise Skipped("other people's data is not at hand")
    bench = Bench(setting.bench, limit=100)
    figures, absent = [], []
    for name, yardstick in yardsticks.YARDSTICKS.items():
        try:
            # What is read is told on the way.
            with redirect_stdout(StringIO()):
                figures += yardstick(bench)
        except Absent:
            absent.append(name)
    if not figures:
        raise Skipped("other people's data is not at hand")
    rows = []
    for one in figures:
        ours = " ".join(f"{name} {value:.{1 if value > 1 else 3}f}" for name, value in one.ours.items())
        rows.append([one.yardstick, one.what, ours, one.published, f"{one.n:,}", one.note])
    notes = [f"Not at hand: {', '.join(absent)}."] if absent else []
    head = ["yardstick", "figure", "ours", "published", "of", "note"]
    table = Table("At most 100 texts of each, read by the rules", head, rows, notes, folded=True)
    return [], [table], "", [one.as_dict() for one in figures]


@dataclass(frozen=True)
class Named:
    """A section by its name: its heading, and what runs it; `needs_ledger` where it asks the ledger of events."""

    title: str
    run: Callable[[Setting], Found]
    needs_ledger: bool = False


SECTIONS: dict[str, Named] = {
    "graph": Named("Queries beside other engines", graph, True),
    "memory": Named("Memory", memory_of, True),
    "start": Named("Cold start, and parts of a ledger", start, True),
    "http": Named("HTTP under load", http_of, True),
    "replicas": Named("Several services on one ledger", replicas_of),
    "extraction": Named("Reading news", extraction_of),
    "cluster": Named("Beyond one machine", cluster_of),
    "rdf": Named("Exports as RDF", rdf_of),
    "ledger": Named("The ledger", ledger_of, True),
    "sparql": Named("SPARQL", sparql_of, True),
    "page": Named("The page", page_of),
    "reading": Named("From raw text to answers", reading),
    "events": Named("Importing events, and questions while another process writes", events, True),
    "related": Named("Articles related to one another", related),
    "external": Named("Other people's annotated texts", external),
}
"""Sections, as they stand in the report."""
QUICK = ("graph", "memory", "start", "http", "replicas", "rdf", "ledger")
