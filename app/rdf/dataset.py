"""A `ConflictGraph` in, its statements out: blocks of N-Triples, or pyoxigraph quads, always in the same order.

Speech acts are asserted, because an article says they took place; what they allege or take upon themselves is described
as a proposition and never asserted (`plm:perpetrated` is no predicate of any statement). Unknown stays unknown: no
value, no triple. Everything is in the default graph, since claims share actors, incidents and articles. Nothing is a
blank node, so two exports compare line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, cast

from app.graph import ConflictGraph, ResolvedAcknowledgement, ResolvedClaim
from app.rdf import chosen, nanopub, terms
from app.rdf.acts import Acts
from app.rdf.chosen import Chosen, dataset_name, slice_in_words
from app.rdf.ntriples import LineStream, segment, typed
from app.rdf.terms import BASE_IRI, DCTERMS, PLM, PROV, VOID, Profile
from app.rdf.things import LABEL, A, ExtractorOf
from app.vocabulary.errors import NotFound
from app.vocabulary.records import Acknowledgement, Claim
from app.vocabulary.terms import ClaimType, EdgeKind

if TYPE_CHECKING:
    from pyoxigraph import Quad

_PART_OF = f"<{PLM}partOfActor>"


class Statements(Acts):
    """The statements of one graph in one profile; iterating gives blocks of N-Triples, one block per thing.

    In the profile `nanopub` a block is one nanopublication in N-Quads.

    Args:
        claims: Ids of the only claims to state, with what they name (see `app.rdf.chosen`); all where None.
        selection: How these were chosen, in words; the data set says so, and is named after it.
    """

    def __init__(
        self,
        graph: ConflictGraph,
        *,
        base_iri: str = BASE_IRI,
        profile: Profile = Profile.CLAIMS,
        extractor_of: ExtractorOf | None = None,
        for_xml: bool = False,
        claims: Iterable[str] | None = None,
        selection: str = "",
    ) -> None:
        super().__init__(graph, base_iri=base_iri, profile=profile, extractor_of=extractor_of, for_xml=for_xml)
        if claims is None:
            self._chosen: Chosen | None = None
        else:
            found = sorted(set(claims))
            alleged = (self._alleged(graph.claim(name)) for name in found)
            asked = selection or "claims by id"
            self._chosen = chosen.part(graph, found, asked, {one for one in alleged if one is not None})

    def __iter__(self) -> Iterator[str]:
        for pieces in self._things():
            yield pieces if isinstance(pieces, str) else "".join(pieces)

    def pieces(self) -> Iterator[str]:
        """The same text, what belongs together not always at one go: for those who only write it down."""
        for pieces in self._things():
            if isinstance(pieces, str):
                yield pieces
            else:
                yield from pieces

    def _things(self) -> Iterator[str | tuple[str, str]]:
        whole = self._chosen if self._chosen is not None else chosen.everything(self._graph)
        if self._profile is Profile.NANOPUB:
            yield from self._nanopublications(whole)
            return
        yield self.heading()
        if self._profile is Profile.EDGES:
            yield from self._edges(whole)
            return
        graph = self._graph
        articles = [graph.articles[name] for name in whole.articles]
        yield from self._publishers(articles)
        for article in articles:
            yield self._article(article)
        yield from self._readings(articles)
        for name in whole.actors:
            yield self._actor(graph.actors[name])
        for name in whole.places:
            yield self._place(graph.places[name])
        for name in whole.incidents:
            yield self._incident(graph.incidents[name])
        described: set[tuple[str, str | None]] = set()
        for name in whole.claims:
            claim = graph.claims[name]
            alleged = self._alleged(claim)
            if alleged is not None and alleged not in described:
                described.add(alleged)
                yield self._proposition(*alleged)
            yield self._claim_in_pieces(claim, alleged)
        for name in whole.acknowledgements:
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
        if self._profile is Profile.NANOPUB:
            yield self._nanopublication_of(kind, name)
            return
        yield self.heading()
        match kind:
            case "claim":
                yield from self._claim_with_neighbours(graph.claim(name))
            case "acknowledgement" if name in graph.acknowledgements:
                yield from self._acknowledgement_with_neighbours(graph.acknowledgements[name])
            case "actor" if name in graph.actors:
                yield from self._actors(chosen.with_wholes(graph, [name]))
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
                s = f"<{self._base}reading/{segment(name)}>"
                read = [a for a in graph.articles.values() if self._readings_of[a.id] == s]
                if not read:
                    raise NotFound(f"no {kind} has the id {name!r}")
                yield from self._readings(read)
            case "publisher" | "extractor":
                yield from self._named(kind, name)
            case _:
                raise NotFound(f"no {kind} has the id {name!r}")

    def _named(self, kind: str, name: str) -> Iterator[str]:
        """Who publishes articles, or reads them."""
        articles = list(self._graph.articles.values())
        s = f"<{self._base}{kind}/{segment(name)}>"
        blocks = self._publishers(articles) if kind == "publisher" else self._readings(articles)
        found = [block for block in blocks if block.startswith(f"{s} ")]
        if not found:
            raise NotFound(f"no {kind} has the id {name!r}")
        yield from found

    # ---- blocks ----

    def heading(self) -> str:
        """What this data is: its profile, the ledger's revision, and which part of it where it is not all."""
        profile, revision = self._profile, self._graph.revision
        whole, s = self._dataset_iri(), self._this_dataset()
        label = f"Polemos, profile {profile}, ledger revision {revision}"
        block = (
            f"{s} {A} <{VOID}Dataset> .\n{s} {A} <{PROV}Entity> .\n"
            f"{s} {LABEL} {self._text(label if s == whole else label + ', in part')} .\n"
            f"{s} <{PLM}revision> {typed(revision, 'integer')} .\n"
            f"{s} <{PLM}profile> {self._text(profile)} .\n"
            f"{s} <{VOID}vocabulary> <{PLM}> .\n"
            f"{s} <{DCTERMS}conformsTo> <{terms.ONTOLOGY_VERSION_IRI}> .\n"
        )
        words = filter(None, (slice_in_words(self._graph), self._chosen.selection if self._chosen is not None else ""))
        if s != whole:
            block += f"{s} <{PLM}selection> {self._text(' '.join(words))} .\n{s} <{DCTERMS}isPartOf> {whole} .\n"
        return block

    def _dataset_iri(self) -> str:
        return f"<{self._base}dataset/{self._profile}-{self._graph.revision}>"

    def _held_iri(self) -> str:
        return f"<{self._base}dataset/{dataset_name(self._graph, self._profile)}>"

    def _this_dataset(self) -> str:
        """The data set that these statements are: the whole, or a part named after what was asked for."""
        held = self._held_iri()
        return held if self._chosen is None else f"{held[:-1]}-{self._chosen.mark}>"

    def _articles_of(self, *names: str) -> Iterator[str]:
        # The text that a claim descends from may have been retracted; then its name is all there is of it.
        articles = [self._graph.articles[name] for name in sorted(set(names)) if name in self._graph.articles]
        yield from self._publishers(articles)
        for article in articles:
            yield self._article(article)
        yield from self._readings(articles)

    def _actors(self, names: Iterable[str]) -> Iterator[str]:
        for name in sorted(names):
            yield self._actor(self._graph.actors[name])

    def _claim_with_neighbours(self, claim: ResolvedClaim) -> Iterator[str]:
        yield from self._articles_of(claim.article, claim.lineage)
        alleged = self._alleged(claim)
        incident, agent = alleged or (None, None)
        yield from self._actors(chosen.actors_of(claim) | ({agent} if agent is not None else set()))
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

    # ---- nanopublications ----

    def _nanopublications(self, whole: Chosen) -> Iterator[str]:
        for name in whole.claims:
            yield self._nanopublication_of("claim", name)
        for name in whole.acknowledgements:
            yield self._nanopublication_of("acknowledgement", name)

    def _nanopublication_of(self, kind: str, name: str) -> str:
        """One claim or acknowledgement as a nanopublication; raises `NotFound` for whatever is neither."""
        graph = self._graph
        found: ResolvedClaim | ResolvedAcknowledgement
        if kind == "claim":
            found = graph.claim(name)
            one: Claim | Acknowledgement = found.claim
            alleged = self._alleged(found)
            told = chosen.part(graph, [name], "", [alleged] if alleged is not None else [])
            act, relays = self._speech_act(self._iri(kind, name), found, alleged)
        elif kind == "acknowledgement" and name in graph.acknowledgements:
            found = graph.acknowledgements[name]
            one, alleged = found.acknowledgement, (found.incident, found.actor)
            actors = chosen.with_wholes(graph, [found.speaker, found.actor])
            place = graph.incidents[found.incident].place
            told = Chosen(actors=sorted(actors), places=[place] if place else [], incidents=[found.incident])
            act, relays = self._taking(self._iri(kind, name), found), ""
        else:
            raise NotFound(f"there is a nanopublication of each claim and acknowledgement, and none of {kind} {name!r}")
        s = self._iri(kind, name)
        told_first = {graph.incidents[incident].reported_in[0] for incident in told.incidents}
        articles = sorted({one.article, found.lineage, *told_first} & graph.articles.keys())
        assertion = [self._actor(graph.actors[actor]) for actor in told.actors]
        assertion += [self._place(graph.places[place]) for place in told.places]
        for incident in told.incidents:
            # An incident has its id of the article that told of it first; what others tell is theirs to publish.
            known = (one.incident,) if one.incident is not None and incident == found.incident else ()
            assertion.append(self._incident(graph.incidents[incident], articles, known))
        if alleged is not None:
            assertion.append(self._proposition(*alleged))
        origin, *passage = self._origin(s, one, found)
        return nanopub.nanopublication(
            f"<{self._base}nanopub/{segment(name)}-r{graph.revision}>",
            self._before_part,
            assertion="".join(assertion) + act + relays,
            provenance="".join(self._articles_of(*articles)) + origin + "".join(passage),
            article=self._iri("article", one.article),
            reading=self._readings_of[one.article],
            dataset=f"<{self._base}dataset/{dataset_name(graph, Profile.CLAIMS)}>",
            revision=graph.revision,
            about=s,
            created=found.ingested,
        )

    # ---- edges ----

    def _edges(self, whole: Chosen) -> Iterator[str]:
        graph = self._graph
        for name in whole.actors:
            yield self._actor(graph.actors[name])
        found = set(self._acts_of(whole) if self._chosen is not None else self._acts())
        for source, act, target in sorted(found):
            yield f"{self._iri('actor', source)} {act} {self._iri('actor', target)} .\n"

    def _acts(self) -> Iterator[tuple[str, str, str]]:
        """What the graph's edges between actors say."""
        graph = self._graph
        for edge in graph.edges():
            if edge.source in graph.actors and edge.target in graph.actors:
                if edge.kind is EdgeKind.PART_OF:
                    # Of what it was part of once, the property, which tells of today, says nothing.
                    if edge.claims or graph.actors[edge.source].part_of == edge.target:
                        yield edge.source, _PART_OF, edge.target
                elif edge.modality is not None:
                    act = terms.SPEECH_ACT.get((ClaimType(edge.kind), edge.modality))
                    if act is not None:
                        yield edge.source, f"<{act}>", edge.target

    def _acts_of(self, whole: Chosen) -> Iterator[tuple[str, str, str]]:
        """The same, of some claims alone."""
        graph = self._graph
        for actor in whole.actors:
            above = graph.actors[actor].part_of
            if above is not None and above != actor:
                yield actor, _PART_OF, above
        for name in whole.claims:
            claim = graph.claims[name]
            act = terms.SPEECH_ACT.get((claim.type, claim.modality))
            if claim.target is not None and act is not None:
                yield claim.source, f"<{act}>", claim.target
            for part, of in (
                (claim.speaker, claim.source),
                (claim.source_named, claim.source),
                (claim.target_named, claim.target),
            ):
                if part is not None and of is not None and part != of:
                    yield part, _PART_OF, of


def quads(
    graph: ConflictGraph,
    *,
    base_iri: str = BASE_IRI,
    profile: Profile = Profile.CLAIMS,
    extractor_of: ExtractorOf | None = None,
    claims: Iterable[str] | None = None,
) -> Iterator[Quad]:
    """Every statement, or those of some claims, as a pyoxigraph quad, streaming, in the order of `Statements`.

    All are of the default graph, but those of nanopublications.
    """
    from pyoxigraph import RdfFormat, parse

    statements = Statements(graph, base_iri=base_iri, profile=profile, extractor_of=extractor_of, claims=claims)
    yield from parse(cast("IO[bytes]", LineStream(statements.pieces())), RdfFormat.N_QUADS, lenient=True)
