"""A claim and its article in, everything needed to check the claim by hand out; it reports, it does not repair."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from app.graph import ConflictGraph
from app.queries.rows import ClaimRow, claim_row
from app.vocabulary.errors import EvidenceMismatch
from app.vocabulary.records import Article, Decision

# Enough to see the sentence in its place, too little to republish the article.
CONTEXT = 200


class Check(msgspec.Struct, frozen=True):
    """Whether the quote stands in the stored article where the claim says it stands; `detail` says what is wrong."""

    passed: bool
    detail: str | None


class Receipt(msgspec.Struct, frozen=True):
    """What a claim rests on.

    Attributes:
        quote: The exact words; `part`, `start` and `end` say where they stand (code points, end exclusive).
        before: The words before the quote.
        after: The words after it.
        article_sha256: SHA-256 over UTF-8 of the article's title, a line feed, and its text.
        extractor: Name and version of what found the claim, or None where it is not known.
        cue: The rule or label that found it.
        decisions: Decisions of people about the claim, its article or its incident, in the order they were taken.
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
    cue: str
    confidence: float
    decisions: list[Decision]
    check: Check


def receipt(
    graph: ConflictGraph,
    claim_id: str,
    article: Article,
    *,
    extractor: str | None = None,
    decisions: Iterable[Decision] = (),
) -> Receipt:
    """The receipt of a claim; `decisions` may hold more than those about it.

    Raises:
        NotFound: No claim has this id.
    """
    found = graph.claim(claim_id)
    evidence = found.claim.evidence
    try:
        evidence.check(article)
        check = Check(True, None)
    except EvidenceMismatch as why:
        check = Check(False, str(why))
    about = {claim_id, found.claim.article, found.claim.incident, found.incident} - {None}
    whole = article.part(evidence.part)
    return Receipt(
        revision=graph.revision,
        claim=claim_row(graph, claim_id),
        quote=evidence.quote,
        part=evidence.part,
        start=evidence.start,
        end=evidence.end,
        before=whole[max(0, evidence.start - CONTEXT) : evidence.start],
        after=whole[evidence.end : evidence.end + CONTEXT],
        article=article.id,
        article_sha256=article.sha256,
        extractor=extractor,
        cue=found.claim.cue,
        confidence=found.claim.confidence,
        decisions=[one for one in decisions if one.subject in about or one.object in about],
        check=check,
    )
