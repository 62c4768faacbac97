from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.cli import asking
from app.graph import ConflictGraph
from app.vocabulary.terms import ClaimType

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "graph_data" / "articles"

QUESTIONS = {"accusations": "accuses", "denials": "denies", "retaliations": "retaliates"}
CLAIM_FIELDS = {"id", "type", "speaker", "source", "target", "incident", "modality", "date", "evidence"}


def annotated_claims() -> list[dict[str, Any]]:
    """Every claim of the samples, with the article that makes it."""
    found = []
    for path in sorted(SAMPLES.glob("*.json")):
        article = json.loads(path.read_text(encoding="utf-8"))
        found += [{**claim, "article": article} for claim in article["claims"]]
    return found


@pytest.mark.parametrize(("command", "kind"), QUESTIONS.items())
def test_json_holds_the_claims_of_one_type_with_their_quotes(filled: Run, command: str, kind: str) -> None:
    page = filled(command, "--json").json
    assert page["revision"] == 1
    assert page["filters"] == {"type": kind, "rollup": "full"}
    assert page["next"] is None
    assert page["total"] == len(page["claims"]) == page["counts"]["claims"] > 20
    told = {(claim["type"], claim["source"], claim["target"], claim["evidence"]) for claim in annotated_claims()}
    for claim in page["claims"]:
        assert claim.keys() >= CLAIM_FIELDS
        assert claim["type"] == kind
        assert claim["evidence"].keys() == {"quote", "part", "start", "end", "article"}
        assert (kind, claim["source"], claim["target"], claim["evidence"]["quote"]) in told


@pytest.mark.parametrize("command", QUESTIONS)
def test_the_table_shows_quote_publisher_id_and_what_stands_behind_the_answer(filled: Run, command: str) -> None:
    answer = filled(command, "--source", "Russia", "--target", "Moldova")
    claims = filled(command, "--source", "Russia", "--target", "Moldova", "--json").json["claims"]
    assert answer.status == 0
    assert answer.err == ""
    words = " ".join(answer.out.replace("│", " ").split())
    assert claims
    for claim in claims:
        assert claim["id"] in answer.out
        assert claim["publisher"].split()[0] in words
    assert f"{len(claims)} {command} in " in answer.out
    assert "revision 1" in answer.out


def test_an_empty_answer_is_an_answer(filled: Run) -> None:
    answer = filled("accusations", "--source", "Romania", "--target", "Moldova")
    assert answer.status == 0
    assert "0 accusations in 0 articles of 0 publishers" in answer.out


def test_an_empty_ledger_answers(polemos: Run) -> None:
    assert polemos("accusations", "--json").json["claims"] == []
    assert polemos("actors").status == 0


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["--source", "Moldova"], 7),
        (["--source", "actor-moldova"], 7),
        (["--source", "REPUBLIC OF MOLDOVA"], 7),
        (["--source", "Moldova", "--no-rollup"], 2),
        (["--source", "SIS"], 3),
        (["--source", "Moldova", "--target", "Russia", "--since", "2023-12"], 3),
        (["--source", "Moldova", "--target", "Russia", "--until", "2023-11-16"], 4),
        (["--place", "MDA"], 13),
        (["--place", "Chisinau"], 12),
        (["--publisher", "black sea flash"], 5),
        (["--publisher", "Signal & State", "--min-confidence", "0.9"], 5),
    ],
)
def test_every_filter_filters(filled: Run, words: list[str], count: int) -> None:
    assert filled("accusations", *words, "--json").json["total"] == count


def test_incident_filters_by_incident(filled: Run, graph: ConflictGraph) -> None:
    busiest = max(graph.incidents, key=lambda one: len(graph.claims_about(one)))
    found = [filled(command, "--incident", busiest, "--json").json["total"] for command in QUESTIONS]
    assert sum(found) == len(graph.claims_about(busiest))


def test_limit_cuts_the_list_and_tells_so(filled: Run) -> None:
    page = filled("accusations", "--limit", "2", "--json").json
    assert len(page["claims"]) == 2
    assert page["total"] > 100
    assert "the first 2 are shown" in filled("accusations", "--limit", "2").out


def test_a_limit_beyond_one_page_gives_all(filled: Run) -> None:
    ids = [claim["id"] for claim in filled("accusations", "--limit", "100000", "--json").json["claims"]]
    assert len(ids) == len(set(ids)) == filled("accusations", "--json").json["total"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--source", "Moldovia"], "no actor is called 'Moldovia'; close to it: Moldova"),
        (["--target", "Xyzzy"], "no actor is called 'Xyzzy'"),
        (["--since", "yesterday"], "'yesterday' is not a date of the form YYYY, YYYY-MM or YYYY-MM-DD"),
        (["--since", "2023-02-30"], "day"),
        (["--since", "2024", "--until", "2023"], "since 2024 lies after until 2023; swap them"),
        (["--place", "Atlantis"], "no place or country is called 'Atlantis'"),
        (["--incident", "inc-0"], "no incident has the id 'inc-0'"),
        (["--publisher", "Nobody's Gazette"], 'no article is published by "Nobody\'s Gazette"'),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(filled: Run, words: list[str], told: str) -> None:
    refused = filled("accusations", *words)
    assert refused.status == 2
    assert told in refused.refusal


@pytest.mark.parametrize("words", [["--min-confidence", "2"], ["--limit", "0"], ["--sauce", "Russia"], ["extra"]])
def test_a_wrong_option_is_a_usage_error(filled: Run, words: list[str]) -> None:
    refused = filled("accusations", *words)
    assert refused.status == 2
    assert refused.err.startswith("Usage: ")
    assert "accusations --help" in refused.err
    assert refused.out == ""


def test_thread_links_denials_to_what_they_deny(filled: Run) -> None:
    (denial,) = filled("denials", "--source", "Gazprom", "--json").json["claims"]
    thread = filled("thread", denial["id"], "--json").json
    assert thread["claim"] == denial["id"]
    assert {"start": denial["id"], "end": denial["responds_to"], "link": "denies"}.items() <= thread["links"][0].items()
    assert {claim["id"] for claim in thread["claims"]} >= {denial["id"], denial["responds_to"]}
    table = filled("thread", denial["id"])
    assert table.status == 0
    assert f"{denial['id']} denies {denial['responds_to']}" in table.out


def test_thread_tells_which_incident_is_answered(filled: Run) -> None:
    claims = filled("retaliations", "--source", "Moldova", "--json").json["claims"]
    table = filled("thread", claims[0]["id"])
    assert f"{claims[0]['id']} answers the incident cyber-attack on the power grid operator" in table.out


def test_incident_shows_both_sides_and_no_winner(filled: Run, graph: ConflictGraph) -> None:
    busiest = max(graph.incidents, key=lambda one: len(graph.claims_about(one)))
    view = filled("incident", busiest, "--json").json
    assert view["incident"]["id"] == busiest
    assert view["attribution"]
    table = filled("incident", busiest)
    assert f"as reported in {len(view['reported_in'])} article" in table.out
    for row in view["attribution"]:
        # A long name is broken over lines, so its first word is looked for.
        assert row["actor"].split()[0] in table.out
        assert {"actor", "actor_id", "affirming", "rejecting", "status", "because"} <= row.keys()


@pytest.mark.parametrize(("command", "named"), [("thread", "no claim"), ("incident", "no incident")])
def test_an_unknown_id_is_told(filled: Run, command: str, named: str) -> None:
    refused = filled(command, "nothing")
    assert refused.status == 2
    assert f"{named} has the id 'nothing'" in refused.refusal


@pytest.mark.parametrize(
    ("command", "query", "found"),
    [("actors", "moldova", "Moldova"), ("places", "chisinau", "Chișinău"), ("incidents", "grid", "power grid")],
)
def test_lists_are_searched_by_name(filled: Run, command: str, query: str, found: str) -> None:
    page = filled(command, query, "--json").json
    assert page["filters"]["q"] == query
    assert page["total"] == len(page[command]) > 0
    table = filled(command, query)
    assert found in " ".join(table.out.replace("│", " ").split())
    assert all(row["id"] in table.out for row in page[command])


@pytest.mark.parametrize("command", ["actors", "places", "incidents"])
def test_a_list_that_is_cut_tells_so(filled: Run, command: str) -> None:
    total = filled(command, "--json").json["total"]
    assert f"3 of {total} shown." in filled(command, "--limit", "3").out


def test_markup_in_an_article_is_no_markup_in_the_table(polemos: Run, tmp_path: Path) -> None:
    article = {
        "id": "x",
        "title": "",
        "text": "Ardania accused Beloria of [bold]arson[/bold].",
        "incidents": [],
        "claims": [
            {
                "id": "c1",
                "type": "accuses",
                "speaker": "Ardania",
                "source": "Ardania",
                "target": "Beloria",
                "incident": None,
                "modality": "asserted",
                "date": None,
                "responds_to": None,
                "evidence": "Ardania accused Beloria of [bold]arson[/bold].",
            }
        ],
    }
    (tmp_path / "x.json").write_text(json.dumps(article), encoding="utf-8")
    assert polemos("ingest", tmp_path / "x.json", "--extractor", f"recorded:{tmp_path}").status == 0
    assert "[bold]arson[/bold]" in polemos("accusations").out


def test_the_ledger_as_it_was(filled: Run) -> None:
    now = filled("accusations", "--json").json
    article = now["claims"][0]["evidence"]["article"]
    assert filled("retract", article, "--reason", "forged").status == 0
    assert filled("accusations", "--json").json["total"] < now["total"]
    assert filled("accusations", "--json", "--as-of", "1").json == now
    for command, noun in (("actors", "actors"), ("places", "places"), ("incidents", "incidents")):
        before = filled(command, "--json", "--as-of", "1").json
        assert (before["revision"], bool(before[noun])) == (1, True)
    assert filled("accusations", "--json", "--as-of", "2001-01-01").json["total"] == 0
    assert "no revision 99 yet" in filled("accusations", "--as-of", "99").refusal


def test_clock_voice_rung_and_roll_up_on_the_command_line(filled: Run) -> None:
    everything = filled("retaliations", "--json").json
    done = filled("retaliations", "--rung", "carried_out", "--json").json
    assert 0 < done["total"] < everything["total"]
    assert {row["rung"] for row in done["claims"]} == {"carried_out"}
    said = filled("accusations", "--until", "2023-01-12", "--json").json
    happened = filled("accusations", "--until", "2023-01-12", "--clock", "happened", "--json").json
    assert happened["filters"]["clock"] == "happened"
    assert happened["total"] != said["total"]
    off = filled("accusations", "--source", "Moldova", "--rollup", "off", "--json").json
    assert off["claims"] == filled("accusations", "--source", "Moldova", "--no-rollup", "--json").json["claims"]
    spoken = filled("accusations", "--source", "Moldova", "--voice", "speaker", "--rollup", "off", "--json").json
    assert {row["speaker"] for row in spoken["claims"]} == {"Moldova"}


@pytest.mark.parametrize("kind", ClaimType)
def test_there_is_a_verb_for_every_type_of_claim(kind: ClaimType) -> None:
    assert asking._VERBS[kind]
