"""The routes of the HTTP interface as methods, under the routes' own names; filters are named as they are there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import BinaryIO, Literal, Self, TypeVar, Unpack
from urllib.parse import quote

import httpx
import msgspec

from app import queries
from app.client.filters import Around, Day, Filters, Narrowing, Types
from app.client.records import (
    ArticleAnswer,
    AuditPage,
    AuditRow,
    ClaimAnswer,
    Decided,
    Health,
    Ingested,
    News,
    Retracted,
    WhoAmI,
)
from app.client.wire import Body, Paged, Pages, SparqlAnswer, Wire, decoded
from app.queries import ClaimRow
from app.queries.attribution import Position
from app.queries.centralities import Centralities, Measure
from app.queries.directory import ActorRow, IncidentRow, PlaceRow
from app.queries.disputes import Dispute
from app.queries.dyads import Dyad, Unit
from app.queries.facets import Facets
from app.queries.hearsay import Chain, Hearsay
from app.queries.ladder import FollowThrough, Ladder
from app.queries.mirrors import Cycles, Mirror, Mirrors
from app.queries.responses import ResponseAnswer, ResponseRow, Responses
from app.queries.review import Doubt, LogPage, LogRow, ReviewPage
from app.queries.stances import Histories, History
from app.queries.verifying import Verification
from app.vocabulary.terms import ActorKind, ClaimType, EdgeKind, Rung, Voice

JSON = "application/json"
SPARQL_JSON = "application/sparql-results+json"
PAGE_ROWS = 100
"""Rows asked for at a time, where it is not said."""
NEWS_SECONDS = 60.0
"""The service breaks its silence four times as often."""

S = TypeVar("S", bound=msgspec.Struct)
P = TypeVar("P", bound=Paged)
R = TypeVar("R")


class Polemos:
    """A service, asked in Python. Close it, or use it as a context manager.

    Every method may raise what the service's problem stands for: `BadQuery`, `NotFound`, `BadInput`, `LedgerBusy`,
    `MissingPart`, all of them `PolemosError`; `ServiceError` for what has no error of ours, such as a key that is
    missing (401, 403); `ServiceAway` where nothing answers. Answers are about claims made in articles, not findings.

    Args:
        url: The service's address.
        key: An API key, sent as `Authorization: Bearer …`. Give it to an address that begins with https://, or to this
            machine.
        timeout_s: How long the service may be silent, in seconds.
        retries: How often a request is sent again that the service put off (429, 503) or to which no connection came;
            `Retry-After` says when, up to a minute.
        transport: Whom to speak to instead of the network, for tests.
        sleep: How to wait.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        key: str | None = None,
        timeout_s: float = 60.0,
        retries: int = 3,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wire = Wire(url, key=key, timeout_s=timeout_s, retries=retries, transport=transport, sleep=sleep)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._wire.close()

    # ---- claims ----

    def accusations(self, *, limit: int = PAGE_ROWS, **filters: Unpack[Filters]) -> Pages[queries.ClaimPage, ClaimRow]:
        """Who accuses whom of what, oldest first; `limit` rows a page."""
        return self._claims("/accusations", {**filters, "limit": limit})

    def denials(self, *, limit: int = PAGE_ROWS, **filters: Unpack[Filters]) -> Pages[queries.ClaimPage, ClaimRow]:
        """Who denies what, and whose accusation it rejects where the article says so."""
        return self._claims("/denials", {**filters, "limit": limit})

    def retaliations(self, *, limit: int = PAGE_ROWS, **filters: Unpack[Filters]) -> Pages[queries.ClaimPage, ClaimRow]:
        """Who retaliates, threatens to, or is called on to, against whom."""
        return self._claims("/retaliations", {**filters, "limit": limit})

    def claims(
        self, type: Types = None, *, limit: int = PAGE_ROWS, **filters: Unpack[Filters]
    ) -> Pages[queries.ClaimPage, ClaimRow]:
        """All three together, or those types of them that are asked for."""
        return self._claims("/claims", {**filters, "type": type, "limit": limit})

    def facets(self, type: Types = None, **filters: Unpack[Filters]) -> Facets:
        """How many claims match, and how many would with one filter less."""
        return self._get("/facets", Facets, {**filters, "type": type})

    def claim(self, claim: str, *, as_of: str | int | None = None) -> ClaimRow:
        """One claim with its quote."""
        return self._get(f"/claims/{_id(claim)}", ClaimAnswer, {"as_of": as_of}).claim

    def receipt(self, claim: str, *, as_of: str | int | None = None) -> queries.Receipt:
        """What a claim rests on: quote, offsets, the article's hash, what found it, and every decision about it."""
        return self._get(f"/claims/{_id(claim)}/receipt", queries.Receipt, {"as_of": as_of})

    def verify(self, receipt: queries.Receipt | bytes) -> Verification:
        """Whether a receipt holds against itself, its article's text and the ledger."""
        content = receipt if isinstance(receipt, bytes) else msgspec.json.encode(receipt)
        return self._wire.ask("POST", "/receipts/verify", Verification, {}, Body(content, JSON))

    def thread(self, claim: str, *, as_of: str | int | None = None) -> queries.Thread:
        """What a claim answers and what answers it."""
        return self._get(f"/threads/{_id(claim)}", queries.Thread, {"as_of": as_of})

    # ---- what comes of claims ----

    def ladder(
        self, *, within: int | None = None, limit: int = PAGE_ROWS, **filters: Unpack[Filters]
    ) -> Pages[Ladder, FollowThrough]:
        """Retaliations by rung, and row by row what is reported to have come of each threat within so many days."""
        asked = {**filters, "within": within, "limit": limit}
        return self._pages("/ladder", Ladder, lambda page: page.threats, asked)

    def responses(
        self,
        *,
        within: int | None = None,
        by_parties: bool | None = None,
        limit: int = PAGE_ROWS,
        **filters: Unpack[Filters],
    ) -> Pages[Responses, ResponseRow]:
        """How and when the accused is reported to have responded to each accusation, or silence."""
        asked = {**filters, "within": within, "by_parties": by_parties, "limit": limit}
        return self._pages("/responses", Responses, lambda page: page.responses, asked)

    def response(
        self,
        claim: str,
        *,
        within: int | None = None,
        by_parties: bool | None = None,
        as_of: str | int | None = None,
    ) -> ResponseAnswer:
        """All responses by the accused to one accusation."""
        asked = {"within": within, "by_parties": by_parties, "as_of": as_of}
        return self._get(f"/claims/{_id(claim)}/responses", ResponseAnswer, asked)

    def flips(
        self, *, turn: str | Sequence[str] | None = None, limit: int = PAGE_ROWS, **filters: Unpack[Filters]
    ) -> Pages[Histories, History]:
        """Actors that said one thing on who did an incident and later another."""
        asked = {**filters, "turn": turn, "limit": limit}
        return self._pages("/flips", Histories, lambda page: page.histories, asked)

    def actor_flips(
        self,
        actor: str,
        *,
        about: str | None = None,
        unturned: bool | None = None,
        limit: int = PAGE_ROWS,
        as_of: str | int | None = None,
    ) -> Pages[Histories, History]:
        """One actor's positions on who did each incident, in order, and where they turned."""
        asked = {"about": about, "unturned": unturned, "limit": limit, "as_of": as_of}
        path = f"/actors/{_id(actor)}/flips"
        return self._pages(path, Histories, lambda page: page.histories, asked)

    def mirrors(
        self, *, within: int | None = None, limit: int = PAGE_ROWS, **filters: Unpack[Filters]
    ) -> Pages[Mirrors, Mirror]:
        """Pairs of actors that accuse each other of one incident, or of the same act within so many days."""
        asked = {**filters, "within": within, "limit": limit}
        return self._pages("/mirrors", Mirrors, lambda page: page.mirrors, asked)

    def cycles(
        self,
        *,
        length: int | None = None,
        least: int | None = None,
        limit: int | None = None,
        **filters: Unpack[Filters],
    ) -> Cycles:
        """Rings of actors in which each accuses the next."""
        return self._get("/cycles", Cycles, {**filters, "length": length, "least": least, "limit": limit})

    def dyad(
        self,
        source: str,
        target: str,
        *,
        unit: Unit | None = None,
        within: int | None = None,
        lags: int | None = None,
        voice: Voice | str | None = None,
        rung: Rung | str | None = None,
        **filters: Unpack[Narrowing],
    ) -> Dyad:
        """What two actors say of and do to each other over time, reciprocity and escalation."""
        asked = {"source": source, "target": target, "voice": voice, "rung": rung, **filters}
        return self._get("/dyad", Dyad, {**asked, "unit": unit, "within": within, "lags": lags})

    def chain(self, claim: str, *, as_of: str | int | None = None) -> Chain:
        """Through whom a claim's words reached the reader."""
        return self._get(f"/claims/{_id(claim)}/chain", Chain, {"as_of": as_of})

    def hearsay(
        self, type: ClaimType | str | None = None, *, limit: int = PAGE_ROWS, **filters: Unpack[Filters]
    ) -> Pages[Hearsay, Chain]:
        """How many claims are first hand and how many are not, and their chains."""
        asked = {**filters, "type": type, "limit": limit}
        return self._pages("/hearsay", Hearsay, lambda page: page.chains, asked)

    def centralities(
        self, type: Types = None, *, by: Measure | None = None, top: int | None = None, **filters: Unpack[Filters]
    ) -> Centralities:
        """Where actors stand in the web of claims: PageRank, betweenness, in- and out-degree."""
        return self._get("/centralities", Centralities, {**filters, "type": type, "by": by, "top": top})

    # ---- actors, places, incidents ----

    def actors(
        self,
        q: str | None = None,
        *,
        kind: ActorKind | str | None = None,
        limit: int = PAGE_ROWS,
        as_of: str | int | None = None,
    ) -> Pages[queries.ActorPage, ActorRow]:
        """Actors, those in most claims first, by part of the name."""
        asked = {"q": q, "kind": kind, "limit": limit, "as_of": as_of}
        return self._pages("/actors", queries.ActorPage, lambda page: page.actors, asked)

    def actor(self, actor: str, *, as_of: str | int | None = None) -> queries.ActorView:
        """One actor by its id, whom it is part of, and who speaks or acts for it."""
        return self._get(f"/actors/{_id(actor)}", queries.ActorView, {"as_of": as_of})

    def positions(
        self, actor: str, *, about: str | None = None, limit: int = PAGE_ROWS, as_of: str | int | None = None
    ) -> Pages[queries.Positions, Position]:
        """What an actor has said, incident by incident."""
        asked = {"about": about, "limit": limit, "as_of": as_of}
        return self._pages(f"/actors/{_id(actor)}/positions", queries.Positions, lambda page: page.positions, asked)

    def places(
        self, q: str | None = None, *, limit: int = PAGE_ROWS, as_of: str | int | None = None
    ) -> Pages[queries.PlacePage, PlaceRow]:
        """Places, those of most claims first."""
        asked = {"q": q, "limit": limit, "as_of": as_of}
        return self._pages("/places", queries.PlacePage, lambda page: page.places, asked)

    def incidents(
        self,
        q: str | None = None,
        *,
        place: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        limit: int = PAGE_ROWS,
        as_of: str | int | None = None,
    ) -> Pages[queries.IncidentPage, IncidentRow]:
        """Incidents, those of most claims first."""
        asked = {"q": q, "place": place, "since": since, "until": until, "limit": limit, "as_of": as_of}
        return self._pages("/incidents", queries.IncidentPage, lambda page: page.incidents, asked)

    def incident(self, incident: str, *, as_of: str | int | None = None) -> queries.IncidentView:
        """One incident: per accused actor who affirms and who rejects its responsibility, and its claims."""
        return self._get(f"/incidents/{_id(incident)}", queries.IncidentView, {"as_of": as_of})

    def disputes(
        self, type: Types = None, *, q: str | None = None, limit: int = PAGE_ROWS, **filters: Unpack[Filters]
    ) -> Pages[queries.Disputes, Dispute]:
        """Incidents that the claims asked for are about; most texts first."""
        asked = {**filters, "type": type, "q": q, "limit": limit}
        return self._pages("/disputes", queries.Disputes, lambda page: page.disputes, asked)

    # ---- the graph ----

    def subgraph(
        self,
        actor: str | Sequence[str] = (),
        *,
        kind: EdgeKind | str | Sequence[str] | None = None,
        hops: int | None = None,
        limit: int | None = None,
        **filters: Unpack[Around],
    ) -> queries.Subgraph:
        """Nodes and edges around actors, an incident or a place, or the best-evidenced of all; `limit` edges."""
        return self._get(
            "/subgraph", queries.Subgraph, {"actor": actor, "kind": kind, "hops": hops, "limit": limit, **filters}
        )

    def picture(
        self,
        actor: str | Sequence[str] = (),
        suffix: Literal["svg", "png", "html"] = "svg",
        *,
        kind: EdgeKind | str | Sequence[str] | None = None,
        hops: int | None = None,
        limit: int | None = None,
        expand: str | Sequence[str] | None = None,
        without: str | Sequence[str] | None = None,
        **filters: Unpack[Around],
    ) -> bytes:
        """The same piece as a picture; `expand` (`id:number`) adds a node's edges, `without` leaves nodes out."""
        asked = {"actor": actor, "kind": kind, "hops": hops, "limit": limit, "expand": expand, "without": without}
        return self._wire.fetch("GET", f"/subgraph.{_id(suffix)}", {**asked, **filters}).content

    def paths(
        self,
        source: str,
        target: str,
        *,
        max_hops: int | None = None,
        limit: int | None = None,
        as_of: str | int | None = None,
    ) -> queries.Paths:
        """The shortest chains of claims between two actors."""
        asked = {"source": source, "target": target, "max_hops": max_hops, "limit": limit, "as_of": as_of}
        return self._get("/paths", queries.Paths, asked)

    def matrix(self, kind: Types = None, *, top: int | None = None, **filters: Unpack[Filters]) -> queries.Matrix:
        """How often who says it of whom; accusations where no kind is named."""
        return self._get("/matrix", queries.Matrix, {**filters, "kind": kind, "top": top})

    def timeline(
        self,
        type: Types = None,
        *,
        unit: Literal["day", "week", "month", "year"] | None = None,
        **filters: Unpack[Filters],
    ) -> queries.Timeline:
        """How much was said when, or by another clock happened, was published or ingested."""
        return self._get("/timeline", queries.Timeline, {**filters, "type": type, "unit": unit})

    # ---- articles and decisions ----

    def add(self, articles: object, media_type: str = JSON) -> Ingested:
        """Hand articles in.

        Args:
            articles: One article or a list of them (`title`, `text`, `published`, `publisher`, `url`), or bytes or
                text of `media_type`.
            media_type: What bytes or text are: `text/plain`, `text/html`, `application/pdf`, `application/x-ndjson`, …
        """
        if isinstance(articles, str):
            content = articles.encode()
        else:
            content = articles if isinstance(articles, bytes) else msgspec.json.encode(articles)
        return self._wire.ask("POST", "/articles", Ingested, {}, Body(content, media_type))

    def article(self, article: str) -> ArticleAnswer:
        """An article with its text, and the claims it makes."""
        return self._get(f"/articles/{_id(article)}", ArticleAnswer, {})

    def retract(self, article: str, *, by: str, reason: str) -> Retracted:
        """Take an article back; the ledger keeps who did, and why."""
        return self._wire.ask("DELETE", f"/articles/{_id(article)}", Retracted, {"by": by, "reason": reason})

    def decisions(
        self,
        *,
        by: str | None = None,
        kind: str | None = None,
        subject: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        linkers: bool | None = None,
        limit: int = PAGE_ROWS,
        as_of: str | int | None = None,
    ) -> Pages[LogPage, LogRow]:
        """What was decided, the newest first: by whom, when, why, and whether it applies."""
        asked: dict[str, object] = {"by": by, "kind": kind, "subject": subject}
        asked |= {"since": since, "until": until, "linkers": linkers}
        return self._pages("/decisions", LogPage, lambda page: page.log, {**asked, "limit": limit, "as_of": as_of})

    def decide(
        self,
        kind: str,
        subject: str,
        *,
        by: str,
        reason: str,
        object: str | None = None,
        field: str | None = None,
        value: str | None = None,
    ) -> Decided:
        """Merge, split, leave, correct, retract or undo; what each takes is told at `POST /decisions`."""
        ruling = {"kind": kind, "subject": subject, "by": by, "reason": reason}
        body = msgspec.json.encode({**ruling, "object": object, "field": field, "value": value})
        return self._wire.ask("POST", "/decisions", Decided, {}, Body(body, JSON))

    def review(self, *, limit: int = PAGE_ROWS, as_of: str | int | None = None) -> Pages[ReviewPage, Doubt]:
        """What waits for a person."""
        return self._pages("/review", ReviewPage, lambda page: page.doubts, {"limit": limit, "as_of": as_of})

    # ---- elsewhere ----

    def export(
        self,
        out: BinaryIO,
        format: str = "turtle",
        *,
        profile: str | None = None,
        view: str | None = None,
        table: str | None = None,
        type: Types = None,
        kind: str | None = None,
        id: str | None = None,
        **filters: Unpack[Filters],
    ) -> int:
        """Write the graph, or the part that filters leave, into a file as it comes; the number of bytes is returned.

        Args:
            out: Where to write.
            format: turtle, ntriples, nquads, trig, jsonld, rdfxml, graphml, gexf, csv or cytoscape.
            profile: For RDF: claims, edges, rdf12 or nanopub.
            view: For graphs: edges, claims, dyads or signed.
            table: For csv: claims, dna, nodes or edges.
            type: Only claims of these types.
            kind: With `id`, one thing only (RDF).
            id: Its id.
            filters: Which claims.
        """
        asked = {"format": format, "profile": profile, "view": view, "table": table, "type": type}
        done = 0
        with self._wire.stream("GET", "/export", {**asked, "kind": kind, "id": id, **filters}) as answer:
            for part in answer.iter_bytes():
                out.write(part)
                done += len(part)
        return done

    def sparql(self, query: str, accept: str = SPARQL_JSON) -> SparqlAnswer:
        """Ask the claims in SPARQL 1.1; for CONSTRUCT and DESCRIBE, `accept` names a format of RDF."""
        body = Body(query.encode(), "application/sparql-query")
        answer = self._wire.fetch("POST", "/sparql", {}, body, accept)
        revision = int(answer.headers.get("Polemos-Revision", "0"))
        truncated = answer.headers.get("Polemos-Truncated") == "true"
        return SparqlAnswer(answer.content, answer.headers.get("Content-Type", ""), revision, truncated)

    def news(self, since: int | None = None) -> Iterator[News]:
        """Each new revision as it comes, from now on or from after a revision; it ends only when the service does."""
        with self._wire.stream("GET", "/stream", {"since": since}, timeout_s=NEWS_SECONDS) as answer:
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    yield decoded(line.removeprefix("data:").encode(), News)

    def health(self) -> Health:
        """That it answers, and how much its graph holds."""
        return self._get("/health", Health, {})

    def whoami(self) -> WhoAmI:
        """What the caller may do, with its key or without."""
        return self._get("/whoami", WhoAmI, {})

    def audit(self, *, limit: int = PAGE_ROWS) -> Pages[AuditPage, AuditRow]:
        """Who wrote what, when and through which door, the newest first; for a key of the role admin."""
        return self._pages("/audit", AuditPage, lambda page: page.audit, {"limit": limit})

    # ---- how ----

    def _get(self, path: str, answer: type[S], params: Mapping[str, object]) -> S:
        return self._wire.ask("GET", path, answer, params)

    def _claims(self, path: str, params: Mapping[str, object]) -> Pages[queries.ClaimPage, ClaimRow]:
        return self._pages(path, queries.ClaimPage, lambda page: page.claims, params)

    def _pages(
        self, path: str, answer: type[P], rows: Callable[[P], list[R]], params: Mapping[str, object]
    ) -> Pages[P, R]:
        def ask(cursor: str | None) -> P:
            return self._get(path, answer, {**params, "cursor": cursor})  # type: ignore[type-var]

        return Pages(ask, rows)


def _id(name: str) -> str:
    return quote(name, safe="")
