"""Coded events in, articles and their readings out: one line of text for each event, in the dataset's own words.

An article holds the events of one day (of many, a part of them). Its text is the evidence: every claim quotes its line
whole. What the line names is a mention; whom a role speaks for is looked up as for any other text (codebook, "Who
speaks, and for whom").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from string import capwords

from app.intake.coded.base import Coded, CodedEvent, Identified, Party, Side
from app.intake.coded.happening import CONFIDENCE, JOINT, Happenings, Surveyed
from app.intake.coded.tables import ActorTable, CodeRow, CodeTable, Role
from app.vocabulary.names import Gazetteer, NamedActor, NameForm, NameHit
from app.vocabulary.records import Article, Claim, Evidence, Incident, Mention, Reading, Refusal, slug
from app.vocabulary.terms import ActorKind, NodeKind, RefusalReason

MOST_LINES = 500
"""Events of one article: a receipt shows its neighbours, and what looks within one article stays quick."""
MOST_OPEN = 20_000
"""Events that wait for others of their day, where a file is not in the order of days."""
_ROLE = re.compile(r"(.+?) ?\(([^()]+)\)\Z")
_NO_ABBREVIATION = 4
"""A name in capitals of fewer letters is an abbreviation."""
_STATES_OWN = (NameForm.NAME, NameForm.CAPITAL, NameForm.SEAT)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that is a claim, or an incident on the coder's word.

    Attributes:
        source: Whose claim it is; None where the coder speaks.
        target: Whom it is against, or None.
        accused: Where the coder speaks: which party of the event the target is, or None.
        unaccused: Where the coder speaks and nobody is accused: why.
    """

    event: CodedEvent
    row: CodeRow
    source: Side | None
    target: Side | None
    line: str
    accused: Party | None = None
    unaccused: Refusal | None = None


class Renderer:
    """Makes claims of one dataset's events by two tables and the gazetteer."""

    def __init__(
        self,
        dataset: Coded,
        codes: CodeTable,
        actors: ActorTable,
        gazetteer: Gazetteer,
        unaccused: Callable[[Refusal], None] | None = None,
    ) -> None:
        """Take what it needs; `unaccused` is called with why an event is an incident in which nobody is accused."""
        self.dataset = dataset
        mark = f"+{codes.mark}" if codes.mark else ""
        self.extractor = f"{dataset.name}@{dataset.version}{mark}"
        """Name and version under which readings are recorded; a table that does not ship adds its own mark."""
        self._codes, self._actors, self._gazetteer = codes, actors, gazetteer
        self.gazetteer = Surveyed(gazetteer)
        """The gazetteer to link what it makes with: it knows the places that the dataset locates, too."""
        self._unaccused = unaccused
        self._happenings = Happenings(dataset.publisher, dataset.scheme, actors, self.gazetteer)
        self._rows: dict[tuple[str, str], CodeRow | None] = {}
        self._sides: dict[tuple[str | bool | None, ...], Side | RefusalReason] = {}

    def known_by(self, line: str) -> str:
        """What of an event's line says which event it is: its number where the dataset gives one, else all of it."""
        return line.partition(JOINT)[0] if isinstance(self.dataset, Identified) else line

    def accept(self, event: CodedEvent) -> Accepted | Refusal:
        """The event with what it claims, or why it claims nothing."""
        key = (event.code, event.code_name)
        if key not in self._rows:
            if len(self._rows) > 100_000:
                self._rows.clear()
            self._rows[key] = self._codes.row(*key)
        row = self._rows[key]
        if event.coder_speaks and row is not None and row.incident:
            found = self._happenings.accused(event, row)
            if isinstance(found, Refusal):
                if self._unaccused is not None:
                    self._unaccused(found)
                return Accepted(event, row, None, None, JOINT.join(event.cells), None, found)
            return Accepted(event, row, None, found[0], JOINT.join(event.cells), found[1])
        if row is None or row.type is None or event.coder_speaks:
            why = f" ({row.note})" if row is not None and row.note else ""
            told = event.code_name or event.code
            return Refusal(RefusalReason.OUT_OF_SCOPE, f"{event.where}: {told} is no claim{why}")
        source = self._side(event.source) if event.source is not None else RefusalReason.NO_SOURCE
        if isinstance(source, RefusalReason):
            named = event.source.name if event.source is not None else "nobody"
            return Refusal(source, f"{event.where}: the source is {named}")
        target = self._side(event.target) if event.target is not None else None
        if target is RefusalReason.NOT_AN_ACTOR and event.target is not None:
            return Refusal(target, f"{event.where}: the target is {event.target.name}")
        if isinstance(target, RefusalReason):
            target = None
        if target is not None and target.name == source.name:
            return Refusal(RefusalReason.SOURCE_IS_TARGET, f"{event.where}: {source.name}")
        return Accepted(event, row, source, target, JOINT.join(event.cells))

    def article(self, day: str, accepted: Iterable[Accepted]) -> tuple[Article, Reading]:
        """The article that holds these events of one day, a line for each, and its reading."""
        events = list(accepted)
        publisher = self.dataset.publisher
        article = Article(
            f"{publisher} events of {day}",
            "\n".join(one.line for one in events),
            published=day,
            publisher=publisher,
            external_id=f"{self.dataset.name}:{day}",
        )
        mentions: dict[tuple[NodeKind, str], Mention] = {}
        claims: list[Claim] = []
        incidents: list[Incident] = []
        refusals: list[Refusal] = []
        start = 0
        for one in events:
            end = start + len(one.line)
            if one.source is not None:
                claims.append(self._claim(one, one.source, article.id, start, mentions))
            else:
                accused = (one.target, one.accused) if one.target is not None and one.accused is not None else None
                incident, claim = self._happenings.told(one.event, one.row, accused, article, start, mentions)
                incidents.append(incident)
                claims += [claim] if claim is not None else []
            if one.unaccused is not None:
                detail = one.unaccused.detail.removeprefix(f"{one.event.where}: ")
                refusals.append(Refusal(one.unaccused.reason, detail, article.id, "text", start, end))
            start = end + 1
        return article, Reading(
            article.id,
            self.extractor,
            tuple(mentions.values()),
            tuple(incidents),
            tuple(claims),
            tuple(refusals),
        )

    def _claim(
        self, one: Accepted, source: Side, article: str, start: int, mentions: dict[tuple[NodeKind, str], Mention]
    ) -> Claim:
        event, row, target = one.event, one.row, one.target
        assert event.source is not None
        assert row.type is not None
        assert row.modality is not None

        def mention(name: str, at: int, words: str, kind: ActorKind, country: str | None) -> str:
            found = mentions.get((NodeKind.ACTOR, name))
            if found is None:
                first = start + len(JOINT) * at + sum(map(len, event.cells[:at]))
                # A country stands in brackets after the role: its last occurrence is meant.
                first += max(event.cells[at].rfind(words), 0)
                last = first + len(words)
                found = mentions[NodeKind.ACTOR, name] = Mention(
                    article, NodeKind.ACTOR, name, words, "text", first, last, kind, country
                )
            return found.id

        def named(side: Side, party: Party) -> str:
            return mention(side.name, party.at, party.name, side.kind, side.country)

        def rolled_up(side: Side, party: Party) -> str:
            at = party.country_at if party.country_at is not None else party.at
            if side.state is None:
                return named(side, party)
            return mention(side.state, at, side.state_words, ActorKind.STATE, side.country)

        speaker = named(source, event.source)
        addressed = named(target, event.target) if target is not None and event.target is not None else None
        speaks_for, said_to = speaker, addressed
        # A dispute within one state is between its parts.
        if target is None or (source.state or source.name) != (target.state or target.name):
            speaks_for = rolled_up(source, event.source)
            if target is not None and event.target is not None:
                said_to = rolled_up(target, event.target)
        relayed_by: tuple[str, ...] = ()
        if event.outlet_at is not None and slug(outlet := event.cells[event.outlet_at].strip()):
            relayed_by = (mention(outlet, event.outlet_at, outlet, ActorKind.MEDIA, None),)
        return Claim(
            article,
            row.type,
            speaker,
            speaks_for,
            said_to,
            row.modality,
            Evidence(article, "text", start, start + len(one.line), one.line),
            date=event.day if event.date == "" else event.date,
            source_named=speaker if source.is_body and speaker != speaks_for else None,
            target_named=addressed if addressed != said_to else None,
            relayed_by=relayed_by,
            confidence=CONFIDENCE,
            cue=f"{self.dataset.scheme}/{event.code or row.code}",
        )

    def _side(self, party: Party) -> Side | RefusalReason:
        key = (party.name, party.country, party.holds_office, party.role, party.iso)
        found = self._sides.get(key)
        if found is None:
            if len(self._sides) > 100_000:
                self._sides.clear()
            found = self._sides[key] = self._look_up(party)
        return found

    def _look_up(self, party: Party) -> Side | RefusalReason:
        if not slug(party.name):
            return RefusalReason.NOT_AN_ACTOR
        if party.role is not None:
            return self._look_up_coded(party, party.role)
        role_at = _ROLE.match(party.name)
        role = self._actors.roles.get(role_at[1] if role_at is not None else party.name)
        if role is not None and role.speaks_for == "unknown":
            return RefusalReason.NO_SOURCE
        if role is not None and role.speaks_for == "nobody":
            return RefusalReason.NOT_AN_ACTOR
        name = self._common(party.name)
        state_words = role_at[2] if role_at is not None and role is not None else party.country
        state = self._common(state_words) if state_words is not None else None
        known = self._gazetteer.actors.get(state) if state is not None else None
        kind = role.kind if role is not None else ActorKind.UNKNOWN
        if known is None or known.kind is not ActorKind.STATE or state_words is None or name == state:
            return Side(name, kind)
        above = self._gazetteer.actors.get(name)
        if above is not None:
            # Whom it speaks for the gazetteer says, and better.
            return Side(name, above.kind, above.country, *self._above(name, state, state_words))
        if role is not None and role.speaks_for == "state":
            return Side(name, kind, known.country, state, state_words, is_body=True)
        if role is None and party.holds_office:
            return Side(name, kind, known.country, state, state_words)
        return Side(name, kind)

    def _look_up_coded(self, party: Party, code: str) -> Side | RefusalReason:
        """A party whose country and role the dataset gives as codes; its name is a name, or a mere word ("police")."""
        word = self._actors.roles.get(party.name.casefold())
        role = word or self._actors.roles.get(code)
        state = self._gazetteer.state_of(party.iso) if party.iso is not None else None
        forms = {hit.form for hit in self._hits(party.name) if hit.actor is state}
        for_state = role is not None and role.speaks_for == "state"
        if state is not None and forms:
            return self._named_by_country(state, role, is_itself=for_state or not forms.isdisjoint(_STATES_OWN))
        name = self._common(party.name)
        known = self._gazetteer.actors.get(name) if word is None else None
        is_other = known is not None and state is not None and self._of_another(known, state)
        if known is not None and not is_other:
            # Whom it speaks for the gazetteer says, and better.
            top = state.name if state is not None else None
            return Side(name, known.kind, known.country, *self._above(name, top, party.country or ""))
        if role is not None and role.speaks_for == "unknown":
            return RefusalReason.NO_SOURCE
        if role is not None and role.speaks_for == "nobody":
            return RefusalReason.NOT_AN_ACTOR
        if word is not None or is_other or party.name.islower():
            if party.country is None:
                # Whose police it is nobody knows.
                return RefusalReason.NO_SOURCE
            name = f"{capwords(party.name)} ({state.name if state is not None else party.country})"
        kind = role.kind if role is not None else ActorKind.UNKNOWN
        if for_state and state is not None and party.country is not None:
            is_body = kind is not ActorKind.UNKNOWN
            return Side(name, kind, state.country, state.name, party.country, is_body=is_body)
        return Side(name, kind)

    @staticmethod
    def _named_by_country(state: NamedActor, role: Role | None, *, is_itself: bool) -> Side | RefusalReason:
        """A party that bears its country's name: the state, unless its role says that it is only somebody there."""
        if role is not None and role.speaks_for == "nobody":
            return RefusalReason.NOT_AN_ACTOR
        if not is_itself or (role is not None and role.speaks_for != "state"):
            return RefusalReason.NO_SOURCE
        return Side(state.name, ActorKind.STATE, state.country)

    def _of_another(self, known: NamedActor, state: NamedActor) -> bool:
        """Whether an actor of the gazetteer is, or speaks for, another state than this: the homonym of who is meant."""
        top = self._gazetteer.actors.get(self._gazetteer.top(known.name), known)
        return top.kind is ActorKind.STATE and top is not state

    def _above(self, name: str, state: str | None, state_words: str) -> tuple[str | None, str, bool]:
        top = self._gazetteer.top(name)
        return (state, state_words, True) if top == state and top != name else (None, "", False)

    def _common(self, name: str) -> str:
        """The common English name of what the dataset calls so: the gazetteer's where just one actor is called it."""
        if name in self._gazetteer.actors or name in self._gazetteer.ambiguities:
            return name
        bearers = {hit.actor.name for hit in self._hits(name) if hit.form is NameForm.NAME}
        return bearers.pop() if len(bearers) == 1 else name

    def _hits(self, name: str) -> list[NameHit]:
        """Who a name may stand for, as written or in capitals."""
        return self._gazetteer.hits(name) or (self._shouted.get(name, []) if name.isupper() else [])

    @cached_property
    def _shouted(self) -> dict[str, list[NameHit]]:
        found: dict[str, list[NameHit]] = {}
        for name in self._gazetteer.names():
            if len(name) >= _NO_ABBREVIATION:
                found.setdefault(name.upper(), []).extend(self._gazetteer.hits(name))
        return found


def chunks(accepted: Iterable[Accepted]) -> Iterator[tuple[str, list[Accepted]]]:
    """Events grouped by day, a part at a time: the same events in the same order give the same groups.

    Memory holds `MOST_OPEN` events at most, whatever the order of days.
    """
    open_days: dict[str, list[Accepted]] = {}
    waiting = 0
    for one in accepted:
        day = one.event.day
        group = open_days.setdefault(day, [])
        group.append(one)
        waiting += 1
        if len(group) >= MOST_LINES:
            yield day, open_days.pop(day)
            waiting -= len(group)
        elif waiting >= MOST_OPEN:
            # The day that has waited longest is likeliest done.
            oldest = next(iter(open_days))
            waiting -= len(open_days[oldest])
            yield oldest, open_days.pop(oldest)
    yield from open_days.items()
