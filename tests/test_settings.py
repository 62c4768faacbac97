"""The environment, read once and held against what each setting may be."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import settings as module
from app.settings import PREFIX, SETTINGS, Settings

ROOT = Path(__file__).resolve().parent.parent


def test_without_any_variable() -> None:
    found = Settings.from_environment({})
    assert found == Settings(
        ledger=f"sqlite:///{ROOT}/graph_data/var/ledger.sqlite",
        snapshots=ROOT / "graph_data" / "var" / "snapshots",
        data=ROOT / "graph_data",
        spacy_model=None,
        extractor="hybrid",
        workers=1,
        max_bytes=20_000_000,
        host="127.0.0.1",
        port=8000,
        base_iri="https://w3id.org/polemos/id/",
    )


def test_every_variable(tmp_path: Path) -> None:
    found = Settings.from_environment(
        {
            "POLEMOS_LEDGER": "sqlite:////var/ledger.sqlite",
            "POLEMOS_SNAPSHOTS": str(tmp_path / "snapshots"),
            "POLEMOS_DATA": str(tmp_path),
            "POLEMOS_SPACY_MODEL": "en_other",
            "POLEMOS_EXTRACTOR": "rules",
            "POLEMOS_WORKERS": "4",
            "POLEMOS_MAX_BODY_MB": "3",
            "POLEMOS_HOST": "0.0.0.0",
            "POLEMOS_PORT": "0",
            "POLEMOS_BASE_IRI": "http://example.org/claims#",
            "LEDGER": "not ours",
        }
    )
    assert found == Settings(
        "sqlite:////var/ledger.sqlite",
        tmp_path.resolve() / "snapshots",
        tmp_path.resolve(),
        "en_other",
        "rules",
        4,
        3_000_000,
        "0.0.0.0",
        0,
        "http://example.org/claims#",
    )


def test_snapshots_can_be_done_without() -> None:
    assert Settings.from_environment({"POLEMOS_SNAPSHOTS": "off"}).snapshots is None


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("yes", True),
        ("1", True),
        ("TRUE", True),
        ("on", True),
        ("no", False),
        ("0", False),
        ("off", False),
        ("", False),
    ],
)
def test_private_addresses_are_allowed_by_saying_so(value: str, allowed: bool) -> None:
    assert Settings.from_environment({"POLEMOS_ALLOW_PRIVATE": value}).allow_private is allowed


def test_the_process_environment_is_read_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLEMOS_PORT", "8123")
    assert Settings.from_environment().port == 8123


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_blank_variable_is_as_good_as_none(setting: module.Setting) -> None:
    assert Settings.from_environment({PREFIX + setting.name: ""}) == Settings.from_environment({})


def test_spaces_around_a_value_do_not_count() -> None:
    assert Settings.from_environment({"POLEMOS_PORT": " 9000 "}).port == 9000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKERS", "0"),
        ("WORKERS", "65"),
        ("WORKERS", "two"),
        ("WORKERS", "-1"),
        ("WORKERS", "1.5"),
        ("WORKERS", "²"),
        ("MAX_BODY_MB", "0"),
        ("MAX_BODY_MB", "1001"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("DATA", "/no/such/folder"),
        ("DATA", __file__),
        ("ALLOW_PRIVATE", "maybe"),
        ("ALLOW_PRIVATE", "2"),
        ("ALLOW_ANONYMOUS", "everybody"),
        ("CORS_ORIGINS", "https://desk.example/"),
        ("CORS_ORIGINS", "*"),
        ("RATE_PER_KEY", "-1"),
        ("RATE_PER_ADDRESS", "many"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
        ("READY_LAG", "0"),
        ("BASE_IRI", "urn:polemos:"),
        ("BASE_IRI", "https://example.org/id"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^POLEMOS_{name} ") as wrong:
        Settings.from_environment({PREFIX + name: value})
    assert value in str(wrong.value)


@pytest.mark.parametrize("value", ["1", "64"])
def test_the_ends_of_a_range_are_in_it(value: str) -> None:
    assert Settings.from_environment({"POLEMOS_WORKERS": value}).workers == int(value)


def test_a_relative_data_folder_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environment({"POLEMOS_DATA": "mine"}).data == (tmp_path / "mine").resolve()


@pytest.mark.parametrize("given", ["/srv/share", None])
def test_an_installed_wheel_keeps_its_ledger_with_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    # Beside an installed package lies no pyproject.toml.
    data = tmp_path / "site-packages" / "graph_data"
    data.mkdir(parents=True)
    monkeypatch.setattr(module, "_checkout_data", lambda: data)
    monkeypatch.setenv("HOME", "/home/ana")
    if given is None:
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_DATA_HOME", given)
    expected = given or "/home/ana/.local/share"
    assert Settings.from_environment({}).ledger == f"sqlite:///{expected}/polemos/ledger.sqlite"


def test_the_table_tells_of_every_setting_and_its_true_default() -> None:
    found = Settings.from_environment({})
    names = {"MAX_BODY_MB": "max_bytes"}
    fields = {names.get(setting.name, setting.name.lower()): setting for setting in SETTINGS}
    assert set(fields) == {field.name for field in dataclasses.fields(Settings)}
    assert all(setting.help.endswith(".") for setting in SETTINGS)
    for name in ("workers", "host", "port", "base_iri"):
        assert fields[name].default == str(getattr(found, name))
    assert int(fields["max_bytes"].default) * 1_000_000 == found.max_bytes
    assert found.ledger.endswith(fields["ledger"].default)


def test_who_may_ask_and_how_the_log_is_written() -> None:
    found = Settings.from_environment(
        {
            "POLEMOS_ALLOW_ANONYMOUS": "Reader",
            "POLEMOS_ALLOWED_HOSTS": "polemos.example, Other.example ,",
            "POLEMOS_CORS_ORIGINS": "https://desk.example,http://localhost:5173",
            "POLEMOS_TRUSTED_PROXIES": "10.0.0.0/8",
            "POLEMOS_RATE_PER_KEY": "0",
            "POLEMOS_RATE_PER_ADDRESS": "7",
            "POLEMOS_LOG_FORMAT": "json",
            "POLEMOS_LOG_LEVEL": "info",
            "POLEMOS_READY_LAG": "5",
        }
    )
    assert (found.allow_anonymous, found.allowed_hosts) == ("reader", ("polemos.example", "other.example"))
    assert found.cors_origins == ("https://desk.example", "http://localhost:5173")
    assert (found.trusted_proxies, found.rate_per_key, found.rate_per_address) == ("10.0.0.0/8", 0, 7)
    assert (found.log_format, found.log_level, found.ready_lag) == ("json", "info", 5)


def test_what_is_in_force_is_told_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = module.Setting("TOKEN", "none", "A secret.", is_secret=True)
    monkeypatch.setattr(module, "SETTINGS", (*SETTINGS, secret))
    told = {
        row.name: row
        for row in module.told(
            {
                "POLEMOS_LEDGER": "postgresql://ana:s3cret@db.example/polemos?sslpassword=s3cret2&schema=news",
                "POLEMOS_TOKEN": "s3cret3",
                "POLEMOS_PORT": "9000",
            }
        )
    }
    assert "s3cret" not in str(told.values())
    assert told["POLEMOS_LEDGER"].value == "postgresql://ana:…@db.example/polemos?sslpassword=…&schema=news"
    assert (told["POLEMOS_PORT"].value, told["POLEMOS_PORT"].origin) == ("9000", "environment")
    assert (told["POLEMOS_HOST"].value, told["POLEMOS_HOST"].origin) == ("127.0.0.1", "default")
    assert told["POLEMOS_TOKEN"].value == "…"
    assert len(told) == len(SETTINGS) + 1


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ana:a%40b@db/x", "postgresql://ana:…@db/x"),
        ("postgresql://db/x?user=a&password=b&schema=c", "postgresql://db/x?user=a&password=…&schema=c"),
        ("https://api.example/v1?api_key=abc&model=m", "https://api.example/v1?api_key=…&model=m"),
        ("sqlite:////var/ledger.sqlite", "sqlite:////var/ledger.sqlite"),
        ("recorded:folder", "recorded:folder"),
    ],
)
def test_no_password_of_a_url_is_shown(url: str, shown: str) -> None:
    assert module.without_password(url) == shown


def test_nothing_is_read_at_import() -> None:
    command = [sys.executable, "-c", "import app.settings"]
    done = subprocess.run(command, env={**os.environ, "POLEMOS_PORT": "no number"}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
