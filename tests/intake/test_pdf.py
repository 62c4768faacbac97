"""PDF: the article on its pages, and files made to do harm."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.intake import Item, Limits, pdf_process, read, read_bytes
from app.vocabulary.records import Article, Refusal
from tests.intake.archives import record
from tests.intake.papers import At, column, pdf

FIRST = [
    At("Kesh Courier", 8, 760),
    At("Ardania blames Beloria for", 20, 720),
    At("market shelling in Kesh", 20, 696),
    At("4 March 2031", 9, 670),
    *column(
        [
            "Ardania on Wednesday accused Beloria of shelling the market in the town of Kesh, as of-",
            "ficials of its anti-terrorism office said, and of the death of two traders who had been in",
            "the market at the time.",
            "Beloria denied it.",
            "The charge, its defence minister told reporters on Thursday, was a fabri-",
        ]
    ),
    At("Page 1", 8, 40),
]
SECOND = [
    At("Kesh Courier", 8, 760),
    *column(["cation. The envoy left for home in the evening.", "", "He will not be back, he said."], top=720),
    At("Page 2", 8, 40),
]
PAPER = pdf(FIRST, SECOND)


def items(raw: bytes, **limits: Any) -> list[Item]:
    return list(read_bytes(raw, name="paper.pdf", limits=Limits(**limits)))


def article(raw: bytes) -> Article:
    first = items(raw)[0]
    assert isinstance(first, Article), first
    return first


def refusal(raw: bytes, **limits: Any) -> Refusal:
    (one,) = items(raw, **limits)
    assert isinstance(one, Refusal), one
    assert one.detail.startswith("paper.pdf: ")
    return one


def test_an_article_over_two_pages() -> None:
    found, told = items(PAPER)
    assert isinstance(found, Article)
    assert found.title == "Ardania blames Beloria for market shelling in Kesh"
    assert found.published == "2031-03-04"
    assert found.text.split("\n\n") == [
        "Ardania on Wednesday accused Beloria of shelling the market in the town of Kesh, as officials of its "
        "anti-terrorism office said, and of the death of two traders who had been in the market at the time.",
        "Beloria denied it.",
        "The charge, its defence minister told reporters on Thursday, was a fabrication. The envoy left for home in "
        "the evening.",
        "He will not be back, he said.",
    ]
    assert isinstance(told, Refusal)
    assert told.detail == "paper.pdf: left out, for it stands on most of its pages: 'Kesh Courier', 'Page #'"


def test_when_the_file_was_made_is_nobodys_publication_date() -> None:
    assert article(pdf(column(["Beloria denied it, an envoy said."]))).published is None


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        (["Ardania accused Belo-", "ria."], "Ardania accused Beloria."),
        (["an anti-", "aircraft gun"], "an anti-aircraft gun"),
        (["a Saudi-", "led force"], "a Saudi-led force"),
        (["a UN-", "backed force"], "a UN-backed force"),
        (["the Foreign Office of North-", "West Ardania"], "the Foreign Office of North-West Ardania"),
        (["a re-", "taliation"], "a retaliation"),
        (["the cease-fire held, as a cease-", "fire does"], "the cease-fire held, as a cease-fire does"),
        (["a stand-", "off and a standoff"], "a standoff and a standoff"),
    ],
)
def test_broken_words_are_made_whole(broken: list[str], whole: str) -> None:
    assert article(pdf(column([*broken, "", "The envoy left."]))).text.split("\n\n")[0] == whole


@pytest.mark.parametrize(
    ("stated", "first", "title"),
    [
        ("A headline", [At("A headline", 11, 700)], "A headline"),
        ("Another headline", [At("A headline", 22, 700)], "A headline"),
        ("Only in the file", [], "Only in the file"),
        ("Microsoft Word - draft3.doc", [], ""),
        ("draft3.docx", [At("A headline", 22, 700)], "A headline"),
        ("", [], ""),
    ],
)
def test_the_headline_is_large_or_stated(stated: str, first: list[At], title: str) -> None:
    found = article(pdf([*first, *column(["Beloria denied it, an envoy said.", "", "He left."])], title=stated))
    assert found.title == title
    assert found.text.startswith("Beloria denied it")


def test_columns_are_read_one_after_the_other() -> None:
    left = column(["Ardania accused Beloria of", "shelling the market. Its"], x=72)
    right = column(["defence minister said so", "on Wednesday."], x=320)
    expected = "Ardania accused Beloria of shelling the market. Its defence minister said so on Wednesday."
    assert article(pdf([*left, *right])).text == expected


def test_pages_without_text_are_told() -> None:
    found, told = items(pdf(column(["Beloria denied it, an envoy said."]), b"0 0 100 100 re f"))
    assert isinstance(found, Article)
    assert isinstance(told, Refusal)
    assert (told.reason, told.detail) == ("empty", "paper.pdf: no text on 1 of its pages, which may need OCR: 2")


@pytest.mark.parametrize("how", ["suffix", "content", "type", "packed", "archive", "stdin"])
def test_wherever_it_comes_from(how: str, tmp_path: Path) -> None:
    import io

    raw = pdf(FIRST)
    if how == "suffix":
        (tmp_path / "a.pdf").write_bytes(raw)
        found = list(read(str(tmp_path)))
    elif how == "content":
        found = list(read_bytes(raw, name="notes.txt", content_type="text/plain"))
    elif how == "type":
        found = list(read_bytes(raw, name="body", content_type="application/pdf"))
    elif how == "packed":
        found = list(read_bytes(gzip.compress(raw), name="a.pdf.gz"))
    elif how == "archive":
        found = list(read_bytes(record("https://kesh-courier.example/a.pdf", raw, "application/pdf"), name="a.warc"))
        assert isinstance(found[0], Article)
        assert found[0].url == "https://kesh-courier.example/a.pdf"
    else:
        found = list(read("-", stdin=io.BytesIO(raw)))
    assert isinstance(found[0], Article), found
    assert found[0].title == "Ardania blames Beloria for market shelling in Kesh"


# ---- files that cannot be read, and files made to do harm ----


def test_pictures_of_text_need_ocr() -> None:
    told = refusal(pdf(b"0 0 100 100 re f", b"0 0 100 100 re f"))
    assert told.reason == "empty"
    assert "its 2 pages hold no text" in told.detail
    assert "OCR" in told.detail


def test_an_encrypted_file() -> None:
    pytest.importorskip("pypdfium2")
    raw = PAPER.replace(
        b"/Info 4 0 R >>",
        b"/Info 4 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] /Encrypt << "
        b"/Filter /Standard /V 1 /R 2 /P -4 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> >> >>",
    )
    told = refusal(raw)
    assert told.reason == "unreadable"
    assert "encrypted" in told.detail


@pytest.mark.parametrize("raw", [b"%PDF-1.7", PAPER[:200], PAPER[:-400], b"%PDF-" + b"\0" * 9_999, b"%PDF-1.4\n%%EOF"])
def test_damaged_files(raw: bytes) -> None:
    assert refusal(raw).reason == "unreadable"


def test_limits() -> None:
    assert refusal(PAPER, max_pdf_pages=1).reason == "too_large"
    assert refusal(PAPER, max_words=20).reason == "too_large"
    assert refusal(pdf(column(["word " * 60] * 10)), max_words=300).reason == "too_large"


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_read() -> None:
    busy = pdf(column(["x" * 200] * 50) * 400)
    start = time.monotonic()
    told = refusal(busy, pdf_timeout_s=0.05)
    assert "within 0.05 seconds" in told.detail
    assert time.monotonic() - start < 5
    assert article(PAPER).title


def test_a_file_that_needs_too_much_memory_is_refused_and_the_next_is_read() -> None:
    told = refusal(PAPER, max_pdf_memory=30_000_000)
    assert told.reason == "unreadable"
    assert "30 MB" in told.detail
    assert article(PAPER).title


def test_where_its_reader_dies_the_file_is_refused_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = pdf_process._Worker._exchange

    def killed(self: Any, raw: bytes, limits: Limits) -> Any:
        self._process.kill()
        return exchange(self, raw, limits)

    with monkeypatch.context() as patch:
        patch.setattr(pdf_process._Worker, "_exchange", killed)
        assert "brought its reader down" in refusal(PAPER).detail
    assert article(PAPER).title


def test_one_process_serves_many_files_and_ends_when_replaced() -> None:
    article(PAPER)
    at_hand = pdf_process._current
    assert at_hand is not None
    article(PAPER)
    assert pdf_process._current is at_hand
    at_hand.files = pdf_process._FILES_EACH
    article(PAPER)
    assert pdf_process._current is not at_hand
    assert not at_hand.alive


def test_threads_take_turns() -> None:
    found: list[Item] = []
    threads = [threading.Thread(target=lambda: found.extend(items(PAPER))) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(isinstance(one, Article) for one in found) == 6


def test_a_folder_named_like_ours_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("raise SystemExit('not ours')")
    (tmp_path / "a.pdf").write_bytes(PAPER)
    code = "from app.intake import read; print(next(read('a.pdf')).title)"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "Ardania blames Beloria for market shelling in Kesh"


@settings(deadline=None, max_examples=60)
@given(at=st.integers(0, len(PAPER)), junk=st.binary(max_size=60), gone=st.integers(0, 300))
def test_any_damage_gives_items_and_never_raises(at: int, junk: bytes, gone: int) -> None:
    raw = b"%PDF-" + (PAPER[:at] + junk + PAPER[at + gone :])[5:]
    found = items(raw)
    assert found
    assert all(isinstance(one, Article | Refusal) for one in found)


# ---- a browser's print ----


@pytest.mark.browser
def test_a_page_printed_by_a_browser(tmp_path: Path) -> None:
    chromium = os.environ.get("POLEMOS_TEST_BROWSER") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium")
    paragraphs = [
        f"In town number {number} an envoy said that Ardania accused Beloria of shelling the market, as the "
        f"anti-terrorism administration had reported {number * 7} times before, and that the investigation would go on "
        f"for {number + 3} weeks. Beloria denied responsibility for any of it."
        for number in range(1, 25)
    ]
    words = "".join(f"<p>{one}</p>" for one in paragraphs)
    style = "<style>body{font:15px serif;width:420px}p{text-align:justify;hyphens:auto}</style>"
    page = tmp_path / "page.html"
    headline = "Ardania blames Beloria for market shelling"
    page.write_text(
        f"<html lang=en><title>{headline}</title>{style}<h1>{headline}</h1><p>4 March 2031</p>{words}</html>"
    )
    subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--print-to-pdf={tmp_path / 'page.pdf'}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    found = article((tmp_path / "page.pdf").read_bytes())
    assert (found.title, found.published) == (headline, "2031-03-04")
    # A paragraph that a page's end parts after a full stop stays parted; no word is lost or broken.
    assert found.text.replace("\n\n", " ").split() == " ".join(paragraphs).split()
