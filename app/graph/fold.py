"""The fold: ledger entries, in the order they were appended, become a `ConflictGraph`.

A pure function of the entries: the same entries give the same graph. Of several readings of one article the newest
counts; what a decision retracts is left out; corrections replace a field; identity comes from the judgements. New
readings are added to the graph at hand; an entry that changes what is already there makes it fold anew.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

from app.graph.arrays import NONE, Column
from app.graph.articles import ArticleTable
from app.graph.conflict import ConflictGraph
from app.graph.identity import Clusters, Names, Rank
from app.graph.model import (
    ALWAYS,
    IncidentNode,
    PlacedClaim,
    ResolvedAcknowledgement,
    incident_label,
    when_said,
    wholes_of,
)
from app.graph.slices import Cut, Slice
from app.graph.standing import RanksOf, Standing
from app.graph.tellings import Telling, TellingTable
from app.graph.verdict import JUDGING, Verdict, corrected, weigh
from app.vocabulary.records import (
    Acknowledgement,
    Actor,
    Article,
    Claim,
    Decision,
    Incident,
    Mention,
    Place,
    Reading,
    actor_id,
    place_id,
)
from app.vocabulary.terms import (
    ActorKind,
    DecisionKind,
    Judgement,
    NodeKind,
)
from app.vocabulary.times import Period

Entries = Iterable[tuple[int, Article | Reading | Actor | Place | Decision]]
"""What is folded, each entry with its revision, in the order of append."""

MANY = 20_000
"""Claims from which on entries are read anew rather than kept: so many are read and folded in about two seconds."""

# Mentions and claims whose readings are built into the graph together.
_CHUNK = 20_000

_Record = TypeVar("_Record", Actor, Place)


class Fold:
    """Keeps what it has been fed and the graph it makes; `feed` brings the graph to the entries' last revision."""

    def __init__(
        self,
        appended_at: Callable[[int], str | None] | None = None,
        reload: Callable[[int], Entries] | None = None,
        only: Slice | None = None,
    ) -> None:
        """Start empty.

        Args:
            appended_at: The UTC instant of a revision, as `Ledger.appended_at` gives it; without, the graph does not
                know when anything was ingested.
            reload: All entries up to a revision, for when everything has to be folded anew. With it, a fold of many
                claims keeps neither readings nor decisions once it has used them.
            only: Which claims the graph holds, and what they name; everything where None.
        """
        self._articles = ArticleTable()
        self.graph = ConflictGraph(self._articles, only)
        self.is_renewing = False
        """True while a new graph is being built beside `graph`, which meanwhile does not change."""
        self._target = self.graph
        self._appended_at = appended_at
        self._instants: dict[int, str | None] = {}
        self._readings: dict[str, Reading] = {}
        self._told_of: dict[str, Mention] = {}
        self._actors: dict[str, Actor] = {}
        self._places: dict[str, Place] = {}
        self._decisions: dict[str, Decision] = {}
        self._reload = reload
        self.only = only
        # Cuts readings to the slice, by what is known of actors at the moment.
        self._cut: Cut | None = None
        # False once older readings and decisions are only in the ledger.
        self._is_whole = True
        # Ids that some judgement is about, beside those in the verdict's clusters: what is in here may be one with
        # something else.
        self._judged = Names()
        self._ranks = RanksOf(self)
        self._verdict = Verdict()
        self._verdict.clusters.rank = self._verdict.lineages.rank = self._ranks
        self._tellings = self._no_tellings()
        # Wholes of which an actor in the graph is part, and of which no record is known.
        self._missing: set[str] = set()

    def feed(self, entries: Entries) -> ConflictGraph:
        """Take further entries, each with its revision, and return the graph at the last of them."""
        fresh: dict[str, Reading] = {}
        # What is only now being added, so that a judgement on it changes nothing older.
        added: dict[str, Mention | Incident | Claim] = {}
        links: list[Decision] = []
        judged: set[str] = set()
        changed: list[str] = []
        anew = not self.graph.revision
        revision = self.graph.revision
        for at, entry in entries:
            revision = max(revision, at)
            match entry:
                case Article():
                    entry = dataclasses.replace(entry, text="") if entry.text else entry
                    if entry.id not in self._articles or self._articles[entry.id] != entry:
                        anew = anew or entry.id in self._articles
                        self._articles.add(entry, self._instant(at))
                case Reading() if self._readings.get(entry.article) != entry:
                    parts = _parts(entry)
                    anew = anew or self._articles.is_read(entry.article)
                    anew = anew or any(name in judged or self._is_judged(name) for name in parts)
                    self._articles.mark_read(entry.article)
                    self._readings[entry.article] = fresh[entry.article] = entry
                    added.update(parts)
                case Actor() if self._actors.get(entry.id) != entry:
                    self._actors[entry.id] = entry
                    changed.append(entry.id)
                case Place() if self._places.get(entry.id) != entry:
                    self._places[entry.id] = entry
                    changed.append(entry.id)
                case Decision() if entry.id not in self._decisions:
                    anew = anew or not self._only_links(entry, added, judged)
                    self._decisions[entry.id] = entry
                    links.append(entry)
                    if entry.kind in JUDGING and entry.object is not None:
                        judged |= {entry.subject, entry.object}
                case _:
                    pass
        self._target = self.graph
        self._cut = None
        anew = anew or not self._link(links, added) or not all(self._replace(name) for name in changed)
        if anew and self._reload is not None and not self._is_whole:
            self.is_renewing = True
            whole = Fold(self._appended_at, self._reload, self.only)
            whole.load(revision)
            self.__dict__.update(whole.__dict__)
            self._ranks.follow(self)
            return self.graph
        if anew:
            judged = self._judge_anew(self._ranks_of)
            self._build(list(self._readings.values()))
        else:
            self._build(list(fresh.values()))
        return self._done(revision, judged)

    def load(self, until: int, told: Callable[[Entries], Entries] | None = None) -> ConflictGraph:
        """Take all entries up to a revision, by `reload`; the fold must be empty.

        Of many claims, they are read twice: first what was decided, then readings, of which few are in memory at once.

        Args:
            until: The revision.
            told: Gets the entries, and passes them on, while they are read for the first time.

        Raises:
            ValueError: The fold is not empty, or was not told how to read the ledger.
        """
        if self._reload is None or self.graph.revision:
            raise ValueError("only an empty fold that knows how to read the ledger can load it")
        newest, number, claims, revision = Column("i4"), 0, 0, 0
        standing = Standing(self._articles)
        entries = self._reload(until)
        for at, entry in told(entries) if told is not None else entries:
            revision = max(revision, at)
            match entry:
                case Article():
                    self._articles.add(dataclasses.replace(entry, text="") if entry.text else entry, self._instant(at))
                case Reading():
                    self._articles.mark_read(entry.article)
                    row = self._articles.ids.add(entry.article)
                    while len(newest) <= row:
                        newest.append(NONE)
                    newest.at[row] = number
                    number += 1
                    claims += len(entry.claims)
                    standing.add(entry)
                    if claims < MANY:
                        self._readings[entry.article] = entry
                    else:
                        self._readings, self._is_whole = {}, False
                case Actor():
                    self._actors[entry.id] = entry
                case Place():
                    self._places[entry.id] = entry
                case Decision():
                    self._decisions.setdefault(entry.id, entry)
        judged = self._judge_anew(standing.of)
        del standing
        if self._is_whole:
            self._build(list(self._readings.values()))
        else:
            self._told_of = self._unlinked(revision)
            waiting: list[Reading] = []
            held = 0
            readings = (entry for _, entry in self._reload(revision) if isinstance(entry, Reading))
            for place, reading in enumerate(readings):
                if newest.at[self._articles.ids.find(reading.article)] == place:
                    waiting.append(reading)
                    held += len(reading.mentions) + len(reading.claims)
                if held >= _CHUNK:
                    self._build(waiting)
                    waiting, held = [], 0
            self._build(waiting)
        return self._done(revision, judged)

    def _unlinked(self, until: int) -> dict[str, Mention]:
        """The mentions that somebody holds to be one with another mention, for whose names they may stand."""
        judging = (one for one in self._decisions.values() if one.kind is DecisionKind.JUDGE)
        pairs = ((one.subject, one.object or "") for one in judging)
        names = {name for pair in pairs if all(one.startswith("men-") for one in pair) for name in pair}
        if not names or self._reload is None:
            return {}
        readings = (entry for _, entry in self._reload(until) if isinstance(entry, Reading))
        return {mention.id: mention for one in readings for mention in one.mentions if mention.id in names}

    def _judge_anew(self, ranks_of: Callable[[Container[str]], dict[str, Rank]]) -> set[str]:
        """Begin a new graph with all decisions weighed; returns the ids that judgements are about."""
        self.is_renewing = True
        self._target = ConflictGraph(self._articles, self.only)
        self._cut = None
        self._missing = set()
        self._tellings = self._no_tellings()
        judging = (one for one in self._decisions.values() if one.kind in JUDGING and one.object is not None)
        judged = {name for one in judging for name in (one.subject, one.object or "")}
        self._judged = Names()
        self._ranks.own = ranks_of(judged)
        self._verdict = weigh(self._decisions.values(), self._ranks.own)
        self._verdict.clusters.rank = self._verdict.lineages.rank = self._ranks
        self._target.conflicts = [*self._verdict.clusters.conflicts, *self._verdict.lineages.conflicts]
        self._target.doubts = list(self._verdict.doubted)
        return judged

    def _done(self, revision: int, judged: set[str]) -> ConflictGraph:
        self._target.revision = revision
        self.graph = self._target
        self.is_renewing = False
        self._settle(judged)
        return self.graph

    def _settle(self, judged: set[str]) -> None:
        """Keep of what was only just judged, and of the entries themselves, no more than is needed later."""
        clusters, lineages = self._verdict.clusters, self._verdict.lineages
        for name in sorted(judged):
            if not clusters.holds(name) and not lineages.holds(name):
                self._judged.add(name)
        self._ranks.settle()
        if self._reload is not None and len(self.graph.claims) >= MANY:
            self._readings, self._decisions, self._is_whole = {}, {}, False

    def _is_judged(self, name: str) -> bool:
        return name in self._judged or self._verdict.clusters.holds(name) or self._verdict.lineages.holds(name)

    def _no_tellings(self) -> TellingTable:
        return TellingTable(self._target._nodes, self._articles.ids)

    def _instant(self, revision: int) -> str | None:
        if self._appended_at is None:
            return None
        if revision not in self._instants:
            # Entries come revision by revision: only the last is asked for again.
            self._instants = {revision: self._appended_at(revision)}
        return self._instants[revision]

    def _replace(self, name: str) -> bool:
        """Give a node in the graph its changed record; False where more than the record changes by it.

        What an actor is part of decides by whom and against whom claims are found, and a place's name is in the labels
        of its incidents.
        """
        graph, clusters = self.graph, self._verdict.clusters
        node = clusters.root(name)
        # Somebody may have judged things of two kinds to be one; what such a node is depends on what came last.
        kinds = sum(node in known for known in (graph.actors, graph.places, graph.incidents))
        if name in self._missing or node in self._missing or kinds > 1:
            return False
        if node in graph.actors:
            actor, known = self._merged(node, clusters), graph.actors[node]
            if actor is None or (actor.part_of, actor.memberships) != (known.part_of, known.memberships):
                return False
            graph.add_actor(actor)
        if node in graph.places:
            place = self._place_record(node, clusters)
            if place is None or place.name != graph.places[node].name:
                return False
            graph.add_place(place)
        return True

    def _only_links(self, decision: Decision, added: Container[str], judged: Container[str]) -> bool:
        """True for a linker's judgement on what is only now being added: it changes no older node's identity.

        A mention is judged once, to be an actor or place; an incident or claim any number of times, each against one
        that stands before it. Whether they can be applied together, `_link` finds out.
        """
        subject, object_ = decision.subject, decision.object
        if decision.at is not None or object_ is None or decision.id in self._verdict.undone:
            return False
        if _is_doubt_about_names(decision):
            return True
        if subject not in added:
            return False
        if decision.kind is DecisionKind.LINEAGE:
            return subject.startswith("clm-") and object_.startswith("clm-")
        if decision.kind is not DecisionKind.JUDGE:
            return False
        if subject.startswith("inc-"):
            return object_.startswith("inc-")
        return (
            decision.judgement is Judgement.SAME
            and subject not in judged
            and not self._is_judged(subject)
            and object_.startswith(("actor-", "place-"))
        )

    def _link(self, links: list[Decision], added: Mapping[str, Mention | Incident | Claim]) -> bool:
        """Apply judgements on what is being added; False where that touches what is there, so that all is folded anew.

        Where every judgement can be applied, the outcome is the same in any order, hence the one a fold from the start
        would come to. Where one cannot, or older conflicts lie near, only all together can be weighed.
        """
        verdict = self._verdict
        others: list[Decision] = []
        for link in links:
            if link.subject.startswith("men-"):
                verdict.clusters.join(link.subject, link.object or link.subject)
            else:
                others.append(link)
        pairs: dict[frozenset[str], Decision] = {}
        for link in others:
            left, right = link.subject, link.object or link.subject
            pair = frozenset((left, right))
            if pairs.setdefault(pair, link) is not link:
                return False
            clusters = verdict.lineages if link.kind is DecisionKind.LINEAGE else verdict.clusters
            if _is_doubt_about_names(link):
                known = clusters.root(left) == clusters.root(right) or clusters.is_apart(left, right)
                if known or not verdict.conflicted.isdisjoint(clusters.members(left) | clusters.members(right)):
                    return False
                self.graph.doubts.append(link)
                continue
            for name in (left, right):
                rank = self._rank(name, added)
                if rank is None:
                    return False
                self._ranks.own[name] = rank
            if not verdict.conflicted.isdisjoint(clusters.members(left) | clusters.members(right)):
                return False
            if link.judgement is Judgement.UNSURE:
                self.graph.doubts.append(link)
            elif link.judgement is Judgement.DIFFERENT:
                if not clusters.keep_apart(left, right):
                    return False
            else:
                old = {root for one in (left, right) if (root := clusters.root(one)) not in added}
                if len(old) > 1 or not clusters.join(left, right) or (old and clusters.root(left) not in old):
                    return False
        if others:
            self.graph.doubts = verdict.open_doubts(self.graph.doubts)
        return True

    def _rank(self, name: str, added: Mapping[str, Mention | Incident | Claim]) -> Rank | None:
        """Where an incident or claim that is there, or is being added, stands in the ledger."""
        found = added.get(name)
        return self._rank_of(found) if isinstance(found, Incident | Claim) else self._ranks.get(name)

    def _rank_of(self, one: Incident | Claim) -> Rank:
        return (self._articles.place(one.article), one.evidence.part != "title", one.evidence.start, one.id)

    def _ranks_of(self, judged: Container[str]) -> dict[str, Rank]:
        """Where the incidents and claims among these stand in the ledger."""
        found: dict[str, Rank] = {}
        for reading in self._readings.values():
            parts: tuple[Incident | Claim, ...] = (*reading.incidents, *reading.claims)
            found.update((one.id, self._rank_of(one)) for one in parts if one.id in judged)
        return found

    def _build(self, readings: list[Reading]) -> None:
        graph, verdict = self._target, self._verdict
        retracted, clusters = verdict.retracted, verdict.clusters
        readings = [reading for reading in readings if reading.article not in retracted]
        nodes = {mention.id: self._node_of(mention, clusters) for reading in readings for mention in reading.mentions}
        if self.only is not None:
            if self._cut is None:
                record = partial(self._merged, clusters=clusters)
                self._cut = Cut(self.only, self.only.named(self._actors.values(), clusters.root), record)
            cut, whole = self._cut, readings
            readings = [cut.of(reading, self._articles[reading.article], nodes, verdict) for reading in whole]
            standing = ({claim.id for claim in one.claims} - retracted for one in whole)
            graph.left_out += sum(map(len, standing)) - sum(len(one.claims) for one in readings)

        for reading in readings:
            graph.add_article(self._articles[reading.article], reading.extractor)
            for mention in reading.mentions:
                self._know(mention, nodes[mention.id], clusters)
        incidents = self._incidents(readings, nodes, clusters, retracted)
        for reading in readings:
            article = self._articles[reading.article]
            desk = _Desk(article, self._articles.ingested(reading.article), nodes, incidents)
            for claim in reading.claims:
                if claim.id not in retracted:
                    claim, impossible = corrected(claim, verdict.corrected.get(claim.id, {}))
                    graph.conflicts.extend(impossible)
                    graph.add_claim(desk.claim(claim, self._lineage(claim)))
            for one in reading.acknowledgements:
                if one.id not in retracted and one.incident in incidents:
                    graph.add_acknowledgement(desk.acknowledgement(one))

    def _lineage(self, claim: Claim) -> str:
        """The article of the earliest claim that is of one lineage with this one."""
        root = self._verdict.lineages.root(claim.id)
        rank = self._verdict.lineages.rank.get(root)
        return claim.article if root == claim.id or rank is None else self._articles.at(rank[0])

    def _node_of(self, mention: Mention, clusters: Clusters) -> str:
        root = clusters.root(mention.id)
        if not root.startswith("men-"):
            return root
        # Nobody linked it: it stands for itself, under its own name.
        representative = min(clusters.members(mention.id))
        named = mention if representative == mention.id else self._mention(representative) or mention
        if named.kind is NodeKind.PLACE:
            return clusters.root(place_id(named.name, named.country))
        return clusters.root(actor_id(named.name))

    def _mention(self, mention_id: str) -> Mention | None:
        if mention_id in self._told_of:
            return self._told_of[mention_id]
        for reading in self._readings.values():
            for mention in reading.mentions:
                if mention.id == mention_id:
                    return mention
        return None

    def _know(self, mention: Mention, node: str, clusters: Clusters) -> None:
        """Make sure that the graph has the node, and every actor it is part of."""
        graph = self._target
        if mention.kind is NodeKind.PLACE:
            if node not in graph.places:
                place = self._place_record(node, clusters) or Place(mention.name, mention.country, id=node)
                graph.add_place(place)
            return
        waiting = [node]
        while waiting:
            here = waiting.pop()
            if here in graph.actors:
                continue
            record = self._merged(here, clusters) or Actor(mention.name, mention.actor_kind, mention.country, id=here)
            graph.add_actor(record)
            others = sorted(clusters.members(here) - {here}) if clusters.is_joined(here) else ()
            for other in others:
                if not other.startswith("men-"):
                    graph.merged.add(other, here)
            waiting.extend(wholes_of(record))
        # Only now, when the wholes are known too, can the edges be drawn.
        drawn: set[str] = set()
        waiting = [node]
        while waiting:
            part = waiting.pop()
            if part not in drawn:
                drawn.add(part)
                for whole in wholes_of(graph.actors[part]):
                    graph.add_part_of(part, whole)
                    waiting.append(whole)

    def _place_record(self, node: str, clusters: Clusters) -> Place | None:
        """A place's record: of places that are one, the first whose point is known; None where there is none."""
        known = sorted(_records(node, self._places, clusters), key=lambda place: place.precision == "unknown")
        return dataclasses.replace(known[0], id=node) if known else None

    def _merged(self, node: str, clusters: Clusters) -> Actor | None:
        """A node's record: its own, with the names of all that are one with it and what only they know, or None."""
        known = _records(node, self._actors, clusters)
        if not known:
            return None
        memberships = tuple(
            dataclasses.replace(one, whole=whole)
            for record in known
            for one in record.memberships
            if (whole := clusters.root(one.whole)) != node
        )
        wholes = dict.fromkeys(clusters.root(record.part_of) for record in known if record.part_of is not None)
        wholes.pop(node, None)
        recorded = {one for one in (*wholes, *(m.whole for m in memberships)) if _records(one, self._actors, clusters)}
        self._missing.update({*wholes, *(membership.whole for membership in memberships)} - recorded)
        names = dict.fromkeys(name for record in known for name in (record.name, *record.aliases))
        return Actor(
            name=known[0].name,
            kind=next((record.kind for record in known if record.kind is not ActorKind.UNKNOWN), ActorKind.UNKNOWN),
            country=next((record.country for record in known if record.country), None),
            part_of=next((whole for whole in wholes if whole in recorded), None),
            aliases=tuple(name for name in names if name != known[0].name),
            wikidata=next((record.wikidata for record in known if record.wikidata), None),
            memberships=tuple(dict.fromkeys(one for one in memberships if one.whole in recorded)),
            id=node,
        )

    def _incidents(
        self, readings: list[Reading], nodes: dict[str, str], clusters: Clusters, retracted: set[str]
    ) -> dict[str, _Telling]:
        """Add these readings' incidents to their nodes; returns article-level incident id → its node and date."""
        changed: dict[str, None] = {}
        node_of: dict[str, _Telling] = {}
        for reading in readings:
            for incident in reading.incidents:
                if incident.id not in retracted:
                    root = clusters.root(incident.id)
                    node_of[incident.id] = _Telling(root, incident.date)
                    self._tellings.add(root, incident, nodes.get(incident.place or ""))
                    changed[root] = None
        for root in changed:
            self._target.add_incident(self._incident_node(root, self._tellings.of(root)))
        return node_of

    def _incident_node(self, root: str, members: list[Telling]) -> IncidentNode:
        types = tuple(name for name, _ in Counter(member.type for member in members).most_common())
        known = self._target.incidents.get(root)
        place = known.place if known is not None else None
        if place is None:
            place = next((member.place for member in members if member.place is not None), None)
        dates = Counter(member.date for member in members if member.date is not None)
        day = dates.most_common(1)[0][0] if dates else None
        name = self._target.places[place].name if place is not None else None
        return IncidentNode(
            id=root,
            types=types,
            place=place,
            country=next((member.country for member in members if member.country), None),
            date=day,
            reported_in=tuple(dict.fromkeys(member.article for member in members)),
            members=tuple(member.id for member in members),
            label=incident_label(types, name, day),
        )


def _is_doubt_about_names(decision: Decision) -> bool:
    """True for a judgement that two actors or places may be one, which changes neither."""
    return (
        decision.kind is DecisionKind.JUDGE
        and decision.judgement is Judgement.UNSURE
        and decision.subject.startswith(("actor-", "place-"))
        and (decision.object or "").startswith(("actor-", "place-"))
    )


def _parts(reading: Reading) -> dict[str, Mention | Incident | Claim]:
    """What decisions may be about, by id."""
    parts: tuple[Mention | Incident | Claim, ...] = (*reading.mentions, *reading.incidents, *reading.claims)
    return {one.id: one for one in parts}


def _records(node: str, known: Mapping[str, _Record], clusters: Clusters) -> list[_Record]:
    """The records of all that are one with a node, its own first."""
    names = [name for name in clusters.members(node) if name in known]
    return [known[name] for name in sorted(names, key=lambda name: (name != node, name))]


class _Telling(NamedTuple):
    """An article's incident: its node, and its date as the article gives it."""

    node: str
    date: str | None


@dataclass(frozen=True, slots=True)
class _Desk:
    """Puts nodes in the place of an article's mentions."""

    article: Article
    ingested: str | None
    nodes: Mapping[str, str]
    incidents: Mapping[str, _Telling]

    def claim(self, claim: Claim, lineage: str) -> PlacedClaim:
        nodes, article = self.nodes, self.article
        told = self.incidents.get(claim.incident) if claim.incident is not None else None
        return PlacedClaim(
            claim=claim,
            speaker=nodes[claim.speaker],
            source=nodes[claim.source],
            target=nodes[claim.target] if claim.target is not None else None,
            target_named=nodes[claim.target_named] if claim.target_named is not None else None,
            incident=told.node if told is not None else None,
            when=when_said(claim, article),
            published=article.published,
            publisher=article.publisher,
            source_named=nodes[claim.source_named] if claim.source_named is not None else None,
            relayed_by=tuple(nodes[one] for one in claim.relayed_by),
            happened=Period.parse(told.date) if told is not None and told.date is not None else ALWAYS,
            ingested=self.ingested,
            lineage=lineage,
        )

    def acknowledgement(self, one: Acknowledgement) -> ResolvedAcknowledgement:
        return ResolvedAcknowledgement(
            acknowledgement=one,
            speaker=self.nodes[one.speaker],
            actor=self.nodes[one.actor],
            incident=self.incidents[one.incident].node,
            when=when_said(one, self.article),
            published=self.article.published,
            publisher=self.article.publisher,
            ingested=self.ingested,
        )


def fold(entries: Entries, appended_at: Callable[[int], str | None] | None = None) -> ConflictGraph:
    """The graph of these entries, each given with its revision; `appended_at` tells a revision's instant."""
    return Fold(appended_at).feed(entries)
