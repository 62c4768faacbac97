"""Web archives, written by the writer that comes with the library that reads them."""

from __future__ import annotations

import gzip
import io
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.intake import Item, Limits, read, read_bytes
from app.vocabulary.records import Article, Refusal
from tests.intake.archives import record

PAGE = (Path(__file__).parent / "data" / "undated.html").read_bytes().replace(b'<link rel="canonical"', b"<link")
TITLE = "Norvan envoy rejects blame for cable cut"
NEWS = "https://kesh-courier.example/news/"
TEXT = b"Denial from Kesh\n4 May 2031\n\nBeloria denied it."
PASSED = "passed over: "


def archive(*records: bytes) -> bytes:
    info = record(None, b"software: a crawler\r\n", "application/warc-fields", kind="warcinfo")
    return b"".join((info, *records))


def items(raw: bytes, name: str = "crawl.warc", **limits: Any) -> list[Item]:
    return list(read_bytes(raw, name=name, limits=Limits(**limits)))


def articles(found: list[Item]) -> list[Article]:
    return [item for item in found if isinstance(item, Article)]


def refusals(found: list[Item]) -> list[tuple[str, str]]:
    return [(item.reason.value, item.detail) for item in found if isinstance(item, Refusal)]


def test_a_page_is_read_as_if_it_were_fetched_and_knows_its_address() -> None:
    found = items(archive(record(NEWS + "1#top", PAGE), record(NEWS + "2", TEXT, "text/plain")))
    page, text = articles(found)
    assert (page.title, page.url, page.published) == (TITLE, NEWS + "1", None)
    (alone,) = read_bytes(PAGE, name="page", content_type="text/html; charset=utf-8", url=NEWS + "1")
    assert page == alone
    assert (text.title, text.published, text.url) == ("Denial from Kesh", "2031-05-04", NEWS + "2")


def test_the_day_of_fetching_is_nobodys_publication_date() -> None:
    raw = archive(record(NEWS + "1", PAGE))
    assert b"WARC-Date: 20" in raw
    (page,) = articles(items(raw))
    assert page.published is None


@pytest.mark.parametrize("kind", ["resource", "conversion"])
def test_records_without_a_server_are_read_by_their_own_type(kind: str) -> None:
    (page,) = articles(items(archive(record(NEWS + "3", PAGE, kind=kind))))
    assert (page.title, page.url) == (TITLE, NEWS + "3")


def test_the_servers_charset_comes_first_then_the_pages() -> None:
    page = (
        PAGE.decode().replace("<head>", '<head><meta charset="windows-1251">').replace("cable cut", "cable cut, café")
    )
    latin = page.replace("“", '"').replace("”", '"').replace("’", "'").encode("latin-1")
    by_header = record(NEWS + "1", latin, "text/html; charset=iso-8859-1")
    by_page = record(NEWS + "2", page.replace("windows-1251", "utf-8").encode(), "text/html")
    assert [one.title for one in articles(items(archive(by_header, by_page)))] == [f"{TITLE}, café"] * 2


@pytest.mark.parametrize(
    ("packing", "body"),
    [
        ("gzip", gzip.compress(PAGE, mtime=0)),
        ("identity", PAGE),
    ],
)
def test_packed_bodies_are_unpacked(packing: str, body: bytes) -> None:
    (page,) = articles(items(archive(record(NEWS, body, headers=(("Content-Encoding", packing),)))))
    assert page.title == TITLE


def test_chunks_are_joined() -> None:
    half = len(PAGE) // 2
    body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (PAGE[:half], PAGE[half:])) + b"0\r\n\r\n"
    (page,) = articles(items(archive(record(NEWS, body, headers=(("Transfer-Encoding", "chunked"),)))))
    assert page.title == TITLE


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ((("Content-Encoding", "gzip"),), b"not gzip" * 40, "unreadable"),
        ((("Content-Encoding", "klingon"),), PAGE, "unreadable"),
        ((("Transfer-Encoding", "chunked"),), b"no such chunk\r\n", "unreadable"),
        ((("Content-Encoding", "gzip"),), gzip.compress(b" " * 3_000_000, mtime=0), "too_large"),
        ((), b" " * 200_000, "too_large"),
        ((), b"", "empty"),
    ],
)
def test_a_bad_body_is_one_refusal_and_the_next_record_is_read(
    headers: tuple[tuple[str, str], ...], body: bytes, reason: str
) -> None:
    raw = archive(record(NEWS + "bad", body, headers=headers), record(NEWS + "good", PAGE))
    found = items(raw, max_bytes=100_000)
    assert [one.url for one in articles(found)] == [NEWS + "good"]
    (bad, rest) = refusals(found)
    assert bad[0] == reason
    assert bad[1].startswith(f"crawl.warc, record 2 ({NEWS}bad): ")
    assert PASSED in rest[1]


def test_what_is_no_page_is_passed_over_and_counted() -> None:
    raw = archive(
        record(NEWS, b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request", kind="request"),
        record(NEWS, b"", kind="revisit"),
        record(NEWS + "a.png", b"\x89PNG", "image/png"),
        record(NEWS + "b.png", b"\x89PNG", "image/png"),
        record(NEWS + "gone", PAGE, status="404 Not Found"),
        record(NEWS + "moved", b"", status="301 Moved Permanently"),
        record("https://kesh-courier.example/robots.txt", b"User-agent: *\nDisallow: /x\n", "text/plain"),
        record("dns:kesh-courier.example", b"20310504 A 192.0.2.1", "text/dns"),
        record(NEWS + "1", PAGE),
    )
    found = items(raw)
    assert len(articles(found)) == 1
    ((reason, detail),) = refusals(found)
    assert reason == "unsupported"
    assert "crawl.warc: 9 records are no page that is read, and passed over: 2 image/png" in detail
    for kind in ("warcinfo", "request", "revisit", "answer 404", "answer 301", "for crawlers", "text/dns"):
        assert f"1 {kind}" in detail


def test_what_is_inside_an_archive_is_not_opened_further() -> None:
    inner = archive(record(NEWS, PAGE))
    raw = archive(record(NEWS + "x", inner, "text/plain"), record(NEWS + "y", inner, "application/warc"))
    found = items(raw)
    assert articles(found) == []
    assert "within a web archive" in refusals(found)[0][1]
    assert "1 web archive (WARC)" in refusals(found)[1][1]


def test_packed_archives_files_folders_and_standard_input(tmp_path: Path) -> None:
    members = [record(NEWS + str(number), PAGE) for number in range(3)]
    packed = b"".join(gzip.compress(one, mtime=0) for one in members)
    (tmp_path / "crawl.warc.gz").write_bytes(packed)
    (tmp_path / "plain.warc").write_bytes(b"".join(members))
    (tmp_path / "download").mkdir()
    (tmp_path / "download" / "crawl.warc.gz").write_bytes(packed)
    expected = [NEWS + str(number) for number in range(3)]
    assert [one.url for one in articles(list(read(str(tmp_path / "crawl.warc.gz"))))] == expected
    assert [one.url for one in articles(list(read(str(tmp_path))))] == expected * 3
    for raw in (packed, b"".join(members), b"\r\n" + members[0] + members[1] + members[2]):
        assert [one.url for one in articles(list(read("-", stdin=io.BytesIO(raw))))] == expected


def test_its_content_tells_an_archive_whatever_its_name() -> None:
    for name, content_type in (("download.txt", None), ("x", "application/octet-stream"), ("x", "application/warc")):
        found = list(read_bytes(archive(record(NEWS, PAGE)), name=name, content_type=content_type))
        assert [one.title for one in articles(found)] == [TITLE], name


@pytest.mark.parametrize("lost", [3, 30, 900, -1])
def test_of_an_archive_cut_short_the_beginning_is_read(lost: int) -> None:
    whole = record(NEWS + "1", PAGE)
    last = record(NEWS + "2", PAGE)
    # The two line ends after the last record are missed by nobody; from the middle of its head on, all is.
    cut = last[:-lost] if lost > 0 else last[:70]
    found = items(archive(whole) + cut)
    if lost == 3:
        assert [one.url for one in articles(found)] == [NEWS + "1", NEWS + "2"]
        return
    assert [one.url for one in articles(found)] == [NEWS + "1"]
    reason, detail = refusals(found)[-1]
    assert reason == "unreadable"
    assert "damaged or cut short at record 3" in detail
    assert "what stands before was read" in detail


def test_of_a_packed_archive_cut_short_the_beginning_is_read() -> None:
    packed = b"".join(gzip.compress(record(NEWS + str(number), PAGE), mtime=0) for number in range(3))
    found = items(packed[:-40], name="crawl.warc.gz")
    assert [one.url for one in articles(found)] == [NEWS + "0", NEWS + "1"]
    assert refusals(found)[-1][0] == "unreadable"


def test_of_a_damaged_archive_the_beginning_is_read() -> None:
    found = items(archive(record(NEWS + "1", PAGE)) + b"what is this?\r\n\r\n" + record(NEWS + "2", PAGE))
    assert [one.url for one in articles(found)] == [NEWS + "1"]
    assert "damaged" in refusals(found)[-1][1]


@pytest.mark.parametrize("length", ["-5", "99999999999999999999999", "x", "9999999"])
def test_a_stated_length_is_not_believed(length: str) -> None:
    raw = record(NEWS + "1", PAGE)
    size = raw.partition(b"Content-Length: ")[2].partition(b"\r\n")[0].decode()
    lying = raw.replace(f"Content-Length: {size}".encode(), f"Content-Length: {length}".encode())
    found = items(archive(lying))
    assert articles(found) == []
    assert "damaged or cut short" in refusals(found)[-1][1]


def test_credentials_in_an_address_are_neither_shown_nor_stored() -> None:
    found = items(
        archive(record("https://user:secret@kesh-courier.example/1", PAGE), record("https://u:secret@a/", b""))
    )
    assert [one.url for one in articles(found)] == ["https://kesh-courier.example/1"]
    assert "secret" not in str(found)


MEASURE = """
import resource, sys
from app.intake import read
from app.vocabulary.records import Article

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

items = read(sys.argv[1])
next(items)
before = peak()
found = sum(isinstance(item, Article) for item in items)
print(found, peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in other units elsewhere")
def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    picture = record(NEWS + "big.png", random.Random(7).randbytes(1_000_000), "image/png")
    text = record(NEWS + "1", TEXT, "text/plain")
    with gzip.open(tmp_path / "crawl.warc.gz", "wb", compresslevel=0) as file:
        for _ in range(300):
            file.write(text + picture)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "crawl.warc.gz")], capture_output=True, text=True, check=True
    )
    found, grown = map(int, done.stdout.split())
    assert found == 299
    assert grown < 60, f"{grown} MB for an archive of 300 MB"


@settings(deadline=None, max_examples=150)
@given(
    at=st.integers(0, 700),
    junk=st.binary(max_size=40),
    gone=st.integers(0, 40),
)
@example(at=0, junk=b"WARC/1.0\r\nContent-Length: 1\r\n\r\n", gone=0)
def test_any_damage_gives_items_and_never_raises(at: int, junk: bytes, gone: int) -> None:
    raw = record(NEWS + "1", TEXT, "text/plain") + record(NEWS + "2", TEXT, "text/plain")
    found = items(raw[:at] + junk + raw[at + gone :])
    assert found
    assert all(isinstance(item, Article | Refusal) for item in found)
