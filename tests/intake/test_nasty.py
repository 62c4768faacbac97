"""Inputs made to harm their reader: each becomes what it should, in bounded time and memory, and nothing is reached."""

from __future__ import annotations

import json
import resource
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.intake import Limits, read_bytes
from app.intake.fetch import is_public, shown
from app.intake.gate import admit
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Article, Refusal
from app.vocabulary.terms import RefusalReason
from app.web.bodies import in_bounds
from tests.intake import nasty

ROOT = Path(__file__).resolve().parents[2]
CASES = {case.name: case for case in nasty.CASES}
SECONDS = 20
"""Processor time that intake may take over one input; the worst takes five. Ten times that may pass meanwhile."""
PEAK_MB = 2_000
"""Most memory of a process that reads all of them, one after the other."""
EXAMPLES = 500
ran: Counter[str] = Counter()


def main() -> None:
    """Read every case and tell of each on a line: name, seconds, what it became, the refusals' details."""
    # They end the process whatever it is doing, also within a C library. A busy machine makes nobody late.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    for name, case in CASES.items():
        print(json.dumps([name]), flush=True)
        raw = case.make()
        signal.alarm(10 * SECONDS)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        start = time.process_time()
        # The bounds of a request, as a body of ten million refusals has no end otherwise.
        items = list(in_bounds(read_bytes(raw, name="it", content_type=case.kind)))
        seconds = time.process_time() - start
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        became = sorted({str(item.reason) if isinstance(item, Refusal) else "article" for item in items})
        told = [item.detail for item in items if isinstance(item, Refusal)][-3:]
        texts = [item.text[:2_000] for item in items if isinstance(item, Article)][:3]
        print(json.dumps([name, seconds, became, told, texts]), flush=True)
    print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))


@pytest.fixture(scope="module")
def read_all() -> tuple[dict[str, Any], int]:
    """What became of every case, and the megabytes that took."""
    code = "from tests.intake.test_nasty import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"ended by {done.returncode} at {lines[-1]}: {done.stderr[-2_000:]}"
    found = {line[0]: line[1:] for line in lines[:-1] if len(line) > 1}
    ran["nasty inputs"] = len(found)
    seconds, name = max((line[0], name) for name, line in found.items())
    print(f"most processor time {seconds:.1f} s ({name}), most memory {lines[-1]} MB")
    return found, lines[-1]


@pytest.mark.processes
@pytest.mark.timeout(600)
def test_each_becomes_what_it_should_in_bounded_time(read_all: tuple[dict[str, Any], int]) -> None:
    found, _ = read_all
    assert found.keys() == CASES.keys()
    assert {
        name: became for name, (_, became, _, _) in found.items() if not CASES[name].becomes.issuperset(became)
    } == {}
    assert [name for name, (_, became, _, _) in found.items() if not became] == []
    assert max(seconds for seconds, _, _, _ in found.values()) < SECONDS


@pytest.mark.processes
def test_memory_stays_bounded(read_all: tuple[dict[str, Any], int]) -> None:
    assert read_all[1] < PEAK_MB


@pytest.mark.processes
def test_each_refusal_says_of_what_and_why_and_no_more_than_one_reads(read_all: tuple[dict[str, Any], int]) -> None:
    for name, (_, _, told, _) in read_all[0].items():
        for detail in told:
            assert 20 < len(detail) < 700, name
            assert detail.startswith(("it: ", "it, ", "the request's body: ")), (name, detail)
            assert "Traceback" not in detail
            assert "object at 0x" not in detail


@pytest.mark.processes
def test_no_entity_brings_in_a_file(read_all: tuple[dict[str, Any], int]) -> None:
    first = Path("/etc/passwd").read_text().splitlines()[0]
    for name, (_, _, told, texts) in read_all[0].items():
        assert all(first not in text for text in (*told, *texts)), name


@pytest.mark.parametrize(
    ("kind", "root"),
    [("application/xhtml+xml", "html"), ("text/html", "html"), ("application/rss+xml", "rss"),
     ("application/atom+xml", "feed"), ("application/xml", "rss"), (None, "rss"), (None, "html"), (None, "svg")],
)  # fmt: skip
def test_no_entity_and_no_link_is_asked_for(kind: str | None, root: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        document = (
            f"<?xml version='1.0'?><?xml-stylesheet href='{url}'?><!DOCTYPE {root} SYSTEM '{url}' [<!ENTITY x SYSTEM "
            f"'{url}'><!ENTITY % p SYSTEM '{url}'>%p;]><{root}><head><base href='{url}'><link rel='stylesheet' "
            f"href='{url}'><script src='{url}'></script></head><img src='{url}'><iframe src='{url}'></iframe>&x;"
            f"{nasty.PROSE}</{root}>"
        )
        list(read_bytes(document.encode(), name="it", content_type=kind))
        listening.settimeout(0)
        with pytest.raises(BlockingIOError):
            listening.accept()


# ---- what was found by the inputs above, one by one ----


def one(raw: bytes, kind: str | None = None) -> Article | Refusal:
    (item,) = read_bytes(raw, name="it", content_type=kind)
    return item


def seconds_for(raw: bytes, kind: str | None = None) -> float:
    start = time.process_time()
    list(read_bytes(raw, name="it", content_type=kind))
    return time.process_time() - start


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        # Line ends were taken away one by one from a list's beginning.
        (b"\n" * 1_000_000 + b"Norland denied it.", "text/plain"),
        # The pattern of an XML declaration was tried from each space on.
        (b"<p>" + b" " * 4_000_000 + b"</p>", "text/html"),
        # Libxml2 compares each attribute of a tag with those before.
        (b"<p " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">", "text/html"),
        # Normalising sorts combining marks.
        (b"e" + "\u0301\u0316".encode() * 500_000, "text/plain"),
        # A word broken at a line's end was looked for from each letter on.
        (CASES["pdf: a page of one string of 15 MB"].make(), "application/pdf"),
    ],
    ids=["line ends", "spaces", "attributes", "combining marks", "a long word in a PDF file"],
)
def test_what_took_the_square_of_its_length_does_not(raw: bytes, kind: str) -> None:
    assert seconds_for(raw, kind) < 5


def test_a_page_nested_too_deeply_is_refused_and_not_read_in_part() -> None:
    """Its parser leaves out what is deeper, and says so only in its log."""
    deep = b"<html><body>" + nasty.PROSE.encode() + b"<div>" * 300 + nasty.PROSE.encode() + b"</body></html>"
    item = one(deep, "text/html")
    assert isinstance(item, Refusal)
    assert (item.reason, "255 deep" in item.detail) == (RefusalReason.TOO_LARGE, True)
    # What one page does is not held against the next.
    assert isinstance(one(deep.replace(b"<div>", b""), "text/html"), Article)


def test_a_page_of_unclosed_paragraphs_is_not_nested() -> None:
    item = one(b"<html><body>" + nasty.PROSE.replace("</p>", "").encode() * 100 + b"</body></html>", "text/html")
    assert isinstance(item, Article), item


@pytest.mark.parametrize("count", [500, 501])
def test_a_tag_has_up_to_500_attributes(count: int) -> None:
    page = f"<html><body {' '.join(f'a{n}={chr(34)}x > y{chr(34)}' for n in range(count))}>{nasty.PROSE}</body></html>"
    assert isinstance(one(page.encode(), "text/html"), Article) is (count == 500)


@pytest.mark.parametrize("count", [30, 31])
def test_a_letter_bears_up_to_30_marks(count: int) -> None:
    item = one(("Norland denied it. e" + "\u0301" * count).encode(), "text/plain")
    assert isinstance(item, Article) is (count == 30)
    if isinstance(item, Refusal):
        assert "character 20 begins" in item.detail


def test_a_text_is_bounded_in_words_in_characters_and_between_spaces() -> None:
    limits = Limits(max_words=10, max_chars=100, max_run=20)
    assert admit(text="word, " * 5, limits=limits).text == "word, " * 5
    for text, told in (
        ("word, " * 6, "12 words and marks, more than 10"),
        ("a" * 101, "101 characters, more than 100"),
        ("so " + "a" * 21, "21 characters of its text, from 'aaaaaaaaaaaaaaaaaaaa' on"),
    ):
        with pytest.raises(BadInput, match=told) as why:
            admit(text=text, limits=limits)
        assert why.value.reason == "too_large"


@pytest.mark.parametrize("field", ["id", "url"])
@pytest.mark.parametrize("mark", ["\0", "\x1f", "\u202e", "\u200b", "\ufeff"])
def test_ids_and_addresses_hold_nothing_invisible(field: str, mark: str) -> None:
    item = one(json.dumps({"text": "Norland denied it.", field: f"https://a.example/{mark}x"}).encode())
    assert isinstance(item, Refusal)
    assert (item.reason, "invisible" in item.detail) == (RefusalReason.BAD_FIELD, True)


@pytest.mark.parametrize("url", ["http://[::1", "http://[x]/", "https://:80/", "http://?x"])
def test_an_address_without_a_host_is_none(url: str) -> None:
    item = one(json.dumps({"text": "Norland denied it.", "url": url}).encode())
    assert isinstance(item, Refusal)
    assert item.reason == RefusalReason.BAD_FIELD


def test_a_million_refusals_are_told_of_one_by_one_and_then_counted() -> None:
    raw = b"[" + b"1," * 19_999 + b'{"text": "Norland denied it."}, {}]'
    items = list(read_bytes(raw, name="it", content_type="application/json"))
    assert [item.text for item in items if isinstance(item, Article)] == ["Norland denied it."]
    refused = [item for item in items if isinstance(item, Refusal)]
    assert len(refused) == 10_002
    assert {(item.reason, item.detail) for item in refused[-2:]} == {
        (RefusalReason.BAD_FIELD, "it: 9,999 more in it are refused for this reason; the first ones say why"),
        (RefusalReason.EMPTY, "it: 1 more in it are refused for this reason; the first ones say why"),
    }


def test_what_is_packed_into_nothing_is_not_unpacked_to_its_end() -> None:
    import gzip

    item = one(gzip.compress(b"", mtime=0) * 100_000)
    assert isinstance(item, Refusal)
    assert (item.reason, "next to nothing" in item.detail) == (RefusalReason.TOO_LARGE, True)
    # Members of a few bytes each are no news, but no attack either.
    assert isinstance(one(gzip.compress(b"Norland denied it.\n", mtime=0) * 1_000), Article)


# ---- anything at all ----

ANY = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=30),
        lambda inside: st.lists(inside, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "title", "text", "published", "publisher", "url", "articles", "items", "version"]),
            inside,
            max_size=6,
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode()),
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<div", ">", "<", "&", ";", "&#", "<!--", "-->", "<![CDATA[", "]]>", "<rss>", "<item>",
             "\0", "<script>", "<?xml", "?>", "<!DOCTYPE html>", nasty.SENTENCE, "\ufeff",
             "\r", "WARC/1.0\r\n", "%PDF-1.7\n"]
        ),
        max_size=30,
    ).map(lambda parts: "".join(parts).encode()),
)  # fmt: skip
KINDS = st.none() | st.text(max_size=30) | st.sampled_from(
    ["text/plain", "text/html", "application/json", "application/x-ndjson", "application/xhtml+xml", "application/gzip",
     "application/rss+xml", "application/atom+xml", "application/feed+json", "application/warc",
     "text/html; charset=utf-16", "text/plain; charset=big5", "application/xml"]
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=ANY, kind=KINDS, url=st.none() | st.text(max_size=40))
def test_any_bytes_become_articles_or_refusals(raw: bytes, kind: str | None, url: str | None) -> None:
    ran["any bytes"] += 1
    items = list(read_bytes(raw, name="it", content_type=kind, url=url))
    assert items
    for item in items:
        assert isinstance(item, Refusal) or item.text.strip()


@settings(max_examples=EXAMPLES, deadline=None)
@given(number=st.integers(0, 2**32 - 1))
def test_an_address_is_as_public_as_the_one_it_wraps(number: int) -> None:
    ran["addresses"] += 1
    plain = socket.inet_ntoa(number.to_bytes(4, "big"))
    high, low = divmod(number, 65_536)
    wrapped = (f"::ffff:{plain}", f"64:ff9b::{plain}", f"2002:{high:x}:{low:x}::1", f"::{high:x}:{low:x}")
    if number > 0xFFFF:
        assert {is_public(address) for address in wrapped} == {is_public(plain)}
    if plain.startswith(("127.", "10.", "192.168.", "169.254.", "0.")):
        assert not is_public(plain)


@settings(max_examples=EXAMPLES, deadline=None)
@given(user=st.text("abc:%@", min_size=1, max_size=10), rest=st.text(max_size=20))
def test_what_is_shown_of_an_address_holds_no_password(user: str, rest: str) -> None:
    ran["shown"] += 1
    assert "secret" not in shown(f"https://{user}:secret@a.example/{rest.replace('secret', '')}")


def test_how_many_ran(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts what the tests above have tried, where all of them ran."""
    mine = [item for item in request.session.items if item.path == Path(__file__)]
    with capsys.disabled():
        print(f"\nbad input to intake: {ran.total():,} cases {dict(ran)}")
    if len({item.name.partition("[")[0] for item in mine}) > 15:
        assert ran.total() >= 1_500
