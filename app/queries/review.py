"""Decisions and the graph in; what may be decided, what was decided and what came of it, and what is in doubt, out.

Nothing that was decided is lost from sight: what could not be applied, and what no reading of a newer extractor version
holds any more, is listed with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import msgspec
import numpy as np

from app.curation.log import Log, Taken
from app.curation.rulings import Ruling, ruling_of
from app.graph import ConflictGraph
from app.graph.verdict import corrected
from app.queries.cursors import question_mark, take_page
from app.queries.outcomes import Outcomes, Status, as_found, impossible, in_graph, told_by
from app.vocabulary.errors import BadQuery, NotFound
from app.vocabulary.records import Decision
from app.vocabulary.second_reader import doubt as doubt_of
from app.vocabulary.terms import ClaimType, DecisionKind, Modality, NodeKind
from app.vocabulary.times import Period

MOST_CLAIMS = 5
"""Claims shown of each side of a doubt."""
MOST_CONFLICTS = 100
"""Judgements that could not be applied, shown with the queue; how many there are is always told."""
_QUOTED = 80


# ---- may it be decided? ----


def permit(graph: ConflictGraph, decision: Decision, log: Log) -> None:
    """Refuse a person's decision that could never come to anything.

    Raises:
        NotFound: It is about something that neither the graph nor the ledger holds.
        BadQuery: It cannot be: things of two sorts are never one, and a claim must stay a possible claim.
    """
    match decision.kind:
        case DecisionKind.JUDGE | DecisionKind.LINEAGE:
            _permit_pair(graph, decision, log)
        case DecisionKind.CORRECT:
            _permit_correction(graph, decision, log)
        case DecisionKind.RETRACT:
            gone = log.retraction(decision.subject, log.revision)
            if gone is not None:
                raise NotFound(f"{decision.subject} is retracted already: {told_by(gone)}")
            if decision.subject.split("-")[0] not in ("art", "clm", "inc", "ack") or not in_graph(
                graph, decision.subject
            ):
                raise NotFound(f"no article, claim, incident or acknowledgement has the id {decision.subject!r}")
        case DecisionKind.UNDO:
            if log.of(decision.subject) is None:
                raise NotFound(f"no decision has the id {decision.subject!r}")


_ALIKE = {"men": "actor or place", "actor": "actor", "place": "place", "inc": "incident", "clm": "claim"}


def _permit_pair(graph: ConflictGraph, decision: Decision, log: Log) -> None:
    pair = (decision.subject, decision.object or "")
    for name in pair:
        if not in_graph(graph, name) and not log.held([name]):
            raise NotFound(f"nothing has the id {name!r}")
    left, right = (_ALIKE.get(name.split("-")[0]) for name in pair)
    if left is None or right is None:
        raise BadQuery("only mentions, actors, places, incidents and the texts of claims can be judged")
    if left not in right and right not in left:
        raise BadQuery(f"{pair[0]} is {_a(left)} and {pair[1]} is {_a(right)}; only two of one sort can be judged")
    if (decision.kind is DecisionKind.LINEAGE) != (left == "claim"):
        raise BadQuery("two claims are judged by same_text or other_text, and nothing else is")


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _permit_correction(graph: ConflictGraph, decision: Decision, log: Log) -> None:
    claim, field, value = graph.claim(decision.subject).claim, decision.object or "", decision.value
    undone = log.undone(log.revision)
    fields = {
        one.decision.object: one.decision
        for one in log.about(claim.id, log.revision)
        if one.decision.kind is DecisionKind.CORRECT
        and one.decision.id not in undone
        and one.decision.object is not None
    }
    fields[field] = decision
    found = as_found(claim) or claim
    made, wrong = corrected(found, fields)
    if wrong:
        raise BadQuery(impossible(found, {name: one.value for name, one in fields.items()}))
    if value is not None and getattr(made, field) != value:
        needed = "a denial" if field == "denial_kind" else "a threat"
        raise BadQuery(f"only {needed} has a {field.replace('_', ' ')}; this claim {made.type} ({made.modality})")


# ---- the log ----


class LogRow(msgspec.Struct, frozen=True):
    """A decision, and what came of it.

    Attributes:
        kind: What is ruled: merge, split, leave, same_text, other_text, correct, retract or undo.
        subject: The id it is about; `subject_label` is its name, or the quote of a claim.
        object: Of a pair, the other id.
        field: For a correction, the field, and in `value` its new value.
        by: A person's name, or the linker and its version.
        at: UTC instant; for a linker's, that at which it was appended.
        score: For a linker, how sure it is (0 to 1).
        revision: The ledger's revision that brought it.
        status: `applied`; `undone`; `replaced`, where the same hand has decided again; `overruled`, where a person has
            decided otherwise than a linker; `not_applied`, where others contradict it; `orphaned`, where no newest
            reading holds what it is about; `open`, where a linker is unsure and nobody has answered.
        because: Why it does not count, where it does not.
    """

    id: str
    kind: Ruling
    subject: str
    subject_label: str | None
    object: str | None
    object_label: str | None
    field: str | None
    value: str | None
    by: str
    at: str | None
    reason: str
    score: float | None
    revision: int
    status: Status
    because: str | None


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which decisions are asked for; None asks for all.

    Attributes:
        by: Who took it, case aside.
        kind: What is ruled.
        subject: An id it is about; what undoes such a decision is about it, too.
        since: First day on which it was taken.
        until: Last such day.
        linkers: Whether linkers' judgements are shown, too.
    """

    by: str | None = None
    kind: Ruling | None = None
    subject: str | None = None
    since: str | None = None
    until: str | None = None
    linkers: bool = False


class LogFilters(msgspec.Struct, frozen=True, omit_defaults=True):
    """The filters an answer was made with; what was not asked for is left out."""

    by: str | None = None
    kind: Ruling | None = None
    subject: str | None = None
    since: str | None = None
    until: str | None = None
    linkers: bool = False


class LogPage(msgspec.Struct, frozen=True):
    """Decisions, the newest first.

    Attributes:
        total: How many the filter lets through, over all pages.
        orphaned: Of all that it lets through, the standing ones that apply to nothing any more: since a newer extractor
            version has read the article, no newest reading holds what they are about.
        next: The cursor to the next page, or None after the last.
    """

    revision: int
    filters: LogFilters
    log: list[LogRow]
    total: int
    orphaned: list[LogRow]
    next: str | None


def log_page(graph: ConflictGraph, log: Log, asked: LogFilter, limit: int = 50, cursor: str | None = None) -> LogPage:
    """The decisions a filter lets through, up to the graph's revision.

    Raises:
        BadQuery: A date or cursor cannot be used.
    """
    period = Period.between(asked.since, asked.until)
    kept = [one for one in _asked_for(log, graph.revision, asked) if _within(one, period)]
    kept.reverse()
    stated = (asked.by, asked.kind, asked.subject, asked.since, asked.until, asked.linkers)
    question = question_mark("log", stated)
    page, following = take_page(kept, lambda one: (-one.number,), limit, cursor, question, graph.revision)
    outcomes = Outcomes(graph, log)
    return LogPage(
        revision=graph.revision,
        filters=LogFilters(*stated),
        log=[log_row(graph, one, outcomes) for one in page],
        total=len(kept),
        orphaned=[log_row(graph, one, outcomes) for one in kept if one.decision.id in outcomes.orphans],
        next=following,
    )


def _asked_for(log: Log, until: int, asked: LogFilter) -> list[Taken]:
    found, about = [], {asked.subject}
    by = asked.by.casefold() if asked.by is not None else None
    for taken in log.taken if asked.linkers else log.people:
        one = taken.decision
        if taken.revision > until or (asked.subject is not None and about.isdisjoint((one.subject, one.object))):
            continue
        about.add(one.id)
        if (by is None or one.by.casefold() == by) and (asked.kind is None or ruling_of(one) is asked.kind):
            found.append(taken)
    return found


def _within(taken: Taken, period: Period) -> bool:
    if period.is_open:
        return True
    return taken.at is not None and period.holds(date.fromisoformat(taken.at[:10]))


def log_row(graph: ConflictGraph, taken: Taken, outcomes: Outcomes) -> LogRow:
    """A decision as it is shown."""
    one = taken.decision
    status, because = outcomes.of(one)
    correcting = one.kind is DecisionKind.CORRECT
    return LogRow(
        id=one.id,
        kind=ruling_of(one),
        subject=one.subject,
        subject_label=_label(graph, one.subject),
        object=None if correcting else one.object,
        object_label=_label(graph, one.object) if one.object is not None and not correcting else None,
        field=one.object if correcting else None,
        value=one.value,
        by=one.by,
        at=taken.at,
        reason=one.reason,
        score=one.score,
        revision=taken.revision,
        status=status,
        because=because,
    )


def _label(graph: ConflictGraph, name: str) -> str | None:
    if name in graph.claims:
        quote = graph.claims[name].claim.evidence.quote
        return quote if len(quote) <= _QUOTED else quote[: _QUOTED - 1] + "…"
    if name in graph.articles:
        return graph.articles[name].title or None
    node = graph.merged.get(name, name)
    return graph.label(node) if node in graph.actors or node in graph.places or node in graph.incidents else None


# ---- the review queue ----


class DoubtClaim(msgspec.Struct, frozen=True):
    """A claim as far as one needs it to tell two things apart."""

    id: str
    type: ClaimType
    modality: Modality
    source: str
    target: str | None
    said: str | None
    publisher: str | None
    title: str
    quote: str


class DoubtSide(msgspec.Struct, frozen=True):
    """One of two things that may be one.

    Attributes:
        id: The id that was judged; `node` is that of the node it is now, None for a claim.
        kind: actor, place, incident or claim.
        types: For an incident, what articles call it.
        date: For an incident, its day as the article that tells of it gives it, else as others do.
        claims: Some of the claims about, by or against it, for an incident those of its own article; `claims_total`
            tells of how many.
    """

    id: str
    node: str | None
    kind: str
    label: str
    types: tuple[str, ...]
    place: str | None
    country: str | None
    date: str | None
    claims: list[DoubtClaim]
    claims_total: int


class Doubt(msgspec.Struct, frozen=True):
    """A linker's unsure judgement, with both sides.

    Attributes:
        answers: What a person can rule on the pair; each of them takes it from the queue.
    """

    id: str
    by: str
    score: float | None
    reason: str
    left: DoubtSide
    right: DoubtSide
    answers: tuple[Ruling, ...]


class DoubtedClaim(msgspec.Struct, frozen=True):
    """A claim on which two extractors that read an article side by side differ.

    Attributes:
        reason: Who found it, and who did not or how else ("found only by llm").
        by: Name and version of what read the article.
        answers: What a person can rule; each of them takes it from the list. Who finds it right corrects a field to the
            value that it has.
    """

    claim: DoubtClaim
    reason: str
    confidence: float
    by: str | None
    answers: tuple[Ruling, ...]


class ReviewPage(msgspec.Struct, frozen=True):
    """What waits for a person, the likeliest to be one first.

    Attributes:
        total: How many doubts there are, over all pages.
        left_out: Doubts about what is retracted or not read any more, which nobody needs to answer.
        conflicts: Judgements and corrections that could not be applied, and why; the first hundred of
            `conflicts_total`.
        next: The cursor to the next page, or None after the last.
        claims: Claims on which two extractors differ and no person has ruled, the surest first; the first hundred of
            `claims_total`.
    """

    revision: int
    doubts: list[Doubt]
    total: int
    left_out: int
    conflicts: list[LogRow]
    conflicts_total: int
    next: str | None
    claims: list[DoubtedClaim]
    claims_total: int


def review(graph: ConflictGraph, log: Log, limit: int = 20, cursor: str | None = None) -> ReviewPage:
    """The linkers' unsure judgements that nobody has settled, claims on which extractors differ, what was not applied.

    Raises:
        BadQuery: The cursor cannot be used.
    """
    waiting = [one for one in graph.doubts if _is_seen(graph, one.subject) and _is_seen(graph, one.object or "")]
    waiting.sort(key=_urgency)
    page, following = take_page(waiting, _urgency, limit, cursor, question_mark("review"), graph.revision)
    outcomes = Outcomes(graph, log)
    conflicts = [taken for one in graph.conflicts if (taken := log.of(one.id)) is not None]
    conflicts.sort(key=lambda one: (one.decision.at is None, -one.number))
    doubted = _doubted(graph, log)
    return ReviewPage(
        revision=graph.revision,
        doubts=[_doubt(graph, one) for one in page],
        total=len(waiting),
        left_out=len(graph.doubts) - len(waiting),
        conflicts=[log_row(graph, one, outcomes) for one in conflicts[:MOST_CONFLICTS]],
        conflicts_total=len(conflicts),
        next=following,
        claims=[_doubted_claim(graph, one) for one in doubted[:MOST_CONFLICTS]],
        claims_total=len(doubted),
    )


def _doubted(graph: ConflictGraph, log: Log) -> list[str]:
    """Claims whose cue says that two extractors differ on them, where no person's ruling stands on them."""
    table = graph.claims
    cues = [code for code, word in enumerate(table.words.values) if word is not None and doubt_of(word) is not None]
    if not cues:
        return []
    undone = log.undone(graph.revision)
    found = [table.at(row) for row in np.flatnonzero(np.isin(table.columns["cue"].values, cues)).tolist()]
    open_ = [
        claim
        for claim in found
        if not any(
            taken.decision.kind is DecisionKind.CORRECT and taken.decision.id not in undone
            for taken in log.about(claim.id, graph.revision)
        )
    ]
    open_.sort(key=lambda claim: (-claim.confidence, claim.id))
    return [claim.id for claim in open_]


def _doubted_claim(graph: ConflictGraph, name: str) -> DoubtedClaim:
    found = graph.claims[name]
    return DoubtedClaim(
        claim=_said(graph, name),
        reason=doubt_of(found.claim.cue) or "",
        confidence=found.confidence,
        by=graph.readers.get(found.article),
        answers=(Ruling.CORRECT, Ruling.RETRACT),
    )


def _urgency(decision: Decision) -> tuple[str | int, ...]:
    return (-round((decision.score or 0.0) * 1_000_000), decision.id)


def _is_seen(graph: ConflictGraph, name: str) -> bool:
    node = graph.merged.get(name, name)
    return name in graph.claims or node in graph.actors or node in graph.places or node in graph.incidents


def _doubt(graph: ConflictGraph, one: Decision) -> Doubt:
    texts = one.kind is DecisionKind.LINEAGE
    return Doubt(
        id=one.id,
        by=one.by,
        score=one.score,
        reason=one.reason,
        left=_side(graph, one.subject),
        right=_side(graph, one.object or ""),
        answers=(
            (Ruling.SAME_TEXT, Ruling.OTHER_TEXT, Ruling.LEAVE) if texts else (Ruling.MERGE, Ruling.SPLIT, Ruling.LEAVE)
        ),
    )


def _side(graph: ConflictGraph, name: str) -> DoubtSide:
    if name in graph.claims:
        found = graph.claims[name]
        happened = found.happened.iso
        label = graph.articles[found.article].title or found.article
        return DoubtSide(name, None, "claim", label, (), None, None, happened, [_said(graph, name)], 1)
    node_id = graph.merged.get(name, name)
    if node_id in graph.incidents:
        node = graph.incidents[node_id]
        claims = graph.claims_about(node_id)
        ours = [one for one in claims if graph.claims[one].claim.incident == name]
        told = next((day for one in ours if (day := graph.claims[one].happened.iso) is not None), node.date)
        place = graph.places[node.place].name if node.place is not None else None
        shown = _some(graph, ours or claims)
        return DoubtSide(
            name, node_id, "incident", node.label, node.types, place, node.country, told, shown, len(ours or claims)
        )
    if graph.kind(node_id) is NodeKind.PLACE:
        there = graph.places[node_id]
        about = [one for inc in graph.incidents.values() if inc.place == node_id for one in graph.claims_about(inc.id)]
        return DoubtSide(
            name, node_id, "place", there.name, (), None, there.country, None, _some(graph, about), len(about)
        )
    actor = graph.actors[node_id]
    by_or_against = [
        one
        for kind in ClaimType
        for entries in (graph.claims_of(kind, source=node_id), graph.claims_of(kind, target=node_id))
        for _, one in entries
    ]
    both = list(dict.fromkeys(by_or_against))
    return DoubtSide(name, node_id, "actor", actor.name, (), None, actor.country, None, _some(graph, both), len(both))


def _some(graph: ConflictGraph, claims: Iterable[str]) -> list[DoubtClaim]:
    return [_said(graph, one) for one in list(claims)[:MOST_CLAIMS]]


def _said(graph: ConflictGraph, name: str) -> DoubtClaim:
    found = graph.claims[name]
    return DoubtClaim(
        id=name,
        type=found.type,
        modality=found.modality,
        source=graph.actors[found.source].name,
        target=graph.actors[found.target].name if found.target is not None else None,
        said=found.claim.date or found.published,
        publisher=found.publisher,
        title=graph.articles[found.article].title,
        quote=found.claim.evidence.quote,
    )
