"""What is wanted of incidents across articles, on the annotated stories where they are beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.linking.acts import Acts
from app.vocabulary.names import Gazetteer
from tests.benchmarks.stories import DATA, GOLD, Pair, blurred, corpus, fitted, linked_up, main, measured


def test_without_the_stories_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--gold", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"skipped: no stories.json in {tmp_path}\n"


def test_fitted_weights_tell_what_speaks_for_and_against() -> None:
    rows = [Pair(("place same", "day same"), True, frozenset()), Pair(("place same",), False, frozenset())] * 5
    weights = fitted(rows)
    assert weights["day same"] > 1
    assert weights["object shared"] == pytest.approx(0)
    assert weights["prior"] + weights["place same"] < 0 < weights["prior"] + weights["place same"] + weights["day same"]


@pytest.mark.skipif(not (GOLD / "stories.json").is_file(), reason="the stories are not beside the repository")
def test_incidents_of_the_stories() -> None:
    acts, gazetteer = Acts.load(DATA / "lexicons" / "acts.tsv"), Gazetteer.load(DATA / "gazetteers")
    annotated = corpus(GOLD, None, gazetteer)
    among_all = measured(annotated, annotated.stories, linked_up(annotated, list(annotated.articles), acts)[1])
    assert among_all.f1 >= 0.9
    assert (among_all.merged_look_alikes, among_all.merged_foreign) == (0, 0)
    assert among_all.unsure <= 8
    vague = blurred(annotated, acts, {"bombing": ["blast"]})
    figures = measured(vague, vague.stories, linked_up(vague, vague.stories, acts)[1])
    assert figures.f1 >= 0.8
    assert figures.merged_look_alikes == 0
