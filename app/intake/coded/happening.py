"""Events that a coder records on its own word in, incidents out, and whom the coder accuses of each, or why nobody.

Such a dataset (ACLED, UCDP GED) codes who did what to whom, not who said so. So the row is an incident; and where its
code says that a wrong was done (`graph_data/crosswalk`), the coder itself is the one who attributes it: a claim like
any other, with the coder as speaker. Where two armed sides fight, nobody is accused.

Where places lie is told by the gazetteer, and by the dataset where the gazetteer does not know.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from app.intake.coded.base import CodedEvent, Location, Party, Side
from app.intake.coded.tables import ActorTable, CodeRow
from app.vocabulary.names import Gazetteer, NameForm, Spot
from app.vocabulary.records import Article, Claim, Evidence, Incident, Mention, Refusal, slug
from app.vocabulary.terms import ActorKind, NodeKind, RefusalReason

if TYPE_CHECKING:
    from collections.abc import MutableMapping

JOINT = " | "
CONFIDENCE = 0.5
"""Of every coded event: how often a coder is right is published, if at all, for a whole dataset, not for an event."""
MOST_POINTS = 50_000
"""Places whose points are held: more than there are events at hand (`MOST_OPEN`, and one transaction's)."""
_SAME_PLACE_KM = 30.0
"""Two points of one town, by two lists of places; ACLED and UCDP round to where a report places the event."""
_BRACKETS = re.compile(r"(.+?) ?\(([^()]+)\)\Z")


class Surveyed(Gazetteer):
    """A gazetteer that also knows where a dataset says that a place lies, for places that the gazetteer lacks."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.__dict__.update(gazetteer.__dict__)
        self._points: OrderedDict[tuple[str, str | None], Spot] = OrderedDict()

    def spot(self, place: str, country: str | None = None, day: date | None = None) -> Spot | None:
        """See `Gazetteer.spot`; a place that `settle` was told of lies where the dataset put it."""
        return self._points.get((place, country)) or super().spot(place, country, day)

    def settle(self, location: Location, country: str | None) -> str:
        """The name by which a dataset's place is told from others; its point is kept where no list has it.

        A place of that name that lies elsewhere in the country is another place, so the division is added to the name:
        "Kuva, Norva Province".
        """
        known = super().spot(location.name, country)
        here = location.lat, location.lon
        if known is not None and known.precision == "country":
            return location.name
        if here[0] is None or here[1] is None:
            return location.name
        if known is not None and known.lat is not None and known.lon is not None:
            # A region's point is the middle of an area, so that two may lie far apart.
            if known.precision == "region" or _km(known.lat, known.lon, here[0], here[1]) <= _SAME_PLACE_KM:
                return location.name
        elif known is not None and known.precision == "region":
            return location.name
        name = location.name
        if location.within and slug(location.within) != slug(name):
            name = f"{name}, {location.within}"
        elif known is not None and known.lat is not None:
            # Nothing tells it from the one that is known, whose point is not to be moved.
            return name
        key = (name, country)
        if key not in self._points:
            self._points[key] = Spot(country, location.precision, here[0], here[1])
            if len(self._points) > MOST_POINTS:
                self._points.popitem(last=False)
        else:
            self._points.move_to_end(key)
        return name


def _km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Kilometres between two points, as on a plane: good enough to tell near from far."""
    east = ((lon - other_lon + 180) % 360 - 180) * math.cos(math.radians((lat + other_lat) / 2))
    return 111.2 * math.hypot(lat - other_lat, east)


class Happenings:
    """Makes incidents of one dataset's events, and the coder's accusations."""

    def __init__(self, coder: str, scheme: str, actors: ActorTable, gazetteer: Surveyed) -> None:
        self._coder, self._scheme = coder, scheme
        self._actors, self._gazetteer = actors, gazetteer
        role = actors.roles.get(coder)
        self._speaker = self._common(coder)
        self._speaker_kind = role.kind if role is not None else ActorKind.UNKNOWN
        self._sides: dict[Party, Side | RefusalReason] = {}

    def accused(self, event: CodedEvent, row: CodeRow) -> tuple[Side, Party] | Refusal:
        """Whom the coder accuses, or why nobody."""
        told = event.code_name or event.code
        if row.accused is None:
            why = f" ({row.note})" if row.note else ""
            return Refusal(RefusalReason.OUT_OF_SCOPE, f"{event.where}: {told} accuses nobody{why}")
        sides = [self._side(event.source), self._side(event.target)]
        at = 0 if row.accused == "source" else 1
        if row.accused == "either":
            # Whoever faces people who bear no arms, or nobody who is named.
            facing = [other is None or other is RefusalReason.NOT_AN_ACTOR for other in reversed(sides)]
            if not any(facing):
                return Refusal(
                    RefusalReason.UNCERTAIN, f"{event.where}: {told}: which of the two sides did it is not said"
                )
            at = 0 if facing[0] and (not facing[1] or sides[0] is not None) else 1
            if all(facing) and RefusalReason.NOT_AN_ACTOR in sides:
                return Refusal(RefusalReason.NOT_AN_ACTOR, f"{event.where}: {told} by private persons")
        side, party = sides[at], (event.source, event.target)[at]
        if side is None or party is None:
            return Refusal(RefusalReason.NO_TARGET, f"{event.where}: {told} by nobody who is named")
        if isinstance(side, RefusalReason):
            return Refusal(side, f"{event.where}: {told} by {party.name}")
        return side, party

    def _side(self, party: Party | None) -> Side | RefusalReason | None:
        if party is None:
            return None
        found = self._sides.get(party)
        if found is None:
            if len(self._sides) > 100_000:
                self._sides.clear()
            found = self._sides[party] = self._look_up(party)
        return found

    def told(
        self,
        event: CodedEvent,
        row: CodeRow,
        accused: tuple[Side, Party] | None,
        article: Article,
        start: int,
        mentions: MutableMapping[tuple[NodeKind, str], Mention],
    ) -> tuple[Incident, Claim | None]:
        """The incident of an event whose line begins at `start`, and the coder's accusation where there is one."""
        line = JOINT.join(event.cells)
        evidence = Evidence(article.id, "text", start, start + len(line), line)

        def mention(name: str, at: int, words: str, kind: ActorKind | None, country: str | None) -> str:
            node = NodeKind.PLACE if kind is None else NodeKind.ACTOR
            found = mentions.get((node, name))
            if found is None:
                first = start + len(JOINT) * at + sum(map(len, event.cells[:at])) + max(event.cells[at].find(words), 0)
                found = mentions[node, name] = Mention(
                    article.id,
                    node,
                    name,
                    words,
                    "text",
                    first,
                    first + len(words),
                    kind or ActorKind.UNKNOWN,
                    country,
                )
            return found.id

        place = country = None
        location = event.location
        if location is not None:
            country = self._country(location.country) if location.country is not None else None
            if slug(location.name):
                name = self._gazetteer.settle(location, country)
                place = mention(name, location.at, location.name, None, country)
        target = named = None
        if accused is not None:
            side, party = accused
            target = named = mention(side.name, party.at, party.name, side.kind, side.country)
            if side.state is not None:
                words = side.state_words or party.name
                target = mention(side.state, party.at, words, ActorKind.STATE, side.country)
        perpetrators = (target,) if target is not None else ()
        incident = Incident(article.id, row.incident, evidence, place, country, event.happened, perpetrators)
        if target is None or row.type is None or row.modality is None:
            return incident, None
        coder = mentions.setdefault(
            (NodeKind.ACTOR, self._speaker),
            Mention(
                article.id,
                NodeKind.ACTOR,
                self._speaker,
                self._coder,
                "title",
                0,
                len(self._coder),
                self._speaker_kind,
            ),
        )
        return incident, Claim(
            article.id,
            row.type,
            coder.id,
            coder.id,
            target,
            row.modality,
            evidence,
            incident=incident.id,
            date=event.day if event.date == "" else event.date,
            target_named=named if named != target else None,
            confidence=CONFIDENCE,
            cue=f"{self._scheme}/{event.code or row.code}",
        )

    def _look_up(self, party: Party) -> Side | RefusalReason:
        if not slug(party.name):
            return RefusalReason.NO_TARGET
        bracketed = _BRACKETS.match(party.name)
        words: str | None = bracketed[2] if bracketed is not None else None
        role = self._actors.roles.get(bracketed[1] if bracketed is not None else party.name)
        if role is None:
            shaped = self._actors.shaped(party.name)
            role, words = shaped if shaped is not None else (self._actors.roles.get(party.sort), None)
        if role is not None and role.speaks_for == "unknown":
            return RefusalReason.NO_TARGET
        if role is not None and role.speaks_for == "nobody":
            return RefusalReason.NOT_AN_ACTOR
        name = self._common(party.name)
        kind = role.kind if role is not None else ActorKind.UNKNOWN
        above = self._gazetteer.actors.get(name)
        if above is not None:
            # Whom it acts for the gazetteer says, and better.
            top = self._gazetteer.top(name)
            whole = self._gazetteer.actors.get(top)
            if whole is None or whole.kind is not ActorKind.STATE or top == name:
                return Side(name, above.kind, above.country)
            return Side(name, above.kind, above.country, top, words or "", is_body=True)
        if role is not None and role.speaks_for == "state" and words is not None:
            state = self._state(words)
            if state is not None:
                return Side(name, kind, self._gazetteer.actors[state].country, state, words, is_body=True)
        return Side(name, kind)

    def _common(self, name: str) -> str:
        """The gazetteer's name of whom a dataset calls so: by its name, or the name or abbreviation beside it."""
        for form in _forms(name):
            if form in self._gazetteer.actors:
                return form
            if form in self._gazetteer.ambiguities:
                continue
            bearers = {hit.actor.name for hit in self._gazetteer.hits(form) if hit.form is NameForm.NAME}
            if len(bearers) == 1:
                return bearers.pop()
        return name

    def _country(self, words: str) -> str | None:
        state = self._state(words)
        return self._gazetteer.actors[state].country if state is not None else None

    def _state(self, words: str) -> str | None:
        """The state that a dataset writes so: "Yemen (North Yemen)", "the United States of America"."""
        bracketed = _BRACKETS.match(words)
        for form in (words, *(bracketed.groups() if bracketed is not None else ())):
            hits = self._gazetteer.hits(form.removeprefix("the "))
            states = {h.actor.name for h in hits if h.form is NameForm.NAME and h.actor.kind is ActorKind.STATE}
            if len(states) == 1:
                return states.pop()
        return None


def _forms(name: str) -> Iterator[str]:
    """Names that a dataset may give in one: "ABC: Army of the Coast", "Army of the Coast (ABC)"."""
    yield name
    short, colon, long = name.partition(": ")
    if colon:
        yield long
        yield short
    bracketed = _BRACKETS.match(name)
    if bracketed is not None and bracketed[2].isupper():
        yield from bracketed.groups()
