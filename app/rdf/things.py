"""Actors, places, incidents, articles and readings in, their blocks of N-Triples out: all that no claim is needed for.

An incident says what, where, when and in which articles, and never who; an actor says its names and what it is part of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from app.graph import ConflictGraph, IncidentNode
from app.rdf import ntriples, terms
from app.rdf.ntriples import quoted, segment, typed
from app.rdf.terms import BASE_IRI, GEO, PLM, PROV, RDF, RDFS, SCHEMA, SEM, SKOS, Profile
from app.vocabulary.errors import BadQuery
from app.vocabulary.records import REPUBLISHED, Actor, Article, Membership, Place, content_id, slug
from app.vocabulary.times import Period

ExtractorOf = Callable[[str], str | None]
"""Article id → name and version of the extractor whose reading counts ("rules@1"), or None where unknown."""

A = f"<{RDF}type>"
LABEL = f"<{RDFS}label>"
_POINT_PRECISIONS = ("site", "settlement")
"""Only these are drawn as points; the middle of a country or region is no place where something happened."""


# What follows the name of an incident, of which there are many.
_IS_INCIDENT_ONE, _IS_INCIDENT_TWO = f" {A} <{PLM}Incident> .\n", f" {A} <{SEM}Event> .\n"
_INCIDENT_TYPE, _COUNTRY, _LOCATED_IN, _REPORTED_IN = (
    f" <{PLM}{name}> " for name in ("incidentType", "country", "locatedIn", "reportedIn")
)
_HAS_PLACE = f" <{SEM}hasPlace> "


class _Iris(dict[str, str]):
    """IRIs of one kind of thing by id, each made when it is first asked for."""

    def __init__(self, start: str, id_of: Callable[[str], str] = segment) -> None:
        super().__init__()
        self.start = start
        self._id_of = id_of

    def __missing__(self, name: str) -> str:
        found = self[name] = f"{self.start}{self._id_of(name)}>"
        return found


def _publisher_id(name: str) -> str:
    return segment(slug(name) or content_id("pub", name))


def _quoted_for_xml(text: str) -> str:
    return quoted(ntriples.for_xml(text))


@lru_cache(maxsize=16_384)
def _bounds(date: str) -> tuple[str, str]:
    """The first and the last day of a date, as what follows the name of an incident."""
    period = Period.parse(date)
    return (
        f" <{SEM}hasEarliestBeginTimeStamp> {typed(period.start, 'date')} .\n",
        f" <{SEM}hasLatestEndTimeStamp> {typed(period.end, 'date')} .\n",
    )


class Things:
    """What is said of actors, places, incidents, articles and readings; each method gives one thing's block.

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
        # An IRI has one "#" at most: https://www.rfc-editor.org/rfc/rfc3987#section-2.2
        self._before_part = "/" if "#" in base_iri else "#"
        self._profile = profile
        known = extractor_of or graph.readers.get
        self._extractor_of: ExtractorOf = lambda article: first_reader(known(article))
        self._text: Callable[[str], str] = _quoted_for_xml if for_xml else quoted
        self._iris: dict[str, _Iris] = {kind: _Iris(f"<{self._base}{kind}/") for kind in terms.KINDS}
        self._before_proposition, self._before_incident, self._before_actor = (
            self._iris[kind].start for kind in ("proposition", "incident", "actor")
        )
        reader_of = self._extractor_of
        # Not a method, which would hold all of this, and be held by it.
        self._readings_of = _Iris(f"<{self._base}reading/", lambda name: content_id("rdg", name, reader_of(name)))
        self._publishers_of = _Iris(f"<{self._base}publisher/", _publisher_id)
        self._merged: dict[str, list[str]] | None = None

    # ---- names ----

    def _iri(self, kind: str, name: str) -> str:
        if kind == "claim":
            # There are many, and each is named once or twice: remembering them would cost more than it saves.
            return f"<{self._base}claim/{segment(name)}>"
        return self._iris[kind][name]

    def _part(self, s: str, name: str) -> str:
        """A part of a thing, such as a claim's evidence."""
        return f"{s[:-1]}{self._before_part}{name}>"

    def _proposition_iri(self, incident: str, agent: str | None) -> str:
        about = self._iris["incident"][incident]
        start = f"{self._before_proposition}{about[len(self._before_incident) : -1]}"
        return f"{start}~{self._iris['actor'][agent][len(self._before_actor) : -1]}>" if agent else f"{start}>"

    # ---- blocks ----

    def _publishers(self, articles: list[Article]) -> Iterator[str]:
        names: dict[str, str] = {}
        for article in articles:
            if article.publisher:
                iri = self._publishers_of[article.publisher]
                names[iri] = min(article.publisher, names.get(iri, article.publisher))
        for s in sorted(names):
            yield f"{s} {A} <{SCHEMA}Organization> .\n{s} <{SCHEMA}name> {self._text(names[s])} .\n"

    def _article(self, article: Article) -> str:
        s = self._iri("article", article.id)
        lines = [f"{s} {A} <{SCHEMA}NewsArticle> .\n"]
        if article.title:
            lines.append(f"{s} <{SCHEMA}headline> {self._text(article.title)} .\n")
        if article.publisher:
            lines.append(f"{s} <{SCHEMA}publisher> {self._publishers_of[article.publisher]} .\n")
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
            yield f"{s} {A} <{PROV}SoftwareAgent> .\n{s} {LABEL} {self._text(name)} .\n"
        for article in articles:
            s = self._readings_of[article.id]
            block = (
                f"{s} {A} <{PLM}Reading> .\n{s} {A} <{PROV}Activity> .\n"
                f"{s} <{PROV}used> {self._iri('article', article.id)} .\n"
            )
            extractor = self._extractor_of(article.id)
            if extractor is not None:
                block += f"{s} <{PROV}wasAssociatedWith> {self._iri('extractor', extractor)} .\n"
            yield block

    def _actor(self, actor: Actor) -> str:
        s = self._iri("actor", actor.id)
        lines = [f"{s} {A} <{PLM}Actor> .\n{s} {A} <{SEM}Actor> .\n"]
        if actor.kind in terms.ACTOR_CLASS:
            lines.append(f"{s} {A} <{terms.ACTOR_CLASS[actor.kind]}> .\n")
        name = self._text(actor.name)
        lines.append(f"{s} {LABEL} {name} .\n")
        aliases = dict.fromkeys(self._text(alias) for alias in actor.aliases)
        lines.extend(f"{s} <{SKOS}altLabel> {alias} .\n" for alias in aliases if alias != name)
        if actor.country:
            lines.append(f"{s} <{PLM}country> {self._text(actor.country)} .\n")
        if actor.part_of and actor.part_of != actor.id and self._profile is not Profile.EDGES:
            lines.append(f"{s} <{PLM}partOfActor> {self._iri('actor', actor.part_of)} .\n")
        dated = actor.memberships if self._profile is not Profile.EDGES else ()
        memberships = [(self._part(s, _membership_name(membership)), membership) for membership in dated]
        lines.extend(f"{s} <{PLM}membership> {iri} .\n" for iri, _ in memberships)
        # Of what was judged to be this very actor, the ids remain known.
        lines.extend(f"{s} <{SCHEMA}identifier> {self._text(name)} .\n" for name in self._merged_into(actor.id))
        if actor.wikidata:
            lines.append(f"{s} <{SCHEMA}sameAs> <{terms.WIKIDATA}{segment(actor.wikidata)}> .\n")
        lines.extend(self._membership(iri, membership) for iri, membership in memberships)
        return "".join(lines)

    def _merged_into(self, actor: str) -> list[str]:
        """Ids of actors that were judged to be this one."""
        if self._merged is None:
            self._merged = {}
            actors = self._graph.actors
            for other, node in sorted(pair for pair in self._graph.merged.items() if pair[1] in actors):
                self._merged.setdefault(node, []).append(other)
        return self._merged.get(actor, [])

    def _membership(self, s: str, membership: Membership) -> str:
        block = f"{s} {A} <{PLM}Membership> .\n{s} <{PLM}whole> {self._iri('actor', membership.whole)} .\n"
        for name, day in (("since", membership.since), ("until", membership.until)):
            if day:
                block += f"{s} <{PLM}{name}> {ntriples.partial_date(day)} .\n"
        return block

    def _place(self, place: Place) -> str:
        s = self._iri("place", place.id)
        lines = [
            f"{s} {A} <{PLM}Place> .\n{s} {A} <{SEM}Place> .\n{s} {LABEL} {self._text(place.name)} .\n"
            f"{s} <{PLM}placePrecision> <{terms.PRECISION[place.precision]}> .\n"
        ]
        if place.country:
            lines.append(f"{s} <{PLM}country> {self._text(place.country)} .\n")
        if place.lat is not None and place.lon is not None and place.precision in _POINT_PRECISIONS:
            # Longitude first: https://docs.ogc.org/is/22-047r1/22-047r1.html#_rdfs_datatype_geowktliteral
            shape = self._part(s, "geometry")
            lines.append(
                f"{s} <{GEO}hasGeometry> {shape} .\n{shape} {A} <{GEO}Geometry> .\n"
                f'{shape} <{GEO}asWKT> "POINT({place.lon} {place.lat})"^^<{GEO}wktLiteral> .\n'
            )
        return "".join(lines)

    def _incident(
        self, incident: IncidentNode, articles: Iterable[str] | None = None, known_as: Sequence[str] | None = None
    ) -> str:
        """An incident; of the articles that report it, and of its ids there, only these where they are given."""
        s = self._iris["incident"][incident.id]
        told = incident.reported_in if articles is None else [a for a in articles if a in incident.reported_in]
        others = known_as if known_as is not None else incident.members
        types = incident.types if len(incident.types) < 2 else dict.fromkeys(incident.types)
        lines = [
            f"{s}{_IS_INCIDENT_ONE}{s}{_IS_INCIDENT_TWO}{s} {LABEL} {self._text(incident.label)} .\n",
            *[f"{s}{_INCIDENT_TYPE}{self._text(type_)} .\n" for type_ in types],
        ]
        if incident.place is not None:
            place = self._iris["place"][incident.place]
            lines.append(f"{s}{_LOCATED_IN}{place} .\n{s}{_HAS_PLACE}{place} .\n")
        if incident.country:
            lines.append(f"{s}{_COUNTRY}{self._text(incident.country)} .\n")
        if incident.date:
            earliest, latest = _bounds(incident.date)
            lines.append(f"{s}{earliest}{s}{latest}")
        lines.extend([f"{s}{_REPORTED_IN}{self._iris['article'][name]} .\n" for name in told])
        if len(others) > 1 or known_as is not None:
            aliases = sorted({*others} - {incident.id})
            lines.extend(f"{s} <{SCHEMA}identifier> {self._text(name)} .\n" for name in aliases)
        return "".join(lines)


def _membership_name(membership: Membership) -> str:
    """Whole and period make its name, so that one more membership does not rename the others."""
    period = "".join(
        f"-{name}-{segment(day)}" for name, day in (("since", membership.since), ("until", membership.until)) if day
    )
    return f"membership-{segment(membership.whole)}{period}"


def first_reader(reader: str | None) -> str | None:
    """Who read it first, of a reading that came in as RDF ("rdf@1:rules@1"); else the reader itself."""
    if reader is None or not reader.startswith(REPUBLISHED):
        return reader
    return reader.partition(":")[2] or None


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
