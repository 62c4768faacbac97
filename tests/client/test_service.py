"""The client against a service that runs: the same records, the same errors, pages, patience and keys."""

from __future__ import annotations

import email.utils
import io
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
import uvicorn

from app import queries
from app.client import Polemos, ServiceAway, ServiceError
from app.extraction import recipe
from app.ledger import SqliteLedger
from app.queries import ClaimFilter
from app.vocabulary.errors import BadInput, BadQuery, LedgerBusy, MissingPart, NotFound, PolemosError, TooLarge
from app.vocabulary.names import Gazetteer
from app.vocabulary.terms import ClaimType, Rollup
from app.web import Services, create_app
from tests.queries.invented import World, invented

DATA = Path(__file__).resolve().parents[2] / "graph_data"


@pytest.fixture(scope="module")
def world() -> World:
    return invented()


@contextmanager
def served(world: World, folder: Path) -> Iterator[str]:
    """The address of a service in this process, over a ledger of its own."""
    ledger = SqliteLedger(folder / "ledger.sqlite")
    ledger.append(world.batch)
    services = Services(
        ledger, recipe=recipe("rules", DATA), gazetteer=lambda: Gazetteer.load(DATA / "gazetteers"), data=DATA
    )
    server = uvicorn.Server(uvicorn.Config(create_app(lambda: services), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until = time.monotonic() + 120
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < until
            time.sleep(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(60)


@pytest.fixture(scope="module")
def url(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(world, tmp_path_factory.mktemp("client")) as found:
        yield found


@pytest.fixture
def service(url: str) -> Iterator[Polemos]:
    with Polemos(url) as opened:
        yield opened


# ---- answers ----


def test_answers_are_the_records_that_the_question_gives(service: Polemos, world: World) -> None:
    graph = world.graph
    page = service.accusations(source="Norland").first
    assert isinstance(page, queries.ClaimPage)
    expected = queries.accusations(graph, ClaimFilter(source="Norland"), 100)
    assert [row.id for row in page.claims] == [row.id for row in expected.claims]
    assert page.counts == expected.counts
    assert page.filters.source_id == "actor-norland"
    claim = page.claims[0].id
    assert service.claim(claim).evidence == queries.claim_row(graph, claim).evidence
    assert service.thread(claim).claim == claim
    incident = service.incidents().first.incidents[0].id
    assert service.incident(incident).attribution == queries.incident(graph, incident).attribution
    assert service.actor("actor-sudria").actor.name == "Sudria"
    assert {row.name for row in service.actors("norl")} == {"Norland"}
    assert service.health().claims == len(graph.claims)
    assert service.matrix("denies").revision == page.revision
    assert service.timeline(unit="year").filters.unit == "year"
    assert service.subgraph(["Norland", "Sudria"], hops=2).nodes
    assert service.paths("Norland", "Eastland").revision == 1
    assert service.dyad("Norland", "Sudria").revision == 1
    assert service.facets(["accuses", "denies"]).revision == 1


def test_a_list_goes_on_over_its_pages(service: Polemos, world: World) -> None:
    found = service.claims(limit=3)
    assert len({row.id for row in found}) == len(list(found)) == len(world.graph.claims) > 3
    assert [len(page.claims) for page in found.pages()][:2] == [3, 3]
    assert found.first is found.first


def test_filters_are_sent_as_the_service_reads_them(service: Polemos, world: World) -> None:
    april = service.claims(ClaimType.ACCUSES, since=date(2024, 4, 1), until="2024-04-30", rollup=False)
    expected = queries.claims(
        world.graph,
        ClaimFilter(type=ClaimType.ACCUSES, since="2024-04", until="2024-04", rollup=Rollup.OFF),
    )
    assert [row.id for row in april] == [row.id for row in expected.claims]
    both = service.claims(actor=["Norland", "Eastland"], role="source", modality=["asserted"])
    assert {row.source for row in both} == {"Norland", "Eastland"}


def test_a_receipt_is_checked(service: Polemos) -> None:
    claim = service.accusations().first.claims[0].id
    receipt = service.receipt(claim)
    checked = service.verify(receipt)
    assert checked.claim == claim
    assert checked.revision == 1
    false = msgspec.structs.replace(receipt, quote="Something else.")
    assert msgspec.to_builtins(service.verify(false)) != msgspec.to_builtins(checked)


def test_documents_come_as_they_are(service: Polemos) -> None:
    out = io.BytesIO()
    assert service.export(out, "ntriples", type="denies") == len(out.getvalue()) > 1000
    assert service.picture("Norland").startswith(b"<svg")
    answer = service.sparql(
        "SELECT ?claim WHERE { ?claim a plm:Claim } LIMIT 3",
    )
    assert len(answer.rows()) == 3
    assert (answer.revision, answer.truncated) == (1, False)
    graph = service.sparql("CONSTRUCT { ?s a plm:Claim } WHERE { ?s a plm:Claim }", accept="text/turtle")
    assert graph.media_type.startswith("text/turtle")
    with pytest.raises(BadQuery, match="has no rows"):
        graph.rows()


def test_articles_and_decisions_are_handed_in(world: World, tmp_path: Path) -> None:
    with served(world, tmp_path) as url, Polemos(url) as service:
        _hand_in(service)


def _hand_in(service: Polemos) -> None:
    text = "Ardania accused Beloria of shelling the market in Kesh on Friday."
    added = service.add({"title": "Shelling", "text": text, "published": "2031-05-04", "publisher": "Port Gazette"})
    assert added.added == 1
    again = service.add(text.encode(), "text/plain")
    assert again.added + again.already_known == 1
    (article,) = added.articles
    assert service.article(article).article.text == text
    news = next(service.news(since=added.revision - 1))
    assert news.revision >= added.revision
    gone = service.retract(article, by="Ada", reason="a test")
    assert gone.decision.by == "Ada"
    with pytest.raises(PolemosError, match="retracted"):
        service.article(article)
    undone = service.decide("undo", gone.decision.id, by="Ada", reason="a test")
    assert undone.decision.subject == gone.decision.id
    assert service.article(article).article.id == article
    assert {row.by for row in service.decisions(by="Ada")} == {"Ada"}
    assert isinstance(service.review().first.doubts, list)


# ---- errors ----


def test_problems_come_as_the_errors_they_were(service: Polemos) -> None:
    with pytest.raises(BadQuery, match="Nowhere"):
        service.accusations(source="Nowhere").first  # noqa: B018 -- asking is what it does
    with pytest.raises(NotFound, match="clm-none"):
        service.claim("clm-none")
    with pytest.raises(NotFound):
        service.claim("a/../b?c")
    with pytest.raises(BadInput) as refused:
        service.add(b"{", "application/json")
    assert refused.value.reason == "bad_json"
    with pytest.raises(BadQuery, match="limit"):
        service.claims(limit=0).first  # noqa: B018 -- as above
    with pytest.raises(BadQuery):
        service.sparql("DELETE WHERE { ?s ?p ?o }")


@pytest.mark.parametrize(
    ("status", "sort", "kind"),
    [
        (413, "input:too_large", TooLarge), (415, "input:binary", BadInput), (400, "query", BadQuery),
        (422, "validation", BadQuery), (404, "not-found", NotFound), (410, "gone", NotFound), (503, "busy", LedgerBusy),
        (501, "missing-part", MissingPart), (401, "unauthorized", ServiceError), (500, "internal", ServiceError),
    ],
)  # fmt: skip
def test_every_sort_of_problem_has_its_error(status: int, sort: str, kind: type[PolemosError]) -> None:
    body = {"type": f"urn:polemos:problem:{sort}", "title": "T", "status": status, "detail": "what to do"}
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=body))
    with Polemos("http://p.test", retries=0, transport=transport) as service, pytest.raises(kind) as raised:
        service.health()
    assert type(raised.value) is kind
    assert str(raised.value) == "what to do"
    if isinstance(raised.value, ServiceError):
        assert (raised.value.status, raised.value.sort) == (status, sort)


@pytest.mark.parametrize("content", [b"<html>Bad gateway</html>", b"", b"[1]", b'{"type": 3}'])
def test_what_is_no_problem_is_an_error_all_the_same(content: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(502, content=content))
    with Polemos("http://p.test", transport=transport) as service, pytest.raises(ServiceError, match="502"):
        service.health()


def test_an_answer_of_something_else_is_told() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=b"<html>Welcome</html>"))
    with Polemos("http://p.test", transport=transport) as service, pytest.raises(ServiceError, match="Health"):
        service.health()


def test_nothing_at_the_address(url: str) -> None:
    with Polemos("http://127.0.0.1:1", retries=1, sleep=lambda _: None) as service, pytest.raises(ServiceAway):
        service.health()
    with pytest.raises(BadQuery, match="http://"):
        Polemos("127.0.0.1:8000")


# ---- patience ----


class PutOff:
    """Answers like this so many times, then well."""

    def __init__(self, times: int, *answers: httpx.Response | Exception) -> None:
        self.left = [answers[min(n, len(answers) - 1)] for n in range(times)]
        self.seen: list[httpx.Request] = []
        self.slept: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if not self.left:
            return httpx.Response(200, json={"role": None, "key": None, "name": None, "expires_at": None})
        answer = self.left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers)

    def service(self, retries: int = 3, key: str | None = None) -> Polemos:
        transport = httpx.MockTransport(self)
        return Polemos("http://p.test/under/", retries=retries, key=key, transport=transport, sleep=self.slept.append)


@pytest.mark.parametrize("status", [429, 503])
def test_who_is_put_off_asks_again_when_told(status: int) -> None:
    put_off = PutOff(2, httpx.Response(status, headers={"Retry-After": "7"}))
    with put_off.service() as service:
        assert service.whoami().role is None
    assert put_off.slept == [7.0, 7.0]


def test_a_date_may_say_when() -> None:
    at = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    put_off = PutOff(1, httpx.Response(503, headers={"Retry-After": at}))
    with put_off.service() as service:
        service.whoami()
    assert 0 < put_off.slept[0] <= 30


@pytest.mark.parametrize("told", [None, "soon", "-3"])
def test_without_a_word_it_waits_longer_each_time(told: str | None) -> None:
    headers = {"Retry-After": told} if told is not None else {}
    put_off = PutOff(3, httpx.Response(503, headers=headers))
    with put_off.service() as service:
        service.whoami()
    assert [0.5 <= put_off.slept[0] <= 1, 1 <= put_off.slept[1] <= 2, 2 <= put_off.slept[2] <= 4] == [True] * 3


def test_patience_ends() -> None:
    put_off = PutOff(9, httpx.Response(429))
    with put_off.service(retries=2) as service, pytest.raises(ServiceError, match="429"):
        service.whoami()
    assert len(put_off.seen) == 3
    long = PutOff(9, httpx.Response(429, headers={"Retry-After": "3600"}))
    with long.service() as service, pytest.raises(ServiceError):
        service.whoami()
    assert long.slept == []


def test_other_errors_are_not_tried_again() -> None:
    put_off = PutOff(1, httpx.Response(500))
    with put_off.service() as service, pytest.raises(ServiceError):
        service.whoami()
    assert len(put_off.seen) == 1


def test_what_may_have_arrived_is_not_sent_twice() -> None:
    refused = PutOff(1, httpx.ConnectError("refused"))
    with refused.service() as service:
        service.whoami()
    assert len(refused.seen) == 2
    broken = PutOff(1, httpx.ReadError("broken off"))
    with broken.service() as service, pytest.raises(ServiceAway, match="ReadError"):
        service.add({"text": "x"})
    assert len(broken.seen) == 1


def test_a_key_and_a_path_go_along() -> None:
    put_off = PutOff(0)
    with put_off.service(key="polemos_secret") as service:
        service.whoami()
    (request,) = put_off.seen
    assert request.headers["authorization"] == "Bearer polemos_secret"
    assert str(request.url) == "http://p.test/under/whoami"
    without = PutOff(0)
    with without.service() as service:
        service.whoami()
    assert "authorization" not in without.seen[0].headers


def test_it_needs_none_of_the_doors() -> None:
    program = "import sys, app.client; print([n for n in ('fastapi', 'spacy', 'rdflib') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
