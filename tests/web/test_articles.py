from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.intake import Limits
from app.intake.fetch import Page
from app.vocabulary.errors import BadInput, LedgerBusy
from app.vocabulary.terms import RefusalReason
from app.web.services import Services
from tests.intake.archives import record
from tests.intake.papers import column, pdf

FILLER = (
    " The rest of the article says little more, but it says it in enough words to be one, and it goes on for a while."
)
JSON = {"Content-Type": "application/json"}


def body(who: str = "Westmark", whom: str = "Norland") -> dict[str, str]:
    return {
        "title": f"{who} speaks",
        "text": f"{who} accuses {whom} of it." + FILLER * 3,
        "published": "2024-07-01",
        "publisher": "Post",
        "url": f"https://post.example/{who}",
    }


def post(client: Any, content: Any, kind: str) -> Any:
    return client.ask("POST", "/articles", content=content, headers={"Content-Type": kind})


def test_an_article_is_read_at_once_and_known_the_second_time(client: Any, extractor: Any) -> None:
    first = client.ask("POST", "/articles", json=body())
    assert first.status_code == 200
    found = first.json()
    assert {k: found[k] for k in ("revision", "added", "already_known", "claims", "refusals")} == {
        "revision": 2, "added": 1, "already_known": 0, "claims": 1, "refusals": [],
    }  # fmt: skip
    assert client.get("/accusations?source=Westmark").json()["claims"][0]["target"] == "Norland"
    again = client.ask("POST", "/articles", json=body()).json()
    assert (again["revision"], again["added"], again["already_known"]) == (2, 0, 1)
    client.ask("POST", "/articles", json=body("Farland"))
    assert extractor.made == 1
    stored = client.get(f"/articles/{found['articles'][0]}").json()
    assert stored["article"]["text"].startswith("Westmark accuses Norland")
    assert stored["article"]["extractor"] == "one-sentence@1"
    assert [row["source"] for row in stored["claims"]] == ["Westmark"]


def test_a_batch_keeps_the_good_and_names_the_bad(client: Any) -> None:
    found = client.ask("POST", "/articles", json=[body("A"), {"title": "no text"}, body("B")]).json()
    assert (found["added"], len(found["refusals"])) == (2, 1)
    assert set(found["refusals"][0]) == {"reason", "detail"}


def test_pdf_feeds_and_archives(client: Any) -> None:
    text = "Utopia accuses Norland of it." + FILLER * 3
    paper = pdf(column([text[at : at + 90] for at in range(0, len(text), 90)]), title="A paper")
    assert post(client, paper, "application/pdf").json()["added"] == 1
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "content_text": text}, {"id": "2"}]}
    found = post(client, json.dumps(feed), "application/feed+json").json()
    assert (found["added"], [one["reason"] for one in found["refusals"]]) == (1, ["not_an_article"])
    archive = record("https://post.example/1", text.encode(), "text/plain")
    assert post(client, archive, "application/warc").json()["added"] == 1
    assert post(client, b"%PDF-1.4 and no more", "application/pdf").status_code in (400, 415, 422)


def test_json_lines_text_and_html(client: Any) -> None:
    lines = "\n".join(json.dumps(body(who)) for who in ("C", "D"))
    assert post(client, lines, "application/x-ndjson").json()["added"] == 2
    assert post(client, "Utopia accuses Norland of it." + FILLER * 3, "text/plain").json()["added"] == 1
    page = f"<html><head><title>T</title></head><body><article><p>Ruritania accuses Norland of it.{FILLER * 4}</p>"
    found = post(client, page + "</article></body></html>", "text/html")
    assert found.json()["added"] == 1
    assert client.get("/accusations?target=Norland").json()["total"] == 5


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("{not json", "application/json", 400),
        ("", "application/json", 400),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "image/png", 415),
        ('{"title": "no text"}', "application/json", 400),
        ("[]", "application/json", None),
        ("x" * 30_000, "text/plain", 413),
    ],
)
def test_what_cannot_be_used_is_a_problem(client: Any, content: Any, kind: str, status: int | None) -> None:
    found = post(client, content, kind)
    assert found.status_code < 500
    if status is not None:
        assert found.status_code == status, found.text
        assert found.headers["content-type"] == "application/problem+json"
        assert set(found.json()) == {"type", "title", "status", "detail", "instance"}
    assert client.get("/health").json()["revision"] == 1


def test_a_body_without_a_length_is_broken_off_when_too_large(client: Any) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100_000_000:
            sent += 1000
            yield b"x" * 1000

    found = client.ask("POST", "/articles", content=endless(), headers={"Content-Type": "text/plain"})
    assert found.status_code == 413
    # An in-process transport may read ahead; what counts is that not all of it was taken in.
    assert found.json()["type"] == "urn:polemos:problem:input:too_large"


def test_taking_an_article_back_is_remembered_and_hides_its_claims(world: Any, services: Services, client: Any) -> None:
    name = world.articles["market"].id
    found = client.ask("DELETE", f"/articles/{name}?by=Ana&reason=forged")
    assert found.status_code == 200
    decision = found.json()["decision"]
    assert (decision["kind"], decision["subject"], decision["by"], decision["reason"]) == (
        "retract",
        name,
        "Ana",
        "forged",
    )
    assert decision["at"].endswith("+00:00")
    gone = client.get(f"/articles/{name}")
    assert (gone.status_code, gone.headers["content-type"]) == (410, "application/problem+json")
    assert f"was retracted by Ana at {decision['at']}: forged ({decision['id']})" in gone.json()["detail"]
    assert client.get(f"/claims/{world.ids['accused']}").status_code == 404
    assert client.get("/accusations").json()["total"] == 4
    assert services.ledger.article(name) is not None
    assert client.ask("DELETE", f"/articles/{name}").status_code == 410
    assert services.ledger.revision == 2


def test_a_busy_ledger_says_when_to_come_back(services: Services, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise LedgerBusy("sqlite:////secret/path is held by another writer")

    monkeypatch.setattr(services.ledger, "append", busy)
    found = client.ask("POST", "/articles", json=body())
    assert found.status_code == 503
    assert found.headers["retry-after"]
    assert "secret" not in found.text


def test_reading_an_article_does_not_stop_other_answers(
    services: Services, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, go_on = threading.Event(), threading.Event()
    usual = services.ingest

    def slow(items: Any) -> Any:
        started.set()
        assert go_on.wait(20)
        return usual(items)

    monkeypatch.setattr(services, "ingest", slow)

    async def both() -> tuple[Any, Any]:
        import asyncio

        posted = asyncio.ensure_future(client._client.post("/articles", json=body()))
        while not started.is_set():
            await asyncio.sleep(0.01)
        asked = await client._client.get("/accusations")
        go_on.set()
        return asked, await posted

    asked, posted = client._runner.run(both())
    assert (asked.status_code, posted.status_code) == (200, 200)
    assert (asked.json()["revision"], posted.json()["revision"]) == (1, 2)


def test_addresses_are_fetched_and_read(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answered(url: str, limits: Limits) -> Page:
        asked.append(url)
        assert not limits.allow_private
        if url.endswith("/gone"):
            raise BadInput(RefusalReason.UNREADABLE, "it answered 404 Not Found; check the address and who may read it")
        return Page(("Westmark accuses Norland of it." + FILLER * 3).encode(), "text/plain", url)

    monkeypatch.setattr("app.web.routers.articles.fetch", answered)
    listed = "# two of them\r\nhttps://post.example/here\r\n\r\nhttps://post.example/gone\r\n"
    found = post(client, listed.encode(), "text/uri-list; charset=utf-8").json()
    assert asked == ["https://post.example/here", "https://post.example/gone"]
    assert (found["added"], [one["reason"] for one in found["refusals"]]) == (1, ["unreadable"])
    assert found["refusals"][0]["detail"].startswith("https://post.example/gone: it answered 404")
    stored = client.get(f"/articles/{found['articles'][0]}").json()["article"]
    assert stored["url"] == "https://post.example/here"


@pytest.mark.parametrize(
    ("listed", "status", "words"),
    [
        ("http://127.0.0.1/metrics", 422, "an address of this machine or a private network"),
        ("http://user:secret@[::1]/", 422, "an address of this machine or a private network"),
        ("file:///etc/hostname", 415, "does not begin with http:// or https://"),
        ("/etc/hostname", 415, "does not begin with http:// or https://"),
        ("# nothing but a comment", 400, "names no address"),
        ("https://post.example/\n" * 11, 413, "10 at once"),
    ],
)
def test_addresses_that_are_refused(client: Any, listed: str, status: int, words: str) -> None:
    answer = post(client, listed.encode(), "text/uri-list")
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert words in problem["detail"]
    assert "secret" not in answer.text
