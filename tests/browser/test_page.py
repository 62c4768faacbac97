"""The page in a real Chromium: what belongs to no view alone, and the reader and the table."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.reading import ask, counted, ready, show

pytestmark = pytest.mark.browser
PAGE = Path(__file__).resolve().parents[2] / "app" / "web" / "page"


def test_the_reader_highlights_the_exact_passage(page: Page, server: str) -> None:
    article = ask(server, "claims", actor="actor-moldova")["claims"][0]["evidence"]["article"]
    claims = ask(server, f"articles/{article}")["claims"]
    assert len(claims) > 2
    show(page, server, f"article={article}&quote={claims[0]['id']}")
    page.wait_for_selector("#reader[data-ready=true]")
    for claim in claims:
        marked = "".join(page.locator(f"#reader mark[data-claim-ids~='{claim['id']}']").all_inner_texts())
        assert _plain(marked) == _plain(claim["evidence"]["quote"])
    current = "".join(page.locator("#reader mark.current").all_inner_texts())
    assert _plain(current) == _plain(claims[0]["evidence"]["quote"])
    page.locator(f"#reader [data-look-claim='{claims[1]['id']}']").click()
    ready(page)
    expect(page.locator(f"#reader mark.current[data-claim-ids~='{claims[1]['id']}']").first).to_be_in_viewport()
    page.locator(f"#reader [data-receipt='{claims[1]['id']}']").click()
    expect(page.locator("#receipt[open]")).to_contain_text(claims[1]["evidence"]["quote"])


def test_the_table_sorts_and_reads(page: Page, server: str) -> None:
    show(page, server, "tab=table&actor=actor-tajikistan&kind=accuses&sort=publisher:asc")
    outlets = [" ".join(text.split()) for text in page.locator("#claims-body td[data-title=Outlet]").all_inner_texts()]
    assert len(outlets) > 5
    assert outlets == sorted(outlets, key=str.casefold)
    page.locator("#claims-head [data-column=date] button").click()
    ready(page)
    expect(page.locator("#claims-head [data-column=date]")).to_have_attribute("aria-sort", "ascending")
    row = page.locator("#claims-body tr[data-claim-id]").first
    claim: dict[str, Any] = ask(server, f"claims/{row.get_attribute('data-claim-id')}")["claim"]
    assert claim["evidence"]["quote"] in _plain(row.inner_text())
    row.locator("[data-read-claim]").click()
    page.wait_for_selector("#reader[data-ready=true]")
    marked = "".join(page.locator("#reader mark.current").all_inner_texts())
    assert _plain(marked) == _plain(claim["evidence"]["quote"])


def test_what_is_in_focus_is_named_in_every_view(page: Page, server: str) -> None:
    incident = ask(server, "incidents", limit=1)["incidents"][0]
    for tab in ("table", "matrix", "graph"):
        show(page, server, f"actor=actor-moldova&tab={tab}")
        expect(page.locator(".chip")).to_have_text("Moldova×")
        show(page, server, f"incident={incident['id']}&tab={tab}")
        expect(page.locator(".chip")).to_have_text(f"{incident['label']}×")


def test_nothing_is_asserted_where_something_is_alleged(page: Page, server: str) -> None:
    show(page, server, "actor=actor-moldova")
    words = [text.splitlines()[0] for text in page.locator("#edge-list button").all_inner_texts()]
    assert words
    for line in words:
        assert any(verb in line for verb in ("accus", "denies", "issues a denial", "retaliat")), line
        if "retaliat" in line:
            assert any(verb in line for verb in ("threatens to", "calls for", "is reported to")), line
    page.locator("#tab-table").click()
    ready(page)
    rows = page.locator("#claims-body tr")
    for index in range(rows.count()):
        assert "confidence" in rows.nth(index).inner_text()


def test_what_went_wrong_is_said_and_tried_again(page: Page, server: str) -> None:
    show(page, server, "actor=actor-moldova")
    before = counted(page)
    page.route("**/facets?**", lambda route: route.abort())
    page.locator("#kind-denies").uncheck()
    ready(page)
    expect(page.locator("#problem")).to_contain_text("cannot be reached")
    page.unroute("**/facets?**")
    page.locator("#retry").click()
    ready(page)
    expect(page.locator("#problem")).to_be_hidden()
    assert counted(page)[0] < before[0]


def test_a_slow_answer_never_overtakes_a_newer_one(page: Page, server: str) -> None:
    show(page, server)

    def later(route: Route) -> None:
        page.wait_for_timeout(600)
        route.continue_()

    page.route("**/subgraph?**actor=actor-moldova**", later)
    page.evaluate("location.hash = 'actor=actor-moldova'")
    page.evaluate("location.hash = 'actor=actor-tajikistan'")
    ready(page)
    page.wait_for_timeout(900)
    ready(page)
    sources = page.locator("#edge-list button").evaluate_all("all => all.map(b => b.dataset.source + b.dataset.target)")
    assert sources
    assert all("moldova" not in ends for ends in sources)
    assert counted(page)[0] == ask(server, "facets", actor="actor-tajikistan")["claims"]


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


def test_types_of_the_page() -> None:
    node = shutil.which("node")
    assert node is not None
    compiler = PAGE / "node_modules" / "typescript" / "bin" / "tsc"
    folder = Path(__file__).resolve().parents[1] / "page"
    done = subprocess.run([node, str(compiler), "-p", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def _plain(text: str) -> str:
    return " ".join(text.split())
