"""A graph and claims of it in, everything that a data set of these claims must describe out: ids, in order.

A part holds the claims that were asked for and no others, and what they name: their articles and those that tell of the
same incidents, their actors with all that these are part of, their incidents and places. Acknowledgements are no
claims, so no part has them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.graph import ConflictGraph, ResolvedClaim


@dataclass(frozen=True, slots=True)
class Chosen:
    """Ids of what a data set describes, each list in the order in which it is written.

    Attributes:
        selection: What was asked for, in words; "" where that is everything.
    """

    claims: list[str] = field(default_factory=list)
    acknowledgements: list[str] = field(default_factory=list)
    articles: list[str] = field(default_factory=list)
    actors: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)
    selection: str = ""

    @property
    def mark(self) -> str:
        """What tells a part from other parts of the same revision; "" for the whole."""
        return mark_of(self.selection)


def mark_of(selection: str) -> str:
    """A short name of a selection; "" for everything."""
    return hashlib.blake2b(selection.encode(), digest_size=6).hexdigest() if selection else ""


def slice_in_words(graph: ConflictGraph) -> str:
    """The slice of the ledger that a graph holds, as a selection; "" where it holds all of it."""
    return f"slice={graph.only}" if graph.only is not None else ""


def dataset_name(graph: ConflictGraph, profile: str) -> str:
    """What the data set of all that a graph holds is called: profile and revision, and the slice where it holds one."""
    return "-".join(filter(None, (profile, str(graph.revision), mark_of(slice_in_words(graph)))))


def everything(graph: ConflictGraph) -> Chosen:
    """All that the graph holds."""
    return Chosen(
        sorted(graph.claims),
        sorted(graph.acknowledgements),
        sorted(graph.articles),
        sorted(graph.actors),
        sorted(graph.places),
        sorted(graph.incidents),
    )


def part(
    graph: ConflictGraph, claims: Iterable[str], selection: str, alleged: Iterable[tuple[str, str | None]]
) -> Chosen:
    """These claims and what they name.

    Args:
        graph: Where they are.
        claims: Their ids.
        selection: How they were chosen, in words.
        alleged: The propositions (incident, agent) that they are about.

    Raises:
        NotFound: There is no such claim.
    """
    found = sorted(set(claims))
    articles: set[str] = set()
    actors: set[str] = set()
    incidents: set[str] = set()
    for name in found:
        claim = graph.claim(name)
        articles.update((claim.article, claim.lineage))
        actors.update(actors_of(claim))
        if claim.incident is not None:
            incidents.add(claim.incident)
    for incident, agent in alleged:
        incidents.add(incident)
        if agent is not None:
            actors.add(agent)
    nodes = [graph.incidents[name] for name in incidents]
    articles.update(article for node in nodes for article in node.reported_in)
    return Chosen(
        claims=found,
        # The text that a claim descends from may have been retracted; then its name is all there is of it.
        articles=sorted(articles & graph.articles.keys()),
        actors=sorted(with_wholes(graph, actors)),
        places=sorted({node.place for node in nodes if node.place is not None}),
        incidents=sorted(incidents),
        selection=selection,
    )


def actors_of(claim: ResolvedClaim) -> set[str]:
    """The actors that a claim names."""
    named = (claim.speaker, claim.source, claim.source_named, claim.target, claim.target_named, *claim.relayed_by)
    return {one for one in named if one is not None}


def with_wholes(graph: ConflictGraph, actors: Iterable[str]) -> set[str]:
    """The actors, and everything that they are or were part of."""
    found: set[str] = set()
    waiting = list(actors)
    while waiting:
        here = waiting.pop()
        if here not in found and here in graph.actors:
            found.add(here)
            record = graph.actors[here]
            waiting.extend(membership.whole for membership in record.memberships)
            waiting.extend([record.part_of] if record.part_of is not None else [])
    return found


def in_words(filters: Mapping[str, object]) -> str:
    """Filters as one line: "type=denies source=Norland since=2026"; a selection that leaves nothing out is ""."""
    return " ".join(f"{name}={_word(value)}" for name, value in sorted(filters.items()) if value not in (None, (), []))


def _word(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
