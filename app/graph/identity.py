"""Judgements in, clusters out: which ids name the same thing. A DIFFERENT blocks a merge through any chain.

People outrank linkers, through any chain too; a later judgement of the same person on the same pair replaces an earlier
one, and among linkers the surer judgement is taken first. A SAME that would join what somebody holds to be different,
or a linker's DIFFERENT of what people have joined, is not applied: it is returned as a conflict, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.vocabulary.records import Decision
from app.vocabulary.terms import Judgement


@dataclass(slots=True)
class Clusters:
    """Union–find over ids with forbidden pairs."""

    conflicts: list[Decision] = field(default_factory=list)
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
        top, low = sorted((a, b), key=lambda name: (name.startswith("men-"), name))
        self._parent[low] = top
        many.update(few)
        self._members.pop(low, None)
        self._members[top] = many
        return True


def judge(decisions: Iterable[Decision]) -> Clusters:
    """Apply judgements by the rule above; unsure ones join nothing."""
    newest: dict[tuple[str, str, str], Decision] = {}
    for decision in decisions:
        if decision.object is None:
            continue
        left, right = sorted((decision.subject, decision.object))
        newest[left, right, decision.by] = decision
    by_people = {(left, right) for (left, right, _), decision in newest.items() if decision.at is not None}

    clusters = Clusters()
    people: list[tuple[str, str, Decision]] = []
    linkers: list[tuple[str, str, Decision]] = []
    for (left, right, _), decision in newest.items():
        if decision.at is not None:
            people.append((left, right, decision))
        elif (left, right) not in by_people:
            linkers.append((left, right, decision))
    for rank in (people, linkers):
        rank.sort(key=lambda row: (-(row[2].score or 0.0), row[2].id))
        for left, right, decision in rank:
            if decision.judgement is Judgement.DIFFERENT and not clusters.keep_apart(left, right):
                clusters.conflicts.append(decision)
        for left, right, decision in rank:
            if decision.judgement is Judgement.SAME and not clusters.join(left, right):
                clusters.conflicts.append(decision)
    return clusters
