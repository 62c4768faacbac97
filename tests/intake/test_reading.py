"""Files, folders, standard input and bytes: which reader they get, and that nothing stops a batch."""

import gzip
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.intake import Item, Limits, read, read_bytes
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Article, Refusal

DATA = Path(__file__).parent / "data"
GOOD = {"title": "Ardania blames Beloria", "text": "Ardania accused Beloria of shelling Kesh."}
LINE = json.dumps(GOOD).encode() + b"\n"


def summary(items: list[Item]) -> list[str]:
    return [item.title if isinstance(item, Article) else item.reason.value for item in items]


def test_files_are_read_by_their_suffix() -> None:
    for name, title in [
        ("dispatch.txt", "Beloria Blames Ardania for Attempted Strike on Summer Palace"),
        ("article.html", "Ardania blames Beloria for market shelling"),
    ]:
        (item,) = read(str(DATA / name))
        assert isinstance(item, Article), item
        assert item.title == title


@pytest.mark.parametrize("name", ["dispatch.txt", "article.html"])
def test_a_packed_file_is_read_as_the_file_itself(tmp_path: Path, name: str) -> None:
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress((DATA / name).read_bytes(), mtime=0))
    assert list(read(str(packed))) == list(read(str(DATA / name)))


@pytest.mark.parametrize("name", ["a.json.gz", "a.jsonl.gz", "a.ndjson.gz"])
def test_packed_json(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(LINE * 2, mtime=0))
    assert summary(list(read(str(tmp_path / name)))) == [GOOD["title"]] * 2


def test_a_folder_is_read_in_order_and_a_bad_file_leaves_the_others_alone(tmp_path: Path) -> None:
    for name, raw in {
        "c.jsonl": LINE * 2,
        "b/z.json": json.dumps({**GOOD, "title": "first"}).encode(),
        "b/a.txt": b"Denial\n\nBeloria denied it.",
        "a.json": b"{",
        "d.docx": b"PK\x03\x04",
        "e.txt": b"",
        "f": b"words",
        "LICENSE": b"words",
        ".hidden/x.json": b"{",
        ".x.json": b"{",
        "README.md": b"about this folder",
        "notes.md": b"Note\n\nArdania denied it.",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(raw)
    items = list(read(str(tmp_path)))
    assert summary(items) == [
        "unsupported",
        "bad_json",
        "Denial",
        "first",
        GOOD["title"],
        GOOD["title"],
        "unsupported",
        "empty",
        "unsupported",
        "Note",
    ]
    details = [item.detail for item in items if isinstance(item, Refusal)]
    assert [Path(detail.partition(":")[0]).name for detail in details] == ["LICENSE", "a.json", "d.docx", "e.txt", "f"]
    assert list(read(str(tmp_path))) == items


def test_odd_entries_of_a_folder_are_refused_or_not_entered(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    (tmp_path / "b.json").symlink_to(tmp_path / "nowhere.json")
    (tmp_path / "c").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "d.json").write_bytes(LINE)
    items = list(read(str(tmp_path)))
    assert summary(items) == ["unsupported", "unreadable", GOOD["title"]]


def test_an_empty_folder_is_a_refusal(tmp_path: Path) -> None:
    assert summary(list(read(str(tmp_path)))) == ["empty"]


@pytest.mark.parametrize("source", ["no/such/file.json", "www.example.org/article", "a\0b", "x" * 5000, ""])
def test_a_missing_path_is_said_at_once(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if source == "":
        assert summary(list(read(source))) == ["empty"]
        return
    with pytest.raises(BadInput, match="https://") as why:
        read(source)
    assert why.value.reason == "unreadable"


def test_a_file_without_a_telling_name_is_read_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "download"
    for raw in (LINE, b"[" + LINE.strip() + b"]", b"\n\n" + LINE + b"\n" + LINE):
        path.write_bytes(raw)
        assert set(summary(list(read(str(path))))) == {GOOD["title"]}
    path.write_bytes((DATA / "article.html").read_bytes())
    assert summary(list(read(str(path)))) == ["Ardania blames Beloria for market shelling"]
    path.write_bytes(b"[Update] Denial from Kesh\n\nBeloria denied it.")
    assert summary(list(read(str(path)))) == ["[Update] Denial from Kesh"]


@pytest.mark.parametrize(
    ("raw", "titles"),
    [
        (LINE * 3, [GOOD["title"]] * 3),
        (json.dumps(GOOD, indent=1).encode(), [GOOD["title"]]),
        (json.dumps({"articles": [GOOD, GOOD]}).encode() + b"\n", [GOOD["title"]] * 2),
        (b"Denial\n\nBeloria denied it.", ["Denial"]),
        (gzip.compress(LINE * 3, mtime=0), [GOOD["title"]] * 3),
        (b"", ["empty"]),
        (b"\n\n", ["empty"]),
    ],
)
def test_standard_input(raw: bytes, titles: list[str]) -> None:
    assert summary(list(read("-", stdin=io.BytesIO(raw)))) == titles


def test_lines_from_a_pipe_are_read_as_they_come() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as stdin, os.fdopen(writer, "wb", buffering=0) as sender:
        items = read("-", stdin=stdin)
        for _ in range(3):
            sender.write(LINE)
            assert isinstance(next(items), Article)


@pytest.mark.parametrize(
    ("content_type", "raw", "outcome"),
    [
        ("application/json", LINE, GOOD["title"]),
        ("application/json; charset=utf-8", LINE * 2, GOOD["title"]),
        ("application/x-ndjson", LINE, GOOD["title"]),
        ("application/vnd.wire+json", LINE, GOOD["title"]),
        ("text/plain", b"Denial\n\nBeloria denied it.", "Denial"),
        ("TEXT/PLAIN;charset=UTF-16LE", "Denial\n\nBeloria denied it.".encode("utf-16-le"), "Denial"),
        ("text/plain", LINE, ""),
        ("application/octet-stream", LINE, GOOD["title"]),
        ("application/x-www-form-urlencoded", LINE, GOOD["title"]),
        ("application/json", b"<html>", "bad_json"),
        ("text/plain; charset=klingon", b"words", "wrong_encoding"),
        ("application/pdf", b"%PDF-1.4", "unreadable"),
        ("application/rss+xml", b"<rss version='2.0'></rss>", "empty"),
        ("application/warc", b"words", "unreadable"),
        ("image/png", b"\x89PNG\r\n\x1a\n", "unsupported"),
        ("text/csv", b"a,b", "unsupported"),
    ],
)
def test_a_content_type_decides_the_reader(content_type: str, raw: bytes, outcome: str) -> None:
    assert set(summary(list(read_bytes(raw, name="body", content_type=content_type)))) == {outcome}


@pytest.mark.parametrize(
    ("raw", "reason", "word"),
    [
        (b"", "empty", "0 bytes"),
        (b"   \n", "empty", "no text"),
        (b"words\0words", "binary", "NUL"),
        (b"PK\x03\x04rest", "binary", "zip"),
        (b"\x89PNG\r\n\x1a\nrest", "binary", "PNG"),
        (b"\xff\xd8\xff\xe0rest", "binary", "JPEG"),
        (b"%PDF-1.7\nrest", "unreadable", "PDF"),
        (b"WARC/1.0\r\nrest", "unreadable", "record 1"),
        (gzip.compress(b"WARC/1.0\r\nrest", mtime=0), "unreadable", "record 1"),
        (gzip.compress(gzip.compress(LINE), mtime=0), "binary", "twice"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}\n', "empty", "no entries"),
        (b"<?xml version='1.0'?><doc/>", "unsupported", "XML"),
        ("Der Sprecher sagte: schöne Grüße".encode("latin-1"), "wrong_encoding", "UTF-8"),
        (gzip.compress(b"words" * 99, mtime=0)[:-9], "unreadable", "cut short"),
    ],
)
def test_bad_bytes_are_refused_with_what_they_are(raw: bytes, reason: str, word: str) -> None:
    for name in ("input", "input.txt") if reason != "unsupported" else ("input",):
        (item,) = read_bytes(raw, name=name)
        assert isinstance(item, Refusal), item
        assert item.reason == reason
        assert item.detail.startswith(f"{name}: ")
        assert word in item.detail


def test_a_binary_file_named_as_lines_is_one_refusal() -> None:
    assert summary(list(read_bytes(b"\x89PNG\r\n" + b"\n\x00" * 999, name="a.jsonl"))) == ["binary"]


def test_utf16_and_utf8_with_a_mark_are_read() -> None:
    for codec in ("utf-16", "utf-8-sig"):
        assert summary(list(read_bytes("Denial\n\nBeloria denied it.".encode(codec), name="a.txt"))) == ["Denial"]


class Counting(io.BytesIO):
    taken = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        self.taken += len(line)
        return line

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


@pytest.mark.parametrize("raw", [b"x" * 500_000, b"words words\n" * 40_000, b"\n" * 500_000])
def test_a_document_beyond_the_limit_is_refused_without_reading_it_all(raw: bytes) -> None:
    stdin = Counting(raw)
    assert summary(list(read("-", stdin=stdin, limits=Limits(max_bytes=10_000)))) == ["too_large"]
    assert stdin.taken <= 10_001


def test_lines_may_exceed_the_limit_together() -> None:
    assert len(list(read_bytes(LINE * 50, name="a.jsonl", limits=Limits(max_bytes=len(LINE))))) == 50


@pytest.mark.parametrize("name", ["a.txt.gz", "a.json.gz", "a.html.gz", "a.jsonl.gz", "a.gz"])
@pytest.mark.parametrize("content", [b"x", b"\n"])
def test_a_gzip_bomb_is_refused_early(name: str, content: bytes) -> None:
    bomb = gzip.compress(content * 20_000_000, compresslevel=9, mtime=0)
    start = time.monotonic()
    items = list(read_bytes(bomb, name=name, limits=Limits(max_bytes=1_000_000)))
    assert set(summary(items)) == {"too_large"}
    assert time.monotonic() - start < 20, "it was unpacked to its end"


def test_importing_intake_loads_no_reader_library() -> None:
    heavy = {"trafilatura", "lxml", "httpx", "py3langid", "numpy", "feedparser", "fastwarc", "pypdfium2", "protego"}
    code = f"import sys, app.intake; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_refused_page_prints_nothing_by_itself() -> None:
    code = "from app.intake import read_bytes; print(len(list(read_bytes(b'<html></html>', name='x.html'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("1", "")


@settings(deadline=None, max_examples=300)
@given(
    raw=st.binary(max_size=300)
    | st.builds(
        bytes.__add__,
        st.sampled_from(
            [b"{", b"[{", b"<html>", b"<p>", b"\x1f\x8b\x08", b"\xff\xfe", b"\xef\xbb\xbf", b"<?xml ", b"# "]
        ),
        st.binary(max_size=200) | st.text(max_size=100).map(str.encode),
    ),
    name=st.sampled_from(["x", "x.json", "x.jsonl", "x.html", "x.txt", "x.txt.gz"]),
    content_type=st.none()
    | st.sampled_from(["text/html", "application/json", "text/plain; charset=utf-16"])
    | st.text(max_size=20),
)
@example(raw=b"\xff\xfe\x00\x00", name="x.jsonl", content_type=None)
@example(raw=b"\xef\xbb\xbf", name="x.html", content_type=None)
def test_any_bytes_give_items_and_never_raise(raw: bytes, name: str, content_type: str | None) -> None:
    start = time.monotonic()
    items = list(read_bytes(raw, name=name, content_type=content_type))
    assert items
    assert all(isinstance(item, Article | Refusal) for item in items)
    assert time.monotonic() - start < 5
