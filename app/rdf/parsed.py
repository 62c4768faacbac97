"""A file of our own RDF in, its statements by what they are about out, and the things that these describe.

The statements lie in a store, on disk where there are many, so that memory does not grow with the file. Which graph a
statement stands in does not matter.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from app.rdf import terms
from app.rdf.composing import READER, Node, Said
from app.rdf.serialise import format_of
from app.rdf.terms import GEO, OA, PLM, PROV, RDF, RDFS, SCHEMA, SEM, SKOS
from app.rdf.values import (
    IDS,
    Description,
    Wrong,
    date_of,
    id_of,
    iri_of,
    needed,
    number_of,
    one_of,
    optional,
    shortest,
    term_of,
    term_or_none,
    text_of,
    value_of,
)
from app.vocabulary.errors import BadInput, BadQuery
from app.vocabulary.records import Actor, Evidence, Membership, Part, Place
from app.vocabulary.terms import MODALITIES, ActorKind, ClaimType, Modality, RefusalReason

if TYPE_CHECKING:
    from pyoxigraph import Quad, Store

_IN_MEMORY = 20_000_000
"""Bytes of a file whose statements are held in memory; those of a larger one lie on disk."""
_LONGEST = 10_000_000
"""Characters of an article."""
TYPE = RDF + "type"
CLAIM, ACKNOWLEDGEMENT, ARTICLE = PLM + "Claim", PLM + "Acknowledgement", SCHEMA + "NewsArticle"


class Parsed:
    """The statements of one file, ready to be asked; a context manager.

    Raises:
        BadInput: It cannot be read as RDF, or holds nothing of ours; nothing of it is given out.
    """

    def __init__(self, path: Path) -> None:
        from pyoxigraph import NamedNode, Store

        known = format_of(path)
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
        if not any(self._typed(CLAIM)) and not any(self._typed(ACKNOWLEDGEMENT)):
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

    # ---- the store ----

    def _typed(self, class_: str) -> Iterator[str]:
        """IRIs of the instances of a class, each once."""
        last = None
        seen: set[str] = set()
        for quad in self._store.quads_for_pattern(None, self._node(TYPE), self._node(class_), None):
            if isinstance(quad.subject, self._node) and quad.subject.value != last:
                last = quad.subject.value
                # In nanopublications one thing is described in many graphs.
                if last not in seen:
                    seen.add(last)
                    yield last

    def _is(self, name: str, class_: str) -> bool:
        return any(value_of(one) == class_ for one in self._about(name).get(TYPE, ()))

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

    def _acts(self, article: str) -> list[str]:
        """IRIs of the claims and acknowledgements that an article reports."""
        found = {
            quad.subject.value
            for quad in self._store.quads_for_pattern(
                None, self._node(PROV + "wasDerivedFrom"), self._node(article), None
            )
            if isinstance(quad.subject, self._node)
        }
        return sorted(one for one in found if self._is(one, CLAIM) or self._is(one, ACKNOWLEDGEMENT))

    def _extractor(self, article: str) -> str:
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

    # ---- one claim ----

    def _said(self, name: str, article: str, article_iri: str) -> Said:
        about = self._about(name)
        kind = "claim" if self._is(name, CLAIM) else "acknowledgement"
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

    def describes(self, node: str) -> bool:
        """Whether an incident is described."""
        try:
            self.incident(node)
        except Wrong:
            return False
        return True


def _probability(about: Description) -> float:
    found = number_of(about, PLM + "confidence")
    if not 0 <= found <= 1:
        raise Wrong(RefusalReason.BAD_FIELD, f"a confidence is a probability from 0 to 1, not {found}")
    return found
