"""The gazetteer: names of states, bodies, groups, organisations and roles, read from tab-separated files of ours.

In: the folder `graph_data/gazetteers`. Out: which actor a name stands for, what it is part of, and to whom it rolls up
on a given day (codebook, "Who speaks, and for whom"). It knows nothing of text; finding names in text is extraction's
business. Proxies stay themselves; a wing belongs to its own group, never to a foreign sponsor.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from app.vocabulary.errors import BadData
from app.vocabulary.records import Actor, actor_id
from app.vocabulary.terms import ActorKind
from app.vocabulary.times import Period


class NameForm(StrEnum):
    """How a name stands for its actor, which decides whether it can also be a place or an adjective."""

    NAME = "name"
    ADJECTIVE = "adjective"
    DEMONYM = "demonym"
    CAPITAL = "capital"
    SEAT = "seat"


@dataclass(frozen=True, slots=True)
class NamedActor:
    """One row of the gazetteer.

    Attributes:
        part_of: Canonical name of the actor it rolls up to next, or None at the top.
        valid: When it existed under this name.
    """

    name: str
    kind: ActorKind
    country: str | None = None
    part_of: str | None = None
    aliases: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    valid: Period = field(default_factory=Period)
    wikidata: str | None = None

    def forms(self) -> Iterator[tuple[str, NameForm]]:
        """Every name it goes by, with how that name stands for it."""
        yield self.name, NameForm.NAME
        for form, names in (
            (NameForm.NAME, self.aliases),
            (NameForm.ADJECTIVE, self.adjectives),
            (NameForm.DEMONYM, self.demonyms),
            (NameForm.CAPITAL, self.capitals),
            (NameForm.SEAT, self.seats),
        ):
            for name in names:
                yield name, form


@dataclass(frozen=True, slots=True)
class NameHit:
    """An actor that a name may stand for."""

    actor: NamedActor
    form: NameForm


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A name of several bearers.

    Attributes:
        context: For each candidate, words whose presence in the article speaks for it.
        default: Who it is where nothing decides; None: nobody, for unknown stays unknown.
    """

    candidates: tuple[str, ...]
    context: tuple[tuple[str, ...], ...]
    default: str | None


@dataclass(frozen=True, slots=True)
class Role:
    """A title or office: "spokesman", "Prime Minister", "Gen."; `speaks_for` is state, body, group or self."""

    name: str
    kind: str
    speaks_for: str


@dataclass(frozen=True, slots=True)
class Region:
    """A place that lists of cities lack; coordinates in degrees (WGS 84) where known."""

    name: str
    country: str | None
    kind: str
    lat: float | None
    lon: float | None


_STATE_KINDS = {
    "state": ActorKind.STATE,
    "de_facto_state": ActorKind.STATE,
    "former_state": ActorKind.STATE,
    "territory": ActorKind.STATE,
    "sub_state": ActorKind.GOVERNMENT_BODY,
}
_BODY_KINDS = {"armed_force": ActorKind.ARMED_FORCE, "state_media": ActorKind.MEDIA}
_GROUP_KINDS = {"party": ActorKind.POLITICAL_GROUP, "movement": ActorKind.POLITICAL_GROUP}
_ORGANISATION_KINDS = {"ngo": ActorKind.NGO, "media": ActorKind.MEDIA, "company": ActorKind.COMPANY}


class Gazetteer:
    """All names, read once; immutable afterwards and safe to share."""

    def __init__(
        self,
        actors: list[NamedActor],
        roles: list[Role] | None = None,
        patterns: list[tuple[str, ActorKind]] | None = None,
        ambiguities: dict[str, Ambiguity] | None = None,
        regions: dict[str, Region] | None = None,
    ) -> None:
        self.actors = {actor.name: actor for actor in actors}
        self.by_id = {actor_id(actor.name): actor for actor in actors}
        self.roles = {role.name: role for role in roles or []}
        self.patterns = patterns or []
        """Pieces a body's name is made of, "{ADJ} Foreign Ministry", with the kind of body."""
        self.ambiguities = ambiguities or {}
        self.regions = regions or {}
        self._hits: dict[str, list[NameHit]] = {}
        for actor in actors:
            for name, form in actor.forms():
                self._hits.setdefault(name, []).append(NameHit(actor, form))

    @classmethod
    def load(cls, folder: Path) -> Gazetteer:
        """Read the gazetteer's files.

        Raises:
            BadData: A file is missing or a row cannot be read; the message names file and line.
        """
        actors = [*_states(folder), *_bodies(folder), *_groups(folder), *_organisations(folder)]
        known = {actor.name for actor in actors}
        for actor in actors:
            if actor.part_of is not None and actor.part_of not in known:
                raise BadData(f"{folder}: {actor.name!r} is part of {actor.part_of!r}, which no file names")
        roles = [Role(r["role"], r["kind"], r["speaks_for"]) for r in _rows(folder / "role_nouns.tsv")]
        patterns = [
            (row["pattern"], _BODY_KINDS.get(row["kind"], ActorKind.GOVERNMENT_BODY))
            for row in _rows(folder / "body_patterns.tsv")
            if row["rolls_up"] != "no"
        ]
        ambiguities = {
            row["alias"]: Ambiguity(_many(row["candidates"]), _context(row), row["default"] or None)
            for row in _rows(folder / "ambiguous.tsv")
        }
        regions: dict[str, Region] = {}
        for row in _rows(folder / "regions.tsv"):
            lat, lon = (float(row[c]) if row[c] else None for c in ("lat", "lon"))
            countries = _many(row["country"])
            # Where two states claim a place, saying whose it is would take a side.
            region = Region(row["name"], countries[0] if len(countries) == 1 else None, row["kind"], lat, lon)
            for name in (row["name"], *_many(row["aliases"])):
                regions.setdefault(name, region)
        found = cls(actors, roles, patterns, ambiguities, regions)
        for row in _rows(folder / "metonym_places.tsv"):
            if not row["state"]:  # noted as a name that speaks for no state
                continue
            if row["state"] not in known:
                raise BadData(f"{folder / 'metonym_places.tsv'}: {row['state']!r} is no actor of the other files")
            hits = found._hits.setdefault(row["name"], [])
            if all(hit.actor.name != row["state"] for hit in hits):
                hits.append(NameHit(found.actors[row["state"]], NameForm.SEAT))
        return found

    def hits(self, name: str) -> list[NameHit]:
        """Who a name may stand for, exactly as written; empty where nobody."""
        return self._hits.get(name, [])

    def names(self) -> Iterator[str]:
        """Every name it knows, the ambiguous ones included."""
        yield from self._hits
        yield from (name for name in self.ambiguities if name not in self._hits)

    def top(self, name: str) -> str:
        """The actor on whose behalf this one acts, as high as the gazetteer goes; an unknown name stands for itself."""
        seen = {name}
        while (actor := self.actors.get(name)) is not None and actor.part_of is not None and actor.part_of not in seen:
            name = actor.part_of
            seen.add(name)
        return name

    def record(self, name: str, kind: ActorKind = ActorKind.UNKNOWN, country: str | None = None) -> Actor:
        """The ledger's record of an actor: the gazetteer's where it knows the name, else what the text told."""
        known = self.actors.get(name)
        if known is None:
            return Actor(name, kind, country)
        # Adjectives and places that stand for a state are ways to say its name, not names to look it up by.
        return Actor(
            known.name,
            known.kind,
            known.country,
            actor_id(known.part_of) if known.part_of else None,
            tuple(alias for alias in known.aliases if alias != known.name),
            known.wikidata,
        )

    def valid_on(self, actor: NamedActor, day: date | None) -> bool:
        """True unless the actor is known not to have existed on that day."""
        return day is None or actor.valid.overlaps(Period(day, day))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
            for row in reader:
                if None in row or None in row.values():
                    raise BadData(f"{path}, line {reader.line_num}: expected {len(reader.fieldnames or [])} columns")
                yield row
    except OSError as why:
        raise BadData(f"{path} cannot be read: {why.strerror}") from why
    except (UnicodeDecodeError, csv.Error) as why:
        raise BadData(f"{path} is not a tab-separated UTF-8 file: {why}") from why


def _many(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


def _context(row: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    """The words for each candidate, from "MMR: Rakhine, junta / TUR: news agency": one piece per candidate, in order."""
    pieces = row["context"].split(" / ") if row["context"] else []
    if len(pieces) != len(_many(row["candidates"])):
        return ()
    return tuple(
        tuple(word.strip() for word in piece.partition(":")[2].split(",") if word.strip()) for piece in pieces
    )


def _valid(row: dict[str, str]) -> Period:
    start, end = row.get("from") or None, row.get("to") or None
    return Period(
        Period.parse(start).start if start else None,
        Period.parse(end).end if end else None,
    )


def _states(folder: Path) -> Iterator[NamedActor]:
    for row in _rows(folder / "states.tsv"):
        yield NamedActor(
            name=row["name"],
            kind=_STATE_KINDS.get(row["kind"], ActorKind.STATE),
            country=row["iso3"] or None,
            aliases=_many(row["aliases"]),
            adjectives=_many(row["adjectives"]),
            demonyms=_many(row["demonyms"]),
            capitals=_many(row["capital"]),
            seats=_many(row["seats"]),
            valid=_valid(row),
            wikidata=row["wikidata"] or None,
        )


def _bodies(folder: Path) -> Iterator[NamedActor]:
    for row in _rows(folder / "bodies.tsv"):
        kind = _BODY_KINDS.get(row["kind"], ActorKind.GOVERNMENT_BODY)
        yield _listed(row, kind, row["parent"] or None, None)


def _groups(folder: Path) -> Iterator[NamedActor]:
    for row in _rows(folder / "groups.tsv"):
        countries = _many(row["countries"])
        kind = _GROUP_KINDS.get(row["kind"], ActorKind.ARMED_GROUP)
        yield _listed(row, kind, row["parent"] or None, countries[0] if len(countries) == 1 else None)


def _organisations(folder: Path) -> Iterator[NamedActor]:
    for row in _rows(folder / "organisations.tsv"):
        kind = _ORGANISATION_KINDS.get(row["kind"], ActorKind.INTERNATIONAL_ORGANISATION)
        yield _listed(row, kind, row["parent"] or None, None)


def _listed(row: dict[str, str], kind: ActorKind, part_of: str | None, country: str | None) -> NamedActor:
    return NamedActor(
        name=row["name"],
        kind=kind,
        country=country,
        part_of=part_of,
        aliases=_many(row["aliases"]),
        valid=_valid(row),
        wikidata=row["wikidata"] or None,
    )
