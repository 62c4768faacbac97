"""What the inputs of `nasty` are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MEGA = 1_000_000
SENTENCE = (
    "Norland on Wednesday accused Sudria of shelling the market in Kesh, an attack that killed nine people. "
    "Sudria denied responsibility and called the claims a fabrication from the first word to the last. "
)
PROSE = "".join(f"<p>{SENTENCE}</p>" for _ in range(4))


@dataclass(frozen=True, slots=True)
class Case:
    """One input.

    Attributes:
        name: What is wrong with it.
        make: Its bytes.
        kind: The Content-Type it is sent with; None where its reader is to be told by its content.
        becomes: What may come of it: reasons of refusals, or "article".
    """

    name: str
    make: Callable[[], bytes]
    kind: str | None
    becomes: frozenset[str]


HTML, JSON, LINES, TEXT = "text/html; charset=utf-8", "application/json", "application/x-ndjson", "text/plain"


class Cases(list[Case]):
    """Inputs of one sort."""

    def add(self, name: str, make: Callable[[], bytes], kind: str | None, becomes: str) -> None:
        """Take an input; `becomes` has words with spaces between."""
        self.append(Case(name, make, kind, frozenset(becomes.split())))


def page(body: str, head: str = "") -> bytes:
    """An HTML page."""
    return f"<!doctype html><html><head>{head}<title>Kesh</title></head><body>{body}</body></html>".encode()
