"""Ids of actors, places and incidents in, numbers out, and back: how columns name nodes.

Actors and places are words, each kept once; an incident's id is a number already, and is kept as one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from app.graph.arrays import NONE, Codes, Column, Ids, apart, together
from app.graph.model import IncidentNode, incident_label
from app.vocabulary.records import Place
from app.vocabulary.terms import NodeKind

# Codes of incidents lie above those of words.
_INCIDENT = 1 << 30
_KINDS: tuple[NodeKind | None, ...] = (None, *NodeKind)
_NUMBER = {kind: number for number, kind in enumerate(_KINDS)}


class Nodes:
    """The code and the kind of each node, and the nodes in the order they were added."""

    def __init__(self) -> None:
        self.words: Codes[str] = Codes()
        self.incidents = Ids("inc")
        self.added = Column("i4")
        self._word_kinds = Column("u1")
        self._incident_kinds = Column("u1")
        self._ranks: dict[str, NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return len(self.added)

    def __iter__(self) -> Iterator[str]:
        return map(self.name, self.added.values.tolist())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.kind(name) is not None

    def find(self, name: str) -> int:
        """The code of an id, or NONE."""
        code = self.words.find(name)
        if code != NONE:
            return code
        row = self.incidents.find(name)
        return row | _INCIDENT if row != NONE else NONE

    def intern(self, name: str) -> int:
        """The code of an id, which it gets now if it has none. It keeps the one it has, whatever it turns out to be."""
        code = self.words.find(name)
        if code != NONE:
            return code
        if name.startswith("inc-"):
            return self.incidents.add(name) | _INCIDENT
        return self.words.code(name)

    def name(self, code: int) -> str:
        """The id with a code."""
        return self.words.values[code] if code < _INCIDENT else self.incidents.name(code ^ _INCIDENT)

    def names(self, codes: NDArray[np.int32]) -> list[str]:
        """The ids with these codes; nothing ("") for NONE."""
        word, is_incident, is_none = self.words.values.__getitem__, codes >= _INCIDENT, codes == NONE
        if not (is_incident.any() or is_none.any()):
            return list(map(word, codes.tolist()))
        found = np.full(len(codes), "", object)
        found[is_incident] = self.incidents.names(codes[is_incident] ^ _INCIDENT)
        is_word = ~(is_incident | is_none)
        found[is_word] = list(map(word, codes[is_word].tolist()))
        return cast("list[str]", found.tolist())

    def ranks(self, after: str) -> NDArray[np.int64]:
        """By code, the places of the words among each other, each followed by `after`; of the newest words none yet."""
        words, known = self.words.values, self._ranks.get(after)
        if known is None or 8 * len(known) < 7 * len(words):
            names = [word + after for word in words]
            known = np.empty(len(names), np.int64)
            known[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
            self._ranks[after] = known
        return known

    def marks(self) -> Marks:
        """Marks on nodes, none of them set."""
        return Marks(len(self.words), len(self.incidents))

    def add(self, name: str, kind: NodeKind) -> int:
        """Make an id that of a node; one that is a node already is from now on of this kind."""
        code = self.intern(name)
        kinds, at = self._kinds(code)
        while len(kinds) <= at:
            kinds.append(0)
        if kinds.at[at] == 0:
            self.added.append(code)
        kinds.at[at] = _NUMBER[kind]
        return code

    def kind(self, name: str) -> NodeKind | None:
        """What sort of node this is, or None where it is none."""
        code = self.find(name)
        if code == NONE:
            return None
        kinds, at = self._kinds(code)
        return _KINDS[kinds.at[at]] if at < len(kinds) else None

    def _kinds(self, code: int) -> tuple[Column, int]:
        return (self._word_kinds, code) if code < _INCIDENT else (self._incident_kinds, code ^ _INCIDENT)

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {
            "words": self.words.values,
            "incidents": self.incidents.state(),
            "added": self.added.values,
            "word_kinds": self._word_kinds.values,
            "incident_kinds": self._incident_kinds.values,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        self.words = Codes(state["words"])
        self.incidents.restore(state["incidents"])
        self.added = Column("i4", state["added"])
        self._word_kinds = Column("u1", state["word_kinds"])
        self._incident_kinds = Column("u1", state["incident_kinds"])
        self._ranks = {}


class Marks:
    """Which nodes were met: by code, of whole arrays of them at once."""

    def __init__(self, words: int, incidents: int) -> None:
        """None is met yet, of so many words and so many incidents."""
        self._words = words
        self._is_met = np.zeros(words + incidents, np.bool_)

    def _at(self, codes: NDArray[np.int32]) -> NDArray[np.int32]:
        if len(self._is_met) == self._words:
            return codes
        return np.where(codes < _INCIDENT, codes, codes - (_INCIDENT - self._words))

    def set(self, codes: NDArray[np.int32]) -> None:
        """Mark these."""
        self._is_met[self._at(codes)] = True

    def copy(self) -> Marks:
        """The same marks, to be added to."""
        other = Marks(self._words, 0)
        other._is_met = self._is_met.copy()
        return other

    def of(self, codes: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which of these are marked."""
        return self._is_met[self._at(codes)]


class IncidentTable(Mapping[str, IncidentNode]):
    """The incidents of a graph by id, in the order they were added; each is made anew when it is asked for."""

    _NUMBERS = ("code", "types", "place", "country", "date", "article", "more")

    def __init__(self, nodes: Nodes, articles: Ids, places: Mapping[str, Place]) -> None:
        """Start empty.

        Args:
            nodes: Whose codes name them.
            articles: Numbers the articles that report them.
            places: The graph's places, whose names are in labels.
        """
        self._nodes = nodes
        self._articles = articles
        self._places = places
        self._types: Codes[tuple[str, ...]] = Codes()
        self._words: Codes[str | None] = Codes()
        self._columns = {name: Column("i4") for name in self._NUMBERS}
        # Of those that several articles tell of: their members, and the articles.
        self._more: list[tuple[bytes, array[int]]] = []
        # Of those that are labelled in another way than `incident_label` would.
        self._labels: dict[int, str] = {}
        # Code → row: of codes that are incidents' own by number, of others by name.
        self._rows = Column("i4")
        self._others: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._columns["code"])

    def __iter__(self) -> Iterator[str]:
        return map(self._nodes.name, self._columns["code"].values.tolist())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._row(name) != NONE

    def __getitem__(self, name: str) -> IncidentNode:
        row = self._row(name)
        if row == NONE:
            raise KeyError(name)
        return self._made(row)

    def add(self, incident: IncidentNode) -> None:
        """Keep an incident, whose id has a code; a second record of the same id replaces the first."""
        code = self._nodes.find(incident.id)
        row = self._row_of(code)
        if row == NONE:
            row = len(self)
            for column in self._columns.values():
                column.append(NONE)
            if code < _INCIDENT:
                self._others[code] = row
            else:
                while len(self._rows) <= code ^ _INCIDENT:
                    self._rows.append(NONE)
                self._rows.at[code ^ _INCIDENT] = row
        articles = tuple(map(self._articles.add, incident.reported_in))
        single = len(articles) == 1 and incident.members == (incident.id,)
        more = self._columns["more"].at[row]
        if not single:
            told = (_joined(incident.members), array("i", articles))
            if more == NONE:
                more = len(self._more)
                self._more.append(told)
            else:
                self._more[more] = told
        values = {
            "code": code,
            "types": self._types.code(incident.types),
            "place": self._nodes.intern(incident.place) if incident.place is not None else NONE,
            "country": self._words.code(incident.country),
            "date": self._words.code(incident.date),
            "article": articles[0] if single else NONE,
            "more": more,
        }
        for name, value in values.items():
            self._columns[name].at[row] = value
        if incident.label != self._label(incident):
            self._labels[row] = incident.label
        else:
            self._labels.pop(row, None)

    def _label(self, incident: IncidentNode) -> str:
        place = self._places.get(incident.place or "")
        return incident_label(incident.types, place.name if place is not None else None, incident.date)

    def _row(self, name: str) -> int:
        code = self._nodes.find(name)
        return self._row_of(code) if code != NONE else NONE

    def _row_of(self, code: int) -> int:
        if code < _INCIDENT:
            return self._others.get(code, NONE)
        at = code ^ _INCIDENT
        return int(self._rows.at[at]) if at < len(self._rows) else NONE

    def _made(self, row: int) -> IncidentNode:
        numbers = {name: column.at[row] for name, column in self._columns.items()}
        name = self._nodes.name(numbers["code"])
        types, day = self._types.values[numbers["types"]], self._words.values[numbers["date"]]
        place = self._nodes.name(numbers["place"]) if numbers["place"] != NONE else None
        members: tuple[str, ...]
        articles: Sequence[int]
        if numbers["article"] != NONE:
            members, articles = (name,), (numbers["article"],)
        else:
            packed, articles = self._more[numbers["more"]]
            members = _split(packed)
        return IncidentNode(
            id=name,
            types=types,
            place=place,
            country=self._words.values[numbers["country"]],
            date=day,
            reported_in=tuple(self._articles.names(articles)),
            members=members,
            label=self._label_of(row),
        )

    def label(self, name: str) -> str:
        """What an incident is called; raises `KeyError` where it is not known. The rest of it is not looked at."""
        row = self._row(name)
        if row == NONE:
            raise KeyError(name)
        return self._label_of(row)

    def _label_of(self, row: int) -> str:
        label = self._labels.get(row)
        if label is not None:
            return label
        place, columns = self._columns["place"].at[row], self._columns
        where = self._places.get(self._nodes.name(place)) if place != NONE else None
        types, day = self._types.values[columns["types"].at[row]], self._words.values[columns["date"].at[row]]
        return incident_label(types, where.name if where is not None else None, day)

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {
            "types": self._types.values,
            "words": self._words.values,
            "columns": {name: column.values for name, column in self._columns.items()},
            "members": together([members for members, _ in self._more]),
            "articles": together([articles.tobytes() for _, articles in self._more]),
            "labels": list(self._labels.items()),
            "rows": self._rows.values,
            "others": list(self._others.items()),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        self._types, self._words = Codes(map(tuple, state["types"])), Codes(state["words"])
        self._columns = {name: Column("i4", state["columns"][name]) for name in self._NUMBERS}
        members, articles = (map(bytes, apart(state[name])) for name in ("members", "articles"))
        self._more = [(one, array("i", rows)) for one, rows in zip(members, articles, strict=True)]
        self._labels, self._others = dict(state["labels"]), dict(state["others"])
        self._rows = Column("i4", state["rows"])


class Merged(Mapping[str, str]):
    """Ids that were judged to be another node, and that node's id: a mapping that only grows."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._ids = Ids("inc")
        self._codes = Column("i4")

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __contains__(self, name: object) -> bool:
        return name in self._ids

    def __getitem__(self, name: str) -> str:
        row = self._ids.find(name)
        if row == NONE:
            raise KeyError(name)
        return self._nodes.name(self._codes.at[row])

    def add(self, name: str, node: str) -> None:
        """Say that an id is that of a node; what was said of it before no longer holds."""
        row, code = self._ids.add(name), self._nodes.intern(node)
        if row == len(self._codes):
            self._codes.append(code)
        else:
            self._codes.at[row] = code

    def since(self, seen: int) -> list[tuple[str, str]]:
        """What was added after so many."""
        return [(self._ids.name(row), self._nodes.name(self._codes.at[row])) for row in range(seen, len(self))]

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {"ids": self._ids.state(), "codes": self._codes.values}

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        self._ids.restore(state["ids"])
        self._codes = Column("i4", state["codes"])


_AND = "\x1f"


def _joined(names: tuple[str, ...]) -> bytes:
    """Ids of incidents as bytes: ten each where all are content ids, else in letters, after a byte that tells which."""
    try:
        digits = b"".join(bytes.fromhex(name[4:]) for name in names)
    except ValueError:
        digits = b""
    if names and "".join(f"inc-{digits[at : at + 10].hex()}" for at in range(0, len(digits), 10)) == "".join(names):
        return b"\x00" + digits
    return b"\x01" + _AND.join(names).encode("utf-8", "surrogatepass")


def _split(packed: bytes) -> tuple[str, ...]:
    if packed[0]:
        text = packed[1:].decode("utf-8", "surrogatepass")
        return tuple(text.split(_AND)) if text else ()
    return tuple(f"inc-{packed[at : at + 10].hex()}" for at in range(1, len(packed), 10))
