"""The tools: for each its name, what it says of itself, what it takes, and the record that it answers with.

Schemas of arguments and answers are made from the records themselves, so that no second model is kept. A client reads
all of them before it asks anything: what records mean, which most tools would repeat, is told once (`records`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from app import queries
from app.client.records import ClaimAnswer
from app.graph import ConflictGraph
from app.mcp import arguments as args
from app.mcp.guide import CLAIMS
from app.queries.centralities import Centralities, centralities
from app.vocabulary.errors import BadQuery, NotFound
from app.vocabulary.terms import ClaimType
from app.web.services import Services

A = TypeVar("A", bound=msgspec.Struct)


class ArticlePart(msgspec.Struct, frozen=True):
    """A part of an article as it is remembered.

    Attributes:
        text: The characters from `start` on; offsets of claims in the text count from the text's own beginning.
        length: How many characters the whole text has.
        next: The `start` of the part after this one; null where there is none.
        claims: The ids of the claims that the article makes.
    """

    revision: int
    id: str
    title: str
    publisher: str | None
    published: str | None
    url: str | None
    sha256: str
    start: int
    text: str
    length: int
    next: int | None
    claims: list[str]


class SparqlRows(msgspec.Struct, frozen=True):
    """What a SPARQL query was answered with: rows for SELECT, `boolean` for ASK, Turtle for CONSTRUCT and DESCRIBE.

    Attributes:
        variables: The columns of `rows`.
        rows: Values in the order of `variables`; null where a variable is not bound.
        truncated: True where there was more than is shown.
    """

    revision: int
    truncated: bool
    variables: tuple[str, ...] = ()
    rows: list[tuple[str | None, ...]] = []
    boolean: bool | None = None
    turtle: str | None = None


@dataclass(frozen=True, slots=True)
class Tool(Generic[A]):
    """One tool.

    Attributes:
        name: The question's name, as in the HTTP interface.
        title: For people.
        says: What it answers; `CLAIMS` is put behind it.
        takes: Its arguments.
        answers: The record of its answer.
        ask: The question to the graph, for a worker thread; None for SPARQL, which asks a store.
    """

    name: str
    title: str
    says: str
    takes: type[A]
    answers: type[msgspec.Struct]
    ask: Callable[[Services, ConflictGraph, A], msgspec.Struct] | None

    @property
    def description(self) -> str:
        """What an assistant reads of it."""
        return f"{self.says} {CLAIMS}"

    @property
    def input_schema(self) -> dict[str, Any]:
        """The arguments as JSON Schema."""
        return dict(plain(schema(self.takes)))

    @property
    def output_schema(self) -> dict[str, Any]:
        """The answer as JSON Schema; what its fields mean is told in `records`."""
        return dict(plain(schema(self.answers), told=False))

    def read(self, given: Mapping[str, Any]) -> A:
        """The arguments that were given.

        Raises:
            BadQuery: One is missing, unknown or of the wrong sort; the message says which, and which there are.
        """
        # Many clients send null for what they leave out.
        told = {name: value for name, value in given.items() if value is not None}
        try:
            return msgspec.convert(told, self.takes)
        except msgspec.ValidationError as why:
            names = ", ".join(self.takes.__struct_fields__)
            raise BadQuery(f"{why}; the arguments of {self.name} are: {names}") from why


def schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """A record as a JSON Schema whose root is the record itself, as the protocol wants it."""
    _, parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    found = dict(parts)
    root = dict(found.pop(kind.__name__))
    return root | {"$defs": found} if found else root


def plain(found: Any, *, told: bool = True) -> Any:  # noqa: ANN401 -- any part of a schema
    """A schema that lets through the same, in fewer words: no titles, no defaults that say nothing.

    Args:
        found: A schema, or a part of one.
        told: Whether what it says of itself stays.
    """
    if isinstance(found, list):
        return [plain(one, told=told) for one in found]
    if not isinstance(found, dict):
        return found
    if isinstance(found.get("properties"), dict):
        # Names of fields are not words of the schema: a field may be called `title`.
        named = {name: plain(one, told=told) for name, one in found["properties"].items()}
        return {
            **plain({name: one for name, one in found.items() if name != "properties"}, told=told),
            "properties": named,
        }
    made = {
        name: {one: plain(part, told=told) for one, part in value.items()}
        if name == "$defs"
        else plain(value, told=told)
        for name, value in found.items()
        if name != "title" and (told or name != "description") and (name, value) not in _NOTHING
    }
    either = made.get("anyOf")
    if isinstance(either, list) and len(either) == 2 and either[1] == {"type": "null"} and "type" in either[0]:
        # One type or null: words about texts say nothing of null.
        del made["anyOf"]
        made |= {**either[0], "type": [either[0]["type"], "null"]}
    return made


_NOTHING: tuple[tuple[str, object], ...] = (("default", None), ("default", []), ("required", []))


def records() -> dict[str, Any]:
    """Every record that a tool answers with, and what its fields mean, as one JSON Schema."""
    kinds = list({tool.answers: None for tool in TOOLS.values()})
    _, parts = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    answers = {tool.name: {"$ref": f"#/$defs/{tool.answers.__name__}"} for tool in TOOLS.values()}
    return {"type": "object", "description": _RECORDS, "properties": answers, "$defs": plain(dict(parts))}


_RECORDS = "What each tool answers with, by the tool's name."


# ---- questions ----


def _claims(kind: ClaimType) -> Callable[[Services, ConflictGraph, Any], msgspec.Struct]:
    def ask(_: Services, graph: ConflictGraph, asked: args.Narrowed) -> queries.ClaimPage:
        rung = asked.rung if isinstance(asked, args.Retaliating) else None
        wanted = dataclasses.replace(asked.asked(), type=kind, rung=rung)
        return queries.claims(graph, wanted, asked.limit, asked.cursor)

    return ask


def _claim(_: Services, graph: ConflictGraph, asked: args.OneClaim) -> ClaimAnswer:
    return ClaimAnswer(graph.revision, queries.claim_row(graph, asked.claim))


def _thread(_: Services, graph: ConflictGraph, asked: args.OneClaim) -> queries.Thread:
    return queries.thread(graph, asked.claim)


def _receipt(services: Services, graph: ConflictGraph, asked: args.OneClaim) -> queries.Receipt:
    article_id = graph.claim(asked.claim).claim.article
    article = services.reader.article(article_id)
    if article is None:
        raise NotFound(f"the ledger does not hold the article of claim {asked.claim!r}")
    return queries.receipt(graph, asked.claim, article, services.log())


def _incidents(_: Services, graph: ConflictGraph, asked: args.NamedIncidents) -> queries.IncidentPage:
    return queries.incidents(graph, asked.q, asked.place, asked.since, asked.until, asked.limit, asked.cursor)


def _incident(_: Services, graph: ConflictGraph, asked: args.OneIncident) -> queries.IncidentView:
    found = queries.incident(graph, asked.incident)
    return msgspec.structs.replace(found, claims=found.claims[: asked.claims])


def _actors(_: Services, graph: ConflictGraph, asked: args.NamedActors) -> queries.ActorPage:
    return queries.actors(graph, asked.q, asked.kind, asked.limit, asked.cursor)


def _actor(_: Services, graph: ConflictGraph, asked: args.OneActor) -> queries.ActorView:
    return queries.actor(graph, asked.actor)


def _centralities(_: Services, graph: ConflictGraph, asked: args.Standing) -> Centralities:
    wanted = dataclasses.replace(asked.asked(), types=tuple(dict.fromkeys(asked.type)))
    return centralities(graph, wanted, asked.top, asked.by)


def _places(_: Services, graph: ConflictGraph, asked: args.Named) -> queries.PlacePage:
    return queries.places(graph, asked.q, asked.limit, asked.cursor)


def _subgraph(_: Services, graph: ConflictGraph, asked: args.Around) -> queries.Subgraph:
    return queries.subgraph(
        graph,
        actors=asked.actor,
        incident=asked.incident,
        place=asked.place,
        kinds=asked.kind or None,
        since=asked.since,
        until=asked.until,
        publisher=asked.publisher,
        min_confidence=asked.min_confidence,
        hops=asked.hops,
        limit=asked.limit,
    )


def _article(services: Services, graph: ConflictGraph, asked: args.OneArticle) -> ArticlePart:
    found = services.reader.article(asked.article) if asked.article in graph.articles else None
    if found is None:
        raise NotFound(f"no article has the id {asked.article!r}; it may have been retracted")
    end = asked.start + asked.length
    return ArticlePart(
        graph.revision,
        found.id,
        found.title,
        found.publisher,
        found.published,
        found.url,
        found.sha256,
        asked.start,
        found.text[asked.start : end],
        len(found.text),
        end if end < len(found.text) else None,
        list(graph.claims_in(found.id)),
    )


TOOLS: Mapping[str, Tool[Any]] = {
    tool.name: tool
    for tool in (
        Tool(
            "accusations",
            "Who accuses whom",
            "Who accuses whom of what, oldest first, page by page.",
            args.Narrowed,
            queries.ClaimPage,
            _claims(ClaimType.ACCUSES),
        ),
        Tool(
            "denials",
            "Who denies what",
            "Who denies what, oldest first; `target` is whose accusation it rejects, where the article says so.",
            args.Narrowed,
            queries.ClaimPage,
            _claims(ClaimType.DENIES),
        ),
        Tool(
            "retaliations",
            "Who retaliates",
            "Who is reported to retaliate, to threaten it, or to be called on to, against whom; a threat is no act.",
            args.Retaliating,
            queries.ClaimPage,
            _claims(ClaimType.RETALIATES),
        ),
        Tool("claim", "One claim", "One claim with its quote.", args.OneClaim, ClaimAnswer, _claim),
        Tool(
            "thread",
            "A dispute, claim by claim",
            "What a claim answers and what answers it, each link with its basis (explicit or inferred).",
            args.OneClaim,
            queries.Thread,
            _thread,
        ),
        Tool(
            "receipt",
            "What a claim rests on",
            "What a claim rests on: quote, offsets, the article's hash, what found it, every decision about it.",
            args.OneClaim,
            queries.Receipt,
            _receipt,
        ),
        Tool(
            "incidents",
            "Find incidents",
            "Incidents that claims are about, those of most claims first; by part of the label, place and days.",
            args.NamedIncidents,
            queries.IncidentPage,
            _incidents,
        ),
        Tool(
            "incident",
            "Who is said to have done it",
            "One incident: per accused actor who affirms, rejects, or takes it upon itself, and what sort of dispute "
            "that is. It picks no winner.",
            args.OneIncident,
            queries.IncidentView,
            _incident,
        ),
        Tool(
            "actors",
            "Find actors",
            "Actors by part of the name, those in most claims first, with how much each said and faced.",
            args.NamedActors,
            queries.ActorPage,
            _actors,
        ),
        Tool(
            "actor",
            "One actor",
            "One actor: whom it is part of, and who speaks or acts for it.",
            args.OneActor,
            queries.ActorView,
            _actor,
        ),
        Tool(
            "centralities",
            "Where actors stand",
            "Where actors stand in the web of claims: PageRank, betweenness, in- and out-degree. Whoever is written "
            "about most stands highest; it says nothing of power or guilt.",
            args.Standing,
            Centralities,
            _centralities,
        ),
        Tool("places", "Find places", "Places by part of the name.", args.Named, queries.PlacePage, _places),
        Tool(
            "subgraph",
            "A piece of the graph",
            "The best-evidenced edges around actors, an incident or a place, or of all.",
            args.Around,
            queries.Subgraph,
            _subgraph,
        ),
        Tool(
            "article",
            "The text of an article",
            "A part of an article's text, to read a quote in its surroundings.",
            args.OneArticle,
            ArticlePart,
            _article,
        ),
        Tool(
            "sparql",
            "Ask in SPARQL",
            "Asks the claims as RDF, in SPARQL 1.1: read-only, 10 seconds at most. Prefixes are known: plm: is the "
            "ontology, as in SELECT ?c WHERE { ?c a plm:Claim }.",
            args.Sparql,
            SparqlRows,
            None,
        ),
    )
}
"""By name, in the order in which they are listed."""
