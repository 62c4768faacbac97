from __future__ import annotations

from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import pytest

from app.graph import ConflictGraph, fold
from app.queries import ClaimFilter, accusations, claim_row, claims, denials, retaliations
from app.queries.row_columns import columns_of
from app.queries.rows import ClaimRow, EvidenceRow, row_of
from app.vocabulary.errors import BadQuery, NotFound
from app.vocabulary.terms import ClaimType, Clock, Rollup, Rung, Voice


def names(world: Any, rows: list[Any]) -> list[str]:
    back = {claim: name for name, claim in world.ids.items()}
    return [back[row.id] for row in rows]


def test_each_question_gives_its_type_oldest_first_undated_last(world: Any, graph: ConflictGraph) -> None:
    found = accusations(graph, ClaimFilter())
    assert names(world, found.claims)[0] == "accused"
    assert set(names(world, found.claims)[1:3]) == {"somebody", "blamed"}
    assert names(world, found.claims)[3:] == ["spying", "lying"]
    assert found.total == 5
    assert (found.counts.claims, found.counts.articles, found.counts.publishers) == (5, 4, 2)
    assert set(names(world, denials(graph, ClaimFilter()).claims)) == {"denied", "everything", "not spying"}
    assert set(names(world, retaliations(graph, ClaimFilter()).claims)) == {"vowed", "expelled"}
    assert claims(graph, ClaimFilter()).total == 10
    assert found.revision == graph.revision == 1


def test_a_row_has_exactly_the_published_fields(world: Any, graph: ConflictGraph) -> None:
    row = msgspec.json.decode(msgspec.json.encode(claim_row(graph, world.ids["denied"])))
    assert list(row) == [
        "id", "type", "modality", "speaker", "speaker_id", "source", "source_id", "target", "target_id",
        "target_named", "target_named_id", "incident", "incident_label", "date", "published", "publisher",
        "denial_kind", "responds_to", "confidence", "cue", "title", "url", "evidence",
        "source_named", "source_named_id", "threat_kind", "rung", "happened", "said", "said_basis", "ingested",
        "relayed_by", "lineage", "scope",
    ]  # fmt: skip
    assert list(row["evidence"]) == ["quote", "part", "start", "end", "article"]
    assert row["speaker"] == "General Ilin"
    assert row["source"] == "Sudrian Army"
    assert row["source_id"] == "actor-sudrian-army"
    assert row["target"] == "Norland"
    assert row["denial_kind"] == "perpetration"
    assert row["responds_to"] == world.ids["accused"]
    assert row["date"] is None
    assert row["published"] == "2024-03-02"
    quote = row["evidence"]
    assert world.articles["market"].text[quote["start"] : quote["end"]] == quote["quote"]


def test_an_open_target_is_null_and_not_invented(world: Any, graph: ConflictGraph) -> None:
    row = claim_row(graph, world.ids["everything"])
    assert (row.target, row.target_id, row.incident, row.incident_label) == (None, None, None, None)


def test_an_unknown_claim_is_not_found(graph: ConflictGraph) -> None:
    with pytest.raises(NotFound):
        claim_row(graph, "clm-none")


def test_roll_up_counts_parts_for_the_whole_and_only_when_on(world: Any, graph: ConflictGraph) -> None:
    rolled = denials(graph, ClaimFilter(source="Sudria"))
    assert set(names(world, rolled.claims)) == {"denied", "everything"}
    assert names(world, denials(graph, ClaimFilter(source="Sudria", rollup=Rollup.OFF)).claims) == ["everything"]
    # The target named is the army; without roll-up a question about Sudria does not find it.
    assert "accused" in names(world, accusations(graph, ClaimFilter(target="Sudria")).claims)
    alone = names(world, accusations(graph, ClaimFilter(target="Sudria", rollup=Rollup.OFF)).claims)
    assert alone == ["blamed"]
    army = accusations(graph, ClaimFilter(target="Sudrian Army", rollup=Rollup.OFF))
    assert names(world, army.claims) == ["accused"]


def test_a_brigades_denial_is_shown_at_its_state_and_never_counted_as_its_states(
    world: Any, graph: ConflictGraph
) -> None:
    page = denials(graph, ClaimFilter(source="Sudria"))
    scopes = dict(zip(names(world, page.claims), (row.scope for row in page.claims), strict=True))
    assert scopes == {"denied": "narrower", "everything": None}
    assert (page.total, page.narrower, page.counts.claims) == (1, 1, 1)
    own = denials(graph, ClaimFilter(source="Sudrian Army"))
    assert [(row.scope) for row in own.claims] == [None]
    assert (own.total, own.narrower) == (1, 0)


def test_the_codebooks_roll_up_alone(world: Any, graph: ConflictGraph) -> None:
    # The spokesman's state is the codebook's; that the army is part of Sudria is the hierarchy's.
    assert names(world, denials(graph, ClaimFilter(source="Sudria", rollup=Rollup.STATE)).claims) == ["everything"]
    assert "blamed" in names(world, accusations(graph, ClaimFilter(source="Eastland", rollup=Rollup.STATE)).claims)
    assert "accused" in names(world, accusations(graph, ClaimFilter(target="Sudria", rollup=Rollup.STATE)).claims)


def test_a_voice_is_the_speakers_or_that_of_whom_he_speaks_for(world: Any, graph: ConflictGraph) -> None:
    def by(source: str, voice: Voice | None, rollup: Rollup = Rollup.FULL) -> list[str]:
        return names(world, accusations(graph, ClaimFilter(source=source, voice=voice, rollup=rollup)).claims)

    assert set(by("Eastland", None)) == {"somebody", "blamed"}
    assert by("Eastland", Voice.SPEAKER) == ["somebody"]
    assert set(by("Eastland", Voice.REPRESENTED)) == {"somebody", "blamed"}
    assert by("Foreign Minister Oda", Voice.SPEAKER) == ["blamed"]
    assert by("Foreign Minister Oda", Voice.REPRESENTED) == []
    assert set(by("Eastland", Voice.REPRESENTED, Rollup.OFF)) == {"somebody", "blamed"}


def test_each_clock_is_asked_by_itself(world: Any) -> None:
    entries = [*enumerate((*world.batch.actors, *world.articles.values(), *world.readings), 1)]
    graph = fold(entries, lambda revision: f"2024-07-{revision:02d}T12:00:00.000+00:00")

    def on(clock: Clock, since: str, until: str) -> set[str]:
        page = accusations(graph, ClaimFilter(since=since, until=until, clock=clock))
        return set(names(world, page.claims))

    assert on(Clock.HAPPENED, "2024-03-01", "2024-03-01") == {"accused"}
    assert on(Clock.PUBLISHED, "2024-03-02", "2024-03-02") == {"accused"}
    assert on(Clock.SAID, "2024-03-02", "2024-03-02") == set()
    ingested = {names(world, [claim_row(graph, one)])[0]: graph.claims[one].ingested for one in graph.claims}
    assert len(set(ingested.values())) == len(world.articles)
    day = str(ingested["accused"])[:10]
    assert on(Clock.INGESTED, day, day) == {"accused"}
    page = accusations(graph, ClaimFilter(since="2024", clock=Clock.HAPPENED))
    assert page.undated_left_out == 5 - page.total
    assert page.filters.clock is Clock.HAPPENED


def test_a_row_tells_all_four_times(world: Any, graph: ConflictGraph) -> None:
    row = claim_row(graph, world.ids["accused"])
    assert (row.happened, row.said, row.said_basis, row.published) == ("2024-03-01", "2024-03-01", "text", "2024-03-02")
    denied = claim_row(graph, world.ids["denied"])
    assert (denied.said, denied.said_basis) == ("2024-03-02", "published")
    assert row.ingested is None
    assert row.lineage == row.evidence.article


def test_the_least_rung_of_the_ladder(world: Any, graph: ConflictGraph) -> None:
    assert set(names(world, retaliations(graph, ClaimFilter(rung=Rung.THREATENED)).claims)) == {"vowed", "expelled"}
    assert names(world, retaliations(graph, ClaimFilter(rung=Rung.CARRIED_OUT)).claims) == ["expelled"]


def test_without_roll_up_the_speaker_must_be_the_one_asked_for(world: Any, graph: ConflictGraph) -> None:
    assert names(world, accusations(graph, ClaimFilter(source="Eastland", rollup=Rollup.OFF)).claims) == ["somebody"]
    minister = accusations(graph, ClaimFilter(source="Foreign Minister Oda", rollup=Rollup.OFF))
    assert names(world, minister.claims) == ["blamed"]


def test_both_ends_together(world: Any, graph: ConflictGraph) -> None:
    assert names(world, accusations(graph, ClaimFilter(source="Eastland", target="Sudria")).claims) == ["blamed"]
    assert accusations(graph, ClaimFilter(source="Sudria", target="Eastland")).claims == []


def test_dates_overlap_and_count_the_undated(world: Any, graph: ConflictGraph) -> None:
    march = accusations(graph, ClaimFilter(since="2024-03-02", until="2024-03"))
    assert set(names(world, march.claims)) == {"somebody", "blamed"}
    assert march.undated_left_out == 1
    # "2024-04" may be the 20th as well.
    assert names(world, accusations(graph, ClaimFilter(since="2024-04-20", until="2024-04-20")).claims) == ["spying"]
    assert accusations(graph, ClaimFilter(until="2024-03-01")).total == 1
    assert accusations(graph, ClaimFilter()).undated_left_out == 0
    assert accusations(graph, ClaimFilter(source="Norland", since="2024")).undated_left_out == 0


@pytest.mark.parametrize(
    "bad", [{"since": "yesterday"}, {"since": "2024-05", "until": "2024-03"}, {"until": "2024-13"}]
)
def test_dates_that_are_none_are_refused(graph: ConflictGraph, bad: dict[str, str]) -> None:
    with pytest.raises(BadQuery):
        accusations(graph, ClaimFilter(**bad))  # type: ignore[arg-type]


def test_places_by_name_id_code_and_country_name(world: Any, graph: ConflictGraph) -> None:
    for place in ("Kesh", "kesh", "place-kesh-nor", "NOR", "nor", "Norland"):
        assert names(world, accusations(graph, ClaimFilter(place=place)).claims) == ["accused"], place
    assert accusations(graph, ClaimFilter(place="LBY")).total == 2
    with pytest.raises(BadQuery, match="no place"):
        accusations(graph, ClaimFilter(place="Nowhere"))


def test_other_filters(world: Any, graph: ConflictGraph) -> None:
    incident = graph.claims[world.ids["accused"]].incident
    assert names(world, claims(graph, ClaimFilter(incident=incident)).claims)[0] == "accused"
    assert claims(graph, ClaimFilter(incident=incident)).total == 3
    assert claims(graph, ClaimFilter(publisher="the courier")).total == 5
    assert claims(graph, ClaimFilter(min_confidence=0.5)).total == 9
    assert retaliations(graph, ClaimFilter(source="Norland", min_confidence=0.5)).claims == []
    with pytest.raises(BadQuery, match="close to it: The Courier"):
        claims(graph, ClaimFilter(publisher="The Couriers"))
    with pytest.raises(BadQuery, match="between 0 and 1"):
        claims(graph, ClaimFilter(min_confidence=float("nan")))
    with pytest.raises(BadQuery, match="no incident"):
        claims(graph, ClaimFilter(incident="inc-none"))


def test_a_mistyped_name_is_answered_with_close_ones(graph: ConflictGraph) -> None:
    with pytest.raises(BadQuery, match="close to it: Norland"):
        accusations(graph, ClaimFilter(source="Norlandd"))


def test_an_ambiguous_name_lists_the_ids(graph: ConflictGraph) -> None:
    with pytest.raises(BadQuery, match=r"actor-eastland, actor-sudria"):
        accusations(graph, ClaimFilter(source="The League"))
    assert accusations(graph, ClaimFilter(source="actor-eastland")).total == 2


@pytest.mark.parametrize("limit", [1, 3, 7, 50])
def test_pages_cover_everything_once_and_in_order(invented: Any, limit: int) -> None:
    graph = invented.many(50).graph
    seen, cursor = [], None
    while True:
        page = accusations(graph, ClaimFilter(source="Norland"), limit, cursor)
        assert page.total == 50
        seen += [row.id for row in page.claims]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 50
    assert seen == sorted(seen)


def test_a_cursor_of_an_older_revision_goes_on_after_its_key(invented: Any, world: Any) -> None:
    many = invented.many(20)
    old = many.graph
    first = accusations(old, ClaimFilter(source="Norland"), 10)
    entries = (*invented.ACTORS, *many.articles.values(), *many.readings)
    newer = fold([*((1, entry) for entry in entries), *((2, e) for e in (*world.articles.values(), *world.readings))])
    rest = accusations(newer, ClaimFilter(source="Norland"), 50, first.next)
    assert rest.revision == 2
    # The two accusations of the other articles were said before, so they are not shown now, and nothing comes twice.
    assert len(rest.claims) == 10
    assert {row.id for row in rest.claims}.isdisjoint(row.id for row in first.claims)


def test_a_cursor_of_another_question_is_refused(graph: ConflictGraph) -> None:
    cursor = accusations(graph, ClaimFilter(), 1).next
    assert cursor is not None
    with pytest.raises(BadQuery, match="another question"):
        accusations(graph, ClaimFilter(target="Sudria"), 1, cursor)
    with pytest.raises(BadQuery, match="another question"):
        denials(graph, ClaimFilter(), 1, cursor)


@pytest.mark.parametrize("cursor", ["", "abc", "e30", "WzEsImEiLFtdXQ", "WzEsIngiLFtdXQ==", "ä", "[]", "A" * 500])
def test_a_cursor_of_nobody_is_refused(graph: ConflictGraph, cursor: str) -> None:
    with pytest.raises(BadQuery, match="cursor"):
        accusations(graph, ClaimFilter(), 1, cursor)


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_limits_are_bounded(graph: ConflictGraph, limit: int) -> None:
    with pytest.raises(BadQuery, match="limit"):
        accusations(graph, ClaimFilter(), limit)


def test_an_empty_graph_answers() -> None:
    found = accusations(ConflictGraph(), ClaimFilter())
    assert (found.total, found.claims, found.next, found.revision) == (0, [], None, 0)


def test_the_applied_filters_are_stated_with_ids(graph: ConflictGraph) -> None:
    found = accusations(graph, ClaimFilter(source="republic of sudria", since="2024"))
    stated = msgspec.to_builtins(found.filters)
    assert stated == {
        "type": "accuses", "source": "Sudria", "source_id": "actor-sudria", "since": "2024", "rollup": "full",
        "clock": "said",
    }  # fmt: skip


def test_gold_answers_equal_a_plain_scan(gold_graph: ConflictGraph) -> None:
    graph = gold_graph
    asked = ClaimFilter(source="Russia", since="2014", until="2024-06", min_confidence=0.6, type=ClaimType.ACCUSES)
    expected = []
    for claim in graph.claims.values():
        day = claim.claim.date or claim.published
        ours = {"actor-russia"} & (graph.wholes(claim.source) | graph.wholes(claim.speaker))
        if claim.claim.type == "accuses" and ours and claim.claim.confidence >= 0.6 and day:
            assert claim.when.start is not None
            assert claim.when.end is not None
            if claim.when.end.isoformat() >= "2014-01-01" and claim.when.start.isoformat() <= "2024-06-30":
                expected.append((claim.when.start, claim.id))
    found, cursor = [], None
    while True:
        page = accusations(graph, asked, 17, cursor)
        found += [row.id for row in page.claims]
        if (cursor := page.next) is None:
            break
    assert len(expected) > 20
    assert found == [claim for _, claim in sorted(expected)]
    assert page.total == len(expected)


def test_gold_every_claim_is_found_exactly_once(gold_graph: ConflictGraph) -> None:
    total = sum(claims(gold_graph, ClaimFilter(type=kind)).total for kind in ClaimType)
    assert total == len(gold_graph.claims) > 1000
    for claim in gold_graph.claims:
        assert claim_row(gold_graph, claim).evidence.quote


@pytest.fixture(params=["invented", "samples"])
def any_graph(request: pytest.FixtureRequest, graph: ConflictGraph, sample_graph: ConflictGraph) -> ConflictGraph:
    return graph if request.param == "invented" else sample_graph


def test_columns_tell_of_each_claim_what_its_row_does(any_graph: ConflictGraph) -> None:
    table = any_graph.claims
    # In another order than they are kept, and one of them twice.
    rows = np.array([*reversed(range(len(table))), 0], np.int32)
    narrower = table.ids.names(rows[:2])
    found = columns_of(any_graph, rows, frozenset(narrower))
    fields = [*ClaimRow.__struct_fields__, *(f"evidence.{name}" for name in EvidenceRow.__struct_fields__)]
    assert set(found) == set(fields) - {"evidence"}
    expected = [row_of(any_graph, table.at(row)) for row in rows.tolist()]
    for name, column in found.items():
        told = [attrgetter(name)(row) for row in expected]
        if name == "scope":
            told = ["narrower" if row.id in narrower else None for row in expected]
        assert list(column) == told, name
    assert all(list(column) == [] for column in columns_of(any_graph, rows[:0]).values())
