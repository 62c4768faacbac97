"""`polemos watch`, in this process and in one of its own, against a real server on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.pipeline.outlet import Answer, Outlet, entry, serving

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ("--gap", 0, "--extractor", f"recorded:{ROOT / 'graph_data' / 'articles'}")


@pytest.fixture
def outlet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outlet]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("POLEMOS_ALLOW_PRIVATE", "yes")
    with serving() as one:
        one.feed(entry(1), entry(2))
        one.page("/1", "One")
        one.page("/2", "Two")
        yield one


def test_one_round_and_another_that_adds_nothing(polemos: Run, outlet: Outlet, ledger_file: Path) -> None:
    first = polemos("watch", f"{outlet.url}/feed", "--once", *OPTIONS)
    assert (first.status, first.out) == (0, "")
    assert first.err == "1 feed read, 2 new entries, 2 articles read, 0 already known, 0 claims\n"
    assert ledger_file.with_name("ledger.sqlite.watch.json").is_file()
    outlet.log.clear()
    again = polemos("watch", f"{outlet.url}/feed", "--once", *OPTIONS)
    assert again.err == "1 feed read (1 unchanged), 0 new entries, 0 articles read, 0 already known, 0 claims\n"
    assert [(one.path, one.etag) for one in outlet.log] == [("/feed", '"1"')]
    assert polemos("log", "--json").json["revision"] == 1


def test_json_is_one_line_a_round(polemos: Run, outlet: Outlet) -> None:
    done = polemos("watch", f"{outlet.url}/feed", "--once", "--json", *OPTIONS)
    (line,) = done.out.splitlines()
    report = json.loads(line)
    assert (report["feeds"], report["entries"], report["added"], report["refused"]) == (1, 2, 2, [])
    assert len(report["articles"]) == 2
    assert done.err == ""


def test_what_was_refused_and_what_waits_is_told(polemos: Run, outlet: Outlet) -> None:
    outlet.feed(entry("gone"), entry(1), entry("later"))
    outlet.answers["/later"] = Answer(status=503)
    done = polemos("watch", f"{outlet.url}/feed", "--once", *OPTIONS)
    head, refused = done.err.splitlines()
    assert head.endswith("1 article read, 0 already known, 0 claims, 1 page still to be fetched")
    assert refused == f"refused (unreadable): {outlet.url}/gone: it answered 404 Not Found"


def test_where_no_feed_answers_the_status_is_2(polemos: Run, outlet: Outlet) -> None:
    done = polemos("watch", f"{outlet.url}/none", "--once", *OPTIONS)
    assert done.status == 2
    assert "404 Not Found; it is asked again in" in done.err


def test_a_damaged_state_is_told_and_left_aside(polemos: Run, outlet: Outlet, tmp_path: Path) -> None:
    state = tmp_path / "seen.json"
    state.write_text("{")
    done = polemos("watch", f"{outlet.url}/feed", "--once", "--state", state, *OPTIONS)
    assert done.status == 0
    assert "is damaged" in done.err.splitlines()[0]
    assert json.loads(state.read_text())["format"] == 1


def test_a_private_address_must_be_allowed(polemos: Run, outlet: Outlet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLEMOS_ALLOW_PRIVATE", "no")
    done = polemos("watch", f"{outlet.url}/feed", "--once", *OPTIONS)
    assert (done.status, outlet.log) == (2, [])
    assert "POLEMOS_ALLOW_PRIVATE" in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["kesh-courier.example/feed"], "'kesh-courier.example/feed' is no address of a feed"),
        (["https://a.example/feed", "--state", "nowhere/seen.json"], "--state: the folder"),
        (["https://a.example/feed", "--extractor", "oracle"], "there is no extractor 'oracle'"),
    ],
)
def test_what_cannot_be_watched_is_told_in_one_line(polemos: Run, words: list[str], told: str) -> None:
    refused = polemos("watch", *words, "--once", *(OPTIONS if "--extractor" not in words else ()))
    assert refused.status == 2
    assert refused.refusal.startswith(told)


@pytest.mark.processes
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_when_what_was_fetched_is_stored(
    outlet: Outlet, ledger_file: Path, how: signal.Signals
) -> None:
    outlet.feed(*(entry(number) for number in range(1, 9)))
    for number in range(3, 9):
        outlet.page(f"/{number}", f"Number {number}")
    words = ["watch", f"{outlet.url}/feed", "--gap", "0.4", *map(str, OPTIONS[2:]), "--json"]
    environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{ledger_file}", "NO_PROXY": "127.0.0.1"}
    code = "from app.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while "/2" not in outlet.paths and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert b"what was fetched is stored" in err
    report = json.loads(out)
    assert report["stopped"] is True
    assert report["added"] >= 2
    assert report["added"] + report["waiting"] == 8


@pytest.mark.processes
def test_rounds_follow_one_another_until_it_is_ended(outlet: Outlet, ledger_file: Path) -> None:
    code = "import app.cli.watching as w; from app.cli import main; wait = w._WallClock.waited; "
    code += "w._WallClock.waited = lambda self, s: wait(self, s / 100); main()"
    words = ["watch", f"{outlet.url}/feed", "--every", "1", *map(str, OPTIONS), "--json"]
    environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{ledger_file}", "NO_PROXY": "127.0.0.1"}
    process = subprocess.Popen([sys.executable, "-c", code, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while outlet.paths.count("/feed") < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    rounds = [json.loads(line) for line in out.splitlines()]
    assert [one["added"] for one in rounds[:2]] == [2, 0]
    assert process.returncode == 0
