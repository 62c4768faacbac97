"""A small invented dispute with everything that is awkward to publish, and its graph."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from app.extraction.base import ReadingBuilder
from app.graph import ConflictGraph, fold
from app.vocabulary.records import Actor, Article, Decision, Membership, Place, Reading
from app.vocabulary.terms import (
    AcknowledgementKind,
    ActorKind,
    ClaimType,
    DecisionKind,
    DenialKind,
    Judgement,
    Modality,
    NodeKind,
    ThreatKind,
)

ROOT = Path(__file__).resolve().parents[2]
STRANGE = 'said: "Côte’s \\ 中文 😀 \u202eשלום" \x00\x01\x0b\x1f\x7f\ufffe \t\r\n it was <b>them</b> &amp; ]]> \u2028'

Entry = Article | Reading | Actor | Place | Decision


class Story:
    """Writes one article's reading down; a claim's evidence is the sentence with which it is made."""

    def __init__(
        self,
        title: str,
        sentences: list[str],
        published: str | None = None,
        publisher: str | None = None,
        url: str | None = None,
        external_id: str | None = None,
    ) -> None:
        self.article = Article(title, " ".join(sentences), published, publisher, url, external_id)
        self.builder = ReadingBuilder(self.article, "by-hand@1")

    def actor(self, name: str, kind: ActorKind = ActorKind.UNKNOWN) -> str:
        return self.builder.mention(NodeKind.ACTOR, name, self.builder.evidence("text", 0, 3), kind)

    def incident(
        self, type_: str, quote: str, place: str | None = None, country: str | None = None, date: str | None = None
    ) -> str:
        at = self.builder.locate(quote)
        assert at is not None
        where = self.builder.mention(NodeKind.PLACE, place, at, country=country) if place else None
        return self.builder.incident(type_, at, where, country, date)

    def claim(
        self,
        type_: ClaimType,
        quote: str,
        source: str,
        target: str | None,
        *,
        speaker: str | None = None,
        named: str | None = None,
        body: str | None = None,
        relays: tuple[str, ...] = (),
        threat: ThreatKind | None = None,
        modality: Modality = Modality.ASSERTED,
        incident: str | None = None,
        date: str | None = None,
        answers: str | None = None,
        kind: DenialKind | None = None,
        confidence: float = 0.75,
    ) -> str:
        at = self.builder.locate(quote)
        assert at is not None, quote
        made = self.builder.claim(
            type_,
            speaker=self.actor(speaker or source),
            source=self.actor(source),
            target=self.actor(target) if target else None,
            source_named=self.actor(body) if body else None,
            target_named=self.actor(named) if named else None,
            relayed_by=[self.actor(one) for one in relays],
            threat_kind=threat,
            modality=modality,
            evidence=at,
            incident=incident,
            date=date,
            responds_to=answers,
            denial_kind=kind,
            confidence=confidence,
            cue="hand/written",
        )
        assert made is not None
        return made

    def acknowledge(
        self, kind: AcknowledgementKind, quote: str, actor: str, incident: str, *, speaker: str, date: str | None = None
    ) -> str:
        at = self.builder.locate(quote)
        assert at is not None, quote
        made = self.builder.acknowledge(
            kind,
            speaker=self.actor(speaker),
            actor=self.actor(actor),
            incident=incident,
            evidence=at,
            date=date,
            cue="hand/written",
        )
        assert made is not None
        return made

    def entries(self) -> list[Entry]:
        return [self.article, self.builder.reading()]


@dataclasses.dataclass(frozen=True)
class Dispute:
    entries: list[Entry]
    ids: dict[str, str]
    """Ids of claims and incidents by a short name."""

    @property
    def articles(self) -> dict[str, Article]:
        """With their texts, which the graph does not keep."""
        return {entry.id: entry for entry in self.entries if isinstance(entry, Article)}

    @property
    def graph(self) -> ConflictGraph:
        return fold(((number + 1, entry) for number, entry in enumerate(self.entries)), instant)


def instant(revision: int) -> str:
    """When it was all appended."""
    return "2026-03-10T08:00:00.000+00:00"


ACTORS = (
    Actor("Ardania", ActorKind.STATE, "XAR", aliases=("Republic of Ardania", "Ardania"), wikidata="Q1"),
    Actor("Beloria", ActorKind.STATE, "XBE"),
    Actor(
        "Belorian Army", ActorKind.ARMED_FORCE, "XBE", part_of="actor-beloria",
        memberships=(Membership("actor-old-cerinia", "1922", "1991-08"), Membership("actor-beloria", "1991-08-24")),
    ),
    Actor("Old Cerinia", ActorKind.STATE),
    Actor("Free Coast Brigade", ActorKind.ARMED_GROUP),
)  # fmt: skip
PLACES = (
    Place("Kesh", "XAR", 45.02, -12.5, "settlement"),
    Place("Upper Dova", "XAR", 44.0, 11.0, "region"),
)


def _market(ids: dict[str, str]) -> list[Entry]:
    story = Story(
        "Ardania accuses Beloria of shelling Kesh",
        [
            "The market of Kesh was shelled.",
            "Foreign Minister Ana Vey of Ardania accused the Belorian Army of shelling it.",
            "The Belorian Army denied that it was behind the shelling.",
            "It blamed the Free Coast Brigade.",
            "Ardania vowed to strike back.",
            "Cerinia said that it was an accident.",
            "Dovan said nobody had fired at all.",
        ],
        published="2026-03-04",
        publisher="The Courier",
        url="https://courier.example/a b?<1>",
        external_id="one",
    )
    shelling = story.incident("shelling", "The market of Kesh was shelled.", "Kesh", "XAR", "2026-03-02/2026-03-03")
    ids["shelling"] = shelling
    ids["accused"] = story.claim(
        ClaimType.ACCUSES, "Foreign Minister Ana Vey of Ardania accused the Belorian Army of shelling it.", "Ardania",
        "Beloria", speaker="Ana Vey", named="Belorian Army", incident=shelling, date="2026-03-03", confidence=1.0,
    )  # fmt: skip
    ids["headline"] = story.claim(
        ClaimType.ACCUSES, "Ardania accuses Beloria of shelling Kesh", "Ardania", "Beloria", incident=shelling
    )
    ids["denied"] = story.claim(
        ClaimType.DENIES, "The Belorian Army denied that it was behind the shelling.", "Belorian Army", "Ardania",
        incident=shelling, answers=ids["accused"], kind=DenialKind.PERPETRATION, date="2026-03-03/2026-03-05",
    )  # fmt: skip
    ids["deflected"] = story.claim(
        ClaimType.ACCUSES, "It blamed the Free Coast Brigade.", "Belorian Army", "Free Coast Brigade",
        incident=shelling, answers=ids["accused"],
    )  # fmt: skip
    ids["vowed"] = story.claim(
        ClaimType.RETALIATES, "Ardania vowed to strike back.", "Ardania", "Beloria", modality=Modality.THREATENED,
        incident=shelling, answers=shelling, date="2026-03",
    )  # fmt: skip
    ids["accident"] = story.claim(
        ClaimType.DENIES, "Cerinia said that it was an accident.", "Cerinia", None, incident=shelling,
        answers=ids["accused"], kind=DenialKind.INTENT,
    )  # fmt: skip
    ids["nothing"] = story.claim(
        ClaimType.DENIES, "Dovan said nobody had fired at all.", "Dovan", None, incident=shelling,
        kind=DenialKind.OCCURRENCE, date="2026",
    )  # fmt: skip
    return story.entries()


def _strange(ids: dict[str, str]) -> list[Entry]:
    story = Story(
        "\x02Odd 'title' \u0000\r\nof two lines ",
        ["Cerinia struck back at Beloria.", "Ardania called on Cerinia to punish Beloria.", STRANGE],
        published="2026-03",
        publisher="«ПРАВДА» 日報 & Söhne",
    )
    where = story.incident("raid & <fire>", "struck back", "Upper Dova", "XAR", "2026-02")
    story.incident("rumour", "Ardania called")
    ids["struck"] = story.claim(
        ClaimType.RETALIATES, "Cerinia struck back at Beloria.", "Cerinia", "Beloria",
        modality=Modality.CARRIED_OUT, incident=where, confidence=0.3333,
    )  # fmt: skip
    ids["urged"] = story.claim(
        ClaimType.RETALIATES, "Ardania called on Cerinia to punish Beloria.", "Ardania", "Beloria",
        modality=Modality.CALLED_FOR, confidence=0.0,
    )  # fmt: skip
    ids["strange"] = story.claim(ClaimType.ACCUSES, STRANGE, "Группа «Север» & Co. <x>", None, date="2025-12-31")
    return story.entries()


def _bare(ids: dict[str, str]) -> list[Entry]:
    story = Story("", ["Ardania denied it.", "It did not know."])
    ids["bare"] = story.claim(ClaimType.DENIES, "Ardania denied it.", "Ardania", None)
    for kind in (DenialKind.CHARACTERISATION, DenialKind.KNOWLEDGE, DenialKind.AUTHORITY):
        source = f"Speaker of {kind}"
        ids[kind] = story.claim(ClaimType.DENIES, "It did not know.", source, "Beloria", kind=kind)
    return story.entries()


def _owned(ids: dict[str, str]) -> list[Entry]:
    story = Story(
        "Brigade says it bombed the pier",
        [
            "The pier of Selm was bombed on Sunday.",
            "The Free Coast Brigade claimed the bombing as its own.",
            "General Oru admitted that Belorian guns had fired on it.",
            "Coast Radio, which cited the Coast Ministry, reported that Beloria blamed the Free Coast Brigade.",
            "The Ardanian Navy rejected that it had been there.",
            "Ardania would strike the Brigade if it did so again.",
            "Ardania ordered its ships against the Brigade.",
        ],
        published="2026-03-09",
        publisher="The Courier",
    )
    bombing = story.incident("bombing", "The pier of Selm was bombed on Sunday.", date="2026-03-08")
    ids["bombing"] = bombing
    ids["owned"] = story.acknowledge(
        AcknowledgementKind.SELF_CLAIM, "The Free Coast Brigade claimed the bombing as its own.", "Free Coast Brigade",
        bombing, speaker="Free Coast Brigade",
    )  # fmt: skip
    ids["admitted"] = story.acknowledge(
        AcknowledgementKind.ADMISSION, "General Oru admitted that Belorian guns had fired on it.", "Belorian Army",
        bombing, speaker="General Oru", date="2026-03",
    )  # fmt: skip
    ids["relayed"] = story.claim(
        ClaimType.ACCUSES,
        "Coast Radio, which cited the Coast Ministry, reported that Beloria blamed the Free Coast Brigade.", "Beloria",
        "Free Coast Brigade", incident=bombing, relays=("Coast Radio", "Coast Ministry"),
    )  # fmt: skip
    ids["navy"] = story.claim(
        ClaimType.DENIES, "The Ardanian Navy rejected that it had been there.", "Ardania", None, body="Ardanian Navy",
        incident=bombing, kind=DenialKind.PERPETRATION,
    )  # fmt: skip
    ids["conditional"] = story.claim(
        ClaimType.RETALIATES, "Ardania would strike the Brigade if it did so again.", "Ardania", "Free Coast Brigade",
        modality=Modality.THREATENED, threat=ThreatKind.CONDITIONAL,
    )  # fmt: skip
    ids["ordered"] = story.claim(
        ClaimType.RETALIATES, "Ardania ordered its ships against the Brigade.", "Ardania", "Free Coast Brigade",
        modality=Modality.THREATENED, threat=ThreatKind.ORDERED, incident=bombing,
    )  # fmt: skip
    return story.entries()


def _copied(ids: dict[str, str]) -> list[Entry]:
    """Another outlet's print of the same wire story."""
    story = Story(
        "Brigade blamed", ["Beloria blamed the Free Coast Brigade."], published="2026-03-10", publisher="Harbour Times"
    )
    ids["copy"] = story.claim(
        ClaimType.ACCUSES, "Beloria blamed the Free Coast Brigade.", "Beloria", "Free Coast Brigade"
    )
    copied = Decision(DecisionKind.LINEAGE, ids["copy"], "lineages@1", ids["relayed"], judgement=Judgement.SAME)
    return [*story.entries(), copied]


@pytest.fixture(scope="session")
def dispute() -> Dispute:
    ids: dict[str, str] = {}
    told = [*_market(ids), *_strange(ids), *_bare(ids), *_owned(ids), *_copied(ids)]
    return Dispute([*ACTORS, *PLACES, *told], ids)


@pytest.fixture(scope="session")
def graph(dispute: Dispute) -> ConflictGraph:
    return dispute.graph


@pytest.fixture(scope="session")
def shapes() -> Path:
    return ROOT / "graph_data" / "shapes"


@pytest.fixture(scope="session")
def ontology() -> Path:
    return ROOT / "graph_data" / "ontology"


@pytest.fixture(scope="session")
def story() -> Callable[..., Story]:
    return Story
