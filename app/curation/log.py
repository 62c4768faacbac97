"""A ledger's entries in; every decision in the order it was taken, and what its newest readings still hold, out.

It is fed what a fold is fed, so that both can be fed in one go, and knows nothing of where entries come from.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Collection, Generator, Iterable
from typing import NamedTuple

from app.vocabulary.records import Actor, Article, Decision, Place, Reading
from app.vocabulary.terms import DecisionKind

Entry = Article | Reading | Actor | Place | Decision


class Taken(NamedTuple):
    """A decision as the ledger holds it.

    Attributes:
        number: Its place among all decisions, from 0.
        revision: The ledger's revision that brought it.
        at: UTC instant at which it was taken; for a linker's, at which it was appended, or None where nobody tells.
    """

    number: int
    revision: int
    at: str | None
    decision: Decision


class Log:
    """The decisions of a ledger. It grows with the ledger; reading it while it grows is safe."""

    def __init__(self, appended_at: Callable[[int], str | None] | None = None) -> None:
        """Start empty.

        Args:
            appended_at: The UTC instant of a revision, as a ledger gives it.
        """
        self._appended_at = appended_at
        self._growing = threading.RLock()
        self._clear()

    def _clear(self) -> None:
        self.revision = 0
        self.taken: list[Taken] = []
        self.people: list[Taken] = []
        """Those of the decisions that people took."""
        self._by_id: dict[str, Taken] = {}
        self._instant: tuple[int, str | None] = (0, None)
        # Article → 64-bit hashes of the ids that its newest reading holds, which take a tenth of the ids' memory.
        self._parts: dict[str, array[int]] = {}
        self._known: set[str] = set()
        # Id → numbers of the decisions about it; made when first asked for.
        self._about: dict[str, list[int]] = {}
        self._indexed = 0

    def follow(self, entries: Callable[[int], Iterable[tuple[int, Entry]]], newest: int) -> None:
        """Take in what is new.

        Args:
            entries: The entries after a revision.
            newest: The ledger's newest revision; where it is older than what is here, the ledger was put back, and all
                is read anew.
        """
        with self._growing:
            if newest < self.revision:
                self._clear()
            if newest > self.revision:
                for _ in self.noting(entries(self.revision)):
                    pass

    def noting(self, entries: Iterable[tuple[int, Entry]]) -> Generator[tuple[int, Entry]]:
        """The same entries, each noted on its way."""
        with self._growing:
            revision = self.revision
            try:
                for revision, entry in entries:
                    self._note(revision, entry)
                    yield revision, entry
            except BaseException:
                # Half a revision cannot be gone on from.
                self._clear()
                raise
            self.revision = revision

    def _note(self, revision: int, entry: Entry) -> None:
        match entry:
            case Decision() if entry.id not in self._by_id:
                at = entry.at or self._when(revision)
                taken = Taken(len(self.taken), revision, at, entry)
                self._by_id[entry.id] = taken
                if entry.at is not None:
                    self.people.append(taken)
                self.taken.append(taken)
            case Reading():
                held = (entry.mentions, entry.incidents, entry.claims, entry.acknowledgements)
                self._parts[entry.article] = array("q", [hash(part.id) for parts in held for part in parts])
            case Article(id=name) | Actor(id=name) | Place(id=name):
                self._known.add(name)
            case _:
                pass

    def _when(self, revision: int) -> str | None:
        if self._appended_at is not None and self._instant[0] != revision:
            self._instant = revision, self._appended_at(revision)
        return self._instant[1]

    def of(self, decision_id: str) -> Taken | None:
        """The decision with this id, or None."""
        return self._by_id.get(decision_id)

    def about(self, name: str, until: int) -> list[Taken]:
        """The decisions whose subject or object is this id, up to a revision, in the order they were taken."""
        with self._growing:
            for taken in self.taken[self._indexed :]:
                for one in (taken.decision.subject, taken.decision.object):
                    if one is not None:
                        self._about.setdefault(one, []).append(taken.number)
            self._indexed = len(self.taken)
            return [self.taken[n] for n in self._about.get(name, ()) if self.taken[n].revision <= until]

    def undone(self, until: int) -> dict[str, Decision]:
        """Ids of the decisions that do not count at a revision, each with the standing decision that undid it."""
        return undone(taken.decision for taken in self.people if taken.revision <= until)

    def retraction(self, name: str, until: int) -> Decision | None:
        """The standing decision that left a record (an article, claim or incident) out, or None."""
        return retractions(taken.decision for taken in self.people if taken.revision <= until).get(name)

    def held(self, names: Collection[str]) -> set[str]:
        """Those of the ids that the ledger holds: records, decisions, and what newest readings hold."""
        with self._growing:
            found = {name for name in names if name in self._known or name in self._by_id}
            sought = {hash(name): name for name in names if name not in found}
            if sought:
                for parts in self._parts.values():
                    if not sought.keys().isdisjoint(parts):
                        found.update(sought[one] for one in parts if one in sought)
            return found


def undone(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """Ids of decisions (in the order they were taken) that do not count, each with the standing one that undid it."""
    found: dict[str, Decision] = {}
    # Last first, so that an undoing is known to stand or not before what it undoes is looked at.
    for one in reversed(tuple(decisions)):
        if one.kind is DecisionKind.UNDO and one.id not in found:
            found[one.subject] = one
    return found


def retractions(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """What decisions (given in the order they were taken) leave out of the graph, each with the newest that does."""
    taken = tuple(decisions)
    taken_back = undone(taken)
    return {one.subject: one for one in taken if one.kind is DecisionKind.RETRACT and one.id not in taken_back}
