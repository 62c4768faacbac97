"""What every dataset behind the port of coded events keeps to."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from app.intake.coded import IMPORTERS, NOT_YET, Coded, CodedEvent, CodedOptions
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal

HEADER = "Event Date\tSource Name\tSource Country\tCAMEO Code\tEvent Text\tTarget Name\tTarget Country\tPublisher"


def icews_rows(count: int) -> bytes:
    days = (date(2031, 1, 1 + number % 28) for number in range(count))
    rows = [f"{day}\tArdania\tArdania\t112\tAccuse\tBeloria\tBeloria\tPort Gazette {n}" for n, day in enumerate(days)]
    return "\n".join([HEADER, *rows, ""]).encode()


ROWS: dict[str, Callable[[int], bytes]] = {"icews": icews_rows}
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
    assert dataset.name not in NOT_YET
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
