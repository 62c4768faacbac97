"""What a chain of hearsay, its depth and its weakest link mean, on claims made by hand."""

from __future__ import annotations

from app.queries import ClaimFilter
from app.queries.hearsay import chain, hearsay

from .by_hand import Notebook


def links(book: Notebook, claim: str) -> list[tuple[str, str | None, str]]:
    return [(link.role, link.name, link.strength) for link in chain(book.graph, claim).links]


def test_what_a_state_says_itself_is_first_hand() -> None:
    book = Notebook()
    said = book.accuses("Norland", "Sudria", "2024-03-02")
    found = chain(book.graph, said)
    assert found.depth == 0
    assert links(book, said) == [("outlet", "The Courier", "known"), ("speaker", "Norland", "known")]
    assert found.weakest is None


def test_the_ministry_said_that_the_prisoner_said() -> None:
    book = Notebook()
    said = book.accuses(
        "Norland", "Sudria", "2024-03-02", speaker="Prisoner Tam", relays=("Wire Seven", "Sudrian Foreign Ministry")
    )
    found = chain(book.graph, said)
    assert found.depth == 2
    assert links(book, said) == [
        ("outlet", "The Courier", "known"),
        ("relay", "Wire Seven", "unknown"),
        # It belongs to the accused, whose prisoner is said to speak.
        ("relay", "Sudrian Foreign Ministry", "interested"),
        ("speaker", "Prisoner Tam", "unknown"),
        ("source", "Norland", "known"),
    ]
    assert found.weakest is not None
    assert (found.weakest.name, found.weakest.strength) == ("Wire Seven", "unknown")


def test_the_body_named_stands_between_speaker_and_state() -> None:
    book = Notebook()
    said = book.denies("Sudria", "Norland", "2024-03-02", speaker="Eastland", named="Sudrian Army", publisher=None)
    assert links(book, said) == [
        ("outlet", None, "unknown"),
        # Only this article says that it speaks for the army.
        ("speaker", "Eastland", "told"),
        ("named_source", "Sudrian Army", "known"),
        ("source", "Sudria", "known"),
    ]


def test_a_relay_on_the_speakers_own_side_is_not_interested() -> None:
    book = Notebook()
    said = book.accuses("Sudria", "Norland", "2024-03-02", relays=("Sudrian Foreign Ministry",))
    assert links(book, said)[1] == ("relay", "Sudrian Foreign Ministry", "known")


def test_the_summary_counts_depths_weakest_links_and_relays() -> None:
    book = Notebook()
    book.accuses("Norland", "Sudria", "2024-03-01")
    first = book.accuses("Norland", "Sudria", "2024-03-02", relays=("Eastland",))
    second = book.accuses("Norland", "Sudria", "2024-03-03", relays=("Sudrian Army", "Eastland"))
    graph = book.graph
    found = hearsay(graph, ClaimFilter(source="Norland"))
    assert [(row.depth, row.counts.claims) for row in found.depths] == [(0, 1), (1, 1), (2, 1)]
    assert [(row.role, row.strength, row.counts.claims) for row in found.weakest] == [("relay", "interested", 1)]
    assert found.all_known.claims == 2
    assert [(row.relay, row.counts.claims) for row in found.relays] == [("Eastland", 2), ("Sudrian Army", 1)]
    assert [one.claim.id for one in found.chains] == [first, second]
    assert (found.total, found.relayed, found.relays_left_out) == (3, 2, 0)
    page = hearsay(graph, ClaimFilter(), limit=1)
    assert [one.claim.id for one in hearsay(graph, ClaimFilter(), limit=1, cursor=page.next).chains] == [second]
