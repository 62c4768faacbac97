"""News of the ledger over one connection: told once, in order; the line ends when the server does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.ledger import Batch, Ledger, open_ledger
from app.vocabulary.records import Article
from tests.serving import serving

pytestmark = pytest.mark.processes


@dataclass
class Service:
    process: subprocess.Popen[bytes]
    url: str
    ledger: Ledger


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    environment = {**os.environ, "POLEMOS_LEDGER": url, "POLEMOS_EXTRACTOR": "rules"}
    log = tmp_path / "log"
    with closing(open_ledger(url)) as ledger:
        ledger.append(Batch([Article("First", "One.")]))
        with serving(environment=environment, log=log) as running:
            yield Service(running.process, running.url, ledger)
    assert "Traceback" not in log.read_text()


def events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Id and data of each event of a stream of lines."""
    found: dict[str, str] = {}
    for line in lines:
        if not line:
            if found.get("event") == "revision":
                yield found["id"], json.loads(found["data"])
            found = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            found[name] = value


def listening(service: Service, **headers: str) -> Any:
    return httpx.stream("GET", f"{service.url}/stream", timeout=30, headers=headers, trust_env=False)


def test_what_others_append_is_told_as_it_comes(service: Service) -> None:
    with listening(service) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == "retry: 3000"
        told = events(lines)
        for number in (2, 3):
            article = Article("More", f"Text {number}.")
            assert service.ledger.append(Batch([article])) == number
            name, news = next(told)
            assert name == str(number)
            assert (news["revision"], news["after"]) == (number, number - 1)
            assert news["article_ids"] == [article.id]
            assert (news["articles"], news["claims"], news["decisions"]) == (1, 0, 0)
            assert news["at"] == service.ledger.appended_at(number)
        # What is told of can be asked for.
        assert httpx.get(f"{service.url}/health", trust_env=False).json()["revision"] == 3


def test_whoever_comes_back_is_told_what_came_meanwhile(service: Service) -> None:
    for number in (2, 3, 4):
        service.ledger.append(Batch([Article("More", f"Text {number}.")]))
    with listening(service, **{"Last-Event-ID": "2"}) as answer:
        name, news = next(events(answer.iter_lines()))
    assert (name, news["after"], news["articles"]) == ("4", 2, 2)
    with httpx.stream("GET", f"{service.url}/stream?since=0", timeout=30, trust_env=False) as answer:
        name, news = next(events(answer.iter_lines()))
    assert (name, news["after"], news["articles"]) == ("4", 0, 4)


@pytest.mark.parametrize("seen", ["99", "soon", "-1", "9" * 40])
def test_what_was_never_seen_is_not_waited_for(service: Service, seen: str) -> None:
    with listening(service, **{"Last-Event-ID": seen}) as answer:
        lines = answer.iter_lines()
        next(lines)
        service.ledger.append(Batch([Article("More", "Text.")]))
        name, news = next(events(lines))
    assert (name, news["after"]) == ("2", 1)


def test_a_server_that_is_stopped_ends_the_line_at_once(service: Service) -> None:
    with listening(service) as answer:
        lines = answer.iter_lines()
        next(lines)
        start = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        with suppress(httpx.HTTPError):
            for line in lines:
                assert line == "" or line.startswith(":")
        service.process.wait(15)
    assert time.monotonic() - start < 15
