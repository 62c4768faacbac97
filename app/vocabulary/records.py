"""The frozen records the rooms hand each other; ids are derived from content, so doing a thing twice changes nothing.

An article holds mentions (spans that name an actor, place or incident) and claims that point at them. What a mention
stands for in the world is decided late, by `Decision` rows, so relinking or undoing never re-reads a text.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from app.vocabulary.errors import EvidenceMismatch
from app.vocabulary.terms import (
    MODALITIES,
    AcknowledgementKind,
    ActorKind,
    ClaimType,
    DecisionKind,
    DenialKind,
    Judgement,
    Modality,
    NodeKind,
    RefusalReason,
    Rung,
    ThreatKind,
)
from app.vocabulary.times import PartialDate, Period

Part = Literal["title", "text"]
"""Which half of an article an offset counts in."""


def content_id(prefix: str, *fields: object) -> str:
    """An id from a kind's prefix and its canonical fields: `clm-` and 20 hex digits (80 bits of BLAKE2b).

    Fields are joined by a separator that is escaped inside them, and None differs from "".
    """
    body = "\x1f".join("\x00" if value is None else _escaped(str(value)) for value in fields)
    digest = hashlib.blake2b(unicodedata.normalize("NFC", body).encode("utf-8", "surrogatepass"), digest_size=10)
    return f"{prefix}-{digest.hexdigest()}"


def _escaped(text: str) -> str:
    return text.replace("\x00", "\x000").replace("\x1f", "\x001")


def slug(name: str) -> str:
    """A readable id part: "Côte d'Ivoire" → "cote-d-ivoire". A name of other scripts keeps its letters."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return "-".join(re.findall(r"[^\W_]+", plain))


def actor_id(name: str) -> str:
    """The id of the actor that bears this canonical name."""
    return f"actor-{slug(name)}"


def place_id(name: str, country: str | None) -> str:
    """The id of the place with this name in this country (ISO 3166 alpha-3, or None where unknown)."""
    return f"place-{slug(name)}" + (f"-{country.lower()}" if country else "")


@dataclass(frozen=True, slots=True)
class Article:
    """A published text. Offsets elsewhere count Unicode code points in `title` or `text`, exactly as they stand here.

    Attributes:
        title: The headline; may be empty.
        text: The body.
        published: The day it was published (the reference date for "Thursday"), or None where unknown.
        publisher: The outlet, or None.
        url: Where it was read, or None.
        external_id: The id its sender gave it, or None; not part of its identity.
    """

    title: str
    text: str
    published: str | None = None
    publisher: str | None = None
    url: str | None = None
    external_id: str | None = None
    id: str = ""

    def __post_init__(self) -> None:
        if self.published is not None:
            PartialDate.parse(self.published)
        if not self.id:
            fields = (self.url, self.publisher, self.published, self.title, self.text)
            object.__setattr__(self, "id", content_id("art", *fields))

    def part(self, part: Part) -> str:
        """The title or the text."""
        return self.title if part == "title" else self.text

    @property
    def sha256(self) -> str:
        """Hash of title and text, for receipts: hex SHA-256 over UTF-8 of title, a line feed, and text."""
        return hashlib.sha256(f"{self.title}\n{self.text}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The passage that says it: an exact quote and where it stands (offsets in code points, end exclusive)."""

    article: str
    part: Part
    start: int
    end: int
    quote: str

    def check(self, article: Article) -> None:
        """Hold the quote against the article.

        Raises:
            EvidenceMismatch: The quote is empty or does not stand at its offsets.
        """
        # A slice forgives offsets below 0 and beyond the end; a reader who counts to them does not.
        exact = self.start >= 0 and self.end - self.start == len(self.quote) > 0
        stands = exact and article.part(self.part)[self.start : self.end] == self.quote
        if article.id != self.article or not stands:
            raise EvidenceMismatch(
                f"the quote {self.quote[:60]!r} does not stand at {self.part}[{self.start}:{self.end}]"
            )


@dataclass(frozen=True, slots=True)
class Mention:
    """A name an article uses for an actor or place; one per article, kind and name, at the first span that gives it.

    Attributes:
        name: The common English name the article's reading gives it ("Russia").
        surface: The words that gave it ("Kremlin spokesman Dmitry Peskov").
        actor_kind: For an actor, what sort; `unknown` for a place.
        country: ISO 3166 alpha-3 where the reading knows it.
    """

    article: str
    kind: NodeKind
    name: str
    surface: str
    part: Part
    start: int
    end: int
    actor_kind: ActorKind = ActorKind.UNKNOWN
    country: str | None = None
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", content_id("men", self.article, self.kind, self.name))


@dataclass(frozen=True, slots=True)
class Membership:
    """That an actor is part of another in a period.

    Attributes:
        whole: Id of the actor it is part of.
        since: First day (ISO 8601, may be a month or year), or None for ever before.
        until: Last day, or None where it lasts.
    """

    whole: str
    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        Period.between(self.since, self.until)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever can accuse, deny or retaliate, or be accused, as the world knows it.

    Attributes:
        part_of: Id of the actor it speaks or acts for today (its state, its organisation), or None.
        memberships: What it was part of when, where that has changed or has a known beginning or end; they then tell
            the whole on a day, and `part_of` only today's.
        aliases: Other names under which it is found.
    """

    name: str
    kind: ActorKind
    country: str | None = None
    part_of: str | None = None
    aliases: tuple[str, ...] = ()
    wikidata: str | None = None
    memberships: tuple[Membership, ...] = ()
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", actor_id(self.name))

    def whole_on(self, day: date | None) -> str | None:
        """Id of what it was part of on a day; today's whole where no day is given or no membership is dated."""
        if day is None or not self.memberships:
            return self.part_of
        for membership in self.memberships:
            if Period.between(membership.since, membership.until).holds(day):
                return membership.whole
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """A location.

    Attributes:
        lat: Degrees north (WGS 84), or None where unknown.
        lon: Degrees east (WGS 84), or None where unknown.
        precision: What the point stands for: a country's point is never drawn as a point.
    """

    name: str
    country: str | None = None
    lat: float | None = None
    lon: float | None = None
    precision: Literal["site", "settlement", "region", "country", "unknown"] = "unknown"
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", place_id(self.name, self.country))


@dataclass(frozen=True, slots=True)
class Incident:
    """Something done in the world that an article's claims are about; what it says of perpetrators is alleged.

    Attributes:
        type: What sort of act, in the article's words ("drone attack").
        place: Id of the place mention, or None.
        date: ISO 8601 date or interval A/B, or None where unknown.
        alleged_perpetrators: Ids of the actor mentions that some claim of the article names; never a finding.
        evidence: The passage that describes it.
    """

    article: str
    type: str
    evidence: Evidence
    place: str | None = None
    country: str | None = None
    date: str | None = None
    alleged_perpetrators: tuple[str, ...] = ()
    id: str = ""

    def __post_init__(self) -> None:
        if self.date is not None:
            Period.parse(self.date)
        if not self.id:
            fields = (self.article, self.type, self.place, self.date, self.evidence.part, self.evidence.start)
            object.__setattr__(self, "id", content_id("inc", *fields))


@dataclass(frozen=True, slots=True)
class Claim:
    """One reported speech act or act: accuses, denies or retaliates, by one source against at most one target.

    Attributes:
        speaker: Id of the mention whose words are reported (Dmitry Peskov).
        source: Id of the mention on whose behalf it is said, rolled up (Russia).
        source_named: Id of the mention the text names as the body that says it (the Russian army), or None where it is
            the source itself.
        target: Id of the mention addressed, rolled up (Ukraine), or None where the text leaves it open.
        target_named: Id of the mention the text names as target (the Armed Forces of Ukraine), or None.
        incident: Id of the incident it is about, or None.
        date: Day on which it was said or done, ISO 8601, or None.
        responds_to: Id of the claim or incident it answers, or None.
        denial_kind: For a denial, what it rejects, where the text tells.
        threat_kind: For a threatened retaliation, whether it is conditional or ordered; None for a plain vow.
        relayed_by: Ids of the mentions through whom the words reached the article, outermost first: an agency it
            credits, a ministry that reports what a prisoner said. Empty where it reports the speaker at first hand.
        confidence: Probability, by the extractor's own measure, that a careful reader would find the same claim.
        cue: The rule or label that found it ("accuse/active"), for receipts.
    """

    article: str
    type: ClaimType
    speaker: str
    source: str
    target: str | None
    modality: Modality
    evidence: Evidence
    incident: str | None = None
    date: str | None = None
    responds_to: str | None = None
    denial_kind: DenialKind | None = None
    threat_kind: ThreatKind | None = None
    source_named: str | None = None
    target_named: str | None = None
    relayed_by: tuple[str, ...] = ()
    confidence: float = 0.5
    cue: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        if self.modality not in MODALITIES[self.type]:
            raise ValueError(f"a claim that {self.type} cannot be {self.modality}")
        if self.threat_kind is not None and self.modality is not Modality.THREATENED:
            raise ValueError(f"only a threat can be {self.threat_kind}; this claim is {self.modality}")
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"a confidence is a probability from 0 to 1, not {self.confidence}")
        if self.date is not None:
            Period.parse(self.date)
        if not self.id:
            at = (self.evidence.part, self.evidence.start, self.evidence.end)
            fields = (self.article, self.type, self.speaker, self.source, self.target, self.modality, *at)
            object.__setattr__(self, "id", content_id("clm", *fields))

    @property
    def rung(self) -> Rung | None:
        """For a retaliation, how far up the ladder it stands; None for other claims."""
        return Rung(self.threat_kind or self.modality) if self.type is ClaimType.RETALIATES else None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A report that an actor takes an incident upon itself. No claim of the codebook, for nobody is accused by another.

    Attributes:
        kind: Whether it claims the act as its own deed, or admits what it is accused of.
        speaker: Id of the mention whose words are reported.
        actor: Id of the mention that takes it upon itself, rolled up.
        incident: Id of the incident of the article.
        date: Day on which it was said, ISO 8601, or None.
        confidence: As of a claim.
        cue: The rule that found it, for receipts.
    """

    article: str
    kind: AcknowledgementKind
    speaker: str
    actor: str
    incident: str
    evidence: Evidence
    date: str | None = None
    confidence: float = 0.5
    cue: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"a confidence is a probability from 0 to 1, not {self.confidence}")
        if self.date is not None:
            Period.parse(self.date)
        if not self.id:
            at = (self.evidence.part, self.evidence.start, self.evidence.end)
            fields = (self.article, self.kind, self.speaker, self.actor, self.incident, *at)
            object.__setattr__(self, "id", content_id("ack", *fields))


REPUBLISHED = "rdf@"
"""How the names of readings begin that came in as RDF: their ids are those that another ledger gave, from the text."""

_JUDGING = (DecisionKind.JUDGE, DecisionKind.LINEAGE)


@dataclass(frozen=True, slots=True)
class Decision:
    """A judgement, retraction, correction or undoing, by whom, when and why. Corrections are rows, never overwrites.

    Attributes:
        subject: The id it is about (a mention, node, claim, article or, for `undo`, a decision).
        object: For `judge` and `lineage`, the other id; for `correct`, the field's name.
        value: For `correct`, the new value.
        judgement: For `judge` and `lineage`, same, different or unsure.
        by: A person's name, or the linker and its version ("gazetteer@1").
        at: UTC instant, ISO 8601; None for a linker's decision, which is the same whenever it is taken.
        score: For a linker, how sure it is (0 to 1).
    """

    kind: DecisionKind
    subject: str
    by: str
    object: str | None = None
    value: str | None = None
    judgement: Judgement | None = None
    reason: str = ""
    at: str | None = None
    score: float | None = None
    id: str = ""

    def __post_init__(self) -> None:
        if self.kind in _JUDGING and (self.object is None or self.judgement is None):
            raise ValueError("a judgement needs two ids and an outcome")
        if not self.id:
            fields = (self.kind, self.subject, self.object, self.value, self.judgement, self.by, self.at)
            object.__setattr__(self, "id", content_id("dec", *fields))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was left out, and why. Refusals are counted, shown and never thrown away silently.

    Attributes:
        reason: The code it is counted under.
        detail: What exactly, in words.
        article: Id of the article it came from, or None for an input that never became one.
        part: With `start` and `end`: where in the article.
    """

    reason: RefusalReason
    detail: str
    article: str | None = None
    part: Part | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of one article by one extractor version: everything it found and everything it refused.

    The graph folds the newest reading of each article; older ones stay in the ledger.

    Attributes:
        article: Id of the article read.
        extractor: Name and version ("rules@1").
    """

    article: str
    extractor: str
    mentions: tuple[Mention, ...] = ()
    incidents: tuple[Incident, ...] = ()
    claims: tuple[Claim, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    id: str = field(default="")

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", content_id("rdg", self.article, self.extractor))
