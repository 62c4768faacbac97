"""What the retaliation ladder and the follow-through of a threat mean, on disputes made by hand."""

from __future__ import annotations

import pytest

from app.queries import ClaimFilter
from app.queries.ladder import FollowThrough, Ladder, ladder, stated_motive
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import Rung

from .by_hand import Notebook


def threat(found: Ladder, claim: str) -> FollowThrough:
    (one,) = (row for row in found.threats if row.threat.id == claim)
    return one


def test_every_retaliation_stands_on_its_rung_and_a_dyad_on_its_highest() -> None:
    book = Notebook()
    ids = {
        rung: book.retaliates(rung, "Norland", "Sudria", f"2024-03-0{day}")
        for day, rung in enumerate(("called_for", "threatened", "conditional", "ordered", "carried_out"), start=1)
    }
    book.retaliates("threatened", "Sudria", "Norland", "2024-03-07")
    found = ladder(book.graph, ClaimFilter())
    assert [row.rung for row in found.rungs] == list(Rung)
    assert {row.rung: row.claims[0].claim.id for row in found.rungs} == ids
    assert [row.counts.claims for row in found.rungs] == [1, 2, 1, 1, 1]
    first, second = found.dyads
    assert (first.source, first.target, first.highest) == ("Norland", "Sudria", Rung.CARRIED_OUT)
    assert (first.claim, first.first_said) == (ids["carried_out"], "2024-03-05")
    assert [(row.rung, row.claims) for row in first.rungs] == [(rung, 1) for rung in Rung]
    assert (second.source, second.highest) == ("Sudria", Rung.THREATENED)


def test_a_threat_is_paired_with_the_first_act_by_the_same_actor_against_the_same_target() -> None:
    book = Notebook()
    vow = book.retaliates("threatened", "Norland", "Sudria", "2024-03-02")
    book.retaliates("carried_out", "Norland", "Sudria", "2024-03-01")
    book.retaliates("carried_out", "Norland", "Eastland", "2024-03-03")
    book.retaliates("carried_out", "Sudria", "Norland", "2024-03-03")
    struck = book.retaliates("carried_out", "Norland", "Sudria", "2024-03-09")
    book.retaliates("carried_out", "Norland", "Sudria", "2024-03-20")
    book.retaliates("carried_out", "Norland", "Sudria", "2024-07-20")
    one = threat(ladder(book.graph, ClaimFilter()), vow)
    assert (one.outcome, one.why, one.until) == ("carried_out", "paired", "2024-05-31")
    assert one.carried_out is not None
    assert (one.carried_out.claim.id, one.carried_out.basis, one.carried_out.by) == (struck, "same_parties", "same")
    assert (one.carried_out.lag.least, one.carried_out.lag.most) == (7, 7)
    assert one.further == 1


def test_an_act_over_the_same_incident_is_surer_than_an_earlier_one_between_the_same_parties() -> None:
    book = Notebook()
    vow = book.retaliates("ordered", "Norland", "Sudria", "2024-03-02", about="market")
    book.retaliates("carried_out", "Norland", "Sudria", "2024-03-03", about="harbour")
    answer = book.retaliates("carried_out", "Norland", "Sudria", "2024-03-10", about="market")
    pairing = threat(ladder(book.graph, ClaimFilter()), vow).carried_out
    assert pairing is not None
    assert (pairing.claim.id, pairing.basis, pairing.other_incident) == (answer, "same_incident", False)


def test_an_act_over_another_incident_says_so() -> None:
    book = Notebook()
    vow = book.retaliates("ordered", "Norland", "Sudria", "2024-03-02", about="market")
    book.retaliates("carried_out", "Norland", "Sudria", "2024-03-03", about="harbour")
    pairing = threat(ladder(book.graph, ClaimFilter()), vow).carried_out
    assert pairing is not None
    assert (pairing.basis, pairing.other_incident) == ("same_parties", True)


def test_a_part_may_do_what_its_state_threatened_but_no_sibling_what_an_arm_threatened() -> None:
    book = Notebook()
    state = book.retaliates("threatened", "Sudria", "Norland", "2024-03-02")
    army = book.retaliates("threatened", "Sudrian Army", "Eastland", "2024-03-02")
    book.retaliates("carried_out", "Sudrian Navy", "Norland", "2024-03-05")
    book.retaliates("carried_out", "Sudrian Navy", "Eastland", "2024-03-05")
    found = ladder(book.graph, ClaimFilter())
    pairing = threat(found, state).carried_out
    assert pairing is not None
    assert pairing.by == "part"
    assert threat(found, army).outcome == "unknown"


def test_a_lag_is_a_range_where_a_date_is() -> None:
    book = Notebook()
    vow = book.retaliates("threatened", "Norland", "Sudria", "2024-03-05", date="2024-03")
    book.retaliates("carried_out", "Norland", "Sudria", "2024-04-10")
    pairing = threat(ladder(book.graph, ClaimFilter()), vow).carried_out
    assert pairing is not None
    assert (pairing.lag.least, pairing.lag.most) == (10, 40)


def test_a_threat_expires_only_where_its_window_is_over_and_its_source_was_within_sight() -> None:
    book = Notebook()
    seen = book.retaliates("threatened", "Norland", "Sudria", "2024-03-02")
    unseen = book.retaliates("threatened", "Westmark", "Sudria", "2024-03-02")
    late = book.retaliates("threatened", "Norland", "Sudria", "2024-06-30")
    undated = book.retaliates("threatened", "Norland", "Sudria", None)
    open_ended = book.retaliates("threatened", "Norland", None, "2024-03-02")
    book.accuses("Eastland", "Norland", "2024-04-01", publisher="Harbour Times")
    book.article("2024-07-15")
    found = ladder(book.graph, ClaimFilter())
    claims = {"seen": seen, "unseen": unseen, "late": late, "undated": undated, "open": open_ended}
    rows = {name: threat(found, claim) for name, claim in claims.items()}
    outcomes = {name: (row.outcome, row.why) for name, row in rows.items()}
    assert outcomes == {
        "seen": ("expired", "window_over"),
        "unseen": ("unknown", "no_coverage"),
        "late": ("unknown", "window_open"),
        "undated": ("unknown", "undated"),
        "open": ("unknown", "no_target"),
    }
    looked = threat(found, seen).searched
    assert looked is not None
    assert (looked.since, looked.until) == ("2024-03-02", "2024-05-31")
    # Three threats of 2 March and the accusation; the threat's own text is no place to look for its outcome.
    assert (looked.articles, looked.publishers) == (4, 2)
    assert (looked.naming_articles, looked.naming_publishers) == (2, 2)
    assert {row.outcome: row.counts.claims for row in found.outcomes} == {
        "carried_out": 0,
        "withdrawn": 0,
        "expired": 1,
        "unknown": 4,
    }
    assert threat(ladder(book.graph, ClaimFilter(), within=10), late).outcome == "unknown"
    assert threat(ladder(book.graph, ClaimFilter(), within=10), late).why == "no_coverage"


def test_a_threat_is_withdrawn_where_its_source_denies_it() -> None:
    book = Notebook()
    vow = book.retaliates("conditional", "Norland", "Sudria", "2024-03-02")
    never = book.denies("Norland", None, "2024-03-02", answers=vow)
    one = threat(ladder(book.graph, ClaimFilter()), vow)
    assert (one.outcome, one.why, one.withdrawn_by) == ("withdrawn", "denied_by_the_threatener", never)


def test_the_act_whose_article_says_that_it_answers_the_threat_is_the_surest() -> None:
    book = Notebook()
    vow = book.retaliates("threatened", "Norland", "Sudria", "2024-03-02")
    kept = book.retaliates("carried_out", "Norland", "Sudria", "2024-03-02", answers=vow, date="2024-03-20")
    book.retaliates("carried_out", "Norland", "Sudria", "2024-03-10")
    pairing = threat(ladder(book.graph, ClaimFilter()), vow).carried_out
    assert pairing is not None
    assert (pairing.claim.id, pairing.basis) == (kept, "answers_the_threat")


def test_of_two_that_one_article_tells_without_a_day_nothing_tells_which_came_first() -> None:
    book = Notebook()
    vow = book.retaliates("threatened", "Norland", "Sudria", "2024-03-02", about="market")
    beside = book.accuses("Norland", "Sudria", "2024-03-02", answers=vow)
    book.retaliates("carried_out", "Norland", "Sudria", "2024-03-02", answers=beside)
    assert threat(ladder(book.graph, ClaimFilter()), vow).carried_out is None


def test_calls_are_not_threats() -> None:
    book = Notebook()
    book.retaliates("called_for", "Norland", "Sudria", "2024-03-02")
    assert ladder(book.graph, ClaimFilter()).total == 0


def test_who_says_that_it_is_a_retaliation() -> None:
    book = Notebook()
    vow = book.retaliates("threatened", "Norland", "Sudria", "2024-03-02")
    told = book.retaliates("carried_out", "Norland", "Sudria", "2024-03-03")
    shelled = book.retaliates("carried_out", "Sudria", "Norland", "2024-03-03", named="Sudrian Army")
    said = book.retaliates("carried_out", "Norland", "Sudria", "2024-03-03", speaker="Minister Vey")
    graph = book.graph
    assert [stated_motive(graph, one) for one in (vow, told, shelled, said)] == [
        "actor", "unattributed", "unattributed", "actor"
    ]  # fmt: skip


def test_pages_of_threats_cover_all_exactly_once() -> None:
    book = Notebook()
    vows = [book.retaliates("threatened", "Norland", "Sudria", f"2024-03-0{day}") for day in range(1, 8)]
    graph, seen, cursor = book.graph, [], None
    while True:
        page = ladder(graph, ClaimFilter(source="Norland"), limit=3, cursor=cursor)
        seen += [row.threat.id for row in page.threats]
        cursor = page.next
        if cursor is None:
            break
    assert seen == vows
    assert page.rungs[1].left_out == 4


def test_a_window_that_is_none_is_refused() -> None:
    with pytest.raises(BadQuery, match="within must lie between 0 and 3660"):
        ladder(Notebook().graph, ClaimFilter(), within=-1)
