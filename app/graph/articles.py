"""Articles in, rows kept, articles out again when they are asked for: who published what when, and when it came in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from app.graph.arrays import NONE, Codes, Column, Ids, Texts
from app.vocabulary.records import Article

_NUMBERS = ("text", "published", "publisher", "ingested", "place")
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[str, str | None, str | None]).decode


class ArticleTable(Mapping[str, Article]):
    """The articles of a ledger by id, without their texts, in the order they came in.

    Attributes:
        ids: Numbers every article that is spoken of, whether it is known or not.
    """

    def __init__(self) -> None:
        self.ids = Ids("art")
        self._columns = {name: Column("i4") for name in _NUMBERS}
        self._words: Codes[str | None] = Codes()
        # Title, address and the sender's id.
        self._texts = Texts()
        self._order = Column("i4")
        # Of each row, whether a reading of it has been seen.
        self._read = Column("u1")

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[str]:
        return map(self.ids.name, self._order.values.tolist())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._row(name) != NONE

    def __getitem__(self, name: str) -> Article:
        row = self._row(name)
        if row == NONE:
            raise KeyError(name)
        columns, words = self._columns, self._words.values
        title, url, external_id = _decode(self._texts.get(columns["text"].at[row]))
        return Article(
            title=title,
            text="",
            published=words[columns["published"].at[row]],
            publisher=words[columns["publisher"].at[row]],
            url=url,
            external_id=external_id,
            id=name,
        )

    def heading(self, name: str) -> tuple[str, str | None]:
        """An article's title and address; raises `KeyError` where it is not known."""
        row = self._row(name)
        if row == NONE:
            raise KeyError(name)
        title, url, _ = _decode(self._texts.get(self._columns["text"].at[row]))
        return title, url

    def _row(self, name: str) -> int:
        row, places = self.ids.find(name), self._columns["place"]
        return row if row != NONE and row < len(places) and places.at[row] != NONE else NONE

    def add(self, article: Article, ingested: str | None = None) -> None:
        """Know an article; one that is known already keeps its place and the instant at which it came in."""
        row, columns = self.ids.add(article.id), self._columns
        while len(columns["text"]) <= row:
            for column in columns.values():
                column.append(NONE)
        if columns["place"].at[row] == NONE:
            columns["place"].at[row] = len(self._order)
            columns["ingested"].at[row] = self._words.code(ingested)
            self._order.append(row)
        columns["text"].at[row] = len(self._texts)
        columns["published"].at[row] = self._words.code(article.published)
        columns["publisher"].at[row] = self._words.code(article.publisher)
        self._texts.append(_encode((article.title, article.url, article.external_id)))

    def place(self, name: str) -> int:
        """How many articles came before this one; raises `KeyError` where it is not known."""
        row = self._row(name)
        if row == NONE:
            raise KeyError(name)
        return int(self._columns["place"].at[row])

    def at(self, place: int) -> str:
        """The id of the article that so many came before."""
        return self.ids.name(self._order.at[place])

    def ingested(self, name: str) -> str | None:
        """UTC instant (ISO 8601) at which it came in, where that is known."""
        row = self._row(name)
        return self._words.values[self._columns["ingested"].at[row]] if row != NONE else None

    def mark_read(self, name: str) -> None:
        """Remember that a reading of an article has been seen."""
        row = self.ids.add(name)
        while len(self._read) <= row:
            self._read.append(0)
        self._read.at[row] = 1

    def is_read(self, name: str) -> bool:
        """True where a reading of an article has been seen."""
        row = self.ids.find(name)
        return row != NONE and row < len(self._read) and self._read.at[row] == 1

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {
            "ids": self.ids.state(),
            "columns": {name: column.values for name, column in self._columns.items()},
            "words": self._words.values,
            "texts": self._texts.state(),
            "order": self._order.values,
            "read": self._read.values,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        self.ids.restore(state["ids"])
        self._columns = {name: Column("i4", state["columns"][name]) for name in _NUMBERS}
        self._words = Codes(state["words"])
        self._texts.restore(state["texts"])
        self._order, self._read = Column("i4", state["order"]), Column("u1", state["read"])


class ReadArticles(Mapping[str, Article]):
    """Those of the articles that a graph holds a reading of, and whose it is."""

    def __init__(self, table: ArticleTable) -> None:
        self._table = table
        self._extractors: Codes[str] = Codes()
        self._order = Column("i4")
        # Row of an article → the number of the extractor that read it.
        self._readers = Column("i4")

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[str]:
        return map(self._table.ids.name, self._order.values.tolist())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.reader(name) is not None

    def __getitem__(self, name: str) -> Article:
        if name not in self:
            raise KeyError(name)
        return self._table[name]

    def heading(self, name: str) -> tuple[str, str | None]:
        """An article's title and address; raises `KeyError` where the graph holds no reading of it."""
        if name not in self:
            raise KeyError(name)
        return self._table.heading(name)

    def reader(self, name: str) -> str | None:
        """Name and version of the extractor whose reading counts, or None where the graph holds no such article."""
        row = self._table.ids.find(name)
        if row == NONE or row >= len(self._readers) or self._readers.at[row] == NONE:
            return None
        return self._extractors.values[self._readers.at[row]]

    def add(self, article: Article, reader: str) -> None:
        """Hold an article that was read by this extractor."""
        if article.id not in self._table:
            self._table.add(article)
        row = self._table.ids.find(article.id)
        while len(self._readers) <= row:
            self._readers.append(NONE)
        if self._readers.at[row] == NONE:
            self._order.append(row)
        self._readers.at[row] = self._extractors.code(reader)

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {
            "extractors": self._extractors.values,
            "order": self._order.values,
            "readers": self._readers.values,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        self._extractors = Codes(state["extractors"])
        self._order, self._readers = Column("i4", state["order"]), Column("i4", state["readers"])


class Readers(Mapping[str, str]):
    """Article → name and version of the extractor whose reading of it counts."""

    def __init__(self, articles: ReadArticles) -> None:
        self._articles = articles

    def __len__(self) -> int:
        return len(self._articles)

    def __iter__(self) -> Iterator[str]:
        return iter(self._articles)

    def __getitem__(self, name: str) -> str:
        reader = self._articles.reader(name)
        if reader is None:
            raise KeyError(name)
        return reader
