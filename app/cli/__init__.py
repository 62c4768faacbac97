"""The door for the command line, `polemos …`: words in, tables or one JSON document out. It decides nothing itself.

An error of ours is one line on standard error and exit status 2 (what was asked or handed in) or 1 (the ledger, a
language model's server).
Tables and JSON go to standard output, progress and counts to standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from app.cli import (
    analysing,
    asking,
    assisting,
    curating,
    explaining,
    giving,
    importing,
    keeping,
    keys,
    measuring,
    reading,
    receipts,
    settings,
    watching,
)
from app.cli.session import new_app
from app.vocabulary.errors import LedgerError, ModelAway, PolemosError

COMMANDS: tuple[Callable[..., None], ...] = (
    *(reading.ingest, reading.extract, watching.watch, importing.import_),
    *(keeping.backup, keeping.restore, keeping.check, keeping.compact, keys.audit),
    *(asking.accusations, asking.denials, asking.retaliations),
    *(asking.thread, asking.incident, asking.actors, asking.places, asking.incidents),
    *(analysing.ladder, analysing.responses, analysing.flips, analysing.mirrors),
    *(analysing.dyad, analysing.chain, analysing.hearsay, analysing.centralities),
    *(giving.export, giving.draw, giving.sparql, giving.validate, giving.serve, assisting.mcp),
    *(curating.merge, curating.split, curating.leave, curating.correct, curating.retract, curating.undo),
    *(curating.log, curating.review),
    *(receipts.receipt, receipts.verify),
    *(explaining.explain, measuring.evaluate, settings.settings),
)
"""In the order in which the help tells them."""

app = new_app()


def _version(asked: bool) -> None:
    if asked:
        from app import __version__

        typer.echo(f"polemos {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


for command in COMMANDS:
    # `import` is a word of Python's, so its function has an underscore behind it.
    app.command(command.__name__.rstrip("_"))(command)
app.add_typer(keys.keys)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except (LedgerError, ModelAway) as why:
        _say(str(why))
        sys.exit(1)
    except (PolemosError, ValueError) as why:
        _say(str(why))
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read our output has had enough of it.
        sys.stderr.close()
        sys.exit(0)
    except OSError as why:
        # A file that was named cannot be read or written.
        _say(f"{why.filename}: {why.strerror}" if why.filename else str(why))
        sys.exit(2)


def _say(message: str) -> None:
    sys.stderr.write(f"polemos: {message}\n")
