"""The graph as a notebook asks it: tables of claims, a plain networkx graph, an RDF graph, and a picture of itself.

It adds no answer of its own: filters, rows and pictures are those of `app.queries` and `app.pipeline.drawing`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, TypeVar, Unpack
from urllib.parse import quote

import msgspec

from app import queries
from app.graph import ConflictGraph, View
from app.ledger import open_ledger
from app.ledger.opening import is_sqlite, sqlite_path
from app.notebook.frames import frame, framed
from app.pictures.view import PlainGraph
from app.pipeline import fold_ledger, revision_of, snapshots_of
from app.pipeline.drawing import Drawing, drawing
from app.queries.centralities import Measure, Standing, centralities
from app.queries.cursors import MOST_IN_A_PAGE
from app.queries.directory import ActorRow, IncidentRow, PlaceRow
from app.queries.filters import select
from app.queries.row_columns import columns_of
from app.queries.rows import count
from app.settings import Settings
from app.vocabulary.errors import BadQuery, NotFound
from app.vocabulary.terms import ActorKind, ClaimType, Clock, Modality, Role, Rollup, Rung, Voice

if TYPE_CHECKING:
    import pandas as pd

EDGES_SHOWN = 25
"""How many edges the graph's own picture has: more cannot be read."""

_TERMS: dict[str, type[Rollup | Voice | Clock | Rung | Role]] = {
    "rollup": Rollup, "voice": Voice, "clock": Clock, "rung": Rung, "role": Role
}  # fmt: skip


class Filters(TypedDict, total=False):
    """Which claims, by the names of `GET /accusations`; a claim must pass all that are given.

    Attributes:
        since: First day: YYYY, YYYY-MM or YYYY-MM-DD, or a date.
        until: Last day.
        place: The incident's place (name or id) or country (name or ISO 3166 alpha-3).
        incident: The incident's id.
        publisher: The outlet.
        min_confidence: The extractor's least confidence, from 0 to 1.
        rollup: `full`, `state` or `off`; True and False say the first and the last.
        voice: `speaker` or `represented`.
        clock: Which of a claim's four times the days are of: `said`, `happened`, `published` or `ingested`.
        rung: For retaliations, the least rung of the ladder.
        modality: One or several modalities.
        actor: Name or id of an actor that must be in the claim, or several, of which one must.
        role: On which side `actor` must stand: `source`, `target` or `either`.
    """

    since: str | date | None
    until: str | date | None
    place: str | None
    incident: str | None
    publisher: str | None
    min_confidence: float | None
    rollup: Rollup | str | bool
    voice: Voice | str | None
    clock: Clock | str
    rung: Rung | str | None
    modality: str | Sequence[str]
    actor: str | Sequence[str]
    role: Role | str


def open_graph(
    ledger: str | PathLike[str] | None = None, *, as_of: str | int | date | datetime | None = None
) -> GraphFace:
    """The graph of a ledger, at its newest revision or as it was.

    Args:
        ledger: A file, or a ledger's URL (`sqlite:///…`, `postgresql://…`); what `POLEMOS_LEDGER` names where None.
        as_of: A revision, a day or an instant; text as `--as-of` takes it. Where no zone is given, it is UTC.

    Raises:
        NotFound: There is no such file; none is made.
        BadQuery: `as_of` names no revision and no time.
        LedgerError: The ledger cannot be opened.
    """
    settings = Settings.from_environment()
    url = settings.ledger if ledger is None else _url(ledger)
    if is_sqlite(url) and not sqlite_path(url).is_file():
        raise NotFound(f"there is no ledger at {sqlite_path(url)}; `polemos ingest` makes one")
    with closing(open_ledger(url)) as opened:
        until = revision_of(opened, _moment(as_of)) if as_of is not None else None
        kept = snapshots_of(opened, settings.snapshots) if settings.snapshots is not None else None
        graph = fold_ledger(opened, until, kept)
    if until is not None:
        graph.revision = until
    return GraphFace(graph)


def _url(ledger: str | PathLike[str]) -> str:
    text = fspath(ledger)
    return text if "://" in text else f"sqlite:///{quote(str(Path(text).resolve()))}"


def _moment(as_of: str | int | date | datetime) -> str:
    return as_of.isoformat() if isinstance(as_of, date) else str(as_of)


class GraphFace:
    """A graph of claims. Everything it shows is what articles report, each claim with its quote; no finding.

    Attributes:
        graph: The graph itself, for whatever this face does not offer.
    """

    def __init__(self, graph: ConflictGraph) -> None:
        self.graph = graph

    @property
    def revision(self) -> int:
        """The ledger's revision that it is of."""
        return self.graph.revision

    def __len__(self) -> int:
        """How many claims."""
        return len(self.graph.claims)

    def __repr__(self) -> str:
        held = self.graph
        return (
            f"<{len(held.claims):,} claims of {len(held.articles):,} articles, {len(held.actors):,} actors, "
            f"{len(held.incidents):,} incidents; revision {held.revision}>"
        )

    def _repr_svg_(self) -> str:
        """The best-evidenced edges as a picture; a notebook shows it."""
        return self.subgraph(limit=EDGES_SHOWN).to_svg()

    # ---- tables ----

    def accusations(
        self,
        source: str | None = None,
        target: str | None = None,
        *,
        limit: int | None = None,
        **filters: Unpack[Filters],
    ) -> pd.DataFrame:
        """Who accuses whom of what, oldest first.

        Columns are the fields of a claim as JSON, with those of its evidence beside them (`quote`, `part`, `start`,
        `end`, `article`), and for each of `date`, `published`, `happened` and `said` the first and last day meant, as
        `said_first` and `said_last`. `attrs` tells `revision`, `filters`, `counts` and `undated_left_out`.

        Args:
            source: Name or id of the accuser.
            target: Name or id of the accused.
            limit: Most claims, the oldest of them; all where None.
            filters: See `Filters`.

        Raises:
            BadQuery: A name, date or number cannot be used, or there is no such filter.
            MissingPart: pandas is not installed.
        """
        return self._claims(ClaimType.ACCUSES, source, target, limit, filters)

    def denials(
        self,
        source: str | None = None,
        target: str | None = None,
        *,
        limit: int | None = None,
        **filters: Unpack[Filters],
    ) -> pd.DataFrame:
        """Who denies what; otherwise as `accusations`.

        Denials by parts of `source` that are not its own have `narrower` in `scope` and are not in `attrs["counts"]`.
        """
        return self._claims(ClaimType.DENIES, source, target, limit, filters)

    def retaliations(
        self,
        source: str | None = None,
        target: str | None = None,
        *,
        limit: int | None = None,
        **filters: Unpack[Filters],
    ) -> pd.DataFrame:
        """Who is reported to retaliate, threaten to, or be called on to, against whom; otherwise as `accusations`."""
        return self._claims(ClaimType.RETALIATES, source, target, limit, filters)

    def claims(
        self,
        source: str | None = None,
        target: str | None = None,
        *,
        limit: int | None = None,
        **filters: Unpack[Filters],
    ) -> pd.DataFrame:
        """All three sorts of claims together; otherwise as `accusations`."""
        return self._claims(None, source, target, limit, filters)

    def actors(
        self, q: str | None = None, kind: ActorKind | str | None = None, *, limit: int | None = MOST_IN_A_PAGE
    ) -> pd.DataFrame:
        """Actors, those in most claims first, by part of the name and by kind.

        Args:
            q: Part of the name.
            kind: The sort of actor.
            limit: Most rows; all where None, which takes a minute for twenty thousand. `attrs["total"]` tells how many
                there are.
        """
        wanted = _term(ActorKind, "kind", kind) if kind is not None else None
        pages = _pages(lambda size, cursor: queries.actors(self.graph, q, wanted, size, cursor), limit)
        return self._listed(ActorRow, [row for page in pages for row in page.actors], pages[0])

    def places(self, q: str | None = None, *, limit: int | None = MOST_IN_A_PAGE) -> pd.DataFrame:
        """Places, those of most claims first, by part of the name; `limit` as for `actors`."""
        pages = _pages(lambda size, cursor: queries.places(self.graph, q, size, cursor), limit)
        return self._listed(PlaceRow, [row for page in pages for row in page.places], pages[0])

    def incidents(
        self,
        q: str | None = None,
        place: str | None = None,
        since: str | date | None = None,
        until: str | date | None = None,
        *,
        limit: int | None = MOST_IN_A_PAGE,
    ) -> pd.DataFrame:
        """Incidents, those of most claims first; who did one is only claimed. `limit` as for `actors`."""
        asked = (q, place, _day(since), _day(until))
        pages = _pages(lambda size, cursor: queries.incidents(self.graph, *asked, size, cursor), limit)
        return self._listed(IncidentRow, [row for page in pages for row in page.incidents], pages[0])

    def centralities(
        self,
        type: ClaimType | str | Sequence[str] = (),
        *,
        by: Measure = "pagerank",
        top: int = 50,
        source: str | None = None,
        target: str | None = None,
        **filters: Unpack[Filters],
    ) -> pd.DataFrame:
        """Where actors stand in the web of claims, as articles report them: a row each, `by` one of the columns.

        `attrs` tells how many actors and ties there are, and which library computed it.

        Args:
            type: Only claims of these types.
            by: What orders them: `pagerank`, `betweenness`, `out_degree` or `in_degree`.
            top: Most rows.
            source: Only claims by this actor.
            target: Only claims against this one.
            filters: See `Filters`.
        """
        types = tuple(_term(ClaimType, "type", one) for one in _several(type))
        wanted = dataclasses.replace(_asked(filters), types=types, source=source, target=target)
        found = centralities(self.graph, wanted, top, by)
        told = msgspec.to_builtins(found)
        return frame(Standing, found.actors, {name: told[name] for name in told if name != "actors"})

    # ---- single answers ----

    def claim(self, claim: str) -> queries.ClaimRow:
        """One claim with its quote; raises `NotFound`."""
        return queries.claim_row(self.graph, claim)

    def thread(self, claim: str) -> queries.Thread:
        """What a claim answers and what answers it; raises `NotFound`."""
        return queries.thread(self.graph, claim)

    def incident(self, incident: str) -> queries.IncidentView:
        """One incident: who affirms and who rejects whose responsibility, and its claims; raises `NotFound`."""
        return queries.incident(self.graph, incident)

    # ---- the graph, elsewhere ----

    def subgraph(self, actors: Sequence[str] | str = (), incident: str | None = None, **asked: Any) -> Drawing:  # noqa: ANN401 -- of `drawing`
        """A piece of the graph that shows itself as a picture; what else may be asked is what `drawing` takes.

        Raises:
            BadQuery: A name, date or number cannot be used.
        """
        return drawing(self.graph, actors, incident, **asked)

    def to_networkx(self, view: View = "edges", claims: Iterable[str] | None = None) -> PlainGraph:
        """A plain networkx graph that is the caller's to change; see `ConflictGraph.to_networkx`.

        Args:
            view: `edges`, `claims`, `dyads` or `signed`.
            claims: Only these claims (ids), such as the column `id` of a table; all where None.
        """
        return self.graph.to_networkx(view, claims)

    def to_rdflib(self, **how: Any) -> Any:  # noqa: ANN401 -- only `rdf` knows the RDF libraries
        """The claims as an `rdflib.Graph` that is the caller's to change; `how` is what `app.rdf.to_rdflib` takes."""
        from app.rdf import to_rdflib

        return to_rdflib(self.graph, **how)

    # ---- how ----

    def _claims(
        self, kind: ClaimType | None, source: str | None, target: str | None, limit: int | None, filters: Filters
    ) -> pd.DataFrame:
        if limit is not None and limit < 0:
            raise BadQuery(f"limit must be 0 or more, not {limit}")
        found = select(self.graph, dataclasses.replace(_asked(filters), type=kind, source=source, target=target))
        attrs = {
            "revision": self.revision,
            "filters": msgspec.to_builtins(found.applied),
            "counts": msgspec.to_builtins(count(self.graph, found.counting)),
            "undated_left_out": found.undated_left_out,
        }
        rows = self.graph.claims.rows(found.ids)[:limit]
        return framed(queries.ClaimRow, columns_of(self.graph, rows, found.narrower), attrs)

    def _listed(self, kind: type[msgspec.Struct], rows: Iterable[msgspec.Struct], first: _Page) -> pd.DataFrame:
        told = {"revision": self.revision, "filters": msgspec.to_builtins(first.filters), "total": first.total}
        return frame(kind, rows, told)


class _Page(Protocol):
    @property
    def filters(self) -> queries.AppliedFilters: ...
    @property
    def total(self) -> int: ...
    @property
    def next(self) -> str | None: ...


P = TypeVar("P", bound=_Page)


def _pages(ask: Callable[[int, str | None], P], limit: int | None) -> list[P]:
    """The pages of an answer up to so many rows, of which the last page has no more."""
    if limit is not None and limit < 1:
        raise BadQuery(f"limit must be 1 or more, not {limit}")
    sizes = _sizes(limit)
    found = [ask(next(sizes), None)]
    for size in sizes:
        if found[-1].next is None:
            break
        found.append(ask(size, found[-1].next))
    return found


def _sizes(limit: int | None) -> Iterator[int]:
    left = limit
    while left is None or left > 0:
        yield MOST_IN_A_PAGE if left is None else min(left, MOST_IN_A_PAGE)
        left = left - MOST_IN_A_PAGE if left is not None else None


def _asked(filters: Filters) -> queries.ClaimFilter:
    unknown = filters.keys() - Filters.__annotations__.keys()
    if unknown:
        names = ", ".join(sorted(Filters.__annotations__))
        raise BadQuery(f"there is no filter {', '.join(sorted(unknown))}; there are source, target, {names}")
    given: dict[str, Any] = {name: value for name, value in filters.items() if value is not None}
    for name in given.keys() & {"since", "until"}:
        given[name] = _day(given[name])
    if isinstance(given.get("rollup"), bool):
        given["rollup"] = Rollup.FULL if given["rollup"] else Rollup.OFF
    for name in given.keys() & _TERMS.keys():
        given[name] = _term(_TERMS[name], name, given[name])
    if "modality" in given:
        given["modality"] = tuple(_term(Modality, "modality", one) for one in _several(given["modality"]))
    if "actor" in given:
        given["actors"] = tuple(_several(given.pop("actor")))
    return queries.ClaimFilter(**given)


def _several(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _term(kind: Any, name: str, value: str) -> Any:  # noqa: ANN401 -- a member of whichever enumeration
    try:
        return kind(value)
    except ValueError as why:
        raise BadQuery(f"{name} is one of {', '.join(kind)}, not {value!r}") from why


def _day(value: str | date | None) -> str | None:
    return value.isoformat()[:10] if isinstance(value, date) else value
