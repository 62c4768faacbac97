"""The files to deploy with: parsed, held against the program, and their commands run where no container can be."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from app.settings import PREFIX, SETTINGS
from app.web.bodies import STOP_SECONDS
from tests.serving import serving

ROOT = Path(__file__).resolve().parent.parent
FILES = ROOT / "docs" / "how-to" / "deploy"
KNOWN = {PREFIX + setting.name for setting in SETTINGS}


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's instructions, each with its words, in order."""
    text = re.sub(r"^\s*#.*\n", "", (FILES / "Containerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines) if word]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FILES / "compose.yaml").read_text(encoding="utf-8"))
    return found


def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (FILES / "polemos.service").read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("name", ["Containerfile", "compose.yaml", "polemos.service"])
def test_every_setting_named_is_one(name: str) -> None:
    text = (FILES / name).read_text(encoding="utf-8")
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", text))
    assert named
    assert named <= KNOWN


def test_the_image_is_made_of_what_there_is_and_runs_as_nobody_in_particular() -> None:
    found = instructions()
    words = [word for word, _ in found]
    assert set(words) <= {
        "ARG", "FROM", "COPY", "RUN", "ENV", "USER", "WORKDIR", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK",
        "ENTRYPOINT", "CMD",
    }  # fmt: skip
    assert [rest for word, rest in found if word == "FROM"] == ["${BASE} AS install", "${BASE}"]
    last = words[max(at for at, word in enumerate(words) if word == "FROM") :]
    # What comes after is not done as root.
    assert "RUN" not in last[last.index("USER") :]
    told = dict(found)
    assert told["USER"] == "10001:10001"
    assert "10001" in next(rest for word, rest in found if word == "RUN" and "useradd" in rest)
    assert (json.loads(told["ENTRYPOINT"]), json.loads(told["CMD"])) == (["polemos"], ["serve"])
    assert told["STOPSIGNAL"] == "SIGTERM"
    for rest in (rest for word, rest in found if word == "COPY" and not rest.startswith("--from")):
        source = rest.split()[0]
        assert source.startswith("dist/") or (ROOT / source).is_file(), source
    install = [rest for word, rest in found if word == "RUN" and "pip install" in rest]
    assert any("--require-hashes" in one for one in install)
    assert all("--require-hashes" in one or "--no-index" in one for one in install)


def test_the_image_s_own_check_tells_a_service_that_is_ready_from_one_that_is_not(tmp_path: Path) -> None:
    check = json.loads(dict(instructions())["HEALTHCHECK"].partition("CMD ")[2])
    environment = {
        "POLEMOS_LEDGER": f"sqlite:///{tmp_path / 'ledger.sqlite'}",
        "PATH": str(Path(sys.executable).parent),
    }

    def checked(port: int) -> int:
        command = [sys.executable, *(word.replace(":8000", f":{port}") for word in check[1:])]
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode

    assert check[0] == "python"
    with serving(environment=environment, seconds=120) as service:
        assert checked(service.port) == 0
        port = service.port
    assert checked(port) != 0


def test_the_install_steps_of_the_image_take_what_is_locked() -> None:
    steps = [rest for word, rest in instructions() if word == "RUN" and "pip install" in rest and "-r" in rest]
    (step,) = steps
    words = step.replace("/opt/polemos/bin/python", sys.executable).replace("/build/", f"{ROOT}/.locks/").split()
    # Every locked package that this interpreter takes is there already, so nothing is asked for.
    done = subprocess.run([*words, "--dry-run", "--no-index"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Would install" not in done.stdout


def test_the_services_of_compose_can_do_no_more_than_they_need() -> None:
    found = compose()
    ours, database = found["services"]["polemos"], found["services"]["db"]
    assert ours["read_only"] is True
    assert ours["cap_drop"] == ["ALL"]
    assert ours["tmpfs"] == ["/tmp"]
    for service in (ours, database):
        assert "no-new-privileges:true" in service["security_opt"]
    assert ours["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in database
    assert found["networks"]["inside"]["internal"] is True
    assert database["networks"] == ["inside"]
    assert ours["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert int(ours["stop_grace_period"].removesuffix("s")) > STOP_SECONDS
    assert (FILES / ours["build"]["context"]).resolve() == ROOT
    assert (ROOT / ours["build"]["dockerfile"]).is_file()
    # No password stands in the file.
    assert database["environment"]["POSTGRES_PASSWORD"] == ours["environment"]["PGPASSWORD"]
    assert ours["environment"]["PGPASSWORD"].startswith("${DB_PASSWORD:?")
    assert {volume.partition(":")[0] for one in (ours, database) for volume in one["volumes"]} == set(found["volumes"])


def test_the_unit_is_hardened_and_waits_long_enough() -> None:
    found = unit()
    for name, value in {
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
        "User": "polemos",
        "StateDirectory": "polemos",
        "ExecStart": "/opt/polemos/bin/polemos serve",
    }.items():
        assert found[name] == [value], name
    assert int(found["TimeoutStopSec"][0].removesuffix("s")) > STOP_SECONDS
    assert "POLEMOS_ALLOW_ANONYMOUS=none" in found["Environment"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    # Verifying asks for the program and the user, which are not on this machine.
    text = (FILES / "polemos.service").read_text(encoding="utf-8")
    text = text.replace("/opt/polemos/bin/polemos", sys.executable).replace("User=polemos", "User=root")
    path = tmp_path / "polemos.service"
    path.write_text(text.replace("Group=polemos", "Group=root"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "polemos.service" in line]) == (0, [])
    path.write_text(path.read_text(encoding="utf-8").replace("ProtectSystem=strict", "ProtectSystm=strict"))
    wrong = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False)
    assert "ProtectSystm" in wrong.stderr
