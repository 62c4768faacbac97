"""Who asks, and who wrote: the caller's own key, and the audit trail."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.client.records import AuditPage, AuditRow, WhoAmI
from app.web.access import ADMINISTER, Caller, caller_of
from app.web.answers import documented, plain, services_of
from app.web.params import MOST
from app.web.services import Services

router = APIRouter(tags=["service"])
Held = Annotated[Services, Depends(services_of)]
Asking = Annotated[Caller, Depends(caller_of)]


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
