"""Every kind of ledger keeps the same trail of who wrote, and the same keys; what is copied takes the trail along."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from app.ledger import Batch, KeyRole, Ledger, Writer, open_ledger, writing_as
from app.ledger.audit import audit_body, audit_chain
from app.ledger.checking import check
from app.ledger.copying import backup, restore
from app.ledger.keys import KEY, key_digest, new_key, opens
from app.vocabulary.errors import BadQuery
from app.vocabulary.records import Article

ANA = Writer("http", "Ana", "0123456789ab", "req-1")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        found: str = request.getfixturevalue("postgres_url")
        return found
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with closing(open_ledger(url)) as opened:
        yield opened


def story(number: int) -> Article:
    return Article(f"Story {number}", "Ardania accused Beloria.")


def test_each_append_says_who_did_it_when_and_what(ledger: Ledger) -> None:
    ledger.append(Batch([story(1)]))
    with writing_as(ANA):
        ledger.append(Batch([story(2), story(3)]))
        # What is there already is not written, so nobody wrote it.
        ledger.append(Batch([story(1)]))
    ledger.append(Batch([story(4)]))
    rows = [row for row, _ in ledger.audit()]
    assert [(row.number, row.what, row.revision, row.detail) for row in rows] == [
        (1, "append", 1, {"article": 1}),
        (2, "append", 2, {"article": 2}),
        (3, "append", 3, {"article": 1}),
    ]
    assert [(row.door, row.name, row.key, row.request) for row in rows] == [
        ("python", None, None, None),
        ("http", "Ana", "0123456789ab", "req-1"),
        ("python", None, None, None),
    ]
    assert [row.at for row in rows] == [ledger.appended_at(revision) for revision in (1, 2, 3)]
    assert list(check(ledger)) == []


def test_a_write_that_fails_leaves_no_row(ledger: Ledger) -> None:
    wrong = dataclasses.replace(story(1), title="\ud800")
    with pytest.raises(Exception, match="surrogate"):
        ledger.append(Batch([story(2), wrong]))
    assert ledger.audit() == []


def test_the_trail_is_read_in_pages_either_way(ledger: Ledger) -> None:
    for number in range(5):
        ledger.append(Batch([story(number)]))
    assert [row.number for row, _ in ledger.audit(2, 2)] == [3, 4]
    assert [row.number for row, _ in ledger.audit(most=2, newest_first=True)] == [5, 4]
    assert [row.number for row, _ in ledger.audit(2, newest_first=True)] == [1]


def test_each_digest_covers_the_row_the_ones_before_it_and_its_revision(ledger: Ledger) -> None:
    with writing_as(ANA):
        ledger.append(Batch([story(1)]))
        ledger.keep_key(new_key("Bo", KeyRole.READER)[0])
        ledger.append(Batch([story(2)]))
    before = None
    for row, digest in ledger.audit():
        of = ledger.digest(row.revision) if row.revision else None
        before = audit_chain(before, audit_body(row), of)
        assert before.hex() == digest


def tamper(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
            guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in guards:
                db.execute(f"DROP TRIGGER {name}")
            db.execute(statement)
            for _, made in guards:
                db.execute(made)
            db.commit()
    else:
        server, _, schema = url.partition("?schema=")
        with psycopg.connect(server, options=f"-csearch_path={schema}") as db:
            db.execute(f"SET session_replication_role = replica; {statement}")


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("UPDATE audit SET body = (SELECT body FROM audit WHERE seq = 1) WHERE seq = 2", {"digest", "reference"}),
        ("UPDATE audit SET digest = (SELECT digest FROM audit WHERE seq = 1) WHERE seq = 2", {"digest"}),
        ("DELETE FROM audit WHERE seq = 2", {"order", "digest", "reference"}),
        ("DELETE FROM audit WHERE seq = 3", {"reference"}),
    ],
)
def test_a_trail_that_was_changed_is_found_out(url: str, ledger: Ledger, statement: str, kinds: set[str]) -> None:
    for number in range(3):
        ledger.append(Batch([story(number)]))
    tamper(url, statement)
    assert {flaw.kind for flaw in check(ledger)} == kinds


@pytest.mark.parametrize("change", ["DELETE FROM audit", "UPDATE audit SET revision = 9"])
def test_nobody_changes_the_trail_by_the_way(url: str, ledger: Ledger, change: str) -> None:
    ledger.append(Batch([story(1)]))
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
        plainly(url, change)


def plainly(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
            db.execute(statement)
    else:
        server, _, schema = url.partition("?schema=")
        with psycopg.connect(server, options=f"-csearch_path={schema}") as db:
            db.execute(statement)


def test_a_copy_takes_the_whole_trail_along_and_no_key(ledger: Ledger, tmp_path: Path) -> None:
    with writing_as(ANA):
        ledger.keep_key(new_key("Bo", KeyRole.READER)[0])
        ledger.append(Batch([story(1)]))
        ledger.append(Batch([story(2)]))
        key, secret = new_key("Cy", KeyRole.ADMIN, note="kept to herself")
        ledger.keep_key(key)
    copy = tmp_path / "copy.sqlite"
    backup(ledger, copy)
    expected = [dataclasses.replace(row, number=0) for row, _ in ledger.audit()]
    raw = copy.read_bytes()
    assert key.digest.encode() not in raw
    assert secret.encode() not in raw
    assert b"kept to herself" not in raw
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    with writing_as(Writer("cli", "Root")):
        assert restore(copy, other) == (0, 2)
        assert restore(copy, other) == (2, 2)
    for place in (f"sqlite:///{copy}", other):
        with closing(open_ledger(place)) as held:
            found = [dataclasses.replace(row, number=0) for row, _ in held.audit()]
            assert found[:4] == expected
            assert held.api_keys() == []
            assert list(check(held)) == []
            told = [(row.what, row.revision, row.door, row.name, row.detail) for row in found[4:]]
            assert told == ([] if place != other else [("restore", 2, "cli", "Root", {"from_revision": 0})])


def test_a_ledger_is_restored_over_one_that_has_keys_of_its_own(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append(Batch([story(1)]))
    copy = tmp_path / "copy.sqlite"
    backup(ledger, copy)
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    key, _ = new_key("Bo", KeyRole.CURATOR)
    with closing(open_ledger(other)) as place:
        place.keep_key(key)
    restore(copy, other)
    with closing(open_ledger(other)) as place:
        assert place.api_keys() == [key]
        assert [row.what for row, _ in place.audit()] == ["key_create", "append", "restore"]
        assert list(check(place)) == []


def test_keys_are_kept_in_order_and_revoked_for_good(ledger: Ledger, url: str) -> None:
    keys = [new_key(name, KeyRole.CURATOR, per_minute=5, note="a note", made_by="Root")[0] for name in ("Ana", "Bo")]
    with writing_as(Writer("cli", "Root")):
        for key in keys:
            ledger.keep_key(key)
        gone = dataclasses.replace(keys[0], revoked_at="2031-05-04T10:00:00+00:00")
        ledger.keep_key(gone)
    with closing(open_ledger(url)) as again:
        assert again.api_keys() == [gone, keys[1]]
        assert [(row.what, row.name, row.detail["key"]) for row, _ in again.audit()] == [
            ("key_create", "Root", keys[0].id),
            ("key_create", "Root", keys[1].id),
            ("key_revoke", "Root", keys[0].id),
        ]
        assert again.revision == 0
        assert list(check(again)) == []


def test_a_key_opens_what_it_should_and_nothing_else() -> None:
    key, secret = new_key(" Ana ", KeyRole.READER)
    other, another = new_key("Bo", KeyRole.READER)
    assert key.name == "Ana"
    assert KEY.fullmatch(secret)
    assert key.id in secret
    assert key.digest == key_digest(secret)
    assert opens(key, secret)
    for wrong in (another, secret[:-1], secret + "x", "", "\udcff", secret.upper()):
        assert not opens(key, wrong)
    assert not opens(None, secret)
    assert not opens(other, secret)
    assert len({new_key("Ana", KeyRole.READER)[1] for _ in range(50)}) == 50


def test_a_key_ends_when_it_is_said_to() -> None:
    now = datetime.now(UTC)
    key, _ = new_key("Ana", KeyRole.READER, expires_at=now + timedelta(hours=1))
    assert key.is_good(now)
    assert not key.is_good(now + timedelta(hours=1, seconds=1))
    assert not dataclasses.replace(key, revoked_at=now.isoformat()).is_good(now)
    with pytest.raises(BadQuery, match="expired already"):
        new_key("Ana", KeyRole.READER, expires_at=now)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201, "\x1b[2J"])
def test_a_key_has_the_name_of_somebody(name: str) -> None:
    with pytest.raises(BadQuery, match="name of whoever holds it"):
        new_key(name, KeyRole.READER)


def test_each_role_may_do_what_the_ones_before_it_may() -> None:
    roles = list(KeyRole)
    assert roles == ["reader", "contributor", "curator", "admin"]
    for mine, role in enumerate(roles):
        for its, needed in enumerate(roles):
            assert role.covers(needed) == (mine >= its)


def test_a_forged_notification_is_only_a_reason_to_look(postgres_url: str) -> None:
    server, _, schema = postgres_url.partition("?schema=")
    with closing(open_ledger(postgres_url)) as ledger, psycopg.connect(server, autocommit=True) as db:
        ledger.append(Batch([story(1)]))
        for lie in ("999", "-1", "'; DROP TABLE log; --", ""):
            db.execute("SELECT pg_notify(%s, %s)", (f"polemos.{schema}", lie))
            assert ledger.wait(1, 0.1) == 1
        assert [entry for _, entry in ledger.entries()] == [story(1)]
