"""For whoever does not see, or uses no mouse: axe in both themes, keyboard alone, narrow windows; and the CSP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.reading import TABS, counted, edges, hash_of, ready, show

pytestmark = pytest.mark.browser
PAGE = Path(__file__).resolve().parents[2] / "app" / "web" / "page"
AXE = PAGE / "node_modules" / "axe-core" / "axe.min.js"


def _violations(page: Page, within: str = "document") -> list[str]:
    # It is put in from outside: the page's own rules let no other script in.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(f"axe.run({within}, {{ resultTypes: ['violations'] }})")
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tab", TABS)
def test_axe_finds_nothing(page: Page, server: str, tab: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    show(page, server, f"tab={tab}")
    assert _violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens(page: Page, server: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    show(page, server, "actor=actor-moldova&since=2023-11")
    page.keyboard.press("n")
    page.keyboard.press("Space")
    page.keyboard.press("m")
    expect(page.locator("#menu")).to_be_visible()
    assert _violations(page) == []
    page.keyboard.press("Escape")
    page.locator("#edge-list button").first.click()
    page.wait_for_selector("#evidence[data-ready=true] .card")
    assert _violations(page) == []
    for key, dialog in (("?", "#help-dialog"), ("e", "#export-dialog")):
        page.keyboard.press(key)
        expect(page.locator(dialog)).to_be_visible()
        assert _violations(page) == []
        page.keyboard.press("Escape")
        expect(page.locator(dialog)).to_be_hidden()
    page.locator("#quotes .read").first.click()
    page.wait_for_selector("#reader[data-ready=true]")
    assert _violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chosen_theme_holds_against_the_system_and_is_kept(page: Page, server: str, theme: str) -> None:
    other = {"light": "dark", "dark": "light"}[theme]
    page.emulate_media(color_scheme=other)  # type: ignore[arg-type]
    show(page, server)
    ground = "getComputedStyle(document.body).backgroundColor"
    by_system = page.evaluate(ground)
    for _ in range({"light": 1, "dark": 2}[theme]):
        page.locator("#theme").click()
    assert page.evaluate(ground) != by_system
    show(page, server)
    assert page.evaluate(ground) != by_system
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    chosen = page.evaluate(ground)
    page.locator("#theme").click()
    if theme == "light":
        page.locator("#theme").click()
    assert page.evaluate("document.documentElement.dataset.theme ?? ''") == ""
    assert page.evaluate(ground) == chosen


@pytest.mark.parametrize("width", [800, 400])
@pytest.mark.parametrize("tab", TABS)
def test_no_horizontal_scroll(page: Page, server: str, tab: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    show(page, server, f"actor=actor-moldova&tab={tab}")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_views_by_keyboard(page: Page, server: str) -> None:
    show(page, server, "actor=actor-moldova")
    page.locator("#tab-graph").focus()
    for tab in [*TABS[1:], TABS[0]]:
        page.keyboard.press("ArrowRight")
        ready(page)
        expect(page.locator(f"#tab-{tab}")).to_be_focused()
        expect(page.locator(f"#view-{tab}")).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("8")
    ready(page)
    assert hash_of(page)["tab"] == ["table"]


def test_evidence_by_keyboard_alone_from_a_clean_page(page: Page, server: str) -> None:
    show(page, server, "actor=actor-moldova")
    expect(page.locator("#quotes")).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#evidence[data-ready=true] #quotes .card")
    expect(page.locator("#evidence")).to_be_focused()
    # One press of Tab from the evidence's head to the first thing in it, and Escape lets go again.
    page.keyboard.press("Escape")
    ready(page)
    expect(page.locator("#quotes")).to_have_count(0)


def test_a_list_is_one_stop_for_tab(page: Page, server: str) -> None:
    show(page, server)
    assert len(edges(page)) > 50
    for name in ("edge-list", "node-list"):
        assert page.locator(f"#{name} button[tabindex='0']").count() == 1


def test_the_canvas_moves_by_keyboard(page: Page, server: str) -> None:
    show(page, server, "actor=actor-moldova")
    look = "(() => { const cy = document.getElementById('canvas')._cyreg.cy; return [cy.pan('x'), cy.zoom()]; })()"
    x, zoom = page.evaluate(look)
    page.locator("#canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("+")
    moved = page.evaluate(look)
    assert moved[0] != x
    assert moved[1] > zoom
    page.keyboard.press("f")
    assert page.evaluate(look)[1] == pytest.approx(zoom)


def test_help_lists_the_keys(page: Page, server: str) -> None:
    show(page, server)
    page.keyboard.press("?")
    dialog = page.locator("#help-dialog")
    for key in ("Ctrl+Z", "/", "Esc", "PageUp"):
        expect(dialog).to_contain_text(key)


def test_the_policy_lets_no_script_in_but_the_pages_own(page: Page, server: str) -> None:
    policy = httpx.get(server + "/").headers["content-security-policy"]
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules["default-src"] == "'self'"
    assert "script-src" not in rules or "unsafe" not in rules["script-src"]
    index = httpx.get(server + "/").text
    assert " style=" not in index
    assert " on" + "click=" not in index
    assert "<script>" not in index
    show(page, server)
    # It would be told: a script that is put in is refused.
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
    )
    assert page.evaluate("[window.ran ?? 0, window.refused.length]") == [0, 1]
    page.evaluate("window.refused.length = 0")


def test_html_in_an_article_stays_text(browser: Browser, own_server: str) -> None:
    title, body = (
        "Ruritania <img src=x onerror=window.ran=1> accuses",
        (
            "<b>Ruritania</b> accused Moldova of <script>window.ran = 1</script> shelling the town on Monday. "
            "Moldova denied it & said <i>nothing</i> more."
        ),
    )
    response = httpx.post(f"{own_server}/articles", json={"title": title, "text": body}, timeout=60)
    assert response.status_code in (200, 201), response.text
    article = response.json()["articles"][0]
    page = browser.new_page()
    page.goto(f"{own_server}/#article={article}")
    page.wait_for_selector("#reader[data-ready=true]")
    text = page.locator("#reader-text").inner_text()
    assert "<script>window.ran = 1</script>" in text
    assert "<b>Ruritania</b>" in text
    assert page.evaluate(
        "[window.ran ?? 0, document.querySelectorAll('#reader b, #reader img, #reader script').length]"
    ) == [0, 0]
    page.close()


def test_the_count_is_told_to_whoever_does_not_see(page: Page, server: str) -> None:
    show(page, server, "actor=actor-moldova")
    assert str(counted(page)[0]) in (page.locator("#live").text_content() or "")
