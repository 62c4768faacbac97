"""How articles hang together, judged on a cluster: a ledger that workers reach in, its judgements stored in it.

The judgements are those that `Relations` gives when the same articles come one after the other in the ledger's order:
incidents, lineages, names in doubt. No process knows all articles. Each worker makes outlines of some revisions; what
they are found by is parted by its hash into shards; each outline asks all shards for its candidates, fetches these from
the other outlines, and compares. What is not at work lies with the workers, which put on their disks what does not fit
into their memory, and what dies with one of them is made anew from the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
import numpy.typing as npt

from app.ledger import Batch, Ledger
from app.linking import Acts, AlikeNames, link
from app.linking import incidents as blocking
from app.linking import lineages as copies
from app.linking.alike import Clue, clues
from app.linking.comparing import within_reach
from app.linking.credits import Names
from app.linking.passages import Kept, View
from app.linking.profiles import Profile
from app.linking.sketches import CROWD
from app.pipeline.cluster import Cluster, Future, ahead
from app.pipeline.cluster_work import Kit, ledger_at, tools
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Decision, Reading
from app.vocabulary.terms import DecisionKind

RANGES = 128
"""Outlines at most; each takes the memory of so many-th of the ledger, a few kilobytes an article with claims."""
REVISIONS = 10
"""Revisions of an outline at least."""
DECISIONS = 5_000
"""Judgements of one transaction."""

_U64 = npt.NDArray[np.uint64]
_Bands, _Wire, _Incident = "bands", "wire", "incidents"
_MIX = np.uint64(0x9E3779B97F4A7C15)


# A number tells the place in the ledger's order: revision, reading within it, incident within that.
_READING, _REVISION = 12, 32


@dataclass(slots=True)
class Rows:
    """What is found by keys, or looked for by them, one a row; `group` tells which keys count as one."""

    keys: _U64
    numbers: _U64
    groups: npt.NDArray[np.uint16]

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, int]]) -> Rows:
        """The rows of (key, number, group)."""
        keys, numbers, groups = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(np.array(keys, np.uint64), np.array(numbers, np.uint64), np.array(groups, np.uint16))

    def where(self, which: npt.NDArray[np.bool_]) -> Rows:
        """Some of the rows."""
        return Rows(self.keys[which], self.numbers[which], self.groups[which])


@dataclass(slots=True)
class Head:
    """What the client must know of an outline.

    Attributes:
        titles: How agencies are called, as they were met.
        bylines: What outlets go by, as they were met.
        articles: Halves of the ids of all articles read.
        numbers: The numbers of their readings.
        withdrawn: Retractions and what undoes them, with their revisions.
        judged: How many of them are to be judged.
    """

    titles: dict[str, str]
    bylines: dict[str, frozenset[str]]
    articles: _U64
    numbers: _U64
    withdrawn: list[tuple[int, Decision]]
    judged: int


@dataclass(slots=True)
class Outline:
    """What is kept of the articles of some revisions."""

    head: Head
    kept: dict[int, Kept] = field(default_factory=dict)
    profiles: dict[int, Profile] = field(default_factory=dict)
    found_by: dict[str, Rows] = field(default_factory=dict)
    looks_for: dict[str, Rows] = field(default_factory=dict)
    clues: list[tuple[int, bool, Clue]] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """What holds for all outlines: names, readings that a later one replaced and when, retractions and until when."""

    titles: dict[str, str]
    bylines: dict[str, frozenset[str]]
    replaced: dict[int, int]
    withdrawn: dict[str, list[tuple[int, int]]]

    def is_there(self, number: int, asker: int) -> bool:
        """Whether a reading still counted when a later one came."""
        until = self.replaced.get(number >> _READING)
        return until is None or until > asker >> _READING

    def is_withdrawn(self, name: str, asker: int) -> bool:
        """Whether an article or incident was retracted when a reading came."""
        revision = asker >> _REVISION
        return any(since < revision <= until for since, until in self.withdrawn.get(name, ()))


# ---- tasks ----


def subjects(ids: bytes) -> bytes:
    """Halves of the ids of articles that are to be judged, as a task, so that workers hand them to each other."""
    return ids


def outline(kit: Kit, url: str, since: int, until: int, judged: bytes, learned: Head | None) -> Outline:
    """The outline of revisions since < r <= until.

    Args:
        kit: Names and acts.
        url: The ledger.
        since: The revision before.
        until: The last revision.
        judged: Halves of the ids of the articles that are to be judged, sorted.
        learned: Names that were met in earlier revisions, where that makes a difference.
    """
    ledger, made = ledger_at(url), tools(kit)
    names = Names(made.gazetteer)
    if learned is not None:
        names.learn(learned.titles, learned.bylines)
    wanted = np.frombuffer(judged, np.uint64)
    making = _Making(kit, made.gazetteer, made.acts, names, wanted)
    articles: dict[str, Article] = {}
    withdrawn: list[tuple[int, Decision]] = []
    at = count = 0
    for revision, entry in ledger.entries(since, until):
        if revision != at:
            at, count = revision, 0
            articles.clear()
        if isinstance(entry, Article):
            articles[entry.id] = entry
        elif isinstance(entry, Reading):
            article = articles.get(entry.article) or ledger.article(entry.article)
            assert article is not None, "a ledger holds no reading without its article"
            making.take(article, entry, revision << _REVISION | count << _READING)
            count += 1
        elif isinstance(entry, Decision) and entry.kind in (DecisionKind.RETRACT, DecisionKind.UNDO):
            withdrawn.append((revision, entry))
    return making.made(withdrawn)


class _Making:
    """An outline in the making."""

    def __init__(self, kit: Kit, gazetteer: Gazetteer, acts: Acts, names: Names, wanted: _U64) -> None:
        self._kit, self._gazetteer, self._acts, self._names, self._wanted = kit, gazetteer, acts, names, wanted
        self._outline = Outline(Head({}, {}, self._wanted[:0], self._wanted[:0], [], 0))
        self._rows: dict[str, tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]] = {
            family: ([], []) for family in (_Bands, _Wire, _Incident)
        }
        self._ids: list[int] = []
        self._numbers: list[int] = []
        self._judged = 0

    def take(self, article: Article, reading: Reading, number: int) -> None:
        """Take one more reading."""
        half = _half(article.id)
        at = int(np.searchsorted(self._wanted, np.uint64(half)))
        is_judged = (
            reading.extractor == self._kit.recipe.name and at < len(self._wanted) and int(self._wanted[at]) == half
        )
        self._judged += is_judged
        self._ids.append(half)
        self._numbers.append(number)
        linked = link(reading, self._gazetteer)
        self._copies(copies.outline(article, reading, linked, self._names), number, is_judged)
        for place, profile in enumerate(blocking.outline(article, reading, linked, self._acts)):
            self._incident(profile, number | place, is_judged)
        self._outline.clues += [(number, is_judged, clue) for clue in clues(article, reading, linked, self._gazetteer)]

    def _copies(self, made: tuple[Kept, list[int]] | None, number: int, is_judged: bool) -> None:
        if made is None:
            return
        kept, bands = made
        self._outline.kept[number] = kept
        known, asked = self._rows[_Bands]
        known += [(band, number, 0) for band in bands]
        asked += [(band, number, place) for place, band in enumerate(bands) if is_judged]
        found, looked = copies.wires(kept, self._names)
        day = kept.day or 0
        known, asked = self._rows[_Wire]
        known += [(_key(f"{name} {day}"), number, 0) for name in found]
        near = range(day - copies.DAYS, day + copies.DAYS + 1)
        asked += [(_key(f"{name} {one}"), number, 0) for name in looked if is_judged for one in near]

    def _incident(self, profile: Profile, number: int, is_judged: bool) -> None:
        self._outline.profiles[number] = profile
        known, asked = self._rows[_Incident]
        known += [(key, number, 0) for key in blocking.found_by(profile)]
        if is_judged:
            asked += [(key, number, stem) for stem, keys in enumerate(blocking.looked_up(profile)) for key in keys]

    def made(self, withdrawn: list[tuple[int, Decision]]) -> Outline:
        """The outline."""
        outline = self._outline
        outline.found_by = {family: Rows.of(known) for family, (known, _) in self._rows.items()}
        outline.looks_for = {family: Rows.of(asked) for family, (_, asked) in self._rows.items()}
        titles, bylines = self._names.met()
        ids, numbers = np.array(self._ids, np.uint64), np.array(self._numbers, np.uint64)
        outline.head = Head(titles, bylines, ids, numbers, withdrawn, self._judged)
        return outline


def _half(article: str) -> int:
    return int(article.partition("-")[2][:16], 16)


def halves(articles: Sequence[str]) -> bytes:
    """The first halves of the ids of articles, sorted, eight bytes each."""
    return np.unique(np.array([_half(one) for one in articles], np.uint64)).tobytes()


def _key(text: str) -> int:
    plain = text.encode("utf-8", "surrogatepass")
    return crc32(plain) << 32 | crc32(plain[::-1])


def head_of(outline: Outline) -> Head:
    """What the client must know."""
    return outline.head


def asked_by(outline: Outline) -> dict[str, Rows]:
    """What an outline's articles look for."""
    return outline.looks_for


def part(outline: Outline, shard: int, shards: int) -> tuple[dict[str, Rows], list[tuple[int, bool, Clue]]]:
    """What of an outline is found in one of the shards."""
    rows = {family: found.where(_shard(found.keys, shards) == shard) for family, found in outline.found_by.items()}
    return rows, [one for one in outline.clues if crc32(one[2].key.encode("utf-8", "surrogatepass")) % shards == shard]


def _shard(keys: _U64, shards: int) -> _U64:
    return (keys * _MIX >> np.uint64(40)) % np.uint64(shards)


Shard = tuple[dict[str, Rows], list[tuple[int, bool, Clue]]]


def shard(parts: Sequence[Shard]) -> Shard:
    """The parts of all outlines, in their order, as one, sorted by key."""
    joined: dict[str, Rows] = {}
    for family in (_Bands, _Wire, _Incident):
        rows = [found[family] for found, _ in parts]
        keys, numbers = (np.concatenate([getattr(one, name) for one in rows]) for name in ("keys", "numbers"))
        order = np.lexsort((numbers, keys))
        joined[family] = Rows(keys[order], numbers[order], np.zeros(0, np.uint16))
    return joined, [one for _, found in parts for one in found]


def look_up(made: Shard, number: int, shards: int, asked: Mapping[str, Rows], world: World) -> dict[str, Rows]:
    """For each family what is found in a shard of what is looked for: `keys` are the finders' numbers."""
    return {
        family: _looked_up(family, made[0][family], rows.where(_shard(rows.keys, shards) == number), world)
        for family, rows in asked.items()
    }


def _looked_up(family: str, there: Rows, asked: Rows, world: World) -> Rows:
    starts, ends = (np.searchsorted(there.keys, asked.keys, side) for side in ("left", "right"))
    found: list[_U64] = []
    sizes = np.zeros(len(asked.keys), np.int64)
    for at in np.flatnonzero(ends > starts):
        numbers = there.numbers[starts[at] : ends[at]]
        # Earlier articles only, and none of the same one.
        numbers = numbers[: np.searchsorted(numbers, asked.numbers[at] >> np.uint64(_READING) << np.uint64(_READING))]
        if family == _Incident:
            numbers = numbers[-blocking.MOST_LOOKED_UP :]
        elif family == _Bands:
            numbers = numbers[:CROWD]
        else:
            asker = int(asked.numbers[at])
            if world.replaced:
                numbers = np.array([one for one in numbers.tolist() if world.is_there(one, asker)], np.uint64)
            numbers = numbers[: copies.MOST]
        sizes[at] = len(numbers)
        found.append(numbers)
    joined = np.concatenate(found) if found else np.zeros(0, np.uint64)
    return Rows(np.repeat(asked.numbers, sizes), joined, np.repeat(asked.groups, sizes))


def combine(looked: Sequence[dict[str, Rows]], spare: int) -> dict[str, Rows]:
    """What was found in all shards, the best first for each that looked: `keys` looked, `numbers` were found.

    Args:
        looked: From all shards.
        spare: How many of those that were found may turn out not to count.
    """
    found: dict[str, Rows] = {}
    for family in (_Bands, _Wire, _Incident):
        keys, numbers, groups = (
            np.concatenate([getattr(one[family], name) for one in looked]) for name in ("keys", "numbers", "groups")
        )
        if family == _Wire:
            groups = np.zeros(len(groups), np.uint16)
        order = np.lexsort((groups, numbers, keys))
        keys, numbers, groups = keys[order], numbers[order], groups[order]
        pair = np.ones(len(keys), bool)
        pair[1:] = (keys[1:] != keys[:-1]) | (numbers[1:] != numbers[:-1])
        fresh = pair.copy()
        fresh[1:] |= groups[1:] != groups[:-1]
        starts = np.flatnonzero(pair)
        # How many keys two have in common, those of one group counted once.
        count = np.add.reduceat(fresh.astype(np.int64), starts) if len(starts) else np.zeros(0, np.int64)
        keys, numbers = keys[starts], numbers[starts]
        newest = np.iinfo(np.uint64).max - numbers if family == _Incident else numbers
        order = np.lexsort((newest, -count, keys)) if family != _Wire else np.lexsort((numbers, keys))
        keys, numbers = keys[order], numbers[order]
        most = {_Wire: copies.MOST, _Incident: blocking.MOST_COMPARED + spare}.get(family)
        if most is not None and len(keys):
            first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
            rank = np.arange(len(keys)) - np.repeat(first, np.diff(np.r_[first, len(keys)]))
            keys, numbers = keys[rank < most], numbers[rank < most]
        found[family] = Rows(keys, numbers, np.zeros(0, np.uint16))
    return found


def pick(outline: Outline, found: dict[str, Rows]) -> tuple[dict[int, Kept], dict[int, Profile]]:
    """Those of an outline that were found."""
    texts = set(np.unique(np.concatenate([found[_Bands].numbers, found[_Wire].numbers])).tolist())
    acts = set(np.unique(found[_Incident].numbers).tolist())
    return (
        {number: outline.kept[number] for number in outline.kept.keys() & texts},
        {number: outline.profiles[number] for number in outline.profiles.keys() & acts},
    )


def compare(
    kit: Kit,
    outline: Outline,
    found: dict[str, Rows],
    picked: Sequence[tuple[dict[int, Kept], dict[int, Profile]]],
    world: World,
) -> list[Decision]:
    """The judgements on an outline's articles, in their order."""
    made = tools(kit)
    names = Names(made.gazetteer)
    names.learn(world.titles, world.bylines)
    kept = {number: one for texts, _ in picked for number, one in texts.items()}
    known = {number: one for _, acts in picked for number, one in acts.items()}
    judged: dict[int, list[Decision]] = {}
    for number, others in _by_finder(found[_Incident]):
        profile = outline.profiles[number]
        compared = 0
        for other in others:
            theirs = known[other]
            if (
                compared < blocking.MOST_COMPARED
                and theirs.article != profile.article
                and world.is_there(other, number)
                and not any(world.is_withdrawn(name, number) for name in (theirs.id, theirs.article))
                and within_reach(profile, theirs)
            ):
                compared += 1
                decision = blocking.decided(profile, theirs, made.acts)
                if decision is not None:
                    judged.setdefault(number, []).append(decision)
    wired, near = dict(_by_finder(found[_Wire])), dict(_by_finder(found[_Bands]))
    for number in sorted({*wired, *near}):
        decisions = copies.of_one_lineage(
            View(outline.kept[number]),
            [(other, kept[other]) for other in wired.get(number, ())],
            [(other, kept[other]) for other in near.get(number, ()) if world.is_there(other, number)],
            names,
        )
        # After the incidents of the same article, as `Relations` has them.
        judged.setdefault(number | (1 << _READING) - 1, []).extend(decisions)
    return [decision for number in sorted(judged) for decision in judged[number]]


def _by_finder(found: Rows) -> Iterator[tuple[int, list[int]]]:
    keys = found.keys
    cuts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]).tolist() if len(keys) else []
    for start, end in zip(cuts, [*cuts[1:], len(keys)], strict=False):
        yield int(keys[start]), found.numbers[start:end].tolist()


def doubts(kit: Kit, made: Shard) -> list[tuple[int, Decision]]:
    """The names of a shard that may be one actor's, with the reading that raises the doubt."""
    alike = AlikeNames(tools(kit).gazetteer)
    found = []
    for number, is_judged, clue in sorted(made[1], key=lambda one: one[0]):
        weighed = alike.weigh(clue)
        if is_judged:
            found += [(number, doubt) for doubt in weighed]
    return found


def store(url: str, decisions: list[Decision]) -> int:
    """Store judgements; how many there are."""
    ledger = ledger_at(url)
    for start in range(0, len(decisions), DECISIONS):
        ledger.append(Batch(decisions=decisions[start : start + DECISIONS]))
    return len(decisions)


def same(world: World) -> World:
    """What holds for all, as a task, so that workers hand it to each other."""
    return world


# ---- the client ----


def relate(cluster: Cluster, kit: Kit, url: str, ledger: Ledger, articles: Sequence[str]) -> int:
    """Judge how articles of a ledger hang together with all that stand before them in it; how many judgements.

    Doing it twice adds nothing.

    Args:
        cluster: Who judges.
        kit: Names, acts, and the extractor whose readings are judged.
        url: Where workers reach the ledger.
        ledger: The same.
        articles: Ids of those that are to be judged; of the others it is only known what they say.
    """
    newest = ledger.revision
    if not articles or not newest:
        return 0
    step = max(REVISIONS, -(-newest // RANGES))
    bounds = [(since, min(since + step, newest)) for since in range(0, newest, step)]
    wanted = cluster.submit(subjects, halves(articles))
    outlines = [cluster.submit(outline, kit, url, since, until, wanted, None) for since, until in bounds]
    heads = [cluster.result(one) for one in [cluster.submit(head_of, one, priority=5) for one in outlines]]
    world, spare = _world(heads)
    for at in _misnamed(heads):
        learned = Head(*_met(heads[:at]), *(heads[at].articles[:0],) * 2, [], 0)
        outlines[at] = cluster.submit(outline, kit, url, *bounds[at], wanted, learned)
    shared = cluster.submit(same, world)
    count = min(32, max(4, len(bounds)))
    shards = [
        cluster.submit(shard, [cluster.submit(part, one, number, count) for one in outlines]) for number in range(count)
    ]

    def judged() -> Iterator[Future[list[Decision]]]:
        for at, one in enumerate(outlines):
            if heads[at].judged:
                asked = cluster.submit(asked_by, one)
                looked = [
                    cluster.submit(look_up, made, number, count, asked, shared) for number, made in enumerate(shards)
                ]
                found = cluster.submit(combine, looked, spare, priority=5)
                picked = [cluster.submit(pick, other, found, priority=5) for other in outlines[: at + 1]]
                yield cluster.submit(compare, kit, one, found, picked, shared, priority=10)

    stored = 0
    for one in ahead(judged(), 4):
        cluster.wait(one)
        stored += cluster.result(cluster.submit(store, url, one, priority=20))
    doubtful = [cluster.submit(doubts, kit, made) for made in shards]
    found = sorted((pair for one in doubtful for pair in cluster.result(one)), key=lambda pair: (pair[0], pair[1].id))
    for start in range(0, len(found), DECISIONS):
        ledger.append(Batch(decisions=[doubt for _, doubt in found[start : start + DECISIONS]]))
    return stored + len(found)


def _met(heads: Sequence[Head]) -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Names as they were met first."""
    titles: dict[str, str] = {}
    bylines: dict[str, frozenset[str]] = {}
    for head in heads:
        titles = head.titles | titles
        bylines = head.bylines | bylines
    return titles, bylines


def _misnamed(heads: Sequence[Head]) -> list[int]:
    """Outlines that took an outlet to go by something else than an earlier one did."""
    bylines: dict[str, frozenset[str]] = {}
    found = []
    for at, head in enumerate(heads):
        if any(bylines.get(short, names) != names for short, names in head.bylines.items()):
            found.append(at)
        bylines = head.bylines | bylines
    return found


def _world(heads: Sequence[Head]) -> tuple[World, int]:
    """What holds for all outlines, and how many of what is found may not count, for it was replaced or retracted."""
    ids, numbers = (np.concatenate([getattr(head, name) for head in heads]) for name in ("articles", "numbers"))
    order = np.lexsort((numbers, ids))
    again = np.flatnonzero(ids[order][1:] == ids[order][:-1])
    before, after = numbers[order][again].tolist(), numbers[order][again + 1].tolist()
    replaced = {one >> _READING: other >> _READING for one, other in zip(before, after, strict=True)}
    end = 1 << 62
    withdrawn: dict[str, list[tuple[int, int]]] = {}
    active: dict[str, tuple[str, int]] = {}
    count = 0
    for head in heads:
        for revision, decision in head.withdrawn:
            if decision.kind is DecisionKind.RETRACT:
                active[decision.id] = (decision.subject, revision)
                count += 1
            elif decision.subject in active:
                subject, since = active.pop(decision.subject)
                withdrawn.setdefault(subject, []).append((since, revision))
    for subject, since in active.values():
        withdrawn.setdefault(subject, []).append((since, end))
    titles, bylines = _met(heads)
    # Of a retracted article, or a replaced reading, each incident may be among those that were found.
    return World(titles, bylines, replaced, withdrawn), (len(replaced) + count) << 6
