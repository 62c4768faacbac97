"""The documentation as a site: it builds without a warning, loads nothing from elsewhere, and can be searched."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("sphinx", "furo", "myst_parser")),
        reason="the group `docs` of pyproject.toml is not installed",
    ),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make site` makes it: a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-d", str(folder / "trees")]
    done = subprocess.run(
        [*command, "-c", "docs/site", "docs", str(folder / "html")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=220,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


class Loaded(HTMLParser):
    """Collects what a browser fetches to show a page; links that a reader may follow are not among it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "link" and given.get("rel", "") not in ("canonical", "next", "prev", "index", "search"):
            self.found.append(given.get("href", ""))
        if tag in ("script", "img", "iframe", "source", "video", "audio", "embed", "input"):
            self.found.append(given.get("src", ""))
        if tag == "object":
            self.found.append(given.get("data", ""))
        self.inline.append(given.get("style", ""))


def test_every_page_of_the_documentation_is_a_page_of_the_site(site: Path) -> None:
    pages = [page.relative_to(DOCS).with_suffix(".html") for page in DOCS.rglob("*.md")]
    assert pages
    assert [str(page) for page in pages if not (site / page).is_file()] == []


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert pages
    for page in pages:
        loaded = Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert len(loaded.found) > 3, page
        foreign = [one for one in loaded.found if re.match(r"(?:[a-z]+:)?//", one)]
        assert foreign == [], page
        assert not any("//" in style for style in loaded.inline), page


def test_no_style_or_program_fetches_from_another_host(site: Path) -> None:
    styles = sorted((site / "_static").rglob("*.css"))
    assert styles
    for style in styles:
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", text), style
        assert not re.search(r"@import\s+(?:url\()?['\"]?(?:https?:)?//", text), style
    for program in sorted((site / "_static").rglob("*.js")):
        assert not re.search(r"(?:fetch|import)\(\s*['\"]https?://", program.read_text(encoding="utf-8")), program


def test_the_search_finds_retaliation(site: Path) -> None:
    given = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(given.removeprefix("Search.setIndex(").removesuffix(")"))
    found: set[str] = set()
    # Words are kept by their stem; those of titles and headings apart.
    for words in (index["terms"], index["titleterms"]):
        pages = words["retali"]
        found |= {index["docnames"][page] for page in (pages if isinstance(pages, list) else [pages])}
    assert {"explanation/retaliation", "reference/codebook", "tutorial/first-dispute"} <= found
    assert found < set(index["docnames"])


def test_the_side_bar_has_the_four_parts_and_their_pages(site: Path) -> None:
    home = (site / "index.html").read_text(encoding="utf-8")
    for part in ("tutorial", "how-to", "reference", "explanation"):
        assert f'href="{part}/index.html"' in home
        page = (site / part / "index.html").read_text(encoding="utf-8")
        others = [one for one in (DOCS / part).glob("*.md") if one.name != "index.md"]
        assert others
        for other in others:
            assert f'class="reference internal" href="{other.stem}.html"' in page, other
