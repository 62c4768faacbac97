"""What an engine is: made empty, filled once with the work's tables, asked, and added to where it can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from tests.benchmarks.peers.work import Added, Work

Answer = Sequence[Any]
"""Rows that compare equal where two engines say the same."""


class Between(NamedTuple):
    """(a) and (e2): one actor against another, by the days they were said on (ordinals, both included)."""

    source: str
    target: str
    since: int
    until: int


class Pair(NamedTuple):
    """(d): from one actor to another."""

    source: str
    target: str


Argument = Between | Pair | str

MOST_EDGES = 500
MOST_HOPS = 4
TOP = 10
DAYS = 30
"""Days from an accusation within which the denial and then the retaliation must be said."""

QUESTIONS: Mapping[str, str] = {
    "a": "accusations(A, B), roll-up and 60 days: ids of the claims, in order",
    "b": "top accusers of A, roll-up: ten, with independent texts and claims",
    "c": "2-hop subgraph around A, at most 500 edges, best-evidenced first: ids of the edges",
    "d": "shortest path between A and B, at most 4 hops: its length",
    "e1": "reciprocal pairs of A: who accuses A and is accused by A, with the claims each way",
    "e2": "A accuses B, B denies, A retaliates, within 30 days: the first of each after the other",
    "f": "thread of a claim: what it says it answers and what answers it, all the way",
}
"""What is asked, by the letter it goes by."""


class Engine(Protocol):
    """Something that answers questions about claims."""

    name: str

    def load(self, work: Work) -> None:
        """Take in the tables, and make the indexes."""
        ...

    def asks(self) -> Mapping[str, Callable[[Any], Answer]]:
        """How it answers, by the letter of the question; questions it has no good way to answer are not among them."""
        ...

    def add(self, added: Added) -> None:
        """Take in some claims more; raises `NotImplementedError` where it is only ever loaded whole."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...


class Loaded:
    """An engine that is loaded whole."""

    def add(self, added: Added) -> None:
        """Nothing is added."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is open."""


def chains(
    accused: Sequence[tuple[int, str]], denied: Sequence[tuple[int, str]], done: Sequence[tuple[int, str]]
) -> Answer:
    """The chains among (day, id) pairs in order, for engines that give the three lists and no more."""
    from bisect import bisect_left

    found = []
    for day, claim in accused:
        at = bisect_left(denied, (day, ""))
        if at == len(denied) or denied[at][0] > day + DAYS:
            continue
        then = bisect_left(done, (denied[at][0], ""))
        if then < len(done) and done[then][0] <= day + DAYS:
            found.append((claim, denied[at][1], done[then][1]))
    return found
