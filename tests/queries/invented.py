"""An invented dispute, as a ledger would hold it: Norland, Sudria and its army, Eastland, and the traps wanted.

Tests of queries, pictures and web all stand on it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.extraction.base import ReadingBuilder
from app.extraction.recorded import RecordedExtractor, annotated_article
from app.graph import ConflictGraph, fold
from app.ledger import Batch, Entry
from app.vocabulary.records import Actor, Article, Place, Reading
from app.vocabulary.terms import ActorKind, ClaimType, DenialKind, Modality, NodeKind

# The gold corpus lies beside a checkout, not in it; where it is not, tests on it are skipped.
GOLD = Path(__file__).resolve().parents[2].parent / "shared" / "gold"

MARKET = (
    "Norland accused the Sudrian army of shelling the market in Kesh on Friday. "
    "General Ilin of the Sudrian army denied that it had shelled the market. "
    "Norland vowed to answer the shelling. "
    "Sudria & its army call this <slander>."
)
HARBOUR = (
    "Eastland said that somebody had cut the cable off Tripoli. "
    "Foreign Minister Oda of Eastland blamed Sudria for the cut. "
    "Sudria denied everything. "
    "Eastland expelled two Sudrian diplomats in retaliation."
)
UNDATED = "Sudria accused Norland of lying."
COARSE = "In April Norland accused Eastland of spying. Eastland denied it."

ACTORS = (
    Actor("Norland", ActorKind.STATE, "NOR"),
    Actor("Sudria", ActorKind.STATE, "SUD", aliases=("Republic of Sudria", "The League")),
    Actor("Sudrian Army", ActorKind.ARMED_FORCE, "SUD", part_of="actor-sudria"),
    Actor("Eastland", ActorKind.STATE, "EAS", aliases=("The League",)),
)
PLACES = (Place("Tripoli", "LBY", 32.9, 13.2, "settlement"), Place("Tripoli", "LBN", 34.4, 35.8, "settlement"))


@dataclass
class World:
    """The entries, the graph, and the claims' ids by a short name."""

    articles: dict[str, Article] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def graph(self) -> ConflictGraph:
        """The graph, folded anew."""
        entries: list[Entry] = [*ACTORS, *PLACES, *self.articles.values(), *self.readings]
        return fold((1, entry) for entry in entries)

    @property
    def batch(self) -> Batch:
        """All of it, to be appended to a ledger."""
        return Batch(tuple(self.articles.values()), self.readings, ACTORS, PLACES)


class _Writer:
    """Writes one article's reading down, claim by claim."""

    def __init__(self, world: World, name: str, article: Article) -> None:
        self.world, self.article = world, article
        self.builder = ReadingBuilder(article, "by-hand@1")
        world.articles[name] = article

    def actor(self, name: str) -> str:
        """A mention of an actor."""
        return self.builder.mention(NodeKind.ACTOR, name, self.builder.evidence("text", 0, 5))

    def incident(self, type_: str, place: str, country: str, date: str | None, quote: str) -> str:
        """An incident at a place."""
        at = self.builder.locate(quote)
        assert at is not None
        where = self.builder.mention(NodeKind.PLACE, place, at, country=country)
        return self.builder.incident(type_, at, where, country, date)

    def claim(
        self,
        name: str,
        type_: ClaimType,
        source: str,
        target: str | None,
        quote: str,
        *,
        speaker: str | None = None,
        named: str | None = None,
        modality: Modality = Modality.ASSERTED,
        incident: str | None = None,
        date: str | None = None,
        answers: str | None = None,
        kind: DenialKind | None = None,
        confidence: float = 0.9,
    ) -> None:
        """A claim; `answers` is the short name of another of the same article."""
        at = self.builder.locate(quote)
        assert at is not None, quote
        found = self.builder.claim(
            type_,
            speaker=self.actor(speaker or source),
            source=self.actor(source),
            target=self.actor(target) if target else None,
            target_named=self.actor(named) if named else None,
            modality=modality,
            evidence=at,
            incident=incident,
            date=date,
            responds_to=self.world.ids[answers] if answers else None,
            denial_kind=kind,
            confidence=confidence,
            cue="hand/written",
        )
        assert found is not None
        self.world.ids[name] = found

    def done(self) -> None:
        """Keep the reading."""
        self.world.readings.append(self.builder.reading())


def invented() -> World:
    """The dispute."""
    world = World()
    one = _Writer(
        world,
        "market",
        Article("Market \x02shelled", MARKET, "2024-03-02", "The Courier", "https://courier.example/1"),
    )
    shelling = one.incident("shelling", "Kesh", "NOR", "2024-03-01", "shelling the market in Kesh")
    one.claim(
        "accused", ClaimType.ACCUSES, "Norland", "Sudria", "Norland accused the Sudrian army of shelling the market",
        named="Sudrian Army", incident=shelling, date="2024-03-01",
    )  # fmt: skip
    one.claim(
        "denied", ClaimType.DENIES, "Sudrian Army", "Norland", "denied that it had shelled the market",
        speaker="General Ilin", incident=shelling, answers="accused", kind=DenialKind.PERPETRATION,
    )  # fmt: skip
    one.claim(
        "vowed", ClaimType.RETALIATES, "Norland", "Sudria", "Norland vowed to answer the shelling.",
        modality=Modality.THREATENED, incident=shelling, confidence=0.4,
    )  # fmt: skip
    one.done()

    two = _Writer(world, "harbour", Article("Cable cut", HARBOUR, "2024-03-05", "Harbour Times", "javascript:alert(1)"))
    cut = two.incident("sabotage", "Tripoli", "LBY", "2024-03-04", "cut the cable off Tripoli")
    two.claim("somebody", ClaimType.ACCUSES, "Eastland", None, "somebody had cut the cable", incident=cut)
    two.claim(
        "blamed", ClaimType.ACCUSES, "Eastland", "Sudria", "Foreign Minister Oda of Eastland blamed Sudria",
        speaker="Foreign Minister Oda", incident=cut,
    )  # fmt: skip
    two.claim("everything", ClaimType.DENIES, "Sudria", None, "Sudria denied everything.")
    two.claim(
        "expelled", ClaimType.RETALIATES, "Eastland", "Sudria", "Eastland expelled two Sudrian diplomats",
        modality=Modality.CARRIED_OUT,
    )  # fmt: skip
    two.done()

    three = _Writer(world, "undated", Article("", UNDATED))
    three.claim("lying", ClaimType.ACCUSES, "Sudria", "Norland", "Sudria accused Norland of lying.")
    three.done()

    four = _Writer(world, "coarse", Article("Spies", COARSE, "2024-05-01", "The Courier"))
    # Another place of the same name, in another country, at which nothing happened.
    four.builder.mention(NodeKind.PLACE, "Tripoli", four.builder.evidence("text", 0, 2), country="LBN")
    four.claim("spying", ClaimType.ACCUSES, "Norland", "Eastland", "Norland accused Eastland of spying", date="2024-04")
    four.claim("not spying", ClaimType.DENIES, "Eastland", "Norland", "Eastland denied it.", answers="spying")
    four.done()
    return world


def many(count: int) -> World:
    """`count` further accusations by Norland against Sudria, all of one day, to be paged through."""
    world = World()
    text = "".join(f"Norland accused Sudria of act {i:04d}. " for i in range(count))
    one = _Writer(world, "many", Article("Acts", text, "2024-06-01", "The Courier"))
    for i in range(count):
        one.claim(f"act {i}", ClaimType.ACCUSES, "Norland", "Sudria", f"Norland accused Sudria of act {i:04d}.")
    one.done()
    return world


def gold() -> tuple[list[Article], list[Reading]]:
    """The articles of the gold corpus with the readings written down for them; both empty where it is not there."""
    articles = list(_gold_articles())
    return articles, list(RecordedExtractor.from_folder(GOLD).read(articles)) if articles else []


def _gold_articles() -> Iterator[Article]:
    for path in sorted(GOLD.glob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(body, dict) and isinstance(body.get("claims"), list):
            yield dataclasses.replace(annotated_article(body))
