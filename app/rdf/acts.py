"""Claims and acknowledgements in, their blocks of N-Triples out: who says what of whom, and where it is read.

There are many claims, so what is the same in all of them is made into text once, and a block is put together at one go.

Evidence follows https://www.w3.org/TR/annotation-model/#text-position-selector and #text-quote-selector; origin follows
https://www.w3.org/TR/prov-o/ with one activity per reading, never one per triple.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property, lru_cache

from app.graph import ResolvedAcknowledgement, ResolvedClaim
from app.graph.views import rejects_all
from app.rdf import ntriples, terms
from app.rdf.ntriples import segment, typed
from app.rdf.terms import OA, PLM, PROV, RDF, SCHEMA, XSD, Profile
from app.rdf.things import A, Things
from app.vocabulary.records import Acknowledgement, Claim
from app.vocabulary.terms import MODALITIES, ClaimType, DenialKind
from app.vocabulary.times import Period

_DAY = len("2026-01-01")
_REIFIES = f"<{RDF}reifies>"


def _says(name: str) -> str:
    """A property behind a subject whose bracket is still open."""
    return f"> <{name}> "


# What follows the name of a claim or of a part of it, up to the value or, where that never differs, the line's end.
_TYPES = {kind: (f"> {A} <{PLM}Claim> .\n", f"> {A} <{terms.CLAIM_CLASS[kind]}> .\n") for kind in ClaimType}
_SPEAKER, _ON_BEHALF_OF, _SOURCE_AS_NAMED = (_says(PLM + name) for name in ("speaker", "onBehalfOf", "sourceAsNamed"))
_RELAYED_BY, _TARGET, _TARGET_AS_NAMED = (_says(PLM + name) for name in ("relayedBy", "target", "targetAsNamed"))
_ABOUT, _ABOUT_AS_TOLD, _CONTENT = (_says(PLM + name) for name in ("about", "aboutAsTold", "content"))
_MODALITY = {
    (kind, one): f"{_says(PLM + 'modality')}<{terms.MODALITY[one]}> .\n"
    for kind, allowed in MODALITIES.items()
    for one in allowed
}
_THREAT_KIND, _RUNG, _DENIAL_KIND = (_says(PLM + name) for name in ("threatKind", "rung", "denialKind"))
_RESPONDS_TO, _RESPONDS_TO_AS_TOLD = _says(PLM + "respondsTo"), _says(PLM + "respondsToAsTold")
_NOT_BEFORE, _NOT_AFTER = _says(PLM + "happenedNotBefore"), _says(PLM + "happenedNotAfter")
_INSTANT = f'"^^<{XSD}dateTime> .\n'
_PUBLISHED, _INGESTED, _CUE, _CONFIDENCE, _LINEAGE = (
    _says(PLM + name) for name in ("published", "ingested", "cue", "confidence", "lineage")
)
_DERIVED, _GENERATED, _EVIDENCE = (
    _says(PROV + "wasDerivedFrom"),
    _says(PROV + "wasGeneratedBy"),
    _says(PLM + "evidence"),
)
_IS_ANNOTATION = (
    f"evidence> {A} <{OA}Annotation> .\n", f"evidence> <{OA}motivatedBy> <{OA}identifying> .\n",
    f"evidence> <{OA}hasTarget> ",
)  # fmt: skip
_IS_PASSAGE = f"passage> {A} <{OA}SpecificResource> .\n"
_HAS_SOURCE, _IN_PART, _HAS_SELECTOR = (
    f"passage> <{OA}hasSource> ",
    f"passage> <{PLM}inPart> <",
    f"passage> <{OA}hasSelector> ",
)
_IS_POSITION, _IS_QUOTE = f"position> {A} <{OA}TextPositionSelector> .\n", f"quote> {A} <{OA}TextQuoteSelector> .\n"
_START, _END, _EXACT = f'position> <{OA}start> "', f'position> <{OA}end> "', f"quote> <{OA}exact> "
_NUMBER = f'"^^<{XSD}nonNegativeInteger> .\n'
_IS_PROPOSITION, _OF, _BY = f" {A} <{PLM}Proposition> .\n", f" <{PLM}incident> ", f" <{PLM}agent> "


class _Cues(dict[str, str]):
    """Cues as literals: there are few, and each is found by thousands."""

    def __init__(self, text: Callable[[str], str]) -> None:
        super().__init__()
        self._text = text

    def __missing__(self, cue: str) -> str:
        found = self[cue] = self._text(cue)
        return found


class Acts(Things):
    """What is said of claims, acknowledgements and propositions; each method gives one thing's block, or a part."""

    _incident_of: dict[str, str] | None = None

    @cached_property
    def _cues(self) -> _Cues:
        return _Cues(self._text)

    def _alleged(self, claim: ResolvedClaim) -> tuple[str, str | None] | None:
        """Which proposition (incident, agent) a claim is about; None unless that is known, never a guess.

        An accusation says that its target did it. A denial rejects what the accusation it answers says; failing such
        an accusation, "not us" is about its source and "it never happened" about nobody.
        """
        kind = claim.type
        if kind is ClaimType.ACCUSES and claim.incident is not None and claim.target is not None:
            return claim.incident, claim.target
        # Other denials dispute how it is told ("an accident").
        if rejects_all(claim):
            answered = self._graph.claims.get(claim.responds_to or "")
            if answered is not None and answered.type is ClaimType.ACCUSES:
                return self._alleged(answered)
            if claim.incident is not None and claim.denial_kind is DenialKind.PERPETRATION:
                return claim.incident, claim.source
            if claim.incident is not None and claim.denial_kind is DenialKind.OCCURRENCE:
                return claim.incident, None
        return None

    def _proposition(self, incident: str, agent: str | None) -> str:
        s, about = self._proposition_iri(incident, agent), self._iris["incident"][incident]
        if agent is None:
            return f"{s}{_IS_PROPOSITION}{s}{_OF}{about} .\n"
        actor = self._iris["actor"][agent]
        block = f"{s}{_IS_PROPOSITION}{s}{_OF}{about} .\n{s}{_BY}{actor} .\n"
        if self._profile is Profile.RDF12:
            block += f"{s} {_REIFIES} <<( {actor} <{terms.PERPETRATED}> {about} )>> .\n"
        return block

    def _claim(self, claim: ResolvedClaim, alleged: tuple[str, str | None] | None) -> str:
        return "".join(self._claim_in_pieces(claim, alleged))

    def _claim_in_pieces(self, claim: ResolvedClaim, alleged: tuple[str, str | None] | None) -> tuple[str, str]:
        """A claim's block, and its last line apart.

        The words of an article seldom are ASCII, and all else is, which is much quicker to join and to encode.
        """
        s = self._iri("claim", claim.id)
        act, relays = self._speech_act(s, claim, alleged)
        origin, passage, quote = self._origin(s, claim.claim, claim)
        return f"{act}{origin}{self._reified(claim)}{relays}{passage}", quote

    def _speech_act(self, s: str, claim: ResolvedClaim, alleged: tuple[str, str | None] | None) -> tuple[str, str]:
        """Who says what to whom about what, and when; and apart from that the nodes of those who relay it."""
        c, h, actor = claim.claim, s[:-1], self._iris["actor"]
        is_claim, is_kind = _TYPES[c.type]
        named = f"{h}{_SOURCE_AS_NAMED}{actor[claim.source_named]} .\n" if claim.source_named is not None else ""
        relays = ""
        # Triples have no order, so each relay is a node with its number.
        for number, by in enumerate(claim.relayed_by, start=1):
            relay = self._part(s, f"relay-{number}")
            named += f"{h}{_RELAYED_BY}{relay} .\n"
            relays += (
                f"{relay} {A} <{PLM}Relay> .\n{relay} <{PLM}actor> {actor[by]} .\n"
                f"{relay} <{SCHEMA}position> {typed(number, 'integer')} .\n"
            )
        target = f"{h}{_TARGET}{actor[claim.target]} .\n" if claim.target is not None else ""
        if claim.target_named is not None:
            target += f"{h}{_TARGET_AS_NAMED}{actor[claim.target_named]} .\n"
        about = content = answers = ""
        if claim.incident is not None:
            about = f"{h}{_ABOUT}{self._iris['incident'][claim.incident]} .\n"
            if c.incident is not None and c.incident != claim.incident:
                about += f"{h}{_ABOUT_AS_TOLD}{self._text(c.incident)} .\n"
        if alleged is not None:
            content = f"{h}{_CONTENT}{self._proposition_iri(*alleged)} .\n"
        if c.responds_to is not None and (answered := self._answered(c.responds_to)) is not None:
            answers = f"{h}{_RESPONDS_TO}{answered} .\n"
            same = (self._iri("claim", c.responds_to), f"<{self._base}incident/{segment(c.responds_to)}>")
            if answered not in same:
                answers += f"{h}{_RESPONDS_TO_AS_TOLD}{self._text(c.responds_to)} .\n"
        first, last = claim.happened.start, claim.happened.end
        return (
            f"{h}{is_claim}{h}{is_kind}{h}{_SPEAKER}{actor[claim.speaker]} .\n"
            f"{h}{_ON_BEHALF_OF}{actor[claim.source]} .\n"
            f"{named}{target}{about}{content}{h}{_MODALITY[c.type, c.modality]}"
            f"{'' if c.type is ClaimType.ACCUSES else _kinds(h, c)}{answers}"
            f"{'' if first is None else f'{h}{_NOT_BEFORE}{_day(first)}'}"
            f"{'' if last is None else f'{h}{_NOT_AFTER}{_day(last)}'}{_said(h, c.date) if c.date else ''}"
        ), relays

    def _reified(self, claim: ResolvedClaim) -> str:
        """In RDF 1.2 a claim is the reifier of the triple that says what it says."""
        if self._profile is not Profile.RDF12 or claim.target is None:
            return ""
        act = terms.SPEECH_ACT[claim.type, claim.modality]
        triple = f"{self._iri('actor', claim.source)} <{act}> {self._iri('actor', claim.target)}"
        return f"{self._iri('claim', claim.id)} {_REIFIES} <<( {triple} )>> .\n"

    def _acknowledgement(self, found: ResolvedAcknowledgement) -> str:
        s = self._iri("acknowledgement", found.id)
        return "".join((self._taking(s, found), *self._origin(s, found.acknowledgement, found)))

    def _taking(self, s: str, found: ResolvedAcknowledgement) -> str:
        """Who takes what upon itself, and when it said so."""
        one, h = found.acknowledgement, s[:-1]
        block = (
            f"{s} {A} <{PLM}Acknowledgement> .\n"
            f"{s} <{PLM}acknowledgementKind> <{terms.ACKNOWLEDGEMENT_KIND[one.kind]}> .\n"
            f"{h}{_SPEAKER}{self._iri('actor', found.speaker)} .\n"
            f"{s} <{PLM}actor> {self._iri('actor', found.actor)} .\n"
            f"{h}{_ABOUT}{self._iri('incident', found.incident)} .\n"
        )
        if one.incident != found.incident:
            block += f"{h}{_ABOUT_AS_TOLD}{self._text(one.incident)} .\n"
        block += f"{h}{_CONTENT}{self._proposition_iri(found.incident, found.actor)} .\n"
        return block + _said(h, one.date) if one.date else block

    def _origin(
        self, s: str, one: Claim | Acknowledgement, found: ResolvedClaim | ResolvedAcknowledgement
    ) -> tuple[str, str, str]:
        """When it was published and ingested, what found it, whence it descends; where it stands; and the words."""
        articles = self._iris["article"]
        article, e, h = articles[one.article], one.evidence, s[:-1]
        p = h + self._before_part
        lineage = article if found.lineage == one.article else articles[found.lineage]
        published = f"{h}{_PUBLISHED}{ntriples.partial_date(found.published)} .\n" if found.published else ""
        ingested = f'{h}{_INGESTED}"{found.ingested}{_INSTANT}' if found.ingested else ""
        cue = f"{h}{_CUE}{self._cues[one.cue]} .\n" if one.cue else ""
        is_annotation, motivated, has_target = _IS_ANNOTATION
        return (
            (
                f"{published}{ingested}{cue}{h}{_CONFIDENCE}{ntriples.probability(one.confidence)} .\n"
                f"{h}{_LINEAGE}{lineage} .\n{h}{_DERIVED}{article} .\n"
                f"{h}{_GENERATED}{self._readings_of[one.article]} .\n{h}{_EVIDENCE}{p}evidence> .\n"
            ),
            (
                f"{p}{is_annotation}{p}{motivated}{p}{has_target}{p}passage> .\n"
                f"{p}{_IS_PASSAGE}{p}{_HAS_SOURCE}{article} .\n{p}{_IN_PART}{terms.PART[e.part]}> .\n"
                f"{p}{_HAS_SELECTOR}{p}position> .\n{p}{_HAS_SELECTOR}{p}quote> .\n"
                f"{p}{_IS_POSITION}{p}{_START}{e.start}{_NUMBER}{p}{_END}{e.end}{_NUMBER}"
                f"{p}{_IS_QUOTE}"
            ),
            f"{p}{_EXACT}{self._text(e.quote)} .\n",
        )

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


def _kinds(h: str, c: Claim) -> str:
    """What a denial rejects, or how far up the ladder a retaliation stands."""
    if c.type is ClaimType.DENIES:
        return f"{h}{_DENIAL_KIND}<{terms.DENIAL_KIND[c.denial_kind]}> .\n" if c.denial_kind is not None else ""
    threat = f"{h}{_THREAT_KIND}<{terms.THREAT_KIND[c.threat_kind]}> .\n" if c.threat_kind is not None else ""
    return f"{threat}{h}{_RUNG}<{terms.RUNG[c.rung]}> .\n" if c.rung is not None else threat


@lru_cache(maxsize=16_384)
def _day(day: date) -> str:
    return f"{typed(day, 'date')} .\n"


def _said(h: str, day: str) -> str:
    """When a claim (the open name) was made."""
    told = _told(day)
    return f"{h}{told[0]}" if len(told) == 1 else "".join([f"{h}{line}" for line in told])


@lru_cache(maxsize=16_384)
def _told(day: str) -> tuple[str, ...]:
    """One date as precise as it is known, and its bounds where that is no single day.

    Of an interval the bounds tell all, unless it runs from or to a month or year; then it stands as it is, too.
    """
    since, _, until = day.partition("/")
    period = Period.parse(day)
    found = []
    if not until or period.start == period.end:
        found.append(f"{_says(PLM + 'saidOn')}{ntriples.partial_date(since)} .\n")
    elif len(since) < _DAY or len(until) < _DAY:
        found.append(f'{_says(PLM + "saidOn")}"{day}"^^<{terms.EDTF}> .\n')
    if period.start != period.end:
        found.append(f"{_says(PLM + 'saidNotBefore')}{typed(period.start, 'date')} .\n")
        found.append(f"{_says(PLM + 'saidNotAfter')}{typed(period.end, 'date')} .\n")
    return tuple(found)
