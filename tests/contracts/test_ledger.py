"""What every ledger does, whatever holds it. A further kind of ledger is one more row of `KINDS`."""

from __future__ import annotations

import dataclasses
import sqlite3
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.ledger import Batch, Entry, Ledger, LedgerCounts, open_ledger
from app.ledger.checking import check
from app.ledger.rows import GENESIS, chain, row_of
from app.vocabulary.errors import EvidenceMismatch, LedgerError
from app.vocabulary.records import (
    Actor,
    Article,
    Claim,
    Decision,
    Evidence,
    Incident,
    Mention,
    Place,
    Reading,
    Refusal,
)
from app.vocabulary.terms import (
    ActorKind,
    ClaimType,
    DecisionKind,
    DenialKind,
    Judgement,
    Modality,
    NodeKind,
    RefusalReason,
)


@dataclass(frozen=True)
class Kind:
    """A kind of ledger, and how it is treated from outside.

    Attributes:
        url: The URL of a new one that belongs to this test alone.
        tamper: Runs SQL behind its back.
        force: The same, past everything that keeps it append-only; what keeps it is in place again afterwards.
        blob: Bytes in its SQL.
    """

    name: str
    url: Callable[[pytest.FixtureRequest], str]
    tamper: Callable[[str, str], None]
    force: Callable[[str, str], None]
    blob: Callable[[bytes], str]


def sqlite_url(request: pytest.FixtureRequest) -> str:
    folder: Path = request.getfixturevalue("tmp_path")
    return f"sqlite:///{folder / 'ledger.sqlite'}"


def tamper_sqlite(url: str, sql: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
        db.execute(sql)
        db.commit()


def force_sqlite(url: str, sql: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
        guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f"DROP TRIGGER {name}")
        db.execute(sql)
        for _, made in guards:
            db.execute(made)
        db.commit()


def postgres_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue("postgres_url")
    return url


def tamper_postgres(url: str, sql: str) -> None:
    server, _, schema = url.partition("?schema=")
    with psycopg.connect(server, options=f"-csearch_path={schema}") as db:
        db.execute(sql)


def force_postgres(url: str, sql: str) -> None:
    tamper_postgres(url, f"SET session_replication_role = replica; {sql}")


KINDS = [
    Kind("sqlite", sqlite_url, tamper_sqlite, force_sqlite, lambda raw: f"x'{raw.hex()}'"),
    Kind("postgres", postgres_url, tamper_postgres, force_postgres, lambda raw: f"'\\x{raw.hex()}'"),
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def url(kind: Kind, request: pytest.FixtureRequest) -> str:
    return kind.url(request)


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = open_ledger(url)
    yield opened
    opened.close()


def article(number: int = 1, text: str = "Ardania accused Beloria in Kesh. Beloria denied it.") -> Article:
    return Article(f"Story {number}", text, "2031-05-04", "Port Gazette", f"https://gazette.example/{number}", "x")


def reading(of: Article, extractor: str = "hand@1") -> Reading:
    """Every field of every record filled somewhere."""
    at = Evidence(of.id, "text", 0, 7, of.text[:7])
    whole = Evidence(of.id, "text", 0, len(of.text), of.text)
    ardania = Mention(of.id, NodeKind.ACTOR, "Ardania", of.text[:7], "text", 0, 7, ActorKind.STATE, "XAR")
    beloria = Mention(of.id, NodeKind.ACTOR, "Beloria", "Beloria", "text", 16, 23)
    kesh = Mention(of.id, NodeKind.PLACE, "Kesh", "Kesh", "text", 27, 31, country="XBE")
    raid = Incident(of.id, "raid", whole, kesh.id, "XBE", "2031-05-01/2031-05-03", (beloria.id,))
    accusation = Claim(
        of.id, ClaimType.ACCUSES, ardania.id, ardania.id, beloria.id, Modality.ASSERTED, at, raid.id, "2031-05",
        confidence=0.1 + 0.2, cue="accuse/active",
    )  # fmt: skip
    denial = Claim(
        of.id, ClaimType.DENIES, beloria.id, beloria.id, None, Modality.ASSERTED, whole,
        responds_to=accusation.id, denial_kind=DenialKind.INTENT, target_named=ardania.id,
    )  # fmt: skip
    refusals = (
        Refusal(RefusalReason.NO_ACT, "met", of.id, "text", 3, 5),
        Refusal(RefusalReason.NO_ACT, "spoke"),
        Refusal(RefusalReason.QUESTION, "who?"),
    )
    return Reading(of.id, extractor, (ardania, beloria, kesh), (raid,), (accusation, denial), refusals)


def judged(number: int = 1, *, by: str = "Ana", at: str | None = "2031-05-04T10:00:00+00:00") -> Decision:
    return Decision(
        DecisionKind.JUDGE, f"men-{number}", by, "actor-ardania", None, Judgement.SAME, "one name", at, 0.25
    )


ARDANIA = Actor("Ardania", ActorKind.STATE, "XAR", aliases=("Republic of Ardania",), wikidata="Q1")
KESH = Place("Kesh", "XBE", 12.5, -3.25, "settlement")


def held(ledger: Ledger) -> list[tuple[int, Entry]]:
    return list(ledger.entries())


def test_a_new_ledger_is_empty(ledger: Ledger) -> None:
    assert ledger.revision == 0
    assert held(ledger) == []
    assert ledger.counts() == LedgerCounts(0, 0, 0, 0, {})
    assert isinstance(ledger, Ledger)


def test_an_instant_names_the_newest_revision_until_then(ledger: Ledger) -> None:
    assert ledger.revision_at("2999-01-01T00:00:00.000+00:00") == 0
    for title in ("One", "Two"):
        ledger.append(Batch(articles=[Article(title, "Text.")]))
    first, second = (ledger.appended_at(revision) or "" for revision in (1, 2))
    assert ledger.revision_at("1999-01-01T00:00:00.000+00:00") == 0
    assert ledger.revision_at(second) == 2
    assert ledger.revision_at(first) in ({1} if first < second else {2})


def test_everything_comes_back_as_it_was_in_the_order_it_was_given(ledger: Ledger) -> None:
    one, two = article(1), article(2)
    first = Batch([two, one], [reading(one), reading(two)], [ARDANIA], [KESH], [judged(2), judged(1)])
    assert ledger.append(first) == 1
    later = Batch(decisions=[judged(1, by="names@1", at=None)], readings=[reading(one, "hand@2")])
    assert ledger.append(later) == 2
    assert ledger.revision == 2
    assert held(ledger) == [
        (1, two),
        (1, one),
        (1, ARDANIA),
        (1, KESH),
        (1, reading(one)),
        (1, reading(two)),
        (1, judged(2)),
        (1, judged(1)),
        (2, reading(one, "hand@2")),
        (2, judged(1, by="names@1", at=None)),
    ]


def test_appending_what_is_there_adds_nothing(ledger: Ledger) -> None:
    batch = Batch([article()], [reading(article())], [ARDANIA], [KESH], [judged()])
    ledger.append(batch)
    before = held(ledger)
    assert ledger.append(batch) == 1
    assert ledger.append(Batch()) == 1
    assert ledger.revision == 1
    assert held(ledger) == before
    assert ledger.appended_at(2) is None


def test_only_what_is_new_in_a_batch_is_added(ledger: Ledger) -> None:
    ledger.append(Batch([article(1)], actors=[ARDANIA]))
    assert ledger.append(Batch([article(1), article(2), article(2)], actors=[ARDANIA, ARDANIA], places=[KESH])) == 2
    assert held(ledger)[2:] == [(2, article(2)), (2, KESH)]


def test_an_article_stays_as_it_first_came(ledger: Ledger) -> None:
    ledger.append(Batch([article()]))
    again = dataclasses.replace(article(), external_id="another sender's")
    assert ledger.append(Batch([again])) == 1
    assert ledger.article(article().id) == article()


def test_a_changed_record_of_an_actor_or_place_is_a_further_entry(ledger: Ledger) -> None:
    ledger.append(Batch(actors=[ARDANIA], places=[KESH]))
    renamed = dataclasses.replace(ARDANIA, aliases=("Ardanian Union",))
    moved = dataclasses.replace(KESH, lat=12.75)
    assert ledger.append(Batch(actors=[renamed], places=[moved])) == 2
    assert held(ledger)[2:] == [(2, renamed), (2, moved)]


def test_a_reading_by_a_newer_extractor_is_a_further_entry_and_the_older_one_stays(ledger: Ledger) -> None:
    ledger.append(Batch([article()], [reading(article())]))
    assert ledger.append(Batch(readings=[reading(article(), "hand@2")])) == 2
    assert [entry.extractor for _, entry in held(ledger) if isinstance(entry, Reading)] == ["hand@1", "hand@2"]


def spoilt(change: str) -> tuple[Reading, type[Exception]]:
    """A reading of article 1 with one thing wrong in it."""
    good = reading(article())
    claim, raid, mention = good.claims[0], good.incidents[0], good.mentions[0]
    wrong = Evidence(article().id, "text", 1, 8, "Ardania")
    claims = {
        "quote": dataclasses.replace(claim, evidence=wrong),
        "quote beyond the end": dataclasses.replace(
            claim, evidence=Evidence(article().id, "text", 44, 99, article().text[44:])
        ),
        "empty quote": dataclasses.replace(claim, evidence=Evidence(article().id, "text", 0, 0, "")),
        "quote of another article": dataclasses.replace(
            claim, evidence=dataclasses.replace(claim.evidence, article=article(2).id)
        ),
        "claim of another article": dataclasses.replace(claim, article=article(2).id),
        "speaker": dataclasses.replace(claim, speaker="men-none"),
        "source": dataclasses.replace(claim, source="men-none"),
        "target": dataclasses.replace(claim, target="men-none"),
        "target_named": dataclasses.replace(claim, target_named="men-none"),
        "incident": dataclasses.replace(claim, incident="inc-none"),
        "responds_to": dataclasses.replace(claim, responds_to="clm-none"),
    }
    incidents = {
        "incident's quote": dataclasses.replace(raid, evidence=wrong),
        "place": dataclasses.replace(raid, place="men-none"),
        "perpetrator": dataclasses.replace(raid, alleged_perpetrators=("men-none",)),
        "incident of another article": dataclasses.replace(raid, article=article(2).id),
    }
    kind = EvidenceMismatch if "quote" in change else LedgerError
    if change in claims:
        return dataclasses.replace(good, claims=(good.claims[1], claims[change])), kind
    if change in incidents:
        return dataclasses.replace(good, incidents=(incidents[change],)), kind
    strayed = dataclasses.replace(mention, article=article(2).id)
    return dataclasses.replace(good, mentions=(strayed, *good.mentions[1:])), kind


@pytest.mark.parametrize(
    "change",
    [
        "quote",
        "quote beyond the end",
        "empty quote",
        "quote of another article",
        "claim of another article",
        "speaker",
        "source",
        "target",
        "target_named",
        "incident",
        "responds_to",
        "incident's quote",
        "place",
        "perpetrator",
        "incident of another article",
        "mention of another article",
    ],
)
def test_one_thing_wrong_in_a_batch_and_nothing_of_it_is_stored(ledger: Ledger, change: str) -> None:
    ledger.append(Batch([article(3)]))
    wrong, kind = spoilt(change)
    with pytest.raises(kind):
        ledger.append(Batch([article(2), article()], [reading(article(2)), wrong], [ARDANIA], [KESH], [judged()]))
    assert ledger.revision == 1
    assert held(ledger) == [(1, article(3))]
    assert ledger.article(article(2).id) is None
    # And the ledger is as good as before.
    assert ledger.append(Batch([article()], [reading(article())])) == 2


def test_an_extractor_reads_an_article_once(ledger: Ledger) -> None:
    ledger.append(Batch([article()], [reading(article())]))
    with pytest.raises(LedgerError, match="refuses this") as refused:
        ledger.append(Batch([article(2)], [dataclasses.replace(reading(article()), id="rdg-other")]))
    # It is the batch that is wrong, not the ledger.
    assert type(refused.value) is LedgerError
    assert ledger.counts().articles == 1


def test_a_reading_of_an_unknown_article_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match=f"{article().id}, which the ledger lacks"):
        ledger.append(Batch(readings=[reading(article())], actors=[ARDANIA]))
    assert held(ledger) == []


def test_a_quote_is_held_against_the_text_that_is_kept(ledger: Ledger) -> None:
    composed = Article("", unicodedata.normalize("NFC", "Séance in Kesh: Ardania accused Beloria."))
    apart = Article("", unicodedata.normalize("NFD", composed.text))
    assert composed.id == apart.id
    ledger.append(Batch([composed]))
    with pytest.raises(EvidenceMismatch):
        ledger.append(Batch([apart], [told_by_offsets(apart)]))
    assert ledger.append(Batch([apart], [told_by_offsets(composed)])) == 2
    assert ledger.article(apart.id) == composed


def told_by_offsets(of: Article) -> Reading:
    start = of.text.index("Ardania")
    at = Evidence(of.id, "text", start, start + 7, "Ardania")
    mention = Mention(of.id, NodeKind.ACTOR, "Ardania", "Ardania", "text", start, start + 7)
    claim = Claim(of.id, ClaimType.ACCUSES, mention.id, mention.id, None, Modality.ASSERTED, at)
    return Reading(of.id, "hand@1", (mention,), (), (claim,))


def test_thousands_of_entries_come_in_order(ledger: Ledger) -> None:
    sizes = [999, 1, 1000, 501]
    number = 0
    expected: list[tuple[int, Entry]] = []
    for revision, size in enumerate(sizes, 1):
        batch = [article(number + i) for i in range(size)]
        number += size
        assert ledger.append(Batch(batch)) == revision
        expected += [(revision, one) for one in batch]
    assert held(ledger) == expected
    assert list(ledger.entries(1, 3)) == expected[999:2000]
    assert list(ledger.entries(3)) == expected[2000:]


@pytest.mark.parametrize(
    ("since", "until", "revisions"),
    [
        (0, None, [1, 2, 3]),
        (1, None, [2, 3]),
        (3, None, []),
        (0, 2, [1, 2]),
        (1, 2, [2]),
        (2, 2, []),
        (0, 9, [1, 2, 3]),
    ],
)
def test_entries_of_some_revisions(ledger: Ledger, since: int, until: int | None, revisions: list[int]) -> None:
    for number in (1, 2, 3):
        ledger.append(Batch([article(number)]))
    assert list(ledger.entries(since, until)) == [(number, article(number)) for number in revisions]


def test_a_listing_under_way_stops_at_the_revision_it_began_with(ledger: Ledger) -> None:
    ledger.append(Batch([article(i) for i in range(1500)]))
    listing = ledger.entries()
    assert next(listing) == (1, article(0))
    ledger.append(Batch([article(5000)]))
    assert len(list(listing)) == 1499


def test_a_listing_without_texts_keeps_everything_else(ledger: Ledger) -> None:
    ledger.append(Batch([article()], [reading(article())]))
    (_, bare), (_, read) = ledger.entries(with_text=False)
    assert isinstance(bare, Article)
    assert bare.text == ""
    assert dataclasses.replace(bare, text=article().text) == article()
    assert read == reading(article())


def test_articles_by_id(ledger: Ledger) -> None:
    ledger.append(Batch([article(1), article(2)]))
    assert ledger.article(article(2).id) == article(2)
    assert ledger.article("art-none") is None


def test_which_articles_an_extractor_has_not_read(ledger: Ledger) -> None:
    ledger.append(Batch([article(1), article(2)], [reading(article(1))]))
    ids = [article(1).id, article(2).id, "art-none"]
    assert ledger.unread(iter(ids), "hand@1") == {article(2).id, "art-none"}
    assert ledger.unread(ids, "hand@2") == set(ids)
    assert ledger.unread([], "hand@1") == set()


def test_counts(ledger: Ledger) -> None:
    ledger.append(Batch([article(1), article(2)], [reading(article(1))], decisions=[judged(1), judged(2)]))
    ledger.append(Batch(readings=[reading(article(1), "hand@2"), reading(article(2))]))
    assert ledger.counts() == LedgerCounts(2, 3, 6, 2, {"no_act": 6, "question": 3})
    assert list(ledger.counts().refusals) == ["no_act", "question"]


def test_when_a_revision_was_appended(ledger: Ledger) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    ledger.append(Batch([article(1)]))
    ledger.append(Batch([article(2)]))
    after = datetime.now(UTC)
    instants = [datetime.fromisoformat(ledger.appended_at(revision) or "") for revision in (1, 2)]
    assert all(instant.utcoffset() == timedelta(0) for instant in instants)
    assert before <= instants[0] <= instants[1] <= after
    assert ledger.appended_at(0) is None
    assert ledger.appended_at(3) is None


def test_a_ledger_is_there_when_it_is_opened_again(ledger: Ledger, url: str) -> None:
    ledger.append(Batch([article()], [reading(article())], [ARDANIA], [KESH], [judged()]))
    before, at, counts = held(ledger), ledger.appended_at(1), ledger.counts()
    ledger.close()
    with closing(open_ledger(url)) as again:
        assert (held(again), again.appended_at(1), again.counts()) == (before, at, counts)
        assert again.append(Batch([article(2)])) == 2


def test_closing_twice_is_harmless_and_asking_afterwards_is_not(ledger: Ledger) -> None:
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match="cannot be asked any more"):
        _ = ledger.revision


def test_its_url_opens_the_same_ledger(ledger: Ledger) -> None:
    ledger.append(Batch([article()]))
    with closing(open_ledger(ledger.location)) as same:
        assert held(same) == [(1, article())]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(TEXTS, TEXTS, st.none() | TEXTS)
def test_any_text_comes_back_to_the_letter(ledger: Ledger, title: str, text: str, publisher: str | None) -> None:
    one = Article(title, text, publisher=publisher)
    ledger.append(Batch([one]))
    kept = ledger.article(one.id)
    assert kept is not None
    # Another form of the same letters may have come first; it has the same id.
    assert unicodedata.normalize("NFC", kept.text) == unicodedata.normalize("NFC", text)
    assert (kept.id, kept.publisher is None) == (one.id, publisher is None)


@pytest.mark.parametrize(
    "text",
    [
        "👩🏽‍🚀 Ardania 🇦🇶 𝕂𝕖𝕤𝕙",
        "a\x00b",
        "e\u0301 and é are kept apart",
        "a\x01\x1f\x7f\u0085\u2028\ufeff\ufffe\uffff\U0010ffff",
        "line\r\nfeed\ttab ",
        "\u202eright to left\u202c",
        "'; DROP TABLE articles; --",
        '"\\"\\u0000\\ud83d',
        "ﷺ" * 5000,
    ],
)
def test_unusual_letters_come_back_unchanged(ledger: Ledger, text: str) -> None:
    one = Article(text[:50], text, publisher=text[:9], url=text[:9])
    at = Evidence(one.id, "text", 0, len(text), text)
    mention = Mention(one.id, NodeKind.ACTOR, text, text, "text", 0, len(text))
    claim = Claim(one.id, ClaimType.ACCUSES, mention.id, mention.id, None, Modality.ASSERTED, at, cue=text)
    batch = Batch([one], [Reading(one.id, text, (mention,), (), (claim,))], decisions=[judged(by=text)])
    ledger.append(batch)
    assert held(ledger) == [(1, one), (1, batch.readings[0]), (1, judged(by=text))]


def test_half_a_surrogate_pair_is_refused_by_name_and_nothing_stored(ledger: Ledger) -> None:
    for wrong in (Article("", "half \ud83d"), Article("half \ude00", "")):
        with pytest.raises(LedgerError, match="surrogate"):
            ledger.append(Batch([article(), wrong]))
    with pytest.raises(LedgerError, match="surrogate"):
        ledger.append(Batch([article()], decisions=[judged(by="half \ud83d")]))
    assert held(ledger) == []


def test_a_reader_sees_what_is_committed_and_nothing_else(ledger: Ledger, url: str) -> None:
    with closing(open_ledger(url)) as reader:
        ledger.append(Batch([article(1)]))
        assert held(reader) == [(1, article(1))]

        seen: list[tuple[int, list[tuple[int, Entry]]]] = []

        class Watched(list[Decision]):
            """Looked at after everything else of its batch has been written, and before the commit."""

            def __iter__(self) -> Iterator[Decision]:
                seen.append((reader.revision, held(reader)))
                return super().__iter__()

        ledger.append(Batch([article(2)], [reading(article(2))], decisions=Watched([judged()])))
        assert seen == [(1, [(1, article(1))])]
        assert reader.revision == 2
        assert len(held(reader)) == 4


def test_threads_share_one_ledger(ledger: Ledger) -> None:
    failures: list[BaseException] = []

    def write(first: int) -> None:
        try:
            for number in range(first, first + 20):
                ledger.append(Batch([article(number)], [reading(article(number))]))
                assert ledger.article(article(number).id) == article(number)
                list(ledger.entries())
        except BaseException as why:
            failures.append(why)

    threads = [threading.Thread(target=write, args=(n * 100,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [revision for revision, _ in ledger.entries()] == [r for r in range(1, 61) for _ in range(2)]


WRITER = """
import sys
from app.ledger import Batch, open_ledger
from app.vocabulary.records import Article
url, name = sys.argv[1:]
sys.stdin.readline()  # all start together
ledger = open_ledger(url)
for i in range(40):
    ledger.append(Batch([Article(name, f"own {i}"), Article("both", f"shared {i}")]))
    print(ledger.revision, flush=True)
"""


@pytest.mark.processes
def test_two_processes_that_write_at_once_lose_nothing(url: str) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "other")
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        out, told = writer.communicate(timeout=60)
        assert writer.returncode == 0, told
        seen = [int(line) for line in out.split()]
        assert len(seen) == 40
        assert seen == sorted(seen)
    with closing(open_ledger(url)) as ledger:
        entries = held(ledger)
        assert ledger.revision == 80
    texts = {title: [e.text for _, e in entries if isinstance(e, Article) and e.title == title] for title in TITLES}
    assert texts["one"] == texts["other"] == [f"own {i}" for i in range(40)]
    assert texts["both"] == [f"shared {i}" for i in range(40)]
    assert [revision for revision, _ in entries] == sorted(revision for revision, _ in entries)
    assert {revision for revision, _ in entries} == set(range(1, 81))


TITLES = ("one", "other", "both")


@pytest.mark.parametrize("table", ["articles", "readings", "decisions", "nodes", "log", "revisions"])
@pytest.mark.parametrize("sql", ["DELETE FROM {table}", "UPDATE {table} SET {column} = {column}"])
def test_nothing_in_it_can_be_changed_or_deleted(kind: Kind, ledger: Ledger, url: str, table: str, sql: str) -> None:
    ledger.append(Batch([article()], [reading(article())], [ARDANIA], [KESH], [judged()]))
    before = held(ledger)
    column = "revision" if table in ("log", "revisions") else "id"
    with pytest.raises(Exception, match="append-only"):
        kind.tamper(url, sql.format(table=table, column=column))
    assert held(ledger) == before


# ---- digests ----

AT = [f"2031-05-0{day}T10:00:00.000+00:00" for day in (4, 5, 6)]


def three_batches() -> list[Batch]:
    return [
        Batch([article(1), article(2)], [reading(article(1))], [ARDANIA], [KESH], [judged(1)]),
        Batch([article(2), article(3)], [reading(article(2))], [ARDANIA], decisions=[judged(1), judged(2)]),
        Batch(readings=[reading(article(1), "hand@2")], places=[dataclasses.replace(KESH, lat=1.5)]),
    ]


def fill(ledger: Ledger) -> None:
    for batch, at in zip(three_batches(), AT, strict=True):
        ledger.append(batch, at=at)


def test_a_digest_is_of_all_up_to_its_revision(ledger: Ledger) -> None:
    fill(ledger)
    assert ledger.digest(0) == GENESIS.hex()
    assert ledger.digest(4) is None
    added: list[list[Entry]] = [
        [article(1), article(2), ARDANIA, KESH, reading(article(1)), judged(1)],
        [article(3), reading(article(2)), judged(2)],
        [dataclasses.replace(KESH, lat=1.5), reading(article(1), "hand@2")],
    ]
    digest = GENESIS
    for revision, (at, entries) in enumerate(zip(AT, added, strict=True), 1):
        digest = chain(digest, at, [row_of(entry) for entry in entries])
        assert ledger.digest(revision) == digest.hex()
        assert ledger.appended_at(revision) == at


def test_a_digest_is_the_same_in_every_kind_of_ledger_and_for_ever(ledger: Ledger) -> None:
    fill(ledger)
    # Backups are held against it: where this changes, none that exists is recognised any more.
    assert ledger.digest(3) == "cfedbb20f2e1a53db888d048f2b404741fc6aee7fec95e54f013fd7443fbab19"


def test_appending_what_is_there_leaves_the_digest(ledger: Ledger) -> None:
    fill(ledger)
    before = ledger.digest(3)
    for batch in three_batches():
        assert ledger.append(batch, at="2031-06-01T00:00:00.000+00:00") == 3
    assert ledger.digest(3) == before


def test_the_rows_are_the_bytes_that_entries_are_made_of(ledger: Ledger) -> None:
    fill(ledger)
    assert list(ledger.rows()) == [(revision, row_of(entry)) for revision, entry in held(ledger)]
    assert [revision for revision, _ in ledger.rows(1, 2)] == [2] * 3
    bare = [row for _, row in ledger.rows(with_text=False) if row.kind == "article"]
    assert [row.text for row in bare] == [""] * 3
    assert bare[0].body == row_of(article(1)).body


# ---- articles of a day ----


def test_articles_of_a_publisher_and_a_day(ledger: Ledger) -> None:
    def story(title: str, day: str | None, publisher: str | None = "Port Gazette") -> Article:
        return Article(title, "Text.", day, publisher)

    stories = [
        story("b", "2031-05-04"),
        story("a", "2031-05-04"),
        story("next day", "2031-05-05"),
        story("month", "2031-05"),
        story("no day", None),
        story("other", "2031-05-04", "Gazette"),
        story("nobody", "2031-05-04", None),
        story("long", None, "ø" * 9000),
    ]
    ledger.append(Batch(stories[3:]))
    ledger.append(Batch(stories[:3]))
    ledger.append(Batch([story("c", "2031-05-04")]))
    one, two, next_day, month, no_day, other, _, long = (each.id for each in stories)
    assert ledger.published("Port Gazette", "2031-05-04") == [one, two, story("c", "2031-05-04").id]
    assert ledger.published("Port Gazette", "2031-05-05") == [next_day]
    assert ledger.published("Port Gazette", "2031-05") == [month]
    assert ledger.published("Port Gazette", None) == [no_day]
    assert ledger.published("Gazette", "2031-05-04") == [other]
    assert ledger.published("ø" * 9000, None) == [long]
    assert ledger.published("Port Gazette", "2031-05-06") == []
    assert ledger.published("port gazette", "2031-05-04") == []
    assert ledger.published("", None) == []


# ---- waiting ----


def test_there_is_nothing_to_wait_for_where_it_is_there_already(ledger: Ledger) -> None:
    ledger.append(Batch([article(1)]))
    ledger.append(Batch([article(2)]))
    began = time.monotonic()
    assert ledger.wait(1, 30) == 2
    assert ledger.wait(0, 0) == 2
    assert time.monotonic() - began < 5


def test_waiting_ends_with_its_time(ledger: Ledger) -> None:
    ledger.append(Batch([article(1)]))
    began = time.monotonic()
    assert ledger.wait(1, 0.3) == 1
    assert 0.3 <= time.monotonic() - began < 3
    assert ledger.wait(7, 0) == 1


def test_threads_wait_while_another_appends(ledger: Ledger) -> None:
    ledger.append(Batch([article(0)]))
    seen: list[tuple[int, int, float]] = []

    def follow(beyond: int) -> None:
        newest = ledger.wait(beyond, 30)
        seen.append((beyond, newest, time.monotonic()))

    threads = [threading.Thread(target=follow, args=(beyond,)) for beyond in (1, 2, 1, 2)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    assert seen == []
    # Nor does anybody who waits keep others from appending and asking.
    first = time.monotonic()
    assert ledger.append(Batch([article(1)])) == 2
    assert ledger.article(article(1).id) is not None
    assert time.monotonic() - first < 2
    while len(seen) < 2:
        assert time.monotonic() < first + 10
        time.sleep(0.01)
    assert [(beyond, newest) for beyond, newest, _ in seen] == [(1, 2), (1, 2)]
    second = time.monotonic()
    ledger.append(Batch([article(2)]))
    for thread in threads:
        thread.join(10)
    assert [(beyond, newest) for beyond, newest, _ in seen[2:]] == [(2, 3), (2, 3)]
    # A tenth of a second, and as much as a busy machine may add.
    assert max(at for *_, at in seen[:2]) - first < 2
    assert max(at for *_, at in seen[2:]) - second < 2


def test_closing_ends_the_waiting(ledger: Ledger) -> None:
    failures: list[BaseException] = []

    def follow() -> None:
        try:
            ledger.wait(0, 30)
        except BaseException as why:
            failures.append(why)

    thread = threading.Thread(target=follow)
    thread.start()
    time.sleep(0.3)
    ledger.close()
    thread.join(5)
    assert not thread.is_alive()
    (why,) = failures
    assert isinstance(why, LedgerError)
    assert "cannot be asked any more" in str(why)


WAITER = """
import sys
from app.ledger import open_ledger
ledger = open_ledger(sys.argv[1])
print("ready", flush=True)
newest = 0
while newest < 5:
    newest = ledger.wait(newest, 30)
    print(newest, len(list(ledger.entries(newest - 1, newest))), flush=True)
"""


@pytest.mark.processes
def test_another_process_hears_of_every_append(ledger: Ledger, url: str) -> None:
    waiter = subprocess.Popen([sys.executable, "-c", WAITER, url], stdout=subprocess.PIPE, text=True)
    assert waiter.stdout is not None
    assert waiter.stdout.readline() == "ready\n"
    for revision in range(1, 6):
        ledger.append(Batch([article(10 * revision), article(10 * revision + 1)]))
        assert waiter.stdout.readline() == f"{revision} 2\n"
    assert waiter.wait(10) == 0


# ---- keeping ----


def test_a_ledger_as_it_was_written_has_no_flaw(ledger: Ledger) -> None:
    assert list(check(ledger)) == []
    fill(ledger)
    assert list(ledger.flaws()) == []
    assert list(check(ledger)) == []


# What is done behind a ledger's back, the kinds of flaws that tell of it, and what one of them names.
TAMPERINGS = {
    "article gone": ("DELETE FROM articles WHERE id = '{article}'", {"reference", "digest"}, "{article}"),
    "reading gone": ("DELETE FROM readings WHERE id = '{reading}'", {"reference", "digest"}, "{reading}"),
    "decision gone": ("DELETE FROM decisions WHERE id = '{decision}'", {"reference", "digest"}, "{decision}"),
    "records gone": ("DELETE FROM nodes", {"reference", "digest"}, "row-"),
    "never logged": ("INSERT INTO nodes VALUES ('row-new', 'actor', {empty})", {"reference"}, "row-new"),
    "decision slipped in": ("INSERT INTO decisions VALUES ('dec-new', {empty})", {"reference"}, "dec-new"),
    "log cut": ("DELETE FROM log WHERE revision = 3", {"reference", "order"}, "revision 3"),
    "log entry gone": ("DELETE FROM log WHERE id = '{reading}'", {"reference", "digest"}, "{reading}"),
    "revision gone": ("DELETE FROM revisions WHERE revision = 2", {"order"}, "revision"),
    "newest revision gone": ("DELETE FROM revisions WHERE revision = 3", set(), ""),
    "put into another revision": ("UPDATE log SET revision = 2 WHERE id = '{reading}'", {"digest"}, "revision 1"),
    "text changed": (
        "UPDATE articles SET text = 'Ardania praised Beloria in Kesh. Beloria denied it.' WHERE id = '{article}'",
        {"digest", "hash", "offset"},
        "{article}",
    ),
    "headline changed": (
        "UPDATE articles SET head = {other} WHERE id = '{article}'",
        {"digest", "hash"},
        "{article}",
    ),
    "unreadable": ("UPDATE readings SET body = {empty} WHERE id = '{reading}'", {"digest", "record"}, "{reading}"),
    "instant changed": (
        "UPDATE revisions SET at = '2031-05-04T11:00:00.000+00:00' WHERE revision = 1",
        {"digest"},
        "revision 1",
    ),
    "digest changed": ("UPDATE revisions SET digest = {zeros} WHERE revision = 2", {"digest"}, "revision 2"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_what_was_done_behind_its_back_is_found(kind: Kind, ledger: Ledger, url: str, what: str) -> None:
    fill(ledger)
    sql, kinds, entry = TAMPERINGS[what]
    names = {
        "article": article(1).id,
        "reading": reading(article(1)).id,
        "decision": judged(1).id,
        "empty": kind.blob(b"{}"),
        "zeros": kind.blob(bytes(32)),
        "other": kind.blob(row_of(dataclasses.replace(article(1), title="Another")).body),
    }
    kind.force(url, sql.format(**names))
    found = list(check(ledger))
    assert found
    assert kinds <= {flaw.kind for flaw in found}
    assert any(flaw.entry.startswith(entry.format(**names)) for flaw in found), found
    assert all(flaw.detail for flaw in found)


def test_compacting_changes_nothing_that_is_read(ledger: Ledger) -> None:
    fill(ledger)
    before = (held(ledger), ledger.counts(), ledger.digest(3))
    taken, left = ledger.compact()
    assert taken > 0
    assert left > 0
    assert (held(ledger), ledger.counts(), ledger.digest(3)) == before
    assert ledger.append(Batch([article(9)])) == 4
    assert list(check(ledger)) == []


def test_compacting_goes_on_beside_a_reader(ledger: Ledger, url: str) -> None:
    ledger.append(Batch([article(number) for number in range(1500)]))
    with closing(open_ledger(url)) as reader:
        listing = reader.entries()
        next(listing)
        ledger.compact()
        assert len(list(listing)) == 1499
