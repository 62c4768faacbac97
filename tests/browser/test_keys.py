"""The page of a service that asks for keys: one is entered, sent with every question, and forgotten with the tab."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import opened, served
from tests.browser.reading import counted, ready, show
from tests.serving import POLEMOS, ROOT

pytestmark = pytest.mark.browser


@dataclass
class Closed:
    """A service that lets nobody in without a key."""

    url: str
    folder: Path

    def key(self, name: str, role: str, *options: str) -> str:
        environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{self.folder / 'ledger.sqlite'}"}
        done = subprocess.run(
            [POLEMOS, "keys", "create", name, "--role", role, *options],
            cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def revoke(self, secret: str) -> None:
        environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{self.folder / 'ledger.sqlite'}"}
        revoking = [POLEMOS, "keys", "revoke", secret.split("_")[1]]
        subprocess.run(revoking, cwd=ROOT, env=environment, check=True, capture_output=True)


def until_refused(url: str, secret: str) -> None:
    """Wait until a key opens nothing any more: a service reads keys every second."""
    until = time.monotonic() + 60
    while httpx.get(f"{url}/whoami", headers={"Authorization": f"Bearer {secret}"}).status_code != 401:
        assert time.monotonic() < until
        time.sleep(0.2)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    folder = tmp_path_factory.mktemp("closed")
    with served(folder, settings={"POLEMOS_ALLOW_ANONYMOUS": "none"}) as url:
        yield Closed(url, folder)


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def enter(page: Page, key: str) -> None:
    page.locator("#key-input").fill(key)
    page.locator("#key-use").click()


def test_a_key_opens_the_page_and_is_gone_with_it(browser: Browser, closed: Closed) -> None:
    with opened(browser, closed.url) as page:
        page.goto(f"{closed.url}/")
        problem = page.locator("#problem")
        expect(problem).to_contain_text("This service asks for a key")
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
        expect(problem).to_contain_text("This service asks for a key")
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


def test_sparql_says_that_a_key_is_asked_for(browser: Browser, closed: Closed, theme: str) -> None:
    with opened(browser, closed.url) as page:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.goto(f"{closed.url}/sparql")
        page.locator("#examples button").first.click()
        note = page.locator("#note")
        expect(note).to_contain_text("This service asks for a key.")
        assert violations(page, "#note") == []
        note.locator("button").click()
        expect(page.locator("#key-input")).to_be_focused()
        assert violations(page, "#key-dialog") == []


def test_the_place_for_a_key_can_be_read_by_everybody(browser: Browser, closed: Closed, theme: str) -> None:
    with opened(browser, closed.url) as page:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.goto(f"{closed.url}/")
        page.locator("#enter-key").wait_for()
        assert violations(page) == []
        page.locator("#enter-key").click()
        enter(page, "polemos_000000000000_nonsense")
        expect(page.locator("#key-dialog .problem")).to_be_visible()
        assert violations(page) == []
        for width in (1280, 800, 400):
            page.set_viewport_size({"width": width, "height": 800})
            box = page.locator("#key-input").bounding_box()
            # As wide as the dialog, and inside the window.
            assert box is not None
            assert box["width"] > 0.7 * min(width, 560)
            assert box["x"] + box["width"] <= width
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_key_that_ends_while_it_is_used_is_told_of(browser: Browser, closed: Closed) -> None:
    secret = closed.key("Short", "reader")
    with opened(browser, closed.url) as page:
        page.goto(f"{closed.url}/")
        page.locator("#enter-key").click()
        enter(page, secret)
        ready(page)
        closed.revoke(secret)
        until_refused(closed.url, secret)
        page.reload()
        problem = page.locator("#problem")
        expect(problem).to_contain_text("The key of Short opens nothing any more")
        expect(problem).to_contain_text("has expired or was revoked")
        expect(page.locator("#enter-key")).to_have_text("Enter another key")
        page.locator("#enter-key").click()
        enter(page, closed.key("Ana", "reader"))
        ready(page)
        expect(problem).to_be_hidden()


def test_an_expired_key_opens_nothing(browser: Browser, closed: Closed) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=5)
    secret = closed.key("Old", "reader", "--expires", soon.isoformat(timespec="seconds"))
    until_refused(closed.url, secret)
    with opened(browser, closed.url) as page:
        page.goto(f"{closed.url}/")
        page.locator("#enter-key").click()
        enter(page, secret)
        expect(page.locator("#key-dialog .problem")).to_contain_text("has expired")
        assert page.evaluate("sessionStorage.length") == 0


def test_whoever_may_only_read_is_told_so_before_trying(browser: Browser, closed: Closed, theme: str) -> None:
    with opened(browser, closed.url) as page:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.goto(f"{closed.url}/")
        page.locator("#enter-key").click()
        enter(page, closed.key("Ana", "reader"))
        ready(page)
        for tab, words, role in (("review", "Deciding", "curator"), ("add", "Adding articles", "contributor")):
            show(page, closed.url, f"tab={tab}")
            told = page.locator(f"#view-{tab} .lacking")
            expect(told).to_contain_text(
                f"{words} needs a key of the role {role}. With the key of Ana you may do what a"
            )
            assert violations(page) == []
        # It is tried all the same: the service says no, and what was entered stays.
        page.locator("#add-text").fill("Norland accused Sudria of burning the mill.")
        page.locator("#add-send").click()
        expect(page.locator("#add-results [data-status='403']")).to_contain_text("Enter a key of the role contributor")
        assert page.locator("#add-text").input_value() != ""
        told.locator("button").click()
        enter(page, closed.key("Ms Contributor", "contributor"))
        expect(told).to_have_count(0)
        show(page, closed.url, "tab=review")
        expect(page.locator("#view-review .lacking")).to_contain_text("what a contributor may")
        page.locator("#view-review .lacking button").click()
        enter(page, closed.key("Ms Curator", "curator"))
        expect(page.locator("#view-review .lacking")).to_have_count(0)
        expect(page.locator("#review-who")).to_have_text("Ms Curator")


def test_on_this_machine_the_page_asks_for_none(page: Page, server: str) -> None:
    page.goto(f"{server}/")
    ready(page)
    page.locator("#key").click()
    expect(page.locator("#key-state")).to_have_text("Without a key: you may do what an admin may.")
