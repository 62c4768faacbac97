"""What is particular to the ledger in PostgreSQL: URLs, schemas, rights, and a server that comes and goes."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from app.ledger import Batch, Ledger, SqliteLedger, open_ledger, postgres_connection
from app.ledger import postgres as module
from app.ledger.checking import check
from app.ledger.copying import backup, restore
from app.ledger.postgres import PostgresLedger
from app.ledger.postgres_connection import Address
from app.ledger.postgres_schema import SCHEMA_VERSION, TABLES
from app.vocabulary.errors import BadQuery, LedgerBusy, LedgerDamaged, LedgerError, LedgerTooNew
from app.vocabulary.records import Article, Decision, Reading
from app.vocabulary.terms import DecisionKind

if TYPE_CHECKING:
    from tests.postgres import Cluster

STORY = Article("Story", "Ardania accused Beloria.")


def story(number: int, title: str = "Story") -> Article:
    return Article(f"{title} {number}", "Ardania accused Beloria.")


def schema_of(url: str) -> str:
    return url.partition("schema=")[2].partition("&")[0]


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[PostgresLedger]:
    opened = PostgresLedger(postgres_url)
    yield opened
    opened.close()


# ---- where it lies ----


@pytest.mark.parametrize(
    ("url", "location", "schema"),
    [
        (
            "postgresql://ana:s3cret@db.example/polemos",
            "postgresql://ana@db.example/polemos",
            "polemos",
        ),
        (
            "postgres://ana:s3%40cret@db.example:6543/a%2Fb?schema=news_1&sslmode=require",
            "postgresql://ana@db.example:6543/a%2Fb?sslmode=require&schema=news_1",
            "news_1",
        ),
        (
            "postgresql://db.example/polemos?schema=polemos&user=ana&password=s3cret&sslpassword=s3cret2",
            "postgresql://ana@db.example/polemos",
            "polemos",
        ),
        (
            "postgresql:///polemos?host=/var/run/postgresql&port=5433",
            "postgresql:///polemos?host=/var/run/postgresql&port=5433",
            "polemos",
        ),
        (
            "postgresql://ana@one.example:1,two.example:2/polemos?target_session_attrs=read-write",
            "postgresql://ana@/polemos?host=one.example%2Ctwo.example&port=1%2C2&target_session_attrs=read-write",
            "polemos",
        ),
        ("postgresql://[::1]:5433/polemos", "postgresql://[::1]:5433/polemos", "polemos"),
        ("postgresql://j%C3%B8rgen@db.example", "postgresql://j%C3%B8rgen@db.example", "polemos"),
        ("postgresql://", "postgresql://", "polemos"),
    ],
)
def test_what_is_shown_of_a_url_leads_back_to_it(url: str, location: str, schema: str) -> None:
    address = Address.parse(url)
    assert (address.location, address.schema) == (location, schema)
    again = Address.parse(location)
    assert (again.location, again.schema) == (location, schema)
    secrets = ("password", "sslpassword")
    assert again.parts == {name: value for name, value in address.parts.items() if name not in secrets}
    assert "s3" not in f"{address!r}{location}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:s3cret%zz@db.example/polemos",
        "postgresql://ana:s3cret@db.example/polemos?pasword=s3cret",
        "postgresql://ana:s3cret@[db.example/polemos",
        "postgresql://ana:s3cret@db.example/polemos?schema=",
        "postgresql://ana:s3cret@db.example/polemos?schema=pg_catalog",
        "postgresql://ana:s3cret@db.example/polemos?schema=information_schema",
        'postgresql://ana:s3cret@db.example/polemos?schema=a"b',
        "postgresql://ana:s3cret@db.example/polemos?schema=News",
        f"postgresql://ana:s3cret@db.example/polemos?schema={'x' * 49}",
    ],
)
def test_what_names_no_ledger_is_refused_and_no_password_shown(url: str) -> None:
    with pytest.raises(BadQuery) as refused:
        open_ledger(url)
    assert "s3cret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_no_server_there_and_no_password_shown() -> None:
    began = time.monotonic()
    with pytest.raises(LedgerError, match="Connection refused") as refused:
        open_ledger("postgresql://ana:s3cret@127.0.0.1:1/polemos")
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)
    # Where there never was a connection, nobody waits for one to come back.
    assert time.monotonic() - began < 10


def test_a_wrong_password_and_a_right_one(postgres: Cluster) -> None:
    postgres.run("DROP ROLE IF EXISTS ana")
    postgres.run("CREATE ROLE ana LOGIN PASSWORD 's3cret'")
    postgres.run("GRANT CREATE ON DATABASE postgres TO ana")
    rules = postgres.data / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"host all ana 127.0.0.1/32 scram-sha-256\n{before}")
    postgres.run("SELECT pg_reload_conf()")
    schema = postgres.new_schema()
    place = f"127.0.0.1:{postgres.port}/postgres?schema={schema}"
    try:
        for wrong in ("not-s3cret", "ana"):
            until = time.monotonic() + 10
            while True:
                try:
                    open_ledger(f"postgresql://ana:{wrong}@{place}").close()
                except LedgerError as why:
                    told = str(why)
                    break
                # The server takes a moment to read its rules anew.
                assert time.monotonic() < until
            assert "password authentication failed" in told
            assert "not-s3cret" not in told
        with closing(open_ledger(f"postgresql://ana:s3cret@{place}")) as ledger:
            ledger.append(Batch([STORY]))
            assert ledger.location == f"postgresql://ana@{place}"
            with pytest.raises(LedgerError) as refused:
                ledger.append(Batch([Article("", "half \ud83d")]))
            assert "s3cret" not in str(refused.value)
    finally:
        rules.write_text(before)
        postgres.run("SELECT pg_reload_conf()")


def test_a_database_that_is_not_there(postgres: Cluster) -> None:
    with pytest.raises(LedgerError, match='database "nowhere" does not exist'):
        open_ledger(postgres.url(database="nowhere"))


def test_a_server_that_is_too_old(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_connection, "LEAST_VERSION", 999999)
    with pytest.raises(LedgerError, match=r"is PostgreSQL \d+; 13 is the oldest"):
        open_ledger(postgres_url)


def test_by_a_socket(postgres: Cluster) -> None:
    schema = postgres.new_schema()
    url = f"postgresql://polemos@/postgres?host={postgres.folder}&port={postgres.port}&schema={schema}"
    with closing(open_ledger(url)) as ledger, closing(open_ledger(ledger.location)) as same:
        ledger.append(Batch([STORY]))
        assert same.article(STORY.id) == STORY


# ---- schemas ----


def test_two_schemas_side_by_side(postgres: Cluster) -> None:
    urls = [postgres.url(postgres.new_schema()) for _ in range(2)]
    with closing(open_ledger(urls[0])) as one, closing(open_ledger(urls[1])) as other:
        one.append(Batch([story(1)]))
        other.append(Batch([story(2), story(3)]))
        one.append(Batch([story(4)]))
        assert [entry for _, entry in one.entries()] == [story(1), story(4)]
        assert [entry for _, entry in other.entries()] == [story(2), story(3)]
        assert (one.revision, other.revision) == (2, 1)
        # Nor does the one wake those who wait for the other, or hold its writers up.
        woken: list[int] = []
        thread = threading.Thread(target=lambda: woken.append(other.wait(1, 0.6)))
        thread.start()
        time.sleep(0.2)
        one.append(Batch([story(5)]))
        thread.join(10)
        assert woken == [1]
        assert one.compact()[0] > 0


def test_a_ledger_of_a_newer_polemos(postgres: Cluster, postgres_url: str) -> None:
    before = open_ledger(postgres_url)
    schema = schema_of(postgres_url)
    postgres.run(f"UPDATE meta SET value = '{SCHEMA_VERSION + 1}' WHERE key = 'schema'", schema)
    told = f"has schema {SCHEMA_VERSION + 1}, this Polemos knows {SCHEMA_VERSION}; update Polemos"
    with pytest.raises(LedgerTooNew, match=told):
        open_ledger(postgres_url)
    # Nor does one that was open already write into tables that it does not know.
    with pytest.raises(LedgerTooNew, match=told):
        before.append(Batch([STORY]))
    before.close()
    postgres.run(f"UPDATE meta SET value = '{SCHEMA_VERSION}' WHERE key = 'schema'", schema)
    open_ledger(postgres_url).close()


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE recipes (name text)",
        "CREATE TABLE meta (key text, value text)",
        "CREATE TABLE meta (name text)",
        "CREATE TABLE meta (key text, value text); INSERT INTO meta VALUES ('schema', '1')",
        "CREATE TABLE meta (key text, value text); INSERT INTO meta VALUES ('application', 'polemos ledger')",
    ],
)
def test_a_schema_of_another_program_is_left_exactly_as_it_is(postgres: Cluster, postgres_url: str, made: str) -> None:
    schema = schema_of(postgres_url)
    postgres.run(f"CREATE SCHEMA {schema}")
    postgres.run(made, schema)
    tables = f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}'"
    before = postgres.run(tables)
    with pytest.raises(LedgerDamaged, match="holds something that is no ledger; name another by"):
        open_ledger(postgres_url)
    assert postgres.run(tables) == before


OPENER = """
import sys
from app.ledger import Batch, open_ledger
from app.vocabulary.records import Article
sys.stdin.readline()  # all start together
open_ledger(sys.argv[1]).append(Batch([Article("", sys.argv[2])]))
"""


@pytest.mark.processes
def test_processes_that_make_one_ledger_at_once(postgres_url: str) -> None:
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, postgres_url, str(n)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for n in range(5)
    ]
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write(b"go\n")
        opener.stdin.flush()
    assert [opener.communicate(timeout=60)[1] for opener in openers] == [b""] * 5
    with closing(open_ledger(postgres_url)) as ledger:
        assert sorted(entry.text for _, entry in ledger.entries() if isinstance(entry, Article)) == list("01234")


def test_a_database_of_any_encoding_keeps_every_letter(postgres: Cluster) -> None:
    odd = Article("𝕂𝕖𝕤𝕙 a\x00b", "Ж👩🏽‍🚀 c\x00d", "2031-05-04", "Газета\x00")
    read = Reading(odd.id, "рука@1")
    for encoding in ("LATIN1", "SQL_ASCII"):
        database = f"as_{encoding.lower()}"
        postgres.run(f"CREATE DATABASE {database} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'")
        with closing(open_ledger(postgres.url(database=database))) as ledger:
            ledger.append(Batch([odd], [read]))
            assert list(ledger.entries()) == [(1, odd), (1, read)]
            assert ledger.published("Газета\x00", "2031-05-04") == [odd.id]
            assert ledger.unread([odd.id], "рука@1") == set()


# ---- rights, and what the server refuses ----


def test_nothing_can_be_emptied_either(postgres: Cluster, ledger: PostgresLedger, postgres_url: str) -> None:
    ledger.append(Batch([STORY]))
    for table in TABLES:
        with pytest.raises(psycopg.errors.RaiseException, match="the ledger is append-only"):
            postgres.run(f"TRUNCATE {table} CASCADE", schema_of(postgres_url))
    assert ledger.article(STORY.id) == STORY


def test_a_guard_that_is_gone_is_told(postgres: Cluster, ledger: PostgresLedger, postgres_url: str) -> None:
    assert list(ledger.flaws()) == []
    postgres.run("DROP TRIGGER kept ON decisions", schema_of(postgres_url))
    postgres.run("ALTER TABLE log DISABLE TRIGGER kept", schema_of(postgres_url))
    assert [(flaw.kind, flaw.entry) for flaw in ledger.flaws()] == [("store", "decisions"), ("store", "log")]


def test_a_database_that_may_not_be_written(postgres: Cluster, postgres_url: str) -> None:
    with closing(open_ledger(postgres_url)) as ledger:
        ledger.append(Batch([STORY]))
    with closing(open_ledger(f"{postgres_url}&options=-cdefault_transaction_read_only%3Don")) as ledger:
        assert ledger.article(STORY.id) == STORY
        with pytest.raises(LedgerError, match="cannot be written to: the server is a standby, or the database is set"):
            ledger.append(Batch([story(2)]))
        assert ledger.revision == 1
    new = f"{postgres.url(postgres.new_schema())}&options=-cdefault_transaction_read_only%3Don"
    with pytest.raises(LedgerError, match="cannot be written to"):
        open_ledger(new)


def test_a_role_without_rights_and_one_that_may_only_read(postgres: Cluster, postgres_url: str) -> None:
    schema = schema_of(postgres_url)
    postgres.run("DROP ROLE IF EXISTS bo")
    postgres.run("CREATE ROLE bo LOGIN")
    with pytest.raises(LedgerError, match=r"cannot be used by this role .*permission denied for database"):
        open_ledger(postgres.url(schema, user="bo"))
    with closing(open_ledger(postgres_url)) as ledger:
        ledger.append(Batch([STORY]))
    with pytest.raises(LedgerError, match=r"cannot be used by this role .*permission denied for schema"):
        open_ledger(postgres.url(schema, user="bo"))
    postgres.run(f"GRANT USAGE ON SCHEMA {schema} TO bo")
    postgres.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO bo")
    try:
        with closing(open_ledger(postgres.url(schema, user="bo"))) as ledger:
            assert ledger.article(STORY.id) == STORY
            with pytest.raises(LedgerError, match="permission denied for table articles"):
                ledger.append(Batch([story(2)]))
            assert ledger.wait(1, 0.1) == 1
    finally:
        postgres.run("DROP OWNED BY bo")
        postgres.run("DROP ROLE bo")


def test_a_schema_that_somebody_made_for_us(postgres: Cluster, postgres_url: str) -> None:
    schema = schema_of(postgres_url)
    postgres.run("DROP ROLE IF EXISTS cleo")
    postgres.run("CREATE ROLE cleo LOGIN")
    postgres.run(f"CREATE SCHEMA {schema} AUTHORIZATION cleo")
    with closing(open_ledger(postgres.url(schema, user="cleo"))) as ledger:
        assert ledger.append(Batch([STORY])) == 1
        assert ledger.compact()[1] > 0


def test_a_full_disk(postgres: Cluster, ledger: PostgresLedger, postgres_url: str) -> None:
    ledger.append(Batch([STORY]))
    schema = schema_of(postgres_url)
    postgres.run(
        "CREATE FUNCTION full_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$",
        schema,
    )
    postgres.run("CREATE TRIGGER full_up BEFORE INSERT ON log EXECUTE FUNCTION full_up()", schema)
    with pytest.raises(LedgerError, match=r"the disk that holds .* is full; nothing of this batch was stored"):
        ledger.append(Batch([story(2)]))
    assert ledger.article(story(2).id) is None
    postgres.run("DROP TRIGGER full_up ON log", schema)
    assert ledger.append(Batch([story(2)])) == 2
    assert list(check(ledger)) == []


def test_what_is_returned_for_is_on_the_disk(postgres_url: str) -> None:
    with closing(PostgresLedger(f"{postgres_url}&options=-csynchronous_commit%3Doff")) as ledger:
        assert ledger._ask("SHOW synchronous_commit") == [("on",)]
        assert ledger._ask("SHOW fsync") == [("on",)]
    with closing(PostgresLedger(f"{postgres_url}&options=-csynchronous_commit%3Dremote_apply")) as ledger:
        assert ledger._ask("SHOW synchronous_commit") == [("remote_apply",)]


# ---- writers ----


def test_another_writer_that_does_not_let_go(
    ledger: PostgresLedger, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append(Batch([STORY]))
    monkeypatch.setattr(postgres_connection, "BUSY_SECONDS", 0.1)
    with closing(PostgresLedger(postgres_url)) as other:
        refused: list[BaseException] = []

        class Held(list[Decision]):
            """Looked at in the middle of a transaction."""

            def __iter__(self) -> Iterator[Decision]:
                try:
                    ledger.append(Batch([story(2)]))
                except BaseException as why:
                    refused.append(why)
                # Who reads waits for nobody.
                assert ledger.revision == 1
                return super().__iter__()

        other.append(Batch([story(3)], decisions=Held()))
        assert [type(why) for why in refused] == [LedgerBusy]
        assert "held by another writer; try again" in str(refused[0])
        assert ledger.append(Batch([story(2)])) == 3


KILLED = """
import sys, time
from app.ledger import Batch, open_ledger
from app.vocabulary.records import Article

class Endless(list):
    def __iter__(self):
        print("in the middle", flush=True)
        time.sleep(600)

open_ledger(sys.argv[1]).append(Batch([Article("", "lost")], decisions=Endless()))
"""


@pytest.mark.processes
def test_a_writer_that_is_killed_leaves_its_turn_and_nothing_else(ledger: PostgresLedger, postgres_url: str) -> None:
    writer = subprocess.Popen([sys.executable, "-c", KILLED, postgres_url], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "in the middle\n"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    began = time.monotonic()
    assert ledger.append(Batch([STORY])) == 1
    assert time.monotonic() - began < 10
    assert [entry for _, entry in ledger.entries()] == [STORY]


WRITER = """
import sys
from app.ledger import Batch, open_ledger
from app.vocabulary.records import Article, Reading
ledger = open_ledger(sys.argv[1])
for number in range(60):
    articles = [Article("", f"{number}-{one}") for one in range(1 + number % 7)]
    ledger.append(Batch(articles, [Reading(article.id, "hand@1") for article in articles]))
"""


@pytest.mark.processes
def test_a_reader_sees_whole_batches_only(ledger: PostgresLedger, postgres_url: str) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, postgres_url])
    looks, seen = 0, 0
    while seen < 60:
        # Every way to ask: what one of them shows, the others hold, too.
        seen = ledger.revision
        counts = ledger.counts()
        assert counts.articles == counts.readings
        found = Counter(revision for revision, _ in ledger.entries())
        assert found == {revision: 2 * (1 + (revision - 1) % 7) for revision in range(1, len(found) + 1)}
        assert len(found) >= seen
        assert all(ledger.digest(revision) for revision in (seen, len(found)))
        looks += 1
        assert writer.poll() in (None, 0)
    assert writer.wait(30) == 0
    assert looks > 5


# ---- a server that comes and goes ----


def end_sessions(postgres: Cluster, url: str) -> None:
    """End every session that has last asked something of this ledger, as an administrator may."""
    postgres.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE application_name = 'polemos' AND pid <> pg_backend_pid()"
    )


def test_a_session_that_the_server_ended(postgres: Cluster, ledger: PostgresLedger, postgres_url: str) -> None:
    ledger.append(Batch([STORY]))
    end_sessions(postgres, postgres_url)
    assert ledger.revision == 1
    end_sessions(postgres, postgres_url)
    assert ledger.append(Batch([story(2)])) == 2
    listing = ledger.entries()
    next(listing)
    end_sessions(postgres, postgres_url)
    assert [entry for _, entry in listing] == [story(2)]


def test_a_session_that_ends_in_the_middle_of_an_append(
    postgres: Cluster, ledger: PostgresLedger, postgres_url: str
) -> None:
    ends = 0

    class Cut(list[Decision]):
        def __iter__(self) -> Iterator[Decision]:
            nonlocal ends
            if ends < 2:
                ends += 1
                end_sessions(postgres, postgres_url)
            return super().__iter__()

    decision = Decision(DecisionKind.RETRACT, STORY.id, "Ana", at="2031-05-04T10:00:00+00:00")
    assert ledger.append(Batch([STORY], decisions=Cut([decision]))) == 1
    assert ends == 2
    assert list(ledger.entries()) == [(1, STORY), (1, decision)]


def test_a_commit_of_which_nobody_heard_is_not_done_twice(
    ledger: PostgresLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = PostgresLedger._append
    done = 0

    def cut_off(self: PostgresLedger, db: psycopg.Connection[Any], *told: Any) -> int:
        nonlocal done
        revision = append(self, db, *told)
        done += 1
        if done == 1:
            db.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return revision

    monkeypatch.setattr(PostgresLedger, "_append", cut_off)
    assert ledger.append(Batch([STORY])) == 1
    assert done == 2
    assert list(ledger.entries()) == [(1, STORY)]


def test_a_server_that_stays_away(
    postgres: Cluster, ledger: PostgresLedger, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def ask(of: Ledger) -> None:
        try:
            _ = of.revision
        except LedgerError as why:
            told.append(str(why))

    ledger.append(Batch([STORY]))
    with closing(PostgresLedger(postgres_url)) as other:
        assert other.revision == 1
        monkeypatch.setattr(postgres_connection, "PATIENCE_SECONDS", 0.5)
        postgres.stop()
        try:
            began = time.monotonic()
            with pytest.raises(LedgerError):
                ledger.append(Batch([story(2)]))
            assert 0.4 < time.monotonic() - began < 10
            # Once that is known, nobody waits for it again.
            began = time.monotonic()
            for _ in range(5):
                with pytest.raises(LedgerError, match=r"Connection refused|is the server running"):
                    _ = ledger.revision
            assert time.monotonic() - began < 2
            with pytest.raises(LedgerError):
                other.wait(1, 0.3)
            # Closing does not wait for the server either.
            monkeypatch.setattr(postgres_connection, "PATIENCE_SECONDS", 30)
            asking = threading.Thread(target=ask, args=(other,))
            asking.start()
            time.sleep(0.2)
            began = time.monotonic()
            other.close()
            asking.join(10)
            assert time.monotonic() - began < 5
            assert len(told) == 1
            assert "cannot be asked any more" in told[0]
        finally:
            postgres.start()
    assert ledger.append(Batch([story(2)])) == 2
    assert [entry for _, entry in ledger.entries()] == [STORY, story(2)]


def test_who_waits_hears_what_came_while_the_server_was_away(
    postgres: Cluster, ledger: PostgresLedger, postgres_url: str
) -> None:
    heard: list[int] = []
    thread = threading.Thread(target=lambda: heard.append(ledger.wait(0, 30)))
    thread.start()
    time.sleep(0.3)
    postgres.restart()
    with closing(PostgresLedger(postgres_url)) as other:
        other.append(Batch([STORY]))
    thread.join(15)
    assert heard == [1]


@pytest.mark.processes
def test_a_server_restarted_under_load_loses_and_doubles_nothing(postgres: Cluster, postgres_url: str) -> None:
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    over = threading.Event()
    acknowledged: list[tuple[int, str, int]] = []
    failures: list[BaseException] = []

    def write(ledger: Ledger, name: str) -> None:
        number = 0
        try:
            while not over.is_set():
                articles = [Article(f"{name} {number}", f"part {one}") for one in range(3)]
                revision = ledger.append(Batch(articles, [Reading(article.id, "hand@1") for article in articles]))
                acknowledged.append((revision, name, number))
                number += 1
        except BaseException as why:
            failures.append(why)

    # Two threads share a ledger, two have one of their own.
    ledgers = [PostgresLedger(postgres_url) for _ in range(3)]
    threads = [
        threading.Thread(target=write, args=(ledger, name))
        for ledger, name in zip([*ledgers, ledgers[0]], ("one", "two", "three", "four"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for how in (signal.SIGQUIT, signal.SIGQUIT, signal.SIGINT):
        time.sleep(chance.uniform(0.3, 1.2))
        postgres.stop(how)
        time.sleep(chance.uniform(0, 0.5))
        postgres.start()
    time.sleep(0.5)
    over.set()
    for thread in threads:
        thread.join(60)
    assert failures == [], f"seed {seed}"
    written = len(acknowledged)
    assert written > 20, f"seed {seed}"
    with closing(PostgresLedger(postgres_url)) as ledger:
        texts = Counter(entry.title for _, entry in ledger.entries() if isinstance(entry, Article))
        assert texts == {f"{name} {number}": 3 for _, name, number in acknowledged}, f"seed {seed}"
        assert ledger.revision == written, f"seed {seed}"
        assert list(check(ledger)) == [], f"seed {seed}"
    for ledger in ledgers:
        ledger.close()


# ---- what is stored ----


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE articles SET head = '{}'", "a stored article cannot be read"),
        ("UPDATE articles SET head = '\\xff'", "a stored article cannot be read"),
        ("DELETE FROM articles", "the log names an entry \\(article\\) that is not stored"),
        ("UPDATE log SET id = 'art-none'", "the log names an entry \\(article\\) that is not stored"),
        ("DROP TABLE articles CASCADE", "is not a sound ledger"),
    ],
)
def test_what_is_stored_contradicts_itself(
    postgres: Cluster, ledger: PostgresLedger, postgres_url: str, damage: str, told: str
) -> None:
    ledger.append(Batch([STORY]))
    postgres.run(f"SET session_replication_role = replica; {damage}", schema_of(postgres_url))
    with pytest.raises(LedgerDamaged, match=told):
        list(ledger.entries())
    assert {flaw.kind for flaw in check(ledger)} & {"store", "record", "reference"}


def test_pages_grow_and_shrink_with_what_is_in_them(ledger: PostgresLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE_BYTES", 20_000)
    stories = [Article("", f"{number}" * (1 if number < 900 else 3000)) for number in range(1000)]
    ledger.append(Batch(stories[:950]))
    ledger.append(Batch(stories[950:]))
    assert [entry for _, entry in ledger.entries()] == stories
    assert [entry for _, entry in ledger.entries(1)] == stories[950:]


def test_nobody_who_reads_holds_a_transaction_open(postgres: Cluster, ledger: PostgresLedger) -> None:
    ledger.append(Batch([story(number) for number in range(500)]))
    listing = ledger.entries()
    next(listing)
    assert postgres.run("SELECT DISTINCT state FROM pg_stat_activity WHERE application_name = 'polemos'") == [("idle",)]
    assert len(list(listing)) == 499


def test_a_backup_of_it_is_restored_to_another(postgres: Cluster, ledger: PostgresLedger, tmp_path: Path) -> None:
    ledger.append(Batch([STORY, story(2)], [Reading(STORY.id, "hand@1")]))
    ledger.append(Batch([story(3)]))
    copy = tmp_path / "copy.sqlite"
    assert backup(ledger, copy) == 2
    with closing(SqliteLedger(copy)) as held:
        assert held.digest(2) == ledger.digest(2)
        assert list(held.entries()) == list(ledger.entries())
    url = postgres.url(postgres.new_schema())
    assert restore(copy, url) == (0, 2)
    with closing(open_ledger(url)) as again:
        assert again.digest(2) == ledger.digest(2)
        assert again.appended_at(1) == ledger.appended_at(1)
        assert list(again.entries()) == list(ledger.entries())
        again.append(Batch([story(4)]))
    with pytest.raises(LedgerError, match="holds all of this backup and 1 revision more"):
        restore(copy, url)


GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "postgresql.md"


@pytest.mark.processes
def test_what_the_guide_does_with_a_server_works(postgres_url: str, tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    shown = "postgresql://polemos@db.example/polemos"
    commands = [block for block in blocks if shown in block]
    assert len(commands) == 2
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "story.txt").write_text("Quiet day.\n\nNothing was said by anybody.\n", encoding="utf-8")
    with closing(open_ledger(f"sqlite:///{tmp_path / 'before.sqlite'}")) as before:
        before.append(Batch([STORY]))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POLEMOS_")}
    kept |= {"POLEMOS_EXTRACTOR": "rules", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    told = []
    for number, block in enumerate(commands):
        script = "set -e\n" + block.replace(shown, postgres_url + str(number))
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=kept, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stdout + done.stderr)
    assert "revision 1: 1 article read" in told[0]
    assert "revision 0 before, 1 now" in told[1]
    assert "sound" in told[1]
