"""How fast the page draws at its cap: real draws a second while a mouse pans and zooms. It asserts none.

`python -m tests.benchmarks.page [--edges 500]`. What is counted are the draws that cytoscape tells of, not the
browser's animation frames: these go on while nothing is drawn. The graph is invented (heavy tail, a quarter of its
edges parallel), and stands in for the API's answer. Every round also counts what the same mouse gets out of a small
graph: how often a headless browser passes a mouse on is the ceiling of both.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, sync_playwright

from tests.browser.conftest import FLAGS, executable, served
from tests.browser.reading import CY, READY

KINDS = [("accuses", "asserted"), ("denies", "asserted"), ("retaliates", "carried_out"), ("retaliates", "threatened")]
SECONDS = 4.0


def graph(count: int, seed: int = 42) -> dict[str, Any]:
    """An answer of /subgraph with so many edges."""
    draw = random.Random(seed)
    size = max(4, round(count * 0.29))
    nodes = [
        {"id": f"actor-{n}", "kind": "actor", "label": f"Actor number {n}", "actor_kind": "state", "country": None}
        | {"date": None, "type": None}
        for n in range(size)
    ]
    weights = [1 / (n + 1) ** 0.8 for n in range(size)]
    edges: list[dict[str, Any]] = []
    while len(edges) < count:
        if edges and draw.random() < 0.25:
            source, target = edges[draw.randrange(len(edges))]["source"], edges[-1]["target"]
        else:
            source, target = (f"actor-{n}" for n in draw.choices(range(size), weights, k=2))
        if source == target:
            continue
        kind, modality = draw.choice(KINDS)
        number = len(edges)
        edges.append(
            {"id": f"edge-{number}", "kind": kind, "phrase": kind, "source": source, "target": target}
            | {"modality": modality, "incident": f"inc-{number}", "claims": [f"clm-{number}"], "evidence_count": 1}
            | {"articles": 1, "publishers": 1, "first": "2024-03-01", "last": "2024-03-02"}
        )
    return {
        "revision": 1,
        "nodes": nodes,
        "edges": edges,
        "total_edges": count,
        "left_out": {"edges": 0, "claims_without_edge": 0, "at_least": False},
    }


def draws(page: Page, act: str) -> float:
    """Draws a second while the mouse pans or turns its wheel."""
    box = page.locator("#canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + 12, box["y"] + box["height"] - 12
    page.mouse.move(x, y)
    page.evaluate(f"window.draws = 0; {CY}.on('render', window.counting = () => (window.draws += 1)); 0")
    began = time.monotonic()
    if act == "pan":
        page.mouse.down()
        step = 0
        while time.monotonic() - began < SECONDS:
            step += 1
            page.mouse.move(x + 3 * (step % 60), y - 2 * (step % 60))
        page.mouse.up()
    else:
        turn = 0
        while time.monotonic() - began < SECONDS:
            turn += 1
            page.mouse.wheel(0, 40 if turn % 20 < 10 else -40)
    taken = time.monotonic() - began
    found: int = page.evaluate(f"{CY}.off('render', window.counting); window.draws")
    return found / taken


def measure(page: Page, address: str, count: int) -> dict[str, float]:
    """One round with so many edges."""
    answer = json.dumps(graph(count))

    def give(route: Route) -> None:
        route.fulfill(body=answer, content_type="application/json")

    page.route("**/subgraph?**", give)
    page.goto("about:blank")
    began = time.monotonic()
    page.goto(f"{address}/#merge=no&limit=500")
    page.wait_for_selector(READY)
    ready = time.monotonic() - began
    assert page.evaluate(f"{CY}.edges().length") == count
    began = time.monotonic()
    page.locator("#modality-called_for").uncheck()
    page.wait_for_selector(READY)
    redrawn = time.monotonic() - began
    found = {"ready_s": ready, "redrawn_s": redrawn, "pan": draws(page, "pan"), "wheel": draws(page, "wheel")}
    page.unroute("**/subgraph?**", give)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edges", type=int, nargs="*", default=[50, 150, 500])
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(120_000)
        print(f"{'edges':>6} {'round':>5} {'ready s':>8} {'redraw s':>8} {'pan /s':>7} {'wheel /s':>8} {'load':>5}")
        for number in range(asked.rounds):
            for count in asked.edges:
                found = measure(page, address, count)
                print(
                    f"{count:>6} {number + 1:>5} {found['ready_s']:>8.2f} {found['redrawn_s']:>8.2f} "
                    f"{found['pan']:>7.1f} {found['wheel']:>8.1f} {os.getloadavg()[0]:>5.1f}"
                )
        browser.close()


if __name__ == "__main__":
    main()
