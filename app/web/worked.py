"""Nothing in, answers to each sort of question about an invented dispute out: the examples that OpenAPI shows.

They are asked of a graph like any other, so that no example can have a field, or a sense, that an answer has not.
"""

from __future__ import annotations

from typing import Any

import msgspec

from app import queries
from app.client.records import ClaimAnswer
from app.extraction import ReadingBuilder
from app.graph import ConflictGraph, fold
from app.queries import ClaimFilter
from app.queries.facets import facets
from app.vocabulary.records import Actor, Article, Place, Reading
from app.vocabulary.terms import ActorKind, ClaimType, DenialKind, Modality, NodeKind

_ACTORS = (
    Actor("Norland", ActorKind.STATE, "NOR"),
    Actor("Sudria", ActorKind.STATE, "SUD"),
    Actor("Sudrian Army", ActorKind.ARMED_FORCE, "SUD", part_of="actor-sudria"),
)
_TEXT = (
    "Norland accused the Sudrian army of shelling the market in Kesh on Friday. "
    "Sudria denied it on Saturday and called the report a fabrication. "
    "Norland expelled two Sudrian diplomats in retaliation."
)


def worked() -> dict[str, Any]:
    """Answers as plain values, by the name of their record."""
    graph, accusation = _dispute()
    incident = next(iter(graph.incidents))
    found: list[msgspec.Struct] = [
        queries.accusations(graph, ClaimFilter(source="Norland", target="Sudria", since="2024-03")),
        ClaimAnswer(graph.revision, queries.claim_row(graph, accusation)),
        queries.thread(graph, accusation),
        queries.incident(graph, incident),
        queries.positions(graph, "actor-sudria"),
        queries.actors(graph, "norland"),
        queries.actor(graph, "actor-sudria"),
        queries.places(graph),
        queries.incidents(graph),
        queries.subgraph(graph, actors=["Norland"]),
        queries.paths(graph, "Norland", "Sudria"),
        queries.matrix(graph, ClaimType.ACCUSES, ClaimFilter()),
        queries.timeline(graph, ClaimFilter()),
        queries.disputes(graph, ClaimFilter()),
        facets(graph, ClaimFilter()),
    ]
    return {type(one).__name__: msgspec.to_builtins(one) for one in found}


def _dispute() -> tuple[ConflictGraph, str]:
    """A graph of one article, and the id of the accusation in it."""
    article = Article("Market shelled", _TEXT, "2024-03-03", "The Courier", "https://courier.example/1")
    builder = ReadingBuilder(article, "by-hand@1")
    first, second, third = _TEXT.split(". ")

    def actor(name: str) -> str:
        return builder.mention(NodeKind.ACTOR, name, builder.evidence("text", 0, 7))

    def claim(
        type_: ClaimType,
        quote: str,
        source: str,
        target: str,
        modality: Modality = Modality.ASSERTED,
        *,
        named: str | None = None,
        denied: DenialKind | None = None,
        date: str | None = None,
        answers: str | None = None,
    ) -> str | None:
        at = builder.locate(quote)
        if at is None:
            raise ValueError(quote)
        return builder.claim(
            type_,
            speaker=actor(source),
            source=actor(source),
            target=actor(target),
            target_named=named,
            modality=modality,
            evidence=at,
            incident=shelling,
            date=date,
            responds_to=answers,
            denial_kind=denied,
            confidence=0.9,
        )

    at = builder.locate("shelling the market in Kesh")
    if at is None:
        raise ValueError(first)
    kesh = builder.mention(NodeKind.PLACE, "Kesh", at, country="NOR")
    shelling = builder.incident("shelling", at, kesh, "NOR", "2024-03-01", [actor("Sudria")])
    army = actor("Sudrian Army")
    accusation = claim(ClaimType.ACCUSES, first, "Norland", "Sudria", named=army, date="2024-03-01")
    occurrence = DenialKind.OCCURRENCE
    claim(ClaimType.DENIES, second, "Sudria", "Norland", denied=occurrence, date="2024-03-02", answers=accusation)
    claim(ClaimType.RETALIATES, third, "Norland", "Sudria", Modality.CARRIED_OUT, answers=shelling)
    if accusation is None:
        raise ValueError(first)
    reading: Reading = builder.reading()
    place = Place("Kesh", "NOR", 61.2, 8.4, "settlement")
    graph = fold(
        ((7, entry) for entry in (*_ACTORS, place, article, reading)), lambda _: "2024-03-03T09:00:00.000+00:00"
    )
    return graph, accusation
