"""What opens in Incident, Actor, Review and Add: axe in both themes, and narrow windows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reading import ready, show
from tests.browser.test_access import _violations as violations

pytestmark = pytest.mark.browser

INCIDENT = "tab=incident&shown-incident=inc-31a54b69c66a0075ec82"
ACTOR = "tab=actor&shown-actor=actor-united-states"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_an_incident_and_a_receipt(page: Page, server: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    show(page, server, INCIDENT)
    assert violations(page) == []
    page.locator("#attribution button[data-claims]").first.click()
    page.wait_for_selector("#evidence[data-ready=true] .card")
    assert violations(page) == []
    page.locator("#evidence [data-receipt]").first.click()
    page.wait_for_selector("#receipt[data-ready=true]")
    page.locator("#receipt-verify").click()
    page.wait_for_selector("#receipt-checks [data-check=quote]")
    page.locator("#receipt details summary").click()
    assert violations(page) == []
    page.locator("#receipt-correct").click()
    expect(page.locator("#correct")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_an_actor(page: Page, server: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    show(page, server, ACTOR)
    for summary in page.locator(".actor-opened details > summary").all():
        summary.click()
    assert violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_queue_and_after_a_refusal(page: Page, server: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    show(page, server, "tab=review")
    page.locator("#review-name").fill("Ana Brel")
    page.keyboard.press("Enter")
    page.locator("#actors-fold summary").click()
    page.locator("#log-linkers").check()
    expect(page.locator("#log-table tbody tr").first).to_be_visible()
    assert violations(page) == []
    show(page, server, "tab=add")
    page.locator("#add-url").fill("http://127.0.0.1/private")
    page.keyboard.press("Enter")
    page.wait_for_selector("#add-results[data-ready=true]")
    ready(page)
    assert violations(page) == []


@pytest.mark.parametrize("width", [800, 400])
@pytest.mark.parametrize("hash_", [INCIDENT, ACTOR, "tab=incident", "tab=actor", "tab=review"])
def test_no_horizontal_scroll_in_what_opens(page: Page, server: str, hash_: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    show(page, server, hash_)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [1280, 800, 400])
def test_the_attribution_table_is_never_cut_off(page: Page, server: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    show(page, server, INCIDENT)
    fits = "(box) => box.scrollWidth <= box.clientWidth + 1"
    box = page.locator(".incident-opened .scroll")
    assert box.evaluate(fits)
    page.locator("#attribution button[data-claims]").first.click()
    page.wait_for_selector("#evidence[data-ready=true] .card")
    assert box.evaluate(fits)
