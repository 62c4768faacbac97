"""What is installed with Polemos and its extras: all of it may be passed on, and the reference tells under what."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("polemos_licences", ROOT / "docs" / "licences.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its own module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


licences = _load()
FOUND = licences.brought()
SETS = {"always": FOUND.always, "page": FOUND.page, **FOUND.extras}


@pytest.mark.parametrize("name", SETS)
def test_whatever_is_installed_may_be_passed_on(name: str) -> None:
    assert {one: licence for one, licence in SETS[name].items() if not licences.is_allowed(licence)} == {}


def test_the_usual_ones_are_looked_at() -> None:
    assert {"fastapi", "networkx", "pyoxigraph", "spacy", "starlette"} <= set(FOUND.always)
    assert {"cytoscape", "d3-geo", "dejavu-fonts-ttf", "codemirror"} <= set(FOUND.page)
    assert {"axe-core", "esbuild", "typescript"}.isdisjoint(FOUND.page)
    assert "distributed" in FOUND.extras["dask"]
    assert "mcp-types" in FOUND.extras["mcp"]
    assert FOUND.extras["llm"] == {}


def test_the_reference_tells_each_and_nothing_that_is_not_locked() -> None:
    told = licences.told(licences.PAGE.read_text(encoding="utf-8"))
    for found in SETS.values():
        assert {one: told.get(one) for one in found} == found
    locks = "".join((ROOT / ".locks" / name).read_text(encoding="utf-8") for name in ("runtime.txt", "dev.txt"))
    locked = set(re.findall(r"^([a-z0-9.-]+)==", locks, re.MULTILINE)) | set(FOUND.page)
    assert set(told) - locked == set()


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "MIT OR GPL-2.0-only",
        "MPL-2.0 OR Apache-2.0",
        "Apache-2.0 AND CNRI-Python",
        "LGPL-3.0-only",
        "MIT and ISC",
    ],
)
def test_what_may_be_passed_on(expression: str) -> None:
    assert licences.is_allowed(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "GPL-2.0-only", "GPL-3.0-or-later OR AGPL-3.0-only", "MIT AND GPL-2.0-only", "SSPL-1.0", "CC-BY-NC-4.0",
        "ODbL-1.0", "BUSL-1.1", "", "?", "? a licence of our own", "GPL-2.0-only WITH Classpath-exception-2.0",
        "GPL-3.0-only AND (MIT OR ISC)",
    ],
)  # fmt: skip
def test_what_may_not(expression: str) -> None:
    assert not licences.is_allowed(expression)
