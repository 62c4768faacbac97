"""Claims with nodes in place of mentions in, rows of numbers kept, claims out again when they are asked for.

What filters and counts look at (type, actors, incident, days, confidence, article) lies in columns; the quote and the
ids of an article's mentions are compressed, and are only taken out for a claim that is shown.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from app.graph.arrays import NONE, Codes, Column, Ids, Rows, RowSequence, Texts
from app.graph.model import PlacedClaim
from app.graph.nodes import Nodes
from app.vocabulary.records import Claim, Evidence, Part
from app.vocabulary.terms import ClaimType, DenialKind, Modality, Rung, ThreatKind
from app.vocabulary.times import Period

UNTOLD = date.min.toordinal()
"""The ordinal that stands for a day which nothing tells."""
_Sort = tuple[ClaimType, Modality, DenialKind | None, ThreatKind | None]
# What the article of a claim tells of it: when it was published, by whom, and when it came in.
_Told = tuple[str | None, str | None, str | None]
_PARTS: tuple[Part, ...] = ("title", "text")
_ACTORS = ("speaker", "source", "target", "source_named", "target_named")
_NUMBERS = (
    ("sort", "u2"),
    *((name, "i4") for name in _ACTORS),
    ("incident", "i4"),
    ("when", "i4"),
    ("happened", "i4"),
    ("told", "i4"),
    ("article", "i4"),
    ("lineage", "i4"),
    ("date", "i4"),
    ("cue", "i4"),
    ("confidence", "f8"),
    ("part", "u1"),
    ("start", "i4"),
    ("end", "i4"),
)


class ResolvedClaim:
    """A claim whose mentions have become nodes: a row of a graph. All ids are node ids, unless they are told otherwise.

    It is made when it is asked for, and costs next to nothing until something of it is read.
    """

    __slots__ = ("_row", "_table")

    def __init__(self, table: ClaimTable, row: int) -> None:
        self._table = table
        self._row = row

    @property
    def id(self) -> str:
        """The claim's id."""
        return self._table.ids.name(self._row)

    @property
    def claim(self) -> Claim:
        """The claim as the ledger holds it, its quote included; the other attributes are read more quickly."""
        return self._table.record(self._row)

    @property
    def type(self) -> ClaimType:
        """What sort of claim it is."""
        table = self._table
        return table.sorts.values[table.columns["sort"].at[self._row]][0]

    @property
    def modality(self) -> Modality:
        """How it stands to the act."""
        table = self._table
        return table.sorts.values[table.columns["sort"].at[self._row]][1]

    @property
    def denial_kind(self) -> DenialKind | None:
        """For a denial, what it rejects, where that is told."""
        table = self._table
        return table.sorts.values[table.columns["sort"].at[self._row]][2]

    @property
    def threat_kind(self) -> ThreatKind | None:
        """For a threat, whether it is conditional or ordered."""
        table = self._table
        return table.sorts.values[table.columns["sort"].at[self._row]][3]

    @property
    def rung(self) -> Rung | None:
        """For a retaliation, how far up the ladder it stands; None for other claims."""
        kind, modality, _, threat = self._table.sorts.values[self._table.columns["sort"].at[self._row]]
        return Rung(threat or modality) if kind is ClaimType.RETALIATES else None

    @property
    def confidence(self) -> float:
        """Probability, by the extractor's own measure, that a careful reader would find the same claim."""
        return cast("float", self._table.columns["confidence"].at[self._row])

    @property
    def article(self) -> str:
        """Id of the article that it stands in."""
        return self._table.articles.name(self._table.columns["article"].at[self._row])

    @property
    def responds_to(self) -> str | None:
        """Id of the claim or incident that its own article says it answers, or None."""
        return self._table.responding.get(self._row)

    @property
    def date(self) -> str | None:
        """The day on which it was said or done, where its article tells one (ISO 8601)."""
        return self._table.words.values[self._table.columns["date"].at[self._row]]

    @property
    def part(self) -> Part:
        """Whether it stands in the article's title or text."""
        return _PARTS[self._table.columns["part"].at[self._row]]

    @property
    def start(self) -> int:
        """At which offset in that part its quote begins, in code points."""
        return self._table.columns["start"].at[self._row]

    @property
    def end(self) -> int:
        """At which it ends."""
        return self._table.columns["end"].at[self._row]

    @property
    def quote(self) -> str:
        """The exact words."""
        return self._table.quote(self._row)

    @property
    def cue(self) -> str:
        """The words that gave it away."""
        return self._table.words.values[self._table.columns["cue"].at[self._row]] or ""

    @property
    def speaker(self) -> str:
        """Whose words are reported."""
        return self._table.nodes.name(self._table.columns["speaker"].at[self._row])

    @property
    def source(self) -> str:
        """On whose behalf it is said or done."""
        return self._table.nodes.name(self._table.columns["source"].at[self._row])

    @property
    def target(self) -> str | None:
        """Against whom, or None where that is left open."""
        return self._table.node("target", self._row)

    @property
    def source_named(self) -> str | None:
        """The body that says it, where that is not the source itself."""
        return self._table.node("source_named", self._row)

    @property
    def target_named(self) -> str | None:
        """The body addressed, where that is not the target itself."""
        return self._table.node("target_named", self._row)

    @property
    def incident(self) -> str | None:
        """What it is about."""
        return self._table.node("incident", self._row)

    @property
    def relayed_by(self) -> tuple[str, ...]:
        """Through whom the words reached the article, outermost first."""
        return self._table.relayed[self._row][1] if self._row in self._table.relayed else ()

    @property
    def when(self) -> Period:
        """The day(s) it was said: its date, else its article's day of publication, else an open period."""
        return self._table.periods.values[self._table.columns["when"].at[self._row]]

    @property
    def happened(self) -> Period:
        """The day(s) of the incident as the claim's own article dates it; open where it does not."""
        return self._table.periods.values[self._table.columns["happened"].at[self._row]]

    @property
    def published(self) -> str | None:
        """The day its article was published (ISO 8601), where that is known."""
        return self._table.told.values[self._table.columns["told"].at[self._row]][0]

    @property
    def publisher(self) -> str | None:
        """The outlet."""
        return self._table.told.values[self._table.columns["told"].at[self._row]][1]

    @property
    def ingested(self) -> str | None:
        """UTC instant (ISO 8601) at which its article entered the ledger, or None where nobody tells."""
        return self._table.told.values[self._table.columns["told"].at[self._row]][2]

    @property
    def lineage(self) -> str:
        """Id of the article from whose text it descends: its own, or that of the earliest claim it is a copy of."""
        return self._table.articles.name(self._table.columns["lineage"].at[self._row])

    @property
    def head(self) -> str | None:
        """Where its edge points: the target, else the incident, else nowhere (the claim has no edge)."""
        target = self._table.node("target", self._row)
        return target if target is not None else self._table.node("incident", self._row)

    def placed(self) -> PlacedClaim:
        """All of it, as it was added."""
        return PlacedClaim(
            claim=self.claim,
            speaker=self.speaker,
            source=self.source,
            target=self.target,
            target_named=self.target_named,
            incident=self.incident,
            when=self.when,
            published=self.published,
            publisher=self.publisher,
            source_named=self.source_named,
            relayed_by=self.relayed_by,
            happened=self.happened,
            ingested=self.ingested,
            lineage=self.lineage,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ResolvedClaim):
            return NotImplemented
        return (self._table is other._table and self._row == other._row) or self.placed() == other.placed()

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<{self.placed()!r}>"


class ClaimTable(Mapping[str, ResolvedClaim]):
    """The claims of a graph by id, in the order they were added."""

    def __init__(self, nodes: Nodes, articles: Ids) -> None:
        """Start empty; `nodes` and `articles` number what claims name."""
        self.nodes = nodes
        self.ids = Ids("clm")
        self.articles = articles
        self.sorts: Codes[_Sort] = Codes()
        self.periods: Codes[Period] = Codes()
        self.told: Codes[_Told] = Codes()
        self.words: Codes[str | None] = Codes()
        self.columns = {name: Column(kind) for name, kind in _NUMBERS}
        # Of each period the ordinals of its first and last day.
        self._first_days = Column("i4")
        self._last_days = Column("i4")
        self.longest = 0
        """Days from the first to the last of the longest period in which something was said or happened."""
        self.relayed: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        """Of claims that were relayed: the ids of the mentions, and of their nodes."""
        self.responding: dict[int, str] = {}
        self._texts = Texts()

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __contains__(self, name: object) -> bool:
        return name in self.ids

    def __getitem__(self, name: str) -> ResolvedClaim:
        row = self.ids.find(name)
        if row == NONE:
            raise KeyError(name)
        return ResolvedClaim(self, row)

    def at(self, row: int) -> ResolvedClaim:
        """The claim in a row."""
        return ResolvedClaim(self, row)

    def rows(self, names: Iterable[str]) -> Rows:
        """The rows of these ids; raises `KeyError` for one that is not there."""
        if isinstance(names, ClaimIds):
            return names.rows
        found = array("i")
        for name in names:
            row = self.ids.find(name)
            if row == NONE:
                raise KeyError(name)
            found.append(row)
        return np.array(found, np.int32)

    # ---- writing ----

    def add(self, placed: PlacedClaim) -> int:
        """Keep a claim that is not there yet; returns its row."""
        claim, evidence = placed.claim, placed.claim.evidence
        row = self.ids.add(claim.id)
        intern = self.nodes.intern
        period = self._period(placed.when)
        values = {
            "sort": self.sorts.code((claim.type, claim.modality, claim.denial_kind, claim.threat_kind)),
            "speaker": intern(placed.speaker),
            "source": intern(placed.source),
            "target": intern(placed.target) if placed.target is not None else NONE,
            "source_named": intern(placed.source_named) if placed.source_named is not None else NONE,
            "target_named": intern(placed.target_named) if placed.target_named is not None else NONE,
            "incident": intern(placed.incident) if placed.incident is not None else NONE,
            "when": period,
            "happened": period if placed.happened == placed.when else self._period(placed.happened),
            "told": self.told.code((placed.published, placed.publisher, placed.ingested)),
            "article": self.articles.add(claim.article),
            "lineage": self.articles.add(placed.lineage),
            "date": self.words.code(claim.date),
            "cue": self.words.code(claim.cue),
            "confidence": claim.confidence,
            "part": _PARTS.index(evidence.part),
            "start": evidence.start,
            "end": evidence.end,
        }
        for name, value in values.items():
            self.columns[name].append(value)
        if claim.relayed_by:
            self.relayed[row] = (claim.relayed_by, placed.relayed_by)
        if claim.responds_to is not None:
            self.responding[row] = claim.responds_to
        named = (claim.speaker, claim.source, claim.target, claim.source_named, claim.target_named, claim.incident)
        self._texts.append(_wrapped(named, evidence.quote))
        return row

    def _period(self, period: Period) -> int:
        code = self.periods.code(period)
        if code == len(self._first_days):
            for column, day in ((self._first_days, period.start), (self._last_days, period.end)):
                column.append(day.toordinal() if day is not None else UNTOLD)
            if period.start is not None:
                self.longest = max(self.longest, ((period.end or date.max) - period.start).days)
        return code

    # ---- reading ----

    def record(self, row: int) -> Claim:
        """The claim in a row, as the ledger holds it."""
        columns, words = self.columns, self.words.values
        kind, modality, denial, threat = self.sorts.values[columns["sort"].at[row]]
        article = self.articles.name(columns["article"].at[row])
        (speaker, source, target, source_named, target_named, incident), quote = _unwrapped(self._texts.get(row))
        part = _PARTS[columns["part"].at[row]]
        return Claim(
            article=article,
            type=kind,
            speaker=cast("str", speaker),
            source=cast("str", source),
            target=target,
            modality=modality,
            evidence=Evidence(article, part, columns["start"].at[row], columns["end"].at[row], quote),
            incident=incident,
            date=words[columns["date"].at[row]],
            responds_to=self.responding.get(row),
            denial_kind=denial,
            threat_kind=threat,
            source_named=source_named,
            target_named=target_named,
            relayed_by=self.relayed[row][0] if row in self.relayed else (),
            confidence=columns["confidence"].at[row],
            cue=words[columns["cue"].at[row]] or "",
            id=self.ids.name(row),
        )

    def quote(self, row: int) -> str:
        """The exact words of the claim in a row."""
        return _unwrapped(self._texts.get(row))[1]

    def node(self, column: str, row: int) -> str | None:
        """The id of the node that a column names in a row, or None."""
        code = self.columns[column].at[row]
        return self.nodes.name(code) if code != NONE else None

    def day(self, row: int) -> date:
        """The first day on which the claim in a row may have been said; `date.min` where nothing tells."""
        return date.fromordinal(self._first_days.at[self.columns["when"].at[row]])

    def days_of(self, rows: Rows) -> NDArray[np.int32]:
        """Of these rows the ordinals of `day`."""
        return cast("NDArray[np.int32]", self._first_days.values[self.columns["when"].values[rows]])

    def last_days_of(self, rows: Rows) -> NDArray[np.int32]:
        """Of these rows the ordinals of the last day on which each may have been said, UNTOLD where nothing tells."""
        return cast("NDArray[np.int32]", self._last_days.values[self.columns["when"].values[rows]])

    def order(self, rows: Rows) -> tuple[NDArray[Any], ...]:
        """Keys for `numpy.lexsort`: rows by the day they were said, then by id."""
        return (*self.ids.order(rows), self.days_of(rows))

    def sorted(self, rows: Rows) -> Rows:
        """These rows by `order`."""
        return rows[np.lexsort(self.order(rows))]

    def groups(self, rows: Rows, *columns: str) -> Iterator[tuple[ResolvedClaim, Rows]]:
        """Rows that agree in all these columns, each group with one of its claims; a group keeps the order of the rows.

        What holds of a claim by these columns alone need only be found out once a group.
        """
        if not len(rows):
            return
        values = [self.columns[name].values[rows] for name in columns]
        order = np.lexsort(values)
        is_other = np.zeros(len(rows) - 1, np.bool_)
        for value in values:
            is_other |= value[order][1:] != value[order][:-1]
        ordered = rows[order]
        for start, end in pairwise([0, *(np.flatnonzero(is_other) + 1).tolist(), len(rows)]):
            group = ordered[start:end]
            yield self.at(int(group[0])), group

    def distinct(self, rows: Rows, column: str) -> int:
        """How many different values these rows have in a column."""
        return len(np.unique(self.columns[column].values[rows])) if len(rows) > 1 else len(rows)

    # ---- keeping ----

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {
            "ids": self.ids.state(),
            "columns": {name: column.values for name, column in self.columns.items()},
            "sorts": self.sorts.values,
            "periods": self.periods.values,
            "told": self.told.values,
            "words": self.words.values,
            "relayed": list(self.relayed.items()),
            "responding": list(self.responding.items()),
            "texts": self._texts.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        self.ids.restore(state["ids"])
        self.columns = {name: Column(kind, state["columns"][name]) for name, kind in _NUMBERS}
        self.sorts, self.told, self.words = Codes(state["sorts"]), Codes(state["told"]), Codes(state["words"])
        self.periods, self._first_days, self._last_days, self.longest = Codes(), Column("i4"), Column("i4"), 0
        for period in state["periods"]:
            self._period(period)
        self.relayed, self.responding = dict(state["relayed"]), dict(state["responding"])
        self._texts.restore(state["texts"])


class ClaimIds(RowSequence[str]):
    """The ids of rows, each made when it is read; equal to any sequence of the same ids."""

    __slots__ = ()

    _table: ClaimTable

    def _made(self, row: int) -> str:
        return self._table.ids.name(row)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.ids.names(self.rows))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (row := self._table.ids.find(name)) != NONE and row in self.rows

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ClaimIds | tuple | list):
            return tuple(self) == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def without(self, names: Iterable[str]) -> ClaimIds:
        """All but these."""
        return ClaimIds(self._table, self.rows[~np.isin(self.rows, self._table.rows(names))])


class DatedClaims(RowSequence[tuple[date, str]]):
    """(day said, claim id) of rows that are sorted by both, each made when it is read."""

    __slots__ = ()

    _table: ClaimTable

    def _made(self, row: int) -> tuple[date, str]:
        return self._table.day(row), self._table.ids.name(row)

    def __iter__(self) -> Iterator[tuple[date, str]]:
        table, rows = self._table, self.rows
        ordinals = table.days_of(rows).tolist()
        days = {ordinal: date.fromordinal(ordinal) for ordinal in set(ordinals)}
        return zip(map(days.__getitem__, ordinals), table.ids.names(rows), strict=True)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DatedClaims | list):
            return list(self) == list(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))

    @property
    def ids(self) -> ClaimIds:
        """The ids alone."""
        return ClaimIds(self._table, self.rows)


# ---- ids of mentions and a quote as bytes ----

# How an id is written: none at all, the one before again, ten bytes of a content id, or its length and letters.
_ABSENT, _AGAIN, _MENTION, _INCIDENT, _LETTERS = range(5)
_KINDS = {"men-": _MENTION, "inc-": _INCIDENT}
_PREFIXES = {_MENTION: "men-", _INCIDENT: "inc-"}


def _wrapped(names: Sequence[str | None], quote: str) -> bytes:
    found = bytearray()
    before: str | None = None
    for name in names:
        if name is None:
            found.append(_ABSENT)
        elif name == before:
            found.append(_AGAIN)
        else:
            kind = _KINDS.get(name[:4], _LETTERS)
            digits = _digits(name) if kind != _LETTERS else None
            if digits is not None:
                found.append(kind)
                found += digits
            else:
                letters = name.encode("utf-8", "surrogatepass")
                found.append(_LETTERS)
                found += len(letters).to_bytes(4, "little") + letters
            before = name
    return bytes(found) + quote.encode("utf-8", "surrogatepass")


def _digits(name: str) -> bytes | None:
    try:
        found = bytes.fromhex(name[4:])
    except ValueError:
        return None
    return found if len(found) == 10 and name[4:] == found.hex() else None


def _unwrapped(text: bytes) -> tuple[list[str | None], str]:
    names: list[str | None] = []
    before: str | None = None
    at = 0
    for _ in range(6):
        kind = text[at]
        at += 1
        if kind == _ABSENT:
            names.append(None)
            continue
        if kind == _LETTERS:
            length = int.from_bytes(text[at : at + 4], "little")
            before = text[at + 4 : at + 4 + length].decode("utf-8", "surrogatepass")
            at += 4 + length
        elif kind != _AGAIN:
            before = _PREFIXES[kind] + text[at : at + 10].hex()
            at += 10
        names.append(before)
    return names, text[at:].decode("utf-8", "surrogatepass")
