"""The tables of `graph_data/crosswalk`: which code is which claim, and which role speaks for its state.

Both are handed to the importer, so that another mapping needs no other code.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from app.vocabulary.errors import BadData
from app.vocabulary.terms import MODALITIES, ActorKind, ClaimType, Modality

SpeaksFor = Literal["state", "self", "nobody", "unknown"]
Accused = Literal["source", "target", "either"]
"""A side of an event; `either`: the one that faces private persons, or nobody, where the dataset gives no direction."""
_UNSPECIFIED = ", not specified below"
_SPEECH = ("code", "names", "type", "modality", "note")
_EVENTS = ("code", "names", "type", "modality", "accused", "incident", "note")
_STATE, _REST = "{state}", "*"


@dataclass(frozen=True, slots=True)
class CodeRow:
    """What events of a code are.

    Attributes:
        type: The claim's type, or None: no claim.
        note: Why.
        accused: Where the coder speaks: which side of the event the claim is against.
        incident: Where the coder speaks: what sort of incident it is; "": none.
    """

    code: str
    names: tuple[str, ...]
    type: ClaimType | None
    modality: Modality | None
    note: str = ""
    accused: Accused | None = None
    incident: str = ""

    def __post_init__(self) -> None:
        if not self.code:
            raise ValueError("the code is missing")
        if (self.type is None) is not (self.modality is None):
            raise ValueError("type and modality are given together, or neither")
        if self.type is not None and self.modality not in MODALITIES[self.type]:
            raise ValueError(f"a claim that {self.type} cannot be {self.modality}")
        if self.accused is not None and (self.type is not ClaimType.ACCUSES or not self.incident):
            raise ValueError("whoever is accused is accused of an incident, by a claim that accuses")


class CodeTable:
    """Codes and what claim each is: the longest listed code that an event's code begins with decides."""

    def __init__(self, rows: Iterable[CodeRow], mark: str = "") -> None:
        """Take rows; `mark` tells this table from the one that ships in the names of extractors.

        Raises:
            ValueError: A code or name is listed twice.
        """
        self.mark = mark
        self._codes: dict[str, CodeRow] = {}
        self._names: dict[str, CodeRow] = {}
        for row in rows:
            if row.code in self._codes:
                raise ValueError(f"the code {row.code} is listed twice")
            self._codes[row.code] = row
            for name in row.names:
                if self._names.setdefault(_folded(name), row) is not row:
                    raise ValueError(f"the name {name!r} is listed twice")

    @classmethod
    def load(cls, path: Path, *, ships: bool = False) -> CodeTable:
        """Read a tab-separated file with the columns code, names, type, modality, note.

        Where the coder speaks, it has the columns code, names, type, modality, accused, incident, note.

        A table that does not ship is marked with its file's name and the hash of what it says: its readings are told
        from others by it.

        Raises:
            BadData: It cannot be read; the message names file and line.
        """
        rows = []
        for where, row in _rows(path, _SPEECH, _EVENTS):
            try:
                names = tuple(name.strip() for name in row["names"].split("|") if name.strip())
                kind = ClaimType(row["type"]) if row["type"] else None
                modality = Modality(row["modality"]) if row["modality"] else None
                accused = row.get("accused") or None
                if accused not in (None, *get_args(Accused)):
                    raise ValueError(f"accused is {' or '.join(get_args(Accused))}, not {accused!r}")
                side = cast("Accused | None", accused)
                rows.append(CodeRow(row["code"], names, kind, modality, row["note"], side, row.get("incident", "")))
            except ValueError as why:
                raise BadData(f"{where}: {why}") from None
        mark = "" if ships else f"{path.stem}-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"
        try:
            return cls(rows, mark)
        except ValueError as why:
            raise BadData(f"{path}: {why}") from None

    def row(self, code: str, name: str = "") -> CodeRow | None:
        """What the table says of a code, or of its name where no code is given; None where it says nothing."""
        if not code:
            return self._names.get(_folded(name))
        for end in range(len(code), 0, -1):
            if (found := self._codes.get(code[:end])) is not None:
                return found
        return None


def _folded(name: str) -> str:
    return " ".join(name.casefold().removesuffix(_UNSPECIFIED).replace("-", " ").split())


@dataclass(frozen=True, slots=True)
class Role:
    """A role that stands in an actor's place: what sort of actor it is, and for whom it speaks."""

    kind: ActorKind
    speaks_for: SpeaksFor


class ActorTable:
    """Roles by which a dataset names actors that it has no name for; see `graph_data/crosswalk/README.md`.

    A role with `{state}` or `*` in it is the shape of a name: "Government of {state}", "Unidentified*".
    """

    def __init__(self, roles: dict[str, Role] | None = None) -> None:
        self.roles = {name: role for name, role in (roles or {}).items() if _STATE not in name and _REST not in name}
        self.shapes = [(_shape(name), role) for name, role in (roles or {}).items() if name not in self.roles]

    def shaped(self, name: str) -> tuple[Role, str | None] | None:
        """The role whose shape a name has, and the state named in it, or None where it has none; the first counts."""
        for shape, role in self.shapes:
            if (found := shape.match(name)) is not None:
                return role, found.groupdict().get("state")
        return None

    @classmethod
    def load(cls, path: Path) -> ActorTable:
        """Read a tab-separated file with the columns role, kind, speaks_for, note.

        Raises:
            BadData: It cannot be read; the message names file and line.
        """
        roles: dict[str, Role] = {}
        for where, row in _rows(path, ("role", "kind", "speaks_for", "note")):
            if row["speaks_for"] not in get_args(SpeaksFor):
                raise BadData(f"{where}: speaks_for is {' or '.join(get_args(SpeaksFor))}, not {row['speaks_for']!r}")
            if row["role"] in roles:
                raise BadData(f"{where}: {row['role']!r} is listed twice")
            try:
                roles[row["role"]] = Role(ActorKind(row["kind"]), cast("SpeaksFor", row["speaks_for"]))
            except ValueError as why:
                raise BadData(f"{where}: {why}") from None
        return cls(roles)


def _shape(role: str) -> re.Pattern[str]:
    """What a name of this shape looks like; what stands in brackets after a state is no part of the state's name."""
    pattern = re.escape(role).replace(re.escape(_REST), ".*")
    return re.compile(pattern.replace(re.escape(_STATE), r"(?:the )?(?P<state>[^()]+?)(?: \([^()]*\).*)?") + r"\Z")


def _rows(path: Path, columns: tuple[str, ...], *others: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if tuple(reader.fieldnames or ()) not in (columns, *others):
                raise BadData(f"{path}: its columns must be {', '.join(columns)}, separated by tabs")
            for row in reader:
                where = f"{path}, line {reader.line_num}"
                if None in row or None in row.values():
                    raise BadData(f"{where}: expected {len(reader.fieldnames or ())} columns")
                yield where, row
    except OSError as why:
        raise BadData(f"{path} cannot be read: {why.strerror or why}") from None
    except UnicodeDecodeError:
        raise BadData(f"{path} is not UTF-8") from None
