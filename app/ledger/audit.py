"""Who wrote, when, through which door and what: a row beside every append, in a chain of digests of its own.

The door says who writes for as long as it does (`writing_as`); whatever is appended meanwhile carries it. The rows are
no part of the digests of revisions: those stand for what a ledger holds, and two ledgers that hold the same have the
same, whoever wrote them and whenever. Each row's digest covers the rows before it and the digest of its revision.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

import msgspec

from app.ledger.keys import Key
from app.ledger.rows import GENESIS, Row
from app.vocabulary.errors import LedgerDamaged

What = Literal["append", "restore", "key_create", "key_revoke"]
Door = Literal["http", "cli", "mcp", "python"]


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes.

    Attributes:
        door: Where the write came in; `python` for whoever calls the ledger directly.
        name: The key's name, or the login name at the command line; None where nobody said.
        key: Id of the API key that was shown.
        request: Id of the HTTP request.
    """

    door: Door = "python"
    name: str | None = None
    key: str | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """One write.

    Attributes:
        what: `append` of articles, readings, nodes or decisions; `restore` of a backup; a key made or revoked.
        at: UTC instant (ISO 8601 with milliseconds).
        revision: The revision it brought, or came to; None for keys.
        door: See `Writer`, as for `name`, `key` and `request`.
        detail: Of an append, how many entries of each kind; of keys, which; of a restore, from which revision on.
        number: Its place in the trail, from 1; 0 before it is written down.
    """

    what: What
    at: str
    revision: int | None
    door: Door
    name: str | None = None
    key: str | None = None
    request: str | None = None
    detail: dict[str, int | str] = field(default_factory=dict)
    number: int = 0


_DIRECTLY = Writer()
_writing: ContextVar[Writer] = ContextVar("writing", default=_DIRECTLY)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Audit).decode


@contextmanager
def writing_as(writer: Writer) -> Iterator[None]:
    """Have everything that is appended meanwhile, in this thread or task and those it starts, be by this writer."""
    token = _writing.set(writer)
    try:
        yield
    finally:
        _writing.reset(token)


def audit_of(
    what: What, revision: int | None, detail: dict[str, int | str] | None = None, *, at: str | None = None
) -> Audit:
    """The row of a write that happens now, by whoever writes."""
    by = _writing.get()
    at = at or datetime.now(UTC).isoformat(timespec="milliseconds")
    return Audit(what, at, revision, by.door, by.name, by.key, by.request, detail or {})


def audit_of_append(fresh: list[Row], revision: int, given: str | None) -> Audit:
    """The row of an append that added these; `given` is the instant that was told for a revision that is restored."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    counts: dict[str, int | str] = dict(Counter(row.kind for row in fresh))
    return audit_of("append", revision, counts | ({"first_appended_at": given} if given else {}), at=at)


def audit_of_key(key: Key) -> Audit:
    """The row of a key that was made or revoked."""
    detail: dict[str, int | str] = {"key": key.id, "name": key.name, "role": str(key.role)}
    return audit_of("key_create" if key.revoked_at is None else "key_revoke", None, detail)


def audit_body(audit: Audit) -> bytes:
    """What is written down of it: all but its number."""
    return _encode(replace(audit, number=0))


def audit_from(number: int, body: bytes, location: str) -> Audit:
    """The row that was written down.

    Raises:
        LedgerDamaged: It is none; `location` is named.
    """
    try:
        return replace(_decode(body), number=number)
    except (msgspec.DecodeError, UnicodeDecodeError) as why:
        raise LedgerDamaged(f"{location}: row {number} of the audit trail cannot be read ({why})") from why


def audit_chain(previous: bytes | None, body: bytes, revision: str | None) -> bytes:
    """The digest of a row: SHA-256 over the one before it, the row, and the digest (hex) of the revision it names."""
    digest = hashlib.sha256(previous or GENESIS)
    digest.update(len(body).to_bytes(8, "big") + body)
    digest.update(bytes.fromhex(revision or ""))
    return digest.digest()
