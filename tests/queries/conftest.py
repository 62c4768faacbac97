from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

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
