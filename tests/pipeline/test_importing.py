"""Coded events in, a fuller ledger out: each event once, whatever brings it, however a run ends."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.graph import fold
from app.intake.coded import ActorTable, CodedOptions, CodeTable, Icews, Renderer
from app.ledger import Batch, Ledger
from app.pipeline import importing
from app.pipeline.importing import ImportReport, import_coded
from app.vocabulary.errors import BadInput, LedgerError
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article

CROSSWALK = Path(__file__).resolve().parents[2] / "graph_data" / "crosswalk"
HEADER = "Event Date\tSource Name\tCAMEO Code\tTarget Name\tPublisher"
Row = tuple[str, str, str, str]
Run = Callable[..., ImportReport]

DISPUTE: list[Row] = [
    ("2031-05-04", "Ardania", "112", "Beloria"),
    ("2031-05-04", "Ardania", "190", "Beloria"),
    ("2031-05-05", "Beloria", "016", "Ardania"),
    ("2031-05-05", "Citizen (Ardania)", "112", "Beloria"),
    ("2031-05-06", "Military (Beloria)", "1123", "Foreign Affairs (Ardania)"),
]


def write(path: Path, rows: list[Row]) -> Path:
    path.write_text("\n".join([HEADER, *("\t".join((*row, "Port Gazette")) for row in rows)]) + "\n", encoding="utf-8")
    return path


def many(count: int, first: int = 0) -> list[Row]:
    """Accusations, no two alike, four a day."""
    begin = date(2031, 1, 1)
    return [
        (str(begin + timedelta(days=number // 4)), f"Party {number}", "112", "Beloria")
        for number in range(first, first + count)
    ]


@pytest.fixture
def ledger(new_ledger: Callable[[str], Ledger]) -> Ledger:
    return new_ledger("ledger")


@pytest.fixture
def renderer(gazetteer: Gazetteer) -> Renderer:
    codes = CodeTable.load(CROSSWALK / "cameo_claims.tsv", ships=True)
    return Renderer(Icews(), codes, ActorTable.load(CROSSWALK / "icews_actors.tsv"), gazetteer)


@pytest.fixture
def run(ledger: Ledger, renderer: Renderer, gazetteer: Gazetteer) -> Run:
    def start(path: Path, into: Ledger = ledger) -> ImportReport:
        return import_coded(path, renderer=renderer, options=CodedOptions(), ledger=into, gazetteer=gazetteer)

    return start


def quotes(ledger: Ledger) -> list[str]:
    """What every claim of the graph quotes, in order."""
    return sorted(claim.claim.evidence.quote for claim in fold(ledger.entries()).claims.values())


def test_a_dispute_becomes_claims(run: Run, ledger: Ledger, tmp_path: Path) -> None:
    report = run(write(tmp_path / "events.tab", DISPUTE))
    assert report.as_dict() == {
        "revision": 1,
        "events": 5,
        "articles": 3,
        "claims": 3,
        "already_known": 0,
        "refused": {"not_an_actor": 1, "out_of_scope": 1},
        "examples": {
            "not_an_actor": [f"{tmp_path}/events.tab, line 5: the source is Citizen (Ardania)"],
            "out_of_scope": [
                f"{tmp_path}/events.tab, line 3: 190 is no claim (as 15)",
            ],
        },
        "stopped": None,
    }
    graph = fold(ledger.entries())
    told = {
        (claim.claim.type.value, graph.label(claim.source), graph.label(claim.target or ""))
        for claim in graph.claims.values()
    }
    assert told == {
        ("accuses", "Ardania", "Beloria"),
        ("denies", "Beloria", "Ardania"),
        ("accuses", "Beloria", "Ardania"),
    }
    assert {article.publisher for article in graph.articles.values()} == {"ICEWS"}
    assert {graph.readers[article] for article in graph.articles} == {"icews@1"}


def test_a_second_time_changes_nothing(run: Run, ledger: Ledger, tmp_path: Path) -> None:
    path = write(tmp_path / "events.tab", DISPUTE)
    run(path)
    entries = list(ledger.entries())
    report = run(path)
    assert (report.revision, report.claims, report.already_known) == (1, 0, 3)
    assert list(ledger.entries()) == entries


def test_overlapping_files_add_what_is_new(run: Run, ledger: Ledger, tmp_path: Path) -> None:
    run(write(tmp_path / "one.tab", many(10)))
    report = run(write(tmp_path / "two.tab", many(12, first=6)))
    assert (report.claims, report.already_known) == (8, 4)
    found = quotes(ledger)
    assert len(found) == len(set(found)) == 18


def test_the_order_of_a_file_makes_no_other_claims(
    run: Run, new_ledger: Callable[[str], Ledger], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_HELD", 50)
    monkeypatch.setattr("app.intake.coded.rendering.MOST_OPEN", 20)
    rows = many(400)
    one, other = new_ledger("one"), new_ledger("other")
    run(write(tmp_path / "one.tab", rows), one)
    report = run(write(tmp_path / "other.tab", rows[0::4] + rows[1::4] + rows[2::4] + rows[3::4]), other)
    assert report.claims == 400
    assert quotes(one) == quotes(other)


def test_the_same_line_twice_is_one_claim(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_ledger: Callable[[str], Ledger]
) -> None:
    rows = many(8)
    report = run(write(tmp_path / "events.tab", rows + rows))
    assert (report.claims, report.already_known, report.refused) == (8, 0, {"duplicate": 8})
    assert report.examples["duplicate"][0].detail == f"{tmp_path}/events.tab, line 10: the same as a line before"
    # No matter whether the day is still at hand.
    monkeypatch.setattr(importing, "MOST_HELD", 1)
    monkeypatch.setattr("app.intake.coded.rendering.MOST_OPEN", 2)
    report = run(tmp_path / "events.tab", new_ledger("other"))
    assert (report.claims, report.already_known, report.refused) == (8, 0, {"duplicate": 8})


def test_a_day_that_stops_short_is_kept_and_the_whole_file_adds_the_rest(
    run: Run, ledger: Ledger, new_ledger: Callable[[str], Ledger], tmp_path: Path
) -> None:
    whole = write(tmp_path / "events.tab", many(2_000))
    packed = gzip.compress(whole.read_bytes(), mtime=0)
    short = tmp_path / "short.gz"
    short.write_bytes(packed[: len(packed) // 2])
    report = run(short)
    assert report.stopped is not None
    assert "damaged or cut short" in str(report.stopped)
    assert 0 < report.claims == report.events < 2_000
    assert len(quotes(ledger)) == report.claims
    rest = run(whole)
    assert (rest.claims, rest.already_known, rest.stopped) == (2_000 - report.claims, report.claims, None)
    other = new_ledger("other")
    run(whole, other)
    assert quotes(ledger) == quotes(other)


def test_a_run_that_is_killed_between_transactions_goes_on(
    run: Run, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 100)
    path = write(tmp_path / "events.tab", many(1000))
    append, left = ledger.append, 4

    def dying(batch: Batch) -> int:
        nonlocal left
        if not left:
            raise LedgerError("the disk is full")
        left -= 1
        return append(batch)

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "append", dying)
        with pytest.raises(LedgerError, match="full"):
            run(path)
    stored = len(quotes(ledger))
    assert 400 <= stored < 1000
    report = run(path)
    assert (report.claims, report.already_known) == (1000 - stored, stored)


def test_what_is_no_dataset_leaves_the_ledger_alone(run: Run, ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "events.tab"
    path.write_text("just a line\n", encoding="utf-8")
    with pytest.raises(BadInput, match="no ICEWS export"):
        run(path)
    assert ledger.revision == 0


def test_another_s_article_of_that_day_holds_no_events(run: Run, ledger: Ledger, tmp_path: Path) -> None:
    line = " | ".join((*DISPUTE[0], "Port Gazette"))
    ledger.append(Batch(articles=[Article("", line, "2031-05-04", "Port Gazette")]))
    assert run(write(tmp_path / "events.tab", DISPUTE)).claims == 3


def test_examples_are_few_and_counts_are_whole(run: Run, tmp_path: Path) -> None:
    report = run(write(tmp_path / "events.tab", [("2031-05-04", "Ardania", "020", "Beloria")] * 100))
    assert report.refused == {"out_of_scope": 100}
    assert len(report.examples["out_of_scope"]) == importing.EXAMPLES
