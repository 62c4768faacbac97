"""A page in, what axe-core finds wrong with it out; axe is among the page's npm packages for development."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "app" / "web" / "page" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page, within: str = "body") -> list[str]:
    """Each violation in one line: its rule, and the first elements it concerns."""
    # Evaluated by the browser's tools, so that the page's own Content-Security-Policy stays in force.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("(within) => axe.run(within)", within)
    return [
        f"{one['id']}: {one['help']}: {[node['target'] for node in one['nodes'][:3]]}" for one in found["violations"]
    ]
