"""The page: its start at `/`, and its files below `/page/`; what it was built from is not given out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from app.vocabulary.errors import MissingPart
from app.web.answers import services_of
from app.web.services import Services

router = APIRouter(include_in_schema=False)
Held = Annotated[Services, Depends(services_of)]

_HIDDEN = frozenset({"node_modules", "package.json", "package-lock.json", "bundle.mjs"})
# By suffix, for the machine's own table may lack or bend some of them.
_MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".ttf": "font/ttf",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".map": "application/json",
}


@router.get("/")
@router.head("/")
async def start(request: Request, services: Held) -> Response:
    """The page."""
    index = services.page / "index.html"
    if not index.is_file():
        raise MissingPart("the page is not built; run `make setup`. The interface is described at /docs")
    return file_of_page(request, index)


@router.get("/page/{path:path}")
@router.head("/page/{path:path}")
async def file(request: Request, services: Held, path: str) -> Response:
    """A file of the page."""
    parts = path.split("/")
    wanted = services.page.joinpath(*parts)
    hidden = any(part in _HIDDEN or part.startswith(".") or "\\" in part or "\0" in part or not part for part in parts)
    if hidden or wanted.suffix not in _MEDIA or not wanted.is_file():
        raise HTTPException(404)
    if not wanted.resolve().is_relative_to(services.page.resolve()):
        raise HTTPException(404)
    return file_of_page(request, wanted)


def file_of_page(request: Request, path: Path) -> Response:
    """One file, or 304 where the client has it already."""
    # Asked for anew each time, and answered in a few bytes where it has not changed.
    found = path.stat()
    tag = f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=_MEDIA[path.suffix], headers=headers, stat_result=found)
