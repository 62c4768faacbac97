"""API keys: a secret made once and shown once, and what is kept of it.

A key is `polemos_`, its public id, and 256 random bits; only its SHA-256 is kept. Nobody guesses 256 bits, so no salt
and no slow hash are needed, and checking one costs a microsecond. Keys lie in a table of the ledger's own database, so
every replica of a PostgreSQL ledger knows them and a SQLite ledger needs no second file. They belong to the place, not
to the memory: no backup, copy or export takes them along, so none can bring a revoked key back.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from app.vocabulary.errors import BadQuery, LedgerDamaged

PREFIX = "polemos_"
KEY = re.compile(PREFIX + r"([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
"""What a key looks like, by which it is found in texts that must not show it."""


class KeyRole(StrEnum):
    """What the holder of a key may do; each role may do what the ones before it may."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    CURATOR = "curator"
    ADMIN = "admin"

    def covers(self, needed: KeyRole) -> bool:
        """Whether this role may do what another may."""
        return _RANK[self] >= _RANK[needed]


_RANK = {role: rank for rank, role in enumerate(KeyRole)}


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key.

    Attributes:
        id: Its public part.
        name: Whose it is; decisions taken with it are by this name.
        digest: SHA-256 of the whole key, in hex.
        made_at: UTC instant (ISO 8601), as all others.
        made_by: Who made it, where that is known.
        expires_at: From when on it opens nothing; None for never.
        note: What it is for.
        per_minute: Requests a minute; None for what the settings say.
        revoked_at: Since when it opens nothing.
    """

    id: str
    name: str
    role: KeyRole
    digest: str
    made_at: str
    made_by: str | None = None
    expires_at: str | None = None
    note: str = ""
    per_minute: int | None = None
    revoked_at: str | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        expired = self.expires_at is not None and datetime.fromisoformat(self.expires_at) <= now
        return self.revoked_at is None and not expired


def new_key(
    name: str,
    role: KeyRole,
    *,
    made_by: str | None = None,
    expires_at: datetime | None = None,
    note: str = "",
    per_minute: int | None = None,
) -> tuple[Key, str]:
    """A key, and the secret that is to be shown to its holder and then forgotten.

    Raises:
        BadQuery: It has no name, or one that cannot stand in a log line.
    """
    name = name.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise BadQuery("a key needs the name of whoever holds it, in at most 200 printable characters")
    public = secrets.token_hex(6)
    secret = f"{PREFIX}{public}_{secrets.token_urlsafe(32)}"
    now = datetime.now(UTC)
    if expires_at is not None and expires_at <= now:
        raise BadQuery("a key that has expired already opens nothing")
    until = expires_at.astimezone(UTC).isoformat(timespec="seconds") if expires_at is not None else None
    key = Key(
        public, name, role, key_digest(secret), now.isoformat(timespec="seconds"), made_by, until, note, per_minute
    )
    return key, secret


def key_digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def opens(key: Key | None, secret: str) -> bool:
    """Whether a secret is the key's; takes as long where there is no such key, and wherever they differ."""
    kept = key.digest if key is not None else "0" * 64
    return hmac.compare_digest(kept, key_digest(secret)) and key is not None


def key_body(key: Key) -> bytes:
    """What is written down of it."""
    return msgspec.json.encode(key)


def key_from(body: bytes, location: str) -> Key:
    """The key that was written down.

    Raises:
        LedgerDamaged: It is none; `location` is named.
    """
    try:
        return msgspec.json.decode(body, type=Key)
    except (msgspec.DecodeError, UnicodeDecodeError) as why:
        raise LedgerDamaged(f"{location}: a stored key cannot be read ({why}); revoke it by hand") from why
