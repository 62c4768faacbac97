"""Articles in, a fuller ledger out: once, counted, and read anew only by a newer extractor."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.extraction import Recipe
from app.graph import fold
from app.intake import read
from app.ledger import Batch, Ledger
from app.pipeline import IngestReport, LocalRunner, ingest
from app.pipeline.ingest import BATCH
from app.vocabulary.errors import EvidenceMismatch
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Decision, Evidence, Reading, Refusal
from app.vocabulary.terms import RefusalReason

Run = Callable[..., IngestReport]


@pytest.fixture
def ledger(new_ledger: Callable[[str], Ledger]) -> Ledger:
    return new_ledger("ledger")


@pytest.fixture
def run(ledger: Ledger, plain: ModuleType, gazetteer: Gazetteer) -> Run:
    """Ingests into the ledger by the plain extractor."""

    def start(items: Any, version: int = 1, **others: Any) -> IngestReport:
        recipe = others.pop("recipe", None) or plain.plain_recipe(version)
        return ingest(items, ledger=ledger, recipe=recipe, gazetteer=gazetteer, **others)

    return start


@pytest.fixture
def folder(tmp_path: Path, plain: ModuleType) -> Path:
    """Forty articles in files, one of them twice, and three files that are no articles."""
    folder = tmp_path / "news"
    folder.mkdir()
    for number, story in enumerate(plain.stories(40)):
        fields = {"title": story.title, "text": story.text, "published": story.published, "url": story.url}
        (folder / f"{number:02}.json").write_text(json.dumps(fields), encoding="utf-8")
    (folder / "twice.json").write_bytes((folder / "07.json").read_bytes())
    (folder / "empty.txt").touch()
    (folder / "broken.json").write_text("{", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    return folder


def test_a_folder_is_remembered_and_counted(run: Run, ledger: Ledger, folder: Path) -> None:
    report = run(read(str(folder)))
    assert (report.added, report.already_known, report.claims, report.revision) == (40, 1, 120, 1)
    assert sorted(str(refusal.reason) for refusal in report.refused) == ["bad_json", "empty", "unsupported"]
    # Every third story holds a sentence that says no act.
    assert report.refusals == {"no_act": 14}
    assert len(report.articles) == 41
    assert len(set(report.articles)) == 40
    counts = ledger.counts()
    assert (counts.articles, counts.readings, counts.claims, counts.refusals) == (40, 40, 120, {"no_act": 14})


def test_a_second_time_changes_neither_ledger_nor_graph(run: Run, ledger: Ledger, folder: Path) -> None:
    run(read(str(folder)))
    entries, graph = list(ledger.entries()), fold(ledger.entries())
    report = run(read(str(folder)))
    assert (report.added, report.already_known, report.claims) == (0, 41, 0)
    assert report.revision == ledger.revision == 1
    assert len(report.refused) == 3
    assert list(ledger.entries()) == entries
    again = fold(ledger.entries())
    assert again.claims == graph.claims
    assert list(again.edges()) == list(graph.edges())
    assert again.revision == graph.revision


def test_the_graph_of_what_was_ingested(run: Run, ledger: Ledger, folder: Path) -> None:
    run(read(str(folder)))
    graph = fold(ledger.entries(with_text=False))
    assert {"actor-ardania", "actor-beloria", "actor-cerinia"} == set(graph.actors)
    # Port Selm and Kesh are on no list; Upper Dova is.
    assert graph.places["place-upper-dova-xar"].lat == 12.5
    assert len(graph.claims) == 120
    assert len(graph.incidents) == 40


def test_every_mention_is_linked(run: Run, ledger: Ledger, folder: Path) -> None:
    run(read(str(folder)))
    entries = [entry for _, entry in ledger.entries()]
    mentions = {mention.id for entry in entries if isinstance(entry, Reading) for mention in entry.mentions}
    assert {entry.subject for entry in entries if isinstance(entry, Decision)} == mentions


def test_a_batch_is_a_revision(run: Run, ledger: Ledger, plain: ModuleType) -> None:
    seen: list[tuple[int, int]] = []
    report = run(plain.stories(2 * BATCH + 5), progress=lambda r: seen.append((r.revision, r.added)))
    assert seen == [(1, BATCH), (2, 2 * BATCH), (3, 2 * BATCH + 5)]
    assert report.revision == ledger.revision == 3
    assert {revision for revision, _ in ledger.entries()} == {1, 2, 3}


def test_only_what_is_new_is_read(run: Run, ledger: Ledger, plain: ModuleType) -> None:
    run(plain.stories(5))
    report = run(plain.stories(8))
    assert (report.added, report.already_known, report.revision) == (3, 5, 2)
    assert ledger.counts().articles == 8


def test_the_extractor_is_made_once_and_only_where_something_is_new(run: Run, plain: ModuleType) -> None:
    made: list[int] = []
    recipe = plain.plain_recipe(1, lambda: made.append(1))
    run([Refusal(RefusalReason.EMPTY, "nothing")], recipe=recipe)
    assert made == []
    run(plain.stories(5), recipe=recipe)
    assert made == [1]
    run(plain.stories(5), recipe=recipe)
    assert made == [1]


def test_nothing_to_read(run: Run, ledger: Ledger) -> None:
    report = run([Refusal(RefusalReason.EMPTY, "nothing")])
    assert report.as_dict() == {
        "revision": 0,
        "added": 0,
        "already_known": 0,
        "claims": 0,
        "refused": [{"reason": "empty", "detail": "nothing"}],
        "refusals": {},
        "articles": [],
    }
    assert ledger.revision == 0


def test_a_newer_extractor_reads_anew_and_its_reading_counts(run: Run, ledger: Ledger) -> None:
    story = Article("", "Ardania blamed Beloria. Cerinia accused Ardania.", "2031-05-04")
    assert run([story]).claims == 1
    assert [claim.source for claim in fold(ledger.entries()).claims.values()] == ["actor-cerinia"]
    report = run([story], version=2)
    assert (report.added, report.already_known, report.claims, report.revision) == (1, 0, 2, 2)
    graph = fold(ledger.entries())
    assert graph.readers == {story.id: "plain@2"}
    assert {claim.source for claim in graph.claims.values()} == {"actor-ardania", "actor-cerinia"}
    # The article itself is there once, and the older reading stays in the ledger.
    kinds = [type(entry) for _, entry in ledger.entries()]
    assert kinds.count(Article) == 1
    assert kinds.count(Reading) == 2
    assert run([story], version=1).added == 0
    assert run([story], version=2).added == 0


def test_an_article_is_read_as_it_is_kept(run: Run, ledger: Ledger) -> None:
    apart = "Se\u0301lm is a town. Ardania accused Beloria. Ardania blamed Beloria."
    composed = Article("", unicodedata.normalize("NFC", apart))
    run([composed])
    report = run([Article("", apart)], version=2)
    assert (report.added, report.claims) == (1, 2)
    for _, entry in ledger.entries():
        if isinstance(entry, Reading):
            for claim in entry.claims:
                claim.evidence.check(composed)


def test_two_workers_remember_what_one_would(
    new_ledger: Callable[[str], Ledger], tmp_path: Path, plain: ModuleType, gazetteer: Gazetteer, told: Any
) -> None:
    from app.extraction import recipe

    text = "Ardania accused Beloria over the raid in Kesh."
    for number in range(30):
        body = {
            "id": f"{number:02}",
            "title": f"Story {number}",
            "text": text,
            "claims": [
                {
                    "id": "c1",
                    "type": "accuses",
                    "speaker": "Ardania",
                    "source": "Ardania",
                    "target": "Beloria",
                    "modality": "asserted",
                    "evidence": text,
                }
            ],
        }
        (tmp_path / f"{number:02}.json").write_text(json.dumps(body), encoding="utf-8")
    how = recipe(f"recorded:{tmp_path}", tmp_path)
    articles = [Article(f"Story {number}", text) for number in range(30)]
    ledgers = [new_ledger("one"), new_ledger("two")]
    for ledger, workers in zip(ledgers, (1, 2), strict=True):
        runner = LocalRunner(workers)
        report = ingest(articles, ledger=ledger, recipe=how, gazetteer=gazetteer, runner=runner)
        assert (report.added, report.claims) == (30, 30)
    assert list(ledgers[0].entries()) == list(ledgers[1].entries())


class Liar:
    """Finds a quote that stands nowhere, in the article that says "lie"."""

    name = "liar@1"

    def read(self, articles: Any) -> Any:
        """Readings, most of them empty."""
        for article in articles:
            found = Reading(article.id, self.name)
            if "lie" in article.text:
                from app.vocabulary.records import Incident

                raid = Incident(article.id, "raid", Evidence(article.id, "text", 0, 4, "truth"))
                found = Reading(article.id, self.name, incidents=(raid,))
            yield found


def test_what_does_not_stand_in_the_text_is_not_remembered(run: Run, ledger: Ledger) -> None:
    articles = [Article(str(number), "plain words") for number in range(BATCH + 3)]
    articles[BATCH + 1] = Article("", "a lie")
    with pytest.raises(EvidenceMismatch):
        run(articles, recipe=Recipe("liar@1", Liar))
    # Earlier batches stay, nothing of the torn one does.
    assert ledger.counts().articles == BATCH
    assert ledger.revision == 1


def test_an_error_of_whoever_gives_the_articles_leaves_whole_batches(
    run: Run, ledger: Ledger, plain: ModuleType
) -> None:
    def torn() -> Any:
        yield from plain.stories(BATCH + 10)
        raise OSError("the wire broke")

    with pytest.raises(OSError, match="the wire broke"):
        run(torn())
    assert ledger.counts().articles == BATCH
    assert run(plain.stories(BATCH + 10)).added == 10


def test_a_retracted_article_does_not_come_back_by_being_sent_again(run: Run, ledger: Ledger) -> None:
    from app.vocabulary.terms import DecisionKind

    story = Article("", "Ardania accused Beloria.")
    run([story])
    ledger.append(Batch(decisions=[Decision(DecisionKind.RETRACT, story.id, "Ana", at="2031-05-04T10:00:00+00:00")]))
    assert run([story]).already_known == 1
    assert fold(ledger.entries()).claims == {}
