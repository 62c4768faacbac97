"""Readings of articles in, proposed judgements out: which of their incidents are those of earlier articles.

In: an article, its reading and what its mentions stand for. Out: same, different or unsure, with score and reason, for
pairs of incidents. Each incident is compared with the few that share a place, a name or a pair of parties with it at
about the time (blocking), never with all. A pair is judged by its two profiles alone (`app.linking.comparing`), so that
the order in which articles come does not matter.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from zlib import crc32

from app.linking.actors import Linked
from app.linking.acts import Acts
from app.linking.comparing import REACH, judged, within_reach
from app.linking.profiles import Dating, Profile, World, profiles
from app.vocabulary.records import Actor, Article, Decision, Place, Reading
from app.vocabulary.terms import DecisionKind

LINKER = "incidents@1"
"""Name and version under which the judgements are recorded."""

MOST_COMPARED = 32
"""Incidents with which one is compared at most: those that share most with it, then the newest."""
MOST_LOOKED_UP = 256
"""Newest incidents that one key yields at most."""

_BUCKET = 32
"""Days that share one key."""
_MOST_NAMES = 4
"""Names in its passages, and names of its article, by which an incident is found."""


class IncidentIndex:
    """Profiles of all incidents so far, found by place, name and parties. It grows; not to be shared between threads.

    Attributes:
        cut_short: How many incidents had more candidates than they were compared with.
        incomparable: How many were compared with none, for neither they nor their article have a day.
    """

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        self._profiles: list[Profile | None] = []
        self._keys: dict[int, int | array[int]] = {}
        self._of_article: dict[str, array[int]] = {}
        self._gone: set[str] = set()
        self._retractions: dict[str, str] = {}
        # What entries have told of so far: days of publication, wholes of actors, places.
        self._days: dict[str, str | None] = {}
        self._wholes: dict[str, str] = {}
        self._places: dict[str, Place] = {}
        self.cut_short = 0
        self.incomparable = 0

    def __len__(self) -> int:
        """How many incidents it knows."""
        return sum(len(numbers) for numbers in self._of_article.values())

    @classmethod
    def of(
        cls, entries: Iterable[tuple[int, Article | Reading | Actor | Place | Decision]], acts: Acts
    ) -> IncidentIndex:
        """The index of a ledger's entries, in their order; the newest reading of an article counts."""
        index = cls(acts)
        index.feed(entries)
        return index

    def feed(self, entries: Iterable[tuple[int, Article | Reading | Actor | Place | Decision]]) -> None:
        """Know further entries of the ledger, whole revisions of it, without judging them; texts are not needed."""
        links: dict[str, str] = {}
        pending: list[Reading] = []
        at = 0

        def settle() -> None:
            world = World(links, self._wholes, self._places)
            for reading in pending:
                article = Article("", "", self._days[reading.article], id=reading.article)
                self._forget(article.id)
                self._know(profiles(article, reading, world, self._acts), article.id)
            pending.clear()
            links.clear()

        for revision, entry in entries:
            if revision != at:
                # A reading and the links of its mentions are appended in one revision.
                settle()
                at = revision
            match entry:
                case Article():
                    self._days[entry.id] = entry.published
                case Reading() if entry.article in self._days:
                    pending.append(entry)
                case Actor() if entry.part_of is not None:
                    self._wholes[entry.id] = entry.part_of
                case Place():
                    self._places[entry.id] = entry
                case Decision():
                    if entry.kind is DecisionKind.JUDGE and entry.at is None and entry.subject.startswith("men-"):
                        links[entry.subject] = entry.object or entry.subject
                    self.mark(entry)
                case _:
                    pass
        settle()

    def add(self, article: Article, reading: Reading, linked: Linked) -> list[Decision]:
        """Compare a reading's incidents with those of earlier articles, and know them from now on.

        An earlier reading of the same article is forgotten. Subject of each decision is the reading's incident, object
        the earlier one.
        """
        fresh = outline(article, reading, linked, self._acts)
        self._forget(article.id)
        found = [decision for profile in fresh for decision in self._judgements(profile)]
        self._know(fresh, article.id)
        return found

    def mark(self, decision: Decision) -> None:
        """Take note of a retraction, or of its undoing: what is retracted is compared with nothing."""
        if decision.kind is DecisionKind.RETRACT:
            self._retractions[decision.id] = decision.subject
            self._gone.add(decision.subject)
        elif decision.kind is DecisionKind.UNDO and decision.subject in self._retractions:
            del self._retractions[decision.subject]
            self._gone = set(self._retractions.values())

    def profiles(self) -> list[Profile]:
        """What it knows of each incident, in the order they came."""
        return [profile for profile in self._profiles if profile is not None]

    def _judgements(self, profile: Profile) -> Iterator[Decision]:
        for other in self.candidates(profile):
            decision = decided(profile, other, self._acts)
            if decision is not None:
                yield decision

    def candidates(self, profile: Profile) -> list[Profile]:
        """The incidents of other articles that are worth a comparison, those that share most keys first."""
        if _is_timeless(profile):
            self.incomparable += 1
            return []
        shared: Counter[int] = Counter()
        cut = False
        for keys in looked_up(profile):
            here: set[int] = set()
            for key in keys:
                numbers = self._keys.get(key, ())
                if isinstance(numbers, int):
                    here.add(numbers)
                    continue
                cut = cut or len(numbers) > MOST_LOOKED_UP
                here.update(numbers[-MOST_LOOKED_UP:])
            shared.update(here)
        found: list[tuple[int, int, Profile]] = []
        for number, count in shared.items():
            other = self._profiles[number]
            if (
                other is not None
                and other.article != profile.article
                and not self._gone & {other.id, other.article}
                and within_reach(profile, other)
            ):
                found.append((-count, -number, other))
        found.sort(key=lambda row: row[:2])
        if cut or len(found) > MOST_COMPARED:
            self.cut_short += 1
        return [other for _, _, other in found[:MOST_COMPARED]]

    def _know(self, fresh: list[Profile], article: str) -> None:
        self._forget(article)
        for profile in fresh:
            number = len(self._profiles)
            self._profiles.append(profile)
            self._of_article.setdefault(profile.article, array("L")).append(number)
            for key in found_by(profile):
                there = self._keys.get(key)
                if there is None:
                    self._keys[key] = number  # Most keys have one incident, and a number is smaller than a list.
                elif isinstance(there, int):
                    self._keys[key] = array("L", (there, number))
                else:
                    there.append(number)

    def _forget(self, article: str) -> None:
        for number in self._of_article.pop(article, ()):
            self._profiles[number] = None


def found_by(profile: Profile) -> list[int]:
    """The keys under which an incident is found: none where neither it nor its article has a day."""
    if _is_timeless(profile):
        return []
    buckets = _buckets(profile.first, profile.last)
    return [_key(stem, bucket) for stem in _stems(profile) for bucket in buckets]


def looked_up(profile: Profile) -> list[list[int]]:
    """The keys under which those are looked for that it may be one with: a list for each thing that they may share."""
    if _is_timeless(profile):
        return []
    buckets = _buckets(profile.first - REACH, profile.last + REACH)
    return [[_key(stem, bucket) for bucket in buckets] for stem in _stems(profile)]


def decided(profile: Profile, other: Profile, acts: Acts) -> Decision | None:
    """The judgement on an incident and an earlier one, or None where nobody would think them one."""
    verdict = judged(profile, other, acts)
    if verdict is None:
        return None
    return Decision(
        DecisionKind.JUDGE,
        profile.id,
        LINKER,
        object=other.id,
        judgement=verdict.judgement,
        reason=verdict.reason,
        score=verdict.score,
    )


def outline(article: Article, reading: Reading, linked: Linked, acts: Acts) -> list[Profile]:
    """The profiles of a reading's incidents, made of it alone, as `IncidentIndex.add` makes them."""
    world = World(
        {decision.subject: decision.object for decision in linked.decisions if decision.object is not None},
        {actor.id: actor.part_of for actor in linked.actors if actor.part_of is not None},
        {place.id: place for place in linked.places},
    )
    return profiles(article, reading, world, acts)


def _is_timeless(profile: Profile) -> bool:
    return profile.dating is Dating.UNDATED and not profile.published


def _buckets(first: int, last: int) -> range:
    return range(first // _BUCKET, last // _BUCKET + 1)


def _key(stem: int, bucket: int) -> int:
    return stem << 16 | bucket & 0xFFFF


def _stems(profile: Profile) -> list[int]:
    """What an incident is found by, beside its time: its places, else names and pairs of parties.

    A country alone would bring up all that happens in it; two parties and a kind of act narrow it down.
    """
    stems = [f"p {part}" for part in (*profile.heads, *profile.wholes)]
    stems += [f"t {profile.passage}"] if profile.passage else []
    stems += [f"a {one} {other}" for one, other in combinations(profile.parties[:4], 2)]
    stems += [f"n {name}" for name in profile.names[:_MOST_NAMES]]
    return [crc32(stem.encode()) for stem in dict.fromkeys(stems)]
