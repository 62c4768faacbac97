"""The append-only memory: articles, readings (mentions, incidents, claims, refusals) and decisions, by revision.

In: whole batches, appended in one transaction each. Out: entries in the order they were appended. It never changes or
deletes a row, and knows nothing of graphs.
"""

from app.ledger.base import Batch, Entry, Ledger, LedgerCounts
from app.ledger.sqlite import SqliteLedger, open_ledger

__all__ = ["Batch", "Entry", "Ledger", "LedgerCounts", "SqliteLedger", "open_ledger"]
