"""`polemos import`: coded events in, counts and refusals told, and what cannot be imported said in one line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.intake.coded import IMPORTERS

if TYPE_CHECKING:
    from tests.cli.conftest import Run

HEADER = "Event Date\tSource Name\tCAMEO Code\tTarget Name\n"
ROWS = (
    "2031-05-04\tNorvania\t112\tSudria\n"
    "2031-05-04\tNorvania\t190\tSudria\n"
    "2031-05-05\tSudria\t016\tNorvania\n"
    "2031-05-45\tSudria\t016\tNorvania\n"
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "events.tab"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    return path


def test_an_export_is_imported_once(polemos: Run, export: Path) -> None:
    first = polemos("import", "icews", export)
    assert (first.status, first.out) == (0, "")
    assert first.err.splitlines() == [
        "revision 1: 4 events read, 0 already known, 2 claims",
        "refused (out_of_scope): 1 event",
        f"  {export}, line 3: 190 is no claim (as 15)",
        "refused (bad_date): 1 event",
        f"  {export}, line 5: '2031-05-45' is no date of the form YYYY-MM-DD",
    ]
    again = polemos("import", "icews", export)
    assert again.err.startswith("revision 1: 4 events read, 2 already known, 0 claims\n")
    assert again.status == 0


def test_what_was_imported_is_asked_for_like_anything_else(polemos: Run, export: Path) -> None:
    polemos("import", "icews", export)
    (claim,) = polemos("accusations", "--source", "Norvania", "--json").json["claims"]
    assert (claim["source"], claim["target"], claim["date"]) == ("Norvania", "Sudria", "2031-05-04")
    assert claim["evidence"]["quote"] == "2031-05-04 | Norvania | 112 | Sudria"
    assert claim["publisher"] == "ICEWS"


def test_the_report_as_json(polemos: Run, export: Path) -> None:
    report = polemos("import", "icews", export, "--json").json
    assert report["refused"] == {"bad_date": 1, "out_of_scope": 1}
    assert (report["events"], report["claims"], report["stopped"]) == (4, 2, None)


def test_a_folder_takes_its_year_from_its_name_or_from_an_option(polemos: Run, tmp_path: Path) -> None:
    for name in ("icews31", "facts"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "entity2id.txt").write_text("Norvania\t0\nSudria\t1\n", encoding="utf-8")
        (folder / "relation2id.txt").write_text("Accuse\t0\n", encoding="utf-8")
        (folder / "train.txt.gz").write_bytes(gzip.compress(b"0\t0\t1\t24\n"))
    assert polemos("import", "icews", tmp_path / "icews31").status == 0
    assert polemos("accusations", "--json").json["claims"][0]["date"] == "2031-01-02"
    # The same event, found in the other folder: nothing new.
    there = polemos("import", "icews", tmp_path / "facts", "--start", "2031-01-01", "--json").json
    assert (there["claims"], there["already_known"]) == (0, 1)
    days = polemos("import", "icews", tmp_path / "facts", "--start", "2031-01-01", "--unit", "days", "--json").json
    assert days["claims"] == 1
    unsaid = polemos("import", "icews", tmp_path / "facts")
    assert unsaid.status == 2
    assert unsaid.refusal == "the folder's name tells no year; say with --start from which day its times count"


def test_a_table_of_one_s_own_decides(polemos: Run, export: Path, tmp_path: Path) -> None:
    table = tmp_path / "mine.tsv"
    table.write_text("code\tnames\ttype\tmodality\tnote\n19\t\tretaliates\tcarried_out\tmine\n", encoding="utf-8")
    assert polemos("import", "icews", export, "--table", table, "--json").json["claims"] == 1
    assert len(polemos("retaliations", "--json").json["claims"]) == 1


def test_a_file_that_is_cut_short_is_told_after_what_was_stored(polemos: Run, tmp_path: Path) -> None:
    rows = "".join(f"2031-05-04\tParty {number}\t112\tSudria\n" for number in range(5000))
    packed = gzip.compress((HEADER + rows).encode(), mtime=0)
    path = tmp_path / "short.tab.gz"
    path.write_bytes(packed[: len(packed) // 2])
    done = polemos("import", "icews", path)
    assert done.status == 2
    first, last = done.err.splitlines()
    assert first.startswith("revision 1: ")
    assert last.startswith(f"polemos: {path}: the gzip file is damaged or cut short after ")


def test_where_nothing_can_be_used_the_status_is_2(polemos: Run, tmp_path: Path) -> None:
    path = tmp_path / "events.tab"
    path.write_text(HEADER + "2031-05-04\tNorvania\t190\tSudria\n", encoding="utf-8")
    done = polemos("import", "icews", path)
    assert done.status == 2
    assert done.err.startswith("revision 0: 1 event read, 0 already known, 0 claims\nrefused (out_of_scope): 1 event\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["oracle", "x"],
            "'oracle' is no dataset that is known here; choose acled or gdelt or icews or polecat or ucdp or ",
        ),
        (["icews", "x", "--coder", "Ana"], "--coder is for claims; who coded icews its name tells"),
        (["icews", "x", "--refused", "no/where.jsonl"], "no/where.jsonl cannot be written: No such file or directory"),
        (["acled", "README.md"], "README.md: its header is not that of an ACLED export, for it lacks event_id_cnty, "),
        (["ucdp", "README.md"], "README.md: its header is not that of a UCDP GED file, for it lacks id, "),
        (
            ["claims", "README.md"],
            "README.md: its header is not that of a file of claims, for it lacks type, source, quote",
        ),
        (["claims", "nowhere.csv"], "nowhere.csv cannot be read: No such file or directory"),
        (["icews", "nowhere.tab"], "nowhere.tab cannot be read: No such file or directory"),
        (["icews", "README.md"], "README.md: no ICEWS export, for its header lacks Event Date, "),
        (["icews", "docs"], "docs: a folder of ICEWS facts holds entity2id, relation2id and "),
        (["icews", "docs", "--start", "May"], "--start takes a day, YYYY-MM-DD, not 'May'"),
        (["icews", "docs", "--table", "no.tsv"], "no.tsv cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_imported_is_one_line(polemos: Run, words: list[str], told: str) -> None:
    done = polemos("import", *words)
    assert done.status == 2
    assert done.refusal.startswith(told)


def test_help_names_what_can_be_imported(polemos: Run) -> None:
    told = " ".join(polemos("import", "--help").out.split())
    assert all(name in told for name in (*IMPORTERS, "claims"))


ACLED = """event_id_cnty,event_date,event_type,sub_event_type,actor1,inter1,actor2,inter2,country,admin1,location,notes
NOR1,2031-05-04,Violence against civilians,Attack,Military Forces of Norvania (2029-),,Civilians,,Norvania,,Selm,
NOR2,2031-05-04,Battles,Armed clash,Hill League,Rebel group,Coast League,Rebel group,Norvania,,Selm,"Two
lines"
NOR3,2031-05-04,Protests,Peaceful protest,Protesters (Norvania),Protesters,,,Norvania,,Selm,
NOR4,yesterday,Battles,Armed clash,Hill League,Rebel group,Coast League,Rebel group,Norvania,,Selm,
"""


def test_events_on_the_coder_s_own_word(polemos: Run, tmp_path: Path) -> None:
    path = tmp_path / "acled.csv"
    path.write_text(ACLED, encoding="utf-8")
    first = polemos("import", "acled", path, "--refused", tmp_path / "refused.jsonl")
    assert (first.status, first.out) == (0, "")
    assert first.err.splitlines()[:2] == [
        "revision 1: 4 events read, 0 already known, 1 claim",
        "incident without an accusation (out_of_scope): 1 event",
    ]
    rows = [json.loads(line) for line in (tmp_path / "refused.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["file"], row["line"], row["reason"], row["kept"]) for row in rows] == [
        (str(path), 3, "out_of_scope", "incident"),
        (str(path), 5, "out_of_scope", None),
        (str(path), 6, "bad_date", None),
    ]
    assert rows[2]["detail"] == "'yesterday' is no date like 2031-05-04 or 04 May 2031"
    again = polemos("import", "acled", path, "--json").json
    assert (again["revision"], again["already_known"], again["unaccused"]) == (1, 2, {"out_of_scope": 1})
    (claim,) = polemos("accusations", "--clock", "happened", "--since", "2031-05-04", "--json").json["claims"]
    assert (claim["source"], claim["target"], claim["date"]) == ("ACLED", "Military Forces of Norvania", None)
    answer = polemos("incident", claim["incident"], "--json").json
    assert "attack on civilians, Selm" in json.dumps(answer)
    assert len(polemos("incidents", "--json").json["incidents"]) == 2
    assert polemos("validate").status == 0


def test_a_file_of_battles_alone_is_of_use(polemos: Run, tmp_path: Path) -> None:
    path = tmp_path / "acled.csv"
    path.write_text("\n".join(line for line in ACLED.split("\n") if not line.startswith("NOR1")), encoding="utf-8")
    assert polemos("import", "acled", path).status == 0


def test_claims_come_back_from_an_export(polemos: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "id,type,source,target,quote,publisher,published,responds_to\n"
        "a,accuses,Norvania,Sudria,Norvania blamed Sudria.,Port Gazette,2031-05-04,\n"
        "b,denies,Sudria,Norvania,Sudria denied it.,Port Gazette,2031-05-04,a\n"
        "c,blames,Sudria,Norvania,Sudria denied it.,Port Gazette,2031-05-04,a\n"
        "d,denies,Sudria,Norvania,Sudria denied it again.,Port Gazette,2031-05-04,z\n",
        encoding="utf-8",
    )
    done = polemos("import", "claims", path, "--coder", "Ana", "--refused", tmp_path / "refused.jsonl")
    assert done.err.startswith("revision 1: 4 rows read, 0 already known, 3 claims\n")
    rows = [json.loads(line) for line in (tmp_path / "refused.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["line"], row["reason"], row["kept"]) for row in rows] == [
        (4, "unknown_term", None),
        (5, "dangling_reference", "claim"),
    ]
    answer = polemos("denials", "--json")
    assert sorted(bool(claim["responds_to"]) for claim in answer.json["claims"]) == [False, True]
    (tmp_path / "answer.json").write_text(answer.out, encoding="utf-8")
    # They are of this ledger, and are not added beside themselves; what one of them answers was no denial.
    back = polemos("import", "claims", tmp_path / "answer.json", "--json")
    assert back.status == 2
    assert json.loads(back.out)["refused"] == {"dangling_reference": 1, "duplicate": 2}
    assert polemos("validate").status == 0
