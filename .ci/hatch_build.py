"""A wheel without the page's libraries must not be built: it would serve an empty page. Run by hatchling.

The libraries are bundled at set-up (`make setup`) and never committed, so a fresh checkout lacks them. What must be
there is read from the page itself: every `vendor/NAME` that one of its files, or a router, asks for.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("app", "web", "page")
_NAMED = re.compile(r"vendor/([A-Za-z0-9][A-Za-z0-9._-]*\.(?:js|css|ttf|json))")


def asked_for(root: Path) -> set[str]:
    """Names of the files in `vendor/` that the page and its routes ask for."""
    page = root / PAGE
    files = [*page.glob("*.html"), *page.glob("*.css"), *page.glob("js/**/*.js"), *page.glob("style/*.css")]
    files += (root / "app" / "web").glob("**/*.py")
    # Whatever draws letters without a browser needs the font, which no page names by its folder.
    return {"DejaVuSans.ttf"}.union(*(_NAMED.findall(file.read_text(encoding="utf-8")) for file in files))


def missing(root: Path) -> list[str]:
    """Those of them that are not there, or empty."""
    vendor = root / PAGE / "vendor"
    wanted = asked_for(root) | {"NOTICES.txt"}
    return sorted(name for name in wanted if not (vendor / name).is_file() or not (vendor / name).stat().st_size)


class PageHook(BuildHookInterface[Any]):
    """Refuses to build what would lack the page's libraries; an editable install may come before they are bundled."""

    PLUGIN_NAME = "page"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a build; raises where something is missing."""
        lacking = missing(Path(self.root)) if version != "editable" else []
        if lacking:
            raise RuntimeError(
                f"the page's libraries are not bundled ({', '.join(lacking)} missing in {PAGE / 'vendor'}): "
                "run `make setup` first; without them the page would be empty"
            )
