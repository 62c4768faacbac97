"""`polemos keys`, `audit` and `settings`, and a service that is to listen where others can reach it."""

from __future__ import annotations

import getpass
import json
import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from app.ledger.audit import audit_of
from app.ledger.keys import KEY, key_digest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]


def test_a_key_is_shown_once_and_kept_as_a_digest(polemos: Run, ledger_file: Path) -> None:
    made = polemos("keys", "create", "Ana", "--role", "curator", "--note", "her desk")
    secret = made.out.strip()
    found = KEY.fullmatch(secret)
    assert found is not None
    assert made.err == f"Key {found[1]} (curator) for Ana; it is shown this once:\n"
    (row,) = polemos("keys", "list", "--json").json["keys"]
    assert (row["id"], row["name"], row["role"], row["note"], row["state"]) == (
        found[1], "Ana", "curator", "her desk", "good",
    )  # fmt: skip
    assert row["made_by"] == getpass.getuser()
    listed = polemos("keys", "list")
    assert "Ana" in listed.out
    raw = b"".join(one.read_bytes() for one in ledger_file.parent.glob("ledger.sqlite*"))
    assert key_digest(secret).encode() in raw
    for text in (listed.out, json.dumps(row), polemos("audit").out, raw.decode("latin-1")):
        assert secret not in text
        assert secret.rpartition("_")[2] not in text
    assert key_digest(secret) not in json.dumps(row)


def test_a_key_is_revoked_once_and_for_all(polemos: Run) -> None:
    made = polemos("keys", "create", "Bo", "--json").json
    assert made["role"] == "reader"
    first = polemos("keys", "revoke", made["id"], "--json").json
    assert first["state"] == "revoked"
    assert polemos("keys", "revoke", made["id"], "--json").json == first
    assert [row["what"] for row in polemos("audit", "--json").json["audit"]] == ["key_revoke", "key_create"]
    assert "no key 'none'" in polemos("keys", "revoke", "none").refusal


@pytest.mark.parametrize(
    ("told", "days"), [("90d", 90), ((datetime.now(UTC) + timedelta(days=20)).date().isoformat(), 20)]
)
def test_a_key_can_be_for_a_time(polemos: Run, told: str, days: int) -> None:
    until = datetime.fromisoformat(polemos("keys", "create", "Cy", "--expires", told, "--json").json["expires_at"])
    assert abs(until - datetime.now(UTC) - timedelta(days=days)) < timedelta(days=1, hours=1)


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (["Dee", "--expires", "soon"], "'soon' is no date"),
        (["Dee", "--expires", "2001-01-01"], "expired already"),
        ([" "], "needs the name of whoever holds it"),
    ],
)
def test_what_is_no_key_is_refused(polemos: Run, words: list[str], refusal: str) -> None:
    assert refusal in polemos("keys", "create", *words).refusal
    assert polemos("keys", "list", "--json").json == {"keys": []}


def test_what_the_command_line_writes_is_in_the_trail(
    polemos: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = tmp_path / "article.txt"
    article.write_text("Ardania accused Beloria over the raid.")
    polemos("ingest", article, "--extractor", f"recorded:{ROOT / 'graph_data' / 'articles'}")
    (row,) = polemos("audit", "--json").json["audit"]
    assert (row["door"], row["name"], row["key"], row["what"], row["revision"]) == (
        "cli", getpass.getuser(), None, "append", 1,
    )  # fmt: skip
    assert row["detail"] == {"article": 1, "reading": 1}
    backup = tmp_path / "backup.sqlite"
    polemos("backup", backup)
    monkeypatch.setenv("POLEMOS_LEDGER", f"sqlite:///{tmp_path / 'other.sqlite'}")
    polemos("restore", backup)
    rows = polemos("audit", "--json").json["audit"]
    assert [one["what"] for one in rows] == ["restore", "append"]
    assert {name: rows[1][name] for name in ("at", "name", "door")} == {n: row[n] for n in ("at", "name", "door")}
    assert polemos("check").status == 0


def test_the_command_line_signs_for_itself_alone(polemos: Run, tmp_path: Path) -> None:
    (tmp_path / "article.txt").write_text("Ardania accused Beloria over the raid.")
    polemos("ingest", tmp_path / "article.txt", "--extractor", f"recorded:{ROOT / 'graph_data' / 'articles'}")
    polemos("backup", tmp_path / "backup.sqlite")
    polemos("restore", tmp_path / "backup.sqlite", "--replace")
    assert audit_of("append", 2).door == "python"


def test_settings_are_told_as_they_are_in_force(polemos: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLEMOS_PORT", "8123")
    rows = {row["name"]: row for row in polemos("settings", "--json").json["settings"]}
    assert rows["POLEMOS_PORT"] == {
        "name": "POLEMOS_PORT",
        "value": "8123",
        "origin": "environment",
        "default": "8000",
        "help": "Port `polemos serve` listens on.",
    }
    changed = [row["name"] for row in polemos("settings", "--changed", "--json").json["settings"]]
    assert set(changed) == {"POLEMOS_LEDGER", "POLEMOS_PORT"}
    shown = polemos("settings")
    assert "POLEMOS_READY_LAG" in shown.out
    assert shown.err == ""
    # In a window of usual width, words are not cut into columns of ten letters.
    assert "Seconds that the graph may be behind the ledger before" in " ".join(shown.out.replace("│", " ").split())
    monkeypatch.setenv("POLEMOS_LEGDER", "sqlite:////elsewhere")
    assert "POLEMOS_LEGDER is no setting, and changes nothing" in polemos("settings", "--json").err
    monkeypatch.delenv("POLEMOS_LEGDER")
    monkeypatch.setenv("POLEMOS_PORT", "none")
    assert "POLEMOS_PORT must be a whole number" in polemos("settings").refusal


# ---- where others can reach it ----


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(folder: Path, port: int, *options: str, **more: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POLEMOS_")}
    environment = {**kept, "POLEMOS_LEDGER": f"sqlite:///{folder / 'ledger.sqlite'}", **more}
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port", str(port), *options]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.processes
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_where_others_reach_it_nobody_is_served_without_keys(tmp_path: Path, host: str) -> None:
    process = serve(tmp_path, free_port(), "--host", host)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 2
    (line,) = told.splitlines()
    assert line.startswith(f"polemos: others can reach {host}, and nobody has a key: make one (polemos keys create")


def ask(port: int, path: str, key: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    until = time.monotonic() + 120
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}{path}", headers=headers, timeout=60, trust_env=False)
        except httpx.TransportError:
            assert time.monotonic() < until
            time.sleep(0.1)


@pytest.mark.processes
@pytest.mark.parametrize("way", ["option", "setting", "a key"])
def test_told_so_or_with_a_key_it_serves_others(tmp_path: Path, way: str) -> None:
    port, options, settings, secret = free_port(), ["--host", "0.0.0.0"], {}, None
    if way == "option":
        options.append("--allow-anonymous")
    elif way == "setting":
        settings["POLEMOS_ALLOW_ANONYMOUS"] = "contributor"
    else:
        environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{tmp_path / 'ledger.sqlite'}"}
        code = "from app.cli import main; main()"
        made = subprocess.run([sys.executable, "-c", code, "keys", "create", "Ana"], cwd=ROOT, env=environment,
                              capture_output=True, text=True, check=True)  # fmt: skip
        secret = made.stdout.strip()
    process = serve(tmp_path, port, *options, **settings)
    try:
        role = {"option": "reader", "setting": "contributor", "a key": "reader"}[way]
        assert ask(port, "/whoami", secret).json()["role"] == role
        assert ask(port, "/accusations", secret).status_code == 200
        # It listens where others reach it, so this machine is one of them.
        assert ask(port, "/accusations").status_code == (401 if secret else 200)
        assert ask(port, "/audit", secret).status_code == (403 if secret else 401)
    finally:
        process.terminate()
        _, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
