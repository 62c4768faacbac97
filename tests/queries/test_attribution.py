"""What an attribution table holds, what counts in it and what does not, and each branch of the rule of its status."""

from __future__ import annotations

import csv
import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from app.graph import ConflictGraph, fold
from app.ledger import Entry
from app.queries import incident
from app.queries.attribution import IncidentView
from app.queries.attribution_rows import Attribution
from app.queries.authorities import Authorities, shipped
from app.queries.statuses import RULES, Reports, agent_status, incident_status
from app.vocabulary.errors import BadData, NotFound
from app.vocabulary.records import Actor, Decision, Membership
from app.vocabulary.terms import AcknowledgementKind, ActorKind, DecisionKind, DenialKind, Judgement

from .by_hand import Notebook

LEXICON = Path(__file__).resolve().parents[2] / "graph_data" / "lexicons" / "findings.tsv"


def view(book: Notebook, graph: ConflictGraph | None = None) -> IncidentView:
    """The only incident of a notebook."""
    graph = graph or book.graph
    (node,) = graph.incidents
    return incident(graph, node)


def rows(found: IncidentView) -> dict[str, Attribution]:
    return {row.actor: row for row in found.attribution}


# ---- the table ----


def test_claims_stand_side_by_side_with_mentions_articles_publishers_and_lineages() -> None:
    book = Notebook()
    first = book.accuses("Norland", "Sudria", "2024-03-02", about="market", publisher="The Courier")
    copy = book.accuses("Norland", "Sudria", "2024-03-03", about="market", publisher="Harbour Times")
    denial = book.denies("Sudria", "Norland", "2024-03-04", about="market", kind=DenialKind.PERPETRATION)
    book.retaliates("carried_out", "Norland", "Sudria", "2024-03-05", about="market")
    judged = Decision(DecisionKind.LINEAGE, copy, "lineages@1", first, judgement=Judgement.SAME, score=0.9)
    book._decisions.append(judged)
    found = view(book)
    (row,) = found.attribution
    (affirms,), (rejects,) = row.affirming, row.rejecting
    assert (affirms.source, affirms.claims, affirms.basis, affirms.scope) == (
        "Norland", [first, copy], ["accuses_it"], "direct",
    )  # fmt: skip
    assert (affirms.mentions, affirms.articles, affirms.publishers, affirms.lineages) == (2, 2, 2, 1)
    assert (rejects.source, rejects.claims, rejects.denial_kinds) == ("Sudria", [denial], ["perpetration"])
    assert (row.affirmed.claims, row.affirmed.lineages, row.rejected.claims) == (2, 1, 1)
    assert (row.status, row.rule, row.because) == ("contested", "agent/contested", RULES["agent/contested"])
    assert (found.status, found.rule, found.because) == ("contested", "incident/contested", RULES["incident/contested"])
    assert (found.counts.claims, found.counts.lineages) == (4, 3)


def test_a_brigades_denial_is_never_its_states() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    denial = book.denies("Sudrian Army", "Norland", "2024-03-03", about="market")
    table = rows(view(book))
    state, army = table["Sudria"], table["Sudrian Army"]
    (shown,) = state.rejecting
    assert (shown.claims, shown.scope, shown.through) == ([denial], "narrower", "Sudrian Army")
    assert (state.rejected.claims, state.status) == (0, "single_sided")
    # Nobody has accused the army by name; its own denial stands in its own row.
    assert [(one.claims, one.scope) for one in army.rejecting] == [([denial], "direct")]
    assert army.status == "unattributed"


def test_who_accuses_a_part_accuses_its_whole() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market", target_named="Sudrian Army")
    denial = book.denies("Sudria", "Norland", "2024-03-03", about="market", named="Sudrian Army")
    table = rows(view(book))
    assert [(one.claims, one.scope, one.through) for one in table["Sudria"].affirming] == [
        ([charge], "entailed", "Sudrian Army")
    ]
    assert [(one.claims, one.scope) for one in table["Sudrian Army"].affirming] == [([charge], "direct")]
    assert (table["Sudrian Army"].status, table["Sudria"].status) == ("contested", "single_sided")
    assert [(one.claims, one.scope) for one in table["Sudria"].rejecting] == [([denial], "narrower")]


def test_who_rejects_for_the_whole_rejects_for_its_parts() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudrian Army", "2024-03-02", about="market")
    denial = book.denies("Sudria", "Norland", "2024-03-03", about="market", named="Sudrian Foreign Ministry")
    table = rows(view(book))
    assert [(one.claims, one.scope) for one in table["Sudria"].rejecting] == [([denial], "direct")]
    assert [(one.claims, one.scope, one.through) for one in table["Sudrian Army"].rejecting] == [
        ([denial], "inherited", "Sudria")
    ]
    assert {row.status for row in table.values()} == {"contested"}
    assert table["Sudrian Army"].rejected.claims == 1


def test_a_part_does_not_reject_for_another_part() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudrian Navy", "2024-03-02", about="market")
    book.denies("Sudrian Army", None, "2024-03-03", about="market")
    table = rows(view(book))
    assert table["Sudrian Navy"].rejecting == []
    assert table["Sudrian Navy"].status == "single_sided"


@pytest.mark.parametrize(("day", "whole"), [("2023-05-01", "Eastland"), ("2024-05-01", "Sudria")])
def test_roll_up_goes_by_what_it_was_part_of_that_day(day: str, whole: str) -> None:
    memberships = (Membership("actor-eastland", until="2023-12"), Membership("actor-sudria", since="2024"))
    guard = Actor("Coast Guard", ActorKind.ARMED_FORCE, memberships=memberships)
    book = Notebook()
    book.accuses("Norland", "Coast Guard", day, about="market")
    articles = [builder.article for builder in book._builders]
    readings = [builder.reading() for builder in book._builders]
    states = [Actor(name, ActorKind.STATE) for name in ("Norland", "Sudria", "Eastland")]
    entries: list[Entry] = [*states, guard, *articles, *readings]
    graph = fold((1, entry) for entry in entries)
    assert set(rows(view(book, graph))) == {"Coast Guard", whole}


def test_a_third_party_rejects_for_another() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    denial = book.denies("Eastland", "Norland", "2024-03-02", about="market", answers=charge)
    (row,) = view(book).attribution
    assert [(one.source, one.claims, one.basis) for one in row.rejecting] == [
        ("Eastland", [denial], ["rejects_for_another"])
    ]
    assert row.status == "contested"


def test_a_withdrawn_accusation_stays_in_sight_and_counts_no_more() -> None:
    book = Notebook()
    charge = book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    undone = book.denies("Norland", None, "2024-03-05", about="market")
    (row,) = view(book).attribution
    (affirms,) = row.affirming
    assert (affirms.claims, affirms.withdrawn) == ([charge], [undone])
    assert [one.basis for one in row.rejecting] == [["withdraws_its_accusation"]]
    assert (row.affirmed.claims, row.status) == (0, "unattributed")
    book.accuses("Eastland", "Sudria", "2024-03-06", about="market")
    (row,) = view(book).attribution
    assert (row.affirmed.claims, row.status) == (1, "single_sided")


def test_what_an_actor_acknowledges_is_told_and_its_state_has_not_acknowledged_it() -> None:
    book = Notebook()
    owned = book.acknowledges(AcknowledgementKind.SELF_CLAIM, "Sudrian Army", "market", "2024-03-04")
    found = view(book)
    table = rows(found)
    assert [(one.acknowledgements, one.scope) for one in table["Sudrian Army"].self_claims] == [([owned], "direct")]
    assert (table["Sudrian Army"].status, table["Sudria"].status) == ("self_claimed", "single_sided")
    assert [(one.scope, one.through) for one in table["Sudria"].self_claims] == [("entailed", "Sudrian Army")]
    assert [one.id for one in found.acknowledgements] == [owned]


# ---- findings ----


def test_a_panel_finds_and_does_not_adjudicate() -> None:
    book = Notebook()
    finding = book.accuses("UN panel of experts", "Sudria", "2024-03-02", about="market")
    (row,) = view(book).attribution
    assert [(one.claim, one.authority, one.kind, one.adjudicates, one.holds) for one in row.findings] == [
        (finding, "UN panel of experts", "panel_of_experts", False, "affirms")
    ]
    assert row.status == "single_sided"
    book.denies("Sudria", None, "2024-03-04", about="market")
    assert rows(view(book))["Sudria"].status == "contested"


def test_a_court_adjudicates_is_named_and_wins_nothing() -> None:
    book = Notebook()
    ruling = book.accuses("Eastland", "Sudria", "2024-03-02", about="market", speaker="Higher Court in Kesh")
    denial = book.denies("Sudria", None, "2024-03-04", about="market")
    found = view(book)
    (row,) = found.attribution
    assert [(one.claim, one.authority, one.adjudicates) for one in row.findings] == [
        (ruling, "Higher Court in Kesh", True)
    ]
    assert (row.status, row.rule, found.status) == ("adjudicated", "agent/adjudicated", "adjudicated")
    assert [one.claims for one in row.rejecting] == [[denial]]


def test_a_court_that_rejects_has_ruled_too() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    acquitted = book.denies("World Tribunal", "Norland", "2024-03-08", about="market")
    (row,) = [row for row in view(book).attribution if row.actor == "Sudria"]
    assert [(one.claim, one.holds) for one in row.findings] == [(acquitted, "rejects")]
    assert row.status == "adjudicated"


def test_a_ruling_on_a_part_is_no_ruling_on_its_whole() -> None:
    book = Notebook()
    book.accuses("World Tribunal", "Sudrian Army", "2024-03-02", about="market")
    table = rows(view(book))
    assert (table["Sudrian Army"].status, table["Sudria"].status) == ("adjudicated", "single_sided")
    assert [(one.scope, one.adjudicates) for one in table["Sudria"].findings] == [("entailed", False)]


def lexicon() -> list[dict[str, str]]:
    with LEXICON.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("row", lexicon(), ids=lambda row: row["words"])
def test_each_row_of_the_lexicon_finds_its_example(row: dict[str, str]) -> None:
    found = shipped().named(row["example"])
    assert (found.kind if found is not None else "") == row["finds"]
    assert found is None or found.adjudicates == (row["adjudicates"] == "yes")
    assert found is None or not found.adjudicates or found.kind in ("court", "tribunal")


@pytest.mark.parametrize("name", ["Harcourt", "Norland", "Courtney Oda", "Sudrian Foreign Ministry", "Judgement Party"])
def test_other_names_are_no_authority(name: str) -> None:
    assert shipped().named(name) is None


@pytest.mark.parametrize("row", ["court\tcourt\tperhaps", "\tcourt\tyes", "court\t\tyes"])
def test_a_broken_row_is_named(tmp_path: Path, row: str) -> None:
    path = tmp_path / "findings.tsv"
    path.write_text(f"words\tkind\tadjudicates\n{row}\n", encoding="utf-8")
    with pytest.raises(BadData, match=r"findings\.tsv, line 2"):
        Authorities.load(path)


# ---- the rule ----


def reports(agent: str, more: dict[str, Any]) -> Reports:
    """Reports of one agent of which nothing is reported but what is given."""
    given: dict[str, Any] = {
        "wholes": frozenset({agent}), "affirmed_by": frozenset(), "rejected": False, "rejects_itself": False,
        "self_claimed": False, "admitted": False, "adjudicated": False,
    }  # fmt: skip
    return Reports(agent=agent, **{**given, **more})


BY = {"affirmed_by": frozenset({"s"})}


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, "unattributed"),
        ({"rejected": True}, "unattributed"),
        (BY, "single_sided"),
        ({**BY, "rejected": True}, "contested"),
        ({"self_claimed": True}, "self_claimed"),
        ({"self_claimed": True, "rejected": True}, "self_claimed"),
        ({"self_claimed": True, "rejected": True, "rejects_itself": True}, "contested"),
        ({**BY, "admitted": True}, "admitted"),
        ({**BY, "admitted": True, "self_claimed": True}, "admitted"),
        ({**BY, "admitted": True, "rejected": True, "rejects_itself": True}, "contested"),
        ({**BY, "admitted": True, "rejected": True, "rejects_itself": True, "adjudicated": True}, "adjudicated"),
        ({"rejected": True, "adjudicated": True}, "adjudicated"),
    ],
)
def test_the_status_of_an_agent(given: dict[str, Any], status: str) -> None:
    ruling = agent_status(reports("a", given))
    assert (ruling.status, ruling.rule) == (status, f"agent/{status}")
    assert ruling.because == RULES[ruling.rule]


A, B = {**BY}, {"affirmed_by": frozenset({"t"})}


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ({}, {}, "unattributed"),
        (A, {}, "single_sided"),
        # One source that accuses two accuses them jointly.
        (A, A, "single_sided"),
        (A, B, "competing"),
        ({**A, "wholes": frozenset({"a", "b"})}, B, "single_sided"),
        ({"self_claimed": True}, {}, "self_claimed"),
        ({"self_claimed": True}, A, "competing"),
        ({**A, "rejected": True}, {"self_claimed": True}, "contested"),
        ({**A, "rejected": True}, {"admitted": True}, "admitted"),
        ({"admitted": True}, {"adjudicated": True}, "adjudicated"),
    ],
)
def test_the_status_of_an_incident(one: dict[str, Any], other: dict[str, Any], rule: str) -> None:
    ruling = incident_status([reports("a", one), reports("b", other)])
    assert ruling.rule == f"incident/{rule}"
    assert ruling.status == ("contested" if rule == "competing" else rule)
    assert incident_status([reports("b", other), reports("a", one)]) == ruling


def test_every_combination_of_reports_has_a_status_and_every_rule_is_used() -> None:
    flags = ("rejected", "rejects_itself", "self_claimed", "admitted", "adjudicated")
    every = [
        reports("a", {"affirmed_by": frozenset(by), **dict(zip(flags, values, strict=True))})
        for by in ((), ("s",))
        for values in product((False, True), repeat=len(flags))
    ]
    used = {agent_status(one).rule for one in every} | {incident_status([one]).rule for one in every}
    assert used | {"incident/competing"} == set(RULES)


# ---- the answer ----


def test_an_incident_answers_to_the_id_of_any_of_its_members() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudria", "2024-03-02", about="market")
    book.denies("Sudria", "Norland", "2024-03-03", about="market")
    graph = book.graph
    (node,) = graph.incidents.values()
    assert len(node.members) == 2
    for member in node.members:
        assert incident(graph, member) == incident(graph, node.id)
    with pytest.raises(NotFound, match="no incident"):
        incident(graph, "inc-none")


def test_no_answer_names_a_winner(gold_graph: ConflictGraph) -> None:
    import msgspec

    seen = set()
    for node in gold_graph.incidents:
        found = incident(gold_graph, node)
        seen.add(found.status)
        body = json.loads(msgspec.json.encode(found))
        assert not {"winner", "verdict", "truth", "likely", "score"} & (
            body.keys() | {k for r in body["attribution"] for k in r}
        )
        for row in found.attribution:
            counted = [one for one in row.rejecting if one.scope != "narrower"]
            assert (row.rejected.claims > 0) == bool(counted)
            assert row.status != "contested" or counted
    assert {"unattributed", "single_sided", "contested"} <= seen
