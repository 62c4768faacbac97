"""What is reported of an attribution in, its status out, by a published rule that is told with it.

A status says what sort of dispute there is. It names no winner, weighs nobody against another and counts no heads.
`docs/explanation/attribution.md` states the rules in the same words.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Status = Literal["unattributed", "single_sided", "contested", "self_claimed", "admitted", "adjudicated"]

RULES: dict[str, str] = {
    "agent/adjudicated": "A court or tribunal is reported to have ruled on its responsibility; the findings say how.",
    "agent/admitted": "It is reported to have admitted the act, and no rejection of its own is reported.",
    "agent/self_claimed": "It is reported to have claimed the act as its own, and no rejection of its own is reported.",
    "agent/contested": "Its responsibility is affirmed or acknowledged, and it is rejected.",
    "agent/single_sided": "Its responsibility is affirmed, and no rejection that counts is reported.",
    "agent/unattributed": "Nobody is reported to affirm its responsibility, or whoever did has withdrawn it.",
    "incident/adjudicated": "A court or tribunal is reported to have ruled on somebody's responsibility.",
    "incident/admitted": "Somebody is reported to have admitted the act, and no rejection of its own is reported.",
    "incident/contested": "Somebody's responsibility is contested.",
    "incident/competing": (
        "Different sources hold different actors responsible: two are affirmed or acknowledged, neither is part of the "
        "other, and no source affirms both."
    ),
    "incident/self_claimed": "Somebody is reported to have claimed the act, and nobody else is held responsible.",
    "incident/single_sided": "Somebody's responsibility is affirmed, and no rejection that counts is reported.",
    "incident/unattributed": "Nobody is reported to affirm anybody's responsibility.",
}
"""Rule → its text. Within "agent" and within "incident", the first that holds gives the status."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A status with the rule that gave it."""

    status: Status
    rule: str

    @property
    def because(self) -> str:
        """The rule's text."""
        return RULES[self.rule]


@dataclass(frozen=True, slots=True)
class Reports:
    """What is reported of one agent, as far as it counts.

    Attributes:
        agent: Its id.
        wholes: The ids of what it is part of, its own among them.
        affirmed_by: Ids of the sources that affirm and have not withdrawn; by entailment too.
        rejected: Whether anybody rejects it; narrower denials do not count.
        rejects_itself: Whether the agent does.
        self_claimed: Whether it is reported to have claimed the act.
        admitted: Whether it is reported to have admitted it.
        adjudicated: Whether a court or tribunal is reported to have ruled.
    """

    agent: str
    wholes: frozenset[str]
    affirmed_by: frozenset[str]
    rejected: bool
    rejects_itself: bool
    self_claimed: bool
    admitted: bool
    adjudicated: bool

    @property
    def attributed(self) -> bool:
        """True where anybody, itself included, holds it responsible."""
        return bool(self.affirmed_by) or self.self_claimed or self.admitted


def agent_status(reports: Reports) -> Ruling:
    """The status of one agent's responsibility."""
    if reports.adjudicated:
        return Ruling("adjudicated", "agent/adjudicated")
    if reports.admitted and not reports.rejects_itself:
        return Ruling("admitted", "agent/admitted")
    if reports.self_claimed and not reports.rejects_itself:
        return Ruling("self_claimed", "agent/self_claimed")
    if reports.attributed and reports.rejected:
        return Ruling("contested", "agent/contested")
    if reports.affirmed_by:
        return Ruling("single_sided", "agent/single_sided")
    return Ruling("unattributed", "agent/unattributed")


def incident_status(agents: Collection[Reports]) -> Ruling:
    """The status of an incident, from what is reported of each agent."""
    given = {agent_status(one).status for one in agents}
    if "adjudicated" in given:
        return Ruling("adjudicated", "incident/adjudicated")
    if "admitted" in given:
        return Ruling("admitted", "incident/admitted")
    if "contested" in given:
        return Ruling("contested", "incident/contested")
    if _compete(agents):
        return Ruling("contested", "incident/competing")
    if "self_claimed" in given:
        return Ruling("self_claimed", "incident/self_claimed")
    if "single_sided" in given:
        return Ruling("single_sided", "incident/single_sided")
    return Ruling("unattributed", "incident/unattributed")


def _compete(agents: Collection[Reports]) -> bool:
    held = [one for one in agents if one.attributed]
    for place, one in enumerate(held):
        for other in held[place + 1 :]:
            related = one.agent in other.wholes or other.agent in one.wholes
            ours, theirs = (
                reports.affirmed_by | ({reports.agent} if reports.self_claimed or reports.admitted else set())
                for reports in (one, other)
            )
            if not related and not ours & theirs:
                return True
    return False
