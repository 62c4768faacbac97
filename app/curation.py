"""A person's merge, split, correction, retraction or undoing in; one decision appended to the ledger out.

Nothing is overwritten: each act is a row that says who, when and why, and can be undone by another. Whether the ids
exist is for the caller to see to, who holds the graph.
"""

from __future__ import annotations

from datetime import UTC, datetime

from app.ledger import Batch, Ledger
from app.vocabulary.errors import BadQuery
from app.vocabulary.records import Decision
from app.vocabulary.terms import ClaimType, DecisionKind, DenialKind, Judgement, Modality
from app.vocabulary.times import Period


def merge(ledger: Ledger, left: str, right: str, *, by: str, reason: str) -> Decision:
    """Judge that two ids (mentions, actors, places or incidents) name the same thing."""
    return _judge(ledger, left, right, Judgement.SAME, by, reason)


def split(ledger: Ledger, left: str, right: str, *, by: str, reason: str) -> Decision:
    """Judge that two ids name different things; this also blocks a merge through any chain."""
    return _judge(ledger, left, right, Judgement.DIFFERENT, by, reason)


def retract(ledger: Ledger, subject: str, *, by: str, reason: str) -> Decision:
    """Leave an article, claim or incident out of the graph; the ledger keeps it."""
    return _append(ledger, Decision(DecisionKind.RETRACT, subject, by, reason=_why(reason), at=_now()))


def correct(ledger: Ledger, claim: str, field: str, value: str | None, *, by: str, reason: str) -> Decision:
    """Set a field of a claim: type, modality, date or denial_kind. Who is who is corrected by merge and split.

    Raises:
        BadQuery: No such field, or no such value of it.
    """
    try:
        match field:
            case "type":
                ClaimType(value or "")
            case "modality":
                Modality(value or "")
            case "date":
                Period.parse(value) if value else None
            case "denial_kind":
                DenialKind(value) if value else None
            case _:
                raise BadQuery(f"a claim has no field {field!r} to correct; choose type, modality, date or denial_kind")
    except ValueError as why:
        raise BadQuery(f"{value!r} is no {field.replace('_', ' ')} of a claim: {why}") from why
    decision = Decision(DecisionKind.CORRECT, claim, by, object=field, value=value, reason=_why(reason), at=_now())
    return _append(ledger, decision)


def undo(ledger: Ledger, decision: str, *, by: str, reason: str) -> Decision:
    """Take a decision back; undoing the undoing brings it back."""
    return _append(ledger, Decision(DecisionKind.UNDO, decision, by, reason=_why(reason), at=_now()))


def _judge(ledger: Ledger, left: str, right: str, judgement: Judgement, by: str, reason: str) -> Decision:
    if left == right:
        raise BadQuery(f"{left} cannot be judged against itself")
    decision = Decision(DecisionKind.JUDGE, left, by, object=right, judgement=judgement, reason=_why(reason), at=_now())
    return _append(ledger, decision)


def _append(ledger: Ledger, decision: Decision) -> Decision:
    if not decision.by.strip():
        raise BadQuery("say who decides")
    ledger.append(Batch(decisions=[decision]))
    return decision


def _why(reason: str) -> str:
    if not reason.strip():
        raise BadQuery("say why; the reason is kept with the decision")
    return reason.strip()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
