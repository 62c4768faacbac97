"""Ledger entries in, a `ConflictGraph` out: the fold that decides identity late, and the graph that answers.

It knows nothing of where entries come from, and never asserts what a claim alleges.
"""

from app.graph.arrays import NO_ROWS, Rows
from app.graph.claims import UNTOLD, ClaimIds, ClaimTable, DatedClaims, ResolvedClaim
from app.graph.conflict import ConflictGraph
from app.graph.fold import Entries, Fold, fold
from app.graph.model import Backing, Edge, IncidentNode, PlacedClaim, ResolvedAcknowledgement
from app.graph.nodes import Marks
from app.graph.slices import Slice
from app.graph.verdict import CORRECTABLE
from app.graph.views import VIEWS, View

__all__ = [
    "CORRECTABLE",
    "NO_ROWS",
    "UNTOLD",
    "VIEWS",
    "Backing",
    "ClaimIds",
    "ClaimTable",
    "ConflictGraph",
    "DatedClaims",
    "Edge",
    "Entries",
    "Fold",
    "IncidentNode",
    "Marks",
    "PlacedClaim",
    "ResolvedAcknowledgement",
    "ResolvedClaim",
    "Rows",
    "Slice",
    "View",
    "fold",
]
