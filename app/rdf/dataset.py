"""A `ConflictGraph` in, its statements out: blocks of N-Triples, or pyoxigraph quads, always in the same order.

Speech acts are asserted, because an article says they took place; what they allege is described as a proposition and
never asserted (`plm:perpetrated` is no predicate of any statement). Unknown stays unknown: no value, no triple.
Everything is in the default graph, since claims share actors, incidents and articles. Nothing is a blank node, so two
exports compare line by line.

Evidence follows https://www.w3.org/TR/annotation-model/#text-position-selector and #text-quote-selector; origin follows
https://www.w3.org/TR/prov-o/ with one activity per reading, never one per triple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, cast

from app.graph import ConflictGraph, IncidentNode, ResolvedClaim
from app.rdf import ntriples, terms
from app.rdf.ntriples import LineStream, escape, segment, typed
from app.rdf.terms import BASE_IRI, GEO, OA, PLM, PROV, RDF, RDFS, SCHEMA, SEM, SKOS, VOID, Profile
from app.vocabulary.errors import BadQuery, NotFound
from app.vocabulary.records import Actor, Article, Place, content_id, slug
from app.vocabulary.terms import ClaimType, DenialKind, EdgeKind
from app.vocabulary.times import Period

if TYPE_CHECKING:
    from pyoxigraph import Quad

ExtractorOf = Callable[[str], str | None]
"""Article id → name and version of the extractor whose reading counts ("rules@1"), or None where unknown."""

_A = f"<{RDF}type>"
_LABEL = f"<{RDFS}label>"
_REIFIES = f"<{RDF}reifies>"
_ANNOTATION, _MOTIVATION = f"{_A} <{OA}Annotation>", f"<{OA}motivatedBy> <{OA}identifying>"
_POSITION, _QUOTE = f"{_A} <{OA}TextPositionSelector>", f"{_A} <{OA}TextQuoteSelector>"
_POINT_PRECISIONS = ("site", "settlement")
"""Only these are drawn as points; the middle of a country or region is no place where something happened."""
_DENIES_ALL = (None, DenialKind.PERPETRATION, DenialKind.OCCURRENCE)
"""Denials that reject what was alleged as a whole; the others dispute how it is told ("an accident")."""


class Statements:
    """The statements of one graph in one profile; iterating gives blocks of N-Triples, one block per thing.

    Args:
        base_iri: Instances are `{base_iri}{kind}/{id}`; absolute, ending in "/" or "#".
        extractor_of: Who read each article, where the graph's own word (`ConflictGraph.readers`) will not do.
        for_xml: Replace characters that XML cannot hold (RDF/XML only).
    """

    def __init__(
        self,
        graph: ConflictGraph,
        *,
        base_iri: str = BASE_IRI,
        profile: Profile = Profile.CLAIMS,
        extractor_of: ExtractorOf | None = None,
        for_xml: bool = False,
    ) -> None:
        self._graph = graph
        self._base = checked_base(base_iri)
        self._profile = profile
        self._extractor_of = extractor_of or graph.readers.get
        self._clean: Callable[[str], str] = (lambda t: escape(ntriples.for_xml(t))) if for_xml else escape
        self._iris: dict[tuple[str, str], str] = {}
        self._readings_of: dict[str, str] = {}
        self._incident_of: dict[str, str] | None = None

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
        described: set[str] = set()
        for name in sorted(graph.claims):
            claim = graph.claims[name]
            alleged = self._alleged(claim)
            if alleged is not None:
                proposition = self._proposition_iri(*alleged)
                if proposition not in described:
                    described.add(proposition)
                    yield self._proposition(*alleged)
            yield self._claim(claim, alleged)

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
            case "actor" if name in graph.actors:
                for whole in sorted(graph.wholes(name)):
                    if whole in graph.actors:
                        yield self._actor(graph.actors[whole])
            case "place" if name in graph.places:
                yield self._place(graph.places[name])
            case "incident" if name in graph.incidents:
                incident = graph.incidents[name]
                if incident.place is not None:
                    yield self._place(graph.places[incident.place])
                yield self._incident(incident)
            case "article" if name in graph.articles:
                article = graph.articles[name]
                yield from self._publishers([article])
                yield self._article(article)
                yield from self._readings([article])
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

    # ---- names ----

    def _iri(self, kind: str, name: str) -> str:
        if kind == "claim":
            # There are many, and each is named once or twice: remembering them would cost more than it saves.
            return f"<{self._base}claim/{segment(name)}>"
        key = (kind, name)
        found = self._iris.get(key)
        if found is None:
            found = self._iris[key] = f"<{self._base}{kind}/{segment(name)}>"
        return found

    def _proposition_iri(self, incident: str, agent: str | None) -> str:
        return f"<{self._base}proposition/{segment(incident)}" + (f"~{segment(agent)}>" if agent else ">")

    def _text(self, text: str) -> str:
        return f'"{self._clean(text)}"'

    def _reading_iri(self, article: str) -> str:
        found = self._readings_of.get(article)
        if found is None:
            found = self._readings_of[article] = f"<{self._base}reading/{self._reading_id(article)}>"
        return found

    def _reading_id(self, article: str) -> str:
        return content_id("rdg", article, self._extractor_of(article))

    # ---- blocks ----

    def heading(self) -> str:
        """What this data is: its profile and the ledger's revision."""
        profile, revision = self._profile, self._graph.revision
        s = f"<{self._base}dataset/{profile}-{revision}>"
        return (
            f"{s} {_A} <{VOID}Dataset> .\n{s} {_A} <{PROV}Entity> .\n"
            f"{s} {_LABEL} {self._text(f'Polemos, profile {profile}, ledger revision {revision}')} .\n"
            f"{s} <{PLM}revision> {typed(revision, 'integer')} .\n"
            f"{s} <{PLM}profile> {self._text(profile)} .\n"
            f"{s} <{VOID}vocabulary> <{PLM}> .\n"
        )

    def _publishers(self, articles: list[Article]) -> Iterator[str]:
        names: dict[str, str] = {}
        for article in articles:
            if article.publisher:
                iri = self._publisher_iri(article.publisher)
                names[iri] = min(article.publisher, names.get(iri, article.publisher))
        for s in sorted(names):
            yield f"{s} {_A} <{SCHEMA}Organization> .\n{s} <{SCHEMA}name> {self._text(names[s])} .\n"

    def _publisher_iri(self, name: str) -> str:
        return self._iri("publisher", slug(name) or content_id("pub", name))

    def _article(self, article: Article) -> str:
        s = self._iri("article", article.id)
        lines = [f"{s} {_A} <{SCHEMA}NewsArticle> .\n"]
        if article.title:
            lines.append(f"{s} <{SCHEMA}headline> {self._text(article.title)} .\n")
        if article.publisher:
            lines.append(f"{s} <{SCHEMA}publisher> {self._publisher_iri(article.publisher)} .\n")
        if article.published:
            lines.append(f"{s} <{SCHEMA}datePublished> {ntriples.partial_date(article.published)} .\n")
        if article.url:
            # A literal, since an address that somebody sent in need not be a valid IRI.
            lines.append(f"{s} <{SCHEMA}url> {self._text(article.url)}^^<{terms.XSD}anyURI> .\n")
        if article.external_id:
            lines.append(f"{s} <{SCHEMA}identifier> {self._text(article.external_id)} .\n")
        return "".join(lines)

    def _readings(self, articles: list[Article]) -> Iterator[str]:
        known = sorted({name for a in articles if (name := self._extractor_of(a.id)) is not None})
        for name in known:
            s = self._iri("extractor", name)
            yield f"{s} {_A} <{PROV}SoftwareAgent> .\n{s} {_LABEL} {self._text(name)} .\n"
        for article in articles:
            s = self._reading_iri(article.id)
            block = (
                f"{s} {_A} <{PLM}Reading> .\n{s} {_A} <{PROV}Activity> .\n"
                f"{s} <{PROV}used> {self._iri('article', article.id)} .\n"
            )
            extractor = self._extractor_of(article.id)
            if extractor is not None:
                block += f"{s} <{PROV}wasAssociatedWith> {self._iri('extractor', extractor)} .\n"
            yield block

    def _actor(self, actor: Actor) -> str:
        s = self._iri("actor", actor.id)
        lines = [f"{s} {_A} <{PLM}Actor> .\n{s} {_A} <{SEM}Actor> .\n"]
        if actor.kind in terms.ACTOR_CLASS:
            lines.append(f"{s} {_A} <{terms.ACTOR_CLASS[actor.kind]}> .\n")
        name = self._text(actor.name)
        lines.append(f"{s} {_LABEL} {name} .\n")
        aliases = dict.fromkeys(self._text(alias) for alias in actor.aliases)
        lines.extend(f"{s} <{SKOS}altLabel> {alias} .\n" for alias in aliases if alias != name)
        if actor.country:
            lines.append(f"{s} <{PLM}country> {self._text(actor.country)} .\n")
        if actor.part_of and actor.part_of != actor.id and self._profile is not Profile.EDGES:
            lines.append(f"{s} <{PLM}partOfActor> {self._iri('actor', actor.part_of)} .\n")
        if actor.wikidata:
            lines.append(f"{s} <{SCHEMA}sameAs> <{terms.WIKIDATA}{segment(actor.wikidata)}> .\n")
        return "".join(lines)

    def _place(self, place: Place) -> str:
        s = self._iri("place", place.id)
        lines = [
            f"{s} {_A} <{PLM}Place> .\n{s} {_A} <{SEM}Place> .\n{s} {_LABEL} {self._text(place.name)} .\n"
            f"{s} <{PLM}placePrecision> <{terms.PRECISION[place.precision]}> .\n"
        ]
        if place.country:
            lines.append(f"{s} <{PLM}country> {self._text(place.country)} .\n")
        if place.lat is not None and place.lon is not None and place.precision in _POINT_PRECISIONS:
            # Longitude first: https://docs.ogc.org/is/22-047r1/22-047r1.html#_rdfs_datatype_geowktliteral
            shape = f"{s[:-1]}#geometry>"
            lines.append(
                f"{s} <{GEO}hasGeometry> {shape} .\n{shape} {_A} <{GEO}Geometry> .\n"
                f'{shape} <{GEO}asWKT> "POINT({place.lon} {place.lat})"^^<{GEO}wktLiteral> .\n'
            )
        return "".join(lines)

    def _incident(self, incident: IncidentNode) -> str:
        s = self._iri("incident", incident.id)
        lines = [
            f"{s} {_A} <{PLM}Incident> .\n{s} {_A} <{SEM}Event> .\n{s} {_LABEL} {self._text(incident.label)} .\n",
            *(f"{s} <{PLM}incidentType> {t} .\n" for t in dict.fromkeys(map(self._text, incident.types))),
        ]
        if incident.place is not None:
            place = self._iri("place", incident.place)
            lines.append(f"{s} <{PLM}locatedIn> {place} .\n{s} <{SEM}hasPlace> {place} .\n")
        if incident.country:
            lines.append(f"{s} <{PLM}country> {self._text(incident.country)} .\n")
        if incident.date:
            period = Period.parse(incident.date)
            lines.append(
                f"{s} <{SEM}hasEarliestBeginTimeStamp> {typed(period.start, 'date')} .\n"
                f"{s} <{SEM}hasLatestEndTimeStamp> {typed(period.end, 'date')} .\n"
            )
        lines.extend(f"{s} <{PLM}reportedIn> {self._iri('article', name)} .\n" for name in incident.reported_in)
        return "".join(lines)

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
        block = f"{s} {_A} <{PLM}Proposition> .\n{s} <{PLM}incident> {self._iri('incident', incident)} .\n"
        if agent is not None:
            block += f"{s} <{PLM}agent> {self._iri('actor', agent)} .\n"
            if self._profile is Profile.RDF12:
                act = f"{self._iri('actor', agent)} <{terms.PERPETRATED}> {self._iri('incident', incident)}"
                block += f"{s} {_REIFIES} <<( {act} )>> .\n"
        return block

    def _claim(self, claim: ResolvedClaim, alleged: tuple[str, str | None] | None) -> str:
        c = claim.claim
        s = self._iri("claim", c.id)
        part = s[:-1]
        source = self._iri("actor", claim.source)
        article = self._iri("article", c.article)
        lines = [
            f"{s} {_A} <{PLM}Claim> .\n{s} {_A} <{terms.CLAIM_CLASS[c.type]}> .\n"
            f"{s} <{PLM}speaker> {self._iri('actor', claim.speaker)} .\n{s} <{PLM}onBehalfOf> {source} .\n"
        ]
        if claim.target is not None:
            lines.append(f"{s} <{PLM}target> {self._iri('actor', claim.target)} .\n")
        if claim.target_named is not None:
            lines.append(f"{s} <{PLM}targetAsNamed> {self._iri('actor', claim.target_named)} .\n")
        if claim.incident is not None:
            lines.append(f"{s} <{PLM}about> {self._iri('incident', claim.incident)} .\n")
        if alleged is not None:
            lines.append(f"{s} <{PLM}content> {self._proposition_iri(*alleged)} .\n")
        lines.append(f"{s} <{PLM}modality> <{terms.MODALITY[c.modality]}> .\n")
        if c.denial_kind is not None and c.type is ClaimType.DENIES:
            lines.append(f"{s} <{PLM}denialKind> <{terms.DENIAL_KIND[c.denial_kind]}> .\n")
        if (answered := self._answered(c.responds_to)) is not None:
            lines.append(f"{s} <{PLM}respondsTo> {answered} .\n")
        if c.date:
            lines.append(_said(s, c.date))
        if c.cue:
            lines.append(f"{s} <{PLM}cue> {self._text(c.cue)} .\n")
        e = c.evidence
        passage, position, quote = f"{part}#passage>", f"{part}#position>", f"{part}#quote>"
        lines.append(
            f"{s} <{PLM}confidence> {ntriples.probability(c.confidence)} .\n"
            f"{s} <{PROV}wasDerivedFrom> {article} .\n"
            f"{s} <{PROV}wasGeneratedBy> {self._reading_iri(c.article)} .\n"
            f"{s} <{PLM}evidence> {part}#evidence> .\n"
            f"{part}#evidence> {_ANNOTATION} .\n{part}#evidence> {_MOTIVATION} .\n"
            f"{part}#evidence> <{OA}hasTarget> {passage} .\n"
            f"{passage} {_A} <{OA}SpecificResource> .\n{passage} <{OA}hasSource> {article} .\n"
            f"{passage} <{PLM}inPart> <{terms.PART[e.part]}> .\n"
            f"{passage} <{OA}hasSelector> {position} .\n{passage} <{OA}hasSelector> {quote} .\n"
            f"{position} {_POSITION} .\n{position} <{OA}start> {typed(e.start, 'nonNegativeInteger')} .\n"
            f"{position} <{OA}end> {typed(e.end, 'nonNegativeInteger')} .\n"
            f"{quote} {_QUOTE} .\n{quote} <{OA}exact> {self._text(e.quote)} .\n"
        )
        if self._profile is Profile.RDF12 and claim.target is not None:
            act = terms.SPEECH_ACT.get((c.type, c.modality))
            if act is not None:
                lines.append(f"{s} {_REIFIES} <<( {source} <{act}> {self._iri('actor', claim.target)} )>> .\n")
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

    def _claim_with_neighbours(self, claim: ResolvedClaim) -> Iterator[str]:
        graph = self._graph
        article = graph.articles[claim.claim.article]
        yield from self._publishers([article])
        yield self._article(article)
        yield from self._readings([article])
        actors = {claim.speaker, claim.source, claim.target, claim.target_named} - {None}
        alleged = self._alleged(claim)
        if alleged is not None and alleged[1] is not None:
            actors.add(alleged[1])
        for name in sorted(str(actor) for actor in actors):
            yield self._actor(graph.actors[name])
        incidents = {claim.incident, alleged[0] if alleged is not None else None} - {None}
        for name in sorted(str(incident) for incident in incidents):
            yield self._incident(graph.incidents[name])
        if alleged is not None:
            yield self._proposition(*alleged)
        yield self._claim(claim, alleged)

    def _edges(self) -> Iterator[str]:
        graph = self._graph
        for name in sorted(graph.actors):
            yield self._actor(graph.actors[name])
        found = set()
        for edge in graph.edges():
            if edge.source in graph.actors and edge.target in graph.actors:
                if edge.kind is EdgeKind.PART_OF:
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


def checked_base(base_iri: str) -> str:
    """The base IRI itself.

    Raises:
        BadQuery: It is not an absolute IRI that ends in "/" or "#".
    """
    from pyoxigraph import NamedNode

    try:
        NamedNode(base_iri)
    except ValueError as why:
        raise BadQuery(f"the base IRI {base_iri!r} is not an absolute IRI: {why}") from why
    if not base_iri.endswith(("/", "#")):
        raise BadQuery(f"the base IRI {base_iri!r} must end in '/' or '#'")
    return base_iri


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
