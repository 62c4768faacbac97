"""The example notebook kept true: from an empty kernel its cells answer what stands in it."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "docs" / "tutorial" / "notebook.ipynb"


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("polemos_docs_notebook", ROOT / "docs" / "notebook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def notebook() -> Any:
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))


@pytest.mark.processes
@pytest.mark.timeout(600)
def test_its_cells_answer_what_stands_in_it() -> None:
    done = subprocess.run(
        [sys.executable, "docs/notebook.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]


def test_another_answer_is_seen(writer: ModuleType, notebook: Any) -> None:
    before = writer.answers(notebook)
    words = {word for _, said in before for word in said}
    assert {"picture", "Moldova", "contested"} <= words
    pictures = [
        one for cell in notebook["cells"] for one in cell.get("outputs", []) if "image/svg+xml" in one.get("data", {})
    ]
    for one in pictures:
        one["data"]["image/svg+xml"] = ["<svg>placed otherwise</svg>"]
    assert writer.answers(notebook) == before
    pictures[0]["data"] = {"text/plain": ["nothing"]}
    assert writer.answers(notebook) != before


def test_it_is_clean_and_small(writer: ModuleType, notebook: Any) -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert json.loads(text) == writer.cleaned(notebook)
    assert not re.search(r"/(?:home|root|work|Users|tmp)/", text)
    assert len(text) < 150_000


def test_its_links_resolve(notebook: Any) -> None:
    text = "".join(line for cell in notebook["cells"] if cell["cell_type"] == "markdown" for line in cell["source"])
    targets = re.findall(r"\]\(([^)\s#]+)", text)
    assert targets
    for target in targets:
        assert (NOTEBOOK.parent / target).exists(), target
