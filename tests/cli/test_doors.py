"""What only a process of its own can show: the installed command, broken pipes, workers, the server, the settings."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import app
from app.settings import SETTINGS

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "graph_data" / "articles"

COMMAND = Path(sys.executable).parent / "polemos"


def environment(ledger: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POLEMOS_")}
    return {**kept, "POLEMOS_LEDGER": f"sqlite:///{ledger}", "PYTHONUTF8": "1", **more}


@pytest.mark.processes
def test_the_installed_command_runs_without_loading_a_language_model(tmp_path: Path) -> None:
    code = "import sys; sys.argv = ['polemos', 'log']; import app.cli\ntry: app.cli.main()\nexcept SystemExit: pass\n"
    code += "print('spacy' in sys.modules, 'pyoxigraph' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path / "l"), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False False"
    told = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, check=True, env=environment(tmp_path))
    assert "accusations" in told.stdout


@pytest.mark.processes
@pytest.mark.parametrize(
    "words",
    [["accusations", "--json"], ["accusations"], ["export", "--format", "ntriples"], ["export", "--format", "csv"]],
)
def test_a_reader_who_has_had_enough_is_no_error(annotated: Path, words: list[str]) -> None:
    process = subprocess.Popen(
        [COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(annotated)
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    told = process.stderr.read().decode()
    assert process.wait(30) in (0, 1)
    assert "Traceback" not in told
    assert "Error" not in told


@pytest.mark.processes
def test_two_workers_find_what_one_finds(tmp_path: Path, annotated: Path) -> None:
    words = ["ingest", str(SAMPLES), "--extractor", f"recorded:{SAMPLES}", "--workers", "2", "--json"]
    env = environment(tmp_path / "ledger.sqlite")
    done = subprocess.run([COMMAND, *words], env=env, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["claims"] == 401
    asked = [
        subprocess.run(
            [COMMAND, "accusations", "--json"], env=environment(ledger), capture_output=True, text=True, check=True
        ).stdout
        for ledger in (annotated, tmp_path / "ledger.sqlite")
    ]
    # All but the instant at which each ledger took them in.
    plain = [re.sub(r'"ingested": "[^"]+"', "", answer) for answer in asked]
    assert plain[0] == plain[1]


@contextmanager
def served(ledger: Path, *options: str) -> Iterator[str]:
    """The address of a service by the installed command, which answers; it is told to end afterwards, and does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [COMMAND, "serve", "--port", str(port), *options], env=environment(ledger), stderr=subprocess.PIPE, cwd=ROOT
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=5):
                break
            assert process.poll() is None
            time.sleep(0.1)
        else:
            pytest.fail("no answer")
        yield address
    finally:
        process.terminate()
        _, told = process.communicate(timeout=20)
    assert address in told.decode()


def asked(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)


@pytest.mark.processes
def test_serve_answers_and_ends_when_told(annotated: Path) -> None:
    with served(annotated) as address:
        health = asked(f"{address}/health")
    assert (health["claims"], health["slice"], health["left_out"]) == (401, None, 0)


@pytest.mark.processes
def test_a_part_of_the_ledger_is_served_and_every_answer_says_so(annotated: Path) -> None:
    with served(annotated) as address:
        whole = asked(f"{address}/accusations?source=Tajikistan&limit=500")
    with served(annotated, "--actors", "Tajikistan", "--since", "2023-09-15") as address:
        health, part = asked(f"{address}/health"), asked(f"{address}/accusations?source=Tajikistan&limit=500")
        with urllib.request.urlopen(f"{address}/export?format=ntriples&type=accuses", timeout=30) as file:
            named, statements = file.headers["Polemos-Slice"], file.read().decode()
        # The name of what the service holds leads to all of it.
        (held,) = set(re.findall(r"dataset/(claims-1-[0-9a-f]{12})-[0-9a-f]{12}> ", statements))
        with urllib.request.urlopen(f"{address}/id/dataset/{held}", timeout=30) as file:
            assert f"dataset:{held} " in file.read().decode()
    assert health["slice"] == part["filters"]["slice"] == "since=2023-09-15,actors=Tajikistan"
    assert named == health["slice"]
    assert f'selection> "slice={named} ' in statements
    assert 0 < health["claims"] < 401
    assert health["claims"] + health["left_out"] == 401
    since = [one["id"] for one in whole["claims"] if one["said"] >= "2023-09-15"]
    assert [one["id"] for one in part["claims"]] == since
    assert "slice" not in whole["filters"]


@pytest.mark.parametrize(
    ("options", "told"),
    [(["--since", "May"], "'May'"), (["--region", "Ardania"], "a region is made of ISO 3166 alpha-3 codes")],
)
def test_a_part_that_cannot_be_is_refused_at_once(polemos: Run, options: list[str], told: str) -> None:
    found = polemos("serve", *options)
    assert found.status == 2
    assert told in found.err


def test_help_tells_every_setting(polemos: Run) -> None:
    told = polemos("--help")
    assert told.status == 0
    for setting in SETTINGS:
        assert f"POLEMOS_{setting.name}" in told.out


def test_without_a_command_the_help_is_shown(polemos: Run) -> None:
    shown = polemos()
    assert "accusations" in shown.out + shown.err


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("WORKERS", "many", "POLEMOS_WORKERS must be a whole number from 1 to 64, not 'many'"),
        ("MAX_BODY_MB", "0", "POLEMOS_MAX_BODY_MB must be a whole number"),
        ("DATA", "/nowhere", "POLEMOS_DATA names no folder: /nowhere"),
        ("BASE_IRI", "example", "POLEMOS_BASE_IRI must be an http(s) IRI"),
        ("LEDGER", "mysql://host/name", "use sqlite:////absolute/path"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_in_one_line(
    polemos: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"POLEMOS_{name}", value)
    refused = polemos("accusations")
    assert refused.status == 2
    assert told in refused.refusal


@pytest.mark.parametrize("content", [b"no database" * 100, b"SQLite format 3\0" + bytes(4096)])
def test_a_ledger_that_is_none_has_status_1(polemos: Run, ledger_file: Path, content: bytes) -> None:
    ledger_file.write_bytes(content)
    refused = polemos("accusations")
    assert refused.status == 1
    assert str(ledger_file) in refused.refusal
    assert ledger_file.read_bytes() == content


def test_a_ledger_where_none_can_be_has_status_1(polemos: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("POLEMOS_LEDGER", f"sqlite:///{tmp_path / 'file' / 'ledger.sqlite'}")
    assert polemos("accusations").status == 1


def test_an_unknown_command_is_a_usage_error(polemos: Run) -> None:
    refused = polemos("accuse")
    assert refused.status == 2
    assert "accuse" in refused.err


def test_the_version_is_told(polemos: Run) -> None:
    answer = polemos("--version")
    assert (answer.status, answer.out, answer.err) == (0, f"polemos {app.__version__}\n", "")
