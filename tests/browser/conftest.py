"""A real server over the samples as they are annotated, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.serving import POLEMOS, ROOT, serving

expect.set_options(timeout=30_000)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def served(
    folder: Path,
    *options: str,
    settings: Mapping[str, str] | None = None,
    extractor: str = "recorded:graph_data/articles",
) -> Iterator[str]:
    """Polemos over the samples, as they are annotated or as somebody else reads them; gives its address."""
    environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{folder / 'ledger.sqlite'}", **(settings or {})}
    ingest = [POLEMOS, "ingest", "graph_data/articles", "--extractor", extractor]
    subprocess.run(ingest, cwd=ROOT, env=environment, check=True, capture_output=True)
    with serving(*options, environment=environment, seconds=120) as service:
        yield service.url


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """For tests that change nothing."""
    with served(tmp_path_factory.mktemp("ledger")) as address:
        yield address


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[str]:
    """For a test that changes what the ledger holds."""
    with served(tmp_path) as address:
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


@contextmanager
def opened(browser: Browser, address: str, patience: float = 20_000) -> Iterator[Page]:
    """A page that may speak to this server only and must not stumble over a script error or its own policy."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(patience)
    strays: list[str] = []
    errors: list[str] = []
    # Kept by the page itself, so that nothing is missed between two looks.
    page.add_init_script(
        "window.refused = []; document.addEventListener('securitypolicyviolation', (event) => "
        "window.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"
    )
    page.on("request", lambda request: strays.append(request.url) if not _own(request.url, address) else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    refused = page.evaluate("window.refused ?? []")
    context.close()
    assert (refused, strays, errors) == ([], [], [])


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """A page of its own, for tests that change nothing."""
    with opened(browser, server) as page:
        yield page


def _own(url: str, server: str) -> bool:
    return url.startswith((server, "data:", "blob:"))
