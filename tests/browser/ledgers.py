"""A ledger of its own with a server on it, for tests that change what is remembered."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, free_port

RUN = [sys.executable, "-c", "from app.cli import main; main()"]


@contextmanager
def served(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of a server over the annotated samples, in a ledger in this folder."""
    environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{folder / 'ledger.sqlite'}", **(settings or {})}
    ingest = [*RUN, "ingest", "graph_data/articles", "--extractor", "recorded:graph_data/articles"]
    subprocess.run(ingest, cwd=ROOT, env=environment, check=True, capture_output=True)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([*RUN, "serve", "--port", str(port)], cwd=ROOT, env=environment)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                if httpx.get(f"{address}/health", timeout=5).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert process.poll() is None, "the server died"
            assert time.monotonic() < deadline, "the server did not answer within two minutes"
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    """A page that may speak to this server only and must not stumble over a script error or its own policy."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(60_000)
    expect.set_options(timeout=30_000)
    strays: list[str] = []
    errors: list[str] = []
    page.add_init_script(
        "window.refused = []; document.addEventListener('securitypolicyviolation', (event) => "
        "window.refused.push(`${event.violatedDirective} ${event.blockedURI}`));"
    )
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((address, "data:", "blob:", "about:")) else strays.append(request.url)
        ),
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    refused = page.evaluate("window.refused ?? []")
    context.close()
    assert (refused, strays, errors) == ([], [], [])
