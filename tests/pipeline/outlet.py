"""A small outlet on this machine: pages, feeds and robots.txt that a test sets, and a log of what was asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HTML = "text/html; charset=utf-8"
ATOM = "application/atom+xml"


@dataclass
class Answer:
    """What the outlet answers at a path."""

    body: bytes = b""
    kind: str = HTML
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """A request."""

    path: str
    agent: str
    etag: str | None
    modified: str | None


class Outlet:
    """Answers by path, and what was asked for, in order."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, Answer] = {}
        self.log: list[Asked] = []

    def page(self, path: str, title: str, *, published: str | None = "2031-03-04", words: str = "") -> None:
        """Publish an article."""
        day = f'<meta property="article:published_time" content="{published}">' if published else ""
        text = (
            f"<p>Ardania accused Beloria over the shelling in Kesh. Beloria denied Ardania. {words}</p>"
            "<p>The ministry of defence said on Wednesday that its soldiers had been nowhere near the town at the "
            "time, and that nobody there had been hurt. An envoy asked both sides to keep their word.</p>"
        )
        head = f"<html><head><title>{title}</title>{day}</head>"
        self.answers[path] = Answer(f"{head}<body><article><h1>{title}</h1>{text}</article></body></html>".encode())

    def feed(self, *entries: str, path: str = "/feed", etag: str | None = '"1"', **headers: str) -> None:
        """Publish an Atom feed of these entries."""
        body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Kesh Courier</title>{"".join(entries)}</feed>'
        self.answers[path] = Answer(body.encode(), ATOM, headers=headers | ({"ETag": etag} if etag else {}))

    @property
    def paths(self) -> list[str]:
        """Paths that were asked for."""
        return [one.path for one in self.log]


def entry(number: int | str, *, link: str | None = None, content: str = "", published: str = "") -> str:
    """One entry of an Atom feed; its page is `/number`."""
    address = link if link is not None else f"/{number}"
    return (
        f"<entry><id>tag:{number}</id><title>Story {number}</title>"
        + (f'<link href="{address}"/>' if address else "")
        + (f"<published>{published}</published>" if published else "")
        + (f'<content type="html"><![CDATA[{content}]]></content>' if content else "")
        + "</entry>"
    )


@contextmanager
def serving() -> Iterator[Outlet]:
    """An outlet that answers until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = Asked(
                self.path,
                self.headers["User-Agent"] or "",
                self.headers["If-None-Match"],
                self.headers["If-Modified-Since"],
            )
            outlet.log.append(asked)
            answer = outlet.answers.get(self.path, Answer(status=404))
            etag = answer.headers.get("ETag")
            unchanged = answer.status == 200 and etag is not None and asked.etag == etag
            body = b"" if unchanged else answer.body
            self.send_response(304 if unchanged else answer.status)
            for name, value in (
                answer.headers | {"Content-Type": answer.kind, "Content-Length": str(len(body))}
            ).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    outlet = Outlet(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield outlet
    finally:
        server.shutdown()
        server.server_close()
