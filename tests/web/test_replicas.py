"""Several processes that answer from one ledger: each shows what any of them was given, whole, at the same revision."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.ledger import Batch, Ledger, open_ledger
from app.ledger.checking import check
from app.vocabulary.errors import LedgerError
from app.vocabulary.records import Article
from app.web import Services
from app.web import services as module
from tests.serving import Service, start

REPLICA = "replica"
"""The name by which the server knows the connections of the services started here."""

# ---- the follower ----


@asynccontextmanager
async def followed(services: Services) -> AsyncIterator[None]:
    await services.refresh()
    async with services.following():
        yield


async def until(services: Services, revision: int) -> None:
    end = time.monotonic() + 10
    while services._held.fold.graph.revision != revision:
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


@pytest.fixture(params=["sqlite", "postgres"])
def shared(request: pytest.FixtureRequest, services: Services, tmp_path: Path) -> Iterator[tuple[Services, Ledger]]:
    """Services by hand, and the ledger they answer from as another process has it open."""
    if request.param == "sqlite":
        with closing(open_ledger(services.ledger.location)) as other:
            yield services, other
        return
    url = request.getfixturevalue("postgres_url")
    found = Services(
        open_ledger(url),
        reader=open_ledger(url),
        recipe=services._recipe,
        gazetteer=services._load_gazetteer,
        data=services.data,
    )
    with closing(open_ledger(url)) as other:
        yield found, other
    found.close()


def test_the_graph_follows_the_ledger_while_nobody_asks(shared: tuple[Services, Ledger]) -> None:
    services, other = shared

    async def run() -> None:
        async with followed(services):
            for number in range(3):
                newest = other.append(Batch([Article("", f"news {number}")]))
                await until(services, newest)

    asyncio.run(run())


def test_nobody_follows_where_nobody_asked_for_it(shared: tuple[Services, Ledger]) -> None:
    services, other = shared

    async def run() -> None:
        async with followed(services):
            pass
        before = services._held.fold.graph.revision
        newest = other.append(Batch([Article("", "news")]))
        await asyncio.sleep(0.3)
        assert services._held.fold.graph.revision == before < newest
        await services.refresh()
        assert services._held.fold.graph.revision == newest

    asyncio.run(run())


def test_following_ends_at_once(shared: tuple[Services, Ledger]) -> None:
    services, _ = shared

    async def run() -> float:
        async with followed(services):
            await asyncio.sleep(0.2)
            began = time.monotonic()
        return time.monotonic() - began

    assert asyncio.run(run()) < module.FOLLOW_SECONDS + 1
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("follow")]


def test_a_ledger_that_does_not_answer_is_followed_again(
    shared: tuple[Services, Ledger], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    services, other = shared
    wait = type(services.reader).wait
    asked = 0

    def away(self: Ledger, beyond: int, timeout: float) -> int:
        nonlocal asked
        asked += 1
        if asked <= 2:
            raise LedgerError("the server is away")
        return wait(self, beyond, timeout)

    monkeypatch.setattr(type(services.reader), "wait", away)
    monkeypatch.setattr(module, "AWAY_SECONDS", 0.05)

    async def run() -> None:
        async with followed(services):
            newest = other.append(Batch([Article("", "news")]))
            await until(services, newest)

    asyncio.run(run())
    # Said once, however long it lasts.
    assert [record.getMessage() for record in caplog.records if record.name == module.__name__] == [
        "the ledger cannot be followed now (the server is away)"
    ]


# ---- real processes ----

DYADS = (("Norvania", "Sudria"), ("Norvania", "Velmark"), ("Sudria", "Velmark"))
STORIES = 12


def batch(number: int) -> list[dict[str, str]]:
    """Articles that accuse and deny; all of a batch come from one publisher."""
    return [
        {
            "title": f"Batch {number}, story {story}",
            "text": f"{one} accused {other} on Monday of jamming radio {number}-{story}. {other} denied the charge.",
            "published": "2031-05-06",
            "publisher": f"Gazette {number}",
            "url": f"https://gazette.example/{number}/{story}",
        }
        for story, (one, other) in enumerate(DYADS[story % 3] for story in range(STORIES))
    ]


def by_batch(claims: Iterable[tuple[str, str]]) -> Counter[str]:
    return Counter(publisher for publisher, _ in claims)


@dataclass
class Replica:
    service: Service
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.service.url, timeout=60)

    def get(self, path: str) -> dict[str, Any]:
        found = self.client.get(path)
        assert found.status_code == 200, found.text
        body: dict[str, Any] = found.json()
        return body


@pytest.fixture
def replicas(postgres_url: str, tmp_path: Path) -> Iterator[list[Replica]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POLEMOS_")}
    ledger = f"{postgres_url}&application_name={REPLICA}"
    environment = {**kept, "POLEMOS_EXTRACTOR": "rules", "POLEMOS_LEDGER": ledger}
    started: list[Replica] = []
    logs = [tmp_path / f"{number}.log" for number in range(3)]
    try:
        # All at once: they also make the ledger together.
        started.extend(Replica(start(environment=environment, cwd=tmp_path, log=log)) for log in logs)
        end = time.monotonic() + 60
        for replica in started:
            replica.service.wait(end - time.monotonic())
        yield started
        for replica in started:
            replica.service.process.terminate()
        for replica, log in zip(started, logs, strict=True):
            assert replica.service.process.wait(15) is not None
            assert "Traceback" not in log.read_text()
    finally:
        for replica in started:
            replica.client.close()
            if replica.service.process.poll() is None:
                replica.service.process.kill()
                replica.service.process.wait()


@pytest.mark.processes
@pytest.mark.model
def test_three_replicas_answer_as_one(replicas: list[Replica], postgres_url: str) -> None:
    # Of each revision, the claims that some replica has shown at it, by kind of question.
    shown: dict[tuple[str, int], set[frozenset[tuple[str, str]]]] = defaultdict(set)
    failures: list[BaseException] = []
    over = threading.Event()

    def look(replica: Replica) -> None:
        newest = 0
        try:
            with httpx.Client(base_url=replica.service.url, timeout=60) as client:
                while not over.is_set():
                    for question in ("/accusations", "/denials"):
                        found = client.get(f"{question}?limit=500")
                        assert found.status_code == 200, found.text
                        body = found.json()
                        claims = frozenset((claim["publisher"], claim["id"]) for claim in body["claims"])
                        shown[question, body["revision"]].add(claims)
                        # It never goes back.
                        assert body["revision"] >= newest
                        newest = body["revision"]
                    time.sleep(0.02)
        except BaseException as why:
            failures.append(why)

    lookers = [threading.Thread(target=look, args=(replica,)) for replica in replicas]
    for looker in lookers:
        looker.start()
    try:
        for number in range(6):
            told = replicas[number % 3].client.post("/articles", json=batch(number))
            assert told.status_code == 200, told.text
            assert told.json()["added"] == STORIES
            # Whoever is asked next knows it, whichever of them was told.
            answers = [replica.get("/accusations?limit=500") for replica in replicas]
            assert [answer["revision"] for answer in answers] == [told.json()["revision"]] * 3
            assert answers[0]["claims"] == answers[1]["claims"] == answers[2]["claims"]
    finally:
        over.set()
        for looker in lookers:
            looker.join(60)
    assert failures == []

    # No answer showed half a batch, and all answers at a revision are the same answer.
    assert len(shown) > 6
    for question in ("/accusations", "/denials"):
        whole = by_batch(
            (claim["publisher"], claim["id"]) for claim in replicas[0].get(f"{question}?limit=500")["claims"]
        )
        publishers = [f"Gazette {number}" for number in range(6)]
        assert sorted(whole) == publishers
        assert min(whole.values()) >= STORIES // 3
        for revision in {then for asked, then in shown if asked == question}:
            (claims,) = shown[question, revision]
            found = by_batch(claims)
            assert sorted(found) == publishers[: len(found)], revision
            assert found == {publisher: whole[publisher] for publisher in found}, revision
    with closing(open_ledger(postgres_url)) as ledger:
        assert list(check(ledger)) == []
        assert ledger.counts().articles == 6 * STORIES


@pytest.mark.processes
@pytest.mark.model
def test_replicas_told_at_once_store_everything_once(replicas: list[Replica], postgres_url: str) -> None:
    told: list[httpx.Response] = []

    def post(replica: Replica, number: int) -> None:
        told.append(replica.client.post("/articles", json=batch(number)))

    # Each gets a batch of its own, and all of them the same one besides.
    for numbers in ((0, 1, 2), (3, 3, 3)):
        posts = [threading.Thread(target=post, args=pair) for pair in zip(replicas, numbers, strict=True)]
        for one in posts:
            one.start()
        for one in posts:
            one.join(90)
    assert [answer.status_code for answer in told] == [200] * 6
    answers = [replica.get("/accusations?limit=500") for replica in replicas]
    assert answers[0]["total"] >= 4 * STORIES // 3
    assert answers[0]["claims"] == answers[1]["claims"] == answers[2]["claims"]
    with closing(open_ledger(postgres_url)) as ledger:
        assert ledger.counts().articles == ledger.counts().readings == 4 * STORIES
        assert list(check(ledger)) == []


@pytest.mark.processes
@pytest.mark.model
def test_replicas_outlive_a_restart_of_the_server(replicas: list[Replica], postgres: Any) -> None:
    assert replicas[0].client.post("/articles", json=batch(0)).status_code == 200
    # As many as the guide says: three each.
    held = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{REPLICA}'"
    assert postgres.run(held) == [(9,)]
    postgres.restart()
    assert len({replica.get("/accusations?limit=1")["total"] for replica in replicas}) == 1
    told = replicas[1].client.post("/articles", json=batch(1)).json()
    assert told["added"] == STORIES
    # One that asks while the server is away is answered when it is back.
    postgres.stop()
    found: list[dict[str, Any]] = []
    asking = threading.Thread(target=lambda: found.append(replicas[2].get("/accusations?limit=1")))
    asking.start()
    time.sleep(1)
    # Meanwhile a page that needs no ledger is served.
    assert replicas[2].client.get("/openapi.json").status_code == 200
    assert found == []
    postgres.start()
    asking.join(30)
    assert found[0]["revision"] == told["revision"]
