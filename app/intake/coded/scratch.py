"""Things in, the same things out in another order or by their names: tables on disk, so that memory stays flat.

An unnamed SQLite database is a private file that is gone when it is closed. It is no ledger; nothing lasting is in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator


class Groups:
    """Texts by the group that each belongs to, whatever the order in which they come."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("CREATE TABLE groups (key TEXT PRIMARY KEY, first INTEGER) WITHOUT ROWID")
        self._db.execute("CREATE TABLE items (at INTEGER PRIMARY KEY, key TEXT, body TEXT)")
        self._db.execute("BEGIN")
        self._count = 0

    def __len__(self) -> int:
        """How many texts there are."""
        return self._count

    def add(self, key: str, body: str) -> None:
        """Put a text into a group."""
        self._count += 1
        self._db.execute("INSERT OR IGNORE INTO groups VALUES (?, ?)", (key, self._count))
        self._db.execute("INSERT INTO items VALUES (?, ?, ?)", (self._count, key, body))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Every text with its group, group by group: groups and the texts in each in the order in which they came."""
        yield from self._db.execute("SELECT key, body FROM groups JOIN items USING (key) ORDER BY first, at")

    def close(self) -> None:
        """Forget all."""
        self._db.close()


class Shelf:
    """Bytes by name."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("CREATE TABLE items (name TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def put(self, name: str, body: bytes) -> None:
        """Keep bytes under a name; what was there is gone."""
        self._db.execute("INSERT OR REPLACE INTO items VALUES (?, ?)", (name, body))

    def get(self, name: str) -> bytes | None:
        """The bytes under a name, or None."""
        row = self._db.execute("SELECT body FROM items WHERE name = ?", (name,)).fetchone()
        return bytes(row[0]) if row is not None else None

    def close(self) -> None:
        """Forget all."""
        self._db.close()


class Outlets:
    """Outlets that mention an event, each once and with the highest confidence of its mentions."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        # One look-up for each event of an export: pages that are read again and again are held, 16 MB of them.
        self._db.execute("PRAGMA cache_size = -16000")
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute(
            "CREATE TABLE mentions (event INTEGER, outlet TEXT, first INTEGER, confidence INTEGER, "
            "PRIMARY KEY (event, outlet)) WITHOUT ROWID"
        )
        self._db.execute("BEGIN")
        self._count = 0

    def add(self, event: int, outlet: str, confidence: int) -> None:
        """Take in a mention."""
        self._count += 1
        self._db.execute(
            "INSERT INTO mentions VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
            "SET confidence = max(confidence, excluded.confidence)",
            (event, outlet, self._count, confidence),
        )

    def of(self, event: int, most: int) -> tuple[list[str], int, int]:
        """The first outlets that mention an event, how many there are, and the highest confidence of all mentions."""
        rows = self._db.execute(
            "SELECT outlet FROM mentions WHERE event = ? ORDER BY first LIMIT ?", (event, most)
        ).fetchall()
        count, surest = self._db.execute(
            "SELECT count(*), ifnull(max(confidence), 0) FROM mentions WHERE event = ?", (event,)
        ).fetchone()
        return [outlet for (outlet,) in rows], count, surest

    def close(self) -> None:
        """Forget all."""
        self._db.close()
