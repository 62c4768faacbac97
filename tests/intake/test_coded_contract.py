"""What every dataset behind the port of coded events keeps to."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from app.intake.coded import IMPORTERS, Coded, CodedEvent, CodedOptions
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal

HEADER = "Event Date\tSource Name\tSource Country\tCAMEO Code\tEvent Text\tTarget Name\tTarget Country\tPublisher"


def icews_rows(count: int) -> bytes:
    days = (date(2031, 1, 1 + number % 28) for number in range(count))
    rows = [f"{day}\tArdania\tArdania\t112\tAccuse\tBeloria\tBeloria\tPort Gazette {n}" for n, day in enumerate(days)]
    return "\n".join([HEADER, *rows, ""]).encode()


def gdelt_rows(count: int) -> bytes:
    def row(number: int) -> str:
        day = f"203101{1 + number % 28:02}"
        cells = [""] * 61
        cells[:2], cells[5:8], cells[15:18] = [str(number), day], ["XAR", "ARDANIA", "XAR"], ["XBE", "BELORIA", "XBE"]
        cells[26], cells[59:] = "112", [f"{day}121500", f"https://portgazette.example/{number}"]
        return "\t".join(cells)

    return "\n".join([*map(row, range(count)), ""]).encode()


def polecat_rows(count: int) -> bytes:
    header = (
        "Event ID\tEvent Date\tEvent Type\tEvent Mode\tActor Name\tActor Country\tRecipient Name\tRecipient Country"
    )
    days = (date(2031, 1, 1 + number % 28) for number in range(count))
    rows = [f"e{n}\t{day}\tACCUSE\tallege\tArdania\tXAR\tBeloria\tXBE" for n, day in enumerate(days)]
    return "\n".join([header, *rows, ""]).encode()


def acled_rows(count: int) -> bytes:
    header = "event_id_cnty,event_date,event_type,sub_event_type,actor1,actor2,country,admin1,location,notes"
    days = (date(2031, 1, 1 + number % 28) for number in range(count))
    rows = [
        f"XAR{n},{day},Violence against civilians,Attack,Free Coast Brigade,Civilians (Ardania),Ardania,Dova,Selm,"
        f'"Shots, then ""silence"" ({n})"'
        for n, day in enumerate(days)
    ]
    return "\n".join([header, *rows, ""]).encode()


def ucdp_rows(count: int) -> bytes:
    header = "id,type_of_violence,side_a,side_b,where_coordinates,country,date_start,date_end"
    days = (date(2031, 1, 1 + number % 28) for number in range(count))
    rows = [f"{n},3,Government of Ardania,Civilians,Selm town,Ardania,{day},{day}" for n, day in enumerate(days)]
    return "\n".join([header, *rows, ""]).encode()


ROWS: dict[str, Callable[[int], bytes]] = {
    "acled": acled_rows,
    "icews": icews_rows,
    "gdelt": gdelt_rows,
    "polecat": polecat_rows,
    "ucdp": ucdp_rows,
}
"""Files of so many sound records, for each dataset."""


@pytest.fixture(params=sorted(IMPORTERS))
def dataset(request: pytest.FixtureRequest) -> Coded:
    return IMPORTERS[request.param]


@pytest.fixture
def rows(dataset: Coded) -> Callable[[int], bytes]:
    return ROWS[dataset.name]


def test_it_is_an_importer_under_its_name(dataset: Coded) -> None:
    assert isinstance(dataset, Coded)
    assert IMPORTERS[dataset.name] is dataset
    assert dataset.version >= 1
    assert dataset.publisher
    assert (Path(__file__).resolve().parents[2] / "graph_data" / "crosswalk" / f"{dataset.scheme}_claims.tsv").is_file()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_one_event_for_each_record_the_same_each_time(
    dataset: Coded, rows: Callable[[int], bytes], tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "export"
    path.write_bytes(pack(rows(300)))
    events = list(dataset.events(path, CodedOptions()))
    assert len(events) == 300
    assert events == list(dataset.events(path, CodedOptions()))
    assert len({event.where for event in events if isinstance(event, CodedEvent)}) == 300


def test_cells_hold_what_the_event_names(dataset: Coded, rows: Callable[[int], bytes], tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_bytes(rows(40))
    for event in dataset.events(path, CodedOptions()):
        assert isinstance(event, CodedEvent)
        assert date.fromisoformat(event.day).isoformat() == event.day
        assert event.code or event.code_name
        assert not any("\n" in cell for cell in event.cells)
        for party in (event.source, event.target):
            assert party is not None
            assert party.name in event.cells[party.at]
            if party.country is not None and party.country_at is not None:
                assert party.country in event.cells[party.country_at]
        assert event.outlet_at is None or event.cells[event.outlet_at]


def test_events_come_as_they_are_read(dataset: Coded, rows: Callable[[int], bytes], tmp_path: Path) -> None:
    path = tmp_path / "export.gz"
    packed = gzip.compress(rows(50_000), mtime=0)
    path.write_bytes(packed[: len(packed) * 3 // 4])
    events = dataset.events(path, CodedOptions())
    assert len(list(islice(events, 1000))) == 1000
    with pytest.raises(BadInput, match="damaged or cut short") as stopped:
        list(events)
    assert stopped.value.reason == "unreadable"
    assert str(path) in str(stopped.value)


def test_a_bad_record_is_refused_with_its_line_and_the_rest_is_read(
    dataset: Coded, rows: Callable[[int], bytes], tmp_path: Path
) -> None:
    lines = rows(10).split(b"\n")
    first = len(lines) - 11
    bad = [b"\xff\xfe\xfa", b"only one cell", b"x" * 200_000, b"a\x00b\t" * 8, b"\t" * 7]
    for number, line in enumerate(bad):
        lines.insert(first + 2 * number, line)
    path = tmp_path / "export"
    path.write_bytes(b"\n".join(lines))
    items = list(dataset.events(path, CodedOptions()))
    refused = [item for item in items if isinstance(item, Refusal)]
    # A line of nothing but tabs is a blank line.
    assert len(items) - len(refused) == 10
    assert [refusal.detail.partition(":")[0] for refusal in refused] == [
        f"{path}, line {first + 1 + 2 * number}" for number in range(4)
    ]
    assert [str(refusal.reason) for refusal in refused][0::2] == ["wrong_encoding", "too_large"]


@pytest.mark.parametrize("content", [b"", b"no header\n", b"PK\x03\x04archive", b"\x1f\x8b\x08damaged"])
def test_what_is_no_such_data_is_refused_as_a_whole(dataset: Coded, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="export"):
        list(dataset.events(path, CodedOptions()))


def test_a_file_that_is_not_there_is_named(dataset: Coded, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere.* cannot be read"):
        list(dataset.events(tmp_path / "nowhere", CodedOptions()))


CHILD = """
import sys
from pathlib import Path
from app.intake.coded import IMPORTERS, CodedOptions

def most() -> int:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

events = IMPORTERS[sys.argv[1]].events(Path(sys.argv[2]), CodedOptions())
for _ in range(5000):
    next(events)
before = most()
count = 5000 + sum(1 for _ in events)
print(count, most() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the most memory that was held is told by Linux")
def test_memory_does_not_grow_with_the_number_of_records(
    dataset: Coded, rows: Callable[[int], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "export"
    path.write_bytes(rows(200_000))
    command = [sys.executable, "-c", CHILD, dataset.name, str(path)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300, cwd=root)
    count, grown_kb = map(int, done.stdout.split())
    assert count == 200_000
    assert grown_kb < 20_000
