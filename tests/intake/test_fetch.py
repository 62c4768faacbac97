"""URLs, against a real server on this machine."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.intake import Item, Limits, read
from app.intake import fetch as fetching
from app.intake.fetch import is_public, shown
from app.vocabulary.records import Article, Refusal

PAGE = (Path(__file__).parent / "data" / "undated.html").read_bytes().replace(b'<link rel="canonical"', b"<link")


class Outlet(BaseHTTPRequestHandler):
    """A small outlet with every trouble a URL can have."""

    hosts: list[str]

    def do_GET(self) -> None:
        type(self).hosts.append(self.headers["Host"])
        path = self.path.partition("?")[0]
        html = "text/html; charset=utf-8"
        if path == "/article":
            self.answer(PAGE, html)
        elif path == "/packed":
            self.answer(gzip.compress(PAGE, mtime=0), html, ("Content-Encoding", "gzip"))
        elif path == "/brotli":
            self.answer(b"\x0b\x02\x80", html, ("Content-Encoding", "br"))
        elif path == "/bomb":
            self.answer(gzip.compress(b" " * 3_000_000, mtime=0), html, ("Content-Encoding", "gzip"))
        elif path == "/json":
            self.answer(b'{"text": "Ardania accused Beloria of shelling."}', "application/json")
        elif path == "/text":
            self.answer(b"Denial\n\nBeloria denied it.", "text/plain")
        elif path == "/untyped":
            self.answer(PAGE, None)
        elif path == "/pdf":
            self.answer(b"%PDF-1.7 ...", "application/pdf")
        elif path == "/feed":
            self.answer(b"<?xml version='1.0'?><rss version='2.0'></rss>", "application/xml")
        elif path == "/moved":
            self.answer(b"", html, ("Location", "/article#top"), status=302)
        elif path == "/loop":
            self.answer(b"", html, ("Location", "/loop"), status=301)
        elif path == "/to-file":
            self.answer(b"", html, ("Location", "file:///etc/hostname"), status=302)
        elif path == "/to-nowhere":
            self.answer(b"", html, ("Location", "http://[::bad/"), status=302)
        elif path == "/vast":
            self.send_response(200)
            self.send_header("Content-Type", html)
            self.end_headers()
            self.trickle(b"x" * 65_536, pause=0, times=10_000)
        elif path == "/stated-vast":
            self.send_response(200)
            self.send_header("Content-Length", "99999999999")
            self.end_headers()
        elif path == "/slow":
            self.send_response(200)
            self.send_header("Content-Type", html)
            self.end_headers()
            self.trickle(b"x", pause=0.05, times=200)
        elif path == "/silent":
            time.sleep(2)
        else:
            self.answer(b"gone", html, status=404)

    def answer(self, body: bytes, kind: str | None, *headers: tuple[str, str], status: int = 200) -> None:
        self.send_response(status)
        for name, value in [*headers, *([("Content-Type", kind)] if kind else []), ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def trickle(self, part: bytes, *, pause: float, times: int) -> None:
        try:
            for _ in range(times):
                self.wfile.write(part)
                time.sleep(pause)
        except OSError:
            pass  # the reader has left, as it should

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def outlet() -> Iterator[str]:
    Outlet.hosts = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Outlet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,news.example")


def one(url: str, **limits: Any) -> Item:
    (item,) = read(url, limits=Limits(**limits))
    return item


def refused(item: Item, reason: str, *words: str) -> None:
    assert isinstance(item, Refusal), item
    assert item.reason == reason
    for word in words:
        assert word in item.detail


@pytest.mark.parametrize("path", ["/article", "/packed", "/untyped", "/moved"])
def test_a_page_is_read_and_knows_where_it_was_read_from(outlet: str, path: str) -> None:
    item = one(outlet + path)
    assert isinstance(item, Article), item
    assert item.title == "Norvan envoy rejects blame for cable cut"
    assert item.url == outlet + ("/article" if path == "/moved" else path)


def test_the_content_type_drives_the_reader(outlet: str) -> None:
    json = one(outlet + "/json")
    assert isinstance(json, Article)
    assert json.text == "Ardania accused Beloria of shelling."
    text = one(outlet + "/text")
    assert isinstance(text, Article)
    assert (text.title, text.text) == ("Denial", "Beloria denied it.")
    refused(one(outlet + "/pdf"), "unsupported", "/pdf", "PDF")
    refused(one(outlet + "/feed"), "unsupported", "RSS")


def test_what_is_answered_otherwise_is_refused(outlet: str) -> None:
    refused(one(outlet + "/missing"), "unreadable", outlet, "404 Not Found")
    refused(one(outlet + "/loop", max_redirects=3), "unreadable", "more than 3 times")
    refused(one(outlet + "/to-file"), "unsupported", "file scheme")
    refused(one(outlet + "/to-nowhere"), "unreadable")
    refused(one(outlet + "/brotli"), "unreadable", "'br'")


def test_no_more_than_the_limit_is_taken(outlet: str) -> None:
    refused(one(outlet + "/vast", max_bytes=200_000), "too_large", "200,000")
    refused(one(outlet + "/stated-vast", max_bytes=200_000), "too_large", "200,000")
    refused(one(outlet + "/bomb", max_bytes=200_000), "too_large")


@pytest.mark.parametrize("path", ["/slow", "/silent"])
def test_no_more_than_the_time_is_waited(outlet: str, path: str) -> None:
    start = time.monotonic()
    refused(one(outlet + path, timeout_s=0.4), "unreadable", "within 0.4 seconds")
    assert time.monotonic() - start < 1.5


def test_connection_errors_are_refusals() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    refused(one(f"http://127.0.0.1:{port}/"), "unreadable", "connection")


@pytest.mark.parametrize("url", ["ftp://a.example/x", "file:///etc/hostname", "gopher://a.example"])
def test_other_schemes_are_refused(url: str) -> None:
    refused(one(url), "unsupported", url, "http")


@pytest.mark.parametrize("url", ["http://", "http://[::1", "http://a.example:99999999/", "http://\u2024\u2024/"])
def test_malformed_urls_are_refusals(url: str) -> None:
    item = one(url)
    assert isinstance(item, Refusal)
    assert item.reason in ("unreadable", "unsupported")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254", "0.0.0.0"],
)
def test_private_hosts_are_refused_where_strangers_choose(outlet: str, host: str) -> None:
    url = f"http://{host}:{outlet.rpartition(':')[2]}/article"
    refused(one(url, allow_private=False, timeout_s=5), "unreadable", "private network")


def test_a_private_host_behind_a_redirect_is_refused(outlet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to_this_machine(monkeypatch)
    asked: list[str] = []

    def public_once(address: str) -> bool:
        asked.append(address)
        return len(asked) == 1

    monkeypatch.setattr(fetching, "is_public", public_once)
    refused(
        one(f"http://news.example:{outlet.rpartition(':')[2]}/moved", allow_private=False),
        "unreadable",
        "private network",
    )
    assert len(asked) == 2


def test_the_checked_address_is_the_one_connected_to(outlet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name resolves once, to be checked; a second answer, of another address, could not be slipped in."""
    resolved = resolve_to_this_machine(monkeypatch)
    monkeypatch.setattr(fetching, "is_public", lambda address: True)
    port = outlet.rpartition(":")[2]
    item = one(f"http://news.example:{port}/article", allow_private=False)
    assert isinstance(item, Article), item
    assert resolved.count("news.example") == 1
    assert Outlet.hosts[-1] == f"news.example:{port}"
    assert item.url == f"http://news.example:{port}/article"


def resolve_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    real = socket.getaddrinfo
    resolved: list[str] = []

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        resolved.append(host if isinstance(host, str) else host.decode())
        return real("127.0.0.1" if resolved[-1] == "news.example" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return resolved


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_credentials_are_neither_shown_nor_stored(outlet: str) -> None:
    host = outlet.removeprefix("http://")
    item = one(f"http://user:secret@{host}/article")
    assert isinstance(item, Article), item
    assert item.url == f"{outlet}/article"
    gone = one(f"http://user:secret@{host}/missing")
    assert isinstance(gone, Refusal)
    assert "secret" not in gone.detail
    assert shown("https://a.example/x@y") == "https://a.example/x@y"
