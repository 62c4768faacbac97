"""News of the ledger as server-sent events: one for each revision that the graph has come to.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Header, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from app.client.records import News
from app.ledger import Ledger
from app.vocabulary.records import Article, Decision, Reading
from app.web.access import READ
from app.web.answers import services_of
from app.web.services import Services

router = APIRouter(tags=["service"], dependencies=READ)
Held = Annotated[Services, Depends(services_of)]
QUIET_SECONDS = 15.0
"""After so long without news a comment is sent, so that nobody between takes the line for dead."""
MOST_NAMED = 100
"""Claims and articles that one event names; all are counted."""


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Events named `revision`, each with a `News` as its data and the revision as its id.",
            "content": {"text/event-stream": {"schema": {"$ref": "#/components/schemas/News"}}},
        }
    },
)
async def stream(
    services: Held,
    since: Annotated[
        int | None, Query(ge=0, le=2**53, description="Begin with what came after this revision; default: now.")
    ] = None,
    last_event_id: Annotated[str | None, Header(description="What a browser that reconnects has last seen.")] = None,
) -> StreamingResponse:
    """News of the ledger, as server-sent events, until the client has enough."""
    await services.refresh()
    known = since
    if last_event_id is not None and last_event_id.isdecimal() and len(last_event_id) < 17:
        known = int(last_event_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(services, known), media_type="text/event-stream", headers=headers)


async def _events(services: Services, known: int | None) -> AsyncIterator[bytes]:
    with services.reading() as graph:
        revision = graph.revision
    # A revision that the ledger does not have is one of another ledger, which was there before.
    known = revision if known is None or known > revision else known
    yield b"retry: 3000\n: the news begin here\n\n"
    while True:
        newest = await services.news(known, QUIET_SECONDS)
        if newest == known:
            yield b": nothing new\n\n"
            continue
        if newest < known:
            known = 0
        news = await run_in_threadpool(_news, services.reader, known, newest)
        yield b"event: revision\nid: %d\ndata: %s\n\n" % (newest, msgspec.json.encode(news))
        known = newest


def _news(ledger: Ledger, after: int, revision: int) -> News:
    articles: list[str] = []
    claims: list[str] = []
    decisions = 0
    for _, entry in ledger.entries(after, revision, with_text=False):
        match entry:
            case Article():
                articles.append(entry.id)
            case Reading():
                claims.extend(claim.id for claim in entry.claims)
            case Decision():
                decisions += 1
            case _:
                pass
    return News(
        revision=revision,
        after=after,
        at=ledger.appended_at(revision),
        articles=len(articles),
        claims=len(claims),
        decisions=decisions,
        article_ids=tuple(articles[:MOST_NAMED]),
        claim_ids=tuple(claims[:MOST_NAMED]),
    )


ANSWERS: list[type[msgspec.Struct]] = [News]
