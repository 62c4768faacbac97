"""The port for datasets of coded events. One contract suite (`tests/intake/test_coded_contract.py`) runs on each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from app.vocabulary.records import Refusal


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
    """

    name: str
    at: int
    country: str | None = None
    country_at: int | None = None
    holds_office: bool | None = None


@dataclass(frozen=True, slots=True)
class CodedEvent:
    """One event as a dataset records it.

    Attributes:
        where: File and line, as a refusal names them.
        day: The event's day, ISO 8601.
        cells: The record, cell by cell, in the dataset's words; no cell holds a line break.
        source: Who acts or speaks, or None where the dataset names nobody.
        target: Towards whom, or None.
        code: The coder's code; empty where the dataset gives only its name.
        code_name: The code's name; empty where the dataset gives only the code. One of the two is given.
        outlet_at: Index of the cell that names the outlet whose story was coded, or None.
    """

    where: str
    day: str
    cells: tuple[str, ...]
    source: Party | None
    target: Party | None
    code: str
    code_name: str = ""
    outlet_at: int | None = None


@dataclass(frozen=True, slots=True)
class CodedOptions:
    """What a file may leave unsaid.

    Attributes:
        start: The day that times count from, where the dataset writes times as numbers.
        unit: What such a number counts.
    """

    start: date | None = None
    unit: Literal["hours", "days"] = "hours"


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
