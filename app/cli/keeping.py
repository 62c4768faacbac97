"""The commands that look after the ledger: `backup`, `restore`, `check`, `compact`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.session import Json, Session, counted, err, print_json, progress, signed

SHOWN = 20
"""Flaws that are spelled out where no JSON is asked for; all are counted."""


def backup(
    file: Annotated[Path, typer.Argument(help="The backup, a SQLite ledger of its own; must not exist yet.")],
    as_json: Json = False,
) -> None:
    """Copy the ledger as it is now into a file, whatever kind it is, while others go on writing to it."""
    from app.ledger import copying

    with Session().open_ledger() as ledger, progress() as bar:
        task = bar.add_task("copying", total=None)
        revision = copying.backup(ledger, file, lambda done, all_: bar.update(task, completed=done, total=all_))
        digest = ledger.digest(revision)
    if as_json:
        print_json({"file": str(file), "revision": revision, "digest": digest})
    else:
        err.print(f"{file} holds the ledger up to revision {revision}, digest {digest}", soft_wrap=True)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put a ledger that holds something else aside first (SQLite).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring the ledger to what a backup holds: an empty one, one that it continues, or with --replace any other."""
    from app.ledger import copying

    with signed(), progress() as bar:
        task = bar.add_task("restoring", total=None)
        before, after = copying.restore(
            file,
            Session().settings.ledger,
            replace=replace,
            progress=lambda done, all_: bar.update(task, completed=done, total=all_),
        )
    if as_json:
        print_json({"before": before, "revision": after})
    else:
        err.print(f"revision {before} before, {after} now")


def check(as_json: Json = False) -> None:
    """Hold everything in the ledger against what it should be; exit status 1 where anything is not."""
    from app.ledger import checking

    with Session().open_ledger() as ledger, progress() as bar:
        newest = ledger.revision
        task = bar.add_task("checking", total=newest)
        flaws = list(checking.check(ledger, lambda revision: bar.update(task, completed=revision)))
        digest = ledger.digest(newest)
    if as_json:
        told = [{"kind": flaw.kind, "entry": flaw.entry, "detail": flaw.detail} for flaw in flaws]
        print_json({"revision": newest, "digest": digest, "sound": not flaws, "flaws": told})
    else:
        for flaw in flaws[:SHOWN]:
            err.print(f"{flaw.kind}: {flaw.entry}: {flaw.detail}", markup=False, soft_wrap=True)
        if len(flaws) > SHOWN:
            err.print(f"… and {len(flaws) - SHOWN} more; --json lists them all")
        state = f"{counted(len(flaws), 'flaw')}; restore it from a backup" if flaws else "sound"
        err.print(f"revision {newest}, digest {digest}: {state}", soft_wrap=True)
    if flaws:
        raise typer.Exit(1)


def compact(as_json: Json = False) -> None:
    """Give room that the ledger does not need back to the disk. Nothing that it holds changes."""
    with Session().open_ledger() as ledger, progress() as bar:
        bar.add_task("compacting", total=None)
        before, after = ledger.compact()
    if as_json:
        print_json({"bytes_before": before, "bytes": after})
    else:
        err.print(f"{before / 1e6:,.1f} MB before, {after / 1e6:,.1f} MB now")
