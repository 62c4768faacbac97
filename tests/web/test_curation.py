"""Deciding over HTTP, what comes of it, and receipts that are handed in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.ledger import Batch, SqliteLedger
from app.vocabulary.errors import LedgerBusy
from app.vocabulary.records import Decision
from app.vocabulary.terms import DecisionKind, Judgement
from app.web.curation_examples import RECEIPT
from app.web.services import Services

FILLER = (
    " The rest of the article says little more, but it says it in enough words to be one, and it goes on for a while."
)


def ruling(kind: str, subject: str, other: str | None = None, **more: Any) -> dict[str, Any]:
    asked = {"kind": kind, "subject": subject, "by": "Ana", "reason": "because", **more}
    return asked | ({"object": other} if other is not None else {})


def decide(client: Any, kind: str, subject: str, other: str | None = None, **more: Any) -> dict[str, Any]:
    found = client.ask("POST", "/decisions", json=ruling(kind, subject, other, **more))
    assert found.status_code == 200, found.text
    body: dict[str, Any] = found.json()
    return body


def outcomes(body: dict[str, Any]) -> dict[str, str]:
    return {one["check"]: one["outcome"] for one in body["checks"]}


# ---- deciding ----


def test_each_ruling_is_one_row_with_who_when_and_why(world: Any, services: Services, client: Any) -> None:
    incidents = [reading.incidents[0].id for reading in world.readings[:2]]
    claim, article = world.ids["denied"], world.articles["undated"].id
    asked = [
        ruling("merge", *incidents),
        ruling("split", "actor-norland", "actor-eastland"),
        ruling("leave", "actor-sudria", "actor-eastland"),
        ruling("same_text", world.ids["blamed"], world.ids["accused"]),
        ruling("other_text", claim, world.ids["spying"]),
        ruling("correct", claim, field="denial_kind", value="intent"),
        ruling("correct", world.ids["vowed"], field="threat_kind", value="conditional"),
        ruling("retract", article),
    ]
    for number, one in enumerate(asked, start=2):
        found = client.ask("POST", "/decisions", json=one)
        assert found.status_code == 200, found.text
        body = found.json()
        assert (body["revision"], body["row"]["kind"], body["row"]["status"]) == (number, one["kind"], "applied")
        assert (body["decision"]["by"], body["decision"]["reason"]) == ("Ana", "because")
        assert body["decision"]["at"].endswith("+00:00")
    stored = [entry for _, entry in services.ledger.entries() if isinstance(entry, Decision)]
    assert len(stored) == len(asked)
    assert client.get(f"/incidents/{incidents[0]}").json()["incident"]["id"] == incidents[0]
    assert client.get(f"/claims/{world.ids['vowed']}").json()["claim"]["rung"] == "conditional"
    assert client.get(f"/claims/{world.ids['blamed']}").json()["claim"]["lineage"] == world.articles["market"].id
    assert client.get(f"/claims/{world.ids['lying']}").status_code == 404


def test_a_ruling_that_cannot_be_applied_says_so_at_once(world: Any, client: Any) -> None:
    market, harbour = (reading.incidents[0].id for reading in world.readings[:2])
    apart = decide(client, "split", market, harbour, by="Ben")["decision"]["id"]
    blocked = decide(client, "merge", harbour, market)
    assert (blocked["row"]["status"], apart in blocked["row"]["because"]) == ("not_applied", True)
    shown = client.get("/review").json()
    assert [row["id"] for row in shown["conflicts"]] == [blocked["decision"]["id"]]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (ruling("merge", "actor-norland", "actor-nobody"), 404),
        (ruling("merge", "actor-norland"), 400),
        (ruling("merge", "actor-norland", "actor-norland"), 400),
        (ruling("merge", "actor-norland", "place-kesh-nor"), 400),
        (ruling("retract", "art-none"), 404),
        (ruling("undo", "dec-none"), 404),
        (ruling("correct", "DENIED", field="modality", value="threatened"), 400),
        (ruling("correct", "DENIED", field="type", value="praises"), 400),
        (ruling("correct", "DENIED", field="speaker", value="men-x"), 400),
        (ruling("correct", "DENIED"), 400),
        (ruling("judge", "actor-norland", "actor-sudria"), 422),
        (ruling("retract", "DENIED", by=""), 422),
        (ruling("retract", "DENIED", by="  "), 400),
        (ruling("retract", "DENIED", reason=""), 422),
        (ruling("retract", "DENIED", at="2001-01-01"), 422),
        (ruling("retract", "x" * 500), 422),
        ({"kind": "retract"}, 422),
        ([], 422),
    ],
)
def test_what_cannot_be_decided_is_a_problem_and_stores_nothing(
    world: Any, services: Services, client: Any, asked: Any, status: int
) -> None:
    if isinstance(asked, dict) and asked.get("subject") == "DENIED":
        asked = asked | {"subject": world.ids["denied"]}
    found = client.ask("POST", "/decisions", json=asked)
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "application/problem+json"
    assert set(found.json()) == {"type", "title", "status", "detail", "instance"}
    assert services.ledger.revision == 1


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 50_000, "application/json", 413),
        (b"[" * 15_000, "application/json", 422),
        # A form on a page elsewhere can send these without being asked.
        (json.dumps(ruling("retract", "art-x")).encode(), "text/plain", 415),
        (json.dumps(ruling("retract", "art-x")).encode(), "application/x-www-form-urlencoded", 415),
    ],
)
def test_a_body_that_is_no_decision_is_a_problem(
    services: Services, client: Any, content: bytes, kind: str, status: int
) -> None:
    found = client.ask("POST", "/decisions", content=content, headers={"Content-Type": kind})
    assert (found.status_code, found.headers["content-type"]) == (status, "application/problem+json"), found.text
    assert services.ledger.revision == 1


def test_a_busy_ledger_says_when_to_come_back(
    world: Any, services: Services, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise LedgerBusy("sqlite:////secret/path is held by another writer")

    monkeypatch.setattr(services.ledger, "append", busy)
    found = client.ask("POST", "/decisions", json=ruling("retract", world.ids["denied"]))
    assert (found.status_code, bool(found.headers["retry-after"])) == (503, True)
    assert "secret" not in found.text


def test_many_people_decide_at_once_and_every_decision_is_kept(world: Any, services: Services, client: Any) -> None:
    import asyncio

    claim = world.ids["denied"]
    asked = [ruling("correct", claim, field="date", value=f"2024-03-{day:02d}", by=f"P{day}") for day in range(1, 21)]

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(client._client.post("/decisions", json=one) for one in asked))

    answers = client._runner.run(all_of_them())
    assert {one.status_code for one in answers} == {200}
    log = client.get("/decisions").json()["log"]
    assert {row["by"] for row in log} == {one["by"] for one in asked}
    assert [row["status"] for row in log] == ["applied", *["replaced"] * 19]
    assert client.get(f"/claims/{claim}").json()["claim"]["date"] == log[0]["value"]


# ---- the log ----


def test_the_log_is_paged_filtered_and_as_it_was(world: Any, services: Services, client: Any) -> None:
    claim = world.ids["denied"]
    first = decide(client, "correct", claim, field="date", value="2024-03")["decision"]["id"]
    second = decide(client, "undo", first, by="Ben")["decision"]["id"]
    third = decide(client, "retract", world.ids["lying"])["decision"]["id"]
    page = client.get("/decisions?limit=2").json()
    assert ([row["id"] for row in page["log"]], page["total"], page["orphaned"]) == ([third, second], 3, [])
    rest = client.get("/decisions", params={"limit": 2, "cursor": page["next"]}).json()
    assert ([row["id"] for row in rest["log"]], rest["next"]) == ([first], None)
    assert [row["id"] for row in client.get(f"/decisions?subject={claim}").json()["log"]] == [second, first]
    asked = client.get("/decisions?by=ben&kind=undo&since=2024").json()
    assert ([row["id"] for row in asked["log"]], asked["filters"]) == (
        [second], {"by": "ben", "kind": "undo", "since": "2024"},
    )  # fmt: skip
    then = client.get("/decisions?as_of=2").json()
    assert (then["revision"], [(row["id"], row["status"]) for row in then["log"]]) == (2, [(first, "applied")])
    services.ledger.append(Batch(decisions=[doubt(world)]))
    assert client.get("/decisions").json()["total"] == 3
    assert client.get("/decisions?linkers=true").json()["log"][0]["by"] == "incidents@1"
    for wrong in ("since=soon", "kind=judge", "limit=0", "cursor=x", "who=Ana", "since=2025&until=2024"):
        problem = client.get(f"/decisions?{wrong}")
        assert (problem.status_code // 100, problem.headers["content-type"]) == (4, "application/problem+json"), wrong


# ---- the review queue ----


def doubt(world: Any) -> Decision:
    market, harbour = (reading.incidents[0].id for reading in world.readings[:2])
    return Decision(DecisionKind.JUDGE, harbour, "incidents@1", market, None, Judgement.UNSURE, "near", None, 0.5)


@pytest.mark.parametrize("answer", ["merge", "split", "leave"])
def test_answering_a_doubt_takes_it_from_the_queue(world: Any, services: Services, client: Any, answer: str) -> None:
    services.ledger.append(Batch(decisions=[doubt(world)]))
    queue = client.get("/review").json()
    (found,) = queue["doubts"]
    assert (queue["total"], found["score"], found["reason"]) == (1, 0.5, "near")
    left, right = found["left"], found["right"]
    assert (left["place"], left["date"], right["place"], right["date"]) == (
        "Tripoli", "2024-03-04", "Kesh", "2024-03-01",
    )  # fmt: skip
    assert world.articles["market"].text.startswith(right["claims"][0]["quote"])
    assert answer in found["answers"]
    decide(client, answer, left["id"], right["id"])
    assert client.get("/review").json()["doubts"] == []
    assert client.get("/review?as_of=2").json()["total"] == 1
    nodes = client.get("/incidents").json()["total"]
    assert nodes == (1 if answer == "merge" else 2)
    assert client.get("/review?limit=0").status_code == 422


# ---- articles that were taken back ----


def article(who: str = "Westmark") -> dict[str, str]:
    return {"title": f"{who} speaks", "text": f"{who} accuses Norland of it." + FILLER * 3, "published": "2024-07-01"}


def test_reading_a_retracted_article_again_does_not_bring_it_back(services: Services, client: Any) -> None:
    first = client.ask("POST", "/articles", json=article()).json()
    (name,) = first["articles"]
    assert first["retracted"] == []
    gone = client.ask("DELETE", f"/articles/{name}?by=Ana&reason=forged").json()["decision"]
    again = client.ask("POST", "/articles", json=[article(), article("Farland")]).json()
    assert (again["added"], again["already_known"]) == (1, 1)
    assert again["retracted"] == [{"article": name, "decision": gone}]
    told = client.get(f"/articles/{name}")
    assert (told.status_code, told.json()["type"]) == (410, "urn:polemos:problem:gone")
    assert gone["id"] in told.json()["detail"]
    assert client.get("/accusations?source=Farland").json()["total"] == 1
    assert client.get("/accusations?source=Westmark").status_code == 400
    assert client.get(f"/articles/{name}?as_of=2").status_code in (200, 422)

    decide(client, "undo", gone["id"])
    assert client.get(f"/articles/{name}").json()["article"]["id"] == name
    assert client.ask("POST", "/articles", json=article()).json()["retracted"] == []


def test_a_retraction_by_another_process_is_known_when_the_article_comes_again(
    services: Services, client: Any, tmp_path: Any
) -> None:
    (name,) = client.ask("POST", "/articles", json=article()).json()["articles"]
    elsewhere = SqliteLedger(tmp_path / "ledger.sqlite")
    gone = Decision(DecisionKind.RETRACT, name, "Ben", reason="forged", at="2024-08-01T00:00:00+00:00")
    elsewhere.append(Batch(decisions=[gone]))
    elsewhere.close()
    again = client.ask("POST", "/articles", json=article()).json()
    assert [one["decision"]["id"] for one in again["retracted"]] == [gone.id]


# ---- receipts ----


def test_a_receipt_of_what_is_retracted_is_gone(world: Any, client: Any) -> None:
    claim = world.ids["denied"]
    gone = decide(client, "retract", claim)["decision"]
    found = client.get(f"/claims/{claim}/receipt")
    assert found.status_code == 410
    assert f"was retracted by Ana at {gone['at']}: because ({gone['id']})" in found.json()["detail"]
    assert client.get(f"/claims/{claim}/receipt?as_of=1").json()["claim"]["id"] == claim


def test_a_receipt_is_verified_while_the_ledger_goes_on(world: Any, client: Any) -> None:
    claim = world.ids["denied"]
    receipt = client.get(f"/claims/{claim}/receipt").content
    first = client.ask("POST", "/receipts/verify", content=receipt).json()
    assert (first["passed"], set(outcomes(first).values()), first["since"]) == (True, {"pass"}, [])
    fixed = decide(client, "correct", claim, field="denial_kind", value="intent")
    second = client.ask("POST", "/receipts/verify", content=receipt).json()
    assert (second["passed"], second["made_at"], second["revision"]) == (True, 1, 2)
    assert [row["id"] for row in second["since"]] == [fixed["decision"]["id"]]
    decide(client, "retract", world.articles["market"].id, reason="forged")
    third = client.ask("POST", "/receipts/verify", content=receipt).json()
    assert [name for name, outcome in outcomes(third).items() if outcome == "fail"] == ["ledger"]
    text = {"receipt": json.loads(receipt), "text": world.articles["market"].text}
    assert outcomes(client.ask("POST", "/receipts/verify", json=text).json())["quote"] == "pass"
    text["text"] = text["text"].upper()
    assert outcomes(client.ask("POST", "/receipts/verify", json=text).json())["quote"] == "fail"


def test_a_bent_receipt_and_one_of_the_future_fail(world: Any, client: Any) -> None:
    receipt = client.get(f"/claims/{world.ids['denied']}/receipt").json()
    receipt["quote"] = "admitted that it had shelled the market"
    found = client.ask("POST", "/receipts/verify", json=receipt).json()
    assert not found["passed"]
    assert outcomes(found)["told"] == "not_checked"
    assert {outcomes(found)[one] for one in ("digest", "claim_id", "quote")} == {"fail"}
    example = client.ask("POST", "/receipts/verify", json=json.loads(json.dumps(_builtins(RECEIPT)))).json()
    assert (outcomes(example)["digest"], outcomes(example)["told"]) == ("pass", "fail")


def _builtins(record: Any) -> Any:
    import msgspec

    return msgspec.to_builtins(record)


@pytest.mark.parametrize(
    ("content", "status"), [(b"{", 400), (b"[]", 422), (b'{"receipt": 1}', 422), (b"{}", 422), (b" " * 30_000, 413)]
)
def test_what_is_no_receipt_is_a_problem(client: Any, content: bytes, status: int) -> None:
    found = client.ask("POST", "/receipts/verify", content=content)
    assert (found.status_code, found.headers["content-type"]) == (status, "application/problem+json"), found.text
