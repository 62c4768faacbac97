"""What is asked for in, whether a claim belongs to it out: the part of a ledger that a graph holds.

A ledger may be larger than the memory of the machine that answers questions about it. A slice is decided while the
ledger is read, so that what is left out never is in memory; it is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from app.graph.model import ALWAYS, when_said, wholes_of
from app.graph.verdict import Verdict, corrected
from app.vocabulary.errors import BadQuery
from app.vocabulary.records import Acknowledgement, Actor, Article, Claim, Reading, slug
from app.vocabulary.times import Period


@dataclass(frozen=True, slots=True)
class Slice:
    """Which claims a graph holds; without any of these, all.

    Attributes:
        period: Days of which one must be a day on which it may have been said; a claim that nothing dates is left out.
        actors: Names or ids of actors of which one, or a part of one, must be source or target.
        countries: ISO 3166 alpha-3 codes of which one must be the incident's, the source's or the target's country.
    """

    period: Period = ALWAYS
    actors: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Slice | None:
        """Read `since=DAY until=DAY actors=NAME;NAME region=CODE;CODE`, each at most once, split by commas.

        Returns:
            The slice, or None for an empty text: everything.

        Raises:
            BadQuery: A word is not one of these, or a date or code cannot be used.
        """
        asked: dict[str, str] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, is_given, value = (piece.strip() for piece in part.partition("="))
            if name not in ("since", "until", "actors", "region") or not is_given or not value or name in asked:
                raise BadQuery(f"a slice is since=DAY,until=DAY,actors=NAME;NAME,region=CODE;CODE, not {part!r}")
            asked[name] = value
        if not asked:
            return None
        actors, countries = (
            tuple(dict.fromkeys(one.strip() for one in asked.get(name, "").split(";") if one.strip()))
            for name in ("actors", "region")
        )
        codes = tuple(code.upper() for code in countries)
        for code in codes:
            if len(code) != 3 or not code.isalpha():
                raise BadQuery(f"a region is made of ISO 3166 alpha-3 codes like UKR, not {code!r}")
        return cls(Period.between(asked.get("since"), asked.get("until")), actors, codes)

    def __str__(self) -> str:
        days = {"since": self.period.start, "until": self.period.end}
        found = [f"{name}={day.isoformat()}" for name, day in days.items() if day is not None]
        found += [f"actors={';'.join(self.actors)}"] if self.actors else []
        found += [f"region={';'.join(self.countries)}"] if self.countries else []
        return ",".join(found)

    def holds_day(self, one: Claim | Acknowledgement, article: Article) -> bool:
        """True where its period lets it through."""
        when = when_said(one, article)
        return self.period.is_open or (not when.is_open and when.overlaps(self.period))

    def named(self, actors: Iterable[Actor], root: Callable[[str], str]) -> frozenset[str]:
        """Ids of the nodes that `actors` means.

        Args:
            actors: Every record that is known.
            root: The node that an id is part of.

        Raises:
            BadQuery: No actor is called so.
        """
        wanted = {slug(name): name for name in self.actors}
        ids = {name for name in self.actors if name.startswith("actor-")}
        found: dict[str, set[str]] = {name: {root(name)} for name in ids}
        for actor in actors:
            for name in (actor.name, *actor.aliases):
                if (given := wanted.get(slug(name))) is not None:
                    found.setdefault(given, set()).add(root(actor.id))
        for name in self.actors:
            if name not in found:
                raise BadQuery(f"the slice asks for {name!r}, and no actor of the ledger is called so")
        return frozenset(node for nodes in found.values() for node in nodes)


class Cut:
    """Readings in, what of them belongs to a slice out. What it has found out of actors it keeps."""

    def __init__(self, only: Slice, named: frozenset[str], record_of: Callable[[str], Actor | None]) -> None:
        """Take what decides.

        Args:
            only: The slice.
            named: Ids of the nodes that its actors are (see `Slice.named`).
            record_of: The record of a node, or None where none is known.
        """
        self._only = only
        self._named = named
        self._record_of = record_of
        # By node, whether it or what it is or was part of is named, and of which countries these are.
        self._scope: dict[str, tuple[bool, frozenset[str]]] = {}

    def of(self, reading: Reading, article: Article, nodes: Mapping[str, str], verdict: Verdict) -> Reading:
        """The claims of a reading that stand and belong to the slice, and what they name; days as they were corrected.

        Args:
            reading: All of it.
            article: The article read.
            nodes: Mention → node.
            verdict: What was retracted and corrected.
        """
        country: dict[str | None, str | None] = {incident.id: incident.country for incident in reading.incidents}

        def holds(one: Claim | Acknowledgement, *actors: str | None) -> bool:
            only, scopes = self._only, [self._scope_of(nodes[actor]) for actor in actors if actor is not None]
            return (
                only.holds_day(one, article)
                and (not only.actors or any(is_named for is_named, _ in scopes))
                and (
                    not only.countries
                    or country.get(one.incident) in only.countries
                    or any(not where.isdisjoint(only.countries) for _, where in scopes)
                )
            )

        claims = []
        for claim in reading.claims:
            as_it_stands, _ = corrected(claim, verdict.corrected.get(claim.id, {}))
            by, against = (claim.speaker, claim.source, claim.source_named), (claim.target, claim.target_named)
            if claim.id not in verdict.retracted and holds(as_it_stands, *by, *against):
                claims.append(claim)
        taken = [one for one in reading.acknowledgements if holds(one, one.speaker, one.actor)]
        about: set[str | None] = {one.incident for one in claims} | {one.incident for one in taken}
        about |= {one.responds_to for one in claims}
        incidents = [one for one in reading.incidents if one.id in about]
        named = {name for one in claims for name in (one.speaker, one.source, one.source_named, one.target)}
        named |= {name for one in claims for name in (one.target_named, *one.relayed_by)}
        named |= {name for one in taken for name in (one.speaker, one.actor)} | {one.place for one in incidents}
        return replace(
            reading,
            mentions=tuple(one for one in reading.mentions if one.id in named),
            incidents=tuple(incidents),
            claims=tuple(claims),
            acknowledgements=tuple(taken),
        )

    def _scope_of(self, node: str) -> tuple[bool, frozenset[str]]:
        known = self._scope.get(node)
        if known is None:
            seen: dict[str, Actor | None] = {}
            waiting = [node]
            while waiting:
                here = waiting.pop()
                if here not in seen:
                    seen[here] = record = self._record_of(here)
                    waiting += wholes_of(record) if record is not None else ()
            countries = frozenset(one.country for one in seen.values() if one is not None and one.country is not None)
            known = self._scope[node] = (not self._named.isdisjoint(seen), countries)
        return known
