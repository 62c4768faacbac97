"""Answers that are kept: the same bytes while nothing changes, other bytes once something has, and no more room."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient

from app.ledger import Batch
from app.vocabulary.records import Decision
from app.vocabulary.terms import DecisionKind
from app.web import Services, answers, create_app
from app.web.kept import Kept


def question(number: int) -> tuple[int, str, bytes]:
    return (1, "/accusations", f"limit={number}".encode())


def test_what_was_put_is_there_until_others_need_the_room() -> None:
    kept = Kept(most_bytes=10_000)
    for number in range(8):
        kept.put(question(number), b"x" * 1000)
    assert kept.get(question(7)) == b"x" * 1000
    assert kept.get(question(0)) == b"x" * 1000, "and is the last that was asked for"
    kept.put(question(8), b"y" * 1000)
    assert kept.get(question(1)) is None
    assert kept.get(question(0)) is not None
    assert kept.get((2, *question(0)[1:])) is None, "another revision is another question"


def test_what_is_large_pushes_nothing_out() -> None:
    kept = Kept(most_bytes=10_000)
    kept.put(question(1), b"x" * 1000)
    kept.put(question(2), b"x" * 5000)
    assert kept.get(question(1)) is not None
    assert kept.get(question(2)) is None


def test_a_long_address_takes_up_room_as_well() -> None:
    kept = Kept(most_bytes=10_000)
    for number in range(20):
        kept.put((1, "/accusations", str(number).encode() * 500), b"")
    assert sum(kept.get((1, "/accusations", str(number).encode() * 500)) is not None for number in range(20)) < 20


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every record that is encoded from now on."""
    found: list[Any] = []
    real = msgspec.json.Encoder().encode

    def encode(record: Any) -> bytes:
        found.append(record)
        return real(record)

    monkeypatch.setattr(answers, "_encode", encode)
    return found


def test_the_same_question_is_worked_out_once_at_a_revision(services: Services, encoded: list[Any]) -> None:
    with TestClient(create_app(services)) as client:
        first = client.get("/accusations?limit=3")
        again = client.get("/accusations?limit=3")
        assert again.content == first.content
        assert again.headers["etag"] == first.headers["etag"]
        assert len(encoded) == 1
        client.get("/accusations?limit=2")
        client.get("/denials?limit=3")
        assert len(encoded) == 3
        # A heavy question is kept just so.
        page = client.get("/claims?limit=3")
        assert client.get("/claims?limit=3").content == page.content
        assert len(encoded) == 4


def test_a_claim_that_is_retracted_is_not_told_any_more(services: Services, encoded: list[Any]) -> None:
    with TestClient(create_app(services)) as client:
        before = client.get("/accusations?limit=3").json()
        gone = before["claims"][0]["id"]
        services.ledger.append(Batch(decisions=[Decision(DecisionKind.RETRACT, gone, "Ana", reason="a test")]))
        after = client.get("/accusations?limit=3").json()
        assert after["revision"] > before["revision"]
        assert gone not in {claim["id"] for claim in after["claims"]}
        assert len(encoded) == 2
        # As it was then, it still is; and that is another question.
        then = client.get(f"/accusations?limit=3&as_of={before['revision']}").json()
        assert then["claims"] == before["claims"]


def test_an_error_is_not_kept(services: Services) -> None:
    with TestClient(create_app(services)) as client:
        for _ in range(2):
            assert client.get("/accusations?source=Nobody%20At%20All").status_code == 400
        assert client.get("/claims/clm-none").status_code == 404
