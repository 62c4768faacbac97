"""Requests made to harm the service: none is its fault, none hangs, and it answers the next one as ever."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.ledger import open_ledger
from app.settings import Settings
from app.vocabulary.records import Article, Refusal
from app.vocabulary.terms import RefusalReason
from app.web import Services, bodies, create_app, protocol
from app.web.protocol import Bounded
from tests.intake import nasty, nasty_files
from tests.serving import free_port, serving

PROBLEM = {"type", "title", "status", "detail", "instance"}
PEAK_MB = 2_000
"""Most memory of a service that reads by the rules, bodies of up to 20 MB."""
MEGA = 1_000_000
ran: Counter[str] = Counter()


def problem(found: httpx.Response, *statuses: int) -> str:
    """The detail of a problem of the one shape."""
    assert found.status_code in (statuses or range(400, 500)), found.text[:500]
    assert found.headers["content-type"] == "application/problem+json"
    body = found.json()
    assert set(body) == PROBLEM
    assert body["status"] == found.status_code
    assert len(body["detail"]) > 15
    assert "Traceback" not in body["detail"]
    return str(body["detail"])


def fine(found: httpx.Response) -> None:
    """An answer, or a problem that is the client's."""
    assert found.status_code < 500, found.text[:500]
    if found.status_code >= 400:
        problem(found)


# ---- a real service, by `polemos serve` ----


@dataclass
class Running:
    """A service in a process of its own."""

    process: subprocess.Popen[bytes]
    port: int
    ledger: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def peak_mb(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024

    def post(self, raw: bytes | Iterator[bytes], **headers: str) -> httpx.Response:
        with httpx.Client(timeout=bodies.BODY_SECONDS + bodies.ANSWER_SECONDS, trust_env=False) as client:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            return client.post(f"{self.url}/articles", content=raw, headers=names)

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.url}/health", timeout=30, trust_env=False).json()
        return found

    def raw(self, *parts: bytes, wait: float = 10) -> bytes:
        """What comes back for these bytes until the service closes the connection or is quiet for a while."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as connection:
            answer = b""
            try:
                for part in parts:
                    connection.sendall(part)
                while received := connection.recv(65_536):
                    answer += received
            except (ConnectionError, TimeoutError):
                pass
        return answer


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("service")
    ledger = f"sqlite:///{folder / 'ledger.sqlite'}"
    environment = {**os.environ, "POLEMOS_LEDGER": ledger, "POLEMOS_EXTRACTOR": "rules"}
    with serving(environment=environment, log=folder / "log") as service:
        yield Running(service.process, service.port, ledger)
    assert "Traceback" not in (folder / "log").read_text()


HEAVY = (
    "html: 20,000 links", "html: JSON-LD of 4 MB", "html: a million attributes", "html: 4 MB of spaces",
    "html: one paragraph of 4 MB", "xml: a billion laughs in html as application/xhtml+xml",
    "xml: a billion laughs in rss as application/rss+xml", "encoding: marks in the wrong order", "text: 19 MB of prose",
    "text: 19 MB of line ends", "text: as many sentences as may be", "text: as long a sentence as may be",
    "gzip: 1 GB of zeros", "gzip: 1 GB of zeros as JSON lines", "gzip: a million empty members",
    "json: 19 MB of {} as application/json", "json: 19 MB of 1 as application/json",
    "json: 19 MB of lines {} as application/x-ndjson", "json: a million keys as application/json",
    "json: a line of 19 MB as application/json", "json: [ 5000000 deep as application/json",
    "pdf: a page of one string of 15 MB", "pdf: a stream that unpacks to 1 GB", "warc: a bomb in it",
    "warc: 1,200 pages that are none", "feed: 20,000 entries",
)  # fmt: skip


@pytest.mark.model
@pytest.mark.processes
@pytest.mark.timeout(600)
def test_nasty_bodies_are_answered_and_leave_the_service_sound(running: Running) -> None:
    """The worst, and every seventh of all the others."""
    every = {case.name: case for case in (*nasty.CASES, *nasty_files.CASES)}
    chosen = [*(every[name] for name in HEAVY), *[one for name, one in every.items() if name not in HEAVY][::7]]
    slowest = 0.0
    for case in chosen:
        start = time.monotonic()
        headers = {} if case.kind is None else {"content_type": case.kind}
        found = running.post(case.make(), **headers)
        slowest = max(slowest, time.monotonic() - start)
        ran["nasty bodies"] += 1
        if found.status_code == 200:
            body = found.json()
            assert case.becomes.issuperset(one["reason"] for one in body["refusals"]), case.name
            assert "article" in case.becomes, case.name
        else:
            problem(found, 400, 413, 415, 422)
            assert found.json()["type"].rpartition(":")[2] in case.becomes, case.name
    assert slowest < bodies.ANSWER_SECONDS
    assert running.peak_mb() < PEAK_MB
    print(f"slowest body {slowest:.1f} s, peak {running.peak_mb()} MB")


@pytest.mark.model
@pytest.mark.processes
@pytest.mark.timeout(600)
def test_a_body_of_many_articles_is_read_for_a_while_and_then_refused(running: Running) -> None:
    texts = (f"Norland accused Sudria of raid {n}. " + nasty.SENTENCE * 60 for n in range(2_000))
    lines = "\n".join(json.dumps({"text": text}) for text in texts).encode()
    assert len(lines) < 20 * MEGA * 2
    start = time.monotonic()
    found = running.post(lines[: 19 * MEGA], content_type="application/x-ndjson")
    assert time.monotonic() - start < bodies.ANSWER_SECONDS
    assert found.status_code == 200
    body = found.json()
    assert 0 < body["added"] < 700
    (stopped,) = [one for one in body["refusals"] if one["reason"] == "too_large"]
    assert f"after the first {body['added']} inputs" in stopped["detail"]
    assert "hand in that rest by itself" in stopped["detail"]
    ran["many articles"] += 1


def head(*lines: str) -> bytes:
    return "\r\n".join(["POST /articles HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


@pytest.mark.processes
def test_a_hundred_megabytes_are_refused_however_they_are_announced(running: Running) -> None:
    def streamed() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * MEGA

    before = running.peak_mb()
    for headers in ({}, {"content_length": str(100 * MEGA)}, {"content_length": "9" * 400}):
        start = time.monotonic()
        try:
            found = running.post(streamed(), content_type="text/plain", **headers)
            assert "send less at once" in problem(found, 413)
        except httpx.HTTPError:
            # Where the number is a lie, the client itself may break off.
            assert headers.get("content_length") == "9" * 400
        assert time.monotonic() - start < 30
        ran["large bodies"] += 1
    assert running.peak_mb() < before + 200
    assert running.health()["status"] == "ok"


@pytest.mark.processes
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ([head("Content-Length: 100000000", "Content-Type: text/plain")], b"413"),
        ([head("Content-Length: 100000000", "Expect: 100-continue")], b"413"),
        ([head("Content-Length: 5", "Content-Type: text/plain"), b"Norland denied it.\r\n\r\n"], b"400"),
        ([head("Content-Length: -5"), b"Norland"], b"400"),
        ([head("Content-Length: 5", "Content-Length: 7"), b"Norland"], b"400"),
        ([head("Content-Length: 5", "Transfer-Encoding: chunked"), b"Norland"], b"400"),
        ([head("Content-Length: " + "9" * 50), b"Norland"], b"400"),
        ([head("Transfer-Encoding: chunked"), b"FFFFFFFFFFFFFFFFFF\r\nNorland"], b"400"),
        ([head("Transfer-Encoding: chunked"), b"zz\r\nNorland"], b"400"),
        ([b"\r\n" * 40_000 + b"x"], b"4"),
        ([b"\0" * 1_000], b"400"),
        ([b"GET / HTTP/9.9\r\n\r\n"], b"400"),
        ([b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n"], b"400"),
        ([b"GET http://[::bad/ HTTP/1.1\r\nHost: localhost\r\n\r\n"], b"400"),
        ([b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], b"400"),
        ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100)], b"400"),
        ([b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000, b"x" * 70_000], b"431"),
        ([b"GET /health?" + b"x" * 70_000, b"x" * 70_000], b"431"),
        ([b"GET /health HTTP/1.1\r\nHost: localhost\r\n", *[b"X: x\r\n" * 1_000] * 12], b"431"),
        ([b"GET /health HTTP/1.1\r\nHost: localhost\r\nX\0Y: 1\r\n\r\n"], b"400"),
    ],
)  # fmt: skip
def test_what_is_no_proper_request_is_told_so(running: Running, sent: list[bytes], status: bytes) -> None:
    ran["bytes that are no request"] += 1
    answer = running.raw(*sent)
    assert answer.startswith(b"HTTP/1.1 "), answer[:100]
    last = answer[answer.rindex(b"HTTP/1.1 ") :]
    assert last[9:].startswith(status), last[:300]
    top, _, body = last.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in top
    assert b"connection: close" in top.lower()
    assert set(json.loads(body)) == PROBLEM


@pytest.mark.processes
def test_after_all_of_it_the_ledger_is_sound(running: Running) -> None:
    """What was answered with 200 is there, and nothing else."""
    before = running.health()
    text = f"Norland accused Sudria of a raid. {time.time()}"
    found = running.post(text.encode(), content_type="text/plain")
    assert found.status_code == 200
    after = running.health()
    assert (after["status"], after["articles"]) == ("ok", before["articles"] + 1)
    assert after["revision"] == before["revision"] + 1 == found.json()["revision"]
    ledger = open_ledger(running.ledger)
    try:
        assert ledger.revision == after["revision"]
        kept = [entry for _, entry in ledger.entries() if isinstance(entry, Article)]
        assert len(kept) == after["articles"]
        assert kept[-1].text == text
    finally:
        ledger.close()


# ---- slow clients, of a server in this process whose patience is short ----


@pytest.fixture
def impatient(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.4)
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.4)
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(create_app(services), host="127.0.0.1", port=port, log_level="error", http=Bounded)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield Running(None, port, "")  # type: ignore[arg-type]
    server.should_exit = True
    thread.join(20)


@pytest.mark.parametrize(
    ("begun", "status"),
    [
        (head("Content-Length: 100", "Content-Type: text/plain") + b"Norland", b"408 "),
        (head("Transfer-Encoding: chunked", "Content-Type: text/plain") + b"7\r\nNorland\r\n", b"408 "),
        (head("Content-Length: 100", "Content-Type: application/json").replace(b"/articles", b"/decisions"), b"408 "),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX:", b"408 "),
        (b"G", b"408 "),
    ],
)
def test_who_does_not_go_on_is_not_waited_for(impatient: Running, begun: bytes, status: bytes) -> None:
    ran["slow requests"] += 1
    start = time.monotonic()
    answer = impatient.raw(begun)
    assert time.monotonic() - start < 5
    assert answer.startswith(b"HTTP/1.1 " + status), answer[:200]
    assert b"connection: close" in answer.lower()
    assert b"did not arrive" in answer


def test_who_says_nothing_is_hung_up_on(impatient: Running) -> None:
    start = time.monotonic()
    assert impatient.raw() == b""
    assert time.monotonic() - start < 5


def test_a_connection_that_is_used_is_kept(impatient: Running) -> None:
    with httpx.Client(base_url=impatient.url, trust_env=False) as client:
        for _ in range(3):
            assert client.get("/health").headers.get("connection") != "close"
            time.sleep(0.3)
        # A body that was read to its end is no reason to end it either.
        assert client.post("/articles", content=b"Norland accuses Sudria.").headers.get("connection") != "close"
        assert client.post("/nowhere", content=b"x" * 100).headers["connection"] == "close"


def test_slow_senders_do_not_keep_others_from_being_read(impatient: Running) -> None:
    open_ones = [socket.create_connection(("127.0.0.1", impatient.port)) for _ in range(100)]
    try:
        for one in open_ones:
            one.sendall(head("Content-Length: 100") + b"x")
        start = time.monotonic()
        assert httpx.get(f"{impatient.url}/accusations", trust_env=False).status_code == 200
        assert time.monotonic() - start < 2
    finally:
        for one in open_ones:
            one.close()


# ---- bounds of one body, and turns ----


def articles(count: int) -> Iterator[Article | Refusal]:
    for number in range(count):
        yield Article("", f"Norland denied raid {number}.")


def test_the_first_article_is_always_read_and_the_rest_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "READ_SECONDS", -1.0)
    first, told = bodies.in_bounds(articles(5))
    assert isinstance(first, Article)
    assert isinstance(told, Refusal)
    assert (told.reason, "after the first 1 inputs" in told.detail) == (RefusalReason.TOO_LARGE, True)


def test_refusals_are_listed_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_REFUSED", 3)
    items = [Refusal(RefusalReason.EMPTY, "x")] * 5
    found = list(bodies.in_bounds([*articles(2), *items]))
    assert len(found) == 2 + 3 + 1
    assert isinstance(found[-1], Refusal)
    assert "after the first 5 inputs" in found[-1].detail
    assert list(bodies.in_bounds([*articles(2), *items[:2]])) == [*articles(2), *items[:2]]


def test_only_so_many_bodies_wait(
    client: Any, services: Services, monkeypatch: pytest.MonkeyPatch, extractor: type[Any]
) -> None:
    monkeypatch.setattr(bodies, "MOST_WAITING", 2)
    real = extractor.read

    def slowly(self: Any, items: Any) -> Iterator[Any]:
        time.sleep(0.3)
        yield from real(self, items)

    monkeypatch.setattr(extractor, "read", slowly)
    found = client.together_posting("/articles", [f"Norland accuses Sudria. {n}".encode() for n in range(4)])
    assert sorted(one.status_code for one in found) == [200, 200, 503, 503]
    for one in found:
        if one.status_code == 503:
            assert "try again" in problem(one, 503)
            assert one.headers["retry-after"] == "5"
    # Who could not wait any longer leaves the turn to others.
    monkeypatch.setattr(bodies, "TURN_SECONDS", 0.05)
    found = client.together_posting("/articles", [f"Norland accuses Sudria. {n}".encode() for n in range(4, 6)])
    assert sorted(one.status_code for one in found) == [200, 503]
    assert client.ask("POST", "/articles", content=b"Norland accuses Sudria.").status_code == 200


# ---- anything at all in a question ----

GOOD = ("Norland", "Sudria", "actor-norland", "Tripoli", "2024", "2024-03-01", "accuses", "edges", "csv", "1", "true")
ODD = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [*GOOD, "", " ", "0", "-1", "1e400", "nan", "-inf", "0x10", "1_000", "٣", "²", "9" * 5_000, "null", "\0", "%",
         "%00", "\u202e", "\ufeff", "\ud7ff", "2024-02-30", "0000", "9999-12-31", "10000", "-44",
         "2024-03-01T00:00:00Z", "2024-03-01T25:61:61+99:99", "x" * 401, "x" * 5_000, "[]", "{}", "../../etc/passwd",
         "'; DROP TABLE claims; --", "<script>", "clm-0", "inc-0", "eyJ9", "WzEsMl0=", "eyJhIjogMX0="]
    ),
    st.integers().map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.datetimes().map(str),
)  # fmt: skip
PARAMETERS = (
    "source", "target", "since", "until", "place", "incident", "publisher", "min_confidence", "rollup", "voice",
    "clock", "rung", "limit", "cursor", "as_of", "actor", "kind", "hops", "q", "unit", "top", "type", "max_hops",
    "format", "profile", "id", "about", "view", "table", "within", "by_parties", "turn", "unturned", "length", "least",
    "lags", "by", "subject", "linkers", "reason", "query",
)  # fmt: skip
NAMES = st.sampled_from(PARAMETERS)


def paths_of(document: dict[str, Any]) -> list[str]:
    """The addresses that are asked by GET, but for a stream of news, whose answer has no end."""
    return sorted(
        path
        for path, operations in document["paths"].items()
        if "get" in operations and "text/event-stream" not in json.dumps(operations["get"]["responses"])
    )


@pytest.fixture(scope="module")
def documented() -> dict[str, Any]:
    """The OpenAPI document, which needs no ledger."""
    return create_app(lambda: pytest.fail("opened")).openapi()


@settings(max_examples=1_500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), params=st.lists(st.tuples(NAMES, ODD), max_size=3))
def test_any_question_is_answered(
    client: Any, documented: dict[str, Any], data: st.DataObject, params: list[tuple[str, str]]
) -> None:
    ran["questions"] += 1
    path = data.draw(st.sampled_from(paths_of(documented)))
    for name in ("claim_id", "actor_id", "incident_id", "article_id", "kind", "thing", "suffix"):
        path = path.replace(f"{{{name}}}", {"kind": "actor", "thing": "actor-norland", "suffix": "svg"}.get(name, "x"))
    fine(client.get(path, params=params))


@settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), value=ODD)
def test_any_value_of_a_parameter_that_a_route_knows(
    client: Any, documented: dict[str, Any], data: st.DataObject, value: str
) -> None:
    ran["parameters"] += 1
    path = data.draw(st.sampled_from([one for one in paths_of(documented) if "{" not in one]))
    known = [one["name"] for one in documented["paths"][path]["get"].get("parameters", []) if one["in"] == "query"]
    params = dict.fromkeys(data.draw(st.lists(st.sampled_from(known), max_size=2)), value) if known else {}
    if path == "/paths":
        params = {"source": "Norland", "target": "Sudria", **params}
    fine(client.get(path, params=params))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from(["claims", "claims/x", "actors", "actors/x", "incidents", "articles",
                           "threads", "id", "id/actor", "page"]),
    rest=st.text(max_size=30),
    query=st.binary(max_size=30),
    accept=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
)  # fmt: skip
def test_any_address_is_answered(client: Any, start: str, rest: str, query: bytes, accept: str) -> None:
    ran["addresses"] += 1
    path = httpx.URL("http://polemos.test").copy_with(
        raw_path=f"/{start}/".encode() + _quoted(rest.encode("utf-8", "surrogatepass")) + b"?" + _quoted(query)
    )
    fine(client.get(str(path), headers={"Accept": accept, "If-None-Match": accept}))


def _quoted(raw: bytes) -> bytes:
    return b"".join(b"%%%02x" % byte for byte in raw)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/articles", "/decisions", "/receipts/verify", "/sparql"]),
    raw=st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=30) | st.sampled_from(GOOD),
        lambda inside: st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "subject", "by", "reason", "object", "field", "value", "receipt", "title", "text",
                             "id", "published", "claim", "revision", "query", "articles"]), inside, max_size=6),
        max_leaves=10,
    ).map(lambda value: json.dumps(value).encode()),
    kind=st.none()
    | st.sampled_from(["application/json", "text/plain", "text/html", "application/x-www-form-urlencoded",
                       "application/sparql-query", "multipart/form-data", "application/json; charset=utf-16", ""]),
)  # fmt: skip
def test_any_body_is_answered(client: Any, path: str, raw: bytes, kind: str | None) -> None:
    ran["bodies"] += 1
    fine(client.ask("POST", path, content=raw, headers={} if kind is None else {"Content-Type": kind}))


def test_a_length_of_too_many_digits_is_too_large(client: Any) -> None:
    """Python turns no more than 4,300 digits into a number."""
    found = client.ask("POST", "/articles", content=b"x", headers={"Content-Length": "9" * 5_000})
    assert "send less" in problem(found, 413)


@pytest.mark.parametrize("allowed", [True, False])
def test_the_service_fetches_what_the_settings_allow(tmp_path: Path, allowed: bool) -> None:
    variables = {"POLEMOS_LEDGER": f"sqlite:///{tmp_path / 'ledger.sqlite'}", "POLEMOS_ALLOW_PRIVATE": str(allowed)}
    services = Services.from_settings(Settings.from_environment(variables))
    assert services.limits.allow_private is allowed
    services.close()


def test_how_many_ran(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts what the tests above have tried, where all of them ran."""
    mine = {item.name.partition("[")[0] for item in request.session.items if item.path == Path(__file__)}
    with capsys.disabled():
        print(f"\nbad input over HTTP: {ran.total():,} cases {dict(ran)}")
    if len(mine) > 18:
        assert ran.total() >= 3_600
