"""What the tests of the page share: when it is ready, what is on its canvas, what the API says to the same question."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from playwright.sync_api import Page

READY = "body[data-ready=true][data-view-ready=true]"
TABS = ("graph", "matrix", "timeline", "threads", "map", "incident", "actor", "table", "review", "add")
# What cytoscape hangs on its container.
CY = "document.getElementById('canvas')._cyreg.cy"


def show(page: Page, server: str, hash_: str = "") -> None:
    """Open the page anew at this state."""
    page.goto("about:blank")
    page.goto(f"{server}/#{hash_}" if hash_ else f"{server}/")
    page.wait_for_selector(READY)


def ready(page: Page) -> None:
    """Wait until what was just asked for is drawn."""
    page.wait_for_selector(READY)


def ask(server: str, path: str, **params: Any) -> Any:
    """The API's answer."""
    response = httpx.get(f"{server}/{path}", params=params, timeout=60)
    assert response.status_code == 200, response.text
    return response.json()


def edges(page: Page) -> set[str]:
    """Ids of the edges that the list beside the canvas holds."""
    lists: list[str] = page.evaluate("[...document.querySelectorAll('#edge-list button')].map(b => b.dataset.edgeIds)")
    return {one for ids in lists for one in ids.split(" ")}


def arrows_on_canvas(page: Page) -> set[str]:
    """Ids of the arrows on the canvas."""
    return set(page.evaluate(f"{CY}.edges().filter(e => !e.data('anchor')).map(e => e.id())"))


def nodes(page: Page) -> dict[str, tuple[float, float]]:
    """Where each node stands on the canvas, in the picture's own measure."""
    found: list[list[Any]] = page.evaluate(
        f"{CY}.nodes().filter(n => !n.data('anchor')).map(n => [n.id(), n.position('x'), n.position('y')])"
    )
    return {name: (x, y) for name, x, y in found}


def point_of(page: Page, node: str) -> tuple[float, float]:
    """Where a node stands in the window."""
    x, y = page.evaluate(
        f"(id) => {{ const p = {CY}.getElementById(id).renderedPosition();"
        " const box = document.getElementById('canvas').getBoundingClientRect();"
        " return [box.left + p.x, box.top + p.y]; }",
        node,
    )
    return x, y


def counted(page: Page) -> tuple[int, int]:
    """N and M of "N of M claims"."""
    line = page.locator("#count")
    return int(line.get_attribute("data-claims") or -1), int(line.get_attribute("data-of") or -1)


def hash_of(page: Page) -> dict[str, list[str]]:
    """The state in the address."""
    return parse_qs(urlsplit(page.url).fragment)


def act(page: Page, choice: str) -> None:
    """Choose from the menu that is open."""
    page.locator(f"#menu [data-act={choice}]").click()
    ready(page)
