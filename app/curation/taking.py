"""A decision in, the ledger's revision with it out."""

from __future__ import annotations

from app.ledger import Batch, Ledger
from app.vocabulary.records import Decision


def take(ledger: Ledger, decision: Decision) -> int:
    """Append a decision, and return the revision afterwards.

    Two people may decide at the same time: each decision is a row of its own, and what they come to is for the fold.

    Raises:
        LedgerError: The ledger could not be written.
    """
    return ledger.append(Batch(decisions=[decision]))
