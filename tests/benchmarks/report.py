"""All measurements by one command, one report out: docs/reference/performance.md and performance.json beside it.

`python -m tests.benchmarks.report [--folder FOLDER] [--events FOLDER] [--gold FOLDER] [--only a,b] [--skip a,b]
[--out FOLDER] [--quick]`. Into `--folder`: a ledger of half a million claims, made of the ICEWS18 events where they are
and of generated ones of the same shape elsewhere, and kept for the next time. Sections that are not run keep what the
report said of them before; what cannot be run says why. `--quick` measures some thousand claims in seconds, to see that
everything runs and that all engines agree.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from tests.benchmarks import centralities, contest, generated, http, icews, ledger, memory, rdf
from tests.benchmarks.contest import AddingResult, Figure, Result
from tests.benchmarks.peers import ENGINES, FEW
from tests.benchmarks.peers.base import QUESTIONS
from tests.benchmarks.peers.ours import Polemos, Whole
from tests.benchmarks.peers.work import Work

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "docs" / "reference"
BEGIN, END = "<!-- report:begin -->", "<!-- report:end -->"
ORDER = (
    "graph", "memory", "start", "http", "extraction", "cluster", "rdf", "ledger", "sparql", "page", "reading", "events",
    "related", "external",
)  # fmt: skip
"""Sections, as they stand in the report."""
QUICK = ("graph", "memory", "start", "http", "rdf")
QUICK_EVENTS, QUICK_ACTORS, QUICK_DAYS = 2_500, 250, 60
FEW_CLAIMS = 50_000
PAIR = frozenset({"kuzu", "ladybug"})
"""Engines of which one process can hold only one."""
NAIVE = "naive networkx"


class Goal(msgspec.Struct, frozen=True):
    """What was to be reached, and what was found; `met` is None where nothing was found to judge by."""

    what: str
    wanted: str
    found: str
    met: bool | None


class Table(msgspec.Struct, frozen=True):
    """Figures in rows."""

    title: str
    head: list[str]
    rows: list[list[str]]
    notes: list[str] = []


class Section(msgspec.Struct, frozen=True):
    """What one measurement found.

    Attributes:
        skipped: Why it found nothing; None where it ran.
        text: What older measurements print, as it is.
        data: The figures, for programs.
    """

    title: str
    measured: str
    machine: str
    skipped: str | None = None
    goals: list[Goal] = []
    tables: list[Table] = []
    text: str = ""
    data: Any = None


class Report(msgspec.Struct, frozen=True):
    """The whole, section by section."""

    sections: dict[str, Section]


class Skipped(Exception):
    """A section cannot be run here; the message says why."""


@dataclass(frozen=True)
class Setting:
    """What sections are run with."""

    folder: Path
    events: Path | None
    gold: Path | None
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
        """Where the graph's snapshot is kept."""
        return self.folder / "snapshots"


Found = tuple[list[Goal], list[Table], str, Any]
"""Goals, tables, text and data of a section."""


# ---- how figures are told ----


def ms(value: float) -> str:
    """Milliseconds with three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def times(value: float) -> str:
    """A ratio."""
    return f"{value:,.0f}×" if value >= 100 else f"{value:.1f}×" if value >= 10 else f"{value:.2f}×"


def at_most(what: str, ratio: float, most: float, beside: str) -> Goal:
    """A goal for a ratio that must not be larger."""
    met = ratio <= most
    found = f"{times(ratio)} ({beside})" + ("" if met else f"; {times(ratio / most)} too much")
    return Goal(what, f"≤ {most:g}×", found, met)


def at_least(what: str, ratio: float, least: float, beside: str) -> Goal:
    """A goal for a ratio that must not be smaller."""
    met = ratio >= least
    found = f"{times(ratio)} ({beside})" + ("" if met else f"; {times(least / max(ratio, 1e-9))} too little")
    return Goal(what, f"≥ {least:,g}×", found, met)


# ---- sections ----


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
    tables = [Table("What is asked", ["", "question"], [[f"({letter})", told] for letter, told in QUESTIONS.items()])]
    tables.append(_standing(result, f"Queries over {result.claims:,} claims ({setting.origin}), milliseconds"))
    tables.append(_ratios(result, "The same, as multiples of Polemos' time"))
    if more is not None:
        tables.append(_while_adding(more))
    if few is not None:
        tables.append(_standing(few, f"Queries over {few.claims:,} claims, milliseconds"))
    tables.append(
        Table(
            "Centralities",
            ["what", "library", "ms", "largest difference for an actor"],
            [[one.what, one.library, ms(one.median_ms), f"{one.apart:.1e}"] for one in central],
        )
    )
    goals = _query_goals(result) + (_adding_goals(more) if more is not None else [])
    ours = [one for one in central if one.library.startswith("Polemos")]
    apart = max(one.apart for one in ours)
    if len({one.library for one in ours}) > 1:
        goals.append(
            Goal("centralities by rustworkx and by networkx", "the same numbers", f"{apart:.0e} apart", apart < 1e-9)
        )
    goals.append(_agreement([result, *([few] if few is not None else [])], more))
    data = {"contest": result, "adding": more, "tenth": few, "centralities": central, "origin": setting.origin}
    return goals, tables, "", data


def _by_question(figures: Iterable[Figure]) -> dict[str, dict[str, Figure]]:
    found: dict[str, dict[str, Figure]] = {}
    for one in figures:
        found.setdefault(one.question, {})[one.engine] = one
    return found


def _notes(result: Result) -> list[str]:
    notes = [f"Loading, seconds: {', '.join(f'{name} {took:.1f}' for name, took in result.load_s.items())}."]
    notes += [f"{name} was not asked: {why}." for name, why in result.skipped.items()]
    notes += [f"{name} gave no answer: {why}" for name, why in result.failed.items()]
    few = [f"{one.engine} ({one.question}) {one.asked}" for one in result.figures if one.asked < contest.LEAST_ASKED]
    asked = max(one.asked for one in result.figures)
    if few and asked >= contest.LEAST_ASKED:
        notes.append(f"Asked fewer than {contest.LEAST_ASKED} times, for it took too long: {', '.join(few)}.")
    return notes


def _standing(result: Result, title: str) -> Table:
    by = _by_question(result.figures)
    engines = list(dict.fromkeys(one.engine for one in result.figures))
    rows = [
        [name, *(ms(by[question][name].median_ms) if name in by[question] else "–" for question in by)]
        for name in engines
    ]
    return Table(title, ["engine", *(f"({question})" for question in by)], rows, _notes(result))


def _ratios(result: Result, title: str) -> Table:
    by = _by_question(result.figures)
    rows = [
        [
            name,
            *(times(one[name].median_ms / one[Polemos.name].median_ms) if name in one else "–" for one in by.values()),
        ]
        for name in dict.fromkeys(one.engine for one in result.figures)
        if name != Polemos.name
    ]
    rows.append(["Polemos, as a multiple of the fastest", *(times(_beside_fastest(found)[0]) for found in by.values())])
    return Table(title, ["engine", *(f"({question})" for question in by)], rows)


def _beside_fastest(found: dict[str, Figure]) -> tuple[float, str]:
    """Polemos' time as a multiple of the fastest of the others', and which that is."""
    others = [one for one in found.values() if one.engine not in (Polemos.name, Whole.name)]
    if not others:
        return 1.0, "nobody else was asked"
    fastest = min(others, key=lambda one: one.median_ms)
    ours = found[Polemos.name].median_ms
    return ours / fastest.median_ms, f"{ms(ours)} ms; {fastest.engine} {ms(fastest.median_ms)} ms"


_GOALS = {"a": 2, "c": 2, "d": 2, "e1": 2, "e2": 2, "f": 2}


def _query_goals(result: Result) -> list[Goal]:
    by = _by_question(result.figures)
    goals = []
    if NAIVE in by["a"]:
        ours, theirs = by["a"][Polemos.name].median_ms, by["a"][NAIVE].median_ms
        told = f"{ms(ours)} ms; {ms(theirs)} ms"
        goals.append(at_least("(a) faster than naive networkx", theirs / ours, 1000, told))
    goals += [
        at_most(f"({question}) beside the fastest engine", *_one(by[question], most))
        for question, most in _GOALS.items()
        if question in by
    ]
    return goals


def _one(found: dict[str, Figure], most: float) -> tuple[float, float, str]:
    ratio, told = _beside_fastest(found)
    return ratio, most, told


def _adding_goals(more: AddingResult) -> list[Goal]:
    rate = more.added / more.seconds
    by = _by_question(more.figures)
    goals = [
        Goal(
            "claims added while all of this is asked",
            f"{contest.ADDED_PER_SECOND:,}/s",
            f"{rate:,.0f}/s",
            rate >= 0.95 * contest.ADDED_PER_SECOND,
        )
    ]
    goals += [
        at_most(f"({question}) while claims are added", *_one(by[question], most))
        for question, most in _GOALS.items()
        if question in by
    ]
    return goals


def _while_adding(more: AddingResult) -> Table:
    by = _by_question(more.figures)
    engines = list(dict.fromkeys(one.engine for one in more.figures))
    rows = [
        [name, *(ms(by[question][name].first_ms) if name in by[question] else "–" for question in by),
         f"{more.adding_us.get(name, 0):,.0f}"]
        for name in engines
    ]  # fmt: skip
    title = f"While {more.added / more.seconds:,.0f} claims a second are added, milliseconds"
    return Table(title, ["engine", *(f"({question})" for question in by), "µs to add a claim"], rows)


def _agreement(results: Sequence[Result], more: AddingResult | None) -> Goal:
    figures = [one for result in results for one in result.figures] + (more.figures if more is not None else [])
    compared = sum(one.asked for one in figures if one.engine not in (Polemos.name, Whole.name))
    differ = [f"{one.engine} ({one.question}): {one.differ} of {one.asked}" for one in figures if one.differ]
    told = f"{compared:,} answers compared row by row" + (f"; different: {', '.join(differ)}" if differ else "")
    return Goal("all engines give the same rows", "every answer", told, not differ)


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
    """Cold starts."""
    with tempfile.TemporaryDirectory(dir=setting.folder) as name:
        found = ledger.started(setting.ledger, Path(name))
    plain, quick = found["row by row"], found["snapshot"]
    goal = at_most(
        "cold start beside reading row by row", quick[0] / plain[0], 1 / 3, f"{quick[0]:.1f} s; {plain[0]:.1f} s"
    )
    rows = [[how, f"{wall:.1f}", f"{cpu:.1f}", f"{peak:,.0f}"] for how, (wall, cpu, peak, _) in found.items()]
    title = f"Until the graph of {plain[3]:,.0f} claims is there, in a new process"
    return [goal], [Table(title, ["how", "seconds", "CPU seconds", "peak MB"], rows)], "", found


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


def rdf_of(setting: Setting) -> Found:
    """Exports."""
    found = rdf.measure(400, 4_000) if setting.quick else rdf.measure(4_000, 1_000_000)
    flat = {name: value for name, value in found.items() if not isinstance(value, dict)}
    grown = found["memory"]
    rows = [[name.replace("_", " "), str(value)] for name, value in flat.items()]
    tables = [Table("Exports", ["what", "figure"], rows)]
    if isinstance(grown, dict):
        tables.append(Table("Memory while a million triples are written, MB", ["profile and format", "MB"],
                            [[name, str(value)] for name, value in grown.items()]))  # fmt: skip
    by_hand, peer = (
        float(str(flat[name])) for name in ("ntriples_times_as_long_as_line_by_line", "turtle_times_rdflib")
    )
    goals = [
        at_most("N-Triples beside a writer made by hand", by_hand, 1.5, "time"),
        at_least("Turtle beside rdflib's serialiser", peer, 20, "rate"),
    ]
    return goals, tables, "", found


def extraction(setting: Setting) -> Found:
    """Articles a second."""
    words = ["--articles", "1600"]
    if setting.gold is not None:
        words += ["--gold", str(setting.gold)]
    if setting.events is not None and (setting.events.parents[1] / "places" / "lgl.xml.gz").is_file():
        words += ["--bench", str(setting.events.parents[1])]
    found = _json_of("extraction", words)
    goals = []
    for told, wanted in (("1 in 10", 40.0), ("dense", 10.0)):
        rates = [
            row["figure"] for row in found
            if row["unit"] == "articles/s" and row["what"].startswith("ingest") and told in row["what"]
            and "2 workers" in row["what"]
        ]  # fmt: skip
        if rates:
            goals.append(
                Goal(
                    f"articles to the ledger with 2 workers, {told}",
                    f"≥ {wanted:g}/s",
                    f"{min(rates):.1f}/s",
                    min(rates) >= wanted,
                )
            )
    rows = [[row["what"], f"{row['figure']:.1f} {row['unit']}", row.get("beside", "")] for row in found]
    return goals, [Table("Reading news", ["what", "figure", "beside"], rows)], "", found


def cluster(setting: Setting) -> Found:
    """Beyond one machine; its table is Markdown already."""
    if find_spec("distributed") is None:
        raise Skipped("dask.distributed is not installed")
    lines = _run("cluster", []).splitlines()
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines if line.startswith("|")]
    if not cells:
        raise Skipped("`python -m tests.benchmarks.cluster` told no table")
    rows = [row for row in cells[1:] if len(row) == len(cells[0]) and set("".join(row)) > {"-"}]
    data = [dict(zip(cells[0], row, strict=True)) for row in rows]
    return [], [Table("A scheduler and workers on one machine, medians", cells[0], rows)], "", data


def _json_of(module: str, words: Sequence[str]) -> Any:
    if find_spec(f"tests.benchmarks.{module}") is None:
        raise Skipped(f"there is no tests.benchmarks.{module}")
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "found.json"
        _run(module, [*words, "--json", str(file)])
        return msgspec.json.decode(file.read_bytes())


def _run(module: str, words: Sequence[str]) -> str:
    """What a measurement prints.

    Raises:
        Skipped: It failed; the last line it said tells why.
    """
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        raise Skipped(f"`python -m tests.benchmarks.{module}` failed: {said}")
    return done.stdout


def printed(*calls: tuple[str, Callable[[Setting], Sequence[str]]]) -> Callable[[Setting], Found]:
    """A section of measurements that print what they find."""

    def section(setting: Setting) -> Found:
        told = []
        for module, words in calls:
            told.append(f"$ python -m tests.benchmarks.{module}\n{_run(module, words(setting)).rstrip()}")
        return [], [], "\n\n".join(told), None

    return section


def _folder(setting: Setting) -> Sequence[str]:
    # The ledger is made if it is not there yet.
    return [str(setting.ledger.parent)]


def related(setting: Setting) -> Found:
    """How well and how fast articles are related; needs annotated stories."""
    gold = ["--gold", str(setting.gold)] if setting.gold is not None else []
    calls = [("lineages", gold), ("stories", gold)]
    if setting.gold is not None and (setting.gold / "stories.json").is_file():
        calls.append(("threads", [str(setting.gold)]))
    told = [f"$ python -m tests.benchmarks.{module}\n{_run(module, words).rstrip()}" for module, words in calls]
    return [], [], "\n\n".join(told), None


TITLES: dict[str, str] = {
    "graph": "Queries beside other engines",
    "memory": "Memory",
    "start": "Cold start",
    "http": "HTTP under load",
    "extraction": "Reading news",
    "cluster": "Beyond one machine",
    "rdf": "Exports as RDF",
    "ledger": "The ledger",
    "sparql": "SPARQL",
    "page": "The page",
    "reading": "From raw text to answers",
    "events": "Importing events, and questions while another process writes",
    "related": "Articles related to one another",
    "external": "Other people's annotated texts",
}
RUN: dict[str, Callable[[Setting], Found]] = {
    "graph": graph,
    "memory": memory_of,
    "start": start,
    "http": http_of,
    "extraction": extraction,
    "cluster": cluster,
    "rdf": rdf_of,
    "ledger": printed(("ledger", _folder)),
    "sparql": printed(("sparql", _folder)),
    "page": printed(("page", lambda _: ["--rounds", "1"])),
    "reading": printed(("run", lambda _: [])),
    "events": printed(("icews", _folder), ("during_writes", _folder)),
    "related": related,
    "external": printed(("external", lambda _: ["--limit", "100"])),
}


def measured(name: str, setting: Setting) -> Section:
    """Run one section; one that cannot be run says why."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    machine += f", load {os.getloadavg()[0]:.1f} before"
    today = datetime.now(UTC).date().isoformat()
    setting.say(f"== {TITLES[name]}")
    try:
        goals, tables, text, data = RUN[name](setting)
    except Skipped as why:
        setting.say(f"skipped: {why}")
        return Section(TITLES[name], today, machine, skipped=str(why))
    # Through JSON and back, so that what was measured and what was kept are rendered by the same code.
    return Section(TITLES[name], today, machine, None, goals, tables, text, msgspec.to_builtins(data))


# ---- the report ----


def markdown(report: Report) -> str:
    """The report between the markers of its page."""
    sections = [(name, report.sections[name]) for name in ORDER if name in report.sections]
    lines = ["### Goals", "", "| goal | wanted | found | |", "| --- | --- | --- | --- |"]
    marks = {True: "met", False: "**missed**", None: "not measured"}
    lines += [
        f"| {_cell(goal.what)} | {goal.wanted} | {_cell(goal.found)} | {marks[goal.met]} |"
        for _, section in sections
        for goal in section.goals
    ]
    for _, section in sections:
        lines += ["", f"### {section.title}", ""]
        if section.skipped is not None:
            lines.append(f"Skipped: {section.skipped}.")
            continue
        lines.append(f"Measured {section.measured} on {section.machine}.")
        for table in section.tables:
            lines += ["", f"**{table.title}**", "", _line(table.head), _line(["---"] * len(table.head))]
            lines += [_line([_cell(cell) for cell in row]) for row in table.rows]
            for note in table.notes:
                lines += ["", note]
        if section.text:
            lines += ["", "```text", section.text, "```"]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def keep(report: Report, out: Path) -> None:
    """Write both files; the page's own words stay."""
    out.mkdir(parents=True, exist_ok=True)
    page, data = out / "performance.md", out / "performance.json"
    data.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    text = page.read_text(encoding="utf-8") if page.is_file() else f"# Performance\n\n{BEGIN}\n{END}\n"
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    page.write_text(f"{head}{BEGIN}\n{markdown(report)}\n{END}{tail}", encoding="utf-8")


def kept(out: Path) -> Report:
    """What the report said before."""
    file = out / "performance.json"
    return msgspec.json.decode(file.read_bytes(), type=Report) if file.is_file() else Report({})


def run(setting: Setting, names: Sequence[str], out: Path) -> Report:
    """Measure these sections and write the report after each, so that nothing is lost when a later one breaks."""
    report = kept(out)
    for name in names:
        sections = {**report.sections, name: measured(name, setting)}
        report = Report({one: sections[one] for one in ORDER if one in sections})
        keep(report, out)
    return report


def main() -> None:
    """Measure, print how far it is, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--folder", type=Path, help="where the ledger is kept between runs; a temporary one if left out"
    )
    parser.add_argument("--events", type=Path, default=icews.BENCH, help="the folder of the ICEWS18 events")
    parser.add_argument("--gold", type=Path, help="folder of annotated articles, with stories.json")
    parser.add_argument("--only", type=_names, default=None, help=f"sections, with commas between: {','.join(ORDER)}")
    parser.add_argument("--skip", type=_names, default=[], help="sections to leave out")
    parser.add_argument("--out", type=Path, default=OUT, help="where the report is written")
    parser.add_argument("--quick", action="store_true", help="some thousand generated claims, seconds; needs --out")
    given = parser.parse_args()
    if given.quick and given.out == OUT:
        parser.error("--quick measures nothing worth keeping: say with --out where to write it")
    names = [name for name in given.only or (QUICK if given.quick else ORDER) if name not in given.skip]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (given.folder or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        events = None if given.quick else given.events.resolve()
        gold = given.gold.resolve() if given.gold is not None else None
        report = run(
            Setting(folder, events, gold, given.quick, lambda words: print(words, flush=True)), names, given.out
        )
    goals = [goal for section in report.sections.values() for goal in section.goals]
    for goal in goals:
        print(f"{'met   ' if goal.met else 'MISSED'} {goal.what}: {goal.found} (wanted {goal.wanted})")
    print(f"{sum(bool(goal.met) for goal in goals)} of {len(goals)} goals met; {time.monotonic() - began:.0f} s")


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    unknown = set(names) - set(ORDER)
    if unknown:
        raise argparse.ArgumentTypeError(f"no such section: {', '.join(sorted(unknown))}")
    return names


if __name__ == "__main__":
    main()
