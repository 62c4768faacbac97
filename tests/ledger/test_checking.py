"""`check` finds whatever is not as it was written, never breaks on it, and finds nothing in a sound ledger."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.intake.coded import IMPORTERS, ActorTable, CodedOptions, CodeTable, Renderer
from app.ledger import Batch, SqliteLedger, open_ledger, sqlite_schema
from app.ledger.base import Flaw, Ledger
from app.ledger.checking import check
from app.pipeline import ingest
from app.pipeline.importing import import_coded
from app.vocabulary.errors import LedgerBusy, LedgerDamaged, LedgerError
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("articles", "readings", "decisions", "nodes", "log", "revisions")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, gazetteer: Gazetteer, plain: ModuleType) -> Path:
    """A ledger of four revisions that holds every kind of entry, as one file."""
    path = tmp_path_factory.mktemp("sound") / "ledger.sqlite"
    with closing(SqliteLedger(path)) as ledger:
        for number in range(4):
            items = list(plain.stories(24))[6 * number : 6 * number + 6]
            ingest(items, ledger=ledger, recipe=plain.plain_recipe(), gazetteer=gazetteer)
        assert ledger.revision == 4
        ledger.close_as_one_file()
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    copy = tmp_path / "ledger.sqlite"
    shutil.copy(sound, copy)
    return copy


def behind_its_back(path: Path, *statements: str) -> None:
    """Run SQL on a file, without the triggers and constraints that stand against it."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert db.execute(statement).rowcount, "nothing was changed"
        for _, sql in guards:
            db.execute(sql)
        db.commit()


def flaws(path: Path) -> list[Flaw]:
    with closing(SqliteLedger(path)) as ledger:
        return list(check(ledger))


def kinds(path: Path) -> set[str]:
    return {flaw.kind for flaw in flaws(path)}


def test_a_sound_ledger_has_no_flaw(path: Path) -> None:
    assert flaws(path) == []


def test_neither_has_an_empty_one(tmp_path: Path) -> None:
    assert flaws(tmp_path / "new.sqlite") == []


def test_it_tells_how_far_it_is(path: Path) -> None:
    told: list[int] = []
    with closing(SqliteLedger(path)) as ledger:
        assert list(check(ledger, told.append)) == []
    assert told == [1, 2, 3, 4]


def test_what_is_appended_meanwhile_is_no_flaw(path: Path) -> None:
    with closing(SqliteLedger(path)) as ledger, closing(SqliteLedger(path)) as other:
        numbers = iter(range(100))

        def append(_: int) -> None:
            other.append(Batch([Article("Meanwhile", f"{next(numbers)}", "2031-05-04", "Port Gazette")]))

        assert list(check(ledger, append)) == []
        assert ledger.revision == 8


def test_an_import_is_sound(tmp_path: Path, gazetteer: Gazetteer) -> None:
    export = tmp_path / "events.tab"
    lines = ["Event Date\tSource Name\tCAMEO Code\tTarget Name"]
    codes = ("112", "1123", "016", "138", "190")
    states = ("Ardania", "Beloria", "Cerinia")
    lines += [f"2031-05-{1 + n % 28:02d}\t{states[n % 3]}\t{codes[n % 5]}\t{states[(n + 1) % 3]}" for n in range(600)]
    export.write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = ROOT / "graph_data" / "crosswalk"
    with closing(open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")) as ledger:
        report = import_coded(
            export, renderer=renderer(data, gazetteer), options=CodedOptions(), ledger=ledger, gazetteer=gazetteer
        )
        assert report.claims > 100
        assert list(check(ledger)) == []


def renderer(crosswalk: Path, gazetteer: Gazetteer) -> Renderer:
    codes = CodeTable.load(crosswalk / "cameo_claims.tsv", ships=True)
    return Renderer(IMPORTERS["icews"], codes, ActorTable.load(crosswalk / "icews_actors.tsv"), gazetteer)


def changed(table: str, column: str, old: str, new: str) -> str:
    """SQL that puts other letters into a record."""
    return f"UPDATE {table} SET {column} = CAST(replace(CAST({column} AS TEXT), '{old}', '{new}') AS BLOB)"


A_READING = "(SELECT rowid FROM readings LIMIT 1 OFFSET 7)"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        # one byte of a record
        (
            "UPDATE articles SET text = replace(text, 'accused', 'Accused') WHERE rowid = 9",
            {"digest", "hash", "offset"},
        ),
        (
            changed("articles", "head", "Gazette", "gazette") + " WHERE rowid = 9",
            {"digest"},
        ),
        (
            changed("readings", "body", '"accuses"', '"accused"'),
            {"digest", "record"},
        ),
        (
            changed("readings", "body", "0.8", "0.9") + f" WHERE rowid = {A_READING}",
            {"digest"},
        ),
        (
            changed("readings", "body", '"start":', '"start":1') + f" WHERE rowid = {A_READING}",
            {"digest", "hash", "offset"},
        ),
        ("UPDATE readings SET body = CAST('{' AS BLOB) WHERE rowid = 3", {"digest", "record"}),
        ("UPDATE readings SET body = x'' WHERE rowid = 3", {"digest", "reference"}),
        (
            changed("decisions", "body", '"same"', '"different"') + " WHERE rowid = 2",
            {"digest"},
        ),
        (
            changed("nodes", "body", "Ardania", "Beloria"),
            {"digest", "hash"},
        ),
        ("UPDATE nodes SET body = x'7b7d' WHERE rowid = 1", {"digest", "record"}),
        # what stands beside the record
        ("UPDATE articles SET publisher = 'Another' WHERE rowid = 4", {"store"}),
        ("UPDATE articles SET published = '2031-01-01' WHERE rowid = 4", {"store"}),
        ("UPDATE articles SET publisher = NULL WHERE rowid = 4", {"store"}),
        ("UPDATE readings SET claims = claims + 1 WHERE rowid = 4", {"store"}),
        ("UPDATE readings SET refusals = CAST('{\"no_act\":7}' AS BLOB) WHERE rowid = 4", {"store"}),
        ("UPDATE readings SET extractor = 'another@1' WHERE rowid = 4", {"store"}),
        ("UPDATE nodes SET kind = 'place' WHERE kind = 'actor'", {"store"}),
        # rows that are gone, strayed, or in another order
        ("DELETE FROM articles WHERE rowid = 4", {"digest", "reference"}),
        ("DELETE FROM readings WHERE rowid = 4", {"digest", "reference"}),
        ("DELETE FROM decisions WHERE rowid = 4", {"digest", "reference"}),
        ("DELETE FROM nodes WHERE rowid = 1", {"digest", "reference"}),
        ("DELETE FROM log WHERE seq = 5", {"digest", "reference"}),
        ("DELETE FROM log WHERE revision = 2", {"order", "reference", "digest"}),
        ("DELETE FROM log WHERE revision = 4", {"order", "reference"}),
        ("DELETE FROM revisions WHERE revision = 2", {"order", "reference"}),
        ("DELETE FROM revisions WHERE revision = 4", {"reference"}),
        ("INSERT INTO decisions VALUES ('dec-stray', CAST('{}' AS BLOB))", {"reference"}),
        ("INSERT INTO articles VALUES ('art-stray', NULL, NULL, CAST('{}' AS BLOB), '')", {"reference"}),
        ("INSERT INTO log (revision, kind, id) SELECT 4, kind, id FROM log WHERE seq = 1", {"digest", "store"}),
        ("INSERT INTO log (revision, kind, id) SELECT 9, kind, id FROM log WHERE seq = 1", {"reference"}),
        ("UPDATE log SET seq = -seq", {"order", "digest"}),
        ("UPDATE log SET seq = 10000 - seq WHERE seq IN (3, 4)", {"order"}),
        ("UPDATE log SET revision = 3 WHERE revision = 2", {"order", "digest"}),
        ("UPDATE log SET id = 'art-none' WHERE seq = 1", {"digest", "reference"}),
        ("UPDATE log SET kind = 'place' WHERE kind = 'actor' AND seq < 40", {"digest", "hash", "store"}),
        ("UPDATE log SET kind = 'nothing' WHERE seq = 3", {"store"}),
        # the chain
        ("UPDATE revisions SET at = '2001-01-01T00:00:00.000+00:00' WHERE revision = 3", {"digest"}),
        ("UPDATE revisions SET digest = zeroblob(32) WHERE revision = 3", {"digest"}),
        ("UPDATE revisions SET digest = x'' WHERE revision = 3", {"digest"}),
    ],
)
def test_one_thing_is_changed_behind_its_back(path: Path, statement: str, expected: set[str]) -> None:
    behind_its_back(path, statement)
    found = kinds(path)
    assert expected <= found, found


def test_two_rows_that_change_places(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        (one, other) = db.execute("SELECT id FROM articles LIMIT 2").fetchall()
        db.execute("DROP TRIGGER articles_fixed")
        for old, new in ((one[0], "x"), (other[0], one[0]), ("x", other[0])):
            db.execute("UPDATE articles SET id = ? WHERE id = ?", (new, old))
        db.commit()
    assert {"digest", "hash", "reference"} <= kinds(path)


def test_a_missing_guard_is_a_flaw(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER readings_fixed")
        db.commit()
    (flaw,) = flaws(path)
    assert flaw.kind == "store"
    assert flaw.entry == "readings_fixed"


def test_one_change_is_told_for_its_own_revision_alone(path: Path) -> None:
    behind_its_back(path, "UPDATE revisions SET at = '2001-01-01T00:00:00.000+00:00' WHERE revision = 2")
    assert [(flaw.kind, flaw.entry) for flaw in flaws(path)] == [("digest", "revision 2")]


def test_revisions_cut_off_the_end_show_in_the_digest(path: Path, sound: Path) -> None:
    """A ledger that was shortened cleanly is a sound, shorter one; who noted its digest or has a backup can tell."""
    behind_its_back(
        path,
        *(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM log WHERE revision = 4) "
            "AND id NOT IN (SELECT id FROM log WHERE revision < 4)"
            for table in TABLES[:3]
        ),
        "DELETE FROM log WHERE revision = 4",
        "DELETE FROM revisions WHERE revision = 4",
    )
    assert flaws(path) == []
    with closing(SqliteLedger(path)) as cut, closing(SqliteLedger(sound)) as whole:
        assert cut.digest(4) is None
        assert whole.digest(4) is not None
        assert cut.digest(3) == whole.digest(3)


def test_a_busy_ledger_is_not_called_damaged(path: Path) -> None:
    class Busy(SqliteLedger):
        def flaws(self) -> Iterator[Flaw]:
            raise LedgerBusy("held by another writer")

    with closing(Busy(path)) as ledger, pytest.raises(LedgerBusy):
        list(check(ledger))


# ---- damage to the file: what random damage has found ----


@pytest.mark.parametrize("length", [1, 16, 100, 511])
def test_a_file_shorter_than_a_page_is_not_taken_for_an_empty_one(path: Path, length: int) -> None:
    content = path.read_bytes()[:length]
    path.write_bytes(content)
    with pytest.raises(LedgerDamaged, match="is not a sound ledger"):
        SqliteLedger(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("version", [-2147483646, -1, 0])
def test_a_schema_that_never_was(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(LedgerDamaged, match=rf"not a sound ledger \(schema {version}\)"):
        SqliteLedger(path)


def test_letters_that_are_none(path: Path) -> None:
    spoilt = path.read_bytes().replace(b'"Ardania"', b'"Ard\x80nia"')
    path.write_bytes(spoilt)
    assert "record" in kinds(path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE revisions SET digest = 'text' WHERE revision = 2",
        "UPDATE revisions SET at = 7 WHERE revision = 2",
        "UPDATE articles SET head = 'text' WHERE rowid = 3",
        "UPDATE articles SET text = NULL WHERE rowid = 3",
        "UPDATE articles SET text = x'ff' WHERE rowid = 3",
        "UPDATE readings SET refusals = NULL WHERE rowid = 3",
        "UPDATE readings SET refusals = 'text' WHERE rowid = 3",
        "UPDATE readings SET claims = 'many' WHERE rowid = 3",
        "UPDATE readings SET body = 3.5 WHERE rowid = 3",
        "UPDATE log SET id = 7 WHERE seq = 3",
        "UPDATE log SET id = NULL WHERE seq = 3",
        "UPDATE log SET revision = 'one' WHERE seq = 3",
    ],
)
def test_a_value_of_another_type(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET sql = replace(replace(sql, ' STRICT', ''), ' NOT NULL', '')")
        db.commit()
    behind_its_back(path, statement)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA writable_schema = ON")
        made = "UPDATE sqlite_master SET sql = ? WHERE name = ?"
        with closing(sqlite3.connect(":memory:")) as new:
            sqlite_schema.make(new)
            for name, sql in new.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
                db.execute(made, (sql, name))
        db.commit()
    assert flaws(path)


# ---- random damage to the file ----


def held(ledger: Ledger) -> tuple[object, ...]:
    """All that a ledger answers."""
    newest = ledger.revision
    entries = list(ledger.entries())
    return (
        newest,
        entries,
        [(ledger.appended_at(number), ledger.digest(number)) for number in range(1, newest + 1)],
        ledger.counts(),
        [ledger.article(entry.id) for _, entry in entries if isinstance(entry, Article)],
        [
            ledger.published(entry.publisher or "", entry.published)
            for _, entry in entries
            if isinstance(entry, Article)
        ],
    )


@pytest.fixture(scope="module")
def answers(sound: Path) -> tuple[object, ...]:
    with closing(SqliteLedger(sound)) as ledger:
        return held(ledger)


def examined(path: Path, answers: tuple[object, ...]) -> str:
    """What becomes of a damaged file: "refused", "flawed", or "unchanged"; anything else fails."""
    try:
        ledger = SqliteLedger(path)
    except LedgerError:
        return "refused"
    with closing(ledger):
        if list(check(ledger)):
            return "flawed"
        assert held(ledger) == answers
        return "unchanged"


def damages(data: st.DataObject, content: bytearray) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.binary(min_size=1, max_size=40))
        content[at : at + len(piece)] = piece[: len(content) - at]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(data=st.data())
def test_bytes_of_the_file_overwritten_anywhere(
    data: st.DataObject, sound: Path, path: Path, answers: tuple[object, ...]
) -> None:
    content = bytearray(sound.read_bytes())
    damages(data, content)
    replaced(path, content)
    examined(path, answers)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(page=st.integers(0, 2**16), noise=st.randoms(use_true_random=False))
def test_a_page_of_the_file_filled_with_noise(
    page: int, noise: Any, sound: Path, path: Path, answers: tuple[object, ...]
) -> None:
    content = bytearray(sound.read_bytes())
    at = page * 4096 % len(content)
    content[at : at + 4096] = noise.randbytes(4096)
    replaced(path, content)
    examined(path, answers)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(length=st.integers(0, 2**24))
def test_a_file_cut_short_anywhere(length: int, sound: Path, path: Path, answers: tuple[object, ...]) -> None:
    content = bytearray(sound.read_bytes())
    del content[length % len(content) :]
    replaced(path, content)
    if not content:
        # Nothing tells an empty file from a new ledger, except its digest.
        assert flaws(path) == []
    else:
        assert examined(path, answers) != "unchanged"


def replaced(path: Path, content: bytearray) -> None:
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    path.write_bytes(content)


def test_damage_to_records_is_found_wherever_it_is(sound: Path, path: Path, answers: tuple[object, ...]) -> None:
    """Every tenth byte of what is certainly a record's text, changed alone."""
    content = sound.read_bytes()
    first = content.index(b"accused Beloria over")
    for at in range(first, first + 400, 10):
        spoilt = bytearray(content)
        spoilt[at] ^= 0x01
        replaced(path, spoilt)
        assert examined(path, answers) != "unchanged", at
