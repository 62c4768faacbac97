"""The map in a real Chromium: incidents stand as exactly as their place is known, and all of them in the list."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.reading import ask, ready, show

pytestmark = pytest.mark.browser


def _level(row: dict[str, Any]) -> str:
    """How exactly the API says that a dispute's place is known."""
    if row["lat"] is not None and row["precision"] in ("site", "settlement", "region"):
        return "region" if row["precision"] == "region" else "point"
    return "country" if row["country"] else "nowhere"


def _where(row: dict[str, Any]) -> str:
    level = _level(row)
    return {"country": f"country-{row['country']}", "nowhere": "nowhere"}.get(level, str(row["place_id"]))


def _disputes(server: str, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(server, "disputes", **asked, limit=500)["disputes"]
    return found


@pytest.mark.parametrize(
    ("state", "asked"),
    [
        ("", {}),
        ("&actor=actor-moldova", {"actor": "actor-moldova"}),
        ("&kind=retaliates&modality=carried_out", {"type": "retaliates", "modality": "carried_out"}),
    ],
)
def test_incidents_stand_as_exactly_as_the_api_says(page: Page, server: str, state: str, asked: dict[str, Any]) -> None:
    show(page, server, f"tab=map{state}")
    rows = _disputes(server, **asked)
    assert rows
    drawn: list[Any] = page.evaluate(
        "[...document.querySelectorAll('.map-picture .mark')].map(m => [m.dataset.where, m.dataset.level])"
    )
    told = {(_where(row), _level(row)) for row in rows if _level(row) in ("point", "region")}
    assert {(where, level) for where, level in drawn} == told
    assert len(drawn) == len(told)
    tinted = set(page.evaluate("[...document.querySelectorAll('.country.tinted')].map(c => c.dataset.country)"))
    assert tinted == {row["country"] for row in rows if _level(row) == "country"}
    # The list holds every incident once, under the precision that is known.
    listed: list[Any] = page.evaluate(
        "[...document.querySelectorAll('#map-list .incident')].map(b =>"
        " [b.dataset.incident, b.closest('.where-group').dataset.level, Number(b.dataset.claims)])"
    )
    assert sorted(map(tuple, listed)) == sorted((row["incident"], _level(row), row["claims"]) for row in rows)
    counts = Counter(_level(row) for row in rows)
    for group in page.locator("#map-list .where-group").all():
        assert counts[group.get_attribute("data-level") or ""] == int(group.get_attribute("data-incidents") or 0)
    expect(page.locator("#summary")).to_contain_text(f"{len(rows)} of {len(rows)} incident")


def test_no_country_is_a_point(page: Page, server: str) -> None:
    show(page, server, "tab=map")
    places = {one["id"]: one for one in ask(server, "places", limit=500)["places"]}
    marks = page.evaluate("[...document.querySelectorAll('.map-picture .mark')].map(m => m.dataset.where)")
    assert marks
    assert {places[one]["precision"] for one in marks} <= {"site", "settlement", "region"}


def test_dots_stand_where_their_places_are(page: Page, server: str) -> None:
    show(page, server, "tab=map")
    places = {one["id"]: one for one in ask(server, "places", limit=500)["places"]}
    found: list[Any] = page.evaluate(
        "[...document.querySelectorAll('.map-picture .mark circle')].map(c => {"
        " const b = c.getBoundingClientRect();"
        " return [c.parentNode.dataset.where, b.left + b.width / 2, b.top + b.height / 2, b.width]; })"
    )
    # West is left, north is up: in the middle latitudes the projection keeps both orders where they differ clearly.
    for one, x, y, _ in found:
        for other, a, b, _ in found:
            if places[one]["lon"] + 25 < places[other]["lon"]:
                assert x < a, (one, other)
            if places[one]["lat"] > places[other]["lat"] + 12:
                assert y < b, (one, other)
    sizes = page.evaluate(
        "[...document.querySelectorAll('.mark.point')].map(m => [Number(m.dataset.lineages),"
        " m.querySelector('circle').r.baseVal.value])"
    )
    assert [r for _, r in sorted(sizes)] == sorted(r for _, r in sizes)
    assert len({r for _, r in sizes}) > 1


def test_a_dot_and_the_list_lead_to_the_same_claims(page: Page, server: str) -> None:
    show(page, server, "tab=map")
    row = next(row for row in _disputes(server) if row["place"] == "Obock")
    page.locator(f".mark[data-where='{row['place_id']}'] circle").dispatch_event("click")
    cards = page.locator("#panel .card[data-claim-id]")
    at_place = [one for one in _disputes(server) if one["place_id"] == row["place_id"]]
    expect(cards).to_have_count(min(20, sum(one["claims"] for one in at_place)))
    expect(page.locator(f".mark[data-where='{row['place_id']}']")).to_have_class("mark point chosen named")
    incident = page.locator(f"#map-list .incident[data-incident='{row['incident']}']")
    incident.focus()
    page.keyboard.press("Enter")
    expect(cards).to_have_count(min(20, row["claims"]))
    claims = [ask(server, f"claims/{cards.nth(n).get_attribute('data-claim-id')}")["claim"] for n in range(3)]
    assert {one["incident"] for one in claims} == {row["incident"]}
    cards.first.locator("[data-read-claim]").first.click()
    page.wait_for_selector("#reader[data-ready=true] mark.current")


def test_it_moves_by_buttons_wheel_and_keys(page: Page, server: str) -> None:
    show(page, server, "tab=map")
    scale = "document.querySelector('.map-picture .world').transform.baseVal[1].matrix.a"
    left = "document.querySelector('.map-picture .world').transform.baseVal[0].matrix.e"
    page.locator("#map-world").click()
    assert page.evaluate(scale) == 1
    page.locator("#map-in").click()
    assert page.evaluate(scale) == pytest.approx(1.5)
    page.locator(".map-picture").hover()
    page.mouse.wheel(0, -300)
    page.wait_for_selector(".map-picture .world:not([transform$='scale(1.5)'])")
    assert page.evaluate(scale) == pytest.approx(3)
    page.locator(".map-stage").focus()
    page.keyboard.press("-")
    assert page.evaluate(scale) == pytest.approx(2)
    before = page.evaluate(left)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(left) == pytest.approx(before - 60)
    box = page.locator(".map-stage").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 110)
    page.mouse.up()
    assert page.evaluate(left) == pytest.approx(before - 30)
    # A drag chooses nothing.
    assert "look=" not in page.url


def test_thread_and_incident_are_one_click_away(page: Page, server: str) -> None:
    show(page, server, "tab=map&actor=actor-moldova")
    row = _disputes(server, actor="actor-moldova")[0]
    page.locator(f"#map-list [data-open-thread='{row['thread']}']").click()
    ready(page)
    assert f"thread={row['thread']}" in page.url
    expect(page.locator("#thread .thread-card").first).to_be_visible()


def test_it_says_whose_borders_these_are_and_what_is_not_drawn(page: Page, server: str) -> None:
    show(page, server, "tab=map")
    expect(page.locator(".map-borders")).to_contain_text("Natural Earth")
    expect(page.locator(".map-borders")).to_contain_text("where an article was written or published is not drawn")
    answer = ask(server, "disputes", limit=500)
    expect(page.locator("#map-note")).to_contain_text(f"{answer['without_incident']} matching claims are about no")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_axe_finds_nothing_and_nothing_overflows(page: Page, server: str, theme: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    show(page, server, "tab=map")
    assert violations(page, "#view-map") == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
