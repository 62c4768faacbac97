"""A language model's server over real HTTP: what goes wrong with one, what it costs, and what it never gets to see."""

from __future__ import annotations

import json
import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.extraction.llm import understood
from app.extraction.llm_client import MOST_BYTES, UNUSABLE_IN_A_ROW, Chat, Message, Unusable
from app.extraction.llm_endpoint import Accounts, Endpoint
from app.extraction.llm_instruction import SCHEMA
from app.vocabulary.errors import BadQuery, ModelAway
from app.vocabulary.terms import RefusalReason
from tests.model_server import ModelServer, Reply, accounts, error, model_server, said

CLAIMS = [{"type": "accuses", "quote": "it did"}]
GOOD = said({"claims": CLAIMS})
KEY = "sk-very-secret-0123456789"


def question(words: str = "Ardania accused Beloria.") -> list[Message]:
    return [{"role": "user", "content": f"<passage-1>{words}</passage-1>"}]


class Asking:
    """One run of questions to a server."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.accounts = accounts(endpoint)
        self.chat = Chat(endpoint, self.accounts, SCHEMA)

    def ask(self, words: str = "Ardania accused Beloria.") -> list[Any]:
        return self.chat.ask(question(words), understood)

    def counts(self) -> dict[str, int | float | None]:
        return {name: count for name, count in self.accounts.spending().as_dict().items() if count}


def asking(server: ModelServer, folder: Path, **changed: Any) -> Asking:
    return Asking(server.endpoint(folder, **changed))


# ---- what is sent ----


def test_the_question_as_such_servers_want_it(tmp_path: Path) -> None:
    with model_server(GOOD) as server:
        assert asking(server, tmp_path, key=KEY).ask() == CLAIMS
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body["model"] == "stand-in"
    assert request.body["stream"] is False
    assert request.body["temperature"] == 0
    assert request.body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert request.body["messages"] == question()


def test_without_a_key_none_is_sent(tmp_path: Path) -> None:
    with model_server(GOOD) as server:
        asking(server, tmp_path).ask()
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1/", "http://127.0.0.1:1/v1/chat/completions"]
)
def test_the_address_may_be_given_in_full_or_not(tmp_path: Path, url: str) -> None:
    assert Endpoint(url, "m", tmp_path).address == "http://127.0.0.1:1/v1/chat/completions"


def test_what_stands_behind_a_question_mark_stays(tmp_path: Path) -> None:
    found = Endpoint("https://llm.example/v1?version=2", "m", tmp_path)
    assert found.address == "https://llm.example/v1/chat/completions?version=2"


@pytest.mark.parametrize(
    "given",
    [
        {"url": "ftp://llm.example"},
        {"url": "llm.example/v1"},
        {"url": "http://[::1"},
        {"url": "http://llm.example:99999/v1"},
        {"url": "https://user:secret@llm.example/v1"},
        {"model": " "},
        {"model": "a\nb"},
        {"key": "two words"},
        {"key": "line\nX-Other: 1"},
        {"key": "schlüssel"},
        {"url": "http://llm.example/v1", "key": KEY},
    ],
)
def test_settings_that_cannot_be_used(tmp_path: Path, given: dict[str, str]) -> None:
    with pytest.raises(BadQuery) as why:
        Endpoint(**{"url": "https://llm.example/v1", "model": "m", "folder": tmp_path, **given})  # type: ignore[arg-type]
    assert given.get("key", "\0") not in str(why.value)
    assert "secret" not in str(why.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.1.2.3", "ollama", "llm.internal"])
def test_a_key_may_go_unencrypted_to_the_own_network(tmp_path: Path, host: str) -> None:
    assert Endpoint(f"http://{host}:8080/v1", "m", tmp_path, key=KEY).key == KEY


# ---- what goes wrong for a while ----


def test_it_waits_as_long_as_it_is_told(tmp_path: Path) -> None:
    with model_server(error(429, "slow down", retry_after="1"), GOOD) as server:
        run = asking(server, tmp_path)
        assert run.ask() == CLAIMS
    assert run.chat._not_before > 0
    assert run.counts() == {"passages": 1, "requests": 2, "failed": 1, "tokens_in": 100, "tokens_out": 10}


def test_who_is_told_to_stay_away_for_an_hour_does(tmp_path: Path) -> None:
    with model_server(error(429, "come back later", retry_after="3600")) as server:
        with pytest.raises(ModelAway, match="3600 seconds"):
            asking(server, tmp_path).ask()
        assert len(server.requests) == 1


@pytest.mark.parametrize("told", ["Wed, 21 Oct 2015 07:28:00 GMT", "soon", "-1", "1e400"])
def test_a_time_to_wait_that_is_past_or_none(tmp_path: Path, told: str) -> None:
    with model_server(error(503, retry_after=told), GOOD) as server:
        assert asking(server, tmp_path).ask() == CLAIMS


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
def test_what_fails_for_a_while_is_asked_again(tmp_path: Path, status: int) -> None:
    with model_server(error(status), error(status), GOOD) as server:
        run = asking(server, tmp_path)
        assert run.ask() == CLAIMS
    assert run.counts()["failed"] == 2


def test_what_goes_on_failing_stops_the_run(tmp_path: Path) -> None:
    with model_server(*[error(500, "out of memory")] * 9) as server:
        with pytest.raises(ModelAway, match=r"asked 4 times.*500: out of memory"):
            asking(server, tmp_path).ask()
        assert len(server.requests) == 4


def test_a_connection_that_is_cut_is_asked_again(tmp_path: Path) -> None:
    with model_server(Reply(body=b'{"choices": [', cut=500), GOOD) as server:
        assert asking(server, tmp_path).ask() == CLAIMS


def test_nobody_there(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run = Asking(Endpoint(f"http://127.0.0.1:{port}/v1", "m", tmp_path, retries=1, pause=0.001))
    with pytest.raises(ModelAway, match=rf"m at 127.0.0.1:{port} asked 2 times, and failed"):
        run.ask()
    assert run.counts() == {"passages": 1, "requests": 2, "failed": 2}


def test_an_answer_that_takes_too_long(tmp_path: Path) -> None:
    with model_server(Reply(hangs=True)) as server, pytest.raises(ModelAway, match="POLEMOS_LLM_TIMEOUT"):
        asking(server, tmp_path, timeout=0.3, retries=0).ask()


def test_waiting_ends_when_the_run_does(tmp_path: Path) -> None:
    with model_server(error(503, retry_after="200")) as server:
        run = asking(server, tmp_path)
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(run.ask)
            while not run.counts().get("failed"):
                threading.Event().wait(0.01)
            run.chat.close()
            with pytest.raises(ModelAway, match="the run was ended"):
                answer.result(60)


# ---- what goes wrong for good ----


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "POLEMOS_LLM_KEY"), (403, "POLEMOS_LLM_KEY"), (404, "POLEMOS_LLM_URL"), (402, "refuses")],
)
def test_what_asking_again_does_not_change_is_asked_once(tmp_path: Path, status: int, words: str) -> None:
    with model_server(*[error(status)] * 5) as server:
        with pytest.raises(ModelAway, match=words):
            asking(server, tmp_path).ask()
        assert len(server.requests) == 1


def test_no_redirect_is_followed_and_no_key_leaks(tmp_path: Path) -> None:
    with model_server() as other:
        moved = Reply(307, headers={"location": other.url + "/chat/completions"})
        with model_server(moved) as server, pytest.raises(ModelAway, match=f"127.0.0.1:{other.port}") as why:
            asking(server, tmp_path, key=KEY).ask()
        assert other.requests == []
    assert KEY not in str(why.value)


def test_an_error_that_repeats_the_key_is_told_without_it(tmp_path: Path) -> None:
    refusal = error(401, f"Incorrect API key provided: {KEY}. \x1b[31m")
    with model_server(refusal) as server, pytest.raises(ModelAway) as why:
        asking(server, tmp_path, key=KEY).ask()
    assert "Incorrect API key provided: …" in str(why.value)
    assert "\x1b" not in str(why.value)


def test_the_key_is_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), model_server(error(500), GOOD) as server:
        endpoint = server.endpoint(tmp_path, key=KEY, model="some-model")
        Asking(endpoint).ask()
    assert "some-model" in repr(endpoint)
    assert KEY not in repr(endpoint)
    assert KEY not in caplog.text
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == 2  # the answer and the accounts
    for path in written:
        assert KEY not in path.read_text(encoding="utf-8")
        assert "Ardania accused Beloria" not in path.read_text(encoding="utf-8")


# ---- servers that want to be asked otherwise ----


@pytest.mark.parametrize("status", [400, 422, 500, 501])
def test_a_server_without_schemas_is_asked_for_any_json(tmp_path: Path, status: int) -> None:
    refusal = error(status, "'response_format.type' must be 'text' or 'json_object', not 'json_schema'")
    with model_server(refusal, GOOD, GOOD) as server:
        run = asking(server, tmp_path)
        assert run.ask() == CLAIMS
        run.ask("Another passage.")
    kinds = [request.body.get("response_format", {}).get("type") for request in server.requests]
    assert kinds == ["json_schema", "json_object", "json_object"]


def test_a_server_that_knows_no_format_is_asked_in_words(tmp_path: Path) -> None:
    with model_server(error(400, "bad request"), error(400, "bad request"), GOOD) as server:
        assert asking(server, tmp_path).ask() == CLAIMS
    assert "response_format" not in server.requests[-1].body


def test_a_server_that_wants_its_own_names(tmp_path: Path) -> None:
    refusals = (
        error(400, "Unsupported parameter: 'max_tokens'; use 'max_completion_tokens' instead."),
        error(400, "'temperature' does not support 0 with this model."),
    )
    with model_server(*refusals, GOOD) as server:
        assert asking(server, tmp_path).ask() == CLAIMS
    body = server.requests[-1].body
    assert "max_tokens" not in body
    assert "temperature" not in body
    assert body["max_completion_tokens"] > 0
    assert body["response_format"]["type"] == "json_schema"


def test_a_passage_that_the_server_refuses_is_left_out_alone(tmp_path: Path) -> None:
    with model_server(GOOD, error(400, "maximum context length exceeded"), GOOD) as server:
        run = asking(server, tmp_path)
        run.ask()
        with pytest.raises(Unusable) as why:
            run.ask("A long passage.")
        assert run.ask("A third.") == CLAIMS
    assert why.value.reason is RefusalReason.UNREADABLE
    assert "maximum context length exceeded" in why.value.detail
    assert server.requests[-1].body["response_format"]["type"] == "json_schema"


# ---- answers that tell nothing ----

USELESS: dict[str, tuple[Reply, RefusalReason]] = {
    "cut off in the middle": (said('{"claims": [{"type": "accu'), RefusalReason.BAD_JSON),
    "no JSON at all": (said("I am sorry, Dave."), RefusalReason.BAD_JSON),
    "no claims in it": (said({"relations": []}), RefusalReason.BAD_FIELD),
    "no choices": (Reply(body=b'{"choices": []}'), RefusalReason.BAD_FIELD),
    "a choice that is none": (Reply(body=b'{"choices": ["yes"]}'), RefusalReason.BAD_FIELD),
    "no words": (said(None), RefusalReason.EMPTY),
    "brackets without end": (said("[" * 100_000), RefusalReason.BAD_JSON),
    "a number without end": (said('{"claims": [' + "9" * 10_000 + "]}"), RefusalReason.BAD_JSON),
}


@pytest.mark.parametrize("case", USELESS)
def test_an_answer_that_tells_nothing_is_asked_for_once_more(tmp_path: Path, case: str) -> None:
    reply, reason = USELESS[case]
    with model_server(reply, GOOD, reply, reply) as server:
        run = asking(server, tmp_path)
        assert run.ask() == CLAIMS
        with pytest.raises(Unusable) as why:
            run.ask("Another passage.")
        assert len(server.requests) == 4
    assert why.value.reason is reason
    assert run.counts()["unusable"] == 3


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (said('{"claims": [', finish="length"), RefusalReason.BAD_JSON),
        (said("", finish="content_filter"), RefusalReason.UNREADABLE),
        (said(None, refusal="I cannot help with that."), RefusalReason.UNREADABLE),
        (Reply(body=b" " * (MOST_BYTES + 1)), RefusalReason.TOO_LARGE),
    ],
)
def test_an_answer_that_would_be_the_same_again_is_not_asked_for_again(
    tmp_path: Path, reply: Reply, reason: RefusalReason
) -> None:
    with model_server(reply, GOOD) as server:
        with pytest.raises(Unusable) as why:
            asking(server, tmp_path).ask()
        assert len(server.requests) == 1
    assert why.value.reason is reason


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>Sign in</html>", headers={"content-type": "text/html"}),
        Reply(
            body=b'data: {"choices": [{"delta": {"content": "{"}}]}\n\n', headers={"content-type": "text/event-stream"}
        ),
        Reply(body=b"[1, 2]", headers={"content-type": "application/json"}),
        Reply(body=b'{"error": {"message": "no such model"}}', headers={"content-type": "application/json"}),
        Reply(body=b""),
    ],
    ids=["a page", "a stream", "no object", "an error in an answer", "nothing"],
)
def test_what_is_no_answer_of_such_a_server_stops_the_run(tmp_path: Path, reply: Reply) -> None:
    with model_server(*[reply] * 9) as server, pytest.raises(ModelAway, match="asked 2 times"):
        asking(server, tmp_path, retries=1).ask()


def test_a_model_that_tells_nothing_ever_is_given_up(tmp_path: Path) -> None:
    with model_server(answer=lambda *_: said("Hm.")) as server:
        run = asking(server, tmp_path)
        for number in range(UNUSABLE_IN_A_ROW - 1):
            with pytest.raises(Unusable):
                run.ask(f"Passage {number}.")
        with pytest.raises(ModelAway, match="choose another model"):
            run.ask("The last.")


@pytest.mark.parametrize(
    "words",
    [
        '{"claims": CLAIMS}',
        'Here you are:\n```json\n{"claims": CLAIMS}\n```\nAnything else?',
        '<think>[maybe] {no}</think>{"claims": CLAIMS}',
        "CLAIMS",
        '{"claims": CLAIMS} {"claims": []}',
        '{"type": "accuses", "quote": "it did"}',
    ],
)
def test_claims_are_found_in_whatever_is_put_around_them(words: str) -> None:
    assert understood(words.replace("CLAIMS", json.dumps(CLAIMS))) == CLAIMS


# ---- what is kept, and what it costs ----


def test_nothing_is_asked_or_paid_twice(tmp_path: Path) -> None:
    with model_server(GOOD) as server:
        asking(server, tmp_path).ask()
    with model_server() as another:
        run = asking(another, tmp_path)
        assert run.ask() == CLAIMS
        assert another.requests == []
    assert run.counts() == {"passages": 1, "cached": 1}


@pytest.mark.parametrize("changed", [{"model": "another"}, {"keeps": False}, {"folder": "elsewhere"}])
def test_another_model_or_folder_is_asked_anew(tmp_path: Path, changed: dict[str, Any]) -> None:
    with model_server(GOOD, GOOD) as server:
        asking(server, tmp_path / "here").ask()
        given = {"folder": tmp_path / "here", **changed}
        given["folder"] = tmp_path / given["folder"]
        asking(server, **given).ask()
        assert len(server.requests) == 2


def test_another_passage_or_instruction_is_asked_anew(tmp_path: Path) -> None:
    with model_server(GOOD, GOOD, GOOD) as server:
        run = asking(server, tmp_path)
        run.ask()
        run.ask("Beloria denied it.")
        run.chat.ask([{"role": "system", "content": "Be brief."}, *question()], understood)
        assert len(server.requests) == 3


@pytest.mark.parametrize("damage", [b"", b'{"answer": ', b'{"answer": 3}', b'{"answer": "no JSON"}', b"[]", b"\xff"])
def test_a_kept_answer_that_is_damaged_is_asked_for_anew(tmp_path: Path, damage: bytes) -> None:
    with model_server(GOOD, GOOD) as server:
        asking(server, tmp_path).ask()
        (kept,) = (tmp_path / "answers").rglob("*.json")
        kept.write_bytes(damage)
        assert asking(server, tmp_path).ask() == CLAIMS
    assert json.loads(kept.read_bytes())["answer"] == json.dumps({"claims": CLAIMS})


def test_an_answer_that_tells_nothing_is_not_kept(tmp_path: Path) -> None:
    with model_server(said("Hm."), said("Hm.")) as server, pytest.raises(Unusable):
        asking(server, tmp_path).ask()
    assert list((tmp_path / "answers").rglob("*.json")) == []


def test_tokens_have_their_price(tmp_path: Path) -> None:
    with model_server(GOOD, said("Hm."), GOOD) as server:
        run = asking(server, tmp_path, price_in=2.0, price_out=8.0)
        run.ask()
        run.ask("Another.")
    found = run.accounts.spending()
    # The answer that told nothing was paid for, too.
    assert (found.tokens_in, found.tokens_out, found.unusable) == (300, 30, 1)
    assert found.cost == pytest.approx((300 * 2.0 + 30 * 8.0) / 1_000_000)
    assert "cost 0.0008" in str(found)


def test_where_the_server_counts_nothing_the_cost_is_unknown(tmp_path: Path) -> None:
    with model_server(said({"claims": []}, tokens=False)) as server:
        run = asking(server, tmp_path, price_in=2.0, price_out=8.0)
        run.ask()
    assert run.accounts.spending().cost is None
    assert run.counts()["untold"] == 1


def test_without_prices_the_cost_is_unknown(tmp_path: Path) -> None:
    with model_server(GOOD) as server:
        run = asking(server, tmp_path)
        run.ask()
    assert run.accounts.spending().cost is None
    assert "cost unknown" in str(run.accounts.spending())


def test_accounts_of_several_writers_are_one_sum(tmp_path: Path) -> None:
    one = Accounts(tmp_path / "run.jsonl")
    assert one.spending().passages == 0
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: Accounts(one.path).note(passages=1, tokens_in=3), range(400)))
    first = one.spending()
    assert (first.passages, first.tokens_in) == (400, 1_200)
    Accounts(one.path).note(passages=1, cached=1)
    assert one.spending().since(first).as_dict() | {"cost": None} == {
        **dict.fromkeys(first.as_dict(), 0),
        "passages": 1,
        "cached": 1,
        "cost": None,
    }


def test_where_one_thread_finds_the_server_away_the_others_ask_no_more(tmp_path: Path) -> None:
    with model_server(error(401, "no such key"), *[GOOD] * 9) as server:
        run = asking(server, tmp_path)
        for words in ("One passage.", "Another passage."):
            with pytest.raises(ModelAway, match="no such key"):
                run.ask(words)
        assert len(server.requests) == 1
