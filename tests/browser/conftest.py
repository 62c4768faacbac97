"""A real server over the samples as they are annotated, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[str]:
    """Polemos over the samples as they are annotated, in a ledger of its own; gives its address."""
    environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{folder / 'ledger.sqlite'}"}
    run = [sys.executable, "-c", "from app.cli import main; main()"]
    ingest = [*run, "ingest", "graph_data/articles", "--extractor", "recorded:graph_data/articles"]
    subprocess.run(ingest, cwd=ROOT, env=environment, check=True, capture_output=True)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([*run, "serve", "--port", str(port), *options], cwd=ROOT, env=environment)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                if httpx.get(f"{address}/health", timeout=2).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert process.poll() is None, "the server died"
            assert time.monotonic() < deadline, "the server did not answer within a minute"
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(15)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """For tests that change nothing."""
    with serving(tmp_path_factory.mktemp("ledger")) as address:
        yield address


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[str]:
    """For a test that changes what the ledger holds."""
    with serving(tmp_path) as address:
        yield address


def executable() -> str:
    """The browser."""
    names = (os.environ.get("POLEMOS_TEST_BROWSER"), shutil.which("chromium"), shutil.which("chromium-browser"))
    found = next((name for name in names if name), None)
    if found is None:
        pytest.fail("no Chromium: `make browser` installs Debian's, or POLEMOS_TEST_BROWSER names one")
    return found


# Not for the whole session: while it runs, playwright keeps an event loop on this thread, which other tests need.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """A page of its own, which may speak to the server only and must not stumble over a script error."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    strays: list[str] = []
    errors: list[str] = []
    # Kept by the page itself, so that nothing is missed between two looks.
    opened.add_init_script(
        "window.refused = []; document.addEventListener('securitypolicyviolation', (event) => "
        "window.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"
    )
    opened.on("request", lambda request: strays.append(request.url) if not _own(request.url, server) else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    refused = opened.evaluate("window.refused ?? []")
    context.close()
    assert refused == []
    assert strays == []
    assert errors == []


def _own(url: str, server: str) -> bool:
    return url.startswith((server, "data:", "blob:"))
