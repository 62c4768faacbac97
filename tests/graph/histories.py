"""What hypothesis draws of ledgers: every sort of decision in nearly any order, and runs as ingests store them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from app.linking import link
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Actor, Decision, Place, Reading
from app.vocabulary.terms import ActorKind, DecisionKind, Judgement

if TYPE_CHECKING:
    from tests.conftest import Told
    from tests.graph.conftest import Entry

RAID = (
    "Oda Renn for Ardania accused Fleet of Beloria over the raid in Kesh. Beloria denied Ardania over the raid in Kesh."
)
REPLY = "Ardania threatened Beloria on 2031-05-09. Cerinia accused Ardanian Army over the raid in Kesh."
TEXTS = (
    RAID,
    REPLY,
    "Coast Guard Command struck back at Red Wing. Grey Ones denied everything.",
    "Beloria blamed Ardania over the sabotage in Port Selm. Ardania denied Beloria. Ardania met Cerinia.",
)


@st.composite
def histories(draw: st.DrawFn, gazetteer: Gazetteer, told: Told) -> list[Entry]:
    """Articles, readings of one or two versions, links, records and every sort of decision, in nearly any order."""
    articles: list[Entry] = []
    readings: list[Reading] = []
    for text in draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4, unique=True)):
        for version in draw(st.sampled_from([(1,), (2,), (1, 2), (2, 1)])):
            article, reading = told(text, version=version)
            articles.append(article)
            readings.append(reading)
    later: list[Entry] = [*readings]
    for reading in readings:
        if draw(st.booleans()):
            found = link(reading, gazetteer)
            later += [*found.actors, *found.places, *found.decisions]
    mentions = [mention.id for reading in readings for mention in reading.mentions]
    incidents = [incident.id for reading in readings for incident in reading.incidents]
    claims = [claim.id for reading in readings for claim in reading.claims]
    actors = ["actor-ardania", "actor-beloria", "actor-fleet", "actor-grey-ones", "actor-coast-guard-command"]
    nodes = [*mentions, *actors, *incidents, "place-kesh", "place-port-selm"]
    records = [
        Actor("Ardania", ActorKind.UNKNOWN, aliases=("The Union",)),
        Actor("Fleet", ActorKind.ARMED_FORCE, part_of="actor-beloria"),
        Actor("Fleet", ActorKind.ARMED_FORCE, part_of="actor-nobody"),
        Actor("Nobody", ActorKind.STATE),
        Place("Kesh", lat=1.0, lon=2.0, precision="settlement"),
        Place("Kesh", lat=1.5, lon=2.0, precision="settlement"),
    ]
    later += draw(st.lists(st.sampled_from(records), max_size=3))
    decisions: list[Entry] = []
    for number in range(draw(st.integers(0, 6))):
        # None: a linker's.
        at = draw(st.sampled_from([None, f"2031-06-01T10:00:{number:02d}+00:00"]))
        by = draw(st.sampled_from(["Ana", "Ben"])) if at else "other@1"
        score = draw(st.sampled_from([None, 0.5, 1.0]))
        kind = draw(st.sampled_from([*[DecisionKind.JUDGE] * 3, *DecisionKind]))
        given_: dict[str, Any]
        match kind:
            case DecisionKind.JUDGE:
                subject = draw(st.sampled_from(nodes))
                given_ = {"object": draw(st.sampled_from(nodes)), "judgement": draw(st.sampled_from(Judgement))}
            case DecisionKind.LINEAGE:
                subject = draw(st.sampled_from(claims))
                given_ = {"object": draw(st.sampled_from(claims)), "judgement": draw(st.sampled_from(Judgement))}
            case DecisionKind.RETRACT:
                subject = draw(st.sampled_from([*claims, *incidents, *(a.id for a in articles)]))
                given_ = {}
            case DecisionKind.CORRECT:
                subject = draw(st.sampled_from(claims))
                field, value = draw(
                    st.sampled_from(
                        [
                            ("type", "denies"),
                            ("type", "retaliates"),
                            ("modality", "threatened"),
                            ("date", "2031-01"),
                            ("date", "soon"),
                            ("date", None),
                            ("denial_kind", "intent"),
                            ("threat_kind", "ordered"),
                            ("mood", "bad"),
                        ]
                    )
                )
                given_ = {"object": field, "value": value}
            case DecisionKind.UNDO:
                earlier = [entry.id for entry in (*later, *decisions) if isinstance(entry, Decision)]
                subject = draw(st.sampled_from(earlier or ["dec-none"]))
                given_ = {}
        decisions.append(Decision(kind, subject, by, at=at, score=score, **given_))
    return [*articles, *draw(st.permutations([*later, *decisions]))]


@st.composite
def runs(draw: st.DrawFn, gazetteer: Gazetteer, told: Told) -> list[Entry]:
    """Articles as an ingest stores them: each with its links, and with judgements on its incidents and claims."""
    entries: list[Entry] = []
    before: list[Reading] = []
    number = 0
    for text in draw(st.permutations(TEXTS))[: draw(st.integers(2, len(TEXTS)))]:
        article, reading = told(text)
        found = link(reading, gazetteer)
        entries += [article, *found.actors, *found.places, reading, *found.decisions]
        for earlier in before:
            pairs = [
                (
                    DecisionKind.JUDGE,
                    "incidents@1",
                    [(a.id, b.id) for a in reading.incidents for b in earlier.incidents],
                ),
                (DecisionKind.LINEAGE, "lineages@1", [(a.id, b.id) for a in reading.claims for b in earlier.claims]),
            ]
            for kind, by, could in pairs:
                for subject, object_ in draw(st.lists(st.sampled_from(could), max_size=3)) if could else ():
                    judgement = draw(st.sampled_from([*[Judgement.SAME] * 3, *Judgement]))
                    number += 1
                    score = number / 1000
                    entries.append(Decision(kind, subject, by, object_, judgement=judgement, score=score))
        before.append(reading)
        if draw(st.integers(0, 4)) == 0 and (incidents := [i.id for r in before for i in r.incidents]):
            at = f"2031-06-01T10:00:{len(entries) % 60:02d}+00:00"
            left, right = draw(st.sampled_from(incidents)), draw(st.sampled_from(incidents))
            entries.append(Decision(DecisionKind.JUDGE, left, "Ana", right, judgement=Judgement.DIFFERENT, at=at))
    return entries
