"""Entries in, rows of bytes out, and back: what is written down of an entry, the same in every kind of ledger.

So the digest of a revision, which is taken over these bytes, is the same too, and a copy can be told to be one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

import msgspec

from app.vocabulary.errors import LedgerDamaged
from app.vocabulary.records import Actor, Article, Decision, Place, Reading, content_id

Entry = Article | Reading | Actor | Place | Decision
"""What a ledger holds. Mentions, incidents, claims and refusals travel inside their reading.

Of several records of one actor or place, the newest counts.
"""

Kind = Literal["article", "reading", "actor", "place", "decision"]

GENESIS = bytes(32)
"""The digest of revision 0, the empty ledger."""


class Row(NamedTuple):
    """An entry as it is kept.

    Attributes:
        id: The entry's own id; of an actor or place, whose records may change, the hash of the whole record.
        body: The record as JSON; of an article without its text.
        text: An article's text; empty for everything else.
    """

    kind: Kind
    id: str
    body: bytes
    text: str = ""


_encode = msgspec.json.Encoder().encode
_article = msgspec.json.Decoder(Article).decode
_decoders: dict[str, Callable[[bytes], Entry]] = {
    "reading": msgspec.json.Decoder(Reading).decode,
    "decision": msgspec.json.Decoder(Decision).decode,
    "actor": msgspec.json.Decoder(Actor).decode,
    "place": msgspec.json.Decoder(Place).decode,
}
_numbers = msgspec.json.Decoder(dict[str, int]).decode


def row_of(entry: Entry) -> Row:
    """The row of an entry.

    Raises:
        UnicodeEncodeError: Some text holds half of a surrogate pair.
    """
    match entry:
        case Article():
            return Row("article", entry.id, _encode(_with_text(entry, "")), entry.text)
        case Reading():
            return Row("reading", entry.id, _encode(entry))
        case Decision():
            return Row("decision", entry.id, _encode(entry))
        case Actor() | Place():
            kind: Kind = "actor" if isinstance(entry, Actor) else "place"
            body = _encode(entry)
            return Row(kind, content_id("row", kind, body.decode()), body)


def entry_of(kind: str, body: bytes, text: str | None, location: str) -> Entry:
    """The entry of a row.

    Raises:
        LedgerDamaged: The row holds no such record; `location` is named.
    """
    try:
        if kind == "article":
            return _with_text(_article(body), text or "")
        return _decoders[kind](body)
    except (msgspec.DecodeError, UnicodeDecodeError) as why:
        message = f"{location}: a stored {kind} cannot be read ({why}); restore it from a backup"
        raise LedgerDamaged(message) from why


def entries_of(rows: Iterable[tuple[int, Row]], location: str) -> Iterator[tuple[int, Entry]]:
    """The entries of rows, each with its revision.

    Raises:
        LedgerDamaged: A row is not there, or holds no such record; `location` is named.
    """
    for revision, row in rows:
        if not row.body:
            raise LedgerDamaged(f"{location}: the log names an entry ({row.kind}) that is not stored")
        yield revision, entry_of(row.kind, row.body, row.text, location)


def refusals_of(reading: Reading) -> bytes:
    """What a reading refused, counted by reason, so that counting need not decode whole readings."""
    return _encode(Counter(str(refusal.reason) for refusal in reading.refusals))


def counted_refusals(stored: bytes) -> dict[str, int]:
    """The counts that `refusals_of` wrote down."""
    return _numbers(stored)


def chain(previous: bytes, at: str, rows: Iterable[Row]) -> bytes:
    """The digest of a revision: SHA-256 over the digest before it, its instant, and its rows in the order of append.

    Each field is preceded by its length, so no two revisions are the same bytes. Who holds a revision's digest can tell
    whether anything up to it was changed since.
    """
    digest = hashlib.sha256(previous)
    parts: list[bytes] = [at.encode()]
    for row in rows:
        parts += (row.kind.encode(), row.id.encode(), row.body, row.text.encode())
        if len(parts) > 1000:
            _take(digest, parts)
            parts = []
    _take(digest, parts)
    return digest.digest()


def _take(digest: hashlib._Hash, parts: list[bytes]) -> None:
    digest.update(b"".join(piece for part in parts for piece in (len(part).to_bytes(8, "big"), part)))


def _with_text(article: Article, text: str) -> Article:
    fields = (article.published, article.publisher, article.url, article.external_id, article.id)
    return Article(article.title, text, *fields)
