"""A file read in parts holds what it holds read in one go, refusals and their places included."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.intake import Item, parts, read
from app.intake.parts import Part, Whole, parts_of, read_part
from app.vocabulary.records import Article, Refusal
from tests.intake.archives import record

TEXT = (
    "Ardania accused Beloria over the raid in Kesh. Beloria denied it, number {}. The harbour stayed closed that day."
)


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "SMALL", 0)


def in_parts(path: Path, documents: int = 10) -> tuple[list[Part], list[Item]]:
    found = list(parts_of(path, documents=documents))
    whole = Whole()
    items: list[Item] = []
    for part in found:
        items += [one if isinstance(one, Refusal) else one[1] for one in whole.take(part, read_part(part))]
    return found, items


def same(path: Path, documents: int = 10) -> list[Part]:
    """Compare, order of refusals apart, and return the parts."""
    found, items = in_parts(path, documents)
    at_once = list(read(str(path)))
    assert [one for one in items if isinstance(one, Article)] == [one for one in at_once if isinstance(one, Article)]
    told = [sorted((one.reason, one.detail) for one in each if isinstance(one, Refusal)) for each in (items, at_once)]
    assert told[0] == told[1]
    return found


def lines(count: int) -> list[str]:
    made = [json.dumps({"id": str(n), "text": TEXT.format(n), "published": "2031-05-04"}) for n in range(count)]
    for at in range(5, count, 13):
        made[at] = '{"text": ""}' if at % 2 else "no object"
    return made


@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("count", [1, 9, 10, 11, 97])
def test_json_lines(tmp_path: Path, count: int, end: str) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join(lines(count)) + end, encoding="utf-8")
    found = same(path)
    assert {part.kind for part in found} == {"lines"}
    assert len(found) == -(-count // 10)
    assert found[0].start == 0
    assert found[-1].end == path.stat().st_size


def test_json_lines_with_blanks_and_a_long_line(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    made = lines(60)
    made[20] = json.dumps({"text": "word " * 500_000})
    made[33] = ""
    made[59] = "   "
    path.write_text("\n".join(made) + "\n\n\n", encoding="utf-8")
    assert len(same(path)) > 5


def test_large_lines_are_parted_by_their_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LARGEST", 1 << 20)
    path = tmp_path / "news.jsonl"
    path.write_text(
        "\n".join(json.dumps({"text": f"{n} {TEXT * 8000}"[:290_000]}) for n in range(20)), encoding="utf-8"
    )
    assert len(same(path, documents=1000)) > 3


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(['{"text": "Beloria denied it."}', "", " ", "[1]", '{"text": 7}', "\x00"]), max_size=30)
)
@example(["\x00", "", "", "", '{"text": "Beloria denied it."}'])
def test_any_lines(tmp_path: Path, made: list[str]) -> None:
    path = tmp_path / "any.jsonl"
    path.write_text("\n".join(made), encoding="utf-8")
    same(path, documents=3)


def test_wide_characters_are_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join(lines(30)), encoding="utf-16")
    assert [part.kind for part in same(path)] == ["whole"]


def test_refusals_beyond_those_told_are_counted_for_the_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "MOST_TOLD", 12)
    monkeypatch.setattr("app.intake.json_articles.MOST_TOLD", 12)
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join(["[]"] * 30 + ['{"text": "Beloria denied it."}', '{"text": ""}'] * 9), encoding="utf-8")
    assert len(same(path)) == 5


Pages = Callable[[int], list[bytes]]


@pytest.fixture
def pages() -> Pages:
    """Records as a crawler writes them: what was asked, what was answered, and now and then something else."""

    def made(count: int) -> list[bytes]:
        records = [record(None, b"software: test", "application/warc-fields", kind="warcinfo", http=False)]
        for number in range(count):
            url = f"https://gazette.example/{number}"
            records.append(record(url, b"", "application/http", kind="request", http=False))
            body = TEXT.format(number).encode()
            if number % 7 == 3:
                records.append(record(url, b"", status="404 Not Found"))
            elif number % 7 == 5:
                records.append(record(url, b"\x89PNG\r\n", "image/png"))
            elif number % 7 == 6:
                # A page that quotes an archive.
                records.append(record(url, body + b"\r\n\r\nWARC/1.0\r\n\r\n", "text/plain"))
            else:
                records.append(record(url, body, "text/plain"))
        return records

    return made


@pytest.mark.parametrize("count", [3, 100])
@pytest.mark.parametrize("packed", [False, True])
def test_web_archives(tmp_path: Path, pages: Pages, packed: bool, count: int) -> None:
    path = tmp_path / ("news.warc.gz" if packed else "news.warc")
    path.write_bytes(b"".join(gzip.compress(one) if packed else one for one in pages(count)))
    found = same(path)
    assert {part.kind for part in found} == {"packed archive" if packed else "archive"}
    assert len(found) > count // 20
    assert [part.is_last for part in found] == [False] * (len(found) - 1) + [True]


@pytest.mark.parametrize("packed", [False, True])
def test_what_stands_before_the_damage_of_an_archive_is_read_in_parts(
    tmp_path: Path, pages: Pages, packed: bool
) -> None:
    path = tmp_path / "news.warc"
    whole = [gzip.compress(one) if packed else one for one in pages(90)]
    path.write_bytes(b"".join(whole[:150]) + (gzip.compress(b"nonsense") if packed else b"nonsense") * 20)
    assert len(same(path)) > 3


def test_an_archive_packed_in_one_piece_is_not_parted(tmp_path: Path, pages: Pages) -> None:
    path = tmp_path / "news.warc.gz"
    path.write_bytes(gzip.compress(b"".join(pages(60))))
    assert len(same(path)) == 1


def table(count: int) -> pa.Table:
    rows = [
        {"id": n, "text": TEXT.format(n) if n % 9 else None, "published": date(2031, 5, 1 + n % 28), "other": 1.5}
        for n in range(count)
    ]
    return pa.Table.from_pylist(rows)


@pytest.mark.parametrize("group", [7, 40, 1000])
def test_parquet(tmp_path: Path, group: int) -> None:
    path = tmp_path / "news.parquet"
    pq.write_table(table(123), path, row_group_size=group)
    found = same(path)
    assert {part.kind for part in found} == {"rows"}
    assert len(found) >= 13
    articles = [one for one in in_parts(path)[1] if isinstance(one, Article)]
    assert (articles[0].external_id, articles[0].published) == ("1", "2031-05-02")


def test_instants_are_read_as_days(tmp_path: Path) -> None:
    path = tmp_path / "news.parquet"
    pq.write_table(pa.table({"text": [TEXT], "published": [datetime(2031, 5, 4, 23, 59)]}), path)  # noqa: DTZ001
    (article,) = read(str(path))
    assert isinstance(article, Article)
    assert article.published == "2031-05-04"


@pytest.mark.parametrize("name", ["news.parquet", "news.bin"])
def test_parquet_is_known_by_what_it_holds(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    pq.write_table(table(3), path)
    assert sum(isinstance(one, Article) for one in read(str(path))) == 2


def test_packed_parquet(tmp_path: Path) -> None:
    path = tmp_path / "news.parquet"
    pq.write_table(table(3), path)
    packed = tmp_path / "news.parquet.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert [one for one in read(str(packed)) if isinstance(one, Article)] == [
        one for one in read(str(path)) if isinstance(one, Article)
    ]


@pytest.mark.parametrize(
    ("raw", "reason", "told"),
    [
        (b"PAR1\x15\x04 and then nothing", "unreadable", "no Parquet file"),
        (b"plain words", "unreadable", "no Parquet file"),
    ],
)
def test_what_is_no_parquet_file_is_refused(tmp_path: Path, raw: bytes, reason: str, told: str) -> None:
    path = tmp_path / "news.parquet"
    path.write_bytes(raw)
    (refused,) = in_parts(path)[1]
    assert isinstance(refused, Refusal)
    assert refused.reason == reason
    assert told in refused.detail
    same(path)


def test_a_text_that_begins_like_parquet_is_a_text(tmp_path: Path) -> None:
    path = tmp_path / "news.txt"
    path.write_text(f"PAR1 is a ship. {TEXT}", encoding="utf-8")
    (article,) = read(str(path))
    assert isinstance(article, Article)


def test_parquet_without_texts_says_which_columns_it_has(tmp_path: Path) -> None:
    path = tmp_path / "news.parquet"
    pq.write_table(pa.table({"body": ["x"], "title": ["y"]}), path)
    (refused,) = read(str(path))
    assert isinstance(refused, Refusal)
    assert refused.reason == "bad_field"
    assert "body, title" in refused.detail


@pytest.mark.parametrize(("name", "raw"), [("a.txt", TEXT.encode()), ("a.json", b"[]"), ("a.bin", b"\0\1"), ("a", b"")])
def test_other_files_are_one_part(tmp_path: Path, name: str, raw: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    assert [part.kind for part in same(path)] == ["whole"]


def test_packed_lines_beyond_a_bound_are_for_a_reader_that_takes_them_bit_by_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "news.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(lines(40)).encode()))
    assert [part.kind for part in same(path)] == ["whole"]
    monkeypatch.setattr(parts, "WHOLE_AT_MOST", 100)
    assert [part.kind for part in same(path)] == ["stream"]


def test_a_file_that_is_gone_or_shorter_is_told_and_not_refused(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join(lines(30)), encoding="utf-8")
    found = list(parts_of(path, documents=10))
    path.write_text("\n".join(lines(12)), encoding="utf-8")
    with pytest.raises(FileNotFoundError, match="not here as it is"):
        read_part(found[-1])
    path.unlink()
    with pytest.raises(FileNotFoundError):
        read_part(found[0])
