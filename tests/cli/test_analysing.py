"""The commands on claims over time, on the annotated samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.cli.session import Session
from app.graph import ConflictGraph
from app.queries import ClaimFilter, centralities, dyads, hearsay, ladder, mirrors, responses, stances
from app.vocabulary.terms import ClaimType

if TYPE_CHECKING:
    import msgspec

    from tests.cli.conftest import Run

PAIR = ("--source", "Russia", "--target", "Moldova")
ASKED = ClaimFilter(source="Russia", target="Moldova")


def same(document: object, answer: msgspec.Struct) -> bool:
    import msgspec

    answered: object = msgspec.json.decode(msgspec.json.encode(answer))
    return document == answered


def test_json_is_the_answer_of_the_query(filled: Run) -> None:
    graph = Session().graph()
    assert same(filled("ladder", *PAIR, "--within", 30, "--json").json, ladder.ladder(graph, ASKED, 30))
    assert same(filled("responses", *PAIR, "--json").json, responses.responses(graph, ASKED))
    assert same(filled("flips", *PAIR, "--json").json, stances.flips(graph, ASKED))
    assert same(filled("mirrors", *PAIR, "--json").json, mirrors.mirrors(graph, ASKED))
    assert same(filled("mirrors", *PAIR, "--cycles", "--length", 3, "--json").json, mirrors.cycles(graph, ASKED, 3))
    assert same(filled("dyad", "Russia", "Moldova", "--json").json, dyads.dyad(graph, ASKED))
    assert same(filled("hearsay", *PAIR, "--json").json, hearsay.hearsay(graph, ASKED))
    both = ClaimFilter(types=(ClaimType.ACCUSES, ClaimType.DENIES))
    words = ("--type", "accuses", "--type", "denies", "--by", "betweenness", "--top", 5, "--json")
    assert same(filled("centralities", *words).json, centralities.centralities(graph, both, 5, "betweenness"))


def test_one_claim_as_json(filled: Run, graph: ConflictGraph) -> None:
    accusation = an_accusation(graph)
    assert filled("responses", accusation, "--json").json["response"]["accusation"]["id"] == accusation
    assert filled("chain", accusation, "--json").json["claim"]["id"] == accusation


def an_accusation(graph: ConflictGraph) -> str:
    """An accusation of the samples."""
    return responses.responses(graph, ClaimFilter(source="Moldova"), limit=1).responses[0].accusation.id


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ladder", *PAIR], ["carried out", "2 threats: 2 carried out", "revision"]),
        (
            ["responses", "--source", "Moldova"],
            ["First responses by the accused", "7 accusations:", "4 answered, 3 no coverage"],
        ),
        (["flips", "--source", "Pakistan"], ["Pakistan", "ISKP", "1 turn in what was said"]),
        (["mirrors", "--source", "Djibouti"], ["Djibouti accuses Eritrea", "1 pair"]),
        (["mirrors", "--source", "Djibouti", "--cycles"], ["Djibouti → Eritrea → Djibouti", "2 rings"]),
        (["dyad", "Moldova", "Russia"], ["Moldova → Russia followed within 14 days", "no correlation: too few bins"]),
        (["hearsay"], ["Weakest link", "claims not first hand"]),
        (["centralities", "--type", "accuses"], ["PageRank", "55 actors with 77 ties", "The first 20 are shown."]),
    ],
)
def test_tables_say_what_is_reported_and_what_it_rests_on(filled: Run, words: list[str], said: list[str]) -> None:
    answer = filled(*words)
    assert (answer.status, answer.err) == (0, "")
    flat = " ".join(answer.out.replace("│", " ").split())
    for line in said:
        assert line in flat


def test_a_chain_in_a_table(filled: Run, graph: ConflictGraph) -> None:
    answer = filled("chain", an_accusation(graph))
    assert "From the reader inwards" in answer.out
    assert "first hand" in answer.out


def test_what_cannot_be_used_is_refused_in_one_line(filled: Run) -> None:
    assert "there is no turn 'somersault'" in filled("flips", "--turn", "somersault").refusal
    assert "no actor is called" in filled("dyad", "Moldovia", "Russia").refusal
    assert "no claim has the id" in filled("chain", "clm-none").refusal
