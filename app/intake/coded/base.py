"""The port for datasets of coded events. One contract suite (`tests/intake/test_coded_contract.py`) runs on each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from app.vocabulary.names import Precision
from app.vocabulary.records import Refusal
from app.vocabulary.terms import ActorKind


@dataclass(frozen=True, slots=True)
class Party:
    """One side of an event.

    Attributes:
        name: As the dataset writes it.
        at: Index of the cell of its event that holds the name.
        country: Name of its country as the dataset writes it, or None.
        country_at: Index of the cell that holds the country, or None.
        holds_office: Whether the dataset says that it was an organ or officer of its state that day; None where it
            says nothing of the kind.
        role: What the dataset codes it as ("GOV"), a role of its table of actors; "" where its column for that is
            empty, None where it has no such column.
        iso: ISO 3166 alpha-3 of the country, where the dataset gives a code that tells it.
        sort: The class in which the dataset puts it ("Rebel group"), where its name is no help; or "".
    """

    name: str
    at: int
    country: str | None = None
    country_at: int | None = None
    holds_office: bool | None = None
    role: str | None = None
    iso: str | None = None
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """What a party is.

    Attributes:
        name: Its common name.
        kind: What sort of actor.
        country: ISO 3166 alpha-3 where known.
        state: Common name of the state it speaks for, or None where it speaks for itself.
        state_words: How the dataset writes that state.
        is_body: Whether it is a body of that state, not a person.
    """

    name: str
    kind: ActorKind = ActorKind.UNKNOWN
    country: str | None = None
    state: str | None = None
    state_words: str = ""
    is_body: bool = False


@dataclass(frozen=True, slots=True)
class Location:
    """Where something happened, as the dataset records it.

    Attributes:
        name: Of the narrowest place that it names.
        at: Index of the cell of its event that holds the name.
        country: Name of its country as the dataset writes it, or None.
        within: The division of the country in which it lies, which tells it from others of its name; or "".
        lat: Degrees north (WGS 84) of the place named, or None.
        lon: Degrees east (WGS 84), or None.
        precision: What the point stands for.
    """

    name: str
    at: int
    country: str | None = None
    within: str = ""
    lat: float | None = None
    lon: float | None = None
    precision: Precision = "unknown"


@dataclass(frozen=True, slots=True)
class CodedEvent:
    """One event as a dataset records it.

    Attributes:
        where: File and line, as a refusal names them.
        day: The event's day, ISO 8601; where the dataset tells it apart, the day of the story it was coded from.
        cells: The record, cell by cell, in the dataset's words; no cell holds a line break.
        source: Who acts or speaks, or None where the dataset names nobody.
        target: Towards whom, or None.
        code: The coder's code; empty where the dataset gives only its name.
        code_name: The code's name; empty where the dataset gives only the code. One of the two is given.
        outlet_at: Index of the cell that names the outlet whose story was coded, or None.
        date: When it was said, ISO 8601, where that is another time than `day` or known less exactly; None: unknown;
            "": on `day`.
        coder_speaks: Whether the dataset codes what happened, on its own word, not what somebody said: then it becomes
            an incident, and its code's row tells whom the coder accuses. `source` and `target` are then the two sides,
            `date` is when the dataset says so.
        happened: Day or interval A/B of what happened, ISO 8601, where the coder speaks.
        location: Where that was, or None.
    """

    where: str
    day: str
    cells: tuple[str, ...]
    source: Party | None
    target: Party | None
    code: str
    code_name: str = ""
    outlet_at: int | None = None
    date: str | None = ""
    coder_speaks: bool = False
    happened: str | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class CodedOptions:
    """What a file may leave unsaid.

    Attributes:
        start: The day that times count from, where the dataset writes times as numbers.
        unit: What such a number counts.
        mentions: File or folder that tells which outlets mention an event, where the dataset keeps that apart.
    """

    start: date | None = None
    unit: Literal["hours", "days"] = "hours"
    mentions: Path | None = None


@runtime_checkable
class Coded(Protocol):
    """A dataset whose events can be imported.

    `name` is its word on the command line, `version` rises with every change of what an event becomes, `scheme` is the
    code book ("cameo") whose table reads its codes, and `publisher` stands on the articles made of it.
    """

    @property
    def name(self) -> str:
        """Its word on the command line and in the extractor's name: "icews"."""
        ...

    @property
    def version(self) -> int:
        """Rises where the same file would give other events."""
        ...

    @property
    def scheme(self) -> str:
        """The code book its codes are of: "cameo"."""
        ...

    @property
    def publisher(self) -> str:
        """Whom articles made of it name as publisher: "ICEWS"."""
        ...

    def events(self, path: Path, options: CodedOptions) -> Iterator[CodedEvent | Refusal]:
        """The events of a file or folder in its order, one item for each record: an event, or why it is none.

        The same input gives the same events. Memory does not grow with the number of records.

        Raises:
            BadInput: The path holds no such data, or reading stopped (a damaged file); what came before stays valid.
        """
        ...


@runtime_checkable
class Identified(Protocol):
    """A dataset that numbers its records: the first cell of an event is its number, by which it is known again.

    So a record that comes anew with other cells (more outlets, say) is no second event.
    """

    @property
    def is_identified(self) -> Literal[True]:
        """Always true."""
        ...
