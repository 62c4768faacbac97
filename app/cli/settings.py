"""The command that tells the settings: `settings`, from their own definitions and this very environment."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.session import Json, err, print_json

_OF_TESTS = "POLEMOS_TEST_"


def settings(
    changed: Annotated[bool, typer.Option("--changed", help="Only those that the environment names.")] = False,
    as_json: Json = False,
) -> None:
    """Every setting: its value in force, where that comes from, its default, and what it does. No secret is shown."""
    from app.settings import PREFIX, SETTINGS, told

    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and not name.startswith(_OF_TESTS))
    for name in unknown:
        if name.removeprefix(PREFIX) not in {one.name for one in SETTINGS}:
            err.print(Text(f"{name} is no setting, and changes nothing"))

    rows = [row for row in told() if row.origin == "environment" or not changed]
    if as_json:
        print_json({"settings": rows})
        return
    # Two columns: five leave room for ten letters each in a window of usual width.
    table = Table(show_lines=True)
    table.add_column("Setting", no_wrap=True)
    table.add_column("In force, and what it does", overflow="fold", ratio=1)
    for row in rows:
        value = Text(row.value or "not set", style="bold")
        value.append(f" ({row.origin}" if row.origin != "default" else " (the default", style="not bold")
        value.append(
            f"; default: {row.default or 'not set'})\n" if row.origin != "default" else ")\n", style="not bold"
        )
        table.add_row(Text(row.name), value.append(row.help, style="not bold dim"))
    Console(highlight=False).print(table)
