"""Answers that are the service's own, and no question's to the graph: written by `app.web`, read by the client."""

from __future__ import annotations

import msgspec

from app.queries import ClaimRow
from app.queries.review import LogRow
from app.vocabulary.records import Decision


class ClaimAnswer(msgspec.Struct, frozen=True):
    """One claim."""

    revision: int
    claim: ClaimRow


class ArticleView(msgspec.Struct, frozen=True):
    """An article as it is remembered; offsets of claims count in `title` and `text` as they stand here."""

    id: str
    title: str
    text: str
    published: str | None
    publisher: str | None
    url: str | None
    sha256: str
    extractor: str | None


class ArticleAnswer(msgspec.Struct, frozen=True):
    """An article and the claims it makes, in the order of their passages."""

    revision: int
    article: ArticleView
    claims: list[ClaimRow]


class Refused(msgspec.Struct, frozen=True):
    """An input that became no article, and why."""

    reason: str
    detail: str


class TakenBack(msgspec.Struct, frozen=True):
    """That an article stays out of the graph, and the decision by which it does."""

    article: str
    decision: Decision


class Ingested(msgspec.Struct, frozen=True):
    """What became of what was handed in.

    Attributes:
        articles: Ids of the articles, those already known included.
        left_out: Passages that were read and refused, by reason.
        retracted: Of the articles, those that were taken back, and stay out of the graph until that is undone.
    """

    revision: int
    added: int
    already_known: int
    claims: int
    refusals: list[Refused]
    articles: list[str]
    left_out: dict[str, int]
    retracted: list[TakenBack]


class Retracted(msgspec.Struct, frozen=True):
    """The decision by which an article was taken back; undoing it brings the article back."""

    revision: int
    article: str
    decision: Decision


class Decided(msgspec.Struct, frozen=True):
    """A decision as the ledger holds it now, and in `row` what came of it."""

    revision: int
    decision: Decision
    row: LogRow


class News(msgspec.Struct, frozen=True):
    """What came between two revisions.

    Attributes:
        revision: The revision that questions are answered at from now on.
        after: The revision before.
        at: UTC instant of the revision (ISO 8601).
        articles: How many articles came.
        claims: How many claims newer readings hold.
        decisions: How many decisions came, of linkers and people.
        article_ids: The first 100 articles.
        claim_ids: The first 100 claims.
    """

    revision: int
    after: int
    at: str | None
    articles: int
    claims: int
    decisions: int
    article_ids: tuple[str, ...]
    claim_ids: tuple[str, ...]


class Health(msgspec.Struct, frozen=True):
    """That it answers, and how much the graph holds; numbers are null for whoever may not read.

    Attributes:
        slice: The part of the ledger that is held and answered about; null for all of it.
        left_out: Claims of the ledger that do not belong to it.
    """

    status: str
    version: str
    revision: int | None
    articles: int | None
    claims: int | None
    actors: int | None
    places: int | None
    incidents: int | None
    slice: str | None
    left_out: int | None


class WhoAmI(msgspec.Struct, frozen=True):
    """What the caller may do.

    Attributes:
        role: reader, contributor, curator or admin; null where nothing may be done without a key.
        key: Id of the key that was shown.
        name: Its holder, by whom decisions taken with it are.
        expires_at: UTC instant from which on it opens nothing.
    """

    role: str | None
    key: str | None
    name: str | None
    expires_at: str | None


class AuditRow(msgspec.Struct, frozen=True):
    """One write.

    Attributes:
        number: Its place in the trail.
        at: UTC instant (ISO 8601).
        what: append, restore, key_create or key_revoke.
        revision: The revision it brought, or came to.
        door: Where it came in: http, cli, mcp, or python for whoever called the ledger directly.
        name: Who: the key's holder, or the login name at the command line.
        key: Id of the key that was shown.
        request: Id of the HTTP request.
        detail: How many entries of each kind; which key; from which revision on.
        digest: SHA-256 over this row, the digest before it and that of its revision, in hex.
    """

    number: int
    at: str
    what: str
    revision: int | None
    door: str
    name: str | None
    key: str | None
    request: str | None
    detail: dict[str, int | str]
    digest: str


class AuditPage(msgspec.Struct, frozen=True):
    """The audit trail, the newest first; `next` is the cursor of the page after this one."""

    revision: int
    audit: list[AuditRow]
    next: str | None
