"""A `ConflictGraph` in, its statements out: blocks of N-Triples, or pyoxigraph quads, always in the same order.

Speech acts are asserted, because an article says they took place; what they allege or take upon themselves is described
as a proposition and never asserted (`plm:perpetrated` is no predicate of any statement). Unknown stays unknown: no
value, no triple. Everything is in the default graph, since claims share actors, incidents and articles. Nothing is a
blank node, so two exports compare line by line.

Evidence follows https://www.w3.org/TR/annotation-model/#text-position-selector and #text-quote-selector; origin follows
https://www.w3.org/TR/prov-o/ with one activity per reading, never one per triple.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, cast

from app.graph import ConflictGraph, ResolvedAcknowledgement, ResolvedClaim
from app.rdf import ntriples, terms
from app.rdf.ntriples import LineStream, typed
from app.rdf.terms import BASE_IRI, OA, PLM, PROV, RDF, SCHEMA, VOID, Profile
from app.rdf.things import LABEL, A, ExtractorOf, Things
from app.vocabulary.errors import NotFound
from app.vocabulary.records import Acknowledgement, Claim
from app.vocabulary.terms import ClaimType, DenialKind, EdgeKind
from app.vocabulary.times import Period

if TYPE_CHECKING:
    from pyoxigraph import Quad

_REIFIES = f"<{RDF}reifies>"
_ANNOTATION, _MOTIVATION = f"{A} <{OA}Annotation>", f"<{OA}motivatedBy> <{OA}identifying>"
_POSITION, _QUOTE = f"{A} <{OA}TextPositionSelector>", f"{A} <{OA}TextQuoteSelector>"
_DENIES_ALL = (None, DenialKind.PERPETRATION, DenialKind.OCCURRENCE)
"""Denials that reject what was alleged as a whole; the others dispute how it is told ("an accident")."""


class Statements(Things):
    """The statements of one graph in one profile; iterating gives blocks of N-Triples, one block per thing."""

    _incident_of: dict[str, str] | None = None

    def __iter__(self) -> Iterator[str]:
        yield self.heading()
        if self._profile is Profile.EDGES:
            yield from self._edges()
            return
        graph = self._graph
        articles = [graph.articles[name] for name in sorted(graph.articles)]
        yield from self._publishers(articles)
        for article in articles:
            yield self._article(article)
        yield from self._readings(articles)
        for name in sorted(graph.actors):
            yield self._actor(graph.actors[name])
        for name in sorted(graph.places):
            yield self._place(graph.places[name])
        for name in sorted(graph.incidents):
            yield self._incident(graph.incidents[name])
        described: set[tuple[str, str | None]] = set()
        for name in sorted(graph.claims):
            claim = graph.claims[name]
            alleged = self._alleged(claim)
            if alleged is not None and alleged not in described:
                described.add(alleged)
                yield self._proposition(*alleged)
            yield self._claim(claim, alleged)
        for name in sorted(graph.acknowledgements):
            found = graph.acknowledgements[name]
            if (found.incident, found.actor) not in described:
                described.add((found.incident, found.actor))
                yield self._proposition(found.incident, found.actor)
            yield self._acknowledgement(found)

    def of(self, kind: str, name: str) -> Iterator[str]:
        """What is said of one thing, and enough of its neighbours to read it.

        Raises:
            NotFound: There is no such thing.
        """
        graph = self._graph
        yield self.heading()
        match kind:
            case "claim":
                yield from self._claim_with_neighbours(graph.claim(name))
            case "acknowledgement" if name in graph.acknowledgements:
                yield from self._acknowledgement_with_neighbours(graph.acknowledgements[name])
            case "actor" if name in graph.actors:
                yield from self._actors(self._with_wholes(name))
            case "place" if name in graph.places:
                yield self._place(graph.places[name])
            case "incident" if name in graph.incidents:
                incident = graph.incidents[name]
                if incident.place is not None:
                    yield self._place(graph.places[incident.place])
                yield self._incident(incident)
            case "article" if name in graph.articles:
                yield from self._articles_of(name)
            case "proposition":
                incident_id, _, agent = name.partition("~")
                if incident_id not in graph.incidents or (agent and agent not in graph.actors):
                    raise NotFound(f"no {kind} has the id {name!r}")
                yield self._proposition(incident_id, agent or None)
            case "reading":
                read = [a for a in graph.articles.values() if self._reading_id(a.id) == name]
                if not read:
                    raise NotFound(f"no {kind} has the id {name!r}")
                yield from self._readings(read)
            case _:
                raise NotFound(f"no {kind} has the id {name!r}")

    # ---- blocks ----

    def heading(self) -> str:
        """What this data is: its profile and the ledger's revision."""
        profile, revision = self._profile, self._graph.revision
        s = f"<{self._base}dataset/{profile}-{revision}>"
        return (
            f"{s} {A} <{VOID}Dataset> .\n{s} {A} <{PROV}Entity> .\n"
            f"{s} {LABEL} {self._text(f'Polemos, profile {profile}, ledger revision {revision}')} .\n"
            f"{s} <{PLM}revision> {typed(revision, 'integer')} .\n"
            f"{s} <{PLM}profile> {self._text(profile)} .\n"
            f"{s} <{VOID}vocabulary> <{PLM}> .\n"
        )

    def _alleged(self, claim: ResolvedClaim) -> tuple[str, str | None] | None:
        """Which proposition (incident, agent) a claim is about; None unless that is known, never a guess.

        An accusation says that its target did it. A denial rejects what the accusation it answers says; failing such
        an accusation, "not us" is about its source and "it never happened" about nobody.
        """
        kind = claim.claim.type
        if kind is ClaimType.ACCUSES and claim.incident is not None and claim.target is not None:
            return claim.incident, claim.target
        if kind is ClaimType.DENIES and claim.claim.denial_kind in _DENIES_ALL:
            answered = self._graph.claims.get(claim.claim.responds_to or "")
            if answered is not None and answered.claim.type is ClaimType.ACCUSES:
                return self._alleged(answered)
            if claim.incident is not None and claim.claim.denial_kind is DenialKind.PERPETRATION:
                return claim.incident, claim.source
            if claim.incident is not None and claim.claim.denial_kind is DenialKind.OCCURRENCE:
                return claim.incident, None
        return None

    def _proposition(self, incident: str, agent: str | None) -> str:
        s = self._proposition_iri(incident, agent)
        block = f"{s} {A} <{PLM}Proposition> .\n{s} <{PLM}incident> {self._iri('incident', incident)} .\n"
        if agent is not None:
            block += f"{s} <{PLM}agent> {self._iri('actor', agent)} .\n"
            if self._profile is Profile.RDF12:
                act = f"{self._iri('actor', agent)} <{terms.PERPETRATED}> {self._iri('incident', incident)}"
                block += f"{s} {_REIFIES} <<( {act} )>> .\n"
        return block

    def _claim(self, claim: ResolvedClaim, alleged: tuple[str, str | None] | None) -> str:
        c = claim.claim
        s = self._iri("claim", c.id)
        source = self._iri("actor", claim.source)
        lines = [
            f"{s} {A} <{PLM}Claim> .\n{s} {A} <{terms.CLAIM_CLASS[c.type]}> .\n"
            f"{s} <{PLM}speaker> {self._iri('actor', claim.speaker)} .\n{s} <{PLM}onBehalfOf> {source} .\n"
        ]
        if claim.source_named is not None:
            lines.append(f"{s} <{PLM}sourceAsNamed> {self._iri('actor', claim.source_named)} .\n")
        # Triples have no order, so each relay is a node with its number.
        relays = [(self._part(s, f"relay-{number}"), number, by) for number, by in enumerate(claim.relayed_by, start=1)]
        lines.extend(f"{s} <{PLM}relayedBy> {relay} .\n" for relay, _, _ in relays)
        if claim.target is not None:
            lines.append(f"{s} <{PLM}target> {self._iri('actor', claim.target)} .\n")
        if claim.target_named is not None:
            lines.append(f"{s} <{PLM}targetAsNamed> {self._iri('actor', claim.target_named)} .\n")
        if claim.incident is not None:
            lines.append(f"{s} <{PLM}about> {self._iri('incident', claim.incident)} .\n")
        if alleged is not None:
            lines.append(f"{s} <{PLM}content> {self._proposition_iri(*alleged)} .\n")
        lines.append(f"{s} <{PLM}modality> <{terms.MODALITY[c.modality]}> .\n")
        if c.threat_kind is not None:
            lines.append(f"{s} <{PLM}threatKind> <{terms.THREAT_KIND[c.threat_kind]}> .\n")
        if c.rung is not None:
            lines.append(f"{s} <{PLM}rung> <{terms.RUNG[c.rung]}> .\n")
        if c.denial_kind is not None and c.type is ClaimType.DENIES:
            lines.append(f"{s} <{PLM}denialKind> <{terms.DENIAL_KIND[c.denial_kind]}> .\n")
        if (answered := self._answered(c.responds_to)) is not None:
            lines.append(f"{s} <{PLM}respondsTo> {answered} .\n")
        if claim.happened.start is not None:
            lines.append(f"{s} <{PLM}happenedNotBefore> {typed(claim.happened.start, 'date')} .\n")
        if claim.happened.end is not None:
            lines.append(f"{s} <{PLM}happenedNotAfter> {typed(claim.happened.end, 'date')} .\n")
        lines.append(self._report(s, c, claim))
        if self._profile is Profile.RDF12 and claim.target is not None:
            act = terms.SPEECH_ACT.get((c.type, c.modality))
            if act is not None:
                lines.append(f"{s} {_REIFIES} <<( {source} <{act}> {self._iri('actor', claim.target)} )>> .\n")
        lines.extend(
            f"{relay} {A} <{PLM}Relay> .\n{relay} <{PLM}actor> {self._iri('actor', by)} .\n"
            f"{relay} <{SCHEMA}position> {typed(number, 'integer')} .\n"
            for relay, number, by in relays
        )
        return "".join(lines)

    def _acknowledgement(self, found: ResolvedAcknowledgement) -> str:
        one = found.acknowledgement
        s = self._iri("acknowledgement", one.id)
        return (
            f"{s} {A} <{PLM}Acknowledgement> .\n"
            f"{s} <{PLM}acknowledgementKind> <{terms.ACKNOWLEDGEMENT_KIND[one.kind]}> .\n"
            f"{s} <{PLM}speaker> {self._iri('actor', found.speaker)} .\n"
            f"{s} <{PLM}actor> {self._iri('actor', found.actor)} .\n"
            f"{s} <{PLM}about> {self._iri('incident', found.incident)} .\n"
            f"{s} <{PLM}content> {self._proposition_iri(found.incident, found.actor)} .\n"
        ) + self._report(s, one, found)

    def _report(self, s: str, one: Claim | Acknowledgement, found: ResolvedClaim | ResolvedAcknowledgement) -> str:
        """When it was said, published and ingested, where it stands, what found it, and from which text it descends."""
        article, e = self._iri("article", one.article), one.evidence
        evidence, passage = self._part(s, "evidence"), self._part(s, "passage")
        position, quote = self._part(s, "position"), self._part(s, "quote")
        lines = [_said(s, one.date)] if one.date else []
        if found.published:
            lines.append(f"{s} <{PLM}published> {ntriples.partial_date(found.published)} .\n")
        if found.ingested:
            lines.append(f"{s} <{PLM}ingested> {typed(found.ingested, 'dateTime')} .\n")
        if one.cue:
            lines.append(f"{s} <{PLM}cue> {self._text(one.cue)} .\n")
        lines.append(
            f"{s} <{PLM}confidence> {ntriples.probability(one.confidence)} .\n"
            f"{s} <{PLM}lineage> {self._iri('article', found.lineage)} .\n"
            f"{s} <{PROV}wasDerivedFrom> {article} .\n"
            f"{s} <{PROV}wasGeneratedBy> {self._reading_iri(one.article)} .\n"
            f"{s} <{PLM}evidence> {evidence} .\n"
            f"{evidence} {_ANNOTATION} .\n{evidence} {_MOTIVATION} .\n"
            f"{evidence} <{OA}hasTarget> {passage} .\n"
            f"{passage} {A} <{OA}SpecificResource> .\n{passage} <{OA}hasSource> {article} .\n"
            f"{passage} <{PLM}inPart> <{terms.PART[e.part]}> .\n"
            f"{passage} <{OA}hasSelector> {position} .\n{passage} <{OA}hasSelector> {quote} .\n"
            f"{position} {_POSITION} .\n{position} <{OA}start> {typed(e.start, 'nonNegativeInteger')} .\n"
            f"{position} <{OA}end> {typed(e.end, 'nonNegativeInteger')} .\n"
            f"{quote} {_QUOTE} .\n{quote} <{OA}exact> {self._text(e.quote)} .\n"
        )
        return "".join(lines)

    def _answered(self, name: str | None) -> str | None:
        """The claim or incident a claim answers, where the graph still has it."""
        if name is None:
            return None
        if name in self._graph.claims:
            return self._iri("claim", name)
        if self._incident_of is None:
            nodes = self._graph.incidents.values()
            self._incident_of = {member: node.id for node in nodes for member in (*node.members, node.id)}
        incident = self._incident_of.get(name)
        return self._iri("incident", incident) if incident is not None else None

    def _articles_of(self, *names: str) -> Iterator[str]:
        # The text that a claim descends from may have been retracted; then its name is all there is of it.
        articles = [self._graph.articles[name] for name in sorted(set(names)) if name in self._graph.articles]
        yield from self._publishers(articles)
        for article in articles:
            yield self._article(article)
        yield from self._readings(articles)

    def _actors(self, names: set[str | None]) -> Iterator[str]:
        for name in sorted(name for name in names if name is not None):
            yield self._actor(self._graph.actors[name])

    def _with_wholes(self, actor: str) -> set[str | None]:
        """The actor, and everything that it is or was part of."""
        found: set[str | None] = set()
        waiting = [actor]
        while waiting:
            here = waiting.pop()
            if here not in found and here in self._graph.actors:
                found.add(here)
                record = self._graph.actors[here]
                waiting.extend(membership.whole for membership in record.memberships)
                waiting.extend([record.part_of] if record.part_of is not None else [])
        return found

    def _claim_with_neighbours(self, claim: ResolvedClaim) -> Iterator[str]:
        yield from self._articles_of(claim.claim.article, claim.lineage)
        alleged = self._alleged(claim)
        incident, agent = alleged or (None, None)
        actors = {claim.speaker, claim.source, claim.source_named, claim.target, claim.target_named, agent}
        yield from self._actors({*actors, *claim.relayed_by})
        for name in sorted({one for one in (claim.incident, incident) if one is not None}):
            yield self._incident(self._graph.incidents[name])
        if alleged is not None:
            yield self._proposition(*alleged)
        yield self._claim(claim, alleged)

    def _acknowledgement_with_neighbours(self, found: ResolvedAcknowledgement) -> Iterator[str]:
        yield from self._articles_of(found.acknowledgement.article, found.lineage)
        yield from self._actors({found.speaker, found.actor})
        yield self._incident(self._graph.incidents[found.incident])
        yield self._proposition(found.incident, found.actor)
        yield self._acknowledgement(found)

    def _edges(self) -> Iterator[str]:
        graph = self._graph
        for name in sorted(graph.actors):
            yield self._actor(graph.actors[name])
        found = set()
        for edge in graph.edges():
            if edge.source in graph.actors and edge.target in graph.actors:
                if edge.kind is EdgeKind.PART_OF:
                    # Of what it was part of once, the property, which tells of today, says nothing.
                    if edge.claims or graph.actors[edge.source].part_of == edge.target:
                        found.add((edge.source, f"<{PLM}partOfActor>", edge.target))
                elif edge.modality is not None:
                    act = terms.SPEECH_ACT.get((ClaimType(edge.kind), edge.modality))
                    if act is not None:
                        found.add((edge.source, f"<{act}>", edge.target))
        for source, act, target in sorted(found):
            yield f"{self._iri('actor', source)} {act} {self._iri('actor', target)} .\n"


def _said(s: str, date: str) -> str:
    """When a claim was made: one date as precise as it is known, and its bounds where that is no single day."""
    line = f"{s} <{PLM}saidOn> {ntriples.partial_date(date)} .\n" if "/" not in date else ""
    period = Period.parse(date)
    if period.start != period.end:
        line += (
            f"{s} <{PLM}saidNotBefore> {typed(period.start, 'date')} .\n"
            f"{s} <{PLM}saidNotAfter> {typed(period.end, 'date')} .\n"
        )
    return line


def quads(
    graph: ConflictGraph,
    *,
    base_iri: str = BASE_IRI,
    profile: Profile = Profile.CLAIMS,
    extractor_of: ExtractorOf | None = None,
) -> Iterator[Quad]:
    """Every statement as a pyoxigraph quad of the default graph, streaming, in the order of `Statements`."""
    from pyoxigraph import RdfFormat, parse

    statements = Statements(graph, base_iri=base_iri, profile=profile, extractor_of=extractor_of)
    yield from parse(cast("IO[bytes]", LineStream(statements)), RdfFormat.N_TRIPLES, lenient=True)
