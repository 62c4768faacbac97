"""Encoded answers by question in, the same bytes out: what was asked at one revision need not be worked out again.

Bounded by bytes. Whoever holds it throws it away with the graph that the answers were made of.
"""

from __future__ import annotations

from collections import OrderedDict

MOST_BYTES = 32_000_000
LARGEST_SHARE = 8
"""An answer that takes up more than this part of the room would only push others out."""

Question = tuple[int, str, bytes]
"""Revision of the graph, path, and query string as it was sent."""


class Kept:
    """Answers of one graph and of older revisions, the last asked for last. For one thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[Question, bytes] = OrderedDict()

    def get(self, question: Question) -> bytes | None:
        """The answer, if it is here."""
        found = self._answers.get(question)
        if found is not None:
            self._answers.move_to_end(question)
        return found

    def put(self, question: Question, answer: bytes) -> None:
        """Keep an answer; the ones not asked for longest make room."""
        size = len(answer) + _address(question)
        if size > self._most // LARGEST_SHARE or question in self._answers:
            return
        self._answers[question] = answer
        self._bytes += size
        while self._bytes > self._most:
            oldest, dropped = self._answers.popitem(last=False)
            self._bytes -= len(dropped) + _address(oldest)


def _address(question: Question) -> int:
    # An address may be as long as an answer; so may what holds the two, of which some 200 bytes are.
    return len(question[1]) + len(question[2]) + 200
