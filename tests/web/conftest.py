from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.extraction import ReadingBuilder, Recipe
from app.graph import ConflictGraph
from app.intake import Limits
from app.ledger import Batch, SqliteLedger
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading
from app.vocabulary.terms import ClaimType, Modality, NodeKind
from app.web import Services, create_app


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


class OneSentence:
    """An extractor for tests: "X accuses Y" at the start of a text is its one claim."""

    name = "one-sentence@1"
    made = 0

    def __init__(self) -> None:
        type(self).made += 1

    def read(self, articles: Iterable[Article]) -> Iterator[Reading]:
        for article in articles:
            builder = ReadingBuilder(article, self.name)
            words = article.text.split()
            if len(words) > 2 and words[1] == "accuses":
                at = builder.locate(" ".join(words[:3]))
                assert at is not None
                who, whom = (builder.mention(NodeKind.ACTOR, word.strip(".,"), at) for word in (words[0], words[2]))
                builder.claim(
                    ClaimType.ACCUSES, speaker=who, source=who, target=whom, modality=Modality.ASSERTED, evidence=at
                )
            yield builder.reading()


class Client:
    """Asks an application without a network, in one event loop, and never sees one of its exceptions."""

    def __init__(self, app: Any) -> None:
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://polemos.test")

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def together(self, *asked: tuple[str, str]) -> list[httpx.Response]:
        async def all_of_them() -> list[httpx.Response]:
            return await asyncio.gather(*(self._client.request(method, path) for method, path in asked))

        return self._runner.run(all_of_them())

    def together_posting(self, path: str, contents: list[bytes]) -> list[httpx.Response]:
        async def all_of_them() -> list[httpx.Response]:
            return await asyncio.gather(*(self._client.post(path, content=content) for content in contents))

        return self._runner.run(all_of_them())

    def close(self) -> None:
        self._runner.close()


@pytest.fixture
def services(world: Any, tmp_path: Path) -> Iterator[Services]:
    OneSentence.made = 0
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    ledger.append(world.batch)
    page = tmp_path / "page"
    (page / "vendor").mkdir(parents=True)
    (page / "node_modules" / "x").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html><title>Polemos</title>", encoding="utf-8")
    (page / "style.css").write_text("body{}", encoding="utf-8")
    for hidden in ("package.json", "package-lock.json", "bundle.mjs", "node_modules/x/y.js", ".secret.js"):
        (page / hidden).write_text("hidden", encoding="utf-8")
    (tmp_path / "outside.css").write_text("hidden", encoding="utf-8")
    found = Services(
        ledger,
        recipe=Recipe(OneSentence.name, OneSentence),
        gazetteer=lambda: Gazetteer([]),
        data=Path(__file__).resolve().parents[2] / "graph_data",
        limits=Limits(max_bytes=20_000, allow_private=False),
        page=page,
    )
    yield found
    found.close()


@pytest.fixture
def client(services: Services) -> Iterator[Client]:
    found = Client(create_app(services))
    yield found
    found.close()


@pytest.fixture
def extractor() -> type[OneSentence]:
    return OneSentence


@pytest.fixture(scope="session")
def gold_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    articles, readings = _invented().gold()
    if not articles:
        pytest.skip("the gold corpus is not beside this checkout")
    ledger = SqliteLedger(tmp_path_factory.mktemp("gold") / "ledger.sqlite")
    ledger.append(Batch(articles, readings))
    recipe = Recipe(OneSentence.name, OneSentence)
    services = Services(ledger, recipe=recipe, gazetteer=lambda: Gazetteer([]), data=Path(__file__).parent)
    found = Client(create_app(services))
    yield found
    found.close()
    services.close()
