from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from app.extraction.recorded import RecordedExtractor, annotated_article
from app.graph import ConflictGraph, fold


def _invented() -> Any:
    """The module `tests/queries/invented.py`, which three folders of tests share and none has on its path."""
    name = "polemos_tests_invented"
    if name not in sys.modules:
        path = Path(__file__).resolve().parents[1] / "queries" / "invented.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture
def invented() -> Any:
    return _invented()


@pytest.fixture
def world() -> Any:
    return _invented().invented()


@pytest.fixture
def graph(world: Any) -> ConflictGraph:
    found: ConflictGraph = world.graph
    return found


@pytest.fixture(scope="session")
def gold_graph() -> ConflictGraph:
    articles, readings = _invented().gold()
    if not articles:
        pytest.skip("the gold corpus is not beside this checkout")
    return fold((1, entry) for entry in (*articles, *readings))


@pytest.fixture(scope="session")
def sample_graph() -> ConflictGraph:
    """The samples as they are annotated."""
    folder = Path(__file__).resolve().parents[2] / "graph_data" / "articles"
    bodies = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    articles = [annotated_article(body) for body in bodies]
    readings = RecordedExtractor.from_folder(folder).read(articles)
    return fold([*((1, one) for one in articles), *((1, one) for one in readings)])
