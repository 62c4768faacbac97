"""How `make site` makes the documentation a site: Sphinx with MyST and the theme Furo, nothing from another host.

`sphinx-build -W -c docs/site docs FOLDER`. The pages stay plain Markdown that reads well anywhere; what stands in the
side bar is read from the lists of links in the pages called `index.md`, so that there is one order and not two.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

project = "Polemos"
html_title = "Polemos"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
# Nothing of these is a page.
exclude_patterns = ["site", "how-to/deploy"]

# Anchors are made as GitHub makes them; tests/test_docs.py holds every link to them.
myst_heading_anchors = 6

html_theme = "furo"
html_show_copyright = False
html_show_sphinx = False
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
# Commands, ids and tables are shown as they come.
highlight_language = "none"
pygments_style = "friendly"
pygments_dark_style = "monokai"

# What is beside the documentation, linked as it lies in the checkout: the site gives out a copy.
_OUTSIDE = re.compile(r"\]\((?P<path>(?:\.\./)+(?:graph_data/[^)#\s]+|CHANGELOG\.md|README\.md))\)")
_LINK = re.compile(r"^\s*[*-] \[[^\]]+\]\(([^)#\s:]+)\.md\)", re.MULTILINE)


def _read(app: Any, name: str, source: list[str]) -> None:  # noqa: ANN401 # Sphinx is not there for mypy
    """Mark links to files that are no page; put a hidden table of contents, made of its lists, below an index page."""
    source[0] = _OUTSIDE.sub(r"](<path:\g<path>>)", source[0])
    folder = Path(name).parent
    if Path(name).name not in ("index", "README"):
        return
    named = dict.fromkeys((folder / link).as_posix() for link in _LINK.findall(source[0]))
    inside = [one for one in named if ".." not in one and (Path(app.srcdir) / f"{one}.md").is_file()]
    if inside:
        entries = "\n".join(f"/{one}" for one in inside)
        source[0] += f"\n\n```{{toctree}}\n:hidden:\n\n{entries}\n```\n"


def setup(app: Any) -> dict[str, bool]:  # noqa: ANN401 # as above
    """Called by Sphinx."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
