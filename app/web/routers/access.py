"""Who asks, and who wrote: the caller's own key, and the audit trail."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.web.access import ADMINISTER, Caller, caller_of
from app.web.answers import documented, plain, services_of
from app.web.params import MOST
from app.web.services import Services

router = APIRouter(tags=["service"])
Held = Annotated[Services, Depends(services_of)]
Asking = Annotated[Caller, Depends(caller_of)]


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


class AuditParams(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MOST, description="Most rows in the answer.")] = 50
    cursor: Annotated[int | None, Field(ge=1, le=2**53, description="`next` of the answer before.")] = None


@router.get("/whoami", responses=documented(WhoAmI))
async def whoami(caller: Asking) -> Response:
    """What the caller may do, with a key or without. Open to anybody."""
    key = caller.key
    role = str(caller.role) if caller.role is not None else None
    return plain(WhoAmI(role, key.id if key else None, caller.name, key.expires_at if key else None))


@router.get("/audit", responses=documented(AuditPage, 503), dependencies=ADMINISTER)
async def audit(services: Held, asked: Annotated[AuditParams, Query()]) -> Response:
    """Who wrote what, when and through which door; the newest first."""

    def look() -> AuditPage:
        found = services.reader.audit(asked.cursor or 0, asked.limit + 1, newest_first=True)
        rows = [
            AuditRow(row.number, row.at, row.what, row.revision, row.door, row.name, row.key, row.request, row.detail,
                     digest)
            for row, digest in found[: asked.limit]
        ]  # fmt: skip
        more = str(rows[-1].number) if len(found) > asked.limit else None
        return AuditPage(services.reader.revision, rows, more)

    return plain(await run_in_threadpool(look))


ANSWERS: list[type[msgspec.Struct]] = [WhoAmI, AuditPage]
