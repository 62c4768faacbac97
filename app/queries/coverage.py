"""An actor and a span of days in, how much was there to be searched out: so that silence is not taken for blindness.

"Nothing found" says something only beside the number of articles in which it could have been found.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from itertools import islice
from weakref import WeakKeyDictionary

import msgspec

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.lags import LAST_ID
from app.vocabulary.terms import ClaimType
from app.vocabulary.times import PartialDate

MOST_NAMING = 500
"""Articles that name an actor are counted up to here: more do not make a silence more of one."""


class Searched(msgspec.Struct, frozen=True):
    """What an answer was looked for in.

    Attributes:
        since: First day of the window.
        until: Last day of it that the articles reach.
        articles: Articles published in it; those without a day of publication are not counted.
        publishers: The outlets of those.
        naming_articles: Articles, other than the claim's own text and its copies, that report a claim by or against the
            actor (or a part of it) said in the window. Only in these was the actor within sight. Counting ends at 500.
        naming_publishers: The outlets of those.
    """

    since: str
    until: str
    articles: int
    publishers: int
    naming_articles: int
    naming_publishers: int


class _Published:
    """Days of publication, in order: all of them, and by outlet."""

    def __init__(self) -> None:
        self.known = 0
        self.days: list[date] = []
        self.by_publisher: dict[str, list[date]] = {}

    def catch_up(self, graph: ConflictGraph) -> None:
        """Take the articles that have come to the graph since; a graph loses none."""
        if self.known == len(graph.articles):
            return
        changed = [self.days]
        for article in islice(graph.articles.values(), self.known, None):
            if article.published is not None:
                day = PartialDate.parse(article.published).first
                self.days.append(day)
                if article.publisher is not None:
                    changed.append(self.by_publisher.setdefault(article.publisher, []))
                    changed[-1].append(day)
        for days in {id(days): days for days in changed}.values():
            # Sorted but for what came last, so that this costs little more than a look at each.
            days.sort()
        self.known = len(graph.articles)


# An index, not a memory of questions: it holds what the graph holds, by day, and goes when the graph goes.
_published: WeakKeyDictionary[ConflictGraph, _Published] = WeakKeyDictionary()
_building = threading.Lock()


def last_day(graph: ConflictGraph) -> date | None:
    """The last day on which an article was published: what was said later cannot be known."""
    days = _of(graph).days
    return days[-1] if days else None


def searched(graph: ConflictGraph, actor: str, since: date, until: date, apart_from: ResolvedClaim) -> Searched:
    """What there is between two days, and in how much of it the actor is within sight.

    Args:
        graph: The graph.
        actor: Id of the actor that was looked for.
        since: First day.
        until: Last day; where the articles end earlier, they are searched to their end.
        apart_from: The claim that raised the question; its own article and its lineage are no places to look.
    """
    index = _of(graph)
    last = index.days[-1] if index.days else None
    until = max(since, min(until, last)) if last is not None else since
    naming: dict[str, str | None] = {}
    for claim in naming_claims(graph, actor, since, until, apart_from):
        naming.setdefault(claim.article, claim.publisher)
        if len(naming) == MOST_NAMING:
            break
    return Searched(
        since=since.isoformat(),
        until=until.isoformat(),
        articles=bisect_right(index.days, until) - bisect_left(index.days, since),
        publishers=sum(bisect_right(days, until) > bisect_left(days, since) for days in index.by_publisher.values()),
        naming_articles=len(naming),
        naming_publishers=len(set(naming.values()) - {None}),
    )


def naming_claims(
    graph: ConflictGraph, actor: str, since: date, until: date, apart_from: ResolvedClaim
) -> Iterator[ResolvedClaim]:
    """Claims by or against an actor or its parts said between two days, in other texts than that of a claim."""
    own = {apart_from.lineage, apart_from.article}
    for kind in ClaimType:
        for entries in (graph.claims_of(kind, source=actor), graph.claims_of(kind, target=actor)):
            first, beyond = bisect_left(entries, (since, "")), bisect_right(entries, (until, LAST_ID))
            for _, claim_id in islice(entries, first, beyond):
                claim = graph.claims[claim_id]
                if own.isdisjoint((claim.lineage, claim.article)):
                    yield claim


def said_between(graph: ConflictGraph, since: date, until: date) -> int:
    """How many claims of all types were said between two days."""
    counted = 0
    for kind in ClaimType:
        entries = graph.claims_of(kind)
        counted += bisect_right(entries, (until, LAST_ID)) - bisect_left(entries, (since, ""))
    return counted


def _of(graph: ConflictGraph) -> _Published:
    with _building:
        index = _published.setdefault(graph, _Published())
        index.catch_up(graph)
        return index
