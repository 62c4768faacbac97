"""Judgements in, clusters out: which ids name the same thing, or go back to one text. A DIFFERENT blocks any chain.

People outrank linkers, through any chain too; a later judgement of the same person on the same pair replaces an earlier
one, and among linkers the surer judgement is taken first. A SAME that would join what somebody holds to be different,
or a linker's DIFFERENT of what people have joined, is not applied: it is returned as a conflict, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.vocabulary.records import Decision
from app.vocabulary.terms import Judgement

Rank = tuple[int, bool, int, str]
"""Where an incident or claim stands: its article's place in the ledger, body after title, offset, id."""


@dataclass(slots=True)
class Clusters:
    """Union–find over ids with forbidden pairs.

    Attributes:
        conflicts: Judgements that were not applied.
        rank: Of ids that have an order (incidents and claims, by where they stand in the ledger), their place in it.
            The first of a cluster represents it, so that what joins later does not rename it.
    """

    conflicts: list[Decision] = field(default_factory=list)
    rank: dict[str, Rank] = field(default_factory=dict)
    _parent: dict[str, str] = field(default_factory=dict)
    _members: dict[str, set[str]] = field(default_factory=dict)
    _apart: dict[str, set[str]] = field(default_factory=dict)

    def root(self, name: str) -> str:
        """The representative of the cluster that holds `name`."""
        parent = self._parent
        top = name
        while (above := parent.get(top, top)) != top:
            top = above
        while name != top:
            parent[name], name = top, parent.get(name, name)
        return top

    def members(self, name: str) -> set[str]:
        """All ids of the cluster that holds `name`, itself included."""
        return self._members.get(self.root(name), {name})

    def keep_apart(self, left: str, right: str) -> bool:
        """Forbid that the clusters of the two ever become one; False, and nothing forbidden, where they are one."""
        if self.root(left) == self.root(right):
            return False
        self._apart.setdefault(left, set()).add(right)
        self._apart.setdefault(right, set()).add(left)
        return True

    def join(self, left: str, right: str) -> bool:
        """Make the two one, unless some member of the one is held apart from some member of the other."""
        a, b = self.root(left), self.root(right)
        if a == b:
            return True
        # A mention joins its actor's thousands: only the few are looked at and moved.
        few, many = sorted((self.members(a), self.members(b)), key=len)
        if any(not self._apart[one].isdisjoint(many) for one in few if one in self._apart):
            return False
        # A node of the world ("actor-russia") stands for its mentions; among equals the first in order does, so that
        # the outcome does not depend on the order of joining.
        top, low = sorted((a, b), key=self._place)
        self._parent[low] = top
        many.update(few)
        self._members.pop(low, None)
        self._members[top] = many
        return True

    def is_apart(self, left: str, right: str) -> bool:
        """True where somebody holds just these two to be different."""
        return right in self._apart.get(left, ())

    def is_joined(self, name: str) -> bool:
        """True where some other id is one with it."""
        return len(self.members(name)) > 1

    def _place(self, name: str) -> tuple[bool, bool, Rank, str]:
        rank = self.rank.get(name)
        return (name.startswith("men-"), rank is None, rank or (0, False, 0, ""), name)


def judge(decisions: Iterable[Decision], rank: dict[str, Rank] | None = None) -> Clusters:
    """Apply judgements by the rule above; unsure ones join nothing."""
    newest: dict[tuple[str, str, str], Decision] = {}
    for decision in decisions:
        if decision.object is None:
            continue
        left, right = sorted((decision.subject, decision.object))
        newest[left, right, decision.by] = decision
    by_people = {(left, right) for (left, right, _), decision in newest.items() if decision.at is not None}

    clusters = Clusters(rank=rank or {})
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
    return clusters
