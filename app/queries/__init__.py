"""The graph and a question in, frozen records out: functions, graph first, that change nothing.

The same graph at the same revision gives the same answer. What takes long to count is kept beside the graph until its
next revision (all actors in order, when outlets published), and nothing else is remembered.

Every answer states the revision of the graph and the filters it was made with. It reports who claims what; it never
says who is right.
"""

from app.queries.attribution import IncidentView, Positions, incident, positions
from app.queries.chains import Paths, distance, paths
from app.queries.directory import (
    ActorPage,
    ActorRow,
    ActorView,
    IncidentPage,
    IncidentRow,
    PlacePage,
    PlaceRow,
    actor,
    actors,
    incidents,
    places,
)
from app.queries.disputes import Dispute, Disputes, disputes
from app.queries.filters import ClaimFilter
from app.queries.neighbourhood import SubEdge, Subgraph, SubNode, nearest_edges, subgraph
from app.queries.overview import Matrix, Timeline, matrix, timeline
from app.queries.pages import ClaimPage, accusations, claims, denials, retaliations
from app.queries.receipts import Receipt, receipt
from app.queries.rows import AppliedFilters, ClaimRow, Counts, EvidenceRow, claim_row
from app.queries.threads import Thread, thread

__all__ = [
    "ActorPage",
    "ActorRow",
    "ActorView",
    "AppliedFilters",
    "ClaimFilter",
    "ClaimPage",
    "ClaimRow",
    "Counts",
    "Dispute",
    "Disputes",
    "EvidenceRow",
    "IncidentPage",
    "IncidentRow",
    "IncidentView",
    "Matrix",
    "Paths",
    "PlacePage",
    "PlaceRow",
    "Positions",
    "Receipt",
    "SubEdge",
    "SubNode",
    "Subgraph",
    "Thread",
    "Timeline",
    "accusations",
    "actor",
    "actors",
    "claim_row",
    "claims",
    "denials",
    "disputes",
    "distance",
    "incident",
    "incidents",
    "matrix",
    "nearest_edges",
    "paths",
    "places",
    "positions",
    "receipt",
    "retaliations",
    "subgraph",
    "thread",
    "timeline",
]
