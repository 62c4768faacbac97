"""What every runner does: the same readings in the same order, and errors that arrive as they were raised."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from app.extraction import Recipe, recipe
from app.pipeline import LocalRunner, Runner, read_articles
from app.pipeline.cluster import DaskRunner, connect
from app.pipeline.runners import CHUNK
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Article, Reading, Refusal
from app.vocabulary.terms import RefusalReason

RUNNERS: dict[str, Callable[[], Runner]] = {
    "one process": partial(LocalRunner, 1),
    "two processes": partial(LocalRunner, 2),
}
CLUSTER = "a cluster of two workers"


@pytest.fixture(params=[*RUNNERS, CLUSTER])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    if request.param in RUNNERS:
        yield RUNNERS[request.param]()
        return
    with connect(request.getfixturevalue("machines").address) as cluster:
        yield DaskRunner(cluster, chunk=CHUNK)


@pytest.fixture
def articles(plain: ModuleType) -> list[Article]:
    # More than a few chunks, and the last one not full.
    return list(plain.stories(5 * CHUNK + 3))


@pytest.fixture
def recorded(tmp_path: Path, plain: ModuleType, articles: list[Article]) -> Recipe:
    """An extractor that worker processes can make: what the plain one finds, written down and given back."""
    extractor = plain.PlainExtractor()
    for number, (article, reading) in enumerate(zip(articles, extractor.read(articles), strict=True)):
        names = {mention.id: mention.name for mention in reading.mentions}
        annotation = {
            "id": f"story-{number}",
            "title": article.title,
            "publisher": article.publisher,
            "published": article.published,
            "url": article.url,
            "text": article.text,
            "claims": [
                {
                    "id": claim.id,
                    "type": claim.type,
                    "speaker": names[claim.speaker],
                    "source": names[claim.source],
                    "target": names[claim.target] if claim.target else None,
                    "modality": claim.modality,
                    "evidence": claim.evidence.quote,
                }
                for claim in reading.claims
            ],
        }
        (tmp_path / f"{number:03}.json").write_text(json.dumps(annotation), encoding="utf-8")
    return recipe(f"recorded:{tmp_path}", tmp_path)


def test_it_is_a_runner(runner: Runner) -> None:
    assert isinstance(runner, Runner)


def test_each_article_comes_with_its_reading_in_order(
    runner: Runner, recorded: Recipe, articles: list[Article]
) -> None:
    pairs = list(runner.map(recorded.make, articles))
    assert [article for article, _ in pairs] == articles
    assert [reading for _, reading in pairs] == list(recorded.make().read(articles))
    assert all(reading.article == article.id and len(reading.claims) == 3 for article, reading in pairs)


def test_no_articles_no_readings(runner: Runner, recorded: Recipe) -> None:
    assert list(runner.map(recorded.make, [])) == []


def test_articles_are_taken_as_they_are_needed(runner: Runner, recorded: Recipe, articles: list[Article]) -> None:
    taken = 0

    def endless() -> Iterator[Article]:
        nonlocal taken
        while True:
            for article in articles:
                taken += 1
                yield article

    pairs = runner.map(recorded.make, endless())
    for _ in range(CHUNK):
        next(pairs)
    assert taken <= 6 * CHUNK
    close = pairs.close  # type: ignore[attr-defined]
    close()
    assert multiprocessing.active_children() == []


def test_an_extractor_that_cannot_be_made_says_why(
    runner: Runner, recorded: Recipe, articles: list[Article], tmp_path: Path
) -> None:
    (tmp_path / "001.json").write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match=r"001\.json is not JSON") as raised:
        list(runner.map(recorded.make, articles))
    assert raised.value.reason == "bad_json"


def test_an_error_while_reading_arrives_after_what_was_read_before(
    runner: Runner, recorded: Recipe, articles: list[Article], tmp_path: Path
) -> None:
    spoilt = tmp_path / f"{2 * CHUNK:03}.json"
    spoilt.write_text(spoilt.read_text().replace('"accuses"', '"praises"'), encoding="utf-8")
    pairs = runner.map(recorded.make, articles)
    for article in articles[: 2 * CHUNK]:
        assert next(pairs)[0] == article
    with pytest.raises(ValueError, match="'praises' is not a valid ClaimType"):
        next(pairs)
    assert multiprocessing.active_children() == []


def test_an_error_of_whoever_gives_the_articles_arrives_too(
    runner: Runner, recorded: Recipe, articles: list[Article]
) -> None:
    def torn() -> Iterator[Article]:
        yield articles[0]
        raise OSError("the wire broke")

    with pytest.raises(OSError, match="the wire broke"):
        list(runner.map(recorded.make, torn()))


def test_the_recipes_travel_between_processes(recorded: Recipe, articles: list[Article], tmp_path: Path) -> None:
    for one in (recorded, recipe("rules", tmp_path)):
        travelled: Callable[[], object] = pickle.loads(pickle.dumps(one)).make
        assert callable(travelled)
    made = pickle.loads(pickle.dumps(recorded)).make()
    assert made.name == recorded.name == "recorded@1"
    assert [len(reading.claims) for reading in made.read(articles[:2])] == [3, 3]


class WhereItRuns:
    """No extractor at all: its name tells in which process it was made."""

    @property
    def name(self) -> str:
        return str(os.getpid())


def test_one_process_is_this_one() -> None:
    made: list[WhereItRuns] = []

    def make() -> WhereItRuns:
        made.append(WhereItRuns())
        return made[-1]

    assert list(LocalRunner(1).map(make, [])) == []  # type: ignore[arg-type]
    assert [one.name for one in made] == [str(os.getpid())]


@pytest.mark.parametrize("workers", [0, -1])
def test_a_runner_needs_somebody_to_read(workers: int) -> None:
    with pytest.raises(ValueError, match="at least one worker"):
        LocalRunner(workers)


def test_refusals_pass_between_the_readings(runner: Runner, recorded: Recipe, articles: list[Article]) -> None:
    refused = [Refusal(RefusalReason.EMPTY, f"file {n}") for n in range(3)]
    items: list[Article | Refusal] = [refused[0], articles[0], refused[1], *articles[1:4], refused[2]]
    found = list(read_articles(items, recorded, runner))
    assert [item[0] for item in found if not isinstance(item, Refusal)] == articles[:4]
    assert [item for item in found if isinstance(item, Refusal)] == refused


class ThreadsAtWork:
    """No extractor at all: its name tells how many threads its process may sum in."""

    def __init__(self) -> None:
        self.name = f"{os.environ.get('OPENBLAS_NUM_THREADS')}@1"

    def read(self, articles: Iterable[Article]) -> Iterator[Reading]:
        for article in articles:
            yield Reading(article.id, self.name)


def test_workers_side_by_side_sum_in_one_thread_each(articles: list[Article], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    assert {reading.extractor for _, reading in LocalRunner(2).map(ThreadsAtWork, articles)} == {"1@1"}
    assert "OPENBLAS_NUM_THREADS" not in os.environ
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    assert {reading.extractor for _, reading in LocalRunner(2).map(ThreadsAtWork, articles[:2])} == {"3@1"}
