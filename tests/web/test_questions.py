from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest

from app.graph import ConflictGraph
from app.queries import claim_row
from app.vocabulary.records import Decision
from app.vocabulary.terms import DecisionKind
from app.web.services import Services


def test_lists_answer_with_rows_counts_revision_and_filters(world: Any, graph: ConflictGraph, client: Any) -> None:
    body = client.get("/accusations?source=Norland&target=Sudria").json()
    assert [row["id"] for row in body["claims"]] == [world.ids["accused"]]
    row = msgspec.json.decode(msgspec.json.encode(claim_row(graph, world.ids["accused"])))
    # The graph at hand was folded without a ledger, which alone knows when an article came in.
    assert datetime.fromisoformat(body["claims"][0]["ingested"]).tzinfo is not None
    assert body["claims"][0] | {"ingested": None} == row
    assert body["revision"] == 1
    assert body["filters"]["source_id"] == "actor-norland"
    assert body["counts"] == {"claims": 1, "articles": 1, "publishers": 1, "lineages": 1}
    assert body["next"] is None
    assert {row["type"] for row in client.get("/denials").json()["claims"]} == {"denies"}
    assert {row["modality"] for row in client.get("/retaliations").json()["claims"]} == {"threatened", "carried_out"}


def test_roll_up_by_parameter(world: Any, client: Any) -> None:
    rolled = client.get("/denials?source=Sudria").json()
    assert (rolled["total"], rolled["narrower"], len(rolled["claims"])) == (1, 1, 2)
    for same in ("rollup=true", "rollup=full"):
        assert client.get(f"/denials?source=Sudria&{same}").json() == rolled
    for same in ("rollup=false", "rollup=off", "rollup=state"):
        assert len(client.get(f"/denials?source=Sudria&{same}").json()["claims"]) == 1
    assert client.get("/denials?source=Sudria&rollup=some").status_code == 422


def test_the_graph_as_it_was(world: Any, client: Any) -> None:
    before = client.get("/accusations").json()
    claim = before["claims"][0]
    assert client.ask("DELETE", f"/articles/{claim['evidence']['article']}?reason=withdrawn").status_code in (200, 204)
    now = client.get("/accusations").json()
    assert now["total"] < before["total"]
    then = client.get(f"/accusations?as_of={before['revision']}").json()
    assert then == before
    assert client.get(f"/claims/{claim['id']}").status_code == 404
    assert client.get(f"/claims/{claim['id']}?as_of={before['revision']}").json()["claim"] == claim
    assert client.get("/accusations?as_of=2001-01-01").json()["total"] == 0
    assert client.get("/accusations?as_of=2999-01-01T00:00:00Z").json() == now
    for wrong in ("never", "999"):
        problem = client.get(f"/accusations?as_of={wrong}")
        assert (problem.status_code, problem.headers["content-type"]) == (400, "application/problem+json")


def test_an_empty_field_of_a_form_is_no_filter(client: Any) -> None:
    body = client.get("/accusations?source=&since=&min_confidence=&cursor=").json()
    assert body["total"] == 5
    assert "source" not in body["filters"]


def test_pages_cover_all_exactly_once(world: Any, client: Any) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        body = client.get("/accusations", params={"limit": 2, "cursor": cursor}).json()
        seen += [row["id"] for row in body["claims"]]
        cursor = body["next"]
    assert len(seen) == 5
    assert set(seen) == {world.ids[n] for n in ("accused", "somebody", "blamed", "spying", "lying")}


def test_one_claim_its_receipt_and_its_thread(world: Any, services: Services, client: Any) -> None:
    name = world.ids["denied"]
    assert client.get(f"/claims/{name}").json()["claim"]["speaker"] == "General Ilin"
    services.ledger.append(
        batch_of(Decision(DecisionKind.CORRECT, name, "Ana", "denial_kind", "intent", at="2024-04-01"))
    )
    receipt = client.get(f"/claims/{name}/receipt").json()
    assert receipt["check"] == {"passed": True, "detail": None}
    assert receipt["extractor"] == "by-hand@1"
    assert [one["by"] for one in receipt["decisions"]] == ["Ana"]
    assert receipt["claim"]["denial_kind"] == "intent"
    assert receipt["revision"] == 2
    thread = client.get(f"/threads/{name}").json()
    assert [row["id"] for row in thread["claims"]] == [world.ids["accused"], name, world.ids["vowed"]]
    assert thread["links"][0]["basis"] == "explicit"


def batch_of(*decisions: Decision) -> Any:
    from app.ledger import Batch

    return Batch(decisions=decisions)


def test_actors_places_incidents(world: Any, graph: ConflictGraph, client: Any) -> None:
    assert [row["name"] for row in client.get("/actors?q=sud").json()["actors"]] == ["Sudria", "Sudrian Army"]
    assert client.get("/actors?kind=armed_force").json()["total"] == 1
    one = client.get("/actors/actor-sudria").json()
    assert [part["name"] for part in one["parts"]] == ["Sudrian Army"]
    assert client.get("/actors/actor-sudria/positions").json()["total"] == 2
    assert {row["name"] for row in client.get("/places").json()["places"]} == {"Kesh", "Tripoli"}
    where = graph.claims[world.ids["accused"]].incident
    assert client.get("/incidents?q=shelling").json()["incidents"][0]["id"] == where
    table = client.get(f"/incidents/{where}").json()["attribution"]
    assert [(row["actor"], row["status"], len(row["affirming"]), len(row["rejecting"])) for row in table] == [
        ("Sudria", "single_sided", 1, 1),
        ("Sudrian Army", "contested", 1, 1),
    ]


def test_subgraph_paths_matrix_timeline(client: Any) -> None:
    body = client.get("/subgraph?actor=Norland&actor=Eastland&kind=accuses&hops=1&limit=2").json()
    assert set(body) == {"revision", "filters", "nodes", "edges", "total_edges", "left_out"}
    assert set(body["nodes"][0]) == {"id", "kind", "label", "actor_kind", "country", "date", "type"}
    assert set(body["edges"][0]) == {
        "id", "kind", "phrase", "source", "target", "modality", "incident", "claims", "evidence_count", "articles",
        "publishers", "first", "last",
    }  # fmt: skip
    assert {edge["kind"] for edge in body["edges"]} == {"accuses"}
    assert body["left_out"]["edges"] == body["total_edges"] - 2 > 0
    assert (
        client.get("/paths?source=Eastland&target=Sudrian Army").json()["paths"][0]["nodes"][0]["id"]
        == "actor-eastland"
    )
    assert client.get("/matrix?kind=denies").json()["total"] == 3
    assert [one["start"] for one in client.get("/timeline?unit=year").json()["bins"]] == ["2024"]
    assert client.get("/timeline?type=denies").json()["total"] == 3
    week = client.get("/timeline?unit=week&type=denies&type=retaliates").json()
    assert [one["start"] for one in week["bins"]] == ["2024-02-26", "2024-03-04", "2024-04-29"]
    assert week["total"] == 5
    whole = client.get("/matrix?kind=accuses&kind=denies&kind=retaliates").json()
    assert whole["kind"] is None
    assert whole["total"] == 10
    assert {part["modality"] for cell in whole["cells"] for part in cell["parts"]} == {
        "asserted",
        "carried_out",
        "threatened",
    }


def test_disputes_over_http(client: Any) -> None:
    body = client.get("/disputes?actor=Eastland&role=source&type=accuses").json()
    assert body["filters"]["actors"] == ["actor-eastland"]
    assert body["filters"]["role"] == "source"
    assert [(one["place"], one["precision"], one["claims"]) for one in body["disputes"]] == [
        ("Tripoli", "settlement", 2)
    ]
    assert client.get("/disputes?modality=threatened").json()["claims"] == 1
    assert client.get("/disputes?role=nobody").status_code == 422


@pytest.mark.parametrize(
    ("suffix", "media", "start"), [("svg", "image/svg+xml", b"<svg"), ("html", "text/html", b"<!doctype")]
)
def test_pictures(client: Any, suffix: str, media: str, start: bytes) -> None:
    found = client.get(f"/subgraph.{suffix}?actor=Norland")
    assert found.status_code == 200
    assert found.headers["content-type"].startswith(media)
    assert found.content.startswith(start)
    assert "default-src" in found.headers["content-security-policy"]


def test_the_same_question_at_the_same_revision_is_answered_in_a_few_bytes(services: Services, client: Any) -> None:
    first = client.get("/accusations?limit=2")
    tag = {"If-None-Match": first.headers["etag"]}
    again = client.get("/accusations?limit=2", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/accusations?limit=3", headers=tag).status_code == 200
    services.ledger.append(batch_of(Decision(DecisionKind.RETRACT, "art-none", "Ana", at="2024-04-01")))
    assert client.get("/accusations?limit=2", headers=tag).status_code == 200


def test_the_graph_follows_the_ledger(invented: Any, services: Services, client: Any) -> None:
    before = client.get("/accusations").json()
    services.ledger.append(invented.many(3).batch)
    after = client.get("/accusations").json()
    assert (after["revision"], after["total"]) == (before["revision"] + 1, before["total"] + 3)


def test_a_graph_that_is_read_does_not_change_under_the_reader(invented: Any, services: Services, client: Any) -> None:
    assert client.get("/health").json()["revision"] == 1
    with services.reading() as held:
        claims = len(held.claims)
        services.ledger.append(invented.many(3).batch)
        assert client.get("/accusations").json()["revision"] == 2
        assert (held.revision, len(held.claims)) == (1, claims)
    with services.reading() as newer:
        assert newer is not held
        assert len(newer.claims) == claims + 3


def test_many_at_once_while_the_ledger_grows(invented: Any, services: Services, client: Any) -> None:
    services.ledger.append(invented.many(2).batch)
    answers = client.together(*[("GET", "/accusations?source=Norland")] * 20, *[("GET", "/subgraph")] * 5)
    assert {one.status_code for one in answers} == {200}
    assert {one.json()["revision"] for one in answers} == {2}


def test_gold_lists_hold_every_claim_once(gold_client: Any) -> None:
    ids: list[str] = []
    for kind in ("accusations", "denials", "retaliations"):
        cursor: str | None = ""
        while cursor is not None:
            body = gold_client.get(f"/{kind}", params={"limit": 500, "cursor": cursor}).json()
            ids += [row["id"] for row in body["claims"]]
            cursor = body["next"]
    assert len(ids) == len(set(ids)) == gold_client.get("/health").json()["claims"] > 1000


def test_gold_receipts_all_pass(gold_client: Any) -> None:
    rows = gold_client.get("/denials?limit=150").json()["claims"]
    assert len(rows) == 150
    for row in rows:
        assert gold_client.get(f"/claims/{row['id']}/receipt").json()["check"]["passed"]
