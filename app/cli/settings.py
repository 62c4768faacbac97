"""The command that tells the settings: `settings`, from their own definitions and this very environment."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.session import Json, print_json


def settings(
    changed: Annotated[bool, typer.Option("--changed", help="Only those that the environment names.")] = False,
    as_json: Json = False,
) -> None:
    """Every setting: its value in force, where that comes from, its default, and what it does. No secret is shown."""
    from app.settings import told

    rows = [row for row in told() if row.origin == "environment" or not changed]
    if as_json:
        print_json({"settings": rows})
        return
    table = Table(show_lines=True)
    for heading in ("Setting", "In force", "From", "Default", "What it does"):
        table.add_column(heading, no_wrap=heading in ("Setting", "From"), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in (row.name, row.value, row.origin, row.default, row.help)))
    Console(highlight=False).print(table)
