"""The report on some generated claims: every section runs, all engines agree, and the page tells it. No times."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.graph import ConflictGraph
from app.vocabulary.terms import EdgeKind
from tests.benchmarks import contest, figures, generated, icews, report, scale, sections
from tests.benchmarks import ledger as ledger_
from tests.benchmarks.figures import Goal, Report, Section, Table
from tests.benchmarks.peers import ENGINES, absent
from tests.benchmarks.peers.base import QUESTIONS, Answer, Between, Loaded, Pair, chains
from tests.benchmarks.peers.ours import Polemos, Whole
from tests.benchmarks.peers.work import Work, arguments
from tests.benchmarks.replicas import Replicas
from tests.benchmarks.sections import SECTIONS, Setting


def test_generated_events_are_the_same_every_time_and_have_a_heavy_tail(tmp_path: Path) -> None:
    one, other = (generated.write(tmp_path / name / "icews18", 3_000, 300, 60) for name in ("one", "other"))
    facts = (one / "train.txt").read_text()
    assert facts == (other / "train.txt").read_text()
    rows = [tuple(map(int, line.split("\t"))) for line in facts.splitlines()]
    assert len(rows) == len(set(rows)) == 3_000
    assert all(a[3] <= b[3] for a, b in pairwise(rows)), "in the order of days"
    actors = len((one / "entity2id.txt").read_text().splitlines())
    assert actors == 300
    said = sorted((sum(row[0] == actor for row in rows) for actor in range(actors)), reverse=True)
    assert said[0] > 20 * max(said[actors // 2], 1)
    assert not any(row[0] == row[2] for row in rows)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    events = generated.write(folder / "generated" / "icews18", 1_200, 120, 40)
    icews.build(events, folder / "icews18.sqlite")
    return folder / "icews18.sqlite"


def engines() -> list[str]:
    return [name for name in ENGINES if absent(name) is None and name != "kuzu"]


@pytest.mark.timeout(600)
def test_all_engines_give_the_same_rows_at_rest_and_while_claims_are_added(ledger: Path) -> None:
    with contest.folded(ledger) as fold:
        before = len(fold.graph.claims)
        result, more = contest.measure(fold, engines(), count=4, rounds=1, slow=60, adding_seconds=60)
        assert result.claims == before >= 1_000
        assert not result.failed
        assert {one.engine for one in result.figures} == {Polemos.name, Whole.name, *engines()}
        assert {one.question for one in result.figures} == QUESTIONS.keys()
        assert [(one.engine, one.question, one.differ) for one in result.figures if one.differ] == []
        # Nothing is agreed upon that nobody was told anything of.
        told = {one.question: one.rows for one in result.figures if one.engine == Polemos.name}
        assert all(told.values()), told
        assert more is not None
        assert more.added > 0
        assert len(fold.graph.claims) == before + more.added
        assert [(one.engine, one.question, one.differ) for one in more.figures if one.differ] == []
        assert more.adding_us.keys() == {"Polemos", "SQLite"}


def test_the_whole_answers_are_about_what_the_bare_ones_are(ledger: Path) -> None:
    with contest.folded(ledger) as fold:
        work = Work.of(fold.graph)
        bare, whole = Polemos(), Whole()
        bare.load(work)
        whole.load(work)
        asked = arguments(work, 10)
        for one in asked["a"]:
            assert list(whole.asks()["a"](one)) == list(bare.asks()["a"](one))
        for one in asked["f"]:
            assert set(bare.asks()["f"](one)) <= set(whole.asks()["f"](one))


def test_the_same_claims_give_the_same_arguments(ledger: Path) -> None:
    with contest.folded(ledger) as fold:
        work = Work.of(fold.graph)
        again = Work(random.Random(1).sample(work.claims, len(work.claims)), work.edges, work.links, fold.graph)
        one, other = arguments(work, 20), arguments(again, 20)
    assert one == other
    assert one.keys() == QUESTIONS.keys()
    assert all(isinstance(about, Between) for question in ("a", "e2") for about in one[question])
    assert all(isinstance(about, Pair) for about in one["d"])


def test_chains_take_the_first_that_follows_in_time() -> None:
    accused, denied, done = [(10, "a1"), (50, "a2")], [(9, "d0"), (12, "d1"), (13, "d2")], [(11, "r0"), (12, "r1")]
    assert chains(accused, denied, done) == [("a1", "d1", "r1")]
    assert chains(accused, denied, [(41, "late")]) == []


def test_a_newcomer_is_one_of_those_who_are_there(ledger: Path) -> None:
    with contest.folded(ledger) as fold:
        known = set(fold.graph.actors)
        newcomers = contest.Newcomers(fold.graph, Work.of(fold.graph))
        graph: ConflictGraph = fold.feed([(fold.graph.revision + 1, entry) for entry in newcomers.article()])
        assert set(graph.actors) == known
        edge = next(iter(graph.ranked_edges(EdgeKind.ACCUSES)))
        assert edge.claims


class By(Loaded):
    """An engine that answers by a function."""

    def __init__(self, name: str, ask: Callable[[object], list[str]]) -> None:
        self.name = name
        self._ask = ask

    def load(self, work: Work) -> None:
        """It has nothing."""

    def asks(self) -> Mapping[str, Callable[[Any], Answer]]:
        """One question."""
        return {"a": self._ask}


def test_an_engine_that_fails_is_told_of_and_the_others_go_on() -> None:
    def refuse(_: object) -> list[str]:
        raise RuntimeError("no such index")

    figures, failed = contest.contest([By("empty", lambda _: []), By("broken", refuse)], {"a": [1, 2]}, rounds=1)
    assert [one.engine for one in figures] == ["empty"]
    assert failed == {"broken (a)": "RuntimeError: no such index"}


def section(title: str, **found: Any) -> Section:
    return Section(title, "2026-01-01", "a machine", **found)


def test_sections_are_kept_and_the_page_keeps_its_own_words(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    marked = "\n\n".join(f"<!-- {name}:begin -->\nold\n<!-- {name}:end -->" for name in ("goals", "report"))
    page.write_text(f"# Performance\n\nWords.\n\n{marked}\n\nMore words.\n")
    goals = [Goal("fast", "≥ 2×", "3×", True), Goal("small", "≤ 1×", "2×", False)]
    tables = [Table("T", ["a", "b"], [["1|2", "3"]]), Table("Long", ["a"], [["1"]], ["A note."], folded=True)]
    report.keep(Report({"graph": section("Queries", goals=goals, tables=tables, seconds=200.0)}), tmp_path)
    others = {"page": section("The page", skipped="no browser"), "rdf": section("Exports", failed="it ended: no disk")}
    report.keep(Report({**report.kept(tmp_path).sections, **others}), tmp_path)
    told = page.read_text()
    assert told.startswith("# Performance\n\nWords.\n")
    assert told.endswith("More words.\n")
    assert "old" not in told
    assert "| [Queries](#queries) | fast | ≥ 2× | 3× | met |\n|  | small | ≤ 1× | 2× | **missed** |" in told
    assert "| [The page](#the-page) |  |  | skipped: no browser | not measured |" in told
    assert "| [Exports](#exports) |  |  | failed: it ended: no disk | not measured |" in told
    assert told.index("| fast |") < told.index("More words.")
    assert "Measured 2026-01-01 on a machine, in 3.3 minutes." in told
    assert "| 1\\|2 | 3 |" in told
    assert "<details>\n<summary>Long</summary>\n\n| a |\n| --- |\n| 1 |\n\nA note.\n\n</details>" in told
    assert "Skipped: no browser." in told
    assert "Failed (2026-01-01 on a machine): it ended: no disk" in told
    assert report.kept(tmp_path).sections.keys() == {"graph", "page", "rdf"}


def test_a_page_without_markers_is_not_written_over() -> None:
    with pytest.raises(ValueError, match="no markers for goals"):
        report.filled("# Performance\n", "goals", "| goal |")


def test_printed_tables_are_tables() -> None:
    printed = "about it\n| a | b |\n| --- | --- |\n| 1 | 2 |\n| c |\n|---|\n| 3 |\nthe end\n"
    tables, rest = sections.tables_in(printed, "T")
    assert [(one.head, one.rows) for one in tables] == [(["a", "b"], [["1", "2"]]), (["c"], [["3"]])]
    assert rest == ["about it", "the end"]
    printed = "all\n  recall      0.9\n  of which     3\nhalf\n  recall      0.8\nthe end\n"
    tables, rest = sections.tables_in(printed, "T")
    assert [(one.head, one.rows) for one in tables] == [
        (["", "all", "half"], [["recall", "0.9", "0.8"], ["of which", "3", ""]])
    ]
    assert rest == ["the end"]


@pytest.fixture
def quick(tmp_path: Path, ledger: Path) -> Setting:
    (tmp_path / "work").mkdir()
    shutil.copy(ledger, tmp_path / "work")
    return Setting(tmp_path / "work", None, sections.CORPUS, True, print)


@pytest.mark.processes
@pytest.mark.timeout(900)
def test_quick_mode_writes_a_report(tmp_path: Path, quick: Setting) -> None:
    names = [name for name in sections.QUICK if name != "graph"]
    assert report.run(quick, names, tmp_path / "out") == []
    found = report.kept(tmp_path / "out")
    assert list(found.sections) == [name for name in SECTIONS if name in names]
    for name, one in found.sections.items():
        if one.skipped is not None:
            # What needs a program says which.
            assert {"http": "wrk", "replicas": "PostgreSQL"}[name] in one.skipped
            continue
        assert one.failed is None
        assert one.tables
        assert all(len(row) == len(table.head) for table in one.tables for row in table.rows)
        assert one.seconds is not None
        assert name not in ("replicas", "rdf", "ledger") or one.goals
    if found.sections["http"].skipped is None:
        assert found.sections["http"].data["errors"] == 0
    if found.sections["replicas"].skipped is None:
        runs = msgspec.convert(found.sections["replicas"].data, list[Replicas])
        assert all(
            not service.failures and service.claims == run.articles + 1 for run in runs for service in run.services
        )
    starts = msgspec.convert(found.sections["start"].data, ledger_.Starts).starts
    assert all(one.claims + one.left_out == starts[0].claims for one in starts)
    assert all(0 < one.claims < starts[0].claims for one in starts[1:])
    text = (tmp_path / "out" / "performance.md").read_text()
    assert all(f"### {SECTIONS[name].title}" in text for name in names)
    # Nothing in it tells where it was made.
    assert str(tmp_path) not in text


@pytest.mark.processes
@pytest.mark.timeout(300)
def test_a_section_that_fails_stops_no_other(tmp_path: Path, quick: Setting) -> None:
    # No SQLite ledger, but there.
    (quick.folder / "icews18.sqlite").write_text("no ledger")
    failed = report.run(quick, ["start", "sparql"], tmp_path / "out")
    assert failed == ["start", "sparql"]
    found = report.kept(tmp_path / "out").sections
    for one in found.values():
        assert one.failed is not None
        assert one.failed.startswith("it ended with status 1: ")
        assert str(tmp_path) not in one.failed
    assert "not measured" in (tmp_path / "out" / "performance.md").read_text()


@pytest.mark.processes
@pytest.mark.timeout(300)
def test_a_section_that_takes_too_long_is_ended(tmp_path: Path, quick: Setting) -> None:
    assert report.run(quick, ["rdf"], tmp_path / "out", limit_s=0.01) == ["rdf"]
    assert report.kept(tmp_path / "out").sections["rdf"].failed == "it took longer than 0 s"


def test_every_section_that_is_named_quick_is_one() -> None:
    assert set(sections.QUICK) <= SECTIONS.keys()
    assert len({one.title for one in SECTIONS.values()}) == len(SECTIONS)


# ---- what other pages take from the report ----


def test_pages_say_what_the_figures_say() -> None:
    found = report.kept(report.OUT)
    page = (report.OUT / "performance.md").read_text(encoding="utf-8")
    assert report.filled(page, "goals", figures.goals(found)) == page
    assert report.filled(page, "report", figures.markdown(found)) == page
    scale_page = (report.OUT.parent / "explanation" / "scale.md").read_text(encoding="utf-8")
    assert report.scaled(scale_page, found) == scale_page


def test_scale_is_worked_out_of_the_figures() -> None:
    from tests.benchmarks.cluster import Case, ClusterResult, Judged
    from tests.benchmarks.extraction import LOCAL, Ends, ExtractionResult
    from tests.benchmarks.replicas import Replica

    stores = [ledger_.Written("PostgreSQL ledger", 24_000, 2.0, 1.0, 2.0)]
    starts = [
        ledger_.Start(ledger_.ROW_BY_ROW, 1_000_000, 0, 200.0, 100.0, 900.0, 1_500.0),
        ledger_.Start(ledger_.FROM_SNAPSHOT, 1_000_000, 0, 0.5, 0.4, 100.0, 120.0),
        ledger_.Start(ledger_.LOOKED_AT, 1_000_000, 0, 20.0, 19.0, 500.0, 510.0),
        ledger_.Start("actors=Ardania", 50_000, 950_000, 90.0, 45.0, 300.0, 600.0),
    ]
    runs = [
        Case(case, 1_000, seconds, 180.0, 3.6, 1_000.0, 270.0, 7)
        for case, seconds in (("1 worker", 200.0), ("2 workers", 100.0), ("one process", 190.0))
    ]
    data: dict[str, Any] = {
        "start": ledger_.Starts(starts, 332.0, 1_500.0),
        "replicas": [Replicas(5, 5.0, 10, [Replica(9.0, 70.0, 200.0, 40, 0, 11, 11)] * 3)],
        "extraction": ExtractionResult([Ends(LOCAL, 2, 2_700, 300, 40.0, 20.0, 8.0, 900.0, 910.0)], []),
        "ledger": ledger_.LedgerResult(100_000, 200, stores, True, 1.0, 2.0, 0),
        "cluster": ClusterResult("hybrid", runs, Judged(1_000, 30_000, 60.0, 30.0, 320.0, True)),
    }
    found = Report({name: section(name, data=msgspec.to_builtins(one)) for name, one in data.items()})
    blocks = scale.blocks(found)
    assert "20 GB hold about **40 million claims**" in blocks["machine"]
    assert "the same 20 GB are enough for 13 million." in blocks["machine"]
    assert "| a process that has looked at all of it | 500 MB | 500 bytes |" in blocks["machine"]
    assert "| `actors=Ardania` | 50,000 | 950,000 | 300 MB | 600 MB | 45 |" in blocks["parts"]
    assert "| 5 articles a second, 99 of a hundred | 70 ms | 70 ms | 70 ms |" in blocks["replicas"]
    # 300,000 articles at 20 a second and core; 240,000 claims at 24,000 a second.
    assert "| reading, at 20 articles for each second of a core | 4.2 core-hours | 1,521 core-hours |" in blocks["year"]
    assert "| writing into PostgreSQL, at 24,000 claims a second | 10 s | 1.0 hours |" in blocks["year"]
    assert "| the graph, at 500 bytes a claim | 120 MB | 44 GB |" in blocks["year"]
    # 180 core-seconds for a thousand articles are 50 hours for a million; the client's 3.6 are one.
    assert "take 50 core-hours of reading" in blocks["cluster"]
    assert "1.0 hours of the client's" in blocks["cluster"]
    assert "One client keeps up with about 50 workers" in blocks["cluster"]
    assert "Two workers read 2.0 times as much" in blocks["cluster"]
    page = (report.OUT.parent / "explanation" / "scale.md").read_text(encoding="utf-8")
    assert all(block in report.scaled(page, found) for block in blocks.values())
    assert scale.blocks(Report({})) == {}
