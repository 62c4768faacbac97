"""ICEWS as its export writes it, and as folders of numbered facts pass it on."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest

from app.intake.coded import CodedEvent, CodedOptions, Icews, Party
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal

COLUMNS = (
    "Event ID, Event Date, Source Name, Source Sectors, Source Country, Event Text, CAMEO Code, Intensity, "
    "Target Name, Target Sectors, Target Country, Story ID, Sentence Number, Publisher, City, District, Province, "
    "Country, Latitude, Longitude"
).split(", ")
ROW = {
    "Event ID": "7",
    "Event Date": "2031-05-04",
    "Source Name": "Ana Vlasic",
    "Source Sectors": "Foreign Ministry,Executive,Government",
    "Source Country": "Ardania",
    "Event Text": "Accuse",
    "CAMEO Code": "112",
    "Intensity": "-2.0",
    "Target Name": "Military (Beloria)",
    "Target Sectors": "Military,Government",
    "Target Country": "Beloria",
    "Publisher": "Port Gazette",
}


def export(path: Path, *rows: dict[str, str], columns: list[str] = COLUMNS) -> Path:
    lines = ["\t".join(columns), *("\t".join({**ROW, **row}.get(name, "") for name in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read(path: Path, **options: object) -> list[CodedEvent | Refusal]:
    return list(Icews().events(path, CodedOptions(**options)))  # type: ignore[arg-type]


def one(path: Path, **options: object) -> CodedEvent:
    (event,) = read(path, **options)
    assert isinstance(event, CodedEvent), event
    return event


def refusal(path: Path, **options: object) -> str:
    (found,) = read(path, **options)
    assert isinstance(found, Refusal), found
    return f"{found.reason}: {found.detail.removeprefix(str(path.parent) + '/')}"


# ---- export ----


def test_a_row_is_kept_cell_by_cell(tmp_path: Path) -> None:
    event = one(export(tmp_path / "events.tab", {}))
    assert (event.day, event.code, event.code_name) == ("2031-05-04", "112", "Accuse")
    assert event.source == Party("Ana Vlasic", 2, "Ardania", 4, holds_office=True)
    assert event.target == Party("Military (Beloria)", 8, "Beloria", 10, holds_office=True)
    assert event.outlet_at == 13
    assert event.cells == tuple(ROW.get(name, "") for name in COLUMNS)
    assert event.where == f"{tmp_path}/events.tab, line 2"


def test_columns_are_found_by_their_names(tmp_path: Path) -> None:
    columns = ["Target Name", "Event Text", "Event Date", "Source Name"]
    path = export(tmp_path / "few.tab", {}, columns=columns)
    path.write_bytes(
        b"\xef\xbb\xbf" + path.read_bytes().replace(b"Event Date", b'"EVENT_DATE"').replace(b"\n", b"\r\n")
    )
    event = one(path)
    assert (event.code, event.code_name, event.outlet_at) == ("", "Accuse", None)
    assert event.source == Party("Ana Vlasic", 3)
    assert event.target == Party("Military (Beloria)", 0)


@pytest.mark.parametrize(
    ("sectors", "office"),
    [
        ("Executive Office,Executive,Government", True),
        ("Police,Government", True),
        ("Legislative / Parliamentary,Government", False),
        ("Executive,Government,Provincial,Local", False),
        ("Parties,Ideological", False),
        ("", None),
        ("NULL", None),
    ],
)
def test_sectors_tell_who_holds_office(tmp_path: Path, sectors: str, office: bool | None) -> None:
    event = one(export(tmp_path / "events.tab", {"Source Sectors": sectors}))
    assert event.source is not None
    assert event.source.holds_office is office


@pytest.mark.parametrize("name", ["", "NULL", r"\N", "  "])
def test_an_empty_name_is_nobody(tmp_path: Path, name: str) -> None:
    event = one(export(tmp_path / "events.tab", {"Target Name": name}))
    assert event.target is None


@pytest.mark.parametrize(
    ("given", "code"),
    [("016", "016"), ("16", "016"), ("112", "112"), ("1121", "1121"), ("231", "0231"), ("204", "204"), ("10", "010")],
)
def test_a_spreadsheet_takes_leading_zeros(tmp_path: Path, given: str, code: str) -> None:
    assert one(export(tmp_path / "events.tab", {"CAMEO Code": given})).code == code


def test_quoted_cells_lose_their_quotes_and_no_others(tmp_path: Path) -> None:
    path = export(
        tmp_path / "events.tab", {"Source Name": '"The ""Red"" Wing"', "Target Name": 'Unit "Kesh" (Beloria)'}
    )
    event = one(path)
    assert event.source is not None
    assert event.target is not None
    assert (event.source.name, event.target.name) == ('The "Red" Wing', 'Unit "Kesh" (Beloria)')


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"Event Date": "2031-02-30"}, "bad_date: events.tab, line 2: '2031-02-30' is no date of the form YYYY-MM-DD"),
        ({"Event Date": "04/05/2031"}, "bad_date: events.tab, line 2: '04/05/2031' is no date"),
        ({"CAMEO Code": "1x2"}, "unknown_term: events.tab, line 2: '1x2' is no CAMEO code"),
        ({"CAMEO Code": "11211"}, "unknown_term: events.tab, line 2: '11211' is no CAMEO code"),
        ({"CAMEO Code": "", "Event Text": ""}, "bad_field: events.tab, line 2: neither CAMEO Code nor Event Text"),
        ({"Publisher": "two\tcells"}, "bad_field: events.tab, line 2: 21 cells where the header has 20"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(tmp_path: Path, row: dict[str, str], told: str) -> None:
    assert refusal(export(tmp_path / "events.tab", row)).startswith(told)


def test_a_time_of_day_is_no_matter(tmp_path: Path) -> None:
    assert one(export(tmp_path / "events.tab", {"Event Date": "2031-05-04 00:00:00"})).day == "2031-05-04"


def test_a_header_that_lacks_a_column_names_it(tmp_path: Path) -> None:
    path = export(tmp_path / "events.tab", columns=["Event Date", "Source Name"])
    with pytest.raises(BadInput, match="lacks Target Name, CAMEO Code"):
        read(path)


# ---- folder ----


def folder(path: Path, facts: str = "0\t0\t1\t0\n", *, suffix: str = ".txt", **files: str) -> Path:
    path.mkdir()
    texts = {
        "entity2id": "Government (Ardania)\t0\nBeloria\t1\n",
        "relation2id": "Accuse\t0\nDeny responsibility\t1\n",
        "train": facts,
        **files,
    }
    for name, text in texts.items():
        file = path / f"{name}{suffix}"
        file.write_bytes(gzip.compress(text.encode(), mtime=0) if suffix.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("suffix", ["", ".txt", ".tsv", ".gz", ".txt.gz"])
def test_numbers_become_names(tmp_path: Path, suffix: str) -> None:
    event = one(folder(tmp_path / "icews31", "0\t0\t1\t48\t-1\n", suffix=suffix))
    assert event.cells == ("2031-01-03", "Government (Ardania)", "Accuse", "Beloria")
    assert event.source == Party("Government (Ardania)", 1, "Ardania", 1)
    assert event.target == Party("Beloria", 3)
    assert (event.code, event.code_name, event.outlet_at) == ("", "Accuse", None)


def test_train_valid_and_test_follow_each_other(tmp_path: Path) -> None:
    path = folder(tmp_path / "icews31", "0 0 1 0\n", test="0 0 1 48\n", valid="1 1 0 24\n\n1 1 0 24\n")
    found = [event for event in read(path) if isinstance(event, CodedEvent)]
    assert [event.day for event in found] == ["2031-01-01", "2031-01-02", "2031-01-02", "2031-01-03"]
    assert found[2].where == f"{path}/valid.txt, line 3"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("icews14", "2014-01-01"),
        ("ICEWS18", "2018-01-01"),
        ("icews_2018", "2018-01-01"),
        ("icews05-15", "2005-01-01"),
        ("icews95", "1995-01-01"),
    ],
)
def test_a_folder_s_name_tells_its_year(tmp_path: Path, name: str, first: str) -> None:
    assert one(folder(tmp_path / name)).day == first


def test_the_first_day_and_the_unit_may_be_said(tmp_path: Path) -> None:
    path = folder(tmp_path / "icews18", "0 0 1 31\n")
    assert one(path, start=date(2031, 2, 1), unit="days").day == "2031-03-04"
    assert refusal(path).endswith("31 hours are no whole days; where times count days, say --unit days")


def test_without_a_year_nothing_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="say with --start"):
        read(folder(tmp_path / "facts"))


def test_times_may_be_dates(tmp_path: Path) -> None:
    assert one(folder(tmp_path / "facts", "0 0 1 2031-05-04\n")).day == "2031-05-04"
    assert refusal(folder(tmp_path / "others", "0 0 1 2031-5-4\n")).endswith(
        "'2031-5-4' is neither a date nor a number"
    )


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        ("0 0 1", "bad_field: icews31/train.txt, line 1: 3 numbers where four belong"),
        ("9 0 1 0", "dangling_reference: icews31/train.txt, line 1: '9' is not in entity2id.txt"),
        ("0 9 1 0", "dangling_reference: icews31/train.txt, line 1: '9' is not in relation2id.txt"),
        ("0 0 9 0", "dangling_reference: icews31/train.txt, line 1: '9' is not in entity2id.txt"),
        ("0 0 1 999999984", "bad_date: icews31/train.txt, line 1: 999999984 lies beyond the calendar"),
    ],
)
def test_a_fact_that_cannot_be_used_says_why(tmp_path: Path, fact: str, told: str) -> None:
    assert refusal(folder(tmp_path / "icews31", fact + "\n")) == told


def test_a_first_line_may_count_the_names(tmp_path: Path) -> None:
    assert one(folder(tmp_path / "icews31", entity2id="2\nArdania\t0\nBeloria\t1\n")).cells[1] == "Ardania"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("Ardania\t0\nBeloria\t0\n", "line 2: the number 0 is given twice"),
        ("Ardania\t0\nBeloria\n", "line 2: it is not a name, a tab and a number"),
        ("Ardania\t0\nBel\x00oria\t1\n", "line 2: it holds control characters"),
    ],
)
def test_names_must_be_sound(tmp_path: Path, names: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        read(folder(tmp_path / "icews31", entity2id=names))


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="a folder of ICEWS facts holds entity2id, relation2id and train"):
        read(tmp_path)
