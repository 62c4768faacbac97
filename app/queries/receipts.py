"""A claim and its article in, everything needed to check the claim by hand out; it reports, it does not repair."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Literal

import msgspec

from app.curation.log import Log
from app.graph import ConflictGraph, ResolvedClaim
from app.queries.outcomes import Outcomes, as_found
from app.queries.rows import ClaimRow, row_of
from app.vocabulary.errors import EvidenceMismatch
from app.vocabulary.records import Article, Decision, content_id
from app.vocabulary.terms import ClaimType, DecisionKind, Modality

# Enough to see the sentence in its place, too little to republish the article.
CONTEXT = 200


class Check(msgspec.Struct, frozen=True):
    """Whether the quote stands in the stored article where the claim says it stands; `detail` says what is wrong."""

    passed: bool
    detail: str | None


class ClaimIdentity(msgspec.Struct, frozen=True):
    """The fields that a claim's id is made of, in their order, as the claim was found.

    Attributes:
        speaker: Id of the mention whose words are reported; `source` and `target` are ids of mentions, too.
    """

    article: str
    type: ClaimType
    speaker: str
    source: str
    target: str | None
    modality: Modality
    part: Literal["title", "text"]
    start: int
    end: int

    @property
    def id(self) -> str:
        """The claim id that these fields make."""
        return content_id("clm", *msgspec.structs.astuple(self))


class Derived(msgspec.Struct, frozen=True):
    """Something about the claim that is not in its quote, and where it comes from.

    Attributes:
        what: speaker, source, source_named, target, target_named, relayed_by, incident, said, happened, lineage, type,
            modality, date, denial_kind or threat_kind.
        told: What the article's reading says: the id of a mention, incident or article, or a value.
        is_now: What the graph makes of it: the id of a node or article, or a value.
        how: By what it was derived, in words.
        decisions: Ids of the decisions that did it, in order; they are among `decisions` and `judgements`.
    """

    what: str
    told: str | None
    is_now: str | None
    how: str
    decisions: list[str]


class Receipt(msgspec.Struct, frozen=True):
    """What a claim rests on, in one piece that can be checked without the ledger.

    Attributes:
        claim: The claim with its four times (happened, said, published, ingested) and its lineage.
        quote: The exact words; `part`, `start` and `end` say where they stand (code points, end exclusive).
        before: The words before the quote.
        after: The words after it.
        article_sha256: SHA-256 over UTF-8 of the article's title, a line feed, and its text.
        extractor: Name and version of what found the claim, or None where it is not known.
        reading: Id of the reading that holds it: of article and extractor.
        cue: The rule or label that found it.
        identity: What the claim's id is made of, or None where the id was given by whoever imported it.
        derived: What is inferred, and by what.
        decisions: Decisions of people about the claim, its article, its mentions, its nodes or its incident, and what
            undid them, in the order they were taken.
        judgements: Linkers' judgements by which its mentions, incident and lineage are what they are, with reason and
            score.
        digest: SHA-256 over the receipt's canonical JSON (RFC 8785) without this field.
    """

    revision: int
    claim: ClaimRow
    quote: str
    part: Literal["title", "text"]
    start: int
    end: int
    before: str
    after: str
    article: str
    article_sha256: str
    extractor: str | None
    reading: str | None
    cue: str
    confidence: float
    identity: ClaimIdentity | None
    derived: list[Derived]
    decisions: list[Decision]
    judgements: list[Decision]
    digest: str
    check: Check


def receipt(graph: ConflictGraph, claim_id: str, article: Article, log: Log) -> Receipt:
    """The receipt of a claim, as of the graph's revision.

    Args:
        graph: The graph.
        claim_id: The claim's id.
        article: Its article, with its text.
        log: The decisions of the ledger, as far as the graph or further.

    Raises:
        NotFound: No claim has this id.
    """
    found = graph.claim(claim_id)
    evidence, extractor = found.claim.evidence, graph.readers.get(article.id)
    try:
        evidence.check(article)
        check = Check(True, None)
    except EvidenceMismatch as why:
        check = Check(False, str(why))
    whole = article.part(evidence.part)
    derived, ways = _derived(graph, found, log)
    people = _of_people(graph, found, log)
    known = {one.id for one in people}
    made = Receipt(
        revision=graph.revision,
        claim=row_of(graph, found),
        quote=evidence.quote,
        part=evidence.part,
        start=evidence.start,
        end=evidence.end,
        before=whole[max(0, evidence.start - CONTEXT) : evidence.start],
        after=whole[evidence.end : evidence.end + CONTEXT],
        article=article.id,
        article_sha256=article.sha256,
        extractor=extractor,
        reading=content_id("rdg", article.id, extractor) if extractor is not None else None,
        cue=found.claim.cue,
        confidence=found.confidence,
        identity=_identity(found),
        derived=derived,
        decisions=people,
        judgements=list({one.id: one for one in ways if one.id not in known}.values()),
        digest="",
        check=check,
    )
    return msgspec.structs.replace(made, digest=digest_of(msgspec.to_builtins(made)))


def digest_of(document: dict[str, object]) -> str:
    """The digest of a receipt's JSON document, whatever its own `digest` says: hex SHA-256 of its canonical form."""
    rest = {name: value for name, value in document.items() if name != "digest"}
    return hashlib.sha256(canonical(rest).encode("utf-8", "surrogatepass")).hexdigest()


def canonical(value: object) -> str:
    """A JSON value in its one form by RFC 8785: sorted keys, no white space, numbers as ECMAScript writes them."""
    match value:
        case dict():
            keys = sorted(value, key=lambda key: str(key).encode("utf-16-be", "surrogatepass"))
            return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
        case list() | tuple():
            return "[" + ",".join(map(canonical, value)) + "]"
        case float():
            return _number(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    digits, _, exponent = text.partition("e")
    if not exponent:
        return text
    return f"{Decimal(text):f}" if -7 < int(exponent) < 21 else f"{digits}e{int(exponent):+d}"


def _identity(found: ResolvedClaim) -> ClaimIdentity | None:
    claim = as_found(found.claim)
    if claim is None:
        return None
    at = claim.evidence
    return ClaimIdentity(
        claim.article,
        claim.type,
        claim.speaker,
        claim.source,
        claim.target,
        claim.modality,
        at.part,
        at.start,
        at.end,
    )


def _derived(graph: ConflictGraph, found: ResolvedClaim, log: Log) -> tuple[list[Derived], list[Decision]]:
    """What is inferred of a claim, and the decisions that did it."""
    claim, outcomes = found.claim, Outcomes(graph, log)
    rows: list[Derived] = []
    used: list[Decision] = []

    def add(what: str, told: str | None, is_now: str | None, how: str, steps: list[Decision]) -> None:
        rows.append(Derived(what, told, is_now, how, [one.id for one in steps]))
        used.extend(steps)

    roles: list[tuple[str, str | None, str | None]] = [
        ("speaker", claim.speaker, found.speaker),
        ("source", claim.source, found.source),
        ("source_named", claim.source_named, found.source_named),
        ("target", claim.target, found.target),
        ("target_named", claim.target_named, found.target_named),
        *(("relayed_by", told, node) for told, node in zip(claim.relayed_by, found.relayed_by, strict=True)),
    ]
    for what, told, node in roles:
        if told is not None and node is not None:
            steps = outcomes.path(DecisionKind.JUDGE, told, {node})
            add(what, told, node, "judged to be one" if steps else "the name that the article gives", steps)
    if claim.incident is not None and found.incident is not None:
        steps = outcomes.path(DecisionKind.JUDGE, claim.incident, {found.incident})
        how = "judged to be one" if steps else "as the article tells it"
        add("incident", claim.incident, found.incident, how, steps)
        if found.happened.iso is not None:
            add("happened", claim.incident, found.happened.iso, "the day that the article gives its incident", [])
    said = claim.date or found.published
    if said is not None:
        how = "the article's words" if claim.date is not None else "the day on which the article was published"
        add("said", claim.date, said, how, [])
    if found.lineage != claim.article:
        copied = set(graph.claims_in(found.lineage))
        add("lineage", claim.article, found.lineage, "a copy of", outcomes.path(DecisionKind.LINEAGE, claim.id, copied))
    else:
        add("lineage", claim.article, found.lineage, "nobody holds it to be a copy of an earlier text", [])
    for taken in log.about(claim.id, graph.revision):
        one = taken.decision
        if one.kind is DecisionKind.CORRECT and outcomes.counts(one):
            add(one.object or "", None, one.value, "corrected", [one])
    return rows, used


def _of_people(graph: ConflictGraph, found: ResolvedClaim, log: Log) -> list[Decision]:
    """People's decisions that bear on a claim, and what undid them."""
    claim = found.claim
    names = {claim.id, claim.article, claim.speaker, claim.source, claim.source_named, claim.target, claim.target_named}
    names |= {claim.incident, *claim.relayed_by}
    nodes = {found.speaker, found.source, found.source_named, found.target, found.target_named, found.incident}
    nodes |= {*found.relayed_by}
    names |= nodes | {name for name, node in graph.merged.items() if node in nodes}
    about: set[str | None] = names - {None}
    decisions = []
    for taken in log.people:
        one = taken.decision
        if taken.revision <= graph.revision and not about.isdisjoint((one.subject, one.object)):
            # What undoes it bears on the claim, too.
            about.add(one.id)
            decisions.append(one)
    return decisions
