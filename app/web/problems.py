"""Errors in, `application/problem+json` out (RFC 9457): one shape for all of them, and the only place of status codes.

A problem's `type` names its sort; its `detail` says what to do. It never carries a stack trace or what lies behind.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.vocabulary.errors import (
    BadInput,
    BadQuery,
    LedgerAway,
    LedgerBusy,
    MissingPart,
    ModelAway,
    NotFound,
    PolemosError,
)
from app.vocabulary.terms import RefusalReason

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "2"
BUSY_WORDS = "the server that holds the ledger cannot be reached; try again in a moment"
NEUTRAL = "Something went wrong on our side; the request was not carried out. The server's log says more."

log = logging.getLogger(__name__)

# What a refused input means over HTTP; any other reason is 422: well-formed, but not what it should be.
_BY_REASON: dict[str, int] = {
    RefusalReason.TOO_LARGE: 413,
    RefusalReason.UNSUPPORTED: 415,
    RefusalReason.BINARY: 415,
    RefusalReason.BAD_JSON: 400,
    RefusalReason.WRONG_ENCODING: 400,
    RefusalReason.EMPTY: 400,
}


class Problem(msgspec.Struct, frozen=True):
    """What went wrong.

    Attributes:
        type: What sort of problem, as a URN.
        title: The sort in words, the same for every problem of it.
        detail: What is wrong here, and what to do.
        instance: The path that was asked for.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str


def problem(
    request_path: str, status: int, sort: str, title: str, detail: str, headers: dict[str, str] | None = None
) -> Response:
    """A problem as a response."""
    # A path that is no UTF-8 comes with lone surrogates, which JSON cannot carry.
    path = request_path.encode("utf-8", "replace").decode()
    body = Problem(f"urn:polemos:problem:{sort}", title, status, detail.encode("utf-8", "replace").decode(), path)
    return Response(msgspec.json.encode(body), status, headers, MEDIA_TYPE)


def internal(request_path: str) -> Response:
    """The problem of an error that is ours."""
    return problem(request_path, 500, "internal", "Internal error", NEUTRAL)


def add_handlers(app: FastAPI) -> None:
    """Turn every error of the application into a problem."""
    app.add_exception_handler(PolemosError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _ours(request: Request, error: Exception) -> Response:
    path = request.url.path
    match error:
        case BadInput():
            status = _BY_REASON.get(error.reason, 422)
            return problem(path, status, f"input:{error.reason}", "Input refused", str(error))
        case BadQuery():
            return problem(path, 400, "query", "Question cannot be asked", str(error))
        case NotFound():
            return problem(path, 404, "not-found", "Not found", str(error))
        case LedgerBusy() | LedgerAway():
            held = isinstance(error, LedgerBusy)
            words = "another writer holds the ledger; try again in a moment" if held else BUSY_WORDS
            return problem(path, 503, "busy", "Ledger busy", words, {"Retry-After": RETRY_AFTER})
        case ModelAway():
            # Which server it is, and what it says, is the operator's to know.
            log.warning("%s %s: %s", request.method, path, error)
            words = "the language model that reads articles does not answer; try again later"
            return problem(path, 503, "model-away", "Model away", words, {"Retry-After": RETRY_AFTER})
        case MissingPart():
            return problem(path, 501, "missing-part", "Part not installed", str(error))
        case _:
            log.error("%s %s failed", request.method, path, exc_info=error)
            return internal(path)


async def _invalid(request: Request, error: Exception) -> Response:
    words = str(error)
    if isinstance(error, RequestValidationError):
        words = "; ".join(_words(one) for one in error.errors())
    return problem(request.url.path, 422, "validation", "Parameter or body not valid", words)


def _words(error: dict[str, object]) -> str:
    where = error.get("loc")
    names = [str(part) for part in where[1:]] if isinstance(where, tuple | list) else []
    if error.get("type") == "extra_forbidden":
        return f"there is no parameter {'.'.join(names)!r} here"
    return f"{'.'.join(names)}: {error.get('msg')}" if names else str(error.get("msg"))


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return internal(request.url.path)
    title = HTTPStatus(error.status_code).phrase.capitalize()
    words = str(error.detail)
    if error.status_code == 404 and words.lower() == title.lower():
        words = f"there is nothing at {request.url.path}; /docs lists what there is"
    elif error.status_code == 405 and words.lower() == title.lower():
        words = f"{request.method} is not allowed here"
    sort = title.lower().replace(" ", "-")
    return problem(request.url.path, error.status_code, sort, title, words, dict(error.headers or {}))
