"""How fast the page draws at its cap: real draws a second while a mouse pans and zooms. It asserts none.

`python -m tests.benchmarks.page [--edges 500]`. What is counted are the draws that cytoscape tells of, not the
browser's animation frames: these go on while nothing is drawn. The graph is invented (heavy tail, a quarter of its
edges parallel), and stands in for the API's answer. Every round also counts what the same mouse gets out of a small
graph: how often a headless browser passes a mouse on is the ceiling of both.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from playwright.sync_api import Page, Route, sync_playwright

from tests.benchmarks.figures import Table, Told, at_least, shown
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


class Drawn(msgspec.Struct, frozen=True):
    """One round with so many edges: seconds until it is there and until it is drawn anew, draws a second."""

    edges: int
    ready_s: float
    redrawn_s: float
    pan: float
    wheel: float


def rounds(edges: Sequence[int], number: int, say: Callable[[str], None]) -> list[Drawn]:
    """All sizes in turn, so many times."""
    found = []
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(120_000)
        for _ in range(number):
            for count in edges:
                found.append(Drawn(count, **measure(page, address, count)))
                say(f"  {count} edges: {found[-1].pan:.1f} draws a second in a pan, {found[-1].wheel:.1f} in a zoom")
        browser.close()
    return found


def told(found: Sequence[Drawn]) -> Told:
    """Goals and tables, of the medians of all rounds."""
    rows, rates = [], dict[int, float]()
    for count in dict.fromkeys(one.edges for one in found):
        same = [one for one in found if one.edges == count]
        ready, redrawn, pan, wheel = (
            statistics.median(getattr(one, name) for one in same) for name in ("ready_s", "redrawn_s", "pan", "wheel")
        )
        rates[count] = min(pan, wheel)
        rows.append([str(count), f"{ready:.2f}", f"{redrawn:.2f}", f"{pan:.1f}", f"{wheel:.1f}"])
    most, least = max(rates), min(rates)
    beside = f"{rates[most]:.1f}/s with {most} edges; {rates[least]:.1f}/s with {least}, the most that the mouse gives"
    goals = [
        at_least("draws a second at the page's cap, beside a small graph", rates[most] / rates[least], 0.5, beside)
    ]
    head = ["edges", "seconds until there", "until drawn anew", "draws a second, pan", "draws a second, wheel"]
    return goals, [Table("The page in a headless browser", head, rows)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edges", type=int, nargs="*", default=[50, 150, 500])
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    print(shown(told(rounds(asked.edges, asked.rounds, print))))


if __name__ == "__main__":
    main()
