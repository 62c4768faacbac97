"""What a person rules in, the decision it is out, and the way back; only the form is looked at here."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from app.vocabulary.errors import BadQuery
from app.vocabulary.records import Decision
from app.vocabulary.terms import ClaimType, DecisionKind, DenialKind, Judgement, Modality, ThreatKind
from app.vocabulary.times import Period


class Ruling(StrEnum):
    """What a person can rule; in API and command line the same words.

    `merge`, `split`, `leave`: two mentions, actors, places or incidents are one, are two, or it cannot be told.
    `same_text`, `other_text`, `leave`: the same of two claims and the text they go back to. `correct`: a field of a
    claim has another value. `retract`: a record is left out of the graph. `undo`: another decision does not count.
    """

    MERGE = "merge"
    SPLIT = "split"
    LEAVE = "leave"
    SAME_TEXT = "same_text"
    OTHER_TEXT = "other_text"
    CORRECT = "correct"
    RETRACT = "retract"
    UNDO = "undo"


_JUDGEMENTS = {
    Ruling.MERGE: (DecisionKind.JUDGE, Judgement.SAME),
    Ruling.SPLIT: (DecisionKind.JUDGE, Judgement.DIFFERENT),
    Ruling.SAME_TEXT: (DecisionKind.LINEAGE, Judgement.SAME),
    Ruling.OTHER_TEXT: (DecisionKind.LINEAGE, Judgement.DIFFERENT),
}
_RULINGS = {judged: ruling for ruling, judged in _JUDGEMENTS.items()}
_PAIRS = (*_JUDGEMENTS, Ruling.LEAVE)


def ruling_of(decision: Decision) -> Ruling:
    """What a decision, of a person or a linker, rules."""
    if decision.judgement is None:
        return Ruling(decision.kind.value)
    return _RULINGS.get((decision.kind, decision.judgement), Ruling.LEAVE)


def decision(
    ruling: Ruling,
    subject: str,
    *,
    by: str,
    reason: str,
    other: str | None = None,
    field: str | None = None,
    value: str | None = None,
) -> Decision:
    """The decision that a ruling is, taken now.

    Args:
        ruling: What is ruled.
        subject: The id it is about.
        by: Who rules.
        reason: Why.
        other: For a pair, the other id.
        field: For `correct`, the field: type, modality, date, denial_kind or threat_kind. Who is who is corrected by
            merge and split.
        value: For `correct`, the new value; None for unknown.

    Raises:
        BadQuery: Something is missing or too much, or the field has no such value.
    """
    who, why = by.strip(), reason.strip()
    if not who:
        raise BadQuery("say who decides")
    if not why:
        raise BadQuery("say why; the reason is kept with the decision")
    if (other is not None) != (ruling in _PAIRS):
        raise BadQuery(f"{ruling} takes {'two ids' if other is None else 'one id'}")
    if ruling is not Ruling.CORRECT and (field is not None or value is not None):
        raise BadQuery(f"{ruling} takes no field and no value; they are for correct")
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    if other is not None:
        if subject == other:
            raise BadQuery(f"{subject} cannot be judged against itself")
        kind, judgement = _JUDGEMENTS.get(ruling, (None, Judgement.UNSURE))
        if kind is None:
            kind = DecisionKind.LINEAGE if subject.startswith("clm-") else DecisionKind.JUDGE
        return Decision(kind, subject, who, object=other, judgement=judgement, reason=why, at=at)
    if ruling is Ruling.CORRECT:
        _check_value(field or "", value)
        return Decision(DecisionKind.CORRECT, subject, who, object=field, value=value, reason=why, at=at)
    return Decision(DecisionKind(ruling.value), subject, who, reason=why, at=at)


def _check_value(field: str, value: str | None) -> None:
    try:
        match field:
            case "type":
                ClaimType(value or "")
            case "modality":
                Modality(value or "")
            case "date":
                Period.parse(value) if value is not None else None
            case "denial_kind":
                DenialKind(value) if value is not None else None
            case "threat_kind":
                ThreatKind(value) if value is not None else None
            case _:
                choice = "type, modality, date, denial_kind or threat_kind"
                raise BadQuery(f"a claim has no field {field!r} to correct; choose {choice}")
    except ValueError as why:
        raise BadQuery(f"{value!r} is no {field.replace('_', ' ')} of a claim: {why}") from why
