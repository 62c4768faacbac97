"""Articles read one after the other hang together as they do when read at once, whoever appended in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.extraction import recipe
from app.intake import read
from app.ledger import Batch, Ledger, SqliteLedger
from app.linking import Acts
from app.pipeline import Relations, fold_ledger, ingest
from app.vocabulary.errors import LedgerError
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Decision, Refusal
from app.vocabulary.terms import DecisionKind, Judgement

DATA = Path(__file__).resolve().parents[2] / "graph_data"
SAMPLES = DATA / "articles"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(DATA / "gazetteers")


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    found = [item for item in read(str(SAMPLES)) if not isinstance(item, Refusal)]
    # One story in four outlets, and articles of others.
    story = [article for article in found if "obock" in article.text.casefold()]
    assert len(story) >= 4
    return story + [article for article in found if article not in story][:4]


@pytest.fixture
def ledgers(tmp_path: Path) -> Iterator[list[SqliteLedger]]:
    found = [SqliteLedger(tmp_path / f"{number}.sqlite") for number in range(2)]
    yield found
    for ledger in found:
        ledger.close()


def relations(gazetteer: Gazetteer) -> Relations:
    return Relations(gazetteer, Acts.load(DATA / "lexicons" / "acts.tsv"))


def run(articles: list[Article], ledger: Ledger, gazetteer: Gazetteer, known: Relations) -> None:
    ingest(
        articles,
        ledger=ledger,
        recipe=recipe(f"recorded:{SAMPLES}", DATA),
        gazetteer=gazetteer,
        relations=known,
    )


def judged(ledger: Ledger) -> set[str]:
    return {entry.id for _, entry in ledger.entries() if isinstance(entry, Decision)}


def shape(ledger: Ledger) -> tuple[object, ...]:
    graph = fold_ledger(ledger)
    return (
        {node.members for node in graph.incidents.values()},
        {claim.id: (claim.incident, claim.lineage) for claim in graph.claims.values()},
        {doubt.id for doubt in graph.doubts},
    )


def test_one_story_in_several_outlets_becomes_one_incident_with_its_claims(
    articles: list[Article], ledgers: list[SqliteLedger], gazetteer: Gazetteer
) -> None:
    run(articles, ledgers[0], gazetteer, relations(gazetteer))
    graph = fold_ledger(ledgers[0])
    assert max(len(node.reported_in) for node in graph.incidents.values()) >= 3
    kinds = {
        (entry.kind, entry.judgement)
        for _, entry in ledgers[0].entries()
        if isinstance(entry, Decision) and not entry.subject.startswith("men-")
    }
    assert (DecisionKind.JUDGE, Judgement.SAME) in kinds
    assert (DecisionKind.LINEAGE, Judgement.SAME) in kinds


def test_reading_at_once_by_and_by_or_by_two_writers_gives_the_same(
    articles: list[Article], ledgers: list[SqliteLedger], gazetteer: Gazetteer
) -> None:
    at_once, by_and_by = ledgers
    run(articles, at_once, gazetteer, relations(gazetteer))
    # Two that each append in turn, and so must catch up with what the other has appended.
    writers = [relations(gazetteer), relations(gazetteer)]
    for number, article in enumerate(articles):
        run([article], by_and_by, gazetteer, writers[number % 2])
    assert judged(by_and_by) == judged(at_once)
    assert shape(by_and_by) == shape(at_once)


def test_what_could_not_be_stored_is_not_taken_for_known(
    articles: list[Article], ledgers: list[SqliteLedger], gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = ledgers
    known = relations(gazetteer)
    run(articles[:2], broken, gazetteer, known)

    def fail(batch: Batch) -> int:
        raise LedgerError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(broken, "append", fail)
        with pytest.raises(LedgerError):
            run(articles[2:], broken, gazetteer, known)
    run(articles[2:], broken, gazetteer, known)
    with closing(whole):
        run(articles, whole, gazetteer, relations(gazetteer))
        assert judged(broken) == judged(whole)


def test_another_may_have_stored_the_same_and_more_at_the_very_moment(
    articles: list[Article], ledgers: list[SqliteLedger], gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    raced, whole = ledgers
    known = relations(gazetteer)
    append = raced.append

    def beaten(batch: Batch) -> int:
        monkeypatch.setattr(raced, "append", append)
        # The other's one revision holds what this batch holds, and a second article.
        run(articles[:2], raced, gazetteer, relations(gazetteer))
        return append(batch)

    monkeypatch.setattr(raced, "append", beaten)
    run(articles[:1], raced, gazetteer, known)
    assert raced.revision == 1
    run(articles[2:], raced, gazetteer, known)
    run(articles, whole, gazetteer, relations(gazetteer))
    assert judged(raced) == judged(whole)
    assert shape(raced) == shape(whole)
