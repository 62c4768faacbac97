"""The commands about keys, `polemos keys create|revoke|list`, and the trail of who wrote: `audit`."""

from __future__ import annotations

import dataclasses
import sys
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.session import Json, Session, err, login_name, print_json
from app.vocabulary.errors import BadQuery, NotFound

if TYPE_CHECKING:
    from app.ledger import Key


class Role(StrEnum):
    """Roles of keys; each may do what the ones before it may."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    CURATOR = "curator"
    ADMIN = "admin"


keys = typer.Typer(
    name="keys",
    help="API keys of the ledger that the settings name: for a service that others can reach.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@keys.command()
def create(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Who will hold it; decisions taken with it are by this name.")
    ],
    role: Annotated[
        Role,
        typer.Option(
            help="reader asks; contributor hands in articles, too; curator decides, too; admin reads the audit trail "
            "and decides for others, too."
        ),
    ] = Role.READER,
    expires: Annotated[
        str | None, typer.Option(metavar="WHEN", help="From when on it opens nothing: days (90d) or an ISO 8601 date.")
    ] = None,
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
    rate: Annotated[
        int | None, typer.Option(min=1, max=1_000_000, help="Requests a minute; default POLEMOS_RATE_PER_KEY.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a key and show it, once: only its SHA-256 is kept, so nobody can show it again."""
    from app.ledger import KeyRole
    from app.ledger.keys import new_key

    until = _instant(expires) if expires is not None else None
    made_by = login_name()
    key, secret = new_key(name, KeyRole(role), made_by=made_by, expires_at=until, note=note, per_minute=rate)
    with Session().open_ledger() as ledger:
        ledger.keep_key(key)
    if as_json:
        print_json({**_shown(key), "secret": secret})
    else:
        # The secret alone goes to standard output, so that it can be handed on without being seen.
        err.print(f"Key {key.id} ({key.role}) for {key.name}; it is shown this once:", markup=False, soft_wrap=True)
        sys.stdout.write(f"{secret}\n")


@keys.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key's id, as `polemos keys list` shows it.")],
    as_json: Json = False,
) -> None:
    """Have a key open nothing any more; a service that runs knows within a second."""
    with Session().open_ledger() as ledger:
        found = next((one for one in ledger.api_keys() if one.id == key), None)
        if found is None:
            raise NotFound(f"there is no key {key!r}; `polemos keys list` shows those there are")
        if found.revoked_at is None:
            found = dataclasses.replace(found, revoked_at=datetime.now(UTC).isoformat(timespec="seconds"))
            ledger.keep_key(found)
    if as_json:
        print_json(_shown(found))
    else:
        err.print(f"Key {found.id} of {found.name} opens nothing since {found.revoked_at}", markup=False)


@keys.command(name="list")
def list_(as_json: Json = False) -> None:
    """The keys there are: whose, with which role, since when, and whether they still open anything."""
    with Session().open_ledger() as ledger:
        found = ledger.api_keys()
    if as_json:
        print_json({"keys": [_shown(key) for key in found]})
        return
    table = Table("Key", "Name", "Role", "Made", "State", "Note")
    for key in found:
        state = _state(key)
        table.add_row(*(Text(cell) for cell in (key.id, key.name, key.role, key.made_at[:16], state, key.note)))
    Console(highlight=False).print(table)


def audit(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Most rows to print, the newest first.")] = 50,
    before: Annotated[int, typer.Option(min=0, metavar="N", help="Only rows before this one; 0: from the newest.")] = 0,
    as_json: Json = False,
) -> None:
    """Who wrote what, when and through which door; `polemos check` tells whether anybody has changed that."""
    with Session().open_ledger() as ledger:
        found = ledger.audit(before, limit, newest_first=True)
    if as_json:
        print_json({"audit": [{**dataclasses.asdict(row), "digest": digest} for row, digest in found]})
        return
    table = Table("No", "When", "Door", "Who", "What", "Revision")
    for row, _ in found:
        who = " ".join(filter(None, (row.name, f"({row.key})" if row.key else None))) or "not told"
        detail = ", ".join(f"{name} {value}" for name, value in row.detail.items())
        what = f"{row.what.replace('_', ' ')}: {detail}" if detail else row.what
        cells = (str(row.number), row.at[:19], row.door, who, what, str(row.revision or ""))
        table.add_row(*(Text(cell) for cell in cells))
    Console(highlight=False).print(table)


def _instant(text: str) -> datetime:
    if text.endswith("d") and text[:-1].isdecimal() and len(text) < 6:
        return datetime.now(UTC) + timedelta(days=int(text[:-1]))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadQuery(f"--expires: {text!r} is no date; write 90d, 2031-05-04 or 2031-05-04T12:00+00:00") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _state(key: Key) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at[:16]}"
    if not key.is_good(datetime.now(UTC)):
        return f"expired {(key.expires_at or '')[:16]}"
    return f"good until {key.expires_at[:16]}" if key.expires_at is not None else "good"


def _shown(key: Key) -> dict[str, Any]:
    """All that is kept of a key but its digest, which is nobody's business."""
    told = dataclasses.asdict(key)
    del told["digest"]
    return {**told, "state": _state(key).partition(" ")[0]}
