from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from app.evaluation import HELD_OUT, TRAINING, Evaluation, Naming, evaluate, filled, summary, tables
from app.vocabulary.errors import BadInput
from app.vocabulary.names import Gazetteer

if TYPE_CHECKING:
    from tests.evaluation.conftest import Coder


@pytest.fixture
def found(coder: Coder, gazetteer: Gazetteer) -> Evaluation:
    some = [
        coder.compare(coder.wanted[:4]),
        coder.compare(coder.wanted, file="seed"),
        coder.compare([], [], file="dev-2"),
    ]
    return evaluate(some, Naming(gazetteer), version="0.1.0", extractor="plain@1", least_confidence=0.25)


def blocks(page: str) -> dict[str, str]:
    found = re.findall(r"<!-- figures:begin (.*?) -->\n(.*?)\n<!-- figures:end \1 -->", page, re.DOTALL)
    return dict(found)


def test_every_row_is_as_long_as_its_header(found: Evaluation) -> None:
    for table in tables(found):
        assert {len(row) for row in table.rows} <= {len(table.header)}
    assert summary(found) == (
        "Polemos 0.1.0, extractor plain@1: 3 articles of 156 words, with 14 annotated claims and 2 optional. "
        "Found: 12 claims of confidence 0.25 or more; of these 1 fit only what is optional."
    )


def test_a_page_without_blocks_gets_one_at_its_end(found: Evaluation) -> None:
    page = filled("# Accuracy\n\nWords.\n", HELD_OUT, found)
    assert page.startswith("# Accuracy\n\nWords.\n\n<!-- figures:begin plain@1, held-out articles -->\n### plain@1")
    assert page.endswith("<!-- figures:end plain@1, held-out articles -->\n")
    assert "| dev | 2 | 7 |" in page
    assert filled("", HELD_OUT, found).startswith("<!-- figures:begin")


def test_a_run_leaves_other_blocks_alone(found: Evaluation) -> None:
    page = filled("Before.\n", HELD_OUT, found)
    page = filled(page, TRAINING, found)
    other = msgspec.structs.replace(found, extractor="other@2")
    page = filled(page.rstrip("\n") + "\n\nBehind.\n", HELD_OUT, other)
    assert list(blocks(page)) == [
        "plain@1, held-out articles",
        "plain@1, training articles",
        "other@2, held-out articles",
    ]
    assert page.endswith("<!-- figures:end other@2, held-out articles -->\n\nBehind.\n")
    again = filled(page, TRAINING, msgspec.structs.replace(found, version="9.9"))
    before, after = blocks(page), blocks(again)
    assert before.keys() == after.keys()
    changed = [name for name in before if before[name] != after[name]]
    assert changed == ["plain@1, training articles"]
    assert "Polemos 9.9" in after["plain@1, training articles"]


def test_the_same_figures_give_the_same_page(found: Evaluation) -> None:
    page = filled("Before.\n", HELD_OUT, found)
    assert filled(page, HELD_OUT, found) == page


@pytest.mark.parametrize(
    "page",
    [
        "<!-- figures:begin plain@1, held-out articles -->",
        "<!-- figures:end plain@1, held-out articles -->",
        "<!-- figures:begin plain@1, held-out articles -->\n<!-- figures:end x -->\n"
        "<!-- figures:end plain@1, held-out articles -->",
    ],
)
def test_marks_that_do_not_pair_are_told(found: Evaluation, page: str) -> None:
    with pytest.raises(BadInput, match="the page must have"):
        filled(page, HELD_OUT, found)
