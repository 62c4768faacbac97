from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Outcome, Run

WHY = ("--by", "ana", "--reason", "an invented reason")
BLACKOUT = ("inc-c2a593b0dee5c89cd2a2", "inc-3b068acb27fee08e0e6a", "inc-c7f7b5d52bd779a5a766")
DENIAL = "clm-b31e4c64ff1ab7957676"


def decision(done: Outcome) -> str:
    """The id of the decision that a command took."""
    assert done.status == 0, done.err
    assert done.out == ""
    return done.err.split(":")[0]


def total(run: Run, command: str, *words: str) -> int:
    return int(run(command, *words, "--json").json["total"])


def gazprom(run: Run) -> list[str | None]:
    return [claim["denial_kind"] for claim in run("denials", "--source", "Gazprom", "--json").json["claims"]]


def test_a_decision_tells_its_id_kind_author_and_revision(filled: Run) -> None:
    done = filled("retract", DENIAL, *WHY)
    assert done.err == f"{decision(done)}: retract by ana, revision 2\n"
    assert decision(done).startswith("dec-")


def test_without_by_the_login_name_decides(filled: Run) -> None:
    assert f" by {getpass.getuser()}, " in filled("retract", DENIAL, "--reason", "an invented reason").err


def test_merge_makes_one_incident_of_three_and_undo_parts_them(filled: Run) -> None:
    before = total(filled, "incidents", "grid")
    first = decision(filled("merge", BLACKOUT[0], BLACKOUT[1], *WHY))
    # The second names one that has no node of its own any more.
    decision(filled("merge", BLACKOUT[2], BLACKOUT[0], *WHY))
    assert total(filled, "incidents", "grid") == before - 2
    merged = next(row for row in filled("incidents", "grid", "--json").json["incidents"] if row["articles"] == 3)
    view = filled("incident", merged["id"], "--json").json
    russia = next(row for row in view["attribution"] if row["actor"] == "Russia")
    assert {one["source"] for one in russia["affirming"]} == {"European Union", "Moldova", "Norrfjord", "Romania"}
    assert {one["source"] for one in russia["rejecting"]} == {"Russia"}
    decision(filled("undo", first, *WHY))
    assert total(filled, "incidents", "grid") == before - 1


def test_a_merged_actor_answers_to_both_names_and_can_be_split_again(filled: Run) -> None:
    both = total(filled, "accusations", "--source", "Norrfjord") + total(filled, "accusations", "--source", "Romania")
    decision(filled("merge", "Norrfjord", "Romania", *WHY))
    assert total(filled, "accusations", "--source", "Norrfjord") == both
    assert total(filled, "accusations", "--source", "Romania") == both
    decision(filled("split", "Romania", "Norrfjord", *WHY))
    assert total(filled, "accusations", "--source", "Norrfjord") < both


def test_a_split_blocks_a_merge_through_a_chain(filled: Run) -> None:
    decision(filled("split", BLACKOUT[0], BLACKOUT[2], *WHY))
    decision(filled("merge", BLACKOUT[0], BLACKOUT[1], *WHY))
    decision(filled("merge", BLACKOUT[1], BLACKOUT[2], *WHY))
    assert max(row["articles"] for row in filled("incidents", "grid", "--json").json["incidents"]) == 2


def test_a_correction_holds_until_it_is_undone(filled: Run) -> None:
    assert gazprom(filled) == [None]
    first = decision(filled("correct", DENIAL, "denial_kind", "characterisation", *WHY))
    assert gazprom(filled) == ["characterisation"]
    undone = decision(filled("undo", first, *WHY))
    assert gazprom(filled) == [None]
    decision(filled("undo", undone, *WHY))
    assert gazprom(filled) == ["characterisation"]


def test_a_value_left_out_makes_the_field_unknown(filled: Run) -> None:
    dated = next(
        claim for claim in filled("accusations", "--source", "Moldova", "--json").json["claims"] if claim["date"]
    )
    decision(filled("correct", dated["id"], "date", *WHY))
    now = {
        claim["id"]: claim["date"] for claim in filled("accusations", "--source", "Moldova", "--json").json["claims"]
    }
    assert now[dated["id"]] is None


def test_a_retracted_claim_leaves_the_graph_and_comes_back(filled: Run) -> None:
    taken = decision(filled("retract", DENIAL, *WHY))
    assert gazprom(filled) == []
    assert filled("log", "--json").json["claims"] == 401
    decision(filled("undo", taken, *WHY))
    assert len(gazprom(filled)) == 1


def test_a_retracted_article_takes_its_claims_along(filled: Run) -> None:
    claims = filled("denials", "--source", "Gazprom", "--json").json["claims"]
    before = total(filled, "denials", "--publisher", claims[0]["publisher"])
    assert before > 1
    decision(filled("retract", claims[0]["evidence"]["article"], *WHY))
    assert filled("denials", "--publisher", claims[0]["publisher"]).status == 2
    assert filled("log", "--json").json["articles"] == 40


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["merge", "Norrfjord", "Nobody"], "'Nobody' should name one actor, place or incident, but names none"),
        (["merge", "Russia", "Norrfjord"], "names several: actor-russia, place-russia-rus"),
        (["merge", "Norrfjord", "Norrfjord"], "cannot be judged against itself"),
        (["split", "inc-0", BLACKOUT[0]], "'inc-0' should name one"),
        (["correct", "clm-0", "date", "2023"], "no claim has the id 'clm-0'"),
        (["correct", DENIAL, "colour", "red"], "a claim has no field 'colour' to correct"),
        (["correct", DENIAL, "date", "soon"], "'soon' is no date of a claim"),
        (["correct", DENIAL, "denial_kind", "loud"], "'loud' is no denial kind of a claim"),
        (["correct", DENIAL, "modality", "threatened"], "a claim that denies is asserted, not threatened"),
        (["correct", DENIAL, "type", "retaliates"], "a claim that retaliates is carried_out or threatened"),
        (["retract", "clm-0"], "no article or claim has the id 'clm-0'"),
        (["undo", "dec-0"], "no decision has the id 'dec-0'"),
    ],
)
def test_what_cannot_be_decided_is_told_in_one_line_and_stores_nothing(
    filled: Run, words: list[str], told: str
) -> None:
    refused = filled(*words, *WHY)
    assert refused.status == 2
    assert told in refused.refusal
    assert filled("log", "--json").json["revision"] == 1


@pytest.mark.parametrize("words", [["--reason", " "], ["--reason", "why", "--by", " "]])
def test_a_decision_needs_a_reason_and_an_author(filled: Run, words: list[str]) -> None:
    refused = filled("retract", DENIAL, *words)
    assert refused.status == 2
    assert refused.refusal.startswith("say w")


def test_a_decision_without_reason_is_a_usage_error(filled: Run) -> None:
    refused = filled("retract", DENIAL)
    assert refused.status == 2
    assert "--reason" in refused.err
