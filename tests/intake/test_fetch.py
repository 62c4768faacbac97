"""URLs, against a real server on this machine."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest

from app.intake import Item, Limits, read
from app.intake import fetch as fetching
from app.intake.fetch import PrivateAddress, ask, is_public, shown
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Article, Refusal

STRICT = Limits(allow_private=False, timeout_s=5)
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
        elif path == "/to":
            self.answer(b"", html, ("Location", unquote(self.path.partition("?")[2])), status=307)
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


def one(url: str, *, allow_private: bool = True, **limits: Any) -> Item:
    (item,) = read(url, limits=Limits(allow_private=allow_private, **limits))
    return item


def refused(item: Item, reason: str, *words: str) -> bool:
    """Whether it is refused for that reason, in words that hold these."""
    return isinstance(item, Refusal) and item.reason == reason and all(word in item.detail for word in words)


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
    assert refused(one(outlet + "/pdf"), "unreadable", "/pdf", "PDF")
    assert refused(one(outlet + "/feed"), "empty", "no entries")


def test_what_is_answered_otherwise_is_refused(outlet: str) -> None:
    assert refused(one(outlet + "/missing"), "unreadable", outlet, "404 Not Found")
    assert refused(one(outlet + "/loop", max_redirects=3), "unreadable", "more than 3 times")
    assert refused(one(outlet + "/to-file"), "unsupported", "file scheme")
    assert refused(one(outlet + "/to-nowhere"), "unreadable")
    assert refused(one(outlet + "/brotli"), "unreadable", "'br'")


def test_no_more_than_the_limit_is_taken(outlet: str) -> None:
    assert refused(one(outlet + "/vast", max_bytes=200_000), "too_large", "200,000")
    assert refused(one(outlet + "/stated-vast", max_bytes=200_000), "too_large", "200,000")
    assert refused(one(outlet + "/bomb", max_bytes=200_000), "too_large")


@pytest.mark.parametrize("path", ["/slow", "/silent"])
def test_no_more_than_the_time_is_waited(outlet: str, path: str) -> None:
    start = time.monotonic()
    assert refused(one(outlet + path, timeout_s=0.4), "unreadable", "within 0.4 seconds")
    assert time.monotonic() - start < 1.5


def test_looking_up_a_name_counts_as_waiting() -> None:
    ended = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        ended.wait(30)
        return ["93.184.216.34"]

    start = time.monotonic()
    with pytest.raises(BadInput, match=r"within 0\.2 seconds") as why:
        ask("http://news.example/", Limits(timeout_s=0.2), resolve=resolve)
    took = time.monotonic() - start
    ended.set()
    assert why.value.reason == "unreadable"
    assert took < 2


def test_what_a_look_up_raises_is_told() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    with pytest.raises(BadInput, match=r"it cannot be fetched: .*no such name"):
        ask("http://news.example/", STRICT, resolve=resolve)


def test_private_addresses_are_refused_unless_they_are_allowed(outlet: str) -> None:
    (item,) = read(f"{outlet}/article")
    assert refused(item, "unreadable", "private network")


def test_connection_errors_are_refusals() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert refused(one(f"http://127.0.0.1:{port}/"), "unreadable", "connection")


@pytest.mark.parametrize("url", ["ftp://a.example/x", "file:///etc/hostname", "gopher://a.example"])
def test_other_schemes_are_refused(url: str) -> None:
    assert refused(one(url), "unsupported", url, "http")


@pytest.mark.parametrize("url", ["http://", "http://[::1", "http://a.example:99999999/", "http://\u2024\u2024/"])
def test_malformed_urls_are_refusals(url: str) -> None:
    item = one(url)
    assert isinstance(item, Refusal)
    assert item.reason in ("unreadable", "unsupported")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "LOCALHOST", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0",
     "127.0.0.1.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]",
     "[2002:7f00:1::]", "[fe80::1]", "[fd00::1]", "[ff02::1]", "10.0.0.1", "100.64.0.1", "169.254.169.254", "0.0.0.0",
     "224.0.0.1", "127.0.0.1%00.example", "①②⑦.0.0.1", "user:password@127.0.0.1"],
)  # fmt: skip
def test_private_hosts_are_refused_in_every_spelling(outlet: str, host: str) -> None:
    before = len(Outlet.hosts)
    item = one(f"http://{host}:{outlet.rpartition(':')[2]}/article", allow_private=False, timeout_s=5)
    assert isinstance(item, Refusal)
    assert item.reason == "unreadable"
    # Some machines take a spelling for an address of their own, others for a name that nobody has.
    assert "private network" in item.detail or "cannot be fetched" in item.detail
    assert len(Outlet.hosts) == before


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "[::1]", "[::ffff:10.0.0.1]", "169.254.169.254"])
def test_the_refusal_says_what_allows_it(host: str) -> None:
    assert refused(
        one(f"http://{host}/", allow_private=False), "unreadable", "private network", "POLEMOS_ALLOW_PRIVATE=yes"
    )


def test_one_private_address_of_several_is_one_too_many() -> None:
    with pytest.raises(PrivateAddress):
        ask("http://news.example/", STRICT, resolve=lambda host, port: ["93.184.216.34", "10.0.0.1"])


def test_a_host_without_an_address_cannot_be_fetched() -> None:
    with pytest.raises(BadInput, match="has no address"):
        ask("http://news.example/", STRICT, resolve=lambda host, port: [])


@pytest.mark.parametrize("port", [0, 22, 25, 6379])
def test_ports_of_other_services_are_not_asked(port: int) -> None:
    with pytest.raises(BadInput, match=f"port {port} is not one of the web"):
        ask(f"http://news.example:{port}/", STRICT, resolve=lambda host, port: pytest.fail("looked up"))


class Names:
    """Looks names up in a table that may answer otherwise the next time, and remembers what it was asked."""

    def __init__(self, **answers: list[str]) -> None:
        self.answers = {name.replace("_", "."): found for name, found in answers.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        answers = self.answers[host]
        return [answers.pop(0) if len(answers) > 1 else answers[0]]


@pytest.fixture
def published(outlet: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The outlet as if this machine's 127.0.0.1 were an address of the internet; its port."""
    real = fetching.is_public
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1" or real(address))
    return outlet.rpartition(":")[2]


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.2:{port}/article", "http://169.254.169.254/latest/meta-data/", "http://[::1]:{port}/article",
     "http://[::ffff:169.254.169.254]/", "//10.0.0.1/", "http://inside.example/"],
)  # fmt: skip
def test_a_private_host_behind_redirects_is_refused(published: str, target: str) -> None:
    names = Names(news_example=["127.0.0.1"], inside_example=["192.168.0.1"])

    def resolve(host: str, port: int) -> list[str]:
        return names(host, port) if host.endswith(".example") else fetching.resolved(host, port)

    url = f"http://news.example:{published}/to?{quote(target.format(port=published))}"
    with pytest.raises(PrivateAddress, match="POLEMOS_ALLOW_PRIVATE"):
        ask(url, STRICT, resolve=resolve)
    # Also where it lies behind one that leads to where it came from.
    with pytest.raises(PrivateAddress):
        ask(f"http://news.example:{published}/to?{quote(url)}", STRICT, resolve=resolve)


def test_a_name_that_is_rebound_after_it_was_checked_gains_nothing(published: str) -> None:
    """The name resolves once for each request, to be checked; the next answer, of another address, is not asked for."""
    names = Names(news_example=["127.0.0.1", "169.254.169.254"])
    url = f"http://news.example:{published}/article"
    answer = ask(url, STRICT, resolve=names)
    assert (answer.status, answer.url) == (200, url)
    assert names.asked == ["news.example"]
    assert Outlet.hosts[-1] == f"news.example:{published}"


def test_a_name_that_is_rebound_before_a_redirect_is_refused(published: str) -> None:
    names = Names(news_example=["127.0.0.1", "169.254.169.254"])
    before = len(Outlet.hosts)
    with pytest.raises(PrivateAddress):
        ask(f"http://news.example:{published}/moved", STRICT, resolve=names)
    assert names.asked == ["news.example", "news.example"]
    assert len(Outlet.hosts) == before + 1


def test_the_next_address_is_tried_where_one_cannot_be_connected_to(
    published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "is_public", lambda address: True)
    answer = ask(
        f"http://news.example:{published}/text", STRICT, resolve=lambda host, port: ["127.9.9.9", "::1", "127.0.0.1"]
    )
    assert answer.status == 200


def test_names_are_looked_up_by_the_machine_itself(outlet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = resolve_to_this_machine(monkeypatch)
    monkeypatch.setattr(fetching, "is_public", lambda address: True)
    port = outlet.rpartition(":")[2]
    item = one(f"http://news.example:{port}/article", allow_private=False)
    assert isinstance(item, Article), item
    assert resolved.count("news.example") == 1
    assert item.url == f"http://news.example:{port}/article"


def test_proxies_of_the_environment_are_not_asked_where_addresses_are_checked(
    published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert ask(f"http://news.example:{published}/text", STRICT, resolve=Names(news_example=["127.0.0.1"])).status == 200


def test_the_certificate_is_held_against_the_name_and_not_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A TLS server at the checked address is asked for the name in the URL, not for the address."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as connection:
                seen.append(connection.recv(4_096))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        monkeypatch.setattr(fetching, "is_public", lambda address: True)
        with pytest.raises(BadInput, match="cannot be fetched"):
            ask(
                f"https://news.example:{listening.getsockname()[1]}/", STRICT, resolve=Names(news_example=["127.0.0.1"])
            )
        thread.join(5)
    assert len(seen) == 1
    # RFC 6066, 3: the name stands in the clear in what a client sends first.
    assert b"news.example" in seen[0]


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
        ("64:ff9b::5db8:d822", True),
        ("64:ff9b:1::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2002:a9fe:a9fe::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("::7f00:1", False),
        ("2606:2800:220:1:0:5efe:7f00:1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("0.0.0.0", False),
        ("0.1.2.3", False),
        ("127.255.255.254", False),
        ("169.254.169.254", False),
        ("172.31.0.1", False),
        ("192.0.0.8", False),
        ("198.18.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
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
