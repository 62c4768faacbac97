"""A file of our own RDF in, the records that a ledger holds out, article by article: what was exported is read back.

Takes the profiles `claims`, `rdf12` and `nanopub` in every format; which graph a statement stands in does not matter,
and ids are those of the data. What is not in the data is not made up: an article's text is its quotes at their places,
with blanks between them. The statements lie in a store, on disk where there are many, so that memory does not grow with
the file. `app.rdf.composing` makes the records.

Long, because each field has its own way to be wrong, and each must be told.
"""

from __future__ import annotations

import heapq
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from app.rdf import terms
from app.rdf.composing import READER, Composer, Node, Said, Sheet, ToldArticle
from app.rdf.serialise import FORMATS
from app.rdf.terms import DCTERMS, GEO, NP, OA, PLM, PROV, RDF, RDFS, SCHEMA, SEM, SKOS, VOID
from app.rdf.values import (
    IDS,
    Description,
    Wrong,
    date_of,
    id_of,
    id_or_none,
    iri_of,
    needed,
    number_of,
    one_of,
    optional,
    partial_of,
    shortest,
    term_of,
    term_or_none,
    text_of,
    value_of,
)
from app.vocabulary.errors import BadInput, BadQuery
from app.vocabulary.records import (
    Actor,
    Article,
    Evidence,
    Membership,
    Part,
    Place,
    Reading,
    Refusal,
    content_id,
)
from app.vocabulary.terms import (
    MODALITIES,
    ActorKind,
    ClaimType,
    Modality,
    RefusalReason,
)

if TYPE_CHECKING:
    from pyoxigraph import Quad, Store

_IN_MEMORY = 20_000_000
"""Bytes of a file whose statements are held in memory; those of a larger one lie on disk."""
_LONGEST = 10_000_000
"""Characters of an article."""
_A = RDF + "type"
_CLAIM, _ACKNOWLEDGEMENT, _ARTICLE = PLM + "Claim", PLM + "Acknowledgement", SCHEMA + "NewsArticle"
_OURS = (PLM, OA, SEM, GEO, VOID, NP)
_ALSO_OURS = {
    _A,
    RDFS + "label",
    SKOS + "altLabel",
    RDF + "reifies",
    *(PROV + name for name in ("wasDerivedFrom", "wasGeneratedBy", "used", "wasAssociatedWith")),
    *(
        SCHEMA + n
        for n in ("headline", "publisher", "datePublished", "url", "identifier", "name", "sameAs", "position")
    ),
    *(DCTERMS + n for n in ("conformsTo", "isPartOf", "created", "creator", "license", "subject")),
}


class RdfFile:
    """The statements of one file, ready to be asked; a context manager.

    Raises:
        BadInput: It cannot be read as RDF, or holds nothing of ours; nothing of it is given out.
    """

    def __init__(self, path: Path) -> None:
        from pyoxigraph import NamedNode, Store

        known = next((entry for entry in FORMATS.values() if path.name.endswith("." + entry.extension)), None)
        if known is None:
            able = ", ".join("." + entry.extension for entry in FORMATS.values())
            raise BadInput(RefusalReason.UNSUPPORTED, f"{path} is no RDF file by its name; use one of {able}")
        self._path = path
        self._node = NamedNode
        self._open = ExitStack()
        try:
            large = path.stat().st_size > _IN_MEMORY
            folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="polemos-rdf-")) if large else None
            self._store: Store = Store(folder) if folder is not None else Store()
            load = self._store.bulk_load if large else self._store.load
            load(path=path, format=known.rdf_format(), base_iri=path.resolve().as_uri())
        except OSError as why:
            self._open.close()
            raise BadInput(RefusalReason.UNREADABLE, f"{path} cannot be read: {why.strerror or why}") from None
        except (SyntaxError, ValueError) as why:
            self._open.close()
            raise BadInput(RefusalReason.UNREADABLE, f"{path} is not {known.media_type}: {why}") from None
        self._about = lru_cache(50_000)(self._read)
        self.actor = lru_cache(50_000)(self._read_actor)
        self.place = lru_cache(20_000)(self._read_place)
        self.incident = lru_cache(50_000)(self._read_incident)
        self._types: dict[str, list[str]] = {}
        self._owners: dict[str, str] = {}
        # Of incidents (IRIs): the ids that they have in articles, and have not yet been given to one.
        self._free: dict[str, list[str]] = {}
        self._reported: defaultdict[str, list[str]] = defaultdict(list)
        if not any(self._typed(_CLAIM)) and not any(self._typed(_ACKNOWLEDGEMENT)):
            self._open.close()
            edges = any(True for _ in self._store.quads_for_pattern(None, NamedNode(PLM + "accuses"), None, None))
            told = "; the profile edges holds no claims, export another" if edges else ""
            raise BadInput(RefusalReason.EMPTY, f"{path} holds no plm:Claim and no plm:Acknowledgement{told}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def strange(self) -> Iterator[Refusal]:
        """What the file says that no record can hold: who did it, and statements in other vocabularies."""
        counts: defaultdict[str, int] = defaultdict(int)
        for quad in self._store:
            name = quad.predicate.value
            if name == terms.PERPETRATED or not (name.startswith(_OURS) or name in _ALSO_OURS):
                counts[name] += 1
        for name, number in sorted(counts.items()):
            many = f"{number} statement{'s' if number > 1 else ''}"
            if name == terms.PERPETRATED:
                told = f"{many} with plm:perpetrated assert who did an incident: none is taken over"
            else:
                told = f"{many} with {name}: no part of what is read back"
            yield Refusal(RefusalReason.OUT_OF_SCOPE, told)

    def homeless(self) -> Iterator[Refusal]:
        """Claims and acknowledgements that name no article, or several, or one that is not described."""
        for kind in (_CLAIM, _ACKNOWLEDGEMENT):
            for name in self._typed(kind):
                found = self._about(name).get(PROV + "wasDerivedFrom", ())
                if len(found) != 1 or not self._is(iri_of(found[0]), _ARTICLE):
                    yield Refusal(
                        RefusalReason.DANGLING_REFERENCE, f"{name}: it names no single schema:NewsArticle of the data"
                    )

        for kind in (_CLAIM, _ACKNOWLEDGEMENT):
            for quad in self._store.quads_for_pattern(None, self._node(_A), self._node(kind), None):
                if not isinstance(quad.subject, self._node):
                    yield Refusal(RefusalReason.BAD_FIELD, f"{quad.subject}: a claim without an IRI has no id")

    def count(self) -> int:
        """How many claims and acknowledgements there are."""
        return sum(1 for kind in (_CLAIM, _ACKNOWLEDGEMENT) for _ in self._typed(kind))

    def article_ids(self) -> set[str]:
        """The ids of the articles."""
        found = set()
        for name in self._typed(_ARTICLE):
            try:
                found.add(id_of(name, "article"))
            except Wrong:
                continue
        return found

    def articles(self) -> Iterator[ToldArticle | Refusal]:
        """Every article, what others descend from first, so that incidents and lineages keep their names."""
        names: dict[str, str] = {}
        for name in self._typed(_ARTICLE):
            try:
                names[id_of(name, "article")] = name
            except Wrong as why:
                yield Refusal(why.reason, str(why))
        for article in self._ordered(names):
            found = self._told(article, names[article])
            if found is not None:
                yield found

    # ---- order ----

    def _ordered(self, names: Mapping[str, str]) -> Iterator[str]:
        """Article ids in an order in which the ledger may have come by them.

        The article whose telling gave an incident its id comes before others that tell of it, and one from whose text a
        claim descends before that of the claim; else by the instants at which they came in, and by day.
        """
        after: defaultdict[str, set[str]] = defaultdict(set)
        told_by: defaultdict[str, set[str]] = defaultdict(set)
        used: defaultdict[str, set[str]] = defaultdict(set)
        key: dict[str, tuple[str, str, str]] = {}
        for article, name in names.items():
            ingested = "~"
            for about in map(self._about, self._acts(name)):
                ingested = next(map(value_of, about.get(PLM + "ingested", ())), ingested)
                lineage = next(map(value_of, about.get(PLM + "lineage", ())), name)
                if lineage != name and (root := id_or_none(lineage, "article")) in names:
                    after[article].add(str(root))
                for incident in map(value_of, about.get(PLM + "about", ())):
                    told_by[incident].add(article)
                    told = next(map(value_of, about.get(PLM + "aboutAsTold", ())), None)
                    if told is None:
                        self._owners.setdefault(incident, article)
                    used[incident].add(told or incident)
                for incident in map(value_of, about.get(PLM + "respondsTo", ())):
                    used[incident].update(map(value_of, about.get(PLM + "respondsToAsTold", ())))
            published = next(map(value_of, self._about(name).get(SCHEMA + "datePublished", ())), "")
            key[article] = (ingested, published, article)
        for incident in self._typed(PLM + "Incident"):
            if not self.describes(incident):
                continue
            about = self._about(incident)
            every = (id_or_none(value_of(one), "article") for one in about.get(PLM + "reportedIn", ()))
            reported = {one for one in every if one is not None and one in names} | told_by[incident]
            if not reported:
                continue
            # The first telling gave the incident its id. Where no claim is about that, it is the first of those untold.
            owner = self._owners.setdefault(
                incident, min(reported - told_by[incident] or reported, key=key.__getitem__)
            )
            for article in reported:
                self._reported[article].append(incident)
                if article != owner:
                    after[article].add(owner)
            ids = sorted(map(value_of, about.get(SCHEMA + "identifier", ())))
            self._free[incident] = [one for one in ids if one not in used[incident] and IDS["incident"].match(one)]
        yield from in_order(names, after, key)

    def _acts(self, article: str) -> list[str]:
        """IRIs of the claims and acknowledgements that an article reports."""
        found = {
            quad.subject.value
            for quad in self._store.quads_for_pattern(
                None, self._node(PROV + "wasDerivedFrom"), self._node(article), None
            )
            if isinstance(quad.subject, self._node)
        }
        return sorted(one for one in found if self._is(one, _CLAIM) or self._is(one, _ACKNOWLEDGEMENT))

    # ---- one article ----

    def _told(self, article: str, name: str) -> ToldArticle | None:
        sheet = Sheet()
        about = self._about(name)
        try:
            record, publisher_refused = self._article(article, about)
        except Wrong as why:
            return ToldArticle(
                Article("", "", id=article),
                Reading(article, READER),
                (),
                (),
                (),
                refusals=tuple(Refusal(why.reason, f"{act}: {why}") for act in (self._acts(name) or [name])),
            )
        sheet.refusals.extend(publisher_refused)
        for act in self._acts(name):
            try:
                if self._is(act, _CLAIM) and self._is(act, _ACKNOWLEDGEMENT):
                    raise Wrong(RefusalReason.UNKNOWN_TERM, "it is a claim and an acknowledgement")
                said = self._said(act, article, name)
                (sheet.claims if self._is(act, _CLAIM) else sheet.acknowledgements).append(said)
            except Wrong as why:
                sheet.refusals.append(Refusal(why.reason, f"{act}: {why}", article))
        record = self._with_quotes(record, sheet)
        return Composer(self, record, self._extractor(sheet, name), sheet).compose()

    def _article(self, article: str, about: Description) -> tuple[Article, list[Refusal]]:
        refused = []
        publisher = None
        house = one_of(about, SCHEMA + "publisher")
        if house is not None:
            names = sorted(text_of(one) for one in self._about(iri_of(house)).get(SCHEMA + "name", ()))
            publisher = names[0] if names else None
            if publisher is None:
                told = f"the publisher {iri_of(house)} has no schema:name, and is left out"
                refused.append(Refusal(RefusalReason.DANGLING_REFERENCE, told, article))
        published = optional(about, SCHEMA + "datePublished")
        if published is not None:
            partial_of(published)
        return (
            Article(
                optional(about, SCHEMA + "headline") or "",
                "",
                published,
                publisher,
                optional(about, SCHEMA + "url"),
                optional(about, SCHEMA + "identifier"),
                id=article,
            ),
            refused,
        )

    def _extractor(self, sheet: Sheet, article: str) -> str:
        """The name of the reader that found the claims."""
        readings = [
            quad.subject.value
            for quad in self._store.quads_for_pattern(None, self._node(PROV + "used"), self._node(article), None)
            if isinstance(quad.subject, self._node)
        ]
        for reading in sorted(set(readings)):
            for agent in self._about(reading).get(PROV + "wasAssociatedWith", ()):
                for label in self._about(iri_of(agent)).get(RDFS + "label", ()):
                    return f"{READER}:{text_of(label)}"
        return READER

    def _with_quotes(self, article: Article, sheet: Sheet) -> Article:
        """The article with what is known of its text; claims whose quotes contradict it are refused."""
        letters: dict[int, str] = {}
        for acts in (sheet.claims, sheet.acknowledgements):
            kept = []
            for said in acts:
                e = said.evidence
                if e.part == "title":
                    stands = article.title[e.start : e.end] == e.quote
                else:
                    at = range(e.start, e.end)
                    stands = all(letters.get(i, char) == char for i, char in zip(at, e.quote, strict=True))
                    if stands:
                        letters.update(zip(at, e.quote, strict=True))
                if stands:
                    kept.append(said)
                else:
                    told = f"{said.id}: at {e.part}[{e.start}:{e.end}] stands something else than its quote"
                    sheet.refusals.append(Refusal(RefusalReason.QUOTE_NOT_IN_TEXT, told, article.id))
            acts[:] = kept
        text = "".join(letters.get(i, " ") for i in range(max(letters, default=-1) + 1))
        return Article(
            article.title,
            text,
            article.published,
            article.publisher,
            article.url,
            article.external_id,
            id=article.id,
        )

    # ---- one claim ----

    def _said(self, name: str, article: str, article_iri: str) -> Said:
        about = self._about(name)
        kind = "claim" if self._is(name, _CLAIM) else "acknowledgement"
        names: dict[str, str] = {}
        roles = {"speaker": True}
        if kind == "claim":
            roles |= {"onBehalfOf": True, "sourceAsNamed": False, "target": False, "targetAsNamed": False}
        else:
            roles |= {"actor": True}
        for role, is_needed in roles.items():
            value = one_of(about, PLM + role)
            if value is not None:
                names[role] = self._known(iri_of(value), "actor")
            elif is_needed:
                raise Wrong(RefusalReason.NO_SOURCE, f"it has no plm:{role}")
        if names.get("onBehalfOf") is not None and names["onBehalfOf"] == names.get("target"):
            raise Wrong(RefusalReason.SOURCE_IS_TARGET, "its source is its target")
        incident = one_of(about, PLM + "about")
        said = Said(
            id_of(name, kind),
            self._evidence(about, article, article_iri),
            names,
            relays=self._relays(about),
            incident=iri_of(incident) if incident is not None and self._known(iri_of(incident), "incident") else None,
            told=optional(about, PLM + "aboutAsTold"),
            date=date_of(about),
            happened=shortest(optional(about, PLM + "happenedNotBefore"), optional(about, PLM + "happenedNotAfter")),
            confidence=_probability(about),
            cue=optional(about, PLM + "cue") or "",
            lineage=next((iri_of(one) for one in about.get(PLM + "lineage", ())), None),
        )
        if said.told is not None and not IDS["incident"].match(said.told):
            raise Wrong(RefusalReason.BAD_FIELD, f"{said.told!r} is no id of an incident")
        if kind == "acknowledgement":
            said.kind = term_of(about, PLM + "acknowledgementKind", terms.ACKNOWLEDGEMENT_KIND)
            if said.incident is None:
                raise Wrong(RefusalReason.DANGLING_REFERENCE, "it names no incident")
            return said
        classes = [type_ for type_, class_ in terms.CLAIM_CLASS.items() if self._is(name, class_)]
        if len(classes) != 1:
            raise Wrong(RefusalReason.UNKNOWN_TERM, "it is none, or several, of accusation, denial and retaliation")
        said.kind = classes[0]
        said.modality = term_of(about, PLM + "modality", terms.MODALITY)
        if said.modality not in MODALITIES[classes[0]]:
            raise Wrong(RefusalReason.UNKNOWN_TERM, f"a claim that {classes[0]} cannot be {said.modality}")
        said.denial = term_or_none(about, PLM + "denialKind", terms.DENIAL_KIND)
        said.threat = term_or_none(about, PLM + "threatKind", terms.THREAT_KIND)
        if said.threat is not None and said.modality is not Modality.THREATENED:
            raise Wrong(RefusalReason.UNKNOWN_TERM, "only what is threatened has a plm:threatKind")
        if said.denial is not None and said.kind != ClaimType.DENIES:
            raise Wrong(RefusalReason.UNKNOWN_TERM, "only a denial has a plm:denialKind")
        answered = one_of(about, PLM + "respondsTo")
        said.answers = iri_of(answered) if answered is not None else None
        said.answers_told = optional(about, PLM + "respondsToAsTold")
        if said.answers_told is not None and not IDS["incident"].match(said.answers_told):
            raise Wrong(RefusalReason.BAD_FIELD, f"{said.answers_told!r} is no id of an incident")
        return said

    def _known(self, name: str, kind: Literal["actor", "incident"]) -> str:
        """The IRI itself, where the data describes it."""
        _ = self.actor(name) if kind == "actor" else self.incident(name)
        return name

    def _relays(self, about: Description) -> tuple[str, ...]:
        found = []
        for relay in about.get(PLM + "relayedBy", ()):
            told = self._about(iri_of(relay))
            actor = one_of(told, PLM + "actor")
            if actor is None:
                raise Wrong(RefusalReason.DANGLING_REFERENCE, "one of those who relay it is not named")
            found.append((int(number_of(told, SCHEMA + "position")), self._known(iri_of(actor), "actor")))
        return tuple(actor for _, actor in sorted(found))

    def _evidence(self, about: Description, article: str, article_iri: str) -> Evidence:
        evidence = one_of(about, PLM + "evidence")
        passage = one_of(self._about(iri_of(evidence)), OA + "hasTarget") if evidence is not None else None
        if passage is None:
            raise Wrong(RefusalReason.QUOTE_NOT_IN_TEXT, "it has no evidence")
        told = self._about(iri_of(passage))
        source = one_of(told, OA + "hasSource")
        if source is None or iri_of(source) != article_iri:
            raise Wrong(RefusalReason.QUOTE_NOT_IN_TEXT, "its evidence does not stand in its article")
        selectors: dict[str, list[object]] = {}
        for selector in told.get(OA + "hasSelector", ()):
            selectors.update(self._about(iri_of(selector)))
        part: Part = "title" if term_of(told, PLM + "inPart", terms.PART) == "title" else "text"
        start, end = int(number_of(selectors, OA + "start")), int(number_of(selectors, OA + "end"))
        quote = optional(selectors, OA + "exact") or ""
        if end > _LONGEST:
            raise Wrong(RefusalReason.TOO_LARGE, f"no article is longer than {_LONGEST:,} characters")
        if not 0 <= start < end or end - start != len(quote):
            raise Wrong(
                RefusalReason.QUOTE_NOT_IN_TEXT, f"a quote of {len(quote)} characters cannot stand at [{start}:{end}]"
            )
        return Evidence(article, part, start, end, quote)

    # ---- actors, places, incidents ----

    def _read_actor(self, name: str) -> tuple[Actor, tuple[str, ...]]:
        """An actor's record, and ids that were judged to be it."""
        about = self._about(name)
        if not self._is(name, PLM + "Actor"):
            raise Wrong(RefusalReason.NOT_AN_ACTOR, f"{name} is not described as a plm:Actor")
        kinds = [kind for kind, class_ in terms.ACTOR_CLASS.items() if self._is(name, class_)]
        if len(kinds) > 1:
            raise Wrong(RefusalReason.UNKNOWN_TERM, f"{name} is of several kinds: {', '.join(kinds)}")
        above = one_of(about, PLM + "partOfActor")
        memberships = []
        for one in sorted(iri_of(m) for m in about.get(PLM + "membership", ())):
            told = self._about(one)
            whole = one_of(told, PLM + "whole")
            if whole is None:
                raise Wrong(RefusalReason.DANGLING_REFERENCE, f"{one} names no whole")
            since, until = (optional(told, PLM + end) for end in ("since", "until"))
            try:
                memberships.append(Membership(id_of(iri_of(whole), "actor"), since, until))
            except BadQuery as why:
                raise Wrong(RefusalReason.BAD_DATE, f"{one}: {why}") from None
        same = one_of(about, SCHEMA + "sameAs")
        return (
            Actor(
                name=needed(about, RDFS + "label", name),
                kind=kinds[0] if kinds else ActorKind.UNKNOWN,
                country=optional(about, PLM + "country"),
                part_of=id_of(iri_of(above), "actor") if above is not None else None,
                aliases=tuple(sorted(text_of(one) for one in about.get(SKOS + "altLabel", ()))),
                wikidata=iri_of(same).removeprefix(terms.WIKIDATA) if same is not None else None,
                memberships=tuple(sorted(memberships, key=lambda m: (m.since or "", m.until or "~", m.whole))),
                id=id_of(name, "actor"),
            ),
            tuple(sorted(text_of(one) for one in about.get(SCHEMA + "identifier", ()))),
        )

    def wholes_of(self, names: Iterable[str]) -> list[str]:
        """These actors (IRIs) and all that they are or were part of, as far as the data describes it."""
        found: dict[str, None] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in found or not self._is(name, PLM + "Actor"):
                continue
            found[name] = None
            about = self._about(name)
            waiting.extend(map(value_of, about.get(PLM + "partOfActor", ())))
            for one in about.get(PLM + "membership", ()):
                waiting.extend(map(value_of, self._about(value_of(one)).get(PLM + "whole", ())))
        return sorted(found)

    def _read_place(self, name: str) -> Place:
        about = self._about(name)
        lat = lon = None
        for shape in about.get(GEO + "hasGeometry", ()):
            point = re.fullmatch(r"POINT\((\S+) (\S+)\)", optional(self._about(iri_of(shape)), GEO + "asWKT") or "")
            if point is None:
                raise Wrong(RefusalReason.BAD_FIELD, f"{name} has a shape that is no POINT(longitude latitude)")
            lon, lat = float(point[1]), float(point[2])
        precision = term_of(about, PLM + "placePrecision", terms.PRECISION)
        return Place(
            needed(about, RDFS + "label", name),
            optional(about, PLM + "country"),
            lat,
            lon,
            precision,  # type: ignore[arg-type] # one of the keys of PRECISION, which are those of Place
            id=id_of(name, "place"),
        )

    def _read_incident(self, name: str) -> Node:
        about = self._about(name)
        if not self._is(name, PLM + "Incident"):
            raise Wrong(RefusalReason.DANGLING_REFERENCE, f"{name} is not described as a plm:Incident")
        id_of(name, "incident")
        label = needed(about, RDFS + "label", name)
        types = sorted((text_of(one) for one in about.get(PLM + "incidentType", ())), key=lambda t: (-len(t), t))
        if not types:
            raise Wrong(RefusalReason.BAD_FIELD, f"{name} has no plm:incidentType")
        # The label begins with the word that most articles use.
        types.sort(key=lambda type_: not (label == type_ or label.startswith(type_ + ", ")))
        place = one_of(about, PLM + "locatedIn")
        day = shortest(
            optional(about, SEM + "hasEarliestBeginTimeStamp"), optional(about, SEM + "hasLatestEndTimeStamp")
        )
        return Node(tuple(types), iri_of(place) if place is not None else None, optional(about, PLM + "country"), day)

    def type_of(self, node: str, types: tuple[str, ...]) -> str:
        """The word for an incident in the next article that tells of it; which says which is not in the data."""
        left = self._types.setdefault(node, list(types))
        return left.pop(0) if left else types[0]

    def describes(self, node: str) -> bool:
        """Whether an incident is described."""
        try:
            self.incident(node)
        except Wrong:
            return False
        return True

    def reported_in(self, article: str) -> list[str]:
        """The incidents (IRIs) that an article reports, or its claims are about."""
        return self._reported.get(article, [])

    def told_as(self, node: str, article: str) -> str:
        """The id under which an article of which no claim tells tells of an incident; which has which is not told."""
        if self._owners.get(node, article) == article:
            return id_of(node, "incident")
        free = self._free.get(node)
        return free.pop(0) if free else content_id("inc", article, id_of(node, "incident"))

    def root_of(self, article: str, said: Said) -> str | None:
        """The claim of an article from which a claim may descend: one that says the same, if there is one."""
        best: tuple[tuple[bool, ...], str] | None = None
        for name in self._acts(article):
            claim = id_or_none(name, "claim")
            if claim is None:
                continue
            about = self._about(name)
            differs = (
                article not in map(value_of, about.get(PLM + "lineage", ())),
                not self._is(name, terms.CLAIM_CLASS[ClaimType(said.kind)]),
                said.names["onBehalfOf"] not in map(value_of, about.get(PLM + "onBehalfOf", ())),
                said.names.get("target", "") not in (*map(value_of, about.get(PLM + "target", ())), ""),
            )
            if best is None or (differs, claim) < best:
                best = differs, claim
        return best[1] if best is not None else None

    # ---- the store ----

    def _typed(self, class_: str) -> Iterator[str]:
        """IRIs of the instances of a class, each once."""
        last = None
        seen: set[str] = set()
        for quad in self._store.quads_for_pattern(None, self._node(_A), self._node(class_), None):
            if isinstance(quad.subject, self._node) and quad.subject.value != last:
                last = quad.subject.value
                # In nanopublications one thing is described in many graphs.
                if last not in seen:
                    seen.add(last)
                    yield last

    def _is(self, name: str, class_: str) -> bool:
        return any(value_of(one) == class_ for one in self._about(name).get(_A, ()))

    def _read(self, name: str) -> dict[str, list[object]]:
        found: dict[str, list[object]] = {}
        try:
            subject = self._node(name)
        except ValueError:
            return found
        quad: Quad
        for quad in self._store.quads_for_pattern(subject, None, None, None):
            values = found.setdefault(quad.predicate.value, [])
            if quad.object not in values:
                values.append(quad.object)
        return found


def _probability(about: Description) -> float:
    found = number_of(about, PLM + "confidence")
    if not 0 <= found <= 1:
        raise Wrong(RefusalReason.BAD_FIELD, f"a confidence is a probability from 0 to 1, not {found}")
    return found


def in_order(
    names: Iterable[str], after: Mapping[str, set[str]], key: Mapping[str, tuple[str, str, str]]
) -> Iterator[str]:
    """Names by their keys, each after those it must come after; where these go round in a circle, by key alone."""
    waits = {name: {one for one in after.get(name, ()) if one != name} for name in names}
    before: defaultdict[str, list[str]] = defaultdict(list)
    for name, others in waits.items():
        for other in others:
            before[other].append(name)
    ready = [key[name] for name, others in waits.items() if not others]
    heapq.heapify(ready)
    left = {name for name, others in waits.items() if others}
    while ready or left:
        if not ready:
            loosened = min(left, key=key.__getitem__)
            left.discard(loosened)
            heapq.heappush(ready, key[loosened])
        name = heapq.heappop(ready)[-1]
        yield name
        for other in before[name]:
            waits[other].discard(name)
            if other in left and not waits[other]:
                left.discard(other)
                heapq.heappush(ready, key[other])
