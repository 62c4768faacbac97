"""Claims of two articles in, decisions out: which of them go back to one text (a copy, syndication, a wire).

Ten papers that print one agency's story are one report, not ten. Two claims of one type, source and target are held to
be of one lineage where their articles are copies of one text, where one stretch of narration stands around both, or
where both were taken from one wire. Quoted speech does not count: from one press conference two outlets bring the same
words by themselves. `docs/explanation/lineages.md` gives the rule with its numbers and what they were measured on.

MinHash only proposes pairs of articles; each pair is then compared exactly. So what is decided of two claims depends on
their two articles alone, not on what else was read, nor in which order.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import groupby, islice
from operator import itemgetter
from sys import intern

import numpy as np

from app.linking.actors import Linked
from app.linking.credits import Names, credited
from app.linking.passages import CLAIM, Grounds, Kept, Pair, Text, View, blocks, copied, pairs
from app.linking.sketches import Sketches, bands
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Actor, Article, Claim, Decision, Mention, Place, Reading, actor_id, place_id
from app.vocabulary.terms import ActorKind, DecisionKind, Judgement, Modality, NodeKind
from app.vocabulary.times import PartialDate, Period

LINKER = "lineages@1"
"""Name and version under which the decisions are recorded."""

DAYS = 3
"""Days between two publications that may still have one wire as their source."""
REWORDED = 0.5
"""Share of the shorter passage's words that two outlets keep of a wire; asked where no place tells them to be one."""
MOST = 64
"""Articles, the most similar first, with which a new one is compared: more copies of one text hang together anyway."""

_FEW = 4
"""Words that two rewritten passages share at least."""
_MODALITIES = list(Modality)
_Entry = Article | Reading | Actor | Place | Decision


class LineageIndex:
    """Remembers the articles it was given, and tells of each further one which of its claims go back to theirs."""

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        """The gazetteer knows agencies by all their names ("AFP"); without one, a credit is what it is written as."""
        self._names = Names(gazetteer)
        self._numbers: dict[str, int] = {}
        self._kept: list[Kept | None] = []
        self._sketches = Sketches()
        self._media: dict[str, str] = {}
        self._published = _Calendar()
        self._credited = _Calendar()

    @classmethod
    def of(cls, entries: Iterable[tuple[int, _Entry]], gazetteer: Gazetteer | None = None) -> LineageIndex:
        """An index of all that a ledger holds, from its entries with their revisions and with texts; see `feed`."""
        index = cls(gazetteer)
        index.feed(entries)
        return index

    def feed(self, entries: Iterable[tuple[int, _Entry]]) -> None:
        """Remember further entries of the ledger, whole revisions of it with texts, without judging them.

        Of several readings of an article the newest counts. Retracted articles stay: that a claim was copied from one
        does not change when it is withdrawn. Texts are held until the last entry, for a reading may come at any time.

        Raises:
            ValueError: A reading is of an article that came without its text, or not at all.
        """
        articles: dict[str, Article] = {}
        for _, group in groupby(entries, key=itemgetter(0)):
            readings: list[Reading] = []
            judged: list[Decision] = []
            # An append stores readings before the decisions on their mentions.
            for _, entry in group:
                if isinstance(entry, Article):
                    articles[entry.id] = entry
                elif isinstance(entry, Reading):
                    readings.append(entry)
                elif isinstance(entry, Decision):
                    judged.append(entry)
                elif isinstance(entry, Actor) and entry.kind is ActorKind.MEDIA:
                    self._media[entry.id] = entry.name
            nodes = _nodes(judged)
            for reading in readings:
                article = articles.get(reading.article)
                if article is None or (not article.text and any(c.evidence.part == "text" for c in reading.claims)):
                    raise ValueError(f"article {reading.article} came without its text")
                self._take(article, reading, nodes, self._media)

    def __len__(self) -> int:
        """How many articles it holds; those without claims are not kept."""
        return len(self._numbers)

    def add(self, article: Article, reading: Reading, linked: Linked) -> list[Decision]:
        """Remember an article, and tell which of its claims go back to those of articles given before.

        Args:
            article: The article with its text.
            reading: Its newest reading; an earlier one is forgotten.
            linked: What the reading's mentions stand for.

        Returns:
            For each pair of claims of one lineage a decision SAME: the new claim, the earlier one, why, and how sure.
        """
        media = {actor.id: actor.name for actor in linked.actors if actor.kind is ActorKind.MEDIA}
        taken = self._take(article, reading, _nodes(linked.decisions), media)
        if taken is None:
            return []
        number, view, near = taken
        wired = [(other, self._at(other)) for other in self._of_the_same_wire(view.kept, number)]
        similar = ((other, kept) for other in near if (kept := self._kept[other]) is not None)
        return of_one_lineage(view, wired, similar, self._names)

    def _at(self, number: int) -> Kept:
        kept = self._kept[number]
        assert kept is not None
        return kept

    def _of_the_same_wire(self, kept: Kept, number: int) -> list[int]:
        """Articles of about the same day that credit the same agency, are that agency's, or credit this outlet."""
        if kept.day is None:
            return []
        names: frozenset[str] = frozenset().union(*kept.credits)
        outlets = {outlet for name in names for outlet in self._names.outlets(name)}
        found = self._credited.about(kept.day, names | self._names.bylines(kept.publisher))
        found |= self._published.about(kept.day, outlets)
        standing = [other for other in sorted(found - {number}) if self._kept[other] is not None]
        return standing[:MOST]

    def _take(
        self, article: Article, reading: Reading, nodes: Mapping[str, str], media: Mapping[str, str]
    ) -> tuple[int, View, list[int]] | None:
        """Keep an article, and return its number, its view, and the articles near it."""
        earlier = self._numbers.pop(article.id, None)
        if earlier is not None:
            self._kept[earlier] = None
        if not reading.claims:
            return None
        text = Text(article)
        kept = _keep(text, article, reading, nodes, media, self._names)
        view = View(kept)
        number = self._numbers[article.id] = len(self._kept)
        self._kept.append(kept)
        near = self._sketches.add(number, blocks(text, view))
        if kept.day is not None:
            if kept.publisher is not None:
                self._published.note(kept.publisher, kept.day, number)
            for name in frozenset().union(*kept.credits):
                self._credited.note(name, kept.day, number)
        return number, view, near


def outline(article: Article, reading: Reading, linked: Linked, names: Names) -> tuple[Kept, list[int]] | None:
    """What an index keeps of an article and the bands by which it is found, or None where it has no claims.

    With `of_one_lineage` it gives what `LineageIndex.add` does to whoever keeps an index elsewhere.
    """
    if not reading.claims:
        return None
    text = Text(article)
    media = {actor.id: actor.name for actor in linked.actors if actor.kind is ActorKind.MEDIA}
    kept = _keep(text, article, reading, _nodes(linked.decisions), media, names)
    return kept, bands(blocks(text, View(kept)))


def wires(kept: Kept, names: Names) -> tuple[list[str], list[str]]:
    """By what an article may be known to share a wire with others: what it is found by, and what it looks for.

    Two articles share one where something that the later looks for is what the earlier is found by, and they were
    published within `DAYS` of each other.
    """
    if kept.day is None:
        return [], []
    credits: frozenset[str] = frozenset().union(*kept.credits)
    own = names.bylines(kept.publisher)
    found = [f"credits {name}" for name in sorted(credits)] + [f"goes by {name}" for name in sorted(own)]
    return found, [f"credits {name}" for name in sorted(credits | own)] + [
        f"goes by {name}" for name in sorted(credits)
    ]


def of_one_lineage(
    view: View, wired: Iterable[tuple[int, Kept]], near: Iterable[tuple[int, Kept]], names: Names
) -> list[Decision]:
    """Which claims of an article go back to the texts of earlier ones.

    Args:
        view: The article.
        wired: Earlier articles, with their numbers, that may have a wire in common with it.
        near: Earlier articles that may hold a like piece, the nearest first.
        names: How agencies are called.
    """
    found: dict[tuple[int, int, int], Grounds] = {}
    ids: dict[int, list[str]] = {}
    for other, kept in wired:
        theirs = View(kept)
        ids[other] = theirs.ids
        found.update(((mine, other, its), why) for (mine, its), why in _wired(view, theirs, names))
    keys = set(view.keys)
    # A shared text says more than a shared credit, and is what is given where there are both.
    similar = ((other, kept) for other, kept in near if not keys.isdisjoint(kept.rows()["key"].tolist()))
    for other, kept in islice(similar, MOST):
        theirs = View(kept)
        ids[other] = theirs.ids
        found.update(((mine, other, its), why) for (mine, its), why in copied(view, theirs))
    return [
        Decision(
            DecisionKind.LINEAGE,
            view.ids[mine],
            LINKER,
            object=ids[other][its],
            judgement=Judgement.SAME,
            reason=why.reason,
            score=why.score,
        )
        for (mine, other, its), why in sorted(found.items(), key=itemgetter(0))
    ]


class _Calendar:
    """Which articles go by a name, and of what day they are: eight bytes for each."""

    def __init__(self) -> None:
        self._days: dict[str, array[int]] = {}
        self._numbers: dict[str, array[int]] = {}

    def note(self, name: str, day: int, number: int) -> None:
        self._days.setdefault(name, array("i")).append(day)
        self._numbers.setdefault(name, array("I")).append(number)

    def about(self, day: int, names: Iterable[str]) -> set[int]:
        """The articles of these names that were published a few days before or after."""
        found: set[int] = set()
        for name in names:
            if name in self._days:
                near = np.abs(np.array(self._days[name], np.int32) - day) <= DAYS
                found.update(np.array(self._numbers[name], np.uint32)[near].tolist())
        return found


def _keep(
    text: Text, article: Article, reading: Reading, nodes: Mapping[str, str], media: Mapping[str, str], names: Names
) -> Kept:
    mentions = {mention.id: mention for mention in reading.mentions}
    incidents = {incident.id: incident for incident in reading.incidents}
    publisher = names.publisher(article.publisher) if article.publisher else None
    whole = credited(article.text, names)
    rows = np.zeros(len(reading.claims), CLAIM)
    places: list[str | None] = []
    credits: list[frozenset[str]] = []
    for row, claim in zip(rows, reading.claims, strict=True):
        source, target = (
            _node(mentions[one], nodes) if one is not None else None for one in (claim.source, claim.target)
        )
        incident = incidents.get(claim.incident or "")
        first, last = _days(incident.date) if incident is not None and incident.date is not None else (0, 0)
        row["key"] = _key(claim, source, target)
        row["start"], row["end"] = text.passage(claim.evidence)
        row["first"], row["last"], row["modality"] = first, last, _MODALITIES.index(claim.modality)
        place = mentions[incident.place] if incident is not None and incident.place is not None else None
        places.append(intern(_node(place, nodes)) if place is not None else None)
        relays = (_relay(mentions[one], nodes, media, names) for one in claim.relayed_by)
        credits.append((whole | {name for name in relays if name is not None}) - names.bylines(publisher))
    return Kept(
        text.words.tobytes(),
        np.packbits(text.quoted).tobytes(),
        text.headline,
        rows.tobytes(),
        "\n".join(claim.id for claim in reading.claims),
        tuple(places),
        tuple(credits) if any(credits) else (frozenset(),) * len(credits),
        publisher,
        _day(article.published),
    )


def _nodes(decisions: Iterable[Decision]) -> dict[str, str]:
    """What each mention was proposed to name in the world."""
    found: dict[str, str] = {}
    for one in decisions:
        if one.kind is DecisionKind.JUDGE and one.judgement is Judgement.SAME and one.object is not None:
            found.setdefault(one.subject, one.object)
    return found


def _node(mention: Mention, nodes: Mapping[str, str]) -> str:
    found = nodes.get(mention.id)
    if found is not None:
        return found
    return place_id(mention.name, mention.country) if mention.kind is NodeKind.PLACE else actor_id(mention.name)


def _relay(mention: Mention, nodes: Mapping[str, str], media: Mapping[str, str], names: Names) -> str | None:
    """The agency or outlet that a claim is relayed by; None for a ministry that passes on what a prisoner said."""
    name = media.get(_node(mention, nodes), mention.name)
    is_media = mention.actor_kind is ActorKind.MEDIA or name is not mention.name or names.known(name)
    return names.agency(name) if is_media else None


def _key(claim: Claim, source: str | None, target: str | None) -> int:
    parties = f"{claim.type}\x1f{source}\x1f{target or ''}"
    return int.from_bytes(blake2b(parties.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _day(published: str | None) -> int | None:
    """The ordinal of a day; None where only the month or year is known."""
    date = PartialDate.parse(published) if published is not None else None
    return date.first.toordinal() if date is not None and date.day is not None else None


def _days(date: str) -> tuple[int, int]:
    period = Period.parse(date)
    return (period.start.toordinal() if period.start else 0), (period.end.toordinal() if period.end else 0)


def _wired(mine: View, theirs: View, names: Names) -> Iterator[tuple[Pair, Grounds]]:
    """Claims of the two that were taken from one wire."""
    own, other = names.bylines(mine.kept.publisher), names.bylines(theirs.kept.publisher)
    for claim, its in pairs(mine, theirs):
        ours, given = mine.kept.credits[claim], theirs.kept.credits[its]
        if both := ours & given:
            reason = f"both credit {names.title(min(both))}"
        elif wire := (ours & other) | (given & own):
            outlet = theirs.kept.publisher if ours & other else mine.kept.publisher
            reason = f"one credits {names.title(outlet or min(wire))}, the other was published by it"
        else:
            continue
        score = _one_act(mine, claim, theirs, its)
        if score is not None:
            yield (claim, its), Grounds(reason, score)


def _one_act(mine: View, claim: int, theirs: View, its: int) -> float | None:
    """How sure it is that two claims of the same parties are about one act; None where that cannot be told."""
    left, right = mine.claims[claim], theirs.claims[its]
    if left["modality"] != right["modality"]:
        return None
    days = [(int(row["first"]), int(row["last"])) for row in (left, right)]
    if all(map(any, days)) and (days[0][1] < days[1][0] or days[1][1] < days[0][0]):
        return None
    here, there = mine.kept.places[claim], theirs.kept.places[its]
    if here is not None and there is not None:
        # The "Kremlin, Moscow" of one is the "Moscow" of the other.
        parts, others = set(here.split("-")), set(there.split("-"))
        return 0.7 if parts <= others or others <= parts else None
    said, told = mine.passage(claim), theirs.passage(its)
    shared = (said & told).total()
    return 0.6 if shared >= _FEW and shared >= REWORDED * min(said.total(), told.total()) else None
