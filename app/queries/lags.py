"""Two periods in, the days between them out; two actors in, how one is part of the other out.

Days are as precise as the articles are: where a claim is dated by a month, a lag is a range and not a number.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import msgspec

from app.graph import ConflictGraph, ResolvedClaim
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import Rollup
from app.vocabulary.times import Period

Kin = Literal["same", "part", "whole"]
"""How one actor stands to another: the same, a part of it, or what it is part of; by their dated records."""
LONGEST_WINDOW = 3660
LAST_ID = "\U0010ffff"
"""Sorts behind every id, for looking a day up in a list of (day, id)."""


class Lag(msgspec.Struct, frozen=True):
    """Days from one claim to another: the fewest and the most that their dates allow; equal where both give a day."""

    least: int
    most: int


def lag(earlier: Period, later: Period) -> Lag | None:
    """The days from one period to another; None where one has no date, or the later one is over before the earlier."""
    if earlier.start is None or earlier.end is None or later.start is None or later.end is None:
        return None
    if later.end < earlier.start:
        return None
    return Lag(max(0, (later.start - earlier.end).days), max(0, (later.end - earlier.start).days))


def kin(graph: ConflictGraph, one: str, other: str, day: date | None) -> Kin | None:
    """How `one` stands to `other` on a day; None where neither is part of the other (two arms of a state are not)."""
    if one == other:
        return "same"
    if other in graph.wholes(one, day):
        return "part"
    return "whole" if one in graph.wholes(other, day) else None


def topmost(graph: ConflictGraph, actor: str, day: date | None) -> str:
    """The highest actor of which this one is part on a day; itself where it is part of nothing."""
    seen = {actor}
    while (whole := graph.actors[actor].whole_on(day)) is not None and whole in graph.actors and whole not in seen:
        seen.add(whole)
        actor = whole
    return actor


def ends(graph: ConflictGraph, claim: ResolvedClaim, rollup: Rollup) -> tuple[str, str | None]:
    """Who says or does it, and against whom, rolled up as asked: to the highest whole, as the codebook does, or not."""
    source, target = claim.source, claim.target
    if rollup is Rollup.OFF:
        return claim.source_named or source, claim.target_named or target
    if rollup is Rollup.FULL:
        day = claim.when.start
        return topmost(graph, source, day), topmost(graph, target, day) if target is not None else None
    return source, target


def check_window(name: str, days: int) -> timedelta:
    """A number of days as a span of time.

    Raises:
        BadQuery: It is negative, or longer than ten years.
    """
    if not 0 <= days <= LONGEST_WINDOW:
        raise BadQuery(f"{name} must lie between 0 and {LONGEST_WINDOW} days, not {days}")
    return timedelta(days=days)


def day_after(day: date, span: timedelta) -> date:
    """A day and a span later, or the last day there is."""
    return day + span if date.max - day > span else date.max
