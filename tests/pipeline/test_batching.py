"""What is stored together: whom and what readings name, each once, with its decisions; names of later readings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.ledger import open_ledger
from app.linking import link
from app.pipeline.batching import linked_batch, name_of_next
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Decision
from tests.conftest import Told

RAID = "Ardania accused Beloria over the raid in Kesh."


def test_actors_and_places_of_several_readings_are_stored_once(told: Told, gazetteer: Gazetteer) -> None:
    pairs = [told(RAID), told(f"{RAID} Beloria denied Ardania.")]
    batch = linked_batch(pairs, gazetteer)
    assert list(batch.articles) == [article for article, _ in pairs]
    assert list(batch.readings) == [reading for _, reading in pairs]
    assert sorted(actor.name for actor in batch.actors) == ["Ardania", "Beloria"]
    assert [place.name for place in batch.places] == ["Kesh"]
    assert list(batch.decisions) == [one for _, reading in pairs for one in link(reading, gazetteer).decisions]


def test_what_is_judged_of_them_comes_after_what_they_name(told: Told, gazetteer: Gazetteer) -> None:
    pairs = [told(RAID)]
    plain = list(linked_batch(pairs, gazetteer).decisions)
    judged = [replace(plain[0], by="somebody", id="")]
    seen = []

    def judge(read: object) -> list[Decision]:
        seen.append(read)
        return judged

    assert list(linked_batch(pairs, gazetteer, judge).decisions) == plain + judged
    assert seen == [[(*pairs[0], link(pairs[0][1], gazetteer))]]


def test_a_later_reading_gets_a_name_that_no_earlier_one_has(told: Told, gazetteer: Gazetteer, tmp_path: Path) -> None:
    article, reading = told(RAID)
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    names = []
    for _ in range(3):
        names.append(name_of_next(ledger, article.id, "claims@1:Ana"))
        ledger.append(linked_batch([(article, replace(reading, extractor=names[-1], id=""))], gazetteer))
    ledger.close()
    assert names == ["claims@1:Ana", "claims@1+2:Ana", "claims@1+3:Ana"]
