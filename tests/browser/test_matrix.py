"""The matrix in a real Chromium: its cells are those that the API counts, and lead to the quotes behind them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.reading import ask, hash_of, ready, show

pytestmark = pytest.mark.browser
TYPES = ["accuses", "denies", "retaliates"]
Shown = dict[tuple[str, str], dict[tuple[str, str], int]]


def _shown(page: Page) -> Shown:
    cells: list[Any] = page.evaluate(
        "[...document.querySelectorAll('#matrix .cell')].map(c => [c.dataset.source, c.dataset.target,"
        " [...c.querySelectorAll('.part')].map(p => [p.dataset.kind, p.dataset.modality, Number(p.innerText)])])"
    )
    return {(s, t): {(kind, modality): count for kind, modality, count in parts} for s, t, parts in cells}


def _told(answer: dict[str, Any]) -> Shown:
    return {
        (cell["source"], cell["target"]): {(p["kind"], p["modality"]): p["lineages"] for p in cell["parts"]}
        for cell in answer["cells"]
    }


@pytest.mark.parametrize(
    ("state", "asked"),
    [
        ("", {"kind": TYPES}),
        ("&kind=denies", {"kind": ["denies"]}),
        ("&actor=actor-moldova&role=source", {"kind": TYPES, "actor": "actor-moldova", "role": "source"}),
        ("&modality=threatened&top=5", {"kind": TYPES, "modality": "threatened", "top": 5}),
        ("&since=2023-11&until=2023-12", {"kind": TYPES, "since": "2023-11", "until": "2023-12"}),
    ],
)
def test_cells_are_those_of_the_api(page: Page, server: str, state: str, asked: dict[str, Any]) -> None:
    show(page, server, f"tab=matrix{state}")
    answer = ask(server, "matrix", **{"top": 30, **asked})
    assert _shown(page) == _told(answer)
    assert answer["cells"]
    drawn = sum(cell["claims"] for cell in answer["cells"])
    expect(page.locator("#summary")).to_contain_text(f"{drawn} of {answer['total']} claims")
    rows = page.evaluate("[...document.querySelectorAll('#matrix tbody th')].map(t => t.dataset.source)")
    columns = page.evaluate("[...document.querySelectorAll('#matrix thead th')].map(t => t.dataset.target)")
    assert rows == [one["id"] for one in answer["sources"]]
    assert columns == [one["id"] for one in answer["targets"]]


def test_a_cell_stands_where_its_row_and_column_say(page: Page, server: str) -> None:
    show(page, server, "tab=matrix")
    wrong = page.evaluate(
        "[...document.querySelectorAll('#matrix .cell')].filter(c => {"
        " const row = c.closest('tr').querySelector('th').dataset.source;"
        " const heads = document.querySelectorAll('#matrix thead tr > *');"
        " return row !== c.dataset.source || heads[c.closest('td').cellIndex].dataset.target !== c.dataset.target; })"
        ".length"
    )
    assert wrong == 0


def test_what_is_left_out_is_said_and_more_can_be_had(page: Page, server: str) -> None:
    show(page, server, "tab=matrix&top=8")
    answer = ask(server, "matrix", kind=TYPES, top=8)
    expect(page.locator("#matrix-left")).to_contain_text(f"{answer['left_out']} claims between actors")
    expect(page.locator("#matrix-left")).to_contain_text(f"{answer['without_target']} claims that name no target")
    page.locator("#matrix-more").click()
    ready(page)
    assert hash_of(page)["top"] == ["38"]
    assert page.locator("#matrix tbody tr").count() == len(ask(server, "matrix", kind=TYPES, top=38)["sources"])


def test_by_name_is_another_order_of_the_same(page: Page, server: str) -> None:
    show(page, server, "tab=matrix")
    before = _shown(page)
    page.locator("#matrix-order").select_option("name")
    ready(page)
    names = page.locator("#matrix tbody th").all_inner_texts()
    assert [name.casefold() for name in names] == sorted(name.casefold() for name in names)
    assert _shown(page) == before
    assert hash_of(page)["order"] == ["name"]


@pytest.mark.parametrize("focus", ["", "&actor=actor-kyrgyzstan&rollup=off"])
def test_a_cell_leads_to_its_quotes(page: Page, server: str, focus: str) -> None:
    show(page, server, f"tab=matrix{focus}")
    cell = page.locator("#matrix .cell[data-source=actor-tajikistan][data-target=actor-kyrgyzstan]")
    count = int(cell.get_attribute("data-claims") or 0)
    cell.click()
    cards = page.locator("#panel .card[data-claim-id]")
    expect(cards).to_have_count(min(20, count))
    claims = [ask(server, f"claims/{name}")["claim"] for name in _ids(page)]
    assert {(one["source_id"], one["target_id"]) for one in claims} == {("actor-tajikistan", "actor-kyrgyzstan")}
    # From the link alone the same cell is open.
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    ready(page)
    expect(cards).to_have_count(min(20, count))
    cards.first.locator("[data-read-claim]").first.click()
    page.wait_for_selector("#reader[data-ready=true] mark.current")


def test_arrow_keys_move_between_cells(page: Page, server: str) -> None:
    show(page, server, "tab=matrix")
    first = page.locator("#matrix .cell").first
    assert page.locator("#matrix button[tabindex='0']").count() == 1
    first.focus()
    seen = [_focused(page)]
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "Control+End", "Control+Home"):
        page.keyboard.press(key)
        seen.append(_focused(page))
    assert len({*seen[:3]}) == 3
    assert seen[1][0] == seen[0][0]
    assert seen[-1] == seen[0]
    page.keyboard.press("Enter")
    expect(page.locator("#panel .card[data-claim-id]").first).to_be_visible()


def test_nothing_that_matches_is_said_so(page: Page, server: str) -> None:
    show(page, server, "tab=matrix&since=1999&until=1999")
    expect(page.locator("#matrix-note")).to_contain_text("No claims match")
    expect(page.locator("#matrix")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_axe_finds_nothing_and_nothing_overflows(page: Page, server: str, theme: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    show(page, server, "tab=matrix")
    assert violations(page, "#view-matrix") == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def _ids(page: Page) -> list[str]:
    found: list[str] = page.evaluate("[...document.querySelectorAll('#panel .card')].map(c => c.dataset.claimId)")
    return found


def _focused(page: Page) -> tuple[str, str]:
    row, column = page.evaluate("[document.activeElement.dataset.row, document.activeElement.dataset.column]")
    return row, column
