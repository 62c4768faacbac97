from __future__ import annotations

from typing import TYPE_CHECKING

from app.evaluation import first_of_each, mistakes

if TYPE_CHECKING:
    from tests.evaluation.conftest import Coder


def test_each_mistake_is_told_once(coder: Coder) -> None:
    found = coder.but(
        {
            "c2": {"target": "Cerinia", "confidence": 0.4, "cue": "accuse/active"},
            "c3": {"source": "Cerinia", "confidence": 0.6},
            "c4": {"source": "Dovan Republic", "target": None, "confidence": 0.5},
            "c7": {"type": "denies", "confidence": 0.9},
        },
        without=("c1",),
    )
    told = mistakes([coder.compare(found)])
    assert [(one.kind, one.wrong, one.confidence) for one in told] == [
        ("near", "source", 0.6),
        ("near", "source and target", 0.5),
        ("near", "target", 0.4),
        ("spurious", None, 0.9),
        ("missed", None, None),
        ("missed", None, None),
    ]
    target = told[2]
    assert (target.article, target.type, target.cue) == ("dev-01-kesh", "accuses", "accuse/active")
    assert target.said is not None
    assert target.should_be is not None
    assert (target.said.target, target.should_be.target) == ("Cerinia", "Beloria")
    assert target.quote == coder.wanted[1]["evidence"]
    spurious, missed = told[3], told[4]
    assert spurious.should_be is None
    assert missed.said is None
    assert missed.quote == coder.wanted[0]["evidence"]


def test_the_first_of_each_kind(coder: Coder) -> None:
    told = mistakes([coder.compare([]), coder.compare(coder.wanted, [])])
    assert len(told) == 7 + 8
    assert [one.kind for one in first_of_each(told, 2)] == ["spurious", "spurious", "missed", "missed"]
    assert first_of_each(told, 0) == []


def test_nothing_wrong_nothing_told(coder: Coder) -> None:
    assert mistakes([coder.compare(coder.wanted)]) == []
