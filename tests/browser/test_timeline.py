"""The timeline in a real Chromium: its bars are those that the API counts, by the chosen clock, and lead to quotes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.reading import ask, hash_of, ready, show

pytestmark = pytest.mark.browser
TYPES = ["accuses", "denies", "retaliates"]


def _bars(page: Page) -> dict[str, tuple[int, ...]]:
    found: list[Any] = page.evaluate(
        "[...document.querySelectorAll('#timeline-bars .bin')].map(b =>"
        " [b.dataset.start, b.dataset.accuses, b.dataset.denies, b.dataset.retaliates])"
    )
    return {start: tuple(map(int, counts)) for start, *counts in found}


def _told(answer: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    return {one["start"]: tuple(one[kind] for kind in TYPES) for one in answer["bins"]}


@pytest.mark.parametrize("clock", ["said", "published", "happened", "ingested"])
@pytest.mark.parametrize("unit", ["day", "week", "month", "year"])
def test_bars_are_those_of_the_api(page: Page, server: str, clock: str, unit: str) -> None:
    show(page, server, f"tab=timeline&clock={clock}&unit={unit}")
    answer = ask(server, "timeline", clock=clock, unit=unit)
    assert _bars(page) == _told(answer)
    assert answer["bins"]
    for name in ("undated", "too_coarse"):
        place = page.locator(f"#timeline-aside [data-{name.replace('_', '-')}]")
        if answer[name]:
            assert int(place.locator("strong").inner_text()) == answer[name]
        else:
            expect(place).to_have_count(0)
    drawn = sum(sum(counts) for counts in _bars(page).values())
    expect(page.locator("#summary")).to_contain_text(f"{drawn} of {answer['total']} claims")


def test_the_filters_thin_the_bars(page: Page, server: str) -> None:
    show(page, server, "tab=timeline&unit=day&actor=actor-moldova&role=target&kind=denies&kind=retaliates")
    answer = ask(server, "timeline", unit="day", actor="actor-moldova", role="target", type=["denies", "retaliates"])
    assert _bars(page) == _told(answer) != {}
    assert all(counts[0] == 0 for counts in _bars(page).values())


def test_bars_are_as_high_as_they_count_and_stand_in_order(page: Page, server: str) -> None:
    show(page, server, "tab=timeline&unit=month")
    boxes: list[Any] = page.evaluate(
        "[...document.querySelectorAll('#timeline-bars .bin')].map(b => [b.getBoundingClientRect().left,"
        " [...b.children].reduce((sum, bar) => sum + bar.getBoundingClientRect().height, 0)])"
    )
    counts = [sum(one) for one in _bars(page).values()]
    lefts = [left for left, _ in boxes]
    assert lefts == sorted(lefts)
    heights = [height / count for (_, height), count in zip(boxes, counts, strict=True)]
    assert max(heights) - min(heights) < 0.1
    # The axis says so: its topmost line is as far up as its number counts.
    top, bottom, number = page.evaluate(
        "(() => { const lines = [...document.querySelectorAll('#timeline-bars .line')];"
        " const y = lines.map(l => l.getBoundingClientRect().top);"
        " return [Math.min(...y), Math.max(...y), Number(lines[y.indexOf(Math.min(...y))].innerText)]; })()"
    )
    assert abs((bottom - top) / number - heights[0]) < 0.1


def test_the_span_chooses_the_bars_unless_the_reader_does(page: Page, server: str) -> None:
    show(page, server, "tab=timeline")
    assert _bars(page) == _told(ask(server, "timeline", unit="month"))
    show(page, server, "tab=timeline&actor=actor-moldova")
    assert _bars(page) == _told(ask(server, "timeline", unit="day", actor="actor-moldova"))
    page.locator("#timeline-unit").select_option("year")
    ready(page)
    assert hash_of(page)["unit"] == ["year"]
    assert _bars(page) == _told(ask(server, "timeline", unit="year", actor="actor-moldova"))


@pytest.mark.parametrize("clock", ["said", "happened"])
def test_a_bar_leads_to_its_claims(page: Page, server: str, clock: str) -> None:
    show(page, server, f"tab=timeline&unit=month&clock={clock}&actor=actor-moldova")
    start, counts = next(iter(_bars(page).items()))
    page.locator(f"#timeline-bars .bin[data-start='{start}']").click()
    cards = page.locator("#panel .card[data-claim-id]")
    expect(cards).to_have_count(min(20, sum(counts)))
    for number in range(min(3, sum(counts))):
        claim = ask(server, f"claims/{cards.nth(number).get_attribute('data-claim-id')}")["claim"]
        assert claim["said" if clock == "said" else "happened"].startswith(start)
    page.locator("#timeline-only").click()
    ready(page)
    state = hash_of(page)
    assert state["since"][0].startswith(start)
    assert state["until"][0].startswith(start)
    assert sum(sum(one) for one in _bars(page).values()) == sum(counts)


def test_few_claims_are_drawn_singly_in_order(page: Page, server: str) -> None:
    show(page, server, "tab=timeline&actor=actor-moldova")
    claims = ask(server, "claims", actor="actor-moldova", limit=500)["claims"]
    marks: list[Any] = page.evaluate(
        "[...document.querySelectorAll('#timeline-lanes .mark')].map(m =>"
        " [m.dataset.claimId, m.closest('.lane').dataset.source ?? null, m.getBoundingClientRect().left])"
    )
    assert sorted(one for one, _, _ in marks) == sorted(one["id"] for one in claims)
    by_id = {one["id"]: one for one in claims}
    dated = [(by_id[name]["said"], left) for name, lane, left in marks if lane is not None]
    assert all(by_id[name]["source_id"] == lane for name, lane, _ in marks if lane is not None)
    assert [left for _, left in sorted(dated)] == sorted(left for _, left in dated)
    mark = page.locator("#timeline-lanes .mark").first
    mark.click()
    expect(page.locator("#panel .card")).to_have_count(1)
    assert page.locator("#panel .card").get_attribute("data-claim-id") == mark.get_attribute("data-claim-id")


def test_claims_without_a_day_are_told_apart(page: Page, server: str) -> None:
    show(page, server, "tab=timeline&clock=happened&actor=actor-moldova")
    answer = ask(server, "timeline", clock="happened", unit="day", actor="actor-moldova")
    assert answer["undated"] > 0
    expect(page.locator("#timeline-lanes .undated .mark")).to_have_count(answer["undated"])


def test_many_claims_are_not_drawn_singly_and_it_says_so(page: Page, server: str) -> None:
    show(page, server, "tab=timeline")
    expect(page.locator("#timeline-lanes .mark")).to_have_count(0)
    expect(page.locator("#timeline-lanes")).to_contain_text("no more than 200 match")


def test_arrow_keys_move_along_bars_and_lanes(page: Page, server: str) -> None:
    show(page, server, "tab=timeline&actor=actor-moldova")
    starts = list(_bars(page))
    page.locator("#timeline-bars .bin[tabindex='0']").focus()
    for key, start in (("ArrowRight", starts[1]), ("End", starts[-1]), ("ArrowLeft", starts[-2]), ("Home", starts[0])):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.dataset.start") == start
    page.locator("#timeline-lanes .mark[tabindex='0']").focus()
    lane = "document.activeElement.closest('.lane').dataset.source"
    before = page.evaluate(lane)
    page.keyboard.press("ArrowDown")
    assert page.evaluate(lane) != before
    page.keyboard.press("Enter")
    expect(page.locator("#panel .card[data-claim-id]")).to_have_count(1)


def test_nothing_that_matches_is_said_so(page: Page, server: str) -> None:
    show(page, server, "tab=timeline&publisher=Fergana Weekly&actor=actor-moldova")
    expect(page.locator("#timeline-note")).to_contain_text("No claims match")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_axe_finds_nothing_and_nothing_overflows(page: Page, server: str, theme: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    show(page, server, "tab=timeline&actor=actor-moldova&clock=happened")
    assert violations(page, "#view-timeline") == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    # The whole chart is in sight of its frame.
    frame, plot = page.evaluate(
        "['.time-bars', '.plot'].map(s => document.querySelector(s).getBoundingClientRect().height)"
    )
    assert frame > plot > 100
