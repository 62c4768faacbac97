"""Polemos below a path of another site (`polemos serve --root-path`), behind a proxy that takes the path off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import served
from tests.browser.reading import TABS, counted, ready

pytestmark = pytest.mark.browser
PATH = "/some/where"


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[str]:
    """The address of the proxy's own root; it knows nothing outside `PATH`."""
    with served(tmp_path, "--root-path", PATH) as behind:

        class Proxy(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if not self.path.startswith(f"{PATH}/"):
                    self.send_error(404)
                    return
                asked = {name: value for name, value in self.headers.items() if name.lower() == "accept"}
                answer = httpx.get(behind + self.path[len(PATH) :], headers=asked, timeout=60)
                self.send_response(answer.status_code)
                for name, value in answer.headers.items():
                    if name in ("content-type", "content-security-policy", "location"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()


def test_every_view_and_the_api_page_work_below_a_path(browser: Browser, proxy: str) -> None:
    page = browser.new_page()
    page.set_default_timeout(30_000)
    outside: list[str] = []
    missing: list[str] = []
    page.on("request", lambda asked: outside.append(asked.url) if not _inside(asked.url, proxy) else None)
    page.on("response", lambda given: missing.append(given.url) if given.status >= 400 else None)
    page.goto(f"{proxy}{PATH}/#actor=actor-moldova")
    ready(page)
    total = counted(page)
    assert total[0] > 0
    for tab in TABS:
        page.locator(f"#tab-{tab}").click()
        ready(page)
        expect(page.locator("#problem")).to_be_hidden()
        assert counted(page) == total
    page.goto(f"{proxy}{PATH}/docs")
    expect(page.get_by_text("/accusations", exact=False).first).to_be_visible()
    assert outside == []
    assert missing == []
    page.close()


def test_a_thing_leads_to_itself_below_the_path(proxy: str) -> None:
    answer = httpx.get(f"{proxy}{PATH}/id/actor/actor-moldova", headers={"Accept": "text/html"}, timeout=60)
    assert answer.headers["location"].startswith(f"{PATH}/")


def _inside(url: str, proxy: str) -> bool:
    return url.startswith((f"{proxy}{PATH}/", "data:", "blob:"))
