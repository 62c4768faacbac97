"""The fold: ledger entries, in the order they were appended, become a `ConflictGraph`.

A pure function of the entries: the same entries give the same graph. Of several readings of one article the newest
counts; what a decision retracts is left out; corrections replace a field; identity comes from the judgements. New
readings are added to the graph at hand; an entry that changes what is already there makes it fold anew.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from app.graph.conflict import ConflictGraph
from app.graph.identity import Clusters, judge
from app.graph.model import IncidentNode, ResolvedClaim, when_said
from app.vocabulary.records import (
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
    MODALITIES,
    ActorKind,
    ClaimType,
    DecisionKind,
    DenialKind,
    Judgement,
    Modality,
    NodeKind,
)

_Record = TypeVar("_Record", Actor, Place)

CORRECTABLE = ("type", "modality", "date", "denial_kind")
"""Fields of a claim that a `correct` decision may set; who said it to whom is corrected by judging mentions."""


class Fold:
    """Keeps what it has been fed and the graph it makes; `feed` brings the graph to the entries' last revision."""

    def __init__(self) -> None:
        self.graph = ConflictGraph()
        self._articles: dict[str, Article] = {}
        self._readings: dict[str, Reading] = {}
        self._actors: dict[str, Actor] = {}
        self._places: dict[str, Place] = {}
        self._decisions: dict[str, Decision] = {}
        # Ids that some judgement is about: what is in here may be one with something else.
        self._judged: set[str] = set()
        self._verdict = _Verdict()
        # Wholes of which an actor in the graph is part, and of which no record is known.
        self._missing: set[str] = set()

    def feed(self, entries: Iterable[tuple[int, Article | Reading | Actor | Place | Decision]]) -> ConflictGraph:
        """Take further entries, each with its revision, and return the graph at the last of them."""
        fresh: dict[str, Reading] = {}
        fresh_mentions: set[str] = set()
        links: list[Decision] = []
        anew = not self.graph.revision
        revision = self.graph.revision
        for at, entry in entries:
            revision = max(revision, at)
            match entry:
                case Article():
                    anew = anew or self._articles.get(entry.id, entry) != entry
                    self._articles[entry.id] = entry
                case Reading() if self._readings.get(entry.article) != entry:
                    anew = anew or entry.article in self._readings or self._is_judged(entry)
                    self._readings[entry.article] = fresh[entry.article] = entry
                    fresh_mentions.update(mention.id for mention in entry.mentions)
                case Actor() if self._actors.get(entry.id) != entry:
                    anew = anew or self._is_awaited(entry.id)
                    self._actors[entry.id] = entry
                case Place() if self._places.get(entry.id) != entry:
                    anew = anew or self._verdict.clusters.root(entry.id) in self.graph.places
                    self._places[entry.id] = entry
                case Decision() if entry.id not in self._decisions:
                    anew = anew or not self._only_links(entry, fresh_mentions)
                    self._decisions[entry.id] = entry
                    links.append(entry)
                    if entry.kind is DecisionKind.JUDGE and entry.object is not None:
                        self._judged |= {entry.subject, entry.object}
                case _:
                    pass
        if anew:
            self.graph = ConflictGraph()
            self._missing = set()
            self._verdict = _verdict(self._decisions.values())
            self.graph.conflicts = list(self._verdict.clusters.conflicts)
            self._build(list(self._readings.values()))
        else:
            for link in links:
                self._verdict.clusters.join(link.subject, link.object or link.subject)
            self._build(list(fresh.values()))
        self.graph.revision = revision
        return self.graph

    def _is_judged(self, reading: Reading) -> bool:
        """True where somebody has judged a part of the reading already, so that it may be one with what is there."""
        return any(mention.id in self._judged for mention in reading.mentions) or any(
            incident.id in self._judged for incident in reading.incidents
        )

    def _is_awaited(self, actor: str) -> bool:
        """True where the graph has a node that this actor's record would change."""
        root = self._verdict.clusters.root(actor)
        return root in self.graph.actors or root in self._missing

    def _only_links(self, decision: Decision, mentions: set[str]) -> bool:
        """True for a linker's only judgement on a mention that is only now being added: it changes no older node."""
        return (
            decision.kind is DecisionKind.JUDGE
            and decision.at is None
            and decision.judgement is Judgement.SAME
            and decision.subject in mentions
            and decision.subject not in self._judged
            and decision.object is not None
            and decision.object.startswith(("actor-", "place-"))
            and decision.id not in self._verdict.undone
        )

    def _build(self, readings: list[Reading]) -> None:
        graph = self.graph
        retracted, clusters = self._verdict.retracted, self._verdict.clusters
        readings = [reading for reading in readings if reading.article not in retracted]
        nodes = {mention.id: self._node_of(mention, clusters) for reading in readings for mention in reading.mentions}

        for reading in readings:
            graph.add_article(self._articles[reading.article], reading.extractor)
            for mention in reading.mentions:
                self._know(mention, nodes[mention.id], clusters)
        incidents = self._incidents(readings, nodes, clusters, retracted)
        for reading in readings:
            article = self._articles[reading.article]
            for claim in reading.claims:
                if claim.id not in retracted:
                    claim, impossible = _correct(claim, self._verdict.corrected.get(claim.id, {}))
                    graph.conflicts.extend(impossible)
                    graph.add_claim(_resolve(claim, article, nodes, incidents))

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
        for reading in self._readings.values():
            for mention in reading.mentions:
                if mention.id == mention_id:
                    return mention
        return None

    def _know(self, mention: Mention, node: str, clusters: Clusters) -> None:
        """Make sure that the graph has the node, and every actor it is part of."""
        graph = self.graph
        if mention.kind is NodeKind.PLACE:
            if node not in graph.places:
                # Of places that are one, the first whose point is known.
                known = sorted(_records(node, self._places, clusters), key=lambda place: place.precision == "unknown")
                place = known[0] if known else Place(mention.name, mention.country)
                graph.add_place(dataclasses.replace(place, id=node))
            return
        here: str | None = node
        while here is not None and here not in graph.actors:
            record = self._merged(here, clusters) or Actor(mention.name, mention.actor_kind, mention.country, id=here)
            graph.add_actor(record)
            here = record.part_of
        # Only now, when the wholes are known too, can the edges be drawn.
        for part in graph.wholes(node):
            above = graph.actors[part].part_of
            if above is not None:
                graph.add_part_of(part, above)

    def _merged(self, node: str, clusters: Clusters) -> Actor | None:
        """A node's record: its own, with the names of all that are one with it and what only they know, or None."""
        known = _records(node, self._actors, clusters)
        if not known:
            return None
        wholes = dict.fromkeys(clusters.root(record.part_of) for record in known if record.part_of is not None)
        wholes.pop(node, None)
        recorded = [whole for whole in wholes if _records(whole, self._actors, clusters)]
        self._missing.update(wholes.keys() - recorded)
        names = dict.fromkeys(name for record in known for name in (record.name, *record.aliases))
        return Actor(
            name=known[0].name,
            kind=next((record.kind for record in known if record.kind is not ActorKind.UNKNOWN), ActorKind.UNKNOWN),
            country=next((record.country for record in known if record.country), None),
            part_of=recorded[0] if recorded else None,
            aliases=tuple(name for name in names if name != known[0].name),
            wikidata=next((record.wikidata for record in known if record.wikidata), None),
            id=node,
        )

    def _incidents(
        self, readings: list[Reading], nodes: dict[str, str], clusters: Clusters, retracted: set[str]
    ) -> dict[str, str]:
        """Add the incident nodes of these readings; returns article-level incident id → node id."""
        grouped: dict[str, list[Incident]] = {}
        node_of: dict[str, str] = {}
        for reading in readings:
            for incident in reading.incidents:
                if incident.id not in retracted:
                    root = clusters.root(incident.id)
                    node_of[incident.id] = root
                    grouped.setdefault(root, []).append(incident)
        for root, members in grouped.items():
            self.graph.add_incident(self._incident_node(root, members, nodes))
        return node_of

    def _incident_node(self, root: str, members: list[Incident], nodes: dict[str, str]) -> IncidentNode:
        types = tuple(name for name, _ in Counter(member.type for member in members).most_common())
        place = next((nodes[m.place] for m in members if m.place is not None and m.place in nodes), None)
        dates = Counter(member.date for member in members if member.date is not None)
        day = dates.most_common(1)[0][0] if dates else None
        name = self.graph.places[place].name if place is not None else None
        return IncidentNode(
            id=root,
            types=types,
            place=place,
            country=next((member.country for member in members if member.country), None),
            date=day,
            reported_in=tuple(dict.fromkeys(member.article for member in members)),
            members=tuple(member.id for member in members),
            label=", ".join(part for part in (types[0], name, day) if part),
        )


@dataclass(slots=True)
class _Verdict:
    """What the decisions come to, once what was undone is left out."""

    undone: set[str] = field(default_factory=set)
    retracted: set[str] = field(default_factory=set)
    corrected: dict[str, dict[str, Decision]] = field(default_factory=dict)
    clusters: Clusters = field(default_factory=Clusters)


def _verdict(decisions: Collection[Decision]) -> _Verdict:
    """Decisions, in the order they were taken, weighed."""
    found = _Verdict()
    # Last first, so that an undoing is known to stand or not before what it undoes is looked at.
    for decision in reversed(tuple(decisions)):
        if decision.kind is DecisionKind.UNDO and decision.id not in found.undone:
            found.undone.add(decision.subject)
    standing = [decision for decision in decisions if decision.id not in found.undone]
    for decision in standing:
        if decision.kind is DecisionKind.RETRACT:
            found.retracted.add(decision.subject)
        elif decision.kind is DecisionKind.CORRECT and decision.object in CORRECTABLE:
            found.corrected.setdefault(decision.subject, {})[decision.object] = decision
    found.clusters = judge(d for d in standing if d.kind is DecisionKind.JUDGE)
    return found


def _records(node: str, known: Mapping[str, _Record], clusters: Clusters) -> list[_Record]:
    """The records of all that are one with a node, its own first."""
    names = [name for name in clusters.members(node) if name in known]
    return [known[name] for name in sorted(names, key=lambda name: (name != node, name))]


def _correct(claim: Claim, corrections: dict[str, Decision]) -> tuple[Claim, list[Decision]]:
    """The claim with its corrected fields, and the corrections that make no possible claim, of which none is applied.

    Its id, under which it was found, stays. A type that leaves only one modality brings it along, and what is no denial
    has no kind of denial.
    """
    if not corrections:
        return claim, []
    values = {name: decision.value for name, decision in corrections.items()}
    try:
        kind = ClaimType(values.get("type") or claim.type)
        modality = Modality(values.get("modality") or claim.modality)
        denied = values.get("denial_kind", claim.denial_kind) if kind is ClaimType.DENIES else None
        if "modality" not in values and len(MODALITIES[kind]) == 1:
            modality = MODALITIES[kind][0]
        date = values.get("date", claim.date)
        corrected = dataclasses.replace(
            claim, type=kind, modality=modality, date=date, denial_kind=DenialKind(denied) if denied else None
        )
    except ValueError:
        return claim, list(corrections.values())
    return corrected, []


def _resolve(claim: Claim, article: Article, nodes: dict[str, str], incidents: dict[str, str]) -> ResolvedClaim:
    return ResolvedClaim(
        claim=claim,
        speaker=nodes[claim.speaker],
        source=nodes[claim.source],
        target=nodes[claim.target] if claim.target is not None else None,
        target_named=nodes[claim.target_named] if claim.target_named is not None else None,
        incident=incidents.get(claim.incident) if claim.incident is not None else None,
        when=when_said(claim, article),
        published=article.published,
        publisher=article.publisher,
    )


def fold(entries: Iterable[tuple[int, Article | Reading | Actor | Place | Decision]]) -> ConflictGraph:
    """The graph of these entries, each given with its revision."""
    return Fold().feed(entries)
