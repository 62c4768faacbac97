"""The report on some generated claims: every section runs, all engines agree, and the page tells it. No times."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.graph import ConflictGraph
from app.vocabulary.terms import EdgeKind
from tests.benchmarks import contest, generated, http, icews, report
from tests.benchmarks.peers import ENGINES, absent
from tests.benchmarks.peers.base import QUESTIONS, Answer, Between, Loaded, Pair, chains
from tests.benchmarks.peers.ours import Polemos, Whole
from tests.benchmarks.peers.work import Work, arguments
from tests.benchmarks.report import Goal, Report, Section, Table


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


def test_sections_are_kept_and_the_page_keeps_its_own_words(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"# Performance\n\nWords.\n\n{report.BEGIN}\nold\n{report.END}\n\nMore words.\n")
    goals = [Goal("fast", "≥ 2×", "3×", True), Goal("small", "≤ 1×", "2×", False)]
    section = Section("Queries", "2026-01-01", "a machine", None, goals, [Table("T", ["a", "b"], [["1|2", "3"]])])
    report.keep(Report({"graph": section}), tmp_path)
    report.keep(Report({**report.kept(tmp_path).sections, "page": Section("The page", "", "", "no browser")}), tmp_path)
    told = page.read_text()
    assert told.startswith("# Performance\n\nWords.\n")
    assert told.endswith("More words.\n")
    assert "old" not in told
    assert "| fast | ≥ 2× | 3× | met |" in told
    assert "| small | ≤ 1× | 2× | **missed** |" in told
    assert "| 1\\|2 | 3 |" in told
    assert "Skipped: no browser." in told
    assert report.kept(tmp_path).sections.keys() == {"graph", "page"}


@pytest.mark.processes
@pytest.mark.timeout(900)
def test_quick_mode_writes_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "QUICK_EVENTS", 600)
    setting = report.Setting(tmp_path / "work", None, None, True, lambda _: None)
    setting.folder.mkdir()
    names = [name for name in report.QUICK if name != "graph"]
    found = report.run(setting, names, tmp_path / "out")
    assert found.sections.keys() == set(names)
    for name, section in found.sections.items():
        if name == "http" and http.absent() is not None:
            assert section.skipped is not None
            assert "wrk" in section.skipped
        else:
            assert section.skipped is None, section.skipped
            assert section.tables
            assert all(len(row) == len(table.head) for table in section.tables for row in table.rows)
    if found.sections["http"].skipped is None:
        assert found.sections["http"].data["errors"] == 0
    assert msgspec.json.decode((tmp_path / "out" / "performance.json").read_bytes(), type=Report) == found
    text = (tmp_path / "out" / "performance.md").read_text()
    assert all(f"### {report.TITLES[name]}" in text for name in names)
    # Nothing in it tells where it was made.
    assert str(tmp_path) not in text


def test_every_section_has_a_title_and_a_way_to_run() -> None:
    assert set(report.ORDER) == set(report.TITLES) == set(report.RUN)
    assert set(report.QUICK) <= set(report.ORDER)
