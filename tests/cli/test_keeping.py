"""`polemos backup`, `restore`, `check`, `compact`: what they say, and the exit status that a script goes by."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.ledger import SqliteLedger

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def spoil(path: Path) -> None:
    """Change a word of every article behind the ledger's back."""
    with closing(sqlite3.connect(path)) as db:
        (guard,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'articles_fixed'").fetchone()
        db.execute("DROP TRIGGER articles_fixed")
        db.execute("UPDATE articles SET text = replace(text, ' the ', ' a ')")
        db.execute(guard)
        db.commit()


def state(path: Path) -> tuple[int, str | None]:
    with closing(SqliteLedger(path)) as ledger:
        return ledger.revision, ledger.digest(ledger.revision)


def test_a_sound_ledger(filled: Run, ledger_file: Path) -> None:
    revision, digest = state(ledger_file)
    told = filled("check")
    assert (told.status, told.out) == (0, "")
    assert told.err == f"revision {revision}, digest {digest}: sound\n"
    assert filled("check", "--json").json == {"revision": revision, "digest": digest, "sound": True, "flaws": []}


def test_a_damaged_ledger_is_told_and_ends_with_1(filled: Run, ledger_file: Path) -> None:
    spoil(ledger_file)
    told = filled("check")
    assert (told.status, told.out) == (1, "")
    lines = told.err.splitlines()
    assert lines[0].startswith("digest: revision ")
    assert "flaws; restore it from a backup" in lines[-1]
    as_json = filled("check", "--json")
    assert as_json.status == 1
    report = json.loads(as_json.out)
    assert report["sound"] is False
    # All are in the JSON; the table ends with how many more there are.
    shown = len(lines) - 1
    assert len(report["flaws"]) >= shown - 1
    assert len(report["flaws"]) > 20
    assert lines[20] == f"… and {len(report['flaws']) - 20} more; --json lists them all"
    assert {flaw["kind"] for flaw in report["flaws"]} >= {"digest", "hash", "offset"}


def test_there_and_back(filled: Run, ledger_file: Path, tmp_path: Path) -> None:
    revision, digest = state(ledger_file)
    kept = tmp_path / "backups" / "monday.sqlite"
    told = filled("backup", kept)
    assert (told.status, told.out) == (0, "")
    assert told.err == f"{kept} holds the ledger up to revision {revision}, digest {digest}\n"
    ledger_file.unlink()
    back = filled("restore", kept)
    assert (back.status, back.out, back.err) == (0, "", f"revision 0 before, {revision} now\n")
    assert state(ledger_file) == (revision, digest)
    assert filled("accusations", "--json").json["claims"]


def test_the_same_as_json(filled: Run, ledger_file: Path, tmp_path: Path) -> None:
    revision, digest = state(ledger_file)
    kept = tmp_path / "monday.sqlite"
    assert filled("backup", kept, "--json").json == {"file": str(kept), "revision": revision, "digest": digest}
    assert filled("restore", kept, "--json").json == {"before": revision, "revision": revision}
    sizes = filled("compact", "--json").json
    assert 0 < sizes["bytes"] <= sizes["bytes_before"] * 1.2
    assert state(ledger_file) == (revision, digest)


def test_a_backup_overwrites_nothing(filled: Run, tmp_path: Path) -> None:
    kept = tmp_path / "monday.sqlite"
    kept.write_text("somebody's")
    refused = filled("backup", kept)
    assert refused.status == 1
    assert refused.refusal == f"{kept} exists already; a backup overwrites nothing, name another file"
    assert kept.read_text() == "somebody's"


def test_a_backup_that_is_not_there(polemos: Run, tmp_path: Path) -> None:
    refused = polemos("restore", tmp_path / "none.sqlite")
    assert refused.status == 2
    assert refused.refusal == f"{tmp_path / 'none.sqlite'} is no file; name a backup that `polemos backup` wrote"


def test_another_ledger_is_replaced_when_that_is_said(filled: Run, ledger_file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "monday.sqlite"
    filled("backup", kept)
    revision, digest = state(ledger_file)
    ledger_file.unlink()
    export = tmp_path / "events.tab"
    export.write_text("Event Date\tSource Name\tCAMEO Code\tTarget Name\n2031-05-04\tNorvania\t112\tSudria\n")
    assert filled("import", "icews", export).status == 0
    refused = filled("restore", kept)
    assert refused.status == 1
    assert refused.refusal.endswith("holds something that this backup does not; say --replace to put it aside first")
    assert filled("restore", kept, "--replace").err == f"revision 1 before, {revision} now\n"
    assert state(ledger_file) == (revision, digest)
    (old,) = tmp_path.glob("ledger.sqlite.before-*Z")
    assert state(old)[0] == 1


def test_compacting_tells_the_room_it_gave_back(filled: Run, ledger_file: Path) -> None:
    before = state(ledger_file)
    told = filled("compact")
    assert (told.status, told.out) == (0, "")
    assert told.err.endswith(" MB now\n")
    assert " MB before, " in told.err
    assert state(ledger_file) == before
    assert filled("check").status == 0


@pytest.mark.parametrize("command", ["check", "compact"])
def test_a_file_that_is_no_ledger(polemos: Run, ledger_file: Path, command: str) -> None:
    ledger_file.write_bytes(b"Dear diary, " * 500)
    refused = polemos(command)
    assert refused.status == 1
    assert "is not a sound ledger" in refused.refusal
    assert ledger_file.read_bytes() == b"Dear diary, " * 500
