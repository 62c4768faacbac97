"""A service looked after: request ids, log lines, metrics that a parser reads, readiness, and traces."""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.extraction import recipe
from app.ledger import Batch, KeyRole, SqliteLedger
from app.ledger.keys import new_key
from app.vocabulary.errors import LedgerAway, MissingPart
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article
from app.web import Services, logs, tracing
from app.web.access import Access
from app.web.metrics import Metrics
from tests.model_server import by_hand, error, model_server, said
from tests.web.door import CLOSED, Door

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def door(services: Services) -> Iterator[Door]:
    found = Door(services, CLOSED)
    yield found
    found.close()


# ---- request ids and traces that come in ----


@pytest.mark.parametrize("given", ["abc", "7f3.A_b-c", "x" * 64])
def test_a_request_keeps_the_number_it_came_with(door: Door, given: str) -> None:
    assert door.get("/health", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", " ", "x" * 65, "a b", "a\tb", "<script>", "a;b", "ü", "a/b", '{"a":1}'])
def test_a_number_that_could_be_more_than_one_is_not_taken_over(door: Door, given: str) -> None:
    found = door.get("/health", headers={"X-Request-ID": given.encode()}).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{16}", found)


def test_every_answer_has_a_number_of_its_own_refusals_too(door: Door) -> None:
    paths = ("/health", "/accusations", "/nothing", "/page/none.js", "/")
    assert len({door.get(path).headers["x-request-id"] for path in paths}) == len(paths)


@pytest.mark.parametrize(
    ("given", "is_passed_on"),
    [
        (TRACE, True),
        (TRACE.upper(), False),
        (TRACE.replace("00-4", "01-4"), False),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", False),
        (f"00-{'1' * 32}-{'0' * 16}-01", False),
        (TRACE + "-x", False),
        ("nonsense", False),
    ],
)
def test_a_trace_is_passed_on_where_it_is_one(door: Door, given: str, is_passed_on: bool) -> None:
    headers = door.get("/health", headers={"traceparent": given}).headers
    assert headers.get("traceparent") == (given if is_passed_on else None)


# ---- log lines ----


class Kept(logging.Handler):
    def __init__(self, style: logging.Formatter) -> None:
        super().__init__(logging.INFO)
        self.style = style
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.style.format(record))


@pytest.fixture
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    handler = Kept(request.param())
    log = logging.getLogger()
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler
    log.removeHandler(handler)
    log.setLevel(before)


@pytest.mark.parametrize("kept", [logs.JsonLines], indirect=True)
def test_each_request_is_one_json_line(door: Door, kept: Kept) -> None:
    door.get("/actors/none?as_of=1", KeyRole.READER, headers={"X-Request-ID": "r-1", "traceparent": TRACE})
    (line,) = [one for one in map(json.loads, kept.lines) if one["logger"] == "polemos.requests"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert line.pop("ms") > 0
    assert line == {
        "level": "info",
        "logger": "polemos.requests",
        "message": "GET /actors/none 404",
        "request_id": "r-1",
        "method": "GET",
        "path": "/actors/none",
        "route": "/actors/{actor_id}",
        "status": 404,
        "client": "127.0.0.1",
        "key": door.keys[KeyRole.READER].id,
        "trace_id": TRACE.split("-")[1],
    }


@pytest.mark.parametrize("kept", [logs.JsonLines, logs.Lines], indirect=True)
def test_no_key_is_ever_logged(door: Door, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = door.secrets[KeyRole.ADMIN]
    unknown = new_key("x", KeyRole.READER)[1]

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"somebody wrote {secret} into a message")

    door.get("/accusations", secret)
    door.get("/accusations", unknown)
    door.get(f"/actors/{secret}", secret)
    door.get(f"/accusations?source={secret}", secret)
    monkeypatch.setattr(door.services, "reading", fail)
    door.get("/accusations", secret)
    logging.getLogger("any").warning("a key: %s", secret, extra={"fields": {"key": unknown}})
    text = "\n".join(kept.lines)
    assert len(kept.lines) >= 6
    for one in (secret, unknown):
        assert one not in text
        assert one.rpartition("_")[2] not in text
    # What was asked after the path is nobody's business either.
    assert not [line for line in kept.lines if "source=" in line and "httpx" not in line]
    assert "somebody wrote polemos_" in text
    if isinstance(kept.style, logs.JsonLines):
        assert all(isinstance(json.loads(line), dict) for line in kept.lines)


NASTY = ["/a%0Ab", "/%1b%5b2J", "/%0d%0alevel=info", "/%e2%80%a8x", "/%22%7d%7b", "/%ed%a0%80", "/%00"]


@pytest.mark.parametrize("kept", [logs.JsonLines], indirect=True)
@pytest.mark.parametrize("path", NASTY)
def test_no_path_breaks_out_of_its_json_line(door: Door, kept: Kept, path: str) -> None:
    door.get(path, KeyRole.READER)
    lines = [line for line in kept.lines if "polemos.requests" in line]
    assert len(lines) == 1
    assert lines[0].isascii()
    assert "\n" not in lines[0]
    assert json.loads(lines[0])["status"] in (404, 422)


@pytest.mark.parametrize("kept", [logs.Lines], indirect=True)
@pytest.mark.parametrize("path", NASTY)
def test_no_path_begins_a_line_for_people(door: Door, kept: Kept, path: str) -> None:
    door.get(path, KeyRole.READER)
    lines = [line for one in kept.lines if "polemos.requests" in one for line in one.split("\n")]
    # Whatever follows the first line of a record is indented.
    assert all(line.startswith("    ") for line in lines[1:])
    assert all(line.isprintable() for line in lines)


def test_the_log_is_set_up_as_the_settings_say(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.set_up("json", "info")
        logging.getLogger("any").info("said")
        logging.getLogger("any").debug("not said")
        logging.getLogger("httpx").info("not said")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "said"


# ---- metrics ----

Sample = tuple[str, tuple[tuple[str, str], ...], float]
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')


def parsed(text: str) -> tuple[dict[str, str], list[Sample]]:
    """What a text in Prometheus' format 0.0.4 says: the type of each family, and its samples.

    https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
    """
    assert text.endswith("\n")
    types: dict[str, str] = {}
    helped: set[str] = set()
    samples: list[Sample] = []
    family = ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family, words = line[7:].split(" ", 1)
            assert family not in helped, f"{family} is told twice"
            assert words
            helped.add(family)
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            assert name == family
            assert name not in types
            assert kind in ("counter", "gauge", "histogram")
            types[name] = kind
        else:
            found = re.fullmatch(rf"({NAME})(?:\{{(.*)\}})? (\S+)", line)
            assert found is not None, line
            labels = []
            rest = found[2] or ""
            while rest:
                one = LABEL.match(rest)
                assert one is not None, line
                labels.append((one[1], one[2].replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")))
                rest = rest[one.end() :]
            base = re.sub("_(bucket|sum|count)$", "", found[1]) if types.get(family) == "histogram" else found[1]
            assert base == family, f"{line} stands below {family}"
            samples.append((found[1], tuple(labels), float(found[3])))
    assert helped == set(types)
    assert len({sample[:2] for sample in samples}) == len(samples), "a sample is there twice"
    for name, kind in types.items():
        if kind == "histogram":
            check_histogram(name, samples)
        elif kind == "counter":
            assert name.endswith("_total")
    return types, samples


def check_histogram(name: str, samples: list[Sample]) -> None:
    groups: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    for sample, labels, value in samples:
        if sample == f"{name}_bucket":
            edge = dict(labels)["le"]
            rest = tuple(pair for pair in labels if pair[0] != "le")
            groups.setdefault(rest, []).append((math.inf if edge == "+Inf" else float(edge), value))
    told = {(sample, labels): value for sample, labels, value in samples}
    for labels, buckets in groups.items():
        edges, counts = zip(*buckets, strict=True)
        assert list(edges) == sorted(edges)
        assert edges[-1] == math.inf
        assert list(counts) == sorted(counts)
        assert told[f"{name}_count", labels] == counts[-1]
        assert told[f"{name}_sum", labels] >= 0


def test_metrics_are_read_by_a_parser_and_say_what_was_done(door: Door) -> None:
    door.get("/accusations", KeyRole.READER)
    one, other = ({"text": f"Ardania accuses Beloria {words}."} for words in ("of it", "again"))
    door.ask("POST", "/articles", KeyRole.CONTRIBUTOR, json=[one, other, {"x": 1}])
    door.ask("POST", "/articles", KeyRole.CONTRIBUTOR, json=one)
    claim = door.get("/claims", KeyRole.READER).json()["claims"][0]["id"]
    door.ask("POST", "/decisions", KeyRole.CURATOR, json={"kind": "retract", "subject": claim, "reason": "no"})
    door.get("/accusations", KeyRole.READER)
    types, samples = parsed(door.get("/metrics", KeyRole.READER).text)
    told = {(name, labels): value for name, labels, value in samples}

    def value(name: str, **labels: str) -> float:
        return told[f"polemos_{name}", tuple(labels.items())]

    assert value("ingested_articles_total", outcome="added") == 2
    assert value("ingested_articles_total", outcome="known") == 1
    assert value("ingested_articles_total", outcome="refused") == 1
    assert value("ingested_claims_total") == 2
    assert sum(v for (name, _), v in told.items() if name == "polemos_refusals_total") == 1
    assert value("decisions_total", ruling="retract") == 1
    assert value("ingest_seconds_count") == 2
    assert value("fold_seconds_count") >= 1
    assert value("ledger_up") == 1
    assert value("ledger_revision") == value("graph_revision") == 3
    assert value("graph_lag_revisions") == value("graph_lag_seconds") == 0
    assert value("http_requests_total", method="POST", route="/articles", status="200") == 2
    assert value("http_request_seconds_count", route="/articles") == 2
    assert value("start_time_seconds") > 1.7e9
    assert types["polemos_http_request_seconds"] == "histogram"


def test_metrics_tell_that_the_ledger_is_away_and_the_graph_behind(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.get("/accusations", KeyRole.READER)
    door.services.ledger.append(Batch([Article("Later", "Nothing.")]))
    told = {name: value for name, labels, value in parsed(door.get("/metrics", KeyRole.READER).text)[1] if not labels}
    assert told["polemos_graph_lag_revisions"] == 1
    assert told["polemos_graph_lag_seconds"] >= 0

    def away(_: Services) -> None:
        raise LedgerAway("nowhere")

    monkeypatch.setattr(Services, "lag", away)
    told = {name: value for name, labels, value in parsed(door.get("/metrics", KeyRole.READER).text)[1] if not labels}
    assert told["polemos_ledger_up"] == 0
    assert "polemos_ledger_revision" not in told


def test_metrics_tell_what_a_language_model_took(tmp_path: Path) -> None:
    data = Path(__file__).resolve().parents[2] / "graph_data"
    (sample,) = (data / "articles").glob("train-c04b-*.json")
    article = json.loads(sample.read_text(encoding="utf-8"))
    # The first request fails and is sent again, and the first answer is of no use.
    script = (error(500), said("not JSON"))
    with model_server(*script, answer=by_hand([article])) as model:
        endpoint = model.endpoint(tmp_path / "kept", price_in=1.0, price_out=2.0, retries=1, concurrency=1)
        ledger = SqliteLedger(tmp_path / "ledger.sqlite")
        how = recipe("llm", data, llm=endpoint)
        gazetteer = Gazetteer.load(data / "gazetteers")
        found = Door(Services(ledger, recipe=how, gazetteer=lambda: gazetteer, data=data), CLOSED)
        try:

            def told() -> dict[tuple[str, ...], float]:
                _, samples = parsed(found.get("/metrics", KeyRole.READER).text)
                return {(name.removeprefix("polemos_llm_"), *(v for _, v in labels)): value
                        for name, labels, value in samples if name.startswith("polemos_llm_")}  # fmt: skip

            assert set(told().values()) == {0}
            posted = {name: article[name] for name in ("title", "text", "published", "publisher")}
            done = found.ask("POST", "/articles", KeyRole.CONTRIBUTOR, json=posted).json()
            assert done["added"] == 1
            first = told()
            sent = len(model.requests)
            passages = sent - 2
            assert first["requests_total", "answered"] == sent - 1
            assert first["requests_total", "failed"] == first["unusable_answers_total",] == 1
            assert (first["passages_total", "server"], first["passages_total", "cache"]) == (passages, 0)
            # Each answer takes 100 tokens of question and 10 of answer.
            assert first["tokens_total", "questions"] == 100 * (sent - 1)
            assert first["tokens_total", "answers"] == 10 * (sent - 1)
            assert first["cost_total",] == pytest.approx(120 * (sent - 1) / 1_000_000)
            # A server that is away is counted, too, though nothing is stored.
            model.answer = lambda passage, question: error(500)
            away = found.ask("POST", "/articles", KeyRole.CONTRIBUTOR, json={"text": "Ardania accused Beloria of it."})
            assert away.status_code == 503
            assert told()["requests_total", "failed"] == 3
            assert told()["requests_total", "answered"] == first["requests_total", "answered"]
        finally:
            found.close()


def test_a_service_that_asks_no_model_tells_of_none(door: Door) -> None:
    assert "polemos_llm" not in door.get("/metrics", KeyRole.READER).text


def test_labels_are_escaped() -> None:
    metrics = Metrics()
    metrics.saw("GET", 'a"b\\c\nd', 200, 0.1)
    _, samples = parsed(metrics.text({"x": ("X.", 1.5)}))
    assert ("polemos_x", (), 1.5) in samples
    assert any(("route", 'a"b\\c\nd') in labels for _, labels, _ in samples)


@pytest.mark.parametrize(
    "text",
    ["polemos_x 1", "# HELP a b\n# TYPE a gauge\na{b=c} 1\n", "# HELP a b\n# TYPE a gauge\na 1\na 1\n",
     "# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n"],
)  # fmt: skip
def test_the_parser_notices_what_is_no_such_text(text: str) -> None:
    with pytest.raises(AssertionError):
        parsed(text)


# ---- ready ----


def test_a_service_whose_graph_is_new_enough_is_ready(door: Door) -> None:
    door.get("/accusations", KeyRole.READER)
    answer = door.get("/ready")
    assert (answer.status_code, answer.json()) == (
        200, {"status": "ready", "revision": 1, "graph_revision": 1, "lag_seconds": 0.0},
    )  # fmt: skip


def test_it_is_not_before_there_is_a_graph(door: Door) -> None:
    answer = door.get("/ready")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["detail"] == "the graph is being made"


def test_it_is_not_while_the_graph_is_behind_for_too_long(door: Door) -> None:
    door.get("/accusations", KeyRole.READER)
    door.services.ledger.append(Batch([Article("Later", "Nothing.")]), at="2020-01-01T00:00:00.000+00:00")
    answer = door.get("/ready")
    assert answer.status_code == 503
    assert re.search(r"revision 1, \d{6,} seconds behind revision 2", answer.json()["detail"])
    door.services.ready_lag = math.inf
    assert door.get("/ready").status_code == 200


@pytest.mark.parametrize("way", ["away", "silent"])
def test_it_is_not_where_the_ledger_does_not_answer_and_is_alive_all_the_same(
    door: Door, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    door.get("/accusations", KeyRole.READER)
    free = threading.Event()

    def away(*_: object) -> int:
        if way == "silent":
            free.wait(60)
        raise LedgerAway("postgresql://nowhere")

    monkeypatch.setattr("app.web.routers.service.READY_SECONDS", 0.2)
    with monkeypatch.context() as patch:
        patch.setattr(type(door.services.reader), "revision", property(away))
        answer = door.get("/ready")
        assert (answer.status_code, answer.json()["detail"]) == (503, "the ledger does not answer")
        free.set()
        assert door.get("/health", KeyRole.READER).json()["claims"] == 10
    assert door.get("/ready").status_code == 200


# ---- traces that go out ----


@pytest.fixture
def spans() -> Iterator[Any]:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


def test_what_a_request_does_is_told_in_spans(services: Services, spans: Any) -> None:
    door = Door(services, Access())
    door.ask("POST", "/articles", content=b"Ardania accuses Beloria of it.", headers={"traceparent": TRACE})
    door.get("/accusations")
    door.get("/actors/none")
    door.close()
    found = {span.name: span for span in spans.get_finished_spans()}
    assert {"POST /articles", "GET /accusations", "GET /actors/{actor_id}", "ingest", "fold", "query"} <= set(found)
    posted, ingested = found["POST /articles"], found["ingest"]
    assert f"{posted.context.trace_id:032x}" == TRACE.split("-")[1]
    assert f"{posted.parent.span_id:016x}" == TRACE.split("-")[2]
    assert ingested.parent.span_id == posted.context.span_id
    assert dict(ingested.attributes) == {"polemos.articles": 1, "polemos.revision": 2}
    assert posted.attributes["http.response.status_code"] == 200
    assert posted.attributes["http.route"] == "/articles"
    asked = {span.parent.span_id for span in spans.get_finished_spans() if span.name == "query"}
    assert found["GET /accusations"].context.span_id in asked
    # What was asked for is in none of them.
    assert "none" not in str([dict(span.attributes) for span in found.values()])


def test_an_error_of_ours_is_told_in_its_span(services: Services, spans: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door(services, Access())

    def fail() -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(services, "reading", fail)
    assert door.get("/accusations").status_code == 500
    door.close()
    (span,) = [one for one in spans.get_finished_spans() if one.name == "GET /accusations"]
    assert span.status.status_code.name == "ERROR"


def test_without_being_asked_there_are_none() -> None:
    assert not tracing.set_up({})
    assert not tracing.set_up({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"})
    assert not tracing.set_up({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "true"})
    assert not tracing.is_on()
    with tracing.span("x", y=1) as made:
        assert made is None


def test_the_standard_variables_turn_them_on(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        assert tracing.set_up({"OTEL_TRACES_EXPORTER": "console"})
        assert tracing.is_on()
        with pytest.raises(ValueError, match="must be otlp, console or none, not 'zipkin'"):
            tracing.set_up({"OTEL_TRACES_EXPORTER": "zipkin"})
    finally:
        tracing.use(None)


def test_where_it_is_not_installed_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(MissingPart, match=r"pip install 'polemos\[otel\]', or set OTEL_SDK_DISABLED=true"):
        tracing.set_up({"OTEL_TRACES_EXPORTER": "console"})
