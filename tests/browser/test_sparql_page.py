"""The SPARQL page in a real Chromium: an example runs, and what it shows is what the service answers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.serving import ROOT, serving

EXAMPLES = {
    example["id"]: "\n".join(example["query"])
    for example in json.loads((ROOT / "app" / "web" / "page" / "sparql_examples.json").read_text(encoding="utf-8"))
}
READY = "body[data-ready=true]"
ROWS = ".yasr table.dataTable tbody tr"

pytestmark = pytest.mark.browser


def answered(server: str, query: str) -> list[list[str]]:
    """What the service says, as cells of text."""
    found = httpx.get(f"{server}/sparql", params={"query": query}, timeout=30).json()
    names = found["head"]["vars"]
    return [[row.get(name, {}).get("value", "") for name in names] for row in found["results"]["bindings"]]


def shown(page: Page) -> list[list[str]]:
    page.wait_for_selector(ROWS)
    rows = page.locator(ROWS)
    return [rows.nth(n).locator("td").all_inner_texts()[1:] for n in range(rows.count())]


def plain(rows: list[list[str]]) -> list[list[str]]:
    return [["".join(cell.split()) for cell in row] for row in rows]


def test_an_example_shows_what_the_service_answers(page: Page, server: str) -> None:
    page.goto(server + "/sparql")
    page.wait_for_selector(READY)
    page.click("[data-example=accusations]")
    rows = shown(page)
    assert len(rows) == 50, "a page of the table"
    assert plain(rows) == plain(answered(server, EXAMPLES["accusations"]))[:50]
    revision = httpx.get(f"{server}/health").json()["revision"]
    expect(page.locator("#note")).to_have_text(f"Answered at revision {revision} of the ledger.")
    expect(page.locator("[data-example=accusations]")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("name", ["attribution", "lineages", "threads", "threats"])
def test_every_example_finds_something(page: Page, server: str, name: str) -> None:
    page.goto(server + "/sparql")
    page.wait_for_selector(READY)
    page.click(f"[data-example={name}]")
    assert len(shown(page)) == min(50, len(answered(server, EXAMPLES[name]))) > 0


def test_nobody_is_said_to_have_done_it(page: Page, server: str) -> None:
    page.goto(server + "/sparql")
    page.wait_for_selector(READY)
    page.click("[data-example=firewall]")
    expect(page.locator(".yasr_results")).to_contain_text("False")


def test_a_graph_is_shown_as_triples(page: Page, server: str) -> None:
    page.goto(server + "/sparql")
    page.wait_for_selector(READY)
    page.click("[data-example=graph]")
    assert all("accuses" in row[1] for row in shown(page))


def test_an_address_carries_a_query(page: Page, server: str) -> None:
    """A link to the endpoint with a query in it opens the editor in a browser, and answers programs as before."""
    query = "SELECT ?name { ?a a plm:State ; rdfs:label ?name } ORDER BY ?name LIMIT 7"
    page.goto(f"{server}/sparql?{urlencode({'query': query})}")
    page.wait_for_selector(READY)
    assert shown(page) == answered(server, query)
    assert len(answered(server, query)) == 7


def test_what_is_wrong_with_a_query_is_said(page: Page, server: str) -> None:
    page.goto(f"{server}/sparql?{urlencode({'query': 'SELECT * { SERVICE <http://h.example/> { ?s ?p ?o } }'})}")
    page.wait_for_selector(READY)
    expect(page.locator(".yasr_results")).to_contain_text("SERVICE is refused")


def test_an_answer_that_is_cut_short_says_so(page: Page, server: str) -> None:
    page.goto(f"{server}/sparql?{urlencode({'query': 'SELECT ?s { ?s ?p ?o . ?a a ?b }'})}")
    page.wait_for_selector(READY)
    expect(page.locator("#note")).to_contain_text("Cut short at 10000 rows")


def test_it_can_be_read_in_the_dark(browser: Browser, server: str) -> None:
    """The editor's package has light colours only; ours are over them."""
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(server + "/sparql")
    page.click("[data-example=threats]")
    page.wait_for_selector(ROWS)
    light = """element => {
        const of = (name) => getComputedStyle(element)[name].match(/\\d+/g).slice(0, 3).map(Number);
        return [of("color"), of("backgroundColor")].map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b);
    }"""
    for place in (".yasqe .CodeMirror", f"{ROWS} td", "#examples button"):
        ink, ground = page.locator(place).first.evaluate(light)
        assert ink - ground > 120, place
    context.close()


@pytest.fixture
def below_a_path(tmp_path: Path) -> Iterator[str]:
    environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{tmp_path / 'ledger.sqlite'}"}
    with serving("--root-path", "/claims", environment=environment) as service:
        yield service.url


def test_it_may_lie_below_a_path(browser: Browser, below_a_path: str) -> None:
    """Behind a proxy that takes the path away before it passes a request on, as `--root-path` is for."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []

    def proxy(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(response=route.fetch(url=route.request.url.replace(f"{below_a_path}/claims", below_a_path)))

    page.route(f"{below_a_path}/**", proxy)
    page.goto(f"{below_a_path}/claims/sparql")
    page.wait_for_selector(READY)
    page.click("[data-example=firewall]")
    expect(page.locator(".yasr_results")).to_contain_text("False")
    assert {url.removeprefix(f"{below_a_path}/claims/").split("/")[0] for url in asked} == {"sparql", "page"}
    assert f"<{below_a_path}/claims/sparql>" in httpx.get(f"{below_a_path}/sparql").text
    context.close()
