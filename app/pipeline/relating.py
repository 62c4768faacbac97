"""A reading in, judgements on how it hangs together with earlier articles out: incidents, lineages, names in doubt.

It keeps what the linkers need to know of the ledger's articles, and catches up with what others append meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from app.ledger import Entry, Ledger
from app.linking import Acts, AlikeNames, IncidentIndex, LineageIndex, Linked
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Decision, Reading


class Relations:
    """What is known of earlier articles. One per ledger; not to be shared between threads.

    Attributes:
        revision: Up to which revision it knows the ledger.
    """

    def __init__(self, gazetteer: Gazetteer, acts: Acts) -> None:
        """Know nothing yet; `catch_up` before `judge`."""
        self._gazetteer, self._acts = gazetteer, acts
        self._start()

    def _start(self) -> None:
        self.revision = 0
        self._incidents = IncidentIndex(self._acts)
        self._lineages = LineageIndex(self._gazetteer)
        self._names = AlikeNames(self._gazetteer)

    def catch_up(self, ledger: Ledger) -> None:
        """Know what the ledger holds by now; costs one look at it where nothing is new."""
        newest = ledger.revision
        if newest < self.revision:
            # The ledger was put back to an older state.
            self._start()
        for revision, group in groupby(ledger.entries(self.revision, newest), key=itemgetter(0)):
            self._know(revision, [entry for _, entry in group], ledger)
        self.revision = newest

    def _know(self, revision: int, entries: Sequence[Entry], ledger: Ledger) -> None:
        there = {entry.id for entry in entries if isinstance(entry, Article)}
        read = {entry.article for entry in entries if isinstance(entry, Reading)}
        # Of an article that is read anew, the text came in an earlier revision.
        again = [article for name in sorted(read - there) if (article := ledger.article(name)) is not None]
        numbered = [(revision, entry) for entry in (*again, *entries)]
        self._incidents.feed(numbered)
        self._lineages.feed(numbered)
        self._names.feed(numbered)

    def judge(self, read: Iterable[tuple[Article, Reading, Linked]]) -> list[Decision]:
        """Judgements on what was read and is about to be appended, in its order; it is known from now on.

        Where the append fails, `forget` what was judged.
        """
        found: list[Decision] = []
        for article, reading, linked in read:
            found += self._incidents.add(article, reading, linked)
            found += self._lineages.add(article, reading, linked)
            found += self._names.add(article, reading, linked)
        return found

    def appended(self, ledger: Ledger, revision: int, readings: Iterable[Reading]) -> None:
        """What was last judged is in the ledger now; where others appended in between, it catches up with them next.

        That a revision is the next does not make it ours: somebody else may have stored the same, and more, first.
        """
        if revision != self.revision + 1:
            return
        rows = ledger.rows(self.revision, revision, with_text=False)
        if {row.id for _, row in rows if row.kind == "reading"} == {reading.id for reading in readings}:
            self.revision = revision

    def forget(self) -> None:
        """Start afresh, for what was judged has not been stored."""
        self._start()
