"""The command line run in this process, on a ledger that holds the sample articles as a person annotated them."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.extraction import recipe
from app.graph import ConflictGraph, fold
from app.intake import read
from app.ledger import open_ledger
from app.linking import Acts
from app.pipeline import Relations, ingest
from app.vocabulary.names import Gazetteer

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "graph_data" / "articles"


@dataclass(frozen=True)
class Outcome:
    """What a run of the command line left: its exit status and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON document it should be."""
        assert self.status == 0, self.err
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """The one line by which it refused; nothing else may have been written."""
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("polemos: ")
        return line.removeprefix("polemos: ")


Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def annotated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of the annotated samples, to be copied."""
    return ingested(tmp_path_factory.mktemp("annotated") / "ledger.sqlite", together=True)


@pytest.fixture(scope="session")
def annotated_apart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with no article related to another: one happening is as many incidents as articles that tell of it."""
    return ingested(tmp_path_factory.mktemp("apart") / "ledger.sqlite", together=False)


def ingested(path: Path, *, together: bool) -> Path:
    """Make a ledger of the annotated samples."""
    data = ROOT / "graph_data"
    with closing(open_ledger(f"sqlite:///{path}")) as ledger:
        gazetteer = Gazetteer.load(data / "gazetteers")
        ingest(
            read(str(SAMPLES)),
            ledger=ledger,
            recipe=recipe(f"recorded:{SAMPLES}", data),
            gazetteer=gazetteer,
            relations=Relations(gazetteer, Acts.load(data / "lexicons" / "acts.tsv")) if together else None,
        )
    return path


@pytest.fixture
def ledger_file(tmp_path: Path) -> Path:
    """Where the ledger of the test lies; there is none yet."""
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def polemos(ledger_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `polemos` with these words on an empty ledger."""
    from app.cli import main

    monkeypatch.setenv("POLEMOS_LEDGER", f"sqlite:///{ledger_file}")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(ROOT)

    def run(*words: object, stdin: str | bytes = b"") -> Outcome:
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["polemos", *map(str, words)])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
            with pytest.raises(SystemExit) as left:
                main()
        said = capsys.readouterr()
        status = left.value.code
        return Outcome(status if isinstance(status, int) else 0, said.out, said.err)

    return run


@pytest.fixture
def apart(polemos: Run, annotated_apart: Path, ledger_file: Path) -> Run:
    """Runs `polemos` with these words on a ledger of the annotated samples that nothing relates to one another."""
    shutil.copy(annotated_apart, ledger_file)
    return polemos


@pytest.fixture
def filled(polemos: Run, annotated: Path, ledger_file: Path) -> Run:
    """Runs `polemos` with these words on a ledger of the annotated samples."""
    shutil.copy(annotated, ledger_file)
    return polemos


@pytest.fixture
def graph(annotated: Path) -> ConflictGraph:
    """The graph of the annotated samples."""
    with closing(open_ledger(f"sqlite:///{annotated}")) as ledger:
        return fold(ledger.entries(with_text=False))
