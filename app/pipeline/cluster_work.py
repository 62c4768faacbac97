"""What a worker of a cluster does: parts of files in; readings, stored chunks or claim files out.

All of it is a function of what it is given, so a task that was lost with its worker is done again by another, and what
was stored before is not stored twice. A worker makes the extractor once, from its recipe, and keeps it.
"""

from __future__ import annotations

import hashlib
import io
import platform
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import Any

from app.extraction import Extractor, Recipe
from app.intake import Limits
from app.intake.limits import DEFAULT
from app.intake.parts import Found, Part, parts_of, read_part
from app.ledger import Ledger, open_ledger
from app.linking import Acts
from app.pipeline.batching import linked_batch
from app.pipeline.choosing import chosen_recipe
from app.pipeline.runners import CHUNK
from app.settings import Settings
from app.vocabulary.errors import BadQuery
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading, Refusal

SAME = (
    "numpy",
    "msgspec",
    "spacy",
    "onnxruntime",
    "tokenizers",
    "rensa",
    "trafilatura",
    "pyarrow",
    "dask",
    "distributed",
)
"""Packages that must have one version everywhere, for what is read or how it travels depends on it."""
_ROOMS = ("vocabulary", "intake", "extraction", "linking", "ledger", "pipeline")
_DATA = ("lexicons", "gazetteers", "model")


@dataclass(frozen=True, slots=True)
class Kit:
    """What workers need to do the work; it travels with each task, so it is small.

    Attributes:
        recipe: How to make the extractor.
        gazetteer: How to get the names for linking.
        acts: How to get the kinds of acts by which incidents are compared.
        limits: Bounds on a document.
        about: What the client is made of; see `about`.
        key: Tells one kit from another.
    """

    recipe: Recipe
    gazetteer: Callable[[], Gazetteer]
    acts: Callable[[], Acts]
    limits: Limits = DEFAULT
    about: tuple[tuple[str, str], ...] = ()
    key: str = ""


def installed_recipe(choice: str, model: str | None = None) -> Recipe:
    """The recipe of an extractor whose parts, and settings, are those that each worker has."""
    here = chosen_recipe(Settings.from_environment(), choice, model=model)
    return Recipe(here.name, partial(_make_installed, choice, model))


def _make_installed(choice: str, model: str | None) -> Extractor:
    return chosen_recipe(Settings.from_environment(), choice, model=model).make()


def installed_gazetteer() -> Gazetteer:
    """The names of this machine's `graph_data`."""
    return Gazetteer.load(Settings.from_environment().data / "gazetteers")


def installed_acts() -> Acts:
    """The acts of this machine's `graph_data`."""
    return Acts.load(Settings.from_environment().data / "lexicons" / "acts.tsv")


# ---- one kind of worker ----


@cache
def about() -> tuple[tuple[str, str], ...]:
    """What this process is made of, as far as readings depend on it: names with versions or hashes."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for package in SAME:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    app = Path(__file__).resolve().parent.parent
    found["polemos"] = _hash(path for room in _ROOMS for path in (app / room).rglob("*.py"))
    data = Settings.from_environment().data
    found["graph_data"] = _hash(path for part in _DATA for path in (data / part).rglob("*"))
    return tuple(found.items())


def _hash(paths: Any) -> str:  # noqa: ANN401 (any iterable of paths)
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def unlike(theirs: tuple[tuple[str, str], ...], ours: tuple[tuple[str, str], ...]) -> str:
    """In words, where two processes differ; empty where they do not."""
    there, here = dict(theirs), dict(ours)
    return ", ".join(
        f"{name} {there.get(name, 'none')} (here {here.get(name, 'none')})"
        for name in here
        if there.get(name) != here.get(name)
    )


class Tools:
    """What a worker has made of a kit."""

    def __init__(self, kit: Kit) -> None:
        differs = unlike(about(), kit.about) if kit.about else ""
        if differs:
            raise BadQuery(f"the worker on {platform.node()} has {differs}; install the same everywhere")
        self.kit = kit
        self.lock = threading.Lock()
        self._extractor: Extractor | None = None
        self._gazetteer: Gazetteer | None = None
        self._acts: Acts | None = None

    def read(self, articles: Sequence[Article]) -> list[Reading]:
        """Their readings, in order."""
        # A parser is for one thread at a time; other threads of this worker wait.
        with self.lock:
            if self._extractor is None:
                self._extractor = self.kit.recipe.make()
                if self.kit.recipe.name not in ("", self._extractor.name):
                    told = f"{self._extractor.name}, and the client asks for {self.kit.recipe.name}"
                    raise BadQuery(f"the worker on {platform.node()} has {told}; give both the same settings")
            # By as many as one process takes at once.
            parts = (articles[at : at + CHUNK] for at in range(0, len(articles), CHUNK))
            return [reading for part in parts for reading in self._extractor.read(part)]

    @property
    def gazetteer(self) -> Gazetteer:
        """The names for linking."""
        if self._gazetteer is None:
            self._gazetteer = self.kit.gazetteer()
        return self._gazetteer

    @property
    def acts(self) -> Acts:
        """The acts by which incidents are compared."""
        if self._acts is None:
            self._acts = self.kit.acts()
        return self._acts


_tools: dict[str, Tools] = {}
_ledgers: dict[str, Ledger] = {}
_guard = threading.Lock()


def tools(kit: Kit) -> Tools:
    """What this process has made of a kit; of another one it forgets it.

    Raises:
        BadQuery: This worker is made of something else than the client.
    """
    with _guard:
        if kit.key not in _tools:
            _tools.clear()
            _tools[kit.key] = Tools(kit)
        return _tools[kit.key]


def ledger_at(url: str) -> Ledger:
    """The ledger of a URL, opened once in this process."""
    with _guard:
        if url not in _ledgers:
            _ledgers[url] = open_ledger(url)
        return _ledgers[url]


# ---- tasks ----


def parted(kit: Kit, path: Path, size: int, documents: int) -> list[Part]:
    """The parts of a file of that size.

    Raises:
        BadQuery: This machine has no such file.
    """
    tools(kit)
    if not path.is_file() or path.stat().st_size != size:
        raise BadQuery(_unseen(f"{path} is not here as it is where it was named"))
    return list(parts_of(path, limits=kit.limits, documents=documents))


def read_parts(kit: Kit, parts: Sequence[Part | Refusal]) -> list[tuple[Part, Found]]:
    """What the parts hold; a refusal stands for itself.

    Raises:
        BadQuery: This machine has no such file.
    """
    tools(kit)
    try:
        return [
            (Part("", "whole", 0, 0), Found([part]))
            if isinstance(part, Refusal)
            else (part, read_part(part, kit.limits))
            for part in parts
        ]
    except FileNotFoundError as why:
        raise BadQuery(_unseen(str(why))) from None


def _unseen(why: str) -> str:
    return f"the worker on {platform.node()}: {why}; all machines must see the inputs under one path"


def joined(read: Sequence[list[tuple[Part, Found]]]) -> list[tuple[Part, Found]]:
    """What was read in pieces, as one."""
    return list(chain.from_iterable(read))


def named(read: Sequence[tuple[Part, Found]]) -> list[tuple[Part, Found]]:
    """What was read, with the ids of articles instead of them."""
    return [
        (part, Found([one if isinstance(one, Refusal) else one.id for one in found.items], found.passed))  # type: ignore[misc]
        for part, found in read
    ]


def extract(
    kit: Kit, read: Sequence[tuple[Part, Found]], places: Sequence[int], instead: dict[int, Article]
) -> list[tuple[Article, Reading]]:
    """The readings of some of the items of parts.

    Args:
        kit: How.
        read: What was read of the parts.
        places: Which items, counted through all parts.
        instead: Articles that take the place of an item: the ledger holds another form of the text.
    """
    items = list(chain.from_iterable(found.items for _, found in read))
    chosen = [instead.get(place) or items[place] for place in places]
    return extract_given(kit, [one for one in chosen if isinstance(one, Article)])


def extract_given(kit: Kit, articles: Sequence[Article]) -> list[tuple[Article, Reading]]:
    """The articles with their readings."""
    return list(zip(articles, tools(kit).read(articles), strict=True))


def readings_given(kit: Kit, articles: Sequence[Article]) -> list[Reading]:
    """The readings of articles, without them."""
    return tools(kit).read(articles)


@dataclass(slots=True)
class Stored:
    """What one chunk brought.

    Attributes:
        revision: The ledger's afterwards.
        articles: Ids, in order.
        claims: How many.
        refusals: What the readings left out, by reason.
    """

    revision: int
    articles: list[str]
    claims: int
    refusals: Counter[str]


def append(kit: Kit, url: str, chunks: Sequence[Sequence[tuple[Article, Reading]]]) -> list[Stored]:
    """Store chunks one after the other, each in one transaction; what is there already adds nothing."""
    ledger, names = ledger_at(url), tools(kit).gazetteer
    return [counted(chunk, ledger.append(linked_batch(chunk, names))) for chunk in chunks]


def counted(chunk: Sequence[tuple[Article, Reading]], revision: int) -> Stored:
    """What a chunk brings."""
    refusals = Counter(str(one.reason) for _, reading in chunk for one in reading.refusals)
    claims = sum(len(reading.claims) for _, reading in chunk)
    return Stored(revision, [article.id for article, _ in chunk], claims, refusals)


def claim_file(chunk: Sequence[tuple[Article, Reading]], coder: str) -> tuple[bytes, Stored]:
    """A chunk as a Parquet file that `polemos import claims` takes, and what it holds."""
    from app.pipeline.claim_files import written

    stream = io.BytesIO()
    written(chunk, coder, stream)
    return stream.getvalue(), counted(chunk, 0)


def memory() -> int:
    """Bytes of memory that this process has taken up at most so far."""
    status = Path("/proc/self/status")
    if status.exists():
        # What the system counts for `getrusage` begins with what the process had that started this one.
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
