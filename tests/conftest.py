"""An invented world that the tests of several rooms share: its gazetteer, its articles, and ledgers for them."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

import pytest

from app.ledger import Ledger, open_ledger
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading

if TYPE_CHECKING:
    from tests.clusters import Machines
    from tests.pipeline.plain import PlainExtractor
    from tests.postgres import Cluster

PLAIN = Path(__file__).parent / "pipeline" / "plain.py"

TABLES = {
    "states.tsv": (
        "name iso3 wikidata kind aliases adjectives demonyms capital seats from to",
        "Ardania|XAR|Q1|state|Republic of Ardania|Ardanian|Ardanians|Ardville|Grey House||",
        "Beloria|XBE||state||Belorian|Belorians|Belgard|||",
        "Cerinia|XCE||state||Cerinian|Cerinians|Cerapolis||1991-08-24|",
        "Old Cerinia|XOC||former_state||||||1922|1991-08",
        "Dovan Republic|||sub_state||||Dova|||",
    ),
    "bodies.tsv": (
        "name aliases kind parent wikidata from to",
        "Ardanian Army|Army of Ardania|armed_force|Ardania|||",
        "Coast Guard Command||agency|Ardanian Army|||",
        "Radio Belgard||state_media|Beloria|||",
    ),
    "groups.tsv": (
        "name aliases kind countries parent wikidata from to rolls_up",
        "Free Coast Brigade|FCB;Coast Brigade|armed_group|XAR;XBE|||||",
        "Red Wing|||XAR|Free Coast Brigade||||",
        "Dova Friends|||XBE|Free Coast Brigade||||no",
        "New Dawn|ND|party|XAR|||||",
    ),
    "organisations.tsv": (
        "name aliases kind parent wikidata from to",
        "Coastal Council|CC|igo||||",
        "Selm Shipping||company||||",
    ),
    "role_nouns.tsv": ("role kind speaks_for", "spokesman|role|state", "Gen.|rank|body"),
    "body_patterns.tsv": (
        "pattern kind rolls_up notes",
        "{ADJ} Navy|armed_force|yes|",
        "{ADJ} Foreign Ministry|ministry|yes|",
        "{ADJ} Chamber of Commerce|agency|no|private",
    ),
    "ambiguous.tsv": (
        "alias candidates context default",
        "ND|New Dawn;Dovan Republic|XAR: party, rally / XDO: mountain|New Dawn",
        "CC|Coastal Council;Selm Shipping||",
    ),
    "regions.tsv": (
        "name aliases country kind lat lon",
        "Upper Dova|Dova Hills|XAR|region|12.5|-3.25",
        "Selm Gate||XBE|border_crossing|1.0|2.0",
        "Disputed Shoal||XAR;XBE|region||",
    ),
    "metonym_places.tsv": ("name state note", "Quay Street|Beloria|the admiralty", "Old Mint||speaks for nobody"),
}
"""The gazetteer's files, readable: a header of words, then rows with | between cells and ; between names in a cell."""


def write_tables(folder: Path) -> Path:
    """Write the invented gazetteer as the tab-separated files that `Gazetteer.load` reads."""
    for name, (header, *rows) in TABLES.items():
        lines = [header.replace(" ", "\t"), *(row.replace("|", "\t").replace(";", "|") for row in rows)]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def gazetteer_files(tmp_path: Path) -> Path:
    """A folder with the invented gazetteer, to be spoilt at will."""
    folder = tmp_path / "gazetteers"
    folder.mkdir()
    return write_tables(folder)


@pytest.fixture(scope="session")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    """The invented gazetteer."""
    return Gazetteer.load(write_tables(tmp_path_factory.mktemp("gazetteers")))


def _module(path: Path) -> ModuleType:
    """A module of helpers; pytest puts no folder of tests on the path."""
    name = f"polemos_tests_{path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def plain() -> ModuleType:
    """The module `tests/pipeline/plain.py`; pytest puts no folder of tests on the path."""
    return _module(PLAIN)


class Told(Protocol):
    """Makes an article of a text and reads it."""

    def __call__(
        self, text: str, *, published: str | None = "2031-05-04", url: str | None = None, version: int = 1
    ) -> tuple[Article, Reading]:
        """The article and its reading by the plain extractor of that version."""
        ...


@pytest.fixture(scope="session")
def told(plain: ModuleType) -> Told:
    """Articles with their readings, from sentences such as "Ardania accused Beloria over the raid in Kesh."."""

    def tell(
        text: str, *, published: str | None = "2031-05-04", url: str | None = None, version: int = 1
    ) -> tuple[Article, Reading]:
        article = Article("", text, published, "Port Gazette", url)
        extractor: PlainExtractor = plain.PlainExtractor(version)
        (reading,) = extractor.read([article])
        return article, reading

    return tell


@pytest.fixture
def new_ledger(tmp_path: Path) -> Iterator[Callable[[str], Ledger]]:
    """Opens the ledger of a name, an empty one where there is none of that name; all are closed in the end."""
    opened: list[Ledger] = []

    def open_named(name: str = "ledger") -> Ledger:
        opened.append(open_ledger(f"sqlite:///{tmp_path / name}.sqlite"))
        return opened[-1]

    yield open_named
    for ledger in opened:
        ledger.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server of these tests alone, started for the first test that asks for it."""
    clusters = _module(Path(__file__).parent / "postgres.py")
    found = clusters.programs()
    if found is None:
        if os.environ.get("POLEMOS_TEST_WITHOUT_POSTGRES"):
            pytest.skip("no PostgreSQL server is installed")
        pytest.fail("no PostgreSQL server is installed: install one (Debian: postgresql), or say that it is to be left "
                    "out by POLEMOS_TEST_WITHOUT_POSTGRES=1")  # fmt: skip
    cluster: Cluster = clusters.Cluster(found)
    try:
        cluster.make()
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """A Dask cluster on loopback, of a scheduler and two workers; tests that end one of them start their own."""
    started = _module(Path(__file__).parent / "clusters.py").Machines(tmp_path_factory.mktemp("machines"))
    try:
        yield started.start()
    finally:
        started.stop()


@pytest.fixture
def postgres_url(postgres: Cluster) -> str:
    """The URL of a new ledger in the throw-away cluster."""
    return postgres.url(postgres.new_schema())
