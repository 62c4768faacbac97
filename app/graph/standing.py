"""Readings in, the places of their incidents and claims in the ledger out."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING
from weakref import ref

from app.graph.arrays import Column
from app.graph.articles import ArticleTable
from app.graph.identity import Names, Rank
from app.vocabulary.records import Claim, Incident, Reading

if TYPE_CHECKING:
    from app.graph.fold import Fold


class Standing:
    """Where incidents and claims of readings stand in the ledger, kept in columns until it is known who is asked."""

    def __init__(self, articles: ArticleTable) -> None:
        self._articles = articles
        self._names = Names()
        self._columns: dict[int, tuple[Column, Column, Column]] = {}

    def add(self, reading: Reading) -> None:
        """Know where the incidents and claims of a reading stand."""
        row = self._articles.ids.add(reading.article)
        parts: tuple[Incident | Claim, ...] = (*reading.incidents, *reading.claims)
        for one in parts:
            number = self._names.add(one.id)
            columns = self._columns.setdefault(number & 3, (Column("i4"), Column("u1"), Column("i4")))
            place = number >> 2
            for column, value in zip(columns, (row, one.evidence.part != "title", one.evidence.start), strict=True):
                if place == len(column):
                    column.append(value)
                else:
                    column.at[place] = value

    def of(self, judged: Container[str]) -> dict[str, Rank]:
        """The ranks of those that are asked for."""
        found: dict[str, Rank] = {}
        for name in self._names:
            if name in judged:
                number = self._names.find(name)
                row, in_text, start = (column.at[number >> 2] for column in self._columns[number & 3])
                found[name] = (self._articles.place(self._articles.ids.name(row)), bool(in_text), start, name)
        return found


class RanksOf:
    """Where incidents and claims stand in the ledger: told for what is not in the graph, looked up for what is."""

    def __init__(self, fold: Fold) -> None:
        # Weakly, for a fold that is let go of must go at once, with all its graph.
        self._fold = ref(fold)
        self.own: dict[str, Rank] = {}

    def follow(self, fold: Fold) -> None:
        """Look up in this fold from now on."""
        self._fold = ref(fold)

    def get(self, name: str) -> Rank | None:
        """An id's place, or None where it has none."""
        own = self.own.get(name)
        return own if own is not None else self._looked_up(name)

    def _looked_up(self, name: str) -> Rank | None:
        fold = self._fold()
        if fold is None:
            return None
        articles, claim = fold._articles, fold._target.claims.get(name)
        if claim is not None:
            return (articles.place(claim.article), claim.part != "title", claim.start, name)
        stands = fold._tellings.stands(name)
        return (articles.place(stands[0]), *stands[1:], name) if stands is not None else None

    def settle(self) -> None:
        """Forget what can be looked up by now."""
        self.own = {name: rank for name, rank in self.own.items() if self._looked_up(name) != rank}
