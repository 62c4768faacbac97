"""The append-only memory: articles, readings (mentions, incidents, claims, refusals) and decisions, by revision.

In: whole batches, appended in one transaction each. Out: entries in the order they were appended. It never changes or
deletes a row, and knows nothing of graphs.

::

    base      the port: what every ledger can do, and the door that every reading passes
    rows      what is written down of an entry, and the chain of digests over it
    sqlite    the default ledger, one file (with sqlite_schema)
    postgres  a ledger that many machines share (with postgres_connection and postgres_schema)
    opening   which of them a URL names
    audit     who wrote what, in a chain of its own beside the revisions
    keys      API keys: made, kept as digests, held against what is shown
    checking  everything in a ledger held against what it should be
    copying   backup and restore, from any ledger to any other
"""

from app.ledger.audit import Audit, Writer, writing_as
from app.ledger.base import Batch, Flaw, Ledger, LedgerCounts
from app.ledger.keys import Key, KeyRole
from app.ledger.opening import open_ledger
from app.ledger.rows import Entry
from app.ledger.sqlite import SqliteLedger

__all__ = [
    "Audit",
    "Batch",
    "Entry",
    "Flaw",
    "Key",
    "KeyRole",
    "Ledger",
    "LedgerCounts",
    "SqliteLedger",
    "Writer",
    "open_ledger",
    "writing_as",
]
