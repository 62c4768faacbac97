"""The measurement at scale, run on a small invented folder: its ledger is sound, and every question finds something."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.graph import ConflictGraph, fold
from app.ledger import open_ledger
from app.vocabulary.terms import ClaimType
from tests.benchmarks import icews

RELATIONS = (
    """
Accuse|Accuse of war crimes|Make statement|Host a visit
Deny responsibility|Reject|Threaten
Provide aid|fight with small arms and light weapons
""".strip()
    .replace("\n", "|")
    .split("|")
)
ACTORS = ["Norvania", "Military (Kenya)", "Citizen (Kenya)", "Somalia", "Unspecified Actor", "Ana Vlasic"]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("facts") / "icews31"
    folder.mkdir()
    for name, words in (("entity2id", ACTORS), ("relation2id", RELATIONS)):
        (folder / f"{name}.txt").write_text("".join(f"{word}\t{n}\n" for n, word in enumerate(words)), encoding="utf-8")
    drawn = random.Random(7)
    facts = {
        (day, drawn.randrange(len(ACTORS)), drawn.randrange(len(RELATIONS)), drawn.randrange(len(ACTORS)))
        for day in range(40)
        for _ in range(30)
    }
    lines = [f"{one}\t{code}\t{other}\t{24 * day}\n" for day, one, code, other in sorted(facts) if one != other]
    (folder / "train.txt").write_text("".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def graph(bench: Path, tmp_path_factory: pytest.TempPathFactory) -> ConflictGraph:
    file = tmp_path_factory.mktemp("ledger") / "icews18.sqlite"
    report, _ = icews.build(bench, file)
    assert set(report.refused) == {"no_source"}
    ledger = open_ledger(f"sqlite:///{file}")
    made = fold(ledger.entries(with_text=False))
    ledger.close()
    assert len(made.claims) == report.claims
    return made


def test_every_event_is_a_claim_of_its_sort(graph: ConflictGraph) -> None:
    kinds = {
        claim.claim.evidence.quote.split(" | ")[2]: (claim.claim.type, str(claim.claim.modality))
        for claim in graph.claims.values()
    }
    assert kinds.keys() == set(RELATIONS)
    assert {name for name, (kind, _) in kinds.items() if kind is ClaimType.ACCUSES} == set(RELATIONS[:4])
    assert {name for name, (kind, _) in kinds.items() if kind is ClaimType.DENIES} == set(RELATIONS[4:7])
    assert kinds["Provide aid"] == (ClaimType.RETALIATES, "carried_out")


def test_incidents_span_articles_and_denials_answer(graph: ConflictGraph) -> None:
    assert max(len(incident.members) for incident in graph.incidents.values()) > 3
    answered = [claim.claim.responds_to for claim in graph.claims.values() if claim.claim.responds_to is not None]
    assert answered
    assert all(graph.claims[one].claim.type is ClaimType.ACCUSES for one in answered)


@pytest.mark.parametrize("name", sorted(icews.QUESTIONS))
def test_each_question_is_asked_and_timed(graph: ConflictGraph, name: str) -> None:
    question, _ = icews.QUESTIONS[name]
    asked = question(graph, 5)
    assert len(asked.times) == 5
    assert all(time > 0 for time in asked.times)
    assert asked.row().startswith(f"| {asked.what} | 5 | ")


def test_the_same_graph_draws_the_same_questions(graph: ConflictGraph) -> None:
    one, other = (icews.Draw.of(graph, 20, ClaimType.ACCUSES).pairs() for _ in range(2))
    assert one == other
    assert len(set(one)) > 10
