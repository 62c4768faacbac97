"""The gazetteer: names of states, bodies, groups, organisations and roles, read from tab-separated files of ours.

In: the folder `graph_data/gazetteers`. Out: which actor a name stands for, what it is part of, and to whom it rolls up
on a given day (codebook, "Who speaks, and for whom"). It knows nothing of text; finding names in text is extraction's
business. Proxies stay themselves; a wing belongs to its own group, never to a foreign sponsor.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from app.vocabulary.cities import likely_city
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
        part_of: Canonical name of the actor it belongs to, or None.
        rolls_up: Whether it speaks and acts for the actor it belongs to. A wing does; an affiliate, a proxy, an
            independent broadcaster stays itself.
        valid: When it existed under this name.
    """

    name: str
    kind: ActorKind
    country: str | None = None
    part_of: str | None = None
    rolls_up: bool = True
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
        self._states = {a.country: a for a in actors if a.kind is ActorKind.STATE and a.country is not None}
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
        listed: dict[str, tuple[str, NamedActor]] = {}
        for file, make in (
            ("states.tsv", _state),
            ("bodies.tsv", _body),
            ("groups.tsv", _group),
            ("organisations.tsv", _organisation),
        ):
            for where, actor in _read(folder / file, make):
                if actor.name in listed:
                    raise BadData(f"{where}: {actor.name!r} is listed already in {listed[actor.name][0]}")
                listed[actor.name] = where, actor
        for where, actor in listed.values():
            if actor.part_of is not None and actor.part_of not in listed:
                raise BadData(f"{where}: {actor.name!r} is part of {actor.part_of!r}, which no file names")
        roles = [role for _, role in _read(folder / "role_nouns.tsv", _role)]
        patterns = [pattern for _, pattern in _read(folder / "body_patterns.tsv", _pattern) if pattern is not None]
        ambiguities = dict(pair for _, pair in _read(folder / "ambiguous.tsv", _ambiguity))
        regions: dict[str, Region] = {}
        for _, (names, region) in _read(folder / "regions.tsv", _region):
            for name in names:
                regions.setdefault(name, region)
        found = cls([actor for _, actor in listed.values()], roles, patterns, ambiguities, regions)
        for where, (name, state) in _read(folder / "metonym_places.tsv", lambda row: (row["name"], row["state"])):
            if not state:  # noted as a name that speaks for no state
                continue
            if state not in listed:
                raise BadData(f"{where}: {state!r} is no actor of the other files")
            hits = found._hits.setdefault(name, [])
            if all(hit.actor.name != state for hit in hits):
                hits.append(NameHit(found.actors[state], NameForm.SEAT))
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
        while (above := self.above(name)) is not None and above not in seen:
            name = above
            seen.add(name)
        return name

    def above(self, name: str) -> str | None:
        """The actor this one speaks and acts for next, or None where it speaks for itself."""
        actor = self.actors.get(name)
        return actor.part_of if actor is not None and actor.rolls_up else None

    def country_of(self, place: str) -> str | None:
        """The country of a named place (ISO 3166 alpha-3), ours or the likely city's; None where several are likely."""
        region = self.regions.get(place)
        if region is not None:
            return region.country
        for hit in self.hits(place):
            if hit.actor.country is not None and hit.form in (NameForm.NAME, NameForm.CAPITAL):
                return hit.actor.country
        city = likely_city(place)
        return city.country if city is not None else None

    def state_of(self, country: str) -> NamedActor | None:
        """The state with this ISO 3166 alpha-3 code."""
        return self._states.get(country)

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
            actor_id(above) if (above := self.above(name)) is not None else None,
            tuple(alias for alias in known.aliases if alias != known.name),
            known.wikidata,
        )

    def valid_on(self, actor: NamedActor, day: date | None) -> bool:
        """True unless the actor is known not to have existed on that day."""
        return day is None or actor.valid.overlaps(Period(day, day))


_Made = TypeVar("_Made")


def _read(path: Path, make: Callable[[dict[str, str]], _Made]) -> Iterator[tuple[str, _Made]]:
    """What each row makes, with its file and line, which every complaint about it names."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
            for row in reader:
                where = f"{path}, line {reader.line_num}"
                if None in row or None in row.values():
                    raise BadData(f"{where}: expected {len(reader.fieldnames or [])} columns")
                try:
                    made = make(row)
                except KeyError as why:
                    raise BadData(f"{path} has no column {why}") from why
                except ValueError as why:
                    raise BadData(f"{where}: {why}") from why
                yield where, made
    except OSError as why:
        raise BadData(f"{path} cannot be read: {why.strerror}") from why
    except (UnicodeDecodeError, csv.Error) as why:
        raise BadData(f"{path} is not a tab-separated UTF-8 file: {why}") from why


def _many(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


def _context(row: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    """The words for each candidate, from "MMR: Rakhine, junta / TUR: news agency": one piece each, in order."""
    pieces = row["context"].split(" / ") if row["context"] else []
    if len(pieces) != len(_many(row["candidates"])):
        return ()
    return tuple(tuple(word.strip() for word in piece.partition(":")[2].split(",") if word.strip()) for piece in pieces)


def _valid(row: dict[str, str]) -> Period:
    start, end = row["from"] or None, row["to"] or None
    period = Period(
        Period.parse(start).start if start else None,
        Period.parse(end).end if end else None,
    )
    if period.start is not None and period.end is not None and period.end < period.start:
        raise ValueError(f"it existed from {start} to {end}, which is before")
    return period


def _state(row: dict[str, str]) -> NamedActor:
    return NamedActor(
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


def _body(row: dict[str, str]) -> NamedActor:
    return _listed(row, _BODY_KINDS.get(row["kind"], ActorKind.GOVERNMENT_BODY), None)


def _group(row: dict[str, str]) -> NamedActor:
    countries = _many(row["countries"])
    kind = _GROUP_KINDS.get(row["kind"], ActorKind.ARMED_GROUP)
    return _listed(row, kind, countries[0] if len(countries) == 1 else None)


def _organisation(row: dict[str, str]) -> NamedActor:
    return _listed(row, _ORGANISATION_KINDS.get(row["kind"], ActorKind.INTERNATIONAL_ORGANISATION), None)


def _listed(row: dict[str, str], kind: ActorKind, country: str | None) -> NamedActor:
    return NamedActor(
        name=row["name"],
        kind=kind,
        country=country,
        part_of=row["parent"] or None,
        rolls_up=row.get("rolls_up") != "no",
        aliases=_many(row["aliases"]),
        valid=_valid(row),
        wikidata=row["wikidata"] or None,
    )


def _role(row: dict[str, str]) -> Role:
    return Role(row["role"], row["kind"], row["speaks_for"])


def _pattern(row: dict[str, str]) -> tuple[str, ActorKind] | None:
    if row["rolls_up"] == "no":
        return None
    return row["pattern"], _BODY_KINDS.get(row["kind"], ActorKind.GOVERNMENT_BODY)


def _ambiguity(row: dict[str, str]) -> tuple[str, Ambiguity]:
    return row["alias"], Ambiguity(_many(row["candidates"]), _context(row), row["default"] or None)


def _region(row: dict[str, str]) -> tuple[tuple[str, ...], Region]:
    """The names a region goes by, and the region."""
    lat, lon = (float(row[c]) if row[c] else None for c in ("lat", "lon"))
    countries = _many(row["country"])
    # Where two states claim a place, saying whose it is would take a side.
    region = Region(row["name"], countries[0] if len(countries) == 1 else None, row["kind"], lat, lon)
    return (row["name"], *_many(row["aliases"])), region
