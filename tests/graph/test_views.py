"""The plain networkx views: what is one edge in each, what it carries, and what each leaves out and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import pytest

from app.graph import VIEWS, ConflictGraph, fold
from app.vocabulary.errors import NotFound
from app.vocabulary.records import Actor, Membership
from app.vocabulary.terms import ActorKind, ClaimType, DecisionKind, Judgement, NodeKind

if TYPE_CHECKING:
    from tests.graph.conftest import Desk

QUARREL = (
    "Ardania accused Beloria over the raid in Kesh on 2031-05-01. "
    "Ardania accused Beloria over the raid in Kesh on 2031-05-03. "
    "Beloria denied Ardania over the raid in Kesh on 2031-05-04. "
    "Ardania threatened Beloria on 2031-05-05. "
    "Ardania struck back at Beloria on 2031-05-09. "
    "Cerinia accused someone over the raid in Kesh."
)
LATER = "Ardania accused Beloria on 2031-06-01. Cerinia denied everything."


@pytest.fixture
def quarrel(desk: Desk) -> ConflictGraph:
    desk.tell(QUARREL)
    desk.tell(LATER, published="2031-06-02")
    return desk.graph


def towards(plain: nx.Graph) -> dict[tuple[str, str], dict[str, Any]]:
    return {(a.removeprefix("actor-"), b.removeprefix("actor-")): held for a, b, held in plain.edges(data=True)}


def test_each_claim_is_one_edge_under_its_id_so_that_parallel_accusations_stay_apart(quarrel: ConflictGraph) -> None:
    plain = quarrel.to_networkx("claims")
    drawn = {key for *_, key, held in plain.edges(keys=True, data=True) if held["kind"] in list(ClaimType)}
    assert drawn == {claim.id for claim in quarrel.claims.values() if claim.head is not None}
    assert plain.number_of_edges("actor-ardania", "actor-beloria") == 5
    assert {held["kind"] for *_, held in plain.edges(data=True)} == {*ClaimType, "located_in"}
    assert plain.graph == {"revision": quarrel.revision, "view": "claims", "claims_without_edge": 1}
    for source, target, key, held in plain.edges(keys=True, data=True):
        if held["kind"] in list(ClaimType):
            claim = quarrel.claims[key]
            assert (source, target) == (claim.source, claim.head)
            assert (held["claims"], held["quote"], held["lineage"]) == (key, claim.claim.evidence.quote, claim.lineage)
            assert held.get("rung") == claim.claim.rung
            assert held.get("incident") == claim.incident


def test_the_edges_of_the_claims_view_and_of_the_edges_view_hold_the_same_claims(quarrel: ConflictGraph) -> None:
    def held(plain: nx.MultiDiGraph) -> dict[tuple[str, str, str], set[str]]:
        found: dict[tuple[str, str, str], set[str]] = {}
        for a, b, data in plain.edges(data=True):
            if data["kind"] in list(ClaimType):
                found.setdefault((a, b, data["kind"]), set()).update(data["claims"].split())
        return found

    assert held(quarrel.to_networkx("claims")) == held(quarrel.to_networkx("edges"))


def test_a_dyad_counts_types_and_rungs_and_weighs_lineages(quarrel: ConflictGraph) -> None:
    plain = quarrel.to_networkx("dyads")
    assert isinstance(plain, nx.DiGraph)
    assert not plain.is_multigraph()
    found = towards(plain)
    assert set(found) == {("ardania", "beloria"), ("beloria", "ardania")}
    forth = found["ardania", "beloria"]
    assert (forth["accuses"], forth["denies"], forth["retaliates"]) == (3, 0, 2)
    assert (forth["threatened"], forth["carried_out"], forth["called_for"]) == (1, 1, 0)
    assert (forth["evidence_count"], forth["articles"], forth["publishers"]) == (5, 2, 1)
    assert forth["weight"] == forth["lineages"] == 2
    assert (forth["first"], forth["last"]) == ("2031-05-01", "2031-06-01")
    assert found["beloria", "ardania"]["denies"] == 1
    # An accusation of somebody who is not named, and a denial of everything.
    assert plain.graph["claims_without_edge"] == 2


def test_a_sign_is_for_accusations_and_retaliations_alone(quarrel: ConflictGraph) -> None:
    found = towards(quarrel.to_networkx("signed"))
    assert set(found) == {("ardania", "beloria")}
    edge = found["ardania", "beloria"]
    assert (edge["sign"], edge["weight"], edge["lineages"]) == (-1, -2, 2)
    assert "denies" not in edge
    left = quarrel.to_networkx("signed").graph["claims_without_edge"]
    assert left + edge["evidence_count"] == len(quarrel.claims)


def test_copies_of_one_text_weigh_once(desk: Desk) -> None:
    _, first = desk.tell("Ardania accused Beloria over the raid in Kesh.")
    _, second = desk.tell("Ardania accused Beloria over the raid in Kesh. Cerinia met Beloria.")
    apart = towards(desk.graph.to_networkx("signed"))["ardania", "beloria"]
    desk.decide(DecisionKind.LINEAGE, first.claims[0].id, second.claims[0].id, judgement=Judgement.SAME)
    together = towards(desk.graph.to_networkx("signed"))["ardania", "beloria"]
    assert (apart["weight"], together["weight"]) == (-2, -1)
    assert together["articles"] == 2


@pytest.mark.parametrize("view", VIEWS)
def test_only_chosen_claims_are_drawn_with_the_nodes_they_need(quarrel: ConflictGraph, view: Any) -> None:
    chosen = [claim for _, claim in quarrel.claims_of(ClaimType.ACCUSES, "actor-ardania")][:1]
    plain = quarrel.to_networkx(view, chosen)
    held = {one for *_, data in plain.edges(data=True) for one in data.get("claims", "").split()}
    assert held == set(chosen)
    assert {"actor-ardania", "actor-beloria"} <= set(plain.nodes)
    assert "actor-cerinia" not in plain
    kinds = {data["kind"] for _, data in plain.nodes(data=True)}
    assert kinds == ({"actor"} if view in ("dyads", "signed") else set(NodeKind))


@pytest.mark.parametrize("view", VIEWS)
def test_no_claim_chosen_is_an_empty_graph_and_not_all(quarrel: ConflictGraph, view: Any) -> None:
    assert len(quarrel.to_networkx(view, [])) == 0
    assert len(quarrel.to_networkx(view)) > 0


def test_what_cannot_be_drawn_is_refused(quarrel: ConflictGraph) -> None:
    with pytest.raises(ValueError, match="choose one of edges, claims, dyads, signed"):
        quarrel.to_networkx("friends")  # type: ignore[arg-type]
    with pytest.raises(NotFound, match="clm-none"):
        quarrel.to_networkx("claims", ["clm-none"])


@pytest.mark.parametrize("view", VIEWS)
def test_every_attribute_is_a_string_or_a_number(quarrel: ConflictGraph, view: Any) -> None:
    plain = quarrel.to_networkx(view)
    held = [data for _, data in plain.nodes(data=True)] + [data for *_, data in plain.edges(data=True)]
    assert {type(value) for data in held for value in data.values()} <= {str, int, float}
    assert {type(value) for value in plain.graph.values()} <= {str, int}


def test_a_dated_membership_has_its_days(desk: Desk) -> None:
    desk.tell("Ardania accused Fleet. Cerinia accused Fleet.")
    desk.add(
        Actor("Fleet", ActorKind.ARMED_FORCE, memberships=(
            Membership("actor-ardania", until="2030-12-31"),
            Membership("actor-cerinia", "2031-01", "2031-03"),
            Membership("actor-cerinia", "2031-06"),
        )),
    )  # fmt: skip
    edges = towards(desk.graph.to_networkx("edges"))
    assert edges["fleet", "ardania"] == {"kind": "part_of", "phrase": "speaks or acts for", "until": "2030-12-31"}
    assert edges["fleet", "cerinia"]["since"] == "2031-01"
    assert "until" not in edges["fleet", "cerinia"]
    assert edges["fleet", "cerinia"]["periods"] == "2031-01/2031-03 2031-06/.."


def test_an_empty_graph_has_every_view() -> None:
    for view in VIEWS:
        assert len(fold([]).to_networkx(view)) == 0
