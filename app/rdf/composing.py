"""What the data says of one article in, the records that the ledger holds of it out.

The id of a claim is the hash of what it says, so the names that its article used for its actors are found again by
trying those that they are known by. Where none gives the id, the claim keeps it all the same, and is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from app.rdf.values import Wrong, id_of, id_or_none
from app.vocabulary.records import (
    REPUBLISHED,
    Acknowledgement,
    Actor,
    Article,
    Claim,
    Decision,
    Evidence,
    Incident,
    Mention,
    Place,
    Reading,
    Refusal,
    content_id,
)
from app.vocabulary.terms import MODALITIES, ClaimType, DecisionKind, Judgement, Modality, NodeKind, RefusalReason

if TYPE_CHECKING:
    from app.rdf.told import RdfFile

READER = f"{REPUBLISHED}1"
"""Under which name, and with that of the first reader behind a colon, readings that came in as RDF are recorded."""
_MOST_TRIED = 20_000
"""Ways to name the actors of one claim."""


@dataclass(frozen=True, slots=True)
class ToldArticle:
    """One article and all that the data tells of it.

    Attributes:
        actors: Records of the actors it names, and of what they are part of.
        decisions: What its mentions and incidents stand for, and which texts its claims descend from.
        kept_ids: Ids of claims and acknowledgements that what they say does not give.
        refusals: What of it was left out, and why.
    """

    article: Article
    reading: Reading
    actors: tuple[Actor, ...]
    places: tuple[Place, ...]
    decisions: tuple[Decision, ...]
    kept_ids: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class Node(NamedTuple):
    """What an incident is in the data."""

    types: tuple[str, ...]
    place: str | None
    country: str | None
    date: str | None


@dataclass(slots=True)
class Telling:
    """An incident as one article tells it."""

    id: str
    node: str
    evidence: Evidence
    date: str | None = None


@dataclass(slots=True)
class Said:
    """What one claim or acknowledgement says, in nodes; `told` is the id of its incident in its own article."""

    id: str
    evidence: Evidence
    names: dict[str, str]
    relays: tuple[str, ...] = ()
    incident: str | None = None
    told: str | None = None
    answers: str | None = None
    answers_told: str | None = None
    date: str | None = None
    happened: str | None = None
    confidence: float = 0.5
    cue: str = ""
    lineage: str | None = None
    kind: str = ""
    modality: Modality | None = None
    denial: str | None = None
    threat: str | None = None


@dataclass(slots=True)
class Sheet:
    """All that is put together of one article."""

    claims: list[Said] = field(default_factory=list)
    acknowledgements: list[Said] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


class Composer:
    """Makes the records of one article."""

    def __init__(self, file: RdfFile, article: Article, extractor: str, sheet: Sheet) -> None:
        self._file, self._article, self._extractor, self._sheet = file, article, extractor, sheet
        self._mentions: dict[str, Mention] = {}
        self._decisions: dict[str, Decision] = {}
        self._names: dict[str, str] = {}
        self._places: dict[str, Place] = {}
        self._kept: list[str] = []
        self._tellings: dict[str, Telling] = {}

    def compose(self) -> ToldArticle:
        """The records."""
        sheet, article = self._sheet, self._article
        for said in (*sheet.claims, *sheet.acknowledgements):
            self._tell(said)
        here = {said.id for said in sheet.claims}
        claims = [self._claim(said, here) for said in sorted(sheet.claims, key=stands)]
        self._tell_the_rest()
        incidents = tuple(map(self._incident, sorted(self._tellings.values(), key=stands)))
        acknowledgements = [self._acknowledgement(said) for said in sorted(sheet.acknowledgements, key=stands)]
        named = {n for s in (*sheet.claims, *sheet.acknowledgements) for n in (*s.names.values(), *s.relays)}
        actors = []
        for name in self._file.wholes_of(named):
            try:
                actor, others = self._file.actor(name)
            except Wrong as why:
                sheet.refusals.append(Refusal(why.reason, f"{name} is left out as a whole: {why}", article.id))
                continue
            actors.append(actor)
            for other in others:
                self._judge(other, actor.id, "the data says that they are one")
        return ToldArticle(
            article,
            Reading(
                article.id,
                self._extractor,
                tuple(self._mentions.values()),
                incidents,
                tuple(claims),
                acknowledgements=tuple(acknowledgements),
            ),
            tuple(actors),
            tuple(self._places.values()),
            tuple(self._decisions.values()),
            tuple(self._kept),
            tuple(sheet.refusals),
        )

    @property
    def incidents(self) -> list[str]:
        """IRIs of the incidents that the article tells of."""
        return [telling.node for telling in self._tellings.values()]

    def _judge(self, subject: str, object_: str, reason: str, kind: DecisionKind = DecisionKind.JUDGE) -> None:
        made = Decision(kind, subject, READER, object=object_, judgement=Judgement.SAME, reason=reason)
        self._decisions[made.id] = made

    # ---- incidents ----

    def _tell(self, said: Said) -> None:
        """Know the incident that a claim is about, or answers, as this article tells it."""
        if said.incident is not None:
            node = id_of(said.incident, "incident")
            said.told = said.told or node
            telling = self._tellings.setdefault(said.told, Telling(said.told, said.incident, said.evidence))
            if stands(said) < stands(telling):
                telling.evidence = said.evidence
            telling.date = telling.date or said.happened

    def _tell_the_rest(self) -> None:
        """Know the incidents that the article reports and none of its claims is about: its headline is their passage.

        An incident bears the id of its first telling, which may be such a one.
        """
        title, told = self._article.title, set(self.incidents)
        for node in self._file.reported_in(self._article.id):
            if node in told:
                continue
            if not title:
                words = f"{node}: no claim of {self._article.id} is about it, and no headline can be its passage there"
                self._sheet.refusals.append(Refusal(RefusalReason.DANGLING_REFERENCE, words, self._article.id))
                continue
            at = Evidence(self._article.id, "title", 0, len(title), title)
            name = self._file.told_as(node, self._article.id)
            self._tellings[name] = Telling(name, node, at, self._file.incident(node).date)

    def _incident(self, telling: Telling) -> Incident:
        node_id = id_of(telling.node, "incident")
        node = self._file.incident(telling.node)
        place = self._place_of(node.place, telling.evidence) if node.place is not None else None
        made = Incident(
            self._article.id,
            self._file.type_of(telling.node, node.types),
            telling.evidence,
            place,
            node.country,
            telling.date,
            id=telling.id,
        )
        if made.id != node_id:
            self._judge(made.id, node_id, "the data says that they are one")
        return made

    def _place_of(self, name: str, at: Evidence) -> str | None:
        try:
            place = self._file.place(name)
        except Wrong as why:
            told = f"{name} is left out as the place of an incident: {why}"
            self._sheet.refusals.append(Refusal(why.reason, told, self._article.id))
            return None
        self._places[place.id] = place
        mention = Mention(
            self._article.id, NodeKind.PLACE, place.name, place.name, at.part, at.start, at.end, country=place.country
        )
        self._mentions.setdefault(mention.id, mention)
        self._judge(mention.id, place.id, "the place that the data names")
        return mention.id

    # ---- claims ----

    def _claim(self, said: Said, here: set[str]) -> Claim:
        kind, modality = ClaimType(said.kind), said.modality or Modality.ASSERTED
        roles = ("speaker", "onBehalfOf", "target")
        at = (said.evidence.part, said.evidence.start, said.evidence.end)
        found_as: tuple[ClaimType, Modality] | None = None
        ids: dict[str, str] = {}
        for as_kind, as_modality in _readings_of(kind, modality):
            for tried in self._ways(said, roles):
                fields = (self._article.id, as_kind, *(tried.get(role) for role in roles), as_modality, *at)
                if content_id("clm", *fields) == said.id:
                    ids, found_as = tried, (as_kind, as_modality)
                    break
            if found_as is not None:
                break
        if found_as is None:
            self._kept.append(said.id)
            ids, found_as = next(self._ways(said, roles)), (kind, modality)
        self._use(said, roles, ids)
        as_kind, as_modality = found_as
        self._correct(said, kind, modality, as_kind, as_modality)
        self._descend(said)
        return Claim(
            self._article.id,
            as_kind,
            ids["speaker"],
            ids["onBehalfOf"],
            ids.get("target"),
            as_modality,
            said.evidence,
            incident=said.told if said.incident is not None else None,
            date=said.date,
            responds_to=self._answered(said, here),
            denial_kind=said.denial if as_kind is ClaimType.DENIES else None,  # type: ignore[arg-type] # a DenialKind
            threat_kind=said.threat if as_modality is Modality.THREATENED else None,  # type: ignore[arg-type]
            source_named=self._named(said, "sourceAsNamed"),
            target_named=self._named(said, "targetAsNamed"),
            relayed_by=tuple(self._mention(one, said.evidence) for one in said.relays),
            confidence=said.confidence,
            cue=said.cue,
            id=said.id,
        )

    def _correct(
        self, said: Said, kind: ClaimType, modality: Modality, as_kind: ClaimType, as_modality: Modality
    ) -> None:
        """Where a claim was found as something else, what it was corrected to stands in decisions."""
        if (kind, modality) == (as_kind, as_modality):
            return
        values: dict[str, str] = {"type": kind, "modality": modality}
        values |= {"denial_kind": said.denial} if said.denial is not None else {}
        values |= {"threat_kind": said.threat} if said.threat is not None else {}
        for name, value in values.items():
            reason = "the data tells it so"
            made = Decision(DecisionKind.CORRECT, said.id, READER, object=name, value=value, reason=reason)
            self._decisions[made.id] = made

    def _descend(self, said: Said) -> None:
        """Say from which claim this one was copied, where it was."""
        if said.lineage is None or id_or_none(said.lineage, "article") in (None, self._article.id):
            return
        root = self._file.root_of(said.lineage, said)
        if root is None:
            told = f"{said.id}: the data holds no claim of the article from which it descends; it is kept without"
            self._sheet.refusals.append(Refusal(RefusalReason.DANGLING_REFERENCE, told, self._article.id))
            return
        self._judge(said.id, root, "the data says that they go back to one text", DecisionKind.LINEAGE)

    def _answered(self, said: Said, here: set[str]) -> str | None:
        if said.answers is None:
            return None
        claim = id_or_none(said.answers, "claim")
        if claim in here:
            return claim
        if claim is None and (incident := id_or_none(said.answers, "incident")) is not None:
            same = [one.id for one in self._tellings.values() if one.node == said.answers]
            if said.answers_told is not None and self._file.describes(said.answers):
                telling = Telling(said.answers_told, said.answers, said.evidence)
                return self._tellings.setdefault(telling.id, telling).id
            if same:
                return incident if incident in same else min(same)
            if self._file.describes(said.answers):
                # No claim of this article is about it: its own passage must do.
                name = self._file.told_as(said.answers, self._article.id)
                self._tellings[name] = Telling(name, said.answers, said.evidence)
                return name
        told = f"{said.id}: what it answers is not in the data, and is left out"
        self._sheet.refusals.append(Refusal(RefusalReason.DANGLING_REFERENCE, told, self._article.id))
        return None

    def _acknowledgement(self, said: Said) -> Acknowledgement:
        roles = ("speaker", "actor")
        at = (said.evidence.part, said.evidence.start, said.evidence.end)
        ids: dict[str, str] | None = None
        for tried in self._ways(said, roles):
            fields = (self._article.id, said.kind, *(tried[role] for role in roles), said.told, *at)
            if content_id("ack", *fields) == said.id:
                ids = tried
                break
        if ids is None:
            self._kept.append(said.id)
            ids = next(self._ways(said, roles))
        self._use(said, roles, ids)
        return Acknowledgement(
            self._article.id,
            said.kind,  # type: ignore[arg-type] # an AcknowledgementKind
            ids["speaker"],
            ids["actor"],
            str(said.told),
            said.evidence,
            date=said.date,
            confidence=said.confidence,
            cue=said.cue,
            id=said.id,
        )

    # ---- names ----

    def _ways(self, said: Said, roles: tuple[str, ...]) -> Iterator[dict[str, str]]:
        """Ways in which the article may have named the actors in these roles, as ids of mentions; the usual first."""
        asked = [role for role in roles if role in said.names]
        nodes = list(dict.fromkeys(said.names[role] for role in asked))
        choices = [self._may_be_named(node) for node in nodes]
        # One node may go by two names in one claim, but seldom does: first each by one name.
        for number, names in enumerate(product(*choices)):
            if number >= _MOST_TRIED:
                return
            by_node = dict(zip(nodes, names, strict=True))
            yield {role: self._mention_id(by_node[said.names[role]]) for role in asked}
        if len(nodes) < len(asked):
            each = [self._may_be_named(said.names[role]) for role in asked]
            for number, names in enumerate(product(*each)):
                if number >= _MOST_TRIED:
                    return
                yield {role: self._mention_id(name) for role, name in zip(asked, names, strict=True)}

    def _may_be_named(self, node: str) -> list[str]:
        actor, _ = self._file.actor(node)
        found = dict.fromkeys((actor.name, *actor.aliases))
        if node in self._names:
            found = dict.fromkeys((self._names[node], *found))
        return list(found)

    def _mention_id(self, name: str) -> str:
        return content_id("men", self._article.id, NodeKind.ACTOR, name)

    def _use(self, said: Said, roles: tuple[str, ...], ids: Mapping[str, str]) -> None:
        """Make the mentions that a claim names, under the names that were found."""
        for role in roles:
            if role in ids:
                node = said.names[role]
                name = next(one for one in self._may_be_named(node) if self._mention_id(one) == ids[role])
                self._names.setdefault(node, name)
                self._mention(node, said.evidence, name)

    def _named(self, said: Said, role: str) -> str | None:
        return self._mention(said.names[role], said.evidence) if role in said.names else None

    def _mention(self, node: str, at: Evidence, name: str | None = None) -> str:
        actor, _ = self._file.actor(node)
        name = name or self._names.get(node, actor.name)
        made = Mention(self._article.id, NodeKind.ACTOR, name, name, at.part, at.start, at.end, actor.kind)
        self._mentions.setdefault(made.id, made)
        self._judge(made.id, actor.id, "the actor that the data names")
        return made.id


def _readings_of(kind: ClaimType, modality: Modality) -> list[tuple[ClaimType, Modality]]:
    """What a claim may have been found as, before it was corrected; most likely as it is."""
    every = [(one, two) for one, allowed in MODALITIES.items() for two in allowed]
    return [(kind, modality), *(pair for pair in every if pair != (kind, modality))]


def stands(one: Said | Telling) -> tuple[bool, int, int, str]:
    """Where a passage stands: title before text."""
    return (one.evidence.part != "title", one.evidence.start, one.evidence.end, one.id)
