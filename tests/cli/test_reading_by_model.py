"""`--extractor llm` and `both`: chosen by option or setting, with what it took told, and stopped when the server is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.settings import Settings, told
from tests.model_server import ModelServer, Reply, annotated, by_hand, error, model_server
from tests.pipeline.outlet import entry, serving

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "graph_data" / "articles"
KEY = "sk-very-secret-0123456789"
OVERLOADED = " asked once, and failed: 503: overloaded"


def sample(name: str) -> Path:
    (path,) = SAMPLES.glob(f"train-{name}-*.json")
    return path


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server(answer=by_hand(annotated(SAMPLES))) as started:
        yield started


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POLEMOS_LLM_MODEL", "stand-in")
    monkeypatch.setenv("POLEMOS_LLM_CACHE", str(tmp_path / "llm"))
    monkeypatch.setenv("POLEMOS_LLM_RETRIES", "0")
    monkeypatch.setenv("POLEMOS_LLM_KEY", KEY)


def ask(monkeypatch: pytest.MonkeyPatch, server: ModelServer) -> None:
    monkeypatch.setenv("POLEMOS_LLM_URL", server.url)


@pytest.mark.parametrize("choice", ["llm", "both"])
def test_nothing_is_sent_where_no_server_is_named(polemos: Run, choice: str) -> None:
    refusal = polemos("ingest", sample("c04b"), "--extractor", choice).refusal
    assert "POLEMOS_LLM_URL" in refusal


def test_ingest_tells_what_it_took_and_a_second_time_takes_nothing(
    polemos: Run, monkeypatch: pytest.MonkeyPatch, server: ModelServer
) -> None:
    ask(monkeypatch, server)
    monkeypatch.setenv("POLEMOS_LLM_PRICE_IN", "1.5")
    monkeypatch.setenv("POLEMOS_LLM_PRICE_OUT", "6")
    first = polemos("ingest", sample("c04b"), "--extractor", "llm", "--json").json
    asked = len(server.requests)
    assert first["claims"] == 6
    assert first["llm"] == {
        "passages": asked,
        "cached": 0,
        "requests": asked,
        "failed": 0,
        "unusable": 0,
        "tokens_in": 100 * asked,
        "tokens_out": 10 * asked,
        "untold": 0,
        "cost": pytest.approx(asked * (100 * 1.5 + 10 * 6) / 1_000_000),
    }
    again = polemos("ingest", sample("c04b"), "--extractor", "llm")
    assert "0 articles read, 1 already known" in again.err
    # Read anew and stored nowhere: every answer is there.
    read = polemos("extract", sample("c04b"), "--extractor", "llm")
    assert f"0 requests to the model for {asked} passages, {asked} answered before, 0 tokens" in read.err
    assert len(json.loads(read.out)["claims"]) == 6
    assert len(server.requests) == asked


def test_a_run_without_a_model_says_nothing_of_one(polemos: Run) -> None:
    read = polemos("ingest", sample("c04b"), "--extractor", f"recorded:{SAMPLES}", "--json")
    assert "llm" not in read.json
    assert "model" not in read.err


def test_the_setting_chooses_it_too_and_the_receipt_names_it(
    polemos: Run, monkeypatch: pytest.MonkeyPatch, server: ModelServer
) -> None:
    ask(monkeypatch, server)
    monkeypatch.setenv("POLEMOS_EXTRACTOR", "llm")
    assert polemos("ingest", sample("c04b")).status == 0
    claim = polemos("accusations", "--json").json["claims"][0]["id"]
    assert "llm:stand-in@" in polemos("receipt", claim).out


def test_both_read_side_by_side_and_what_they_differ_on_waits_for_review(
    polemos: Run, monkeypatch: pytest.MonkeyPatch, server: ModelServer
) -> None:
    ask(monkeypatch, server)
    run = polemos("ingest", sample("c04b"), "--extractor", "both:rules")
    assert run.status == 0, run.err
    assert f"{len(server.requests)} requests to the model" in run.err
    waiting = polemos("review", "--json").json
    assert waiting["claims_total"] == len(waiting["claims"]) > 0
    one = waiting["claims"][0]
    assert one["reason"] in ("found only by llm", "found only by rules")
    assert one["by"].startswith("rules+llm:stand-in@")
    listed = polemos("review")
    assert "Claims on which extractors differ" in listed.out
    assert one["reason"] in " ".join(polemos("receipt", one["claim"]["id"]).out.split())
    agreed = [c for c in polemos("accusations", "--json").json["claims"] if c["cue"].startswith("found by both: ")]
    assert agreed
    settled = polemos(
        "correct", one["claim"]["id"], "type", one["claim"]["type"], "--reason", "it is so", "--by", "Ana"
    )
    assert settled.status == 0, settled.err
    assert polemos("review", "--json").json["claims_total"] == waiting["claims_total"] - 1


def test_a_server_that_dies_stops_it_and_nothing_is_half_stored(
    polemos: Run, monkeypatch: pytest.MonkeyPatch, server: ModelServer
) -> None:
    ask(monkeypatch, server)
    whole = server.answer
    monkeypatch.setenv("POLEMOS_LLM_CONCURRENCY", "1")

    def dying(passage: str, question: str) -> Reply:
        return error(503, f"overloaded {KEY}") if len(server.requests) > 3 else whole(passage, question)

    server.answer = dying
    run = polemos("ingest", sample("c04b"), "--extractor", "llm")
    assert run.status == 1
    assert run.err.splitlines()[-1].startswith("polemos: stand-in at 127.0.0.1")
    assert "1 failed" in run.err
    assert "the same command goes on from there" in run.err
    assert KEY not in run.err
    assert polemos("log", "--json").json["revision"] == 0
    server.answer, before = whole, len(server.requests)
    assert "6 claims" in polemos("ingest", sample("c04b"), "--extractor", "llm").err
    # What was answered before the server died is not asked for again.
    assert server.passages[before:]
    assert set(server.passages[before:]).isdisjoint(server.passages[:3])


def test_watch_asks_it_and_what_it_could_not_be_asked_about_waits(
    polemos: Run, monkeypatch: pytest.MonkeyPatch, server: ModelServer
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("POLEMOS_ALLOW_PRIVATE", "yes")
    ask(monkeypatch, server)
    usual, server.answer = server.answer, lambda *_: error(503, "overloaded")
    with serving() as outlet:
        outlet.feed(entry(1))
        outlet.page("/1", "One")
        watch = ("watch", f"{outlet.url}/feed", "--once", "--gap", 0, "--extractor", "llm")
        first = polemos(*watch)
        assert (first.status, first.refusal) == (1, "stand-in at " + server.url.split("/")[2] + OVERLOADED)
        server.answer = usual
        second = polemos(*watch)
    assert "1 article read" in second.err
    assert "requests to the model" in second.err


@pytest.mark.processes
def test_several_processes_are_one_account(polemos: Run, monkeypatch: pytest.MonkeyPatch, server: ModelServer) -> None:
    ask(monkeypatch, server)
    found = polemos("ingest", SAMPLES, "--extractor", "llm", "--workers", "2", "--json").json
    assert found["llm"]["passages"] == found["llm"]["requests"] == len(server.requests) > 100
    assert found["added"] == 40


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIMEOUT", "0"),
        ("TIMEOUT", "soon"),
        ("CONCURRENCY", "0"),
        ("CONCURRENCY", "1000"),
        ("RETRIES", "-1"),
        ("PRICE_IN", "free"),
        ("PRICE_OUT", "1e9"),
        ("PRICE_OUT", "nan"),
    ],
)
def test_settings_that_cannot_be(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"POLEMOS_LLM_{name}"):
        Settings.from_environment({f"POLEMOS_LLM_{name}": value})


def test_settings_are_told_without_the_key() -> None:
    given = {"POLEMOS_LLM_URL": "https://llm.example/v1", "POLEMOS_LLM_KEY": KEY}
    assert KEY not in repr(told(given))
    assert KEY not in repr(Settings.from_environment(given))
    assert Settings.from_environment(given).llm_key == KEY


def test_where_answers_are_kept(tmp_path: Path) -> None:
    own = Settings.from_environment({}).llm_folder
    assert own == ROOT / "graph_data" / "var" / "llm"
    assert Settings.from_environment({"POLEMOS_LLM_CACHE": "off"}).llm_folder == own
    assert Settings.from_environment({"POLEMOS_LLM_CACHE": str(tmp_path)}).llm_folder == tmp_path
