"""Claims on which two extractors differ: they wait in the review list until a person has ruled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app.vocabulary import second_reader
from app.vocabulary.records import Reading

if TYPE_CHECKING:
    from tests.curation.conftest import Office

TEXT = "Ardania accused Beloria over the raid in Kesh."


@pytest.fixture
def read(office: Office) -> Reading:
    """A reading by two of which the second found nothing."""
    article, reading = office.told(TEXT)
    (claim,) = reading.claims
    cue = second_reader.alone("rules", claim.cue)
    reading = replace(reading, claims=(replace(claim, cue=cue, confidence=0.4),))
    office.remember(reading, article)
    return reading


def test_it_waits_with_its_reason_and_its_readers(office: Office, read: Reading) -> None:
    page = office.queue()
    assert (page.claims_total, page.total) == (1, 0)
    (one,) = page.claims
    assert one.claim.id == read.claims[0].id
    assert (one.reason, one.confidence, one.by) == ("found only by rules", 0.4, read.extractor)
    assert one.answers == ("correct", "retract")


def test_who_finds_it_right_says_so_and_it_is_gone_until_that_is_undone(office: Office, read: Reading) -> None:
    ruled = office.rule("correct", read.claims[0].id, field="type", value="accuses")
    assert office.queue().claims == []
    assert len(office.graph.claims) == 1
    office.rule("undo", ruled.id)
    assert office.queue().claims_total == 1


def test_who_finds_it_wrong_takes_it_back(office: Office, read: Reading) -> None:
    office.rule("retract", read.claims[0].id)
    assert office.queue().claims_total == 0
    assert len(office.graph.claims) == 0


def test_what_both_found_or_one_reader_alone_reads_does_not_wait(office: Office) -> None:
    office.tell(TEXT)
    article, reading = office.told("Beloria accused Ardania over the raid in Kesh.", url="https://gazette.example/2")
    (claim,) = reading.claims
    office.remember(replace(reading, claims=(replace(claim, cue=second_reader.agreed(claim.cue)),)), article)
    assert len(office.graph.claims) == 2
    assert office.queue().claims_total == 0
