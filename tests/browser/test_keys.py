"""The page of a service that asks for keys: one is entered, sent with every question, and forgotten with the tab."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import opened, served
from tests.browser.reading import counted, ready
from tests.serving import POLEMOS, ROOT

pytestmark = pytest.mark.browser


@dataclass
class Closed:
    """A service that lets nobody in without a key."""

    url: str
    folder: Path

    def key(self, name: str, role: str) -> str:
        environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{self.folder / 'ledger.sqlite'}"}
        done = subprocess.run(
            [POLEMOS, "keys", "create", name, "--role", role],
            cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    folder = tmp_path_factory.mktemp("closed")
    with served(folder, settings={"POLEMOS_ALLOW_ANONYMOUS": "none"}) as url:
        yield Closed(url, folder)


def enter(page: Page, key: str) -> None:
    page.locator("#key-input").fill(key)
    page.locator("#key-use").click()


def test_a_key_opens_the_page_and_is_gone_with_it(browser: Browser, closed: Closed) -> None:
    with opened(browser, closed.url) as page:
        page.goto(f"{closed.url}/")
        problem = page.locator("#problem")
        expect(problem).to_contain_text("this needs a key of the role reader")
        page.locator("#enter-key").click()
        expect(page.locator("#key-state")).to_have_text("Without a key nothing can be asked here.")
        enter(page, "polemos_000000000000_nonsense")
        expect(page.locator("#key-dialog .problem")).to_contain_text("this key opens nothing")
        secret = closed.key("Ana", "reader")
        enter(page, secret)
        expect(page.locator("#key-dialog")).to_be_hidden()
        ready(page)
        expect(problem).to_be_hidden()
        assert counted(page)[0] > 0
        # It is in no address, and nowhere that outlives the tab.
        assert "polemos_" not in page.url
        kept = page.evaluate(
            "[JSON.stringify({...localStorage}), document.cookie, sessionStorage.getItem('polemos.key')]"
        )
        assert (secret in kept[0], kept[1], kept[2]) == (False, "", secret)
        page.reload()
        ready(page)
        assert counted(page)[0] > 0
        # Files are fetched with it, too.
        with page.expect_download() as saved:
            page.locator("#edge-list [role=option], #edge-list li").first.click()
            page.locator("#evidence .card a", has_text="JSON").first.click()
        assert '"claim"' in Path(saved.value.path()).read_text()
        page.locator("#key").click()
        expect(page.locator("#key-state")).to_have_text("The key of Ana: you may do what a reader may.")
        page.locator("#key-forget").click()
        expect(problem).to_contain_text("this needs a key")
        assert page.evaluate("sessionStorage.length") == 0


def test_news_can_be_followed_with_a_key(browser: Browser, closed: Closed) -> None:
    secret = closed.key("Ana", "reader")
    with opened(browser, closed.url) as page:
        page.goto(f"{closed.url}/docs")
        begun = page.evaluate(
            """async (key) => {
              const answer = await fetch("stream", { headers: { Authorization: `Bearer ${key}` } });
              const reader = answer.body.getReader();
              const first = new TextDecoder().decode((await reader.read()).value);
              await reader.cancel();
              return [answer.status, first];
            }""",
            secret,
        )
        assert begun == [200, "retry: 3000\n: the news begin here\n\n"]


def test_whoever_holds_a_curator_s_key_decides_in_that_name(browser: Browser, closed: Closed) -> None:
    with opened(browser, closed.url) as page:
        page.goto(f"{closed.url}/")
        page.locator("#enter-key").click()
        enter(page, closed.key("Ms Curator", "curator"))
        ready(page)
        made = page.evaluate(
            """async () => {
              const { decide, curator } = await import("./page/js/curation.js");
              const { get } = await import("./page/js/api.js");
              const claim = (await get("claims", { limit: 1 })).claims[0].id;
              const decided = await decide({ kind: "retract", subject: claim, reason: "tried out" });
              return [curator(), decided.row.by];
            }"""
        )
        assert made == ["Ms Curator", "Ms Curator"]


def test_sparql_is_asked_with_the_key_of_the_tab(browser: Browser, closed: Closed) -> None:
    with opened(browser, closed.url) as page:
        page.goto(f"{closed.url}/sparql")
        page.locator("#key").click()
        enter(page, closed.key("Ana", "reader"))
        expect(page.locator("#key-dialog")).to_be_hidden()
        page.locator("#examples button").first.click()
        expect(page.locator("#note")).to_contain_text("Answered at revision")


def test_on_this_machine_the_page_asks_for_none(page: Page, server: str) -> None:
    page.goto(f"{server}/")
    ready(page)
    page.locator("#key").click()
    expect(page.locator("#key-state")).to_have_text("Without a key: you may do what a admin may.")
