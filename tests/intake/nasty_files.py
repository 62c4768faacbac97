"""PDF files, web archives and feeds made to harm whoever reads them; see `nasty`."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from functools import partial

from tests.intake.archives import record
from tests.intake.nasty_base import MEGA, PROSE, SENTENCE, Case, Cases
from tests.intake.papers import At, column, pdf

PDF, WARC, RSS, FEED = "application/pdf", "application/warc", "application/rss+xml", "application/feed+json"
PAPER = pdf([At("Norland accuses Sudria", 20, 720), *column([SENTENCE[at : at + 80] for at in range(0, 200, 80)] * 3)])
PAGE = f"<html><head><title>Kesh</title></head><body>{PROSE}</body></html>".encode()
_CASES = Cases()
_case = _CASES.add


def _papers() -> None:
    def paper(name: str, make: Callable[[], bytes], becomes: str = "article empty too_large unreadable") -> None:
        _case(f"pdf: {name}", make, PDF, becomes)

    for part in range(1, 10):
        paper(f"cut short at {part} tenths", partial(lambda part: PAPER[: len(PAPER) * part // 10], part))
    for old, new in (
        (b"/Kids [5 0 R]", b"/Kids [2 0 R]"),
        (b"/Contents 6 0 R", b"/Contents 5 0 R"),
        (b"/Count 1", b"/Count 99999999"),
        (b"/Count 1", b"/Count -1"),
        (b"/Parent 2 0 R", b"/Parent 5 0 R"),
        (b"/MediaBox [0 0 612 792]", b"/MediaBox [0 0 1e38 1e38]"),
        (b"/MediaBox [0 0 612 792]", b"/MediaBox [0 0 0 0]"),
        (b"/Pages 2 0 R", b"/Pages 1 0 R"),
        (b"/Length ", b"/Length 9"),
        (b"/Length ", b"/Length -"),
        (b"startxref", b"startxref\n0\n%"),
        (b"xref", b"xxxx"),
        (b"trailer", b"trailer << /Prev 9 >>"),
        (b"endobj", b""),
        (b"stream", b""),
        (b"/Size", b"/Encrypt << /Filter /Standard /V 2 /R 3 /O (x) /U (x) /P -4 >> /Size"),
    ):
        paper(f"{new[:40]!r} for {old!r}", partial(lambda old, new: PAPER.replace(old, new), old, new))
    paper(
        "a reference table that refers to itself",
        lambda: PAPER.replace(b"trailer\n<<", b"trailer\n<< /Prev %d" % PAPER.rindex(b"xref")),
    )
    paper("300 pages", lambda: pdf(*[[At(SENTENCE[:80], 11, 700)]] * 300))
    paper("5,000 pages", lambda: pdf(*[[At("x", 11, 700)]] * 5_000))
    paper("nothing drawn", lambda: pdf(b""))
    paper("a million letters on a page", lambda: pdf(b"BT /F1 1 Tf 1 1 Td " + b"(a) Tj 1 0 Td " * 300_000 + b"ET"))
    paper("a page of one string of 15 MB", lambda: pdf(b"BT /F1 1 Tf (" + b"a" * 15 * MEGA + b") Tj ET"))
    paper("graphics states nested", lambda: pdf(b"q " * 2 * MEGA))
    paper("arrays nested", lambda: PAPER.replace(b"/Title (", b"/X " + b"[" * 500_000 + b" /Title ("))
    paper("dictionaries nested", lambda: PAPER.replace(b"/Title (", b"/X " + b"<</X" * 500_000 + b" /Title ("))
    paper("a stream that unpacks to 1 GB", _swelling)
    paper(
        "a form that draws itself",
        lambda: PAPER.replace(b"/Font << /F1 3 0 R >>", b"/Font << /F1 3 0 R >> /XObject << /X 6 0 R >>").replace(
            b"stream\n", b"stream\n/X Do ", 1
        ),
    )
    paper("rubbish between", lambda: PAPER.replace(b"endobj", b"endobj" + bytes(range(256)) * 50))
    paper("rubbish before", lambda: b"x" * 1_000 + PAPER)
    paper("its first line alone", lambda: b"%PDF-1.7\n")
    paper("its first line 2 million times", lambda: b"%PDF-1.7\n" * 2 * MEGA)
    paper("objects without end", lambda: b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n" % n for n in range(500_000)))


def _swelling() -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"q Q " * (MEGA // 4)) for _ in range(1_000)) + packer.flush()
    whole = pdf(b"PLACE")
    return whole.replace(
        b"<< /Length 5 >>\nstream\nPLACE", b"<< /Filter /FlateDecode /Length %d >>\nstream\n%b" % (len(packed), packed)
    )


def _archives() -> None:
    def archive(
        name: str,
        make: Callable[[], bytes],
        becomes: str = "article bad_field empty not_an_article too_large unreadable unsupported",
    ) -> None:
        _case(f"warc: {name}", make, WARC, becomes)

    whole = record("https://a.example/1", PAGE)
    for part in range(1, 10):
        archive(f"cut short at {part} tenths", partial(lambda part: whole[: len(whole) * part // 10], part))
        archive(
            f"packed, cut short at {part} tenths",
            partial(lambda part: (p := gzip.compress(whole, mtime=0))[: len(p) * part // 10], part),
        )
    for length in ("0", "1", "-1", "99999999999", "9" * 400, "x", "", "1e3", "٣"):
        archive(f"Content-Length {length[:20]}", partial(_lying, whole, length))
        archive(
            f"Content-Length {length[:20]}, then another", partial(lambda length: _lying(whole, length) + whole, length)
        )
    archive("its first line alone", lambda: b"WARC/1.0\r\n")
    archive("its first line a million times", lambda: b"WARC/1.0\r\n" * MEGA)
    archive(
        "a header of 15 MB",
        lambda: whole.replace(b"WARC-Target-URI:", b"X: " + b"x" * 15 * MEGA + b"\r\nWARC-Target-URI:"),
    )
    archive("a million headers", lambda: whole.replace(b"WARC-Target-URI:", b"X: x\r\n" * MEGA + b"WARC-Target-URI:"))
    archive("an HTTP head of 10 MB", lambda: record("https://a.example/", PAGE, headers=(("X", "x" * 10 * MEGA),)))
    archive("30,000 empty records", lambda: record("https://a.example/", b"") * 30_000)
    archive("1,200 pages that are none", lambda: record("https://a.example/", b"<html>none</html>") * 1_200)
    archive("an archive in an archive", lambda: record("https://a.example/", whole, "application/warc"))
    archive(
        "a bomb in it",
        lambda: record("https://a.example/", gzip.compress(bytes(100 * MEGA)), headers=(("Content-Encoding", "gzip"),)),
    )
    archive(
        "chunks that lie",
        lambda: record("https://a.example/", b"FFFFFFFF\r\n" + PAGE, headers=(("Transfer-Encoding", "chunked"),)),
    )
    archive("a PDF file in it", lambda: record("https://a.example/a.pdf", PAPER, "application/pdf"))
    for url in ("http://[::1", "file:///etc/passwd", "http://a.example/\0", "", "x" * 100_000, "http://u:p@a.example/"):
        archive(
            f"from {url[:20]!r}",
            partial(lambda url: record("https://a.example/U", PAGE).replace(b"https://a.example/U", url.encode()), url),
        )


def _lying(whole: bytes, length: str) -> bytes:
    head, _, rest = whole.partition(b"Content-Length:")
    return head + b"Content-Length: " + length.encode() + b"\r\n" + rest.partition(b"\r\n")[2]


def _feeds() -> None:
    def feed(
        name: str, make: Callable[[], str], kind: str = RSS, becomes: str = "bad_json empty not_an_article too_large"
    ) -> None:
        _case(f"feed: {name}", lambda: make().encode(), kind, becomes)

    item = f"<item><title>Kesh</title><link>https://a.example/1</link><description>{SENTENCE * 3}</description></item>"
    feed("20,000 entries", lambda: f"<rss><channel>{'<item><title>x</title></item>' * 20_000}</channel></rss>")
    feed("an entry of 2 MB", lambda: f"<rss><channel>{item.replace('Kesh', 'K' * 2 * MEGA)}</channel></rss>")
    feed(
        "entries of pages in pages",
        lambda: (
            f"<rss><channel>{item.replace('<description>', '<description>' + '&lt;div&gt;' * 100_000)}</channel></rss>"
        ),
    )
    feed("never closed", lambda: f"<rss><channel>{item * 20}")
    feed("unknown entities", lambda: f"<rss><channel>{item.replace('Kesh', '&nope;' * 50_000)}</channel></rss>")
    feed(
        "namespaces without end",
        lambda: "<rss " + " ".join(f"xmlns:n{n}='u{n}'" for n in range(50_000)) + f"><channel>{item}</channel></rss>",
    )
    feed(
        "dates of every sort",
        lambda: (
            "<rss><channel>"
            + "".join(
                item.replace("<link>", f"<pubDate>{d}</pubDate><link>")
                for d in ("9999-99-99", "0", "x" * 10_000, "Mon, 99 Foo 2024 99:99:99 +9999", "-1", "٣")
            )
            + "</channel></rss>"
        ),
    )
    feed(
        "links that lead elsewhere",
        lambda: (
            "<rss><channel>"
            + "".join(
                item.replace("https://a.example/1", u)
                for u in ("javascript:x", "file:///etc/passwd", "http://[::1", "//", "x" * 100_000)
            )
            + "</channel></rss>"
        ),
    )
    for version in ("https://jsonfeed.org/version/1.1",):
        for items in (
            "1",
            "{}",
            "null",
            '[1, null, "x", [], {}]',
            "[" * 50_000,
            '[{"content_text": 1}]',
            '[{"content_html": "' + "<div>" * 100_000 + '"}]',
            "[" + ",".join(["{}"] * 500_000) + "]",
        ):
            feed(
                f"JSON with items {items[:20]} ({len(items)})",
                partial(lambda version, items: f'{{"version": "{version}", "items": {items}}}', version, items),
                FEED,
            )


for _part in (_papers, _archives, _feeds):
    _part()

CASES: tuple[Case, ...] = tuple(_CASES)
