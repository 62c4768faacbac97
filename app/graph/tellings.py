"""What articles tell of incidents in, rows kept: what an incident's node is made of when one more tells of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.graph.arrays import NONE, Codes, Column, Ids, Postings
from app.graph.nodes import Nodes
from app.vocabulary.records import Incident

_NUMBERS = ("article", "type", "place", "country", "date", "start")


class Telling(NamedTuple):
    """What one article tells of an incident; `place` is the id of a node."""

    id: str
    article: str
    type: str
    place: str | None
    country: str | None
    date: str | None


class TellingTable:
    """The incidents of articles, by the node that each became part of."""

    def __init__(self, nodes: Nodes, articles: Ids) -> None:
        """Start empty; `nodes` and `articles` number what tellings name."""
        self._nodes = nodes
        self._articles = articles
        self._ids = Ids("inc")
        self._words: Codes[str | None] = Codes()
        self._columns = {name: Column("i4") for name in _NUMBERS}
        self._in_title = Column("u1")
        self._by_node = Postings()

    def add(self, node: str, incident: Incident, place: str | None) -> None:
        """Keep an article's incident as part of a node; one that is kept already stays as it is.

        Args:
            node: Id of the node.
            incident: As the article tells it.
            place: Id of the node of its place.
        """
        row = self._ids.add(incident.id)
        if row < len(self._in_title):
            return
        values = (
            self._articles.add(incident.article),
            self._words.code(incident.type),
            self._nodes.intern(place) if place is not None else NONE,
            self._words.code(incident.country),
            self._words.code(incident.date),
            incident.evidence.start,
        )
        for column, value in zip(self._columns.values(), values, strict=True):
            column.append(value)
        self._in_title.append(incident.evidence.part == "title")
        self._by_node.add(self._nodes.intern(node), row)

    def of(self, node: str) -> list[Telling]:
        """All tellings of a node, in the order they were added."""
        code = self._nodes.find(node)
        return [self._made(row) for row in self._by_node.rows(code).tolist()] if code != NONE else []

    def stands(self, name: str) -> tuple[str, bool, int] | None:
        """Where an article's incident stands: the article, whether in its text, and at which offset; or None."""
        row = self._ids.find(name)
        if row == NONE:
            return None
        article = self._articles.name(self._columns["article"].at[row])
        return article, not self._in_title.at[row], self._columns["start"].at[row]

    def _made(self, row: int) -> Telling:
        columns, words = self._columns, self._words.values
        place = columns["place"].at[row]
        return Telling(
            id=self._ids.name(row),
            article=self._articles.name(columns["article"].at[row]),
            type=words[columns["type"].at[row]] or "",
            place=self._nodes.name(place) if place != NONE else None,
            country=words[columns["country"].at[row]],
            date=words[columns["date"].at[row]],
        )

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {
            "ids": self._ids.state(),
            "words": self._words.values,
            "columns": {name: column.values for name, column in self._columns.items()},
            "in_title": self._in_title.values,
            "by_node": self._by_node.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        self._ids.restore(state["ids"])
        self._words = Codes(state["words"])
        self._columns = {name: Column("i4", state["columns"][name]) for name in _NUMBERS}
        self._in_title = Column("u1", state["in_title"])
        self._by_node.restore(state["by_node"])
