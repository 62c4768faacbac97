"""Ledger entries in, a `ConflictGraph` out: the fold that decides identity late, and the graph that answers.

It knows nothing of where entries come from, and never asserts what a claim alleges.
"""

from app.graph.conflict import Backing, ConflictGraph, Edge
from app.graph.fold import Entries, Fold, fold
from app.graph.model import IncidentNode, ResolvedAcknowledgement, ResolvedClaim
from app.graph.verdict import CORRECTABLE
from app.graph.views import VIEWS, View

__all__ = [
    "CORRECTABLE",
    "VIEWS",
    "Backing",
    "ConflictGraph",
    "Edge",
    "Entries",
    "Fold",
    "IncidentNode",
    "ResolvedAcknowledgement",
    "ResolvedClaim",
    "View",
    "fold",
]
