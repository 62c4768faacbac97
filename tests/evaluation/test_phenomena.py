from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.evaluation.names import Naming
from app.evaluation.phenomena import ClaimFree, Phenomenon, claim_free, phenomena, shown_in
from app.vocabulary.names import Gazetteer

if TYPE_CHECKING:
    from tests.evaluation.conftest import Coder


def test_each_claim_shows_its_difficulties(coder: Coder, gazetteer: Gazetteer) -> None:
    one = coder.compare([])
    shown = dict(zip((one.wanted[n].coding.id for n in one.required), shown_in(one, Naming(gazetteer)), strict=True))
    assert {name: [str(kind) for kind in kinds] for name, kinds in shown.items()} == {
        "c1": ["headline"],
        "c2": [],
        "c3": ["quotation", "roll_up", "target_unnamed"],
        "c4": ["roll_up", "source_unnamed"],
        "c5": ["target_open", "threatened"],
        "c7": ["source_unnamed", "shared_passage", "third_party"],
        "c8": ["source_unnamed", "shared_passage", "third_party"],
    }


@pytest.mark.parametrize("modality", ["carried_out", "called_for"])
def test_retaliations_are_told_by_modality(coder: Coder, gazetteer: Gazetteer, modality: str) -> None:
    one = coder.compare([], [{**coder.wanted[4], "modality": modality}])
    assert Phenomenon(modality) in shown_in(one, Naming(gazetteer))[0]


def test_a_passage_of_several_sentences(coder: Coder, gazetteer: Gazetteer) -> None:
    one = coder.compare([], [{**coder.wanted[2], "evidence": coder.text.split("\n")[0]}])
    assert Phenomenon.SEVERAL_SENTENCES in shown_in(one, Naming(gazetteer))[0]


def test_recall_by_difficulty(coder: Coder, gazetteer: Gazetteer) -> None:
    found = coder.but({"c8": {"target": "Cerinia"}}, without=("c4",))
    rows = {row.name: row for row in phenomena([coder.compare(found)], Naming(gazetteer))}
    assert list(rows) == list(Phenomenon)
    roll_up, third = rows[Phenomenon.ROLL_UP], rows[Phenomenon.THIRD_PARTY]
    assert (roll_up.claims, roll_up.found, roll_up.near, roll_up.recall) == (2, 1, 0, 0.5)
    assert (third.claims, third.found, third.near, third.recall) == (2, 1, 1, 0.5)
    assert rows[Phenomenon.CARRIED_OUT].recall is None


def test_articles_without_a_claim(coder: Coder) -> None:
    optional_only = coder.compare(coder.wanted, [coder.wanted[5]])
    free = [coder.compare([], []), coder.compare(coder.wanted[:3], []), optional_only]
    assert claim_free(free) == ClaimFree(articles=2, silent=1, false_claims=3)


def test_every_difficulty_has_a_meaning() -> None:
    assert len({kind.meaning for kind in Phenomenon}) == len(Phenomenon)
