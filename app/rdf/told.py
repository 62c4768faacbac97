"""A file of our own RDF in, the records that a ledger holds out, article by article: what was exported is read back.

Takes the profiles `claims`, `rdf12` and `nanopub` in every format, and ids are those of the data. What is not in the
data is not made up: an article's text is its quotes at their places, with blanks between them. `app.rdf.parsed` reads
single things, `app.rdf.composing` makes the records; here is what only all articles together tell: their order, and
which of them gave an incident its id.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from app.rdf import terms
from app.rdf.composing import READER, Composer, Said, Sheet, ToldArticle
from app.rdf.parsed import ACKNOWLEDGEMENT, ARTICLE, CLAIM, TYPE, Parsed
from app.rdf.terms import DCTERMS, GEO, NP, OA, PLM, PROV, RDF, RDFS, SCHEMA, SEM, SKOS, VOID
from app.rdf.values import (
    IDS,
    Description,
    Wrong,
    id_of,
    id_or_none,
    iri_of,
    one_of,
    optional,
    partial_of,
    text_of,
    value_of,
)
from app.vocabulary.records import Article, Reading, Refusal, content_id
from app.vocabulary.terms import ClaimType, RefusalReason

_OURS = (PLM, OA, SEM, GEO, VOID, NP)
_ALSO_OURS = {
    TYPE,
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


class RdfFile(Parsed):
    """What one file tells, article by article; a context manager.

    Raises:
        BadInput: It cannot be read as RDF, or holds nothing of ours; nothing of it is given out.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._types: dict[str, list[str]] = {}
        self._owners: dict[str, str] = {}
        # Of incidents (IRIs): the ids that they have in articles, and have not yet been given to one.
        self._free: dict[str, list[str]] = {}
        self._reported: defaultdict[str, list[str]] = defaultdict(list)

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
        for kind in (CLAIM, ACKNOWLEDGEMENT):
            for name in self._typed(kind):
                found = self._about(name).get(PROV + "wasDerivedFrom", ())
                if len(found) != 1 or not self._is(iri_of(found[0]), ARTICLE):
                    yield Refusal(
                        RefusalReason.DANGLING_REFERENCE, f"{name}: it names no single schema:NewsArticle of the data"
                    )

        for kind in (CLAIM, ACKNOWLEDGEMENT):
            for quad in self._store.quads_for_pattern(None, self._node(TYPE), self._node(kind), None):
                if not isinstance(quad.subject, self._node):
                    yield Refusal(RefusalReason.BAD_FIELD, f"{quad.subject}: a claim without an IRI has no id")

    def count(self) -> int:
        """How many claims and acknowledgements there are."""
        return sum(1 for kind in (CLAIM, ACKNOWLEDGEMENT) for _ in self._typed(kind))

    def article_ids(self) -> set[str]:
        """The ids of the articles."""
        found = set()
        for name in self._typed(ARTICLE):
            try:
                found.add(id_of(name, "article"))
            except Wrong:
                continue
        return found

    def articles(self) -> Iterator[ToldArticle | Refusal]:
        """Every article, what others descend from first, so that incidents and lineages keep their names."""
        names: dict[str, str] = {}
        for name in self._typed(ARTICLE):
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
                if self._is(act, CLAIM) and self._is(act, ACKNOWLEDGEMENT):
                    raise Wrong(RefusalReason.UNKNOWN_TERM, "it is a claim and an acknowledgement")
                said = self._said(act, article, name)
                (sheet.claims if self._is(act, CLAIM) else sheet.acknowledgements).append(said)
            except Wrong as why:
                sheet.refusals.append(Refusal(why.reason, f"{act}: {why}", article))
        record = self._with_quotes(record, sheet)
        return Composer(self, record, self._extractor(name), sheet).compose()

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
        return replace(article, text=text)

    # ---- what stands in several articles ----

    def type_of(self, node: str, types: tuple[str, ...]) -> str:
        """The word for an incident in the next article that tells of it; which says which is not in the data."""
        left = self._types.setdefault(node, list(types))
        return left.pop(0) if left else types[0]

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
