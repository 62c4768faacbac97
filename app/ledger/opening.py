"""A URL in, the ledger it names out."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from app.ledger.base import Ledger
from app.ledger.sqlite import SqliteLedger
from app.vocabulary.errors import BadQuery

_ADVICE = (
    "use sqlite:////absolute/path/to/ledger.sqlite, with ? and # in it written %3F and %23, or "
    "postgresql://user:password@host/database"
)


def open_ledger(url: str) -> Ledger:
    """The ledger a URL names, made where it is missing.

    `sqlite:////absolute/path` (or `sqlite:///relative/path`), or `postgresql://user:password@host:port/database`, to
    which `?schema=NAME` adds the schema that holds the tables (`polemos` by default).

    Raises:
        BadQuery: No such kind of ledger.
        LedgerError: It cannot be opened.
    """
    if _parts(url).scheme in ("postgresql", "postgres"):
        # Loading the driver takes a tenth of a second, which a SQLite ledger need not wait for.
        from app.ledger.postgres import PostgresLedger

        return PostgresLedger(url)
    return SqliteLedger(sqlite_path(url))


def sqlite_path(url: str) -> Path:
    """The file that a `sqlite:///…` URL names; raises `BadQuery` where it names none."""
    parts = _parts(url)
    if parts.scheme != "sqlite":
        raise BadQuery(f"{parts.scheme!r} names no kind of ledger; {_ADVICE}")
    if parts.netloc or len(parts.path) < 2 or parts.query or parts.fragment:
        raise BadQuery(f"this sqlite URL names no file; {_ADVICE}")
    return Path(unquote(parts.path[1:]))


def is_sqlite(url: str) -> bool:
    """True where a URL names a file, and no server."""
    return _parts(url).scheme == "sqlite"


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        # The URL itself is not shown: anywhere in it may stand a password.
        raise BadQuery(f"a ledger is named by a URL; {_ADVICE}") from None
