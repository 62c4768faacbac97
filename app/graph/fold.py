"""The fold: ledger entries, in the order they were appended, become a `ConflictGraph`.

A pure function of the entries: the same entries give the same graph. Of several readings of one article the newest
counts; what a decision retracts is left out; corrections replace a field; identity comes from the judgements. New
readings are added to the graph at hand; an entry that changes what is already there makes it fold anew.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable

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
from app.vocabulary.terms import ClaimType, DecisionKind, DenialKind, Modality, NodeKind

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

    def feed(self, entries: Iterable[tuple[int, Article | Reading | Actor | Place | Decision]]) -> ConflictGraph:
        """Take further entries, each with its revision, and return the graph at the last of them."""
        fresh: list[Reading] = []
        fresh_mentions: set[str] = set()
        anew = False
        revision = self.graph.revision
        for at, entry in entries:
            revision = max(revision, at)
            match entry:
                case Article():
                    self._articles[entry.id] = entry
                case Reading():
                    anew = anew or entry.article in self._readings
                    self._readings[entry.article] = entry
                    fresh_mentions.update(mention.id for mention in entry.mentions)
                    fresh.append(entry)
                case Actor():
                    anew = anew or self._actors.get(entry.id, entry) != entry
                    self._actors[entry.id] = entry
                case Place():
                    anew = anew or self._places.get(entry.id, entry) != entry
                    self._places[entry.id] = entry
                case Decision():
                    self._decisions[entry.id] = entry
                    anew = anew or not _only_links(entry, fresh_mentions)
        if anew or not self.graph.revision:
            self.graph = ConflictGraph()
            fresh = list(self._readings.values())
        if fresh or anew:
            self._build(fresh)
        self.graph.revision = revision
        return self.graph

    def _standing(self) -> tuple[set[str], dict[str, dict[str, str | None]], Clusters]:
        """Retracted ids, corrections by claim, and identity, after undoing what was undone."""
        undone = {d.subject for d in self._decisions.values() if d.kind is DecisionKind.UNDO}
        # Undoing an undo brings the first decision back.
        undone -= {self._decisions[name].subject for name in undone if self._is_undo(name)}
        standing = [d for d in self._decisions.values() if d.id not in undone]
        retracted = {d.subject for d in standing if d.kind is DecisionKind.RETRACT}
        corrected: dict[str, dict[str, str | None]] = {}
        for decision in standing:
            if decision.kind is DecisionKind.CORRECT and decision.object in CORRECTABLE:
                corrected.setdefault(decision.subject, {})[decision.object] = decision.value
        return retracted, corrected, judge(d for d in standing if d.kind is DecisionKind.JUDGE)

    def _is_undo(self, decision_id: str) -> bool:
        decision = self._decisions.get(decision_id)
        return decision is not None and decision.kind is DecisionKind.UNDO

    def _build(self, readings: list[Reading]) -> None:
        graph = self.graph
        retracted, corrected, clusters = self._standing()
        graph.conflicts = clusters.conflicts
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
                    claim = _correct(claim, corrected.get(claim.id, {}))
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
                graph.add_place(self._places.get(node) or Place(mention.name, mention.country, id=node))
            return
        here: str | None = node
        while here is not None and here not in graph.actors:
            record = self._actors.get(here)
            if record is None:
                record = Actor(mention.name, mention.actor_kind, mention.country, id=here)
            whole = clusters.root(record.part_of) if record.part_of is not None else None
            merged = tuple(
                self._actors[name].name
                for name in sorted(clusters.members(here))
                if name in self._actors and name != here
            )
            record = dataclasses.replace(record, part_of=whole, aliases=record.aliases + merged)
            if whole is not None and whole not in self._actors:
                record = dataclasses.replace(record, part_of=None)
            graph.add_actor(record)
            here = record.part_of
        # Only now, when the wholes are known too, can the edges be drawn.
        for part in graph.wholes(node):
            above = graph.actors[part].part_of
            if above is not None:
                graph.add_part_of(part, above)

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
            earlier = self.graph.incidents.get(root)
            known = {member.id for member in members}
            if earlier is not None:
                members = [*self._incidents_named(set(earlier.members) - known), *members]
            self.graph.add_incident(self._incident_node(root, members, nodes))
        return node_of

    def _incidents_named(self, ids: set[str]) -> list[Incident]:
        return [i for reading in self._readings.values() for i in reading.incidents if i.id in ids]

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


def _only_links(decision: Decision, mentions: set[str]) -> bool:
    """True for a linker's judgement on a mention that is only now being added: it cannot change older nodes."""
    return decision.kind is DecisionKind.JUDGE and decision.at is None and decision.subject in mentions


def _correct(claim: Claim, fields: dict[str, str | None]) -> Claim:
    """The claim with its corrected fields; its id, under which it was found, stays."""
    if not fields:
        return claim
    kind = fields.get("denial_kind", claim.denial_kind)
    return dataclasses.replace(
        claim,
        type=ClaimType(fields.get("type") or claim.type),
        modality=Modality(fields.get("modality") or claim.modality),
        date=fields.get("date", claim.date),
        denial_kind=DenialKind(kind) if kind else None,
    )


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
