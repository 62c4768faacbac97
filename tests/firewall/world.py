"""An invented dispute with every sort of report that could be mistaken for a fact: accused, denied, owned, avenged."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.extraction.base import ReadingBuilder
from app.graph import ConflictGraph, fold
from app.ledger import Batch, Entry
from app.vocabulary.records import Actor, Article, Membership, Place, Reading
from app.vocabulary.terms import (
    AcknowledgementKind,
    ActorKind,
    ClaimType,
    DenialKind,
    Modality,
    NodeKind,
    ThreatKind,
)

ACTORS = (
    Actor("Norland", ActorKind.STATE, "NOR", wikidata="Q1"),
    Actor("Sudria", ActorKind.STATE, "SUD", aliases=("Republic of Sudria",)),
    Actor("Old Sudria", ActorKind.STATE),
    Actor(
        "Sudrian Army",
        ActorKind.ARMED_FORCE,
        "SUD",
        part_of="actor-sudria",
        memberships=(Membership("actor-old-sudria", None, "1990"), Membership("actor-sudria", "1991")),
    ),
    Actor("Reed Brigade", ActorKind.ARMED_GROUP),
)
PLACES = (Place("Kesh", "NOR", 45.0, 11.5, "settlement"),)

SHELLING = (
    "The market of Kesh was shelled on Friday. "
    "Foreign Minister Ana Vey of Norland said that the guilty party was the Sudrian Army. "
    "General Ilin of the Sudrian Army denied that it had shelled the market. "
    "Sudria said that nothing had been shelled at all. "
    "The Sudrian Army blamed the Reed Brigade. "
    "Norland vowed to answer the shelling. "
    "Norland would strike Sudria if it fired again. "
    "Norland ordered its guns against Sudria. "
    "The Speaker of Norland urged everybody to punish Sudria. "
    "Norland shelled Sudrian posts in return. "
    "Somebody was behind it, Norland said. "
    'The Reed Brigade & its <friends> said: "they are the culprits".'
)
OWNED = (
    "The Reed Brigade claimed the shelling of Kesh as its own deed. "
    "General Ilin admitted that a Sudrian gun had fired on Kesh. "
    "Reed Radio, citing a prisoner, reported that Norland accused the Reed Brigade of it."
)
RULED = (
    "The High Court of Norland found on Monday that Sudria was responsible for the shelling of Kesh. "
    "Sudria rejected the ruling as false."
)


@dataclass
class World:
    """The entries, and the ids of claims, incidents and acknowledgements by a short name."""

    articles: list[Article] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def batch(self) -> Batch:
        """All of it, to be appended to a ledger."""
        return Batch(tuple(self.articles), self.readings, ACTORS, PLACES)

    @property
    def graph(self) -> ConflictGraph:
        """The graph of it."""
        entries: list[Entry] = [*ACTORS, *PLACES, *self.articles, *self.readings]
        return fold(((1, entry) for entry in entries), lambda _: "2024-03-10T08:00:00.000+00:00")


class _Writer:
    """Writes one article's reading down; a report's evidence is the sentence that begins with its words."""

    def __init__(self, world: World, title: str, text: str, published: str, publisher: str) -> None:
        article = Article(title, text, published, publisher, f"https://courier.example/{len(world.articles)}")
        self.world, self.builder = world, ReadingBuilder(article, "by-hand@1")
        world.articles.append(article)

    def actor(self, name: str) -> str:
        return self.builder.mention(NodeKind.ACTOR, name, self.builder.evidence("text", 0, 3))

    def claim(
        self,
        name: str,
        type_: ClaimType,
        quote: str,
        source: str,
        target: str | None = None,
        *,
        speaker: str | None = None,
        body: str | None = None,
        named: str | None = None,
        relays: tuple[str, ...] = (),
        modality: Modality = Modality.ASSERTED,
        threat: ThreatKind | None = None,
        kind: DenialKind | None = None,
        incident: str | None = None,
        answers: str | None = None,
    ) -> None:
        at = self.builder.locate(quote)
        assert at is not None, quote
        found = self.builder.claim(
            type_,
            speaker=self.actor(speaker or source),
            source=self.actor(source),
            target=self.actor(target) if target else None,
            source_named=self.actor(body) if body else None,
            target_named=self.actor(named) if named else None,
            relayed_by=[self.actor(one) for one in relays],
            modality=modality,
            threat_kind=threat,
            denial_kind=kind,
            evidence=at,
            incident=incident,
            responds_to=self.world.ids[answers] if answers else None,
            confidence=0.9,
            cue="hand/written",
        )
        assert found is not None
        self.world.ids[name] = found

    def acknowledge(self, name: str, kind: AcknowledgementKind, quote: str, actor: str, incident: str) -> None:
        at = self.builder.locate(quote)
        assert at is not None, quote
        who = self.actor(actor)
        found = self.builder.acknowledge(kind, speaker=who, actor=who, incident=incident, evidence=at)
        assert found is not None
        self.world.ids[name] = found

    def incident(self, name: str, type_: str, quote: str) -> str:
        at = self.builder.locate(quote)
        assert at is not None
        place = self.builder.mention(NodeKind.PLACE, "Kesh", at, country="NOR")
        alleged = (self.actor("Sudrian Army"), self.actor("Reed Brigade"))
        found = self.builder.incident(type_, at, place, "NOR", "2024-03-01", alleged)
        self.world.ids[name] = found
        return found

    def done(self) -> None:
        self.world.readings.append(self.builder.reading())


def dispute() -> World:
    """The dispute."""
    world = World()
    accuse, deny, strike = ClaimType.ACCUSES, ClaimType.DENIES, ClaimType.RETALIATES
    one = _Writer(world, "Norland names the guilty of Kesh", SHELLING, "2024-03-02", "The Courier")
    at = one.incident("shelling", "shelling", "The market of Kesh was shelled")
    one.claim("accused", accuse, "Foreign Minister Ana Vey of Norland said that the guilty party was", "Norland",
              "Sudria", speaker="Ana Vey", named="Sudrian Army", incident=at)  # fmt: skip
    one.claim("denied", deny, "General Ilin of the Sudrian Army denied", "Sudria", "Norland", speaker="General Ilin",
              body="Sudrian Army", incident=at, answers="accused", kind=DenialKind.PERPETRATION)  # fmt: skip
    one.claim("nothing", deny, "Sudria said that nothing", "Sudria", kind=DenialKind.OCCURRENCE, incident=at)
    one.claim("deflected", accuse, "The Sudrian Army blamed", "Sudrian Army", "Reed Brigade", incident=at)
    one.claim("vowed", strike, "Norland vowed", "Norland", "Sudria", modality=Modality.THREATENED, incident=at)
    one.claim("if", strike, "Norland would strike", "Norland", "Sudria", modality=Modality.THREATENED,
              threat=ThreatKind.CONDITIONAL, incident=at)  # fmt: skip
    one.claim("ordered", strike, "Norland ordered", "Norland", "Sudria", modality=Modality.THREATENED,
              threat=ThreatKind.ORDERED)  # fmt: skip
    one.claim("urged", strike, "The Speaker of Norland urged", "Norland", "Sudria", speaker="Speaker of Norland",
              modality=Modality.CALLED_FOR)  # fmt: skip
    one.claim("struck", strike, "Norland shelled Sudrian posts", "Norland", "Sudria", modality=Modality.CARRIED_OUT,
              incident=at, answers="accused")  # fmt: skip
    one.claim("somebody", accuse, "Somebody was behind it", "Norland", incident=at)
    one.claim("strange", accuse, 'The Reed Brigade & its <friends> said: "they', "Reed Brigade & Sons <x>", "Sudria")
    one.done()

    two = _Writer(world, "Brigade owns up", OWNED, "2024-03-05", "Harbour Times")
    at = two.incident("told again", "shelling", "the shelling of Kesh")
    two.acknowledge("owned", AcknowledgementKind.SELF_CLAIM, "The Reed Brigade claimed", "Reed Brigade", at)
    two.acknowledge("admitted", AcknowledgementKind.ADMISSION, "General Ilin admitted", "Sudrian Army", at)
    two.claim("relayed", accuse, "Reed Radio, citing", "Norland", "Reed Brigade", relays=("Reed Radio", "Prisoner"),
              incident=at)  # fmt: skip
    two.done()

    three = _Writer(world, "Court on Kesh", RULED, "2024-05-01", "The Courier")
    at = three.incident("tried", "shelling", "the shelling of Kesh")
    three.claim("ruled", accuse, "The High Court of Norland found", "High Court of Norland", "Sudria", incident=at)
    three.claim("unmoved", deny, "Sudria rejected", "Sudria", "High Court of Norland", incident=at, answers="ruled")
    three.done()
    return world
