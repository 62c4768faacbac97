from __future__ import annotations

import asyncio
import dataclasses
import getpass
import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from app.extraction import recipe
from app.graph import fold
from app.ledger import Batch, open_ledger
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Decision
from app.vocabulary.terms import DecisionKind, Judgement
from app.web import Services, create_app

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "graph_data" / "articles"

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


def test_merge_makes_one_incident_of_three_and_undo_parts_them(apart: Run) -> None:
    before = total(apart, "incidents", "grid")
    first = decision(apart("merge", BLACKOUT[0], BLACKOUT[1], *WHY))
    # The second names one that has no node of its own any more.
    decision(apart("merge", BLACKOUT[2], BLACKOUT[0], *WHY))
    assert total(apart, "incidents", "grid") == before - 2
    merged = next(row for row in apart("incidents", "grid", "--json").json["incidents"] if row["articles"] == 3)
    view = apart("incident", merged["id"], "--json").json
    russia = next(row for row in view["attribution"] if row["actor"] == "Russia")
    assert {one["source"] for one in russia["affirming"]} == {"European Union", "Moldova", "Norrfjord", "Romania"}
    assert {one["source"] for one in russia["rejecting"]} == {"Russia"}
    decision(apart("undo", first, *WHY))
    assert total(apart, "incidents", "grid") == before - 1


def test_a_merged_actor_answers_to_both_names_and_can_be_split_again(filled: Run) -> None:
    both = total(filled, "accusations", "--source", "Norrfjord") + total(filled, "accusations", "--source", "Romania")
    decision(filled("merge", "Norrfjord", "Romania", *WHY))
    assert total(filled, "accusations", "--source", "Norrfjord") == both
    assert total(filled, "accusations", "--source", "Romania") == both
    decision(filled("split", "Romania", "Norrfjord", *WHY))
    assert total(filled, "accusations", "--source", "Norrfjord") < both


def test_a_split_blocks_a_merge_through_a_chain(apart: Run) -> None:
    decision(apart("split", BLACKOUT[0], BLACKOUT[2], *WHY))
    decision(apart("merge", BLACKOUT[0], BLACKOUT[1], *WHY))
    decision(apart("merge", BLACKOUT[1], BLACKOUT[2], *WHY))
    assert max(row["articles"] for row in apart("incidents", "grid", "--json").json["incidents"]) == 2


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
        (["retract", "clm-0"], "no article, claim, incident or acknowledgement has the id 'clm-0'"),
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


def test_two_nodes_are_left_as_they_are(filled: Run) -> None:
    assert decision(filled("leave", *BLACKOUT[:2], *WHY)).startswith("dec-")
    (row,) = filled("log", "--json").json["log"]
    assert (row["kind"], row["status"], row["subject_label"] is not None) == ("leave", "applied", True)


def test_two_claims_are_merged_and_split_as_texts(filled: Run) -> None:
    claims = [claim["id"] for claim in filled("accusations", "--source", "Moldova", "--json").json["claims"]][:2]
    filled("merge", *claims, *WHY)
    assert filled("split", *claims, *WHY).err.split(": ")[1].startswith("other_text by ana")
    assert [row["kind"] for row in filled("log", "--json").json["log"]] == ["other_text", "same_text"]


def test_a_merge_that_a_split_blocks_is_told_at_once(filled: Run) -> None:
    apart = decision(filled("split", BLACKOUT[0], BLACKOUT[1], *WHY))
    done = filled("merge", BLACKOUT[1], BLACKOUT[0], "--by", "ben", "--reason", "an invented reason")
    first, second = done.err.splitlines()
    assert first.endswith("merge by ben, revision 3")
    assert second.startswith("not applied, because ")
    assert apart in second


def test_the_log_shows_decisions_beside_what_the_ledger_holds(filled: Run) -> None:
    taken = decision(filled("retract", DENIAL, *WHY))
    decision(filled("undo", taken, "--by", "ben", "--reason", "taken back"))
    table = filled("log").out
    assert "│ revision" in table
    assert taken in table
    assert "undone, because undone by ben" in " ".join(table.split()).replace(" │ │ ", " ")
    told = filled("log", "--json").json
    assert (told["revision"], told["total"], [row["by"] for row in told["log"]]) == (3, 2, ["ben", "ana"])
    assert filled("log", "--by", "ana", "--json").json["log"][0]["id"] == taken
    assert filled("log", "--kind", "undo", "--json").json["total"] == 1
    assert filled("log", "--subject", DENIAL, "--json").json["total"] == 2
    assert filled("log", "--subject", BLACKOUT[0], "--json").json["total"] == 0
    assert filled("log", "--linkers", "--limit", "5", "--json").json["total"] > 300
    assert "there is no ruling 'judge'" in filled("log", "--kind", "judge").refusal


def test_the_queue_is_told_even_when_it_is_empty(apart: Run, ledger_file: Path) -> None:
    with closing(open_ledger(f"sqlite:///{ledger_file}")) as ledger:
        for_all = fold(ledger.entries(with_text=False)).doubts
        unsure = Decision(
            DecisionKind.JUDGE,
            BLACKOUT[0],
            "tests@1",
            BLACKOUT[1],
            None,
            Judgement.UNSURE,
            "an invented doubt",
            None,
            0.5,
        )
        before = len(for_all)
        assert apart("review", "--json").json["total"] == before
        ledger.append(Batch(decisions=[unsure]))
    told = apart("review", "--limit", "500", "--json").json
    assert told["total"] == before + 1
    doubt = next(one for one in told["doubts"] if one["id"] == unsure.id)
    assert {doubt["left"]["id"], doubt["right"]["id"]} == set(BLACKOUT[:2])
    assert doubt["left"]["claims"][0]["quote"]
    shown = apart("review", "--limit", "500").out
    assert "an invented doubt" in shown
    assert "to be judged" in shown
    apart("leave", *BLACKOUT[:2], *WHY)
    assert apart("review", "--json").json["total"] == before


# ---- receipts ----


def test_a_receipt_is_printed_kept_and_verified(filled: Run, tmp_path: Path) -> None:
    told = filled("receipt", DENIAL).out
    assert "Gazprom denied any political motive." in told
    kept = filled("receipt", DENIAL, "--json")
    path = tmp_path / "receipt.json"
    path.write_text(kept.out, encoding="utf-8")
    assert "No check failed" in filled("verify", path).out
    assert filled("verify", "-", "--json", stdin=kept.out).json["passed"] is True
    filled("correct", DENIAL, "denial_kind", "characterisation", *WHY)
    later = filled("verify", path).out
    assert "since: correct by ana" in later
    assert "No check failed; made at revision 1, the ledger is at 2." in later
    filled("retract", DENIAL, *WHY)
    gone = filled("verify", path)
    assert (gone.status, "retracted by ana" in " ".join(gone.out.split())) == (1, True)
    assert filled("receipt", DENIAL, "--as-of", "1", "--json").json == kept.json
    assert "it may have been retracted" in filled("receipt", DENIAL).refusal


def test_a_bent_receipt_leaves_with_1_and_what_is_none_with_2(filled: Run, tmp_path: Path) -> None:
    bent = filled("receipt", DENIAL, "--json").out.replace("political", "personal")
    assert filled("verify", "-", stdin=bent).status == 1
    assert "this is no receipt" in filled("verify", "-", stdin="{}").refusal
    assert "this is no JSON" in filled("verify", "-", stdin="").refusal
    assert filled("verify", tmp_path / "none.json").status == 2


def test_a_receipt_is_held_against_the_text_one_has(filled: Run, ledger_file: Path, tmp_path: Path) -> None:
    kept = filled("receipt", DENIAL, "--json").out
    with closing(open_ledger(f"sqlite:///{ledger_file}")) as ledger:
        article = ledger.article(json.loads(kept)["article"])
    assert article is not None
    text = tmp_path / "article.txt"
    text.write_text(article.text, encoding="utf-8")
    assert filled("verify", "-", "--text", text, stdin=kept).status == 0
    text.write_text(article.text + " ", encoding="utf-8")
    other = filled("verify", "-", "--text", text, "--json", stdin=kept)
    assert other.status == 1
    failed = {one["check"] for one in json.loads(other.out)["checks"] if one["outcome"] == "fail"}
    assert failed == {"article_id", "document"}


# ---- a retracted article read again ----


def test_ingesting_a_retracted_article_says_that_it_stays_out(filled: Run) -> None:
    article = filled("denials", "--source", "Gazprom", "--json").json["claims"][0]["evidence"]["article"]
    taken = decision(filled("retract", article, *WHY))
    told = filled("ingest", SAMPLES, "--extractor", f"recorded:{SAMPLES}")
    (line,) = (line for line in told.err.splitlines() if "stays out" in line)
    assert line.startswith(f"{article} stays out of the graph: retracted by ana at ")
    assert line.endswith(f"an invented reason ({taken})")
    report = filled("ingest", SAMPLES, "--extractor", f"recorded:{SAMPLES}", "--json").json
    assert [(one["article"], one["decision"]["id"]) for one in report["retracted"]] == [(article, taken)]
    filled("undo", taken, *WHY)
    again = filled("ingest", SAMPLES, "--extractor", f"recorded:{SAMPLES}", "--json").json
    assert again["retracted"] == []


# ---- two doors, one ledger ----


def test_command_line_and_http_leave_the_same_rows(
    filled: Run, annotated: Path, ledger_file: Path, tmp_path: Path
) -> None:
    claims = [claim["id"] for claim in filled("accusations", "--source", "Moldova", "--json").json["claims"]][:2]
    rulings: list[tuple[list[str], dict[str, Any]]] = [
        (["merge", *BLACKOUT[:2]], {"kind": "merge", "subject": BLACKOUT[0], "object": BLACKOUT[1]}),
        (["split", "SIS", "actor-romania"], {"kind": "split", "subject": "actor-sis", "object": "actor-romania"}),
        (["leave", *BLACKOUT[1:]], {"kind": "leave", "subject": BLACKOUT[1], "object": BLACKOUT[2]}),
        (["merge", *claims], {"kind": "same_text", "subject": claims[0], "object": claims[1]}),
        (["split", *claims], {"kind": "other_text", "subject": claims[0], "object": claims[1]}),
        (
            ["correct", DENIAL, "date", "2023-12"],
            {"kind": "correct", "subject": DENIAL, "field": "date", "value": "2023-12"},
        ),
        (["correct", DENIAL, "date"], {"kind": "correct", "subject": DENIAL, "field": "date"}),
        (["retract", DENIAL], {"kind": "retract", "subject": DENIAL}),
    ]
    for words, _ in rulings:
        decision(filled(*words, *WHY))
    other = tmp_path / "other.sqlite"
    shutil.copy(annotated, other)
    services = Services(
        open_ledger(f"sqlite:///{other}"),
        recipe=recipe(f"recorded:{SAMPLES}", ROOT / "graph_data"),
        gazetteer=lambda: Gazetteer([]),
        data=ROOT / "graph_data",
    )

    async def post_all() -> None:
        transport = httpx.ASGITransport(create_app(services))
        async with httpx.AsyncClient(transport=transport, base_url="http://polemos.test") as client:
            for _, asked in rulings:
                found = await client.post("/decisions", json=asked | {"by": "ana", "reason": "an invented reason"})
                assert found.status_code == 200, found.text

    asyncio.run(post_all())
    services.close()
    assert rows(ledger_file) == rows(other)
    assert len(rows(other)) == len(rulings)


def rows(path: Path) -> list[Decision]:
    """People's decisions in a ledger, without the instant, in which alone they may differ."""
    with closing(open_ledger(f"sqlite:///{path}")) as ledger:
        decisions = [one for _, one in ledger.entries(with_text=False) if isinstance(one, Decision)]
    return [dataclasses.replace(one, at=None, id="") for one in decisions if one.at is not None]
