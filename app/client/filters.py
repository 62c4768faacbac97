"""The names of filters, as the HTTP interface has them, with what each may hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypedDict

from app.vocabulary.terms import ClaimType, Clock, Modality, Role, Rollup, Rung, Voice

Day = str | date


class Narrowing(TypedDict, total=False):
    """Which claims, whoever says them of whom.

    Attributes:
        since: First day: YYYY, YYYY-MM or YYYY-MM-DD, or a date.
        until: Last day.
        place: The incident's place (name or id) or country (name or ISO 3166 alpha-3).
        incident: The incident's id.
        publisher: The outlet.
        min_confidence: The extractor's least confidence, from 0 to 1.
        rollup: `full`, `state` or `off`; True and False say the first and the last.
        clock: Which of a claim's four times the days are of.
        actor: Name or id of an actor that must be in the claim, or several, of which one must.
        role: On which side `actor` must stand.
        modality: One or several modalities.
        as_of: The ledger as it was at a revision or time (ISO 8601; UTC where no zone is given).
    """

    since: Day | None
    until: Day | None
    place: str | None
    incident: str | None
    publisher: str | None
    min_confidence: float | None
    rollup: Rollup | str | bool | None
    clock: Clock | str | None
    actor: str | Sequence[str] | None
    role: Role | str | None
    modality: Modality | str | Sequence[str] | None
    as_of: str | int | date | None


class Filters(Narrowing, total=False):
    """Which claims.

    Attributes:
        source: Who accuses, denies or retaliates: name or id.
        target: Against whom: name or id.
        voice: Whether `source` must be the `speaker` or the one `represented`.
        rung: For retaliations, the least rung of the ladder.
    """

    source: str | None
    target: str | None
    voice: Voice | str | None
    rung: Rung | str | None


Types = ClaimType | str | Sequence[str] | None


class Around(TypedDict, total=False):
    """Which piece of the graph.

    Attributes:
        incident: An incident to look around.
        place: A place or country to look around.
        rollup: Which claims are by or against `actor`; where not given, those whose edges touch its node.
        role: On which side of a claim `actor` must stand.
        since: First day; the others as in `Narrowing`.
    """

    incident: str | None
    place: str | None
    since: Day | None
    until: Day | None
    publisher: str | None
    min_confidence: float | None
    clock: Clock | str | None
    modality: Modality | str | Sequence[str] | None
    rollup: Rollup | str | bool | None
    role: Role | str | None
    as_of: str | int | date | None
