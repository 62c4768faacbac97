"""Log records in, lines on standard error out: words for people or one JSON object each, with the request's id.

No line shows a key: whatever looks like one is blotted out. No line breaks out of its line, whatever was asked for.
"""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from app.ledger.keys import KEY

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered."""
BLOT = "polemos_…"


def set_up(style: str, level: str) -> None:
    """Have the whole process log to standard error.

    Args:
        style: `text` or `json`.
        level: `debug`, `info`, `warning` or `error`.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Its lines about each connection and request say less than ours.
    logging.getLogger("uvicorn.access").disabled = True
    for noisy in ("httpx", "httpcore", "asyncio", "multipart"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What a record says beside its message: the request's id, and what it was given as `extra={"fields": …}`."""
    own = request_id.get()
    return ({"request_id": own} if own is not None else {}) | getattr(record, "fields", {})


class JsonLines(logging.Formatter):
    """One JSON object a line: `time` (UTC), `level`, `logger`, `message`, and what else there is to say."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        told: dict[str, Any] = {
            "time": _instant(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        # Only ASCII: half of a surrogate pair, which a path may hold, could not be written otherwise.
        return KEY.sub(r"polemos_\\u2026", json.dumps(told, default=str))


class Lines(logging.Formatter):
    """Words for people; further lines of one record are indented, and what would steer a terminal is escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record, and those that belong to it."""
        more = "".join(f" {name}={value}" for name, value in _fields(record).items())
        words = f"{record.getMessage()}{more}"
        if record.exc_info:
            words += f"\n{self.formatException(record.exc_info)}"
        line = "\n    ".join(map(_plain, words.splitlines() or [""]))
        return KEY.sub(BLOT, f"{_instant(record)} {record.levelname.lower()} {record.name}: {line}")


def _plain(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
