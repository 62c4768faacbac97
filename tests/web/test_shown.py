"""What the page asks for what it shows: several types of claims, facets, pictures grown and thinned, exports."""

from __future__ import annotations

import csv
import io
from typing import Any


def test_claims_of_several_types_in_one_list(client: Any) -> None:
    everything = client.get("/claims?limit=500").json()
    assert {row["type"] for row in everything["claims"]} == {"accuses", "denies", "retaliates"}
    some = client.get("/claims?type=denies&type=retaliates&limit=500").json()
    assert {row["type"] for row in some["claims"]} == {"denies", "retaliates"}
    assert some["total"] == client.get("/denials").json()["total"] + client.get("/retaliations").json()["total"]
    assert some["filters"]["kinds"] == ["denies", "retaliates"]
    first = client.get("/claims?type=denies&type=retaliates&limit=2").json()
    rest = client.get(f"/claims?type=denies&type=retaliates&limit=500&cursor={first['next']}").json()
    assert [row["id"] for row in first["claims"] + rest["claims"]] == [row["id"] for row in some["claims"]]
    # A cursor belongs to its question.
    assert client.get(f"/claims?type=denies&cursor={first['next']}").status_code == 400


def test_facets_follow_focus_and_filters(client: Any) -> None:
    found = client.get("/facets?actor=Norland&role=source&type=accuses&since=2024-03").json()
    assert found["of"] == client.get("/health").json()["claims"]
    assert found["claims"] == client.get("/claims?actor=Norland&role=source&type=accuses&since=2024-03").json()["total"]
    assert found["types"]["retaliates"] == 1
    assert found["filters"]["actors"] == ["actor-norland"]
    assert client.get("/facets?colour=red").status_code == 422
    assert client.get("/facets?since=soon").status_code == 400


def test_a_subgraph_by_role_and_roll_up(client: Any) -> None:
    piece = client.get("/subgraph?actor=Sudria&role=target&rollup=full").json()
    assert piece["edges"]
    assert {edge["target"] for edge in piece["edges"]} == {"actor-sudria"}
    assert piece["filters"]["role"] == "target"
    threats = client.get("/subgraph?modality=threatened").json()
    assert {edge["modality"] for edge in threats["edges"]} == {"threatened"}


def test_a_picture_is_grown_and_thinned_as_the_page_is(client: Any) -> None:
    base = client.get("/subgraph?actor=Eastland").json()
    more = client.get("/subgraph?actor=Norland&limit=20").json()
    grown = client.get("/subgraph.svg?actor=Eastland&expand=actor-norland:20").text
    edges = {edge["id"] for answer in (base, more) for edge in answer["edges"]}
    nodes = {node["id"] for answer in (base, more) for node in answer["nodes"]}
    assert f"{len(nodes)} nodes, {len(edges)} edges" in grown
    thin = client.get("/subgraph.svg?actor=Eastland&without=actor-sudria").text
    left = [edge for edge in base["edges"] if "actor-sudria" not in (edge["source"], edge["target"])]
    assert f"{len(left)} edge" in thin
    assert len(left) < len(base["edges"])
    for wrong in ("actor-norland", "actor-norland:many", ":5"):
        assert client.get("/subgraph.svg", params={"expand": wrong}).status_code == 400
    assert client.get("/subgraph.svg?expand=actor-nobody:5").status_code == 400


def test_exports_take_several_types(client: Any) -> None:
    table = client.get("/export?format=csv&type=denies&type=retaliates").text
    rows = list(csv.DictReader(io.StringIO(table)))
    assert {row["type"] for row in rows} == {"denies", "retaliates"}
    one = list(csv.DictReader(io.StringIO(client.get("/export?format=csv&type=denies&actor=Norland").text)))
    asked = client.get("/claims?type=denies&actor=Norland").json()
    assert {row["id"] for row in one} == {row["id"] for row in asked["claims"]}
