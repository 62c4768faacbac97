"""What the index over a dispute gives is what comparing all its claims with one another gives."""

from __future__ import annotations

from datetime import date

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.about import LONG, NOBODY, About, Alike, is_later, reported, words_of
from app.queries.links import Linker
from app.vocabulary.terms import ClaimType

from .by_hand import Notebook


def about_all(graph: ConflictGraph) -> tuple[About, Linker, list[ResolvedClaim]]:
    """All claims of the corpus, as if over one dispute, in the order of their reports."""
    linker = Linker(graph)
    return (
        About(graph.claims.values(), linker.sources, linker.targets),
        linker,
        sorted(graph.claims.values(), key=reported),
    )


def test_who_stands_before_a_claim_is_found_by_either_side_or_both(gold_graph: ConflictGraph) -> None:
    about, linker, claims = about_all(gold_graph)
    found = 0
    for place, claim in list(enumerate(claims))[::11]:
        for source in (None, claim.source, claim.target):
            for target in (None, claim.source, claim.target):
                expected = [
                    one.id
                    for one in claims[:place]
                    if one.claim.type is ClaimType.ACCUSES
                    and (source is None or source in linker.sources(one))
                    and (target is None or target in linker.targets(one))
                    and not is_later(one, claim)
                ]
                assert [one.id for one in about.select(claim, ClaimType.ACCUSES, source, target)] == expected
                found += len(expected)
    assert found > 100


def test_the_latest_denial_is_the_one_said_last_not_the_one_reported_last(gold_graph: ConflictGraph) -> None:
    about, linker, claims = about_all(gold_graph)
    found = 0
    for place, claim in list(enumerate(claims))[::5]:
        if claim.target is None:
            continue
        denials = [
            (one.when.start or date.min, number)
            for number, one in enumerate(claims[:place])
            if one.claim.type is ClaimType.DENIES
            and claim.target in linker.sources(one)
            and (one.target is None or claim.source in linker.targets(one))
            and not is_later(one, claim)
        ]
        latest = about.last_denial(claim, claim.target, (claim.source, NOBODY), place)
        assert latest == (max(denials) if denials else None)
        found += bool(denials)
    assert found > 10


def test_of_several_copies_the_nearest_earlier_one_is_taken_and_short_words_are_none() -> None:
    book = Notebook()
    long, short = "The army of Sudria had shelled the market.", "They did it."
    ids = [book.accuses("Norland", "Sudria", f"2024-03-0{day}", words=long) for day in (2, 3, 4)]
    brief = [book.accuses("Norland", "Sudria", f"2024-03-0{day}", words=short) for day in (5, 6)]
    graph = book.graph
    alike = Alike(graph.claims[one] for one in (*brief, *ids))
    assert len(short) < LONG <= len(long)
    for claim, copied in ((ids[0], None), (ids[1], ids[0]), (ids[2], ids[1]), (brief[1], None)):
        one = graph.claims[claim]
        before, _ = alike.before(one)
        nearest = alike.copied(words_of(one), one.lineage, before)
        assert (nearest.id if nearest else None) == copied
