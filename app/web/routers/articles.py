"""Articles: handing them in, reading one with its claims, and taking one back (which is remembered, never erased)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import queries
from app.client.records import ArticleAnswer, ArticleView, Ingested, Refused, Retracted, TakenBack
from app.curation import Ruling, decision, retractions, take
from app.graph import ConflictGraph
from app.intake import Item, Limits, read_bytes
from app.intake.fetch import Page, fetch, shown
from app.pipeline import IngestReport
from app.vocabulary.errors import BadInput, NotFound
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason
from app.web.access import CONTRIBUTE, CURATE, READ, Caller, caller_of, signer
from app.web.answers import answer, documented, plain, services_of
from app.web.bodies import Turns, in_bounds, whole_body
from app.web.decided import refuse_retracted
from app.web.params import RetractParams
from app.web.services import Services

router = APIRouter(tags=["articles"], dependencies=READ)
Held = Annotated[Services, Depends(services_of)]
Asking = Annotated[Caller, Depends(caller_of)]

URI_LIST = "text/uri-list"
"""Addresses to be read, one a line (RFC 2483)."""
MOST_ADDRESSES = 10
"""Addresses in one request."""


_BODY = {
    "requestBody": {
        "required": True,
        "description": "One article or a list of them as JSON, JSON lines, one HTML page, plain text, a PDF file, a "
        "feed with its articles' text (RSS, Atom, JSON Feed), or a web archive (WARC). A list of addresses "
        "(text/uri-list) is fetched, where they lead to no private network.",
        "content": {
            kind: {"schema": {"type": "string"} if kind.startswith("text") else {}}
            for kind in (
                "application/json",
                "application/x-ndjson",
                "text/html",
                "text/plain",
                "application/pdf",
                "application/rss+xml",
                "application/atom+xml",
                "application/feed+json",
                "application/warc",
                URI_LIST,
            )
        },
    }
}


@router.post(
    "/articles",
    responses=documented(Ingested, 400, 408, 413, 415, 503),
    openapi_extra=_BODY,
    dependencies=CONTRIBUTE,
)
async def post_articles(request: Request, services: Held) -> Response:
    """Read articles and remember what they say; one that is known already changes nothing."""
    raw = await whole_body(request, services.limits.max_bytes)
    kind = request.headers.get("content-type")
    turns: Turns = request.app.state.turns
    named = _addresses(raw) if kind is not None and kind.partition(";")[0].strip().lower() == URI_LIST else None
    # A slow site must keep nobody else waiting: all are asked at once, before this request takes its turn.
    pages = await asyncio.gather(*(run_in_threadpool(_page, one, services.limits) for one in named or ()))
    async with turns.mine():
        if named is None:
            items = read_bytes(raw, name="the request's body", content_type=kind, limits=services.limits)
        else:
            items = (item for page in pages for item in _items(page, services.limits))
        report = await run_in_threadpool(lambda: services.ingest(in_bounds(items)))
    if report.refused and not report.articles:
        raise _refusal(report)
    refusals = [Refused(str(one.reason), one.detail) for one in report.refused]
    return plain(
        Ingested(
            revision=report.revision,
            added=report.added,
            already_known=report.already_known,
            claims=report.claims,
            refusals=refusals,
            articles=report.articles,
            left_out=dict(sorted(report.refusals.items())),
            retracted=await _taken_back(services, report.articles),
        )
    )


@router.get("/articles/{article_id}", responses=documented(ArticleAnswer, 404, 410))
async def get_article(request: Request, services: Held, article_id: str) -> Response:
    """One article with its text and its claims."""

    def ask(graph: ConflictGraph) -> ArticleAnswer:
        article = services.reader.article(article_id) if article_id in graph.articles else None
        if article is None:
            refuse_retracted(services.log(), article_id, "the article", graph.revision)
            raise NotFound(f"no article has the id {article_id!r}")
        rows = [queries.claim_row(graph, claim) for claim in graph.claims_in(article_id)]
        rows.sort(key=lambda row: (row.evidence.part != "title", row.evidence.start, row.id))
        view = ArticleView(
            article.id,
            article.title,
            article.text,
            article.published,
            article.publisher,
            article.url,
            article.sha256,
            graph.readers.get(article_id),
        )
        return ArticleAnswer(graph.revision, view, rows)

    return await answer(request, services, ask, heavy=True)


@router.delete("/articles/{article_id}", responses=documented(Retracted, 400, 404, 410, 503), dependencies=CURATE)
async def retract_article(
    services: Held, caller: Asking, article_id: str, asked: Annotated[RetractParams, Query()]
) -> Response:
    """Take an article and its claims out of the graph. The ledger keeps both, with who did it and why."""
    by = signer(caller, asked.by) or "anonymous"
    made = decision(Ruling.RETRACT, article_id, by=by, reason=asked.reason)
    await services.refresh()
    with services.reading() as graph:
        if article_id not in graph.articles:
            log = await run_in_threadpool(services.log)
            refuse_retracted(log, article_id, "the article", graph.revision)
            raise NotFound(f"no article has the id {article_id!r}")
    revision = await run_in_threadpool(take, services.ledger, made)
    services.metrics.count("decisions", Ruling.RETRACT)
    return plain(Retracted(revision, article_id, made))


def _addresses(raw: bytes) -> list[str]:
    """The addresses of a list of them (RFC 2483: one a line, a line that begins with # is a comment).

    Raises:
        BadInput: There is none, there are too many, or one is not of the web.
    """
    lines = (line.strip() for line in raw.decode("utf-8", "replace").splitlines())
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise BadInput(RefusalReason.EMPTY, "the list names no address; give one a line")
    if len(found) > MOST_ADDRESSES:
        words = f"the list names {len(found):,} addresses; hand in {MOST_ADDRESSES} at once at most"
        raise BadInput(RefusalReason.TOO_LARGE, words)
    for one in found:
        # Whoever asks over HTTP must not have files of this machine read.
        if not one.lower().startswith(("http://", "https://")):
            raise BadInput(RefusalReason.UNSUPPORTED, f"{shown(one)[:200]} does not begin with http:// or https://")
    return found


def _page(address: str, limits: Limits) -> Page | Refusal:
    """What an address answers, or why it is refused."""
    try:
        return fetch(address, limits)
    except BadInput as why:
        return Refusal(RefusalReason(why.reason), f"{shown(address)}: {why}")


def _items(page: Page | Refusal, limits: Limits) -> Iterator[Item]:
    """The articles of a page that was fetched."""
    if isinstance(page, Refusal):
        yield page
        return
    yield from read_bytes(page.raw, name=page.url, content_type=page.content_type, url=page.url, limits=limits)


async def _taken_back(services: Services, articles: list[str]) -> list[TakenBack]:
    log = await run_in_threadpool(services.log)
    gone = retractions(taken.decision for taken in log.people)
    return [TakenBack(one, gone[one]) for one in articles if one in gone]


def _refusal(report: IngestReport) -> BadInput:
    """What to say where nothing of the body could be used."""
    first, more = report.refused[0], len(report.refused) - 1
    words = first.detail + (f" (and {more} more inputs refused)" if more else "")
    return BadInput(str(first.reason), words)


ANSWERS: list[type[msgspec.Struct]] = [ArticleAnswer, Ingested, Retracted]
