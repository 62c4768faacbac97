"""The article's path through the rooms: intake's items in, a fuller ledger out, by runners that share the work.

It decides nothing itself: extraction reads, linking proposes, the ledger remembers.
"""

from app.pipeline.history import bring_up_to_date, fold_ledger, keep_snapshot, open_fold, revision_of, snapshots_of
from app.pipeline.ingest import IngestReport, ingest, read_articles
from app.pipeline.relating import Relations
from app.pipeline.runners import LocalRunner, Runner

__all__ = [
    "IngestReport",
    "LocalRunner",
    "Relations",
    "Runner",
    "bring_up_to_date",
    "fold_ledger",
    "ingest",
    "keep_snapshot",
    "open_fold",
    "read_articles",
    "revision_of",
    "snapshots_of",
]
