"""Judgements in, clusters out: which ids name the same thing, or go back to one text. A DIFFERENT blocks any chain.

People outrank linkers, through any chain too; a later judgement of the same person on the same pair replaces an earlier
one, and among linkers the surer judgement is taken first. A SAME that would join what somebody holds to be different,
or a linker's DIFFERENT of what people have joined, is not applied: it is returned as a conflict, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from app.graph.arrays import NONE, Codes, Column, Ids
from app.vocabulary.records import Decision
from app.vocabulary.terms import Judgement

Rank = tuple[int, bool, int, str]
"""Where an incident or claim stands: its article's place in the ledger, body after title, offset, id."""


class Ranks(Protocol):
    """Tells where ids that have an order (incidents and claims) stand in the ledger."""

    def get(self, name: str, /) -> Rank | None:
        """An id's place, or None where it has none."""
        ...


_PREFIXES = ("men", "inc", "clm")
_OTHER = len(_PREFIXES)
_TABLE = {f"{prefix}-": number for number, prefix in enumerate(_PREFIXES)}


class Names:
    """Ids of mentions, incidents, claims and nodes in, numbers out, and back."""

    def __init__(self) -> None:
        self._ids = tuple(map(Ids, _PREFIXES))
        self._others: Codes[str] = Codes()

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) != NONE

    def __iter__(self) -> Iterator[str]:
        for ids in self._ids:
            yield from ids
        yield from self._others.values

    def find(self, name: str) -> int:
        """The number of an id, or NONE."""
        table = _TABLE.get(name[:4], _OTHER)
        row = self._others.find(name) if table == _OTHER else self._ids[table].find(name)
        return row << 2 | table if row != NONE else NONE

    def add(self, name: str) -> int:
        """The number of an id, which it gets now if it has none."""
        table = _TABLE.get(name[:4], _OTHER)
        row = self._others.code(name) if table == _OTHER else self._ids[table].add(name)
        return row << 2 | table

    def name(self, number: int) -> str:
        """The id with a number."""
        table, row = number & 3, number >> 2
        return self._others.values[row] if table == _OTHER else self._ids[table].name(row)

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        found = {prefix: ids.state() for prefix, ids in zip(_PREFIXES, self._ids, strict=True)}
        return {**found, "others": self._others.values}

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        for prefix, ids in zip(_PREFIXES, self._ids, strict=True):
            ids.restore(state[prefix])
        self._others = Codes(state["others"])


class Clusters:
    """Union–find over ids with forbidden pairs.

    A mention that is one with a node of the world, as nearly all are, is known by its root alone: an actor may have
    hundreds of thousands of them, and nobody asks for them all.

    Attributes:
        conflicts: Judgements that were not applied.
        rank: Where incidents and claims stand in the ledger. The first of a cluster represents it, so that what joins
            later does not rename it.
    """

    def __init__(self, rank: Ranks | None = None, conflicts: Iterable[Decision] = ()) -> None:
        self.conflicts: list[Decision] = list(conflicts)
        self.rank: Ranks = rank if rank is not None else dict[str, Rank]()
        self._names = Names()
        # By kind of id: what each is joined to, and the next of the ring of its cluster.
        self._above = tuple(Column("i4") for _ in range(_OTHER + 1))
        self._next = tuple(Column("i4") for _ in range(_OTHER + 1))
        self._apart: dict[str, set[str]] = {}

    def root(self, name: str) -> str:
        """The representative of the cluster that holds `name`."""
        number = self._names.find(name)
        return self._names.name(self._root(number)) if number != NONE else name

    def _root(self, number: int) -> int:
        above, top = self._above, number
        while (higher := above[top & 3].at[top >> 2]) != NONE:
            top = higher
        while number != top:
            column, row = above[number & 3], number >> 2
            number, column.at[row] = column.at[row], top
        return int(top)

    def members(self, name: str) -> set[str]:
        """The ids of the cluster that holds `name`, itself included; of mentions only those that are asked about."""
        number = self._names.find(name)
        if number == NONE:
            return {name}
        return {name, *map(self._names.name, self._ring(self._root(number)))}

    def _ring(self, number: int) -> Iterator[int]:
        here = number
        while True:
            yield here
            here = self._next[here & 3].at[here >> 2]
            if here == number:
                return

    def _add(self, name: str) -> int:
        number = self._names.add(name)
        row = number >> 2
        if row == len(self._above[number & 3]):
            self._above[number & 3].append(NONE)
            self._next[number & 3].append(number)
        return number

    def _is_alone(self, number: int) -> bool:
        table, row = number & 3, number >> 2
        return self._above[table].at[row] == NONE and self._next[table].at[row] == number

    def keep_apart(self, left: str, right: str) -> bool:
        """Forbid that the clusters of the two ever become one; False, and nothing forbidden, where they are one."""
        if self.root(left) == self.root(right):
            return False
        for one, other in ((left, right), (right, left)):
            self.show(one)
            self._apart.setdefault(one, set()).add(other)
        return True

    def show(self, name: str) -> None:
        """Have `members` tell of a mention."""
        number = self._names.find(name)
        if number == NONE:
            return
        root, after = self._root(number), self._next[number & 3]
        if root != number and after.at[number >> 2] == number:
            after.at[number >> 2] = self._next[root & 3].at[root >> 2]
            self._next[root & 3].at[root >> 2] = number

    def join(self, left: str, right: str) -> bool:
        """Make the two one, unless some member of the one is held apart from some member of the other."""
        ours, theirs = self._add(left), self._add(right)
        a, b = self._root(ours), self._root(theirs)
        if a == b:
            return True
        if self._apart and (self._is_kept(a, b) or self._is_kept(b, a)):
            return False
        # A node of the world ("actor-russia") stands for its mentions; among equals the first in order does, so that
        # the outcome does not depend on the order of joining.
        top, low = sorted((a, b), key=self._place)
        hidden = low & 3 == 0 and top & 3 != 0 and self._is_alone(low) and self._names.name(low) not in self._apart
        self._above[low & 3].at[low >> 2] = top
        if not hidden:
            one, other = self._next[top & 3], self._next[low & 3]
            one.at[top >> 2], other.at[low >> 2] = other.at[low >> 2], one.at[top >> 2]
        return True

    def _is_kept(self, one: int, other: int) -> bool:
        """True where somebody of the one's cluster is held apart from somebody of the other's."""
        for number in self._ring(one):
            for name in self._apart.get(self._names.name(number), ()):
                found = self._names.find(name)
                if found != NONE and self._root(found) == other:
                    return True
        return False

    def is_apart(self, left: str, right: str) -> bool:
        """True where somebody holds just these two to be different."""
        return right in self._apart.get(left, ())

    def is_joined(self, name: str) -> bool:
        """True where some other id that is no mention is one with it."""
        number = self._names.find(name)
        return number != NONE and not self._is_alone(number)

    def holds(self, name: str) -> bool:
        """True where a judgement on this id was applied."""
        return name in self._names

    def _place(self, number: int) -> tuple[bool, bool, Rank, str]:
        name = self._names.name(number)
        rank = self.rank.get(name)
        return (name.startswith("men-"), rank is None, rank or (0, False, 0, ""), name)

    def state(self) -> dict[str, Any]:
        """What `restore` takes; conflicts and ranks are somebody else's."""
        return {
            "names": self._names.state(),
            **{f"above_{table}": column.values for table, column in enumerate(self._above)},
            **{f"next_{table}": column.values for table, column in enumerate(self._next)},
            "apart": [(one, sorted(others)) for one, others in self._apart.items()],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        self._names.restore(state["names"])
        self._above = tuple(Column("i4", state[f"above_{table}"]) for table in range(_OTHER + 1))
        self._next = tuple(Column("i4", state[f"next_{table}"]) for table in range(_OTHER + 1))
        self._apart = {one: set(others) for one, others in state["apart"]}


def judge(decisions: Iterable[Decision], rank: Mapping[str, Rank] | None = None) -> Clusters:
    """Apply judgements by the rule above; unsure ones join nothing."""
    newest: dict[tuple[str, str, str], Decision] = {}
    for decision in decisions:
        if decision.object is None:
            continue
        left, right = sorted((decision.subject, decision.object))
        newest[left, right, decision.by] = decision
    by_people = {(left, right) for (left, right, _), decision in newest.items() if decision.at is not None}

    clusters = Clusters(rank)
    people: list[tuple[str, str, Decision]] = []
    linkers: list[tuple[str, str, Decision]] = []
    for (left, right, _), decision in newest.items():
        if decision.at is not None:
            people.append((left, right, decision))
        elif (left, right) not in by_people:
            linkers.append((left, right, decision))
    for level in (people, linkers):
        level.sort(key=lambda row: (-(row[2].score or 0.0), row[2].id))
        for left, right, decision in level:
            if decision.judgement is Judgement.DIFFERENT and not clusters.keep_apart(left, right):
                clusters.conflicts.append(decision)
        for left, right, decision in level:
            if decision.judgement is Judgement.SAME and not clusters.join(left, right):
                clusters.conflicts.append(decision)
    for decision in clusters.conflicts:
        for name in (decision.subject, decision.object or decision.subject):
            clusters.show(name)
    return clusters
