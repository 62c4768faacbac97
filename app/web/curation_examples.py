"""Examples of receipts and decisions for OpenAPI, made of the records themselves; the dispute is invented."""

from __future__ import annotations

from typing import Any

import msgspec

from app.curation import Ruling
from app.queries.receipts import Check, ClaimIdentity, Derived, Receipt, digest_of
from app.queries.review import Doubt, DoubtClaim, DoubtedClaim, DoubtSide, LogFilters, LogPage, LogRow, ReviewPage
from app.queries.verifying import Checked, Verification
from app.vocabulary.records import Article, Decision, content_id
from app.vocabulary.terms import ClaimType, DecisionKind, Judgement, Modality
from app.web.answers import JSON, documented
from app.web.examples import ACCUSED

_TEXT = Article(ACCUSED.title, f"{ACCUSED.evidence.quote} More follows.", id=ACCUSED.evidence.article)
_SPEAKER, _TARGET = "men-00000000000000000001", "men-00000000000000000002"
_LINK = Decision(
    DecisionKind.JUDGE,
    _SPEAKER,
    "names@2",
    object=ACCUSED.speaker_id,
    judgement=Judgement.SAME,
    reason="the gazetteer's name",
    score=1.0,
)
_PLAIN = Receipt(
    revision=7,
    claim=ACCUSED,
    quote=ACCUSED.evidence.quote,
    part="text",
    start=ACCUSED.evidence.start,
    end=ACCUSED.evidence.end,
    before="",
    after=" More follows.",
    article=_TEXT.id,
    article_sha256=_TEXT.sha256,
    extractor="rules@1",
    reading=content_id("rdg", _TEXT.id, "rules@1"),
    cue=ACCUSED.cue,
    confidence=ACCUSED.confidence,
    identity=ClaimIdentity(
        _TEXT.id,
        ClaimType.ACCUSES,
        _SPEAKER,
        _SPEAKER,
        _TARGET,
        Modality.ASSERTED,
        "text",
        ACCUSED.evidence.start,
        ACCUSED.evidence.end,
    ),
    derived=[Derived("speaker", _SPEAKER, ACCUSED.speaker_id, "judged to be one", [_LINK.id])],
    decisions=[],
    judgements=[_LINK],
    digest="",
    check=Check(True, None),
)
RECEIPT = msgspec.structs.replace(_PLAIN, digest=digest_of(msgspec.to_builtins(_PLAIN)))

VERIFICATION = Verification(
    revision=9,
    made_at=7,
    claim=ACCUSED.id,
    passed=False,
    checks=[
        Checked("digest", "pass", "the receipt is as it was given out"),
        Checked("quote", "pass", "the quote stands at its place in the text of the ledger"),
        Checked(
            "ledger",
            "fail",
            "its article was retracted by ana at 2024-04-01T09:30:00.000000+00:00: forged (dec-00000000000000000003)",
        ),
    ],
    since=[],
)

MERGED = Decision(
    DecisionKind.JUDGE,
    "inc-00000000000000000001",
    "ana",
    object="inc-00000000000000000002",
    judgement=Judgement.SAME,
    reason="both tell of the shelling of the market",
    at="2024-04-01T09:30:00.000000+00:00",
)
ROW = LogRow(
    id=MERGED.id,
    kind=Ruling.MERGE,
    subject=MERGED.subject,
    subject_label="shelling, Kesh, 2024-03-01",
    object=MERGED.object,
    object_label="shelling, Kesh, 2024-03-01",
    field=None,
    value=None,
    by=MERGED.by,
    at=MERGED.at,
    reason=MERGED.reason,
    score=None,
    revision=8,
    status="applied",
    because=None,
)
LOG = LogPage(8, LogFilters(by="ana"), [ROW], 1, [], None)


def _side(number: int, source: str, quote: str) -> DoubtSide:
    name = f"inc-{number:020d}"
    said = DoubtClaim(
        id=f"clm-{number:020d}",
        type=ClaimType.ACCUSES,
        modality=Modality.ASSERTED,
        source=source,
        target="Sudria",
        said="2024-03-02",
        publisher="The Courier",
        title="Market shelled",
        quote=quote,
    )
    return DoubtSide(
        name, name, "incident", "shelling, Kesh, 2024-03-01", ("shelling",), "Kesh", "NOR", "2024-03-01", [said], 1
    )


REVIEW = ReviewPage(
    revision=7,
    doubts=[
        Doubt(
            id="dec-00000000000000000004",
            by="incidents@1",
            score=0.55,
            reason="one place and type, a day apart",
            left=_side(1, "Norland", ACCUSED.evidence.quote),
            right=_side(2, "Eastland", "Eastland blamed Sudria for the shells on the market."),
            answers=(Ruling.MERGE, Ruling.SPLIT, Ruling.LEAVE),
        )
    ],
    total=1,
    left_out=0,
    conflicts=[],
    conflicts_total=0,
    next=None,
    claims=[
        DoubtedClaim(
            claim=_side(3, "Norland", ACCUSED.evidence.quote).claims[0],
            reason="found only by llm",
            confidence=0.3333,
            by="hybrid+llm:some-model@7222033",
            answers=(Ruling.CORRECT, Ruling.RETRACT),
        )
    ],
    claims_total=1,
)


def told(example: msgspec.Struct, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of a route, with an example of its answer."""
    found = documented(type(example), *statuses)
    found[200]["content"][JSON]["example"] = msgspec.to_builtins(example)
    return found
