"""The routes on claims over time, asked as a client asks them, on the invented dispute."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from fastapi.routing import APIRoute

from app.web.routers import analysis

LISTS = {
    "/ladder": "threats",
    "/responses": "responses",
    "/flips": "histories",
    "/mirrors": "mirrors",
    "/cycles": "cycles",
    "/hearsay": "chains",
    "/centralities": "actors",
}


def test_ladder(world: Any, client: Any) -> None:
    body = client.get("/ladder?source=Norland&within=2").json()
    assert (body["revision"], body["within"], body["total"]) == (1, 2, 1)
    assert [(row["rung"], row["counts"]["claims"]) for row in body["rungs"] if row["claims"]] == [("threatened", 1)]
    (threat,) = body["threats"]
    assert threat["threat"]["id"] == world.ids["vowed"]
    assert (threat["outcome"], threat["why"]) == ("unknown", "no_coverage")


def test_responses(world: Any, client: Any) -> None:
    body = client.get("/responses?source=Norland&target=Sudria").json()
    (row,) = body["responses"]
    assert (row["status"], row["first"]["id"], row["first"]["by"]) == ("answered", world.ids["denied"], "part")
    one = client.get(f"/claims/{world.ids['accused']}/responses?within=0").json()
    assert one["response"]["first"]["basis"] == "answers_the_accusation"
    assert client.get(f"/claims/{world.ids['denied']}/responses").status_code == 400
    assert client.get("/claims/clm-none/responses").status_code == 404


def test_flips(client: Any) -> None:
    assert client.get("/flips?turn=accused_switched&turn=denial_moved").json()["histories"] == []
    assert client.get("/flips?turn=none").status_code == 422
    # The general's denial is the army's own, which is narrower than the state's.
    (history,) = client.get("/actors/actor-sudria/flips?unturned=true").json()["histories"]
    assert [(one["stance"], one["scope"]) for one in history["stances"]] == [("reject", "part")]
    assert client.get("/actors/actor-nobody/flips").status_code == 404


def test_mirrors_and_cycles(world: Any, client: Any) -> None:
    assert client.get("/mirrors").json()["total"] == 0
    (ring,) = client.get("/cycles?length=2").json()["cycles"]
    assert {edge["claim"] for edge in ring["edges"]} == {world.ids["accused"], world.ids["lying"]}
    assert client.get("/cycles?length=5").status_code == 422


def test_dyad(client: Any) -> None:
    body = client.get("/dyad?source=Norland&target=Sudria&unit=day").json()
    assert [row["start"] for row in body["bins"]] == ["2024-03-01", "2024-03-02"]
    assert (body["forth"]["accuses"]["claims"], body["back"]["accuses"]["claims"], body["undated"]) == (1, 1, 1)
    assert body["no_correlation"].startswith("too few bins")
    assert client.get("/dyad?source=Norland").status_code == 400


def test_chain_and_hearsay(world: Any, client: Any) -> None:
    body = client.get(f"/claims/{world.ids['denied']}/chain").json()
    assert [link["name"] for link in body["links"]] == ["The Courier", "General Ilin", "Sudrian Army"]
    assert (body["depth"], body["weakest"]["strength"]) == (0, "unknown")
    assert client.get("/hearsay?type=denies").json()["depths"][0]["depth"] == 0


def test_centralities(client: Any) -> None:
    body = client.get("/centralities?type=accuses&by=in_degree&top=1").json()
    assert (body["kinds"], body["by"], len(body["actors"])) == (["accuses"], "in_degree", 1)
    assert body["actors"][0]["in_degree"] >= body["actors"][0]["out_degree"]
    assert body["all_actors"] >= 2
    assert client.get("/centralities?by=fame").status_code == 422


@pytest.mark.parametrize(("path", "items"), LISTS.items())
def test_every_list_states_filters_and_revision_and_refuses_what_it_does_not_know(
    client: Any, path: str, items: str
) -> None:
    body = client.get(f"{path}?source=Norland&until=2024-12&as_of=1").json()
    assert isinstance(body[items], list)
    assert body["revision"] == 1
    assert body["filters"]["until"] == "2024-12"
    assert client.get(f"{path}?sauce=Norland").status_code == 422
    assert client.get(f"{path}?source=Nowhere").status_code == 400


def test_every_example_is_an_answer(client: Any) -> None:
    document = client.get("/openapi.json").json()
    kinds = {kind.__name__: kind for kind in analysis.ANSWERS}
    told = set()
    for route in analysis.router.routes:
        assert isinstance(route, APIRoute)
        content = document["paths"][route.path]["get"]["responses"]["200"]["content"]["application/json"]
        name = content["schema"]["$ref"].rsplit("/", 1)[-1]
        assert content["examples"] == {name: {"$ref": f"#/components/examples/{name}"}}
        example = document["components"]["examples"][name]["value"]
        assert msgspec.json.decode(msgspec.json.encode(msgspec.convert(example, kinds[name]))) == example
        assert name in document["components"]["schemas"]
        told.add(name)
    assert told == set(kinds)
