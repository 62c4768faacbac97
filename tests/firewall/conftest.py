"""The rule, the dispute it is held against, and the doors through which things go out."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.extraction import Recipe
from app.graph import ConflictGraph
from app.ledger import SqliteLedger
from app.vocabulary.names import Gazetteer

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def _module(stem: str) -> Any:
    """A module of this folder, which no test has on its path."""
    name = f"polemos_tests_firewall_{stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE / f"{stem}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def rule() -> Any:
    return _module("rule")


@pytest.fixture(scope="session")
def world() -> Any:
    return _module("world").dispute()


@pytest.fixture(scope="session")
def graph(world: Any) -> ConflictGraph:
    found: ConflictGraph = world.graph
    return found


@pytest.fixture(scope="session")
def known(graph: ConflictGraph, rule: Any) -> Any:
    """The names of all nodes and the words of all claims."""
    labels = frozenset(graph.label(node) for node in (*graph.actors, *graph.places, *graph.incidents))
    return rule.Known(labels, frozenset(claim.claim.evidence.quote for claim in graph.claims.values()))


class Client:
    """Asks an application without a network, in one event loop, and never sees one of its exceptions."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://polemos.test")

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **more))

    def close(self) -> None:
        self._runner.close()


@pytest.fixture(scope="session")
def ledger_file(world: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of the dispute, not to be changed."""
    path = tmp_path_factory.mktemp("firewall") / "ledger.sqlite"
    ledger = SqliteLedger(path)
    ledger.append(world.batch)
    ledger.close()
    return path


@pytest.fixture
def client(ledger_file: Path, tmp_path: Path) -> Iterator[Client]:
    from app.web import Services, create_app

    shutil.copy(ledger_file, tmp_path / "ledger.sqlite")

    def nobody() -> Any:
        raise AssertionError("nothing is read here")

    services = Services(
        SqliteLedger(tmp_path / "ledger.sqlite"),
        recipe=Recipe("nobody@1", nobody),
        gazetteer=lambda: Gazetteer([]),
        data=ROOT / "graph_data",
    )
    found = Client(create_app(services))
    yield found
    found.close()
    services.close()
