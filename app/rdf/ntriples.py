"""Values in, N-Triples terms out: IRIs that are always valid, literals escaped as canonical N-Triples asks.

Every serialisation starts from these terms, so what is valid here is valid everywhere. It never looks at the graph.

https://www.w3.org/TR/n-triples/#n-triples-grammar and #canonical-ntriples
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote

from app.rdf.terms import XSD
from app.vocabulary.times import PartialDate

_UNSAFE_IN_IRI = re.compile(r"[^\w.~@-]")
# Quote, backslash, controls, the two non-characters that parsers trip over, and surrogates that stand alone.
_UNSAFE_IN_LITERAL = re.compile(r'["\\\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]')
# https://www.w3.org/TR/xml/#charsets: what no XML 1.0 document can hold, not even escaped.
_UNSAFE_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_DATE_TYPE = {4: "gYear", 7: "gYearMonth", 10: "date"}


def segment(text: str) -> str:
    """An id as one segment of an IRI: letters and digits of any script stay, everything else is percent-encoded."""
    # Nearly all are letters, digits and hyphens, which the text's own methods see three times as fast.
    if text.replace("-", "").isalnum():
        return text
    return _UNSAFE_IN_IRI.sub(lambda found: quote(found[0], safe="", errors="replace"), text)


def escape(text: str) -> str:
    """The inside of a quoted literal. A surrogate that stands alone is no character of RDF and becomes U+FFFD."""
    # What can be printed holds no controls, non-characters or surrogates; the rest is looked at more closely.
    if text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return _UNSAFE_IN_LITERAL.sub(_escaped, text) if _UNSAFE_IN_LITERAL.search(text) else text


def quoted(text: str) -> str:
    """A plain literal."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{escape(text)}"'


def for_xml(text: str) -> str:
    """The text with what XML 1.0 cannot hold replaced by U+FFFD."""
    return _UNSAFE_IN_XML.sub("\ufffd", text)


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    if char in _SHORT:
        return _SHORT[char]
    return "\ufffd" if "\ud800" <= char <= "\udfff" else f"\\u{ord(char):04X}"


def typed(value: object, datatype: str) -> str:
    """A literal of an XML Schema datatype whose text needs no escaping."""
    return f'"{value}"^^<{XSD}{datatype}>'


@lru_cache(maxsize=4096)
def partial_date(text: str) -> str:
    """A calendar date as precise as it is known: xsd:date, xsd:gYearMonth or xsd:gYear."""
    day = str(PartialDate.parse(text))
    return typed(day, _DATE_TYPE[len(day)])


@lru_cache(maxsize=16_384)
def probability(value: float) -> str:
    """A number from 0 to 1 as xsd:decimal, four digits at most."""
    text = f"{value:.4f}".rstrip("0")
    return typed(text + "0" if text.endswith(".") else text, "decimal")


class LineStream(io.RawIOBase):
    """Blocks of N-Triples as a readable stream, for parsers that pull; holds one read's worth at a time."""

    def __init__(self, blocks: Iterable[str]) -> None:
        super().__init__()
        self._blocks: Iterator[str] = iter(blocks)
        self._rest = b""
        self.lines = 0
        """Statements handed out so far: N-Triples has one a line."""

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # the stub wants any Buffer
        """Fill the buffer as far as the blocks reach."""
        room = len(buffer)
        parts = [self._rest]
        held = len(self._rest)
        while held < room and (block := next(self._blocks, None)) is not None:
            parts.append(block.encode())
            self.lines += parts[-1].count(b"\n")
            held += len(parts[-1])
        body = b"".join(parts)
        self._rest = body[room:]
        given = min(room, len(body))
        buffer[:given] = body[:given]
        return given
