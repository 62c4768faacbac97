"""Importing datasets that number their records: each once, however often and with whatever outlets it comes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.intake.coded import ActorTable, CodedOptions, CodeTable, Gdelt, Polecat, Renderer
from app.ledger import Batch, Ledger
from app.pipeline import importing
from app.pipeline.importing import ImportReport, import_coded
from app.vocabulary.errors import LedgerError
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Claim, Reading

CROSSWALK = Path(__file__).resolve().parents[2] / "graph_data" / "crosswalk"
Run = Callable[..., ImportReport]


@pytest.fixture
def ledger(new_ledger: Callable[[str], Ledger]) -> Ledger:
    return new_ledger("ledger")


@pytest.fixture
def run(ledger: Ledger, gazetteer: Gazetteer) -> Run:
    def import_(path: Path, dataset: Gdelt | Polecat, mentions: Path | None = None) -> ImportReport:
        codes = CodeTable.load(CROSSWALK / f"{dataset.scheme}_claims.tsv", ships=True)
        renderer = Renderer(dataset, codes, ActorTable.load(CROSSWALK / f"{dataset.name}_actors.tsv"), gazetteer)
        options = CodedOptions(mentions=mentions)
        return import_coded(path, renderer=renderer, options=options, ledger=ledger, gazetteer=gazetteer)

    return import_


def claims(ledger: Ledger) -> list[Claim]:
    return [claim for _, entry in ledger.entries() if isinstance(entry, Reading) for claim in entry.claims]


def event(number: int) -> str:
    cells = [""] * 61
    day = f"203105{1 + number % 28:02}"
    cells[:2], cells[5:8], cells[15:18] = [str(number), day], ["XAR", "ARDANIA", "XAR"], ["XBE", "BELORIA", "XBE"]
    cells[26], cells[59:] = "112", [f"{day}121500", f"https://portgazette.example/{number}"]
    return "\t".join(cells) + "\n"


def mention(number: int, outlet: str) -> str:
    cells = [str(number), *["20310504121500"] * 2, "1", outlet, "", "1", "1", "1", "1", "1", "50", *[""] * 4]
    return "\t".join(cells) + "\n"


def test_outlets_that_are_told_later_make_no_second_claim(tmp_path: Path, run: Run, ledger: Ledger) -> None:
    path, told = tmp_path / "a.export.CSV", tmp_path / "a.mentions.CSV"
    path.write_text(event(1) + event(2), encoding="utf-8")
    told.write_text(mention(1, "selmtimes.example"), encoding="utf-8")
    assert run(path, Gdelt()).claims == 2
    again = run(path, Gdelt(), told)
    assert (again.claims, again.already_known, dict(again.refused)) == (0, 2, {})
    assert all("selmtimes" not in claim.evidence.quote for claim in claims(ledger))


def test_a_number_that_comes_twice_is_a_duplicate(tmp_path: Path, run: Run, ledger: Ledger) -> None:
    path = tmp_path / "a.export.CSV"
    path.write_text(event(1) + event(1).replace("/1", "/other"), encoding="utf-8")
    report = run(path, Gdelt())
    assert (report.claims, dict(report.refused)) == (1, {"duplicate": 1})
    assert len(claims(ledger)) == 1


def test_a_broken_run_is_completed_by_the_next(
    tmp_path: Path, run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.export.CSV"
    path.write_text("".join(map(event, range(300))), encoding="utf-8")
    monkeypatch.setattr(importing, "BATCH", 50)
    append, stored = type(ledger).append, 0

    def breaks(self: Ledger, batch: Batch) -> int:
        nonlocal stored
        if stored == 3:
            raise LedgerError("the disk is full")
        stored += 1
        return append(self, batch)

    with monkeypatch.context() as patched:
        patched.setattr(type(ledger), "append", breaks)
        with pytest.raises(LedgerError, match="the disk is full"):
            run(path, Gdelt())
    before = len(claims(ledger))
    assert 0 < before < 300
    report = run(path, Gdelt())
    assert (report.already_known, report.claims) == (before, 300 - before)
    numbers = [claim.evidence.quote.partition(" | ")[0] for claim in claims(ledger)]
    assert sorted(map(int, numbers)) == list(range(300))
    assert run(path, Gdelt()).already_known == 300


def test_polecat_is_imported_once(tmp_path: Path, run: Run, ledger: Ledger) -> None:
    header = "Event ID\tEvent Date\tEvent Type\tEvent Mode\tActor Name\tActor Country\tRecipient Name\tSource\n"
    row = "e{}\t2031-05-04\tACCUSE\tallege\tArdania\tXAR\tBeloria\tPort Gazette\n"
    path = tmp_path / "ngecEvents.1.txt"
    path.write_text(header + row.format(1), encoding="utf-8")
    assert run(path, Polecat()).claims == 1
    (tmp_path / "ngecEvents.2.txt").write_text(header + row.format(1) + row.format(2), encoding="utf-8")
    report = run(tmp_path, Polecat())
    # The second week tells the first event once more.
    assert (report.events, report.claims, report.already_known) == (3, 1, 2)
    assert {claim.type for claim in claims(ledger)} == {"accuses"}
