"""The page in a real Chromium: it shows the graph, and behind each edge the quotes that are in the articles."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
READY = "body[data-ready=true][data-view-ready=true]"


def test_graph_is_drawn_and_an_edge_shows_its_quotes(page: Page, server: str) -> None:
    page.goto(server + "/#actor=actor-moldova")
    page.wait_for_selector(READY)
    expect(page.locator("canvas").first).to_be_visible()
    edge = page.locator(
        "#edge-list button[data-kind=accuses][data-source=actor-moldova][data-target=actor-russia]"
    ).first
    edge.click()
    page.wait_for_selector("#evidence[data-ready=true]")
    cards = page.locator("#quotes .card[data-claim-id]")
    assert cards.count() >= 1
    for number in range(cards.count()):
        card = cards.nth(number)
        claim = httpx.get(f"{server}/claims/{card.get_attribute('data-claim-id')}").json()["claim"]
        assert claim["source"] == "Moldova"
        assert _plain(claim["evidence"]["quote"]) in _plain(card.inner_text())


def test_the_reader_highlights_the_exact_passage(page: Page, server: str) -> None:
    page.goto(server + "/#actor=actor-moldova")
    page.wait_for_selector(READY)
    page.locator("#edge-list button[data-kind=accuses][data-target=actor-russia]").first.click()
    page.wait_for_selector("#evidence[data-ready=true]")
    read = page.locator("#quotes .read[data-read-claim]").first
    claim_id = read.get_attribute("data-read-claim")
    read.click()
    page.wait_for_selector("#reader[data-ready=true]")
    quote = httpx.get(f"{server}/claims/{claim_id}").json()["claim"]["evidence"]["quote"]
    marked = "".join(page.locator(f"#reader mark[data-claim-ids~='{claim_id}']").all_inner_texts())
    assert _plain(quote) == _plain(marked)


def test_search_by_keyboard_focuses_an_actor(page: Page, server: str) -> None:
    page.goto(server + "/")
    page.wait_for_selector(READY)
    page.keyboard.press("/")
    page.keyboard.type("Nicara")
    page.wait_for_selector("[data-suggestion]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("actor-nicaragua"))
    page.wait_for_selector(READY)
    assert page.locator("#edge-list button[data-source=actor-nicaragua]").count() >= 1


def test_table_lists_what_the_api_lists(page: Page, server: str) -> None:
    page.goto(server + "/#actor=actor-tajikistan&tab=table&kinds=accuses")
    page.wait_for_selector(READY)
    page.locator("[data-tab=table], #tab-table").first.click()
    rows = page.locator("#claims-body tr[data-claim-id]")
    expect(rows.first).to_be_visible()
    shown = {rows.nth(i).get_attribute("data-claim-id") for i in range(rows.count())}
    answers = [
        httpx.get(f"{server}/accusations", params={side: "Tajikistan", "limit": 500}).json()["claims"]
        for side in ("source", "target")
    ]
    known = {claim["id"] for claims in answers for claim in claims}
    assert known
    assert shown & known


def test_a_link_restores_the_view(page: Page, server: str) -> None:
    page.goto(server + "/#actor=actor-tajikistan")
    page.wait_for_selector(READY)
    before = page.locator("#edge-list button").count()
    page.locator("#kind-accuses").click()
    page.wait_for_selector(READY)
    expect(page.locator("#edge-list button[data-kind=accuses]")).to_have_count(0)
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector(READY)
    expect(page.locator("#edge-list button[data-kind=accuses]")).to_have_count(0)
    assert page.locator("#edge-list button").count() < before


def test_no_horizontal_scroll_on_a_narrow_screen(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(server + "/#actor=actor-moldova")
    page.wait_for_selector(READY)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_api_page_is_served_from_here(page: Page, server: str) -> None:
    page.goto(server + "/docs")
    expect(page.get_by_text("/accusations", exact=False).first).to_be_visible()


def test_pure_functions_of_the_page() -> None:
    node = shutil.which("node")
    assert node is not None
    folder = Path(__file__).resolve().parents[1] / "page"
    tests = sorted(str(path) for path in folder.glob("*.test.mjs"))
    assert tests
    done = subprocess.run([node, "--test", *tests], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def _plain(text: str) -> str:
    return " ".join(text.split())
