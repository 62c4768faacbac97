"""An address to listen on in, and where others can reach it, a service that asks them for keys out, or none at all."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING

from app.settings import PREFIX
from app.vocabulary.errors import BadQuery

if TYPE_CHECKING:
    from app.settings import Settings


def expose(settings: Settings, address: str, *, anonymous: bool) -> None:
    """Settle who may ask what before the service listens, for this process and those it starts.

    Args:
        settings: What the environment says.
        address: Where it will listen.
        anonymous: Whether the command line lets others read without a key.

    Raises:
        BadQuery: Others could reach it, nobody has a key, and nothing says that none is needed.
        LedgerError: The ledger cannot be asked for its keys.
    """
    from app.ledger.opening import open_ledger
    from app.web.access import is_loopback

    allowed = settings.allow_anonymous
    if anonymous and allowed is None:
        allowed = os.environ[f"{PREFIX}ALLOW_ANONYMOUS"] = "reader"
    # Whoever answers reads the settings anew, in a process of its own where there are several.
    os.environ[f"{PREFIX}HOST"] = address
    if is_loopback(address) or allowed not in (None, "none"):
        return
    ledger = open_ledger(settings.ledger)
    try:
        keys = ledger.api_keys()
    finally:
        ledger.close()
    if not any(key.is_good(datetime.now(UTC)) for key in keys):
        raise BadQuery(
            f"others can reach {address}, and nobody has a key: make one (polemos keys create NAME --role admin), "
            "listen on 127.0.0.1, or let everybody read (--allow-anonymous, or POLEMOS_ALLOW_ANONYMOUS)"
        )


def end_well() -> None:
    """Have SIGTERM, once the service has answered what was under way, end the process as one that is done."""

    def done(number: int, frame: FrameType | None) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, done)
