"""A name or id as people type it in, the id of one node out; a name that fits none or several is never guessed at."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from app.graph import ConflictGraph
from app.vocabulary.errors import BadQuery
from app.vocabulary.records import slug
from app.vocabulary.terms import ActorKind, NodeKind

# Comparing a mistyped name with more candidates than this would take longer than the question itself.
MOST_COMPARED = 20_000


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where an incident must lie: at one of these places, or anywhere in this country."""

    places: frozenset[str]
    country: str | None

    def holds(self, place: str | None, country: str | None) -> bool:
        """True where the place or the country is one of those asked for."""
        return place in self.places or (self.country is not None and country == self.country)


def find_actor(graph: ConflictGraph, name: str) -> str:
    """The id of the actor with this name, alias or id.

    Raises:
        BadQuery: No actor has it (close names are suggested), or several have (their ids are listed).
    """
    found = graph.named(name, NodeKind.ACTOR)
    if not found:
        known = (alias for actor in graph.actors.values() for alias in (actor.name, *actor.aliases))
        raise BadQuery(f"no actor is called {name!r}{_suggest(name, known)}")
    return _only(name, "actors", found)


def find_place(graph: ConflictGraph, name: str) -> Whereabouts:
    """The place with this name or id, or the country with this ISO 3166 alpha-3 code or name.

    Raises:
        BadQuery: Nothing is known under it, or several places are.
    """
    found = graph.named(name, NodeKind.PLACE)
    if found:
        place = graph.places[_only(name, "places", found)]
        whole_country = place.country if place.precision == "country" else None
        return Whereabouts(frozenset({place.id}), whole_country)
    code = name.strip().upper()
    if len(code) == 3 and code in _countries(graph):
        return Whereabouts(frozenset(), code)
    # A state's name is also the name of its country.
    states = {
        graph.actors[a].country for a in graph.named(name, NodeKind.ACTOR) if graph.actors[a].kind is ActorKind.STATE
    }
    if len(states) == 1 and None not in states:
        return Whereabouts(frozenset(), states.pop())
    raise BadQuery(f"no place or country is called {name!r}{_suggest(name, (p.name for p in graph.places.values()))}")


def find_incident(graph: ConflictGraph, name: str) -> str:
    """The id of the incident node with this id, or into which the article-level incident with this id was judged.

    Raises:
        BadQuery: There is none.
    """
    found = graph.merged.get(name, name)
    if found in graph.incidents:
        return found
    raise BadQuery(f"no incident has the id {name!r}; /incidents lists them")


def check_publisher(graph: ConflictGraph, name: str) -> None:
    """Refuse a publisher that no article has, so that a typing error does not look like an empty answer.

    Raises:
        BadQuery: No article is by it.
    """
    known = {article.publisher for article in graph.articles.values() if article.publisher is not None}
    if name.casefold() not in {one.casefold() for one in known}:
        raise BadQuery(f"no article is published by {name!r}{_suggest(name, known)}")


def _countries(graph: ConflictGraph) -> set[str | None]:
    return {node.country for node in graph.incidents.values()} | {place.country for place in graph.places.values()}


def _only(name: str, what: str, found: list[str]) -> str:
    if len(found) > 1:
        raise BadQuery(f"{name!r} names {len(found)} {what}; ask for one by its id: {', '.join(found[:20])}")
    return found[0]


def _suggest(name: str, known: Iterable[str]) -> str:
    by_slug: dict[str, str] = {}
    for one in known:
        by_slug.setdefault(slug(one), one)
        if len(by_slug) >= MOST_COMPARED:
            break
    # A long name is a mistake of another sort, and comparing it is slow.
    close = difflib.get_close_matches(slug(name)[:80], by_slug, n=3, cutoff=0.65)
    return f"; close to it: {', '.join(by_slug[one] for one in close)}" if close else ""
