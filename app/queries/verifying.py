"""A receipt as somebody hands it in, what was decided since, and the graph in; each check's outcome, with words, out.

Nothing that the receipt says is believed: its ids only say what to look up, and all it tells is made anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from app.curation.log import Log
from app.graph import ConflictGraph
from app.queries.outcomes import Outcomes, told_by
from app.queries.receipts import ClaimIdentity, canonical, digest_of, receipt
from app.queries.review import LogRow, log_row
from app.queries.rows import ClaimRow
from app.vocabulary.errors import BadInput, EvidenceMismatch
from app.vocabulary.records import REPUBLISHED, Article, Decision, Evidence, content_id
from app.vocabulary.terms import RefusalReason

Outcome = Literal["pass", "fail", "not_checked"]
_MOST_TOLD = 8
"""Fields that differ, told by name."""


class Checked(msgspec.Struct, frozen=True):
    """One check of a receipt, and in words what was found.

    Attributes:
        check: digest, claim_id, reading, decisions, article_id, document, quote, told or ledger.
    """

    check: str
    outcome: Outcome
    words: str


class Verification(msgspec.Struct, frozen=True):
    """What became of the checks of a receipt.

    Attributes:
        revision: The ledger's revision now; `made_at` is that at which the receipt says it was made.
        passed: True where no check failed.
        since: What was decided about the claim after the receipt was made, the oldest first.
    """

    revision: int
    made_at: int
    claim: str
    passed: bool
    checks: list[Checked]
    since: list[LogRow]


class Handed(msgspec.Struct, frozen=True):
    """What is looked at of a receipt; all of it is looked at once more when the whole is compared."""

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
    identity: ClaimIdentity | None
    decisions: list[Decision]
    judgements: list[Decision]
    digest: str


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A receipt that was handed in.

    Attributes:
        document: All of it.
        receipt: What is looked at.
        title: The article's title and `text`, where they came along.
        digest: The digest that the document has, whatever it says.
    """

    document: dict[str, object]
    receipt: Handed
    title: str | None
    text: str | None
    digest: str

    @property
    def is_whole(self) -> bool:
        """True where it is as some service gave it out."""
        return self.digest == self.receipt.digest


def read_receipt(raw: bytes) -> HandedIn:
    """A receipt as it was given out, or `{"receipt": …, "text": …, "title": …}` with its article's text.

    Raises:
        BadInput: It is no JSON, or no receipt.
    """
    try:
        whole = msgspec.json.decode(raw)
        wrapped = isinstance(whole, dict) and "receipt" in whole
        document = whole["receipt"] if wrapped else whole
        more = msgspec.convert(whole, _Wrapper) if wrapped else _Wrapper()
        found = msgspec.convert(document, Handed)
        return HandedIn(document, found, more.title, more.text, digest_of(document))
    except msgspec.ValidationError as why:
        raise BadInput(RefusalReason.BAD_FIELD, f"this is no receipt: {why}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as why:
        raise BadInput(RefusalReason.BAD_JSON, f"this is no JSON: {why}") from None
    except RecursionError:
        raise BadInput(RefusalReason.BAD_JSON, "this is nested too deeply to be a receipt") from None


class _Wrapper(msgspec.Struct, frozen=True):
    receipt: object = None
    title: str | None = None
    text: str | None = None


def verify(
    handed: HandedIn, then: ConflictGraph | None, now: ConflictGraph, log: Log, article: Article | None
) -> Verification:
    """Check a receipt.

    Args:
        handed: The receipt.
        then: The graph as it was at the receipt's revision, or None where it is not to be had.
        now: The newest graph.
        log: The decisions of the ledger.
        article: The article as the ledger holds it, or None.
    """
    checks = [
        *_by_itself(handed.receipt, handed.digest),
        *_against_text(handed, article),
        _told(handed, then, log, article),
        _in_ledger(handed.receipt, now, log, article),
    ]
    return Verification(
        revision=now.revision,
        made_at=handed.receipt.revision,
        claim=handed.receipt.claim.id,
        passed=not any(one.outcome == "fail" for one in checks),
        checks=checks,
        since=_since(handed.receipt, now, log),
    )


def _checked(check: str, passed: bool, good: str, bad: str) -> Checked:
    return Checked(check, "pass" if passed else "fail", good if passed else bad)


def _by_itself(one: Handed, digest: str) -> Iterator[Checked]:
    """What needs nothing but the receipt."""
    yield _checked(
        "digest",
        digest == one.digest,
        "the receipt is as it was given out",
        f"the receipt was changed after it was given out, or its digest was: what it says has the digest {digest}",
    )
    said = one.claim.evidence
    if one.identity is None:
        yield Checked("claim_id", "not_checked", "the claim's id was given by whoever imported it")
    else:
        ours = (one.identity.article, one.identity.part, one.identity.start, one.identity.end)
        agree = ours == (one.article, one.part, one.start, one.end) == (said.article, said.part, said.start, said.end)
        yield _checked(
            "claim_id",
            agree and one.quote == said.quote and one.identity.id == one.claim.id,
            "article, type, speaker, source, target, modality and place in the text make the claim's id",
            "article, type, speaker, source, target, modality and place in the text make another claim's id",
        )
    if one.extractor is None:
        yield Checked("reading", "not_checked", "the receipt does not say what found the claim")
    else:
        yield _checked(
            "reading",
            content_id("rdg", one.article, one.extractor) == one.reading,
            f"{one.extractor} and the article make the reading's id",
            f"{one.extractor} and the article make another reading's id",
        )
    wrong = [row.id for row in (*one.decisions, *one.judgements) if _id_of(row) != row.id]
    yield _checked(
        "decisions",
        not wrong,
        "every decision's id is made of what it says",
        f"these decisions say what their ids are not made of: {', '.join(wrong)}",
    )


def _id_of(row: Decision) -> str:
    return content_id("dec", row.kind, row.subject, row.object, row.value, row.judgement, row.by, row.at)


def _against_text(handed: HandedIn, article: Article | None) -> Iterator[Checked]:
    """What needs the article's text: the one handed in, else the one that the ledger holds."""
    one = handed.receipt
    if handed.text is not None:
        title, text, whose = handed.title if handed.title is not None else one.claim.title, handed.text, "handed in"
    elif article is not None:
        title, text, whose = article.title, article.text, "of the ledger"
    else:
        for check in ("article_id", "document", "quote"):
            yield Checked(check, "not_checked", "neither you nor the ledger has the article's text")
        return
    head = (one.claim.url, one.claim.publisher, one.claim.published)
    makes_id = content_id("art", *head, title, text) == one.article
    if not makes_id and whose == "of the ledger" and (one.extractor or "").startswith(REPUBLISHED):
        words = "of an article that came in as RDF the ledger has the quotes alone, which cannot make its id"
        yield Checked("article_id", "not_checked", words)
    else:
        yield _checked(
            "article_id",
            makes_id,
            f"address, publisher, day, title and the text {whose} make the article's id",
            f"address, publisher, day, title and the text {whose} make another article's id",
        )
    # The id is made here, not looked up: whatever the text is, it is held against the receipt's hash.
    stored = Article(title, text, id=one.article)
    yield _checked(
        "document",
        stored.sha256 == one.article_sha256,
        f"title and text {whose} have the hash that the receipt states",
        f"title and text {whose} have the hash {stored.sha256}, not the one that the receipt states",
    )
    whole = stored.part(one.part)
    try:
        Evidence(one.article, one.part, one.start, one.end, one.quote).check(stored)
        around = whole[: one.start].endswith(one.before) and whole[one.end :].startswith(one.after)
        wrong = None if around else "the words around the quote are not those of the text"
    except EvidenceMismatch as why:
        wrong = str(why)
    yield _checked("quote", wrong is None, f"the quote stands at its place in the text {whose}", wrong or "")


def _told(handed: HandedIn, then: ConflictGraph | None, log: Log, article: Article | None) -> Checked:
    """Whether the ledger tells the same of the claim, as it was when the receipt was made."""
    one = handed.receipt
    if not handed.is_whole:
        return Checked("told", "not_checked", "it was changed, so that there is nothing to compare")
    if then is None:
        return Checked("told", "fail", f"the ledger has no revision {one.revision}")
    if article is None or one.claim.id not in then.claims or then.claims[one.claim.id].article != article.id:
        return Checked("told", "fail", f"at revision {one.revision} the ledger did not tell of this claim")
    ours = msgspec.to_builtins(receipt(then, one.claim.id, article, log))
    differing = sorted(set(_differing(ours, handed.document, "")))
    more = "" if len(differing) <= _MOST_TOLD else f" and {len(differing) - _MOST_TOLD} more"
    return _checked(
        "told",
        not differing,
        f"the ledger tells all of it the same, as of revision {one.revision}",
        f"as of revision {one.revision} the ledger tells otherwise: {', '.join(differing[:_MOST_TOLD])}{more}",
    )


def _differing(ours: object, theirs: object, where: str) -> Iterator[str]:
    """Names of the fields in which two JSON documents differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in ours.keys() | theirs.keys():
            at = f"{where}.{name}" if where else str(name)
            if (name in ours) != (name in theirs):
                yield at
            else:
                yield from _differing(ours[name], theirs[name], at)
    elif isinstance(ours, list | tuple) and isinstance(theirs, list) and len(ours) == len(theirs):
        for mine, other in zip(ours, theirs, strict=True):
            yield from _differing(mine, other, where)
    elif canonical(ours) != canonical(theirs):
        yield where


def _in_ledger(one: Handed, now: ConflictGraph, log: Log, article: Article | None) -> Checked:
    """Whether the claim still counts."""
    claim = one.claim.id
    if claim in now.claims:
        return Checked("ledger", "pass", f"the ledger holds the claim, as of revision {now.revision}")
    for name, what in ((claim, "the claim"), (one.article, "its article")):
        gone = log.retraction(name, now.revision)
        if gone is not None:
            return Checked("ledger", "fail", f"{what} was retracted by {told_by(gone)}")
    if article is None:
        return Checked("ledger", "fail", "the ledger holds neither the claim nor its article")
    reader = now.readers.get(article.id)
    held = f"its newest reading, by {reader}, does not find the claim" if reader is not None else "nothing has read it"
    return Checked("ledger", "fail", f"the ledger holds the article, but {held}")


def _since(one: Handed, now: ConflictGraph, log: Log) -> list[LogRow]:
    """People's decisions about the claim since the receipt was made."""
    about: set[str | None] = {one.claim.id, one.article, one.claim.incident}
    about |= {one.claim.speaker_id, one.claim.source_id, one.claim.target_id}
    if one.identity is not None:
        about |= {one.identity.speaker, one.identity.source, one.identity.target}
    about -= {None}
    about |= {row.id for row in (*one.decisions, *one.judgements)}
    outcomes, rows = Outcomes(now, log), []
    for taken in log.people:
        decision = taken.decision
        if one.revision < taken.revision <= now.revision and not about.isdisjoint((decision.subject, decision.object)):
            about.add(decision.id)
            rows.append(log_row(now, taken, outcomes))
    return rows
