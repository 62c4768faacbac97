"""One state, wholly in the address, drives every view: the page shows what the API answers to the same filters."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reading import TABS, ask, counted, edges, hash_of, ready, show

pytestmark = pytest.mark.browser

# Each as it stands in the address, and as the API is asked the same.
STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "nothing": ("", {}),
    "an actor": ("actor=actor-moldova", {"actor": "actor-moldova"}),
    "as a target": ("actor=actor-russia&role=target", {"actor": "actor-russia", "role": "target"}),
    "alone": ("actor=actor-indonesia&rollup=off", {"actor": "actor-indonesia", "rollup": "off"}),
    "two actors": (
        "actor=actor-moldova&actor=actor-tajikistan",
        {"actor": ["actor-moldova", "actor-tajikistan"]},
    ),
    "types": ("kind=denies&kind=retaliates", {"type": ["denies", "retaliates"]}),
    "threats": ("modality=threatened", {"modality": "threatened"}),
    "dates": ("since=2023-01&until=2023-11-20", {"since": "2023-01", "until": "2023-11-20"}),
    "another clock": (
        "clock=happened&since=2022&until=2022",
        {"clock": "happened", "since": "2022", "until": "2022"},
    ),
    "an outlet": ("publisher=Fergana Weekly", {"publisher": "Fergana Weekly"}),
    "confidence": ("confidence=0.99", {"min_confidence": "0.99"}),
    "a place": ("place=MDA", {"place": "MDA"}),
    "all at once": (
        "actor=actor-moldova&role=source&kind=accuses&since=2023-11&until=2023-11&rollup=state",
        {
            "actor": "actor-moldova",
            "role": "source",
            "type": "accuses",
            "since": "2023-11",
            "until": "2023-11",
            "rollup": "state",
        },
    ),
}


def _all_claims(server: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = ask(server, "claims", **asked, limit=500, cursor=cursor)
        found += page["claims"]
        if page["next"] is None:
            return found
        cursor = page["next"]


@pytest.mark.parametrize("name", STATES)
def test_the_count_the_table_and_the_graph_agree_with_the_api(page: Page, server: str, name: str) -> None:
    hash_, asked = STATES[name]
    claims = _all_claims(server, asked)
    counting = [claim for claim in claims if claim["scope"] is None]
    total = ask(server, "health")["claims"]
    show(page, server, f"{hash_}&tab=table&limit=500")
    assert counted(page) == (len(counting), total)
    rows = page.locator("#claims-body tr[data-claim-id]")
    shown = {rows.nth(i).get_attribute("data-claim-id") for i in range(rows.count())}
    assert shown == {claim["id"] for claim in claims}
    page.locator("#tab-graph").click()
    ready(page)
    assert counted(page) == (len(counting), total)
    # Every claim that has an edge of a claim stands on one, and none that does not match.
    drawn: list[str] = page.evaluate(
        "import('./page/js/load.js').then(async (load) => { const { decode } = await import('./page/js/state.js');"
        " const picture = await load.pictureOf(decode(location.hash), 0, new AbortController().signal);"
        " return [...picture.edges.values()].flatMap((edge) => edge.claims); })"
    )
    without = [claim for claim in claims if claim["target"] is None and claim["incident"] is None]
    assert set(drawn) == shown - {claim["id"] for claim in without}
    summary = page.locator("#summary").inner_text()
    assert re.match(rf"{len(edges(page))} edges? drawn", summary), summary


def test_the_count_is_true_in_every_view(page: Page, server: str) -> None:
    asked = ask(server, "facets", actor="actor-tajikistan", since="2023")
    for tab in TABS:
        show(page, server, f"actor=actor-tajikistan&since=2023&tab={tab}")
        assert counted(page) == (asked["claims"], asked["of"]), tab
        expect(page.locator(f"#view-{tab}")).to_be_visible()
        assert page.locator(f"#view-{tab}").inner_text().strip(), f"{tab} is empty"


def test_boxes_tell_what_ticking_them_would_show(page: Page, server: str) -> None:
    show(page, server, "actor=actor-moldova&kind=accuses")
    found = ask(server, "facets", actor="actor-moldova", type="accuses")
    for kind, number in found["types"].items():
        assert page.locator(f"#filters [data-count={kind}]").inner_text() == str(number)
    for modality, number in found["modalities"].items():
        assert page.locator(f"#filters [data-count={modality}]").inner_text() == str(number)
    # The box keeps its word.
    page.locator("#kind-denies").check()
    ready(page)
    assert counted(page)[0] == found["types"]["accuses"] + found["types"]["denies"]


def test_the_filters_write_the_address_and_a_link_brings_them_back(page: Page, server: str) -> None:
    show(page, server, "actor=actor-moldova&tab=table")
    page.locator("#role").select_option("source")
    ready(page)
    page.locator("#rollup").select_option("off")
    ready(page)
    page.locator("#clock").select_option("published")
    ready(page)
    page.locator("#modality-called_for").uncheck()
    ready(page)
    page.locator("#since").fill("2023-11-01")
    page.locator("#since").dispatch_event("change")
    ready(page)
    page.locator("#confidence").fill("0.5")
    ready(page)
    state = hash_of(page)
    assert state["role"] == ["source"]
    assert state["rollup"] == ["off"]
    assert state["clock"] == ["published"]
    assert state["modality"] == ["asserted", "carried_out", "threatened"]
    assert state["since"] == ["2023-11-01"]
    assert state["confidence"] == ["0.5"]
    before, link = counted(page), page.url
    page.goto("about:blank")
    page.goto(link)
    ready(page)
    assert counted(page) == before
    assert page.locator("#role").input_value() == "source"
    assert page.locator("#since").input_value() == "2023-11-01"
    assert not page.locator("#modality-called_for").is_checked()
    assert hash_of(page) == state


def test_histogram_is_stacked_as_the_api_counts(page: Page, server: str) -> None:
    show(page, server, "actor=actor-pakistan")
    found = ask(server, "facets", actor="actor-pakistan")
    bars: list[list[Any]] = page.evaluate(
        "[...document.querySelectorAll('#brush .bar')].map(b => [b.dataset.start, b.dataset.type, +b.dataset.count])"
    )
    told = [
        [one["start"], kind, one[kind]]
        for one in found["bins"]
        for kind in ("accuses", "denies", "retaliates")
        if one[kind]
    ]
    assert sorted(bars) == sorted(told)
    assert told


def test_the_brush_governs_and_its_rectangle_follows_undo(page: Page, server: str) -> None:
    show(page, server)
    everything = counted(page)[0]
    box = page.locator(".brush-box").bounding_box()
    assert box is not None
    middle = box["y"] + 20
    page.mouse.move(box["x"] + 0.35 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], middle, steps=4)
    page.mouse.up()
    ready(page)
    state = hash_of(page)
    since, until = state["since"][0], state["until"][0]
    shade = page.locator("#brush .shade")
    expect(shade).to_have_count(1)
    assert page.locator(".brush-box").get_attribute("data-from") == since
    brushed = ask(server, "facets", since=since, until=until)
    assert counted(page)[0] == brushed["claims"] < everything
    assert page.locator("#since").input_value().startswith(since)
    wide = shade.bounding_box()
    page.locator("#tab-table").click()
    ready(page)
    assert counted(page)[0] == brushed["claims"]
    page.keyboard.press("Control+z")
    ready(page)
    page.keyboard.press("Control+z")
    ready(page)
    assert counted(page)[0] == everything
    expect(page.locator("#brush .shade")).to_have_count(0)
    assert page.locator("#since").input_value() == ""
    page.keyboard.press("Control+Shift+z")
    ready(page)
    assert page.locator("#brush .shade").bounding_box() == wide
    assert counted(page)[0] == brushed["claims"]


def test_the_brush_by_keyboard(page: Page, server: str) -> None:
    show(page, server)
    page.locator("#brush-from").focus()
    page.keyboard.press("ArrowRight")
    ready(page)
    first = hash_of(page)["since"][0]
    assert page.locator("#brush-from").get_attribute("aria-valuenow") == "1"
    page.keyboard.press("PageUp")
    ready(page)
    assert hash_of(page)["since"][0] > first
    page.keyboard.press("Delete")
    ready(page)
    assert "since" not in hash_of(page)


def test_undated_claims_have_a_stated_rule(page: Page, server: str) -> None:
    found = ask(server, "facets", clock="happened")
    assert found["undated"] > 0
    show(page, server, "clock=happened")
    assert f"{found['undated']} claim" in page.locator("#brush-note").inner_text()
    assert "and shown" in page.locator("#brush-note").inner_text()
    first = found["bins"][0]["start"]
    show(page, server, f"clock=happened&since={first}")
    left_out = ask(server, "facets", clock="happened", since=first)["undated_left_out"]
    assert f"{left_out} claims without a known day left out" in page.locator("#count").inner_text()


def test_an_empty_answer_offers_examples_that_lead_somewhere(page: Page, server: str) -> None:
    show(page, server, "actor=actor-moldova&since=1950&until=1951")
    assert counted(page)[0] == 0
    expect(page.locator("#empty")).to_be_visible()
    page.locator("#empty [data-example]").first.click()
    ready(page)
    expect(page.locator("#empty")).to_be_hidden()
    assert counted(page)[0] > 0


def test_slash_searches_and_enter_focuses(page: Page, server: str) -> None:
    show(page, server)
    page.keyboard.press("/")
    page.keyboard.type("Nicara")
    page.wait_for_selector("[data-suggestion]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("actor-nicaragua"))
    ready(page)
    assert page.locator("#edge-list button[data-source=actor-nicaragua]").count() >= 1
    assert counted(page)[0] == ask(server, "facets", actor="actor-nicaragua")["claims"]


def test_back_forward_and_undo_go_over_everything(page: Page, server: str) -> None:
    show(page, server, "actor=actor-moldova")
    page.locator("#kind-accuses").uncheck()
    ready(page)
    page.locator("#tab-table").click()
    ready(page)
    page.go_back()
    ready(page)
    assert page.locator("#tab-graph").get_attribute("aria-selected") == "true"
    page.go_back()
    ready(page)
    assert page.locator("#kind-accuses").is_checked()
    page.go_forward()
    ready(page)
    assert not page.locator("#kind-accuses").is_checked()


def test_a_filter_that_cannot_be_used_is_said_and_let_go(page: Page, server: str) -> None:
    show(page, server, "place=Nowhereville")
    expect(page.locator("#problem")).to_contain_text("Nowhereville")
    page.locator("#problem").get_by_role("button", name="Clear filters").click()
    ready(page)
    expect(page.locator("#problem")).to_be_hidden()
    assert counted(page)[0] == ask(server, "health")["claims"]
