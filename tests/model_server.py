"""A real HTTP server in the place of a language model's: it answers by script, else by what a person coded."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from app.extraction.llm_endpoint import Accounts, Endpoint
from app.extraction.llm_instruction import coded, passages
from app.extraction.recorded import annotated_article


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server sends back; `hangs`: nothing, until it is closed; `cut`: so many bytes fewer than it announces."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    cut: int = 0


def said(content: object, *, tokens: bool = True, finish: str = "stop", **message: object) -> Reply:
    """An answer of these words, or of this document, as servers of models send it."""
    words = content if isinstance(content, str) or content is None else json.dumps(content)
    body: dict[str, Any] = {
        "id": "chat-1",
        "object": "chat.completion",
        "model": "stand-in",
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": words, **message}}
        ],
    }
    if tokens:
        body["usage"] = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return Reply(body=json.dumps(body).encode(), headers={"content-type": "application/json"})


def error(status: int, message: str = "no", **headers: str) -> Reply:
    body = json.dumps({"error": {"message": message, "type": "some_error"}}).encode()
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, body, {"content-type": "application/json", **told})


Answer = Callable[[str, str], Reply]
"""From the passage that is asked about and the whole question to the answer."""


def nothing_claimed(_passage: str, _question: str) -> Reply:
    return said({"claims": []})


def by_hand(bodies: Sequence[Mapping[str, Any]]) -> Answer:
    """Answers each passage of these annotated articles with what was coded in it, and all else with nothing."""
    known: dict[str, str] = {}
    for body in bodies:
        article = annotated_article(body)
        for passage in passages(article):
            known[article.part(passage.part)[passage.start : passage.end]] = coded(body, article, passage)

    def answer(passage: str, _question: str) -> Reply:
        return said(known.get(passage, '{"claims": []}'))

    return answer


def annotated(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


@dataclass(slots=True)
class Request:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def question(self) -> str:
        return str(self.body["messages"][-1]["content"])

    @property
    def passage(self) -> str:
        found = re.search(r"<passage-(\w+)>(.*)</passage-\1>", self.question, re.DOTALL)
        assert found is not None
        return found[2]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Whoever asked has gone; that is no news for standard error."""


class ModelServer:
    """Answers the first requests by its script, in order, the later ones by `answer`; keeps what it was asked."""

    def __init__(self, *script: Reply, answer: Answer = nothing_claimed) -> None:
        self.script = list(script)
        self.answer = answer
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An answer in one piece, sent at once.
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                outer._serve(self)

            def log_message(self, *_: object) -> None:
                pass

        self._http = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def passages(self) -> list[str]:
        return [request.passage for request in self.requests]

    def endpoint(self, folder: Path, **changed: Any) -> Endpoint:
        """This server as Polemos is told of it: with hardly a wait between tries."""
        given: dict[str, Any] = {"timeout": 60.0, "pause": 0.001, "retries": 3, "model": "stand-in", **changed}
        return Endpoint(self.url, folder=folder, **given)

    def close(self) -> None:
        """No further answer, and no connection."""
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
        request = Request(handler.path, {k.lower(): v for k, v in handler.headers.items()}, body)
        with self._lock:
            self.requests.append(request)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            reply = self.script.pop(0) if self.script else None
        try:
            reply = reply or self.answer(request.passage, request.question)
            if reply.hangs:
                self._closing.wait(120)
                handler.close_connection = True
                return
            handler.send_response(reply.status)
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            handler.send_header("content-length", str(len(reply.body) + reply.cut))
            handler.end_headers()
            handler.wfile.write(reply.body)
            handler.wfile.flush()
            if reply.cut:
                handler.close_connection = True
        except OSError:
            # Whoever asked has gone.
            handler.close_connection = True
        finally:
            with self._lock:
                self._now -= 1


@contextmanager
def model_server(*script: Reply, answer: Answer = nothing_claimed) -> Iterator[ModelServer]:
    server = ModelServer(*script, answer=answer)
    try:
        yield server
    finally:
        server.close()


def accounts(endpoint: Endpoint) -> Accounts:
    return Accounts.of_a_run(endpoint)
