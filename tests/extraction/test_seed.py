"""The article the project began with, where it is at hand: what must be found in it, by whom, against whom."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.extraction.recorded import annotated_article
from app.extraction.rules import RulesExtractor
from app.vocabulary.names import Ambiguity, Gazetteer
from app.vocabulary.records import Article

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT.parent / "shared" / "gold" / "seed-kremlin.json"
pytestmark = pytest.mark.model


@pytest.mark.skipif(not SEED.exists(), reason="the seed article is not at hand")
def test_the_seed_article() -> None:
    article = annotated_article(json.loads(SEED.read_text(encoding="utf-8")))
    (reading,) = RulesExtractor.from_data(ROOT / "graph_data").read([article])
    names = {mention.id: mention.name for mention in reading.mentions}
    found = {
        (str(claim.type), str(claim.modality), names[claim.source], names[claim.target] if claim.target else None)
        for claim in reading.claims
    }
    assert found >= {
        ("accuses", "asserted", "Russia", "United States"),
        ("accuses", "asserted", "Russia", "Ukraine"),
        ("accuses", "asserted", "United States", "Russia"),
        ("denies", "asserted", "Ukraine", "Russia"),
        ("denies", "asserted", "United States", "Russia"),
        ("retaliates", "threatened", "Russia", "Ukraine"),
    }
    for claim in reading.claims:
        claim.evidence.check(article)
    assert "Kremlin" in {names[claim.speaker] for claim in reading.claims}


def test_an_ambiguous_seat_keeps_its_own_name_as_speaker(world: Gazetteer, rules: RulesExtractor) -> None:
    actors = list(world.actors.values())
    both = Gazetteer(actors, ambiguities={"Grey House": Ambiguity(("Ardania", "Cerinia"), (), "Ardania")})
    extractor = RulesExtractor(both, rules._lexicon)
    (reading,) = extractor.read([Article("", "The Grey House blamed Beloria for the blast.")])
    (claim,) = reading.claims
    names = {mention.id: mention.name for mention in reading.mentions}
    assert (names[claim.speaker], names[claim.source]) == ("Grey House", "Ardania")
