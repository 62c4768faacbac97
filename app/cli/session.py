"""What every command shares: settings, the ledger and graph opened when asked for, and how answers are printed."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.settings import SETTINGS, Settings

if TYPE_CHECKING:
    from app.graph import ConflictGraph
    from app.ledger import Ledger
    from app.vocabulary.names import Gazetteer

err = Console(stderr=True, highlight=False)


class Session:
    """One run of the command line. Rooms are imported when a command needs them: `--help` must not wait for spaCy."""

    @cached_property
    def settings(self) -> Settings:
        """The environment's settings."""
        return Settings.from_environment()

    @contextmanager
    def open_ledger(self) -> Iterator[Ledger]:
        """The ledger, for as long as the `with`; what is written meanwhile is by whoever runs the command."""
        from app.ledger import open_ledger

        with signed(), closing(open_ledger(self.settings.ledger)) as ledger:
            yield ledger

    def graph(self, as_of: str | None = None) -> ConflictGraph:
        """The graph at the ledger's newest revision, or as it was at a revision, day or instant."""
        from app.pipeline import revision_of

        with self.open_ledger() as ledger:
            return self.fold(ledger, revision_of(ledger, as_of) if as_of is not None else None)

    def fold(self, ledger: Ledger, until: int | None = None) -> ConflictGraph:
        """The graph of a ledger that is open, as it is or as it was at a revision."""
        from app.graph import Slice
        from app.pipeline import fold_ledger, snapshots_of

        folder = self.settings.snapshots
        kept = snapshots_of(ledger, folder) if folder is not None else None
        newest = ledger.revision if until is None else until
        with progress() as bar:
            task = bar.add_task("folding the ledger", total=newest)

            def show(revision: int) -> None:
                # The last revision is read long before the graph of them all is built.
                bar.update(task, completed=revision, total=newest if revision < newest else None)

            return fold_ledger(ledger, until, kept, show, Slice.parse(self.settings.slice))

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The names of `graph_data`."""
        from app.vocabulary.names import Gazetteer

        return Gazetteer.load(self.settings.data / "gazetteers")


def login_name() -> str | None:
    """The name of whoever is logged in, or None where nobody is (in a container, say)."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return None


def signed() -> AbstractContextManager[None]:
    """Have what is written meanwhile be by whoever runs the command."""
    from app.ledger import Writer, writing_as

    return writing_as(Writer("cli", login_name()))


def new_app() -> typer.Typer:
    """The command line without its commands."""
    settings = "\n\n".join(f"`POLEMOS_{s.name}` — {s.help} Default: {s.default}." for s in SETTINGS)
    return typer.Typer(
        help="News articles into a knowledge graph of who accuses whom of what, who denies it, and who retaliates.",
        epilog=f"Settings by environment:\n\n{settings}",
        no_args_is_help=True,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        add_completion=False,
    )


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Extractor = Annotated[
    str | None,
    typer.Option(
        help="hybrid; rules (needs no trained model); llm (a language model, whose server POLEMOS_LLM_URL names); both "
        "(hybrid and llm; or both:rules); or recorded:FOLDER for claims that a person annotated (codebook's format); "
        "default POLEMOS_EXTRACTOR."
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(metavar="R", help="The ledger as it was at a revision, day or instant (ISO 8601; UTC by default)."),
]
Workers = Annotated[int | None, typer.Option(min=1, max=64, help="Processes that read; default POLEMOS_WORKERS.")]


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 article", "2 articles"; the plural is told where it is not the noun with an s."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def progress() -> Progress:
    """A bar on standard error, shown only on a terminal and gone when done."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def print_json(document: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


def check_folder(output: Path) -> None:
    """Before work is done for a file: the folder it goes to must be there.

    Raises:
        ValueError: It is not.
    """
    if not output.resolve().parent.is_dir():
        raise ValueError(f"the folder {output.resolve().parent} does not exist")


def write_bytes(output: Path | None, content: bytes) -> None:
    """Bytes to a file, complete or not at all, or to standard output."""
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    check_folder(output)
    part = output.with_name(output.name + ".part")
    part.write_bytes(content)
    part.replace(output)
