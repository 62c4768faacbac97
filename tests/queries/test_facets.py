"""Facets count what each choice of a filter would show; the picture and the list hold the same claims."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from app.graph import ConflictGraph
from app.queries import ClaimFilter, claims, subgraph
from app.queries.facets import MOST_BINS, facets
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import ClaimType, Clock, EdgeKind, Modality, Role, Rollup

FILTERS = {
    "nothing": ClaimFilter(),
    "an actor": ClaimFilter(actors=("Sudria",)),
    "alone": ClaimFilter(actors=("Sudria",), rollup=Rollup.OFF),
    "its state": ClaimFilter(actors=("Sudria",), rollup=Rollup.STATE),
    "a part": ClaimFilter(actors=("Sudrian Army",)),
    "as a source": ClaimFilter(actors=("Norland", "Eastland"), role=Role.SOURCE),
    "as a target": ClaimFilter(actors=("Norland",), role=Role.TARGET),
    "dates": ClaimFilter(since="2024-03-02", until="2024-04"),
    "happened": ClaimFilter(since="2024-03", until="2024-03", clock=Clock.HAPPENED),
    "outlet": ClaimFilter(publisher="the courier"),
    "modality": ClaimFilter(modality=(Modality.THREATENED,)),
    "confidence": ClaimFilter(min_confidence=0.5, actors=("Sudria",)),
    "place": ClaimFilter(place="Kesh"),
    "all": ClaimFilter(
        actors=("Sudria",), since="2024-03-01", publisher="Harbour Times", modality=(Modality.ASSERTED,)
    ),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("types", [(), (ClaimType.DENIES,), (ClaimType.ACCUSES, ClaimType.RETALIATES)])
def test_what_is_counted_is_what_is_listed(graph: ConflictGraph, name: str, types: tuple[ClaimType, ...]) -> None:
    asked = _with(FILTERS[name], types=types)
    found, listed = facets(graph, asked), claims(graph, asked, 500)
    assert (found.claims, found.narrower, found.undated_left_out) == (
        listed.total, listed.narrower, listed.undated_left_out,
    )  # fmt: skip
    assert found.filters.kinds == listed.filters.kinds == tuple(map(str, types))
    assert found.of == len(graph.claims)
    for kind, number in found.types.items():
        assert number == claims(graph, _with(asked, types=(kind,))).total
    for modality, number in found.modalities.items():
        assert number == claims(graph, _with(asked, modality=(modality,))).total
    for outlet in found.publishers:
        assert outlet.claims == claims(graph, _with(asked, publisher=outlet.name)).total
    binned = sum(one.accuses + one.denies + one.retaliates for one in found.bins)
    assert binned + found.undated + found.too_coarse == claims(graph, _with(asked, since=None, until=None)).total


@pytest.mark.parametrize("name", [name for name, asked in FILTERS.items() if asked.actors])
def test_the_picture_holds_the_claims_of_the_list(graph: ConflictGraph, name: str) -> None:
    asked = FILTERS[name]
    piece = subgraph(
        graph,
        actors=asked.actors,
        place=asked.place,
        since=asked.since,
        until=asked.until,
        publisher=asked.publisher,
        min_confidence=asked.min_confidence,
        clock=asked.clock,
        modality=asked.modality,
        rollup=asked.rollup,
        role=asked.role,
        limit=1000,
    )
    drawn = {claim for edge in piece.edges for claim in edge.claims}
    listed = {row.id for row in claims(graph, asked, 500).claims}
    without = {name for name in listed if graph.claims[name].head is None}
    assert drawn == listed - without
    assert piece.left_out.claims_without_edge == len(without)
    assert piece.total_edges == len(piece.edges)
    assert set(piece.filters.actors) <= {node.id for node in piece.nodes}


def test_a_roll_up_draws_the_claims_of_a_part_at_the_part(world: Any, graph: ConflictGraph) -> None:
    alone = subgraph(graph, actors=("Sudria",), rollup=Rollup.OFF)
    full = subgraph(graph, actors=("Sudria",), rollup=Rollup.FULL)
    by_army = {edge.id for edge in full.edges if edge.source == "actor-sudrian-army"}
    assert world.ids["denied"] in {claim for edge in full.edges if edge.id in by_army for claim in edge.claims}
    assert not by_army & {edge.id for edge in alone.edges}


def test_a_hop_further_is_not_narrowed_to_the_seed(graph: ConflictGraph) -> None:
    near = subgraph(graph, actors=("Eastland",), role=Role.SOURCE, kinds=[EdgeKind.ACCUSES], hops=1)
    far = subgraph(graph, actors=("Eastland",), role=Role.SOURCE, kinds=[EdgeKind.ACCUSES], hops=2)
    assert {edge.source for edge in near.edges} == {"actor-eastland"}
    assert {edge.source for edge in far.edges} > {"actor-eastland"}


def test_places_of_the_claims_are_drawn_where_asked(graph: ConflictGraph) -> None:
    piece = subgraph(
        graph, actors=("Norland",), rollup=Rollup.FULL, kinds=[EdgeKind.ACCUSES, EdgeKind.ABOUT, EdgeKind.LOCATED_IN]
    )
    assert {edge.kind for edge in piece.edges} == {EdgeKind.ACCUSES, EdgeKind.ABOUT, EdgeKind.LOCATED_IN}


def test_bins_are_as_short_as_keeps_them_few(graph: ConflictGraph, invented: Any) -> None:
    found = facets(graph, ClaimFilter())
    assert found.unit == "day"
    assert found.too_coarse == 1  # "in April"
    assert len(found.bins) <= MOST_BINS
    assert facets(graph, ClaimFilter(clock=Clock.HAPPENED)).undated > found.undated
    assert facets(invented.many(3).graph, ClaimFilter()).bins[0].accuses == 3


def test_what_cannot_be_used_is_refused(graph: ConflictGraph) -> None:
    for wrong in (ClaimFilter(since="soon"), ClaimFilter(publisher="Nobody's Gazette"), ClaimFilter(place="Atlantis")):
        with pytest.raises(BadQuery):
            facets(graph, wrong)


def _with(asked: ClaimFilter, **changes: Any) -> ClaimFilter:
    return dataclasses.replace(asked, **changes)
